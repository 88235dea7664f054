//! The store against a plain list of lines, wherever the text lies.

use std::io::{Seek, Write};

use proptest::prelude::*;

use super::*;

/// What a store is to be: the naive way.
#[derive(Clone, Debug, Default)]
struct Model {
    rows: Vec<Row>,
    open: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Row {
    Line(Vec<u8>),
    Gap(Missing),
}

impl Model {
    fn apply(&mut self, patch: &Patch) {
        if let Some(keep) = patch.keep
            && (keep as usize) < self.rows.len()
        {
            self.rows.truncate(keep as usize);
            self.open = false;
        }
        for piece in &patch.append {
            match piece {
                Piece::Text(bytes) => {
                    for line in bytes.split_inclusive(|&b| b == b'\n') {
                        if !self.open {
                            self.rows.push(Row::Line(Vec::new()));
                        }
                        let Some(Row::Line(last)) = self.rows.last_mut() else { unreachable!() };
                        last.extend(line.strip_suffix(b"\n").unwrap_or(line));
                        self.open = !line.ends_with(b"\n");
                    }
                }
                Piece::Gap(missing) => {
                    self.rows.push(Row::Gap(*missing));
                    self.open = false;
                }
            }
        }
    }

    fn number(&self, position: usize) -> u64 {
        1 + self.rows[..position]
            .iter()
            .map(|row| match row {
                Row::Line(_) => 1,
                Row::Gap(Missing::Lines(n)) => *n,
                Row::Gap(Missing::Unknown) => 0,
            })
            .sum::<u64>()
    }
}

fn same(store: &Store, model: &Model) {
    assert_eq!(store.len() as usize, model.rows.len());
    assert_eq!(store.complete() as usize, model.rows.len() - usize::from(model.open));
    let mut raw = Vec::new();
    let mut all = Vec::new();
    let flow = store.for_each(LineNo::FIRST..LineNo::new(u32::MAX), |no, bytes| {
        all.push((no.index(), bytes.to_vec()));
        ControlFlow::<()>::Continue(())
    });
    assert_eq!(flow, ControlFlow::Continue(()));
    assert_eq!(all.len(), model.rows.len());
    // Backwards, so that nothing is found by luck of the cursor.
    for (i, row) in model.rows.iter().enumerate().rev() {
        let no = LineNo::new(i as u32);
        assert!(store.raw(no, &mut raw));
        let mut written = Vec::new();
        store.write_raw(no, &mut written).unwrap();
        let open = model.open && i + 1 == model.rows.len();
        match row {
            Row::Line(line) => {
                assert_eq!(&raw, line);
                assert_eq!(store.gap(no), None);
                assert_eq!(written.strip_suffix(b"\n").unwrap_or(&written), line);
                assert_eq!(written.ends_with(b"\n"), !open);
                assert_eq!(store.line(no), text::sanitise(line));
                assert_eq!(store.text(no), store.line(no).text);
            }
            Row::Gap(missing) => {
                assert_eq!(raw, missing.sentence().as_bytes());
                assert_eq!(store.gap(no), Some(*missing));
            }
        }
        assert_eq!(store.number(no), model.number(i));
        assert_eq!(all[i], (i as u32, raw.clone()));
    }
    assert!(!store.raw(LineNo::new(store.len()), &mut raw));
    assert!(raw.is_empty());
}

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-z ]{0,30}\n".prop_map(String::into_bytes),
        1 => Just(b"\n".to_vec()),
        1 => Just(b"no end".to_vec()),
        1 => Just(b"\x1b[31mred\r\n".to_vec()),
        1 => Just(b"\xff\xfe\n".to_vec()),
        1 => (1usize..40_000).prop_map(|n| vec![b'x'; n]),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn patches() -> impl Strategy<Value = Vec<Patch>> {
    let missing = prop_oneof![(1u64..50).prop_map(Missing::Lines), Just(Missing::Unknown)];
    let piece = prop_oneof![
        4 => texts().prop_map(Piece::Text),
        1 => missing.prop_map(Piece::Gap),
    ];
    let keep = prop_oneof![3 => Just(None), 1 => (0u32..30).prop_map(Some)];
    let patch = (keep, proptest::collection::vec(piece, 0..4))
        .prop_map(|(keep, append)| Patch { keep, append });
    proptest::collection::vec(patch, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_patches_give_the_plain_list_of_lines(patches in patches(), bound in 0usize..20_000) {
        let (mut memory, mut spool, mut model) = (Store::new(), Store::with_bound(bound), Model::default());
        for patch in &patches {
            memory.apply(patch);
            spool.apply(patch);
            model.apply(patch);
            // Asked in between, so that stale windows would show.
            same(&spool, &model);
        }
        same(&memory, &model);
    }

    #[test]
    fn any_batches_of_the_same_bytes_give_the_same_log(
        text in texts(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        cuts.sort_unstable();
        let mut model = Model::default();
        model.apply(&Patch::text(text.clone()));
        let (mut pieces, mut spool) = (Store::new(), Store::with_bound(100));
        let mut file = tempfile::tempfile().unwrap();
        let mut opened = Store::open_file(file.try_clone().unwrap());
        let mut at = 0;
        for cut in cuts.into_iter().chain([text.len()]) {
            pieces.extend(&text[at..cut]);
            spool.extend(&text[at..cut]);
            // The file grows, and is read on.
            file.write_all(&text[at..cut]).unwrap();
            while opened.index_more(1000).unwrap() {}
            opened.line(LineNo::new(opened.len() / 2));
            at = cut;
        }
        for store in [&pieces, &spool, &opened] {
            same(store, &model);
            prop_assert_eq!(store.bytes(), text.len() as u64);
        }
    }

    /// What is read in slices goes on where it was, also when the log grew or
    /// was cut off in between, and when somebody else reads elsewhere.
    #[test]
    fn slices_of_lines_are_the_lines_however_the_log_changes(
        text in texts(), bound in 1usize..9000,
        turns in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..8), 1..30),
    ) {
        let mut store = Store::with_bound(bound);
        let (mut written, mut next) = (0, 0);
        for (append, lines, what) in turns {
            let end = written + append.index(text.len() - written + 1);
            store.extend(&text[written..end]);
            written = end;
            match what {
                0 => {
                    let keep = lines.index(store.len() as usize + 1) as u32;
                    store.truncate(keep);
                    written = store.bytes() as usize;
                    next = next.min(keep);
                }
                1 => next = lines.index(store.len() as usize + 1) as u32,
                _ => {}
            }
            // The last line is handed out unfinished, too.
            let stop = next + lines.index((store.len() - next.min(store.len())) as usize + 1) as u32;
            let mut raw = Vec::new();
            let flow = store.for_each(LineNo::new(next)..LineNo::new(stop + 1), |no, line| {
                if no.index() >= stop {
                    return ControlFlow::Break(());
                }
                store.raw(no, &mut raw);
                assert_eq!(line, raw, "line {no:?}");
                ControlFlow::Continue(())
            });
            // What it broke at has been handed out all the same.
            next = if flow.is_break() { stop + 1 } else { stop };
        }
    }

    #[test]
    fn cutting_off_and_appending_again_is_as_if_new(text in texts(), keep in 0u32..20) {
        let mut fresh = Store::new();
        fresh.extend(&text);
        let mut repaired = Store::with_bound(5000);
        repaired.extend(&text);
        let keep = keep.min(repaired.complete());
        let kept: Vec<u8> = {
            let mut kept = Vec::new();
            for no in 0..keep {
                repaired.write_raw(LineNo::new(no), &mut kept).unwrap();
            }
            kept
        };
        repaired.truncate(keep);
        prop_assert_eq!(repaired.bytes() as usize, if keep < fresh.len() { kept.len() } else { text.len() });
        if keep < fresh.len() {
            repaired.extend(&text[kept.len()..]);
        }
        let mut model = Model::default();
        model.apply(&Patch::text(text.clone()));
        same(&fresh, &model);
        same(&repaired, &model);
    }
}

#[test]
fn a_finished_log_has_no_open_line() {
    let mut store = Store::new();
    store.extend(b"one\ntwo");
    assert_eq!((store.len(), store.complete()), (2, 1));
    store.finish();
    assert_eq!((store.len(), store.complete()), (2, 2));
    store.extend(b" goes on");
    assert_eq!((store.len(), store.complete()), (2, 1));
    assert_eq!(store.text(LineNo::new(1)), "two goes on");
}

#[test]
fn a_person_finds_a_number_also_where_lines_are_missing() {
    let mut store = Store::new();
    assert_eq!(store.at_number(1), None);
    store.apply(&Patch {
        keep: None,
        append: vec![
            Piece::Text(b"1\n2\n".to_vec()),
            Piece::Gap(Missing::Lines(10)),
            Piece::Text(b"13\n14\n".to_vec()),
        ],
    });
    for (number, position) in [(0, 0), (1, 0), (2, 1), (3, 2), (12, 2), (13, 3), (99, 4)] {
        assert_eq!(store.at_number(number), Some(LineNo::new(position)), "{number}");
    }
    assert_eq!(store.line(LineNo::new(2)).text, "--- buildcat: 10 lines missing here ---");
}

#[test]
fn a_very_long_line_is_cut_and_says_so() {
    let mut text = b"before\n".to_vec();
    text.extend(vec![b'x'; LONGEST_LINE - 1]);
    text.extend("é and much more".as_bytes());
    text.extend(vec![b'y'; 3 * LONGEST_LINE]);
    text.extend(b"\nafter\n");
    text.extend(vec![b'z'; LONGEST_LINE]);
    text.extend(b"\nlast");
    let mut memory = Store::new();
    memory.extend(&text);
    let mut file = Store::open_file(file_of(&text));
    while file.index_more(1 << 20).unwrap() {}
    for store in [memory, file] {
        let mut raw = Vec::new();
        let mut seen = Vec::new();
        let _ = store.for_each(LineNo::FIRST..LineNo::new(9), |no, bytes| {
            assert!(store.raw(no, &mut raw));
            assert_eq!(raw, bytes);
            seen.push(raw.len());
            ControlFlow::<()>::Continue(())
        });
        assert_eq!(seen, [6, LONGEST_LINE - 1 + CUT.len(), 5, LONGEST_LINE, 4]);
        assert!(store.text(LineNo::new(1)).ends_with(CUT));
        assert!(!store.text(LineNo::new(3)).ends_with(CUT));
        let mut exact = Vec::new();
        store.write_raw(LineNo::new(1), &mut exact).unwrap();
        assert_eq!(exact.len(), LONGEST_LINE - 1 + "é and much more".len() + 3 * LONGEST_LINE + 1);
    }
}

#[test]
fn a_file_that_shrinks_is_harmless() {
    let text: Vec<u8> = (0..50_000).flat_map(|i| format!("line {i}\n").into_bytes()).collect();
    let mut file = file_of(&text);
    let mut store = Store::open_file(file.try_clone().unwrap());
    while store.index_more(1 << 20).unwrap() {}
    assert_eq!(store.len(), 50_000);
    file.set_len(100).unwrap();
    let mut raw = Vec::new();
    for no in [0, 5, 20, 49_999, 30_000] {
        assert!(store.raw(LineNo::new(no), &mut raw));
    }
    assert_eq!(store.text(LineNo::new(5)), "line 5");
    assert_eq!(store.text(LineNo::new(49_999)), "");
    let mut lines = 0;
    let _ = store.for_each(LineNo::FIRST..LineNo::new(50_000), |_, _| {
        lines += 1;
        ControlFlow::<()>::Continue(())
    });
    assert_eq!(lines, 50_000);
    assert!(!store.index_more(1000).unwrap());
    store.truncate(7);
    assert_eq!(store.len(), 7);
    // It is a new log now.
    file.set_len(0).unwrap();
    file.rewind().unwrap();
    file.write_all(b"new\n").unwrap();
    let mut store = Store::open_file(file);
    while store.index_more(1000).unwrap() {}
    assert_eq!((store.len(), store.text(LineNo::FIRST).as_str()), (1, "new"));
}

#[test]
fn for_each_stops_where_it_is_told() {
    let mut store = Store::new();
    store.extend(b"a\nb\nc\nd\n");
    let flow = store.for_each(LineNo::new(1)..LineNo::new(4), |no, line| {
        if line == b"c" { ControlFlow::Break(no) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(flow, ControlFlow::Break(LineNo::new(2)));
}

#[test]
fn many_pieces_are_counted_as_one() {
    let mut text = Vec::new();
    for i in 0..60_000 {
        let colour = if i % 5000 == 0 { "\x1b[1m" } else { "" };
        text.extend_from_slice(format!("{colour}line {i} {}\n", "x".repeat(i % 60)).as_bytes());
    }
    text.extend_from_slice(b"open");
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&text).unwrap();
    let mut whole = Store::new();
    whole.extend(&text);
    for step in [1, 100_000, u64::MAX] {
        let mut store = Store::open_file(file.try_clone().unwrap());
        while store.index_more(step).unwrap() {}
        assert_eq!(format!("{:?}", store.index), format!("{:?}", whole.index));
        assert_eq!((store.len(), store.complete()), (60_001, 60_000));
    }
}
