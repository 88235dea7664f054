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
//! it leads to is the next one, or the same again.
//!
//! A line that was served is never taken away again, for logs only grow: a
//! window without it is older (a replica that lags) or a part. So every merge
//! keeps what is held as a subsequence; the exceptions are a sweep from the first
//! line on that contradicts what is held twice in a row, a line that sweeps at the
//! end have once and that is held twice, and what was put after a gap before it was
//! known to be the first lines.

use std::time::Duration;

use crate::domain::{Missing, Patch};

use super::complete::Closing;
use super::fit::{Fit, as_slots, fit};
use super::follow::TOKENLESS;
use super::held::{Held, Slot, is_subsequence};
use super::place::{FAIR, INSERTED, Proof};
use super::probe::{Latest, Probing};
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

/// A limit that nobody tells is a multiple of this many events.
const ROUND: usize = 100;
/// For so many turns a log stands still at one.
const STUCK: u32 = 5;

/// What the agent says first, on machines of today and of before.
const OPENINGS: [&[u8]; 2] = [b"Running on CodeBuild", b"Waiting for agent ping"];

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

/// Whether the agent opens a log with this.
pub(super) fn opens(line: &[u8]) -> bool {
    let says = |words: &&[u8]| line.windows(words.len()).any(|part| part == *words);
    is_agent(line) && OPENINGS.iter().any(says)
}

/// Whether a limit that nobody tells may be so many events.
fn is_round(events: usize) -> bool {
    events >= ROUND && events.is_multiple_of(ROUND)
}

/// The window after one of the newest lines that had no place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wider {
    /// How many lines it must have.
    pub(super) size: usize,
    /// How many lines that aren't held there were at least.
    pub(super) missed: usize,
}

/// Merges windows into one log.
#[derive(Debug)]
pub struct Stitcher {
    /// The largest window there is, in events.
    pub(super) largest: u32,
    /// How many events a window has at most where nobody tells, as far as windows
    /// show it.
    pub(super) cap: Option<usize>,
    /// How many events the largest window had.
    pub(super) proven: usize,
    pub(super) held: Held,
    pub(super) anchor: Option<Anchor>,
    pub(super) tokens: Tokens,
    /// Where it can be followed from.
    pub(super) trail: Trail,
    /// What the sweep under way has read.
    pub(super) sweep: Sweep,
    /// The probe under way.
    pub(super) probing: Option<Probing>,
    /// Probes answered.
    pub(super) probes: u32,
    /// The same of a log of a few lines, which don't count as those do.
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
    /// The latest window had no line, though the log has some.
    pub(super) hollow: bool,
    /// Windows in a row that had no line.
    pub(super) blank: u32,
    /// A window without a token reaches to the end.
    pub(super) tells: bool,
    /// Answers in a row that should have had a token and hadn't.
    pub(super) tokenless: u32,
    /// Lines in one event, by the latest window.
    pub(super) per_event: f64,
    /// This turn is to reconcile the log at its end.
    pub(super) last: bool,
    /// How many of those there were without a change in between.
    pub(super) last_sweeps: u32,
    /// The last sweep showed what is held and nothing else.
    pub(super) confirmed: bool,
    /// The next turn must be a sweep.
    pub(super) resync: bool,
    /// A sweep that contradicts what is held.
    pub(super) doubt: Option<Vec<Vec<u8>>>,
    /// The service cuts the end of the log off.
    pub(super) cut: bool,
    /// How many events the latest window without a token had, and how many
    /// turns in a row it has had as many while the build went on.
    pub(super) stuck: (usize, u32),
    /// That window may have been cut off by its size.
    pub(super) heavy: bool,
    /// How the latest window without a token began.
    pub(super) opening: Vec<Vec<u8>>,
    /// How many events the window had that the log began with, and whether it
    /// may have been cut off by its size.
    pub(super) origin: (usize, bool),
    /// The largest windows began with other lines than the log is held from: they
    /// are of any length.
    pub(super) partial: bool,
    /// That window was cut off at its start.
    pub(super) beheaded: bool,
    /// The newest lines that were read in this turn, and have no place yet.
    pub(super) pile: Vec<Vec<u8>>,
    /// The newest lines that were served and have no place yet.
    pub(super) adrift: Vec<Vec<u8>>,
    /// The next window of the newest lines, after one that had no place.
    pub(super) widen: Option<Wider>,
    /// From which position on the turn's answers have shown all there is.
    pub(super) seen: Option<usize>,
    /// The build is over.
    pub(super) over: bool,
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
            largest: events.max(1),
            cap: None,
            proven: 0,
            held: Held::default(),
            anchor: None,
            tokens: Tokens::default(),
            trail: Trail::default(),
            sweep: Sweep::default(),
            probing: None,
            probes: 0,
            early: 0,
            probed: 0,
            latest: Latest::default(),
            heads: vec![],
            lengths: vec![],
            newer: 0,
            equal: false,
            led: 0,
            ignored: 0,
            hollow: false,
            blank: 0,
            tells: false,
            tokenless: 0,
            per_event: 1.0,
            last: false,
            last_sweeps: 0,
            confirmed: false,
            resync: false,
            doubt: None,
            cut: false,
            stuck: (0, 0),
            heavy: false,
            opening: vec![],
            origin: (0, false),
            partial: false,
            beheaded: false,
            pile: vec![],
            adrift: vec![],
            widen: None,
            seen: None,
            over: false,
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
        self.last = last;
        self.seen = None;
        self.trail.turn();
        let ask = self.next();
        if ask.kind == Kind::Probe {
            self.probed += 1;
        } else {
            self.probed = 0;
            self.latest.lines.clear();
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
        if self.last {
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
        self.proven = self.proven.max(window.events);
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
            self.confirmed = false;
            self.last_sweeps = 0;
        }
        outcome
    }

    /// The build is over, so that there is news for sure: where windows are of the newest
    /// lines, no turn is spent on a look for it.
    pub fn hurry(&mut self) {
        self.over = true;
        self.urge();
    }

    /// What is new is wanted now, however little it is.
    pub fn urge(&mut self) {
        self.pulse.news |= self.anchor == Some(Anchor::Tail);
    }

    /// The build goes on after all.
    pub fn go_on(&mut self) {
        self.over = false;
    }

    /// Whether the service may take a request that it refused (400) in another form.
    pub fn is_open_to(&self, ask: &Ask) -> bool {
        ask.token.is_some() || ask.limit > FEWEST
    }

    /// The service refused the request's token (400), or so many events.
    pub fn refused(&mut self, ask: &Ask) -> Outcome {
        if ask.token.is_none() {
            self.largest = (ask.limit / 10).max(FEWEST);
            let again = Ask { limit: self.largest, ..ask.clone() };
            return Outcome::again(again);
        }
        // One that led on may have expired, if it came in an earlier turn.
        let kept = self.trail.last().is_some_and(|page| page.token == ask.token);
        let known = (self.anchor, self.tokens);
        self.tokenless += u32::from(!kept);
        if self.tokens != Tokens::Useful || self.tokenless >= TOKENLESS {
            self.tokens = Tokens::Useless;
        }
        self.trail.restart(None);
        match ask.kind {
            Kind::More if self.tokens == Tokens::Useless => self.swept(false),
            Kind::Try => {
                self.probing = None;
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
        self.probed == 0 && self.is_learning()
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
        let shown = self.confirmed && self.last_sweeps > 0;
        !self.resync && (shown || self.last_sweeps >= LAST_SWEEPS)
    }

    /// Whether the latest sweep showed what is held, and nothing else.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Announces what is still missing when the log is complete.
    pub fn seal(&mut self) -> Patch {
        let end = self.held.len();
        match self.short_of() {
            Some(Anchor::Tail) => return self.held.behead(Missing::Unknown),
            Some(Anchor::Head) => self.cut = true,
            None => {}
        }
        if self.is_cut() && self.held.end() == end {
            return self.held.splice(end, Some(Missing::Unknown), &[]);
        }
        Patch::default()
    }

    /// Which windows these are, if they are a part of the log by what the agent
    /// says: it speaks at the start of every log and at the end, and of a round
    /// number of events, or of a megabyte, one of them is missing.
    pub(super) fn short_of(&self) -> Option<Anchor> {
        if self.held.is_headless() || self.tokens == Tokens::Useful {
            return None;
        }
        let mut lines = self.held.lines_after(0);
        let first = lines.next();
        match self.anchor {
            Some(Anchor::Tail) => {
                let (events, heavy) = self.origin;
                let short = is_round(events) || heavy || self.partial || self.withholds();
                // Of windows that don't reach back, one may have begun with any of its words.
                let alone = self.tokens == Tokens::Useless || self.latest.token.is_none();
                let begins = if self.partial && alone { opens } else { is_agent };
                let opened = first.is_some_and(begins);
                (short && !opened && lines.any(is_agent)).then_some(Anchor::Tail)
            }
            _ => {
                let open = first.is_some_and(is_agent) && self.closing() == Closing::Open;
                ((is_round(self.stuck.0) || self.heavy) && open).then_some(Anchor::Head)
            }
        }
    }

    /// After how many events the service may have cut the log off without a
    /// word; `None` when nothing speaks for it.
    ///
    /// A service that hands out no more than its first thousand events looks
    /// like a log of a thousand lines. What tells is a round number of events
    /// that stayed while the build went on, or after which the agent says
    /// nothing though it spoke before.
    pub fn suspect(&self) -> Option<(usize, Anchor)> {
        let (events, turns) = self.stuck;
        if self.cut || self.tokens == Tokens::Useful {
            return None;
        }
        let mut lines = self.held.lines_after(0);
        let agent = lines.next().is_some_and(is_agent);
        let later = lines.any(is_agent);
        // The agent's words come first.
        let begun = later && !agent && self.anchor.is_none();
        if self.anchor == Some(Anchor::Tail) || begun {
            let (events, heavy) = self.origin;
            let cut = (is_round(events) || heavy || later) && !agent;
            return (cut && !self.held.is_headless()).then_some((events, Anchor::Tail));
        }
        let open = self.closing() == Closing::Open;
        let limit = is_round(events) || self.heavy;
        let still = turns >= STUCK;
        let withheld = still || self.withholds();
        let cut = if limit { still || agent || later } else { withheld && agent };
        (open && cut).then_some((events, Anchor::Head))
    }

    /// Whether the service offered more, and didn't hand it out.
    fn withholds(&self) -> bool {
        self.tokens != Tokens::Useful && self.latest.token.is_some()
    }

    /// Whether the service cut the log off, at which end.
    pub fn cut_off(&self) -> Option<Anchor> {
        match self.held.slots().first() {
            // A first window can be either end.
            Some(Slot::Gap(_)) if self.anchor.is_none() && self.is_ignorant() => None,
            Some(Slot::Gap(_)) if self.anchor != Some(Anchor::Head) => Some(Anchor::Tail),
            _ => self.is_cut().then_some(Anchor::Head),
        }
    }

    /// Whether the end is cut off. After the agent's last words there is none
    /// to be missing, however full the window was.
    fn is_cut(&self) -> bool {
        self.cut && self.closing() != Closing::Closed
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
        let events = if lines >= self.largest as usize {
            lines
        } else {
            (lines as f64 / self.per_event) as usize
        };
        self.events(kind, events, token)
    }

    /// A request for so many events.
    pub(super) fn events(&self, kind: Kind, limit: usize, token: Option<String>) -> Ask {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        Ask { limit: limit.clamp(1, self.largest), token, kind }
    }

    /// How many events a window has at most.
    pub(super) fn cap(&self) -> usize {
        self.cap.unwrap_or(self.largest as usize)
    }

    fn full(&mut self) -> Ask {
        let size = self.ahead(0).unwrap_or(self.largest as usize);
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
