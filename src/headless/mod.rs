//! The same core without a screen.

pub mod paint;
pub mod record;
pub mod settings;
