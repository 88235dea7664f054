//! JSON from a service that doesn't always serve JSON.
//!
//! A log holds what a build printed, and one bad byte in ten thousand lines
//! must not lose the rest. A sound body is parsed at full speed; only one that
//! the parser refuses is repaired: invalid UTF-8 and lone surrogates become
//! one U+FFFD each, raw control characters in strings are escaped, escapes that
//! JSON doesn't know are taken literally, and bare words that are no value
//! (`NaN`) become null.

use serde_json::Value;

use crate::text::pieces;

/// The most values that a body may hold, names in objects counted like values:
/// a hundred for each event that is asked for. A value takes many times the
/// bytes that it is written in, so the size of a body bounds no memory.
const MOST_VALUES: usize = 1_000_000;

/// Parses a body; the message of an error holds nothing of the body.
pub(super) fn parse(body: &[u8]) -> Result<Value, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.len() > MOST_VALUES && values(body) > MOST_VALUES {
        return Err(format!("it holds more than {MOST_VALUES} values"));
    }
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(_) => serde_json::from_str(&repair(body)).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Eof => "it ends in the middle",
                _ => "it is not JSON",
            };
            format!("{what} (line {}, column {})", error.line(), error.column())
        }),
    }
}

/// About how many values there are: each but the first follows a mark.
fn values(body: &[u8]) -> usize {
    let (mut count, mut quoted, mut bytes) = (1, false, body.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if quoted => drop(bytes.next()),
            b'"' => quoted = !quoted,
            b',' | b':' | b'[' | b'{' if !quoted => count += 1,
            _ => {}
        }
    }
    count
}

/// The body as text that is JSON if it can be made so.
fn repair(body: &[u8]) -> String {
    let text = decode(body);
    let mut out = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' => string(rest, &mut out),
            '{' | '}' | '[' | ']' | ':' | ',' | ' ' | '\t' | '\r' | '\n' => {
                out.push(first);
                rest.get(1..).unwrap_or_default()
            }
            _ => bare(rest, &mut out),
        };
    }
    out
}

/// The body as text: each invalid sequence of bytes, and each half of a
/// surrogate pair, becomes one U+FFFD.
fn decode(body: &[u8]) -> String {
    let mut text = String::with_capacity(body.len());
    text.extend(pieces(body).map(|piece| piece.unwrap_or("\u{FFFD}")));
    text
}

/// Copies a number or word from the start of `text`; what is no JSON value
/// (`NaN`, `1e999`, `undefined`) becomes null.
fn bare<'a>(text: &'a str, out: &mut String) -> &'a str {
    let end = text.find(|c: char| "\"{}[]:, \t\r\n".contains(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let sound = serde_json::from_str::<Value>(word).is_ok();
    // A word that the text ends in was cut off: the parser must see that.
    out.push_str(if sound || rest.is_empty() { word } else { "null" });
    rest
}

/// Copies a string literal from the start of `text`, repaired.
fn string<'a>(text: &'a str, out: &mut String) -> &'a str {
    out.push('"');
    let mut rest = text.get(1..).unwrap_or_default();
    while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') {
        let (sound, tail) = rest.split_at(at);
        out.push_str(sound);
        rest = tail;
        match rest.as_bytes().first() {
            Some(b'"') => {
                out.push('"');
                return rest.get(1..).unwrap_or_default();
            }
            Some(b'\\') => rest = escape(rest, out),
            Some(control) => {
                out.push_str(&format!("\\u{control:04x}"));
                rest = rest.get(1..).unwrap_or_default();
            }
            None => return rest,
        }
    }
    out.push_str(rest);
    ""
}

/// Copies an escape sequence from the start of `text`, repaired.
fn escape<'a>(text: &'a str, out: &mut String) -> &'a str {
    let copy = |n: usize, out: &mut String| {
        let (sound, rest) = text.split_at_checked(n).unwrap_or((text, ""));
        out.push_str(sound);
        rest
    };
    match text.as_bytes().get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => copy(2, out),
        Some(b'u') => match (unit(text), text.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => copy(12, out),
            (Some(0xD800..=0xDFFF), _) => {
                out.push('\u{FFFD}');
                text.get(6..).unwrap_or_default()
            }
            (Some(_), _) => copy(6, out),
            (None, _) => literal(text, out),
        },
        Some(_) => literal(text, out),
        // The text ends in a backslash: cut off.
        None => copy(1, out),
    }
}

/// A backslash that begins no escape stands for itself.
fn literal<'a>(text: &'a str, out: &mut String) -> &'a str {
    out.push_str("\\\\");
    text.get(1..).unwrap_or_default()
}

/// The UTF-16 unit of a `\uXXXX` at the start of `text`.
fn unit(text: &str) -> Option<u16> {
    let hex = text.strip_prefix("\\u")?.get(..4)?;
    // from_str_radix would take a sign.
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(hex, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn lone_surrogates_become_one_replacement_character_each() {
        for (body, value) in [
            (r#"["a\ud800b"]"#, "a\u{FFFD}b"),
            (r#"["a\udc00b"]"#, "a\u{FFFD}b"),
            (r#"["\ud800\ud800"]"#, "\u{FFFD}\u{FFFD}"),
            (r#"["\ud800\ud83d\ude00"]"#, "\u{FFFD}\u{1F600}"),
            (r#"["\ud83d\ude00\ude00"]"#, "\u{1F600}\u{FFFD}"),
            (r#"["\\ud800"]"#, "\\ud800"),
            (r#"["\\\ud800"]"#, "\\\u{FFFD}"),
            (r#"["\ud800\n"]"#, "\u{FFFD}\n"),
            (r#"["\ud800"]"#, "\u{FFFD}"),
        ] {
            assert_eq!(parse(body.as_bytes()), Ok(json!([value])), "{body}");
        }
    }

    #[test]
    fn invalid_utf8_becomes_one_replacement_character_per_sequence() {
        assert_eq!(parse(b"[\"a\xffb\"]"), Ok(json!(["a\u{FFFD}b"])));
        assert_eq!(parse(b"[\"a\xff\xfeb\"]"), Ok(json!(["a\u{FFFD}\u{FFFD}b"])));
        assert_eq!(parse(b"[\"a\xe2\x82b\"]"), Ok(json!(["a\u{FFFD}b"])), "a cut sequence is one");
        assert_eq!(parse("[\"a€b\"]".as_bytes()), Ok(json!(["a€b"])));
        assert_eq!(parse(b"[\"\xff\\ud800\"]"), Ok(json!(["\u{FFFD}\u{FFFD}"])));
    }

    #[test]
    fn what_other_writers_get_wrong_is_taken() {
        assert_eq!(parse(b"\xef\xbb\xbf{\"a\":1}"), Ok(json!({"a": 1})));
        assert_eq!(parse(b"[\"\x1b[31mred\ttab\"]"), Ok(json!(["\u{1b}[31mred\ttab"])));
        assert_eq!(parse(br#"["C:\x \q \u12"]"#), Ok(json!(["C:\\x \\q \\u12"])));
        assert_eq!(
            parse(b"{\"a\": NaN, \"b\": -Infinity, \"c\": 1e999, \"d\": 2}"),
            Ok(json!({"a": null, "b": null, "c": null, "d": 2}))
        );
    }

    #[test]
    fn more_values_than_any_log_has_are_refused_and_long_texts_are_not() {
        for piece in ["0,", "{\"a\":0},", "[],"] {
            let body = format!("[{}0]", piece.repeat(MOST_VALUES));
            let said = parse(body.as_bytes()).unwrap_err();
            assert_eq!(said, "it holds more than 1000000 values", "{piece}");
        }
        let text = ",:[{\\\"".repeat(MOST_VALUES);
        let body = serde_json::to_vec(&json!([text, 1])).unwrap();
        assert_eq!(parse(&body), Ok(json!([text, 1])));
    }

    #[test]
    fn what_is_cut_off_stays_an_error() {
        for body in ["", "{", "[\"a", "[\"a\\", "[\"a\\u12", "[1, 2", "{\"a\": tru", "{\"a\":"] {
            let said = parse(body.as_bytes()).unwrap_err();
            assert!(
                said.contains("ends in the middle") || said.contains("not JSON"),
                "{body}: {said}"
            );
        }
        let said = parse(b"sk_secret <html>").unwrap_err();
        assert!(!said.contains("secret"), "{said}");
    }

    proptest! {
        #[test]
        fn repairing_what_is_sound_changes_nothing(texts in proptest::collection::vec(any::<String>(), 0..8)) {
            let value = json!({ "logs": texts, "n": [1, 2.5, null, true] });
            let body = serde_json::to_vec(&value).unwrap();
            let repaired: Value = serde_json::from_str(&repair(&body)).unwrap();
            prop_assert_eq!(repaired, value);
        }

        #[test]
        fn any_unit_sequence_decodes_as_utf16_does(units in proptest::collection::vec(
            prop_oneof![any::<u16>(), 0xD7F0u16..0xE010], 0..20)) {
            let literal: String = units.iter().map(|u| format!("\\u{u:04x}")).collect();
            let expected = String::from_utf16_lossy(&units);
            prop_assert_eq!(parse(format!("[\"{literal}\"]").as_bytes()), Ok(json!([expected])));
        }

        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
