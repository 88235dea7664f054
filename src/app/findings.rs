//! The findings panel and a finding in full: their rows, and what they lead to.
//!
//! ```text
//!  ✗ The lock file is out of date                         a finding
//!      58 │ The lockfile at `uv.lock` needs to be …       its evidence
//!         in [2/3] RUN uv sync --locked · Dockerfile:9
//!         fix: run `uv lock`, commit it, deploy again
//!       ▸ 4 lines that only follow from it                folded
//! ```

use std::collections::BTreeSet;

use crate::diagnose::{Finding, Kind};
use crate::domain::LineNo;
use crate::explain::Explained;
use crate::human;
use crate::parse::{Step, brief};
use crate::text;

use super::model::Model;
use super::moves::reveal;
use super::panes::{Pane, Wish};
use super::prose::prose;

/// What a row is, for its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A cause.
    Cause,
    /// Something wrong with a build that passed.
    PassedBut,
    /// A line of the log.
    Evidence,
    /// A heading inside a finding.
    Heading,
    /// A sentence.
    Text,
    /// What matters less.
    Dim,
    /// A line that a change adds.
    Added,
    /// A line that a change removes.
    Removed,
    /// The instruction at fault in a Dockerfile.
    Marked,
}

/// What a row leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The finding of that number.
    Finding(usize),
    /// A line of the log.
    Line(LineNo),
    /// The consequences of the finding of that number, folded or not.
    Consequences(usize),
}

impl Target {
    /// The line of the log, if that is what it is.
    pub(super) fn line(self) -> Option<LineNo> {
        match self {
            Self::Line(line) => Some(line),
            Self::Finding(_) | Self::Consequences(_) => None,
        }
    }
}

/// A row of the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    /// What it is.
    pub look: Look,
    /// Columns it is indented by.
    pub indent: u16,
    /// What it says; clean.
    pub text: String,
    /// Where it leads.
    pub target: Option<Target>,
    /// The finding it belongs to.
    pub finding: usize,
}

/// Which consequences are unfolded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    open: BTreeSet<usize>,
}

impl Folded {
    fn toggle(&mut self, finding: usize) {
        if !self.open.remove(&finding) {
            self.open.insert(finding);
        }
    }
}

/// Evidence lines shown in the panel; the detail shows all.
const EVIDENCE: usize = 4;

/// Rows of the detail that a line may take.
const TALL: usize = 8;

/// The rows of the findings panel. Where the detail has no panel of its own,
/// each finding says here what to change.
pub(super) fn rows(model: &Model) -> Vec<FindingRow> {
    let layout = model.layout();
    let width = usize::from(layout.pane(Pane::Findings).width.max(20)).saturating_sub(2);
    let brief = !layout.pane(Pane::Detail).is_empty();
    let mut rows = Vec::new();
    for (n, explained) in model.findings.iter().enumerate() {
        let finding = &explained.finding;
        let mut writer = Writer { rows: &mut rows, finding: n, width, whole: false };
        if n > 0 && !brief {
            writer.row(Look::Text, 0, String::new(), None);
        }
        title(&mut writer, finding);
        let shown = finding.evidence.iter().take(EVIDENCE);
        shown.for_each(|line| evidence(&mut writer, model, *line));
        if let Some(place) = place(model, finding) {
            writer.prose(Look::Dim, 4, "in ", &place, finding.line.map(Target::Line));
        }
        if !brief {
            if let Some(cause) = &finding.cause {
                writer.prose(Look::Text, 4, "", cause, None);
            }
            if let Some(fix) = &finding.fix {
                writer.prose(Look::Heading, 4, "fix: ", fix, None);
            }
            if n == 0 {
                change(&mut writer, finding, 4);
                excerpt(&mut writer, explained, 4);
            }
        }
        consequences(&mut writer, model, finding);
    }
    rows
}

/// The rows of a finding in full.
pub(super) fn detail(model: &Model, at: usize) -> Vec<FindingRow> {
    let mut rows = Vec::new();
    let Some(explained) = model.findings.get(at) else { return rows };
    let finding = &explained.finding;
    let area = model.layout().pane(Pane::Detail);
    let width = usize::from(area.width.max(20)).saturating_sub(2);
    let mut writer = Writer { rows: &mut rows, finding: at, width, whole: true };
    title(&mut writer, finding);
    finding.evidence.iter().for_each(|line| evidence(&mut writer, model, *line));
    if let Some(place) = place(model, finding) {
        writer.prose(Look::Dim, 2, "in ", &place, finding.line.map(Target::Line));
    }
    sentences(&mut writer, "fix", finding.fix.as_deref());
    change(&mut writer, finding, 0);
    excerpt(&mut writer, explained, 0);
    sentences(&mut writer, "why", finding.cause.as_deref());
    writer.row(Look::Heading, 0, "how sure".to_owned(), None);
    let retry = if finding.retryable { "; trying again may help" } else { "" };
    let sure = format!(
        "{} ({}, rule {}){retry}",
        finding.confidence.as_str(),
        finding.category,
        finding.rule
    );
    writer.prose(Look::Text, 2, "", &sure, None);
    if !finding.links.is_empty() {
        writer.row(Look::Heading, 0, "read more".to_owned(), None);
        for link in &finding.links {
            writer.line(Look::Dim, 2, ("", ""), &text::plain(link), None);
        }
    }
    rows
}

/// The number of the finding that is selected.
pub fn selected(model: &Model) -> usize {
    let row = model.lists.findings().get(model.panes.findings_list.at);
    row.map_or(0, |row| row.finding)
}

/// A step's place and what it does: `[builder 2/5] RUN make`.
pub fn step_title(step: &Step) -> String {
    // BuildKit's own name for a stage without one says nothing.
    let stage = step.stage().filter(|stage| !stage.starts_with("stage-"));
    let place = match (stage, step.index().zip(step.total())) {
        (Some(stage), Some((n, m))) => format!("[{} {n}/{m}] ", text::plain(stage)),
        (None, Some((n, m))) => format!("[{n}/{m}] "),
        _ => String::new(),
    };
    format!("{place}{}", brief(&text::plain(&step.label())))
}

/// The change that mends it.
fn change(writer: &mut Writer<'_>, finding: &Finding, indent: u16) {
    let Some(diff) = &finding.diff else { return };
    writer.row(Look::Heading, indent, "change".to_owned(), None);
    for line in diff.lines() {
        let look = match line.as_bytes().first() {
            Some(b'+') => Look::Added,
            Some(b'-') => Look::Removed,
            _ => Look::Dim,
        };
        writer.line(look, indent + 2, ("", "  "), &text::plain(line), None);
    }
}

fn sentences(writer: &mut Writer<'_>, name: &str, said: Option<&str>) {
    if let Some(said) = said {
        writer.row(Look::Heading, 0, name.to_owned(), None);
        writer.prose(Look::Text, 2, "", said, None);
    }
}

fn title(writer: &mut Writer<'_>, finding: &Finding) {
    let (look, sign) = match finding.kind {
        Kind::Cause => (Look::Cause, "✗ "),
        Kind::PassedBut => (Look::PassedBut, "! "),
    };
    let target = Some(match finding.line {
        Some(line) => Target::Line(line),
        None => Target::Finding(writer.finding),
    });
    writer.prose(look, 0, sign, &text::plain(&finding.title), target);
}

fn evidence(writer: &mut Writer<'_>, model: &Model, line: LineNo) {
    let store = model.log.store();
    if line.index() >= store.len() {
        return;
    }
    let number = human::count(store.number(line));
    let clean = store.text(line);
    let shown = crate::parse::payload(&clean).1.trim_end().replace('\t', " ");
    let leads = (format!("{number:>6} │ "), format!("{:>6} │ ", ""));
    writer.line(Look::Evidence, 2, (&leads.0, &leads.1), &shown, Some(Target::Line(line)));
}

/// Where it happened: the step and its Dockerfile line.
fn place(model: &Model, finding: &Finding) -> Option<String> {
    let step = finding.step.as_ref().map(|step| {
        let steps = model.log.tree().steps();
        let known = steps.iter().find(|s| s.id().number() == step.id);
        known.map_or_else(|| text::plain(&step.label).into_owned(), step_title)
    });
    let at = finding.dockerfile.as_ref().map(|at| text::plain(&at.to_string()).into_owned());
    match (step, at) {
        (Some(step), Some(at)) => Some(format!("{step} · {at}")),
        (step, at) => step.or(at),
    }
}

/// The instruction and the lines around it: the local Dockerfile's, else those
/// of the log's own excerpt.
fn excerpt(writer: &mut Writer<'_>, explained: &Explained, indent: u16) {
    let Some(source) = &explained.source else { return };
    let name = format!("{}:{}", text::plain(&source.path), source.line);
    writer.row(Look::Heading, indent, name, None);
    for line in &source.lines {
        let look = if line.marked { Look::Marked } else { Look::Dim };
        let mark = if line.marked { "▶" } else { " " };
        let clean = text::plain(&line.text).replace('\t', "    ");
        let lead = format!("{:>4}{mark} ", line.number);
        writer.line(look, indent, (&lead, "        "), &clean, None);
    }
    if let Some(differs) = &source.differs {
        writer.prose(Look::PassedBut, indent, "! ", &text::plain(differs), None);
    }
}

fn consequences(writer: &mut Writer<'_>, model: &Model, finding: &Finding) {
    let count = finding.consequences.len() as u64;
    if count == 0 {
        return;
    }
    let open = model.folded.open.contains(&writer.finding);
    let sign = if open { "▾" } else { "▸" };
    let follow = if count == 1 { "only follows" } else { "only follow" };
    let words = format!("{sign} {} that {follow} from it", human::plural(count, "line"));
    writer.row(Look::Dim, 4, words, Some(Target::Consequences(writer.finding)));
    if open {
        finding.consequences.iter().for_each(|line| evidence(writer, model, *line));
    }
}

struct Writer<'a> {
    rows: &'a mut Vec<FindingRow>,
    finding: usize,
    width: usize,
    /// Whether lines are shown in full, on several rows where they must.
    whole: bool,
}

impl Writer<'_> {
    fn row(&mut self, look: Look, indent: u16, text: String, target: Option<Target>) {
        self.rows.push(FindingRow { look, indent, text, target, finding: self.finding });
    }

    /// A line as it is, behind the first of two leads; later rows are behind the
    /// other one. What is too much even so is cut where it is drawn.
    fn line(
        &mut self,
        look: Look,
        indent: u16,
        (first, later): (&str, &str),
        line: &str,
        target: Option<Target>,
    ) {
        let room = self.width.saturating_sub(usize::from(indent) + text::width(first));
        let hang = text::width(later).saturating_sub(text::width(first));
        let rows = if self.whole { text::wrap(line, room, hang, 0, TALL) } else { Vec::new() };
        if rows.len() < 2 {
            return self.row(look, indent, format!("{first}{line}"), target);
        }
        let last = rows.len() - 1;
        for (n, row) in rows.into_iter().enumerate() {
            let lead = if n == 0 { first } else { later };
            let end = if n == last { line.len() } else { row.range.end };
            let part = line.get(row.range.start..end).unwrap_or_default();
            self.row(look, indent, format!("{lead}{part}"), target);
        }
    }

    /// Sentences, their later rows below the first word of the first.
    fn prose(&mut self, look: Look, indent: u16, lead: &str, text: &str, target: Option<Target>) {
        let hang = text::width(lead);
        let room = self.width.saturating_sub(usize::from(indent) + hang);
        for (n, row) in prose(text, room).into_iter().enumerate() {
            let shown = if n == 0 { format!("{lead}{row}") } else { format!("{:hang$}{row}", "") };
            self.row(look, indent, shown, target);
        }
    }
}

/// A finding as text, to be pasted somewhere.
pub(super) fn as_text(model: &Model, at: usize) -> String {
    let mut out = String::new();
    let Some(told) = model.findings.get(at) else { return out };
    let finding = &told.finding;
    let mut line = |text: &str| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    line(&text::plain(&finding.title));
    for evidence in finding.evidence.iter().filter(|no| no.index() < model.log.store().len()) {
        let number = model.log.store().number(*evidence);
        line(&format!("{number:>6} │ {}", model.log.store().text(*evidence)));
    }
    if let Some(place) = place(model, finding) {
        line(&format!("in {place}"));
    }
    for (name, said) in [("Cause", &finding.cause), ("Fix", &finding.fix)] {
        if let Some(said) = said {
            line(&format!("{name}: {}", text::plain(said)));
        }
    }
    if let Some(diff) = &finding.diff {
        diff.lines().for_each(|row| line(&text::plain(row)));
    }
    finding.links.iter().for_each(|link| line(&text::plain(link)));
    out
}

/// Opens what a row leads to.
pub(super) fn open(model: &mut Model, row: Option<FindingRow>) {
    match row.and_then(|row| row.target) {
        Some(Target::Line(line)) => {
            model.panes.focus = Pane::Log;
            model.scroll.left = 0;
            reveal(model, line);
        }
        Some(Target::Consequences(finding)) => {
            model.folded.toggle(finding);
            model.changes += 1;
        }
        Some(Target::Finding(_)) => {
            model.panes.detail = Wish::Shown;
            model.panes.focus = Pane::Detail;
            model.panes.detail_list = Default::default();
        }
        None => to_its_line(model),
    }
}

/// To the line that states the selected finding.
pub(super) fn to_its_line(model: &mut Model) {
    let at = selected(model);
    let line = model.findings.get(at).and_then(|told| told.finding.line);
    match line.filter(|line| line.index() < model.log.store().len()) {
        Some(line) => {
            model.panes.focus = Pane::Log;
            model.scroll.left = 0;
            reveal(model, line);
        }
        None => model.answer = Some("It is not in a line of the log".into()),
    }
}

/// Opens the findings by themselves, once, when a build has failed: on a
/// screen without room for panels they take the log's place, unless the reader
/// is busy elsewhere.
pub(super) fn announce(model: &mut Model) {
    let failed = model.build.is_some() && model.state().is_failure();
    if model.panes.announced || !failed || model.cause.is_none() {
        return;
    }
    // What has been read tells only part of it until all has been.
    if model.log.derived() < model.log.store().complete() {
        return;
    }
    model.panes.announced = true;
    let roomy = super::Layout::is_roomy(model.width, model.height);
    let idle = model.prompt.is_none() && model.help.is_none() && model.scroll.is_following();
    if !roomy && idle && model.panes.focus == Pane::Log && model.panes.findings != Wish::Hidden {
        model.panes.focus = Pane::Findings;
        model.dirty = true;
    }
}
