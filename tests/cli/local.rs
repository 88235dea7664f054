//! `steps`, `diagnose` and `rules`: what needs no service.

use std::io::Write;

use crate::support::{DEFAULT, Home, Service, corpus, scenario};

const RULE: &str = r#"[[rules]]
id = "acme-registry-login"
category = "credentials"
pattern = 'denied: access to registry\.acme\.example'
title = "The build may not pull from Acme's registry"
matches = ["denied: access to registry.acme.example/base"]
ignores = ["denied: something else"]
"#;

#[test]
fn steps_are_a_tree_or_json() {
    let home = Home::new();
    let log = corpus("copy-bot-missing.log");
    let log = log.to_str().unwrap();
    let output = home.run(&["steps", log]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    assert!(output.text().contains("✗ BUILD  failed"), "{}", output.text());
    assert!(output.text().contains("✗ [4/4] COPY ./bot.py bot.py"), "{}", output.text());
    let output = home.run(&["steps", log, "--format", "json"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    let tree = output.json();
    assert_eq!((&tree["schema"], &tree["builder"]), (&1.into(), &"buildkit".into()));
    assert!(tree["phases"].as_array().is_some_and(|phases| phases.len() == 6));
}

#[test]
fn the_dockerfile_tells_the_lines_the_log_does_not() {
    let home = Home::new();
    let log = b"Step 1/2 : FROM x\n ---> 54dc11f2e8d4\nStep 2/2 : RUN make\n \
                ---> Running in 4b434183b8d2\n\
                The command '/bin/sh -c make' returned a non-zero code: 2\n";
    let line =
        |output: &crate::support::Output| output.json()["steps"][1]["dockerfile_line"].as_u64();
    home.file("build.log", std::str::from_utf8(log).unwrap());
    home.file("mine", "FROM x\n\nRUN make\n");
    let args = ["steps", "build.log", "--format", "json"];
    assert_eq!(line(&home.run(&args)), None);
    let named = [&args[..], &["--dockerfile", "mine"]].concat();
    assert_eq!(line(&home.run(&named)), Some(3));
    assert!(home.run(&named[..2]).text().ends_with("exit code 2\n"));
    let text = home.run(&["steps", "build.log", "--dockerfile", "mine"]);
    assert!(text.text().ends_with("exit code 2  Dockerfile line 3\n"), "{}", text.text());
    // Saved beside the log under its name.
    home.file("build.Dockerfile", "FROM x\nRUN make\n");
    assert_eq!(line(&home.run(&args)), Some(2));
    assert_eq!(line(&home.run(&named)), Some(3));
    home.run(&["steps", "build.log", "--dockerfile", "missing"]).is(
        2,
        "",
        "buildcat: missing can't be read: there is no such file.\n",
    );
}

#[test]
fn a_failed_log_is_explained_and_exits_1() {
    let home = Home::new();
    let log = corpus("copy-bot-missing.log");
    let output = home.run(&["diagnose", log.to_str().unwrap()]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    assert!(output.text().starts_with("✗ `bot.py` is not in what was uploaded to the build\n"));
    assert!(output.text().contains("  at        Dockerfile:7\n"), "{}", output.text());

    let output = home.run(&["diagnose", log.to_str().unwrap(), "--format", "json"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    let found = output.json();
    assert_eq!((&found["schema"], &found["outcome"]), (&1.into(), &"failed".into()));
    assert_eq!(
        (&found["findings"][0]["rule"], &found["findings"][0]["line"]),
        (&"copy-missing".into(), &58.into())
    );
}

#[test]
fn a_log_comes_from_a_file_a_pipe_or_the_service() {
    let service = Service::start("copy-missing");
    let home = service.home();
    let log = scenario("default");
    home.file("build.log", &log);
    let file = home.run(&["diagnose", "build.log"]);
    assert_eq!((file.code(), file.stderr.as_str()), (Some(1), ""));
    home.run_with(&["diagnose", "-"], log.as_bytes()).is(1, file.text(), "");
    home.run(&["diagnose", DEFAULT]).is(1, file.text(), "");
    let steps = home.run(&["steps", "build.log"]);
    home.run_with(&["steps", "-"], log.as_bytes()).is(0, steps.text(), "");
    home.run(&["steps", DEFAULT]).is(0, steps.text(), "");
}

#[test]
fn a_log_without_a_failure_exits_0() {
    let home = Home::new();
    for name in ["ok-debconf.log", "ok-uv-sync.log", "ok-push-min.log"] {
        let log = corpus(name);
        let output = home.run(&["diagnose", log.to_str().unwrap(), "--format", "json"]);
        assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""), "{name}");
        assert_eq!(output.json()["outcome"], "success", "{name}");
    }
    home.run_with(&["diagnose", "-"], b"no build\n").is(0, "unknown: nothing found\n", "");
}

#[test]
fn a_log_that_just_stops_exits_1() {
    let log = scenario("timeout");
    let output = Home::new().run_with(&["diagnose", "-", "--format", "json"], log.as_bytes());
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    assert_eq!(output.json()["outcome"], "timeout");
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

#[test]
fn a_log_that_is_gzipped_is_read_as_it_was_before() {
    let home = Home::new();
    let log = std::fs::read(corpus("copy-bot-missing.log")).unwrap();
    std::fs::write(home.path().join("p.log"), &log).unwrap();
    std::fs::write(home.path().join("p.log.gz"), gzip(&log)).unwrap();
    for command in ["diagnose", "steps"] {
        let plain = home.run(&[command, "p.log"]);
        home.run(&[command, "p.log.gz"]).is(plain.code().unwrap(), plain.text(), "");
        home.run_with(&[command, "-"], &gzip(&log)).is(plain.code().unwrap(), plain.text(), "");
    }
}

#[test]
fn of_a_log_that_was_cut_off_what_is_there_is_read_and_never_called_healthy() {
    let home = Home::new();
    let cut = |name: &str, log: &[u8], keep: usize| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        packed.write_all(log).unwrap();
        let packed = packed.finish().unwrap();
        let keep = keep.min(packed.len() - 10);
        std::fs::write(home.path().join(name), &packed[..keep]).unwrap();
        packed[..keep].to_vec()
    };
    let log = std::fs::read(corpus("copy-bot-missing.log")).unwrap();
    let begun = cut("begun.gz", &log, 2000);
    for command in ["diagnose", "steps"] {
        let output = home.run(&[command, "begun.gz"]);
        assert_eq!(output.code(), Some(2), "{command}: {}", output.text());
        assert!(output.stderr.starts_with("buildcat: begun.gz can't be read to its end ("));
        assert!(!output.text().is_empty());
        let piped = home.run_with(&[command, "-"], &begun);
        assert_eq!((piped.code(), piped.text()), (Some(2), output.text()));
        assert!(piped.stderr.contains("Standard input can't be read to its end ("));
    }
    // A failure that was read is one.
    cut("failed.gz", &log, usize::MAX);
    let output = home.run(&["diagnose", "failed.gz"]);
    assert_eq!(output.code(), Some(1), "{}", output.stderr);
    assert!(output.text().starts_with("✗ `bot.py` is not in what was uploaded to the build\n"));
    // That it ends there is not the build's doing.
    cut("stops.gz", scenario("timeout").as_bytes(), usize::MAX);
    let output = home.run(&["diagnose", "stops.gz", "--format", "json"]);
    assert_eq!((output.code(), &output.json()["outcome"]), (Some(2), &"unknown".into()));
    // Of nothing nothing is told.
    cut("nothing.gz", &log, 8);
    home.run(&["diagnose", "nothing.gz"]).complains(2, &["nothing.gz can't be read"]);
}

#[test]
fn an_empty_log_is_called_empty() {
    let home = Home::new();
    home.file("empty.log", "");
    let said = "buildcat: empty.log is empty: there is nothing to diagnose.\n";
    home.run(&["diagnose", "empty.log"]).is(0, "", said);
    let said = "buildcat: Standard input is empty: there is nothing to diagnose.\n";
    home.run_with(&["diagnose", "-"], b"").is(0, "", said);
    let json = home.run(&["diagnose", "empty.log", "--format", "json"]);
    assert_eq!((json.code(), &json.json()["outcome"]), (Some(0), &"unknown".into()));
}

#[test]
fn a_name_that_is_no_text_names_a_file_all_the_same() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let name = std::ffi::OsStr::from_bytes(b"b\xffild\x1b.log");
    std::fs::copy(corpus("copy-bot-missing.log"), home.path().join(name)).unwrap();
    let run = |command: &str, name: &std::ffi::OsStr| {
        crate::support::finished(home.command(&[command]).arg(name).spawn().unwrap())
    };
    let output = run("diagnose", name);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    let output = run("steps", name);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    let missing = run("diagnose", std::ffi::OsStr::from_bytes(b"n\xffne\x1b.log"));
    missing.is(2, "", "buildcat: n\u{fffd}ne␛.log can't be read: there is no such file.\n");
}

#[test]
fn what_is_compressed_otherwise_or_no_text_is_never_a_healthy_log() {
    let home = Home::new();
    std::fs::write(home.path().join("a b.zst"), [0x28, 0xb5, 0x2f, 0xfd, 4, 0]).unwrap();
    for command in ["diagnose", "steps"] {
        home.run(&[command, "a b.zst"]).is(
            2,
            "",
            "buildcat: a b.zst is compressed (zstd). `zstdcat 'a b.zst' | buildcat` reads it.\n",
        );
    }
    home.run_with(&["diagnose", "-"], b"\xfd7zXZ\0\0")
        .complains(2, &["compressed with xz; pipe it through `xzcat`"]);
    std::fs::write(home.path().join("core"), [0; 100]).unwrap();
    let output = home.run(&["diagnose", "core"]);
    assert_eq!(output.stderr, "buildcat: core may be a binary file\n");
    home.file("log", "a NUL\0 now and then is no reason\n");
    assert_eq!(home.run(&["diagnose", "log"]).stderr, "");
    std::fs::write(home.path().join("ps.log"), b"\xff\xfea\0").unwrap();
    assert!(home.run(&["diagnose", "ps.log"]).stderr.contains("iconv -f UTF-16"));
}

#[test]
fn what_cant_be_read_is_a_sentence() {
    let home = Home::new();
    for command in ["steps", "diagnose"] {
        home.run(&[command, "missing.log"]).is(
            2,
            "",
            "buildcat: missing.log can't be read: there is no such file.\n",
        );
        home.run(&[command, "."]).is(2, "", "buildcat: . is a folder. Give the log file in it.\n");
        home.run(&[command, "evil\u{1b}[2J.log"]).complains(2, &["evil␛[2J.log can't be read"]);
    }
}

#[test]
fn rules_are_listed_and_shown() {
    let home = Home::new();
    let output = home.run(&["rules", "list"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    assert!(output.text().lines().any(|line| line.starts_with("copy-missing ")));
    let output = home.run(&["rules", "show", "copy-missing"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    assert!(output.text().starts_with("copy-missing  "), "{}", output.text());
    assert!(output.text().contains("\n  category  copy-source-missing\n"), "{}", output.text());
    home.run(&["rules", "show", "copy-mising"]).is(
        2,
        "",
        "buildcat: There is no rule \"copy-mising\". Did you mean copy-missing? \
         `buildcat rules list` lists them.\n",
    );
}

#[test]
fn a_file_of_rules_is_put_to_its_own_examples() {
    let home = Home::new();
    home.file("good.toml", RULE);
    home.run(&["rules", "test", "good.toml"]).is(0, "good.toml: 1 rule, no problems\n", "");
    home.file("bad.toml", &RULE.replace("access to registry.acme.example/base", "other"));
    let output = home.run(&["rules", "test", "bad.toml"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(2), ""));
    assert!(output.text().contains("acme-registry-login"), "{}", output.text());
    assert!(output.text().ends_with("bad.toml: 1 problem\n"), "{}", output.text());
    home.run(&["rules", "test", "missing.toml"]).is(
        2,
        "",
        "buildcat: missing.toml can't be read: there is no such file.\n",
    );
}

#[test]
fn the_configurations_rules_are_among_them() {
    let home = Home::new();
    home.file(".config/buildcat/config.toml", RULE);
    let output = home.run(&["rules", "show", "acme-registry-login"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    let log = b"#5 [2/2] RUN pull\n#5 0.1 denied: access to registry.acme.example/base\n\
                #5 ERROR: process \"/bin/sh -c pull\" did not complete successfully: exit code: 1\n";
    let output = home.run_with(&["diagnose", "-"], log);
    assert!(
        output.text().starts_with("✗ The build may not pull from Acme's registry\n"),
        "{}",
        output.text()
    );
}
