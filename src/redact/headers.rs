//! Headers that carry credentials: `Authorization: Bearer …`, `Cookie: …`.

use std::sync::LazyLock;

use regex::Regex;

use super::{REDACTED, Span, is_trivial};

static HEADERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(?:(?:proxy-)?authorization|x-api-key|x-auth-token|x-amz-security-token|x-goog-api-key|x-vault-token|private-token|job-token|deploy-token|set-cookie|cookie)\\?["']?\s*[:=]\s*\\?["']?(?P<s>[^"'\r\n]+)"#,
    )
    .ok()
});

/// What an Authorization header may begin with.
const SCHEMES: [&str; 8] =
    ["bearer", "basic", "token", "digest", "negotiate", "apikey", "aws4-hmac-sha256", "hmac"];

static BEARER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bbearer\s+(?P<s>[A-Za-z0-9._~+/=-]{8,})").ok());

pub(super) fn find(text: &str, out: &mut Vec<Span>) {
    for found in HEADERS.iter().flat_map(|headers| headers.captures_iter(text)) {
        let Some(value) = found.name("s") else { continue };
        let shown = value.as_str().trim_end_matches([' ', '\\']);
        // "may require authorization: server message: …" is prose.
        let scheme = shown.split(' ').next().unwrap_or_default().to_ascii_lowercase();
        if shown.contains(' ') && !shown.contains('=') && !SCHEMES.contains(&scheme.as_str()) {
            continue;
        }
        // What a variable stands for isn't in the text.
        let last = shown.rsplit(' ').next().unwrap_or_default();
        if !is_trivial(last) {
            out.push((value.start()..value.start() + shown.len(), REDACTED));
        }
    }
    for found in BEARER.iter().flat_map(|bearer| bearer.captures_iter(text)) {
        let Some(value) = found.name("s") else { continue };
        // `Bearer realm=…` asks for one, and "bearer authentication" is prose.
        let shown = value.as_str();
        let token = shown.len() >= 20 || shown.bytes().any(|b| b.is_ascii_digit());
        if token && !shown.starts_with("realm=") {
            out.push((value.range(), REDACTED));
        }
    }
}
