//! What a shell says over the heads of the commands it runs.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// `NAME: words` is a variable that `${NAME:?words}` demands, and the same
/// form serves every complaint about a command.
pub(super) fn variable(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(name) = draft.subject() else { return false };
    let why = draft.captures.get("why").unwrap_or("");
    const OF_COMMANDS: [&str; 14] = [
        "not found",
        "command not found",
        "No such file",
        "Permission denied",
        "Is a directory",
        "Not a directory",
        "cannot execute",
        "Exec format error",
        "Text file busy",
        "Argument list too long",
        "Bad substitution",
        "bad substitution",
        "syntax error",
        "Killed",
    ];
    if OF_COMMANDS.iter().any(|known| why.starts_with(known)) {
        return false;
    }
    let demanded = scene.shell().is_some_and(|shell| {
        shell.contains(&format!("${{{name}:?")) || shell.contains(&format!("${{{name}?"))
    });
    let shouted = name.len() > 1 && !name.contains(|c: char| c.is_ascii_lowercase());
    demanded || shouted
}

/// A script with Windows line endings: which one.
pub(super) fn crlf(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // What another rule says of a command that isn't there, with the script's name.
    if draft.text.ends_with("command not found") && draft.text.contains("\\r") {
        return false;
    }
    let named = draft.subject().map(|path| path.rsplit('/').next().unwrap_or(path));
    let known = named.is_some_and(|name| name.contains('.') && !name.starts_with('.'));
    if known {
        let path = draft.subject().map(|path| scene.project_path(path));
        path.into_iter().for_each(|path| draft.set_subject(path));
    } else if let Some(script) = super::instruction::not_found::script_of(scene, draft) {
        draft.set_subject(scene.project_path(&script));
    } else {
        draft.title = "A script has Windows line endings (CRLF)".to_owned();
        draft.fix = Some("Save it with LF line endings and keep git from changing them (`*.sh text eol=lf` in .gitattributes).".to_owned());
        draft.set_subject("/bin/sh");
    }
    true
}

/// A variable that `set -u` misses; a number is an argument of the script's.
pub(super) fn unset(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(name) = draft.subject().map(|name| name.trim_start_matches('$').to_owned()) else {
        return true;
    };
    let script = draft
        .text
        .split([':', '['])
        .next()
        .filter(|word| !word.contains(' ') && word.ends_with("sh") && word.contains('.'));
    let script = script.map(|path| scene.project_path(path));
    if let Some(script) = &script {
        draft.captures.set("script", script.as_str());
        draft.cause = Some("{script} uses it under `set -u` (or demands it), and nothing in the build sets it: what is set on your own machine doesn't reach a cloud build.".to_owned());
        draft.fix = Some("Set it before this step (`ENV {subject}=…`, or ARG with a default), or give it a default in {script} (`${{subject}:-…}`).".to_owned());
    }
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        draft.captures.set("number", name);
        draft.title = "{script|The script} isn't given its argument ${number}".to_owned();
        draft.cause = Some(
            "It uses the argument under `set -u`, and the step calls it with fewer.".to_owned(),
        );
        draft.fix =
            Some("Give it the argument in the RUN, or a default (`${{number}:-…}`).".to_owned());
        draft.set_subject(script.unwrap_or_else(|| "/bin/sh".to_owned()));
        return true;
    }
    draft.set_subject(name);
    true
}

/// A user that isn't there: `app` of `app:app`, or the group alone.
pub(super) fn user(_: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(named) = draft.subject().map(str::to_owned) else { return true };
    let (user, group) = named.split_once(':').unwrap_or((&named, ""));
    if draft.text.contains("group") && !draft.text.contains("user") {
        let group = if group.is_empty() { user } else { group };
        draft.captures.set("group", group);
        draft.title = "The group {group} doesn't exist in the image".to_owned();
        draft.fix = Some("Create it first: `RUN groupadd {group}`.".to_owned());
    }
    draft.captures.set("user", if user.is_empty() { group } else { user });
    true
}

/// What may not be run and what may not be written are told in the same words.
pub(super) fn permission(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(path) = draft.subject() {
        let path = path.trim_matches('`').to_owned();
        draft.set_subject(path);
    }
    const WRITES: [&str; 6] =
        ["cannot ", "can't ", "EACCES", "PermissionError", "failed to ", "Could not "];
    if draft.text.contains("Read-only file system") {
        draft.title = "{subject} can't be written: it is read-only".to_owned();
        draft.cause =
            Some("It lies on a mount, and bind mounts can't be written by default.".to_owned());
        draft.fix = Some("Write elsewhere, COPY the file instead of mounting it, or add `rw` to the mount (what is written there is lost after the step).".to_owned());
    } else if WRITES.iter().any(|words| draft.text.contains(words)) {
        draft.cause = Some(
            "It belongs to another user than the one that the step runs as (USER).".to_owned(),
        );
        draft.fix = Some("Do this step before USER, or give the place to that user first (`RUN chown`, `COPY --chown`).".to_owned());
    }
    true
}

/// `timeout -s KILL` and `timeout -k` kill with the signal that the kernel
/// uses when memory runs out.
pub(in crate::diagnose) fn killed_by_timeout(shell: Option<&str>, draft: &mut Draft) -> bool {
    let limited = shell.is_some_and(|shell| {
        let mut words = shell.split_whitespace().skip_while(|word| *word != "timeout").skip(1);
        words
            .by_ref()
            .take_while(|word| word.starts_with('-') || *word == "KILL" || *word == "9")
            .any(|word| matches!(word, "-k" | "KILL" | "-9" | "--signal=KILL" | "-sKILL" | "-s9"))
    });
    if limited {
        draft.category = "timeout".to_owned();
        draft.title =
            "`{subject|The command}` ran into its own time limit and was killed".to_owned();
        draft.cause =
            Some("`timeout` ends it with KILL, which looks like a lack of memory.".to_owned());
        draft.fix = Some(
            "Find out what it waits for, give it more time, or move the work to run time."
                .to_owned(),
        );
    }
    limited
}
