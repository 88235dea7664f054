//! How the program ends.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::api::{ApiError, CredentialError};
use crate::domain::{Build, NotABuildId, Problem};
use crate::{redact, text};

/// The exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The build succeeded, or the command did its job.
    Success,
    /// The build failed, was cancelled, or timed out.
    BuildFailed,
    /// Usage or configuration, or what can't be read or written.
    Usage,
    /// Credentials, API or network.
    Service,
    /// Interrupted by the user.
    Interrupted,
    /// Ended by a signal of this number.
    Signal(u8),
}

impl Exit {
    /// The number the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::BuildFailed => 1,
            Self::Usage => 2,
            Self::Service => 3,
            Self::Interrupted => 130,
            Self::Signal(number) => 128u8.saturating_add(number),
        }
    }

    /// The exit status of a program that a signal of this number has ended.
    pub fn of_signal(number: i32) -> Self {
        match number {
            2 => Self::Interrupted,
            _ => Self::Signal(u8::try_from(number).unwrap_or(u8::MAX)),
        }
    }

    /// The exit status a build's record stands for.
    pub fn of(build: Option<&Build>) -> Self {
        match build {
            Some(build) if build.is_failure() => Self::BuildFailed,
            _ => Self::Success,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// Says a line on standard error. Where nobody can hear it (it is closed, or
/// the terminal is gone), that is no reason to panic, as `eprintln!` would.
pub(super) fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "buildcat: {}", fit(line));
}

/// A line of ours as it may be shown: it repeats what was typed or configured,
/// and a key may stand there in the wrong place.
pub(super) fn fit(line: &str) -> String {
    text::plain(&redact::keys(line)).into_owned()
}

/// The first of several sentences, and which command prints them all.
pub(super) fn first_of(sentences: &[String], command: &str) -> Option<String> {
    let first = sentences.first()?;
    Some(match sentences.len() {
        1 => first.clone(),
        n => format!("{first} ({} more: `{command}`)", n - 1),
    })
}

/// Why a command could not do its job.
#[derive(Debug)]
pub enum Failure {
    /// With a sentence for standard error.
    Said(Exit, String),
    /// Nobody reads the output any more (`| head`): no reason to complain.
    Unread,
}

impl Failure {
    /// Wrong usage or configuration.
    pub fn usage(sentence: String) -> Self {
        Self::Said(Exit::Usage, sentence)
    }

    /// Credentials, API or network.
    pub fn service(sentence: String) -> Self {
        Self::Said(Exit::Service, sentence)
    }

    /// Prints the sentence and gives the exit status.
    pub fn report(self) -> Exit {
        match self {
            Self::Said(exit, sentence) => {
                for line in sentence.lines() {
                    complain(line);
                }
                exit
            }
            Self::Unread => Exit::Success,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Unread,
            io::ErrorKind::StorageFull => Self::usage(
                "The disk is full: what was written is incomplete. Make room and run it again."
                    .to_owned(),
            ),
            _ => Self::usage(format!(
                "Writing failed ({error}): what was written is incomplete. Check where it goes \
                 and run it again."
            )),
        }
    }
}

/// No thread or timer is to be had, which a command can't work without.
pub(super) fn cant_start(error: impl fmt::Display) -> Failure {
    Failure::usage(format!(
        "The system gives buildcat no thread to work in ({error}). End other programs, or raise \
         the limits on processes and open files (`ulimit -u`, `ulimit -n`), and run it again."
    ))
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::service(error.sentence())
    }
}

impl From<CredentialError> for Failure {
    fn from(error: CredentialError) -> Self {
        Self::service(error.to_string())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::service(problem.sentence)
    }
}

impl From<NotABuildId> for Failure {
    fn from(error: NotABuildId) -> Self {
        Self::usage(error.to_string())
    }
}
