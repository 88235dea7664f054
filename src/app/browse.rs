//! Moving in the panel that has the keys, and opening what is selected there.

use super::model::Model;
use super::moves::reveal_quietly;
use super::panes::Pane;
use super::steps::StepRow;
use super::view::Scope;
use super::{findings, jumps, steps, timeline};

pub(super) fn list_page(model: &Model) -> isize {
    let height = model.layout().pane(model.panes.focus).height;
    isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1)
}

/// Moves the selection of the panel that has the keys.
pub(super) fn list(model: &mut Model, by: isize) {
    let pane = model.panes.focus;
    let height = usize::from(model.layout().pane(pane).height);
    match pane {
        Pane::Steps => {
            model.panes.steps_list.step(by, model.steps.all().len(), height);
            let row = model.steps.all().get(model.panes.steps_list.at).copied();
            if let Some(line) = row.and_then(|row| row.line(model.log.tree())) {
                // From row to row is one jump.
                if model.jumps.led != Some(model.cursor_line()) {
                    jumps::record(model);
                }
                model.scroll.left = 0;
                reveal_quietly(model, line);
                model.jumps.led = Some(model.cursor_line());
            }
        }
        Pane::Findings => {
            let len = model.lists.findings().len();
            model.panes.findings_list.step(by, len, height);
            model.panes.detail_list = Default::default();
        }
        // A text is scrolled; nothing in it is selected.
        Pane::Detail => {
            let len = model.lists.detail().len();
            let list = &mut model.panes.detail_list;
            let most = len.saturating_sub(height);
            list.top = list.top.saturating_add_signed(by).min(most);
            list.at = list.top;
        }
        Pane::Timeline => timeline::step(model, by),
        Pane::Log => {}
    }
}

/// Opens what the selected row leads to.
pub(super) fn list_open(model: &mut Model) {
    match model.panes.focus {
        Pane::Steps => {
            let row = model.steps.all().get(model.panes.steps_list.at).copied();
            match row {
                Some(StepRow::Step(id)) => steps::only(model, Scope::Step(id)),
                Some(StepRow::Phase(id)) => steps::only(model, Scope::Phase(id)),
                Some(StepRow::Build(_)) | None => model.panes.focus = Pane::Log,
            }
        }
        Pane::Findings => {
            let row = model.lists.findings().get(model.panes.findings_list.at).cloned();
            findings::open(model, row);
        }
        Pane::Detail => findings::to_its_line(model),
        Pane::Timeline => timeline::open(model),
        Pane::Log => {}
    }
}
