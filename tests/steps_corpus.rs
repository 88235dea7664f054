//! The steps model on every log of the corpus, against its labels.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use buildcat::domain::LineNo;
use buildcat::parse::{Builder, Owner, Parser, PhaseState, StepState};

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

struct Case {
    log: String,
    outcome: String,
    step: Option<String>,
    dockerfile_line: Option<u32>,
    builder: String,
    lines: Vec<String>,
    dockerfile: Option<String>,
}

fn cases() -> Vec<Case> {
    let labels = fs::read_to_string(corpus().join("labels.jsonl")).unwrap();
    labels
        .lines()
        .map(|line| {
            let label: serde_json::Value = serde_json::from_str(line).unwrap();
            let log = label["log"].as_str().unwrap().to_owned();
            let raw = fs::read(corpus().join(&log)).unwrap();
            let raw = raw.strip_suffix(b"\n").unwrap_or(&raw);
            let lines = raw.split(|b| *b == b'\n').map(|line| clean(line)).collect();
            let dockerfile = log.strip_suffix(".log").unwrap().to_owned() + ".Dockerfile";
            Case {
                outcome: label["outcome"].as_str().unwrap().to_owned(),
                step: label["step"].as_str().map(str::to_owned),
                dockerfile_line: label["dockerfile_line"].as_u64().map(|n| n as u32),
                builder: label["builder"].as_str().unwrap().to_owned(),
                dockerfile: fs::read_to_string(corpus().join(dockerfile)).ok(),
                log,
                lines,
            }
        })
        .collect()
}

fn clean(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let text = text.trim_end_matches('\r');
    let text = text.rsplit('\r').find(|part| !part.is_empty()).unwrap_or("");
    let mut clean = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        clean.push_str(&rest[..at]);
        let tail = &rest[at + 2..];
        let end = tail.find(|c: char| c.is_ascii_alphabetic()).map_or(tail.len(), |e| e + 1);
        rest = &tail[end..];
    }
    clean + rest
}

fn parse(lines: &[String]) -> Parser {
    let mut parser = Parser::new();
    for (at, line) in lines.iter().enumerate() {
        parser.line(LineNo::new(at as u32), line);
    }
    parser.finish();
    parser
}

#[test]
fn the_failing_step_is_the_labelled_one() {
    let mut wrong = Vec::new();
    for case in cases() {
        let parser = parse(&case.lines);
        let tree = parser.tree();
        let failing = if case.outcome == "timeout" { tree.current() } else { tree.failing_step() };
        let step = failing.and_then(|id| tree.step(id));
        let label = step.and_then(|s| s.instruction()).map(|s| s.into_owned());
        if label != case.step {
            wrong.push(format!("{}: step {label:?}, labelled {:?}", case.log, case.step));
        }
        let line = step.and_then(|s| s.dockerfile_line());
        if line != case.dockerfile_line {
            wrong.push(format!("{}: line {line:?}, labelled {:?}", case.log, case.dockerfile_line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
