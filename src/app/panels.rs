//! Showing, hiding and sizing the panels around the log, and handing the keys
//! from one to the next.

use crate::memory::{Change, PaneSizes};

use super::direction::Direction;
use super::layout::Layout;
use super::model::Model;
use super::panes::{Pane, Wish};
use super::{steps, timeline};

/// Whether there is anything in a pane.
fn has(model: &Model, pane: Pane) -> bool {
    match pane {
        Pane::Log => true,
        Pane::Steps | Pane::Timeline => !model.steps.all().is_empty(),
        Pane::Findings | Pane::Detail => !model.findings.is_empty(),
    }
}

/// Hands the keys to a pane, which is shown first if it isn't; the one that has
/// them is closed. Where there is room for one pane only, it comes and goes with
/// the keys.
pub(super) fn toggle(model: &mut Model, pane: Pane) {
    let shown = !model.layout().pane(pane).is_empty();
    if !shown && !has(model, pane) {
        let so_far = model.so_far();
        let what = if pane == Pane::Steps { "steps" } else { "findings" };
        model.answer = Some(format!("No {what}{so_far}"));
        return;
    }
    let alone = model.panes.full || !Layout::is_roomy(model.width, model.height);
    // Instead of the timeline, which hides them all.
    if model.panes.focus == Pane::Timeline {
        timeline::close(model);
    }
    let closes = shown && model.panes.focus == pane;
    let wish = if closes { Wish::Hidden } else { Wish::Shown };
    match pane {
        _ if alone || shown && !closes => {}
        Pane::Steps => model.panes.steps = wish,
        Pane::Findings => model.panes.findings = wish,
        Pane::Detail => {
            model.panes.detail = wish;
            if !closes {
                model.panes.findings = Wish::Shown;
            }
        }
        Pane::Log | Pane::Timeline => {}
    }
    model.panes.focus = if closes { Pane::Log } else { pane };
    steps::come(model);
}

impl Model {
    /// Whether there is a pane beside the log to give the keys to.
    pub fn has_panels(&self) -> bool {
        open(self).len() > 1
    }
}

/// The panes that are to be seen, or could be.
fn open(model: &Model) -> Vec<Pane> {
    let alone = model.panes.full || !Layout::is_roomy(model.width, model.height);
    let layout = model.layout();
    Pane::ALL
        .into_iter()
        .filter(|&pane| match alone {
            true => has(model, pane),
            // The findings and their detail share a place on a screen that
            // has no room for both.
            false => {
                pane == Pane::Log
                    || !layout.pane(pane).is_empty()
                    || pane == Pane::Findings && !layout.detail.is_empty()
                    || pane == Pane::Detail
                        && !layout.findings.is_empty()
                        && model.panes.detail != Wish::Hidden
            }
        })
        .collect()
}

/// Gives the keys to the next pane that is to be seen, or could be.
pub(super) fn focus(model: &mut Model, direction: Direction) {
    let open = open(model);
    let at = open.iter().position(|pane| *pane == model.panes.focus).unwrap_or(0);
    let next = match direction {
        Direction::Forward => at + 1,
        Direction::Back => at + open.len() - 1,
    } % open.len().max(1);
    model.panes.focus = open.get(next).copied().unwrap_or_default();
    steps::come(model);
    if open.len() == 1 {
        model.answer = Some("The log is the only pane now".into());
    }
}

/// Lets the pane that has the keys fill the screen, or shows all again.
pub(super) fn fill(model: &mut Model) {
    if !Layout::is_roomy(model.width, model.height) {
        model.answer = Some("A screen this small has one pane at a time anyway".into());
    } else if model.panes.focus == Pane::Timeline {
        model.answer = Some("The timeline takes the whole screen anyway".into());
    } else if !unfill(model) {
        model.panes.full = true;
    }
}

/// Shows all panes again where one fills the screen; whether one did.
pub(super) fn unfill(model: &mut Model) -> bool {
    if !model.is_filled() {
        return false;
    }
    model.panes.full = false;
    // It may be hidden otherwise: the keys stay where one sees what they do.
    let layout = model.layout();
    if layout.pane(model.panes.focus).is_empty() {
        let found = model.panes.focus == Pane::Detail && !layout.findings.is_empty();
        model.panes.focus = if found { Pane::Findings } else { Pane::Log };
    }
    true
}

impl Model {
    /// Whether a pane fills a screen that has room for several.
    pub fn is_filled(&self) -> bool {
        self.panes.full
            && self.panes.focus != Pane::Timeline
            && Layout::is_roomy(self.width, self.height)
    }
}

/// The height of the panels below the log.
pub(super) fn resize(model: &mut Model, by: i16) {
    let layout = model.layout();
    let now = [layout.steps, layout.findings, layout.detail].iter().map(|p| p.height).max();
    match now {
        Some(rows) if rows > 0 && layout.over.is_none() => {
            model.panes.dock = Some(rows.saturating_add_signed(by).max(3));
            remember_sizes(model);
        }
        _ => model.answer = Some("No panels to size; s shows the steps".into()),
    }
}

fn remember_sizes(model: &mut Model) {
    let (dock, split) = (model.panes.dock, model.panes.split);
    model.remember(Change::Sized(PaneSizes { dock, split }));
}

/// The width of the first panel below the log.
pub(super) fn widen(model: &mut Model, by: i16) {
    let layout = model.layout();
    let first = [layout.steps, layout.findings].into_iter().find(|p| !p.is_empty());
    match first {
        Some(area) if area.width < model.width && layout.over.is_none() => {
            let percent = u32::from(area.width) * 100 / u32::from(model.width.max(1));
            let percent = (percent as u16).saturating_add_signed(by).clamp(15, 85);
            model.panes.split = Some(percent);
            remember_sizes(model);
        }
        _ => model.answer = Some("There are no two panels side by side".into()),
    }
}
