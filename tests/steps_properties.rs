//! What holds of the steps model for any text at all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use buildcat::domain::LineNo;
use buildcat::parse::joins::joins;
use buildcat::parse::timeline::timeline;
use buildcat::parse::{Owner, Parser, Role, StepState, line_role, payload, report};
use proptest::prelude::*;

/// Pieces that logs are made of, so that arbitrary logs get deep into the fold.
const PIECES: [&str; 56] = [
    "",
    " ",
    "plain output",
    "#0 building with \"default\" instance using docker driver",
    "#1 [internal] load build definition from Dockerfile",
    "#1 transferring dockerfile: 688B done",
    "#1 DONE 0.0s",
    "#1 WARN: FromAsCasing: casing (line 3)",
    "#2 [internal] load metadata for docker.io/library/python:3.12",
    "#2 ERROR: docker.io/library/python:3.12: not found",
    "#3 [builder 1/4] FROM docker.io/library/python:3.12@sha256:ab",
    "#3 sha256:ab 1.04MB / 2.00MB 0.1s",
    "#3 CACHED",
    "#3 ...",
    "#4 [builder 2/4] RUN make",
    "#4 0.123 out",
    "#4 12.34 Traceback (most recent call last):",
    "#4 12.34   File \"x.py\", line 1, in <module>",
    "#4 12.35 ValueError: no",
    "#4 ERROR: process \"/bin/sh -c make\" did not complete successfully: exit code: 2",
    "#4 CANCELED",
    "#4 ...",
    "#5 [linux/arm64 web  1/12] COPY . .",
    "#5 DONE 1.2s",
    "#99999999999 0.1 x",
    "#5 999999999.999 late",
    "------",
    " > [builder 2/4] RUN make:",
    "0.123 out",
    "Dockerfile:9",
    "--------------------",
    "   8 |     # why",
    "   9 | >>> RUN make \\",
    "  10 | >>>   all",
    "ERROR: failed to build: failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 2",
    " 1 warning found (use docker --debug to expand):",
    " - FromAsCasing: casing (line 1)",
    "Sending build context to Docker daemon  3.072kB",
    "Step 1/3 : FROM x",
    "Step 2/3 : RUN y",
    " ---> Running in aaaaaaaaaaaa",
    " ---> Using cache",
    " ---> 54dc11f2e8d4",
    "Removing intermediate container aaaaaaaaaaaa",
    "The command '/bin/sh -c y' returned a non-zero code: 2",
    "Successfully built fd962911449c",
    "STEP 1/2: FROM x",
    "[1/2] STEP 2/2: RUN z",
    "Error: building at STEP \"RUN z\": exit status 2",
    "[Container] 2026/11/23 20:00:00.000001 Entering phase BUILD",
    "[Container] 2026/11/23 20:00:01 Running command docker build .",
    "[Container] 2026/11/23 20:00:02.5 Command did not exit successfully docker build . exit status 1",
    "[Container] 2026/11/23 20:00:02 Command did not exit successfully set -e",
    "[Container] 2026/11/23 20:00:03 Phase complete: BUILD State: FAILED",
    "[Container] 2026/11/23 20:00:03 Phase complete: POST_BUILD Success: true",
    "[Container] 2026/11/23 20:00:03 Phase context status code: X Message: y exit status 3",
];

fn any_line() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::sample::select(PIECES.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,40}",
        1 => "#[0-9]{1,11} \\PC{0,20}",
        1 => "#[0-9]{1,2} [0-9]{1,12}\\.[0-9]{1,4}( \\PC{0,9})?",
        1 => "\\[\\PC{0,12}\\] \\PC{0,12}",
        // A piece cut anywhere, or with something odd put in.
        2 => (proptest::sample::select(PIECES.to_vec()), any::<prop::sample::Index>(), "\\PC{0,3}")
            .prop_map(|(piece, at, odd)| {
                let at = piece.floor_char_boundary(at.index(piece.len() + 1));
                format!("{}{odd}", &piece[..at])
            }),
    ]
}

/// Lines, and places where lines are missing.
fn any_log() -> impl Strategy<Value = Vec<Option<String>>> {
    prop::collection::vec(prop_oneof![20 => any_line().prop_map(Some), 1 => Just(None)], 0..120)
}

fn feed(parser: &mut Parser, log: &[Option<String>], from: usize) {
    for (at, line) in log.iter().enumerate() {
        let number = LineNo::new((from + at) as u32);
        match line {
            Some(text) => parser.line(number, text),
            None => parser.gap(number),
        }
    }
}

/// Everything the tree says, as text.
fn all(parser: &Parser) -> String {
    let tree = parser.tree();
    format!(
        "{} {:?} {:?} {:?} {:?} {:?}",
        report::json(tree, &report::plain_numbers, None),
        tree.builds(),
        tree.commands(),
        tree.current(),
        tree.failing_step(),
        (0..tree.len()).map(|n| tree.repeat_of(LineNo::new(n))).collect::<Vec<_>>(),
    )
}

/// The corpus, cut into lines.
static CORPUS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut logs: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "log"))
        .collect();
    logs.sort();
    logs.iter().map(|path| fs::read(path).unwrap()).collect()
});

/// A real log from one byte to another, with some lines missing, and its lines
/// dealt among those of another in runs.
fn any_real_log() -> impl Strategy<Value = Vec<Option<String>>> {
    let one = || {
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>())
            .prop_map(|(log, a, b)| {
                let log = log.get(&CORPUS);
                let (a, b) = (a.index(log.len() + 1), b.index(log.len() + 1));
                String::from_utf8_lossy(&log[a.min(b)..a.max(b)]).into_owned()
            })
    };
    let gaps = prop::collection::vec(any::<prop::sample::Index>(), 0..4);
    let runs = prop::collection::vec(1..30usize, 0..12);
    (one(), one(), runs, gaps).prop_map(|(first, second, runs, gaps)| {
        let mut logs = [first.split('\n').peekable(), second.split('\n').peekable()];
        let mut lines: Vec<Option<String>> = Vec::new();
        for (at, run) in runs.iter().chain([&usize::MAX]).enumerate() {
            lines.extend(logs[at % 2].by_ref().take(*run).map(|line| Some(line.to_owned())));
        }
        for gap in gaps {
            let at = gap.index(lines.len() + 1);
            let end = (at + at % 7).min(lines.len());
            lines.splice(at..end, [None]);
        }
        lines
    })
}

/// What is true of the tree of any log.
fn whole(parser: &Parser, lines: usize) -> Result<(), TestCaseError> {
    let tree = parser.tree();
    prop_assert_eq!(tree.len() as usize, lines);
    let mut owners = Vec::new();
    for (range, owner) in tree.runs() {
        prop_assert_eq!(range.start.index() as usize, owners.len());
        prop_assert!(range.end > range.start);
        owners.resize(range.end.index() as usize, owner);
    }
    prop_assert_eq!(owners.len(), lines);
    let json = report::json(tree, &report::plain_numbers, None);
    let mut mine = vec![0; lines];
    for (step, said) in tree.steps().iter().zip(json["steps"].as_array().unwrap()) {
        for line in said["lines"].as_array().unwrap() {
            let at = line.as_u64().unwrap() as usize - 1;
            prop_assert_eq!(owners[at], Owner::Step(step.id()));
            mine[at] += 1;
        }
    }
    for (at, owner) in owners.iter().enumerate() {
        let number = LineNo::new(at as u32);
        prop_assert_eq!(tree.owner(number), *owner);
        let times = match owner {
            Owner::Step(_) => 1,
            Owner::Phase(id) => {
                let phase = tree.phase(*id).unwrap();
                prop_assert!(phase.first_line <= number && number <= phase.last_line);
                0
            }
            Owner::Top => 0,
        };
        prop_assert_eq!(mine[at], times);
    }
    let line = timeline(tree, &|_| None, &|_| None);
    prop_assert_eq!(line.bars.len() + line.untimed.len(), tree.steps().len());
    for bar in &line.bars {
        prop_assert!(0.0 <= bar.start && bar.start <= bar.end && bar.end <= line.span);
    }
    if let Some(step) = tree.failing_step().and_then(|id| tree.step(id)) {
        prop_assert_eq!(step.state(), StepState::Failed);
    }
    if let Some((done, total)) = tree.progress() {
        prop_assert!(done <= total);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// A real log cut at any byte, with lines missing, run into another one:
    /// still a whole tree, however the lines arrive.
    #[test]
    fn real_logs_in_pieces(log in any_real_log(), cut in any::<prop::sample::Index>()) {
        let mut once = Parser::new();
        feed(&mut once, &log, 0);
        once.finish();
        whole(&once, log.len())?;
        let cut = cut.index(log.len() + 1);
        let mut twice = Parser::new();
        feed(&mut twice, &log[..cut], 0);
        whole(&twice, cut)?;
        feed(&mut twice, &log[cut..], cut);
        twice.finish();
        prop_assert_eq!(all(&once), all(&twice));
    }

    /// Garbage: any bytes at all.
    #[test]
    fn any_text_is_a_log(text in "(\\PC|[#\\[\n -]|[0-9]){0,400}") {
        let log: Vec<_> = text.split('\n').map(|line| Some(line.to_owned())).collect();
        let mut parser = Parser::new();
        feed(&mut parser, &log, 0);
        parser.finish();
        whole(&parser, log.len())?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// Looking at the tree in between, or going on from a copy, changes nothing.
    #[test]
    fn any_batching_gives_the_same_tree(log in any_log(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let mut whole = Parser::new();
        feed(&mut whole, &log, 0);
        whole.finish();

        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(log.len() + 1)).collect();
        cuts.push(log.len());
        cuts.sort_unstable();
        let mut parts = Parser::new();
        let mut from = 0;
        for cut in cuts {
            feed(&mut parts, &log[from..cut], from);
            let _ = all(&parts);
            let _ = report::text(parts.tree(), 60, None, true);
            parts = parts.clone();
            from = cut;
        }
        parts.finish();
        prop_assert_eq!(all(&whole), all(&parts));
    }

    /// Total on any log, and whole: every line has one owner, and what is said
    /// of a step is true of its lines.
    #[test]
    fn every_line_has_one_owner(log in any_log()) {
        let mut parser = Parser::new();
        feed(&mut parser, &log, 0);
        parser.finish();
        let tree = parser.tree();
        prop_assert_eq!(tree.len() as usize, log.len());
        let mut next = 0;
        for (lines, owner) in tree.runs() {
            prop_assert_eq!(lines.start.index(), next);
            prop_assert!(lines.end.index() > next);
            next = lines.end.index();
            for line in lines.start.index()..next {
                prop_assert_eq!(tree.owner(LineNo::new(line)), owner);
            }
        }
        prop_assert_eq!(next as usize, log.len());
        for step in tree.steps() {
            let lines: Vec<u32> = tree
                .lines_of_step(step.id())
                .flat_map(|lines| lines.start.index()..lines.end.index())
                .collect();
            prop_assert_eq!(lines.first().copied(), Some(step.first_line().index()));
            prop_assert_eq!(lines.last().copied(), Some(step.last_line().index()));
            for line in lines {
                prop_assert_eq!(tree.owner(LineNo::new(line)), Owner::Step(step.id()));
            }
        }
        if let Some((done, total)) = tree.progress() {
            prop_assert!(done <= total);
        }
        for line in 0..tree.len() {
            if let Some(first) = tree.repeat_of(LineNo::new(line)) {
                prop_assert!(first.index() < line);
            }
        }
    }

    /// What a truncated log shows doesn't change when the rest comes: lines keep
    /// their owners.
    #[test]
    fn owners_are_final(log in any_log(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(log.len() + 1);
        let mut head = Parser::new();
        feed(&mut head, &log[..cut], 0);
        let mut whole = Parser::new();
        feed(&mut whole, &log, 0);
        for line in 0..cut as u32 {
            let line = LineNo::new(line);
            prop_assert_eq!(head.tree().owner(line), whole.tree().owner(line));
        }
    }

    /// Roles and payloads are total, and a payload is a part of its line.
    #[test]
    fn every_line_has_a_role(line in any_line()) {
        let role = line_role(&line);
        prop_assert_eq!(role == Role::Blank, line.trim_start().is_empty());
        let (seconds, text) = payload(&line);
        prop_assert!(line.ends_with(text));
        prop_assert!(seconds.is_none_or(|s| s.is_finite() && s >= 0.0));
    }

    /// Joins are views: their lines exist, ascend, and are more than one.
    #[test]
    fn joins_are_views(log in prop::collection::vec(prop_oneof![any_line(), "( {0,8}(×|├─▶|╰─▶|│|error:|hint:|Traceback \\(most recent call last\\):)? ?\\PC{0,70})"], 0..60)) {
        let lines = log.iter().enumerate().map(|(at, line)| (LineNo::new(at as u32), payload(line).1));
        for join in joins(lines) {
            prop_assert!(join.lines.len() > 1);
            prop_assert!(join.lines.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(join.lines.iter().all(|line| (line.index() as usize) < log.len()));
        }
    }
}
