//! The official CLI's `pipecatcloud.toml`, read and never written.
//!
//! Layout as of pipecatcloud 1.4.0: `token`, `org`, `refresh_token` and
//! `token_expires_at` (seconds since 1970; 0 beside a personal access token)
//! at the top, and a table for each organisation.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use toml::de::{DeTable, DeValue};

use super::{Credential, CredentialError, Env, Source, credential};
use crate::config::readable_by_others;

/// A token this close to its end is taken for expired, as the CLI does.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// What of the file is of use.
pub(super) struct CliFile {
    path: PathBuf,
    /// The organisation that is chosen there.
    pub(super) org: Option<String>,
    top: Login,
    /// Organisation tables with a login of their own.
    tables: Vec<(String, Login)>,
    warning: Option<String>,
}

#[derive(Default)]
struct Login {
    token: Option<String>,
    expires: Option<Timestamp>,
}

/// Where the file is: `PIPECAT_CONFIG_PATH`, else the CLI's own place.
fn path(env: &Env) -> Option<PathBuf> {
    match env.text("PIPECAT_CONFIG_PATH") {
        Some(path) => Some(env.expand(&path)),
        None => Some(env.home()?.join(".config/pipecatcloud/pipecatcloud.toml")),
    }
}

/// Reads the file; `None` when there is none.
pub(super) fn read(env: &Env) -> Result<Option<CliFile>, CredentialError> {
    let Some(path) = path(env) else { return Ok(None) };
    let failed = |why: String| CredentialError::CliFile { path: path.clone(), why };
    let text = match text_of(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string())),
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    if let Some(error) = errors.first() {
        // Not the error's own text: it shows the line, and the token is in it.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
        return Err(failed(format!("line {line} is not valid TOML")));
    }
    let table = table.get_ref();
    let tables = table
        .iter()
        .filter_map(|(name, value)| match value.get_ref() {
            DeValue::Table(inner) => Some((name.get_ref().to_string(), Login::of(inner))),
            _ => None,
        })
        .collect();
    let warning = readable_by_others(&path);
    let (org, top) = (string(table, "org"), Login::of(table));
    Ok(Some(CliFile { path, org, top, tables, warning }))
}

impl CliFile {
    /// The credential in it, for an organisation or the one chosen there.
    pub(super) fn credential(
        self,
        wanted: Option<String>,
        now: Timestamp,
    ) -> Result<Credential, CredentialError> {
        let org = wanted.or(self.org);
        let of_org =
            self.tables.into_iter().find(|(name, _)| Some(name) == org.as_ref()).map(|(_, l)| l);
        let login = if self.top.token.is_some() { self.top } else { of_org.unwrap_or_default() };
        let Some(token) = login.token else { return Err(CredentialError::None) };
        let exempt = token.trim().starts_with("pcc_pat_");
        if let Some(at) = login.expires
            && !exempt
            && now.duration_since(at) > -MARGIN
        {
            return Err(CredentialError::Expired { path: self.path, at });
        }
        let mut found = credential(&token, Source::CliFile(self.path), org, None)?;
        found.warnings.extend(self.warning);
        Ok(found)
    }
}

impl Login {
    fn of(table: &DeTable<'_>) -> Self {
        Self { token: string(table, "token"), expires: expiry(table) }
    }
}

fn string(table: &DeTable<'_>, name: &str) -> Option<String> {
    let text = table.get(name)?.get_ref().as_str()?;
    if text.trim().is_empty() { None } else { Some(text.to_owned()) }
}

/// The end of the token's life: a number of seconds (or milliseconds) since
/// 1970, as a number or a string, or an RFC 3339 time. What can't be read
/// counts as none: the service knows better than we do.
fn expiry(table: &DeTable<'_>) -> Option<Timestamp> {
    let text = match table.get("token_expires_at")?.get_ref() {
        DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix()).ok()?.to_string(),
        DeValue::Float(f) => f.as_str().to_owned(),
        DeValue::String(text) => text.trim().to_owned(),
        DeValue::Datetime(time) => time.to_string(),
        _ => return None,
    };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let number = text.parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0)?;
    let ms = if number >= 1e11 { number } else { number * 1000.0 };
    if ms > 1e15 { None } else { Timestamp::from_millisecond(ms as i64).ok() }
}

fn text_of(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(std::io::Error::other("it is larger than 1 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is not UTF-8"))
}
