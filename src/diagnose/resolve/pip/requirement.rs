//! Requirements that contradict each other, lack a hash, or lead nowhere.

use super::super::{instruction, paths};
use super::build::quoted;
use super::package::{name_package, package_name};
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// The requested side of a conflict.
pub(in super::super) fn conflict(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let after = scene.after(draft.line, 30);
    let mut requested: Vec<String> = Vec::new();
    let mut needs: Vec<(String, String)> = Vec::new();
    for (line, text) in &after {
        let text = text.trim();
        if let Some(name) = text.strip_prefix("The user requested ") {
            let constraint = name.strip_prefix("(constraint) ");
            if constraint.is_some() {
                draft.captures.set("where", "A constraints file (`-c`, PIP_CONSTRAINT)");
            }
            let name = constraint.unwrap_or(name);
            requested.push(name.split(" (from").next().unwrap_or(name).replace(' ', ""));
            draft.evidence.push(*line);
        } else if text.contains(" depends on ") {
            draft.evidence.push(*line);
            let (who, needed) = text.split_once(" depends on ").unwrap_or(("", ""));
            let who = who.replacen(' ', "==", 1);
            draft.captures.set("needs", needed.to_owned());
            needs.push((who, needed.to_owned()));
            if requested.is_empty() && draft.subject().is_none() {
                draft.set_subject(package_name(needed));
            }
        }
        if text.starts_with("To fix this") {
            break;
        }
    }
    if let Some(name) = requested.iter().find(|n| n.contains("==")).or(requested.first()) {
        draft.set_subject(name.clone());
    } else {
        // "Cannot install a==1, b==2 and c==3 because …": the last pin named.
        let names = draft
            .text
            .split("Cannot install ")
            .nth(1)
            .and_then(|t| t.split(" because").next())
            .unwrap_or("")
            .to_owned();
        if let Some(name) = names
            .split([',', ' '])
            .rfind(|w| w.contains("=="))
            .or_else(|| names.split([',', ' ']).rfind(|w| w.contains(['<', '>', '~', '='])))
        {
            draft.set_subject(name);
        }
    }
    if draft.subject().is_none() && needs.is_empty() {
        draft.title =
            "The requirements contradict each other, and pip doesn't say which".to_owned();
        draft.fix = Some("Run the install without `-q`: pip then names both sides. Compare the pins with the constraints (`-c`, PIP_CONSTRAINT), if there are any.".to_owned());
    }
    who_needs(&needs, draft);
    true
}

/// Names the package that wants another version than the pinned one.
fn who_needs(needs: &[(String, String)], draft: &mut Draft) {
    let Some(subject) = draft.subject().map(package_name) else { return };
    let of = |name: &str| package_name(name).replace('_', "-").to_ascii_lowercase();
    let same: Vec<_> = needs.iter().filter(|(_, needed)| of(needed) == of(&subject)).collect();
    let Some((who, needed)) = same.last() else { return };
    draft.captures.set("who", who.clone());
    draft.captures.set("whose", package_name(who));
    draft.captures.set("needs", needed.clone());
    draft.cause = Some(
        if draft.captures.get("where").is_some() {
            "{where} pins {subject}, and {who} needs {needs}: no version is both."
        } else {
            "{who} needs {needs}, and the requirements ask for {subject}: no version is both."
        }
        .to_owned(),
    );
    draft.fix = Some("Change the pin of {subject} to a version that fits {needs}, or take a version of {whose} that goes with the pin.".to_owned());
}

/// A file or directory that stands for a requirement: one of the project's, or
/// a place on the machine where the list was written.
pub(in super::super) fn file(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    paths::file(scene, draft);
    let Some(path) = draft.subject().map(str::to_owned) else { return true };
    // Where conda builds its packages.
    const CONDA: [&str; 4] = ["/croot/", "feedstock_root", "conda-bld", "/tmp/build/80754af9"];
    let project = draft.text.contains("does not appear to be a Python project")
        || draft.text.contains("is not installable");
    let whole = path == "." || Some(&path) == scene.workdir().as_ref() || path == "/app";
    if CONDA.iter().any(|mark| path.contains(mark)) {
        draft.title =
            "A requirement is taken from conda's own build directory {subject}".to_owned();
        draft.cause = Some("`pip freeze` in a conda environment writes paths of the machine that built its packages (`name @ file:///…`), which exist nowhere else.".to_owned());
        draft.fix = Some("Write the list anew with `pip list --format=freeze`, or replace `name @ file:///…` by `name==version`.".to_owned());
    } else if project && (whole || path.starts_with('/')) {
        draft.title = "There is no pyproject.toml or setup.py in {subject} at this step".to_owned();
        draft.cause = Some("The project is to be installed, and its files weren't copied before this step (or an ignore rule dropped them).".to_owned());
        draft.fix = Some("Copy pyproject.toml and the sources before this RUN (`COPY . .`), or install only the requirements here and copy the code after it.".to_owned());
    } else if path.starts_with('/') && !draft.text.contains("Could not open ") {
        draft.cause = Some(
            "The path is one of the machine where the list was written, or nothing put it into the image before this step."
                .to_owned(),
        );
        draft.fix = Some("Put it into the project and name it by its path there, copy it before this RUN, or require a released version.".to_owned());
    }
    true
}

/// The entry under "THESE PACKAGES DO NOT MATCH THE HASHES".
pub(in super::super) fn hash_mismatch(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.text.contains("versions pinned") {
        draft.title =
            "{subject|A requirement} isn't pinned with `==`, which hashes need".to_owned();
        draft.cause = Some("With `--require-hashes` (or a hash in any line) every requirement has to be one exact version.".to_owned());
        draft.fix = Some("Write `{bare|name}==version` with its hash; `pip-compile --generate-hashes` and `uv export` do it for all.".to_owned());
    } else if draft.text.contains("Hashes are required") {
        draft.title = "{subject|A requirement} has no hash".to_owned();
        draft.cause = Some("With `--require-hashes` (or a hash in any line) every requirement needs one, those of its requirements too.".to_owned());
        draft.fix = Some(
            "Make the hashes of all anew: `pip-compile --generate-hashes`, or `uv export`."
                .to_owned(),
        );
    }
    if draft.subject().is_none() {
        below(scene, draft);
    }
    let bare = draft.subject().map(|entry| {
        let end = entry.find(|c: char| "<>=!~;@ ".contains(c)).unwrap_or(entry.len());
        entry.get(..end).unwrap_or(entry).to_owned()
    });
    bare.into_iter().for_each(|bare| draft.captures.set("bare", bare));
    true
}

/// The first requirement of those that pip lists below.
fn below(scene: &Scene<'_>, draft: &mut Draft) {
    for (line, text) in scene.after(draft.line, 6) {
        let text = text.trim();
        let name = text.split(" from ").next().unwrap_or(text);
        let name = name.split(" --hash").next().unwrap_or(name).trim();
        if name.is_empty() || name.contains("Expected") {
            continue;
        }
        let name = name.rsplit('/').next().unwrap_or(name);
        draft.set_subject(name.split(' ').next().unwrap_or(name));
        draft.evidence.push(line);
        break;
    }
}

/// Whether an entry is one of conda's: `name=version=build`.
fn of_conda(entry: &str) -> Option<(&str, &str)> {
    let mut parts = entry.split('=');
    let (name, version, build) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = parts.next().is_none()
        && version.starts_with(|c: char| c.is_ascii_digit())
        && !build.is_empty()
        && !build.contains(char::is_whitespace);
    (fits && !name.is_empty()).then_some((name, version))
}

/// Says what was meant by an operator that there isn't.
pub(in super::super) fn unknown_operator(entry: &str, draft: &mut Draft) {
    if let Some((name, version)) = of_conda(entry) {
        draft.captures.set("meant", format!("{name}=={version}"));
        draft.cause = Some("The file is a list of conda's (`conda list --export`), whose lines are `name=version=build`: pip reads `name==version`.".to_owned());
        draft.fix = Some("Write `{meant}` here and change the other lines alike (`pip list --format=freeze` makes such a list); leave out what only conda has.".to_owned());
        return;
    }
    const MEANT: [(&str, &str); 4] = [("=>", ">="), ("=<", "<="), ("=!", "!="), ("=~", "~=")];
    let name = entry.find(|c: char| "<>=!~ ".contains(c)).and_then(|at| entry.get(at..));
    let Some(operator) = name.map(str::trim_start) else { return };
    let found = MEANT.iter().find(|(wrong, _)| operator.starts_with(wrong));
    let single = operator.starts_with('=') && !operator.starts_with("==");
    let Some((wrong, meant)) = found.copied().or(single.then_some(("=", "=="))) else { return };
    draft.captures.set("meant", entry.replacen(wrong, meant, 1));
    draft.captures.set("wrong", wrong);
    draft.cause = Some("`{wrong}` is no operator of requirements.".to_owned());
    draft.fix = Some("Write `{meant}`.".to_owned());
}

/// The file an invalid requirement stands in: `(from line 3 of requirements.txt)`.
pub(in super::super) fn line(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if quoted(scene, draft.line, scene.indent(draft.line)) {
        draft.category = "python-package-build".to_owned();
        return name_package(scene, draft) || draft.subject().is_some();
    }
    let entry =
        draft.text.split_once("equirement: '").and_then(|(_, tail)| tail.split('\'').next());
    if let Some(entry) = entry.filter(|entry| !entry.is_empty()).map(str::to_owned) {
        unknown_operator(&entry, draft);
        draft.captures.set("entry", entry);
        draft.title = "`{entry}` isn't a requirement that pip can read".to_owned();
    }
    let near = std::iter::once(draft.text.clone())
        .chain(scene.after(draft.line, 4).into_iter().map(|(_, t)| t));
    for text in near {
        if let Some((_, tail)) = text.split_once("line ")
            && let Some((_, file)) = tail.split_once(" of ")
        {
            let file = file.split([')', ':']).next().unwrap_or(file).trim();
            draft.set_subject(file);
            if draft.captures.get("entry").is_some() {
                draft.title =
                    "`{entry}` in {subject} isn't a requirement that pip can read".to_owned();
            }
            return true;
        }
    }
    let shell = scene.shell().unwrap_or_default();
    let mut words = instruction::words(&shell);
    while let Some(word) = words.next() {
        let file = match word {
            "-r" | "--requirement" => words.next(),
            _ => word.strip_prefix("-r").filter(|f| f.contains('.')),
        };
        if let Some(file) = file {
            draft.set_subject(file);
            return true;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_conda() {
        assert_eq!(of_conda("aiohttp=3.9.5=py312h0_0"), Some(("aiohttp", "3.9.5")));
        assert_eq!(of_conda("aiohttp==3.9.5"), None);
        assert_eq!(of_conda("aiohttp=3.9.5"), None);
        assert_eq!(of_conda("a=>=1"), None);
    }
}
