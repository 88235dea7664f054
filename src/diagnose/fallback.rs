//! When no rule fits: what the exit code says, a build that just stops, and
//! the honest "not recognised".

use super::Confidence;
use super::draft::{Draft, shorten};
use super::scene::Scene;
use super::tolerated::{parts, principal};
use crate::domain::LineNo;

/// What stands for a rule where not even the exit code tells anything.
pub(super) const UNKNOWN: &str = "step-failed";

/// The draft for a failure that no rule explains.
pub(super) fn failed(scene: &Scene<'_>) -> Draft {
    let stated = stated_line(scene);
    if let Some(draft) = super::resolve::service_fault(scene, stated) {
        return draft;
    }
    let code = scene.exit_code();
    let shell = scene.shell();
    let by_code = code.and_then(|code| {
        Some(match code {
            124 => ("exit-124", "timeout", "`{command|the command}` ran into its own time limit (exit code 124)"),
            126 => ("exit-126", "permission-denied", "`{command|the command}` can't be executed (exit code 126)"),
            127 => ("exit-127", "command-not-found", "A command of `{command|the step}` doesn't exist in the image (exit code 127)"),
            132 => ("exit-132", "crash-signal", "`{command|the command}` used an instruction this CPU doesn't have (exit code 132)"),
            134 => ("exit-134", "crash-signal", "`{command|the command}` aborted (exit code 134)"),
            135 => ("exit-135", "crash-signal", "`{command|the command}` crashed with a bus error (exit code 135)"),
            136 => ("exit-136", "crash-signal", "`{command|the command}` crashed with an arithmetic error (exit code 136)"),
            137 => ("exit-137", "out-of-memory", "`{command|the command}` was killed, most likely for want of memory (exit code 137)"),
            139 => ("exit-139", "crash-signal", "`{command|the command}` crashed with a segmentation fault (exit code 139)"),
            141 => ("exit-141", "script-failed", "A command of `{command|the step}` wrote to one that had stopped reading (exit code 141)"),
            143 => ("exit-143", "timeout", "`{command|the command}` was told to stop (exit code 143)"),
            _ => return None,
        })
    });
    if let Some((rule, category, title)) = by_code {
        let mut draft = Draft::of_code(rule, category, stated, title);
        if code == Some(137) {
            super::resolve::killed_by_timeout(shell.as_deref(), &mut draft);
        }
        if let Some(shell) = shell {
            draft.set_subject(principal(&shell));
        }
        let (cause, fix) = match draft.category.as_str() {
            "script-failed" => (
                "With `pipefail` a pipe fails when any of its commands does, and a command whose \
                 reader ends early (`head`, `grep -q`) is ended by SIGPIPE. Nothing else need be \
                 wrong.",
                "Let the reader take all of it (`sed -n 1p` for `head -n 1`, `grep … >/dev/null` \
                 for `grep -q`), or write `|| true` behind that pipe.",
            ),
            "timeout" => (
                "The command was stopped because it took longer than it was given.",
                "Find out what it waits for, give it more time, or move the work to run time.",
            ),
            "permission-denied" => (
                "The file isn't executable, is a directory, or is built for another CPU.",
                "`RUN chmod +x` it (or `COPY --chmod=755`), and check what `file` says of it.",
            ),
            "command-not-found" => (
                "A program that the command calls isn't installed in this image or not on PATH.",
                "Install it in an earlier step, or use a base image that has it.",
            ),
            "out-of-memory" => (
                "The kernel ends what uses up the memory of the build machine.",
                "Do less at once (fewer jobs, smaller batches), or move the work to run time.",
            ),
            _ => (
                "A native library or program was ended by a signal: a bug in it, or it is built \
                 for another CPU.",
                "Try another version of it; on arm64 look for a build made for arm64.",
            ),
        };
        draft.cause = Some(cause.to_owned());
        draft.fix = Some(fix.to_owned());
        return draft;
    }
    if let Some(draft) = refused(scene, stated)
        .or_else(|| silent_download(scene, stated))
        .or_else(|| silent_check(scene, stated))
        .or_else(|| complaint(scene))
    {
        return draft;
    }
    let mut last = scene.last(200);
    // buildah says that its child failed in lines of its own.
    last.retain(|(_, text)| !text.starts_with("subprocess exited with status "));
    let looks = last.iter().rev().find(|(_, text)| looks_like_error(text));
    let line = looks.or(last.iter().find(|(_, t)| !t.trim().is_empty()));
    if let Some(what) = scene.registry_command() {
        return registry(scene, line.map_or(stated, |(n, _)| *n), what);
    }
    let category = if scene.step.is_some() || scene.build.is_some() {
        "script-failed"
    } else {
        "build-command"
    };
    let title = match (scene.step, code) {
        (Some(_), Some(_)) => {
            "Not recognised: `{instruction|the step}` failed with exit code {code}"
        }
        (Some(_), None) => "Not recognised: `{instruction|the step}` failed",
        (None, Some(_)) => "Not recognised: `{command|a command}` failed with exit code {code}",
        (None, None) => "Not recognised: the build failed",
    };
    let mut draft = Draft::of_code(UNKNOWN, category, line.map_or(stated, |(n, _)| *n), title);
    // What the command says of itself is more than its exit code.
    if scene.step.is_some()
        && let Some(text) = line.and_then(|_| looks.or(first_of(&last))).map(|(_, text)| text)
    {
        let why = text.trim();
        const STATES: [&str; 8] =
            ["error", "Error", "ERROR", "[ERROR", "fatal", "FATAL", "Fatal", "Failed"];
        let states = STATES.iter().any(|word| why.starts_with(word));
        draft.captures.set("why", why.chars().take(160).collect::<String>());
        draft.title = if states && !why.ends_with(':') {
            "`{command|the step}` failed: {why}"
        } else if looks.is_some() {
            "Not recognised: `{command|the step}` failed: {why}"
        } else {
            "Not recognised: `{command|the step}` failed with exit code {code|that isn't 0}, and last said: {why}"
        }
        .to_owned();
    }
    draft.cause = Some("No rule knows this failure. The evidence holds the last lines of the step and the first that looks like an error.".to_owned());
    draft.fix = Some(
        "Read the step's last lines; run the same command in the base image to see it fail."
            .to_owned(),
    );
    draft.evidence = last.iter().take(5).map(|(n, _)| *n).chain([stated]).collect();
    if let Some(shell) = shell {
        draft.set_subject(script_of(principal(&shell)));
    }
    draft.most = Confidence::Low;
    draft
}

/// The last line that isn't blank, of lines latest first.
fn first_of(last: &[(LineNo, String)]) -> Option<&(LineNo, String)> {
    last.iter().find(|(_, text)| !text.trim().is_empty())
}

/// The draft for a download that was told to be quiet: `wget -q` and `curl -s`
/// leave nothing but their exit code, and that says it.
fn silent_download(scene: &Scene<'_>, stated: LineNo) -> Option<Draft> {
    let shell = scene.shell()?;
    let code = scene.exit_code()?;
    let command = principal(&shell);
    let tool = command.split_whitespace().next()?;
    let (category, what) = match (tool, code) {
        ("wget", 4) | ("curl", 6 | 7 | 28 | 52 | 55 | 56) => ("network", "couldn't be reached"),
        ("wget", 5) | ("curl", 35 | 60) => {
            ("tls-certificate", "has a certificate that isn't trusted")
        }
        ("wget", 6) => ("auth-denied", "wants credentials"),
        ("wget", 8) | ("curl", 22) => ("network", "answered with an error"),
        _ => return None,
    };
    let url = super::resolve::url_in(command)?.to_owned();
    let mut draft = Draft::of_code(
        "silent-download",
        category,
        stated,
        "Downloading {subject} failed: the server {what} ({tool} exit code {code})",
    );
    draft.captures.set("what", what);
    draft.captures.set("tool", tool);
    draft.cause = Some(
        "The command is told to be quiet, so only its exit code says what went wrong.".to_owned(),
    );
    draft.fix = Some(
        "Check the address; leave out `-q` (wget) or add `-S` (curl) to see the reason.".to_owned(),
    );
    draft.retryable = category == "network";
    let quiet: Vec<&str> = parts(&shell)
        .into_iter()
        .filter(|part| part.split_whitespace().next() == Some(tool))
        .filter_map(super::resolve::url_in)
        .collect();
    if quiet.len() > 1 {
        draft.captures.set("all", quiet.join(", "));
        draft.title =
            "One of {tool}'s downloads failed: the server {what} (exit code {code})".to_owned();
        draft.cause = Some("The commands are told to be quiet, so the exit code alone says what went wrong, and not which it was: {all}.".to_owned());
        draft.fix = Some(
            "Check the addresses; leave out `-q` (wget) or add `-S` (curl) to see which one it is."
                .to_owned(),
        );
    }
    let answered = what.starts_with("answered");
    draft.set_subject(if answered { url } else { super::resolve::host_of(&url) });
    Some(draft)
}

/// The draft for a command that says itself, in the last of its words, what
/// went wrong: `mv: cannot move 'a' to 'b': Device or resource busy`.
fn complaint(scene: &Scene<'_>) -> Option<Draft> {
    const MOST: usize = 3;
    scene.step?;
    let shell = scene.shell()?;
    let named = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        let mut words = super::resolve::words(&shell);
        words.any(|word| word.rsplit('/').next() == Some(name))
    };
    let last = scene.last(40);
    let words = last.iter().filter(|(_, text)| !text.trim().is_empty()).take(MOST);
    let mut said = words.filter_map(|(line, text)| {
        let (name, why) = text.split_once(": ")?;
        let one = !name.is_empty() && !name.contains(' ') && named(name);
        (one && !why.trim().is_empty()).then(|| (*line, name, why.trim()))
    });
    // What it says first is the reason, what comes behind a consequence.
    let mut first = said.next()?;
    first = said.take_while(|(_, name, _)| *name == first.1).last().unwrap_or(first);
    let (line, name, why) = first;
    let mut draft =
        Draft::of_code("command-complains", "script-failed", line, "{subject} failed: {why}");
    draft.captures.set("why", why.chars().take(200).collect::<String>());
    draft.set_subject(name);
    draft.cause = Some("The command says so itself, in the last of its words.".to_owned());
    draft.fix = Some(
        "Correct the command, or what it works on; run it in the base image to see it fail."
            .to_owned(),
    );
    Some(draft)
}

/// The draft for a check that says no by its exit code alone: `test`, `grep`.
fn silent_check(scene: &Scene<'_>, stated: LineNo) -> Option<Draft> {
    const CHECKS: [&str; 5] = ["test", "[", "[[", "grep", "cmp"];
    let shell = scene.shell().filter(|_| scene.step.is_some() && scene.exit_code() == Some(1))?;
    if scene.last(40).iter().any(|(_, text)| looks_like_error(text)) {
        return None;
    }
    let checks: Vec<&str> = parts(&shell)
        .into_iter()
        .filter(|part| part.split(' ').next().is_some_and(|word| CHECKS.contains(&word)))
        .collect();
    // Where commands come after the check that may have failed as silently, nobody knows.
    let check = *checks.first()?;
    let last = parts(&shell).last().copied();
    // What a pipeline's first commands say counts under `pipefail` alone.
    let pipefail = || {
        shell.contains("pipefail")
            || scene.lines.text(stated).is_some_and(|text| text.contains("pipefail"))
    };
    let ends = last.is_some_and(|last| checks.contains(&last));
    let feeds = shell.contains('|') && pipefail();
    if !ends && !feeds {
        return None;
    }
    let mut draft = Draft::of_code(
        "silent-check",
        "script-failed",
        stated,
        "A check of the step says no, and prints nothing: `{check}`",
    );
    draft.captures.set("check", checks.join("`, `"));
    draft.cause = Some(if checks.iter().any(|check| check.starts_with("grep")) {
        "grep ends with exit code 1 where no line matches; test does where the file isn't there, is empty, or the comparison is false. Under `pipefail` that ends a whole pipeline.".to_owned()
    } else {
        "test ends with exit code 1, silently, where the file isn't there, is empty, or the comparison is false.".to_owned()
    });
    draft.fix = Some("Look what is there in the step before (`ls -la`, `cat`), and correct what is checked, or the check.".to_owned());
    draft.set_subject(check);
    Some(draft)
}

/// The draft for what the builder itself refused: no command of the step ran
/// and failed, so what is wrong stands in the Dockerfile.
fn refused(scene: &Scene<'_>, stated: LineNo) -> Option<Draft> {
    let build = scene.build?;
    let words = if let Some(step) = scene.the_step() {
        let error = step.error();
        if step.exit_code().is_some() {
            return None;
        }
        match error {
            Some(error) => error.text.to_string(),
            None => scene.lines.text(stated)?,
        }
    } else {
        let error = build.final_error.as_ref();
        let line = error.map_or(stated, |error| error.line);
        scene.lines.text(line)?
    };
    const RAN: [&str; 6] = [
        "did not complete successfully",
        "returned a non-zero code",
        "executor failed running",
        "exit status ",
        "context canceled",
        "rpc error",
    ];
    if RAN.iter().any(|mark| words.contains(mark)) {
        return None;
    }
    let instruction = scene.instruction().unwrap_or_default().to_ascii_uppercase();
    let why = words
        .rsplit_once("failed to solve: ")
        .map(|(_, why)| why)
        .or_else(|| words.rsplit_once("failed to create LLB definition: ").map(|(_, why)| why))
        .or_else(|| words.split_once("\": ").filter(|(h, _)| h.contains("STEP")).map(|(_, w)| w))
        .unwrap_or(&words);
    let missing = why.contains("no such file") || why.contains("not found");
    let copies = ["COPY ", "ADD "].iter().any(|word| instruction.starts_with(word));
    let category = if copies && missing {
        "copy-source-missing"
    } else if scene.step.is_none()
        && build.excerpts.is_empty()
        && build.final_error.is_none()
        && !why.contains("ockerfile")
    {
        return None;
    } else if instruction.starts_with("FROM ") && !why.contains("parse") {
        "base-image"
    } else {
        "dockerfile-invalid"
    };
    let title = "The builder refused `{instruction|Dockerfile}`: {why}";
    let mut draft = Draft::of_code("builder-refused", category, stated, title);
    draft.captures.set("why", why.trim());
    draft.cause = Some(
        "No command ran and failed here: the builder can't do what the instruction says."
            .to_owned(),
    );
    draft.fix = Some("Correct the instruction as the builder's words say.".to_owned());
    if category == "base-image" {
        super::resolve::base_image(scene, &mut draft);
    } else if let Some(word) = scene.instruction().as_deref().and_then(|i| i.split(' ').next()) {
        draft.set_subject(word);
    }
    draft.most = Confidence::Medium;
    Some(draft)
}

/// The draft for a log that just stops, of which nobody says that its build was stopped.
pub(super) fn cut_off(scene: &Scene<'_>) -> Draft {
    let mut draft = timeout(scene);
    if let Some(rest) = draft.title.strip_prefix(STOPPED) {
        draft.title = format!("The log ends while {rest}");
    }
    draft.cause = draft.cause.map(|cause| {
        format!("{cause} Or there is more of it: it was saved while the build still ran.")
    });
    draft.most = Confidence::Medium;
    draft
}

/// How the title of a build begins that was stopped.
const STOPPED: &str = "The build was stopped while ";

/// The draft for a build that was stopped.
pub(super) fn timeout(scene: &Scene<'_>) -> Draft {
    let last = scene.last(50);
    let line = last
        .iter()
        .find(|(_, text)| !text.trim().is_empty())
        .map(|(n, _)| *n)
        .or_else(|| scene.the_step().map(|s| s.first_line()))
        .or_else(|| scene.command.map(|c| c.line))
        .unwrap_or_else(|| LineNo::new(scene.tree.len().saturating_sub(1)));
    let mut draft = Draft::of_code(
        "build-timeout",
        "timeout",
        line,
        "The build was stopped while `{command|a step}` was still running{doing|}",
    );
    draft.cause = Some(
        "The log ends in the middle of this step: the command hangs (it waits for input, for a \
         service, or is itself a server) or takes longer than a build may."
            .to_owned(),
    );
    draft.fix = Some(
        "Commands that never end belong into CMD, not RUN; make installers non-interactive, and \
         give waits a limit (`timeout 60 …`)."
            .to_owned(),
    );
    draft.most = Confidence::High;
    match (scene.shell(), scene.instruction()) {
        (Some(_), _) => {}
        (None, Some(instruction)) => draft.captures.set("command", shorten(&instruction)),
        (None, None) => draft.title = draft.title.replace("`{command|a step}`", "a step"),
    }
    at_work(&last, &mut draft);
    asks(&last, &mut draft);
    if let Some(step) = scene.the_step() {
        draft.evidence.push(step.first_line());
    }
    if let Some(shell) = scene.shell() {
        draft.set_subject(shell);
    }
    draft
}

/// Says what a step was about when it was stopped, as its last lines tell.
fn at_work(last: &[(LineNo, String)], draft: &mut Draft) {
    let name = |text: &str| {
        let word = text.split([' ', '(', ',']).next().unwrap_or(text).trim_end_matches("...");
        Some(word.to_owned()).filter(|word| !word.is_empty())
    };
    for (line, text) in last.iter().filter(|(_, text)| !text.trim().is_empty()).take(12) {
        let text = text.trim_start();
        let built = text
            .strip_prefix("Building wheel for ")
            .filter(|rest| rest.contains("started") || rest.contains("still running"))
            .or_else(|| text.strip_prefix("Building ").filter(|rest| rest.contains("==")))
            .or_else(|| text.strip_prefix("Compiling "))
            .and_then(name);
        // `Installing build dependencies: still running...`
        let chore = ["build dependencies", "backend dependencies", "collected packages"];
        let text = match chore.iter().find(|chore| text.contains(**chore)) {
            Some(_) => "",
            None => text,
        };
        if let Some(built) = built {
            draft.captures.set("doing", format!(": it was compiling {built}"));
            draft.captures.set("built", built);
            draft.evidence.push(*line);
            draft.cause = Some("The log ends while {built} was compiled from its source: that takes long, or longer than a build may.".to_owned());
            draft.fix = Some("Use a version of {built} that has a wheel for this Python and arm64 (or a base image with a Python that it has wheels for); compile with more jobs, or in an image of its own that others start from.".to_owned());
            return;
        }
        let fetched = text
            .strip_prefix("Downloading ")
            .or_else(|| text.strip_prefix("Collecting "))
            .or_else(|| text.strip_prefix("Setting up "))
            .or_else(|| text.strip_prefix("Cloning into "))
            .or_else(|| text.strip_prefix("Installing "));
        if let Some(word) = fetched.and_then(name) {
            draft.captures.set("doing", format!(": it was at {}", word.trim_matches('\'')));
            return;
        }
    }
}

/// Says so where the last words of a step are a question: nobody answers it.
fn asks(last: &[(LineNo, String)], draft: &mut Draft) {
    let Some((_, text)) = last.iter().find(|(_, text)| !text.trim().is_empty()) else { return };
    let question = text.trim();
    let open = question.ends_with([':', '?'])
        || ["[y/n]", "[yes/no]", "(y/n)", "(yes/no)"]
            .iter()
            .any(|end| question.to_ascii_lowercase().trim_end_matches([':', ' ']).ends_with(end));
    if !open || question.len() > 100 {
        return;
    }
    let debconf = last.iter().find(|(_, text)| {
        text.contains("Geographic area") || text.contains("Configuring ") && text.contains("---")
    });
    draft.captures.set("question", question);
    if debconf.is_some() {
        let package = last
            .iter()
            .find_map(|(_, text)| text.trim().strip_prefix("Configuring ")?.split(' ').next());
        draft.captures.set("package", package.unwrap_or("tzdata"));
        draft.title =
            "The build was stopped while the package {package} waited for an answer (`{question}`)"
                .to_owned();
        draft.cause = Some("A Debian package asks questions when it is configured, and a build has no keyboard: the step waits until its time is up.".to_owned());
        draft.fix = Some("Write `DEBIAN_FRONTEND=noninteractive apt-get install -y …` (or `ARG DEBIAN_FRONTEND=noninteractive` above it); for tzdata set `ENV TZ=Etc/UTC` as well.".to_owned());
    } else {
        draft.cause = Some("The last line looks like a question (`{question}`), and a build has no keyboard: the command may have waited for an answer until its time was up.".to_owned());
        draft.fix = Some("Give the command the option that answers for you (`-y`, `--yes`, `--non-interactive`), or feed it the answer; commands that never end belong into CMD, not RUN.".to_owned());
    }
}

/// The draft for a build that somebody or something called off.
pub(super) fn cancelled(scene: &Scene<'_>) -> Draft {
    let mut draft = timeout(scene);
    draft.rule = "build-cancelled".to_owned();
    draft.title =
        "The build was cancelled while `{command|a step}` was still running{doing|}".to_owned();
    draft.cause = Some(
        "No step failed: the build was stopped from outside, by a person, a newer build, or a time \
         limit."
            .to_owned(),
    );
    draft.most = Confidence::Medium;
    draft
}

/// The draft for a push, tag or login that no rule explains.
fn registry(scene: &Scene<'_>, line: LineNo, what: &str) -> Draft {
    let mut draft = Draft::of_code(
        "registry-refused",
        "image-push",
        line,
        "Not recognised: `{command}` failed",
    );
    draft.cause = Some(format!(
        "The image's {what} failed, and no rule knows the registry's words. That is set up by the \
         service, not by the project."
    ));
    draft.fix = Some("Try again once; then tell support the build id, region and time.".to_owned());
    let named = || {
        let word = scene.command?.text.split_whitespace().last()?;
        Some(word.to_owned()).filter(|word| !word.starts_with('$'))
    };
    if let Some(target) = scene.pushed_to(line).or_else(named) {
        draft.set_subject(target);
    }
    draft.most = Confidence::Low;
    draft
}

/// The line that states the failure in general terms.
pub(super) fn stated_line(scene: &Scene<'_>) -> LineNo {
    let step = scene.the_step();
    step.and_then(|s| s.error().map(|e| e.line))
        .or_else(|| scene.build.and_then(|b| b.final_error.as_ref().map(|e| e.line)))
        .or_else(|| step.map(|s| s.last_line()))
        .or_else(|| scene.command.map(|c| c.last_line))
        .unwrap_or_else(|| LineNo::new(scene.tree.len().saturating_sub(1)))
}

/// Words that lines of failing tools have in common.
pub(super) fn looks_like_error(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    const SIGNS: [&str; 15] = [
        "error:",
        "error]",
        "error ",
        "fatal",
        "failed",
        "failure",
        "cannot ",
        "can't ",
        "could not ",
        "couldn't ",
        "no such ",
        "not found",
        "denied",
        "exception",
        "invalid",
    ];
    const NOT: [&str; 4] = ["0 error", "0 failed", "no error", "warning:"];
    SIGNS.iter().any(|sign| lower.contains(sign)) && !NOT.iter().any(|n| lower.contains(n))
}

/// The script that a command runs, or the command itself.
pub(super) fn script_of(shell: &str) -> String {
    shell
        .split_whitespace()
        .find(|word| {
            let word = word.trim_matches(|c| c == '"' || c == '\'');
            [".sh", ".py", ".js", ".mjs", ".pl", ".rb"].iter().any(|end| word.ends_with(end))
        })
        .map_or_else(
            || shell.to_owned(),
            |word| word.trim_matches(|c| c == '"' || c == '\'').to_owned(),
        )
}
