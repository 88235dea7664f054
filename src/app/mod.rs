//! What the screen is about, and how it changes.
//!
//! [`Model`] is all there is to show; [`update()`] folds a [`Message`] into it
//! and says what is to be done outside ([`Effect`]); [`advance`] reads on in a
//! big log for a moment. None of them performs I/O or looks at a clock: the
//! time comes in messages. The smallest file, and the template, is
//! `effect.rs`.

mod act;
mod ahead;
mod ask;
mod browse;
mod clockwork;
mod direction;
mod editing;
mod effect;
mod failures;
mod feed;
mod filters;
mod find;
pub mod findings;
mod foot;
mod help;
mod inquiry;
pub mod json;
mod jumps;
mod keys;
mod layout;
mod lists;
mod marks;
pub mod menu;
mod message;
mod model;
mod moments;
mod mouse;
mod moves;
mod outgoing;
pub mod palette;
mod panels;
mod panes;
mod pins;
mod polling;
mod prompt;
mod prose;
mod repair;
pub mod scroll;
mod scrollbar;
mod select;
mod spot;
mod state;
mod steps;
mod timeline;
mod update;
pub mod view;

pub use crate::parse::brief;
pub use ahead::waits;
pub use ask::Ask;
pub use clockwork::{Ticks, next_tick};
pub use effect::{Effect, Ending};
pub use find::Find;
pub use help::{HelpEntry, HelpPage};
pub use inquiry::{Inquiry, inquire};
pub use layout::{Gutter, LEAST, Layout, Needs, ROOMY, WIDE};
pub use lists::Lists;
pub use marks::Marks;
pub use menu::{Menu, MenuKind, MenuRow};
pub use message::{Message, Now};
pub use model::{Back, HANG, Help, LogRows, Model, Options, Subject};
pub use moments::{Moment, SILENCE, Stamp, TimeColumn, elapsed};
pub use outgoing::{
    Destination, MOST_COPIED, Outgoing, Parcel, Report, has_parcel, markdown, parcel,
};
pub use panes::{List, Pane, Panes, Wish};
pub use pins::Pin;
pub use prompt::{Prompt, Purpose, Recall};
pub use prose::prose;
pub use scroll::{Follow, ItemNo, Place, Rows, Scroll};
pub use scrollbar::{BarRow, Tick};
pub use select::{Selection, selected_words};
pub use state::{Cause, State};
pub use steps::{StepRow, StepRows};
pub use timeline::{TimelineParts, TimelineRow};
pub use update::{advance, title, update};
