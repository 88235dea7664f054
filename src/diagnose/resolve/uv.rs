//! uv: paths that aren't in the image, environments of another machine, wheels
//! of another Python.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::instruction::sources;
use super::nearby::url_in;
use super::upload::left_out;
use crate::domain::LineNo;

/// The instructions of the image that came before the failing one.
pub(super) fn earlier(scene: &Scene<'_>) -> Vec<String> {
    let Some(step) = scene.the_step() else { return Vec::new() };
    scene
        .tree
        .steps()
        .iter()
        .take(step.id().index())
        .filter(|other| other.build() == step.build())
        .filter_map(|other| other.instruction().map(|text| text.into_owned()))
        .collect()
}

/// Whether the whole context was copied.
fn copied_whole(earlier: &[String]) -> bool {
    earlier.iter().any(|text| {
        !text.contains("--from=")
            && sources(text).iter().any(|source| matches!(&**source, "." | "./"))
    })
}

/// A dependency that is taken from a path: why it isn't there.
pub(super) fn path_source(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(path) = draft.subject().map(|path| path.trim_end_matches(['`', '\'', '"', '.', ',']))
    else {
        return false;
    };
    let path = path.to_owned();
    let short = scene.project_path(&path);
    let on_base =
        scene.the_step().is_some_and(|step| super::base::on_pipecat_base(scene.tree, step.build()));
    let home = scene.workdir().or_else(|| on_base.then(|| "/app".to_owned()));
    let outside = short.starts_with('/')
        && home.is_some_and(|home| {
            !path.strip_prefix(&*home).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
    let before = earlier(scene);
    let mounts = scene.instruction().is_some_and(|text| text.contains("--mount=type=bind"));
    if outside {
        draft.title = "The dependency {subject} lies outside the project, so it isn't in the build"
            .to_owned();
        draft.cause = Some("Its path leads out of the project's directory (`../…`), and only the context directory is uploaded.".to_owned());
        draft.fix = Some("Move it into the project and correct its path, put a wheel of it there (not under dist/, which the upload leaves out), or depend on a released version; then lock again.".to_owned());
    } else if copied_whole(&before) {
        draft.cause = Some("The whole context was copied before this step, so it isn't in what was uploaded: it was never made or committed, an ignore rule dropped it, or the path is wrong.".to_owned());
        draft.fix = Some("Check that {subject} exists in the context directory and that no line of .dockerignore matches it; correct the path.".to_owned());
    } else if mounts {
        draft.cause = Some("pyproject.toml takes it from a path, and this step sees only what it mounts and what was copied before it.".to_owned());
        draft.fix = Some("Mount it as well (`--mount=type=bind,source={subject},target={subject}`), or COPY it before this step; else depend on a released version.".to_owned());
    }
    if !outside {
        left_out(&short, draft);
    }
    draft.set_subject(short);
    true
}

/// A virtual environment that was made elsewhere.
pub(super) fn venv_copied(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(path) = draft.subject().map(str::to_owned) else { return false };
    let place = path.split_once("/bin/").map_or(path.as_str(), |(place, _)| place);
    draft.set_subject(scene.project_path(place));
    venv_words(scene, draft);
    true
}

/// Says how it came into the image.
pub(super) fn venv_words(scene: &Scene<'_>, draft: &mut Draft) {
    let before = earlier(scene);
    let from_stage = before.iter().any(|text| text.contains("--from=") && text.contains("venv"));
    if from_stage {
        draft.cause = Some("It was copied from another stage, and an environment only links to the Python that it was made with, which isn't at that place here.".to_owned());
        draft.fix = Some("Build both stages on the same image (the same path to Python), or make the environment in this one.".to_owned());
    } else if copied_whole(&before) {
        draft.cause = Some("The project's own virtual environment was uploaded and copied in: a .dockerignore of its own switches the upload's default exclusions off, `.venv` among them.".to_owned());
        draft.fix =
            Some("Add `.venv` to .dockerignore; this step then makes one in the image.".to_owned());
    }
}

/// The sentence that begins on a line below and has the words, joined.
pub(super) fn hint(scene: &Scene<'_>, from: LineNo, words: &[&str]) -> Option<(LineNo, String)> {
    let after = scene.after(from, 30);
    let at = after.iter().position(|(_, text)| words.iter().any(|word| text.contains(word)))?;
    let mut sentence = String::new();
    for (_, text) in after.iter().skip(at).take(8) {
        let text = text.trim();
        if text.is_empty() || (!sentence.is_empty() && text.starts_with("hint:")) {
            break;
        }
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(text);
    }
    after.get(at).map(|(line, _)| (*line, sentence))
}

/// Pythons that Pipecat's base image comes with.
const PYTHONS: std::ops::RangeInclusive<u32> = 10..=14;
/// What its `latest` has.
const DEFAULT: u32 = 12;

/// A wheel that fits no platform, or only another Python: uv's hint tells.
pub(super) fn wheel_python(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    super::names::elsewhere(draft);
    // A wheel that is named by its address or path can't be chosen by the index.
    if let Some(name) = draft.subject().filter(|name| name.ends_with(".whl")) {
        let name = name.rsplit('/').next().unwrap_or(name).to_owned();
        draft.set_subject(name);
        draft.title = "{subject} is built for another platform".to_owned();
        return super::pip::wheel::tags(scene, draft);
    }
    let Some((line, sentence)) = hint(scene, draft.line, &["You're using ", "You require "]) else {
        return true;
    };
    let of_python = ["Python ABI tag", "Python version tag", "Python implementation tag"]
        .iter()
        .any(|words| sentence.contains(words));
    if !of_python {
        return true;
    }
    draft.evidence.push(line);
    draft.category = "python-package-not-found".to_owned();
    let have = sentence
        .split_once("You're using ")
        .or_else(|| sentence.split_once("You require "))
        .and_then(|(_, tail)| tail.split(" (").next());
    if let Some(have) = have {
        draft.captures.set("have", have);
    }
    let tags = sentence.rsplit_once(" tag: ").or_else(|| sentence.rsplit_once(" tags: "));
    let tags = tags.map(|(_, tags)| tags.trim_end_matches('.')).unwrap_or_default();
    let minors: Vec<u32> = tags
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|tag| tag.strip_prefix("cp3")?.parse().ok())
        .filter(|minor| PYTHONS.contains(minor))
        .collect();
    draft.title = "{subject} has no wheel for {have|this Python}".to_owned();
    draft.cause = Some("Its wheels were made for other versions of Python ({tags|see the hint}), and there is no source that could be built.".to_owned());
    if !tags.is_empty() {
        draft.captures.set("tags", tags);
    }
    let best = minors.iter().find(|minor| **minor == DEFAULT).or(minors.iter().max());
    draft.fix = Some(match best {
        Some(minor) => {
            draft.captures.set("tag", format!("latest-py3.{minor}"));
            "Use the base image with a Python that it has wheels for (`dailyco/pipecat-base:{tag}`) and a requires-python that fits, or a version of the package that has wheels for this one.".to_owned()
        }
        None => "Use a version of the package that has wheels for this Python.".to_owned(),
    });
    true
}

/// What the parser of a command line offers for a word it doesn't know.
pub(super) fn clap_tip(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    for (line, text) in scene.after(draft.line, 8) {
        let text = text.trim();
        if let Some(tip) = text.strip_prefix("tip: ").filter(|tip| tip.contains("similar")) {
            let quoted: Vec<&str> = tip.split('\'').skip(1).step_by(2).collect();
            if !quoted.is_empty() {
                draft.captures.set("tip", quoted.join("` or `"));
                draft.fix = Some("Write `{tip}`.".to_owned());
                draft.evidence.push(line);
            }
        }
        if let Some(usage) = text.strip_prefix("Usage: ") {
            let tool = usage.split(' ').next().unwrap_or("uv").to_owned();
            draft.captures.set("tool", tool);
            break;
        }
    }
    true
}

/// Words for what ended a request, the most telling first.
const ENDS: [(&str, &str); 12] = [
    ("HTTP status ", "The server answered with an error."),
    ("network timeout", "The download took longer than uv waits."),
    ("operation timed out", "The server didn't answer in time."),
    ("Connection timed out", "Nothing answers there."),
    ("invalid peer certificate", "Its certificate can't be verified."),
    ("lookup address information", "The name doesn't resolve."),
    ("Connection refused", "Nothing listens there."),
    ("onnection reset", "The connection broke off."),
    ("connection closed", "The connection broke off."),
    ("unexpected EOF", "The connection broke off."),
    ("Network is unreachable", "There is no way to it from the build."),
    ("No route to host", "There is no way to it from the build."),
];

/// A request that failed: uv names the host, and why, below its headline.
pub(super) fn network(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let below: Vec<(LineNo, String)> = scene
        .after(draft.line, 12)
        .into_iter()
        .take_while(|(_, text)| !text.trim().is_empty() && !text.starts_with("error: "))
        .collect();
    let own = std::iter::once((draft.line, draft.text.clone()));
    let lines: Vec<(LineNo, String)> = own.chain(below).collect();
    let end = ENDS.iter().find_map(|(words, why)| {
        let (line, text) = lines.iter().find(|(_, text)| text.contains(words))?;
        Some((*line, text.clone(), *words, *why))
    });
    if let Some((line, text, words, why)) = end {
        draft.captures.set("why", why);
        if matches!(
            words,
            "lookup address information"
                | "Connection refused"
                | "No route to host"
                | "Network is unreachable"
        ) {
            draft.title = "{subject|The server} couldn't be reached".to_owned();
        }
        if words.contains("timed out") || words.contains("timeout") {
            draft.title =
                "{subject|The server} didn't answer in time: the download timed out".to_owned();
            if draft.subject().is_none() && draft.captures.get("package").is_some() {
                draft.title = "The download of {package} timed out".to_owned();
            }
        }
        let status = text
            .split_once(" error (")
            .and_then(|(_, tail)| tail.split(')').next())
            .filter(|_| words == "HTTP status ");
        if let Some(status) = status {
            draft.captures.set("status", status);
            draft.captures.set("why", format!("The server answered {status}."));
            draft.title = "{subject|A download} failed: {status}".to_owned();
            if status.starts_with("429") {
                draft.fix = Some("Try again later: the server limits how often it may be asked (fewer at once: UV_CONCURRENT_DOWNLOADS).".to_owned());
            } else if status.starts_with("404") {
                draft.fix = Some("Check the address.".to_owned());
            }
        }
        // The host stands in the line itself, or the headline says nothing.
        draft.evidence.push(line);
        if line != draft.line && (url_in(&text).is_some() || words.contains("timeout")) {
            draft.evidence.push(draft.line);
            draft.line = line;
            draft.text = text;
        }
    }
    let says_nothing = draft.text.contains("Request failed after");
    if says_nothing
        && let Some((line, text)) = lines.iter().find(|(_, text)| url_in(text).is_some())
    {
        draft.evidence.push(draft.line);
        draft.line = *line;
        draft.text = text.clone();
    }
    super::nearby::host(scene, draft);
    if draft.subject().is_none()
        && let Some(package) = draft.captures.get("package").map(str::to_owned)
    {
        draft.set_subject(package);
    }
    true
}

/// A lock file of another version: newer uvs say so below their headline.
pub(super) fn lock_schema(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let head = scene.before(draft.line, 1).into_iter().next();
    if let Some((line, _)) = head.filter(|(_, text)| text.contains("ailed to parse")) {
        draft.evidence.push(draft.line);
        draft.line = line;
    }
    true
}

/// A line of a requirements file that uv can't read: why, and the line itself.
pub(super) fn requirement(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    super::paths::file(scene, draft);
    let mut after = scene.after(draft.line, 4).into_iter();
    let Some((line, text)) = after.next() else { return true };
    let why = ["Caused by: ", "cause: "].iter().find_map(|mark| text.trim().strip_prefix(mark));
    let Some(why) = why.map(str::to_owned) else { return true };
    draft.evidence.push(line);
    draft.captures.set("why", why);
    if let Some((line, entry)) = after.next() {
        let entry = entry.trim();
        draft.evidence.push(line);
        if !entry.is_empty() && !entry.starts_with('^') {
            draft.captures.set("entry", entry);
            draft.title = "`{entry}` in {subject} is no requirement: {why}".to_owned();
            super::pip::requirement::unknown_operator(entry, draft);
        }
    }
    true
}
