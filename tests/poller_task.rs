//! The poller and the real client against the simulated API.

use std::sync::Arc;
use std::time::Duration;

use buildcat::api::{Client, ClientConfig, Credential, Origin};
use buildcat::demo::{
    Clock, Fault, FaultRule, Options, RetryAfter, Route, Scenario, Schedule, Server,
};
use buildcat::domain::{FeedCommand, FeedEvent, Health, Piece};
use buildcat::poller::{PollConfig, spawn};
use tokio::sync::mpsc;

async fn follow(faults: Vec<FaultRule>) -> (Vec<u8>, Vec<FeedEvent>) {
    let scenario = Scenario::embedded("default").unwrap();
    let options = Options { clock: Clock::Running(40.0), faults, ..Options::new(scenario) };
    let server = Server::start(options).await.unwrap();
    let (events, mut received) = mpsc::channel(8);
    let (_commands, obeyed) = mpsc::channel::<FeedCommand>(8);
    let config = PollConfig { interval: Duration::from_millis(250), late: Duration::from_secs(1) };
    spawn(client(&server), server.build_id().unwrap(), config, events, obeyed);
    let (mut log, mut all) = (Vec::new(), Vec::new());
    while let Some(event) = received.recv().await {
        if let FeedEvent::Log(patch) = &event {
            assert_eq!(patch.keep, None);
            for piece in &patch.append {
                match piece {
                    Piece::Text(text) => log.extend_from_slice(text),
                    Piece::Gap(_) => panic!("a gap in a log that is served whole"),
                }
            }
        }
        all.push(event);
    }
    (log, all)
}

fn client(server: &Server) -> Arc<Client> {
    let origin = Origin::parse(&server.url(), &[]).unwrap();
    Arc::new(Client::new(ClientConfig::new(origin, Credential::any())).unwrap())
}

fn recorded() -> &'static [u8] {
    include_bytes!("../assets/scenarios/default.log")
}

#[tokio::test]
async fn a_build_is_followed_to_its_last_line() {
    let (log, events) = follow(vec![]).await;
    assert_eq!(log, recorded());
    assert_eq!(events.last(), Some(&FeedEvent::End));
    assert!(events.contains(&FeedEvent::Health(Health::Complete)));
}

#[tokio::test]
async fn trouble_on_the_way_loses_nothing() {
    let rule =
        |n, fault| FaultRule { route: Route::Any, when: Schedule::Requests(n..n + 1), fault };
    let faults = vec![
        rule(1, Fault::Html(503)),
        rule(2, Fault::TooMany(RetryAfter::Absent)),
        rule(3, Fault::Truncated(40)),
    ];
    let (log, events) = follow(faults).await;
    assert_eq!(log, recorded());
    assert!(events.iter().any(|e| matches!(e, FeedEvent::Health(Health::Retrying { .. }))));
}
