//! Packages that were compiled for another NumPy.

use super::super::super::draft::Draft;
use super::super::super::scene::Scene;
use super::{exception_name, looks_like_exception};

/// The package whose compiled part was built for another NumPy.
pub(in super::super) fn abi(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // Some imports only warn, and go on.
    let warns = !looks_like_exception(draft.text.trim()) || draft.text.contains("_ARRAY_API");
    let package = package(scene, draft);
    if warns && !ends_with_it(scene, package.as_deref()) {
        return false;
    }
    if draft.text.contains("NumPy 1.x") || draft.text.contains("_ARRAY_API") {
        let have = std::iter::once(draft.text.clone())
            .chain(scene.after(draft.line, 2).into_iter().map(|(_, text)| text))
            .find_map(|text| version(&text));
        draft.captures.set("have", have.unwrap_or_else(|| "2".to_owned()));
        draft.title = "{subject} was built for NumPy 1, and NumPy {have} is installed".to_owned();
        draft.cause = Some("What was compiled for NumPy 1 can't run with NumPy 2, and nothing in the requirements keeps NumPy 2 out.".to_owned());
        draft.fix = Some("Hold NumPy back (`numpy<2` in the requirements), or require a newer version of {subject}, which is built for NumPy 2.".to_owned());
    }
    draft.set_subject(package.unwrap_or_else(|| "numpy".to_owned()));
    true
}

/// The package of the frames around the line, NumPy itself left out.
fn package(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    let near = scene.before(draft.line, 120).into_iter().chain(scene.after(draft.line, 60));
    near.into_iter().find_map(|(_, text)| {
        let (_, path) = text.split_once("File \"")?;
        let (_, inside) = path.split('"').next()?.split_once("-packages/")?;
        let name = inside.split('/').next()?.trim_end_matches(".py");
        (name != "numpy" && name != "pip").then(|| name.to_owned())
    })
}

/// Whether the step ended with an exception that such a package leads to.
fn ends_with_it(scene: &Scene<'_>, package: Option<&str>) -> bool {
    let last = scene.last(200);
    let Some((line, text)) = last.iter().find(|(_, text)| looks_like_exception(text.trim_end()))
    else {
        return false;
    };
    let lower = text.to_ascii_lowercase();
    if lower.contains("numpy") || text.contains("_ARRAY_API") {
        return true;
    }
    let import = matches!(exception_name(text), "ImportError" | "AttributeError" | "SystemError");
    let inside = package.is_some_and(|package| {
        let part = format!("-packages/{package}/");
        scene.before(*line, 8).iter().any(|(_, text)| text.contains(&part))
    });
    import && inside
}

/// The version in `NumPy 2.1.3 as it may crash`.
fn version(text: &str) -> Option<String> {
    text.split("NumPy ").skip(1).find_map(|tail| {
        let word = tail.split(' ').next()?;
        let exact = word.starts_with("2.") && word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        (exact && tail.contains("as it may crash")).then(|| word.to_owned())
    })
}
