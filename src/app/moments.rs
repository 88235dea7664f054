//! When lines were printed, as far as the log tells.
//!
//! BuildKit prints the second of a step at which a line came, the agent stamps
//! its own lines, nobody stamps the rest. From these, the tree's estimates of
//! when steps began, and (for logs that arrive while we watch) the times of
//! receipt, a line gets the best time there is.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::domain::LineNo;
use crate::parse::codebuild::stamped;
use crate::parse::history::estimate;
use crate::parse::{Owner, StepId, payload};

use super::layout::TIMES;
use super::model::{Model, Subject};
use super::scroll::ItemNo;
use super::state::State;

/// What the time column shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeColumn {
    /// Nothing.
    #[default]
    Off,
    /// The time of day, UTC.
    Utc,
    /// The time of day here.
    Local,
    /// Since the build began.
    Build,
    /// Since the line's step began.
    Step,
    /// Since the line before.
    Gap,
}

impl TimeColumn {
    /// The next in the round.
    pub fn next(self) -> Self {
        match self {
            Self::Off => Self::Utc,
            Self::Utc => Self::Local,
            Self::Local => Self::Build,
            Self::Build => Self::Step,
            Self::Step => Self::Gap,
            Self::Gap => Self::Off,
        }
    }

    /// The one of that name, as it is typed.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "off" => Self::Off,
            "utc" | "UTC" => Self::Utc,
            "local" => Self::Local,
            "build" => Self::Build,
            "step" => Self::Step,
            "gap" => Self::Gap,
            _ => return None,
        })
    }

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Off => "no times",
            Self::Utc => "times in UTC",
            Self::Local => "local times",
            Self::Build => "times since the build began",
            Self::Step => "times since the step began",
            Self::Gap => "time since the line before",
        }
    }

    /// Columns it takes, the space after it included.
    pub fn width(self) -> u16 {
        match self {
            Self::Off => 0,
            _ => 10,
        }
    }
}

/// A pause between two lines that is worth noticing, in seconds.
pub const SILENCE: f64 = 10.0;

/// How far the log's clock and ours may be apart.
const SLACK: Duration = Duration::from_secs(300);

/// Lines that are looked back over for the one before that has a time.
const LOOK_BACK: u32 = 64;

/// Lines at the beginning of a log that are looked at for when it began.
const FIRST: u32 = 8;

/// JSON that is longer is not looked into for a time.
const LONGEST: usize = 64 << 10;

/// Lines at the beginning of a log that are looked at for any time.
const PROBE: u32 = 2000;

/// When a line was printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Seconds on a time line that all lines of this kind share: since 1970
    /// where the log has a stamp, else since the image build began.
    pub at: f64,
    /// Whether `at` counts from 1970.
    pub absolute: bool,
    /// The second of its step.
    pub in_step: Option<f64>,
    /// Whether it is only the time at which the line arrived here.
    pub received: bool,
}

/// What the time column shows beside a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamp {
    /// The time, at most nine columns.
    pub text: String,
    /// Whether it follows a long silence.
    pub silence: bool,
}

impl Model {
    /// When a line was printed.
    pub fn moment(&self, line: LineNo) -> Option<Moment> {
        let shown = self.log.store().sight(line);
        let clean = shown.text.as_str();
        let tree = self.log.tree();
        let absolute = |at: Timestamp| at.as_microsecond() as f64 / 1e6;
        if let Some(at) = stamped(clean).and_then(|stamped| stamped.at()).or_else(|| told(clean)) {
            return Some(Moment {
                at: absolute(at),
                absolute: true,
                in_step: None,
                received: false,
            });
        }
        let step = match tree.owner(line) {
            Owner::Step(id) => tree.step(id),
            Owner::Phase(_) | Owner::Top => None,
        };
        if let Some(step) = step
            && let Some(offset) = step.start_offset()
        {
            let first = step.first_line() == line;
            let second = payload(clean).0.or_else(|| first.then_some(0.0));
            if let Some(second) = second {
                let started = tree.started(step.id()).map(absolute);
                return Some(Moment {
                    at: started.unwrap_or(offset) + second,
                    absolute: started.is_some(),
                    in_step: Some(second),
                    received: false,
                });
            }
        }
        // In a step with times of its own, a line without one stays without.
        if step.is_some_and(|step| step.start_offset().is_some()) {
            return None;
        }
        self.received(line).filter(|_| !self.is_replayed()).map(|at| Moment {
            at: absolute(at),
            absolute: true,
            in_step: step
                .and_then(|step| Some(absolute(at) - absolute(self.received(step.first_line())?))),
            received: true,
        })
    }

    /// Whether there is a line, at the beginning or in sight, of which it is known
    /// when it was printed.
    pub fn tells_times(&self) -> bool {
        let first = (0..self.log.store().len().min(PROBE)).map(LineNo::new);
        let top = self.scroll.top.item.index();
        let rows = u32::from(self.layout().log.height);
        let sight = (top..top.saturating_add(rows))
            .map_while(|at| Some(self.item(ItemNo::new(at))?.line()));
        sight.chain(first).any(|line| self.moment(line).is_some())
    }

    /// When a line arrived, for a log that arrives while one watches.
    pub fn received(&self, line: LineNo) -> Option<Timestamp> {
        let at = self.arrivals.partition_point(|(lines, _)| *lines <= line.index());
        // What a service holds when it is first asked came at any time before.
        if at == 0 && matches!(self.subject, Subject::Build(_)) {
            return None;
        }
        self.arrivals.get(at).map(|(_, at)| *at)
    }

    /// What the time column shows for a line that is the item `at`.
    pub fn stamp(&self, column: TimeColumn, at: ItemNo, line: LineNo) -> Option<Stamp> {
        let moment = self.moment(line)?;
        // The line before that tells a time, in what is shown.
        let before = || {
            let mut at = at;
            (0..LOOK_BACK).find_map(|_| {
                at = at.prev()?;
                self.moment(self.item(at)?.line())
            })
        };
        let gap = before()
            .filter(|before| before.absolute == moment.absolute && !before.received)
            .map(|before| moment.at - before.at)
            .filter(|_| !moment.received);
        let silence = gap.is_some_and(|gap| gap > SILENCE);
        let mark = if moment.received { "~" } else { "" };
        let text = match column {
            TimeColumn::Off => return None,
            TimeColumn::Utc => clock(moment, &TimeZone::UTC)?,
            TimeColumn::Local => clock(moment, &self.options.zone)?,
            TimeColumn::Build => {
                let start = if moment.absolute { self.build_start()? } else { 0.0 };
                format!("{mark}{}", elapsed(moment.at - start))
            }
            TimeColumn::Step => format!("{mark}{}", elapsed(moment.in_step?)),
            TimeColumn::Gap => format!("+{}", elapsed(gap?)),
        };
        let text = match column {
            TimeColumn::Utc | TimeColumn::Local => format!("{mark}{text}"),
            _ => text,
        };
        Some(Stamp { text, silence })
    }

    /// When the build began, in seconds since 1970: what the record says, else
    /// the log's first stamp, else when the first line arrived.
    pub fn build_start(&self) -> Option<f64> {
        let tree = self.log.tree();
        let stamped = tree.phases().iter().find_map(|phase| phase.started);
        let stamped = stamped.or_else(|| tree.commands().iter().find_map(|c| c.started));
        let recorded = self.build.as_ref().and_then(|build| build.started_at);
        let arrived = || self.arrivals.first().map(|(_, at)| *at);
        let store = self.log.store();
        let first = (0..store.len().min(FIRST)).map(LineNo::new);
        let dated = || first.clone().find_map(|line| told(&store.sight(line).text));
        let start = recorded.or(stamped).or_else(dated).or_else(arrived)?;
        Some(start.as_microsecond() as f64 / 1e6)
    }

    /// Whether the log is of another day: when its lines arrive here tells
    /// nothing beside its own times.
    fn is_replayed(&self) -> bool {
        let mut told = self.log.tree().phases().iter().filter_map(|phase| phase.started);
        told.next().is_some_and(|at| !self.is_plausible(at))
    }

    /// Whether the log's clock and ours can be the same: a replayed log tells
    /// times of another day.
    fn is_plausible(&self, at: Timestamp) -> bool {
        let began = self.build.as_ref().and_then(|build| build.started_at);
        let earliest = began.or(self.arrivals.first().map(|(_, at)| *at));
        let slack = SLACK.as_micros() as i64;
        let micros = at.as_microsecond();
        micros <= self.now.wall.as_microsecond() + slack
            && earliest.is_none_or(|earliest| micros >= earliest.as_microsecond() - slack)
    }

    /// Seconds that the build may still take, by earlier builds of the same
    /// Dockerfile; `None` when there are none, and when nothing runs.
    pub fn seconds_left(&self) -> Option<f64> {
        let past = Some(&self.past).filter(|past| !past.is_empty())?;
        let live = !self.over && matches!(self.state(), State::Running | State::Reading);
        let of_step = |id| self.running_for(id).map(|(seconds, _)| seconds);
        if live { estimate(self.log.tree(), past, &of_step) } else { None }
    }

    /// Seconds that a running step has been at it, by the clock while the log
    /// arrives, else until the build's end or by what it last printed; whether
    /// the clock told.
    pub fn running_for(&self, id: StepId) -> Option<(f64, bool)> {
        let tree = self.log.tree();
        let step = tree.step(id)?;
        let last = step.last_second();
        let began = || {
            let told = tree.started(id).filter(|at| self.is_plausible(*at));
            told.or_else(|| self.received(step.first_line()))
        };
        let until = |end: Timestamp| {
            let seconds = end.duration_since(began()?).as_secs_f64();
            Some(seconds.max(last.unwrap_or(0.0)))
        };
        let ended = self.over || self.state().is_final();
        if !ended && (self.build.is_some() || !self.arrivals.is_empty()) {
            return Some((until(self.now.wall)?, true));
        }
        // Lines may still come, but the step is as dead as its build.
        let end = self.build.as_ref().and_then(|build| build.completed_at);
        let seconds = end.and_then(until).or(last)?;
        Some((seconds, false))
    }
}

/// Shows those times beside the lines, where there are any: a column for nothing
/// would only take room from the text.
pub(super) fn show_times(model: &mut Model, column: TimeColumn) {
    if !model.log.store().is_empty() && !model.tells_times() {
        model.time = TimeColumn::Off;
        model.answer = Some(super::palette::NO_TIMES.into());
        return;
    }
    model.time = column;
    let mut title = column.title().to_owned();
    if let Some(first) = title.get(..1).map(str::to_uppercase) {
        title.replace_range(..1, &first);
    }
    if column != TimeColumn::Off && model.width < TIMES {
        title.push_str(&format!(", on a screen of {TIMES} columns: this one is too narrow"));
    }
    model.answer = Some(title);
}

/// The date and time that a line tells of itself: what it begins with, or what
/// is in its JSON.
fn told(text: &str) -> Option<Timestamp> {
    dated(text).or_else(|| logged(text))
}

/// The time in a line that is a JSON object, under one of the names loggers
/// give it: RFC 3339, or a number since 1970, whose size tells its unit.
fn logged(text: &str) -> Option<Timestamp> {
    /// The names that structured loggers write the time under.
    #[derive(serde::Deserialize)]
    struct Names {
        ts: Option<Value>,
        time: Option<Value>,
        timestamp: Option<Value>,
        #[serde(rename = "@timestamp")]
        logstash: Option<Value>,
    }
    if !text.starts_with('{') || text.len() > LONGEST {
        return None;
    }
    let Names { ts, time, timestamp, logstash } = serde_json::from_str(text).ok()?;
    [ts, time, timestamp, logstash].into_iter().flatten().find_map(|value| match value {
        Value::String(date) => date.parse().ok(),
        Value::Number(number) => {
            let number = number.as_f64()?;
            let seconds = match number {
                1e8..1e11 => number,
                1e11..1e14 => number / 1e3,
                1e14..1e17 => number / 1e6,
                1e17..1e20 => number / 1e9,
                _ => return None,
            };
            Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
        }
        _ => None,
    })
}

/// The date and time that a line begins with, as GitHub's and GitLab's runners,
/// Docker and Kubernetes put it before what others print:
/// `2026-11-26T10:04:30.0000000Z text`. One without a zone is some program's
/// own, of a zone that isn't known.
fn dated(text: &str) -> Option<Timestamp> {
    let b = text.as_bytes();
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if !marks.iter().all(|(at, mark)| b.get(*at) == Some(mark)) {
        return None;
    }
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

fn clock(moment: Moment, zone: &TimeZone) -> Option<String> {
    if !moment.absolute {
        return None;
    }
    let at = Timestamp::from_microsecond((moment.at * 1e6) as i64).ok()?;
    let at = at.to_zoned_datetime(zone.clone());
    Some(format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()))
}

/// Seconds in at most eight columns: `0.340`, `12.34`, `2:03.4`, `1:02:03`.
pub fn elapsed(seconds: f64) -> String {
    let seconds = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
    if seconds < 9.9995 {
        return format!("{seconds:.3}");
    }
    if seconds < 59.995 {
        return format!("{seconds:.2}");
    }
    let tenths = (seconds * 10.0).round() as u64;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if whole < 3600 {
        format!("{}:{:02}.{tenth}", whole / 60, whole % 60)
    } else {
        format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_keep_their_columns() {
        for (seconds, text) in [
            (0.34, "0.340"),
            (9.9999, "10.00"),
            (12.345, "12.35"),
            (59.999, "1:00.0"),
            (123.44, "2:03.4"),
            (3723.0, "1:02:03"),
            (-1.0, "0.000"),
            (f64::NAN, "0.000"),
        ] {
            assert_eq!(elapsed(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn a_date_before_a_line_is_read_where_its_zone_is_known() {
        let read = |text| dated(text).map(|at| at.to_string());
        for (text, at) in [
            ("2026-11-26T10:04:30.0000000Z #5 x", "2026-11-26T10:04:30Z"),
            ("2026-11-26T12:04:30.25+02:00\tx", "2026-11-26T10:04:30.25Z"),
            ("2026-11-26T10:04:30Z", "2026-11-26T10:04:30Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(at), "{text}");
        }
        for text in ["2026-11-26T10:04:30 x", "2026-11-26 10:04:30Z", "2026-13-26T10:04:30Z x", "x"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_time_in_json_is_read_whatever_it_is_called() {
        let read = |text: &str| told(text).map(|at| at.to_string());
        for (text, at) in [
            (r#"{"time":"2026-11-26T10:04:30Z","msg":"x"}"#, "2026-11-26T10:04:30Z"),
            (r#"{"level":"info","ts":1795687470.25,"msg":{"ts":1}}"#, "2026-11-26T10:04:30.25Z"),
            (r#"{"level":30,"time":1795687470250}"#, "2026-11-26T10:04:30.25Z"),
            (r#"{"timestamp":1795687470250000}"#, "2026-11-26T10:04:30.25Z"),
            (r#"{"ts":1795687470250000000}"#, "2026-11-26T10:04:30.25Z"),
            (r#"{"ts":7,"@timestamp":"2026-11-26T12:04:30.25+02:00"}"#, "2026-11-26T10:04:30.25Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(at), "{text}");
        }
        for text in [
            r#"{"ts":12.5}"#,
            r#"{"time":"2026-11-26T10:04:30"}"#,
            r#"{"a":{"ts":1795687470}}"#,
            r#"{"ts":1795687470"#,
            r#"["ts",1795687470]"#,
            "{ts}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_column_goes_round() {
        let mut column = TimeColumn::Off;
        for _ in 0..6 {
            column = column.next();
        }
        assert_eq!(column, TimeColumn::Off);
    }
}
