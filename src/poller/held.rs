//! The log as it is held so far: lines, gaps, and what makes a line an anchor.

use std::collections::HashMap;
use std::ops::Range;
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

    /// The slots of a range.
    pub(super) fn part(&self, range: Range<usize>) -> &[Slot] {
        self.slots.get(range).unwrap_or_default()
    }

    /// Where the last lines end: before a gap that ends the log, if one does.
    pub(super) fn end(&self) -> usize {
        let gap = matches!(self.slots.last(), Some(Slot::Gap(_)));
        self.slots.len() - usize::from(gap)
    }

    /// Where the last run of lines without a gap begins.
    pub(super) fn run(&self) -> usize {
        let until = self.slots.get(..self.end()).unwrap_or_default();
        until.iter().rposition(|s| matches!(s, Slot::Gap(_))).map_or(0, |gap| gap + 1)
    }

    /// The lines from a position on, without gaps.
    pub(super) fn lines_after(&self, at: usize) -> impl Iterator<Item = &[u8]> {
        lines_of(self.from(at))
    }

    /// Whether a line stands anywhere.
    pub(super) fn has(&self, line: &[u8]) -> bool {
        self.lines.contains_key(line)
    }

    /// Where a line stands, if it stands there only.
    pub(super) fn only(&self, line: &[u8]) -> Option<usize> {
        self.lines.get(line).filter(|seen| seen.count == 1).map(|seen| seen.last)
    }

    /// How many of these lines the slots from `base` on begin with.
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

    /// Replaces everything from `base` on by other slots, and tells it as a
    /// patch, of what differs.
    pub(super) fn rewrite(&mut self, base: usize, slots: Vec<Slot>) -> Patch {
        let common = self.from(base).iter().zip(&slots).take_while(|(a, b)| a == b).count();
        let keep = base + common;
        let same = keep == self.slots.len();
        if same && common == slots.len() {
            return Patch::default();
        }
        let kept = u32::try_from(keep).unwrap_or(u32::MAX);
        if !same {
            self.slots.truncate(keep);
            self.index_again();
        }
        let append = pieces(slots.get(common..).unwrap_or_default());
        slots.into_iter().skip(common).for_each(|slot| self.push(slot));
        Patch { keep: (!same).then_some(kept), append }
    }

    /// All of it as a patch of nothing.
    pub(super) fn all(&self) -> Patch {
        Patch { keep: None, append: pieces(&self.slots) }
    }

    /// Whether lines are missing before the first.
    pub(super) fn is_headless(&self) -> bool {
        matches!(self.slots.first(), Some(Slot::Gap(_)))
    }

    /// Announces that lines are missing before the first, and tells it as a
    /// patch.
    pub(super) fn behead(&mut self, missing: Missing) -> Patch {
        self.slots.insert(0, Slot::Gap(missing));
        self.index_again();
        let append = pieces(&self.slots);
        Patch { keep: Some(0), append }
    }

    fn push(&mut self, slot: Slot) {
        let at = self.slots.len();
        if let Slot::Line(line) = &slot {
            self.bytes += line.len() as u64 + 1;
            let seen = self.lines.entry(Arc::clone(line)).or_insert(Seen { count: 0, last: at });
            seen.count += 1;
            seen.last = at;
        }
        self.slots.push(slot);
    }

    /// Repairs are rare, so that starting over is simpler than undoing.
    fn index_again(&mut self) {
        self.lines.clear();
        self.bytes = 0;
        for slot in std::mem::take(&mut self.slots) {
            self.push(slot);
        }
    }
}

/// Slots as a patch tells them.
fn pieces(slots: &[Slot]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = vec![];
    for slot in slots {
        match (slot, pieces.last_mut()) {
            (Slot::Gap(missing), _) => pieces.push(Piece::Gap(*missing)),
            (Slot::Line(line), Some(Piece::Text(text))) => {
                text.extend_from_slice(line);
                text.push(b'\n');
            }
            (Slot::Line(line), _) => pieces.push(Piece::Text([line, &b"\n"[..]].concat())),
        }
    }
    pieces
}

/// The lines among slots.
pub(super) fn lines_of(slots: &[Slot]) -> impl Iterator<Item = &[u8]> {
    slots.iter().filter_map(|slot| match slot {
        Slot::Line(line) => Some(&**line),
        Slot::Gap(_) => None,
    })
}

/// Whether `some` are all among `all`, in that order.
pub(super) fn is_subsequence<'a>(
    some: impl IntoIterator<Item = &'a [u8]>,
    all: impl IntoIterator<Item = &'a [u8]>,
) -> bool {
    let mut all = all.into_iter();
    some.into_iter().all(|line| all.any(|other| other == line))
}
