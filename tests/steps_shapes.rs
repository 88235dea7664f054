//! What the steps model makes of builds that fail in other ways than the
//! corpus: `tests/shapes`, judged by what `buildcat steps --format json` says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;

use buildcat::domain::LineNo;
use buildcat::parse::{Parser, report};

/// The agent's lines around a log.
const BEFORE: &str = "\
[Container] 2026/11/23 20:00:00.000000 Entering phase BUILD
[Container] 2026/11/23 20:00:00.000001 Running command docker build -t app .
";
const AFTER: &str = "
[Container] 2026/11/23 20:00:09.000000 Command did not exit successfully docker build -t app . exit status 1
[Container] 2026/11/23 20:00:09.000001 Phase complete: BUILD State: FAILED
[Container] 2026/11/23 20:00:09.000002 Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: docker build -t app .. Reason: exit status 1
[Container] 2026/11/23 20:00:09.000003 Entering phase POST_BUILD
";

#[derive(Default)]
struct Shape {
    name: String,
    step: Option<String>,
    line: Option<u64>,
    failed: Option<usize>,
    running: bool,
    log: String,
}

fn shapes() -> Vec<Shape> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/shapes");
    ["buildkit.txt", "classic.txt", "cut.txt"]
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            let shapes: Vec<Shape> = text.split("=== ").skip(1).map(shape).collect();
            assert!(shapes.len() > 5, "{file}");
            shapes
        })
        .collect()
}

fn shape(text: &str) -> Shape {
    let (head, log) = text.split_once("\n---\n").unwrap();
    let (name, facts) = head.split_once('\n').unwrap_or((head, ""));
    let mut shape = Shape { name: name.to_owned(), ..Shape::default() };
    let mut bare = false;
    for fact in facts.lines() {
        match fact.split_once(": ").unwrap_or_else(|| panic!("{name}: {fact:?}")) {
            ("step", step) => shape.step = Some(step.to_owned()),
            ("line", line) => shape.line = Some(line.parse().unwrap()),
            ("failed", failed) => shape.failed = Some(failed.parse().unwrap()),
            ("state", "running") => shape.running = true,
            ("bare", "yes") => bare = true,
            other => panic!("{name}: {other:?}"),
        }
    }
    let log = log.trim_end_matches('\n');
    shape.log = if bare { log.to_owned() } else { format!("{BEFORE}{log}{AFTER}") };
    shape
}

fn parse(log: &str) -> Parser {
    let mut parser = Parser::new();
    for (at, line) in log.lines().enumerate() {
        let number = LineNo::new(at as u32);
        if line == "<gap>" { parser.gap(number) } else { parser.line(number, line) }
    }
    parser.finish();
    parser
}

#[test]
fn the_failing_step_and_its_line_are_known() {
    let mut wrong = Vec::new();
    let shapes = shapes();
    assert!(shapes.len() >= 50, "{}", shapes.len());
    for shape in &shapes {
        let parser = parse(&shape.log);
        let json = report::json(parser.tree(), &report::plain_numbers, None);
        let steps = json["steps"].as_array().unwrap();
        let state = if shape.running { "running" } else { "failed" };
        let found: Vec<_> = steps.iter().filter(|step| step["state"] == state).collect();
        let expected = shape.failed.unwrap_or(usize::from(shape.step.is_some()));
        if found.len() != expected {
            wrong.push(format!("{}: {} steps {state}, not {expected}", shape.name, found.len()));
        }
        let blamed = match shape.running {
            true => found.last().copied(),
            false => steps.iter().find(|step| step["id"] == json["failing_step"]),
        };
        let step = blamed.and_then(|step| step["instruction"].as_str());
        if step != shape.step.as_deref() {
            wrong.push(format!("{}: {step:?}, not {:?}", shape.name, shape.step));
        }
        let line = blamed.and_then(|step| step["dockerfile_line"].as_u64());
        if line != shape.line {
            wrong.push(format!("{}: line {line:?}, not {:?}", shape.name, shape.line));
        }
        if blamed.is_some_and(|step| step["label"] == "") {
            wrong.push(format!("{}: no label", shape.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_line_has_one_owner() {
    for shape in shapes() {
        let parser = parse(&shape.log);
        let json = report::json(parser.tree(), &report::plain_numbers, None);
        let mut owned = vec![0; shape.log.lines().count() + 1];
        for step in json["steps"].as_array().unwrap() {
            let lines: Vec<usize> = step["lines"]
                .as_array()
                .unwrap()
                .iter()
                .map(|n| n.as_u64().unwrap() as usize)
                .collect();
            assert_eq!(
                lines.first().map(|n| *n as u64),
                step["first_line"].as_u64(),
                "{}",
                shape.name
            );
            assert_eq!(
                lines.last().map(|n| *n as u64),
                step["last_line"].as_u64(),
                "{}",
                shape.name
            );
            for line in lines {
                owned[line] += 1;
            }
        }
        assert!(owned.iter().all(|times| *times <= 1), "{}", shape.name);
    }
}

/// What is known never turns into something else when lines are missing: of a
/// log cut anywhere the step blamed is the one of the whole log, or none, or
/// another that failed as well.
#[test]
fn a_log_cut_at_any_line_blames_no_step_that_did_not_fail() {
    for shape in shapes() {
        let lines: Vec<&str> = shape.log.lines().collect();
        for cut in 0..lines.len() {
            for part in [&lines[..cut], &lines[cut..]] {
                let parser = parse(&part.join("\n"));
                let json = report::json(parser.tree(), &report::plain_numbers, None);
                let steps = json["steps"].as_array().unwrap();
                let Some(blamed) = steps.iter().find(|step| step["id"] == json["failing_step"])
                else {
                    continue;
                };
                assert_eq!(blamed["state"], "failed", "{} cut at {cut}", shape.name);
            }
        }
    }
}
