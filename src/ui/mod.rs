//! The picture: functions of the model, one file per region.
//!
//! ```text
//! ┌─────────────────────────────────────────────────────────────────────────┐
//! │ ✗ failed  7f3f8c1e  us-west  acme/bot@0123456        1m 42s   2s ago    │ top_bar
//! │ BUILD › [2/3] RUN uv sync --locked                                      │ context_row
//! │   57    #9 0.421 Resolving dependencies…                                │
//! │   58›✗  #9 0.431 error: the lockfile …                                  │ log_pane, or
//! │   59    #9 ERROR: process "/bin/sh -c uv sync" did not …                │ waiting, or help
//! │─ Steps 4 ───────────────────────┬─ Findings 1 ──────────────────────────│ dock
//! │  ✓ 1/3 FROM …             0.2s  │ ✗ the lock file is out of date        │ steps_panel,
//! │  ✗ 2/3 RUN uv sync        0.9s  │     58 │ error: the lockfile …        │ findings_panel
//! │ ✗ the lock file is out of date                   line 58 · step 2/3     │ cause
//! │ step 2/3 RUN uv sync --locked       58 lines   ✗ 2   following          │ status_bar
//! │ ? keys   / search   e failures   q quit                                 │ foot
//! └─────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Nothing here changes anything, and no function does more work than the
//! screen has cells (besides reading the lines in sight). The smallest file,
//! and the template, is `cause.rs`.

mod cause;
mod context_row;
mod dock;
mod drawn;
mod findings_panel;
mod foot;
mod health;
mod help;
mod hint;
mod log_pane;
mod menu;
mod prompt_row;
mod scrollbar;
pub mod segments;
mod status_bar;
mod steps_panel;
mod timeline;
mod top_bar;
mod waiting;

use std::sync::LazyLock;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::{Layout, Model, Pane, Purpose};
use crate::theme::Role;

pub use drawn::{Drawn, Moved};

/// Writes a text, at most so many columns of it; the column behind it. As
/// [`Buffer::set_stringn`], which asks of every letter what it is part of:
/// nearly all are ASCII.
fn put(buf: &mut Buffer, x: u16, y: u16, text: &str, most: usize, style: Style) -> u16 {
    let plain = text.bytes().take_while(|byte| matches!(byte, 0x20..0x7f)).count();
    // A mark may follow the last of them.
    let plain = if plain < text.len() { plain.saturating_sub(1) } else { plain };
    let room = usize::from(buf.area.right().saturating_sub(x)).min(most);
    let first = usize::from(y) * usize::from(buf.area.width) + usize::from(x);
    let cells = buf.content.get_mut(first..first + room.min(plain)).unwrap_or_default();
    let letters: &[Cell] = &LETTERS;
    for (cell, byte) in cells.iter_mut().zip(text.bytes()) {
        if let Some(letter) = letters.get(usize::from(byte)) {
            let (fg, bg, modifier) = (cell.fg, cell.bg, cell.modifier);
            cell.clone_from(letter);
            (cell.fg, cell.bg, cell.modifier) = (fg, bg, modifier);
            cell.set_style(style);
        }
    }
    let x = x.saturating_add(cells.len() as u16);
    match text.get(plain..).filter(|rest| !rest.is_empty() && room > plain) {
        Some(rest) => buf.set_stringn(x, y, rest, room - plain, style).0,
        None => x,
    }
}

/// A cell of each ASCII letter: to copy one is quicker than to write one.
static LETTERS: LazyLock<Vec<Cell>> =
    LazyLock::new(|| (0..128).map(|byte: u8| Cell::from(char::from(byte))).collect());

fn panel(model: &Model, pane: Pane, area: Rect, buf: &mut Buffer) {
    match pane {
        _ if area.is_empty() => {}
        Pane::Steps => steps_panel::draw(model, area, buf),
        Pane::Findings => findings_panel::draw(model, area, buf),
        Pane::Detail => findings_panel::detail(model, area, buf),
        Pane::Timeline => timeline::draw(model, area, buf),
        Pane::Log => {}
    }
}

/// Draws the whole screen on an empty buffer; where the terminal's cursor is
/// to be, if anywhere.
pub fn draw(model: &Model, area: Rect, buf: &mut Buffer) -> Option<Position> {
    buf.resize(area);
    redraw(model, buf, &mut Drawn::default())
}

/// The same on a buffer of which it is known what it shows.
pub fn redraw(model: &Model, buf: &mut Buffer, drawn: &mut Drawn) -> Option<Position> {
    let layout = model.layout();
    if is_covered(model, &layout) {
        drawn.forget();
        drawn.begin(layout, &model.styles, buf);
        drawn.forget();
        return covered(model, &layout, buf);
    }
    drawn.begin(layout, &model.styles, buf);
    let ground = |role| model.styles.get(role);
    drawn.bar(layout.top, top_bar::segments(model), ground(Role::Bar), buf);
    drawn.bar(layout.context, context_row::segments(model), ground(Role::Text), buf);
    log_pane::redraw(model, layout.log, buf, drawn);
    let key = Some(dock::Key::of(model, &layout));
    if key != drawn.dock {
        drawn.rows(layout.dock(), buf, |buf| panels(model, &layout, buf));
        drawn.dock = key;
    }
    drawn.rows(layout.hint, buf, |buf| hint::draw(model, layout.hint, buf));
    if !layout.cause.is_empty() {
        let (says, on) = cause::segments(model);
        drawn.bar(layout.cause, says, on, buf);
    }
    drawn.bar(layout.bar, status_bar::segments(model, &layout), ground(Role::Bar), buf);
    foot::redraw(model, layout.foot, buf, drawn)
}

/// Whether something lies over the bands of the screen, or in their place.
fn is_covered(model: &Model, layout: &Layout) -> bool {
    layout.too_small
        || layout.over.is_some()
        || model.help.is_some()
        || model.menu.is_some()
        || model.prompt.as_ref().is_some_and(|prompt| prompt.purpose == Purpose::Command)
        || model.log.store().is_empty()
}

/// The panels below the log, with their titles.
fn panels(model: &Model, layout: &Layout, buf: &mut Buffer) {
    dock::draw(model, layout, buf);
    for pane in [Pane::Steps, Pane::Findings, Pane::Detail] {
        panel(model, pane, layout.pane(pane), buf);
    }
}

fn covered(model: &Model, layout: &Layout, buf: &mut Buffer) -> Option<Position> {
    if layout.too_small {
        waiting::too_small(buf.area, buf);
        return None;
    }
    top_bar::draw(model, layout.top, buf);
    if model.help.is_some() {
        help::draw(model, layout.middle(), buf);
        cause::draw(model, layout.cause, buf);
        status_bar::draw(model, layout, buf);
        return foot::draw(model, layout.foot, buf);
    }
    if let Some(pane) = layout.over {
        dock::over(model, pane, layout.context, buf);
        panel(model, pane, layout.log, buf);
    } else if model.log.store().is_empty() {
        waiting::draw(model, layout.main(), buf);
    } else {
        context_row::draw(model, layout.context, buf);
        log_pane::redraw(model, layout.log, buf, &mut Drawn::default());
    }
    match layout.over {
        Some(_) => dock::draw(model, layout, buf),
        None => panels(model, layout, buf),
    }
    if let Some(prompt) = &model.prompt
        && prompt.purpose == Purpose::Command
    {
        menu::palette(model, prompt.list, layout.main(), buf);
    } else {
        menu::list(model, layout.main(), buf);
    }
    hint::draw(model, layout.hint, buf);
    cause::draw(model, layout.cause, buf);
    status_bar::draw(model, layout, buf);
    foot::draw(model, layout.foot, buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_put_as_ratatui_sets_it(
            text in "([ -~]{0,6}|e\u{301}|漢|✗ |👩‍💻|\t|ﾊﾟ){0,6}",
            x in 0u16..24,
            most in 0usize..30,
        ) {
            let area = Rect::new(0, 0, 20, 2);
            let style = Style::new().fg(ratatui::style::Color::Red);
            let (mut ours, mut theirs) = (Buffer::empty(area), Buffer::empty(area));
            let end = put(&mut ours, x, 1, &text, most, style);
            prop_assert_eq!(end, theirs.set_stringn(x, 1, &text, most, style).0);
            prop_assert_eq!(ours, theirs);
        }
    }
}
