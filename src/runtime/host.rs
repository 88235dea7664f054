//! What the loop needs of the world outside: a screen, a clock, a shell.

use std::io;
use std::process::Command;

use crate::app::{Model, Now};
use crate::outside::Ended;

/// The outside, as the loop sees it. The real one is
/// the terminal of this process; tests have theirs.
pub trait Host {
    /// The time.
    fn now(&self) -> Now;

    /// Columns and rows of the screen.
    ///
    /// # Errors
    /// When the terminal doesn't tell.
    fn size(&self) -> io::Result<(u16, u16)>;

    /// Takes note that what is on the terminal is no longer known: its size has
    /// changed, perhaps there and back, or somebody else wrote to it.
    fn disturbed(&mut self) {}

    /// Draws the model.
    ///
    /// # Errors
    /// When the terminal can't be written.
    fn draw(&mut self, model: &Model) -> io::Result<()>;

    /// Gives the terminal to the shell; returns when it is ours again.
    ///
    /// # Errors
    /// When its modes can't be set, or it can't be written.
    fn suspend(&mut self) -> io::Result<()>;

    /// Takes the terminal again after a stop from outside.
    ///
    /// # Errors
    /// When its modes can't be set, or it can't be written.
    fn resume(&mut self) -> io::Result<()>;

    /// Sets the terminal's title, with the next frame.
    ///
    /// # Errors
    /// When the terminal can't be written.
    fn title(&mut self, title: &str) -> io::Result<()>;

    /// Rings the bell.
    ///
    /// # Errors
    /// When the terminal can't be written.
    fn bell(&mut self) -> io::Result<()>;

    /// Sends a sequence that puts text into the terminal's clipboard.
    ///
    /// # Errors
    /// When the terminal can't be written.
    fn clipboard(&mut self, sequence: &str) -> io::Result<()>;

    /// Listens to the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// When the terminal can't be written.
    fn mouse(&mut self, on: bool) -> io::Result<()>;

    /// Gives the terminal to a program until it ends; why it could not be
    /// started is the error inside.
    ///
    /// # Errors
    /// When the terminal's modes can't be set, or it can't be written.
    fn lend(&mut self, command: Command, back: Return) -> io::Result<io::Result<Ended>>;
}

/// When the terminal comes back from a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// As soon as it ends; until then it has the keys, also where our standard
    /// input is a log.
    AtOnce,
    /// When what it printed was read: at a key, unless it took keys itself.
    Read,
}
