//! Searching, going places, and doing things by name.

use buildcat::app::{Message, Model, Options, Subject};
use buildcat::domain::{FeedEvent, Patch};
use buildcat::memory::{Change, Memory as Remembered};
use crossterm::event::Event;

use crate::failed;
use crate::harness::Memory as Host;
use crate::harness::*;

/// A saved log after some keys.
fn saved(feed: FeedEvent, script: &str) -> Model {
    at(120, 40, feed, script).1
}

fn at(width: u16, height: u16, feed: FeedEvent, script: &str) -> (Host, Model) {
    let options = Options { follow: false, ..Options::default() };
    let model = model_of(Subject::Text { name: "x.log".into() }, options);
    let (host, outcome) = run(model, width, height, vec![feed, FeedEvent::End], script);
    (host, outcome.model)
}

fn lines(text: &str) -> FeedEvent {
    FeedEvent::Log(Patch::text(text.to_owned()))
}

fn numbered(n: usize) -> FeedEvent {
    lines(&(1..=n).map(|i| format!("this is line {i}\n")).collect::<String>())
}

fn cursor(model: &Model) -> u64 {
    model.log.store().number(model.cursor_line())
}

/// The last row: what is typed, and what comes of it.
fn foot(feed: FeedEvent, script: &str) -> String {
    let (host, _) = at(80, 24, feed, script);
    text(host.buffer()).lines().last().unwrap_or_default().trim().to_owned()
}

const PARALLEL: &str = "mix-parallel-error-noise";

#[test]
fn case_words_and_plain_text_are_a_key_away() {
    let log = || lines("Error error errors\nan e.ror\nERROR\n");
    assert!(foot(log(), "/error").ends_with("  1/4"));
    assert!(foot(log(), "/error<alt-c>").ends_with("exact case  1/2"));
    assert!(foot(log(), "/Error<alt-c><alt-c>").ends_with("any case  1/4"));
    assert!(foot(log(), "/error<alt-w>").ends_with("word  1/3"));
    assert!(foot(log(), "/e.ror").ends_with("1/5"));
    assert!(foot(log(), "/e.ror<alt-r>").ends_with("plain  1/1"));
    assert!(foot(log(), "/e.ror<alt-r><alt-r>").ends_with("1/5"));
    // It stays so for the next search.
    assert!(foot(log(), "/x<alt-w><esc>/error").ends_with("word  1/3"));
}

#[test]
fn a_broken_expression_is_told_and_loses_nothing() {
    let log = || lines("one\nmain(x)\nmain y\n");
    for (width, height) in [(120, 40), (80, 24)] {
        let (host, _) = at(width, height, log(), "/main(");
        insta::assert_snapshot!(format!("find_broken_{width}x{height}"), picture(&host));
    }
    let model = saved(log(), "/main(");
    assert_eq!(model.find.as_ref().map(|find| find.total()), Some(2));
    assert_eq!(cursor(&model), 2);
    // Made whole it is an expression, accepted it is plain text.
    assert!(foot(log(), "/main(x|z)?").ends_with("1/2"));
    let model = saved(log(), "/main(<enter>");
    assert_eq!(model.find.as_ref().map(|find| find.total()), Some(1));
    let said = model.answer.unwrap();
    assert_eq!(said, "Searched as plain text: unclosed group at character 5");
}

#[test]
fn going_around_the_end_is_said() {
    let log = || lines("match\nx\nmatch\n");
    let said = |script| saved(log(), script).answer;
    assert_eq!(said("/match<enter>n"), None);
    assert_eq!(said("/match<enter>nn").as_deref(), Some("From the top again"));
    assert_eq!(said("/match<enter>N").as_deref(), Some("From the end again"));
    assert!(foot(log(), "jj/x").contains("from the top"));
}

#[test]
fn a_match_is_shown_where_a_panel_was_over_the_log() {
    for script in ["/docker<enter>s", "/docker<enter>x", "/docker<enter>T"] {
        let before = text(at(80, 24, log("pip-hash-mismatch"), script).0.buffer());
        assert!(before.contains("─▸"), "{script}: {before}");
        for key in ["n", "N", "*"] {
            let (host, model) = at(80, 24, log("pip-hash-mismatch"), &format!("{script}{key}"));
            let shown = text(host.buffer());
            let line = format!("{}›", cursor(&model));
            assert!(!shown.contains("─▸") && shown.contains(&line), "{script}{key}: {shown}");
        }
    }
}

#[test]
fn what_was_searched_is_a_key_away() {
    let three = "/one<enter>/two<enter>/on x<enter>";
    let typed = |script: &str| {
        let model = saved(numbered(5), &format!("{three}{script}"));
        let prompt = model.prompt.unwrap_or_else(|| panic!("no prompt after {script}"));
        prompt.input.value().to_owned()
    };
    assert_eq!(typed("/<up>"), "on x");
    assert_eq!(typed("/<up><up><up>"), "one");
    assert_eq!(typed("/<up><up><up><up>"), "one");
    assert_eq!(typed("/<up><up><down>"), "on x");
    assert_eq!(typed("/<up><down>"), "");
    // Of those that begin with what is typed.
    assert_eq!(typed("/on<up><up>"), "one");
    assert_eq!(typed("/on<up><up><down><down>"), "on");
    // Looked through backwards.
    assert_eq!(typed("/<ctrl-r>on"), "on x");
    assert_eq!(typed("/<ctrl-r>on<ctrl-r>"), "one");
    assert_eq!(typed("/a<ctrl-r>on<esc>"), "a");
    assert_eq!(typed("/a<ctrl-r>zz"), "a");
    assert!(foot(numbered(5), "/one<enter>/<ctrl-r>o").starts_with("recall (o) /one"));
    assert!(foot(numbered(5), "/one<enter>/<ctrl-r>zz").starts_with("no recall (zz) /"));
    let model = saved(lines("one\ntwo\n"), &format!("{three}/<ctrl-r>two<enter>"));
    assert_eq!(model.find.unwrap().query().expression(), "two");
    assert_eq!(model.memory.searches, ["one", "on x", "two"]);
}

#[test]
fn nothing_typed_repeats_the_search() {
    let log = || lines("one two\nthree\none\ntwo one\nOne\n");
    let at = |script: &str| cursor(&saved(log(), script));
    assert_eq!(at("/one<enter>/<enter>"), 3);
    assert_eq!(at("/one<enter>/<enter>/<enter>/<enter>"), 5);
    let around = saved(log(), "/one<enter>N/<enter>");
    assert_eq!((cursor(&around), around.answer.as_deref()), (1, Some("From the top again")));
    // As it was read, and else as the prompt says now.
    assert_eq!(at("*<enter>/<enter>"), 3);
    let exact = saved(log(), "/one<enter>/<alt-c><enter>n");
    assert_eq!((cursor(&exact), exact.find.as_ref().map(|find| find.total())), (4, Some(3)));
    // Else what was typed last, on another day.
    let mut later = saved(log(), "");
    later.memory.searches = vec!["three".into(), "two".into()];
    for event in keys("jj/<enter>") {
        let crossterm::event::Event::Key(key) = event else { continue };
        tell(&mut later, vec![Message::Key(key)]);
    }
    assert_eq!(cursor(&later), 4);
    let none = saved(log(), "jj/<enter>");
    assert_eq!((cursor(&none), none.find.is_none()), (3, true));
    assert_eq!(none.answer.as_deref(), Some("Nothing has been searched yet"));
    // One that was ended goes on.
    assert_eq!(at("/one<enter><esc>/<enter>"), 3);
    assert_eq!(at("/one<enter><esc>n"), 3);
    assert_eq!(at("/one<enter>n<esc>N"), 1);
    assert_eq!(at("*n<esc>n"), 4);
    assert_eq!(at("/one<enter><esc>jjn"), 3);
    // And back to before, as from any search.
    assert_eq!(at("jjj/one<enter>gj/<alt-c><enter><ctrl-o>"), 2);
}

#[test]
fn a_match_that_fits_brings_the_view_back() {
    let far = format!("near\n{}far near\nnear\n", "x".repeat(200));
    let left = |script: &str| at(80, 24, lines(&far), script).1.scroll.left;
    assert!(left("/far<enter>") > 100);
    assert_eq!(left("/far<enter>/near<enter>n"), 0);
    assert!(left("/near<enter>n") > 100);
    assert_eq!(left("/near<enter>nn"), 0);
    assert_eq!(left("/near<enter>nN"), 0);
    // In sight already, in a line that one has scrolled along.
    assert_eq!(left("/near<enter>n/near<enter>"), left("/near<enter>n"));
    assert_eq!(left("j/x<enter>ll"), 16);
    assert_eq!(left("j/x<enter>lln"), 0);
}

#[test]
fn long_lines_wrap_as_in_less() {
    let wraps = |script: &str| {
        let model = saved(lines("one\ntwo\n"), script);
        (model.wrap, model.ask.is_some())
    };
    assert_eq!(wraps("-S"), (true, false));
    assert_eq!(wraps("-S-S"), (false, false));
    assert_eq!(wraps("-jS"), (false, true));
    // Here `-` takes lines away, and what is left is to be saved.
    assert_eq!(wraps("&one<enter>-S"), (false, true));
}

#[test]
fn earlier_runs_are_remembered_and_what_is_new_goes_out() {
    use buildcat::app::{Effect, update};
    let mut model = model();
    tell(&mut model, vec![Message::Resize(80, 24), Message::Feed(numbered(9))]);
    let mut effects = Vec::new();
    let mut press = |model: &mut Model, script: &str| {
        for event in keys(script) {
            let crossterm::event::Event::Key(key) = event else { continue };
            effects.extend(update(model, Message::Key(key)));
        }
    };
    press(&mut model, "/early<enter>");
    // The disk was slow.
    let mut before = Remembered::default();
    before.apply(&Change::Searched("before".into()));
    update(&mut model, Message::Remembered(Box::new(before)));
    press(&mut model, "/<up><up><enter>");
    assert_eq!(model.memory.searches, ["early", "before"]);
    let out = |text: &str| Effect::Remember(Change::Searched(text.into()));
    effects.retain(|effect| matches!(effect, Effect::Remember(_)));
    assert_eq!(effects, [out("early"), out("before")]);
}

/// Who looks whether a log shows the key doesn't want it written down.
#[test]
fn a_search_for_a_key_is_remembered_by_this_run_only() {
    use buildcat::app::{Effect, update};
    let mut model = model();
    let key = "sk_abcdefgh";
    let feed = Message::Feed(lines(&format!("{key} one\n")));
    tell(&mut model, vec![Message::Resize(80, 24), feed]);
    let mut effects = Vec::new();
    for event in keys(&format!("/{key}<enter>/x<enter>g**")) {
        let crossterm::event::Event::Key(key) = event else { continue };
        effects.extend(update(&mut model, Message::Key(key)));
    }
    effects.retain(|effect| matches!(effect, Effect::Remember(_)));
    assert!(!format!("{effects:?}").contains(key), "{effects:?}");
    assert!(format!("{effects:?}").contains("\"x\""), "{effects:?}");
    assert!(model.memory.searches.contains(&key.to_owned()));
}

#[test]
fn a_search_can_be_of_one_step() {
    // In the whole log, and in the step alone, where the prefix is cut.
    let all = saved(log(PARALLEL), "}/RUN<enter>");
    let total = all.find.as_ref().unwrap().total();
    let here = foot(log(PARALLEL), "}/RUN<alt-s>");
    assert!(here.ends_with("in this step") && here.contains("step "), "{here}");
    let one = saved(log(PARALLEL), "}/RUN<alt-s><enter>");
    let some = one.find.as_ref().unwrap().total();
    assert!(some > 0 && some < total, "{some} of {total}");
    let walked = saved(log(PARALLEL), &format!("}}/RUN<alt-s><enter>{}", "n".repeat(9)));
    let owner = |model: &Model| model.log.tree().owner(model.cursor_line());
    assert_eq!(owner(&walked), owner(&one));

    let alone = saved(log(PARALLEL), "}<enter>/RUN<enter>nnnn");
    assert_eq!(alone.find.as_ref().unwrap().total(), some);
    assert_ne!(alone.view.scope(), buildcat::app::view::Scope::Log);
    // The builder's prefix is not shown there, and not found.
    let prefix = saved(log(PARALLEL), "}<enter>/^#<enter>");
    assert!(prefix.answer.clone().unwrap().contains("none in this step"), "{:?}", prefix.answer);
    for (width, height) in [(80, 24), (120, 40)] {
        let (host, _) = at(width, height, log(PARALLEL), "}<enter>/error<enter>");
        insta::assert_snapshot!(format!("find_in_step_{width}x{height}"), picture(&host));
    }
}

#[test]
fn matches_in_folds_are_counted_and_open_them_and_escape_folds_again() {
    let shown = |script: &str| text(at(120, 40, log(PARALLEL), script).0.buffer());
    let folded = shown("}Z");
    let opened = shown("}Z/did not complete<enter>");
    assert_ne!(folded.matches('⊞').count(), opened.matches('⊞').count());
    let back = shown("}Z/did not complete<esc>");
    assert_eq!(back, folded);
}

#[test]
fn matches_are_shown_where_lines_wrap_and_characters_are_wide() {
    let long = format!("{}日本語の日本 é日本\n", "wort ".repeat(15));
    for (width, height) in [(80, 24), (120, 40)] {
        let (host, model) = at(width, height, lines(&long), "w/日本<enter>n");
        assert_eq!(model.find.as_ref().unwrap().total(), 3);
        insta::assert_snapshot!(format!("find_wide_wrapped_{width}x{height}"), picture(&host));
    }
}

#[test]
fn the_word_under_the_cursor_is_searched() {
    let log = || lines("#9 0.123 error: no uv.lock here\nuv.lock uv.locked\nerrors error\n");
    let word = |script: &str| {
        let model = saved(log(), script);
        (model.find.as_ref().unwrap().query().expression().to_owned(), cursor(&model))
    };
    assert_eq!(word("*"), ("error".into(), 1));
    assert_eq!(word("**"), ("no".into(), 1));
    assert_eq!(word("***"), ("uv.lock".into(), 1));
    assert_eq!(word("***n"), ("uv.lock".into(), 2));
    // Whole words only, and the word at a match.
    assert_eq!(saved(log(), "***").find.unwrap().total(), 2);
    assert_eq!(word("/lock<enter>*"), ("uv.lock".into(), 1));
    let none = saved(lines("--- 12\n"), "*");
    assert_eq!(none.answer.as_deref(), Some("There is no word in this line"));
}

#[test]
fn a_search_that_goes_on_says_so_and_stops_at_escape() {
    // More than a slice looks through, however fast.
    let text: String = (0..600_000).map(|i| format!("line {i} of a log that is long\n")).collect();
    let mut model = model();
    let feed = |text: &str| FeedEvent::Log(Patch::text(text.to_owned()));
    buildcat::app::update(&mut model, Message::Resize(80, 24));
    buildcat::app::update(&mut model, Message::Feed(feed(&text)));
    while buildcat::app::advance(&mut model) {}
    let mut press = |script: &str| {
        for event in keys(script) {
            let crossterm::event::Event::Key(key) = event else { continue };
            buildcat::app::update(&mut model, Message::Key(key));
        }
        buildcat::app::advance(&mut model);
        model.find.as_ref().map(|find| find.counter(&model))
    };
    let counted = press("g/long").unwrap();
    assert!(counted.starts_with("1/") && counted.ends_with('+'), "{counted}");
    let nowhere = press("<enter>/nowhere").unwrap();
    assert!(nowhere.starts_with("searching… ") && nowhere.ends_with('%'), "{nowhere}");
    let stopped = press("<esc><esc>").unwrap();
    assert!(stopped.ends_with("+, stopped"), "{stopped}");
    assert_eq!(press("<esc>"), None);
}

#[test]
fn numbers_percentages_and_times_lead_there() {
    let line = |script: &str| cursor(&saved(numbered(500), script));
    assert_eq!(line("123G"), 123);
    assert_eq!(line("123g"), 123);
    assert_eq!(line("50%"), 251);
    assert_eq!(line("100%"), 500);
    assert_eq!(line(":123<enter>"), 123);
    assert_eq!(line(":goto 123<enter>"), 123);
    assert_eq!(line(":50%<enter>"), 251);
    assert_eq!(line("10j"), 11);
    assert_eq!(line("123<esc>G"), 500);
    assert_eq!(line("10G5k"), 5);
    let said = |script: &str| saved(numbered(500), script).answer.unwrap();
    assert_eq!(said(":9999<enter>"), "There are 500 lines");
    assert_eq!(said("%"), "Type a number first: 50% goes to the middle");
    assert!(
        text(at(80, 24, numbered(9), ":25:00<enter>").0.buffer())
            .contains("25:00 is no time of day")
    );
    assert!(foot(numbered(9), "12").starts_with("12 …"));
}

#[test]
fn times_lead_to_their_lines() {
    let log = || {
        let stamp =
            |s: u32| format!("[Container] 2026/11/24 23:{:02}:{:02}.000000", 58 + s / 60, s % 60);
        let text: String =
            (0..100).map(|s| format!("{} Running command {s}\nout\n", stamp(s))).collect();
        lines(&text)
    };
    let at = |script: &str| {
        let model = saved(log(), script);
        model.log.store().text(model.cursor_line())
    };
    assert!(at(":23:59:10<enter>").ends_with("command 70"), "{}", at(":23:59:10<enter>"));
    assert!(at(":+90s<enter>").ends_with("command 90"));
    assert!(at(":+0.5<enter>").ends_with("command 1"));
    assert!(at(":23:00<enter>").ends_with("command 0"));
    let late = saved(log(), ":+1h<enter>");
    let said = late.answer.unwrap();
    assert!(said.starts_with("Nothing was printed at 1h 00m after the start"), "{said}");
    assert_eq!(late.scroll.cursor.index(), 199);
}

#[test]
fn times_that_others_put_before_the_lines_count() {
    let log = || {
        let text: String = (0..200)
            .map(|s| {
                format!("2026-11-26T10:{:02}:{:02}.5000000Z #5 line {s}\n", 4 + s / 60, s % 60)
            })
            .collect();
        lines(&text)
    };
    let at = |script: &str| {
        let model = saved(log(), script);
        model.log.store().text(model.cursor_line())
    };
    assert!(at(":10:05:10<enter>").ends_with("line 70"), "{}", at(":10:05:10<enter>"));
    assert!(at(":+90s<enter>").ends_with("line 90"), "{}", at(":+90s<enter>"));
    let shown = text(at_80(log(), "t").buffer());
    assert!(shown.contains("10:04:00"), "{shown}");
}

fn at_80(feed: FeedEvent, script: &str) -> Host {
    at(80, 24, feed, script).0
}

#[test]
fn a_log_without_times_says_so_and_gets_no_column() {
    // In a file: nobody saw its lines arrive.
    let file = tempfile::NamedTempFile::new().unwrap();
    let played = |text: &str, script: &str| {
        std::fs::write(file.path(), text).unwrap();
        let options = Options { follow: false, ..Options::default() };
        let mut model = model_of(Subject::Text { name: "x.log".into() }, options);
        let rules = std::sync::Arc::new(buildcat::diagnose::Rules::builtin());
        model.log = buildcat::log::Log::open(file.path(), rules).unwrap();
        let (host, outcome) = run(model, 80, 24, vec![], script);
        (text_of(&host), outcome.model.answer.unwrap_or_default())
    };
    let plain = "one\ntwo\nthree\n";
    for script in [":10:04<enter>", ":+90s<enter>", "t"] {
        assert_eq!(played(plain, script).1, "The log tells no times", "{script}");
    }
    assert!(played(plain, "t").0.contains("  2   two"), "{}", played(plain, "t").0);
    // The image build's own clock isn't the time of day.
    let build = "#0 building with \"default\" instance\n#5 [2/3] RUN make\n#5 0.5 hello\n";
    let said = played(build, ":10:04<enter>").1;
    assert!(said.starts_with("The log tells no time of day; +90s"), "{said}");
    assert_eq!(played(build, "t").1, "Times in UTC");
    let (host, _) = at(50, 24, log(PARALLEL), "t");
    let shown = text_of(&host);
    assert!(shown.contains("Times in UTC, on a screen of 60 columns"), "{shown}");
}

fn text_of(host: &Host) -> String {
    text(host.buffer())
}

#[test]
fn nobody_is_asked_for_a_log_of_a_file() {
    let options = Options { follow: false, ..Options::default() };
    for key in ["r", "P", ":pause-polling<enter>"] {
        let model = model_of(Subject::Text { name: "x.log".into() }, options.clone());
        let (host, _) = run(model, 120, 24, vec![numbered(3)], key);
        let shown = text(host.buffer());
        assert!(shown.contains("A saved log has no service to ask; new lines"), "{key}\n{shown}");
    }
}

#[test]
fn what_is_typed_is_edited_by_words_and_left_by_deleting_nothing() {
    let log = || lines("alpha beta gamma\n");
    let typed = |script: &str| foot(log(), script);
    assert!(
        typed("/beta gamma<alt-b>X").starts_with("/beta Xgamma"),
        "{}",
        typed("/beta gamma<alt-b>X")
    );
    assert!(
        typed("/beta gamma<alt-b><alt-b><alt-f>X").starts_with("/beta X")
            || typed("/beta gamma<alt-b><alt-b><alt-f>X").starts_with("/betaX")
    );
    assert!(typed("S beta gamma<alt-b>X").contains("beta Xgamma"));
    assert!(
        typed("/beta gamma<alt-b><alt-d>X").starts_with("/beta X "),
        "{}",
        typed("/beta gamma<alt-b><alt-d>X")
    );
    assert!(typed("/beta<home><ctrl-d>").starts_with("/eta "), "{}", typed("/beta<home><ctrl-d>"));
    assert!(typed("Sbeta<home><ctrl-d>").contains(" eta "));
    let nothing = typed("");
    for opened in ["/", "&", "!", ":", "S", "|", "/b<enter><esc>/"] {
        assert_ne!(typed(opened), nothing);
        assert_eq!(typed(&format!("{opened}<backspace>")), nothing, "{opened}");
        assert_ne!(typed(&format!("{opened}a<backspace>")), nothing, "{opened}");
    }
}

#[test]
fn the_palette_finds_actions_by_name_with_their_keys() {
    for (width, height) in [(80, 24), (120, 40)] {
        let (host, _) = run(model(), width, height, failed(), ":fold");
        insta::assert_snapshot!(format!("palette_{width}x{height}"), picture(&host));
    }
    let model = saved(log(PARALLEL), ":foldall<enter>");
    assert!(model.prompt.is_none() && model.view.folds().any());
    assert_eq!(model.memory.commands, ["fold-all"]);
    // The second row, though the first one's name was typed in full.
    let second = saved(log(PARALLEL), "}:fold<down><enter>");
    assert_eq!(second.memory.commands, ["fold-all"]);
    assert!(foot(numbered(3), ":zzzz<enter>").contains("nothing is called zzzz"));
    assert_eq!(cursor(&saved(numbered(30), "5G:<esc>")), 5);
    let history = saved(numbered(30), ":wrap<enter>:12<enter>:<up><up>");
    assert_eq!(history.prompt.unwrap().input.value(), "wrap");
    // With an argument.
    assert_eq!(cursor(&saved(numbered(30), ":search line 7<enter>")), 7);
    let hidden = saved(numbered(30), ":hide line 1<enter>:pin [89]<enter>");
    assert_eq!(hidden.view.len(&hidden.log), 21);
    assert_eq!(hidden.pins.len(), 1);
    assert_eq!(
        saved(numbered(3), ":hide a(<enter>").answer.unwrap(),
        "Taken as plain text: unclosed group at character 2"
    );
    let ended = run(crate::harness::model(), 80, 24, failed(), ":quit<enter>").1;
    assert_eq!(ended.ending, buildcat::app::Ending::Quit);
}

#[test]
fn no_size_breaks_the_prompts() {
    for (width, height) in [(16, 4), (17, 5), (20, 6), (40, 10), (400, 100)] {
        for script in [":", ":fold<down><down>", "/(", "/a<alt-w><alt-s>", "/<ctrl-r>x", "99999999"]
        {
            run(model(), width, height, failed(), script);
        }
    }
}

#[test]
fn a_match_in_a_later_row_of_a_line_is_brought_into_sight() {
    let long = format!("start {}NEEDLE{} NEEDLE end", "x".repeat(3200), "y".repeat(1500));
    let log = || lines(&format!("one\ntwo\n{long}\n{}", "after\n".repeat(60)));
    let shows = |feed: FeedEvent, size: (u16, u16), script: &str, part: &str| {
        let (host, _) = at(size.0, size.1, feed, script);
        let shown = text(host.buffer());
        assert!(shown.contains(part), "{script} at {size:?}\n{shown}");
        shown.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let json: Vec<String> = (0..60).map(|i| format!("\"k{i}\": {i}")).collect();
    let json = || lines(&format!("one\n{{{}}}\n{}", json.join(", "), "after\n".repeat(60)));
    for size in [(80, 24), (120, 40)] {
        shows(log(), size, "w/NEEDLE", "xxNEEDLEyy");
        shows(log(), size, "w/NEEDLE<enter>", "xxNEEDLEyy");
        shows(log(), size, "w/NEEDLE<enter>n", "y NEEDLE end");
        shows(log(), size, "w/NEEDLE<enter>nN", "xxNEEDLEyy");
        shows(log(), size, "w/NEEDLE<enter>nn", "xxNEEDLEyy");
        shows(json(), size, "p/k55", "\"k55\": 55");
        shows(json(), size, "p/k55<enter>", "\"k55\": 55");
        shows(json(), size, "pw/k55<enter>", "\"k55\": 55");
        shows(json(), size, "pw/k55<enter>/k2\"<enter>", "\"k2\": 2");
    }
    // What is in sight stays where it is.
    let two = || lines(&format!("{}ab{}\n", "x".repeat(300), "y".repeat(300)));
    let top = |script: &str| at(80, 24, two(), script).1.scroll.top;
    assert_eq!(top("w/ab<enter>n"), top("w"));
}

#[test]
fn a_broken_expression_loses_nothing_when_it_is_accepted_either() {
    let log = || lines("one\ngcc x\ngcc y\n");
    let model = saved(log(), "/gcc(<enter>");
    assert_eq!(model.find.as_ref().map(|find| find.query().expression()), Some("gcc"));
    let said = model.answer.clone().unwrap();
    assert_eq!(said, "Still at gcc: gcc( is nowhere as plain text (unclosed group at character 4)");
    assert_eq!(cursor(&model), 2);
    assert_eq!(cursor(&saved(log(), "/gcc(<enter>n")), 3);
    // Nothing was searched: then nothing is; what was before stays.
    assert!(saved(log(), "/(<enter>").find.is_none());
    let before = saved(log(), "/one<enter>/(<enter>");
    assert_eq!(before.find.as_ref().map(|find| find.query().expression()), Some("one"));
    // A filter that leaves nothing isn't made.
    let filter = saved(log(), "&gcc[<enter>");
    assert!(filter.view.filters().list.is_empty());
    let said = filter.answer.unwrap();
    assert_eq!(
        said,
        "No filter made: gcc[ is nowhere as plain text (unclosed character class at character 4)"
    );
    let filter = saved(lines("a[b\nc\n"), "&a[<enter>");
    assert_eq!(filter.view.filters().list.len(), 1);
}

#[test]
fn what_is_nowhere_is_said_to_be_nowhere() {
    let nowhere = saved(numbered(5), "jj/zebra<enter>");
    assert_eq!((cursor(&nowhere), nowhere.find.is_none()), (3, true));
    assert_eq!(nowhere.answer.as_deref(), Some("No match for zebra"));
    // Also where Enter comes before all has been looked through.
    let ahead = |feed: Vec<FeedEvent>| {
        let (host, outcome) = run_ahead(model(), 80, 24, feed, "/zebra<enter>");
        (text(host.buffer()), outcome.model.answer)
    };
    let (_, said) = ahead(vec![numbered(5), FeedEvent::End]);
    assert_eq!(said.as_deref(), Some("No match for zebra"));
    // It may still come; till then there is nothing to go to.
    let (shown, said) = ahead(vec![numbered(5)]);
    assert_eq!(said.as_deref(), Some("No match for zebra so far"));
    assert!(shown.contains("no match"), "{shown}");
    let waits = text(run(model(), 80, 24, vec![numbered(5)], "/zebra<enter>k").0.buffer());
    assert!(
        waits.contains("/ search   Esc end search") && !waits.contains("next match"),
        "{waits}"
    );
}

#[test]
fn counts_are_honoured_where_one_goes_from_one_to_the_next() {
    let line = |script: &str| cursor(&saved(numbered(500), script));
    assert_eq!(line("/line<enter>5n"), 6);
    assert_eq!(line("/line<enter>5n3N"), 3);
    assert_eq!(line("/of<enter>"), 1);
    let same = |one: &str, other: &str| {
        let place = |script: &str| saved(log(PARALLEL), script).cursor_line();
        assert_eq!(place(one), place(other), "{one} {other}");
    };
    same("3]", "]]]");
    same("4]2[", "]]]][[");
    same("2e", "ee");
    same("2e1E", "eeE");
    same("1}", "}");
    // More than there are: the last there is; around, where it goes around.
    same("99]", "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    assert_eq!(line("/line 49[89]<enter>5n"), 499);
}

#[test]
fn counts_and_a_dollar_lead_along_long_lines() {
    let log = || lines(&format!("{}end\nshort\n", "x".repeat(1000)));
    let left = |script: &str| at(80, 24, log(), script).1.scroll.left;
    assert_eq!((left("3l"), left("9l4h"), left("3l9h")), (24, 40, 0));
    // No further than there is anything.
    assert_eq!(left("999l"), left(&"l".repeat(200)));
    let (host, model) = at(80, 24, log(), "$");
    assert!(text(host.buffer()).lines().any(|row| row.ends_with("xend")), "{}", text_of(&host));
    assert_eq!((left("$$"), left("$0")), (model.scroll.left, 0));
    let short = at(80, 24, lines("short\n"), "$").1;
    assert_eq!(short.scroll.left, 0);
    let wrapped = at(80, 24, log(), "w$").1;
    assert!(wrapped.answer.unwrap().starts_with("Long lines are wrapped"));
}

#[test]
fn the_counter_stays_beside_what_is_said() {
    let foot = foot(lines("match\nx\nmatch\n"), "/match<enter>nn");
    assert!(foot.starts_with("From the top again") && foot.ends_with("1/2"), "{foot}");
}

#[test]
fn a_dollar_is_the_last_line() {
    let model = saved(numbered(500), ":$<enter>");
    assert_eq!(cursor(&model), 500);
    assert!(foot(numbered(9), ":$").starts_with(":$"));
    let (host, outcome) = run(
        model_of(Subject::Text { name: "x".into() }, Options::default()),
        80,
        24,
        vec![numbered(50), FeedEvent::End],
        "g:$<enter>",
    );
    assert!(host.programs.is_empty());
    assert_eq!(cursor(&outcome.model), 50);
}

#[test]
fn how_an_expression_was_read_is_shown_as_long_as_it_counts() {
    let log = || lines("Error error errors\nan e.ror\nERROR\n");
    assert!(foot(log(), "/error<alt-w><enter>").ends_with("word  1/3"));
    assert!(foot(log(), "/e.ror<alt-r><enter>").ends_with("plain  1/1"));
    assert!(foot(log(), "/error<enter>").ends_with("1/4"));
    // The word under the cursor is recalled as a word.
    let again = foot(lines("err x\nerror\nerr\n"), "*/<up><enter>");
    assert!(again.ends_with("1/2"), "{again}");
}

#[test]
fn one_goes_back_to_where_one_jumped_from() {
    let line = |script: &str| cursor(&saved(numbered(500), script));
    // Two quotes: there and back, as in less and vim.
    assert_eq!(line("45G400G''"), 45);
    assert_eq!(line("45G400G''''"), 400);
    assert_eq!(line("45Gm400G''"), 45);
    assert_eq!(line("45Gm400G'<enter>"), 45);
    // One by one.
    assert_eq!(line("45G100G400G<ctrl-o>"), 100);
    assert_eq!(line("45G100G400G<ctrl-o><ctrl-o>"), 45);
    assert_eq!(line("45G100G400G<ctrl-o><ctrl-o><ctrl-o>"), 1);
    assert_eq!(line("45G100G400G<ctrl-o><ctrl-o>''"), 100);
    // Any way of going far, and no other.
    for jump in ["/line 77<enter>", "g", "G", ":99<enter>", "50%", ":$<enter>"] {
        assert_eq!(line(&format!("45G{jump}<ctrl-o>")), 45, "{jump}");
        assert_eq!(line(&format!("45G{jump}''")), 45, "{jump}");
    }
    assert_eq!(line("45Gjjj400G''"), 48);
    // A count makes one jump of several.
    assert_eq!(line("45G/line 3<enter>5n"), 305);
    assert_eq!(line("45G/line 3<enter>5n<ctrl-o>"), 300);
    assert_eq!(line("45G/line 77<esc><ctrl-o>"), 1);
    // On the same row of the screen.
    let row = |script: &str| saved(numbered(500), script).scroll;
    assert_eq!(row("45Gjjkkk400G''"), row("45Gjjkkk"));
    let said = |script: &str| saved(numbered(500), script).answer.unwrap();
    assert_eq!(said("<ctrl-o>"), "Nothing was jumped from");
    assert_eq!(said("9G<ctrl-o><ctrl-o>"), "That was the first jump");
    assert_eq!(said("'"), "No marks; m marks this line");
    assert_eq!(said("9G'"), "No marks; m marks this line; ' again goes back");
}

#[test]
fn going_to_a_hidden_line_puts_off_what_hides_it_and_no_more() {
    let text: String = (1..=60).map(|i| format!("line {i} of {}\n", i % 10)).collect();
    let filters = |script: &str| {
        let model = saved(lines(&text), script);
        let on: Vec<bool> = model.view.filters().list.iter().map(|filter| filter.on).collect();
        (on, model.answer.clone().unwrap_or_default(), cursor(&model))
    };
    let three = "&of 0<enter>&of 1<enter>!of 5<enter>";
    let (on, said, at) = filters(&format!("{three}23G"));
    assert_eq!((on, at), (vec![false, false, true], 23));
    assert_eq!(said, "Filters that hid this line are off; & Enter brings them back");
    assert_eq!(filters(&format!("{three}25G")).0, [false, false, false]);
    // All as they were, in one go; what was off stays off.
    assert_eq!(filters(&format!("{three}23G&<enter>")).0, [true, true, true]);
    assert_eq!(filters(&format!("{three}L <esc>23G&<enter>")).0, [false, true, true]);
    assert_eq!(filters(&format!("{three}L <esc>&<enter>&<enter>")).0, [false, true, true]);
    assert_eq!(filters(&format!("{three}&<enter>&<enter>")).0, [true, true, true]);
}

#[test]
fn a_filter_that_is_edited_counts_in_all_of_the_log() {
    let text: String = (1..=40).map(|i| format!("line {i} of {}\n", i % 10)).collect();
    assert!(foot(lines(&text), "!of 5<enter>Le").ends_with("4 lines"));
    assert!(foot(lines(&text), "&of 5<enter>&of 6").ends_with("4 lines"));
    assert!(foot(lines(&text), "&zebra").ends_with("no line"));
    // It picks lines, however often they match.
    assert!(foot(lines("a a a\nb\n"), "&a").ends_with("1 line"));
}

#[test]
fn a_line_with_very_many_matches_says_that_there_are_more() {
    assert!(foot(lines(&"x".repeat(70_000)), "/x<enter>").ends_with("1/65,535+"));
    assert!(foot(lines(&"x".repeat(60_000)), "/x<enter>").ends_with("1/60,000"));
}

/// The first row of what the palette offers.
fn offered(typed: &str) -> String {
    let (host, _) = at(100, 30, lines("x\n"), &format!(":{typed}"));
    let shown = text(host.buffer());
    let row = shown.lines().find_map(|row| row.strip_prefix(" › "));
    row.unwrap_or_default().to_owned()
}

#[test]
fn what_enter_does_is_the_row_that_is_marked() {
    for (typed, row) in [
        ("pin", "pin EXPRESSION"),
        ("search", "search EXPRESSION"),
        ("save", "save [--all"),
        ("hide", "hide EXPRESSION"),
        ("fold", "fold "),
        ("mark", "mark "),
        ("w", "wrap "),
        ("w x", "save [--all"),
        ("q", "quit "),
        ("time", "time [utc"),
    ] {
        assert!(offered(typed).starts_with(row), "{typed}: {}", offered(typed));
    }
    for action in buildcat::keymap::Action::ALL {
        let name = action.name();
        let row = offered(name);
        assert!(!row.starts_with(&format!("{name}-")), "{name}: {row}");
    }
}

#[test]
fn one_line_is_one() {
    assert_eq!(foot(lines("one\n"), "9G"), "There is 1 line");
    assert_eq!(foot(numbered(3), "9G"), "There are 3 lines");
}

#[test]
fn what_is_only_like_a_name_is_done_when_enter_is_pressed_again() {
    assert!(offered("foo").starts_with("follow "));
    let model = saved(numbered(3), ":foo<enter>");
    assert_eq!(model.memory.commands, [""; 0]);
    let said = "nothing is called foo; Enter again: follow";
    assert_eq!(model.prompt.unwrap().note.as_deref(), Some(said));
    assert_eq!(saved(numbered(3), ":foo<enter><enter>").memory.commands, ["follow"]);
    // What is typed on is something else again.
    let model = saved(numbered(3), ":fo<enter>");
    assert_eq!(model.memory.commands.len(), 1, "the beginning of a name is meant");
    assert!(saved(numbered(3), ":foo<enter><backspace>o<enter>").prompt.is_some());
    for (typed, done) in
        [("wra", "wrap"), ("bookmark", "mark"), ("next failed", "next-failed-step")]
    {
        let model = saved(log(PARALLEL), &format!(":{typed}<enter><esc>"));
        assert_eq!(model.memory.commands, [done], "{typed}");
    }
}

#[test]
fn words_behind_a_command_are_taken_or_refused() {
    let times = || lines("2026-11-26T10:04:30Z one\n");
    let said = |script: &str| saved(times(), script).answer.unwrap_or_default();
    assert_eq!(said(":time utc<enter>"), "Times in UTC");
    assert_eq!(said(":time local<enter>"), "Local times");
    assert_eq!(said(":time off<enter>"), "No times");
    assert!(foot(times(), ":time zulu<enter>").contains("no zulu; utc, local, build"));
    assert!(foot(times(), ":wrap now<enter>").contains("wrap takes nothing behind it"));
    // Words that only find a name are none.
    assert_eq!(said(":long lines<enter>"), "Long lines wrap");
    for script in [":save --bogus<enter>", "S--bogus<enter>", ":w --bogus x<enter>"] {
        let shown = text(at(80, 24, times(), script).0.buffer());
        assert!(shown.contains("there is no --bogus; --all"), "{script}: {shown}");
    }
}

#[test]
fn the_palette_goes_by_pages_and_says_how_much_is_below() {
    let shown = |script: &str| text(at(80, 24, lines("x\n"), script).0.buffer());
    let count = buildcat::keymap::Action::ALL.len();
    let more = |script: &str| -> usize {
        let shown = shown(script);
        let (head, _) = shown.split_once(" more ↓").unwrap_or_default();
        head.rsplit([' ', '─']).next().and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    let all = more(":");
    assert!(all > 50 && all < count, "{all}");
    assert_eq!(more(":<pagedown>"), all - 1);
    assert_eq!(more(":<pagedown><pagedown>"), all - 11);
    assert_eq!(more(":<pagedown><pagedown><pageup><pageup>"), all);
    assert_eq!(more(":fold-all"), 0);
}

/// What there is no room for in a row has several, as a notice has.
#[test]
fn an_answer_is_never_cut_off() {
    let whole = |script: &str, end: &str| {
        let (host, outcome) = run(model(), 80, 24, failed(), script);
        let words = text(host.buffer()).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(end), "{script}: {words}");
        outcome.model
    };
    let model = whole("o", "start buildcat in the project, or with --project");
    assert!(model.answer.is_some_and(|answer| answer.len() > 80));
    whole("/docker<enter>o", "or with --project");
    whole(":99:99<enter>", "write 10:04 or 10:04:30 (+1:30 counts from the start)");
    whole(
        "/docker build python3 something{3,1}",
        "invalid repetition count range, the start must be <= the end at character",
    );
    // A low screen has a second row for it, one with fewer rows none to spare.
    let (host, _) = run(crate::harness::model(), 80, 12, failed(), "o");
    let shown = text(host.buffer());
    assert!(
        shown.contains("start buildcat in the project, or with") && shown.contains("--project\n")
    );
    let (host, _) = run(crate::harness::model(), 80, 10, failed(), "o");
    assert!(text(host.buffer()).contains("The finding has no Dockerfile here;"));
}

#[test]
fn the_selected_step_is_the_one_that_is_searched() {
    let name = "mix-parallel-error-noise";
    let all = saved(log(name), "}");
    let step = all.log.tree().failing_step().unwrap();
    // The panel has the keys; the log's cursor may be on a line of no step.
    let model = saved(log(name), "}<tab>/e<alt-s><enter>");
    assert_eq!(model.find.unwrap().only(), Some(step));
    let model = saved(log(name), "}<tab>j/e<alt-s><enter>");
    assert_ne!(model.find.as_ref().unwrap().only(), Some(step), "{:?}", model.answer);
}

#[test]
fn the_palette_knows_other_words_for_what_it_does() {
    let first = |typed: &str| {
        let (host, _) = at(80, 24, log(PARALLEL), &format!(":{typed}"));
        text(host.buffer()).lines().map(str::trim).map(str::to_owned).collect::<Vec<_>>()
    };
    for (typed, name) in [
        ("filter", "show-only"),
        ("grep", "show-only"),
        ("exclude", "hide "),
        ("highlight", "pin "),
        ("find", "search "),
        ("bookmark", "mark "),
        ("noh", "close "),
        ("write", "save "),
    ] {
        let shown = first(typed);
        assert!(
            shown.iter().any(|row| row.trim_start_matches("› ").starts_with(name)),
            "{typed}: {shown:#?}"
        );
    }
}

#[test]
fn how_a_search_is_read_is_changed_after_it_was_typed_too() {
    let log = || lines("Error error errors\nan e.ror\nERROR\n");
    let counter = |script: &str| foot(log(), script);
    assert!(counter("/error<enter>:prompt-word<enter>k").ends_with("word  1/3"));
    assert!(counter("/error<enter>:prompt-case<enter>k").ends_with("exact case  1/2"));
    assert!(counter("/e.ror<enter>:prompt-regex<enter>k").contains("plain  1"));
    // Without a search it is said for the next one.
    let model = saved(log(), ":prompt-word<enter>");
    assert_eq!(model.answer.as_deref(), Some("The next search is read as: word"));
    assert!(counter(":prompt-word<enter>/error").ends_with("word  1/3"));
    let model = saved(log(), ":prompt-word<enter>:prompt-word<enter>");
    assert_eq!(model.answer.as_deref(), Some("The next search is read as usual"));
}

/// Terminals send a carriage return for the end of a pasted line, most of them.
#[test]
fn of_what_is_pasted_the_first_line_is_typed() {
    for pasted in ["two\rthree", "two\nthree", "two\r\nthree", "two\r"] {
        for open in ["/", ":", "S"] {
            let mut events = keys(open);
            events.push(Event::Paste(pasted.to_owned()));
            let mut host = Host::new(80, 24);
            let feed = vec![lines("one\ntwo\n"), FeedEvent::End];
            let model = run_on(&mut host, model(), feed, events).model;
            let typed = match (&model.prompt, &model.ask) {
                (Some(prompt), _) => prompt.input.value(),
                (_, Some(ask)) => ask.input().unwrap().value(),
                _ => panic!("nothing is typed"),
            };
            assert_eq!(typed, "two", "{open}{pasted:?}");
        }
    }
}

/// It would take seconds, and nobody searches for that.
#[test]
fn a_log_pasted_by_mistake_is_cut() {
    for open in ["/", ":", "S"] {
        let mut events = keys(open);
        events.push(Event::Paste("x".repeat(20_000)));
        events.extend(keys("y"));
        let mut host = Host::new(100, 20);
        let feed = vec![lines("x\n"), FeedEvent::End];
        let model = run_on(&mut host, model(), feed, events).model;
        let typed = match (&model.prompt, &model.ask) {
            (Some(prompt), _) => prompt.input.value(),
            (_, Some(ask)) => ask.input().unwrap().value(),
            _ => panic!("nothing is typed"),
        };
        assert_eq!(typed.len(), 4096, "{open}");
    }
}

fn press(model: &mut Model, script: &str) {
    for event in keys(script) {
        let Event::Key(key) = event else { continue };
        buildcat::app::update(model, Message::Key(key));
    }
}

#[test]
fn a_match_stays_in_sight_when_lines_are_laid_out_otherwise() {
    let text = format!("start\n{}the needle is here\nend\n", "words and words ".repeat(300));
    for script in ["/needle<enter>", "/needle<enter>w", "/needle<enter>ww", "/needle<enter>www"] {
        let (host, model) = at(80, 14, lines(&text), script);
        let shown = text_of(&host);
        assert!(shown.contains("needle is"), "{script}\n{shown}");
        assert_eq!(cursor(&model), 2, "{script}");
    }
    // And when the window gets narrower.
    let options = Options { follow: false, ..Options::default() };
    let mut model = model_of(Subject::Text { name: "x.log".into() }, options);
    tell(
        &mut model,
        vec![Message::Resize(120, 14), Message::Feed(lines(&text)), Message::Feed(FeedEvent::End)],
    );
    press(&mut model, "w/needle<enter>");
    tell(&mut model, vec![Message::Resize(50, 9)]);
    let top = model.scroll.top;
    assert!(top.row > 60, "{top:?}");
}

#[test]
fn what_came_while_it_was_typed_is_gone_to() {
    let options = Options { follow: false, ..Options::default() };
    let mut model = model_of(Subject::Text { name: "x.log".into() }, options);
    let many = "hay\n".repeat(60);
    tell(&mut model, vec![Message::Resize(80, 24), Message::Feed(lines(&many))]);
    press(&mut model, "5G/needle");
    while buildcat::app::advance(&mut model) {}
    tell(&mut model, vec![Message::Feed(lines("a needle\n")), Message::Feed(lines(&many))]);
    while buildcat::app::advance(&mut model) {}
    assert_eq!(cursor(&model), 5);
    press(&mut model, "<enter>");
    while buildcat::app::advance(&mut model) {}
    assert_eq!(cursor(&model), 61);
}
