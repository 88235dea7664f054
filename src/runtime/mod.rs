//! The loop: keys, reports and time in; pictures out.
//!
//! ```text
//!   keys ─┐
//!   feed ─┼─► Message ─► app::update ─► Effect ─► host, source
//!   time ─┤                 │
//! signals ┘                 ▼
//!               app::advance (a slice of reading) ─► draw, if anything changed
//! ```
//!
//! Everything that waits is folded before one frame is drawn. A key is drawn
//! at once; what arrives is drawn at most every [`FRAME`]. Reading a big log
//! happens in slices between the keys. When nothing is left to do and nothing
//! on the screen ticks, the loop sleeps until something happens.

mod ahead;
mod errands;
mod guard;
pub mod host;
mod input;
mod outlet;
mod pause;
mod pen;
mod picture;
mod question;
pub mod screen;
mod shift;
mod signals;
mod terminal;

mod lend;

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyEventKind};
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc::{self, error::TryRecvError};

use crate::app::{self, Effect, Ending, Message, Model};
use crate::domain::FeedCommand;
use crate::explain::task::{Answer, Asker};
use crate::memory::Keeper;
use crate::outside::{Dock, Tools};
use crate::source::Feed;

pub use errands::Errands;
pub use host::{Host, Return};
pub use question::Heard;
pub use signals::Signal;

/// The least time between two frames that no key asked for.
pub const FRAME: Duration = Duration::from_millis(5);

/// A frame that is due so soon isn't waited for: waking up once more costs more
/// than the frame.
const SOON: Duration = Duration::from_millis(1);

/// The least time between two frames that only tell how far the reading of a
/// big log has come.
const PROGRESS: Duration = Duration::from_millis(40);

/// How many reports are folded before keys are looked at again.
const BATCH: usize = 256;

/// How many parcels leave between two looks at the keys.
const PARCELS: usize = 4;

/// How long after a program had the terminal a keyboard's interrupt may still
/// arrive that was meant for it.
const LENT: Duration = Duration::from_millis(200);

/// How the screen came to an end, and what was on it.
#[derive(Debug)]
pub struct Outcome {
    /// Why it ended.
    pub ending: Ending,
    /// All that was known: the log, the build's record, the diagnosis.
    pub model: Model,
    /// What remembers things for the next runs; it may still have to write.
    pub memory: Option<Keeper>,
}

/// What the loop listens to besides the keyboard.
#[derive(Debug)]
pub struct Ends {
    /// The log's source.
    pub feed: Feed,
    /// The project that findings are explained by, when there is one.
    pub project: Option<Asker>,
    /// What remembers things from run to run, where there is a place for it.
    pub memory: Option<Keeper>,
    /// The user's editor, pager and clipboard.
    pub tools: Tools,
    /// What is done once the first picture is shown.
    pub errands: Errands,
}

impl From<Feed> for Ends {
    fn from(feed: Feed) -> Self {
        let (tools, errands) = (Tools::default(), Errands::default());
        Self { feed, project: None, memory: None, tools, errands }
    }
}

/// Runs the screen on the terminal of this process until the user quits. The
/// terminal is restored when this returns, with whatever result.
///
/// # Errors
/// When there is no terminal for the keys, or it can't be used any more.
pub async fn run(model: Model, ends: impl Into<Ends>) -> io::Result<Outcome> {
    let signals = signals::Signals::listen()?;
    let question = question::Question::default();
    let (input, gate) = input::Input::listen(question.clone())?;
    let endings = signals::Endings::listen()?;
    let asks = model.options.adapts.then_some(question.clone());
    let mut terminal = terminal::Terminal::take(model.options.mouse, gate, endings, asks)?;
    let outcome = drive(model, ends, input, signals, &mut terminal).await;
    // Whoever has the terminal next doesn't expect an answer.
    question.settle();
    outcome
}

/// Says a line on the terminal after the screen is gone; where nobody reads
/// it, that is no reason to stay.
pub fn say(line: &str) {
    outlet::Outlet::open(signals::Endings::default()).farewell(format!("{line}\n").as_bytes());
}

/// Runs the screen on any host with any input; see [`run`].
///
/// An input that ends (the terminal is gone) ends the loop like a hang-up.
///
/// # Errors
/// Those of the host and of the input.
pub async fn drive<E: Into<Heard>>(
    mut model: Model,
    ends: impl Into<Ends>,
    mut input: impl Stream<Item = io::Result<E>> + Unpin,
    mut signals: impl Stream<Item = Signal> + Unpin,
    host: &mut impl Host,
) -> io::Result<Outcome> {
    let Ends { feed: Feed { events, commands }, mut project, memory, tools, errands } = ends.into();
    let mut errands = Some(errands);
    let mut done = None;
    let mut dock = Dock::new(tools);
    // A key that interrupts a program which has the terminal is not for us.
    let mut lent: Option<Instant> = None;
    let mut events = Some(events);
    let mut drawn: Option<Instant> = None;
    let mut queue: Vec<Message> = Vec::new();
    let mut ahead = ahead::Ahead::default();
    let mut hurry = true;
    let mut more = true;
    // What is in sight is another part of the log than was drawn.
    let mut moved = false;

    queue.push(Message::Now(host.now()));
    let (width, height) = host.size()?;
    queue.push(Message::Resize(width, height));

    loop {
        // Decide.
        let mut later = Vec::new();
        hurry |= !ahead.is_empty();
        ahead.add(queue.drain(..));
        while let Some(message) = ahead.next(&model, more) {
            more |= message.is_input();
            for effect in app::update(&mut model, message) {
                match effect {
                    Effect::Quit(ending) => {
                        // Whether it hears it or not: the channel closes.
                        let _ = commands.try_send(FeedCommand::Stop);
                        return Ok(Outcome { ending, model, memory });
                    }
                    Effect::Command(command) => {
                        // Full means that it has as many to obey already.
                        let _ = commands.try_send(command);
                    }
                    Effect::Bell => host.bell()?,
                    Effect::Remember(change) => {
                        if let Some(memory) = &memory {
                            memory.keep(change);
                        }
                    }
                    Effect::Mouse(on) => host.mouse(on)?,
                    Effect::Edit { path, line } => {
                        let command = dock.tools().edit(&path, line);
                        let names = lend::EDITOR;
                        lend::program(host, command, names, Return::AtOnce, None, &mut later)?;
                        lent = Some(clock());
                    }
                    Effect::Redraw => {
                        host.disturbed();
                        let (width, height) = host.size()?;
                        later.push(Message::Resize(width, height));
                    }
                    Effect::Suspend => {
                        host.suspend()?;
                        let (width, height) = host.size()?;
                        later.push(Message::Now(host.now()));
                        later.push(Message::Resumed);
                        later.push(Message::Resize(width, height));
                    }
                }
            }
        }
        if !later.is_empty() {
            queue = later;
            continue;
        }

        // Read on, a slice.
        if more {
            let before = model.scroll;
            more = app::advance(&mut model);
            moved |= before != model.scroll;
        }
        if let Some(title) = app::title(&mut model) {
            host.title(&title)?;
            // It leaves with the next frame.
            model.dirty = true;
        }
        if let Some((number, question)) = app::inquire(&mut model)
            && let Some(project) = &mut project
        {
            project.ask(number, question);
        }

        // Let leave what leaves.
        let mut sent = 0;
        while sent < PARCELS
            && dock.has_room()
            && let Some(parcel) = app::parcel(&mut model)
        {
            dock.take(parcel);
            sent += 1;
        }
        let sending = app::has_parcel(&model) && dock.has_room();

        // Draw.
        let now = clock();
        let pace = if moved || model.log.is_settled() { FRAME } else { PROGRESS };
        let due = drawn.is_none_or(|at| now + SOON >= at + pace);
        if model.dirty && (hurry || due) {
            host.draw(&model)?;
            model.dirty = false;
            moved = false;
            drawn = Some(now);
            if let Some(errands) = errands.take() {
                done = errands.begin();
            }
        }
        hurry = false;

        // Wait, unless there is more to read.
        let frame = if model.dirty { drawn.map(|at| at + FRAME) } else { None };
        let wake = [frame, app::next_tick(&model)].into_iter().flatten().min();
        if more || sending || !ahead.is_empty() {
            // What shares this thread with the loop has its turn.
            tokio::task::yield_now().await;
        } else {
            tokio::select! {
                biased;
                signal = signals.next() => {
                    if let Some(message) = hear(signal, lent, host)? { queue.push(message) }
                    hurry = true;
                }
                event = input.next() => {
                    match event {
                        Some(event) => queue.extend(read(event?.into())),
                        None => return Ok(hung_up(model, memory)),
                    }
                    hurry = true;
                }
                event = recv(&mut events) => {
                    match event {
                        Some(event) => queue.push(Message::Feed(event)),
                        None => { events = None; queue.push(Message::FeedClosed) }
                    }
                    more = true;
                }
                answer = answer(&mut project) => {
                    match answer {
                        Some(answer) => queue.push(Message::Explained(answer)),
                        None => project = None,
                    }
                }
                message = recv(&mut done) => {
                    match message {
                        Some(message) => queue.push(message),
                        None => done = None,
                    }
                    // Marks of earlier runs may find their lines.
                    more = true;
                }
                landed = dock.landed() => {
                    if lend::land(landed, dock.tools(), host, &mut queue)? {
                        lent = Some(clock());
                    }
                    hurry = true;
                }
                () = sleep_until(wake) => {}
            }
        }

        // Fold whatever else waits, without waiting.
        while let Some(Some(signal)) = ready(&mut signals).await {
            if let Some(message) = hear(Some(signal), lent, host)? {
                queue.push(message);
            }
            hurry = true;
        }
        while let Some(event) = ready(&mut input).await {
            match event {
                Some(event) => queue.extend(read(event?.into())),
                None => return Ok(hung_up(model, memory)),
            }
            hurry = true;
        }
        for _ in 0..BATCH {
            let Some(receiver) = &mut events else { break };
            match receiver.try_recv() {
                Ok(event) => queue.push(Message::Feed(event)),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    events = None;
                    queue.push(Message::FeedClosed);
                }
            }
            more = true;
        }
        if let Some(answer) = project.as_mut().and_then(Asker::ready) {
            queue.push(Message::Explained(answer));
        }
        while let Some(Ok(message)) = done.as_mut().map(mpsc::Receiver::try_recv) {
            queue.push(message);
            more = true;
        }
        while let Some(landed) = dock.ready() {
            if lend::land(landed, dock.tools(), host, &mut queue)? {
                lent = Some(clock());
            }
        }
        // A key may have asked for work (a search).
        more |= hurry;
        queue.insert(0, Message::Now(host.now()));
    }
}

/// The time by the clock that the loop sleeps by: a test that stops that one
/// stops all of it.
fn clock() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn hung_up(model: Model, memory: Option<Keeper>) -> Outcome {
    let hangup = rustix::process::Signal::HUP.as_raw();
    Outcome { ending: Ending::Signal(hangup), model, memory }
}

/// What a signal means to the model; a return from a stop is the host's.
fn hear(
    signal: Option<Signal>,
    lent: Option<Instant>,
    host: &mut impl Host,
) -> io::Result<Option<Message>> {
    let quit = rustix::process::Signal::QUIT.as_raw();
    let meant_for_another = lent.is_some_and(|at| clock().saturating_duration_since(at) < LENT);
    Ok(match signal {
        Some(Signal::Interrupt) if meant_for_another => None,
        Some(Signal::End(number)) if meant_for_another && number == quit => None,
        Some(Signal::Interrupt) => Some(Message::End(Ending::Interrupted)),
        Some(Signal::End(number)) => Some(Message::End(Ending::Signal(number))),
        Some(Signal::Continue) => {
            host.resume()?;
            Some(Message::Resumed)
        }
        Some(Signal::Resized) => {
            host.disturbed();
            let (width, height) = host.size()?;
            Some(Message::Resize(width, height))
        }
        None => None,
    })
}

/// What a terminal event means to the model.
fn read(heard: Heard) -> Option<Message> {
    let event = match heard {
        Heard::Event(event) => event,
        Heard::Background(background) => return Some(Message::Background(background)),
    };
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Message::Key(key)),
        Event::Mouse(mouse) => Some(Message::Mouse(mouse)),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(width, height) => Some(Message::Resize(width, height)),
        Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

/// The next item if there is one now. The stream is polled in the loop's own
/// context: an event stream remembers the first waker it is given.
async fn ready<S: Stream + Unpin>(stream: &mut S) -> Option<Option<S::Item>> {
    poll_fn(|cx| {
        Poll::Ready(match stream.poll_next_unpin(cx) {
            Poll::Ready(item) => Some(item),
            Poll::Pending => None,
        })
    })
    .await
}

async fn recv<T>(receiver: &mut Option<mpsc::Receiver<T>>) -> Option<T> {
    match receiver {
        Some(receiver) => receiver.recv().await,
        None => std::future::pending().await,
    }
}

async fn answer(project: &mut Option<Asker>) -> Option<Answer> {
    match project {
        Some(project) => project.answer().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
