//! Eight hours of a build that goes wrong all the time, on a clock that jumps:
//! at the end there are as many tasks and handles as after the first minute,
//! and no more memory than the log itself takes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::Duration;

use buildcat::api::{Client, ClientConfig, Credential, Limits, Origin};
use buildcat::demo::{
    Anchor, AtEnd, Clock, Fault, FaultRule, Options, RetryAfter, Route, Scenario, Schedule, Server,
    Timeline, Tokens, Window,
};
use buildcat::domain::{FeedEvent, Health, Piece};
use buildcat::poller::{PollConfig, spawn};
use tokio::sync::mpsc;
use tokio::time::Instant;

const HOURS: u64 = 8;
const INTERVAL: Duration = Duration::from_secs(20);
/// Seconds between two lines.
const EVERY: u64 = 6;

/// What the process has: tasks, handles, bytes of memory.
fn has() -> (usize, usize, usize) {
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let handles = std::fs::read_dir("/proc/self/fd").unwrap().count();
    let memory = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = memory.split_whitespace().nth(1).unwrap().parse().unwrap();
    (tasks, handles, pages * 4096)
}

#[tokio::test(start_paused = true)]
async fn eight_hours_of_faults_leave_nothing_behind() {
    let mut scenario = Scenario::embedded("default").unwrap();
    let end = HOURS * 3600;
    let line = |n: u64| (Duration::from_secs(EVERY * n), format!("#7 {n}.1 line").into_bytes());
    let lines: Vec<_> = (1..end / EVERY).map(line).collect();
    let size: usize = lines.iter().map(|(_, text)| text.len() + 1).sum();
    let truth: Vec<u8> =
        lines.iter().flat_map(|(_, text)| [text.as_slice(), b"\n"].concat()).collect();
    scenario.timeline = Timeline::new(lines);
    scenario.ends = Duration::from_secs(end);
    let rule = |route, every, fault| FaultRule { route, when: Schedule::Every(every), fault };
    let faults = vec![
        rule(Route::Any, 7, Fault::Reset(90)),
        rule(Route::Any, 11, Fault::TooMany(RetryAfter::Seconds(20))),
        rule(Route::Logs, 13, Fault::Html(502)),
        rule(Route::Any, 97, Fault::Hang),
        rule(Route::Logs, 101, Fault::Endless),
    ];
    let tokens = Tokens::Honoured(AtEnd::Same);
    let window = Window { anchor: Anchor::Head, tokens, ..Window::default() };
    let clock = Clock::Running(1.0);
    let server = Server::start(Options { clock, window, faults, ..Options::new(scenario) });
    let server = server.await.unwrap();
    let origin = Origin::parse(&server.url(), &[]).unwrap();
    let limits = Limits { body: 2 << 20, ..Limits::default() };
    let config = ClientConfig { limits, ..ClientConfig::new(origin, Credential::any()) };
    let client = Arc::new(Client::new(config).unwrap());
    let (events, mut received) = mpsc::channel(8);
    let (_commands, obeyed) = mpsc::channel(8);
    spawn(client, server.build_id().unwrap(), PollConfig::new(INTERVAL), events, obeyed);

    let started = Instant::now();
    let (mut log, mut early, mut faults, mut late) = (Vec::new(), None, 0, (0, 0, 0));
    while let Some(event) = received.recv().await {
        match event {
            FeedEvent::Log(patch) => {
                assert_eq!(patch.keep, None, "nothing is taken back");
                for piece in patch.append {
                    let Piece::Text(text) = piece else { panic!("a gap") };
                    log.extend(text);
                }
            }
            FeedEvent::Health(Health::Retrying { .. }) => faults += 1,
            FeedEvent::Health(Health::Ok { .. }) => {
                if started.elapsed() > Duration::from_secs(60) && early.is_none() {
                    early = Some(has());
                }
                late = has();
            }
            _ => {}
        }
    }
    assert!(log == truth, "{} of {} bytes", log.len(), truth.len());
    assert!(started.elapsed() >= Duration::from_secs(end));
    let early = early.expect("a minute passed");
    println!("{faults} faults, {size} bytes of log; after a minute {early:?}, at the end {late:?}");
    assert!(faults > 200, "{faults} faults");
    // A connection more or less may be open right now.
    assert!(late.0 <= early.0 + 4, "tasks: {early:?}, {late:?}");
    assert!(late.1 <= early.1 + 8, "handles: {early:?}, {late:?}");
    // The log is held by the poller, the journal of requests by the service;
    // the rest is what answers of a megabyte leave to the allocator.
    assert!(late.2 < early.2 + 8 * size + (48 << 20), "memory: {early:?}, {late:?}");
}
