//! A pause before the terminal is taken back from a program, so that what it
//! printed can be read.
//!
//! A program that only prints (`wc -l`, `cat`) is done before anybody has read
//! it, and its output lies on the normal screen, behind ours: it stays until a
//! key is pressed. A pager was quit by who read it, and a second key would be
//! one too many. Names don't tell the two apart (`less -F` prints what fits,
//! `PAGER` may be `cat` or anybody's script). What does is how they take their
//! keys: what is read on the screen takes them one by one, and for that the
//! terminal out of its line mode, for as long as it is read.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::signals::Endings;

/// The time between two looks at the terminal's modes. `less -F` leaves the
/// line mode, too, for a moment: what is seen twice is no moment.
const LOOK: Duration = Duration::from_millis(25);

/// The least time, in tenths of a second, that passes between two looks at
/// whether the program is to end.
const PATIENCE: u8 = 1;

/// A look at a program while it has the terminal.
#[derive(Debug)]
pub struct Look {
    over: Sender<()>,
    thread: Option<JoinHandle<bool>>,
}

impl Look {
    /// Begins to look on. Where there is no thread for it, nothing is seen.
    pub fn begin(keyboard: File) -> Self {
        let (over, ended) = mpsc::channel::<()>();
        let look = move || {
            let mut seen = 0;
            while seen < 2 {
                match ended.recv_timeout(LOOK) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return false,
                }
                seen = match tcgetattr(&keyboard) {
                    Ok(modes) if !modes.local_modes.contains(LocalModes::ICANON) => seen + 1,
                    _ => 0,
                };
            }
            true
        };
        let thread = thread::Builder::new().name("look".to_owned()).spawn(look).ok();
        Self { over, thread }
    }

    /// Whether the program, which has ended, took keys one by one.
    pub fn took_keys(self) -> bool {
        drop(self.over);
        self.thread.and_then(|thread| thread.join().ok()).unwrap_or(false)
    }
}

/// Waits for a key, or for a signal that says to end, or for the end of the
/// terminal. An interrupt is as good as a key, which is what it is but when
/// somebody sends one. `modes` are those that the terminal is to have afterwards.
///
/// # Errors
/// When the modes can't be set. A terminal that doesn't tell them any more is
/// gone, which ends the waiting and is none.
pub fn wait(mut keyboard: &File, modes: &Termios, ending: &Endings) -> io::Result<()> {
    let mut one_by_one = modes.clone();
    one_by_one.make_raw();
    one_by_one.special_codes[SpecialCodeIndex::VMIN] = 0;
    one_by_one.special_codes[SpecialCodeIndex::VTIME] = PATIENCE;
    let mut key = [0; 64];
    while !ending.is_due() {
        // Again and again: after a stop the shell has set modes of its own.
        match tcgetattr(keyboard) {
            Ok(now) if now.local_modes.contains(LocalModes::ICANON) => {
                tcsetattr(keyboard, OptionalActions::Now, &one_by_one)?;
            }
            Ok(_) => {}
            Err(_) => break,
        }
        match keyboard.read(&mut key) {
            Ok(0) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => break,
        }
    }
    let _ = tcsetattr(keyboard, OptionalActions::Now, modes);
    Ok(())
}
