//! The log as it is held so far: lines, gaps, and what makes a line an anchor.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::domain::{Missing, Patch, Piece};

/// A line's bytes, shared between the log and its index.
type Line = Arc<[u8]>;

/// One position of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// A line without its line end.
    Line(Line),
    /// Lines are missing here.
    Gap(Missing),
}

impl Slot {
    pub(super) fn is(&self, line: &[u8]) -> bool {
        matches!(self, Self::Line(own) if **own == *line)
    }
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    count: u32,
    /// Where it was seen last; where it is, if it was seen once.
    last: usize,
}

/// What is held of the log.
#[derive(Debug, Default)]
pub(super) struct Held {
    slots: Vec<Slot>,
    lines: HashMap<Line, Seen>,
    /// Hash of two consecutive lines → where that pair stood first. A clash of
    /// hashes makes a log look more repetitive than it is, which is safe.
    pairs: HashMap<u64, usize>,
    hasher: RandomState,
    bytes: u64,
}

impl Held {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Bytes of text held, line ends included.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The slots from a position on.
    pub(super) fn from(&self, base: usize) -> &[Slot] {
        self.slots.get(base..).unwrap_or_default()
    }

    /// Where the last run of lines without a gap begins.
    pub(super) fn run(&self) -> usize {
        self.slots.iter().rposition(|s| matches!(s, Slot::Gap(_))).map_or(0, |gap| gap + 1)
    }

    pub(super) fn has_gaps(&self) -> bool {
        self.slots.iter().any(|s| matches!(s, Slot::Gap(_)))
    }

    /// Where a line stands, if it stands there only.
    pub(super) fn only(&self, line: &[u8]) -> Option<usize> {
        self.lines.get(line).filter(|seen| seen.count == 1).map(|seen| seen.last)
    }

    /// Where two consecutive lines stood together first.
    pub(super) fn pair(&self, a: &[u8], b: &[u8]) -> Option<usize> {
        self.pairs.get(&self.hasher.hash_one((a, b))).copied()
    }

    /// Whether the slots from `base` on begin with these lines.
    pub(super) fn common(&self, base: usize, lines: &[Vec<u8>]) -> usize {
        self.from(base).iter().zip(lines).take_while(|(slot, line)| slot.is(line)).count()
    }

    /// Replaces everything from `keep` on, and tells it as a patch.
    pub(super) fn splice(&mut self, keep: usize, gap: Option<Missing>, lines: &[Vec<u8>]) -> Patch {
        let keep = keep.min(self.slots.len());
        let kept = u32::try_from(keep).unwrap_or(u32::MAX);
        let mut patch = Patch { keep: (keep < self.slots.len()).then_some(kept), append: vec![] };
        if patch.keep.is_some() {
            self.slots.truncate(keep);
            self.index_again();
        }
        if let Some(missing) = gap {
            patch.append.push(Piece::Gap(missing));
            self.push(Slot::Gap(missing));
        }
        if !lines.is_empty() {
            let mut text = Vec::with_capacity(lines.iter().map(|l| l.len() + 1).sum());
            for line in lines {
                text.extend_from_slice(line);
                text.push(b'\n');
                self.push(Slot::Line(Line::from(line.as_slice())));
            }
            patch.append.push(Piece::Text(text));
        }
        patch
    }

    /// The lines from `base` on, without gaps.
    pub(super) fn lines_from(&self, base: usize) -> Vec<Vec<u8>> {
        let lines = self.from(base).iter().filter_map(|slot| match slot {
            Slot::Line(line) => Some(line.to_vec()),
            Slot::Gap(_) => None,
        });
        lines.collect()
    }

    fn push(&mut self, slot: Slot) {
        let at = self.slots.len();
        if let Slot::Line(line) = &slot {
            self.bytes += line.len() as u64 + 1;
            if let Some(Slot::Line(before)) = self.slots.last() {
                let pair = self.hasher.hash_one((&**before, &**line));
                self.pairs.entry(pair).or_insert(at - 1);
            }
            let seen = self.lines.entry(Arc::clone(line)).or_insert(Seen { count: 0, last: at });
            seen.count += 1;
            seen.last = at;
        }
        self.slots.push(slot);
    }

    /// Repairs are rare, so that starting over is simpler than undoing.
    fn index_again(&mut self) {
        self.lines.clear();
        self.pairs.clear();
        self.bytes = 0;
        for slot in std::mem::take(&mut self.slots) {
            self.push(slot);
        }
    }
}

/// Whether `some` are all among `all`, in that order.
pub(super) fn is_subsequence<'a>(
    some: impl IntoIterator<Item = &'a [u8]>,
    all: impl IntoIterator<Item = &'a [u8]>,
) -> bool {
    let mut all = all.into_iter();
    some.into_iter().all(|line| all.any(|other| other == line))
}
