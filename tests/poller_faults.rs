//! The poller's task on a clock that doesn't run by itself, against an API that
//! does what each test says: obeying, backing off, and knowing the end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use buildcat::api::{
    ApiError, ApiFuture, Asked, BuildRecord, BuildsApi, BuildsPage, Fault, ListQuery, LogsPage,
    LogsQuery,
};
use buildcat::domain::{Build, BuildId, BuildStatus, FeedCommand, FeedEvent, Health, Piece};
use buildcat::poller::{PollConfig, spawn};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

const S: fn(u64) -> Duration = Duration::from_secs;
const CLOSED: &str = "[Container] t Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED\n\
                      [Container] t Phase context status code:  Message: ";

type Answer<T> = Box<dyn Fn(Duration) -> Option<Result<T, Fault>> + Send + Sync>;

/// Answers by the time since the start; `None` never answers.
struct Fake {
    start: Instant,
    status: Answer<BuildStatus>,
    log: Answer<String>,
    /// Larger windows are refused.
    most: u32,
    /// When it was over, and when its record is served.
    completed: Option<Timestamp>,
    served: Option<Timestamp>,
    asked: Mutex<Vec<(Duration, bool)>>,
}

fn id() -> BuildId {
    "6f1c0f5e-3a52-4c8b-9a86-0d6c3b1e7a10".parse().unwrap()
}

impl Fake {
    fn note(&self, logs: bool) -> Duration {
        let now = self.start.elapsed();
        self.asked.lock().unwrap().push((now, logs));
        now
    }

    /// When the record (or the log) was asked for, in seconds.
    fn asked(&self, logs: bool) -> Vec<f64> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|a| a.1 == logs).map(|a| a.0.as_secs_f64()).collect()
    }
}

impl BuildsApi for Fake {
    fn build<'a>(&'a self, _: &'a BuildId) -> ApiFuture<'a, BuildRecord> {
        Box::pin(async {
            match (self.status)(self.note(false)) {
                Some(Ok(status)) => Ok(BuildRecord {
                    served: self.served,
                    ..BuildRecord::new(
                        Build { completed_at: self.completed, ..Build::with_status(status) },
                        serde_json::Value::Null,
                    )
                }),
                Some(Err(fault)) => Err(ApiError::new(Asked::Build(id()), fault)),
                None => std::future::pending().await,
            }
        })
    }

    fn builds<'a>(&'a self, _: &'a ListQuery) -> ApiFuture<'a, BuildsPage> {
        unreachable!("the poller knows its build")
    }

    fn logs<'a>(&'a self, _: &'a BuildId, query: &'a LogsQuery) -> ApiFuture<'a, LogsPage> {
        Box::pin(async {
            match (self.log)(self.note(true)) {
                Some(Ok(_)) if query.limit > self.most => {
                    let detail = Some(format!("limit must be between 1 and {}", self.most));
                    Err(ApiError::new(Asked::Logs(id()), Fault::Rejected { status: 400, detail }))
                }
                Some(Ok(log)) => {
                    let lines = log.lines().take(query.limit as usize);
                    let events: Vec<Vec<u8>> = lines.map(|l| l.as_bytes().to_vec()).collect();
                    Ok(LogsPage { bytes: log.len() as u64, events, next_token: None })
                }
                Some(Err(fault)) => Err(ApiError::new(Asked::Logs(id()), fault)),
                None => std::future::pending().await,
            }
        })
    }
}

struct Run {
    api: Arc<Fake>,
    events: mpsc::Receiver<FeedEvent>,
    commands: mpsc::Sender<FeedCommand>,
    log: String,
    seen: VecDeque<(f64, FeedEvent)>,
}

fn run(
    status: impl Fn(u64) -> Option<Result<BuildStatus, Fault>> + Send + Sync + 'static,
    log: impl Fn(u64) -> Option<Result<String, Fault>> + Send + Sync + 'static,
) -> Run {
    run_with(status, log, u32::MAX, (None, None))
}

fn run_with(
    status: impl Fn(u64) -> Option<Result<BuildStatus, Fault>> + Send + Sync + 'static,
    log: impl Fn(u64) -> Option<Result<String, Fault>> + Send + Sync + 'static,
    most: u32,
    (completed, served): (Option<Timestamp>, Option<Timestamp>),
) -> Run {
    let api = Arc::new(Fake {
        start: Instant::now(),
        status: Box::new(move |at| status(at.as_secs())),
        log: Box::new(move |at| log(at.as_secs())),
        most,
        completed,
        served,
        asked: Mutex::default(),
    });
    let (send, events) = mpsc::channel(8);
    let (commands, obeyed) = mpsc::channel(8);
    spawn(Arc::clone(&api) as Arc<dyn BuildsApi>, id(), PollConfig::default(), send, obeyed);
    Run { api, events, commands, log: String::new(), seen: VecDeque::new() }
}

impl Run {
    /// Takes in what happens within so many seconds; false when the feed ended.
    async fn pass(&mut self, seconds: u64) -> bool {
        let until = Instant::now() + S(seconds);
        while let Ok(event) = tokio::time::timeout_at(until, self.events.recv()).await {
            let Some(event) = event else { return false };
            if let FeedEvent::Log(patch) = &event {
                if let Some(keep) = patch.keep {
                    let kept = self.log.split_inclusive('\n').take(keep as usize);
                    self.log = kept.collect();
                }
                for piece in &patch.append {
                    let Piece::Text(text) = piece else { panic!("no gap is due") };
                    self.log.push_str(std::str::from_utf8(text).unwrap());
                }
            }
            self.seen.push_back((self.api.start.elapsed().as_secs_f64(), event));
        }
        true
    }

    async fn tell(&self, command: FeedCommand) {
        self.commands.send(command).await.unwrap();
    }

    fn health(&self) -> &Health {
        let health = self.seen.iter().rev().find_map(|(_, event)| match event {
            FeedEvent::Health(health) => Some(health),
            _ => None,
        });
        health.expect("some health")
    }

    fn retries(&self) -> Vec<(f64, f64, u32)> {
        let start = self.api.start.into_std();
        let retry = |(at, event): &(f64, FeedEvent)| match event {
            FeedEvent::Health(Health::Retrying { at: then, failures, .. }) => {
                Some((*at, then.duration_since(start).as_secs_f64(), *failures))
            }
            _ => None,
        };
        self.seen.iter().filter_map(retry).collect()
    }

    fn ended(&self) -> Option<f64> {
        self.seen.iter().find(|(_, e)| *e == FeedEvent::End).map(|(at, _)| *at)
    }
}

fn building(_: u64) -> Option<Result<BuildStatus, Fault>> {
    Some(Ok(BuildStatus::Building))
}

fn over_at(end: u64) -> impl Fn(u64) -> Option<Result<BuildStatus, Fault>> {
    move |now| Some(Ok(if now < end { BuildStatus::Building } else { BuildStatus::Failed }))
}

fn text(log: &str) -> Option<Result<String, Fault>> {
    Some(Ok(log.to_owned()))
}

fn unavailable() -> Fault {
    Fault::Server { status: 503, after: None, detail: None }
}

#[tokio::test(start_paused = true)]
async fn stopping_does_not_wait_for_a_request_that_hangs() {
    for hang_in_logs in [false, true] {
        let mut run = run(move |_| hang_in_logs.then_some(Ok(BuildStatus::Building)), |_| None);
        assert!(run.pass(20).await);
        run.tell(FeedCommand::Stop).await;
        let before = Instant::now();
        while run.events.recv().await.is_some() {}
        assert_eq!(before.elapsed(), Duration::ZERO, "logs: {hang_in_logs}");
    }
}

/// Shortly before the last reading there is no other, unless one is asked for.
#[tokio::test(start_paused = true)]
async fn a_refresh_reads_the_log_of_a_build_that_is_over() {
    let mut run = run(over_at(10), |_| text("one\n"));
    run.pass(40).await;
    assert_eq!(run.ended(), None);
    let asked = run.api.asked(true);
    assert!(asked.iter().all(|at| *at < 36.0), "{asked:?}");
    run.tell(FeedCommand::Refresh).await;
    run.pass(1).await;
    assert_eq!(run.api.asked(true).len(), asked.len() + 1);
}

/// The documentation says that ten thousand events may be asked for.
#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_large_windows_is_asked_for_smaller_ones() {
    let log: String = (0..90).map(|n| format!("line {n}\n")).collect();
    let whole = log.clone();
    let mut all = run_with(building, move |_| text(&log), 100, (None, None));
    all.pass(10).await;
    assert_eq!(all.log, whole);
    assert!(matches!(all.health(), Health::Ok { .. }));

    let mut none = run_with(building, |_| text("line\n"), 0, (None, None));
    none.pass(10).await;
    let Health::Stopped { why } = none.health() else { panic!("{:?}", none.health()) };
    assert!(why.sentence.contains("limit must be between 1 and 0"), "{}", why.sentence);
    assert!(none.api.asked(true).len() < 5);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_until_resumed_and_a_refresh_asks_at_once() {
    let mut run = run(building, |_| text("one\n"));
    run.pass(10).await;
    run.tell(FeedCommand::Pause).await;
    run.pass(1).await;
    assert_eq!(run.health(), &Health::Paused);
    let paused = run.api.asked(false).len();
    run.pass(3600).await;
    assert_eq!(run.api.asked(false).len(), paused);
    run.tell(FeedCommand::Resume).await;
    run.pass(0).await;
    run.pass(1).await;
    assert_eq!(run.api.asked(false).len(), paused + 1);
    run.tell(FeedCommand::Refresh).await;
    run.pass(1).await;
    assert_eq!(run.api.asked(false).len(), paused + 2);
    assert!(matches!(run.health(), Health::Ok { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_ends_a_request_that_hangs() {
    let mut run = run(|now| (now > 5).then_some(Ok(BuildStatus::Building)), |_| text("one\n"));
    run.pass(10).await;
    run.tell(FeedCommand::Refresh).await;
    run.pass(1).await;
    assert_eq!(run.log, "one\n");
}

fn refusals() -> [Fault; 3] {
    [
        Fault::Unauthorized { detail: None },
        Fault::Forbidden { detail: None },
        Fault::NotFound { status: 404, detail: None },
    ]
}

#[tokio::test(start_paused = true)]
async fn a_refusal_at_the_start_stops_until_asked_again() {
    for fault in refusals() {
        let status = move |now: u64| match now {
            0..60 => Some(Err(fault.clone())),
            _ => Some(Ok(BuildStatus::Building)),
        };
        let mut run = run(status, |_| text("one\n"));
        run.pass(70).await;
        assert!(matches!(run.health(), Health::Stopped { .. }), "{:?}", run.health());
        assert_eq!(run.api.asked(false).len(), 1, "it stopped");
        run.tell(FeedCommand::Refresh).await;
        run.pass(1).await;
        assert!(matches!(run.health(), Health::Ok { .. }));
        assert_eq!(run.log, "one\n");
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_refused_while_the_record_is_not_is_asked_for_again() {
    for fault in refusals() {
        for (until, read) in [(4, true), (600, false)] {
            let refused = fault.clone();
            let log =
                move |now| if now < until { Some(Err(refused.clone())) } else { text("one\n") };
            let mut run = run(|_| Some(Ok(BuildStatus::Building)), log);
            run.pass(100).await;
            assert_eq!(matches!(run.health(), Health::Ok { .. }), read, "{:?}", run.health());
            assert_eq!(matches!(run.health(), Health::Stopped { .. }), !read);
            assert_eq!(run.log, if read { "one\n" } else { "" });
            assert!(read || run.api.asked(true).iter().all(|at| *at < 90.0), "it stopped");
        }
    }
}

/// A firewall says no to anything, and in the next moment yes.
#[tokio::test(start_paused = true)]
async fn what_somebody_in_between_blocks_is_asked_for_again() {
    let blocked = || Fault::Blocked { title: None };
    for (until, stops) in [(20, false), (600, true)] {
        let status = move |now| if now < until { Some(Err(blocked())) } else { building(now) };
        let mut all = run(status, |_| text("one\n"));
        let log = move |now| if now < until { Some(Err(blocked())) } else { text("one\n") };
        let mut log = run(building, log);
        for run in [&mut all, &mut log] {
            run.pass(100).await;
            assert_eq!(matches!(run.health(), Health::Stopped { .. }), stops, "{:?}", run.health());
            assert_eq!(run.log, if stops { "" } else { "one\n" });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_revoked_and_restored_is_tried_again_by_itself() {
    for fault in refusals() {
        let status = move |now: u64| match now {
            10..90 => Some(Err(fault.clone())),
            _ => Some(Ok(BuildStatus::Building)),
        };
        let log = |now| text(if now < 90 { "one\n" } else { "one\ntwo\n" });
        let mut run = run(status, log);
        run.pass(60).await;
        let Health::Retrying { why, .. } = run.health() else { panic!("{:?}", run.health()) };
        assert!(why.brief.contains("40"), "{why:?}");
        assert_eq!(run.log, "one\n", "what was read stays");
        run.pass(140).await;
        assert!(matches!(run.health(), Health::Ok { .. }));
        assert_eq!(run.log, "one\ntwo\n");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_stays_is_believed_in_the_end() {
    for (fault, patience) in refusals().into_iter().zip([900.0, 900.0, 120.0]) {
        let status = move |now: u64| match now {
            10.. => Some(Err(fault.clone())),
            _ => Some(Ok(BuildStatus::Building)),
        };
        let mut run = run(status, |_| text("one\n"));
        run.pass(3600).await;
        let Health::Stopped { why } = run.health() else { panic!("{:?}", run.health()) };
        if why.brief.contains("404") {
            assert!(why.sentence.contains("deleted"), "{}", why.sentence);
        }
        assert_eq!(run.log, "one\n");
        let asked = run.api.asked(false);
        let last = asked.last().unwrap();
        assert!((10.0 + patience..90.0 + patience).contains(last), "it stopped: {asked:?}");
        assert!(asked.len() < 40, "ever more slowly: {asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_says_when_to_come_back() {
    let limited = |now: u64| match now {
        3..20 => Some(Err(Fault::RateLimited { after: Some(S(40)), detail: None })),
        _ => Some(Ok(BuildStatus::Building)),
    };
    let mut run = run(limited, |_| text("one\n"));
    run.pass(60).await;
    let [(at, then, 1)] = run.retries()[..] else { panic!("{:?}", run.retries()) };
    assert!(then >= at + 40.0 && then <= at + 44.1, "{at} {then}");
    let asked = [run.api.asked(false), run.api.asked(true)].concat();
    let next = asked.into_iter().filter(|t| *t > at + 0.5).fold(f64::MAX, f64::min);
    assert!((next - then).abs() < 0.1, "it comes back when it said: {next} {then}");
    let log = run.api.asked(true);
    assert!(
        log.iter().all(|t| *t < at || *t >= then - 0.1),
        "so does the log: {log:?} {at} {then}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_log_is_read_though_the_record_is_rate_limited_for_ever() {
    let limited = |now: u64| match now {
        0..3 => Some(Ok(BuildStatus::Building)),
        _ => Some(Err(Fault::RateLimited { after: Some(S(5)), detail: None })),
    };
    let mut run = run(limited, |now| text(if now < 30 { "one\n" } else { "one\ntwo\n" }));
    run.pass(300).await;
    assert_eq!(run.log, "one\ntwo\n");
    let asked = run.api.asked.lock().unwrap().clone();
    assert!(asked.windows(2).skip(2).all(|two| two[1].0 - two[0].0 >= S(3)), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn faults_are_backed_off_from_up_to_a_minute_and_recovered_from() {
    for fault in [unavailable(), Fault::Dns, Fault::Broken { received: 7 }] {
        let failing = move |now: u64| match now {
            10..900 => Some(Err(fault.clone())),
            _ => Some(Ok(BuildStatus::Building)),
        };
        let mut run = run(failing, |now| text(if now < 900 { "one\n" } else { "one\ntwo\n" }));
        run.pass(1000).await;
        let waits: Vec<f64> = run.retries().iter().map(|(at, then, _)| then - at).collect();
        assert!(waits.iter().all(|wait| (2.9..=60.1).contains(wait)), "{waits:?}");
        assert!(waits[waits.len() - 1] >= 30.0, "{waits:?}");
        assert!(waits.len() < 30, "{waits:?}");
        let failures: Vec<u32> = run.retries().iter().map(|r| r.2).collect();
        assert_eq!(failures, (1..=failures.len() as u32).collect::<Vec<_>>());
        assert!(matches!(run.health(), Health::Ok { .. }));
        assert_eq!(run.log, "one\ntwo\n");
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_is_read_while_the_record_is_down_and_the_reverse() {
    let growing = |now: u64| Some(Ok((0..=now / 10).map(|n| format!("line {n}\n")).collect()));
    let mut no_record = run(|_| Some(Err(unavailable())), growing);
    no_record.pass(200).await;
    assert!(no_record.log.starts_with("line 0\nline 1\n"), "{}", no_record.log);
    assert!(
        no_record.log.lines().count() > 8,
        "{:?} {:?}",
        no_record.log,
        no_record.api.asked(true)
    );

    // One that was there and isn't any more.
    let gone = |now: u64| match now {
        0..10 => Some(Ok(BuildStatus::Building)),
        _ => Some(Err(Fault::NotFound { status: 404, detail: None })),
    };
    let mut no_record = run(gone, growing);
    no_record.pass(100).await;
    assert!(no_record.log.lines().count() > 2, "{:?}", no_record.log);
    assert!(matches!(no_record.health(), Health::Retrying { .. }));

    let mut no_log = run(over_at(30), |_| Some(Err(unavailable())));
    no_log.pass(100).await;
    let over = |(_, e): &(f64, FeedEvent)| matches!(e, FeedEvent::Build(build) if build.status == BuildStatus::Failed);
    assert!(no_log.seen.iter().any(over));
    assert!(matches!(no_log.health(), Health::Retrying { .. }));
    assert_eq!(no_log.ended(), None, "a log that was never read is not complete");
}

#[tokio::test(start_paused = true)]
async fn after_the_closing_line_the_log_rests_and_at_the_end_nothing_is_asked() {
    let log = |now: u64| text(&if now < 8 { "one\n".into() } else { format!("one\n{CLOSED}\n") });
    let mut run = run(over_at(8), log);
    assert!(!run.pass(600).await, "the feed ends");
    let end = run.ended().unwrap();
    assert!((43.0..49.0).contains(&end), "{end}");
    let rest = run.api.asked(true).iter().filter(|at| (15.5..43.0).contains(*at)).count();
    assert_eq!(rest, 0, "nothing can change but by a late line");
    assert!(run.log.starts_with("one\n[Container]"));
    let asked = run.api.asked.lock().unwrap().len();
    tokio::time::sleep(S(3600)).await;
    assert_eq!(run.api.asked.lock().unwrap().len(), asked);
    assert!(run.api.asked(true).iter().all(|at| *at <= end));
}

#[tokio::test(start_paused = true)]
async fn a_line_that_comes_late_before_the_closing_line_is_not_lost() {
    let log = |now: u64| match now {
        0..8 => text("one\n"),
        8..36 => text(&format!("one\n{CLOSED}\n")),
        _ => text(&format!("one\nlate\n{CLOSED}\n")),
    };
    let mut run = run(over_at(8), log);
    assert!(!run.pass(600).await);
    assert_eq!(run.log, format!("one\nlate\n{CLOSED}\n"));
}

/// A large log is asked for less often, but what a build ended with is wanted now.
#[tokio::test(start_paused = true)]
async fn when_a_build_ends_its_log_is_read_at_once() {
    let log: String = (0..7_000).map(|n| format!("{n} {}\n", ".".repeat(110))).collect();
    let mut run = run(over_at(8), move |_| text(&log));
    run.pass(14).await;
    let asked = run.api.asked(true);
    assert!(asked.iter().any(|at| (8.0..10.0).contains(at)), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn of_a_build_that_was_over_the_closing_line_is_the_end() {
    let mut run = run(over_at(0), |_| text(&format!("one\n{CLOSED}\n")));
    assert!(!run.pass(600).await);
    let end = run.ended().unwrap();
    assert!((5.0..12.0).contains(&end), "{end}");
}

/// A record that never comes doesn't keep the log from being read, at its pace.
#[tokio::test(start_paused = true)]
async fn a_record_that_hangs_does_not_hold_the_log_up() {
    for hangs in [0, 9] {
        let status = move |now: u64| (now < hangs).then_some(Ok(BuildStatus::Building));
        let log = |now: u64| text(&(0..=now).map(|n| format!("{n}\n")).collect::<String>());
        let mut run = run(status, log);
        run.pass(120).await;
        let last: u64 = run.log.lines().last().unwrap().parse().unwrap();
        assert!(last >= 108, "{last}");
        let asked = run.api.asked(true);
        assert!(asked.windows(2).all(|two| two[1] - two[0] >= 3.0), "{asked:?}");
        assert!(run.api.asked(false).len() <= 4, "{:?}", run.api.asked(false));
    }
}

/// How a build ended is known, and its log is whole: no record is waited for.
#[tokio::test(start_paused = true)]
async fn a_record_that_hangs_does_not_hold_the_end_up() {
    let status = |now: u64| (now < 15).then(|| over_at(5)(now)).flatten();
    let mut run = run(status, |_| text(&format!("one\n{CLOSED}\n")));
    assert!(!run.pass(600).await, "{:?}", run.health());
    assert_eq!(run.log, format!("one\n{CLOSED}\n"));
    assert!(run.api.asked(true).len() < 8, "{:?}", run.api.asked(true));
}

/// Late lines come before the closing one as well, and to whoever comes after the end.
#[tokio::test(start_paused = true)]
async fn of_a_build_that_was_over_a_moment_ago_late_lines_are_waited_for() {
    // By our clock, and by the service's.
    for (ago, served, all) in [
        (10, None, true),
        (60, None, false),
        (-3600, None, true),
        (3600, Some(10), true),
        (10, Some(3600), true),
        (3600, Some(60), false),
        (-3600, Some(10), true),
    ] {
        let log = |now: u64| {
            let late = if now < 18 { "" } else { "late\n" };
            text(&format!("one\n{late}{CLOSED}\n"))
        };
        let completed = Timestamp::now() - SignedDuration::from_secs(ago);
        let served = served.map(|after| completed + SignedDuration::from_secs(after));
        let mut run = run_with(over_at(0), log, u32::MAX, (Some(completed), served));
        assert!(!run.pass(600).await);
        assert_eq!(run.log.contains("late"), all, "{ago}: {:?}", run.api.asked(true));
        let most = if all { 45.0 - ago.clamp(0, 10) as f64 } else { 20.0 };
        assert!(run.ended().unwrap() < most, "{ago}: {:?}", run.ended());
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_closing_line_late_lines_are_waited_for() {
    let log = |now: u64| text(if now < 36 { "one\n" } else { "one\nlate\n" });
    let mut run = run(over_at(10), log);
    assert!(!run.pass(600).await);
    assert_eq!(run.log, "one\nlate\n");
    let end = run.ended().unwrap();
    assert!((40.0..60.0).contains(&end), "{end}");
}

/// What comes after an outage that hid the end of a build is read again, whether it is news
/// or not, unless the agent's last words say that it is all.
#[tokio::test(start_paused = true)]
async fn a_log_that_wasnt_read_since_the_end_is_read_twice() {
    for (first, closed, whole) in
        [("one\ntwo\n", "", true), ("one\n", "", true), ("one\ntwo\n", CLOSED, false)]
    {
        let answers = std::sync::atomic::AtomicUsize::new(0);
        let log = move |now: u64| match now {
            0..8 => text("one\n"),
            8..100 => Some(Err(unavailable())),
            _ if answers.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => {
                text(&format!("{first}{closed}"))
            }
            _ => text(&format!("one\ntwo\nthree\n{closed}")),
        };
        let mut run = run(over_at(10), log);
        assert!(!run.pass(600).await);
        assert_eq!(run.log.contains("three"), whole, "{first:?}: {:?}", run.api.asked(true));
    }
}

/// The last answers hold less than was read before: that is said.
#[tokio::test(start_paused = true)]
async fn answers_that_never_agree_at_the_end_are_told_of() {
    for (less, told) in [("one\ntwo\n", true), ("one\ntwo\nthree\n", false)] {
        let log = move |now: u64| text(if now < 20 { "one\ntwo\nthree\n" } else { less });
        let mut run = run(over_at(10), log);
        assert!(!run.pass(600).await);
        assert_eq!(run.log, "one\ntwo\nthree\n");
        let notices = run.seen.iter().filter_map(|(_, event)| match event {
            FeedEvent::Notice(what) => Some(what.as_str()),
            _ => None,
        });
        let notices: Vec<&str> = notices.collect();
        assert_eq!(notices.len(), usize::from(told), "{notices:?}");
        assert!(notices.iter().all(|what| what.contains("may be missing")), "{notices:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_flaps_back_is_no_end() {
    let status = |now: u64| {
        Some(Ok(match now {
            10..14 => BuildStatus::Failed,
            0..100 => BuildStatus::Building,
            _ => BuildStatus::Success,
        }))
    };
    let log = |now: u64| text(if now < 90 { "one\n" } else { "one\ntwo\n" });
    let mut run = run(status, log);
    assert!(!run.pass(600).await);
    assert_eq!(run.log, "one\ntwo\n");
    assert!(run.ended().unwrap() >= 130.0, "{:?}", run.ended());
}

#[tokio::test(start_paused = true)]
async fn an_hour_asleep_changes_nothing() {
    let log = |now: u64| {
        let lines = if now < 60 { now } else { 500 };
        Some(Ok((0..lines).map(|n| format!("line {n}\n")).collect()))
    };
    let mut run = run(over_at(1000), log);
    run.pass(30).await;
    tokio::time::advance(S(3600)).await;
    assert!(!run.pass(600).await);
    let all: String = (0..500).map(|n| format!("line {n}\n")).collect();
    assert_eq!(run.log, all);
}

#[tokio::test(start_paused = true)]
async fn one_request_of_each_kind_an_interval_and_less_for_large_logs() {
    let mut small = run(building, |_| text("one\n"));
    small.pass(299).await;
    for logs in [false, true] {
        let asked = small.api.asked(logs);
        assert!((98..=101).contains(&asked.len()), "{logs}: {}", asked.len());
        assert!(asked.windows(2).all(|two| two[1] - two[0] >= 2.99), "{asked:?}");
    }
    let mut large = run(building, |_| Some(Ok(format!("{}\n", "x".repeat(700 << 10)))));
    large.pass(299).await;
    assert!(large.api.asked(true).len() <= 29, "{:?}", large.api.asked(true));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_gone_ends_it() {
    let Run { api, events, commands, .. } = run(building, |_| text("one\n"));
    drop(events);
    timeout(S(60), commands.closed()).await.expect("the task ends");
    assert!(api.asked(false).len() <= 1);
}
