//! Builds that end outside of any step: before the first command, by the
//! service's clock, or with a log that just stops.

#[path = "support/diagnosed.rs"]
mod diagnosed;

use std::sync::Arc;

use buildcat::diagnose::{Diagnosis, Outcome, Rules};
use buildcat::parse::StepState;
use diagnosed::diagnosed;

const RUNNING: &str = "\
[Container] 2026/11/25 20:10:03.1 Entering phase BUILD
[Container] 2026/11/25 20:10:03.2 Running command docker build -t $IMAGE_URI .
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s

#2 [1/2] FROM docker.io/dailyco/pipecat-base:latest
#2 DONE 2.9s

#3 [2/2] RUN uv sync --locked --no-dev
#3 0.340 Using CPython 3.12.13 interpreter at: /usr/local/bin/python3
";

fn diagnose(log: &str) -> (Diagnosis, Vec<StepState>) {
    let lines = log.lines().map(str::as_bytes);
    let (found, parser) = diagnosed(&Arc::new(Rules::builtin()), lines);
    (found, parser.tree().steps().iter().map(|step| step.state()).collect())
}

#[test]
fn a_phase_whose_time_was_up_is_a_timeout_of_the_step_that_ran() {
    let log = format!(
        "{RUNNING}#3 1.2    Building llvmlite==0.43.0\n\
         [Container] 2026/11/25 21:10:03.1 Phase complete: BUILD State: TIMED_OUT\n\
         [Container] 2026/11/25 21:10:03.1 Phase context status code: BUILD_TIMED_OUT Message: Build has timed out.\n"
    );
    let (found, states) = diagnose(&log);
    assert_eq!(found.outcome, Outcome::Timeout);
    assert_eq!(states.last(), Some(&StepState::Cancelled));
    let cause = found.cause().unwrap();
    assert_eq!((cause.category.as_str(), cause.line.unwrap().number()), ("timeout", 11));
    assert_eq!(cause.subject.as_deref(), Some("uv sync --locked --no-dev"));
}

#[test]
fn a_log_that_stops_behind_a_last_word_has_that_cause() {
    let said = "#3 0.914 error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.";
    let (found, _) = diagnose(&format!(
        "{RUNNING}{said}\n#3 0.915 \n#3 0.916 hint: To update the lockfile, run `uv lock`.\n"
    ));
    let cause = found.cause().unwrap();
    assert_eq!((cause.category.as_str(), cause.line.unwrap().number()), ("lockfile", 11));

    // What was printed long before, or may be tried again, is no last word.
    let more: String = (0..20).map(|n| format!("#3 2.{n} Downloading part {n}\n")).collect();
    for log in [
        format!("{RUNNING}{said}\n{more}"),
        format!("{RUNNING}#3 1.0 curl: (6) Could not resolve host: models.example\n"),
        RUNNING.to_owned(),
    ] {
        let (found, _) = diagnose(&log);
        assert_eq!(found.cause().unwrap().category, "timeout", "{log}");
    }
}

#[test]
fn sources_that_cannot_be_fetched_are_named() {
    for (said, subject) in [
        ("reference not found for primary source and source version feature/x", "feature/x"),
        (
            "authentication required for primary source and source version refs/heads/main",
            "refs/heads/main",
        ),
    ] {
        let log = format!(
            "[Container] 2026/11/25 20:10:02.1 Waiting for agent ping\n\
             [Container] 2026/11/25 20:10:02.3 Waiting for DOWNLOAD_SOURCE\n{said}\n"
        );
        let (found, _) = diagnose(&log);
        let cause = found.cause().unwrap();
        assert_eq!(cause.rule, "source-missing");
        assert_eq!((cause.subject.as_deref(), cause.line.unwrap().number()), (Some(subject), 3));
    }
}
