//! What an exception's message names: a module, a file, a variable, an address.

/// A module or driver that a message says couldn't be loaded.
pub(super) fn missing_in(message: &str) -> Option<String> {
    const BEFORE: [&str; 3] = ["No module named ", "Error loading ", "Could not import module "];
    let tail = BEFORE.iter().find_map(|mark| message.split_once(mark)).map(|(_, tail)| tail)?;
    let name = tail.split_whitespace().next()?.trim_matches(|c: char| "'\"`.,:;()".contains(c));
    (!name.is_empty() && name != "the" && name != "a").then(|| name.to_owned())
}

/// The address that couldn't be reached, as clients of databases word it.
pub(in super::super) fn endpoint_in(message: &str) -> Option<String> {
    if let Some((_, tail)) = message.split_once("connection to server at \"") {
        let (host, rest) = tail.split_once('"')?;
        let port = rest.split_once("port ").map(|(_, tail)| digits(tail)).unwrap_or("");
        return Some(if port.is_empty() { host.to_owned() } else { format!("{host}:{port}") });
    }
    // `Connect call failed ('127.0.0.1', 5432)`
    if let Some((_, tail)) = message.split_once("Connect call failed ('") {
        let (host, rest) = tail.split_once('\'')?;
        return Some(format!("{host}:{}", digits(rest.trim_start_matches([',', ' ']))));
    }
    message.split([' ', '\'', '"', '(', ')']).find_map(|word| {
        let word = word.trim_end_matches(['.', ',', ':', ';']);
        let (host, port) = word.rsplit_once(':')?;
        let named = host.starts_with(|c: char| c.is_ascii_alphanumeric())
            && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
        let port = (2..=5).contains(&port.len()) && port.chars().all(|c| c.is_ascii_digit());
        (named && port).then(|| word.to_owned())
    })
}

fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

/// The last name in quotes, the interpreter's own suggestion left out.
pub(super) fn quoted_last(message: &str) -> Option<String> {
    let message = message.split(". Did you mean").next().unwrap_or(message);
    let mut rest = message;
    let mut last = None;
    while let Some(name) = quoted_first(rest) {
        last = Some(name.to_owned());
        let (_, tail) = rest.split_once(name)?;
        rest = tail.get(1..).unwrap_or("");
    }
    last
}

/// The first text in quotes; the apostrophe of a "can't" opens none.
pub(in super::super) fn quoted_first(message: &str) -> Option<&str> {
    let mut before = ' ';
    for (at, c) in message.char_indices() {
        if matches!(c, '\'' | '"' | '`') && !before.is_alphanumeric() {
            let tail = message.get(at + 1..)?;
            let (text, _) = tail.split_once(c)?;
            if !text.is_empty() {
                return Some(text);
            }
        }
        before = c;
    }
    None
}

/// `cannot import name 'x' from 'y' (…)`, `libGL.so.1: cannot open shared object file`.
pub(super) fn import_subject(message: &str) -> Option<String> {
    if let Some((lib, _)) = message.split_once(": cannot open shared object") {
        return Some(lib.trim().to_owned());
    }
    message.split('\'').nth(1).map(str::to_owned)
}

/// `DATABASE_URL` in a message.
pub(in super::super) fn constant_in(message: &str) -> Option<String> {
    message
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .find(|word| {
            word.len() > 3
                && word.contains('_')
                && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
        .map(str::to_owned)
}

pub(super) fn path_in(message: &str) -> Option<String> {
    message
        .split_whitespace()
        .map(|w| w.trim_matches(|c: char| "'\"`(),;:".contains(c)))
        .find(|w| !w.contains("://") && super::super::nearby::looks_like_source(w))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_quotes() {
        assert_eq!(
            quoted_first("[E050] Can't find model 'en_core_web_sm'."),
            Some("en_core_web_sm")
        );
        let message = "module 'json' has no attribute 'lods'. Did you mean: 'loads'?";
        assert_eq!(quoted_last(message).as_deref(), Some("lods"));
        assert_eq!(quoted_last("can't open it"), None);
    }

    #[test]
    fn addresses_in_messages() {
        let of = |message| endpoint_in(message);
        assert_eq!(
            of("connection to server at \"db\" (10.0.0.2), port 5432 failed: refused").as_deref(),
            Some("db:5432")
        );
        assert_eq!(
            of("[Errno 111] Connect call failed ('127.0.0.1', 6379)").as_deref(),
            Some("127.0.0.1:6379")
        );
        assert_eq!(of("Error 111 connecting to redis:6379.").as_deref(), Some("redis:6379"));
        assert_eq!(of("line 1: 12 of 10:30:00"), None);
    }
}
