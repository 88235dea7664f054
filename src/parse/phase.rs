//! CodeBuild's phases and the commands run in them.

use jiff::Timestamp;

use crate::domain::LineNo;

/// A phase's place in [`super::Tree::phases`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhaseId(pub(super) u32);

impl PhaseId {
    /// The place as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a phase stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhaseState {
    /// Begun; no end in the log.
    Running,
    /// `SUCCEEDED` (in old logs `Success: true`).
    Succeeded,
    /// `FAILED` (in old logs `Success: false`).
    Failed,
    /// Another word of the agent's: `FAULT`, `TIMED_OUT`, `STOPPED`.
    Other(Box<str>),
}

impl PhaseState {
    pub(super) fn from_word(word: &str) -> Self {
        match word {
            "SUCCEEDED" | "true" => Self::Succeeded,
            "FAILED" | "false" => Self::Failed,
            other => Self::Other(other.into()),
        }
    }

    /// The word for reports, in lower case as for steps.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Other(word) => word,
        }
    }

    /// Whether the service stopped the phase because its time was up.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Other(word) if &**word == "TIMED_OUT")
    }

    /// Whether the phase is over and did not succeed.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed | Self::Other(_))
    }
}

/// One phase of a CodeBuild run.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// Its place among the phases.
    pub id: PhaseId,
    /// `BUILD`, `PRE_BUILD`, …
    pub name: Box<str>,
    /// How it stands.
    pub state: PhaseState,
    /// When it began; `None` where the log has no stamp for it.
    pub started: Option<Timestamp>,
    /// When it was complete.
    pub ended: Option<Timestamp>,
    /// Its first line.
    pub first_line: LineNo,
    /// Its last line, of those read so far.
    pub last_line: LineNo,
    /// The exit status of the command that failed it.
    pub exit_code: Option<i32>,
    /// The line that states how it ended.
    pub complete_line: Option<LineNo>,
    /// The status code behind the end, when not empty.
    pub status_code: Option<Box<str>>,
}

impl Phase {
    /// Seconds from its beginning to its end, when the log states both.
    pub fn seconds(&self) -> Option<f64> {
        Some(self.ended?.duration_since(self.started?).as_secs_f64().max(0.0))
    }
}

/// A command of the buildspec.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The phase it ran in, if the log says.
    pub phase: Option<PhaseId>,
    /// Its first line, as the agent printed it. Further lines of a command
    /// can't be told from its output.
    pub text: Box<str>,
    /// The line that announces it.
    pub line: LineNo,
    /// The last line that belongs to it, of those read so far.
    pub last_line: LineNo,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When the agent spoke next: the command was over by then.
    pub ended: Option<Timestamp>,
    /// The exit status, stated only for a command that failed.
    pub exit_code: Option<i32>,
    /// Whether the agent said that it failed.
    pub failed: bool,
}
