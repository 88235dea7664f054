//! The picture on the terminal: what was drawn last, and the bytes that make
//! it what is drawn now.
//!
//! ```text
//!   model ─► ui::redraw ─► Buffer ─► Picture ─┬─► shift ─► scroll the terminal
//!                            what is shown ───┘     │
//!                                                 ▼
//!                                       rows that differ ─► Pen ─► bytes
//! ```
//!
//! A frame costs the terminal its differences only, and nothing at all when
//! there are none. Text that moved is moved; what is left is written in the
//! fewest bytes that any terminal understands. `tests/terminal_bytes.rs` plays
//! them to an emulator.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::Model;
use crate::ui::{self, Drawn, Moved};

use super::pen::Pen;
use super::picture::{Clusters, Glyph, Look, Picture};
use super::shift;

/// What is on a terminal.
#[derive(Debug, Default)]
pub struct Screen {
    /// What was drawn last, as it was drawn, and what is where in it.
    frame: Buffer,
    drawn: Drawn,
    /// The same as glyphs. Between two frames both are alike.
    next: Picture,
    shown: Picture,
    /// How many names rows have been given.
    names: u64,
    clusters: Clusters,
    pen: Pen,
    /// What of the current frame has to be written.
    runs: Vec<Run>,
    cursor: Option<Position>,
    /// What is really on the terminal is known.
    known: bool,
}

impl Screen {
    /// A screen whose content isn't known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was drawn last.
    pub fn frame(&self) -> Buffer {
        let mut frame = self.frame.clone();
        let width = usize::from(frame.area.width).max(1);
        for (y, row) in (0..).zip(frame.content.chunks_mut(width)) {
            let from = usize::from(self.drawn.place(y)) * width;
            row.clone_from_slice(self.frame.content.get(from..from + width).unwrap_or_default());
        }
        frame
    }

    /// Forgets what is on the terminal: the next frame draws all of it.
    pub fn invalidate(&mut self) {
        self.known = false;
    }

    /// Draws the model; the bytes for the terminal, none if nothing changed.
    pub fn draw(&mut self, model: &Model) -> &[u8] {
        let area = Rect::new(0, 0, model.width, model.height);
        if self.frame.area != area {
            self.frame.resize(area);
            self.drawn.forget();
        }
        let cursor = ui::redraw(model, &mut self.frame, &mut self.drawn);
        if let Some(Moved { rows, by, up }) = self.drawn.moved() {
            self.next.shift(rows.clone(), *by, *up);
        }
        self.paint(cursor)
    }

    /// Shows what was drawn, and a cursor; the bytes for the terminal.
    pub fn show(&mut self, frame: Buffer, cursor: Option<Position>) -> &[u8] {
        self.frame = frame;
        self.drawn = Drawn::default();
        self.paint(cursor)
    }

    fn paint(&mut self, cursor: Option<Position>) -> &[u8] {
        self.pen.out.clear();
        let Rect { width, height, .. } = self.frame.area;
        let same = (self.shown.width(), self.shown.height()) == (width, height);
        let forgotten = self.clusters.is_full();
        if forgotten {
            self.clusters = Clusters::default();
            self.known = false;
        }
        let anew = forgotten || (self.next.width(), self.next.height()) != (width, height);
        if anew {
            self.next.clear(width, height);
        }
        let fresh = !self.known || !same;
        if fresh {
            self.pen.clear(width);
            self.shown.clear(width, height);
            self.known = true;
        }
        let Self { frame, drawn, next, names, clusters, .. } = self;
        let columns = |y| if anew { 0..width } else { drawn.fresh(y) };
        next.take(frame, columns, |y| drawn.place(y), names, clusters);
        if !fresh && let Some(shift) = shift::find(&self.shown, &self.next, self.drawn.moved()) {
            self.pen.scroll(shift.rows.clone(), shift.by, shift.up, height);
            self.shown.shift(shift.rows, shift.by, shift.up);
        }
        // The row that a scroll left the pen in comes first.
        let here = self.pen.row().filter(|y| *y < height).unwrap_or(0);
        self.runs.clear();
        for y in (here..height).chain(0..here) {
            self.row(y);
        }
        self.write();
        self.place(cursor, fresh);
        self.shown.become_like(&self.next);
        &self.pen.out
    }

    fn place(&mut self, cursor: Option<Position>, fresh: bool) {
        let drawn = !self.pen.out.is_empty();
        match cursor {
            Some(position) if drawn || self.cursor != cursor => {
                self.pen.go(position.x, position.y);
                if self.cursor.is_none() || fresh {
                    self.pen.out.extend_from_slice(b"\x1b[?25h");
                }
            }
            None if self.cursor.is_some() || fresh => self.pen.out.extend_from_slice(b"\x1b[?25l"),
            _ => {}
        }
        self.cursor = cursor;
    }

    /// Finds what of a row has to be written.
    fn row(&mut self, y: u16) {
        let Self { next, shown, runs, .. } = self;
        let (old, new) = (shown.row(y), next.row(y));
        let differs = |x: &usize| old.get(*x) != new.get(*x);
        let mut columns = next.differing(y, shown, y);
        let Some(first) = columns.find(differs) else { return };
        // Behind the last difference.
        let past = columns.rfind(differs).unwrap_or(first) + 1;
        // Past the last thing to be seen, what is there is erased.
        let end = new.iter().rposition(|glyph| *glyph != Glyph::BLANK).map_or(0, |x| x + 1);
        let stale = (end.max(first)..past).filter(differs).count();
        let odd = shown.is_odd(y) || next.is_odd(y);
        // What terminals disagree about may reach further than it should.
        // Behind the last column the pen wouldn't know where it is.
        let corner = stale == 1 && past == new.len();
        let erase = stale > ERASE || corner || odd && end < new.len();
        let last = if erase || stale == 0 { end } else { new.len() };

        if odd {
            // Half a wide glyph takes the other half with it: from the first
            // difference on, all is drawn, and in one go.
            let half = |x: usize| [old, new].iter().any(|r| r.get(x).is_some_and(|g| g.width == 0));
            let start = (0..=first.min(last)).rev().find(|x| !half(*x)).unwrap_or(0);
            runs.push(Run { y, cells: start..last, erase });
            return;
        }
        let last = last.min(past);
        let mut x = first;
        while x < last {
            let start = x;
            let mut stop = x + 1;
            let look = new.get(start).map_or(Look::PLAIN, |glyph| glyph.look);
            // A short way to the next difference is written, not walked.
            while let Some(near) = (stop..last.min(stop + WALK + 1)).find(differs) {
                // In the look of what was written: a space has no colour of
                // its own.
                let suits = |glyph: &Glyph| match glyph.is_space() {
                    true => look.for_space(glyph.look) == look,
                    false => glyph.look == look,
                };
                if !new.get(stop..near).unwrap_or_default().iter().all(suits) {
                    break;
                }
                stop = near + 1;
            }
            runs.push(Run { y, cells: start..stop, erase: false });
            x = (stop..last).find(differs).unwrap_or(last);
        }
        if erase {
            match runs.last_mut().filter(|run| run.y == y && run.cells.end == end) {
                Some(run) => run.erase = true,
                None => {
                    let from = (end..past).find(differs).unwrap_or(end);
                    runs.push(Run { y, cells: from..from, erase: true });
                }
            }
        }
    }

    /// Writes the runs: when they are few, those of one look together, so that
    /// it needs saying once.
    fn write(&mut self) {
        let Self { pen, next, runs, clusters, .. } = self;
        let sorted = runs.len() <= FEW;
        let mut from = 0;
        while from < runs.len() {
            let at = match sorted {
                true => best(runs.get(from..).unwrap_or_default(), next, pen).map(|at| from + at),
                false => None,
            };
            // The others keep their order.
            if let Some(part) = runs.get_mut(from..=at.unwrap_or(from)) {
                part.rotate_right(1);
            }
            let Some(run) = runs.get(from) else { break };
            from += 1;
            let glyphs = next.row(run.y).get(run.cells.clone()).unwrap_or_default();
            for (x, glyph) in (run.cells.start..).zip(glyphs) {
                if glyph.width > 0 {
                    pen.go(x as u16, run.y);
                    pen.put(glyph, clusters);
                }
            }
            if run.erase {
                pen.go(run.cells.end as u16, run.y);
                pen.erase();
            }
        }
    }
}

/// The run that is best written next: one that the pen's look suits; else one
/// whose look is that of the beginning of another, too.
fn best(runs: &[Run], next: &Picture, pen: &Pen) -> Option<usize> {
    let cells = |run: &Run| next.row(run.y).get(run.cells.clone()).unwrap_or_default();
    let suits = |run: &Run| match cells(run).first() {
        Some(first) => pen.suits(first),
        None => pen.is_bare(),
    };
    let begins = |run: &Run| cells(run).first().map(|glyph| glyph.look);
    let shares = |(at, run): (usize, &Run)| {
        let look = begins(run)?;
        let mut others = runs.iter().enumerate().filter(|(other, _)| *other != at);
        let alike = cells(run).iter().all(|glyph| glyph.look == look);
        (alike && others.any(|(_, other)| begins(other) == Some(look))).then_some(at)
    };
    // What leaves the look as it is leaves the others suited.
    let stays = |run: &Run| suits(run) && cells(run).iter().all(|glyph| pen.suits(glyph));
    let suited = runs.iter().position(stays).or_else(|| runs.iter().position(suits));
    suited.or_else(|| runs.iter().enumerate().find_map(shares))
}

/// Neighbouring cells of a row that have to be written.
#[derive(Debug)]
struct Run {
    y: u16,
    cells: std::ops::Range<usize>,
    /// What comes after them is to be empty.
    erase: bool,
}

/// Of so many runs it is worth finding the best order.
const FEW: usize = 32;

/// More stale cells than this at the end of a row are erased at once.
const ERASE: usize = 3;

/// Moving the cursor right takes four bytes.
const WALK: usize = 4;
