//! Keys, mouse and sizes from the terminal, as a stream.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::Stream;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use tokio::sync::mpsc;

use super::bytes::Bytes;
use super::guard::keyboard;
use super::question::{Heard, Question, Sieve};

/// How many events may wait for the loop.
const WAITING: usize = 64;

/// The bytes that are read at a time.
const CHUNK: usize = 1024;

/// The events of the terminal; ends when the terminal is gone.
///
/// A thread of our own reads them: what is begun and never ended must not keep
/// it (see [`Bytes`]), and a program that is given the terminal must find nobody
/// reading there.
#[derive(Debug)]
pub struct Input(mpsc::Receiver<io::Result<Heard>>);

impl Input {
    /// Begins to read; the answer to a question is told from the keys. The
    /// thread ends with the process, or with the first event that nobody wants
    /// any more.
    pub fn listen(question: Question) -> io::Result<(Self, Gate)> {
        let (events, waiting) = mpsc::channel(WAITING);
        let (gate, woken) = Gate::new()?;
        let ours = gate.clone();
        let keyboard = device()?;
        std::thread::Builder::new().name("input".to_owned()).spawn(move || {
            let (mut bytes, mut sieve) = (Bytes::default(), Sieve::new(question));
            let mut found = Vec::new();
            loop {
                ours.pass();
                let sieving = sieve.patience();
                let unfinished = bytes.patience(Instant::now());
                let patience = [sieving, unfinished].into_iter().flatten().min();
                match read(&keyboard, &woken, patience) {
                    Ok(Some(chunk)) if chunk.is_empty() => continue,
                    Ok(Some(chunk)) => {
                        bytes.take(&chunk, chunk.len() == CHUNK, Instant::now(), &mut found);
                    }
                    Ok(None) if sieving.is_some() && sieving == patience => sieve.expire(),
                    Ok(None) => bytes.expire(&mut found),
                    Err(error) if is_hangup(&error) => return,
                    Err(error) => {
                        let _ = events.blocking_send(Err(error));
                        return;
                    }
                }
                found.drain(..).for_each(|event| sieve.take(event));
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

/// The terminal by a name under which it can be waited for: on macOS that can't
/// be done with `/dev/tty`.
fn device() -> io::Result<File> {
    if rustix::termios::isatty(io::stdin()) {
        return keyboard();
    }
    let named = rustix::termios::ttyname(io::stdout(), Vec::new()).ok();
    let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::CLOEXEC;
    let named = named.and_then(|name| rustix::fs::open(name, flags, Mode::empty()).ok());
    named.map_or_else(keyboard, |terminal| Ok(terminal.into()))
}

/// The next bytes; none when the gate closes, `None` when nothing comes in that
/// time.
fn read(
    mut keyboard: &File,
    mut woken: &UnixStream,
    patience: Option<Duration>,
) -> io::Result<Option<Vec<u8>>> {
    let mut fds = [PollFd::new(keyboard, PollFlags::IN), PollFd::new(woken, PollFlags::IN)];
    let limit = patience.map(|time| Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    });
    match poll(&mut fds, limit.as_ref()) {
        Ok(0) => return Ok(None),
        Ok(_) => {}
        Err(Errno::INTR) => return Ok(Some(Vec::new())),
        Err(error) => return Err(error.into()),
    }
    if !fds[1].revents().is_empty() {
        let _ = woken.read(&mut [0; 64]);
        return Ok(Some(Vec::new()));
    }
    let mut chunk = vec![0; CHUNK];
    match keyboard.read(&mut chunk) {
        // The other end is closed.
        Ok(0) => Err(Errno::IO.into()),
        Ok(length) => {
            chunk.truncate(length);
            Ok(Some(chunk))
        }
        Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {
            Ok(Some(Vec::new()))
        }
        Err(error) => Err(error),
    }
}

/// What keeps the thread from reading while another program has the terminal:
/// it would take every other key from it.
#[derive(Clone, Debug)]
pub struct Gate {
    passage: Arc<(Mutex<Passage>, Condvar)>,
    /// Wakes the thread where it waits for keys.
    wake: Arc<UnixStream>,
}

#[derive(Debug, Default)]
struct Passage {
    closed: bool,
    /// Whether the thread waits before it.
    held: bool,
}

/// How long a reading thread may take to reach the gate.
const PATIENCE: Duration = Duration::from_millis(500);

impl Gate {
    /// An open one, and where it is heard that it closes.
    fn new() -> io::Result<(Self, UnixStream)> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        Ok((Self { passage: Arc::default(), wake: Arc::new(wake) }, woken))
    }

    /// Closes the gate, and waits until the thread stands before it.
    pub fn close(&self) {
        let (passage, changed) = &*self.passage;
        let mut passage = passage.lock().unwrap_or_else(PoisonError::into_inner);
        passage.closed = true;
        if !passage.held {
            // One that is full wakes it as well.
            let _ = (&*self.wake).write(&[0]);
        }
        drop(
            changed
                .wait_timeout_while(passage, PATIENCE, |passage| !passage.held)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// Opens it again.
    pub fn open(&self) {
        let (passage, changed) = &*self.passage;
        passage.lock().unwrap_or_else(PoisonError::into_inner).closed = false;
        changed.notify_all();
    }

    /// The thread goes through, or waits.
    fn pass(&self) {
        let (passage, changed) = &*self.passage;
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
