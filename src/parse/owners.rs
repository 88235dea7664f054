//! Which phase or step each line belongs to.

use std::ops::Range;

use super::{PhaseId, StepId};
use crate::domain::LineNo;

/// What a line belongs to; every line has exactly one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// Nothing in particular: the log itself.
    Top,
    /// A phase, but none of its steps.
    Phase(PhaseId),
    /// A step.
    Step(StepId),
}

/// How many runs are packed together; finding an owner reads half as many.
const PACK: usize = 128;

/// The owners of all lines as runs.
///
/// When stages work in parallel there is a run every few lines, so a run is
/// packed into two or three bytes (its length and its owner, seven bits to a
/// byte) instead of the twelve the plain pair takes.
#[derive(Clone, Debug, Default)]
pub(super) struct Owners {
    packs: Vec<Pack>,
    /// The pack that is being filled: where it begins, runs and their bytes.
    start: u32,
    count: usize,
    bytes: Vec<u8>,
    /// The run that still grows: where it begins, and whose it is.
    run: Option<(u32, Owner)>,
    /// Lines in all.
    len: u32,
}

/// Runs that don't change any more.
#[derive(Clone, Debug)]
struct Pack {
    /// The line the first run begins on.
    start: u32,
    bytes: Box<[u8]>,
}

impl Owners {
    /// Gives the lines up to and with `line` that have no owner yet to `owner`.
    pub(super) fn push(&mut self, line: LineNo, owner: Owner) {
        if line.index() < self.len {
            return;
        }
        match self.run {
            Some((_, last)) if last == owner => {}
            Some((start, last)) => {
                self.close(self.len - start, last);
                self.run = Some((self.len, owner));
            }
            None => self.run = Some((self.len, owner)),
        }
        self.len = line.index().saturating_add(1);
    }

    fn close(&mut self, lines: u32, owner: Owner) {
        write(&mut self.bytes, lines);
        write(&mut self.bytes, code(owner));
        self.count += 1;
        if self.count == PACK {
            let bytes = self.bytes.as_slice().into();
            self.packs.push(Pack { start: self.start, bytes });
            self.bytes.clear();
            self.count = 0;
            self.start = self.len;
        }
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn memory(&self) -> usize {
        let packed: usize = self.packs.iter().map(|pack| pack.bytes.len()).sum();
        packed + self.packs.capacity() * size_of::<Pack>() + self.bytes.capacity()
    }

    pub(super) fn of(&self, line: LineNo) -> Owner {
        if line.index() >= self.len {
            return Owner::Top;
        }
        match self.run {
            // The newest lines are the ones asked for most.
            Some((start, owner)) if line.index() >= start => owner,
            _ => self
                .runs(line.index()..line.index().saturating_add(1))
                .next()
                .map_or(Owner::Top, |(_, owner)| owner),
        }
    }

    /// The runs that touch `lines`, in order.
    pub(super) fn runs(
        &self,
        lines: Range<u32>,
    ) -> impl Iterator<Item = (Range<LineNo>, Owner)> + '_ {
        let first = self.packs.partition_point(|pack| pack.start <= lines.start).saturating_sub(1);
        let packed = self.packs.iter().skip(first).map(|pack| (pack.start, &*pack.bytes));
        let open = std::iter::once((self.start, self.bytes.as_slice()));
        let growing = self.run.map(|(start, owner)| (start, self.len, owner));
        packed
            .chain(open)
            .flat_map(|(start, bytes)| Unpacked { start, bytes })
            .chain(growing)
            .skip_while(move |(_, end, _)| *end <= lines.start)
            .take_while(move |(start, ..)| *start < lines.end)
            .map(|(start, end, owner)| (LineNo::new(start)..LineNo::new(end), owner))
    }
}

struct Unpacked<'a> {
    start: u32,
    bytes: &'a [u8],
}

impl Iterator for Unpacked<'_> {
    type Item = (u32, u32, Owner);

    fn next(&mut self) -> Option<Self::Item> {
        let lines = read(&mut self.bytes)?;
        let owner = owner(read(&mut self.bytes)?);
        let start = self.start;
        self.start = start.saturating_add(lines);
        Some((start, self.start, owner))
    }
}

fn code(owner: Owner) -> u32 {
    match owner {
        Owner::Top => 0,
        Owner::Step(id) => id.0 * 2 + 1,
        Owner::Phase(id) => id.0 * 2 + 2,
    }
}

fn owner(code: u32) -> Owner {
    match code {
        0 => Owner::Top,
        code if code % 2 == 1 => Owner::Step(StepId(code / 2)),
        code => Owner::Phase(PhaseId(code / 2 - 1)),
    }
}

fn write(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn read(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0u32;
    for at in 0..5 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u32::from(first & 0x7f) << (7 * at);
        if first & 0x80 == 0 {
            break;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_keeps_its_owner_through_packing() {
        let owner_of = |line: u32| match line / 3 % 5 {
            0 => Owner::Top,
            1 => Owner::Phase(PhaseId(line % 2)),
            _ => Owner::Step(StepId(line / 3 * 7 % 90_000)),
        };
        let mut owners = Owners::default();
        for line in 0..5_000 {
            owners.push(LineNo::new(line), owner_of(line));
            assert_eq!(owners.of(LineNo::new(line)), owner_of(line));
        }
        for line in 0..5_000 {
            assert_eq!(owners.of(LineNo::new(line)), owner_of(line), "line {line}");
        }
        assert_eq!(owners.of(LineNo::new(5_000)), Owner::Top);
        let mut next = 0;
        for (range, owner) in owners.runs(0..5_000) {
            assert_eq!(range.start.index(), next);
            assert_eq!(owner, owner_of(next));
            next = range.end.index();
        }
        assert_eq!(next, 5_000);
    }
}
