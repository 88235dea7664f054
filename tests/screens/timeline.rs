//! The timeline: real parallel logs, a running build, times of arrival.

use std::time::Duration;

use buildcat::app::{Message, Model, Now, Options, Pane, Subject};
use buildcat::domain::{BuildStatus, FeedEvent, LineNo, Patch};
use buildcat::parse::Parser;
use buildcat::parse::history::{History, Run};
use buildcat::runtime::host::Host;

use crate::harness::*;

const PARALLEL: &str = "mix-parallel-error-noise";

fn saved(width: u16, height: u16, name: &str, script: &str) -> String {
    let subject = Subject::Text { name: format!("{name}.log") };
    let options = Options { follow: false, ..Default::default() };
    let feed = vec![log(name), FeedEvent::End];
    text(run(model_of(subject, options), width, height, feed, script).0.buffer())
}

fn picture_of(model: &Model, width: u16, height: u16) -> String {
    let mut host = Memory::new(width, height);
    host.draw(model).unwrap();
    text(host.buffer())
}

#[test]
fn steps_are_bars_on_one_axis() {
    for (width, height) in [(80, 24), (120, 40), (200, 50), (20, 5)] {
        let shown = saved(width, height, PARALLEL, "T");
        insta::assert_snapshot!(format!("timeline_{width}x{height}"), shown);
    }
    insta::assert_snapshot!("timeline_platforms_120x40", saved(120, 40, "multiplat-exec", "T"));
}

#[test]
fn the_timeline_takes_the_logs_place_and_gives_it_back() {
    let before = saved(120, 40, PARALLEL, "}jj");
    let shown = saved(120, 40, PARALLEL, "}jjT");
    assert!(shown.contains("▸Timeline 11") && !shown.contains("─ Steps"), "{shown}");
    assert_eq!(saved(120, 40, PARALLEL, "}jjT<esc>"), before);
    assert_eq!(saved(120, 40, PARALLEL, "}jjTT"), before);
    assert_eq!(saved(120, 40, PARALLEL, "}jjTjjkG<esc>"), before);
    // The selection begins at the failed step, and leads to it.
    assert_eq!(saved(120, 40, PARALLEL, "T<enter>"), saved(120, 40, PARALLEL, "}"));
    let row = shown.lines().find(|row| row.contains('›')).unwrap();
    assert!(row.contains("✗ deps 4/4 RUN sleep 2"), "{shown}");
    let first = saved(120, 40, PARALLEL, "Tg");
    assert!(
        first.lines().any(|row| row.contains("›✓ [internal] load build definition")),
        "{first}"
    );
    let none = saved(80, 24, "cmd-no-daemon", "T");
    assert!(none.contains("No steps"), "{none}");
}

#[test]
fn the_keys_of_other_panes_lead_to_them() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        for (key, title) in [("s", "▸Steps"), ("x", "▸Findings"), ("i", "▸Detail")] {
            let shown = saved(width, height, PARALLEL, &format!("T{key}"));
            assert!(shown.contains(title) && !shown.contains("Timeline"), "{key}\n{shown}");
            let back = saved(width, height, PARALLEL, &format!("}}jjT{key}<esc>"));
            let line = |shown: &str| shown.lines().find(|row| row.contains('›')).map(str::to_owned);
            assert_eq!(line(&back), line(&saved(width, height, PARALLEL, "}jj")), "{key}\n{back}");
        }
    }
    // Back is where one was, and that is what is said.
    let shown = saved(80, 24, PARALLEL, "xT");
    assert!(shown.contains("Esc back") && !shown.contains("to the log"), "{shown}");
    assert_eq!(saved(80, 24, PARALLEL, "xT<esc>"), saved(80, 24, PARALLEL, "x"));
}

#[test]
fn states_are_told_apart_without_colours() {
    let shown = saved(120, 40, PARALLEL, "T");
    let row = |words: &str| shown.lines().find(|row| row.contains(words)).unwrap();
    assert!(row("checks 4/4 RUN").contains("╌╌╌╌-"), "{shown}");
    assert!(row("deps 4/4 RUN").contains("━━━✗"), "{shown}");
    assert!(row("deps 1/4 FROM").contains("cached"), "{shown}");
    // Both worked at once: their strokes share columns.
    let columns = |row: &str| {
        let at = |c: char| row.chars().position(|x| x == c);
        (at('╌').or(at('━')).unwrap(), at('-').or(at('✗')).unwrap().max(60))
    };
    let (a, b) = (columns(row("checks 4/4 RUN")), columns(row("deps 4/4 RUN")));
    assert!(a.0 <= b.1 && b.0 <= a.1);
    assert!(row("deps 4/4 RUN").contains('◆') && !row("checks 4/4 RUN").contains('◆'), "{shown}");
    for part in ["before docker 0.6s", "docker 4.3s", "after 0.1s", "◆ critical path", "longest"]
    {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}

#[test]
fn a_running_step_reaches_to_now() {
    let feed = vec![build(BuildStatus::Building), log("hang-server-run")];
    let (host, outcome) = run(model(), 120, 40, feed, "T");
    let shown = text(host.buffer());
    assert_eq!(outcome.model.panes.focus, Pane::Timeline);
    let row = shown.lines().find(|row| row.contains("RUN python server.py")).unwrap();
    assert!(row.contains("╍") && row.contains("▸ "), "{shown}");
    // A second later the clock has moved on, and wakes the screen for it.
    let mut model = outcome.model;
    let later = Now {
        instant: model.now.instant + Duration::from_secs(1),
        wall: model.now.wall + Duration::from_secs(1),
    };
    model.dirty = false;
    tell(&mut model, vec![Message::Now(later)]);
    assert!(model.dirty);
    assert_ne!(picture_of(&model, 120, 40), shown);
}

#[test]
fn times_of_arrival_stand_in_and_say_so() {
    let mut model = model_of(Subject::Text { name: "standard input".into() }, Options::default());
    let start = model.now;
    let at = |seconds: u64| Now {
        instant: start.instant + Duration::from_secs(seconds),
        wall: start.wall + Duration::from_secs(seconds),
    };
    let part = |text: &str| Message::Feed(FeedEvent::Log(Patch::text(text)));
    tell(
        &mut model,
        vec![
            Message::Resize(120, 40),
            part("Step 1/3 : FROM python:3.12\n ---> 54dc11f2e8d4\n"),
            Message::Now(at(2)),
            part("Step 2/3 : RUN make\n ---> Running in aaaaaaaaaaaa\n"),
            Message::Now(at(40)),
            part(" ---> 54dc11f2e8d5\nStep 3/3 : RUN make test\n ---> Running in bbbbbbbbbbbb\n"),
            Message::Now(at(60)),
        ],
    );
    let key = keys("T").remove(0);
    let crossterm::event::Event::Key(key) = key else { unreachable!() };
    tell(&mut model, vec![Message::Key(key)]);
    let shown = picture_of(&model, 120, 40);
    insta::assert_snapshot!("timeline_arrival_120x40", shown);
    assert!(shown.contains("~ by when lines arrived; the log tells no times"), "{shown}");
    let row = shown.lines().find(|row| row.contains("2/3 RUN make ")).unwrap();
    assert!(row.contains("~38s"), "{shown}");
    // Read from a file there is nothing to go by, and nothing is made up.
    let file = saved(120, 40, "black-check", "T");
    assert!(file.contains("the log tells no times") && file.contains("no times"), "{file}");
    assert!(!file.contains('━'), "{file}");
}

#[test]
fn no_size_breaks_the_timeline() {
    for (width, height) in [(16, 4), (17, 5), (24, 6), (40, 8), (49, 10), (50, 11), (400, 100)] {
        saved(width, height, PARALLEL, "TGgjjj");
        saved(width, height, "black-check", "TG");
    }
}

#[test]
fn what_is_left_is_told_by_earlier_builds_of_the_same_dockerfile() {
    let build_log = |end: &str| {
        format!(
            "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.1s\n\n\
             #2 [1/3] FROM x@sha256:aa\n#2 CACHED\n\n#3 [2/3] COPY . .\n#3 DONE 1.0s\n\n\
             #4 [3/3] RUN make\n{end}"
        )
    };
    let done = |seconds: u32| {
        let end = format!("#4 DONE {seconds}.0s\n\n#5 exporting to image\n#5 DONE 4.0s\n");
        let mut parser = Parser::new();
        for (at, line) in build_log(&end).lines().enumerate() {
            parser.line(LineNo::new(at as u32), line);
        }
        Run::of(parser.tree()).unwrap()
    };
    let mut history = History::default();
    for seconds in [70, 40, 400] {
        assert!(history.add(done(seconds)));
    }
    let shown = |past: Vec<History>, log: &str| {
        let subject = Subject::Text { name: "standard input".into() };
        let mut model = model_of(subject, Options::default());
        let start = model.now;
        let later = Now {
            instant: start.instant + Duration::from_secs(5),
            wall: start.wall + Duration::from_secs(5),
        };
        let log = Message::Feed(FeedEvent::Log(Patch::text(log)));
        let past = Message::Past(past);
        tell(&mut model, vec![Message::Resize(120, 40), past, log, Message::Now(later)]);
        picture_of(&model, 120, 40)
    };
    // Received five seconds ago: 65 of the median's 70 are left, and the export.
    let running = build_log("#4 0.100 cc\n");
    let told = shown(vec![history.clone()], &running);
    assert!(told.contains("about 1m 10s left"), "{told}");
    assert!(!shown(Vec::new(), &running).contains("left"));
    let other = running.replace("RUN make", "RUN other");
    assert!(!shown(vec![history], &other).contains("left"));
}

/// The clock here tells nothing of a log of another day.
#[test]
fn a_replayed_log_has_no_times_of_arrival() {
    let subject = Subject::Text { name: "standard input".into() };
    let times = |day: &str| {
        let lines = format!(
            "[Container] {day}:00:00.100000 Entering phase BUILD\nplain\n#1 [1/2] FROM a\n"
        );
        let feed = vec![FeedEvent::Log(Patch::text(lines)), FeedEvent::End];
        let model = model_of(subject.clone(), Options::default());
        text(run(model, 120, 24, feed, "t").0.buffer())
    };
    let today = times("2026/11/24 12");
    assert!(today.contains("~12:00:00 plain"), "{today}");
    let another = times("2026/11/20 12");
    assert!(another.contains("12:00:00 [Container]") && !another.contains('~'), "{another}");
}
