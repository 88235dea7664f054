//! Places where lines are missing, and the numbers they shift.

use crate::domain::Missing;

/// The gaps of a log, in order.
///
/// A *line* here counts the lines whose text there is; a *position* counts
/// lines and gaps.
#[derive(Debug, Default)]
pub(super) struct Gaps(Vec<Gap>);

#[derive(Debug)]
struct Gap {
    position: u32,
    missing: Missing,
    /// Lines known to be missing in the gaps before this one.
    before: u64,
}

impl Gap {
    /// Lines known to be missing up to the end of this gap.
    fn after(&self) -> u64 {
        match self.missing {
            Missing::Lines(n) => self.before.saturating_add(n),
            Missing::Unknown => self.before,
        }
    }
}

impl Gaps {
    pub(super) fn len(&self) -> u32 {
        self.0.len() as u32
    }

    /// Adds a gap after so many lines.
    pub(super) fn push(&mut self, lines: u32, missing: Missing) {
        let before = self.0.last().map_or(0, Gap::after);
        self.0.push(Gap { position: lines.saturating_add(self.len()), missing, before });
    }

    /// Keeps what lies in the first `keep` positions; how many lines do.
    pub(super) fn truncate(&mut self, keep: u32) -> u32 {
        let gaps = self.0.partition_point(|gap| gap.position < keep);
        self.0.truncate(gaps);
        keep - gaps as u32
    }

    pub(super) fn at(&self, position: u32) -> Option<Missing> {
        self.line(position).err()
    }

    /// The line at a position, or the gap.
    pub(super) fn line(&self, position: u32) -> Result<u32, Missing> {
        let before = self.before(position);
        match self.0.get(before) {
            Some(gap) if gap.position == position => Err(gap.missing),
            _ => Ok(position - before as u32),
        }
    }

    /// The position of the first gap after a position.
    pub(super) fn next(&self, position: u32) -> u32 {
        let after = self.0.partition_point(|gap| gap.position <= position);
        self.0.get(after).map_or(u32::MAX, |gap| gap.position)
    }

    /// The position of a line.
    pub(super) fn position(&self, line: u32) -> u32 {
        let (mut low, mut high) = (0, self.0.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let lines = self.0.get(middle).map_or(0, |gap| gap.position - middle as u32);
            if lines <= line { low = middle + 1 } else { high = middle }
        }
        line.saturating_add(low as u32)
    }

    /// The number a person is shown for a position.
    pub(super) fn number(&self, position: u32) -> u64 {
        let before = self.before(position);
        let missing = before.checked_sub(1).and_then(|i| self.0.get(i)).map_or(0, Gap::after);
        (u64::from(position) - before as u64 + 1).saturating_add(missing)
    }

    /// How many gaps come before a position.
    fn before(&self, position: u32) -> usize {
        self.0.partition_point(|gap| gap.position < position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_gaps_shift_the_numbers_after_them() {
        let mut gaps = Gaps::default();
        gaps.push(2, Missing::Lines(10));
        gaps.push(2, Missing::Unknown);
        gaps.push(3, Missing::Lines(5));
        // Positions: line 0, line 1, gap, gap, line 2, gap, line 3.
        let numbers: Vec<u64> = (0..7).map(|position| gaps.number(position)).collect();
        assert_eq!(numbers, [1, 2, 3, 13, 13, 14, 19]);
        let lines: Vec<_> = (0..7).map(|position| gaps.line(position).ok()).collect();
        assert_eq!(lines, [Some(0), Some(1), None, None, Some(2), None, Some(3)]);
        assert_eq!(gaps.at(5), Some(Missing::Lines(5)));
        for (line, position) in [(0, 0), (1, 1), (2, 4), (3, 6), (4, 7)] {
            assert_eq!(gaps.position(line), position);
        }
    }

    #[test]
    fn truncating_counts_positions() {
        let mut gaps = Gaps::default();
        gaps.push(2, Missing::Lines(10));
        gaps.push(3, Missing::Unknown);
        assert_eq!(gaps.truncate(3), 2);
        assert_eq!(gaps.len(), 1);
        assert_eq!(gaps.truncate(2), 2);
        assert_eq!(gaps.len(), 0);
    }
}
