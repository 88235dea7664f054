//! Small subjects of single rules.

use super::super::draft::Draft;
use super::super::fallback::script_of;
use super::super::scene::Scene;
use super::paths::host_of;

/// A package that apt couldn't fetch: the file's name without version.
pub(super) fn apt_fetch(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(url) = draft.subject().filter(|u| u.ends_with(".deb")) {
        let name =
            url.rsplit('/').next().and_then(|n| n.split('_').next()).unwrap_or(url).to_owned();
        draft.set_subject(name);
    }
    let why = draft.captures.get("why").unwrap_or("").to_owned();
    if ["Connection", "Could not connect", "50", "Unable to connect"]
        .iter()
        .any(|w| why.starts_with(w))
    {
        draft.cause = Some("The mirror didn't answer or broke off: {why}.".to_owned());
        draft.fix = Some("Try again; `-o Acquire::Retries=3` lets apt do so itself.".to_owned());
    } else if why.starts_with("404") {
        draft.cause = Some("The package lists in the image are older than the archive, which has a newer version and dropped this one (404): they come from a cached layer or the base image.".to_owned());
        draft.fix = Some("Write `apt-get update && apt-get install …` in one RUN, so that the lists are always as new as the packages.".to_owned());
    }
    true
}

/// apt in other words than its English ones: the package that it names.
pub(super) fn apt_other(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell().unwrap_or_default();
    if !super::instruction::calls(&shell, &["apt-get", "apt", "aptitude"]) {
        return false;
    }
    // The package is a word of the command as well as of the sentence.
    let asked: Vec<&str> = super::instruction::words(&shell)
        .filter(|word| word.len() > 2 && !word.starts_with('-'))
        .collect();
    let named = draft
        .text
        .split(|c: char| !(c.is_ascii_alphanumeric() || "-.+_".contains(c)))
        .map(|word| word.trim_end_matches('.'))
        .find(|word| asked.contains(word) && !matches!(*word, "apt-get" | "install" | "update"))
        .map(str::to_owned);
    if let Some(name) = named {
        draft.set_subject(name);
    }
    true
}

/// A package that apt doesn't know because an old playwright asks for it.
pub(super) fn apt_missing(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let beware = scene
        .before(draft.line, 400)
        .into_iter()
        .find(|(_, text)| text.contains("OS is not officially supported by Playwright"));
    if let Some((line, _)) = beware {
        draft.evidence.push(line);
        draft.title = "playwright doesn't know this Debian release, and asks apt for {subject}, which isn't in it".to_owned();
        draft.cause = Some("`--with-deps` takes its list of packages from the release that playwright knows, and falls back to one of Ubuntu's.".to_owned());
        draft.fix = Some("Require a newer playwright, which knows the image's release; or install without `--with-deps` and name the libraries in apt-get yourself.".to_owned());
    } else if draft.subject().is_some_and(|name| name.starts_with("google-chrome")) {
        draft.cause = Some("Google's own repository isn't set up in the image, and holds Chrome for x86-64 only; agents run on arm64.".to_owned());
        draft.fix = Some("Install Debian's `chromium` in its place.".to_owned());
    }
    true
}

/// The archive that dpkg was given, named in the line above its complaint.
pub(super) fn dpkg_archive(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    for (line, text) in scene.before(draft.line, 3) {
        let Some((_, tail)) = text.split_once("error processing archive ") else { continue };
        let path = tail.split(" (").next().unwrap_or(tail);
        draft.set_subject(path.rsplit('/').next().unwrap_or(path));
        draft.evidence.push(line);
        break;
    }
    true
}

/// A signature that was checked and refused, not one whose key is missing.
pub(super) fn apt_key(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    missing_key(scene, draft);
    let near = scene.before(draft.line, 12).into_iter().chain(scene.after(draft.line, 4));
    let refused = near.into_iter().find(|(_, text)| {
        text.contains("SHA1 is not considered secure")
            || text.contains("is not bound")
            || text.contains("Policy rejected")
            || text.contains("uses weak digest algorithm")
    });
    if let Some((line, _)) = refused {
        draft.evidence.push(line);
        draft.cause = Some("Its key is there, but its signature is made with SHA1 or another algorithm that this Debian release refuses (trixie does since February 2026).".to_owned());
        draft.fix = Some("Use the publisher's newer key or repository if there is one; else install the package without apt (a .deb or an archive of a fixed version), or use an image of the release before.".to_owned());
    }
    true
}

/// The key that signs a repository and isn't among those that apt was given.
fn missing_key(scene: &Scene<'_>, draft: &mut Draft) {
    let near = scene.before(draft.line, 12).into_iter().chain(scene.after(draft.line, 4));
    let found = near.into_iter().find_map(|(line, text)| {
        let mark = ["Missing key ", "NO_PUBKEY "].iter().find_map(|mark| text.split_once(mark))?;
        let key = mark.1.split(|c: char| !c.is_ascii_hexdigit()).next()?.to_owned();
        (key.len() >= 8).then_some((line, key))
    });
    let Some((line, key)) = found else { return };
    draft.evidence.push(line);
    draft.captures.set("key", key);
    draft.cause = Some("It is signed with the key {key}, and that isn't among the keys that apt has for it (`signed-by=`, or /etc/apt/trusted.gpg.d): it wasn't installed, or it is an old one.".to_owned());
    draft.fix = Some("Fetch the publisher's current key, put it into the file that `signed-by=` names, and check that the file isn't empty or an error page.".to_owned());
}

/// Why a package's own script failed: the line above dpkg's.
pub(super) fn dpkg(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    for (line, text) in scene.before(draft.line, 6) {
        let bare = text.trim();
        if bare.starts_with("Setting up ") || bare.starts_with("Unpacking ") {
            break;
        }
        let (error, man) = (bare.contains("error"), bare.contains("/usr/share/man/"));
        if error || man {
            draft.evidence.push(line);
            draft.captures.set("why", bare);
            draft.title =
                "Installing the package {subject|that the line names} failed: {why}".to_owned();
        }
        if man {
            draft.cause = Some("Slim images have no directories for manual pages, and the package's script puts a link there.".to_owned());
            draft.fix = Some(
                "Write `mkdir -p /usr/share/man/man1` before `apt-get install` in the same RUN."
                    .to_owned(),
            );
        }
        if error || man {
            break;
        }
    }
    true
}

/// A compiler's complaint inside the build of a package is that build's.
pub(super) fn build_or_file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let file = draft.subject().map(str::to_owned);
    let quoted = scene.indent(draft.line) > 2;
    if quoted && super::pip::package::name_package(scene, draft) {
        draft.category = "python-package-build".to_owned();
        // The file is the package's: nobody here can mend it.
        if let (Some(file), Some(package)) = (file, draft.captures.get("package")) {
            let package = package.to_owned();
            draft.captures.set("file", file);
            draft.title = "{subject} doesn't compile: an error in its {file}".to_owned();
            draft.cause = Some("There is no wheel of it for this Python and CPU, and its source doesn't compile here: often it is older than this Python or compiler.".to_owned());
            draft.fix = Some(
                "Require a version of {subject} that has a wheel or supports this Python."
                    .to_owned(),
            );
            draft.set_subject(package);
        }
        return true;
    }
    // Some compilers lint as well, in the same form.
    const LINTS: [&str; 4] = ["go vet", "cargo clippy", "golangci-lint", "staticcheck"];
    if scene.shell().is_some_and(|shell| LINTS.iter().any(|lint| shell.contains(lint))) {
        draft.category = "lint-failure".to_owned();
        draft.title = "The linter found problems in {subject|the code}".to_owned();
        draft.cause = Some("The build runs a linter, and it found something.".to_owned());
        draft.fix = Some("Fix what it says, or run it outside the image build.".to_owned());
    }
    super::nearby::file(scene, draft)
}

/// `(order_taker)` two lines below hatchling's complaint.
pub(super) fn hatch_name(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // uv may have broken the sentence anywhere.
    let below: Vec<String> = scene.after(draft.line, 9).into_iter().map(|(_, text)| text).collect();
    let below = below.iter().flat_map(|text| text.split_whitespace()).collect::<Vec<_>>().join(" ");
    let name = below
        .split_once("name of your project (")
        .and_then(|(_, tail)| Some(tail.split(')').next()?.to_owned()));
    draft.set_subject(name.unwrap_or_else(|| "pyproject.toml".to_owned()));
    true
}

/// The registry that a login command names.
pub(super) fn login_host(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // A command of the image's own asks for its own bucket, not for a registry.
    if draft.rule == "aws-credentials" && scene.the_step().is_some() {
        return false;
    }
    if pulls(scene) || scene.pushed_to(draft.line).is_some() {
        return false;
    }
    // Other things of AWS fail in the same words.
    let of_aws = draft.rule == "aws-credentials";
    if of_aws && scene.command.is_some_and(|c| !c.text.contains("ecr") && !c.text.contains("login"))
    {
        draft.category = "build-command".to_owned();
        draft.cause = Some("The pipeline fetches or stores something, and AWS refused. That is the service's affair, not the project's.".to_owned());
    }
    if let Some(url) = draft.subject() {
        let host = host_of(url);
        draft.set_subject(host);
    } else if let Some(command) = scene.command {
        let host = command.text.split_whitespace().find(|w| w.contains('.') && !w.starts_with('-'));
        if let Some(host) = host {
            draft.set_subject(host_of(host));
        }
    }
    true
}

/// Whether the step fetches an image: registries refuse that in the same words.
fn pulls(scene: &Scene<'_>) -> bool {
    scene.instruction().is_some_and(|text| {
        let upper = text.trim_start().to_ascii_uppercase();
        upper.starts_with("FROM ")
            || upper.starts_with("COPY --FROM")
            || upper.starts_with("# SYNTAX")
    })
}

/// The repository that is pushed to, as the push itself names it.
pub(super) fn push_target(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if pulls(scene) {
        return false;
    }
    let to = scene.pushed_to(draft.line);
    // The words of a refusal are the same for everything that asks a registry.
    let general = draft.rule == "push-denied" || draft.rule == "push-network";
    let says_push = draft.text.contains("push") || draft.text.contains("arn:aws");
    if general && to.is_none() && !says_push && scene.registry_command() != Some("push") {
        return false;
    }
    if let Some(to) = to {
        draft.set_subject(to);
    }
    true
}

/// A package, or the project, that needs another Python: a package of the index
/// has no version for this one, a project needs another image.
pub(super) fn python_range(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    super::pythons::name(draft);
    if draft.text.contains("interpreter resolved to Python") {
        draft.title = "The project needs Python {want}, and Python {have} is used".to_owned();
        draft.cause = Some("`--python`, UV_PYTHON or the environment chooses an interpreter that requires-python of pyproject.toml excludes.".to_owned());
    }
    let named = draft.subject().map(str::to_owned);
    let version = draft.captures.get("version").map(str::to_owned);
    if let (Some(name), Some(version)) = (named, version) {
        let shell = scene.shell().unwrap_or_default();
        let asked = shell.contains(&name);
        let path = super::instruction::words(&shell).skip(1).any(|word| {
            word == "." || word.starts_with("./") || word.starts_with(".[") || word == "-e"
        });
        if asked || !path {
            // "requested" is the project's own range, which contradicts the package's.
            let range = draft.text.contains("requested Python");
            draft.category =
                if range { "python-dependency-conflict" } else { "python-package-not-found" }
                    .to_owned();
            draft.title =
                "No version of {subject} fits: it needs {want}, and this isn't it".to_owned();
            draft.cause = Some("The version exists but needs another Python than the image (or requires-python) allows.".to_owned());
            draft.fix = Some("Use a base image with that Python (`dailyco/pipecat-base:latest-py3.{minor|N}`) and raise requires-python, or ask for an older version of the package.".to_owned());
            draft.set_subject(format!("{name}=={version}"));
            if range {
                range_words(draft);
            }
        }
    }
    if draft.subject().is_none() && draft.text.contains("requested Python") {
        return requested_range(scene, draft);
    }
    if draft.subject().is_none()
        && let Some(want) = draft.captures.get("want").map(str::to_owned)
    {
        draft.set_subject(want);
    }
    true
}

/// requires-python allows a Python that a package doesn't support: no matter
/// which one the image has.
fn requested_range(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let package = super::uv_sentence::narrower(scene, draft);
    range_words(draft);
    match package {
        Some(package) => draft.set_subject(package),
        None => {
            draft.captures.set("other", "a dependency");
            draft.set_subject("requires-python");
        }
    }
    true
}

/// Says which range is too wide, and what it should be.
fn range_words(draft: &mut Draft) {
    let want = draft.captures.get("want").unwrap_or("").replace("Python", "");
    draft.captures.set("want", want.trim().to_owned());
    draft.category = "python-dependency-conflict".to_owned();
    draft.title = "requires-python allows more Pythons ({have|see the line}) than {other|{subject}} does ({want|see the line})".to_owned();
    draft.cause = Some("uv locks for every Python that requires-python allows, not only for the image's, and finds no version for the oldest.".to_owned());
    draft.fix = Some("Write `requires-python = \"{want|>=3.11}\"` in pyproject.toml, run `uv lock`, and commit both.".to_owned());
    let have = draft
        .text
        .split_once("requested Python version (")
        .and_then(|(_, tail)| tail.split(')').next())
        .map(str::to_owned);
    if let Some(have) = have {
        draft.captures.set("have", have);
    }
}

/// The script a shell runs.
pub(super) fn shell_script(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_none_or(|s| s == "/bin/sh:")
        && let Some(shell) = scene.shell()
    {
        draft.set_subject(script_of(&shell));
    }
    true
}

/// The package or file that CMake names below its complaint.
pub(super) fn cmake(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let near = std::iter::once((draft.line, draft.text.clone())).chain(scene.after(draft.line, 8));
    for (line, text) in near {
        let named = text
            .split_once("provided by \"")
            .and_then(|(_, tail)| tail.split('"').next())
            .or_else(|| {
                let (_, tail) = text.split_once("Could NOT find ")?;
                tail.split([' ', '(']).next()
            });
        if let Some(name) = named {
            draft.set_subject(name);
            draft.evidence.push(line);
            break;
        }
    }
    // Its own modules only say it; the project's file is what asks.
    if draft.subject().is_some_and(|path| path.starts_with("/usr/")) {
        draft.set_subject("CMakeLists.txt");
    }
    super::pip::build::block(scene, draft)
}

/// Debian packages that hold a shared library.
const LIBRARIES: [(&str, &str); 27] = [
    ("libGL.so", "libgl1"),
    ("libEGL.so", "libegl1"),
    ("libgthread-2.0.so", "libglib2.0-0"),
    ("libglib-2.0.so", "libglib2.0-0"),
    ("libgobject-2.0.so", "libglib2.0-0"),
    ("libgomp.so", "libgomp1"),
    ("libsndfile", "libsndfile1"),
    ("sndfile", "libsndfile1"),
    ("PortAudio", "libportaudio2"),
    ("libportaudio", "libportaudio2"),
    ("libasound.so", "libasound2t64 (libasound2 before Debian 13)"),
    ("libpulse", "libpulse0"),
    ("libopus.so", "libopus0"),
    ("libmagic", "libmagic1"),
    ("libespeak-ng", "libespeak-ng1"),
    ("libav", "ffmpeg"),
    ("libsw", "ffmpeg"),
    ("libpq.so", "libpq5"),
    ("libmariadb", "libmariadb3"),
    ("libxml2.so", "libxml2"),
    ("libxslt.so", "libxslt1.1"),
    ("libcairo.so", "libcairo2"),
    ("libpango", "libpango-1.0-0 libpangoft2-1.0-0"),
    ("libgirepository-1.0", "libgirepository-1.0-1"),
    ("libopenblas", "libopenblas0"),
    ("libstdc++", "libstdc++6"),
    ("libatomic.so", "libatomic1"),
];

/// Libraries of NVIDIA's driver and toolkit.
const CUDA: [&str; 8] =
    ["libcud", "libcublas", "libcufft", "libcurand", "libcus", "libnccl", "libnv", "libtensorrt"];

/// A shared library that isn't there: the package that holds it.
pub(super) fn shared_library(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.rule == "python-shared-library" && !super::python::exception(scene, draft) {
        return false;
    }
    let Some(path) = draft.subject().map(str::to_owned) else { return true };
    let name = path.rsplit('/').next().unwrap_or(&path);
    if CUDA.iter().any(|start| name.starts_with(start)) {
        draft.cause = Some("It belongs to NVIDIA's CUDA: the package was built for a GPU, which neither the build nor an agent has.".to_owned());
        draft.fix = Some("Install the package's CPU build (torch: from https://download.pytorch.org/whl/cpu; onnxruntime in place of onnxruntime-gpu).".to_owned());
        return true;
    }
    if name.starts_with("libpython") {
        draft.cause = Some("It belongs to another Python than the image's: the environment (or the program) was made with that one and copied in.".to_owned());
        draft.fix = Some("Make the environment in the image that runs it, or in a stage with the same Python at the same place; keep .venv out of the upload.".to_owned());
        return true;
    }
    if let Some((_, package)) = LIBRARIES.iter().find(|(start, _)| name.starts_with(start)) {
        draft.captures.set("apt", *package);
        draft.fix = Some("Install it in an earlier step: `apt-get update && apt-get install -y --no-install-recommends {apt}`.".to_owned());
    }
    true
}
