//! The keys that edit what is typed, as shells have them.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::backend::crossterm::to_input_request;
use tui_input::{Input, InputRequest};

use crate::text;

/// What a key does to what is typed, if anything.
pub(super) fn request(event: &KeyEvent) -> Option<InputRequest> {
    // Terminals send Alt for what the library calls Meta.
    match (event.code, event.modifiers) {
        (KeyCode::Char('b') | KeyCode::Left, KeyModifiers::ALT) => Some(InputRequest::GoToPrevWord),
        (KeyCode::Char('f') | KeyCode::Right, KeyModifiers::ALT) => {
            Some(InputRequest::GoToNextWord)
        }
        (KeyCode::Char('d'), KeyModifiers::ALT) => Some(InputRequest::DeleteNextWord),
        (KeyCode::Char('d'), KeyModifiers::CONTROL) => Some(InputRequest::DeleteNextChar),
        _ => to_input_request(&Event::Key(*event)),
    }
}

/// Characters that are taken at most. More than a path can have; a log that was
/// pasted by mistake must not hold the screen, and typing gets slow with length.
pub(super) const LONGEST: usize = 4096;

/// How many characters there is room for.
pub(super) fn room(input: &Input) -> usize {
    LONGEST.saturating_sub(input.value().chars().count())
}

/// Types text that was pasted: its first line. Whether there was room for it.
pub(super) fn paste(input: &mut Input, pasted: &str) -> bool {
    // Most terminals send what the Enter key sends for the end of a line.
    let line = pasted.split(['\r', '\n']).next().unwrap_or_default();
    let room = room(input);
    let taken: String = line.chars().take(room).collect();
    let clean = text::plain(&taken);
    for c in clean.chars().take(room) {
        input.handle(InputRequest::InsertChar(c));
    }
    line.len() == taken.len() && clean.chars().nth(room).is_none()
}
