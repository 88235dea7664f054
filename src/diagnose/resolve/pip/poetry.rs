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
