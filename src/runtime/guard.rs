//! Taking the terminal, and giving it back whatever happens.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcsetattr};

use super::outlet::Outlet;

/// Raw mode, the alternate screen, and the modes that come with them, for as
/// long as it lives: dropped, it restores the terminal. A panic restores it
/// too, before its message is printed.
#[derive(Debug)]
pub struct Guard {
    taken: Arc<AtomicBool>,
    mouse: AtomicBool,
    outlet: Outlet,
    modes: Arc<Modes>,
}

/// The modes that the terminal had before it was taken. The library would take
/// those that another program left it in for them.
#[derive(Debug)]
pub struct Modes {
    keyboard: File,
    before: Termios,
}

impl Modes {
    /// The modes of the terminal now.
    pub fn of(keyboard: File) -> io::Result<Self> {
        let before = tcgetattr(&keyboard)?;
        Ok(Self { keyboard, before })
    }

    /// Puts the terminal into them again, as far as it goes: when it is gone,
    /// so is what there was to restore.
    pub fn restore(&self) {
        let _ = tcsetattr(&self.keyboard, OptionalActions::Now, &self.before);
    }
}

/// The terminal that the keys come from: standard input, unless a log comes
/// through that.
///
/// # Errors
/// When the program has no terminal, or none that can be opened.
pub fn keyboard() -> io::Result<File> {
    let stdin = io::stdin();
    match isatty(&stdin) {
        true => Ok(stdin.as_fd().try_clone_to_owned()?.into()),
        false => File::options().read(true).write(true).open("/dev/tty"),
    }
}

/// Push the title, alternate screen, bracketed paste, no cursor. No wrapping: a
/// picture that the terminal thinks wider than we do would run over the edge into
/// the next row, and at the end of the last one scroll all of it away.
const ENTER: &str = "\x1b[22;0t\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[?25l";
/// Buttons, drags and the wheel, in the coordinates of SGR. Not the bare
/// movement (1003), which would wake the program for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// The reverse.
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// The reverse of all of the above, harmless where it wasn't on; first ends
/// an update that a panic may have left open, and the scroll region, which
/// takes the cursor to the top.
const LEAVE: &str = "\x1b[?2026l\x1b[r\x1b[999H\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l\x1b[23;0t";

impl Guard {
    /// Takes the terminal.
    pub fn take(mouse: bool, outlet: Outlet) -> io::Result<Self> {
        let modes = Arc::new(Modes::of(keyboard()?)?);
        let (last, before) = (outlet.clone(), Arc::clone(&modes));
        let (taken, mouse) = (Arc::new(AtomicBool::new(false)), AtomicBool::new(mouse));
        let guard = Self { taken, mouse, outlet, modes };
        let taken = Arc::clone(&guard.taken);
        let here = thread::current().id();
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !taken.load(Ordering::SeqCst) {
                hook(info);
            } else if thread::current().id() == here {
                restore(&taken, &last, &before);
                hook(info);
            } else {
                // A background task: its channel closes and the screen says
                // so. The message would only be smeared over the picture.
                tracing::error!("{info}");
            }
        }));
        guard.enter()?;
        Ok(guard)
    }

    /// Takes the terminal again after [`Guard::leave`], or after somebody
    /// else changed its modes.
    pub fn enter(&self) -> io::Result<()> {
        enable_raw_mode()?;
        self.taken.store(true, Ordering::SeqCst);
        let mouse = if self.mouse.load(Ordering::SeqCst) { MOUSE_ON } else { "" };
        self.outlet.send(format!("{ENTER}{mouse}").as_bytes())
    }

    /// Listens to the mouse, or leaves it to the terminal.
    pub fn mouse(&self, on: bool) -> io::Result<()> {
        self.mouse.store(on, Ordering::SeqCst);
        self.outlet.send(if on { MOUSE_ON } else { MOUSE_OFF }.as_bytes())
    }

    /// Gives the terminal back for a while.
    pub fn leave(&self) {
        restore(&self.taken, &self.outlet, &self.modes);
    }

    /// The terminal that the keys come from.
    pub fn keyboard(&self) -> &File {
        &self.modes.keyboard
    }

    /// Undoes what another program left the terminal in; the modes that it has
    /// now.
    pub fn reset(&self) -> &Termios {
        self.modes.restore();
        &self.modes.before
    }

    /// Whether the terminal is still ours.
    pub fn is_taken(&self) -> bool {
        self.taken.load(Ordering::SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore(&self.taken, &self.outlet, &self.modes);
    }
}

/// Best effort: when the terminal is gone, so is what there was to restore.
fn restore(taken: &AtomicBool, outlet: &Outlet, modes: &Modes) {
    if taken.swap(false, Ordering::SeqCst) {
        outlet.farewell(LEAVE.as_bytes());
        let _ = disable_raw_mode();
        modes.restore();
    }
}
