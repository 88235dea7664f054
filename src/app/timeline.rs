//! The timeline view: the steps on a time axis, in the place of the log.

use ratatui::layout::{Position, Rect};

use crate::parse::StepId;
use crate::parse::timeline::{Bar, Timeline, timeline};

use super::layout::Layout;
use super::model::{Back, Model};
use super::moves::reveal;
use super::panes::Pane;

/// A row of the view: a step, and its bar if its times are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimelineRow {
    /// The step.
    pub step: StepId,
    /// Its bar.
    pub bar: Option<Bar>,
}

/// Which row of the view is where; a low one has fewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimelineParts {
    /// Where the time went around docker, and the critical path's share.
    pub summary: Rect,
    /// The axis.
    pub axis: Rect,
    /// One row a step.
    pub rows: Rect,
    /// The longest steps.
    pub longest: Rect,
}

impl TimelineParts {
    /// The parts of a region.
    pub fn of(area: Rect) -> Self {
        let mut y = area.y;
        let mut take = |height: u16| {
            let part = Rect { y, height, ..area };
            y += height;
            part
        };
        let has = |least: u16| u16::from(area.height >= least);
        let (summary, axis, longest) = (has(6), has(4), has(10));
        Self {
            summary: take(summary),
            axis: take(axis),
            rows: take(area.height - summary - axis - longest),
            longest: take(longest),
        }
    }
}

impl Model {
    /// The steps on a time axis, those without an end as far as they have run.
    pub fn timeline(&self) -> Timeline {
        let ran = |id| self.running_for(id).map(|(seconds, _)| seconds);
        timeline(self.log.tree(), &ran, &|line| self.received(line))
    }

    /// The rows of the view, in the order the steps began; those without times
    /// come last.
    pub fn timeline_rows(&self, timeline: &Timeline) -> Vec<TimelineRow> {
        let bars = timeline.bars.iter().map(|bar| TimelineRow { step: bar.step, bar: Some(*bar) });
        let others = timeline.untimed.iter().map(|step| TimelineRow { step: *step, bar: None });
        bars.chain(others).collect()
    }
}

/// Shows the timeline, or goes back.
pub(super) fn toggle(model: &mut Model) {
    if model.panes.focus == Pane::Timeline {
        close(model);
        return;
    }
    if model.log.tree().steps().is_empty() {
        let so_far = model.so_far();
        model.answer = Some(format!("No steps{so_far}"));
        return;
    }
    model.aside = Some(Back::of(model));
    model.panes.focus = Pane::Timeline;
    model.panes.timeline_list = Default::default();
}

/// Back to where one was.
pub(super) fn close(model: &mut Model) {
    model.panes.focus = Pane::Log;
    if let Some(back) = model.aside.take() {
        back.restore(model);
    }
}

/// Moves the selection.
pub(super) fn step(model: &mut Model, by: isize) {
    let (len, height) = (model.log.tree().steps().len(), height(model));
    model.panes.timeline_list.step(by, len, height);
}

/// The selected step.
pub(super) fn selected(model: &Model) -> Option<StepId> {
    let rows = model.timeline_rows(&model.timeline());
    rows.get(model.panes.timeline_list.at).map(|row| row.step)
}

/// Goes to the selected step in the log.
pub(super) fn open(model: &mut Model) {
    let line =
        selected(model).and_then(|id| model.log.tree().step(id)).map(|step| step.first_line());
    let Some(line) = line else { return };
    model.aside = None;
    model.panes.focus = Pane::Log;
    model.scroll.left = 0;
    reveal(model, line);
}

/// A click selects a row; on the selected one it opens it.
pub(super) fn click(model: &mut Model, shown: &Layout, at: Position) {
    let rows = TimelineParts::of(shown.timeline).rows;
    if !rows.contains(at) {
        return;
    }
    let to = model.panes.timeline_list.top + usize::from(at.y - rows.y);
    if to >= model.log.tree().steps().len() {
        return;
    }
    if model.panes.timeline_list.held && to == model.panes.timeline_list.at {
        open(model);
        return;
    }
    step(model, to as isize - model.panes.timeline_list.at as isize);
}

fn height(model: &Model) -> usize {
    usize::from(TimelineParts::of(model.layout().timeline).rows.height)
}

/// Makes the selection fit; until one is made, it is what matters now: the step
/// that failed, else the one that runs.
pub(super) fn settle(model: &mut Model) {
    if model.panes.focus != Pane::Timeline {
        return;
    }
    let mut list = model.panes.timeline_list;
    if !list.held {
        let tree = model.log.tree();
        let wanted = tree.failing_step().or_else(|| tree.current());
        let rows = model.timeline_rows(&model.timeline());
        list.at = wanted
            .and_then(|id| rows.iter().position(|row| row.step == id))
            .unwrap_or(rows.len().saturating_sub(1));
    }
    list.fit(model.log.tree().steps().len(), height(model));
    model.dirty |= list != model.panes.timeline_list;
    model.panes.timeline_list = list;
}
