//! The log itself: append-only, stable line numbers, in memory or in a file.
//!
//! A log is a sequence of bytes cut into lines, with places where lines are
//! known to be missing in between. Its text lies in memory, in a file of ours
//! that has no name (what arrives beyond some megabytes), or in a file of the
//! user's, which is read in windows and never mapped: a file that shrinks must
//! not kill the program. Of the lines themselves only counts per block of
//! 16 KiB are kept, so a million lines cost some kilobytes.
//!
//! `gaps.rs` is the smallest file and shows the shape: one idea, its tests below.

mod body;
mod crew;
mod gaps;
mod index;
mod reader;
mod sight;
mod slab;
mod sweep;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::{ControlFlow, Range};
use std::rc::Rc;

use crate::domain::{LineNo, Missing, Patch, Piece};
use crate::text::{self, Line, Seen};

use body::Body;
use crew::Desk;
#[cfg(test)]
pub(crate) use crew::PIECE;
use gaps::Gaps;
use index::Index;
use reader::Reader;
use sight::Sight;
pub(crate) use sweep::{Counted, Lines};

/// The longest line that is handed out, in bytes: a longer one (a gigabyte
/// without a line end) must not be read whole for every frame. It ends with
/// [`CUT`] then. The service serves a megabyte at a time, so none of its lines
/// is ever cut.
pub const LONGEST_LINE: usize = 2 << 20;

/// What a line that is longer than [`LONGEST_LINE`] ends with.
pub const CUT: &str = " ‹the line goes on; buildcat shows its first 2 MiB›";

/// Text that arrives is kept in memory up to this many bytes, then in a file.
const IN_MEMORY: usize = 8 << 20;

/// The lines of a log.
///
/// For use by one thread: reading moves a window over the file.
pub struct Store {
    body: Body,
    index: Index,
    gaps: Gaps,
    finished: bool,
    /// A line and where it begins, from the last look-up: lines are mostly
    /// asked for one after the other.
    place: Cell<(u32, u64)>,
    sight: RefCell<Sight>,
    /// How many lines were read one by one: what a frame costs, for tests.
    looks: Cell<u64>,
    desks: RefCell<Vec<Desk>>,
    /// Where [`Store::for_each`] was last.
    reader: Cell<Reader>,
}

/// Lines that follow one another without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stretch {
    /// The position after the last of them.
    end: LineNo,
    /// Where in the text they are.
    bytes: Range<u64>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { body, index, gaps, finished, .. } = self;
        let mut all = f.debug_struct("Store");
        all.field("body", body).field("index", index).field("gaps", gaps);
        all.field("finished", finished).finish_non_exhaustive()
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty log that will be appended to.
    pub fn new() -> Self {
        Self::with_bound(IN_MEMORY)
    }

    /// An empty log that keeps about `bound` bytes in memory before it moves
    /// to a temporary file, which has no name and is gone with the program.
    pub fn with_bound(bound: usize) -> Self {
        Self::over(Body::spool(bound))
    }

    /// The log in a file. Nothing is read yet: see [`Store::index_more`].
    pub fn open_file(file: File) -> Self {
        Self::over(Body::file(file))
    }

    fn over(body: Body) -> Self {
        Self {
            body,
            index: Index::default(),
            gaps: Gaps::default(),
            finished: false,
            place: Cell::new((0, 0)),
            sight: RefCell::default(),
            looks: Cell::new(0),
            desks: RefCell::default(),
            reader: Cell::default(),
        }
    }

    /// Reads on in the file, up to about `max_bytes` and not much longer than a
    /// frame takes; whether there is more to read now. Called again after the file grew, it goes on where it was.
    ///
    /// # Errors
    /// When the file can't be read. What was read stays.
    pub fn index_more(&mut self, max_bytes: u64) -> io::Result<bool> {
        let before = self.index.bytes();
        let (index, desks) = (&mut self.index, self.desks.get_mut());
        let more = self.body.count(before, max_bytes, desks, &mut |tally| index.take(tally));
        self.body.set_len(self.index.bytes());
        if self.index.bytes() > before {
            self.finished = false;
        }
        Ok(more? && !self.index.is_full())
    }

    /// The size of the file that holds the log, as it is now; `None` for a
    /// log that is appended to. What is not indexed yet is the difference to
    /// [`Store::bytes`].
    pub fn file_bytes(&self) -> Option<u64> {
        self.body.file_bytes()
    }

    /// How many bytes of text there are, line ends included.
    pub fn bytes(&self) -> u64 {
        self.index.bytes()
    }

    /// How many positions there are: lines, an unfinished last line, gaps.
    pub fn len(&self) -> u32 {
        self.index.lines().saturating_add(self.gaps.len())
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many positions won't change by appending: all but a last line that
    /// is not ended yet.
    pub fn complete(&self) -> u32 {
        self.len() - u32::from(self.index.is_open() && !self.finished)
    }

    /// Applies a change. Why the text could not be moved out of memory (a full
    /// disk) is no error: it stays there then.
    pub fn apply(&mut self, patch: &Patch) {
        if let Some(keep) = patch.keep {
            self.truncate(keep);
        }
        for piece in &patch.append {
            match piece {
                Piece::Text(bytes) => self.extend(bytes),
                Piece::Gap(missing) => self.gap_here(*missing),
            }
        }
    }

    /// Appends raw bytes; the last line may be unfinished.
    ///
    /// On the log of a file this goes after what has been indexed, and the
    /// file is not read any further.
    pub fn extend(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.index.is_full() {
            return;
        }
        self.finished = false;
        self.body.append(bytes);
        self.index.add(bytes);
    }

    fn gap_here(&mut self, missing: Missing) {
        if self.index.is_open() {
            self.extend(b"\n");
        }
        self.gaps.push(self.index.lines(), missing);
    }

    /// Says that the source has ended: an unfinished last line is all there
    /// will be of it.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// Drops all but the first `keep` positions.
    pub fn truncate(&mut self, keep: u32) {
        if keep >= self.len() {
            return;
        }
        let lines = self.gaps.truncate(keep);
        if lines >= self.index.lines() {
            return;
        }
        let at = self.start_of(lines);
        self.index.truncate(at, lines);
        self.body.truncate(at);
        self.place.set((0, 0));
        self.reader.take();
        self.sight.take();
    }

    /// The gap at a position, if there is one.
    pub fn gap(&self, no: LineNo) -> Option<Missing> {
        self.gaps.at(no.index())
    }

    /// The number a person is shown for a position: lines count from 1, and
    /// lines known to be missing count too. A gap has the number of the first
    /// line missing there.
    pub fn number(&self, no: LineNo) -> u64 {
        self.gaps.number(no.index())
    }

    /// The position of the line a person calls `number`, or of the gap where
    /// it is missing; the last position if there are fewer lines.
    pub fn at_number(&self, number: u64) -> Option<LineNo> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.number(LineNo::new(middle)) <= number {
                low = middle + 1
            } else {
                high = middle
            }
        }
        (!self.is_empty()).then(|| LineNo::new(low.saturating_sub(1)))
    }

    /// Puts the raw bytes of a position into `out`, without the line end;
    /// whether there is such a position. A gap gives its sentence.
    ///
    /// At most [`LONGEST_LINE`] bytes, and [`CUT`].
    pub fn raw(&self, no: LineNo, out: &mut Vec<u8>) -> bool {
        out.clear();
        self.looks.set(self.looks.get() + 1);
        if no.index() >= self.len() {
            return false;
        }
        match self.gaps.line(no.index()) {
            Err(missing) => out.extend_from_slice(missing.sentence().as_bytes()),
            Ok(line) => {
                if let Some(next) = self.body.line_at(self.start_of(line), out) {
                    self.place.set((line.saturating_add(1), next));
                }
            }
        }
        true
    }

    /// The clean text of a position and its colours; empty past the end.
    pub fn line(&self, no: LineNo) -> Line {
        let mut raw = Vec::new();
        self.raw(no, &mut raw);
        text::sanitise(&raw)
    }

    /// The same for a line that is in sight, and will be asked for again with
    /// the next frame: making a megabyte clean takes longer than a frame.
    pub fn sight(&self, no: LineNo) -> Rc<Seen> {
        if let Some(line) = self.sight.borrow().get(no.index()) {
            return line;
        }
        let line = Rc::new(Seen::from(self.line(no)));
        if no.index() < self.complete() {
            self.sight.borrow_mut().keep(no.index(), &line);
        }
        line
    }

    /// How many lines have been read one by one so far. What is read for a
    /// frame must not depend on how long the log is; a test counts it.
    pub fn looks(&self) -> u64 {
        self.looks.get()
    }

    /// The clean text of a position; empty past the end.
    pub fn text(&self, no: LineNo) -> String {
        let (mut raw, mut scratch) = (Vec::new(), String::new());
        self.raw(no, &mut raw);
        text::clean(&raw, &mut scratch).to_owned()
    }

    /// Hands the raw bytes of each position in a range, in order, to `each`,
    /// as [`Store::raw`] gives them, until it breaks.
    ///
    /// Much faster than asking for one after the other.
    pub fn for_each<B>(
        &self,
        range: Range<LineNo>,
        mut each: impl FnMut(LineNo, &[u8]) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let end = range.end.index().min(self.len());
        let mut reader = self.reader.take();
        let mut there = false;
        let mut position = range.start.index();
        let mut flow = ControlFlow::Continue(());
        while position < end && flow.is_continue() {
            let no = LineNo::new(position);
            flow = match self.gaps.line(position) {
                Err(missing) => each(no, missing.sentence().as_bytes()),
                Ok(line) => {
                    if !there {
                        reader.go(line, || self.start_of(line));
                        there = true;
                    }
                    each(no, reader.next_line(&self.body))
                }
            };
            position += 1;
        }
        self.reader.set(reader);
        flow
    }

    /// Writes the exact bytes of a position, however long, with its line end
    /// where it has one, to `out`. A gap writes its sentence.
    ///
    /// # Errors
    /// When `out` can't be written to.
    pub fn write_raw(&self, no: LineNo, out: &mut dyn io::Write) -> io::Result<()> {
        match self.gaps.line(no.index()) {
            Err(missing) => writeln!(out, "{}", missing.sentence()),
            Ok(line) if line >= self.index.lines() => Ok(()),
            Ok(line) => {
                let start = self.start_of(line);
                let end = self.start_of(line.saturating_add(1));
                self.body.copy(start..end, out)
            }
        }
    }

    /// The lines from a position on, up to a gap or to `end`, as one piece of
    /// text; `None` where a gap is.
    fn stretch(&self, from: LineNo, end: LineNo) -> Option<Stretch> {
        let line = self.gaps.line(from.index()).ok()?;
        let end = end.index().min(self.len()).min(self.gaps.next(from.index()));
        let last = line + end.saturating_sub(from.index());
        Some(Stretch { end: LineNo::new(end), bytes: self.start_of(line)..self.start_of(last) })
    }

    /// Where a line (not a position) begins; the end of the text past the last.
    fn start_of(&self, line: u32) -> u64 {
        let (mut known, mut at) = self.index.before(line);
        let (near, there) = self.place.get();
        if near <= line && near > known {
            (known, at) = (near, there);
        }
        while known < line {
            match self.body.after_newline(at, line - known) {
                Ok(start) => return start,
                // Past the last line, or the file has shrunk.
                Err(passed) if passed.bytes == 0 => return self.index.bytes(),
                Err(passed) => (known, at) = (known + passed.lines, at + passed.bytes),
            }
        }
        at
    }
}

#[cfg(test)]
mod tests;
