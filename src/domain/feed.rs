//! The contract between what delivers a log and what shows it.
//!
//! A source (the poller, a file tailer, standard input, a test) sends
//! [`FeedEvent`]s over a bounded channel and obeys [`FeedCommand`]s from
//! another. Neither side knows more of the other than is written here.

use std::time::Instant;

use super::Build;

/// How many lines are missing at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Missing {
    /// Exactly this many (at least one).
    Lines(u64),
    /// Some lines may be missing; how many can't be known.
    Unknown,
}

impl Missing {
    /// The sentence that stands in a log where lines are missing.
    pub fn sentence(self) -> String {
        match self {
            Self::Lines(1) => "--- buildcat: 1 line missing here ---".to_owned(),
            Self::Lines(n) => format!("--- buildcat: {n} lines missing here ---"),
            Self::Unknown => "--- buildcat: an unknown number of lines missing here ---".to_owned(),
        }
    }
}

/// One run of new log content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Lines as served, each ended by `\n`; not sanitised. A last line without
    /// its `\n` is unfinished: the next text goes on with it.
    Text(Vec<u8>),
    /// A place where lines are missing.
    Gap(Missing),
}

/// A change to the log: keep what comes first, drop what follows, append.
///
/// Nearly every patch keeps all there is; one that keeps less repairs the log
/// (lines were inserted late, or the source was truncated).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// How many positions (lines and gaps) of the log stay; `None` for all.
    pub keep: Option<u32>,
    /// What is appended after them.
    pub append: Vec<Piece>,
}

impl Patch {
    /// A patch that appends whole lines and keeps all that is there.
    pub fn text(bytes: impl Into<Vec<u8>>) -> Self {
        Self { keep: None, append: vec![Piece::Text(bytes.into())] }
    }

    /// Whether applying it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.keep.is_none()
            && self.append.iter().all(|p| matches!(p, Piece::Text(t) if t.is_empty()))
    }
}

/// Something that went wrong, as sentences for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A few words for a status bar: `503`, `refused (401)`, `no network`.
    pub brief: String,
    /// What was asked, what came back, and what to do next.
    pub sentence: String,
}

/// How the connection to the source is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing has answered yet.
    Connecting,
    /// The last request was answered.
    Ok {
        /// When that answer came.
        at: Instant,
    },
    /// The last request failed; another follows by itself.
    Retrying {
        /// When the next request goes out.
        at: Instant,
        /// How many requests in a row have failed (at least 1).
        failures: u32,
        /// Why.
        why: Problem,
    },
    /// Polling is paused on command.
    Paused,
    /// Polling stopped because asking again can't help until the user acts.
    Stopped {
        /// Why.
        why: Problem,
    },
    /// Everything there is has been read.
    Complete,
}

/// A fact that a source reports.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedEvent {
    /// The log changed.
    Log(Patch),
    /// Just now everything from this position on was shown once more, by an
    /// answer that would have shown what belongs between.
    Seen(u32),
    /// The file that holds the log has grown; the store reads it itself.
    Grew,
    /// The file that holds the log was truncated or replaced; the store is to
    /// open it again and begin anew.
    Reopened,
    /// The build's record, as it is now.
    Build(Box<Build>),
    /// How the source is doing.
    Health(Health),
    /// Something a person should know that doesn't stop the feed: the file
    /// was truncated and reopened, the service cut the log off.
    Notice(String),
    /// No more events follow. For a build: it is over and its log complete.
    End,
}

/// What a source can be asked to do. It obeys at once, whatever it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedCommand {
    /// Ask now instead of at the next turn; also retries after `Stopped`.
    Refresh,
    /// Stop asking until resumed.
    Pause,
    /// Go on after a pause.
    Resume,
    /// End the task.
    Stop,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_says_how_many_lines_are_missing() {
        assert_eq!(Missing::Lines(12).sentence(), "--- buildcat: 12 lines missing here ---");
        assert_eq!(
            Missing::Unknown.sentence(),
            "--- buildcat: an unknown number of lines missing here ---"
        );
    }

    #[test]
    fn an_empty_patch_changes_nothing() {
        assert!(Patch::default().is_empty());
        assert!(Patch::text("").is_empty());
        assert!(!Patch { keep: Some(0), append: vec![] }.is_empty());
        assert!(!Patch { keep: None, append: vec![Piece::Gap(Missing::Unknown)] }.is_empty());
    }
}
