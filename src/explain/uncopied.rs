//! A step that misses a file of the project: nothing copies it, or it never
//! got into the build.

use super::apt::above;
use super::case::{Case, Told};
use super::diff::Edit;
use super::missing;
use super::place::Dockerfile;
use crate::context::explain::{Why, explain, explain_checkout};
use crate::context::moby::gopath;
use crate::context::path::RelPath;
use crate::context::tree::{Kind, Tree};

/// Rules that say a file isn't there.
const RULES: [&str; 10] = [
    "pip-file-missing",
    "uv-path-missing",
    "uv-workspace-member",
    "uv-lock-absent",
    "readme-missing",
    "no-such-file",
    "npm-lock",
    "npm-package-json",
    "poetry-no-package",
    "pip-pyproject-invalid",
];

/// Files that a tool looks for without being told.
const IMPLIED: [&str; 9] = [
    "uv.lock",
    "pyproject.toml",
    "poetry.lock",
    "Pipfile.lock",
    "package.json",
    "package-lock.json",
    "README.md",
    "README.rst",
    "LICENSE",
];

pub(super) fn explain_uncopied(case: &Case<'_>, told: &mut Told<'_>) -> bool {
    if module(case, told) {
        return true;
    }
    if !RULES.contains(&told.told.finding.rule.as_str()) {
        return false;
    }
    let (Some(file), Some(lines)) = (&case.file, told.lines.clone()) else { return false };
    let instruction = told.instruction().to_owned();
    if !instruction.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("RUN ")) {
        return false;
    }
    let Some(subject) = told.subject() else { return false };
    let subject = subject.trim_start_matches("./").to_owned();
    let named = instruction
        .split([' ', '"', '\'', '=', ';', ',', ':'])
        .any(|word| word.trim_start_matches("./") == subject);
    // pyproject.toml names these, not the instruction.
    let sourced = matches!(&*told.told.finding.rule, "uv-path-missing" | "uv-workspace-member");
    if !(named || sourced || IMPLIED.contains(&subject.as_str())) || subject.starts_with('/') {
        return false;
    }
    let path = RelPath::clamped(&subject);
    let Some(kind) = case.tree.kind(&path) else { return false };
    if !matches!(kind, Kind::File { .. } | Kind::Dir) {
        return false;
    }
    let line = *lines.start();
    let copied = copied(case, file, line, &path);
    if !case.simulation().passed.holds(&path) {
        return left_out(case, told, &path);
    }
    // In a directory of its own, who knows where the step looks.
    let certain = !instruction.contains("cd ") && !path.is_root();
    match copied {
        Copied::Before => false,
        Copied::After(later) => {
            told.title(format!("`{path}` is copied only on line {later}, after this step"));
            told.cause(format!("The step on line {line} needs it, and comes first."));
            copy(case, told, file, &path, line, certain);
            true
        }
        Copied::Never => {
            told.title(format!("Nothing copies `{path}` into the image before this step"));
            told.cause("It is in the project and would be uploaded.".to_owned());
            copy(case, told, file, &path, line, certain);
            true
        }
    }
}

/// Whether an instruction brings a path into the image.
enum Copied {
    /// Before the step, or mounted by it.
    Before,
    /// Only after it, on this line.
    After(usize),
    Never,
}

fn copied(case: &Case<'_>, file: &Dockerfile, line: u32, path: &RelPath) -> Copied {
    let parsed = case.parsed();
    let at = usize::try_from(line).unwrap_or(usize::MAX);
    let stage = parsed.stages.iter().rposition(|stage| stage.line <= at).unwrap_or(0);
    // A stage built on another has that one's files.
    let mut stages = vec![stage];
    while let Some(base) = stages.last().and_then(|i| parsed.stages.get(*i)?.base.clone()) {
        match parsed.stages.iter().position(|known| known.name.as_ref() == Some(&base)) {
            Some(i) if !stages.contains(&i) => stages.push(i),
            _ => break,
        }
    }
    let brings = |written: &str| {
        let source = RelPath::clamped(written);
        path.is_within(&source) || gopath::matches(&source.to_text(), &path.to_text())
    };
    let last = usize::try_from(*file.lines_of(line).end()).unwrap_or(at);
    let mut later = None;
    for source in parsed.sources.iter().filter(|source| stages.contains(&source.stage)) {
        // What isn't known may bring anything.
        if !source.path.as_deref().is_none_or(brings) {
            continue;
        }
        if source.line <= last || source.stage != stage {
            return Copied::Before;
        }
        later = later.or(Some(source.line));
    }
    later.map_or(Copied::Never, Copied::After)
}

/// Adds the COPY.
fn copy(
    case: &Case<'_>,
    told: &mut Told<'_>,
    file: &Dockerfile,
    path: &RelPath,
    line: u32,
    certain: bool,
) {
    let text = path.to_text();
    let is_dir = matches!(case.tree.kind(path), Some(Kind::Dir));
    let to = match path.parent().filter(|dir| !dir.is_root()) {
        _ if is_dir => format!("{text}/"),
        Some(dir) => format!("{dir}/"),
        None => "./".to_owned(),
    };
    let copy = format!("COPY {text} {to}");
    told.fix(format!("Add `{copy}` before line {line}."));
    let plain = !text.contains([' ', '$', '"', '\'', '\\', '*', '?', '[']);
    if certain
        && plain
        && let Ok(before) = usize::try_from(above(file, line))
    {
        told.diff(case.dockerfile_diff(&[Edit::insert(before, copy)]));
    }
}

/// Says why a file of the project isn't in the build.
fn left_out(case: &Case<'_>, told: &mut Told<'_>, path: &RelPath) -> bool {
    let asked = path.to_text();
    let why = if case.question.is_checkout() {
        explain_checkout(&case.tree, case.simulation(), &case.project.context, &asked)
    } else {
        explain(&case.tree, case.simulation(), &asked)
    };
    match why {
        Why::Survives | Why::Missing { .. } => false,
        why => {
            missing::tell(case, told, &why, path, &asked);
            true
        }
    }
}

/// A module that Python doesn't find, although it is in the project: a pattern
/// that drops it makes no noise until it is imported.
fn module(case: &Case<'_>, told: &mut Told<'_>) -> bool {
    if !matches!(told.category(), "python-runtime-error" | "test-failure") {
        return false;
    }
    let finding = &told.told.finding;
    let spoken =
        [Some(finding.title.as_str()), finding.cause.as_deref(), finding.subject.as_deref()];
    let module = spoken.into_iter().flatten().find_map(|text| {
        let (_, rest) = text.split_once("No module named ")?;
        Some(
            rest.trim_start_matches(['\'', '"', '`'])
                .split(['\'', '"', '`', ' ', ';'])
                .next()?
                .to_owned(),
        )
    });
    let module = module.or_else(|| {
        let subject = finding.subject.clone()?;
        finding.title.contains("module").then_some(subject)
    });
    let Some(module) = module else { return false };
    let name = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if told.lines.is_none() || !module.split('.').all(name) {
        return false;
    }
    let base = module.replace('.', "/");
    let places =
        [format!("{base}.py"), base.clone(), format!("src/{base}.py"), format!("src/{base}")];
    let found = places
        .iter()
        .map(|place| RelPath::from(place.as_str()))
        .find(|place| case.tree.kind(place).is_some() && !case.simulation().passed.holds(place));
    found.is_some_and(|path| left_out(case, told, &path))
}
