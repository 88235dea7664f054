//! Credentials in addresses: `https://user:password@host`, `?token=…`.

use std::sync::LazyLock;

use regex::Regex;

use super::{REDACTED, Span, is_trivial};

static LOGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"[A-Za-z][A-Za-z0-9+.-]*://(?P<s>[^\s/?#"'`<>\\]+)@"#).ok());

static QUERY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)[?&;](?:[a-z0-9_.-]*(?:token|secret|passw(?:or)?d|signature|credential|api[_-]?key|access[_-]?key(?:id)?)|auth|key|sig|pwd|pass|jwt|code|x-amz-security-token)=(?P<s>[^&\s"'`<>#]+)"#,
    )
    .ok()
});

/// Names that address a service, not a person, and are no secret alone.
const NAMES: [&str; 4] = ["git", "hg", "svn", "ssh"];

pub(super) fn find(text: &str, out: &mut Vec<Span>) {
    for found in LOGIN.iter().flat_map(|login| login.captures_iter(text)) {
        let Some(login) = found.name("s") else { continue };
        let shown = login.as_str();
        let password = shown.split_once(':').map_or("", |(_, password)| password);
        if NAMES.contains(&shown) || (password.is_empty() && is_trivial(shown)) {
            continue;
        }
        if !password.is_empty() && is_trivial(password) && password != REDACTED {
            continue;
        }
        out.push((login.range(), REDACTED));
    }
    for found in QUERY.iter().flat_map(|query| query.captures_iter(text)) {
        let Some(value) = found.name("s") else { continue };
        if !is_trivial(value.as_str()) {
            out.push((value.range(), REDACTED));
        }
    }
}
