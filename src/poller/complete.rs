//! When a log is complete.
//!
//! The log of a build that is over goes on for a while: lines reach the
//! service up to half a minute after the terminal status. Two signs, in
//! order of what they are worth:
//!
//! 1. The agent closed its last phase, UPLOAD_ARTIFACTS, and said how: nothing
//!    follows that, but lines before it may still come late. Complete when
//!    nothing has changed for [`QUIET`].
//! 2. It did not (the build timed out, or the lines are late): nothing may change
//!    for [`QUIET`], and [`LATE`] must have passed since the terminal status.

use std::time::Duration;

/// Two identical answers this far apart are needed.
pub const QUIET: Duration = Duration::from_secs(5);
/// How late lines can be.
pub const LATE: Duration = Duration::from_secs(30);

/// What the end of the log says about the agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// It hasn't said that it is done.
    #[default]
    Open,
    /// It has finished its last phase, and said how.
    Closed,
}

impl Closing {
    /// What the last lines of a log say, in order. Looks at agent lines only.
    pub fn of<'a>(lines: impl DoubleEndedIterator<Item = &'a [u8]>) -> Self {
        let has = |line: Option<&[u8]>, what: &[u8]| {
            line.is_some_and(|line| line.windows(what.len()).any(|part| part == what))
        };
        let mut said = lines.rev().filter(|line| line.starts_with(b"[Container] "));
        let (last, before) = (said.next(), said.next());
        match has(last, b"Phase context status code:")
            && has(before, b"Phase complete: UPLOAD_ARTIFACTS")
        {
            true => Self::Closed,
            false => Self::Open,
        }
    }
}

/// Whether the log is complete.
///
/// `terminal` is the time since the terminal status was seen, `quiet` the time
/// from the last answer that changed the log (or from the first one after the
/// terminal status) to the latest one.
pub fn is_complete(terminal: Duration, quiet: Duration, closing: Closing) -> bool {
    quiet >= QUIET && (closing == Closing::Closed || terminal >= LATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closing(log: &str) -> Closing {
        Closing::of(log.lines().map(str::as_bytes))
    }

    #[test]
    fn the_agent_says_when_it_is_done() {
        let post = "[Container] t Phase complete: POST_BUILD State: SUCCEEDED\n";
        let upload = "[Container] t Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED\n";
        let context = "[Container] t Phase context status code:  Message: \n";
        assert_eq!(closing(""), Closing::Open);
        assert_eq!(closing("#6 DONE 0.0s"), Closing::Open);
        assert_eq!(closing(post), Closing::Open);
        assert_eq!(closing(&format!("{post}{context}")), Closing::Open);
        assert_eq!(
            closing(&format!("{upload}{context}[Container] t Expanding .\n")),
            Closing::Open
        );
        assert_eq!(closing(&format!("{upload}{context}\n")), Closing::Closed);
        assert_eq!(closing(upload), Closing::Open, "the rest of it is still to come");
    }

    #[test]
    fn late_lines_are_waited_for() {
        let s = Duration::from_secs;
        assert!(!is_complete(s(9), s(4), Closing::Closed));
        assert!(is_complete(s(9), s(5), Closing::Closed));
        assert!(!is_complete(s(29), s(29), Closing::Open));
        assert!(!is_complete(s(31), s(3), Closing::Open));
        assert!(is_complete(s(31), s(6), Closing::Open));
    }
}
