//! The CodeBuild agent's lines: `[Container] 2026/01/22 23:28:03.574404 …`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// An agent line: when it was printed and what it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stamped<'a> {
    /// Microseconds since the epoch, UTC; `None` where the stamp can't be read.
    pub micros: Option<i64>,
    /// The text after the stamp, leading spaces removed.
    pub text: &'a str,
}

impl Stamped<'_> {
    /// When the line was printed.
    pub fn at(&self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.micros?).ok()
    }
}

/// What an agent line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// `Entering phase BUILD` (or `Entering phase: BUILD`), and
    /// `Phase is DOWNLOAD_SOURCE`.
    Entering(&'a str),
    /// `Running command docker build …`: the command's first line.
    Running(&'a str),
    /// `Command did not exit successfully … exit status 1`. The status may be
    /// on a later line when the command has several.
    Failed {
        /// The exit status, when this line has it.
        code: Option<i32>,
    },
    /// `Phase complete: BUILD State: FAILED` (or `Success: false`).
    Complete {
        /// The phase.
        phase: &'a str,
        /// The state word: `SUCCEEDED`, `FAILED`, …; `true` or `false` in old logs.
        state: &'a str,
    },
    /// `Phase context status code: X Message: Y`, also when both are empty.
    Context {
        /// The status code, often empty.
        code: &'a str,
        /// The message, often empty.
        message: &'a str,
    },
    /// Anything else the agent says.
    Other,
}

/// Splits an agent line; `None` for a line that isn't the agent's.
pub fn stamped(text: &str) -> Option<Stamped<'_>> {
    let rest = text.strip_prefix("[Container] ")?;
    let b = rest.as_bytes();
    let Some((micros, len)) = stamp(b) else {
        return Some(Stamped { micros: None, text: rest.trim_start() });
    };
    Some(Stamped { micros: Some(micros), text: rest.get(len..).unwrap_or("").trim_start() })
}

/// Reads `2026/01/22 23:28:03[.574404]`: microseconds and length.
fn stamp(b: &[u8]) -> Option<(i64, usize)> {
    let num = |at: usize, len: usize| -> Option<i64> {
        b.get(at..at + len)?
            .iter()
            .try_fold(0i64, |n, c| c.is_ascii_digit().then(|| n * 10 + i64::from(c - b'0')))
    };
    for (at, mark) in [(4, b'/'), (7, b'/'), (10, b' '), (13, b':'), (16, b':')] {
        if b.get(at) != Some(&mark) {
            return None;
        }
    }
    let small = |n: i64| i8::try_from(n).ok();
    let date = DateTime::new(
        i16::try_from(num(0, 4)?).ok()?,
        small(num(5, 2)?)?,
        small(num(8, 2)?)?,
        small(num(11, 2)?)?,
        small(num(14, 2)?)?,
        small(num(17, 2)?)?.min(59),
        0,
    )
    .ok()?;
    let mut micros = Offset::UTC.to_timestamp(date).ok()?.as_microsecond();
    let mut len = 19;
    if b.get(19) == Some(&b'.') {
        let digits = b.iter().skip(20).take_while(|c| c.is_ascii_digit()).count();
        for at in 0..6 {
            let digit = if at < digits { num(20 + at, 1)? } else { 0 };
            micros += digit * 10i64.pow(5 - at as u32);
        }
        len = 20 + digits;
    }
    Some((micros, len))
}

/// What the text of an agent line says.
pub fn line(text: &str) -> Line<'_> {
    let parsed = match text.as_bytes().first() {
        Some(b'E') => text
            .strip_prefix("Entering phase")
            .map(|rest| Line::Entering(rest.strip_prefix(':').unwrap_or(rest).trim())),
        Some(b'R') => text.strip_prefix("Running command ").map(Line::Running),
        Some(b'C') => text
            .strip_prefix("Command did not exit successfully")
            .map(|rest| Line::Failed { code: exit_status(rest) }),
        Some(b'P') => phase(text),
        _ => None,
    };
    match parsed {
        Some(Line::Entering("")) | None => Line::Other,
        Some(line) => line,
    }
}

fn phase(text: &str) -> Option<Line<'_>> {
    let rest = text.strip_prefix("Phase ")?;
    if let Some(name) = rest.strip_prefix("is ") {
        return is_phase_name(name).then_some(Line::Entering(name));
    }
    if let Some(rest) = rest.strip_prefix("complete: ") {
        let (phase, tail) = rest.split_once(' ')?;
        let state = tail.trim_start().split_once(": ").map_or("", |(_, state)| state.trim());
        return Some(Line::Complete { phase, state });
    }
    let rest = rest.strip_prefix("context status code:")?;
    let (code, message) = rest.split_once("Message:").unwrap_or((rest, ""));
    Some(Line::Context { code: code.trim(), message: message.trim() })
}

fn is_phase_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// The number behind the last `exit status ` that ends a text.
pub fn exit_status(text: &str) -> Option<i32> {
    let (_, tail) = text.rsplit_once("exit status ")?;
    tail.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, Line<'_>) {
        let stamped = stamped(text).unwrap();
        (stamped.at().map(|t| t.to_string()), line(stamped.text))
    }

    #[test]
    fn stamps_with_and_without_fraction() {
        assert_eq!(
            read("[Container] 2026/01/22 23:28:03.574404 Entering phase BUILD"),
            (Some("2026-01-22T23:28:03.574404Z".into()), Line::Entering("BUILD"))
        );
        assert_eq!(
            read("[Container] 2023/08/28 01:02:03 Entering phase: POST_BUILD"),
            (Some("2023-08-28T01:02:03Z".into()), Line::Entering("POST_BUILD"))
        );
        assert_eq!(
            read("[Container] 2026/01/22 23:28:03.5  INSTALL: 2 commands"),
            (Some("2026-01-22T23:28:03.5Z".into()), Line::Other)
        );
        assert_eq!(read("[Container] 2026/13/45 99:99:99 x"), (None, Line::Other));
        assert_eq!(stamped("[notice] 2026"), None);
    }

    #[test]
    fn phases_end_in_two_dialects() {
        let complete = |phase, state| Line::Complete { phase, state };
        assert_eq!(line("Phase complete: BUILD State: FAILED"), complete("BUILD", "FAILED"));
        assert_eq!(line("Phase complete: BUILD Success: false"), complete("BUILD", "false"));
        assert_eq!(line("Phase is DOWNLOAD_SOURCE"), Line::Entering("DOWNLOAD_SOURCE"));
        assert_eq!(line("Phase is over, friends"), Line::Other);
        assert_eq!(
            line("Phase context status code:  Message: "),
            Line::Context { code: "", message: "" }
        );
        assert_eq!(
            line("Phase context status code: Decrypted Variables Error Message: no key"),
            Line::Context { code: "Decrypted Variables Error", message: "no key" }
        );
    }

    #[test]
    fn a_failed_commands_status_may_come_later() {
        assert_eq!(
            line("Command did not exit successfully docker build . exit status 1"),
            Line::Failed { code: Some(1) }
        );
        assert_eq!(line("Command did not exit successfully set -e"), Line::Failed { code: None });
    }
}
