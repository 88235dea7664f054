//! Reading what is new, and little more.

use std::collections::HashSet;

use super::complete::is_building;
use super::held::{Slot, lines_of};
use super::pace::SPARING;
use super::place::{FAIR, INSERTED, Proof, STRONG, back, landmarks};
use super::probe::LED;
use super::reread::may_be_read;
use super::stitch::{Anchor, Ask, Kind, Outcome, Stitcher, Tokens, Wider, Window};
use super::trail::{Cursor, Short};

/// So few known lines of a page aren't worth a request to skip them.
const FEW: usize = 1;
/// How many known lines a page should begin with: what it is recognised by.
const KNOWN: usize = 2;
/// or up to so many, if one of them stands nowhere else.
const SEAM: usize = 4;
/// How many more lines are asked for than are expected.
const SLACK: usize = 2;

/// So many lines are read back for a place, or twice as many as are held.
const MOST_OLDER: usize = 2000;
/// The fewest lines that are worth a page.
const PAGE: usize = 3;
/// A page of what is older has such a part of what was read, so that little is read too much.
const OLDER: usize = 5;
/// A page of what is read again has so many.
const BACK: usize = 8;
/// Windows of at most so many events can be read in every turn.
const CHEAP: usize = 1000;
/// A look has so many lines at most.
const TIP: usize = 8;
/// A line that begins with fewer different characters is printed anywhere;
const LETTERS: usize = 6;
/// in so many.
const BEGINNING: usize = 36;
/// How many times as many new lines are asked for as are likely.
const AMPLE: f64 = 1.2;
/// The same where what is older can be read after it.
const SCANT: f64 = 0.5;
/// A log of so many lines is known, though nothing tells how fast it grows.
const KNOWN_WELL: usize = 64;
/// A build ends with no larger a part of its log, or so many lines;
const LITTLE: usize = 2;
const LEAST: usize = 16;
/// with so many at least where the agent's build phase is still to be closed: why it failed,
/// and the phases after it;
const ENDING: usize = 24;
/// or, of a longer log, with one of so many parts of it, up to so many lines.
const ENDINGS: usize = 4;
const ENDING_MOST: usize = 64;
/// Answers in a row without a token after which none is expected.
pub(super) const TOKENLESS: u32 = 3;

impl Stitcher {
    /// The next request where windows are of the newest lines; `None` when the
    /// largest costs little more.
    ///
    /// Every window repeats lines that are held, for it is recognised by them.
    /// So that those cost less than the log itself, new lines are read some at
    /// a time; in between a look at the last lines tells whether there are any.
    pub(super) fn next_tail(&self) -> Option<Ask> {
        let idle = self.pulse.is_idle();
        if self.is_losing() && !idle {
            return None;
        }
        let size = self.widen.map_or_else(|| self.expected(), |wider| wider.size);
        // Should nothing be new, all of a window is spent.
        let dear = || !self.pulse.news && self.pulse.is_dear(self.pulse.bytes_of(size));
        let rests = self.over && !self.pulse.news && self.limits.cap.is_none();
        let waits = idle || rests || dear() && !self.is_pressed(SPARING);
        if waits && !self.pulse.is_seldom() && self.widen.is_none() {
            return Some(self.request(Kind::Look, self.tip(), None));
        }
        self.is_small(size).then(|| self.request(Kind::Tail, size, None))
    }

    /// Whether a window of so many of the newest lines costs less than all of them.
    pub(super) fn is_small(&self, size: usize) -> bool {
        let missed = self.widen.map_or(0, |wider| wider.missed);
        let all = self.held.len() + (self.pulse.coming() as usize).max(missed);
        // After a window without a place nothing tells how many more there are.
        let tenths = if missed > 0 { 11 } else { 9 };
        let small = size * 10 <= all * tenths && size < self.cap();
        // Of a few lines that may be the first round of a loop, the next looks like it.
        let known = !self.pulse.is_unknown() || self.held.len() >= KNOWN_WELL;
        // What is older than a window can be read after it.
        small && known || self.tokens == Tokens::Useful && size < self.held.len()
    }

    /// How many lines a window of the newest should have, for what is new and for
    /// what it is recognised by.
    pub(super) fn expected(&self) -> usize {
        // What a token leads to is read after it, so far as it must be.
        let times = if self.tokens == Tokens::Useful { SCANT } else { AMPLE };
        let mut new = self.pulse.coming() * times;
        if self.over {
            new = new.min((self.held.len() / LITTLE).max(LEAST) as f64);
            if self.tokens != Tokens::Useful && is_building(self.held.lines_after(0)) {
                let ending = (self.held.len() / ENDINGS).clamp(ENDING, ENDING_MOST);
                new = new.max(ending as f64);
            }
        }
        back(&self.held, self.proof()) + new as usize + SLACK
    }

    /// What a window in between must have to be placed. Where windows have lost lines, none
    /// of them will repair a mistake.
    pub(super) fn proof(&self) -> Proof {
        if self.held.run() > 0 || self.limits.cap.is_some() { STRONG } else { FAIR }
    }

    /// Whether lines got lost a short while ago, because windows are small. Then
    /// every turn reads one, as large as there is: that costs little.
    fn is_losing(&self) -> bool {
        let (run, most) = (self.held.run(), self.cap());
        run > 1 && self.held.len() - run <= most && most <= CHEAP
    }

    /// How many lines at the end tell whether there are new ones: up to one that
    /// stands nowhere else, and isn't of the kind that is printed anywhere.
    fn tip(&self) -> usize {
        self.last_rare(TIP).unwrap_or(1)
    }

    /// How many of so many lines at the end there are up to one that stands nowhere else.
    fn last_rare(&self, most: usize) -> Option<usize> {
        let only = |slot: &Slot| matches!(slot, Slot::Line(line) if self.is_rare(line));
        let last = self.held.slots().iter().rev().take(most).position(only);
        last.map(|nth| nth + 1)
    }

    /// Whether a line stands nowhere else, and isn't blank, a rule, or as short, by how it
    /// begins.
    fn is_rare(&self, line: &[u8]) -> bool {
        let different: HashSet<&u8> = line.iter().take(BEGINNING).collect();
        different.len() >= LETTERS && self.held.only(line).is_some()
    }

    /// The last lines. Other ones than are held tell of news, and so may the same if
    /// each of them is a common one.
    pub(super) fn looked(&mut self, window: Window) -> Outcome {
        let lines = window.lines;
        let end = self.held.len().saturating_sub(lines.len());
        let same = self.held.common(end, &lines) == lines.len();
        let rare = lines.iter().any(|line| self.is_rare(line));
        self.pulse.look(lines.clone(), same && rare);
        // What its token leads to is held, if it leads on; without the agent's words a log may
        // repeat itself so that that proves nothing.
        let known = same && rare && self.has_agent();
        let token = window.token.filter(|_| known && !self.over);
        let page = token.and_then(|token| self.attempt_older(lines, token));
        Outcome { page, ..Outcome::default() }
    }

    pub(super) fn tail_window(&mut self, ask: &Ask, window: Window) -> Outcome {
        let lines = window.lines;
        if let Some(patch) = self.floating(&lines, self.proof()) {
            self.has_place();
            let page = window.token.and_then(|token| self.attempt_older(lines, token));
            return Outcome { page, ..Outcome::patch(patch) };
        }
        self.pile = lines;
        match window.token.filter(|_| self.tokens == Tokens::Useful && !self.pile.is_empty()) {
            Some(token) => Outcome::page(self.older_page(token)),
            None => {
                let all = window.events < ask.limit as usize;
                self.lost_place(ask.limit as usize, all);
                Outcome::default()
            }
        }
    }

    /// What is newest has a place.
    pub(super) fn has_place(&mut self) {
        self.widen = None;
        self.pulse.news = false;
    }

    /// What is older than a window whose place couldn't be told.
    pub(super) fn older(&mut self, ask: &Ask, window: Window) -> Outcome {
        let next = window.leads_on(ask);
        let read = match window.lines.is_empty() {
            true => next.is_some() && self.empties.lead(ask.token.as_ref()),
            // Where tokens are positions, a replica that lags leads back to its own end.
            false if self.empties.end() && may_be_read(&self.pile, &window.lines, true) => {
                self.lost_place(0, false);
                return Outcome::default();
            }
            false => true,
        };
        let mut pile = window.lines;
        pile.append(&mut self.pile);
        if let Some(patch) = self.floating(&pile, self.proof()) {
            self.has_place();
            return Outcome::patch(patch);
        }
        self.pile = pile;
        match next.filter(|_| read && self.pile.len() < (self.held.len() * 2).max(MOST_OLDER)) {
            Some(next) => Outcome::page(self.older_page(next)),
            None => {
                self.lost_place(0, !read);
                Outcome::default()
            }
        }
    }

    fn older_page(&self, token: String) -> Ask {
        let size = (self.pile.len() / OLDER).max(PAGE);
        self.request(Kind::Older, size, Some(token))
    }

    /// The newest lines have no place: nothing is new, or the log repeats itself;
    /// a larger window tells, as long as that costs little. If there was no more to be had,
    /// a sweep does, which takes them for all of the log.
    fn lost_place(&mut self, limit: usize, all: bool) {
        let lines = std::mem::take(&mut self.pile);
        let asked = lines.len().max(limit);
        let inside = self.is_inside(&lines);
        let known = lines.iter().any(|line| self.held.only(line).is_some());
        if !lines.is_empty() && (!inside || !self.pulse.is_half_spent()) {
            self.pulse.blind();
            // Nothing else tells how many more there are.
            let known = known || inside || !self.pulse.is_unknown();
            let times = if known { 2 } else { 16 };
            let least = back(&self.held, self.proof()) + SLACK;
            let size = match self.beyond(&lines) {
                // What is new may repeat what the others are recognised by.
                Some(_) if self.widen.is_some() => asked * 2,
                Some(new) => (new + least).max(asked + SLACK),
                // It may be as long a burst as there was before.
                None => {
                    let likely = self.pulse.burst.max(self.pulse.average()) * AMPLE;
                    least + (likely as usize).max(asked * times)
                }
            };
            // Where windows are small, what got lost in this one may be gone by the one after.
            let size = size.max(self.told_cap().unwrap_or_default());
            let missed = if inside { 0 } else { lines.len() };
            self.widen = Some(Wider { size, missed });
            self.resync |= all && !inside;
            if !inside {
                self.keep_adrift(lines);
            }
        } else {
            self.widen = None;
            self.pulse.news = false;
        }
    }

    /// How many lines are new by the time of another window, if this one shows what
    /// is held last, though too little of it.
    fn beyond(&self, lines: &[Vec<u8>]) -> Option<usize> {
        let (nth, at) = landmarks(&self.held, lines).pop()?;
        let last = self.held.end().saturating_sub(at);
        let shown = lines.get(nth..)?;
        let known = self.held.common(at, shown);
        let new = (known == last).then(|| shown.len() - known)?;
        Some(new + (self.pulse.meanwhile(new) * AMPLE) as usize)
    }

    /// The next request where windows begin with the first line; `None` when
    /// tokens don't lead on from there.
    pub(super) fn next_forward(&self) -> Option<Ask> {
        if self.tokens == Tokens::Useless {
            return None;
        }
        let start = Cursor { token: None, base: 0 };
        let Cursor { token, base } = match (self.trail.last(), self.tokens) {
            (Some(cursor), _) => cursor.clone(),
            // A page that ends before the last line shows whether there are any.
            (None, Tokens::Untried) => start,
            (None, _) => return None,
        };
        let known = self.held.len().saturating_sub(base);
        // A page that ends shortly before the last line leads on from there: no more is
        // read, and the next turn has only that to begin with.
        let limit = match known {
            0..=FEW => known + self.page(),
            _ => known.saturating_sub(self.seam()).max(1),
        };
        Some(self.request(Kind::Forward(base), limit, token))
    }

    /// How many known lines a page should begin with: up to one that stands nowhere
    /// else, by which it is recognised.
    fn seam(&self) -> usize {
        self.last_rare(SEAM).unwrap_or(KNOWN)
    }

    /// How many lines a further page should have: where it ends, the next turn
    /// can begin, so that of many new lines few are read again.
    fn page(&self) -> usize {
        ((self.pulse.growth() / 3.0) as usize).max(PAGE)
    }

    /// How many lines the next page of a sweep should have, after so many that were
    /// read; `None` for all there are. Where tokens lead on from the first lines,
    /// pages that get shorter towards the end leave places to follow from, and to
    /// go back to.
    pub(super) fn ahead(&self, read: usize) -> Option<usize> {
        let paged = self.anchor == Some(Anchor::Head) && self.tokens == Tokens::Useful;
        if self.ending.last || !paged || self.learning.led < LED || self.is_empty() {
            return None;
        }
        let known = self.held.len().saturating_sub(read + KNOWN);
        let new = (read + KNOWN).saturating_sub(self.held.len());
        Some((known / 2).max(new * 2).max(BACK))
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

    /// Whether a page may be what was read before a position.
    fn is_before(&self, base: usize, lines: &[Vec<u8>]) -> bool {
        let read: Vec<Vec<u8>> = lines_of(self.held.part(0..base)).map(<[u8]>::to_vec).collect();
        may_be_read(&read, lines, false)
    }

    /// Reads what follows a page as well, if the page before it was read just now: its lines
    /// can't be told from others because it ends too soon.
    fn further(&mut self, base: usize, short: Short, next: Option<String>) -> Outcome {
        let rest = (self.held.len() + INSERTED).saturating_sub(base + short.lines.len());
        match next.filter(|_| self.trail.is_going() && rest > 0) {
            Some(next) => {
                self.trail.short = Some(short);
                Outcome::page(self.request(Kind::Forward(base), rest, Some(next)))
            }
            None => self.back(),
        }
    }

    /// Reads on from an earlier page than the last one, or all of it again.
    fn back(&mut self) -> Outcome {
        let Some(Cursor { token, base }) = self.trail.back(self.held.len()).cloned() else {
            self.resync = true;
            return Outcome::default();
        };
        Outcome::page(self.request(Kind::Forward(base), BACK, token))
    }

    pub(super) fn forward(&mut self, base: usize, ask: &Ask, window: Window) -> Outcome {
        let outcome = self.read_on(base, ask, window);
        self.pulse.news &= outcome.page.is_some();
        outcome
    }

    fn read_on(&mut self, base: usize, ask: &Ask, window: Window) -> Outcome {
        let next = window.leads_on(ask);
        let short = self.trail.short.take();
        if window.lines.is_empty() {
            // The end, or a page that is empty although there is more: the
            // cursor stays where lines were last.
            let next = next.filter(|_| self.empties.lead(ask.token.as_ref()));
            if next.is_none() && short.is_some() {
                return self.back();
            }
            self.trail.short = short;
            let page =
                next.map(|next| self.request(Kind::Forward(base), ask.limit as usize, Some(next)));
            return Outcome { page, ..Outcome::default() };
        }
        let Short { token, lines } = match short {
            Some(Short { token, lines }) => Short { token, lines: [lines, window.lines].concat() },
            None => Short { token: ask.token.clone(), lines: window.lines },
        };
        if self.empties.end() && self.is_before(base, &lines) {
            // Where tokens are positions, a replica that lags leads back to its own end.
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
                    self.learning.tokenless += 1;
                    if self.learning.tokenless >= TOKENLESS {
                        self.tokens = Tokens::Useless;
                    }
                    self.resync = true;
                    return Outcome::default();
                }
            }
            // What seemed cut off can be read after all.
            self.resync |= std::mem::take(&mut self.limits.cut);
        }
        let more = lines.len() < self.held.len().saturating_sub(base);
        if window.token.is_none() && more && window.events >= ask.limit as usize {
            // A replica lags that has no more, or the log goes on here for good.
            self.learning.tokenless += 1;
            if self.learning.tokenless >= TOKENLESS {
                self.tokens = Tokens::Useless;
                self.trail.restart(None);
                self.resync = true;
            }
            return Outcome::default();
        }
        self.learning.tokenless = 0;
        let known = self.held.len() > base;
        let other = known && self.held.common(base, &lines) == 0;
        // Where the page before ended, nothing but a late line begins another one.
        let late = self.trail.is_going() && lines.first().is_some_and(|line| !self.held.has(line));
        if other && !late || self.is_further_on(base, &lines) {
            // Lines came late before this page: where tokens are positions, it
            // begins elsewhere now.
            if !self.trail.is_going() {
                let window = Window { lines, events: window.events, token: window.token };
                self.trail.set_aside(ask, window);
            }
            return self.back();
        }
        let Some(patch) = self.anchored(base, &lines) else {
            return self.further(base, Short { token, lines }, next);
        };
        let shown = self.held.common(base, &lines) == lines.len();
        if patch.is_empty() && !shown {
            // It has some of the lines that are held here, by chance perhaps.
            return self.back();
        }
        let mut outcome = Outcome::patch(patch);
        self.seen = self.seen.or(Some(base));
        if shown {
            self.trail.go(Cursor { token, base }, self.held.len());
            if let Some(next) = next {
                let read = base + lines.len();
                let kind = Kind::Forward(read);
                let rest = self.held.len().saturating_sub(read + KNOWN);
                let limit = window.events.max(ask.limit as usize);
                let page = if known {
                    self.request(kind, self.page().max(rest / 2), Some(next))
                } else {
                    // By events: of those with several lines, one and a half are one.
                    self.events(kind, (limit * 3 / 2).max(limit + 1), Some(next))
                };
                // What was answered in this turn isn't asked for again.
                match self.trail.take_aside(page.token.as_ref()) {
                    Some((ask, window)) => {
                        let on = self.read_on(read, &ask, window);
                        outcome.patches.extend(on.patches);
                        (outcome.page, outcome.later) = (on.page, on.later);
                    }
                    None => outcome.page = Some(page),
                }
            }
        }
        outcome
    }
}
