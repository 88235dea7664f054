//! Looking through a log, as fast as it can be read.
//!
//! Most of a log is printable ASCII, which is its own clean text. There the
//! expression runs over many lines at once, and lines are counted only up to a
//! match. Lines with anything else (escapes may split what is looked for) are
//! cleaned first, one by one.

use std::ops::Range;

use crate::domain::LineNo;
use crate::store::{Counted, Lines, Store};
use crate::text;

use super::found::Found;
use super::{Budget, Query};

/// A reader of a log for one query.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    line: Vec<u8>,
    scratch: String,
}

/// Lines that match, and how often each does.
type Matches = Vec<(u32, usize)>;

impl Scanner {
    /// Looks at one position by itself.
    pub(super) fn one(&mut self, store: &Store, query: &Query, at: u32, found: &mut Found) {
        store.raw(LineNo::new(at), &mut self.line);
        let text = text::clean(&self.line, &mut self.scratch);
        found.add(at, query.find_in(text).count());
    }

    /// Looks at some positions of a range from its start on, within a budget;
    /// where it stopped, and what is left of the budget.
    pub(super) fn some(
        &mut self,
        store: &Store,
        query: &Query,
        positions: Range<u32>,
        budget: Budget,
        found: &mut Found,
    ) -> (u32, Budget) {
        let range = LineNo::new(positions.start)..LineNo::new(positions.end);
        let look = |lines: &Lines<'_>, scratch: &mut String, matches: &mut Matches| {
            Part { lines, query, at: lines.begin(), matches }.scan(scratch);
        };
        let Budget { bytes, time } = budget;
        let Some(swept) = store.sweep(range, bytes, time, &look) else {
            self.one(store, query, positions.start, found);
            return (positions.start + 1, budget.less(64));
        };
        for (line, matches) in swept.found.into_iter().flatten() {
            found.add(line, matches);
        }
        let left = if swept.late { Budget::bytes(0) } else { budget.less(swept.bytes.max(64)) };
        (swept.end.index(), left)
    }
}

/// Lines that are looked through, up to the last match.
struct Part<'a> {
    lines: &'a Lines<'a>,
    query: &'a Query,
    at: Counted,
    matches: &'a mut Matches,
}

impl Part<'_> {
    fn scan(&mut self, scratch: &mut String) {
        let bytes = self.lines.bytes;
        let mut at = 0;
        while at < bytes.len() {
            let Some(special) = self.lines.special(at) else {
                return self.plain(at..bytes.len());
            };
            let head = bytes.get(at..special).unwrap_or_default();
            let start = memchr::memrchr(b'\n', head).map_or(at, |end| at + end + 1);
            let tail = bytes.get(special..).unwrap_or_default();
            let end = memchr::memchr(b'\n', tail).map_or(bytes.len(), |end| special + end);
            if at < start {
                self.plain(at..start);
            }
            let raw = bytes.get(start..end).unwrap_or_default();
            let matches = self.query.find_in(text::clean(raw, scratch)).count();
            if matches > 0 {
                let line = self.lines.position(start, &mut self.at);
                self.matches.push((line, matches));
            }
            at = end + 1;
        }
    }

    /// Looks through lines that are their own clean text.
    fn plain(&mut self, range: Range<usize>) {
        let bytes = self.lines.bytes.get(range.clone()).unwrap_or_default();
        for hit in self.query.find_in_lines(bytes) {
            let line = self.lines.position(range.start + hit.start, &mut self.at);
            match self.matches.last_mut() {
                Some((last, matches)) if *last == line => *matches += 1,
                _ => self.matches.push((line, 1)),
            }
        }
    }
}
