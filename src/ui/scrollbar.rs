//! The scrollbar beside the log: the part in sight, and a map of the whole.
//!
//! ```text
//!  │      ▶ cause  ✗ failure  • match  ! warning  - a step begins
//!  █      the part in sight
//! ```
//!
//! The signs differ, so that the map can be read without colours.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::app::{Model, Tick};
use crate::theme::Role;

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let rows = model.scrollbar(area.height);
    let x = area.right().saturating_sub(1);
    let frame = model.styles.get(Role::Frame);
    for (y, row) in (area.top()..area.bottom()).zip(rows) {
        let (sign, style) = match row.tick {
            Some(tick) => {
                let (sign, role) = look(tick);
                (sign, model.styles.get(role))
            }
            None if row.thumb => ("█", frame),
            None => ("│", frame),
        };
        // Inside the part in sight a sign stands on its ground.
        let style = match row.thumb && row.tick.is_some() {
            true => style.add_modifier(Modifier::REVERSED),
            false => style,
        };
        buf.set_stringn(x, y, sign, 1, style);
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
