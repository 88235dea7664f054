//! Lines one after the other, at the speed of memory.

use super::LONGEST_LINE;
use super::body::{self, Body, STRIDE};

/// Reads the text of a log forwards, from where a line begins.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    body: &'a Body,
    /// The byte of the text after the last one in `buffer`.
    at: u64,
    buffer: Vec<u8>,
    /// The part of `buffer` that is read and not handed out.
    unread: std::ops::Range<usize>,
    /// A line that had to be cut.
    cut: Vec<u8>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a Body, start: u64) -> Self {
        Self { body, at: start, buffer: Vec::new(), unread: 0..0, cut: Vec::new() }
    }

    /// The next line, without its end; empty past the last one.
    pub(super) fn next_line(&mut self) -> &[u8] {
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
                self.skip_line();
                return &self.cut;
            }
            searched = unread.len();
            if !self.refill() {
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
    fn skip_line(&mut self) {
        loop {
            let unread = self.buffer.get(self.unread.clone()).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', unread) {
                self.unread.start += end + 1;
                return;
            }
            self.unread = 0..0;
            if !self.refill() {
                return;
            }
        }
    }

    /// Reads more behind what is unread; whether there was more.
    fn refill(&mut self) -> bool {
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        let room = self.unread.len() + STRIDE;
        if self.buffer.len() < room {
            // Doubling keeps a long line from being moved for every stride.
            self.buffer.resize(room.max(2 * self.unread.len()), 0);
        }
        let read =
            self.body.read(self.at, self.buffer.get_mut(self.unread.end..).unwrap_or_default());
        self.at += read as u64;
        self.unread.end += read;
        read > 0
    }
}
