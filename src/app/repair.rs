//! Staying on the same line when the log is repaired above it.
//!
//! A repair drops lines and appends others, so that numbers shift. A place is
//! therefore remembered by its text and that of its neighbours, and looked for
//! again, nearest first.

use crate::domain::LineNo;
use crate::store::Store;

/// How far from its old number a line is looked for.
const REACH: u32 = 20_000;

/// A line remembered by what it says.
#[derive(Clone, Debug)]
pub struct Anchor {
    line: LineNo,
    /// The texts before, at and after it.
    around: [Option<String>; 3],
}

impl Anchor {
    /// Remembers a line.
    pub fn at(store: &Store, line: LineNo) -> Self {
        Self { line, around: neighbourhood(store, line) }
    }

    /// Where it was.
    pub fn line(&self) -> LineNo {
        self.line
    }

    /// Whether a line says the same.
    pub fn is_at(&self, store: &Store, line: LineNo) -> bool {
        line.index() < store.len() && Some(store.text(line)) == self.around[1]
    }

    /// The line that says the same now, preferring equal neighbours, then
    /// nearness; the old number where none does.
    pub fn find(&self, store: &Store) -> LineNo {
        let here = self.line.index();
        let mut best: Option<(usize, LineNo)> = None;
        // The log may be shorter now than where the line was.
        for far in 0..=REACH.min(store.len().max(here)) {
            for index in [here.checked_sub(far), here.checked_add(far)].into_iter().flatten() {
                if index >= store.len() {
                    continue;
                }
                let line = LineNo::new(index);
                if Some(store.text(line)) != self.around[1] {
                    continue;
                }
                let likeness = neighbourhood(store, line)
                    .iter()
                    .zip(&self.around)
                    .filter(|(now, then)| now == then)
                    .count();
                if likeness == 3 {
                    return line;
                }
                if best.is_none_or(|(most, _)| likeness > most) {
                    best = Some((likeness, line));
                }
            }
        }
        best.map_or(self.line, |(_, line)| line)
    }
}

fn neighbourhood(store: &Store, line: LineNo) -> [Option<String>; 3] {
    let text = |line: LineNo| (line.index() < store.len()).then(|| store.text(line));
    [line.prev().and_then(text), text(line), text(line.next())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Patch;

    fn store(lines: &[&str]) -> Store {
        let mut store = Store::new();
        let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
        store.apply(&Patch::text(text));
        store
    }

    #[test]
    fn a_line_is_found_where_late_lines_pushed_it() {
        let anchor = Anchor::at(&store(&["a", "b", "c", "d"]), LineNo::new(2));
        assert_eq!(anchor.find(&store(&["a", "late", "later", "b", "c", "d"])), LineNo::new(4));
    }

    #[test]
    fn neighbours_tell_equal_lines_apart() {
        let anchor = Anchor::at(&store(&["a", "", "b", "", "c"]), LineNo::new(3));
        assert_eq!(anchor.find(&store(&["x", "a", "", "b", "", "c"])), LineNo::new(4));
    }

    #[test]
    fn a_line_is_found_in_a_log_that_is_shorter_now() {
        let anchor = Anchor::at(&store(&["a", "b", "c", "d", "e", "f"]), LineNo::new(5));
        assert_eq!(anchor.find(&store(&["f", "x"])), LineNo::new(0));
    }

    #[test]
    fn a_line_that_is_gone_leaves_its_number() {
        let anchor = Anchor::at(&store(&["a", "b", "c"]), LineNo::new(1));
        assert_eq!(anchor.find(&store(&["x", "y", "z"])), LineNo::new(1));
    }
}
