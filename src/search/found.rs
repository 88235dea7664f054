//! The lines that match, and how often.

/// Matching lines between two known sums.
const STRIDE: usize = 256;

/// Positions of lines with matches, in order. Six bytes each.
#[derive(Debug, Default)]
pub(super) struct Found {
    lines: Vec<u32>,
    /// Matches in each of them, at least 1.
    counts: Vec<u16>,
    /// Matches before every 256th of them.
    sums: Vec<u64>,
    total: u64,
    /// The first line of which not all matches are counted.
    more: Option<u32>,
}

impl Found {
    pub(super) fn lines(&self) -> &[u32] {
        &self.lines
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Whether a line has so many that they aren't counted to their end.
    pub(super) fn has_more(&self) -> bool {
        self.more.is_some()
    }

    /// Adds so many matches of a line; lines come in order.
    pub(super) fn add(&mut self, line: u32, matches: usize) {
        if matches == 0 {
            return;
        }
        let most = u64::from(u16::MAX);
        if matches as u64 >= most {
            self.more.get_or_insert(line);
        }
        let matches = most.min(matches as u64);
        match (self.lines.last(), self.counts.last_mut()) {
            (Some(&last), Some(count)) if last == line => {
                let more = matches.min(most - u64::from(*count));
                if more < matches {
                    self.more.get_or_insert(line);
                }
                *count += more as u16;
                self.total += more;
            }
            _ => {
                if self.lines.len().is_multiple_of(STRIDE) {
                    self.sums.push(self.total);
                }
                self.lines.push(line);
                self.counts.push(matches as u16);
                self.total += matches;
            }
        }
    }

    /// Forgets lines from `keep` on.
    pub(super) fn truncate(&mut self, keep: u32) {
        let left = self.lines.partition_point(|&line| line < keep);
        self.total = self.before(left);
        self.more = self.more.filter(|line| *line < keep);
        self.lines.truncate(left);
        self.counts.truncate(left);
        self.sums.truncate(left.div_ceil(STRIDE));
    }

    /// How many matches lie before the `index`th matching line.
    pub(super) fn before(&self, index: usize) -> u64 {
        if index >= self.lines.len() {
            return self.total;
        }
        let sum = self.sums.get(index / STRIDE).copied().unwrap_or(0);
        let rest = self.counts.get(index / STRIDE * STRIDE..index).unwrap_or_default();
        sum + rest.iter().map(|&count| u64::from(count)).sum::<u64>()
    }

    /// How many matching lines lie before a line.
    pub(super) fn index(&self, line: u32) -> usize {
        self.lines.partition_point(|&l| l < line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_right_across_strides_and_after_truncating() {
        let mut found = Found::default();
        for line in 0..1000u32 {
            for _ in 0..line % 3 {
                found.add(2 * line, 1);
            }
        }
        let before = |index: usize| -> u64 {
            found.counts.iter().take(index).map(|&count| u64::from(count)).sum()
        };
        for index in [0, 1, 255, 256, 257, 600, 9999] {
            assert_eq!(found.before(index), before(index), "{index}");
        }
        for keep in [1500, 1024, 700, 3, 0] {
            found.truncate(keep);
            let lines = (0..1000).filter(|line| line % 3 > 0 && 2 * line < keep).count();
            assert_eq!(found.lines().len(), lines);
            let counts: u64 = found.counts.iter().map(|&count| u64::from(count)).sum();
            assert_eq!(found.total(), counts);
        }
        found.add(7, 1);
        assert_eq!((found.total(), found.before(0), found.before(1)), (1, 0, 1));
    }

    #[test]
    fn a_line_has_a_most() {
        let mut found = Found::default();
        for _ in 0..70_000 {
            found.add(1, 1);
        }
        assert_eq!((found.total(), found.has_more()), (u64::from(u16::MAX), true));
        found.add(2, 70_000);
        found.add(2, 1);
        assert_eq!((found.total(), found.has_more()), (2 * u64::from(u16::MAX), true));
        found.truncate(2);
        assert!(found.has_more());
        found.truncate(1);
        assert!(!found.has_more());
    }
}
