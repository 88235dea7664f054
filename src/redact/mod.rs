//! Secrets taken out of text that leaves: copies, saved files, reports.
//!
//! ```text
//!   line ──► a literal that any secret has? ──no──► as it is
//!               │ yes
//!               ▼
//!      forms  headers  addresses  assignments  flags  homes     finders
//!               │ spans
//!               ▼
//!             merge ──► [redacted]
//! ```
//!
//! A finder is one file with one function: it looks at a line and marks what
//! is secret in it; none sees what another found. `homes.rs` is the smallest;
//! copy it to add another. What can't be told from the line alone (the inside
//! of a private key) is the business of [`Redactor`].
//!
//! What isn't secret stays: digests, hashes, versions, variables that are only
//! named (`$TOKEN`).

mod addresses;
mod assignments;
mod flags;
mod forms;
mod headers;
mod homes;
mod keyblock;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use keyblock::Block;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// What stands in place of a user's name in a path.
pub const USER: &str = "[user]";

/// A part of a line and what is to stand in its place.
type Span = (Range<usize>, &'static str);

/// Every finder.
const FINDERS: [fn(&str, &mut Vec<Span>); 7] = [
    keyblock::find,
    forms::find,
    headers::find,
    addresses::find,
    assignments::find,
    flags::find,
    homes::find,
];

/// Texts of which a line with a secret has at least one, in lower case.
const SIGNS: [&str; 60] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "auth",
    "credential",
    "bearer",
    "cookie",
    "signature",
    "sig=",
    "sk_",
    "rk_",
    "pk_",
    "sk-",
    "pcc_pat_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "gldt-",
    "glrt-",
    "npm_",
    "pypi-",
    "hf_",
    "gsk_",
    "xox",
    "xapp-",
    "akia",
    "asia",
    "aiza",
    "ya29.",
    "eyj",
    "dckr_pat_",
    "dop_v1_",
    "dapi",
    "hvs.",
    "sg.",
    "lin_",
    "sntrys_",
    "whsec_",
    "r8_",
    "ntn_",
    "shpat_",
    "nvapi-",
    "cfut_",
    "hooks.slack.com",
    "://",
    "-----begin",
    "/home/",
    "/users/",
    "\\users\\",
    "login",
    "-u ",
    "--user",
    "sshpass",
    ":aa",
];

static ANY: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(SIGNS).ok());

/// A text without keys and tokens of the service itself: for what we say of our
/// own accord, where everything else is meant to be read.
pub fn keys(text: &str) -> Cow<'_, str> {
    forms::service(text)
}

/// A line without its secrets.
///
/// Doing it twice changes nothing more. Lines in the middle of a private key
/// look like any other base64: for a run of lines use a [`Redactor`].
pub fn line(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    // What is left after one round may show as a secret only then (two that
    // overlap, one in another's place); a few rounds settle any text.
    for _ in 0..8 {
        match round(&out) {
            Some(changed) => out = Cow::Owned(changed),
            None => break,
        }
    }
    out
}

/// Several lines without their secrets; line ends stay as they are.
pub fn text(text: &str) -> String {
    let mut redactor = Redactor::new(true);
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive('\n') {
        let body = part.trim_end_matches(['\n', '\r']);
        out.push_str(&redactor.line(body));
        out.push_str(part.get(body.len()..).unwrap_or_default());
    }
    out
}

/// Takes the secrets out of a run of lines, private keys over several of them
/// included; or lets everything through, when redaction is switched off.
#[derive(Clone, Copy, Debug)]
pub struct Redactor {
    on: bool,
    block: Block,
}

impl Redactor {
    /// One that is on, or off and lets everything through.
    pub fn new(on: bool) -> Self {
        Self { on, block: Block::default() }
    }

    /// The next line without its secrets.
    pub fn line<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        if !self.on {
            return Cow::Borrowed(text);
        }
        match self.block.next(text) {
            Some(kept) => Cow::Owned(format!("{}{REDACTED}", line(kept))),
            None => line(text),
        }
    }
}

/// One round over a line; `None` when there is nothing to change.
fn round(text: &str) -> Option<String> {
    if !ANY.as_ref().is_none_or(|any| any.is_match(text)) {
        return None;
    }
    let mut spans: Vec<Span> = Vec::new();
    for finder in FINDERS {
        finder(text, &mut spans);
    }
    spans.retain(|(range, with)| text.get(range.clone()).is_some_and(|found| found != *with));
    if spans.is_empty() {
        return None;
    }
    // Of two that overlap the union goes, under the name of the first.
    spans.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut spans = spans.into_iter().peekable();
    while let Some((mut range, with)) = spans.next() {
        while let Some((next, _)) = spans.next_if(|(next, _)| next.start < range.end) {
            range.end = range.end.max(next.end);
        }
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(with);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    (out != text).then_some(out)
}

/// Whether a value says nothing: a variable, a placeholder, a word of a
/// programming language, or what was taken out already.
fn is_trivial(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', '`', ' ']);
    let lower = value.to_ascii_lowercase();
    value.is_empty()
        || value == REDACTED
        || value.starts_with(['$', '%', '<'])
        || value.starts_with("{{")
        || value.chars().all(|c| matches!(c, '*' | '.' | '…' | '-'))
        || matches!(
            lower.as_str(),
            "none" | "null" | "nil" | "true" | "false" | "undefined" | "unset" | "yes" | "no"
        )
        || (value.len() >= 3 && lower.bytes().all(|b| b == b'x'))
}
