//! Requirements that are fetched from a git repository.

use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// The requirement whose git source failed; the URL or host otherwise.
pub(in super::super) fn source(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if scene.step.is_none() && scene.build.is_none() && draft.rule == "git-auth" {
        draft.title =
            "The build service may not read the repository {subject|of the project}".to_owned();
        draft.cause = Some("It fetches the project's own repository before the build, and was refused: its access was withdrawn, or the repository was renamed, moved or deleted.".to_owned());
        draft.fix = Some("Connect the repository again (the GitHub app needs access to it), check its name, and deploy again.".to_owned());
    }
    // git names the host alone; the command has the whole address.
    if let Some(host) = draft.subject().map(str::to_owned) {
        let near = scene.after(draft.line, 4).into_iter().map(|(_, text)| text);
        let texts: Vec<String> = scene.shell().into_iter().chain(near).collect();
        let address = texts
            .iter()
            .flat_map(|text| text.split([' ', '\'', '"', ';']))
            .find(|word| word.starts_with(&host) && word.len() > host.len() + 1)
            .map(str::to_owned);
        if let Some(address) = address.filter(|_| draft.rule == "git-auth") {
            draft.captures.set("address", address);
            draft.title =
                "git may not read {address}: {subject} wants credentials for it".to_owned();
        }
    }
    for (line, text) in scene.before(draft.line, 12) {
        let text = text.trim();
        if let Some(tail) = text.strip_prefix("Collecting ") {
            let name = tail.split(" (from").next().unwrap_or(tail);
            let name = name.split_once(" @ ").map_or(name, |(_, url)| url);
            if name.contains("git+") {
                draft.set_subject(name);
                draft.evidence.push(line);
                return true;
            }
        }
    }
    if draft.subject().is_none() {
        let mut texts: Vec<String> = vec![draft.text.clone()];
        texts.extend(scene.before(draft.line, 6).into_iter().map(|(_, t)| t));
        texts.extend(scene.shell());
        let url = texts.iter().find_map(|t| {
            t.split([' ', '\'', '`', '"'])
                .find(|w| w.contains("://") || w.starts_with("git@"))
                .map(str::to_owned)
        });
        if let Some(url) = url {
            draft.set_subject(url);
        }
    }
    true
}

/// A host whose key ssh doesn't know: it stands in the repository's address.
pub(in super::super) fn host_key(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.captures.get("host").is_none() {
        let mut texts: Vec<String> =
            scene.before(draft.line, 12).into_iter().map(|(_, text)| text).collect();
        texts.extend(scene.shell());
        let host = texts.iter().find_map(|text| {
            let (_, tail) = text
                .split_once("ssh://")
                .or_else(|| text.find("git@").map(|at| text.split_at(at)))?;
            let tail = tail.split_whitespace().next()?;
            let host = tail.split_once('@').map_or(tail, |(_, host)| host);
            let host = host.split(['/', ':', '\'', '"', '`']).next()?;
            host.contains('.').then(|| host.to_owned())
        });
        if let Some(host) = host {
            draft.captures.set("host", host);
        }
    }
    source(scene, draft);
    if draft.subject().is_none()
        && let Some(host) = draft.captures.get("host").map(str::to_owned)
    {
        draft.set_found(&host);
    }
    true
}
