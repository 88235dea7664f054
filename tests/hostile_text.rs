//! What the fuzz target for the screen has found, and what it began with, as a
//! test; and the same with new chances each time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "fuzz/hostile.rs"]
mod hostile;

use proptest::prelude::*;

#[test]
fn the_corpus_changes_only_our_own_cells() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/screen");
    let mut count = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let result = std::panic::catch_unwind(|| hostile::check(&bytes));
        assert!(result.is_ok(), "{}", path.display());
        count += 1;
    }
    assert!(count >= 20, "{count} files");
}

/// What the checks are worth: each of these is noticed.
#[test]
fn a_terminal_that_is_touched_is_noticed() {
    for bytes in ["\x1b]0;x\x07", "\x1b]52;c;aGk=\x07", "\x07", "\x1b[6n", "\x1b]8;;x\x07", "\x1bg"]
    {
        let touched = std::panic::catch_unwind(|| {
            vt100::Parser::new_with_callbacks(3, 9, 0, hostile::Strict).process(bytes.as_bytes());
        });
        assert!(touched.is_err(), "{bytes:?}");
    }
}

/// Pieces that a terminal would obey, or a reader not see.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let hostile: Vec<&[u8]> = vec![
        b"\x1b[2J",
        b"\x1b[H",
        b"\x1b[31m",
        b"\x1b[8m",
        b"\x1b[30;40m",
        b"\x1b[38;2;1;2;3m",
        b"\x1b]0;title\x07",
        b"\x1b]52;c;aGk=\x1b\\",
        b"\x1b]8;;https://a.example\x1b\\",
        b"\x1bP1$q\x1b\\",
        b"\x1b_apc\x1b\\",
        b"\x1bc",
        b"\x1b[?1049l",
        b"\x1b[?25h",
        b"\x1b[1;1r",
        b"\x9b2J",
        b"\xc2\x9b2J",
        b"\xc2\x90",
        b"\xe2\x80\xae",
        b"\xe2\x81\xa6",
        b"\xe2\x80\x8b",
        b"\xf3\xa0\x81\x81",
        b"\xef\xbb\xbf",
        b"\x08",
        b"\x07",
        b"\x0c",
        b"\x0b",
        b"\x7f",
        b"\0",
        b"\r",
        b"\n",
        b"\t",
        b"\xff",
        b"\xed\xa0\x80",
        b"plain ",
        b"#7 0.1 RUN ",
        b"\xe6\xbc\xa2",
        b"e\xcc\x81",
        b"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
        b"ERROR: failed to solve",
        b"[Container] 2026/11/24 12:00:00.1 Phase complete: BUILD State: FAILED\n",
    ];
    prop_oneof![
        4 => proptest::sample::select(hostile).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_text_changes_more_than_our_own_cells(
        shape in any::<[u8; 3]>(),
        pieces in proptest::collection::vec(piece(), 0..80),
    ) {
        let mut data = shape.to_vec();
        data.extend(pieces.concat());
        hostile::check(&data);
    }
}
