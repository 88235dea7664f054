//! The history of what was typed: entry by entry, or looked through backwards.

use tui_input::InputRequest;

use super::super::direction::Direction::{self, Back, Forward};
use super::super::model::Model;
use super::{Purpose, put};

/// Where one is in the history.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The entry, by its place from the newest; `None` for what was typed.
    at: Option<usize>,
    /// What was typed before.
    typed: String,
}

/// A search through the history.
#[derive(Debug, Default)]
pub struct Recall {
    /// What is looked for in it.
    pub needle: String,
    /// Whether it is in none of the entries (that are older than the one shown).
    pub failed: bool,
    /// The entry that is shown, by its place from the newest.
    at: Option<usize>,
    /// What was typed before.
    before: String,
}

/// The history of what is being typed, the newest first.
fn entries(model: &Model) -> Vec<&String> {
    let list = match model.prompt.as_ref().map(|prompt| prompt.purpose) {
        Some(Purpose::Command) => &model.memory.commands,
        _ => &model.memory.searches,
    };
    list.iter().rev().collect()
}

/// To an older entry or a newer one, of those that begin with what was typed.
pub(super) fn walk(model: &mut Model, direction: Direction) {
    let Some(prompt) = &model.prompt else { return };
    let (at, value) = (prompt.past.at, prompt.input.value().to_owned());
    let typed = if at.is_none() { value } else { prompt.past.typed.clone() };
    let entries = entries(model);
    let fits = |index: &usize| entries.get(*index).is_some_and(|e| e.starts_with(&typed));
    let next = match (direction, at) {
        (Back, None) => (0..entries.len()).find(&fits),
        (Back, Some(at)) => (at + 1..entries.len()).find(&fits),
        (Forward, None) => None,
        (Forward, Some(at)) => (0..at).rev().find(&fits),
    };
    let text = match (direction, next) {
        (_, Some(index)) => entries.get(index).map(|entry| (*entry).clone()),
        // Back at what was typed.
        (Forward, None) if at.is_some() => Some(typed.clone()),
        (_, None) => None,
    };
    let Some(text) = text else {
        let why = match (direction, entries.is_empty()) {
            (Back, true) => "nothing was typed before",
            (Back, false) => "that is the oldest",
            (Forward, _) => return,
        };
        if let Some(prompt) = &mut model.prompt {
            prompt.note = Some(why.to_owned());
        }
        return;
    };
    put(model, &text);
    if let Some(prompt) = &mut model.prompt {
        prompt.past = Past { at: next, typed };
    }
}

/// Begins to look back through the history, or looks further back.
pub(super) fn recall(model: &mut Model) {
    let Some(prompt) = &mut model.prompt else { return };
    prompt.note = None;
    if prompt.recall.is_none() {
        let before = prompt.input.value().to_owned();
        prompt.recall = Some(Recall { before, ..Recall::default() });
        return;
    }
    look(model, true);
}

/// Changes what is looked for in the history; whether the key was for that.
pub(super) fn edit_needle(model: &mut Model, request: InputRequest) -> bool {
    let Some(recall) = model.prompt.as_mut().and_then(|prompt| prompt.recall.as_mut()) else {
        return false;
    };
    match request {
        InputRequest::InsertChar(c) => recall.needle.push(c),
        InputRequest::DeletePrevChar => {
            recall.needle.pop();
            recall.at = None;
        }
        InputRequest::DeletePrevWord | InputRequest::DeleteLine => {
            recall.needle.clear();
            recall.at = None;
        }
        // Anything else edits what was found.
        _ => {
            if let Some(prompt) = &mut model.prompt {
                prompt.recall = None;
            }
            return false;
        }
    }
    look(model, false);
    true
}

/// Finds the newest entry with the needle in it, or the next older one.
fn look(model: &mut Model, further: bool) {
    let Some(recall) = model.prompt.as_ref().and_then(|prompt| prompt.recall.as_ref()) else {
        return;
    };
    let from = match (recall.at, further) {
        (Some(at), true) => at + 1,
        (Some(at), false) => at,
        (None, _) => 0,
    };
    let needle = recall.needle.to_lowercase();
    let entries = entries(model);
    let found = (from..entries.len())
        .find(|i| entries.get(*i).is_some_and(|e| e.to_lowercase().contains(&needle)));
    let text = match (found, needle.is_empty() && !further) {
        (_, true) => Some((None, recall.before.clone())),
        (Some(index), _) => entries.get(index).map(|entry| (Some(index), (*entry).clone())),
        (None, _) => None,
    };
    let failed = text.is_none();
    if let Some((_, text)) = &text {
        put(model, text);
    }
    if let Some(recall) = model.prompt.as_mut().and_then(|prompt| prompt.recall.as_mut()) {
        recall.failed = failed;
        if let Some((at, _)) = text {
            recall.at = at;
        }
    }
}

/// Leaves the search through the history with what was typed before; whether
/// there was one.
pub(super) fn give_up(model: &mut Model) -> bool {
    let Some(recall) = model.prompt.as_mut().and_then(|prompt| prompt.recall.take()) else {
        return false;
    };
    put(model, &recall.before);
    true
}
