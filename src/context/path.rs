//! Paths inside the project, compared as the official CLI compares them.

use std::cmp::Ordering;
use std::fmt;

/// A path relative to the context directory: bytes, `/` between parts, empty for the directory itself.
///
/// Bytes, because a file name need not be UTF-8 and the upload holds it all the
/// same. The order is Python's order of `str`: by code point over the whole path,
/// with an undecodable byte `b` standing at U+DC00+b.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RelPath(Vec<u8>);

impl RelPath {
    /// The context directory itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of bytes; `.` and empty parts are dropped, `..` is kept as a name.
    pub fn new(path: impl AsRef<[u8]>) -> Self {
        let mut out = Vec::new();
        for part in path.as_ref().split(|b| *b == b'/') {
            if !part.is_empty() && part != b"." {
                if !out.is_empty() {
                    out.push(b'/');
                }
                out.extend_from_slice(part);
            }
        }
        Self(out)
    }

    /// A path as a Dockerfile means it: `..` goes up and stops at the context directory.
    pub fn clamped(path: &str) -> Self {
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        Self(parts.join("/").into_bytes())
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is the context directory itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path of `name` in this directory.
    pub fn join(&self, name: &[u8]) -> Self {
        let mut out = Vec::with_capacity(self.0.len() + name.len() + 1);
        out.extend_from_slice(&self.0);
        if !out.is_empty() {
            out.push(b'/');
        }
        out.extend_from_slice(name);
        Self(out)
    }

    /// The last part; empty for the context directory.
    pub fn name(&self) -> &[u8] {
        self.parts().last().unwrap_or_default()
    }

    /// The directory it is in; none for the context directory.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let cut = self.0.iter().rposition(|b| *b == b'/').unwrap_or(0);
        self.0.get(..cut).map(|bytes| Self(bytes.to_vec()))
    }

    /// Its parts, outermost first.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|b| *b == b'/').filter(|part| !part.is_empty())
    }

    /// The directories on the way to it and it itself, outermost first.
    pub fn prefixes(&self) -> impl Iterator<Item = RelPath> {
        let ends = self.0.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(i, _)| i);
        let all = (!self.is_root()).then_some(self.0.len());
        ends.chain(all).filter_map(|end| self.0.get(..end)).map(|bytes| Self(bytes.to_vec()))
    }

    /// Whether it is `dir` or beneath it.
    pub fn is_within(&self, dir: &RelPath) -> bool {
        match self.0.strip_prefix(dir.0.as_slice()) {
            Some(rest) => dir.is_root() || rest.first().is_none_or(|b| *b == b'/'),
            None => false,
        }
    }

    /// The text, with U+FFFD for what isn't UTF-8. For a terminal it still has to go through `text::`.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl From<&str> for RelPath {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}

impl Ord for RelPath {
    fn cmp(&self, other: &Self) -> Ordering {
        // UTF-8 sorts by code point as it is; only undecodable names need the long way.
        if std::str::from_utf8(&self.0).is_ok() && std::str::from_utf8(&other.0).is_ok() {
            self.0.cmp(&other.0)
        } else {
            code_points(&self.0).cmp(&code_points(&other.0))
        }
    }
}

impl PartialOrd for RelPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The code points Python sees in a file name: UTF-8, each undecodable byte `b` as U+DC00+b.
pub fn code_points(bytes: &[u8]) -> Vec<u32> {
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.extend(chunk.valid().chars().map(u32::from));
        out.extend(chunk.invalid().iter().map(|b| 0xDC00 + u32::from(*b)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_paths_are_compared_not_their_parts() {
        let mut paths: Vec<RelPath> =
            ["a/b", "a.txt", "a-b", "a", "Z", "é"].into_iter().map(RelPath::from).collect();
        paths.sort();
        let names: Vec<String> = paths.iter().map(RelPath::to_text).collect();
        assert_eq!(names, ["Z", "a", "a-b", "a.txt", "a/b", "é"]);
    }

    #[test]
    fn an_undecodable_byte_sorts_where_python_puts_it() {
        // U+DCFF stands before U+FF5E (bytes EF BD 9E), though FF > EF as bytes.
        assert!(RelPath::new(b"\xff") < RelPath::from("\u{ff5e}"));
        assert!(RelPath::new(b"\xff") > RelPath::from("\u{d7ff}"));
    }

    #[test]
    fn parts_prefixes_and_parents_agree() {
        let path = RelPath::from("./a//b/c");
        assert_eq!(path.to_text(), "a/b/c");
        assert_eq!(path.parts().count(), 3);
        let all: Vec<String> = path.prefixes().map(|p| p.to_text()).collect();
        assert_eq!(all, ["a", "a/b", "a/b/c"]);
        assert_eq!(path.parent(), Some("a/b".into()));
        assert_eq!(RelPath::from("a").parent(), Some(RelPath::root()));
        assert_eq!(RelPath::root().parent(), None);
        assert_eq!(RelPath::clamped("../x/../shared/"), "shared".into());
        assert!(path.is_within(&"a/b".into()) && !path.is_within(&"a/bc".into()));
        assert!(!RelPath::from("a/bc").is_within(&"a/b".into()));
        assert!(path.is_within(&RelPath::root()));
    }
}
