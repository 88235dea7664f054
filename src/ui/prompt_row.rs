//! What is being typed: the prompt, and at the right what comes of it.
//!
//! ```text
//!  /uv.lock▏                                         word  3/48
//!  /uv(▏                         unclosed group at character 3
//!  recall (lock) /uv.lock▏
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

use crate::app::view::Sense;
use crate::app::{Model, Prompt, Purpose};
use crate::keymap::Action;
use crate::text;
use crate::theme::Role;

use super::segments::cut;

pub(super) fn draw(model: &Model, prompt: &Prompt, area: Rect, buf: &mut Buffer) -> Position {
    let style = |role| model.styles.get(role);
    let above = model.prompt_lines();
    let mut area = area;
    for line in above.iter().take(usize::from(area.height.saturating_sub(1))) {
        let role = match prompt.broken.is_some() || !prompt.takes_expressions() {
            true => Role::PromptError,
            false => Role::Title,
        };
        let room = usize::from(area.width.saturating_sub(2));
        buf.set_stringn(area.x + 1, area.y, cut(line, room), room, style(role));
        area = Rect { y: area.y + 1, height: area.height - 1, ..area };
    }
    let value = prompt.input.value();
    let label = label(prompt);
    let room = usize::from(area.width).saturating_sub(2 + text::width(&label));
    let told = told(model, prompt, above.is_empty()).map(|(role, words)| {
        let spare = room.saturating_sub(text::width(value) + 3);
        (role, cut(&words, spare.max(room / 2).min(room.saturating_sub(4))))
    });
    let aside = told.as_ref().map_or(0, |(_, words)| text::width(words) + 2);
    let width = room.saturating_sub(aside).max(1);
    let scroll = prompt.input.visual_scroll(width);
    let (x, _) = buf.set_stringn(area.x + 1, area.y, &label, room, style(Role::Key));
    // Where it breaks, it is told apart by more than a colour.
    let broken = prompt.broken.as_ref().map_or(usize::MAX, |broken| broken.at);
    let wrong = style(Role::PromptError).add_modifier(Modifier::UNDERLINED);
    for glyph in &text::view(value, scroll, width).glyphs {
        let look = if glyph.range.start >= broken { wrong } else { style(Role::Prompt) };
        let at = x + glyph.column as u16;
        buf.set_stringn(at, area.y, glyph.symbol, glyph.width, look);
    }
    if let Some((role, words)) = told {
        let at = area.right().saturating_sub(1 + text::width(&words) as u16);
        buf.set_string(at, area.y, &words, style(role));
    }
    let cursor = prompt.input.visual_cursor().saturating_sub(scroll) as u16;
    Position::new((x + cursor).min(area.right().saturating_sub(1)), area.y)
}

/// What stands before the text.
fn label(prompt: &Prompt) -> String {
    let sign = match prompt.purpose {
        Purpose::Search => "/",
        Purpose::Filter { sense: Sense::Show, .. } => "only: ",
        Purpose::Filter { sense: Sense::Hide, .. } => "hide: ",
        Purpose::Pin { .. } => "pin: ",
        Purpose::Command => ":",
    };
    match &prompt.recall {
        Some(recall) if recall.failed => format!("no recall ({}) {sign}", recall.needle),
        Some(recall) => format!("recall ({}) {sign}", recall.needle),
        None => sign.to_owned(),
    }
}

/// What is told at the right; what is wrong or was answered, if that isn't told
/// above.
fn told(model: &Model, prompt: &Prompt, beside: bool) -> Option<(Role, String)> {
    let note = prompt.note.clone().filter(|_| beside).unwrap_or_default();
    let toggles = toggles(prompt);
    let counter = match prompt.purpose {
        Purpose::Command if note.is_empty() => return hint(model, prompt),
        Purpose::Command => return Some((Role::PromptError, note)),
        // What a filter is to be picks from all lines, whatever is shown now.
        Purpose::Filter { .. } => model.find.as_ref().map(|find| find.lines(model)),
        _ => model.find.as_ref().map(|find| find.counter(model)),
    };
    let counter = counter.unwrap_or_default();
    let (role, rest) = match &prompt.broken {
        Some(broken) if beside => (Role::PromptError, broken.sentence.clone()),
        Some(_) => (Role::PromptError, String::new()),
        None => (Role::Title, note),
    };
    let words = [toggles, counter, rest];
    let words: Vec<&str> = words.iter().map(|w| w.trim()).filter(|w| !w.is_empty()).collect();
    if words.is_empty() {
        return hint(model, prompt);
    }
    Some((role, words.join("  ")))
}

/// What can be typed, while nothing has been.
fn hint(model: &Model, prompt: &Prompt) -> Option<(Role, String)> {
    if !prompt.input.value().is_empty() {
        return None;
    }
    let key = |action| model.keymap.key(action).unwrap_or_default();
    let enter = key(Action::Accept);
    let keys = [
        (Action::PromptCase, "case"),
        (Action::PromptWord, "word"),
        (Action::PromptRegex, "plain"),
        (Action::PromptStep, "step"),
        (Action::PromptOlder, "last"),
    ]
    .map(|(action, word)| format!("{} {word}", key(action)));
    Some((
        Role::Hint,
        match prompt.purpose {
            Purpose::Command => "a name, or 42  $  50%  10:04  +90s".to_owned(),
            Purpose::Search => keys.join("  "),
            Purpose::Filter { .. } if model.view.filters().active() => {
                format!("{enter} now switches all filters off")
            }
            Purpose::Filter { sense: Sense::Show, .. } => {
                "an expression; only lines with a match stay".to_owned()
            }
            Purpose::Filter { sense: Sense::Hide, .. } => {
                "an expression; lines with a match go".to_owned()
            }
            Purpose::Pin { .. } => format!("{enter} now pins what is searched"),
        },
    ))
}

/// How the expression is read, where it isn't as usual.
fn toggles(prompt: &Prompt) -> String {
    if !prompt.takes_expressions() {
        return String::new();
    }
    let step = prompt.only.map(|_| "step");
    prompt.options.words().into_iter().chain(step).collect::<Vec<_>>().join(" ")
}
