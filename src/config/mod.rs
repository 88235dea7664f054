//! The configuration file, its layers and its validation.
//!
//! Layers, each over the one before: defaults, file, environment, flags. A bad
//! value never stops the program here: it is reported, all problems at once,
//! and the layer beneath it stands in; the caller decides what to do.
//!
//! A key is one row in `schema.rs` and one rule in `validate.rs`.
//! `duration.rs` is the smallest file and the template.

mod document;
mod duration;
mod env;
mod load;
mod model;
mod origin;
mod schema;
mod secret;
mod suggest;
mod validate;

pub use document::{KeyBinding, UserRule};
pub use duration::{format_duration, parse_duration};
pub use env::Env;
pub use load::{FileState, Loaded, Overrides, Problem, Shown, Source, readable_by_others};
pub use model::{Color, Config, MAX_POLL_INTERVAL, MIN_POLL_INTERVAL, THEMES};
pub use origin::{BadOrigin, Origin};
pub use schema::key_names;
pub use secret::{MASK, Secret};
pub use suggest::nearest;
