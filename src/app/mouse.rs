//! What the mouse does: the wheel scrolls what is under it, a click goes there,
//! a drag selects lines or moves the scrollbar.

use std::time::{Duration, Instant};

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use crate::keymap::Action;
use crate::parse::Owner;

use super::act::act;
use super::browse::{list, list_open};
use super::effect::Effect;
use super::layout::Layout;
use super::model::{Drag, Model};
use super::moves::{down, reveal, up};
use super::panes::Pane;
use super::scroll::{ItemNo, Place, forward};
use super::select::Selection;
use super::spot::Spot;
use super::view::{Item, Scope};
use super::{help, menu, panels, scrollbar, select, timeline};

/// Rows that one notch of the wheel scrolls.
const NOTCH: u32 = 3;

/// How often a pane scrolls under a drag that has left it.
const PULL: Duration = Duration::from_millis(40);

/// Folds what the mouse did.
pub(super) fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    // Where things are for who points at them: on a low screen the row of an
    // answer goes with it.
    let shown = model.layout();
    if !matches!(event.kind, MouseEventKind::Up(_) | MouseEventKind::Drag(_)) {
        // Something else is done now, as after a key.
        model.dirty |= model.answer.take().is_some();
    }
    let at = Position::from((event.column, event.row));
    let wheel = match event.kind {
        MouseEventKind::ScrollDown => Some(NOTCH as isize),
        MouseEventKind::ScrollUp => Some(-(NOTCH as isize)),
        _ => None,
    };
    if model.help.is_some() {
        if let Some(by) = wheel {
            help::scroll(model, by as i32);
            model.dirty = true;
        }
        return Vec::new();
    }
    let pressed = event.kind == MouseEventKind::Down(MouseButton::Left);
    if let Some(effects) = menu::mouse(model, &shown, wheel, pressed.then_some(at)) {
        model.dirty = true;
        return effects;
    }
    let asking = model.prompt.is_some() || model.ask.is_some();
    match event.kind {
        _ if wheel.is_some() => roll(model, &shown, at, wheel.unwrap_or(0)),
        MouseEventKind::ScrollLeft => drop(act(model, Action::Left)),
        MouseEventKind::ScrollRight => drop(act(model, Action::Right)),
        // A click would take the keys from the question.
        _ if asking => return Vec::new(),
        MouseEventKind::Down(MouseButton::Left) => {
            click(model, &shown, at, event.modifiers.contains(KeyModifiers::SHIFT));
        }
        MouseEventKind::Drag(MouseButton::Left) if model.drag.is_some() => drag(model, at.y),
        MouseEventKind::Up(MouseButton::Left) if model.drag.is_some() => {
            model.drag = None;
            if let Some(words) = super::selected_words(model) {
                let key = model.keymap.key(Action::Copy).unwrap_or_default();
                model.answer = Some(format!("{words}; {key} copies"));
            }
        }
        _ => return Vec::new(),
    }
    model.dirty = true;
    Vec::new()
}

/// The pane at a place of the screen.
fn pane_at(layout: &Layout, at: Position) -> Option<Pane> {
    Pane::ALL.into_iter().find(|pane| layout.pane(*pane).contains(at))
}

/// The wheel: it scrolls what it is over, whatever has the keys.
fn roll(model: &mut Model, shown: &Layout, at: Position, by: isize) {
    let layout = model.layout();
    let pane = shown.over.or(pane_at(shown, at)).unwrap_or_default();
    let height = usize::from(layout.pane(pane).height);
    let top = model.scroll.top;
    match pane {
        Pane::Log if by > 0 => down(model, by.unsigned_abs() as u32),
        Pane::Log => up(model, by.unsigned_abs() as u32),
        Pane::Steps => {
            let len = model.steps.all().len();
            model.panes.steps_list.roll(by, len, height);
        }
        Pane::Findings => {
            let len = model.lists.findings().len();
            model.panes.findings_list.roll(by, len, height);
        }
        Pane::Detail => {
            let len = model.lists.detail().len();
            model.panes.detail_list.roll(by, len, height);
        }
        Pane::Timeline => timeline::step(model, by.signum()),
    }
    if pane == Pane::Log {
        scrollbar::moved(model, top);
    }
}

/// A click: the pane gets the keys, the row under it the cursor.
fn click(model: &mut Model, layout: &Layout, at: Position, extend: bool) {
    model.drag = None;
    if model.panes.focus == Pane::Timeline {
        return timeline::click(model, layout, at);
    }
    if layout.context.contains(at) {
        // Over a pane that fills the screen it is its title.
        return match layout.over {
            None => to_header(model),
            Some(_) => drop(panels::unfill(model)),
        };
    }
    if layout.cause.contains(at) {
        return drop(act(model, Action::Cause));
    }
    if layout.head.contains(at) {
        return title(model, layout, at);
    }
    let Some(pane) = pane_at(layout, at) else { return };
    let area = layout.pane(pane);
    let row = usize::from(at.y - area.y);
    let again = model.panes.focus == pane;
    model.panes.focus = pane;
    match pane {
        Pane::Log if model.scrollbar_width() > 0 && at.x + 1 == area.right() => {
            model.selection = None;
            model.drag = Some(Drag::Bar);
            scrollbar::jump(model, row as u16, area.height);
        }
        Pane::Log => {
            if extend && model.selection.is_none() {
                select::begin(model);
            } else if !extend {
                model.selection = None;
            }
            let place = forward(&model.rows(), model.scroll.top, row as u32);
            let column = usize::from(at.x - area.x).checked_sub(model.gutter().width.into());
            let spot = column.and_then(|column| Spot::at(model, place, column));
            put(model, row as u32);
            model.spot = spot;
            model.drag = Some(Drag::Lines { from: model.cursor_line(), row: at.y, due: None });
        }
        Pane::Steps => {
            let to = model.panes.steps_list.top + row;
            let same = again && to == model.panes.steps_list.at;
            if to >= model.steps.all().len() {
                return;
            }
            let by = to as isize - model.panes.steps_list.at as isize;
            if same { list_open(model) } else { list(model, by) }
        }
        Pane::Findings => {
            let to = model.panes.findings_list.top + row;
            if to >= model.lists.findings().len() {
                return;
            }
            let by = to as isize - model.panes.findings_list.at as isize;
            list(model, by);
            list_open(model);
        }
        Pane::Detail | Pane::Timeline => {}
    }
}

/// Puts the cursor on a row of the log.
fn put(model: &mut Model, row: u32) {
    let height = u32::from(model.layout().log.height);
    let place: Place = forward(&model.rows(), model.scroll.top, row);
    let mut scroll = model.scroll;
    // A line that is in sight in part comes no further than it must.
    scroll.show(&model.rows(), height, place.item);
    model.scroll = scroll;
    model.stood = None;
}

/// To the first line of the step or phase that the context row names.
fn to_header(model: &mut Model) {
    let tree = model.log.tree();
    let owner = match (model.view.scope(), model.item(model.scroll.top.item)) {
        (Scope::Step(id), _) => Owner::Step(id),
        (_, item) => item.map_or(Owner::Top, |item: Item| tree.owner(item.line())),
    };
    let line = match owner {
        Owner::Step(id) => tree.step(id).map(|step| step.first_line()),
        Owner::Phase(id) => tree.phase(id).map(|phase| phase.first_line),
        Owner::Top => None,
    };
    if let Some(line) = line {
        model.panes.focus = Pane::Log;
        model.scroll.left = 0;
        reveal(model, line);
    }
}

/// A panel's title: the panel gets the keys; if it has them, the screen, until
/// it is clicked again.
fn title(model: &mut Model, layout: &Layout, at: Position) {
    let below = |pane: &Pane| {
        let area = layout.pane(*pane);
        !area.is_empty() && Rect { y: at.y, height: 1, ..area }.contains(at)
    };
    let panels = [Pane::Steps, Pane::Findings, Pane::Detail];
    let Some(pane) = panels.into_iter().find(below) else { return };
    if model.panes.focus == pane {
        model.panes.full = true;
    }
    model.panes.focus = pane;
    super::steps::come(model);
}

fn drag(model: &mut Model, y: u16) {
    let area = model.layout().log;
    match model.drag {
        Some(Drag::Bar) => {
            // The pane can have become empty under the drag.
            let row = y.min(area.bottom().saturating_sub(1)).saturating_sub(area.y);
            scrollbar::drag(model, row);
        }
        Some(Drag::Lines { from, due, .. }) if !area.is_empty() => {
            model.selection.get_or_insert(Selection { from });
            // However often the pointer moves out there, the pace is the same.
            let due = way(model, y).map(|_| due.unwrap_or(model.now.instant + PULL));
            model.drag = Some(Drag::Lines { from, row: y, due });
            let row = y.clamp(area.top(), area.bottom() - 1) - area.top();
            put(model, u32::from(row));
        }
        _ => {}
    }
}

/// A direction to scroll in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// Which way a pointer on that row of the screen scrolls the log: it has left
/// the pane, or is where the pane ends only because the screen does.
fn way(model: &Model, row: u16) -> Option<Way> {
    let area = model.layout().log;
    if row < area.top() || row == 0 {
        Some(Way::Up)
    } else if row >= area.bottom() {
        Some(Way::Down)
    } else {
        None
    }
}

/// When a drag that has left the pane scrolls it next, and which way; never
/// where there is nothing more that way.
fn pulls(model: &Model) -> Option<(Instant, Way)> {
    let Some(Drag::Lines { row, due: Some(due), .. }) = model.drag else { return None };
    let way = way(model, row)?;
    let cursor = model.scroll.cursor;
    let more = match way {
        Way::Up => cursor > ItemNo::FIRST,
        // Down at the very end would follow.
        Way::Down => cursor < ItemNo::new(model.view.len(&model.log).saturating_sub(1)),
    };
    (more && model.selection.is_some() && !is_covered(model)).then_some((due, way))
}

/// When [`pull`] has something to do next.
pub(super) fn wake(model: &Model) -> Option<Instant> {
    pulls(model).map(|(due, _)| due)
}

/// Scrolls on under a drag that has left the pane, when it is time.
pub(super) fn pull(model: &mut Model) {
    let Some((due, way)) = pulls(model) else { return };
    let Some(Drag::Lines { from, row, .. }) = model.drag else { return };
    if model.now.instant < due {
        return;
    }
    let edge = match way {
        Way::Up => {
            up(model, 1);
            0
        }
        Way::Down => {
            down(model, 1);
            u32::from(model.layout().log.height).saturating_sub(1)
        }
    };
    put(model, edge);
    model.drag = Some(Drag::Lines { from, row, due: Some(model.now.instant + PULL) });
    model.dirty = true;
}

/// Whether something lies over the log, or asks for what is meant for it.
fn is_covered(model: &Model) -> bool {
    model.help.is_some()
        || model.menu.is_some()
        || model.prompt.is_some()
        || model.ask.is_some()
        || model.layout().over.is_some()
}

/// Ends a drag whose selection is gone, or that can't reach the log any more:
/// nor would it be told that the button is up.
pub(super) fn let_go(model: &mut Model) {
    let lines = matches!(model.drag, Some(Drag::Lines { .. }));
    if lines && model.selection.is_none() || model.drag.is_some() && is_covered(model) {
        model.drag = None;
    }
}
