//! The memory as a JSON document, section by section.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Memory;

/// The version of the format that is written. A file of a later one is left
/// alone.
const VERSION: u64 = 1;

/// Sections that aren't known here.
pub(super) type Unknown = Map<String, Value>;

/// Why a document can't be used, for the log file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    /// It isn't JSON, or no object.
    #[error("it is broken ({0}) and will be written anew")]
    Broken(String),
    /// A later buildcat wrote it.
    #[error("it has version {0}, of a later buildcat, and is left alone")]
    Later(u64),
}

impl Memory {
    /// Reads a document, and says which of its sections can't be read.
    pub(super) fn parse(text: &str) -> Result<(Self, Vec<String>), Unusable> {
        let broken = |why: String| Unusable::Broken(why);
        let value: Value = serde_json::from_str(text).map_err(|e| broken(e.to_string()))?;
        let Value::Object(mut sections) = value else {
            return Err(broken("it is no object".to_owned()));
        };
        let version = sections.remove("version");
        match version.as_ref().and_then(Value::as_u64) {
            Some(version) if version > VERSION => return Err(Unusable::Later(version)),
            _ => {}
        }
        let mut problems = Vec::new();
        let memory = Self {
            searches: section(&mut sections, "searches", &mut problems),
            commands: section(&mut sections, "commands", &mut problems),
            marks: section(&mut sections, "marks", &mut problems),
            panes: section(&mut sections, "panes", &mut problems),
            hinted: section(&mut sections, "hinted", &mut problems),
            unknown: sections,
        };
        Ok((memory, problems))
    }

    /// The document.
    pub(super) fn to_json(&self) -> String {
        let mut sections = Unknown::new();
        sections.insert("version".to_owned(), VERSION.into());
        put(&mut sections, "searches", &self.searches);
        put(&mut sections, "commands", &self.commands);
        put(&mut sections, "marks", &self.marks);
        put(&mut sections, "panes", &self.panes);
        put(&mut sections, "hinted", &self.hinted);
        sections.extend(self.unknown.clone());
        format!("{:#}\n", Value::Object(sections))
    }
}

fn section<T: DeserializeOwned + Default>(
    sections: &mut Unknown,
    name: &str,
    problems: &mut Vec<String>,
) -> T {
    let Some(value) = sections.remove(name) else { return T::default() };
    serde_json::from_value(value).unwrap_or_else(|error| {
        problems.push(format!("its section {name} can't be read ({error})"));
        T::default()
    })
}

fn put<T: Serialize>(sections: &mut Unknown, name: &str, value: &T) {
    // Our own types have nothing in them that JSON has no way to say.
    if let Ok(value) = serde_json::to_value(value) {
        sections.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{Change, LogMarks, Mark, PaneSizes};

    #[test]
    fn what_is_written_is_read() {
        let mut memory = Memory::default();
        let marks = vec![Mark { line: 3, text: u64::MAX }];
        for change in [
            Change::Searched("a\"\n".into()),
            Change::Commanded("42".into()),
            Change::Marked(LogMarks { log: "build:x".into(), head: (2, 9), marks }),
            Change::Sized(PaneSizes { dock: Some(9), split: None }),
            Change::Hinted,
        ] {
            memory.apply(&change);
        }
        assert_eq!(Memory::parse(&memory.to_json()), Ok((memory, vec![])));
    }

    #[test]
    fn a_broken_section_costs_only_itself_and_an_unknown_one_stays() {
        let text = r#"{"searches": ["x"], "panes": 7, "moons": [1, 2]}"#;
        let (memory, problems) = Memory::parse(text).unwrap();
        assert_eq!(memory.searches, ["x"]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("panes"), "{problems:?}");
        let (again, _) = Memory::parse(&memory.to_json()).unwrap();
        assert!(again.to_json().contains("moons"));
    }

    #[test]
    fn what_is_no_document_is_told_from_a_later_one() {
        for text in ["", "[]", "{", "nonsense"] {
            assert!(matches!(Memory::parse(text), Err(Unusable::Broken(_))), "{text}");
        }
        assert_eq!(Memory::parse(r#"{"version": 2}"#), Err(Unusable::Later(2)));
    }
}
