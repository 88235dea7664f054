//! Words that stay highlighted, each in a colour of its own.

use crate::search::{Place, Query};
use crate::theme::Role;

use super::find::{Find, Want};
use super::menu::{self, MenuKind};
use super::model::Model;
use super::prompt::{self, Purpose};

/// The looks of pinned words, in the order they are given out.
pub const LOOKS: [Role; 6] =
    [Role::Pin1, Role::Pin2, Role::Pin3, Role::Pin4, Role::Pin5, Role::Pin6];

/// A pinned word.
#[derive(Clone, Debug)]
pub struct Pin {
    /// What is highlighted.
    pub query: Query,
    /// Which of the looks it has.
    pub look: usize,
    /// Whether it is highlighted now.
    pub on: bool,
}

impl Pin {
    /// How it looks.
    pub fn role(&self) -> Role {
        LOOKS.get(self.look % LOOKS.len()).copied().unwrap_or(Role::Pin1)
    }
}

/// Pins what was typed, or puts it in place of what was edited.
pub(super) fn add(model: &mut Model, query: Query, edits: Option<usize>) {
    model.dirty = true;
    if let Some(pin) = edits.and_then(|at| model.pins.get_mut(at)) {
        *pin = Pin { query, look: pin.look, on: true };
        return;
    }
    let same = |pin: &&mut Pin| {
        pin.query.expression() == query.expression() && pin.query.options() == query.options()
    };
    if let Some(known) = model.pins.iter_mut().find(same) {
        known.on = true;
        model.answer = Some("That is pinned already".into());
        return;
    }
    // The look that is worn least.
    let worn = |look: usize| model.pins.iter().filter(|pin| pin.look == look).count();
    let look = (0..LOOKS.len()).min_by_key(|look| worn(*look)).unwrap_or(0);
    model.pins.push(Pin { query, look, on: true });
}

/// Nothing was typed: what is being searched is meant.
pub(super) fn add_search(model: &mut Model) {
    match model.find.as_ref().map(|find| find.query().clone()) {
        Some(query) => {
            model.answer = Some(format!("Pinned {}", query.expression()));
            add(model, query, None);
        }
        None => model.answer = Some("Nothing was typed, and nothing is being searched".into()),
    }
}

/// Opens the list.
pub(super) fn list(model: &mut Model) {
    if model.pins.is_empty() {
        let key = model.keymap.key(crate::keymap::Action::Pin);
        let hint = key.map(|key| format!("; {key} pins one")).unwrap_or_default();
        model.answer = Some(format!("No words are pinned{hint}"));
        return;
    }
    menu::open(model, MenuKind::Pins);
}

/// Switches the pin in a row.
pub(super) fn switch(model: &mut Model, at: usize) {
    if let Some(pin) = model.pins.get_mut(at) {
        pin.on = !pin.on;
    }
}

/// Unpins the word in a row.
pub(super) fn delete(model: &mut Model, at: usize) {
    if at < model.pins.len() {
        model.pins.remove(at);
    }
}

/// Edits the word in a row.
pub(super) fn edit(model: &mut Model, at: usize) {
    let Some(query) = model.pins.get(at).map(|pin| pin.query.clone()) else { return };
    prompt::open(model, Purpose::Pin { edits: Some(at) });
    prompt::put_query(model, &query);
}

/// Searches the word in a row.
pub(super) fn search(model: &mut Model, at: usize) {
    let Some(query) = model.pins.get(at).map(|pin| pin.query.clone()) else { return };
    let want = Want::First(Place { line: model.cursor_line(), byte: 0 });
    model.find = Some(Find::new(query, None, Some(want)));
}
