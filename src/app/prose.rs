//! Sentences broken between words.

use crate::text;

/// The rows of a text in `width` columns, broken between words; a word longer
/// than a row is broken where it must. Line ends in the text stay.
pub fn prose(sentences: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut rows = Vec::new();
    for line in sentences.lines() {
        let mut row = String::new();
        let mut filled = 0;
        for word in line.split_whitespace() {
            let wide = text::width(word);
            if filled > 0 && filled + 1 + wide > width {
                rows.push(std::mem::take(&mut row));
                filled = 0;
            }
            if filled > 0 {
                row.push(' ');
                filled += 1;
            }
            if wide <= width {
                row.push_str(word);
                filled += wide;
                continue;
            }
            for part in text::wrap(word, width, 0, 0, usize::MAX) {
                if filled > 0 {
                    rows.push(std::mem::take(&mut row));
                }
                row.push_str(word.get(part.range).unwrap_or_default());
                filled = text::width(&row);
            }
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(
            prose("the lock file is out of date", 10),
            ["the lock", "file is", "out of", "date"]
        );
        assert_eq!(prose("a 0123456789abc b", 5), ["a", "01234", "56789", "abc b"]);
        assert_eq!(prose("one\n\ntwo", 9), ["one", "", "two"]);
        assert_eq!(prose("", 5), Vec::<String>::new());
        assert_eq!(prose("ab", 0), ["a", "b"]);
    }
}
