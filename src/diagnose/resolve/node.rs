//! What npm says over several lines.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// `Required: {"node":">=22.5"}` → `node>=22.5`.
pub(super) fn engine(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(want) = draft.captures.get("want") {
        let need = format!("node{want}");
        draft.set_subject(need);
        return true;
    }
    let after = scene.after(draft.line, 8);
    // pnpm says whose version it is, and two lines below which one it wants.
    let whose = after.iter().find_map(|(_, text)| {
        let (_, tail) = text.split_once("Your ")?;
        tail.split_once(" version is incompatible").map(|(who, _)| who.to_lowercase())
    });
    for (_, text) in &after {
        if let Some((_, who)) = text.split_once("your version of node/npm: ") {
            draft.captures.set("who", who.trim());
        }
        let have = text.split_once("\"node\":\"").and_then(|(_, tail)| tail.split('"').next());
        if text.contains("Actual: ")
            && let Some(have) = have
        {
            draft.captures.set("have", have);
        }
    }
    for (line, text) in after {
        if let Some(want) = text.strip_prefix("Expected version: ") {
            draft.set_subject(format!("{}{}", whose.as_deref().unwrap_or("node"), want.trim()));
            draft.evidence.push(line);
            break;
        }
        let Some((_, rest)) = text.split_once("Required: {") else { continue };
        let Some((rest, _)) = rest.split_once('}') else { continue };
        let need = rest.replace(['"', ' '], "");
        let need =
            need.split(',').find(|n| n.starts_with("node:")).unwrap_or(&need).replacen(':', "", 1);
        draft.set_subject(need);
        draft.evidence.push(line);
        break;
    }
    true
}

/// The package whose peer requirement can't be met.
pub(super) fn peer(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let after = scene.after(draft.line, 30);
    // pnpm draws a tree: the package, and below it what it misses.
    let unmet = after.iter().position(|(_, text)| text.contains("unmet peer "));
    let above = unmet.and_then(|at| after.get(at.checked_sub(1)?));
    if let Some((line, text)) = above
        && let Some((_, name)) = text.rsplit_once("─ ").or(text.rsplit_once("┬ "))
    {
        draft.set_subject(name.trim().replacen(' ', "@", 1));
        draft.evidence.push(*line);
        return true;
    }
    for (line, text) in &after {
        if !text.contains("peer ") {
            continue;
        }
        if let Some((_, from)) = text.rsplit_once(" from ") {
            draft.set_subject(from.trim());
            draft.evidence.push(*line);
            return true;
        }
    }
    if let Some((_, text)) = after.iter().find(|(_, t)| t.contains("While resolving:"))
        && let Some((_, name)) = text.split_once("While resolving:")
    {
        draft.set_subject(name.trim());
    }
    true
}

/// A package's name out of a registry address: `@acme%2fdesign-tokens`.
pub(super) fn scope(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_none() {
        let found = scene.after(draft.line, 6).into_iter().find_map(|(line, text)| {
            // The help below it has addresses of its own.
            let asked = [" GET ", " PUT ", "Unable to authenticate", "logged in to"]
                .iter()
                .any(|w| text.contains(w));
            let at = text.find("https://").or_else(|| text.find("http://")).filter(|_| asked)?;
            let url = text.get(at..)?.split_whitespace().next()?.to_owned();
            Some((line, url))
        });
        if let Some((line, url)) = found {
            draft.evidence.push(line);
            draft.set_subject(url);
        }
    }
    let Some(url) = draft.subject() else { return true };
    let path = url.split_once("://").map_or(url, |(_, r)| r);
    let path =
        path.split_once('/').map_or(path, |(_, p)| p).replace("%2f", "/").replace("%2F", "/");
    let name = match path.find('@') {
        Some(at) => {
            let tail = path.get(at..).unwrap_or("");
            tail.split('/').take(2).collect::<Vec<_>>().join("/")
        }
        None => {
            path.split("/-/").next().unwrap_or(&path).rsplit('/').next().unwrap_or(&path).to_owned()
        }
    };
    if !name.is_empty() {
        draft.set_subject(name);
    }
    true
}

/// The package whose script failed: `npm error path /app/node_modules/sharp`.
pub(super) fn path(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return true;
    }
    let near = scene.before(draft.line, 40).into_iter().chain(scene.after(draft.line, 12));
    for (line, text) in near {
        let mark = ["npm error path ", "npm ERR! path "];
        let Some(path) = mark.iter().find_map(|m| text.trim().strip_prefix(m)) else { continue };
        let name = path.rsplit_once("node_modules/").map(|(_, name)| name.to_owned());
        // The project's own script: npm says its name when it starts it.
        let name = name.or_else(|| lifecycle(scene, line)).unwrap_or_else(|| path.to_owned());
        draft.set_subject(name);
        draft.evidence.push(line);
        return true;
    }
    if let Some(name) = lifecycle(scene, draft.line) {
        draft.set_subject(name);
    }
    true
}

/// The package of `> web@1.0.0 postinstall` above a line.
fn lifecycle(scene: &Scene<'_>, line: crate::domain::LineNo) -> Option<String> {
    scene.before(line, 200).into_iter().find_map(|(_, text)| {
        let package = text.strip_prefix("> ")?.split(' ').next()?.to_owned();
        let at = package.rfind('@').filter(|at| *at > 0)?;
        Some(package.get(..at)?.to_owned())
    })
}

/// `@acme%2fui`, as addresses spell it.
pub(super) fn name(_: &Scene<'_>, draft: &mut Draft) -> bool {
    let clear = draft.subject().map(|name| name.replace("%2f", "/").replace("%2F", "/"));
    if let Some(clear) = clear {
        draft.set_found(&clear);
    }
    true
}

/// A package's part for this very system: a lock file that was made on another
/// one leaves it out.
pub(super) fn module(_: &Scene<'_>, draft: &mut Draft) -> bool {
    // sharp says for which system; the package of its parts has a longer name.
    if draft.captures.get("name") == Some("sharp")
        && let Some(system) = draft.subject().map(str::to_owned)
    {
        draft.set_subject(format!("@img/sharp-{system}"));
    }
    let Some(name) = draft.subject() else { return true };
    let system = ["linux-", "linuxmusl-"].iter().any(|system| name.contains(system));
    let cpu = ["arm64", "x64", "aarch64"].iter().any(|cpu| name.contains(cpu));
    if system && cpu {
        draft.cause = Some("It is the part of another package for this system and CPU, an optional dependency: the lock file (or a node_modules that was copied in) was made on another system and lacks it.".to_owned());
        draft.fix = Some("Delete node_modules and package-lock.json, run `npm install` and commit the new lock file; and keep node_modules out of the upload. Where that doesn't help: `npm install --no-save {subject}` before this step.".to_owned());
    }
    true
}

/// pnpm gives a code to what it only passes on: a script that failed.
pub(super) fn pnpm_other(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    const PASSED_ON: [&str; 3] =
        ["ELIFECYCLE", "RECURSIVE_RUN_FIRST_FAIL", "RECURSIVE_EXEC_FIRST_FAIL"];
    if draft.captures.get("code").is_some_and(|code| PASSED_ON.contains(&code)) {
        return false;
    }
    if let Some(shell) = scene.shell() {
        draft.set_subject(shell);
    }
    true
}

/// An exception of Node's: its stack names the file.
pub(super) fn exception(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let after = scene.after(draft.line, 12);
    let own = |text: &str| !text.contains("node_modules") && !text.contains("node:internal");
    let mut frames = after.iter().filter(|(_, text)| text.trim_start().starts_with("at "));
    let Some(first) = frames.next() else { return false };
    let frame = std::iter::once(first).chain(frames).find(|(_, text)| own(text));
    let file = frame.and_then(|(_, text)| {
        let place = text.rsplit_once('(').map_or_else(|| text.trim().get(3..), |(_, p)| Some(p))?;
        let place = place.trim_start_matches("file://");
        Some(place.split(':').next()?.to_owned())
    });
    match file.filter(|f| f.contains('/') || f.contains('.')) {
        Some(file) => draft.set_subject(scene.project_path(&file)),
        None => {
            if let Some(shell) = scene.shell() {
                draft.set_subject(super::super::fallback::script_of(&shell));
            }
        }
    }
    true
}

/// The package of a tarball that failed its check:
/// `npm warn tarball tarball data for left-pad@1.3.0 (sha512-…) seems to be corrupted`.
pub(super) fn tarball(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return true;
    }
    let near = scene.before(draft.line, 20).into_iter().chain(scene.after(draft.line, 8));
    for (line, text) in near {
        let named = text.split_once("tarball data for ").or(text.split_once("extracting "));
        let Some((_, tail)) = named else { continue };
        let name = tail.split([' ', ':']).next().unwrap_or(tail);
        let end =
            name.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(name.len(), |(at, _)| at);
        let version = name.get(end + 1..).unwrap_or("");
        let url = version.contains('/') || version.starts_with("http");
        draft.set_subject(if url { name.get(..end).unwrap_or(name) } else { name });
        draft.evidence.push(line);
        break;
    }
    true
}

/// What the code of a page threw while Next.js ran it: said before the page is named, or after.
pub(super) fn next_page(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let near = scene.after(draft.line, 3).into_iter().chain(scene.before(draft.line, 10));
    let thrown = near.into_iter().find_map(|(line, text)| {
        let (kind, why) = text.trim().split_once(": ")?;
        let thrown = kind.ends_with("Error") && !kind.contains([' ', '[']);
        (thrown && !why.starts_with("Failed to collect")).then(|| (line, why.to_owned()))
    });
    if let Some((line, why)) = thrown {
        draft.evidence.push(line);
        draft.captures.set("why", why);
        draft.cause = Some(
            "Next.js runs the page's code in the build, and there it failed: {why}".to_owned(),
        );
    }
    true
}

/// What a bundler doesn't find: a file of the project's own, or a package.
pub(super) fn bundled(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.captures.get("module").is_some_and(|module| module.starts_with('.')) {
        draft.cause = Some("No file lies there by that name: it wasn't copied, or it is spelt otherwise; upper and lower case count in Linux, and not on macOS and Windows.".to_owned());
        draft.fix = Some("Compare {module} with the file's name letter by letter (`git ls-files` shows how it is committed), or copy the file before this step.".to_owned());
    }
    super::nearby::file(scene, draft)
}
