//! The local project: Dockerfile, ignore rules, and what an upload would hold.
//!
//! [`pack`] says what the official CLI uploads and [`moby`] what BuildKit's own
//! `.dockerignore` pass leaves of it; [`explain`] and [`preflight`] put the two
//! together. All of it is pure over [`tree::Tree`]; [`disk`] is the one that reads
//! a real directory. Nothing here changes a file, prints, or ends the program.

pub mod cached;
pub mod disk;
pub mod dockerfile;
pub mod expand;
pub mod explain;
pub mod fnmatch;
pub mod gitignore;
pub mod moby;
pub mod nearest;
pub mod overlay;
pub mod pack;
pub mod path;
pub mod preflight;
pub mod project;
pub mod simulate;
pub mod tree;
