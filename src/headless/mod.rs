//! The same core without a screen: what the commands print.

pub mod findings;
pub mod github;
pub mod json;
pub mod logs;
pub mod markdown;
pub mod paint;
pub mod record;
pub mod settings;
pub mod verdict;
