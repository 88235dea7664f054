//! Whether git leaves a file out: a build from GitHub sees a clean checkout only.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::GitignoreBuilder;

use super::path::RelPath;

/// A line by which git ignores a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitIgnored {
    /// The pattern as it is written.
    pub pattern: String,
    /// The `.gitignore` it is in.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
}

/// The line by which git ignores `path` below `root`, were it not added by force.
///
/// Only the repository's own `.gitignore` files count: a build from GitHub knows no others.
pub fn git_ignored(root: &Path, path: &RelPath) -> Option<GitIgnored> {
    // A relative path, or one with `..` in it, has other ancestors.
    let root = &root.canonicalize().ok()?;
    let top = root.ancestors().find(|dir| dir.join(".git").exists())?;
    let full = root.join(path.to_text());
    // The files nearest to the path have the last word; an ignored directory can't be reopened.
    let below = full.strip_prefix(top).ok()?.to_path_buf();
    if is_tracked(top, &below) {
        return None;
    }
    let mut walked = top.to_path_buf();
    for part in below.components() {
        walked.push(part);
        let is_dir = walked.is_dir();
        let dirs = walked.ancestors().skip(1).take_while(|dir| dir.starts_with(top));
        for dir in dirs {
            let file = dir.join(".gitignore");
            let Ok(text) = fs::read_to_string(&file) else { continue };
            let mut builder = GitignoreBuilder::new(dir);
            for line in text.lines() {
                // A line git can't read is one it passes over.
                let _ = builder.add_line(Some(file.clone()), line);
            }
            let Ok(rules) = builder.build() else { continue };
            match rules.matched(&walked, is_dir) {
                Match::Ignore(glob) => {
                    let pattern = glob.original().to_owned();
                    let is_it = |(_, line): &(usize, &str)| line.trim_end() == pattern.trim_end();
                    let line = text.lines().enumerate().filter(is_it).last().map(|(i, _)| i);
                    return Some(GitIgnored { line: line.map_or(1, |i| i + 1), pattern, file });
                }
                Match::Whitelist(_) => break,
                Match::None => {}
            }
        }
    }
    None
}

/// Whether git's index has the path, or something in it: what was added by force
/// is in a checkout, ignored or not.
///
/// The index holds each path in full and ends it with a zero byte (versions 2
/// and 3; version 4 shortens them, and then nothing is found).
fn is_tracked(top: &Path, below: &Path) -> bool {
    const LARGEST: u64 = 64 << 20;
    let index = top.join(".git/index");
    if !fs::metadata(&index).is_ok_and(|meta| meta.is_file() && meta.len() <= LARGEST) {
        return false;
    }
    let (Ok(index), Some(path)) = (fs::read(index), below.to_str()) else { return false };
    let path = path.replace('\\', "/");
    let finder = memchr::memmem::Finder::new(path.as_bytes());
    // In front stands the length of the path.
    finder.find_iter(&index).any(|at| {
        let length = u8::try_from(path.len()).ok();
        let before = at.checked_sub(1).and_then(|at| index.get(at)).copied();
        match index.get(at + path.len()) {
            Some(0) => path.len() >= 0xfff || before == length || length.is_none(),
            Some(b'/') => true,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_has_the_last_word() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let full = dir.path().join(path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::write(full, text).unwrap();
        };
        fs::create_dir(dir.path().join(".git")).unwrap();
        write(".gitignore", "# lock\nuv.lock\n/models/\n*.bin\n");
        write("app/.gitignore", "!keep.bin\n");
        write("models/a.txt", "");
        let ask = |path: &str| git_ignored(dir.path(), &path.into()).map(|g| (g.pattern, g.line));
        assert_eq!(ask("uv.lock"), Some(("uv.lock".to_owned(), 2)));
        assert_eq!(ask("app/uv.lock"), Some(("uv.lock".to_owned(), 2)));
        assert_eq!(ask("models/a.txt"), Some(("/models/".to_owned(), 3)));
        assert_eq!(ask("app/x.bin"), Some(("*.bin".to_owned(), 4)));
        assert_eq!(ask("app/keep.bin"), None);
        assert_eq!(ask("bot.py"), None);
        // What the index has was added by force; its paths end with a zero byte.
        let index = [b"DIRC\0\0".as_slice(), b"\0\x0cmodels/a.txt\0\0"].concat();
        fs::write(dir.path().join(".git/index"), index).unwrap();
        assert_eq!((ask("models/a.txt"), ask("models")), (None, None));
        assert_eq!(ask("uv.lock"), Some(("uv.lock".to_owned(), 2)));
        assert_eq!(git_ignored(Path::new("/nowhere/at/all"), &"x".into()), None);
    }
}
