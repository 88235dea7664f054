//! One log event to lines.

/// The lines of one log event (one element of `logs`).
///
/// The service's elements are CloudWatch events, and an event may hold several
/// lines or a trailing line end (domain.md §3.3, rule 4). Line ends (`\n` or
/// `\r\n`) are taken off, blank lines are kept, and an empty event is one blank
/// line. A `\r` elsewhere stays: it is a progress bar's business, not ours.
pub fn split_event(event: &[u8]) -> impl Iterator<Item = &[u8]> {
    let blank = event.is_empty().then_some(event);
    event.split_inclusive(|&b| b == b'\n').map(without_end).chain(blank)
}

fn without_end(line: &[u8]) -> &[u8] {
    match line.strip_suffix(b"\n") {
        Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(event: &str) -> Vec<&str> {
        split_event(event.as_bytes()).map(|l| std::str::from_utf8(l).unwrap()).collect()
    }

    #[test]
    fn an_event_is_one_line_with_or_without_its_end() {
        for event in ["a", "a\n", "a\r\n"] {
            assert_eq!(lines(event), ["a"], "{event:?}");
        }
    }

    #[test]
    fn blank_lines_are_kept() {
        assert_eq!(lines(""), [""]);
        assert_eq!(lines("\n"), [""]);
        assert_eq!(lines("\r\n"), [""]);
        assert_eq!(lines("a\n\nb\r\n\r\n"), ["a", "", "b", ""]);
    }

    #[test]
    fn a_carriage_return_that_ends_no_line_stays() {
        assert_eq!(lines("10%\r20%\r30%"), ["10%\r20%\r30%"]);
        assert_eq!(lines("10%\r"), ["10%\r"]);
        assert_eq!(lines("a\r\nb\r"), ["a", "b\r"]);
    }
}
