//! Names of failed tests.

use super::super::draft::Draft;
use super::super::scene::Scene;

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
