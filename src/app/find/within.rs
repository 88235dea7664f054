//! The matches among what is looked at: in a step, or in what filters let
//! through.

use std::ops::Range;

use crate::domain::LineNo;
use crate::log::Log;
use crate::parse::{Owner, StepId, payload};
use crate::search::{Picked, Query, Search};

use super::super::view::{Scope, View};

/// Matching lines that are judged at a time: a millisecond or two.
const BATCH: usize = 300;

/// The matches that count, picked as the search and the view go on.
#[derive(Debug, Default)]
pub(super) struct Within {
    pub(super) picked: Picked,
    /// The step that is searched, where only one is wanted.
    only: Option<StepId>,
    /// The view's version they were picked for.
    version: u64,
    /// Lines judged for good, and judged at all.
    firm: u32,
    judged: u32,
    /// What there was when all of it had been judged.
    seen: Option<(u32, u64, u64)>,
}

impl Within {
    pub(super) fn new(only: Option<StepId>, view: &View) -> Self {
        Self { only, version: view.version(), ..Self::default() }
    }

    /// Whether it still is about what is looked at now.
    pub(super) fn fits(&self, only: Option<StepId>, view: &View) -> bool {
        self.only == only && self.version == view.version()
    }

    /// Forgets lines from `keep` on.
    pub(super) fn truncate(&mut self, keep: u32) {
        self.firm = self.firm.min(keep);
        self.judged = self.judged.min(keep);
        self.picked.truncate(keep);
        self.seen = None;
    }

    /// Judges more of the lines that match; whether there are more at once.
    /// `end` is how far the search has looked.
    pub(super) fn advance(&mut self, search: &Search, end: u32, log: &Log, view: &View) -> bool {
        let upto = end.min(view.looked(log));
        let seen = (upto, log.store().bytes(), search.total());
        if self.seen == Some(seen) {
            return false;
        }
        if self.judged >= upto {
            // The last lines may have become another's context, or longer.
            self.truncate(self.firm);
        }
        let mut left = BATCH;
        for line in search.lines_in(self.judged..upto) {
            self.judged = line.index();
            if left == 0 {
                self.firm = self.firm.max(self.judged.min(upto.saturating_sub(view.context())));
                return true;
            }
            left -= 1;
            if self.wants(line, log, view) {
                let matches = ranges(search.query(), log, view, line).len();
                self.picked.add(line, matches);
            }
        }
        self.judged = upto;
        let settled = upto.saturating_sub(view.context()).min(search.looked());
        self.firm = self.firm.max(settled.min(log.store().complete()));
        self.seen = Some(seen);
        false
    }

    /// Whether all that the log has now has been judged.
    pub(super) fn is_complete(&self, log: &Log) -> bool {
        self.seen.is_some_and(|(upto, ..)| upto >= log.store().complete())
    }

    fn wants(&self, line: LineNo, log: &Log, view: &View) -> bool {
        let mine = self.only.is_none_or(|id| log.tree().owner(line) == Owner::Step(id));
        mine && view.admits(log, line)
    }
}

/// Where a line matches, as far as it is to be seen: a step that is looked at
/// alone is shown without the builder's prefixes.
pub(super) fn ranges(query: &Query, log: &Log, view: &View, line: LineNo) -> Vec<Range<usize>> {
    let text = log.store().text(line);
    let cut = match view.scope() {
        Scope::Step(_) => text.len() - payload(&text).1.len(),
        Scope::Log | Scope::Phase(_) => 0,
    };
    query.find_in(&text).filter(|range| range.end > cut).collect()
}
