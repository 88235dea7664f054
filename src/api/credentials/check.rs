//! Whether a text can be a key at all.

use super::{CredentialError, Secret, Source};

/// Longer than any key or token by far, in bytes.
const LONGEST: usize = 16 * 1024;

/// The text as a secret, blanks around it taken off. Says what is odd about a
/// text that can't be sent, and never repeats any of it.
pub(super) fn sound(text: &str, source: &Source) -> Result<Secret, CredentialError> {
    let text = text.trim();
    let odd = |why: String| Err(CredentialError::Odd { source_: source.clone(), why });
    if text.starts_with("pk_") {
        return Err(CredentialError::Public(source.clone()));
    }
    if text.is_empty() {
        return odd("it is empty".to_owned());
    }
    if text.starts_with(['"', '\'']) || text.ends_with(['"', '\'']) {
        return odd("it has quotes around it".to_owned());
    }
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        return odd("it begins with \"Bearer\", which is added when it is sent".to_owned());
    }
    if text.len() > LONGEST {
        return odd(format!("it is {} bytes long", text.len()));
    }
    if let Some((at, c)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii_graphic()) {
        let what = match c {
            '\n' | '\r' => "a line break",
            ' ' | '\t' => "a blank",
            '\u{FFFD}' => "a byte that is no text",
            c if c.is_ascii() => "a control character",
            _ => "a character that is not ASCII",
        };
        return odd(format!("it has {what} in it (character {})", at + 1));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_texts_are_named_and_not_repeated() {
        for (text, why) in [
            ("", "it is empty"),
            ("sk_topsecret\nsecond", "a line break in it (character 13)"),
            ("sk_top secret", "a blank"),
            ("sk_topsecret\u{1b}x", "a control character"),
            ("sk_topsecrét", "not ASCII (character 11)"),
            ("sk_topsecret\u{FFFD}x", "a byte that is no text"),
            ("\"sk_topsecret\"", "quotes"),
            ("Bearer sk_topsecret", "Bearer"),
        ] {
            let said = sound(text, &Source::KeyVariable).unwrap_err().to_string();
            let why = why.replace("not ASCII (", "not ASCII in it (");
            assert!(said.contains(&why), "{text:?}: {said}");
            assert!(said.contains("PIPECAT_API_KEY") && !said.contains("sk_"), "{said}");
        }
        assert!(sound(&"x".repeat(LONGEST + 1), &Source::KeyVariable).is_err());
    }

    #[test]
    fn blanks_around_a_key_are_taken_off() {
        let key = sound(" sk_1\r\n", &Source::KeyVariable).unwrap();
        assert_eq!(key.expose(), "sk_1");
    }

    #[test]
    fn a_public_key_is_refused_with_the_reason() {
        let said = sound("pk_abc123", &Source::KeyVariable).unwrap_err().to_string();
        assert!(said.contains("public key") && said.contains("private key"), "{said}");
        assert!(!said.contains("abc123"));
    }
}
