//! What is typed ahead of work that was asked for.

use crate::keymap::{Action, Context, Key, Resolution};

use super::message::Message;
use super::model::Model;
use super::prompt::Purpose;

/// Whether what was typed means a place that is still being looked for: the `n`
/// of a search typed in one go counts from the search's first match.
pub fn waits(model: &Model, message: &Message) -> bool {
    let jumping = model.find.as_ref().is_some_and(super::Find::is_jumping);
    let Some(prompt) = &model.prompt else {
        return message.is_input() && (jumping || model.is_filtering());
    };
    // What is typed doesn't depend on what it finds; what ends it does.
    let Message::Key(event) = message else { return false };
    let ends = || {
        matches!(
            model.keymap.resolve(Context::Prompt, &[Key::from_event(event)]),
            Resolution::Action(Action::Accept | Action::PromptNext | Action::PromptPrevious)
        )
    };
    jumping && prompt.purpose == Purpose::Search && ends()
}

impl Message {
    /// Whether it comes from the person at the terminal.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Key(_) | Self::Mouse(_) | Self::Paste(_))
    }
}
