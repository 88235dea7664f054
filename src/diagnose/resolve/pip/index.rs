//! Packages and versions that an index hasn't got.

use super::super::{instruction, names, pythons};
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// "No matching distribution" told apart.
pub(in super::super) fn no_match(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let before = scene.before(draft.line, 8);
    // An older pip says so when it couldn't build any of them; why stands above.
    if before.iter().any(|(_, t)| t.contains("WARNING: Discarding ")) {
        return false;
    }
    if let Some(name) = draft.subject().and_then(without_a_version) {
        draft.captures.set("name", name);
        draft.title = "The version of {name} is empty: pip is asked for `{subject}`".to_owned();
        draft.cause = Some("A variable in the requirement has no value. An ARG above FROM isn't known below it, and one without a default is empty unless the build passes it; cloud builds pass none.".to_owned());
        draft.fix = Some("Give the ARG a default, and name it once more below FROM (`ARG NAME`) where it is used.".to_owned());
        return true;
    }
    let none = draft.text.contains("from versions: none");
    let shell = scene.shell().unwrap_or_default();
    let local = instruction::words(&shell).any(|word| word == "--no-index");
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
        let backport = ["audioop-lts", "standard-"]
            .iter()
            .any(|name| draft.subject().is_some_and(|subject| subject.starts_with(name)));
        if let Some(range) = range {
            draft.captures.set("want", range);
            draft.cause = Some(
                "The version exists but needs Python {want}, and the image has another.".to_owned(),
            );
            pythons::name(draft);
            if draft.captures.get("minor").is_some() {
                draft.fix = Some("Use a base image with that Python (`dailyco/pipecat-base:latest-py3.{minor}`), or a version of the package that supports this one.".to_owned());
            } else {
                draft.fix =
                    Some("Ask for a version of the package that supports this Python.".to_owned());
            }
            if backport {
                draft.fix = Some("It only brings back what a newer Python has dropped: give it a marker, so that it is installed there alone (`{subject}; python_version >= \"3.{minor|13}\"`), or use a base image with that Python.".to_owned());
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
        names::suggest(draft);
    } else {
        nearest(draft);
    }
    names::elsewhere(draft);
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
    let Some(name) = nearest_version(&draft.text) else {
        if let Some(last) = last_version(&draft.text) {
            draft.captures.set("nearest", last);
            draft.cause = Some("The index has nothing but pre-releases of it (the newest is {nearest}), and pip takes one only if the requirement names one or `--pre` is given.".to_owned());
            draft.fix = Some("Name a pre-release in the requirement (`=={nearest}`, or a `>=` with one), or add `--pre`.".to_owned());
        }
        return;
    };
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

/// The last of the versions, whatever it is.
fn last_version(text: &str) -> Option<String> {
    let (_, list) = text.split_once("(from versions: ")?;
    let last = list.trim_end().trim_end_matches(')').rsplit(", ").next()?.trim();
    last.starts_with(|c: char| c.is_ascii_digit()).then(|| last.to_owned())
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

/// The first package of the list below conda's complaint.
pub(in super::super) fn conda_package(scene: &Scene<'_>, draft: &mut Draft) -> bool {
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

/// A download that broke off: one that took too long is told apart.
pub(in super::super) fn network(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let slow = ["Read timed out", "ReadTimeout", "ConnectTimeout", "timed out. (connect"];
    if slow.iter().any(|words| draft.text.contains(words)) {
        draft.title =
            "{subject|The index} didn't answer in time: the download timed out".to_owned();
        draft.cause = Some("The server sent nothing for longer than pip waits (15 seconds, unless `--timeout` says otherwise), until it gave up.".to_owned());
        draft.fix = Some("Try again; `pip install --timeout 120 --retries 5` waits longer. If it stays, check that the server is reachable from the public internet and not overloaded.".to_owned());
    }
    let proxy = ["ProxyError", "Cannot connect to proxy", "Tunnel connection failed"];
    if proxy.iter().any(|words| draft.text.contains(words)) {
        draft.title = "pip is sent through a proxy that can't be reached".to_owned();
        draft.cause = Some("HTTPS_PROXY (or HTTP_PROXY, or pip's own `proxy`) names a proxy that doesn't exist during the build; one on 127.0.0.1 is the builder's own, where nothing listens.".to_owned());
        draft.fix = Some("Unset the variable for the build (`ENV`/`ARG` HTTPS_PROXY and https_proxy, pip.conf), or name a proxy that is reachable from the public internet.".to_owned());
    }
    super::super::nearby::host(scene, draft)
}

/// The name in a requirement whose operator has no version behind it.
fn without_a_version(requirement: &str) -> Option<String> {
    let name =
        ["==", ">=", "<=", "~=", "!="].iter().find_map(|end| requirement.strip_suffix(end))?;
    (!name.is_empty()).then(|| name.to_owned())
}
