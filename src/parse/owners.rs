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

/// The owners of all lines as runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Owners {
    /// Where each run begins, and whose it is; ascending, the first at 0.
    runs: Vec<(u32, Owner)>,
    /// Lines in all.
    len: u32,
}

impl Owners {
    /// Gives the lines up to and with `line` that have no owner yet to `owner`.
    pub(super) fn push(&mut self, line: LineNo, owner: Owner) {
        if line.index() < self.len {
            return;
        }
        if self.runs.last().is_none_or(|(_, last)| *last != owner) {
            self.runs.push((self.len, owner));
        }
        self.len = line.index().saturating_add(1);
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn memory(&self) -> usize {
        self.runs.capacity() * size_of::<(u32, Owner)>()
    }

    pub(super) fn of(&self, line: LineNo) -> Owner {
        if line.index() >= self.len {
            return Owner::Top;
        }
        let after = self.runs.partition_point(|(start, _)| *start <= line.index());
        after.checked_sub(1).and_then(|at| self.runs.get(at)).map_or(Owner::Top, |(_, o)| *o)
    }

    /// The runs that touch `lines`, in order.
    pub(super) fn runs(
        &self,
        lines: Range<u32>,
    ) -> impl Iterator<Item = (Range<LineNo>, Owner)> + '_ {
        let first = self.runs.partition_point(|(start, _)| *start <= lines.start).saturating_sub(1);
        let len = self.len;
        (first..self.runs.len())
            .filter_map(move |at| {
                let (start, owner) = *self.runs.get(at)?;
                let end = self.runs.get(at + 1).map_or(len, |(next, _)| *next);
                Some((start, end, owner))
            })
            .take_while(move |(start, ..)| *start < lines.end)
            .map(|(start, end, owner)| (LineNo::new(start)..LineNo::new(end), owner))
    }
}
