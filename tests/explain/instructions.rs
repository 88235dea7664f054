//! Edits of single instructions: what failed, and the Dockerfile as the diff
//! leaves it.

use super::case::*;

struct Case {
    /// The Dockerfile, and in it the line that fails.
    dockerfile: &'static str,
    line: usize,
    output: &'static str,
    error: &'static str,
    /// Other files of the project.
    files: &'static [(&'static str, &'static str)],
    /// The Dockerfile afterwards; `None` when no diff may be offered.
    after: Option<&'static str>,
}

#[track_caller]
fn check(case: &Case) {
    let mut files = vec![("Dockerfile", case.dockerfile)];
    files.extend(case.files);
    let project = Project::new(&files);
    let told = project.explained(&failed(case.dockerfile, case.line, case.output, case.error));
    match case.after {
        Some(after) => {
            project.apply(&told);
            assert_eq!(project.read("Dockerfile"), after, "{:#?}", told.finding);
            let fix = told.finding.fix.unwrap_or_default();
            assert!(!fix.is_empty());
        }
        None => assert_eq!(told.finding.diff, None, "{}", case.dockerfile),
    }
}

const NO_GIT: &str = "#5 1.2 ERROR: Error [Errno 2] No such file or directory: 'git' while executing command git version\n\
    #5 1.2 ERROR: Cannot find command 'git' - do you have 'git' installed and in your PATH?";

#[test]
fn apt_is_told_yes_lists_and_names() {
    for (dockerfile, line, output, after) in [
        (
            "FROM debian:12\nRUN apt-get update && apt-get install --no-install-recommends curl\n",
            2,
            "#5 3.1 Do you want to continue? [Y/n] Abort.",
            Some(
                "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n",
            ),
        ),
        (
            "FROM debian:12\nRUN apt-get update -y && \\\n    apt-get install curl \\\n    git\n",
            2,
            "#5 3.1 Do you want to continue? [Y/n] Abort.",
            Some(
                "FROM debian:12\nRUN apt-get update -y && \\\n    apt-get install -y curl \\\n    git\n",
            ),
        ),
        (
            "FROM debian:13\nRUN apt-get update && apt-get install -y ffmpeg libgl1-mesa-glx\n",
            2,
            "#5 3.1 E: Package 'libgl1-mesa-glx' has no installation candidate",
            Some("FROM debian:13\nRUN apt-get update && apt-get install -y ffmpeg libgl1\n"),
        ),
        (
            "FROM debian:13\nRUN apt-get install -y ffmpeg\n",
            2,
            "#5 3.1 E: Unable to locate package ffmpeg",
            Some("FROM debian:13\nRUN apt-get update && apt-get install -y ffmpeg\n"),
        ),
        (
            "FROM debian:13\nRUN apt-get update && apt-get install -y ffmpgeg\n",
            2,
            "#5 3.1 E: Unable to locate package ffmpgeg",
            None,
        ),
    ] {
        check(&Case { dockerfile, line, output, error: "exit code: 100", files: &[], after });
    }
}

#[test]
fn a_package_that_a_later_step_needs_is_installed_before_it() {
    for (dockerfile, line, after) in [
        (
            "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*\nRUN pip install -r r.txt\n",
            3,
            Some(
                "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends ffmpeg git && rm -rf /var/lib/apt/lists/*\nRUN pip install -r r.txt\n",
            ),
        ),
        (
            "FROM dailyco/pipecat-base:latest\n# Install\nRUN pip install -r r.txt\n",
            3,
            Some(
                "FROM dailyco/pipecat-base:latest\nRUN apt-get update && apt-get install -y --no-install-recommends git \\\n    && rm -rf /var/lib/apt/lists/*\n# Install\nRUN pip install -r r.txt\n",
            ),
        ),
        // Another stage's packages are not this one's.
        (
            "FROM python:3.12 AS a\nRUN apt-get update && apt-get install -y git\nFROM python:3.12-slim\nRUN pip install -r r.txt\n",
            4,
            Some(
                "FROM python:3.12 AS a\nRUN apt-get update && apt-get install -y git\nFROM python:3.12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends git \\\n    && rm -rf /var/lib/apt/lists/*\nRUN pip install -r r.txt\n",
            ),
        ),
        // Who may not install, or has no apt, is not told to.
        ("FROM python:3.12-slim\nUSER app\nRUN pip install -r r.txt\n", 3, None),
        ("FROM python:3.12-alpine\nRUN pip install -r r.txt\n", 2, None),
        ("FROM acme/base:1\nRUN pip install -r r.txt\n", 2, None),
        (
            "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y $PACKAGES git\nRUN pip install -r r.txt\n",
            3,
            None,
        ),
    ] {
        check(&Case { dockerfile, line, output: NO_GIT, error: "exit code: 1", files: &[], after });
    }
    check(&Case {
        dockerfile: "FROM python:3.12-slim\nRUN unzip a.zip\n",
        line: 2,
        output: "#5 0.2 /bin/sh: 1: unzip: not found",
        error: "exit code: 127",
        files: &[],
        after: Some(
            "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends unzip \\\n    && rm -rf /var/lib/apt/lists/*\nRUN unzip a.zip\n",
        ),
    });
}

#[test]
fn a_missing_header_brings_its_package() {
    let project = Project::new(&[(
        "Dockerfile",
        "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y gcc\nRUN pip install pyaudio\n",
    )]);
    let output = "#5 4.1   error: subprocess-exited-with-error\n\
        #5 4.1       src/pyaudio/device_api.c:9:10: fatal error: portaudio.h: No such file or directory\n\
        #5 4.2   ERROR: Failed building wheel for pyaudio";
    let told = project.explained(&failed(&project.read("Dockerfile"), 3, output, "exit code: 1"));
    project.apply(&told);
    let text = project.read("Dockerfile");
    assert!(text.contains("install -y gcc libc6-dev portaudio19-dev\n"), "{text}");
}

#[test]
fn a_path_dependency_that_nothing_copies_is_copied() {
    check(&Case {
        dockerfile: "FROM python:3.12-slim\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --frozen\nCOPY bot.py ./\n",
        line: 4,
        output: "#5 0.4 error: Distribution not found at: file:///app/libs/voicekit",
        error: "exit code: 2",
        files: &[
            ("pyproject.toml", "x"),
            ("uv.lock", "x"),
            ("libs/voicekit/pyproject.toml", "x"),
            ("bot.py", "x"),
        ],
        after: Some(
            "FROM python:3.12-slim\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\nCOPY libs/voicekit libs/voicekit/\nRUN uv sync --frozen\nCOPY bot.py ./\n",
        ),
    });
}

#[test]
fn a_file_that_nothing_copies_is_copied() {
    let missing = "#5 0.4 ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'";
    let files: &[(&str, &str)] = &[("requirements.txt", "x"), ("bot.py", "x")];
    check(&Case {
        dockerfile: "FROM python:3.12-slim\nWORKDIR /app\nRUN pip install -r requirements.txt\nCOPY bot.py ./\n",
        line: 3,
        output: missing,
        error: "exit code: 1",
        files,
        after: Some(
            "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY bot.py ./\n",
        ),
    });
    let text =
        "FROM python:3.12-slim\nWORKDIR /app\nRUN pip install -r requirements.txt\nCOPY . .\n";
    let project = Project::new(&[("Dockerfile", text), files[0]]);
    let told = project.explained(&failed(text, 3, missing, "exit code: 1"));
    assert_eq!(told.finding.title, "`requirements.txt` is copied only on line 4, after this step");
    project.apply(&told);

    // Copied already: it lies elsewhere in the image, and nobody knows better here.
    let text = "FROM python:3.12-slim\nCOPY . /srv/\nRUN pip install -r requirements.txt\n";
    let project = Project::new(&[("Dockerfile", text), files[0]]);
    let told = project.explained(&failed(text, 3, missing, "exit code: 1"));
    assert_eq!(told.finding.diff, None);

    // Copied, but dropped on the way.
    let text =
        "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n";
    let project = Project::new(&[("Dockerfile", text), files[0], (".dockerignore", "*.txt\n")]);
    let told = project.explained(&failed(text, 4, missing, "exit code: 1"));
    assert_eq!(
        told.finding.title,
        "`requirements.txt` is left out of the upload by `*.txt` (.dockerignore:1)"
    );
    project.apply(&told);
    assert!(project.uploaded().contains(&"requirements.txt".to_owned()));
}

#[test]
fn a_module_that_a_pattern_drops_without_a_word_is_found() {
    let text = "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN python -m src.main\n";
    let project =
        Project::new(&[("Dockerfile", text), ("src/main.py", "x"), ("src/env/__init__.py", "x")]);
    let output = "#5 0.4 Traceback (most recent call last):\n#5 0.4   File \"/app/src/main.py\", line 1, in <module>\n\
        #5 0.4     from src.env import x\n#5 0.4 ModuleNotFoundError: No module named 'src.env'";
    let told = project.explained(&failed(text, 4, output, "exit code: 1"));
    assert_eq!(
        told.finding.title,
        "`src/env` is left out of the upload by `env` (a default exclusion of the CLI)"
    );
    project.apply(&told);
    assert!(project.uploaded().contains(&"src/env/__init__.py".to_owned()));
}

#[test]
fn the_base_image_is_put_right() {
    let python = "#5 0.4 error: The requested interpreter resolved to Python 3.11.9, which is incompatible with the project's Python requirement: `>=3.12`";
    for (dockerfile, line, output, error, files, after) in [
        (
            "FROM --platform=linux/amd64 python:3.12-slim\nRUN true\n",
            2,
            "#5 0.1 exec /bin/sh: exec format error",
            "exit code: 255",
            &[] as &[(&str, &str)],
            Some("FROM python:3.12-slim\nRUN true\n"),
        ),
        (
            "FROM python:3.12-slmi\nRUN true\n",
            1,
            "",
            "python:3.12-slmi: failed to resolve source metadata for docker.io/library/python:3.12-slmi: docker.io/library/python:3.12-slmi: not found",
            &[],
            Some("FROM python:3.12-slim\nRUN true\n"),
        ),
        (
            "FROM pyhton:3.12\nRUN true\n",
            1,
            "",
            "pyhton:3.12: failed to resolve source metadata for docker.io/library/pyhton:3.12: docker.io/library/pyhton:3.12: not found",
            &[],
            Some("FROM python:3.12\nRUN true\n"),
        ),
        (
            "FROM python:3.12.99-slim\nRUN true\n",
            1,
            "",
            "python:3.12.99-slim: failed to resolve source metadata for docker.io/library/python:3.12.99-slim: docker.io/library/python:3.12.99-slim: not found",
            &[],
            None,
        ),
        (
            "FROM dailyco/pipecat-base:0.1.0-py3.11\nRUN uv sync\n",
            2,
            "#5 0.2 /bin/sh: 1: uv: not found",
            "exit code: 127",
            &[],
            Some("FROM dailyco/pipecat-base:latest-py3.11\nRUN uv sync\n"),
        ),
        (
            "FROM python:3.12-slim\nRUN uv sync\n",
            2,
            "#5 0.2 /bin/sh: 1: uv: not found",
            "exit code: 127",
            &[],
            Some("FROM python:3.12-slim\nRUN pip install --no-cache-dir uv\nRUN uv sync\n"),
        ),
        (
            "FROM python:3.11-slim AS base\nRUN uv sync\n",
            2,
            python,
            "exit code: 2",
            &[("pyproject.toml", "[project]\nname = 'x'\nrequires-python = '>=3.12'\n")],
            Some("FROM python:3.12-slim AS base\nRUN uv sync\n"),
        ),
        (
            "FROM dailyco/pipecat-base:latest\nRUN uv sync\n",
            2,
            "#5 0.4 error: The requested interpreter resolved to Python 3.12.9, which is incompatible with the project's Python requirement: `>=3.13`",
            "exit code: 2",
            &[],
            Some("FROM dailyco/pipecat-base:latest-py3.13\nRUN uv sync\n"),
        ),
    ] {
        check(&Case { dockerfile, line, output, error, files, after });
    }
}

#[test]
fn a_misspelt_instruction_is_spelt() {
    let text = "FROM python:3.12-slim\nCOPPY bot.py ./\n";
    let project = Project::new(&[("Dockerfile", text)]);
    let log = "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\nDockerfile:2\n--------------------\n\
         \x20  1 |     FROM python:3.12-slim\n   2 | >>> COPPY bot.py ./\n--------------------\n\
         ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: COPPY\n";
    let told = project.explained(log);
    project.apply(&told);
    assert_eq!(project.read("Dockerfile"), "FROM python:3.12-slim\nCOPY bot.py ./\n");
}

#[test]
fn a_green_build_that_lost_the_bases_packages_gets_its_flag() {
    let text = "FROM dailyco/pipecat-base:latest\nRUN --mount=type=cache,target=/root/.cache/uv \\\n    uv sync --locked --no-dev\n";
    let project = Project::new(&[("Dockerfile", text)]);
    let log = "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\n\
        #5 [2/2] RUN --mount=type=cache,target=/root/.cache/uv     uv sync --locked --no-dev\n\
        #5 1.0 Uninstalled 1 package in 10ms\n#5 1.0  - fastapi==0.115.0\n#5 DONE 1.2s\n\n\
        #6 exporting to image\n#6 exporting layers done\n#6 writing image sha256:0a1b2c3d done\n#6 DONE 0.1s\n";
    let told = project.explained(log);
    assert_eq!(told.finding.rule, "passed-base-removed");
    project.apply(&told);
    assert!(project.read("Dockerfile").ends_with("    uv sync --inexact --locked --no-dev\n"));
}

#[test]
fn an_error_that_only_quotes_the_line_is_placed() {
    let text = "FROM python:3.12-slim\nENV GREETING=\"voice agent\nRUN true\n";
    let project = Project::new(&[("Dockerfile", text)]);
    let log = "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\
        ERROR: failed to build: failed to solve: failed to process \"\\\"voice agent\": unexpected end of statement while looking for matching double-quote\n";
    let told = project.explained(log);
    assert_eq!(told.finding.dockerfile.unwrap().line, 2);
    assert_eq!(told.source.unwrap().line, 2);
}

#[test]
fn slow_bytecode_is_given_time() {
    check(&Case {
        dockerfile: "FROM dailyco/pipecat-base:latest\nENV UV_COMPILE_BYTECODE=1\nRUN uv sync\n",
        line: 3,
        output: "#5 60.1 error: Failed to bytecode-compile Python file in: /app/.venv/lib\n#5 60.1   Caused by: Bytecode timed out (60s)",
        error: "exit code: 2",
        files: &[],
        after: Some(
            "FROM dailyco/pipecat-base:latest\nENV UV_COMPILE_BYTECODE=1\nENV UV_COMPILE_BYTECODE_TIMEOUT=300\nRUN uv sync\n",
        ),
    });
}

#[cfg(unix)]
#[test]
fn a_script_that_cannot_be_run_is_looked_at() {
    let text = "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN ./setup.sh\n";
    let log = |said: &str, code: &str| failed(text, 4, said, code);
    let project = Project::new(&[("Dockerfile", text), ("setup.sh", "#!/bin/sh\ntrue\n")]);
    let denied = log("#5 0.1 /bin/sh: 1: ./setup.sh: Permission denied", "exit code: 126");
    let told = project.explained(&denied);
    assert!(
        told.finding.cause.as_deref().unwrap().starts_with("`setup.sh` isn't executable here"),
        "{:?}",
        told.finding
    );
    let missing = log("#5 0.1 /bin/sh: 1: ./setup.sh: not found", "exit code: 127");
    let plain = question(&missing, None).plain().remove(0);
    assert_eq!(project.explained(&missing).finding.title, plain.finding.title);
    let project = Project::new(&[("Dockerfile", text), ("setup.sh", "#!/bin/sh\r\ntrue\r\n")]);
    assert_eq!(
        project.explained(&missing).finding.title,
        "`setup.sh` has Windows line ends (CRLF)"
    );
}

/// The log can't tell whether the project has an app.py; the project can.
#[test]
fn a_copy_of_everything_matters_only_with_an_app_py() {
    let dockerfile = "FROM dailyco/pipecat-base:latest\nCOPY . .\n";
    let log = "#0 building with \"default\" instance using docker driver\n\n\
         #4 [1/2] FROM docker.io/dailyco/pipecat-base:latest\n#4 CACHED\n\n\
         #5 [2/2] COPY . .\n#5 DONE 0.1s\n\n#6 exporting to image\n#6 DONE 0.1s\n";
    let question = question(log, None);
    let told = |files: &[(&str, &str)]| {
        let mut all = vec![("Dockerfile", dockerfile)];
        all.extend(files);
        let project = Project::new(&all);
        let opened = buildcat::context::project::Project::open(project.path());
        buildcat::explain::answer(&opened, &question, buildcat::explain::Trust::Named)
    };
    assert_eq!(told(&[("bot.py", ""), ("src/app.py", "")]), []);
    let found = told(&[("app.py", "")]);
    assert_eq!(
        found[0].finding.title,
        "The build passed, but `COPY . .` overwrites app.py of the base image"
    );
}
