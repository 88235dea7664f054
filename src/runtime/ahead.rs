//! The order in which messages are taken: what is typed ahead waits for what it
//! comes after.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::app::{self, Message, Model};

/// How long after a key the next one waits for the work that it began. Typed
/// one after the other in less, keys are one command to the person who types
/// them; a key that comes later is to be answered.
const PATIENCE: Duration = Duration::from_millis(100);

/// Messages that wait to be taken.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    arrived: VecDeque<Message>,
    /// What was typed and has to wait, in its order.
    held: VecDeque<Message>,
    /// When something that was typed was taken last.
    taken: Option<Instant>,
}

impl Ahead {
    /// Takes in what has arrived.
    pub(super) fn add(&mut self, messages: impl IntoIterator<Item = Message>) {
        self.arrived.extend(messages);
    }

    /// Whether something is held.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The next message for the model; `working` while there is work that may
    /// bring about what a held one waits for.
    pub(super) fn next(&mut self, model: &Model, working: bool) -> Option<Message> {
        while let Some(message) = self.arrived.pop_front() {
            if !message.is_input() {
                return Some(message);
            }
            if self.held.is_empty() && !self.waits(&message, model, working) {
                self.taken = Some(model.now.instant);
                return Some(message);
            }
            self.held.push_back(message);
        }
        if self.waits(self.held.front()?, model, working) {
            return None;
        }
        self.taken = Some(model.now.instant);
        self.held.pop_front()
    }

    fn waits(&self, message: &Message, model: &Model, working: bool) -> bool {
        let soon = self.taken.is_some_and(|taken| model.now.instant < taken + PATIENCE);
        working && soon && app::waits(model, message)
    }
}
