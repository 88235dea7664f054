//! The real loop on a screen of memory: a script of keys and reports in, the
//! pictures it gives out.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use buildcat::app::{Message, Model, Now, Options, Subject};
use buildcat::diagnose::Rules;
use buildcat::domain::{Build, BuildStatus, FeedEvent, Patch};
use buildcat::keymap::Keymap;
use buildcat::log::Log;
use buildcat::outside::Ended;
use buildcat::runtime::host::Host;
use buildcat::runtime::screen::Screen;
use buildcat::runtime::{Outcome, Return, Signal, drive};
use buildcat::source;
use buildcat::theme::{Depth, Styles, Theme};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::{StreamExt, stream};
use ratatui::buffer::Buffer;

/// When every test takes place.
pub const NOON: &str = "2026-11-24T12:00:00Z";

/// The id of the build that tests watch.
pub const ID: &str = "7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e44";

/// A host that remembers what was asked of it.
pub struct Memory {
    screen: Screen,
    frame: Buffer,
    size: (u16, u16),
    start: Instant,
    pub frames: Rc<Cell<usize>>,
    pub bells: usize,
    pub suspended: usize,
    pub titles: Vec<String>,
    /// Sequences for the terminal's clipboard.
    pub copies: Vec<String>,
    /// Programs that had the terminal: their command lines, and what they were
    /// given as standard input or as their last argument.
    pub programs: Vec<String>,
    pub mouse: Vec<bool>,
    /// Whether something was on its way out in the last frame.
    busy: Rc<Cell<bool>>,
}

impl Memory {
    pub fn new(width: u16, height: u16) -> Self {
        Self {
            screen: Screen::new(),
            frame: Buffer::default(),
            size: (width, height),
            start: Instant::now(),
            frames: Rc::default(),
            bells: 0,
            suspended: 0,
            titles: Vec::new(),
            copies: Vec::new(),
            programs: Vec::new(),
            mouse: Vec::new(),
            busy: Rc::default(),
        }
    }

    pub fn buffer(&self) -> &Buffer {
        &self.frame
    }
}

/// The moment every test takes place at.
pub fn now(start: Instant) -> Now {
    Now { instant: start, wall: NOON.parse().unwrap() }
}

impl Host for Memory {
    fn now(&self) -> Now {
        // The loop's own clock, which the test moves on.
        let here = tokio::time::Instant::now().into_std();
        let passed = here.saturating_duration_since(self.start);
        let noon = now(self.start);
        Now { instant: noon.instant + passed, wall: noon.wall + passed }
    }
    fn size(&self) -> io::Result<(u16, u16)> {
        Ok(self.size)
    }
    fn draw(&mut self, model: &Model) -> io::Result<()> {
        self.busy.set(model.outgoing.is_some());
        self.frames.set(self.frames.get() + 1);
        self.screen.draw(model);
        // What was known of the frame before makes no difference.
        let mut fresh = Buffer::default();
        self.frame = self.screen.frame();
        buildcat::ui::draw(model, self.frame.area, &mut fresh);
        assert_eq!(self.frame, fresh);
        Ok(())
    }
    fn suspend(&mut self) -> io::Result<()> {
        self.suspended += 1;
        self.screen.invalidate();
        Ok(())
    }
    fn resume(&mut self) -> io::Result<()> {
        self.screen.invalidate();
        Ok(())
    }
    fn title(&mut self, title: &str) -> io::Result<()> {
        self.titles.push(title.to_owned());
        Ok(())
    }
    fn clipboard(&mut self, sequence: &str) -> io::Result<()> {
        self.copies.push(sequence.to_owned());
        Ok(())
    }
    fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse.push(on);
        Ok(())
    }
    fn lend(&mut self, command: std::process::Command, _: Return) -> io::Result<io::Result<Ended>> {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        self.programs.push(words.join(" "));
        self.screen.invalidate();
        Ok(Ok(Ended::Code(0)))
    }
    fn bell(&mut self) -> io::Result<()> {
        self.bells += 1;
        Ok(())
    }
}

/// A model of a build at [`NOON`].
pub fn model() -> Model {
    model_of(Subject::Build(Some(ID.parse().unwrap())), Options::default())
}

pub fn model_of(subject: Subject, options: Options) -> Model {
    let styles = Styles::new(&Theme::default(), Depth::True);
    Model::new(subject, Log::new(rules()), options, Keymap::default(), styles, now(Instant::now()))
}

/// The rules that come with the program, read once.
fn rules() -> Arc<Rules> {
    static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));
    Arc::clone(&RULES)
}

/// A build that began 93 seconds ago.
pub fn build(status: BuildStatus) -> FeedEvent {
    let mut build = Build::with_status(status);
    build.id = Some(ID.into());
    build.region = Some("us-west".into());
    build.repo_full_name = Some("acme/bot".into());
    build.commit_sha = Some("0123456789abcdef".into());
    build.created_at = Some("2026-11-24T11:58:15Z".parse().unwrap());
    build.started_at = Some("2026-11-24T11:58:27Z".parse().unwrap());
    if build.status.is_terminal() {
        build.completed_at = Some("2026-11-24T12:00:00Z".parse().unwrap());
    }
    FeedEvent::Build(Box::new(build))
}

/// A log of the corpus.
pub fn log(name: &str) -> FeedEvent {
    let path = format!("{}/tests/corpus/{name}.log", env!("CARGO_MANIFEST_DIR"));
    FeedEvent::Log(Patch::text(std::fs::read(path).unwrap()))
}

/// The keys of a script: `j`, `<enter>`, `<ctrl-d>`, `<pagedown>`.
pub fn keys(script: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let (name, after) = match rest.strip_prefix('<').and_then(|r| r.split_once('>')) {
            Some((name, after)) => (name.to_owned(), after),
            None => (c.to_string(), &rest[c.len_utf8()..]),
        };
        rest = after;
        let (ctrl, name) = match (name.strip_prefix("ctrl-"), name.strip_prefix("alt-")) {
            (Some(name), _) => (KeyModifiers::CONTROL, name.to_owned()),
            (None, Some(name)) => (KeyModifiers::ALT, name.to_owned()),
            (None, None) => (KeyModifiers::NONE, name),
        };
        let code = match name.as_str() {
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "pageup" => KeyCode::PageUp,
            "pagedown" => KeyCode::PageDown,
            "backspace" => KeyCode::Backspace,
            "tab" => KeyCode::Tab,
            "backtab" => KeyCode::BackTab,
            "f1" => KeyCode::F(1),
            one => KeyCode::Char(one.chars().next().unwrap()),
        };
        events.push(Event::Key(KeyEvent::new(code, ctrl)));
    }
    events
}

/// Runs the loop over reports and keys until both are used up, and gives the
/// host as the last frame left it. The keys come after the reports.
pub fn run(
    model: Model,
    width: u16,
    height: u16,
    feed: Vec<FeedEvent>,
    script: &str,
) -> (Memory, Outcome) {
    let mut host = Memory::new(width, height);
    let outcome = run_on(&mut host, model, feed, keys(script));
    (host, outcome)
}

/// As [`run`], with all keys typed ahead of what the first of them begins.
pub fn run_ahead(
    model: Model,
    width: u16,
    height: u16,
    feed: Vec<FeedEvent>,
    script: &str,
) -> (Memory, Outcome) {
    let mut host = Memory::new(width, height);
    let outcome = play(&mut host, model, feed, keys(script), true);
    (host, outcome)
}

pub fn run_on(
    host: &mut Memory,
    model: Model,
    feed: Vec<FeedEvent>,
    events: Vec<Event>,
) -> Outcome {
    play(host, model, feed, events, false)
}

fn play(
    host: &mut Memory,
    model: Model,
    feed: Vec<FeedEvent>,
    events: Vec<Event>,
    ahead: bool,
) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (screen, port) = source::channel();
        let (busy, busy_at_end) = (Rc::clone(&host.busy), Rc::clone(&host.busy));
        // Each key waits for the loop to be idle, as a person would, unless all
        // are typed at once; then the terminal is gone, which ends the loop.
        let input = stream::iter(events.into_iter().enumerate())
            .then(move |(at, event)| {
                let busy = Rc::clone(&busy);
                async move {
                    if at == 0 || !ahead {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        out(&busy).await;
                    }
                    Ok(event)
                }
            })
            .chain(stream::once(async move {
                // Long enough for the scrollbar's map to come back.
                tokio::time::sleep(Duration::from_millis(300)).await;
                out(&busy_at_end).await;
                Err(io::Error::other("end of script"))
            }))
            .take_while(|event: &io::Result<Event>| std::future::ready(event.is_ok()));
        let reports = async move {
            for event in feed {
                port.events.send(event).await.unwrap();
            }
            // The source lives as long as the screen.
            port.events.closed().await;
        };
        let drive = drive(model, screen, Box::pin(input), stream::pending::<Signal>(), host);
        tokio::pin!(drive);
        tokio::select! {
            outcome = &mut drive => outcome.unwrap(),
            () = reports => drive.await.unwrap(),
        }
    })
}

/// Longer than any thread needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until what leaves has left: a thread that the paused clock doesn't
/// wait for writes it.
async fn out(busy: &Cell<bool>) {
    let begun = std::time::Instant::now();
    while busy.get() {
        assert!(begun.elapsed() < PATIENCE, "what leaves never left");
        tokio::task::yield_now().await;
    }
}

/// The screen as text.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            row.push_str(symbol);
            skip = buildcat::text::width(symbol).saturating_sub(1);
        }
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

/// The styles of the screen: one line per row, the runs that aren't plain.
pub fn styles(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut x = 0;
        let mut runs = Vec::new();
        while x < buffer.area.width {
            let style = buffer[(x, y)].style();
            let start = x;
            while x < buffer.area.width && buffer[(x, y)].style() == style {
                x += 1;
            }
            let name = |c: Option<ratatui::style::Color>| match c {
                None | Some(ratatui::style::Color::Reset) => "-".to_owned(),
                Some(c) => c.to_string(),
            };
            let look = format!("{} on {} {:?}", name(style.fg), name(style.bg), style.add_modifier);
            let look = look.replace(" NONE", "");
            if look != "- on -" {
                runs.push(format!("{start}..{x} {look}"));
            }
        }
        if !runs.is_empty() {
            out.push_str(&format!("{y:>2}: {}\n", runs.join(" | ")));
        }
    }
    out
}

/// Text and styles, for a snapshot.
pub fn picture(host: &Memory) -> String {
    format!("{}\n{}", text(host.buffer()), styles(host.buffer()))
}

/// Messages without a loop, for what needs no screen.
pub fn tell(model: &mut Model, messages: Vec<Message>) {
    for message in messages {
        buildcat::app::update(model, message);
        while buildcat::app::advance(model) {}
    }
}
