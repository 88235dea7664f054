//! The task: asks, waits, reports, and obeys at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::api::{ApiError, BuildRecord, BuildsApi, Fault, LogsQuery, Retry, split_event};
use crate::domain::{Build, BuildId, FeedCommand, FeedEvent, Health};

use super::stitch::{Anchor, Ask, Stitcher, Window};
use super::{Closing, End, INTERVALS, LATE, QUIET, backoff, closes, ended, log_wait};

/// How long a build that was there is looked for.
const GONE: Duration = Duration::from_secs(2 * 60);
/// How long a key that was good is tried again.
const REFUSED: Duration = Duration::from_secs(15 * 60);
/// How long a log is asked for that is refused from the start, though the record isn't, and
/// anything that somebody in between blocks.
const CONTRARY: Duration = Duration::from_secs(30);

/// While the record takes longer than this, the log is read without it.
const SLOW: Duration = Duration::from_secs(3);
/// So often the record can ask to wait before that is trouble, though the log
/// can be read in between.
const HELD_OFF: u32 = 3;

/// What is said of a log whose last answers showed less than was read before.
const UNCONFIRMED: &str = "the service's last answers don't hold all of what it handed out before: \
     lines that came late may be missing";

/// How a build is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollConfig {
    /// Time between requests; held within [`INTERVALS`].
    pub interval: Duration,
    /// How long after the end of the build lines may still come.
    pub late: Duration,
}

impl PollConfig {
    /// Polls with this much time between requests.
    pub fn new(interval: Duration) -> Self {
        Self { interval, ..Self::default() }
    }
}

impl Default for PollConfig {
    fn default() -> Self {
        Self { interval: Duration::from_secs(3), late: LATE }
    }
}

/// Starts to poll a build. The task ends when the log is complete, on
/// [`FeedCommand::Stop`], and when either channel is closed.
pub fn spawn(
    api: Arc<dyn BuildsApi>,
    id: BuildId,
    config: PollConfig,
    events: mpsc::Sender<FeedEvent>,
    commands: mpsc::Receiver<FeedCommand>,
) -> JoinHandle<()> {
    let poll = Poll {
        api,
        id,
        interval: clamped(config.interval),
        late: config.late,
        events,
        outbox: VecDeque::from([FeedEvent::Health(Health::Connecting)]),
        stitcher: Stitcher::new(),
        since: Instant::now(),
        page: None,
        record: None,
        terminal: None,
        past: None,
        readings: 0,
        changed: Instant::now(),
        logs_due: Instant::now(),
        read: None,
        held_off: (0, None),
        swept: false,
        failures: 0,
        good: false,
        refused: None,
        told: false,
    };
    tokio::spawn(poll.run(commands))
}

/// What is said of a log that ends with a round number of events.
pub(crate) fn suspicion((events, part): (usize, Anchor)) -> String {
    let (what, lost) = match part {
        Anchor::Head => ("closes", "end"),
        Anchor::Tail => ("opens", "start"),
    };
    format!(
        "the service handed out exactly {events} log events and nothing that {what} the log; \
         if that is a limit of its own, the {lost} may be missing"
    )
}

fn clamped(interval: Duration) -> Duration {
    interval.clamp(*INTERVALS.start(), *INTERVALS.end())
}

/// What the task does next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// Ask at this moment.
    At(Instant),
    /// Ask when told to.
    OnCommand,
    /// Nothing more.
    End,
}

/// One half of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    Record,
    Log,
}

struct Poll {
    api: Arc<dyn BuildsApi>,
    id: BuildId,
    interval: Duration,
    late: Duration,
    events: mpsc::Sender<FeedEvent>,
    /// Events not sent yet. A turn can be dropped at any await; what it learnt
    /// before stays in here.
    outbox: VecDeque<FeedEvent>,
    stitcher: Stitcher,
    /// When polling began.
    since: Instant,
    /// A further page that is to be asked for.
    page: Option<Ask>,
    record: Option<Build>,
    /// Since when the status is terminal.
    terminal: Option<Instant>,
    /// What the agent must have said, if it was when it was first read.
    past: Option<Closing>,
    /// How often the log was read since the status turned terminal.
    readings: u32,
    /// When the log changed last, or the status turned terminal.
    changed: Instant,
    logs_due: Instant,
    /// What was read in a turn that failed for the rest.
    read: Option<Read>,
    /// Answers in a row about the record that asked to wait, and the latest.
    held_off: (u32, Option<ApiError>),
    /// The latest turn read the whole log.
    swept: bool,
    failures: u32,
    /// All went well once.
    good: bool,
    /// Since when the answer has been no.
    refused: Option<Instant>,
    /// The user was told that the service cuts the log off.
    told: bool,
}

impl Poll {
    async fn run(mut self, mut commands: mpsc::Receiver<FeedCommand>) {
        let mut next = Next::At(Instant::now());
        loop {
            let command = tokio::select! {
                biased;
                command = commands.recv() => command,
                moved = self.step(next) => {
                    match moved {
                        Some(moved) => next = moved,
                        // Nobody listens any more.
                        None => return,
                    }
                    continue;
                }
            };
            let now = Instant::now();
            match command {
                None | Some(FeedCommand::Stop) => return,
                Some(FeedCommand::Refresh | FeedCommand::Resume) => {
                    self.stitcher.urge();
                    self.logs_due = now;
                    next = Next::At(now);
                }
                Some(FeedCommand::Pause) => {
                    self.outbox.push_back(FeedEvent::Health(Health::Paused));
                    next = Next::OnCommand;
                }
            }
        }
    }

    /// Reports what is waiting, then does what is next; `None` when nobody
    /// listens. Can be dropped at any await.
    async fn step(&mut self, next: Next) -> Option<Next> {
        self.flush().await?;
        match next {
            Next::End => return None,
            Next::OnCommand => std::future::pending::<()>().await,
            Next::At(at) => tokio::time::sleep_until(at).await,
        }
        let turn = self.turn().await;
        let now = Instant::now();
        let next = match turn {
            Ok(true) => {
                tracing::debug!("build {}: the log is complete", self.id.short());
                let seal = self.stitcher.seal();
                if !seal.is_empty() {
                    self.outbox.push_back(FeedEvent::Log(seal));
                }
                self.tell_cut();
                self.outbox.extend(self.doubts().map(FeedEvent::Notice));
                self.outbox.push_back(FeedEvent::Health(Health::Complete));
                self.outbox.push_back(FeedEvent::End);
                Next::End
            }
            Ok(false) => {
                self.failures = 0;
                self.refused = None;
                let at = now.into_std();
                self.outbox.push_back(FeedEvent::Health(Health::Ok { at }));
                // What is asked for again wasn't answered yet.
                self.good |= self.page.is_none();
                Next::At(now + self.pause())
            }
            Err(error) => self.failed(&error, now),
        };
        self.flush().await?;
        Some(next)
    }

    /// The time between two turns.
    fn pause(&self) -> Duration {
        match self.terminal {
            // Nobody waits for the next line any more.
            Some(_) => self.interval.max(QUIET / 2),
            None => self.interval,
        }
    }

    /// How long an answer that says no is doubted: what was allowed a moment
    /// ago may be allowed again in a moment (a key that is being replaced, a
    /// replica that doesn't know the build yet).
    fn doubt(&self, error: &ApiError) -> Duration {
        match error.fault {
            // The record was read with the same key.
            Fault::Unauthorized { .. } | Fault::Forbidden { .. } | Fault::NotFound { .. }
                if !self.good && self.record.is_some() =>
            {
                CONTRARY
            }
            // Who stands between blocks for a moment as well as for good.
            Fault::Blocked { .. } if !self.good => CONTRARY,
            _ if !self.good => Duration::ZERO,
            Fault::NotFound { .. } => GONE,
            _ => REFUSED,
        }
    }

    fn failed(&mut self, error: &ApiError, now: Instant) -> Next {
        let why = error.problem();
        let asked = match error.retry() {
            Retry::Never => {
                let since = *self.refused.get_or_insert(now);
                if now - since >= self.doubt(error) {
                    // Asked to try again, it is as if it had just begun.
                    self.good = false;
                    self.outbox.push_back(FeedEvent::Health(Health::Stopped { why }));
                    return Next::OnCommand;
                }
                None
            }
            Retry::Backoff => None,
            Retry::After(after) => Some(after),
        };
        self.failures = self.failures.saturating_add(1);
        let wait = backoff(self.failures, self.interval, asked, fastrand::f64());
        let at = now + wait.max(self.interval);
        tracing::debug!("build {}: asking again in {:?}", self.id.short(), at - now);
        let health = Health::Retrying { at: at.into_std(), failures: self.failures, why };
        self.outbox.push_back(FeedEvent::Health(health));
        Next::At(at)
    }

    /// One round: the record, and the log if it is due. Whether all is done.
    async fn turn(&mut self) -> Result<bool, ApiError> {
        let api = Arc::clone(&self.api);
        let id = self.id.clone();
        // The log may be readable while the record isn't, and the reverse.
        // What was read in a turn that failed isn't asked for again in the next:
        // else a fault that comes round regularly strikes the same for ever.
        let read = std::mem::take(&mut self.read);
        let mut trouble = None;
        let mut meanwhile = false;
        if read != Some(Read::Record) {
            let mut record = api.build(&id);
            let slow = Instant::now() + SLOW;
            let record = loop {
                tokio::select! {
                    biased;
                    record = &mut record => break record,
                    () = tokio::time::sleep_until(self.logs_due.max(slow)) => {
                        self.logs(api.as_ref()).await?;
                        meanwhile = true;
                        if self.is_complete() {
                            // How the build ended was read before.
                            return Ok(true);
                        }
                    }
                }
            };
            match record {
                Ok(record) => {
                    self.recorded(record);
                    self.read = Some(Read::Record);
                    self.held_off = (0, None);
                }
                // A record that isn't there any more says nothing of the log.
                Err(error) if matches!(error.fault, Fault::NotFound { .. }) && self.good => {
                    trouble = Some(error);
                }
                Err(error) if error.retry() == Retry::Never => return Err(error),
                Err(error) if matches!(error.retry(), Retry::After(_)) => {
                    // The log has to wait as well, and is first then.
                    self.held_off = (self.held_off.0.saturating_add(1), Some(error.clone()));
                    self.read = Some(Read::Record);
                    return Err(error);
                }
                Err(error) => trouble = Some(error),
            }
        }
        self.flush().await;
        let due = Instant::now() >= self.logs_due || self.is_due() && !meanwhile;
        if read != Some(Read::Log) && due {
            self.logs(api.as_ref()).await?;
            self.read = trouble.is_some().then_some(Read::Log);
        } else {
            self.read = None;
        }
        let (times, held_off) = &self.held_off;
        let trouble = trouble.or_else(|| held_off.clone().filter(|_| *times >= HELD_OFF));
        match trouble {
            // How the build ended was read before.
            Some(error) if !self.is_complete() => Err(error),
            _ => Ok(self.is_complete()),
        }
    }

    fn recorded(&mut self, BuildRecord { build, served, .. }: BuildRecord) {
        let now = Instant::now();
        if self.record.as_ref().is_none_or(|record| record.status != build.status) {
            tracing::info!("build {}: {:?}", self.id.short(), build.status);
        }
        match (build.is_over(), self.terminal) {
            (true, None) => {
                // Whoever comes a moment after the end has late lines to wait for.
                let first = self.record.is_none();
                let completed = build.completed_at.filter(|_| first);
                let clocks = || served.into_iter().chain([Timestamp::now()]);
                let ago = completed.and_then(|at| ended(at, clocks(), self.late));
                self.past = match completed {
                    _ if !first || ago.is_some() => None,
                    Some(_) => Some(Closing::Built),
                    // Nobody says when, so that what it uploads may still be to come.
                    None => Some(Closing::Closed),
                };
                self.terminal = now.checked_sub(ago.unwrap_or_default()).or(Some(now));
                self.readings = 0;
                self.changed = now;
                // What it ended with is wanted now.
                self.logs_due = now;
                self.stitcher.hurry();
            }
            // It flapped back.
            (false, Some(_)) => {
                self.terminal = None;
                self.logs_due = now;
                self.stitcher.go_on();
            }
            _ => {}
        }
        if self.record.as_ref() != Some(&build) {
            self.record = Some(build.clone());
            self.outbox.push_back(FeedEvent::Build(Box::new(build)));
        }
    }

    async fn logs(&mut self, api: &dyn BuildsApi) -> Result<(), ApiError> {
        // A page that failed is asked for again; those before it were read.
        let mut ask = match self.page.take() {
            Some(page) => page,
            None => {
                // The last thing that is read is all of it, once more.
                self.swept = self.is_due();
                self.stitcher.ask(self.swept, self.since.elapsed())
            }
        };
        let id = self.id.clone();
        let mut bytes = 0;
        loop {
            let query = LogsQuery { limit: ask.limit, next_token: ask.token.clone() };
            let outcome = match api.logs(&id, &query).await {
                Ok(page) => {
                    bytes += page.bytes;
                    let lines = page.events.iter().flat_map(|e| split_event(e));
                    let window = Window {
                        lines: lines.map(<[u8]>::to_vec).collect(),
                        events: page.events.len(),
                        token: page.next_token,
                    };
                    self.stitcher.receive(&ask, window)
                }
                Err(error)
                    if self.stitcher.is_open_to(&ask)
                        && matches!(error.fault, Fault::Rejected { status: 400, .. }) =>
                {
                    self.stitcher.refused(&ask)
                }
                Err(error) => {
                    let again = self.stitcher.is_patient(&ask);
                    self.page = again.then_some(ask);
                    if bytes > 0 {
                        // Something gets through.
                        self.failures = 0;
                    }
                    return Err(error);
                }
            };
            if !outcome.patches.is_empty() {
                self.changed = Instant::now();
            }
            self.outbox.extend(outcome.patches.into_iter().map(FeedEvent::Log));
            self.tell_cut();
            self.flush().await;
            match outcome.page {
                Some(page) if outcome.later => {
                    self.page = Some(page);
                    break;
                }
                Some(page) => ask = page,
                None => break,
            }
        }
        self.readings = self.readings.saturating_add(1);
        if let Some(from) = self.stitcher.seen() {
            self.outbox.push_back(FeedEvent::Seen(u32::try_from(from).unwrap_or(u32::MAX)));
        }
        let wait = log_wait(self.interval, bytes);
        let wait = match self.stitcher.is_curious() {
            true => self.interval,
            // What a page that had nothing is asked for again costs nothing.
            false if self.page.is_some() => wait,
            false => wait.max(self.stitcher.sparing().unwrap_or_default()),
        };
        let rest = self.end().and_then(End::rest).unwrap_or_default();
        let wait = wait.max(rest);
        let wait = match self.end().filter(|_| self.page.is_none()) {
            Some(end) => end.spared(wait),
            None => wait,
        };
        self.logs_due = Instant::now() + wait;
        Ok(())
    }

    fn is_complete(&self) -> bool {
        // The first that is read after an outage may not be all there is yet.
        let once = self.readings < 2 && self.stitcher.closing() == Closing::Open;
        let last = !once && self.end().is_some_and(End::is_final);
        self.swept && self.stitcher.settled() && last
    }

    /// Whether the log is to be read for the last time, by what is known.
    fn is_due(&self) -> bool {
        self.end().is_some_and(End::is_due)
    }

    fn end(&self) -> Option<End> {
        let terminal = self.terminal?.elapsed();
        let quiet = self.changed.elapsed();
        let (closing, past, late) = (self.stitcher.closing(), self.past, self.late);
        Some(End { terminal, quiet, closing, past, late })
    }

    /// What may be missing in a log that is complete as far as can be told.
    fn doubts(&self) -> Option<String> {
        let status = self.record.as_ref().map(|record| &record.status);
        if let Some(events) = self.stitcher.suspect(status.is_some_and(closes)) {
            return Some(suspicion(events));
        }
        if self.told {
            return None;
        }
        if !self.stitcher.is_confirmed() {
            return Some(UNCONFIRMED.into());
        }
        self.stitcher.reached().map(|lines| {
            format!(
                "the service's last answers reach back only {lines} lines: \
                 lines that came late before those may be missing"
            )
        })
    }

    fn tell_cut(&mut self) {
        let Some(end) = self.stitcher.cut_off().filter(|_| !self.told) else { return };
        self.told = true;
        let what = match end {
            Anchor::Head => "the end, and with it the failing step, may not be shown",
            Anchor::Tail => "its start is not shown",
        };
        let lines = self.stitcher.lines();
        let notice = format!("the service cuts this log off after {lines} lines: {what}");
        self.outbox.push_back(FeedEvent::Notice(notice));
    }

    /// Sends what is waiting, in order; `None` when nobody listens.
    async fn flush(&mut self) -> Option<()> {
        while !self.outbox.is_empty() {
            let permit = self.events.reserve().await.ok()?;
            if let Some(event) = self.outbox.pop_front() {
                permit.send(event);
            }
        }
        Some(())
    }
}
