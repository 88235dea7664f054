//! Where one was before one went somewhere else, to go back to.
//!
//! A jump is what may lead out of sight in one go: a search, a line, a mark, a
//! failure, a step. As in vim, one key goes back along the places one by one,
//! and another to the latest of them and back again.

use crate::domain::LineNo;

use super::model::{Back, Model};
use super::moves::{hides, reveal_quietly, to_log};
use super::steps;

/// Places that are remembered.
const PLACES: usize = 100;

/// The places one jumped from.
#[derive(Debug, Default)]
pub(super) struct Jumps {
    /// The oldest first; none twice.
    places: Vec<Back>,
    /// Which of them one has gone back to.
    at: Option<usize>,
    /// Where the latest jump began.
    latest: Option<Back>,
    /// The line that moving in a panel led to: moving on is the same jump.
    pub(super) led: Option<LineNo>,
}

impl Jumps {
    fn push(&mut self, place: Back) {
        self.at = None;
        self.latest = Some(place);
        self.places.retain(|known| known.line() != place.line());
        if self.places.len() >= PLACES {
            self.places.remove(0);
        }
        self.places.push(place);
    }

    /// A repair of the log has moved the lines from `kept` on by so many, or
    /// nobody knows where.
    pub(super) fn repaired(&mut self, kept: u32, by: Option<i64>) {
        let now = |place: &Back| {
            let line = i64::from(place.line().index());
            if line < i64::from(kept) {
                return Some(*place);
            }
            let line = u32::try_from(line + by?).ok()?;
            Some(place.moved(LineNo::new(line)))
        };
        self.latest = self.latest.as_ref().and_then(now);
        self.places = self.places.iter().filter_map(now).collect();
        (self.at, self.led) = (None, None);
    }
}

/// Remembers where one is. What is looked at while something is typed is no
/// jump; it becomes one when that is accepted.
pub(super) fn record(model: &mut Model) {
    if model.prompt.is_none() && !model.log.store().is_empty() {
        let here = Back::of(model);
        model.jumps.push(here);
    }
}

/// Remembers a place that was left, unless one is on its line still.
pub(super) fn left(model: &mut Model, place: Back) {
    if model.cursor_line() != place.line() {
        model.jumps.push(place);
    }
}

/// Whether there is a place to go back to.
pub(super) fn any(model: &Model) -> bool {
    model.jumps.latest.is_some()
}

/// To the place before the one that was gone back to last.
pub(super) fn back(model: &mut Model) {
    let here = Back::of(model);
    let now = model.jumps.at.unwrap_or_else(|| {
        if any(model) {
            model.jumps.push(here);
        }
        model.jumps.places.len().saturating_sub(1)
    });
    let next = now.checked_sub(1);
    let Some((at, place)) = next.and_then(|at| Some((at, *model.jumps.places.get(at)?))) else {
        let all = model.jumps.places.is_empty();
        let said = if all { "Nothing was jumped from" } else { "That was the first jump" };
        model.answer = Some(said.into());
        return;
    };
    go(model, place);
    (model.jumps.at, model.jumps.latest) = (Some(at), Some(here));
}

/// To where the latest jump began; again: back from there.
pub(super) fn swap(model: &mut Model) {
    let Some(place) = model.jumps.latest else {
        model.answer = Some("Nothing was jumped from".into());
        return;
    };
    let here = Back::of(model);
    model.jumps.push(here);
    go(model, place);
}

fn go(model: &mut Model, place: Back) {
    to_log(model);
    let focus = model.panes.focus;
    model.dirty = true;
    let last = model.log.store().len().saturating_sub(1);
    let line = place.line().min(LineNo::new(last));
    if hides(model, line) {
        reveal_quietly(model, line);
    } else {
        place.moved(line).restore(model);
    }
    model.panes.focus = focus;
    steps::come(model);
    steps::come_along(model);
}
