//! What stays selected in the findings when their rows are made again.

use buildcat::app::findings::{FindingRow, Look, selected};
use buildcat::app::{Message, Model, Options, Pane, Subject};
use buildcat::domain::{FeedEvent, Patch};
use crossterm::event::Event;

use crate::harness::*;

/// A build that passed with three things wrong.
const LOG: &str = "\
[Container] 2026/11/23 21:35:10.100000 Entering phase BUILD
[Container] 2026/11/23 21:35:10.200000 Running command docker build -t app .
#0 building with \"default\" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s

#4 [1/3] FROM docker.io/dailyco/pipecat-base:latest
#4 CACHED

#6 [2/3] RUN uv sync --locked --no-dev
#6 0.3 warning: The package `pipecat-ai==0.0.39` does not have an extra named `vad`
#6 0.3  - pipecatcloud==1.4.0
#6 0.3  + pipecat-ai==0.0.39
#6 DONE 0.4s
[Container] 2026/11/23 21:35:20.300000 Phase complete: BUILD State: SUCCEEDED
";

/// It on a screen, with the keys in the findings.
fn findings(width: u16, height: u16) -> Model {
    let options = Options { follow: false, ..Options::default() };
    let mut model = model_of(Subject::Text { name: "build.log".into() }, options);
    let log = FeedEvent::Log(Patch::text(LOG));
    let messages =
        [Message::Resize(width, height), Message::Feed(log), Message::Feed(FeedEvent::End)];
    tell(&mut model, messages.into());
    press(&mut model, "<tab><tab>");
    assert_eq!((model.panes.focus, model.findings.len()), (Pane::Findings, 3));
    model
}

fn press(model: &mut Model, script: &str) {
    for event in keys(script) {
        if let Event::Key(event) = event {
            tell(model, vec![Message::Key(event)]);
        }
    }
}

fn row(model: &Model) -> FindingRow {
    model.lists.findings()[model.panes.findings_list.at].clone()
}

/// Other widths wrap other rows, and a wide screen has the detail elsewhere.
const SIZES: [(u16, u16); 6] = [(110, 30), (200, 50), (80, 24), (400, 100), (30, 12), (149, 40)];

#[test]
fn a_finding_stays_selected_on_a_screen_of_another_size() {
    let rows = findings(120, 40).lists.findings().len();
    assert!(rows > 12, "{rows}");
    for at in 0..rows {
        for size in SIZES {
            let mut model = findings(120, 40);
            press(&mut model, &"j".repeat(at));
            let before = row(&model);
            tell(&mut model, vec![Message::Resize(size.0, size.1)]);
            assert_eq!(selected(&model), before.finding, "{at} {size:?}: {before:?}");
            let there = row(&model);
            if matches!(before.look, Look::PassedBut | Look::Evidence) {
                assert_eq!((there.look, there.target), (before.look, before.target));
            }
            tell(&mut model, vec![Message::Resize(120, 40)]);
            assert_eq!(selected(&model), before.finding, "{at} {size:?}: {before:?}");
        }
    }
}

#[test]
fn what_is_opened_there_is_what_was_selected() {
    let mut model = findings(200, 50);
    while row(&model).target != findings(200, 50).lists.findings().last().unwrap().target {
        press(&mut model, "j");
    }
    let wanted = row(&model).target;
    tell(&mut model, vec![Message::Resize(104, 24)]);
    assert_eq!(row(&model).target, wanted);
    // And it is in sight.
    let list = model.panes.findings_list;
    let height = usize::from(model.layout().findings.height);
    assert!((list.top..list.top + height).contains(&list.at), "{list:?} {height}");
}

/// What is cut in the panel can be read in the finding's own.
#[test]
fn a_finding_in_full_cuts_no_lines() {
    let options = Options { follow: false, ..Options::default() };
    let model = model_of(Subject::Text { name: "build.log".into() }, options);
    let feed = vec![log("pip-conflict-langchain"), FeedEvent::End];
    let shown = text(run(model, 80, 24, feed, "i").0.buffer());
    let rows: Vec<&str> = shown.lines().filter_map(|row| Some(row.split_once(" │ ")?.1)).collect();
    let said = "ERROR: Cannot install -r requirements.txt (line 1) and langchain-core==0.3.0 \
                because these package versions have conflicting dependencies.";
    assert!(rows.concat().starts_with(said), "{shown}");
    assert!(!shown.lines().take(20).any(|row| row.contains('…')), "{shown}");
}
