//! What on the screen changes merely because time passes, and when next.
//!
//! The runtime sets its only timer by this. When nothing ticks (a finished
//! build, a read file) there is no timer and the program sleeps.

use std::time::{Duration, Instant};

use crate::domain::{BuildStatus, Health};

use super::{Model, Subject, mouse, scrollbar};

/// The whole seconds that are on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    /// Seconds since the build began (or was asked for, while it waits).
    pub elapsed: Option<u64>,
    /// Seconds since the service last answered, or until the next try.
    pub health: Option<u64>,
    /// Seconds that the current step has been running.
    pub step: Option<u64>,
    /// Whether the scrollbar's map is shown.
    pub still: bool,
    /// Seconds that the build may still take.
    pub left: Option<u64>,
}

impl Ticks {
    /// What is to be shown at the model's time.
    pub fn of(model: &Model) -> Self {
        Self {
            elapsed: elapsed_millis(model).map(|ms| ms / 1000),
            health: match health(model) {
                Some(Age::Since(age)) => Some(age.as_secs()),
                Some(Age::Until(wait)) => Some(seconds_up(wait)),
                None => None,
            },
            step: step_millis(model).map(|ms| ms / 1000),
            still: scrollbar::is_still(model),
            left: model.seconds_left().map(|seconds| seconds.round() as u64),
        }
    }
}

/// When the picture changes next by itself; `None` for never.
pub fn next_tick(model: &Model) -> Option<Instant> {
    let elapsed = elapsed_millis(model).map(|ms| Duration::from_millis(1000 - ms % 1000));
    let step = step_millis(model).map(|ms| Duration::from_millis(1000 - ms % 1000));
    let health = match health(model) {
        Some(Age::Since(age)) => Some(Duration::from_secs(age.as_secs() + 1) - age),
        // Shown rounded up: 3 while more than 2 are left.
        Some(Age::Until(wait)) if wait.is_zero() => None,
        Some(Age::Until(wait)) => {
            Some(wait - Duration::from_secs(seconds_up(wait) - 1)).filter(|left| !left.is_zero())
        }
        None => None,
    };
    let clock = elapsed.into_iter().chain(health).chain(step).min();
    // A moment past the boundary, so that one wake-up suffices.
    let clock = clock.map(|wait| model.now.instant + wait + Duration::from_millis(2));
    [clock, scrollbar::wake(model), mouse::wake(model)].into_iter().flatten().min()
}

enum Age {
    Since(Duration),
    Until(Duration),
}

fn seconds_up(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn health(model: &Model) -> Option<Age> {
    if model.over || !matches!(model.subject, Subject::Build(_)) {
        return None;
    }
    match &model.health {
        Health::Ok { at } => Some(Age::Since(model.now.instant.saturating_duration_since(*at))),
        Health::Retrying { at, .. } => {
            Some(Age::Until(at.saturating_duration_since(model.now.instant)))
        }
        Health::Connecting | Health::Paused | Health::Stopped { .. } | Health::Complete => None,
    }
}

fn elapsed_millis(model: &Model) -> Option<u64> {
    let build = model.build.as_ref()?;
    let since = match build.status {
        BuildStatus::Pending => build.created_at?,
        _ if build.is_over() => return None,
        _ => build.started_at.or(build.created_at)?,
    };
    let millis = model.now.wall.duration_since(since).as_millis();
    // The service's clock may be ahead of ours.
    Some(u64::try_from(millis).unwrap_or(0))
}

/// How long the current step has been running by the clock.
fn step_millis(model: &Model) -> Option<u64> {
    if model.over || model.state().is_final() {
        return None;
    }
    let current = model.log.tree().current()?;
    let (seconds, live) = model.running_for(current)?;
    live.then_some((seconds * 1000.0) as u64)
}
