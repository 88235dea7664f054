//! JSON on standard output, which may be a terminal.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use crate::text;

/// Prints a value, laid out, and a line end.
///
/// What a terminal would obey or not show (C1 controls, overrides of direction,
/// what has no width) stands as `\u…`, which JSON's own rules leave as it is;
/// whoever reads it gets the same value.
///
/// # Errors
/// When `out` can't be written.
pub fn print(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string_pretty(value)?;
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        // Line ends are the layout's: those of the value are escaped already.
        if c == '\n' || !text::is_unseen(c) {
            safe.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String can't fail.
            let _ = write!(safe, "\\u{unit:04x}");
        }
    }
    writeln!(out, "{safe}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_but_visible_text_is_printed_and_the_value_stays() {
        let hostile =
            "\u{1b}[2J\u{9b}2J\u{7f}\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{e0041}ä\n\t\"";
        let value = json!({ "a": [hostile, 1.5, null], hostile: { "b": true } });
        let mut out = Vec::new();
        print(&mut out, &value).unwrap();
        let text = String::from_utf8(out).unwrap();
        let left: String = text.chars().filter(|c| !matches!(c, ' '..='~' | 'ä' | '\n')).collect();
        assert_eq!(left, "");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        assert!(text.contains(r"\u009b2J\u007f\u202e") && text.contains(r"\udb40\udc41ä\n\t"));
    }
}
