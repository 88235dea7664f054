//! What is shown of a log, as far as it has been looked at: segments of items,
//! and the lines at the end of which it depends on what follows.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use crate::app::scroll::ItemNo;
use crate::parse::StepId;

use super::filter::Verdict;

/// Items in a row of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    /// Its first item.
    pub(super) item: u32,
    /// The line of that item.
    pub(super) line: u32,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One item a line, up to the next segment's first item.
    Lines,
    /// One item.
    Fold(StepId),
    /// One item for so many lines.
    Hidden(u32),
}

/// A line that the next hit may show as its context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    pub(super) line: u32,
    /// Lines right after it that no hit shows: how many, and the first.
    hidden: u32,
    hidden_first: u32,
}

/// The segments so far, and what is not decided yet at their end.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) segments: Vec<Segment>,
    /// Items in the segments.
    pub(super) items: u32,
    /// Lines shown as themselves.
    pub(super) lines: u32,
    /// Lines looked at.
    pub(super) taken: u32,
    /// The log's generation they were looked at in.
    pub(super) generation: u64,
    /// Hidden lines at the end: how many, and the first.
    hidden: u32,
    hidden_first: u32,
    /// The last hidden ones, which the next hit may show as its context.
    pub(super) before: VecDeque<Before>,
    /// How many lines after the last hit are still its context.
    after: u32,
    /// Lines of each folded step, its first one included.
    pub(super) folded: BTreeMap<StepId, u32>,
}

impl Shown {
    /// Nothing so far, of a log in that generation.
    pub(super) fn of(generation: u64) -> Self {
        Self { generation, ..Self::default() }
    }

    /// Adds one item.
    pub(super) fn push(&mut self, line: u32, kind: Kind) {
        self.segments.push(Segment { item: self.items, line, kind });
        self.items += 1;
    }

    /// Adds lines in a row.
    pub(super) fn run(&mut self, lines: Range<u32>) {
        if lines.is_empty() {
            return;
        }
        let goes_on = self.segments.last().is_some_and(|segment| {
            segment.kind == Kind::Lines && segment.line + (self.items - segment.item) == lines.start
        });
        if !goes_on {
            self.segments.push(Segment { item: self.items, line: lines.start, kind: Kind::Lines });
        }
        self.items += lines.end - lines.start;
        self.lines += lines.end - lines.start;
    }

    /// Takes a line that filters have judged.
    pub(super) fn judge(&mut self, line: u32, verdict: Verdict, context: u32) {
        match verdict {
            Verdict::Shown => {
                self.end_run();
                for before in std::mem::take(&mut self.before) {
                    self.run(before.line..before.line + 1);
                    if before.hidden > 0 {
                        self.push(before.hidden_first, Kind::Hidden(before.hidden));
                    }
                }
                self.run(line..line + 1);
                self.after = context;
            }
            Verdict::Around if self.after > 0 => {
                self.end_run();
                self.after -= 1;
                self.run(line..line + 1);
            }
            Verdict::Around => {
                self.before.push_back(Before { line, hidden: 0, hidden_first: 0 });
                if self.before.len() > context as usize {
                    self.hide_oldest();
                }
            }
            Verdict::Hidden => match self.before.back_mut() {
                Some(before) => {
                    if before.hidden == 0 {
                        before.hidden_first = line;
                    }
                    before.hidden += 1;
                }
                None => self.hide(line, 1),
            },
        }
    }

    /// Hides lines in a row.
    fn hide(&mut self, first: u32, lines: u32) {
        if self.hidden == 0 {
            self.hidden_first = first;
        }
        self.hidden += lines;
    }

    fn hide_oldest(&mut self) {
        if let Some(oldest) = self.before.pop_front() {
            self.hide(oldest.line, 1 + oldest.hidden);
        }
    }

    /// Ends the hidden run: a line follows.
    fn end_run(&mut self) {
        if self.hidden > 0 {
            let (first, hidden) = (self.hidden_first, self.hidden);
            self.push(first, Kind::Hidden(hidden));
            self.hidden = 0;
        }
    }

    /// Ends the hidden run and what may be context: something else follows.
    pub(super) fn settle_hidden(&mut self) {
        while !self.before.is_empty() {
            self.hide_oldest();
        }
        self.end_run();
        self.after = 0;
    }

    pub(super) fn tail_hidden(&self) -> u32 {
        self.hidden + self.before.iter().map(|before| 1 + before.hidden).sum::<u32>()
    }

    pub(super) fn tail_first(&self) -> u32 {
        if self.hidden > 0 {
            return self.hidden_first;
        }
        self.before.front().map_or(0, |before| before.line)
    }

    /// The item that shows a line or comes nearest to it.
    pub(super) fn at(&self, line: u32) -> ItemNo {
        if self.tail_hidden() > 0 && line >= self.tail_first() {
            return ItemNo::new(self.items);
        }
        let at = self.segments.partition_point(|s| s.line <= line);
        let Some(segment) = at.checked_sub(1).and_then(|at| self.segments.get(at)) else {
            return ItemNo::FIRST;
        };
        let next = self.segments.get(at).map_or(self.items, |s| s.item);
        let into = line - segment.line;
        match segment.kind {
            Kind::Lines if into < next - segment.item => ItemNo::new(segment.item + into),
            Kind::Hidden(lines) if into < lines => ItemNo::new(segment.item),
            Kind::Fold(_) if into == 0 => ItemNo::new(segment.item),
            // Between this one and the next.
            _ => ItemNo::new(next.min(self.items.saturating_sub(1))),
        }
    }
}
