//! Filters as a user makes them: added, switched, edited, undone; the line one
//! is on stays where it is.

use crate::domain::LineNo;
use crate::keymap::Action;
use crate::search::Query;

use super::menu::{self, MenuKind};
use super::model::Model;
use super::prompt::{self, Purpose};
use super::view::{Filter, Filters, Sense, Test};

/// Lines of context at most.
const CONTEXT: u32 = 50;

/// Changes the filters. What is shown is made anew in slices; until that is
/// done, [`cancel`] takes it back.
pub(super) fn change(model: &mut Model, change: impl FnOnce(&mut Filters)) {
    model.filters_doubt = None;
    change_on(model, change);
}

fn change_on(model: &mut Model, change: impl FnOnce(&mut Filters)) {
    let before = model.view.filters().clone();
    model.reshape(|view| view.change(|_, _, filters| change(filters)));
    let undo = model.filters_before.take().unwrap_or(before);
    model.filters_before = is_behind(model).then_some(undo);
}

/// Whether lines are understood that the filters haven't been applied to.
fn is_behind(model: &Model) -> bool {
    model.view.filters().active() && model.view.looked(&model.log) < model.log.derived()
}

/// Takes note of it when all there is has been filtered.
pub(super) fn settle(model: &mut Model) {
    if is_behind(model) {
        return;
    }
    if model.filters_before.take().is_some() {
        model.dirty = true;
    }
    if let Some((before, said)) = model.filters_doubt.take()
        && model.view.shows_none(&model.log)
    {
        model.reshape(|view| view.change(|_, _, filters| *filters = before));
        model.answer = Some(format!("No filter made: {said}"));
    }
}

/// Takes back a change whose outcome isn't there yet; whether there was one.
pub(super) fn cancel(model: &mut Model) -> bool {
    let Some(before) = model.filters_before.take() else { return false };
    model.filters_doubt = None;
    model.reshape(|view| view.change(|_, _, filters| *filters = before));
    model.answer = Some("Filtering was given up; the filters are as before".into());
    true
}

/// Adds what was typed, or puts it in place of the filter that was edited. With
/// a `doubt`, that is taken back and the doubt told if it leaves nothing.
pub(super) fn add(
    model: &mut Model,
    query: Query,
    sense: Sense,
    edits: Option<usize>,
    doubt: Option<String>,
) {
    let before = model.view.filters().clone();
    model.filters_doubt = doubt.map(|said| (before, said));
    change_on(model, |filters| {
        let made = Filter::new(Test::Match(query.clone()), sense);
        let like = |filter: &Filter| {
            filter.sense == sense
                && matches!(&filter.test, Test::Match(known)
                    if known.expression() == query.expression() && known.options() == query.options())
        };
        let known = filters.list.iter().position(like);
        match (edits, known) {
            (Some(at), None) => {
                if let Some(filter) = filters.list.get_mut(at) {
                    *filter = made;
                }
            }
            (_, Some(known)) => {
                if let Some(filter) = filters.list.get_mut(known) {
                    (filter.on, filter.sleeps) = (true, false);
                }
                // Edited into what another one is already.
                if let Some(at) = edits.filter(|at| *at != known && *at < filters.list.len()) {
                    filters.list.remove(at);
                }
            }
            (None, None) => filters.list.push(made),
        }
    });
    settle(model);
}

/// Switches all filters off, or those on again that are off.
pub(super) fn switch_all(model: &mut Model) {
    if model.view.filters().list.is_empty() {
        model.answer = Some("There is no filter".into());
        return;
    }
    let filters = model.view.filters();
    let off = filters.active() && !filters.any_sleeps();
    change(model, |filters| if off { filters.sleep() } else { filters.wake() });
    let key = model.keymap.key(Action::FilterList).map(|key| format!("; {key} lists them"));
    let all = model.view.filters().list.iter().all(|filter| filter.on != off);
    let how = match (off, all) {
        (true, _) => "All filters are off",
        (false, true) => "All filters are on",
        (false, false) => "The filters are on as before",
    };
    model.answer = Some(format!("{how}{}", key.unwrap_or_default()));
}

/// Switches those filters off that hide a line one goes to, and says how they
/// come back.
pub(super) fn give_way(model: &mut Model, line: LineNo) {
    let clean = model.log.store().text(line);
    let mut filters = model.view.filters().clone();
    filters.give_way(&model.log, line, &clean);
    let still = filters.active();
    model.reshape(|view| view.change(|_, _, list| *list = filters));
    let key = |action| model.keymap.key(action);
    let keys = key(Action::ShowOnly).zip(key(Action::Accept));
    let back = keys.map(|(one, two)| format!("; {one} {two} brings them back"));
    let which = if still {
        "Filters that hid this line are off"
    } else {
        "The filters are off: they hid this line"
    };
    model.answer = Some(format!("{which}{}", back.unwrap_or_default()));
}

/// A filter that needs no expression, on or off.
pub(super) fn preset(model: &mut Model, test: &Test, sense: Sense) {
    let same = |filter: &Filter| {
        matches!(
            (&filter.test, test),
            (Test::Trouble, Test::Trouble) | (Test::Progress, Test::Progress)
        ) && filter.sense == sense
    };
    change(model, |filters| match filters.list.iter_mut().find(|filter| same(filter)) {
        Some(filter) => (filter.on, filter.sleeps) = (!filter.on, false),
        None => filters.list.push(Filter::new(test.clone(), sense)),
    });
    let on = model.view.filters().list.iter().any(|filter| same(filter) && filter.on);
    let said = match (test, on) {
        (Test::Progress, true) => "Download progress is hidden",
        (Test::Progress, false) => "Download progress is shown",
        (_, true) => "Only failures and warnings",
        (_, false) => "Not only failures and warnings any more",
    };
    model.answer = Some(said.into());
}

/// More lines around those that pass, or fewer.
pub(super) fn context(model: &mut Model, more: bool, by: u32) {
    if !model.view.filters().pick() {
        let key = model.keymap.key(Action::ShowOnly).map(|key| format!("; {key} makes one"));
        let key = key.unwrap_or_default();
        model.answer = Some(format!("No filter picks lines out{key}"));
        model.dashed = !more && model.keymap.keys(Action::LessContext).iter().any(|key| key == "-");
        return;
    }
    let now = model.view.filters().context;
    let next = if more { now.saturating_add(by).min(CONTEXT) } else { now.saturating_sub(by) };
    if next != now {
        change(model, |filters| filters.context = next);
    }
    let lines = crate::human::plural(u64::from(next), "line");
    model.answer = Some(format!("{lines} of context"));
}

/// Opens the list.
pub(super) fn list(model: &mut Model) {
    if model.view.filters().list.is_empty() {
        let key = |action| model.keymap.key(action).unwrap_or_default();
        let (only, hide) = (key(Action::ShowOnly), key(Action::Hide));
        model.answer = Some(format!("No filters; {only} shows only, {hide} hides what matches"));
        return;
    }
    menu::open(model, MenuKind::Filters);
}

/// Switches the filter in a row.
pub(super) fn switch(model: &mut Model, at: usize) {
    change(model, |filters| {
        if let Some(filter) = filters.list.get_mut(at) {
            (filter.on, filter.sleeps) = (!filter.on, false);
        }
    });
}

/// Deletes the filter in a row.
pub(super) fn delete(model: &mut Model, at: usize) {
    change(model, |filters| {
        if at < filters.list.len() {
            filters.list.remove(at);
        }
    });
}

/// Edits the expression in a row.
pub(super) fn edit(model: &mut Model, at: usize) {
    let Some(filter) = model.view.filters().list.get(at) else { return };
    let Test::Match(query) = &filter.test else {
        model.answer = Some("This filter has no expression to edit".into());
        return;
    };
    let (query, sense) = (query.clone(), filter.sense);
    prompt::open(model, Purpose::Filter { sense, edits: Some(at) });
    prompt::put_query(model, &query);
}

impl Model {
    /// Whether filters that were changed are still being applied; what merely
    /// arrives doesn't count.
    pub fn is_filtering(&self) -> bool {
        self.filters_before.is_some()
    }

    /// How much of the log the filters have been applied to, in percent.
    pub fn filtered_percent(&self) -> u64 {
        let lines = u64::from(self.log.derived().max(1));
        u64::from(self.view.looked(&self.log)) * 100 / lines
    }
}
