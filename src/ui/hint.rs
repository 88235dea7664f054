//! What is said once, at the first start: two rows, gone with the first key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::keymap::Action;
use crate::theme::Role;

use super::segments::{Segment, draw as bar};

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let rows: [&[(Action, &str)]; 2] = [
        &[
            (Action::Cause, "shows why it failed"),
            (Action::Search, "searches"),
            (Action::NextStep, "goes to the next step"),
            (Action::NextPane, "to the next pane"),
        ],
        &[
            (Action::Help, "lists all keys"),
            (Action::Select, "selects lines"),
            (Action::Copy, "copies"),
            (Action::Quit, "quits. This is said once"),
        ],
    ];
    for (y, row) in (area.top()..area.bottom()).zip(rows) {
        let words = row.iter().filter_map(|(action, does)| {
            model.keymap.key(*action).map(|key| format!("{key} {does}"))
        });
        let text = words.collect::<Vec<_>>().join(", ");
        let list = [Segment::left(0, model.styles.get(Role::Title), text).cut_to(1)];
        bar(&list, model.styles.get(Role::Text), Rect { y, height: 1, ..area }, buf);
    }
}
