//! The commands as a shell sees them: standard output, standard error, exit
//! status. The built program runs with an empty environment and a home of its
//! own, against the service it simulates itself.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod config;
mod credentials;
mod diagnose;
mod guest;
mod keys;
mod local;
mod logs;
mod preflight;
mod records;
mod support;
mod tls;
mod usage;
