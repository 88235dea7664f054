//! Python tracebacks: the exception line, and what it is about.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// Moves from `Traceback (most recent call last):` to the exception below it.
pub(super) fn traceback(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let indent = indent_of(&draft.text);
    let head = draft.line;
    for (line, text) in scene.after(head, 400) {
        if text.trim().is_empty() {
            continue;
        }
        let own = indent_of(&text);
        if own > indent {
            continue;
        }
        if own < indent || !looks_like_exception(text.trim_start()) {
            // Something printed in between; the exception may still follow.
            if own < indent {
                return false;
            }
            continue;
        }
        draft.line = line;
        draft.text = text.trim().to_owned();
        draft.captures.set("exception", draft.text.clone());
        describe(scene, draft);
        of_pip(scene, draft);
        return in_build_block(scene, draft, indent);
    }
    false
}

/// For rules that match an exception line themselves.
pub(super) fn exception(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let indent = indent_of(&draft.text);
    in_build_block(scene, draft, indent)
}

/// pip itself raising over a requirements file that it can't decode.
fn of_pip(scene: &Scene<'_>, draft: &mut Draft) {
    let reading = draft.text.starts_with("UnicodeDecodeError")
        && scene.before(draft.line, 30).iter().any(|(_, text)| text.contains("pip/_internal/"));
    if reading {
        draft.category = "dependency-spec-invalid".to_owned();
        draft.title = "{subject} isn't UTF-8 text, and pip can't read it".to_owned();
        draft.cause = Some("An editor or PowerShell's `>` saved it as UTF-16.".to_owned());
        draft.fix = Some("Save {subject} as UTF-8.".to_owned());
        super::pip::requirement_line(scene, draft);
    }
}

/// For errors in the syntax itself: the file that can't be read.
pub(super) fn syntax(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(file) = file_above(scene, draft) {
        draft.set_subject(file);
    }
    let indent = indent_of(&draft.text);
    in_build_block(scene, draft, indent)
}

/// A traceback that pip or uv quotes is the package's build failing.
fn in_build_block(scene: &Scene<'_>, draft: &mut Draft, indent: usize) -> bool {
    if indent < 4 {
        return true;
    }
    let quoted = scene.before(draft.line, 400).into_iter().any(|(_, text)| {
        let text = text.trim_start();
        text.starts_with("error: subprocess-exited-with-error")
            || text.starts_with("[stderr]")
            || text.starts_with("ERROR: Command errored out")
            || text.contains("Failed to build `")
            || text.contains("Failed to download and build `")
    });
    if quoted {
        if draft.category == "python-runtime-error" {
            draft.category = "python-package-build".to_owned();
        }
        super::pip::name_package(scene, draft);
    }
    true
}

pub(super) fn indent_of(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// `json.decoder.JSONDecodeError: …`, `VoiceConfigError`, `KeyError: 'X'`.
pub(super) fn looks_like_exception(text: &str) -> bool {
    let name = text.split([':', ' ', '(']).next().unwrap_or("");
    let rest = text.get(name.len()..).unwrap_or("");
    if name.is_empty() || !(rest.is_empty() || rest.starts_with(':')) {
        return false;
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    name.split('.').all(|part| {
        !part.is_empty()
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !part.starts_with(|c: char| c.is_ascii_digit())
    }) && last.starts_with(|c: char| c.is_ascii_uppercase())
        || last.ends_with("error") && rest.starts_with(':')
}

/// What an exception is about: a module, a variable, a file, or its own name.
fn describe(scene: &Scene<'_>, draft: &mut Draft) {
    let text = draft.text.clone();
    let (name, message) = text.split_once(": ").unwrap_or((text.trim_end_matches(':'), ""));
    let kind = name.rsplit('.').next().unwrap_or(name);
    let quoted =
        || message.split(['\'', '"', '`']).nth(1).filter(|q| !q.is_empty()).map(str::to_owned);
    let subject = match kind {
        "ModuleNotFoundError" => quoted(),
        "ImportError" => import_subject(message),
        "LookupError" => resource_below(scene, draft).or_else(quoted),
        "KeyError" => quoted().or_else(|| Some(message.to_owned())),
        "NameError" | "UnboundLocalError" | "AttributeError" => quoted_last(message),
        "FileNotFoundError" | "PermissionError" | "IsADirectoryError" | "NotADirectoryError"
        | "FileExistsError" => quoted_last(message),
        "SyntaxError" | "IndentationError" | "TabError" | "UnicodeDecodeError" => {
            file_above(scene, draft).or_else(quoted)
        }
        _ => constant_in(message)
            .or_else(|| path_in(message))
            .or_else(quoted)
            .or_else(|| file_above(scene, draft)),
    };
    if let Some(subject) = subject.filter(|s| !s.is_empty()) {
        draft.set_subject(subject);
    } else {
        draft.set_subject(kind);
    }
}

/// nltk's `Resource punkt not found.` below the exception.
fn resource_below(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    scene.after(draft.line, 6).into_iter().find_map(|(_, text)| {
        let (_, tail) = text.split_once("Resource ")?;
        Some(tail.split_once(" not found")?.0.trim_matches('\'').to_owned())
    })
}

fn quoted_last(message: &str) -> Option<String> {
    message.rsplit(['\'', '"']).nth(1).filter(|q| !q.is_empty()).map(str::to_owned)
}

/// `cannot import name 'x' from 'y' (…)`, `libGL.so.1: cannot open shared object file`.
fn import_subject(message: &str) -> Option<String> {
    if let Some((lib, _)) = message.split_once(": cannot open shared object") {
        return Some(lib.trim().to_owned());
    }
    message.split('\'').nth(1).map(str::to_owned)
}

/// `DATABASE_URL` in a message.
fn constant_in(message: &str) -> Option<String> {
    message
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .find(|word| {
            word.len() > 3
                && word.contains('_')
                && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
        .map(str::to_owned)
}

fn path_in(message: &str) -> Option<String> {
    message
        .split_whitespace()
        .map(|w| w.trim_matches(|c: char| "'\"`(),;:".contains(c)))
        .find(|w| !w.contains("://") && super::nearby::looks_like_source(w))
        .map(str::to_owned)
}

/// The project's file of the innermost frame above.
fn file_above(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    scene.before(draft.line, 60).into_iter().find_map(|(_, text)| {
        let text = text.trim_start_matches(['*', ' ', '\t']);
        let path = text.strip_prefix("File \"")?.split('"').next()?;
        let foreign = path.starts_with('<')
            || path.contains("site-packages")
            || path.contains("/lib/python")
            || path.contains("/dist-packages");
        (!foreign).then(|| scene.project_path(path))
    })
}
