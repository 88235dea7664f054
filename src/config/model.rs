//! The effective configuration.

use std::path::PathBuf;
use std::time::Duration;

use super::{KeyBinding, Origin, Secret, UserRule};

/// The shortest time between two polls.
pub const MIN_POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The longest time between two polls.
pub const MAX_POLL_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// The shortest time that lines can be late.
pub const MIN_LATE_LINES: Duration = Duration::from_secs(5);

/// The longest time that lines can be late.
pub const MAX_LATE_LINES: Duration = Duration::from_secs(5 * 60);

/// The themes that come with the program, and `auto`, which picks one.
pub const THEMES: [&str; 5] = ["auto", "dark", "light", "high-contrast", "plain"];

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// When the output is a terminal that has them.
    #[default]
    Auto,
    /// Also into a pipe.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// The word it has in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// All effective values, after every layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Address of the API, as given. [`Origin::parse`] checks it again before
    /// a key is sent; a bad one is kept here, because falling back to another
    /// host would send the key where it wasn't meant to go.
    pub api_host: String,
    /// Hosts besides this machine that may be spoken to without TLS.
    pub insecure_http_hosts: Vec<String>,
    /// The organisation whose builds are asked for when a token is used.
    pub org: Option<String>,
    /// A private key.
    pub api_key: Option<Secret>,
    /// A program and its arguments that print a private key; no shell.
    pub api_key_command: Option<Vec<String>>,
    /// Time between two polls.
    pub poll_interval: Duration,
    /// How long after the end of a build lines may still reach the service.
    pub late_lines: Duration,
    /// When to use colours.
    pub color: Color,
    /// One of [`THEMES`], or the name of a file in `themes_dir`.
    pub theme: String,
    /// Where the user's own themes lie.
    pub themes_dir: Option<PathBuf>,
    /// Whether the bell rings when a build ends.
    pub bell: bool,
    /// Whether the terminal's title tells the state of the build.
    pub title: bool,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Whether long lines wrap at first.
    pub wrap: bool,
    /// Whether a live log is followed at first.
    pub follow: bool,
    /// Whether secrets are taken out of what leaves by copy or save.
    pub redact: bool,
    /// The user's key bindings, not yet checked against the actions.
    pub keys: Vec<KeyBinding>,
    /// The user's failure rules, not yet checked.
    pub rules: Vec<UserRule>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            api_host: Origin::DEFAULT.to_owned(),
            insecure_http_hosts: Vec::new(),
            org: None,
            api_key: None,
            api_key_command: None,
            poll_interval: Duration::from_secs(3),
            late_lines: Duration::from_secs(30),
            color: Color::Auto,
            theme: "auto".to_owned(),
            themes_dir: None,
            bell: true,
            title: true,
            mouse: true,
            wrap: false,
            follow: true,
            redact: true,
            keys: Vec::new(),
            rules: Vec::new(),
        }
    }
}

impl Config {
    /// The API's address, checked: whether a key may go there.
    ///
    /// # Errors
    /// When it is no address of an API, or no key may go there.
    pub fn origin(&self) -> Result<Origin, super::BadOrigin> {
        Origin::parse(&self.api_host, &self.insecure_http_hosts)
    }
}
