//! The work for a frame is bounded by the screen, not by the log: the same
//! keys read as many lines, and send as many bytes, in a log of ten million
//! lines as in one of ten thousand.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use buildcat::app::{self, Message, Model, Now, Options, Subject};
use buildcat::diagnose::Rules;
use buildcat::keymap::Keymap;
use buildcat::log::Log;
use buildcat::runtime::screen::Screen;
use buildcat::theme::{Depth, Styles, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A log of so many lines, all alike: what is drawn of it is the same
/// everywhere but for the numbers.
fn log(dir: &tempfile::TempDir, lines: usize) -> Log {
    let path = dir.path().join(format!("{lines}.log"));
    std::fs::write(&path, "#7 12.5 some of it\n".repeat(lines)).unwrap();
    static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));
    Log::open(&path, Arc::clone(&RULES)).unwrap()
}

/// What a key costs: lines read, and bytes for the terminal.
#[derive(Debug, PartialEq)]
struct Cost {
    key: &'static str,
    lines: u64,
    bytes: usize,
}

const KEYS: [(&str, KeyCode); 14] = [
    ("a line down", KeyCode::Char('j')),
    ("a line down", KeyCode::Char('j')),
    ("a page down", KeyCode::PageDown),
    ("a page down", KeyCode::PageDown),
    ("a page up", KeyCode::PageUp),
    ("to the end", KeyCode::Char('G')),
    ("a line up", KeyCode::Char('k')),
    ("a line up", KeyCode::Char('k')),
    ("a page up", KeyCode::PageUp),
    ("wrapped", KeyCode::Char('w')),
    ("a line up, wrapped", KeyCode::Char('k')),
    ("a page up, wrapped", KeyCode::PageUp),
    ("a page down, wrapped", KeyCode::PageDown),
    ("to the top, wrapped", KeyCode::Char('g')),
];

fn costs(lines: usize) -> Vec<Cost> {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { follow: false, ..Options::default() };
    let now = Now { instant: Instant::now(), wall: "2026-11-24T12:00:00Z".parse().unwrap() };
    let styles = Styles::new(&Theme::default(), Depth::True);
    let subject = Subject::Text { name: "build.log".into() };
    let mut model = Model::new(subject, log(&dir, lines), options, Keymap::default(), styles, now);
    app::update(&mut model, Message::Resize(200, 50));
    // All lines are counted before any is understood; here that is enough.
    while (model.log.store().len() as usize) < lines {
        app::advance(&mut model);
    }
    let mut screen = Screen::new();
    screen.draw(&model);
    let mut cost = |key, code| {
        let before = model.log.store().looks();
        app::update(&mut model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        let bytes = screen.draw(&model).len();
        Cost { key, lines: model.log.store().looks() - before, bytes }
    };
    KEYS.iter().map(|(key, code)| cost(key, *code)).collect()
}

#[test]
fn a_frame_costs_no_more_in_a_log_of_ten_million_lines() {
    let few = costs(10_000);
    let many = costs(10_000_000);
    for (few, many) in few.iter().zip(&many) {
        assert_eq!((few.key, few.lines), (many.key, many.lines));
        // Some screens: wrapped lines around it are measured as well.
        assert!(few.lines <= 12 * 50, "{few:?}");
        // Numbers are longer by three digits, and stand in every row.
        assert!(many.bytes <= few.bytes + 50 * 8, "{few:?} {many:?}");
    }
    let scrolled = &many[1];
    assert!(scrolled.bytes < 250, "{scrolled:?}");
}

#[test]
fn the_end_of_a_log_that_is_followed_is_not_gone_to_with_every_slice_of_counting() {
    let dir = tempfile::tempdir().unwrap();
    let lines = 2_000_000;
    let now = Now { instant: Instant::now(), wall: "2026-11-24T12:00:00Z".parse().unwrap() };
    let styles = Styles::new(&Theme::default(), Depth::True);
    let subject = Subject::Text { name: "build.log".into() };
    let log = log(&dir, lines);
    let mut model = Model::new(subject, log, Options::default(), Keymap::default(), styles, now);
    app::update(&mut model, Message::Resize(200, 50));
    let (mut moves, mut slices) = (0, 0);
    while (model.log.store().len() as usize) < lines || model.log.is_counting() {
        let before = model.scroll;
        app::advance(&mut model);
        moves += usize::from(before != model.scroll);
        slices += 1;
    }
    assert!(slices > 2, "{slices}");
    // The clock stands still: once at the start, and once when the end is known.
    assert!(moves <= 2, "{moves}");
    assert_eq!(model.scroll.cursor.index() as usize, lines - 1);
}
