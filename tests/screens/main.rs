//! Whole screens: a script of reports and keys, and the picture it gives.

#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod ahead;
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod drag;
mod filter;
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod find;
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod harness;
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]
mod hidden;
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod keep;
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod steps;
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on fails")]
mod take;
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod timeline;

use buildcat::app::{self, Ending, ItemNo, Message, Model, Now, Options, Subject};
use buildcat::domain::{BuildStatus, FeedEvent, Health, LineNo, Patch, Piece, Problem};
use buildcat::runtime::Host;
use buildcat::theme::Background;
use crossterm::event::{Event, KeyCode};
use harness::*;

fn failed() -> Vec<FeedEvent> {
    vec![
        build(BuildStatus::Building),
        log("apt-portaudio-name"),
        build(BuildStatus::Failed),
        FeedEvent::End,
    ]
}

fn running() -> Vec<FeedEvent> {
    vec![build(BuildStatus::Building), log("apt-portaudio-name")]
}

/// A log of `n` lines that say their number.
fn numbered(n: usize) -> FeedEvent {
    let text: String = (1..=n).map(|i| format!("this is line {i}\n")).collect();
    FeedEvent::Log(Patch::text(text))
}

fn screen(width: u16, height: u16, feed: Vec<FeedEvent>, script: &str) -> String {
    text(run(model(), width, height, feed, script).0.buffer())
}

fn line_at(model: &Model, item: ItemNo) -> LineNo {
    model.item(item).unwrap().line()
}

/// A terminal may say what its background is after the first picture.
#[test]
fn another_theme_is_drawn_all_over() {
    let mut model = model_of(Subject::Build(None), Options { adapts: true, ..Options::default() });
    let mut host = Memory::new(80, 24);
    tell(&mut model, vec![Message::Resize(80, 24), Message::Feed(numbered(9))]);
    host.draw(&model).unwrap();
    tell(&mut model, vec![Message::Background(Background::Light)]);
    host.draw(&model).unwrap();
}

#[test]
fn a_failed_build() {
    for (width, height) in [(80, 24), (120, 40), (20, 5)] {
        let (host, _) = run(model(), width, height, failed(), "");
        insta::assert_snapshot!(format!("failed_{width}x{height}"), picture(&host));
    }
}

#[test]
fn the_cursor_shows_where_no_numbers_fit() {
    let options = Options { follow: false, ..Options::default() };
    let first = |script: &str| {
        let subject = Subject::Text { name: "x.log".into() };
        let (host, _) =
            run(model_of(subject, options.clone()), 30, 8, vec![log("pip-hash-mismatch")], script);
        let shown = text(host.buffer());
        let columns = |row: &str| row.chars().take(3).collect::<String>();
        shown
            .lines()
            .take(6)
            .map(columns)
            .filter(|row| row.contains(['›', '◆', '◈']))
            .collect::<Vec<_>>()
    };
    assert_eq!(first(""), [" ›["]);
    assert_eq!(first("m"), [" ◈["]);
    // Beside the sign of the line's kind.
    let cause = first("c");
    assert!(cause.iter().any(|row| row.starts_with("▶›")), "{cause:?}");
    assert_eq!(first("jjkjc").len(), 1);
}

#[test]
fn the_cause_is_a_key_away() {
    let (host, _) = run(model(), 80, 24, failed(), "c");
    insta::assert_snapshot!("cause_80x24", picture(&host));
}

#[test]
fn a_running_build_is_followed() {
    let (host, _) = run(model(), 80, 24, running(), "");
    insta::assert_snapshot!("running_80x24", picture(&host));
}

#[test]
fn a_search_shows_its_matches() {
    let (host, _) = run(model(), 80, 24, failed(), "/portaudio");
    insta::assert_snapshot!("search_80x24", picture(&host));
}

#[test]
fn help_lists_the_keys() {
    for (width, height) in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(
            format!("help_{width}x{height}"),
            screen(width, height, failed(), "?")
        );
    }
}

#[test]
fn waiting_is_said_in_words() {
    let mut pending = vec![build(BuildStatus::Pending)];
    if let FeedEvent::Build(build) = &mut pending[0] {
        build.created_at = Some("2026-11-24T11:59:48Z".parse().unwrap());
    }
    let shown = screen(80, 24, pending, "");
    assert!(shown.contains("The build has been pending for 12s."), "{shown}");
    assert!(shown.contains("waiting 0:12"), "{shown}");

    let refused = FeedEvent::Health(Health::Stopped {
        why: Problem {
            brief: "no credentials".into(),
            sentence: "No API key was found. Set PIPECAT_API_KEY to a private key.\n\
                       Without an account, `buildcat demo` plays a simulated build."
                .into(),
        },
    });
    let shown = screen(80, 24, vec![refused], "");
    for part in ["No credentials", "Set PIPECAT_API_KEY", "buildcat demo", "r tries again"] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
}

/// A page that ends in the middle of a sentence would be taken for all of it.
#[test]
fn a_page_without_room_says_that_there_is_more() {
    let sentence = "Asked api.example.com for the list of builds: no connection: connection \
                    refused. Check the network connection, and --api-host if you set it.";
    let why = Problem { brief: "no connection".into(), sentence: sentence.into() };
    let stopped = || vec![FeedEvent::Health(Health::Stopped { why: why.clone() })];
    let words = |shown: &str| shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&screen(40, 12, stopped(), "")).contains(sentence));
    let low = screen(40, 6, stopped(), "");
    assert!(low.contains("…\n"), "{low}");
}

#[test]
fn before_the_first_line_there_is_no_step_to_look_at() {
    for key in ["<enter>", "z"] {
        let shown = screen(80, 24, vec![build(BuildStatus::Pending)], key);
        assert!(shown.contains("There are no lines yet"), "{shown}");
    }
}

#[test]
fn no_size_breaks_the_screen() {
    for (width, height) in [(0, 0), (1, 1), (2, 1), (1, 30), (16, 4), (17, 5), (400, 100)] {
        for script in ["", "?", "/a", "cw", "kkkllll"] {
            run(model(), width, height, failed(), script);
        }
    }
    assert_eq!(screen(10, 3, failed(), ""), "too small\n\n\n");
}

#[test]
fn a_screen_that_shrinks_takes_its_cursor_along() {
    let mut model = model();
    tell(&mut model, vec![Message::Resize(80, 24), Message::Feed(numbered(100))]);
    let input = keys("20G").into_iter().map(|event| match event {
        Event::Key(key) => Message::Key(key),
        _ => unreachable!(),
    });
    tell(&mut model, input.collect());
    let line = model.cursor_line();
    for (width, height) in [(80, 8), (1, 1), (20, 6), (80, 24)] {
        tell(&mut model, vec![Message::Resize(width, height)]);
        assert_eq!(model.cursor_line(), line, "{width}x{height}");
    }
    let (host, _) = run(model, 80, 24, vec![], "");
    assert!(text(host.buffer()).contains("line 20"), "{}", text(host.buffer()));
}

#[test]
fn going_up_pauses_and_says_what_came_since() {
    let mut model = model();
    tell(&mut model, vec![Message::Resize(80, 24), Message::Feed(numbered(100))]);
    let key = |k: &str| {
        Message::Key(match keys(k).remove(0) {
            Event::Key(key) => key,
            _ => unreachable!(),
        })
    };
    tell(&mut model, vec![key("k")]);
    let top = model.scroll.top;
    tell(&mut model, vec![Message::Feed(numbered(12))]);
    assert_eq!(model.scroll.top, top);
    let (host, _) = run(model, 80, 24, vec![], "");
    assert!(text(host.buffer()).contains("paused, 12 new lines"), "{}", text(host.buffer()));
}

#[test]
fn what_filters_show_anew_did_not_come_since() {
    let text_after = |script: &str, more: FeedEvent| {
        let mut model = model();
        let many = (1..=60_000).map(|i| format!("this is line number {i}\n")).collect::<String>();
        tell(
            &mut model,
            vec![Message::Resize(80, 24), Message::Feed(FeedEvent::Log(Patch::text(many)))],
        );
        let (_, outcome) = run(model, 80, 24, vec![], script);
        let (host, _) = run(outcome.model, 80, 24, vec![more], "");
        text(host.buffer())
    };
    let none = || FeedEvent::Log(Patch::text(""));
    for script in ["k&7<enter>", "g&7<enter>", "g&7<enter>&<enter>", "g!7<enter>", "g&7<enter>+"] {
        let shown = text_after(script, none());
        assert!(shown.contains("paused") && !shown.contains("new line"), "{script}: {shown}");
    }
    // Of what comes then, what is shown counts.
    let more = || FeedEvent::Log(Patch::text("line 7\nline 8\nline 77\nline 9\n"));
    let shown = text_after("k&7<enter>", more());
    assert!(shown.contains("paused, 2 new lines"), "{shown}");
    let shown = text_after("k", more());
    assert!(shown.contains("paused, 4 new lines"), "{shown}");
}

#[test]
fn a_repair_above_leaves_the_reader_on_the_same_line() {
    let mut model = model();
    tell(&mut model, vec![Message::Resize(80, 24), Message::Feed(numbered(100))]);
    let key = |k: &str| {
        Message::Key(match keys(k).remove(0) {
            Event::Key(key) => key,
            _ => unreachable!(),
        })
    };
    tell(&mut model, vec![key("k"), key("k")]);
    let before = model.log.store().text(line_at(&model, model.scroll.top.item));
    let mut text = String::from("late\nlater\n");
    (11..=120).for_each(|i| text.push_str(&format!("this is line {i}\n")));
    let patch = Patch { keep: Some(10), append: vec![Piece::Text(text.into_bytes())] };
    tell(&mut model, vec![Message::Feed(FeedEvent::Log(patch))]);
    assert_eq!(model.log.store().text(line_at(&model, model.scroll.top.item)), before);
    assert_ne!(model.scroll.top.item, ItemNo::new(0));
}

#[test]
fn escape_from_a_search_goes_back_and_enter_stays() {
    // A build that failed shows its findings; the keys go back to them.
    let at_end = screen(80, 24, failed(), "");
    assert!(at_end.contains("─▸Findings 1 ─"), "{at_end}");
    assert_eq!(screen(80, 24, failed(), "/Entering phase PRE<esc>"), at_end);
    let kept = screen(80, 24, failed(), "/Entering phase PRE<enter>");
    assert!(kept.contains("Entering phase PRE_BUILD") && kept.contains("1/1"), "{kept}");
    assert_eq!(screen(80, 24, failed(), "/zzzz<esc>"), at_end);
    let broken = screen(80, 24, failed(), "/phase (");
    assert!(broken.contains("/phase (") && broken.contains("unclosed group at"), "{broken}");
}

#[test]
fn failures_are_walked_around() {
    let shown = screen(80, 24, failed(), "e");
    assert!(shown.contains("Failure 1 of"), "{shown}");
    let none = screen(80, 24, vec![numbered(5)], "e");
    assert!(none.contains("No failure lines so far"), "{none}");
}

#[test]
fn what_passed_has_no_failures_to_walk() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/scenarios/success-warnings.log");
    let passed = FeedEvent::Log(Patch::text(std::fs::read(path).unwrap()));
    let feed = || vec![passed.clone(), build(BuildStatus::Success), FeedEvent::End];
    let said = |script: &str| run(model(), 80, 24, feed(), script).1.model.answer;
    assert_eq!(said("e").as_deref(), Some("Evidence 1 of 1"));
    assert_eq!(said("c").as_deref(), Some("There is no cause: the build succeeded"));
}

/// A file may grow, but nobody waits for that once it has been read.
#[test]
fn a_log_that_has_been_read_has_nothing_so_far() {
    let path = format!("{}/tests/corpus/ok-push-min.log", env!("CARGO_MANIFEST_DIR"));
    let said = |script: &str| {
        let options = Options { follow: false, ..Options::default() };
        let mut model = model_of(Subject::Text { name: "x.log".into() }, options);
        let rules = std::sync::Arc::new(buildcat::diagnose::Rules::builtin());
        model.log = buildcat::log::Log::open(std::path::Path::new(&path), rules).unwrap();
        run(model, 80, 24, vec![], script).1.model.answer.unwrap_or_default()
    };
    let end = |script: &str, follow: bool| {
        let options = Options { follow: false, ..Options::default() };
        let mut model = model_of(Subject::Text { name: "x.log".into() }, options);
        let rules = std::sync::Arc::new(buildcat::diagnose::Rules::builtin());
        model.log = buildcat::log::Log::open(std::path::Path::new(&path), rules).unwrap();
        if follow {
            model.log.expect_more();
        }
        text(run(model, 80, 24, vec![], script).0.buffer())
    };
    // Its build is over: nothing is followed, unless one asked for that.
    assert!(end("G", false).contains("  end\n") && !end("G", false).contains("following"));
    assert!(!end("Gk", false).contains("paused") && !end("Gk", false).contains("f follow"));
    assert!(end("G", true).contains("▼ following"), "{}", end("G", true));
    assert_eq!(said("e"), "No failure lines");
    assert_eq!(said("x"), "No findings");
    assert_eq!(said("c"), "There is no cause: the build succeeded");
    assert_eq!(said("/zebra<enter>"), "No match for zebra");
}

#[test]
fn the_keys_of_less_move_as_in_less() {
    let at = |script: &str| run(model(), 80, 24, vec![numbered(100)], script).1.model.scroll;
    for (less, ours) in [("<ctrl-y>", "k"), ("g<ctrl-e><ctrl-e>", "gjj"), ("g>", "gG")] {
        assert_eq!(at(less), at(ours), "{less}");
    }
    // The script spells other keys in these.
    let mut host = Memory::new(80, 24);
    let first = Event::Key(crossterm::event::KeyEvent::from(KeyCode::Char('<')));
    let outcome = run_on(&mut host, model(), vec![numbered(100)], vec![first]);
    assert_eq!(outcome.model.scroll, at("g"));
}

#[test]
fn wrapping_shows_the_ends_of_long_lines() {
    let long = FeedEvent::Log(Patch::text(format!("{}END\n", "word ".repeat(40))));
    assert!(!screen(80, 24, vec![long.clone()], "").contains("END"));
    assert!(screen(80, 24, vec![long], "w").contains("END"));
}

#[test]
fn wrapping_keeps_the_cursor_on_its_line_and_row() {
    let row = |screen: &str| {
        let at = screen.lines().position(|line| line.contains("93›▶"));
        at.unwrap_or_else(|| panic!("no cursor on line 93 in\n{screen}"))
    };
    let cut = row(&screen(80, 24, failed(), "c"));
    assert_eq!(row(&screen(80, 24, failed(), "cw")), cut);
    assert_eq!(row(&screen(80, 24, failed(), "cww")), cut);
}

#[test]
fn any_batching_of_the_same_lines_gives_the_same_picture() {
    let FeedEvent::Log(patch) = log("apt-portaudio-name") else { unreachable!() };
    let [Piece::Text(bytes)] = &patch.append[..] else { unreachable!() };
    let whole = screen(80, 24, failed(), "c");
    for size in [700, 4096] {
        let mut feed = vec![build(BuildStatus::Building)];
        feed.extend(bytes.chunks(size).map(|part| FeedEvent::Log(Patch::text(part))));
        feed.extend([build(BuildStatus::Failed), FeedEvent::End]);
        assert_eq!(screen(80, 24, feed, "c"), whole, "in batches of {size}");
    }
}

#[test]
fn the_wheel_scrolls_and_a_click_puts_the_cursor() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mouse = |kind, row| {
        Event::Mouse(MouseEvent { kind, column: 10, row, modifiers: KeyModifiers::NONE })
    };
    let mut host = Memory::new(80, 24);
    let events = vec![
        mouse(MouseEventKind::ScrollUp, 5),
        mouse(MouseEventKind::Down(MouseButton::Left), 4),
        mouse(MouseEventKind::Moved, 9),
    ];
    let outcome = run_on(&mut host, model(), vec![numbered(100)], events);
    // 20 rows of log under two: 81 to 100, three up, and the third of them.
    assert_eq!(outcome.model.scroll.top.item, ItemNo::new(77));
    assert_eq!(outcome.model.scroll.cursor, ItemNo::new(79));
}

#[test]
fn the_clock_wakes_once_a_second_and_only_then() {
    let mut model = model();
    let start = model.now;
    let at = |ms: u64| {
        let instant = start.instant + std::time::Duration::from_millis(ms);
        let wall = start.wall + std::time::Duration::from_millis(ms);
        Message::Now(Now { instant, wall })
    };
    let answered = FeedEvent::Health(Health::Ok { at: start.instant });
    tell(&mut model, vec![Message::Feed(build(BuildStatus::Building)), Message::Feed(answered)]);
    model.dirty = false;
    tell(&mut model, vec![at(990)]);
    assert!(!model.dirty);
    let wait = buildcat::app::next_tick(&model).unwrap() - model.now.instant;
    assert!((10..15).contains(&wait.as_millis()), "{wait:?}");
    tell(&mut model, vec![at(1002)]);
    assert!(model.dirty);
    tell(
        &mut model,
        vec![Message::Feed(build(BuildStatus::Failed)), Message::Feed(FeedEvent::End)],
    );
    assert_eq!(buildcat::app::next_tick(&model), None);
}

#[test]
fn trouble_with_the_service_is_told_with_the_wait() {
    let at = std::time::Instant::now() + std::time::Duration::from_secs(3600);
    let why = Problem { brief: "503".into(), sentence: "The service answered 503.".into() };
    let retrying = FeedEvent::Health(Health::Retrying { at, failures: 2, why });
    let feed = vec![build(BuildStatus::Building), numbered(3), retrying];
    let shown = screen(80, 24, feed, "");
    assert!(
        shown.contains("retry in 3600s: 503") || shown.contains("retry in 3599s: 503"),
        "{shown}"
    );
}

/// What lasts is told in full, and what is done about it.
#[test]
fn a_trouble_that_lasts_is_told_in_a_sentence_until_it_is_over() {
    let at = std::time::Instant::now() + std::time::Duration::from_secs(3600);
    let why = Problem {
        brief: "refused (401)".into(),
        sentence: "api.example.com refused the key from PIPECAT_API_KEY (401: Invalid API key). \
                   Create a private key in the Pipecat Cloud dashboard under Settings › API Keys, \
                   and set PIPECAT_API_KEY to it."
            .into(),
    };
    let retrying =
        |failures| FeedEvent::Health(Health::Retrying { at, failures, why: why.clone() });
    let told = |shown: &str| shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = "set PIPECAT_API_KEY to it. Trying again by itself.";
    let feed =
        |more: &[FeedEvent]| [&[build(BuildStatus::Building), numbered(3)][..], more].concat();
    let screen = |more: &[FeedEvent], keys: &str| screen(80, 24, feed(more), keys);
    let shown = screen(&[retrying(2)], "");
    assert!(!shown.contains("Create a private key"), "{shown}");
    let shown = screen(&[retrying(2), retrying(3)], "");
    assert!(told(&shown).contains(all) && shown.contains("r retry"), "{shown}");
    // Where there is no room, as much as there is.
    let low = self::screen(80, 11, feed(&[retrying(3)]), "");
    assert!(low.contains("! api.example.com refused") && !low.contains("Create"), "{low}");
    let ok = FeedEvent::Health(Health::Ok { at: std::time::Instant::now() });
    let shown = screen(&[retrying(3), ok], "");
    assert!(!shown.contains("Create a private key"), "{shown}");
    // Closed, it isn't told again at every try.
    let mut model = model();
    for message in feed(&[retrying(3)]).into_iter().map(Message::Feed) {
        app::update(&mut model, message);
    }
    assert!(model.notice.is_some());
    app::update(&mut model, Message::Key(KeyCode::Esc.into()));
    app::update(&mut model, Message::Feed(retrying(4)));
    assert_eq!(model.notice, None);
}

/// A connection that hangs says nothing for half a minute.
#[test]
fn an_answer_that_does_not_come_is_waited_for_in_words() {
    let ago = |seconds| {
        let at = std::time::Instant::now() - std::time::Duration::from_secs(seconds);
        let feed =
            vec![build(BuildStatus::Building), numbered(3), FeedEvent::Health(Health::Ok { at })];
        screen(80, 24, feed, "")
    };
    assert!(ago(9).contains("updated 9s ago"), "{}", ago(9));
    assert!(ago(36).contains("waiting for an answer, 0:36"), "{}", ago(36));
}

/// What is said of a key is over when the answer has come.
#[test]
fn asking_again_is_told_until_there_is_an_answer() {
    let mut model = model();
    let ok = || FeedEvent::Health(Health::Ok { at: std::time::Instant::now() });
    for event in [build(BuildStatus::Building), numbered(3), ok()] {
        app::update(&mut model, Message::Feed(event));
    }
    app::update(&mut model, Message::Key(KeyCode::Char('r').into()));
    assert_eq!(model.answer.as_deref(), Some("Asking again"));
    app::update(&mut model, Message::Feed(ok()));
    assert_eq!(model.answer, None);
}

#[test]
fn how_it_ends_is_told() {
    let (_, outcome) = run(model(), 80, 24, failed(), "q");
    assert_eq!(outcome.ending, Ending::Quit);
    let (_, outcome) = run(model(), 80, 24, failed(), "<ctrl-c>");
    assert_eq!(outcome.ending, Ending::Interrupted);
    // What is typed is given up, and no more.
    for typed in ["/apt", "&apt", "H", ":sav", "S", "|", "?/quit", "/<ctrl-r>a"] {
        let gone = screen(80, 24, failed(), &format!("{typed}<ctrl-c>"));
        assert_eq!(gone, screen(80, 24, failed(), &format!("{typed}<esc>")), "{typed}");
        let (_, outcome) = run(model(), 80, 24, failed(), &format!("{typed}<ctrl-c>"));
        assert_ne!(outcome.ending, Ending::Interrupted, "{typed}");
    }
    let (host, _) = run(model(), 80, 24, failed(), "<ctrl-z>");
    assert_eq!(host.suspended, 1);
    // The shell had the window's title meanwhile.
    let ours = host.titles.last().unwrap();
    assert_eq!(host.titles.iter().filter(|title| *title == ours).count(), 2, "{:?}", host.titles);
}

#[test]
fn why_nothing_more_comes_is_told_in_full_below_what_is_there() {
    let sentence = "The service refused the key from PIPECAT_API_KEY (401).";
    let why = Problem { brief: "401".into(), sentence: sentence.into() };
    let stopped = || FeedEvent::Health(Health::Stopped { why: why.clone() });
    let there = || vec![build(BuildStatus::Building), numbered(3)];
    let shown = screen(120, 24, [there(), vec![stopped()]].concat(), "");
    assert!(shown.contains("stopped: 401") && shown.contains(sentence), "{shown}");
    assert!(shown.contains("r retry  Esc closes"), "{shown}");
    let again = vec![stopped(), FeedEvent::Health(Health::Connecting)];
    let shown = screen(120, 24, [there(), again].concat(), "");
    assert!(!shown.contains(sentence), "{shown}");
    let nothing = screen(120, 24, vec![stopped()], "");
    assert!(nothing.contains("◌ no build") && nothing.contains(sentence), "{nothing}");
}

#[test]
fn a_build_that_was_stopped_names_the_step_it_was_at() {
    let feed = vec![log("hang-server-run"), build(BuildStatus::Timeout), FeedEvent::End];
    let shown = screen(80, 24, feed, "<tab>");
    assert!(shown.contains("◷ timed out") && shown.contains(" step 4/5 RUN python"), "{shown}");
}

#[test]
fn the_only_bar_keeps_what_the_cause_begins_with() {
    let feed = vec![build(BuildStatus::Failed), log("copy-bot-missing"), FeedEvent::End];
    let shown = screen(40, 5, feed, "");
    assert!(shown.contains("✗ failed  `bot.py` is no"), "{shown}");
}

#[test]
fn the_end_of_a_build_rings_once_and_renames_the_window() {
    let (host, _) = run(model(), 80, 24, failed(), "");
    assert_eq!(host.bells, 1);
    assert_eq!(host.titles.last().unwrap(), "✗ failed · 7f3f8c1e · buildcat");
    // A build that was over when it was opened is no news.
    let over = vec![build(BuildStatus::Failed), log("apt-portaudio-name"), FeedEvent::End];
    assert_eq!(run(model(), 80, 24, over, "").0.bells, 0);
}

#[test]
fn the_end_of_a_file_renames_the_window_without_a_key() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "one\ntwo\n").unwrap();
    let mut model = model_of(Subject::Text { name: "x.log".into() }, Options::default());
    let rules = std::sync::Arc::new(buildcat::diagnose::Rules::builtin());
    model.log = buildcat::log::Log::open(file.path(), rules).unwrap();
    let (host, _) = run(model, 80, 24, vec![], "");
    assert_eq!(host.titles.last().unwrap(), "≡ log · x.log · buildcat", "{:?}", host.titles);
}

#[test]
fn nothing_is_drawn_when_nothing_changes() {
    let frames = |script: &str| run(model(), 80, 24, failed(), script).0.frames.get();
    let idle = frames("");
    // Keys that mean nothing here.
    assert_eq!(frames("XQX"), idle);
    assert_eq!(frames("kkk"), idle + 3);
}

#[test]
fn a_finished_build_has_no_timer() {
    let (_, outcome) = run(model(), 80, 24, failed(), "");
    assert_eq!(buildcat::app::next_tick(&outcome.model), None);
    let (_, outcome) = run(model(), 80, 24, running(), "");
    assert!(buildcat::app::next_tick(&outcome.model).is_some());
}

#[test]
fn a_saved_log_opens_at_its_first_line() {
    let options = Options { follow: false, ..Options::default() };
    let model = model_of(Subject::Text { name: "build.log".into() }, options);
    let feed = vec![log("apt-portaudio-name"), FeedEvent::End];
    let (host, _) = run(model, 80, 24, feed, "");
    insta::assert_snapshot!("saved_80x24", text(host.buffer()));
}
