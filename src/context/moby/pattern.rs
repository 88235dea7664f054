//! One pattern of BuildKit's matcher.

use regex::Regex;

use super::gopath::{clean, is_pattern};
use super::goregex::translate;
use super::ignorefile::Line;

/// A pattern ready to match.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The line it is on, from 1.
    pub line: usize,
    /// The pattern, cleaned, without its `!`.
    pub text: String,
    /// Whether it takes files back in (`!`).
    pub exclusion: bool,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Exact,
    /// Everything that starts with this.
    Prefix(String),
    /// Everything that ends with this; behind `**/` also the name alone.
    Suffix(String),
    Regex(Regex),
    /// Go refuses the expression, at the moment a path is held against it.
    Broken,
}

/// A line BuildKit refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// The line, from 1.
    pub line: usize,
    /// What stands there.
    pub pattern: String,
}

impl Pattern {
    /// Reads a line; none where nothing is left of it.
    ///
    /// # Errors
    /// When BuildKit refuses it before it looks at any file.
    pub fn new(line: &Line) -> Result<Option<Self>, BadPattern> {
        let bad = || BadPattern { line: line.line, pattern: line.pattern.clone() };
        let text = line.pattern.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let text = clean(text);
        let (text, exclusion) = match text.strip_prefix('!') {
            Some("") => return Err(bad()),
            Some(rest) => (rest.to_owned(), true),
            None => (text, false),
        };
        if !is_pattern(&text) {
            return Err(bad());
        }
        let how = compile(&text);
        Ok(Some(Self { line: line.line, text, exclusion, how }))
    }

    /// Whether the pattern alone matches this path (not: one of its directories).
    ///
    /// # Errors
    /// When Go's regular expressions refuse what the pattern becomes.
    pub fn matches(&self, path: &str) -> Result<bool, BadPattern> {
        Ok(match &self.how {
            How::Exact => path == self.text,
            How::Prefix(start) => path.starts_with(start.as_str()),
            How::Suffix(end) => {
                path.ends_with(end.as_str())
                    || end.strip_prefix('/').is_some_and(|name| path == name)
            }
            How::Regex(regex) => regex.is_match(path),
            How::Broken => {
                return Err(BadPattern { line: self.line, pattern: self.text.clone() });
            }
        })
    }

    /// As it would be written.
    pub fn written(&self) -> String {
        format!("{}{}", if self.exclusion { "!" } else { "" }, self.text)
    }
}

#[derive(PartialEq)]
enum Shape {
    Exact,
    Prefix,
    Suffix,
    Regex,
}

fn compile(text: &str) -> How {
    let mut go = String::from("^");
    let mut shape = Shape::Exact;
    let mut chars = text.chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                if chars.peek().is_some() {
                    go.push_str("(.*/)?");
                    shape = Shape::Regex;
                } else if shape == Shape::Exact {
                    shape = Shape::Prefix;
                } else {
                    go.push_str(".*");
                    shape = Shape::Regex;
                }
                if first {
                    shape = Shape::Suffix;
                }
            }
            '*' => {
                go.push_str("[^/]*");
                shape = Shape::Regex;
            }
            '?' => {
                go.push_str("[^/]");
                shape = Shape::Regex;
            }
            '.' | '+' | '(' | ')' | '|' | '{' | '}' | '$' => go.extend(['\\', c]),
            '\\' => {
                go.push('\\');
                if let Some(next) = chars.next() {
                    go.push(next);
                    shape = Shape::Regex;
                }
            }
            '[' | ']' => {
                go.push(c);
                shape = Shape::Regex;
            }
            c => go.push(c),
        }
        first = false;
    }
    match shape {
        Shape::Exact => How::Exact,
        Shape::Prefix => How::Prefix(text.strip_suffix("**").unwrap_or(text).to_owned()),
        Shape::Suffix => How::Suffix(text.strip_prefix("**").unwrap_or(text).to_owned()),
        Shape::Regex => {
            go.push('$');
            match translate(&go).and_then(|rust| Regex::new(&rust).ok()) {
                Some(regex) => How::Regex(regex),
                None => How::Broken,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(&Line { line: 1, pattern: text.to_owned() }).unwrap().unwrap()
    }

    #[test]
    fn single_paths_match_as_in_moby() {
        // From the behaviour moby/patternmatcher's own tests pin down.
        let cases = [
            ("**", "dir/file", true),
            ("**/", "file", true),
            ("**/**", "dir/file", true),
            ("dir/**", "dir/file", true),
            ("dir/**", "dir", false),
            ("**/dir2/*", "dir/dir2/file", true),
            ("**/dir2/**", "dir/dir2/dir2/file", true),
            ("**file", "dir/file", true),
            ("**/file", "dir/dir/file", true),
            ("**/file*txt", "dir/dir/file.txt", true),
            ("**/file*.txt*", "dir/dir/file.txt.bak", true),
            ("a**/*.txt", "a/file.txt", true),
            ("a**/*.txt", "a/dir/file.txt", true),
            ("a/*.txt", "a/dir/file.txt", false),
            ("a[b-d]e", "ace", true),
            ("a[b-d]e", "aee", false),
            ("a[^b-d]e", "aze", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("a.|)$(}+{bc", "a.|)$(}+{bc", true),
            ("abc.def", "abcXdef", false),
            ("**/foo/bar", "foo/bar", true),
            ("abc/**", "abc/def/ghi", true),
            ("*.py", "a.py", true),
            ("?.py", "/.py", false),
        ];
        for (text, path, expected) in cases {
            assert_eq!(pattern(text).matches(path), Ok(expected), "{text} {path}");
        }
    }

    #[test]
    fn what_buildkit_refuses_is_refused() {
        for bad in ["[", "a[]b", "!", "x\\"] {
            let line = Line { line: 7, pattern: bad.to_owned() };
            assert_eq!(Pattern::new(&line).unwrap_err().line, 7, "{bad}");
        }
        assert!(pattern("[z-a]").matches("q").is_err());
        assert!(pattern("src\\y").matches("q").is_err());
    }
}
