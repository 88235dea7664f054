//! The rows of the panels, made again only when what they show has changed:
//! a key that scrolls the log must not pay for them.

use ratatui::layout::Rect;

use crate::domain::LineNo;
use crate::parse::StepId;

use super::findings::{self, FindingRow};
use super::model::Model;
use super::panes::{List, Pane};
use super::{steps, timeline};

/// The rows of the panels that list findings.
#[derive(Debug, Default)]
pub struct Lists {
    made_of: Option<MadeOf>,
    /// How often they have been made.
    version: u64,
    findings: Vec<FindingRow>,
    detail: Vec<FindingRow>,
    /// The lines that prove findings, ascending.
    proofs: Vec<LineNo>,
}

/// What the rows depend on.
#[derive(Clone, Debug, PartialEq)]
struct MadeOf {
    /// How often findings or folds have changed.
    changes: u64,
    /// The log's generation: evidence is its text.
    generation: u64,
    areas: [Rect; 3],
    selected: List,
    steps: (usize, Option<StepId>, List),
}

impl MadeOf {
    fn now(model: &Model) -> Self {
        let layout = model.layout();
        let tree = model.log.tree();
        Self {
            changes: model.changes,
            generation: model.log.generation(),
            areas: [Pane::Steps, Pane::Findings, Pane::Detail].map(|pane| layout.pane(pane)),
            selected: model.panes.findings_list,
            steps: (
                model.steps.all().len(),
                tree.failing_step().or_else(|| tree.current()),
                model.panes.steps_list,
            ),
        }
    }
}

impl Lists {
    /// A number that grows whenever the rows are made again.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The rows of the findings panel.
    pub fn findings(&self) -> &[FindingRow] {
        &self.findings
    }

    /// Whether a line proves a finding.
    pub fn is_proof(&self, line: LineNo) -> bool {
        self.proofs.binary_search(&line).is_ok()
    }

    /// The rows of the selected finding in full.
    pub fn detail(&self) -> &[FindingRow] {
        &self.detail
    }
}

/// Makes the rows and the selections fit what there is now.
pub(super) fn refresh(model: &mut Model) {
    timeline::settle(model);
    let layout = model.layout();
    if model.lists.made_of.as_ref() == Some(&MadeOf::now(model)) {
        return;
    }
    let height = |pane| usize::from(layout.pane(pane).height);
    let mut panes = model.panes;
    if height(Pane::Steps) > 0 {
        if !panes.steps_list.held {
            panes.steps_list.at = steps::attention(model);
        }
        panes.steps_list.fit(model.steps.all().len(), height(Pane::Steps));
    }
    let rows = findings::rows(model);
    if height(Pane::Findings) > 0 {
        panes.findings_list.fit(rows.len(), height(Pane::Findings));
    }
    let at = rows.get(panes.findings_list.at).map_or(0, |row| row.finding);
    let detail = findings::detail(model, at);
    if height(Pane::Detail) > 0 {
        let most = detail.len().saturating_sub(height(Pane::Detail));
        panes.detail_list.top = panes.detail_list.top.min(most);
    }
    model.dirty = true;
    model.panes = panes;
    let made_of = Some(MadeOf::now(model));
    let mut proofs: Vec<LineNo> =
        model.findings.iter().flat_map(|told| told.finding.evidence.iter().copied()).collect();
    proofs.sort_unstable();
    let version = model.lists.version + 1;
    model.lists = Lists { made_of, version, findings: rows, detail, proofs };
}
