//! buildcat tells a developer why a cloud build failed.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod context;
pub mod demo;
pub mod diagnose;
pub mod domain;
pub mod headless;
pub mod human;
pub mod keymap;
pub mod log;
pub mod logging;
pub mod parse;
pub mod poller;
pub mod program;
pub mod runtime;
pub mod search;
pub mod source;
pub mod store;
pub mod text;
pub mod theme;
pub mod ui;
