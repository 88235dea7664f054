//! What kind of line a line is, by its own text alone.

use super::carrier::carried;
use super::codebuild::{self, stamped};
use super::epilogue::{BLOCK_RULE, EXCERPT_RULE, excerpt_line, is_final_error, title};
use super::{buildah, buildkit, legacy};

/// The kind of a line, for its sign in the gutter and its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A step begins or is shown again: `#6 [2/3] RUN make`, `Step 2/3 : …`.
    Header,
    /// A phase begins or ends.
    Phase,
    /// A phase ended badly.
    PhaseFailed,
    /// The agent runs a command.
    Command,
    /// A command failed, says the agent.
    CommandFailed,
    /// Anything else the agent says.
    Agent,
    /// Plain output.
    Output,
    /// Progress of a step: transfers, layers, `#6 ...`.
    Status,
    /// A step is over, and well.
    Done,
    /// A step's result was at hand.
    Cached,
    /// A step ended with an error.
    Error,
    /// A step was stopped because another failed.
    Cancelled,
    /// A warning of the builder's.
    Warning,
    /// A rule of the epilogue.
    Rule,
    /// The name of a failed step in the epilogue.
    Title,
    /// A line of the Dockerfile excerpt.
    Excerpt,
    /// A marked line of the Dockerfile excerpt.
    ExcerptMarked,
    /// The error a build ends with.
    FinalError,
    /// Nothing but white space.
    Blank,
}

/// What a command printed in a line of the builder's summary: without the
/// second that stands before it.
pub fn block_payload(clean: &str) -> &str {
    let clean = carried(clean);
    buildkit::output(clean).map_or_else(|| payload(clean).1, |(_, text)| text)
}

/// The kind of a line, by its clean text.
pub fn line_role(clean: &str) -> Role {
    let clean = carried(clean);
    let Some(first) = clean.as_bytes().first() else { return Role::Blank };
    match first {
        b'#' => match buildkit::vertex(clean) {
            Some(vertex) => vertex_role(&vertex),
            None => Role::Output,
        },
        b'[' => match stamped(clean) {
            Some(agent) => agent_role(agent.text),
            None => builder_role(clean),
        },
        b'-' if clean == BLOCK_RULE || clean == EXCERPT_RULE => Role::Rule,
        b' ' => {
            if let Some((_, marked, _)) = excerpt_line(clean) {
                return if marked { Role::ExcerptMarked } else { Role::Excerpt };
            }
            if title(clean).is_some() {
                return Role::Title;
            }
            if clean.trim_start().is_empty() {
                return Role::Blank;
            }
            builder_role(clean)
        }
        b'E' | b'e' | b'f' if is_final_error(clean) => Role::FinalError,
        _ if clean.trim_start().is_empty() => Role::Blank,
        _ => builder_role(clean),
    }
}

fn vertex_role(vertex: &buildkit::Vertex<'_>) -> Role {
    use buildkit::Line;
    match vertex.line {
        Line::Output { .. } => Role::Output,
        Line::Left => Role::Status,
        Line::Done { .. } => Role::Done,
        Line::Cached => Role::Cached,
        Line::Canceled => Role::Cancelled,
        Line::Error(_) => Role::Error,
        Line::Warn(_) => Role::Warning,
        Line::Words(_) if vertex.number == 0 => Role::Header,
        Line::Words(words) if words.starts_with('[') => Role::Header,
        Line::Words(words) if looks_like_chore(words) => Role::Header,
        Line::Words(_) => Role::Status,
    }
}

/// Names of vertices that stand in no brackets.
pub(super) fn looks_like_chore(words: &str) -> bool {
    const STARTS: [&str; 9] = [
        "exporting to ",
        "exporting cache",
        "importing cache",
        "preparing build cache",
        "resolve image config for ",
        "resolving provenance",
        "docker-image://",
        "merging",
        "mkfile ",
    ];
    STARTS.iter().any(|start| words.starts_with(start))
        && !words.ends_with(" done")
        && !words.ends_with(" DONE")
}

fn agent_role(text: &str) -> Role {
    use codebuild::Line;
    match codebuild::line(text) {
        Line::Entering(_) => Role::Phase,
        Line::Running(_) => Role::Command,
        Line::Failed { .. } => Role::CommandFailed,
        Line::Complete { state: "SUCCEEDED" | "true", .. } => Role::Phase,
        Line::Complete { .. } => Role::PhaseFailed,
        Line::Context { code, message } if code.is_empty() && message.is_empty() => Role::Agent,
        Line::Context { .. } => Role::PhaseFailed,
        Line::Other => Role::Agent,
    }
}

fn builder_role(clean: &str) -> Role {
    if let Some(line) = legacy::line(clean) {
        return match line {
            legacy::Line::Step { .. } => Role::Header,
            legacy::Line::NonZero { .. } => Role::Error,
            legacy::Line::CacheHit => Role::Cached,
            legacy::Line::Built | legacy::Line::Tagged => Role::Done,
            legacy::Line::Context
            | legacy::Line::RunningIn(_)
            | legacy::Line::Layer(_)
            | legacy::Line::Removing(_) => Role::Status,
        };
    }
    match buildah::line(clean) {
        Some(buildah::Line::Step { .. }) => Role::Header,
        Some(buildah::Line::Error(_)) => Role::Error,
        Some(buildah::Line::CacheHit) => Role::Cached,
        Some(buildah::Line::Commit) => Role::Done,
        None if legacy::non_zero(clean).is_some() => Role::Error,
        None => Role::Output,
    }
}

/// What a line says without its prefix, and its second where it has one.
///
/// `#6 0.340 text` gives the second and `text`; other vertex lines lose their
/// number, agent lines their `[Container]` stamp. Everything else is itself.
pub fn payload(clean: &str) -> (Option<f64>, &str) {
    let clean = carried(clean);
    match clean.as_bytes().first() {
        Some(b'#') => match buildkit::vertex(clean) {
            Some(buildkit::Vertex { line: buildkit::Line::Output { seconds, text }, .. }) => {
                (Some(seconds), text)
            }
            Some(_) => (None, clean.split_once(' ').map_or(clean, |(_, rest)| rest)),
            None => (None, clean),
        },
        Some(b'[') => match stamped(clean) {
            Some(agent) => (None, agent.text),
            None => (None, clean),
        },
        _ => (None, clean),
    }
}
