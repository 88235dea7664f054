//! `logs`

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{DEFAULT, Home, KEY, SUCCESS, Service, TIMEOUT, finished, scenario};

#[test]
fn a_failed_builds_lines_are_printed_exactly() {
    let service = Service::start("copy-missing");
    service.home().run(&["logs", DEFAULT]).is(1, &scenario("default"), "");
}

#[test]
fn a_builds_exit_status_is_its_own() {
    let service = Service::start("default");
    let home = service.home();
    home.run(&["logs", SUCCESS, "--raw"]).is(0, &scenario("success-warnings"), "");
    home.run(&["logs", TIMEOUT]).is(1, &scenario("timeout"), "");
}

#[test]
fn latest_is_the_newest_build() {
    let service = Service::start("copy-missing");
    service.over().run(&["logs", "latest"]).is(1, &scenario("copy-missing"), "");
}

#[test]
fn following_prints_every_line_once_until_the_late_ones_have_come() {
    let service = Service::at_speed("default", "40");
    let args = ["logs", DEFAULT, "--follow", "--poll-interval", "250ms"];
    service.home().run(&args).is(1, &scenario("default"), "");
}

#[test]
fn a_limit_keeps_the_last_lines() {
    let service = Service::start("copy-missing");
    let home = service.home();
    let all = scenario("default");
    let lines: Vec<&str> = all.lines().collect();
    let last = lines[lines.len() - 3..].join("\n") + "\n";
    home.run(&["logs", DEFAULT, "--limit", "3"]).is(1, &last, "");
    home.run(&["logs", DEFAULT, "-n", "10000"]).is(1, &all, "");
    let numbered = home.run(&["logs", DEFAULT, "-n", "1", "--format", "jsonl"]);
    let object: serde_json::Value = serde_json::from_slice(&numbered.stdout).unwrap();
    assert_eq!(object["line"], lines.len(), "the number is the log's, not the output's");
}

#[test]
fn json_lines_carry_numbers_and_texts() {
    let service = Service::start("copy-missing");
    let output = service.home().run(&["logs", DEFAULT, "--format", "jsonl"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    let all = scenario("default");
    let mut count = 0;
    for (row, line) in output.text().lines().zip(all.lines()) {
        count += 1;
        let object: serde_json::Value = serde_json::from_str(row).unwrap();
        assert_eq!(object, serde_json::json!({ "line": count, "text": line }));
    }
    assert_eq!((count, output.text().lines().count()), (all.lines().count(), all.lines().count()));
}

#[test]
fn raw_keeps_the_bytes_that_are_made_clean_otherwise() {
    let service = Service::start("default");
    let home = service.home();
    let recorded = scenario("success-warnings");
    assert!(recorded.contains("kB\r\r\n") && recorded.contains("\u{1b}[91mERROR: pip's"));
    home.run(&["logs", SUCCESS, "--raw"]).is(0, &recorded, "");
    let coloured = regex::Regex::new("\\x1b\\[[0-9;]*m").unwrap();
    let clean = coloured.replace_all(&recorded, "").replace("\r\r\n", "\n");
    home.run(&["logs", SUCCESS]).is(0, &clean, "");
}

#[test]
fn a_file_is_its_owners_and_standard_output_stays_empty() {
    let service = Service::start("copy-missing");
    let home = service.home();
    for follow in [false, true] {
        let mut args = vec!["logs", DEFAULT, "--output", "out.log"];
        if follow {
            args.push("--follow");
        }
        home.run(&args).is(1, "", "");
        let path = home.path().join("out.log");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), scenario("default"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::remove_file(path).unwrap();
    }
    home.run(&["logs", DEFAULT, "-o", "missing/out.log"])
        .complains(2, &["missing/out.log can't be written"]);
    home.run(&["logs", "00000000-0000-4000-8000-000000000000", "-o", "out.log"])
        .complains(3, &["for build 00000000: it isn't there (404: Build not found)"]);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "no file for no log");
}

/// A link stays, as `/dev/stdout` is one, and what it stands for is replaced.
#[test]
fn a_file_is_written_through_a_link() {
    let service = Service::start("copy-missing");
    let home = service.home();
    let (file, link) = (home.path().join("build.log"), home.path().join("link"));
    std::fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink("build.log", &link).unwrap();
    home.run(&["logs", DEFAULT, "-o", "link"]).is(1, "", "");
    assert!(link.is_symlink());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), scenario("default"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let service = Service::start("copy-missing");
    for args in [&["logs", DEFAULT][..], &["--help"], &["--version"]] {
        let mut child = service.home().command(args).spawn().unwrap();
        drop(child.stdout.take());
        let output = finished(child);
        assert_eq!((output.stderr.as_str(), output.code()), ("", Some(0)), "{args:?}");
    }
}

/// A named pipe, as a device would, stays what it is and gets the lines.
#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_is_written_into_and_not_replaced() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::os::unix::fs::FileTypeExt;

    let service = Service::start("copy-missing");
    let home = service.over();
    let pipe = home.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    for more in [&[][..], &["--follow", "--poll-interval", "250ms"]] {
        let reader = std::fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        home.run(&[&["logs", DEFAULT, "--output", "pipe"], more].concat()).is(1, "", "");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
        let log = scenario("default");
        let mut read = vec![0; log.len()];
        (&reader).read_exact(&mut read).unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), log);
    }
}

#[test]
fn raw_bytes_reach_a_terminal_by_no_name() {
    let size = portable_pty::PtySize { rows: 5, cols: 20, pixel_width: 0, pixel_height: 0 };
    let pty = portable_pty::native_pty_system().openpty(size).unwrap();
    let name = pty.master.tty_name().unwrap();
    let args = ["logs", DEFAULT, "--raw", "--output", name.to_str().unwrap()];
    Home::new().run(&args).complains(2, &["--raw would let the log write to this terminal"]);
}

/// A file from before may have been anybody's to read.
#[test]
fn a_file_that_is_written_is_its_owners_alone() {
    let service = Service::start("copy-missing");
    let home = service.over();
    let path = home.path().join("build.log");
    for more in [&[][..], &["--follow", "--poll-interval", "250ms"]] {
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        home.run(&[&["logs", DEFAULT, "--output", "build.log"], more].concat()).is(1, "", "");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), scenario("default"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

/// `/dev/full` takes nothing, as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_is_no_success() {
    let service = Service::start("copy-missing");
    let home = service.home();
    let log = crate::support::corpus("apt-portaudio-name.log");
    let log = log.to_str().unwrap();
    for args in [
        &["logs", SUCCESS][..],
        &["logs", SUCCESS, "--follow"],
        &["steps", log],
        &["--help"],
        &["logs", "--help"],
        &["--version"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = finished(home.command(args).stdout(full).spawn().unwrap());
        output.complains(2, &["The disk is full", "incomplete", "Make room"]);
    }
}

#[test]
fn an_interrupt_ends_following_with_130() {
    // It prints 56 lines and then hangs until its time limit, after 20 seconds;
    // a pipe gets them after 10.
    let service = Service::at_speed("timeout", "2");
    let home = service.home();
    let args = ["logs", TIMEOUT, "--follow", "--poll-interval", "250ms"];
    let mut child = home.command(&args).env("BUILDCAT_LATE_LINES", "10s").spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    let output = finished(child);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(130), ""));
    assert!(scenario("timeout").starts_with(&(first + &rest)));
}

/// What ends a program, and the status that tells it.
const SIGNALS: &[(rustix::process::Signal, i32)] = &[
    (rustix::process::Signal::TERM, 143),
    (rustix::process::Signal::INT, 130),
    (rustix::process::Signal::QUIT, 131),
    #[cfg(target_os = "linux")]
    (rustix::process::Signal::HUP, 129),
];

/// A service that takes requests and doesn't answer, and the home of who asks it.
fn silent() -> (std::net::TcpListener, Home) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, Home::new().with("PIPECAT_API_HOST", &url).with("PIPECAT_API_KEY", KEY))
}

#[test]
fn a_signal_leaves_no_part_of_a_file() {
    let (listener, home) = silent();
    let files = || std::fs::read_dir(home.path()).unwrap().count();
    for &(signal, code) in SIGNALS {
        let child = home.command(&["logs", DEFAULT, "-o", "build.log"]).spawn().unwrap();
        let _connection = listener.accept().unwrap();
        while files() == 0 {
            std::thread::yield_now();
        }
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        let output = finished(child);
        assert_eq!((output.code(), output.stderr.as_str()), (Some(code), ""));
        assert_eq!(files(), 0);
    }
}

/// As of a build that is named: which one is the latest is asked for again as well.
#[test]
fn who_follows_the_latest_build_waits_out_a_fault() {
    let (listener, home) = silent();
    let args = ["logs", "latest", "--follow", "--poll-interval", "250ms"];
    let child = home.command(&args).spawn().unwrap();
    for (status, body) in [("503 Service Unavailable", ""), ("200 OK", r#"{"builds":[]}"#)] {
        let (mut connection, _) = listener.accept().unwrap();
        assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}");
        connection.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
    }
    let output = finished(child);
    output.complains(3, &["503", "Trying again.", "There are no builds yet."]);
}

/// What supervises it tells by that who ended it.
#[test]
fn a_signal_gives_the_same_status_with_every_command() {
    let (listener, home) = silent();
    for args in [
        &["logs", DEFAULT][..],
        &["logs", DEFAULT, "--follow"],
        &["logs", DEFAULT, "--follow", "-o", "build.log"],
        &["status", DEFAULT],
        &["list"],
        &["diagnose", DEFAULT],
    ] {
        for &(signal, code) in SIGNALS {
            let child = home.command(args).spawn().unwrap();
            let (mut connection, _) = listener.accept().unwrap();
            assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
            let pid = rustix::process::Pid::from_child(&child);
            rustix::process::kill_process(pid, signal).unwrap();
            let output = finished(child);
            assert_eq!(output.code(), Some(code), "{args:?} {signal:?} {}", output.stderr);
        }
    }
}

/// As `nohup` has it.
#[test]
fn a_hangup_that_is_to_be_ignored_is() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let home = Home::new().with("PIPECAT_API_HOST", &url).with("PIPECAT_API_KEY", KEY);
    let mut shell = std::process::Command::new("/bin/sh");
    let program = home.command(&["list"]);
    let set = program.get_envs().filter_map(|(name, value)| Some((name, value?)));
    shell.env_clear().envs(set).arg("-c").arg("trap '' HUP; exec \"$0\" list");
    shell.arg(program.get_program()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = shell.spawn().unwrap();
    let (mut connection, _) = listener.accept().unwrap();
    let asked = connection.read(&mut [0; 4096]).unwrap();
    assert!(asked > 0);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    // It would hang up itself.
    connection.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(connection.read(&mut [0; 1]).is_err());
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"builds\":[]}";
    connection.write_all(answer).unwrap();
    let output = finished(child);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
}

#[test]
fn verbose_writes_a_log_file_without_the_key() {
    let service = Service::start("copy-missing");
    let home = service.home();
    for (flag, what) in [("-v", "key from PIPECAT_API_KEY"), ("-vv", "/logs")] {
        let output = home.run(&["logs", DEFAULT, flag]);
        let path = home.path().join(".local/state/buildcat/buildcat.log");
        let said = format!("buildcat: logging to {}\n", path.display());
        output.is(1, &scenario("default"), &said);
        let log = std::fs::read_to_string(&path).unwrap();
        assert!(log.contains(what), "{flag}: {log}");
        assert!(!log.contains(KEY) && !log.contains("neverprinted"), "{log}");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn others_are_kept_out_of_a_folder_that_was_there() {
    let home = Home::new();
    let log = home.file(".local/state/buildcat/buildcat.log", "");
    let folder = log.parent().unwrap();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    home.run(&["rules", "list", "-v"]);
    assert_eq!(mode(folder), 0o700);
}

#[test]
fn a_limit_out_of_bounds_is_refused() {
    for limit in ["0", "10001", "many"] {
        Home::new().run(&["logs", "latest", "--limit", limit]).complains(2, &["--limit", limit]);
    }
}
