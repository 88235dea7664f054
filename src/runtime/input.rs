//! Keys, mouse and sizes from the terminal, as a stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crossterm::event::Event;
use futures_util::Stream;
use tokio::sync::mpsc;

/// How many events may wait for the loop.
const WAITING: usize = 64;

/// The events of the terminal; ends when the terminal is gone.
///
/// A thread of our own reads them, because crossterm's `EventStream` doesn't
/// go together with its source that polls (`use-dev-tty`), and the other one
/// drops what comes in the same moment: a new size beside a key, or a key
/// beside a new size. It can't read `/dev/tty` on macOS either.
#[derive(Debug)]
pub struct Input(mpsc::Receiver<io::Result<Event>>);

impl Input {
    /// Begins to read. The thread ends with the process, or with the first
    /// event that nobody wants any more.
    pub fn listen() -> io::Result<Self> {
        let (events, waiting) = mpsc::channel(WAITING);
        std::thread::Builder::new().name("input".to_owned()).spawn(move || {
            loop {
                let event = crossterm::event::read();
                let over = match &event {
                    Ok(_) => false,
                    Err(error) if is_hangup(error) => return,
                    Err(_) => true,
                };
                if events.blocking_send(event).is_err() || over {
                    return;
                }
            }
        })?;
        Ok(Self(waiting))
    }
}

/// Whether the other end of the terminal is closed.
pub(super) fn is_hangup(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}

impl Stream for Input {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}
