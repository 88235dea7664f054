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
    if matches!(draft.captures.get("status"), Some("404" | "410")) {
        draft.cause = Some("The server answers, but has nothing at that address ({status}): a version or file that doesn't exist, or was moved.".to_owned());
        draft.fix = Some("Look the address up and correct it.".to_owned());
        draft.retryable = false;
    }
    true
}

/// The first web address in a text.
pub(in crate::diagnose) fn url_in(text: &str) -> Option<&str> {
    let at = text.find("https://").or_else(|| text.find("http://"))?;
    text.get(at..)?.split([' ', '\'', '"', '`', ')', '>', ',', ';']).next()
}

/// The repository and the file of an address at a hub of models:
/// `https://host/owner/name/resolve/main/file`.
pub(super) fn hf_file(_: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(url) = draft.captures.get("url").map(str::to_owned) else { return true };
    let path = url.split_once("://").and_then(|(_, tail)| tail.split_once('/'));
    let Some((_, path)) = path else { return true };
    let path = path.trim_end_matches(['.', '/']);
    let (repo, file) = match path.split_once("/resolve/") {
        Some((repo, rest)) => (repo, rest.split_once('/').map_or(rest, |(_, file)| file)),
        None => (path, path),
    };
    draft.captures.set("repo", repo.trim_start_matches("api/models/"));
    draft.set_subject(file);
    true
}

/// The largest thing that the step had downloaded when the disk was full.
pub(super) fn disk(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let sizes = scene.before(draft.line, 600).into_iter().filter_map(|(line, text)| {
        let (name, size) = download(&text)?;
        Some((megabytes(size)?, line, name.to_owned(), size.to_owned()))
    });
    if let Some((size, line, name, words)) = sizes.max_by_key(|(size, ..)| *size)
        && size >= 300
    {
        draft.evidence.push(line);
        draft.captures.set("big", name);
        draft.captures.set("size", words);
        draft.cause = Some("The step writes more than the build machine has room for; the largest of what it downloaded is {big} ({size}), which takes more than that again once it is unpacked.".to_owned());
    }
    if draft.subject().is_none() {
        draft.title = "No space is left on the build machine's disk".to_owned();
    }
    true
}

/// `Downloading torch-2.5.1-….whl (2.4 GB)` of pip, `Downloading torch (797.2MiB)` of uv.
fn download(text: &str) -> Option<(&str, &str)> {
    let tail = text.trim_start().strip_prefix("Downloading ")?;
    let (file, size) = tail.rsplit_once(" (")?;
    let file = file.split(' ').next()?.rsplit('/').next()?;
    let name = if file.ends_with(".whl") { file.split('-').next()? } else { file };
    Some((name, size.trim_end().trim_end_matches(')')))
}

/// `2.4 GB` and `797.2MiB` in megabytes.
fn megabytes(size: &str) -> Option<u64> {
    let end = size.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, unit) = size.split_at(end);
    let number: f64 = number.parse().ok()?;
    let factor = match unit.trim().as_bytes().first()? {
        b'G' => 1000.0,
        b'M' => 1.0,
        _ => return None,
    };
    Some((number * factor) as u64)
}
