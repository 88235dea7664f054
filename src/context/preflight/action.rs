//! What the GitHub Action that deploys leaves out differently, in projects whose
//! workflows use it.
//!
//! The action (2.0.3) packs the upload itself: it takes a trailing slash and a
//! leading `./` literally, knows no wildcard but `*`, leaves `.env`, `.env.*`,
//! `*.pem` and `*.key` out whatever `.dockerignore` says, and passes over linked
//! files.

use std::fs;
use std::path::Path;

use super::{Problem, Severity, Subject};
use crate::context::fnmatch::Fnmatch;
use crate::context::pack::Source;
use crate::context::path::{RelPath, code_points};
use crate::context::tree::{TEXT_LIMIT, Tree};

/// How workflows name it.
const ACTION: &str = "pipecat-cloud-deploy-action";

/// What it always leaves out.
const ALWAYS: [&str; 4] = [".env", ".env.*", "*.pem", "*.key"];

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    if !uses_action(&subject.project.dir) {
        return;
    }
    patterns(subject, problems);
    let Some(file) = &subject.dockerfile else { return };
    for source in file.needed() {
        let Some(path) = source.path.as_deref().map(RelPath::clamped) else { continue };
        if !subject.simulation.passed.files.contains(&path) {
            continue;
        }
        let dropped = path.prefixes().find_map(|prefix| {
            let name = code_points(prefix.name());
            ALWAYS.into_iter().find(|pattern| Fnmatch::new(pattern).matches(&name))
        });
        let why = match dropped {
            Some(pattern) => format!("the deploy action always leaves {pattern} out"),
            None if is_link(&subject.project.context, &path) => {
                "the deploy action leaves linked files out".to_owned()
            }
            None => continue,
        };
        let message = format!(
            "{} would not find {path} in a deploy by GitHub Actions: {why}",
            source.taker.as_str()
        );
        let problem = Problem::new("action-disagrees", Severity::Warning, message);
        problems.push(problem.about(&path).at(subject.dockerfile_path(), source.line));
    }
}

fn patterns(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    if !matches!(subject.simulation.exclusions.source, Source::Ignore) {
        if !subject.project.settings.exclude.is_empty() {
            let message = "the deploy action does not read [build.exclude]";
            let problem = Problem::new("action-disagrees", Severity::Warning, message);
            problems.push(problem.at(crate::context::project::CONFIG, None));
        }
        return;
    }
    let text = subject.tree.read(&".dockerignore".into(), TEXT_LIMIT).unwrap_or_default();
    for (at, line) in String::from_utf8_lossy(&text).lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        let why = if line.ends_with('/') {
            "a slash at the end"
        } else if line.starts_with("./") {
            "./ in front"
        } else if line.contains(['?', '[']) {
            "? and [ ]"
        } else {
            continue;
        };
        let message = format!(
            "{line}: the deploy action takes {why} literally, so the pattern leaves nothing out there"
        );
        let problem = Problem::new("action-disagrees", Severity::Warning, message);
        problems.push(problem.at(".dockerignore", at + 1));
    }
}

/// Whether a workflow of the repository uses the action.
fn uses_action(dir: &Path) -> bool {
    let Ok(dir) = dir.canonicalize() else { return false };
    let Some(workflows) =
        dir.ancestors().map(|dir| dir.join(".github/workflows")).find(|dir| dir.is_dir())
    else {
        return false;
    };
    let files = fs::read_dir(workflows).into_iter().flatten().filter_map(Result::ok);
    files.take(100).any(|file| {
        let path = file.path();
        let yaml = path.extension().is_some_and(|end| end == "yml" || end == "yaml");
        let small = file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() < 1 << 20);
        yaml && small && fs::read_to_string(path).is_ok_and(|text| text.contains(ACTION))
    })
}

fn is_link(context: &Path, path: &RelPath) -> bool {
    fs::symlink_metadata(context.join(path.to_text())).is_ok_and(|meta| meta.is_symlink())
}
