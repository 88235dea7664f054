//! What may reach a terminal: sanitising of raw bytes into text and style runs.
//!
//! There is one notion of clean text. What is shown, searched, matched by
//! rules, parsed and copied is the same string, made by [`sanitise()`] (with
//! colours) or [`clean`] (without). A clean text holds no control character
//! but the tab, nothing invisible, and nothing that reorders or joins what
//! stands beside it, so drawing it can't do more than fill its own cells.
//!
//! ```
//! let line = buildcat::text::sanitise(b"\x1b[31mred\x1b[0m \x1b]0;title\x07");
//! assert!(line.text.starts_with("red ") && !line.text.contains('\x1b'));
//! ```
//!
//! `sgr.rs` is the smallest file and shows the shape: one idea, its tests below.

mod class;
mod fold;
mod layout;
mod milestones;
mod pieces;
mod sanitise;
mod seen;
mod sgr;

use std::ops::Range;

pub use class::is_unseen;
pub use fold::fold;
pub use layout::{
    Glyph, PlainView, Row, TAB, View, glyph_width, plain_view, row_glyphs, row_of, rows, view,
    width, wrap,
};
pub use pieces::pieces;
pub use sanitise::{clean, first_special, plain, sanitise};
pub use seen::Seen;
pub use sgr::{Color, SgrStyle};

/// Bytes from which on a line is long: what was found out about it is kept while
/// it is in sight.
pub const LONG: usize = 16 << 10;

/// A line of clean text with the colours it asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The clean text; no line end.
    pub text: String,
    /// Where the text has a style of its own: sorted, disjoint, never empty,
    /// and never with the default style.
    pub runs: Vec<Run>,
}

impl Line {
    /// A line of clean text without colours of its own.
    pub fn unstyled(text: impl Into<String>) -> Self {
        Self { text: text.into(), runs: Vec::new() }
    }

    /// The style the text itself asks for at a byte of it.
    pub fn style_at(&self, byte: usize) -> SgrStyle {
        let next = self.runs.partition_point(|run| run.range.end <= byte);
        self.runs
            .get(next)
            .filter(|run| run.range.start <= byte)
            .map_or_else(SgrStyle::default, |run| run.style)
    }
}

/// A stretch of a line's text that asks for one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Bytes of the clean text.
    pub range: Range<usize>,
    /// What it asks for.
    pub style: SgrStyle,
}
