//! Keys, mouse and sizes from the terminal, as a stream.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use crossterm::event::Event;
use futures_util::Stream;
use tokio::sync::mpsc;

use super::question::{Heard, Question, Sieve};

/// How many events may wait for the loop.
const WAITING: usize = 64;

/// The events of the terminal; ends when the terminal is gone.
///
/// A thread of our own reads them, because crossterm's `EventStream` doesn't
/// go together with its source that polls (`use-dev-tty`), and the other one
/// drops what comes in the same moment: a new size beside a key, or a key
/// beside a new size. It can't read `/dev/tty` on macOS either.
#[derive(Debug)]
pub struct Input(mpsc::Receiver<io::Result<Heard>>);

impl Input {
    /// Begins to read; the answer to a question is told from the keys. The
    /// thread ends with the process, or with the first event that nobody wants
    /// any more.
    pub fn listen(question: Question) -> io::Result<(Self, Gate)> {
        let (events, waiting) = mpsc::channel(WAITING);
        let gate = Gate::default();
        let ours = gate.clone();
        std::thread::Builder::new().name("input".to_owned()).spawn(move || {
            let mut sieve = Sieve::new(question);
            loop {
                ours.pass();
                match read(sieve.patience()) {
                    Ok(Some(event)) => sieve.take(event),
                    Ok(None) => sieve.expire(),
                    Err(error) if is_hangup(&error) => return,
                    Err(error) => {
                        let _ = events.blocking_send(Err(error));
                        return;
                    }
                }
                while let Some(heard) = sieve.next() {
                    if events.blocking_send(Ok(heard)).is_err() {
                        return;
                    }
                }
            }
        })?;
        Ok((Self(waiting), gate))
    }
}

/// The next event; `None` when none comes in that time.
fn read(patience: Option<Duration>) -> io::Result<Option<Event>> {
    match patience {
        Some(time) if !crossterm::event::poll(time)? => Ok(None),
        _ => crossterm::event::read().map(Some),
    }
}

/// What keeps the thread from reading while another program has the terminal:
/// it would take every other key from it.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<Passage>, Condvar)>);

#[derive(Debug, Default)]
struct Passage {
    closed: bool,
    /// Whether the thread waits before it.
    held: bool,
}

/// How long a reading thread may take to reach the gate.
const PATIENCE: Duration = Duration::from_millis(500);

impl Gate {
    /// Closes the gate, and waits until the thread stands before it.
    pub fn close(&self) {
        let (passage, changed) = &*self.0;
        let mut passage = passage.lock().unwrap_or_else(PoisonError::into_inner);
        passage.closed = true;
        if !passage.held {
            // A reading thread returns with the news of another size.
            let ourselves = rustix::process::getpid();
            let _ = rustix::process::kill_process(ourselves, rustix::process::Signal::WINCH);
        }
        drop(
            changed
                .wait_timeout_while(passage, PATIENCE, |passage| !passage.held)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// Opens it again.
    pub fn open(&self) {
        let (passage, changed) = &*self.0;
        passage.lock().unwrap_or_else(PoisonError::into_inner).closed = false;
        changed.notify_all();
    }

    /// The thread goes through, or waits.
    fn pass(&self) {
        let (passage, changed) = &*self.0;
        let mut passage = passage.lock().unwrap_or_else(PoisonError::into_inner);
        while passage.closed {
            passage.held = true;
            changed.notify_all();
            passage = changed.wait(passage).unwrap_or_else(PoisonError::into_inner);
        }
        passage.held = false;
    }
}

/// Whether the other end of the terminal is closed. Opened anew, such a terminal
/// isn't there at all.
pub(super) fn is_hangup(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::IO, Errno::NXIO].iter().any(|e| error.raw_os_error() == Some(e.raw_os_error()))
}

impl Stream for Input {
    type Item = io::Result<Heard>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}
