//! Reading what is new, and little more.

use super::place::{FAIR, back};
use super::stitch::{Ask, Cursor, Kind, Outcome, Stitcher, Tokens, Window};

/// So few known lines of a page aren't worth a request to skip them.
const FEW: usize = 4;
/// How many known lines a page should begin with: what it is recognised by.
const KNOWN: usize = 2;

impl Stitcher {
    /// The next request where windows are of the newest lines; `None` when the
    /// largest costs little more.
    pub(super) fn next_tail(&self) -> Option<Ask> {
        let size = match self.widen {
            Some(size) => size,
            // What is spent on lines held already stays below the log itself:
            // then a look at the last line says whether there is a new one.
            None if self.spent > self.held.bytes() / 2 => 1,
            None => back(&self.held, FAIR) + (self.growth * 1.5) as usize + FAIR.span,
        };
        let small = size * 2 <= self.held.len() && size < self.largest as usize;
        small.then(|| self.request(Kind::Tail, size, None))
    }

    pub(super) fn tail_window(&mut self, ask: &Ask, window: Window) -> Outcome {
        let asked = ask.limit as usize;
        let lines = window.lines;
        if asked == 1 {
            // Another last line is reason to ask for more.
            let same = lines.last().zip(self.held.slots().last());
            let quiet = same.is_some_and(|(line, slot)| slot.is(line));
            if !quiet && !lines.is_empty() {
                self.widen = Some(back(&self.held, FAIR) + 2 * FAIR.span);
            }
            return Outcome::default();
        }
        if let Some(patch) = self.floating(&lines, FAIR) {
            self.widen = None;
            return Outcome::patch(patch);
        }
        let inside = self.is_inside(&lines);
        // Nothing new, or a log that repeats itself; a larger window tells,
        // as long as that costs little.
        if !lines.is_empty() && (!inside || self.spent < self.held.bytes() / 2) {
            self.widen = Some(asked * 4);
        }
        Outcome::default()
    }

    /// The next request where tokens lead forward; `None` when they don't.
    pub(super) fn next_forward(&self) -> Option<Ask> {
        let Cursor { token, base } = self.cursor.clone()?;
        let known = self.held.len().saturating_sub(base);
        let limit = match known {
            0..=FEW => self.largest as usize,
            _ if self.growth < 1.0 => known - KNOWN,
            // A page that ends within the new lines leads on to their rest:
            // the fewer of them are read again next time.
            _ => known + (self.growth * 0.75) as usize,
        };
        Some(self.request(Kind::Forward(base), limit, token))
    }

    pub(super) fn forward(&mut self, base: usize, ask: &Ask, window: Window) -> Outcome {
        let lines = window.lines;
        if lines.is_empty() {
            // The end, or a page that is empty although there is more: the
            // cursor stays where lines were last.
            return Outcome::default();
        }
        if self.tokens == Tokens::Untried && ask.token.is_some() {
            let fits = self.held.common(base, &lines);
            if fits < lines.len().min(self.held.len().saturating_sub(base)) {
                self.tokens = Tokens::Useless;
                return Outcome::default();
            }
            let again = self.held.common(0, &lines) == lines.len().min(self.held.len());
            if again && window.token == ask.token {
                self.tokens = Tokens::Useless;
                return Outcome::default();
            }
            self.tokens = Tokens::Useful;
            // What seemed cut off can be read after all.
            self.resync |= std::mem::take(&mut self.cut);
        }
        let Some(patch) = self.anchored(base, &lines) else {
            self.cursor = None;
            self.resync = true;
            return Outcome::default();
        };
        let mut outcome = Outcome::patch(patch);
        if self.held.common(base, &lines) == lines.len() {
            self.cursor = Some(Cursor { token: ask.token.clone(), base });
            if let Some(next) = window.token.filter(|next| Some(next) != ask.token.as_ref()) {
                let kind = Kind::Forward(base + lines.len());
                outcome.page = Some(self.request(kind, self.largest as usize, Some(next)));
            }
        }
        outcome
    }
}
