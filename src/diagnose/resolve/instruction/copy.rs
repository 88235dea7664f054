//! What a COPY asks for, and why it isn't there.

use super::super::upload::left_out;
use super::{names_image, origin, sources, words};
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// A `--from` that is no stage: with a tag or a path it names an image.
pub(in super::super) fn from(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some_and(names_image) {
        draft.category = "base-image".to_owned();
        draft.title = "The image {subject} that `--from` names can't be had".to_owned();
        draft.cause =
            Some("The registry has no such repository or tag, or refuses to show it.".to_owned());
        draft.fix = Some("Look the name and the tag up at the registry.".to_owned());
    }
    true
}

/// The missing source of a COPY or ADD, relative to the context.
pub(in super::super) fn source(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if super::no_shell(scene, draft) {
        return true;
    }
    let instruction = scene.instruction().unwrap_or_default();
    let Some(path) = draft.subject() else {
        // "no source files were specified": only a pattern can match nothing.
        let sources = sources(&instruction);
        let source = sources.iter().find(|s| s.contains(['*', '?', '['])).or(sources.first());
        if let Some(source) = source {
            draft.set_subject(source.trim_start_matches("./"));
        }
        return true;
    };
    let mut path = path.trim_matches('"').to_owned();
    for mark in ["/buildkit-mount", "/docker-builder", "/docker-import-"] {
        if let Some((_, tail)) = path.split_once(mark) {
            path = tail.split_once('/').map_or("", |(_, rest)| rest).to_owned();
        }
    }
    let path = path.trim_start_matches("./").trim_start_matches('/').to_owned();
    // What lies in another stage or image is named by its absolute path.
    let all = sources(&instruction);
    let whole = words(&instruction).any(|w| w.starts_with("--from="))
        && all.iter().any(|w| w.starts_with('/') && w.trim_start_matches('/') == path);
    // buildah names the file where it would lie in the context's directory.
    let named = all
        .iter()
        .map(|source| source.trim_start_matches("./").trim_start_matches('/').to_owned())
        .find(|source| path.strip_suffix(source.as_str()).is_some_and(|dir| dir.ends_with('/')));
    if !path.is_empty() {
        draft.set_subject(match named {
            Some(source) if !whole => source,
            _ if whole => format!("/{path}"),
            _ => path,
        });
    }
    if draft.rule.starts_with("copy-missing") {
        not_uploaded(&instruction, draft);
        ignored_by_line(scene, draft);
    }
    true
}

/// BuildKit warns of a source that a line of .dockerignore excludes.
fn ignored_by_line(scene: &Scene<'_>, draft: &mut Draft) {
    const WORDS: &str = "that is excluded by .dockerignore";
    let Some(path) = draft.subject().map(str::to_owned) else { return };
    let warnings = scene.tree.steps().iter().flat_map(|step| step.warnings());
    let Some(warning) = warnings.filter(|warning| warning.text.contains(WORDS)).find(|warning| {
        let named = warning.text.split('"').nth(1).unwrap_or("");
        named.trim_start_matches("./").trim_matches('/') == path.trim_matches('/')
    }) else {
        return;
    };
    draft.evidence.push(warning.line);
    draft.cause = Some("A line of .dockerignore excludes it, as the builder warns.".to_owned());
    draft.fix = Some(
        "Take the pattern that matches {subject} out of .dockerignore (or narrow it).".to_owned(),
    );
}

/// Says what the instruction itself shows of why its source isn't there.
fn not_uploaded(instruction: &str, draft: &mut Draft) {
    let Some(subject) = draft.subject().map(str::to_owned) else { return };
    let from = origin(instruction);
    let all = sources(instruction);
    let out = |source: &&String| source.starts_with("../") || source.contains("/../");
    if let Some(from) = from {
        let kind = if names_image(from) { "image" } else { "stage" };
        draft.captures.set("from", format!("{kind} {from}"));
        draft.title = "The {from} has no `{subject}`".to_owned();
        draft.cause = Some(
            "`{instruction|The instruction}` copies from there, and nothing made that path in it."
                .to_owned(),
        );
        draft.fix = Some(if kind == "image" {
            "Look up where that image has it (uv's image: /uv and /uvx), and correct the path."
                .to_owned()
        } else {
            "Correct the path: it is where WORKDIR and the commands over there put it (uv makes `.venv` in the working directory).".to_owned()
        });
    } else if subject.starts_with('#') || all.iter().any(|source| source.starts_with('#')) {
        draft.title = "`#` behind an instruction begins no comment".to_owned();
        draft.cause = Some("`{instruction|The instruction}` takes `#` and every word behind it for a file to copy.".to_owned());
        draft.fix = Some("Put the comment on a line of its own.".to_owned());
    } else if let Some(source) = all.iter().find(out) {
        draft.captures.set("source", source.clone());
        draft.title = "`{source}` lies outside the build context".to_owned();
        draft.cause = Some(
            "Only the context directory is uploaded, and `..` leads nowhere above it.".to_owned(),
        );
        draft.fix = Some("Move it into the project; or deploy from the directory above (`context_dir` and `dockerfile` under [build] in pcc-deploy.toml) and write all paths from there.".to_owned());
    } else {
        left_out(&subject, draft);
    }
}
