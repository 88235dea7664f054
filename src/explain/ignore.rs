//! The change of the ignore rules that lets a path into the build, and nothing
//! else that was meant to stay out.

use std::collections::BTreeSet;

use super::case::Case;
use super::diff::{self, Edit};
use crate::context::explain::{Why, explain};
use crate::context::moby::{Matcher, Verdict};
use crate::context::overlay::Overlay;
use crate::context::pack::{Exclusions, MAX_UPLOAD, Origin, Source, ignore_rules};
use crate::context::path::RelPath;
use crate::context::preflight::secret;
use crate::context::project::CONFIG;
use crate::context::simulate::Simulation;
use crate::context::tree::{Kind, Tree};

/// How many paths may take a pattern's place, so that a person can check them.
const LISTED: usize = 24;

/// How many names are looked at for them.
const WALKED: usize = 200_000;

/// A change, certain to do what it says.
pub(super) struct Change {
    /// What to do, as a sentence.
    pub(super) fix: String,
    /// The change; `None` where the file can't be named in a diff.
    pub(super) diff: Option<String>,
}

/// How a line of the rules is treated.
#[derive(Clone)]
enum Line {
    Keep,
    /// Taken out, with these in its place.
    Change(Vec<String>),
}

struct Search<'c, 'a> {
    case: &'c Case<'a>,
    wanted: &'c RelPath,
    /// The rules as a text, a pattern a line.
    text: String,
    ignore: RelPath,
    /// What Docker makes of the rules; they are what a person meant.
    docker: Option<Matcher>,
}

/// Finds the change that lets `wanted` in.
pub(super) fn let_in(case: &Case<'_>, wanted: &RelPath) -> Option<Change> {
    if secret(&case.tree, wanted).is_some() {
        return None;
    }
    let simulation = case.simulation();
    let why = explain(&case.tree, simulation, &wanted.to_text());
    if let Some(change) = of_config(case, wanted, &why) {
        return Some(change);
    }
    let exclusions = &simulation.exclusions;
    let (text, created) = match exclusions.source {
        Source::Ignore => (case.text(&".dockerignore".into())?, false),
        Source::Defaults => {
            let patterns = exclusions.rules.iter().map(|rule| format!("{}\n", rule.pattern));
            (patterns.collect(), true)
        }
        Source::Unreadable => return None,
    };
    let docker = (!created).then(|| Matcher::new(text.as_bytes()).ok()).flatten();
    let search = Search { case, wanted, text, ignore: ".dockerignore".into(), docker };
    let (lines, appended) = search.find()?;
    let edits = edits(&search.text, &lines, appended.as_deref());
    let path = case.project.shown(&search.ignore);
    let pattern = |at: usize| search.text.lines().nth(at).unwrap_or_default().trim().to_owned();
    let changed: Vec<usize> =
        (0..lines.len()).filter(|at| matches!(lines.get(*at), Some(Line::Change(_)))).collect();
    if created {
        let gone: Vec<String> = changed.iter().map(|at| format!("`{}`", pattern(*at))).collect();
        let text = diff::apply(&search.text, &edits)?;
        return Some(Change {
            fix: format!(
                "Add a .dockerignore: it takes the place of the CLI's default exclusions, so it \
                 lists them all but {}.",
                gone.join(", ")
            ),
            diff: diff::created(&path, &text),
        });
    }
    let fix = match (appended, changed.as_slice()) {
        (Some(line), _) => format!("Add `{line}` at the end of {path}."),
        (None, [at]) => match lines.get(*at) {
            Some(Line::Change(with)) if !with.is_empty() => format!(
                "Write what is to stay out in place of `{}` in line {} of {path}: {}.",
                pattern(*at),
                at + 1,
                with.iter().map(|line| format!("`{line}`")).collect::<Vec<_>>().join(", ")
            ),
            _ => format!("Take `{}` (line {}) out of {path}.", pattern(*at), at + 1),
        },
        (None, all) => {
            let all: Vec<String> = all.iter().map(|at| (at + 1).to_string()).collect();
            format!("Change lines {} of {path} as shown.", all.join(", "))
        }
    };
    Some(Change { fix, diff: diff::unified(&path, &search.text, &edits) })
}

impl Search<'_, '_> {
    /// How to treat each line, and what to add at the end.
    fn find(&self) -> Option<(Vec<Line>, Option<String>)> {
        let count = self.text.lines().count();
        let keep = vec![Line::Keep; count];
        let mut removed = keep.clone();
        let mut by_cli = false;
        let mut by_docker = false;
        // Each round takes out the line that still stands in the way.
        for _ in 0..8 {
            let edits = edits(&self.text, &removed, None);
            let text = diff::apply(&self.text, &edits)?;
            let mut why = self.why(&text);
            while let Why::Emptied { why: inner, .. } = why {
                why = *inner;
            }
            let line = match why {
                Why::Dropped { origin: Origin::Ignore { line }, .. } => {
                    by_cli = true;
                    line
                }
                Why::DroppedByBuildKit { line, ref file, .. } if *file == self.ignore => {
                    by_docker = true;
                    line
                }
                _ => break,
            };
            let at = original(&removed, line)?;
            *removed.get_mut(at)? = Line::Change(Vec::new());
        }
        if by_docker && !by_cli {
            let line = format!("!{}", self.wanted);
            if is_plain(&self.wanted.to_text())
                && self.removed_patterns(&removed).any(|p| p.contains(['*', '?', '[']))
                && self.accepts(&keep, Some(&line))
            {
                return Some((keep, Some(line)));
            }
        }
        if !(by_cli || by_docker) {
            return None;
        }
        if self.accepts(&removed, None) {
            return Some((removed, None));
        }
        for anchored in [false, true] {
            let Some(replaced) = self.replaced(&removed, anchored) else { continue };
            if self.accepts(&replaced, None) {
                return Some((replaced, None));
            }
        }
        None
    }

    fn removed_patterns<'t>(&'t self, lines: &'t [Line]) -> impl Iterator<Item = &'t str> {
        let all = self.text.lines().zip(lines);
        all.filter(|(_, line)| matches!(line, Line::Change(_))).map(|(text, _)| text.trim())
    }

    fn simulate(&self, text: &str) -> Simulation {
        let tree = Overlay::new(&self.case.tree, &self.ignore, text.as_bytes());
        self.case.simulate(&tree, &[])
    }

    fn why(&self, text: &str) -> Why {
        let tree = Overlay::new(&self.case.tree, &self.ignore, text.as_bytes());
        explain(&tree, &self.simulate(text), &self.wanted.to_text())
    }

    /// Whether a change does what it should and nothing else.
    fn accepts(&self, lines: &[Line], appended: Option<&str>) -> bool {
        let Some(text) = diff::apply(&self.text, &edits(&self.text, lines, appended)) else {
            return false;
        };
        let (old, new) = (self.case.simulation(), self.simulate(&text));
        let is_dockerfile = self.wanted.to_text() == self.case.dockerfile_path();
        let there = if is_dockerfile {
            new.upload.holds(self.wanted)
        } else {
            new.passed.holds(self.wanted)
        };
        // The names that were uploaded before are uploaded still, and what is new was wanted or
        // is what Docker would have kept.
        there
            && new.refused.is_none()
            && new.upload.bytes <= MAX_UPLOAD
            && old.passed.files.iter().all(|file| new.passed.files.contains(file))
            && new.upload.files.iter().all(|file| {
                old.upload.holds(&file.path)
                    || file.path == self.ignore
                    || self.is_meant(&file.path)
                        && (file.path.is_within(self.wanted)
                            || secret(&self.case.tree, &file.path).is_none())
            })
    }

    /// Whether a file that was left out may come in.
    fn is_meant(&self, path: &RelPath) -> bool {
        path.is_within(self.wanted)
            || self
                .docker
                .as_ref()
                .is_some_and(|docker| matches!(docker.verdict(path), Ok(Verdict::Kept(_))))
    }

    /// The removed lines with what they are to go on leaving out in their
    /// place, path by path.
    fn replaced(&self, removed: &[Line], anchored: bool) -> Option<Vec<Line>> {
        let mut lines = removed.to_vec();
        let edits = edits(&self.text, removed, None);
        let text = diff::apply(&self.text, &edits)?;
        let rest = Exclusions { rules: ignore_rules(&text), source: Source::Ignore };
        let mut out: Vec<(RelPath, bool)> = Vec::new();
        let mut seen = 0;
        let mut open = vec![RelPath::root()];
        let all = &self.case.simulation().exclusions;
        while let Some(dir) = open.pop() {
            let mut entries = self.case.tree.list(&dir);
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            for entry in entries {
                seen += 1;
                let path = dir.join(&entry.name);
                let is_dir = entry.kind == Kind::Dir;
                if seen > WALKED || out.len() > LISTED {
                    return None;
                }
                if rest.drops(&path).is_some() || path.is_within(self.wanted) || path == self.ignore
                {
                    continue;
                }
                let dropped = all.dropped(&path).is_some();
                let mixed = is_dir
                    && (self.wanted.is_within(&path) || self.docker_keeps_some(&path, &mut seen));
                if mixed || (is_dir && !dropped) {
                    open.push(path);
                } else if dropped && (is_dir || !self.is_meant(&path)) {
                    out.push((path, is_dir));
                }
            }
        }
        out.sort();
        let mut patterns = Vec::new();
        for (path, is_dir) in out {
            let text = path.to_text();
            if !is_plain(&text) {
                return None;
            }
            let top = !text.contains('/');
            patterns.push(if anchored && top && is_dir { format!("{text}/*") } else { text });
        }
        let first = lines.iter().position(|line| matches!(line, Line::Change(_)))?;
        // The exceptions of an allow-list have nothing left to be exceptions of.
        let allow = self.text.lines().nth(first).is_some_and(|l| matches!(l.trim(), "*" | "**"));
        for (line, text) in lines.iter_mut().zip(self.text.lines()) {
            if allow && text.trim().starts_with('!') {
                *line = Line::Change(Vec::new());
            }
        }
        *lines.get_mut(first)? = Line::Change(patterns);
        Some(lines)
    }

    /// Whether Docker would keep a file somewhere in a directory.
    fn docker_keeps_some(&self, dir: &RelPath, seen: &mut usize) -> bool {
        let Some(docker) = &self.docker else { return false };
        if !matches!(docker.verdict(dir), Ok(Verdict::Kept(_))) && docker.passes_over(dir) {
            return false;
        }
        let mut open = vec![dir.clone()];
        while let Some(dir) = open.pop() {
            for entry in self.case.tree.list(&dir) {
                *seen += 1;
                if *seen > WALKED {
                    return true;
                }
                let path = dir.join(&entry.name);
                match entry.kind {
                    Kind::Dir => open.push(path),
                    Kind::File { .. } if self.is_meant(&path) => return true,
                    _ => {}
                }
            }
        }
        false
    }
}

/// Which of the original lines a line of the changed text is.
fn original(lines: &[Line], line: usize) -> Option<usize> {
    let mut left = line;
    for (at, known) in lines.iter().enumerate() {
        left = left.checked_sub(match known {
            Line::Keep => 1,
            Line::Change(with) => with.len(),
        })?;
        if left == 0 && matches!(known, Line::Keep) {
            return Some(at);
        }
    }
    None
}

fn edits(text: &str, lines: &[Line], appended: Option<&str>) -> Vec<Edit> {
    let changed = lines.iter().enumerate().filter_map(|(at, line)| match line {
        Line::Keep => None,
        Line::Change(with) => Some(Edit { line: at + 1, remove: 1, insert: with.clone() }),
    });
    let end = text.split_inclusive('\n').count() + 1;
    changed.chain(appended.map(|line| Edit::insert(end, line))).collect()
}

/// Whether a path means itself as a pattern, to the CLI and to Docker.
fn is_plain(path: &str) -> bool {
    !path.starts_with(['#', '!', ' ', '/'])
        && !path.ends_with(' ')
        && !path.chars().any(|c| {
            c.is_control()
                || matches!(c, '*' | '?' | '[' | ']' | '\\' | char::REPLACEMENT_CHARACTER)
        })
}

/// A pattern of `[build.exclude]` taken out of `pcc-deploy.toml`.
fn of_config(case: &Case<'_>, wanted: &RelPath, why: &Why) -> Option<Change> {
    let mut why = why;
    while let Why::Emptied { why: inner, .. } = why {
        why = inner;
    }
    let Why::Dropped { origin: Origin::Config, pattern, .. } = why else { return None };
    let bare = |text: &str| {
        let text = text.trim();
        text.strip_prefix("./").unwrap_or(text).trim_end_matches('/').to_owned()
    };
    let kept: Vec<String> =
        case.project.settings.exclude.iter().filter(|p| bare(p) != *pattern).cloned().collect();
    let new = case.simulate(&case.tree, &kept);
    let old = case.simulation();
    let only_wanted = new
        .upload
        .files
        .iter()
        .all(|file| old.upload.holds(&file.path) || file.path.is_within(wanted));
    if !new.passed.holds(wanted) || !only_wanted {
        return None;
    }
    let bytes = crate::context::disk::DiskTree::new(&case.project.dir)
        .read(&CONFIG.into(), crate::context::tree::TEXT_LIMIT)
        .ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let words: BTreeSet<String> = case
        .project
        .settings
        .exclude
        .iter()
        .filter(|p| bare(p) == *pattern)
        .flat_map(|p| [format!("\"{p}\""), format!("'{p}'")])
        .collect();
    let alone = |line: &str| {
        let line = line.trim();
        words.contains(line.strip_suffix(',').unwrap_or(line).trim_end())
    };
    let places: Vec<usize> =
        text.lines().enumerate().filter(|(_, line)| alone(line)).map(|(at, _)| at + 1).collect();
    let diff = match places.as_slice() {
        [line] => diff::unified(CONFIG, &text, &[Edit::remove(*line)]),
        _ => in_a_row(&text, &words),
    };
    Some(Change { fix: format!("Take `{pattern}` out of [build.exclude] in {CONFIG}."), diff })
}

/// The pattern taken out of a list that stands in one line.
fn in_a_row(text: &str, words: &BTreeSet<String>) -> Option<String> {
    let mut found = None;
    for (at, line) in text.lines().enumerate() {
        for word in words {
            if let Some(start) = line.find(word.as_str()) {
                if found.is_some() || !line.contains("patterns") {
                    return None;
                }
                found = Some((at, line, start..start + word.len()));
            }
        }
    }
    let (at, line, range) = found?;
    let (before, after) = (line.get(..range.start)?, line.get(range.end..)?);
    let new = match after.trim_start().strip_prefix(',') {
        Some(rest) => format!("{before}{}", rest.trim_start()),
        None => format!("{}{after}", before.trim_end().strip_suffix(',').unwrap_or(before)),
    };
    diff::unified(CONFIG, text, &[Edit::replace(at + 1, new)])
}
