//! poetry and pipenv: their files, and what they no longer know.

use super::super::instruction::run::shell_command;
use super::super::paths;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// The file that is no valid TOML: poetry says only what it was about to read.
pub(in super::super) fn toml_file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let locked = scene
        .before(draft.line, 4)
        .iter()
        .any(|(_, text)| text.contains("Installing dependencies from lock file"));
    if locked {
        draft.category = "lockfile".to_owned();
        draft.set_subject("poetry.lock");
        draft.title = "poetry.lock can't be read".to_owned();
        draft.cause = Some(
            "It is no valid TOML: a merge left conflict markers, or it was cut off.".to_owned(),
        );
        draft.fix = Some("Run `poetry lock` and commit poetry.lock.".to_owned());
    }
    if scene.before(draft.line, 60).iter().any(|(_, text)| text.contains("/pipenv/")) {
        draft.set_subject("Pipfile");
    }
    paths::file(scene, draft)
}

/// What pipenv misses when it takes `--system` amiss: the Pipfile, or its lock.
pub(in super::super) fn pipfile(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let before = scene.before(draft.line, 60);
    let created = before.iter().any(|(_, text)| text.contains("Creating a Pipfile"));
    let deploy = scene.shell().is_some_and(|shell| shell.contains("--deploy"));
    let locked = before.iter().any(|(_, text)| text.contains("handle_missing_lockfile"));
    if !created && (deploy || locked) {
        draft.category = "lockfile".to_owned();
        draft.set_subject("Pipfile.lock");
    }
    true
}

/// Options and commands that poetry dropped, and what stands for them now.
const DROPPED: [(&str, &str); 6] = [
    ("--no-dev", "Write `--only main` (or `--without dev`): poetry 2 has no `--no-dev`."),
    ("--dev", "Write `--with dev`, or `--group dev` with `poetry add`."),
    ("--remove-untracked", "Write `poetry sync`."),
    ("--sync", "Write `poetry sync`."),
    (
        "export",
        "Install its plugin first (`pip install poetry-plugin-export`): poetry 2 comes without.",
    ),
    ("shell", "Leave it out (a build has no shell to open), or install poetry-plugin-shell."),
];

/// A command or option that this poetry doesn't have.
pub(in super::super) fn usage(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell();
    let poetry = shell.as_ref().is_some_and(|shell| shell.contains("poetry"));
    let known = DROPPED.iter().find(|(word, _)| draft.subject() == Some(word));
    if let Some((_, instead)) = known.filter(|_| poetry) {
        draft.cause =
            Some("Poetry 2 dropped it, and no version of poetry is pinned here.".to_owned());
        draft.fix = Some((*instead).to_owned());
    }
    shell_command(scene, draft)
}

/// A field that the build backend refuses: what is in it stands below.
pub(in super::super) fn config(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let after = scene.after(draft.line, 30);
    let given = after.iter().position(|(_, text)| text.trim() == "GIVEN VALUE:");
    if let Some((line, text)) = given.and_then(|at| after.get(at + 1)) {
        let value = text.trim();
        if !value.is_empty() && value.len() < 80 {
            draft.captures.set("given", format!("it is {value}"));
            draft.evidence.push(*line);
        }
    }
    if draft.captures.get("key").is_some_and(|key| key.starts_with("project.license")) {
        draft.cause = Some("`license` is an SPDX expression, which setuptools knows from version 77 on, or a table; free words are neither.".to_owned());
        draft.fix = Some("Write `license = \"MIT\"` (an SPDX expression; with `requires = [\"setuptools>=77\"]` under [build-system]), or, for older ones, `license = { text = \"…\" }`.".to_owned());
    }
    super::package::name_package(scene, draft);
    if let Some(package) = draft.captures.get("package").map(str::to_owned)
        && draft.captures.get("own").is_none()
        && package != "the project"
        && scene.before(draft.line, 400).iter().any(|(_, text)| text.starts_with("Collecting "))
        && !scene.before(draft.line, 400).iter().any(|(_, text)| text.starts_with("Processing /"))
    {
        draft.category = "python-package-build".to_owned();
        draft.fix = Some("The file is {package}'s own: require a newer version of it, or hold setuptools back in its build (PIP_CONSTRAINT with `setuptools<77`).".to_owned());
    }
    draft.set_subject("pyproject.toml");
    true
}
