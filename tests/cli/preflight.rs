//! `preflight`: what a build would meet, without one.

use serde_json::json;

use crate::support::Home;

fn sound() -> Home {
    let home = Home::new();
    home.file("bot/Dockerfile", "FROM python:3.12-slim\nCOPY bot.py ./\n");
    home.file("bot/bot.py", "print()");
    home.file("bot/.venv/bin/python", "x");
    home
}

#[test]
fn a_sound_project_exits_0() {
    let home = sound();
    home.run(&["preflight", "bot"]).is(
        0,
        "Upload: 2 files, 44 B; 2 left for the build\nNothing to complain about.\n",
        "",
    );
    let output = home.run(&["preflight", "bot", "--format", "json"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        output.json(),
        json!({
            "schema": 1,
            "upload": { "files": ["Dockerfile", "bot.py"], "bytes": 44 },
            "context": { "files": ["Dockerfile", "bot.py"] },
            "problems": []
        })
    );
}

/// A project may be anybody's, and so may the names in it.
#[test]
fn names_that_would_write_to_the_terminal_are_escaped() {
    let home = sound();
    let name = "a\u{9b}2J\u{1b}]0;x\u{7}\u{202e}\u{200b}b";
    home.file(&format!("bot/{name}"), "x");
    for format in ["json", "text"] {
        let output = home.run(&["preflight", "bot", "--format", format]);
        let hostile = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}".contains(c);
        assert!(!output.text().contains(hostile), "{format}: {:?}", output.text());
    }
    let report = home.run(&["preflight", "bot", "--format", "json"]).json();
    assert!(report["upload"]["files"].as_array().unwrap().contains(&name.into()));
}

#[test]
fn what_would_fail_exits_1_and_names_file_and_line() {
    let home = sound();
    home.file("bot/Dockerfile", "FROM python:3.12-slim\nCOPY bto.py ./\n");
    let output = home.run(&["preflight", "bot"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    assert_eq!(
        output.text(),
        "Upload: 2 files, 44 B; 2 left for the build\n\
         error: Dockerfile:2: COPY would not find bto.py: bto.py does not exist; the nearest path is bot.py [missing-source]\n\
         The build would fail.\n"
    );
    let output = home.run(&["preflight", "bot", "--format", "json"]);
    assert_eq!(output.code(), Some(1));
    assert_eq!(
        output.json()["problems"],
        json!([{
            "rule": "missing-source",
            "severity": "error",
            "message": "COPY would not find bto.py: bto.py does not exist; the nearest path is bot.py",
            "path": "bto.py",
            "file": "Dockerfile",
            "line": 2
        }])
    );
}

#[test]
fn a_warning_stops_no_build() {
    let home = sound();
    home.file("bot/.netrc", "machine x");
    let output = home.run(&["preflight", "bot"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    assert!(output.text().contains("warning: .netrc looks like"), "{}", output.text());
    assert!(output.text().ends_with("Nothing here would stop the build.\n"));
}

#[test]
fn without_a_directory_the_project_around_is_meant() {
    let home = sound();
    home.file("bot/src/x.py", "");
    for dir in ["bot", "bot/src"] {
        let mut command = home.command(&["preflight"]);
        command.current_dir(home.path().join(dir));
        let output = crate::support::finished(command.spawn().unwrap());
        assert_eq!(output.code(), Some(0), "{dir}");
        assert!(output.text().starts_with("Upload: 3 files"), "{}", output.text());
    }
}

#[test]
fn what_is_no_project_fails_and_what_is_no_directory_is_wrong_usage() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("empty")).unwrap();
    let output = home.run(&["preflight", "empty"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    assert!(output.text().contains("[dockerfile-missing]"), "{}", output.text());
    home.run(&["preflight", "none"]).is(
        2,
        "",
        "buildcat: There is no directory none. Give the project's directory.\n",
    );
    assert_eq!(home.run(&["preflight", "empty", "--format", "yaml"]).code(), Some(2));
}

#[test]
fn uv_sees_no_key() {
    let home = sound();
    home.file("bot/uv.lock", "");
    home.file("bot/pyproject.toml", "");
    home.file("bot/Dockerfile", "FROM python:3.12-slim\nCOPY . .\nRUN uv sync --locked\n");
    let uv = home.file("bin/uv", "#!/bin/sh\nenv > \"$HOME/seen\"\n");
    std::fs::set_permissions(&uv, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", home.path().join("bin").display());
    let home = home.with("PATH", &path).with("PIPECAT_API_KEY", crate::support::KEY);
    let home = home.with("Pipecat_Other_Token", crate::support::KEY);
    assert_eq!(home.run(&["preflight", "bot"]).code(), Some(0));
    let seen = std::fs::read_to_string(home.path().join("seen")).unwrap();
    assert!(seen.contains("HOME=") && !seen.contains(crate::support::KEY), "{seen}");
}
