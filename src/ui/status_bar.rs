//! The position: what is being built, how much log, how bad, where one is.
//!
//! ```text
//!  step 2/3 RUN uv sync --locked         58 lines  ✗ 2 failure lines  following
//! ```
//!
//! On a screen too low for the top bar and the cause's row, this is the only
//! bar, and what matters most of those stands here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::{Follow, Layout, Model, State, Ticks, brief};
use crate::human;
use crate::text;
use crate::theme::Role;

use super::segments::{Segment, draw as bar};
use super::{cause, health, top_bar};

pub(super) fn draw(model: &Model, layout: &Layout, buf: &mut Buffer) {
    bar(&segments(model, layout), model.styles.get(Role::Bar), layout.bar, buf);
}

/// What there is to say, most important first by priority.
pub(super) fn segments(model: &Model, layout: &Layout) -> Vec<Segment> {
    let style = |role| model.styles.get(role);
    let mut list = Vec::new();
    let alone = layout.top == Rect { height: 0, ..layout.top };
    if alone {
        let state = model.state();
        let both = format!("{} {}", state.sign(), state.word());
        list.push(Segment::left(0, style(top_bar::role(&state)), both).or(state.sign()));
        if let Some((role, long, short)) =
            health::words(model).filter(|(role, ..)| *role == Role::BarTrouble)
        {
            list.push(Segment::right(2, style(role), long).or(short).cut_to(8));
        }
    }
    let told = layout.cause.height > 0;
    match cause::sentence(model).filter(|_| !told) {
        Some((_, sentence)) => {
            // The sign is there already.
            let sentence = sentence.split_once(' ').map_or(sentence.as_str(), |(_, words)| words);
            list.push(Segment::left(1, style(Role::BarFailure), sentence).cut_to(14));
        }
        None => {
            if let Some(gauge) = gauge(model) {
                list.push(Segment::left(7, style(Role::BarRunning), gauge));
            }
            if let Some(step) = step(model) {
                list.push(Segment::left(4, style(Role::Bar), step).cut_to(8));
            }
            if let Some(seconds) = Ticks::of(model).step {
                let clock = human::clock(seconds as f64);
                let long = format!("{clock} in this step");
                list.push(Segment::left(5, style(Role::BarDim), long).or(clock));
            }
            if let Some(seconds) = Ticks::of(model).left {
                let left = roughly(seconds);
                let long = format!("about {left} left");
                list.push(Segment::left(6, style(Role::Bar), long).or(format!("~{left}")));
            }
        }
    }
    counts(model, &style, &mut list);
    position(model, &style, &mut list);
    list
}

/// An estimate with no more figures than it's worth.
fn roughly(seconds: u64) -> String {
    let to = match seconds {
        0..20 => 1,
        20..120 => 5,
        _ => 30,
    };
    // Never nothing: it still runs.
    match (seconds.div_ceil(to) * to).max(1) {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds => human::duration(seconds as f64),
    }
}

/// Cells of the gauge.
const GAUGE: u32 = 8;

/// Steps done of all, while there are some to do.
fn gauge(model: &Model) -> Option<String> {
    let running = matches!(model.state(), State::Running | State::Reading);
    let (done, total) = model.log.tree().progress().filter(|_| running && !model.over)?;
    let full = (done.min(total) * GAUGE / total.max(1)) as usize;
    let empty = GAUGE as usize - full;
    Some(format!("{}{} {done}/{total} done", "━".repeat(full), "╌".repeat(empty)))
}

/// The current step, or after the end the one that failed.
fn step(model: &Model) -> Option<String> {
    let tree = model.log.tree();
    let id = match model.state() {
        State::Succeeded | State::Read => return None,
        // A build that was stopped has no failed step, but one it was at.
        State::TimedOut | State::Cancelled => tree.failing_step().or_else(|| tree.current())?,
        state if state.is_failure() => tree.failing_step()?,
        _ => tree.failing_step().or_else(|| tree.current())?,
    };
    let step = tree.step(id)?;
    let words = match step.instruction() {
        Some(instruction) => instruction.into_owned(),
        None => step.label().into_owned(),
    };
    let words = brief(&text::plain(&words));
    // BuildKit's own name for a stage without one says nothing.
    let stage = step.stage().filter(|stage| !stage.starts_with("stage-"));
    Some(match (step.index(), step.total(), stage) {
        (Some(n), Some(m), Some(stage)) => format!("step {} {n}/{m} {words}", text::plain(stage)),
        (Some(n), Some(m), None) => format!("step {n}/{m} {words}"),
        _ => words,
    })
}

fn counts(model: &Model, style: &impl Fn(Role) -> Style, list: &mut Vec<Segment>) {
    let store = model.log.store();
    let lines = u64::from(store.len());
    if lines > 0 {
        let (long, short) = (human::plural(lines, "line"), human::count(lines));
        let (long, short) = match model.view.passing().map(human::count) {
            Some(shown) => (format!("{shown} of {long}"), format!("{shown}/{short}")),
            None => (long, short),
        };
        list.push(Segment::right(6, style(Role::BarDim), long).or(short));
    }
    let failures = model.log.failure_lines().len() as u64;
    if failures > 0 {
        let long = format!("✗ {}", human::plural(failures, "failure line"));
        let short = format!("✗{}", human::count(failures));
        list.push(Segment::right(3, style(Role::BarFailure), long).or(short));
    }
}

/// Following, or where in the log and how much came since.
fn position(model: &Model, style: &impl Fn(Role) -> Style, list: &mut Vec<Segment>) {
    let len = model.view.len(&model.log);
    if model.log.store().is_empty() {
        return;
    }
    if model.scroll.is_following() {
        let (long, short) =
            if model.is_complete() { ("end", "end") } else { ("▼ following", "▼") };
        list.push(Segment::right(2, style(Role::BarRunning), long).or(short));
        return;
    }
    let new = model.new_lines();
    if new > 0 {
        let words =
            if new == 1 { "1 new line".into() } else { format!("{} new lines", human::count(new)) };
        list.push(
            Segment::right(1, style(Role::BarWaiting), format!("paused, {words}"))
                .or(format!("+{}", human::count(new))),
        );
    } else if !model.is_complete() && model.scroll.follow != Follow::Still {
        list.push(Segment::right(2, style(Role::BarWaiting), "paused").or("‖"));
    }
    let cursor = model.scroll.cursor;
    let number = model.log.store().number(model.cursor_line());
    let percent = (u64::from(cursor.index()) + 1) * 100 / u64::from(len.max(1));
    let line = human::count(number);
    list.push(
        Segment::right(5, style(Role::Bar), format!("line {line}  {percent}%"))
            .or(format!("{percent}%")),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_rounded_up() {
        for (seconds, shown) in
            [(0, "1s"), (7, "7s"), (41, "45s"), (119, "2m 00s"), (121, "2m 30s")]
        {
            assert_eq!(roughly(seconds), shown, "{seconds}");
        }
    }
}
