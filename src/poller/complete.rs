//! When a log is complete.
//!
//! The log of a build that is over goes on for a while: lines reach the
//! service up to half a minute after the terminal status, and some of them come
//! before others that are there already. So [`LATE`] must have passed since that
//! status was seen, and [`QUIET`] for the replicas that lag; what is read of the
//! whole log then is the last word, even if it is news.
//!
//! The agent closes its last phase, UPLOAD_ARTIFACTS, and says how: nothing
//! follows that, and the log of a build that was followed can be left alone
//! until then. Of a build that was over when it was first looked at, that is
//! sign enough, and so is the end of the phase before, POST_BUILD, if its record says
//! that it was over for long; but not if that says that it was over a moment ago.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::BuildStatus;

use super::stitch::is_agent;

/// For so long nothing may have changed before the log is read for the last time,
/// and so far may a replica be behind.
pub const QUIET: Duration = Duration::from_secs(5);
/// How late lines can be, where nobody says otherwise.
pub const LATE: Duration = Duration::from_secs(30);

/// For this part of the time up to the last reading there is none before it.
const NEAR: u32 = 3;

/// What the end of the log says about the agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closing {
    /// It hasn't said that it is done.
    #[default]
    Open,
    /// It has finished what comes after the build, and may still upload.
    Built,
    /// It has finished its last phase, and said how.
    Closed,
}

impl Closing {
    /// What the last lines of a log say, in order. Looks at agent lines only.
    pub fn of<'a>(lines: impl DoubleEndedIterator<Item = &'a [u8]>) -> Self {
        let has = |line: Option<&[u8]>, what| line.is_some_and(|line| says(line, what));
        let mut said = lines.rev().filter(|line| is_agent(line));
        let (last, before) = (said.next(), said.next());
        match has(last, b"Phase context status code:") {
            true if has(before, b"Phase complete: UPLOAD_ARTIFACTS") => Self::Closed,
            true if has(before, b"Phase complete: POST_BUILD") => Self::Built,
            _ => Self::Open,
        }
    }
}

/// Whether the agent closes the log of a build that ended like this. One that was stopped
/// can do without.
pub fn closes(status: &BuildStatus) -> bool {
    matches!(status, BuildStatus::Success | BuildStatus::Failed)
}

/// Whether the agent speaks in these lines, the first of a log, and doesn't say that its
/// build phase is over.
pub(super) fn is_building<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut said = lines.filter(|line| is_agent(line));
    said.next().is_some() && !said.any(|line| says(line, b"Phase complete: BUILD "))
}

fn says(line: &[u8], what: &[u8]) -> bool {
    line.windows(what.len()).any(|part| part == what)
}

/// How long ago a build was over, if lines of it may still come that are so `late`, by
/// the one of these clocks by which it was over last: one that is behind has nothing to
/// say but that it was over a moment ago.
pub fn ended(
    completed: Timestamp,
    clocks: impl IntoIterator<Item = Timestamp>,
    late: Duration,
) -> Option<Duration> {
    let ago =
        |now: Timestamp| Duration::try_from(now.duration_since(completed)).unwrap_or_default();
    clocks.into_iter().map(ago).min().filter(|ago| *ago < late + QUIET)
}

/// What is known of the end of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The time since the terminal status was seen.
    pub terminal: Duration,
    /// The time from the last answer that changed the log (or from the first one
    /// after the terminal status) to the latest one.
    pub quiet: Duration,
    /// What the agent said.
    pub closing: Closing,
    /// What the agent must have said for the log to be complete, of a build that was over
    /// when it was first looked at; `None` where nothing it says is enough.
    pub past: Option<Closing>,
    /// How late lines can be.
    pub late: Duration,
}

impl End {
    /// Whether the log is to be read for the last time.
    pub fn is_due(self) -> bool {
        self.quiet >= QUIET && self.is_final()
    }

    /// Whether what is read of the whole log now needs no other look.
    pub fn is_final(self) -> bool {
        let closed = self.past.is_some_and(|least| self.closing >= least);
        closed && self.quiet >= QUIET || self.terminal >= self.late + QUIET
    }

    /// A wait of this length, or up to the last reading if it would end so shortly before
    /// that one that a reading isn't worth what it costs.
    pub fn spared(self, wait: Duration) -> Duration {
        let last = self.late + QUIET;
        let near = last - last / NEAR..last;
        if near.contains(&(self.terminal + wait)) {
            last.saturating_sub(self.terminal)
        } else {
            wait
        }
    }

    /// How long nothing but a line that comes late can change the log.
    pub fn rest(self) -> Option<Duration> {
        let closed = self.quiet >= QUIET && self.closing == Closing::Closed;
        let rest = (self.late + QUIET).checked_sub(self.terminal);
        rest.filter(|rest| closed && !rest.is_zero())
    }
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
        assert_eq!(closing(&format!("{post}{context}")), Closing::Built);
        assert_eq!(
            closing(&format!("{upload}{context}[Container] t Expanding .\n")),
            Closing::Open
        );
        assert_eq!(closing(&format!("{upload}{context}\n")), Closing::Closed);
        assert_eq!(closing(upload), Closing::Open, "the rest of it is still to come");
    }

    #[test]
    fn the_agent_says_when_its_build_phase_is_over() {
        let building = |log: &str| is_building(log.lines().map(str::as_bytes));
        let agent = "[Container] t Running on CodeBuild\n#7 0.1 Phase complete: BUILD \n";
        assert!(building(agent));
        assert!(building(&format!("{agent}[Container] t Phase complete: PRE_BUILD State: x\n")));
        assert!(!building(&format!("{agent}[Container] t Phase complete: BUILD State: FAILED\n")));
        assert!(!building("") && !building("#7 0.1 a log without the agent"));
    }

    #[test]
    fn a_build_that_was_over_a_moment_ago_may_have_late_lines() {
        let completed: Timestamp = "2026-11-27T10:00:00Z".parse().unwrap();
        let ended = |seconds: i64| {
            let now = completed + jiff::SignedDuration::from_secs(seconds);
            ended(completed, [now], LATE).map(|ago| ago.as_secs())
        };
        assert_eq!(ended(0), Some(0));
        assert_eq!(ended(34), Some(34));
        assert_eq!(ended(35), None);
        assert_eq!(ended(-20), Some(0), "our clock is behind");
        assert_eq!(ended(-3600), Some(0), "so far that nothing is known of it");
    }

    #[test]
    fn right_before_the_last_reading_there_is_no_other() {
        let spared = |terminal, wait| {
            let end = end(terminal, 1, Closing::Open, false);
            end.spared(Duration::from_secs(wait)).as_secs()
        };
        assert_eq!(spared(0, 10), 10);
        assert_eq!(spared(20, 3), 3);
        assert_eq!(spared(20, 4), 15);
        assert_eq!(spared(30, 3), 5);
        assert_eq!(spared(30, 5), 5);
        assert_eq!(spared(40, 3), 3);
    }

    fn end(terminal: u64, quiet: u64, closing: Closing, past: bool) -> End {
        let past = past.then_some(Closing::Built);
        let (terminal, quiet) = (Duration::from_secs(terminal), Duration::from_secs(quiet));
        End { terminal, quiet, closing, past, late: LATE }
    }

    #[test]
    fn late_lines_are_waited_for() {
        let due = |t, q, closing| end(t, q, closing, false).is_due();
        assert!(!due(9, 5, Closing::Closed), "some come before the last words");
        assert!(!due(34, 34, Closing::Open), "a replica may be behind");
        assert!(!due(35, 3, Closing::Open));
        assert!(due(35, 6, Closing::Open));
        assert!(due(35, 6, Closing::Closed));
    }

    #[test]
    fn of_a_build_that_was_over_the_last_words_are_enough() {
        let due = |t, q, closing| end(t, q, closing, true).is_due();
        assert!(!due(9, 4, Closing::Closed));
        assert!(due(9, 5, Closing::Closed));
        assert!(due(9, 5, Closing::Built));
        assert!(!due(34, 34, Closing::Open));
    }

    #[test]
    fn of_a_build_that_was_over_nobody_says_since_when_only_the_very_last_words_are() {
        let past = Some(Closing::Closed);
        let due = |closing| End { past, ..end(9, 5, closing, false) }.is_due();
        assert!(due(Closing::Closed) && !due(Closing::Built) && !due(Closing::Open));
    }

    #[test]
    fn what_no_line_can_follow_needs_no_other_look() {
        let last = |t, q, closing, past| end(t, q, closing, past).is_final();
        assert!(last(35, 0, Closing::Open, false), "though it was news");
        assert!(!last(34, 0, Closing::Closed, true));
        assert!(last(9, 5, Closing::Closed, true));
    }

    #[test]
    fn after_the_last_words_the_log_rests_until_no_line_can_come() {
        let rest = |t, q, closing| end(t, q, closing, false).rest().map(|rest| rest.as_secs());
        assert_eq!(rest(9, 5, Closing::Closed), Some(26));
        assert_eq!(rest(9, 4, Closing::Closed), None);
        assert_eq!(rest(9, 5, Closing::Open), None);
        assert_eq!(rest(9, 5, Closing::Built), None, "what it uploads is still to be said");
        assert_eq!(rest(35, 5, Closing::Closed), None);
    }
}
