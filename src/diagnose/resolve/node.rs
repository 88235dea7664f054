//! What npm says over several lines.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// `Required: {"node":">=22.5"}` → `node>=22.5`.
pub(super) fn engine(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(want) = draft.captures.get("want") {
        let need = format!("node{want}");
        draft.set_subject(need);
        return true;
    }
    for (line, text) in scene.after(draft.line, 8) {
        let Some((_, rest)) = text.split_once("Required: {") else { continue };
        let Some((rest, _)) = rest.split_once('}') else { continue };
        let need = rest.replace(['"', ' '], "");
        let need =
            need.split(',').find(|n| n.starts_with("node:")).unwrap_or(&need).replacen(':', "", 1);
        draft.set_subject(need);
        draft.evidence.push(line);
        break;
    }
    true
}

/// The package whose peer requirement can't be met.
pub(super) fn peer(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let after = scene.after(draft.line, 30);
    for (line, text) in &after {
        if !text.contains("peer ") {
            continue;
        }
        if let Some((_, from)) = text.rsplit_once(" from ") {
            draft.set_subject(from.trim());
            draft.evidence.push(*line);
            return true;
        }
    }
    if let Some((_, text)) = after.iter().find(|(_, t)| t.contains("While resolving:"))
        && let Some((_, name)) = text.split_once("While resolving:")
    {
        draft.set_subject(name.trim());
    }
    true
}

/// A package's name out of a registry address: `@acme%2fdesign-tokens`.
pub(super) fn scope(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_none() {
        let found = scene.after(draft.line, 6).into_iter().find_map(|(line, text)| {
            let at = text.find("https://").or_else(|| text.find("http://"))?;
            let url = text.get(at..)?.split_whitespace().next()?.to_owned();
            Some((line, url))
        });
        if let Some((line, url)) = found {
            draft.evidence.push(line);
            draft.set_subject(url);
        }
    }
    let Some(url) = draft.subject() else { return true };
    let path = url.split_once("://").map_or(url, |(_, r)| r);
    let path =
        path.split_once('/').map_or(path, |(_, p)| p).replace("%2f", "/").replace("%2F", "/");
    let name = match path.find('@') {
        Some(at) => {
            let tail = path.get(at..).unwrap_or("");
            tail.split('/').take(2).collect::<Vec<_>>().join("/")
        }
        None => {
            path.split("/-/").next().unwrap_or(&path).rsplit('/').next().unwrap_or(&path).to_owned()
        }
    };
    if !name.is_empty() {
        draft.set_subject(name);
    }
    true
}

/// The package whose script failed: `npm error path /app/node_modules/sharp`.
pub(super) fn path(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return true;
    }
    let near = scene.before(draft.line, 40).into_iter().chain(scene.after(draft.line, 12));
    for (line, text) in near {
        let mark = ["npm error path ", "npm ERR! path "];
        let Some(path) = mark.iter().find_map(|m| text.trim().strip_prefix(m)) else { continue };
        let name = path.rsplit_once("node_modules/").map_or(path, |(_, name)| name);
        draft.set_subject(name);
        draft.evidence.push(line);
        break;
    }
    true
}

/// The package of a tarball that failed its check:
/// `npm warn tarball tarball data for left-pad@1.3.0 (sha512-…) seems to be corrupted`.
pub(super) fn tarball(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return true;
    }
    let near = scene.before(draft.line, 20).into_iter().chain(scene.after(draft.line, 8));
    for (line, text) in near {
        let named = text.split_once("tarball data for ").or(text.split_once("extracting "));
        let Some((_, tail)) = named else { continue };
        let name = tail.split([' ', ':']).next().unwrap_or(tail);
        let end =
            name.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(name.len(), |(at, _)| at);
        let version = name.get(end + 1..).unwrap_or("");
        let url = version.contains('/') || version.starts_with("http");
        draft.set_subject(if url { name.get(..end).unwrap_or(name) } else { name });
        draft.evidence.push(line);
        break;
    }
    true
}
