//! The build: how it stands, which it is, how long it has been at it.
//!
//! ```text
//!  ✗ failed  7f3f8c1e  us-west  acme/bot@0123456          1m 42s  updated 2s ago
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Model, State, Subject, Ticks};
use crate::human;
use crate::text;
use crate::theme::Role;

use super::health;
use super::segments::{Segment, draw as bar};

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    bar(&segments(model), model.styles.get(Role::Bar), area, buf);
}

/// The colour of a state.
pub(super) fn role(state: &State) -> Role {
    match state {
        State::Connecting | State::Unreached | State::Pending | State::Other(_) => Role::BarWaiting,
        State::Running | State::Reading => Role::BarRunning,
        State::Read => Role::Bar,
        State::Succeeded => Role::BarSuccess,
        State::Failed | State::TimedOut | State::Cancelled => Role::BarFailure,
    }
}

/// What there is to say, most important first by priority.
pub(super) fn segments(model: &Model) -> Vec<Segment> {
    let style = |role| model.styles.get(role);
    let state = model.state();
    let mut list = vec![
        Segment::left(0, style(role(&state)), format!("{} {}", state.sign(), state.word()))
            .or(state.sign()),
    ];
    match &model.subject {
        Subject::Text { name } => {
            // The folder goes first where there is little room.
            let name = text::plain(name);
            let file = name.rsplit('/').next().filter(|file| !file.is_empty());
            let file = file.unwrap_or(&name).to_owned();
            list.push(Segment::left(2, style(Role::Bar), name).or(file).cut_to(8));
        }
        Subject::Build(id) => {
            let served = model.build.as_ref().and_then(|build| build.id.as_deref());
            let full = match (id, served) {
                (Some(id), _) => Some(id.to_string()),
                (None, served) => served.map(|id| text::plain(id).into_owned()),
            };
            match full {
                Some(full) => {
                    // The whole id only where it takes no room from the rest.
                    let short: String = full.chars().take(8).collect();
                    let shown = if model.width < 110 { short.clone() } else { full };
                    list.push(Segment::left(3, style(Role::Bar), shown).or(short));
                }
                None if state == State::Unreached => {}
                None => list.push(Segment::left(3, style(Role::BarDim), "the newest build")),
            }
        }
    }
    if let Some(build) = &model.build {
        if let Some(region) = &build.region {
            list.push(Segment::left(5, style(Role::BarDim), text::plain(region)));
        }
        if let Some(source) = build.source() {
            list.push(Segment::left(4, style(Role::BarDim), text::plain(&source)).cut_to(12));
        }
        match Ticks::of(model).elapsed {
            Some(seconds) => {
                let clock = human::clock(seconds as f64);
                let words = match state {
                    State::Pending => format!("waiting {clock}"),
                    _ => clock,
                };
                list.push(Segment::right(1, style(Role::Bar), words));
            }
            None => {
                if let Some(seconds) = build.duration_seconds().filter(|_| state.is_final()) {
                    list.push(Segment::right(1, style(Role::Bar), human::duration(seconds)));
                }
            }
        }
    }
    if let Some((role, long, short)) = health::words(model) {
        list.push(Segment::right(2, style(role), long).or(short).cut_to(8));
    }
    list
}
