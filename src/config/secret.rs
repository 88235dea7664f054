//! Keys and tokens that must never be shown.

use std::fmt;

/// A private key or token: can be sent, can't be printed.
///
/// `Debug` and `Display` give a mask of fixed width, so that neither the text
/// nor its length gets into a log, an error or a panic message.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What is shown instead of a secret.
pub const MASK: &str = "••••••••";

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. To be called only where it is sent or checked.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A copy of `text` in which every occurrence of the secret is masked.
    pub fn scrub(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, MASK) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_a_mask_of_fixed_width() {
        let short = Secret::new("sk_1");
        let long = Secret::new("sk_0123456789abcdef0123456789");
        assert_eq!(format!("{short} {short:?}"), format!("{long} {long:?}"));
        assert!(!format!("{long:#?} {long}").contains("sk_"));
    }

    #[test]
    fn scrubbing_masks_every_occurrence() {
        let key = Secret::new("sk_abc");
        assert_eq!(key.scrub("a sk_abc b sk_abc"), format!("a {MASK} b {MASK}"));
        assert_eq!(Secret::new("").scrub("as it is"), "as it is");
    }
}
