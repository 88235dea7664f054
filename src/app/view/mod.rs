//! What of a log is shown, in order: all of it, one step's lines, what filters
//! let through, folded steps as one row each.
//!
//! ```text
//!   lines of the log ──► scope (all, a step, a phase) ──► folds ──► filters
//!                                                                      │
//!   items of the pane ◄── segments: lines in a row │ a fold │ a hidden run
//! ```
//!
//! Where filters pick lines out, nothing is folded: a fold would hide what they
//! are for, and show what they aren't.
//!
//! As long as all of the log is shown there are no segments and an item is a
//! line. Otherwise a list of segments stands in between, made once and
//! continued as the log grows, in slices: filtering a million lines takes a
//! while and must not keep a key waiting.

mod filter;
mod shown;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};

use crate::domain::LineNo;
use crate::log::Log;
use crate::parse::{Owner, PhaseId, StepId};
use crate::text;

use super::scroll::ItemNo;

use shown::{Kind, Shown};

pub use filter::{Filter, Filters, Sense, Test};

/// The part of the log that is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    #[default]
    Log,
    /// The lines of one step, without what others print in between.
    Step(StepId),
    /// A phase, from its first line to its last.
    Phase(PhaseId),
}

/// Something shown in the pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A line.
    Line(LineNo),
    /// A step of which only the first line is shown.
    Folded {
        /// The step.
        step: StepId,
        /// Its first line.
        line: LineNo,
    },
    /// Lines that filters hide.
    Hidden {
        /// The first of them.
        first: LineNo,
        /// How many they are.
        lines: u32,
    },
}

impl Item {
    /// The line it stands for: its own, or the first of those it stands for.
    pub fn line(self) -> LineNo {
        match self {
            Self::Line(line) | Self::Folded { line, .. } => line,
            Self::Hidden { first, .. } => first,
        }
    }
}

/// Which steps are folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// Whether a step is folded unless it is an exception.
    all: bool,
    except: BTreeSet<StepId>,
}

impl Folds {
    /// Whether a step is folded.
    pub fn is_folded(&self, step: StepId) -> bool {
        self.all != self.except.contains(&step)
    }

    /// Whether any step can be folded.
    pub fn any(&self) -> bool {
        self.all || !self.except.is_empty()
    }

    /// Folds a step, or unfolds it.
    pub fn toggle(&mut self, step: StepId) {
        if !self.except.remove(&step) {
            self.except.insert(step);
        }
    }

    /// Folds all steps, those to come as well; or unfolds all.
    pub fn toggle_all(&mut self) {
        *self = Self { all: !self.any(), except: BTreeSet::new() };
    }
}

/// What of a log is shown.
#[derive(Debug, Default)]
pub struct View {
    scope: Scope,
    folds: Folds,
    filters: Filters,
    /// `None` when an item is a line.
    shown: Option<Shown>,
    /// How often what is shown has been made anew.
    version: u64,
}

/// Segments that are counted at most for what is said about a selection.
const COUNTED: usize = 4096;

impl View {
    /// The part of the log that is looked at.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Which steps are folded.
    pub fn folds(&self) -> &Folds {
        &self.folds
    }

    /// The filters.
    pub fn filters(&self) -> &Filters {
        &self.filters
    }

    /// Whether every line of the log is shown.
    pub fn is_whole(&self) -> bool {
        self.shown.is_none()
    }

    /// Lines of a folded step that its fold hides.
    pub fn folded_lines(&self, step: StepId) -> u32 {
        let shown = self.shown.as_ref().and_then(|shown| shown.folded.get(&step));
        shown.map_or(0, |lines| lines.saturating_sub(1))
    }

    /// Changes what is shown. The caller then calls [`View::advance`].
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Scope, &mut Folds, &mut Filters)) {
        change(&mut self.scope, &mut self.folds, &mut self.filters);
        let needed = self.scope != Scope::Log || self.folding() || self.filters.active();
        self.shown = needed.then(Shown::default);
        self.version += 1;
    }

    /// A number that grows whenever what is shown is made anew; merely going on
    /// with a log that grows doesn't count.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How much of the log has been looked at for good, in lines: whether the
    /// last ones are shown may depend on what follows.
    pub fn settled(&self, log: &Log) -> u32 {
        let Some(shown) = &self.shown else { return log.store().len() };
        shown.before.front().map_or(shown.taken, |before| before.line)
    }

    /// Whether a line that has been looked at is shown, or would be if no step
    /// were folded.
    pub fn admits(&self, log: &Log, line: LineNo) -> bool {
        if self.find(log, line).is_some() {
            return true;
        }
        let folded = self.folding()
            && matches!(log.tree().owner(line), Owner::Step(id) if self.folds.is_folded(id));
        folded && (!self.filters.active() || self.filters.pass(log, line, &log.store().text(line)))
    }

    /// Whether steps are shown folded: not where only one is looked at.
    fn folding(&self) -> bool {
        self.folds.any() && self.scope == Scope::Log && !self.filters.pick()
    }

    /// Looks at more of the log, about `budget` bytes where text has to be
    /// read; whether there is more to look at now.
    pub fn advance(&mut self, log: &Log, budget: u64) -> bool {
        let folding = self.folding();
        let Self { scope, folds, filters, shown: Some(shown), version } = self else {
            return false;
        };
        let end = log.derived();
        if shown.generation != log.generation() || shown.taken > end {
            // It was looked at before, unless it has just been made.
            *version += u64::from(shown.taken > 0);
            *shown = Shown::of(log.generation());
        }
        let filtering = filters.active();
        let (mut left, mut scratch) = (budget, String::new());
        let mut bounds = shown.taken..end;
        match *scope {
            Scope::Log => {}
            Scope::Step(id) => {
                clip(&mut bounds, log.tree().step(id).map(|s| (s.first_line(), s.last_line())))
            }
            Scope::Phase(id) => {
                clip(&mut bounds, log.tree().phase(id).map(|p| (p.first_line, p.last_line)))
            }
        }
        for (lines, owner) in log.tree().runs_in(bounds) {
            if let Scope::Step(id) = *scope
                && owner != Owner::Step(id)
            {
                shown.taken = lines.end.index();
                continue;
            }
            let lines = lines.start.index()..lines.end.index();
            if folding
                && let Owner::Step(id) = owner
                && folds.is_folded(id)
            {
                let first =
                    log.tree().step(id).is_some_and(|s| s.first_line().index() == lines.start);
                if first {
                    shown.settle_hidden();
                    shown.push(lines.start, Kind::Fold(id));
                }
                *shown.folded.entry(id).or_default() += lines.end - lines.start;
                shown.taken = lines.end;
                continue;
            }
            if !filtering {
                shown.run(lines.clone());
                shown.taken = lines.end;
                continue;
            }
            let range = LineNo::new(lines.start)..LineNo::new(lines.end);
            let stopped = log.store().for_each(range, |line, raw| {
                let clean = text::clean(raw, &mut scratch);
                let verdict = filters.verdict(log, line, clean);
                shown.judge(line.index(), verdict, filters.context);
                shown.taken = line.index() + 1;
                left = left.saturating_sub(raw.len() as u64 + 1);
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            if stopped.is_break() && shown.taken < end {
                return true;
            }
        }
        // What lies outside of the scope has been looked at as well.
        shown.taken = end;
        false
    }

    /// How much of the log has been looked at, in lines.
    pub fn looked(&self, log: &Log) -> u32 {
        self.shown.as_ref().map_or(log.store().len(), |shown| shown.taken)
    }

    /// How many items there are.
    pub fn len(&self, log: &Log) -> u32 {
        let Some(shown) = &self.shown else { return log.store().len() };
        shown.items + u32::from(shown.tail_hidden() > 0) + self.tail(log, shown)
    }

    /// Lines at the end that aren't understood yet and are shown all the same:
    /// when steps are folded, but not when lines are picked out.
    fn tail(&self, log: &Log, shown: &Shown) -> u32 {
        if self.scope != Scope::Log || self.filters.active() {
            return 0;
        }
        log.store().len().saturating_sub(shown.taken)
    }

    /// What is shown at a position; `None` past the end.
    pub fn item(&self, log: &Log, at: ItemNo) -> Option<Item> {
        let index = at.index();
        let Some(shown) = &self.shown else {
            return (index < log.store().len()).then(|| Item::Line(LineNo::new(index)));
        };
        if index < shown.items {
            let at = shown.segments.partition_point(|s| s.item <= index).checked_sub(1)?;
            let segment = shown.segments.get(at)?;
            return Some(match segment.kind {
                Kind::Lines => Item::Line(LineNo::new(segment.line + (index - segment.item))),
                Kind::Fold(step) => Item::Folded { step, line: LineNo::new(segment.line) },
                Kind::Hidden(lines) => Item::Hidden { first: LineNo::new(segment.line), lines },
            });
        }
        let past = index - shown.items;
        let hidden = shown.tail_hidden();
        if hidden > 0 {
            let first = LineNo::new(shown.tail_first());
            return (past == 0).then_some(Item::Hidden { first, lines: hidden });
        }
        (past < self.tail(log, shown)).then(|| Item::Line(LineNo::new(shown.taken + past)))
    }

    /// How many lines are shown of those that have been looked at, a folded
    /// step's first among them; `None` where no filter picks them, and no step.
    pub fn passing(&self) -> Option<u64> {
        let picks = self.filters.active() || self.scope != Scope::Log;
        let shown = self.shown.as_ref().filter(|_| picks)?;
        Some(u64::from(shown.lines) + shown.folded.len() as u64)
    }

    /// How many lines the items from one to another stand for, as they are
    /// copied: a hidden run for none, a fold for all its lines. `None` where
    /// that takes too long to tell with every frame.
    pub fn count(&self, first: ItemNo, last: ItemNo) -> Option<u64> {
        let items = u64::from(last.index().saturating_sub(first.index())) + 1;
        let Some(shown) = &self.shown else { return Some(items) };
        let from = shown.segments.partition_point(|s| s.item <= first.index()).saturating_sub(1);
        let within = shown.segments.get(from..).unwrap_or_default();
        let end = within.partition_point(|s| s.item <= last.index());
        if end > COUNTED {
            return None;
        }
        let more = within.iter().take(end).map(|segment| match segment.kind {
            Kind::Lines => 0,
            _ if segment.item < first.index() => 0,
            Kind::Hidden(_) => -1,
            Kind::Fold(step) => i64::from(self.folded_lines(step)),
        });
        let mut lines = items.saturating_add_signed(more.sum());
        // The hidden run at the end is no segment yet.
        if (first.index()..=last.index()).contains(&shown.items) && shown.tail_hidden() > 0 {
            lines = lines.saturating_sub(1);
        }
        Some(lines)
    }

    /// Whether filters hide every line that there is.
    pub fn shows_none(&self, log: &Log) -> bool {
        let looked = self.looked(log) >= log.store().complete();
        let only = || matches!(self.item(log, ItemNo::FIRST), Some(Item::Hidden { .. }));
        looked && self.len(log) == 1 && only()
    }

    /// Where a line is shown; where it is not, what stands for it or comes
    /// nearest.
    pub fn nearest(&self, log: &Log, line: LineNo) -> ItemNo {
        let Some(shown) = &self.shown else { return ItemNo::new(line.index()) };
        let last = ItemNo::new(self.len(log).saturating_sub(1));
        if line.index() >= shown.taken && self.tail(log, shown) > 0 {
            return ItemNo::new(shown.items + (line.index() - shown.taken)).min(last);
        }
        let line = match (self.folding(), log.tree().owner(line)) {
            (true, Owner::Step(id)) if self.folds.is_folded(id) => {
                log.tree().step(id).map_or(line, |step| step.first_line())
            }
            _ => line,
        };
        shown.at(line.index()).min(last)
    }

    /// Where a line is shown as itself (a folded step's first line counts);
    /// `None` where it is not.
    pub fn find(&self, log: &Log, line: LineNo) -> Option<ItemNo> {
        let at = self.nearest(log, line);
        match self.item(log, at)? {
            Item::Line(shown) | Item::Folded { line: shown, .. } => (shown == line).then_some(at),
            Item::Hidden { .. } => None,
        }
    }
}

fn clip(bounds: &mut Range<u32>, lines: Option<(LineNo, LineNo)>) {
    let Some((first, last)) = lines else {
        bounds.end = bounds.start;
        return;
    };
    bounds.start = bounds.start.max(first.index());
    bounds.end = bounds.end.min(last.index().saturating_add(1)).max(bounds.start);
}
