//! Moving in the log: by rows, to its end, and to a line, past what hides it.

use crate::domain::LineNo;
use crate::parse::Owner;

use super::model::Model;
use super::panes::Pane;
use super::scroll::ItemNo;
use super::view::Scope;
use super::{filters, jumps, select, steps};

/// Columns that one key scrolls sideways.
const SIDEWAYS: u32 = 8;

pub(super) fn down(model: &mut Model, by: u32) {
    if model.selection.is_some() {
        return select::extend(model, i64::from(by));
    }
    (model.anchor, model.stood) = (None, None);
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.down(&model.rows(), height, by);
    model.scroll = scroll;
}

pub(super) fn up(model: &mut Model, by: u32) {
    if model.selection.is_some() {
        return select::extend(model, -i64::from(by));
    }
    (model.anchor, model.stood) = (None, None);
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.up(&model.rows(), height, by);
    model.scroll = scroll;
}

/// To the left, so many times.
pub(super) fn left(model: &mut Model, times: u32) {
    model.scroll.left = model.scroll.left.saturating_sub(SIDEWAYS.saturating_mul(times));
}

/// To the right, so many times, as far as there is anything.
pub(super) fn right(model: &mut Model, times: u32) {
    if is_wrapped(model) {
        return;
    }
    let most = model.widest_in_sight().saturating_sub(1);
    let room = most.saturating_sub(model.scroll.left) / SIDEWAYS;
    model.scroll.left += SIDEWAYS * times.min(room);
}

/// To the right until the end of the widest line is in sight.
pub(super) fn to_line_end(model: &mut Model) {
    if is_wrapped(model) {
        return;
    }
    let width = u32::from(model.text_width());
    let end = model.widest_in_sight().saturating_sub(width);
    model.scroll.left = model.scroll.left.max(end);
}

/// Whether lines are wrapped, which is said then.
fn is_wrapped(model: &mut Model) -> bool {
    if model.wrap {
        model.answer = Some("Long lines are wrapped; there is nothing to the right".into());
    }
    model.wrap
}

/// To the last line, and what arrives after it.
pub(super) fn resume(model: &mut Model) {
    if !model.scroll.is_following() {
        jumps::record(model);
    }
    // The steps panel goes with it, unless one is in it.
    if model.panes.focus != Pane::Steps {
        model.panes.steps_list.held = false;
    }
    (model.anchor, model.stood) = (None, None);
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.resume(&model.rows(), height);
    if model.selection.is_some() {
        scroll.pause(&model.rows());
    }
    model.scroll = scroll;
}

/// Puts the cursor on a line and brings it into sight. What hides the line
/// gives way: a fold is opened, a step's view is left, filters are switched off.
pub(super) fn reveal(model: &mut Model, line: LineNo) {
    if line != model.cursor_line() || model.scroll.is_following() {
        jumps::record(model);
    }
    reveal_quietly(model, line);
}

/// As [`reveal`], and no jump to go back from.
pub(super) fn reveal_quietly(model: &mut Model, line: LineNo) {
    model.dirty = true;
    (model.anchor, model.stood) = (None, None);
    if hides(model, line) {
        uncover(model, line);
    }
    show(model, model.view.nearest(&model.log, line));
    steps::come_along(model);
}

/// Puts the cursor on an item and brings it into sight.
pub(super) fn reveal_item(model: &mut Model, item: ItemNo) {
    jumps::record(model);
    show(model, item);
}

fn show(model: &mut Model, item: ItemNo) {
    model.dirty = true;
    (model.anchor, model.stood) = (None, None);
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.reveal(&model.rows(), height, item);
    model.scroll = scroll;
}

/// Whether a line is there and isn't shown.
pub(super) fn hides(model: &Model, line: LineNo) -> bool {
    line.index() < model.log.store().len() && model.view.find(&model.log, line).is_none()
}

fn uncover(model: &mut Model, line: LineNo) {
    let owner = model.log.tree().owner(line);
    if !steps::is_in(model, model.view.scope(), line) {
        model.back = None;
        model.reshape(|view| view.change(|scope, _, _| *scope = Scope::Log));
    }
    if let Owner::Step(id) = owner
        && model.view.folds().is_folded(id)
    {
        model.reshape(|view| view.change(|_, folds, _| folds.toggle(id)));
    }
    if hides(model, line) && model.view.filters().active() {
        filters::give_way(model, line);
    }
    model.anchor = None;
}

/// Shows the log in front, where another pane takes its place.
pub(super) fn to_log(model: &mut Model) {
    if model.layout().over.is_some() {
        model.panes.focus = Pane::Log;
    }
}

impl Model {
    /// Columns of the widest line in sight.
    pub(super) fn widest_in_sight(&self) -> u32 {
        let store = self.log.store();
        let top = self.scroll.top.item.index();
        let end = top.saturating_add(u32::from(self.layout().log.height));
        let items = (top..end).map_while(|i| self.item(ItemNo::new(i)));
        let widths = items.map(|item| crate::text::width(&store.text(item.line())));
        u32::try_from(widths.max().unwrap_or(0)).unwrap_or(u32::MAX)
    }
}
