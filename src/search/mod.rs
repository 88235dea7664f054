//! Queries over log text and their matches.
//!
//! A [`Query`] is what is looked for; it works on clean text, so that what was
//! matched is what is shown. A [`Search`] is what was found of it in a log so
//! far; it works in slices between two keys, and goes on as the log grows.

mod query;

pub use query::{Broken, Case, Mode, Options, Query};
