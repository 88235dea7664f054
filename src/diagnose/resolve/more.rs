//! Small subjects of single rules.

use super::super::draft::Draft;
use super::super::fallback::script_of;
use super::super::scene::Scene;
use super::paths::host_of;

/// The captures say it all.
pub(super) fn nothing(_: &Scene<'_>, _: &mut Draft) -> bool {
    true
}

/// A package that apt couldn't fetch: the file's name without version.
pub(super) fn apt_fetch(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(url) = draft.subject().filter(|u| u.ends_with(".deb")) {
        let name =
            url.rsplit('/').next().and_then(|n| n.split('_').next()).unwrap_or(url).to_owned();
        draft.set_subject(name);
    }
    true
}

/// A compiler's complaint inside the build of a package is that build's.
pub(super) fn build_or_file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let quoted = draft.text.starts_with("   ");
    if quoted && super::pip::name_package(scene, draft) {
        draft.category = "python-package-build".to_owned();
        return true;
    }
    super::instruction::workdir(scene, draft)
}

/// The instruction at fault: the excerpt's whole, or its keyword.
pub(super) fn dockerfile(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_none()
        && let Some(instruction) = scene.instruction()
    {
        draft.set_subject(instruction.split(' ').next().unwrap_or("Dockerfile"));
    }
    true
}

/// `(order_taker)` two lines below hatchling's complaint.
pub(super) fn hatch_name(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let name = scene.after(draft.line, 6).into_iter().find_map(|(_, text)| {
        let (_, tail) = text.split_once("name of your project (")?;
        Some(tail.split(')').next()?.to_owned())
    });
    draft.set_subject(name.unwrap_or_else(|| "pyproject.toml".to_owned()));
    true
}

/// The registry that a login command names.
pub(super) fn login_host(scene: &Scene<'_>, draft: &mut Draft) -> bool {
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

/// The repository that is pushed to, as the push itself names it.
pub(super) fn push_target(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let to = scene.before(draft.line, 60).into_iter().find_map(|(_, text)| {
        let (_, tail) = text.split_once("The push refers to repository [")?;
        Some(tail.trim_end_matches(']').to_owned())
    });
    if let Some(to) = to {
        draft.set_subject(to);
    }
    true
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

/// A requirement without the comma or extras that a sentence puts behind it.
pub(super) fn requirement(_: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(name) = draft.subject() {
        let name = name.trim_end_matches([',', '.']).to_owned();
        draft.set_subject(name);
    }
    true
}
