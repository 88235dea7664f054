//! The lines of a `.dockerignore` as BuildKit reads them.

use super::gopath::clean;

/// A pattern and the line it is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line, from 1.
    pub line: usize,
    /// The pattern, cleaned, with its `!`.
    pub pattern: String,
}

/// The longest line Go's scanner takes.
const LONGEST: usize = 64 * 1024;

/// Reads the patterns of a file.
///
/// A byte order mark is taken off, `#` makes a comment only in the first column, a
/// leading slash means nothing.
///
/// # Errors
/// The number of a line that is too long for BuildKit, which then gives up the build.
pub fn read(content: &[u8]) -> Result<Vec<Line>, usize> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let mut out = Vec::new();
    for (i, line) in content.split(|b| *b == b'\n').enumerate() {
        if line.len() >= LONGEST {
            return Err(i + 1);
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = String::from_utf8_lossy(line);
        let trimmed = text.trim();
        if text.starts_with('#') || trimmed.is_empty() {
            continue;
        }
        let (bang, path) = match trimmed.strip_prefix('!') {
            Some(rest) => ("!", rest.trim()),
            None => ("", trimmed),
        };
        let mut path = if path.is_empty() { String::new() } else { clean(path) };
        if path.len() > 1 && path.starts_with('/') {
            path.remove(0);
        }
        out.push(Line { line: i + 1, pattern: format!("{bang}{path}") });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cleaned_and_counted() {
        let content =
            b"\xef\xbb\xbf# note\n\n /data/ \r\n!  ./keep/../x\n # no comment\na/../b\n/\n!\n";
        let found: Vec<(usize, String)> =
            read(content).unwrap().into_iter().map(|l| (l.line, l.pattern)).collect();
        let expected = [(3, "data"), (4, "!x"), (5, "# no comment"), (6, "b"), (7, "/"), (8, "!")];
        assert_eq!(found, expected.map(|(n, p)| (n, p.to_owned())));
    }

    #[test]
    fn a_line_can_be_too_long() {
        let mut content = b"ok\n".to_vec();
        content.extend(vec![b'x'; LONGEST]);
        assert_eq!(read(&content), Err(2));
    }
}
