//! The search against looking at every clean line.

use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::domain::{Missing, Patch, Piece};
use crate::store::{LONGEST_LINE, PIECE};

/// Every match there is, the naive way.
fn naive(store: &Store, query: &Query) -> Vec<Place> {
    (0..store.len())
        .map(LineNo::new)
        .flat_map(|line| {
            let text = store.text(line);
            let starts: Vec<_> = query.find_in(&text).map(|range| range.start).collect();
            starts.into_iter().map(move |byte| Place { line, byte })
        })
        .collect()
}

fn same(search: &Search, store: &Store) {
    let all = naive(store, search.query());
    let mut lines: Vec<LineNo> = all.iter().map(|place| place.line).collect();
    lines.dedup();
    assert_eq!(search.lines().collect::<Vec<_>>(), lines);
    assert_eq!(search.total(), all.len() as u64);
    // Some steps forwards and backwards; all of them would take too long.
    if let Some(first) = all.first() {
        assert_eq!(
            search.at_or_after(store, Place::default()).map(|hit| hit.place()),
            Some(*first)
        );
    }
    for i in (1..all.len()).step_by(all.len() / 20 + 1) {
        let step = |hit: Option<Hit>| hit.map(|hit| (hit.place(), hit.wrapped));
        assert_eq!(step(search.next(store, all[i - 1])), Some((all[i], false)));
        assert_eq!(step(search.prev(store, all[i])), Some((all[i - 1], false)));
        assert_eq!(search.ordinal(store, all[i]), Some(i as u64 + 1));
    }
    match (all.first(), all.last()) {
        (Some(first), Some(last)) => {
            let around = search.next(store, *last).unwrap();
            assert_eq!((around.place(), around.wrapped), (*first, true));
            let around = search.prev(store, *first).unwrap();
            assert_eq!((around.place(), around.wrapped), (*last, true));
        }
        _ => assert_eq!(search.next(store, Place::default()), None),
    }
}

fn logs() -> impl Strategy<Value = Vec<Patch>> {
    let text = prop_oneof![
        40 => proptest::sample::select(vec![
            "error: not found\n", "ok\n", "\n", "Error ERROR error\n", "x err", "or\n", "err\x1b[1mor\n",
            "\x1b[31merror\x1b[0m\n", "old error\rnew\n", "error\r\n", "é error ß\n", "\u{202e}error\n",
            "er\u{200b}ror\n", "erré\n", "\terror\n", "error", "--- 3 lines missing\n",
        ]).prop_map(|s| s.as_bytes().to_vec()),
        5 => Just(b"\xfferror\xfe\n".to_vec()),
        6 => (1usize..20, 1usize..200).prop_map(|(n, lines)| {
            format!("{}plain\n", "filler ".repeat(n)).repeat(lines).into_bytes()
        }),
        1 => (120_000usize..140_000).prop_map(|n| [vec![b'y'; n], b"error\n".to_vec()].concat()),
    ];
    let text = proptest::collection::vec(text, 0..8).prop_map(|texts| Piece::Text(texts.concat()));
    let piece = prop_oneof![4 => text, 1 => Just(Piece::Gap(Missing::Lines(3)))];
    let keep = prop_oneof![3 => Just(None), 1 => (0u32..40).prop_map(Some)];
    let patch = (keep, proptest::collection::vec(piece, 1..4))
        .prop_map(|(keep, append)| Patch { keep, append });
    proptest::collection::vec(patch, 1..4)
}

fn queries() -> impl Strategy<Value = Query> {
    let expression = proptest::sample::select(vec![
        "error",
        "Error",
        "err.r",
        "^err",
        "error$",
        r"\berror\b",
        r"[^x]rror",
        r"error\s*",
        "o*r",
        "missing",
        "␛",
        "U\\+202E",
        "er‹",
        "ERR(",
        "plain$",
        r"\Aok\z",
        "yerror",
        "é",
        "x?",
        "(?-i)error",
        "new|ok",
    ]);
    let options = (any::<bool>(), any::<bool>()).prop_map(|(word, literal)| Options {
        word,
        mode: if literal { Mode::Literal } else { Mode::Regex },
        case: Case::Smart,
    });
    (expression, options).prop_map(|(expression, options)| Query::compile(expression, options))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_search_finds_what_looking_at_every_line_finds(
        patches in logs(), query in queries(), slice in 1u64..200_000, finish: bool,
    ) {
        let mut store = Store::new();
        let mut search = Search::new(query);
        for patch in &patches {
            if let Some(keep) = patch.keep {
                search.truncate(keep);
            }
            store.apply(patch);
            while search.advance(&store, Budget::bytes(slice)) {}
            prop_assert_eq!(search.looked(), store.complete());
        }
        if finish {
            store.finish();
            while search.advance(&store, Budget::bytes(slice)) {}
        }
        same(&search, &store);
    }
}

/// What a log of several pieces is made of.
#[derive(Clone, Debug)]
enum Part {
    /// A line with something in it to be found.
    Line(&'static [u8]),
    /// Plain lines up to so many bytes from the next border of two pieces.
    Border(i64),
    /// A line of so many bytes, and what it ends with.
    Long(usize, &'static [u8]),
}

fn large_logs() -> impl Strategy<Value = Vec<u8>> {
    const LINES: [&[u8]; 10] = [
        b"#1 0.1 error: not found\n",
        b"\n",
        b"\x1b[31mer\x1b[1mror\x1b[0m\n",
        b"old error\rnew error\n",
        b"error\r\n",
        "漢字 error 👩\u{200d}🔧 error\n".as_bytes(),
        b"\xfferror\xfe\n",
        b"ERROR plain\n",
        b"err\nor\n",
        b"error error error\n",
    ];
    let line = proptest::sample::select(&LINES[..]);
    let part = prop_oneof![
        12 => line.clone().prop_map(Part::Line),
        6 => (-30i64..4).prop_map(Part::Border),
        1 => (PIECE as usize / 2..3 * PIECE as usize, line.clone())
            .prop_map(|(bytes, end)| Part::Long(bytes, end)),
        1 => (LONGEST_LINE - 20..LONGEST_LINE + 20, line).prop_map(|(bytes, end)| Part::Long(bytes, end)),
    ];
    proptest::collection::vec(part, 1..24).prop_map(|parts| {
        let mut log = Vec::new();
        for part in parts {
            match part {
                Part::Line(line) => log.extend_from_slice(line),
                Part::Long(bytes, end) => {
                    log.resize(log.len() + bytes, b'y');
                    log.extend_from_slice(end);
                }
                Part::Border(distance) => {
                    let next = (log.len() as u64 / PIECE + 1) * PIECE;
                    let stop = next.saturating_add_signed(distance).max(log.len() as u64) as usize;
                    while log.len() + 100 < stop {
                        log.extend_from_slice(&[b'x'; 90]);
                        log.push(b'\n');
                    }
                    log.resize(stop, b'x');
                }
            }
        }
        log
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn matches_at_the_borders_of_pieces_are_found_once(
        log in large_logs(), query in queries(), in_file: bool, slice in prop_oneof![Just(u64::MAX), 1u64..2_000_000],
    ) {
        let mut store = if in_file {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&log).unwrap();
            let mut store = Store::open_file(file);
            while store.index_more(1 << 20).unwrap() {}
            store
        } else {
            let mut store = Store::new();
            store.extend(&log);
            store
        };
        store.finish();
        let mut search = Search::new(query);
        while search.advance(&store, Budget::bytes(slice)) {}
        prop_assert_eq!(search.looked(), store.len());
        same(&search, &store);
    }
}

#[test]
fn a_search_that_takes_its_time_goes_on_where_it_was() {
    let mut store = Store::new();
    store.extend("a needle\nhay\n".repeat(900_000).as_bytes());
    let mut search = Search::new(Query::compile("needle", Options::default()));
    let slice = Budget { bytes: u64::MAX, time: Duration::ZERO };
    let mut slices = 1;
    while search.advance(&store, slice) {
        slices += 1;
    }
    assert!(slices > 2, "{slices}");
    assert_eq!((search.total(), search.looked()), (900_000, 1_800_000));
}

#[test]
fn a_match_is_found_where_it_lies_in_a_file() {
    let mut file = tempfile::tempfile().unwrap();
    for i in 0..60_000 {
        let colour = if i % 1000 == 0 { "\x1b[1m" } else { "" };
        writeln!(file, "#7 {i}.1 Downloading pack{colour}age-{i} (1.2 MB)").unwrap();
    }
    let mut store = Store::open_file(file);
    while store.index_more(1 << 20).unwrap() {}
    for (expression, line) in [("package-59999 ", 59_999), ("package-59000 ", 59_000)] {
        let mut search = Search::new(Query::compile(expression, Options::default()));
        assert!(!search.advance(&store, Budget::ALL));
        assert_eq!(search.lines().collect::<Vec<_>>(), [LineNo::new(line)]);
    }
}

#[test]
fn a_file_that_shrinks_does_not_hold_the_search_up() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all("needle\n".repeat(100_000).as_bytes()).unwrap();
    let mut store = Store::open_file(file.try_clone().unwrap());
    while store.index_more(1 << 20).unwrap() {}
    file.set_len(70).unwrap();
    let mut search = Search::new(Query::compile("needle", Options::default()));
    assert!(!search.advance(&store, Budget::ALL));
    assert_eq!(search.looked(), 100_000);
    assert_eq!(search.total(), 10);
    assert_eq!(search.ordinal(&store, Place { line: LineNo::new(3), byte: 0 }), Some(4));
}

#[test]
fn nothing_is_looked_at_twice() {
    let mut store = Store::new();
    store.extend(b"needle\nneed");
    let mut search = Search::new(Query::compile("need", Options::default()));
    assert!(!search.advance(&store, Budget::ALL));
    assert_eq!((search.total(), search.line_count(), search.looked()), (2, 2, 1));
    store.extend(b"s more need\n");
    assert!(!search.advance(&store, Budget::ALL));
    assert_eq!((search.total(), search.line_count(), search.looked()), (3, 2, 2));
    assert!(search.has(LineNo::new(1)) && !search.has(LineNo::new(2)));
    search.truncate(1);
    store.truncate(1);
    assert_eq!(search.total(), 1);
    assert!(!search.advance(&store, Budget::ALL));
    assert_eq!(search.total(), 1);
}
