//! Lines one after the other, at the speed of memory.

use super::LONGEST_LINE;
use super::body::{self, Body, STRIDE};
use super::slab;

/// Reads the text of a log forwards, from where a line begins. It is kept
/// between two slices of reading, so that nothing is read twice.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The line that is next; `None` where that isn't sure.
    line: Option<u32>,
    /// The byte of the text after the last one in `buffer`.
    at: u64,
    buffer: Vec<u8>,
    /// The part of `buffer` that is read and not handed out.
    unread: std::ops::Range<usize>,
    /// A line that had to be cut.
    cut: Vec<u8>,
}

impl Reader {
    /// Goes to a line, if it isn't there; `start` tells where that begins.
    pub(super) fn go(&mut self, line: u32, start: impl FnOnce() -> u64) {
        if self.line != Some(line) {
            self.line = Some(line);
            self.at = start();
            self.unread = 0..0;
        }
    }

    /// The next line, without its end; empty past the last one.
    pub(super) fn next_line(&mut self, body: &Body) -> &[u8] {
        self.line = self.line.and_then(|line| line.checked_add(1));
        let mut searched = 0;
        loop {
            let unread = self.buffer.get(self.unread.clone()).unwrap_or_default();
            let new = unread.get(searched..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', new) {
                let length = searched + end;
                let start = self.unread.start;
                self.unread.start += length + 1;
                return self.line(start, length);
            }
            if unread.len() > LONGEST_LINE {
                self.line(self.unread.start, unread.len());
                self.skip_line(body);
                return &self.cut;
            }
            searched = unread.len();
            if !self.refill(body) {
                // It may still go on.
                self.line = None;
                let start = self.unread.start;
                self.unread.start = self.unread.end;
                return self.line(start, searched);
            }
        }
    }

    fn line(&mut self, start: usize, length: usize) -> &[u8] {
        let line = self.buffer.get(start..start + length).unwrap_or_default();
        if length <= LONGEST_LINE {
            return line;
        }
        self.cut.clear();
        self.cut.extend_from_slice(line.get(..=LONGEST_LINE).unwrap_or_default());
        body::cut(&mut self.cut);
        &self.cut
    }

    /// Moves on to what follows the next line end.
    fn skip_line(&mut self, body: &Body) {
        loop {
            let unread = self.buffer.get(self.unread.clone()).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', unread) {
                self.unread.start += end + 1;
                return;
            }
            self.unread = 0..0;
            if !self.refill(body) {
                self.line = None;
                return;
            }
        }
    }

    /// Reads more behind what is unread; whether there was more.
    fn refill(&mut self, body: &Body) -> bool {
        let left = self.unread.len();
        let room = left + STRIDE + slab::SKIPPED;
        if self.buffer.len() < room {
            // Doubling keeps a long line from being moved for every stride.
            self.buffer.resize(room.max(2 * left), 0);
        }
        let ahead = self.buffer.get(left..).unwrap_or_default();
        let start = slab::skip(ahead, self.at);
        self.buffer.copy_within(self.unread.clone(), start);
        self.unread = start..start + left;
        let read = body.read(self.at, self.buffer.get_mut(self.unread.end..).unwrap_or_default());
        self.at += read as u64;
        self.unread.end += read;
        read > 0
    }
}
