//! Which Python a range asks for, and the base image that has it.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// Pythons that Pipecat's base image comes with, the one of `latest` first.
const PYTHONS: [u32; 5] = [12, 13, 14, 11, 10];

/// The minor of a Python 3 that a range (`>=3.9,<3.13`, `^3.12`, `3.13`) allows
/// and the base image has; `None` where none does or the range isn't understood.
pub(super) fn fitting(range: &str) -> Option<u32> {
    let range = range.trim().trim_start_matches("Python").trim();
    let clauses: Vec<&str> = range.split(',').map(str::trim).filter(|c| !c.is_empty()).collect();
    if clauses.is_empty() {
        return None;
    }
    PYTHONS.into_iter().find(|minor| clauses.iter().all(|clause| allows(clause, *minor)))
}

/// Whether one clause allows Python 3 of a minor, of its latest patch.
fn allows(clause: &str, minor: u32) -> bool {
    let version = clause.trim_start_matches(['<', '>', '=', '!', '~', '^']);
    let operator = clause.get(..clause.len() - version.len()).unwrap_or("");
    let mut parts = version.trim().split('.');
    let Some(Ok(major)) = parts.next().map(str::parse::<u32>) else { return false };
    let named: Option<u32> = parts.next().and_then(|part| part.parse().ok());
    let patch = parts.next().is_some_and(|part| part != "*");
    let (have, want) = ((3, minor), (major, named.unwrap_or(0)));
    match operator {
        ">=" => have >= want,
        ">" => have > want || patch && have == want,
        "<" => have < want,
        "<=" => have <= want,
        "!=" => patch || have != want,
        "^" => major == 3 && have >= want,
        "~=" if !patch => major == 3 && have >= want,
        _ => major == 3 && named.is_none_or(|named| named == minor),
    }
}

/// Names the base image's tag for the range that a rule's line tells.
pub(super) fn tag(_: &Scene<'_>, draft: &mut Draft) -> bool {
    name(draft);
    true
}

/// As [`tag`], for poetry's words and pipenv's: each has a file of its own.
pub(super) fn poetry(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    name(draft);
    let pipenv = draft.text.contains("Pipfile")
        || scene.shell().is_some_and(|shell| super::instruction::calls(&shell, &["pipenv"]));
    if pipenv {
        draft.title = "The Pipfile asks for Python {subject|another version}, and the image has {have|another}".to_owned();
        draft.cause = Some("pipenv takes `python_version` (or `python_full_version`) under [requires] of the Pipfile exactly, and `--deploy` ends where it isn't the image's.".to_owned());
        draft.fix = Some("Use a base image with that Python (`dailyco/pipecat-base:latest-py3.{minor|N}`); or change it in the Pipfile, run `pipenv lock`, and commit both files.".to_owned());
    }
    true
}

/// Sets the minor for the fix, where the line tells a range.
pub(super) fn name(draft: &mut Draft) {
    let told = draft.captures.get("want").or(draft.subject()).map(str::to_owned);
    if let Some(minor) = told.and_then(|range| fitting(&range)) {
        draft.captures.set("minor", minor.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_gets_the_base_image_that_fits() {
        for (range, minor) in [
            (">=3.12", Some(12)),
            (">=3.13", Some(13)),
            (">=3.9,<3.13", Some(12)),
            (">=3.9, <3.12", Some(11)),
            ("^3.13", Some(13)),
            ("~=3.11", Some(12)),
            ("Python 3.13", Some(13)),
            ("==3.11.*", Some(11)),
            ("3.14.2", Some(14)),
            (">=3.6,<3.10", None),
            (">=3.15", None),
            ("whatever", None),
            ("", None),
        ] {
            assert_eq!(fitting(range), minor, "{range}");
        }
    }
}
