//! How a build came out, in one line.

use super::paint::Paint;
use crate::diagnose::Outcome;
use crate::domain::{Build, BuildStatus};
use crate::log::Log;
use crate::{human, text};

/// Whether the build is known to be over, and went well.
pub fn exit(log: &Log, build: Option<&Build>) -> Option<bool> {
    status(log, build).filter(BuildStatus::is_terminal).map(|status| !status.is_failure())
}

/// The record's status; without one, what the log tells.
fn status(log: &Log, build: Option<&Build>) -> Option<BuildStatus> {
    match build {
        Some(build) => Some(build.status.clone()),
        None => match log.diagnosis().outcome {
            Outcome::Failed => Some(BuildStatus::Failed),
            Outcome::Success => Some(BuildStatus::Success),
            Outcome::Timeout => Some(BuildStatus::Timeout),
            Outcome::Unknown => None,
        },
    }
}

/// Status, duration, cause, step and Dockerfile line, as far as they are known;
/// `None` when not even the status is.
pub fn line(log: &Log, build: Option<&Build>, paint: Paint) -> Option<String> {
    let status = status(log, build)?;
    let mut line = paint.status(&status);
    match build.and_then(Build::duration_seconds) {
        Some(seconds) if status.is_terminal() => {
            line.push_str(&format!(" after {}", human::duration(seconds)));
        }
        _ => {}
    }
    let finding = log.diagnosis().cause().filter(|_| status != BuildStatus::Success);
    match finding {
        Some(finding) => {
            line.push_str(": ");
            line.push_str(&finding.title);
            let step = finding.step.as_ref().map(|step| step.label.as_str());
            let place = finding
                .dockerfile
                .as_ref()
                .map(|at| format!("{}:{}", at.path.as_deref().unwrap_or("Dockerfile"), at.line));
            let place: Vec<String> = [place, step.map(shortened)].into_iter().flatten().collect();
            if !place.is_empty() {
                line.push_str(&paint.dim(&format!(" ({})", place.join(", "))));
            }
        }
        None if status.is_failure() => {
            let said = build.and_then(|build| build.error_message.as_deref());
            line.push_str(&format!(": {}", said.unwrap_or("the log shows no cause")));
        }
        None => {}
    }
    Some(text_only(&line, paint))
}

/// Colours of ours stay; everything else is clean already or made so.
fn text_only(line: &str, paint: Paint) -> String {
    if paint == Paint::new(false) { text::plain(line).into_owned() } else { line.to_owned() }
}

fn shortened(label: &str) -> String {
    const MOST: usize = 72;
    if label.chars().count() <= MOST {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(MOST - 1).collect();
    short.push('…');
    short
}
