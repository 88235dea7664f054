//! Where a window stands in the log, judged by its content alone.
//!
//! A window of the newest lines doesn't say how far it reaches back. All there
//! is to go by is the lines that it shares with the log we hold, and equal
//! lines prove little: builds print the same blank lines, rules and `DONE`
//! over and over, and a retried step prints all of itself again. So a window
//! has a place only where
//!
//! * its first lines are, from the very first on, a run of the log we hold,
//!   at least [`RUN`] of them;
//! * at least [`UNIQUE`] of those stand in the log once and in the window
//!   once: lines that repeat say nothing about *which* repetition this is;
//! * and where what follows repeats what was there before (a pair of
//!   consecutive lines that the log already has), those unique lines stand
//!   before the first such repetition. Otherwise the whole window could as
//!   well be the next round of a loop, with a round or more lost in between.
//!
//! Everything else is [`Place::Lost`], which says how far back a window would
//! have to reach. A window that equals the end of what we hold is quiet: no
//! claim is made, so none can be wrong; a later window settles it.

use std::collections::HashMap;

use super::held::{Held, Slot};

/// The fewest lines that can be an anchor.
pub(super) const RUN: usize = 4;
/// The fewest unique lines in an anchor.
pub(super) const UNIQUE: usize = 3;

/// Where a window stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Its first line is at this position of the log.
    At(usize),
    /// The last run of the log begins at this line of the window.
    Before(usize),
    /// It holds nothing that isn't in the log already, or so it seems.
    Quiet,
    /// It can't be told.
    Lost {
        /// How many lines at its start may be old under some reading, be the
        /// agreement chance: the lines after them are new in any case.
        overlap: usize,
        /// How many lines of the log a window would have to reach back over.
        back: usize,
    },
}

/// Finds the place of a window.
pub(super) fn place(held: &Held, window: &[Vec<u8>]) -> Place {
    let run = held.run();
    let known = held.from(run);
    if window.is_empty() {
        return Place::Quiet;
    }
    let mut back = back(held);
    let in_window = count(window);
    let unique = |line: &[u8]| (in_window.get(line) == Some(&1)).then(|| held.only(line)).flatten();
    let mut tried = None;
    for (nth, line) in window.iter().enumerate() {
        let Some(at) = unique(line).filter(|at| *at >= run) else { continue };
        // The lines of a run all say the same.
        let shift = at.wrapping_sub(nth);
        if tried.replace(shift) == Some(shift) {
            continue;
        }
        let (start, skip) = if at - run >= nth { (at - nth, 0) } else { (run, nth - (at - run)) };
        let rest = window.get(skip..).unwrap_or_default();
        let common = held.common(start, rest);
        if common + skip <= nth {
            continue;
        }
        if skip == 0 && start + common == held.len() && common == rest.len() {
            return Place::Quiet;
        }
        let anchors = |until: usize| {
            let shared = rest.iter().take(common).enumerate();
            shared.filter(|(i, l)| start + i <= until && unique(l) == Some(start + i)).count()
        };
        let repeated = first_repetition(held, rest, common);
        let strong = common >= RUN && anchors(repeated.unwrap_or(usize::MAX)) >= UNIQUE;
        if strong {
            return if skip == 0 { Place::At(start) } else { Place::Before(skip) };
        }
        if let Some(first) = repeated {
            back = back.max(held.len().saturating_sub(first) + 2 * RUN);
        }
        break;
    }
    let inside = window.len() <= known.len()
        && known.windows(window.len()).any(|part| part.iter().zip(window).all(|(s, l)| s.is(l)));
    if inside {
        return Place::Quiet;
    }
    Place::Lost { overlap: overlap(known, window).max(last_run(known, window)), back }
}

/// How far back a window must reach to hold an anchor.
pub(super) fn back(held: &Held) -> usize {
    let mut found = 0;
    for (nth, slot) in held.from(held.run()).iter().rev().enumerate() {
        if let Slot::Line(line) = slot {
            found += usize::from(held.only(line).is_some());
        }
        if found >= UNIQUE && nth + 1 >= RUN {
            return nth + 1;
        }
    }
    held.len()
}

/// Where the first pair of lines stands in the log that the window's new part
/// repeats.
fn first_repetition(held: &Held, window: &[Vec<u8>], common: usize) -> Option<usize> {
    let new = window.get(common.saturating_sub(1)..).unwrap_or_default();
    new.iter()
        .zip(new.iter().skip(1))
        .filter(|(a, b)| !(a.is_empty() && b.is_empty()))
        .filter_map(|(a, b)| held.pair(a, b))
        .min()
}

fn count(window: &[Vec<u8>]) -> HashMap<&[u8], u32> {
    let mut count = HashMap::with_capacity(window.len());
    for line in window {
        *count.entry(line.as_slice()).or_insert(0) += 1;
    }
    count
}

/// Where the last place ends at which the window holds all that is known, or 0.
/// (What is known may be short, when it follows a gap.)
fn last_run(known: &[Slot], window: &[Vec<u8>]) -> usize {
    if known.is_empty() {
        return 0;
    }
    let equal = |part: &[Vec<u8>]| part.iter().zip(known).all(|(line, slot)| slot.is(line));
    window.windows(known.len()).rposition(equal).map_or(0, |at| at + known.len())
}

/// The longest start of the window that is the end of what is known: the
/// border of the two, found by Knuth, Morris and Pratt's table.
fn overlap(known: &[Slot], window: &[Vec<u8>]) -> usize {
    let mut table = vec![0usize; window.len()];
    let same = |a: usize, b: usize| window.get(a) == window.get(b);
    let mut length = 0;
    for at in 1..window.len() {
        while length > 0 && !same(at, length) {
            length = table.get(length - 1).copied().unwrap_or(0);
        }
        length += usize::from(same(at, length));
        if let Some(slot) = table.get_mut(at) {
            *slot = length;
        }
    }
    let mut length = 0;
    let tail = known.len().saturating_sub(window.len());
    for slot in known.get(tail..).unwrap_or_default() {
        while length > 0 && !window.get(length).is_some_and(|line| slot.is(line)) {
            length = table.get(length - 1).copied().unwrap_or(0);
        }
        length += usize::from(window.get(length).is_some_and(|line| slot.is(line)));
    }
    length
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
    fn a_run_of_unique_lines_is_an_anchor() {
        let held = held("a b c d e f");
        assert_eq!(place(&held, &lines("c d e f g h")), Place::At(2));
        assert_eq!(place(&held, &lines("c d e f")), Place::Quiet);
        assert_eq!(place(&held, &lines("b c")), Place::Quiet, "a replica that lags");
    }

    #[test]
    fn two_or_three_common_lines_are_none() {
        let held = held("a b c d e f");
        assert_eq!(place(&held, &lines("f g h")), Place::Lost { overlap: 1, back: 4 });
        assert_eq!(place(&held, &lines("d e f g h")), Place::Lost { overlap: 3, back: 4 });
    }

    #[test]
    fn lines_that_repeat_are_none() {
        let spam = held("a b c x x x x x x");
        assert_eq!(place(&spam, &lines("x x x x x y")), Place::Lost { overlap: 5, back: 9 });
        let loops = held("a b c d 1 2 3 4 5 6");
        // The next round of a loop: everything new was there before.
        let next = place(&loops, &lines("3 4 5 6 1 2"));
        assert_eq!(next, Place::Lost { overlap: 4, back: 10 - 4 + 2 * RUN });
        // Reaching back before the loop settles it.
        assert_eq!(place(&loops, &lines("b c d 1 2 3 4 5 6 1 2")), Place::At(1));
    }

    #[test]
    fn what_is_known_may_be_in_the_middle_of_the_window() {
        let mut held = held("a b c");
        held.splice(3, Some(crate::domain::Missing::Unknown), &lines("x y"));
        let place = place(&held, &lines("p x y q x y r s"));
        assert_eq!(place, Place::Lost { overlap: 6, back: 6 });
    }

    #[test]
    fn what_was_missing_before_can_turn_up() {
        let held = held("d e f g");
        assert_eq!(place(&held, &lines("a b c d e f g h")), Place::Before(3));
    }
}
