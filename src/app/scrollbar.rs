//! The scrollbar beside the log: which part is in sight, and a map of what
//! matters in the whole of it.
//!
//! Every row of the bar stands for a part of what is shown. What is in that
//! part is looked up in lists that are sorted by line, so that the map costs a
//! few steps for each row of the screen, however long the log is.
//!
//! While lines are scrolled one by one the map is not drawn, only the part in
//! sight: the terminal moves the bar along with the text, and every sign of
//! the map would have to be put back in its place after each line. It comes
//! back as soon as the text stands still.

use std::time::{Duration, Instant};

use crate::domain::LineNo;

use super::model::Model;
use super::panes::Pane;
use super::scroll::{ItemNo, Place, limit};
use super::view::Item;

/// The least width of a screen that has a scrollbar.
const LEAST: u16 = 40;

/// How long the text has to stand still before the map is drawn again.
const STILL: Duration = Duration::from_millis(250);

/// What a row of the scrollbar tells; of several things the one that matters
/// most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tick {
    /// A step begins.
    Step,
    /// Something warns.
    Warning,
    /// A match of the search.
    Match,
    /// Something failed.
    Failure,
    /// A line is marked.
    Mark,
    /// The likeliest cause.
    Cause,
}

/// A row of the scrollbar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BarRow {
    /// Whether it stands for something in sight.
    pub thumb: bool,
    /// What there is in its part of the log.
    pub tick: Option<Tick>,
}

impl Model {
    /// Columns of the scrollbar.
    pub fn scrollbar_width(&self) -> u16 {
        u16::from(self.width >= LEAST)
    }

    /// The rows of a scrollbar of that height; none when all is in sight.
    pub fn scrollbar(&self, height: u16) -> Vec<BarRow> {
        let len = self.view.len(&self.log);
        let rows = u32::from(height);
        if rows == 0 || self.scrollbar_width() == 0 || limit(&self.rows(), rows) == Place::default()
        {
            return Vec::new();
        }
        let (start, size) = self.thumb(len, rows);
        let map = Map::of(self);
        (0..rows)
            .map(|row| BarRow {
                thumb: (start..start + size).contains(&row),
                tick: map.as_ref().and_then(|map| map.tick(part(len, rows, row))),
            })
            .collect()
    }

    /// The rows that stand for what is in sight: the first, and how many.
    fn thumb(&self, len: u32, rows: u32) -> (u32, u32) {
        let wide = |n: u32| u64::from(n);
        let narrow = |n: u64| u32::try_from(n).unwrap_or(rows);
        let size = narrow((wide(rows) * wide(rows) / wide(len.max(1))).clamp(1, wide(rows)));
        let room = rows - size;
        let most = limit(&self.rows(), rows).item.index();
        let top = self.scroll.top.item.index().min(most);
        // At either end only when one is there.
        let start = narrow(wide(top) * wide(room) / wide(most.max(1)));
        let start =
            if top > 0 && top < most { start.max(1).min(room.saturating_sub(1)) } else { start };
        (start, size)
    }
}

/// The items that a row of the scrollbar stands for; one at least.
fn part(len: u32, rows: u32, row: u32) -> (u32, u32) {
    let at = |row: u32| (u64::from(len) * u64::from(row) / u64::from(rows.max(1))) as u32;
    let first = at(row).min(len.saturating_sub(1));
    (first, at(row + 1).max(first + 1))
}

/// Where things are.
struct Map<'a> {
    model: &'a Model,
    /// Whether steps are few enough to be told apart.
    steps: bool,
}

impl<'a> Map<'a> {
    /// The map, unless the text moves.
    fn of(model: &'a Model) -> Option<Self> {
        let rows = usize::from(model.layout().log.height);
        let steps = model.log.tree().steps().len() * 2 <= rows;
        is_still(model).then_some(Self { model, steps })
    }

    /// What matters most in a part of what is shown.
    fn tick(&self, (first, end): (u32, u32)) -> Option<Tick> {
        let model = self.model;
        let line = |at: u32| model.item(ItemNo::new(at)).map(Item::line);
        let (from, to) = (line(first)?, line(end).unwrap_or(LineNo::new(u32::MAX)));
        let within = |lines: &[LineNo]| {
            let at = lines.partition_point(|line| *line < from);
            lines.get(at).is_some_and(|line| *line < to)
        };
        let cause = model.cause.as_ref().and_then(|cause| cause.line);
        let steps = model.log.tree().steps();
        let step = || {
            let at = steps.partition_point(|step| step.first_line() < from);
            steps.get(at).is_some_and(|step| step.first_line() < to)
        };
        if cause.is_some_and(|line| (from..to).contains(&line)) {
            Some(Tick::Cause)
        } else if model.marks.first_from(from).is_some_and(|line| line < to) {
            Some(Tick::Mark)
        } else if within(model.log.failure_lines()) {
            Some(Tick::Failure)
        } else if model.find.as_ref().is_some_and(|find| find.any_in(from..to)) {
            Some(Tick::Match)
        } else if within(model.log.warning_lines()) {
            Some(Tick::Warning)
        } else if self.steps && step() {
            Some(Tick::Step)
        } else {
            None
        }
    }

    /// The first line of a part that its row tells of.
    fn told(&self, part: (u32, u32)) -> Option<LineNo> {
        let model = self.model;
        let tick = self.tick(part)?;
        let from = model.item(ItemNo::new(part.0))?.line();
        let first = |lines: &[LineNo]| lines.get(lines.partition_point(|l| *l < from)).copied();
        match tick {
            Tick::Cause => model.cause.as_ref()?.line,
            Tick::Mark => model.marks.first_from(from),
            Tick::Failure => first(model.log.failure_lines()),
            Tick::Warning => first(model.log.warning_lines()),
            Tick::Match => model.find.as_ref()?.first_from(from),
            Tick::Step => {
                let steps = model.log.tree().steps();
                let at = steps.partition_point(|step| step.first_line() < from);
                steps.get(at).map(|step| step.first_line())
            }
        }
    }
}

/// Takes note that the text was scrolled by lines, if it was.
pub(super) fn moved(model: &mut Model, before: Place) {
    if model.scroll.top != before {
        model.moved = Some(model.now.instant);
    }
}

/// Whether the text stands still.
pub(super) fn is_still(model: &Model) -> bool {
    wake(model).is_none()
}

/// When the map comes back.
pub(super) fn wake(model: &Model) -> Option<Instant> {
    model.moved.map(|at| at + STILL).filter(|at| *at > model.now.instant)
}

/// Goes to what a row of a bar of that height tells of, else to the middle of
/// its part.
pub(super) fn jump(model: &mut Model, row: u16, height: u16) {
    if model.scrollbar(height).is_empty() {
        return;
    }
    let len = model.view.len(&model.log);
    let part = part(len, u32::from(height), u32::from(row));
    let steps = true;
    let told = Map { model, steps }.told(part);
    let item = match told {
        Some(line) => model.view.nearest(&model.log, line),
        None => ItemNo::new(part.0 + (part.1 - part.0) / 2),
    };
    model.panes.focus = Pane::Log;
    super::jumps::record(model);
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.reveal(&model.rows(), height, item);
    model.scroll = scroll;
    model.stood = None;
}

/// Moves the part in sight to where the bar was dragged.
pub(super) fn drag(model: &mut Model, row: u16) {
    let height = u32::from(model.layout().log.height);
    let most = limit(&model.rows(), height);
    let of = u64::from(height.saturating_sub(1).max(1));
    let top = u64::from(most.item.index()) * u64::from(row) / of;
    let mut scroll = model.scroll;
    scroll.pause(&model.rows());
    scroll.top = Place { item: ItemNo::new(top as u32), row: 0 }.min(most);
    // The cursor stays in sight, in the middle.
    let middle = ItemNo::new(scroll.top.item.index().saturating_add(height / 2));
    scroll.cursor = middle.min(ItemNo::new(model.view.len(&model.log).saturating_sub(1)));
    if scroll.cursor_row(&model.rows(), height) >= height {
        scroll.cursor = scroll.top.item;
    }
    model.scroll = scroll;
    model.stood = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_everything_and_hold_one_item_at_least() {
        for (len, rows) in [(1, 1), (10, 4), (100, 7), (5, 20), (1_000_000, 50), (u32::MAX, 60)] {
            let mut end = 0;
            for row in 0..rows {
                let (first, next) = part(len, rows, row);
                assert!(first < next && first <= end, "{len} {rows} {row}");
                end = next.max(end);
            }
            assert!(end >= len, "{len} {rows}");
        }
    }
}
