//! What the first line in sight belongs to: the header that scrolled away.
//!
//! ```text
//!  BUILD › [2/3] RUN uv sync --locked                    only this step  Esc back
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::findings::step_title;
use crate::app::view::Scope;
use crate::human;
use crate::keymap::Action;
use crate::parse::{Owner, Phase, Step};
use crate::text;
use crate::theme::Role;

use super::segments::{Segment, draw as bar};

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    bar(&segments(model), model.styles.get(Role::Text), area, buf);
}

/// What there is to say.
pub(super) fn segments(model: &Model) -> Vec<Segment> {
    let style = |role| model.styles.get(role);
    let (phase, step) = parents(model);
    let mut list = Vec::new();
    if let Some(phase) = phase {
        let name = text::plain(&phase.name).into_owned();
        let name = if step.is_some() { format!("{name} ›") } else { name };
        list.push(Segment::left(3, style(Role::Phase), name));
    }
    if let Some(step) = step {
        list.push(Segment::left(0, style(Role::Step), step_title(step)).cut_to(12));
    }
    for words in notes(model) {
        list.push(Segment::right(1, style(Role::Hint), words));
    }
    list
}

/// The phase and the step of the first line in sight.
fn parents(model: &Model) -> (Option<&Phase>, Option<&Step>) {
    let tree = model.log.tree();
    let owner = match (model.view.scope(), model.item(model.scroll.top.item)) {
        (Scope::Step(id), _) => Owner::Step(id),
        (_, Some(item)) => tree.owner(item.line()),
        (_, None) => Owner::Top,
    };
    match owner {
        Owner::Step(id) => {
            let step = tree.step(id);
            (step.and_then(|step| tree.phase(step.phase()?)), step)
        }
        Owner::Phase(id) => (tree.phase(id), None),
        Owner::Top => (None, None),
    }
}

/// What restricts the view, and how to get back.
fn notes(model: &Model) -> Vec<String> {
    let mut notes = Vec::new();
    let filters = model.view.filters().list.iter().filter(|filter| filter.on).count() as u64;
    let key = |action| model.keymap.key(action);
    match (model.is_filtering(), filters) {
        (true, _) => {
            let stop = key(Action::Close).map(|key| format!(", {key} stops it"));
            let percent = model.filtered_percent();
            notes.push(format!("filtering {percent}%{}", stop.unwrap_or_default()));
        }
        (false, 0) => {}
        (false, _) => {
            let list = key(Action::FilterList).map(|key| format!(", {key} lists"));
            let on = human::plural(filters, "filter");
            notes.push(format!("{on} on{}", list.unwrap_or_default()));
        }
    }
    let only = match model.view.scope() {
        Scope::Log => return notes,
        Scope::Step(_) => "only this step",
        Scope::Phase(_) => "only this phase",
    };
    match model.keymap.key(Action::Close) {
        Some(key) => notes.push(format!("{only}, {key} back")),
        None => notes.push(only.to_owned()),
    }
    notes
}
