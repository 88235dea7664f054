//! A TOML file as values with lines.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A binding of the `[keys]` table, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBinding {
    /// The name of the action (`context.action` for a nested table).
    pub action: String,
    /// The keys, as written; none takes the action's keys away.
    pub keys: Vec<String>,
    /// Line in the file, from 1.
    pub line: u32,
}

/// A table of `[[rules]]`, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRule {
    /// The rule.
    pub table: toml::Table,
    /// Line in the file, from 1.
    pub line: u32,
}

/// A value of any layer, before it is checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    /// A TOML string.
    Text(String),
    /// The text of an environment variable or a flag; also stands for what
    /// TOML has a type for.
    Word(String),
    Bool(bool),
    List(Vec<Raw>),
    /// Anything else, by the name of its type.
    Other(&'static str),
}

impl Raw {
    /// What kind of value it is, for a message. Never the value: it may be a
    /// key in the wrong place.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Word(_) => "a string",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list",
            Self::Other(kind) => kind,
        }
    }
}

/// One top-level entry.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: u32,
    pub(super) value: Raw,
}

/// A file, read.
#[derive(Default)]
pub(super) struct Document {
    pub(super) entries: Vec<Entry>,
    pub(super) keys: Vec<KeyBinding>,
    pub(super) rules: Vec<UserRule>,
    /// Line and message.
    pub(super) problems: Vec<(u32, String)>,
}

/// Reads a file. What can't be understood is reported, the rest is used.
pub(super) fn read(text: &str) -> Document {
    let (table, errors) = DeTable::parse_recoverable(text);
    let lines = Lines::of(text);
    let mut doc = Document::default();
    for error in errors {
        // The message only: the `Display` of the error shows the line, and a
        // key may stand in it.
        let line = error.span().map_or(1, |span| lines.at(&span));
        doc.problems.push((line, format!("not valid TOML: {}", error.message())));
    }
    for (key, value) in table.get_ref() {
        let line = lines.at(&key.span());
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("keys", DeValue::Table(keys)) => bindings(keys, "", &lines, &mut doc),
            ("keys", _) => doc.problems.push((
                line,
                "keys is a table of actions: [keys], then lines like page-down = [\"space\"]"
                    .to_owned(),
            )),
            ("rules", DeValue::Array(rules)) => {
                for rule in rules {
                    let line = lines.at(&rule.span());
                    match plain(rule.get_ref()) {
                        Some(toml::Value::Table(table)) => doc.rules.push(UserRule { table, line }),
                        _ => doc.problems.push((
                            line,
                            "a rule is a table: [[rules]], then id, pattern, title, …".to_owned(),
                        )),
                    }
                }
            }
            ("rules", _) => doc.problems.push((
                line,
                "rules are written one [[rules]] table each, with double brackets".to_owned(),
            )),
            (name, value) => {
                doc.entries.push(Entry { key: name.to_owned(), line, value: raw(value) });
            }
        }
    }
    doc.entries.sort_by_key(|entry| entry.line);
    doc
}

fn bindings(table: &DeTable<'_>, prefix: &str, lines: &Lines, doc: &mut Document) {
    for (name, value) in table {
        let line = lines.at(&name.span());
        let action = format!("{prefix}{}", name.get_ref());
        let texts = |list: &toml::de::DeArray<'_>| {
            list.iter().map(|v| v.get_ref().as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        let keys = match value.get_ref() {
            DeValue::String(key) => Some(vec![key.to_string()]),
            DeValue::Array(list) => texts(list),
            DeValue::Table(inner) if prefix.is_empty() => {
                bindings(inner, &format!("{action}."), lines, doc);
                continue;
            }
            _ => None,
        };
        match keys {
            Some(keys) => doc.keys.push(KeyBinding { action, keys, line }),
            None => doc.problems.push((
                line,
                format!("the keys of {action} must be a string or a list of strings, such as [\"space\", \"pagedown\"]"),
            )),
        }
    }
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Boolean(b) => Raw::Bool(*b),
        DeValue::Array(list) => Raw::List(list.iter().map(|v| raw(v.get_ref())).collect()),
        DeValue::Integer(_) | DeValue::Float(_) => Raw::Other("a number"),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Table(_) => Raw::Other("a table"),
    }
}

/// The value without its spans; `None` where a number doesn't fit.
fn plain(value: &DeValue<'_>) -> Option<toml::Value> {
    Some(match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Integer(n) => {
            toml::Value::Integer(i64::from_str_radix(n.as_str(), n.radix()).ok()?)
        }
        DeValue::Float(f) => toml::Value::Float(f.as_str().parse().ok()?),
        DeValue::Boolean(b) => toml::Value::Boolean(*b),
        DeValue::Datetime(d) => toml::Value::Datetime(*d),
        DeValue::Array(list) => {
            toml::Value::Array(list.iter().map(|v| plain(v.get_ref())).collect::<Option<Vec<_>>>()?)
        }
        DeValue::Table(table) => toml::Value::Table(
            table
                .iter()
                .map(|(k, v)| Some((k.get_ref().to_string(), plain(v.get_ref())?)))
                .collect::<Option<toml::Table>>()?,
        ),
    })
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    /// The line, from 1, that a span begins in.
    fn at(&self, span: &Range<usize>) -> u32 {
        u32::try_from(self.0.partition_point(|&end| end < span.start)).unwrap_or(u32::MAX - 1) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_bindings_and_rules_keep_their_lines() {
        let doc = read(
            "# comment\nwrap = true\n\n[keys]\npage_down = [\"space\", \"d\"]\nquit = \"q\"\n\
             [keys.search]\ncancel = []\n\n[[rules]]\nid = \"a\"\nrank = 7\n\n[[rules]]\nid = \"b\"\n",
        );
        assert!(doc.problems.is_empty(), "{:?}", doc.problems);
        let entries: Vec<_> = doc.entries.iter().map(|e| (e.key.as_str(), e.line)).collect();
        assert_eq!(entries, [("wrap", 2)]);
        let keys: Vec<_> =
            doc.keys.iter().map(|k| (k.action.as_str(), k.keys.len(), k.line)).collect();
        assert_eq!(keys, [("page_down", 2, 5), ("quit", 1, 6), ("search.cancel", 0, 8)]);
        let rules: Vec<_> = doc.rules.iter().map(|r| (r.table["id"].as_str(), r.line)).collect();
        assert_eq!(rules, [(Some("a"), 10), (Some("b"), 14)]);
        assert_eq!(doc.rules[0].table["rank"].as_integer(), Some(7));
    }

    #[test]
    fn a_syntax_error_names_its_line_and_repeats_nothing_of_it() {
        let doc = read("wrap = true\napi_key = sk_secret_without_quotes\nbell = false\n");
        assert!(!doc.problems.is_empty());
        assert_eq!(doc.problems[0].0, 2);
        assert!(doc.problems.iter().all(|(_, m)| !m.contains("sk_secret")), "{:?}", doc.problems);
        assert!(doc.entries.iter().any(|e| e.key == "bell"), "the rest is used");
    }

    #[test]
    fn wrong_shapes_are_reported_together() {
        let doc = read("keys = 3\nrules = \"x\"\n");
        assert_eq!(doc.problems.len(), 2);
        let doc = read("[keys]\nquit = 5\nhelp = [\"?\", 1]\n");
        assert_eq!(doc.problems.iter().map(|p| p.0).collect::<Vec<_>>(), [2, 3]);
    }
}
