//! The timeline: every step a bar on one time axis.
//!
//! ```text
//!  before docker 3.1s   docker 31s   after 2.0s        ◆ critical path 28s of 31s
//!  20:10:02 UTC              0s       10s       20s       30s
//!    = 1/3 FROM python       ◆=                                        cached
//!  › ✗ 2/3 RUN uv sync       ◆ ━━━━━━━━━━━━━━━━━━━━━━━━━━✗               26s 1
//!    - checks 2/2 RUN ruff      ╌╌╌╌╌-                             cancelled 2
//!  longest  1 RUN uv sync 26s  2 RUN ruff 5.2s
//! ```
//!
//! States are told by sign and stroke, not by colour alone; the critical path
//! by `◆`; times of arrival, where the log tells none, by `~`.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Model, TimelineParts, TimelineRow};
use crate::human;
use crate::parse::timeline::{Bar, End, Source, Timeline};
use crate::parse::{Step, StepState};
use crate::text;
use crate::theme::Role;

use super::segments::{Segment, cut, draw as bar};
use super::steps_panel::{sign, words};

/// Columns for how long a step took, and its rank among the longest.
const TOLD: u16 = 12;

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let timeline = model.timeline();
    let parts = TimelineParts::of(area);
    let columns = Columns::of(area, timeline.span);
    summary(model, &timeline, parts.summary, buf);
    axis(model, &timeline, columns, parts.axis, buf);
    let list = model.panes.timeline_list;
    let rows = model.timeline_rows(&timeline);
    let shown = rows.iter().enumerate().skip(list.top);
    for (y, (at, row)) in (parts.rows.top()..parts.rows.bottom()).zip(shown) {
        let rank = timeline.longest.iter().position(|id| *id == row.step);
        let row = Row { model, row, rank, selected: at == list.at };
        row.draw(columns, Rect { y, height: 1, ..parts.rows }, buf);
    }
    longest(model, &timeline, parts.longest, buf);
}

/// Where name, bar and duration stand, and the scale of the bars.
#[derive(Clone, Copy)]
struct Columns {
    name: u16,
    bars: u16,
    width: u16,
    span: f64,
}

impl Columns {
    fn of(area: Rect, span: f64) -> Self {
        // Cursor, sign, their spaces, the critical mark.
        let rest = area.width.saturating_sub(4 + 2);
        let told = if area.width >= 50 { TOLD } else { 0 };
        let rest = rest.saturating_sub(told);
        let name = (rest * 2 / 5).min(48);
        Self { name, bars: area.x + 4 + name + 2, width: rest - name, span }
    }

    /// The cell of a time.
    fn cell(self, at: f64) -> u16 {
        if self.span <= 0.0 {
            return 0;
        }
        let cell = (at / self.span * f64::from(self.width)).floor();
        (cell.max(0.0) as u16).min(self.width.saturating_sub(1))
    }
}

/// Where the time went around docker, and how much of it is the critical path.
fn summary(model: &Model, timeline: &Timeline, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let style = |role| model.styles.get(role);
    let mut list = Vec::new();
    if let Some(around) = timeline.around {
        let before = format!("before docker {}", human::duration(around.before));
        list.push(Segment::left(2, style(Role::Hint), before));
        if let Some(docker) = around.docker {
            let docker = format!("docker {}", human::duration(docker));
            list.push(Segment::left(1, style(Role::Text), docker));
        }
        if let Some(after) = around.after {
            let after = format!("after {}", human::duration(after));
            list.push(Segment::left(2, style(Role::Hint), after));
        }
    }
    if timeline.bars.iter().any(|bar| bar.source == Source::Received) {
        let long = "~ by when lines arrived; the log tells no times";
        list.push(Segment::right(0, style(Role::Warning), long).or("~ by arrival"));
    } else if timeline.bars.is_empty() {
        list.push(Segment::right(0, style(Role::Warning), "the log tells no times").cut_to(8));
    }
    if !timeline.critical.is_empty() {
        let of = |bar: &&Bar| bar.critical;
        let took = timeline.bars.iter().filter(of).map(Bar::seconds).sum::<f64>();
        let (took, span) = (human::duration(took), human::duration(timeline.span));
        let long = format!("◆ critical path {took} of {span}");
        list.push(Segment::right(1, style(Role::Text), long).or(format!("◆ {took}")));
    }
    bar(&list, style(Role::Text), area, buf);
}

/// The time of day at which the axis begins, and its marks.
fn axis(model: &Model, timeline: &Timeline, columns: Columns, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let dim = model.styles.get(Role::Number);
    if let Some(origin) = timeline.origin {
        let at = origin.to_zoned_datetime(TimeZone::UTC);
        let at = format!("{:02}:{:02}:{:02} UTC", at.hour(), at.minute(), at.second());
        buf.set_stringn(area.x + 4, area.y, at, usize::from(columns.name), dim);
    }
    let step = step(timeline.span, columns.width);
    let mut free = 0;
    for n in 0..u16::MAX {
        let at = f64::from(n) * step;
        if at > timeline.span || columns.width == 0 || timeline.span <= 0.0 {
            break;
        }
        let cell = columns.cell(at);
        let label = mark(at);
        let width = text::width(&label) as u16;
        if cell >= free && cell + width <= columns.width {
            buf.set_string(columns.bars + cell, area.y, &label, dim);
            free = cell + width + 1;
        }
    }
}

/// The distance of the axis' marks: a round number of seconds that leaves each
/// mark at least eight columns.
fn step(span: f64, width: u16) -> f64 {
    const ROUND: [f64; 16] = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
        7200.0,
    ];
    let least = span * 8.0 / f64::from(width.max(1));
    ROUND.into_iter().find(|step| *step >= least).unwrap_or(span.max(1.0))
}

fn mark(at: f64) -> String {
    let tenths = (at * 10.0).round() as u64;
    let (seconds, tenth) = (tenths / 10, tenths % 10);
    match (seconds / 60, seconds % 60) {
        (0, s) if tenth > 0 => format!("{s}.{tenth}s"),
        (0, s) => format!("{s}s"),
        (m, 0) if m % 60 == 0 => format!("{}h", m / 60),
        (m, 0) => format!("{m}m"),
        (m, s) => format!("{m}m{s:02}"),
    }
}

struct Row<'a> {
    model: &'a Model,
    row: &'a TimelineRow,
    rank: Option<usize>,
    selected: bool,
}

impl Row<'_> {
    fn draw(&self, columns: Columns, area: Rect, buf: &mut Buffer) {
        let style = |role| self.model.styles.get(role);
        let Some(step) = self.model.log.tree().step(self.row.step) else { return };
        let (sign, role) = sign(self.model, step);
        let mut look = style(role);
        if self.selected {
            buf.set_stringn(area.x, area.y, "›", 1, style(Role::Cursor));
            look = look.patch(style(Role::Cursor));
        }
        buf.set_stringn(area.x + 1, area.y, sign, 1, style(role));
        let room = usize::from(columns.name);
        buf.set_stringn(area.x + 3, area.y, cut(&words(step), room), room, look);
        if let Some(bar) = &self.row.bar {
            if bar.critical {
                buf.set_stringn(columns.bars - 1, area.y, "◆", 1, style(Role::Title));
            }
            strokes(bar, step, self.model, columns, area.y, buf);
        }
        let told = self.told(step);
        let end = area.right().saturating_sub(2);
        let width = text::width(&told) as u16;
        if area.width >= 50 && width < TOLD {
            buf.set_string(end.saturating_sub(width), area.y, &told, style(role));
            if let Some(rank) = self.rank {
                let rank = (rank + 1).to_string();
                buf.set_stringn(area.right() - 1, area.y, rank, 1, style(Role::Title));
            }
        }
    }

    fn told(&self, step: &Step) -> String {
        let Some(bar) = self.row.bar else {
            // Without its cache it would have taken time.
            return if step.state() == StepState::Cached { "cached" } else { "no times" }
                .to_owned();
        };
        let mark = if bar.source == Source::Received { "~" } else { "" };
        match bar.state {
            StepState::Cached => "cached".to_owned(),
            StepState::Cancelled => "cancelled".to_owned(),
            StepState::Running if live(self.model) => human::clock(bar.seconds()),
            StepState::Running => "no end".to_owned(),
            StepState::Done | StepState::Failed => {
                format!("{mark}{}", human::duration(bar.seconds()))
            }
        }
    }
}

fn live(model: &Model) -> bool {
    !model.over && !model.state().is_final()
}

/// Draws a bar: a stroke of its own for every state, and how it ended.
fn strokes(bar: &Bar, step: &Step, model: &Model, columns: Columns, y: u16, buf: &mut Buffer) {
    if columns.width == 0 {
        return;
    }
    let (first, last) = (columns.cell(bar.start), columns.cell(bar.end));
    let (stroke, end) = match (bar.state, bar.known) {
        (StepState::Cached, _) => ("=", "="),
        (StepState::Done, End::Told) => ("━", "━"),
        (StepState::Done, _) => ("━", "╸"),
        (StepState::Failed, _) => ("━", "✗"),
        (StepState::Cancelled, _) => ("╌", "-"),
        (StepState::Running, _) if live(model) => ("╍", "▸"),
        (StepState::Running, _) => ("╍", "?"),
    };
    let style = model.styles.get(sign(model, step).1);
    for cell in first..=last {
        let stroke = if cell == last { end } else { stroke };
        buf.set_stringn(columns.bars + cell, y, stroke, 1, style);
    }
}

/// The longest steps by name.
fn longest(model: &Model, timeline: &Timeline, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let style = |role| model.styles.get(role);
    let mut list = Vec::new();
    for (rank, id) in timeline.longest.iter().enumerate() {
        let shown = timeline.bars.iter().find(|bar| bar.step == *id);
        let (Some(shown), Some(step)) = (shown, model.log.tree().step(*id)) else { continue };
        let took = human::duration(shown.seconds());
        let share = usize::from(area.width).saturating_sub(12) / timeline.longest.len().max(1);
        let room = share.saturating_sub(took.len() + 5).max(6);
        let words = format!("{} {} {took}", rank + 1, cut(&words(step), room));
        if rank == 0 {
            list.push(Segment::left(0, style(Role::Hint), "longest"));
        }
        list.push(Segment::left(rank as u8 + 1, style(Role::Text), words));
    }
    bar(&list, style(Role::Text), area, buf);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_apart() {
        for (span, width, expected) in [(31.4, 60, 5.0), (0.5, 40, 0.1), (3700.0, 40, 1800.0)] {
            assert_eq!(step(span, width), expected, "{span} in {width}");
        }
        for (at, text) in [
            (0.0, "0s"),
            (0.2, "0.2s"),
            (45.0, "45s"),
            (90.0, "1m30"),
            (120.0, "2m"),
            (7200.0, "2h"),
        ] {
            assert_eq!(mark(at), text);
        }
    }
}
