//! What is typed wrong, and where there is no terminal.

use crate::support::{DEFAULT, Home};

#[test]
fn wrong_flags_exit_2() {
    let home = Home::new();
    home.run(&["--nope"]).complains(2, &["--nope", "Usage: buildcat"]);
    home.run(&["nope"]).complains(2, &["nope"]);
    home.run(&["logs"]).complains(2, &["BUILD_ID|latest"]);
    home.run(&["logs", DEFAULT, "--format", "xml"]).complains(2, &["xml", "text, jsonl"]);
    home.run(&["list", "--limit", "0"]).complains(2, &["--limit"]);
    home.run(&["list", "--limit", "101"]).complains(2, &["--limit"]);
    home.run(&["--color", "sometimes", "list"]).complains(2, &["auto, always, never"]);
    home.run(&["--poll-interval", "1ms", "list"]).complains(2, &["--poll-interval", "250ms to 5m"]);
    home.run(&["--config", "nowhere.toml", "list"])
        .complains(2, &["nowhere.toml: there is no such file"]);
}

#[test]
fn what_is_typed_wrong_cant_write_to_the_terminal() {
    let hostile = "a\u{9b}2J\u{1b}[2J\u{202e}b";
    for args in [&[hostile][..], &["list", "--limit", hostile], &["--color", hostile, "list"]] {
        let output = Home::new().run(args);
        output.complains(2, &["For more information", "‹U+202E›b"]);
        let controls = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!output.stderr.contains(controls), "{:?}", output.stderr);
    }
}

/// Other viewers take the file where a command stands here.
#[test]
fn a_file_without_a_command_is_told_how_to_read_it() {
    let home = Home::new();
    home.file("build.log", "a line\n");
    home.file("logs/of today.log", "a line\n");
    for (word, type_this) in [
        ("build.log", "`buildcat open build.log`"),
        ("./build.log", "`buildcat open ./build.log`"),
        ("logs/of today.log", "`buildcat open 'logs/of today.log'`"),
        ("-", "`buildcat open -`"),
    ] {
        home.run(&[word]).complains(2, &["tip: ", type_this, "Usage: buildcat"]);
    }
    home.run(&["nowhere.log"])
        .complains(2, &["tip: there is no file nowhere.log", "`buildcat open FILE`"]);
    let folder = home.run(&["logs/"]);
    assert!(!folder.stderr.contains("buildcat open"), "{}", folder.stderr);
}

#[test]
fn help_and_version_are_no_errors() {
    let home = Home::new();
    let output = home.run(&["--help"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    for command in
        ["watch", "open", "logs", "status", "list", "steps", "diagnose", "rules", "demo", "config"]
    {
        assert!(output.text().contains(&format!("\n  {command} ")), "{command}");
        let help = home.run(&[command, "--help"]);
        assert_eq!((help.code(), help.stderr.as_str()), (Some(0), ""), "{command}");
    }
    assert!(output.text().contains("\n  130  interrupted"));
    assert!(output.text().contains("BUILDCAT_CONFIG"));
    let version = format!("buildcat {}\n", env!("CARGO_PKG_VERSION"));
    home.run(&["--version"]).is(0, &version, "");
}

#[test]
fn a_screen_needs_a_terminal_and_says_what_doesnt() {
    let home = Home::new();
    for (args, instead) in [
        (&[][..], "`buildcat logs --follow BUILD_ID`"),
        (&["watch"], "`buildcat logs --follow BUILD_ID`"),
        (&["watch", DEFAULT], "`buildcat logs --follow BUILD_ID`"),
        (&["open", "build.log"], "`buildcat diagnose FILE`"),
        (&["open", "-"], "`buildcat diagnose -`"),
        (&["demo"], "`buildcat demo --serve`"),
    ] {
        home.run(args).complains(2, &["Standard output is no terminal", instead]);
    }
    let piped = home.run_with(&[], b"#1 DONE 0.0s");
    piped.complains(2, &["Standard output is no terminal", "`buildcat diagnose -`"]);
}

#[test]
fn the_recorded_builds_are_listed() {
    let output = Home::new().run(&["demo", "--list"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    let names: Vec<&str> =
        output.text().lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "default",
            "copy-missing",
            "pip-conflict",
            "native-build",
            "success-warnings",
            "timeout",
            "parallel"
        ]
    );
    assert!(output.text().contains("  26s  uv.lock is stale"), "{}", output.text());
}

#[test]
fn an_unknown_scenario_is_answered_with_the_nearest() {
    let home = Home::new();
    for args in [&["demo", "copy-mising"][..], &["demo", "copy_missing", "--serve"]] {
        home.run(args).complains(2, &["There is no demo scenario", "Did you mean copy-missing?"]);
    }
    home.run(&["demo", "xyzzy"]).complains(2, &["\"xyzzy\"", "`buildcat demo --list`"]);
    home.run(&["demo", "--speed", "0"]).complains(2, &["0.1 to 1000"]);
    home.run(&["demo", "--list", "--serve"]).complains(2, &["cannot be used with"]);
}

#[test]
fn nobody_to_complain_to_is_no_reason_to_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = Home::new().command(&["logs", "nonsense"]).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

/// Runs a script that ends in the program, `"$1"`.
fn under(script: &str) -> crate::support::Output {
    let home = Home::new().with("PIPECAT_API_KEY", crate::support::KEY);
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_buildcat")]);
    command.env_clear().env("HOME", home.path()).current_dir(home.path());
    command.stdin(std::process::Stdio::null());
    let output = command.output().unwrap();
    crate::support::Output {
        status: output.status,
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn what_the_system_refuses_is_told_with_a_next_step() {
    let unstarted = under(r#"ulimit -n 4; exec "$1" status"#);
    unstarted.complains(2, &["gives buildcat no thread to work in", "`ulimit -n`"]);
    let unwritten = under(r#"trap '' XFSZ; ulimit -f 0; exec "$1" rules list > out"#);
    unwritten.complains(2, &["Writing failed", "is incomplete", "run it again"]);
}
