//! Looking through the text with all the processor's cores.
//!
//! ```text
//!   text   ├──── piece ────┼──── piece ────┼──── piece ────┤
//!   lines  ────────┴───┴──────┴─────────┴────────┴────┴────
//! ```
//!
//! A line belongs to the piece that it begins in, so each is looked at once, by
//! whichever thread took the piece; what was found is handed back in order.

use std::ops::Range;
use std::time::Duration;

use crate::domain::LineNo;
use crate::text;

use super::body::{self, Text};
use super::crew::{Desk, PIECE, share};
use super::gaps::Gaps;
use super::index::{BLOCK, Index};
use super::slab::Slab;
use super::{LONGEST_LINE, Store};

/// Pieces that are looked through whatever the time: a log of some ten thousand
/// lines is done at once.
const LEAST: u64 = 12;

/// Bytes read beyond a piece, for the end of its last line.
const BEYOND: u64 = 2 << 10;

/// Whole lines of a log, without a gap between them.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    /// Their bytes; the last one may have no line end.
    pub(crate) bytes: &'a [u8],
    /// Where in the log's text they begin, and the position of the first.
    start: u64,
    first: u32,
    /// What is known of the text; not of a line that was cut.
    known: Option<(&'a Index, &'a Gaps)>,
}

/// What came of a sweep.
#[derive(Debug)]
pub(crate) struct Swept<T> {
    /// The position after the last line that was looked at.
    pub(crate) end: LineNo,
    /// About how many bytes that was.
    pub(crate) bytes: u64,
    /// The time was over before `max` bytes were.
    pub(crate) late: bool,
    /// What was found, in the order of the lines.
    pub(crate) found: Vec<T>,
}

/// One piece, looked through.
struct Done<T> {
    /// The position after its last line; `None` where no line begins.
    end: Option<u32>,
    /// There was less text than was counted: the file has shrunk.
    short: bool,
    found: T,
}

/// All that the threads share.
struct Field<'a> {
    text: Text<'a>,
    index: &'a Index,
    gaps: &'a Gaps,
    /// The lines, and their text.
    lines: Range<u32>,
    bytes: Range<u64>,
}

impl Store {
    /// Looks through the lines of a range from its start on, at most about
    /// `max` bytes, but at least one line; after so much `time` and some
    /// megabytes no more pieces are begun. `look` gets some lines at a time and adds what it finds to
    /// what is handed back. `None` where a gap is.
    pub(crate) fn sweep<T: Default + Send>(
        &self,
        range: Range<LineNo>,
        max: u64,
        time: Duration,
        look: &(impl Fn(&Lines<'_>, &mut String, &mut T) + Sync),
    ) -> Option<Swept<T>> {
        let stretch = self.stretch(range.start, range.end)?;
        let field = Field {
            text: self.body.text(),
            index: &self.index,
            gaps: &self.gaps,
            lines: range.start.index()..stretch.end.index(),
            bytes: stretch.bytes.clone(),
        };
        let all = stretch.bytes.end.div_ceil(PIECE) - stretch.bytes.start / PIECE;
        let pieces = all.min(max.div_ceil(PIECE)).max(1);
        let done = share(pieces, LEAST, time, &mut self.desks.borrow_mut(), |number, desk| {
            field.piece(number, desk, look)
        });
        let last = done.len() as u64;
        let end = match done.iter().any(|done| done.short) {
            // There is nothing to look through any more.
            true => field.lines.end,
            false => done.iter().rev().find_map(|done| done.end).unwrap_or(field.lines.end),
        };
        let upto = field.piece_bytes(last.saturating_sub(1)).end;
        Some(Swept {
            // Whatever became of the file, it must not hold the sweep up.
            end: LineNo::new(end.clamp(field.lines.start + 1, field.lines.end)),
            bytes: upto - field.bytes.start,
            late: last < pieces,
            found: done.into_iter().map(|done| done.found).collect(),
        })
    }
}

impl Field<'_> {
    fn piece_bytes(&self, number: u64) -> Range<u64> {
        let start = (self.bytes.start / PIECE + number) * PIECE;
        start.max(self.bytes.start)..(start + PIECE).min(self.bytes.end)
    }

    /// Looks through the lines that begin in a piece.
    fn piece<T: Default>(
        &self,
        number: u64,
        desk: &mut Desk,
        look: &impl Fn(&Lines<'_>, &mut String, &mut T),
    ) -> Done<T> {
        let piece = self.piece_bytes(number);
        let mut done = Done { end: None, short: false, found: T::default() };
        // From the byte before, which tells whether a line begins here.
        let from = piece.start.max(self.bytes.start + 1) - 1;
        let whole = (piece.end + BEYOND).min(self.bytes.end) - from;
        let Desk { buffer, scratch } = desk;
        done.short = !self.refill(buffer, from, whole as usize);
        // Where the next piece's first line may begin, at the earliest.
        let border = ((piece.end - from) as usize).min(buffer.len());
        let head = buffer.get(..border.saturating_sub(1)).unwrap_or_default();
        let (start, first) = match memchr::memchr(b'\n', head) {
            _ if piece.start == self.bytes.start => (0, self.lines.start),
            Some(end) => {
                let before = self.index.ends_before_block(piece.start);
                // The line end is the byte before the piece, or in it.
                (end + 1, self.gaps.position(before + u32::from(end > 0)))
            }
            None => return done,
        };
        let last_end = border.saturating_sub(1);
        let end = if piece.end == self.bytes.end {
            // The last line of a finished log may have no end.
            Some(buffer.len())
        } else {
            self.line_end(buffer, from, start, last_end, &mut done.short)
        };
        let before = self.index.ends_before_block(piece.end);
        let at = from + start as u64;
        match end {
            Some(end) => {
                let bytes = buffer.get(start..end).unwrap_or_default();
                look(&self.lines_of(bytes, at, first), scratch, &mut done.found);
                done.end = Some(match piece.end == self.bytes.end {
                    true => self.lines.end,
                    // A line that goes on past the border ends after it.
                    false => self.gaps.position(before + u32::from(end > border)),
                });
            }
            None => {
                let last = self.last_line(buffer, start, last_end);
                let bytes = buffer.get(start..last).unwrap_or_default();
                look(&self.lines_of(bytes, at, first), scratch, &mut done.found);
                let long = buffer.get(last..=last + LONGEST_LINE).unwrap_or_default();
                let mut long = long.to_vec();
                body::cut(&mut long);
                let first = self.gaps.position(before);
                let long = Lines { bytes: &long, start: 0, first, known: None };
                look(&long, scratch, &mut done.found);
                done.end = Some(first + 1);
            }
        }
        // The buffer of a long line is not kept.
        if buffer.capacity() > 2 * PIECE as usize {
            *buffer = Slab::default();
        }
        done
    }

    /// The byte after the end of the line that holds the byte `at`, which is
    /// read if need be; `None` for a line that is longer than lines may be.
    fn line_end(
        &self,
        buffer: &mut Slab,
        from: u64,
        start: usize,
        at: usize,
        short: &mut bool,
    ) -> Option<usize> {
        let last = self.last_line(buffer, start, at);
        let most = (self.bytes.end - from) as usize;
        let mut known = at;
        loop {
            let tail = buffer.get(known..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', tail) {
                let end = known + end;
                return (end - last <= LONGEST_LINE).then_some(end + 1);
            }
            known = buffer.len();
            if known - last > LONGEST_LINE {
                return None;
            }
            let want = (known + PIECE as usize).min(most);
            if *short || want == known {
                return Some(known);
            }
            *short = !self.fill(buffer, from, want);
        }
    }

    /// Where the line begins that holds the byte `at`.
    fn last_line(&self, buffer: &[u8], start: usize, at: usize) -> usize {
        let before = memchr::memrchr(b'\n', buffer.get(..at).unwrap_or_default());
        before.map_or(start, |end| end + 1).max(start)
    }

    /// Reads so many bytes from a place on; whether there are as many.
    fn refill(&self, buffer: &mut Slab, from: u64, bytes: usize) -> bool {
        let read = self.text.read(from, buffer.restart(from, bytes));
        buffer.truncate(read);
        read == bytes
    }

    /// Reads on to so many bytes from a place on; whether there are as many.
    fn fill(&self, buffer: &mut Slab, from: u64, bytes: usize) -> bool {
        let known = buffer.len();
        buffer.grow(bytes);
        let read = self.text.read(from + known as u64, buffer.get_mut(known..).unwrap_or_default());
        buffer.truncate(known + read);
        buffer.len() == bytes
    }

    fn lines_of<'a>(&'a self, bytes: &'a [u8], start: u64, first: u32) -> Lines<'a> {
        Lines { bytes, start, first, known: Some((self.index, self.gaps)) }
    }
}

/// A byte of some lines, and the position of the line that holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    at: usize,
    position: u32,
}

impl Lines<'_> {
    /// The start of the lines.
    pub(crate) fn begin(&self) -> Counted {
        Counted { at: 0, position: self.first }
    }

    /// The position of the line that holds a byte, counted from the nearest
    /// place before it where it is known; bytes are asked for in order.
    pub(crate) fn position(&self, at: usize, counted: &mut Counted) -> u32 {
        let Counted { at: mut from, mut position } = *counted;
        if let Some((index, gaps)) = self.known {
            let block = (self.start + at as u64) / BLOCK * BLOCK;
            if let Some(start) = block.checked_sub(self.start)
                && start as usize > from
            {
                from = start as usize;
                position = gaps.position(index.ends_before_block(block));
            }
        }
        let between = self.bytes.get(from..at).unwrap_or_default();
        position += memchr::memchr_iter(b'\n', between).count() as u32;
        *counted = Counted { at, position };
        position
    }

    /// The first byte from `at` on that makes its line need cleaning. Blocks
    /// that are known to hold none are not looked at.
    pub(crate) fn special(&self, mut at: usize) -> Option<usize> {
        while at < self.bytes.len() {
            let place = self.start + at as u64;
            let end = at + (BLOCK - place % BLOCK) as usize;
            let plain = self.known.is_some_and(|(index, _)| index.is_plain(place));
            if !plain {
                let block = self.bytes.get(at..end.min(self.bytes.len())).unwrap_or_default();
                if let Some(special) = text::first_special(block) {
                    return Some(at + special);
                }
            }
            at = end;
        }
        None
    }
}
