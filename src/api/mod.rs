//! The client for the Pipecat Cloud builds API: requests, tolerant wire types,
//! credentials, typed errors.
//!
//! Whoever needs builds takes a [`BuildsApi`], so that a test can put a fake
//! behind it; [`Client`] is the real one. Nothing in here prints, and no error
//! of ours holds a key. `split.rs` is the smallest file and the template.

mod body;
mod client;
pub mod credentials;
mod error;
mod excerpt;
mod lossy;
mod refusal;
mod retry_after;
mod split;
mod transport;
mod types;
mod wire;

pub use crate::config::{BadOrigin, Env, Origin, Secret};
pub use client::{Client, ClientConfig, Limits};
pub use credentials::{Credential, CredentialError, Identity};
pub use error::{ApiError, Asked, Context, Fault, Retry, Sent, Stage};
pub use split::split_event;
pub use types::{
    ApiFuture, BuildRecord, BuildsApi, BuildsPage, ListQuery, LogsPage, LogsQuery, MAX_LIST_LIMIT,
    MAX_LOGS_LIMIT,
};
