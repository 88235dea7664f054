//! Go's regular expressions in Rust's syntax, as far as a `.dockerignore` can spell them.
//!
//! BuildKit turns a pattern into a Go expression and lets escapes and classes
//! through, so that `src\data` means "src, a digit, ata" and `[a-]` follows Go's
//! rules. Where the two dialects differ, the class or escape is spelled out.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// The expression in Rust's syntax, or none where Go refuses it.
pub fn translate(go: &str) -> Option<String> {
    let mut out = String::with_capacity(go.len() + 8);
    let mut chars = go.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '[' => class(&mut chars, &mut out)?,
            '\\' => match chars.next()? {
                c @ ('A' | 'z') => out.extend(['\\', c]),
                // Go's word boundary knows ASCII only.
                c @ ('b' | 'B') => write!(out, "(?-u:\\{c})").ok()?,
                'Q' => {
                    let rest: String = chars.clone().collect();
                    let (literal, after) = rest.split_once("\\E").unwrap_or((&rest, ""));
                    out.push_str(&regex::escape(literal));
                    chars.nth(rest.chars().count().checked_sub(after.chars().count() + 1)?);
                }
                c => match perl(c) {
                    Some(set) => write!(out, "[{set}]").ok()?,
                    None => match unicode(c, &mut chars) {
                        Some(set) => out.push_str(&set),
                        None => push_char(&mut out, escape(c, &mut chars)?)?,
                    },
                },
            },
            ']' => out.push_str("\\]"),
            c => out.push(c),
        }
    }
    Some(out)
}

/// A character by its number, which means the same in and out of a class.
fn push_char(out: &mut String, c: char) -> Option<()> {
    write!(out, "\\x{{{:x}}}", u32::from(c)).ok()
}

/// The members of `\d`, `\s`, `\w` and their opposites, in ASCII as in Go.
fn perl(c: char) -> Option<&'static str> {
    Some(match c {
        'd' => "0-9",
        'D' => "^0-9",
        's' => "\\t\\n\\x0C\\r ",
        'S' => "^\\t\\n\\x0C\\r ",
        'w' => "0-9A-Za-z_",
        'W' => "^0-9A-Za-z_",
        _ => return None,
    })
}

/// `\pL` and the like. The form in braces can't occur: the braces arrive escaped.
fn unicode(c: char, chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let class =
        matches!(c, 'p' | 'P').then(|| chars.next_if(char::is_ascii_alphabetic)).flatten()?;
    Some(format!("\\{c}{class}"))
}

/// The character an escape stands for; `c` is the one behind the backslash.
fn escape(c: char, chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    match c {
        'a' => Some('\x07'),
        'f' => Some('\x0c'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\x0b'),
        'x' => {
            let high = chars.next()?.to_digit(16)?;
            char::from_u32(high * 16 + chars.next()?.to_digit(16)?)
        }
        '0'..='7' => {
            let mut value = c.to_digit(8)?;
            if c != '0' {
                // A lone digit would be a reference back, which Go has not.
                value = value * 8 + chars.next_if(|c| c.is_digit(8))?.to_digit(8)?;
            }
            let more = if c == '0' { 2 } else { 1 };
            for _ in 0..more {
                match chars.next_if(|c| c.is_digit(8)) {
                    Some(digit) => value = value * 8 + digit.to_digit(8)?,
                    None => break,
                }
            }
            char::from_u32(value)
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    }
}

/// A class; `chars` stands behind its `[`.
fn class(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    while first || chars.peek() != Some(&']') {
        first = false;
        if chars.peek() == Some(&'[')
            && let Some(name) = posix(chars)
        {
            let known = ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower"];
            let more = ["print", "punct", "space", "upper", "word", "xdigit"];
            let bare = name.strip_prefix('^').unwrap_or(&name);
            if !known.contains(&bare) && !more.contains(&bare) {
                return None;
            }
            write!(out, "[:{name}:]").ok()?;
            chars.nth(name.chars().count() + 3);
            continue;
        }
        if chars.peek() == Some(&'\\') {
            let mut ahead = chars.clone();
            ahead.next();
            let c = ahead.next()?;
            let set = perl(c).map(|set| format!("[{set}]")).or_else(|| unicode(c, &mut ahead));
            if let Some(set) = set {
                out.push_str(&set);
                *chars = ahead;
                continue;
            }
        }
        let low = member(chars)?;
        let mut high = low;
        let mut ahead = chars.clone();
        if ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']') {
            *chars = ahead;
            high = member(chars)?;
        }
        if high < low {
            return None;
        }
        push_char(out, low)?;
        out.push('-');
        push_char(out, high)?;
    }
    chars.next()?;
    out.push(']');
    Some(())
}

fn member(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    match chars.next()? {
        '\\' => {
            let c = chars.next()?;
            escape(c, chars)
        }
        c => Some(c),
    }
}

/// The name in `[:name:]` when that is what comes next.
fn posix(chars: &Peekable<Chars<'_>>) -> Option<String> {
    let rest: String = chars.clone().collect();
    let (name, _) = rest.strip_prefix("[:")?.split_once(":]")?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialects_agree_where_they_differ() {
        // Expected values follow the syntax page of Go's regexp/syntax.
        let cases = [
            (r"^src\data$", "src5ata", Some(true)),
            (r"^src\data$", "src\u{0665}ata", Some(false)),
            (r"^a[b&&c]$", "a&", Some(true)),
            (r"^a[b[]$", "a[", Some(true)),
            (r"^[[^/]*]$", "[^/]]", Some(false)),
            (r"^[[^/]*]$", "^]", Some(true)),
            (r"^[[^/]*]$", "/]", Some(true)),
            (r"^[a-]$", "-", Some(true)),
            (r"^[[:digit:]x]$", "7", Some(true)),
            (r"^[\d-]$", "-", Some(true)),
            (r"^x\<y$", "x<y", Some(true)),
            (r"^x\_y$", "x_y", Some(true)),
            (r"^a]$", "a]", Some(true)),
            (r"^\Qa.b\Ec$", "a.bc", Some(true)),
            (r"^\x41\101$", "AA", Some(true)),
            (r"^a[^b]c$", "a\nc", Some(true)),
            (r"^\é$", "é", None),
            (r"^\y$", "y", None),
            (r"^\1$", "1", None),
            (r"^[z-a]$", "a", None),
            (r"^[a$", "a", None),
            (r"^[[:nope:]]$", "a", None),
        ];
        for (go, text, expected) in cases {
            let found = translate(go).map(|rust| regex::Regex::new(&rust).unwrap().is_match(text));
            assert_eq!(found, expected, "{go} {text:?}");
        }
    }
}
