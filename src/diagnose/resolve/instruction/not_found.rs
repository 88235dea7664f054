//! Commands that weren't found.

use super::super::uv;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// A command that wasn't found: `./x` is a file of the project.
pub(in super::super) fn command(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if matches!(scene.exit_code(), Some(0)) {
        return false;
    }
    if let Some(name) = draft.subject().map(str::to_owned) {
        let windows = ["\\r", "^M", "␍"]
            .iter()
            .any(|end| name.trim_end_matches(|c: char| "'\"`‘’“”".contains(c)).ends_with(end));
        if windows {
            let script = script_of(scene, draft);
            draft.captures.set("script", script.as_deref().unwrap_or("A script"));
            draft.title =
                "{script} has Windows line endings (CRLF): there is no {subject} with a CR behind it"
                    .to_owned();
            if name.trim_matches(|c: char| !c.is_ascii_alphanumeric()) == "r" {
                draft.title = "{script} has Windows line endings (CRLF)".to_owned();
            }
            draft.cause = Some(
                "Each line ends in CR LF, and the CR counts as part of the interpreter's name."
                    .to_owned(),
            );
            draft.fix = Some("Save the script with LF line endings (`*.sh text eol=lf` in .gitattributes), or strip them in the image (`sed -i 's/\\r$//'`).".to_owned());
        }
        const OF_BASH: [&str; 8] =
            ["source", "pushd", "popd", "shopt", "[[", "declare", "mapfile", "readarray"];
        if OF_BASH.contains(&name.as_str()) && draft.text.contains("sh: ") {
            draft.title = "`{subject}` is bash's own command, and the step runs in sh".to_owned();
            draft.cause = Some(
                "RUN uses /bin/sh, which is dash in Debian and lacks what bash adds.".to_owned(),
            );
            draft.fix = Some(if name == "source" {
                "Write `.` for `source`, or put `SHELL [\"/bin/bash\", \"-c\"]` above the step. A virtual environment needs neither: call its programs by path, or put its bin directory on PATH with ENV.".to_owned()
            } else {
                "Put `SHELL [\"/bin/bash\", \"-c\"]` above the step (in an image that has bash), or write it for sh.".to_owned()
            });
        }
        let name = name
            .trim_matches(|c: char| "'\"`‘’“”".contains(c))
            .trim_end_matches("\\r")
            .trim_end_matches("^M")
            .trim_end_matches("␍");
        let name = name.strip_prefix("./").unwrap_or(name).to_owned();
        let shells = ["/bin/sh", "/bin/bash", "/bin/ash", "sh", "bash"];
        if shells.contains(&&*name) && draft.text.contains("exec: ") {
            draft.title = "The image has no shell: there is no {subject}".to_owned();
            draft.cause = Some("RUN (and SHELL) start every command with it. Images made of `scratch` and distroless ones have no shell at all, Alpine's have sh and no bash.".to_owned());
            draft.fix = Some("Do the work in an earlier stage of an image with a shell, and copy the result; or name the program itself (`RUN [\"/app/tool\", \"arg\"]`); in Alpine `apk add bash`, or write for sh.".to_owned());
        } else if draft.text.contains("./") || name.contains('/') {
            if !windows {
                draft.title = "{subject} can't be run: it isn't in the image, or what it needs to start isn't".to_owned();
            }
            draft.cause = Some("The file exists but the interpreter that its first line names doesn't (often because of Windows line endings), or the file isn't in the image.".to_owned());
            draft.fix = Some("Save the script with LF line endings (`*.sh text eol=lf` in .gitattributes), check its first line, and that it is copied.".to_owned());
        }
        if name.contains("venv/bin/") {
            uv::venv_words(scene, draft);
        }
        of_another_system(&name, draft);
        // npm prints the script that it runs: `> vite build`.
        let script = scene.before(draft.line, 6).into_iter().any(|(_, text)| {
            text.strip_prefix("> ").is_some_and(|run| run.split(' ').any(|word| word == name))
        });
        if script {
            draft.cause = Some("A script of package.json calls it, and it isn't installed: it is missing in package.json, no `npm ci` ran before, or devDependencies were left out (`--omit=dev`, NODE_ENV=production).".to_owned());
            draft.fix = Some("Install the project's packages before this step, devDependencies too (`npm ci` without `--omit=dev`); drop them after the build (`npm prune --omit=dev`).".to_owned());
        }
        draft.set_subject(name);
    }
    true
}

/// The script that runs: the shell names it before its line, or the command calls it.
pub(in super::super) fn script_of(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    if let Some((script, _)) = draft.text.split_once(": line ")
        && !script.contains(' ')
        && !script.ends_with("/sh")
        && !script.ends_with("/bash")
    {
        return Some(script.to_owned());
    }
    let shell = scene.shell()?;
    let ends = [".sh", ".bash", ".py"];
    let word = super::words(&shell)
        .filter(|word| ends.iter().any(|end| word.ends_with(end)) || word.starts_with("./"))
        .last()?;
    Some(word.trim_start_matches("./").to_owned())
}

/// Commands that an image never has, or that belong to another distribution.
fn of_another_system(name: &str, draft: &mut Draft) {
    let (cause, fix) = match name {
        "sudo" => (
            "Images come without sudo, and RUN is root's anyway unless a USER instruction says otherwise.",
            "Leave `sudo` out; below a USER instruction, put the step above it or `USER root` in front.",
        ),
        "apt-get" | "apt" | "add-apt-repository" => (
            "It is Debian's and Ubuntu's package manager, and this image is another distribution (Alpine has apk, Red Hat's have dnf or microdnf).",
            "Use the image's own package manager (Alpine: `apk add --no-cache`), or a Debian image such as python:3.12-slim.",
        ),
        "apk" => (
            "It is Alpine's package manager, and this image is another distribution.",
            "Write `apt-get update && apt-get install -y --no-install-recommends …` (Debian, Ubuntu), with Debian's names of the packages.",
        ),
        "yum" | "dnf" | "microdnf" => (
            "It is the package manager of Red Hat's distributions, and this image is another one.",
            "Write `apt-get update && apt-get install -y --no-install-recommends …` (Debian, Ubuntu) or `apk add` (Alpine), with that distribution's names of the packages.",
        ),
        _ => return,
    };
    draft.cause = Some(cause.to_owned());
    draft.fix = Some(fix.to_owned());
}
