//! The cause is on the screen within one poll of its line being served, while
//! the build still runs; and is revised when better evidence comes.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use buildcat::api::{Client, ClientConfig, Credential, Origin};
use buildcat::app::{Message, Model, Now, Options, Subject, advance, update};
use buildcat::demo::{self, Clock, ManualClock, Scenario, Server};
use buildcat::diagnose::Rules;
use buildcat::domain::{BuildStatus, FeedCommand, FeedEvent, Health, LineNo};
use buildcat::keymap::Keymap;
use buildcat::log::Log;
use buildcat::poller::{PollConfig, spawn};
use buildcat::theme::{Depth, Styles, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc;

fn model() -> Model {
    let now = Now { instant: Instant::now(), wall: "2026-11-24T12:00:00Z".parse().unwrap() };
    let styles = Styles::new(&Theme::default(), Depth::True);
    let log = Log::new(Arc::new(Rules::builtin()));
    let subject = Subject::Build(None);
    Model::new(subject, log, Options::default(), Keymap::default(), styles, now)
}

fn screen(model: &Model) -> String {
    let area = Rect::new(0, 0, model.width, model.height);
    let mut buffer = Buffer::empty(area);
    buildcat::ui::draw(model, area, &mut buffer);
    let rows = buffer.content.chunks(usize::from(area.width));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n").collect()
}

/// Plays a scenario poll by poll, and has a look after each.
async fn play(name: &str, mut look: impl FnMut(&Model)) {
    let clock = ManualClock::new();
    let scenario = Scenario::embedded(name).unwrap();
    let options =
        demo::Options { clock: Clock::Manual(clock.clone()), ..demo::Options::new(scenario) };
    let server = Server::start(options).await.unwrap();
    let origin = Origin::parse(&server.url(), &[]).unwrap();
    let client = Arc::new(Client::new(ClientConfig::new(origin, Credential::any())).unwrap());
    let (events, mut received) = mpsc::channel(64);
    let (commands, obeyed) = mpsc::channel::<FeedCommand>(8);
    // Only this test asks: the next turn is far away.
    let config = PollConfig::new(Duration::from_secs(300));
    spawn(client, server.build_id().unwrap(), config, events, obeyed);

    let mut model = model();
    update(&mut model, Message::Resize(120, 40));
    for poll in 0..600u32 {
        clock.set(Duration::from_millis(500) * poll);
        if poll > 0 {
            commands.send(FeedCommand::Refresh).await.unwrap();
        }
        while let Some(event) = received.recv().await {
            let answered = matches!(event, FeedEvent::Health(Health::Ok { .. }) | FeedEvent::End);
            update(&mut model, Message::Feed(event));
            if answered {
                break;
            }
        }
        while advance(&mut model) {}
        look(&model);
        // Late lines may still come; the test has seen what it is about.
        if model.state().is_final() {
            return;
        }
    }
    panic!("{name}: five minutes and no end");
}

#[tokio::test]
async fn the_cause_is_on_screen_with_the_poll_that_brings_its_line() {
    for (name, line, title) in [
        ("default", "The lockfile at `uv.lock` needs to be updated", "uv.lock doesn't fit"),
        ("copy-missing", "\"/bot.py\": not found", "`bot.py` is not"),
        ("pip-conflict", "ERROR: Cannot install -r", "contradict each other"),
        ("native-build", "No such file or directory: 'gcc'", "gcc"),
    ] {
        let (mut before, mut live) = (0, 0);
        play(name, |model| {
            let store = model.log.store();
            let served = (0..store.len()).any(|n| store.text(LineNo::new(n)).contains(line));
            let shown = screen(model);
            if served {
                assert!(shown.contains(title), "{name}: served, not shown\n{shown}");
                let status = model.build.as_ref().map(|build| &build.status);
                live += u32::from(status == Some(&BuildStatus::Building));
            } else {
                before += 1;
                assert!(!shown.contains(title), "{name}\n{shown}");
            }
        })
        .await;
        assert!(before > 0 && live > 0, "{name}: {before} polls before, {live} while it ran");
    }
}
