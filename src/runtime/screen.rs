//! The picture on the terminal: what was drawn last, and the difference to
//! what is drawn now.
//!
//! ratatui's own `Terminal` hides what is shown; here it is kept, so that a
//! frame costs the terminal its differences only and nothing at all when there
//! are none.

use ratatui::backend::Backend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::Model;
use crate::ui;

use super::shift;

/// A screen on any backend.
#[derive(Debug)]
pub struct Screen<B: Backend> {
    backend: B,
    shown: Buffer,
    next: Buffer,
    cursor: Option<Position>,
    /// What is really on the terminal is unknown; draw everything.
    stale: bool,
}

impl<B: Backend> Screen<B> {
    /// A screen whose content isn't known yet.
    pub fn new(backend: B) -> Self {
        let empty = Buffer::empty(Rect::default());
        Self { backend, shown: empty.clone(), next: empty, cursor: None, stale: true }
    }

    /// The backend.
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// The backend, to be written to.
    pub fn backend_mut(&mut self) -> &mut B {
        &mut self.backend
    }

    /// Forgets what is on the terminal: the next frame draws all of it.
    pub fn invalidate(&mut self) {
        self.stale = true;
    }

    /// Draws the model and says whether anything on the terminal changed.
    pub fn draw(&mut self, model: &Model) -> Result<bool, B::Error> {
        let area = Rect::new(0, 0, model.width, model.height);
        let fresh = self.stale || self.shown.area != area;
        if fresh {
            self.shown.resize(area);
            self.shown.reset();
            self.next.resize(area);
            self.backend.clear()?;
            self.stale = false;
        }
        self.next.reset();
        let cursor = ui::draw(model, area, &mut self.next);
        if !fresh && let Some(shift) = shift::find(&self.shown, &self.next) {
            if shift.up {
                self.backend.scroll_region_up(shift.rows.clone(), shift.by)?;
            } else {
                self.backend.scroll_region_down(shift.rows.clone(), shift.by)?;
            }
            shift::apply(&mut self.shown, &shift);
        }
        let updates = self.shown.diff(&self.next);
        let changed = fresh || !updates.is_empty() || cursor != self.cursor;
        if !updates.is_empty() {
            self.backend.draw(updates.into_iter())?;
        }
        if changed {
            match cursor {
                Some(position) => {
                    self.backend.set_cursor_position(position)?;
                    if self.cursor.is_none() {
                        self.backend.show_cursor()?;
                    }
                }
                None if self.cursor.is_some() || fresh => self.backend.hide_cursor()?,
                None => {}
            }
            self.cursor = cursor;
            self.backend.flush()?;
        }
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(changed)
    }
}
