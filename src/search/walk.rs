//! From match to match, around the ends.

use std::ops::Range;

use crate::domain::LineNo;

use super::found::Found;
use super::{Hit, Place};

/// The first match at or after a place's line that is wanted by its byte if it
/// is on that line; the first of all if there is none. `ranges` tells the
/// matches of a line.
pub(super) fn forwards(
    found: &Found,
    place: Place,
    wanted: impl Fn(usize) -> bool,
    ranges: impl Fn(LineNo) -> Vec<Range<usize>>,
) -> Option<Hit> {
    let lines = found.lines();
    let mut index = found.index(place.line.index());
    if lines.get(index) == Some(&place.line.index()) {
        let here = ranges(place.line).into_iter().find(|range| wanted(range.start));
        if let Some(range) = here {
            return Some(Hit { line: place.line, range, wrapped: false });
        }
        index += 1;
    }
    let (after, wrapped) = match lines.get(index) {
        Some(line) => (line, false),
        None => (lines.first()?, true),
    };
    let line = LineNo::new(*after);
    let range = ranges(line).into_iter().next()?;
    Some(Hit { line, range, wrapped })
}

/// The last match that begins before a place; the last of all if there is none.
pub(super) fn backwards(
    found: &Found,
    place: Place,
    ranges: impl Fn(LineNo) -> Vec<Range<usize>>,
) -> Option<Hit> {
    let lines = found.lines();
    let here = found.index(place.line.index());
    if lines.get(here) == Some(&place.line.index())
        && let Some(range) = ranges(place.line).into_iter().rfind(|range| range.start < place.byte)
    {
        return Some(Hit { line: place.line, range, wrapped: false });
    }
    let (before, wrapped) = match here.checked_sub(1) {
        Some(index) => (lines.get(index), false),
        None => (lines.last(), true),
    };
    let line = LineNo::new(*before?);
    let range = ranges(line).pop()?;
    Some(Hit { line, range, wrapped })
}

/// Which match it is that begins at a place, counted from 1.
pub(super) fn ordinal(
    found: &Found,
    place: Place,
    ranges: impl Fn(LineNo) -> Vec<Range<usize>>,
) -> Option<u64> {
    let index = found.index(place.line.index());
    found.lines().get(index).filter(|&&line| line == place.line.index())?;
    let within = ranges(place.line).iter().position(|range| range.start == place.byte)?;
    Some(found.before(index) + within as u64 + 1)
}
