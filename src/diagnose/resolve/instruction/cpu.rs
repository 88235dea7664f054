//! Programs and images for another CPU.

use super::super::{base, uv};
use super::words;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// What couldn't be executed: the platform where the build names it.
pub(in super::super) fn exec_format(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = draft
        .subject()
        .is_none_or(|s| matches!(s, "/bin/sh" | "/bin/bash" | "/bin/ash" | "sh" | "bash"));
    if shell && let Some(platform) = scene.the_step().and_then(|s| s.platform()) {
        draft.set_subject(platform.rsplit("->").next().unwrap_or(platform));
    }
    if shell {
        foreign_base(scene, draft);
    } else if let Some(word) = scene.shell().as_deref().and_then(of_another_cpu) {
        draft.captures.set("word", word);
        draft.cause = Some(
            "`{word}` of the command is the build for x86-64, and agents run on arm64.".to_owned(),
        );
        draft.fix = Some("Download the one for arm64 (`arm64` or `aarch64` in its name); `ARG TARGETARCH` gives `$TARGETARCH`, which is arm64 here.".to_owned());
    }
    // A Python of an environment that came with the project.
    if draft.subject().is_some_and(|path| path.contains("venv/bin/")) {
        uv::venv_words(scene, draft);
    }
    true
}

/// The word of a command that names another CPU than agents have.
fn of_another_cpu(shell: &str) -> Option<String> {
    let named = |word: &&str| {
        ["amd64", "x86_64", "x86-64", "x64"].iter().any(|cpu| {
            word.to_ascii_lowercase().split(|c: char| "-_./=".contains(c)).any(|part| part == *cpu)
        }) || word.contains("x86_64")
    };
    let word = words(shell).find(named)?;
    Some(word.rsplit('/').next().filter(|last| named(last)).unwrap_or(word).to_owned())
}

/// Not even the shell runs: the whole base image is for another CPU.
fn foreign_base(scene: &Scene<'_>, draft: &mut Draft) {
    let Some(step) = scene.the_step() else { return };
    // BuildKit names the platform only where it differs from the target's; the
    // Dockerfile's excerpt and the builder's own warning may tell it.
    if let Some(platform) = asked_platform(scene) {
        draft.captures.set("platform", platform);
        draft.title = "FROM asks for {platform}, and the builder has another CPU: not even {subject|the shell} can run (exec format error)".to_owned();
        draft.cause = Some("`FROM --platform={platform}` takes the image of another CPU than the builder's, and nothing emulates it here.".to_owned());
        draft.fix = Some("Drop `--platform={platform}` from FROM: cloud builds and agents are arm64, and the image has to be, too.".to_owned());
        return;
    }
    draft.title = match step.platform() {
        Some(_) => "The base image is for {subject}, and the builder has another CPU",
        None => "The base image is built for another CPU ({subject|its shell} can't run)",
    }
    .to_owned();
    let (cause, fix) = if base::on_pipecat_base(scene.tree, step.build()) {
        (
            "dailyco/pipecat-base is published for arm64 only, and this builder has another CPU.",
            "Build in the cloud, on an arm64 machine, or with emulation (`docker run --privileged --rm tonistiigi/binfmt --install arm64`, then `--platform linux/arm64`).",
        )
    } else if step.platform().is_none_or(|platform| platform.contains("amd64")) {
        (
            "FROM asks for another platform, or its image has no variant for the builder's CPU.",
            "Cloud builds run on arm64: use an image (or tag) that has linux/arm64, and drop `--platform` from FROM.",
        )
    } else {
        (
            "The step runs that platform's programs, and nothing emulates its CPU here.",
            "Build on a machine of that platform (cloud builds run on arm64), or with emulation (`docker run --privileged --rm tonistiigi/binfmt --install all`).",
        )
    };
    draft.cause = Some(cause.to_owned());
    draft.fix = Some(fix.to_owned());
}

/// The constant platform that a FROM of the build asks for, where the log tells it.
fn asked_platform(scene: &Scene<'_>) -> Option<String> {
    let excerpts = scene.build?.excerpts.iter().flat_map(|excerpt| &excerpt.lines);
    let asked = excerpts.into_iter().rev().find_map(|line| {
        let text = line.text.trim_start();
        let tail = text.strip_prefix("FROM ").or_else(|| text.strip_prefix("from "))?;
        let platform = tail.trim_start().strip_prefix("--platform=")?.split_whitespace().next()?;
        Some(platform.to_owned())
    });
    let warned = || {
        (0..scene.lines.len()).rev().take(200).find_map(|number| {
            let text = scene.lines.text(crate::domain::LineNo::new(number))?;
            let (_, tail) =
                text.split_once("FROM --platform flag should not use constant value \"")?;
            Some(tail.split('"').next()?.to_owned())
        })
    };
    asked.or_else(warned).filter(|platform| !platform.contains('$'))
}
