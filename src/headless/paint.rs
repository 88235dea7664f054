//! Colours on standard output, where they are wanted.

use crate::domain::BuildStatus;

/// Whether and how text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Colours on or off.
    pub fn new(on: bool) -> Self {
        Self { on }
    }

    /// A heading or a name.
    pub fn bold(self, text: &str) -> String {
        self.sgr("1", text)
    }

    /// What matters less.
    pub fn dim(self, text: &str) -> String {
        self.sgr("2", text)
    }

    /// A status with its sign, in its colour. The sign carries the meaning;
    /// the colour only helps.
    pub fn status(self, status: &BuildStatus) -> String {
        let (sign, sgr) = sign(status);
        let word = crate::text::plain(status.as_str()).into_owned();
        self.sgr(sgr, &format!("{sign} {word}"))
    }

    /// What failed.
    pub fn bad(self, text: &str) -> String {
        self.sgr("31;1", text)
    }

    fn sgr(self, code: &str, text: &str) -> String {
        if self.on && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The sign of a status and the SGR code of its colour.
fn sign(status: &BuildStatus) -> (char, &'static str) {
    match status {
        BuildStatus::Pending => ('○', "33"),
        BuildStatus::Building => ('●', "36"),
        BuildStatus::Success => ('✓', "32"),
        BuildStatus::Failed => ('✗', "31;1"),
        BuildStatus::Timeout => ('⧗', "31;1"),
        BuildStatus::Cancelled => ('⊘', "33"),
        BuildStatus::Other(_) => ('?', "35"),
    }
}
