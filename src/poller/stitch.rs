//! Merging windows into one log: what to ask for next, and what an answer means.
//!
//! The documentation says neither which part of a log a window is, nor what
//! `nextToken` does. So the stitcher finds out, and believes only what the
//! content of the windows proves. It reads in two ways:
//!
//! * A **sweep** (`sweep.rs`) reads all that the service hands out: the
//!   largest window, and what a token leads to. It settles everything that
//!   can be settled, and it is how a log begins, ends, and recovers from doubt.
//! * **Following** (`follow.rs`) reads what is new and little more: the page
//!   at the end of a trail (`trail.rs`) where tokens lead forward, a small window
//!   where windows are of the newest lines. How fast the log grows (`pulse.rs`)
//!   tells how large those are. What it can't place for sure leads to a sweep.
//!
//! Which kind of window the service has is learnt by a *probe* (`probe.rs`) in the
//! turn after it: a smaller window is either the first lines of the larger one,
//! or not. A replica that lags may have no more than the first lines, so that two
//! probes must say so. A token that comes with one is *tried* at once: the page
//! it leads to is the next one, or the same again. What is handed out at most, and
//! so withheld, shows by and by (`limits.rs`).
//!
//! A line that was served is never taken away again, for logs only grow: a
//! window without it is older (a replica that lags) or a part. So every merge
//! keeps what is held as a subsequence; the exceptions are a sweep from the first
//! line on that contradicts what is held twice in a row, a line that sweeps at the
//! end have once and that is held twice, and what was put after a gap before it was
//! known to be the first lines.

use std::time::Duration;

use crate::domain::Patch;

use super::complete::Closing;
use super::empties::Empties;
use super::fit::{Fit, as_slots, fit};
use super::follow::TOKENLESS;
use super::held::{Held, Slot, is_subsequence};
use super::limits::Limits;
use super::place::{FAIR, INSERTED, Proof};
use super::probe::{IN_A_ROW, Learning};
use super::pulse::Pulse;
use super::sweep::Sweep;
use super::trail::Trail;

/// The largest window the service has, in events.
pub const LARGEST: u32 = crate::api::MAX_LOGS_LIMIT;

/// A service that refuses the largest window is asked for smaller ones, down to so many
/// events.
const FEWEST: u32 = 100;

/// A window of about this many bytes may have been cut by the service's limit
/// of 1 MB.
const CUT_BYTES: u64 = 900_000;

/// Bytes that CloudWatch counts for an event besides its text, by its
/// PutLogEvents and GetLogEvents quotas.
const PER_EVENT: u64 = 26;

/// How many sweeps at the end may show something else than the one before.
pub(super) const LAST_SWEEPS: u32 = 6;

/// What a window without a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The first lines.
    Head,
    /// The newest lines.
    Tail,
}

/// What is known of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tokens {
    /// Nothing.
    #[default]
    Untried,
    /// They are refused, or ignored, or there are none.
    Useless,
    /// They lead to further pages.
    Useful,
}

/// Why a window is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sweep begins.
    Full,
    /// A smaller window, to learn what a window is.
    Probe,
    /// The page after a probe, to learn what its token does.
    Try,
    /// What is older than the latest window, whose token is known to lead on.
    Rest,
    /// The next page of a sweep.
    More,
    /// The last lines, which tell whether there are new ones.
    Look,
    /// The newest lines.
    Tail,
    /// What is older than those.
    Older,
    /// The page that begins at this position.
    Forward(usize),
}

/// A request for a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How many events.
    pub limit: u32,
    /// The token of the page before.
    pub token: Option<String>,
    pub(super) kind: Kind,
}

/// The answer to an [`Ask`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Its lines, without line ends.
    pub lines: Vec<Vec<u8>>,
    /// In how many events they came.
    pub events: usize,
    /// The token it came with.
    pub token: Option<String>,
}

impl Window {
    /// The token it came with, unless that is the one that led to it.
    pub(super) fn leads_on(&self, ask: &Ask) -> Option<String> {
        self.token.clone().filter(|next| Some(next) != ask.token.as_ref())
    }

    pub(super) fn bytes(&self) -> u64 {
        self.lines.iter().map(|line| line.len() as u64 + 1).sum()
    }

    /// Whether the service may have cut it off.
    pub(super) fn is_full(&self, limit: usize) -> bool {
        self.events >= limit || self.bytes() >= CUT_BYTES
    }

    /// The same, should the service count more than the text.
    pub(super) fn is_heavy(&self) -> bool {
        self.bytes() + PER_EVENT * self.events as u64 >= CUT_BYTES
    }
}

/// What an answer led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How the log changes, in this order.
    pub patches: Vec<Patch>,
    /// A further page to ask for.
    pub page: Option<Ask>,
    /// That page was asked for just now, and is to be asked for again at the
    /// next turn.
    pub later: bool,
}

impl Outcome {
    pub(super) fn page(ask: Ask) -> Self {
        Self { page: Some(ask), ..Self::default() }
    }

    /// The same page once more.
    pub(super) fn again(ask: Ask) -> Self {
        Self { later: true, ..Self::page(ask) }
    }

    pub(super) fn patch(patch: Patch) -> Self {
        let patches = if patch.is_empty() { vec![] } else { vec![patch] };
        Self { patches, ..Self::default() }
    }
}

/// Whether CodeBuild's agent says this.
pub(super) fn is_agent(line: &[u8]) -> bool {
    line.starts_with(b"[Container] ")
}

/// The window after one of the newest lines that had no place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wider {
    /// How many lines it must have.
    pub(super) size: usize,
    /// How many lines that aren't held there were at least.
    pub(super) missed: usize,
}

/// What is known of the log's end, at the end of its build.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// This turn is to reconcile the log.
    pub(super) last: bool,
    /// How many of those there were without a change in between.
    pub(super) sweeps: u32,
    /// The last one showed what is held and nothing else,
    pub(super) confirmed: bool,
    /// and so many lines.
    pub(super) lines: usize,
}

/// Merges windows into one log.
#[derive(Debug)]
pub struct Stitcher {
    pub(super) held: Held,
    /// What a window without a token is, as far as is known.
    pub(super) anchor: Option<Anchor>,
    /// What tokens do, as far as is known.
    pub(super) tokens: Tokens,
    /// What that is learnt from.
    pub(super) learning: Learning,
    /// What the service hands out at most.
    pub(super) limits: Limits,
    /// Where it can be followed from.
    pub(super) trail: Trail,
    /// What the sweep under way has read.
    pub(super) sweep: Sweep,
    pub(super) ending: Ending,
    /// The latest window had no line, though the log has some.
    pub(super) hollow: bool,
    /// Windows in a row that had no line.
    pub(super) blank: u32,
    /// Lines in one event, by the latest window.
    pub(super) per_event: f64,
    /// The next turn must be a sweep.
    pub(super) resync: bool,
    /// A sweep that contradicts what is held.
    pub(super) doubt: Option<Vec<Vec<u8>>>,
    /// The newest lines that were read in this turn, and have no place yet.
    pub(super) pile: Vec<Vec<u8>>,
    /// Windows of the newest lines that have no place yet, in the order in which they
    /// came; those that meet are one.
    pub(super) adrift: Vec<Vec<Vec<u8>>>,
    /// The next window of the newest lines, after one that had no place.
    pub(super) widen: Option<Wider>,
    /// Empty pages that may have more behind them.
    pub(super) empties: Empties,
    /// From which position on the turn's answers have shown all there is.
    pub(super) seen: Option<usize>,
    /// The build is over,
    pub(super) over: bool,
    /// and was before anything was read.
    pub(super) finished: bool,
    /// How fast the log grows.
    pub(super) pulse: Pulse,
}

impl Default for Stitcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Stitcher {
    /// A stitcher that holds nothing yet.
    pub fn new() -> Self {
        Self::with_largest(LARGEST)
    }

    /// The same, for a service whose largest window is another one.
    pub fn with_largest(events: u32) -> Self {
        Self {
            held: Held::default(),
            anchor: None,
            tokens: Tokens::default(),
            learning: Learning::default(),
            limits: Limits::new(events.max(1)),
            trail: Trail::default(),
            sweep: Sweep::default(),
            ending: Ending::default(),
            hollow: false,
            blank: 0,
            per_event: 1.0,
            resync: false,
            doubt: None,
            pile: vec![],
            adrift: vec![],
            widen: None,
            empties: Empties::default(),
            seen: None,
            over: false,
            finished: false,
            pulse: Pulse::default(),
        }
    }

    /// How many lines and gaps are held.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// How many lines are held.
    pub fn lines(&self) -> usize {
        self.held.lines_after(0).count()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.held.len() == 0
    }

    /// All that is held, for a log that has nothing yet.
    pub fn all(&self) -> Patch {
        self.held.all()
    }

    /// Bytes of text held.
    pub fn bytes(&self) -> u64 {
        self.held.bytes()
    }

    /// What a window without a token is, as far as is known.
    pub fn anchor(&self) -> Option<Anchor> {
        self.anchor
    }

    /// What to ask for at the next turn, which begins at this time of some clock.
    /// `last` asks for the sweep that reconciles the log at its end.
    pub fn ask(&mut self, last: bool, now: Duration) -> Ask {
        self.pulse.begin(now, self.held.len(), self.held.bytes());
        self.ending.last = last;
        self.seen = None;
        self.trail.turn();
        self.empties.turn();
        let ask = self.next();
        if ask.kind == Kind::Probe {
            self.learning.probed += 1;
        } else {
            self.learning.probed = 0;
            self.learning.latest.lines.clear();
        }
        ask
    }

    fn next(&mut self) -> Ask {
        if self.resync || self.is_empty() {
            return self.full();
        }
        if let Some(probe) = self.probe() {
            return probe;
        }
        if self.ending.last {
            return self.full();
        }
        match self.anchor {
            Some(Anchor::Head) => self.next_forward(),
            Some(Anchor::Tail) => self.next_tail(),
            None => None,
        }
        .unwrap_or_else(|| self.full())
    }

    /// Merges the answer to `ask`.
    pub fn receive(&mut self, ask: &Ask, window: Window) -> Outcome {
        self.pulse.receive(window.bytes());
        self.limits.proven = self.limits.proven.max(window.events);
        self.learning.offered |= window.token.is_some();
        self.hollow = window.lines.is_empty() && ask.token.is_none() && !self.is_empty();
        if window.events > 1 {
            self.per_event = (window.lines.len() as f64 / window.events as f64).max(1.0);
        }
        let outcome = match ask.kind {
            Kind::Full => self.began(ask, window),
            Kind::Probe => self.probed(ask, window),
            Kind::Try => self.tried(ask, window),
            Kind::Rest => self.rest(&window),
            Kind::More => self.more(ask, window),
            Kind::Look => self.looked(window),
            Kind::Tail => self.tail_window(ask, window),
            Kind::Older => self.older(ask, window),
            Kind::Forward(base) => self.forward(base, ask, window),
        };
        if ask.kind == Kind::Probe && outcome.patches.is_empty() {
            self.pulse.blind();
        }
        let following = !matches!(ask.kind, Kind::Full | Kind::Rest | Kind::More | Kind::Look);
        if following && !outcome.patches.is_empty() {
            self.ending.confirmed = false;
            self.ending.sweeps = 0;
        }
        outcome
    }

    /// The build is over, so that there is news for sure: until it was read, no turn is
    /// spent on a look for it, and nothing rests.
    pub fn hurry(&mut self) {
        self.over = true;
        self.finished = self.is_empty();
        self.urge();
    }

    /// What is new is wanted now, however little it is.
    pub fn urge(&mut self) {
        self.pulse.news = true;
    }

    /// The build goes on after all.
    pub fn go_on(&mut self) {
        (self.over, self.finished) = (false, false);
    }

    /// Whether the service may take a request that it refused (400) in another form.
    pub fn is_open_to(&self, ask: &Ask) -> bool {
        ask.token.is_some() || ask.limit > FEWEST
    }

    /// The service refused the request's token (400), or so many events.
    pub fn refused(&mut self, ask: &Ask) -> Outcome {
        if ask.token.is_none() {
            self.limits.largest = (ask.limit / 10).max(FEWEST);
            let again = Ask { limit: self.limits.largest, ..ask.clone() };
            return Outcome::again(again);
        }
        // One that led on may have expired, if it came in an earlier turn.
        let kept = self.trail.last().is_some_and(|page| page.token == ask.token);
        let known = (self.anchor, self.tokens);
        self.learning.tokenless += u32::from(!kept);
        if self.tokens != Tokens::Useful || self.learning.tokenless >= TOKENLESS {
            self.tokens = Tokens::Useless;
        }
        self.trail.restart(None);
        match ask.kind {
            Kind::More if self.tokens == Tokens::Useless => self.swept(false),
            Kind::Try => {
                self.learning.probing = None;
                self.learnt(known).map(Outcome::page).unwrap_or_default()
            }
            _ => {
                self.resync = true;
                Outcome::default()
            }
        }
    }

    /// From which position on the answers of this turn have shown all that is
    /// held, and what belongs between.
    pub fn seen(&self) -> Option<usize> {
        self.seen
    }

    /// Whether the next turn is small, and settles what isn't known yet.
    pub fn is_curious(&self) -> bool {
        let in_a_row = if self.is_still() { IN_A_ROW } else { 1 };
        self.learning.probed < in_a_row && self.is_learning()
    }

    /// Whether what failed can be asked for again in another turn: while the log
    /// grows, a token that isn't known to lead on is judged by what came right
    /// before it. But a fault that comes round regularly would strike the same
    /// probe for ever, and then nothing would ever be known.
    pub fn is_patient(&self, ask: &Ask) -> bool {
        let probe = matches!(ask.kind, Kind::Probe | Kind::Try);
        probe || ask.token.is_some() && (self.tokens == Tokens::Useful || self.sweep.last)
    }

    /// Whether the log can be called complete: a sweep at the end has shown
    /// what is held, or as good as that.
    pub fn settled(&self) -> bool {
        let shown = self.ending.confirmed && self.ending.sweeps > 0;
        !self.resync && (shown || self.ending.sweeps >= LAST_SWEEPS)
    }

    /// Whether the latest sweep showed what is held, and nothing else.
    pub fn is_confirmed(&self) -> bool {
        self.ending.confirmed
    }

    /// How many lines the latest sweep showed, if those before them can't be read any more.
    pub fn reached(&self) -> Option<usize> {
        let short = self.anchor == Some(Anchor::Tail) && self.ending.lines < self.lines();
        short.then_some(self.ending.lines)
    }

    /// What the end of the log says about the agent.
    pub fn closing(&self) -> Closing {
        let from = self.held.len().saturating_sub(64);
        Closing::of(self.held.from(from).iter().filter_map(|slot| match slot {
            Slot::Line(line) => Some(&**line),
            Slot::Gap(_) => None,
        }))
    }

    /// A request for so many lines, as far as is known how many an event has.
    pub(super) fn request(&self, kind: Kind, lines: usize, token: Option<String>) -> Ask {
        let events = if lines >= self.limits.largest as usize {
            lines
        } else {
            (lines as f64 / self.per_event) as usize
        };
        self.events(kind, events, token)
    }

    /// A request for so many events.
    pub(super) fn events(&self, kind: Kind, limit: usize, token: Option<String>) -> Ask {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        Ask { limit: limit.clamp(1, self.limits.largest), token, kind }
    }

    fn full(&mut self) -> Ask {
        let size = self.ahead(0).unwrap_or(self.limits.largest as usize);
        self.request(Kind::Full, size, None)
    }

    /// Puts `lines` where what is held from `at` on stands, which is a
    /// subsequence of them.
    pub(super) fn grow(&mut self, at: usize, lines: &[Vec<u8>]) -> Patch {
        let common = self.held.common(at, lines);
        match lines.get(common..) {
            Some(new) if !new.is_empty() => self.held.splice(at + common, None, new),
            _ => Patch::default(),
        }
    }

    /// Merges lines that begin at a known position; `None` when they
    /// contradict what is held.
    pub(super) fn anchored(&mut self, at: usize, lines: &[Vec<u8>]) -> Option<Patch> {
        let new = || lines.iter().map(Vec::as_slice);
        if is_subsequence(self.held.lines_after(at), new()) {
            Some(self.grow(at, lines))
        } else if is_subsequence(new(), self.held.lines_after(at)) {
            Some(Patch::default())
        } else {
            self.inserted(at, lines)
        }
    }

    /// Merges a page that ends before what is held does, and has lines that came
    /// late; `None` when nothing tells for sure where it ends.
    fn inserted(&mut self, at: usize, lines: &[Vec<u8>]) -> Option<Patch> {
        let mut known = self.held.from(at).iter().enumerate().peekable();
        let mut place = |line| known.next_if(|(_, slot)| slot.is(line)).map(|(nth, _)| at + nth);
        let places: Vec<Option<usize>> = lines.iter().map(|line| place(line)).collect();
        let late = places.iter().filter(|place| place.is_none()).count();
        let rest: Vec<Slot> = known.map(|(_, slot)| slot.clone()).collect();
        let end = self.held.len() - rest.len();
        // One of the lines it ends with stands nowhere else.
        let ending = lines.iter().zip(&places).rev().take_while(|(_, place)| place.is_some());
        let sure = { ending }.any(|(line, place)| self.held.only(line) == *place);
        let gap = self.held.part(at..end).iter().any(|slot| matches!(slot, Slot::Gap(_)));
        (sure && !gap && end > at && late <= INSERTED)
            .then(|| self.held.rewrite(at, [as_slots(lines), rest].concat()))
    }

    /// Merges lines whose place is to be found; `None` when it can't be.
    pub(super) fn floating(&mut self, lines: &[Vec<u8>], proof: Proof) -> Option<Patch> {
        let Fit { from, slots, seen } = fit(&self.held, lines, proof)?;
        // Lines before the first: they came late, or the log goes round.
        let first = self.held.slots().first();
        let before = from == 0 && !self.held.is_headless() && slots.first() != first;
        if before && proof == FAIR {
            return None;
        }
        self.seen = seen.or(self.seen);
        Some(self.held.rewrite(from, slots))
    }
}
