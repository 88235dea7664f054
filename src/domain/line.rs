//! Line numbers of a log.

use std::fmt;

/// The position of a line in a log: 0-based, dense, and stable for as long as
/// the log is only appended to.
///
/// An announced gap (lines the service no longer had) takes one position, so
/// that it can be shown, searched and jumped to like a line. What a person is
/// shown is 1-based: [`LineNo::number`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineNo(u32);

impl LineNo {
    /// The first line of a log.
    pub const FIRST: Self = Self(0);

    /// The line at a 0-based position.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The line a person calls `number` (1-based); `None` for 0 and for
    /// numbers past the 32-bit range that bounds a log.
    pub fn from_number(number: u64) -> Option<Self> {
        u32::try_from(number.checked_sub(1)?).ok().map(Self)
    }

    /// The 0-based position.
    pub const fn index(self) -> u32 {
        self.0
    }

    /// The 1-based number a person is shown.
    pub const fn number(self) -> u64 {
        self.0 as u64 + 1
    }

    /// The line after this one (saturating at the end of the range).
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The line before this one, if there is one.
    pub fn prev(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

impl fmt::Display for LineNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_counts_from_one() {
        assert_eq!(LineNo::new(0).to_string(), "1");
        assert_eq!(LineNo::from_number(1), Some(LineNo::FIRST));
        assert_eq!(LineNo::from_number(0), None);
        assert_eq!(LineNo::from_number(u64::from(u32::MAX) + 2), None);
    }
}
