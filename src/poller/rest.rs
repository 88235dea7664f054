//! How long the log rests between two turns, so that following it costs little more than
//! the log itself.

use std::time::Duration;

use super::complete::{Closing, LATE};
use super::pace::SPARING;
use super::place::back;
use super::stitch::{Anchor, Stitcher, Tokens};

/// So many bytes can be read as often as it takes to learn what windows are.
const SMALL: u64 = 8192;
/// So many events a window has, though nothing has shown it.
const PROVEN: usize = 250;
/// and for sure no fewer than this.
const SURELY: usize = 100;
/// A reading that repeats such a part of a log isn't worth it between the end of the
/// build and the last one.
const MUCH: u64 = 8;
/// Where the agent hasn't closed the log, there is something to come that explains the rest:
/// then it is a larger part.
const MUCH_OF_OPEN: u64 = 3;

impl Stitcher {
    /// How long the log should rest that has cost so much; `None` where it hasn't.
    pub fn sparing(&self) -> Option<Duration> {
        if self.is_urgent() {
            return None;
        }
        let head = self.anchor == Some(Anchor::Head);
        match self.over {
            _ if head && self.tokens != Tokens::Useful => self.whole_rest(),
            true => self.ending_rest(),
            false => self.growing_rest(),
        }
    }

    /// Whether the next reading can't wait: it settles what is in doubt, or is of a log that
    /// is short, or has begun a moment ago.
    fn is_urgent(&self) -> bool {
        let bytes = self.held.bytes();
        let learns = self.anchor.is_none() && bytes < SMALL && self.is_learning();
        let doubtful = self.widen.is_some() || self.resync || self.hollow;
        // At first nothing tells how much there will be after it.
        let begins = self.pulse.is_unknown() && !(self.over && self.has_agent());
        learns || doubtful || begins && self.pulse.is_worth(bytes)
    }

    /// The rest where every answer is all of the log: it can't cost little, but less.
    fn whole_rest(&self) -> Option<Duration> {
        match (self.over, self.closing()) {
            _ if self.pulse.news => None,
            // Nothing but a line that comes late can change the first lines.
            _ if self.learning.latest.full => Some(LATE),
            (false, _) => self.pulse.is_overspent().then_some(SPARING),
            (true, Closing::Open) => Some(SPARING),
            // What could still come is read for the last time.
            (true, _) => Some(LATE),
        }
    }

    /// The rest of a build that is over.
    fn ending_rest(&self) -> Option<Duration> {
        if self.pulse.news {
            return None;
        }
        let open = self.has_agent() && self.closing() == Closing::Open;
        if open && self.anchor == Some(Anchor::Tail) {
            // A look costs a line, and what is still to come explains the rest.
            return Some(SPARING / 2);
        }
        // What could still come is read with all of it.
        let much = if open { MUCH_OF_OPEN } else { MUCH };
        match self.repeats() > self.held.bytes() / much {
            true => Some(LATE),
            false => self.unpressed(self.dear_rest()?),
        }
    }

    /// The rest while the build goes on.
    fn growing_rest(&self) -> Option<Duration> {
        let rest = match self.pulse.news {
            true if self.anchor == Some(Anchor::Tail) => self.pulse.patience(self.repeats()),
            true => None,
            false => self.dear_rest(),
        };
        self.unpressed(rest?)
    }

    /// The rest where nothing is known to be new.
    fn dear_rest(&self) -> Option<Duration> {
        let repeats = self.repeats();
        match self.pulse.is_dear(repeats) {
            false => None,
            // A look at a log that stands still costs little.
            true if self.pulse.is_idle() => Some(self.pulse.lull()),
            true => Some(self.pulse.rest(repeats)),
        }
    }

    /// A rest, or a shorter one in which no more is likely to come than a window holds.
    fn unpressed(&self, rest: Duration) -> Option<Duration> {
        let shorter = [SPARING, SPARING / 2, SPARING / 4];
        let shorter = shorter.into_iter().filter(|shorter| *shorter < rest);
        let mut rests = std::iter::once(rest).chain(shorter);
        let rest = rests.find(|rest| !self.is_pressed(*rest))?;
        Some(if self.is_early() { rest / 2 } else { rest })
    }

    /// Whether more may come in such a rest than a window holds, as far as
    /// windows have shown how much that is.
    pub(super) fn is_pressed(&self, rest: Duration) -> bool {
        // Lines that wait without need aren't to be lost for it.
        let least = if self.pulse.news { SURELY } else { PROVEN };
        let told = self.told_cap();
        let most = told.unwrap_or(self.limits.proven.max(least));
        // A log that repeats itself is recognised by many lines, or all of it.
        let known = back(&self.held, self.proof());
        let known = if self.limits.cap.is_none() { known.min(most / 4) } else { known };
        let tail = self.anchor == Some(Anchor::Tail);
        let coming = if told.is_some() { self.pulse.at_worst(rest) } else { self.pulse.most(rest) };
        tail && known + coming as usize >= most
    }

    /// How many bytes that are held the next reading repeats: what a window of the newest
    /// lines is recognised by, or all there is.
    fn repeats(&self) -> u64 {
        let from = match self.anchor {
            Some(Anchor::Tail) if self.is_small(self.expected()) => {
                self.held.len() - back(&self.held, self.proof())
            }
            Some(Anchor::Head) => self.trail.last().map_or(0, |page| page.base),
            _ => 0,
        };
        self.held.lines_after(from).map(|line| line.len() as u64 + 1).sum()
    }
}
