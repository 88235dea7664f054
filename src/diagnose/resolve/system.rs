//! What packages' own scripts, and commands of the system, say last.

use super::super::draft::Draft;
use super::super::fallback::looks_like_error;
use super::super::scene::Scene;

/// Two packages of which one needs the other, or that exclude each other.
pub(super) fn apt_needs(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let kind = draft.captures.get("kind").unwrap_or("").to_owned();
    let rest = draft.captures.get("rest").unwrap_or("").to_owned();
    let mut excluded = matches!(kind.as_str(), "Conflicts" | "Breaks")
        .then(|| draft.captures.get("other").unwrap_or("").to_owned());
    // More of the same package stands below, indented.
    for (line, text) in scene.after(draft.line, 6) {
        let Some(tail) = text.strip_prefix("   ") else { break };
        draft.evidence.push(line);
        if let Some((_, other)) =
            tail.split_once("Conflicts: ").or_else(|| tail.split_once("Breaks: "))
        {
            let name = other.split([' ', ':']).next().unwrap_or(other);
            excluded.get_or_insert_with(|| name.to_owned());
        }
    }
    if let Some(other) = excluded {
        draft.captures.set("other", other);
        draft.title = "{subject} and {other} exclude each other: apt can't install both".to_owned();
        draft.cause = Some("Each of the two does the other's work, and the command (or what it installs) asks for both.".to_owned());
        draft.fix = Some(
            "Leave one of the two out; look which package asks for it (`apt-cache rdepends {other}`)."
                .to_owned(),
        );
    } else if rest.contains("not installable") {
        draft.title = "{subject} needs {other}, which this release doesn't have".to_owned();
        draft.cause = Some(
            "The package was made for another release (or another CPU) than the image's."
                .to_owned(),
        );
        draft.fix = Some("Use the package for this release, a newer version of it, or a base image of the release that it was made for.".to_owned());
    } else if let Some((_, why)) = rest.split_once(" but ") {
        draft.captures.set("why", why.trim());
        draft.title = "{subject} needs {other} in another version: {why}".to_owned();
    }
    true
}

/// The package of a script that failed, and the script's own words above.
pub(super) fn dpkg_script(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let before = scene.before(draft.line, 12);
    for (line, text) in &before {
        let text = text.trim();
        if let Some(tail) = text.strip_prefix("dpkg: error processing ") {
            draft.evidence.push(*line);
            if draft.subject().is_none() {
                let name = tail.trim_start_matches("package ").trim_start_matches("archive ");
                draft.set_subject(name.split([' ', ':']).next().unwrap_or(name));
            }
            continue;
        }
        if text.starts_with("Setting up ") || text.starts_with("Unpacking ") {
            break;
        }
        let man = text.contains("/usr/share/man/");
        if man || looks_like_error(text) || text.starts_with("Exception in ") {
            draft.evidence.push(*line);
            draft.captures.set("why", text);
            draft.title = "The {script|installation} script of the package {subject|that the line above names} failed: {why}".to_owned();
            if man {
                draft.cause = Some("Slim images have no directories for manual pages, and the package's script puts a link there.".to_owned());
                draft.fix = Some(
                    "Write `mkdir -p /usr/share/man/man1` before `apt-get install` in the same RUN."
                        .to_owned(),
                );
            }
            break;
        }
    }
    true
}

/// What sphinx warned of.
pub(super) fn sphinx(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let near = scene.before(draft.line, 200).into_iter().chain(scene.after(draft.line, 2));
    let warned = near.into_iter().find_map(|(line, text)| {
        let (place, why) = text.split_once(": WARNING: ")?;
        Some((line, place.to_owned(), why.to_owned()))
    });
    if let Some((line, place, why)) = warned {
        draft.evidence.push(draft.line);
        draft.line = line;
        let file = scene.project_path(place.split(':').next().unwrap_or(&place));
        draft.captures.set("why", format!("{file}: {why}"));
        draft.set_subject(file);
    }
    true
}

/// A command's complaint is the cause where it is about the last that the step says.
pub(super) fn last_words(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    const MOST: usize = 3;
    let last = scene.last(40);
    let mut words = last.iter().filter(|(_, text)| !text.trim().is_empty());
    words.by_ref().take(MOST).any(|(line, _)| *line == draft.line)
}

/// What `-y` alone doesn't allow apt to do, and to which packages: apt lists
/// them above.
pub(super) fn apt_refuses(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let removes = draft.text.contains("ssential");
    let heads: &[&str] = if removes {
        &["essential packages will be removed", "packages will be REMOVED"]
    } else if draft.text.contains("downgraded") {
        &["packages will be DOWNGRADED"]
    } else {
        &["held packages will be changed"]
    };
    let above = scene.before(draft.line, 60);
    let listed = heads.iter().find_map(|head| {
        let at = above.iter().position(|(_, text)| text.contains(head))?;
        let names: Vec<String> = above
            .get(..at)?
            .iter()
            .rev()
            .skip_while(|(_, text)| text.starts_with("This should NOT"))
            .take_while(|(_, text)| text.starts_with("  "))
            .flat_map(|(_, text)| {
                // `apt (due to libc6)` is removed with another.
                let plain = text.split(" (").next().unwrap_or(text);
                plain.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
            })
            .map(|name| name.trim_end_matches('*').to_owned())
            .take(4)
            .collect();
        (!names.is_empty()).then(|| (above.get(at).map(|(line, _)| *line), names))
    });
    let Some((line, names)) = listed else { return true };
    draft.evidence.extend(line);
    draft.captures.set("names", names.join(", "));
    draft.set_subject(names.join(" "));
    if removes {
        draft.title = "apt refuses to remove {names}, which the system needs".to_owned();
        draft.cause = Some("Essential packages aren't removed with `-y` alone: without them the image doesn't work.".to_owned());
        draft.fix = Some("Take {names} out of the `remove` or `purge` (or what makes apt remove it along with something else).".to_owned());
    } else if draft.text.contains("downgraded") {
        draft.title =
            "apt would have to install an older version of {names}, and refuses".to_owned();
        draft.cause = Some("A version is asked for (`name=version`, or a pin) that is older than the one that is installed, and `-y` alone doesn't allow that.".to_owned());
        draft.fix = Some("Ask for the version that is there (leave `=version` out), or allow it: `--allow-downgrades`.".to_owned());
    } else {
        draft.title = "apt would have to change {names}, which is held".to_owned();
        draft.cause = Some("The base image (or an earlier step) holds it at its version (`apt-mark hold`), and what is asked for needs another.".to_owned());
        draft.fix = Some("Let it go (`apt-mark unhold {names}`, or `--allow-change-held-packages`), or ask for versions of the others that go with it.".to_owned());
    }
    true
}
