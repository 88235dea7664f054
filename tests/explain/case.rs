//! Projects, logs, and what is said of them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, LazyLock};

use buildcat::context::{preflight, project};
use buildcat::diagnose::Rules;
use buildcat::domain::{Build, BuildStatus, Patch};
use buildcat::explain::{Explained, Question, Trust, answer};
use buildcat::log::Log;

static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| Arc::new(Rules::builtin()));

/// A project on disk.
pub struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let full = dir.path().join(path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::write(full, text).unwrap();
        }
        Self { dir }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// The first finding of a log, explained.
    pub fn explained(&self, log: &str) -> Explained {
        self.answered(&question(log, None))
    }

    /// The same for a build from GitHub.
    pub fn checkout(&self, log: &str) -> Explained {
        let mut build = Build::with_status(BuildStatus::Failed);
        build.repo_full_name = Some("acme/bot".into());
        build.commit_sha = Some("0123456789abcdef".into());
        self.answered(&question(log, Some(build)))
    }

    pub fn answered(&self, question: &Question) -> Explained {
        let before = listing(self.path());
        let told = answer(&project::Project::open(self.path()), question, Trust::Found).remove(0);
        assert_eq!(listing(self.path()), before, "nothing in a project is changed");
        told
    }

    /// Applies the diff of a finding with git, and on a copy with patch; both
    /// make the same of it.
    #[track_caller]
    pub fn apply(&self, told: &Explained) {
        let Some(diff) = &told.finding.diff else { panic!("no diff: {:#?}", told.finding) };
        let copy = Self::new(&[]);
        for (path, bytes) in listing(self.path()) {
            let full = copy.path().join(path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::write(full, bytes).unwrap();
        }
        let away = tempfile::tempdir().unwrap();
        let file = away.path().join("fix.diff");
        fs::write(&file, diff).unwrap();
        for (tool, dir) in [("git", self.path()), ("patch", copy.path())] {
            let mut command = Command::new(tool);
            match tool {
                "git" => command.args(["apply", "--whitespace=nowarn"]).arg(&file),
                _ => command.args(["-p1", "-s", "--binary", "-i"]).arg(&file),
            };
            let output = command.current_dir(dir).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{tool}: {said}\n{diff}");
        }
        assert_eq!(listing(self.path()), listing(copy.path()), "{diff}");
    }

    /// What preflight has against the project, by rule.
    pub fn errors(&self) -> Vec<String> {
        let report = preflight::run(self.path(), &preflight::Options::default());
        let errors = report.problems.iter().filter(|p| p.severity == preflight::Severity::Error);
        errors.map(|p| format!("{}: {}", p.rule, p.message)).collect()
    }

    /// What would be uploaded.
    pub fn uploaded(&self) -> Vec<String> {
        preflight::run(self.path(), &preflight::Options::default()).upload.files
    }
}

/// All files below a directory, with their content.
fn listing(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(dir).unwrap().display().to_string();
            if path.is_symlink() {
                out.push((name, b"link".to_vec()));
            } else if path.is_dir() {
                open.push(path);
            } else {
                out.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

pub fn question(log: &str, build: Option<Build>) -> Question {
    asked(log, build).unwrap_or_else(|| panic!("nothing found in\n{log}"))
}

/// The same, where anything is found.
pub fn asked(log: &str, build: Option<Build>) -> Option<Question> {
    let mut read = Log::new(Arc::clone(&RULES));
    read.apply(&Patch::text(log));
    if let Some(build) = &build {
        read.record(build);
    }
    read.end();
    read.derive_all();
    let found = !read.diagnosis().findings.is_empty();
    found.then(|| Question::of(read.diagnosis(), read.tree(), build.as_ref()))
}

/// The log of a build that fails in the instruction on a line.
pub fn failed(dockerfile: &str, line: usize, output: &str, error: &str) -> String {
    let lines: Vec<&str> = dockerfile.lines().collect();
    let mut end = line;
    while lines[end - 1].ends_with('\\') {
        end += 1;
    }
    let instruction = lines[line - 1..end]
        .iter()
        .map(|l| l.trim().trim_end_matches('\\').trim_end())
        .collect::<Vec<_>>()
        .join(" ");
    let error = if error.starts_with("exit code") {
        let command = instruction.trim_start_matches("RUN ");
        format!("process \"/bin/sh -c {command}\" did not complete successfully: {error}")
    } else {
        error.to_owned()
    };
    let first = line.saturating_sub(2).max(1);
    let last = (end + 2).min(lines.len());
    let mut excerpt = String::new();
    for number in first..=last {
        let mark = if (line..=end).contains(&number) { ">>>" } else { "   " };
        excerpt.push_str(&format!(" {number:>3} | {mark} {}\n", lines[number - 1]));
    }
    let output = if output.is_empty() { String::new() } else { format!("{output}\n") };
    format!(
        "#0 building with \"default\" instance using docker driver\n\n\
         #1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\n\
         #5 [2/3] {instruction}\n{output}#5 ERROR: {error}\n------\n > [2/3] {instruction}:\n------\n\
         Dockerfile:{line}\n--------------------\n{excerpt}--------------------\n\
         ERROR: failed to build: failed to solve: {error}\n"
    )
}

/// The log of a build that doesn't find a source.
pub fn not_found(dockerfile: &str, line: usize, path: &str) -> String {
    let error = format!(
        "failed to compute cache key: failed to calculate checksum of ref \
         7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e44::abcdefghijklmnopqrstuvwxy: \"/{path}\": not found"
    );
    failed(dockerfile, line, "", &error)
}
