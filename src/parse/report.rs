//! The tree for people and programs without a screen: `buildcat steps`.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use super::dockerfile::Dockerfile;
use super::{Owner, Phase, Step, StepState, Tree};
use crate::domain::LineNo;
use crate::human;

/// How positions become the numbers a person is shown. A gap of known length
/// shifts the numbers behind it, which only the store knows.
pub type Numbers<'a> = &'a dyn Fn(LineNo) -> u64;

/// The numbers of a log without gaps.
pub fn plain_numbers(line: LineNo) -> u64 {
    line.number()
}

/// The whole report. Fields that aren't known are left out, never guessed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this shape: 1.
    pub schema: u32,
    /// `buildkit`, `legacy` or `other`.
    pub builder: &'static str,
    /// CodeBuild's phases.
    pub phases: Vec<PhaseReport>,
    /// The steps of all builds, in the order they first appear.
    pub steps: Vec<StepReport>,
    /// The `id` of the step that the failure is blamed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_step: Option<u32>,
}

/// One phase.
#[derive(Clone, Debug, Serialize)]
pub struct PhaseReport {
    /// `BUILD`, …
    pub name: String,
    /// `running`, `succeeded`, `failed`, or the agent's word.
    pub state: String,
    /// When it began, RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Its first line, from 1.
    pub first_line: u64,
    /// Its last line.
    pub last_line: u64,
    /// The exit status of the command that failed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    /// Its place among the steps of the log, from 1. BuildKit's own number, in
    /// a log with one build.
    pub id: u32,
    /// The instruction, or the name of a chore of the builder's.
    pub label: String,
    /// The stage, where the build has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The platform, in a build for several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Its place in the stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// How many steps the stage has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// The Dockerfile instruction, white space folded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// `running`, `done`, `cached`, `failed` or `cancelled`.
    pub state: &'static str,
    /// How long it took, when the builder says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Its first line, from 1.
    pub first_line: u64,
    /// Its last line.
    pub last_line: u64,
    /// The numbers of all its lines; lines of other steps in between are not
    /// among them.
    pub lines: Vec<u64>,
    /// The line its instruction begins on, when the log says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile_line: Option<u32>,
    /// The exit code of its command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The builder's warnings.
    pub warnings: Vec<WarningReport>,
}

/// One warning.
#[derive(Clone, Debug, Serialize)]
pub struct WarningReport {
    /// The line that states it.
    pub line: u64,
    /// What it says.
    pub text: String,
    /// The Dockerfile line it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile_line: Option<u32>,
}

/// The report, ready to be serialised.
///
/// The Dockerfile that was built, where it's at hand, tells the lines that the
/// log doesn't.
pub fn report(tree: &Tree, number: Numbers<'_>, dockerfile: Option<&Dockerfile>) -> Report {
    // One pass over all runs; asking each step for its lines would look at the
    // runs of long, interleaved steps again and again.
    let mut lines: Vec<Vec<u64>> = vec![Vec::new(); tree.steps().len()];
    for (range, owner) in tree.runs() {
        if let Owner::Step(id) = owner
            && let Some(lines) = lines.get_mut(id.index())
        {
            lines.extend((range.start.index()..range.end.index()).map(|n| number(LineNo::new(n))));
        }
    }
    Report {
        schema: 1,
        builder: tree.builder().as_str(),
        phases: tree.phases().iter().map(|phase| phase_report(phase, number)).collect(),
        steps: tree
            .steps()
            .iter()
            .zip(lines)
            .map(|(step, lines)| step_report(tree, step, lines, number, dockerfile))
            .collect(),
        failing_step: tree.failing_step().map(super::StepId::number),
    }
}

/// The report as JSON.
pub fn json(
    tree: &Tree,
    number: Numbers<'_>,
    dockerfile: Option<&Dockerfile>,
) -> serde_json::Value {
    serde_json::to_value(report(tree, number, dockerfile)).unwrap_or_default()
}

fn phase_report(phase: &Phase, number: Numbers<'_>) -> PhaseReport {
    PhaseReport {
        name: phase.name.to_string(),
        state: phase.state.as_str().to_owned(),
        started: phase.started.map(|at| at.to_string()),
        seconds: phase.seconds(),
        first_line: number(phase.first_line),
        last_line: number(phase.last_line),
        exit_code: phase.exit_code,
    }
}

fn step_report(
    tree: &Tree,
    step: &Step,
    lines: Vec<u64>,
    number: Numbers<'_>,
    dockerfile: Option<&Dockerfile>,
) -> StepReport {
    // The metadata of an image is looked up whether or not that fails.
    let looks_up = step.metadata_of().is_some();
    let found = dockerfile
        .filter(|_| !looks_up || step.state() == StepState::Failed)
        .and_then(|file| file.instruction_of(tree, step));
    let shown = step.instruction().map(Cow::into_owned);
    // What the builder shows has its variables expanded; a name made from the
    // image that is looked up lacks what else the instruction says.
    let instruction = match found {
        Some(found) if shown.is_none() || looks_up => Some(found.text.clone()),
        _ => shown,
    };
    StepReport {
        id: step.id().number(),
        label: instruction.clone().unwrap_or_else(|| step.label().into_owned()),
        stage: step.stage().map(str::to_owned),
        platform: step.platform().map(str::to_owned),
        index: step.index(),
        total: step.total(),
        instruction,
        state: step.state().as_str(),
        seconds: step.seconds(),
        first_line: number(step.first_line()),
        last_line: number(step.last_line()),
        lines,
        dockerfile_line: step.dockerfile_line().or_else(|| Some(found?.line)),
        exit_code: step.exit_code(),
        warnings: step
            .warnings()
            .iter()
            .map(|warning| WarningReport {
                line: number(warning.line),
                text: warning.text.to_string(),
                dockerfile_line: warning.dockerfile_line,
            })
            .collect(),
    }
}

/// The tree as text: phases, and under each its steps with their durations.
///
/// `columns` bounds the instruction's length; 0 is no bound. The Dockerfile is
/// that of [`report`]. Of a log that is `over`, nothing runs any more.
pub fn text(tree: &Tree, columns: usize, dockerfile: Option<&Dockerfile>, over: bool) -> String {
    let running = if over { ('?', "no end") } else { ('▸', "running") };
    let mut out = String::new();
    let mut steps = tree.steps().iter().peekable();
    let several = tree.builds().len() > 1;
    let mut build = None;
    let mut under = |out: &mut String, phase: Option<super::PhaseId>, indent: &str| {
        while let Some(step) = steps.next_if(|step| step.phase() == phase) {
            if several && build != Some(step.build()) {
                build = Some(step.build());
                let _ = writeln!(out, "{indent}build {}", step.build() + 1);
            }
            let ended_well = matches!(step.state(), StepState::Done | StepState::Cached);
            let found =
                dockerfile.filter(|_| !ended_well).and_then(|file| file.instruction_of(tree, step));
            let line = step.dockerfile_line().or_else(|| Some(found?.line));
            step_line(out, step, line, indent, columns, running);
        }
    };
    under(&mut out, None, "");
    for phase in tree.phases() {
        let (sign, state) = match phase.state {
            super::PhaseState::Running => running,
            _ => (phase_sign(phase), phase.state.as_str()),
        };
        let _ = write!(out, "{sign} {}  {state}", phase.name);
        if let Some(seconds) = phase.seconds() {
            let _ = write!(out, "  {}", human::duration(seconds));
        }
        if let Some(code) = phase.exit_code {
            let _ = write!(out, "  exit status {code}");
        }
        out.push('\n');
        under(&mut out, Some(phase.id), "  ");
    }
    if out.is_empty() {
        out.push_str("no phases or steps in this log\n");
    }
    out
}

fn phase_sign(phase: &Phase) -> char {
    match &phase.state {
        super::PhaseState::Succeeded => '✓',
        state if state.is_failure() => '✗',
        _ => ' ',
    }
}

fn step_line(
    out: &mut String,
    step: &Step,
    line: Option<u32>,
    indent: &str,
    columns: usize,
    running: (char, &str),
) {
    let sign = match step.state() {
        StepState::Running => running.0,
        StepState::Done => '✓',
        StepState::Cached => '=',
        StepState::Failed => '✗',
        StepState::Cancelled => '-',
    };
    let _ = write!(out, "{indent}{sign} ");
    let place: Vec<String> = step
        .platform()
        .into_iter()
        .chain(step.stage())
        .map(str::to_owned)
        .chain(step.index().zip(step.total()).map(|(index, total)| format!("{index}/{total}")))
        .collect();
    if !place.is_empty() {
        let _ = write!(out, "[{}] ", place.join(" "));
    }
    let label = step.label();
    match label.char_indices().nth(columns.max(1)) {
        Some((cut, _)) if columns > 0 => {
            let _ = write!(out, "{}…", label.get(..cut).unwrap_or(""));
        }
        _ => out.push_str(&label),
    }
    match (step.state(), step.seconds()) {
        (StepState::Cached, _) => out.push_str("  cached"),
        (StepState::Cancelled, _) => out.push_str("  cancelled"),
        (StepState::Running, _) => {
            let _ = write!(out, "  {}", running.1);
        }
        (_, Some(seconds)) => {
            let _ = write!(out, "  {}", human::duration(seconds));
        }
        _ => {}
    }
    if let Some(code) = step.exit_code() {
        let _ = write!(out, "  exit code {code}");
    } else if step.state() == StepState::Failed {
        out.push_str("  failed");
    }
    if let Some(line) = line {
        let _ = write!(out, "  Dockerfile line {line}");
    }
    match step.warnings().len() {
        0 => {}
        1 => out.push_str("  1 warning"),
        n => {
            let _ = write!(out, "  {n} warnings");
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::Parser;
    use super::*;

    fn tree(text: &str) -> Parser {
        let mut parser = Parser::new();
        for (at, line) in text.lines().enumerate() {
            parser.line(LineNo::new(at as u32), line);
        }
        parser
    }

    const LOG: &str = "\
[Container] 2026/11/23 20:00:00.000000 Entering phase BUILD
[Container] 2026/11/23 20:00:00.100000 Running command docker build .
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s

#2 [a 1/2] RUN  make
#2 0.100 one
#2 ...

#3 [b 1/1] COPY . .
#3 WARN: Casing: odd (line 4)
#3 CACHED

#2 [a 1/2] RUN  make
#2 1.250 two
#2 ERROR: process \"/bin/sh -c make\" did not complete successfully: exit code: 2
[Container] 2026/11/23 20:00:02.600000 Command did not exit successfully docker build . exit status 1
[Container] 2026/11/23 20:00:02.600000 Phase complete: BUILD State: FAILED";

    #[test]
    fn json_has_what_is_known_and_nothing_else() {
        let parser = tree(LOG);
        let json = json(parser.tree(), &plain_numbers, None);
        assert_eq!(json["builder"], "buildkit");
        assert_eq!(
            json["phases"][0],
            serde_json::json!({"name": "BUILD", "state": "failed", "started": "2026-11-23T20:00:00Z",
                "seconds": 2.6, "first_line": 1, "last_line": 18, "exit_code": 1})
        );
        assert_eq!(
            json["steps"][1],
            serde_json::json!({"id": 2, "label": "RUN make", "stage": "a", "index": 1, "total": 2,
                "instruction": "RUN make", "state": "failed", "first_line": 6, "last_line": 16,
                "lines": [6, 7, 8, 14, 15, 16], "exit_code": 2, "warnings": []})
        );
        assert_eq!(
            json["steps"][2]["warnings"],
            serde_json::json!([{"line": 11, "text": "Casing: odd (line 4)", "dockerfile_line": 4}])
        );
    }

    #[test]
    fn text_is_the_tree_with_durations() {
        let parser = tree(LOG);
        assert_eq!(
            text(parser.tree(), 0, None, false),
            "✗ BUILD  failed  2.6s  exit status 1\n\
             \u{20} ✓ [internal] load build definition from Dockerfile  0s\n\
             \u{20} ✗ [a 1/2] RUN make  exit code 2\n\
             \u{20} = [b 1/1] COPY . .  cached  1 warning\n"
        );
        assert!(text(parser.tree(), 8, None, false).contains("✓ [interna…  0s"));
        assert_eq!(text(tree("hello").tree(), 0, None, true), "no phases or steps in this log\n");
    }

    #[test]
    fn nothing_runs_in_a_log_that_is_over() {
        let parser = tree("#1 [1/2] FROM a\n#1 DONE 0.1s\n#2 [2/2] RUN make\n#2 0.1 cc\n");
        let of = |over| text(parser.tree(), 0, None, over);
        assert!(of(false).ends_with("▸ [2/2] RUN make  running\n"), "{}", of(false));
        assert!(of(true).ends_with("? [2/2] RUN make  no end\n"), "{}", of(true));
    }
}
