//! Subjects that stand in the failing instruction.

use super::super::draft::Draft;
use super::super::scene::{Scene, in_source};
use super::super::tolerated::principal;

/// The URL of an ADD, or for checksums the file's name in it.
pub(super) fn add_url(scene: &Scene<'_>, draft: &mut Draft) -> bool {
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
pub(super) fn add_host(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let instruction = scene.instruction().unwrap_or_default().to_ascii_uppercase();
    let adds = instruction.is_empty() || instruction.starts_with("ADD ");
    let registry =
        draft.subject().is_some_and(|url| url.contains("/v2/") || url.contains("/token?"));
    adds && !registry && super::paths::url_host(scene, draft)
}

/// A `--from` that is no stage: with a tag or a path it names an image.
pub(super) fn copy_from(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some_and(|from| from.contains([':', '/'])) {
        draft.category = "base-image".to_owned();
        draft.title = "The image {subject} that `--from` names can't be had".to_owned();
        draft.cause =
            Some("The registry has no such repository or tag, or refuses to show it.".to_owned());
        draft.fix = Some("Look the name and the tag up at the registry.".to_owned());
    }
    true
}

/// The first package an install command names.
pub(super) fn apt_package(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return true;
    }
    let Some(shell) = scene.shell() else { return true };
    let mut after = false;
    for word in words(&shell) {
        if matches!(word, "&&" | ";" | "||" | "|") {
            after = false;
        } else if word == "install" || word == "add" {
            after = true;
        } else if after && !word.starts_with('-') && !word.starts_with('$') {
            draft.set_subject(word.trim_end_matches(';'));
            return true;
        }
    }
    true
}

/// The archive or file argument of a command such as tar or unzip.
pub(super) fn archive(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return true;
    }
    const ENDS: [&str; 14] = [
        ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar", ".zip", ".gz", ".xz", ".bz2",
        ".zst", ".whl", ".deb", ".7z",
    ];
    let Some(shell) = scene.shell() else { return true };
    let packed = |w: &&str| ENDS.iter().any(|end| w.trim_end_matches(';').ends_with(end));
    const OPENERS: [&str; 8] =
        ["tar", "unzip", "gunzip", "gzip", "zcat", "xz", "bsdtar", "sha256sum"];
    let mut opened = words(&shell).skip_while(|w| !OPENERS.contains(w)).filter(packed);
    let found = opened
        .by_ref()
        .last()
        .filter(|w| !w.contains("://"))
        .or_else(|| words(&shell).filter(|w| !w.contains("://")).find(packed))
        .or_else(|| words(&shell).find(packed));
    if let Some(word) = found {
        draft.set_subject(word.trim_end_matches(';'));
    }
    true
}

/// A file of the project that the pipeline's command names.
pub(super) fn source_file(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(path) = draft.subject().map(|path| in_source(path).to_owned()) {
        draft.set_subject(path);
    }
    true
}

/// The image of a FROM as the Dockerfile names it. A `COPY --from=` of what is
/// no stage fails in the same words and is a matter of its own.
pub(super) fn base_image(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // A push or login is refused in the same words.
    if scene.registry_command().is_some() || scene.pushed_to(draft.line).is_some() {
        return false;
    }
    let found = base_named(scene, draft);
    let host =
        draft.subject().and_then(|image| image.split_once('/')).map(|(host, _)| host.to_owned());
    if draft.rule == "base-rate-limit"
        && let Some(host) = host.filter(|host| host.contains('.') && host != "docker.io")
    {
        draft.captures.set("host", host);
        draft.cause = Some(
            "{host} limits how often it may be asked from one address, and builders share theirs."
                .to_owned(),
        );
        draft.fix =
            Some("Try again later, or base on a copy of the image in another registry.".to_owned());
    }
    found
}

/// Names the image.
fn base_named(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(instruction) = scene.instruction() else {
        stage_by_name(scene, draft);
        return true;
    };
    let upper = instruction.to_ascii_uppercase();
    if upper.starts_with("COPY ") || upper.starts_with("RUN ") || upper.starts_with("ADD ") {
        let from = words(&instruction).find_map(|w| {
            w.strip_prefix("--from=").or_else(|| {
                w.strip_prefix("--mount=")
                    .and_then(|m| m.split(',').find_map(|p| p.strip_prefix("from=")))
            })
        });
        if let Some(from) = from {
            let image = from.contains('/') || from.contains(':');
            draft.set_subject(from);
            if !image {
                no_such_stage(draft);
            }
        }
        return true;
    }
    if upper.starts_with("FROM ") {
        let image = words(&instruction).skip(1).find(|w| !w.starts_with("--"));
        // A FROM that fails is always shown in the Dockerfile.
        let shown = scene.build.is_none_or(|build| {
            !build.excerpts.is_empty()
                || !build.final_error.as_ref().is_some_and(|e| e.text.contains("failed to resolve"))
        });
        if let Some(name) = image.and_then(|i| i.strip_suffix(":latest")).filter(|_| !shown)
            && !name.contains(['/', ':'])
        {
            draft.set_subject(name);
            no_such_stage(draft);
            return true;
        }
        let label = scene.the_step().map(|step| step.label().into_owned()).unwrap_or_default();
        match image {
            Some(image) if !image.contains('$') => draft.set_subject(image),
            // With the variable filled in, where the builder shows that.
            Some(_) if label.contains("load metadata for ") => stage_by_name(scene, draft),
            Some(image) if draft.subject().is_none() => draft.set_subject(image),
            _ => {}
        }
    } else if let Some(syntax) = instruction.trim_start_matches('#').trim().strip_prefix("syntax=")
    {
        draft.set_subject(syntax.trim());
        if draft.rule == "base-missing" {
            draft.title = "The Dockerfile's syntax image {subject} doesn't exist".to_owned();
            draft.fix =
                Some("Write `# syntax=docker/dockerfile:1`, or leave the line out.".to_owned());
        }
    }
    true
}

/// An image that a registry failed to hand out; ADD downloads and pushes fail
/// in the same words.
pub(super) fn registry(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let pushes = ["failed to push", "PUT request", "POST request", "Put \"", "Post \"", "x509:"];
    if pushes.iter().any(|words| draft.text.contains(words)) {
        return false;
    }
    let label = scene.the_step().map(|step| step.label().into_owned()).unwrap_or_default();
    let instruction = scene.instruction().unwrap_or_default();
    let upper = instruction.to_ascii_uppercase();
    let fetches = upper.starts_with("ADD ") && !upper.contains("--FROM=");
    let runs = upper.starts_with("RUN ") && !upper.contains("FROM=");
    if fetches || runs || label.starts_with("http://") || label.starts_with("https://") {
        return false;
    }
    // The classic builder prints what a RUN prints without any mark.
    base_image(scene, draft)
}

/// An image that no FROM asks for, because it has no excerpt and no place
/// among the steps: what a `--from` names that is no stage.
fn stage_by_name(scene: &Scene<'_>, draft: &mut Draft) {
    let Some(label) = scene.the_step().map(|step| step.label().into_owned()) else { return };
    let asked = label.split_once("load metadata for ").map(|(_, image)| image);
    let image = asked
        .or_else(|| label.strip_prefix("FROM "))
        .or_else(|| label.strip_prefix("docker-image://"))
        .or_else(|| label.split_once("resolve image config for ").map(|(_, image)| image));
    let Some(image) = image else { return };
    // Docker 20.10 shows no excerpt, but asks for metadata for FROM alone.
    let unplaced = scene.build.is_some_and(|build| {
        build.excerpts.is_empty()
            && (asked.is_none()
                || build.final_error.as_ref().is_some_and(|e| e.text.contains("failed to resolve")))
    });
    let name = image.strip_prefix("docker.io/library/").and_then(|n| n.strip_suffix(":latest"));
    match name {
        Some(name) if unplaced && !name.contains([':', '/']) => {
            draft.set_subject(name);
            no_such_stage(draft);
        }
        _ => {
            let plain = image.strip_prefix("docker.io/library/").unwrap_or(image);
            draft.set_subject(plain.strip_prefix("docker.io/").unwrap_or(plain));
        }
    }
}

/// Says that a stage is misspelt in place of what the registry answered.
fn no_such_stage(draft: &mut Draft) {
    if draft.category != "base-image" {
        return;
    }
    draft.category = "copy-source-missing".to_owned();
    draft.title = "There is no stage named {subject}".to_owned();
    draft.cause = Some(
        "`--from` names no stage of this Dockerfile, so the builder took it for an image and \
         couldn't pull it."
            .to_owned(),
    );
    draft.fix = Some("Write the stage's name as after `AS` in its FROM line.".to_owned());
    draft.retryable = false;
}

/// The `-f` file of a docker build command.
pub(super) fn command_file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let command = scene.command.map(|c| c.text.to_string()).unwrap_or_default();
    let mut all = words(&command);
    let mut file = None;
    while let Some(word) = all.next() {
        if word == "-f" || word == "--file" {
            file = all.next();
        } else if let Some(path) = word.strip_prefix("--file=") {
            file = Some(path);
        }
    }
    match file.filter(|f| !f.contains('$')) {
        Some(file) => draft.set_subject(file),
        None => {
            if let Some(path) = draft.subject() {
                let path = scene.project_path(path);
                let path = if path.starts_with("/codebuild/")
                    || path.starts_with("/var/lib/")
                    || path.starts_with("/tmp/")
                {
                    path.rsplit('/').next().unwrap_or("Dockerfile").to_owned()
                } else {
                    path
                };
                draft.set_subject(path);
            }
        }
    }
    true
}

/// The missing source of a COPY or ADD, relative to the context.
pub(super) fn copy_source(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let instruction = scene.instruction().unwrap_or_default();
    let Some(path) = draft.subject() else {
        // "no source files were specified": only a pattern can match nothing.
        let sources = sources(&instruction);
        let source = sources.iter().find(|s| s.contains(['*', '?', '['])).or(sources.first());
        if let Some(source) = source {
            draft.set_subject(source.trim_start_matches("./"));
        }
        return true;
    };
    let mut path = path.trim_matches('"').to_owned();
    for mark in ["/buildkit-mount", "/docker-builder", "/docker-import-"] {
        if let Some((_, tail)) = path.split_once(mark) {
            path = tail.split_once('/').map_or("", |(_, rest)| rest).to_owned();
        }
    }
    let path = path.trim_start_matches("./").trim_start_matches('/').to_owned();
    // What lies in another stage or image is named by its absolute path.
    let whole = words(&instruction).any(|w| w.starts_with("--from="))
        && words(&instruction).any(|w| w.trim_start_matches('/') == path && w.starts_with('/'));
    // buildah names the file where it would lie in the context's directory.
    let named = sources(&instruction)
        .iter()
        .map(|source| source.trim_start_matches("./").trim_start_matches('/').to_owned())
        .find(|source| path.strip_suffix(source.as_str()).is_some_and(|dir| dir.ends_with('/')));
    if !path.is_empty() {
        draft.set_subject(match named {
            Some(source) if !whole => source,
            _ if whole => format!("/{path}"),
            _ => path,
        });
    }
    if draft.rule.starts_with("copy-missing") {
        not_uploaded(&instruction, draft);
        ignored_by_line(scene, draft);
    }
    true
}

/// BuildKit warns of a source that a line of .dockerignore excludes.
fn ignored_by_line(scene: &Scene<'_>, draft: &mut Draft) {
    const WORDS: &str = "that is excluded by .dockerignore";
    let Some(path) = draft.subject().map(str::to_owned) else { return };
    let warnings = scene.tree.steps().iter().flat_map(|step| step.warnings());
    let Some(warning) = warnings.filter(|warning| warning.text.contains(WORDS)).find(|warning| {
        let named = warning.text.split('"').nth(1).unwrap_or("");
        named.trim_start_matches("./").trim_matches('/') == path.trim_matches('/')
    }) else {
        return;
    };
    draft.evidence.push(warning.line);
    draft.cause = Some("A line of .dockerignore excludes it, as the builder warns.".to_owned());
    draft.fix = Some(
        "Take the pattern that matches {subject} out of .dockerignore (or narrow it).".to_owned(),
    );
}

/// What the upload leaves out of a project without a .dockerignore, as far as
/// Dockerfiles ask for it: the pattern, and what to do instead.
pub(crate) const LEFT_OUT: [(&str, &str); 13] = [
    (
        ".env",
        "Don't bring it into the image: put its values into a secret set, which the agent gets as environment variables.",
    ),
    (".git", "Give what is asked of git (version, commit) as an ARG or in a file."),
    (".venv", "Make the environment in the image (`uv sync`)."),
    ("venv", "Make the environment in the image (`uv sync`)."),
    ("node_modules", "Install the packages in the image (`npm ci`)."),
    (
        "dist",
        "Build it in the image, put it under another name, or write a .dockerignore: it replaces the defaults.",
    ),
    (
        "build",
        "Build it in the image, put it under another name, or write a .dockerignore: it replaces the defaults.",
    ),
    (
        "env",
        "Make a virtual environment in the image; a directory of code needs another name, or a .dockerignore, which replaces the defaults.",
    ),
    (".cache", "Put it under another name (models/), or fetch it in the image."),
    ("*.log", "Put it under another ending, or write a .dockerignore: it replaces the defaults."),
    (
        "*.so",
        "Put it into an archive or a wheel, or write a .dockerignore: it replaces the defaults.",
    ),
    ("*.pem", "A certificate may go under another ending (.crt); a key belongs into a secret set."),
    ("*.key", "A key belongs into a secret set, not into the image."),
];

/// The pattern that leaves out a path by default, and what to do instead.
pub(super) fn left_out(path: &str) -> Option<(&'static str, &'static str)> {
    let (pattern, instead) = LEFT_OUT.iter().find(|(pattern, _)| {
        let ending = pattern.strip_prefix('*');
        path.split('/').any(|part| match ending {
            Some(ending) => part.ends_with(ending),
            None => part == *pattern || *pattern == ".env" && part.starts_with(".env."),
        })
    })?;
    let pattern = if path.contains(".env.") { ".env.*" } else { pattern };
    Some((pattern, instead))
}

/// Says what the instruction itself shows of why its source isn't there.
fn not_uploaded(instruction: &str, draft: &mut Draft) {
    let Some(subject) = draft.subject().map(str::to_owned) else { return };
    let from = words(instruction).find_map(|word| {
        word.strip_prefix("--from=").or_else(|| {
            word.strip_prefix("--mount=")?.split(',').find_map(|part| part.strip_prefix("from="))
        })
    });
    let all = sources(instruction);
    let out = |source: &&String| source.starts_with("../") || source.contains("/../");
    if let Some(from) = from {
        let kind = if from.contains([':', '/']) { "image" } else { "stage" };
        draft.captures.set("from", format!("{kind} {from}"));
        draft.title = "The {from} has no `{subject}`".to_owned();
        draft.cause = Some(
            "`{instruction|The instruction}` copies from there, and nothing made that path in it."
                .to_owned(),
        );
        draft.fix = Some(if kind == "image" {
            "Look up where that image has it (uv's image: /uv and /uvx), and correct the path."
                .to_owned()
        } else {
            "Correct the path: it is where WORKDIR and the commands over there put it (uv makes `.venv` in the working directory).".to_owned()
        });
    } else if subject.starts_with('#') || all.iter().any(|source| source.starts_with('#')) {
        draft.title = "`#` behind an instruction begins no comment".to_owned();
        draft.cause = Some("`{instruction|The instruction}` takes `#` and every word behind it for a file to copy.".to_owned());
        draft.fix = Some("Put the comment on a line of its own.".to_owned());
    } else if let Some(source) = all.iter().find(out) {
        draft.captures.set("source", source.clone());
        draft.title = "`{source}` lies outside the build context".to_owned();
        draft.cause = Some(
            "Only the context directory is uploaded, and `..` leads nowhere above it.".to_owned(),
        );
        draft.fix = Some("Move it into the project; or deploy from the directory above (`context_dir` and `dockerfile` under [build] in pcc-deploy.toml) and write all paths from there.".to_owned());
    } else if let Some((pattern, instead)) = left_out(&subject) {
        draft.captures.set("pattern", pattern);
        draft.cause = Some("The upload leaves out `{pattern}` by default (a .dockerignore of the project's own would replace that list); and a checkout from GitHub has only what is committed.".to_owned());
        draft.fix = Some(instead.to_owned());
    }
}

/// The sources of a COPY or ADD.
pub(super) fn sources(instruction: &str) -> Vec<String> {
    let mut all = instruction.splitn(2, ' ');
    let word = all.next().unwrap_or("").to_ascii_uppercase();
    if word != "COPY" && word != "ADD" {
        return Vec::new();
    }
    let mut paths: Vec<String> = words(all.next().unwrap_or(""))
        .map(|w| w.trim_matches(|c| "[],\"'".contains(c)))
        .filter(|w| !w.is_empty() && !w.starts_with("--"))
        .map(str::to_owned)
        .collect();
    paths.pop();
    paths
}

/// What couldn't be executed: the platform where the build names it.
pub(super) fn exec_format(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = draft
        .subject()
        .is_none_or(|s| matches!(s, "/bin/sh" | "/bin/bash" | "/bin/ash" | "sh" | "bash"));
    if shell && let Some(platform) = scene.the_step().and_then(|s| s.platform()) {
        draft.set_subject(platform.rsplit("->").next().unwrap_or(platform));
    }
    if shell {
        foreign_base(scene, draft);
    } else if let Some(word) = scene.shell().as_deref().and_then(of_another_cpu) {
        draft.captures.set("word", word);
        draft.cause = Some(
            "`{word}` of the command is the build for x86-64, and agents run on arm64.".to_owned(),
        );
        draft.fix = Some("Download the one for arm64 (`arm64` or `aarch64` in its name); `ARG TARGETARCH` gives `$TARGETARCH`, which is arm64 here.".to_owned());
    }
    // A Python of an environment that came with the project.
    if draft.subject().is_some_and(|path| path.contains("venv/bin/")) {
        super::uv::venv_words(scene, draft);
    }
    true
}

/// The word of a command that names another CPU than agents have.
fn of_another_cpu(shell: &str) -> Option<String> {
    let named = |word: &&str| {
        ["amd64", "x86_64", "x86-64", "x64"].iter().any(|cpu| {
            word.to_ascii_lowercase().split(|c: char| "-_./=".contains(c)).any(|part| part == *cpu)
        }) || word.contains("x86_64")
    };
    let word = words(shell).find(named)?;
    Some(word.rsplit('/').next().filter(|last| named(last)).unwrap_or(word).to_owned())
}

/// Not even the shell runs: the whole base image is for another CPU.
fn foreign_base(scene: &Scene<'_>, draft: &mut Draft) {
    let Some(step) = scene.the_step() else { return };
    draft.title = match step.platform() {
        Some(_) => "The base image is for {subject}, and the builder has another CPU",
        None => "The base image is built for another CPU ({subject|its shell} can't run)",
    }
    .to_owned();
    let (cause, fix) = if super::base::on_pipecat_base(scene.tree, step.build()) {
        (
            "dailyco/pipecat-base is published for arm64 only, and this builder has another CPU.",
            "Build in the cloud, on an arm64 machine, or with emulation (`docker run --privileged --rm tonistiigi/binfmt --install arm64`, then `--platform linux/arm64`).",
        )
    } else if step.platform().is_none_or(|platform| platform.contains("amd64")) {
        (
            "FROM asks for another platform, or its image has no variant for the builder's CPU.",
            "Cloud builds run on arm64: use an image (or tag) that has linux/arm64, and drop `--platform` from FROM.",
        )
    } else {
        (
            "The step runs that platform's programs, and nothing emulates its CPU here.",
            "Build on a machine of that platform (cloud builds run on arm64), or with emulation (`docker run --privileged --rm tonistiigi/binfmt --install all`).",
        )
    };
    draft.cause = Some(cause.to_owned());
    draft.fix = Some(fix.to_owned());
}

/// What ran when something was killed or crashed.
pub(super) fn killed(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell();
    if draft.rule == "oom-killed" {
        if !matches!(scene.exit_code(), Some(137) | None) {
            return false;
        }
        if !super::shell::killed_by_timeout(shell.as_deref(), draft)
            && let Some((line, package)) = being_built(scene, draft)
        {
            compiling(line, package, draft);
        }
    }
    if draft.rule == "oom-heap" {
        let node = ["node", "npm", "npx", "yarn", "pnpm", "next", "vite"];
        let node =
            shell.as_deref().is_none_or(|shell| node.iter().any(|tool| shell.contains(tool)));
        if let Some((line, package)) = being_built(scene, draft) {
            compiling(line, package, draft);
        } else if !node {
            draft.fix = Some(
                "Do less at once (fewer jobs, smaller batches), or move the work to run time."
                    .to_owned(),
            );
        }
    }
    if draft.subject().is_none()
        && let Some(shell) = shell
    {
        draft.set_subject(principal(&shell));
    }
    true
}

/// Says which package's compilation used the memory up.
fn compiling(line: crate::domain::LineNo, package: String, draft: &mut Draft) {
    draft.captures.set("package", package);
    draft.evidence.push(line);
    draft.cause = Some("{package} was being compiled, and compilers run side by side need much memory: the kernel ends what uses it up.".to_owned());
    draft.fix = Some("Use a version of {package} that has a wheel for this Python and arm64, or do without it; else compile less at once (`MAX_JOBS=1`, `CMAKE_BUILD_PARALLEL_LEVEL=1`).".to_owned());
}

/// The package that pip or uv was building when a line was printed.
fn being_built(scene: &Scene<'_>, draft: &Draft) -> Option<(crate::domain::LineNo, String)> {
    let mut built: Vec<String> = Vec::new();
    for (line, text) in scene.before(draft.line, 40) {
        let text = text.trim();
        let name = |tail: &str| tail.split([' ', '=']).next().unwrap_or(tail).to_owned();
        if let Some(tail) = text.strip_prefix("Built ") {
            built.push(name(tail));
        } else if text.contains("finished with status") {
            return None;
        } else if let Some(tail) = text
            .strip_prefix("Building wheel for ")
            .or_else(|| text.strip_prefix("Building editable for "))
            .or_else(|| text.strip_prefix("Building ").filter(|tail| tail.contains("==")))
        {
            let name = name(tail);
            if !built.contains(&name) {
                return Some((line, name));
            }
        }
    }
    None
}

/// A command that wasn't found: `./x` is a file of the project.
pub(super) fn not_found(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if matches!(scene.exit_code(), Some(0)) {
        return false;
    }
    if let Some(name) = draft.subject().map(str::to_owned) {
        let windows = ["\\r", "^M", "␍"]
            .iter()
            .any(|end| name.trim_end_matches(|c: char| "'\"`‘’“”".contains(c)).ends_with(end));
        if windows {
            draft.title =
                "A script has Windows line ends: there is no {subject} with a CR behind it"
                    .to_owned();
            draft.cause = Some(
                "Each line ends in CR LF, and the CR counts as part of the interpreter's name."
                    .to_owned(),
            );
            draft.fix = Some("Save the script with LF line ends (`*.sh text eol=lf` in .gitattributes), or strip them in the image (`sed -i 's/\\r$//'`).".to_owned());
        }
        const OF_BASH: [&str; 8] =
            ["source", "pushd", "popd", "shopt", "[[", "declare", "mapfile", "readarray"];
        if OF_BASH.contains(&name.as_str()) && draft.text.contains("sh: ") {
            draft.title = "`{subject}` is bash's own command, and the step runs in sh".to_owned();
            draft.cause = Some(
                "RUN uses /bin/sh, which is dash in Debian and lacks what bash adds.".to_owned(),
            );
            draft.fix = Some(if name == "source" {
                "Write `.` for `source`, or put `SHELL [\"/bin/bash\", \"-c\"]` above the step. A virtual environment needs neither: call its programs by path, or put its bin directory on PATH with ENV.".to_owned()
            } else {
                "Put `SHELL [\"/bin/bash\", \"-c\"]` above the step (in an image that has bash), or write it for sh.".to_owned()
            });
        }
        let name = name
            .trim_matches(|c: char| "'\"`‘’“”".contains(c))
            .trim_end_matches("\\r")
            .trim_end_matches("^M")
            .trim_end_matches("␍");
        let name = name.strip_prefix("./").unwrap_or(name).to_owned();
        if draft.text.contains("./") || name.contains('/') {
            draft.cause = Some("The file exists but the interpreter that its first line names doesn't (often because of Windows line ends), or the file isn't in the image.".to_owned());
            draft.fix = Some("Save the script with LF line ends (`*.sh text eol=lf` in .gitattributes), check its first line, and that it is copied.".to_owned());
        }
        if name.contains("venv/bin/") {
            super::uv::venv_words(scene, draft);
        }
        of_another_system(&name, draft);
        // npm prints the script that it runs: `> vite build`.
        let script = scene.before(draft.line, 6).into_iter().any(|(_, text)| {
            text.strip_prefix("> ").is_some_and(|run| run.split(' ').any(|word| word == name))
        });
        if script {
            draft.cause = Some("A script of package.json calls it, and it isn't installed: it is missing in package.json, no `npm ci` ran before, or devDependencies were left out (`--omit=dev`, NODE_ENV=production).".to_owned());
            draft.fix = Some("Install the project's packages before this step, devDependencies too (`npm ci` without `--omit=dev`); drop them after the build (`npm prune --omit=dev`).".to_owned());
        }
        draft.set_subject(name);
    }
    true
}

/// Commands that an image never has, or that belong to another distribution.
fn of_another_system(name: &str, draft: &mut Draft) {
    let (cause, fix) = match name {
        "sudo" => (
            "Images come without sudo, and RUN is root's anyway unless a USER instruction says otherwise.",
            "Leave `sudo` out; below a USER instruction, put the step above it or `USER root` in front.",
        ),
        "apt-get" | "apt" | "add-apt-repository" => (
            "It is Debian's and Ubuntu's package manager, and this image is another distribution (Alpine has apk, Red Hat's have dnf or microdnf).",
            "Use the image's own package manager (Alpine: `apk add --no-cache`), or a Debian image such as python:3.12-slim.",
        ),
        "apk" => (
            "It is Alpine's package manager, and this image is another distribution.",
            "Write `apt-get update && apt-get install -y --no-install-recommends …` (Debian, Ubuntu), with Debian's names of the packages.",
        ),
        "yum" | "dnf" | "microdnf" => (
            "It is the package manager of Red Hat's distributions, and this image is another one.",
            "Write `apt-get update && apt-get install -y --no-install-recommends …` (Debian, Ubuntu) or `apk add` (Alpine), with that distribution's names of the packages.",
        ),
        _ => return,
    };
    draft.cause = Some(cause.to_owned());
    draft.fix = Some(fix.to_owned());
}

/// The command of the step.
pub(super) fn shell_command(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_none()
        && let Some(shell) = scene.shell()
    {
        draft.set_subject(principal(&shell));
    }
    true
}

/// A path as the project names it.
pub(super) fn workdir(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(path) = draft.subject() {
        let path = scene.project_path(path);
        draft.set_subject(path);
    }
    true
}

/// A path that isn't there, as the command names it or as the project does.
pub(super) fn missing_path(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(path) = draft.subject().map(str::to_owned) else { return true };
    if draft.text.contains("cannot open shared object") {
        return false;
    }
    // An archive that the pipeline itself unpacks is no file of the image.
    if draft.rule == "archive-missing" && scene.step.is_none() && scene.build.is_none() {
        return false;
    }
    if path.starts_with("/run/secrets/") {
        draft.title = "The build secret {subject} wasn't given".to_owned();
        draft.cause = Some("The step reads a secret mount, and the build command passes no such secret (without `required=true` the file is then just missing).".to_owned());
        draft.fix = Some("Cloud builds pass no secrets: vendor what the secret is for (a wheel, a model) into the context, or fetch it when the agent starts, with a secret set.".to_owned());
    }
    // A shell that is told to run what isn't there says so and gives 127.
    let runs = draft.text.contains(&format!(": {path}: No such file"));
    if runs && scene.exit_code() == Some(127) {
        draft.category = "command-not-found".to_owned();
    }
    let shell = scene.shell().unwrap_or_default();
    if !words(&shell).any(|word| word == path) {
        draft.set_subject(scene.project_path(&path));
    }
    true
}

/// The words of a command, quotes stripped.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().map(|w| w.trim_matches(|c| c == '"' || c == '\''))
}
