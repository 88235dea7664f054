//! What is remembered from one run to the next: searches, marks, small choices.
//!
//! ```text
//!   app ── Change ──► runtime ──► task (a thread) ──► disk: one JSON file
//!   app ◄── Memory ── runtime ◄── read once, after the first picture
//! ```
//!
//! [`Memory`] is plain data, and a [`Change`] is applied to it in the same way
//! on the screen and on the disk, so that two screens that are open at once
//! don't undo each other's. Everything is bounded. To remember something new,
//! give it a section in [`Memory`] and a [`Change`]; a section that can't be
//! read is left out and told to the log file, the others hold. The smallest
//! file, and the template, is `ring.rs`.

mod disk;
mod document;
mod marks;
mod ring;
pub mod task;

pub use marks::{LogMarks, Mark, fingerprint};
pub use task::Keeper;

use document::Unknown;

/// Searches that are remembered.
pub const SEARCHES: usize = 200;

/// Commands that are remembered.
pub const COMMANDS: usize = 100;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Expressions that were looked for, the newest last, none twice.
    pub searches: Vec<String>,
    /// What was typed into the palette, the newest last, none twice.
    pub commands: Vec<String>,
    /// Marked lines, the log that was changed last at the end.
    pub marks: Vec<LogMarks>,
    /// The sizes of the panes.
    pub panes: PaneSizes,
    /// Whether the hint for the first start has been shown.
    pub hinted: bool,
    /// Sections of a newer buildcat, kept as they are.
    unknown: Unknown,
}

/// The sizes of the panes, where the user has set them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct PaneSizes {
    /// Rows of the panels below the log.
    pub dock: Option<u16>,
    /// Percent of the width that the first panel has.
    pub split: Option<u16>,
}

/// Something to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An expression was looked for.
    Searched(String),
    /// A command was given.
    Commanded(String),
    /// The marks of a log are these now.
    Marked(LogMarks),
    /// The panes have these sizes.
    Sized(PaneSizes),
    /// The hint for the first start has been shown.
    Hinted,
}

impl Memory {
    /// Takes a change into account.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Searched(expression) => ring::push(&mut self.searches, expression, SEARCHES),
            Change::Commanded(command) => ring::push(&mut self.commands, command, COMMANDS),
            Change::Marked(marks) => marks::put(&mut self.marks, marks),
            Change::Sized(sizes) => self.panes = *sizes,
            Change::Hinted => self.hinted = true,
        }
    }
}
