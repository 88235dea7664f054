//! Values given to names that say they are secret: `API_KEY=…`, `"token": "…"`.

use std::ops::Range;

use super::{REDACTED, Span, is_trivial};

/// Words that say "secret" wherever a name ends with them.
const SECRET: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "token",
];

/// What a name of lower-case words ending in `key` begins with when it is one
/// that opens something. (`cache_key` and `primary_key` don't.)
const OPENS: [&str; 23] = [
    "api",
    "secret",
    "access",
    "private",
    "auth",
    "encryption",
    "signing",
    "ssh",
    "master",
    "account",
    "storage",
    "service",
    "subscription",
    "license",
    "licence",
    "deploy",
    "client",
    "app",
    "admin",
    "jwt",
    "session",
    "shared",
    "webhook",
];

/// What a name in capitals ending in `KEY` begins with when it is none.
const HARMLESS: [&str; 14] = [
    "public",
    "cache",
    "sort",
    "primary",
    "foreign",
    "partition",
    "group",
    "index",
    "hash",
    "map",
    "unique",
    "row",
    "object",
    "lookup",
];

/// Tokens that are no credentials: of parsers, models and pages.
const OTHER_TOKENS: [&str; 17] = [
    "next",
    "page",
    "eos",
    "bos",
    "pad",
    "unk",
    "sep",
    "cls",
    "mask",
    "stop",
    "special",
    "start",
    "end",
    "max",
    "min",
    "continuation",
    "unexpected",
];

pub(super) fn find(text: &str, out: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr2_iter(b'=', b':', bytes) {
        let Some(name) = Name::before(text, at) else { continue };
        if !name.is_secret() {
            continue;
        }
        let value = match bytes.get(at) {
            Some(b'=') => assigned(text, at, &name),
            _ => mapped(text, at, &name),
        };
        if let Some(range) = value
            && text.get(range.clone()).is_some_and(|value| !is_trivial(value))
        {
            out.push((range, REDACTED));
        }
    }
}

/// A name in front of `=` or `:`.
struct Name<'a> {
    text: &'a str,
    /// Its words in lower case: `OPENAI_API_KEY`, `apiKey` and `api-key` alike.
    words: Vec<String>,
    quoted: bool,
}

impl<'a> Name<'a> {
    fn before(text: &'a str, at: usize) -> Option<Self> {
        let before = text.get(..at)?.trim_end_matches([' ', '\t']);
        let bare = before.trim_end_matches(['"', '\'', '\\', ']']);
        let quoted = bare.len() < before.len();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let start = bare.rfind(|c: char| !is_name(c)).map_or(0, |at| {
            at + bare.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        });
        let name = bare.get(start..)?;
        (!name.is_empty() && name.len() <= 128).then(|| Self {
            text: name,
            words: words(name),
            quoted,
        })
    }

    fn capitals(&self) -> bool {
        !self.text.bytes().any(|b| b.is_ascii_lowercase())
    }

    fn is_secret(&self) -> bool {
        let Some(last) = self.words.last() else { return false };
        let before = self.words.len().checked_sub(2).and_then(|i| self.words.get(i));
        let before = before.map(String::as_str);
        match last.as_str() {
            "token" => before.is_none_or(|word| !OTHER_TOKENS.contains(&word)),
            "key" if self.capitals() => before.is_none_or(|word| !HARMLESS.contains(&word)),
            "key" => before.is_some_and(|word| OPENS.contains(&word)),
            // PWD and OLDPWD are where a shell is.
            "pwd" => before.is_some(),
            // `pass=3 fail=0` counts.
            "pass" => before.is_some() && self.capitals(),
            "auth" => {
                self.quoted || self.text.starts_with('_') || (before.is_some() && self.capitals())
            }
            // PGPASSWORD has no underscore.
            word => SECRET.iter().any(|end| word.ends_with(end)),
        }
    }
}

fn words(name: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut small = false;
    for c in name.chars() {
        let cut = !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && small);
        if cut && !word.is_empty() {
            all.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        small = c.is_ascii_lowercase();
    }
    if !word.is_empty() {
        all.push(word);
    }
    all
}

/// The value behind `=`.
fn assigned(text: &str, at: usize, name: &Name<'_>) -> Option<Range<usize>> {
    let rest = text.get(at + 1..)?;
    // Comparisons and arrows assign nothing.
    if rest.starts_with(['=', '>', '~']) {
        return None;
    }
    let spaced = text.get(..at)?.ends_with(' ') || rest.starts_with(' ');
    let start = at + 1 + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
    if let Some(range) = quoted(text, start) {
        return Some(range);
    }
    if spaced {
        return lone(text, start);
    }
    let ends: &[char] = if name.capitals() {
        &['"', '\'', '`', '&', ';', '|', '<', '>', ')']
    } else {
        &['"', '\'', '`', '&', ';', '|', '<', '>', ')', ',', '}']
    };
    let range = bare(text, start, ends)?;
    let value = text.get(range.clone())?;
    // A few digits are a count; of a password they may be all of it.
    let count = value.len() <= 5 && value.bytes().all(|b| b.is_ascii_digit());
    (!count || name.words.last().is_some_and(|word| word.starts_with("pass"))).then_some(range)
}

/// The value behind `:`.
fn mapped(text: &str, at: usize, name: &Name<'_>) -> Option<Range<usize>> {
    let rest = text.get(at + 1..)?;
    // `https://` and `a::b`.
    if rest.starts_with(['/', ':']) || (rest.starts_with('\\') && !name.quoted) {
        return None;
    }
    let start = at + 1 + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
    // In `x-token:word@host` the colon is an address's.
    let inside = quoted(text, start);
    if start == at + 1 && inside.is_none() && !name.quoted {
        return None;
    }
    match inside {
        Some(range) if name.quoted || name.words.len() > 1 => Some(range),
        // `password: "…"`; but "unexpected token: ';'" quotes what it stumbled on.
        Some(range) => text.get(range.clone())?.len().ge(&4).then_some(range),
        None => lone(text, start),
    }
}

/// What stands between quotes that open at `start`, escaped ones included.
fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let escaped = rest.strip_prefix('\\');
    let quote = escaped.unwrap_or(rest).chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = start + usize::from(escaped.is_some()) + 1;
    let body = text.get(inner..)?;
    let end = match body.find(quote) {
        Some(end) => end,
        // A quote that was open before the name and closes here, as in `grep '^token=' x`.
        None if body.starts_with(char::is_whitespace) => return None,
        None => body.len(),
    };
    let value = body.get(..end)?.trim_end_matches('\\');
    (!value.is_empty()).then(|| inner..inner + value.len())
}

/// A word up to a blank or one of `ends`.
fn bare(text: &str, start: usize, ends: &[char]) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let end = rest.find(|c: char| c.is_whitespace() || ends.contains(&c)).unwrap_or(rest.len());
    (end > 0).then(|| start..start + end)
}

/// A word that is all there is up to the end of the line, and that looks made
/// up: prose and source code go on, or are words.
fn lone(text: &str, start: usize) -> Option<Range<usize>> {
    let range = bare(text, start, &['"', '\'', '`', ';', ','])?;
    let rest = text.get(range.end..)?.trim_start_matches(['"', '\'', '`', ';', ',']).trim();
    let value = text.get(range.clone())?;
    let made_up = value.len() >= 6
        && value.bytes().any(|b| b.is_ascii_digit())
        && !value.contains(['(', '[', '{'])
        || value == REDACTED;
    let over = rest.is_empty() || rest.starts_with('#') || rest.starts_with('}');
    (made_up && over).then_some(range)
}
