//! The fold: lines in, candidate lines out.

use std::collections::VecDeque;
use std::sync::Arc;

use super::diagnosis;
use super::rules::Rules;
use super::{Diagnosis, Kind};
use crate::domain::{Build, LineNo};
use crate::parse::{Role, Tree, line_role, payload};

/// The log's lines, for what has to be read again.
pub trait Lines {
    /// The clean text of a line; `None` for a gap and past the end.
    fn text(&self, line: LineNo) -> Option<String>;
    /// How many lines there are.
    fn len(&self) -> u32;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: AsRef<str>> Lines for [T] {
    fn text(&self, line: LineNo) -> Option<String> {
        self.get(line.index() as usize).map(|text| text.as_ref().to_owned())
    }
    fn len(&self) -> u32 {
        u32::try_from(<[T]>::len(self)).unwrap_or(u32::MAX)
    }
}

impl<T: AsRef<str>> Lines for Vec<T> {
    fn text(&self, line: LineNo) -> Option<String> {
        Lines::text(self.as_slice(), line)
    }
    fn len(&self) -> u32 {
        Lines::len(self.as_slice())
    }
}

/// Lines kept for one rule: the first and the latest ones, so that a step
/// which prints the same error a million times costs nothing.
#[derive(Clone, Debug, Default)]
struct Hits {
    first: Vec<u32>,
    latest: VecDeque<u32>,
}

const FIRST: usize = 256;
const LATEST: usize = 64;
/// Failure and warning lines kept for jumping to.
const MOST_LINES: usize = 200_000;
/// Bytes of a line that patterns are tried on.
const LONGEST: usize = 16 * 1024;

impl Hits {
    fn push(&mut self, line: u32) {
        if self.first.len() < FIRST {
            self.first.push(line);
            return;
        }
        if self.latest.len() == LATEST {
            self.latest.pop_front();
        }
        self.latest.push_back(line);
    }

    fn retract(&mut self, from: u32) {
        self.first.retain(|line| *line < from);
        self.latest.retain(|line| *line < from);
    }

    fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.first.iter().chain(&self.latest).copied()
    }
}

/// A line that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) line: LineNo,
    pub(super) rule: u16,
}

/// Reads a log line by line and says, at any time, why its build failed.
#[derive(Debug)]
pub struct Diagnoser {
    pub(super) rules: Arc<Rules>,
    hits: Vec<Hits>,
    failures: Vec<LineNo>,
    warnings: Vec<LineNo>,
    /// Lines of builder and agent that state a failure.
    pub(super) stated: Vec<LineNo>,
    seen: u32,
    pub(super) record: Option<Build>,
    pub(super) finished: bool,
    /// Grows with everything that may change the diagnosis.
    revision: u64,
    cache: Option<(u64, Diagnosis)>,
    found: Vec<u16>,
    quoted: Quoted,
}

impl Diagnoser {
    /// A diagnoser that has read nothing.
    pub fn new(rules: Arc<Rules>) -> Self {
        let hits = vec![Hits::default(); rules.all().len()];
        Self {
            rules,
            hits,
            failures: Vec::new(),
            warnings: Vec::new(),
            stated: Vec::new(),
            seen: 0,
            record: None,
            finished: false,
            revision: 0,
            cache: None,
            found: Vec::new(),
            quoted: Quoted::default(),
        }
    }

    /// Reads the next line. A line that was given before, unfinished, may be
    /// given again: what follows from it then replaces what did before.
    pub fn line(&mut self, line: LineNo, clean: &str, tree: &Tree) {
        if line.index() < self.seen {
            self.retract(line);
        }
        self.seen = line.index().saturating_add(1);
        let (seconds, text) = payload(clean);
        let role = if seconds.is_some() { Role::Output } else { line_role(clean) };
        match role {
            Role::Output | Role::Warning | Role::Error | Role::FinalError | Role::PhaseFailed => {}
            Role::CommandFailed => {
                self.state(line);
                return;
            }
            Role::Header | Role::Done | Role::Phase => {
                self.revision += 1;
                return;
            }
            _ => return,
        }
        let structural = !matches!(role, Role::Output | Role::Warning);
        if structural {
            self.state(line);
        }
        let text = statement(clip(text), role);
        if self.quoted.line(line, text) {
            return;
        }
        self.rules.matching(text, &mut self.found);
        let (mut fails, mut warns) = (structural, role == Role::Warning);
        for at in 0..self.found.len() {
            let Some(&index) = self.found.get(at) else { continue };
            let Some(rule) = self.rules.at(index) else { continue };
            let fits = match rule.place {
                super::Place::Anywhere => role != Role::PhaseFailed,
                super::Place::Output => role == Role::Output,
                super::Place::Builder => seconds.is_none(),
            };
            if !fits {
                continue;
            }
            match rule.kind {
                Kind::Cause if rule.rank >= 30 && !rule.tentative => fails = true,
                Kind::Cause if rule.rank < 30 => {}
                _ => warns = true,
            }
            if let Some(hits) = self.hits.get_mut(usize::from(index)) {
                hits.push(line.index());
            }
            self.revision += 1;
        }
        // The closing summary says again what has been said.
        if !structural && tree.repeat_of(line).is_some() {
            return;
        }
        if fails && self.failures.len() < MOST_LINES {
            if self.failures.last() != Some(&line) {
                self.failures.push(line);
            }
        } else if warns && self.warnings.len() < MOST_LINES {
            self.warnings.push(line);
        }
    }

    /// Passes a place where lines are missing.
    pub fn gap(&mut self, line: LineNo) {
        if line.index() < self.seen {
            self.retract(line);
        }
        self.seen = line.index().saturating_add(1);
    }

    /// Takes note of the build's record.
    pub fn record(&mut self, build: &Build) {
        if self.record.as_ref() != Some(build) {
            self.record = Some(build.clone());
            self.revision += 1;
        }
    }

    /// Says that no more lines follow.
    pub fn finish(&mut self) {
        if !self.finished {
            self.finished = true;
            self.revision += 1;
        }
    }

    /// Says that lines may follow all the same: a file began to grow.
    pub fn resume(&mut self) {
        if self.finished {
            self.finished = false;
            self.revision += 1;
        }
    }

    /// Lines that state a failure, ascending.
    pub fn failure_lines(&self) -> &[LineNo] {
        &self.failures
    }

    /// Lines that warn, ascending.
    pub fn warning_lines(&self) -> &[LineNo] {
        &self.warnings
    }

    /// What is known so far. Cheap when nothing of weight came since the last
    /// call; else bounded by the failing step's candidates, not by the log.
    pub fn diagnosis(&mut self, tree: &Tree, lines: &dyn Lines) -> Diagnosis {
        if let Some((revision, diagnosis)) = &self.cache
            && *revision == self.revision
        {
            return diagnosis.clone();
        }
        let diagnosis = diagnosis::diagnose(self, tree, lines);
        self.cache = Some((self.revision, diagnosis.clone()));
        diagnosis
    }

    /// Candidates of all rules, by line.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let mut all: Vec<Candidate> = self
            .hits
            .iter()
            .enumerate()
            .flat_map(|(rule, hits)| {
                hits.iter()
                    .map(move |line| Candidate { line: LineNo::new(line), rule: rule as u16 })
            })
            .collect();
        all.sort_unstable_by_key(|c| (c.line, c.rule));
        all
    }

    fn state(&mut self, line: LineNo) {
        self.revision += 1;
        if self.stated.len() < MOST_LINES {
            self.stated.push(line);
        }
        if self.failures.len() < MOST_LINES {
            self.failures.push(line);
        }
    }

    fn retract(&mut self, from: LineNo) {
        self.quoted.retract(from);
        for hits in &mut self.hits {
            hits.retract(from.index());
        }
        for list in [&mut self.failures, &mut self.warnings, &mut self.stated] {
            list.retain(|line| *line < from);
        }
        self.revision += 1;
    }
}

/// Tells the lines of code that a Python traceback quotes under `File "…", line
/// 3`: they hold the words of errors that were not raised.
#[derive(Clone, Copy, Debug, Default)]
struct Quoted {
    /// The indentation of the frame whose code follows.
    frame: Option<usize>,
    /// What stood there before the latest line, and that line.
    before: Option<(LineNo, Option<usize>)>,
}

impl Quoted {
    /// Whether the next line is code.
    fn line(&mut self, line: LineNo, text: &str) -> bool {
        self.before = Some((line, self.frame));
        let bare = text.trim_start();
        let indent = text.len() - bare.len();
        if bare.starts_with("File \"") && bare.contains("\", line ") {
            self.frame = Some(indent);
            return false;
        }
        let code = self.frame.is_some_and(|frame| indent > frame) && !bare.is_empty();
        if !code {
            self.frame = None;
        }
        code
    }

    fn retract(&mut self, from: LineNo) {
        match self.before {
            Some((line, frame)) if line == from => self.frame = frame,
            _ => self.frame = None,
        }
        self.before = None;
    }
}

pub(super) fn clip(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    text.get(..text.floor_char_boundary(LONGEST)).unwrap_or("")
}

/// What a builder's error line says apart from the command it quotes: the
/// words of a command are no evidence of how it failed.
pub(super) fn statement(text: &str, role: Role) -> &str {
    if role == Role::Output || role == Role::Warning {
        return text;
    }
    // The classic builder sets its sentence behind whatever a command printed last.
    if let Some(at) = text.find("The command '")
        && at > 0
        && text.contains("' returned a non-zero code")
    {
        return text.get(..at).unwrap_or(text);
    }
    for mark in ["did not complete successfully", "returned a non-zero code"] {
        if let Some(at) = text.rfind(mark) {
            return text.get(at..).unwrap_or(text);
        }
    }
    if text.contains("executor failed running [")
        && let Some(at) = text.rfind("]: ")
    {
        return text.get(at + 3..).unwrap_or(text);
    }
    if let Some((_, quoted)) = text.split_once("building at STEP \"")
        && let Some((_, rest)) = quoted.split_once("\": ")
    {
        return rest;
    }
    text
}
