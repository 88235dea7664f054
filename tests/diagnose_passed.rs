//! What is wrong with a build although it passed: every sign gives a finding
//! of its own kind on a build that succeeds, and none on one that fails.

#[path = "support/diagnosed.rs"]
mod diagnosed;

use std::sync::Arc;

use buildcat::diagnose::{Diagnosis, Kind, Rules};
use diagnosed::diagnosed;

fn diagnose(lines: &[String]) -> Diagnosis {
    diagnosed(&Arc::new(Rules::builtin()), lines.iter().map(String::as_bytes)).0
}

fn build(base: &str, step: &str, output: &[&str], state: &str) -> Vec<String> {
    let mut lines: Vec<String> = [
        "[Container] 2026/11/23 21:35:10.100000 Entering phase BUILD",
        "[Container] 2026/11/23 21:35:10.200000 Running command docker build -t app .",
        "#0 building with \"default\" instance using docker driver",
        "",
        "#1 [internal] load build definition from Dockerfile",
        "#1 DONE 0.0s",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    lines.push(format!("#4 [1/3] FROM docker.io/{base}"));
    lines.push("#4 CACHED".to_owned());
    lines.push(String::new());
    lines.push(format!("#6 [2/3] {step}"));
    lines.extend(output.iter().map(|text| format!("#6 {text}")));
    if state == "SUCCEEDED" {
        lines.push("#6 DONE 0.4s".to_owned());
    } else {
        lines.push("#6 0.9 boom".to_owned());
        lines.push(
            "#6 ERROR: process \"/bin/sh -c x\" did not complete successfully: exit code: 1"
                .to_owned(),
        );
        lines.push("ERROR: failed to solve: process \"/bin/sh -c x\" did not complete successfully: exit code: 1".to_owned());
    }
    lines.push(format!(
        "[Container] 2026/11/23 21:35:20.300000 Phase complete: BUILD State: {state}"
    ));
    lines
}

const PIPECAT: &str = "dailyco/pipecat-base:latest";
const SYNC: &str = "RUN uv sync --locked --no-dev";

/// The sign, its base image, its step, its output, and the rule that knows it.
const SIGNS: &[(&str, &str, &[&str], &str)] = &[
    (
        PIPECAT,
        SYNC,
        &[
            "0.3 Uninstalled 2 packages in 9ms",
            "0.3  - fastapi==0.165.0",
            "0.3  - starlette==1.10.0",
        ],
        "passed-base-removed",
    ),
    (PIPECAT, SYNC, &["0.3  - pipecatcloud==1.4.0"], "passed-base-removed"),
    (
        "library/python:3.13-slim",
        SYNC,
        &["0.3 Removed virtual environment at: .venv"],
        "passed-venv-replaced",
    ),
    (
        PIPECAT,
        SYNC,
        &["0.3 Using CPython 3.13.1", "0.3 Creating virtual environment at: .venv"],
        "passed-venv-replaced",
    ),
    (
        PIPECAT,
        SYNC,
        &["0.3 Downloading cpython-3.13.1-linux-aarch64-gnu (download) (19.8MiB)"],
        "passed-venv-replaced",
    ),
    (
        PIPECAT,
        SYNC,
        &["0.3 warning: The package `pipecat-ai==1.4.0` does not have an extra named `vad`"],
        "passed-missing-extra",
    ),
    (PIPECAT, SYNC, &["0.3  + pipecat-ai==0.0.39"], "passed-old-pipecat"),
    (
        PIPECAT,
        SYNC,
        &[
            "WARN: InvalidBaseImagePlatform: Base image acme/x was pulled with platform \"linux/amd64\", expected \"linux/arm64\" for current build (line 1)",
        ],
        "passed-platform",
    ),
    (
        PIPECAT,
        SYNC,
        &[
            "WARN: FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value \"linux/amd64\" (line 1)",
        ],
        "passed-platform",
    ),
    (PIPECAT, SYNC, &["0.3  + nvidia-cublas-cu12==12.8.4.1", "0.3  + torch==2.9.1"], "passed-cuda"),
    (
        PIPECAT,
        "RUN pip install openai==0.28",
        &[
            "0.3 ERROR: pip's dependency resolver does not currently take into account all the packages that are installed. This behaviour is the source of the following dependency conflicts.",
            "0.4 pipecat-ai 1.4.0 requires openai<3,>=1.74.0, but you have openai 0.28.0 which is incompatible.",
            "0.5 Successfully installed openai-0.28.0",
        ],
        "passed-pip-conflict",
    ),
    (PIPECAT, "COPY . /app", &[], "passed-app-overwritten"),
    (PIPECAT, "COPY server.py /app/app.py", &[], "passed-app-overwritten"),
];

#[test]
fn every_sign_is_a_finding_of_its_own_kind() {
    for (base, step, output, rule) in SIGNS {
        let found = diagnose(&build(base, step, output, "SUCCEEDED"));
        let rules: Vec<&str> = found.findings.iter().map(|f| f.rule.as_str()).collect();
        assert_eq!(rules, [*rule], "{step} {output:?}");
        assert!(found.findings.iter().all(|f| f.kind == Kind::PassedBut && f.fix.is_some()));
        assert!(found.cause().is_none());
    }
}

#[test]
fn a_failed_build_has_none_of_them() {
    for (base, step, output, _) in SIGNS {
        let found = diagnose(&build(base, step, output, "FAILED"));
        assert!(found.findings.iter().all(|f| f.kind == Kind::Cause), "{step} {output:?}");
    }
}

#[test]
fn what_only_looks_like_a_sign_is_none() {
    let nothing: &[(&str, &str, &[&str])] = &[
        // Another version of the package comes in its place.
        (PIPECAT, SYNC, &["0.3  - fastapi==0.165.0", "0.3  + fastapi==0.166.0"]),
        // On a plain Python image the project's environment is a new one.
        ("library/python:3.13-slim", SYNC, &["0.3 Creating virtual environment at: .venv"]),
        (PIPECAT, SYNC, &["0.3  + pipecat-ai==1.4.0", "0.3  - click==8.5.1"]),
        (PIPECAT, SYNC, &["0.3  - nvidia-cublas-cu12==12.8.4.1", "0.3  + nvidia-ml-py==12.575.51"]),
        (PIPECAT, "COPY ./bot.py bot.py", &[]),
        ("library/python:3.13-slim", "COPY . /app", &[]),
        (
            PIPECAT,
            SYNC,
            &["WARN: JSONArgsRecommended: JSON arguments recommended for CMD (line 5)"],
        ),
    ];
    for (base, step, output) in nothing {
        let found = diagnose(&build(base, step, output, "SUCCEEDED"));
        assert_eq!(found.findings, [], "{step} {output:?}");
    }
}

#[test]
fn the_demo_that_passes_shows_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/scenarios/success-warnings.log");
    let text = std::fs::read_to_string(path).unwrap();
    let found = diagnose(&text.lines().map(str::to_owned).collect::<Vec<_>>());
    let rules: Vec<&str> = found.findings.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, ["passed-old-pipecat"]);
}
