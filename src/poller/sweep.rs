//! Reading all that the service hands out.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::{Missing, Patch};

use super::held::is_subsequence;
use super::place::{Place, STRONG, overlap, place};
use super::reread::may_be_read;
use super::stitch::{
    Anchor, Ask, Cursor, Kind, LAST_SWEEPS, Outcome, Stitcher, Tokens, Window, is_agent,
};

/// Empty pages in a row after which there is no more to come.
const EMPTY_PAGES: u32 = 3;
/// Windows in a row without a line after which a token is followed from there.
const BLANK: u32 = 3;
/// Pages of one sweep after which tokens are taken to lead nowhere.
const PAGES: u32 = 2000;
/// Probes after which nothing is to be learnt.
const PROBES: u32 = 12;
/// Equal pages of a log of equal lines after which their tokens are taken to
/// lead nowhere, though each is another one. No log has so many in earnest.
const EQUAL: usize = 100;
/// Tokens of one probe that are tried, and pages of a single event that are
/// followed, where all of them are alike.
const ALIKE: usize = 4;
/// Probes that showed neither the first lines nor the last, after which they
/// are taken to show newer ones.
const NEWER: u32 = 2;
/// Probes whose token led to the next page, after which they are taken to lead
/// on: in a log that repeats itself, with a replica that lags, once is chance.
const LED: u32 = 2;
/// Probes whose token led to the same page again, after which tokens are taken
/// to be ignored.
const IGNORED: u32 = 2;
/// So many lines tell how a window begins.
const OPENING: usize = 8;
/// Equal pages that are read in one turn.
const AT_ONCE: usize = 8;
/// A page of so many lines reaches further back than a replica lags.
const TRUSTED: usize = 1000;
/// So many sizes are tried for a probe that tells all there is to be told.
const SIZES: usize = 64;
/// A log of fewer lines is cheap enough to be read whole.
const WORTH_PROBING: usize = 12;

/// A probe under way.
#[derive(Debug)]
pub(super) struct Probing {
    /// How many events the probe has.
    size: usize,
    /// The lines of the window that it is compared with.
    window: Vec<Vec<u8>>,
    /// Its own lines.
    own: Vec<Vec<u8>>,
    /// The tokens that were tried.
    tokens: Vec<String>,
    /// The page that a token led to was empty, and is asked for once more.
    doubted: bool,
    /// It isn't part of a sweep.
    pub(super) alone: bool,
}

impl Probing {
    /// Whether a token leads on, by the page that it led to: `None` where both
    /// readings fit, or neither does.
    fn leads(&self, anchor: Anchor, page: &[Vec<u8>]) -> Option<bool> {
        let (window, own) = (&self.window, self.own.len());
        let head = |from: usize| {
            let lines = window.get(from..).unwrap_or_default();
            !lines.is_empty() && lines.iter().zip(page).all(|(a, b)| a == b)
        };
        let tail = |less: usize| {
            let lines = window.get(..window.len().saturating_sub(less)).unwrap_or_default();
            !lines.is_empty() && lines.iter().rev().zip(page.iter().rev()).all(|(a, b)| a == b)
        };
        let (on, again) = match anchor {
            Anchor::Head => (head(own), head(0)),
            // The newest lines may have moved on between the two.
            Anchor::Tail if !window.ends_with(&self.own) => return None,
            Anchor::Tail => (tail(own), tail(0)),
        };
        (on != again).then_some(on)
    }

    /// Whether a page is no other place's by chance: a line of it stands in the
    /// window once.
    fn is_sure(&self, page: &[Vec<u8>]) -> bool {
        let count = |line| self.window.iter().filter(|other| *other == line).take(2).count();
        page.iter().take(SIZES).any(|line| count(line) == 1)
    }
}

/// What a sweep has read so far.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    lines: Vec<Vec<u8>>,
    /// It reconciles the log at its end, and all of it was read there.
    pub(super) last: bool,
    /// The first window was as large as can be.
    full: bool,
    /// What leads on.
    token: Option<String>,
    /// How many events the first window had.
    events: usize,
    /// The first window came without a token.
    bare: bool,
    /// How many lines the first window had.
    first: usize,
    /// Tokens that led to pages which look like it.
    seen: Vec<String>,
    pages: u32,
    /// Empty pages in a row.
    empty: u32,
    /// The latest page was empty, and is asked for once more.
    doubted: bool,
    /// What leads on is another token, that came with an empty page: where
    /// tokens are positions, a replica that lags leads back to its own end.
    astray: bool,
    /// Tokens that were followed: what leads to one of them leads back.
    followed: HashSet<String>,
    /// Where the last page with lines began.
    cursor: Option<Cursor>,
}

/// How many events make a probe: their lines must tell the start of the window
/// from its end. One of them should stand nowhere else, and the lines next to
/// them should differ, by which a token is judged. Those that will do take
/// turns, for one may tell what another doesn't.
fn probe(lines: &[Vec<u8>], events: usize, turn: usize) -> Option<usize> {
    let count = |line| lines.iter().filter(|other| *other == line).count();
    let unique = lines.iter().take(events / 2).position(|line| count(line) == 1);
    let first = |size: usize| lines.get(..size).unwrap_or_default();
    let second = |size: usize| lines.get(size..size * 2).unwrap_or_default();
    let differs = |size: &usize| !lines.ends_with(first(*size));
    let tells = |size: &usize| {
        let end = lines.len().saturating_sub(*size);
        let last = lines.get(end..).unwrap_or_default();
        let before = lines.get(end.saturating_sub(*size)..end).unwrap_or_default();
        first(*size) != second(*size) && last != before
    };
    let least = unique.map_or(1, |nth| (nth + 1).max(2));
    let sizes = || (least..events).filter(differs);
    let good: Vec<usize> = sizes().take(SIZES).filter(tells).collect();
    good.get(turn % good.len().max(1))
        .copied()
        .or_else(|| sizes().next())
        .or_else(|| (1..events).find(differs))
        // Where nothing tells them apart, there is still the token to try.
        .or((events > 1).then_some(1))
}

impl Stitcher {
    /// The first window of a sweep.
    pub(super) fn began(&mut self, ask: &Ask, window: Window) -> Outcome {
        if ask.kind == Kind::Full {
            self.sweep = Sweep { last: self.last, ..Sweep::default() };
        }
        let events = window.events;
        if window.lines.is_empty() {
            // A log that isn't there yet is empty, and so is an answer that
            // lost its lines. Its token would lead past those.
            self.blank += 1;
            if !self.is_empty() || window.token.is_some() && self.blank < BLANK {
                self.resync = !self.is_empty();
                self.last_sweeps += u32::from(self.sweep.last && self.blank > BLANK);
                return Outcome::default();
            }
        }
        self.blank = 0;
        if ask.token.is_none() {
            self.slid(&window);
        }
        // Newest lines that reach back to the agent's first are all.
        let all = self.anchor == Some(Anchor::Tail)
            && window.lines.first().is_some_and(|line| is_agent(line))
            && window.events < ask.limit as usize;
        self.sweep.full = !all && window.is_full(ask.limit.min(self.largest));
        if ask.token.is_none() {
            self.heavy = window.is_heavy();
        }
        if ask.token.is_none() && !(self.last && self.stuck.0 == events) {
            let turns = if self.stuck.0 == events { self.stuck.1 + 1 } else { 0 };
            self.stuck = (events, turns);
        }
        self.sweep.first = window.lines.len();
        self.sweep.events = events;
        self.sweep.bare = window.token.is_none();
        self.sweep.lines = window.lines;
        if std::mem::take(&mut self.equal) {
            self.equal = self.is_uniform(&[]);
            if !self.equal {
                // Now there is something to judge them by.
                self.tokens = Tokens::Untried;
            }
        }
        self.sweep.token = window.token.filter(|_| self.tokens != Tokens::Useless);
        self.sweep.cursor = Some(Cursor { token: ask.token.clone(), base: 0 });
        let more = self.sweep.full || self.sweep.token.is_some();
        let worth = match self.is_uniform(&[]) {
            _ if self.is_young() => false,
            // Of equal lines, only what their tokens do is to be learnt.
            true => more && self.tokens == Tokens::Untried && !self.tells,
            false => more || self.sweep.lines.len() >= WORTH_PROBING,
        };
        let open = self.tokens == Tokens::Untried && self.sweep.token.is_some();
        if (self.anchor.is_none() || open && !self.is_uniform(&[]))
            && worth
            && let Some(ask) = self.probe(self.sweep.lines.clone(), events, false)
        {
            return Outcome::page(ask);
        }
        self.on()
    }

    /// Learns how many events a window has at most, where nobody tells: as many
    /// as the one before, which began otherwise.
    fn slid(&mut self, window: &Window) {
        let alone = window.token.is_none() || self.tokens == Tokens::Useless;
        let slid = self.anchor != Some(Anchor::Head)
            && alone
            && window.events == self.stuck.0
            && window.events > OPENING
            && !window.lines.starts_with(&self.opening);
        self.beheaded |= slid && self.origin.0 >= window.events;
        let newest = self.anchor == Some(Anchor::Tail);
        if slid
            && newest
            && let Ok(events) = u32::try_from(window.events)
        {
            self.largest = self.largest.min(events);
        }
        self.opening = window.lines.iter().take(OPENING).cloned().collect();
    }

    /// Whether a log has so few lines yet that a replica that lags can look like
    /// anything: what is learnt from it would be chance.
    fn is_young(&self) -> bool {
        let few = !self.sweep.full && self.sweep.events < WORTH_PROBING;
        few && !self.sweep.lines.is_empty() && !self.sweep.last
    }

    /// A smaller window than one of these lines and so many events.
    fn probe(&mut self, window: Vec<Vec<u8>>, events: usize, alone: bool) -> Option<Ask> {
        if self.probes >= PROBES {
            return None;
        }
        let size = probe(&window, events, self.probes as usize)?;
        self.probing =
            Some(Probing { size, window, own: vec![], tokens: vec![], doubted: false, alone });
        Some(self.events(Kind::Probe, size, None))
    }

    /// A probe of another size than the one that showed the first lines.
    pub(super) fn second_probe(&mut self) -> Option<Ask> {
        let known = self.head.is_some() && self.anchor.is_none();
        if !known || self.held.end() < self.held.len() {
            return None;
        }
        let held: Vec<Vec<u8>> = self.held.lines_after(0).map(<[u8]>::to_vec).collect();
        let events = (held.len() as f64 / self.per_event) as usize;
        self.probe(held, events, true).filter(|ask| Some(ask.limit) != self.head)
    }

    /// A smaller window, right after the largest.
    pub(super) fn probed(&mut self, ask: &Ask, window: Window) -> Outcome {
        let Some(mut probing) = self.probing.take() else { return Outcome::default() };
        let Window { lines, events, token } = window;
        // Less had a token and all hadn't: so none means that this is all.
        self.tells |= !probing.alone && !lines.is_empty() && token.is_some() && self.sweep.bare;
        let exact = !lines.is_empty() && events == ask.limit as usize;
        let first = probing.window.starts_with(&lines);
        match (first, probing.window.ends_with(&lines)) {
            _ if lines.is_empty() || self.anchor.is_some() => {}
            // A replica that lags may have no more lines than these; it isn't
            // likely to have exactly as many as two probes ask for.
            (true, false) if exact => match self.head {
                Some(size) if size != ask.limit => self.anchor = Some(Anchor::Head),
                _ => self.head = Some(ask.limit),
            },
            // Lines may have come late before it since.
            (false, _) if probing.alone => self.head = None,
            // A short page of the newest lines.
            (false, true) => self.anchor = Some(Anchor::Tail),
            // Or newer ones than the window had; lines that came late before
            // the first ones look the same, once.
            (false, false) if exact => {
                self.newer += 1;
                if self.newer >= NEWER {
                    self.anchor = Some(Anchor::Tail);
                }
            }
            _ => {}
        }
        let tell = !lines.is_empty() && self.tokens == Tokens::Untried;
        let tell = tell && (exact || first && self.anchor != Some(Anchor::Tail));
        match token.filter(|_| tell) {
            Some(token) => {
                probing.own = lines;
                self.attempt(probing, token)
            }
            None => self.learnt(probing.alone),
        }
    }

    /// Asks for the page that a probe's token leads to.
    fn attempt(&mut self, mut probing: Probing, token: String) -> Outcome {
        let page = self.events(Kind::Try, probing.size, Some(token.clone()));
        probing.tokens.push(token);
        self.probing = Some(probing);
        Outcome::page(page)
    }

    /// The page after a probe.
    ///
    /// Another page means that the token leads on. Where pages look alike,
    /// only the tokens tell: one that was sent leads nowhere.
    pub(super) fn tried(&mut self, window: Window) -> Outcome {
        let Some(probing) = self.probing.take() else { return Outcome::default() };
        let Window { lines, token, .. } = window;
        if lines.is_empty() {
            // It may have lost its lines on the way: once more.
            return match probing.tokens.last().cloned() {
                Some(token) if !probing.doubted => {
                    let page = self.events(Kind::Try, probing.size, Some(token));
                    self.probing = Some(Probing { doubted: true, ..probing });
                    Outcome::page(page)
                }
                _ => self.learnt(probing.alone),
            };
        }
        let own = &probing.own;
        let alike = lines.starts_with(own) || own.starts_with(&lines);
        // What leads from the first lines to the next begins with the first.
        let first = self.anchor.is_none() && probing.window.starts_with(own);
        let anchor = if first { Some(Anchor::Head) } else { self.anchor };
        match anchor.and_then(|anchor| probing.leads(anchor, &lines)) {
            Some(true) => {
                self.led += if probing.is_sure(&lines) { LED } else { 1 };
                if self.led >= LED {
                    self.anchor = anchor;
                    self.tokens = Tokens::Useful;
                }
            }
            Some(false) if !token.as_ref().is_some_and(|token| probing.tokens.contains(token)) => {
                self.ignored += 1;
                if self.ignored >= IGNORED {
                    self.tokens = Tokens::Useless;
                }
            }
            Some(false) => self.tokens = Tokens::Useless,
            None => match token {
                Some(token) if alike && probing.tokens.contains(&token) => {
                    self.tokens = Tokens::Useless;
                }
                Some(token) if alike && probing.tokens.len() < ALIKE => {
                    return self.attempt(probing, token);
                }
                _ => {}
            },
        }
        self.learnt(probing.alone)
    }

    /// Goes on after a probe with what it told.
    pub(super) fn learnt(&mut self, alone: bool) -> Outcome {
        // One that was lost on the way doesn't count.
        self.probes += 1;
        if alone {
            return Outcome::default();
        }
        let nothing = self.anchor.is_none() && !self.is_uniform(&[]);
        if self.sweep.full && nothing && self.probes < PROBES {
            // Shown now it might have to be taken back.
            self.sweep = Sweep::default();
            self.resync = true;
            return Outcome::default();
        }
        self.on()
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
            self.sweep.doubted = false;
            self.sweep.empty += 1;
            // Empty pages can come before the end. The same token again means
            // the end, but at the end of the build that is asked twice.
            let most = if again && !self.last { 1 } else { EMPTY_PAGES };
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
                self.equal = equal && !seen;
                self.forget_pages();
                return self.swept(false);
            }
            self.sweep.seen.extend(ask.token.clone());
            if !alike {
                self.tokens = Tokens::Useful;
            }
            later = alike && self.sweep.seen.len().is_multiple_of(AT_ONCE);
        } else if self.led < LED && self.is_first_again(&window.lines) {
            // What was taken for a further page may have been this one, of a
            // replica that lags.
            self.tokens = Tokens::Untried;
            self.forget_pages();
            return self.swept(false);
        }
        if self.anchor == Some(Anchor::Tail) {
            let newer = std::mem::replace(&mut self.sweep.lines, window.lines);
            self.sweep.lines.extend(newer);
        } else {
            let base = self.sweep.lines.len();
            self.sweep.cursor = Some(Cursor { token: ask.token.clone(), base });
            self.sweep.lines.extend(window.lines);
        }
        if self.sweep.pages >= PAGES {
            self.tokens = Tokens::Useless;
            return self.swept(false);
        }
        self.sweep.token = next.filter(|_| !again);
        let on = if self.sweep.token.is_some() { self.on() } else { self.swept(true) };
        Outcome { later, ..on }
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
        // Without knowing which way it leads, a token is of no use; but every
        // way is the same before the first line, and among equal ones. Of one
        // event there is no less to ask for: where it leads may show.
        let useful = self.tokens == Tokens::Useful;
        let known = self.anchor.is_some() || self.sweep.lines.is_empty();
        let known = known || (self.sweep.events == 1) || self.is_uniform(&[]);
        // At the end it may show that there is no more.
        let last = self.sweep.last && !self.sweep.full;
        let known = useful || last || known && !self.is_young();
        // Where tokens lead on, the page without one is the last.
        let end = useful && self.sweep.token.is_none() || self.tells && self.sweep.bare;
        match self.sweep.token.clone().filter(|_| known && self.tokens != Tokens::Useless) {
            Some(token) => {
                Outcome::page(self.request(Kind::More, self.largest as usize, Some(token)))
            }
            None => self.swept(end),
        }
    }

    /// Whether all that was read, and these, are one and the same line.
    fn is_uniform(&self, more: &[Vec<u8>]) -> bool {
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
        let whole = head || chained || !sweep.full;
        self.resync = false;
        self.widen = None;
        self.news = false;
        // An empty page at the end proves nothing yet of the token; following does.
        let leads = chained || self.tokens == Tokens::Useful;
        self.cursor = sweep.cursor.filter(|_| head && leads && self.tokens != Tokens::Useless);
        self.last_sweeps += u32::from(sweep.last);
        // A replica that led back will have caught up by the next sweep.
        let again = sweep.astray && self.last_sweeps < LAST_SWEEPS;
        let unread = open && sweep.last && self.last_sweeps >= LAST_SWEEPS;
        let newest = self.anchor == Some(Anchor::Tail);
        self.cut = !again && (head && sweep.full && !chained && !open || unread && !newest);
        // Of a replica that lags, a page begins further back than it should,
        // where nothing shows it but another sweep.
        let seam = lines.len().saturating_sub(sweep.first);
        let doubtful = newest && seam > 0 && sweep.first < TRUSTED && seam >= self.held.len();
        if self.is_empty() && !chained {
            self.origin = (sweep.events, self.heavy);
        }
        let merged = if self.is_empty() {
            let gap = (!whole && !lines.is_empty()).then_some(Missing::Unknown);
            Some(self.held.splice(0, gap, &lines))
        } else if whole {
            self.merge_whole(&lines, head || chained)
        } else {
            self.floating(&lines, STRONG)
        };
        let patch = match merged {
            Some(patch) => patch,
            None if self.resync || (!self.last && self.is_inside(&lines)) => Patch::default(),
            None => self.give_up(&lines),
        };
        let mut outcome = Outcome::patch(patch);
        self.resync |= doubtful && !sweep.last && !outcome.patches.is_empty();
        let shown = self.held.common(0, &lines) == lines.len();
        if !shown {
            self.cursor = None;
        }
        // Windows that don't reach back to the start show the end.
        let end = self.held.len().saturating_sub(lines.len());
        let newest_part = newest
            && end > 0
            && !lines.is_empty()
            && place(&self.held, &lines, STRONG) == (Place::At { at: end, nth: 0 })
            && self.held.common(end, &lines) == lines.len();
        self.confirmed = match whole {
            true => newest_part || shown && self.held.len() == lines.len(),
            false => !self.resync,
        };
        self.confirmed &= !open;
        if whole {
            self.seen = (shown && !open && !again).then_some(0);
        }
        let beheaded = newest && std::mem::take(&mut self.beheaded);
        if (beheaded || unread && newest) && !self.held.is_headless() && !self.is_empty() {
            // What is older was never read.
            outcome.patches.push(self.held.behead(Missing::Unknown));
            self.seen = None;
        }
        outcome
    }

    /// Merges what may be the whole log; `sure` tells that it begins with the
    /// first line.
    pub(super) fn merge_whole(&mut self, lines: &[Vec<u8>], sure: bool) -> Option<Patch> {
        let doubt = self.doubt.take();
        let new = || lines.iter().map(Vec::as_slice);
        if is_subsequence(self.held.lines_after(0), new()) {
            return Some(self.grow(0, lines));
        }
        if is_subsequence(new(), self.held.lines_after(0)) {
            return Some(Patch::default());
        }
        if !sure {
            return self.floating(lines, STRONG);
        }
        // One sweep against all that is held proves little; two that agree
        // are right: tokens that are positions lead astray when lines are
        // inserted before them, and then a line is held twice.
        if doubt.is_some_and(|earlier| is_subsequence(earlier.iter().map(Vec::as_slice), new())) {
            return Some(self.grow(0, lines));
        }
        self.doubt = Some(lines.to_vec());
        self.resync = true;
        self.cursor = None;
        None
    }

    /// Whether these lines stand in the last run of what is held.
    pub(super) fn is_inside(&self, lines: &[Vec<u8>]) -> bool {
        let known = self.held.from(self.held.run());
        known.windows(lines.len().max(1)).any(|part| {
            part.len() == lines.len() && part.iter().zip(lines).all(|(slot, line)| slot.is(line))
        })
    }

    /// Appends what is new under every reading, after an announced gap.
    fn give_up(&mut self, lines: &[Vec<u8>]) -> Patch {
        let new = lines.get(overlap(&self.held, lines)..).unwrap_or_default();
        if new.is_empty() && (!self.last || self.held.end() < self.held.len()) {
            return Patch::default();
        }
        self.held.splice(self.held.end(), Some(Missing::Unknown), new)
    }
}
