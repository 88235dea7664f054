//! A log read whole and once, however the service cuts it into windows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use buildcat::api::{Client, ClientConfig, Credential, Origin};
use buildcat::demo::{Anchor, AtEnd, Clock, Options, Scenario, Server, ShortPages, Tokens, Window};
use buildcat::domain::{FeedEvent, Health, Piece};
use buildcat::source::{channel, once};

/// The log as delivered, with `None` for a gap.
async fn read(window: Window) -> Vec<Option<String>> {
    let scenario = Scenario::embedded("default").unwrap();
    let clock = Clock::Running(1e9);
    let server = Server::start(Options { clock, window, ..Options::new(scenario) }).await.unwrap();
    while server.now() < server.scenario().over() {
        tokio::task::yield_now().await;
    }
    let origin = Origin::parse(&server.url(), &[]).unwrap();
    let client = Client::new(ClientConfig::new(origin, Credential::any())).unwrap();
    let (mut feed, port) = channel();
    let reading = once::read(Arc::new(client), server.build_id().unwrap(), port);
    let mut log = Vec::new();
    let taking = async {
        let mut complete = false;
        while let Some(event) = feed.events.recv().await {
            complete |= event == FeedEvent::Health(Health::Complete);
            let FeedEvent::Log(patch) = event else { continue };
            log.truncate(patch.keep.map_or(usize::MAX, |keep| keep as usize));
            for piece in patch.append {
                match piece {
                    Piece::Gap(_) => log.push(None),
                    Piece::Text(text) => {
                        let text = String::from_utf8(text).unwrap();
                        log.extend(text.lines().map(|line| Some(line.to_owned())));
                    }
                }
            }
        }
        assert!(complete, "{window:?}");
    };
    tokio::join!(reading, taking);
    log
}

fn recorded() -> Vec<Option<String>> {
    let log = include_str!("../assets/scenarios/default.log");
    log.lines().map(|line| Some(line.to_owned())).collect()
}

const TOKENS: [Tokens; 5] = [
    Tokens::None,
    Tokens::Honoured(AtEnd::Absent),
    Tokens::Honoured(AtEnd::Same),
    Tokens::Ignored,
    Tokens::Refused,
];

#[tokio::test]
async fn a_log_that_fits_a_window_is_whole_whatever_the_window_is() {
    for anchor in [Anchor::Head, Anchor::Tail] {
        for tokens in TOKENS {
            let window = Window { anchor, tokens, ..Window::default() };
            assert!(read(window).await == recorded(), "{window:?}");
        }
    }
}

#[tokio::test]
async fn small_pages_are_read_to_the_end_where_tokens_lead_on() {
    for anchor in [Anchor::Head, Anchor::Tail] {
        for at_end in [AtEnd::Absent, AtEnd::Same] {
            for short in [ShortPages::AtMost(25), ShortPages::Vary(3)] {
                let tokens = Tokens::Honoured(at_end);
                let window = Window { anchor, tokens, short, ..Window::default() };
                assert!(read(window).await == recorded(), "{window:?}");
            }
        }
    }
}

#[tokio::test]
async fn pages_cut_by_bytes_are_read_to_the_end() {
    for anchor in [Anchor::Head, Anchor::Tail] {
        let tokens = Tokens::Honoured(AtEnd::Absent);
        let window = Window { anchor, tokens, most_bytes: 2000, ..Window::default() };
        assert!(read(window).await == recorded(), "{window:?}");
    }
}
