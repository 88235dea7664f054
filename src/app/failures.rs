//! Walking through the lines that state a failure, and to the cause.

use crate::domain::LineNo;
use crate::human;

use super::direction::Direction;
use super::model::Model;
use super::moves::{reveal, to_log};
use super::state::State;

/// To the next or previous line that states a failure or proves a finding,
/// around the ends.
pub(super) fn failure(model: &mut Model, direction: Direction, times: u32) {
    let forward = direction == Direction::Forward;
    to_log(model);
    let lines = model.trouble_lines();
    let count = lines.len();
    // While following, one reads "the end": next is the first there is.
    let from = model.cursor_line();
    let found = if forward && model.scroll.is_following() {
        None
    } else if forward {
        lines.iter().position(|line| *line > from)
    } else {
        lines.iter().rposition(|line| *line < from)
    };
    let around = found.is_none() && !(forward && model.scroll.is_following());
    let at = found.unwrap_or(if forward { 0 } else { count.saturating_sub(1) });
    // Further on by the rest of the count, around the ends.
    let more = times.saturating_sub(1) as usize % count.max(1);
    let further = if forward { at + more } else { at + count - more };
    let around = around || times as usize > count || (further >= count) == forward && more > 0;
    let at = further % count.max(1);
    let Some(line) = lines.get(at).copied() else {
        let so_far = model.so_far();
        model.answer = Some(format!("No failure lines{so_far}"));
        return;
    };
    let wrapped = match (around && count > 1, forward) {
        (true, true) => ", from the top again",
        (true, false) => ", from the end again",
        (false, _) => "",
    };
    // What passed may have findings, and then nothing failed.
    let failed = model.cause.is_some() || !model.log.failure_lines().is_empty();
    let what = if failed { "Failure" } else { "Evidence" };
    model.answer = Some(format!("{what} {} of {}{wrapped}", at + 1, human::count(count as u64)));
    model.scroll.left = 0;
    reveal(model, line);
}

/// To the line that states the cause.
pub(super) fn cause(model: &mut Model) {
    to_log(model);
    match model.cause.as_ref().map(|cause| cause.line) {
        Some(Some(line)) => {
            model.scroll.left = 0;
            reveal(model, line);
        }
        Some(None) => model.answer = Some("The cause is not in a line of the log".into()),
        None if model.state() == State::Succeeded => {
            model.answer = Some("There is no cause: the build succeeded".into());
        }
        None => {
            let so_far = model.so_far();
            model.answer = Some(format!("No cause is known{so_far}"));
        }
    }
}

impl Model {
    /// The lines that state a failure or prove a finding, ascending.
    pub fn trouble_lines(&self) -> Vec<LineNo> {
        let findings = self.findings.iter().map(|told| &told.finding);
        let proofs = findings.flat_map(|f| f.evidence.iter().chain(f.line.as_ref()).copied());
        let mut lines = self.log.failure_lines().to_vec();
        let len = self.log.store().len();
        lines.extend(proofs.filter(|line| line.index() < len));
        lines.sort_unstable();
        lines.dedup();
        lines
    }
}
