//! A lock file that doesn't fit what it was made from: what has changed since.

use std::collections::BTreeMap;

use super::case::{Case, Told};
use crate::context::path::RelPath;

/// How many changes a sentence names.
const NAMED: usize = 3;

/// Requirements: names, and what is asked of each.
type Wants = BTreeMap<String, String>;

pub(super) fn explain_lock(case: &Case<'_>, told: &mut Told<'_>) -> bool {
    if told.category() != "lockfile" {
        return false;
    }
    let rule = told.told.finding.rule.as_str();
    let (lock, made_from, make, both) = if rule.starts_with("uv-lock") {
        ("uv.lock", "pyproject.toml", "uv lock", uv(case))
    } else if rule.starts_with("npm-lock") {
        ("package-lock.json", "package.json", "npm install", npm(case))
    } else {
        return false;
    };
    let Some((now, then)) = both else { return false };
    let mut changes: Vec<String> = Vec::new();
    for (name, want) in &now {
        match then.get(name) {
            None => changes.push(format!("`{name}` is new")),
            Some(old) if old != want => {
                let shown = |text: &str| match text {
                    "" => "any version".to_owned(),
                    text => format!("`{text}`"),
                };
                changes.push(format!("`{name}` was {} and is {}", shown(old), shown(want)));
            }
            Some(_) => {}
        }
    }
    changes.extend(
        then.keys().filter(|name| !now.contains_key(*name)).map(|name| format!("`{name}` is gone")),
    );
    if changes.is_empty() {
        return false;
    }
    let more = match changes.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    changes.truncate(NAMED);
    told.cause(format!(
        "{made_from} has changed since {lock} was made: {}{more}.",
        changes.join(", ")
    ));
    told.fix(format!("Run `{make}`, commit {lock}, and deploy again."));
    true
}

/// A package's name as indexes compare it.
fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

/// What pyproject.toml asks for now, and what it asked for when uv.lock was
/// made: the lock file says so at the project's own entry.
fn uv(case: &Case<'_>) -> Option<(Wants, Wants)> {
    let project: toml::Table = case.text(&RelPath::from("pyproject.toml"))?.parse().ok()?;
    let lock: toml::Table = case.text(&RelPath::from("uv.lock"))?.parse().ok()?;
    let about = project.get("project")?.as_table()?;
    let own = normal(about.get("name")?.as_str()?);
    let entry = lock.get("package")?.as_array()?.iter().find(|package| {
        package.get("name").and_then(toml::Value::as_str).is_some_and(|name| normal(name) == own)
    })?;
    let mut now = Wants::new();
    let dependencies = about.get("dependencies").and_then(toml::Value::as_array);
    for text in dependencies.into_iter().flatten().filter_map(toml::Value::as_str) {
        let (name, want) = requirement(text);
        now.insert(name, want);
    }
    let mut then = Wants::new();
    let metadata = entry.get("metadata").and_then(|metadata| metadata.get("requires-dist"));
    for wanted in metadata.and_then(toml::Value::as_array).into_iter().flatten() {
        let text = |key: &str| wanted.get(key).and_then(toml::Value::as_str);
        // What an extra asks for stands elsewhere in pyproject.toml.
        if text("marker").is_some_and(|marker| marker.contains("extra ==")) {
            continue;
        }
        then.insert(normal(text("name")?), squeezed(text("specifier").unwrap_or_default()));
    }
    let python = |table: &toml::Table| {
        table.get("requires-python").and_then(toml::Value::as_str).map(squeezed)
    };
    if let (Some(new), Some(old)) = (python(about), python(&lock)) {
        now.insert("requires-python".to_owned(), new);
        then.insert("requires-python".to_owned(), old);
    }
    Some((now, then))
}

/// `pipecat-ai[daily]>=1.0 ; python_version > "3.10"`: name and versions.
fn requirement(text: &str) -> (String, String) {
    let text = text.split(';').next().unwrap_or_default().trim();
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']').map_or("", |(_, rest)| rest),
        None => rest,
    };
    // A direct address is no version.
    let versions = if rest.trim_start().starts_with('@') { "" } else { rest };
    (normal(name), squeezed(versions.trim_matches(['(', ')', ' '])))
}

/// Versions without blanks, in an order of their own: uv sorts them.
fn squeezed(text: &str) -> String {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut parts: Vec<&str> = bare.split(',').filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    parts.join(",")
}

/// The same of package.json and package-lock.json.
fn npm(case: &Case<'_>) -> Option<(Wants, Wants)> {
    let read = |name: &str| -> Option<serde_json::Value> {
        serde_json::from_str(&case.text(&RelPath::from(name))?).ok()
    };
    let wants = |value: &serde_json::Value| {
        let mut wants = Wants::new();
        for kind in ["dependencies", "devDependencies", "optionalDependencies"] {
            for (name, want) in value.get(kind).and_then(|v| v.as_object()).into_iter().flatten() {
                wants.insert(name.clone(), want.as_str().unwrap_or_default().to_owned());
            }
        }
        wants
    };
    let lock = read("package-lock.json")?;
    Some((wants(&read("package.json")?), wants(lock.get("packages")?.get("")?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_taken_apart() {
        for (text, name, want) in [
            (
                "Pipecat_AI[daily,silero] >= 1.0, <2 ; sys_platform == 'linux'",
                "pipecat-ai",
                "<2,>=1.0",
            ),
            ("numpy", "numpy", ""),
            ("x (>=1)", "x", ">=1"),
            ("bot @ git+https://github.example/a/b", "bot", ""),
        ] {
            assert_eq!(requirement(text), (name.to_owned(), want.to_owned()), "{text}");
        }
    }
}
