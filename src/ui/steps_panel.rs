//! The steps panel: phases and steps, how they stand and how long they took.
//!
//! ```text
//!  ■ BUILD                                                              31.4s
//!    ✓ 1/3 FROM docker.io/dailyco/pipecat-base                           0.6s
//!  › ✗ 2/3 RUN uv sync --locked                                          0.9s
//!    = 3/3 COPY bot.py .                                               cached
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Model, Pane, StepRow, brief};
use crate::human;
use crate::parse::{Phase, Step, StepState};
use crate::text;
use crate::theme::Role;

use super::put;
use super::segments::cut;

/// The rows in sight.
pub(super) fn shown(model: &Model, area: Rect) -> Vec<Shown> {
    let rows = model.steps.all().iter().skip(model.panes.steps_list.top);
    rows.take(usize::from(area.height)).map(|row| Shown::of(model, *row)).collect()
}

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let list = model.panes.steps_list;
    let here = model.panes.focus == Pane::Steps;
    for (y, (at, shown)) in (area.top()..).zip((list.top..).zip(shown(model, area))) {
        let selected = at == list.at;
        let area = Rect { y, height: 1, ..area };
        shown.draw(model, area, selected, here, buf);
    }
}

/// What a row shows.
#[derive(Debug, PartialEq)]
pub(super) struct Shown {
    indent: u16,
    sign: &'static str,
    role: Role,
    /// Place and name.
    words: String,
    /// At the right: how long, or how it came out.
    told: String,
}

impl Shown {
    fn of(model: &Model, row: StepRow) -> Self {
        let tree = model.log.tree();
        match row {
            StepRow::Phase(id) => tree.phase(id).map(phase),
            StepRow::Build(at) => Some(Self {
                indent: 0,
                sign: " ",
                role: Role::Dim,
                words: format!("image build {}", at + 1),
                told: String::new(),
            }),
            StepRow::Step(id) => tree.step(id).map(|s| step(model, s)),
        }
        .unwrap_or(Self {
            indent: 0,
            sign: " ",
            role: Role::Dim,
            words: String::new(),
            told: String::new(),
        })
    }

    fn draw(&self, model: &Model, area: Rect, selected: bool, here: bool, buf: &mut Buffer) {
        let style = |role| model.styles.get(role);
        if selected {
            let role = if here { Role::Cursor } else { Role::Hint };
            buf.set_stringn(area.x, area.y, "›", 1, style(role));
        }
        let x = area.x + 1 + self.indent;
        let end = area.right().saturating_sub(1);
        let told = text::width(&self.told) as u16;
        let room = usize::from(end.saturating_sub(x + 2 + told + 1));
        let mut look = style(self.role);
        if selected && here {
            look = look.patch(style(Role::Cursor));
        }
        buf.set_stringn(x, area.y, self.sign, 1, style(self.role));
        put(buf, x + 2, area.y, &cut(&self.words, room), room, look);
        if told < area.width {
            let x = end.saturating_sub(told);
            put(buf, x, area.y, &self.told, usize::from(told), style(self.role));
        }
    }
}

fn phase(phase: &Phase) -> Shown {
    let failed = phase.state.is_failure();
    let told = match (phase.seconds(), failed) {
        (Some(seconds), _) => human::duration(seconds),
        (None, true) => phase.state.as_str().to_owned(),
        (None, false) => String::new(),
    };
    Shown {
        indent: 0,
        sign: if failed { "✗" } else { "■" },
        role: if failed { Role::Failure } else { Role::Phase },
        words: text::plain(&phase.name).into_owned(),
        told,
    }
}

/// The sign of a step and its look.
pub(super) fn sign(model: &Model, step: &Step) -> (&'static str, Role) {
    let live = !model.over && !model.state().is_final();
    let (sign, role) = match step.state() {
        StepState::Running if live => ("▸", Role::Step),
        StepState::Running => ("?", Role::Warning),
        StepState::Done => ("✓", Role::Done),
        StepState::Cached => ("=", Role::Done),
        StepState::Failed => ("✗", Role::Failure),
        StepState::Cancelled => ("-", Role::Warning),
    };
    // A chore that went well is seldom what one looks for.
    let role = if step.is_chore() && role == Role::Done { Role::Dim } else { role };
    (sign, role)
}

/// The place of a step and what it does.
pub(super) fn words(step: &Step) -> String {
    // BuildKit's own name for a stage without one says nothing.
    let stage = step.stage().filter(|stage| !stage.starts_with("stage-"));
    let platform = step.platform().map(|name| name.strip_prefix("linux/").unwrap_or(name));
    let mut place = String::new();
    if let Some((n, m)) = step.index().zip(step.total()) {
        for name in platform.into_iter().chain(stage) {
            place.push_str(&text::plain(name));
            place.push(' ');
        }
        place.push_str(&format!("{n}/{m} "));
    }
    format!("{place}{}", brief(&text::plain(&step.label())))
}

fn step(model: &Model, step: &Step) -> Shown {
    let live = !model.over && !model.state().is_final();
    let (sign, role) = sign(model, step);
    let words = words(step);
    let told = match (step.state(), step.seconds()) {
        (StepState::Cached, _) => "cached".to_owned(),
        (StepState::Cancelled, _) => "cancelled".to_owned(),
        (StepState::Running, _) => match model.running_for(step.id()) {
            Some((seconds, true)) => human::clock(seconds),
            Some((seconds, false)) => format!("{}, no end", human::duration(seconds)),
            None if live => "running".to_owned(),
            None => "no end".to_owned(),
        },
        (_, Some(seconds)) => human::duration(seconds),
        (StepState::Failed, None) => match step.last_second() {
            Some(seconds) => human::duration(seconds),
            None => "failed".to_owned(),
        },
        (StepState::Done, None) => String::new(),
    };
    Shown { indent: 2, sign, role, words, told }
}
