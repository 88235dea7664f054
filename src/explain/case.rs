//! A project as the helpers look at it, each part read when first needed.

use std::cell::OnceCell;
use std::ops::RangeInclusive;

use super::diff::{self, Edit};
use super::place::Dockerfile;
use super::told::{Explained, Question, Trust};
use crate::context::cached::Cached;
use crate::context::disk::DiskTree;
use crate::context::dockerfile::{self, Source};
use crate::context::path::RelPath;
use crate::context::project::Project;
use crate::context::simulate::Simulation;
use crate::context::tree::{TEXT_LIMIT, Tree};

/// A project and the question about it.
pub(super) struct Case<'a> {
    pub(super) project: &'a Project,
    pub(super) question: &'a Question,
    pub(super) trust: Trust,
    /// The Dockerfile, when there is one.
    pub(super) file: Option<Dockerfile>,
    pub(super) tree: Cached<DiskTree>,
    simulation: OnceCell<Simulation>,
    parsed: OnceCell<dockerfile::Dockerfile>,
}

impl<'a> Case<'a> {
    pub(super) fn new(project: &'a Project, question: &'a Question, trust: Trust) -> Self {
        Self {
            project,
            question,
            trust,
            file: Dockerfile::open(project, question),
            tree: Cached::new(project.tree()),
            simulation: OnceCell::new(),
            parsed: OnceCell::new(),
        }
    }

    /// The Dockerfile's path in the context, there or not.
    pub(super) fn dockerfile_path(&self) -> String {
        let record =
            || self.question.build.as_ref().and_then(|build| build.dockerfile_path.clone());
        match &self.file {
            Some(file) => file.in_context.to_text(),
            None => record().unwrap_or_else(|| self.project.settings.dockerfile.clone()),
        }
    }

    /// What the CLI would upload, and what of that the build would find.
    pub(super) fn simulation(&self) -> &Simulation {
        self.simulation.get_or_init(|| self.simulate(&self.tree, &self.project.settings.exclude))
    }

    /// The same of a changed project.
    pub(super) fn simulate(&self, tree: &dyn Tree, exclude: &[String]) -> Simulation {
        Simulation::new(tree, &self.dockerfile_path(), exclude)
    }

    /// What the Dockerfile takes and runs.
    pub(super) fn parsed(&self) -> &dockerfile::Dockerfile {
        self.parsed.get_or_init(|| {
            let text = self.file.as_ref().map(|file| file.text.as_str()).unwrap_or_default();
            dockerfile::Dockerfile::parse(text, self.project.arch())
        })
    }

    /// The text of a file of the context, when it is text.
    pub(super) fn text(&self, path: &RelPath) -> Option<String> {
        String::from_utf8(self.tree.read(path, TEXT_LIMIT).ok()?).ok()
    }

    /// Edits of the Dockerfile as a diff.
    pub(super) fn dockerfile_diff(&self, edits: &[Edit]) -> Option<String> {
        let file = self.file.as_ref()?;
        // What isn't UTF-8 would not be matched by a diff of ours.
        let text = self.text(&file.in_context)?;
        diff::unified(&file.path, &text, edits)
    }
}

/// A finding while it is being explained.
pub(super) struct Told<'a> {
    pub(super) told: &'a mut Explained,
    /// The lines of the failed instruction in the local Dockerfile, when it is
    /// certain which one it is.
    pub(super) lines: Option<RangeInclusive<u32>>,
}

impl Told<'_> {
    /// What is at fault, as the log names it.
    pub(super) fn subject(&self) -> Option<&str> {
        self.told.finding.subject.as_deref()
    }

    pub(super) fn category(&self) -> &str {
        &self.told.finding.category
    }

    /// The failed instruction's text as the builder shows it.
    pub(super) fn instruction(&self) -> &str {
        let step = self.told.finding.step.as_ref();
        step.and_then(|step| step.instruction.as_deref()).unwrap_or_default()
    }

    pub(super) fn title(&mut self, text: String) {
        self.told.finding.title = crate::text::plain(&text).into_owned();
    }

    pub(super) fn cause(&mut self, text: String) {
        self.told.finding.cause = Some(crate::text::plain(&text).into_owned());
    }

    pub(super) fn fix(&mut self, text: String) {
        self.told.finding.fix = Some(crate::text::plain(&text).into_owned());
    }

    pub(super) fn diff(&mut self, diff: Option<String>) {
        if diff.is_some() {
            self.told.finding.diff = diff;
        }
    }

    /// Where the instruction is in the local Dockerfile.
    pub(super) fn place(&self) -> Option<String> {
        self.told.finding.dockerfile.as_ref().map(ToString::to_string)
    }

    /// The source of the failed instruction that a path stands for: the path
    /// itself, or for one with wildcards the directory before them.
    pub(super) fn source<'c>(&self, case: &'c Case<'_>, path: &RelPath) -> Option<&'c Source> {
        let lines = self.lines.clone()?;
        case.parsed().sources.iter().find(|source| {
            let line = u32::try_from(source.line).unwrap_or(0);
            let own = source.path.as_deref().unwrap_or(&source.written);
            let own = RelPath::clamped(own);
            lines.contains(&line) && (own == *path || (source.is_wild() && own.is_within(path)))
        })
    }
}
