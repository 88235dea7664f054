//! Text that only moved: found by comparing pictures, so that the terminal can
//! be told to move it instead of being sent it again. Over a slow line that is
//! the difference between a hundred bytes and some thousands.

use std::ops::Range;

use crate::ui::Moved;

use super::picture::{BARE, Glyph, PIECE, Picture};

/// Rows that moved up (or down) inside a range of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The rows that take part.
    pub rows: Range<u16>,
    /// By how many rows the text moves.
    pub by: u16,
    /// Whether it moves up.
    pub up: bool,
}

/// Bytes that must be saved for a shift to be worth its words.
const WORTH: i32 = 24;

/// Bytes that a row must gain by coming from elsewhere, lest a row that
/// doesn't belong to the text is torn away for a letter or two.
const DOUBT: i32 = 3;

/// The shift that spares most of the difference between two pictures of one
/// size, if one does. The rows that are known to have moved are the first to be
/// looked at.
pub fn find(shown: &Picture, next: &Picture, moved: Option<&Moved>) -> Option<Shift> {
    let height = next.height();
    if shown.height() != height || shown.width() != next.width() {
        return None;
    }
    // Of a page hardly anything is left to be moved.
    let far = |moved: &&Moved| moved.by > moved.rows.end.saturating_sub(moved.rows.start) / 2;
    let known = moved.filter(|moved| !far(moved)).and_then(|moved| weigh(shown, next, moved));
    known.or_else(|| {
        let (by, up) = likeliest(shown, next)?;
        weigh(shown, next, &Moved { rows: 0..height, by, up })
    })
}

/// The shift by so much that spares most, within the rows that may have moved.
fn weigh(shown: &Picture, next: &Picture, moved: &Moved) -> Option<Shift> {
    let Moved { rows: Range { start, end }, by, up } = *moved;
    // What each row gains by coming from elsewhere.
    let gains: Vec<i32> = (0..next.height())
        .map(|y| {
            let from = if up { y.checked_add(by) } else { y.checked_sub(by) };
            let within = |y: &u16| (start..end).contains(y);
            let Some(from) = from.filter(|from| within(from) && within(&y)) else {
                return i32::MIN / 1000;
            };
            if shown.is_same(from, next, y) {
                return guess(shown, next, y) - DOUBT;
            }
            cost(shown, y, next, y) - cost(shown, from, next, y) - DOUBT
        })
        .collect();
    let (gain, rows) = best_run(&gains)?;
    let (rows, bare) = match up {
        true => (rows.start..rows.end + by, rows.end..rows.end + by),
        false => (rows.start - by..rows.end, rows.start - by..rows.start),
    };
    // What is uncovered has to be drawn, though it may have been right.
    let loss: i32 = bare
        .map(|y| {
            next.row(y).iter().filter(|glyph| **glyph != Glyph::BLANK).count() as i32
                - cost(shown, y, next, y)
        })
        .sum();
    (gain - loss >= WORTH).then_some(Shift { rows, by, up })
}

/// The same for a row in its place, without a look at its cells: most of those
/// in pieces with another text differ.
fn guess(shown: &Picture, next: &Picture, y: u16) -> i32 {
    if shown.is_same(y, next, y) {
        return 0;
    }
    let (was, is) = (shown.hashes(y), next.hashes(y));
    let differ = was.iter().zip(is).filter(|(a, b)| a != b).count();
    let inked = is.iter().zip(was).filter(|(a, b)| **a != BARE || **b != BARE).count();
    let ink = usize::from(shown.ink(y).max(next.ink(y)));
    (ink * differ * 2 / (3 * inked.max(1))) as i32
}

/// About how many bytes it takes to make a row another: its cells that differ,
/// and the way to each run of them.
fn cost(shown: &Picture, from: u16, next: &Picture, to: u16) -> i32 {
    const WAY: i32 = 5;
    if shown.is_same(from, next, to) {
        return 0;
    }
    let (mut cost, mut since) = (0, WAY);
    let columns = next.differing(to, shown, from);
    let pieces = shown.pieces(from).zip(next.pieces(to));
    for ((was, before), (is, now)) in pieces.take(columns.end.div_ceil(PIECE)) {
        if was == is {
            // Should they differ in colours only, the guess is bad, no more.
            since += WAY;
            continue;
        }
        for (a, b) in before.iter().zip(now) {
            if a == b {
                since += 1;
            } else {
                cost += 1 + since.min(WAY);
                since = 0;
            }
        }
    }
    cost
}

/// The run of rows that gains most together, and how much.
fn best_run(gains: &[i32]) -> Option<(i32, Range<u16>)> {
    let (mut best, mut sum, mut start) = (None, 0, 0);
    for (y, gain) in gains.iter().enumerate() {
        if sum <= 0 {
            (sum, start) = (0, y);
        }
        sum += gain;
        if sum > 0 && best.as_ref().is_none_or(|(most, _)| sum > *most) {
            best = Some((sum, start as u16..y as u16 + 1));
        }
    }
    best
}

/// Pieces of a row that are looked for elsewhere: the first that differ.
const ASKED: usize = 2;

/// The distance at which most pieces of the new picture are found in the old
/// one, among those that are not where they were.
fn likeliest(shown: &Picture, next: &Picture) -> Option<(u16, bool)> {
    let height = next.height();
    let mut votes = vec![0u32; 2 * usize::from(height)];
    let all: Vec<&[u64]> = (0..height).map(|y| shown.hashes(y)).collect();
    for y in (0..height).filter(|y| !shown.is_same(*y, next, *y)) {
        let (was, now) = (shown.hashes(y), next.hashes(y));
        let asked = was.iter().zip(now).enumerate().filter(|(_, (a, b))| a != b && **b != BARE);
        for (column, (_, hash)) in asked.take(ASKED) {
            for (from, hashes) in (0..).zip(&all) {
                // Up by `from - y`, or down by `y - from`.
                if hashes.get(column) == Some(hash)
                    && let Some(vote) = votes.get_mut(usize::from(height + from - y))
                {
                    *vote += 1;
                }
            }
        }
    }
    let height = usize::from(height);
    let (at, most) = votes.iter().enumerate().max_by_key(|(_, votes)| **votes)?;
    if *most < 2 || at == height {
        return None;
    }
    let (by, up) = if at > height { (at - height, true) } else { (height - at, false) };
    // Nothing to gain by moving what leaves the screen.
    (by < height).then_some((by as u16, up))
}

#[cfg(test)]
mod tests {
    use super::super::picture::Clusters;
    use super::*;
    use ratatui::buffer::Buffer;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Pictures of which no two rows have one name.
    fn taken(buffer: &Buffer) -> Picture {
        static TAKEN: AtomicU64 = AtomicU64::new(0);
        let mut picture = Picture::default();
        let mut names = TAKEN.fetch_add(1, Ordering::Relaxed) << 32;
        let (width, height) = (buffer.area.width, buffer.area.height);
        picture.clear(width, height);
        picture.take(buffer, |_| 0..width, |y| y, &mut names, &mut Clusters::default());
        picture
    }

    fn picture(lines: &[&str]) -> Picture {
        taken(&Buffer::with_lines(lines.iter().map(|l| format!("{l:<24}"))))
    }

    fn shift(before: &[&str], after: &[&str]) -> Option<Shift> {
        find(&picture(before), &picture(after), None)
    }

    const A: [&str; 8] = [
        "top",
        "alpha and more of it",
        "beta and more of it",
        "gamma, the third",
        "delta, fourth in line",
        "epsilon which is fifth",
        "zeta",
        "bar 1",
    ];

    #[test]
    fn scrolled_text_between_bars_is_found() {
        let mut after = A;
        after[1..7].rotate_left(1);
        after[6] = "eta is new";
        after[7] = "bar 2";
        assert_eq!(shift(&A, &after), Some(Shift { rows: 1..7, by: 1, up: true }));
        assert_eq!(shift(&after, &A), Some(Shift { rows: 1..7, by: 1, up: false }));
    }

    #[test]
    fn a_row_that_moved_and_lost_its_mark_moves_too() {
        let before = ["aaaaaaaa 1", "bbbbbbbb 2", "cccccccc 3", "dddddddd 4", "› long and so on 5"];
        let after = ["bbbbbbbb 2", "cccccccc 3", "dddddddd 4", "  long and so on 5", "› new 6"];
        assert_eq!(shift(&before, &after), Some(Shift { rows: 0..5, by: 1, up: true }));
    }

    #[test]
    fn what_stands_still_beside_the_text_hides_nothing() {
        let beside = |lines: &[&str]| -> Vec<String> {
            lines.iter().enumerate().map(|(i, l)| format!("{l:<50}│panel {i}")).collect()
        };
        let with = |lines: &[String]| taken(&Buffer::with_lines(lines.to_vec()));
        let long: Vec<String> =
            (0..12).map(|i| format!("{} and so on", "word ".repeat(3 + i % 4))).collect();
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        let (before, after) = (beside(&long[..10]), beside(&long[1..11]));
        let found = find(&with(&before), &with(&after), None).unwrap();
        assert_eq!((found.by, found.up), (1, true));
    }

    #[test]
    fn other_changes_are_not_taken_for_a_move() {
        assert_eq!(shift(&A, &A), None);
        let other: Vec<String> = A.iter().map(|l| l.chars().rev().collect()).collect();
        let other: Vec<&str> = other.iter().map(String::as_str).collect();
        assert_eq!(shift(&A, &other), None);
        let mut one = A;
        one[3] = "another text";
        assert_eq!(shift(&A, &one), None);
    }

    #[test]
    fn rows_that_are_known_to_have_moved_are_found_alike() {
        let mut after = A;
        after[1..7].rotate_left(1);
        after[6] = "eta is new";
        let (before, after) = (picture(&A), picture(&after));
        let moved = |by, up| Moved { rows: 1..7, by, up };
        let found = Some(Shift { rows: 1..7, by: 1, up: true });
        assert_eq!(find(&before, &after, Some(&moved(1, true))), found);
        // What doesn't pay is no reason not to look for what does.
        assert_eq!(find(&before, &after, Some(&moved(2, false))), found);
    }
}
