//! Compilers, linkers and CMake, in the project's own build and in a package's.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::pip::build::{block, quoted};
use super::pip::header::{dev_package, install};
use super::pip::package::name_package;

/// Beginnings of options that choose instructions of x86 CPUs.
const X86: [&str; 17] = [
    "-msse",
    "-mssse",
    "-mavx",
    "-mmmx",
    "-mfma",
    "-mbmi",
    "-m3dnow",
    "-maes",
    "-mpclmul",
    "-mpopcnt",
    "-mf16c",
    "-mlzcnt",
    "-mrdrnd",
    "-msha",
    "-mno-red-zone",
    "-m32",
    "-m64",
];

/// Values of `-march` and `-mtune` that are x86 CPUs.
const X86_CPUS: [&str; 9] =
    ["x86", "haswell", "skylake", "broadwell", "znver", "nehalem", "sandybridge", "core", "i686"];

/// The crate whose manifest an old cargo can't read, and its version; of a Python package the
/// package is named.
pub(super) fn too_new(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    block(scene, draft);
    let manifest = scene.before(draft.line, 6).into_iter().find_map(|(line, text)| {
        let (_, path) = text.split_once("failed to parse manifest at `")?;
        let directory = path.split_once("/Cargo.toml")?.0.rsplit('/').next()?;
        let (name, version) = directory.rsplit_once('-')?;
        let released = path.contains("/registry/") && version.starts_with(char::is_numeric);
        released.then(|| (line, format!("{name} {version}")))
    });
    if let Some((line, name)) = manifest.filter(|_| draft.category == "app-build") {
        draft.evidence.push(line);
        draft.set_subject(name);
    }
    true
}

/// Options that a compiler doesn't know: all of them, and whether they are
/// another CPU's.
pub(super) fn compiler_flag(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(first) = draft.subject().map(str::to_owned) else { return true };
    let value = draft.captures.get("value").unwrap_or("").to_owned();
    let mut flags = vec![first.trim_end_matches('=').to_owned()];
    for (_, text) in scene.after(draft.line, 12) {
        if !text.contains("error: unrecogni") && !text.contains("error: unknown argument") {
            continue;
        }
        let flag = text.split(['‘', '’', '\'', '"', '`']).find(|part| part.starts_with('-'));
        if let Some(flag) = flag.filter(|flag| !flags.iter().any(|known| known == flag)) {
            flags.push(flag.to_owned());
        }
    }
    let x86 = flags.iter().any(|flag| X86.iter().any(|start| flag.starts_with(start)))
        || X86_CPUS.iter().any(|cpu| value.starts_with(cpu));
    let mut named = flags.join(" ");
    if !value.is_empty() {
        named = format!("{named}={value}");
    }
    draft.captures.set("flags", named);
    block(scene, draft);
    let package = draft.category == "python-package-build";
    if x86 {
        draft.cause = Some(
            "{flags}: that is for x86 CPUs, and agents are built and run on arm64.".to_owned(),
        );
        draft.fix = Some(if package {
            "Require a version of {package|the package} that has a wheel for arm64 (or one that leaves the option out there)."
        } else {
            "Leave the option out on arm64: ask `uname -m` or `$TARGETARCH` in the build files; `-mcpu=native` is what arm64 has for `-march=native`."
        }.to_owned());
    } else if package {
        draft.fix = Some("Require a newer version of {package|the package}, or one that has a wheel for this Python and arm64.".to_owned());
    }
    true
}

/// A library that the linker doesn't find: the package that brings it.
pub(super) fn link_library(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let library = draft.subject().unwrap_or("").to_owned();
    let package = quoted(scene, draft.line, scene.indent(draft.line));
    if let Some(dev) = dev_package(&library) {
        install(dev, draft);
    }
    if package {
        draft.category = "python-package-build".to_owned();
        name_package(scene, draft);
        draft.title =
            "{package|A package} can't be linked: there is no library {subject} (-l{subject})"
                .to_owned();
        draft.fix = Some("Install the -dev package of {subject}{dev| before this step}, or use a version of {package|the package} that has a wheel.".to_owned());
        if draft.captures.get("dev").is_some() {
            draft.fix = Some("Install {dev} before this step, or use a version of {package|the package} that has a wheel.".to_owned());
        }
    }
    true
}

/// The error above `--> src/x.rs:3:1`; warnings have such a line as well.
pub(super) fn rust_source(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let states = |text: &str| {
        let bare = text.trim_start();
        let rest = bare.strip_prefix("error")?;
        let rest = rest.split_once("]").filter(|_| rest.starts_with('[')).map_or(rest, |(_, r)| r);
        rest.strip_prefix(": ").map(str::to_owned)
    };
    let above = scene.before(draft.line, 1).into_iter().next();
    let mut error = above.and_then(|(line, text)| Some((line, states(&text)?)));
    if error.is_none() {
        let after = scene.after(draft.line, 2000);
        for pair in after.windows(2) {
            let [(line, text), (_, place)] = pair else { continue };
            let Some((_, path)) = place.split_once("--> ") else { continue };
            if let Some(why) = states(text) {
                let path = path.split(':').next().unwrap_or(path);
                draft.set_subject(path);
                error = Some((*line, why));
                break;
            }
        }
    }
    let Some((line, why)) = error else { return false };
    draft.line = line;
    draft.captures.set("why", why);
    let file = draft.subject().unwrap_or("").to_owned();
    if quoted(scene, line, scene.indent(line)) {
        draft.category = "python-package-build".to_owned();
        draft.captures.set("file", file);
        if name_package(scene, draft)
            && let Some(package) = draft.captures.get("package").map(str::to_owned)
        {
            draft.set_subject(package);
        }
        draft.title = "{package|A package} doesn't compile with this Rust: {why}".to_owned();
        draft.cause = Some("There is no wheel of it for this Python and CPU, and its source ({file}) doesn't compile with the Rust that builds it: most often it is older, and newer compilers refuse more.".to_owned());
        draft.fix = Some("Require a newer version of {package|the package} that has a wheel for this Python and arm64; else build it with an older Rust (rustup's `--default-toolchain`).".to_owned());
    } else {
        draft.set_subject(scene.project_path(&file));
    }
    true
}

/// The directory between CMake's "The source directory" and "does not contain".
pub(super) fn cmake_directory(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_none() {
        let named = scene.before(draft.line, 6).into_iter().find(|(_, text)| {
            text.starts_with("    ") && text.trim().contains('/') && !text.trim().contains(' ')
        });
        if let Some((line, text)) = named {
            draft.evidence.push(line);
            draft.set_subject(scene.project_path(text.trim()));
        }
    }
    block(scene, draft)
}

/// What CMake looked for: the Debian package that brings it.
pub(super) fn cmake_package(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let name = draft.subject().unwrap_or("").to_ascii_lowercase();
    let dev = dev_package(&name);
    block(scene, draft);
    if let Some(dev) = dev {
        install(dev, draft);
    }
    true
}
