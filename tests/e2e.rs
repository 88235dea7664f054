//! The program in a pseudo-terminal: what is on the screen, what the keys do,
//! and what is left behind. `BUILDCAT_E2E_BIN` names another build of it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;

use std::path::{Path, PathBuf};

use buildcat::demo::{Clock, Options, Scenario, Server};
use pty::{Ended, Terminal, command, program};
use rustix::process::{Signal, kill_process};
use vt100::Screen;

/// The likeliest cause of the build that `demo` plays, as the status bar says it.
const CAUSE: &str = "uv.lock doesn't fit pyproject.toml any more";

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

/// The last row that holds anything.
fn last_row(screen: &Screen) -> String {
    let (_, cols) = screen.size();
    screen.rows(0, cols).filter(|row| !row.trim().is_empty()).last().unwrap_or_default()
}

fn shows(screen: &Screen, text: &str) -> bool {
    screen.contents().contains(text)
}

/// Checks that nothing of the screen's modes is left, and nothing panicked.
#[track_caller]
fn is_restored(ended: &Ended) {
    let screen = &ended.screen;
    assert!(!screen.alternate_screen(), "the alternate screen is left");
    assert!(!screen.hide_cursor(), "the cursor is back");
    assert!(!screen.bracketed_paste(), "bracketed paste is off");
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    let raw = String::from_utf8_lossy(&ended.raw);
    let last = |sequence: &str| raw.rfind(sequence);
    assert!(last("\x1b[23;0t") > last("\x1b[22;0t"), "the title is restored");
    assert!(last("\x1b[23;0t") > last("\x1b]2;"), "no title is set after that");
    assert!(last("\x1b[?7h") > last("\x1b[?7l"), "long lines wrap again");
    // Else a picture that the terminal thinks wider runs over the edge.
    assert!(last("\x1b[?7l").is_some(), "and didn't before");
    assert!(!raw.contains("panicked"), "{}", screen.contents());
}

#[test]
fn marks_and_searches_are_there_the_next_time() {
    let home = home();
    let log = home.path().join("build.log");
    std::fs::copy(corpus("mix-parallel-error-noise.log"), &log).unwrap();
    let open = |path: &str| Terminal::start(&["open", path], home.path(), 24, 80);
    let mut t = open("build.log");
    t.wait_text("Waiting for agent ping");
    t.send("3Gm");
    t.wait_text("1 mark;");
    t.send("/agent\r");
    t.wait_text("2/2");
    t.send("q");
    assert_eq!(t.end().code, 1);

    // By another name for the same file.
    let mut t = open(&format!("{}/./build.log", home.path().display()));
    t.wait_text("3◆");
    t.send("/\x1b[A");
    t.wait("the search", |s| last_row(s).trim_start().starts_with("/agent"));
    t.send("\r'\r");
    t.wait_text("3◈");
    t.send("m");
    t.wait_text("0 marks");
    t.send("q");
    assert_eq!(t.end().code, 1);
    let mut t = open("build.log");
    t.wait_text("Waiting for agent ping");
    t.send("'");
    t.wait_text("No marks");
    t.send("q");
    t.end();
    // Nothing of the log is kept, and nobody else can read what is.
    let memory = home.path().join(".local/state/buildcat/memory.json");
    let kept = std::fs::read_to_string(&memory).unwrap();
    assert!(kept.contains("agent") && !kept.contains("Waiting for"), "{kept}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&memory.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_demo_is_watched_searched_and_left() {
    let home = home();
    let mut t = Terminal::start(&["demo", "--speed", "20"], home.path(), 30, 100);
    t.wait("the end of the build", |s| {
        shows(s, "✗ failed") && shows(s, CAUSE) && shows(s, "97 lines")
    });
    assert!(t.screen().alternate_screen() && t.screen().bracketed_paste());
    assert_ne!(t.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);

    // Search as you type, with a counter; Esc takes it back.
    t.send("g");
    t.wait("the first line", |s| shows(s, "Waiting for agent ping"));
    t.send("/");
    t.send("phase is");
    t.wait("one match", |s| last_row(s).trim_end().ends_with("1/1"));
    t.send("\x7f\x7f\x7f complete");
    t.wait("six matches", |s| last_row(s).trim_end().ends_with("1/6"));
    t.send("\r");
    t.send("n");
    t.wait("the second match", |s| shows(s, "2/6"));
    t.send("n");
    t.wait("the third match", |s| shows(s, "3/6"));
    t.send("N");
    t.wait("the second match again", |s| shows(s, "2/6"));
    t.send("\x1b");
    t.wait("no matches", |s| !shows(s, "2/6"));

    // The failure, from anywhere.
    t.send("ge");
    t.wait("the failure line", |s| shows(s, "needs to be updated"));

    t.send("?");
    t.wait("the help", |s| shows(s, "one line down") && !shows(s, "needs to be updated"));
    t.send("\x1b");
    t.wait("the log", |s| !shows(s, "one line down") && shows(s, "needs to be updated"));

    t.resize(20, 60);
    t.wait("the smaller screen", |s| shows(s, "✗ failed") && last_row(s).contains("keys"));
    t.resize(40, 120);
    t.wait("the larger screen", |s| {
        shows(s, CAUSE) && s.rows(0, 120).last().unwrap().contains("keys")
    });

    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 1);
    let verdict = ended.screen.contents().replace('\n', "");
    assert!(verdict.starts_with("✗ failed after "), "{verdict}");
    assert!(verdict.contains(CAUSE) && verdict.contains("Dockerfile:"), "{verdict}");
}

#[test]
fn a_missing_file_is_named_in_the_status_bar() {
    let home = home();
    let mut t = Terminal::start(&["demo", "copy-missing", "--speed", "50"], home.path(), 24, 80);
    t.wait("the cause", |s| {
        shows(s, "✗ failed") && shows(s, "✗ `bot.py` is not in what was uploaded")
    });
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 1);
}

#[test]
fn a_packed_log_that_was_cut_off_is_shown_and_exits_2() {
    use std::io::Write;
    let home = home();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(&std::fs::read(corpus("copy-bot-missing.log")).unwrap()).unwrap();
    std::fs::write(home.path().join("cut.gz"), &packed.finish().unwrap()[..2000]).unwrap();
    let mut t = Terminal::start(&["open", "cut.gz"], home.path(), 24, 80);
    t.wait_text("Waiting for agent ping");
    t.wait_text("What was read stays.");
    t.send("q");
    assert_eq!(t.end().code, 2);
}

#[test]
fn the_demo_plays_whatever_the_configuration_is() {
    let home = home();
    let config = home.path().join(".config/buildcat/config.toml");
    std::fs::create_dir_all(&config).unwrap();
    let typo = "api_hots = \"https://elsewhere.example\"\n";
    for text in [None, Some(typo)] {
        if let Some(text) = text {
            std::fs::remove_dir(&config).unwrap();
            std::fs::write(&config, text).unwrap();
        }
        let mut t = Terminal::start(&["demo", "--speed", "100"], home.path(), 24, 80);
        t.wait_text(if text.is_some() { "api_hots" } else { "can't be read" });
        t.wait_text("✗ failed");
        t.send("q");
        assert_eq!(t.end().code, 1);
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_is_waited_for_on_the_screen() {
    let home = home();
    let path = home.path().join("fifo");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let open = || Terminal::start(&["open", "fifo"], home.path(), 24, 80);
    let mut t = open();
    t.wait_text("Reading fifo; nothing has come so far.");
    t.send("q");
    assert_eq!(t.end().code, 0);
    let mut t = open();
    t.wait_text("Reading fifo; nothing has come so far.");
    std::fs::write(&path, "one\ntwo\n").unwrap();
    t.wait_text("two");
    t.send("q");
    assert_eq!(t.end().code, 0);
}

#[test]
fn a_build_that_went_well_exits_0() {
    let home = home();
    let args = ["demo", "success-warnings", "--speed", "50"];
    let mut t = Terminal::start(&args, home.path(), 24, 80);
    t.wait_text("✓ succeeded");
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 0);
    assert!(shows(&ended.screen, "✓ succeeded after "), "{}", ended.screen.contents());
}

#[test]
fn a_success_is_remembered_for_the_next_estimate() {
    let home = home();
    let kept = |home: &Path| {
        let folder = home.join(".local/state/buildcat/history");
        std::fs::read_dir(folder).map_or(0, Iterator::count)
    };
    for (log, files) in
        [("apt-portaudio-name.log", 0), ("ok-uv-sync.log", 1), ("ok-uv-sync.log", 1)]
    {
        let log = corpus(log);
        let mut t = Terminal::start(&["open", log.to_str().unwrap()], home.path(), 24, 80);
        t.wait("the end", |s| shows(s, "✗ failed") || shows(s, "✓ succeeded"));
        t.send("q");
        is_restored(&t.end());
        assert_eq!(kept(home.path()), files, "{}", log.display());
    }
    // What is only simulated isn't.
    let args = ["demo", "success-warnings", "--speed", "50"];
    let mut t = Terminal::start(&args, home.path(), 24, 80);
    t.wait_text("✓ succeeded");
    t.send("q");
    is_restored(&t.end());
    assert_eq!(kept(home.path()), 1);
}

#[test]
fn a_saved_log_is_read_from_its_top() {
    let home = home();
    let log = corpus("apt-portaudio-name.log");
    let mut t = Terminal::start(&["open", log.to_str().unwrap()], home.path(), 24, 80);
    t.wait("the cause", |s| {
        shows(s, "✗ apt has no package portaudio-dev") && shows(s, "Running on CodeBuild")
    });
    t.send("c");
    t.wait("the cause's line", |s| shows(s, "Unable to locate package portaudio-dev"));
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 1);
    let said = ended.screen.contents().replace('\n', "");
    assert!(said.starts_with("✗ failed: apt has no package portaudio-dev (Dockerfile:"), "{said}");
}

#[test]
fn a_file_that_grows_is_followed() {
    let home = home();
    let path = home.path().join("build.log");
    std::fs::write(&path, "one\ntwo\n").unwrap();
    let mut t = Terminal::start(&["open", "-f", "build.log"], home.path(), 24, 80);
    t.wait_text("two");
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    std::io::Write::write_all(&mut file, b"three\n").unwrap();
    t.wait_text("three");
    std::fs::write(&path, "anew\n").unwrap();
    t.wait("the file read again", |s| shows(s, "anew") && shows(s, "build.log was truncated"));
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 0);
}

#[test]
fn a_file_is_followed_when_asked_whatever_the_configuration_says() {
    let home = home();
    let lines: String = (1..=100).map(|n| format!("line {n}\n")).collect();
    std::fs::write(home.path().join("build.log"), lines).unwrap();
    for (args, shown) in
        [(&["open", "-f", "build.log"][..], "line 100 "), (&["open", "build.log"][..], "line 1 ")]
    {
        let mut t = opened(home.path(), &[("BUILDCAT_FOLLOW", "false")], args);
        t.wait(shown, |s| s.rows(0, 80).any(|row| format!("{row} ").contains(shown)));
        t.send("q");
        assert_eq!(t.end().code, 0);
    }
}

#[test]
fn keys_come_from_the_terminal_while_the_log_comes_through_a_pipe() {
    let home = home();
    let log = corpus("apt-portaudio-name.log");
    let program = program();
    // As a pager does, it opens what is piped in where no command is named.
    for script in [r#"cat "$1" | "$2" open -"#, r#"cat "$1" | "$2""#, r#""$2" < "$1""#] {
        let args = ["-c", script, "sh", log.to_str().unwrap(), program.to_str().unwrap()];
        let mut t = Terminal::spawn(command("/bin/sh", &args, home.path()), 24, 80);
        t.wait("the end of the log", |s| {
            shows(s, "✗ apt has no package") && shows(s, "UPLOAD_ARTIFACTS")
        });
        t.send("g");
        t.wait_text("Running on CodeBuild");
        t.send("q");
        let ended = t.end();
        is_restored(&ended);
        assert_eq!(ended.code, 1, "{script}");
    }
}

#[test]
fn a_real_build_is_watched_over_the_network() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let options = Options {
        clock: Clock::Running(20.0),
        ..Options::new(Scenario::embedded("copy-missing").unwrap())
    };
    let server = runtime.block_on(Server::start(options)).unwrap();
    let home = home();
    let mut command = command(program(), &["--poll-interval", "250ms"], home.path());
    command.env("PIPECAT_API_HOST", server.url());
    command.env("PIPECAT_API_KEY", "sk_neverprinted");
    let mut t = Terminal::spawn(command, 24, 80);
    t.wait("the cause", |s| {
        shows(s, "✗ failed") && shows(s, "`bot.py` is not in what was uploaded")
    });
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 1);
    assert!(!String::from_utf8_lossy(&ended.raw).contains("neverprinted"));
}

#[test]
fn without_a_key_the_screen_says_how_to_get_one() {
    let home = home();
    let mut t = Terminal::start(&["watch"], home.path(), 24, 80);
    t.wait("the words", |s| shows(s, "PIPECAT_API_KEY") && shows(s, "buildcat demo"));
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 3);
    assert!(shows(&ended.screen, "There is no key"), "{}", ended.screen.contents());
}

#[test]
fn signals_restore_the_screen() {
    for (signal, code) in
        [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131), (Signal::INT, 130)]
    {
        let home = home();
        let mut t = Terminal::start(&["demo", "--speed", "0.1"], home.path(), 24, 80);
        t.wait("the screen", |s| shows(s, "pending"));
        kill_process(t.pid(), signal).unwrap();
        let ended = t.end();
        is_restored(&ended);
        assert_eq!(ended.code, code, "{signal:?}");
    }
}

#[test]
fn a_terminal_that_goes_away_ends_the_program() {
    // With the signal that comes then, and without it.
    for before in ["", "trap '' HUP; "] {
        let home = home();
        let script = format!(r#"{before}exec "$1" demo --speed 0.1"#);
        let program = program();
        let args = ["-c", &script, "sh", program.to_str().unwrap()];
        let mut t = Terminal::spawn(command("/bin/sh", &args, home.path()), 24, 80);
        t.wait_text("pending");
        assert_eq!(t.close(), 129, "{before:?}");
    }
}

/// A terminal that is stopped (Ctrl-S), or behind a line that hangs.
#[test]
fn a_terminal_that_nobody_reads_does_not_hold_the_program() {
    use std::io::Read;
    use std::time::{Duration, Instant};
    let home = home();
    let size = portable_pty::PtySize { rows: 60, cols: 200, pixel_width: 0, pixel_height: 0 };
    let pair = portable_pty::native_pty_system().openpty(size).unwrap();
    let command = command(program(), &["demo", "--speed", "50"], home.path());
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    // It has begun, and from now on nobody reads.
    let mut reader = pair.master.try_clone_reader().unwrap();
    reader.read_exact(&mut [0; 16]).unwrap();
    let mut keys = pair.master.take_writer().unwrap();
    let pid = rustix::process::Pid::from_raw(child.process_id().unwrap() as i32).unwrap();
    let blocked = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        (fields[11].to_owned(), fields[12].to_owned())
    };
    // Each key draws another picture, until there is no more room for one.
    let (mut last, mut same, deadline) = (blocked(), 0, Instant::now() + Duration::from_secs(30));
    while same < 4 && Instant::now() < deadline {
        for _ in 0..20 {
            use std::io::Write;
            keys.write_all(b"?\x1b[A\x1b[B?G").unwrap();
        }
        std::thread::sleep(Duration::from_millis(50));
        let now = blocked();
        same = if now == last { same + 1 } else { 0 };
        last = now;
    }
    kill_process(pid, Signal::TERM).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                let _ = child.kill();
                panic!("a signal doesn't end it");
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert_eq!(status.exit_code(), 143);
}

#[test]
fn an_interrupt_from_the_keyboard_exits_130() {
    // What is typed is given up first.
    for state in ["", "?", "/apt\x03", "?/quit\x03"] {
        let home = home();
        let log = corpus("apt-portaudio-name.log");
        let mut t = Terminal::start(&["open", log.to_str().unwrap()], home.path(), 24, 80);
        t.wait_text("✗ apt has no package");
        t.send(state);
        t.wait("no prompt", |s| !last_row(s).contains("/apt"));
        t.send("\x03");
        let ended = t.end();
        is_restored(&ended);
        assert_eq!(ended.code, 130, "{state:?}");
    }
}

#[test]
fn a_screen_that_others_wrote_to_is_drawn_anew() {
    let home = home();
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    // Somebody who writes to the terminal when told to.
    let script = r#"mkfifo told
        { read _ <told; printf '\033[6;3Hwall: lunch is ready' >/dev/tty; } &
        exec "$1" open build.log"#;
    let ours = program();
    let args = ["-c", script, "sh", ours.to_str().unwrap()];
    for keys in ["\x0c", "/\x0c", "?\x0c"] {
        let mut t = Terminal::spawn(command("/bin/sh", &args, home.path()), 24, 80);
        t.wait_text("two");
        std::fs::write(home.path().join("told"), "now\n").unwrap();
        t.wait_text("lunch is ready");
        t.send(keys);
        t.wait("the picture", |s| !shows(s, "wall:") && !shows(s, "lunch is ready"));
        if keys.len() > 1 {
            t.send("\x1b");
        }
        t.wait("the log", |s| shows(s, "two") && last_row(s).contains("q quit"));
        t.send("q");
        is_restored(&t.end());
        std::fs::remove_file(home.path().join("told")).unwrap();
    }
}

#[test]
fn a_stopped_program_comes_back_as_it_was() {
    let home = home();
    let log = corpus("apt-portaudio-name.log");
    // A shell with job control, which gets the terminal when the job stops.
    let script = r#"set -m; "$1" open "$2"; echo "[stopped $?]"; read _; fg; echo "[over $?]""#;
    let program = program();
    let args = ["-c", script, "sh", program.to_str().unwrap(), log.to_str().unwrap()];
    let mut t = Terminal::spawn(command("/bin/sh", &args, home.path()), 24, 80);
    t.wait_text("✗ apt has no package");
    t.send("c");
    t.wait_text("Unable to locate package");
    t.send("\x1a");
    t.wait_text("[stopped 148]");
    assert!(!t.screen().alternate_screen() && !t.screen().hide_cursor());
    t.send("\r");
    t.wait("the same line", |s| s.alternate_screen() && shows(s, "Unable to locate package"));
    assert!(t.screen().bracketed_paste());
    t.send("g");
    t.wait_text("Running on CodeBuild");
    t.send("q");
    t.wait_text("[over 1]");
    let ended = t.end();
    is_restored(&ended);
}

#[test]
fn no_size_is_too_small_to_live_in() {
    let home = home();
    let log = corpus("apt-portaudio-name.log");
    for (rows, cols) in [(1, 1), (5, 20), (2, 3), (1, 200), (50, 2)] {
        let mut t = Terminal::start(&["open", log.to_str().unwrap()], home.path(), rows, cols);
        t.wait("the screen", |s| s.alternate_screen());
        t.send("/apt\r?\x1b[Bjk");
        t.resize(24, 80);
        t.send("\x1b");
        t.wait_text("✗ apt has no package portaudio-dev");
        t.send("q");
        let ended = t.end();
        is_restored(&ended);
        assert_eq!(ended.code, 1, "{rows}x{cols}");
    }
}

#[test]
fn a_storm_of_sizes_ends_in_the_right_picture() {
    let home = home();
    let mut t = Terminal::start(&["demo", "--speed", "10"], home.path(), 24, 80);
    t.wait_text("Waiting for agent ping");
    // A fixed sequence that looks random: from one cell to 200 rows of 500.
    let mut dice = 0x2545_f491_u32;
    for n in 0..300 {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (rows, cols) = (1 + (dice >> 16) % 200, 1 + (dice >> 8) % 500);
        t.resize(rows as u16, cols as u16);
        if n % 10 == 0 {
            t.send("kjdu");
        }
    }
    t.resize(24, 80);
    t.send("G");
    t.wait("the whole picture", |s| {
        let (rows, cols) = s.size();
        shows(s, "✗ failed")
            && shows(s, CAUSE)
            && s.rows(0, cols).nth(usize::from(rows) - 1).unwrap().contains("q quit")
    });
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 1);
}

#[test]
fn what_no_screen_can_show_is_a_sentence() {
    let home = home();
    let said = |args: &[&str], term: Option<&str>| {
        let mut command = command(program(), args, home.path());
        match term {
            Some(term) => command.env("TERM", term),
            None => command.env_remove("TERM"),
        }
        let ended = Terminal::spawn(command, 24, 200).end();
        assert_eq!(ended.code, 2, "{args:?}");
        assert!(!ended.raw.contains(&0x1b), "{args:?}: {:?}", ended.screen.contents());
        ended.screen.contents()
    };
    let term = Some("xterm-256color");
    assert_eq!(
        said(&["demo"], Some("dumb")),
        "buildcat: TERM is dumb, so this terminal can't show a screen. \
         Use `buildcat demo --serve` instead, or set TERM."
    );
    assert!(said(&["demo"], None).contains("TERM is not set"));
    assert_eq!(
        said(&["open", "missing.log"], term),
        "buildcat: missing.log can't be read: there is no such file."
    );
    assert_eq!(said(&["open", "."], term), "buildcat: . is a folder. Give the log file in it.");
    for command in ["open", "diagnose", "steps"] {
        for args in [&[command, "-"][..], &[command]] {
            let said = said(args, term);
            assert!(said.contains("Standard input is this terminal"), "{said}");
            assert!(said.ends_with(&format!("| buildcat {command}")), "{said}");
        }
    }
    assert!(said(&["watch", "nonsense"], term).contains("is not a build id"));
    let raw = said(&["logs", "latest", "--raw"], term);
    assert!(raw.contains("--raw would let the log write to this terminal"), "{raw}");
}

/// A screen to draw on, and nowhere that keys could come from.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_cant_be_used_is_told_with_what_does_without() {
    let home = home();
    std::fs::write(home.path().join("build.log"), "one\n").unwrap();
    for (input, args, instead) in [
        ("/dev/null", "open build.log", "`buildcat diagnose FILE`"),
        ("build.log", "open -", "`buildcat diagnose -`"),
        ("/dev/null", "demo", "`buildcat demo --serve`"),
    ] {
        let script = format!(r#"exec setsid --wait "$1" {args} < {input}"#);
        let program = program();
        let args = ["-c", &script, "sh", program.to_str().unwrap()];
        let ended = Terminal::spawn(command("/bin/sh", &args, home.path()), 24, 200).end();
        let said = ended.screen.contents();
        assert!(said.contains("The terminal can't be used") && said.contains(instead), "{said}");
        assert_eq!(ended.code, 2, "{said}");
    }
}

#[test]
fn the_project_around_says_more_and_its_bad_rules_are_no_obstacle() {
    let home = home();
    let bot = home.path().join("bot");
    std::fs::create_dir(&bot).unwrap();
    let write = |name: &str, text: &str| std::fs::write(bot.join(name), text).unwrap();
    write("Dockerfile", &std::fs::read_to_string(corpus("copy-bot-missing.Dockerfile")).unwrap());
    write("bot.py", "print()");
    write(".dockerignore", "b*.py\n");
    write(".buildcat.toml", "[[rules]]\nid = 5\n");
    let log = corpus("copy-bot-missing.log");
    let mut command = command(program(), &["open", log.to_str().unwrap()], home.path());
    command.cwd(&bot);
    let mut t = Terminal::spawn(command, 30, 140);
    t.wait("the project's word", |s| shows(s, "`bot.py` is left out of the upload by `b*.py`"));
    t.wait("what is wrong with the rules", |s| shows(s, ".buildcat.toml:"));
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 1);
    let verdict = ended.screen.contents().replace('\n', "");
    assert!(verdict.contains("left out of the upload by `b*.py` (.dockerignore:1)"), "{verdict}");
}

/// A program that says what it was given, for the editor's and the pager's
/// place; it waits for a line before it ends.
fn stand_in(home: &Path, name: &str, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = home.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn opened(home: &Path, vars: &[(&str, &str)], args: &[&str]) -> Terminal {
    let mut command = command(program(), args, home);
    vars.iter().for_each(|(name, value)| command.env(name, value));
    Terminal::spawn(command, 24, 80)
}

#[test]
fn an_editor_gets_the_terminal_and_gives_it_back() {
    let home = home();
    let script = r#"stty -a | grep -o ' icanon'; echo "[$@]"; echo "[key ${PIPECAT_API_KEY-unset}]"
        read line; echo "[read $line]""#;
    let editor = stand_in(home.path(), "nano", script);
    let log = corpus("apt-portaudio-name.log");
    let log = log.to_str().unwrap();
    let vars = [("EDITOR", editor.to_str().unwrap()), ("PIPECAT_API_KEY", "sk_secret")];
    let mut t = opened(home.path(), &vars, &["open", log]);
    t.wait_text("✗ apt has no package");
    t.send("c");
    t.wait_text("Unable to locate package");
    t.send("O");
    t.wait("the editor on the normal screen", |s| {
        let all = s.contents().replace('\n', "");
        let written = all.contains(&format!("[+93 {log}]")) && all.contains("[key unset]");
        !s.alternate_screen() && !s.hide_cursor() && written
    });
    assert!(shows(t.screen(), "icanon"), "{}", t.screen().contents());
    assert_eq!(t.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    // All that is typed is the editor's, even what would quit.
    t.send("quite a line\r");
    t.wait("the screen again", |s| s.alternate_screen() && shows(s, "Unable to locate package"));
    assert!(t.screen().bracketed_paste());
    t.send("g");
    t.wait_text("Running on CodeBuild");
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert!(String::from_utf8_lossy(&ended.raw).contains("[read quite a line]"));
    assert_eq!(ended.code, 1);
}

#[test]
fn an_editor_reads_the_terminal_though_the_log_comes_through_a_pipe() {
    let home = home();
    let script = r#"[ -t 0 ] && echo "[a terminal]"; read line; echo "[read $line]""#;
    let editor = stand_in(home.path(), "nano", script);
    let log = corpus("apt-portaudio-name.log");
    let script = r#"cat "$1" | "$2" open -"#;
    let program = program();
    let args = ["-c", script, "sh", log.to_str().unwrap(), program.to_str().unwrap()];
    let mut command = command("/bin/sh", &args, home.path());
    command.env("EDITOR", editor.to_str().unwrap());
    let mut t = Terminal::spawn(command, 24, 80);
    t.wait_text("✗ apt has no package");
    t.send("O");
    t.wait("the editor on the terminal", |s| !s.alternate_screen() && shows(s, "[a terminal]"));
    t.send("quite a line\r");
    t.wait("the screen again", |s| s.alternate_screen());
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert!(String::from_utf8_lossy(&ended.raw).contains("[read quite a line]"));
}

#[test]
fn the_terminal_comes_back_from_programs_that_fail() {
    let home = home();
    let fails = stand_in(home.path(), "fails", "exit 7");
    let dies = stand_in(home.path(), "dies", "kill -9 $$");
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    for (editor, said) in [
        (fails.to_str().unwrap(), "ended with status 7"),
        (dies.to_str().unwrap(), "was ended by signal 9"),
        ("/no/such/editor", "There is no program /no/such/editor"),
        ("'", "$VISUAL has a quote that isn't closed"),
    ] {
        let mut t = opened(home.path(), &[("VISUAL", editor)], &["open", "build.log"]);
        t.wait_text("two");
        t.send("O");
        t.wait(said, |s| s.alternate_screen() && s.contents().replace('\n', "").contains(said));
        t.send("q");
        let ended = t.end();
        is_restored(&ended);
    }
}

#[test]
fn the_terminal_is_left_as_it_was_whatever_a_program_did_to_it() {
    let home = home();
    let rude = stand_in(home.path(), "rude", "stty raw -echo </dev/tty; exit 3");
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    let script = r#"stty kill ^Y; before=$(stty -g); "$1" open build.log
        [ "$before" = "$(stty -g)" ] && echo "[the same]"; stty sane"#;
    let ours = program();
    let mut command =
        command("/bin/sh", &["-c", script, "sh", ours.to_str().unwrap()], home.path());
    command.env("VISUAL", rude.to_str().unwrap());
    let mut t = Terminal::spawn(command, 24, 80);
    t.wait_text("two");
    t.send("O");
    t.wait("the screen again", |s| s.alternate_screen() && shows(s, "ended with status 3"));
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert!(shows(&ended.screen, "[the same]"), "{}", ended.screen.contents());
}

#[test]
fn an_interrupt_in_a_program_is_not_ours() {
    let home = home();
    let editor = stand_in(home.path(), "sleeps", "echo [sleeping]; exec sleep 60");
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    let vars = [("VISUAL", editor.to_str().unwrap())];
    let mut t = opened(home.path(), &vars, &["open", "build.log"]);
    t.wait_text("two");
    t.send("O");
    t.wait_text("[sleeping]");
    t.send("\x03");
    t.wait("the screen again", |s| s.alternate_screen() && shows(s, "was ended by signal 2"));
    t.send("g");
    t.wait_text("two");
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 0);
}

#[test]
fn a_program_that_is_stopped_stops_us_with_it() {
    let home = home();
    // It reads only once it is in front again: who waits in a read, and isn't
    // stopped yet when the shell says so, takes what is typed to the shell.
    let waits = "until test -e again; do sleep 0.02; done";
    let script = format!("echo [here]; {waits}; read line; echo [got $line]; exit 3");
    let editor = stand_in(home.path(), "reads", &script);
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    let script = r#"set -m; "$1" open build.log; echo "[stopped $?]"; read _; : > again; fg; echo "[over $?]""#;
    let ours = program();
    let args = ["-c", script, "sh", ours.to_str().unwrap()];
    let mut command = command("/bin/sh", &args, home.path());
    command.env("VISUAL", editor.to_str().unwrap());
    let mut t = Terminal::spawn(command, 24, 80);
    t.wait_text("two");
    t.send("O");
    t.wait_text("[here]");
    t.send("\x1a");
    t.wait_text("[stopped 148]");
    t.send("\r");
    // The program is in front again, not we.
    t.send("a line\r");
    t.wait("the screen again", |s| s.alternate_screen() && shows(s, "ended with status 3"));
    assert!(t.screen().bracketed_paste());
    t.send("q");
    t.wait_text("[over 0]");
    let ended = t.end();
    is_restored(&ended);
    assert!(String::from_utf8_lossy(&ended.raw).contains("[got a line]"));
}

#[test]
fn a_log_is_piped_and_saved_without_its_secrets() {
    let home = home();
    let text = "one\nAPI_TOKEN=abcdefghij0123456789\nthree\n";
    std::fs::write(home.path().join("build.log"), text).unwrap();
    let pager = stand_in(home.path(), "pages", "cat; echo [paged]; read _ < /dev/tty");
    let vars = [("PAGER", pager.to_str().unwrap())];
    let mut t = opened(home.path(), &vars, &["open", "build.log"]);
    t.wait_text("three");
    t.send("|\r");
    t.wait_text("[paged]");
    assert!(shows(t.screen(), "API_TOKEN=[redacted]"), "{}", t.screen().contents());
    t.send("\r");
    t.wait_text(GO_BACK);
    t.send("\r");
    t.wait("the screen again", |s| s.alternate_screen() && shows(s, "q quit"));
    t.send("S~/saved here.log\r");
    t.wait_text("Saved 3 lines");
    t.send("q");
    is_restored(&t.end());
    let saved = std::fs::read_to_string(home.path().join("saved here.log")).unwrap();
    assert_eq!(saved, "one\nAPI_TOKEN=[redacted]\nthree\n");
}

/// What stays below the output of a program that printed and ended.
const GO_BACK: &str = "Press a key to go back";

#[test]
fn what_a_program_prints_stays_until_a_key() {
    let home = home();
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    let counts = stand_in(home.path(), "counts", "wc -l; exit 3");
    let raw = stand_in(home.path(), "raw", "stty raw -echo </dev/tty; printf 'a\\nb\\n'");
    let sleeps = stand_in(home.path(), "sleeps", "echo [sleeping]; exec sleep 60");
    for (program, prints, says) in [
        (&counts, "2", "counts ended with status 3"),
        (&raw, "a\n b", "q quit"),
        (&sleeps, "[sleeping]", "was ended by signal 2"),
    ] {
        for key in ["x", "\x1b[A", "\x03"] {
            let mut t = Terminal::start(&["open", "build.log"], home.path(), 24, 80);
            t.wait_text("two");
            t.send(&format!(":pipe {}\r", program.display()));
            if program == &sleeps {
                t.wait_text("[sleeping]");
                // The program's; not the end of us, and no key to go back by.
                t.send("\x03");
            }
            t.wait("the output", |s| {
                !s.alternate_screen() && shows(s, prints) && shows(s, GO_BACK)
            });
            t.send(key);
            t.wait("the screen again", |s| {
                s.alternate_screen() && s.contents().replace('\n', "").contains(says)
            });
            t.send("q");
            let ended = t.end();
            is_restored(&ended);
            assert_eq!(ended.code, 0);
            assert!(!shows(&ended.screen, GO_BACK), "{}", ended.screen.contents());
        }
    }
}

#[test]
fn a_program_that_took_the_keys_is_not_waited_for_twice() {
    let home = home();
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    // As a pager does: a key at a time, from a person who reads first.
    let script = r#"exec </dev/tty; old=$(stty -g); stty -icanon -echo
        sleep 0.5; echo "[paging]"; dd bs=1 count=1 2>/dev/null; stty "$old""#;
    let pages = stand_in(home.path(), "pages", script);
    let vars = [("PAGER", pages.to_str().unwrap())];
    for typed in ["|\r".to_owned(), format!(":pipe {}\r", pages.display())] {
        let mut t = opened(home.path(), &vars, &["open", "build.log"]);
        t.wait_text("two");
        t.send(&typed);
        t.wait_text("[paging]");
        t.send("q");
        t.wait("the screen again", |s| s.alternate_screen() && shows(s, "q quit"));
        t.send("q");
        let ended = t.end();
        is_restored(&ended);
        assert!(!String::from_utf8_lossy(&ended.raw).contains(GO_BACK));
    }
}

#[test]
fn a_wait_for_a_key_ends_with_a_signal_and_with_the_terminal() {
    let home = home();
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    let waiting = || {
        let mut t = Terminal::start(&["open", "build.log"], home.path(), 24, 80);
        t.wait_text("two");
        t.send(":pipe wc -l\r");
        t.wait_text(GO_BACK);
        t
    };
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let t = waiting();
        kill_process(t.pid(), signal).unwrap();
        let ended = t.end();
        is_restored(&ended);
        assert_eq!(ended.code, code, "{signal:?}");
    }
    assert_eq!(waiting().close(), 129);
    // What the keyboard sends is as good as a key.
    let mut t = waiting();
    kill_process(t.pid(), Signal::INT).unwrap();
    t.wait("the screen again", |s| s.alternate_screen() && shows(s, "q quit"));
    t.send("q");
    assert_eq!(t.end().code, 0);
}

#[test]
fn a_copy_reaches_the_terminal_and_the_desktop() {
    let home = home();
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    let bin = home.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    stand_in(&bin, "wl-copy", r#"cat > "$HOME/clipboard""#);
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let vars = [("WAYLAND_DISPLAY", "wayland-0"), ("PATH", &path)];
    let mut t = opened(home.path(), &vars, &["open", "build.log"]);
    t.wait_text("two");
    t.send("vjy");
    t.wait_text("Copied 2 lines (8 B) by wl-copy and the terminal (OSC 52)");
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert!(String::from_utf8_lossy(&ended.raw).contains("\x1b]52;c;b25lCnR3bwo=\x07"));
    assert_eq!(std::fs::read_to_string(home.path().join("clipboard")).unwrap(), "one\ntwo\n");
}

#[test]
fn what_is_pasted_is_text_and_no_keys() {
    let home = home();
    let log = corpus("apt-portaudio-name.log");
    let mut t = Terminal::start(&["open", log.to_str().unwrap()], home.path(), 24, 80);
    t.wait_text("✗ apt has no package");
    // Outside of a prompt a paste does nothing, whatever is in it.
    t.send("\x1b[200~qqq\x1b[201~");
    t.send("/\x1b[200~portaudio\nq\x1b[201~");
    t.wait("the search", |s| last_row(s).starts_with(" /portaudio"));
    t.send("\r");
    t.wait("a match", |s| shows(s, "portaudio-dev") && !last_row(s).contains("/portaudio"));
    t.send("S\x1b[200~name\x1b[31m.log\x1b[201~");
    t.wait("the name", |s| last_row(s).starts_with(" save to name"));
    t.send("\x1b");
    t.wait("no question", |s| !shows(s, "save to"));
    t.send("q");
    is_restored(&t.end());
    assert_eq!(
        std::fs::read_dir(home.path())
            .unwrap()
            .filter(|e| { e.as_ref().unwrap().file_name().to_string_lossy().contains("name") })
            .count(),
        0
    );
}

#[test]
fn from_one_cell_to_four_hundred_columns() {
    let home = home();
    let mut t = Terminal::start(&["demo", "--speed", "20"], home.path(), 100, 400);
    t.wait("the end of the build", |s| shows(s, "✗ failed") && shows(s, "97 lines"));
    for (rows, cols) in [(1, 1), (100, 400), (1, 400), (100, 1), (2, 2)] {
        t.resize(rows, cols);
        t.send("vjjvpwMMkTT");
    }
    t.resize(100, 400);
    t.send("G");
    t.wait("the whole picture", |s| {
        shows(s, "✗ failed") && s.rows(0, 400).last().unwrap().contains("q quit")
    });
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(ended.code, 1);
}

/// A size that no memory would hold a picture of.
#[test]
fn a_terminal_that_calls_itself_immense_is_drawn_on_in_part() {
    let home = home();
    let mut t = Terminal::start(&["demo", "--speed", "20"], home.path(), 24, 80);
    t.wait_text("q quit");
    t.claim(u16::MAX, u16::MAX);
    t.wait_sent("\x1b[1000");
    t.send("vjjvpwMMkTT");
    t.resize(24, 80);
    t.send("G");
    t.wait("the picture", |s| last_row(s).contains("q quit"));
    t.send("q");
    is_restored(&t.end());
}

#[test]
fn the_first_start_says_two_lines_once() {
    let home = home();
    std::fs::write(home.path().join("build.log"), "one\ntwo\n").unwrap();
    let hint = "This is said once";
    let mut t = Terminal::start(&["open", "build.log"], home.path(), 24, 80);
    t.wait("the hint", |s| shows(s, "two") && shows(s, hint) && shows(s, "/ searches"));
    assert!(!shows(t.screen(), "why it failed"), "{}", t.screen().contents());
    assert!(!shows(t.screen(), "the next pane"), "{}", t.screen().contents());
    t.send("j");
    t.wait("no hint", |s| shows(s, "two") && !shows(s, hint));
    t.send("q");
    is_restored(&t.end());
    let mut t = Terminal::start(&["open", "build.log"], home.path(), 24, 80);
    t.wait_text("two");
    t.send("/tw");
    t.wait("a match", |s| last_row(s).contains("1/1"));
    assert!(!shows(t.screen(), hint));
    t.send("\r");
    t.wait("the search kept", |s| last_row(s).contains("q quit"));
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert!(!String::from_utf8_lossy(&ended.raw).contains(hint));
}

#[test]
fn what_is_said_once_is_said_in_full_and_fits_the_log() {
    for (log, cols, says, says_not) in [
        ("apt-portaudio-name.log", 80, &["c shows why it failed", "] the next step"][..], "…"),
        ("apt-portaudio-name.log", 40, &["c shows why it failed", "? lists all keys"], "…"),
        ("ok-uv-sync.log", 80, &["/ searches", "] the next step"], "why it failed"),
    ] {
        let home = home();
        let log = corpus(log);
        let mut t = Terminal::start(&["open", log.to_str().unwrap()], home.path(), 24, cols);
        let rows = |s: &Screen| {
            let rows: Vec<String> = s.rows(0, cols).collect();
            let last = rows.iter().position(|row| row.contains("said once"))?;
            Some(rows[last - 1..=last].join("\n"))
        };
        t.wait("the hint", |s| {
            rows(s).is_some_and(|rows| {
                says.iter().all(|words| rows.contains(words)) && !rows.contains(says_not)
            })
        });
        t.send("q");
        is_restored(&t.end());
    }
}

#[test]
fn sizes_of_panes_are_remembered() {
    let home = home();
    let log = corpus("apt-portaudio-name.log");
    let head = |s: &Screen| {
        let (_, cols) = s.size();
        s.rows(0, cols).position(|row| row.contains("Findings 1"))
    };
    let start = || Terminal::start(&["open", log.to_str().unwrap()], home.path(), 40, 120);
    let mut t = start();
    t.wait("the panels", |s| head(s).is_some() && shows(s, "This is said once"));
    t.send("g");
    t.wait("no hint", |s| !shows(s, "This is said once"));
    let before = head(t.screen()).unwrap();
    // Ctrl-Up, twice.
    t.send("\x1b[1;5A\x1b[1;5A");
    t.wait("higher panels", |s| head(s).is_some_and(|row| row + 4 == before));
    t.send("q");
    is_restored(&t.end());
    let mut t = start();
    t.wait("the same panels", |s| head(s).is_some_and(|row| row + 4 == before));
    t.send("q");
    is_restored(&t.end());
}

/// What asks a terminal for its background.
const ASKS: &str = "\x1b]11;?\x07";

/// The ground of the bar at the top.
fn bar(screen: &Screen) -> vt100::Color {
    screen.cell(0, 0).expect("a cell").bgcolor()
}

#[test]
fn a_terminal_that_says_it_is_light_gets_the_light_theme() {
    let home = home();
    let log = corpus("apt-portaudio-name.log");
    let args = ["open", log.to_str().unwrap()];
    let grounds = ["dark", "light"].map(|theme| {
        let mut t = opened(home.path(), &[("BUILDCAT_THEME", theme)], &args);
        t.wait_text("✗ apt has no package");
        let ground = bar(t.screen());
        t.send("q");
        assert!(!String::from_utf8_lossy(&t.end().raw).contains(ASKS), "{theme}");
        ground
    });
    let [dark, light] = grounds;
    assert_ne!(dark, light);
    for pieces in [
        &["\x1b]11;rgb:fafa/fafa/fafa\x07"][..],
        &["\x1b]11;rgb:ffff/ffff/ffff\x1b\\"],
        &["\x1b]1", "1;rgb:ff/", "ff/ff", "\x1b\\"],
        // In the midst of what is typed.
        &["jj\x1b]11;rgb:ffff/ffff/ffff\x07jj"],
        &["jj", "\x1b]11;rgb:ff", "ff/ffff/ffff\x1b\\jj"],
    ] {
        let mut t = opened(home.path(), &[], &args);
        t.wait_sent(ASKS);
        pieces.iter().for_each(|piece| t.send(piece));
        t.wait("the light theme", |s| bar(s) == light);
        let typed = pieces.concat().matches('j').count();
        t.wait(&format!("{typed} lines down"), |s| shows(s, &format!("line {}", typed + 1)));
        t.wait_text("✗ apt has no package");
        t.send("q");
        assert_eq!(t.end().code, 1, "{pieces:?}");
    }
    // One that says it is dark, and one that says nothing and is typed to.
    for answer in ["\x1b]11;rgb:1e1e/1e1e/1e1e\x07", ""] {
        let mut t = opened(home.path(), &[], &args);
        t.wait_sent(ASKS);
        t.send(answer);
        t.send("j\x1b]jj");
        t.wait_text("line 4");
        t.wait_text("✗ apt has no package");
        assert_eq!(bar(t.screen()), dark, "{answer:?}");
        t.send("q");
        assert_eq!(t.end().code, 1);
    }
}

#[test]
fn terminals_that_would_not_understand_are_not_asked() {
    let home = home();
    let log = corpus("apt-portaudio-name.log");
    let args = ["open", log.to_str().unwrap()];
    for vars in [[("TERM", "linux")], [("TERM", "screen-256color")], [("NO_COLOR", "1")]] {
        let mut t = opened(home.path(), &vars, &args);
        t.wait_text("✗ apt has no package");
        t.send("q");
        assert!(!String::from_utf8_lossy(&t.end().raw).contains(ASKS), "{vars:?}");
    }
}
