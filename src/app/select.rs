//! Selecting lines, by keys or by dragging.
//!
//! A selection goes from the line it began on to the cursor, whichever is
//! first. Its beginning is a line of the log and not a row, so that it stays
//! when filters or folds change what lies between.

use std::ops::Range;

use crate::domain::LineNo;
use crate::human;
use crate::keymap::Action;
use crate::parse::Owner;

use super::model::Model;
use super::panes::Pane;
use super::scroll::ItemNo;
use super::view::Item;

/// Lines that are selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The line it began on.
    pub(super) from: LineNo,
}

impl Model {
    /// The items that are selected, both ends included.
    pub fn selected(&self) -> Option<(ItemNo, ItemNo)> {
        let selection = self.selection?;
        let from = self.view.nearest(&self.log, selection.from);
        let to = self.scroll.cursor;
        Some((from.min(to), from.max(to)))
    }
}

/// Begins a selection at the cursor, or ends the one there is.
pub(super) fn toggle(model: &mut Model) {
    if model.log.store().is_empty() {
        model.answer = Some("There are no lines yet".into());
        return;
    }
    if model.selection.take().is_some() {
        return;
    }
    begin(model);
    let key = |action, what: &str| model.keymap.key(action).map(|key| format!("{key} {what}"));
    let keys = [key(Action::Copy, "copies"), key(Action::Close, "ends")];
    let keys: Vec<String> = keys.into_iter().flatten().collect();
    model.answer = Some(format!("Selecting: move to extend; {}", keys.join(", ")));
}

/// Begins a selection at the cursor, and gives the keys to the log: they move
/// its other end. What arrives must not extend it, so following pauses.
pub(super) fn begin(model: &mut Model) {
    model.panes.focus = Pane::Log;
    let mut scroll = model.scroll;
    scroll.pause(&model.rows());
    model.scroll = scroll;
    model.selection = Some(Selection { from: model.cursor_line() });
}

/// Moves the end of the selection by rows. The text stays where it is as long
/// as the cursor is in sight, so that one sees what is selected.
pub(super) fn extend(model: &mut Model, by: i64) {
    let last = i64::from(model.view.len(&model.log).saturating_sub(1));
    let to = (i64::from(model.scroll.cursor.index()) + by).clamp(0, last.max(0));
    let to = ItemNo::new(u32::try_from(to).unwrap_or(0));
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.show(&model.rows(), height, to);
    model.scroll = scroll;
    model.stood = None;
}

/// The lines that items stand for, in order, as ranges: hidden runs stand for
/// none, a folded step for all its lines.
pub(super) fn lines(model: &Model, first: ItemNo, last: ItemNo) -> Vec<Range<u32>> {
    let (view, log) = (&model.view, &model.log);
    let mut runs: Vec<Range<u32>> = Vec::new();
    let mut push = |range: Range<u32>| match runs.last_mut() {
        Some(run) if run.end == range.start => run.end = range.end,
        _ => runs.push(range),
    };
    if view.is_whole() {
        let end = last.index().saturating_add(1).min(log.store().len());
        if first.index() < end {
            push(first.index()..end);
        }
        return runs;
    }
    for index in first.index()..=last.index() {
        match view.item(log, ItemNo::new(index)) {
            Some(Item::Line(line)) => push(line.index()..line.index() + 1),
            Some(Item::Folded { step, line }) => {
                let bounds = log.tree().step(step).map(|s| s.first_line()..s.last_line().next());
                let bounds = bounds.unwrap_or(line..line.next());
                let bounds = bounds.start.index()..bounds.end.index();
                for (range, owner) in log.tree().runs_in(bounds) {
                    if owner == Owner::Step(step) {
                        push(range.start.index()..range.end.index());
                    }
                }
            }
            Some(Item::Hidden { .. }) => {}
            None => break,
        }
    }
    runs
}

/// How many lines ranges hold.
pub(super) fn count(runs: &[Range<u32>]) -> u64 {
    runs.iter().map(|run| u64::from(run.end - run.start)).sum()
}

/// What is selected, in words; nothing when nothing is.
pub fn selected_words(model: &Model) -> Option<String> {
    let (first, last) = model.selected()?;
    let rows = u64::from(last.index() - first.index()) + 1;
    Some(match model.view.count(first, last) {
        Some(lines) => format!("{} selected", human::plural(lines, "line")),
        None => format!("{} selected", human::plural(rows, "row")),
    })
}
