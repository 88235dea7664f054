//! Reading all that the service hands out.

use std::collections::HashSet;

use crate::domain::{Missing, Patch};

use super::held::is_subsequence;
use super::place::{STRONG, overlap};
use super::stitch::{Anchor, Ask, Cursor, Kind, Outcome, Stitcher, Tokens, Window};

/// Empty pages in a row after which there is no more to come.
const EMPTY_PAGES: u32 = 3;
/// Pages of one sweep after which tokens are taken to lead nowhere.
const PAGES: u32 = 2000;
/// Probes after which nothing is to be learnt.
const PROBES: u32 = 12;
/// Pages in a row that look like the first one after which they are taken for
/// it, and the token for one that is ignored.
const ALIKE: u32 = 64;
/// A log of fewer lines is cheap enough to be read whole.
const WORTH_PROBING: usize = 12;

/// What a sweep has read so far.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    lines: Vec<Vec<u8>>,
    /// The first window was as large as can be.
    full: bool,
    /// What leads on.
    token: Option<String>,
    /// How many lines the first window had.
    first: usize,
    /// Pages that looked like it.
    alike: u32,
    pages: u32,
    empty: u32,
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
    (least..events).find(differs).or_else(|| (1..events).find(differs))
}

impl Stitcher {
    /// The first window of a sweep.
    pub(super) fn began(&mut self, ask: &Ask, window: Window) -> Outcome {
        let full = window.is_full(ask.limit);
        let token = window.token.filter(|_| self.tokens != Tokens::Useless);
        let worth = full || token.is_some() || window.lines.len() >= WORTH_PROBING;
        let events = window.events;
        self.sweep = Sweep {
            first: window.lines.len(),
            lines: window.lines,
            full,
            token,
            cursor: Some(Cursor { token: None, base: 0 }),
            ..Sweep::default()
        };
        if self.anchor.is_none() && worth && self.probes < PROBES {
            let size = probe(&self.sweep.lines, events);
            if let Some(size) = size {
                self.probes += 1;
                return Outcome::page(self.request(Kind::Probe, size, None));
            }
        }
        self.on()
    }

    /// A smaller window, right after the largest.
    pub(super) fn probed(&mut self, ask: &Ask, window: &Window) -> Outcome {
        let (all, some) = (&self.sweep.lines, &window.lines);
        if !some.is_empty() && window.events <= ask.limit as usize {
            match (all.starts_with(some), all.ends_with(some)) {
                (true, false) if window.events == ask.limit as usize => {
                    self.anchor = Some(Anchor::Head);
                    // A log that fits one window shows its token only here.
                    let untried = self.tokens == Tokens::Untried && self.sweep.token.is_none();
                    if let Some(token) = window.token.clone().filter(|_| untried) {
                        let outcome = self.on();
                        let at = some.len();
                        let page =
                            self.request(Kind::Forward(at), self.largest as usize, Some(token));
                        return Outcome { page: outcome.page.or(Some(page)), ..outcome };
                    }
                }
                (false, _) => self.anchor = Some(Anchor::Tail),
                _ => {}
            }
        }
        self.on()
    }

    /// A further page.
    pub(super) fn more(&mut self, ask: &Ask, window: Window) -> Outcome {
        let next = window.token;
        let again = next == ask.token;
        self.sweep.pages += 1;
        if window.lines.is_empty() {
            self.sweep.empty += 1;
            // Empty pages can come before the end. The same token again means
            // the end, but at the end of the build that is asked twice.
            let most = if again && !self.last { 1 } else { EMPTY_PAGES };
            self.sweep.token = next.filter(|_| self.sweep.empty < most);
            return if self.sweep.token.is_some() { self.on() } else { self.swept(true) };
        }
        self.sweep.empty = 0;
        if self.anchor.is_none() && !self.is_uniform(&window.lines) {
            // Newer or older? Only another window can tell.
            return self.swept(false);
        }
        if self.tokens == Tokens::Untried {
            // In a log that repeats itself all pages look alike; then only
            // their end tells that the token leads on.
            let alike = self.is_like_the_first(&window.lines);
            self.sweep.alike += u32::from(alike);
            if alike && (again || self.sweep.alike >= ALIKE) {
                self.tokens = Tokens::Useless;
                let tail = self.anchor == Some(Anchor::Tail);
                let more = self.sweep.lines.len() - self.sweep.first;
                if tail {
                    self.sweep.lines.drain(..more);
                } else {
                    self.sweep.lines.truncate(self.sweep.first);
                }
                return self.swept(false);
            }
            if !alike {
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

    /// Whether a page may be the first one, or what has become of it.
    fn is_like_the_first(&self, page: &[Vec<u8>]) -> bool {
        let first: HashSet<&[u8]> = self.sweep.lines.iter().map(Vec::as_slice).collect();
        let shared = page.iter().filter(|line| first.contains(line.as_slice())).count();
        shared * 2 > page.len()
    }

    /// Goes on with the token there is, or ends the sweep.
    fn on(&mut self) -> Outcome {
        // Without knowing which way it leads, a token is of no use.
        let known = self.anchor.is_some() || self.tokens == Tokens::Useful || self.is_uniform(&[]);
        // Where tokens lead on, the page without one is the last.
        let end = self.tokens == Tokens::Useful && self.sweep.token.is_none();
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
        if chained && self.tokens == Tokens::Untried && sweep.alike > 0 {
            self.tokens = Tokens::Useful;
        }
        // A token was served that can't be followed yet.
        let open = sweep.token.is_some() && self.tokens != Tokens::Useless && !chained;
        let whole = head || chained || !sweep.full;
        self.resync = false;
        self.widen = None;
        // An empty page at the end proves nothing yet of the token; following does.
        let leads = chained || self.tokens == Tokens::Useful;
        self.cursor = sweep.cursor.filter(|_| head && leads && self.tokens != Tokens::Useless);
        self.cut = head && sweep.full && !chained || open && self.last;
        self.last_sweeps += u32::from(self.last);
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
