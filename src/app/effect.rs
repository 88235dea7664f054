//! What the screen's logic wants done outside of it.

use std::path::PathBuf;

use crate::domain::FeedCommand;
use crate::memory::Change;

/// Why the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The user quit.
    Quit,
    /// The user interrupted (Ctrl-C, SIGINT).
    Interrupted,
    /// A signal of that number ended it.
    Signal(i32),
}

/// An effect requested; the runtime performs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// End the program.
    Quit(Ending),
    /// Give the terminal back to the shell until the user returns.
    Suspend,
    /// Draw all of the screen again, in the size it has now.
    Redraw,
    /// Tell the source something.
    Command(FeedCommand),
    /// Ring the bell.
    Bell,
    /// Remember something for the next runs.
    Remember(Change),
    /// Open a file in the user's editor, and give it the terminal until it is
    /// done.
    Edit {
        /// The file.
        path: PathBuf,
        /// The line to go to, from 1.
        line: u64,
    },
    /// Listen to the mouse, or leave it to the terminal.
    Mouse(bool),
}
