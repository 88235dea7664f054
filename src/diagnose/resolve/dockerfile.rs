//! Subjects of what is wrong with the Dockerfile itself.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::instruction::words;
use super::paths::{MARKS, unmerged};

/// The instruction at fault: the excerpt's whole, or its keyword.
pub(super) fn instruction(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // buildah quotes the step it couldn't resolve, not the one it had begun.
    if let Some(word) = draft.captures.get("original").map(str::to_ascii_uppercase) {
        draft.set_subject(word);
        return true;
    }
    if draft.rule == "copy-destination" && super::instruction::no_shell(scene, draft) {
        return true;
    }
    let Some(instruction) = scene.instruction() else { return true };
    let short = draft.rule == "dockerfile-arguments";
    if short && draft.subject().is_some_and(|word| instruction.starts_with(word)) {
        draft.set_subject(instruction);
    } else if draft.subject().is_none() {
        draft.set_subject(instruction.split(' ').next().unwrap_or("Dockerfile"));
    }
    true
}

/// A stage that copies from itself, or starts from itself: the instruction says how.
pub(super) fn circular(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(instruction) = scene.instruction() else { return true };
    draft.captures.set("own", instruction.clone());
    if instruction.to_ascii_uppercase().starts_with("FROM ") {
        draft.cause =
            Some("`{own}` starts it from a stage that, in the end, is made from it.".to_owned());
        draft.fix = Some("Begin the stage with an image, or with another stage; or rename it, if it is called like the image that is meant.".to_owned());
    } else {
        draft.cause = Some(
            "`{own}` takes from the stage that it stands in (or from one that is made from it)."
                .to_owned(),
        );
        draft.fix = Some("Name the stage where the files are made in `--from`; a plain COPY is enough for files of the project, and a RUN (`cp`) for files of the same stage.".to_owned());
    }
    true
}

/// The `-f` file of a docker build command.
pub(super) fn command_file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let command = scene.command.map(|c| c.text.to_string()).unwrap_or_default();
    let mut all = words(&command);
    let mut file = None;
    while let Some(word) = all.next() {
        if word == "-f" || word == "--file" {
            file = all.next();
        } else if let Some(path) = word.strip_prefix("--file=") {
            file = Some(path);
        }
    }
    match file.filter(|f| !f.contains('$')) {
        Some(file) => draft.set_subject(file),
        None => {
            if let Some(path) = draft.subject() {
                let path = scene.project_path(path);
                let path = if path.starts_with("/codebuild/")
                    || path.starts_with("/var/lib/")
                    || path.starts_with("/tmp/")
                {
                    path.rsplit('/').next().unwrap_or("Dockerfile").to_owned()
                } else {
                    path
                };
                draft.set_subject(path);
            }
        }
    }
    true
}

/// The flag at fault, where the builder lists the ones it knows instead.
pub(super) fn flag(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return meant(scene, draft);
    }
    let instruction = scene.instruction().unwrap_or_default();
    let unknown = words(&instruction)
        .filter(|word| word.starts_with("--"))
        .map(|word| word.split('=').next().unwrap_or(word))
        .find(|flag| !draft.text.split(' ').any(|known| known.split('=').next() == Some(flag)));
    match unknown.map(str::to_owned) {
        Some(flag) => draft.set_subject(flag),
        None => draft.set_subject(instruction.split(' ').next().unwrap_or("Dockerfile")),
    }
    true
}

/// What the builder offers for a word that it doesn't know.
pub(super) fn meant(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some_and(|word| MARKS.iter().any(|mark| word.starts_with(mark))) {
        unmerged(draft);
        draft.title = "The Dockerfile holds the marks of an unresolved merge: {subject}".to_owned();
        return true;
    }
    let Some(meant) = draft.captures.get("meant").map(str::to_owned) else { return true };
    // The builder leaves the dashes of a flag out.
    let flag = draft.subject().is_some_and(|word| word.starts_with("--"));
    if flag && !meant.starts_with("--") {
        draft.captures.set("meant", format!("--{meant}"));
    }
    draft.fix = Some(if draft.rule == "dockerfile-instruction" {
        "Write `{meant}`; or, if the line belongs to the one before, end that one with ` \\`."
            .to_owned()
    } else {
        "Write `{meant}` in place of `{subject}`.".to_owned()
    });
    true
}
