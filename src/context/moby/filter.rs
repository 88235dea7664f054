//! The walk of BuildKit's file sync: which files a list of patterns leaves.

use std::collections::{BTreeMap, BTreeSet};

use super::ignorefile;
use super::pattern::{BadPattern, Pattern};
use crate::context::path::RelPath;

/// The patterns of one `.dockerignore`.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    patterns: Vec<Pattern>,
    /// Whether there is a `!` pattern.
    exclusions: bool,
    /// Whether no `!` pattern has wildcards, so that whole directories can be passed over.
    plain_exclusions: bool,
}

/// What the patterns say of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays; the pattern is the `!` one that took it back in, if one did.
    Kept(Option<usize>),
    /// It goes, by this pattern.
    Dropped(usize),
}

/// What is left of a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// The files, sorted.
    pub files: BTreeSet<RelPath>,
    /// The directories, also those that lost all their files.
    pub dirs: BTreeSet<RelPath>,
}

impl Passed {
    /// Whether there is such a file or directory.
    pub fn holds(&self, path: &RelPath) -> bool {
        path.is_root() || self.files.contains(path) || self.dirs.contains(path)
    }
}

/// What is known of a directory that was walked into: which pattern matched it.
type Matches = Vec<bool>;

struct Step {
    dropped: bool,
    /// The pattern that decided.
    by: Option<usize>,
    matches: Matches,
}

impl Matcher {
    /// Reads the patterns of a file.
    ///
    /// # Errors
    /// When BuildKit refuses a line; the build then fails whatever the files are.
    pub fn new(content: &[u8]) -> Result<Self, BadPattern> {
        let lines = ignorefile::read(content)
            .map_err(|line| BadPattern { line, pattern: "a line of 64 KiB".to_owned() })?;
        let mut patterns = Vec::with_capacity(lines.len());
        for line in &lines {
            patterns.extend(Pattern::new(line)?);
        }
        let wild = |p: &&Pattern| without_glob(&p.text).contains(['*', '[', ']', '?', '^', '\\']);
        Ok(Self {
            exclusions: patterns.iter().any(|p| p.exclusion),
            plain_exclusions: !patterns.iter().filter(|p| p.exclusion).any(|p| wild(&p)),
            patterns,
        })
    }

    /// The pattern a [`Verdict`] names.
    pub fn pattern(&self, index: usize) -> Option<&Pattern> {
        self.patterns.get(index)
    }

    /// All patterns.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether a dropped directory is passed over whole, so that nothing in it can stay.
    pub fn passes_over(&self, dir: &RelPath) -> bool {
        if !self.exclusions {
            return true;
        }
        if !self.plain_exclusions {
            return false;
        }
        let inside = format!("{dir}/");
        !self
            .patterns
            .iter()
            .filter(|p| p.exclusion)
            .any(|p| format!("{}/", without_glob(&p.text)).starts_with(&inside))
    }

    /// What the patterns say of a path in a walk from the top.
    ///
    /// # Errors
    /// When a pattern turns out to be broken.
    pub fn verdict(&self, path: &RelPath) -> Result<Verdict, BadPattern> {
        let mut parent: Option<Matches> = None;
        let mut verdict = Verdict::Kept(None);
        for prefix in path.prefixes() {
            let step = self.step(&prefix, parent.as_ref())?;
            verdict = match step.by {
                Some(by) if step.dropped => Verdict::Dropped(by),
                by => Verdict::Kept(by),
            };
            if step.dropped && prefix != *path && self.passes_over(&prefix) {
                break;
            }
            parent = Some(step.matches);
        }
        Ok(verdict)
    }

    /// Walks a tree given by its files and leaves what the patterns leave.
    ///
    /// # Errors
    /// When a pattern turns out to be broken; the build then fails.
    pub fn filter<'a>(
        &self,
        files: impl Iterator<Item = &'a RelPath>,
    ) -> Result<Passed, BadPattern> {
        let mut children: BTreeMap<RelPath, BTreeMap<RelPath, bool>> = BTreeMap::new();
        for file in files {
            for path in file.prefixes() {
                let dir = path.parent().unwrap_or_default();
                let is_dir = path != *file;
                *children.entry(dir).or_default().entry(path).or_default() |= is_dir;
            }
        }
        let mut passed = Passed::default();
        let mut open: Vec<(RelPath, Option<Matches>)> = vec![(RelPath::root(), None)];
        while let Some((dir, parent)) = open.pop() {
            for (path, is_dir) in children.remove(&dir).unwrap_or_default() {
                let step = self.step(&path, parent.as_ref())?;
                if !step.dropped {
                    let mut above = path.parent();
                    while let Some(dir) = above.filter(|dir| !dir.is_root()) {
                        above = dir.parent();
                        passed.dirs.insert(dir);
                    }
                    let kept = if is_dir { &mut passed.dirs } else { &mut passed.files };
                    kept.insert(path.clone());
                }
                if is_dir && !(step.dropped && self.passes_over(&path)) {
                    open.push((path, Some(step.matches)));
                }
            }
        }
        Ok(passed)
    }

    /// Holds one path against all patterns, given what matched the directory it is in.
    fn step(&self, path: &RelPath, parent: Option<&Matches>) -> Result<Step, BadPattern> {
        let text = path.to_text();
        let mut step = Step { dropped: false, by: None, matches: vec![false; self.patterns.len()] };
        for (i, pattern) in self.patterns.iter().enumerate() {
            let inherited = parent.and_then(|p| p.get(i)).copied().unwrap_or(false);
            // A pattern that can change nothing isn't asked, and then doesn't count for what is
            // below either.
            if !inherited && pattern.exclusion != step.dropped {
                continue;
            }
            let matched = inherited || pattern.matches(&text)?;
            if let Some(slot) = step.matches.get_mut(i) {
                *slot = matched;
            }
            if matched {
                // Only a pattern that changes the outcome is the one to name.
                if step.dropped == pattern.exclusion {
                    step.by = Some(i);
                }
                step.dropped = !pattern.exclusion;
            }
        }
        Ok(step)
    }
}

fn without_glob(text: &str) -> &str {
    let text = text.strip_suffix("/**").unwrap_or(text);
    text.strip_suffix("/*").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(ignore: &str, files: &[&str]) -> (Vec<String>, Vec<String>) {
        let files: Vec<RelPath> = files.iter().map(|f| RelPath::from(*f)).collect();
        let passed = Matcher::new(ignore.as_bytes()).unwrap().filter(files.iter()).unwrap();
        let names = |set: &BTreeSet<RelPath>| set.iter().map(RelPath::to_text).collect();
        (names(&passed.files), names(&passed.dirs))
    }

    #[test]
    fn files_can_be_taken_back_in() {
        assert_eq!(left("*\n!bot.py\n", &["bot.py", "x", "d/bot.py"]).0, ["bot.py"]);
        assert_eq!(left("*\n!src\n", &["src/a/b.py", "x"]).0, ["src/a/b.py"]);
        assert_eq!(left("src\n!src/keep\n", &["src/keep/a", "src/b"]).0, ["src/keep/a"]);
        assert_eq!(left("*\n!**/*.py\n", &["a/b/c.py", "a/x"]).0, ["a/b/c.py"]);
        assert_eq!(left("!x\nx\n", &["x", "y"]).0, ["y"]);
        assert_eq!(left("d/**\n!d/a/*.txt\n", &["d/a/x.txt", "d/b"]).0, ["d/a/x.txt"]);
    }

    #[test]
    fn an_emptied_directory_stays() {
        let (files, dirs) = left("data/*\n", &["data/a", "b"]);
        assert_eq!((files, dirs), (vec!["b".to_owned()], vec!["data".to_owned()]));
        let (_, dirs) = left("data\n", &["data/a", "b"]);
        assert!(dirs.is_empty());
    }

    #[test]
    fn the_verdict_names_the_pattern_and_agrees_with_the_walk() {
        let matcher = Matcher::new(b"*.md\nsrc\n!src/keep.py\n").unwrap();
        let verdict = |path: &str| matcher.verdict(&path.into()).unwrap();
        assert_eq!(verdict("README.md"), Verdict::Dropped(0));
        assert_eq!(verdict("docs/a.md"), Verdict::Kept(None));
        assert_eq!(verdict("src/a/b.py"), Verdict::Dropped(1));
        assert_eq!(verdict("src/keep.py"), Verdict::Kept(Some(2)));
        assert_eq!(matcher.pattern(1).unwrap().line, 2);
    }

    proptest::proptest! {
        #[test]
        fn verdict_and_walk_say_the_same(
            lines in proptest::collection::vec("!?(\\*\\*/)?[ab*]{1,2}(/[ab*]{1,2})?(/\\*\\*)?", 0..5),
            files in proptest::collection::btree_set("[ab]{1,2}(/[ab]x){0,2}/f", 1..8),
        ) {
            let matcher = Matcher::new(lines.join("\n").as_bytes()).unwrap();
            let files: Vec<RelPath> = files.iter().map(|f| RelPath::from(f.as_str())).collect();
            let passed = matcher.filter(files.iter()).unwrap();
            for file in &files {
                let kept = matches!(matcher.verdict(file).unwrap(), Verdict::Kept(_));
                proptest::prop_assert_eq!(passed.files.contains(file), kept, "{} {:?}", file, lines);
            }
        }
    }
}
