use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::*;
use crate::diagnose::Rules;
use crate::domain::Patch;
use crate::search::{Options, Query};

/// Two stages whose lines interleave.
const LOG: &str = "\
#0 building
#1 [a 1/2] RUN one
#1 0.100 first of one
#2 [b 1/1] RUN two
#2 0.100 first of two
#1 0.200 second of one
#2 0.300 second of two
#2 DONE 0.4s
#1 DONE 0.5s
#3 [a 2/2] COPY . .
#3 DONE 0.0s
";

fn empty() -> Log {
    static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));
    Log::new(Arc::clone(&RULES))
}

fn log(text: &str) -> Log {
    let mut log = empty();
    log.apply(&Patch::text(text));
    log.derive_all();
    log
}

fn shown(view: &View, log: &Log) -> Vec<String> {
    (0..view.len(log))
        .map(|at| match view.item(log, ItemNo::new(at)) {
            Some(Item::Line(line)) => log.store().text(line),
            Some(Item::Folded { step, line }) => {
                format!("+{} {}", view.folded_lines(step), log.store().text(line))
            }
            Some(Item::Hidden { lines, .. }) => format!("({lines})"),
            None => "nothing".to_owned(),
        })
        .collect()
}

fn filter(expression: &str, sense: Sense) -> Filter {
    let query = Query::compile(expression, Options::default());
    Filter::new(Test::Match(query), sense)
}

fn made(log: &Log, change: impl FnOnce(&mut Scope, &mut Folds, &mut Filters)) -> View {
    let mut view = View::default();
    view.change(change);
    while view.advance(log, 1) {}
    view
}

#[test]
fn the_whole_log_needs_no_list() {
    let log = log(LOG);
    let view = View::default();
    assert!(view.is_whole());
    assert_eq!(view.len(&log), log.store().len());
    assert_eq!(view.find(&log, LineNo::new(7)), Some(ItemNo::new(7)));
}

#[test]
fn one_step_is_shown_without_the_others() {
    let log = log(LOG);
    let id = log.tree().steps()[0].id();
    let view = made(&log, |scope, _, _| *scope = Scope::Step(id));
    assert_eq!(
        shown(&view, &log),
        ["#1 [a 1/2] RUN one", "#1 0.100 first of one", "#1 0.200 second of one", "#1 DONE 0.5s"]
    );
    assert_eq!(view.find(&log, LineNo::new(4)), None);
    assert_eq!(view.nearest(&log, LineNo::new(4)), ItemNo::new(2));
}

#[test]
fn a_folded_step_is_one_row_that_says_what_it_hides() {
    let log = log(LOG);
    let id = log.tree().steps()[0].id();
    let view = made(&log, |_, folds, _| folds.toggle(id));
    assert_eq!(
        shown(&view, &log),
        [
            "#0 building",
            "+3 #1 [a 1/2] RUN one",
            "#2 [b 1/1] RUN two",
            "#2 0.100 first of two",
            "#2 0.300 second of two",
            "#2 DONE 0.4s",
            "#3 [a 2/2] COPY . .",
            "#3 DONE 0.0s",
        ]
    );
    // What it hides is where its row is.
    assert_eq!(view.nearest(&log, LineNo::new(5)), ItemNo::new(1));
    assert_eq!(view.find(&log, LineNo::new(5)), None);
    let all = made(&log, |_, folds, _| folds.toggle_all());
    assert_eq!(
        shown(&all, &log),
        ["#0 building", "+3 #1 [a 1/2] RUN one", "+3 #2 [b 1/1] RUN two", "+1 #3 [a 2/2] COPY . ."]
    );
}

#[test]
fn filters_show_context_and_count_what_they_hide() {
    let log = log(LOG);
    let of = |context, list: Vec<Filter>| {
        let view = made(&log, |_, _, filters| *filters = Filters { list, context });
        shown(&view, &log)
    };
    assert_eq!(
        of(0, vec![filter("second", Sense::Show)]),
        ["(5)", "#1 0.200 second of one", "#2 0.300 second of two", "(4)"]
    );
    assert_eq!(
        of(1, vec![filter("COPY", Sense::Show)]),
        ["(8)", "#1 DONE 0.5s", "#3 [a 2/2] COPY . .", "#3 DONE 0.0s"]
    );
    assert_eq!(
        of(0, vec![filter("^#1", Sense::Show), filter("second", Sense::Hide)]),
        ["(1)", "#1 [a 1/2] RUN one", "#1 0.100 first of one", "(5)", "#1 DONE 0.5s", "(2)"]
    );
    // What is hidden on purpose is no context, nor does it count as any.
    assert_eq!(
        of(1, vec![filter("second of one", Sense::Show), filter("first|two", Sense::Hide)]),
        [
            "(1)",
            "#1 [a 1/2] RUN one",
            "(3)",
            "#1 0.200 second of one",
            "(1)",
            "#2 DONE 0.4s",
            "(3)"
        ]
    );
    let rest = of(0, vec![filter("DONE", Sense::Hide)]);
    assert_eq!(of(2, vec![filter("DONE", Sense::Hide)]), rest);
    assert_eq!(of(0, vec![filter("nowhere", Sense::Show)]), ["(11)"]);
    let mut off = filter("second", Sense::Show);
    off.on = false;
    assert!(made(&log, |_, _, filters| filters.list = vec![off]).is_whole());
}

#[test]
fn a_repaired_log_is_looked_at_again() {
    let mut log = log(LOG);
    let mut view = made(&log, |_, _, filters| filters.list = vec![filter("two", Sense::Show)]);
    assert_eq!(shown(&view, &log).len(), 6);
    log.apply(&Patch { keep: Some(3), append: vec![crate::domain::Piece::Text("two\n".into())] });
    log.derive_all();
    while view.advance(&log, u64::MAX) {}
    assert_eq!(shown(&view, &log), ["(3)", "two"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// However the log arrives and however it is looked at, the same is shown,
    /// every line once at most, in order, and nothing uncounted.
    #[test]
    fn any_batching_shows_the_same(
        picks in prop::collection::vec(0usize..11, 0..60),
        cuts in prop::collection::vec(1usize..9, 1..20),
        folded in prop::collection::btree_set(0usize..4, 0..4),
        context in 0u32..4,
        which in 0u8..4,
    ) {
        let lines: Vec<&str> = LOG.lines().collect();
        let text: String = picks.iter().map(|i| format!("{}\n", lines[*i])).collect();
        let change = |log: &Log| {
            let ids: Vec<_> = folded.iter().filter_map(|i| log.tree().steps().get(*i)).map(|s| s.id()).collect();
            move |_: &mut Scope, folds: &mut Folds, filters: &mut Filters| {
                ids.iter().for_each(|id| folds.toggle(*id));
                filters.context = context;
                if which & 1 > 0 { filters.list.push(filter("first|DONE", Sense::Show)); }
                if which & 2 > 0 { filters.list.push(filter("two", Sense::Hide)); }
            }
        };
        let whole = log(&text);
        let once = made(&whole, change(&whole));

        let mut grown = empty();
        let mut view = View::default();
        view.change(change(&whole));
        let mut at = 0;
        for cut in cuts.iter().cycle() {
            if at >= picks.len() { break; }
            let end = (at + cut).min(picks.len());
            let part: String = picks[at..end].iter().map(|i| format!("{}\n", lines[*i])).collect();
            grown.apply(&Patch::text(part));
            grown.derive_all();
            while view.advance(&grown, 1) {}
            at = end;
        }
        prop_assert_eq!(shown(&view, &grown), shown(&once, &whole));

        let mut counted = 0;
        let mut last = None;
        for at in 0..once.len(&whole) {
            let item = once.item(&whole, ItemNo::new(at)).unwrap();
            prop_assert!(last < Some(item.line()));
            last = Some(item.line());
            prop_assert_eq!(once.nearest(&whole, item.line()), ItemNo::new(at));
            counted += match item {
                Item::Line(_) => 1,
                Item::Folded { step, .. } => once.folded_lines(step) + 1,
                Item::Hidden { lines, .. } => lines,
            };
        }
        // A fold whose first line came with a filter's run is counted too.
        prop_assert_eq!(counted, whole.store().len());
    }
}
