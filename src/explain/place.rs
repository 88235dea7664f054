//! The local Dockerfile, and where in it a failure stands.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::told::{Explained, Question, Source, SourceLine};
use crate::context::path::RelPath;
use crate::context::project::Project;
use crate::context::tree::{TEXT_LIMIT, Tree};
use crate::diagnose::{DockerfileRef, Finding};
use crate::parse::Excerpt;
use crate::parse::dockerfile as parsed;

/// Lines shown around an instruction.
const AROUND: u32 = 2;

/// The Dockerfile of a project, as a build would take it.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    /// Its path in the context directory.
    pub in_context: RelPath,
    /// Its path seen from the project's directory.
    pub path: String,
    /// Where it is on disk.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
    /// Its instructions.
    pub instructions: parsed::Dockerfile,
}

/// Where a failure stands in the local Dockerfile.
struct Found {
    /// The lines of the instruction.
    lines: RangeInclusive<u32>,
    differs: Option<String>,
    /// Whether the instruction is the one that failed.
    same: bool,
}

/// The path from the root, for an editor that is started elsewhere.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

impl Dockerfile {
    /// The Dockerfile the build used: the one the log names, else the
    /// record's, else the configuration's.
    pub fn open(project: &Project, question: &Question) -> Option<Self> {
        let tree = project.tree();
        let log = question.excerpt.as_ref().map(|excerpt| excerpt.path.to_string());
        let record = question.build.as_ref().and_then(|build| build.dockerfile_path.clone());
        let configured = Some(project.settings.dockerfile.clone());
        let inside =
            |path: &String| !path.starts_with('/') && !path.split('/').any(|part| part == "..");
        [log, record, configured].into_iter().flatten().filter(inside).find_map(|path| {
            let in_context = RelPath::clamped(&path);
            let bytes = tree.read(&in_context, TEXT_LIMIT).ok()?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Some(Self {
                path: project.shown(&in_context),
                file: absolute(tree.locate(&in_context)),
                instructions: parsed::Dockerfile::parse(&text),
                in_context,
                text,
            })
        })
    }

    /// A line, from 1.
    pub fn line(&self, number: u32) -> Option<&str> {
        self.text.lines().nth(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The lines of the instruction that begins on a line: up to the next one,
    /// without the comments and blank lines in between.
    pub fn lines_of(&self, first: u32) -> RangeInclusive<u32> {
        let next = self.instructions.instructions.iter().map(|i| i.line).find(|l| *l > first);
        let end = next.unwrap_or_else(|| {
            u32::try_from(self.text.lines().count()).unwrap_or(u32::MAX).saturating_add(1)
        });
        let mut last = end.saturating_sub(1).max(first);
        while last > first
            && self.line(last).is_none_or(|l| l.trim().is_empty() || l.trim().starts_with('#'))
        {
            last -= 1;
        }
        first..=last
    }

    /// Shows the local Dockerfile's lines with a finding, and says when it
    /// isn't the one that was built. Gives the lines of the instruction when
    /// it is certain that it is the one that failed.
    pub fn place(&self, question: &Question, told: &mut Explained) -> Option<RangeInclusive<u32>> {
        let found = self.find(question, &told.finding)?;
        let (first, last) = (*found.lines.start(), *found.lines.end());
        let from = first.saturating_sub(AROUND).max(1);
        let lines = (from..=last.saturating_add(AROUND)).filter_map(|number| {
            Some(SourceLine {
                number,
                marked: found.lines.contains(&number),
                text: self.line(number)?.to_owned(),
            })
        });
        told.source = Some(Source {
            path: self.path.clone(),
            file: Some(self.file.clone()),
            line: first,
            lines: lines.collect(),
            differs: found.differs,
        });
        if !found.same {
            return None;
        }
        told.finding.dockerfile =
            Some(DockerfileRef { path: Some(self.path.clone()), line: first });
        Some(found.lines)
    }

    fn find(&self, question: &Question, finding: &Finding) -> Option<Found> {
        let at = finding.dockerfile.as_ref().map(|at| at.line);
        let excerpt = question.excerpt.as_ref().filter(|excerpt| {
            at.is_some_and(|n| excerpt.lines.iter().any(|line| line.number == n))
        });
        if let Some(excerpt) = excerpt {
            return self.by_excerpt(excerpt);
        }
        let shown = finding.step.as_ref().and_then(|step| step.instruction.as_deref());
        if let Some(found) = shown.and_then(|shown| self.instructions.find(shown)) {
            let moved = at.filter(|at| *at != found.line).map(|at| {
                format!("The instruction is on line {} here; the build had it on {at}", found.line)
            });
            return Some(Found { lines: self.lines_of(found.line), differs: moved, same: true });
        }
        let by_error = || self.instructions.of_word_error(question.error.as_deref()?);
        if let (None, None, Some(known)) = (at, shown, by_error()) {
            return Some(Found { lines: self.lines_of(known.line), differs: None, same: true });
        }
        let at = at?;
        let same = shown.is_none() && self.instructions.instructions.iter().any(|i| i.line == at);
        let differs = shown.map(|_| "The Dockerfile here is not the one that was built".to_owned());
        self.line(at)?;
        Some(Found { lines: self.lines_of(at), differs, same })
    }

    /// Finds the lines that the log shows.
    fn by_excerpt(&self, excerpt: &Excerpt) -> Option<Found> {
        // BuildKit shows an empty line behind a file's last line end.
        let past = u32::try_from(self.text.lines().count()).unwrap_or(u32::MAX).saturating_add(1);
        let same = |number: u32, text: &str| match self.line(number) {
            Some(line) => line.trim_end() == text.trim_end(),
            None => number == past && text.trim().is_empty(),
        };
        let marked: Vec<_> = excerpt.lines.iter().filter(|line| line.marked).collect();
        let other = excerpt.lines.iter().find(|line| !same(line.number, &line.text));
        let first = excerpt.dockerfile_line;
        if !marked.is_empty() && marked.iter().all(|line| same(line.number, &line.text)) {
            let differs = other.map(|line| self.difference(line.number, &line.text));
            return Some(Found { lines: self.lines_of(first), differs, same: true });
        }
        // The same instruction further up or down.
        let head = marked.first()?;
        let fits =
            |at: u32| marked.iter().all(|line| same(at + (line.number - head.number), &line.text));
        let places: Vec<u32> =
            self.instructions.instructions.iter().map(|i| i.line).filter(|at| fits(*at)).collect();
        if let [at] = places.as_slice() {
            let differs =
                format!("The instruction is on line {at} here; the build had it on {first}");
            return Some(Found { lines: self.lines_of(*at), differs: Some(differs), same: true });
        }
        let differs = other.map(|line| self.difference(line.number, &line.text));
        self.line(first)?;
        Some(Found { lines: self.lines_of(first), differs, same: false })
    }

    fn difference(&self, number: u32, built: &str) -> String {
        let quoted = |text: &str| format!("`{}`", crate::text::plain(text.trim()));
        match self.line(number) {
            Some(here) => format!(
                "The Dockerfile here is not the one that was built: line {number} was {} there \
                 and is {} here",
                quoted(built),
                quoted(here)
            ),
            None => format!(
                "The Dockerfile here is not the one that was built: it has no line {number}, \
                 which was {}",
                quoted(built)
            ),
        }
    }
}
