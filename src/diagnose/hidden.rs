//! Failures that went unnoticed, and what fails later for want of them.
//!
//! `curl … -o m.tgz; ls` and `pip install … || true` end well whatever happens.
//! The step that then misses the file, command or module is where the build
//! stops; the earlier one is where it went wrong.

use super::draft::Draft;
use super::resolve::calls;
use super::scene::Scene;
use crate::domain::LineNo;

/// So much of an earlier step's words is told, in bytes.
const MOST: usize = 120;

/// Adds to a cause what an earlier step had said about the same thing, and
/// that the pipeline went on after a build that failed.
pub(super) fn tell(scene: &Scene<'_>, draft: &mut Draft) {
    if let Some((line, words)) = earlier(scene, draft) {
        draft.evidence.push(line);
        draft.captures.set("earlier", words);
        let cause = draft.cause.take().unwrap_or_default();
        draft.cause = Some(format!(
            "{cause} An earlier step should have brought it, and failed unnoticed: `{{earlier}}`."
        ));
        draft.fix = Some("Mend what that earlier step says; join its commands with `&&` in place of `;` and `|| true`, so that a failure ends the build there.".to_owned());
    }
    let goes_on = scene.step.is_some()
        && scene.command.is_some_and(|command| {
            ["|| true", "|| :", "|| echo", "; true"].iter().any(|end| command.text.contains(end))
        });
    if goes_on && let Some(cause) = draft.cause.take() {
        draft.cause = Some(format!(
            "{cause} The pipeline's command goes on after a failed build (`|| true` or the like), so what fails after it is only a consequence."
        ));
    }
}

/// The error of an earlier step that should have brought what is missing.
fn earlier(scene: &Scene<'_>, draft: &Draft) -> Option<(LineNo, String)> {
    const MISSES: [&str; 7] = [
        "No such file",
        "not found",
        "Cannot open",
        "cannot find",
        "can't open",
        "cannot stat",
        "No module named",
    ];
    if !MISSES.iter().any(|words| draft.text.contains(words)) {
        return None;
    }
    let step = scene.the_step()?;
    let module = draft.text.contains("No module named");
    let subject = draft.subject()?.trim_end_matches('/');
    let name = subject.rsplit('/').next().unwrap_or(subject);
    if name.len() < 3 || name.contains(char::is_whitespace) {
        return None;
    }
    let before = scene.tree.steps().iter().take(step.id().index()).rev();
    before.filter(|other| other.build() == step.build()).find_map(|other| {
        let instruction = other.instruction()?;
        let shell = instruction.strip_prefix("RUN ")?;
        let hides = shell.contains(';') || shell.contains("||") || shell.contains('|');
        let installs = module && calls(shell, &["pip", "uv", "poetry", "pdm", "pipenv"]);
        if !hides || !(installs || names(shell, name)) {
            return None;
        }
        let said = Scene::of_step(scene.tree, scene.lines, other.id()).last(200);
        let (line, text) = said.into_iter().rev().find(|(_, text)| states_error(text))?;
        let text = text.trim();
        let start = text.get(..text.floor_char_boundary(MOST)).unwrap_or(text);
        let cut = if start.len() < text.len() { "…" } else { "" };
        Some((line, format!("{start}{cut}")))
    })
}

/// Whether a command has a name as a word, or as the last part of a path.
fn names(shell: &str, name: &str) -> bool {
    shell
        .split(|c: char| c.is_whitespace() || "\"'=/;&|()".contains(c))
        .any(|word| word.trim_end_matches(',') == name)
}

/// Whether a line is a tool's own statement that it failed.
fn states_error(text: &str) -> bool {
    const STARTS: [&str; 12] = [
        "curl: (",
        "wget: ",
        "E: ",
        "ERROR: ",
        "ERROR ",
        "error: ",
        "fatal: ",
        "cp: ",
        "mv: ",
        "tar: ",
        "unzip: ",
        "npm error ",
    ];
    let bare = text.trim_start();
    STARTS.iter().any(|start| bare.starts_with(start))
        // wget: `2026-11-24 10:00:00 ERROR 404: Not Found.`
        || bare.contains(" ERROR 4")
        || bare.contains(" ERROR 5")
        || bare.starts_with('/') && bare.ends_with(": not found")
}
