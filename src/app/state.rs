//! How things stand, in one word.

use crate::diagnose::{Kind, Outcome};
use crate::domain::{Build, BuildStatus, Health, LineNo};
use crate::explain::Explained;
use crate::log::Log;

use super::{Model, Subject};

/// The state of what is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing known yet.
    Connecting,
    /// Nothing known, and nothing will be unless the user acts.
    Unreached,
    /// A build that waits for its turn.
    Pending,
    /// A build that runs.
    Running,
    /// A text that is still being read.
    Reading,
    /// A text that has been read and shows neither success nor failure.
    Read,
    /// Over and well.
    Succeeded,
    /// Over, without an image.
    Failed,
    /// Stopped by the time limit.
    TimedOut,
    /// Stopped by somebody.
    Cancelled,
    /// A word of the service's that isn't known here.
    Other(String),
}

impl State {
    /// The sign that stands for it.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Connecting | Self::Unreached | Self::Reading => BuildStatus::Pending.sign(),
            Self::Pending => BuildStatus::Pending.sign(),
            Self::Running => BuildStatus::Building.sign(),
            Self::Read => "≡",
            Self::Succeeded => BuildStatus::Success.sign(),
            Self::Failed => BuildStatus::Failed.sign(),
            Self::TimedOut => BuildStatus::Timeout.sign(),
            Self::Cancelled => BuildStatus::Cancelled.sign(),
            Self::Other(_) => "?",
        }
    }

    /// The word for it.
    pub fn word(&self) -> &str {
        match self {
            Self::Connecting => "connecting",
            Self::Unreached => "no build",
            Self::Pending => "pending",
            Self::Running => "building",
            Self::Reading => "reading",
            Self::Read => "log",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Cancelled => "cancelled",
            Self::Other(word) => word,
        }
    }

    /// Whether it brought no image.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut | Self::Cancelled)
    }

    /// Whether nothing changes any more.
    pub fn is_final(&self) -> bool {
        self.is_failure() || *self == Self::Succeeded
    }

    fn of_build(build: &Build) -> Self {
        match &build.status {
            BuildStatus::Pending => Self::Pending,
            BuildStatus::Building => Self::Running,
            BuildStatus::Success => Self::Succeeded,
            BuildStatus::Failed => Self::Failed,
            BuildStatus::Timeout => Self::TimedOut,
            BuildStatus::Cancelled => Self::Cancelled,
            BuildStatus::Other(word) => Self::Other(crate::text::plain(word).into_owned()),
        }
    }
}

/// The likeliest cause, as one line can tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// One sentence.
    pub title: String,
    /// The line that states it.
    pub line: Option<LineNo>,
    /// Whether it is more than that there was a failure.
    pub recognised: bool,
}

impl Cause {
    /// The likeliest cause by what is found so far.
    pub fn of(findings: &[Explained], log: &Log) -> Option<Self> {
        let finding = findings.iter().map(|told| &told.finding).find(|f| f.kind == Kind::Cause)?;
        let recognised = finding.is_recognised();
        // A log that never came has no line to go to.
        let line = finding.line.filter(|line| line.index() < log.store().len());
        Some(Self { title: finding.title.clone(), line, recognised })
    }
}

impl Model {
    /// How things stand.
    pub fn state(&self) -> State {
        if let Some(build) = &self.build {
            return State::of_build(build);
        }
        match self.subject {
            Subject::Build(_) => match self.health {
                Health::Stopped { .. } => State::Unreached,
                _ => State::Connecting,
            },
            Subject::Text { .. } => match self.log.diagnosis().outcome {
                Outcome::Failed => State::Failed,
                Outcome::Success => State::Succeeded,
                Outcome::Timeout => State::TimedOut,
                Outcome::Unknown if self.over || self.log.is_read() => State::Read,
                Outcome::Unknown => State::Reading,
            },
        }
    }

    /// Whether nothing more is expected: the source has ended, or it is a file that
    /// nobody is said to write, and the build in it is over.
    pub fn is_complete(&self) -> bool {
        let told = matches!(self.state(), State::Succeeded | State::Failed);
        self.over || self.log.is_read() && !self.log.is_written() && told
    }

    /// What is said after all that there is: nothing where no more is expected,
    /// as of a build that is over or a file that has been read.
    pub(super) fn so_far(&self) -> &'static str {
        if self.over || self.log.is_read() { "" } else { " so far" }
    }

    /// Whether there is a cause or a result to show in a row of its own.
    pub fn cause_row(&self) -> bool {
        self.cause.is_some() || self.build.is_some() && self.state().is_final()
    }

    /// What the terminal's title says.
    pub fn window_title(&self) -> String {
        let state = self.state();
        format!("{} {} · {} · buildcat", state.sign(), state.word(), self.subject_name())
    }

    /// What is looked at, in a few columns.
    pub fn subject_name(&self) -> String {
        match &self.subject {
            Subject::Text { name } => crate::text::plain(name).into_owned(),
            Subject::Build(id) => {
                let served = self.build.as_ref().and_then(|build| build.id.as_deref());
                match (id, served) {
                    (Some(id), _) => id.short().to_owned(),
                    (None, Some(id)) => crate::text::plain(id).chars().take(8).collect(),
                    (None, None) => "newest build".to_owned(),
                }
            }
        }
    }
}
