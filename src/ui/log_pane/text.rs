//! Drawing a line's text: its own colours, and what was searched and pinned.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::app::Model;
use crate::text::{self, Glyph, SgrStyle};
use crate::theme::{Depth, Role};
use crate::ui::put;

use super::line::{Cells, Shown};

impl Shown {
    pub(super) fn text(&self, model: &Model, area: Rect, row: &Cells<'_>, buf: &mut Buffer) {
        let start = area.x + model.gutter().width + row.indent;
        let mut runs = self.line.runs.iter().peekable();
        let mut matches = self.matches.iter().peekable();
        let role = if self.around { Role::Dim } else { self.kind.role() };
        let base = model.styles.get(role);
        let dim = model.styles.get(Role::Dim);
        let mut style_of = |byte: usize, end: usize| {
            let mut style = if byte < self.prefix { dim } else { base };
            while runs.next_if(|run| run.range.end <= byte).is_some() {}
            if let Some(run) = runs.peek().filter(|run| run.range.contains(&byte)) {
                style = style.patch(own(run.style, model.styles.depth()));
                // A line may not hide a part of itself in the colour that we
                // give it, or that the terminal has.
                if model.styles.hides(style) {
                    (style.fg, style.bg) = (base.fg, base.bg);
                }
            }
            // A match may begin or end inside of what is one character to see.
            let over = |range: &Range<usize>| range.start < end && range.end > byte;
            if let Some((_, role)) = self.pins.iter().rfind(|(range, _)| over(range)) {
                style = Style::reset().patch(model.styles.get(*role));
            }
            while matches.next_if(|m| m.end <= byte).is_some() {}
            if let Some(found) = matches.peek().filter(|m| over(m)) {
                let role = if self.current == Some(found.start) {
                    Role::MatchCurrent
                } else {
                    Role::Match
                };
                style = Style::reset().patch(model.styles.get(role));
            }
            style
        };
        // What looks alike is drawn in one go.
        let mut from = 0;
        while from < row.plain.len() {
            let byte = row.base + from;
            let style = style_of(byte, byte + 1);
            let to = match self.is_bare() {
                true if byte < self.prefix => (self.prefix - row.base).min(row.plain.len()),
                true => row.plain.len(),
                false => from + 1,
            };
            let (x, piece) = (start.saturating_add(from as u16), row.plain.get(from..to));
            let room = usize::from(area.right().saturating_sub(x));
            put(buf, x, area.y, piece.unwrap_or_default(), room, style);
            from = to;
        }
        for glyph in &row.glyphs {
            let (byte, end) = (row.base + glyph.range.start, row.base + glyph.range.end);
            self.put(start, glyph, area, style_of(byte, end), buf);
        }
        let more = model.styles.get(Role::Frame);
        if row.left {
            mark(buf, start, area, "‹", more);
        }
        if row.right {
            mark(buf, area.right().saturating_sub(1), area, "›", more);
        }
    }

    fn put(&self, start: u16, glyph: &Glyph<'_>, area: Rect, style: Style, buf: &mut Buffer) {
        let Ok(column) = u16::try_from(glyph.column) else { return };
        let x = start.saturating_add(column);
        if glyph.symbol.len() == 1 {
            // Nearly all there is; it needs no segmentation. A space may
            // stand for several.
            let end = x.saturating_add(glyph.width as u16).min(area.right());
            for x in x..end {
                if let Some(cell) = buf.cell_mut((x, area.y)) {
                    cell.set_symbol(glyph.symbol).set_style(style);
                }
            }
        } else if x < area.right() {
            buf.set_stringn(x, area.y, glyph.symbol, usize::from(area.right() - x), style);
        }
    }
}

/// A sign over the first or last cell of the text: it goes on there. A wide
/// character that the sign would cut in half goes altogether.
fn mark(buf: &mut Buffer, x: u16, area: Rect, sign: &str, style: Style) {
    if x >= area.right() {
        return;
    }
    let wide_before =
        x > area.x && buf.cell((x - 1, area.y)).is_some_and(|cell| text::width(cell.symbol()) > 1);
    if wide_before && let Some(cell) = buf.cell_mut((x - 1, area.y)) {
        cell.set_symbol(" ");
    }
    let wide_here = buf.cell((x, area.y)).is_some_and(|cell| text::width(cell.symbol()) > 1);
    if wide_here
        && x + 1 < area.right()
        && let Some(cell) = buf.cell_mut((x + 1, area.y))
    {
        cell.set_symbol(" ");
    }
    if let Some(cell) = buf.cell_mut((x, area.y)) {
        cell.set_symbol(sign).set_style(Style::reset().patch(style));
    }
}

/// A log's own style, as far as the terminal can show it.
fn own(sgr: SgrStyle, depth: Depth) -> Style {
    let color = |color: text::Color| {
        depth.show(match color {
            text::Color::Indexed(i) => Color::Indexed(i),
            text::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
        })
    };
    let mut style = Style::new();
    style.fg = sgr.fg.and_then(color);
    style.bg = sgr.bg.and_then(color);
    for (on, modifier) in [
        (sgr.bold, Modifier::BOLD),
        (sgr.dim, Modifier::DIM),
        (sgr.italic, Modifier::ITALIC),
        (sgr.underline, Modifier::UNDERLINED),
        (sgr.strike, Modifier::CROSSED_OUT),
        (sgr.reverse, Modifier::REVERSED),
    ] {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}
