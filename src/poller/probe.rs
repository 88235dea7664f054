//! Learning what a window is, and what a token does, from a smaller window.

use std::collections::HashMap;

use super::stitch::{Anchor, Ask, Kind, Outcome, Stitcher, Tokens, Window};
use super::sweep::Sweep;

/// Probes after which nothing is to be learnt.
const PROBES: u32 = 12;
/// Probes that showed neither the first lines nor the last, after which they
/// are taken to show newer ones.
const NEWER: u32 = 2;
/// Probes whose token led to the same page again, after which tokens are taken
/// to be ignored.
const IGNORED: u32 = 2;
/// Probes whose token led to the next page, after which they are taken to lead
/// on: in a log that repeats itself, with a replica that lags, once is chance.
pub(super) const LED: u32 = 2;
/// Tokens of one probe that are tried, and pages of a single event that are
/// followed, where all of them are alike.
pub(super) const ALIKE: usize = 4;
/// So many sizes are tried for a probe that tells all there is to be told.
pub(super) const SIZES: usize = 64;
/// Of a log of few different lines, so many may stand nowhere else together; so
/// many more make it unlikely that others are equal to them by chance.
const BLOCK: usize = 8;
const MORE: usize = 4;

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

    /// Whether lines that the window ends with stand nowhere else in it.
    fn is_last(&self, lines: &[Vec<u8>]) -> bool {
        self.window.windows(lines.len().max(1)).filter(|part| *part == lines).take(2).count() == 1
    }

    /// Whether a page is no other place's by chance: a line of it stands in the
    /// window once.
    fn is_sure(&self, page: &[Vec<u8>]) -> bool {
        let count = |line| self.window.iter().filter(|other| *other == line).take(2).count();
        page.iter().take(SIZES).any(|line| count(line) == 1)
    }
}

/// How many events make a probe: their lines must tell the start of the window
/// from its end. One of them should stand nowhere else, or all of them together,
/// and the lines next to them should differ, by which a token is judged. Those
/// that will do take turns, for one may tell what another doesn't. A replica
/// that lags has as many lines as the log had a while ago, so that the `lengths`
/// it had come last.
fn probe(lines: &[Vec<u8>], events: usize, turn: usize, lengths: &[usize]) -> Option<usize> {
    let mut counts: HashMap<&[u8], u32> = HashMap::with_capacity(lines.len());
    lines.iter().for_each(|line| *counts.entry(line).or_default() += 1);
    let unique = lines.iter().take(events / 2).position(|line| counts.get(&**line) == Some(&1));
    let block = || {
        let block = |size: &usize| lines.get(..*size).unwrap_or_default();
        let alone = |size: &usize| lines.windows(*size).filter(|w| *w == block(size)).count() == 1;
        (1..=BLOCK.min(events / 2)).find(alone).map(|size| size + MORE)
    };
    let first = |size: usize| lines.get(..size).unwrap_or_default();
    let second = |size: usize| lines.get(size..size * 2).unwrap_or_default();
    let differs = |size: &usize| !lines.ends_with(first(*size));
    let tells = |size: &usize| {
        let end = lines.len().saturating_sub(*size);
        let last = lines.get(end..).unwrap_or_default();
        let before = lines.get(end.saturating_sub(*size)..end).unwrap_or_default();
        first(*size) != second(*size) && last != before
    };
    let least = unique.map(|nth| (nth + 1).max(2));
    let sure = least.or_else(block).unwrap_or(1);
    let sizes = || (least.unwrap_or(1)..events).filter(differs);
    let mut good: Vec<usize> = sizes().take(SIZES).filter(tells).collect();
    good.sort_by_key(|size| (*size < sure, lengths.contains(size)));
    good.get(turn % good.len().max(1))
        .copied()
        .or_else(|| sizes().next())
        .or_else(|| (1..events).find(differs))
        // Where nothing tells them apart, there is still the token to try.
        .or((events > 1).then_some(1))
}

impl Stitcher {
    /// A smaller window than one of these lines and so many events.
    pub(super) fn probe(
        &mut self,
        window: Vec<Vec<u8>>,
        events: usize,
        alone: bool,
    ) -> Option<Ask> {
        if self.probes >= PROBES {
            return None;
        }
        let size = probe(&window, events, self.probes as usize, &self.lengths)?;
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
            _ if lines.is_empty() => {}
            // Then what was learnt was chance: lines came late, a replica lagged.
            (true, false) if exact && self.anchor == Some(Anchor::Tail) => {
                self.forget();
                self.head = Some(ask.limit);
            }
            (false, true) if self.anchor == Some(Anchor::Head) && probing.is_last(&lines) => {
                self.forget();
            }
            _ if self.anchor.is_some() => {}
            // A replica that lags may have no more lines than these; it isn't
            // likely to have exactly as many as two probes ask for.
            (true, false) if exact => match self.head {
                Some(size) if size != ask.limit => self.anchor = Some(Anchor::Head),
                _ => self.head = Some(ask.limit),
            },
            // Lines may have come late before it since.
            (false, _) if probing.alone => self.head = None,
            // A short page of the newest lines.
            (false, true) if probing.is_last(&lines) => self.anchor = Some(Anchor::Tail),
            // Or newer ones than the window had; lines that came late before
            // the first ones look the same, once.
            (false, _) if exact => self.is_newer(),
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
                // A replica may be behind by just as many lines as the page has.
                let sure = anchor == Some(Anchor::Head) && probing.is_sure(&lines);
                self.led += if sure { LED } else { 1 };
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

    /// A window had newer lines than one before it had.
    pub(super) fn is_newer(&mut self) {
        self.newer += 1;
        if self.newer >= NEWER {
            self.anchor = Some(Anchor::Tail);
        }
    }

    /// Forgets what was learnt of windows and tokens.
    pub(super) fn forget(&mut self) {
        (self.anchor, self.head, self.newer) = (None, None, 0);
        (self.tokens, self.led, self.ignored) = (Tokens::Untried, 0, 0);
        self.probes = self.probes.min(PROBES / 2);
        self.cursor = None;
    }
}
