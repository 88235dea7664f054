//! Facts that reach the screen's logic.

use std::time::Instant;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;

use crate::domain::FeedEvent;
use crate::explain::task::Answer;
use crate::memory::Memory;
use crate::parse::history::History;
use crate::theme::Background;

use super::effect::Ending;
use super::outgoing::Report;

/// The time, on the clock that only goes forward and on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// For ages and waits.
    pub instant: Instant,
    /// For times that the service tells.
    pub wall: Timestamp,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The time is now this; comes before whatever happened at that time.
    Now(Now),
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has told its background.
    Background(Background),
    /// The screen has another size.
    Resize(u16, u16),
    /// The source reports.
    Feed(FeedEvent),
    /// The source is gone without a word.
    FeedClosed,
    /// The project has been looked at.
    Explained(Answer),
    /// What earlier runs remembered has been read.
    Remembered(Box<Memory>),
    /// How long the steps of earlier builds took has been read.
    Past(Vec<History>),
    /// What came of something that left, by its number; without one, of a
    /// program that was run.
    Report(Option<u64>, Report),
    /// The terminal is ours again after a suspension.
    Resumed,
    /// Something outside of the keyboard ends the program.
    End(Ending),
}
