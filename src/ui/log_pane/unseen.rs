//! What stands for lines that aren't shown: hidden runs, folds, an empty log.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::view::Test;
use crate::domain::LineNo;
use crate::human;
use crate::keymap::Action;
use crate::parse::{Owner, StepId};
use crate::text;
use crate::theme::Role;
use crate::ui::segments::cut;

/// Says that nothing is left to see.
pub(super) fn nothing(model: &Model, area: Rect, buf: &mut Buffer) {
    let words = if model.view.filters().active() {
        "No line passes the filters"
    } else {
        "No lines here yet"
    };
    let style = model.styles.get(Role::Dim);
    buf.set_stringn(area.x + 2, area.y, words, usize::from(area.width.saturating_sub(2)), style);
}

/// Lines that filters hide: one row for all of them.
pub(super) fn hidden(model: &Model, area: Rect, lines: u32, here: bool, buf: &mut Buffer) {
    let gutter = model.gutter();
    if here {
        let x = area.x + gutter.digits.max(1);
        buf.set_stringn(x, area.y, "›", 1, model.styles.get(Role::Cursor));
    }
    let mut words = format!("⋯ {} hidden", human::plural(u64::from(lines), "line"));
    if model.view.shows_none(&model.log) {
        words.push_str(&why_none(model));
    }
    let x = area.x + gutter.width;
    let room = usize::from(area.right().saturating_sub(x));
    buf.set_stringn(x, area.y, cut(&words, room), room, model.styles.get(Role::Dim));
}

/// Why filters leave nothing, and what brings it back.
fn why_none(model: &Model) -> String {
    let key = |action, does: &str| {
        let key = model.keymap.key(action);
        key.map_or_else(String::new, |key| format!("; {key} {does}"))
    };
    let mut on = model.view.filters().list.iter().filter(|filter| filter.on);
    match (on.next().map(|filter| &filter.test), on.next()) {
        (Some(Test::Trouble), None) => {
            format!(": no failures or warnings{}", key(Action::OnlyTrouble, "shows all"))
        }
        _ => format!(": no line passes{}", key(Action::FilterList, "lists the filters")),
    }
}

/// What a fold hides, at the end of its row.
pub(super) fn folded(model: &Model, area: Rect, step: StepId, buf: &mut Buffer) {
    let lines = model.view.folded_lines(step);
    let tree = model.log.tree();
    let inside = |line: LineNo| tree.owner(line) == Owner::Step(step);
    let findings = model.findings.iter().map(|told| &told.finding);
    let found = findings.filter(|f| f.line.is_some_and(inside)).count() as u64;
    let mut words = format!("⊞ {}", human::plural(u64::from(lines), "line"));
    if found > 0 {
        words.push_str(&format!(", {}", human::plural(found, "finding")));
    }
    words.push(' ');
    let width = text::width(&words) as u16 + 1;
    let x = area.right().saturating_sub(width).max(area.x + model.gutter().width);
    // The step's first line goes on beneath it, or not.
    let covers = (x..area.right())
        .filter_map(|x| buf.cell((x, area.y)))
        .any(|cell| !cell.symbol().trim().is_empty());
    words.insert(0, if covers { '…' } else { ' ' });
    let role = if found > 0 { Role::Failure } else { Role::Hint };
    let room = usize::from(area.right().saturating_sub(x));
    buf.set_stringn(x, area.y, words, room, model.styles.get(role));
}
