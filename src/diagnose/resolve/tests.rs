//! Names of failed tests.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::instruction::calls;

/// unittest's `test_x (module.Class)` → `module.Class.test_x`; pytest's ids
/// stay as they are.
pub(super) fn name(_: &Scene<'_>, draft: &mut Draft) -> bool {
    let (Some(test), Some(class)) = (draft.captures.get("test"), draft.captures.get("class"))
    else {
        return true;
    };
    // The stand-in for a module that couldn't be imported.
    if class.starts_with("unittest.loader.") {
        let module = test.to_owned();
        draft.title = "The tests in {subject} can't be imported".to_owned();
        draft.cause = Some(
            "The module of tests, or something that it imports, raises before any test runs."
                .to_owned(),
        );
        draft.fix = Some("Read the exception below; install the dependencies that the tests need, and run them where the code can be imported.".to_owned());
        draft.set_subject(module);
        return true;
    }
    let name = if class.rsplit('.').next() == Some(test) {
        class.to_owned()
    } else {
        format!("{class}.{test}")
    };
    draft.set_subject(name);
    true
}

/// mocha counts what failed, and names it below: suites and, last, the test.
pub(super) fn mocha(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let mut names: Vec<String> = Vec::new();
    for (line, text) in scene.after(draft.line, 12) {
        let text = text.trim();
        let first = text.strip_prefix("1) ");
        if first.is_none() && names.is_empty() {
            continue;
        }
        let text = first.unwrap_or(text);
        draft.evidence.push(line);
        match text.strip_suffix(':') {
            Some(test) => {
                names.push(test.to_owned());
                break;
            }
            None => names.push(text.to_owned()),
        }
    }
    match names.last() {
        Some(test) => {
            draft.set_subject(test.clone());
            true
        }
        None => false,
    }
}

/// An import that failed while the tests were collected, not in one of them.
pub(super) fn import(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    const HEAD: &str = "ImportError while importing test module '";
    for (line, text) in scene.before(draft.line, 120) {
        if text.starts_with("E  ") {
            return false;
        }
        let Some((_, tail)) = text.split_once(HEAD) else { continue };
        let file = scene.project_path(tail.split('\'').next().unwrap_or(tail));
        draft.set_subject(file);
        draft.evidence.push(line);
        return true;
    }
    false
}

/// Linters, formatters and type checkers that a command may call.
const LINTERS: [&str; 16] = [
    "mypy",
    "pyright",
    "basedpyright",
    "ruff",
    "flake8",
    "pylint",
    "black",
    "isort",
    "bandit",
    "eslint",
    "prettier",
    "shellcheck",
    "hadolint",
    "biome",
    "clippy",
    "golangci-lint",
];

/// Names the one linter that the command calls.
pub(super) fn linter(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell().unwrap_or_default();
    let mut called = LINTERS.iter().filter(|name| calls(&shell, &[**name]));
    if let (Some(name), None) = (called.next(), called.next()) {
        let formats = shell.contains("ruff format");
        draft.captures.set("linter", if formats { "ruff format" } else { name });
    }
    // ruff says what is wrong above the place.
    if draft.text.trim_start().starts_with("-->")
        && let Some((line, text)) = scene.before(draft.line, 1).into_iter().next()
        && text.split(' ').next().is_some_and(|code| code.bytes().any(|b| b.is_ascii_digit()))
    {
        draft.evidence.push(draft.line);
        draft.line = line;
    }
    let fits = super::nearby::file(scene, draft);
    if let Some((line, count)) = problems(scene) {
        draft.evidence.push(line);
        draft.captures.set("count", count.to_string());
        if count > 1 && draft.rule == "lint-violation" {
            draft.title = "{linter|The linter or type checker} found {count} problems, the first of them in {subject|the code}".to_owned();
        }
    }
    fits
}

/// How many problems a linter counts at its end: `Found 9 errors.`, `✖ 2 problems`.
fn problems(scene: &Scene<'_>) -> Option<(crate::domain::LineNo, u32)> {
    scene.last(12).into_iter().find_map(|(line, text)| {
        let text = text.trim();
        let rest = text.strip_prefix("Found ").or_else(|| text.strip_prefix("✖ "));
        let rest = rest.or_else(|| text.contains(" would be reformatted").then_some(text))?;
        let number = rest.split(' ').next()?.parse().ok()?;
        Some((line, number))
    })
}
