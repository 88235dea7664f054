//! How often to ask for the log, given what an answer costs.

use std::time::Duration;

/// Bytes a second that following one build may cost on average.
const RATE: u64 = 64 * 1024;
/// However large the log, it is asked for this often.
const LONGEST: Duration = Duration::from_secs(30);

/// A log that has cost enough is asked for this often,
pub const SPARING: Duration = Duration::from_secs(10);
/// or as seldom as this, until it is longer.
pub const SPARING_MOST: Duration = Duration::from_secs(20);
/// Where each answer repeats lines to be recognised by, a few new ones wait so long for
/// others,
pub const PATIENT: Duration = Duration::from_secs(30);
/// and so long in a log of fewer bytes, of which that is a large part.
pub const PATIENT_IN_SHORT: (Duration, u64) = (Duration::from_secs(45), 16 << 10);

/// The shortest and the longest poll interval a user can choose.
pub const INTERVALS: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(250)..=Duration::from_secs(300);

/// The wait before the log is asked for again, after an answer of so many bytes.
///
/// A service that always serves the log from its start can't be asked for
/// less, only less often: an answer of a megabyte is worth 16 seconds.
pub fn log_wait(interval: Duration, bytes: u64) -> Duration {
    let worth = Duration::from_millis(bytes.saturating_mul(1000) / RATE);
    interval.max(worth.min(LONGEST.max(interval)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_answer_is_asked_for_less_often() {
        let three = Duration::from_secs(3);
        assert_eq!(log_wait(three, 0), three);
        assert_eq!(log_wait(three, 100 << 10), three);
        assert_eq!(log_wait(three, 1 << 20), Duration::from_secs(16));
        assert_eq!(log_wait(three, u64::MAX), Duration::from_secs(30));
        assert_eq!(log_wait(Duration::from_secs(60), u64::MAX), Duration::from_secs(60));
    }
}
