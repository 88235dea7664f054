//! Variables in a Dockerfile's words, as far as their values can be known here.

use std::collections::HashMap;

/// What is known of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Its value.
    Known(String),
    /// An ARG without a default; builds in the cloud pass none.
    Unset,
    /// It hangs on something that isn't known.
    Unknown,
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Unknown, Self::Known)
    }
}

/// The variables in force at a point of a Dockerfile.
///
/// Of a name nobody declared nothing is known: the base image may set it.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    args: HashMap<String, Value>,
    envs: HashMap<String, Value>,
}

impl Variables {
    /// Declares an ARG.
    pub fn arg(&mut self, name: &str, value: Value) {
        self.args.insert(name.to_owned(), value);
    }

    /// Sets an ENV, which hides an ARG of the same name for good.
    pub fn env(&mut self, name: &str, value: Value) {
        self.envs.insert(name.to_owned(), value);
    }

    /// What is known of a variable.
    pub fn get(&self, name: &str) -> &Value {
        self.envs.get(name).or_else(|| self.args.get(name)).unwrap_or(&Value::Unknown)
    }

    /// The value of a variable where it is known.
    pub fn value(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Value::Known(value) => Some(value),
            Value::Unset | Value::Unknown => None,
        }
    }

    /// A word with its variables replaced and its quotes removed; none when a value isn't known.
    pub fn expand(&self, word: &str, escape: char) -> Option<String> {
        let mut out = String::with_capacity(word.len());
        let mut chars = word.chars().peekable();
        let mut quote: Option<char> = None;
        while let Some(c) = chars.next() {
            match (c, quote) {
                ('\'' | '"', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                (c, Some('\'')) => out.push(c),
                (c, Some(_)) if c == escape => match chars.next() {
                    Some(next @ ('"' | '$')) => out.push(next),
                    Some(next) if next == escape => out.push(next),
                    next => {
                        out.push(c);
                        out.extend(next);
                    }
                },
                (c, None) if c == escape => out.extend(chars.next()),
                ('$', _) => {
                    let rest: String = chars.clone().collect();
                    let (value, used) = self.variable(&rest, escape)?;
                    out.push_str(&value);
                    if used > 0 {
                        chars.nth(used - 1);
                    }
                }
                (c, _) => out.push(c),
            }
        }
        Some(out)
    }

    /// The value of what stands behind a `$`, and how many characters it takes.
    fn variable(&self, rest: &str, escape: char) -> Option<(String, usize)> {
        let Some(inner) = rest.strip_prefix('{') else {
            let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
            if name.is_empty() {
                return Some(("$".to_owned(), 0));
            }
            return Some((self.value(&name)?.to_owned(), name.len()));
        };
        let end = closing(inner)?;
        let body = inner.get(..end)?;
        let used = body.chars().count() + 2;
        let name: String = body.chars().take_while(|c| is_name(*c)).collect();
        let modifier = body.get(name.len()..)?;
        let value = self.value(&name);
        if modifier.is_empty() {
            return Some((value?.to_owned(), used));
        }
        let (empty_counts, modifier) = match modifier.strip_prefix(':') {
            Some(rest) => (true, rest),
            None => (false, modifier),
        };
        // Neither side of the choice is certain for a name that the base image may set.
        if self.get(&name) == &Value::Unknown {
            return None;
        }
        let set = value.is_some_and(|v| !(empty_counts && v.is_empty()));
        let value = if let Some(default) = modifier.strip_prefix('-') {
            if set { value?.to_owned() } else { self.expand(default, escape)? }
        } else if let Some(other) = modifier.strip_prefix('+') {
            if set { self.expand(other, escape)? } else { String::new() }
        } else {
            // `:?`, `#`, `%`, `/`: rare, and left to BuildKit.
            return None;
        };
        Some((value, used))
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Where the brace that was open at the start closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(i),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Splits at blanks outside quotes; quotes and escapes stay as they are.
pub fn words(text: &str, escape: char) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, None) if c.is_whitespace() => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                continue;
            }
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (c, open) if c == escape && open != Some('\'') => {
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_expanded_where_values_are_known() {
        let known = |value: &str| Value::Known(value.to_owned());
        let mut vars = Variables::default();
        vars.arg("DIR", known("src"));
        vars.arg("EMPTY", known(""));
        vars.arg("UNSET", Value::Unset);
        vars.env("E", known("env"));
        vars.arg("E", known("arg"));
        let cases = [
            ("$DIR/x", Some("src/x")),
            ("${DIR}x", Some("srcx")),
            ("${EMPTY:-dflt}", Some("dflt")),
            ("${EMPTY-dflt}", Some("")),
            ("${DIR:+alt$E}", Some("altenv")),
            ("$E", Some("env")),
            ("'$DIR'", Some("$DIR")),
            ("\"$DIR a\"", Some("src a")),
            ("\\$DIR", Some("$DIR")),
            ("$UNSET/x", None),
            ("$NOBODY", None),
            ("${UNSET:-x}", Some("x")),
            ("${NOBODY:-x}", None),
            ("${DIR%c}", None),
            ("a$", Some("a$")),
            ("${open", None),
        ];
        for (word, expected) in cases {
            assert_eq!(vars.expand(word, '\\').as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(words("A=1  B=\"x y\" C=a\\ b", '\\'), ["A=1", "B=\"x y\"", "C=a\\ b"]);
    }
}
