//! Windows of the newest lines that have no place in the log.
//!
//! What stands between them and what is held was never read, or the two have too little
//! in common to tell. They are kept for one that joins them, and shown after an announced gap
//! where there is no larger window to be had.

use crate::domain::{Missing, Patch};

use super::fit::{Fit, fit};
use super::held::Held;
use super::place::{JOIN, follows, landmarks, overlap, precedes, step};
use super::stitch::Stitcher;

/// So many of them are kept.
const ADRIFT: usize = 16;
/// What the builder says first; its steps count from one again.
const BUILDER: &[u8] = b"#0 building with";
/// So many lines in common are no chance.
const SURE: usize = 4;

impl Stitcher {
    /// Keeps newest lines that have no place yet, for a window that meets them.
    pub(super) fn keep_adrift(&mut self, lines: Vec<Vec<u8>>) {
        let lines = self.join_adrift(lines);
        self.adrift.push(lines);
        self.adrift.drain(..self.adrift.len().saturating_sub(ADRIFT));
    }

    /// These lines, joined with those that have no place yet where that is sure; what is
    /// apart from them is still kept.
    pub(super) fn join_adrift(&mut self, mut lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut apart = vec![];
        for window in std::mem::take(&mut self.adrift).into_iter().rev() {
            let mut known = Held::default();
            known.splice(0, None, &window);
            match fit(&known, &lines, JOIN) {
                Some(Fit { from, slots, .. }) => {
                    known.rewrite(from, slots);
                    lines = known.lines_after(0).map(<[u8]>::to_vec).collect();
                }
                None => apart.push(window),
            }
        }
        apart.reverse();
        self.adrift = apart;
        lines
    }

    /// Appends the windows without a place that came between what is held and these lines, by
    /// what they say of when they were printed: a replica that lags could serve older ones.
    pub(super) fn give_up_earlier(&mut self, lines: &[Vec<u8>]) -> Vec<Patch> {
        let mut patches = vec![];
        for window in std::mem::take(&mut self.adrift) {
            let all = || window.iter().map(Vec::as_slice);
            let between = follows(all(), self.held.lines_after(self.held.run()))
                && follows(lines.iter().map(Vec::as_slice), all());
            if between {
                patches.push(self.give_up(&window));
            } else {
                self.adrift.push(window);
            }
        }
        patches.retain(|patch| !patch.is_empty());
        patches
    }

    /// Whether what isn't held of these was printed before lines that are, of the same build.
    fn is_behind(&self, lines: &[Vec<u8>]) -> bool {
        let begins = |line: &[u8]| line.starts_with(BUILDER);
        let known: Vec<&[u8]> = self.held.lines_after(0).collect();
        let build = known.iter().rposition(|line| begins(line)).unwrap_or_default();
        let known = known.get(build..).unwrap_or_default().iter().copied();
        let lines = || lines.iter().map(Vec::as_slice).take_while(|line| !begins(line));
        // Steps are numbered as they begin.
        let first = self.held.lines_after(self.held.run()).filter_map(step).min();
        let last = lines().filter_map(step).max();
        last.zip(first).is_some_and(|(last, first)| last < first)
            || precedes(lines().filter(|line| !self.held.has(line)), known)
    }

    /// Appends what is new under every reading, after an announced gap.
    pub(super) fn give_up(&mut self, lines: &[Vec<u8>]) -> Patch {
        // Of an older window nothing is new; that it holds other lines than were
        // read then is a gap as well.
        let run = self.held.run();
        let marks = landmarks(&self.held, lines);
        let known = lines.iter().filter(|line| self.held.has(line)).count();
        let alike = marks.len() >= SURE || known * 2 > lines.len();
        let older = alike && !marks.is_empty() && marks.iter().all(|mark| mark.1 < run);
        // What was read last says that it was printed after these.
        let shown = lines.iter().map(Vec::as_slice);
        let older = older || follows(self.held.lines_after(run), shown);
        let new = lines.get(overlap(&self.held, lines)..).unwrap_or_default();
        // A replica that lags hands out lines that got lost before others.
        let older = older || self.is_behind(new);
        let new = if older { &[] } else { new };
        if new.is_empty() && (!self.ending.last || self.held.end() < self.held.len()) {
            return Patch::default();
        }
        self.held.splice(self.held.end(), Some(Missing::Unknown), new)
    }
}
