//! Which way something walks.

/// A direction along the log, a list or a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To what is further down, next or newer.
    Forward,
    /// To what is further up, before or older.
    Back,
}
