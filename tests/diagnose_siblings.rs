//! Kinds of failure beside those of the labelled logs, as the tools word them:
//! each is put into a BuildKit log and a classic builder's, and must give the
//! category, the root line and the subject that a developer expects. And lines
//! that look like errors and aren't: no cause on a build that succeeds.
//!
//! Cases stand in tests/siblings/*.txt:
//!
//! ```text
//! === category | subject or other name | RUN command | exit code
//! output of the command
//! » a line that states the cause (any of those so marked will do)
//! ```
//!
//! In place of `RUN …`, `LOG` takes the lines as the whole output of the
//! pipeline's `docker build`, and `CMD …` as that of the command named. A `*`
//! for the subject leaves it open; `» ERROR` is the builder's own line on the
//! step. Lines `§ words` and `¬ words` are none of the log: the fix must hold the
//! words, or neither title, cause nor fix may.

#[path = "support/diagnosed.rs"]
mod diagnosed;

use std::sync::Arc;

use buildcat::diagnose::{Diagnosis, Outcome, Rules};
use buildcat::domain::LineNo;
use diagnosed::diagnosed;

struct Case {
    place: String,
    category: String,
    subjects: Vec<String>,
    what: String,
    code: String,
    lines: Vec<(bool, String)>,
    fix: Vec<String>,
    never: Vec<String>,
}

fn cases(file: &str) -> Vec<Case> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/siblings/");
    let text = std::fs::read_to_string(format!("{root}{file}")).unwrap();
    let mut all: Vec<Case> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(head) = line.strip_prefix("=== ") {
            // A command may hold pipes itself, so the code is cut off the end.
            let (head, code) = head.rsplit_once(" | ").unwrap();
            let parts: Vec<&str> = head.splitn(3, " | ").map(str::trim).collect();
            assert_eq!(parts.len(), 3, "{file}:{}: {head}", at + 1);
            all.push(Case {
                place: format!("{file}:{}", at + 1),
                category: parts[0].to_owned(),
                subjects: parts[1].split(" or ").map(|s| s.trim().to_owned()).collect(),
                what: parts[2].to_owned(),
                code: code.to_owned(),
                lines: Vec::new(),
                fix: Vec::new(),
                never: Vec::new(),
            });
        } else if let Some(case) = all.last_mut() {
            if let Some(words) = line.strip_prefix("§ ") {
                case.fix.push(words.to_owned());
                continue;
            }
            if let Some(words) = line.strip_prefix("¬ ") {
                case.never.push(words.to_owned());
                continue;
            }
            match line.strip_prefix("» ") {
                Some(root) => case.lines.push((true, root.to_owned())),
                None => case.lines.push((false, line.to_owned())),
            }
        }
    }
    for case in &mut all {
        while case.lines.last().is_some_and(|(_, text)| text.is_empty()) {
            case.lines.pop();
        }
    }
    all
}

/// A log and which of its lines are roots.
#[derive(Default)]
struct Log {
    lines: Vec<String>,
    roots: Vec<u64>,
}

impl Log {
    fn push(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    fn root(&mut self, is: bool, line: impl Into<String>) {
        self.push(line);
        if is {
            self.roots.push(self.lines.len() as u64);
        }
    }

    fn open(command: &str) -> Self {
        let mut log = Self::default();
        log.push("[Container] 2026/11/23 21:35:10.100000 Entering phase BUILD");
        log.push(format!("[Container] 2026/11/23 21:35:10.200000 Running command {command}"));
        log
    }

    fn close(&mut self, command: &str, code: Option<&str>) {
        self.push("");
        let stamp = "[Container] 2026/11/23 21:35:20.300000";
        match code {
            Some(code) => {
                self.push(format!(
                    "{stamp} Command did not exit successfully {command} exit status {code}"
                ));
                self.push(format!("{stamp} Phase complete: BUILD State: FAILED"));
                self.push(format!("{stamp} Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: {command}. Reason: exit status {code}"));
            }
            None => {
                self.push(format!("{stamp} Phase complete: BUILD State: SUCCEEDED"));
                self.push(format!("{stamp} Phase context status code:  Message: "));
            }
        }
        self.push(format!("{stamp} Entering phase POST_BUILD"));
        self.push(format!("{stamp} Phase complete: POST_BUILD State: SUCCEEDED"));
    }
}

const BUILD: &str = "docker build -t app .";

fn buildkit(case: &Case, fails: bool) -> Log {
    let mut log = Log::open(BUILD);
    log.push("#0 building with \"default\" instance using docker driver");
    log.push("");
    log.push("#1 [internal] load build definition from Dockerfile");
    log.push("#1 DONE 0.0s");
    log.push("");
    log.push("#4 [1/4] FROM docker.io/library/python:3.12-slim");
    log.push("#4 CACHED");
    log.push("");
    log.push("#5 [2/4] WORKDIR /app");
    log.push("#5 CACHED");
    log.push("");
    log.push(format!("#7 [3/4] {}", case.what));
    let stated = case.lines.iter().any(|(is, line)| *is && line == "ERROR");
    for (is, line) in case.lines.iter().filter(|(is, line)| !(*is && line == "ERROR")) {
        log.root(*is, format!("#7 0.903 {line}"));
    }
    let shell = shell_of(&case.what);
    if fails {
        let error = format!(
            "process \"/bin/sh -c {shell}\" did not complete successfully: exit code: {}",
            case.code
        );
        log.root(stated, format!("#7 ERROR: {error}"));
        log.push("------");
        log.push(format!(" > [3/4] {}:", case.what));
        for (_, line) in case.lines.iter().rev().take(10).rev() {
            log.push(format!("0.903 {line}"));
        }
        log.push("------");
        log.push("Dockerfile:3");
        log.push("--------------------");
        log.push("   1 |     FROM python:3.12-slim");
        log.push("   2 |     WORKDIR /app");
        log.push(format!("   3 | >>> {}", case.what));
        log.push("--------------------");
        log.push(format!("ERROR: failed to build: failed to solve: {error}"));
        log.close(BUILD, Some("1"));
    } else {
        log.push("#7 DONE 1.2s");
        log.push("");
        log.push("#8 exporting to image");
        log.push("#8 DONE 0.1s");
        log.close(BUILD, None);
    }
    log
}

/// A BuildKit log of which nothing is left but the builder's summary.
fn tail(case: &Case) -> Log {
    let mut log = buildkit(case, true);
    let summary = log.lines.iter().position(|line| line == "------").unwrap();
    let gone = summary as u64;
    let shown = 10.min(case.lines.len());
    let (first, hidden) = (summary + 2, case.lines.len() - shown);
    log.roots = (case.lines.iter().enumerate().skip(hidden))
        .filter(|(_, (root, _))| *root)
        .map(|(at, _)| (first + at - hidden) as u64 + 1 - gone)
        .collect();
    log.lines.drain(..summary);
    log
}

fn legacy(case: &Case, fails: bool) -> Log {
    let mut log = Log::open(BUILD);
    log.push("Sending build context to Docker daemon  3.072kB");
    log.push("Step 1/3 : FROM python:3.12-slim");
    log.push(" ---> 08c3a299047c");
    log.push("Step 2/3 : WORKDIR /app");
    log.push(" ---> Using cache");
    log.push(" ---> 54dc11f2e8d4");
    log.push(format!("Step 3/3 : {}", case.what));
    log.push(" ---> Running in 37b259c22430");
    let stated = case.lines.iter().any(|(is, line)| *is && line == "ERROR");
    for (is, line) in case.lines.iter().filter(|(is, line)| !(*is && line == "ERROR")) {
        log.root(*is, line.clone());
    }
    if fails {
        log.root(
            stated,
            format!(
                "The command '/bin/sh -c {}' returned a non-zero code: {}",
                shell_of(&case.what),
                case.code
            ),
        );
        log.close(BUILD, Some("1"));
    } else {
        log.push(" ---> 54dc11f2e8d5");
        log.push("Successfully built 54dc11f2e8d5");
        log.push("Successfully tagged app:latest");
        log.close(BUILD, None);
    }
    log
}

fn bare(case: &Case, fails: bool) -> Log {
    let command = case.what.strip_prefix("CMD ").unwrap_or(BUILD);
    let mut log = Log::open(command);
    for (is, line) in &case.lines {
        log.root(*is, line.clone());
    }
    log.close(command, fails.then_some(case.code.as_str()));
    log
}

fn shell_of(instruction: &str) -> &str {
    let mut rest = instruction.strip_prefix("RUN ").unwrap_or(instruction);
    while rest.starts_with("--") {
        rest = rest.split_once(' ').map_or("", |(_, tail)| tail);
    }
    rest
}

fn logs(case: &Case, fails: bool) -> Vec<(&'static str, Log)> {
    if case.what.starts_with("RUN ") {
        vec![("buildkit", buildkit(case, fails)), ("legacy", legacy(case, fails))]
    } else {
        vec![("bare", bare(case, fails))]
    }
}

fn diagnose(rules: &Arc<Rules>, log: &Log) -> Diagnosis {
    diagnosed(rules, log.lines.iter().map(|raw| raw.as_bytes())).0
}

fn normal(subject: &str) -> String {
    subject.trim_start_matches("./").trim_end_matches('/').to_lowercase()
}

#[test]
fn failures_of_every_kind_are_diagnosed() {
    let rules = Arc::new(Rules::builtin());
    let (mut count, mut wrong) = (0, Vec::new());
    for file in [
        "python.txt",
        "docker.txt",
        "system.txt",
        "node.txt",
        "code.txt",
        "recovered.txt",
        "wrapped.txt",
        "tail.txt",
        "scripts.txt",
        "hidden.txt",
        "tests.txt",
    ] {
        for case in cases(file) {
            for (builder, log) in logs(&case, true) {
                count += 1;
                let found = diagnose(&rules, &log);
                let place = format!("{} [{builder}]", case.place);
                let Some(cause) = found.cause() else {
                    wrong.push(format!("{place}: no cause; {}", found.outcome.as_str()));
                    continue;
                };
                let mut say = |what: String| {
                    wrong.push(format!("{place}: {what} by {} [{}]", cause.rule, cause.title));
                };
                if cause.category != case.category {
                    say(format!("{} for {}", cause.category, case.category));
                }
                let line = cause.line.map(LineNo::number).unwrap_or(0);
                if !log.roots.contains(&line) {
                    let text = log.lines.get((line as usize).wrapping_sub(1));
                    say(format!("line {text:?}"));
                }
                let own = cause.subject.as_deref().unwrap_or("");
                let known = case.subjects.iter().any(|s| s == "*" || normal(s) == normal(own));
                if !known {
                    say(format!("subject {own:?} for {:?}", case.subjects));
                }
                if cause.cause.is_none() || cause.fix.is_none() {
                    say("cause or fix is missing".to_owned());
                }
                let fix = cause.fix.as_deref().unwrap_or("");
                let said = [Some(&cause.title), cause.cause.as_ref(), cause.fix.as_ref()];
                for words in &case.never {
                    for text in said.into_iter().flatten().filter(|t| t.contains(words.as_str())) {
                        say(format!("{words:?} in {text:?}"));
                    }
                }
                for words in case.fix.iter().filter(|words| !fix.contains(words.as_str())) {
                    say(format!("no {words:?} in {fix:?}"));
                }
                if cause.title.contains("{{")
                    || cause.title.contains("  ")
                    || cause.title.trim().is_empty()
                {
                    say("the title isn't filled in".to_owned());
                }
            }
        }
    }
    println!("{count} logs of sibling failures, {} complaints", wrong.len());
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Where the step's own lines are gone, its last ones in the summary tell.
#[test]
fn a_summary_alone_is_diagnosed() {
    let rules = Arc::new(Rules::builtin());
    let (mut count, mut wrong) = (0, Vec::new());
    for file in [
        "python.txt",
        "system.txt",
        "node.txt",
        "code.txt",
        "recovered.txt",
        "wrapped.txt",
        "scripts.txt",
        "tests.txt",
    ] {
        for case in cases(file) {
            let own = case.lines.iter().any(|(root, line)| *root && line == "ERROR");
            if !case.what.starts_with("RUN ") || case.lines.len() > 10 || own {
                continue;
            }
            count += 1;
            let log = tail(&case);
            let found = diagnose(&rules, &log);
            let Some(cause) = found.cause() else {
                wrong.push(format!("{}: no cause", case.place));
                continue;
            };
            let line = cause.line.map(LineNo::number).unwrap_or(0);
            if cause.category != case.category || !log.roots.contains(&line) {
                wrong.push(format!(
                    "{}: {} on line {line} of {:?} by {} for {}",
                    case.place, cause.category, log.roots, cause.rule, case.category
                ));
            }
        }
    }
    println!("{count} summaries, {} complaints", wrong.len());
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_looks_like_an_error_on_a_green_build_is_no_cause() {
    let rules = Arc::new(Rules::builtin());
    let mut wrong = Vec::new();
    for case in cases("green.txt") {
        for (builder, log) in logs(&case, false) {
            let found = diagnose(&rules, &log);
            if found.outcome != Outcome::Success {
                wrong.push(format!("{} [{builder}]: {}", case.place, found.outcome.as_str()));
            }
            if let Some(cause) = found.cause() {
                wrong.push(format!("{} [{builder}]: {}", case.place, cause.title));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
