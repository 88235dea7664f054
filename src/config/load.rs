//! The layers, laid over each other.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::document::{self, Raw};
use super::env::Env;
use super::model::{Config, THEMES};
use super::origin::Origin;
use super::schema::{KEYS, Key, key_names};
use super::secret::Secret;
use super::suggest::nearest;
use super::validate::unknown_theme;

/// The largest file that is taken for a configuration, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Values from flags, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--api-host`
    pub api_host: Option<String>,
    /// `--org`
    pub org: Option<String>,
    /// `--poll-interval`
    pub poll_interval: Option<String>,
    /// `--color`
    pub color: Option<String>,
}

impl Overrides {
    fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        [
            ("api_host", "--api-host", &self.api_host),
            ("org", "--org", &self.org),
            ("poll_interval", "--poll-interval", &self.poll_interval),
            ("color", "--color", &self.color),
        ]
        .into_iter()
        .filter_map(|(key, flag, value)| Some((key, flag, value.as_deref()?)))
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Built in.
    #[default]
    Default,
    /// The file, with the line from 1.
    File(u32),
    /// An environment variable.
    Env(&'static str),
    /// A flag.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(line) => write!(f, "file, line {line}"),
            Self::Env(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// Something wrong with the configuration; the value beneath stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file it is in.
    pub file: Option<PathBuf>,
    /// The line it is on, from 1.
    pub line: Option<u32>,
    /// The key it is about, as written.
    pub key: Option<String>,
    /// What is wrong, and what is allowed. Holds no secret.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.message)
    }
}

/// One row of `config show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The key.
    pub key: &'static str,
    /// The effective value as TOML, secrets masked; `None` when unset.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: Source,
}

/// What there is where the configuration file should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileState {
    /// No file.
    #[default]
    Missing,
    /// Something that can't be read, or is no text.
    Unreadable,
    /// A file that was read.
    Read,
}

/// The configuration, with what there is to say about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The effective values.
    pub config: Config,
    /// The file, whether it exists or not; `None` where no directory for
    /// configuration is known.
    pub path: Option<PathBuf>,
    /// What there is at `path`.
    pub file: FileState,
    /// The text of the file, which may hold a key.
    pub text: Option<Secret>,
    /// The source of every key that isn't at its default.
    pub sources: BTreeMap<&'static str, Source>,
    /// All that is wrong, in the order of the layers and lines.
    pub problems: Vec<Problem>,
    /// What is allowed but should be known: a key that others can read.
    pub warnings: Vec<String>,
}

impl Loaded {
    /// Where a key's value comes from.
    pub fn source(&self, key: &str) -> Source {
        self.sources.get(key).copied().unwrap_or_default()
    }

    /// The origin that a key may be sent to.
    ///
    /// # Errors
    /// A sentence when `api_host` is no such address, and when it may have been meant
    /// to be another one: what is wrong with the configuration is about it, or nobody
    /// knows what it is about.
    pub fn origin(&self) -> Result<Origin, String> {
        let origin = self.config.origin().map_err(|error| error.to_string())?;
        let source = self.source(HOST);
        let meant = |problem: &&Problem| {
            let key = problem.key.as_deref();
            let host = |key| key == HOST || nearest(key, key_names()) == Some(HOST);
            match (source, &problem.file) {
                (Source::Flag(_), _) | (Source::Env(_), Some(_)) => false,
                (_, Some(_)) => key.is_none_or(host),
                (_, None) => key == Some(HOST),
            }
        };
        let Some(problem) = self.problems.iter().find(meant) else { return Ok(origin) };
        let place = match (&problem.file, problem.line) {
            (Some(file), Some(line)) => format!("{}:{line}", file.display()),
            (Some(file), None) => file.display().to_string(),
            (None, _) => "the address that was given".to_owned(),
        };
        Err(format!(
            "{place} is wrong, and may name another host than {}: no key is sent there. Mend it, \
             or name the host with --api-host",
            origin.host()
        ))
    }

    /// All values with their sources, secrets masked.
    pub fn show(&self) -> Vec<Shown> {
        KEYS.iter()
            .map(|key| Shown {
                key: key.name,
                value: (key.show)(&self.config),
                source: self.source(key.name),
            })
            .collect()
    }
}

impl Config {
    /// Where the file is: `--config`, else `BUILDCAT_CONFIG`, else
    /// `config.toml` in our directory.
    pub fn path(flag: Option<&Path>, env: &Env) -> Option<PathBuf> {
        flag.map(Path::to_owned)
            .or_else(|| env.os("BUILDCAT_CONFIG").map(PathBuf::from))
            .or_else(|| env.config_dir().map(|dir| dir.join("config.toml")))
    }

    /// Lays file, environment and flags over the defaults. Never fails: what
    /// is wrong is in [`Loaded::problems`].
    ///
    /// `path` is `--config`; a file that is named must exist, the usual one
    /// need not.
    pub fn load(path: Option<&Path>, env: &Env, flags: &Overrides) -> Loaded {
        let named = path.is_some() || env.os("BUILDCAT_CONFIG").is_some();
        let mut loader = Loader { env, out: Loaded::default(), dir: None };
        loader.out.path = Self::path(path, env);
        if let Some(path) = loader.out.path.clone() {
            loader.dir = path.parent().map(Path::to_owned);
            loader.file(&path, named);
        }
        if loader.out.config.themes_dir.is_none() {
            loader.out.config.themes_dir = env.config_dir().map(|dir| dir.join("themes"));
        }
        loader.environment();
        for (name, flag, value) in flags.iter() {
            loader.set(name, &Raw::Word(value.to_owned()), Source::Flag(flag));
        }
        loader.check_together();
        loader.out
    }
}

/// Whether there is no file, as below a home that is no folder.
fn is_missing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

/// The key that names the host.
const HOST: &str = "api_host";

struct Loader<'a> {
    env: &'a Env,
    out: Loaded,
    /// The directory that relative paths of the file are relative to.
    dir: Option<PathBuf>,
}

impl Loader<'_> {
    fn problem(&mut self, source: Source, key: Option<&str>, message: String) {
        let (file, line) = match source {
            Source::File(line) => (self.out.path.clone(), Some(line)),
            _ => (None, None),
        };
        self.out.problems.push(Problem { file, line, key: key.map(str::to_owned), message });
    }

    fn file(&mut self, path: &Path, named: bool) {
        let text = match read_bounded(path) {
            Ok(text) => text,
            Err(error) if is_missing(&error) && !named => return,
            Err(error) => {
                let message = match error.kind() {
                    std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
                    _ => {
                        self.out.file = FileState::Unreadable;
                        format!("can't be read: {error}")
                    }
                };
                self.out.problems.push(Problem {
                    file: Some(path.to_owned()),
                    line: None,
                    key: None,
                    message,
                });
                return;
            }
        };
        self.out.file = FileState::Read;
        let doc = document::read(&text);
        for (line, message) in doc.problems {
            self.problem(Source::File(line), None, message);
        }
        for entry in doc.entries {
            self.set(&entry.key, &entry.value, Source::File(entry.line));
        }
        self.out.config.keys = doc.keys;
        self.out.config.rules = doc.rules;
        // By line, whichever stage found it.
        self.out.problems.sort_by_key(|problem| problem.line);
        if (self.out.config.api_key.is_some() || holds_key(&text))
            && let Some(warning) = readable_by_others(path)
        {
            self.out.warnings.push(warning);
        }
        self.out.text = Some(Secret::new(text));
    }

    fn environment(&mut self) {
        // The two switches that many programs know; our own variable is
        // stronger, and NO_COLOR is stronger than CLICOLOR_FORCE.
        let forced = self.env.text("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        if self.env.os("NO_COLOR").is_some() {
            self.set("color", &Raw::Word("never".to_owned()), Source::Env("NO_COLOR"));
        } else if forced {
            self.set("color", &Raw::Word("always".to_owned()), Source::Env("CLICOLOR_FORCE"));
        }
        for key in KEYS {
            let found = key.env.iter().find_map(|name| Some((*name, self.env.text(name)?)));
            if let Some((name, value)) = found {
                self.set(key.name, &Raw::Word(value), Source::Env(name));
            }
        }
    }

    fn set(&mut self, name: &str, value: &Raw, source: Source) {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            let shown: String = name.chars().take(60).collect();
            let message = match nearest(name, key_names()) {
                Some(known) => format!("unknown key {shown:?}; did you mean {known}?"),
                None => format!(
                    "unknown key {shown:?}; known are {}",
                    key_names().collect::<Vec<_>>().join(", ")
                ),
            };
            return self.problem(source, Some(name), message);
        };
        match self.checked(key, value) {
            Ok(()) => {
                self.out.sources.insert(key.name, source);
            }
            Err(message) => {
                let place = match source {
                    Source::Env(name) | Source::Flag(name) => name,
                    Source::File(_) | Source::Default => key.name,
                };
                self.problem(source, Some(key.name), format!("{place}: {message}"));
            }
        }
    }

    fn checked(&mut self, key: &Key, value: &Raw) -> Result<(), String> {
        let (env, dir) = (self.env, self.dir.as_deref());
        let resolve = |text: &str| {
            let path = env.expand(text);
            dir.map_or_else(|| path.clone(), |dir| dir.join(&path))
        };
        (key.set)(&mut self.out.config, value, &resolve)
    }

    /// What only all layers together can tell.
    fn check_together(&mut self) {
        let config = &self.out.config;
        if let Err(error) = Origin::parse(&config.api_host, &config.insecure_http_hosts) {
            let message = format!("api_host: {error}");
            self.problem(self.out.source("api_host"), Some("api_host"), message);
        }
        let theme = self.out.config.theme.clone();
        if !THEMES.contains(&theme.as_str()) {
            let dir = self.out.config.themes_dir.as_deref();
            let file = dir.map(|dir| dir.join(format!("{theme}.toml")));
            if !file.as_deref().is_some_and(Path::is_file) {
                let place = match &file {
                    Some(file) => format!("{} doesn't exist", file.display()),
                    None => "no themes_dir is set".to_owned(),
                };
                let source = self.out.source("theme");
                self.problem(
                    source,
                    Some("theme"),
                    format!("theme: {}", unknown_theme(&theme, &place)),
                );
                self.out.config.theme = Config::default().theme;
                self.out.sources.remove("theme");
            }
        }
        let both = self.out.config.api_key.is_some() && self.out.config.api_key_command.is_some();
        if both {
            let message = "api_key and api_key_command are both set; api_key is used".to_owned();
            self.problem(self.out.source("api_key_command"), Some("api_key_command"), message);
        }
    }
}

fn read_bounded(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(std::io::Error::other("it is larger than 1 MiB"));
    }
    // A byte order mark is an editor's doing, not the user's.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    String::from_utf8(bytes.to_vec()).map_err(|_| std::io::Error::other("it is not UTF-8"))
}

/// Whether a word of a text is a key by its form: one may stand among the
/// arguments of a command, in a comment, or where it is refused.
fn holds_key(text: &str) -> bool {
    const SHORTEST: usize = 12;
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| {
        word.len() >= SHORTEST && ["sk_", "pcc_pat_"].iter().any(|sign| word.starts_with(sign))
    })
}

/// A sentence if others than the owner can read `path`, which holds a key.
pub fn readable_by_others(path: &Path) -> Option<String> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        format!(
            "{0} holds a key and can be read by other users (mode {mode:03o}); \
             run: chmod 600 {0}",
            path.display()
        )
    })
}
