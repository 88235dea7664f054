//! Prose in lines, broken between words.

/// A paragraph in lines of at most `width` columns, broken between words.
pub fn fold(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in paragraph.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        let space = usize::from(!line.is_empty());
        if super::width(line) + space + super::width(word) <= width {
            if space > 0 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        // A word that is wider than a line (an address, a path) is broken, not
        // cut: it may be just what is needed.
        let mut rest = word;
        while !rest.is_empty() {
            let end = super::wrap(rest, width.max(1), 0, 0, 2)
                .get(1)
                .map_or(rest.len(), |row| row.range.start);
            let (piece, left) = rest.split_at_checked(end).unwrap_or((rest, ""));
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(piece),
                _ => lines.push(piece.to_owned()),
            }
            rest = left;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_break_between_words() {
        assert_eq!(fold("a build is pending", 9), ["a build", "is", "pending"]);
        assert_eq!(fold("an extraordinary thing", 6), ["an", "extrao", "rdinar", "y", "thing"]);
        assert_eq!(fold("", 6), [""]);
    }
}
