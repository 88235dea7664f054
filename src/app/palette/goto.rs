//! Places in a log as they are typed: a line, a percentage, a time.

use std::ops::Range;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::LineNo;
use crate::human;

use super::super::model::Model;
use super::super::moments::TimeColumn;
use super::super::moves::{resume, reveal, reveal_item, to_log};
use super::super::scroll::ItemNo;

/// The times that lines of a log tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Stamped, or reckoned from stamps.
    Stamped,
    /// Since the image build began, which nobody stamped.
    Relative,
    /// Nobody told any, but we saw the lines arrive.
    Received,
}

/// What is said of a log that can't be gone through by time.
pub(in crate::app) const NO_TIMES: &str = "The log tells no times";

/// Lines that are looked at to find one that tells a time.
const PROBE: usize = 2000;

/// A place in a log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// The line a person calls so.
    Line(u64),
    /// The last line.
    End,
    /// So much of what is shown.
    Percent(f64),
    /// The first line at that time of day or later.
    Clock(Time),
    /// The first line so many seconds after the build began, or later.
    Since(f64),
}

impl Target {
    /// What going there does, in a few words.
    pub fn about(self) -> String {
        match self {
            Self::Line(number) => format!("to line {}", human::count(number)),
            Self::End => "to the last line".to_owned(),
            Self::Percent(percent) => format!("to {percent}% of what is shown"),
            Self::Clock(time) => format!("to {}", of_day(time)),
            Self::Since(seconds) => {
                format!("to {} after the build began", human::duration(seconds))
            }
        }
    }
}

/// Reads a place; `None` for what doesn't look like one, a sentence for what
/// does and is none.
pub(super) fn parse(text: &str) -> Option<Result<Target, String>> {
    let text = text.trim();
    if text == "$" {
        return Some(Ok(Target::End));
    }
    if let Some(rest) = text.strip_prefix('+') {
        return Some(match seconds(rest.trim()) {
            Some(seconds) => Ok(Target::Since(seconds)),
            None => Err(format!("{text} is no time since the start; write +90s, +1m30s or +1:30")),
        });
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some(number) = text.strip_suffix('%') {
        return Some(match number.trim().parse::<f64>() {
            Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Target::Percent(percent)),
            _ => Err(format!("{text} is no percentage from 0% to 100%")),
        });
    }
    if text.contains(':') {
        return Some(clock(text).map(Target::Clock).ok_or_else(|| {
            format!(
                "{text} is no time of day; write 10:04 or 10:04:30 (+1:30 counts from the start)"
            )
        }));
    }
    let digits: String = text.chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
    Some(match digits.parse::<u64>() {
        Ok(0) => Err("lines count from 1".to_owned()),
        Ok(number) => Ok(Target::Line(number)),
        Err(_) => Err(format!("{text} is no line, percentage (50%) or time (10:04:30, +90s)")),
    })
}

/// `10:04`, `10:04:30`, `10:04:30.5`.
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let second: f64 = match parts.next() {
        Some(second) => second.parse().ok()?,
        None => 0.0,
    };
    if parts.next().is_some() || !(0.0..60.0).contains(&second) {
        return None;
    }
    Time::new(hour, minute, second as i8, (second.fract() * 1e9) as i32).ok()
}

/// `90`, `90s`, `1.5m`, `1h2m3s`, `500ms`, `1:30`, `1:02:03`.
fn seconds(text: &str) -> Option<f64> {
    if text.contains(':') {
        let mut sum = 0.0;
        for part in text.split(':') {
            let part: f64 = part.parse().ok()?;
            sum = sum * 60.0 + Some(part).filter(|part| *part >= 0.0)?;
        }
        return Some(sum);
    }
    let (mut sum, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(end)?;
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let unit = match unit.trim() {
            "s" | "" => 1.0,
            "ms" => 0.001,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * unit;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

fn of_day(time: Time) -> String {
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// Goes to a place.
pub(in crate::app) fn go(model: &mut Model, target: Target) {
    to_log(model);
    if model.log.store().is_empty() {
        model.answer = Some("There is no line yet".into());
        return;
    }
    match target {
        Target::Line(number) => line(model, number),
        Target::End => resume(model),
        Target::Percent(percent) => {
            let last = model.view.len(&model.log).saturating_sub(1);
            let item = (f64::from(last) * percent / 100.0).round() as u32;
            reveal_item(model, ItemNo::new(item.min(last)));
        }
        Target::Clock(time) => clock_time(model, time),
        Target::Since(seconds) => since(model, seconds),
    }
}

fn line(model: &mut Model, number: u64) {
    let store = model.log.store();
    let last = store.number(LineNo::new(store.len() - 1));
    if number > last {
        let so_far = model.so_far();
        let are = if last == 1 { "is" } else { "are" };
        let lines = human::plural(last, "line");
        model.answer = Some(format!("There {are} {lines}{so_far}"));
    }
    if let Some(line) = store.at_number(number) {
        model.scroll.left = 0;
        reveal(model, line);
    }
}

/// To a time of day, in the zone that the time column has.
fn clock_time(model: &mut Model, time: Time) {
    let zone = match model.time {
        TimeColumn::Local => model.options.zone.clone(),
        _ => TimeZone::UTC,
    };
    let kinds = [Kind::Stamped, Kind::Received];
    let Some((kind, first)) = kinds.iter().find_map(|k| Some((*k, first_time(model, *k)?))) else {
        let said = match first_time(model, Kind::Relative) {
            Some(_) => "The log tells no time of day; +90s goes by the time since the build began",
            None => NO_TIMES,
        };
        model.answer = Some(said.into());
        return;
    };
    let begun = model.build_start().map_or(first, |start| start.min(first));
    let Some(wanted) = next_at(begun, time, &zone) else {
        model.answer = Some(format!("There is no {} on the day of the build", of_day(time)));
        return;
    };
    at_or_after(model, wanted, kind, &of_day(time));
}

/// The time of day nearest to a build that began then: the same day's, or the
/// next one's when the build can only have passed midnight.
fn next_at(begun: f64, time: Time, zone: &TimeZone) -> Option<f64> {
    let start =
        Timestamp::from_microsecond((begun * 1e6) as i64).ok()?.to_zoned_datetime(zone.clone());
    let same_day = start.date().to_datetime(time).to_zoned_datetime(zone.clone()).ok()?.timestamp();
    // A build lasts an hour or two: what is half a day before it is after it.
    let half = SignedDuration::from_hours(12);
    let wanted = match same_day.duration_since(start.timestamp()) {
        far if far < -half => same_day.checked_add(SignedDuration::from_hours(24)).ok()?,
        far if far > half => same_day.checked_sub(SignedDuration::from_hours(24)).ok()?,
        _ => same_day,
    };
    Some(wanted.as_microsecond() as f64 / 1e6)
}

fn since(model: &mut Model, seconds: f64) {
    let said = format!("{} after the start", human::duration(seconds));
    let kinds = [Kind::Stamped, Kind::Relative, Kind::Received];
    match kinds.iter().find_map(|kind| Some((*kind, first_time(model, *kind)?))) {
        Some((Kind::Relative, _)) => at_or_after(model, seconds, Kind::Relative, &said),
        Some((kind, first)) => {
            let start = model.build_start().unwrap_or(first);
            at_or_after(model, start + seconds, kind, &said);
        }
        None => model.answer = Some(NO_TIMES.into()),
    }
}

/// To the first line that was printed then or later. Steps that ran side by
/// side are out of order by a little; so is the answer.
fn at_or_after(model: &mut Model, wanted: f64, kind: Kind, said: &str) {
    let (mut low, mut high) = (0, model.log.store().len());
    let mut found = None;
    while low < high {
        let middle = low + (high - low) / 2;
        match time_from(model, middle..high, kind) {
            // Lines without a time go with the one after them.
            Some((line, at)) if at < wanted => low = line.saturating_add(1),
            Some((line, _)) => (found, high) = (Some(line), middle),
            None => high = middle,
        }
    }
    model.scroll.left = 0;
    match found {
        Some(line) => reveal(model, LineNo::new(line)),
        None => {
            model.answer = Some(format!("Nothing was printed at {said} or later: this is the end"));
            let last = model.log.store().len().saturating_sub(1);
            reveal(model, LineNo::new(last));
        }
    }
}

/// The first of some lines that tells a time, and the time.
fn time_from(model: &Model, lines: Range<u32>, kind: Kind) -> Option<(u32, f64)> {
    lines.take(PROBE).find_map(|line| {
        let moment = model.moment(LineNo::new(line))?;
        let of = match (moment.received, moment.absolute) {
            (true, _) => Kind::Received,
            (false, true) => Kind::Stamped,
            (false, false) => Kind::Relative,
        };
        (of == kind).then_some((line, moment.at))
    })
}

fn first_time(model: &Model, kind: Kind) -> Option<f64> {
    time_from(model, 0..model.log.store().len(), kind).map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        parse(text).unwrap().unwrap()
    }

    #[test]
    fn lines_percentages_and_times_are_told_apart() {
        assert_eq!(target(" 123 "), Target::Line(123));
        assert_eq!(target("12,345"), Target::Line(12_345));
        assert_eq!(target("50%"), Target::Percent(50.0));
        assert_eq!(target("$"), Target::End);
        assert_eq!(target("12.5 %"), Target::Percent(12.5));
        assert_eq!(target("10:04:30"), Target::Clock(Time::constant(10, 4, 30, 0)));
        assert_eq!(target("9:04"), Target::Clock(Time::constant(9, 4, 0, 0)));
        for text in ["+90", "+90s", "+1m30s", "+1.5m", "+1:30", "+0:01:30", "+90000ms"] {
            assert_eq!(target(text), Target::Since(90.0), "{text}");
        }
        assert_eq!(target("+1h2m3s"), Target::Since(3723.0));
        for text in ["", "goto", "-5", "fold 3"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_none_is_told_why() {
        for (text, part) in [
            ("0", "from 1"),
            ("101%", "0% to 100%"),
            ("1x", "no line"),
            ("25:00", "10:04:30"),
            ("10:60", "no time of day"),
            ("10:04:30:11", "no time of day"),
            ("+", "+90s"),
            ("+soon", "+90s"),
            ("+1:-30", "+90s"),
            ("99999999999999999999", "no line"),
        ] {
            let said = parse(text).unwrap().unwrap_err();
            assert!(said.contains(part), "{text}: {said}");
        }
    }

    #[test]
    fn a_build_may_pass_midnight() {
        let seconds = |text: &str| text.parse::<Timestamp>().unwrap().as_second() as f64;
        let begun = seconds("2026-11-24T23:50:00Z");
        let at = |hour, minute| next_at(begun, Time::constant(hour, minute, 0, 0), &TimeZone::UTC);
        assert_eq!(at(23, 55), Some(seconds("2026-11-24T23:55:00Z")));
        assert_eq!(at(0, 5), Some(seconds("2026-11-25T00:05:00Z")));
        assert_eq!(at(23, 40), Some(seconds("2026-11-24T23:40:00Z")));
    }
}
