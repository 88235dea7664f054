//! What pytest's failed tests have in common.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::programs;
use super::python::looks_like_exception;
use super::python::message::{constant_in, endpoint_in, quoted_first};
use crate::domain::LineNo;

/// Lines of a report that are read.
const MOST: usize = 20_000;

/// An exception that ended a test.
struct Raised {
    line: LineNo,
    text: String,
}

impl Raised {
    fn kind(&self) -> &str {
        let name = self.text.split(':').next().unwrap_or(&self.text).trim();
        name.rsplit('.').next().unwrap_or(name)
    }

    fn message(&self) -> &str {
        self.text.split_once(": ").map_or("", |(_, message)| message)
    }
}

/// How many tests failed; and where all failed for one reason, the reason.
pub(super) fn failed(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let mut lines = scene.last(MOST);
    lines.reverse();
    let count = count(&lines);
    if let Some(count) = count.filter(|count| *count > 1) {
        draft.captures.set("count", count.to_string());
        draft.title = "{count} tests failed, the first of them {subject}".to_owned();
        draft.cause = Some("The build runs the tests.".to_owned());
        draft.fix =
            Some("Fix the tests or the code, or run the tests outside the image build.".to_owned());
    }
    let raised = raised(&lines);
    let Some(first) = raised.first() else { return true };
    let tests = count.unwrap_or(1);
    let programs: Vec<Option<String>> =
        raised.iter().map(|one| programs::called(scene, one.line, &one.text)).collect();
    if programs.iter().all(Option::is_some) {
        let mut names: Vec<String> = programs.into_iter().flatten().collect();
        names.sort();
        names.dedup();
        let one = names.len() == 1;
        draft.captures.set("isnt", if one { "isn't" } else { "aren't" });
        point_at(draft, first, tests);
        programs::say(&names, draft);
        draft.title = "{programs} {isnt} in the image, and {tests} for want of {them}".to_owned();
        draft.cause = Some(
            "The code that is tested runs the program, and slim images come without.".to_owned(),
        );
        return true;
    }
    let same = raised.iter().all(|one| one.text == first.text);
    if raised.len() < 2 && tests > 1 || !same {
        return true;
    }
    reason(first, tests, draft);
    true
}

/// Says what all failed tests have raised.
fn reason(first: &Raised, tests: usize, draft: &mut Draft) {
    draft.captures.set("exception", first.text.trim());
    let variable = constant_in(first.message())
        .filter(|name| first.message().trim_matches(['\'', '"']) == name.as_str());
    let offline = matches!(
        first.kind(),
        "ConnectionError"
            | "ConnectError"
            | "ConnectionRefusedError"
            | "ConnectTimeout"
            | "ClientConnectorError"
            | "OperationalError"
            | "URLError"
            | "gaierror"
    );
    let module = quoted_first(first.message()).filter(|_| first.kind() == "ModuleNotFoundError");
    if let Some(name) = variable.filter(|_| first.kind() == "KeyError") {
        point_at(draft, first, tests);
        draft.captures.set("name", name.clone());
        draft.title = "The variable {name} isn't set, and {tests} for want of it".to_owned();
        draft.cause = Some("The tests, or the code that they test, read it; settings and secrets of the running agent don't exist in a build.".to_owned());
        draft.fix = Some("Give the tests a harmless value (`RUN {name}=test pytest …`, or monkeypatch), or run them outside the image build.".to_owned());
        draft.set_subject(name);
    } else if let Some(name) = module.map(str::to_owned) {
        point_at(draft, first, tests);
        draft.captures.set("name", name.clone());
        draft.title = "There is no module {name}, and {tests} for want of it".to_owned();
        draft.cause = Some("It isn't installed in the Python that runs the tests, or the project's own code isn't copied at this step.".to_owned());
        draft.fix = Some("Install {name} together with the tests' own requirements, or copy the code, before this step.".to_owned());
        draft.set_subject(name);
    } else if offline {
        point_at(draft, first, tests);
        let host = endpoint_in(first.message());
        draft.title = "{tests} because they can't reach a server: {exception}".to_owned();
        draft.cause = Some("The tests connect to a service; databases and other services don't run beside a build.".to_owned());
        draft.fix = Some("Replace the service in the tests, mark those that need it and leave them out (`pytest -m \"not integration\"`), or run them outside the image build.".to_owned());
        if let Some(host) = host {
            draft.set_subject(host);
        }
    } else if tests > 1 {
        point_at(draft, first, tests);
        draft.title = "{tests}, all with the same error: {exception}".to_owned();
        draft.cause = Some("The build runs the tests; every one that failed raised this, so there is one reason behind them.".to_owned());
    } else {
        draft.cause = Some("The build runs the tests, and one failed: {exception}.".to_owned());
        draft.captures.set("exception", first.text.trim().trim_end_matches('.'));
        draft.evidence.push(first.line);
    }
}

/// Takes the first exception for the root line.
fn point_at(draft: &mut Draft, first: &Raised, tests: usize) {
    draft.evidence.push(draft.line);
    draft.line = first.line;
    draft.text = first.text.clone();
    let tests = if tests == 1 { "a test fails".to_owned() } else { format!("{tests} tests fail") };
    draft.captures.set("tests", tests);
}

/// The number of tests that failed, as the last line of the report sums up.
fn count(lines: &[(LineNo, String)]) -> Option<usize> {
    lines.iter().rev().find_map(|(_, text)| {
        let bare = text.trim_matches(|c: char| c == '=' || c.is_whitespace());
        if !bare.contains(" in ") || !bare.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let sum: usize = bare
            .split(" in ")
            .next()?
            .split(", ")
            .filter_map(|part| part.split_once(' '))
            .filter(|(_, what)| matches!(*what, "failed" | "error" | "errors"))
            .filter_map(|(number, _)| number.parse::<usize>().ok())
            .sum();
        (sum > 0).then_some(sum)
    })
}

/// The exception that each failed test ended with: the last `E` line of its
/// section that names one.
fn raised(lines: &[(LineNo, String)]) -> Vec<Raised> {
    let mut all: Vec<Raised> = Vec::new();
    let mut open: Option<Raised> = None;
    // A section whose `E` lines name no exception: an assertion, as pytest words it.
    let (mut other, mut within) = (false, false);
    for (line, text) in lines {
        let heads = text.starts_with("____") && text.ends_with('_') && text.contains(' ');
        let ends = text.starts_with("====");
        if heads || ends {
            all.extend(open.take());
            if other && within {
                all.push(Raised { line: *line, text: String::new() });
            }
            (other, within) = (false, heads);
        }
        let Some(said) = text.strip_prefix("E  ").map(str::trim) else { continue };
        if looks_like_exception(said) && !said.starts_with("AssertionError") {
            open = Some(Raised { line: *line, text: said.to_owned() });
            other = false;
        } else if open.is_none() {
            other = true;
        }
    }
    all.extend(open);
    // One that only asserted, and the tests don't agree.
    if all.iter().any(|one| one.text.is_empty()) { Vec::new() } else { all }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(LineNo, String)> {
        text.lines()
            .enumerate()
            .map(|(at, line)| (LineNo::new(at as u32), line.to_owned()))
            .collect()
    }

    const TWO: &str = "==== FAILURES ====\n____ test_a ____\nE   KeyError: 'A_KEY'\n\nDuring handling of\nE   ValueError: no key\n____ test_b ____\nE   ValueError: no key\n==== 2 failed, 1 passed, 1 error in 0.31s ====";

    #[test]
    fn each_test_ends_with_one_exception() {
        let found = raised(&lines(TWO));
        let texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["ValueError: no key", "ValueError: no key"]);
        assert_eq!(count(&lines(TWO)), Some(3));
        assert_eq!(count(&lines("== 12 passed in 0.3s ==")), None);
    }

    #[test]
    fn a_test_that_only_asserts_agrees_with_none() {
        let mixed = TWO.replace(
            "____ test_b ____\nE   ValueError: no key",
            "____ test_b ____\nE   assert 1 == 2",
        );
        assert!(raised(&lines(&mixed)).is_empty());
    }
}
