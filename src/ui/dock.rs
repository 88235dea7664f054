//! The titles of the panels below the log, and the lines between them.
//!
//! ```text
//!  ─ Steps 12 ─────────── 6 more ↓ ─┬─ Findings 1 ────────────────────────────
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::{Layout, Model, Pane, Panes, TimelineParts};
use crate::text;
use crate::theme::Role;

use super::steps_panel;

/// All that the panels depend on.
#[derive(Debug, PartialEq)]
pub(super) struct Key {
    steps: Vec<steps_panel::Shown>,
    /// How often the lists of what was found have been made.
    found: u64,
    /// What is counted in the titles.
    counts: [usize; 2],
    panes: Panes,
}

impl Key {
    pub(super) fn of(model: &Model, layout: &Layout) -> Self {
        Self {
            steps: steps_panel::shown(model, layout.pane(Pane::Steps)),
            found: model.lists.version(),
            counts: [model.steps.all().len(), model.findings.len()],
            panes: model.panes,
        }
    }
}

pub(super) fn draw(model: &Model, layout: &Layout, buf: &mut Buffer) {
    let head = layout.head;
    if head.is_empty() {
        return;
    }
    let frame = model.styles.get(Role::Frame);
    rule(head, frame, buf);
    for pane in [Pane::Steps, Pane::Findings, Pane::Detail] {
        let area = layout.pane(pane);
        if area.is_empty() {
            continue;
        }
        title(model, pane, Rect { y: head.y, height: 1, ..area }, buf);
        if area.right() < head.right() {
            buf.set_stringn(area.right(), head.y, "┬", 1, frame);
            for y in area.top()..area.bottom() {
                buf.set_stringn(area.right(), y, "│", 1, frame);
            }
        }
    }
}

/// A line from one end of a row to the other.
fn rule(area: Rect, frame: Style, buf: &mut Buffer) {
    for x in area.left()..area.right() {
        if let Some(cell) = buf.cell_mut((x, area.y)) {
            cell.set_symbol("─").set_style(frame);
        }
    }
}

/// The title of a pane that takes the log's place.
pub(super) fn over(model: &Model, pane: Pane, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let frame = model.styles.get(Role::Frame);
    rule(area, frame, buf);
    title(model, pane, area, buf);
}

fn title(model: &Model, pane: Pane, area: Rect, buf: &mut Buffer) {
    let count = match pane {
        Pane::Steps => model.steps.all().len(),
        Pane::Timeline => model.log.tree().steps().len(),
        Pane::Findings => model.findings.len(),
        Pane::Log | Pane::Detail => 0,
    };
    let here = model.panes.focus == pane;
    let sign = if here { "▸" } else { " " };
    let words = match count {
        0 => format!("{sign}{} ", pane.title()),
        count => format!("{sign}{} {count} ", pane.title()),
    };
    let role = if here { Role::Title } else { Role::Hint };
    let room = usize::from(area.width.saturating_sub(2));
    let (end, _) = buf.set_stringn(area.x + 1, area.y, words, room, model.styles.get(role));
    let more = match beyond(model, pane) {
        (0, 0) => return,
        (0, below) => format!(" {below} more ↓ "),
        (above, 0) => format!(" {above} more ↑ "),
        (above, below) => format!(" {above} ↑, {below} more ↓ "),
    };
    let at = area.right().saturating_sub(1 + text::width(&more) as u16);
    if at > end {
        buf.set_string(at, area.y, &more, model.styles.get(Role::Hint));
    }
}

/// The rows of a panel that are above those in sight, and below.
fn beyond(model: &Model, pane: Pane) -> (usize, usize) {
    let panes = &model.panes;
    let area = model.layout().pane(pane);
    let (rows, top, height) = match pane {
        Pane::Steps => (model.steps.all().len(), panes.steps_list.top, area.height),
        Pane::Findings => (model.lists.findings().len(), panes.findings_list.top, area.height),
        Pane::Detail => (model.lists.detail().len(), panes.detail_list.top, area.height),
        Pane::Timeline => {
            let height = TimelineParts::of(model.layout().timeline).rows.height;
            (model.log.tree().steps().len(), panes.timeline_list.top, height)
        }
        Pane::Log => return (0, 0),
    };
    (top.min(rows), rows.saturating_sub(top + usize::from(height)))
}
