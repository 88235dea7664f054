//! What a key means: alone, within a chord, behind a number, or as a letter of
//! what is being typed.

use crossterm::event::KeyEvent;
use tui_input::InputRequest;

use crate::keymap::{Action, Context, Key, Resolution};
use crate::text;

use super::act::act;
use super::browse::list;
use super::direction::Direction;
use super::effect::Effect;
use super::failures::failure;
use super::model::Model;
use super::moves::{down, left, right, up};
use super::palette::{self, Target};
use super::steps::Stops;
use super::{ask, editing, filters, find, help, jumps, prompt, steps};

/// Folds a key.
pub(super) fn key(model: &mut Model, event: &KeyEvent) -> Vec<Effect> {
    let had_answer = model.answer.take().is_some() | std::mem::take(&mut model.hint);
    let quoted = std::mem::take(&mut model.quoted);
    let dashed = std::mem::take(&mut model.dashed);
    let context = model.context();
    if digit(model, context, Key::from_event(event)) {
        model.dirty = true;
        return Vec::new();
    }
    model.pending.push(Key::from_event(event));
    model.dirty |= had_answer;
    if help::typed(model, Key::from_event(event)) {
        model.pending.clear();
        return Vec::new();
    }
    let resolution = model.keymap.resolve(context, &model.pending);
    match resolution {
        Resolution::Pending => {
            model.dirty = true;
            return Vec::new();
        }
        Resolution::Action(action) => {
            model.dirty = true;
            if action != Action::SearchWord {
                model.spot = None;
            }
            model.pending.clear();
            if quoted && action == Action::MarkList {
                jumps::swap(model);
                return Vec::new();
            }
            // As it is typed in less.
            let long_lines = dashed && Key::from_event(event).typed() == Some('S');
            let action = if long_lines { Action::Wrap } else { action };
            return match model.count.take() {
                Some(count) => counted(model, action, count),
                None => act(model, action),
            };
        }
        Resolution::Unbound => {}
    }
    model.dirty |= model.count.take().is_some();
    let chord = model.pending.len() > 1;
    model.pending.clear();
    if chord {
        // Not a chord after all: the last key means what it means alone.
        model.dirty = true;
        return key(model, event);
    }
    // Where keys are text or a list's own, the help is asked for all the same.
    let asked = [Key::from_event(event)];
    if matches!(context, Context::Menu | Context::Prompt)
        && (context == Context::Menu || asked.iter().all(|key| key.typed().is_none()))
        && model.keymap.resolve(Context::Log, &asked) == Resolution::Action(Action::Help)
    {
        model.dirty = true;
        return act(model, Action::Help);
    }
    if context != Context::Prompt {
        return Vec::new();
    }
    if let Some(c) = Key::from_event(event).typed().filter(|c| is_pasted(*c)) {
        match model.ask {
            Some(_) => ask::paste(model, c.encode_utf8(&mut [0; 4])),
            None => prompt::paste(model, c.encode_utf8(&mut [0; 4])),
        }
        return Vec::new();
    }
    let request = editing::request(event);
    // Where there is nothing to delete, the prompt itself is.
    if request == Some(InputRequest::DeletePrevChar) && prompt::is_empty(model) {
        model.dirty = true;
        return act(model, Action::Cancel);
    }
    if matches!(request, Some(InputRequest::InsertChar(_))) && prompt::is_full(model) {
        return Vec::new();
    }
    if model.ask.is_some() {
        return ask::key(model, Key::from_event(event).typed(), request);
    }
    if let Some(request) = request {
        prompt::edit(model, request);
    }
    Vec::new()
}

/// Whether a character that came as a key was pasted, into a terminal that
/// doesn't tell: nobody types what can't be seen, but for the joiner, which is a
/// part of pictures.
fn is_pasted(c: char) -> bool {
    text::is_unseen(c) && c != '\u{200D}'
}

/// Takes a digit as part of a number before a key; a digit that is bound means
/// what it is bound to, except after another one.
fn digit(model: &mut Model, context: Context, key: Key) -> bool {
    if !matches!(context, Context::Log | Context::List) || !model.pending.is_empty() {
        return false;
    }
    let Some(digit) = key.typed().and_then(|c| c.to_digit(10)) else { return false };
    let bound = model.keymap.resolve(context, &[key]) != Resolution::Unbound;
    if model.count.is_none() && (bound || digit == 0) {
        return false;
    }
    let count = model.count.unwrap_or(0).saturating_mul(10).saturating_add(digit.into());
    model.count = Some(count.min(u64::from(u32::MAX)));
    true
}

/// Does what a key does with a number before it: to that line, that
/// percentage, by so many. Where a number makes no sense it is ignored.
fn counted(model: &mut Model, action: Action, count: u64) -> Vec<Effect> {
    let times = u32::try_from(count).unwrap_or(u32::MAX);
    let pages = |rows: u32| rows.max(1).saturating_mul(times);
    let height = u32::from(model.layout().log.height);
    match action {
        Action::Top | Action::Bottom if count > 0 => palette::go(model, Target::Line(count)),
        Action::Percent if count <= 100 => palette::go(model, Target::Percent(count as f64)),
        Action::Percent => model.answer = Some("Percentages end at 100".into()),
        Action::NextMatch => find::step(model, Direction::Forward, times),
        Action::PreviousMatch => find::step(model, Direction::Back, times),
        Action::NextFailure => failure(model, Direction::Forward, times),
        Action::PreviousFailure => failure(model, Direction::Back, times),
        Action::NextStep => steps::walk(model, Direction::Forward, Stops::All, times),
        Action::PreviousStep => steps::walk(model, Direction::Back, Stops::All, times),
        Action::NextFailedStep => steps::walk(model, Direction::Forward, Stops::Failed, times),
        Action::PreviousFailedStep => steps::walk(model, Direction::Back, Stops::Failed, times),
        Action::ListDown => list(model, isize::try_from(times).unwrap_or(isize::MAX)),
        Action::ListUp => list(model, -isize::try_from(times).unwrap_or(isize::MAX)),
        Action::LineDown => down(model, times),
        Action::LineUp => up(model, times),
        Action::HalfPageDown => down(model, pages(height / 2)),
        Action::HalfPageUp => up(model, pages(height / 2)),
        Action::PageDown => down(model, pages(height.saturating_sub(1))),
        Action::PageUp => up(model, pages(height.saturating_sub(1))),
        Action::Left => left(model, times),
        Action::Right => right(model, times),
        Action::MoreContext => filters::context(model, true, times),
        Action::LessContext => filters::context(model, false, times),
        Action::Close => {}
        action => return act(model, action),
    }
    Vec::new()
}
