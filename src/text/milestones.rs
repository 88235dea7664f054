//! Where the rows of a long wrapped line begin, found once.
//!
//! A row begins where the one before it ends, so that its place in text that is
//! not plain is known only after all text before it has been laid out: a
//! megabyte of ideographs takes longer than a frame, and every key asks a dozen
//! times. Every so many rows a milestone is set, and what is asked is found
//! from the nearest one.

use super::layout::{Row, each_row, row_widths};

/// Rows from one milestone to the next.
const APART: usize = 32;

/// The milestones of one text, wrapped in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Milestones {
    wrapped: Wrapped,
    /// The first row of all, and every so many after it.
    rows: Vec<Row>,
    /// How many rows there are.
    count: usize,
}

/// What of a line is wrapped, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrapped {
    /// The byte it begins at.
    pub(super) start: usize,
    /// Columns of the first row.
    pub(super) width: usize,
    /// Columns by which later ones are indented.
    pub(super) indent: usize,
}

impl Milestones {
    /// Lays out all of a text, which is what `wrapped` says of its line.
    pub(super) fn of(text: &str, wrapped: Wrapped) -> Self {
        let (first, later) = row_widths(wrapped.width, wrapped.indent);
        let (mut rows, mut count) = (Vec::new(), 0);
        for row in each_row(text, 0, 0, first, later) {
            if count % APART == 0 {
                rows.push(row);
            }
            count += 1;
        }
        Self { wrapped, rows, count }
    }

    /// Whether they are of a text that is wrapped in this way.
    pub(super) fn fit(&self, wrapped: Wrapped) -> bool {
        self.wrapped == wrapped
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.count
    }

    /// The rows `skip` to `skip + take`.
    pub(super) fn wrap(&self, text: &str, skip: usize, take: usize) -> Vec<Row> {
        self.from(text, skip / APART).skip(skip % APART).take(take).collect()
    }

    /// The row that a byte is on; the last one for a byte past the end.
    pub(super) fn row_of(&self, text: &str, byte: usize) -> usize {
        let byte = byte.min(text.len().saturating_sub(1));
        let past = self.rows.partition_point(|row| row.range.start <= byte);
        let nearest = past.saturating_sub(1);
        let further = self.from(text, nearest).take_while(|row| row.range.end <= byte).count();
        nearest * APART + further
    }

    /// The rows from a milestone on.
    fn from(&self, text: &str, milestone: usize) -> impl Iterator<Item = Row> {
        let (first, later) = row_widths(self.wrapped.width, self.wrapped.indent);
        let room = if milestone == 0 { first } else { later };
        let start = self.rows.get(milestone);
        let (at, column) = start.map_or((text.len(), 0), |row| (row.range.start, row.column));
        // An empty text has a row, which is at its end.
        let rows = each_row(text, at, column, room, later);
        rows.take(if start.is_some() { usize::MAX } else { 0 })
    }
}
