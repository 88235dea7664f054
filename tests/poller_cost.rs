//! What following costs, in times the log: the real poller on a clock that jumps,
//! against the windows of which a part of the log can be read.
//!
//! Every line costs once, and all of them once more when the log is reconciled at
//! its end. The rest is what windows are recognised by, what a size that was
//! guessed has too much, and what shows that there is nothing new; of short logs
//! that is a large part.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/text.rs"]
mod text;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use buildcat::api::{
    ApiError, ApiFuture, Asked, BuildRecord, BuildsApi, BuildsPage, Fault, ListQuery, LogsPage,
    LogsQuery,
};
use buildcat::demo::{Anchor, AtEnd, Served, Timeline, Tokens, Window};
use buildcat::domain::{Build, BuildId, BuildStatus, FeedEvent, Piece};
use buildcat::poller::{PollConfig, spawn};
use text::text;
use tokio::sync::mpsc;
use tokio::time::Instant;

const S: fn(u64) -> Duration = Duration::from_secs;
const MS: fn(u64) -> Duration = Duration::from_millis;

/// Lines with the moments at which they come.
type Lines = Vec<(Duration, Vec<u8>)>;

/// A service that hands out a log as its lines come.
struct Service {
    start: Instant,
    /// When its record says that the build is over.
    over: Duration,
    log: Timeline,
    window: Window,
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl BuildsApi for Service {
    fn build<'a>(&'a self, _: &'a BuildId) -> ApiFuture<'a, BuildRecord> {
        let over = self.start.elapsed() >= self.over;
        let status = if over { BuildStatus::Failed } else { BuildStatus::Building };
        let build = Build::with_status(status);
        Box::pin(async { Ok(BuildRecord::new(build, serde_json::Value::Null)) })
    }

    fn builds<'a>(&'a self, _: &'a ListQuery) -> ApiFuture<'a, BuildsPage> {
        unreachable!("the poller knows its build")
    }

    fn logs<'a>(&'a self, id: &'a BuildId, query: &'a LogsQuery) -> ApiFuture<'a, LogsPage> {
        Box::pin(async {
            let nth = self.requests.fetch_add(1, Ordering::SeqCst);
            let visible = self.log.visible(self.start.elapsed());
            let token = query.next_token.as_deref();
            let served = self.window.serve(&visible, query.limit as usize, token, nth);
            let Served::Page(range, next_token) = served else {
                let fault = Fault::Rejected { status: 400, detail: None };
                return Err(ApiError::new(Asked::Logs(id.clone()), fault));
            };
            let events: Vec<Vec<u8>> = visible[range].iter().map(|text| text.to_vec()).collect();
            let bytes = events.iter().map(|text| text.len() as u64 + 1).sum();
            self.bytes.fetch_add(bytes, Ordering::SeqCst);
            Ok(LogsPage { events, next_token, bytes })
        })
    }
}

/// What following a build came to.
struct Followed {
    /// What was served, in times the log.
    cost: f64,
    /// How long after the end its last line was there.
    late: Duration,
    /// How long a line was there for others before it was here, at most.
    slowest: Duration,
}

/// Follows a build, asked for so often. What arrives is exact.
async fn follow(name: &str, log: &Timeline, window: Window, every: Duration) -> Followed {
    follow_to(name, log, log.end(), window, every).await
}

/// The same, of a build that is over then, whatever comes after it.
async fn follow_to(
    name: &str,
    log: &Timeline,
    over: Duration,
    window: Window,
    every: Duration,
) -> Followed {
    let truth: Vec<&[u8]> = log.events().iter().map(|event| &*event.text).collect();
    let truth = [truth.join(&b'\n'), b"\n".to_vec()].concat();
    let (requests, bytes) = Default::default();
    let (start, log) = (Instant::now(), log.clone());
    let service = Service { start, over, log, window, requests, bytes };
    let service = Arc::new(service);
    let (send, mut events) = mpsc::channel(8);
    let (_commands, obeyed) = mpsc::channel(8);
    let id = "6f1c0f5e-3a52-4c8b-9a86-0d6c3b1e7a10".parse().unwrap();
    let api = Arc::clone(&service) as Arc<dyn BuildsApi>;
    spawn(api, id, PollConfig::new(every), send, obeyed);
    let mut lines: Vec<u8> = vec![];
    let mut late = None;
    let mut slowest = Duration::ZERO;
    let mut waiting = service.log.events().iter();
    while let Some(event) = events.recv().await {
        let FeedEvent::Log(patch) = event else { continue };
        let kept = lines.split_inclusive(|byte| *byte == b'\n');
        let kept = kept.take(patch.keep.unwrap_or(u32::MAX) as usize).map(<[u8]>::len).sum();
        lines.truncate(kept);
        for piece in patch.append {
            let Piece::Text(text) = piece else { panic!("{name}: a gap") };
            lines.extend(text);
        }
        let here = lines.iter().filter(|byte| **byte == b'\n').count();
        let new = here.saturating_sub(service.log.events().len() - waiting.len());
        let now = start.elapsed();
        let waited = waiting.by_ref().take(new).map(|event| now.saturating_sub(event.at));
        slowest = waited.fold(slowest, Duration::max);
        if lines.len() == truth.len() {
            late = late.or(Some(start.elapsed().saturating_sub(service.log.end())));
        }
    }
    assert!(lines == truth, "{name}: {} of {} bytes", lines.len(), truth.len());
    let cost = service.bytes.load(Ordering::SeqCst) as f64 / truth.len() as f64;
    Followed { cost, late: late.expect("all of it"), slowest }
}

/// The windows of which a part of the log can be read.
fn windows_that_allow_less() -> [Window; 4] {
    [
        (Anchor::Tail, Tokens::None),
        (Anchor::Tail, Tokens::Honoured(AtEnd::Same)),
        (Anchor::Head, Tokens::Honoured(AtEnd::Absent)),
        (Anchor::Head, Tokens::Honoured(AtEnd::Same)),
    ]
    .map(|(anchor, tokens)| Window { anchor, tokens, ..Window::default() })
}

/// Every build at its own pace, as often as it is asked for.
#[tokio::test(start_paused = true)]
async fn following_costs_at_most_three_times_the_log_where_windows_allow_it() {
    let lines = |count: u64, at: &dyn Fn(u64) -> Duration| {
        let line = |n| (at(n), text(0, n, n * 7919).into_bytes());
        Timeline::new((0..count).map(line).collect::<Vec<_>>())
    };
    let even = |count, ms| lines(count, &|n| MS(n * ms));
    // Nothing for a while, then many lines at once, then single ones.
    let bursts = lines(2000, &|n| S(n / 200 * 30 + if n % 200 < 180 { 0 } else { n % 20 }));
    // A fast step, and a slow one after it.
    let slower = lines(1200, &|n| MS(n.min(960) * 10 + n.saturating_sub(960) * 170));
    for (name, log, every) in [
        ("800 lines, one in 375 ms, every 3 s", even(800, 375), S(3)),
        ("3000 lines, one in 100 ms, every 3 s", even(3000, 100), S(3)),
        ("300 lines, one in 200 ms, every second", even(300, 200), S(1)),
        ("1000 lines, one in 40 ms, every 250 ms", even(1000, 40), MS(250)),
        ("2000 lines in bursts, every 3 s", bursts, S(3)),
        ("1200 lines, the last 240 slower, every 3 s", slower, S(3)),
    ] {
        for window in windows_that_allow_less() {
            let Window { anchor, tokens, .. } = window;
            let name = format!("{name}, {anchor:?} {tokens:?}");
            let times = follow(&name, &log, window, every).await.cost;
            println!("{name}: {times:.2} times the log");
            assert!(times <= 3.0, "{name}: {times:.2} times the log");
        }
    }
}

/// A service that hands out a few lines at a time, with tokens that lead on: what grows faster
/// than that isn't read as a whole in every turn.
#[tokio::test(start_paused = true)]
async fn small_pages_that_lead_on_cost_no_more() {
    let line = |n: u64| (MS(n * 24), text(6, n, n * 7919).into_bytes());
    let log = Timeline::new((0..2500).map(line).collect::<Vec<_>>());
    for window in windows_that_allow_less().into_iter().filter(|w| w.tokens != Tokens::None) {
        for most_events in [100, 285] {
            let window = Window { most_events, ..window };
            let name = format!("pages of {most_events}, {:?} {:?}", window.anchor, window.tokens);
            let times = follow(&name, &log, window, S(3)).await.cost;
            println!("{name}: {times:.2} times the log");
            assert!(times <= 3.0, "{name}: {times:.2} times the log");
        }
    }
}

/// A build that was over long ago: all of its log is there within a few turns, and costs what
/// it is and once more.
#[tokio::test(start_paused = true)]
async fn what_is_over_is_read_at_once_in_pages_of_any_size() {
    for window in windows_that_allow_less().into_iter().filter(|w| w.tokens != Tokens::None) {
        for (name, lines) in recordings() {
            let lines = lines.into_iter().map(|(_, line)| (Duration::ZERO, line));
            let log = Timeline::new(lines.collect::<Vec<_>>());
            for most_events in [20, 50, 100] {
                let window = Window { most_events, ..window };
                let name =
                    format!("{name} in {most_events}, {:?} {:?}", window.anchor, window.tokens);
                let Followed { cost, late, .. } = follow(&name, &log, window, S(3)).await;
                assert!(late <= S(9) && cost <= 3.0, "{name}: {late:?}, {cost:.2} times the log");
            }
        }
    }
}

/// A build as they come: of some hundred lines or some thousand, even or in bursts,
/// with common lines or without, some of them late; polled at some interval.
fn usual_build(dice: &mut fastrand::Rng) -> (String, Timeline, Duration) {
    let count = [60, 100, 150, 250, 400, 700, 1200, 2500][dice.usize(0..8)];
    let seconds = dice.u64(20..180);
    let every = [500, 1000, 2000, 3000][dice.usize(0..4)];
    let (kind, bursts) = ([0, 1, 6][dice.usize(0..3)], dice.bool());
    let late = if dice.u8(0..3) == 0 { dice.usize(1..5) } else { 0 };
    let step = seconds * 1000 / count;
    let mut at = 0;
    let mut events = Vec::new();
    for n in 0..count {
        at += match bursts {
            true if dice.u64(0..20) == 0 => step * 20,
            true => 0,
            false => dice.u64(0..=step * 2),
        };
        events.push((MS(at), text(kind, n, dice.u64(..)).into_bytes()));
    }
    for _ in 0..late {
        let nth = dice.usize(0..events.len());
        events[nth].0 += S(dice.u64(1..10));
    }
    let how = if bursts { "in bursts" } else { "even" };
    let name = format!("{count} lines, {seconds} s, {how}, kind {kind}, {late} late, {every} ms");
    (name, Timeline::new(events), MS(every))
}

/// Usual builds, and apart from the others those of more than 400 lines.
#[tokio::test(start_paused = true)]
async fn usual_builds_cost_less_than_three_times_their_log() {
    let mut dice = fastrand::Rng::with_seed(7);
    let builds: Vec<_> = (0..60).map(|_| usual_build(&mut dice)).collect();
    for window in windows_that_allow_less() {
        let (mut short, mut long) = (vec![], vec![]);
        for (name, log, every) in &builds {
            let of_such = if log.events().len() > 400 { &mut long } else { &mut short };
            of_such.push(follow(name, log, window, *every).await.cost);
        }
        keep("more than 400 lines", window, long, [(2.6, 5), (2.4, 0), (2.4, 0)]);
        keep("fewer", window, short, [(2.85, 30), (2.65, 16), (2.5, 12)]);
    }
}

/// A real build, with a line at the moment that the log itself gives away: the agent's
/// lines say when, and those of a step how long after its start.
fn recorded(log: &[u8]) -> Lines {
    let log = log.strip_suffix(b"\n").unwrap_or(log);
    let mut steps: HashMap<String, f64> = HashMap::new();
    let (mut first, mut now) = (None, 0.0_f64);
    let mut timed = vec![];
    for line in log.split(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let words: Vec<&str> = text.split(' ').collect();
        if let Some(("[Container]", rest)) = text.split_once(' ') {
            let numbers = rest.get(..26).unwrap_or_default().split(['/', ' ', ':']);
            let numbers: Vec<f64> = numbers.filter_map(|number| number.parse().ok()).collect();
            if let [_, _, days, hours, minutes, seconds] = numbers[..] {
                let at = ((days * 24.0 + hours) * 60.0 + minutes) * 60.0 + seconds;
                now = now.max(at - *first.get_or_insert(at));
            }
        } else if let Some(step) = text.strip_prefix('#').and_then(|_| words.first()) {
            let start = *steps.entry((*step).to_owned()).or_insert(now);
            let took = words.get(1).filter(|word| **word != "DONE").or(words.get(2));
            let took = took.and_then(|took| took.trim_end_matches('s').parse::<f64>().ok());
            now = now.max(start + took.unwrap_or_default());
        }
        timed.push((Duration::from_secs_f64(now), line.to_vec()));
    }
    timed
}

/// What costs of builds may be: the middle, and of a hundred so many above three times the
/// log. For newest windows, for those with tokens that lead to older lines, and for first
/// ones with tokens that lead on.
type Bounds = [(f64, usize); 3];

fn keep(what: &str, window: Window, mut costs: Vec<f64>, bounds: Bounds) {
    let Window { anchor, tokens, .. } = window;
    let (most_middle, most_above) = match (anchor, tokens) {
        (Anchor::Tail, Tokens::None) => bounds[0],
        (Anchor::Tail, _) => bounds[1],
        (Anchor::Head, _) => bounds[2],
    };
    costs.sort_by(f64::total_cmp);
    let (middle, most) = (costs[costs.len() / 2], costs[costs.len() - 1]);
    let above = costs.iter().filter(|cost| **cost > 3.0).count() * 100 / costs.len();
    let told = format!(
        "{anchor:?} {tokens:?}, {what}: {middle:.2} in the middle, {above} % above 3, at most {most:.2}"
    );
    println!("{told}");
    assert!(middle <= most_middle && above <= most_above && most <= 4.0, "{told}");
}

/// The recorded builds, by their names.
fn recordings() -> Vec<(String, Lines)> {
    let mut builds = vec![];
    for entry in std::fs::read_dir("tests/corpus").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".log") {
            builds.push((name, recorded(&std::fs::read(path).unwrap())));
        }
    }
    builds.sort();
    assert!(builds.len() > 80);
    builds
}

/// The same build with so much time before its first line, and so many times as slow.
fn played(lines: &[(Duration, Vec<u8>)], first: Duration, slower: u32) -> Timeline {
    let lines = lines.iter().map(|(at, line)| (first + *at * slower, line.clone()));
    Timeline::new(lines.collect::<Vec<_>>())
}

/// Real builds, which have a hundred lines or so and end with a burst: at their own pace, and
/// four times as slow.
#[tokio::test(start_paused = true)]
async fn real_builds_cost_less_than_three_times_their_log() {
    let builds = recordings();
    for window in windows_that_allow_less() {
        for (slower, bounds) in
            [(1, [(2.6, 2), (2.55, 3), (2.6, 2)]), (4, [(2.5, 20), (2.4, 7), (2.4, 2)])]
        {
            let mut costs = vec![];
            for (name, lines) in &builds {
                let log = played(lines, S(1), slower);
                costs.push(follow(name, &log, window, S(3)).await.cost);
            }
            keep(&format!("{slower} times as slow"), window, costs, bounds);
        }
    }
}

/// The same lines, evenly over so long a time or at random moments of it, of which there are
/// only so many.
fn spread(lines: &[(Duration, Vec<u8>)], over: Duration, moments: Option<usize>) -> Timeline {
    let mut dice = fastrand::Rng::with_seed(lines.len() as u64);
    let count = lines.len() as u32;
    let mut at: Vec<Duration> = match moments {
        None => (0..count).map(|nth| over * nth / count).collect(),
        Some(moments) => {
            let moments: Vec<Duration> = (0..moments).map(|_| over.mul_f64(dice.f64())).collect();
            (0..count).filter_map(|_| dice.choice(&moments).copied()).collect()
        }
    };
    at.sort();
    let lines = at.into_iter().zip(lines).map(|(at, (_, line))| (S(1) + at, line.clone()));
    Timeline::new(lines.collect::<Vec<_>>())
}

/// Tokens can be positions, and some lines come late before where they lead.
#[tokio::test(start_paused = true)]
async fn a_log_with_lines_that_come_late_does_not_stand_still() {
    let mut dice = fastrand::Rng::with_seed(7);
    let builds: Vec<_> = (0..240).map(|_| usual_build(&mut dice)).collect();
    for window in windows_that_allow_less() {
        for (name, log, every) in &builds {
            let slowest = follow(name, log, window, *every).await.slowest;
            let Window { anchor, tokens, .. } = window;
            assert!(slowest <= S(60), "{name}, {anchor:?} {tokens:?}: {slowest:?}");
        }
    }
}

/// However slow a build is, what it prints is there within a minute: whatever was learnt of the
/// first lines of its log, and whatever line its log ends with for a while.
#[tokio::test(start_paused = true)]
async fn what_a_slow_build_prints_is_not_long_in_coming() {
    for window in windows_that_allow_less() {
        for moments in [None, Some(400), Some(5)] {
            let mut slowest = vec![];
            for (name, lines) in recordings() {
                let log = spread(&lines, S(400), moments);
                slowest.push((follow(&name, &log, window, S(3)).await.slowest, name));
            }
            slowest.sort();
            let Window { anchor, tokens, .. } = window;
            let (most, name) = slowest.pop().unwrap();
            let middle = slowest[slowest.len() / 2].0;
            println!("{anchor:?} {tokens:?}, {moments:?} moments: {middle:?}, at most {most:?}");
            assert!(most < S(55), "{name}, {anchor:?} {tokens:?}, {moments:?}: {most:?}");
        }
    }
}

/// Where every answer is all of the log, or tokens lead nowhere, it is asked for less often, the
/// more it has cost.
#[tokio::test(start_paused = true)]
async fn a_log_that_can_only_be_read_whole_is_read_less_often() {
    for tokens in [Tokens::None, Tokens::Ignored] {
        for (slower, most) in [(1, 2.8), (4, 3.4)] {
            let mut costs = vec![];
            for (name, lines) in recordings() {
                let window = Window { tokens, ..Window::default() };
                costs.push(follow(&name, &played(&lines, S(1), slower), window, S(3)).await.cost);
            }
            costs.sort_by(f64::total_cmp);
            let middle = costs[costs.len() / 2];
            println!("{tokens:?}, {slower} times as slow: {middle:.2} in the middle");
            assert!(middle <= most, "{tokens:?}, {slower} times as slow: {middle:.2}");
        }
    }
}

/// What a build ended with is there a few turns later, whenever it ends: also where nothing is
/// known yet of the service's windows.
#[tokio::test(start_paused = true)]
async fn what_a_build_ends_with_is_read_soon() {
    let every = |anchor, tokens| Window { anchor, tokens, ..Window::default() };
    let mut windows = windows_that_allow_less().to_vec();
    windows.extend([every(Anchor::Head, Tokens::None), every(Anchor::Head, Tokens::Ignored)]);
    for window in windows {
        for (name, lines) in recordings() {
            for first in [0, 1200, 2400] {
                let log = played(&lines, MS(first), 1);
                let late = follow(&name, &log, window, S(3)).await.late;
                let Window { anchor, tokens, .. } = window;
                assert!(late <= S(9), "{name}, {anchor:?} {tokens:?}, {first}: {late:?}");
            }
        }
    }
}

/// Its last lines can reach the service after it is over: why it failed is among them, and the
/// agent's last words.
#[tokio::test(start_paused = true)]
async fn what_a_build_ends_with_is_read_soon_when_it_comes_late() {
    for window in windows_that_allow_less().into_iter().filter(|w| w.anchor == Anchor::Tail) {
        for (name, lines) in recordings() {
            for late in [S(5), S(12)] {
                let on_time = played(&lines, S(1), 4);
                let events = on_time.events();
                let last = events.len().saturating_sub(12);
                let at = |nth, at| if nth < last { at } else { on_time.end() + late };
                let events = events.iter().enumerate();
                let events = events.map(|(nth, event)| (at(nth, event.at), event.text.to_vec()));
                let log = Timeline::new(events.collect::<Vec<_>>());
                let late = follow_to(&name, &log, on_time.end(), window, S(3)).await.late;
                assert!(late <= S(12), "{name}, {:?}: {late:?}", window.tokens);
            }
        }
    }
}
