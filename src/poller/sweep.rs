//! Reading all that the service hands out.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::{Missing, Patch};

use super::border::Borders;
use super::complete::Closing;
use super::empties::EMPTY_PAGES;
use super::fit::{as_slots, fit};
use super::held::{Slot, is_subsequence, lines_of};
use super::limits::opens;
use super::place::{INSERTED, STRONG};
use super::probe::{ALIKE, LED, Latest, MOVED, SIZES, TRIED, WORTH_PROBING};
use super::reread::may_be_read;
use super::stitch::{Anchor, Ask, Kind, LAST_SWEEPS, Outcome, Stitcher, Tokens, Window};
use super::trail::{Cursor, Trail};

/// Windows in a row without a line after which a token is followed from there.
const BLANK: u32 = 3;
/// Pages of one sweep after which tokens are taken to lead nowhere.
const PAGES: u32 = 2000;
/// Equal pages of a log of equal lines after which their tokens are taken to
/// lead nowhere, though each is another one. No log has so many in earnest.
const EQUAL: usize = 100;
/// So many lines tell how a window begins.
const OPENING: usize = 8;
/// Equal pages that are read in one turn.
const AT_ONCE: usize = 8;
/// A page of so many lines reaches further back than a replica lags.
const TRUSTED: usize = 1000;
/// So many sweeps in a row at the end must say that a line is held twice.
const AGREED: u32 = 3;
/// So many lengths that the log had are remembered.
const LENGTHS: usize = 16;

/// What a sweep has read so far.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    lines: Vec<Vec<u8>>,
    /// It reconciles the log at its end, and all of it was read there.
    pub(super) last: bool,
    /// The first window was as large as can be.
    pub(super) full: bool,
    /// The first window begins with the agent's first words, and there is none before.
    whole: bool,
    /// What leads on.
    token: Option<String>,
    /// How many events the first window had.
    events: usize,
    /// The first window came without a token.
    pub(super) bare: bool,
    /// How many lines the first window had.
    first: usize,
    /// Tokens that led to pages which look like it.
    seen: Vec<String>,
    /// How many pages looked like it where tokens are known to lead on.
    again: usize,
    pages: u32,
    /// Empty pages in a row.
    empty: u32,
    /// The latest page was empty, and was asked for once more.
    doubted: bool,
    /// What leads on is another token, that came with an empty page: where
    /// tokens are positions, a replica that lags leads back to its own end.
    astray: bool,
    /// Tokens that were followed: what leads to one of them leads back.
    followed: HashSet<String>,
    /// Where its pages with lines began.
    trail: Trail,
}

impl Stitcher {
    /// The first window of a sweep.
    pub(super) fn began(&mut self, ask: &Ask, window: Window) -> Outcome {
        if ask.kind == Kind::Full {
            self.sweep = Sweep { last: self.ending.last, ..Sweep::default() };
        }
        let events = window.events;
        if window.lines.is_empty() {
            // A log that isn't there yet is empty, and so is an answer that
            // lost its lines. Its token would lead past those.
            self.blank += 1;
            if !self.is_empty() || window.token.is_some() && self.blank < BLANK {
                self.resync = !self.is_empty();
                self.ending.sweeps += u32::from(self.sweep.last && self.blank > BLANK);
                return Outcome::default();
            }
        }
        self.blank = 0;
        if ask.token.is_none() {
            self.slid(&window);
        }
        // Newest lines that reach back to the agent's first are all, and so are any lines from
        // those to its last.
        let most = (ask.limit as usize).min(self.cap());
        let said = || window.lines.iter().map(Vec::as_slice);
        let all = window.lines.first().is_some_and(|line| opens(line))
            && (self.anchor == Some(Anchor::Tail) || Closing::of(said()) == Closing::Closed);
        self.sweep.full = !all && window.is_full(most);
        self.sweep.whole = all;
        if ask.token.is_none() {
            self.limits.heavy = window.is_heavy();
        }
        if self.learning.lengths.last() != Some(&events) {
            self.learning
                .lengths
                .drain(..(self.learning.lengths.len() + 1).saturating_sub(LENGTHS));
            self.learning.lengths.push(events);
        }
        if ask.token.is_none() && !(self.ending.last && self.limits.stuck.0 == events) {
            let turns = if self.limits.stuck.0 == events { self.limits.stuck.1 + 1 } else { 0 };
            self.limits.stuck = (events, turns);
        }
        self.sweep.first = window.lines.len();
        self.sweep.events = events;
        self.sweep.bare = window.token.is_none();
        self.sweep.lines = window.lines;
        if std::mem::take(&mut self.learning.equal) {
            self.learning.equal = self.is_uniform(&[]);
            if !self.learning.equal {
                // Now there is something to judge them by.
                self.tokens = Tokens::Untried;
            }
        }
        self.learning.latest = Latest {
            lines: vec![],
            events,
            full: self.sweep.full,
            whole: self.sweep.whole,
            token: window.token.clone(),
            young: self.is_young(),
            uniform: self.is_uniform(&[]),
        };
        if self.anchor.is_none() || self.tokens == Tokens::Untried {
            self.learning.latest.lines.clone_from(&self.sweep.lines);
        }
        self.sweep.token = window.token.filter(|_| self.tokens != Tokens::Useless);
        self.sweep.trail.restart(Some(Cursor { token: ask.token.clone(), base: 0 }));
        self.on()
    }

    /// Begins a sweep with the latest window, if that is all that is held: its token is known
    /// now to lead on.
    pub(super) fn resume(&mut self) -> bool {
        let Latest { lines, events, full, token, .. } = &self.learning.latest;
        let all = self.held.lines_after(0).eq(lines.iter().map(Vec::as_slice));
        let resumes = all && !lines.is_empty() && token.is_some();
        if resumes {
            self.sweep = Sweep {
                lines: lines.clone(),
                first: lines.len(),
                full: *full,
                events: *events,
                token: token.clone(),
                ..Sweep::default()
            };
        }
        resumes
    }

    /// Learns how many events a window has at most, where nobody tells: as many
    /// as the one before, which began otherwise.
    fn slid(&mut self, window: &Window) {
        let alone = window.token.is_none() || self.tokens == Tokens::Useless;
        let slid = self.anchor != Some(Anchor::Head)
            && alone
            && window.events == self.limits.stuck.0
            && window.events > 1
            && !window.lines.starts_with(&self.limits.opening);
        // Lines that came late before the first move it as well, but not out of sight.
        let moved = |nth: usize| {
            let rest = window.lines.get(nth..).unwrap_or_default();
            !self.limits.opening.is_empty() && rest.starts_with(&self.limits.opening)
        };
        let slid_by_late = (1..=INSERTED).any(moved);
        if self.anchor.is_none() && (slid && !slid_by_late || alone && self.begins_later(window)) {
            self.is_newer();
        }
        self.limits.beheaded &= window.events <= self.limits.stuck.0;
        self.limits.beheaded |= slid && self.limits.origin.0 >= window.events;
        // Of a longer log each window has as many, or they are short by chance.
        let long = self.held.len() > 2 * self.cap();
        if window.events > self.cap() || long && window.events < self.cap() {
            self.limits.cap = None;
        } else if slid && self.anchor == Some(Anchor::Tail) {
            self.limits.cap = Some(window.events);
        }
        // One that is longer than the first and begins as that did reaches back.
        let longer = window.events > self.limits.origin.0;
        self.limits.partial &= !(longer && self.begins_as_ever(window));
        self.limits.opening = window.lines.iter().take(OPENING).cloned().collect();
    }

    /// Whether a window begins with the first line that is held, and that was the first one
    /// from the beginning.
    fn begins_as_ever(&self, window: &Window) -> bool {
        let first = self.limits.first.as_deref();
        let held = self.held.lines_after(0).next();
        first.is_some() && held == first && window.lines.first().map(Vec::as_slice) == first
    }

    /// Whether a window begins so far on from the first line that is held that what stands
    /// before can't have come late.
    fn begins_later(&self, window: &Window) -> bool {
        let lines = &window.lines;
        let mut near = lines.iter().take(SIZES).enumerate();
        let first = near.find_map(|(nth, line)| Some((nth, line, self.held.only(line)?)));
        first.is_some_and(|(nth, line, at)| {
            at >= nth + MOVED && lines.iter().filter(|other| *other == line).count() == 1
        })
    }

    /// Whether a log has so few lines yet that a replica that lags can look like
    /// anything: what is learnt from it would be chance.
    fn is_young(&self) -> bool {
        let few = !self.sweep.full && self.sweep.events < WORTH_PROBING;
        few && !self.sweep.lines.is_empty() && !self.sweep.last
    }

    /// A further page.
    pub(super) fn more(&mut self, ask: &Ask, window: Window) -> Outcome {
        let again = window.token == ask.token;
        self.sweep.pages += 1;
        if window.lines.is_empty() {
            let next = window.token;
            if !again && !std::mem::replace(&mut self.sweep.doubted, true) {
                // A page that leads on may have lost its lines on the way.
                return Outcome::again(ask.clone());
            }
            self.sweep.empty += 1;
            // Empty pages can come before the end. The same token again means the end,
            // but at the end of the build that is asked twice.
            let most = if again { 1 + u32::from(self.ending.last) } else { EMPTY_PAGES };
            if !again && !self.sweep.lines.is_empty() {
                self.sweep.astray = true;
                self.sweep.followed.extend(ask.token.clone());
                if next.as_ref().is_some_and(|next| self.sweep.followed.contains(next)) {
                    return self.swept(false);
                }
            }
            self.sweep.token = next.filter(|_| self.sweep.empty < most);
            let on = if self.sweep.token.is_some() { self.on() } else { self.swept(true) };
            return Outcome { later: again, ..on };
        }
        self.sweep.empty = 0;
        self.sweep.doubted = false;
        if self.sweep.lines.is_empty() {
            // Only empty pages came before: whatever their token did, this is
            // where the log begins.
            let token = window.token.filter(|_| !again);
            return self.began(ask, Window { token, ..window });
        }
        if self.tokens == Tokens::Untried && self.sweep.last && self.is_known(&window.lines) {
            self.tokens = Tokens::Useless;
            return self.swept(false);
        }
        if self.anchor.is_none() && self.sweep.events > 1 && !self.is_uniform(&[]) {
            // There is more, older or newer.
            return self.swept(false);
        }
        let next = window.token;
        if self.sweep.astray {
            // Lines that were read aren't taken again. What is new will be read
            // from where the sweep had come to.
            let back = next.as_ref().is_some_and(|next| self.sweep.followed.contains(next));
            let older = self.anchor == Some(Anchor::Tail);
            if back || may_be_read(&self.sweep.lines, &window.lines, older) {
                return self.swept(false);
            }
        }
        self.sweep.astray = false;
        self.sweep.followed.extend(ask.token.clone());
        if again
            && self.sweep.pages == 1
            && !self.is_uniform(&[])
            && self.is_like_the_first(&window.lines)
        {
            // What was learnt of tokens was chance.
            self.tokens = Tokens::Untried;
        }
        let mut later = false;
        if self.tokens != Tokens::Useful {
            // A service that ignores tokens can serve another one each time, so
            // that a page that looks like the first isn't taken for the next.
            // Of equal lines all pages look alike; those are followed a while.
            let older = self.anchor == Some(Anchor::Tail);
            let alike = self.is_like_the_first(&window.lines)
                || may_be_read(&self.sweep.lines, &window.lines, older);
            let seen = next.as_ref().is_some_and(|next| again || self.sweep.seen.contains(next));
            let equal = alike && self.is_uniform(&window.lines);
            let most = if self.sweep.events == 1 { ALIKE } else { EQUAL };
            if alike && (seen || !equal || self.sweep.seen.len() >= most) {
                if seen || equal {
                    self.tokens = Tokens::Useless;
                }
                self.learning.equal = equal && !seen;
                self.forget_pages();
                return self.swept(false);
            }
            self.sweep.seen.extend(ask.token.clone());
            if !alike {
                self.tokens = Tokens::Useful;
            }
            later = alike && self.sweep.seen.len().is_multiple_of(AT_ONCE);
        } else if self.is_first_again(&window.lines) {
            // What was taken for a further page may have been this one, of a
            // replica that lags; but a log that repeats itself has such pages.
            self.sweep.again += 1;
            if self.learning.led < LED || self.sweep.again >= self.most_again() {
                let known = self.learning.led >= LED;
                self.tokens = if known { Tokens::Useless } else { Tokens::Untried };
                self.forget_pages();
                return self.swept(false);
            }
        }
        if self.anchor == Some(Anchor::Tail) {
            let newer = std::mem::replace(&mut self.sweep.lines, window.lines);
            self.sweep.lines.extend(newer);
        } else {
            let base = self.sweep.lines.len();
            self.sweep.lines.extend(window.lines);
            let page = Cursor { token: ask.token.clone(), base };
            self.sweep.trail.go(page, self.sweep.lines.len());
        }
        if self.sweep.pages >= PAGES {
            self.tokens = Tokens::Useless;
            return self.swept(false);
        }
        self.sweep.token = next.filter(|_| !again);
        let on = if self.sweep.token.is_some() { self.on() } else { self.swept(true) };
        Outcome { later, ..on }
    }

    /// Whether a page is the start or the end of what was read, and no other's: its token is
    /// ignored.
    fn is_known(&self, page: &[Vec<u8>]) -> bool {
        let lines = &self.sweep.lines;
        let once = |line| lines.iter().filter(|other| *other == line).take(2).count() == 1;
        let same = lines.starts_with(page) || lines.ends_with(page);
        self.has_agent() && same && page.len() >= TRIED && page.iter().any(once)
    }

    /// How many pages that look like the first show that tokens lead to nothing
    /// else: of long ones, of which not all lines stand there twice, a few.
    fn most_again(&self) -> usize {
        let first = self.sweep.lines.get(self.first_page()).unwrap_or_default();
        let once = |line| first.iter().filter(|other| *other == line).take(2).count() == 1;
        let long = first.len() >= EQUAL && first.iter().take(SIZES).any(once);
        if long { ALIKE } else { EQUAL }
    }

    /// Keeps only the first page of a sweep.
    fn forget_pages(&mut self) {
        let Range { start, end } = self.first_page();
        self.sweep.lines.truncate(end);
        self.sweep.lines.drain(..start);
    }

    /// Where the first page is among the lines of a sweep.
    fn first_page(&self) -> Range<usize> {
        let Sweep { lines, first, .. } = &self.sweep;
        match self.anchor {
            Some(Anchor::Tail) => lines.len() - first..lines.len(),
            _ => 0..*first,
        }
    }

    /// Whether a page is the first one again, or what that has become since.
    fn is_first_again(&self, page: &[Vec<u8>]) -> bool {
        let first = self.sweep.lines.get(self.first_page()).unwrap_or_default();
        let differ = page.iter().any(|line| Some(line) != page.first());
        differ && (page.starts_with(first) || first.starts_with(page))
    }

    /// Whether a page may be the first one, or what it has become since, or
    /// what it was: then half of the one is half of the other.
    fn is_like_the_first(&self, page: &[Vec<u8>]) -> bool {
        let first = self.sweep.lines.get(self.first_page()).unwrap_or_default();
        let overlaps = |a: &[Vec<u8>], b: &[Vec<u8>]| {
            (0..=a.len() / 2).any(|skip| {
                let rest = a.get(skip..).unwrap_or_default();
                let common = rest.len().min(b.len());
                common > 0 && rest.get(..common) == b.get(..common)
            })
        };
        // Lines that came late, or aren't there yet.
        let within = |a: &[Vec<u8>], b: &[Vec<u8>]| {
            let near = b.len() <= a.len() * 4;
            near && is_subsequence(a.iter().map(Vec::as_slice), b.iter().map(Vec::as_slice))
        };
        let known = within(first, page) || within(page, first);
        known || overlaps(first, page) || overlaps(page, first)
    }

    /// Goes on with the token there is, or ends the sweep.
    pub(super) fn on(&mut self) -> Outcome {
        if self.sweep.whole {
            return self.swept(true);
        }
        // Without knowing which way it leads, a token is of no use; but every
        // way is the same before the first line, and among equal ones. Of one
        // event there is no less to ask for: where it leads may show.
        let useful = self.tokens == Tokens::Useful;
        let known = self.anchor.is_some() || self.sweep.lines.is_empty();
        let known = known || (self.sweep.events == 1) || self.is_uniform(&[]);
        // At the end it may show that there is no more.
        let last = self.sweep.last && !self.sweep.full;
        // Where windows reach back to the start there is nothing older to be had.
        let all = self.reaches_back() && !self.sweep.full;
        let known = useful || last || known && !self.is_young() && !all;
        // Where tokens lead on, the page without one is the last.
        let end = useful && self.sweep.token.is_none() || self.learning.tells && self.sweep.bare;
        match self.sweep.token.clone().filter(|_| known && self.tokens != Tokens::Useless) {
            Some(token) => {
                let size = match self.tokens {
                    // It may lead back to the same.
                    Tokens::Untried if last && !self.is_uniform(&[]) => Some(TRIED),
                    _ => self.ahead(self.sweep.lines.len()),
                };
                let size = size.unwrap_or(self.limits.largest as usize);
                Outcome::page(self.request(Kind::More, size, Some(token)))
            }
            None => self.swept(end),
        }
    }

    /// Whether all that was read, and these, are one and the same line.
    pub(super) fn is_uniform(&self, more: &[Vec<u8>]) -> bool {
        let first = self.sweep.lines.first();
        self.sweep.lines.iter().chain(more).all(|line| Some(line) == first)
    }

    /// Everything is read; `chained` tells that tokens led to the very end.
    pub(super) fn swept(&mut self, chained: bool) -> Outcome {
        let sweep = std::mem::take(&mut self.sweep);
        let lines = sweep.lines;
        let head = self.anchor == Some(Anchor::Head);
        if chained && !sweep.seen.is_empty() {
            self.tokens = Tokens::Useful;
        }
        // A token was served that can't be followed yet.
        let open = sweep.token.is_some() && self.tokens != Tokens::Useless && !chained;
        self.resync = false;
        self.widen = None;
        self.pulse.news = false;
        // An empty page at the end proves nothing yet of the token; following does.
        let leads = chained || self.tokens == Tokens::Useful;
        let leads = head && leads && self.tokens != Tokens::Useless;
        self.trail = if leads { sweep.trail } else { Trail::default() };
        self.ending.sweeps += u32::from(sweep.last);
        self.ending.lines = lines.len();
        // A replica that led back will have caught up by the next sweep.
        let again = sweep.astray && self.ending.sweeps < LAST_SWEEPS;
        let unread = open && sweep.last && self.ending.sweeps >= LAST_SWEEPS;
        let newest = self.anchor == Some(Anchor::Tail);
        let part = sweep.full || unread && newest;
        let whole = head || chained || !part;
        self.limits.cut = !again && (head && sweep.full && !chained && !open || unread && !newest);
        // Of a replica that lags, a page begins further back than it should,
        // where nothing shows it but another sweep.
        let seam = lines.len().saturating_sub(sweep.first);
        let doubtful = newest && seam > 0 && sweep.first < TRUSTED && seam >= self.held.len();
        if self.is_empty() && !chained {
            self.limits.origin = (sweep.events, self.limits.heavy);
            self.limits.first = lines.first().cloned();
        }
        let begins = self.held.slots().first().zip(lines.first());
        self.limits.partial |=
            !head && seam == 0 && begins.is_some_and(|(held, line)| !held.is(line));
        // What has no place yet may meet it.
        let sure = head || chained;
        if sure {
            self.adrift.clear();
        }
        let joined = self.join_adrift(lines.clone());
        let merged = if self.is_empty() {
            let gap = (!whole && !lines.is_empty()).then_some(Missing::Unknown);
            Some(self.held.splice(0, gap, &lines))
        } else if self.doubt.is_some() && !head && !chained && self.is_ignorant() {
            // What contradicts what is held is settled first.
            Some(Patch::default())
        } else if whole {
            self.merge_whole(&joined, sure)
        } else {
            self.floating(&joined, STRONG)
        };
        let placed = merged.is_some();
        let mut earlier = vec![];
        let patch = match merged {
            Some(patch) => patch,
            None if self.resync || (!self.ending.last && self.is_inside(&lines)) => {
                Patch::default()
            }
            // Shown now it might have to be taken back.
            None if self.anchor.is_none() && self.is_ignorant() => Patch::default(),
            None => {
                earlier = self.give_up_earlier(&joined);
                self.give_up(&joined)
            }
        };
        if !placed && patch.is_empty() {
            self.keep_adrift(joined);
            self.pulse.blind();
        }
        let mut outcome = Outcome::patch(patch);
        outcome.patches.splice(0..0, earlier);
        // Once the build is over it is read again in any case, and of a log that goes on so
        // fast, each sweep would be in doubt.
        let again = !self.over && !self.pulse.is_half_spent();
        self.resync |= doubtful && again && !outcome.patches.is_empty();
        let shown = self.held.common(0, &lines) == lines.len();
        if !shown {
            self.trail.restart(None);
        }
        // Windows that don't reach back to the start show the end.
        let end = self.held.len().saturating_sub(lines.len());
        let last = end > 0 && !lines.is_empty() && self.held.common(end, &lines) == lines.len();
        let newest_part = newest && last && fit(&self.held, &lines, STRONG).is_some();
        // In the end it begins after the first line, and had as many events when it didn't.
        let moved = last && sweep.last && !sure && !open && !self.has_agent();
        let moved = moved && sweep.events == self.limits.origin.0;
        self.ending.confirmed = match whole {
            true => newest_part || shown && self.held.len() == lines.len(),
            false => !self.resync,
        };
        let learning = self.is_ignorant() && (sweep.full || self.doubt.is_some());
        self.ending.confirmed &= !open && !learning;
        if whole {
            self.seen = (shown && !open && !again).then_some(0);
        }
        let beheaded = newest && std::mem::take(&mut self.limits.beheaded) || moved;
        // Nothing has told which end of the log this is.
        let end = sweep.last && self.ending.sweeps >= LAST_SWEEPS;
        let unknown = end && sweep.full && self.anchor.is_none() && !self.learning.latest.uniform;
        self.limits.cut |= unknown;
        let either = unknown || unread && self.anchor != Some(Anchor::Head);
        // Windows that don't reach back to where the log is said to begin.
        let opened = !(newest && self.limits.partial && self.short_of() == Some(Anchor::Tail));
        if (beheaded || either || !opened) && !self.held.is_headless() && !self.is_empty() {
            // What is older was never read.
            outcome.patches.push(self.held.behead(Missing::Unknown));
            self.seen = None;
        }
        outcome
    }

    /// Merges what may be the whole log; `sure` tells that it begins with the
    /// first line.
    pub(super) fn merge_whole(&mut self, lines: &[Vec<u8>], sure: bool) -> Option<Patch> {
        let doubt = if sure { self.doubt.take() } else { None };
        // The first lines, and no token leads on from them.
        let Latest { full, token, .. } = &self.learning.latest;
        let alone = self.tokens == Tokens::Useless || token.is_none();
        let first = self.anchor == Some(Anchor::Head) && alone;
        if first && *full && self.held.is_headless() {
            // Only while that wasn't known yet could something come before.
            return Some(self.held.rewrite(0, as_slots(lines)));
        }
        let new = || lines.iter().map(Vec::as_slice);
        if is_subsequence(self.held.lines_after(0), new()) {
            return Some(self.grow(0, lines));
        }
        if is_subsequence(new(), self.held.lines_after(0)) {
            let doubled = sure && self.ending.last && self.is_doubled(lines);
            if doubled && self.ending.sweeps >= AGREED && doubt.is_some_and(|other| other == lines)
            {
                return Some(self.held.rewrite(0, as_slots(lines)));
            }
            if doubled {
                self.doubt = Some(lines.to_vec());
            }
            return Some(Patch::default());
        }
        if !sure {
            return self.floating(lines, STRONG);
        }
        if let Some(patch) = first.then(|| self.pushed_out(lines)).flatten() {
            return Some(patch);
        }
        // One sweep against all that is held proves little; two that agree
        // are right: tokens that are positions lead astray when lines are
        // inserted before them, and then a line is held twice.
        if doubt.is_some_and(|earlier| is_subsequence(earlier.iter().map(Vec::as_slice), new())) {
            return Some(self.grow(0, lines));
        }
        // Or what windows are, and where tokens lead, was learnt by chance.
        self.forget();
        self.doubt = Some(lines.to_vec());
        self.resync = true;
        None
    }

    /// Whether what is held beyond these lines, which are among it, is only what
    /// they hold as well: lines that were put where they don't belong.
    fn is_doubled(&self, lines: &[Vec<u8>]) -> bool {
        let all: HashSet<&[u8]> = lines.iter().map(Vec::as_slice).collect();
        let mut known = lines.iter().peekable();
        let mut more =
            self.held.lines_after(0).filter(|line| known.next_if(|own| own == line).is_none());
        self.held.len() > lines.len() && more.all(|line| all.contains(line))
    }

    /// Merges a window of the first lines in which late ones have taken the place
    /// of the last; before those more are late that no window shows, unless the window ends
    /// with the line that stood right before them.
    fn pushed_out(&mut self, lines: &[Vec<u8>]) -> Option<Patch> {
        let end = self.held.end();
        let late = (1..=INSERTED.min(end)).find(|late| {
            let known = lines_of(self.held.part(0..end - late));
            is_subsequence(known, lines.iter().map(Vec::as_slice))
        })?;
        let rest = self.held.from(end - late).to_vec();
        let at = lines.last().and_then(|line| self.held.only(line));
        let adjacent = at.is_some_and(|at| at + late + 1 == end);
        let gap = if adjacent { vec![] } else { vec![Slot::Gap(Missing::Unknown)] };
        Some(self.held.rewrite(0, [as_slots(lines), gap, rest].concat()))
    }

    /// Whether these lines stand in the last run of what is held.
    pub(super) fn is_inside(&self, lines: &[Vec<u8>]) -> bool {
        let known = self.held.part(self.held.run()..self.held.end());
        let borders = Borders::of(lines.iter().map(Vec::as_slice).collect());
        borders.count(lines_of(known), 1) > 0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// In a log that goes round it may be any round: a pace of no lines a second would make it
    /// wait where windows are small.
    #[test]
    fn a_window_without_a_place_does_not_tell_that_nothing_is_new() {
        let lines: Vec<Vec<u8>> = (0..57).map(|n| format!("step {}", n % 19).into()).collect();
        let mut stitcher = Stitcher { anchor: Some(Anchor::Tail), ..Stitcher::with_largest(57) };
        for turn in 0..3 {
            stitcher.resync = true;
            let ask = stitcher.ask(false, Duration::from_secs(turn * 3));
            assert!(stitcher.pulse.is_unknown(), "turn {turn}");
            stitcher.receive(&ask, Window { events: 57, lines: lines.clone(), token: None });
            assert_eq!(stitcher.lines(), 57);
        }
    }
}
