//! What the source reports, folded into the model.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Build, FeedEvent, Health, LineNo, Patch, Problem};
use crate::text;

use super::effect::Effect;
use super::jumps::Jumps;
use super::model::{Anchored, Model, Subject};
use super::polling::ASKING;
use super::repair::Anchor;
use super::scroll::ItemNo;
use super::view::Item;

/// Folds one report.
pub(super) fn feed(model: &mut Model, event: FeedEvent) -> Vec<Effect> {
    let mut effects = Vec::new();
    model.dirty = true;
    match event {
        FeedEvent::Log(patch) => log(model, &patch),
        FeedEvent::Build(build) => effects.extend(record(model, *build)),
        FeedEvent::Health(health) => self::health(model, health),
        FeedEvent::Notice(text) => notice(model, &text),
        FeedEvent::End => {
            model.over = true;
            let stopped = matches!(model.health, Health::Stopped { .. });
            // That a text breaks off is not the build's doing.
            if !(stopped && matches!(model.subject, Subject::Text { .. })) {
                model.log.end();
            }
            if !stopped {
                model.health = Health::Complete;
            }
        }
        FeedEvent::Seen(_) => {}
        FeedEvent::Grew => model.log.grew(),
        FeedEvent::Reopened => {
            model.log.reopened();
            model.marks.forget();
            model.jumps = Jumps::default();
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
        health(
            model,
            Health::Stopped {
                why: Problem {
                    brief: "internal error".into(),
                    sentence: "Reading the log crashed; quit and start again (`-v` logs why)."
                        .into(),
                },
            },
        );
    }
}

/// Failures in a row from which on a trouble lasts: one or two are over before
/// their sentence is read.
const LASTING: u32 = 3;

/// Takes note of how the source is doing. What lasts and why it stopped is told in
/// full below a log, too, until it goes on: the bar has room for a word only.
fn health(model: &mut Model, health: Health) {
    let told = match &health {
        Health::Stopped { why } => Some(why.sentence.clone()),
        Health::Retrying { why, failures, .. } if *failures >= LASTING => {
            Some(format!("{} Trying again by itself.", why.sentence))
        }
        Health::Retrying { .. } if !matches!(model.health, Health::Stopped { .. }) => {
            model.trouble.clone()
        }
        _ => None,
    };
    let shown = model.trouble.is_some() && model.notice == model.trouble;
    let stops = matches!(health, Health::Stopped { .. });
    if told.is_none() && shown {
        model.notice = None;
    }
    // One that was closed is not told again of the same trouble.
    if let Some(told) = &told
        && !model.log.store().is_empty()
        && (shown || stops || model.trouble.is_none())
    {
        notice(model, told);
    }
    model.trouble = told.map(|told| text::plain(&told).into_owned());
    if model.answer.as_deref() == Some(ASKING) {
        model.answer = None;
    }
    model.health = health;
}

/// Shows a notice, over the answer to a key that may stand in its row.
fn notice(model: &mut Model, text: &str) {
    model.notice = Some(text::plain(text).into_owned());
    model.answer = None;
}

fn log(model: &mut Model, patch: &Patch) {
    let kept = patch.keep.unwrap_or(u32::MAX);
    if kept >= model.log.store().len() {
        model.log.apply(patch);
        arrived(model);
        return;
    }
    // A repair: what is on the screen stays there, by what it says.
    let store = model.log.store();
    let line = |item: ItemNo| model.item(item).map_or(LineNo::FIRST, Item::line);
    let moves = |line: LineNo| (line.index() >= kept).then(|| Anchor::at(store, line));
    let origin = model.prompt.as_ref().map(|p| (p.origin.line, p.origin.scroll));
    let places = [
        Some(line(model.scroll.cursor)),
        Some(line(model.scroll.top.item)),
        origin.map(|(cursor, _)| cursor),
        origin.map(|(_, scroll)| line(scroll.top.item)),
    ];
    let anchors = places.map(|line| line.map(|line| (line, moves(line))));
    let held = Anchored::of(model);
    let marks = model.marks.hold(store, kept);
    let selected = model.selection.map(|selection| (selection.from, moves(selection.from)));
    model.log.apply(patch);
    let store = model.log.store();
    model.marks.release(store, &marks);
    let now = |(line, anchor): &(LineNo, Option<Anchor>)| {
        anchor.as_ref().map_or(*line, |anchor| anchor.find(store))
    };
    if let (Some(selection), Some(from)) = (&mut model.selection, &selected) {
        selection.from = now(from);
    }
    let [cursor, top, origin_cursor, origin_top] = anchors.each_ref().map(|a| a.as_ref().map(now));
    if model.view.is_whole() {
        let item = |line: LineNo| ItemNo::new(line.index());
        if let (Some(cursor), Some(top)) = (cursor, top) {
            model.scroll.cursor = item(cursor);
            model.scroll.top.item = item(top);
        }
        if let (Some(prompt), Some(cursor), Some(top)) =
            (&mut model.prompt, origin_cursor, origin_top)
        {
            prompt.origin.scroll.cursor = item(cursor);
            prompt.origin.scroll.top.item = item(top);
        }
    } else if let Some(cursor) = cursor {
        // What is shown is made again first.
        model.anchor = Some(held.moved(cursor));
    }
    if let (Some(prompt), Some(cursor)) = (&mut model.prompt, origin_cursor) {
        prompt.origin.moved(cursor);
    }
    if let Some(find) = &mut model.find {
        find.truncate(kept);
    }
    // What moved the cursor's line has moved those after it.
    let [was, ..] = &anchors;
    let by = was.as_ref().filter(|(line, _)| line.index() >= kept);
    let by = by.zip(cursor).map(|((was, _), is)| i64::from(is.index()) - i64::from(was.index()));
    model.jumps.repaired(kept, by);
    while model.arrivals.last().is_some_and(|(lines, _)| *lines > kept) {
        model.arrivals.pop();
    }
    arrived(model);
}

/// The least time between two arrivals that are told apart.
const APART: SignedDuration = SignedDuration::from_millis(100);

/// The most arrivals that are remembered; beyond it they are told apart less well.
const MOST_ARRIVALS: usize = 1 << 16;

/// Remembers when the newest lines came.
fn arrived(model: &mut Model) {
    arrive(&mut model.arrivals, model.log.store().complete(), model.now.wall);
}

/// Remembers that there are so many lines now.
fn arrive(arrivals: &mut Vec<(u32, Timestamp)>, lines: u32, now: Timestamp) {
    match arrivals.last_mut() {
        Some((known, _)) if *known >= lines => {}
        Some((known, at)) if now.duration_since(*at) < APART => *known = lines,
        _ if lines > 0 => {
            if arrivals.len() >= MOST_ARRIVALS {
                thin(arrivals);
            }
            arrivals.push((lines, now));
        }
        _ => {}
    }
}

/// Forgets every other arrival: its lines came with the next one then. The first
/// stays, which tells what was there before anybody looked.
fn thin(arrivals: &mut Vec<(u32, Timestamp)>) {
    let mut at = 0;
    arrivals.retain(|_| {
        at += 1;
        at == 1 || at % 2 == 0
    });
}

fn record(model: &mut Model, build: Build) -> Option<Effect> {
    let ended = build.is_over();
    let news = ended && model.seen_running;
    model.seen_running = !ended;
    model.log.record(&build);
    model.build = Some(build);
    (news && model.options.bell).then_some(Effect::Bell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_bounded_and_the_first_and_the_latest_stay() {
        let at = |line: u32| Timestamp::UNIX_EPOCH + APART * i32::try_from(line).unwrap();
        let mut arrivals = Vec::new();
        let most = 3 * MOST_ARRIVALS as u32;
        for line in 1..=most {
            arrive(&mut arrivals, line, at(line));
            assert!(arrivals.len() <= MOST_ARRIVALS);
        }
        assert_eq!(arrivals.first(), Some(&(1, at(1))));
        assert_eq!(arrivals.last(), Some(&(most, at(most))));
        // A line is late by what was forgotten, and never early.
        for line in [0, 1, 1000, most - 1] {
            let place = arrivals.partition_point(|(lines, _)| *lines <= line);
            let late = arrivals[place].1.duration_since(at(line + 1)).as_millis() / 100;
            assert!((0..64).contains(&late), "{line}: {late}");
        }
    }
}
