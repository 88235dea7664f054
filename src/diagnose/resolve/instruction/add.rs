//! What an ADD downloads.

use super::super::paths;
use super::words;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// The URL of an ADD, or for checksums the file's name in it.
pub(in super::super) fn url(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let instruction = scene.instruction().unwrap_or_default();
    let registry = draft.subject().is_some_and(|url| url.contains("/v2/"));
    if registry || instruction.to_ascii_uppercase().starts_with("FROM ") {
        return false;
    }
    let url = words(&instruction)
        .find(|w| w.starts_with("http://") || w.starts_with("https://") || w.starts_with("git@"))
        .map(str::to_owned)
        .or_else(|| {
            // BuildKit downloads it in a step of its own, named after it.
            let label = scene.the_step()?.label().into_owned();
            Some(label).filter(|l| l.starts_with("http://") || l.starts_with("https://"))
        });
    if let Some(url) = &url {
        let name = url.trim_end_matches('/').rsplit('/').next().unwrap_or(url);
        let text = if draft.category == "integrity" { name } else { url };
        draft.set_subject(text);
    }
    true
}

/// The host that an ADD couldn't reach; registries fail in the same words.
pub(in super::super) fn host(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let instruction = scene.instruction().unwrap_or_default().to_ascii_uppercase();
    let adds = instruction.is_empty() || instruction.starts_with("ADD ");
    let registry =
        draft.subject().is_some_and(|url| url.contains("/v2/") || url.contains("/token?"));
    adds && !registry && paths::url_host(scene, draft)
}
