//! Reading all that the service hands out.

use std::collections::HashSet;

use crate::domain::{Missing, Patch};

use super::held::is_subsequence;
use super::place::{STRONG, overlap};
use super::reread::may_be_read;
use super::stitch::{Anchor, Ask, Cursor, Kind, LAST_SWEEPS, Outcome, Stitcher, Tokens, Window};

/// Empty pages in a row after which there is no more to come.
const EMPTY_PAGES: u32 = 3;
/// Windows in a row without a line after which a token is followed from there.
const BLANK: u32 = 3;
/// Pages of one sweep after which tokens are taken to lead nowhere.
const PAGES: u32 = 2000;
/// Probes after which nothing is to be learnt.
const PROBES: u32 = 12;
/// Tokens in a row that all lead to another page, though it looks the same.
const ALIKE: usize = 4;
/// A log of fewer lines is cheap enough to be read whole.
const WORTH_PROBING: usize = 12;

/// A probe under way.
#[derive(Debug)]
pub(super) struct Probing {
    /// How many events the probe has.
    size: usize,
    /// The lines that its lines are compared with: the window's, then its own.
    lines: Vec<Vec<u8>>,
    /// The tokens that were tried.
    tokens: Vec<String>,
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
    /// The first window had one event.
    single: bool,
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
/// from its end. One of them should stand nowhere else.
fn probe(lines: &[Vec<u8>], events: usize) -> Option<usize> {
    let count = |line| lines.iter().filter(|other| *other == line).count();
    let unique = lines.iter().take(events / 2).position(|line| count(line) == 1);
    let differs = |size: &usize| !lines.ends_with(lines.get(..*size).unwrap_or_default());
    let least = unique.map_or(1, |nth| (nth + 1).max(2));
    (least..events)
        .find(differs)
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
                self.last_sweeps += u32::from(self.sweep.last);
                return Outcome::default();
            }
        }
        self.blank = 0;
        self.sweep.full = window.is_full(ask.limit);
        self.sweep.first = window.lines.len();
        self.sweep.single = events == 1;
        self.sweep.bare = window.token.is_none();
        self.sweep.lines = window.lines;
        self.sweep.token = window.token.filter(|_| self.tokens != Tokens::Useless);
        self.sweep.cursor = Some(Cursor { token: ask.token.clone(), base: 0 });
        let more = self.sweep.full || self.sweep.token.is_some();
        let worth = match self.is_uniform(&[]) {
            // Of equal lines, only what their tokens do is to be learnt.
            true => more && self.tokens == Tokens::Untried && !self.tells,
            false => more || self.sweep.lines.len() >= WORTH_PROBING,
        };
        if self.anchor.is_none()
            && worth
            && self.probes < PROBES
            && let Some(size) = probe(&self.sweep.lines, events)
        {
            self.probes += 1;
            let lines = self.sweep.lines.clone();
            self.probing = Some(Probing { size, lines, tokens: vec![] });
            return Outcome::page(self.events(Kind::Probe, size, None));
        }
        self.on()
    }

    /// A smaller window, right after the largest.
    pub(super) fn probed(&mut self, ask: &Ask, window: Window) -> Outcome {
        let Some(mut probing) = self.probing.take() else { return Outcome::default() };
        let Window { lines, events, token } = window;
        // Less had a token and all hadn't: so none means that this is all.
        self.tells |= !lines.is_empty() && token.is_some() && self.sweep.bare;
        let exact = !lines.is_empty() && events == ask.limit as usize;
        match (probing.lines.starts_with(&lines), probing.lines.ends_with(&lines)) {
            _ if lines.is_empty() => {}
            (true, false) => self.anchor = Some(Anchor::Head),
            // A short page of the newest lines.
            (false, true) => self.anchor = Some(Anchor::Tail),
            // Or newer ones than the window had.
            (false, false) if exact => self.anchor = Some(Anchor::Tail),
            _ => {}
        }
        // The newest lines move on between two requests, so that a page that
        // differs proves nothing.
        let tell = exact && self.tokens == Tokens::Untried && self.anchor != Some(Anchor::Tail);
        match token.filter(|_| tell) {
            Some(token) => {
                probing.lines = lines;
                self.attempt(probing, token)
            }
            None => self.learnt(),
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
    /// only the tokens tell: those that lead on are others each time.
    pub(super) fn tried(&mut self, window: Window) -> Outcome {
        let Some(probing) = self.probing.take() else { return Outcome::default() };
        let Window { lines, token, .. } = window;
        if lines.is_empty() {
            return self.learnt();
        }
        let alike = lines.starts_with(&probing.lines) || probing.lines.starts_with(&lines);
        match token {
            _ if !alike && self.anchor.is_some() => self.tokens = Tokens::Useful,
            Some(token) if alike => {
                if probing.tokens.contains(&token) {
                    self.tokens = Tokens::Useless;
                } else if probing.tokens.len() < ALIKE {
                    return self.attempt(probing, token);
                } else {
                    self.tokens = Tokens::Useful;
                }
            }
            _ => {}
        }
        self.learnt()
    }

    /// Goes on after a probe with what it told.
    pub(super) fn learnt(&mut self) -> Outcome {
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
                return Outcome::page(ask.clone());
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
            return if self.sweep.token.is_some() { self.on() } else { self.swept(true) };
        }
        self.sweep.empty = 0;
        self.sweep.doubted = false;
        if self.sweep.lines.is_empty() {
            // Only empty pages came before: whatever their token did, this is
            // where the log begins.
            let token = window.token.filter(|_| !again);
            return self.began(ask, Window { token, ..window });
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
        if self.tokens != Tokens::Useful {
            // In a log that repeats itself all pages look alike; then only the
            // tokens tell: those that lead on are others each time.
            let alike = self.is_like_the_first(&window.lines);
            let seen = next.as_ref().is_some_and(|next| again || self.sweep.seen.contains(next));
            if alike && seen {
                self.tokens = Tokens::Useless;
                let more = self.sweep.lines.len() - self.sweep.first;
                if self.anchor == Some(Anchor::Tail) {
                    self.sweep.lines.drain(..more);
                } else {
                    self.sweep.lines.truncate(self.sweep.first);
                }
                return self.swept(false);
            }
            self.sweep.seen.extend(ask.token.clone());
            // At the end the log stands still: another token is another page.
            if !alike || self.sweep.last || self.sweep.seen.len() >= ALIKE {
                self.tokens = Tokens::Useful;
            }
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
        if self.sweep.token.is_some() { self.on() } else { self.swept(true) }
    }

    /// Whether a page may be the first one, or what it has become since, or
    /// what it was: then half of the one is half of the other.
    fn is_like_the_first(&self, page: &[Vec<u8>]) -> bool {
        let more = self.sweep.lines.len() - self.sweep.first;
        let first = match self.anchor {
            Some(Anchor::Tail) => self.sweep.lines.get(more..),
            _ => self.sweep.lines.get(..self.sweep.first),
        };
        let first = first.unwrap_or_default();
        let overlaps = |a: &[Vec<u8>], b: &[Vec<u8>]| {
            (0..=a.len() / 2).any(|skip| {
                let rest = a.get(skip..).unwrap_or_default();
                let common = rest.len().min(b.len());
                common > 0 && rest.get(..common) == b.get(..common)
            })
        };
        overlaps(first, page) || overlaps(page, first)
    }

    /// Goes on with the token there is, or ends the sweep.
    pub(super) fn on(&mut self) -> Outcome {
        // Without knowing which way it leads, a token is of no use; but every
        // way is the same before the first line, and among equal ones. Of one
        // event there is no less to ask for: where it leads may show.
        let useful = self.tokens == Tokens::Useful;
        let known = self.anchor.is_some() || self.sweep.lines.is_empty();
        let known = known || self.sweep.single || self.is_uniform(&[]);
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
        self.cut = !again && (head && sweep.full && !chained || open && sweep.last);
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
        let shown = self.held.common(0, &lines) == lines.len();
        if !shown {
            self.cursor = None;
        }
        self.confirmed = if whole { shown && self.held.len() == lines.len() } else { !self.resync };
        self.confirmed &= !open;
        Outcome::patch(patch)
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
