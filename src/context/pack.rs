//! The official CLI's packer (pipecatcloud 1.4.0), file for file.
//!
//! Its rules differ from Docker's: a pattern drops a path when it matches any one
//! part of it or the whole of it, `!` means nothing, and a `.dockerignore` that can
//! be read replaces both the default exclusions and `[build.exclude]`.

use super::fnmatch::Fnmatch;
use super::path::{RelPath, code_points};
use super::tree::{Kind, TEXT_LIMIT, Tree};

/// The largest upload the CLI makes, in bytes before compression.
pub const MAX_UPLOAD: u64 = 500 * 1024 * 1024;

/// Patterns the CLI excludes where no `.dockerignore` can be read.
pub const DEFAULT_EXCLUSIONS: [&str; 44] = [
    ".git",
    ".gitignore",
    ".gitattributes",
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "__pycache__",
    "*.pyc",
    "*.pyo",
    "*.pyd",
    "*.so",
    ".Python",
    ".venv",
    "venv",
    "ENV",
    "env",
    ".pytest_cache",
    ".coverage",
    "htmlcov",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".ruff_cache",
    ".vscode",
    ".idea",
    "*.swp",
    "*.swo",
    "dist",
    "build",
    "*.egg-info",
    "*.egg",
    ".eggs",
    "node_modules",
    ".github",
    ".claude",
    ".codex",
    ".cursor",
    "pcc-deploy.toml",
    ".ipynb_checkpoints",
    ".cache",
    ".DS_Store",
    "Thumbs.db",
    "*.log",
];

/// Where an exclusion was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In `.dockerignore`, on this line (from 1).
    Ignore {
        /// The line, from 1.
        line: usize,
    },
    /// In `[build.exclude]` of `pcc-deploy.toml`.
    Config,
    /// Among the CLI's defaults.
    Default,
}

/// One exclusion of the CLI.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The pattern as the CLI matches it.
    pub pattern: String,
    /// Where it was written.
    pub origin: Origin,
    matcher: Fnmatch,
}

impl Rule {
    fn new(pattern: &str, origin: Origin) -> Option<Self> {
        let pattern = normalised(pattern);
        (!pattern.is_empty()).then(|| Self {
            matcher: Fnmatch::new(pattern),
            pattern: pattern.to_owned(),
            origin,
        })
    }

    /// Whether it drops `path` when all directories on the way were kept.
    pub fn drops(&self, path: &RelPath) -> bool {
        self.drops_points(&code_points(path.name()), &code_points(path.bytes()))
    }

    fn drops_points(&self, name: &[u32], whole: &[u32]) -> bool {
        self.matcher.matches(name) || self.matcher.matches(whole)
    }
}

/// Which rules are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Those of `.dockerignore`, and no others.
    Ignore,
    /// The defaults and `[build.exclude]`: there is no `.dockerignore`.
    Defaults,
    /// The defaults and `[build.exclude]`: the `.dockerignore` can't be read as UTF-8 text.
    Unreadable,
}

/// What the CLI leaves out.
#[derive(Clone, Debug)]
pub struct Exclusions {
    /// The rules, in the order they are written.
    pub rules: Vec<Rule>,
    /// Where they are from.
    pub source: Source,
}

impl Exclusions {
    /// The rules for a context directory; `extra` is `[build.exclude]`.
    pub fn load(tree: &dyn Tree, extra: &[String]) -> Self {
        let path = RelPath::from(".dockerignore");
        let there = !matches!(tree.kind(&path), None | Some(Kind::Dangling));
        let text = there
            .then(|| tree.read(&path, TEXT_LIMIT).ok().and_then(|b| String::from_utf8(b).ok()))
            .flatten();
        match text {
            Some(text) => Self { rules: ignore_rules(&text), source: Source::Ignore },
            None => Self {
                rules: default_rules(extra),
                source: if there { Source::Unreadable } else { Source::Defaults },
            },
        }
    }

    /// The rule that drops `path`, and what it matched: a directory on the way, or `path`.
    pub fn dropped(&self, path: &RelPath) -> Option<(&Rule, RelPath)> {
        path.prefixes().find_map(|prefix| self.drops(&prefix).map(|rule| (rule, prefix.clone())))
    }

    /// The first rule that drops `path` when all directories on the way were kept.
    pub fn drops(&self, path: &RelPath) -> Option<&Rule> {
        let (name, whole) = (code_points(path.name()), code_points(path.bytes()));
        self.rules.iter().find(|rule| rule.drops_points(&name, &whole))
    }
}

/// The rules of a `.dockerignore` as the CLI reads them.
pub fn ignore_rules(text: &str) -> Vec<Rule> {
    // Python's universal newlines: a lone carriage return ends a line too.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.split('\n')
        .enumerate()
        .filter_map(|(i, line)| {
            let line = python_strip(line);
            if line.starts_with('#') {
                return None;
            }
            Rule::new(line, Origin::Ignore { line: i + 1 })
        })
        .collect()
}

fn default_rules(extra: &[String]) -> Vec<Rule> {
    let defaults = DEFAULT_EXCLUSIONS.iter().filter_map(|p| Rule::new(p, Origin::Default));
    defaults.chain(extra.iter().filter_map(|p| Rule::new(p, Origin::Config))).collect()
}

/// `./` once at the front and all slashes at the end are taken off, nothing else.
fn normalised(pattern: &str) -> &str {
    let pattern = python_strip(pattern);
    pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/')
}

/// Python's `str.strip()`, which also takes the four separator controls.
fn python_strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// A file of the upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Its path.
    pub path: RelPath,
    /// Its size in bytes.
    pub size: u64,
}

/// Why the CLI stops while it packs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Abort {
    /// A link leads nowhere.
    Dangling(RelPath),
    /// A file can't be opened.
    Unreadable(RelPath),
    /// A pipe, socket or device: the CLI hangs or stops.
    Special(RelPath),
    /// More than [`MAX_UPLOAD`] bytes.
    TooLarge(u64),
}

/// What the CLI uploads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upload {
    /// The files in the order of the archive.
    pub files: Vec<Packed>,
    /// Their size together, before compression.
    pub bytes: u64,
    /// Why nothing is uploaded after all.
    pub abort: Option<Abort>,
}

impl Upload {
    /// Whether the upload holds this file.
    pub fn holds(&self, path: &RelPath) -> bool {
        self.files.binary_search_by(|file| file.path.cmp(path)).is_ok()
    }
}

/// Packs a context directory.
pub fn pack(tree: &dyn Tree, exclusions: &Exclusions) -> Upload {
    let mut found: Vec<(RelPath, Kind)> = Vec::new();
    let mut open = vec![RelPath::root()];
    while let Some(dir) = open.pop() {
        for entry in tree.list(&dir) {
            let path = dir.join(&entry.name);
            if exclusions.drops(&path).is_some() {
                continue;
            }
            match entry.kind {
                Kind::Dir => open.push(path),
                Kind::LinkedDir => {}
                kind => found.push((path, kind)),
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let mut upload = Upload::default();
    for (path, kind) in found {
        let abort = match kind {
            Kind::Dangling => Some(Abort::Dangling(path.clone())),
            Kind::Special => Some(Abort::Special(path.clone())),
            _ if !tree.readable(&path) => Some(Abort::Unreadable(path.clone())),
            _ => None,
        };
        if abort.is_some() {
            upload.abort = upload.abort.or(abort);
        } else if let Kind::File { size } = kind {
            upload.bytes += size;
            upload.files.push(Packed { path, size });
        }
    }
    if upload.bytes > MAX_UPLOAD {
        upload.abort = upload.abort.or(Some(Abort::TooLarge(upload.bytes)));
    }
    upload
}
