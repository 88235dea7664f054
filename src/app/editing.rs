//! The keys that edit what is typed, as shells have them.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::InputRequest;
use tui_input::backend::crossterm::to_input_request;

/// What a key does to what is typed, if anything.
pub(super) fn request(event: &KeyEvent) -> Option<InputRequest> {
    // Terminals send Alt for what the library calls Meta.
    match (event.code, event.modifiers) {
        (KeyCode::Char('b') | KeyCode::Left, KeyModifiers::ALT) => Some(InputRequest::GoToPrevWord),
        (KeyCode::Char('f') | KeyCode::Right, KeyModifiers::ALT) => {
            Some(InputRequest::GoToNextWord)
        }
        (KeyCode::Char('d'), KeyModifiers::ALT) => Some(InputRequest::DeleteNextWord),
        _ => to_input_request(&Event::Key(*event)),
    }
}
