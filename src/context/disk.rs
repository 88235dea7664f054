//! The tree of a real directory.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::path::RelPath;
use super::tree::{Entry, Kind, Tree};

/// A directory on disk, read as it is at the moment of each call.
#[derive(Clone, Debug)]
pub struct DiskTree {
    root: PathBuf,
}

impl DiskTree {
    /// The tree below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where `path` is on disk.
    pub fn locate(&self, path: &RelPath) -> PathBuf {
        let mut full = self.root.clone();
        full.extend(path.parts().map(os_string));
        full
    }
}

fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec())
}

fn kind_of(full: &Path) -> Option<Kind> {
    let plain = fs::symlink_metadata(full).ok()?;
    let linked = plain.file_type().is_symlink();
    let meta = if linked {
        match fs::metadata(full) {
            Ok(meta) => meta,
            // Nothing there, or a circle of links: either way the CLI's stat fails.
            Err(_) => return Some(Kind::Dangling),
        }
    } else {
        plain
    };
    Some(match meta.file_type() {
        t if t.is_dir() && linked => Kind::LinkedDir,
        t if t.is_dir() => Kind::Dir,
        t if t.is_file() => Kind::File { size: meta.len() },
        _ => Kind::Special,
    })
}

impl Tree for DiskTree {
    fn list(&self, dir: &RelPath) -> Vec<Entry> {
        let Ok(entries) = fs::read_dir(self.locate(dir)) else { return Vec::new() };
        entries
            .filter_map(Result::ok)
            .filter_map(|entry| {
                let kind = kind_of(&entry.path())?;
                Some(Entry { name: entry.file_name().as_encoded_bytes().to_vec(), kind })
            })
            .collect()
    }

    fn kind(&self, path: &RelPath) -> Option<Kind> {
        kind_of(&self.locate(path))
    }

    fn read(&self, path: &RelPath, limit: usize) -> io::Result<Vec<u8>> {
        let full = self.locate(path);
        // Opening a pipe would wait for a writer.
        if !fs::metadata(&full)?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut content = Vec::new();
        File::open(full)?.take(limit as u64).read_to_end(&mut content)?;
        Ok(content)
    }

    fn readable(&self, path: &RelPath) -> bool {
        let full = self.locate(path);
        fs::metadata(&full).is_ok_and(|meta| meta.is_file()) && File::open(full).is_ok()
    }

    fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }
}
