//! The rows of the panels, made again only when what they show has changed:
//! a key that scrolls the log must not pay for them.

use ratatui::layout::Rect;

use crate::domain::LineNo;
use crate::parse::StepId;

use super::findings::{self, FindingRow, Target};
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
    /// The findings that the rows are of.
    told: Vec<Told>,
    detail: Vec<FindingRow>,
    /// The lines that prove findings, ascending.
    proofs: Vec<LineNo>,
}

/// What tells a finding from others: its rule and the line it stands on. Its
/// words may be put better later on.
type Told = (String, Option<LineNo>);

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

    /// Keeps the selection on its finding, and as far as it is still there on
    /// what it says of it, in rows that take the place of these.
    fn keep(&self, list: &mut List, rows: &[FindingRow], told: &[Told]) {
        let Some(row) = self.findings.get(list.at) else { return };
        let finding = self.told.get(row.finding);
        let Some(finding) = told.iter().position(|told| Some(told) == finding) else { return };
        if let Some(at) = counterpart(&self.findings, list.at, rows, finding) {
            list.top = at.saturating_sub(list.at.saturating_sub(list.top));
            list.at = at;
        }
    }
}

/// The row of a finding that says what a row of the old ones said: the same
/// words, else as far into what was wrapped to another width, else its title.
fn counterpart(old: &[FindingRow], at: usize, new: &[FindingRow], finding: usize) -> Option<usize> {
    let row = old.get(at)?;
    let kind = |row: &FindingRow| (row.look, row.target.map(Target::line));
    let alike = |rows: &[FindingRow], finding: usize| -> Vec<usize> {
        let all = rows.iter().enumerate();
        let alike = all.filter(|(_, r)| r.finding == finding && kind(r) == kind(row));
        alike.map(|(at, _)| at).collect()
    };
    let (before, now) = (alike(old, row.finding), alike(new, finding));
    let text = |rows: &[FindingRow], at: usize| rows.get(at).is_some_and(|r| r.text == row.text);
    let nth = before.iter().filter(|other| **other < at && text(old, **other)).count();
    let same = now.iter().copied().filter(|at| text(new, *at)).nth(nth);
    let part = || {
        let into = before.iter().position(|other| *other == at)?;
        now.get(into * now.len() / before.len()).copied()
    };
    let title = || new.iter().position(|row| row.finding == finding && !row.text.is_empty());
    same.or_else(part).or_else(title)
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
    let told: Vec<Told> =
        model.findings.iter().map(|f| (f.finding.rule.clone(), f.finding.line)).collect();
    if panes.findings_list.held && rows != model.lists.findings {
        model.lists.keep(&mut panes.findings_list, &rows, &told);
    }
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
    model.lists = Lists { made_of, version, findings: rows, told, detail, proofs };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::findings::Look;

    fn row(finding: usize, look: Look, text: &str) -> FindingRow {
        FindingRow { look, indent: 0, text: text.to_owned(), target: None, finding }
    }

    #[test]
    fn a_finding_stays_selected_when_another_comes_above_it() {
        let lists = Lists {
            findings: vec![row(0, Look::Cause, "one"), row(1, Look::Cause, "two")],
            told: vec![("a".into(), None), ("b".into(), Some(LineNo::FIRST))],
            ..Lists::default()
        };
        let rows = [
            row(0, Look::Cause, "new"),
            row(1, Look::Cause, "one"),
            row(1, Look::Text, "and more"),
            row(2, Look::Cause, "two, in better words"),
        ];
        let told = [("c".into(), None), ("a".into(), None), ("b".into(), Some(LineNo::FIRST))];
        let mut list = List { at: 1, top: 1, held: true };
        lists.keep(&mut list, &rows, &told);
        assert_eq!((list.at, list.top), (3, 3));
        // One that isn't there any more leaves it where it is.
        let mut list = List { at: 1, top: 1, held: true };
        lists.keep(&mut list, &rows, &told[..1]);
        assert_eq!((list.at, list.top), (1, 1));
    }

    #[test]
    fn the_same_words_are_told_from_each_other_by_their_order() {
        let old = ["+ a", "+ b", "+ a"].map(|text| row(0, Look::Added, text));
        let new = ["+ x", "+ a", "+ b", "+ a"].map(|text| row(0, Look::Added, text));
        let to: Vec<_> = (0..3).map(|at| counterpart(&old, at, &new, 0)).collect();
        assert_eq!(to, [Some(1), Some(2), Some(3)]);
        // Wrapped to another width: as far into it.
        let old = ["a b", "c d"].map(|text| row(0, Look::Text, text));
        let new = ["a", "b", "c", "d"].map(|text| row(0, Look::Text, text));
        let to: Vec<_> = (0..2).map(|at| counterpart(&old, at, &new, 0)).collect();
        assert_eq!(to, [Some(0), Some(2)]);
    }
}
