//! The word under the cursor, and looking for it.
//!
//! The cursor is a line, so "the word" takes some finding: the one that was
//! clicked, else the one at the current match, else the first of the line that
//! looks like a name. Asked
//! again on the same line, it is the next one, around the end of the line.

use std::ops::Range;

use crate::memory::Change;
use crate::parse::payload;
use crate::search::{Mode, Options, Place, Query};

use super::super::model::Model;
use super::super::moves::to_log;
use super::{Find, Want};

/// Searches the word under the cursor as a whole word, and takes it as the
/// current match.
pub(in crate::app) fn search_word(model: &mut Model) {
    to_log(model);
    let line = model.cursor_line();
    let text = model.log.store().text(line);
    let from = text.len() - payload(&text).1.len();
    let words = words(&text, from);
    let clicked = model.spot.take().filter(|spot| spot.line == line).and_then(|spot| {
        // Between two words the next is meant.
        words.iter().position(|word| spot.byte < word.end)
    });
    let current = model.find.as_ref().and_then(|find| Some((find.current(line)?, find.query())));
    let at = current.and_then(|(place, query)| {
        let at = words.iter().position(|word| word.contains(&place.byte))?;
        // It is what is being looked for: the next one is meant.
        let same = words.get(at).and_then(|word| text.get(word.clone()));
        let again = query.options().word && same == Some(query.expression());
        Some(if again { (at + 1) % words.len().max(1) } else { at })
    });
    let Some(word) = words.get(clicked.or(at).unwrap_or(0)).cloned() else {
        model.answer = Some("There is no word in this line".into());
        return;
    };
    let Some(expression) = text.get(word.clone()) else { return };
    let options = Options { word: true, mode: Mode::Literal, ..Options::default() };
    let query = Query::compile(expression, options);
    // Recalled, it is a whole word again.
    model.remember(Change::Searched(format!(r"\b{}\b", regex_syntax::escape(expression))));
    let want = Want::First(Place { line, byte: word.start });
    model.find = Some(Find::new(query, None, Some(want)));
    model.dirty = true;
}

/// What looks like a name in a line from a byte on: letters, digits and what
/// joins them in names of packages, files and variables; with a letter in it,
/// and longer than one character.
fn words(text: &str, from: usize) -> Vec<Range<usize>> {
    let inner = |c: char| matches!(c, '.' | '-' | '/' | '@' | '+' | ':');
    let mut words = Vec::new();
    let mut start = None;
    let end = text.len();
    let chars = text.char_indices().skip_while(|(at, _)| *at < from);
    for (at, c) in chars.chain(std::iter::once((end, ' '))) {
        let word = c.is_alphanumeric() || c == '_';
        match start {
            None if word => start = Some(at),
            Some(first) if !word && !inner(c) => {
                let found = text.get(first..at).unwrap_or_default().trim_end_matches(inner);
                if found.chars().nth(1).is_some() && found.chars().any(char::is_alphabetic) {
                    words.push(first..first + found.len());
                }
                start = None;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        words(text, 0).into_iter().map(|word| &text[word]).collect()
    }

    #[test]
    fn words_are_names() {
        assert_eq!(found("12.3 error: no uv.lock, 2 a b"), ["error", "no", "uv.lock"]);
        assert_eq!(found("COPY ./bot.py /app/x"), ["COPY", "bot.py", "app/x"]);
        assert_eq!(found("(pip-tools==7.4) naïve"), ["pip-tools", "naïve"]);
        assert_eq!(found("--- 123 ---"), [""; 0]);
        assert_eq!(found(""), [""; 0]);
    }
}
