//! buildcat tells a developer why a cloud build failed.
//!
//! ```text
//!   Pipecat Cloud API      saved log      standard input       demo (simulated API)
//!          │ api               │                │                    │ over HTTP
//!          ▼                   ▼                ▼                    ▼
//!        poller ───────────► source ◄───────────┘◄────────────── api + poller
//!                              │  domain::FeedEvent, over a bounded channel
//!                              ▼
//!   ┌───────────────────────  log  ───────────────────────┐
//!   │ store ──► parse (phases, steps) ──► diagnose (why)  │      search
//!   └──────────────────────────┬──────────────────────────┘        │
//!               ┌──────────────┴──────────────┐                    │
//!               ▼                             ▼                    ▼
//!           headless                    app (model, update) ◄──────┘
//!     logs status list …                      │ &Model
//!                                             ▼
//!                              ui (one file per region) ──► runtime (terminal)
//!                                                            │ what leaves
//!                                                            ▼
//!                                    outside (clipboard, files, editor, pager)
//! ```
//!
//! Arrows point one way, and `tests/architecture.rs` holds them: [`domain`] and
//! [`text`] know nobody, [`app`] decides and never performs, [`ui`] reads the
//! model, [`runtime`] performs. [`program`] joins them all for what was typed.

// Outside data never panics. Tests may; they are other crates, or exempt.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

// Signals, modes of files and the terminal are used without a stand-in.
#[cfg(not(unix))]
compile_error!("buildcat runs on Unix only: Linux, macOS, or Linux inside of Windows (WSL)");

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod context;
pub mod demo;
pub mod diagnose;
pub mod domain;
pub mod explain;
pub mod headless;
pub mod human;
pub mod keymap;
pub mod log;
pub mod logging;
pub mod memory;
pub mod outside;
pub mod parse;
pub mod poller;
pub mod program;
pub mod redact;
pub mod runtime;
pub mod search;
pub mod source;
pub mod store;
pub mod text;
pub mod theme;
pub mod ui;
