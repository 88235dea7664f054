//! What can go wrong with a request, as data: which fault, and when.

use std::ops::Range;
use std::time::Duration;

/// Which requests a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The record of one build.
    Build,
    /// The list of builds.
    Builds,
    /// A build's log.
    Logs,
    /// All of them.
    Any,
}

/// When a rule applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// To every request.
    Always,
    /// To these requests of the route, counted from 0.
    Requests(Range<u64>),
    /// To the last of every so many requests of the route.
    Every(u64),
    /// In this part of the scenario.
    During(Range<Duration>),
}

impl Schedule {
    /// Whether it applies to the `nth` request, at a moment.
    pub fn holds(&self, nth: u64, now: Duration) -> bool {
        match self {
            Self::Always => true,
            Self::Requests(range) => range.contains(&nth),
            Self::Every(n) => (nth + 1).is_multiple_of((*n).max(1)),
            Self::During(range) => range.contains(&now),
        }
    }
}

/// A fault and the requests it befalls. The first rule that holds counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRule {
    /// Which requests.
    pub route: Route,
    /// When.
    pub when: Schedule,
    /// What happens.
    pub fault: Fault,
}

/// What a rate limit says about when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Nothing.
    Absent,
    /// So many seconds.
    Seconds(u64),
    /// A date so many seconds after the reply's own `Date`, by a clock that
    /// is off by so many seconds.
    Date {
        /// Seconds from the reply's date.
        after: i64,
        /// How far the server's clock is ahead of ours.
        skew: i64,
    },
    /// Something that is neither.
    Absurd(&'static str),
}

/// What happens to a request instead of a good answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An error status with the API's JSON.
    Status(u16),
    /// A status with an HTML page: a proxy's error, or with 200 a captive portal.
    Html(u16),
    /// A status with Cloudflare's plain text.
    Cloudflare(u16),
    /// 429.
    TooMany(RetryAfter),
    /// A redirect to somewhere else.
    Redirect(String),
    /// The good answer, but the connection is reset after so many bytes.
    Reset(usize),
    /// The good answer, but the connection is closed after so many bytes.
    Truncated(usize),
    /// Nothing, for ever.
    Hang,
    /// The good answer, a few bytes at a time.
    Slow {
        /// Bytes in one piece.
        bytes: usize,
        /// Time before each piece.
        every: Duration,
    },
    /// A small body that unpacks to this many bytes.
    GzipBomb(usize),
    /// A body that never ends.
    Endless,
    /// The good answer, with something odd about it.
    Odd(Oddity),
    /// The log as a replica knew it this long ago.
    Lag(Duration),
}

/// Answers that a tolerant client reads all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The build isn't wrapped in `{"build": …}`.
    Bare,
    /// Every field but the status is missing.
    OnlyStatus,
    /// Every field but the status is null.
    Null,
    /// Every field but the status is of another type.
    OtherTypes,
    /// Another status word than the real one.
    Status(String),
    /// The elements of `logs` are objects.
    LogObjects,
    /// The value of `logs` is null.
    LogsNull,
}
