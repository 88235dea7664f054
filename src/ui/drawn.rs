//! What a buffer shows by now, so that a frame draws only what is new in it.
//!
//! ```text
//!   bars      drawn when they say something else
//!   log       row by row: what a row shows is known by a few words; rows that
//!             are still to be seen after a move are moved. The log's part of
//!             the buffer is a ring for that: no cell is touched
//!   panels    drawn when something in them has changed
//! ```
//!
//! What covers the bands (help, a menu) is drawn as if nothing were known, and
//! so is the frame after it. A drawing is the same whatever was known before;
//! the screen tests hold every frame against one that was drawn afresh.

use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::Layout;
use crate::theme::Styles;

use super::segments::{self, Segment};
use super::{dock, foot, log_pane};

/// What is known of a buffer.
#[derive(Debug, Default)]
pub struct Drawn {
    layout: Option<Layout>,
    styles: Option<Styles>,
    pub(super) log: log_pane::Memo,
    pub(super) dock: Option<dock::Key>,
    pub(super) hints: Option<foot::Hints>,
    /// What the bars say, by their rows.
    bars: Vec<(u16, Vec<Segment>, Style)>,
    moved: Option<Moved>,
    /// The log's rows, and where in the buffer the first of them is, counted
    /// from the first of all.
    ring: Range<u16>,
    turned: u16,
    /// In which columns rows have changed since, by their place now.
    fresh: Vec<Range<u16>>,
}

/// Rows that were moved as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// All rows that took part.
    pub rows: Range<u16>,
    /// By how many rows.
    pub by: u16,
    /// Whether up.
    pub up: bool,
}

impl Drawn {
    /// The rows that the last frame moved before it changed others.
    pub fn moved(&self) -> Option<&Moved> {
        self.moved.as_ref()
    }

    /// The columns of a row that the last frame changed, or may have.
    pub fn fresh(&self, y: u16) -> Range<u16> {
        self.fresh.get(usize::from(y)).cloned().unwrap_or(0..u16::MAX)
    }

    /// Where in the buffer a row of the screen is.
    pub fn place(&self, y: u16) -> u16 {
        let Range { start, end } = self.ring;
        if self.turned == 0 || !self.ring.contains(&y) {
            return y;
        }
        let turned = y + self.turned;
        if turned < end { turned } else { turned - end + start }
    }

    /// Forgets what the buffer shows.
    pub fn forget(&mut self) {
        self.layout = None;
    }

    /// Begins a frame. Where nothing is known, the buffer is emptied.
    pub(super) fn begin(&mut self, layout: Layout, styles: &Styles, buf: &mut Buffer) {
        let known = self.layout == Some(layout) && self.styles.as_ref() == Some(styles);
        self.moved = None;
        self.fresh.clear();
        let columns = if known { 0..0 } else { 0..buf.area.width };
        self.fresh.resize(usize::from(buf.area.height), columns);
        if !known {
            buf.reset();
            self.ring = layout.log.top()..layout.log.bottom();
            self.turned = 0;
            self.log = log_pane::Memo::default();
            self.dock = None;
            self.hints = None;
            self.bars.clear();
            self.styles = Some(styles.clone());
        }
        self.layout = Some(layout);
    }

    /// Puts the log's rows back where they belong; they show anything then.
    pub(super) fn straighten(&mut self) {
        self.turned = 0;
    }

    /// Draws rows from one edge of the screen to the other, whatever they
    /// showed before.
    pub(super) fn rows<T: Default>(
        &mut self,
        area: Rect,
        buf: &mut Buffer,
        draw: impl FnOnce(&mut Buffer) -> T,
    ) -> T {
        if area.is_empty() {
            return T::default();
        }
        for y in area.top()..area.bottom() {
            self.empty(y, 0..buf.area.width, buf);
        }
        draw(buf)
    }

    /// Draws a bar.
    pub(super) fn bar(&mut self, area: Rect, says: Vec<Segment>, ground: Style, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        let known = self.bars.iter().position(|(y, ..)| *y == area.y);
        let said = known.and_then(|at| self.bars.get(at));
        if said.is_some_and(|(_, said, on)| *said == says && *on == ground) {
            return;
        }
        self.rows(area, buf, |buf| segments::draw(&says, ground, area, buf));
        let now = (area.y, says, ground);
        match known.and_then(|at| self.bars.get_mut(at)) {
            Some(known) => *known = now,
            None => self.bars.push(now),
        }
    }

    /// Empties some columns of a row.
    pub(super) fn empty(&mut self, y: u16, columns: Range<u16>, buf: &mut Buffer) {
        let start = usize::from(self.place(y)) * usize::from(buf.area.width);
        let cells = start + usize::from(columns.start)..start + usize::from(columns.end);
        buf.content.get_mut(cells).unwrap_or_default().iter_mut().for_each(Cell::reset);
        self.touch(y, columns);
    }

    /// Takes note that some columns of a row have changed.
    pub(super) fn touch(&mut self, y: u16, columns: Range<u16>) {
        if let Some(fresh) = self.fresh.get_mut(usize::from(y)) {
            *fresh = match fresh.start < fresh.end {
                true => fresh.start.min(columns.start)..fresh.end.max(columns.end),
                false => columns,
            };
        }
    }

    /// Moves the log's rows, by fewer than there are; what is uncovered shows
    /// anything.
    pub(super) fn turn(&mut self, by: u16, up: bool) {
        let Range { start, end } = self.ring;
        let height = end.saturating_sub(start);
        if by >= height {
            return;
        }
        self.turned = (self.turned + if up { by } else { height - by }) % height;
        self.moved = Some(Moved { rows: self.ring.clone(), by, up });
    }
}
