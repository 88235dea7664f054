//! JSON inside of a line, laid out over several rows.
//!
//! The text itself is not changed, only broken and indented: every row is a
//! part of the line, so that what was matched or selected in it stays where it
//! is. Blanks between rows are left out.

use std::ops::Range;

/// Columns that a level is indented by.
const INDENT: usize = 2;

/// Lines longer than this stay as they are: laying them out for every frame
/// would keep keys waiting.
const LONGEST: usize = 64 << 10;

/// A row of the layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonRow {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Columns it is indented by.
    pub indent: usize,
}

impl JsonRow {
    /// How far it is indented where there are `width` columns.
    pub fn indent(&self, width: usize) -> usize {
        self.indent.min(width / 2)
    }

    /// The columns it has then.
    pub fn room(&self, width: usize) -> usize {
        width.saturating_sub(self.indent(width)).max(1)
    }
}

/// The rows of a line that holds a JSON object or list with something in it,
/// at its end or as all of it; `None` for any other line. What stands before
/// the JSON has a row of its own.
pub fn rows(text: &str) -> Option<Vec<JsonRow>> {
    let bytes = text.as_bytes();
    if text.len() > LONGEST || !matches!(text.trim_end().as_bytes().last(), Some(b'}' | b']')) {
        return None;
    }
    // The first place where the rest is JSON; a `[` of a log's level isn't.
    let starts = bytes.iter().enumerate().filter(|(_, b)| matches!(b, b'{' | b'['));
    let (at, end) = starts.map(|(at, _)| at).take(8).find_map(|at| {
        let body = text.get(at..)?;
        let value: serde_json::Value = serde_json::from_str(body).ok()?;
        let nested = match &value {
            serde_json::Value::Object(map) => !map.is_empty(),
            // A list of words is how a Dockerfile spells a command.
            serde_json::Value::Array(list) => list.iter().any(|v| v.is_object() || v.is_array()),
            _ => false,
        };
        nested.then(|| (at, at + body.trim_end().len()))
    })?;
    let mut rows = Vec::new();
    let head = text.get(..at)?.trim_end();
    if !head.trim_start().is_empty() {
        rows.push(JsonRow { range: 0..head.len(), indent: 0 });
    }
    lay(bytes, at..end, &mut rows);
    Some(rows)
}

/// A line as its rows, joined by line ends; `None` for one without JSON.
pub fn text(line: &str) -> Option<String> {
    let rows = rows(line)?;
    let mut out = String::new();
    for row in &rows {
        if !out.is_empty() {
            out.push('\n');
        }
        out.extend(std::iter::repeat_n(' ', row.indent));
        out.push_str(line.get(row.range.clone()).unwrap_or_default());
    }
    Some(out)
}

/// Breaks valid JSON after openings and commas, and before closings.
fn lay(bytes: &[u8], body: Range<usize>, rows: &mut Vec<JsonRow>) {
    let mut depth: usize = 0;
    let mut start = body.start;
    let mut quoted = false;
    let mut at = body.start;
    let blank = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
    let mut row = |from: usize, to: usize, depth: usize| {
        let (mut from, mut to) = (from, to);
        while from < to && blank(from) {
            from += 1;
        }
        while from < to && blank(to - 1) {
            to -= 1;
        }
        if from < to {
            rows.push(JsonRow { range: from..to, indent: depth * INDENT });
        }
    };
    while at < body.end {
        let Some(&byte) = bytes.get(at) else { break };
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                // Nothing in it: no rows of its own.
                let next = (at + 1..body.end).find(|i| !blank(*i)).unwrap_or(body.end);
                if matches!(bytes.get(next), Some(b'}' | b']')) {
                    at = next;
                } else {
                    row(start, at + 1, depth);
                    depth += 1;
                    start = at + 1;
                }
            }
            b'}' | b']' => {
                row(start, at, depth);
                depth = depth.saturating_sub(1);
                start = at;
            }
            b',' => {
                row(start, at + 1, depth);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    row(start, body.end, depth);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_object_is_broken_and_indented() {
        let line = r#"INFO {"a": 1, "b":[1,{"c":"x, {y}"}], "e":{}, "f":[ ]}"#;
        let expected = r#"INFO
{
  "a": 1,
  "b":[
    1,
    {
      "c":"x, {y}"
    }
  ],
  "e":{},
  "f":[ ]
}"#;
        assert_eq!(text(line).unwrap(), expected);
    }

    #[test]
    fn other_lines_stay() {
        for line in [
            "",
            "plain",
            "{}",
            "[]",
            "[1]",
            "{not json}",
            "[2/3] RUN uv sync",
            "CMD [\"python\", \"bot.py\"]",
            "{\"a\":1} and more",
            "\"string\"",
            "}",
            "]]]]",
        ] {
            assert_eq!(rows(line), None, "{line}");
        }
    }

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i32>().prop_map(Into::into),
            "[a-z\"\\\\{}\\[\\],: é漢]{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                prop::collection::vec(("[a-z\"{, ]{0,4}", inner), 0..5)
                    .prop_map(|pairs| { serde_json::Value::Object(pairs.into_iter().collect()) }),
            ]
        })
    }

    proptest! {
        /// Laid out, it is still the same JSON, and rows are in order.
        #[test]
        fn the_layout_changes_nothing(value in value(), spaced in any::<bool>()) {
            let line = if spaced {
                format!("at {}", serde_json::to_string_pretty(&value).unwrap().replace('\n', " "))
            } else {
                value.to_string()
            };
            if let Some(rows) = rows(&line) {
                let laid = text(&line).unwrap();
                let body = if spaced { laid.strip_prefix("at\n").unwrap() } else { &laid };
                prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(body).unwrap(), &value);
                let mut end = 0;
                for row in &rows {
                    prop_assert!(row.range.start >= end && row.range.end > row.range.start);
                    prop_assert!(line[end..row.range.start].trim().is_empty());
                    end = row.range.end;
                }
                prop_assert!(line[end..].trim().is_empty());
            }
        }
    }
}
