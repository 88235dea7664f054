//! Whole projects on disk, checked before a build.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use buildcat::context::preflight::{Options, Report, Severity, run};

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let full = dir.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, text).unwrap();
    }
    dir
}

fn check(files: &[(&str, &str)]) -> Report {
    run(project(files).path(), &Options::default())
}

/// Rule, severity, path and line of every problem.
fn found(report: &Report) -> Vec<(&str, Severity, &str, usize)> {
    let all = report.problems.iter();
    all.map(|p| (p.rule, p.severity, p.path.as_deref().unwrap_or(""), p.line.unwrap_or(0)))
        .collect()
}

const QUICKSTART: &str = "FROM dailyco/pipecat-base:latest\n\
    ENV UV_COMPILE_BYTECODE=1\n\
    RUN --mount=type=bind,source=uv.lock,target=uv.lock \\\n    \
        --mount=type=bind,source=pyproject.toml,target=pyproject.toml \\\n    \
        uv sync --locked --no-install-project --no-dev\n\
    COPY ./bot.py bot.py\n";

#[test]
fn a_sound_project_has_no_problems() {
    let report = check(&[
        ("Dockerfile", QUICKSTART),
        ("uv.lock", "version = 1"),
        ("pyproject.toml", ""),
        ("bot.py", "print()"),
        (".env", "KEY=x"),
        ("pcc-deploy.toml", "agent_name = 'x'\n"),
    ]);
    assert_eq!(found(&report), []);
    assert!(!report.would_fail());
    assert_eq!(report.upload.files, ["Dockerfile", "bot.py", "pyproject.toml", "uv.lock"]);
    assert_eq!(report.upload.bytes, QUICKSTART.len() as u64 + 18);
    assert_eq!(report.context.files, report.upload.files);
    assert!(report.text().ends_with("Nothing to complain about.\n"));
}

#[test]
fn the_json_has_its_promised_shape() {
    let report = check(&[("Dockerfile", "FROM x\nCOPY gone /\n"), ("b/a.py", "x")]);
    let json: serde_json::Value = serde_json::to_value(&report).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "schema": 1,
            "upload": { "files": ["Dockerfile", "b/a.py"], "bytes": 20 },
            "context": { "files": ["Dockerfile", "b/a.py"] },
            "problems": [{
                "rule": "missing-source",
                "severity": "error",
                "message": "COPY would not find gone: gone does not exist",
                "path": "gone",
                "file": "Dockerfile",
                "line": 2
            }]
        })
    );
    assert!(report.would_fail());
}

#[test]
fn an_allow_list_uploads_nothing() {
    let report = check(&[
        ("Dockerfile", "FROM x\nCOPY bot.py /\n"),
        ("bot.py", ""),
        (".dockerignore", "*\n!Dockerfile\n!bot.py\n"),
    ]);
    assert!(report.upload.files.is_empty());
    let rules: Vec<&str> = report.problems.iter().map(|p| p.rule).collect();
    for rule in ["empty-upload", "dockerfile-not-uploaded", "missing-source", "rules-disagree"] {
        assert!(rules.contains(&rule), "{rule} {rules:?}");
    }
}

#[test]
fn a_dropped_source_names_the_line_that_drops_it() {
    let report = check(&[
        ("Dockerfile", "FROM x\nCOPY README.md prompts /app/\nCOPY data /d\n"),
        ("README.md", ""),
        ("prompts/system.md", ""),
        ("data/a", ""),
        (".dockerignore", "# docs\n*.md\n!README.md\n/data\n"),
    ]);
    let missing: Vec<&str> = report
        .problems
        .iter()
        .filter(|p| p.rule == "missing-source")
        .map(|p| p.message.as_str())
        .collect();
    assert_eq!(missing.len(), 3, "{missing:?}");
    assert!(missing[0].contains("pattern *.md in line 2 of .dockerignore"));
    assert!(missing[1].contains("prompts/system.md is left out"));
    assert!(missing[2].contains("BuildKit drops it by the pattern data in line 4"));
    let disagree: Vec<usize> = report
        .problems
        .iter()
        .filter(|p| p.rule == "rules-disagree")
        .filter_map(|p| p.line)
        .collect();
    assert_eq!(disagree, [2, 3, 4]);
    assert_eq!(report.upload.files, [".dockerignore", "Dockerfile", "data/a"]);
    assert_eq!(report.context.files, [".dockerignore", "Dockerfile"]);
}

#[test]
fn wildcards_need_their_directory_only() {
    let report = check(&[
        ("Dockerfile", "FROM x\nCOPY requirements*.txt /\nCOPY dist/*.whl /w/\nCOPY *.md /\n"),
        ("dist/a.whl", ""),
        ("README.md", ""),
    ]);
    assert_eq!(
        found(&report),
        [
            ("missing-source", Severity::Error, "dist/*.whl", 3),
            ("wildcard-empty", Severity::Warning, "requirements*.txt", 2),
        ]
    );
}

#[test]
fn the_dockerfile_has_to_be_in_the_upload() {
    let report = check(&[("Dockerfile", "FROM x\n"), (".dockerignore", "Dockerfile\n")]);
    assert_eq!(found(&report), [("dockerfile-not-uploaded", Severity::Error, "Dockerfile", 1)]);
    let report = check(&[("dockerfile", "FROM x\n")]);
    assert_eq!(found(&report), [("dockerfile-missing", Severity::Error, "Dockerfile", 0)]);
    assert!(report.problems[0].message.ends_with("the nearest path is dockerfile"));
    let report = check(&[
        ("Dockerfile", "FROM x\n"),
        ("app/bot.py", ""),
        ("pcc-deploy.toml", "[build]\ncontext_dir = 'app'\ndockerfile = '../Dockerfile'\n"),
    ]);
    assert_eq!(found(&report)[0].0, "dockerfile-not-uploaded");
    assert_eq!(report.upload.files, ["bot.py"]);
}

#[test]
fn buildkit_reads_the_dockerfile_past_its_own_rules() {
    let report = check(&[
        ("docker/Dockerfile", "FROM x\nCOPY bot.py /\n"),
        ("bot.py", ""),
        ("notes.md", ""),
        ("docker/Dockerfile.dockerignore", "docker\n*.md\n"),
        ("pcc-deploy.toml", "[build]\ndockerfile = 'docker/Dockerfile'\n"),
    ]);
    assert_eq!(found(&report), []);
    assert_eq!(report.context.files, ["bot.py"]);
    assert_eq!(report.upload.files.len(), 4);
}

#[test]
fn platforms_secrets_and_settings() {
    let report = check(&[
        ("Dockerfile", "FROM --platform=linux/amd64 python:3.12\nRUN true\nCOPY . .\n"),
        (".npmrc", "//r/:_authToken=x"),
        (".dockerignore", ""),
        (".git/config", ""),
        (".env", "A=b"),
        ("pcc-deploy.toml", "agent_name = 'x'\nenable_krisp = true\n"),
    ]);
    assert_eq!(
        found(&report),
        [
            ("config", Severity::Error, "", 2),
            ("wrong-platform", Severity::Error, "", 1),
            ("secret-uploaded", Severity::Warning, ".env", 0),
            ("secret-uploaded", Severity::Warning, ".git", 0),
            ("secret-uploaded", Severity::Warning, ".npmrc", 0),
        ]
    );
}

/// What isn't a matter of patterns.
#[test]
fn sources_that_cannot_be_there() {
    let report = check(&[
        ("Dockerfile", "FROM x\nCOPY ../shared /s\nCOPY *.none /n/\nCOPY a/*.none /n/\n"),
        ("a/b", ""),
    ]);
    assert_eq!(
        found(&report),
        [
            ("missing-source", Severity::Error, "shared", 2),
            ("wildcard-empty", Severity::Warning, "*.none", 3),
            ("wildcard-empty", Severity::Warning, "a/*.none", 4),
        ]
    );
    assert!(report.problems[0].message.ends_with("../shared is outside the context directory"));
    let dir = project(&[("Dockerfile", "FROM x\nCOPY flows/ /f\n")]);
    fs::create_dir(dir.path().join("flows")).unwrap();
    let report = run(dir.path(), &Options::default());
    assert_eq!(found(&report), [("missing-source", Severity::Error, "flows", 2)]);
    assert!(report.problems[0].message.contains("empty directory"));
}

#[test]
fn a_build_from_github_has_no_ignored_files() {
    let files = [
        ("Dockerfile", "FROM x\nCOPY uv.lock bot.py ./\n"),
        ("uv.lock", ""),
        ("bot.py", ""),
        (".git/HEAD", ""),
        (".gitignore", "uv.lock\n"),
        ("pcc-deploy.toml", "agent_name = 'x'\n[git]\nrepo = 'acme/bot'\n"),
    ];
    let report = check(&files);
    assert_eq!(found(&report), [("git-ignored", Severity::Error, "uv.lock", 2)]);
    assert!(report.problems[0].message.contains("(pattern uv.lock in line 1 of "));
    // An upload by the CLI doesn't ask git.
    let report = check(&files[..5]);
    assert_eq!(found(&report), []);
}

#[test]
fn the_deploy_action_packs_by_rules_of_its_own() {
    let workflow =
        "jobs:\n  d:\n    steps:\n      - uses: daily-co/pipecat-cloud-deploy-action@v2\n";
    let files = [
        ("Dockerfile", "FROM x\nCOPY certs/ca.pem bot.py /c/\n"),
        ("certs/ca.pem", "-----BEGIN CERTIFICATE-----"),
        ("bot.py", ""),
        (".dockerignore", "# x\ntests/\n./docs\n*.lo?\nnotes\n"),
        (".github/workflows/deploy.yml", workflow),
    ];
    let report = check(&files);
    let all: Vec<_> = found(&report).into_iter().filter(|p| p.0 == "action-disagrees").collect();
    assert_eq!(
        all,
        [
            ("action-disagrees", Severity::Warning, "", 2),
            ("action-disagrees", Severity::Warning, "", 3),
            ("action-disagrees", Severity::Warning, "", 4),
            ("action-disagrees", Severity::Warning, "certs/ca.pem", 2),
        ]
    );
    // Who doesn't use it isn't told.
    assert_eq!(found(&check(&files[..4])), []);
}

#[test]
fn a_lock_file_has_to_be_there() {
    let text = "FROM x\nCOPY . .\nRUN uv sync --frozen\n";
    let report = check(&[("Dockerfile", text), ("pyproject.toml", "")]);
    assert_eq!(found(&report), [("lock-missing", Severity::Error, "uv.lock", 3)]);
    let report = check(&[("Dockerfile", QUICKSTART), ("pyproject.toml", ""), ("bot.py", "")]);
    assert_eq!(found(&report), [("missing-source", Severity::Error, "uv.lock", 3)]);
    assert!(report.problems[0].message.ends_with("run uv lock"));
}

#[cfg(unix)]
fn with_uv(script: &str, timeout: Duration) -> Report {
    use std::os::unix::fs::PermissionsExt;
    let bin = project(&[("uv", &format!("#!/bin/sh\n{script}\n"))]);
    let uv = bin.path().join("uv");
    fs::set_permissions(&uv, fs::Permissions::from_mode(0o755)).unwrap();
    let dir = project(&[
        ("Dockerfile", QUICKSTART),
        ("uv.lock", ""),
        ("pyproject.toml", ""),
        ("bot.py", ""),
    ]);
    let found = Options::with_path(Some(bin.path().as_os_str()));
    assert_eq!(found.uv.as_deref(), Some(uv.as_path()));
    run(dir.path(), &Options { uv_timeout: timeout, ..found })
}

#[cfg(unix)]
#[test]
fn uv_is_asked_whether_the_lock_is_current() {
    let long = Duration::from_secs(20);
    let stale = "test \"$1 $2\" = 'lock --check' || exit 9\n\
        echo 'The lockfile at `uv.lock` needs to be updated, but `--check` was provided.' >&2; exit 1";
    assert_eq!(found(&with_uv(stale, long)), [("lock-stale", Severity::Error, "uv.lock", 0)]);
    assert_eq!(found(&with_uv("exit 0", long)), []);
    assert_eq!(found(&with_uv("echo 'error: no network' >&2; exit 2", long)), []);
    // A uv that never answers is given up on.
    assert_eq!(found(&with_uv("exec tail -f /dev/null", Duration::from_millis(50))), []);
}

#[cfg(unix)]
#[test]
fn links_on_disk_are_taken_as_the_cli_takes_them() {
    use std::os::unix::fs::symlink;
    let dir = project(&[("Dockerfile", "FROM x\nCOPY shared link.txt /\n"), ("real/a.txt", "abc")]);
    symlink("real", dir.path().join("shared")).unwrap();
    symlink("real/a.txt", dir.path().join("link.txt")).unwrap();
    let report = run(dir.path(), &Options::default());
    assert_eq!(report.upload.files, ["Dockerfile", "link.txt", "real/a.txt"]);
    assert_eq!(found(&report), [("missing-source", Severity::Error, "shared", 2)]);
    symlink("nowhere", dir.path().join("gone")).unwrap();
    let report = run(dir.path(), &Options::default());
    assert!(found(&report).contains(&("upload-stops", Severity::Error, "gone", 0)));
}

#[test]
fn nothing_there_is_said_so() {
    let report = run(Path::new("/no/such/directory"), &Options::default());
    assert_eq!(report.problems[0].rule, "context-missing");
    assert!(report.would_fail());
}

#[test]
fn what_is_copied_from_no_stage_is_told() {
    let of = |dockerfile: &str| {
        let files = [("Dockerfile", dockerfile), ("a.txt", "a"), ("b.txt", "b")];
        let report = check(&files);
        let told = report
            .problems
            .iter()
            .map(|p| (p.rule, p.severity, p.line.unwrap(), p.message.clone()));
        told.collect::<Vec<_>>()
    };
    let two = "FROM a AS build\nRUN x\nFROM b\n";
    for (copy, rule, severity, words) in [
        ("COPY --from=5 /a /b", "unknown-stage", Severity::Error, "they go from 0 to 1"),
        ("COPY --from=1 /a /b", "unknown-stage", Severity::Error, "the stage that it is in"),
        ("COPY --from=biuld /a /b", "unknown-stage", Severity::Warning, "the stage build is near"),
    ] {
        let told = of(&format!("{two}{copy}\n"));
        assert_eq!(told.len(), 1, "{copy}: {told:?}");
        assert_eq!((told[0].0, told[0].1, told[0].2), (rule, severity, 4), "{copy}");
        assert!(told[0].3.contains(words), "{copy}: {}", told[0].3);
    }
    for copy in [
        "COPY --from=0 /a /b",
        "COPY --from=BUILD /a /b",
        "COPY --from=nginx /a /b",
        "COPY --from=own /a /b",
        "COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/",
        "ARG STAGE\nCOPY --from=$STAGE /a /b",
        "COPY a.txt b.txt /dst/",
    ] {
        assert_eq!(of(&format!("{two}{copy}\n")), [], "{copy}");
    }
}

#[test]
fn directories_alone_are_no_upload() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("sub/deep")).unwrap();
    let report = run(dir.path(), &Options::default());
    assert!(report.text().contains("there are only directories here"), "{}", report.text());
}

#[test]
fn a_slip_in_an_instruction_is_seen() {
    let report = check(&[("Dockerfile", "FROM a\nRUM x\n")]);
    assert!(
        report.text().contains("; is it meant to be RUN? [dockerfile-syntax]"),
        "{}",
        report.text()
    );
    let report = check(&[("Dockerfile", "FROM a\nBUILD x\n")]);
    assert!(!report.text().contains("is it meant"), "{}", report.text());
}
