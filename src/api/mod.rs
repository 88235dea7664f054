//! The client for the Pipecat Cloud builds API: requests, tolerant wire types,
//! credentials, typed errors.
//!
//! Whoever needs builds takes a [`BuildsApi`], so that a test can put a fake
//! behind it. Nothing in here prints, and no error of ours holds a key.
//! `split.rs` is the smallest file and the template.

mod error;
mod split;
mod types;

pub use crate::config::{BadOrigin, Env, Origin, Secret};
pub use error::{ApiError, Asked, Context, Fault, Retry, Sent, Stage};
pub use split::split_event;
pub use types::{
    ApiFuture, BuildRecord, BuildsApi, BuildsPage, ListQuery, LogsPage, LogsQuery, MAX_LIST_LIMIT,
    MAX_LOGS_LIMIT,
};
