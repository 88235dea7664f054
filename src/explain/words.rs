//! Single words in an instruction of a Dockerfile, changed where they stand.

use std::ops::{Range, RangeInclusive};

use super::diff::Edit;
use super::place::Dockerfile;
use crate::context::dockerfile::{Source, Taker};

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The line, from 1.
    pub(super) line: u32,
    /// Its bytes in that line.
    pub(super) range: Range<usize>,
    /// The word, without quotes, brackets and commas around it.
    pub(super) text: String,
}

/// The words of an instruction, comments inside it left out.
pub(super) fn words(file: &Dockerfile, lines: &RangeInclusive<u32>) -> Vec<Word> {
    let mut out = Vec::new();
    for line in lines.clone() {
        let Some(text) = file.line(line) else { continue };
        if text.trim_start().starts_with('#') {
            continue;
        }
        let mut at = 0;
        for part in text.split([' ', '\t', ',', '"', '\'', '[', ']', ';', '&', '|', '(', ')']) {
            if !part.is_empty() && part != "\\" {
                out.push(Word { line, range: at..at + part.len(), text: part.to_owned() });
            }
            at += part.len() + 1;
        }
    }
    out
}

/// The line with a word of it changed.
pub(super) fn replace(file: &Dockerfile, word: &Word, with: &str) -> Option<Edit> {
    let text = file.line(word.line)?;
    let (before, after) = (text.get(..word.range.start)?, text.get(word.range.end..)?);
    Some(Edit::replace(usize::try_from(word.line).ok()?, format!("{before}{with}{after}")))
}

/// A source of a COPY, ADD or mount, written differently; none unless it is
/// certain which word it is.
pub(super) fn replace_source(
    file: &Dockerfile,
    lines: &RangeInclusive<u32>,
    source: &Source,
    with: &str,
) -> Option<Edit> {
    let mut all = words(file, lines);
    let (prefixes, written): (&[&str], &str) = match source.taker {
        Taker::Mount => (&["source=", "src="], source.written.as_str()),
        Taker::Copy | Taker::Add => {
            // The last word is where it goes.
            all.pop();
            (&[""], source.written.as_str())
        }
    };
    let mut found = all.iter().filter_map(|word| {
        let prefix = prefixes.iter().find(|p| word.text.strip_prefix(**p) == Some(written))?;
        Some((word, *prefix))
    });
    let (word, prefix) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    replace(file, word, &format!("{prefix}{with}"))
}
