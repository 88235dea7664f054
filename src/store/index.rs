//! Where lines begin: a count of line ends for every block of the text.

use crate::text;

/// Bytes per block. A line is found by reading at most this much, in about a
/// microsecond; ten million lines (945 MB) take 260 KB of counts.
pub const BLOCK: u64 = 16 << 10;

/// Lines are not counted past this: positions are 32-bit numbers.
const MOST_LINES: u32 = u32::MAX - (1 << 24);

/// The index of a text that only grows, or is cut off somewhere.
#[derive(Debug)]
pub(super) struct Index {
    /// Line ends before each block that has begun.
    blocks: Vec<u32>,
    /// Blocks that hold anything but printable ASCII, tabs and line ends: one
    /// bit each. The search asks for it, and counting has the bytes at hand.
    special: Vec<u64>,
    bytes: u64,
    ends: u32,
    open: bool,
}

impl Default for Index {
    fn default() -> Self {
        Self { blocks: vec![0], special: vec![0], bytes: 0, ends: 0, open: false }
    }
}

impl Index {
    /// Bytes counted.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Lines, an unfinished last one included.
    pub(super) fn lines(&self) -> u32 {
        self.ends + u32::from(self.open)
    }

    /// Whether the last line has no line end.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether no more lines can be numbered.
    pub(super) fn is_full(&self) -> bool {
        self.ends >= MOST_LINES
    }

    /// Counts the next bytes of the text.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for tally in tallies(self.bytes, bytes) {
            self.take(tally);
        }
    }

    /// Takes what was counted in the next bytes.
    pub(super) fn take(&mut self, tally: Tally) {
        if tally.bytes == 0 || self.is_full() {
            return;
        }
        if tally.special {
            self.mark_special(self.bytes / BLOCK);
        }
        self.ends += tally.ends;
        self.bytes += tally.bytes;
        self.open = tally.open;
        if self.bytes.is_multiple_of(BLOCK) {
            self.blocks.push(self.ends);
            self.special.resize(self.blocks.len().div_ceil(64), 0);
        }
    }

    /// Forgets the text from byte `at` on, where line number `lines` begins.
    pub(super) fn truncate(&mut self, at: u64, lines: u32) {
        self.blocks.truncate((at / BLOCK) as usize + 1);
        self.special.truncate(self.blocks.len().div_ceil(64));
        // Bits of blocks that are gone must not stain those to come. The last
        // block may stay marked without need; that costs time, not truth.
        if let Some(last) = self.special.last_mut() {
            *last &= u64::MAX >> (63 - (self.blocks.len() - 1) % 64);
        }
        (self.bytes, self.ends, self.open) = (at, lines, false);
    }

    /// The start of the last block that begins in or before a line's start, and
    /// how many line ends come before that.
    pub(super) fn before(&self, line: u32) -> (u32, u64) {
        let block = self.blocks.partition_point(|&ends| ends < line).saturating_sub(1);
        (self.blocks.get(block).copied().unwrap_or(0), block as u64 * BLOCK)
    }

    /// How many line ends come before the block that holds a byte.
    pub(super) fn ends_before_block(&self, at: u64) -> u32 {
        self.blocks.get((at / BLOCK) as usize).copied().unwrap_or(self.ends)
    }

    /// Whether the block that holds a byte is printable ASCII, tabs and line
    /// ends throughout.
    pub(super) fn is_plain(&self, at: u64) -> bool {
        let block = at / BLOCK;
        self.special.get((block / 64) as usize).is_some_and(|bits| bits >> (block % 64) & 1 == 0)
    }

    fn mark_special(&mut self, block: u64) {
        if let Some(bits) = self.special.get_mut((block / 64) as usize) {
            *bits |= 1 << (block % 64);
        }
    }
}

/// What was counted in some bytes of one block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    bytes: u64,
    ends: u32,
    special: bool,
    /// The last of them is no line end.
    open: bool,
}

/// Counts in bytes that lie at a place of the text, block by block.
pub(super) fn tallies(mut at: u64, mut bytes: &[u8]) -> impl Iterator<Item = Tally> + '_ {
    std::iter::from_fn(move || {
        let room = (BLOCK - at % BLOCK) as usize;
        let (head, tail) = bytes.split_at(room.min(bytes.len()));
        let open = *head.last()? != b'\n';
        at += head.len() as u64;
        bytes = tail;
        Some(Tally {
            bytes: head.len() as u64,
            ends: memchr::memchr_iter(b'\n', head).count() as u32,
            special: text::first_special(head).is_some(),
            open,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> Vec<u8> {
        (0..9000).flat_map(|i| format!("line {i}\n").into_bytes()).collect()
    }

    #[test]
    fn counting_in_any_pieces_is_the_same() {
        let text = text();
        let mut whole = Index::default();
        whole.add(&text);
        let mut pieces = Index::default();
        for piece in text.chunks(977) {
            pieces.add(piece);
        }
        assert_eq!(whole.blocks, pieces.blocks);
        assert_eq!((whole.lines(), whole.bytes()), (9000, text.len() as u64));
        assert_eq!(whole.blocks.len() as u64, text.len() as u64 / BLOCK + 1);
    }

    #[test]
    fn a_block_lies_before_the_line_it_is_given_for() {
        let text = text();
        let mut index = Index::default();
        index.add(&text);
        let mut start = 0;
        for (no, line) in text.split_inclusive(|&b| b == b'\n').enumerate() {
            let (ends, at) = index.before(no as u32);
            assert!(at <= start && start - at <= BLOCK, "line {no}");
            assert!(ends <= no as u32);
            start += line.len() as u64;
        }
    }

    #[test]
    fn plain_blocks_are_told_from_others() {
        let mut index = Index::default();
        index.add(&vec![b'x'; 70 * BLOCK as usize]);
        index.add("\u{e9}\n".as_bytes());
        assert!(index.is_plain(69 * BLOCK));
        assert!(!index.is_plain(70 * BLOCK));
        index.truncate(0, 0);
        index.add(&vec![b'x'; 71 * BLOCK as usize]);
        assert!((0..=70).all(|block| index.is_plain(block * BLOCK)));
    }
}
