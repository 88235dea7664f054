//! What leaves the screen: copies, saved files, text for other programs.
//!
//! ```text
//!   y  :save  |  O ──► Outgoing (what, where to)
//!                          │ parcel(): a slice of clean text, secrets taken out
//!                          ▼
//!        runtime ──► writes, copies, runs programs ──► Report ──► the answer
//! ```
//!
//! A log may have millions of lines, so it leaves in slices, between keys, and
//! only as fast as the other end takes them.

use std::ops::{ControlFlow, Range};
use std::path::PathBuf;

use crate::domain::LineNo;
use crate::human;
use crate::parse::{StepId, payload};
use crate::redact::Redactor;
use crate::text;

use super::ask::Ask;
use super::effect::Effect;
use super::json;
use super::model::{Model, Subject};
use super::panes::Pane;
use super::scroll::ItemNo;
use super::select::{self, Selection};
use super::steps::StepRow;
use super::view::Scope;
use super::{findings, steps, timeline};

/// How much text a parcel holds, about, in bytes.
const PARCEL: usize = 256 * 1024;

/// The most that is copied, in bytes: a clipboard is no place for a log.
pub const MOST_COPIED: usize = 16 << 20;

/// Where it is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The clipboard; under a reference, as a block of Markdown.
    Clipboard {
        /// What the lines are, for a Markdown block.
        reference: Option<String>,
    },
    /// A file that is to be saved.
    File {
        /// Its path as typed; a leading `~/` stands for the home directory.
        path: String,
        /// Whether a file that is there may be replaced.
        replace: bool,
    },
    /// An editor, in a file of its own.
    Editor {
        /// What the file is to be called.
        name: String,
        /// The line to go to, from 1.
        line: u64,
    },
    /// The standard input of a program; the user's pager for an empty one.
    Program {
        /// The program and its arguments, as typed.
        command: String,
    },
}

/// A piece of what leaves, and what is to happen with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// Something begins to leave; its number, which reports about it have.
    Open(u64, Destination),
    /// More of it.
    Text(String),
    /// That was all.
    Close,
    /// It was given up.
    Cancel,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The file is there already; it was not touched.
    Exists,
    /// It can't be done; why, as a sentence.
    Failed(String),
    /// The file is saved.
    Saved {
        /// Where.
        path: PathBuf,
        /// How big it is.
        bytes: u64,
    },
    /// The clipboard has it.
    Copied {
        /// Its size in bytes.
        bytes: u64,
        /// Who took it: `wl-copy`, `the terminal (OSC 52)`.
        by: Vec<String>,
        /// What should be known besides, as a sentence.
        remark: Option<String>,
    },
    /// A program has had the terminal and is done; how it ended, if not well.
    Returned(Option<String>),
}

/// Something on its way out.
#[derive(Debug)]
pub struct Outgoing {
    number: u64,
    to: Destination,
    /// What was asked for, to begin again.
    again: What,
    /// What it is, in words: `3 lines`.
    what: String,
    load: Load,
    stage: Stage,
    /// Lines that secrets were taken out of.
    redacted: u64,
    /// The selection that is copied; it ends when it has been.
    selection: Option<Selection>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Begun,
    Open,
    Closed,
    Cancelled,
}

#[derive(Debug)]
enum Load {
    /// A text.
    Text(Option<String>),
    /// Lines of the log.
    Lines(Lines),
}

#[derive(Debug)]
struct Lines {
    runs: Vec<Range<u32>>,
    /// The run that is being read; its start moves.
    run: usize,
    done: u64,
    total: u64,
    /// Whether the builder's prefix goes, as it does on the screen.
    strip: bool,
    /// Whether JSON is laid out, as it is on the screen.
    pretty: bool,
    redactor: Redactor,
    /// The log's generation they were chosen in.
    generation: u64,
}

impl Outgoing {
    /// How it is going, in words.
    pub fn progress(&self) -> String {
        let percent = match &self.load {
            Load::Lines(lines) if lines.total > 0 => lines.done * 100 / lines.total,
            _ => 100,
        };
        let doing = match &self.to {
            Destination::Clipboard { .. } => "Copying",
            Destination::File { .. } => "Saving",
            Destination::Editor { .. } | Destination::Program { .. } => "Handing over",
        };
        format!("{doing} {}: {percent}%", self.what)
    }
}

/// Which lines are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// What is selected, else what is shown.
    Usual,
    /// All there are.
    All,
    /// What filters and the like let through.
    Shown,
    /// The step under the cursor, or the one that is shown.
    Step,
    /// What is selected.
    Selection,
    /// The change that the selected finding proposes.
    Diff,
}

/// Why there is no diff to save.
const NO_CHANGE: &str = "The finding proposes no change";

/// Lines and what they are called.
struct Chosen {
    runs: Vec<Range<u32>>,
    words: String,
    strip: bool,
}

fn choose(model: &Model, what: What) -> Result<Chosen, String> {
    let len = model.log.store().len();
    let whole = len > 0;
    let strip = model.strips_prefix();
    let chosen = |runs: Vec<Range<u32>>, of: &str| {
        let words = human::plural(select::count(&runs), "line");
        Chosen { runs, words: format!("{words}{of}"), strip }
    };
    // What is still to be read is not among them; that must not go unsaid.
    let store = model.log.store();
    let reading = store.file_bytes().is_some_and(|all| all > store.bytes());
    let so_far =
        if reading || store.file_bytes().is_none() && !model.over { " so far" } else { "" };
    match what {
        // Not lines of the log: see `send`.
        What::Diff => Err(NO_CHANGE.into()),
        _ if !whole => Err("There are no lines yet".into()),
        What::Selection | What::Usual if model.selection.is_some() => {
            let (first, last) = model.selected().unwrap_or_default();
            let runs = some(select::lines(model, first, last), "Only hidden lines are selected")?;
            Ok(chosen(runs, ""))
        }
        What::Selection => Err("Nothing is selected; v selects lines".into()),
        What::Usual | What::Shown if !model.view.is_whole() => {
            if model.view.looked(&model.log) < len {
                return Err("What is shown is still being put together; try again".into());
            }
            let last = model.view.len(&model.log).saturating_sub(1);
            let runs = select::lines(model, ItemNo::FIRST, ItemNo::new(last));
            let runs = some(runs, "No line is shown")?;
            Ok(chosen(runs, &format!(" shown{so_far}")))
        }
        What::All | What::Usual | What::Shown => {
            let mut all = chosen(std::iter::once(0..len).collect(), so_far);
            all.strip &= what != What::All;
            Ok(all)
        }
        What::Step => {
            let id = match model.view.scope() {
                Scope::Step(id) => Some(id),
                _ => steps::here(model),
            };
            let id = id.ok_or("The cursor's line belongs to no step")?;
            Ok(chosen(steps::lines(model, id), " of the step"))
        }
    }
}

/// Lines, if there are any: nothing takes no clipboard's or file's place.
fn some(runs: Vec<Range<u32>>, none: &str) -> Result<Vec<Range<u32>>, String> {
    if runs.is_empty() { Err(none.to_owned()) } else { Ok(runs) }
}

/// What would leave, in words; or why nothing can.
pub(super) fn describe(model: &Model, what: What) -> Result<String, String> {
    if what == What::Diff {
        let told = model.findings.get(findings::selected(model));
        let diff = told.and_then(|told| told.finding.diff.as_ref());
        return diff.map(|_| "the change".to_owned()).ok_or_else(|| NO_CHANGE.to_owned());
    }
    choose(model, what).map(|chosen| chosen.words)
}

/// Sends lines on their way.
pub(super) fn send(model: &mut Model, what: What, to: Destination) -> Vec<Effect> {
    if what == What::Diff {
        return send_diff(model, to);
    }
    match choose(model, what) {
        Ok(chosen) => dispatch(model, what, chosen, to),
        Err(why) => {
            model.answer = Some(why);
            Vec::new()
        }
    }
}

fn dispatch(model: &mut Model, again: What, chosen: Chosen, to: Destination) -> Vec<Effect> {
    let copying = matches!(to, Destination::Clipboard { .. });
    let load = Load::Lines(Lines {
        total: select::count(&chosen.runs),
        runs: chosen.runs,
        run: 0,
        done: 0,
        strip: chosen.strip,
        pretty: copying && model.pretty,
        redactor: Redactor::new(model.options.redact),
        generation: model.log.generation(),
    });
    begin(model, again, to, chosen.words, load);
    Vec::new()
}

fn begin(model: &mut Model, again: What, to: Destination, what: String, load: Load) {
    if let Some(busy) = &model.outgoing {
        model.answer = Some(format!("{}. Esc gives it up", busy.progress()));
        return;
    }
    model.dirty = true;
    model.sent += 1;
    let (number, stage) = (model.sent, Stage::Begun);
    let (redacted, selection) = (0, None);
    model.outgoing = Some(Outgoing { number, to, again, what, load, stage, redacted, selection });
}

/// Gives up what is on its way; whether anything was.
pub(super) fn cancel(model: &mut Model) -> bool {
    let Some(outgoing) = &mut model.outgoing else { return false };
    // Once the other end has it all, there is nothing to give up.
    if outgoing.stage == Stage::Closed {
        return false;
    }
    model.answer = Some(format!("Given up: {}", outgoing.what));
    outgoing.stage = Stage::Cancelled;
    model.dirty = true;
    true
}

/// `y`: the selection, else what the pane with the keys is about.
pub(super) fn copy(model: &mut Model, markdown: bool) -> Vec<Effect> {
    let chosen = match model.panes.focus {
        Pane::Findings | Pane::Detail if model.selection.is_none() => {
            return copy_finding(model, markdown);
        }
        Pane::Steps if model.selection.is_none() => {
            match model.steps.all().get(model.panes.steps_list.at).copied() {
                Some(StepRow::Step(id)) => Ok(lines_of_step(model, id)),
                _ => cursor_line(model),
            }
        }
        Pane::Timeline if model.selection.is_none() => match timeline::selected(model) {
            Some(id) => Ok(lines_of_step(model, id)),
            None => cursor_line(model),
        },
        _ if model.selection.is_some() => choose(model, What::Selection),
        _ => cursor_line(model),
    };
    let chosen = match chosen {
        Ok(chosen) => chosen,
        Err(why) => {
            model.answer = Some(why);
            return Vec::new();
        }
    };
    let reference = markdown.then(|| reference(model, &chosen.runs));
    let before = model.outgoing.is_some();
    let effects = dispatch(model, What::Usual, chosen, Destination::Clipboard { reference });
    // One that is refused can still be saved.
    if let (false, Some(outgoing)) = (before, &mut model.outgoing) {
        outgoing.selection = model.selection;
    }
    effects
}

fn lines_of_step(model: &Model, id: StepId) -> Chosen {
    let runs = steps::lines(model, id);
    let words = format!("{} of the step", human::plural(select::count(&runs), "line"));
    Chosen { runs, words, strip: model.strips_prefix() }
}

fn cursor_line(model: &Model) -> Result<Chosen, String> {
    if model.log.store().is_empty() {
        return Err("There are no lines yet".into());
    }
    let at = model.scroll.cursor;
    let runs = select::lines(model, at, at);
    match select::count(&runs) {
        0 => Err("Hidden lines aren't copied".into()),
        n => Ok(Chosen { runs, words: human::plural(n, "line"), strip: model.strips_prefix() }),
    }
}

/// Sends the change that the selected finding proposes.
fn send_diff(model: &mut Model, to: Destination) -> Vec<Effect> {
    let told = model.findings.get(findings::selected(model));
    let Some(diff) = told.and_then(|told| told.finding.diff.clone()) else {
        model.answer = Some(NO_CHANGE.into());
        return Vec::new();
    };
    let redacted = if model.options.redact { crate::redact::text(&diff) } else { diff };
    begin(model, What::Diff, to, "the change".to_owned(), Load::Text(Some(redacted)));
    Vec::new()
}

fn copy_finding(model: &mut Model, markdown: bool) -> Vec<Effect> {
    let at = findings::selected(model);
    let Some(told) = model.findings.get(at) else {
        model.answer = Some("There is no finding to copy".into());
        return Vec::new();
    };
    let (what, text) = match &told.finding.diff {
        Some(diff) if !markdown => ("the change as a diff", diff.clone()),
        _ => ("the finding", findings::as_text(model, at)),
    };
    let redacted = if model.options.redact { crate::redact::text(&text) } else { text };
    let evidence: Vec<Range<u32>> =
        told.finding.evidence.iter().map(|line| line.index()..line.index() + 1).collect();
    let reference = markdown.then(|| reference(model, &evidence));
    let to = Destination::Clipboard { reference };
    begin(model, What::Usual, to, what.to_owned(), Load::Text(Some(redacted)));
    Vec::new()
}

/// What lines are, so that somebody else finds them: the build or the file,
/// and their numbers.
fn reference(model: &Model, runs: &[Range<u32>]) -> String {
    let name = match &model.subject {
        Subject::Text { name } => text::plain(name).into_owned(),
        Subject::Build(id) => {
            let served = model.build.as_ref().and_then(|build| build.id.clone());
            let id = id.as_ref().map(ToString::to_string).or(served);
            match id {
                Some(id) => format!("build {}", text::plain(&id)),
                None => "the newest build".to_owned(),
            }
        }
    };
    let number = |line: u32| model.log.store().number(LineNo::new(line));
    let first = runs.first().map_or(1, |run| number(run.start));
    let last = runs.last().map_or(1, |run| number(run.end.saturating_sub(1)));
    if first == last {
        return format!("{name}, line {first}");
    }
    match (runs.len(), select::count(runs)) {
        (1, _) => format!("{name}, lines {first}–{last}"),
        (_, count) => format!("{name}, {count} of lines {first}–{last}"),
    }
}

/// Text under a reference as a block of Markdown, whose fence no line of it
/// can close.
pub fn markdown(reference: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    // A file's name may hold anything that Markdown would take for its own.
    let mut name = String::with_capacity(reference.len());
    for c in reference.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~') {
            name.push('\\');
        }
        name.push(c);
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{name}:\n\n{fence}text\n{text}{end}{fence}\n")
}

/// `O`: the log in an editor, at the cursor's line.
pub(super) fn edit(model: &mut Model) -> Vec<Effect> {
    if model.log.store().is_empty() {
        model.answer = Some("There are no lines yet".into());
        return Vec::new();
    }
    let line = model.cursor_line();
    if let Some(path) = model.log.path() {
        let line = model.log.store().number(line);
        return vec![Effect::Edit { path: path.to_owned(), line }];
    }
    let name: String = model
        .subject_name()
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '.') { c } else { '-' })
        .collect();
    let name = format!("{}.log", name.trim_end_matches(".log"));
    let to = Destination::Editor { name, line: u64::from(line.index()) + 1 };
    send(model, What::All, to)
}

/// `o`: the Dockerfile of this disk at the finding's instruction.
pub(super) fn edit_dockerfile(model: &mut Model) -> Vec<Effect> {
    let told = model.findings.get(findings::selected(model));
    let source = told.and_then(|told| told.source.as_ref());
    let place = source.and_then(|source| Some((source.file.clone()?, source.line)));
    match (place, told) {
        (Some((path, line)), _) => return vec![Effect::Edit { path, line: u64::from(line) }],
        (None, Some(_)) => {
            model.answer = Some(
                "The finding has no Dockerfile here; start buildcat in the project, or with --project"
                    .into(),
            );
        }
        (None, None) => model.answer = Some("There is no finding to open".into()),
    }
    Vec::new()
}

/// The next piece of what leaves, if anything does.
pub fn parcel(model: &mut Model) -> Option<Parcel> {
    let outgoing = model.outgoing.as_mut()?;
    let stage = outgoing.stage;
    match stage {
        Stage::Begun => {
            outgoing.stage = Stage::Open;
            Some(Parcel::Open(outgoing.number, outgoing.to.clone()))
        }
        Stage::Cancelled => {
            model.outgoing = None;
            model.dirty = true;
            Some(Parcel::Cancel)
        }
        Stage::Closed => None,
        Stage::Open => {
            model.dirty = true;
            let part = match &mut outgoing.load {
                Load::Text(text) => text.take(),
                Load::Lines(lines) if lines.generation != model.log.generation() => {
                    model.answer = Some("The log changed meanwhile; please try again".into());
                    model.outgoing = None;
                    return Some(Parcel::Cancel);
                }
                Load::Lines(lines) => lines.slice(&model.log, &mut outgoing.redacted),
            };
            match part {
                Some(text) => Some(Parcel::Text(text)),
                None => {
                    outgoing.stage = Stage::Closed;
                    Some(Parcel::Close)
                }
            }
        }
    }
}

/// Whether there is a piece to be had.
pub fn has_parcel(model: &Model) -> bool {
    model.outgoing.as_ref().is_some_and(|outgoing| outgoing.stage != Stage::Closed)
}

impl Lines {
    /// More lines, about [`PARCEL`] bytes of them.
    fn slice(&mut self, log: &crate::log::Log, redacted: &mut u64) -> Option<String> {
        let mut out = String::new();
        let mut scratch = String::new();
        while out.len() < PARCEL {
            let Some(run) = self.runs.get_mut(self.run) else { break };
            let range = LineNo::new(run.start)..LineNo::new(run.end);
            let (strip, pretty, redactor) = (self.strip, self.pretty, &mut self.redactor);
            let mut next = run.end;
            let _ = log.store().for_each(range, |line, raw| {
                let clean = text::clean(raw, &mut scratch);
                let shown = if strip { payload(clean).1 } else { clean };
                let laid = if pretty { json::text(shown) } else { None };
                let shown = laid.as_deref().unwrap_or(shown);
                for row in shown.split('\n') {
                    let kept = redactor.line(row);
                    *redacted += u64::from(kept != row);
                    out.push_str(&kept);
                    out.push('\n');
                }
                self.done += 1;
                next = line.index() + 1;
                if out.len() < PARCEL { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            run.start = next;
            if run.start >= run.end {
                self.run += 1;
            }
        }
        (!out.is_empty()).then_some(out)
    }
}

/// Takes note of what came of it.
pub(super) fn reported(model: &mut Model, number: Option<u64>, report: Report) {
    model.dirty = true;
    // Programs also run for what never was on its way.
    let Some(number) = number else {
        model.answer = match report {
            Report::Returned(how) => how,
            Report::Failed(why) => Some(why),
            _ => return,
        };
        return;
    };
    let Some(outgoing) = model.outgoing.take_if(|outgoing| outgoing.number == number) else {
        return;
    };
    let what = &outgoing.what;
    let taken_out = match outgoing.redacted {
        0 => String::new(),
        n => format!("; secrets taken out of {}", human::plural(n, "line")),
    };
    model.answer = Some(match report {
        Report::Exists => {
            if let Destination::File { path, .. } = outgoing.to {
                model.ask = Some(Ask::replace(path, outgoing.again));
            }
            return;
        }
        Report::Failed(why) => why,
        Report::Saved { path, bytes } => {
            let path = path.display().to_string();
            format!("Saved {what} ({}) to {}{taken_out}", human::bytes(bytes), text::plain(&path))
        }
        Report::Copied { bytes, by, remark } => {
            model.selection.take_if(|selection| Some(*selection) == outgoing.selection);
            let by = by.join(" and ");
            let remark = remark.map(|remark| format!(". {remark}")).unwrap_or_default();
            format!("Copied {what} ({}) by {by}{taken_out}{remark}", human::bytes(bytes))
        }
        Report::Returned(how) => {
            model.answer = how;
            return;
        }
    });
}
