//! How long the service asks to wait.

use std::time::{Duration, SystemTime};

/// The longest wait: a person in front of the screen wants to know sooner.
pub(super) const LONGEST: Duration = Duration::from_secs(5 * 60);
/// A service that asks for more than this has a bug.
const ABSURD: Duration = Duration::from_secs(60 * 60);
/// How long it wants us to wait isn't known then: so long, as for faults that say nothing.
const INSTEAD: Duration = Duration::from_secs(60);

/// The wait that a `Retry-After` header asks for: seconds, or an HTTP date,
/// which counts from the `Date` header of the same answer, because the clocks
/// of the two machines may differ; from `now` when there is none.
///
/// `None` when it says nothing usable: absent, negative, past, or nonsense.
pub(super) fn wait(
    retry_after: Option<&str>,
    date: Option<&str>,
    now: SystemTime,
) -> Option<Duration> {
    let text = retry_after?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let wait = || Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        return (seconds > 0.0).then(|| believed(wait()));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let from = date.and_then(|d| httpdate::parse_http_date(d.trim()).ok()).unwrap_or(now);
    let wait = at.duration_since(from).ok()?;
    (!wait.is_zero()).then(|| believed(wait))
}

fn believed(wait: Duration) -> Duration {
    if wait > ABSURD { INSTEAD } else { wait.min(LONGEST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap()
    }

    fn wait_s(retry_after: &str, date: Option<&str>) -> Option<f64> {
        wait(Some(retry_after), date, now()).map(|d| d.as_secs_f64())
    }

    #[test]
    fn seconds_are_taken_and_bounded() {
        assert_eq!(wait_s("7", None), Some(7.0));
        assert_eq!(wait_s(" 1.5 ", None), Some(1.5));
        assert_eq!(wait_s("300", None), Some(300.0));
        for long in ["301", "3600"] {
            assert_eq!(wait_s(long, None), Some(300.0), "{long}");
        }
        for absurd in ["3601", "86400", "99999999999999999999999999", "1e300", "inf"] {
            assert_eq!(wait_s(absurd, None), Some(60.0), "{absurd}");
        }
    }

    #[test]
    fn nonsense_says_nothing() {
        for text in ["", "0", "-5", "-inf", "NaN", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(wait_s(text, None), None, "{text}");
        }
        assert_eq!(wait(None, None, now()), None);
    }

    #[test]
    fn a_date_counts_from_the_answers_own_clock() {
        let at = "Sun, 06 Nov 1994 09:00:10 GMT";
        assert_eq!(wait_s(at, Some("Sun, 06 Nov 1994 09:00:00 GMT")), Some(10.0));
        assert_eq!(wait_s(at, Some("Sun, 06 Nov 1994 09:00:11 GMT")), None, "past");
        assert_eq!(wait_s("Sun, 06 Nov 1994 08:49:40 GMT", None), Some(3.0));
        assert_eq!(wait_s("Sun, 06 Nov 1994 08:49:40 GMT", Some("nonsense")), Some(3.0));
        assert_eq!(wait_s("Sun, 06 Nov 1994 09:19:40 GMT", None), Some(300.0));
        assert_eq!(wait_s("Sat, 06 Nov 2094 08:49:40 GMT", None), Some(60.0));
        assert_eq!(wait_s("Sunday, 06-Nov-94 08:49:40 GMT", None), Some(3.0), "the older form");
    }
}
