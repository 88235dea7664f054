//! The fold on small logs with the traps of the grammar; the corpus is in
//! tests/steps_corpus.rs, batching and arbitrary text in tests/steps_properties.rs.

use super::*;
use crate::parse::PhaseState;

fn parse(text: &str) -> Parser {
    let mut parser = Parser::new();
    for (at, line) in text.lines().enumerate() {
        if line == "<gap>" {
            parser.gap(LineNo::new(at as u32));
        } else {
            parser.line(LineNo::new(at as u32), line);
        }
    }
    parser.finish();
    parser
}

/// Sign, label and numbers (from 1) of each step's lines.
fn shape(parser: &Parser) -> Vec<String> {
    let tree = parser.tree();
    tree.steps()
        .iter()
        .map(|step| {
            let lines: Vec<String> = tree
                .lines_of_step(step.id())
                .map(|l| match l.end.index() - l.start.index() {
                    1 => format!("{}", l.start),
                    _ => format!("{}-{}", l.start, l.end.index()),
                })
                .collect();
            format!("{} {} {}", step.state().as_str(), step.label(), lines.join(","))
        })
        .collect()
}

fn failing(parser: &Parser) -> Option<(String, Option<u32>)> {
    let tree = parser.tree();
    let step = tree.step(tree.failing_step()?)?;
    Some((step.label().into_owned(), step.dockerfile_line()))
}

const EXIT_2: &str = "did not complete successfully: exit code: 2";

#[test]
fn a_failing_step_has_label_line_and_code() {
    let parser = parse(&format!(
        "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\n\
         #2 [ 2/11] RUN  make   all\n#2 0.340 boom\n\
         #2 ERROR: process \"/bin/sh -c make all\" {EXIT_2}\n\
         ------\n > [ 2/11] RUN  make   all:\n0.340 boom\n------\nDockerfile:9\n\
         --------------------\n   8 |     # x\n   9 | >>> RUN  make   all\n--------------------\n\
         ERROR: failed to build: failed to solve: process \"/bin/sh -c make all\" {EXIT_2}\n",
    ));
    let tree = parser.tree();
    let step = tree.step(tree.failing_step().unwrap()).unwrap();
    assert_eq!(step.label(), "RUN make all");
    assert_eq!((step.index(), step.total()), (Some(2), Some(11)));
    assert_eq!(step.dockerfile_line(), Some(9));
    assert_eq!(step.exit_code(), Some(2));
    assert_eq!(tree.repeat_of(LineNo::new(8)), Some(LineNo::new(4)));
    assert_eq!(tree.repeat_of(LineNo::new(15)), Some(LineNo::new(5)));
    assert_eq!(tree.builds()[0].excerpts[0].lines.len(), 2);
}

#[test]
fn headers_are_reprinted_and_partial_lines_repeated() {
    let parser = parse(
        "#4 [a 1/2] RUN one\n#4 0.100 half\n#4 ...\n\n#5 [b  1/12] RUN two\n#5 0.200 [b 1/2] odd\n\
         #5 DONE 0.3s\n\n#4 [a 1/2] RUN one\n#4 0.100 half and half\n#4 DONE 1.0s",
    );
    assert_eq!(shape(&parser), ["done RUN one 1-3,9-11", "done RUN two 5-7"]);
    let tree = parser.tree();
    assert_eq!(tree.steps()[1].stage(), Some("b"));
    assert_eq!(tree.steps()[1].index().zip(tree.steps()[1].total()), Some((1, 12)));
    assert_eq!(tree.progress(), Some((2, 14)));
}

#[test]
fn a_line_in_two_halves_is_found_by_its_place() {
    let parser = parse(
        "#4 [1/2] RUN x\n#4 0.1 a\n#4 0.2 sh: poetry: not found\n#4 ERROR: process x\n------\n \
         > [1/2] RUN x:\n0.1 a\npoetry: not found\n------",
    );
    assert_eq!(parser.tree().repeat_of(LineNo::new(6)), Some(LineNo::new(1)));
    assert_eq!(parser.tree().repeat_of(LineNo::new(7)), Some(LineNo::new(2)));
}

#[test]
fn the_final_error_decides_between_several() {
    let parser = parse(&format!(
        "#4 [a 1/2] RUN one\n#4 ERROR: process \"one\" {EXIT_2}\n\n\
         #5 [b 1/2] RUN two\n#5 ERROR: process \"two\" {EXIT_2}\n\n\
         #6 [c 1/2] RUN three\n#6 CANCELED\n"
    ));
    assert_eq!(failing(&parser), Some(("RUN one".into(), None)));
    let parser = parse(&format!(
        "#4 [a 1/2] RUN one\n#4 ERROR: process \"one\" {EXIT_2}\n\n\
         #5 [b 1/2] RUN two\n#5 ERROR: process \"two\" {EXIT_2}\n\n\
         #6 [c 1/2] RUN three\n#6 CANCELED\n\
         Dockerfile:7\n--------------------\n   7 | >>> RUN two\n--------------------\n\
         ERROR: failed to solve: process \"two\" {EXIT_2}\n"
    ));
    assert_eq!(failing(&parser), Some(("RUN two".into(), Some(7))));
    assert_eq!(parser.tree().steps()[0].dockerfile_line(), None);
    assert_eq!(parser.tree().steps()[2].state(), StepState::Cancelled);
}

#[test]
fn a_cache_that_cannot_be_imported_is_no_failure() {
    let log = "#4 importing cache manifest from x\n#4 ERROR: x: not found\n\n#5 [1/1] RUN y\n#5 DONE 1.0s";
    assert_eq!(failing(&parse(log)), None);
    let last = "\nERROR: failed to solve: x: not found";
    assert_eq!(
        failing(&parse(&format!("{log}{last}"))),
        Some(("importing cache manifest from x".into(), None))
    );
}

#[test]
fn a_vertex_left_without_an_end_was_cancelled() {
    let parser = parse(
        "#4 [a 1/2] FROM x\n#4 ...\n\n#5 [b 1/2] RUN y\n#5 ERROR: process \"y\" failed badly\n\
         ERROR: failed to solve: process \"y\" failed badly",
    );
    assert_eq!(shape(&parser), ["cancelled FROM x 1-2", "failed RUN y 4-5"]);
}

#[test]
fn an_error_message_goes_on_over_bare_lines() {
    let parser = parse(
        "#4 [1/2] ADD git@x.git /\n#4 ERROR: failed to fetch: git stderr:\nfatal: no\nmore\n\nplain",
    );
    assert_eq!(shape(&parser), ["failed ADD git@x.git / 1-4"]);
}

#[test]
fn numbers_start_again_with_the_next_build() {
    for second in [
        "#0 building with \"default\" instance using docker driver\n\n#1 [internal] load x\n#1 DONE 0.0s",
        "\n#1 [internal] load x\n#1 DONE 0.0s\n",
        "\n#1 [internal] load other\n#1 DONE 0.0s\n",
    ] {
        let parser = parse(&format!(
            "#1 [internal] load x\n#1 DONE 0.0s\n\n#2 [1/1] RUN a\n#2 DONE 0.1s\n{second}\n\n\
             #2 [1/1] RUN b\n#2 0.5 out"
        ));
        let tree = parser.tree();
        assert_eq!(tree.builds().len(), 2, "{second}");
        let labels: Vec<_> = tree.steps().iter().map(|s| (s.build(), s.name())).collect();
        assert_eq!(labels[1], (0, "[1/1] RUN a"));
        assert_eq!(labels[3], (1, "[1/1] RUN b"));
        assert_eq!(tree.current().map(StepId::index), Some(3));
    }
}

#[test]
fn a_build_inside_a_classic_builders_container() {
    let parser = parse(
        "Step 1/3 : FROM docker\n ---> 54dc11f2e8d4\nStep 2/3 : RUN docker build .\n \
         ---> Running in aaaaaaaaaaaa\nSending build context to Docker daemon  2kB\n\
         Step 1/2 : FROM x\n ---> 54dc11f2e8d4\nStep 2/2 : RUN y\n ---> Running in bbbbbbbbbbbb\n\
         hello\nRemoving intermediate container bbbbbbbbbbbb\n ---> 54dc11f2e8d5\n\
         Successfully built 54dc11f2e8d5\nRemoving intermediate container aaaaaaaaaaaa\n \
         ---> 54dc11f2e8d6\nStep 3/3 : RUN z\n ---> Running in cccccccccccc\nouter\n\
         The command '/bin/sh -c z' returned a non-zero code: 3\n",
    );
    assert_eq!(
        shape(&parser),
        [
            "done FROM docker 1-2",
            "done RUN docker build . 3-4,14-15",
            "done FROM x 6-7",
            "done RUN y 8-12",
            "failed RUN z 16-19",
        ]
    );
    assert_eq!(parser.tree().builds().len(), 2);
    assert_eq!(failing(&parser), Some(("RUN z".into(), None)));
}

#[test]
fn clipped_output_and_warnings() {
    let parser = parse(
        "#1 [internal] load build definition from Dockerfile\n\
         #1 WARN: FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)\n#1 DONE 0.0s\n\n\
         #5 [2/2] RUN loud\n#5 1.234 [output clipped, log limit 2MiB reached]\n#5 9.999 end\n#5 DONE 10.1s\n\n \
         1 warning found (use docker --debug to expand):\n - FromAsCasing: casing (line 1)\nbye\n",
    );
    let tree = parser.tree();
    assert_eq!(tree.steps()[0].warnings()[0].dockerfile_line, Some(1));
    assert_eq!(tree.steps()[1].clipped(), Some(LineNo::new(5)));
    assert_eq!(tree.steps()[1].seconds(), Some(10.1));
    assert_eq!(tree.steps()[1].last_second(), Some(10.1));
    assert_eq!(tree.builds()[0].warnings.len(), 1);
}

#[test]
fn truncated_names_are_names() {
    let parser = parse(
        "#4 [2/3] RUN --mount=type=cache,target=/root/.cache/uv     --mount=type=b...\n#4 0.1 a\n\
         #4 ...\n\n#5 [3/3] COPY . .\n#5 DONE 0.0s\n\n\
         #4 [2/3] RUN --mount=type=cache,target=/root/.cache/uv     --mount=type=b...\n#4 DONE 2.0s\n",
    );
    assert_eq!(parser.tree().steps().len(), 2);
    assert_eq!(
        parser.tree().steps()[0].label(),
        "RUN --mount=type=cache,target=/root/.cache/uv --mount=type=b..."
    );
}

#[test]
fn an_instruction_that_does_not_parse_is_a_step_of_its_own() {
    let parser = parse(
        "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\nDockerfile:3\n\
         --------------------\n   2 |     RUN a\n   3 | >>> RUM b \\\n   4 | >>>   c\n--------------------\n\
         ERROR: failed to build: failed to solve: dockerfile parse error on line 3: unknown instruction: RUM\n",
    );
    assert_eq!(failing(&parser), Some(("RUM b c".into(), Some(3))));
    assert_eq!(shape(&parser)[1], "failed RUM b c 6-9");
    let parser = parse(
        "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\
         failed to solve: dockerfile parse error line 12: unknown instruction: RUM\n",
    );
    assert_eq!(failing(&parser), Some(("Dockerfile line 12".into(), Some(12))));
    let parser = parse(
        "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\nDockerfile:1\n\
         --------------------\n   1 | >>> # nothing\n--------------------\n\
         ERROR: failed to solve: file with no instructions\n",
    );
    assert_eq!(failing(&parser), None);
    assert!(parser.tree().builds()[0].failed());
}

#[test]
fn an_image_that_cannot_be_had_is_its_instructions_failure() {
    let start = "#2 [internal] load metadata for docker.io/library/python:3.9-slimm\n\
                 #2 ERROR: docker.io/library/python:3.9-slimm: not found\n";
    let parser = parse(&format!(
        "{start}Dockerfile:4\n--------------------\n   4 | >>> COPY --from=python:3.9-slimm /a /b\n\
         --------------------\nERROR: failed to solve: docker.io/library/python:3.9-slimm: not found"
    ));
    assert_eq!(failing(&parser), Some(("COPY --from=python:3.9-slimm /a /b".into(), Some(4))));
    // docker 20.10 prints no excerpt.
    let parser = parse(&format!(
        "{start}failed to solve with frontend dockerfile.v0: docker.io/library/python:3.9-slimm: not found"
    ));
    assert_eq!(failing(&parser), Some(("FROM python:3.9-slimm".into(), None)));
}

const BUILD: &str = "[Container] 2026/11/23 20:00:00.000001 Entering phase BUILD\n\
                     [Container] 2026/11/23 20:00:01.000001 Running command docker build .\n";

#[test]
fn the_agents_words_end_a_classic_build_that_just_stops() {
    let parser = parse(&format!(
        "{BUILD}Step 1/2 : FROM x\n ---> 54dc11f2e8d4\nStep 2/2 : COPY a b\n\
         lstat a: no such file or directory\n\n\
         [Container] 2026/11/23 20:00:02 Command did not exit successfully docker build . exit status 1\n\
         [Container] 2026/11/23 20:00:02 Phase complete: BUILD Success: false\n"
    ));
    let tree = parser.tree();
    assert_eq!(failing(&parser), Some(("COPY a b".into(), None)));
    let error = tree.steps()[1].error().unwrap();
    assert_eq!((error.line.number(), &*error.text), (6, "lstat a: no such file or directory"));
    assert_eq!(tree.phases()[0].state, PhaseState::Failed);
    assert_eq!(tree.phases()[0].exit_code, Some(1));
    assert_eq!(tree.commands()[0].exit_code, Some(1));
}

#[test]
fn a_commands_status_may_be_on_a_later_line() {
    let parser = parse(
        "[Container] 2026/11/23 20:00:00 Entering phase: BUILD\n\
         [Container] 2026/11/23 20:00:00 Running command set -e\nnpm test\n\nFAIL x\n\
         [Container] 2026/11/23 20:00:09 Command did not exit successfully set -e\nnpm test\n exit status 7\n\
         [Container] 2026/11/23 20:00:09 Phase complete: BUILD State: FAILED\n\
         [Container] 2026/11/23 20:00:09 Phase context status code: Decrypted Variables Error Message: x",
    );
    let tree = parser.tree();
    assert_eq!(tree.builder(), Builder::Other);
    assert_eq!(tree.commands()[0].exit_code, Some(7));
    assert_eq!(tree.phases()[0].exit_code, Some(7));
    assert_eq!(tree.phases()[0].seconds(), Some(9.0));
    assert_eq!(tree.phases()[0].status_code.as_deref(), Some("Decrypted Variables Error"));
    assert!(tree.steps().is_empty());
}

#[test]
fn a_failure_that_was_tolerated_is_not_blamed() {
    let failed = "#2 [1/1] RUN a\n#2 ERROR: process \"a\" failed badly\n\
                  ERROR: failed to solve: process \"a\" failed badly\n";
    let well = "[Container] 2026/11/23 20:00:09 Phase complete: BUILD State: SUCCEEDED\n";
    let push = "[Container] 2026/11/23 20:00:09 Entering phase POST_BUILD\n\
                [Container] 2026/11/23 20:00:09 Running command docker push x\n\
                tag does not exist: x\n\
                [Container] 2026/11/23 20:00:09 Command did not exit successfully docker push x exit status 1\n\
                [Container] 2026/11/23 20:00:09 Phase complete: POST_BUILD State: FAILED\n";
    assert_eq!(failing(&parse(&format!("{BUILD}{failed}{well}"))), None);
    let swallowed = parse(&format!("{BUILD}{failed}{well}{push}"));
    assert_eq!(failing(&swallowed), Some(("RUN a".into(), None)));
    // Tried again without the cache, and failed for another reason.
    let again = "#0 building with \"default\" instance\n\n#1 [1/1] RUN b\n#1 ERROR: process \"b\" failed\n\
                 [Container] 2026/11/23 20:00:09 Command did not exit successfully x exit status 1\n";
    assert_eq!(failing(&parse(&format!("{BUILD}{failed}{again}"))), Some(("RUN b".into(), None)));
}

#[test]
fn gaps_and_lost_headers() {
    let parser = parse(
        "#7 12.34 output of a step whose header is lost\n#7 sha256:ab 1MB / 2MB 0.5s\n<gap>\n\
         #7 [builder 3/9] RUN late\n#7 13.00 more\n#7 DONE 20.0s\n\n#3 [internal] load x\n#3 DONE 0.0s",
    );
    assert_eq!(shape(&parser), ["done RUN late 1-2,4-6", "done [internal] load x 8-9"]);
    assert_eq!(parser.tree().builds().len(), 1);
    // An excerpt that a gap cuts off does not swallow what follows.
    let parser = parse(
        "#7 [1/1] RUN x\n#7 ERROR: process \"x\"\nDockerfile:1\n--------------------\n   1 | >>> RUN x\n<gap>\n   2 |     not an excerpt any more",
    );
    assert_eq!(parser.tree().builds()[0].excerpts[0].lines.len(), 1);
}

#[test]
fn what_only_looks_like_a_builder() {
    for text in [
        "#12 Fix the build (#34)\n#1 thing",
        "# 1 comment\n#!/bin/sh\n#include <x>",
        "------\n > [1/2] RUN x:\n------",
        "Dockerfile:9\n--------------------\n   9 | >>> RUN x\n--------------------",
        "Successfully built pyaudio\nStep by step\nERROR: No matching distribution found for x",
    ] {
        let parser = parse(&format!("{BUILD}{text}"));
        assert!(parser.tree().steps().is_empty(), "{text}");
        assert_eq!(parser.tree().builder(), Builder::Other, "{text}");
    }
}

#[test]
fn times_of_steps_are_derived_and_never_before_the_build() {
    let parser = parse(&format!(
        "{BUILD}#1 [internal] load build definition from Dockerfile\n#1 DONE 0.5s\n\n\
         #2 [a 1/2] RUN one\n#2 4.000 x\n#2 ...\n\n\
         #3 [b 1/1] RUN two\n#3 3.900 y\n#3 DONE 6.0s\n\n\
         #2 [a 1/2] RUN one\n#2 DONE 8.0s\n\n#4 [a 2/2] RUN three\n#4 DONE 1.0s\n"
    ));
    let tree = parser.tree();
    let offset = |at: usize| tree.steps()[at].start_offset();
    assert_eq!(offset(1), Some(0.5));
    // Shown late, but its second 3.9 tells that it began with the other.
    assert_eq!(offset(2), Some(0.6));
    // After the step before it in its stage.
    assert_eq!(offset(3), Some(8.5));
    let started = tree.started(tree.steps()[3].id()).unwrap();
    assert_eq!(started.to_string(), "2026-11-23T20:00:09.500001Z");
    // Without a stamp there is no time of day.
    assert_eq!(parse("#1 [1/1] RUN x\n#1 1.0 y").tree().started(StepId(0)), None);
}

#[test]
fn buildah_and_its_stages() {
    let parser = parse(
        "[1/2] STEP 1/2: FROM x AS a\n[1/2] STEP 2/2: RUN one\nout\n--> 5a7ebcfa40ab\n\
         [2/2] STEP 1/2: FROM y\n[2/2] STEP 2/2: RUN two\n\
         Error: building at STEP \"RUN two\": while running runtime: exit status 9\n",
    );
    let tree = parser.tree();
    assert_eq!(tree.builds().len(), 1);
    assert_eq!(failing(&parser), Some(("RUN two".into(), None)));
    let step = tree.step(tree.failing_step().unwrap()).unwrap();
    assert_eq!(step.exit_code(), Some(9));
    assert_eq!(tree.progress(), Some((3, 4)));
}

#[test]
fn bounds_hold() {
    let mut parser = Parser::new();
    let mut number = 0;
    for at in 1..=(MAX_STEPS as u32 + 10) {
        parser.line(LineNo::new(number), &format!("#{at} [s 1/2] RUN x"));
        number += 1;
    }
    assert_eq!(parser.tree().steps().len(), MAX_STEPS);
    assert_eq!(parser.tree().len(), number);
    for at in 0..2 * MAX_COMMANDS {
        parser.line(LineNo::new(number), "[Container] 2026/11/23 20:00:00 Running command x");
        number += 1;
        parser.line(
            LineNo::new(number),
            &format!("[Container] 2026/11/23 20:00:00 Entering phase P{at}"),
        );
        number += 1;
    }
    assert_eq!(parser.tree().commands().len(), MAX_COMMANDS);
    assert_eq!(parser.tree().phases().len(), MAX_PHASES);
}
