//! What tells where a window stands in the log: its content alone.
//!
//! A window of the newest lines doesn't say how far it reaches back. All there
//! is to go by is the lines that it shares with the log we hold, and equal
//! lines prove little: builds print the same blank lines, rules and `DONE`
//! over and over, and a retried step prints all of itself again. What counts
//! are *landmarks*: lines that stand once in the window and once in the log.
//! A window has a place where there are enough of them, in the same order and
//! spread over enough lines (`fit.rs`).
//!
//! Anything else has no place. That costs a larger window, never a line.

use std::collections::{HashMap, HashSet};

use super::held::{Held, Slot};

/// How much proof is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// Landmarks, at least.
    pub(super) landmarks: usize,
    /// Lines from the first landmark to the last, at least.
    pub(super) span: usize,
    /// Or as many lines that the log ends with and the window begins with.
    pub(super) overlap: bool,
}

/// For a window in between: a mistake would be repaired at the end.
pub(super) const FAIR: Proof = Proof { landmarks: 8, span: 12, overlap: true };
/// For a window with nothing after it that could show a mistake.
pub(super) const STRONG: Proof = Proof { landmarks: 16, span: 32, overlap: true };

/// More lines than this aren't inserted late at one place.
pub(super) const INSERTED: usize = 32;

/// How many of a window's first lines may be held already under some reading.
/// Those after them are new in any case.
///
/// If the end of what is held stands in the window, then where its last line
/// does; the last such line there may be counts, and lines may have been
/// inserted before it.
pub(super) fn overlap(held: &Held, window: &[Vec<u8>]) -> usize {
    let end = held.end();
    let known = held.part(held.run()..end);
    let Some(last) = known.last() else { return 0 };
    let run = held.run();
    let (least, most) = match landmarks(held, window).iter().rev().find(|mark| mark.1 >= run) {
        Some((nth, at)) => (nth + 1, nth + (end - at) + INSERTED),
        None => {
            // What stands before a line that isn't in the window isn't either.
            let shown: HashSet<&[u8]> = window.iter().map(Vec::as_slice).collect();
            let gone = |slot: &Slot| match slot {
                Slot::Line(line) => held.only(line).is_some() && !shown.contains(&**line),
                Slot::Gap(_) => false,
            };
            match known.iter().rev().position(gone) {
                Some(0) => return 0,
                Some(rest) => (0, rest + INSERTED),
                None => (0, window.len()),
            }
        }
    };
    let part = window.get(..most.min(window.len())).unwrap_or_default();
    part.iter().rposition(|line| last.is(line)).map_or(0, |nth| nth + 1).max(least)
}

/// How far back a window must reach for a proof.
pub(super) fn back(held: &Held, proof: Proof) -> usize {
    let mut found = 0;
    for (nth, slot) in held.from(held.run()).iter().rev().enumerate() {
        if let Slot::Line(line) = slot {
            found += usize::from(held.only(line).is_some());
        }
        if found >= proof.landmarks && nth + 1 >= proof.span {
            return nth + 1;
        }
    }
    held.len()
}

/// The lines that stand once in the window and once in the log: line of the
/// window, position in the log.
pub(super) fn landmarks(held: &Held, window: &[Vec<u8>]) -> Vec<(usize, usize)> {
    let mut count: HashMap<&[u8], u32> = HashMap::with_capacity(window.len());
    for line in window {
        *count.entry(line.as_slice()).or_insert(0) += 1;
    }
    let lines = window.iter().enumerate();
    lines
        .filter(|(_, line)| count.get(line.as_slice()) == Some(&1))
        .filter_map(|(nth, line)| Some((nth, held.only(line)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Vec<u8>> {
        text.split_whitespace().map(|word| word.as_bytes().to_vec()).collect()
    }

    fn held(text: &str) -> Held {
        let mut held = Held::default();
        held.splice(0, None, &lines(text));
        held
    }

    #[test]
    fn what_is_new_under_every_reading_is_what_follows_the_longest_overlap() {
        assert_eq!(overlap(&held("a b c x x x x"), &lines("x x x x x y")), 5);
        assert_eq!(overlap(&held("a b c"), &lines("d e f")), 0);
        assert_eq!(overlap(&held("a b c d"), &lines("b late c d e")), 4);
        let mut known = held("a b c");
        known.splice(3, Some(crate::domain::Missing::Unknown), &lines("x y"));
        assert_eq!(overlap(&known, &lines("p x y q x y r s")), 6);
    }
}
