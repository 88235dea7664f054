//! What is wrong only on top of Pipecat's own base image.

use super::super::draft::Draft;
use super::super::scene::Scene;
use crate::parse::Tree;

/// Whether an image is built on Pipecat's base image.
pub(in crate::diagnose) fn on_pipecat_base(tree: &Tree, build: usize) -> bool {
    tree.steps().iter().filter(|step| step.build() == build).any(|step| {
        let label = step.label();
        label.contains("pipecat-base")
            || step.instruction().is_some_and(|text| text.contains("pipecat-base"))
    })
}

/// A new environment or Python is a loss only where the base brought one.
pub(super) fn python(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let replaced = draft.text.contains("Removed virtual environment");
    // Another finding says it then: it isn't the base's that was replaced.
    let before = scene.before(draft.line, 12);
    if before.iter().any(|(_, text)| text.contains("Ignoring existing virtual environment")) {
        return false;
    }
    let build = scene.the_step().map(crate::parse::Step::build);
    replaced || build.is_some_and(|build| on_pipecat_base(scene.tree, build))
}

/// A package is removed only if no other version of it comes in its place.
pub(super) fn removed(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(name) = draft.subject() else { return true };
    let added = format!(" + {name}==");
    let near = scene.before(draft.line, 500).into_iter().chain(scene.after(draft.line, 500));
    !near.into_iter().any(|(_, text)| text.starts_with(&added))
}
