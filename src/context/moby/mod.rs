//! BuildKit's own `.dockerignore` pass over the uploaded files.
//!
//! Three pieces, each as its original has it: [`ignorefile`] reads the lines,
//! [`pattern`] matches one path (`gopath` and `goregex` hold what Go's standard
//! library does differently from Rust's), and [`filter`] walks the tree the way
//! BuildKit's file sync does. Paths are text here; a byte that isn't UTF-8 counts
//! as U+FFFD, as it does in Go's matcher.

pub mod filter;
pub mod gopath;
pub mod goregex;
pub mod ignorefile;
pub mod pattern;

pub use filter::{Matcher, Passed, Verdict};
