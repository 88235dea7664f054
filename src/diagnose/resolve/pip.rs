//! pip and uv: chains of causes, and what a requirement line really says.

use super::super::draft::Draft;
use super::super::scene::Scene;
use crate::domain::LineNo;

/// Debian packages that hold a header or library, for the fix.
const DEV: &[(&str, &str)] = &[
    ("portaudio.h", "portaudio19-dev"),
    ("Python.h", "python3-dev"),
    ("stdlib.h", "libc6-dev"),
    ("stdio.h", "libc6-dev"),
    ("limits.h", "libc6-dev"),
    ("ffi.h", "libffi-dev"),
    ("sndfile.h", "libsndfile1-dev"),
    ("alsa/asoundlib.h", "libasound2-dev"),
    ("cairo.h", "libcairo2-dev"),
    ("openssl/ssl.h", "libssl-dev"),
    ("openssl/opensslv.h", "libssl-dev"),
    ("libpq-fe.h", "libpq-dev"),
    ("mysql.h", "default-libmysqlclient-dev"),
    ("zlib.h", "zlib1g-dev"),
    ("jpeglib.h", "libjpeg-dev"),
    ("libxml/xpath.h", "libxml2-dev libxslt1-dev"),
    ("libxml/xmlversion.h", "libxml2-dev libxslt1-dev"),
    ("lber.h", "libldap2-dev libsasl2-dev"),
    ("ldap.h", "libldap2-dev libsasl2-dev"),
    ("sasl/sasl.h", "libsasl2-dev"),
    ("yaml.h", "libyaml-dev"),
    ("opus/opus.h", "libopus-dev"),
    ("ft2build.h", "libfreetype-dev"),
    ("gmp.h", "libgmp-dev"),
    ("magic.h", "libmagic-dev"),
    ("curl/curl.h", "libcurl4-openssl-dev"),
    ("snappy-c.h", "libsnappy-dev"),
    ("sql.h", "unixodbc-dev"),
    ("bluetooth/bluetooth.h", "libbluetooth-dev"),
    ("pcap.h", "libpcap-dev"),
    ("usb.h", "libusb-1.0-0-dev"),
    ("libusb.h", "libusb-1.0-0-dev"),
    ("systemd/sd-daemon.h", "libsystemd-dev"),
    ("krb5.h", "libkrb5-dev"),
    ("gssapi.h", "libkrb5-dev"),
    ("xmlsec/xmlsec.h", "libxmlsec1-dev"),
    ("hdf5.h", "libhdf5-dev"),
    ("libhdf5.so", "libhdf5-dev"),
    (
        "libavformat",
        "libavformat-dev libavcodec-dev libavdevice-dev libavutil-dev libavfilter-dev libswscale-dev libswresample-dev",
    ),
    ("pg_config", "libpq-dev"),
    ("mysql_config", "default-libmysqlclient-dev pkg-config"),
    ("mariadb_config", "libmariadb-dev"),
    ("xslt-config", "libxml2-dev libxslt1-dev"),
    ("krb5-config", "libkrb5-dev"),
    ("pkg-config", "pkg-config"),
    ("gfortran", "gfortran libopenblas-dev"),
    ("cairo", "libcairo2-dev pkg-config"),
    ("gobject-introspection-1.0", "libgirepository1.0-dev"),
    ("girepository-2.0", "libgirepository-2.0-dev"),
    ("mysqlclient", "default-libmysqlclient-dev pkg-config"),
    ("libpq", "libpq-dev"),
    ("opus", "libopus-dev"),
    ("sndfile", "libsndfile1-dev"),
];

/// A header or library: names the package that ships it and the one that needs it.
pub(super) fn header(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // mysqlclient tries the names that pkg-config may have for it.
    if draft.subject().is_none()
        && let Some((line, name)) =
            scene.before(draft.line, 40).into_iter().rev().find_map(|(line, text)| {
                let name = text.trim().strip_prefix("Trying pkg-config --exists ")?.to_owned();
                Some((line, name))
            })
    {
        draft.evidence.push(line);
        draft.set_subject(name);
    }
    let subject = draft.subject().unwrap_or("").to_owned();
    let dev =
        DEV.iter().find(|(name, _)| *name == subject || subject.ends_with(&format!("/{name}")));
    if let Some((_, package)) = dev {
        draft.captures.set("dev", *package);
        draft.fix = Some("Install it before the packages: `apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev {dev}`; or use a version of the package that has a wheel.".to_owned());
    }
    if subject == "longintrepr.h" {
        draft.cause = Some("The header is Python's own, and this Python keeps it elsewhere: {package|the code} is older than the Python it is built for.".to_owned());
        draft.fix = Some(
            "Require a newer version of {package|the package}, or use an older base image."
                .to_owned(),
        );
    }
    // A build script that goes on without it misses what stands below as well.
    if subject == "pkg-config" && draft.text.contains("not found") {
        const TOOLS: [&str; 5] = ["cmake", "make", "ninja", "gcc", "g++"];
        let mut others: Vec<&str> = Vec::new();
        for (line, text) in scene.after(draft.line, 12) {
            let Some(rest) = text.trim_end().strip_suffix(": not found") else { continue };
            let Some(tool) = TOOLS.iter().find(|tool| rest.ends_with(&format!(" {tool}"))) else {
                continue;
            };
            if !others.contains(tool) {
                others.push(tool);
                draft.evidence.push(line);
            }
        }
        if !others.is_empty() {
            draft.captures.set("others", others.join(" and "));
            draft.captures.set("tools", others.join(" ").replace("ninja", "ninja-build"));
            draft.title = "{subject} and {others} are missing, which {package|the package} needs to be compiled".to_owned();
            draft.fix = Some("Prefer a version of {package|the package} that has a wheel for this Python; else install both first: `apt-get update && apt-get install -y --no-install-recommends build-essential {tools} {dev|pkg-config}`.".to_owned());
        }
    }
    // Without pip or uv around, it is the project's own compilation.
    let build = name_package(scene, draft);
    advise(draft);
    if !build && draft.rule == "header-missing" && !pip_around(scene) {
        draft.category = "app-build".to_owned();
        if let Some(file) = draft.text.trim_start().split(':').next() {
            draft.captures.set("package", file.trim().to_owned());
        }
    }
    true
}

fn pip_around(scene: &Scene<'_>) -> bool {
    let shell = scene.shell().unwrap_or_default();
    ["pip", "uv ", "poetry", "pipenv", "pdm", "setup.py", "python -m build"]
        .iter()
        .any(|tool| shell.contains(tool))
}

/// Anything inside the build of a package: names the package as evidence.
/// What a compiler or CMake says there is that build's failure.
pub(super) fn build_block(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let indent = scene.indent(draft.line);
    if draft.category == "app-build" && quoted(scene, draft.line, indent) {
        draft.category = "python-package-build".to_owned();
        if draft.rule == "link-error" {
            // `-lfoo` isn't there: its -dev package is what is missing.
            draft.fix = Some("Install the -dev package of {subject} before this step, or use a version of {package|the package} that has a wheel.".to_owned());
        }
    }
    if draft.rule == "compiler-missing" {
        tools(draft);
    }
    name_package(scene, draft);
    advise(draft);
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

/// The package's name as indexes compare it, without version and extras.
fn plain_name(requirement: &str) -> String {
    package_name(requirement).to_ascii_lowercase().replace('_', "-")
}

/// What an agent does best about packages that it needn't compile.
fn advise(draft: &mut Draft) {
    let Some(name) = draft.captures.get("package").or(draft.subject()).map(plain_name) else {
        return;
    };
    match name.as_str() {
        "pyaudio" => {
            draft.cause = Some("pyaudio is sound on the machine itself, mostly from `pipecat-ai[local]`; it has no wheel for Linux and is compiled. An agent in the cloud has no sound device and doesn't need it.".to_owned());
            draft.fix = Some("Take `local` out of pipecat-ai's extras (and pyaudio out of the requirements), and lock again. Where it is needed all the same: `apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev portaudio19-dev` before this step.".to_owned());
        }
        "psycopg2" => {
            draft.fix = Some("Require `psycopg2-binary`, which has wheels, in its place; else install what it is compiled with: `apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev libpq-dev`.".to_owned());
        }
        "numba" | "llvmlite" if draft.rule == "setup-python-version" => {
            draft.fix = Some("Require a current numba, so that the resolver doesn't go back to an old one (`numba>=0.61`; pipecat-ai 1 and later does), and lock again.".to_owned());
        }
        _ => {}
    }
}

/// A wheel that pip refuses: its name says what it was made for.
pub(super) fn wheel_tags(_: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(name) = draft.subject().and_then(|name| name.strip_suffix(".whl")) else {
        return true;
    };
    let mut tags = name.rsplit('-');
    let (platform, _, python) = (tags.next(), tags.next(), tags.next());
    let (Some(platform), Some(python)) = (platform, python) else { return true };
    let minor = python.strip_prefix("cp3").and_then(|minor| minor.parse::<u32>().ok());
    let fits = platform.contains("aarch64") && platform.contains("linux") || platform == "any";
    if let Some(minor) = minor.filter(|_| fits) {
        draft.captures.set("minor", minor.to_string());
        draft.title =
            "{subject} is made for Python 3.{minor}, which the image doesn't have".to_owned();
        draft.cause =
            Some("The first tag of its name is the Python that it was built for.".to_owned());
        draft.fix = Some("Take the wheel for the image's Python, or the base image with that one (`dailyco/pipecat-base:latest-py3.{minor}`).".to_owned());
    } else if platform.contains("x86_64") || platform.contains("amd64") {
        draft.cause = Some("It was built for x86-64, and agents run on arm64.".to_owned());
        draft.fix = Some("Install by name and version, so that the right wheel is chosen, or fetch the one whose name ends in aarch64.".to_owned());
    }
    true
}

/// For a package that may not be compiled: whether an agent needs it at all.
pub(super) fn local_audio(_: &Scene<'_>, draft: &mut Draft) -> bool {
    advise(draft);
    true
}

/// A build that failed in words of its own: the last line of its output that
/// states an error.
pub(super) fn inner_error(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    const STARTS: [&str; 6] = ["error:", "ERROR:", "Error:", "fatal:", "CMake Error", "💥 "];
    let (mut states, mut looks) = (None, None);
    for (line, text) in scene.after(draft.line, 400) {
        let bare = text.trim();
        if bare == "[end of output]" || bare == RULE || bare.starts_with("hint: ") {
            break;
        }
        if super::python::indent_of(&text) < 4 || bare.starts_with("note: ") {
            continue;
        }
        if STARTS.iter().any(|start| bare.starts_with(start))
            || super::python::looks_like_exception(bare) && bare.contains("Error")
        {
            states = Some((line, bare.to_owned()));
        } else if super::super::fallback::looks_like_error(bare) {
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
pub(super) fn backend(scene: &Scene<'_>, draft: &mut Draft) -> bool {
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
    match draft.subject() {
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
        _ => {}
    }
    true
}

/// What an older pip closes the quoted output with.
const RULE: &str = "----------------------------------------";

/// Whether a line stands in what pip or uv quotes of a package's build.
pub(in crate::diagnose) fn quoted(scene: &Scene<'_>, line: LineNo, indent: usize) -> bool {
    let (mut stream, mut head) = (false, false);
    for (_, text) in scene.before(line, 400) {
        let own = super::python::indent_of(&text);
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

/// The project whose own build failed; its pyproject.toml if nothing names it.
pub(super) fn project_build(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    name_package(scene, draft);
    if draft.subject().is_none() {
        draft.set_subject("pyproject.toml");
    }
    true
}

/// Finds which package was being built; whether one was.
pub(super) fn name_package(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    const AFTER: [&str; 6] = [
        "Failed building wheel for ",
        "Failed to build installable wheels for some pyproject.toml based projects (",
        "Could not build wheels for ",
        "Failed to build ",
        "Failed building editable for ",
        "Running setup.py install for ",
    ];
    let after = scene.after(draft.line, 120);
    let before = scene.before(draft.line, 300);
    for (line, text) in after.iter().chain(&before) {
        let text = text.trim_start();
        if let Some(name) = poetrys_package(text) {
            set_package(draft, name);
            draft.evidence.push(*line);
            return true;
        }
        if let Some((_, tail)) = text
            .split_once("Failed to build `")
            .or_else(|| text.split_once("Failed to download and build `"))
        {
            let name = tail.split('`').next().unwrap_or(tail);
            if name.contains(" @ file://") {
                draft.captures.set("own", "own");
            }
            set_package(draft, name.split(" @ ").next().unwrap_or(name));
            draft.evidence.push(*line);
            return true;
        }
        for mark in AFTER {
            if let Some((_, tail)) = text.split_once(mark) {
                let name = tail.split([' ', ',', ')', '\n']).next().unwrap_or(tail);
                let name = name.trim_matches('\'');
                if name.starts_with("file://") {
                    // The project itself, which pip names by its directory.
                    draft.captures.set("package", "the project");
                    return true;
                }
                if !name.is_empty() && !name.starts_with('`') {
                    set_package(draft, name);
                    draft.evidence.push(*line);
                    return true;
                }
            }
        }
    }
    // The last "Collecting X" above is what pip was at.
    for (line, text) in &before {
        let text = text.trim_start();
        if let Some(tail) = text.strip_prefix("Collecting ") {
            set_package(draft, tail.split(' ').next().unwrap_or(tail));
            draft.evidence.push(*line);
            return true;
        }
        if text.starts_with("Processing /") {
            return true;
        }
    }
    false
}

/// The package in poetry's note under a build that failed: `not a problem with
/// poetry but one of the following issues with cext (1.0.0)`.
fn poetrys_package(text: &str) -> Option<&str> {
    let (_, tail) = text.split_once("not a problem with poetry but ")?;
    let name = tail.rsplit_once("with ").map_or(tail, |(_, name)| name);
    let name = if tail.starts_with("with ") { tail.trim_start_matches("with ") } else { name };
    name.split(' ').next().filter(|name| !name.is_empty())
}

fn set_package(draft: &mut Draft, name: &str) {
    if draft.captures.get("package").is_none() {
        draft.captures.set("package", name);
    }
    if draft.subject().is_none() {
        draft.set_subject(name);
    }
}

/// The requested side of a conflict.
pub(super) fn conflict(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let after = scene.after(draft.line, 30);
    let mut requested: Vec<String> = Vec::new();
    for (line, text) in &after {
        let text = text.trim();
        if let Some(name) = text.strip_prefix("The user requested ") {
            let name = name.strip_prefix("(constraint) ").unwrap_or(name);
            requested.push(name.split(" (from").next().unwrap_or(name).replace(' ', ""));
            draft.evidence.push(*line);
        } else if text.contains(" depends on ") {
            draft.evidence.push(*line);
            let needed = text.split(" depends on ").nth(1).unwrap_or("");
            draft.captures.set("needs", needed.to_owned());
            if requested.is_empty() && draft.subject().is_none() {
                draft.set_subject(package_name(needed));
            }
        }
        if text.starts_with("To fix this") {
            break;
        }
    }
    if let Some(name) = requested.iter().find(|n| n.contains("==")).or(requested.first()) {
        draft.set_subject(name.clone());
    } else {
        // "Cannot install a==1, b==2 and c==3 because …": the last pin named.
        let names = draft
            .text
            .split("Cannot install ")
            .nth(1)
            .and_then(|t| t.split(" because").next())
            .unwrap_or("")
            .to_owned();
        if let Some(name) = names
            .split([',', ' '])
            .rfind(|w| w.contains("=="))
            .or_else(|| names.split([',', ' ']).rfind(|w| w.contains(['<', '>', '~', '='])))
        {
            draft.set_subject(name);
        }
    }
    true
}

/// The package's name at the start of a requirement.
fn package_name(requirement: &str) -> String {
    requirement
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .collect::<String>()
        .trim_end_matches('.')
        .to_owned()
}

/// A file or directory that stands for a requirement: one of the project's, or
/// a place on the machine where the list was written.
pub(super) fn requirement_file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    super::paths::file(scene, draft);
    let Some(path) = draft.subject().map(str::to_owned) else { return true };
    // Where conda builds its packages.
    const CONDA: [&str; 4] = ["/croot/", "feedstock_root", "conda-bld", "/tmp/build/80754af9"];
    let project = draft.text.contains("does not appear to be a Python project")
        || draft.text.contains("is not installable");
    let whole = path == "." || Some(&path) == scene.workdir().as_ref() || path == "/app";
    if CONDA.iter().any(|mark| path.contains(mark)) {
        draft.title =
            "A requirement is taken from conda's own build directory {subject}".to_owned();
        draft.cause = Some("`pip freeze` in a conda environment writes paths of the machine that built its packages (`name @ file:///…`), which exist nowhere else.".to_owned());
        draft.fix = Some("Write the list anew with `pip list --format=freeze`, or replace `name @ file:///…` by `name==version`.".to_owned());
    } else if project && (whole || path.starts_with('/')) {
        draft.title = "There is no pyproject.toml or setup.py in {subject} at this step".to_owned();
        draft.cause = Some("The project is to be installed, and its files weren't copied before this step (or an ignore rule dropped them).".to_owned());
        draft.fix = Some("Copy pyproject.toml and the sources before this RUN (`COPY . .`), or install only the requirements here and copy the code after it.".to_owned());
    } else if path.starts_with('/') && !draft.text.contains("Could not open ") {
        draft.cause = Some(
            "The path is one of the machine where the list was written, or nothing put it into the image before this step."
                .to_owned(),
        );
        draft.fix = Some("Put it into the project and name it by its path there, copy it before this RUN, or require a released version.".to_owned());
    }
    true
}

/// The entry under "THESE PACKAGES DO NOT MATCH THE HASHES".
pub(super) fn hash_mismatch(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.text.contains("versions pinned") {
        draft.title =
            "{subject|A requirement} isn't pinned with `==`, which hashes need".to_owned();
        draft.cause = Some("With `--require-hashes` (or a hash in any line) every requirement has to be one exact version.".to_owned());
        draft.fix = Some("Write `{subject|name}==version` with its hash; `pip-compile --generate-hashes` and `uv export` do it for all.".to_owned());
    } else if draft.text.contains("Hashes are required") {
        draft.title = "{subject|A requirement} has no hash".to_owned();
        draft.cause = Some("With `--require-hashes` (or a hash in any line) every requirement needs one, those of its requirements too.".to_owned());
        draft.fix = Some(
            "Make the hashes of all anew: `pip-compile --generate-hashes`, or `uv export`."
                .to_owned(),
        );
    }
    if draft.subject().is_some() {
        return true;
    }
    for (line, text) in scene.after(draft.line, 6) {
        let text = text.trim();
        let name = text.split(" from ").next().unwrap_or(text);
        let name = name.split(" --hash").next().unwrap_or(name).trim();
        if name.is_empty() || name.contains("Expected") {
            continue;
        }
        let name = name.rsplit('/').next().unwrap_or(name);
        draft.set_subject(name.split(' ').next().unwrap_or(name));
        draft.evidence.push(line);
        break;
    }
    true
}

/// "No matching distribution" told apart.
pub(super) fn no_match(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let before = scene.before(draft.line, 8);
    // An older pip says so when it couldn't build any of them; why stands above.
    if before.iter().any(|(_, t)| t.contains("WARNING: Discarding ")) {
        return false;
    }
    let none = draft.text.contains("from versions: none");
    let shell = scene.shell().unwrap_or_default();
    let local = super::instruction::words(&shell).any(|word| word == "--no-index");
    if local {
        draft.cause = Some("`--no-index` lets pip look only into the directory that `--find-links` names, and no wheel in it fits this Python and CPU (or the upload left the directory out).".to_owned());
        draft.fix = Some("Put a wheel of {subject} and of all that it needs there, made for this Python and arm64 (`pip download -d DIR --only-binary :all: --platform manylinux_2_28_aarch64 --python-version 3.12 …`); or drop `--no-index`.".to_owned());
        return true;
    }
    if let Some(other) = before.iter().find(|(_, t)| {
        t.contains("Ignored the following versions that require a different python version")
    }) {
        let asked =
            draft.subject().and_then(|name| name.split_once("==")).map(|(_, v)| v.to_owned());
        let range = asked.as_deref().and_then(|version| required_python(&other.1, version));
        if asked.is_none() || range.is_some() {
            draft.evidence.push(other.0);
            draft.cause =
                Some("The version exists but needs another Python than the image has.".to_owned());
            draft.fix = Some("Use a base image with another Python, or a version of the package that supports this one.".to_owned());
        }
        if let Some(range) = range {
            draft.captures.set("want", range);
            draft.cause = Some(
                "The version exists but needs Python {want}, and the image has another.".to_owned(),
            );
            super::pythons::name(draft);
            if draft.captures.get("minor").is_some() {
                draft.fix = Some("Use a base image with that Python (`dailyco/pipecat-base:latest-py3.{minor}`), or a version of the package that supports this one.".to_owned());
            } else {
                draft.fix =
                    Some("Ask for a version of the package that supports this Python.".to_owned());
            }
        } else if asked.is_some() {
            nearest(draft);
        }
    } else if let Some(other) =
        before.iter().find(|(_, t)| t.contains("Ignored the following yanked versions"))
    {
        draft.evidence.push(other.0);
        draft.cause = Some("The version was yanked, or none of the others fits.".to_owned());
    } else if none {
        draft.cause = Some("The index knows no such package, or none that fits this Python and CPU: a misspelt name, a private package asked of the public index, or no wheel for this platform.".to_owned());
        draft.fix = Some(
            "Check the name on the index; for a private package configure its index.".to_owned(),
        );
        super::names::suggest(draft);
    } else {
        nearest(draft);
    }
    super::names::elsewhere(draft);
    // A path that was copied but isn't a name is another matter.
    if draft.subject().is_some_and(|s| s.ends_with(".txt")) {
        draft.cause =
            Some("pip took a file for a package: `-r` is missing in front of it.".to_owned());
        draft.fix = Some("Write `pip install -r {subject}`.".to_owned());
    }
    true
}

/// Says which version there is.
fn nearest(draft: &mut Draft) {
    let Some(name) = nearest_version(&draft.text) else { return };
    draft.captures.set("nearest", name);
    draft.cause = Some(
        "The index has other versions of it; the newest it offers this Python is {nearest}."
            .to_owned(),
    );
    draft.fix = Some("Ask for a version that exists, such as {nearest}.".to_owned());
}

/// What pip says of a version that it ignored: `0.60.0 Requires-Python >=3.9,<3.13`.
fn required_python(ignored: &str, version: &str) -> Option<String> {
    let list = ignored.rsplit_once("python version: ").map_or(ignored, |(_, list)| list);
    list.split("; ").find_map(|entry| {
        let (named, range) = entry.split_once(" Requires-Python ")?;
        (named.trim() == version).then(|| range.trim().to_owned())
    })
}

fn nearest_version(text: &str) -> Option<String> {
    let (_, list) = text.split_once("(from versions: ")?;
    let last = list
        .trim_end_matches(')')
        .split(", ")
        .filter(|v| !v.contains(|c: char| c.is_ascii_alphabetic()))
        .last()?;
    Some(last.to_owned())
}

/// The requirement whose git source failed; the URL or host otherwise.
pub(super) fn git_source(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if scene.step.is_none() && scene.build.is_none() && draft.rule == "git-auth" {
        draft.title =
            "The build service may not read the repository {subject|of the project}".to_owned();
        draft.cause = Some("It fetches the project's own repository before the build, and was refused: its access was withdrawn, or the repository was renamed, moved or deleted.".to_owned());
        draft.fix = Some("Connect the repository again (the GitHub app needs access to it), check its name, and deploy again.".to_owned());
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

/// The file that is no valid TOML: poetry says only what it was about to read.
pub(super) fn toml_file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let locked = scene
        .before(draft.line, 4)
        .iter()
        .any(|(_, text)| text.contains("Installing dependencies from lock file"));
    if locked {
        draft.category = "lockfile".to_owned();
        draft.set_subject("poetry.lock");
        draft.title = "poetry.lock can't be read".to_owned();
        draft.cause = Some(
            "It is no valid TOML: a merge left conflict markers, or it was cut off.".to_owned(),
        );
        draft.fix = Some("Run `poetry lock` and commit poetry.lock.".to_owned());
    }
    if scene.before(draft.line, 60).iter().any(|(_, text)| text.contains("/pipenv/")) {
        draft.set_subject("Pipfile");
    }
    super::paths::file(scene, draft)
}

/// What pipenv misses when it takes `--system` amiss: the Pipfile, or its lock.
pub(super) fn pipfile(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let before = scene.before(draft.line, 60);
    let created = before.iter().any(|(_, text)| text.contains("Creating a Pipfile"));
    let deploy = scene.shell().is_some_and(|shell| shell.contains("--deploy"));
    let locked = before.iter().any(|(_, text)| text.contains("handle_missing_lockfile"));
    if !created && (deploy || locked) {
        draft.category = "lockfile".to_owned();
        draft.set_subject("Pipfile.lock");
    }
    true
}

/// The file an invalid requirement stands in: `(from line 3 of requirements.txt)`.
pub(super) fn requirement_line(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if quoted(scene, draft.line, scene.indent(draft.line)) {
        draft.category = "python-package-build".to_owned();
        return name_package(scene, draft) || draft.subject().is_some();
    }
    let near = std::iter::once(draft.text.clone())
        .chain(scene.after(draft.line, 4).into_iter().map(|(_, t)| t));
    for text in near {
        if let Some((_, tail)) = text.split_once("line ")
            && let Some((_, file)) = tail.split_once(" of ")
        {
            let file = file.split([')', ':']).next().unwrap_or(file).trim();
            draft.set_subject(file);
            return true;
        }
    }
    let shell = scene.shell().unwrap_or_default();
    let mut words = super::instruction::words(&shell);
    while let Some(word) = words.next() {
        let file = match word {
            "-r" | "--requirement" => words.next(),
            _ => word.strip_prefix("-r").filter(|f| f.contains('.')),
        };
        if let Some(file) = file {
            draft.set_subject(file);
            return true;
        }
    }
    true
}

/// Options and commands that poetry dropped, and what stands for them now.
const DROPPED: [(&str, &str); 6] = [
    ("--no-dev", "Write `--only main` (or `--without dev`): poetry 2 has no `--no-dev`."),
    ("--dev", "Write `--with dev`, or `--group dev` with `poetry add`."),
    ("--remove-untracked", "Write `poetry sync`."),
    ("--sync", "Write `poetry sync`."),
    (
        "export",
        "Install its plugin first (`pip install poetry-plugin-export`): poetry 2 comes without.",
    ),
    ("shell", "Leave it out (a build has no shell to open), or install poetry-plugin-shell."),
];

/// A command or option that this poetry doesn't have.
pub(super) fn poetry_usage(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell();
    let poetry = shell.as_ref().is_some_and(|shell| shell.contains("poetry"));
    let known = DROPPED.iter().find(|(word, _)| draft.subject() == Some(word));
    if let Some((_, instead)) = known.filter(|_| poetry) {
        draft.cause =
            Some("Poetry 2 dropped it, and no version of poetry is pinned here.".to_owned());
        draft.fix = Some((*instead).to_owned());
    }
    super::instruction::shell_command(scene, draft)
}

/// The first package of the list below conda's complaint.
pub(super) fn conda_package(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_none() {
        for (line, text) in scene.after(draft.line, 6) {
            let Some(name) = text.trim().strip_prefix("- ") else { continue };
            draft.set_subject(name.split_whitespace().next().unwrap_or(name));
            draft.evidence.push(line);
            break;
        }
    }
    true
}
