//! Builds of packages that failed, and what is quoted of their output.

use super::super::python::{indent_of, looks_like_exception};
use super::advice::advise;
use super::package::name_package;
use crate::diagnose::draft::Draft;
use crate::diagnose::fallback::looks_like_error;
use crate::diagnose::scene::Scene;
use crate::domain::LineNo;

/// Anything inside the build of a package: names the package as evidence.
/// What a compiler or CMake says there is that build's failure.
pub(in super::super) fn block(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let indent = scene.indent(draft.line);
    if draft.category == "app-build" && quoted(scene, draft.line, indent) {
        draft.category = "python-package-build".to_owned();
        if draft.rule == "rust-linker" {
            draft.title = "{package|A package} must be compiled, and the image has no C compiler: Rust links with {subject}".to_owned();
            draft.cause = Some("There is no wheel of it for this Python and CPU, so its Rust source is built, and rustc leaves the linking to {subject}, which slim images come without.".to_owned());
            draft.fix = Some("Prefer a newer version of {package|it} that has a wheel for this Python and arm64; else install the linker first: `apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev`.".to_owned());
        }
    }
    if draft.rule == "compiler-missing" {
        tools(draft);
    }
    let named = name_package(scene, draft);
    advise(draft);
    // Without pip or uv around, it is the project's own compilation.
    if draft.rule == "compiler-missing"
        && !named
        && !quoted(scene, draft.line, indent)
        && !super::header::pip_around(scene)
        && let Some(tool) = draft.captures.get("tool")
    {
        draft.title = format!("The project's code must be compiled, and the image has no {tool}");
        draft.category = "app-build".to_owned();
        draft.cause = Some("Slim images come without compilers.".to_owned());
        draft.fix = Some("Install it before this step: `apt-get update && apt-get install -y --no-install-recommends {tools|build-essential}`.".to_owned());
    }
    true
}

/// Names what compiles in plain words, and the Debian packages that bring it.
fn tools(draft: &mut Draft) {
    let text = draft.text.clone();
    let subject = draft.subject().unwrap_or("").to_owned();
    let rust = ["Rust", "Cargo", "cargo", "rustc"].iter().any(|word| text.contains(word));
    let (tool, packages) = match subject.as_str() {
        _ if rust => ("Rust compiler", "rustc cargo gcc libc6-dev"),
        "CMAKE_CXX_COMPILER" | "C++" | "CXX" => ("C++ compiler", "build-essential"),
        "CMAKE_C_COMPILER" | "C" | "CC" => ("C compiler", "build-essential"),
        "CMAKE_Fortran_COMPILER" | "Fortran" | "gfortran" => {
            ("Fortran compiler", "gfortran build-essential")
        }
        "cmake" | "CMake" => ("cmake", "cmake build-essential"),
        "ninja" => ("ninja", "ninja-build build-essential"),
        "meson" | "swig" | "bison" | "flex" | "patchelf" => {
            draft.captures.set("tools", format!("{subject} build-essential"));
            (subject.as_str(), "")
        }
        "autoreconf" => ("autoreconf", "autoconf automake libtool build-essential"),
        _ => return,
    };
    draft.captures.set("tool", tool);
    if !packages.is_empty() {
        draft.captures.set("tools", packages);
    }
    if subject.is_empty() {
        draft.set_subject("Rust");
    }
    draft.title = "{package|A package} must be compiled, and the image has no {tool}".to_owned();
    draft.fix = Some("Prefer a newer version of {package|it} that has a wheel for this Python and arm64; else install the tools first: `apt-get update && apt-get install -y --no-install-recommends {tools}`.".to_owned());
}

/// A build that failed in words of its own: the last line of its output that
/// states an error.
pub(in super::super) fn inner_error(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    const STARTS: [&str; 6] = ["error:", "ERROR:", "Error:", "fatal:", "CMake Error", "💥 "];
    let (mut states, mut looks) = (None, None);
    for (line, text) in scene.after(draft.line, 400) {
        let bare = text.trim();
        if bare == "[end of output]" || bare == RULE || bare.starts_with("hint: ") {
            break;
        }
        if indent_of(&text) < 4 || bare.starts_with("note: ") {
            continue;
        }
        if STARTS.iter().any(|start| bare.starts_with(start))
            || looks_like_exception(bare) && bare.contains("Error")
        {
            states = Some((line, bare.to_owned()));
        } else if looks_like_error(bare) {
            looks = Some((line, bare.to_owned()));
        }
    }
    if let Some((line, text)) = states.or(looks) {
        draft.evidence.push(draft.line);
        draft.captures.set("why", text);
        draft.title = "Building {subject|a package} failed: {why}".to_owned();
        draft.line = line;
    }
    name_package(scene, draft);
    advise(draft);
    true
}

/// A build backend that couldn't be imported: pip quotes why below.
pub(in super::super) fn backend(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // The project's own code, or a program's, misses it while it runs.
    let raised = draft.text.starts_with("ModuleNotFoundError: ");
    if raised
        && !quoted(scene, draft.line, scene.indent(draft.line))
        && !super::header::pip_around(scene)
    {
        return false;
    }
    if draft.subject().is_none() {
        let found = scene.after(draft.line, 30).into_iter().find_map(|(line, text)| {
            let (_, tail) = text.split_once("ModuleNotFoundError: No module named '")?;
            Some((line, tail.split('\'').next()?.to_owned()))
        });
        if let Some((line, name)) = found {
            draft.evidence.push(draft.line);
            draft.line = line;
            draft.set_subject(name);
        }
    }
    name_package(scene, draft);
    match draft.subject().map(str::to_owned).as_deref() {
        Some("distutils") => {
            draft.title =
                "{package|A package} is too old for this Python: it needs distutils".to_owned();
            draft.cause = Some("Python 3.12 dropped distutils, and there is no wheel of this version for it, so its source is built.".to_owned());
            draft.fix = Some("Require a newer version of {package|the package}; or use a base image with an older Python (`dailyco/pipecat-base:latest-py3.11`).".to_owned());
        }
        Some("pkg_resources") => {
            draft.cause =
                Some("Newer versions of setuptools don't have it, and the package's build takes the newest.".to_owned());
            draft.fix = Some("Use a newer version of {package|the package}, or hold setuptools back in its build: `build-constraint-dependencies = [\"setuptools<81\"]` under [tool.uv], or with pip a constraints file named by PIP_CONSTRAINT (from pip 25.3 on PIP_BUILD_CONSTRAINT).".to_owned());
        }
        Some(name)
            if draft.text.contains("import")
                && !without_isolation(scene)
                && own_backend(name, draft) => {}
        Some(name) if without_isolation(scene) => {
            let package = match name {
                "poetry" => "poetry-core",
                "flit_core" => "flit-core",
                "mesonpy" => "meson-python",
                "scikit_build_core" => "scikit-build-core",
                other => other,
            };
            draft.captures.set("backend", package);
            draft.cause = Some("`--no-build-isolation` (or PIP_NO_BUILD_ISOLATION) builds with what is installed, so pip doesn't fetch what [build-system] asks for.".to_owned());
            draft.fix = Some("Install it in an earlier step (`pip install {backend}`), or leave `--no-build-isolation` out.".to_owned());
        }
        _ => {}
    }
    true
}

/// The build backends: their packages' beginnings, what `build-backend` is
/// called there, and the package that brings it.
const BACKENDS: [(&str, &str, &str); 8] = [
    ("poetry", "poetry.core.masonry.api", "poetry-core"),
    ("setuptools", "setuptools.build_meta", "setuptools"),
    ("hatch", "hatchling.build", "hatchling"),
    ("flit", "flit_core.buildapi", "flit_core"),
    ("pdm", "pdm.backend", "pdm-backend"),
    ("mesonpy", "mesonpy", "meson-python"),
    ("scikit_build_core", "scikit_build_core.build", "scikit-build-core"),
    ("maturin", "maturin", "maturin"),
];

/// Says what `build-backend` of the project should be; whether it is the project's.
fn own_backend(name: &str, draft: &mut Draft) -> bool {
    let own = draft.captures.get("package").is_none_or(|package| package == "the project");
    let known = BACKENDS.iter().find(|(start, ..)| name.starts_with(start));
    let (true, Some((_, right, package))) = (own, known) else { return false };
    draft.captures.set("right", *right);
    draft.captures.set("brings", *package);
    draft.title = "The build backend {subject} of pyproject.toml can't be imported".to_owned();
    if name == *right
        || right.starts_with(&format!("{name}.")) && !draft.text.contains("Cannot import")
    {
        draft.cause = Some(
            "`requires` under [build-system] doesn't name the package that has it, {brings}."
                .to_owned(),
        );
        draft.fix = Some("Write `requires = [\"{brings}\"]` and `build-backend = \"{right}\"` under [build-system].".to_owned());
    } else {
        draft.cause = Some("{brings}, which builds the package, has no module of that name: it is an old one, or misspelt.".to_owned());
        draft.fix = Some("Write `build-backend = \"{right}\"` under [build-system] of pyproject.toml, with `requires = [\"{brings}\"]`.".to_owned());
    }
    true
}

/// Whether packages are built with nothing but what is installed.
fn without_isolation(scene: &Scene<'_>) -> bool {
    scene.shell().is_some_and(|shell| {
        shell.to_ascii_lowercase().replace('_', "-").contains("no-build-isolation")
    })
}

/// The project whose own build failed; its pyproject.toml if nothing names it.
pub(in super::super) fn project(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    name_package(scene, draft);
    if let Some(top) = draft.captures.get("top").map(|top| top.replace(['\'', '"'], "")) {
        draft.captures.set("top", top);
        draft.title = "setuptools finds several top-level {kind|packages} beside each other ({top}), and doesn't know which belong to the project".to_owned();
        draft.cause = Some("Without a `src/` directory or a list it takes what lies beside pyproject.toml, and refuses where that is more than one.".to_owned());
        draft.fix = Some("Name what belongs to it (`[tool.setuptools] packages = [\"…\"]`, or `py-modules`; `[]` for none), use a src/ layout, or install the dependencies without the project (`uv sync --no-install-project`).".to_owned());
    }
    if draft.subject().is_none() {
        draft.set_subject("pyproject.toml");
    }
    true
}

/// What an older pip closes the quoted output with.
const RULE: &str = "----------------------------------------";

/// Whether a line stands in what pip or uv quotes of a package's build.
pub(in crate::diagnose) fn quoted(scene: &Scene<'_>, line: LineNo, indent: usize) -> bool {
    let (mut stream, mut head) = (false, false);
    for (_, text) in scene.before(line, 400) {
        let own = indent_of(&text);
        let bare = text.trim_start();
        if own <= indent && (bare == "[end of output]" || bare == RULE) {
            return stream;
        }
        // Older uvs quote the output at the left edge, under its heading; so does
        // an older pip, nearly.
        stream |= own <= indent && (bare == "[stderr]" || bare == "[stdout]");
        head |= bare.starts_with("Backend subprocess exited when trying to invoke");
        head |= own <= indent && bare.starts_with("Complete output (");
        head |= indent >= 4
            && (bare.starts_with("error: subprocess-exited-with-error")
                || bare.starts_with("ERROR: Command errored out"))
            || (stream || indent >= 4)
                && (text.contains("Failed to build `")
                    || text.contains("Failed to download and build `")
                    || text.contains("build backend returned an error"));
        if head {
            return true;
        }
    }
    stream
}
