//! How a build came out, in one line.

use super::paint::Paint;
use crate::diagnose::{Kind, Outcome};
use crate::domain::{Build, BuildStatus};
use crate::explain::Explained;
use crate::log::Log;
use crate::parse::brief;
use crate::{human, text};

/// Whether the build is known to be over, and went well.
pub fn exit(log: &Log, build: Option<&Build>) -> Option<bool> {
    match build {
        Some(build) => build.is_over().then(|| !build.is_failure()),
        None => status(log, None).map(|status| !status.is_failure()),
    }
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
pub fn line(
    log: &Log,
    findings: &[Explained],
    build: Option<&Build>,
    paint: Paint,
) -> Option<String> {
    let status = status(log, build)?;
    // In a sentence; `timeout` and `success` are what the service calls it.
    let mut line = match &status {
        BuildStatus::Timeout => paint.told(&status, "timed out"),
        BuildStatus::Success => paint.told(&status, "succeeded"),
        status => paint.status(status),
    };
    match build.and_then(Build::duration_seconds) {
        Some(seconds) if status.is_terminal() => {
            line.push_str(&format!(" after {}", human::duration(seconds)));
        }
        _ => {}
    }
    let cause = findings.iter().map(|told| &told.finding).find(|f| f.kind == Kind::Cause);
    let finding = cause.filter(|_| status != BuildStatus::Success);
    match finding {
        Some(finding) => {
            line.push_str(": ");
            line.push_str(&text::plain(&finding.title));
            let said = build.and_then(|build| build.error_message.as_deref());
            if let Some(said) = said.filter(|_| !finding.is_recognised()) {
                line.push_str(&format!("; the service says: {}", message(said)));
            }
            let step = finding.step.as_ref().map(|step| step.label.as_str());
            let place = finding.dockerfile.as_ref().map(ToString::to_string);
            let place: Vec<String> = [place, step.map(|label| shortened(&brief(label), 72))]
                .into_iter()
                .flatten()
                .collect();
            if !place.is_empty() {
                line.push_str(&paint.dim(&text::plain(&format!(" ({})", place.join(", ")))));
            }
        }
        None if status.is_failure() => {
            let said = build.and_then(|build| build.error_message.as_deref());
            let said = said.or((status == BuildStatus::Cancelled).then_some("stopped by somebody"));
            line.push_str(&format!(": {}", message(said.unwrap_or("the log shows no cause"))));
        }
        None if status == BuildStatus::Success => {
            let mut all = findings.iter().map(|told| &told.finding);
            if let Some(finding) = all.find(|finding| finding.kind == Kind::PassedBut) {
                line.push_str(&text::plain(&finding.reservation()));
            }
        }
        None => {}
    }
    if let Some(id) = build.filter(|_| !status.is_terminal()).and_then(|build| build.id.as_deref())
    {
        let id = text::plain(id);
        line.push_str(&paint.dim(&format!("; not over yet: `buildcat watch {id}` follows it")));
    }
    Some(line)
}

/// What the service says, as far as it belongs into a line; `status` prints all.
fn message(said: &str) -> String {
    text::plain(&shortened(said, 300)).into_owned()
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::Rules;
    use crate::explain::Question;
    use std::sync::Arc;

    fn said(build: &Build, on: bool) -> String {
        let mut log = Log::new(Arc::new(Rules::builtin()));
        log.record(build);
        log.end();
        log.derive_all();
        let findings = Question::of(log.diagnosis(), log.tree(), Some(build)).plain();
        line(&log, &findings, Some(build), Paint::new(on)).unwrap()
    }

    #[test]
    fn what_the_service_says_cannot_write_to_the_terminal() {
        let build = Build {
            error_message: Some("no\x1b]0;gotcha\x07 luck".into()),
            ..Build::with_status(BuildStatus::Failed)
        };
        let told = ": Not recognised: the build failed; the service says: no␛]0;gotcha␇ luck";
        assert_eq!(said(&build, false), format!("✗ failed{told}"));
        assert_eq!(said(&build, true), format!("\x1b[31;1m✗ failed\x1b[0m{told}"));
    }

    #[test]
    fn the_step_is_what_it_does_without_its_flags() {
        let text = "#0 building with \"default\" instance using docker driver\n\
            #5 [2/3] RUN --mount=type=cache,target=/root/.cache/uv --network=none uv sync --locked\n\
            #5 0.4 error: no such thing\n\
            #5 ERROR: process \"/bin/sh -c uv sync\" did not complete successfully: exit code: 1\n";
        let mut log = Log::new(Arc::new(Rules::builtin()));
        log.apply(&crate::domain::Patch::text(text));
        log.end();
        log.derive_all();
        let findings = Question::of(log.diagnosis(), log.tree(), None).plain();
        let said = line(&log, &findings, None, Paint::new(false)).unwrap();
        assert!(said.ends_with("(RUN uv sync --locked)"), "{said}");
    }

    #[test]
    fn a_message_without_end_is_cut() {
        let build = Build {
            error_message: Some("no luck ".repeat(1 << 17)),
            ..Build::with_status(BuildStatus::Failed)
        };
        let said = said(&build, false);
        assert!(said.ends_with('…') && said.chars().count() < 400, "{}", said.len());
    }

    #[test]
    fn what_passed_and_is_wrong_all_the_same_is_said() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/scenarios/success-warnings.log");
        let mut log = Log::new(Arc::new(Rules::builtin()));
        log.apply(&crate::domain::Patch::text(std::fs::read(path).unwrap()));
        log.end();
        log.derive_all();
        let findings = Question::of(log.diagnosis(), log.tree(), None).plain();
        let said = line(&log, &findings, None, Paint::new(false)).unwrap();
        assert!(said.starts_with("✓ succeeded, but with the old "), "{said}");
    }

    #[test]
    fn what_somebody_stopped_has_no_cause_in_its_log() {
        let build = Build::with_status(BuildStatus::Cancelled);
        assert_eq!(said(&build, false), "■ cancelled: stopped by somebody");
    }

    #[test]
    fn of_a_build_that_goes_on_it_says_how_to_follow_it() {
        let id = Some("6f1c0f5e-3a52-4c8b-9a86-0d6c3b1e7a10".to_owned());
        let build = Build { id, ..Build::with_status(BuildStatus::Building) };
        let on = "● building; not over yet: `buildcat watch 6f1c0f5e-3a52-4c8b-9a86-0d6c3b1e7a10` follows it";
        assert_eq!(said(&build, false), on);
        let over = Build { status: BuildStatus::Success, ..build };
        assert!(!said(&over, false).contains("follows"));
    }

    #[test]
    fn a_timeout_reads_as_a_sentence() {
        let build = Build {
            build_duration_seconds: Some(40.0),
            ..Build::with_status(BuildStatus::Timeout)
        };
        let said = said(&build, false);
        assert!(said.starts_with("◷ timed out after 40s: "), "{said}");
    }
}
