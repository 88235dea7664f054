//! Sentences that uv broke in two.
//!
//! uv wraps what it quotes so that the lines come out even: a line may end long
//! before its last column. So what no line says alone is looked for in two or
//! three together.

use super::engine::{Candidate, clip};
use super::rules::Rules;
use crate::domain::LineNo;
use crate::parse::joins::{JoinKind, gutter, is_branch, joins};

/// Where uv wraps when there is no terminal.
const WRAP: usize = 80;

/// What rules match only in lines taken together, by the first of the lines.
/// `lines` are a step's output, ascending; `alone` is what they match one by
/// one; `uv` says that all of it is uv's.
pub(super) fn matches(
    rules: &Rules,
    lines: &[(LineNo, String)],
    alone: &[Candidate],
    uv: bool,
) -> Vec<(u16, LineNo, String)> {
    let mut all = Vec::new();
    let mut found = Vec::new();
    for (line, text) in sentences(lines) {
        rules.matching(clip(&text), &mut found);
        all.extend(found.iter().map(|rule| (*rule, line, text.clone())));
    }
    let inside = inside(lines, uv);
    let known = |rule: u16, line: LineNo| {
        alone.binary_search_by_key(&(line, rule), |c| (c.line, c.rule)).is_ok()
    };
    // What two lines say is not said again with a third.
    let mut pairs: Vec<Vec<u16>> = Vec::new();
    for size in [2, 3] {
        let mut next_pairs = Vec::new();
        for (at, parts) in lines.windows(size).enumerate() {
            found.clear();
            let Some((line, text)) = parts.first() else { break };
            let whole = parts.iter().skip(1).all(|(_, more)| goes_on(text, more));
            if whole && inside.get(at).is_some_and(|inside| *inside) {
                let words: Vec<&str> =
                    parts.iter().map(|(_, text)| gutter(text).1.trim_end()).collect();
                let whole = words.join(" ");
                rules.matching(clip(&whole), &mut found);
                found.retain(|rule| {
                    let smaller = pairs.get(at..).unwrap_or_default().iter().take(2);
                    !parts.iter().any(|(line, _)| known(*rule, *line))
                        && !smaller.flatten().any(|known| known == rule)
                });
                all.extend(found.iter().map(|rule| (*rule, *line, whole.clone())));
            }
            if size == 2 {
                next_pairs.push(found.clone());
            }
        }
        pairs = next_pairs;
    }
    all
}

/// Whether a step's output holds uv's tree, which is wrapped.
fn is_tree(text: &str) -> bool {
    text.contains("─▶")
}

/// The sentences that are visibly wrapped, by their first line.
fn sentences(lines: &[(LineNo, String)]) -> Vec<(LineNo, String)> {
    if !lines.iter().any(|(_, text)| is_tree(text) || text.starts_with("  × ")) {
        return Vec::new();
    }
    let unbroken = pips_output(lines);
    joins(lines.iter().map(|(number, text)| (*number, text.as_str())))
        .into_iter()
        .filter(|join| join.kind == JoinKind::Wrapped)
        .filter(|join| {
            let first = join.lines.first();
            !first.is_some_and(|line| unbroken.iter().any(|lines| lines.contains(line)))
        })
        .filter_map(|join| Some((*join.lines.first()?, join.text)))
        .collect()
}

/// What pip quotes between `╰─> [9 lines of output]` and `[end of output]`: it
/// draws the same tree and breaks no line.
fn pips_output(lines: &[(LineNo, String)]) -> Vec<std::ops::Range<LineNo>> {
    let mut quoted = Vec::new();
    let mut start = None;
    for (line, text) in lines {
        if text.contains("─> [") && text.ends_with("of output]") {
            start = start.or(Some(*line));
        } else if text.trim_end().ends_with("[end of output]")
            && let Some(start) = start.take()
        {
            quoted.push(start..*line);
        }
    }
    quoted
}

/// Which lines stand in uv's tree or in what it quotes there.
fn inside(lines: &[(LineNo, String)], uv: bool) -> Vec<bool> {
    let mut inside = uv;
    lines
        .iter()
        .map(|(_, text)| {
            let (indent, bare) = gutter(text);
            if is_tree(text) || indent >= 4 && matches!(bare, "[stderr]" | "[stdout]") {
                inside = true;
            } else if indent == 0 && !bare.is_empty() {
                inside = false;
            }
            inside
        })
        .collect()
}

/// Whether a line may be the rest of another.
fn goes_on(text: &str, more: &str) -> bool {
    let ((indent, bare), (deeper, rest)) = (gutter(text), gutter(more));
    let heading = bare.starts_with('[') && bare.ends_with(']');
    indent > 0
        && indent == deeper
        && !bare.is_empty()
        && !rest.is_empty()
        && !heading
        && !is_branch(more)
}

/// A line of what uv quotes, with the lines below it that it was broken into:
/// together they wouldn't have fitted.
pub(super) fn sentence(text: &str, below: &[(LineNo, String)]) -> String {
    let mut whole = gutter(text).1.trim_end().to_owned();
    let mut columns = text.trim_end().chars().count();
    for (_, more) in below.iter().take(3) {
        let rest = gutter(more).1.trim_end();
        if !goes_on(text, more) || columns + 1 + rest.chars().count() <= WRAP {
            break;
        }
        whole.push(' ');
        whole.push_str(rest);
        columns = more.trim_end().chars().count();
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(LineNo, String)> {
        let numbered = text.lines().enumerate();
        numbered.map(|(at, line)| (LineNo::new(at as u32), line.to_owned())).collect()
    }

    #[test]
    fn a_sentence_ends_where_its_next_line_would_have_fitted() {
        let below = lines(
            "      have been superseded by license expressions (see\n      https://peps.python.org/pep-0639/). Please remove:\n\n      other",
        );
        assert_eq!(
            sentence("      setuptools.errors.InvalidConfigError: License classifiers", &below),
            "setuptools.errors.InvalidConfigError: License classifiers have been superseded by \
             license expressions (see https://peps.python.org/pep-0639/). Please remove:"
        );
        assert_eq!(sentence("      KeyError: 'x'", &lines("      done")), "KeyError: 'x'");
    }

    #[test]
    fn what_pip_quotes_is_not_put_together() {
        let text = "  × python setup.py bdist_wheel did not run successfully.\n  │ exit code: 1\n  ╰─> [2 lines of output]\n      distutils.errors.CompileError: command 'gcc' failed with exit status 1\n      g++: fatal error: Killed signal terminated program cc1plus\n      [end of output]";
        assert!(sentences(&lines(text)).is_empty());
    }

    #[test]
    fn only_what_uv_prints_is_put_together() {
        let text = "start\n  ╰─▶ Call failed\n\n      [stderr]\n      No such file or\n      directory: 'gcc'\nend\n  a\n  b";
        let found = inside(&lines(text), false);
        assert_eq!(found, [false, true, true, true, true, true, false, false, false]);
        assert!(goes_on("      No such file or", "      directory: 'gcc'"));
        assert!(!goes_on("No such file or", "directory: 'gcc'"));
        assert!(!goes_on("  a", "  ╰─▶ b"));
    }
}
