//! Searching: the prompt, the matches, and moving between them.

use tui_input::{Input, InputRequest};

use crate::domain::LineNo;
use crate::parse::payload;
use crate::search::{Broken, Budget, Hit, Options, Place, Query, Search};
use crate::text;

use super::model::Model;
use super::panes::Pane;
use super::scroll::Scroll;
use super::update::{reveal, to_log};
use super::view::Item;

/// How much of the log is searched at a time: about a millisecond's worth.
const SLICE: u64 = 1 << 20;

/// The open search prompt.
#[derive(Debug)]
pub struct Prompt {
    /// What has been typed.
    pub input: Input,
    /// Where one was when it was opened, to go back to.
    pub origin: Scroll,
    /// The pane that had the keys then.
    pub pane: Pane,
    /// The search that was shown then.
    before: Option<Find>,
}

/// A search and where one is in its matches.
#[derive(Debug)]
pub struct Find {
    search: Search,
    /// The match one is at.
    at: Option<Place>,
    /// A jump that waits until enough of the log has been searched.
    want: Option<Want>,
    /// Whether all there is has been searched.
    complete: bool,
}

/// Where a jump that waits is to go from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Want {
    /// To the first match at or after the place; back to the origin if none.
    First(Place),
    /// To the next match after it.
    Next(Place),
    /// To the match before it.
    Previous(Place),
}

impl Find {
    fn new(expression: &str, want: Option<Want>) -> Self {
        let query = Query::compile(expression, Options::default());
        Self { search: Search::new(query), at: None, want, complete: false }
    }

    /// What is looked for.
    pub fn query(&self) -> &Query {
        self.search.query()
    }

    /// Why the expression is taken as plain text, if it is no regular one.
    pub fn broken(&self) -> Option<&Broken> {
        self.search.query().broken()
    }

    /// The match one is at, for as long as the cursor is on its line.
    pub fn current(&self, cursor: LineNo) -> Option<Place> {
        self.at.filter(|place| place.line == cursor)
    }

    /// `3/48`; `48 matches` away from any; a `+` while more may be found.
    pub fn counter(&self, model: &Model) -> String {
        let total = crate::human::count(self.search.total());
        let more = if self.complete { "" } else { "+" };
        if self.search.total() == 0 {
            return if self.complete { "no match".into() } else { "searching…".into() };
        }
        let at = self.current(model.cursor_line());
        match at.and_then(|place| self.search.ordinal(model.log.store(), place)) {
            Some(n) => format!("{}/{total}{more}", crate::human::count(n)),
            None if self.search.total() == 1 => format!("1 match{more}"),
            None => format!("{total}{more} matches"),
        }
    }

    /// Forgets what was found from a position on.
    pub(super) fn truncate(&mut self, keep: u32) {
        self.search.truncate(keep);
        self.at = self.at.filter(|place| place.line.index() < keep);
        self.complete = false;
    }
}

/// Opens the prompt.
pub(super) fn open(model: &mut Model) {
    let before = model.find.take();
    let pane = model.panes.focus;
    model.prompt = Some(Prompt { input: Input::default(), origin: model.scroll, pane, before });
    to_log(model);
}

/// Changes what is typed, and looks for it from where the prompt was opened.
pub(super) fn edit(model: &mut Model, request: InputRequest) {
    let Some(prompt) = &mut model.prompt else { return };
    model.dirty = true;
    let changed = prompt.input.handle(request).is_some_and(|change| change.value);
    if changed {
        look(model);
    }
}

/// Types text that was pasted: its first line.
pub(super) fn paste(model: &mut Model, pasted: &str) {
    let Some(prompt) = &mut model.prompt else { return };
    let line = pasted.lines().next().unwrap_or_default();
    for c in text::plain(line).chars() {
        prompt.input.handle(InputRequest::InsertChar(c));
    }
    model.dirty = true;
    look(model);
}

fn look(model: &mut Model) {
    let Some(prompt) = &model.prompt else { return };
    let expression = prompt.input.value();
    if expression.is_empty() {
        model.find = None;
        model.scroll = prompt.origin;
        return;
    }
    // While following, what is in sight is the end; the whole log is meant.
    let origin = model.item(prompt.origin.cursor).map_or(LineNo::FIRST, Item::line);
    let from = if prompt.origin.is_following() { LineNo::FIRST } else { origin };
    let want = Want::First(Place { line: from, byte: 0 });
    model.find = Some(Find::new(expression, Some(want)));
}

/// Keeps the search; an empty one means the one before.
pub(super) fn accept(model: &mut Model) {
    let Some(prompt) = model.prompt.take() else { return };
    if prompt.input.value().is_empty() {
        model.find = prompt.before;
        return;
    }
    let none = model.find.as_ref().is_some_and(|find| find.complete && find.search.total() == 0);
    // What isn't there yet may still arrive.
    if none && model.over {
        model.answer = Some(format!("No match for {}", prompt.input.value()));
        model.scroll = prompt.origin;
        model.find = prompt.before;
    }
}

/// Gives the search up: back to where one was.
pub(super) fn cancel(model: &mut Model) {
    let Some(prompt) = model.prompt.take() else { return };
    model.scroll = prompt.origin;
    model.panes.focus = prompt.pane;
    model.find = prompt.before;
}

/// To the next or the previous match.
pub(super) fn step(model: &mut Model, forward: bool) {
    let cursor = model.cursor_line();
    let following = model.scroll.is_following();
    let Some(find) = &mut model.find else {
        if model.prompt.is_none() {
            let key = model.keymap.key(crate::keymap::Action::Search);
            let hint = key.map(|key| format!("; {key} begins one")).unwrap_or_default();
            model.answer = Some(format!("No search{hint}"));
        }
        return;
    };
    let here = find.current(cursor);
    find.want = Some(match (forward, here) {
        (true, Some(place)) => Want::Next(place),
        (true, None) if following => Want::First(Place::default()),
        (true, None) => Want::First(Place { line: cursor, byte: 0 }),
        (false, Some(place)) => Want::Previous(place),
        (false, None) => Want::Previous(Place { line: cursor.next(), byte: 0 }),
    });
    jump(model);
}

/// Searches on for a moment; whether there is more to search at once.
pub(super) fn advance(model: &mut Model) -> bool {
    let Some(find) = &mut model.find else { return false };
    let (total, complete) = (find.search.total(), find.complete);
    let more = find.search.advance(model.log.store(), Budget::bytes(SLICE));
    find.complete = !more;
    model.dirty |= total != find.search.total() || complete != find.complete;
    jump(model);
    more
}

/// Performs the jump that waits, once it is certain where it goes.
fn jump(model: &mut Model) {
    let Some(find) = &mut model.find else { return };
    let Some(want) = find.want else { return };
    let store = model.log.store();
    let hit = match want {
        Want::First(place) => find.search.at_or_after(store, place),
        Want::Next(place) => find.search.next(store, place),
        Want::Previous(place) => find.search.prev(store, place),
    };
    // Around the end only when all before the end is known.
    let certain = |hit: &Hit| find.complete || !hit.wrapped;
    match hit {
        Some(hit) if certain(&hit) => {
            find.want = None;
            find.at = Some(hit.place());
            if hit.wrapped && !matches!(want, Want::First(_)) && find.search.total() > 1 {
                let to = if matches!(want, Want::Next(_)) { "top" } else { "end" };
                model.answer = Some(format!("From the {to} again"));
            }
            reveal(model, hit.line);
            reveal_columns(model, &hit);
        }
        None if find.complete => {
            find.want = None;
            find.at = None;
            if let Some(prompt) = &model.prompt {
                model.scroll = prompt.origin;
                model.dirty = true;
            }
        }
        _ => {}
    }
}

/// Scrolls sideways until a match is in sight, if it isn't.
fn reveal_columns(model: &mut Model, hit: &Hit) {
    if model.wrap {
        return;
    }
    let line = model.log.store().text(hit.line);
    let cut = if model.strips_prefix() { line.len() - payload(&line).1.len() } else { 0 };
    let column = |byte: usize| text::width(line.get(cut..byte.max(cut)).unwrap_or(&line));
    let (start, end) = (column(hit.range.start), column(hit.range.end));
    let width = usize::from(model.text_width());
    let left = model.scroll.left as usize;
    if start < left || end > left + width {
        // No further than needed, so that the line's start tells what it is.
        let margin = (width / 8).min(width.saturating_sub(end - start));
        let left = if end <= width { 0 } else { (end + margin).saturating_sub(width).min(start) };
        model.scroll.left = u32::try_from(left).unwrap_or(u32::MAX);
    }
}
