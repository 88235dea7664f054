//! What stands around an exception: the frames above it, and what is said below.

use super::super::super::draft::Draft;
use super::super::super::scene::Scene;
use crate::domain::LineNo;

/// The fields that pydantic misses, below `2 validation errors for Settings`.
pub(super) fn settings_below(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    if !draft.text.contains("validation error") {
        return None;
    }
    let after = scene.after(draft.line, 40);
    let missing = |text: &str| text.starts_with("  Field required");
    let names: Vec<&str> = after
        .windows(2)
        .filter_map(|pair| match pair {
            [(_, name), (_, why)] if missing(why) && !name.starts_with(' ') => Some(name.trim()),
            _ => None,
        })
        .take(4)
        .collect();
    let class = draft.text.rsplit_once(" for ").map_or("", |(_, class)| class);
    let settings = ["Settings", "Config", "Env"].iter().any(|word| class.contains(word));
    (settings && !names.is_empty()).then(|| names.join(", "))
}

/// nltk's `Resource punkt not found.` below the exception.
pub(super) fn resource_below(scene: &Scene<'_>, draft: &Draft) -> Option<(LineNo, String)> {
    scene.after(draft.line, 6).into_iter().find_map(|(line, text)| {
        let (_, tail) = text.split_once("Resource ")?;
        Some((line, tail.split_once(" not found")?.0.trim_matches('\'').to_owned()))
    })
}

/// `in "config.yaml", line 2, column 3` below a YAML exception.
pub(super) fn place_below(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    scene.after(draft.line, 6).into_iter().rev().find_map(|(_, text)| {
        let (path, _) = text.trim_start().strip_prefix("in \"")?.split_once("\", line ")?;
        (!path.starts_with('<')).then(|| scene.project_path(path))
    })
}

/// pydantic's first field below `1 validation error for Settings`.
pub(super) fn field_below(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    if !draft.text.contains("validation error") {
        return None;
    }
    let (_, text) = scene.after(draft.line, 1).into_iter().next()?;
    let field = text.trim();
    (!field.is_empty() && !field.contains(' ')).then(|| field.to_owned())
}

/// The project's file of the innermost frame above.
pub(in super::super::super) fn file_above(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    scene.before(draft.line, 60).into_iter().find_map(|(_, text)| {
        let text = text.trim_start_matches(['*', ' ', '\t', '|']);
        let path = text.strip_prefix("File \"")?.split('"').next()?;
        let foreign = path.starts_with('<')
            || path.contains("site-packages")
            || path.contains("/lib/python")
            || path.contains("/dist-packages")
            || path.contains("/pip-")
            || path.contains("/.cache/uv/");
        (!foreign).then(|| scene.project_path(path))
    })
}

/// The installed package that the innermost frame above is in.
pub(super) fn library_above(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    scene.before(draft.line, 12).into_iter().find_map(|(_, text)| {
        let path = text.trim_start().strip_prefix("File \"")?.split('"').next()?;
        let (_, inside) = path.split_once("-packages/")?;
        if path.contains("/pip-") || path.contains("/.cache/uv/") {
            return None;
        }
        let name = inside.split('/').next().unwrap_or(inside);
        Some(name.trim_end_matches(".py").to_owned())
    })
}
