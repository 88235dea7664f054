//! `diagnose`: its formats, its exit statuses, and the project it looks at.

use serde_json::{Value, json};

use crate::support::{DEFAULT, Home, KEY, Service, closed, corpus, scenario};

const DOCKERFILE: &str = "FROM python:3.12-slim\nWORKDIR /app\nCOPY README.md bot.py ./\n";

/// The log of a build of [`DOCKERFILE`] that lacks README.md.
fn log() -> String {
    let error = "failed to compute cache key: failed to calculate checksum of ref abc::def: \"/README.md\": not found";
    format!(
        "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\n\
         #5 [3/3] COPY README.md bot.py ./\n#5 ERROR: {error}\n------\n > [3/3] COPY README.md bot.py ./:\n------\n\
         Dockerfile:3\n--------------------\n   1 |     FROM python:3.12-slim\n   2 |     WORKDIR /app\n   3 | >>> COPY README.md bot.py ./\n--------------------\n\
         ERROR: failed to build: failed to solve: {error}\n"
    )
}

/// A home with a project in `bot/` and the log beside it.
fn home() -> Home {
    let home = Home::new();
    home.file("build.log", &log());
    home.file("bot/Dockerfile", DOCKERFILE);
    home.file("bot/README.md", "x");
    home.file("bot/bot.py", "x");
    home.file("bot/.dockerignore", "*.md\n");
    home
}

const TITLE: &str = "`README.md` is left out of the upload by `*.md` (.dockerignore:1)";
const DIFF: &str = "--- a/.dockerignore\n+++ b/.dockerignore\n@@ -1,1 +0,0 @@\n-*.md\n";

#[test]
fn a_named_project_explains_the_failure() {
    let output = home().run(&["diagnose", "build.log", "--project", "bot"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    for part in [
        format!("✗ {TITLE}\n"),
        "  at        Dockerfile:3\n".to_owned(),
        "       3 │ > COPY README.md bot.py ./\n".to_owned(),
        "  fix       Take `*.md` (line 1) out of .dockerignore.\n".to_owned(),
        "    -*.md\n".to_owned(),
    ] {
        assert!(output.text().contains(&part), "{part:?} in {}", output.text());
    }
}

#[test]
fn the_project_around_the_current_directory_is_found() {
    let home = home();
    home.file("bot/src/x.py", "");
    let run = |dir: &str| {
        let mut command = home.command(&["diagnose", "-", "--format", "json"]);
        command.current_dir(home.path().join(dir));
        command.stdin(std::fs::File::open(home.path().join("build.log")).unwrap());
        crate::support::finished(command.spawn().unwrap())
    };
    for dir in ["bot", "bot/src"] {
        let output = run(dir);
        assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
        assert_eq!(output.json()["findings"][0]["title"], TITLE, "{dir}");
    }
    // One that has another Dockerfile is not what was built.
    home.file("bot/Dockerfile", "FROM python:3.12-slim\nCMD true\n");
    let output = run("bot");
    assert!(output.json()["findings"][0].get("diff").is_none());
    assert_ne!(output.json()["findings"][0]["title"], TITLE);
}

#[test]
fn json_has_every_field_that_is_known_and_no_other() {
    let output = home().run(&["diagnose", "build.log", "--project", "bot", "--format", "json"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    let mut found = output.json();
    let first = found["findings"][0].as_object_mut().unwrap();
    for free in ["cause", "links", "consequences"] {
        assert!(first.remove(free).is_some(), "{free}");
    }
    assert_eq!(
        found,
        json!({
            "schema": 1,
            "outcome": "failed",
            "findings": [{
                "rule": "copy-missing",
                "category": "copy-source-missing",
                "kind": "cause",
                "confidence": "high",
                "title": TITLE,
                "fix": "Take `*.md` (line 1) out of .dockerignore.",
                "diff": DIFF,
                "line": 5,
                "evidence": [5],
                "subject": "README.md",
                "step": {
                    "id": 2,
                    "label": "COPY README.md bot.py ./",
                    "instruction": "COPY README.md bot.py ./"
                },
                "dockerfile": { "path": "Dockerfile", "line": 3 },
                "retryable": false
            }]
        })
    );
}

#[test]
fn json_keeps_its_types_on_every_log() {
    let home = Home::new();
    let known = [
        "rule",
        "category",
        "kind",
        "confidence",
        "title",
        "cause",
        "fix",
        "diff",
        "line",
        "evidence",
        "subject",
        "step",
        "dockerfile",
        "retryable",
        "links",
        "consequences",
    ];
    let numbers =
        |value: &Value| value.as_array().unwrap().iter().all(|n| n.as_u64().is_some_and(|n| n > 0));
    for name in ["copy-bot-missing", "apt-portaudio-name", "ok-uv-sync"] {
        let log = corpus(&format!("{name}.log"));
        let output = home.run(&["diagnose", log.to_str().unwrap(), "--format", "json"]);
        let found = output.json();
        assert!(
            ["failed", "success", "timeout", "unknown"]
                .contains(&found["outcome"].as_str().unwrap())
        );
        for finding in found["findings"].as_array().unwrap() {
            let finding = finding.as_object().unwrap();
            assert!(finding.keys().all(|key| known.contains(&key.as_str())), "{finding:?}");
            assert!(finding.values().all(|value| !value.is_null()), "{finding:?}");
            assert!(numbers(&finding["evidence"]) && numbers(&finding["consequences"]));
            assert!(finding["retryable"].is_boolean() && finding["links"].is_array());
            assert!(["cause", "passed-but"].contains(&finding["kind"].as_str().unwrap()));
        }
    }
}

#[test]
fn github_gets_a_command_that_annotates_the_dockerfile() {
    let home = home();
    let output = home.run(&["diagnose", "build.log", "--project", "bot", "--format", "github"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    let text = output.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    let title = TITLE.replace(':', "%3A");
    assert!(text.starts_with(&format!("::error file=Dockerfile,line=3,title={title}::")), "{text}");
    assert!(text.trim_end().ends_with("%0A@@ -1,1 +0,0 @@%0A-*.md"), "{text}");
    // From the top of the repository, or of GitHub's workspace.
    std::fs::create_dir(home.path().join(".git")).unwrap();
    let run = |home: &Home| {
        home.run(&["diagnose", "build.log", "--project", "bot", "--format", "github"])
    };
    let text = run(&home).text().to_owned();
    assert!(text.starts_with("::error file=bot/Dockerfile,line=3,"), "{text}");
    let workspace = home.path().join("bot").display().to_string();
    let home = home.with("GITHUB_WORKSPACE", &workspace);
    let text = run(&home).text().to_owned();
    assert!(text.starts_with("::error file=Dockerfile,line=3,"), "{text}");
    // Without a project, the log's own path; without a failure, nothing.
    let output = home.run(&["diagnose", "build.log", "--format", "github"]);
    assert!(output.text().starts_with("::error file=Dockerfile,line=3,title="));
    let log = corpus("ok-push-min.log");
    home.run(&["diagnose", log.to_str().unwrap(), "--format", "github"]).is(0, "", "");
}

#[test]
fn markdown_is_a_report_without_secrets() {
    let home = home();
    let log = "#5 [2/2] RUN pip install -r requirements.txt\n\
        #5 0.2 Looking in indexes: https://me:hunter2@pypi.example/simple\n\
        #5 0.3 ``` not a fence\n\
        #5 0.4 ERROR: Could not find a version that satisfies the requirement acme-internal (from versions: none)\n\
        #5 0.4 ERROR: No matching distribution found for acme-internal\n\
        #5 0.5 see /home/jane/pip.log\n\
        #5 ERROR: process \"/bin/sh -c pip install -r requirements.txt\" did not complete successfully: exit code: 1\n";
    home.file("pip.log", log);
    let output = home.run(&["diagnose", "pip.log", "--format", "markdown"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    let text = output.text();
    assert!(text.starts_with("# Build failed: "), "{text}");
    assert!(text.contains("- Log: `pip.log`\n"), "{text}");
    assert!(text.contains("- Step: `RUN pip install -r requirements.txt`\n"), "{text}");
    assert!(text.contains("\n````text\n"), "{text}");
    assert!(text.contains("https://[redacted]@pypi.example/simple"), "{text}");
    assert!(text.contains("**Fix:** "), "{text}");
    assert!(!text.contains("hunter2") && !text.contains("jane"), "{text}");
    assert_eq!(text.matches("````").count(), 2, "{text}");
    // Whoever switches it off gets the lines as they are.
    let home = home.with("BUILDCAT_REDACT", "false");
    let output = home.run(&["diagnose", "pip.log", "--format", "markdown"]);
    assert!(output.text().contains("me:hunter2@"), "{}", output.text());
}

#[test]
fn markdown_holds_the_diff_and_the_build() {
    let output = home().run(&["diagnose", "build.log", "--project", "bot", "--format", "markdown"]);
    assert!(output.text().contains(&format!("\n```diff\n{DIFF}```\n")), "{}", output.text());
    assert!(output.text().contains("- Instruction: `Dockerfile:3`\n"), "{}", output.text());
    let service = Service::start("copy-missing");
    let output = service.home().run(&["diagnose", DEFAULT, "--format", "markdown"]);
    assert_eq!(output.code(), Some(1));
    assert!(output.text().contains(&format!("- Build: `{DEFAULT}`\n")), "{}", output.text());
    assert!(output.text().contains("- Status: `"), "{}", output.text());
    assert!(!output.text().contains(KEY));
}

#[test]
fn the_exit_status_says_what_came_of_it() {
    let home = home();
    for format in ["text", "json", "markdown", "github"] {
        let failed = home.run(&["diagnose", "build.log", "--format", format]);
        assert_eq!((failed.code(), failed.stderr.as_str()), (Some(1), ""), "{format}");
        let nothing = home.run_with(&["diagnose", "-", "--format", format], b"hello\n");
        assert_eq!((nothing.code(), nothing.stderr.as_str()), (Some(0), ""), "{format}");
    }
    home.run(&["diagnose", "build.log", "--project", "none"]).is(
        2,
        "",
        "buildcat: There is no directory none. Give the project's directory.\n",
    );
    home.run(&["diagnose", "build.log", "--project", "build.log"]).is(
        2,
        "",
        "buildcat: build.log is not a directory. Give the project's directory.\n",
    );
    assert_eq!(home.run(&["diagnose", "build.log", "--format", "xml"]).code(), Some(2));
    let (_closed, host) = closed();
    let away = home.with("PIPECAT_API_HOST", &host).with("PIPECAT_API_KEY", KEY);
    assert_eq!(away.run(&["diagnose", DEFAULT]).code(), Some(3));
}

#[test]
fn a_timeout_is_a_failure_in_every_format() {
    let log = scenario("timeout");
    let output = Home::new().run_with(&["diagnose", "-", "--format", "markdown"], log.as_bytes());
    assert_eq!(output.code(), Some(1));
    assert!(output.text().starts_with("# Build timed out: "), "{}", output.text());
}

#[test]
fn evidence_is_printed_to_its_end() {
    let output = home().run(&["diagnose", "build.log"]);
    let error = "abc::def: \"/README.md\": not found";
    let line = output.text().lines().find(|line| line.contains("#5 ERROR")).unwrap().to_owned();
    assert!(line.ends_with(error) && line.len() > 110, "{line}");
    let long = format!(
        "#1 [1/1] RUN x\n#1 0.1 error: {}\n#1 ERROR: process \"/bin/sh -c x\" did not complete successfully: exit code: 1\n",
        "long ".repeat(500)
    );
    let output = Home::new().run_with(&["diagnose", "-"], long.as_bytes());
    assert!(
        output.text().lines().any(|line| line.contains("long") && line.ends_with('…')),
        "{}",
        output.text()
    );
}

#[test]
fn of_a_log_that_just_ends_nobody_says_that_its_build_was_stopped() {
    let log = "#1 [1/2] RUN make\n#1 0.1 cc a.c\n";
    let output = Home::new().run_with(&["diagnose", "-"], log.as_bytes());
    let text = output.text();
    assert!(text.starts_with("✗ The log ends while `make` was still running"), "{text}");
    assert!(text.contains("it was saved while the build still ran"), "{text}");
    assert!(text.contains("sure      medium (timeout, rule build-timeout)"), "{text}");
    let told = "[Container] 2026/11/25 20:10:03.1 Entering phase BUILD\n\
        [Container] 2026/11/25 20:10:03.2 Running command docker build .\n#1 [1/2] RUN make\n#1 0.1 cc a.c\n\
        [Container] 2026/11/25 21:10:03.1 Phase complete: BUILD State: TIMED_OUT\n";
    let output = Home::new().run_with(&["diagnose", "-"], told.as_bytes());
    assert!(output.text().starts_with("✗ The build was stopped while `make`"), "{}", output.text());
}

#[test]
fn of_a_build_that_goes_on_nothing_is_found_so_far() {
    // A build that has hardly begun, whatever this machine is busy with.
    let service = Service::at_speed("success-warnings", "0.1");
    let home = service.home();
    let told = |format: &str| {
        let output = home.run(&["diagnose", "latest", "--format", format]);
        assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""), "{format}");
        output.text().to_owned()
    };
    let text = told("text");
    assert!(text.starts_with("The build is still "), "{text}");
    assert!(text.ends_with(": nothing found so far\n"), "{text}");
    let markdown = told("markdown");
    assert!(markdown.starts_with("# Build still "), "{markdown}");
}

#[test]
fn what_is_piped_in_needs_no_name() {
    let home = home();
    let named = home.run_with(&["diagnose", "-"], log().as_bytes());
    let bare = home.run_with(&["diagnose"], log().as_bytes());
    assert_eq!((bare.code(), bare.text()), (Some(1), named.text()));
    let steps = home.run_with(&["steps"], log().as_bytes());
    assert_eq!(steps.code(), Some(0));
    assert!(steps.text().contains("COPY README.md bot.py"), "{}", steps.text());
}
