//! A log read whole and once, however the service cuts it into windows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use buildcat::api::{
    ApiError, ApiFuture, Asked, BuildRecord, BuildsApi, BuildsPage, Client, ClientConfig,
    Credential, Fault, ListQuery, LogsPage, LogsQuery, Origin,
};
use buildcat::demo::{Anchor, AtEnd, Clock, Options, Scenario, Server, ShortPages, Tokens, Window};
use buildcat::domain::{Build, BuildId, BuildStatus, FeedEvent, Health, Piece};
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
            assert_eq!(patch.keep, None, "what is printed can't be taken back");
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

/// A service that is busy before it answers each request.
struct Busy {
    /// How often it says so.
    times: u32,
    /// How long it asks to wait.
    after: Option<Duration>,
    asked: AtomicU32,
}

impl Busy {
    fn answer<T>(&self, asked: Asked, answer: T) -> Result<T, ApiError> {
        if self.asked.fetch_add(1, Ordering::SeqCst) % (self.times + 1) < self.times {
            let fault = Fault::RateLimited { after: self.after, detail: None };
            return Err(ApiError::new(asked, fault));
        }
        Ok(answer)
    }
}

impl BuildsApi for Busy {
    fn build<'a>(&'a self, id: &'a BuildId) -> ApiFuture<'a, BuildRecord> {
        let build = Build::with_status(BuildStatus::Failed);
        let record = BuildRecord::new(build, serde_json::Value::Null);
        Box::pin(async { self.answer(Asked::Build(id.clone()), record) })
    }

    fn builds<'a>(&'a self, _: &'a ListQuery) -> ApiFuture<'a, BuildsPage> {
        unreachable!("the build is known")
    }

    fn logs<'a>(&'a self, id: &'a BuildId, _: &'a LogsQuery) -> ApiFuture<'a, LogsPage> {
        let page = LogsPage { events: vec![b"#1 0.1 a".to_vec()], ..LogsPage::default() };
        Box::pin(async { self.answer(Asked::Logs(id.clone()), page) })
    }
}

/// Who asks once waits as long as a busy service wants, within reason, and says so.
#[tokio::test(start_paused = true)]
async fn a_service_that_is_busy_is_asked_a_few_times() {
    let id: BuildId = "6f1c0f5e-3a52-4c8b-9a86-0d6c3b1e7a10".parse().unwrap();
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    for (times, after, complete) in [
        (0, None, true),
        (3, None, true),
        (4, None, false),
        (1, seconds(20), true),
        (1, seconds(600), false),
    ] {
        let api = Arc::new(Busy { times, after, asked: AtomicU32::new(0) });
        let (mut feed, port) = channel();
        tokio::spawn(once::read(api, id.clone(), port));
        let (mut lines, mut ends, mut waits) = (0, vec![], 0);
        while let Some(event) = feed.events.recv().await {
            match event {
                FeedEvent::Log(patch) => lines += patch.append.len(),
                FeedEvent::Health(Health::Retrying { .. }) => waits += 1,
                FeedEvent::Health(health) => ends.push(matches!(health, Health::Complete)),
                _ => {}
            }
        }
        let name = format!("{times} times, {after:?}");
        assert_eq!((lines, ends), (usize::from(complete), vec![complete]), "{name}");
        assert_eq!(waits > 0, times > 0 && after != seconds(600), "{name}");
    }
}
