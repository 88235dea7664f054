//! The words every other module shares: builds, lines, and the contract
//! between a source of log lines and what shows them. Imports nothing of ours.

mod build;
pub mod feed;
mod line;
mod secret;

pub use build::{Build, BuildId, BuildStatus, NotABuildId};
pub use feed::{FeedCommand, FeedEvent, Health, Missing, Patch, Piece, Problem};
pub use line::LineNo;
pub use secret::{SECRET_VARIABLES, may_hold_key};
