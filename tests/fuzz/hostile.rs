//! What no text may do: any bytes as a log, a record and pasted text are drawn,
//! and what the screen sends is played to a terminal. Then only our own cells
//! may have changed: every cell holds what was drawn there, and nothing else
//! of the terminal was touched.
//!
//! Shared by the fuzz target and by `tests/hostile_text.rs`.

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use buildcat::app::{self, Message, Model, Now, Options, Subject};
use buildcat::diagnose::Rules;
use buildcat::domain::{Build, BuildStatus, FeedEvent, LineNo, Patch};
use buildcat::keymap::Keymap;
use buildcat::log::Log;
use buildcat::runtime::screen::Screen;
use buildcat::text;
use buildcat::theme::{Depth, Styles, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A terminal that takes nothing but what a picture is made of.
pub struct Strict;

impl vt100::Callbacks for Strict {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        panic!("it rang");
    }
    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        panic!("it flashed");
    }
    fn resize(&mut self, _: &mut vt100::Screen, request: (u16, u16)) {
        panic!("it was resized to {request:?}");
    }
    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, name: &[u8]) {
        panic!("its icon was named {name:?}");
    }
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        panic!("its title was set to {title:?}");
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        panic!("{data:?} was put on the clipboard");
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        panic!("the clipboard was read");
    }
    fn unhandled_char(&mut self, _: &mut vt100::Screen, c: char) {
        // The emulator says so of what it has no width for.
        assert!(!c.is_control(), "the control {c:?} was sent");
    }
    fn unhandled_control(&mut self, _: &mut vt100::Screen, b: u8) {
        panic!("the control {b:#x} was sent");
    }
    fn unhandled_escape(&mut self, _: &mut vt100::Screen, i: Option<u8>, _: Option<u8>, b: u8) {
        panic!("the escape {i:?} {b:#x} was sent");
    }
    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        _: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        c: char,
    ) {
        // Attributes that the emulator doesn't know (struck through).
        assert!(c == 'm', "the sequence {params:?} {c:?} was sent");
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, params: &[&[u8]]) {
        panic!("the command {params:?} was sent");
    }
}

type Terminal = vt100::Parser<Strict>;

fn terminal(height: u16, width: u16) -> Terminal {
    vt100::Parser::new_with_callbacks(height, width, 0, Strict)
}

fn model(record: &str, width: u16, height: u16) -> Model {
    let now =
        Now { instant: Instant::now(), wall: "2026-11-24T12:00:00Z".parse().expect("a date") };
    // Read once: that takes longer than all the rest.
    static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));
    let log = Log::new(Arc::clone(&RULES));
    let styles = Styles::new(&Theme::default(), Depth::True);
    let mut model =
        Model::new(Subject::Build(None), log, Options::default(), Keymap::default(), styles, now);
    let some = || Some(record.to_owned());
    let build = Build {
        id: some(),
        region: some(),
        dockerfile_path: some(),
        image_uri: some(),
        logs_url: some(),
        error_message: some(),
        repo_full_name: some(),
        git_ref: some(),
        commit_sha: some(),
        ..Build::with_status(BuildStatus::from_api(record))
    };
    tell(&mut model, Message::Resize(width, height));
    tell(&mut model, Message::Feed(FeedEvent::Build(Box::new(build))));
    tell(&mut model, Message::Feed(FeedEvent::Notice(record.to_owned())));
    model
}

/// Tells the model something, and reads on to the end of what it has.
fn tell(model: &mut Model, message: Message) {
    app::update(model, message);
    while app::advance(model) {}
    if let Some(title) = app::title(model) {
        clean(&title);
    }
}

/// What is clean holds nothing that a terminal obeys, and nothing unseen.
fn clean(text: &str) {
    for c in text.chars() {
        assert!(!c.is_control() || c == '\t', "{c:?} in {text:?}");
        let hidden = matches!(c,
            '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}' | '\u{ad}');
        assert!(!hidden, "{c:?} in {text:?}");
    }
}

fn key(code: KeyCode) -> Message {
    Message::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Draws `data` in every way it can get onto the screen.
pub fn check(data: &[u8]) {
    let (shape, data) = data.split_at(data.len().min(3));
    let at = |n: usize| shape.get(n).copied().unwrap_or(40);
    let (width, height) = (u16::from(at(0)) % 130 + 1, u16::from(at(1)) % 50 + 1);
    let half = data.len() * usize::from(at(2)) / 256;
    let (log, rest) = data.split_at(half);
    let words = String::from_utf8_lossy(rest).into_owned();

    clean(&text::plain(&words));
    let mut model = model(&words, width, height);
    let mut emulator = terminal(height, width);
    let mut screen = Screen::new();
    let mut known = true;
    let mut show = |model: &Model| {
        emulator.process(&played(screen.draw(model)));
        let mut fresh = terminal(height, width);
        fresh.process(&played(Screen::new().draw(model)));
        // Terminals disagree about how wide some clusters of several characters
        // are: where there was one, cells aren't compared any more.
        let frame = screen.frame();
        let cells: Vec<&str> = frame.content.iter().map(|cell| cell.symbol()).collect();
        known &= cells.iter().all(|symbol| symbol.len() < 2 || symbol.chars().nth(1).is_none());
        if known {
            compare(emulator.screen(), fresh.screen(), &cells);
        }
        untouched(emulator.screen());
        untouched(fresh.screen());
    };
    show(&model);
    let (first, second) = log.split_at(log.len() / 2);
    for part in [first, second, rest] {
        tell(&mut model, Message::Feed(FeedEvent::Log(Patch::text(part))));
        show(&model);
    }
    for line in 0..model.log.store().len() {
        clean(&model.log.store().text(LineNo::new(line)));
    }
    let script = [
        KeyCode::Char('w'),
        KeyCode::Char('g'),
        KeyCode::Char('l'),
        KeyCode::Char('/'),
        KeyCode::Char('e'),
    ];
    for code in script {
        tell(&mut model, key(code));
        show(&model);
    }
    tell(&mut model, Message::Paste(words));
    show(&model);
    for code in [KeyCode::Enter, KeyCode::Char('?'), KeyCode::Esc, KeyCode::Char('G')] {
        tell(&mut model, key(code));
        show(&model);
    }
}

/// What is sent, but for two characters that this emulator skips.
fn played(bytes: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).expect("text");
    text.replace('\u{FFFD}', "?").replace('\u{A0}', " ").into_bytes()
}

/// What a cell then shows.
fn shown(symbol: &str) -> &str {
    match symbol {
        "" | "\u{A0}" => " ",
        "\u{FFFD}" => "?",
        symbol => symbol,
    }
}

/// Every cell holds what was drawn there, and what a fresh drawing has there.
/// There are thousands, a dozen times an input: nearly all are the same as they
/// stand, and no text is made of any.
fn compare(emulator: &vt100::Screen, fresh: &vt100::Screen, cells: &[&str]) {
    let (height, width) = emulator.size();
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
    assert_eq!(places.clone().count(), cells.len());
    for ((y, x), symbol) in places.zip(cells) {
        let [got, anew] = [emulator, fresh].map(|screen| screen.cell(y, x).expect("a cell"));
        let (text, tail) = (got.contents(), got.is_wide_continuation());
        let alike = |other: &str| text == other || shown(text) == shown(other);
        let same = alike(anew.contents()) && tail == anew.is_wide_continuation();
        assert!(same, "row {y}, column {x}: {got:?} is {anew:?} anew");
        assert!(tail || alike(symbol), "row {y}, column {x}: {text:?} for {symbol:?}");
    }
}

/// Nothing of a terminal but its cells was touched.
fn untouched(screen: &vt100::Screen) {
    assert!(!screen.alternate_screen() && !screen.application_keypad());
    assert!(!screen.application_cursor() && !screen.bracketed_paste());
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}
