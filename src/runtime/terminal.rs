//! The real terminal.

use std::io::{self, Write};
use std::process::Command;
use std::time::Instant;

use jiff::Timestamp;

use crate::app::{Model, Now};
use crate::outside::Ended;

use super::guard::Guard;
use super::host::{Host, Return};
use super::input;
use super::outlet::Outlet;
use super::pause;
use super::question::{QUERY, Question};
use super::screen::Screen;
use super::signals::{self, Endings};

/// Begin and end of a synchronized update: a terminal that knows them shows
/// the frame at once, others ignore them.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// What stands below the output of a program until a key is pressed, and what
/// takes that away.
const PAUSE: &[u8] = b"\r\nPress a key to go back";
const ERASE: &[u8] = b"\r\x1b[J";

/// The terminal this process runs in.
pub struct Terminal {
    screen: Screen,
    guard: Guard,
    outlet: Outlet,
    endings: Endings,
    gate: input::Gate,
    /// What is asked with the first frame.
    asks: Option<Question>,
    asked: Option<Question>,
    /// The other end of the terminal is closed.
    gone: bool,
    /// What is sent; kept for its room.
    bytes: Vec<u8>,
}

impl Terminal {
    /// Takes the terminal; it is asked for its background with the first frame
    /// where there is a question.
    pub fn take(
        mouse: bool,
        gate: input::Gate,
        endings: Endings,
        asks: Option<Question>,
    ) -> io::Result<Self> {
        let outlet = Outlet::open(endings.clone());
        let guard = Guard::take(mouse, outlet.clone())?;
        let screen = Screen::new();
        let (asked, bytes) = (None, Vec::new());
        Ok(Self { screen, guard, outlet, endings, gate, asks, asked, gone: false, bytes })
    }

    /// Sends what is to be sent in one write, so that no half picture is ever
    /// shown.
    fn send(&mut self) -> io::Result<()> {
        let sent = self.outlet.send(&self.bytes);
        self.bytes.clear();
        self.heed(sent)
    }
}

impl Terminal {
    /// Waits for an answer that is on its way, before somebody else has the
    /// terminal.
    fn settle(&self) {
        if let Some(question) = &self.asked {
            question.settle();
        }
    }

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
        if self.gone {
            return Ok((0, 0));
        }
        crossterm::terminal::size()
    }

    fn disturbed(&mut self) {
        self.screen.invalidate();
    }

    fn draw(&mut self, model: &Model) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        if !self.guard.is_taken() {
            return Err(io::Error::other("the terminal was given back after an internal error"));
        }
        let frame = self.screen.draw(model);
        if !frame.is_empty() {
            self.bytes.extend_from_slice(BEGIN);
            self.bytes.extend_from_slice(frame);
            self.bytes.extend_from_slice(END);
        }
        if let Some(question) = self.asks.take() {
            question.ask();
            self.bytes.extend_from_slice(QUERY);
            self.asked = Some(question);
        }
        if self.bytes.is_empty() { Ok(()) } else { self.send() }
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.settle();
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
        // The text is ours and of clean parts; a control in it would end the
        // sequence early.
        let clean: String = title.chars().filter(|c| !c.is_control()).collect();
        write!(self.bytes, "\x1b]2;{clean}\x07")
    }

    fn clipboard(&mut self, sequence: &str) -> io::Result<()> {
        self.bytes.extend_from_slice(sequence.as_bytes());
        self.send()
    }

    fn mouse(&mut self, on: bool) -> io::Result<()> {
        let switched = self.guard.mouse(on);
        self.heed(switched)
    }

    fn lend(&mut self, mut command: Command, back: Return) -> io::Result<io::Result<Ended>> {
        if back == Return::AtOnce {
            command.stdin(self.guard.keyboard().try_clone()?);
        }
        self.settle();
        self.gate.close();
        self.guard.leave();
        let look = match back {
            Return::AtOnce => None,
            Return::Read => Some(pause::Look::begin(self.guard.keyboard().try_clone()?)),
        };
        let ended = run(command);
        let modes = self.guard.reset();
        self.endings.forget_typed();
        if look.is_some_and(|look| !look.took_keys()) && ended.is_ok() {
            self.outlet.farewell(PAUSE);
            let waited = pause::wait(self.guard.keyboard(), modes, &self.endings);
            self.endings.forget_typed();
            self.outlet.farewell(ERASE);
            self.heed(waited)?;
        }
        self.gate.open();
        self.resume()?;
        Ok(ended)
    }

    fn bell(&mut self) -> io::Result<()> {
        self.bytes.push(7);
        self.send()
    }
}

/// Runs a program in the foreground, as a shell would: when it is stopped, we
/// stop with it, and when the user comes back it goes on.
fn run(mut command: Command) -> io::Result<Ended> {
    use rustix::process::{Pid, WaitOptions, waitpid};
    let child = command.spawn()?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| io::Error::other("it has no process id"))?;
    loop {
        let status = match waitpid(Some(pid), WaitOptions::UNTRACED) {
            Ok(Some((_, status))) => status,
            Ok(None) | Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        if let Some(ended) = ended(status) {
            return Ok(ended);
        }
        // Ctrl-Z stops us as well as it. If it goes on by now, we have been
        // stopped and brought back together, and a second stop would need a
        // second `fg`.
        let since = waitpid(Some(pid), WaitOptions::NOHANG | WaitOptions::CONTINUED);
        if let Ok(Some((_, status))) = since {
            match ended(status) {
                Some(ended) => return Ok(ended),
                None => continue,
            }
        }
        // Stopped alone: the shell gets the terminal.
        signals::stop()?;
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::CONT);
    }
}

/// How a program came to its end, if it did.
fn ended(status: rustix::process::WaitStatus) -> Option<Ended> {
    let code = status.exit_status().map(Ended::Code);
    code.or_else(|| status.terminating_signal().map(Ended::Signal))
}
