//! A tree that is asked of everything once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;

use super::path::RelPath;
use super::tree::{Entry, Kind, Tree};

/// Another tree, as it was when each part of it was first looked at: for
/// questions that walk it again and again.
#[derive(Debug)]
pub struct Cached<T> {
    tree: T,
    lists: RefCell<HashMap<RelPath, Vec<Entry>>>,
    readable: RefCell<HashMap<RelPath, bool>>,
}

impl<T: Tree> Cached<T> {
    /// A tree of which nothing has been looked at.
    pub fn new(tree: T) -> Self {
        Self { tree, lists: RefCell::default(), readable: RefCell::default() }
    }
}

impl<T: Tree> Tree for Cached<T> {
    fn list(&self, dir: &RelPath) -> Vec<Entry> {
        if let Some(known) = self.lists.borrow().get(dir) {
            return known.clone();
        }
        let list = self.tree.list(dir);
        self.lists.borrow_mut().insert(dir.clone(), list.clone());
        list
    }

    fn kind(&self, path: &RelPath) -> Option<Kind> {
        let parent = path.parent().unwrap_or_default();
        if let Some(known) = self.lists.borrow().get(&parent).filter(|_| !path.is_root()) {
            return known.iter().find(|entry| entry.name == path.name()).map(|entry| entry.kind);
        }
        self.tree.kind(path)
    }

    fn read(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>> {
        self.tree.read(path, limit)
    }

    fn readable(&self, path: &RelPath) -> bool {
        if let Some(known) = self.readable.borrow().get(path) {
            return *known;
        }
        let readable = self.tree.readable(path);
        self.readable.borrow_mut().insert(path.clone(), readable);
        readable
    }

    fn exists(&self, path: &str) -> bool {
        self.tree.exists(path)
    }
}
