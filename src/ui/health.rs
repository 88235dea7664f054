//! How the connection is doing, in a few words.

use std::time::Duration;

use crate::app::{Model, State, Subject, Ticks};
use crate::domain::Health;
use crate::human;
use crate::text;
use crate::theme::Role;

/// How much longer than it should an answer may take before that is told: a
/// connection that hangs is given up after half a minute only.
const LATE: Duration = Duration::from_secs(10);

/// Columns of an age: `just now`, `59s ago`,
const AGE: usize = 8;
/// and with `updated` before it.
const WIDE: usize = AGE + 8;

/// The words, a shorter form, and how they look; `None` when there is nothing
/// to tell.
pub(super) fn words(model: &Model) -> Option<(Role, String, String)> {
    let seconds = Ticks::of(model).health;
    match &model.health {
        // The status says so already; and nobody connects to a file.
        Health::Connecting if model.state() == State::Connecting => None,
        Health::Connecting if matches!(model.subject, Subject::Text { .. }) => None,
        Health::Connecting => Some((Role::BarDim, "connecting…".into(), "…".into())),
        Health::Ok { .. } => {
            let seconds = seconds?;
            if Duration::from_secs(seconds) > model.options.interval + LATE {
                let wait = human::clock(seconds as f64);
                return Some((
                    Role::BarTrouble,
                    format!("waiting for an answer, {wait}"),
                    format!("! {wait}"),
                ));
            }
            let age = human::age(seconds as f64);
            // As wide each second, so that nothing beside it moves.
            let long = format!("updated {age}");
            Some((Role::BarDim, format!("{long:>WIDE$}"), format!("{age:>AGE$}")))
        }
        Health::Retrying { why, .. } => {
            let brief = text::plain(&why.brief);
            let wait = seconds.unwrap_or(0);
            let long = match wait {
                0 => format!("retrying: {brief}"),
                wait => format!("retry in {wait}s: {brief}"),
            };
            Some((Role::BarTrouble, long, format!("! {brief}")))
        }
        Health::Paused => Some((Role::BarTrouble, "polling paused".into(), "no polling".into())),
        Health::Stopped { why } => {
            let brief = text::plain(&why.brief);
            Some((Role::BarTrouble, format!("stopped: {brief}"), format!("! {brief}")))
        }
        Health::Complete => None,
    }
}
