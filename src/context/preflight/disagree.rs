//! Lines of `.dockerignore` that the CLI and Docker take differently, by what they do to this tree.

use std::collections::BTreeMap;

use super::{Problem, Severity, Subject};
use crate::context::moby::{Matcher, Verdict};
use crate::context::pack::{Exclusions, Origin, Source};
use crate::context::path::RelPath;
use crate::context::tree::{Kind, TEXT_LIMIT, Tree};
use crate::human;

/// How many names are looked at: a data set in the project shouldn't make anybody wait.
const MOST: usize = 100_000;

/// What a line does that Docker, or the CLI, doesn't.
struct Effect {
    /// Whether the CLI is the one that leaves the files out.
    cli_drops: bool,
    files: u64,
    example: RelPath,
}

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let exclusions = &subject.simulation.exclusions;
    let ignore = RelPath::from(".dockerignore");
    let text = subject.tree.read(&ignore, TEXT_LIMIT).unwrap_or_default();
    match exclusions.source {
        Source::Ignore => {}
        Source::Unreadable => {
            let message = "the CLI can't read .dockerignore as UTF-8 text and uses its default exclusions instead";
            problems.push(
                Problem::new("rules-disagree", Severity::Warning, message)
                    .at(".dockerignore", None),
            );
            return;
        }
        Source::Defaults => return,
    }
    let Ok(matcher) = Matcher::new(&text) else { return };
    let written = RelPath::clamped(subject.dockerfile_path());
    let spared = [ignore, written];
    for ((line, _), effect) in effects(&subject.tree, exclusions, &matcher, &spared) {
        let source = String::from_utf8_lossy(&text);
        let pattern = source.lines().nth(line - 1).unwrap_or_default().trim();
        let files = human::plural(effect.files, "file");
        let example = &effect.example;
        let message = if effect.cli_drops {
            format!(
                "{pattern}: the CLI leaves out {files} that Docker would keep, such as {example}"
            )
        } else {
            format!(
                "{pattern}: the CLI uploads {files} that Docker would leave out, such as {example}"
            )
        };
        let problem = Problem::new("rules-disagree", Severity::Warning, message);
        problems.push(problem.about(example).at(".dockerignore", line));
    }
}

fn effects(
    tree: &dyn Tree,
    exclusions: &Exclusions,
    matcher: &Matcher,
    spared: &[RelPath],
) -> BTreeMap<(usize, bool), Effect> {
    let mut out: BTreeMap<(usize, bool), Effect> = BTreeMap::new();
    let mut seen = 0;
    // With each directory, the line by which the CLI left it out, if it did.
    let mut open: Vec<(RelPath, Option<usize>)> = vec![(RelPath::root(), None)];
    while let Some((dir, above)) = open.pop() {
        let mut entries = tree.list(&dir);
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in entries {
            seen += 1;
            let path = dir.join(&entry.name);
            let by_cli = above.or_else(|| match exclusions.drops(&path)?.origin {
                Origin::Ignore { line } => Some(line),
                Origin::Config | Origin::Default => None,
            });
            let Ok(verdict) = matcher.verdict(&path) else { return out };
            let line = |index: usize| matcher.pattern(index).map(|pattern| pattern.line);
            if entry.kind == Kind::Dir {
                let gone = matches!(verdict, Verdict::Dropped(_)) && matcher.passes_over(&path);
                if !(gone && by_cli.is_some()) {
                    open.push((path, by_cli));
                }
                continue;
            }
            if !matches!(entry.kind, Kind::File { .. }) || spared.contains(&path) {
                continue;
            }
            let (line, cli_drops) = match (by_cli, verdict) {
                // Docker took the file back in: the line that did so is the one the CLI misses.
                (Some(_), Verdict::Kept(Some(by))) => (line(by), true),
                (Some(by), Verdict::Kept(None)) => (Some(by), true),
                (None, Verdict::Dropped(by)) => (line(by), false),
                _ => continue,
            };
            let Some(line) = line.filter(|line| *line > 0) else { continue };
            let effect = out.entry((line, cli_drops));
            effect.or_insert(Effect { cli_drops, files: 0, example: path }).files += 1;
        }
        if seen > MOST {
            break;
        }
    }
    out
}
