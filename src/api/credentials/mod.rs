//! Which key or token is sent, and where it was found.
//!
//! The first of these that is set is used; a bad one is an error, not a reason
//! to try the next, because nobody would know which one was sent:
//!
//! 1. `PIPECAT_API_KEY`, a private key;
//! 2. `PIPECAT_TOKEN`, a token of the official CLI, with `PIPECAT_ORG`;
//! 3. `api_key` of our configuration, then `api_key_command`;
//! 4. the official CLI's own `pipecatcloud.toml`, which is only read.
//!
//! The kind decides the paths: a private key goes to `/v1/builds`, a token to
//! `/v1/organizations/{org}/builds`. A text that begins with `pcc_pat_` is a
//! token and one that begins with `sk_` a key wherever it stands.

mod check;
mod cli_file;
mod command;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::{Env, Secret};
use crate::config::Loaded;

/// How long `api_key_command` may take. A password manager may ask for a
/// fingerprint first.
const COMMAND_TIME: Duration = Duration::from_secs(60);

/// What a request identifies itself with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A private key of an organisation.
    Key(Secret),
    /// A person's token.
    Token {
        /// The token.
        token: Secret,
        /// The organisation whose builds are asked for; without one, the
        /// token's own are looked up.
        org: Option<String>,
        /// The organisation that is taken if the token belongs to it, where
        /// none is given.
        preferred_org: Option<String>,
    },
}

/// Where a credential was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `PIPECAT_API_KEY`
    KeyVariable,
    /// `PIPECAT_TOKEN`
    TokenVariable,
    /// `api_key` in our configuration.
    Config(PathBuf),
    /// `api_key_command`, by its program.
    Command(String),
    /// The official CLI's file.
    CliFile(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyVariable => f.write_str("from PIPECAT_API_KEY"),
            Self::TokenVariable => f.write_str("from PIPECAT_TOKEN"),
            Self::Config(path) => write!(f, "in {} (api_key)", path.display()),
            Self::Command(program) => write!(f, "from api_key_command ({program})"),
            Self::CliFile(path) => write!(f, "in {}", path.display()),
        }
    }
}

/// A key or token that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// What is sent.
    pub identity: Identity,
    /// Where it was found.
    pub source: Source,
    /// What should be known about it, as sentences.
    pub warnings: Vec<String>,
}

impl Credential {
    /// The credential in words: `the key from PIPECAT_API_KEY`.
    pub fn label(&self) -> String {
        let kind = match self.identity {
            Identity::Key(_) => "key",
            Identity::Token { .. } => "token",
        };
        format!("the {kind} {}", self.source)
    }

    /// A credential for a server that takes any, such as the demo's.
    pub fn any() -> Self {
        Self {
            identity: Identity::Key(Secret::new("sk_demo")),
            source: Source::KeyVariable,
            warnings: Vec::new(),
        }
    }
}

/// Why there is no credential to send. Holds no part of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Nothing is set anywhere.
    #[error(
        "There is no key to ask Pipecat Cloud with. Create a private key in the dashboard under \
         Settings › API Keys and set PIPECAT_API_KEY to it, or run `pipecat cloud auth login`. \
         `buildcat demo` needs neither."
    )]
    None,
    /// A public key.
    #[error(
        "The key {0} is a public key (pk_…). Public keys start sessions and can't see builds. \
         Create a private key in the dashboard under Settings › API Keys."
    )]
    Public(Source),
    /// A text that can't be sent as a key.
    #[error("The key {source_} can't be one: {why}. Copy it again.")]
    Odd {
        /// Where it was found.
        source_: Source,
        /// What is odd about it.
        why: String,
    },
    /// The official CLI's token has run out.
    #[error(
        "The token in {} expired at {at}. Run `pipecat cloud auth login` to renew it.",
        .path.display()
    )]
    Expired {
        /// The official CLI's file.
        path: PathBuf,
        /// When it ran out.
        at: Timestamp,
    },
    /// The official CLI's file can't be read.
    #[error(
        "{} can't be read: {why}. Run `pipecat cloud auth login` to write it anew, \
         or set PIPECAT_API_KEY.",
        .path.display()
    )]
    CliFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// `api_key_command` brought no key.
    #[error("api_key_command ({program}) {why}. Run it by hand to see what it says.")]
    Command {
        /// The program.
        program: String,
        /// What went wrong.
        why: String,
    },
}

/// Finds the credential to send. Runs `api_key_command` if it comes to that.
///
/// # Errors
/// When there is none, or the first that is set is no good.
pub async fn resolve(
    env: &Env,
    loaded: &Loaded,
    now: Timestamp,
) -> Result<Credential, CredentialError> {
    let config = &loaded.config;
    let org = || config.org.clone();
    let variable = |name: &str| env.text(name).filter(|value| !value.trim().is_empty());

    if let Some(text) = variable("PIPECAT_API_KEY") {
        return credential(&text, Source::KeyVariable, org(), None);
    }
    if let Some(text) = variable("PIPECAT_TOKEN") {
        // As the official CLI does: its file's organisation, if the token
        // belongs to it. A file that can't be read is no reason to fail here.
        let preferred = match org() {
            None => cli_file::read(env).ok().flatten().and_then(|file| file.org),
            Some(_) => None,
        };
        return credential(&text, Source::TokenVariable, org(), preferred);
    }
    if let Some(key) = &config.api_key {
        let path = loaded.path.clone().unwrap_or_default();
        return credential(key.expose(), Source::Config(path), org(), None);
    }
    if let Some(argv) = &config.api_key_command {
        let program = command::name(argv);
        let text = command::first_line(argv, env, COMMAND_TIME)
            .await
            .map_err(|why| CredentialError::Command { program: program.clone(), why })?;
        return credential(&text, Source::Command(program), org(), None);
    }
    match cli_file::read(env)? {
        Some(file) => file.credential(org(), now),
        None => Err(CredentialError::None),
    }
}

/// A credential from its text, which also tells its kind.
fn credential(
    text: &str,
    source: Source,
    org: Option<String>,
    preferred_org: Option<String>,
) -> Result<Credential, CredentialError> {
    let secret = check::sound(text, &source)?;
    let is_token = match source {
        Source::TokenVariable | Source::CliFile(_) => !secret.expose().starts_with("sk_"),
        _ => secret.expose().starts_with("pcc_pat_"),
    };
    let identity = if is_token {
        Identity::Token { token: secret, org, preferred_org }
    } else {
        Identity::Key(secret)
    };
    Ok(Credential { identity, source, warnings: Vec::new() })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
