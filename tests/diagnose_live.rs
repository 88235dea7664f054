//! While a build runs: what is known after each line of a growing log.

use std::sync::Arc;

use buildcat::diagnose::{Confidence, Diagnoser, Diagnosis, Kind, Outcome, Rules};
use buildcat::domain::{Build, BuildStatus, LineNo};
use buildcat::parse::Parser;
use buildcat::text;

/// The diagnosis after each line, as a screen that draws after each sees it.
fn after_each(lines: &[String]) -> Vec<Diagnosis> {
    let mut parser = Parser::new();
    let mut diagnoser = Diagnoser::new(Arc::new(Rules::builtin()));
    let mut seen = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let number = LineNo::new(at as u32);
        parser.line(number, line);
        diagnoser.line(number, line, parser.tree());
        seen.push(diagnoser.diagnosis(parser.tree(), &lines[..=at].to_vec()));
    }
    parser.finish();
    diagnoser.finish();
    seen.push(diagnoser.diagnosis(parser.tree(), &lines.to_vec()));
    seen
}

fn log(name: &str) -> Vec<String> {
    let path = format!("{}/tests/corpus/{name}.log", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let body = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let mut scratch = String::new();
    body.split(|b| *b == b'\n').map(|raw| text::clean(raw, &mut scratch).to_owned()).collect()
}

#[test]
fn the_cause_is_there_with_its_line() {
    // The name, the 1-based root line, and the line by which it must be known.
    for (name, root, by) in [
        ("copy-bot-missing", 58, 58),
        ("apt-portaudio-name", 93, 93),
        ("npm-404-typo", 63, 63),
        ("disk-dd", 63, 63),
        ("mix-ortrue-then-cp", 70, 70 + 4),
    ] {
        let seen = after_each(&log(name));
        let cause = seen[by - 1].cause();
        let line = cause.and_then(|c| c.line).map(LineNo::number);
        // A tool says the same on a line or two before.
        assert!(line.is_some_and(|l| l.abs_diff(root) <= 3), "{name}: {line:?} for {root}");
    }
}

#[test]
fn a_finding_is_revised_when_better_evidence_comes() {
    let lines: Vec<String> = [
        "[Container] 2026/11/23 21:35:10.100000 Entering phase BUILD",
        "[Container] 2026/11/23 21:35:10.200000 Running command docker build -t app .",
        "#0 building with \"default\" instance using docker driver",
        "",
        "#6 [2/3] RUN ./ci/setup.sh",
        "#6 0.412 curl: (6) Could not resolve host: files.example",
        "#6 0.413 setup: going on without it",
        "#6 0.899 E: Unable to locate package portaudio-dev",
        "#6 ERROR: process \"/bin/sh -c ./ci/setup.sh\" did not complete successfully: exit code: 100",
    ]
    .map(str::to_owned)
    .to_vec();
    let seen = after_each(&lines);
    assert_eq!(seen[4].outcome, Outcome::Unknown);
    assert!(seen[4].findings.is_empty());
    let said = |at: usize| {
        let cause = seen[at].cause().unwrap();
        (cause.category.clone(), cause.line.map(LineNo::number), cause.subject.clone().unwrap())
    };
    assert_eq!(said(5), ("network".into(), Some(6), "files.example".into()));
    assert_eq!(said(6), said(5));
    assert_eq!(said(7), ("system-package".into(), Some(8), "portaudio-dev".into()));
    assert_eq!(said(8), said(7));
    assert!(seen[7].cause().unwrap().confidence < seen[9].cause().unwrap().confidence);
}

/// The record says that a build failed before the log does: what failed is still to come, and
/// nothing is made of what is there.
#[test]
fn a_record_that_is_ahead_of_the_log_is_waited_for() {
    let lines: Vec<String> = log("copy-bot-missing")[..40].to_vec();
    let mut parser = Parser::new();
    let mut diagnoser = Diagnoser::new(Arc::new(Rules::builtin()));
    diagnoser.record(&Build::with_status(BuildStatus::Failed));
    for (at, line) in lines.iter().enumerate() {
        let number = LineNo::new(at as u32);
        parser.line(number, line);
        diagnoser.line(number, line, parser.tree());
    }
    let early = diagnoser.diagnosis(parser.tree(), &lines);
    assert_eq!((early.outcome, early.findings.len()), (Outcome::Failed, 0), "{early:?}");
    // Should it never come, that is what there is to be said.
    parser.finish();
    diagnoser.finish();
    let last = diagnoser.diagnosis(parser.tree(), &lines);
    assert!(last.cause().is_some_and(|cause| !cause.is_recognised()), "{last:?}");
}

#[test]
fn what_a_running_step_shows_is_said_with_little_confidence() {
    let lines = log("apt-portaudio-name");
    let seen = after_each(&lines);
    let early = seen[92].cause().unwrap();
    assert!(early.confidence < Confidence::High, "{early:?}");
    let last = seen.last().unwrap().cause().unwrap();
    assert_eq!((last.confidence, last.line), (Confidence::High, early.line));
    assert!(!last.consequences.is_empty());
}

#[test]
fn no_build_that_succeeds_shows_a_cause_in_the_end() {
    for name in ["ok-tests-error-names", "ok-debconf", "ok-pip-resolver-error-2", "ok-uv-sync"] {
        let seen = after_each(&log(name));
        let last = seen.last().unwrap();
        assert_eq!(last.outcome, Outcome::Success, "{name}");
        assert!(last.findings.iter().all(|f| f.kind == Kind::PassedBut), "{name}: {last:?}");
    }
}

#[test]
fn two_steps_that_fail_on_their_own_are_two_findings_in_order() {
    let lines: Vec<String> = [
        "#0 building with \"default\" instance using docker driver",
        "",
        "#5 [web 2/3] RUN npm ci",
        "#5 0.301 npm error code EUSAGE",
        "#5 0.302 npm error The `npm ci` command can only install with an existing package-lock.json or",
        "#5 ERROR: process \"/bin/sh -c npm ci\" did not complete successfully: exit code: 1",
        "",
        "#6 [bot 2/3] RUN apt-get install -y portaudio-dev",
        "#6 0.340 E: Unable to locate package portaudio-dev",
        "#6 ERROR: process \"/bin/sh -c apt-get install -y portaudio-dev\" did not complete successfully: exit code: 100",
        "",
        "#7 [docs 2/2] RUN make docs",
        "#7 0.2 E: Unable to locate package nothing",
        "#7 CANCELED",
        "------",
        " > [web 2/3] RUN npm ci:",
        "0.302 npm error The `npm ci` command can only install with an existing package-lock.json or",
        "------",
        "ERROR: failed to build: failed to solve: process \"/bin/sh -c npm ci\" did not complete successfully: exit code: 1",
    ]
    .map(str::to_owned)
    .to_vec();
    let found = after_each(&lines).pop().unwrap();
    let categories: Vec<&str> = found.findings.iter().map(|f| f.category.as_str()).collect();
    assert_eq!(categories, ["lockfile", "system-package"]);
    assert_eq!(found.findings[1].subject.as_deref(), Some("portaudio-dev"));
}
