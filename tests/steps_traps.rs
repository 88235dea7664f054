//! The traps of the formats, one test each: what CodeBuild's agent, BuildKit
//! and the classic builder print that a simple reading gets wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use buildcat::domain::LineNo;
use buildcat::parse::{
    Builder, Owner, Parser, PhaseState, Role, StepState, Transfer, line_role, payload,
};

/// Parses a log; a line `<gap>` stands for missing lines.
fn parse(text: &str) -> Parser {
    let mut parser = Parser::new();
    for (at, line) in text.lines().enumerate() {
        let number = LineNo::new(at as u32);
        if line == "<gap>" { parser.gap(number) } else { parser.line(number, line) }
    }
    parser.finish();
    parser
}

/// Label and state of every step.
fn steps(parser: &Parser) -> Vec<(String, StepState)> {
    parser.tree().steps().iter().map(|s| (s.label().into_owned(), s.state())).collect()
}

/// The owner of each line: `.` nothing, `P` a phase, a digit the step.
fn owners(parser: &Parser) -> String {
    let tree = parser.tree();
    (0..tree.len())
        .map(|line| match tree.owner(LineNo::new(line)) {
            Owner::Top => '.',
            Owner::Phase(_) => 'P',
            Owner::Step(id) => char::from_digit(id.number(), 36).unwrap(),
        })
        .collect()
}

#[test]
fn phases_in_every_spelling() {
    for (enter, complete) in [
        ("2026/01/22 23:28:03.574404 Entering phase BUILD", "Phase complete: BUILD State: FAILED"),
        ("2026/01/22 23:28:03.574404 Entering phase: BUILD", "Phase complete: BUILD State: FAILED"),
        ("2023/08/28 23:28:03 Entering phase BUILD", "Phase complete: BUILD Success: false"),
        (
            "2026/01/22 23:28:03.574404  Entering phase BUILD",
            "Phase complete: BUILD  State: FAILED",
        ),
    ] {
        let parser = parse(&format!(
            "[Container] {enter}\nhello\n[Container] 2026/01/22 23:28:09 {complete}\n\
             [Container] 2026/01/22 23:28:09 Phase context status code:  Message: "
        ));
        let [phase] = parser.tree().phases() else { panic!("{enter}") };
        assert_eq!((&*phase.name, &phase.state), ("BUILD", &PhaseState::Failed), "{enter}");
        assert_eq!((phase.first_line.number(), phase.last_line.number()), (1, 4), "{enter}");
        assert!(phase.started.is_some() && phase.ended.is_some(), "{enter}");
        assert_eq!(owners(&parser), "PPPP");
    }
}

#[test]
fn stamps_are_utc_and_a_fraction_may_lack() {
    let parser = parse(
        "[Container] 2026/01/22 23:59:59.500000 Entering phase INSTALL\n\
         [Container] 2026/01/23 00:00:01 Phase complete: INSTALL State: SUCCEEDED",
    );
    let phase = &parser.tree().phases()[0];
    assert_eq!(phase.started.unwrap().to_string(), "2026-01-22T23:59:59.5Z");
    assert_eq!(phase.seconds(), Some(1.5));
    // An odd stamp is no time, and a clock that went back no negative one.
    let parser = parse(
        "[Container] 2026/02/31 25:00:00 Entering phase INSTALL\n\
         [Container] 2026/01/23 00:00:01 Phase complete: INSTALL State: SUCCEEDED\n\
         [Container] 2026/01/23 00:00:05 Entering phase BUILD\n\
         [Container] 2026/01/23 00:00:01 Phase complete: BUILD State: SUCCEEDED",
    );
    assert_eq!(parser.tree().phases()[0].seconds(), None);
    assert_eq!(parser.tree().phases()[1].seconds(), Some(0.0));
}

#[test]
fn other_ends_of_a_phase_are_no_success() {
    for word in ["TIMED_OUT", "FAULT", "STOPPED", "CLIENT_ERROR"] {
        let parser = parse(&format!(
            "[Container] 2026/01/22 23:28:03 Entering phase BUILD\n\
             [Container] 2026/01/22 23:28:09 Phase complete: BUILD State: {word}"
        ));
        let phase = &parser.tree().phases()[0];
        assert_eq!(phase.state, PhaseState::Other(word.into()));
        assert!(phase.state.is_failure());
    }
}

#[test]
fn what_the_agent_says_before_the_first_phase_is_harmless() {
    let parser = parse(
        "[Container] 2026/01/22 23:28:03.1 Running on CodeBuild On-demand\n\
         [Container] 2026/01/22 23:28:03.1 Waiting for agent ping\n\
         [Container] 2026/01/22 23:28:03.2 Waiting for DOWNLOAD_SOURCE\n\
         [Container] 2026/01/22 23:28:03.3 Phase is DOWNLOAD_SOURCE\n\
         [Container] 2026/01/22 23:28:03.3 CODEBUILD_SRC_DIR=/codebuild/output/src1/src\n\
         [Container] 2026/01/22 23:28:03.4 Setting HTTP client timeout to higher timeout for S3 source\n\
         [Container] 2026/01/22 23:28:03.4  BUILD: 3 commands\n\
         [Container] 2026/01/22 23:28:04.4 Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED\n\
         [Container] 2026/01/22 23:28:04.4 Phase context status code:  Message: \n\
         [Container] 2026/01/22 23:28:04.5 Entering phase INSTALL\n",
    );
    let names: Vec<_> = parser.tree().phases().iter().map(|phase| &*phase.name).collect();
    assert_eq!(names, ["DOWNLOAD_SOURCE", "INSTALL"]);
    assert_eq!(parser.tree().phases()[0].state, PhaseState::Succeeded);
    assert_eq!(parser.tree().phases()[0].seconds(), Some(1.1));
    assert_eq!(owners(&parser), "...PPPPPPP");
}

#[test]
fn the_artifacts_phase_begins_without_a_word() {
    let parser = parse(
        "[Container] 2026/01/22 23:28:03 Entering phase POST_BUILD\n\
         [Container] 2026/01/22 23:28:04 Phase complete: POST_BUILD State: SUCCEEDED\n\
         [Container] 2026/01/22 23:28:04 Phase context status code:  Message: \n\
         [Container] 2026/01/22 23:28:05 Expanding base directory path:  .\n\
         [Container] 2026/01/22 23:28:06 Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED",
    );
    let names: Vec<_> = parser.tree().phases().iter().map(|phase| &*phase.name).collect();
    assert_eq!(names, ["POST_BUILD", "UPLOAD_ARTIFACTS"]);
    assert_eq!(parser.tree().phases()[1].seconds(), Some(1.0));
}

#[test]
fn a_command_of_several_lines_and_its_exit_status() {
    let parser = parse(
        "[Container] 2026/01/22 23:28:03 Entering phase BUILD\n\
         [Container] 2026/01/22 23:28:03 Running command set -e\n\
         for tag in a b; do\n  docker build -t $tag .\ndone\n\
         #1 [1/1] RUN make\n#1 0.100 no\n\
         #1 ERROR: process \"/bin/sh -c make\" did not complete successfully: exit code: 2\n\
         ERROR: failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 2\n\
         [Container] 2026/01/22 23:28:09 Command did not exit successfully set -e\n\
         for tag in a b; do\n  docker build -t $tag .\ndone exit status 1\n\
         [Container] 2026/01/22 23:28:09 Phase complete: BUILD State: FAILED\n\
         [Container] 2026/01/22 23:28:09 Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: set -e\n\
         for tag in a b; do\n  docker build -t $tag .\ndone. Reason: exit status 1\n\
         [Container] 2026/01/22 23:28:10 Entering phase POST_BUILD\n",
    );
    let tree = parser.tree();
    assert_eq!(tree.commands().len(), 1);
    assert!(tree.commands()[0].failed);
    assert_eq!(tree.commands()[0].exit_code, Some(1));
    assert_eq!(tree.phases()[0].exit_code, Some(1));
    assert_eq!(tree.phases()[1].exit_code, None);
    assert_eq!(tree.step(tree.failing_step().unwrap()).unwrap().exit_code(), Some(2));
    assert_eq!(owners(&parser), "PPPPP111PPPPPPPPPPP");
}

#[test]
fn gutters_of_a_console_and_a_prefix_on_every_line_do_no_harm() {
    let copied = parse(
        "1 | [Container] 2026/01/22 23:28:03 Entering phase BUILD\n2 | #1 [1/1] RUN make\n--\n\
         3 | #1 0.100 out\n 12 | >>> RUN make\n",
    );
    assert_eq!(owners(&copied), ".....");
    assert!(copied.tree().steps().is_empty());
    let old = parse(
        "[Container] 2016/11/01 12:00:00 Entering phase BUILD\n\
         [Container] 2016/11/01 12:00:01 Running command docker build .\n\
         [Container] 2016/11/01 12:00:02 Step 1/2 : FROM x\n\
         [Container] 2016/11/01 12:00:02  ---> 54dc11f2e8d4\n\
         [Container] 2016/11/01 12:00:03 Successfully built 54dc11f2e8d4\n\
         [Container] 2016/11/01 12:00:03 Phase complete: BUILD Success: true\n",
    );
    assert_eq!(owners(&old), "PPPPPP");
    assert_eq!(old.tree().phases()[0].state, PhaseState::Succeeded);
}

#[test]
fn names_of_every_kind() {
    let parser = parse(
        "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\n\
         #2 [auth] library/python:pull token for registry.example\n#2 DONE 0.0s\n\n\
         #3 [ 2/11] RUN make\n#3 DONE 0.1s\n\n\
         #4 [py3.12_test-1 2/5] COPY . .\n#4 DONE 0.1s\n\n\
         #5 [linux/arm/v7 stage-1  3/12] RUN x\n#5 DONE 0.1s\n\n\
         #6 importing cache manifest from r.example/c\n#6 DONE 0.1s\n\n\
         #7 exporting to image\n#7 exporting layers done\n#7 DONE\n\n\
         #8 [web] exporting cache to client directory\n#8 preparing build cache for export done\n#8 DONE 0.3s\n",
    );
    let tree = parser.tree();
    let of = |at: usize| {
        let step = &tree.steps()[at];
        let place = step.index().zip(step.total());
        (step.platform(), step.stage(), place, step.is_chore(), step.label().into_owned())
    };
    assert_eq!(
        of(1),
        (None, None, None, true, "[auth] library/python:pull token for registry.example".into())
    );
    assert_eq!(of(2), (None, None, Some((2, 11)), false, "RUN make".into()));
    assert_eq!(of(3), (None, Some("py3.12_test-1"), Some((2, 5)), false, "COPY . .".into()));
    assert_eq!(
        of(4),
        (Some("linux/arm/v7"), Some("stage-1"), Some((3, 12)), false, "RUN x".into())
    );
    assert!(of(5).3);
    assert_eq!(of(7).1, Some("web"));
    assert!(tree.builds()[0].succeeded);
    // A `DONE` without an interval tells no duration.
    assert_eq!((tree.steps()[6].state(), tree.steps()[6].seconds()), (StepState::Done, None));
    assert_eq!(tree.progress(), Some((3, 11 + 5 + 12)));
}

#[test]
fn a_status_is_no_name_and_counts_what_was_moved() {
    let parser = parse(
        "#4 [1/2] FROM docker.io/x@sha256:aa\n#4 resolve docker.io/x@sha256:aa done\n\
         #4 sha256:bb 0B / 30.00MB 0.2s\n#4 sha256:cc 1.05MB / 2.00MB 0.2s\n#4 ...\n\n\
         #5 [internal] load build context\n#5 transferring context: 4.31kB done\n#5 DONE 0.0s\n\n\
         #4 [1/2] FROM docker.io/x@sha256:aa\n#4 sha256:bb 10.49MB / 30.00MB 0.5s\n\
         #4 sha256:cc 2.00MB / 2.00MB 0.6s done\n#4 extracting sha256:cc 0.1s done\n\
         #4 sha256:bb 30.00MB / 30.00MB 1.5s done\n\n\
         #6 [2/2] RUN head -c 10MB /dev/zero\n#6 DONE 0.1s\n",
    );
    assert_eq!(parser.tree().steps().len(), 3);
    let moved = |at: usize| parser.tree().steps()[at].transfer();
    assert_eq!(moved(0), Some(Transfer { bytes: 32_000_000, total: Some(32_000_000) }));
    assert_eq!(moved(1), Some(Transfer { bytes: 4310, total: None }));
    assert_eq!(moved(2), None, "a name is no status");
}

#[test]
fn every_state_a_vertex_ends_in() {
    let parser = parse(
        "#1 [1/6] FROM x\n#1 CACHED\n\n#2 [2/6] RUN a\n#2 DONE 12.3s\n\n#3 [3/6] RUN b\n#3 DONE\n\n\
         #4 [4/6] RUN c\n#4 CANCELED\n\n#5 [5/6] RUN d\n#5 ERROR: no\n\n#6 [6/6] RUN e\n#6 0.1 x",
    );
    use StepState::{Cached, Cancelled, Done, Failed, Running};
    let states: Vec<_> = steps(&parser).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [Cached, Done, Done, Cancelled, Failed, Running]);
    assert_eq!(parser.tree().steps()[1].seconds(), Some(12.3));
    assert_eq!(parser.tree().current().map(|id| id.number()), Some(6));

    // Run into another build whose beginning is missing: it has failed all the same.
    let parser = parse("#1 [1/1] RUN a\n#1 ERROR: no\n#1 DONE 0.0s\n#1 CACHED\n");
    assert_eq!(steps(&parser)[0].1, Failed);
}

#[test]
fn clipped_output_goes_on_after_the_gap_and_even_after_the_end() {
    for words in ["2MiB", "200KiB/s", "1MiB", "100KiB/s"] {
        let parser = parse(&format!(
            "#5 [2/2] RUN loud\n#5 1.0 a\n#5 1.1 [output clipped, log limit {words} reached]\n\
             #5 9.0 z\n#5 ERROR: process \"x\" did not complete successfully: exit code: 1\n\
             #5 9.0 flushed late\n\n#6 [other 1/2] RUN y\n#6 0.1 x\n\
             ERROR: failed to solve: process \"x\" did not complete successfully: exit code: 1\n"
        ));
        let tree = parser.tree();
        assert_eq!(tree.steps()[0].clipped(), Some(LineNo::new(2)), "{words}");
        assert_eq!(tree.steps()[0].state(), StepState::Failed, "{words}");
        assert_eq!(tree.steps()[1].state(), StepState::Cancelled, "{words}");
    }
}

#[test]
fn the_second_of_a_line_with_one_to_three_decimals() {
    for (line, seconds, text) in [
        ("#7 0.340 text", 0.34, "text"),
        ("#7 12.34 text", 12.34, "text"),
        ("#7 812.3 text", 812.3, "text"),
        ("#7 0.340 ", 0.34, ""),
    ] {
        assert_eq!(payload(line), (Some(seconds), text), "{line}");
        assert_eq!(line_role(line), Role::Output, "{line}");
    }
}

#[test]
fn warnings_of_both_wordings() {
    for heading in [
        " 1 warning found (use docker --debug to expand):",
        " 1 warning found (use --debug to expand):",
        " 2 warnings found (use docker --debug to expand):",
    ] {
        let parser = parse(&format!(
            "#1 [internal] load build definition from Dockerfile\n\
             #1 WARN: LegacyKeyValueFormat: \"ENV key=value\" should be used (line 3)\n#1 DONE 0.0s\n\n\
             {heading}\n - LegacyKeyValueFormat: \"ENV key=value\" should be used (line 3)\nafter"
        ));
        let tree = parser.tree();
        assert_eq!(tree.steps()[0].warnings()[0].dockerfile_line, Some(3), "{heading}");
        assert_eq!(tree.builds()[0].warnings.len(), 1, "{heading}");
        assert_eq!(tree.builds()[0].warnings[0].dockerfile_line, Some(3), "{heading}");
    }
}

#[test]
fn what_is_printed_by_a_step_is_never_the_builders() {
    let parser = parse(
        "#5 [2/2] RUN inner\n#5 0.1 #1 [internal] load build definition from Dockerfile\n\
         #5 0.2 Step 1/3 : FROM x\n#5 0.3 [Container] 2026/01/22 23:28:03 Entering phase BUILD\n\
         #5 0.4 ERROR: failed to solve: x\n#5 0.5 ------\n#5 DONE 1.0s",
    );
    assert_eq!(owners(&parser), "1111111");
    assert!(parser.tree().phases().is_empty() && parser.tree().builds().len() == 1);
    let parser = parse("#5 [2/2] RUN inner\n#5 1 [2/3] RUN x\n#5 1.2.3 released\n#5 DONE 1.0s");
    assert_eq!(steps(&parser), [("RUN inner".into(), StepState::Done)]);
}

#[test]
fn plain_output_stays_under_its_phase() {
    let parser = parse(
        "[Container] 2026/01/22 23:28:03 Entering phase INSTALL\n\
         [Container] 2026/01/22 23:28:03 Running command pip install -r requirements.txt\n\
         Collecting aiohttp\nSuccessfully built pyaudio\n#12 is the number of the issue\n\
         npm warn deprecated x\n----- live log call -----\n\
         [Container] 2026/01/22 23:28:05 Running command pytest\n\
         ============ FAILURES ============\ntests/test_a.py:12\n--------------------\n  12 | x\n\
         [Container] 2026/01/22 23:28:09 Command did not exit successfully pytest exit status 1\n\
         [Container] 2026/01/22 23:28:09 Phase complete: INSTALL State: FAILED\n",
    );
    let tree = parser.tree();
    assert_eq!((tree.builder(), tree.steps().len()), (Builder::Other, 0));
    assert_eq!(owners(&parser), "PPPPPPPPPPPPPP");
    let of: Vec<_> = tree
        .commands()
        .iter()
        .map(|c| (c.line.number(), c.last_line.number(), c.failed, c.exit_code))
        .collect();
    assert_eq!(of, [(2, 7, false, None), (8, 13, true, Some(1))]);
}

#[test]
fn the_classic_builder_with_everything_it_prints() {
    let parser = parse(
        "DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\n\
         \u{20}           Install the buildx component to build images with BuildKit:\n\n\
         Sending build context to Docker daemon  512B\nSending build context to Docker daemon  3.072kB\n\
         Step 1/5 : FROM x AS a\n ---> 54dc11f2e8d4\nStep 2/5 : RUN one\n ---> Using cache\n ---> 54dc11f2e8d5\n\
         Step 3/5 : FROM y\n1.0: Pulling from library/y\n ---> 54dc11f2e8d6\nStep 4/5 : RUN two\n\
         \u{20}---> Running in aaaaaaaaaaaa\nout\nRemoving intermediate container aaaaaaaaaaaa\n ---> 54dc11f2e8d7\n\
         Step 5/5 : CMD [\"x\"]\n ---> Running in bbbbbbbbbbbb\nRemoving intermediate container bbbbbbbbbbbb\n\
         \u{20}---> 54dc11f2e8d8\n[Warning] One or more build-args [X] were not consumed\n\
         Successfully built 54dc11f2e8d8\nSuccessfully tagged app:latest\n",
    );
    let states: Vec<_> = steps(&parser).into_iter().map(|(_, state)| state).collect();
    use StepState::{Cached, Done};
    assert_eq!(states, [Done, Cached, Done, Done, Done]);
    assert_eq!(owners(&parser), ".....11222333444445555...");
    assert_eq!(parser.tree().builds().len(), 1);
    assert!(parser.tree().builds()[0].succeeded);
}
