//! Reading what is new, and little more.

use super::place::{FAIR, INSERTED, back};
use super::stitch::{Ask, Cursor, Kind, Outcome, Stitcher, Tokens, Window};

/// So few known lines of a page aren't worth a request to skip them.
const FEW: usize = 4;
/// How many known lines a page should begin with: what it is recognised by.
const KNOWN: usize = 2;
/// How many more lines are asked for than are expected.
const SLACK: usize = 4;

/// The fewest lines that are worth a page.
const PAGE: usize = 50;
/// Bytes that may be spent on lines held already, whatever the log has.
const ALLOWANCE: u64 = 1024;
/// Windows of at most so many events can be read in every turn.
const CHEAP: usize = 1000;
/// Turns after which new lines are read, whatever that costs.
const PATIENCE: u32 = 4;
/// Answers in a row without a token after which none is expected.
pub(super) const TOKENLESS: u32 = 2;

impl Stitcher {
    /// The next request where windows are of the newest lines; `None` when the
    /// largest costs little more.
    ///
    /// Every window repeats lines that are held, for it is recognised by them.
    /// So that those cost less than the log itself, new lines are read some at
    /// a time; in between a look at the last line tells whether there are any.
    pub(super) fn next_tail(&self) -> Option<Ask> {
        let known = back(&self.held, FAIR);
        let size = self.widen.unwrap_or_else(|| self.expected());
        let small = size * 4 <= self.held.len() * 3 && size < self.cap();
        let cost = if small {
            self.held.lines_after(self.held.len() - known).map(|line| line.len() as u64 + 1).sum()
        } else {
            self.held.bytes()
        };
        let dear = self.spent + cost > self.held.bytes() / 2 + ALLOWANCE;
        // Where nothing came the last time, nothing is likely now.
        let idle = self.growth < 0.5 && !self.news;
        if self.is_losing() && !idle {
            return None;
        }
        let due = self.is_pressed(known) || self.news && self.waited >= PATIENCE;
        if self.widen.is_none() && (dear || idle) && !due {
            return Some(self.events(Kind::Tail, 1, None));
        }
        small.then(|| self.request(Kind::Tail, size, None))
    }

    /// How many lines a window of the newest should have, for what is new and for
    /// what it is recognised by.
    pub(super) fn expected(&self) -> usize {
        let new = self.growth * f64::from(self.waited + 1) * 1.1;
        back(&self.held, FAIR) + new as usize + SLACK
    }

    /// Whether more may come before another turn than a window holds.
    fn is_pressed(&self, known: usize) -> bool {
        let new = self.growth.max(self.rate) * f64::from(self.waited + 2) * 1.25;
        known + new as usize >= self.cap()
    }

    /// Whether lines got lost a short while ago, because windows are small. Then
    /// every turn reads one, as large as there is: that costs little.
    fn is_losing(&self) -> bool {
        let (run, most) = (self.held.run(), self.cap());
        run > 1 && self.held.len() - run <= most && most <= CHEAP
    }

    pub(super) fn tail_window(&mut self, ask: &Ask, window: Window) -> Outcome {
        let lines = window.lines;
        if ask.limit == 1 {
            // Another last line tells of news, and so may the same one if it
            // is a common one.
            let known = self.held.slots().last().zip(lines.last());
            let same = known.is_some_and(|(slot, line)| slot.is(line));
            let rare = lines.last().is_some_and(|line| self.held.only(line).is_some());
            self.waited += 1;
            let quiet = lines.is_empty() || same && rare;
            self.news |= !quiet;
            return Outcome::default();
        }
        if let Some(patch) = self.floating(&lines, FAIR) {
            self.widen = None;
            self.news = false;
            return Outcome::patch(patch);
        }
        let asked = lines.len().max(ask.limit as usize);
        let inside = self.is_inside(&lines);
        // Nothing new, or a log that repeats itself; a larger window tells,
        // as long as that costs little.
        let known = lines.iter().any(|line| self.held.only(line).is_some());
        if !lines.is_empty() && (!inside || self.spent < self.held.bytes() / 2) {
            // Of a burst nothing tells how long it is.
            self.widen = Some(asked * if known || inside { 4 } else { 16 });
        } else {
            self.widen = None;
            self.news = false;
        }
        Outcome::default()
    }

    /// The next request where windows begin with the first line; `None` when
    /// tokens don't lead on from there.
    pub(super) fn next_forward(&self) -> Option<Ask> {
        if self.tokens == Tokens::Useless {
            return None;
        }
        let start = Cursor { token: None, base: 0 };
        let Cursor { token, base } = match (&self.cursor, self.tokens) {
            (Some(cursor), _) => cursor.clone(),
            // A page that ends before the last line shows whether there are any.
            (None, Tokens::Untried) => start,
            (None, _) => return None,
        };
        let known = self.held.len().saturating_sub(base);
        let limit = match known {
            0..=FEW => known + self.page(),
            // The next page begins near the end, and so does the next turn.
            _ if self.growth < 1.0 || known as f64 > self.growth * 3.0 => known - KNOWN,
            // A page that ends within the new lines leads on to their rest:
            // the fewer of them are read again next time.
            _ => known + (self.growth * 0.75) as usize,
        };
        Some(self.request(Kind::Forward(base), limit, token))
    }

    /// How many lines a further page should have: where it ends, the next turn
    /// can begin, so that of many new lines few are read again.
    fn page(&self) -> usize {
        (self.growth as usize).max(self.held.len() / 8).max(PAGE)
    }

    /// Whether a page begins a few lines before where it should, by lines of which
    /// one at least stands nowhere else.
    fn is_further_on(&self, base: usize, lines: &[Vec<u8>]) -> bool {
        let least = self.held.common(base, lines);
        let known = lines.len().min(self.held.len().saturating_sub(base));
        if least == known && known > 0 {
            return false;
        }
        (base.saturating_sub(INSERTED)..base).any(|at| {
            let common = self.held.common(at, lines);
            let all = common == lines.len() || at + common == self.held.len();
            let sure = || lines.iter().take(common).any(|line| self.held.only(line).is_some());
            (all || known > 0) && common > least && sure()
        })
    }

    pub(super) fn forward(&mut self, base: usize, ask: &Ask, window: Window) -> Outcome {
        let lines = window.lines;
        if lines.is_empty() {
            // The end, or a page that is empty although there is more: the
            // cursor stays where lines were last.
            return Outcome::default();
        }
        if self.tokens == Tokens::Untried && ask.token.is_some() {
            let known = self.held.len().saturating_sub(base);
            let fits = self.held.common(base, &lines) >= lines.len().min(known);
            let first = self.held.common(0, &lines) >= lines.len().min(self.held.len());
            match (fits, first) {
                (true, false) => self.tokens = Tokens::Useful,
                (false, true) => {
                    self.tokens = Tokens::Useless;
                    return Outcome::default();
                }
                // A log that repeats itself: this can be either page.
                (true, true) | (false, false) => {
                    self.tokenless += 1;
                    if self.tokenless >= TOKENLESS {
                        self.tokens = Tokens::Useless;
                    }
                    self.resync = true;
                    return Outcome::default();
                }
            }
            // What seemed cut off can be read after all.
            self.resync |= std::mem::take(&mut self.cut);
        }
        let more = lines.len() < self.held.len().saturating_sub(base);
        if window.token.is_none() && more && window.events >= ask.limit as usize {
            // The log goes on here, or a replica lags that has no more.
            self.tokenless += 1;
            if self.tokenless >= TOKENLESS {
                self.tokens = Tokens::Useless;
            }
            self.cursor = None;
            self.resync = true;
            return Outcome::default();
        }
        self.tokenless = 0;
        let known = self.held.len() > base;
        let moved =
            known && self.held.common(base, &lines) == 0 || self.is_further_on(base, &lines);
        if moved {
            // Lines came late before this page: where tokens are positions, it
            // begins elsewhere now.
            self.cursor = None;
            self.resync = true;
            return Outcome::default();
        }
        let Some(patch) = self.anchored(base, &lines) else {
            self.cursor = None;
            self.resync = true;
            return Outcome::default();
        };
        let mut outcome = Outcome::patch(patch);
        self.seen = self.seen.or(Some(base));
        if self.held.common(base, &lines) == lines.len() {
            self.cursor = Some(Cursor { token: ask.token.clone(), base });
            if let Some(next) = window.token.filter(|next| Some(next) != ask.token.as_ref()) {
                let kind = Kind::Forward(base + lines.len());
                outcome.page = Some(self.request(kind, self.page(), Some(next)));
            }
        }
        outcome
    }
}
