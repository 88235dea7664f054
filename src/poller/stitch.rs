//! Merging windows into one log: what to ask for next, and what an answer means.
//!
//! The documentation says neither which part of a log a window is, nor what
//! `nextToken` does. So the stitcher finds out, and believes only what the
//! content of the windows proves:
//!
//! * **Head windows** (the first N lines) only grow at their end. They are
//!   matched from the first line on; whatever differs there was inserted late,
//!   and is repaired as long as nothing that was there gets lost.
//! * **Tail windows** (the newest N lines) say nothing of where they begin.
//!   [`place`](super::place) finds their place by content or refuses; then a
//!   larger one is asked for, up to the largest, and only when that doesn't
//!   help either, an unknown gap is announced. Lines that are new under every
//!   reading follow the gap; nothing is ever shown twice.
//! * A window may be **older than the log we hold** (a replica that lags): then
//!   it is a part of it, or what is left of it when late lines are taken away.
//!   Neither changes anything.
//! * Fewer lines than asked for are **no proof** that there are no more: pages
//!   can be short. A full window, or one with a token, leaves the log *unsure*
//!   until the anchor is known and the token was tried.
//!
//! Which kind the service has is learnt by a *probe*: once the log is long
//! enough, its first few lines are asked for as a window of just that size.
//! A head window is exactly those lines; anything else is a tail. A wrong guess
//! would cost bytes, never lines: every window is still matched by content.
//!
//! A token is tried when the anchor is known, and believed when the page
//! differs from the first and fits what is held: forward from a head, backward
//! from a tail. With forward tokens the log is followed from a cursor near its
//! end; with tail windows by small windows, sized by the rate of new lines and
//! by how far back the next anchor is. Both cost little more than the new
//! lines; only head windows without tokens have to be fetched whole.

use crate::domain::{Missing, Patch};

use super::complete::Closing;
use super::held::{Held, Slot, is_subsequence};
use super::place;

/// The largest window the service has, in events.
pub const LARGEST: u32 = crate::api::MAX_LOGS_LIMIT;

/// A window of about this many bytes may have been cut by the service's limit
/// of 1 MB.
const CUT_BYTES: u64 = 900_000;

/// A log of fewer lines is fetched whole rather than probed.
const WORTH_PROBING: usize = 12;

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
    /// As much as there is.
    Full,
    /// The log's first lines, to learn what a window is.
    Probe(usize),
    /// The newest lines.
    Tail,
    /// The page that begins at this line.
    Forward(usize),
    /// The page before what was collected so far.
    Backward,
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

impl Ask {
    pub(super) fn new(kind: Kind, limit: usize, token: Option<String>) -> Self {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX).max(1);
        Self { limit, token, kind }
    }
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
    pub(super) fn is_full(&self, limit: u32) -> bool {
        self.events >= limit as usize || self.bytes() >= CUT_BYTES
    }
}

/// What an answer led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How the log changes, in this order.
    pub patches: Vec<Patch>,
    /// A further page to ask for at once.
    pub page: Option<Ask>,
}

/// Where the next page of a log that is read forward begins.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    pub(super) token: String,
    pub(super) base: usize,
    /// Its page ended without a further token, so that it grows until asked
    /// for in smaller pieces.
    pub(super) open: bool,
}

/// Merges windows into one log.
#[derive(Debug)]
pub struct Stitcher {
    /// The largest window there is, in events.
    pub(super) largest: u32,
    pub(super) held: Held,
    pub(super) anchor: Option<Anchor>,
    pub(super) tokens: Tokens,
    pub(super) cursor: Option<Cursor>,
    /// Pages read backward, oldest first, not merged yet.
    pub(super) older: Vec<Vec<u8>>,
    /// The newest of them was a full window.
    pub(super) older_full: bool,
    /// The window being read forward or backward began with a full one.
    pub(super) sweep: bool,
    /// There may be more than the windows showed: before the first line of a
    /// tail, after the last line of a head.
    pub(super) unsure: bool,
    /// The last full window was as full as can be, and no token leads on.
    pub(super) cut: bool,
    /// The last full window was merged, and nothing changed since.
    pub(super) reconciled: bool,
    /// A full window is needed: the last answer contradicts what is held.
    pub(super) resync: bool,
    /// A window that contradicts what is held: where it begins, and its lines.
    pub(super) doubt: Option<(usize, Vec<Vec<u8>>)>,
    /// The next tail window must have this many lines.
    pub(super) widen: Option<usize>,
    /// New lines per window, smoothed.
    pub(super) growth: f64,
    /// Bytes received that were held already.
    pub(super) spent: u64,
    /// Empty pages in a row.
    pub(super) empty: u32,
    /// Probes that told nothing.
    pub(super) probes: u32,
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
            held: Held::default(),
            anchor: None,
            tokens: Tokens::default(),
            cursor: None,
            older: Vec::new(),
            older_full: false,
            sweep: false,
            unsure: false,
            cut: false,
            reconciled: false,
            resync: false,
            doubt: None,
            widen: None,
            growth: 0.0,
            spent: 0,
            empty: 0,
            probes: 0,
        }
    }

    /// How many lines and gaps are held.
    pub fn len(&self) -> usize {
        self.held.len()
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

    /// What to ask for at the next turn. `last` asks for the full window that
    /// reconciles the log at its end.
    pub fn ask(&mut self, last: bool) -> Ask {
        self.older.clear();
        self.empty = 0;
        let probe = self.probe().filter(|_| !last || self.unsure);
        if let Some(lines) = probe {
            return self.request(Kind::Probe(lines), lines, None);
        }
        if last || self.resync || self.anchor.is_none() {
            return self.full();
        }
        match (self.anchor, self.cursor.clone()) {
            (Some(Anchor::Tail), _) if self.unsure => self.full(),
            (Some(Anchor::Tail), _) => self.request(Kind::Tail, self.tail(), None),
            (_, Some(cursor)) => {
                let known = self.held.len().saturating_sub(cursor.base);
                // All but the last known line: a token follows, and with it
                // the cursor moves on.
                let limit =
                    if cursor.open && known > 1 { known - 1 } else { self.largest as usize };
                self.sweep = false;
                self.request(Kind::Forward(cursor.base), limit, Some(cursor.token))
            }
            (_, None) => self.full(),
        }
    }

    /// Whether the log can be called complete: the last full window was merged
    /// and left no question that another request could answer.
    pub fn settled(&self) -> bool {
        let asks = match self.anchor {
            None => self.unsure && self.probe().is_some(),
            Some(Anchor::Tail) => self.unsure,
            Some(Anchor::Head) => false,
        };
        self.reconciled && !self.resync && !asks
    }

    /// Announces what is still missing when the log is complete.
    pub fn seal(&mut self) -> Patch {
        let missing = self.anchor != Some(Anchor::Tail) && self.cut;
        let ends_in_gap = matches!(self.held.slots().last(), Some(Slot::Gap(_)));
        if missing && !ends_in_gap {
            let end = self.held.len();
            return self.held.splice(end, Some(Missing::Unknown), &[]);
        }
        Patch::default()
    }

    /// Whether the service cut the log off, at which end.
    pub fn cut_off(&self) -> Option<Anchor> {
        match self.anchor {
            Some(Anchor::Head) if self.cut => Some(Anchor::Head),
            Some(Anchor::Tail) if matches!(self.held.slots().first(), Some(Slot::Gap(_))) => {
                Some(Anchor::Tail)
            }
            _ => None,
        }
    }

    /// What the end of the log says about the agent.
    pub fn closing(&self) -> Closing {
        let from = self.held.len().saturating_sub(64);
        Closing::of(self.held.from(from).iter().filter_map(|slot| match slot {
            Slot::Line(line) => Some(&**line),
            Slot::Gap(_) => None,
        }))
    }

    pub(super) fn request(&self, kind: Kind, limit: usize, token: Option<String>) -> Ask {
        Ask::new(kind, limit.min(self.largest as usize), token)
    }

    fn full(&mut self) -> Ask {
        self.sweep = true;
        self.request(Kind::Full, self.largest as usize, None)
    }

    /// How many of the log's first lines make a probe, if one is due.
    fn probe(&self) -> Option<usize> {
        let due = self.anchor.is_none()
            && self.probes < 3
            && self.held.len() >= WORTH_PROBING
            && !self.held.has_gaps();
        if !due {
            return None;
        }
        // Two lines at least, and one of them must stand nowhere else.
        let unique = |slot: &Slot| matches!(slot, Slot::Line(l) if self.held.only(l).is_some());
        let first = self.held.slots().iter().position(unique)?;
        Some((first + 1).max(2)).filter(|lines| *lines <= self.held.len() / 2)
    }

    /// The size of the next tail window.
    fn tail(&self) -> usize {
        if let Some(widen) = self.widen {
            return widen;
        }
        // What was spent on lines held already must stay well below the log
        // itself; when it doesn't, a look at the last line says whether
        // there is anything new at all.
        if self.spent > self.held.bytes() / 2 {
            return 1;
        }
        place::back(&self.held) + (self.growth * 1.5) as usize + place::RUN
    }

    /// Merges lines that begin at a known position of the log.
    pub(super) fn anchored(&mut self, base: usize, lines: &[Vec<u8>]) -> Merge {
        let doubt = self.doubt.take();
        let common = self.held.common(base, lines);
        let new = lines.get(common..).unwrap_or_default();
        if new.is_empty() {
            return Merge::Quiet;
        }
        let at = base + common;
        let known = || {
            self.held.from(at).iter().filter_map(|slot| match slot {
                Slot::Line(line) => Some(&**line),
                Slot::Gap(_) => None,
            })
        };
        if is_subsequence(known(), new.iter().map(Vec::as_slice)) {
            return Merge::Changed(self.held.splice(at, None, new));
        }
        if is_subsequence(new.iter().map(Vec::as_slice), known()) {
            return Merge::Quiet;
        }
        // One window against all we hold proves little; two that agree are
        // right. (Tokens that are positions lead astray when lines are
        // inserted before them: then what we hold has a line twice.)
        if doubt.is_some_and(|(at, earlier)| at == base && lines.starts_with(&earlier)) {
            return Merge::Changed(self.held.splice(at, None, new));
        }
        self.doubt = Some((base, lines.to_vec()));
        Merge::Odd
    }
}

/// What merging lines at a known position led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Merge {
    /// Nothing is new.
    Quiet,
    /// The log grew, or was repaired.
    Changed(Patch),
    /// The lines contradict what is held.
    Odd,
}
