//! The sentence by which uv says why no versions go together.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::uv::hint;

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
