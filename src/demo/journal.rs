//! What was asked of the server.

use std::time::Duration;

/// One request and its answer. Keys are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Scenario time when it came.
    pub at: Duration,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The status of the answer.
    pub status: u16,
    /// Bytes of the answer's body, as far as it was meant to be sent.
    pub bytes: usize,
    /// Bytes of log text in the answer.
    pub log_bytes: usize,
}

impl Entry {
    /// Whether a log was asked for.
    pub fn is_logs(&self) -> bool {
        self.path().ends_with("/logs")
    }

    /// Whether it asked for a further page.
    pub fn is_page(&self) -> bool {
        self.target.contains("nextToken=")
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}
