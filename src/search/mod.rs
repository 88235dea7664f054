//! Queries over log text and their matches.
//!
//! A [`Query`] is what is looked for; it works on clean text, so that what was
//! matched is what is shown. A [`Search`] is what was found of it in a log so
//! far; it works in slices between two keys, and goes on as the log grows.

mod found;
mod picked;
mod query;
mod scan;
mod walk;

use std::ops::Range;
use std::time::Duration;

use crate::domain::LineNo;
use crate::store::Store;

use found::Found;
pub use picked::Picked;
pub use query::{Broken, Case, MOST_IN_LINE, Mode, Options, Query};
use scan::Scanner;

/// How long a slice of a search may take: a key waits for its end.
const SLICE: Duration = Duration::from_millis(3);

/// How much work a slice of a search may be.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Stop after about this many bytes of the log.
    pub bytes: u64,
    /// Stop after about this long.
    pub time: Duration,
}

impl Budget {
    /// All there is.
    pub const ALL: Self = Self { bytes: u64::MAX, time: Duration::MAX };

    /// About so many bytes, and no longer than a frame.
    pub fn bytes(bytes: u64) -> Self {
        Self { bytes, time: SLICE }
    }

    fn less(self, bytes: u64) -> Self {
        Self { bytes: self.bytes.saturating_sub(bytes), ..self }
    }
}

/// A byte of the clean text of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: LineNo,
    /// The byte of its clean text.
    pub byte: usize,
}

/// A match, found from a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The line it is in.
    pub line: LineNo,
    /// The bytes of its clean text that matched.
    pub range: Range<usize>,
    /// Whether the search went past the end of the log (or its start) and on
    /// from the other side.
    pub wrapped: bool,
}

impl Hit {
    /// Where it begins.
    pub fn place(&self) -> Place {
        Place { line: self.line, byte: self.range.start }
    }
}

/// The matches of a query in a log, as far as it was looked through.
#[derive(Debug)]
pub struct Search {
    query: Query,
    found: Found,
    scanner: Scanner,
    /// Positions looked through for good.
    done: u32,
    /// The log's length in bytes when its unfinished last line was looked at;
    /// that line is looked at again when there is more of it.
    open: Option<u64>,
}

impl Search {
    /// A search that has not looked at anything yet.
    pub fn new(query: Query) -> Self {
        Self { query, found: Found::default(), scanner: Scanner::default(), done: 0, open: None }
    }

    /// What is looked for.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Looks on through the log within a budget; whether there is more to look
    /// through. Call it again when the log has grown.
    pub fn advance(&mut self, store: &Store, budget: Budget) -> bool {
        let end = if self.query.is_empty() { 0 } else { store.complete() };
        let open = (end < store.len()).then(|| store.bytes());
        if self.done >= end && self.open == open || self.query.is_empty() {
            return false;
        }
        if self.open.take().is_some() {
            self.found.truncate(self.done);
        }
        let mut left = budget;
        while self.done < end {
            let (query, found) = (&self.query, &mut self.found);
            (self.done, left) = self.scanner.some(store, query, self.done..end, left, found);
            if left.bytes == 0 && self.done < end {
                return true;
            }
        }
        if open.is_some() {
            self.scanner.one(store, &self.query, end, &mut self.found);
            self.open = open;
        }
        false
    }

    /// Forgets what was found from position `keep` on: call it when the log
    /// was cut off there.
    pub fn truncate(&mut self, keep: u32) {
        self.done = self.done.min(keep);
        self.found.truncate(self.done);
        self.open = None;
    }

    /// How many positions it has looked through.
    pub fn looked(&self) -> u32 {
        self.done
    }

    /// How many matches there are so far.
    pub fn total(&self) -> u64 {
        self.found.total()
    }

    /// Whether there are more in a line that has very many.
    pub fn has_more(&self) -> bool {
        self.found.has_more()
    }

    /// How many lines match so far.
    pub fn line_count(&self) -> usize {
        self.found.lines().len()
    }

    /// The lines that match so far, in order.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = LineNo> + ExactSizeIterator + '_ {
        self.found.lines().iter().map(|&line| LineNo::new(line))
    }

    /// The matching lines between two positions, in order.
    pub fn lines_in(&self, range: Range<u32>) -> impl Iterator<Item = LineNo> + '_ {
        let span = self.found.index(range.start)..self.found.index(range.end);
        self.found.lines().get(span).unwrap_or_default().iter().map(|&line| LineNo::new(line))
    }

    /// Whether a line matches, as far as it was looked at.
    pub fn has(&self, line: LineNo) -> bool {
        self.found.lines().binary_search(&line.index()).is_ok()
    }

    /// The first line from one on that matches, as far as it was looked at.
    pub fn first_from(&self, line: LineNo) -> Option<LineNo> {
        let at = self.found.index(line.index());
        self.found.lines().get(at).map(|&line| LineNo::new(line))
    }

    /// The first match that begins at a place or after it; the first of all if
    /// there is none.
    pub fn at_or_after(&self, store: &Store, place: Place) -> Option<Hit> {
        self.forwards(store, place, |byte| byte >= place.byte)
    }

    /// The first match that begins after a place; the first of all if there is
    /// none.
    pub fn next(&self, store: &Store, place: Place) -> Option<Hit> {
        self.forwards(store, place, |byte| byte > place.byte)
    }

    /// The last match that begins before a place; the last of all if there is
    /// none.
    pub fn prev(&self, store: &Store, place: Place) -> Option<Hit> {
        walk::backwards(&self.found, place, |line| self.ranges(store, line))
    }

    /// Which match it is that begins at a place, counted from 1: the "3" of
    /// "3/48". `None` where no match begins.
    pub fn ordinal(&self, store: &Store, place: Place) -> Option<u64> {
        walk::ordinal(&self.found, place, |line| self.ranges(store, line))
    }

    fn forwards(&self, store: &Store, place: Place, wanted: impl Fn(usize) -> bool) -> Option<Hit> {
        walk::forwards(&self.found, place, wanted, |line| self.ranges(store, line))
    }

    fn ranges(&self, store: &Store, line: LineNo) -> Vec<Range<usize>> {
        self.query.find_in(&store.text(line)).collect()
    }
}

#[cfg(test)]
mod tests;
