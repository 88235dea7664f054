//! Commands that were killed or crashed.

use super::super::shell::killed_by_timeout;
use super::super::uv::earlier;
use super::calls;
use super::run::shell_command;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;
use crate::diagnose::tolerated::parts;
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
        let heap = draft.text.contains("heap") && !draft.text.contains("java.");
        if let Some((line, package)) = being_built(scene, draft) {
            compiling(line, package, draft);
        } else if heap && node {
            javascript(scene, draft);
        } else if !node {
            draft.fix = Some(
                "Do less at once (fewer jobs, smaller batches), or move the work to run time."
                    .to_owned(),
            );
        }
    }
    if draft.rule == "oom-compiler" {
        if let Some((line, package)) = being_built(scene, draft) {
            compiling(line, package, draft);
        }
        return true;
    }
    if let Some(part) = running(scene, draft.line) {
        draft.set_subject(part);
    }
    shell_command(scene, draft)
}

/// Of several commands the one whose script npm or pnpm had begun:
/// `> agent@1.0.0 build`.
fn running(scene: &Scene<'_>, line: LineNo) -> Option<String> {
    let shell = scene.shell()?;
    let parts = parts(&shell);
    if parts.len() < 2 {
        return None;
    }
    let script = scene.before(line, 4000).into_iter().find_map(|(_, text)| {
        let mut words = text.strip_prefix("> ")?.split(' ');
        let (package, script) = (words.next()?, words.next()?);
        package.contains('@').then(|| script.to_owned())
    })?;
    let begins = |part: &&str| {
        let words: Vec<&str> = part.split_whitespace().collect();
        calls(part, &["npm", "pnpm", "yarn", "bun"]) && words.contains(&script.as_str())
    };
    parts.into_iter().find(begins).map(str::to_owned)
}

/// Says how much heap Node was given, where the Dockerfile sets it.
fn javascript(scene: &Scene<'_>, draft: &mut Draft) {
    draft.title = "`{subject|The command}` ran out of JavaScript heap memory".to_owned();
    let mut given = earlier(scene);
    given.extend(scene.instruction());
    // ENV is no step of its own; the lines around the one that failed show it.
    let excerpt = scene.build.and_then(|build| build.excerpts.last());
    let lines = excerpt.into_iter().flat_map(|excerpt| &excerpt.lines);
    given.extend(lines.map(|line| line.text.to_string()));
    // A script of package.json may set it, and npm prints the script.
    let scripts = scene.before(draft.line, 4000).into_iter().map(|(_, text)| text);
    let script =
        scripts.into_iter().find(|text| text.starts_with("> ") && text.contains("max-old-space"));
    let by = if script.is_some() { "the script" } else { "NODE_OPTIONS" };
    draft.captures.set("by", by);
    given.extend(script);
    let limit = given.iter().rev().find_map(|text| {
        let (_, tail) = text.split_once("max-old-space-size")?;
        let digits = tail.trim_start_matches(['=', ' ']);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits.get(..end).filter(|digits| !digits.is_empty()).map(str::to_owned)
    });
    match limit {
        Some(limit) => {
            draft.captures.set("limit", limit);
            draft.title =
                "`{subject|The command}` ran out of JavaScript heap memory: {by} allows {limit} MB"
                    .to_owned();
            draft.cause = Some("`--max-old-space-size={limit}` is the limit that the build itself sets, and it needs more.".to_owned());
            draft.fix = Some(if by == "the script" {
                "Raise `--max-old-space-size` in the script of package.json as far as the build machine has memory (4096), build without source maps, or build the frontend outside the image and copy the result."
            } else {
                "Raise the limit as far as the build machine has memory (`NODE_OPTIONS=--max-old-space-size=4096`), build without source maps, or build the frontend outside the image and copy the result."
            }.to_owned());
        }
        None => {
            draft.cause = Some("Node stops at a heap limit of its own, which is less than the machine has, or the machine has too little.".to_owned());
            draft.fix = Some("Raise the limit in this step (`NODE_OPTIONS=--max-old-space-size=4096`), build without source maps, or build the frontend outside the image and copy the result.".to_owned());
        }
    }
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
    // pip shows what a build printed when that is over, and then says whose it was.
    let failed = |(line, text): (LineNo, String)| {
        let name = text.trim().strip_prefix("ERROR: Failed building wheel for ")?;
        Some((line, name.to_owned()))
    };
    if let Some(named) = scene.after(draft.line, 120).into_iter().find_map(failed) {
        return Some(named);
    }
    let mut built: Vec<String> = Vec::new();
    for (line, text) in scene.before(draft.line, 40) {
        let text = text.trim();
        let name = |tail: &str| tail.split([' ', '=']).next().unwrap_or(tail).to_owned();
        if let Some(tail) = text.strip_prefix("Built ") {
            built.push(name(tail));
        } else if text.contains("finished with status 'done'") {
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
