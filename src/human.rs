//! Numbers as people read them: durations, sizes, counts, ages.

/// A duration in seconds, two units at most: `0.4s`, `28s`, `1m 33s`, `2h 05m`.
///
/// Negative and non-finite values give `0s`: they come from clocks that
/// disagree, and mean nothing to a reader. So does what would be `0.0s`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.05 {
        return "0s".to_owned();
    }
    if seconds < 9.95 {
        return format!("{seconds:.1}s");
    }
    // Far past any build; keeps the conversion below in range.
    let whole = seconds.round().min(1e12) as u64;
    let (h, m, s) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (h, m) {
        (0, 0) => format!("{s}s"),
        (0, _) => format!("{m}m {s:02}s"),
        _ => format!("{h}h {m:02}m"),
    }
}

/// A running clock in whole seconds: `0:07`, `12:40`, `1:02:03`.
pub fn clock(seconds: f64) -> String {
    let whole = if seconds.is_finite() { seconds.clamp(0.0, 1e12) as u64 } else { 0 };
    let (h, m, s) = (whole / 3600, whole / 60 % 60, whole % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// A size in bytes, in decimal units as BuildKit prints them: `688 B`, `4.3 kB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if n < 1000 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be printed as 1000.0.
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS.get(unit).copied().unwrap_or("TB"))
}

/// A count with thousands apart: `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 line`, `2 lines`, `1,000 lines`.
pub fn plural(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", count(n)) }
}

/// A text from outside as it may stand in a message: printable, in quotes, and
/// at most 60 of its characters.
pub fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    format!("{short:?}{}", if short.len() < text.len() { "…" } else { "" })
}

/// How long ago something was: `just now`, `2s ago`, `5m ago`, `3h ago`, `2d ago`.
pub fn age(seconds: f64) -> String {
    let whole = if seconds.is_finite() { seconds.clamp(0.0, 1e12) as u64 } else { 0 };
    match whole {
        0 => "just now".to_owned(),
        1..60 => format!("{whole}s ago"),
        60..3600 => format!("{}m ago", whole / 60),
        3600..86_400 => format!("{}h ago", whole / 3600),
        _ => format!("{}d ago", whole / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        let cases = [
            (0.0, "0s"),
            (-3.0, "0s"),
            (f64::NAN, "0s"),
            (0.04, "0s"),
            (0.06, "0.1s"),
            (0.42, "0.4s"),
            (9.94, "9.9s"),
            (9.96, "10s"),
            (59.6, "1m 00s"),
            (93.0, "1m 33s"),
            (7500.0, "2h 05m"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn sizes_never_show_a_thousand() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_999, "1.0 MB"),
            (45_678_901, "45.7 MB"),
        ];
        for (n, text) in cases {
            assert_eq!(bytes(n), text, "{n}");
        }
    }

    #[test]
    fn counts_and_clocks() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(plural(1, "line"), "1 line");
        assert_eq!(plural(1000, "line"), "1,000 lines");
        assert_eq!(clock(7.9), "0:07");
        assert_eq!(clock(3723.0), "1:02:03");
        assert_eq!(age(0.3), "just now");
        assert_eq!(age(7300.0), "2h ago");
    }
}
