//! The picture on the terminal: what was drawn last, and the bytes that make
//! it what is drawn now.
//!
//! ```text
//!   model ─► ui::draw ─► Buffer ─► Picture ─┬─► shift ─► scroll the terminal
//!                          what is shown ───┘     │
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
use crate::ui;

use super::pen::Pen;
use super::picture::{Clusters, Glyph, Picture};
use super::shift;

/// What is on a terminal.
#[derive(Debug, Default)]
pub struct Screen {
    /// What was drawn last, as it was drawn.
    frame: Buffer,
    next: Picture,
    shown: Picture,
    clusters: Clusters,
    pen: Pen,
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
    pub fn frame(&self) -> &Buffer {
        &self.frame
    }

    /// Forgets what is on the terminal: the next frame draws all of it.
    pub fn invalidate(&mut self) {
        self.known = false;
    }

    /// Draws the model; the bytes for the terminal, none if nothing changed.
    pub fn draw(&mut self, model: &Model) -> &[u8] {
        let area = Rect::new(0, 0, model.width, model.height);
        let mut frame = std::mem::take(&mut self.frame);
        frame.resize(area);
        frame.reset();
        let cursor = ui::draw(model, area, &mut frame);
        self.show(frame, cursor)
    }

    /// Shows what was drawn, and a cursor; the bytes for the terminal.
    pub fn show(&mut self, frame: Buffer, cursor: Option<Position>) -> &[u8] {
        self.pen.out.clear();
        let (width, height) = (frame.area.width, frame.area.height);
        let same = (self.shown.width(), self.shown.height()) == (width, height);
        if self.clusters.is_full() {
            self.clusters = Clusters::default();
            self.known = false;
        }
        let fresh = !self.known || !same;
        if fresh {
            self.pen.clear(width);
            self.shown.clear(width, height);
            self.known = true;
        }
        self.next.take(&frame, &mut self.clusters);
        self.frame = frame;
        if !fresh && let Some(shift) = shift::find(&self.shown, &self.next) {
            self.pen.scroll(shift.rows.clone(), shift.by, shift.up, height);
            self.shown.shift(shift.rows, shift.by, shift.up);
        }
        // The row that a scroll left the pen in comes first.
        let here = self.pen.row().filter(|y| *y < height).unwrap_or(0);
        for y in (here..height).chain(0..here) {
            self.row(y);
        }
        self.pen.end_scroll();
        self.place(cursor, fresh);
        std::mem::swap(&mut self.shown, &mut self.next);
        &self.pen.out
    }

    fn place(&mut self, cursor: Option<Position>, fresh: bool) {
        let drawn = !self.pen.out.is_empty();
        match cursor {
            Some(position) if drawn || self.cursor != cursor => {
                self.pen.go(position.x, position.y);
                if self.cursor.is_none() || fresh {
                    self.pen.say(format_args!("\x1b[?25h"));
                }
            }
            None if self.cursor.is_some() || fresh => self.pen.say(format_args!("\x1b[?25l")),
            _ => {}
        }
        self.cursor = cursor;
    }

    /// Makes a row what it is to be.
    fn row(&mut self, y: u16) {
        let Self { pen, next, shown, clusters, .. } = self;
        let (old, new) = (shown.row(y), next.row(y));
        let Some(first) = old.iter().zip(new).position(|(a, b)| a != b) else { return };
        let differs = |x: usize| old.get(x) != new.get(x);
        // Past the last thing to be seen, what is there is erased.
        let end = new.iter().rposition(|glyph| *glyph != Glyph::BLANK).map_or(0, |x| x + 1);
        let stale = (end..new.len()).filter(|x| differs(*x)).count();
        let odd = shown.is_odd(y) || next.is_odd(y);
        // What terminals disagree about may reach further than it should.
        let erase = stale > ERASE || odd && end < new.len();
        let last = if erase || stale == 0 { end } else { new.len() };

        let mut x = first;
        if odd {
            // Half a wide glyph takes the other half with it: from the first
            // difference on, all is drawn.
            while x > 0 && [old, new].iter().any(|row| row.get(x).is_some_and(|g| g.width == 0)) {
                x -= 1;
            }
        }
        while x < last {
            let Some(glyph) = new.get(x) else { break };
            if !odd && !differs(x) {
                // A short way to the next difference is written, not walked.
                let gap = new.get(x..last).unwrap_or_default();
                let same = gap.iter().zip(old.get(x..).unwrap_or_default());
                let length = same.take_while(|(a, b)| a == b).count();
                let short = x > first && length <= WALK && x + length < last;
                if !short || !gap.iter().take(length).all(|glyph| pen.suits(glyph)) {
                    x += length;
                    continue;
                }
            }
            if glyph.width > 0 {
                pen.go(x as u16, y);
                pen.put(glyph, clusters);
            }
            x += 1;
        }
        if erase {
            pen.go(end as u16, y);
            pen.erase();
        }
    }
}

/// More stale cells than this at the end of a row are erased at once.
const ERASE: usize = 3;

/// Moving the cursor right takes four bytes.
const WALK: usize = 4;
