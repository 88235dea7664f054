//! The steps panel, folding, one step alone, the sticky header, the times.

use buildcat::app::view::Scope;
use buildcat::app::{Pane, Subject};
use buildcat::domain::{BuildStatus, FeedEvent, LineNo, Patch};

use crate::harness::*;
use crate::{failed, screen};

/// A saved log of two stages that worked side by side.
const PARALLEL: &str = "mix-parallel-error-noise";

fn saved(width: u16, height: u16, name: &str, script: &str) -> String {
    let subject = Subject::Text { name: format!("{name}.log") };
    let options = buildcat::app::Options { follow: false, ..Default::default() };
    let feed = vec![log(name), FeedEvent::End];
    text(run(model_of(subject, options), width, height, feed, script).0.buffer())
}

#[test]
fn panels_lie_below_the_log_where_there_is_room() {
    for (width, height) in [(120, 40), (200, 50)] {
        let shown = saved(width, height, PARALLEL, "");
        insta::assert_snapshot!(format!("panels_{width}x{height}"), shown);
    }
    let narrow = saved(80, 24, PARALLEL, "s");
    insta::assert_snapshot!("steps_80x24", narrow);
}

#[test]
fn the_selected_step_comes_along_where_one_jumps() {
    let at = |script: &str| {
        let shown = saved(120, 40, PARALLEL, script);
        let row = shown.lines().find(|row| row.starts_with('›')).map(str::to_owned);
        row.unwrap_or_else(|| panic!("nothing is selected in\n{shown}"))
    };
    let failed = at("");
    assert!(failed.contains("deps 4/4 RUN"), "{failed}");
    let first = at("}[[[[[[[[[[[[[");
    assert!(first.contains("load build definition"), "{first}");
    assert_eq!(at("}[[[[[[[[[[[[[c"), failed);
    assert!(at("}[[[/#10 0<enter>").contains("checks 4/4 RUN"));
    assert_eq!(at("}[[[[[[[[[[[[[/CANCELED<esc>"), first);
    assert_eq!(at("}[[[[[[[[[[[[[c<ctrl-o>"), first);
    // What matters stays selected as long as one hasn't gone to any step.
    assert_eq!(at("/load build def<enter>"), failed);
}

#[test]
fn panels_say_how_much_is_above_and_below() {
    let title = |width, height, script: &str, of: &str| {
        let shown = saved(width, height, "apt-portaudio-name", script);
        let row = shown.lines().find(|row| row.contains(of)).map(str::to_owned);
        row.unwrap_or_else(|| panic!("no {of} in\n{shown}"))
    };
    // Two of them side by side, and one in the log's place.
    let both = title(100, 24, "", "Steps 12");
    let (steps, findings) = both.split_once('┬').unwrap();
    assert!(steps.ends_with(" 2 more ↓ ─") && findings.ends_with(" more ↓ ─"), "{both}");
    let both = title(100, 24, "<tab>G", "Steps 12");
    assert!(both.split_once('┬').unwrap().0.ends_with(" 5 more ↑ ─"), "{both}");
    let both = title(100, 24, "<tab>Gkkkkkkkk", "Steps 12");
    assert!(both.split_once('┬').unwrap().0.contains("↑, "), "{both}");
    let both = title(100, 24, "<tab>G", "Steps 12");
    assert!(!both.split_once('┬').unwrap().0.contains("↓"), "{both}");
    let both = title(100, 24, "<tab><tab>G", "Steps 12");
    assert!(!both.split_once('┬').unwrap().1.contains("↓"), "{both}");
    assert!(title(80, 12, "s", "Steps 12").ends_with(" more ↓ ─"));
    assert!(!title(80, 30, "s", "Steps 12").contains("more"));
    assert!(title(80, 12, "i", "Detail").ends_with(" more ↓ ─"));
    assert!(title(80, 12, "iG", "Detail").ends_with(" more ↑ ─"));
}

#[test]
fn a_step_alone_is_untangled_and_escape_goes_back() {
    let before = saved(120, 40, PARALLEL, "}");
    let alone = saved(120, 40, PARALLEL, "}<enter>");
    insta::assert_snapshot!("step_alone_120x40", alone);
    // Nothing of the other stage, and no prefix.
    assert!(!alone.contains("checks 4/4] RUN") && !alone.contains("#13 0."), "{alone}");
    assert_eq!(saved(120, 40, PARALLEL, "}<enter>jj<esc>"), before);
    // From the panel as well: the selection is the failed step.
    let panel = saved(120, 40, PARALLEL, "<tab><enter>");
    assert!(panel.contains("only this step, Esc back"), "{panel}");
    // How much of the log it is.
    assert!(alone.contains(" 9 of 132 lines"), "{alone}");
}

#[test]
fn folded_steps_say_what_they_hide() {
    let shown = saved(120, 40, PARALLEL, "}z");
    insta::assert_snapshot!("folded_120x40", shown);
    assert!(shown.contains("⊞") && shown.contains("1 finding"), "{shown}");
    assert_eq!(saved(120, 40, PARALLEL, "}zz"), saved(120, 40, PARALLEL, "}"));
    let all = saved(120, 40, PARALLEL, "}Z");
    assert_eq!(all.matches('⊞').count(), 4, "{all}");
    // A jump into a fold opens it.
    let opened = saved(120, 40, PARALLEL, "Zc");
    assert!(opened.contains("▶"), "{opened}");
}

#[test]
fn the_header_of_what_is_in_sight_stays_at_the_top() {
    let shown = saved(80, 24, "apt-portaudio-name", "c");
    let row = shown.lines().nth(1).unwrap();
    assert!(row.contains("BUILD ›  [2/4] RUN apt-get update"), "{shown}");
    // And is that of another line a page up.
    let top = saved(80, 24, "apt-portaudio-name", "g");
    assert!(!top.lines().nth(1).unwrap().contains("[2/4]"), "{top}");
}

#[test]
fn steps_are_walked_with_brackets() {
    let model = |script: &str| {
        let subject = Subject::Text { name: "x.log".into() };
        let options = buildcat::app::Options { follow: false, ..Default::default() };
        run(model_of(subject, options), 120, 40, vec![log(PARALLEL), FeedEvent::End], script)
            .1
            .model
    };
    let first = model("]");
    let steps = |m: &buildcat::app::Model| m.log.tree().steps().to_vec();
    assert_eq!(first.cursor_line(), steps(&first)[0].first_line());
    let third = model("]]]");
    assert_eq!(third.cursor_line(), steps(&third)[2].first_line());
    assert_eq!(model("]]][").cursor_line(), steps(&third)[1].first_line());
    let failing = third.log.tree().failing_step().unwrap();
    let failed = model("}");
    assert_eq!(failed.cursor_line(), third.log.tree().step(failing).unwrap().first_line());
    assert!(model("[").answer.unwrap().contains("No step before"));
    assert!(model("}}").answer.unwrap().contains("No failed step after"));
    // While one step is looked at, the brackets change the step.
    let inside = model("]<enter>]");
    assert_eq!(inside.view.scope(), Scope::Step(steps(&inside)[1].id()));
    // Past the last are phases, and from there back are the steps.
    let last = steps(&inside).len() - 1;
    let phase = model("}<enter>]");
    assert!(matches!(phase.view.scope(), Scope::Phase(_)), "{:?}", phase.view.scope());
    let back = model("}<enter>][");
    assert_eq!(back.view.scope(), Scope::Step(steps(&back)[last].id()));
    let next = model("}<enter>]]");
    assert!(
        matches!(next.view.scope(), Scope::Phase(id) if Scope::Phase(id) != phase.view.scope())
    );
}

#[test]
fn the_time_column_goes_round() {
    let subject = |script: &str| saved(120, 40, "mix-parallel-error-noise", script);
    for (presses, said, part) in [
        (1, "Times in UTC", "21:53:58"),
        (2, "Local times", "21:53:58"),
        (3, "Times since the build began", "0.000"),
        (4, "Times since the step began", "0."),
        (5, "Time since the line before", "+0."),
    ] {
        let keys = format!("{}{}", if presses == 4 { "}" } else { "" }, "t".repeat(presses));
        let shown = subject(&keys);
        assert!(shown.contains(said) && shown.contains(part), "{said}\n{shown}");
    }
    assert!(subject("tttttt").contains("No times"));
}

#[test]
fn a_pane_can_fill_the_screen_and_panels_can_be_sized() {
    let full = saved(120, 40, PARALLEL, "<tab>F");
    assert!(full.contains("─▸Steps") && !full.contains("[Container]"), "{full}");
    assert_eq!(saved(120, 40, PARALLEL, "<tab>FF<esc>"), saved(120, 40, PARALLEL, "<tab><esc>"));
    let rows = |s: &str| s.lines().position(|l| l.contains("─ Steps")).unwrap();
    let (normal, lower) = (saved(120, 40, PARALLEL, ""), saved(120, 40, PARALLEL, "<ctrl-down>"));
    assert_eq!(rows(&lower), rows(&normal) + 2);
}

/// Late lines may come for half a minute after the end.
#[test]
fn a_step_that_never_ended_ran_until_its_build_did() {
    use buildcat::app::{Message, Now};

    let mut model = model();
    let at = model.now;
    let later = |seconds: u64| {
        let by = std::time::Duration::from_secs(seconds);
        Message::Now(Now { instant: at.instant + by, wall: at.wall + by })
    };
    let lines = |text: &str| FeedEvent::Log(Patch::text(text.to_owned()));
    let first = lines("#0 building with \"default\" instance using docker driver\n");
    let feed = [build(BuildStatus::Building), first];
    tell(&mut model, feed.map(Message::Feed).into());
    // What is there at first may have come at any time.
    let more = Message::Feed(lines("#5 [2/3] RUN make\n#5 0.5 x\n"));
    tell(&mut model, vec![later(1), more, later(2)]);
    let step = model.log.tree().current().unwrap();
    let runs = |model: &buildcat::app::Model| model.running_for(step).unwrap();
    let (before, live) = runs(&model);
    tell(&mut model, vec![later(62)]);
    assert_eq!((runs(&model), live), ((before + 60.0, true), true));
    tell(&mut model, vec![Message::Feed(build(BuildStatus::Timeout)), later(90)]);
    let (ended, live) = runs(&model);
    assert!(!live && ended <= before + 60.0, "{ended}");
    tell(&mut model, vec![later(900)]);
    assert_eq!(runs(&model), (ended, false));
    tell(&mut model, vec![Message::Feed(FeedEvent::End), later(990)]);
    assert_eq!(runs(&model), (ended, false));
}

/// The key of a panel leads there first: what one sees is what `y` copies.
#[test]
fn the_key_of_a_panel_goes_there_and_closes_it_from_there() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        for (key, name, pane) in [
            ("s", "Steps", Pane::Steps),
            ("x", "Findings", Pane::Findings),
            ("i", "Detail", Pane::Detail),
        ] {
            let focus = |script: &str| {
                let options = buildcat::app::Options { follow: false, ..Default::default() };
                let model = model_of(Subject::Text { name: "build.log".into() }, options);
                let feed = vec![log(PARALLEL), FeedEvent::End];
                run(model, width, height, feed, script).1.model.panes.focus
            };
            let shown = |script: &str| saved(width, height, PARALLEL, script).contains(name);
            let [twice, thrice] = [2, 3].map(|times| key.repeat(times));
            assert_eq!(focus(key), pane, "{width}x{height}");
            assert!(shown(key), "{width}x{height} {key}");
            assert_eq!(focus(&twice), Pane::Log, "{width}x{height}");
            assert!(!shown(&twice), "{width}x{height} {twice}");
            assert_eq!((focus(&thrice), shown(&thrice)), (pane, true), "{width}x{height}");
        }
    }
    let copied = |script: &str| {
        let options = buildcat::app::Options { follow: false, ..Default::default() };
        let model = model_of(Subject::Text { name: "build.log".into() }, options);
        let feed = vec![log("uv-lock-stale"), FeedEvent::End];
        run(model, 120, 40, feed, script).1.model.answer.unwrap_or_default()
    };
    assert!(copied("y").contains("1 line"), "{}", copied("y"));
    assert!(copied("xy").contains("the finding"), "{}", copied("xy"));
}

#[test]
fn a_full_pane_says_how_to_get_out_and_escape_does() {
    let all = |script: &str| saved(120, 40, PARALLEL, script);
    // A panel keeps the keys; the next Esc leads to the log, as always.
    let full = all("<tab>F");
    assert!(full.contains("Esc all panes"), "{full}");
    assert_eq!(all("<tab>F<esc>"), all("<tab>"));
    assert_eq!(all("<tab>F<esc><esc>"), all("<tab><esc>"));
    // The log itself, after what was opened in it.
    let full = all("F");
    assert!(!full.contains("─ Steps") && full.contains("F all panes"), "{full}");
    assert_eq!(all("F<esc>"), all(""));
    assert!(!all("F/RUN<enter><esc>").contains("─ Steps"));
    assert!(all("F/RUN<enter><esc><esc>").contains("─ Steps"));
    assert!(!all("}F<enter><esc>").contains("─ Steps"));
    assert!(all("}F<enter><esc><esc>").contains("─ Steps"));
    // From a panel that isn't there otherwise the keys go where they are seen.
    let hidden = all("xxF<tab><tab>F");
    assert!(!hidden.contains("Findings"), "{hidden}");
    let (_, outcome) = {
        let options = buildcat::app::Options { follow: false, ..Default::default() };
        let model = model_of(Subject::Text { name: "build.log".into() }, options);
        run(model, 120, 40, vec![log(PARALLEL), FeedEvent::End], "xxF<tab><tab><esc>")
    };
    assert_eq!(outcome.model.panes.focus, Pane::Log);
    // Where a pane is alone anyway nothing is kept for a bigger screen.
    let small = saved(80, 24, PARALLEL, "F");
    assert!(small.contains("one pane at a time") && !small.contains("all panes"), "{small}");
    let small = saved(80, 24, PARALLEL, "FsF");
    assert!(small.contains("─▸Steps"), "{small}");
    assert!(!saved(80, 24, PARALLEL, "Fs<esc>").contains("─▸Steps"));
    let timeline = all("TF");
    assert!(timeline.contains("the whole screen anyway"), "{timeline}");
    assert_eq!(all("TF<esc>"), all("T<esc>"));
}

#[test]
fn a_finding_leads_to_its_lines_and_back() {
    let shown = screen(80, 24, failed(), "<enter>");
    assert!(shown.contains("93▶") || shown.contains("93›▶"), "{shown}");
    let (_, outcome) = run(model(), 80, 24, failed(), "<enter><tab><tab>");
    assert_eq!(outcome.model.panes.focus, Pane::Findings);
    // Consequences are folded, and open.
    let open = screen(80, 24, failed(), "G<enter>");
    assert!(open.contains("▾ 5 lines that only follow"), "{open}");
    let detail = screen(80, 24, failed(), "i");
    insta::assert_snapshot!("detail_80x24", detail);
}

#[test]
fn a_running_step_ticks_and_the_gauge_shows_how_far() {
    // A pipe that still runs: its lines have just come.
    let subject = Subject::Text { name: "standard input".into() };
    let model = model_of(subject, Default::default());
    let (host, outcome) = run(model, 120, 40, vec![log("hang-server-run")], "");
    let shown = text(host.buffer());
    assert!(shown.contains("━") && shown.contains("done"), "{shown}");
    assert!(buildcat::app::Ticks::of(&outcome.model).step.is_some());
    assert!(buildcat::app::next_tick(&outcome.model).is_some());
    assert_eq!(outcome.model.cursor_line(), LineNo::new(outcome.model.log.store().len() - 1));

    // The replayed log of another day tells nothing about how long it has been.
    let feed = vec![build(BuildStatus::Building), log("hang-server-run")];
    let (_, outcome) = run(crate::harness::model(), 120, 40, feed, "");
    assert_eq!(buildcat::app::Ticks::of(&outcome.model).step, None);
}

#[test]
fn after_the_last_step_the_brackets_go_on_to_the_phases() {
    let model = |script: &str| {
        let subject = Subject::Text { name: "x.log".into() };
        let options = buildcat::app::Options { follow: false, ..Default::default() };
        run(model_of(subject, options), 120, 40, vec![log(PARALLEL), FeedEvent::End], script)
            .1
            .model
    };
    let steps = model("").log.tree().steps().len();
    let after = model(&"]".repeat(steps + 1));
    let phase = after.log.tree().phases().iter().find(|p| p.first_line == after.cursor_line());
    assert!(phase.is_some(), "{:?}", after.answer);
    let end = model(&"]".repeat(steps + 12));
    assert_eq!(end.answer.as_deref(), Some("No step or phase after this one"));
    // And back.
    let back = model(&format!("{}[", "]".repeat(steps + 1)));
    assert_eq!(back.cursor_line(), back.log.tree().steps()[steps - 1].first_line());
}

#[test]
fn a_step_alone_and_a_fold_keep_the_line_one_is_on() {
    let model = |script: &str| {
        let subject = Subject::Text { name: "x.log".into() };
        let options = buildcat::app::Options { follow: false, ..Default::default() };
        run(model_of(subject, options), 120, 40, vec![log(PARALLEL), FeedEvent::End], script)
            .1
            .model
    };
    // Some line inside of a step that isn't its first.
    let m = model("");
    let inside =
        (0..m.log.store().len()).map(LineNo::new).find(|line| match m.log.tree().owner(*line) {
            buildcat::parse::Owner::Step(id) => {
                m.log.tree().step(id).unwrap().first_line().index() + 2 < line.index()
            }
            _ => false,
        });
    let inside = inside.unwrap();
    let number = inside.index() + 1;
    assert_eq!(model(&format!("{number}Gzz")).cursor_line(), inside);
    assert_eq!(model(&format!("{number}GZZ")).cursor_line(), inside);
    let alone = model(&format!("{number}G<enter>"));
    assert_ne!(alone.view.scope(), Scope::Log);
    assert_eq!(alone.cursor_line(), inside);
    assert_eq!(model(&format!("{number}G<enter><esc>")).cursor_line(), inside);
}

#[test]
fn the_steps_panel_begins_where_one_is_in_the_log() {
    let model = |script: &str| {
        let subject = Subject::Text { name: "x.log".into() };
        let options = buildcat::app::Options { follow: false, ..Default::default() };
        run(model_of(subject, options), 120, 40, vec![log(PARALLEL), FeedEvent::End], script)
            .1
            .model
    };
    let row = |m: &buildcat::app::Model| m.steps.all()[m.panes.steps_list.at];
    let second =
        |m: &buildcat::app::Model| buildcat::app::StepRow::Step(m.log.tree().steps()[1].id());
    let tab = model("}]]g]]j<tab>");
    assert_eq!(row(&tab), second(&tab));
    // The rows walked are one jump, and one is back from it with one key.
    let line = model("}]]g]]j").cursor_line();
    assert_ne!(model("}]]g]]j<tab>jj").cursor_line(), line);
    assert_eq!(model("}]]g]]j<tab>jjk<esc>''").cursor_line(), line);
    assert_eq!(model("}]]g]]j<tab>jjk<ctrl-o>").cursor_line(), line);
    // At 80 columns the panel takes the log's place.
    let narrow = saved(80, 24, PARALLEL, "]]j<tab>");
    assert!(narrow.contains("›"), "{narrow}");
}

#[test]
fn going_back_from_the_steps_panel_takes_its_selection_along() {
    let model = |script: &str| {
        let subject = Subject::Text { name: "x.log".into() };
        let options = buildcat::app::Options { follow: false, ..Default::default() };
        run(model_of(subject, options), 120, 40, vec![log(PARALLEL), FeedEvent::End], script)
            .1
            .model
    };
    let before = model("]]j<tab>");
    let after = model("]]j<tab>jj<ctrl-o>");
    assert_eq!(after.panes.steps_list.at, before.panes.steps_list.at);
    assert_eq!(after.panes.focus, Pane::Steps);
}

#[test]
fn following_again_lets_the_steps_panel_follow_too() {
    let list = |script: &str| {
        let feed = vec![build(BuildStatus::Building), log(PARALLEL)];
        run(crate::harness::model(), 120, 40, feed, script).1.model.panes.steps_list
    };
    let start = list("");
    assert!(!start.held);
    // Looked at elsewhere, it stays there; at the end it goes by itself again.
    assert!(list("g]]<tab>").held);
    assert_eq!(list("g]]<tab><esc>G"), start);
    assert_eq!(list("g]]f"), start);
    assert!(list("g]]<tab>jG").held);
}
