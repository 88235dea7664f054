//! The sources of every COPY, ADD and bind mount.

use std::collections::BTreeSet;

use super::{Problem, Severity, Subject};
use crate::context::dockerfile::Source;
use crate::context::explain::{Why, explain};
use crate::context::gitignore::git_ignored;
use crate::context::moby::gopath;
use crate::context::path::RelPath;
use crate::context::tree::Tree;

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(file) = &subject.dockerfile else { return };
    let mut seen: BTreeSet<(usize, &str)> = BTreeSet::new();
    for source in file.needed() {
        let Some(path) = source.path.as_deref() else { continue };
        if seen.insert((source.line, path)) {
            problems.extend(one(subject, source, path));
        }
    }
}

fn one(subject: &Subject<'_>, source: &Source, path: &str) -> Option<Problem> {
    let wanted = RelPath::clamped(path);
    let passed = &subject.simulation.passed;
    let wild = source.is_wild();
    // Of a source with wildcards the part before them has to be there, and nothing else.
    let asked = if wild { fixed_part(path) } else { path.to_owned() };
    let fixed = RelPath::clamped(&asked);
    let at = |problem: Problem| problem.about(&wanted).at(subject.dockerfile_path(), source.line);
    let taker = source.taker.as_str();
    if !passed.holds(&fixed) {
        let why = explain(&subject.tree, &subject.simulation, &asked);
        let mut message = format!("{taker} would not find {path}: {}", why.sentence(&asked));
        if fixed.name() == b"uv.lock" && matches!(why, Why::Missing { .. }) {
            message.push_str("; run uv lock");
        }
        if let (true, Why::Survives) = (subject.tree.kind(&fixed).is_some(), &why) {
            message = format!("{taker} would not find {path} in the build context");
        }
        return Some(at(Problem::new("missing-source", Severity::Error, message)));
    }
    if subject.project.settings.github
        && let Some(git) = git_ignored(&subject.project.context, &fixed)
    {
        let why = Why::GitIgnored(git).sentence(&asked);
        let message = format!("{taker} would not find {path} in a build from GitHub: {why}");
        return Some(at(Problem::new("git-ignored", Severity::Error, message)));
    }
    if wild {
        let pattern = wanted.to_text();
        if !subject.simulation.entries().any(|entry| gopath::matches(&pattern, &entry.to_text())) {
            let message =
                format!("{taker} {path} matches nothing in the build context and copies nothing");
            return Some(at(Problem::new("wildcard-empty", Severity::Warning, message)));
        }
    }
    None
}

/// The directories before the first part with a wildcard.
fn fixed_part(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let plain = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '\\']));
    plain.copied().collect::<Vec<_>>().join("/")
}
