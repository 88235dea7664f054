//! A panic, wherever it happens: the terminal comes back, or the screen goes
//! on and says that something is gone.
//!
//! Nothing in the program panics on purpose, so the screen runs in this test's
//! own executable, started anew in a pseudo-terminal, beside something that
//! does.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

// Other tests use the rest of it.
#[allow(dead_code)]
#[path = "support/pty.rs"]
mod pty;

use std::sync::Arc;
use std::time::Instant;

use buildcat::app::{Ending, Model, Now, Options, Subject};
use buildcat::diagnose::Rules;
use buildcat::domain::{FeedCommand, FeedEvent, Patch};
use buildcat::keymap::Keymap;
use buildcat::log::Log;
use buildcat::theme::{Depth, Styles, Theme};
use buildcat::{runtime, source};
use pty::{Ended, Terminal, command};

/// Names what the executable is to do when it is started by a test.
const ROLE: &str = "BUILDCAT_TEST_ROLE";

/// What a panic of these tests says.
const LAST_WORDS: &str = "the floor gave way";

/// Starts this executable as `role`.
fn start(role: &str, home: &std::path::Path) -> Terminal {
    let exe = std::env::current_exe().unwrap();
    let args = ["--exact", "the_screen_beside_a_panic", "--ignored", "--nocapture"];
    let mut command = command(exe, &args, home);
    command.env(ROLE, role);
    Terminal::spawn(command, 24, 80)
}

fn model() -> Model {
    Model::new(
        Subject::Build(None),
        Log::new(Arc::new(Rules::builtin())),
        Options::default(),
        Keymap::default(),
        Styles::new(&Theme::default(), Depth::True),
        Now { instant: Instant::now(), wall: jiff::Timestamp::now() },
    )
}

/// The part that runs in the pseudo-terminal. `r` makes the panic happen.
#[test]
#[ignore = "the other tests start it, in a terminal"]
fn the_screen_beside_a_panic() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let threads =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (feed, mut port) = source::channel();
    let (told, asked) = tokio::sync::oneshot::channel::<()>();
    let in_source = role == "source";
    threads.spawn(async move {
        let line = FeedEvent::Log(Patch::text("all is well so far\n"));
        port.events.send(line).await.unwrap();
        while let Some(command) = port.commands.recv().await {
            match command {
                FeedCommand::Refresh if in_source => panic!("{LAST_WORDS}"),
                FeedCommand::Refresh => break,
                _ => {}
            }
        }
        told.send(()).unwrap();
        port.events.closed().await;
    });
    let outcome = threads.block_on(async {
        tokio::select! {
            outcome = runtime::run(model(), feed) => outcome.unwrap(),
            Ok(()) = asked => match role.as_str() {
                "screen" => panic!("{LAST_WORDS}"),
                _ => unreachable!("the source of {role} ended"),
            },
        }
    });
    assert!(matches!(outcome.ending, Ending::Quit), "{:?}", outcome.ending);
    println!("left by hand");
}

/// Where a text stands last in what was sent.
fn last(ended: &Ended, text: &str) -> Option<usize> {
    String::from_utf8_lossy(&ended.raw).rfind(text)
}

/// Checks that the modes of the screen are all off.
fn is_restored(ended: &Ended) {
    assert!(!ended.screen.alternate_screen(), "the alternate screen is left");
    assert!(!ended.screen.hide_cursor(), "the cursor is back");
    assert!(!ended.screen.bracketed_paste(), "bracketed paste is off");
    assert_eq!(ended.screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

#[test]
fn a_panic_of_the_screen_gives_the_terminal_back_and_is_told_after_that() {
    let home = tempfile::tempdir().unwrap();
    let mut t = start("screen", home.path());
    t.wait_text("all is well so far");
    assert!(t.screen().alternate_screen());
    t.send("r");
    let ended = t.end();
    is_restored(&ended);
    assert!(last(&ended, LAST_WORDS) > last(&ended, "\x1b[?1049l"), "told where it stays");
    assert!(ended.screen.contents().contains(LAST_WORDS));
    // A raw terminal would have left each line where the one before ended.
    let rows: Vec<String> = ended.screen.rows(0, 80).collect();
    assert!(rows.iter().any(|row| row.starts_with(LAST_WORDS)), "{rows:#?}");
    assert_ne!(ended.code, 0);
}

#[test]
fn a_panic_in_a_task_leaves_the_screen_and_says_that_nothing_more_comes() {
    let home = tempfile::tempdir().unwrap();
    let mut t = start("source", home.path());
    t.wait_text("all is well so far");
    t.send("r");
    t.wait_text("Reading the log crashed; quit and start again");
    assert!(t.screen().alternate_screen());
    assert!(t.screen().contents().contains("all is well so far"), "what was read stays");
    // Keys still work.
    t.send("?");
    t.wait_text("one line down");
    t.send("\x1b");
    t.wait_text("all is well so far");
    t.send("q");
    let ended = t.end();
    is_restored(&ended);
    assert_eq!(last(&ended, LAST_WORDS), None, "nothing is smeared over the picture");
    assert!(ended.screen.contents().contains("left by hand"));
    assert_eq!(ended.code, 0);
}
