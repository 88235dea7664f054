//! The titles of the panels below the log, and the lines between them.
//!
//! ```text
//!  ── Steps 2/3 ─────────────────────┬─ Findings 1 ────────────────────────────
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Layout, Model, Pane, Panes, State};
use crate::theme::Role;

/// All that the panels depend on.
#[derive(Debug, PartialEq)]
pub(super) struct Key {
    /// The log's generation, and how much of it is understood.
    log: (u64, u32),
    /// How often what was found has changed, and the lists of it.
    found: (u64, u64),
    rows: (usize, usize, usize),
    panes: Panes,
    over: bool,
    state: State,
}

impl Key {
    /// `None` where a clock is among it: it tells of each step that runs how
    /// long it has.
    pub(super) fn of(model: &Model) -> Option<Self> {
        if !model.over && (model.build.is_some() || !model.arrivals.is_empty()) {
            return None;
        }
        let tree = model.log.tree();
        Some(Self {
            log: (model.log.generation(), model.log.derived()),
            found: (model.changes, model.lists.version()),
            rows: (model.steps.all().len(), tree.steps().len(), model.findings.len()),
            panes: model.panes,
            over: model.over,
            state: model.state(),
        })
    }
}

pub(super) fn draw(model: &Model, layout: &Layout, buf: &mut Buffer) {
    let head = layout.head;
    if head.is_empty() {
        return;
    }
    let frame = model.styles.get(Role::Frame);
    for x in head.left()..head.right() {
        buf.set_stringn(x, head.y, "─", 1, frame);
    }
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

/// The title of a pane that takes the log's place.
pub(super) fn over(model: &Model, pane: Pane, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let frame = model.styles.get(Role::Frame);
    for x in area.left()..area.right() {
        buf.set_stringn(x, area.y, "─", 1, frame);
    }
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
    buf.set_stringn(area.x + 1, area.y, words, room, model.styles.get(role));
}
