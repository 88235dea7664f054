//! Python tracebacks: the exception line, and what it is about.

pub(super) mod message;
pub(super) mod near;
mod numpy;
mod words;

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::super::wrapped::sentence;
use crate::domain::LineNo;
use message::{
    constant_in, endpoint_in, import_subject, missing_in, path_in, quoted_first, quoted_last,
};
use near::{field_below, file_above, library_above, place_below, resource_below};
pub(super) use numpy::abi as numpy_abi;
use words::{in_words, who_limits};

/// Moves from `Traceback (most recent call last):` to the exception below it.
pub(super) fn traceback(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let (indent, bare) = margin(&draft.text);
    if bare.starts_with("Exception Group Traceback") {
        // Its own exceptions stand below, each with a traceback.
        return false;
    }
    let head = draft.line;
    for (line, text) in scene.after(head, 400) {
        let (own, bare) = margin(&text);
        if bare.trim().is_empty() || own > indent {
            continue;
        }
        if own < indent || !looks_like_exception(bare) {
            // Something printed in between; the exception may still follow.
            if own < indent {
                return false;
            }
            continue;
        }
        draft.line = line;
        draft.text = bare.trim().to_owned();
        if let Some((last, text)) = printed_after(scene, draft).filter(|_| indent == 0) {
            draft.evidence.push(line);
            draft.line = last;
            draft.text = text;
        }
        let line = draft.line;
        let build = super::pip::build::quoted(scene, line, indent);
        if build && indent >= 4 && by_uv(scene, line) {
            draft.text = sentence(&text, &scene.after(line, 3));
        }
        draft.captures.set("exception", draft.text.clone());
        // In a package's own build only what it lacks is a better name than the
        // package's.
        if !build || lacks_something(&draft.text) {
            describe(scene, draft);
        }
        if draft.subject().is_none() && !build {
            from_its_cause(scene, draft, head);
        }
        if draft.subject().is_none()
            && !build
            && let Some(file) = file_above(scene, draft)
        {
            draft.set_subject(file);
        }
        in_words(scene, draft);
        of_pip(scene, draft);
        return in_build_block(scene, draft, indent);
    }
    false
}

/// Whether it is uv that quotes a line, and so may have broken it.
fn by_uv(scene: &Scene<'_>, line: LineNo) -> bool {
    scene.is_block() || scene.before(line, 600).iter().any(|(_, text)| text.contains("─▶"))
}

/// The exception that a step ends with, where the traceback before it was only
/// logged: the program went on, and printed this one without its frames.
fn printed_after(scene: &Scene<'_>, draft: &Draft) -> Option<(LineNo, String)> {
    let last = scene.last(4).into_iter().find(|(_, text)| !text.trim().is_empty())?;
    let named = ["Error", "Exception"].iter().any(|end| exception_name(&last.1).ends_with(end));
    let raised = last.0 > draft.line && named && looks_like_exception(&last.1);
    // A message of several lines, or a chain, isn't a program that goes on.
    let logged = || {
        scene.after(draft.line, 1).iter().any(|(line, text)| {
            *line < last.0 && text.starts_with(|c: char| c.is_ascii_digit() || c == '[')
        })
    };
    (raised && logged()).then_some(last)
}

/// For what may be tried again: only the exception that ended the program is a
/// cause; one that was logged was got over.
pub(super) fn last(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let chained = chain(scene, draft).last().map_or(draft.line, |(line, _)| *line);
    let after = scene.after(chained, 40);
    let said = after.iter().filter(|(_, text)| text.starts_with(|c: char| !c.is_whitespace()));
    if printed_after(scene, draft).is_some() || said.count() > 6 {
        return false;
    }
    let fits = super::nearby::host(scene, draft);
    if draft.rule == "python-rate-limit" {
        who_limits(scene, draft);
    }
    fits
}

/// A name that doesn't resolve: in a traceback, or just above the one it led to.
pub(super) fn unresolved(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let after = scene.after(draft.line, 400);
    let retries = |text: &str| text.contains("etrying");
    if retries(&draft.text) || after.iter().take(2).any(|(_, text)| retries(text)) {
        return false;
    }
    let traceback = after.iter().position(|(_, text)| text.contains("Traceback (most recent"));
    let chained = !chain(scene, draft).is_empty();
    if !chained && traceback.is_some_and(|lines| lines > 8) {
        return false;
    }
    if looks_like_exception(draft.text.trim()) && !chained {
        return last(scene, draft);
    }
    super::nearby::host(scene, draft)
}

/// Columns before the text, the bars of an exception group among them.
fn margin(text: &str) -> (usize, &str) {
    let bare = text.trim_start_matches([' ', '|', '+', '\t']);
    (text.len() - bare.len(), bare)
}

/// `ImproperlyConfigured: Error loading the driver` is about what the exception
/// before it in the chain is about.
fn from_its_cause(scene: &Scene<'_>, draft: &mut Draft, head: LineNo) {
    let before = scene.before(head, 6);
    let mut lines = before.iter().filter(|(_, text)| !text.trim().is_empty());
    if !lines.next().is_some_and(|(_, text)| is_link(text)) {
        return;
    }
    let Some((line, text)) = lines.find(|(_, text)| looks_like_exception(text.trim())) else {
        return;
    };
    if !lacks_something(text) {
        return;
    }
    let mut cause = draft.clone();
    cause.line = *line;
    cause.text = text.trim().to_owned();
    describe(scene, &mut cause);
    if let Some(subject) = cause.subject() {
        draft.set_subject(subject);
        draft.evidence.push(*line);
    }
}

/// Whether an exception names what isn't there: a module, a file, a variable.
fn lacks_something(text: &str) -> bool {
    let text = text.trim();
    let (_, message) = text.split_once(": ").unwrap_or((text, ""));
    matches!(
        exception_name(text),
        "ModuleNotFoundError"
            | "ImportError"
            | "FileNotFoundError"
            | "PermissionError"
            | "KeyError"
            | "LookupError"
    ) || constant_in(message).is_some()
        || missing_in(message).is_some()
}

/// The sentence between two tracebacks of a chain.
fn is_link(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '|']);
    text.starts_with("During handling of the above exception")
        || text.starts_with("The above exception was the direct cause")
}

/// The exceptions that follow one in its chain, with their lines.
pub(in super::super) fn chain(scene: &Scene<'_>, draft: &Draft) -> Vec<(LineNo, String)> {
    let mut found = Vec::new();
    if !looks_like_exception(draft.text.trim()) {
        return found;
    }
    let indent = indent_of(&draft.text);
    let (mut linked, mut frames) = (false, false);
    for (line, text) in scene.after(draft.line, 600) {
        let bare = text.trim();
        if bare.is_empty() || indent_of(&text) > indent {
            continue;
        }
        if is_link(&text) {
            (linked, frames) = (true, false);
        } else if linked && bare.starts_with("Traceback (") {
            frames = true;
        } else if linked && frames && looks_like_exception(bare) {
            found.push((line, text.clone()));
            (linked, frames) = (false, false);
        } else if indent_of(&text) < indent {
            break;
        }
    }
    found
}

/// pipecat-ai says which extra a service needs, and raises below.
pub(super) fn pipecat_extra(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // A service that is only tried says so as well: what ended the step decides.
    let last = scene.last(200);
    if let Some((line, text)) = last.iter().find(|(_, text)| looks_like_exception(text.trim_end()))
    {
        const MISSES: [&str; 4] =
            ["Missing module", "No module named", "cannot import name", "pip install pipecat-ai"];
        if !MISSES.iter().any(|words| text.contains(words)) {
            return false;
        }
        draft.evidence.push(*line);
    }
    if draft.captures.get("extra") == Some("local") {
        draft.title = "The agent imports local audio, which the cloud doesn't have".to_owned();
        draft.cause = Some("It is sound on the machine itself (pyaudio), for which pipecat-ai has the extra [local]; an agent in the cloud has no sound device.".to_owned());
        draft.fix = Some("Take the import out of the agent (or import it only where it runs on your own machine), and use the transport of the cloud: Daily, WebRTC or a websocket.".to_owned());
    }
    true
}

/// What `python -m` doesn't find.
pub(super) fn module(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.captures.get("parent").is_some() {
        draft.title =
            "`python -m {subject}` finds nothing: {parent} is a file, not a package".to_owned();
        draft.cause = Some("A module inside {parent} needs a directory of that name, and Python found {parent}.py (or another module of the name) first.".to_owned());
        draft.fix = Some("Correct the name after `-m`, copy the package that holds it, or rename one of the two.".to_owned());
    } else if draft.subject() == Some("pip") {
        let on_base = scene
            .the_step()
            .is_some_and(|step| super::base::on_pipecat_base(scene.tree, step.build()));
        let of_uv = draft.text.contains("venv/");
        if on_base || of_uv {
            draft.cause = Some("An environment that uv made has no pip of its own.".to_owned());
            draft.fix = Some(
                "Use `uv pip install …` in its place; it installs into the same environment."
                    .to_owned(),
            );
        }
    }
    true
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
        super::pip::requirement::line(scene, draft);
    }
}

/// For errors in the syntax itself: the file that can't be read.
pub(super) fn syntax(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // JavaScript has an exception of that name; its frames stand below.
    if scene.after(draft.line, 1).iter().any(|(_, text)| text.trim_start().starts_with("at ")) {
        return false;
    }
    if let Some(file) = file_above(scene, draft).or_else(|| library_above(scene, draft)) {
        draft.set_subject(file);
    }
    let nested =
        ["unmatched", "unterminated string", "cannot include a backslash", "expecting '}'"];
    if draft.text.contains("f-string: ") && nested.iter().any(|words| draft.text.contains(words)) {
        draft.cause = Some("Inside the braces of an f-string the quotes that enclose it (and backslashes) are allowed only from Python 3.12 on; an older Python takes them for its end.".to_owned());
        draft.fix = Some("Use the other kind of quotes inside the braces, or a base image with Python 3.12 or newer.".to_owned());
    }
    let indent = indent_of(&draft.text);
    in_build_block(scene, draft, indent)
}

/// A traceback that pip or uv quotes is the package's build failing.
fn in_build_block(scene: &Scene<'_>, draft: &mut Draft, indent: usize) -> bool {
    if super::pip::build::quoted(scene, draft.line, indent) || builds(scene) {
        if draft.category == "python-runtime-error" {
            draft.category = "python-package-build".to_owned();
            draft.title = "Building {package|a package} failed: {exception|it raised}".to_owned();
            draft.cause = Some("Its build script ran in this image and raised.".to_owned());
            draft.fix = Some("Give the build what it asks for (a module, a file, a variable), or use a version of {package|the package} that has a wheel.".to_owned());
        }
        super::pip::package::name_package(scene, draft);
        let own = draft.captures.get("own").is_some();
        let module = quoted_first(&draft.text).map(str::to_owned);
        if let Some(module) = module.filter(|_| {
            !own && draft.text.starts_with("ModuleNotFoundError")
                && draft.title.starts_with("Building {package")
        }) {
            draft.captures.set("module", module);
            draft.title = "The build of {package|a package} needs the module {module}, and its build requirements don't name it".to_owned();
            draft.cause = Some("Packages are built in an environment of their own, which has only what they ask for; what the image has isn't seen there.".to_owned());
            draft.fix = Some("Use a version of {package|the package} that has a wheel. Else give it the module: with uv `extra-build-dependencies` under [tool.uv], with pip install {module} first and add `--no-build-isolation` for this package.".to_owned());
        }
        if own && draft.title.starts_with("Building {package") {
            draft.cause = Some(
                "It is the project itself: its build ran in this image and raised.".to_owned(),
            );
            draft.fix = Some("Correct what the line names in the project (pyproject.toml, most often), or leave the project itself out of this step (`uv sync --no-install-project`).".to_owned());
        }
    }
    if draft.subject().is_none() {
        let kind = exception_name(&draft.text).to_owned();
        draft.set_subject(kind);
    }
    true
}

/// Whether the step's command is nothing but a build of the project.
fn builds(scene: &Scene<'_>) -> bool {
    const BUILDS: [&str; 9] = [
        "-m build",
        "pyproject-build",
        "hatch build",
        "uv build",
        "poetry build",
        "pdm build",
        "flit build",
        "setup.py bdist_wheel",
        "setup.py sdist",
    ];
    scene.shell().is_some_and(|shell| {
        BUILDS.iter().any(|build| shell.contains(build)) && !shell.contains("&&")
    })
}

/// `JSONDecodeError` of `json.decoder.JSONDecodeError: …`.
fn exception_name(text: &str) -> &str {
    let name = text.trim().split(": ").next().unwrap_or(text).trim_end_matches(':');
    name.rsplit('.').next().unwrap_or(name)
}

pub(super) fn indent_of(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// `json.decoder.JSONDecodeError: …`, `VoiceConfigError`, `KeyError: 'X'`.
pub(in super::super) fn looks_like_exception(text: &str) -> bool {
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
    let quoted = || quoted_first(message).map(str::to_owned);
    let subject = match kind {
        "ModuleNotFoundError" => quoted(),
        "ImportError" => import_subject(message),
        "LookupError" => match resource_below(scene, draft) {
            Some((line, name)) => {
                draft.evidence.push(draft.line);
                draft.line = line;
                Some(name)
            }
            None => quoted(),
        },
        "KeyError" => quoted().or_else(|| Some(message.to_owned())),
        "NameError" | "UnboundLocalError" | "AttributeError" => quoted_last(message),
        "FileNotFoundError" | "PermissionError" | "IsADirectoryError" | "NotADirectoryError"
        | "FileExistsError" => quoted_last(message),
        "SyntaxError" | "IndentationError" | "TabError" | "UnicodeDecodeError" => {
            file_above(scene, draft).or_else(|| library_above(scene, draft))
        }
        "ScannerError" | "ParserError" | "ComposerError" => place_below(scene, draft),
        "ValidationError" => field_below(scene, draft),
        _ => constant_in(message)
            .or_else(|| missing_in(message))
            .or_else(|| endpoint_in(message))
            .or_else(|| path_in(message))
            .or_else(quoted),
    };
    if let Some(subject) = subject.filter(|s| !s.is_empty()) {
        draft.set_subject(subject);
    }
}
