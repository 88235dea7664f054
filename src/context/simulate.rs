//! What a build would find: the CLI's upload, then BuildKit's own pass over it.

use std::collections::BTreeSet;

use super::moby::pattern::BadPattern;
use super::moby::{Matcher, Passed, Verdict};
use super::pack::{Exclusions, Upload, pack};
use super::path::RelPath;
use super::tree::{TEXT_LIMIT, Tree};

/// A build context, simulated.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The CLI's rules.
    pub exclusions: Exclusions,
    /// What the CLI uploads.
    pub upload: Upload,
    /// The ignore file BuildKit finds in the upload.
    pub ignore: Option<IgnoreFile>,
    /// What BuildKit refuses in it; the build then fails.
    pub refused: Option<BadPattern>,
    /// What instructions can take.
    pub passed: Passed,
}

/// An ignore file BuildKit applies.
#[derive(Clone, Debug)]
pub struct IgnoreFile {
    /// Its path in the context.
    pub path: RelPath,
    /// Its patterns.
    pub matcher: Matcher,
}

impl Simulation {
    /// Simulates a build of the context in `tree`; `extra` is `[build.exclude]`.
    pub fn new(tree: &dyn Tree, dockerfile: &str, extra: &[String]) -> Self {
        let exclusions = Exclusions::load(tree, extra);
        let upload = pack(tree, &exclusions);
        let mut refused = None;
        // Both are looked for among the uploaded files, so either can be lost on the way. The
        // Dockerfile's own takes the other's place, unless it is empty.
        let own = RelPath::clamped(&format!("{dockerfile}.dockerignore"));
        let ignore = [own, RelPath::from(".dockerignore")].into_iter().find_map(|path| {
            if !upload.holds(&path) {
                return None;
            }
            let content = tree.read(&path, TEXT_LIMIT).ok().filter(|c| !c.is_empty())?;
            match Matcher::new(&content) {
                Ok(matcher) => Some(IgnoreFile { path, matcher }),
                Err(bad) => {
                    refused.get_or_insert((path.clone(), bad));
                    Some(IgnoreFile { path, matcher: Matcher::default() })
                }
            }
        });
        let mut refused = refused.map(|(_, bad)| bad);
        let plain = Matcher::default();
        let matcher = ignore.as_ref().map_or(&plain, |ignore| &ignore.matcher);
        let passed = match matcher.filter(upload.files.iter().map(|file| &file.path)) {
            Ok(passed) => passed,
            Err(bad) => {
                refused = Some(bad);
                Passed::default()
            }
        };
        Self { exclusions, upload, ignore, refused, passed }
    }

    /// The ignore file and pattern by which BuildKit drops an uploaded file or directory.
    pub fn dropped_by_buildkit(
        &self,
        path: &RelPath,
    ) -> Option<(&RelPath, &super::moby::pattern::Pattern)> {
        let ignore = self.ignore.as_ref()?;
        match ignore.matcher.verdict(path) {
            Ok(Verdict::Dropped(by)) => Some((&ignore.path, ignore.matcher.pattern(by)?)),
            _ => None,
        }
    }

    /// The entries under a directory that wildcards could match: what BuildKit would have sent.
    pub fn entries(&self) -> impl Iterator<Item = &RelPath> {
        let dirs: &BTreeSet<RelPath> = &self.passed.dirs;
        self.passed.files.iter().chain(dirs)
    }
}
