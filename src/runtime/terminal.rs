//! The real terminal.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Instant;

use jiff::Timestamp;
use ratatui::backend::CrosstermBackend;

use crate::app::{Model, Now};

use super::guard::Guard;
use super::host::Host;
use super::input;
use super::screen::Screen;
use super::signals;

/// Bytes on their way to the terminal. They are collected for a whole frame
/// and leave in one write, so that no half picture is ever shown.
#[derive(Clone, Debug, Default)]
struct Output(Rc<RefCell<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begin and end of a synchronized update: a terminal that knows them shows
/// the frame at once, others ignore them.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// The terminal this process runs in.
pub struct Terminal {
    output: Output,
    screen: Screen<CrosstermBackend<Output>>,
    guard: Guard,
    /// The other end of the terminal is closed.
    gone: bool,
}

impl Terminal {
    /// Takes the terminal.
    pub fn take(mouse: bool) -> io::Result<Self> {
        // Which colours there are is decided once, by the theme's styles.
        crossterm::style::force_color_output(true);
        let guard = Guard::take(mouse)?;
        let output = Output::default();
        let screen = Screen::new(CrosstermBackend::new(output.clone()));
        Ok(Self { output, screen, guard, gone: false })
    }

    fn send(&mut self, framed: bool) -> io::Result<()> {
        let mut bytes = self.output.0.borrow_mut();
        if framed {
            bytes.splice(0..0, BEGIN.iter().copied());
            bytes.extend_from_slice(END);
        }
        let mut out = io::stdout().lock();
        let sent = out.write_all(&bytes).and_then(|()| out.flush());
        bytes.clear();
        drop(bytes);
        self.heed(sent)
    }
}

impl Terminal {
    /// Takes a terminal that is gone for no error: the input ends next, which
    /// ends the program as a hang-up does.
    fn heed(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if input::is_hangup(&error) => {
                self.gone = true;
                Ok(())
            }
            result => result,
        }
    }
}

impl Host for Terminal {
    fn now(&self) -> Now {
        Now { instant: Instant::now(), wall: Timestamp::now() }
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        crossterm::terminal::size()
    }

    fn draw(&mut self, model: &Model) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        if !self.guard.is_taken() {
            return Err(io::Error::other("the terminal was given back after an internal error"));
        }
        if self.screen.draw(model)? {
            self.send(true)?;
        }
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.guard.leave();
        signals::stop()?;
        self.resume()
    }

    fn resume(&mut self) -> io::Result<()> {
        if self.guard.is_taken() {
            // Stopped from outside: the shell has set modes of its own.
            self.guard.leave();
        }
        let entered = self.guard.enter();
        self.heed(entered)?;
        self.screen.invalidate();
        Ok(())
    }

    fn title(&mut self, title: &str) -> io::Result<()> {
        let mut sequence = String::new();
        // The text is ours and of clean parts; a control in it would end the
        // sequence early.
        let clean: String = title.chars().filter(|c| !c.is_control()).collect();
        write!(sequence, "\x1b]2;{clean}\x07").map_err(io::Error::other)?;
        self.output.write_all(sequence.as_bytes())?;
        self.send(false)
    }

    fn bell(&mut self) -> io::Result<()> {
        self.output.write_all(b"\x07")?;
        self.send(false)
    }
}
