//! From a message to the next model.

use std::time::Duration;

use crossterm::event::KeyEvent;
use tui_input::InputRequest;

use crate::domain::{FeedCommand, Health, LineNo};
use crate::human;
use crate::keymap::{Action, Context, Key, Resolution};
use crate::memory::{Change, PaneSizes};
use crate::parse::Owner;
use crate::theme::Styles;

use super::clockwork::Ticks;
use super::effect::{Effect, Ending};
use super::layout::Layout;
use super::message::Message;
use super::model::{Help, Model, Subject};
use super::moments::TimeColumn;
use super::palette::{self, Target};
use super::panes::{Pane, Wish};
use super::prompt::Purpose;
use super::scroll::{ItemNo, Place, back};
use super::steps::StepRow;
use super::view::{Item, Scope, Sense, Test};
use super::{
    ask, editing, feed, filters, find, findings, help, inquiry, jumps, lists, marks, menu, mouse,
    outgoing, pins, prompt, scrollbar, select, steps, timeline,
};

/// Columns that one key scrolls sideways.
const SIDEWAYS: u32 = 8;

/// How much of the log is read at a time: some 2 ms, so that a key never waits.
const SLICE: u64 = 256 * 1024;

/// The least time between two looks at the end of a log that is being counted.
const GLANCE: Duration = Duration::from_millis(40);

/// Folds a message into the model, and says what is to be done outside.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    match message {
        Message::Now(now) => {
            let before = Ticks::of(model);
            model.now = now;
            model.dirty |= Ticks::of(model) != before;
            mouse::pull(model);
            return effects;
        }
        Message::Feed(event) => effects.extend(feed::feed(model, event)),
        Message::FeedClosed => feed::closed(model),
        Message::Explained(answer) => inquiry::answered(model, answer),
        Message::Key(event) => {
            settle(model);
            effects.extend(key(model, &event));
            settle(model);
        }
        Message::Mouse(event) => {
            settle(model);
            effects.extend(mouse::mouse(model, event));
            settle(model);
        }
        Message::Paste(text) => {
            match model.ask {
                Some(_) => ask::paste(model, &text),
                None => prompt::paste(model, &text),
            }
            settle(model);
        }
        Message::Background(background) => {
            let styles = Styles::new(&background.theme(), model.styles.depth());
            if model.options.adapts && styles != model.styles {
                model.styles = styles;
                model.dirty = true;
            }
        }
        Message::Resize(width, height) => {
            (model.width, model.height) = (width, height);
            model.dirty = true;
            settle(model);
        }
        Message::Remembered(memory) => model.remembered(*memory),
        Message::Past(past) => {
            model.past = past;
            model.dirty = true;
        }
        Message::Report(number, report) => {
            outgoing::reported(model, number, report);
            settle(model);
        }
        Message::Resumed => {
            model.dirty = true;
            // The shell has set its own meanwhile.
            model.title.clear();
        }
        Message::End(ending) => effects.push(Effect::Quit(ending)),
    }
    effects.extend(title(model));
    effects.extend(model.news.drain(..).map(Effect::Remember));
    effects
}

/// Reads on for a moment: a slice of the log, a slice of the search. Says
/// whether there is more to do at once.
pub fn advance(model: &mut Model) -> bool {
    let (lines, derived) = (model.log.store().len(), model.log.derived());
    let reading = model.log.derive(SLICE);
    if let Some(trouble) = model.log.take_trouble() {
        model.notice = Some(trouble);
        model.dirty = true;
    }
    if lines != model.log.store().len() || derived != model.log.derived() {
        model.dirty = true;
    }
    inquiry::refresh(model);
    model.steps.refresh(&model.log);
    let looking = model.extend_view();
    filters::settle(model);
    let searching = find::advance(model);
    marks::refresh(model);
    findings::announce(model);
    if !waits(model) {
        settle(model);
    }
    reading || looking || searching
}

/// Whether the end of a log that is followed and still being counted is let go
/// by: it is another with every slice, and nobody could read it.
fn waits(model: &mut Model) -> bool {
    if !model.log.is_counting() || !model.scroll.is_following() {
        return false;
    }
    let now = model.now.instant;
    let seen = model.glanced.is_some_and(|at| now.saturating_duration_since(at) < GLANCE);
    if !seen {
        model.glanced = Some(now);
    }
    seen
}

/// Makes the position fit the log and the screen as they are now.
fn settle(model: &mut Model) {
    let height = u32::from(model.layout().log.height);
    let before = model.scroll;
    let mut scroll = model.scroll;
    scroll.settle(&model.rows(), height);
    model.scroll = scroll;
    model.dirty |= before != scroll;
    lists::refresh(model);
}

fn title(model: &mut Model) -> Option<Effect> {
    if !model.options.title {
        return None;
    }
    let title = model.window_title();
    if title == model.title {
        return None;
    }
    model.title.clone_from(&title);
    Some(Effect::Title(title))
}

fn key(model: &mut Model, event: &KeyEvent) -> Vec<Effect> {
    let had_answer = model.answer.take().is_some() | std::mem::take(&mut model.hint);
    let quoted = std::mem::take(&mut model.quoted);
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
    if context != Context::Prompt {
        return Vec::new();
    }
    let request = editing::request(event);
    // Where there is nothing to delete, the prompt itself is.
    if request == Some(InputRequest::DeletePrevChar) && prompt::is_empty(model) {
        model.dirty = true;
        return act(model, Action::Cancel);
    }
    if model.ask.is_some() {
        return ask::key(model, Key::from_event(event).typed(), request);
    }
    if let Some(request) = request {
        prompt::edit(model, request);
    }
    Vec::new()
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
        Action::NextMatch | Action::PreviousMatch => {
            find::step(model, action == Action::NextMatch, times);
        }
        Action::NextFailure => failure(model, true, times),
        Action::PreviousFailure => failure(model, false, times),
        Action::NextStep => steps::walk(model, true, false, times),
        Action::PreviousStep => steps::walk(model, false, false, times),
        Action::NextFailedStep => steps::walk(model, true, true, times),
        Action::PreviousFailedStep => steps::walk(model, false, true, times),
        Action::ListDown => list(model, isize::try_from(times).unwrap_or(isize::MAX)),
        Action::ListUp => list(model, -isize::try_from(times).unwrap_or(isize::MAX)),
        Action::LineDown => down(model, times),
        Action::LineUp => up(model, times),
        Action::HalfPageDown => down(model, pages(height / 2)),
        Action::HalfPageUp => up(model, pages(height / 2)),
        Action::PageDown => down(model, pages(height.saturating_sub(1))),
        Action::PageUp => up(model, pages(height.saturating_sub(1))),
        Action::Close => {}
        action => return act(model, action),
    }
    Vec::new()
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = u32::from(model.layout().log.height);
    let half = (height / 2).max(1);
    // A row of the page before stays in sight.
    let page = height.saturating_sub(1).max(1);
    match action {
        Action::LineDown => {
            let top = model.scroll.top;
            down(model, 1);
            scrollbar::moved(model, top);
        }
        Action::LineUp => {
            let top = model.scroll.top;
            up(model, 1);
            scrollbar::moved(model, top);
        }
        Action::HalfPageDown => down(model, half),
        Action::HalfPageUp => up(model, half),
        Action::PageDown => down(model, page),
        Action::PageUp => up(model, page),
        Action::Top => {
            if model.scroll.cursor != ItemNo::FIRST {
                jumps::record(model);
            }
            (model.anchor, model.stood) = (None, None);
            let mut scroll = model.scroll;
            scroll.to_top(&model.rows());
            model.scroll = scroll;
        }
        Action::Bottom => resume(model),
        Action::Percent => {
            let said = "Type a number first: 50% goes to the middle";
            model.answer = Some(said.into());
        }
        Action::Follow if model.scroll.is_following() => {
            let mut scroll = model.scroll;
            scroll.pause(&model.rows());
            model.scroll = scroll;
        }
        Action::Follow => resume(model),
        Action::Back => jumps::back(model),
        Action::Left => {
            model.scroll.left = model.scroll.left.saturating_sub(SIDEWAYS);
        }
        Action::Right if model.wrap => {
            model.answer = Some("Long lines are wrapped; there is nothing to the right".into());
        }
        Action::Right => {
            let left = model.scroll.left.saturating_add(SIDEWAYS);
            if left < model.widest_in_sight() {
                model.scroll.left = left;
            }
        }
        Action::LineStart => model.scroll.left = 0,
        Action::Wrap => {
            // The cursor's line stays where it is on the screen.
            let row = model.scroll.cursor_row(&model.rows(), height);
            model.wrap = !model.wrap;
            let cursor = Place { item: model.scroll.cursor, row: 0 };
            model.scroll.left = 0;
            model.scroll.top = back(&model.rows(), cursor, row);
            let said = if model.wrap { "Long lines wrap" } else { "Long lines are cut" };
            model.answer = Some(said.into());
        }
        Action::Json => {
            let row = model.scroll.cursor_row(&model.rows(), height);
            model.pretty = !model.pretty;
            let cursor = Place { item: model.scroll.cursor, row: 0 };
            model.scroll.top = back(&model.rows(), cursor, row);
            let said = if model.pretty { "JSON is laid out" } else { "JSON as it came" };
            model.answer = Some(said.into());
        }
        Action::Select => select::toggle(model),
        Action::Copy => return outgoing::copy(model, false),
        Action::CopyReference => return outgoing::copy(model, true),
        Action::Save => ask::save(model),
        Action::Pipe => ask::pipe(model),
        Action::Edit => return outgoing::edit(model),
        Action::Dockerfile => return outgoing::edit_dockerfile(model),
        Action::Mouse => {
            model.mouse = !model.mouse;
            let said = match model.mouse {
                true => "The mouse is ours; with shift it selects as the terminal does",
                false => "The mouse is the terminal's",
            };
            model.answer = Some(said.into());
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::Accept | Action::PromptNext | Action::PromptPrevious if model.ask.is_some() => {
            if action == Action::Accept {
                return ask::accept(model);
            }
        }
        Action::Cancel if model.ask.is_some() => ask::cancel(model),
        Action::Search => prompt::open(model, Purpose::Search),
        Action::Command => prompt::open(model, Purpose::Command),
        Action::ShowOnly | Action::Hide => {
            let sense = if action == Action::Hide { Sense::Hide } else { Sense::Show };
            prompt::open(model, Purpose::Filter { sense, edits: None });
        }
        Action::FilterList => filters::list(model),
        Action::MoreContext => filters::context(model, true),
        Action::LessContext => filters::context(model, false),
        Action::OnlyTrouble => filters::preset(model, &Test::Trouble, Sense::Show),
        Action::HideProgress => filters::preset(model, &Test::Progress, Sense::Hide),
        Action::Pin => prompt::open(model, Purpose::Pin { edits: None }),
        Action::PinList => pins::list(model),
        Action::Mark => marks::toggle(model),
        Action::MarkList => marks::list(model),
        Action::MenuDown
        | Action::MenuUp
        | Action::MenuPageDown
        | Action::MenuPageUp
        | Action::MenuOpen
        | Action::MenuToggle
        | Action::MenuEdit
        | Action::MenuDelete
        | Action::MenuBack
        | Action::MenuClose => menu::act(model, action),
        Action::NextMatch => find::step(model, true, 1),
        Action::PreviousMatch => find::step(model, false, 1),
        Action::SearchWord => find::search_word(model),
        Action::Accept => return prompt::accept(model),
        Action::Cancel => prompt::cancel(model),
        Action::PromptNext => prompt::step(model, true),
        Action::PromptPrevious => prompt::step(model, false),
        Action::PromptOlder => prompt::walk(model, true),
        Action::PromptNewer => prompt::walk(model, false),
        Action::PromptRecall => prompt::recall(model),
        Action::PromptCase | Action::PromptWord | Action::PromptRegex | Action::PromptStep => {
            prompt::toggle(model, action)
        }
        Action::NextFailure => failure(model, true, 1),
        Action::PreviousFailure => failure(model, false, 1),
        Action::Cause => cause(model),
        Action::NextStep => steps::walk(model, true, false, 1),
        Action::PreviousStep => steps::walk(model, false, false, 1),
        Action::NextFailedStep => steps::walk(model, true, true, 1),
        Action::PreviousFailedStep => steps::walk(model, false, true, 1),
        Action::StepOnly => step_only(model),
        Action::Fold => fold(model),
        Action::FoldAll => fold_all(model),
        // A column for nothing would only take room from the text.
        Action::Time if !model.log.store().is_empty() && !model.tells_times() => {
            model.time = TimeColumn::Off;
            model.answer = Some(palette::NO_TIMES.into());
        }
        Action::Time => {
            model.time = model.time.next();
            model.answer = Some(sentence(model.time.title()));
        }
        Action::Steps => toggle(model, Pane::Steps),
        Action::Findings => toggle(model, Pane::Findings),
        Action::Detail => toggle(model, Pane::Detail),
        Action::Timeline => timeline::toggle(model),
        Action::NextPane => focus(model, true),
        Action::PreviousPane => focus(model, false),
        Action::FullPane => {
            model.panes.full = !model.panes.full;
            if !Layout::is_roomy(model.width, model.height) {
                model.answer = Some("A screen this small has one pane at a time anyway".into());
            }
        }
        Action::Taller => resize(model, 2),
        Action::Lower => resize(model, -2),
        Action::Wider => widen(model, 5),
        Action::Narrower => widen(model, -5),
        Action::ListDown => list(model, 1),
        Action::ListUp => list(model, -1),
        Action::ListPageDown => list(model, list_page(model)),
        Action::ListPageUp => list(model, -list_page(model)),
        Action::ListTop => list(model, -(u32::MAX as isize)),
        Action::ListBottom => list(model, u32::MAX as isize),
        Action::ListOpen => list_open(model),
        Action::ListClose if outgoing::cancel(model) => {}
        Action::ListClose if model.panes.focus == Pane::Timeline => timeline::close(model),
        Action::ListClose => model.panes.focus = Pane::Log,
        Action::Refresh => return refresh(model),
        Action::PausePolling => return pause_polling(model),
        Action::Close => {
            // The innermost first; a search inside of a step ends before the
            // step is left, and stops before it ends.
            let closed = outgoing::cancel(model)
                || model.selection.take().is_some()
                || model.notice.take().is_some()
                || filters::cancel(model)
                || model.find.as_mut().is_some_and(find::Find::stop)
                || model.find.take().is_some();
            if !closed {
                steps::leave(model);
            }
        }
        Action::Help => model.help = Some(Help::default()),
        Action::HelpDown => help::scroll(model, 1),
        Action::HelpUp => help::scroll(model, -1),
        Action::HelpPageDown => help::page(model, 1),
        Action::HelpPageUp => help::page(model, -1),
        Action::HelpTop => help::scroll(model, i32::MIN),
        Action::HelpBottom => help::scroll(model, i32::MAX),
        Action::HelpFind => help::find(model),
        Action::HelpClose => help::close(model),
        Action::Redraw => return vec![Effect::Redraw],
        Action::Suspend => return vec![Effect::Suspend],
        // What is typed is given up first, as in a shell.
        Action::Interrupt if model.context() == Context::Prompt => {
            return act(model, Action::Cancel);
        }
        Action::Interrupt if help::is_searched(model) => help::close(model),
        Action::Interrupt => return vec![Effect::Quit(Ending::Interrupted)],
        Action::Quit => return vec![Effect::Quit(Ending::Quit)],
    }
    Vec::new()
}

pub(super) fn down(model: &mut Model, by: u32) {
    if model.selection.is_some() {
        return select::extend(model, i64::from(by));
    }
    (model.anchor, model.stood) = (None, None);
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.down(&model.rows(), height, by);
    model.scroll = scroll;
}

pub(super) fn up(model: &mut Model, by: u32) {
    if model.selection.is_some() {
        return select::extend(model, -i64::from(by));
    }
    (model.anchor, model.stood) = (None, None);
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.up(&model.rows(), height, by);
    model.scroll = scroll;
}

/// To the last line, and what arrives after it.
pub(super) fn resume(model: &mut Model) {
    if !model.scroll.is_following() {
        jumps::record(model);
    }
    // The steps panel goes with it, unless one is in it.
    if model.panes.focus != Pane::Steps {
        model.panes.steps_list.held = false;
    }
    (model.anchor, model.stood) = (None, None);
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.resume(&model.rows(), height);
    if model.selection.is_some() {
        scroll.pause(&model.rows());
    }
    model.scroll = scroll;
}

/// Puts the cursor on a line and brings it into sight. What hides the line
/// gives way: a fold is opened, a step's view is left, filters are switched off.
pub(super) fn reveal(model: &mut Model, line: LineNo) {
    if line != model.cursor_line() || model.scroll.is_following() {
        jumps::record(model);
    }
    reveal_quietly(model, line);
}

/// As [`reveal`], and no jump to go back from.
pub(super) fn reveal_quietly(model: &mut Model, line: LineNo) {
    model.dirty = true;
    (model.anchor, model.stood) = (None, None);
    if hides(model, line) {
        uncover(model, line);
    }
    show(model, model.view.nearest(&model.log, line));
}

/// Puts the cursor on an item and brings it into sight.
pub(super) fn reveal_item(model: &mut Model, item: ItemNo) {
    jumps::record(model);
    show(model, item);
}

fn show(model: &mut Model, item: ItemNo) {
    model.dirty = true;
    (model.anchor, model.stood) = (None, None);
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.reveal(&model.rows(), height, item);
    model.scroll = scroll;
}

/// Whether a line is there and isn't shown.
pub(super) fn hides(model: &Model, line: LineNo) -> bool {
    line.index() < model.log.store().len() && model.view.find(&model.log, line).is_none()
}

fn uncover(model: &mut Model, line: LineNo) {
    let owner = model.log.tree().owner(line);
    if !steps::is_in(model, model.view.scope(), line) {
        model.back = None;
        model.reshape(|view| view.change(|scope, _, _| *scope = Scope::Log));
    }
    if let Owner::Step(id) = owner
        && model.view.folds().is_folded(id)
    {
        model.reshape(|view| view.change(|_, folds, _| folds.toggle(id)));
    }
    if hides(model, line) && model.view.filters().active() {
        filters::give_way(model, line);
    }
    model.anchor = None;
}

/// Shows the log in front, where another pane takes its place.
pub(super) fn to_log(model: &mut Model) {
    if model.layout().over.is_some() {
        model.panes.focus = Pane::Log;
    }
}

/// Shows only the step under the cursor (or all again).
fn step_only(model: &mut Model) {
    if model.view.scope() != Scope::Log {
        steps::leave(model);
        return;
    }
    if let Some(Item::Folded { step, .. }) = model.item(model.scroll.cursor) {
        model.reshape(|view| view.change(|_, folds, _| folds.toggle(step)));
        return;
    }
    match steps::here(model) {
        Some(id) => steps::only(model, Scope::Step(id)),
        None => model.answer = Some("This line belongs to no step".into()),
    }
}

fn fold(model: &mut Model) {
    if model.view.scope() != Scope::Log {
        model.answer = Some("Only one step is shown; there is nothing to fold".into());
        return;
    }
    match steps::here(model) {
        Some(id) => model.reshape(|view| view.change(|_, folds, _| folds.toggle(id))),
        None => model.answer = Some("This line belongs to no step".into()),
    }
}

fn fold_all(model: &mut Model) {
    if model.view.scope() != Scope::Log {
        model.answer = Some("Only one step is shown; there is nothing to fold".into());
        return;
    }
    if model.log.tree().steps().is_empty() {
        model.answer = Some("No steps to fold".into());
        return;
    }
    model.reshape(|view| view.change(|_, folds, _| folds.toggle_all()));
}

/// A title as a sentence.
fn sentence(title: &str) -> String {
    let mut chars = title.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}

/// Whether there is anything in a pane.
fn has(model: &Model, pane: Pane) -> bool {
    match pane {
        Pane::Log => true,
        Pane::Steps | Pane::Timeline => !model.steps.all().is_empty(),
        Pane::Findings | Pane::Detail => !model.findings.is_empty(),
    }
}

/// Shows a pane, or hides it. Where there is room for one pane only, it comes
/// and goes with the keys.
fn toggle(model: &mut Model, pane: Pane) {
    let shown = !model.layout().pane(pane).is_empty();
    if !shown && !has(model, pane) {
        let so_far = if model.over { "" } else { " so far" };
        let what = if pane == Pane::Steps { "steps" } else { "findings" };
        model.answer = Some(format!("No {what}{so_far}"));
        return;
    }
    let alone = model.panes.full || !Layout::is_roomy(model.width, model.height);
    // Instead of the timeline, which hides them all.
    let instead = model.panes.focus == Pane::Timeline;
    if instead {
        timeline::close(model);
    }
    let wish = if shown { Wish::Hidden } else { Wish::Shown };
    match pane {
        _ if alone => {}
        Pane::Steps => model.panes.steps = wish,
        Pane::Findings => model.panes.findings = wish,
        Pane::Detail => {
            model.panes.detail = wish;
            if !shown {
                model.panes.findings = Wish::Shown;
            }
        }
        Pane::Log | Pane::Timeline => {}
    }
    if shown {
        model.panes.focus = Pane::Log;
    } else if alone || instead || pane == Pane::Detail {
        model.panes.focus = pane;
        steps::come(model);
    }
}

/// Gives the keys to the next pane that is to be seen, or could be.
fn focus(model: &mut Model, forward: bool) {
    let alone = model.panes.full || !Layout::is_roomy(model.width, model.height);
    let layout = model.layout();
    let open: Vec<Pane> = Pane::ALL
        .into_iter()
        .filter(|&pane| match alone {
            true => has(model, pane),
            // The findings and their detail share a place on a screen that
            // has no room for both.
            false => {
                pane == Pane::Log
                    || !layout.pane(pane).is_empty()
                    || pane == Pane::Findings && !layout.detail.is_empty()
                    || pane == Pane::Detail
                        && !layout.findings.is_empty()
                        && model.panes.detail != Wish::Hidden
            }
        })
        .collect();
    let at = open.iter().position(|pane| *pane == model.panes.focus).unwrap_or(0);
    let next = if forward { at + 1 } else { at + open.len() - 1 } % open.len().max(1);
    model.panes.focus = open.get(next).copied().unwrap_or_default();
    steps::come(model);
    if open.len() == 1 {
        model.answer = Some("The log is the only pane now".into());
    }
}

/// The height of the panels below the log.
fn resize(model: &mut Model, by: i16) {
    let layout = model.layout();
    let now = [layout.steps, layout.findings, layout.detail].iter().map(|p| p.height).max();
    match now {
        Some(rows) if rows > 0 && layout.over.is_none() => {
            model.panes.dock = Some(rows.saturating_add_signed(by).max(3));
            remember_sizes(model);
        }
        _ => model.answer = Some("No panels to size; s shows the steps".into()),
    }
}

fn remember_sizes(model: &mut Model) {
    let (dock, split) = (model.panes.dock, model.panes.split);
    model.remember(Change::Sized(PaneSizes { dock, split }));
}

/// The width of the first panel below the log.
fn widen(model: &mut Model, by: i16) {
    let layout = model.layout();
    let first = [layout.steps, layout.findings].into_iter().find(|p| !p.is_empty());
    match first {
        Some(area) if area.width < model.width && layout.over.is_none() => {
            let percent = u32::from(area.width) * 100 / u32::from(model.width.max(1));
            let percent = (percent as u16).saturating_add_signed(by).clamp(15, 85);
            model.panes.split = Some(percent);
            remember_sizes(model);
        }
        _ => model.answer = Some("There are no two panels side by side".into()),
    }
}

fn list_page(model: &Model) -> isize {
    let height = model.layout().pane(model.panes.focus).height;
    isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1)
}

/// Moves the selection of the panel that has the keys.
pub(super) fn list(model: &mut Model, by: isize) {
    let pane = model.panes.focus;
    let height = usize::from(model.layout().pane(pane).height);
    match pane {
        Pane::Steps => {
            model.panes.steps_list.step(by, model.steps.all().len(), height);
            let row = model.steps.all().get(model.panes.steps_list.at).copied();
            if let Some(line) = row.and_then(|row| row.line(model.log.tree())) {
                // From row to row is one jump.
                if model.jumps.led != Some(model.cursor_line()) {
                    jumps::record(model);
                }
                model.scroll.left = 0;
                reveal_quietly(model, line);
                model.jumps.led = Some(model.cursor_line());
            }
        }
        Pane::Findings => {
            let len = model.lists.findings().len();
            model.panes.findings_list.step(by, len, height);
            model.panes.detail_list = Default::default();
        }
        // A text is scrolled; nothing in it is selected.
        Pane::Detail => {
            let len = model.lists.detail().len();
            let list = &mut model.panes.detail_list;
            let most = len.saturating_sub(height);
            list.top = list.top.saturating_add_signed(by).min(most);
            list.at = list.top;
        }
        Pane::Timeline => timeline::step(model, by),
        Pane::Log => {}
    }
}

/// Opens what the selected row leads to.
pub(super) fn list_open(model: &mut Model) {
    match model.panes.focus {
        Pane::Steps => {
            let row = model.steps.all().get(model.panes.steps_list.at).copied();
            match row {
                Some(StepRow::Step(id)) => steps::only(model, Scope::Step(id)),
                Some(StepRow::Phase(id)) => steps::only(model, Scope::Phase(id)),
                Some(StepRow::Build(_)) | None => model.panes.focus = Pane::Log,
            }
        }
        Pane::Findings => {
            let row = model.lists.findings().get(model.panes.findings_list.at).cloned();
            findings::open(model, row);
        }
        Pane::Detail => cause_of_selected(model),
        Pane::Timeline => timeline::open(model),
        Pane::Log => {}
    }
}

/// To the line that states the finding in detail.
fn cause_of_selected(model: &mut Model) {
    let at = findings::selected(model);
    let line = model.findings.get(at).and_then(|told| told.finding.line);
    match line.filter(|line| line.index() < model.log.store().len()) {
        Some(line) => {
            model.panes.focus = Pane::Log;
            model.scroll.left = 0;
            reveal(model, line);
        }
        None => model.answer = Some("It is not in a line of the log".into()),
    }
}

/// To the next or previous line that states a failure or proves a finding,
/// around the ends.
fn failure(model: &mut Model, forward: bool, times: u32) {
    to_log(model);
    let lines = model.trouble_lines();
    let count = lines.len();
    // While following, one reads "the end": next is the first there is.
    let from = model.cursor_line();
    let found = if forward && model.scroll.is_following() {
        None
    } else if forward {
        lines.iter().position(|line| *line > from)
    } else {
        lines.iter().rposition(|line| *line < from)
    };
    let around = found.is_none() && !(forward && model.scroll.is_following());
    let at = found.unwrap_or(if forward { 0 } else { count.saturating_sub(1) });
    // Further on by the rest of the count, around the ends.
    let more = times.saturating_sub(1) as usize % count.max(1);
    let further = if forward { at + more } else { at + count - more };
    let around = around || times as usize > count || (further >= count) == forward && more > 0;
    let at = further % count.max(1);
    let Some(line) = lines.get(at).copied() else {
        let so_far = if model.over { "" } else { " so far" };
        model.answer = Some(format!("No failure lines{so_far}"));
        return;
    };
    let wrapped = match (around && count > 1, forward) {
        (true, true) => ", from the top again",
        (true, false) => ", from the end again",
        (false, _) => "",
    };
    model.answer = Some(format!("Failure {} of {}{wrapped}", at + 1, human::count(count as u64)));
    model.scroll.left = 0;
    reveal(model, line);
}

fn cause(model: &mut Model) {
    to_log(model);
    match model.cause.as_ref().map(|cause| cause.line) {
        Some(Some(line)) => {
            model.scroll.left = 0;
            reveal(model, line);
        }
        Some(None) => model.answer = Some("The cause is not in a line of the log".into()),
        None => {
            let so_far = if model.over { "" } else { " so far" };
            model.answer = Some(format!("No cause is known{so_far}"));
        }
    }
}

/// Why a log of a file or a pipe can't be asked for.
const NOBODY_ASKED: &str = "Nobody is asked for it: what is added is read as it comes";

fn refresh(model: &mut Model) -> Vec<Effect> {
    if model.over && !matches!(model.health, Health::Stopped { .. }) {
        model.answer = Some("Everything has been read; there is nothing to ask for".into());
        return Vec::new();
    }
    if model.over {
        model.answer = Some("What reads the log has ended; start buildcat again".into());
        return Vec::new();
    }
    if matches!(model.subject, Subject::Text { .. }) {
        model.answer = Some(NOBODY_ASKED.into());
        return Vec::new();
    }
    model.answer = Some("Asking again".into());
    vec![Effect::Command(FeedCommand::Refresh)]
}

fn pause_polling(model: &mut Model) -> Vec<Effect> {
    match model.health {
        _ if model.over => {
            model.answer = Some("Everything has been read; nobody is being asked".into());
            Vec::new()
        }
        _ if matches!(model.subject, Subject::Text { .. }) => {
            model.answer = Some(NOBODY_ASKED.into());
            Vec::new()
        }
        Health::Paused => vec![Effect::Command(FeedCommand::Resume)],
        _ => vec![Effect::Command(FeedCommand::Pause)],
    }
}

impl Model {
    /// The lines that state a failure or prove a finding, ascending.
    pub fn trouble_lines(&self) -> Vec<LineNo> {
        let findings = self.findings.iter().map(|told| &told.finding);
        let proofs = findings.flat_map(|f| f.evidence.iter().chain(f.line.as_ref()).copied());
        let mut lines = self.log.failure_lines().to_vec();
        let len = self.log.store().len();
        lines.extend(proofs.filter(|line| line.index() < len));
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// What the terminal's title says.
    pub fn window_title(&self) -> String {
        let state = self.state();
        format!("{} {} · {} · buildcat", state.sign(), state.word(), self.subject_name())
    }

    /// What is looked at, in a few columns.
    pub fn subject_name(&self) -> String {
        use super::Subject;
        match &self.subject {
            Subject::Text { name } => crate::text::plain(name).into_owned(),
            Subject::Build(id) => {
                let served = self.build.as_ref().and_then(|build| build.id.as_deref());
                match (id, served) {
                    (Some(id), _) => id.short().to_owned(),
                    (None, Some(id)) => crate::text::plain(id).chars().take(8).collect(),
                    (None, None) => "newest build".to_owned(),
                }
            }
        }
    }

    /// Columns of the widest line in sight.
    fn widest_in_sight(&self) -> u32 {
        let store = self.log.store();
        let top = self.scroll.top.item.index();
        let end = top.saturating_add(u32::from(self.layout().log.height));
        let items = (top..end).map_while(|i| self.item(ItemNo::new(i)));
        let widths = items.map(|item| crate::text::width(&store.text(item.line())));
        u32::try_from(widths.max().unwrap_or(0)).unwrap_or(u32::MAX)
    }
}
