//! Paths and addresses, trimmed to how the project names them.

use super::super::draft::Draft;
use super::super::scene::{Scene, in_source};
use super::instruction::words;

/// The host of a URL (with its port unless it is the scheme's own).
pub(super) fn url_host(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(host) = draft.subject().map(host_of) {
        match draft.captures.get("port").filter(|p| !matches!(*p, "80" | "443")) {
            Some(port) if !host.contains(':') => {
                let text = format!("{host}:{port}");
                draft.set_subject(text);
            }
            _ => draft.set_subject(host),
        }
    }
    true
}

/// Scheme, credentials and path taken off.
pub(in crate::diagnose) fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let rest = rest.strip_suffix(":443").or_else(|| rest.strip_suffix(":80")).unwrap_or(rest);
    rest.trim_matches(|c: char| "'\"`.,".contains(c)).to_owned()
}

/// A file path as the project names it.
pub(super) fn file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(path) = draft.subject() {
        let path = scene.project_path(path);
        draft.set_subject(path);
    }
    true
}

/// What git leaves in a file that it couldn't merge.
pub(super) const MARKS: [&str; 3] = ["<<<<<<<", "=======", ">>>>>>>"];

/// A file that can't be read, because git's marks are in it.
pub(super) fn conflict_marks(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    file(scene, draft);
    let near = scene.after(draft.line, 8).into_iter().chain(scene.before(draft.line, 8));
    let shown = near.into_iter().find(|(_, text)| {
        // `10 | <<<<<<< HEAD`
        let code = text.split_once(" | ").map(|(_, code)| code.trim_start());
        code.is_some_and(|code| MARKS.iter().any(|mark| code.starts_with(mark)))
    });
    if let Some((line, _)) = shown {
        draft.evidence.push(line);
        unmerged(draft);
    }
    true
}

/// Says that a merge was left unfinished.
pub(super) fn unmerged(draft: &mut Draft) {
    draft.title = "{subject} holds the marks of an unresolved merge".to_owned();
    draft.cause = Some("git couldn't merge two versions of it, wrote both into the file between `<<<<<<<` and `>>>>>>>`, and it was committed or uploaded so.".to_owned());
    draft.fix = Some("Choose between the two versions, take the marks out, and search the other files for `<<<<<<<` as well (a lock file is best made anew).".to_owned());
}

/// A path that isn't there, as the command names it or as the project does.
pub(super) fn missing_path(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(path) = draft.subject().map(str::to_owned) else { return true };
    if draft.text.contains("cannot open shared object") {
        return false;
    }
    // An archive that the pipeline itself unpacks is no file of the image.
    if draft.rule == "archive-missing" && scene.step.is_none() && scene.build.is_none() {
        return false;
    }
    if path.starts_with("/run/secrets/") {
        draft.title = "The build secret {subject} wasn't given".to_owned();
        draft.cause = Some("The step reads a secret mount, and the build command passes no such secret (without `required=true` the file is then just missing).".to_owned());
        draft.fix = Some("Cloud builds pass no secrets: vendor what the secret is for (a wheel, a model) into the context, or fetch it when the agent starts, with a secret set.".to_owned());
    }
    // A shell that is told to run what isn't there says so and gives 127.
    let runs = draft.text.contains(&format!(": {path}: No such file"));
    if runs && scene.exit_code() == Some(127) {
        draft.category = "command-not-found".to_owned();
    }
    let shell = scene.shell().unwrap_or_default();
    if !words(&shell).any(|word| word == path) {
        draft.set_subject(scene.project_path(&path));
    }
    true
}

/// A file of the project that the pipeline's command names.
pub(super) fn source_file(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(path) = draft.subject().map(|path| in_source(path).to_owned()) {
        draft.set_subject(path);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn hosts() {
        assert_eq!(host_of("https://user:pw@pypi.example:8443/simple/x"), "pypi.example:8443");
        assert_eq!(host_of("https://pypi.example:443/"), "pypi.example");
        assert_eq!(host_of("git.example"), "git.example");
    }
}
