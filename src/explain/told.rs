//! What is asked of the project, and what it answers.

use std::path::PathBuf;

use crate::diagnose::{Diagnosis, Finding};
use crate::domain::Build;
use crate::parse::{Excerpt, Tree};

/// How sure it is that a project is the one that was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Somebody named it.
    Named,
    /// It is the one around the current directory. Its Dockerfile has to have
    /// the instruction that failed before anything else of it is believed.
    Found,
}

/// Findings, and what of log and record is needed to explain them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The findings.
    pub findings: Vec<Finding>,
    /// The Dockerfile's lines around the failure, as the log shows them.
    pub excerpt: Option<Excerpt>,
    /// The error line that the build ends with.
    pub error: Option<String>,
    /// The build's record, where there is one.
    pub build: Option<Build>,
}

impl Question {
    /// The question that a diagnosis raises.
    pub fn of(diagnosis: &Diagnosis, tree: &Tree, build: Option<&Build>) -> Self {
        let failing = || tree.failing_build().into_iter().chain(tree.builds().iter().rev());
        let error = failing().find_map(|build| build.final_error.as_ref());
        Self {
            findings: diagnosis.findings.clone(),
            error: error.map(|error| error.text.to_string()),
            excerpt: failing().filter_map(|build| build.excerpts.last()).next().cloned(),
            build: build.cloned(),
        }
    }

    /// The findings without a project's help.
    pub fn plain(&self) -> Vec<Explained> {
        self.findings.iter().map(|finding| Explained::plain(finding, self)).collect()
    }

    /// Whether the build was made from a clean checkout of a repository.
    pub fn is_checkout(&self) -> bool {
        self.build.as_ref().is_some_and(|b| b.repo_full_name.is_some() || b.commit_sha.is_some())
    }
}

/// A finding, and the Dockerfile's lines it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The finding; its title, cause, fix, diff and place are better ones
    /// where a project could tell.
    pub finding: Finding,
    /// The instruction and the lines around it.
    pub source: Option<Source>,
}

/// Lines of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The Dockerfile's path: in the project, or as the log names it.
    pub path: String,
    /// Where it is on disk, to open it in an editor; `None` for the log's own
    /// excerpt.
    pub file: Option<PathBuf>,
    /// The line the instruction begins on, from 1.
    pub line: u32,
    /// The lines, in order.
    pub lines: Vec<SourceLine>,
    /// How the local Dockerfile differs from the one that was built, as a
    /// sentence; `None` when it doesn't, as far as the log shows it.
    pub differs: Option<String>,
}

/// A line of a Dockerfile, as it is there: not sanitised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// Its number, from 1.
    pub number: u32,
    /// Whether it belongs to the instruction.
    pub marked: bool,
    /// Its text.
    pub text: String,
}

impl Explained {
    /// A finding with what the log itself shows of the Dockerfile.
    pub fn plain(finding: &Finding, question: &Question) -> Self {
        let line = finding.dockerfile.as_ref().map(|at| at.line);
        let excerpt = question.excerpt.as_ref();
        let shown = excerpt
            .filter(|excerpt| line.is_some_and(|n| excerpt.lines.iter().any(|l| l.number == n)));
        Self { finding: finding.clone(), source: shown.map(Source::of_log) }
    }
}

impl Source {
    fn of_log(excerpt: &Excerpt) -> Self {
        Self {
            path: excerpt.path.to_string(),
            file: None,
            line: excerpt.dockerfile_line,
            lines: excerpt
                .lines
                .iter()
                .map(|line| SourceLine {
                    number: line.number,
                    marked: line.marked,
                    text: line.text.to_string(),
                })
                .collect(),
            differs: None,
        }
    }
}
