//! Filters, pinned words, marks.

use buildcat::app::view::{Item, Scope};
use buildcat::app::{Effect, Message, Model, Options, Subject, update};
use buildcat::domain::{FeedEvent, Patch, Piece};
use buildcat::memory::{Change, LogMarks, Memory as Remembered};
use buildcat::theme::{Depth, Styles};

use crate::harness::*;

const PARALLEL: &str = "mix-parallel-error-noise";

fn lines(text: &str) -> FeedEvent {
    FeedEvent::Log(Patch::text(text.to_owned()))
}

fn text_model() -> Model {
    let options = Options { follow: false, ..Options::default() };
    model_of(Subject::Text { name: "x.log".into() }, options)
}

fn at(width: u16, height: u16, feed: FeedEvent, script: &str) -> (Memory, Model) {
    let (host, outcome) = run(text_model(), width, height, vec![feed, FeedEvent::End], script);
    (host, outcome.model)
}

fn saved(feed: FeedEvent, script: &str) -> Model {
    at(120, 40, feed, script).1
}

/// What is shown, hidden runs by their lengths.
fn shown(model: &Model) -> Vec<String> {
    let items = (0..model.view.len(&model.log)).map(buildcat::app::ItemNo::new);
    items
        .filter_map(|at| model.item(at))
        .map(|item| match item {
            Item::Hidden { lines, .. } => format!("({lines})"),
            item => model.log.store().text(item.line()),
        })
        .collect()
}

fn cursor(model: &Model) -> String {
    model.log.store().text(model.cursor_line())
}

fn fruit() -> FeedEvent {
    lines("apple\nbanana\ncherry\ndate\napple pie\nelder\nfig\n")
}

#[test]
fn filters_show_only_or_hide_what_matches() {
    let of = |script: &str| shown(&saved(fruit(), script));
    assert_eq!(of("&apple<enter>"), ["apple", "(3)", "apple pie", "(2)"]);
    assert_eq!(of("&apple<enter>&fig<enter>"), ["apple", "(3)", "apple pie", "(1)", "fig"]);
    assert_eq!(of("&apple<enter>!pie<enter>"), ["apple", "(6)"]);
    assert_eq!(of("!an|e<enter>"), ["(6)", "fig"]);
    assert_eq!(
        of("&apple<enter>+"),
        ["apple", "banana", "(1)", "date", "apple pie", "elder", "(1)"]
    );
    assert_eq!(of("&apple<enter>++-"), of("&apple<enter>+"));
    assert_eq!(of("&apple<enter>9+8-"), of("&apple<enter>+"));
    // The same one again is no second one.
    assert_eq!(saved(fruit(), "&fig<enter>&fig<enter>").view.filters().list.len(), 1);
    // As the toggles say; what is broken is plain text.
    assert_eq!(of("&APPLE<alt-c><alt-c><enter>"), of("&apple<enter>"));
    assert_eq!(shown(&saved(lines("a(b\nab\n"), "&a(<enter>")), ["a(b", "(1)"]);
    // Nothing typed switches all of them.
    assert_eq!(of("&fig<enter>&<enter>").len(), 7);
    assert_eq!(of("&fig<enter>&<enter>!<enter>"), ["(6)", "fig"]);
    assert_eq!(of("&fig<esc>").len(), 7);
    assert!(saved(fruit(), "+").answer.unwrap().starts_with("No filter picks lines out"));
}

#[test]
fn filters_are_listed_switched_edited_and_deleted_in_place() {
    let script = "&apple<enter>!pie<enter>&e<alt-w><enter>L";
    for (width, height) in [(80, 24), (120, 40)] {
        let (host, _) = at(width, height, log(PARALLEL), "}&pip<enter>!notice<enter>WL");
        insta::assert_snapshot!(format!("filters_{width}x{height}"), picture(&host));
    }
    let list = |keys: &str| {
        let model = saved(fruit(), &format!("{script}{keys}"));
        let filters = model.view.filters().list.iter();
        let names: Vec<_> = filters.map(|f| (f.name().to_owned(), f.on)).collect();
        (names, model.menu.is_some())
    };
    let of =
        |rows: &[(&str, bool)]| rows.iter().map(|(n, on)| ((*n).into(), *on)).collect::<Vec<_>>();
    assert_eq!(list(""), (of(&[("apple", true), ("pie", true), ("e", true)]), true));
    assert_eq!(list("j<enter>").0, of(&[("apple", true), ("pie", false), ("e", true)]));
    assert_eq!(list("j  ").0, of(&[("apple", true), ("pie", true), ("e", true)]));
    assert_eq!(list("jd").0, of(&[("apple", true), ("e", true)]));
    assert_eq!(list("ddd"), (vec![], false));
    assert_eq!(list("es<enter>"), (of(&[("apples", true), ("pie", true), ("e", true)]), true));
    assert_eq!(list("ezz<esc>").0, of(&[("apple", true), ("pie", true), ("e", true)]));
    // Edited into what another one is.
    assert_eq!(list("e<ctrl-u>pie<enter>").0.len(), 3);
    // The options stay with it.
    let model = saved(fruit(), &format!("{script}jje<enter>"));
    let last = model.view.filters().list.last().cloned().unwrap();
    let buildcat::app::view::Test::Match(query) = last.test else { panic!("{last:?}") };
    assert!(query.options().word);
    assert!(!list("<esc>").1);
    assert!(saved(fruit(), "L").answer.unwrap().starts_with("No filters; & shows only, ! hides"));
}

#[test]
fn the_line_one_is_on_stays_when_filters_come_and_go() {
    let text: String = (1..=300).map(|i| format!("line {i} of {}\n", i % 10)).collect();
    let row = |host: &Memory, what: &str| {
        let shown = buildcat_text(host);
        shown.lines().position(|l| l.contains(what)).unwrap_or_else(|| panic!("{what} in\n{shown}"))
    };
    let (before, model) = at(80, 24, lines(&text), "150G");
    assert_eq!(cursor(&model), "line 150 of 0");
    for script in
        ["150G&of 0<enter>", "150G&of 0<enter>L ", "150G&of 0<enter>Ld", "150G!of 5<enter>++"]
    {
        let (host, model) = at(80, 24, lines(&text), script);
        assert_eq!(cursor(&model), "line 150 of 0", "{script}");
        assert_eq!(row(&host, "150›"), row(&before, "150›"), "{script}");
    }
    // Where the line itself is hidden, the one beside it is at hand, and it comes back.
    for (script, line) in [
        ("150G!of 0<enter>", "line 151 of 1"),
        ("150G&of 3<enter>", "line 153 of 3"),
        ("300G&of 3<enter>", "line 293 of 3"),
        ("150G&of 3<enter>L ", "line 150 of 0"),
        ("150G&of 3<enter>!53<enter>", "line 163 of 3"),
        ("150G&of 3<enter>!53<enter>&<enter>", "line 150 of 0"),
        ("150G&of 3<enter>jjL ", "line 163 of 3"),
    ] {
        let (host, model) = at(80, 24, lines(&text), script);
        assert_eq!(cursor(&model), line, "{script}");
        assert!(buildcat_text(&host).contains("›"), "{script}");
    }
    let none = saved(lines(&text), "150G&zebra<enter>");
    assert!(matches!(none.item(none.scroll.cursor), Some(Item::Hidden { .. })));
}

fn buildcat_text(host: &Memory) -> String {
    text(host.buffer())
}

#[test]
fn presets_are_a_key_away() {
    let trouble = saved(log(PARALLEL), "W");
    let texts = shown(&trouble);
    assert!(texts.iter().any(|line| line.contains("ERROR")), "{texts:#?}");
    assert!(texts.len() < 40 && texts.iter().any(|line| line.starts_with('(')), "{texts:#?}");
    assert!(shown(&saved(log(PARALLEL), "WW")).len() > 100);
    let quiet = shown(&saved(log(PARALLEL), "D"));
    assert!(!quiet.iter().any(|line| line.contains("transferring")), "{quiet:#?}");
    assert!(shown(&saved(log(PARALLEL), "")).iter().any(|line| line.contains("transferring")));
    // Only this step: from the palette as well.
    let step = saved(log(PARALLEL), "}:step-only<enter>");
    assert!(matches!(step.view.scope(), Scope::Step(_)));
    assert!(saved(log(PARALLEL), ":hideprog<enter>").view.filters().active());
}

#[test]
fn a_search_counts_and_walks_what_filters_show() {
    let text: String = (1..=40).map(|i| format!("line {i} of {}\n", i % 4)).collect();
    let (host, model) = at(80, 24, lines(&text), "&of 0<enter>/line<enter>nn");
    let shown = buildcat_text(&host);
    assert!(shown.lines().last().unwrap().contains("3/10 shown"), "{shown}");
    assert_eq!(cursor(&model), "line 12 of 0");
    let none = saved(lines(&text), "&of 0<enter>/of 1<enter>");
    assert_eq!(none.answer.as_deref(), Some("of 1: none shown, 10 hidden"));
    // Switched off, all count; context counts.
    let counter = |script: &str| {
        let model = saved(lines(&text), script);
        model.find.as_ref().map(|find| find.counter(&model)).unwrap()
    };
    assert!(counter("&of 0<enter>/line<enter>&<enter>").ends_with("/40"));
    assert!(
        counter("&of 0<enter>/line<enter>+").ends_with("/29 shown"),
        "{}",
        counter("&of 0<enter>/line<enter>+")
    );
}

/// A model over a log that takes many slices.
fn big() -> Model {
    let text: String = (0..90_000).map(|i| format!("line {i} of a log that is long\n")).collect();
    let mut model = text_model();
    tell(&mut model, vec![Message::Resize(80, 24), Message::Feed(lines(&text))]);
    model
}

fn press(model: &mut Model, script: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for event in keys(script) {
        let crossterm::event::Event::Key(key) = event else { continue };
        effects.extend(update(model, Message::Key(key)));
    }
    effects
}

#[test]
fn filtering_a_big_log_goes_on_in_slices_and_is_given_up_with_escape() {
    let mut model = big();
    press(&mut model, "80000G&9<enter>");
    assert!(model.is_filtering());
    let percent = model.filtered_percent();
    assert!((1..90).contains(&percent), "{percent}");
    buildcat::app::advance(&mut model);
    assert!(model.filtered_percent() > percent);
    press(&mut model, "<esc>");
    assert!(!model.is_filtering() && model.view.is_whole());
    assert!(model.answer.as_ref().unwrap().contains("given up"));
    assert_eq!(cursor(&model), "line 79999 of a log that is long");
    // Let go on, it comes back to the line.
    press(&mut model, "&9<enter>");
    while buildcat::app::advance(&mut model) {}
    assert_eq!(cursor(&model), "line 79999 of a log that is long");
    assert!(!press(&mut model, "<esc>").iter().any(|e| matches!(e, Effect::Quit(_))));
    assert!(model.view.filters().active());
    // What arrives later is no change to take back.
    tell(&mut model, vec![Message::Feed(lines("one more 9\n"))]);
    press(&mut model, "<esc>");
    assert!(model.view.filters().active());
}

#[test]
fn pinned_words_keep_a_colour_of_their_own() {
    let script = "Happle<enter>H[bf]\\w+<enter>/pie<enter>Hfig<enter>";
    for (width, height) in [(80, 24), (120, 40)] {
        let (host, _) = at(width, height, fruit(), script);
        insta::assert_snapshot!(format!("pins_{width}x{height}"), picture(&host));
    }
    let mut plain = text_model();
    plain.styles = Styles::new(&buildcat::theme::shipped("plain").unwrap(), Depth::None);
    let (host, _) = run(plain, 80, 24, vec![fruit(), FeedEvent::End], script);
    insta::assert_snapshot!("pins_plain_80x24", picture(&host));
    let (host, _) = at(80, 24, fruit(), &format!("{script}C"));
    insta::assert_snapshot!("pin_list_80x24", picture(&host));
    let pins = |script: &str| {
        let model = saved(fruit(), script);
        let pins = model.pins.iter().map(|p| (p.query.expression().to_owned(), p.look, p.on));
        pins.collect::<Vec<_>>()
    };
    let is = |name: &str, look, on| (name.to_owned(), look, on);
    assert_eq!(pins("Ha<enter>Hb<enter>"), [is("a", 0, true), is("b", 1, true)]);
    assert_eq!(pins("Ha<enter>Ha<enter>"), [is("a", 0, true)]);
    assert_eq!(pins("Ha<enter>Hb<enter>C jd"), [is("a", 0, false)]);
    // A look that is free is worn again.
    assert_eq!(pins("Ha<enter>Hb<enter>Cd<esc>Hc<enter>"), [is("b", 1, true), is("c", 0, true)]);
    assert_eq!(pins("Ha<enter>Ceb<enter>"), [is("ab", 0, true)]);
    // Nothing typed pins what is searched.
    assert_eq!(pins("/fig<enter>H<enter>"), [is("fig", 0, true)]);
    let searched = saved(fruit(), "Hfig<enter>C<enter>");
    assert_eq!(cursor(&searched), "fig");
}

#[test]
fn marks_are_listed_and_jumped_to() {
    let script = "m3Gm6Gmk";
    for (width, height) in [(80, 24), (120, 40)] {
        let (host, _) = at(width, height, fruit(), &format!("{script}'"));
        insta::assert_snapshot!(format!("marks_{width}x{height}"), picture(&host));
    }
    let of = |keys: &str| {
        let model = saved(fruit(), &format!("{script}{keys}"));
        let marks = model.marks.lines().map(|line| model.log.store().text(line));
        (cursor(&model), marks.collect::<Vec<_>>().join(" "))
    };
    assert_eq!(of(""), ("apple pie".into(), "apple cherry elder".into()));
    // The list opens at the mark before the cursor.
    assert_eq!(of("'<enter>").0, "cherry");
    assert_eq!(of("'j<enter>").0, "elder");
    assert_eq!(of("'d<esc>").1, "apple elder");
    assert_eq!(of("'<enter>m").1, "apple elder");
    assert_eq!(of("'dddd").1, "");
    // Filters hide a mark, and give way to it.
    assert_eq!(of("!e<enter>'kk<enter>").0, "apple");
    assert!(saved(fruit(), "'").answer.unwrap().starts_with("No marks; m marks"));
    let tiny = run(text_model(), 20, 6, vec![fruit()], "m").0;
    assert!(text(tiny.buffer()).contains('◈'));
}

#[test]
fn marks_survive_a_repair_above_them() {
    let mut model = text_model();
    tell(&mut model, vec![Message::Resize(80, 24), Message::Feed(fruit())]);
    press(&mut model, "m6Gm");
    let patch = Patch {
        keep: Some(1),
        append: vec![Piece::Text(
            "late\nlater\nbanana\ncherry\ndate\napple pie\nelder\nfig\n".into(),
        )],
    };
    tell(&mut model, vec![Message::Feed(FeedEvent::Log(patch))]);
    let marks: Vec<_> = model.marks.lines().map(|line| model.log.store().text(line)).collect();
    assert_eq!(marks, ["apple", "elder"]);
    // What is gone takes its mark along.
    let patch = Patch { keep: Some(0), append: vec![Piece::Text("x\nelder\ny\n".into())] };
    tell(&mut model, vec![Message::Feed(FeedEvent::Log(patch))]);
    let marks: Vec<_> = model.marks.lines().map(|line| model.log.store().text(line)).collect();
    assert_eq!(marks, ["elder"]);
}

/// What a run remembers of its marks.
fn kept(effects: Vec<Effect>) -> Option<LogMarks> {
    effects.into_iter().rev().find_map(|effect| match effect {
        Effect::Remember(Change::Marked(marks)) => Some(marks),
        _ => None,
    })
}

fn run_of(subject: Subject, file: Option<&str>, memory: Remembered, feed: &[&str]) -> Model {
    let options = Options { follow: false, ..Options::default() };
    let mut model = model_of(subject, options);
    model.file = file.map(str::to_owned);
    tell(&mut model, vec![Message::Resize(80, 24), Message::Remembered(Box::new(memory))]);
    for part in feed {
        tell(&mut model, vec![Message::Feed(lines(part))]);
    }
    model
}

#[test]
fn marks_come_back_with_the_same_log_and_with_no_other() {
    let text = || Subject::Text { name: "x".into() };
    let build = || Subject::Build(Some(ID.parse().unwrap()));
    let log = "apple\nbanana\ncherry\n";
    let other = "cherry\nbanana\napple\n";
    let marks = |model: &Model| -> Vec<String> {
        model.marks.lines().map(|line| model.log.store().text(line)).collect()
    };
    for (subject, file) in [(text(), Some("/a/x")), (build(), None)] {
        let mut first = run_of(subject.clone(), file, Remembered::default(), &[log]);
        let change = kept(press(&mut first, "jm")).unwrap();
        // Not a word of the log is kept.
        assert!(!format!("{change:?}").contains("banana"), "{change:?}");
        let mut memory = Remembered::default();
        memory.apply(&Change::Marked(change));
        let mut again = run_of(subject.clone(), file, memory.clone(), &[log]);
        tell(&mut again, vec![Message::Feed(FeedEvent::End)]);
        assert_eq!(marks(&again), ["banana"]);
        // Whenever its lines come, and wherever they have moved to.
        let mut slow =
            run_of(subject.clone(), file, memory.clone(), &["app", "le\nbana", "na\nch"]);
        tell(&mut slow, vec![Message::Feed(lines("erry\nfig\n")), Message::Feed(FeedEvent::End)]);
        assert_eq!(marks(&slow), ["banana"]);
        // Unmarked, it is forgotten.
        let change = kept(press(&mut again, "jm")).unwrap();
        assert!(change.marks.is_empty(), "{change:?}");
        let mut changed = run_of(subject, file, memory, &[other]);
        tell(&mut changed, vec![Message::Feed(FeedEvent::End)]);
        if file.is_some() {
            assert!(marks(&changed).is_empty());
        }
    }
    // A mark made before the memory was read joins those in it.
    let mut first = run_of(text(), Some("/a/x"), Remembered::default(), &[log]);
    let mut memory = Remembered::default();
    memory.apply(&Change::Marked(kept(press(&mut first, "jm")).unwrap()));
    let mut hasty = model_of(text(), Options { follow: false, ..Options::default() });
    hasty.file = Some("/a/x".into());
    tell(&mut hasty, vec![Message::Resize(80, 24), Message::Feed(lines(log))]);
    assert!(kept(press(&mut hasty, "m")).is_none());
    tell(&mut hasty, vec![Message::Remembered(Box::new(memory)), Message::Feed(FeedEvent::End)]);
    assert_eq!(marks(&hasty), ["apple", "banana"]);
    update(&mut hasty, Message::Resize(80, 24));
    assert_eq!(kept(press(&mut hasty, "jjm")).unwrap().marks.len(), 3);
    // Standard input can't come again.
    let mut pipe = run_of(text(), None, Remembered::default(), &[log]);
    assert!(kept(press(&mut pipe, "m")).is_none());
}

#[test]
fn lists_and_the_palette_take_the_mouse() {
    use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mouse = |kind, row| {
        Event::Mouse(MouseEvent { kind, column: 10, row, modifiers: KeyModifiers::NONE })
    };
    let click = |row| mouse(MouseEventKind::Down(MouseButton::Left), row);
    let after = |script: &str, more: Vec<Event>| {
        let mut host = Memory::new(80, 24);
        let mut events = keys(script);
        events.extend(more);
        let feed = vec![fruit(), FeedEvent::End];
        run_on(&mut host, text_model(), feed, events).model
    };
    // Rows 19 to 21 are the marks on lines 1, 3 and 6.
    let marks = "m3Gm6Gm'";
    assert_eq!(after(marks, vec![click(20)]).menu.unwrap().list.at, 1);
    let gone = after(marks, vec![click(20), click(20)]);
    assert!(gone.menu.is_none());
    assert_eq!(cursor(&gone), "cherry");
    let rolled = after(marks, vec![mouse(MouseEventKind::ScrollUp, 3)]);
    assert_eq!((rolled.menu.unwrap().list.at, rolled.scroll.top.item.index()), (1, 0));
    assert!(after(marks, vec![click(5)]).menu.is_none());
    assert_eq!(cursor(&after(marks, vec![click(5)])), "elder");
    // Of the palette's two rows the second: fold-all.
    let palette = after(":fold", vec![click(21), click(21)]);
    assert!(palette.prompt.is_none());
    assert_eq!(palette.memory.commands, ["fold-all"]);
}

#[test]
fn no_size_breaks_the_lists() {
    for (width, height) in [(16, 4), (17, 5), (20, 6), (40, 10), (400, 100)] {
        for script in ["mjm'", "&a<enter>L", "Ha<enter>C", "Ha<enter>Ce", "!", "&<enter>"] {
            run(text_model(), width, height, vec![fruit()], script);
        }
    }
}

#[test]
fn a_filter_that_hides_the_line_one_is_on_gives_it_back() {
    let text: String = (1..=300).map(|i| format!("line {i} of {}\n", i % 100)).collect();
    let row = |host: &Memory| {
        let shown = text_of(host);
        shown.lines().position(|l| l.contains("150›")).unwrap_or_else(|| panic!("in\n{shown}"))
    };
    let (before, _) = at(80, 24, lines(&text), "150G");
    for script in
        ["150GWW", "150G&of 0<enter>L   ", "150G&of 0<enter>L d", "150G!of 50<enter>!<enter>"]
    {
        let (host, model) = at(80, 24, lines(&text), script);
        assert_eq!(cursor(&model), "line 150 of 50", "{script}");
        assert_eq!(row(&host), row(&before), "{script}");
    }
    // Through a second filter that hides it as well.
    assert_eq!(cursor(&saved(lines(&text), "150GW!of 49<enter>&<enter>")), "line 150 of 50");
    // What one moves away from is left.
    assert_ne!(cursor(&saved(lines(&text), "150G&of 0<enter>k&<enter>")), "line 150 of 50");
}

fn text_of(host: &Memory) -> String {
    text(host.buffer())
}

#[test]
fn only_failures_and_warnings_keeps_what_says_so_itself() {
    let said = "plain\n#5 1.234 WARNING: Running pip as root\n#5 1.3 main.c:3:5: warning: unused\n\
                0 errors\ncc -c error_handler.c --with-error\nnpm warn deprecated x\n\
                W: a repository\nValueError: bad\nis an error: not here\n";
    assert_eq!(
        shown(&saved(lines(said), "W")),
        [
            "(1)",
            "#5 1.234 WARNING: Running pip as root",
            "#5 1.3 main.c:3:5: warning: unused",
            "(2)",
            "npm warn deprecated x",
            "W: a repository",
            "ValueError: bad",
            "(1)"
        ]
    );
    let of = |name: &str, part: &str| {
        let texts = shown(&saved(log(name), "W"));
        assert!(texts.iter().any(|line| line.contains(part)), "{name}: {texts:#?}");
    };
    of("ok-pip-root-warning", "WARNING: Running pip as the 'root' user");
    of("make-compile-error", "warning:");
    of("npm-hook-build-s", "npm warn");
    of("npm-hook-build-s", "error during build:");
}

#[test]
fn nothing_left_is_said_where_it_is() {
    for (width, height) in [(80, 24), (120, 40)] {
        let (host, _) = at(width, height, fruit(), "W");
        let shown = text_of(&host);
        assert!(
            shown.contains("⋯ 7 lines hidden: no failures or warnings; W shows all"),
            "{shown}"
        );
        let (host, _) = at(width, height, fruit(), "&zebra<enter>");
        let shown = text_of(&host);
        assert!(shown.contains("⋯ 7 lines hidden: no line passes; L lists the filters"), "{shown}");
    }
    let some = text_of(&at(80, 24, fruit(), "&fig<enter>").0);
    assert!(some.contains("⋯ 6 lines hidden\n"), "{some}");
}

/// What a filter is for may be in a folded step.
#[test]
fn nothing_is_folded_where_filters_pick_lines_out() {
    let of = |script: &str| shown(&saved(log(PARALLEL), script));
    assert_eq!(of("Z&ERROR<enter>"), of("&ERROR<enter>"));
    assert_eq!(of("Z&ERROR<enter>Ld"), of("Z"));
    assert_ne!(of("Z!ERROR<enter>"), of("!ERROR<enter>"));
    let said = |script: &str| saved(log(PARALLEL), script).answer.unwrap_or_default();
    for key in ["z", "Z"] {
        assert!(said(&format!("&ERROR<enter>{key}")).contains("nothing to fold"), "{key}");
    }
}

#[test]
fn what_a_filter_will_do_is_said() {
    let foot = |script: &str| {
        let shown = text_of(&at(80, 24, fruit(), script).0);
        shown.lines().last().unwrap_or_default().trim().to_owned()
    };
    assert!(foot("&").ends_with("only lines with a match stay"), "{}", foot("&"));
    assert!(foot("!").ends_with("lines with a match go"), "{}", foot("!"));
}

#[test]
fn how_many_lines_are_shown_is_said() {
    let bar = |width: u16, script: &str| {
        let shown = text_of(&at(width, 24, fruit(), script).0);
        shown.lines().rev().nth(1).unwrap().to_owned()
    };
    assert!(bar(80, "").contains("7 lines"));
    assert!(bar(80, "&apple<enter>").contains(" 2 of 7 lines"), "{}", bar(80, "&apple<enter>"));
    assert!(bar(80, "!apple<enter>").contains(" 5 of 7 lines"));
    assert!(bar(80, "&zebra<enter>").contains(" 0 of 7 lines"));
    assert!(bar(80, "&apple<enter>L <esc>").contains("7 lines"));
    assert!(!bar(80, "&apple<enter>L <esc>").contains(" of "));
}

#[test]
fn a_filter_without_an_expression_is_not_offered_to_be_edited() {
    let foot = |script: &str| {
        let shown = text_of(&at(80, 24, fruit(), script).0);
        shown.lines().last().unwrap().to_owned()
    };
    assert!(foot("&fig<enter>L").contains("e edit"));
    assert!(!foot("WL").contains("e edit"), "{}", foot("WL"));
    assert!(foot("W&fig<enter>Lj").contains("e edit"));
}

#[test]
fn what_is_only_around_is_told_from_what_matches() {
    for (width, height) in [(80, 24), (120, 40)] {
        let (host, _) = at(width, height, fruit(), "&apple<enter>+");
        insta::assert_snapshot!(format!("context_{width}x{height}"), picture(&host));
    }
    let look = |script: &str, row: u16| at(80, 24, fruit(), script).0.buffer()[(8, row)].style();
    let plain = look("", 2);
    assert_eq!(look("&apple<enter>+", 2), plain);
    assert_ne!(look("&apple<enter>+", 3), plain);
    // Another filter, the same rows.
    assert_eq!(look("&apple<enter>+&banana<enter>", 3), plain);
}

#[test]
fn a_selection_counts_the_lines_that_would_be_copied() {
    let foot = |script: &str| {
        let shown = text_of(&at(80, 24, fruit(), script).0);
        shown.lines().last().unwrap_or_default().trim().to_owned()
    };
    assert!(foot("&apple<enter>gvjj<esc>v").contains("Selecting"));
    assert!(
        foot("&apple<enter>gvjjh").ends_with("2 lines selected"),
        "{}",
        foot("&apple<enter>gvjjh")
    );
    assert!(foot("&apple<enter>gvjjjjh").ends_with("2 lines selected"));
    assert!(foot("gvjjh").ends_with("3 lines selected"));
    let copied = saved(fruit(), "&apple<enter>gvjjy");
    assert!(copied.answer.unwrap().contains("2 lines"));
    // A fold stands for all its lines.
    let model = saved(log(PARALLEL), "}zv");
    let lines = buildcat::app::selected_words(&model).unwrap();
    assert!(!lines.starts_with("1 line "), "{lines}");
    let all = saved(log(PARALLEL), "}zvy").answer.unwrap();
    let count = lines.split(' ').next().unwrap();
    assert!(all.contains(&format!("{count} lines")), "{lines}; {all}");
}
