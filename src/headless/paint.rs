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
        self.told(status, status.as_str())
    }

    /// The same with another word for it.
    pub fn told(self, status: &BuildStatus, word: &str) -> String {
        self.sgr(color(status), &format!("{} {}", status.sign(), crate::text::plain(word)))
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

/// The SGR code of a status's colour.
fn color(status: &BuildStatus) -> &'static str {
    match status {
        BuildStatus::Pending | BuildStatus::Cancelled => "33",
        BuildStatus::Building => "36",
        BuildStatus::Success => "32",
        BuildStatus::Failed | BuildStatus::Timeout => "31;1",
        BuildStatus::Other(_) => "35",
    }
}
