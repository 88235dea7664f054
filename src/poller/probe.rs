//! Learning what a window is, and what a token does, from a smaller window.

use std::collections::{HashMap, HashSet};

use super::border::Borders;
use super::complete::Closing;
use super::fit::fit;
use super::held::Held;
use super::limits::opens;
use super::place::{Overlap, Proof, landmarks};
use super::stitch::{Anchor, Ask, Kind, LAST_SWEEPS, Outcome, Stitcher, Tokens, Window, is_agent};
use super::trail::Cursor;

/// Probes after which nothing is to be learnt.
const PROBES: u32 = 12;
/// So many of them are kept for the end.
const KEPT: u32 = 6;
/// Probes of different sizes that showed the first lines, after which they are
/// taken to do so.
const HEADS: usize = 2;
/// So many follow one another there.
pub(super) const IN_A_ROW: u32 = 3;
/// Probes that showed neither the first lines nor the last, after which they
/// are taken to show newer ones.
const NEWER: u32 = 2;
/// Probes whose token led to the same page again, after which tokens are taken
/// to be ignored; those that can be chance count half.
const IGNORED: u32 = 4;
/// Probes whose token led to the next page, after which they are taken to lead
/// on: in a log that repeats itself, with a replica that lags, once is chance.
pub(super) const LED: u32 = 2;
/// Tokens of one probe that are tried, and pages of a single event that are
/// followed, where all of them are alike.
pub(super) const ALIKE: usize = 4;
/// The page that a token leads to has at most so many events, by which it is
/// judged.
pub(super) const TRIED: usize = 4;
/// So often an answer without a line is asked for again.
const LOST: u32 = 2;
/// A log of fewer lines is cheap enough to be read whole.
pub(super) const WORTH_PROBING: usize = 12;
/// Of one with so few, what may be learnt is that windows are of the newest lines,
const YOUNG: usize = 3;
/// by so many probes.
const EARLY: u32 = 3;
/// So many sizes are tried for a probe that tells all there is to be told.
pub(super) const SIZES: usize = 64;
/// Of a log of few different lines, so many may stand nowhere else together; so
/// many more make it unlikely that others are equal to them by chance.
const BLOCK: usize = 8;
const MORE: usize = 4;

/// What tells where a probe stands among the lines that it is compared with.
const FEW: Proof = Proof { landmarks: 4, span: 4, overlap: Overlap::Never, timed: None };
/// A probe that begins so many lines further on doesn't begin with the first.
pub(super) const MOVED: usize = 8;
/// New lines that a probe allows for where nothing tells how many there are.
const UNKNOWN: usize = 16;

/// A probe under way.
#[derive(Debug)]
pub(super) struct Probing {
    /// How many events the probe has.
    size: usize,
    /// The lines that it is compared with.
    window: Vec<Vec<u8>>,
    /// Its own lines.
    own: Vec<Vec<u8>>,
    /// The tokens that were tried.
    tokens: Vec<String>,
    /// It began as the window does.
    first: bool,
    /// Answers that had no line.
    lost: u32,
}

/// The window that the latest sweep began with.
#[derive(Debug, Default)]
pub(super) struct Latest {
    /// Its lines, while it is of the turn before and something can be learnt.
    pub(super) lines: Vec<Vec<u8>>,
    /// How many events it had.
    pub(super) events: usize,
    /// It was as large as can be.
    pub(super) full: bool,
    /// It was all of the log, by the agent's first words, and its last where windows may be
    /// of the first lines.
    pub(super) whole: bool,
    /// The token that came with it.
    pub(super) token: Option<String>,
    /// A replica that lags could have had as few lines.
    pub(super) young: bool,
    /// All its lines are equal.
    pub(super) uniform: bool,
}

/// What was learnt of windows and tokens so far, and from what.
#[derive(Debug, Default)]
pub(super) struct Learning {
    /// The probe under way.
    pub(super) probing: Option<Probing>,
    /// Probes answered.
    pub(super) probes: u32,
    /// Probes answered of a log of a few lines, which don't count as others do.
    pub(super) early: u32,
    /// So many of the latest turns were probes.
    pub(super) probed: u32,
    /// What the latest sweep began with.
    pub(super) latest: Latest,
    /// How many events the probes had that showed the first lines.
    pub(super) heads: Vec<u32>,
    /// How many events the log had when it was read before, the latest last.
    pub(super) lengths: Vec<usize>,
    /// Probes that showed neither the first lines nor the last.
    pub(super) newer: u32,
    /// Tokens led to equal pages for too long to be followed on.
    pub(super) equal: bool,
    /// Tokens that led from a probe to the next page.
    pub(super) led: u32,
    /// Tokens that led to the same page again.
    pub(super) ignored: u32,
    /// Some answer came with a token.
    pub(super) offered: bool,
    /// A window without a token reaches to the end.
    pub(super) tells: bool,
    /// Answers in a row that should have had a token and hadn't.
    pub(super) tokenless: u32,
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

    /// How many probes must show the first lines: in a log that repeats itself the
    /// newest ones can look like them.
    fn heads(&self) -> usize {
        let mut counts: HashMap<&[u8], u32> = HashMap::with_capacity(self.window.len());
        self.window.iter().for_each(|line| *counts.entry(line).or_default() += 1);
        let once = counts.values().filter(|&&count| count == 1).count();
        if once * 2 > self.window.len() { HEADS } else { HEADS * 2 }
    }

    /// Whether these can be the first lines, with some among them that came late,
    /// or without those of them that did.
    fn is_late(&self, lines: &[Vec<u8>]) -> bool {
        let length = lines.len().min(self.window.len());
        let first = self.window.get(..length).unwrap_or_default();
        let more = |all: &[Vec<u8>], some: &[Vec<u8>]| {
            let mut some = some.iter().peekable();
            all.iter().filter(|line| some.next_if_eq(line).is_none()).count()
        };
        length > MOVED * 2 && more(lines, first).min(more(first, lines)) <= MOVED
    }

    /// Whether lines that the window ends with stand nowhere else in it.
    fn is_last(&self, lines: &[Vec<u8>]) -> bool {
        let borders = Borders::of(lines.iter().map(Vec::as_slice).collect());
        borders.count(self.window.iter().map(Vec::as_slice), 2) == 1
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
/// it had come last. `worth` events show what is new as well, if windows are of
/// the newest lines.
fn probe(
    lines: &[Vec<u8>],
    events: usize,
    worth: usize,
    turn: usize,
    lengths: &[usize],
) -> Option<usize> {
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
    let worth = if worth > events / 4 { 1 } else { worth };
    let sizes = || (least.unwrap_or(1).max(worth)..events).filter(differs);
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
    /// Whether a smaller window would tell what isn't known yet.
    pub(super) fn is_learning(&self) -> bool {
        // Some are kept for the end, where nothing moves on any more.
        let most = if self.ending.last { PROBES } else { PROBES - KEPT };
        self.learning.probes < most && !self.is_all() && self.is_ignorant()
    }

    /// Whether the log of a build that is over was read as a whole by what the agent says, or is
    /// about to be, so that nothing has to be known for it.
    fn is_all(&self) -> bool {
        let Latest { full, token, .. } = &self.learning.latest;
        // What follows the end of a build is read as a whole in any case.
        let least = match self.finished && token.is_some() {
            true => Closing::Closed,
            false => Closing::Built,
        };
        let closed = self.pulse.news || self.closing() >= least;
        // It begins with the agent's first words, or no more is offered.
        let begins = if token.is_some() { opens } else { is_agent };
        let begun = !full && self.held.lines_after(0).next().is_some_and(begins);
        self.over && self.ending.sweeps == 0 && closed && begun
    }

    /// Whether something isn't known yet that is worth to be known, and may be.
    pub(super) fn is_ignorant(&self) -> bool {
        let Latest { full, whole, young, uniform, events, .. } = self.learning.latest;
        let token = self.learning.latest.token.is_some();
        // Where windows reach back to the start, tokens can wait: those of the windows
        // by which it is followed are tried.
        let tried = whole || self.reaches_back() && !full && !self.is_still();
        let open = token && self.tokens == Tokens::Untried && !tried;
        let more = full || token && self.tokens != Tokens::Useless;
        let worth = match uniform {
            true if young => false,
            false if young => {
                let early =
                    self.learning.early < EARLY && !self.ending.last && !self.pulse.is_seldom();
                early && events >= YOUNG && self.anchor.is_none()
            }
            // Of equal lines, only what their tokens do is to be learnt.
            true => more && self.tokens == Tokens::Untried && !self.learning.tells,
            false => more || !self.ending.last && events >= WORTH_PROBING,
        };
        let known = self.anchor.is_some() && (!open || uniform);
        // In the end something must be made of all that is held.
        let time = self.learning.probes < PROBES && self.ending.sweeps + 1 < LAST_SWEEPS;
        worth && !known && time
    }

    /// Whether nothing moves any more: the build was over when it was first looked at, or has
    /// been since a while.
    pub(super) fn is_still(&self) -> bool {
        self.ending.last || self.finished
    }

    /// Whether the log has a few lines yet, and nothing is known of its windows.
    pub(super) fn is_early(&self) -> bool {
        self.learning.latest.young && self.anchor.is_none()
    }

    /// Whether the latest of the largest windows, which are of the newest lines,
    /// began with the first that is held.
    pub(super) fn reaches_back(&self) -> bool {
        let known = self.held.common(0, &self.limits.opening);
        let all = self.limits.opening.len().min(self.held.len());
        self.anchor == Some(Anchor::Tail) && known > 0 && known == all
    }

    /// A smaller window than what is held, in a turn of its own.
    pub(super) fn probe(&mut self) -> Option<Ask> {
        if !self.is_learning() {
            return None;
        }
        // What stands before lines is told by what was read right before them, or
        // by those they can be told from.
        let placed = self.anchor != Some(Anchor::Tail) || self.expected() < self.held.len();
        if (!placed || self.ending.last) && self.learning.latest.lines.is_empty() {
            return None;
        }
        let window = match self.learning.latest.lines.is_empty() {
            true => self.newest_run(),
            false => self.learning.latest.lines.clone(),
        };
        let events = (window.len() as f64 / self.per_event) as usize;
        let events = events.min(self.learning.latest.events);
        // At first nothing tells how fast it grows. A few lines tell most where
        // there is nothing new, and where those couldn't be put in place.
        let new = if self.pulse.is_unknown() { UNKNOWN } else { 0 };
        let worth =
            match self.ending.last || self.expected() >= self.held.len() && self.anchor.is_some() {
                true => 1,
                false => ((self.expected() + new) as f64 / self.per_event) as usize,
            };
        let size =
            probe(&window, events, worth, self.learning.probes as usize, &self.learning.lengths)?;
        let ask = self.events(Kind::Probe, size, None);
        // One after the other where all there is would have to be read again, and
        // where it doesn't change any more.
        let new = !self.learning.heads.is_empty() && !self.learning.heads.contains(&ask.limit);
        // But where windows are small, what it showed of new lines may be gone by the next turn.
        let large = self.told_cap().is_none();
        let second = self.anchor.is_none()
            && (self.learning.latest.full && new || self.learning.newer > 0 && large);
        if self.learning.probed > 0
            && !second
            && !(self.is_still() && self.learning.probed < IN_A_ROW)
        {
            return None;
        }
        self.learning.probing =
            Some(Probing { size, window, own: vec![], tokens: vec![], first: false, lost: 0 });
        Some(ask)
    }

    /// The lines after the last gap.
    fn newest_run(&self) -> Vec<Vec<u8>> {
        self.held.lines_after(self.held.run()).map(<[u8]>::to_vec).collect()
    }

    /// A smaller window than what was held before.
    pub(super) fn probed(&mut self, ask: &Ask, window: Window) -> Outcome {
        let Some(mut probing) = self.learning.probing.take() else { return Outcome::default() };
        if let Some(again) = self.lost(&mut probing, ask, &window) {
            self.learning.probing = Some(probing);
            return again;
        }
        let known = (self.anchor, self.tokens);
        let Window { lines, events, token } = window;
        // Less had a token and all hadn't: so none means that this is all.
        self.learning.tells |=
            !lines.is_empty() && token.is_some() && self.learning.latest.token.is_none();
        let exact = !lines.is_empty() && events == ask.limit as usize;
        let first = probing.window.starts_with(&lines);
        probing.first = first;
        let mut outcome = Outcome::default();
        match (first, probing.window.ends_with(&lines)) {
            _ if lines.is_empty() => {}
            // Then what was learnt was chance: lines came late, a replica lagged.
            (true, false) if exact && self.anchor == Some(Anchor::Tail) => {
                self.forget();
                self.learning.heads.push(ask.limit);
            }
            (false, true) if self.anchor == Some(Anchor::Head) && probing.is_last(&lines) => {
                self.forget();
            }
            // Lines may have come late before the first ones, once.
            (false, _) if exact && self.anchor == Some(Anchor::Head) => {
                self.learning.newer += 1;
                if self.learning.newer >= NEWER {
                    self.forget();
                }
            }
            // A replica that lags may have no more lines than these; it isn't
            // likely to have exactly as many as two probes ask for.
            (true, false) if exact && self.anchor.is_none() && !self.learning.latest.young => {
                if !self.learning.heads.contains(&ask.limit) {
                    self.learning.heads.push(ask.limit);
                }
                if self.learning.heads.len() >= probing.heads() {
                    self.anchor = Some(Anchor::Head);
                    // Several pages ended before the log did, and none had a token.
                    if !self.learning.offered {
                        self.tokens = Tokens::Useless;
                    }
                }
            }
            (true, _) if self.anchor == Some(Anchor::Head) => self.learning.newer = 0,
            // A short page of the newest lines.
            (false, true) if self.anchor.is_none() && probing.is_last(&lines) => {
                self.anchor = Some(Anchor::Tail);
            }
            (false, true) if self.anchor.is_none() && exact => self.is_newer(),
            (false, false) => {
                // The window is another one by now.
                self.learning.latest.lines.clear();
                if !probing.is_late(&lines) {
                    self.learning.heads.clear();
                }
                self.moved_on(&mut probing, &lines, exact);
                // There are newer lines, or late ones.
                self.pulse.news = true;
                if self.anchor == Some(Anchor::Tail)
                    && let Some(patch) = self.floating(&lines, self.proof())
                {
                    self.has_place();
                    outcome = Outcome::patch(patch);
                }
            }
            _ => {}
        }
        let tell = !lines.is_empty() && self.tokens == Tokens::Untried;
        let tell = tell && (exact || first && self.anchor != Some(Anchor::Tail));
        let tell = tell && (!self.learning.latest.young || first && self.anchor.is_none());
        match token.filter(|_| tell) {
            Some(token) => {
                probing.own = lines;
                outcome.page = self.attempt(probing, token).page;
            }
            None => outcome.page = self.learnt(known),
        }
        outcome
    }

    /// An answer may have lost its lines on the way: then the same once more, at
    /// the next turn.
    fn lost(&self, probing: &mut Probing, ask: &Ask, window: &Window) -> Option<Outcome> {
        let lost = window.lines.is_empty() && probing.lost < LOST;
        probing.lost += u32::from(lost);
        lost.then(|| Outcome::again(ask.clone()))
    }

    /// A probe that shows neither the first lines nor the last that there were.
    fn moved_on(&mut self, probing: &mut Probing, lines: &[Vec<u8>], exact: bool) {
        let mut known = Held::default();
        known.splice(0, None, &probing.window);
        let marks = landmarks(&known, lines);
        let placed = fit(&known, lines, FEW);
        let newest = placed.as_ref().is_some_and(|placed| placed.seen.is_some());
        // So many lines would have had to come late before the first ones.
        let moved = marks.first().map(|(nth, at)| at.saturating_sub(*nth));
        match moved {
            _ if self.anchor.is_some() => {}
            Some(moved) if newest && moved >= MOVED => self.anchor = Some(Anchor::Tail),
            Some(moved) if moved >= MOVED / 2 => self.is_newer(),
            // All of it would have had to come late before the first ones.
            None if exact && lines.len() >= MOVED && lines.iter().all(|line| !known.has(line)) => {
                self.anchor = Some(Anchor::Tail);
            }
            // Newer ones than there were, if they aren't common ones.
            None if exact
                && !probing.is_late(lines)
                && lines.iter().any(|line| !known.has(line)) =>
            {
                self.is_newer();
            }
            _ => {}
        }
        if let Some(placed) = placed {
            known.rewrite(placed.from, placed.slots);
            probing.window = known.lines_after(0).map(<[u8]>::to_vec).collect();
        }
    }

    /// Asks for the page that the token of the newest lines leads to, which are
    /// held now: of all that stands before them, that costs the least.
    pub(super) fn attempt_older(&mut self, own: Vec<Vec<u8>>, token: String) -> Option<Ask> {
        let window = self.newest_run();
        let learning = self.tokens == Tokens::Untried && self.learning.probes < PROBES;
        if !learning || own.len() >= window.len() || !window.ends_with(&own) {
            return None;
        }
        let size = own.len().max(TRIED);
        let probing = Probing { size, window, own, tokens: vec![], first: false, lost: 0 };
        self.attempt(probing, token).page
    }

    /// Asks for the page that a probe's token leads to.
    fn attempt(&mut self, mut probing: Probing, token: String) -> Outcome {
        // What follows a few lines is read as a whole: were it the newest lines again,
        // or the first, it would be all of the log.
        let size =
            if self.is_early() { self.limits.largest as usize } else { probing.size.min(TRIED) };
        let page = self.events(Kind::Try, size, Some(token.clone()));
        probing.tokens.push(token);
        self.learning.probing = Some(probing);
        Outcome::page(page)
    }

    /// The page after a probe.
    ///
    /// Another page means that the token leads on. Where pages look alike,
    /// only the tokens tell: one that was sent leads nowhere.
    pub(super) fn tried(&mut self, ask: &Ask, window: Window) -> Outcome {
        let Some(mut probing) = self.learning.probing.take() else { return Outcome::default() };
        if let Some(again) = self.lost(&mut probing, ask, &window) {
            self.learning.probing = Some(probing);
            return again;
        }
        let known = (self.anchor, self.tokens);
        if self.is_early() {
            let Outcome { patches, page, later } = self.tried_early(&probing, ask, window);
            let page = page.or_else(|| self.learnt(known));
            return Outcome { patches, page, later };
        }
        let Window { lines, token, .. } = window;
        let cursor = self.led_to(&probing, ask, &lines, token.as_ref());
        if lines.is_empty() {
            return self.learnt(known).map(Outcome::page).unwrap_or_default();
        }
        let own = &probing.own;
        let alike = lines.starts_with(own) || own.starts_with(&lines) || own.ends_with(&lines);
        // What leads from the first lines to the next begins with the first.
        let first = self.anchor.is_none() && probing.first && self.learning.newer == 0;
        let anchor = if first { Some(Anchor::Head) } else { self.anchor };
        match anchor.and_then(|anchor| probing.leads(anchor, &lines)) {
            Some(true) => {
                // A replica may be behind by just as many lines as the page has.
                let sure = anchor == Some(Anchor::Head) && probing.is_sure(&lines);
                self.learning.led += if sure { LED } else { 1 };
                if self.learning.led >= LED {
                    self.anchor = anchor;
                    self.tokens = Tokens::Useful;
                    if sure {
                        self.trail.restart(cursor);
                    }
                } else if let Some(next) = token.filter(|next| !probing.tokens.contains(next))
                    && anchor == Some(Anchor::Tail)
                    && probing.is_sure(&lines)
                {
                    // Two pages, one after the other, are no chance.
                    probing.own.splice(0..0, lines);
                    return self.attempt(probing, next);
                }
            }
            Some(false) if !token.as_ref().is_some_and(|token| probing.tokens.contains(token)) => {
                let sure = self.anchor.is_some() || probing.is_sure(&lines);
                self.learning.ignored += if sure { 2 } else { 1 };
                if self.learning.ignored >= IGNORED {
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
        self.learnt(known).map(Outcome::page).unwrap_or_default()
    }

    /// All that follows a probe of a log of a few lines: the lines that were held after
    /// those, and new ones, if its token leads on; else all of the log, or nothing.
    fn tried_early(&mut self, probing: &Probing, ask: &Ask, window: Window) -> Outcome {
        let lines = &window.lines;
        let base = probing.own.len();
        let rest = probing.window.get(base..).unwrap_or_default();
        let next = rest.iter().zip(lines).all(|(held, line)| held == line);
        let next = next && !rest.is_empty() && !lines.is_empty();
        // In a loop these can be any round's.
        let again = |known: &Vec<u8>| lines.iter().filter(|line| *line == known).count();
        let once = probing.own.iter().all(|line| again(line) == 0)
            && rest.iter().take(lines.len()).all(|line| again(line) == 1);
        if next && once && probing.is_sure(rest) {
            self.anchor = Some(Anchor::Head);
            self.tokens = Tokens::Useful;
            self.learning.led = LED;
            self.trail.restart(Some(Cursor { token: ask.token.clone(), base }));
            return self.forward(base, ask, window);
        }
        let different: HashSet<&Vec<u8>> = probing.window.iter().collect();
        if different.len() == probing.window.len() && lines.starts_with(&probing.window) {
            self.learning.ignored += 1;
            return self.anchored(0, lines).map(Outcome::patch).unwrap_or_default();
        }
        Outcome::default()
    }

    /// Where the log can be followed from, if the page after a probe is the next one
    /// of the first lines.
    fn led_to(
        &self,
        probing: &Probing,
        ask: &Ask,
        lines: &[Vec<u8>],
        next: Option<&String>,
    ) -> Option<Cursor> {
        let base = probing.own.len();
        let common = self.held.common(base, lines);
        let next = next.filter(|next| !probing.tokens.contains(next));
        match next {
            Some(next) if common == lines.len() => {
                Some(Cursor { token: Some(next.clone()), base: base + common })
            }
            _ if common > 0 => Some(Cursor { token: ask.token.clone(), base }),
            _ => None,
        }
    }

    /// What there is to be read by what a probe told.
    pub(super) fn learnt(&mut self, known: (Option<Anchor>, Tokens)) -> Option<Ask> {
        // One that was lost on the way doesn't count.
        if self.learning.latest.young {
            self.learning.early += 1;
        } else {
            self.learning.probes += 1;
        }
        let (anchor, tokens) = (self.anchor != known.0, self.tokens != known.1);
        let useful = tokens && self.tokens == Tokens::Useful;
        if useful && self.anchor == Some(Anchor::Tail) && self.resume() {
            return self.on().page;
        }
        self.resync |= self.learning.latest.full && (anchor || tokens);
        let rest = useful && !self.learning.latest.full;
        if self.anchor == Some(Anchor::Head) {
            // Following reads on from there.
            let first = Cursor { token: None, base: 0 };
            if rest && self.trail.last().is_none() {
                self.trail.restart(Some(first));
            }
            return if rest && self.over { self.after_latest() } else { None };
        }
        let token = self.learning.latest.token.clone().filter(|_| rest)?;
        Some(self.events(Kind::Rest, TRIED, Some(token)))
    }

    /// What follows the latest window, which is the first lines, if all that is held is in it.
    fn after_latest(&mut self) -> Option<Ask> {
        let Latest { lines, token, .. } = &self.learning.latest;
        let base = lines.len();
        let (token, all) = (token.clone()?, self.held.common(0, lines) == base);
        let cursor = Cursor { token: Some(token.clone()), base };
        (all && base > 0 && base == self.held.len()).then(|| {
            self.trail.go(cursor, base);
            self.events(Kind::Forward(base), self.limits.largest as usize, Some(token))
        })
    }

    /// What is older than the latest window, by a token that is known to lead on.
    pub(super) fn rest(&mut self, window: &Window) -> Outcome {
        self.resync |= !window.lines.is_empty();
        Outcome::default()
    }

    /// A window had newer lines than one before it had.
    pub(super) fn is_newer(&mut self) {
        self.learning.newer += 1;
        if self.learning.newer >= NEWER {
            self.anchor = Some(Anchor::Tail);
        }
    }

    /// Forgets what was learnt of windows and tokens.
    pub(super) fn forget(&mut self) {
        (self.anchor, self.learning.newer) = (None, 0);
        self.learning.heads.clear();
        (self.tokens, self.learning.led, self.learning.ignored) = (Tokens::Untried, 0, 0);
        self.learning.probes = self.learning.probes.min(PROBES / 2);
        self.trail.restart(None);
    }
}
