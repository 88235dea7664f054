//! What the source reports, folded into the model.

use crate::domain::{Build, FeedEvent, Health, Patch, Problem};
use crate::text;

use super::effect::Effect;
use super::model::Model;
use super::repair::Anchor;

/// Folds one report.
pub(super) fn feed(model: &mut Model, event: FeedEvent) -> Vec<Effect> {
    let mut effects = Vec::new();
    model.dirty = true;
    match event {
        FeedEvent::Log(patch) => log(model, &patch),
        FeedEvent::Build(build) => effects.extend(record(model, *build)),
        FeedEvent::Health(health) => self::health(model, health),
        FeedEvent::Notice(text) => model.notice = Some(text::plain(&text).into_owned()),
        FeedEvent::End => {
            model.over = true;
            model.log.end();
            if !matches!(model.health, Health::Stopped { .. }) {
                model.health = Health::Complete;
            }
        }
        FeedEvent::Grew => model.log.grew(),
        FeedEvent::Reopened => {
            model.log.reopened();
            if let Some(find) = &mut model.find {
                find.truncate(0);
            }
        }
    }
    effects
}

/// The source's task is gone; if it said goodbye, that is as it should be.
pub(super) fn closed(model: &mut Model) {
    if model.over {
        return;
    }
    model.over = true;
    model.log.end();
    model.dirty = true;
    if !matches!(model.health, Health::Stopped { .. }) {
        model.health = Health::Stopped {
            why: Problem {
                brief: "stopped".into(),
                sentence: "What reads the log stopped unexpectedly, so nothing new will arrive. \
                           Quit and start again; `-v` writes a log file that tells more."
                    .into(),
            },
        };
    }
}

/// Takes note of how the source is doing. Why it stopped is told in full below
/// a log, too, until it goes on: the bar has room for a word only.
fn health(model: &mut Model, health: Health) {
    if let Health::Stopped { why } = &model.health
        && model.notice.as_deref() == Some(&*text::plain(&why.sentence))
    {
        model.notice = None;
    }
    if let Health::Stopped { why } = &health
        && !model.log.store().is_empty()
    {
        model.notice = Some(text::plain(&why.sentence).into_owned());
    }
    model.health = health;
}

fn log(model: &mut Model, patch: &Patch) {
    let kept = patch.keep.unwrap_or(u32::MAX);
    if kept >= model.log.store().len() {
        model.log.apply(patch);
        return;
    }
    // A repair: what is on the screen stays there, by what it says.
    let store = model.log.store();
    let moves =
        |line: crate::domain::LineNo| (line.index() >= kept).then(|| Anchor::at(store, line));
    let top = moves(model.scroll.top.line);
    let cursor = moves(model.scroll.cursor);
    let origin = model.prompt.as_ref().and_then(|p| moves(p.origin.top.line));
    let origin_cursor = model.prompt.as_ref().and_then(|p| moves(p.origin.cursor));
    model.log.apply(patch);
    let store = model.log.store();
    if let Some(anchor) = top {
        model.scroll.top.line = anchor.find(store);
    }
    if let Some(anchor) = cursor {
        model.scroll.cursor = anchor.find(store);
    }
    if let Some(prompt) = &mut model.prompt {
        if let Some(anchor) = origin {
            prompt.origin.top.line = anchor.find(store);
        }
        if let Some(anchor) = origin_cursor {
            prompt.origin.cursor = anchor.find(store);
        }
    }
    if let Some(find) = &mut model.find {
        find.truncate(kept);
    }
}

fn record(model: &mut Model, build: Build) -> Option<Effect> {
    let ended = build.status.is_terminal();
    let news = ended && model.seen_running;
    model.seen_running = !ended;
    model.log.record(&build);
    model.build = Some(build);
    (news && model.options.bell).then_some(Effect::Bell)
}
