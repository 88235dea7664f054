//! Failures that went unnoticed, and what fails later for want of them.
//!
//! `curl … -o m.tgz; ls` and `pip install … || true` end well whatever happens.
//! The step that then misses the file, command or module is where the build
//! stops; the earlier one is where it went wrong.

use super::diagnosis;
use super::draft::Draft;
use super::engine::{Candidate, Diagnoser};
use super::recovered::Recovered;
use super::resolve::{brings, calls};
use super::scene::Scene;
use super::tolerated::{Weight, parts};
use super::{Kind, Rule};
use crate::domain::LineNo;
use crate::parse::StepState;

/// So much of an earlier step's words is told, in bytes.
const MOST: usize = 120;

/// Adds to a cause what an earlier step had said about the same thing, and
/// that the pipeline went on after a build that failed.
pub(super) fn tell(scene: &Scene<'_>, draft: &mut Draft) {
    if let Some((line, words)) = earlier(scene, draft) {
        draft.evidence.push(line);
        draft.captures.set("earlier", words);
        let cause = draft.cause.take().unwrap_or_default();
        draft.cause = Some(format!(
            "{cause} An earlier step should have brought it, and failed unnoticed: `{{earlier}}`."
        ));
        draft.fix = Some("Mend what that earlier step says; join its commands with `&&` in place of `;` and `|| true`, so that a failure ends the build there.".to_owned());
    }
    let goes_on = scene.step.is_some()
        && scene.command.is_some_and(|command| {
            ["|| true", "|| :", "|| echo", "; true"].iter().any(|end| command.text.contains(end))
        });
    if goes_on && let Some(cause) = draft.cause.take() {
        draft.cause = Some(format!(
            "{cause} The pipeline's command goes on after a failed build (`|| true` or the like), so what fails after it is only a consequence."
        ));
    }
}

/// The download of an earlier step that failed without failing the step, where
/// what it should have brought is missing now: that one is the cause.
pub(super) fn download<'a>(
    d: &Diagnoser,
    scene: &Scene<'a>,
    draft: &Draft,
    candidates: &[Candidate],
) -> Option<(Scene<'a>, Draft)> {
    let step = scene.the_step()?;
    let missing = missing(draft)?;
    let before = scene.tree.steps().iter().take(step.id().index()).rev();
    let found = before
        .filter(|other| other.build() == step.build() && other.state() == StepState::Done)
        .find_map(|other| {
            let instruction = other.instruction()?;
            let shell = instruction.strip_prefix("RUN ")?;
            if !missing.comes_by(shell) {
                return None;
            }
            let there = Scene::of_step(scene.tree, scene.lines, other.id());
            let found = refused(d, &there, &missing.name, candidates)?;
            Some((shell.to_owned(), there, found))
        });
    let (shell, there, found) = found?;
    let went_on = "The step went on all the same, so the build stops only later, where {missing} is needed: `{later}`.";
    let found = with_what_follows(found, scene, draft, missing, went_on, so_that_it_ends(&shell));
    Some((there, found))
}

/// The earlier failure, with what came of it, and how to end the step there.
fn with_what_follows(
    mut found: Draft,
    scene: &Scene<'_>,
    draft: &Draft,
    missing: Missing,
    went_on: &str,
    ends: &str,
) -> Draft {
    found.captures.set("missing", missing.name);
    // What an exception is about may stand on a line of its own.
    let later = scene.text(draft.line).filter(|_| draft.text.trim_end().ends_with(':'));
    found.captures.set("later", shorten(later.as_ref().unwrap_or(&draft.text)));
    found.evidence.push(draft.line);
    let cause = found.cause.take().unwrap_or_default();
    found.cause = Some(format!("{cause} {went_on}"));
    let fix = found.fix.take().unwrap_or_default();
    found.fix = Some(format!("{fix} {ends}"));
    found
}

/// The failed installation of the same step, where what it should have brought is missing
/// at its end: nothing stopped the commands in between.
pub(super) fn installation(
    d: &Diagnoser,
    scene: &Scene<'_>,
    draft: &Draft,
    candidates: &[Candidate],
) -> Option<Draft> {
    scene.the_step()?;
    let lacks = draft.category == "command-not-found" || draft.text.contains("ModuleNotFoundError");
    let missing = missing(draft).filter(|_| lacks)?;
    let installs = |rule: &Rule| {
        matches!(rule.tool.as_deref(), Some("pip" | "uv" | "poetry" | "apt" | "npm"))
            && rule.rank >= 60
    };
    let mut found: Vec<(LineNo, std::cmp::Reverse<u8>, u16)> = candidates
        .iter()
        .filter(|candidate| scene.contains(candidate.line) && candidate.line < draft.line)
        .filter_map(|candidate| {
            let rule = d.rules.at(candidate.rule).filter(|rule| rule.kind == Kind::Cause)?;
            let text = scene.text(candidate.line)?;
            let fatal = text.starts_with("ERROR: ")
                || text.starts_with("E: ")
                || text.starts_with("error: ");
            // What was let fail has failed before, unless it should have brought this.
            let let_fail = scene.shell().is_some_and(|shell| shell.contains("||"));
            let counts = installs(rule) && fatal && (!let_fail || text.contains(&missing.name));
            counts.then_some((candidate.line, std::cmp::Reverse(rule.rank), candidate.rule))
        })
        .collect();
    found.sort_unstable();
    let mut found = found.into_iter();
    let found = found.find_map(|(line, _, rule)| diagnosis::draft(d, scene, rule, line, None))?;
    let went_on = "The step went on all the same, and ended where {missing} is needed: `{later}`.";
    let ends = "Let the step end where a command fails: `set -e` at the top of the script or here-document, `&&` in place of `;`.";
    Some(with_what_follows(found, scene, draft, missing, went_on, ends))
}

/// How to make a step end where its download fails.
fn so_that_it_ends(shell: &str) -> &'static str {
    let piped = shell.replace("||", "").contains('|');
    let several = parts(shell).len() > 1;
    if piped && calls(shell, &["curl", "wget"]) {
        "A pipe ends as its last command does, so that `sh` with nothing to read counts as success: download to a file first and join with `&&` (`curl -fsSLo /tmp/install.sh URL && sh /tmp/install.sh`), or set `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` above the step."
    } else if several {
        "Join the commands with `&&` in place of `;` and `|| true`, so that a failure ends the build there."
    } else {
        "Check in the same step that it is there (`test -e …`, or load it once), so that a failure ends the build there."
    }
}

/// What a step misses.
struct Missing {
    name: String,
    /// Whether it is a program that the shell doesn't find.
    program: bool,
    browser: bool,
}

impl Missing {
    /// Whether a command should have brought it.
    fn comes_by(&self, shell: &str) -> bool {
        self.program && brings(shell, &self.name)
            || self.browser && calls(shell, &["playwright"])
            || self.name.len() > 2 && names(shell, &self.name)
    }
}

/// What a finding says is missing, if that is what it says.
fn missing(draft: &Draft) -> Option<Missing> {
    const LACKS: [&str; 4] =
        ["LookupError", "Can't find model", "Executable doesn't exist", "ModuleNotFoundError"];
    let text = &draft.text;
    if ![MISSES.as_slice(), &LACKS].concat().iter().any(|words| text.contains(words)) {
        return None;
    }
    let subject = draft.subject()?.trim_end_matches('/');
    let name = subject.rsplit('/').next().unwrap_or(subject);
    let program = draft.category == "command-not-found";
    let browser = text.contains("ms-playwright");
    let fits = !name.is_empty() && !name.contains(char::is_whitespace);
    fits.then(|| Missing { name: name.to_owned(), program, browser })
}

/// The first line of a step by which a rule knows that a download failed; of
/// several the one that has the name of what is missing.
fn refused(
    d: &Diagnoser,
    scene: &Scene<'_>,
    name: &str,
    candidates: &[Candidate],
) -> Option<Draft> {
    let fetches = |rule: &Rule, text: &str| {
        rule.kind == Kind::Cause
            && (matches!(rule.category.as_str(), "network" | "tls-certificate" | "auth-denied")
                || rule.category == "command-not-found"
                    && (text.contains("curl") || text.contains("wget")))
    };
    let mut tail = scene.last(400);
    tail.reverse();
    let recovered = Recovered::of(&tail);
    let mut all: Vec<(bool, LineNo, std::cmp::Reverse<u8>, u16)> = candidates
        .iter()
        .filter(|candidate| scene.contains(candidate.line))
        .filter_map(|candidate| {
            let rule = d.rules.at(candidate.rule)?;
            let text = scene.text(candidate.line)?;
            let counts =
                fetches(rule, &text) && recovered.weight(candidate.line, &text) == Weight::Full;
            counts.then(|| {
                (!text.contains(name), candidate.line, std::cmp::Reverse(rule.rank), candidate.rule)
            })
        })
        .collect();
    all.sort_unstable();
    all.into_iter().find_map(|(_, line, _, rule)| diagnosis::draft(d, scene, rule, line, None))
}

/// So much of a line as a sentence can hold.
fn shorten(text: &str) -> String {
    let text = text.trim();
    let start = text.get(..text.floor_char_boundary(MOST)).unwrap_or(text);
    let cut = if start.len() < text.len() { "…" } else { "" };
    format!("{start}{cut}")
}

/// Words by which something says that what it needs isn't there.
const MISSES: [&str; 7] = [
    "No such file",
    "not found",
    "Cannot open",
    "cannot find",
    "can't open",
    "cannot stat",
    "No module named",
];

/// The error of an earlier step that should have brought what is missing.
fn earlier(scene: &Scene<'_>, draft: &Draft) -> Option<(LineNo, String)> {
    if !MISSES.iter().any(|words| draft.text.contains(words)) {
        return None;
    }
    let step = scene.the_step()?;
    let module = draft.text.contains("No module named");
    let subject = draft.subject()?.trim_end_matches('/');
    let name = subject.rsplit('/').next().unwrap_or(subject);
    if name.len() < 3 || name.contains(char::is_whitespace) {
        return None;
    }
    let before = scene.tree.steps().iter().take(step.id().index()).rev();
    before.filter(|other| other.build() == step.build()).find_map(|other| {
        let instruction = other.instruction()?;
        let shell = instruction.strip_prefix("RUN ")?;
        let hides = shell.contains(';') || shell.contains("||") || shell.contains('|');
        let installs = module && calls(shell, &["pip", "uv", "poetry", "pdm", "pipenv"]);
        if !hides || !(installs || names(shell, name)) {
            return None;
        }
        let said = Scene::of_step(scene.tree, scene.lines, other.id()).last(200);
        let (line, text) = said.into_iter().rev().find(|(_, text)| states_error(text))?;
        Some((line, shorten(&text)))
    })
}

/// Whether a command has a name as a word, or as the last part of a path.
fn names(shell: &str, name: &str) -> bool {
    shell
        .split(|c: char| c.is_whitespace() || "\"'=/;&|()".contains(c))
        .any(|word| word.trim_end_matches(',') == name)
}

/// Whether a line is a tool's own statement that it failed.
fn states_error(text: &str) -> bool {
    const STARTS: [&str; 12] = [
        "curl: (",
        "wget: ",
        "E: ",
        "ERROR: ",
        "ERROR ",
        "error: ",
        "fatal: ",
        "cp: ",
        "mv: ",
        "tar: ",
        "unzip: ",
        "npm error ",
    ];
    let bare = text.trim_start();
    STARTS.iter().any(|start| bare.starts_with(start))
        // wget: `2026-11-24 10:00:00 ERROR 404: Not Found.`
        || bare.contains(" ERROR 4")
        || bare.contains(" ERROR 5")
        || bare.starts_with('/') && bare.ends_with(": not found")
}
