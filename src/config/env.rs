//! The environment of the process, as a value.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

/// Environment variables and the user's directories.
///
/// All logic takes this instead of asking the process, so that a test sees
/// only what it put in. `Debug` gives names without values: some are secrets.
#[derive(Clone, Default)]
pub struct Env {
    vars: BTreeMap<OsString, OsString>,
    home: Option<PathBuf>,
    config_dir: Option<PathBuf>,
    state_dir: Option<PathBuf>,
}

impl Env {
    /// An environment in which nothing is set.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The environment of this process. The one place that asks for it.
    pub fn from_process() -> Self {
        let ours = directories::ProjectDirs::from("", "", "buildcat");
        Self {
            vars: std::env::vars_os().collect(),
            home: directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned()),
            config_dir: ours.as_ref().map(|dirs| dirs.config_dir().to_owned()),
            state_dir: ours
                .as_ref()
                .map(|dirs| dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned()),
        }
    }

    /// The same with one variable set.
    #[must_use]
    pub fn with(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.vars.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// The same with a home directory.
    #[must_use]
    pub fn with_home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// The same with a directory for our configuration.
    #[must_use]
    pub fn with_config_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.config_dir = Some(dir.into());
        self
    }

    /// A variable's value; `None` when it is unset or empty, which mean the
    /// same to every variable we read.
    pub fn os(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str).filter(|v| !v.is_empty())
    }

    /// A variable's value as text. Bytes that are no UTF-8 become U+FFFD, and
    /// are then refused by whoever validates the value.
    pub fn text(&self, name: &str) -> Option<String> {
        self.os(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// All variables.
    pub fn vars(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.vars.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The user's home directory.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The directory our own configuration lies in.
    pub fn config_dir(&self) -> Option<&Path> {
        self.config_dir.as_deref()
    }

    /// The directory for what we remember between runs, and our log file.
    pub fn state_dir(&self) -> Option<&Path> {
        self.state_dir.as_deref()
    }

    /// `path` with a leading `~/` replaced by the home directory.
    pub fn expand(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), self.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(path),
        }
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env")
            .field("vars", &self.vars.keys().collect::<Vec<_>>())
            .field("home", &self.home)
            .field("config_dir", &self.config_dir)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let env = Env::empty().with("A", "").with("B", "x");
        assert_eq!(env.os("A"), None);
        assert_eq!(env.text("B").as_deref(), Some("x"));
        assert_eq!(env.text("C"), None);
    }

    #[test]
    fn values_are_not_in_the_debug_output() {
        let env = Env::empty().with("PIPECAT_API_KEY", "sk_secret").with_home("/h");
        let shown = format!("{env:?}");
        assert!(shown.contains("PIPECAT_API_KEY") && !shown.contains("sk_secret"), "{shown}");
    }

    #[test]
    fn a_tilde_is_the_home_directory() {
        let env = Env::empty().with_home("/home/ada");
        assert_eq!(env.expand("~/x.toml"), PathBuf::from("/home/ada/x.toml"));
        assert_eq!(env.expand("/etc/x"), PathBuf::from("/etc/x"));
    }
}
