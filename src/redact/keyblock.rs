//! Private keys in PEM form, in one line or over many.

use std::sync::LazyLock;

use regex::Regex;

use super::{REDACTED, Span};

static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?P<s>.*?)(?:-----END|$)").ok()
});

/// What is inside a private key that stands in one line, escaped line ends and all.
pub(super) fn find(text: &str, out: &mut Vec<Span>) {
    for found in WHOLE.iter().flat_map(|whole| whole.captures_iter(text)) {
        if let Some(inside) = found.name("s").filter(|inside| !inside.is_empty()) {
            out.push((inside.range(), REDACTED));
        }
    }
}

/// Whether the lines that come are the inside of a private key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Block {
    /// They aren't.
    #[default]
    Outside,
    /// They are, as long as they look like it.
    Inside,
    /// The key's last line, which is shorter, has gone by.
    Ending,
}

/// Letters that every line of a key but its last has at least.
const FULL: usize = 32;

impl Block {
    /// Takes note of a line. Of one inside a key, the part before the key's
    /// own text; that text must go.
    pub(super) fn next<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let upper = text.to_ascii_uppercase();
        let begins = upper.find("-----BEGIN ").is_some_and(|at| {
            let rest = upper.get(at..).unwrap_or_default();
            rest.contains("PRIVATE KEY") && !rest.contains("-----END")
        });
        if begins {
            *self = Self::Inside;
            return None;
        }
        if *self == Self::Outside {
            return None;
        }
        let start = prefix(text);
        let word = text.get(start..).unwrap_or_default().trim();
        let headed = ["PROC-TYPE:", "DEK-INFO:", "VERSION:", "COMMENT:", "HASH:"]
            .iter()
            .any(|name| upper.contains(name));
        let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if *self == Self::Inside && !word.is_empty() && word.chars().all(base64) {
            if word.len() < FULL {
                *self = Self::Ending;
            }
            return text.get(..start);
        }
        // Headers and blank lines belong to it, and are no secret.
        if !headed && !word.is_empty() {
            *self = Self::Outside;
        }
        None
    }
}

/// Bytes of what stands before a line of output: `#7 0.123 `, `0.123 `, an
/// excerpt's `  12 | `, blanks and an opening quote.
fn prefix(text: &str) -> usize {
    let mut rest = text.trim_start();
    if let Some(hash) = rest.strip_prefix('#') {
        let after = hash.trim_start_matches(|c: char| c.is_ascii_digit());
        rest = if after.len() < hash.len() { after.trim_start() } else { rest };
    }
    let seconds = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if seconds.len() < rest.len() && seconds.starts_with(' ') {
        rest = seconds.trim_start();
    }
    rest = rest.strip_prefix('|').unwrap_or(rest).trim_start();
    rest = rest.strip_prefix(">>>").unwrap_or(rest).trim_start().trim_start_matches(['"', '\'']);
    text.len() - rest.len()
}
