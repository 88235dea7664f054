//! Which package was being built.

use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// Finds which package was being built; whether one was.
pub(in super::super) fn name_package(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    const AFTER: [&str; 6] = [
        "Failed building wheel for ",
        "Failed to build installable wheels for some pyproject.toml based projects (",
        "Could not build wheels for ",
        "Failed to build ",
        "Failed building editable for ",
        "Running setup.py install for ",
    ];
    let after = scene.after(draft.line, 120);
    let before = scene.before(draft.line, 300);
    for (line, text) in after.iter().chain(&before) {
        let text = text.trim_start();
        if let Some(name) = poetrys_package(text) {
            set_package(draft, name);
            draft.evidence.push(*line);
            return true;
        }
        if let Some((_, tail)) = text
            .split_once("Failed to build `")
            .or_else(|| text.split_once("Failed to download and build `"))
        {
            let name = tail.split('`').next().unwrap_or(tail);
            if name.contains(" @ file://") {
                draft.captures.set("own", "own");
            }
            set_package(draft, name.split(" @ ").next().unwrap_or(name));
            draft.evidence.push(*line);
            return true;
        }
        for mark in AFTER {
            if let Some((_, tail)) = text.split_once(mark) {
                let name = tail.split([' ', ',', ')', '\n']).next().unwrap_or(tail);
                let name = name.trim_matches('\'');
                if name.starts_with("file://") {
                    // The project itself, which pip names by its directory.
                    draft.captures.set("package", "the project");
                    return true;
                }
                // "Failed to build a native library", "… one or more wheels".
                let word = matches!(name, "a" | "an" | "the" | "one" | "some");
                if !name.is_empty() && !word && !name.starts_with('`') {
                    set_package(draft, name);
                    draft.evidence.push(*line);
                    return true;
                }
            }
        }
    }
    // The block's own headline: `× Building wheel for X (pyproject.toml) did not run`,
    // and pdm's list of what it couldn't install.
    for (line, text) in before.iter().take(120) {
        let text = text.trim_start();
        let name = text
            .split_once("Building wheel for ")
            .filter(|_| text.contains("did not run successfully"))
            .and_then(|(_, tail)| tail.split(' ').next())
            .or_else(|| text.strip_prefix("add ")?.strip_suffix(" failed:"));
        if let Some(name) = name {
            set_package(draft, name);
            draft.evidence.push(*line);
            return true;
        }
    }
    // The last "Collecting X" above is what pip was at.
    for (line, text) in &before {
        let text = text.trim_start();
        if let Some(tail) = text.strip_prefix("Collecting ") {
            set_package(draft, tail.split(' ').next().unwrap_or(tail));
            draft.evidence.push(*line);
            return true;
        }
        if text.starts_with("Processing /") {
            return true;
        }
    }
    false
}

/// The package in poetry's note under a build that failed: `not a problem with
/// poetry but one of the following issues with cext (1.0.0)`.
fn poetrys_package(text: &str) -> Option<&str> {
    let (_, tail) = text.split_once("not a problem with poetry but ")?;
    let name = tail.rsplit_once("with ").map_or(tail, |(_, name)| name);
    let name = if tail.starts_with("with ") { tail.trim_start_matches("with ") } else { name };
    name.split(' ').next().filter(|name| !name.is_empty())
}

fn set_package(draft: &mut Draft, name: &str) {
    if draft.captures.get("package").is_none() {
        draft.captures.set("package", name);
    }
    if draft.subject().is_none() {
        draft.set_subject(name);
    }
}

/// The package's name at the start of a requirement.
pub(super) fn package_name(requirement: &str) -> String {
    requirement
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .collect::<String>()
        .trim_end_matches('.')
        .to_owned()
}
