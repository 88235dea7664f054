//! However a log arrives, it is the same log: the same lines, steps, findings
//! and matches for any batching of the same bytes.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use buildcat::diagnose::Rules;
use buildcat::domain::{LineNo, Patch};
use buildcat::log::Log;
use buildcat::parse::report;
use buildcat::search::{Budget, Options, Query, Search};
use proptest::prelude::*;

static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));

static CORPUS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut logs: Vec<(String, Vec<u8>)> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "log"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect();
    logs.sort();
    logs
});

/// All that is derived from a log, as one text.
fn all_of(log: &Log, search: &Search) -> String {
    let store = log.store();
    let number = |line| store.number(line);
    let lines: Vec<String> = (0..store.len()).map(|line| store.text(LineNo::new(line))).collect();
    format!(
        "{}\n{:#}\n{:#}\n{:?}\n{:?}\n{} {:?}",
        lines.join("\n"),
        report::json(log.tree(), &number, None),
        log.diagnosis().to_json(&number),
        log.failure_lines(),
        log.warning_lines(),
        search.total(),
        search.lines().collect::<Vec<_>>(),
    )
}

fn search() -> Search {
    Search::new(Query::compile("err|fail", Options::default()))
}

fn at_once(bytes: &[u8]) -> String {
    let mut log = Log::new(Arc::clone(&RULES));
    log.apply(&Patch::text(bytes));
    log.end();
    log.derive_all();
    let mut search = search();
    while search.advance(log.store(), Budget::ALL) {}
    all_of(&log, &search)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_batching_gives_the_same_log(
        pick in any::<prop::sample::Index>(),
        sizes in prop::collection::vec(1usize..3000, 1..40),
        budget in 1u64..5000,
    ) {
        let (name, bytes) = pick.get(&CORPUS);
        let mut log = Log::new(Arc::clone(&RULES));
        let mut search = search();
        let mut rest = bytes.as_slice();
        for size in sizes.iter().cycle() {
            let (batch, tail) = rest.split_at((*size).min(rest.len()));
            rest = tail;
            log.apply(&Patch::text(batch));
            // Not everything is derived before the next batch arrives.
            log.derive(budget);
            search.advance(log.store(), Budget::bytes(budget));
            if rest.is_empty() {
                break;
            }
        }
        log.end();
        log.derive_all();
        while search.advance(log.store(), Budget::bytes(budget)) {}
        prop_assert_eq!(all_of(&log, &search), at_once(bytes), "{}", name);
    }
}

#[test]
fn a_log_reads_the_same_from_its_file() {
    for (name, bytes) in CORPUS.iter() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name);
        let mut log = Log::open(&path, Arc::clone(&RULES)).unwrap();
        log.derive_all();
        log.end();
        log.derive_all();
        let mut search = search();
        while search.advance(log.store(), Budget::ALL) {}
        assert_eq!(all_of(&log, &search), at_once(bytes), "{name}");
    }
}
