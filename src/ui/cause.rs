//! The likeliest cause while a build fails, and the result when it is over.
//!
//! ```text
//!  ✗ "/uv.lock" is not in the upload                    line 58 · step 2/3
//!  ✓ image of 412.0 MB in 1m 33s
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::{Model, State};
use crate::diagnose::Kind;
use crate::human;
use crate::text;
use crate::theme::Role;

use super::segments::{Segment, draw as bar};

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let (segments, ground) = segments(model);
    bar(&segments, ground, area, buf);
}

/// What there is to say, and how the bar looks.
pub(super) fn segments(model: &Model) -> (Vec<Segment>, Style) {
    let Some((role, text)) = sentence(model) else { return Default::default() };
    let style = model.styles.get(role);
    let mut segments = vec![Segment::left(0, style, text).cut_to(1)];
    if let Some(place) = place(model) {
        segments.push(Segment::right(1, style, place));
    }
    (segments, style)
}

/// What is known about cause and result, in one sentence.
pub(super) fn sentence(model: &Model) -> Option<(Role, String)> {
    let state = model.state();
    if let Some(cause) = &model.cause {
        let mut sentence = format!("✗ {}", text::plain(&cause.title));
        let said = model.build.as_ref().and_then(|build| build.error_message.as_deref());
        if let Some(said) = said.filter(|_| !cause.recognised) {
            sentence.push_str(&format!("; the service says: {}", text::plain(said)));
        }
        return Some((Role::Cause, sentence));
    }
    let build = model.build.as_ref()?;
    let took = build.duration_seconds().map(human::duration);
    let sign = state.sign();
    match state {
        State::Succeeded => {
            let image = match build.image_size_bytes {
                Some(size) => format!("image of {}", human::bytes(size)),
                None => "image built".to_owned(),
            };
            let took = took.map(|t| format!(" in {t}")).unwrap_or_default();
            // Green, but broken in a way that the log gives away.
            let mut findings = model.findings.iter().map(|told| &told.finding);
            let but = findings.find(|finding| finding.kind == Kind::PassedBut);
            let but = but.map(|finding| finding.reservation()).unwrap_or_default();
            Some((Role::Result, format!("{sign} {image}{took}{}", text::plain(&but))))
        }
        state if state.is_failure() => {
            let why = match (&build.error_message, &state) {
                (Some(message), _) => text::plain(message).into_owned(),
                (None, State::TimedOut) => "stopped by the time limit".to_owned(),
                (None, State::Cancelled) => "stopped by somebody".to_owned(),
                (None, _) if !model.over => "reading the rest of the log".to_owned(),
                (None, _) => "no known cause in the log".to_owned(),
            };
            Some((Role::Cause, format!("{sign} {}: {why}", state.word())))
        }
        _ => None,
    }
}

/// Where the cause stands: its line, and the step it belongs to.
fn place(model: &Model) -> Option<String> {
    let line = model.cause.as_ref()?.line?;
    let number = model.log.store().number(line);
    let tree = model.log.tree();
    let step = tree.failing_step().and_then(|id| tree.step(id));
    Some(match step.and_then(|step| Some((step.index()?, step.total()?))) {
        Some((n, m)) => format!("line {} · step {n}/{m}", human::count(number)),
        None => format!("line {}", human::count(number)),
    })
}
