//! The scrollbar beside the log: the part in sight, and a map of the whole.
//!
//! ```text
//!  ▶ cause  ◆ mark  ✗ failure  • match  ! warning  - a step begins
//!  █ the part in sight
//! ```
//!
//! The signs differ, so that the map can be read without colours. There is no
//! track: a terminal that scrolls moves it along, and what is uncovered would
//! have to be given its part of it with every line.

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};

use crate::app::{BarRow, Model, Tick};
use crate::theme::Role;

/// Draws a row of it; an empty one where all of the log is in sight.
pub(super) fn draw(model: &Model, row: Option<BarRow>, x: u16, y: u16, buf: &mut Buffer) {
    let frame = model.styles.get(Role::Frame);
    let (sign, style) = match row {
        None => (" ", Style::new()),
        Some(BarRow { tick: Some(tick), .. }) => {
            let (sign, role) = look(tick);
            (sign, model.styles.get(role))
        }
        Some(BarRow { thumb: true, .. }) => ("█", frame),
        Some(_) => (" ", frame),
    };
    // Inside the part in sight a sign stands on its ground.
    let on_thumb = row.is_some_and(|row| row.thumb && row.tick.is_some());
    let style = if on_thumb { style.add_modifier(Modifier::REVERSED) } else { style };
    if let Some(cell) = buf.cell_mut((x, y)) {
        cell.reset();
        cell.set_symbol(sign).set_style(style);
    }
}

fn look(tick: Tick) -> (&'static str, Role) {
    match tick {
        Tick::Cause => ("▶", Role::Failure),
        Tick::Mark => ("◆", Role::Mark),
        Tick::Failure => ("✗", Role::Failure),
        Tick::Match => ("•", Role::Match),
        Tick::Warning => ("!", Role::Warning),
        Tick::Step => ("-", Role::Frame),
    }
}
