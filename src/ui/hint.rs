//! What is said once, at the first start: two rows, gone with the first key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::keymap::Action;
use crate::theme::Role;

use super::segments::{Segment, draw as bar};

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let rows: [(&[(Action, &str)], &str); 2] = [
        (
            &[
                (Action::Cause, "shows why it failed"),
                (Action::Search, "searches"),
                (Action::NextStep, "the next step"),
                (Action::NextPane, "the next pane"),
            ],
            "",
        ),
        (
            &[
                (Action::Help, "lists all keys"),
                (Action::Select, "selects lines"),
                (Action::Copy, "copies"),
                (Action::Quit, "quits"),
            ],
            "This is said once",
        ),
    ];
    for (y, (row, last)) in (area.top()..area.bottom()).zip(rows) {
        let room = usize::from(area.width).saturating_sub(2 + last.len());
        let mut text = String::new();
        for (action, does) in row.iter().filter(|(action, _)| applies(model, *action)) {
            let Some(key) = model.keymap.key(*action) else { continue };
            let words = format!("{key} {does}");
            // What there is no room for is left out as a whole.
            if crate::text::width(&text) + 2 + crate::text::width(&words) + 2 <= room {
                text.push_str(if text.is_empty() { "" } else { ", " });
                text.push_str(&words);
            }
        }
        if !last.is_empty() {
            text.push_str(if text.is_empty() { "" } else { ". " });
            text.push_str(last);
        }
        let list = [Segment::left(0, model.styles.get(Role::Title), text).cut_to(1)];
        bar(&list, model.styles.get(Role::Text), Rect { y, height: 1, ..area }, buf);
    }
}

/// Whether it does anything in this log.
fn applies(model: &Model, action: Action) -> bool {
    match action {
        Action::Cause => model.cause.as_ref().is_some_and(|cause| cause.line.is_some()),
        Action::NextStep => !model.steps.all().is_empty(),
        Action::NextPane => model.has_panels(),
        _ => true,
    }
}
