//! What an answer means: the other half of [`Stitcher`].

use std::collections::HashSet;

use crate::domain::{Missing, Patch};

use super::held::{Slot, is_subsequence};
use super::place::{Place, place};
use super::stitch::{Anchor, Ask, Cursor, Kind, Merge, Outcome, Stitcher, Tokens, Window};

/// Empty pages in a row after which a token is left for the next turn.
const EMPTY_PAGES: u32 = 3;

impl Stitcher {
    /// Merges the answer to `ask`.
    pub fn receive(&mut self, ask: &Ask, window: Window) -> Outcome {
        let before = self.held.bytes();
        let received = window.bytes();
        let outcome = match ask.kind {
            Kind::Full => self.full_window(ask, window),
            Kind::Probe(lines) => self.probed(lines, window),
            Kind::Tail => self.tail_window(ask, window),
            Kind::Forward(base) => self.forward(base, ask, window),
            Kind::Backward => self.backward(ask, window),
        };
        if ask.kind == Kind::Tail {
            self.spent += received.saturating_sub(self.held.bytes().saturating_sub(before));
        }
        if !outcome.patches.is_empty() {
            self.reconciled = false;
        }
        if outcome.page.is_none() && self.sweep {
            self.sweep = false;
            self.reconciled = !self.resync;
        }
        outcome
    }

    /// The service refused the request's token (400).
    pub fn refused(&mut self, ask: &Ask) -> Outcome {
        self.tokens = Tokens::Useless;
        self.cursor = None;
        let mut outcome = Outcome::default();
        match ask.kind {
            Kind::Backward => outcome.patches.extend(self.no_older()),
            Kind::Forward(base) => {
                self.cut |= self.sweep && base >= self.largest as usize;
            }
            _ => {}
        }
        if self.sweep {
            self.sweep = false;
            self.reconciled = true;
        }
        outcome
    }

    fn full_window(&mut self, ask: &Ask, window: Window) -> Outcome {
        let full = window.is_full(ask.limit);
        let first = self.held.len() == 0;
        let lines = window.lines;
        self.resync = false;
        let merged = if first {
            Merge::Changed(self.held.splice(0, None, &lines))
        } else {
            self.whole(&lines, full)
        };
        let lost = merged == Merge::Odd;
        let mut outcome = Outcome::changed(merged);
        if self.anchor == Some(Anchor::Head) {
            self.resync = lost;
        }
        if first || self.anchor.is_none() {
            self.unsure = full || window.token.is_some();
        }
        let token = window.token.filter(|_| self.tokens != Tokens::Useless);
        match self.anchor {
            Some(Anchor::Head) => {
                self.cut = full && token.is_none();
                outcome.page =
                    token.filter(|_| !lost).map(|token| self.ask_forward(lines.len(), token));
            }
            Some(Anchor::Tail) if lost || self.unsure => {
                self.older = lines;
                self.older_full = full;
                match token {
                    Some(token) => outcome.page = Some(self.ask_backward(token)),
                    None if !full && !lost => self.unsure = false,
                    None => outcome.patches.extend(self.no_older()),
                }
            }
            Some(Anchor::Tail) => self.widen = None,
            // The first line is another one: this is no head.
            None if lost => {
                self.anchor = Some(Anchor::Tail);
                self.resync = true;
            }
            None => self.cut = full,
        }
        outcome
    }

    /// Merges a window that may be the whole log.
    fn whole(&mut self, lines: &[Vec<u8>], full: bool) -> Merge {
        let cut = full && self.anchor == Some(Anchor::Tail);
        let same_start = match (self.held.slots().first(), lines.first()) {
            (Some(Slot::Line(own)), Some(line)) => **own == **line,
            (Some(Slot::Gap(_)), _) => true,
            _ => false,
        };
        if !cut && (same_start || self.anchor == Some(Anchor::Head)) {
            let merge = self.anchored(0, lines);
            if merge != Merge::Odd || self.anchor == Some(Anchor::Head) {
                return merge;
            }
        }
        self.floating(lines)
    }

    /// Merges a window whose place must be found first.
    fn floating(&mut self, lines: &[Vec<u8>]) -> Merge {
        match place(&self.held, lines) {
            Place::Quiet => Merge::Quiet,
            Place::At(start) => self.anchored(start, lines),
            Place::Before(skip) if self.held.run() == 0 => {
                let known = self.held.lines_from(0);
                let all = is_subsequence(
                    known.iter().map(Vec::as_slice),
                    lines.iter().map(Vec::as_slice),
                );
                if all {
                    return Merge::Changed(self.held.splice(0, None, lines));
                }
                self.anchored(0, lines.get(skip..).unwrap_or_default())
            }
            Place::Before(skip) => {
                let run = self.held.run();
                self.anchored(run, lines.get(skip..).unwrap_or_default())
            }
            Place::Lost { .. } => Merge::Odd,
        }
    }

    fn probed(&mut self, lines: usize, window: Window) -> Outcome {
        if window.lines.is_empty() {
            // A replica that has nothing yet, or an empty page.
            self.probes += 1;
            return Outcome::default();
        }
        let common = self.held.common(0, &window.lines);
        let is_start = common == window.lines.len();
        if window.lines.len() > lines && window.events > lines {
            // The limit is ignored: then this is as much as there ever is.
            self.anchor = Some(Anchor::Head);
            return Outcome::changed(self.whole(&window.lines, false));
        }
        if !is_start {
            self.anchor = Some(Anchor::Tail);
            self.growth = 0.0;
            return Outcome::default();
        }
        if common < lines.min(2) {
            self.probes += 1;
            return Outcome::default();
        }
        self.anchor = Some(Anchor::Head);
        match window.token {
            Some(token) => Outcome { patches: vec![], page: Some(self.ask_forward(common, token)) },
            None => {
                // There is more, and no token leads there.
                self.tokens = Tokens::Useless;
                self.resync = true;
                Outcome::default()
            }
        }
    }

    fn tail_window(&mut self, ask: &Ask, window: Window) -> Outcome {
        let before = self.held.len();
        let asked = ask.limit as usize;
        if window.events < asked && window.lines.len() >= self.held.len() {
            // Less than was asked for, and more than we have: perhaps all.
            if let Merge::Changed(patch) = self.whole(&window.lines, false) {
                self.grown(before);
                return Outcome { patches: vec![patch], page: None };
            }
        }
        if asked == 1 {
            // Only a look. Another last line is reason to ask for more.
            let same = self.held.slots().last().zip(window.lines.last());
            let quiet =
                same.is_some_and(|(slot, line)| slot.is(line) && self.held.only(line).is_some());
            if !quiet && !window.lines.is_empty() {
                self.widen = Some(super::place::back(&self.held) + 32);
            }
            return Outcome::default();
        }
        match place(&self.held, &window.lines) {
            Place::Quiet => {
                // As good as nothing, unless lines repeat: then a window that
                // reaches back to unique ones must settle it.
                let back = super::place::back(&self.held);
                self.widen = (window.lines.len() < back && window.events >= asked)
                    .then(|| (back + super::place::RUN).max(asked + 1));
                self.growth *= 0.7;
                Outcome::default()
            }
            Place::Lost { overlap, .. } if asked >= self.largest as usize => {
                let token = window.token.filter(|_| self.tokens != Tokens::Useless);
                match token {
                    Some(token) => {
                        self.older = window.lines;
                        self.older_full = true;
                        Outcome { patches: vec![], page: Some(self.ask_backward(token)) }
                    }
                    None => {
                        self.widen = None;
                        Outcome { patches: self.give_up(overlap, &window.lines), page: None }
                    }
                }
            }
            Place::Lost { back, .. } => {
                self.widen = Some((asked * 4).max(back + 32));
                Outcome::default()
            }
            _ => match self.floating(&window.lines) {
                Merge::Odd => {
                    self.resync = true;
                    Outcome::default()
                }
                merged => {
                    self.grown(before);
                    Outcome::changed(merged)
                }
            },
        }
    }

    /// Takes note of how many lines came.
    fn grown(&mut self, before: usize) {
        let new = self.held.len().saturating_sub(before) as f64;
        self.growth = if new > self.growth { new } else { self.growth * 0.7 + new * 0.3 };
        self.widen = None;
    }

    /// Appends what is new under every reading, after an announced gap.
    fn give_up(&mut self, overlap: usize, lines: &[Vec<u8>]) -> Vec<Patch> {
        let new = lines.get(overlap..).unwrap_or_default();
        if new.is_empty() {
            return vec![];
        }
        let end = self.held.len();
        vec![self.held.splice(end, Some(Missing::Unknown), new)]
    }

    fn forward(&mut self, base: usize, ask: &Ask, window: Window) -> Outcome {
        let sent = ask.token.clone().unwrap_or_default();
        let next = window.token.clone();
        let count = window.lines.len();
        let full = window.is_full(ask.limit);
        if count == 0 {
            // The end, or a page that is empty although there is more. The
            // cursor stays where lines were last: a replica that lags behind
            // it would lead astray.
            self.empty += 1;
            if self.empty == 1 {
                self.cursor = Some(Cursor { token: sent.clone(), base, open: false });
            }
            let more = next.filter(|next| *next != sent && self.empty <= EMPTY_PAGES);
            return Outcome {
                patches: vec![],
                page: more.map(|token| self.ask_forward(base, token)),
            };
        }
        if std::mem::take(&mut self.empty) > 0 {
            let fresh = matches!(place(&self.held, &window.lines), Place::Lost { overlap: 0, .. });
            if !fresh && self.held.len() > 0 {
                self.resync = true;
                return Outcome::default();
            }
        }
        if self.tokens == Tokens::Untried {
            let again = base > 0 && self.held.common(0, &window.lines) >= count.min(base);
            let fits = self.held.common(base, &window.lines)
                >= count.min(self.held.len().saturating_sub(base));
            match (again, fits) {
                (true, false) => return self.ignored(window, full),
                // Both, in a log that repeats itself: no telling.
                (true, true) if next.as_deref() == Some(sent.as_str()) => {
                    return self.ignored(window, full);
                }
                _ => self.tokens = Tokens::Useful,
            }
        }
        if self.repeats(base, &window.lines) {
            self.resync = true;
            return Outcome::default();
        }
        let merged = self.anchored(base, &window.lines);
        let odd = merged == Merge::Odd;
        let mut outcome = Outcome::changed(merged);
        let in_place = self.held.common(base, &window.lines) == count;
        if odd || !in_place {
            // An older replica, or a page that begins elsewhere than we think.
            self.resync = odd;
            self.cursor = (!odd).then_some(Cursor { token: sent, base, open: false });
            return outcome;
        }
        self.unsure = false;
        self.cut = false;
        match next {
            Some(next) if next != sent => {
                let cursor = Cursor { token: next.clone(), base: base + count, open: false };
                self.cursor = Some(cursor);
                outcome.page = Some(self.ask_forward(base + count, next));
            }
            next => {
                self.cursor = Some(Cursor { token: sent, base, open: next.is_none() });
            }
        }
        outcome
    }

    /// Whether a page that should begin after all we hold begins with the last
    /// lines of it, and not by chance.
    fn repeats(&self, base: usize, lines: &[Vec<u8>]) -> bool {
        base == self.held.len()
            && match place(&self.held, lines) {
                Place::Lost { overlap, .. } => {
                    let again = lines.get(..overlap).unwrap_or_default();
                    again.iter().any(|line| self.held.only(line).is_some())
                }
                _ => true,
            }
    }

    /// The token was ignored: the page is the first one again.
    fn ignored(&mut self, window: Window, full: bool) -> Outcome {
        self.tokens = Tokens::Useless;
        self.cursor = None;
        self.cut = full;
        let merged = self.whole(&window.lines, full);
        self.resync = !self.sweep;
        Outcome::changed(merged)
    }

    fn backward(&mut self, ask: &Ask, window: Window) -> Outcome {
        let sent = ask.token.clone().unwrap_or_default();
        let next = window.token.filter(|next| *next != sent);
        if window.lines.is_empty() {
            self.empty += 1;
            return match next.filter(|_| self.empty <= EMPTY_PAGES) {
                Some(next) => Outcome { patches: vec![], page: Some(self.ask_backward(next)) },
                None => Outcome { patches: self.all_older(), page: None },
            };
        }
        self.empty = 0;
        if self.tokens == Tokens::Untried {
            let known: HashSet<&[u8]> = self.older.iter().map(Vec::as_slice).collect();
            let again = window.lines.iter().filter(|l| known.contains(l.as_slice())).count();
            if again * 2 > window.lines.len() {
                self.tokens = Tokens::Useless;
                return Outcome { patches: self.no_older(), page: None };
            }
            self.tokens = Tokens::Useful;
        }
        let newer = std::mem::replace(&mut self.older, window.lines);
        self.older.extend(newer);
        if !self.unsure && matches!(place(&self.held, &self.older), Place::At(_) | Place::Before(_))
        {
            let older = std::mem::take(&mut self.older);
            let merged = self.floating(&older);
            if merged != Merge::Odd {
                self.widen = None;
                return Outcome::changed(merged);
            }
            self.older = older;
        }
        match next {
            Some(next) => Outcome { patches: vec![], page: Some(self.ask_backward(next)) },
            None => Outcome { patches: self.all_older(), page: None },
        }
    }

    /// There is nothing older: what was collected is the whole log.
    fn all_older(&mut self) -> Vec<Patch> {
        self.unsure = false;
        self.widen = None;
        let all = std::mem::take(&mut self.older);
        match self.anchored(0, &all) {
            Merge::Odd => match self.floating(&all) {
                Merge::Odd => self.lose(&all),
                merged => Outcome::changed(merged).patches,
            },
            merged => Outcome::changed(merged).patches,
        }
    }

    /// What is older can't be had.
    fn no_older(&mut self) -> Vec<Patch> {
        self.widen = None;
        let lines = std::mem::take(&mut self.older);
        let mut patches = match self.floating(&lines) {
            Merge::Odd => self.lose(&lines),
            merged => Outcome::changed(merged).patches,
        };
        if std::mem::take(&mut self.unsure) && self.older_full && !self.held.has_gaps() {
            let all = self.held.lines_from(0);
            patches.push(self.held.splice(0, Some(Missing::Unknown), &all));
        }
        patches
    }

    fn lose(&mut self, lines: &[Vec<u8>]) -> Vec<Patch> {
        match place(&self.held, lines) {
            Place::Lost { overlap, .. } => self.give_up(overlap, lines),
            _ => vec![],
        }
    }
}

impl Stitcher {
    fn ask_forward(&self, base: usize, token: String) -> Ask {
        self.request(Kind::Forward(base), self.largest as usize, Some(token))
    }

    fn ask_backward(&self, token: String) -> Ask {
        self.request(Kind::Backward, self.largest as usize, Some(token))
    }
}

impl Outcome {
    fn changed(merge: Merge) -> Self {
        match merge {
            Merge::Changed(patch) => Self { patches: vec![patch], page: None },
            Merge::Quiet | Merge::Odd => Self::default(),
        }
    }
}
