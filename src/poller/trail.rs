//! Where a log can be followed from: the pages that were read, and what leads to
//! them.
//!
//! Tokens may be positions. Then a line that comes late moves the pages after it,
//! and one of those before it still begins where it did: what has to be read
//! again is what follows that, and not all of the log.

use super::stitch::{Ask, Window};

/// No page that stays is further than so many times as far from the end as the
/// next one, if there was a nearer.
const FURTHER: usize = 2;
/// So many pages are gone back in one turn before all is read again,
const STEPS: usize = 3;
/// or, of a longer log, one for so many of its lines: what they cost is a small part of it.
const A_STEP: usize = 40;
/// So often what was read after going back may lead to no end: it would do so again.
const ROUNDS: usize = 1;

/// Where a page begins that the log can be followed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// What leads to it; `None` for the first page.
    pub(super) token: Option<String>,
    /// The position of its first line.
    pub(super) base: usize,
}

/// A page that ends too soon to be told: what leads to it, and its lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Short {
    pub(super) token: Option<String>,
    pub(super) lines: Vec<Vec<u8>>,
}

/// The pages, the latest last.
#[derive(Debug, Default)]
pub(super) struct Trail {
    pages: Vec<Cursor>,
    /// How many were gone back in this turn.
    steps: usize,
    /// The latest of them was read in this turn, so that the next begins where it ends.
    going: bool,
    /// How often one was gone back to from there.
    rounds: usize,
    /// The page whose lines those of the next one follow.
    pub(super) short: Option<Short>,
    /// The pages of this turn that began elsewhere than they should: what was asked, and the
    /// answers, which are the same if one comes to them again.
    aside: Vec<(Ask, Window)>,
}

impl Trail {
    /// The page to read on from.
    pub(super) fn last(&self) -> Option<&Cursor> {
        self.pages.last()
    }

    /// Begins again at a page, or nowhere.
    pub(super) fn restart(&mut self, page: Option<Cursor>) {
        *self = Self { pages: page.into_iter().collect(), ..Self::default() };
    }

    /// Another turn begins.
    pub(super) fn turn(&mut self) {
        (self.steps, self.rounds, self.going) = (0, 0, false);
        self.short = None;
        self.aside.clear();
    }

    /// Keeps a page for when one comes to it again in this turn.
    pub(super) fn set_aside(&mut self, ask: &Ask, window: Window) {
        self.aside.push((ask.clone(), window));
    }

    /// The page that was set aside and that this token leads to.
    pub(super) fn take_aside(&mut self, token: Option<&String>) -> Option<(Ask, Window)> {
        let at = self.aside.iter().position(|(ask, _)| ask.token.as_ref() == token)?;
        Some(self.aside.swap_remove(at))
    }

    /// Whether the page before was read in this turn, and showed what is held.
    pub(super) fn is_going(&self) -> bool {
        self.going
    }

    /// Goes on to a page of a log of so many lines, which began where it should.
    pub(super) fn go(&mut self, page: Cursor, end: usize) {
        self.going = true;
        let from = self.pages.partition_point(|before| before.base < page.base);
        self.pages.truncate(from);
        self.pages.push(page);
        let far = |page: &Cursor| end.saturating_sub(page.base).max(1);
        let mut kept: Vec<Cursor> = vec![];
        let mut pages = std::mem::take(&mut self.pages).into_iter().rev().peekable();
        while let Some(page) = pages.next() {
            let near = kept.last().map_or(0, far);
            if pages.peek().is_none_or(|next| far(next) > near * FURTHER) {
                kept.push(page);
            }
        }
        kept.reverse();
        self.pages = kept;
    }

    /// Goes back to a page before the last one, which begins elsewhere now, in a log of so
    /// many lines.
    pub(super) fn back(&mut self, end: usize) -> Option<&Cursor> {
        self.pages.pop();
        self.steps += 1;
        self.rounds += usize::from(std::mem::take(&mut self.going));
        if self.steps > STEPS.max(end / A_STEP) || self.rounds > ROUNDS {
            self.pages.clear();
        }
        self.pages.last().filter(|page| page.token.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(base: usize) -> Cursor {
        Cursor { token: Some(base.to_string()), base }
    }

    fn bases(trail: &Trail) -> Vec<usize> {
        trail.pages.iter().map(|page| page.base).collect()
    }

    #[test]
    fn pages_further_back_are_further_apart() {
        let mut trail = Trail::default();
        for base in (0..1000).step_by(8) {
            trail.go(page(base), base + 8);
        }
        assert_eq!(bases(&trail), [0, 256, 512, 640, 768, 832, 896, 928, 960, 976, 984, 992]);
    }

    #[test]
    fn a_few_pages_are_gone_back_to_and_then_none() {
        let mut trail = Trail::default();
        for base in [0, 400, 800, 900, 980] {
            trail.go(page(base), 1000);
        }
        for base in [900, 800, 400] {
            assert_eq!(trail.back(120), Some(&page(base)));
        }
        assert_eq!(trail.back(120), None);
        assert_eq!(trail.last(), None);
        trail.restart(Some(Cursor { token: None, base: 0 }));
        trail.go(page(7), 10);
        assert_eq!(trail.back(1000), None, "the first page is all of the log");
    }

    #[test]
    fn what_was_read_on_from_an_earlier_page_is_gone_back_from_once() {
        let pages = [0, 400, 800, 900, 980];
        let mut trail = Trail::default();
        pages.into_iter().for_each(|base| trail.go(page(base), 1000));
        for base in [900, 800] {
            assert_eq!(trail.back(1000), Some(&page(base)));
        }
        trail.go(page(900), 1000);
        assert_eq!(trail.back(1000), None, "it led here before");
        trail.turn();
        pages.into_iter().for_each(|base| trail.go(page(base), 1000));
        for base in [900, 800, 400, 0] {
            assert_eq!(trail.back(1000), Some(&page(base)), "of a longer log more are small");
        }
    }
}
