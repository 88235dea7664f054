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
        // Whose a line is, is known only once it is understood.
        let known = if self.only.is_some() { log.derived() } else { u32::MAX };
        let upto = end.min(view.looked(log)).min(known);
        let seen = (upto, log.store().bytes(), search.total());
        if self.seen == Some(seen) {
            return false;
        }
        if self.judged > self.firm {
            // The last lines may have become another's context, or longer.
            self.truncate(self.firm);
        }
        let mut left = BATCH;
        for line in search.lines_in(self.judged..upto) {
            self.judged = line.index();
            if left == 0 {
                self.firm = self.firm.max(self.judged.min(view.settled(log)));
                return true;
            }
            left -= 1;
            if self.wants(line, log, view) {
                let matches = ranges(search.query(), log, view, line).len();
                self.picked.add(line, matches);
            }
        }
        self.judged = upto;
        let settled = upto.min(view.settled(log)).min(search.looked());
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, LazyLock};

    use proptest::prelude::*;

    use super::*;
    use crate::app::ItemNo;
    use crate::app::view::{Filter, Item, Sense, Test};
    use crate::diagnose::Rules;
    use crate::domain::Patch;
    use crate::search::{Budget, Options};

    const LINES: [&str; 8] = [
        "#1 [a 1/2] RUN one",
        "#1 0.1 one of one",
        "#2 [b 1/1] RUN two",
        "#2 0.1 two one",
        "one",
        "",
        "#1 DONE 0.5s",
        "#2 1.0 1one one",
    ];

    fn empty() -> Log {
        static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));
        Log::new(Arc::clone(&RULES))
    }

    fn query(expression: &str) -> Query {
        Query::compile(expression, Options::default())
    }

    /// Looks at all there is, in small slices.
    fn look(within: &mut Within, search: &mut Search, log: &Log, view: &mut View) {
        loop {
            let looking = view.advance(log, 7);
            let searching = search.advance(log.store(), Budget::bytes(5));
            let end = if searching { search.looked() } else { log.store().len() };
            let judging = within.advance(search, end, log, view);
            if !(looking || searching || judging) {
                return;
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        /// However the log arrives, the matches are those in the lines that
        /// are shown or lie in a fold, as far as they are to be seen.
        #[test]
        fn what_is_counted_is_what_is_shown(
            picks in prop::collection::vec(0..LINES.len(), 1..40),
            cuts in prop::collection::vec(1usize..6, 1..9),
            pattern in prop::sample::select(vec!["one", "^#", "o", "[12]"]),
            filters in 0u8..4,
            context in 0u32..3,
            scope in 0u8..3,
            fold in any::<bool>(),
            open in any::<bool>(),
            early in any::<bool>(),
        ) {
            let text: Vec<String> = picks.iter().map(|i| format!("{}\n", LINES[*i])).collect();
            let mut whole = empty();
            whole.apply(&Patch::text(text.concat()));
            whole.derive_all();
            let step = whole.tree().steps().first().map(|step| step.id());

            let mut log = empty();
            let mut view = View::default();
            view.change(|s, folds, list| {
                if let (Some(id), 1) = (step, scope) { *s = Scope::Step(id); }
                if fold { folds.toggle_all(); }
                list.context = context;
                let filter = |e: &str, sense| Filter::new(Test::Match(query(e)), sense);
                if filters & 1 > 0 { list.list.push(filter("two|DONE", Sense::Show)); }
                if filters & 2 > 0 { list.list.push(filter("RUN one", Sense::Hide)); }
            });
            let only = step.filter(|_| scope == 2);
            let mut search = Search::new(query(pattern));
            let mut within = Within::new(only, &view);
            let mut at = 0;
            for cut in cuts.iter().cycle() {
                if at >= text.len() { break; }
                let end = (at + cut).min(text.len());
                let mut part = text[at..end].concat();
                if open && end < text.len() { part.push_str(text[end].trim_end()); }
                log.apply(&Patch::text(part));
                if early { look(&mut within, &mut search, &log, &mut view); }
                log.derive_all();
                look(&mut within, &mut search, &log, &mut view);
                if open && end < text.len() {
                    log.apply(&Patch::text("\n"));
                    at = end + 1;
                } else {
                    at = end;
                }
            }
            log.derive_all();
            look(&mut within, &mut search, &log, &mut view);

            let shown = |line: LineNo| {
                (0..view.len(&log)).filter_map(|i| view.item(&log, ItemNo::new(i))).any(|item| {
                    matches!(item, Item::Line(at) | Item::Folded { line: at, .. } if at == line)
                })
            };
            let mut expected = 0;
            for index in 0..log.store().len() {
                let line = LineNo::new(index);
                let owner = log.tree().owner(line);
                let folded = matches!(owner, Owner::Step(id) if view.folds().is_folded(id))
                    && view.scope() == Scope::Log;
                let clean = log.store().text(line);
                let passes = !view.filters().active() || view.filters().pass(&log, line, &clean);
                let mine = only.is_none_or(|id| owner == Owner::Step(id));
                if mine && (shown(line) || folded && passes) {
                    expected += ranges(search.query(), &log, &view, line).len() as u64;
                }
            }
            prop_assert_eq!(within.picked.total(), expected);
            prop_assert!(within.is_complete(&log));
        }
    }
}
