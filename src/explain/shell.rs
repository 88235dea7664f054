//! The commands of a RUN instruction, word for word where they stand.

use std::ops::RangeInclusive;

use super::place::Dockerfile;
use super::words::Word;

/// The words of an instruction, with what stands between commands (`&&`, `;`,
/// `|`) as words of their own; comments and line continuations left out.
pub(super) fn tokens(file: &Dockerfile, lines: &RangeInclusive<u32>) -> Vec<Word> {
    let mut out = Vec::new();
    for line in lines.clone() {
        let Some(text) = file.line(line) else { continue };
        if text.trim_start().starts_with('#') {
            continue;
        }
        let mut start: Option<usize> = None;
        let mut quote: Option<char> = None;
        let mut push = |start: usize, end: usize| {
            if let Some(word) = text.get(start..end).filter(|word| *word != "\\") {
                out.push(Word { line, range: start..end, text: word.to_owned() });
            }
        };
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match (c, quote) {
                (c, Some(open)) => {
                    if c == open {
                        quote = None;
                    }
                }
                ('"' | '\'', None) => {
                    quote = Some(c);
                    start = start.or(Some(at));
                }
                (c, None) if c.is_whitespace() => {
                    if let Some(start) = start.take() {
                        push(start, at);
                    }
                }
                ('&' | '|' | ';', None) => {
                    if let Some(start) = start.take() {
                        push(start, at);
                    }
                    let twice = chars.next_if(|(_, next)| *next == c).is_some();
                    push(at, at + 1 + usize::from(twice));
                }
                _ => start = start.or(Some(at)),
            }
        }
        if let Some(start) = start {
            push(start, text.trim_end().len().max(start));
        }
    }
    out
}

/// Whether a word ends a command.
pub(super) fn ends(word: &Word) -> bool {
    matches!(word.text.as_str(), "&&" | "||" | ";" | "|" | "&")
}

/// The commands `tool … verb …` of an instruction: the words from the tool on,
/// to the command's end.
pub(super) fn commands<'t>(tokens: &'t [Word], tools: &[&str], verb: &str) -> Vec<&'t [Word]> {
    tokens
        .split(ends)
        .filter_map(|command| {
            let tool = command.iter().position(|word| tools.contains(&word.text.as_str()))?;
            let command = command.get(tool..)?;
            let called = command.iter().skip(1).find(|word| !word.text.starts_with('-'))?;
            (called.text == verb).then_some(command)
        })
        .collect()
}
