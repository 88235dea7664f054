//! What would go wrong with a build, said before it is started.
//!
//! One file per kind of check, each a function that looks at the `Subject` and
//! adds problems; `platform.rs` is the smallest.

mod action;
mod disagree;
mod lock;
mod platform;
mod secrets;
mod sources;
mod stages;
mod upload;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::disk::DiskTree;
use super::dockerfile::Dockerfile;
use super::path::RelPath;
use super::project::{CONFIG, Project};
use super::simulate::Simulation;
use crate::human;
use crate::text::plain;

pub use secrets::secret;

/// What [`run`] may use.
#[derive(Clone, Debug)]
pub struct Options {
    /// The uv to ask whether the lock file is current; it isn't asked without one.
    pub uv: Option<PathBuf>,
    /// How long to wait for uv, which may want the network.
    pub uv_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { uv: None, uv_timeout: Duration::from_secs(15) }
    }
}

impl Options {
    /// With the uv that is on `path`, the value of the variable PATH.
    pub fn with_path(path: Option<&OsStr>) -> Self {
        let dirs = path.map(|path| std::env::split_paths(path).collect::<Vec<_>>());
        let found = dirs.unwrap_or_default().into_iter().map(|dir| dir.join("uv"));
        // A relative entry would run what a project brings along.
        let uv = found.into_iter().find(|file| file.is_absolute() && file.is_file());
        Self { uv, ..Self::default() }
    }
}

/// Whether a problem stops the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The upload or the build would fail.
    Error,
    /// It would go through, but not as meant.
    Warning,
}

/// Something that is wrong with a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The check that found it, such as `missing-source`.
    pub rule: &'static str,
    /// Whether it stops the build.
    pub severity: Severity,
    /// A sentence or two, without the final stop.
    pub message: String,
    /// The path it is about, in the context directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The file to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

impl Problem {
    fn new(rule: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self { rule, severity, message: message.into(), path: None, file: None, line: None }
    }

    fn about(mut self, path: &RelPath) -> Self {
        self.path = Some(path.to_text());
        self
    }

    fn at(mut self, file: impl Into<String>, line: impl Into<Option<usize>>) -> Self {
        self.file = Some(file.into());
        self.line = line.into();
        self
    }
}

/// What the CLI would upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Uploaded {
    /// The files, sorted as in the archive.
    pub files: Vec<String>,
    /// Their size together, before compression.
    pub bytes: u64,
}

/// What BuildKit's own pass would leave of the upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Left {
    /// The files, sorted.
    pub files: Vec<String>,
}

/// What a build of a project would meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The version of this shape: 1.
    pub schema: u32,
    /// The upload.
    pub upload: Uploaded,
    /// The build context.
    pub context: Left,
    /// What is wrong, errors first.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether the upload or the build would fail.
    pub fn would_fail(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// The report for people: a line for the upload, one or two for each problem, and the verdict.
    pub fn text(&self) -> String {
        let mut out = format!(
            "Upload: {}, {}; {} left for the build\n",
            human::plural(self.upload.files.len() as u64, "file"),
            human::bytes(self.upload.bytes),
            human::count(self.context.files.len() as u64),
        );
        for problem in &self.problems {
            let word = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let place = match (&problem.file, problem.line) {
                (Some(file), Some(line)) => format!("{file}:{line}: "),
                (Some(file), None) => format!("{file}: "),
                (None, _) => String::new(),
            };
            let line = format!("{word}: {place}{} [{}]", problem.message, problem.rule);
            // Writing to a String can't fail.
            let _ = writeln!(out, "{}", plain(&line));
        }
        out.push_str(match (self.would_fail(), self.problems.is_empty()) {
            (true, _) => "The build would fail.\n",
            (false, false) => "Nothing here would stop the build.\n",
            (false, true) => "Nothing to complain about.\n",
        });
        out
    }
}

/// What the checks look at.
struct Subject<'a> {
    project: &'a Project,
    tree: DiskTree,
    simulation: Simulation,
    dockerfile: Option<Dockerfile>,
    options: &'a Options,
}

impl Subject<'_> {
    /// The Dockerfile's path as the configuration writes it.
    fn dockerfile_path(&self) -> &str {
        &self.project.settings.dockerfile
    }
}

/// Checks the project in `dir`. Nothing in it is changed.
pub fn run(dir: &Path, options: &Options) -> Report {
    let project = Project::open(dir);
    let tree = project.tree();
    let settings = &project.settings;
    let simulation = Simulation::new(&tree, &settings.dockerfile, &settings.exclude);
    let dockerfile = project.dockerfile_text().map(|t| Dockerfile::parse(&t, project.arch()));
    let subject = Subject { project: &project, tree, simulation, dockerfile, options };
    let mut problems = Vec::new();
    config(&subject, &mut problems);
    upload::check(&subject, &mut problems);
    sources::check(&subject, &mut problems);
    stages::check(&subject, &mut problems);
    lock::check(&subject, &mut problems);
    platform::check(&subject, &mut problems);
    secrets::check(&subject, &mut problems);
    disagree::check(&subject, &mut problems);
    action::check(&subject, &mut problems);
    problems.sort_by_key(|problem| problem.severity != Severity::Error);
    let Simulation { upload, passed, .. } = &subject.simulation;
    Report {
        schema: 1,
        upload: Uploaded {
            files: upload.files.iter().map(|file| file.path.to_text()).collect(),
            bytes: upload.bytes,
        },
        context: Left { files: passed.files.iter().map(RelPath::to_text).collect() },
        problems,
    }
}

fn config(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    if let Some(trouble) = &subject.project.settings.trouble {
        let severity = if trouble.refused { Severity::Error } else { Severity::Warning };
        let problem = Problem::new("config", severity, trouble.message.clone());
        problems.push(problem.at(CONFIG, trouble.line));
    }
    if let Some(error) = subject.dockerfile.as_ref().and_then(|file| file.error.as_ref()) {
        let severity = if error.certain { Severity::Error } else { Severity::Warning };
        let message = format!("the Dockerfile can't be read from here on: {}", error.message);
        let problem = Problem::new("dockerfile-syntax", severity, message);
        problems.push(problem.at(subject.dockerfile_path(), error.line));
    }
}
