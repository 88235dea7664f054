//! The base image: its name, its tag, its Python and its processor.

use super::apt::above;
use super::case::{Case, Told};
use super::diff::Edit;
use super::place::Dockerfile;
use super::words::{self, Word, words};
use crate::context::dockerfile::Stage;
use crate::context::nearest::distance;
use crate::context::path::RelPath;

/// The base image of agents, and the Pythons it comes with.
const PIPECAT: &str = "dailyco/pipecat-base";
const PIPECAT_PYTHONS: std::ops::RangeInclusive<u32> = 10..=14;
/// What its `latest` has.
const PIPECAT_DEFAULT: u32 = 12;

/// Images that everybody builds on.
const IMAGES: [&str; 11] = [
    PIPECAT, "python", "node", "debian", "ubuntu", "alpine", "golang", "rust", "nginx", "redis",
    "postgres",
];

/// Words that their tags are made of.
const TAGS: [&str; 13] = [
    "slim", "alpine", "bookworm", "trixie", "bullseye", "buster", "latest", "noble", "jammy",
    "lts", "stable", "stretch", "current",
];

pub(super) fn explain_base(case: &Case<'_>, told: &mut Told<'_>) -> bool {
    let (Some(file), Some(lines)) = (&case.file, told.lines.clone()) else { return false };
    let at = usize::try_from(*lines.start()).unwrap_or(usize::MAX);
    let Some(stage) = case.parsed().stages.iter().rfind(|stage| stage.line <= at) else {
        return false;
    };
    let from = u32::try_from(stage.line).unwrap_or(0);
    let from = words(file, &file.lines_of(from));
    let rule = told.told.finding.rule.clone();
    match told.category() {
        "platform-mismatch" => platform(case, told, file, stage, &from),
        "base-image" if rule == "base-missing" => misspelt(case, told, file, &from),
        "command-not-found" if rule == "uv-not-found" => {
            uv(case, told, file, &from, *lines.start())
        }
        "venv-replaced" if rule == "passed-venv-copied" => false,
        "python-version" | "venv-replaced" => python(case, told, file, &from),
        _ => false,
    }
}

/// The image among the words of a FROM, with its name and its tag.
fn image(from: &[Word]) -> Option<(&Word, &str, &str)> {
    let word = from.iter().skip(1).find(|word| !word.text.starts_with("--"))?;
    if word.text.contains(['$', '@']) {
        return None;
    }
    match word.text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => Some((word, name, tag)),
        _ => Some((word, word.text.as_str(), "")),
    }
}

fn change(case: &Case<'_>, told: &mut Told<'_>, file: &Dockerfile, word: &Word, new: &str) -> bool {
    let Some(diff) = words::replace(file, word, new).and_then(|e| case.dockerfile_diff(&[e]))
    else {
        return false;
    };
    told.fix(format!("Write `{new}` for `{}` in {}:{}.", word.text, file.path, word.line));
    told.diff(Some(diff));
    true
}

/// `--platform` of another processor than the build's.
fn platform(
    case: &Case<'_>,
    told: &mut Told<'_>,
    file: &Dockerfile,
    stage: &Stage,
    from: &[Word],
) -> bool {
    let Some(platform) = &stage.platform else { return false };
    let flag = from.iter().find(|word| word.text == format!("--platform={platform}"));
    let other = platform.split('/').nth(1).is_some_and(|arch| arch != case.project.arch());
    let (Some(flag), true) = (flag, other) else { return false };
    let Some(text) = file.line(flag.line) else { return false };
    let (Some(before), Some(after)) =
        (text.get(..flag.range.start), text.get(flag.range.end..).map(str::trim_start))
    else {
        return false;
    };
    let Ok(line) = usize::try_from(flag.line) else { return false };
    let Some(diff) = case.dockerfile_diff(&[Edit::replace(line, format!("{before}{after}"))])
    else {
        return false;
    };
    told.cause(format!(
        "Builds are for {}, and `{}` in {}:{line} asks for another processor.",
        case.project.arch(),
        flag.text,
        file.path
    ));
    told.fix(format!("Take `{}` out of {}:{line}.", flag.text, file.path));
    told.diff(Some(diff));
    true
}

/// A name or a tag few keystrokes away from one that there is.
fn misspelt(case: &Case<'_>, told: &mut Told<'_>, file: &Dockerfile, from: &[Word]) -> bool {
    let Some((word, name, tag)) = image(from) else { return false };
    let near = |word: &str, known: &[&'static str]| -> Option<&'static str> {
        if known.contains(&word) {
            return None;
        }
        let most = if word.len() < 6 { 1 } else { 2 };
        let mut fitting = known.iter().filter(|k| distance(word, k) <= most);
        let first = fitting.next()?;
        fitting.next().is_none().then_some(*first)
    };
    let new_name = near(name, &IMAGES);
    let parts: Vec<&str> = tag.split('-').collect();
    let new_tag: Vec<&str> = parts
        .iter()
        .map(|part| {
            let letters = part.chars().all(|c| c.is_ascii_alphabetic()) && part.len() > 2;
            if letters { near(part, &TAGS).unwrap_or(part) } else { part }
        })
        .collect();
    if new_name.is_none() && new_tag == parts {
        return false;
    }
    let colon = if tag.is_empty() { "" } else { ":" };
    let new = format!("{}{colon}{}", new_name.unwrap_or(name), new_tag.join("-"));
    change(case, told, file, word, &new)
}

/// An image that has no uv.
fn uv(case: &Case<'_>, told: &mut Told<'_>, file: &Dockerfile, from: &[Word], line: u32) -> bool {
    let Some((word, name, tag)) = image(from) else { return false };
    if name == PIPECAT {
        // uv is in it from 0.1.1 on.
        let (version, rest) =
            tag.split_once('-').map_or((tag, ""), |(version, rest)| (version, rest));
        let numbers: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
        if numbers.len() != 3 || numbers >= vec![0, 1, 1] {
            return false;
        }
        let dash = if rest.is_empty() { "" } else { "-" };
        return change(case, told, file, word, &format!("{PIPECAT}:latest{dash}{rest}"));
    }
    if name.rsplit('/').next() != Some("python") {
        return false;
    }
    let Ok(before) = usize::try_from(above(file, line)) else { return false };
    let install = "RUN pip install --no-cache-dir uv";
    let Some(diff) = case.dockerfile_diff(&[Edit::insert(before, install)]) else { return false };
    told.cause(format!("`{}` is a plain Python image, and comes without uv.", word.text));
    told.fix(format!("Add `{install}` before line {line}, or build on {PIPECAT}."));
    told.diff(Some(diff));
    true
}

/// An image whose Python the project or a package doesn't allow.
fn python(case: &Case<'_>, told: &mut Told<'_>, file: &Dockerfile, from: &[Word]) -> bool {
    let Some((word, name, tag)) = image(from) else { return false };
    let parts: Vec<&str> = tag.split('-').collect();
    let minor = |version: &str| -> Option<u32> {
        let mut numbers = version.split('.');
        (numbers.next()? == "3").then(|| numbers.next()?.parse().ok())?
    };
    let is_pipecat = name == PIPECAT;
    let have = if is_pipecat {
        let named = parts.iter().find_map(|part| minor(part.strip_prefix("py")?));
        Some(named.unwrap_or(PIPECAT_DEFAULT))
    } else if name.rsplit('/').next() == Some("python") {
        parts.first().and_then(|version| minor(version))
    } else {
        None
    };
    let Some(have) = have else { return false };
    let spoken = format!("{} {}", told.told.finding.title, told.subject().unwrap_or_default());
    let range = Range::of(&spoken).or_else(|| {
        let text = case.text(&RelPath::from("pyproject.toml"))?;
        let table: toml::Table = text.parse().ok()?;
        Range::of(table.get("project")?.get("requires-python")?.as_str()?)
    });
    let Some(range) = range else { return false };
    let there = if is_pipecat { PIPECAT_PYTHONS } else { 8..=14 };
    let fitting: Vec<u32> = there.filter(|minor| range.allows(*minor)).collect();
    let (Some(least), Some(most)) = (fitting.first(), fitting.last()) else { return false };
    if fitting.contains(&have) {
        return false;
    }
    let want = if have < *least { *least } else { *most };
    let new = if is_pipecat {
        let version = parts.first().filter(|v| !v.is_empty()).copied().unwrap_or("latest");
        format!("{PIPECAT}:{version}-py3.{want}")
    } else {
        let rest: String = parts.iter().skip(1).map(|part| format!("-{part}")).collect();
        format!("{name}:3.{want}{rest}")
    };
    change(case, told, file, word, &new)
}

/// Which Pythons a requirement such as `>=3.11,<3.14` allows, by their minor
/// number.
struct Range(Vec<(String, u32)>);

impl Range {
    /// The requirement in a text, wherever it stands.
    fn of(text: &str) -> Option<Self> {
        let mut out = Vec::new();
        for (at, _) in text.match_indices(['<', '>', '=', '~', '!']) {
            // Only where an operator begins.
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            if before.is_some_and(|c| "<>=~!".contains(c)) {
                continue;
            }
            let rest = text.get(at..)?;
            let end = rest.find(|c: char| !"<>=~!".contains(c))?;
            let (sign, rest) = rest.split_at_checked(end)?;
            let version: String =
                rest.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let mut numbers = version.split('.');
            if numbers.next() != Some("3") {
                continue;
            }
            let Some(minor) = numbers.next().and_then(|n| n.parse().ok()) else { continue };
            out.push((sign.to_owned(), minor));
        }
        (!out.is_empty()).then_some(Self(out))
    }

    fn allows(&self, minor: u32) -> bool {
        self.0.iter().all(|(sign, bound)| match sign.as_str() {
            ">=" => minor >= *bound,
            ">" => minor > *bound,
            "<=" => minor <= *bound,
            "<" => minor < *bound,
            "==" | "===" => minor == *bound,
            "~=" => minor >= *bound,
            "!=" => minor != *bound,
            _ => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_read_wherever_it_stands() {
        let allowed = |text: &str| -> Vec<u32> {
            let range = Range::of(text).unwrap();
            (8..=14).filter(|minor| range.allows(*minor)).collect()
        };
        assert_eq!(allowed(">=3.11,<3.14"), [11, 12, 13]);
        assert_eq!(allowed("x needs Python >=3.12, and the image has 3.10"), [12, 13, 14]);
        assert_eq!(allowed("== 3.12.*"), [12]);
        assert!(Range::of("needs Python 3").is_none());
    }
}
