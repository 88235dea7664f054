//! From a message to the next model.

use std::time::Duration;

use crate::theme::Styles;

use super::clockwork::Ticks;
use super::effect::Effect;
use super::layout::LARGEST;
use super::message::Message;
use super::model::Model;
use super::{
    ask, feed, filters, find, findings, inquiry, keys, lists, marks, mouse, outgoing, prompt,
};

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
            effects.extend(keys::key(model, &event));
            mouse::let_go(model);
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
            (model.width, model.height) = (width.min(LARGEST.0), height.min(LARGEST.1));
            // Nobody knows what is under the pointer now.
            model.drag = None;
            model.dirty = true;
            settle(model);
            find::keep_in_sight(model);
        }
        Message::Remembered(memory) => model.remembered(*memory),
        Message::Past(past) => {
            model.past = past;
            model.dirty = true;
        }
        Message::Report(number, report) => {
            outgoing::reported(model, number, report);
            mouse::let_go(model);
            settle(model);
        }
        Message::Resumed => {
            model.dirty = true;
            // The shell has set its own meanwhile.
            model.title.clear();
        }
        Message::End(ending) => effects.push(Effect::Quit(ending)),
    }
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

/// The terminal's title, if it is to be another than was told before: messages
/// change it, and so does what is read meanwhile.
pub fn title(model: &mut Model) -> Option<String> {
    if !model.options.title {
        return None;
    }
    let title = model.window_title();
    if title == model.title {
        return None;
    }
    model.title.clone_from(&title);
    Some(title)
}
