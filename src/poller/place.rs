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
use super::stitch::is_agent;

/// How much proof is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// Landmarks, at least.
    pub(super) landmarks: usize,
    /// Lines from the first landmark to the last, at least.
    pub(super) span: usize,
    /// Or as many lines that the log ends with and the window begins with.
    pub(super) overlap: Overlap,
    /// Or so many landmarks that say when they were printed, at two moments at least.
    pub(super) timed: Option<usize>,
}

/// How many of those are a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlap {
    /// None are.
    Never,
    /// Many.
    Long,
    /// Or some of which most stand nowhere else.
    Brief,
}

impl Proof {
    /// Whether landmarks with these texts are enough, over so many lines.
    pub(super) fn is_given<'a>(self, marks: impl Iterator<Item = &'a [u8]>, span: usize) -> bool {
        let marks: Vec<&[u8]> = marks.collect();
        let times: Vec<&[u8]> = marks.iter().filter_map(|line| time(line)).collect();
        let timed = self.timed.is_some_and(|least| times.len() >= least);
        let enough = marks.len() >= self.landmarks && span >= self.span;
        enough || timed && times.iter().any(|time| Some(time) != times.first())
    }
}

/// What a line begins with that says to a fraction of a second when it was printed: one
/// of a step (`#7 12.34 text`), or of the agent (`[Container] 2026/01/22
/// 23:28:03.574404 text`). Who prints the same again does so at another moment.
pub(super) fn time(line: &[u8]) -> Option<&[u8]> {
    if is_agent(line) {
        return line.get(..AGENT_TIME).filter(|time| time.get(AGENT_POINT) == Some(&b'.'));
    }
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = line.strip_prefix(b"#")?;
    for after in [b' ', b'.', b' '] {
        let count = digits(rest);
        let next = rest.get(count..).and_then(|rest| rest.strip_prefix(&[after]));
        rest = next.filter(|_| count > 0)?;
    }
    line.get(..line.len() - rest.len())
}

/// The number of the step that a line belongs to: `#7 …`.
pub(super) fn step(line: &[u8]) -> Option<u32> {
    let rest = line.strip_prefix(b"#")?;
    let number = rest.split(|byte| *byte == b' ').next()?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// When a line was printed, in an order: how long the whole part is, and the digits.
type Moment<'a> = (usize, &'a [u8]);

/// Who says when a line was printed, the step or the agent, and when.
fn moment(line: &[u8]) -> Option<(&[u8], Moment<'_>)> {
    let said = time(line)?.trim_ascii_end();
    let (who, when) = said.split_at(said.iter().position(|byte| *byte == b' ')?);
    Some((who, (when.iter().position(|byte| *byte == b'.')?, when)))
}

/// Whether lines were printed after others, by all who say when in both.
pub(super) fn follows<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    others: impl Iterator<Item = &'a [u8]>,
) -> bool {
    let latest = latest(others);
    let said = lines.filter_map(moment);
    let mut after = said.filter_map(|(who, when)| Some(when > *latest.get(who)?)).peekable();
    after.peek().is_some() && after.all(|after| after)
}

/// Whether most of the lines were printed before the latest of the others, by those who say
/// when in both.
pub(super) fn precedes<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    others: impl Iterator<Item = &'a [u8]>,
) -> bool {
    let latest = latest(others);
    let before = |(who, when)| Some(latest.get(who)? > &when);
    let told: Vec<bool> = lines.filter_map(moment).filter_map(before).collect();
    told.iter().filter(|before| **before).count() * 2 > told.len()
}

/// When each who says when a line was printed did so last.
fn latest<'a>(lines: impl Iterator<Item = &'a [u8]>) -> HashMap<&'a [u8], Moment<'a>> {
    let mut latest = HashMap::new();
    for (who, when) in lines.filter_map(moment) {
        latest.entry(who).and_modify(|last| *last = when.max(*last)).or_insert(when);
    }
    latest
}

/// For a window in between: a mistake would be repaired at the end.
pub(super) const FAIR: Proof =
    Proof { landmarks: 8, span: 12, overlap: Overlap::Brief, timed: Some(3) };
/// For a window with nothing after it that could show a mistake, or that nothing after it
/// could repair.
pub(super) const STRONG: Proof =
    Proof { landmarks: 16, span: 32, overlap: Overlap::Long, timed: Some(8) };
/// For a window that meets another one, neither of which has a place yet: what says when it
/// was printed isn't printed twice.
pub(super) const JOIN: Proof = Proof { timed: FAIR.timed, ..STRONG };

/// How long the agent's name and its time are, with a fraction of six digits,
const AGENT_TIME: usize = 38;
/// and where that begins.
const AGENT_POINT: usize = AGENT_TIME - 7;

/// More lines than this aren't inserted late at one place.
pub(super) const INSERTED: usize = 32;

/// So many lines before one that is held are compared with those before another: of the
/// same place at least half are the same, though as many were inserted late as can be.
const NEAR: usize = 2 * INSERTED;

/// How many lines both have in the same order, at most.
fn common(held: &[Slot], window: &[Vec<u8>]) -> usize {
    let mut most = vec![0; window.len() + 1];
    for slot in held {
        let mut before = 0;
        let mut least = 0;
        for (line, best) in window.iter().zip(most.iter_mut().skip(1)) {
            let here = if slot.is(line) { before + 1 } else { least.max(*best) };
            (before, least) = (std::mem::replace(best, here), here);
        }
    }
    most.last().copied().unwrap_or_default()
}

/// How many of a window's first lines may be held already under some reading.
/// Those after them are new in any case.
///
/// If the end of what is held stands in the window, then where its last line
/// does; the last such line there may be counts, and lines may have been
/// inserted before it. But most of those before it must be held as well, as far as
/// lines are held before it without a gap: else it is another line with the same text.
pub(super) fn overlap(held: &Held, window: &[Vec<u8>]) -> usize {
    let end = held.end();
    let run = held.run();
    let known = held.part(run..end);
    let Some(last) = known.last() else { return 0 };
    // How many of the first lines are held, for each number of them.
    let mut counts = vec![0];
    for line in window {
        counts.push(counts.last().unwrap_or(&0) + usize::from(held.has(line)));
    }
    let count = |lines: usize| counts.get(lines).copied().unwrap_or(0);
    let is_held = |nth: usize, at: usize| {
        let depth = nth.min(at.saturating_sub(run));
        let near = depth.min(NEAR);
        let shown = window.get(nth - near..nth).unwrap_or_default();
        (count(nth + 1) - count(nth - depth)) * 2 > depth
            && common(held.part(at - near..at), shown) * 2 >= near
    };
    let marks = landmarks(held, window);
    let mark = marks.iter().rev().find(|(nth, at)| *at >= run && is_held(*nth, *at));
    let (least, most) = match mark {
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
    let nth = (0..part.len()).rev().find(|nth| {
        let line = part.get(*nth);
        line.is_some_and(|line| last.is(line)) && is_held(*nth, end - 1)
    });
    nth.map_or(0, |nth| nth + 1).max(least)
}

/// How far back a window must reach for a proof.
pub(super) fn back(held: &Held, proof: Proof) -> usize {
    let mut marks: Vec<&[u8]> = vec![];
    for (nth, slot) in held.from(held.run()).iter().rev().enumerate() {
        if let Slot::Line(line) = slot
            && held.only(line).is_some()
        {
            marks.push(line);
            if proof.is_given(marks.iter().copied(), nth + 1) {
                return nth + 1;
            }
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
    fn a_line_of_a_step_or_the_agent_says_when_it_was_printed() {
        for (line, said) in [
            ("#7 12.34 Collecting numpy", Some("#7 12.34 ")),
            ("#12 0.310 ", Some("#12 0.310 ")),
            (
                "[Container] 2026/01/22 23:28:03.574404 a.b",
                Some("[Container] 2026/01/22 23:28:03.574404"),
            ),
            ("[Container] 2026/01/22 23:28:03 v1.2 of it is there", None),
            ("#7 DONE 12.3s", None),
            ("#4 sha256:ab 10.49MB / 30.10MB 0.5s", None),
            ("#7 12.34", None),
            ("#7 .34 x", None),
            ("# 12.34 x", None),
            ("7 12.34 x", None),
            ("", None),
        ] {
            assert_eq!(time(line.as_bytes()), said.map(str::as_bytes), "{line}");
        }
    }

    #[test]
    fn lines_follow_others_by_what_all_say_of_when() {
        let follows = |lines: &[&str], others: &[&str]| {
            let bytes = |lines: &[&str]| lines.iter().map(|l| l.as_bytes().to_vec()).collect();
            let (lines, others): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (bytes(lines), bytes(others));
            super::follows(lines.iter().map(Vec::as_slice), others.iter().map(Vec::as_slice))
        };
        let agent = |second: u32| format!("[Container] 2026/01/22 23:28:{second:02}.574404 a");
        assert!(follows(&["#7 10.2 b", "b"], &["#7 9.31 a", "a"]));
        assert!(follows(&["#7 10.21 b", "#8 0.1 b"], &["#7 10.2 a", "#6 99.1 a"]));
        assert!(follows(&[&agent(5)], &[&agent(3), &agent(4)]));
        for (lines, others) in [
            (&["#7 9.31 a"][..], &["#7 10.2 b"][..]),
            (&["#7 9.31 a"], &["#7 9.31 b"]),
            (&["#7 9.31 a", "#8 0.2 c"], &["#7 8.2 b", "#8 0.3 d"]),
            (&["#7 9.31 a"], &["#6 1.0 b"]),
            (&["b"], &["a"]),
        ] {
            assert!(!follows(lines, others), "{lines:?} after {others:?}");
        }
    }

    #[test]
    fn a_few_lines_of_two_moments_are_a_proof() {
        let is_given = |proof: Proof, lines: &[&str]| {
            proof.is_given(lines.iter().map(|line| line.as_bytes()), lines.len())
        };
        assert!(is_given(FAIR, &["#7 0.31 a", "#7 0.31 b", "#7 0.32 a"]));
        assert!(!is_given(FAIR, &["#7 0.31 a", "#7 0.32 b"]));
        assert!(!is_given(FAIR, &["#7 0.31 a", "#7 0.31 b", "#7 0.31 c", "#7 0.31 d"]));
        assert!(!is_given(FAIR, &["#7 a", "#7 b", "#7 c", "#7 d"]));
        let many: Vec<String> = (0..8).map(|n| format!("#7 0.{n} a")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(is_given(STRONG, &many) && !is_given(STRONG, &many[1..]));
    }

    #[test]
    fn what_is_new_under_every_reading_is_what_follows_the_longest_overlap() {
        assert_eq!(overlap(&held("a b c x x x x"), &lines("x x x x x y")), 5);
        assert_eq!(overlap(&held("a b c"), &lines("d e f")), 0);
        assert_eq!(overlap(&held("a b c d"), &lines("b late c d e")), 4);
        let mut known = held("a b c");
        known.splice(3, Some(crate::domain::Missing::Unknown), &lines("x y"));
        assert_eq!(overlap(&known, &lines("p x y q x y r s")), 6);
        // What stands before a line can be what is missing before it, but not other
        // lines than those that are held there.
        known = held("a b c");
        known.splice(3, Some(crate::domain::Missing::Unknown), &lines("x"));
        assert_eq!(overlap(&known, &lines("p q r s x y")), 5);
        assert_eq!(overlap(&held("a b c d e f"), &lines("p q r s d y z")), 0);
        assert_eq!(overlap(&held("a b c d e f"), &lines("d late e f y z")), 4);
        // A command that is run again begins with the same lines. Common ones before
        // those don't make it the same run.
        let run = |line: &dyn Fn(usize) -> String| {
            (0..30).map(line).collect::<Vec<_>>().join(" ") + " from context p q"
        };
        let (first, second) = (run(&|n| format!("= x{n} y{n}")), run(&|n| format!("= = z{n}")));
        assert_eq!(overlap(&held(&first), &lines(&second)), 0);
        let moved = first.split(' ').skip(20).collect::<Vec<_>>().join(" ") + " new";
        assert_eq!(overlap(&held(&first), &lines(&moved)), 74);
    }
}
