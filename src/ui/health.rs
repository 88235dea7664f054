//! How the connection is doing, in a few words.

use crate::app::{Model, State, Subject, Ticks};
use crate::domain::Health;
use crate::human;
use crate::text;
use crate::theme::Role;

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
            let age = human::age(seconds? as f64);
            Some((Role::BarDim, format!("updated {age}"), age))
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
        Health::Paused => Some((Role::BarTrouble, "polling paused".into(), "paused".into())),
        Health::Stopped { why } => {
            let brief = text::plain(&why.brief);
            Some((Role::BarTrouble, format!("stopped: {brief}"), format!("! {brief}")))
        }
        Health::Complete => None,
    }
}
