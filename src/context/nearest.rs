//! The path somebody may have meant.

use super::path::RelPath;
use super::tree::{Kind, Tree};

/// How many names are looked at: enough for a project, bounded for a home directory.
const MOST: usize = 20_000;

/// Directories nobody means, and that are big.
const SKIPPED: [&[u8]; 5] = [b".git", b"node_modules", b".venv", b"venv", b"__pycache__"];

/// The existing path nearest to one that doesn't exist: the same but for its case, else the same
/// name in another directory, else a name few keystrokes away.
pub fn nearest(tree: &dyn Tree, wanted: &RelPath) -> Option<RelPath> {
    let text = wanted.to_text();
    let lower = text.to_lowercase();
    let name = String::from_utf8_lossy(wanted.name()).to_lowercase();
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    let mut best: Option<((usize, usize, usize), RelPath)> = None;
    for path in known(tree) {
        let found = path.to_text();
        let found_name = String::from_utf8_lossy(path.name()).to_lowercase();
        let depth = path.parts().count();
        let score = if found.to_lowercase() == lower {
            (0, 0, depth)
        } else if found_name == name {
            (1, 0, depth)
        } else {
            let far = distance(&found_name, &name);
            if far > allowed {
                continue;
            }
            let elsewhere = usize::from(path.parent() != wanted.parent());
            (2 + elsewhere, far, depth)
        };
        if best.as_ref().is_none_or(|(known, _)| score < *known) {
            best = Some((score, path));
        }
    }
    best.map(|(_, path)| path)
}

/// The paths of a tree, nearest to the top first.
fn known(tree: &dyn Tree) -> Vec<RelPath> {
    let mut out: Vec<RelPath> = Vec::new();
    let mut open = vec![RelPath::root()];
    while !open.is_empty() && out.len() < MOST {
        let mut below = Vec::new();
        for dir in open {
            let mut entries = tree.list(&dir);
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            for entry in entries {
                let path = dir.join(&entry.name);
                if entry.kind == Kind::Dir && !SKIPPED.contains(&entry.name.as_slice()) {
                    below.push(path.clone());
                }
                out.push(path);
            }
            if out.len() >= MOST {
                break;
            }
        }
        open = below;
    }
    out
}

/// How many letters have to be put in, taken out, changed or swapped with their neighbour.
pub fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut older: Vec<usize> = Vec::new();
    let mut old: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut cost =
                (at(&old, j) + usize::from(x != y)).min(at(&old, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                cost = cost.min(at(&older, j - 1) + 1);
            }
            row.push(cost);
        }
        older = old;
        old = row;
    }
    old.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::tree::MemoryTree;
    use super::*;

    #[test]
    fn the_likeliest_path_is_named() {
        let tree = MemoryTree::new()
            .file("README.md", "")
            .file("src/bot.py", "")
            .file("requirements.txt", "")
            .file("uv.lock", "");
        let near = |path: &str| nearest(&tree, &path.into()).map(|p| p.to_text());
        assert_eq!(near("Readme.md").as_deref(), Some("README.md"));
        assert_eq!(near("bot.py").as_deref(), Some("src/bot.py"));
        assert_eq!(near("requirement.txt").as_deref(), Some("requirements.txt"));
        assert_eq!(near("requirmeents.txt").as_deref(), Some("requirements.txt"));
        assert_eq!(near("poetry.lock"), None);
        assert_eq!(distance("abcd", "acbd"), 1);
    }
}
