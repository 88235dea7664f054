//! Secrets that can be told by their form alone.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::{REDACTED, Span};

/// A form, and whether a digit is needed: without one it may be a plain name.
const FORMS: [(&str, bool); 24] = [
    // Pipecat Cloud, Stripe and many others: private keys.
    (r"\b[sr]k_[A-Za-z0-9_-]{6,}", false),
    (r"\bpk_[A-Za-z0-9_-]{8,}", true),
    (r"pcc_pat_[A-Za-z0-9_.-]{4,}", false),
    // OpenAI, Anthropic and their like.
    (r"\bsk-[A-Za-z0-9_-]{16,}", true),
    (r"\bgsk_[A-Za-z0-9]{16,}", false),
    // GitHub, GitLab.
    (r"gh[pousr]_[A-Za-z0-9]{10,}", false),
    (r"github_pat_[A-Za-z0-9_]{10,}", false),
    (r"gl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_.-]{8,}", false),
    // Package indexes and model hubs.
    (r"\bnpm_[A-Za-z0-9]{20,}", false),
    (r"\bpypi-(?:Ag[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{50,})", false),
    (r"\bhf_[A-Za-z0-9]{16,}", false),
    (r"dckr_[po]at_[A-Za-z0-9_-]{10,}", false),
    // Slack.
    (r"xox[abceoprs]-[A-Za-z0-9-]{8,}", false),
    (r"xapp-[A-Za-z0-9-]{10,}", false),
    (r"hooks\.slack\.com/(?:services|workflows)/(?P<s>[A-Za-z0-9_/-]+)", false),
    // Clouds.
    (r"\b(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,}\b", false),
    (r"\bAIza[A-Za-z0-9_-]{30,}", false),
    (r"\bya29\.[A-Za-z0-9_-]{10,}", false),
    (r"\b(?:dop|doo|dor)_v1_[A-Fa-f0-9]{16,}", false),
    (r"\b(?:dapi[a-f0-9]{32}|hv[sb]\.[A-Za-z0-9_-]{16,}|nvapi-[A-Za-z0-9_-]{16,})", false),
    // Services.
    (r"\bSG\.[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}", false),
    (
        r"\b(?:lin_api_|sntrys_|sntryu_|whsec_|r8_|ntn_|shpat_|sbp_|cfut_)[A-Za-z0-9_=+/-]{16,}",
        false,
    ),
    (r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}", false),
    // JSON web tokens, signed or not.
    (r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*", false),
];

static COMPILED: LazyLock<Vec<(Regex, bool)>> = LazyLock::new(|| {
    FORMS.iter().filter_map(|(pattern, digit)| Some((Regex::new(pattern).ok()?, *digit))).collect()
});

/// The service's keys and tokens.
static SERVICE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bsk_[A-Za-z0-9_-]{6,}|pcc_pat_[A-Za-z0-9_.-]{4,}").ok());

/// A text without what has the form of the service's keys and tokens.
pub(super) fn service(text: &str) -> Cow<'_, str> {
    // Most texts hold none, and compiling takes a while.
    if !["sk_", "pcc_pat_"].iter().any(|sign| text.contains(sign)) {
        return Cow::Borrowed(text);
    }
    match &*SERVICE {
        Some(form) => form.replace_all(text, REDACTED),
        None => Cow::Borrowed(REDACTED),
    }
}

pub(super) fn find(text: &str, out: &mut Vec<Span>) {
    for (form, digit) in COMPILED.iter() {
        for found in form.captures_iter(text) {
            let Some(secret) = found.name("s").or_else(|| found.get(0)) else { continue };
            if !digit || secret.as_str().bytes().any(|b| b.is_ascii_digit()) {
                out.push((secret.range(), REDACTED));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_services_keys_are_found_in_what_we_say_and_nothing_else_is() {
        let said = super::service("api_key_command (sk_abcdef-1) at /home/ada: pcc_pat_1.2-x;");
        assert_eq!(said, "api_key_command ([redacted]) at /home/ada: [redacted];");
        for text in ["a private key (sk_…)", "task_abcdefgh", "sk_demo", "token=abcdefgh1"] {
            assert_eq!(super::service(text), text);
        }
    }

    #[test]
    fn every_form_compiles() {
        assert_eq!(super::COMPILED.len(), super::FORMS.len());
    }
}
