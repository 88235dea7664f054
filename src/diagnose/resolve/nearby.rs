//! Subjects that stand in a line near the root line.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::paths::host_of;

/// A source file named just before or after (`file: /web/src/main.js:1:9`,
/// eslint's heading, a formatter's list).
pub(super) fn file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_none() {
        let near = scene.before(draft.line, 12).into_iter().chain(scene.after(draft.line, 12));
        let found = near
            .flat_map(|(_, text)| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .find_map(|word| {
                let word = word.trim_matches(|c: char| "\"'`()[],;".contains(c));
                let path = word.split(':').next()?;
                looks_like_source(path).then(|| path.to_owned())
            });
        // A formatter's diff is longer than that.
        let found = found.or_else(|| {
            scene.before(draft.line, 300).into_iter().find_map(|(_, text)| {
                let path = text.strip_prefix("--- ")?.split_whitespace().next()?.to_owned();
                looks_like_source(&path).then_some(path)
            })
        });
        if let Some(path) = found {
            draft.set_subject(path);
        }
    }
    super::paths::file(scene, draft)
}

/// Whether a word names a source file.
pub(super) fn looks_like_source(word: &str) -> bool {
    const ENDS: [&str; 26] = [
        "py", "pyi", "js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "svelte", "css", "scss", "c",
        "cc", "cpp", "cxx", "h", "hpp", "rs", "go", "java", "proto", "json", "toml", "yaml", "yml",
    ];
    word.rsplit_once('.').is_some_and(|(stem, end)| {
        ENDS.contains(&end)
            && !stem.is_empty()
            && !word.contains("://")
            && !word.contains("node_modules")
            && !word.contains("site-packages")
    })
}

/// A host named in the line itself, in the command, or near by.
pub(super) fn host(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return super::paths::url_host(scene, draft);
    }
    let mut texts = vec![draft.text.clone()];
    texts.extend(scene.before(draft.line, 4).into_iter().map(|(_, t)| t));
    texts.extend(scene.shell());
    texts.extend(scene.after(draft.line, 4).into_iter().map(|(_, t)| t));
    if let Some(url) = texts.iter().find_map(|text| url_in(text)) {
        draft.set_subject(host_of(url));
    }
    true
}

/// The address that is downloaded: in the line itself, in the command, near by.
pub(super) fn url(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // Who reads curl's output has gone: that is where the failure is.
    let piped = scene.shell().is_some_and(|shell| shell.contains('|'));
    if piped && draft.text.contains("curl: (23)") {
        return false;
    }
    if draft.subject().is_none() {
        let mut texts = vec![draft.text.clone()];
        texts.extend(scene.shell());
        texts.extend(scene.before(draft.line, 30).into_iter().map(|(_, t)| t));
        if let Some(url) = texts.iter().find_map(|text| url_in(text)) {
            draft.set_subject(url);
        }
    }
    true
}

/// The first web address in a text.
pub(in crate::diagnose) fn url_in(text: &str) -> Option<&str> {
    let at = text.find("https://").or_else(|| text.find("http://"))?;
    text.get(at..)?.split([' ', '\'', '"', '`', ')', '>', ',', ';']).next()
}
