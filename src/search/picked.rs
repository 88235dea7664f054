//! Some of a search's matches: those in the lines that somebody picks.

use std::ops::Range;

use crate::domain::LineNo;

use super::found::Found;
use super::{Hit, Place, walk};

/// Matches picked from those of a [`Search`](super::Search), to be counted and
/// walked like all of them. Whoever picks tells which matches of a line count,
/// the same for the same line each time.
#[derive(Debug, Default)]
pub struct Picked {
    found: Found,
}

impl Picked {
    /// Adds a number of matches of a line; lines come in order.
    pub fn add(&mut self, line: LineNo, matches: usize) {
        self.found.add(line.index(), matches);
    }

    /// Forgets lines from `keep` on.
    pub fn truncate(&mut self, keep: u32) {
        self.found.truncate(keep);
    }

    /// How many matches there are so far.
    pub fn total(&self) -> u64 {
        self.found.total()
    }

    /// Whether there are more in a line that has very many.
    pub fn has_more(&self) -> bool {
        self.found.has_more()
    }

    /// How many lines have matches.
    pub fn line_count(&self) -> usize {
        self.found.lines().len()
    }

    /// See [`Search::at_or_after`](super::Search::at_or_after).
    pub fn at_or_after(
        &self,
        place: Place,
        ranges: impl Fn(LineNo) -> Vec<Range<usize>>,
    ) -> Option<Hit> {
        walk::forwards(&self.found, place, |byte| byte >= place.byte, ranges)
    }

    /// See [`Search::next`](super::Search::next).
    pub fn next(&self, place: Place, ranges: impl Fn(LineNo) -> Vec<Range<usize>>) -> Option<Hit> {
        walk::forwards(&self.found, place, |byte| byte > place.byte, ranges)
    }

    /// See [`Search::prev`](super::Search::prev).
    pub fn prev(&self, place: Place, ranges: impl Fn(LineNo) -> Vec<Range<usize>>) -> Option<Hit> {
        walk::backwards(&self.found, place, ranges)
    }

    /// See [`Search::ordinal`](super::Search::ordinal).
    pub fn ordinal(
        &self,
        place: Place,
        ranges: impl Fn(LineNo) -> Vec<Range<usize>>,
    ) -> Option<u64> {
        walk::ordinal(&self.found, place, ranges)
    }
}
