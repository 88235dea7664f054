//! What the service withholds: limits that nobody tells, and which end of the log is
//! behind them.

use crate::domain::{Missing, Patch};

use super::complete::Closing;
use super::held::Slot;
use super::place::time;
use super::stitch::{Anchor, LARGEST, Stitcher, Tokens, is_agent};

/// A limit that nobody tells is a multiple of this many events.
const ROUND: usize = 100;
/// For so many turns a log stands still at one.
const STUCK: u32 = 5;

/// What the agent says first since it tells fractions of a second,
const OPENING: &[u8] = b"Running on CodeBuild";
/// and what it said first before, and says next now.
const OLD_OPENING: &[u8] = b"Waiting for agent ping";

/// Whether the agent opens a log with this.
pub(super) fn opens(line: &[u8]) -> bool {
    says(line, OPENING) || says(line, OLD_OPENING) && time(line).is_none()
}

/// Whether it may: where nothing else speaks against it, with either of those words, or with any
/// others of an agent that nothing is known of.
fn may_open(line: &[u8]) -> bool {
    says(line, OPENING) || says(line, OLD_OPENING) || is_agent(line) && time(line).is_none()
}

/// Whether the agent says this.
fn says(line: &[u8], words: &[u8]) -> bool {
    is_agent(line) && line.windows(words.len()).any(|part| part == words)
}

/// Whether a limit that nobody tells may be so many events.
fn is_round(events: usize) -> bool {
    events >= ROUND && events.is_multiple_of(ROUND)
}

/// What the service hands out at most, as far as windows show it.
#[derive(Debug, Default)]
pub(super) struct Limits {
    /// The largest window that can be asked for, in events.
    pub(super) largest: u32,
    /// How many events a window has at most where nobody tells.
    pub(super) cap: Option<usize>,
    /// How many events the largest window had.
    pub(super) proven: usize,
    /// The service cuts the end of the log off.
    pub(super) cut: bool,
    /// How many events the latest window without a token had, and how many
    /// turns in a row it has had as many while the build went on.
    pub(super) stuck: (usize, u32),
    /// The latest window without a token may have been cut off by its size.
    pub(super) heavy: bool,
    /// How the latest window without a token began.
    pub(super) opening: Vec<Vec<u8>>,
    /// The latest window without a token was cut off at its start.
    pub(super) beheaded: bool,
    /// How many events the window had that the log began with, and whether it
    /// may have been cut off by its size.
    pub(super) origin: (usize, bool),
    /// The first line of that window.
    pub(super) first: Option<Vec<u8>>,
    /// The largest windows began with other lines than the log is held from: they
    /// are of any length.
    pub(super) partial: bool,
}

impl Limits {
    /// Nothing is known but how many events can be asked for.
    pub(super) fn new(largest: u32) -> Self {
        Self { largest, ..Self::default() }
    }
}

impl Stitcher {
    /// Whether the agent opens the log, as it does all logs of the service: what it says has a
    /// time of its own, so that the log doesn't go round.
    pub(super) fn has_agent(&self) -> bool {
        self.held.lines_after(0).next().is_some_and(is_agent)
    }

    /// How many events a window has at most, where the service said so by what it refused, or
    /// windows showed it.
    pub(super) fn told_cap(&self) -> Option<usize> {
        let refused = self.limits.largest < LARGEST;
        self.limits.cap.or(refused.then_some(self.limits.largest as usize))
    }

    /// How many events a window has at most.
    pub(super) fn cap(&self) -> usize {
        self.limits.cap.unwrap_or(self.limits.largest as usize)
    }

    /// Announces what is still missing when the log is complete.
    pub fn seal(&mut self) -> Patch {
        let end = self.held.len();
        match self.short_of() {
            Some(Anchor::Tail) => return self.held.behead(Missing::Unknown),
            Some(Anchor::Head) => self.limits.cut = true,
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
                let (events, heavy) = self.limits.origin;
                let short = is_round(events) || heavy || self.limits.partial || self.withholds();
                // Of windows that don't reach back, one may have begun with any of its words.
                let alone = self.tokens == Tokens::Useless || self.learning.latest.token.is_none();
                let begins = if self.limits.partial && alone { opens } else { is_agent };
                let opened = first.is_some_and(begins);
                (short && !opened && lines.any(is_agent)).then_some(Anchor::Tail)
            }
            // One of them reached further back than another, and none to the first words.
            None if self.limits.partial && !first.is_some_and(opens) && lines.any(is_agent) => {
                Some(Anchor::Tail)
            }
            _ => {
                let open = first.is_some_and(is_agent) && self.closing() == Closing::Open;
                ((is_round(self.limits.stuck.0) || self.limits.heavy) && open)
                    .then_some(Anchor::Head)
            }
        }
    }

    /// After how many events the service may have cut the log off without a
    /// word; `None` when nothing speaks for it.
    ///
    /// A service that hands out no more than its first thousand events looks
    /// like a log of a thousand lines. What tells is a round number of events, or
    /// that the agent spoke and doesn't close the log: of a build that it `ended`
    /// (one that was stopped can do without), of one whose log stood still while
    /// it went on, where more is offered and not handed out, or where windows are of
    /// the first lines and no token leads on, so that nothing can show the end.
    pub fn suspect(&self, ended: bool) -> Option<(usize, Anchor)> {
        let (events, turns) = self.limits.stuck;
        if self.limits.cut || self.tokens == Tokens::Useful {
            return None;
        }
        let mut lines = self.held.lines_after(0);
        let first = lines.next();
        let agent = first.is_some_and(is_agent);
        let opened = first.is_some_and(may_open);
        let later = lines.any(is_agent);
        // The agent's words come first.
        let begun = later && !opened && self.anchor.is_none();
        if self.anchor == Some(Anchor::Tail) || begun {
            let (events, heavy) = self.limits.origin;
            let cut = (is_round(events) || heavy || later) && !opened;
            return (cut && !self.held.is_headless()).then_some((events, Anchor::Tail));
        }
        let open = self.closing() == Closing::Open;
        let limit = is_round(events) || self.limits.heavy;
        let blind = self.anchor == Some(Anchor::Head);
        let unclosed = agent && (ended || blind || turns >= STUCK);
        (open && (limit || unclosed || self.withholds())).then_some((events, Anchor::Head))
    }

    /// Whether the service offered more, and didn't hand it out.
    fn withholds(&self) -> bool {
        self.tokens != Tokens::Useful && self.learning.latest.token.is_some()
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
        self.limits.cut && self.closing() != Closing::Closed
    }
}
