//! A tree of files to look at, on disk or in memory.

use std::collections::BTreeMap;
use std::io;

use super::path::RelPath;

/// What a name in a directory is, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file, or a link to one, with its size in bytes.
    File {
        /// Size in bytes of what a reader gets.
        size: u64,
    },
    /// A directory.
    Dir,
    /// A link to a directory. The CLI neither follows nor packs it.
    LinkedDir,
    /// A link that leads nowhere. The CLI stops at it.
    Dangling,
    /// A pipe, socket or device. The CLI stops or hangs at it.
    Special,
}

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name's bytes.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: Kind,
}

/// A tree of files. Everything in this module reads through it and changes nothing.
pub trait Tree {
    /// The names in a directory, in any order. A directory that can't be read has none: the CLI's
    /// walk passes over it without a word.
    fn list(&self, dir: &RelPath) -> Vec<Entry>;

    /// What `path` is, or none when there is nothing.
    fn kind(&self, path: &RelPath) -> Option<Kind>;

    /// The first `limit` bytes of a file.
    ///
    /// # Errors
    /// When it is no file or can't be read.
    fn read(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>>;

    /// Whether a file that is there can be opened.
    fn readable(&self, path: &RelPath) -> bool;

    /// Whether a path as the configuration writes it (absolute, or with `..`) leads to something,
    /// seen from the context directory.
    fn exists(&self, path: &str) -> bool;
}

/// How much of a text file (Dockerfile, `.dockerignore`) is read at most: far beyond any real one.
pub const TEXT_LIMIT: usize = 4 << 20;

/// A tree in memory, for trees that are not on a disk: recorded cases and tests.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    nodes: BTreeMap<RelPath, Node>,
}

#[derive(Clone, Debug)]
enum Node {
    File(Vec<u8>),
    Sized(u64),
    Other(Kind),
}

impl MemoryTree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, and the directories on the way to it.
    pub fn file(mut self, path: impl Into<RelPath>, content: impl AsRef<[u8]>) -> Self {
        self.put(path.into(), Node::File(content.as_ref().to_vec()));
        self
    }

    /// Adds a file of which only the size is known; it reads as empty.
    pub fn sized(mut self, path: impl Into<RelPath>, size: u64) -> Self {
        self.put(path.into(), Node::Sized(size));
        self
    }

    /// Adds a directory, a link to one, a dangling link or a special file.
    pub fn other(mut self, path: impl Into<RelPath>, kind: Kind) -> Self {
        self.put(path.into(), Node::Other(kind));
        self
    }

    fn put(&mut self, path: RelPath, node: Node) {
        for dir in path.prefixes() {
            self.nodes.entry(dir).or_insert(Node::Other(Kind::Dir));
        }
        self.nodes.insert(path, node);
    }
}

impl Node {
    fn kind(&self) -> Kind {
        match self {
            Self::File(content) => Kind::File { size: content.len() as u64 },
            Self::Sized(size) => Kind::File { size: *size },
            Self::Other(kind) => *kind,
        }
    }
}

impl Tree for MemoryTree {
    fn list(&self, dir: &RelPath) -> Vec<Entry> {
        self.nodes
            .iter()
            .filter(|(path, _)| path.parent().as_ref() == Some(dir))
            .map(|(path, node)| Entry { name: path.name().to_vec(), kind: node.kind() })
            .collect()
    }

    fn kind(&self, path: &RelPath) -> Option<Kind> {
        if path.is_root() { Some(Kind::Dir) } else { self.nodes.get(path).map(Node::kind) }
    }

    fn read(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>> {
        match self.nodes.get(path) {
            Some(Node::File(content)) => Ok(content.iter().copied().take(limit).collect()),
            Some(Node::Sized(_)) => Ok(Vec::new()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn readable(&self, path: &RelPath) -> bool {
        matches!(self.kind(path), Some(Kind::File { .. }))
    }

    fn exists(&self, path: &str) -> bool {
        let outside = path.starts_with('/') || path.split('/').any(|part| part == "..");
        !outside
            && matches!(
                self.kind(&RelPath::from(path)),
                Some(Kind::File { .. } | Kind::Dir | Kind::LinkedDir | Kind::Special)
            )
    }
}
