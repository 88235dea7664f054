//! What the screen is about, and how it changes.
//!
//! [`Model`] is all there is to show; [`update()`] folds a [`Message`] into it
//! and says what is to be done outside ([`Effect`]); [`advance`] reads on in a
//! big log for a moment. None of them performs I/O or looks at a clock: the
//! time comes in messages. The smallest file, and the template, is
//! `effect.rs`.

mod clockwork;
mod effect;
mod feed;
mod find;
mod help;
mod inquiry;
mod layout;
mod message;
mod model;
mod repair;
pub mod scroll;
mod state;
mod update;

pub use clockwork::{Ticks, next_tick};
pub use effect::{Effect, Ending};
pub use find::{Find, Prompt};
pub use help::{HelpEntry, HelpPage};
pub use inquiry::{Inquiry, inquire};
pub use layout::{Gutter, LEAST, Layout, Needs};
pub use message::{Message, Now};
pub use model::{HANG, Help, LogRows, Model, Options, Subject};
pub use scroll::{Follow, Place, Scroll};
pub use state::{Cause, State};
pub use update::{advance, update};
