//! How long to wait after a request that failed.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait of our own choosing.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest wait the service can ask for; a request for more is taken for a
/// mistake.
const LONGEST_ASKED: Duration = Duration::from_secs(5 * 60);

/// The wait after `failures` failures in a row (at least 1).
///
/// Doubles from one second (or the poll interval, if that is less) to a minute
/// and takes between half and all of it; `chance` is from 0 to 1. What the
/// service asked for is a lower bound, up to five minutes, with a little
/// chance on top so that all who were refused don't come back at once.
pub fn backoff(
    failures: u32,
    interval: Duration,
    asked: Option<Duration>,
    chance: f64,
) -> Duration {
    let chance = if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 1.0 };
    let doubled = 2u32.saturating_pow(failures.saturating_sub(1).min(16));
    let most = FIRST.min(interval).saturating_mul(doubled).min(LONGEST.max(interval));
    let own = most.mul_f64(0.5 + chance / 2.0);
    match asked {
        Some(asked) => own.max(asked.min(LONGEST_ASKED).mul_f64(1.0 + chance / 10.0)),
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn it_doubles_up_to_a_minute() {
        let waits: Vec<f64> = [1, 2, 3, 6, 7, 8, 1000, u32::MAX]
            .map(|n| backoff(n, S(3), None, 1.0).as_secs_f64())
            .to_vec();
        assert_eq!(waits, [1.0, 2.0, 4.0, 32.0, 60.0, 60.0, 60.0, 60.0]);
    }

    #[test]
    fn chance_takes_up_to_half_away() {
        assert_eq!(backoff(3, S(3), None, 0.0), S(2));
        assert_eq!(backoff(3, S(3), None, f64::NAN), S(4));
    }

    #[test]
    fn what_the_service_asks_for_is_honoured_within_reason() {
        assert_eq!(backoff(1, S(3), Some(S(20)), 0.0), S(20));
        assert_eq!(backoff(1, S(3), Some(S(20)), 1.0), S(22));
        assert_eq!(backoff(6, S(3), Some(S(1)), 1.0), S(32));
        assert_eq!(backoff(1, S(3), Some(Duration::MAX), 0.0), S(300));
    }
}
