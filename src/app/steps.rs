//! The steps panel: its rows, the selection, and moving by steps.

use crate::domain::LineNo;
use crate::log::Log;
use crate::parse::{Owner, PhaseId, StepId, StepState, Tree};

use super::direction::Direction::{self, Back, Forward};
use super::model::Model;
use super::moves::reveal;
use super::panes::Pane;
use super::view::{Item, Scope};

/// A row of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepRow {
    /// A phase; what ran in it follows.
    Phase(PhaseId),
    /// An image build, where the log has several.
    Build(usize),
    /// A step.
    Step(StepId),
}

impl StepRow {
    /// The line it begins on.
    pub fn line(self, tree: &Tree) -> Option<LineNo> {
        match self {
            Self::Phase(id) => tree.phase(id).map(|phase| phase.first_line),
            Self::Build(at) => tree.builds().get(at).map(|build| build.first_line),
            Self::Step(id) => tree.step(id).map(|step| step.first_line()),
        }
    }
}

/// The rows of the panel. What is new goes to their end: a log of a hundred
/// thousand steps is read in thousands of slices.
#[derive(Debug, Default)]
pub struct StepRows {
    rows: Vec<StepRow>,
    made_of: MadeOf,
}

/// What the rows hold of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct MadeOf {
    /// The deriving that they are of.
    anew: u64,
    phases: usize,
    steps: usize,
    /// Whether each build has a row, and the build of the last step.
    several: bool,
    build: Option<usize>,
    /// The first line of the latest phase, and of the latest step.
    phase_line: LineNo,
    step_line: LineNo,
}

impl StepRows {
    /// The rows, in the order of the log.
    pub fn all(&self) -> &[StepRow] {
        &self.rows
    }

    /// Takes what is new in a log into account.
    pub fn refresh(&mut self, log: &Log) {
        let tree = log.tree();
        let several = tree.builds().len() > 1;
        let made = self.made_of;
        let counts = (tree.phases().len(), tree.steps().len());
        let same = (log.anew(), several) == (made.anew, made.several);
        if same && counts == (made.phases, made.steps) {
            return;
        }
        let new = (tree.phases().get(made.phases..), tree.steps().get(made.steps..));
        let later = match new {
            (Some(phases), Some(steps)) => {
                phases.iter().all(|phase| phase.first_line > made.step_line)
                    && steps.iter().all(|step| step.first_line() >= made.phase_line)
            }
            _ => false,
        };
        if !(same && later) {
            self.rows.clear();
            self.made_of = MadeOf { anew: log.anew(), several, ..MadeOf::default() };
        }
        self.add(tree);
    }

    fn add(&mut self, tree: &Tree) {
        let made = &mut self.made_of;
        let new = tree.phases().get(made.phases..).unwrap_or_default();
        let mut phases = new.iter().peekable();
        for step in tree.steps().get(made.steps..).unwrap_or_default() {
            while let Some(phase) = phases.next_if(|p| p.first_line <= step.first_line()) {
                self.rows.push(StepRow::Phase(phase.id));
            }
            if made.several && made.build != Some(step.build()) {
                made.build = Some(step.build());
                self.rows.push(StepRow::Build(step.build()));
            }
            self.rows.push(StepRow::Step(step.id()));
            made.step_line = made.step_line.max(step.first_line());
        }
        self.rows.extend(phases.map(|phase| StepRow::Phase(phase.id)));
        made.phase_line = new.iter().map(|p| p.first_line).fold(made.phase_line, Ord::max);
        (made.phases, made.steps) = (tree.phases().len(), tree.steps().len());
    }

    /// Where a step's row is: steps have rows in their order, and nothing but
    /// phases and builds between.
    fn position(&self, id: StepId) -> Option<usize> {
        let rest = self.rows.get(id.index()..)?;
        let after = rest.iter().position(|row| *row == StepRow::Step(id))?;
        Some(id.index() + after)
    }
}

/// The row that matters now: what failed, else what runs, else the last.
pub(super) fn attention(model: &Model) -> usize {
    let tree = model.log.tree();
    let rows = model.steps.all();
    let step = tree.failing_step().or_else(|| tree.current());
    let failed_phase = || {
        rows.iter().position(|row| match row {
            StepRow::Phase(id) => tree.phase(*id).is_some_and(|p| p.state.is_failure()),
            _ => false,
        })
    };
    step.and_then(|id| model.steps.position(id))
        .or_else(failed_phase)
        .unwrap_or(rows.len().saturating_sub(1))
}

/// The step that the line under the cursor belongs to.
pub(super) fn here(model: &Model) -> Option<StepId> {
    match model.item(model.scroll.cursor)? {
        Item::Folded { step, .. } => Some(step),
        item => of(model, item.line()),
    }
}

/// The step that a line belongs to.
pub(super) fn of(model: &Model, line: LineNo) -> Option<StepId> {
    match model.log.tree().owner(line) {
        Owner::Step(id) => Some(id),
        Owner::Phase(_) | Owner::Top => None,
    }
}

/// The lines of a step, in order, as ranges.
pub(super) fn lines(model: &Model, id: StepId) -> Vec<std::ops::Range<u32>> {
    let tree = model.log.tree();
    let Some(step) = tree.step(id) else { return Vec::new() };
    let bounds = step.first_line().index()..step.last_line().index().saturating_add(1);
    tree.runs_in(bounds)
        .filter(|(_, owner)| *owner == Owner::Step(id))
        .map(|(lines, _)| lines.start.index()..lines.end.index())
        .collect()
}

/// Where a walk along the steps stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stops {
    /// At every step, and at the phases after the last.
    All,
    /// At the failed steps.
    Failed,
}

/// To the next or the previous step, or failed step, so many times or as far as
/// they go. What follows the last step are the phases after it.
pub(super) fn walk(model: &mut Model, direction: Direction, which: Stops, times: u32) {
    let failed = which == Stops::Failed;
    let tree = model.log.tree();
    let wanted = |row: &StepRow| match row {
        StepRow::Step(id) if failed => {
            tree.step(*id).is_some_and(|s| s.state() == StepState::Failed)
        }
        _ => !failed || matches!(row, StepRow::Step(_)),
    };
    let last = tree.steps().last().map(|step| step.first_line());
    let steps = tree.steps().iter().map(|step| StepRow::Step(step.id()));
    let after = tree.phases().iter().filter(|phase| Some(phase.first_line) > last);
    let stops = steps.chain(after.map(|phase| StepRow::Phase(phase.id)));
    let stops = stops.filter(wanted);
    let first = |row: &StepRow| row.line(tree);
    let line = match model.view.scope() {
        // Looking at one step: to the next one in its place.
        Scope::Step(id) => tree.step(id).map(|step| step.first_line()),
        // While following, what is in sight is the end.
        _ if direction == Forward && failed && model.scroll.is_following() => None,
        Scope::Log | Scope::Phase(_) => Some(model.cursor_line()),
    };
    let most = times.max(1) as usize;
    let found = match direction {
        Forward => stops.filter(|row| first(row) > line).take(most).last(),
        Back => stops.rev().filter(|row| first(row) < line).take(most).last(),
    };
    let what = if failed { "failed step" } else { "step" };
    let Some(row) = found else {
        model.answer = Some(match (direction, failed) {
            (Forward, false) => "No step or phase after this one".to_owned(),
            (Forward, true) => format!("No {what} after this one"),
            (Back, _) => format!("No {what} before this one"),
        });
        return;
    };
    let line = first(&row);
    let scope = model.view.scope();
    // A part of the log gives way to the next one; in a phase are steps to walk.
    let next = match scope {
        Scope::Log => false,
        Scope::Step(_) => true,
        Scope::Phase(_) => line.is_some_and(|line| !is_in(model, scope, line)),
    };
    match row {
        StepRow::Step(id) if next => only(model, Scope::Step(id)),
        StepRow::Phase(id) if next => only(model, Scope::Phase(id)),
        _ => {
            if let Some(line) = line {
                model.scroll.left = 0;
                reveal(model, line);
            }
        }
    }
    select(model, row);
}

/// The panel has got the keys: its selection is where one is in the log. At the
/// end of a log that is followed it is what matters now.
pub(super) fn come(model: &mut Model) {
    if model.panes.focus == Pane::Steps && !model.scroll.is_following() {
        select_here(model);
    }
}

/// One has jumped in the log: a selection that isn't what matters now any more,
/// but where one was, comes along.
pub(super) fn come_along(model: &mut Model) {
    if model.panes.focus != Pane::Steps && model.panes.steps_list.held {
        select_here(model);
    }
}

fn select_here(model: &mut Model) {
    let row = match model.log.tree().owner(model.place().0) {
        Owner::Step(id) => StepRow::Step(id),
        Owner::Phase(id) => StepRow::Phase(id),
        Owner::Top => return,
    };
    select(model, row);
}

/// Selects a row of the panel, if it has it.
pub(super) fn select(model: &mut Model, row: StepRow) {
    if let Some(at) = model.steps.all().iter().position(|r| *r == row) {
        let height = usize::from(model.layout().steps.height);
        let list = &mut model.panes.steps_list;
        (list.at, list.held) = (at, true);
        list.fit(model.steps.all().len(), height);
    }
}

/// Shows only a part of the log; remembers where one was. The line one is on
/// stays if it is in that part, else its beginning is shown.
pub(super) fn only(model: &mut Model, scope: Scope) {
    if model.back.is_none() {
        model.back = Some(super::model::Back::of(model));
    }
    let stays = is_in(model, scope, model.place().0) && !model.scroll.is_following();
    model.reshape(|view| view.change(|s, _, _| *s = scope));
    if !stays {
        (model.anchor, model.stood) = (None, None);
        let mut scroll = model.scroll;
        scroll.to_top(&model.rows());
        model.scroll = scroll;
    }
    model.scroll.left = 0;
    model.panes.focus = Pane::Log;
}

/// Whether a line is in a part of the log.
pub(super) fn is_in(model: &Model, scope: Scope, line: LineNo) -> bool {
    let tree = model.log.tree();
    match scope {
        Scope::Log => true,
        Scope::Step(id) => tree.owner(line) == Owner::Step(id),
        Scope::Phase(id) => {
            tree.phase(id).is_some_and(|phase| (phase.first_line..=phase.last_line).contains(&line))
        }
    }
}

/// Back from a part of the log to where one was; whether one was in a part.
pub(super) fn leave(model: &mut Model) -> bool {
    if model.view.scope() == Scope::Log {
        return false;
    }
    let back = model.back.take();
    model.reshape(|view| view.change(|s, _, _| *s = Scope::Log));
    if let Some(back) = back {
        back.restore(model);
    }
    true
}

/// Shows only the step under the cursor (or all again).
pub(super) fn step_only(model: &mut Model) {
    if model.view.scope() != Scope::Log {
        leave(model);
        return;
    }
    if let Some(Item::Folded { step, .. }) = model.item(model.scroll.cursor) {
        model.reshape(|view| view.change(|_, folds, _| folds.toggle(step)));
        return;
    }
    match here(model) {
        Some(id) => only(model, Scope::Step(id)),
        None => model.answer = Some(no_step(model).into()),
    }
}

pub(super) fn fold(model: &mut Model) {
    if let Some(why) = no_folds(model) {
        model.answer = Some(why.into());
        return;
    }
    match here(model) {
        Some(id) => model.reshape(|view| view.change(|_, folds, _| folds.toggle(id))),
        None => model.answer = Some(no_step(model).into()),
    }
}

/// Why nothing folds now, if nothing does.
fn no_folds(model: &Model) -> Option<&'static str> {
    let picked = model.view.filters().pick();
    match model.view.scope() {
        Scope::Log if picked => Some("Filters pick lines out; there is nothing to fold"),
        Scope::Log => None,
        Scope::Step(_) | Scope::Phase(_) => {
            Some("Only one step is shown; there is nothing to fold")
        }
    }
}

/// Why there is no step here.
fn no_step(model: &Model) -> &'static str {
    if model.log.store().is_empty() {
        "There are no lines yet"
    } else {
        "This line belongs to no step"
    }
}

pub(super) fn fold_all(model: &mut Model) {
    if let Some(why) = no_folds(model) {
        model.answer = Some(why.into());
        return;
    }
    if model.log.tree().steps().is_empty() {
        model.answer = Some("No steps to fold".into());
        return;
    }
    model.reshape(|view| view.change(|_, folds, _| folds.toggle_all()));
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, LazyLock};

    use proptest::prelude::*;

    use super::*;
    use crate::diagnose::Rules;
    use crate::domain::Patch;

    const LINES: [&str; 10] = [
        "[Container] 2026/11/23 21:54:02.100000 Entering phase BUILD\n",
        "[Container] 2026/11/23 21:54:02.100000 Phase complete: BUILD State: SUCCEEDED\n",
        "[Container] 2026/11/23 21:54:02.100000 Entering phase POST_BUILD\n",
        "[Container] 2026/11/23 21:54:02.100000 Running command docker build .\n",
        "#0 building with \"default\" instance using docker driver\n",
        "#1 [1/2] FROM a\n",
        "#2 [2/2] RUN b\n",
        "#2 ERROR: failed\n",
        "Step 1/2 : FROM a\n",
        "Dockerfile:3\n",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// However a log arrives, also where its last line goes on or lines are
        /// taken back, the rows are those of the log read at once.
        #[test]
        fn rows_that_grow_are_the_rows_made_at_once(
            picks in prop::collection::vec((0..LINES.len(), any::<bool>(), 0u8..20), 1..60),
        ) {
            static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));
            let mut log = Log::new(Arc::clone(&RULES));
            let mut rows = StepRows::default();
            for (line, look, repair) in picks {
                let keep = (repair == 0).then(|| log.store().len() / 2);
                log.apply(&Patch { keep, ..Patch::text(LINES[line]) });
                log.derive_all();
                if look {
                    rows.refresh(&log);
                }
            }
            rows.refresh(&log);
            let mut at_once = StepRows::default();
            at_once.refresh(&log);
            prop_assert_eq!(rows.all(), at_once.all());
            for step in log.tree().steps() {
                let row = rows.all().iter().position(|row| *row == StepRow::Step(step.id()));
                prop_assert_eq!(rows.position(step.id()), row);
            }
        }
    }
}
