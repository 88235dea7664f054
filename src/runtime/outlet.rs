//! The way to the terminal, which may be slow, or not be read at all.
//!
//! A terminal behind a slow line takes what it can; frames are dropped by
//! themselves, because none is drawn while one is on its way. One that isn't
//! read any more (stopped with Ctrl-S, a connection that hangs) must not hold
//! the program for ever: a signal to end lets go of it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::signals::Endings;

/// How often a write that waits looks whether the program is to end.
const LOOK: Duration = Duration::from_millis(50);
/// How long the last words to a terminal wait for room.
const FAREWELL: Duration = Duration::from_millis(500);

/// Where the terminal's bytes go. Clones go to the same one.
#[derive(Clone, Debug)]
pub struct Outlet {
    /// The terminal, opened anew so that writing to it doesn't block whoever
    /// shares it with us; `None` where only standard output leads there.
    terminal: Option<Arc<OwnedFd>>,
    ending: Endings,
}

impl Outlet {
    /// The terminal on standard output. While the program is to end, nothing
    /// waits for it.
    pub fn open(ending: Endings) -> Self {
        let flags = OFlags::WRONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let terminal = rustix::termios::ttyname(io::stdout(), Vec::new())
            .and_then(|name| rustix::fs::open(name, flags, Mode::empty()))
            .ok()
            .map(Arc::new);
        Self { terminal, ending }
    }

    /// Sends all of it, as soon as there is room.
    ///
    /// # Errors
    /// As for a terminal that was hung up, when the program is to end.
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes, || !self.ending.is_due())
    }

    /// Sends the last words; gives up where nobody takes them.
    pub fn farewell(&self, bytes: &[u8]) {
        let until = Instant::now() + FAREWELL;
        let _ = self.write(bytes, || Instant::now() < until);
    }

    /// The one of the library would cut a write at its last line feed.
    fn write(&self, mut bytes: &[u8], patient: impl Fn() -> bool) -> io::Result<()> {
        let out = io::stdout().lock();
        let out = self.terminal.as_deref().map_or_else(|| out.as_fd(), |terminal| terminal.as_fd());
        let look = Timespec { tv_sec: 0, tv_nsec: i64::from(LOOK.subsec_nanos()) };
        while !bytes.is_empty() {
            match rustix::io::write(out, bytes) {
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) if !patient() => return Err(Errno::IO.into()),
                Err(Errno::AGAIN) => {
                    match poll(&mut [PollFd::new(&out, PollFlags::OUT)], Some(&look)) {
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
