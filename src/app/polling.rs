//! Asking whoever reads the log: at once, or no more for now.

use crate::domain::{FeedCommand, Health};

use super::effect::Effect;
use super::model::{Model, Subject};

/// What is said until an answer comes.
pub(super) const ASKING: &str = "Asking again";

/// Why a log of a file or a pipe can't be asked for.
const NO_SERVICE: &str = "A saved log has no service to ask; new lines appear by themselves";

pub(super) fn refresh(model: &mut Model) -> Vec<Effect> {
    if model.over && !matches!(model.health, Health::Stopped { .. }) {
        model.answer = Some("Everything has been read; there is nothing to ask for".into());
        return Vec::new();
    }
    if model.over {
        model.answer = Some("What reads the log has ended; start buildcat again".into());
        return Vec::new();
    }
    if matches!(model.subject, Subject::Text { .. }) {
        model.answer = Some(NO_SERVICE.into());
        return Vec::new();
    }
    model.answer = Some(ASKING.into());
    vec![Effect::Command(FeedCommand::Refresh)]
}

pub(super) fn pause_polling(model: &mut Model) -> Vec<Effect> {
    match model.health {
        _ if model.over => {
            model.answer = Some("Everything has been read; there is no polling to pause".into());
            Vec::new()
        }
        _ if matches!(model.subject, Subject::Text { .. }) => {
            model.answer = Some(NO_SERVICE.into());
            Vec::new()
        }
        Health::Paused => vec![Effect::Command(FeedCommand::Resume)],
        _ => vec![Effect::Command(FeedCommand::Pause)],
    }
}
