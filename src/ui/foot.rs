//! The last row: a prompt, an answer, what is on its way, a notice, or hints.
//!
//! ```text
//!  /uv.lock▏                                                   3/48
//!  ? keys   / search   e failures   f follow   q quit
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::view::Test;
use crate::app::{Ask, MenuKind, Model, Pane, selected_words};
use crate::keymap::{Action, Context};
use crate::theme::Role;

use super::segments::{Segment, cut, draw as bar};
use super::{Drawn, prompt_row, put};

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) -> Option<Position> {
    if area.is_empty() {
        return None;
    }
    let style = |role| model.styles.get(role);
    if let Some(prompt) = model.prompt.as_ref().filter(|_| model.help.is_none()) {
        return Some(prompt_row::draw(model, prompt, area, buf));
    }
    if let Some(ask) = model.ask.as_ref().filter(|_| model.help.is_none()) {
        return question(model, ask, area, buf);
    }
    match line(model) {
        Some((role, mut text)) => {
            let mut area = area;
            if area.height > 1 {
                let mut lines = model.said_lines();
                text = lines.pop().unwrap_or_default();
                for line in lines {
                    let row = Rect { height: 1, ..area };
                    let list = [Segment::left(0, style(role), line).cut_to(1)];
                    bar(&list, style(Role::Text), row, buf);
                    area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
                }
            }
            let mut list = Vec::new();
            if !text.is_empty() {
                list.push(Segment::left(0, style(role), text).cut_to(1));
            }
            // Where one is in the matches is told beside what is said.
            if model.answer.is_some()
                && let Some(counter) = counter(model)
            {
                list.push(Segment::right(1, style(Role::Title), counter));
            }
            if model.answer.is_none()
                && model.can_retry()
                && let Some(key) = model.keymap.key(Action::Refresh)
            {
                list.push(Segment::right(1, style(Role::Hint), format!("{key} retry")));
            }
            if model.answer.is_none()
                && model.count.is_none()
                && let Some(key) = model.keymap.key(Action::Close)
            {
                let does = if model.outgoing.is_some() { "gives up" } else { "closes" };
                list.push(Segment::right(1, style(Role::Hint), format!("{key} {does}")));
            }
            bar(&list, style(Role::Text), area, buf);
        }
        None => match found(model) {
            Some(list) => bar(&list, style(Role::Text), area, buf),
            None => Hints::of(model).draw(area, buf),
        },
    }
    None
}

/// Where one is in the matches, and how what is searched is read where that
/// isn't as usual.
fn counter(model: &Model) -> Option<String> {
    let find = model.find.as_ref()?;
    let modes = find.query().options().words().join(" ");
    let counter = find.counter(model);
    Some(if modes.is_empty() { counter } else { format!("{modes}  {counter}") })
}

/// Draws it unless it shows the same hints already.
pub(super) fn redraw(
    model: &Model,
    area: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) -> Option<Position> {
    let asks = model.prompt.is_some() || model.ask.is_some();
    let hints =
        (!asks && line(model).is_none() && found(model).is_none()).then(|| Hints::of(model));
    if hints.is_some() && hints == drawn.hints {
        return None;
    }
    drawn.hints = hints;
    drawn.rows(area, buf, |buf| draw(model, area, buf))
}

/// What there is to say instead of hints.
fn line(model: &Model) -> Option<(Role, String)> {
    let pending: Vec<String> = model.pending.iter().map(|key| key.sign()).collect();
    if let Some(count) = model.count {
        Some((Role::Hint, format!("{count} …")))
    } else if !pending.is_empty() {
        Some((Role::Hint, format!("{} …", pending.join(" "))))
    } else if let Some(answer) = &model.answer {
        Some((Role::Title, answer.clone()))
    } else if let Some(outgoing) = &model.outgoing {
        Some((Role::Title, outgoing.progress()))
    } else if model.selection.is_some() {
        None
    } else {
        model.notice.as_ref().map(|notice| (Role::Warning, format!("! {notice}")))
    }
}

/// What is looked for in the help.
fn found(model: &Model) -> Option<[Segment; 2]> {
    let help = model.help.as_ref()?;
    let (filter, cursor) = (help.filter.as_ref()?, if help.typing { "▏" } else { "" });
    let key = model.keymap.key(Action::HelpClose).unwrap_or_default();
    Some([
        Segment::left(0, model.styles.get(Role::Prompt), format!("keys with: {filter}{cursor}")),
        Segment::right(1, model.styles.get(Role::Hint), format!("{key} shows all")),
    ])
}

/// What is worth knowing here, with the keys that do it now.
#[derive(Debug, PartialEq)]
pub(super) struct Hints {
    /// What can be done, each with its key if it has one.
    list: Vec<(Option<String>, &'static str)>,
    /// What is counted, at the right.
    counter: Option<String>,
    key: Style,
    hint: Style,
    title: Style,
}

impl Hints {
    fn of(model: &Model) -> Self {
        let key = |(action, does)| (model.keymap.key(action), does);
        let counter = selected_words(model).or_else(|| counter(model));
        Self {
            list: actions(model).into_iter().map(key).collect(),
            counter: counter.filter(|_| model.help.is_none()),
            key: model.styles.get(Role::Key),
            hint: model.styles.get(Role::Hint),
            title: model.styles.get(Role::Title),
        }
    }

    fn draw(&self, area: Rect, buf: &mut Buffer) {
        let mut x = area.x + 1;
        let end = area.right().saturating_sub(1);
        let end = match &self.counter {
            Some(counter) => {
                let width = counter.chars().count() as u16;
                let at = end.saturating_sub(width);
                if at > x {
                    buf.set_string(at, area.y, counter, self.title);
                }
                at.saturating_sub(2)
            }
            None => end,
        };
        // How to get out is told whatever else there is no room for.
        let width = |key: &str, word: &str| (crate::text::width(key) + 1 + word.len()) as u16;
        let last = self.list.last();
        let mut left = last.and_then(|(key, word)| Some(width(key.as_ref()?, word))).unwrap_or(0);
        for (n, (key, word)) in self.list.iter().enumerate() {
            let Some(key) = key else { continue };
            if n + 1 == self.list.len() {
                left = 0;
            }
            let space = if left > 0 { 3 } else { 0 };
            if x + width(key, word) + space + left > end {
                continue;
            }
            x = put(buf, x, area.y, key, area.width.into(), self.key);
            x = put(buf, x + 1, area.y, word, area.width.into(), self.hint);
            x += 3;
        }
    }
}

/// What can be done here, the way out last.
fn actions(model: &Model) -> Vec<(Action, &'static str)> {
    let failures = !model.log.failure_lines().is_empty();
    let mut actions: Vec<(Action, &'static str)> = Vec::new();
    if model.help.is_some() {
        actions.push((Action::HelpClose, "close"));
        actions.push((Action::HelpFind, "find"));
        actions.push((Action::HelpDown, "down"));
        actions.push((Action::HelpUp, "up"));
    } else if let Some(menu) = &model.menu {
        actions.extend(match menu.kind {
            MenuKind::Filters => {
                let filter = model.view.filters().list.get(menu.list.at);
                let edits = filter.is_none_or(|f| matches!(f.test, Test::Match(_)));
                let edit = edits.then_some((Action::MenuEdit, "edit"));
                let rest = [(Action::MenuDelete, "delete")];
                std::iter::once((Action::MenuToggle, "on or off")).chain(edit).chain(rest).collect()
            }
            MenuKind::Pins => vec![
                (Action::MenuToggle, "on or off"),
                (Action::MenuEdit, "edit"),
                (Action::MenuDelete, "delete"),
                (Action::MenuOpen, "search it"),
            ],
            MenuKind::Marks => vec![
                (Action::MenuOpen, "go there"),
                (Action::MenuToggle, "look"),
                (Action::MenuBack, "jump back"),
                (Action::MenuDelete, "delete"),
            ],
        });
        actions.push((Action::MenuClose, "close"));
    } else if model.selection.is_some() {
        actions.push((Action::Copy, "copy"));
        actions.push((Action::CopyReference, "as Markdown"));
        actions.push((Action::Save, "save"));
        actions.push((Action::Pipe, "pipe"));
        actions.push(match model.context() {
            Context::List => way_back(model),
            _ => (Action::Close, "end"),
        });
    } else {
        actions.push((Action::Help, "keys"));
        if model.context() == Context::List {
            actions.push((Action::ListOpen, "open"));
            actions.push(way_back(model));
        } else if model.is_filled() {
            actions.push((Action::FullPane, "all panes"));
        }
        let found = model.find.as_ref().filter(|find| !find.is_in_vain());
        if found.is_some() {
            actions.push((Action::NextMatch, "next match"));
            actions.push((Action::PreviousMatch, "previous"));
        } else {
            actions.push((Action::Search, "search"));
        }
        if model.find.is_some() {
            actions.push((Action::Close, "end search"));
        }
        if model.cause.as_ref().is_some_and(|cause| cause.line.is_some()) {
            actions.push((Action::Cause, "cause"));
        }
        if failures {
            actions.push((Action::NextFailure, "failures"));
        }
        let layout = model.layout();
        if !model.findings.is_empty() && layout.findings.is_empty() && layout.detail.is_empty() {
            actions.push((Action::Findings, "findings"));
        }
        if !model.steps.all().is_empty() && layout.steps.is_empty() {
            actions.push((Action::Steps, "steps"));
        }
        if !model.scroll.is_following() && !model.is_complete() {
            actions.push((Action::Follow, "follow"));
        }
        if model.can_retry() {
            actions.push((Action::Refresh, "retry"));
        }
        actions.push((Action::Quit, "quit"));
    }
    actions
}

/// The way out of a panel.
fn way_back(model: &Model) -> (Action, &'static str) {
    // The timeline came over whatever one was at.
    let timeline = model.panes.focus == Pane::Timeline;
    let to = match (timeline, model.is_filled()) {
        (true, _) => "back",
        (false, true) => "all panes",
        (false, false) => "to the log",
    };
    (Action::ListClose, to)
}

/// A question, with what is typed as its answer and what would come of it.
fn question(model: &Model, ask: &Ask, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let style = |role| model.styles.get(role);
    let words = ask.words();
    let Some(input) = ask.input() else {
        let list = [Segment::left(0, style(Role::Warning), words).cut_to(1)];
        bar(&list, style(Role::Text), area, buf);
        return None;
    };
    let lead = crate::text::width(&words);
    let room = usize::from(area.width).saturating_sub(2);
    let typed = crate::text::width(input.value());
    // What is told at the right gives way to what is typed.
    let spare = room.saturating_sub(lead + typed + 3);
    let aside = if spare < 8 { String::new() } else { cut(&ask.aside(model), spare) };
    let aside_width = crate::text::width(&aside);
    let width = room.saturating_sub(lead + aside_width).max(1);
    let scroll = input.visual_scroll(width);
    let x = area.x + 1;
    buf.set_stringn(x, area.y, &words, room, style(Role::Key));
    let start = x + lead as u16;
    for glyph in &crate::text::view(input.value(), scroll, width).glyphs {
        let at = start + glyph.column as u16;
        if at < area.right() {
            let room = glyph.width.min(usize::from(area.right() - at));
            buf.set_stringn(at, area.y, glyph.symbol, room, style(Role::Prompt));
        }
    }
    let at = area.right().saturating_sub(1 + aside_width as u16);
    buf.set_stringn(at, area.y, &aside, aside_width, style(Role::Hint));
    let cursor = input.visual_cursor().saturating_sub(scroll) as u16;
    Some(Position::new((start + cursor).min(area.right().saturating_sub(1)), area.y))
}
