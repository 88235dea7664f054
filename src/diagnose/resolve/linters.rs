//! Linters, formatters and type checkers: which one speaks, and of how much.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::instruction::calls;
use crate::domain::LineNo;

/// Those that a command may call.
const LINTERS: [&str; 21] = [
    "mypy",
    "dmypy",
    "pyright",
    "basedpyright",
    "pyre",
    "ty",
    "ruff",
    "flake8",
    "pylint",
    "black",
    "isort",
    "bandit",
    "eslint",
    "prettier",
    "stylelint",
    "shellcheck",
    "hadolint",
    "biome",
    "clippy",
    "golangci-lint",
    "yamllint",
];

/// Those that find errors in types: what they find isn't mended by a flag.
const OF_TYPES: [&str; 6] = ["mypy", "dmypy", "pyright", "basedpyright", "pyre", "ty"];

/// Names the linter that speaks, and counts what it found.
pub(super) fn linter(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell().unwrap_or_default();
    let text = draft.text.clone();
    let near = || {
        let lines = scene.after(draft.line, 400).into_iter().chain(scene.before(draft.line, 3));
        lines.map(|(_, text)| text).collect::<Vec<_>>()
    };
    let called: Vec<&str> = LINTERS.into_iter().filter(|name| calls(&shell, &[*name])).collect();
    let found = match called.as_slice() {
        [one] => Some(*one),
        _ => {
            let near = near();
            let said = std::iter::once(&text).chain(&near).find_map(|text| by_words(text));
            // Of several that are called it is the one whose words these are.
            said.filter(|name| called.is_empty() || called.contains(name))
        }
    };
    if let Some(name) = found {
        let formats =
            name == "ruff" && shell.contains("ruff format") && !shell.contains("ruff check");
        draft.captures.set("linter", if formats { "ruff format" } else { name });
        if OF_TYPES.contains(&name) {
            draft.cause = Some(
                "The build runs {linter}, which checks the types, and it found errors.".to_owned(),
            );
            draft.fix = Some(
                "Correct the types where it says so, or run {linter} outside the image build."
                    .to_owned(),
            );
        } else {
            draft.cause = Some("The build runs {linter}, and it found something.".to_owned());
        }
    }
    // ruff says what is wrong above the place.
    if text.trim_start().starts_with("-->")
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

/// The linter that words it so, where only one does.
fn by_words(text: &str) -> Option<&'static str> {
    let bare = text.trim();
    let closes = |open: &str| bare.ends_with([']', ')']) && bare.contains(open);
    let code = |end: char| {
        let tail = bare.strip_suffix(end)?;
        let name = tail.rsplit(['[', '(']).next()?;
        (!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
            .then_some(())
    };
    if bare.contains(".py:") && bare.contains(": error: ") && code(']').is_some()
        || bare.starts_with("Found ") && bare.contains(" source file")
    {
        return Some("mypy");
    }
    if bare.contains(" - error: ") && closes("(report") {
        return Some("pyright");
    }
    if bare.starts_with("would reformat ") || bare.starts_with("Oh no!") {
        return Some("black");
    }
    if bare.contains("Imports are incorrectly sorted") {
        return Some("isort");
    }
    if bare.starts_with(">> Issue: [B") {
        return Some("bandit");
    }
    if bare.contains("fixable with") && bare.contains("--fix` option") || bare.starts_with("✖ ") {
        return Some("eslint");
    }
    if bare.contains("fixable with `ruff") || bare.contains("fixable with the `--fix` option") {
        return Some("ruff");
    }
    if bare.starts_with("--> ") || bare.contains(" [*] ") || bare.starts_with("[*] ") {
        return Some("ruff");
    }
    if bare.contains("Your code has been rated at") {
        return Some("pylint");
    }
    if bare.contains("Code style issues") && bare.contains("Prettier") {
        return Some("prettier");
    }
    None
}

/// How many problems a linter counts at its end: `Found 9 errors.`, `✖ 2 problems`.
fn problems(scene: &Scene<'_>) -> Option<(LineNo, u32)> {
    scene.last(12).into_iter().find_map(|(line, text)| {
        let text = text.trim();
        let rest = text.strip_prefix("Found ").or_else(|| text.strip_prefix("✖ "));
        let rest = rest.or_else(|| text.contains(" would be reformatted").then_some(text))?;
        let number = rest.split(' ').next()?.parse().ok()?;
        Some((line, number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linters_are_known_by_their_words() {
        for (text, name) in [
            ("bot.py:9: error: Unsupported operand types  [operator]", Some("mypy")),
            ("Found 3 errors in 1 file (checked 1 source file)", Some("mypy")),
            (
                "  /app/bot.py:3:5 - error: \"x\" is not defined (reportUndefinedVariable)",
                Some("pyright"),
            ),
            ("would reformat /app/bot.py", Some("black")),
            ("ERROR: /app/bot.py Imports are incorrectly sorted and/or formatted.", Some("isort")),
            ("✖ 2 problems (1 error, 1 warning)", Some("eslint")),
            ("bot.py:1:8: F401 [*] `os` imported but unused", Some("ruff")),
            ("bot.py:1:8: F401 'os' imported but unused", None),
            ("Found 1 error.", None),
        ] {
            assert_eq!(by_words(text), name, "{text}");
        }
    }
}
