//! The steps model on every log of the corpus, against its labels.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;

use buildcat::domain::LineNo;
use buildcat::parse::dockerfile::Dockerfile;
use buildcat::parse::joins::{JoinKind, joins};
use buildcat::parse::timeline::timeline;
use buildcat::parse::{Builder, Owner, Parser, PhaseState, StepId, StepState, payload, report};

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
            let lines = raw.split(|b| *b == b'\n').map(clean).collect();
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

/// Whether the log itself shows the Dockerfile around the failure.
fn has_excerpt(case: &Case) -> bool {
    case.lines.iter().any(|line| line == "--------------------")
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
        let line = step.and_then(|s| s.dockerfile_line());
        // What isn't in the log is told with the Dockerfile at hand.
        let dockerfile = Dockerfile::parse(case.dockerfile.as_deref().unwrap_or(""));
        let place = dockerfile.place(tree);
        let label = label.or_else(|| Some(place.clone()?.instruction));
        if label != case.step {
            wrong.push(format!("{}: step {label:?}, labelled {:?}", case.log, case.step));
        }
        if has_excerpt(&case) && line != case.dockerfile_line {
            wrong.push(format!("{}: line {line:?}, labelled {:?}", case.log, case.dockerfile_line));
        }
        if line.is_some() && line != case.dockerfile_line {
            wrong.push(format!("{}: line {line:?} is a guess", case.log));
        }
        let placed = place.map(|place| place.line).or(line);
        if placed != case.dockerfile_line {
            wrong.push(format!(
                "{}: line {placed:?} with the Dockerfile, labelled {:?}",
                case.log, case.dockerfile_line
            ));
        }
        if case.outcome == "success" && tree.failing_step().is_some() {
            wrong.push(format!("{}: a failing step in a successful build", case.log));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn builders_are_told_apart() {
    for case in cases() {
        let parser = parse(&case.lines);
        let expected = match case.builder.as_str() {
            "legacy" => Builder::Legacy,
            "buildah" => Builder::Buildah,
            _ => Builder::BuildKit,
        };
        let got = parser.tree().builder();
        // A build that never began has no builder.
        assert!(got == expected || got == Builder::Other, "{}: {got:?}", case.log);
        assert!(got == expected || case.step.is_none(), "{}: {got:?}", case.log);
    }
}

#[test]
fn every_line_has_exactly_one_owner() {
    for case in cases() {
        let parser = parse(&case.lines);
        let tree = parser.tree();
        let mut owned = vec![0u32; case.lines.len()];
        let mut next = 0;
        for (lines, owner) in tree.runs() {
            assert_eq!(lines.start.index(), next, "{}: runs touch", case.log);
            next = lines.end.index();
            for line in lines.start.index()..lines.end.index() {
                owned[line as usize] += 1;
                assert_eq!(tree.owner(LineNo::new(line)), owner, "{}:{}", case.log, line + 1);
            }
        }
        assert!(owned.iter().all(|times| *times == 1), "{}", case.log);
        // A line that names a vertex belongs to the step of that number.
        for (at, text) in case.lines.iter().enumerate() {
            let Some((number, _)) = text.strip_prefix('#').and_then(|t| t.split_once(' ')) else {
                continue;
            };
            let Ok(number @ 1..) = number.parse::<u32>() else { continue };
            let Owner::Step(id) = tree.owner(LineNo::new(at as u32)) else {
                panic!("{}:{}: {text}", case.log, at + 1);
            };
            assert_eq!(tree.step(id).unwrap().number(), Some(number), "{}:{}", case.log, at + 1);
        }
        for step in tree.steps() {
            let lines: Vec<_> = tree.lines_of_step(step.id()).collect();
            assert_eq!(lines.first().map(|l| l.start), Some(step.first_line()), "{}", case.log);
            let last = lines.last().and_then(|l| l.end.prev());
            assert_eq!(last, Some(step.last_line()), "{}", case.log);
        }
    }
}

#[test]
fn repeats_point_to_the_line_they_repeat() {
    let (mut repeated, mut found) = (0, 0);
    for case in cases() {
        let parser = parse(&case.lines);
        let tree = parser.tree();
        for block in tree.builds().iter().flat_map(|build| &build.blocks) {
            for at in block.first_line.index() + 2..block.last_line.index() {
                let text = &case.lines[at as usize];
                repeated += 1;
                let Some(first) = tree.repeat_of(LineNo::new(at)) else {
                    println!("{}:{}: {text:?} not found", case.log, at + 1);
                    continue;
                };
                let original = &case.lines[first.index() as usize];
                assert!(original.ends_with(text.as_str()), "{}:{}: {original}", case.log, at + 1);
                assert!(first.index() < at);
                found += 1;
            }
        }
    }
    assert!(repeated > 300);
    assert!(found * 100 >= repeated * 98, "{found} of {repeated}");
}

#[test]
fn phases_end_as_the_agent_says() {
    for case in cases() {
        let parser = parse(&case.lines);
        let tree = parser.tree();
        let names: Vec<_> = tree.phases().iter().map(|phase| &*phase.name).collect();
        assert!(
            names.contains(&"BUILD") || names.contains(&"PRE_BUILD"),
            "{}: {names:?}",
            case.log
        );
        for phase in tree.phases() {
            match phase.state {
                PhaseState::Running => assert_eq!(case.outcome, "timeout", "{}", case.log),
                PhaseState::Failed => {
                    assert!(phase.exit_code.is_some(), "{}: {}", case.log, phase.name);
                }
                _ => assert!(phase.exit_code.is_none(), "{}: {}", case.log, phase.name),
            }
            assert!(phase.started.is_some(), "{}: {}", case.log, phase.name);
        }
    }
}

#[test]
fn only_a_log_that_stops_has_running_steps() {
    for case in cases() {
        let parser = parse(&case.lines);
        let tree = parser.tree();
        let running = tree.steps().iter().filter(|s| s.state() == StepState::Running).count();
        assert_eq!(running > 0, case.outcome == "timeout", "{}: {running}", case.log);
        assert_eq!(tree.current().is_some(), running > 0, "{}", case.log);
        for step in tree.steps() {
            assert!(!step.label().is_empty(), "{}", case.log);
            if let Some(at) = tree.started(step.id()) {
                let phase = tree.phase(step.phase().unwrap()).unwrap();
                assert!(Some(at) >= phase.started, "{}", case.log);
            }
        }
    }
}

/// What a program sees that has nothing but `buildcat steps --format json`.
#[test]
fn the_report_names_the_labelled_step() {
    let mut wrong = Vec::new();
    for case in cases() {
        let parser = parse(&case.lines);
        let file = Dockerfile::parse(case.dockerfile.as_deref().unwrap_or(""));
        let json = report::json(parser.tree(), &report::plain_numbers, Some(&file));
        let state = if case.outcome == "timeout" { "running" } else { "failed" };
        let failed: Vec<_> =
            json["steps"].as_array().unwrap().iter().filter(|s| s["state"] == state).collect();
        let step = failed.first().and_then(|step| step["instruction"].as_str());
        let line = failed.first().and_then(|step| step["dockerfile_line"].as_u64());
        if step != case.step.as_deref() || line != case.dockerfile_line.map(u64::from) {
            wrong.push(format!("{}: {step:?} at {line:?}", case.log));
        }
        if case.outcome == "failed" && case.step.is_some() {
            let blamed = json["failing_step"].as_u64();
            assert_eq!(blamed, failed.first().and_then(|s| s["id"].as_u64()), "{}", case.log);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn timelines_keep_the_order_of_the_stages() {
    let mut parallel = 0;
    for case in cases() {
        let parser = parse(&case.lines);
        let tree = parser.tree();
        let line = timeline(tree, &|_| None, &|_| None);
        assert_eq!(line.bars.len() + line.untimed.len(), tree.steps().len(), "{}", case.log);
        for bar in &line.bars {
            assert!(
                0.0 <= bar.start && bar.start <= bar.end && bar.end <= line.span,
                "{}",
                case.log
            );
        }
        // No step begins before the one ahead of it in its stage has ended.
        for bar in &line.bars {
            let step = tree.step(bar.step).unwrap();
            let before = line.bars.iter().find(|other| {
                let other = tree.step(other.step).unwrap();
                (other.build(), other.platform(), other.stage())
                    == (step.build(), step.platform(), step.stage())
                    && other.index().is_some()
                    && other.index().map(|n| n + 1) == step.index()
            });
            if let Some(before) = before {
                assert!(before.end <= bar.start + 0.06, "{}: {:?}", case.log, step.label());
            }
        }
        // Each step of the critical path begins after the one before has ended.
        let bars: Vec<_> = line
            .critical
            .iter()
            .map(|id| line.bars.iter().find(|bar| bar.step == *id).unwrap())
            .collect();
        assert!(line.bars.is_empty() || !bars.is_empty(), "{}", case.log);
        for pair in bars.windows(2) {
            assert!(pair[0].end <= pair[1].start + 0.06, "{}: {pair:?}", case.log);
        }
        parallel += usize::from(line.bars.iter().any(|bar| bar.lane > 0 && bar.seconds() >= 0.1));
        if tree.builder() == Builder::BuildKit {
            assert!(line.around.is_some(), "{}", case.log);
            // Only an instruction that never became a vertex has no time.
            let vertex = |id: &StepId| tree.step(*id).unwrap().number().is_some();
            assert!(!line.untimed.iter().any(vertex), "{}", case.log);
        }
    }
    assert!(parallel >= 3, "{parallel}");
}

/// Joins are a view over the numbers of a step's own lines.
#[test]
fn what_belongs_together_is_joined_within_its_step() {
    let mut kinds: Vec<(String, JoinKind, String)> = Vec::new();
    for case in cases() {
        let parser = parse(&case.lines);
        let tree = parser.tree();
        for step in tree.steps() {
            let lines = tree.lines_of_step(step.id()).flat_map(|range| {
                (range.start.index()..range.end.index())
                    .map(|at| (LineNo::new(at), payload(&case.lines[at as usize]).1))
            });
            for join in joins(lines) {
                for line in &join.lines {
                    assert_eq!(tree.owner(*line), Owner::Step(step.id()), "{}", case.log);
                }
                kinds.push((case.log.clone(), join.kind, join.text));
            }
        }
    }
    for (log, kind, part) in [
        ("uv05-no-solution", JoinKind::ErrorTree, "No solution found"),
        ("uv05-no-solution", JoinKind::Wrapped, "we can conclude"),
        ("git-private-https", JoinKind::PipSubprocess, "did not run successfully"),
        ("pyaudio-no-portaudio", JoinKind::ErrorTree, ""),
        ("django-collectstatic", JoinKind::Traceback, ""),
    ] {
        let log = format!("{log}.log");
        let found =
            kinds.iter().any(|(of, k, text)| *of == log && *k == kind && text.contains(part));
        assert!(found, "{log}: {kind:?} {part}");
    }
}
