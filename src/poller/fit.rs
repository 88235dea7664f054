//! Putting a window into the log where it belongs: after what is held, over a
//! gap, or into one.
//!
//! Between its first landmark and its last (see `place.rs`) a window is the log
//! without a gap. What is held there must be among its lines, or they among
//! what is held, if the window is older. Before and after that it may reach
//! into gaps; of what might be held on the other side, nothing is taken.

use std::collections::HashSet;
use std::ops::Range;

use super::border::Borders;
use super::held::{Held, Slot, is_subsequence, lines_of};
use super::place::{Overlap, Proof, landmarks};

/// A window that begins as the log ends, by so many lines and so many different
/// ones, has its place even if few of them stand nowhere else.
const OVERLAP: usize = 32;
const DIFFERENT: usize = 16;
/// Fewer lines do of which most stand nowhere else, where what is new doesn't begin as the
/// log did before.
const BRIEF: usize = 16;
const UNIQUE: usize = 12;
/// As long as no overlap of more than this part of those lines fits, too.
const PART: usize = 4;

/// So many new lines are looked at for two that differ, which tell whether the log may
/// begin again with them.
const STARTS: usize = 8;

/// So many landmarks must stand before a gap that a window reaches over, for two
/// or three can be chance.
const SIDE: usize = 4;

/// The log as it is with a window in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fit {
    /// From which position on it is another log,
    pub(super) from: usize,
    /// and what stands there.
    pub(super) slots: Vec<Slot>,
    /// From which position on the window shows all there is; `None` if it is
    /// older than that.
    pub(super) seen: Option<usize>,
}

/// Where lines of a window stand in the log: the first of them and the last.
struct Ends {
    window: Range<usize>,
    held: Range<usize>,
}

/// Puts a window into the log; `None` when its place can't be told.
pub(super) fn fit(held: &Held, window: &[Vec<u8>], proof: Proof) -> Option<Fit> {
    let run = held.run();
    let all = several(held, landmarks(held, window));
    let last: Vec<(usize, usize)> = all.iter().copied().filter(|mark| mark.1 >= run).collect();
    by_landmarks(held, window, &all, proof)
        .and_then(|ends| between(held, window, &ends))
        .or_else(|| between(held, window, &by_landmarks(held, window, &last, proof)?))
        .or_else(|| between(held, window, &by_overlap(held, window, proof.overlap)?))
}

/// Without the landmarks beyond a gap that are too few to reach over it.
fn several(held: &Held, all: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let slots = held.part(0..held.run()).iter().enumerate();
    let gaps: Vec<usize> =
        slots.filter(|(_, slot)| matches!(slot, Slot::Gap(_))).map(|(at, _)| at).collect();
    let run = |mark: &(usize, usize)| gaps.partition_point(|&gap| gap < mark.1);
    let enough = |nth: usize| {
        nth == gaps.len() || all.iter().filter(|mark| run(mark) == nth).count() >= SIDE
    };
    let runs: Vec<bool> = (0..=gaps.len()).map(enough).collect();
    all.iter().filter(|mark| runs.get(run(mark)) == Some(&true)).copied().collect()
}

/// The log with a window whose landmarks stand between these ends.
fn between(held: &Held, window: &[Vec<u8>], ends: &Ends) -> Option<Fit> {
    let slots = held.slots();
    let part = |range: Range<usize>| window.get(range).unwrap_or_default();
    let inside = |some: &[Slot], all: &[Vec<u8>]| {
        is_subsequence(lines_of(some), all.iter().map(Vec::as_slice))
    };
    let older = |some: &[Vec<u8>], all: &[Slot]| {
        is_subsequence(some.iter().map(Vec::as_slice), lines_of(all))
    };
    let gap = |slot: &Slot| matches!(slot, Slot::Gap(_));

    // Between the landmarks.
    let (shown, known) = (part(ends.window.clone()), held.part(ends.held.clone()));
    let middle = if inside(known, shown) {
        as_slots(shown)
    } else if !known.iter().any(gap) && older(shown, known) {
        known.to_vec()
    } else {
        return None;
    };

    // Before them. Of what stands in the run before, nothing is taken again.
    let run = held.part(0..ends.held.start).iter().rposition(gap).map_or(0, |gap| gap + 1);
    let known = held.part(run..ends.held.start);
    let last = held.part(0..run.saturating_sub(1)).last();
    let shown = part(0..ends.window.start);
    if !may_precede(known, shown) {
        return None;
    }
    let skip = shown.iter().rposition(|line| {
        last.is_some_and(|last| last.is(line)) || held.only(line).is_some_and(|at| at < run)
    });
    let shown = part(skip.map_or(0, |at| at + 1)..ends.window.start);
    let (from, before) = if shown.len() > known.len() && inside(known, shown) {
        (run, as_slots(shown))
    } else {
        // However long the log is, what stays isn't looked at.
        (ends.held.start, vec![])
    };

    // After them, up to the next gap, and what may be held beyond that.
    let rest = held.part(ends.held.end..slots.len());
    let (known, rest) = rest.split_at(rest.iter().position(gap).unwrap_or(rest.len()));
    let shown = part(ends.window.end..window.len());
    let next = rest.get(1);
    let beyond = slots.len() - rest.len();
    let until = shown.iter().position(|line| {
        next.is_some_and(|next| next.is(line)) || held.only(line).is_some_and(|at| at > beyond)
    });
    let (after, rest, newest) = if inside(known, part_of(shown, until)) {
        let shown = part_of(shown, until);
        // A gap at the end is filled by what is newer than what stands before it.
        let filled = next.is_none() && shown.len() > known.len();
        (as_slots(shown), if filled { &[] } else { rest }, next.is_none())
    } else if older(shown, known) {
        (known.to_vec(), rest, false)
    } else {
        return None;
    };
    let seen = newest.then_some(from + before.len());
    Some(Fit { from, slots: [before, middle, after, rest.to_vec()].concat(), seen })
}

/// Whether these lines of a window can stand where those that are held do, right before a
/// line that both have: but for late lines, the nearer half of the one is among the other.
fn may_precede(held: &[Slot], shown: &[Vec<u8>]) -> bool {
    let known: Vec<&[u8]> = lines_of(held).collect();
    let shown: Vec<&[u8]> = shown.iter().map(Vec::as_slice).collect();
    let near = known.len().min(shown.len()) / 2;
    let last = |lines: &[_]| lines.len() - near;
    is_subsequence(known.iter().copied().skip(last(&known)), shown.iter().copied())
        || is_subsequence(shown.iter().copied().skip(last(&shown)), known.iter().copied())
}

fn part_of(lines: &[Vec<u8>], until: Option<usize>) -> &[Vec<u8>] {
    lines.get(..until.unwrap_or(lines.len())).unwrap_or_default()
}

pub(super) fn as_slots(lines: &[Vec<u8>]) -> Vec<Slot> {
    lines.iter().map(|line| Slot::Line(line.as_slice().into())).collect()
}

/// By landmarks: those that are in one order in both are what counts.
fn by_landmarks(
    held: &Held,
    window: &[Vec<u8>],
    all: &[(usize, usize)],
    proof: Proof,
) -> Option<Ends> {
    let chain = longest_order(all);
    let (&(first, at), &(last, end)) = (chain.first()?, chain.last()?);
    let round = goes_round(held, window, last, end).unwrap_or(held.len());
    let sure = chain.partition_point(|mark| mark.1 < round);
    let sure = chain.get(..sure).unwrap_or_default();
    let texts = sure.iter().filter_map(|(nth, _)| window.get(*nth)).map(Vec::as_slice);
    let enough = proof.is_given(texts, sure.last().map_or(0, |mark| mark.0 + 1 - first));
    let most = chain.len() * 4 >= all.len() * 3;
    // A log that repeats itself goes on with its first lines after its last.
    let before = window.get(..first).unwrap_or_default();
    let round = before.iter().any(|line| held.only(line).is_some_and(|place| place > end));
    (enough && most && !round).then_some(Ends { window: first..last + 1, held: at..end + 1 })
}

/// From where on the log may go round, if a line of the window is the one that is held at
/// `end`: what is new begins as the log does from there. Then all that is held since may
/// be another round than the window shows.
fn goes_round(held: &Held, window: &[Vec<u8>], nth: usize, end: usize) -> Option<usize> {
    let run = held.run();
    let known = held.part(run..held.end());
    let new = window.get(nth + held.end().checked_sub(end)?..)?;
    let other = new.iter().take(STARTS).position(|line| Some(line) != new.first());
    let start = new.get(..other.map_or(1, |nth| nth + 1))?;
    // Common lines say nothing of it.
    start.iter().find(|line| held.only(line).is_some())?;
    let same = |slots: &[Slot]| slots.iter().zip(start).all(|(slot, line)| slot.is(line));
    known.windows(start.len()).rposition(same).map(|at| run + at)
}

/// The longest series of pairs in which both grow.
fn longest_order(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the pair with the least end that such a series has; and
    // for each pair, the one before it in the longest that ends with it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let at = |nth: usize| pairs.get(nth).map_or(0, |pair| pair.1);
    for nth in 0..pairs.len() {
        let length = ends.partition_point(|&end| at(end) < at(nth));
        before.push(length.checked_sub(1).and_then(|last| ends.get(last).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = nth,
            None => ends.push(nth),
        }
    }
    let mut series: Vec<(usize, usize)> =
        std::iter::successors(ends.last().copied(), |&nth| before.get(nth).copied().flatten())
            .filter_map(|nth| pairs.get(nth).copied())
            .collect();
    series.reverse();
    series
}

/// By the lines that the log ends with and the window begins with: there must
/// be many, and no other number of them that would fit nearly as well, which
/// tells logs that repeat themselves.
fn by_overlap(held: &Held, window: &[Vec<u8>], overlap: Overlap) -> Option<Ends> {
    // What stands further back can't be a part of it.
    let start = held.run().max(held.end().saturating_sub(window.len()));
    let borders = Borders::of(window.iter().map(Vec::as_slice).collect());
    let mut overlaps = borders.ends(lines_of(held.part(start..held.end()))).into_iter();
    let longest = overlaps.next().filter(|&lines| lines >= BRIEF)?;
    let single = overlaps.next().is_none_or(|next| next * PART <= longest);
    let lines: HashSet<&Vec<u8>> = window.iter().take(longest).collect();
    let long = longest >= OVERLAP && lines.len() >= DIFFERENT;
    let end = held.end();
    let unique = landmarks(held, window).iter().filter(|(nth, _)| *nth < longest).count();
    let brief = || unique >= UNIQUE && goes_round(held, window, longest - 1, end - 1).is_none();
    let given = match overlap {
        Overlap::Never => false,
        Overlap::Long => long,
        Overlap::Brief => long || brief(),
    };
    (single && given).then_some(Ends { window: 0..longest, held: end - longest..end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Missing;

    const SOME: Proof = Proof { landmarks: 3, span: 3, overlap: Overlap::Brief, timed: None };

    /// Lines, and `~` for a gap.
    fn held(text: &str) -> Held {
        let mut held = Held::default();
        held.rewrite(0, slots(text));
        held
    }

    fn slots(text: &str) -> Vec<Slot> {
        let slot = |word: &str| match word {
            "~" => Slot::Gap(Missing::Unknown),
            _ => Slot::Line(word.as_bytes().into()),
        };
        text.split_whitespace().map(slot).collect()
    }

    /// The log with a window put into it.
    fn with(log: &str, window: &str) -> Option<String> {
        let mut held = held(log);
        let window: Vec<Vec<u8>> = window.split_whitespace().map(|w| w.into()).collect();
        let Fit { from, slots, .. } = fit(&held, &window, SOME)?;
        held.rewrite(from, slots);
        let word = |slot: &Slot| match slot {
            Slot::Gap(_) => "~".to_owned(),
            Slot::Line(line) => String::from_utf8_lossy(line).into_owned(),
        };
        Some(held.slots().iter().map(word).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_window_is_put_where_its_landmarks_stand() {
        for (log, window, whole) in [
            // Newer, older, with late lines, without them.
            ("a b c d e", "c d e f g", "a b c d e f g"),
            ("a b c d e", "a b c", "a b c d e"),
            ("a b c d e", "b c late d e f", "a b c late d e f"),
            ("a b c late d e", "a b c d", "a b c late d e"),
            ("= = = = a b c", "= late = = = a b c d", "= late = = = a b c d"),
            // Over a gap, and into it from both sides.
            ("a b c d ~ g h i", "a b c d e f g h", "a b c d e f g h i"),
            ("a b c d ~ h i j k", "a b c d e", "a b c d e ~ h i j k"),
            ("a b c d ~ h i j k", "g h i j k", "a b c d ~ g h i j k"),
            ("a b c d ~ h i j k", "g h i j k l", "a b c d ~ g h i j k l"),
            // A gap at the start, and one at the end.
            ("~ d e f", "b c d e f g", "~ b c d e f g"),
            ("a b c ~", "a b c d", "a b c d"),
            ("a b c ~", "a b c", "a b c ~"),
            // An older one of an earlier run is not the newest.
            ("a b c d ~ x y z", "a b c d", "a b c d ~ x y z"),
            ("a b c d ~ x y z", "a b c d e f", "a b c d e f ~ x y z"),
            // What may be held on the other side is left there.
            ("a = b c d = ~ h i j k", "x = g h i j k", "a = b c d = ~ g h i j k"),
            ("a = b c d e ~ = x y z", "b c d e f = q", "a = b c d e f ~ = x y z"),
            // Of an earlier run it shows three lines, which can be others.
            ("a b c d ~ x y z", "b c d p q x y z", "a b c d ~ p q x y z"),
            // One landmark of an earlier run that contradicts those of the last.
            ("a b c d ~ x y z", "b q x y z", "a b c d ~ q x y z"),
        ] {
            assert_eq!(with(log, window).as_deref(), Some(whole), "{log} + {window}");
        }
    }

    #[test]
    fn a_window_that_contradicts_what_is_held_has_no_place() {
        for (log, window) in [
            ("a b c d e f", "c d x f"),
            ("a b c d e", "e d c b a"),
            ("a b c d e", "x y z"),
            ("a a b b c", "a b c"),
            ("a b c late d e", "b c other d e"),
            ("a b c d e f", "f a b c d e"),
            // What stands right before the lines that both have is something else.
            ("p q r s a b c", "w x y z a b c d"),
            ("p q r s a b c", "w x r y a b c d"),
        ] {
            assert_eq!(with(log, window), None, "{log} + {window}");
        }
    }

    #[test]
    fn what_may_be_another_round_of_a_loop_has_no_place() {
        for (log, window) in [
            // What is new begins as what is held did.
            ("a b c d e", "b c d e a b"),
            ("a b c d e", "c d e a"),
            ("s t a b c d e", "t a b c d e a b"),
            ("a = c d e", "c d e a ="),
            // What stands before the first landmark is held after the last.
            ("a b c d e f", "e f a b c d e f a"),
        ] {
            assert_eq!(with(log, window), None, "{log} + {window}");
        }
        for (log, window, whole) in [
            // Enough stands before the loop.
            ("s t u a b c", "s t u a b c a b", "s t u a b c a b"),
            // Common lines say nothing.
            ("= a b = c d =", "b = c d = = e", "= a b = c d = = e"),
            ("a = b c = d e", "b c = d e = f", "a = b c = d e = f"),
        ] {
            assert_eq!(with(log, window).as_deref(), Some(whole), "{log} + {window}");
        }
    }

    #[test]
    fn one_landmark_out_of_order_is_outvoted() {
        assert_eq!(with("z a b c d", "a b c d e z").as_deref(), Some("z a b c d e z"));
    }

    #[test]
    fn many_lines_that_repeat_themselves_a_little_are_an_overlap() {
        let line = |n: u32| if n.is_multiple_of(2) { "-".into() } else { format!("{}", n % 97) };
        let text = |range: Range<u32>| range.map(line).collect::<Vec<_>>().join(" ");
        // Each line stands at several places, and all of them at one.
        assert_eq!(with(&text(0..400), &text(250..500)), Some(text(0..500)));
        // Of lines that stand nowhere else fewer are enough, if they don't go round.
        let rare = |range: Range<u32>| range.map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        let by_overlap = |log: &str, window: &str| {
            let window: Vec<Vec<u8>> = window.split_whitespace().map(|w| w.into()).collect();
            by_overlap(&held(log), &window, Overlap::Brief).map(|ends| ends.window)
        };
        assert_eq!(by_overlap(&rare(0..80), &rare(64..99)), Some(0..16));
        assert_eq!(by_overlap(&rare(0..80), &rare(65..99)), None);
        assert_eq!(by_overlap(&rare(0..80), &format!("{} 50 51", rare(64..80))), None);
        // A loop of twenty lines could have gone round any number of times.
        let round = |range: Range<u32>| range.map(|n| format!("{}", n % 20)).collect::<Vec<_>>();
        let round = |range| round(range).join(" ");
        assert_eq!(with(&round(0..400), &round(250..500)), None);
    }
}
