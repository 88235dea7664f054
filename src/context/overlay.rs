//! A tree in which one file reads differently: what would be if it were changed.

use std::io;

use super::path::RelPath;
use super::tree::{Entry, Kind, Tree};

/// Another tree, but for one file at its top.
#[derive(Clone, Copy)]
pub struct Overlay<'a> {
    tree: &'a dyn Tree,
    path: &'a RelPath,
    content: &'a [u8],
}

impl<'a> Overlay<'a> {
    /// `tree` with `content` in the file `path`, which lies in its top directory.
    pub fn new(tree: &'a dyn Tree, path: &'a RelPath, content: &'a [u8]) -> Self {
        Self { tree, path, content }
    }

    fn changed(&self) -> Kind {
        Kind::File { size: self.content.len() as u64 }
    }
}

impl Tree for Overlay<'_> {
    fn list(&self, dir: &RelPath) -> Vec<Entry> {
        let mut all = self.tree.list(dir);
        if dir.is_root() {
            all.retain(|entry| entry.name != self.path.name());
            all.push(Entry { name: self.path.name().to_vec(), kind: self.changed() });
        }
        all
    }

    fn kind(&self, path: &RelPath) -> Option<Kind> {
        if path == self.path { Some(self.changed()) } else { self.tree.kind(path) }
    }

    fn read(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>> {
        if path == self.path {
            return Ok(self.content.iter().copied().take(limit).collect());
        }
        self.tree.read(path, limit)
    }

    fn readable(&self, path: &RelPath) -> bool {
        path == self.path || self.tree.readable(path)
    }

    fn exists(&self, path: &str) -> bool {
        RelPath::from(path) == *self.path || self.tree.exists(path)
    }
}
