//! Commands that were killed or crashed.

use super::super::shell::killed_by_timeout;
use super::calls;
use super::run::shell_command;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;
use crate::domain::LineNo;

/// What ran when something was killed or crashed.
pub(in super::super) fn command(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell();
    if draft.rule == "oom-killed" {
        if !matches!(scene.exit_code(), Some(137) | None) {
            return false;
        }
        if !killed_by_timeout(shell.as_deref(), draft)
            && let Some((line, package)) = being_built(scene, draft)
        {
            compiling(line, package, draft);
        }
    }
    if draft.rule == "oom-heap" {
        let node = ["node", "npm", "npx", "yarn", "pnpm", "next", "vite"];
        let node = shell.as_deref().is_none_or(|shell| calls(shell, &node));
        if let Some((line, package)) = being_built(scene, draft) {
            compiling(line, package, draft);
        } else if !node {
            draft.fix = Some(
                "Do less at once (fewer jobs, smaller batches), or move the work to run time."
                    .to_owned(),
            );
        }
    }
    shell_command(scene, draft)
}

/// Says which package's compilation used the memory up.
fn compiling(line: LineNo, package: String, draft: &mut Draft) {
    draft.captures.set("package", package);
    draft.evidence.push(line);
    draft.cause = Some("{package} was being compiled, and compilers run side by side need much memory: the kernel ends what uses it up.".to_owned());
    draft.fix = Some("Use a version of {package} that has a wheel for this Python and arm64, or do without it; else compile less at once (`MAX_JOBS=1`, `CMAKE_BUILD_PARALLEL_LEVEL=1`).".to_owned());
}

/// The package that pip or uv was building when a line was printed.
fn being_built(scene: &Scene<'_>, draft: &Draft) -> Option<(LineNo, String)> {
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
