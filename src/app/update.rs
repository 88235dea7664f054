//! From a message to the next model.

use crossterm::event::{Event, KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use tui_input::backend::crossterm::to_input_request;

use crate::domain::{FeedCommand, Health, LineNo};
use crate::human;
use crate::keymap::{Action, Context, Key, Resolution};

use super::clockwork::Ticks;
use super::effect::{Effect, Ending};
use super::message::Message;
use super::model::{Help, Model};
use super::scroll::{Place, back, forward};
use super::{feed, find, help, inquiry};

/// Rows that one notch of the wheel scrolls.
const NOTCH: u32 = 3;

/// Columns that one key scrolls sideways.
const SIDEWAYS: u32 = 8;

/// How much of the log is read at a time: some 2 ms, so that a key never waits.
const SLICE: u64 = 256 * 1024;

/// Folds a message into the model, and says what is to be done outside.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    match message {
        Message::Now(now) => {
            let before = Ticks::of(model);
            model.now = now;
            model.dirty |= Ticks::of(model) != before;
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
            mouse(model, event);
            settle(model);
        }
        Message::Paste(text) => {
            find::paste(model, &text);
            settle(model);
        }
        Message::Resize(width, height) => {
            (model.width, model.height) = (width, height);
            model.dirty = true;
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
    let searching = find::advance(model);
    settle(model);
    reading || searching
}

/// Makes the position fit the log and the screen as they are now.
fn settle(model: &mut Model) {
    let height = u32::from(model.layout().log.height);
    let before = model.scroll;
    let mut scroll = model.scroll;
    scroll.settle(&model.rows(), height);
    model.scroll = scroll;
    model.dirty |= before != scroll;
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
    let had_answer = model.answer.take().is_some();
    let context = model.context();
    model.pending.push(Key::from_event(event));
    model.dirty |= had_answer;
    let resolution = model.keymap.resolve(context, &model.pending);
    match resolution {
        Resolution::Pending => {
            model.dirty = true;
            return Vec::new();
        }
        Resolution::Action(action) => {
            model.dirty = true;
            model.pending.clear();
            return act(model, action);
        }
        Resolution::Unbound => {}
    }
    let chord = model.pending.len() > 1;
    model.pending.clear();
    if chord {
        // Not a chord after all: the last key means what it means alone.
        model.dirty = true;
        return key(model, event);
    }
    if context == Context::Prompt
        && let Some(request) = to_input_request(&Event::Key(*event))
    {
        find::edit(model, request);
    }
    Vec::new()
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = u32::from(model.layout().log.height);
    let half = (height / 2).max(1);
    // A row of the page before stays in sight.
    let page = height.saturating_sub(1).max(1);
    match action {
        Action::LineDown => down(model, 1),
        Action::LineUp => up(model, 1),
        Action::HalfPageDown => down(model, half),
        Action::HalfPageUp => up(model, half),
        Action::PageDown => down(model, page),
        Action::PageUp => up(model, page),
        Action::Top => {
            let mut scroll = model.scroll;
            scroll.to_top(&model.rows());
            model.scroll = scroll;
        }
        Action::Bottom => resume(model),
        Action::Follow if model.scroll.is_following() => {
            let mut scroll = model.scroll;
            scroll.pause(&model.rows());
            model.scroll = scroll;
        }
        Action::Follow => resume(model),
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
            let cursor = Place { line: model.scroll.cursor, row: 0 };
            model.scroll.left = 0;
            model.scroll.top = back(&model.rows(), cursor, row);
            let said = if model.wrap { "Long lines wrap" } else { "Long lines are cut" };
            model.answer = Some(said.into());
        }
        Action::Search => find::open(model),
        Action::NextMatch => find::step(model, true),
        Action::PreviousMatch => find::step(model, false),
        Action::Accept => find::accept(model),
        Action::Cancel => find::cancel(model),
        Action::PromptNext => find::step(model, true),
        Action::PromptPrevious => find::step(model, false),
        Action::NextFailure => failure(model, true),
        Action::PreviousFailure => failure(model, false),
        Action::Cause => cause(model),
        Action::Refresh => return refresh(model),
        Action::PausePolling => return pause_polling(model),
        Action::Close => {
            if model.notice.take().is_none() {
                model.find = None;
            }
        }
        Action::Help => model.help = Some(Help::default()),
        Action::HelpDown => {
            let most = help::most(model);
            if let Some(help) = &mut model.help {
                help.top = help.top.saturating_add(1).min(most);
            }
        }
        Action::HelpUp => {
            if let Some(help) = &mut model.help {
                help.top = help.top.saturating_sub(1);
            }
        }
        Action::HelpClose => model.help = None,
        Action::Suspend => return vec![Effect::Suspend],
        Action::Interrupt => return vec![Effect::Quit(Ending::Interrupted)],
        Action::Quit => return vec![Effect::Quit(Ending::Quit)],
    }
    Vec::new()
}

fn down(model: &mut Model, by: u32) {
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.down(&model.rows(), height, by);
    model.scroll = scroll;
}

fn up(model: &mut Model, by: u32) {
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.up(&model.rows(), height, by);
    model.scroll = scroll;
}

fn resume(model: &mut Model) {
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.resume(&model.rows(), height);
    model.scroll = scroll;
}

/// Puts the cursor on a line and brings it into sight.
pub(super) fn reveal(model: &mut Model, line: LineNo) {
    let height = u32::from(model.layout().log.height);
    let mut scroll = model.scroll;
    scroll.reveal(&model.rows(), height, line);
    model.scroll = scroll;
    model.dirty = true;
}

/// To the next or previous line that states a failure, around the ends.
fn failure(model: &mut Model, forward: bool) {
    let lines = model.log.failure_lines();
    let count = lines.len();
    // While following, one reads "the end": next is the first there is.
    let from = model.scroll.cursor;
    let found = if forward && model.scroll.is_following() {
        None
    } else if forward {
        lines.iter().position(|line| *line > from)
    } else {
        lines.iter().rposition(|line| *line < from)
    };
    let around = found.is_none() && !(forward && model.scroll.is_following());
    let at = found.unwrap_or(if forward { 0 } else { count.saturating_sub(1) });
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

fn refresh(model: &mut Model) -> Vec<Effect> {
    if model.over && !matches!(model.health, Health::Stopped { .. }) {
        model.answer = Some("Everything has been read; there is nothing to ask for".into());
        return Vec::new();
    }
    if model.over {
        model.answer = Some("What reads the log has ended; start buildcat again".into());
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
        Health::Paused => vec![Effect::Command(FeedCommand::Resume)],
        _ => vec![Effect::Command(FeedCommand::Pause)],
    }
}

fn mouse(model: &mut Model, event: MouseEvent) {
    if model.help.is_some() {
        match event.kind {
            MouseEventKind::ScrollDown => drop(act(model, Action::HelpDown)),
            MouseEventKind::ScrollUp => drop(act(model, Action::HelpUp)),
            _ => return,
        }
        model.dirty = true;
        return;
    }
    match event.kind {
        MouseEventKind::ScrollDown => down(model, NOTCH),
        MouseEventKind::ScrollUp => up(model, NOTCH),
        MouseEventKind::ScrollLeft => drop(act(model, Action::Left)),
        MouseEventKind::ScrollRight => drop(act(model, Action::Right)),
        MouseEventKind::Down(MouseButton::Left) => {
            let log = model.layout().log;
            let inside = (log.top()..log.bottom()).contains(&event.row);
            if !inside {
                return;
            }
            let row = u32::from(event.row - log.top());
            let place: Place = forward(&model.rows(), model.scroll.top, row);
            reveal(model, place.line);
        }
        _ => return,
    }
    model.dirty = true;
}

impl Model {
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
        let top = self.scroll.top.line.index();
        let end = top.saturating_add(u32::from(self.layout().log.height)).min(store.len());
        let widths = (top..end).map(|i| crate::text::width(&store.text(LineNo::new(i))));
        u32::try_from(widths.max().unwrap_or(0)).unwrap_or(u32::MAX)
    }
}
