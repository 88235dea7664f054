//! Text that only moved: found by comparing rows, so that the terminal can be
//! told to move it instead of being sent it again. Over a slow line that is
//! the difference between a hundred bytes and some thousands.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};

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

/// Fewer rows than this are as cheap to send again.
const WORTH: usize = 4;

/// The shift that explains most of the difference between two pictures of one
/// size, if one does.
pub fn find(shown: &Buffer, next: &Buffer) -> Option<Shift> {
    let (old, new) = (rows(shown), rows(next));
    let differing = old.iter().zip(&new).filter(|(a, b)| a != b).count();
    if differing < WORTH || old.len() != new.len() {
        return None;
    }
    let mut best: Option<(usize, Shift)> = None;
    for by in 1..=old.len() / 2 {
        for up in [true, false] {
            let (from, to) =
                if up { (old.get(by..), new.get(..)) } else { (old.get(..), new.get(by..)) };
            let (Some(from), Some(to)) = (from, to) else { continue };
            let same: Vec<usize> = from
                .iter()
                .zip(to)
                .enumerate()
                .filter(|(_, (a, b))| a == b)
                .map(|(i, _)| i)
                .collect();
            let (Some(&first), Some(&last)) = (same.first(), same.last()) else { continue };
            let span = last - first + 1;
            if same.len() < WORTH || same.len() * 2 < span {
                continue;
            }
            let rows = first as u16..(last + by + 1) as u16;
            // What stays where it is must not be torn away for nothing.
            let stays = old
                .iter()
                .zip(&new)
                .take(usize::from(rows.end))
                .skip(first)
                .filter(|(a, b)| a == b)
                .count();
            let gain = same.len().saturating_sub(stays);
            if gain >= WORTH && best.as_ref().is_none_or(|(most, _)| gain > *most) {
                best = Some((gain, Shift { rows, by: by as u16, up }));
            }
        }
    }
    best.map(|(_, shift)| widened(shown, next, shift))
}

/// The shift with the rows at its edges that moved too, but changed a little:
/// the row the cursor was on.
fn widened(shown: &Buffer, next: &Buffer, mut shift: Shift) -> Shift {
    let mut most = likeness(shown, next, &shift);
    for grow in [0, 1] {
        let mut wider = shift.clone();
        if grow == 0 {
            wider.rows.start = wider.rows.start.saturating_sub(1);
        } else {
            wider.rows.end = (wider.rows.end + 1).min(next.area.height);
        }
        let like = likeness(shown, next, &wider);
        if like > most {
            (most, shift) = (like, wider);
        }
    }
    shift
}

/// How many cells needn't be sent after a shift.
fn likeness(shown: &Buffer, next: &Buffer, shift: &Shift) -> usize {
    let mut moved = shown.clone();
    apply(&mut moved, shift);
    moved.content.iter().zip(&next.content).filter(|(a, b)| a == b).count()
}

/// Moves the rows of a picture as the terminal does; what is uncovered is
/// blank.
pub fn apply(buffer: &mut Buffer, shift: &Shift) {
    let width = usize::from(buffer.area.width);
    let range = usize::from(shift.rows.start) * width..usize::from(shift.rows.end) * width;
    let by = usize::from(shift.by) * width;
    let Some(cells) = buffer.content.get_mut(range) else { return };
    if by > cells.len() {
        return;
    }
    if shift.up {
        cells.rotate_left(by);
        let kept = cells.len() - by;
        cells.iter_mut().skip(kept).for_each(Cell::reset);
    } else {
        cells.rotate_right(by);
        cells.iter_mut().take(by).for_each(Cell::reset);
    }
}

fn rows(buffer: &Buffer) -> Vec<u64> {
    let hash = |cells: &[Cell]| {
        let mut hasher = DefaultHasher::new();
        cells.hash(&mut hasher);
        hasher.finish()
    };
    buffer.content.chunks(usize::from(buffer.area.width).max(1)).map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    fn picture(lines: &[&str]) -> Buffer {
        Buffer::with_lines(lines.iter().map(|l| format!("{l:<9}")))
    }

    #[test]
    fn scrolled_text_between_bars_is_found_and_moved() {
        let before = picture(&["top", "a", "b", "c", "d", "e", "f", "bar 1"]);
        let after = picture(&["top", "b", "c", "d", "e", "f", "g", "bar 2"]);
        let shift = find(&before, &after).unwrap();
        assert_eq!(shift, Shift { rows: 1..7, by: 1, up: true });
        let mut moved = before.clone();
        apply(&mut moved, &shift);
        assert_eq!(moved, picture(&["top", "b", "c", "d", "e", "f", "", "bar 1"]));
        let back = find(&after, &before).unwrap();
        assert_eq!(back, Shift { rows: 1..7, by: 1, up: false });
        let mut moved = after.clone();
        apply(&mut moved, &back);
        assert_eq!(moved, picture(&["top", "", "b", "c", "d", "e", "f", "bar 2"]));
    }

    #[test]
    fn a_row_that_moved_and_lost_its_mark_moves_too() {
        let before = picture(&["a", "b", "c", "d", "e", "› long"]);
        let after = picture(&["b", "c", "d", "e", "  long", "› new"]);
        assert_eq!(find(&before, &after), Some(Shift { rows: 0..6, by: 1, up: true }));
    }

    #[test]
    fn other_changes_are_not_taken_for_a_move() {
        let before = picture(&["a", "b", "c", "d", "e", "f"]);
        assert_eq!(find(&before, &before), None);
        assert_eq!(find(&before, &picture(&["u", "v", "w", "x", "y", "z"])), None);
        assert_eq!(find(&before, &picture(&["a", "b", "X", "d", "e", "f"])), None);
        let mut styled = before.clone();
        styled.set_style(styled.area, Style::new().bold());
        assert_eq!(find(&before, &styled), None);
    }
}
