//! Rules from TOML: `[[rules]]` tables, in assets, in the user's
//! configuration and in a project's `.buildcat.toml` alike.

use serde::Deserialize;
use toml::Spanned;

use super::rule::{Pattern, Pick, Place, Rule, holes};
use super::{Kind, literal, resolve};

/// A text of rules and what to call it in messages.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file's name.
    pub name: &'a str,
    /// Its content. Other keys than `rules` are left alone.
    pub text: &'a str,
}

/// A rule that can't be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {}{message}", rule.as_deref().map(|id| format!("rule {id:?}: ")).unwrap_or_default())]
pub struct RuleError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The rule, when it has a name.
    pub rule: Option<String>,
    /// What is wrong and what is allowed.
    pub message: String,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    rules: Vec<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    category: String,
    pattern: OneOrMany,
    title: String,
    #[serde(default)]
    tool: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    place: Option<String>,
    #[serde(default)]
    phases: Vec<String>,
    #[serde(default)]
    rank: Option<u8>,
    #[serde(default)]
    pick: Option<String>,
    #[serde(default)]
    tentative: bool,
    #[serde(default)]
    retryable: bool,
    #[serde(default)]
    resolver: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    cause: Option<String>,
    #[serde(default)]
    fix: Option<String>,
    #[serde(default)]
    links: Vec<String>,
    #[serde(default)]
    matches: Vec<String>,
    #[serde(default)]
    ignores: Vec<String>,
}

/// A rule and the literals of each of its patterns.
pub(super) type Loaded = (Rule, Vec<Vec<String>>);

/// Reads the rules of one text. A bad rule is reported and left out; the
/// others stay.
pub(super) fn read(source: Source<'_>, problems: &mut Vec<RuleError>) -> Vec<Loaded> {
    let line_of = |at: usize| source.text.get(..at).map_or(1, |t| t.matches('\n').count() + 1);
    let problem = |line: usize, rule: Option<String>, message: String| RuleError {
        file: source.name.to_owned(),
        line,
        rule,
        message,
    };
    let file: File = match toml::from_str(source.text) {
        Ok(file) => file,
        Err(error) => {
            let line = error.span().map_or(1, |span| line_of(span.start));
            problems.push(problem(line, None, error.message().to_owned()));
            return Vec::new();
        }
    };
    let mut all = Vec::with_capacity(file.rules.len());
    for entry in file.rules {
        let line = line_of(entry.span().start);
        let value = entry.into_inner();
        let id = value.get("id").and_then(|id| id.as_str()).map(str::to_owned);
        match value.try_into::<RawRule>() {
            Ok(raw) => match build(raw, source.name, line) {
                Ok(rule) => all.push(rule),
                Err(messages) => {
                    problems.extend(messages.into_iter().map(|m| problem(line, id.clone(), m)));
                }
            },
            Err(error) => problems.push(problem(line, id, error.message().to_owned())),
        }
    }
    all
}

fn build(raw: RawRule, file: &str, line: usize) -> Result<Loaded, Vec<String>> {
    let mut wrong = Vec::new();
    let plain = |id: &str| {
        !id.is_empty()
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !plain(&raw.id) {
        wrong.push("an id is made of lower-case letters, digits and hyphens".to_owned());
    }
    if !plain(&raw.category) {
        wrong.push("a category is made of lower-case letters, digits and hyphens".to_owned());
    }
    let texts = match raw.pattern {
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(texts) => texts,
    };
    if texts.is_empty() {
        wrong.push("pattern is an empty list; give at least one regular expression".to_owned());
    }
    let mut names: Vec<String> = Vec::new();
    let mut literals = Vec::with_capacity(texts.len());
    for text in &texts {
        let hir = match regex_syntax::parse(text) {
            Ok(hir) => hir,
            Err(error) => {
                wrong.push(format!(
                    "the pattern {text:?} is no regular expression: {}",
                    last_line(&error.to_string())
                ));
                continue;
            }
        };
        match literal::required(&hir) {
            Some(set) => literals.push(set),
            None => wrong.push(format!(
                "the pattern {text:?} has no literal text of three or more characters that every \
                 match must contain; add some, or it would be tried on every line"
            )),
        }
        names.extend(group_names(text));
    }
    let mut choose = |key: &str, value: Option<&str>, allowed: &[&str]| -> usize {
        let Some(value) = value else { return 0 };
        allowed.iter().position(|word| *word == value).unwrap_or_else(|| {
            wrong.push(format!("{key} is {value:?}; it can be {}", allowed.join(", ")));
            0
        })
    };
    let kind = match choose("kind", raw.kind.as_deref(), &["cause", "passed-but"]) {
        1 => Kind::PassedBut,
        _ => Kind::Cause,
    };
    let place = match choose("place", raw.place.as_deref(), &["anywhere", "output", "builder"]) {
        1 => Place::Output,
        2 => Place::Builder,
        _ => Place::Anywhere,
    };
    let pick = match choose("pick", raw.pick.as_deref(), &["first", "last"]) {
        1 => Pick::Last,
        _ => Pick::First,
    };
    let rank = raw.rank.unwrap_or(60);
    if rank > 100 {
        wrong.push(format!("rank is {rank}; it can be 0 to 100"));
    }
    if let Some(name) = &raw.resolver
        && !resolve::NAMES.contains(&name.as_str())
    {
        wrong.push(format!(
            "there is no resolver {name:?}; there are {}",
            resolve::NAMES.join(", ")
        ));
    }
    let templates = [Some(&raw.title), raw.subject.as_ref(), raw.cause.as_ref(), raw.fix.as_ref()];
    for name in templates.into_iter().flatten().flat_map(|t| holes(t)) {
        let known = names.iter().any(|n| n == name) || name == "subject";
        if !known && raw.resolver.is_none() && !STANDARD.contains(&name) {
            wrong.push(format!(
                "the template asks for {{{name}}}, and no pattern has a group of that name; \
                 besides groups there are {}",
                STANDARD.join(", ")
            ));
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let rule = Rule {
        id: raw.id,
        file: file.to_owned(),
        file_line: line,
        tool: raw.tool,
        category: raw.category,
        kind,
        place,
        phases: raw.phases,
        rank,
        pick,
        tentative: raw.tentative,
        retryable: raw.retryable,
        resolver: raw.resolver,
        subject: raw.subject,
        title: raw.title,
        cause: raw.cause,
        fix: raw.fix,
        links: raw.links,
        matches: raw.matches,
        ignores: raw.ignores,
        patterns: texts.into_iter().map(Pattern::new).collect(),
    };
    Ok((rule, literals))
}

/// Names that are known in every template.
pub(super) const STANDARD: [&str; 4] = ["subject", "instruction", "command", "code"];

/// The groups of a pattern; digits at the end of a name don't count.
fn group_names(pattern: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in pattern.split("(?").skip(1) {
        let part = part.strip_prefix('P').unwrap_or(part);
        if let Some((name, _)) = part.strip_prefix('<').and_then(|p| p.split_once('>')) {
            names.push(name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned());
        }
    }
    names
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or(text).trim_start_matches("error: ")
}
