//! What can be asked, and what comes back.

use std::pin::Pin;

use jiff::Timestamp;

use crate::domain::{Build, BuildId};

use super::ApiError;

/// The largest `limit` the logs endpoint takes, in events.
pub const MAX_LOGS_LIMIT: u32 = 10_000;

/// The largest `limit` the list endpoint takes, in builds.
pub const MAX_LIST_LIMIT: u32 = 100;

/// An answer that is still under way. Dropping it ends the request.
pub type ApiFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send + 'a>>;

/// The builds API, as the rest of the program sees it.
///
/// One call is one attempt: nothing is repeated behind the caller's back, and
/// every future can be dropped at any time.
pub trait BuildsApi: Send + Sync {
    /// The record of one build.
    fn build<'a>(&'a self, id: &'a BuildId) -> ApiFuture<'a, BuildRecord>;

    /// One page of the list of builds, newest first.
    fn builds<'a>(&'a self, query: &'a ListQuery) -> ApiFuture<'a, BuildsPage>;

    /// One window of a build's log.
    fn logs<'a>(&'a self, id: &'a BuildId, query: &'a LogsQuery) -> ApiFuture<'a, LogsPage>;
}

/// Which builds are asked for. `None` leaves the choice to the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Only builds with this status, in the API's own word.
    pub status: Option<String>,
    /// Only builds of this region.
    pub region: Option<String>,
    /// How many builds, 1 to [`MAX_LIST_LIMIT`]; clamped.
    pub limit: Option<u32>,
    /// How many of the newest to skip.
    pub offset: Option<u64>,
}

/// Which window of a log is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogsQuery {
    /// How many events, 1 to [`MAX_LOGS_LIMIT`]; clamped.
    pub limit: u32,
    /// The token of the page before this one.
    pub next_token: Option<String>,
}

impl Default for LogsQuery {
    fn default() -> Self {
        Self { limit: MAX_LOGS_LIMIT, next_token: None }
    }
}

/// One window of a build's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogsPage {
    /// The events in the order served: raw text, not sanitised, possibly of
    /// several lines each ([`super::split_event`]).
    pub events: Vec<Vec<u8>>,
    /// What may lead to another page. Its presence proves nothing.
    pub next_token: Option<String>,
    /// Size of the body in bytes, decompressed.
    pub bytes: u64,
}

/// One build, decoded and as served.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildRecord {
    /// The record as the program understands it.
    pub build: Build,
    /// The record's object with the API's own field names and order.
    pub raw: serde_json::Value,
    /// When it was served, by the service's own clock (the `Date` header).
    pub served: Option<Timestamp>,
}

impl BuildRecord {
    /// A record that doesn't say when it was served.
    pub fn new(build: Build, raw: serde_json::Value) -> Self {
        Self { build, raw, served: None }
    }

    /// The shape of `status --format json`: `{"build":{…}}`.
    pub fn to_json(&self) -> serde_json::Value {
        let mut out = serde_json::Map::new();
        out.insert("build".to_owned(), self.raw.clone());
        serde_json::Value::Object(out)
    }
}

/// One page of the list of builds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildsPage {
    /// The builds, as the service orders them (newest first).
    pub builds: Vec<BuildRecord>,
    /// How many builds there are in all, where the service says so.
    pub total: Option<u64>,
    /// The page size the service used.
    pub limit: Option<u64>,
    /// How many builds come before this page.
    pub offset: Option<u64>,
}

impl BuildsPage {
    /// The shape of `list --format json`:
    /// `{"builds":[…],"total":…,"limit":…,"offset":…}`; `null` where the
    /// service said nothing.
    pub fn to_json(&self) -> serde_json::Value {
        let mut out = serde_json::Map::new();
        out.insert("builds".to_owned(), self.builds.iter().map(|b| b.raw.clone()).collect());
        out.insert("total".to_owned(), self.total.into());
        out.insert("limit".to_owned(), self.limit.into());
        out.insert("offset".to_owned(), self.offset.into());
        serde_json::Value::Object(out)
    }
}
