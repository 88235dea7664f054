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
fn hint(scene: &Scene<'_>, from: LineNo, words: &[&str]) -> Option<(LineNo, String)> {
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

/// Who wants which version of what uv names: both sides of a contradiction.
pub(super) fn conflict(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let sentence = whole_sentence(scene, draft);
    let Some(subject) = draft.subject().map(bare_name) else { return true };
    let all = depends(&sentence);
    let of = |name: &str| -> Vec<(String, String)> {
        all.iter().filter(|(_, need)| bare_name(need) == name).cloned().collect()
    };
    let mut sides = of(&subject);
    // The first requirement isn't always the one that two sides disagree on.
    if sides.len() < 2
        && let Some(name) =
            all.iter().map(|(_, need)| bare_name(need)).find(|name| of(name).len() > 1)
    {
        sides = of(&name);
        draft.set_subject(name);
    }
    if let [(who, need), others @ ..] = sides.as_slice()
        && let Some((other, have)) = others.iter().find(|(_, have)| have != need)
    {
        draft.captures.set("who", who.clone());
        draft.captures.set("need", need.clone());
        draft.captures.set("other", other.clone());
        draft.captures.set("have", have.clone());
        draft.cause =
            Some("{who} needs {need}, and {other} needs {have}: no version is both.".to_owned());
        let own = |name: &str| name == "your project" || name == "what you require";
        draft.fix = Some(if own(other) {
            "Let your own range of {subject} meet {need}, or take a version of {who} that goes with {have}."
        } else if own(who) {
            "Let your own range of {subject} meet {have}, or take a version of {other} that goes with {need}."
        } else {
            "Take versions of {who} and {other} that agree on {subject}."
        }.to_owned());
    }
    true
}

/// Whether uv's sentence goes on with what the package itself needs.
pub(super) fn depends_itself(scene: &Scene<'_>, draft: &Draft) -> bool {
    let Some(subject) = draft.subject().map(bare_name) else { return false };
    depends(&whole_sentence(scene, draft)).iter().any(|(who, _)| bare_name(who) == subject)
}

/// Whether uv's sentence goes on with two sides that want different versions of a package.
pub(super) fn contradicts(scene: &Scene<'_>, draft: &Draft) -> bool {
    let all = depends(&whole_sentence(scene, draft));
    let differ = |(who, need): &(String, String)| {
        let other = |(whose, have): &(String, String)| {
            whose != who && have != need && bare_name(have) == bare_name(need)
        };
        all.iter().any(other)
    };
    all.iter().any(differ)
}

/// The dependency that allows fewer Pythons than the project: uv's sentence
/// names it as what needs that Python, or as what the project depends on.
pub(super) fn narrower(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    narrower_in(&whole_sentence(scene, draft))
}

fn narrower_in(sentence: &str) -> Option<String> {
    let (_, tail) = sentence.split_once("does not satisfy ")?;
    let tail = tail.replace(" depend on ", " depends on ");
    let all = depends(&tail);
    let of_python = |need: &str| bare_name(need) == "python";
    let own = |who: &str| {
        let who = who.split(['[', ':']).next().unwrap_or(who);
        who.ends_with("your project") || who == "what you require"
    };
    let name = |text: &str| {
        let word = text.rsplit(' ').next().unwrap_or(text);
        Some(bare_name(word)).filter(|name| !name.is_empty())
    };
    let who = all.iter().find(|(who, need)| of_python(need) && !own(who));
    who.and_then(|(who, _)| name(who))
        .or_else(|| {
            let (_, need) = all.iter().find(|(_, need)| !of_python(need))?;
            name(need)
        })
        .or_else(|| {
            let (_, tail) = tail.split_once("conclude that ")?;
            let first = tail.trim_start_matches("all versions of ").split(' ').next()?;
            Some(bare_name(first))
                .filter(|name| !name.is_empty() && name != "your" && name != "the")
        })
}

/// A package that the first index has, and not in a version that fits: uv asks
/// no other index then.
pub(super) fn first_index(scene: &Scene<'_>, draft: &mut Draft) {
    let Some((line, sentence)) = hint(scene, draft.line, &[" was found on "]) else { return };
    let Some((_, tail)) = sentence.split_once(" was found on ") else { return };
    if !sentence.contains("but not at the requested version") {
        return;
    }
    let name = sentence.split('`').nth(1).map(bare_name).unwrap_or_default();
    let host = tail.split([',', ' ']).next().map(super::paths::host_of).unwrap_or_default();
    if name.is_empty() || host.is_empty() {
        return;
    }
    let wanted = sentence
        .split_once("requested version (")
        .and_then(|(_, tail)| tail.split(')').next())
        .unwrap_or(&name)
        .to_owned();
    let own = scene.shell().is_some_and(|shell| shell.contains("uv pip"));
    draft.evidence.push(line);
    draft.captures.set("host", host);
    draft.captures.set("wanted", wanted);
    draft.captures.set("name", name.clone());
    draft.title = "{host} has no {wanted}, and uv asks no other index for {name}".to_owned();
    draft.cause = Some("uv takes a package from the first index that has it at all, and {host} has only other versions; the indexes after it aren't asked.".to_owned());
    draft.fix = Some(if own {
        "Add `--index-strategy unsafe-best-match` (or set UV_INDEX_STRATEGY) if all indexes are equally trusted; or install what comes from {host} in a command of its own, and leave that index out here. In a project, [tool.uv.sources] names the packages that come from an index."
    } else {
        "Pin {name} to the other index in [tool.uv.sources] (or mark {host} `explicit = true` under [[tool.uv.index]], so that only the packages named there come from it); or write `index-strategy = \"unsafe-best-match\"` under [tool.uv] if all indexes are equally trusted. Then lock again."
    }.to_owned());
    draft.set_subject(name);
}

/// The name at the start of a requirement.
fn bare_name(requirement: &str) -> String {
    let end = requirement
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .unwrap_or(requirement.len());
    requirement.get(..end).unwrap_or(requirement).to_ascii_lowercase()
}

/// uv's sentence has no more lines, though it names versions one by one.
const SENTENCE: usize = 80;

/// uv's sentence from a line on, joined again.
fn whole_sentence(scene: &Scene<'_>, draft: &Draft) -> String {
    let own = scene.text(draft.line).unwrap_or_else(|| draft.text.clone());
    let mut sentence = own.trim_start_matches([' ', '×', '╰', '─', '▶', '├']).trim().to_owned();
    for (_, text) in scene.after(draft.line, SENTENCE) {
        let text = text.trim();
        if text.is_empty() || text.starts_with("hint:") || text.starts_with("help:") {
            break;
        }
        sentence.push(' ');
        sentence.push_str(text);
    }
    sentence
}

/// `A depends on B>=1 and C` and `you require B<1` in a sentence, in order.
fn depends(sentence: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut last = None;
    let first = |text: &str| {
        text.split_whitespace().next().unwrap_or("").trim_end_matches([',', '.']).to_owned()
    };
    let sentences = sentence.split(". ").flat_map(|sentence| sentence.split(" and "));
    let clauses = sentences.flat_map(|clause| clause.split(", "));
    for clause in clauses {
        let pair = if let Some((who, need)) = clause.split_once(" depends on ") {
            let who = who.rsplit_once("ecause ").map_or(who, |(_, who)| who);
            let who = who.rsplit_once("conclude that ").map_or(who, |(_, who)| who).trim();
            let who = if who.ends_with("your project") { "your project" } else { who };
            (who.to_owned(), first(need))
        } else if let Some((_, need)) = clause.split_once("you require ") {
            ("what you require".to_owned(), first(need))
        } else if let Some(who) = last.take().filter(|_| is_requirement(clause)) {
            (who, first(clause))
        } else {
            continue;
        };
        last = Some(pair.0.clone());
        if !pair.1.is_empty() && !found.contains(&pair) {
            found.push(pair);
        }
    }
    found
}

/// Whether this is a requirement and nothing else: the second of two.
fn is_requirement(clause: &str) -> bool {
    let clause = clause.trim();
    !clause.contains(' ') && clause.contains(['=', '<', '>']) && !bare_name(clause).is_empty()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_stand_in_the_sentence() {
        let pairs = |text: &str| {
            depends(text).into_iter().map(|(a, b)| format!("{a}: {b}")).collect::<Vec<_>>()
        };
        assert_eq!(
            pairs(
                "Because fastapi==0.110.0 depends on starlette>=0.36.3,<0.37.0 and your project depends on starlette<0.30, we can conclude that your project and fastapi==0.110.0 are incompatible."
            ),
            ["fastapi==0.110.0: starlette>=0.36.3,<0.37.0", "your project: starlette<0.30"]
        );
        assert_eq!(
            pairs("Because all versions of a depend on b and you require b>=2, we can"),
            ["what you require: b>=2"]
        );
        assert_eq!(bare_name("Starlette>=0.36"), "starlette");
    }

    #[test]
    fn who_allows_fewer_pythons() {
        let of = |text: &str| narrower_in(text).unwrap_or_default();
        let head = "Because the requested Python version (>=3.9) does not satisfy Python>=3.11 and";
        let your = "your project's requirements are unsatisfiable.";
        for (tail, name) in [
            (
                format!("your project depends on acme-ai[vad]>=1.0, we can conclude that {your}"),
                "acme-ai",
            ),
            (format!("you require acme-ai>=1.0, we can conclude that {your}"), "acme-ai"),
            (
                format!(
                    "acme-ai==1.0 depends on Python>=3.11, we can conclude that acme-ai==1.0 cannot be used. And because your project depends on acme-ai==1.0, we can conclude that {your}"
                ),
                "acme-ai",
            ),
            (
                format!(
                    "all versions of acme-ai depend on Python>=3.11, we can conclude that all versions of acme-ai cannot be used. And because your project depends on acme-ai, we can conclude that {your}"
                ),
                "acme-ai",
            ),
            (
                format!("your project[voice] depends on acme-ai>=1.0, we can conclude that {your}"),
                "acme-ai",
            ),
            (
                format!("bot:dev depends on acme-ai>=1.0, we can conclude that bot:dev's {your}"),
                "acme-ai",
            ),
        ] {
            assert_eq!(of(&format!("{head} {tail}")), name, "{tail}");
        }
        assert_eq!(of("no solution"), "");
    }
}
