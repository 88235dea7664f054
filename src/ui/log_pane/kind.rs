//! What a line is, and the sign and the look that it has for it.

use crate::app::Model;
use crate::domain::LineNo;
use crate::parse;
use crate::theme::Role;

/// What a line is, for its sign and its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Cause,
    Proof,
    Repeat,
    Failure,
    Warning,
    Step,
    Phase,
    Command,
    Done,
    Excerpt,
    Quiet,
    Gap,
    Plain,
}

impl Kind {
    /// `role` is what the line's text tells by itself.
    pub(super) fn of(model: &Model, line: LineNo, role: parse::Role) -> Self {
        let log = &model.log;
        if log.store().gap(line).is_some() {
            return Self::Gap;
        }
        if model.cause.as_ref().is_some_and(|cause| cause.line == Some(line)) {
            return Self::Cause;
        }
        if model.lists.is_proof(line) {
            return Self::Proof;
        }
        if log.tree().repeat_of(line).is_some() {
            return Self::Repeat;
        }
        if log.failure_lines().binary_search(&line).is_ok() {
            return Self::Failure;
        }
        if log.warning_lines().binary_search(&line).is_ok() {
            return Self::Warning;
        }
        match role {
            parse::Role::Header => Self::Step,
            parse::Role::Phase => Self::Phase,
            parse::Role::Command => Self::Command,
            parse::Role::Warning => Self::Warning,
            parse::Role::Done | parse::Role::Cached => Self::Done,
            parse::Role::PhaseFailed
            | parse::Role::CommandFailed
            | parse::Role::Error
            | parse::Role::FinalError => Self::Failure,
            // Marked in the text itself, by `>>>`.
            parse::Role::ExcerptMarked => Self::Excerpt,
            parse::Role::Status | parse::Role::Agent | parse::Role::Rule => Self::Quiet,
            _ => Self::Plain,
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Cause => "▶",
            Self::Proof => "▷",
            Self::Repeat => "↑",
            Self::Failure => "✗",
            Self::Warning => "!",
            Self::Step => "▸",
            Self::Phase => "■",
            Self::Command => "$",
            Self::Gap => "~",
            Self::Done | Self::Excerpt | Self::Quiet | Self::Plain => " ",
        }
    }

    pub(super) fn role(self) -> Role {
        match self {
            Self::Cause | Self::Proof | Self::Failure | Self::Excerpt => Role::Failure,
            Self::Warning => Role::Warning,
            Self::Step => Role::Step,
            Self::Phase => Role::Phase,
            Self::Command => Role::Command,
            Self::Done => Role::Done,
            Self::Quiet | Self::Repeat => Role::Dim,
            Self::Gap => Role::Gap,
            Self::Plain => Role::Text,
        }
    }
}
