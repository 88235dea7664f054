//! The task that polls one build: pacing, back-off, and the stitching of
//! windows into one log.
//!
//! Everything that decides is pure and tested on its own; `task.rs` only asks,
//! waits and reports. `pace.rs` is the smallest file and the template.

mod adrift;
mod backoff;
mod border;
mod complete;
mod empties;
mod fit;
mod follow;
mod held;
mod limits;
mod pace;
mod place;
mod probe;
mod pulse;
mod reread;
mod rest;
mod stitch;
mod sweep;
mod task;
mod trail;

pub use backoff::backoff;
pub use complete::{Closing, End, LATE, QUIET, closes, ended};
pub use pace::{INTERVALS, log_wait};
pub use stitch::{Anchor, Ask, LARGEST, Outcome, Stitcher, Window};
pub(crate) use task::suspicion;
pub use task::{PollConfig, spawn};
