//! What stands where the log will be: words, not a blank.
//!
//! ```text
//!           Waiting for the builder
//!           The build has been pending for 12s; its log begins when it runs.
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::{LEAST, Model, State, Subject, Ticks};
use crate::domain::Health;
use crate::human;
use crate::keymap::Action;
use crate::text;
use crate::theme::Role;

use super::segments::cut;

/// The widest that a paragraph reads well.
const MEASURE: usize = 72;

/// A heading and a few paragraphs.
struct Words {
    title: String,
    paragraphs: Vec<String>,
}

impl Words {
    fn new(title: impl Into<String>, paragraphs: &[&str]) -> Self {
        Self { title: title.into(), paragraphs: paragraphs.iter().map(|&p| p.to_owned()).collect() }
    }
}

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let words = words(model);
    let width = usize::from(area.width.saturating_sub(4)).clamp(1, MEASURE);
    let mut lines: Vec<(Role, String)> =
        text::fold(&words.title, width).into_iter().map(|line| (Role::Title, line)).collect();
    for paragraph in &words.paragraphs {
        if usize::from(area.height) > 8 {
            lines.push((Role::Text, String::new()));
        }
        lines.extend(text::fold(paragraph, width).into_iter().map(|line| (Role::Text, line)));
    }
    // Rather close together than without an end, which is marked.
    let room = usize::from(area.height);
    if lines.len() > room {
        lines.retain(|(_, line)| !line.is_empty());
    }
    if lines.len() > room {
        lines.truncate(room);
        if let Some((_, last)) = lines.last_mut() {
            *last = format!("{} …", cut(last, width.saturating_sub(2)));
        }
    }
    let widest = lines.iter().map(|(_, line)| text::width(line)).max().unwrap_or(0);
    let height = lines.len() as u16;
    let x = area.x + area.width.saturating_sub(widest as u16) / 2;
    let y = area.y + area.height.saturating_sub(height) / 3;
    for (y, (role, line)) in (y..area.bottom()).zip(&lines) {
        buf.set_stringn(x, y, line, usize::from(area.right() - x), model.styles.get(*role));
    }
}

/// The least that can be said on a screen that is too small for more.
pub(super) fn too_small(area: Rect, buf: &mut Buffer) {
    let (width, height) = LEAST;
    let width_words = usize::from(area.width);
    let whole = format!("Too small: at least {width}x{height} is needed");
    let lines = if text::width(&whole) <= width_words * usize::from(area.height) {
        text::fold(&whole, width_words)
    } else {
        vec![cut("too small", width_words)]
    };
    for (y, line) in (area.y..area.bottom()).zip(&lines) {
        buf.set_stringn(area.x, y, line, width_words, Style::new());
    }
}

fn words(model: &Model) -> Words {
    if let Health::Stopped { why } = &model.health {
        return stopped(model, why);
    }
    if let Health::Retrying { why, failures, .. } = &model.health {
        let tries = human::plural(u64::from(*failures), "failure");
        let sentence = text::plain(&why.sentence);
        return Words::new(
            "No answer yet",
            &[&sentence, &format!("After {tries}, trying again by itself.")],
        );
    }
    match (model.state(), &model.subject) {
        (State::Connecting | State::Unreached, Subject::Build(Some(id))) => {
            Words::new("Connecting", &[&format!("Asking for build {id}.")])
        }
        (State::Connecting | State::Unreached, _) => {
            Words::new("Connecting", &["Asking for the newest build."])
        }
        (State::Pending, _) => {
            let so = so_far(model, "pending");
            let then = "Its log begins when a builder takes it up.";
            Words::new("No lines yet", &[&format!("The build {so}. {then}")])
        }
        (State::Running, _) => {
            let so = so_far(model, "running");
            let then = "its first lines take a moment to arrive.";
            Words::new("No lines yet", &[&format!("The build {so}; {then}")])
        }
        (State::Reading, Subject::Text { name }) => {
            let name = text::plain(name);
            Words::new("No lines yet", &[&format!("Reading {name}; nothing has come so far.")])
        }
        (_, Subject::Text { name }) => {
            let name = text::plain(name);
            Words::new("An empty log", &[&format!("There is no line in {name}.")])
        }
        (state, Subject::Build(_)) if model.over => Words::new(
            format!("{} {}", state.sign(), state.word()),
            &["The build is over, and the service has no log of it."],
        ),
        (state, Subject::Build(_)) => {
            Words::new(format!("{} {}", state.sign(), state.word()), &["Reading the log."])
        }
    }
}

/// Why nothing will come unless the user acts, and how to act.
fn stopped(model: &Model, why: &crate::domain::Problem) -> Words {
    let mut paragraphs: Vec<String> =
        why.sentence.lines().map(|l| text::plain(l).into_owned()).collect();
    let key = |action| model.keymap.key(action);
    let mut ways = Vec::new();
    if !model.over
        && let Some(key) = key(Action::Refresh)
    {
        ways.push(format!("{key} tries again"));
    }
    if let Some(key) = key(Action::Quit) {
        ways.push(format!("{key} quits"));
    }
    if !ways.is_empty() {
        paragraphs.push(format!("{}.", ways.join(", ")));
    }
    let brief = text::plain(&why.brief).into_owned();
    let mut title: String = brief;
    if let Some(first) = title.get(..1).map(str::to_uppercase) {
        title.replace_range(..1, &first);
    }
    Words { title, paragraphs }
}

/// What a build does, and for how long by now.
fn so_far(model: &Model, does: &str) -> String {
    match Ticks::of(model).elapsed {
        Some(seconds) => format!("has been {does} for {}", wait(seconds)),
        None => format!("is {does}"),
    }
}

/// A wait in words: `12s`, then as a clock.
fn wait(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds}s") } else { human::clock(seconds as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_told_as_a_clock_from_a_minute_on() {
        assert_eq!(wait(12), "12s");
        assert_eq!(wait(75), "1:15");
    }
}
