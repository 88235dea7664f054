//! Libraries that the dynamic loader refuses.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// Packages that are released together with torch, and hold its symbols.
const OF_TORCH: [&str; 4] = ["torchaudio", "torchvision", "torchtext", "flash_attn"];

/// What couldn't be loaded, by which program or package, and what goes together.
pub(super) fn loaded(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let raised = ["ImportError: ", "OSError: "].iter().any(|name| draft.text.contains(name));
    if raised {
        if !super::python::exception(scene, draft) {
            return false;
        }
        if draft.category == "script-failed" {
            draft.category = "python-runtime-error".to_owned();
        }
    }
    let path = draft.captures.get("path").unwrap_or("").to_owned();
    let by = draft.captures.get("by").map(str::to_owned);
    let who = by.as_deref().unwrap_or(&path);
    let package = of_package(who);
    let name = who.rsplit('/').next().unwrap_or(who).to_owned();
    let who = match package {
        Some(package) => format!("{package} ({name})"),
        None => name,
    };
    if !who.is_empty() {
        draft.captures.set("who", who);
    }
    if !path.is_empty() {
        let library = path.rsplit('/').next().unwrap_or(&path).to_owned();
        draft.captures.set("library", library);
    }
    match draft.rule.as_str() {
        "symbol-version" => version(&path, draft),
        "symbol-missing" if package.is_some_and(|name| OF_TORCH.contains(&name)) => {
            draft.captures.set("package", package.unwrap_or("torch"));
            draft.cause = Some(
                "{package} is compiled for one release of torch, and another one is installed."
                    .to_owned(),
            );
            draft.fix = Some("Require the release of {package} that belongs to the installed torch (both from the same index), and lock them together.".to_owned());
        }
        _ => {}
    }
    true
}

/// Which distributions have which version.
fn version(path: &str, draft: &mut Draft) {
    let wanted = draft.subject().unwrap_or("");
    if path.contains("conda") {
        draft.cause = Some("The environment of conda brings an older libstdc++ than what is loaded with it was built for.".to_owned());
        draft.fix = Some(
            "Update it (`conda install -c conda-forge \"libstdcxx-ng>=13\"`), or install all of it from one source, conda or pip."
                .to_owned(),
        );
    } else if wanted.starts_with("GLIBC_") {
        draft.cause = Some("It was built on a newer distribution than the image's: the C library can't be replaced, it comes with the release (Debian 11 has 2.31, 12 has 2.36, 13 has 2.41; Ubuntu 22.04 has 2.35, 24.04 has 2.39).".to_owned());
        draft.fix = Some("Use a base image of a release that has it; or a build of the program for an older one, or compile it in the image. A builder stage and the last one should be of the same release.".to_owned());
    } else if wanted.starts_with("GLIBCXX_") || wanted.starts_with("CXXABI_") {
        draft.cause = Some("It was compiled with a newer gcc than the image's libstdc++6 belongs to (Debian 12 has that of gcc 12, up to GLIBCXX_3.4.30; 13 that of gcc 14, up to 3.4.33).".to_owned());
        draft.fix = Some("Use a base image of a newer release; or a build that was made for an older one, or compile it in the image.".to_owned());
    }
}

/// The package that a path in site-packages belongs to.
fn of_package(path: &str) -> Option<&str> {
    let (_, tail) = path.rsplit_once("site-packages/")?;
    let (name, _) = tail.split_once('/')?;
    Some(name.trim_end_matches(".libs"))
}
