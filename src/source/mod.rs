//! Where a log comes from: the service, a file, or a pipe.
//!
//! A source is a task that reports [`FeedEvent`]s and obeys [`FeedCommand`]s;
//! [`pipe`] is the smallest and shows the shape.

pub mod file;
mod notice;
pub mod once;
pub mod packed;
pub mod pipe;
pub mod watch;

use tokio::sync::mpsc;

use crate::domain::{FeedCommand, FeedEvent};

/// How many events may wait for the screen before a source waits for it.
pub const EVENTS: usize = 64;

/// How many commands may wait for a source; more are dropped, because each
/// stands for a key press that a person will repeat.
pub const COMMANDS: usize = 8;

/// The screen's end of a source.
#[derive(Debug)]
pub struct Feed {
    /// What the source reports.
    pub events: mpsc::Receiver<FeedEvent>,
    /// What it is asked to do. Dropping it ends the source.
    pub commands: mpsc::Sender<FeedCommand>,
}

/// The source's end.
#[derive(Debug)]
pub struct Port {
    /// Where it reports.
    pub events: mpsc::Sender<FeedEvent>,
    /// What it is asked to do; closed when the screen is gone.
    pub commands: mpsc::Receiver<FeedCommand>,
}

/// A feed and the port that serves it.
pub fn channel() -> (Feed, Port) {
    let (event_tx, event_rx) = mpsc::channel(EVENTS);
    let (command_tx, command_rx) = mpsc::channel(COMMANDS);
    (
        Feed { events: event_rx, commands: command_tx },
        Port { events: event_tx, commands: command_rx },
    )
}
