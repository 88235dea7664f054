//! The log: line numbers, signs, and text in its own colours.
//!
//! ```text
//!   57     #9 0.421 Resolving dependencies…
//!   58›✗   #9 0.431 error: the lockfile at `uv.lock` …
//!  │  ││
//!  │  │└ sign: ▶ the cause  ▷ what proves it  ✗ failure  ! warning  ▸ step
//!  │  │        ■ phase  $ command  ↑ said before  ~ lines missing
//!  │  │        · only around what filters pick
//!  │  └ cursor ›, mark ◆, both ◈
//!  └ number
//! ```
//!
//! Only lines in sight are read; a row costs its cells.

mod gutter;
mod kind;
mod line;
mod memo;
mod text;
mod unseen;

use std::rc::Rc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::app::view::Item;
use crate::app::{Model, Place};
use crate::text::Seen;
use crate::theme::Role;

use line::Shown;
use unseen::{folded, hidden, nothing};

pub(super) use memo::{Memo, redraw};

/// The columns of the log without the scrollbar's.
fn text_area(model: &Model, area: Rect) -> Rect {
    Rect { width: area.width.saturating_sub(model.scrollbar_width()), ..area }
}

/// Draws all of it, whatever takes how many rows.
fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let area = text_area(model, area);
    let selected = model.selected();
    let mut place = model.scroll.top;
    let mut y = area.top();
    if model.view.len(&model.log) == 0 {
        nothing(model, area, buf);
        return;
    }
    while y < area.bottom() {
        if model.item(place.item).is_none() {
            break;
        }
        let top = y;
        y += draw_item(model, place, None, Rect { y, height: area.bottom() - y, ..area }, buf);
        if selected.is_some_and(|(first, last)| (first..=last).contains(&place.item)) {
            select(model, Rect { y: top, height: y - top, ..area }, buf);
        }
        place.item = place.item.next();
        place.row = 0;
    }
}

/// Draws an item from one of its rows on; how many rows it took. `text` is its
/// line, if that has been read already.
fn draw_item(
    model: &Model,
    place: Place,
    text: Option<Rc<Seen>>,
    area: Rect,
    buf: &mut Buffer,
) -> u16 {
    let Some(item) = model.item(place.item) else { return 0 };
    let row = Rect { height: 1, ..area };
    let line = text.unwrap_or_else(|| model.log.store().sight(item.line()));
    let shown = Shown::of(model, place.item, item, line);
    if let Item::Hidden { lines, .. } = item {
        hidden(model, row, lines, shown.here(model), buf);
        return 1;
    }
    let rows = shown.rows(model, place.row as usize, usize::from(area.height));
    for (i, (y, cells)) in (area.top()..).zip(&rows).enumerate() {
        let row = Rect { y, ..row };
        shown.gutter(model, row, place.row == 0 && i == 0, buf);
        shown.text(model, row, cells, buf);
    }
    if let Item::Folded { step, .. } = item {
        folded(model, row, step, buf);
    }
    rows.len() as u16
}

/// Marks rows as selected: all of them in one look, which is legible whatever
/// colours are beneath. Matches keep theirs; without colours, where both are in
/// reverse, they are what isn't.
fn select(model: &Model, area: Rect, buf: &mut Buffer) {
    let gutter = model.gutter().width;
    let style = Style::reset().patch(model.styles.get(Role::Selection));
    let matches = [Role::Match, Role::MatchCurrent].map(|role| model.styles.get(role));
    let reverse = Modifier::REVERSED;
    let clash = style.bg == Some(Color::Reset) && style.add_modifier.contains(reverse);
    let other = Style::reset().add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    for y in area.top()..area.bottom() {
        // Up to the end of the text: blanks beyond it would cost a terminal
        // far away as much as the text.
        let full = (area.left()..area.right())
            .rev()
            .find(|x| buf.cell((*x, y)).is_some_and(|cell| cell.symbol() != " "));
        let end = full.map_or(area.left(), |x| x + 1).max(area.left() + gutter + 1);
        for x in area.left() + gutter..end.min(area.right()) {
            let Some(cell) = buf.cell_mut((x, y)) else { continue };
            let look = cell.style();
            let found = matches.iter().any(|m| m.bg.is_some() && m.bg == look.bg);
            let alike = |m: &Style| {
                matches!(m.bg, None | Some(Color::Reset)) && m.add_modifier == look.add_modifier
            };
            if clash && look.add_modifier.contains(reverse) && matches.iter().any(alike) {
                cell.set_style(other);
            } else if !found {
                cell.set_style(style);
            }
        }
    }
}
