//! Base images for another processor than the build's.

use super::{Problem, Severity, Subject};

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let arch = subject.project.arch();
    let Some(file) = &subject.dockerfile else { return };
    for stage in file.stages.iter().filter(|stage| stage.needed) {
        let wrong = match (&stage.platform, &stage.base) {
            (Some(platform), _) if is_other(platform, arch) => format!("--platform={platform}"),
            (None, Some(base)) if arch == "arm64" && is_x86(base) => base.clone(),
            _ => continue,
        };
        // A stage in which nothing runs can be made of another processor's files.
        let (severity, effect) = if stage.runs {
            (Severity::Error, "the first RUN fails with an exec format error")
        } else {
            (Severity::Warning, "the image will not start")
        };
        let message = format!("{wrong} is not for {arch}, which the build is for: {effect}");
        let problem = Problem::new("wrong-platform", severity, message);
        problems.push(problem.at(subject.dockerfile_path(), stage.line));
    }
}

fn is_other(platform: &str, arch: &str) -> bool {
    let named = platform.split('/').nth(1).unwrap_or(platform);
    let named = match named {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        named => named,
    };
    !named.is_empty() && named != arch
}

/// Whether the name itself says that an image is for x86 only.
fn is_x86(image: &str) -> bool {
    let (name, tag) = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, ""),
    };
    let tag = tag.split('@').next().unwrap_or_default();
    let marked = |text: &str| {
        ["amd64", "x86_64", "x86-64"].iter().any(|mark| {
            text.find(mark).is_some_and(|at| {
                let after = text.get(at + mark.len()..).and_then(|rest| rest.chars().next());
                after.is_none_or(|c| !c.is_ascii_alphanumeric())
            })
        })
    };
    let parts: Vec<&str> = name.split('/').collect();
    let owner = parts.len().checked_sub(2).and_then(|i| parts.get(i));
    owner.is_some_and(|owner| matches!(*owner, "amd64" | "i386"))
        || marked(tag)
        || parts.last().is_some_and(|last| marked(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_processor() {
        for image in [
            "amd64/python:3.12",
            "docker.io/amd64/x",
            "a/b:1.2-amd64",
            "quay.io/pypa/manylinux_2_28_x86_64",
        ] {
            assert!(is_x86(image), "{image}");
        }
        for image in
            ["python:3.12", "dailyco/pipecat-base:latest", "localhost:5000/x", "arm64v8/python"]
        {
            assert!(!is_x86(image), "{image}");
        }
        assert!(is_other("linux/amd64", "arm64") && !is_other("linux/arm64/v8", "arm64"));
        assert!(!is_other("linux/amd64", "amd64"));
    }
}
