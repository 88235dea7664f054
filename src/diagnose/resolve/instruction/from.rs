//! Images that a FROM or a `--from` names, and stages that are none.

use super::{names_image, origin, words};
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// The image of a FROM as the Dockerfile names it. A `COPY --from=` of what is
/// no stage fails in the same words and is a matter of its own.
pub(in super::super) fn base_image(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // A push or login is refused in the same words.
    if scene.registry_command().is_some() || scene.pushed_to(draft.line).is_some() {
        return false;
    }
    let found = base_named(scene, draft);
    let host =
        draft.subject().and_then(|image| image.split_once('/')).map(|(host, _)| host.to_owned());
    if draft.rule == "base-rate-limit"
        && let Some(host) = host.filter(|host| host.contains('.') && host != "docker.io")
    {
        draft.captures.set("host", host);
        draft.cause = Some(
            "{host} limits how often it may be asked from one address, and builders share theirs."
                .to_owned(),
        );
        draft.fix =
            Some("Try again later, or base on a copy of the image in another registry.".to_owned());
    }
    found
}

/// Names the image.
fn base_named(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(instruction) = scene.instruction() else {
        stage_by_name(scene, draft);
        return true;
    };
    let upper = instruction.to_ascii_uppercase();
    if upper.starts_with("COPY ") || upper.starts_with("RUN ") || upper.starts_with("ADD ") {
        if let Some(from) = origin(&instruction) {
            draft.set_subject(from);
            if !names_image(from) {
                no_such_stage(draft);
            }
        }
        return true;
    }
    if upper.starts_with("FROM ") {
        let image = words(&instruction).skip(1).find(|w| !w.starts_with("--"));
        // A FROM that fails is always shown in the Dockerfile.
        let shown = scene.build.is_none_or(|build| {
            !build.excerpts.is_empty()
                || !build.final_error.as_ref().is_some_and(|e| e.text.contains("failed to resolve"))
        });
        if let Some(name) = image.and_then(|i| i.strip_suffix(":latest")).filter(|_| !shown)
            && !names_image(name)
        {
            draft.set_subject(name);
            no_such_stage(draft);
            return true;
        }
        let label = scene.the_step().map(|step| step.label().into_owned()).unwrap_or_default();
        match image {
            Some(image) if !image.contains('$') => draft.set_subject(image),
            // With the variable filled in, where the builder shows that.
            Some(_) if label.contains("load metadata for ") => stage_by_name(scene, draft),
            Some(image) if draft.subject().is_none() => draft.set_subject(image),
            _ => {}
        }
    } else if let Some(syntax) = instruction.trim_start_matches('#').trim().strip_prefix("syntax=")
    {
        draft.set_subject(syntax.trim());
        if draft.rule == "base-missing" {
            draft.title = "The Dockerfile's syntax image {subject} doesn't exist".to_owned();
            draft.fix =
                Some("Write `# syntax=docker/dockerfile:1`, or leave the line out.".to_owned());
        }
    }
    true
}

/// An image that a registry failed to hand out; ADD downloads and pushes fail
/// in the same words.
pub(in super::super) fn registry(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let pushes = ["failed to push", "PUT request", "POST request", "Put \"", "Post \"", "x509:"];
    if pushes.iter().any(|words| draft.text.contains(words)) {
        return false;
    }
    let label = scene.the_step().map(|step| step.label().into_owned()).unwrap_or_default();
    let instruction = scene.instruction().unwrap_or_default();
    let upper = instruction.to_ascii_uppercase();
    let fetches = upper.starts_with("ADD ") && !upper.contains("--FROM=");
    let runs = upper.starts_with("RUN ") && !upper.contains("FROM=");
    if fetches || runs || label.starts_with("http://") || label.starts_with("https://") {
        return false;
    }
    // The classic builder prints what a RUN prints without any mark.
    base_image(scene, draft)
}

/// An image that no FROM asks for, because it has no excerpt and no place
/// among the steps: what a `--from` names that is no stage.
fn stage_by_name(scene: &Scene<'_>, draft: &mut Draft) {
    let Some(label) = scene.the_step().map(|step| step.label().into_owned()) else { return };
    let asked = label.split_once("load metadata for ").map(|(_, image)| image);
    let image = asked
        .or_else(|| label.strip_prefix("FROM "))
        .or_else(|| label.strip_prefix("docker-image://"))
        .or_else(|| label.split_once("resolve image config for ").map(|(_, image)| image));
    let Some(image) = image else { return };
    // Docker 20.10 shows no excerpt, but asks for metadata for FROM alone.
    let unplaced = scene.build.is_some_and(|build| {
        build.excerpts.is_empty()
            && (asked.is_none()
                || build.final_error.as_ref().is_some_and(|e| e.text.contains("failed to resolve")))
    });
    let name = image.strip_prefix("docker.io/library/").and_then(|n| n.strip_suffix(":latest"));
    match name {
        Some(name) if unplaced && !names_image(name) => {
            draft.set_subject(name);
            no_such_stage(draft);
        }
        _ => {
            let plain = image.strip_prefix("docker.io/library/").unwrap_or(image);
            draft.set_subject(plain.strip_prefix("docker.io/").unwrap_or(plain));
        }
    }
}

/// Says that a stage is misspelt in place of what the registry answered.
fn no_such_stage(draft: &mut Draft) {
    if draft.category != "base-image" {
        return;
    }
    draft.category = "copy-source-missing".to_owned();
    draft.title = "There is no stage named {subject}".to_owned();
    draft.cause = Some(
        "`--from` names no stage of this Dockerfile, so the builder took it for an image and \
         couldn't pull it."
            .to_owned(),
    );
    draft.fix = Some("Write the stage's name as after `AS` in its FROM line.".to_owned());
    draft.retryable = false;
}
