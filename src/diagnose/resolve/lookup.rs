//! What configure, CMake, Meson, linkers and resolvers looked for.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::pip::build::{block, quoted};
use super::pip::header::{dev_package, install};

/// A library or tool of the system: the Debian package that brings it.
pub(super) fn native_package(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let name = draft.subject().unwrap_or("").to_owned();
    if let Some(rest) = draft.captures.get("rest").map(|rest| rest.trim().to_owned())
        && draft.rule == "configure-error"
        && ["the", "a", "any", "one", "your", "required", "suitable"].contains(&name.as_str())
    {
        draft.captures.set("why", format!("{name} {rest}"));
    }
    const TOOLS: [(&str, &str); 9] = [
        ("protoc", "protobuf-compiler"),
        ("libclang", "clang libclang-dev"),
        ("cmake", "cmake build-essential"),
        ("OpenSSL", "libssl-dev pkg-config"),
        ("make", "build-essential"),
        ("pkg-config", "pkg-config"),
        ("Threads", "build-essential"),
        ("PkgConfig", "pkg-config"),
        ("Python3", "python3-dev"),
    ];
    let known = TOOLS.iter().find(|(tool, _)| *tool == name).map(|(_, package)| *package);
    let lower = name.to_ascii_lowercase();
    let dev = known
        .or_else(|| dev_package(&name))
        .or_else(|| dev_package(&lower))
        .or_else(|| dev_package(lower.trim_start_matches("lib")));
    if let Some(dev) = dev {
        install(dev, draft);
    }
    if name.ends_with("-gcc") || name.ends_with("-g++") {
        draft.fix = Some("Install a C compiler before this step (`apt-get install -y --no-install-recommends build-essential`), and leave a `--target` of another CPU out.".to_owned());
    }
    block(scene, draft)
}

/// The variable that CMake couldn't set, in a line of its own.
pub(super) fn cmake_notfound(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let named = scene.after(draft.line, 4).into_iter().find_map(|(line, text)| {
        let name = text.split(" (ADVANCED)").next()?.trim_end();
        let shouted = name.contains('_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        shouted.then(|| (line, name.to_owned()))
    });
    if let Some((line, name)) = named {
        draft.evidence.push(draft.line);
        draft.line = line;
        draft.set_subject(name);
    }
    block(scene, draft)
}

/// A library that the linker skips matters where it finds no other.
pub(super) fn foreign_library(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(library) = draft.captures.get("library").map(str::to_owned) {
        let wanted = format!("cannot find -l{library}");
        let missed = scene.after(draft.line, 40).into_iter().find(|(_, t)| t.contains(&wanted));
        let Some((line, _)) = missed else { return false };
        draft.evidence.push(line);
    }
    // EM_X86_64, EM_386; AArch64's own number is another story.
    if draft.captures.get("machine").is_some_and(|number| number == "183") {
        return false;
    }
    if quoted(scene, draft.line, scene.indent(draft.line)) {
        super::pip::package::name_package(scene, draft);
    }
    true
}

/// The dependency below pdm's complaint about requires-python.
pub(super) fn pdm_range(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let next = scene.after(draft.line, 3).into_iter().find(|(_, text)| !text.trim().is_empty());
    if let Some((line, text)) = next {
        let name: String = text
            .trim()
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
            .collect();
        if !name.is_empty() {
            draft.evidence.push(line);
            draft.set_subject(name);
        }
    }
    true
}

/// What poetry dislikes in pyproject.toml: the item below its headline.
pub(super) fn poetry_invalid(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.text.contains("configuration is invalid") {
        let item = scene.after(draft.line, 4).into_iter().find_map(|(line, text)| {
            let why = text.trim().strip_prefix("- ")?.to_owned();
            Some((line, why))
        });
        if let Some((line, why)) = item {
            draft.evidence.push(line);
            draft.captures.set("why", why);
            draft.title = "poetry refuses {subject|pyproject.toml}: {why}".to_owned();
            draft.cause = Some("pyproject.toml holds what this version of poetry doesn't know, or lacks what it needs.".to_owned());
            draft.fix = Some("Correct it (`poetry check` shows what is wrong), or use the version of poetry that it was written for; a project that is no package says `package-mode = false` under [tool.poetry].".to_owned());
        }
    }
    super::paths::file(scene, draft)
}
