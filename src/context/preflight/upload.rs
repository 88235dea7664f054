//! The upload as a whole: whether it is made, and whether the Dockerfile is in it.

use super::{Problem, Severity, Subject};
use crate::context::explain::{Why, explain};
use crate::context::pack::{Abort, MAX_UPLOAD, Origin};
use crate::context::path::RelPath;
use crate::context::tree::{Kind, Tree};

/// So many names are looked at to tell whether there is a file among them.
const MOST: usize = 20_000;

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let error = |rule, message: String| Problem::new(rule, Severity::Error, message);
    if !matches!(subject.tree.kind(&RelPath::root()), Some(Kind::Dir | Kind::LinkedDir)) {
        let dir = &subject.project.settings.context_dir;
        problems
            .push(error("context-missing", format!("the context directory {dir} does not exist")));
        return;
    }
    abort(subject, problems);
    if subject.simulation.upload.files.is_empty() {
        let message = match subject.tree.list(&RelPath::root()).is_empty() {
            true => "the upload would be empty: there are no files here",
            false if !holds_files(&subject.tree, &RelPath::root()) => {
                "the upload would be empty: there are only directories here, and no files in them"
            }
            false => {
                "the upload would be empty: every file is left out; the CLI knows no ! \
                 patterns, so list what to leave out instead of what to keep"
            }
        };
        let problem = error("empty-upload", message.to_owned());
        let line = subject.simulation.exclusions.rules.iter().find_map(|rule| match rule.origin {
            Origin::Ignore { line } if matches!(rule.pattern.as_str(), "*" | "**") => Some(line),
            _ => None,
        });
        problems.push(if line.is_some() { problem.at(".dockerignore", line) } else { problem });
    }
    if let Some(bad) = &subject.simulation.refused {
        let file = subject.simulation.ignore.as_ref().map(|i| i.path.to_text());
        let message = format!("BuildKit refuses the pattern {}", bad.pattern);
        let file = file.unwrap_or_else(|| ".dockerignore".to_owned());
        problems.push(error("ignore-refused", message).at(file, bad.line));
    }
    dockerfile(subject, problems);
}

/// Whether there is anything but directories, as far down as is looked.
fn holds_files(tree: &dyn Tree, dir: &RelPath) -> bool {
    let mut open = vec![dir.clone()];
    let mut seen = 0;
    while let Some(dir) = open.pop() {
        for entry in tree.list(&dir) {
            seen += 1;
            if entry.kind != Kind::Dir || seen > MOST {
                return true;
            }
            open.push(dir.join(&entry.name));
        }
    }
    false
}

fn abort(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let (message, path) = match &subject.simulation.upload.abort {
        None => return,
        Some(Abort::TooLarge(bytes)) => {
            let mib = |n: u64| n as f64 / (1024.0 * 1024.0);
            let message = format!(
                "the upload would be {:.1} MB, and the CLI sends {:.0} MB at most",
                mib(*bytes),
                mib(MAX_UPLOAD),
            );
            problems.push(Problem::new("upload-too-large", Severity::Error, message));
            return;
        }
        Some(Abort::Dangling(path)) => {
            (format!("{path} is a link that leads nowhere, and the CLI stops at it"), path)
        }
        Some(Abort::Unreadable(path)) => {
            (format!("{path} can't be read, and the CLI stops at it"), path)
        }
        Some(Abort::Special(path)) => {
            (format!("{path} is not a file, and the CLI stops or hangs at it"), path)
        }
    };
    problems.push(Problem::new("upload-stops", Severity::Error, message).about(path));
}

fn dockerfile(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let written = subject.dockerfile_path();
    let path = RelPath::clamped(written);
    if !subject.tree.exists(written) {
        let mut message = format!("there is no {written} in the context directory");
        if let Why::Missing { nearest: Some(near) } =
            explain(&subject.tree, &subject.simulation, written)
        {
            message.push_str(&format!("; the nearest path is {near}"));
        }
        problems.push(Problem::new("dockerfile-missing", Severity::Error, message).about(&path));
        return;
    }
    if written.starts_with('/')
        || written.split('/').any(|part| part == "..")
        || !subject.simulation.upload.holds(&path)
    {
        // BuildKit reads the Dockerfile past its own ignore rules, so only the upload counts.
        let why = explain(&subject.tree, &subject.simulation, written);
        let message = format!(
            "the Dockerfile would not be in the upload, so the build can't start: {}",
            why.sentence(written)
        );
        let problem =
            Problem::new("dockerfile-not-uploaded", Severity::Error, message).about(&path);
        problems.push(match why {
            Why::Dropped { origin: Origin::Ignore { line }, .. } => {
                problem.at(".dockerignore", line)
            }
            _ => problem,
        });
    }
}
