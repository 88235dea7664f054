//! Keys, clicks, pastes, sizes and reports in any order and at any moment:
//! nothing panics, and what the terminal was sent piece by piece is the
//! picture that one full drawing gives.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use buildcat::app::{self, Message, Model, Now, Options, Subject};
use buildcat::diagnose::Rules;
use buildcat::domain::{Build, BuildStatus, FeedEvent, Health, Missing, Patch, Piece, Problem};
use buildcat::keymap::Keymap;
use buildcat::log::Log;
use buildcat::runtime::screen::Screen;
use buildcat::theme::{Depth, Styles, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;

/// Something that happens to the screen.
#[derive(Clone, Debug)]
enum Happening {
    Keys(Vec<KeyEvent>),
    Mouse(MouseEventKind, u16, u16),
    Paste(String),
    Size(u16, u16),
    /// Lines of a real log: which log, from which line, how many.
    Lines(usize, usize, usize),
    Text(String),
    Gap(Option<u64>),
    /// A repair that keeps so many percent of the log, and appends lines.
    Repair(u32, usize),
    Status(BuildStatus),
    Health(u8),
    Notice(String),
    Seconds(u64),
    /// The terminal was somebody else's for a while.
    Lost,
    Closed,
}

fn key() -> impl Strategy<Value = KeyEvent> {
    use KeyCode::*;
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let named = proptest::sample::select(vec![
        Enter,
        Esc,
        Tab,
        BackTab,
        Up,
        Down,
        Left,
        Right,
        Home,
        End,
        PageUp,
        PageDown,
        Backspace,
        Delete,
        F(1),
        F(5),
    ]);
    prop_oneof![
        6 => (0x20u8..0x7f).prop_map(move |c| plain(Char(char::from(c)))),
        3 => named.prop_map(plain),
        1 => (b'a'..=b'z').prop_map(|c| KeyEvent::new(Char(char::from(c)), KeyModifiers::CONTROL)),
        1 => (b'a'..=b'z').prop_map(|c| KeyEvent::new(Char(char::from(c)), KeyModifiers::ALT)),
        1 => proptest::sample::select(vec![Up, Down, Left, Right])
            .prop_map(|code| KeyEvent::new(code, KeyModifiers::CONTROL)),
    ]
}

/// Keys as people type them: what opens something, some text, what ends it.
fn phrase() -> impl Strategy<Value = Vec<KeyEvent>> {
    let opens =
        proptest::sample::select(vec!["/", "&", "!", "H", ":", "|", ":save ", "?", "m", "'"]);
    let words = proptest::sample::select(vec![
        "e",
        "error",
        "#7",
        "RUN",
        "[0-9]+",
        "(",
        "\\bpip\\b",
        "50%",
        "123",
        "+90s",
        "10:04",
        "fold",
        "x.log",
        "漢",
        "a|b|",
    ]);
    let ends = proptest::sample::select(vec!["\n", "\x1b", "", "\nn", "\nN", "\n\x1b"]);
    (opens, words, ends).prop_map(|(opens, words, ends)| {
        let text = format!("{opens}{words}{ends}");
        let code = |c| match c {
            '\n' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            c => KeyCode::Char(c),
        };
        text.chars().map(|c| KeyEvent::new(code(c), KeyModifiers::NONE)).collect()
    })
}

fn text() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "plain words ",
        "\n",
        "\r",
        "\t",
        "10 %\r20 %\r",
        "漢字",
        "\x1b[31mred\x1b[0m",
        "\x1b[2J",
        "#7 1.0 ERROR: no such file\n",
        "{\"level\":\"error\",\"n\":[1,2,{\"a\":null}]}\n",
        "#8 [2/3] RUN x\n#8 DONE 0.1s\n",
        "[Container] 2026/11/24 12:00:00.1 Phase complete: BUILD State: FAILED\n",
        "e\u{301}",
        "a-long-word-without-any-end-that-goes-on-and-on-and-on-beyond-any-edge-of-the-screen ",
    ]);
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    let button = proptest::sample::select(vec![
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::Up(MouseButton::Left),
        MouseEventKind::Drag(MouseButton::Left),
        MouseEventKind::Down(MouseButton::Right),
        MouseEventKind::ScrollDown,
        MouseEventKind::ScrollUp,
    ]);
    let status = proptest::sample::select(vec![
        BuildStatus::Pending,
        BuildStatus::Building,
        BuildStatus::Success,
        BuildStatus::Failed,
        BuildStatus::Timeout,
    ]);
    prop_oneof![
        10 => proptest::collection::vec(key(), 1..8).prop_map(Keys),
        6 => phrase().prop_map(Keys),
        4 => (button, 0u16..130, 0u16..50).prop_map(|(kind, x, y)| Mouse(kind, x, y)),
        1 => text().prop_map(Paste),
        3 => (1u16..=130, 1u16..=45).prop_map(|(w, h)| Size(w, h)),
        1 => (1u16..=500, 1u16..=200).prop_map(|(w, h)| Size(w, h)),
        4 => (0usize..1000, 0usize..400, 1usize..120).prop_map(|(log, from, n)| Lines(log, from, n)),
        2 => text().prop_map(Text),
        1 => prop::option::of(1u64..5000).prop_map(Gap),
        1 => (0u32..=100, 0usize..40).prop_map(|(keep, n)| Repair(keep, n)),
        1 => status.prop_map(Status),
        1 => (0u8..6).prop_map(Health),
        1 => text().prop_map(Notice),
        2 => (0u64..100).prop_map(Seconds),
        1 => Just(Lost),
        1 => prop::bool::weighted(0.1).prop_map(|over| if over { Closed } else { Lost }),
    ]
}

/// The logs that lines are taken from.
fn logs() -> &'static [String] {
    static LOGS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
        let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        let mut logs: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|ext| ext == "log")).collect();
        logs.sort();
        logs.iter()
            .map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into())
            .collect()
    });
    &LOGS
}

fn lines(log: usize, from: usize, count: usize) -> String {
    let logs = logs();
    let text = &logs[log % logs.len()];
    let from = from % text.lines().count().max(1);
    text.lines().skip(from).take(count).fold(String::new(), |all, line| all + line + "\n")
}

/// A model, the screen it is drawn on, and the terminal that shows it.
struct Desk {
    model: Model,
    screen: Screen,
    terminal: vt100::Parser,
    start: Instant,
    seconds: u64,
}

impl Desk {
    fn new() -> Self {
        static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));
        let start = Instant::now();
        let wall = "2026-11-24T12:00:00Z".parse().unwrap();
        let model = Model::new(
            Subject::Build(None),
            Log::new(Arc::clone(&RULES)),
            Options::default(),
            Keymap::default(),
            Styles::new(&Theme::default(), Depth::True),
            Now { instant: start, wall },
        );
        let terminal = vt100::Parser::new(24, 80, 0);
        let mut desk = Self { model, screen: Screen::new(), terminal, start, seconds: 0 };
        desk.tell(Message::Resize(80, 24));
        desk
    }

    fn tell(&mut self, message: Message) {
        // Effects are for the world outside, which isn't here.
        app::update(&mut self.model, message);
    }

    fn feed(&mut self, event: FeedEvent) {
        self.tell(Message::Feed(event));
    }

    fn happen(&mut self, happening: &Happening) {
        let append = |piece| FeedEvent::Log(Patch { keep: None, append: vec![piece] });
        match happening {
            Happening::Keys(keys) => {
                for key in keys {
                    self.tell(Message::Key(*key));
                }
            }
            Happening::Mouse(kind, x, y) => self.tell(Message::Mouse(MouseEvent {
                kind: *kind,
                column: *x,
                row: *y,
                modifiers: KeyModifiers::NONE,
            })),
            Happening::Paste(text) => self.tell(Message::Paste(text.clone())),
            Happening::Size(width, height) => {
                self.terminal.screen_mut().set_size(*height, *width);
                self.tell(Message::Resize(*width, *height));
            }
            Happening::Lines(log, from, count) => {
                self.feed(FeedEvent::Log(Patch::text(lines(*log, *from, *count))));
            }
            Happening::Text(text) => self.feed(FeedEvent::Log(Patch::text(text.clone()))),
            Happening::Gap(count) => {
                let missing = count.map_or(Missing::Unknown, Missing::Lines);
                self.feed(append(Piece::Gap(missing)));
            }
            Happening::Repair(percent, count) => {
                let len = u64::from(self.model.log.store().len());
                let keep = u32::try_from(len * u64::from(*percent) / 100).unwrap();
                let append = vec![Piece::Text(lines(3, 0, *count).into_bytes())];
                self.feed(FeedEvent::Log(Patch { keep: Some(keep), append }));
            }
            Happening::Status(status) => {
                let build = Build::with_status(status.clone());
                self.feed(FeedEvent::Build(Box::new(build)));
            }
            Happening::Health(number) => {
                let why = || Problem {
                    brief: "503".into(),
                    sentence: "The service answered 503; it is asked again.".into(),
                };
                let at = self.start + Duration::from_secs(self.seconds);
                self.feed(FeedEvent::Health(match number {
                    0 => Health::Connecting,
                    1 => Health::Ok { at },
                    2 => Health::Retrying { at, failures: 3, why: why() },
                    3 => Health::Paused,
                    4 => Health::Stopped { why: why() },
                    _ => Health::Complete,
                }));
            }
            Happening::Notice(text) => self.feed(FeedEvent::Notice(text.clone())),
            Happening::Seconds(seconds) => {
                self.seconds += seconds;
                let passed = Duration::from_secs(self.seconds);
                let wall: jiff::Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
                self.tell(Message::Now(Now { instant: self.start + passed, wall: wall + passed }));
            }
            Happening::Lost => {
                self.terminal.process(b"\x1b[2;3r\x1b[41m\x1b[H!\x1b[7m\x1b[4;1H?");
                self.screen.invalidate();
                self.tell(Message::Resumed);
            }
            Happening::Closed => self.tell(Message::FeedClosed),
        }
        // What leaves goes nowhere, and nothing comes back.
        while app::parcel(&mut self.model).is_some() {}
        app::inquire(&mut self.model);
    }

    /// Draws what changed, and compares it with a drawing from nothing.
    fn draw(&mut self) -> Result<(), TestCaseError> {
        self.terminal.process(self.screen.draw(&self.model));
        let (height, width) = self.terminal.screen().size();
        let mut fresh = vt100::Parser::new(height, width, 0);
        fresh.process(Screen::new().draw(&self.model));
        for (row, (shown, wanted)) in
            self.terminal.screen().rows(0, width).zip(fresh.screen().rows(0, width)).enumerate()
        {
            prop_assert_eq!(
                shown.trim_end(),
                wanted.trim_end(),
                "row {} of {}x{}",
                row,
                width,
                height
            );
        }
        prop_assert_eq!(self.terminal.screen().hide_cursor(), fresh.screen().hide_cursor());
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_things_gives_a_whole_picture(
        happenings in proptest::collection::vec((happening(), 0usize..3), 1..40),
    ) {
        let mut desk = Desk::new();
        for (happening, slices) in &happenings {
            desk.happen(happening);
            // Now and then a picture is drawn before all is read.
            for _ in 0..*slices {
                app::advance(&mut desk.model);
            }
            desk.draw()?;
        }
        while app::advance(&mut desk.model) {}
        desk.draw()?;
    }
}
