//! What is taken along, and how the log is seen: selections, copies, files,
//! programs, the mouse, the scrollbar, JSON.

use crate::harness::*;
use buildcat::app::{ItemNo, Model, Options, Subject};
use buildcat::domain::{FeedEvent, Patch};
use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

fn saved(text: impl Into<String>) -> (Model, Vec<FeedEvent>) {
    let options = Options { follow: false, ..Options::default() };
    let model = model_of(Subject::Text { name: "build.log".into() }, options);
    let patch = FeedEvent::Log(Patch::text(text.into()));
    (model, vec![patch, FeedEvent::End])
}

fn numbered(n: usize) -> String {
    (1..=n).map(|i| format!("this is line {i}\n")).collect()
}

/// The text that a sequence puts into the clipboard.
fn copied(host: &Memory) -> String {
    let sequence = host.copies.last().expect("something was copied");
    let data = sequence.strip_prefix("\x1b]52;c;").unwrap().strip_suffix('\x07').unwrap();
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = data.bytes().filter(|c| *c != b'=').map(digit).collect();
    let mut bytes = Vec::new();
    for four in digits.chunks(4) {
        let bits = four.iter().fold(0u32, |bits, d| bits << 6 | u32::from(*d));
        let bits = bits << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    String::from_utf8(bytes).unwrap()
}

fn played(text: impl Into<String>, width: u16, height: u16, script: &str) -> Memory {
    let (model, feed) = saved(text);
    run(model, width, height, feed, script).0
}

#[test]
fn lines_are_selected_and_copied_as_clean_text() {
    let text =
        "\x1b[31mred\x1b[0m\tone\nthe second line is long, and wider than the screen is\nthree\n";
    let host = played(text, 40, 10, "wvjy");
    assert_eq!(copied(&host), "red\tone\nthe second line is long, and wider than the screen is\n");
    let shown = crate::harness::text(host.buffer());
    assert!(shown.contains("Copied 2 lines (62 B)"), "{shown}");
    // Without a selection it is the cursor's line, and its end isn't copied.
    assert_eq!(
        copied(&played(text, 80, 24, "Gky")),
        "the second line is long, and wider than the screen is"
    );
}

#[test]
fn a_selection_is_shown_and_ends() {
    let (host, _) = {
        let (model, feed) = saved(numbered(60));
        run(model, 80, 24, feed, "vjj")
    };
    insta::assert_snapshot!("selection_80x24", picture(&host));
    let before = played(numbered(60), 80, 24, "");
    let after = played(numbered(60), 80, 24, "vjkk<esc>");
    assert_eq!(text(after.buffer()), text(before.buffer()));
    assert_eq!(styles(after.buffer()), styles(before.buffer()));
}

#[test]
fn matches_show_in_a_selection_without_colours_too() {
    use buildcat::theme::{Depth, Styles, shipped};
    use ratatui::style::Modifier;
    let options = buildcat::app::Options { follow: false, ..Default::default() };
    let mut plain = model_of(Subject::Text { name: "x.log".into() }, options);
    plain.styles = Styles::new(&shipped("plain").unwrap(), Depth::None);
    let feed = FeedEvent::Log(Patch::text("one match here\ntwo\n"));
    let host = run(plain, 80, 24, vec![feed, FeedEvent::End], "/match<enter>vj").0;
    let at = |text_at: u16| {
        let gutter = (0..20).find(|x| host.buffer()[(*x, 2)].symbol() == "o").unwrap();
        host.buffer()[(gutter + text_at, 2)].style().add_modifier
    };
    assert_eq!(at(0), Modifier::REVERSED);
    assert_eq!(at(4), Modifier::BOLD | Modifier::UNDERLINED);
    assert_eq!(at(10), Modifier::REVERSED);
}

#[test]
fn a_copy_that_is_refused_loses_no_selection() {
    // More than a clipboard should hold.
    let text = format!("{}\n", "x".repeat(200)).repeat(100_000);
    let host = played(text.clone(), 120, 24, "vGy");
    let shown = crate::harness::text(host.buffer());
    assert!(shown.contains("save it instead"), "{shown}");
    let host = played(text, 120, 24, "vGykyS");
    let shown = crate::harness::text(host.buffer());
    assert!(shown.contains("99,999 lines"), "{shown}");
    // One that isn't ends it.
    let shown = played(numbered(9), 80, 24, "vjyS");
    assert!(crate::harness::text(shown.buffer()).contains("9 lines"));
}

#[test]
fn nothing_takes_no_clipboards_place() {
    // The cursor is on what the filter hides.
    for script in ["&line 6<enter>gvy", "&line 6<enter>gvS", "&line 6<enter>gv|"] {
        let host = played(numbered(60), 80, 24, script);
        let shown = text(host.buffer());
        assert!(shown.contains("Only hidden lines are selected"), "{script}\n{shown}");
        assert!(host.copies.is_empty(), "{script}");
    }
    let shown = text(played(numbered(60), 80, 24, "&zebra<enter>S").buffer());
    assert!(shown.contains("No line is shown"), "{shown}");
    // Beside a line of it they are left out, as ever.
    assert_eq!(copied(&played(numbered(60), 80, 24, "&line 6<enter>gvjy")), "this is line 6");
}

#[test]
fn what_arrives_is_not_selected() {
    let mut model = model();
    let log = |text: String| buildcat::app::Message::Feed(FeedEvent::Log(Patch::text(text)));
    tell(&mut model, vec![buildcat::app::Message::Resize(80, 24), log(numbered(50))]);
    let key = |script: &str| match keys(script).remove(0) {
        Event::Key(key) => buildcat::app::Message::Key(key),
        _ => unreachable!(),
    };
    tell(&mut model, vec![key("v"), key("G"), key("j"), log(numbered(30))]);
    assert_eq!(model.selected(), Some((ItemNo::new(49), ItemNo::new(49))));
}

#[test]
fn a_selection_survives_a_repair_above_it() {
    use buildcat::app::Message;
    let mut model = model();
    let log = |text: String| Message::Feed(FeedEvent::Log(Patch::text(text)));
    tell(&mut model, vec![Message::Resize(80, 24), log(numbered(50))]);
    let key = |script: &str| match keys(script).remove(0) {
        Event::Key(key) => Message::Key(key),
        _ => unreachable!(),
    };
    tell(&mut model, vec![key("v"), key("k"), key("k")]);
    let rest: String = (11..=50).map(|i| format!("this is line {i}\n")).collect();
    let append = vec![buildcat::domain::Piece::Text(format!("late\n{rest}").into_bytes())];
    tell(&mut model, vec![Message::Feed(FeedEvent::Log(Patch { keep: Some(10), append }))]);
    assert_eq!(model.selected(), Some((ItemNo::new(48), ItemNo::new(50))));
}

#[test]
fn secrets_stay_here_unless_redaction_is_off() {
    let text = "PASSWORD=hunter22hunter22\nplain\n";
    let host = played(text, 80, 24, "vjy");
    assert_eq!(copied(&host), "PASSWORD=[redacted]\nplain\n");
    let shown = crate::harness::text(host.buffer());
    assert!(shown.contains("secrets taken out of 1 line"), "{shown}");
    let options = Options { follow: false, redact: false, ..Options::default() };
    let model = model_of(Subject::Text { name: "build.log".into() }, options);
    let feed = vec![FeedEvent::Log(Patch::text(text)), FeedEvent::End];
    assert_eq!(copied(&run(model, 80, 24, feed, "vjy").0), text);
}

#[test]
fn a_reference_names_the_build_and_the_lines() {
    let (host, _) = run(model(), 80, 24, vec![FeedEvent::Log(Patch::text("a\n```\nb\n"))], "vkkY");
    assert_eq!(copied(&host), format!("build {ID}, lines 1–3:\n\n````text\na\n```\nb\n````\n"));
}

#[test]
fn a_finding_is_copied_from_its_pane() {
    let feed = vec![log("apt-portaudio-name"), FeedEvent::End];
    let (host, _) = run(model(), 120, 40, feed, "<tab><tab>y");
    let text = copied(&host);
    assert!(text.contains("apt has no package") && text.contains("Fix: "), "{text}");
    assert!(text.contains("E: Unable to locate package"), "{text}");
    // Under a reference it says where it was found.
    let feed = vec![log("apt-portaudio-name"), FeedEvent::End];
    let (host, outcome) = run(model(), 120, 40, feed, "<tab><tab>Y");
    let line = outcome.model.findings[0].finding.line.unwrap().number();
    let (first, rest) =
        copied(&host).split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert!(first.starts_with(&format!("build {ID}, ")), "{first}");
    assert!(first.contains(&line.to_string()), "{line}: {first}");
    assert!(rest.contains("```text\n") && rest.contains("apt has no package"), "{rest}");
}

#[test]
fn a_step_is_copied_from_the_timeline() {
    let feed = || vec![log("apt-portaudio-name"), FeedEvent::End];
    let (host, _) = run(model(), 120, 40, feed(), "Ty");
    let text = copied(&host);
    assert!(text.contains("RUN apt-get") && text.contains("E: Unable to locate"), "{text}");
    assert!(text.lines().count() > 3, "{text}");
    let (host, _) = run(model(), 120, 40, feed(), "TY");
    assert!(copied(&host).starts_with(&format!("build {ID}, ")), "{}", copied(&host));
}

#[test]
fn every_row_of_a_finding_leads_to_its_line() {
    let lines_of = |script: &str| {
        let feed = vec![log("apt-portaudio-name"), FeedEvent::End];
        let (_, outcome) = run(model(), 120, 40, feed, script);
        let focus = outcome.model.panes.focus;
        (outcome.model.cursor_line(), focus)
    };
    let (line, _) = lines_of("c");
    for down in 1..6 {
        let (at, focus) = lines_of(&format!("<tab><tab>{}<enter>", "j".repeat(down)));
        if focus == buildcat::app::Pane::Log {
            assert_eq!(at, line, "{down} down");
        }
    }
    let (at, focus) = lines_of("<tab><tab>jj<enter>");
    assert_eq!((at, focus), (line, buildcat::app::Pane::Log));
}

#[test]
fn in_a_step_the_prefix_stays_behind() {
    let feed = || vec![log("apt-portaudio-name"), FeedEvent::End];
    let (host, _) = run(model(), 80, 24, feed(), "c<enter>cy");
    assert_eq!(copied(&host), "E: Unable to locate package portaudio-dev");
    let (host, _) = run(model(), 80, 24, feed(), "cy");
    assert!(copied(&host).starts_with('#'), "{}", copied(&host));
}

#[test]
fn a_file_is_saved_and_not_over_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.log");
    let name = path.display().to_string();
    let shown = |script: &str| text(played(numbered(30), 160, 24, script).buffer());
    let first = shown(&format!("vjjS{name}<enter>"));
    assert!(first.contains("Saved 3 lines (45 B) to "), "{first}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), numbered(3));
    let asked = shown(&format!("S{name}<enter>"));
    assert!(asked.contains("out.log is there already. Replace it? (y/n)"), "{asked}");
    let kept = shown(&format!("S{name}<enter>n"));
    assert!(kept.contains("Not saved: "), "{kept}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), numbered(3));
    let replaced = shown(&format!("S{name}<enter>y"));
    assert!(replaced.contains("Saved 30 lines"), "{replaced}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), numbered(30));
}

#[test]
fn the_prompt_says_what_would_be_saved() {
    let shown = |script: &str| text(played(numbered(30), 100, 24, script).buffer());
    assert!(shown("S").contains("save to "), "{}", shown("S"));
    assert!(shown("S").contains("30 lines; or --all --shown --step --selection --diff FILE"));
    // Of a log that still arrives it says that there may be more.
    let (host, _) = run(model(), 100, 24, vec![FeedEvent::Log(Patch::text(numbered(3)))], "Sx");
    assert!(text(host.buffer()).contains("3 lines so far"), "{}", text(host.buffer()));
    assert!(shown("vjSx").contains("2 lines"), "{}", shown("vjSx"));
    assert!(shown("vjS--all x").contains("30 lines"));
    assert!(shown("S--step x").contains("belongs to no step"));
    assert!(!shown("S<esc>").contains("save to"));
}

#[test]
fn programs_get_the_terminal_and_what_was_asked_for() {
    let host = played(numbered(30), 80, 24, "|wc -l<enter>");
    assert_eq!(host.programs, ["wc -l"]);
    // A log that isn't a file is edited in one of ours.
    let host = played(numbered(30), 80, 24, "jjjO");
    assert!(host.programs[0].starts_with("vi +4 "), "{:?}", host.programs);
    assert!(host.programs[0].ends_with("/build.log"), "{:?}", host.programs);
    let shown = text(played(numbered(3), 80, 24, "|'x<enter>").buffer());
    assert!(shown.contains("A quote in the command isn't closed"), "{shown}");
    let shown = text(played(numbered(3), 80, 24, "o").buffer());
    assert!(shown.contains("There is no finding to open"), "{shown}");
}

fn mouse(kind: MouseEventKind, column: u16, row: u16) -> Event {
    Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

fn moused(text: impl Into<String>, events: Vec<Event>) -> (Memory, Model) {
    let (model, feed) = saved(text);
    let mut host = Memory::new(80, 24);
    let outcome = run_on(&mut host, model, feed, events);
    (host, outcome.model)
}

const DOWN: MouseEventKind = MouseEventKind::Down(MouseButton::Left);
const DRAG: MouseEventKind = MouseEventKind::Drag(MouseButton::Left);
const UP: MouseEventKind = MouseEventKind::Up(MouseButton::Left);

#[test]
fn a_drag_selects_and_scrolls_at_the_edge() {
    let inside = vec![mouse(DOWN, 20, 4), mouse(DRAG, 20, 6), mouse(UP, 20, 6)];
    let (host, model) = moused(numbered(100), inside);
    assert_eq!(model.selected(), Some((ItemNo::new(2), ItemNo::new(4))));
    assert!(text(host.buffer()).contains("3 lines selected; y copies"));
    // Held below the log it goes on by itself, until the button is up.
    let below = vec![mouse(DOWN, 20, 4), mouse(DRAG, 20, 23)];
    let (_, model) = moused(numbered(100), below);
    let (first, last) = model.selected().unwrap();
    assert_eq!(first, ItemNo::new(2));
    assert!(last > ItemNo::new(24), "{last:?}");
    let (_, model) = moused(numbered(100), vec![mouse(DOWN, 20, 4), mouse(UP, 20, 4)]);
    assert_eq!(model.selected(), None);
}

#[test]
fn lines_are_selected_from_any_pane() {
    let shown = |script: &str| {
        let (model, _) = saved("");
        let feed = vec![log("pip-hash-mismatch"), FeedEvent::End];
        let (host, outcome) = run(model, 120, 40, feed, script);
        let screen = text(host.buffer());
        (screen.lines().last().unwrap_or_default().trim().to_owned(), outcome.model)
    };
    for pane in ["<tab>", "<tab><tab>", "i"] {
        let (foot, model) = shown(&format!("{pane}vjj"));
        assert_eq!(model.selected(), Some((ItemNo::new(0), ItemNo::new(2))), "{pane}: {foot}");
        let (foot, model) = shown(&format!("{pane}vjj<esc>"));
        assert!(model.selected().is_none(), "{pane}: {foot}");
    }
    // In a panel Esc leads to the log first, and the foot says so.
    let (foot, _) = shown("vjj<tab>");
    assert!(foot.contains("Esc to the log"), "{foot}");
    let (foot, model) = shown("vjj<tab><esc>");
    assert!(model.selected().is_some() && foot.contains("Esc end"), "{foot}");
}

#[test]
fn what_was_said_goes_with_the_next_key_or_use_of_the_mouse() {
    let foot = |events: Vec<Event>| {
        let (host, _) = moused(numbered(100), events);
        text(host.buffer()).lines().last().unwrap_or_default().trim().to_owned()
    };
    let select = || vec![mouse(DOWN, 20, 4), mouse(DRAG, 20, 6), mouse(UP, 20, 6)];
    let copied = || [select(), keys("y")].concat();
    assert!(foot(copied()).starts_with("Copied 3 lines"), "{}", foot(copied()));
    for next in [
        keys("j"),
        vec![mouse(MouseEventKind::ScrollDown, 20, 5)],
        vec![mouse(DOWN, 20, 5), mouse(UP, 20, 5)],
    ] {
        let foot = foot([copied(), next.clone()].concat());
        assert!(foot.starts_with("? keys"), "{next:?}: {foot}");
    }
    // A click ends the selection, and what was said of it.
    let foot = foot([select(), vec![mouse(DOWN, 20, 9), mouse(UP, 20, 9)]].concat());
    assert!(foot.starts_with("? keys"), "{foot}");
}

#[test]
fn a_click_goes_to_the_row_that_was_shown_though_an_answer_makes_room() {
    // Nine rows: seven of the log, the bar, and what was copied.
    let clicked = |row: u16| {
        let (model, feed) = saved(numbered(100));
        let mut host = Memory::new(80, 9);
        let events = [keys("y"), vec![mouse(DOWN, 20, row), mouse(UP, 20, row)]].concat();
        run_on(&mut host, model, feed, events).model.cursor_line().index()
    };
    assert_eq!(clicked(6), 6);
    // The bar is no line of the log, nor is the answer.
    assert_eq!(clicked(7), 0);
    assert_eq!(clicked(8), 0);
    let build = |events: Vec<Event>| {
        let (model, _) = saved("");
        let mut host = Memory::new(80, 9);
        let model =
            run_on(&mut host, model, vec![log("pip-hash-mismatch"), FeedEvent::End], events).model;
        (model.cursor_line(), model.cause.and_then(|cause| cause.line))
    };
    // Nor is the row of the cause, which is that of its line.
    let (at, cause) = build([keys("y"), vec![mouse(DOWN, 20, 6)]].concat());
    assert!(cause == Some(at), "{at:?} {cause:?}");
}

#[test]
fn the_word_that_was_clicked_is_searched() {
    let line = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen\n";
    let text = format!("{line}{line}漢字 wide\tword {{\"a\": {{\"key\": \"value\"}}}}\n");
    let word = |column: u16, row: u16, before: &str, after: &str| {
        let mut events = keys(before);
        events.extend([mouse(DOWN, column, row), mouse(UP, column, row)]);
        events.extend(keys(after));
        let (_, model) = moused(text.clone(), events);
        model.find.unwrap().query().expression().to_owned()
    };
    // The text begins at column 6.
    assert_eq!(word(6, 2, "", "*"), "one");
    assert_eq!(word(15, 2, "", "*"), "three");
    assert_eq!(word(15, 3, "", "*"), "three");
    assert_eq!(word(15, 2, "", "**"), "four");
    // Between two words: the next. In the gutter, or behind it all: the first.
    assert_eq!(word(9, 2, "", "*"), "two");
    assert_eq!(word(1, 2, "", "*"), "one");
    // Scrolled sideways, and wrapped.
    assert_eq!(word(7, 2, "l", "*"), "three");
    assert_eq!(word(10, 3, "w", "*"), "fourteen");
    assert_eq!(word(17, 3, "w", "*"), "fifteen");
    assert_eq!(word(11, 4, "", "*"), "wide");
    // As soon as one goes elsewhere it is no longer meant.
    assert_eq!(word(15, 2, "", "j*"), "one");
    assert_eq!(word(15, 2, "", "jk*"), "one");
}

#[test]
fn the_scrollbar_is_clicked_and_dragged() {
    let (_, model) = moused(numbered(1000), vec![mouse(DOWN, 79, 21)]);
    assert!(model.scroll.cursor > ItemNo::new(900), "{:?}", model.scroll);
    let (_, model) = moused(numbered(1000), vec![mouse(DOWN, 79, 2), mouse(DRAG, 79, 21)]);
    assert_eq!(model.scroll.top, ItemNo::new(980).into_place());
    let (_, model) = moused(numbered(1000), vec![mouse(DOWN, 79, 21), mouse(DRAG, 79, 2)]);
    assert_eq!(model.scroll.top, ItemNo::FIRST.into_place());
}

trait IntoPlace {
    fn into_place(self) -> buildcat::app::Place;
}

impl IntoPlace for ItemNo {
    fn into_place(self) -> buildcat::app::Place {
        buildcat::app::Place { item: self, row: 0 }
    }
}

#[test]
fn the_wheel_scrolls_what_it_is_over() {
    let feed = || vec![log("mix-parallel-error-noise"), FeedEvent::End];
    let options = || Options { follow: false, ..Options::default() };
    let model = || model_of(Subject::Text { name: "build.log".into() }, options());
    let mut host = Memory::new(120, 40);
    let wheel = mouse(MouseEventKind::ScrollDown, 5, 30);
    let outcome = run_on(&mut host, model(), feed(), vec![wheel.clone(), wheel]);
    assert_eq!(outcome.model.scroll.top.item, ItemNo::FIRST);
    assert!(outcome.model.panes.steps_list.top > 0, "{:?}", outcome.model.panes);
    // It goes through the help at the pace it goes through the log.
    let wheel = mouse(MouseEventKind::ScrollDown, 5, 5);
    let help = [keys("?"), vec![wheel]].concat();
    let outcome = run_on(&mut Memory::new(80, 24), model(), feed(), help);
    assert_eq!(outcome.model.help.map(|help| help.top), Some(3));
    // A click on its title gives it the keys, another one the screen.
    let mut host = Memory::new(120, 40);
    let row = 25;
    let events = vec![mouse(DOWN, 5, row), mouse(DOWN, 5, row)];
    let outcome = run_on(&mut host, model(), feed(), events.clone());
    assert_eq!(outcome.model.panes.focus, buildcat::app::Pane::Steps);
    assert!(outcome.model.panes.full);
    // There a click on its title gives the others theirs back.
    let events = [events, vec![mouse(DOWN, 5, 1)]].concat();
    let outcome = run_on(&mut Memory::new(120, 40), model(), feed(), events);
    assert_eq!(outcome.model.panes.focus, buildcat::app::Pane::Steps);
    assert!(!outcome.model.panes.full);
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    let host = played(numbered(3), 80, 24, "M");
    assert_eq!(host.mouse, [false]);
    assert!(text(host.buffer()).contains("The mouse is the terminal's"));
    assert_eq!(played(numbered(3), 80, 24, "MM").mouse, [false, true]);
}

#[test]
fn the_scrollbar_maps_what_matters() {
    let (model, _) = saved("");
    let feed = vec![log("mix-parallel-error-noise"), FeedEvent::End];
    let (host, _) = run(model, 120, 40, feed.clone(), "/WORKDIR<enter>");
    insta::assert_snapshot!("scrollbar_120x40", picture(&host));
    // All of it in sight: nothing to tell.
    let shown = text(played(numbered(5), 80, 24, "").buffer());
    assert!(!shown.contains('│') && !shown.contains('█'), "{shown}");
}

#[test]
fn json_is_laid_out_in_place() {
    let line = r#"#5 0.1 {"level":"error","tags":["a","b"],"nested":{"deep":[{"x":1}]}}"#;
    let log = format!("before\n{line}\nafter\n{}", numbered(30));
    let host = played(log.as_str(), 80, 24, "p/deep<enter>");
    insta::assert_snapshot!("json_80x24", picture(&host));
    // It wraps, too, and is copied as it is shown.
    let host = played(log.as_str(), 40, 24, "pwjy");
    assert!(copied(&host).contains("{\n  \"level\":\"error\",\n"), "{}", copied(&host));
    assert_eq!(copied(&played(log.as_str(), 80, 24, "ppjy")), line);
}

#[test]
fn scrolling_through_json_moves_row_by_row() {
    let line = r#"{"a":1,"b":2,"c":3,"d":4}"#;
    let log: String = (0..40).map(|i| format!("{i} {line}\n")).collect();
    for down in 0..9 {
        let host = played(log.as_str(), 80, 24, &format!("p{}", "j".repeat(down)));
        let shown = text(host.buffer());
        // The top row of the log is the `down`-th of the layout: seven a line.
        let rows = ["0", "{", "\"a\":1,", "\"b\":2,", "\"c\":3,", "\"d\":4", "}"];
        let expected = if down < 7 { rows[down].to_owned() } else { ["1", "{"][down - 7].into() };
        let top = shown.lines().nth(2).unwrap();
        assert!(top.trim_end_matches(['│', '█', ' ']).ends_with(&expected), "{down}: {shown}");
    }
}

#[test]
fn help_tells_what_applies_here_and_is_searched_behind_a_slash() {
    let shown = |script: &str| text(played(numbered(9), 80, 40, script).buffer());
    let all = shown("?");
    // A saved log without steps: nothing to ask again, nothing to fold.
    for absent in ["ask again now", "fold this step", "In a panel", "While searching"] {
        assert!(!all.contains(absent), "{absent} in\n{all}");
    }
    let found = shown("?/cop");
    assert!(found.contains("y ") && found.contains("copy as Markdown"), "{found}");
    assert!(!found.contains("half a page down"), "{found}");
    assert!(found.contains("keys with: cop"), "{found}");
    // Behind a slash every letter is text, also those that are keys here.
    assert!(shown("?/quit").contains("keys with: quit"));
    assert!(shown("?/zzzz").contains("No key does that here"));
    assert!(
        shown("?/cop<backspace><backspace><backspace><backspace>").contains("half a page down")
    );
    assert_eq!(shown("?/cop<esc>"), all);
    assert_eq!(shown("?/cop<esc><esc>"), shown(""));
    // Without it no letter is: half of them are keys.
    assert_eq!(shown("?cop"), all);
    assert!(!all.contains("just type"), "{all}");
    // It is walked as the log is.
    let small = |script: &str| text(played(numbered(9), 80, 24, script).buffer());
    for (down, up) in [("G", "g"), ("<end>", "<home>"), ("<ctrl-f>", "<ctrl-b>")] {
        assert_ne!(small(&format!("?{down}")), small("?"), "{down}");
        assert_eq!(small(&format!("?{down}{up}")), small("?"), "{up}");
    }
    assert!(!small("?G").contains("more ↓"), "{}", small("?G"));
}

#[test]
fn help_has_all_the_rows_and_cuts_with_a_mark() {
    let feed = || vec![log("apt-portaudio-name"), FeedEvent::End];
    let (host, _) = run(model(), 120, 66, feed(), "?");
    let shown = text(host.buffer());
    // Panels would take a good part of them.
    assert!(!shown.contains("─ Steps") && !shown.contains("more ↓"), "{shown}");
    assert!(shown.contains("close help"), "{shown}");
    let small = |script: &str| text(run(model(), 40, 24, feed(), script).0.buffer());
    let shown = small("?");
    assert!(shown.contains("  w                   wrap long lines,…"), "{shown}");
    let shown = small("x?");
    assert!(shown.contains("  d PgDn Space Ctrl-D…  a page down"), "{shown}");
    // Also where it is told how much is below.
    let shown = text(run(model(), 40, 10, feed(), "?").0.buffer());
    assert!(shown.contains("PgDn Space Ctrl-F   a pa…  1"), "{shown}");
    // A page is what one sees.
    let (host, _) = run(model(), 120, 24, feed(), "?<pagedown>");
    let (before, after) =
        (text(run(model(), 120, 24, feed(), "?").0.buffer()), text(host.buffer()));
    let last = |shown: &str| shown.lines().rfind(|row| row.starts_with("  ")).map(str::to_owned);
    let row = last(&before).unwrap();
    let end = row.find(" more ↓").map_or(row.len(), |at| at.saturating_sub(6));
    assert!(
        after.lines().take(4).any(|it| it.starts_with(row[..end].trim_end())),
        "{row}\n{after}"
    );
}

#[test]
fn help_in_a_panel_begins_with_its_keys() {
    let feed = vec![log("apt-portaudio-name"), FeedEvent::End];
    let (host, _) = run(model(), 120, 40, feed, "<tab>?");
    let shown = text(host.buffer());
    assert!(shown.lines().nth(1).unwrap().contains("In a panel"), "{shown}");
    assert!(!shown.contains("half a page down"), "{shown}");
}

/// Every key is told somewhere, and where the keys are comes first.
#[test]
fn help_tells_the_keys_of_prompts_and_lists_too() {
    let tall = |script: &str| {
        let feed = vec![log("apt-portaudio-name"), FeedEvent::End];
        text(run(model(), 80, 140, feed, script).0.buffer())
    };
    let first = |script: &str| tall(script).lines().nth(1).unwrap_or_default().trim().to_owned();
    let all = tall("?");
    for part in ["While typing", "Ctrl-R", "Ctrl-N", "In a list", "next match", "previous match"] {
        assert!(all.contains(part), "{part}: {all}");
    }
    assert_eq!(first("/<f1>"), "While typing");
    assert_eq!(first("&a<enter>L?"), "In a list");
    // What was asked from is there again.
    assert!(tall("/ab<f1><esc>").contains("/ab"));
    assert!(tall("&a<enter>L?<esc>").contains("Filters 1"));
}

#[test]
fn what_was_found_in_the_help_stays_until_it_is_closed() {
    let feed = || vec![log("apt-portaudio-name"), FeedEvent::End];
    let small = |script: &str| text(run(model(), 80, 24, feed(), script).0.buffer());
    let kept = small("?/page<enter>");
    assert!(kept.contains("keys with: page") && !kept.contains("wrap long"), "{kept}");
    // Keys are keys again.
    assert_eq!(small("?/page<enter>j"), small("?/page<enter>"));
    assert!(small("?/page<enter>/s").contains("keys with: pages▏"));
    assert_eq!(small("?/page<enter><esc>"), small("?"));
    assert_eq!(small("?/<enter>"), small("?"));
}

#[test]
fn the_palette_saves_and_pipes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("two words.log");
    let script = format!(":save {}<enter>", path.display());
    let host = played(numbered(5), 160, 24, &script);
    assert!(text(host.buffer()).contains("Saved 5 lines"), "{}", text(host.buffer()));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), numbered(5));
    assert_eq!(played(numbered(5), 80, 24, ":pipe wc -l<enter>").programs, ["wc -l"]);
}

/// Text that is hard to lay out, one kind a line.
fn tricky() -> Vec<String> {
    let one_of = [
        "漢字が並ぶ。全角は二桁。",
        "👩‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷 ❤️ ✋🏽",
        "e\u{301}a\u{308}o\u{302} क्षि हिन्दी 각 ｶﾞ",
        "שלום עולם العربية مرحبا abc שלום",
        "a\tb\t\tc\t漢\td",
        "over\u{202e}ride\u{2066} \u{200b}zero\u{feff}",
        "\x1b[31mred \x1b[2J\x1b[10;10Hmoves\x1b]0;title\x07",
        "progress 10%\rprogress 55%\rprogress 100% done\r",
        "\u{9b}31mC1\u{85}next\u{90}dcs",
    ];
    let mut lines: Vec<String> = one_of.iter().map(|line| line.repeat(6)).collect();
    lines.push("x".repeat(1 << 20));
    lines.push("漢".repeat(1 << 14));
    lines.push("👩‍💻".repeat(1 << 10));
    lines.extend((0..40).map(|i| format!("{i}")));
    lines
}

#[test]
fn no_text_shifts_the_frame() {
    let log = tricky().join("\n") + "\n";
    let scripts = ["", "wp", "vjjj", "w/👩", "llll", "lllllllllllll", "wjjjjj"];
    for (width, height) in [(80, 24), (41, 16)] {
        for script in scripts {
            let (model, feed) = saved(log.as_str());
            let (host, outcome) = run(model, width, height, feed, script);
            let area = outcome.model.layout().log;
            let buffer = host.buffer();
            for y in area.top()..area.bottom() {
                // The scrollbar stands in the last column, whatever is beside it.
                let bar = buffer[(area.right() - 1, y)].symbol();
                assert!([" ", "█", "•"].contains(&bar), "{width} {script:?} {y}: {bar:?}");
                // Every cell is filled by what stands there or by a wide one
                // before it, and none reaches over the edge.
                let mut x = 0;
                while x < area.right() {
                    x += buildcat::text::width(buffer[(x, y)].symbol()).max(1) as u16;
                }
                assert_eq!(x, area.right(), "{width} {script:?} row {y}");
                // The gutter: a number, or blank below a line's first row.
                let number: String = (0..3).map(|x| buffer[(x, y)].symbol()).collect();
                let number = number.trim();
                assert!(number.is_empty() || number.parse::<u32>().is_ok(), "{number:?}");
            }
        }
    }
}

#[test]
fn a_progress_line_shows_its_last_state() {
    let host = played("one 1%\rone 50%\rone 100%\r\ntwo\n", 80, 24, "");
    let shown = text(host.buffer());
    assert!(shown.contains("one 100%") && !shown.contains("one 50%"), "{shown}");
}

#[test]
fn a_folded_step_is_one_row_when_lines_wrap_too() {
    let feed = || vec![log("mix-parallel-error-noise"), FeedEvent::End];
    let (host, outcome) = run(saved("").0, 50, 24, feed(), "}Zwz");
    let shown = text(host.buffer());
    // Cut, not wrapped, beside what the fold hides; lines wrap on below.
    assert!(shown.contains("RUN python -u …⊞ 13 lines"), "{shown}");
    assert!(shown.contains("80›▸ #11 [deps 4/4] RUN sleep 2; pip install --n"), "{shown}");
    assert!(outcome.model.view.folds().any());
}

#[test]
fn a_match_deep_in_json_is_brought_into_sight() {
    let many: Vec<String> = (0..60).map(|i| format!("{{\"key{i}\":\"value {i}\"}}")).collect();
    let log = format!("first\n[{}]\nlast\n", many.join(","));
    let shown = |script: &str| text(played(log.as_str(), 80, 24, script).buffer());
    let found = shown("p/value 57<enter>");
    assert!(found.contains("\"key57\":\"value 57\""), "{found}");
    // As it came, the line is scrolled sideways instead.
    let found = shown("/value 57<enter>");
    assert!(found.contains("value 57") && found.contains('‹'), "{found}");
}

#[test]
fn the_change_of_a_finding_is_copied_and_saved() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fix.diff");
    let diff = "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1 +1 @@\n-FROM a\n+FROM b\n";
    let (_, outcome) = run(model(), 160, 40, crate::failed(), "");
    let mut model = outcome.model;
    let none =
        text(run(model, 160, 40, vec![], &format!("S--diff {}<enter>", path.display())).0.buffer());
    assert!(none.contains("The finding proposes no change"), "{none}");

    let (_, outcome) = run(crate::harness::model(), 160, 40, crate::failed(), "");
    model = outcome.model;
    model.findings[0].finding.diff = Some(diff.to_owned());
    let script = format!("xyS--diff {}<enter>", path.display());
    let (host, _) = run(model, 160, 40, vec![], &script);
    let shown = text(host.buffer());
    assert!(shown.contains("Saved the change"), "{shown}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), diff);
}
