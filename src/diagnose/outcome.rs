//! How a build came out, by its record or, without one, by its log.

use super::Outcome;
use crate::domain::{Build, BuildStatus};
use crate::parse::{PhaseState, StepState, Tree};

/// How the build came out. `finished` says that no more lines follow.
pub(super) fn outcome(tree: &Tree, record: Option<&Build>, finished: bool) -> Outcome {
    match record.map(|build| &build.status) {
        Some(BuildStatus::Success) => return Outcome::Success,
        Some(BuildStatus::Failed) => return Outcome::Failed,
        Some(BuildStatus::Timeout) => return Outcome::Timeout,
        _ => {}
    }
    let from_log = by_log(tree);
    if from_log != Outcome::Unknown || !finished {
        return from_log;
    }
    let running =
        tree.phases().iter().any(|p| p.state == PhaseState::Running && p.name.as_ref() == "BUILD")
            || tree.steps().iter().any(|step| step.state() == StepState::Running);
    // A record that says "building" while the log has ended: it goes on elsewhere.
    let stopped = running && record.is_none_or(|build| build.status.is_terminal());
    if stopped { Outcome::Timeout } else { Outcome::Unknown }
}

fn by_log(tree: &Tree) -> Outcome {
    let phases = tree.phases();
    if phases.iter().any(|phase| phase.state.is_timeout()) {
        return Outcome::Timeout;
    }
    if phases.iter().any(|phase| phase.state.is_failure())
        || tree.commands().iter().any(|command| command.failed)
    {
        return Outcome::Failed;
    }
    let built =
        phases.iter().any(|p| p.name.as_ref() == "BUILD" && p.state == PhaseState::Succeeded);
    if built {
        return Outcome::Success;
    }
    if tree.failing_build().is_some() {
        return Outcome::Failed;
    }
    if phases.is_empty() && tree.builds().last().is_some_and(|build| build.succeeded) {
        return Outcome::Success;
    }
    Outcome::Unknown
}
