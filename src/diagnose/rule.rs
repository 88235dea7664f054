//! One failure rule.

use std::sync::OnceLock;

use regex::Regex;

use super::Kind;

/// Where a rule's lines are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Place {
    /// In what commands print, and in what the builder itself reports.
    #[default]
    Anywhere,
    /// In what commands print, inside a step or straight under a phase.
    Output,
    /// In what the builder or the client itself reports as an error.
    Builder,
}

/// Which of several lines in the same step is the root line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pick {
    /// The first: later ones repeat it.
    #[default]
    First,
    /// The last: earlier ones were survived.
    Last,
}

/// A pattern; compiled when a line first contains one of its literals.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) text: String,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(text: String) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    /// `None` only for a pattern too large to compile; `rules check` says so.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }
}

/// A rule: which lines state a failure, and what to say about it.
///
/// Texts are templates: `{name}` is what the pattern's group of that name
/// matched (or what a resolver found out), `{name|words}` has words for when
/// there is nothing.
#[derive(Debug)]
pub struct Rule {
    /// Its name, unique among all rules.
    pub id: String,
    /// The file it comes from.
    pub file: String,
    /// Its line in that file, from 1.
    pub file_line: usize,
    /// The tool whose words it knows.
    pub tool: Option<String>,
    /// The kind of failure.
    pub category: String,
    /// Cause, or passed all the same.
    pub kind: Kind,
    /// Where its lines are looked for.
    pub place: Place,
    /// Phases it is restricted to; empty for all.
    pub phases: Vec<String>,
    /// How specific it is, 0 to 100: the highest in the failing step wins.
    pub rank: u8,
    /// Which of several lines is the root line.
    pub pick: Pick,
    /// Whether its lines only warn, and count when their step has failed.
    pub tentative: bool,
    /// Whether trying again may help.
    pub retryable: bool,
    /// The name of the code that finds out what the pattern can't.
    pub resolver: Option<String>,
    /// What is at fault, as a template; without it the group `subject`.
    pub subject: Option<String>,
    /// The cause in one sentence, as a template.
    pub title: String,
    /// Why it happens, as a template.
    pub cause: Option<String>,
    /// What to change, as a template.
    pub fix: Option<String>,
    /// Pages that say more.
    pub links: Vec<String>,
    /// Lines it must match.
    pub matches: Vec<String>,
    /// Lines it must not match.
    pub ignores: Vec<String>,
    pub(super) patterns: Vec<Pattern>,
}

impl Rule {
    /// Whether it knows what Python code says that runs in a build.
    pub(super) fn is_of_python(&self) -> bool {
        matches!(self.tool.as_deref(), Some("python" | "spacy"))
    }

    /// Its patterns as they are written.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(|pattern| pattern.text.as_str())
    }
}

/// What the groups of a pattern matched, and what resolvers added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures(Vec<(String, String)>);

impl Captures {
    /// What goes by a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// Names a text, in place of what had the name.
    pub fn set(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = text,
            None => self.0.push((name.to_owned(), text)),
        }
    }

    pub(super) fn of(regex: &Regex, text: &str) -> Option<Self> {
        let found = regex.captures(text)?;
        let mut all = Self::default();
        for name in regex.capture_names().flatten() {
            // A name with a digit behind it is a second spelling of the same: regexes
            // refuse one name twice, and alternatives put a subject in several places.
            let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
            if let Some(part) = found.name(name).filter(|part| !part.as_str().is_empty()) {
                all.set(plain, part.as_str());
            }
        }
        Some(all)
    }
}

/// Fills a template in. Braces that hold no name, as a shell's `${X:?}`, stay.
pub(super) fn fill(template: &str, captures: &Captures) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((hole, tail)) = split_closed(after) else {
            out.push('{');
            rest = after;
            continue;
        };
        let (name, otherwise) = hole.split_once('|').unwrap_or((hole, "it"));
        match captures.get(name) {
            Some(text) => out.push_str(text),
            None if is_name(name) => out.push_str(&fill(otherwise, captures)),
            None => {
                out.push('{');
                out.push_str(&fill(hole, captures));
                out.push('}');
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// What stands before and behind the brace that closes an open one.
fn split_closed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1u32;
    let (end, _) = text.char_indices().find(|(_, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The names a template asks for.
pub(super) fn holes(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| {
        let name = part.get(..part.find(['}', '|'])?)?;
        is_name(name).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_in() {
        let mut captures = Captures::default();
        captures.set("subject", "uv");
        assert_eq!(fill("{subject}: no {file|file}, {x}", &captures), "uv: no file, it");
        assert_eq!(fill("open { brace", &captures), "open { brace");
        assert_eq!(holes("{a} and {b|c}").collect::<Vec<_>>(), ["a", "b"]);
        // Words in place of a hole may have holes themselves.
        assert_eq!(fill("{why|error {status|of a kind}.}", &captures), "error of a kind.");
        assert_eq!(fill("{why|{subject}!}", &captures), "uv!");
        // A shell's braces stay.
        assert_eq!(fill("`${{subject}:?…}`", &captures), "`${uv:?…}`");
        assert_eq!(holes("{a|b {c|d}} ${{e}:?}").collect::<Vec<_>>(), ["a", "c", "e"]);
    }

    #[test]
    fn a_second_spelling_of_a_group_is_the_same_group() {
        let regex = Regex::new(r"a (?P<subject>\d+)|b (?P<subject2>\d+)").unwrap();
        let found = Captures::of(&regex, "b 12").unwrap();
        assert_eq!(found.get("subject"), Some("12"));
    }
}
