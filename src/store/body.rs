//! The bytes of a log, wherever they lie.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::time::Duration;

use super::crew::{Desk, PIECE, share};
use super::index::{Tally, tallies};
use super::{CUT, LONGEST_LINE};

/// Bytes read at once when a line is looked up.
const WINDOW: usize = 128 << 10;

/// Bytes of a window before what was asked for, for scrolling up.
const BEHIND: u64 = 32 << 10;

/// Bytes read at once when a file is read from one end to the other.
pub(super) const STRIDE: usize = 256 << 10;

/// How long counting may take at a time: a key waits for its end.
const PATIENCE: Duration = Duration::from_millis(3);

/// The text of a log: first what lies in a file, then what lies in memory.
#[derive(Debug)]
pub(super) struct Body {
    file: Option<File>,
    /// Bytes of the file that count.
    in_file: u64,
    /// What comes after them.
    tail: Vec<u8>,
    kind: Kind,
    window: RefCell<Window>,
}

#[derive(Debug)]
enum Kind {
    /// The user's file: never written to.
    Theirs,
    /// Ours, made when the tail outgrows `bound`.
    Spool { bound: usize },
}

/// What was last read from the file.
#[derive(Debug, Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

/// The text of a log, for reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    file: Option<&'a File>,
    in_file: u64,
    tail: &'a [u8],
}

/// How far a search for a line end came without finding it.
pub(super) struct Passed {
    pub(super) lines: u32,
    pub(super) bytes: u64,
}

impl Body {
    pub(super) fn spool(bound: usize) -> Self {
        Self::new(None, Kind::Spool { bound })
    }

    pub(super) fn file(file: File) -> Self {
        Self::new(Some(file), Kind::Theirs)
    }

    fn new(file: Option<File>, kind: Kind) -> Self {
        Self { file, in_file: 0, tail: Vec::new(), kind, window: RefCell::default() }
    }

    /// The size of the user's file.
    pub(super) fn file_bytes(&self) -> Option<u64> {
        match self.kind {
            Kind::Theirs => self.file.as_ref()?.metadata().ok().map(|data| data.len()),
            Kind::Spool { .. } => None,
        }
    }

    /// Reads the user's file on from `at`, up to about `max` bytes, and hands
    /// out what was counted; whether there is more.
    pub(super) fn count(
        &self,
        at: u64,
        max: u64,
        desks: &mut Vec<Desk>,
        each: &mut dyn FnMut(Tally),
    ) -> io::Result<bool> {
        let (Some(file), Kind::Theirs, true) = (&self.file, &self.kind, self.tail.is_empty())
        else {
            return Ok(false);
        };
        // Of some files (those below /proc) the size isn't known.
        let all = file.metadata()?.len().max(at + STRIDE as u64);
        let last = all.min(at.saturating_add(max)).div_ceil(PIECE);
        let pieces = last - at / PIECE;
        let count = |number: u64, desk: &mut Desk| -> io::Result<(Vec<Tally>, bool)> {
            let end = (at / PIECE + number + 1) * PIECE;
            let start = at.max(end - PIECE);
            let read = fill(file, start, desk.buffer.restart(start, (end - start) as usize))?;
            let bytes = desk.buffer.get(..read).unwrap_or_default();
            let counted: Vec<Tally> = tallies(start, bytes).collect();
            Ok((counted, start + read as u64 == end))
        };
        for piece in share(pieces.max(1), 1, PATIENCE, desks, count) {
            let (counted, whole) = piece?;
            counted.into_iter().for_each(&mut *each);
            if !whole {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Says how much of the file counts.
    pub(super) fn set_len(&mut self, bytes: u64) {
        if self.tail.is_empty() {
            self.in_file = bytes;
        }
    }

    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        let Kind::Spool { bound } = &mut self.kind else { return };
        if self.tail.len() <= *bound {
            return;
        }
        // A full disk leaves the text in memory; the next attempt is made when
        // twice as much has come together.
        let spooled = match &self.file {
            Some(file) => pwrite(file, self.in_file, &self.tail),
            None => tempfile::tempfile().and_then(|file| {
                let file = self.file.insert(file);
                pwrite(file, 0, &self.tail)
            }),
        };
        match spooled {
            Ok(()) => {
                self.in_file += self.tail.len() as u64;
                self.tail.clear();
            }
            Err(_) => *bound = bound.saturating_mul(2),
        }
    }

    /// Drops what comes after the first `at` bytes.
    pub(super) fn truncate(&mut self, at: u64) {
        match at.checked_sub(self.in_file) {
            Some(rest) => self.tail.truncate(rest as usize),
            None => {
                self.tail.clear();
                self.in_file = at;
            }
        }
        *self.window.get_mut() = Window::default();
    }

    /// Fills `out` from `at` on; see [`Text::read`].
    pub(super) fn read(&self, at: u64, out: &mut [u8]) -> usize {
        self.text().read(at, out)
    }

    /// The text as several threads may read it.
    pub(super) fn text(&self) -> Text<'_> {
        Text { file: self.file.as_ref(), in_file: self.in_file, tail: &self.tail }
    }

    /// Looks at the bytes from `at` on, as many as are at hand; none at the
    /// end.
    fn peek<R>(&self, at: u64, look: impl FnOnce(&[u8]) -> R) -> R {
        if let Some(offset) = at.checked_sub(self.in_file) {
            return look(self.tail.get(offset as usize..).unwrap_or_default());
        }
        let mut window = self.window.borrow_mut();
        let known = |w: &Window| at.checked_sub(w.start).filter(|&o| o < w.bytes.len() as u64);
        let offset = match known(&window) {
            Some(offset) => offset,
            None => {
                let start = at.saturating_sub(BEHIND);
                let want = WINDOW.min((self.in_file - start) as usize);
                window.start = start;
                window.bytes.resize(want, 0);
                let read = match &self.file {
                    Some(file) => pread(file, start, &mut window.bytes).unwrap_or(0),
                    None => 0,
                };
                window.bytes.truncate(read);
                at - start
            }
        };
        look(window.bytes.get(offset as usize..).unwrap_or_default())
    }

    /// The byte after the `n`th line end from `at` on; or how far the bytes at
    /// hand lead (not at all at the end of the text).
    pub(super) fn after_newline(&self, at: u64, n: u32) -> Result<u64, Passed> {
        self.peek(at, |bytes| {
            let mut lines = 0;
            for end in memchr::memchr_iter(b'\n', bytes) {
                lines += 1;
                if lines == n {
                    return Ok(at + end as u64 + 1);
                }
            }
            Err(Passed { lines, bytes: bytes.len() as u64 })
        })
    }

    /// Puts the line that begins at `start` into `out`, cut if it is very long;
    /// where the next one begins, if that came to light.
    pub(super) fn line_at(&self, start: u64, out: &mut Vec<u8>) -> Option<u64> {
        out.clear();
        let mut at = start;
        loop {
            let room = (LONGEST_LINE + 1).saturating_sub(out.len());
            let (passed, ended) = self.peek(at, |bytes| {
                let bytes = bytes.get(..room).unwrap_or(bytes);
                let end = memchr::memchr(b'\n', bytes);
                let text = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
                out.extend_from_slice(text);
                (text.len() as u64, end.is_some())
            });
            at += passed;
            if ended {
                return Some(at + 1);
            }
            if out.len() > LONGEST_LINE {
                cut(out);
                return None;
            }
            if passed == 0 {
                return None;
            }
        }
    }

    /// Writes a range of bytes to `out`.
    pub(super) fn copy(&self, range: Range<u64>, out: &mut dyn io::Write) -> io::Result<()> {
        let mut at = range.start;
        while at < range.end {
            let left = range.end - at;
            let written = self.peek(at, |bytes| {
                let n = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                let bytes = bytes.get(..n).unwrap_or_default();
                out.write_all(bytes).map(|()| n as u64)
            })?;
            if written == 0 {
                break;
            }
            at += written;
        }
        Ok(())
    }
}

impl Text<'_> {
    /// Fills `out` from `at` on; how many bytes there were. Less than asked for
    /// at the end of the text, and where the file has shrunk.
    pub(super) fn read(&self, at: u64, out: &mut [u8]) -> usize {
        let mut done = 0;
        while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let at = at + done as u64;
            let read = match at.checked_sub(self.in_file) {
                Some(offset) => {
                    let from = self.tail.get(offset as usize..).unwrap_or_default();
                    let n = from.len().min(rest.len());
                    if let (Some(to), Some(from)) = (rest.get_mut(..n), from.get(..n)) {
                        to.copy_from_slice(from);
                    }
                    n
                }
                None => {
                    let n = rest.len().min((self.in_file - at) as usize);
                    let to = rest.get_mut(..n).unwrap_or_default();
                    self.file.map_or(0, |file| pread(file, at, to).unwrap_or(0))
                }
            };
            if read == 0 {
                break;
            }
            done += read;
        }
        done
    }
}

/// Cuts a line that is longer than [`LONGEST_LINE`] there, between characters,
/// and says so in it.
pub(super) fn cut(line: &mut Vec<u8>) {
    let inside = |at: usize| line.get(at).is_some_and(|b| b & 0xC0 == 0x80);
    let end = (LONGEST_LINE - 3..=LONGEST_LINE).rev().find(|&at| !inside(at));
    line.truncate(end.unwrap_or(LONGEST_LINE));
    line.extend_from_slice(CUT.as_bytes());
}

/// Reads until `out` is full or the file ends; how much that was.
fn fill(file: &File, at: u64, out: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match pread(file, at + done as u64, rest)? {
            0 => break,
            read => done += read,
        }
    }
    Ok(done)
}

fn pread(file: &File, at: u64, out: &mut [u8]) -> io::Result<usize> {
    use std::os::unix::fs::FileExt;
    loop {
        match file.read_at(out, at) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

fn pwrite(file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    file.write_all_at(bytes, at)
}
