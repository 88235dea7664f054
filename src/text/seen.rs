//! A line in sight, laid out once however often it is asked for.

use std::cell::RefCell;
use std::ops::{Deref, Range};

use super::layout::{self, Row};
use super::milestones::{Milestones, Wrapped};
use super::{LONG, Line};

/// A line that is looked at again and again while it is in sight. It keeps how
/// it was wrapped last, if it is long.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    line: Line,
    milestones: RefCell<Option<Milestones>>,
}

impl Deref for Seen {
    type Target = Line;

    fn deref(&self) -> &Line {
        &self.line
    }
}

impl From<Line> for Seen {
    fn from(line: Line) -> Self {
        Self { line, milestones: RefCell::default() }
    }
}

impl Seen {
    /// How many screen rows a part of it takes, as by [`layout::rows`].
    pub fn rows(&self, part: Range<usize>, width: usize, indent: usize) -> usize {
        self.ask(part, width, indent, Milestones::rows, |text| layout::rows(text, width, indent))
    }

    /// Some rows of a part of it, as by [`layout::wrap`].
    pub fn wrap(
        &self,
        part: Range<usize>,
        width: usize,
        indent: usize,
        skip: usize,
        take: usize,
    ) -> Vec<Row> {
        let text = self.part(&part);
        self.ask(
            part,
            width,
            indent,
            |known| known.wrap(text, skip, take),
            |text| layout::wrap(text, width, indent, skip, take),
        )
    }

    /// The row that a byte of a part of it is on, as by [`layout::row_of`].
    pub fn row_of(&self, part: Range<usize>, byte: usize, width: usize, indent: usize) -> usize {
        let text = self.part(&part);
        self.ask(
            part,
            width,
            indent,
            |known| known.row_of(text, byte),
            |text| layout::row_of(text, byte, width, indent),
        )
    }

    fn part(&self, part: &Range<usize>) -> &str {
        self.line.text.get(part.clone()).unwrap_or_default()
    }

    /// Answers from the milestones of a part that is long and goes up to the
    /// end, which are set if they aren't there; else from its text.
    fn ask<T>(
        &self,
        part: Range<usize>,
        width: usize,
        indent: usize,
        known: impl FnOnce(&Milestones) -> T,
        laid: impl FnOnce(&str) -> T,
    ) -> T {
        let text = self.part(&part);
        if text.len() < LONG || part.end != self.line.text.len() {
            return laid(text);
        }
        let wrapped = Wrapped { start: part.start, width, indent };
        let mut kept = self.milestones.borrow_mut();
        let fitting = kept.take().filter(|kept| kept.fit(wrapped));
        known(kept.insert(fitting.unwrap_or_else(|| Milestones::of(text, wrapped))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn a_long_line_is_laid_out_as_any_other(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec!["a", "bc ", "\t", "漢", "e\u{301}", "👩‍💻", "한", "ｶﾞ"]), 1..9),
            start in 0usize..9,
            asked in proptest::collection::vec((0usize..70, 0usize..9, 0usize..20_000, 0usize..99), 1..5),
        ) {
            let pattern = pieces.concat();
            let text = pattern.repeat(LONG / pattern.len() + 9);
            let start = (start..).find(|at| text.is_char_boundary(*at)).unwrap();
            let seen = Seen::from(Line::unstyled(text.clone()));
            for (width, indent, at, take) in asked {
                let part = start..text.len();
                let piece = &text[part.clone()];
                prop_assert_eq!(seen.rows(part.clone(), width, indent), layout::rows(piece, width, indent));
                prop_assert_eq!(
                    seen.wrap(part.clone(), width, indent, at, take),
                    layout::wrap(piece, width, indent, at, take)
                );
                prop_assert_eq!(
                    seen.row_of(part.clone(), at, width, indent),
                    layout::row_of(piece, at, width, indent)
                );
            }
        }
    }
}
