//! Durations as people write them.

use std::time::Duration;

/// Reads `500ms`, `3s`, `1.5s`, `5m` or `1h`; `None` for anything else. A
/// number without a unit is refused: seconds and milliseconds are both likely.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(at);
    let seconds_per_unit = match unit.trim() {
        "ms" => 0.001,
        "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let seconds = number.parse::<f64>().ok()? * seconds_per_unit;
    // A day bounds every duration we have; it keeps out absurd numbers.
    if seconds > 86_400.0 {
        return None;
    }
    let nanos = Duration::try_from_secs_f64(seconds).ok()?;
    // 0.25 s and 250 ms are the same; floating point must not tell them apart.
    Some(Duration::from_micros((nanos.as_secs_f64() * 1e6).round() as u64))
}

/// Writes a duration the way [`parse_duration`] reads it.
pub fn format_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0 => "0s".to_owned(),
        _ if ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        _ if ms.is_multiple_of(1000) => format!("{}s", ms / 1000),
        _ => format!("{ms}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, ms) in [
            ("250ms", 250),
            ("3s", 3000),
            (" 1.5s ", 1500),
            ("0.25s", 250),
            ("5m", 300_000),
            ("2 min", 120_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(ms)), "{text}");
        }
        for bad in ["", "3", "s", "3x", "-1s", "1.2.3s", "999999999999999h", "3s4", "∞s", "NaNs"]
        {
            assert_eq!(parse_duration(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for ms in [250, 1000, 1500, 3000, 60_000, 90_000, 300_000] {
            let duration = Duration::from_millis(ms);
            assert_eq!(parse_duration(&format_duration(duration)), Some(duration));
        }
    }
}
