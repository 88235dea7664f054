//! Searching: the matches, which one is the current, and moving between them.

mod within;
mod word;

use std::collections::VecDeque;
use std::ops::Range;

use crate::domain::LineNo;
use crate::human;
use crate::keymap::Action;
use crate::parse::{StepId, payload};
use crate::search::{Budget, Hit, Options, Place, Query, Search};
use crate::text;

use super::direction::Direction;
use super::json;
use super::model::{HANG, Model};
use super::moves::{reveal, reveal_quietly, to_log};
use super::scroll::{Place as Row, back, forward};
use super::view::{Item, Scope, View};

pub(super) use word::search_word;

use within::Within;

/// How much of the log is searched at a time, if it takes no longer than a
/// frame.
const SLICE: u64 = 16 << 20;

/// How many steps may wait for a jump.
const STEPS: usize = 1000;

/// A search and where one is in its matches.
#[derive(Debug)]
pub struct Find {
    search: Search,
    /// The step that is searched, where only one is wanted.
    only: Option<StepId>,
    /// Where not all of the log is looked at: the matches in what is.
    within: Option<Within>,
    /// The match one is at.
    at: Option<Place>,
    /// A jump that waits until enough of the log has been searched.
    want: Option<Want>,
    /// Steps that were asked for meanwhile, from where it leads.
    then: VecDeque<Direction>,
    /// Whether the jump that waits is one of those.
    chained: bool,
    progress: Progress,
    /// What is searched again, and why, should this one find nothing.
    instead: Option<Box<Instead>>,
}

/// The search that a broken expression, taken as plain text, stands in for.
#[derive(Debug)]
struct Instead {
    find: Option<Find>,
    said: String,
}

/// A search that was ended: what was looked for, and the match one was at.
#[derive(Clone, Debug)]
pub struct Ended {
    query: Query,
    only: Option<StepId>,
    at: Option<Place>,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// There is more to look through.
    Searching,
    /// All there is has been looked through.
    Complete,
    /// The user has had enough.
    Stopped,
}

/// Where a jump that waits is to go from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Want {
    /// To the first match at or after the place; back to the origin if none.
    First(Place),
    /// To the next match after it.
    Next(Place),
    /// To the match before it.
    Previous(Place),
}

impl Find {
    /// Whether a line of a range matches, as far as is known.
    pub fn any_in(&self, lines: std::ops::Range<LineNo>) -> bool {
        self.first_from(lines.start).is_some_and(|line| line < lines.end)
    }

    /// The first line from one on that matches, as far as is known.
    pub fn first_from(&self, line: LineNo) -> Option<LineNo> {
        self.search.first_from(line)
    }

    /// A search that has not looked at anything yet, in one step or in all.
    pub(super) fn new(query: Query, only: Option<StepId>, want: Option<Want>) -> Self {
        let search = Search::new(query);
        let (then, progress) = (VecDeque::new(), Progress::Searching);
        let (within, at, chained, instead) = (None, None, false, None);
        Self { search, only, within, at, want, then, chained, progress, instead }
    }

    /// The same, with what is to be searched again if it finds nothing; what is
    /// said then begins with that.
    pub(super) fn or(mut self, find: Option<Self>, said: &str) -> Self {
        let still = find.as_ref().map_or_else(
            || "No search".to_owned(),
            |find| format!("Still at {}", find.query().expression()),
        );
        let said = format!("{still}: {said}");
        self.instead = Some(Box::new(Instead { find, said }));
        self
    }

    /// What is looked for.
    pub fn query(&self) -> &Query {
        self.search.query()
    }

    /// The step that is searched, where only one is wanted.
    pub fn only(&self) -> Option<StepId> {
        self.only
    }

    /// Every match that was found so far, whether it counts here or not.
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// The match one is at, for as long as the cursor is on its line.
    pub fn current(&self, cursor: LineNo) -> Option<Place> {
        self.at.filter(|place| place.line == cursor)
    }

    /// How many matches there are so far, of those that count here.
    pub fn total(&self) -> u64 {
        self.within.as_ref().map_or(self.search.total(), |within| within.picked.total())
    }

    /// Whether a jump waits for what will be found.
    pub(super) fn is_jumping(&self) -> bool {
        self.want.is_some() && self.progress != Progress::Stopped
    }

    /// Whether nothing was found, and nothing is left to look through.
    pub fn is_in_vain(&self) -> bool {
        self.progress == Progress::Complete && self.total() == 0
    }

    /// `3/48`; `48 matches` away from any; a `+` while more may be found. Where
    /// not all of the log is looked at, it says in what they are counted.
    pub fn counter(&self, model: &Model) -> String {
        let place = match (self.only, model.view.scope(), model.view.filters().active()) {
            (_, _, _) if self.within.is_none() => "",
            (Some(_), ..) | (None, Scope::Step(_), false) => " in this step",
            (None, Scope::Phase(_), false) => " in this phase",
            (None, Scope::Log, false) => "",
            (None, _, true) => " shown",
        };
        let total = self.total();
        let uncounted = match &self.within {
            Some(within) => within.picked.has_more(),
            None => self.search.has_more(),
        };
        let (more, stopped) = match self.progress {
            Progress::Complete if uncounted => ("+", ""),
            Progress::Complete => ("", ""),
            Progress::Searching => ("+", ""),
            Progress::Stopped => ("+", ", stopped"),
        };
        if total == 0 {
            return match self.progress {
                Progress::Searching => format!("searching… {}%", self.percent(model)),
                _ => format!("{}{stopped}", self.none(model, place)),
            };
        }
        let of = human::count(total);
        match self.current(model.cursor_line()).and_then(|at| self.ordinal(model, at)) {
            Some(n) => format!("{}/{of}{more}{place}{stopped}", human::count(n)),
            None if total == 1 => format!("1 match{more}{place}{stopped}"),
            None => format!("{of}{more} matches{place}{stopped}"),
        }
    }

    /// That nothing was found, in a sentence.
    pub(super) fn in_vain(&self, model: &Model) -> String {
        let (expression, so_far) = (self.query().expression(), model.so_far());
        match self.counter(model).as_str() {
            "no match" => format!("No match for {expression}{so_far}"),
            elsewhere => format!("{expression}: {elsewhere}{so_far}"),
        }
    }

    /// How many lines match in all of the log, whatever is shown of it, as a
    /// filter would pick them. Where only a part of it is looked at, those in
    /// there.
    pub(crate) fn lines(&self, model: &Model) -> String {
        let (place, within) = match (model.view.scope(), &self.within) {
            (Scope::Log, _) => ("", None),
            (Scope::Step(_), within) => (" in this step", within.as_ref()),
            (Scope::Phase(_), within) => (" in this phase", within.as_ref()),
        };
        let count = match within {
            Some(within) => within.picked.line_count(),
            None => self.search.line_count(),
        };
        let more = if self.search.looked() < model.log.store().complete() { "+" } else { "" };
        match count {
            0 if !more.is_empty() => format!("searching… {}%", self.percent(model)),
            0 => format!("no line{place}"),
            1 => format!("1 line{more}{place}"),
            count => format!("{}{more} lines{place}", human::count(count as u64)),
        }
    }

    /// That there is no match, and whether there are some elsewhere.
    fn none(&self, model: &Model, place: &str) -> String {
        match (self.search.total(), place) {
            (0, "") => "no match".to_owned(),
            (0, " shown") => "no match in the log".to_owned(),
            (0, place) => format!("no match{place}"),
            (hidden, " shown") => format!("none shown, {} hidden", human::count(hidden)),
            (others, _) if model.view.is_whole() || self.only.is_some() => {
                format!("none in this step, {} elsewhere", human::count(others))
            }
            (others, place) => format!("none{place}, {} elsewhere", human::count(others)),
        }
    }

    fn percent(&self, model: &Model) -> u64 {
        let lines = u64::from(model.log.store().len().max(1));
        u64::from(self.search.looked()) * 100 / lines
    }

    fn ordinal(&self, model: &Model, place: Place) -> Option<u64> {
        match &self.within {
            Some(within) => within.picked.ordinal(place, |line| self.ranges(model, line)),
            None => self.search.ordinal(model.log.store(), place),
        }
    }

    fn ranges(&self, model: &Model, line: LineNo) -> Vec<Range<usize>> {
        within::ranges(self.query(), &model.log, &model.view, line)
    }

    /// Where a jump leads as far as is known.
    fn hit(&self, model: &Model, want: Want) -> Option<Hit> {
        let store = model.log.store();
        let ranges = |line| self.ranges(model, line);
        match (&self.within, want) {
            (None, Want::First(place)) => self.search.at_or_after(store, place),
            (None, Want::Next(place)) => self.search.next(store, place),
            (None, Want::Previous(place)) => self.search.prev(store, place),
            (Some(within), Want::First(place)) => within.picked.at_or_after(place, ranges),
            (Some(within), Want::Next(place)) => within.picked.next(place, ranges),
            (Some(within), Want::Previous(place)) => within.picked.prev(place, ranges),
        }
    }

    /// Whether what counts was picked from what is shown now.
    fn suits(&self, view: &View) -> bool {
        let all = view.is_whole() && self.only.is_none();
        match &self.within {
            Some(within) => !all && within.fits(self.only, view),
            None => all,
        }
    }

    /// Forgets what was found from a position on.
    pub(super) fn truncate(&mut self, keep: u32) {
        self.search.truncate(keep);
        if let Some(within) = &mut self.within {
            within.truncate(keep);
        }
        self.at = self.at.filter(|place| place.line.index() < keep);
        if self.progress == Progress::Complete {
            self.progress = Progress::Searching;
        }
    }

    /// Goes to the first match, if it went to none yet though there is one.
    pub(super) fn begin(&mut self, from: Want) {
        if self.at.is_none() && self.want.is_none() && self.total() > 0 {
            self.want = Some(from);
        }
    }

    /// Looks no further.
    pub(super) fn stop(&mut self) -> bool {
        let searching = self.progress == Progress::Searching && self.search.looked() > 0;
        if searching {
            self.progress = Progress::Stopped;
            self.then.clear();
        }
        searching
    }
}

/// A query for an expression that was typed: a broken one is taken as plain
/// text.
pub(super) fn query(expression: &str, options: Options) -> Query {
    Query::compile(expression, options)
}

/// Ends the search, if there is one.
pub(super) fn end(model: &mut Model) -> bool {
    let Some(find) = model.find.take() else { return false };
    model.ended = Some(Ended { query: find.query().clone(), only: find.only, at: find.at });
    true
}

/// The search that was ended last, from where it was, if there is one.
pub(super) fn taken_up(model: &mut Model) -> Option<Find> {
    let Ended { query, only, at } = model.ended.take()?;
    Some(Find { at, ..Find::new(query, only, None) })
}

/// To the next or the previous match, so many times, around the ends. A search
/// that was ended goes on.
pub(super) fn step(model: &mut Model, direction: Direction, times: u32) {
    if model.find.is_none() && model.prompt.is_none() {
        model.find = taken_up(model);
    }
    if model.find.is_some() {
        to_log(model);
    }
    let cursor = model.cursor_line();
    let following = model.scroll.is_following();
    let Some(find) = &mut model.find else {
        if model.prompt.is_none() {
            let key = model.keymap.key(Action::Search);
            let hint = key.map(|key| format!("; {key} begins one")).unwrap_or_default();
            model.answer = Some(format!("No search{hint}"));
        }
        return;
    };
    // Once around is back where one was.
    let around = u64::from(times.saturating_sub(1));
    let more = match find.progress {
        Progress::Complete => around % find.total().max(1),
        Progress::Searching | Progress::Stopped => around,
    };
    let more = usize::try_from(more).unwrap_or(STEPS);
    let add = |then: &mut VecDeque<Direction>, steps: usize| {
        let room = STEPS.saturating_sub(then.len());
        then.extend(std::iter::repeat_n(direction, steps.min(room)));
    };
    if find.is_jumping() {
        // From where that jump leads.
        return add(&mut find.then, more + 1);
    }
    find.chained = false;
    add(&mut find.then, more);
    let here = find.current(cursor);
    find.want = Some(match (direction, here) {
        (Direction::Forward, Some(place)) => Want::Next(place),
        (Direction::Forward, None) if following => Want::First(Place::default()),
        (Direction::Forward, None) => Want::First(Place { line: cursor, byte: 0 }),
        (Direction::Back, Some(place)) => Want::Previous(place),
        (Direction::Back, None) => Want::Previous(Place { line: cursor.next(), byte: 0 }),
    });
    if find.is_in_vain() && model.prompt.is_none() {
        model.answer = model.find.as_ref().map(|find| find.in_vain(model));
    }
    jump(model);
}

/// Searches on for a moment; whether there is more to search at once.
pub(super) fn advance(model: &mut Model) -> bool {
    let Some(mut find) = model.find.take() else { return false };
    let before = (find.total(), find.progress);
    let more = find.progress != Progress::Stopped && look(&mut find, model);
    if find.progress != Progress::Stopped {
        let store = model.log.store();
        let picked = find.within.as_ref().is_none_or(|within| within.is_complete(&model.log));
        let all = !more && picked && (find.search.looked() >= store.complete());
        find.progress = if all { Progress::Complete } else { Progress::Searching };
    }
    model.dirty |= before != (find.total(), find.progress);
    model.find = Some(find);
    jump(model);
    more
}

/// Looks at some more lines, and at which of those that match count.
fn look(find: &mut Find, model: &Model) -> bool {
    let store = model.log.store();
    let searching = find.search.advance(store, Budget::bytes(SLICE));
    if model.view.is_whole() && find.only.is_none() {
        find.within = None;
        return searching;
    }
    if !find.within.as_ref().is_some_and(|within| within.fits(find.only, &model.view)) {
        find.within = Some(Within::new(find.only, &model.view));
    }
    let end = if searching { find.search.looked() } else { store.len() };
    let Some(within) = &mut find.within else { return searching };
    within.advance(&find.search, end, &model.log, &model.view) || searching
}

/// Performs the jumps that wait, once it is certain where they go.
fn jump(model: &mut Model) {
    while land(model) {}
}

/// Performs the jump that waits; whether another one may follow at once.
fn land(model: &mut Model) -> bool {
    let Some(find) = &model.find else { return false };
    let Some(want) = find.want.filter(|_| find.suits(&model.view)) else { return false };
    let complete = find.progress != Progress::Searching;
    let total = find.total();
    // Around the end only when all before the end is known.
    let certain = |hit: &Hit| complete || !hit.wrapped;
    let hit = find.hit(model, want);
    let Some(find) = &mut model.find else { return false };
    match hit {
        Some(hit) if certain(&hit) => {
            let place = hit.place();
            let chained = std::mem::replace(&mut find.chained, !find.then.is_empty());
            find.want = find.then.pop_front().map(|direction| match direction {
                Direction::Forward => Want::Next(place),
                Direction::Back => Want::Previous(place),
            });
            let goes_on = find.want.is_some();
            find.at = Some(place);
            let around = match (hit.wrapped, want) {
                (true, Want::First(_)) => Some("from the top"),
                (true, Want::Next(_)) if total > 1 => Some("From the top again"),
                (true, Want::Previous(_)) if total > 1 => Some("From the end again"),
                _ => None,
            };
            if let Some(said) = around.map(str::to_owned) {
                match &mut model.prompt {
                    Some(prompt) => prompt.note = Some(said),
                    None => model.answer = Some(said),
                }
            }
            let (top, version) = (model.scroll.top, model.view.version());
            let before = Some(top).filter(|_| !model.scroll.is_following());
            // Steps that were asked for at once are one jump.
            match chained {
                true => reveal_quietly(model, hit.line),
                false => reveal(model, hit.line),
            }
            // A top row means the same row only in what is shown the same.
            let before = before.filter(|_| model.view.version() == version);
            reveal_columns(model, &hit, before);
            return goes_on;
        }
        None if complete => {
            find.want = None;
            find.then.clear();
            find.at = None;
            match find.instead.take().filter(|_| find.search.total() == 0) {
                Some(instead) => {
                    model.find = instead.find;
                    model.answer = Some(instead.said);
                    model.dirty = true;
                }
                None => {
                    tell_in_vain(model);
                    super::prompt::to_origin(model);
                }
            }
        }
        _ => {}
    }
    false
}

/// Says that what was accepted before all was looked through isn't there.
fn tell_in_vain(model: &mut Model) {
    let asked = model.prompt.is_some() || model.answer.is_some();
    if let Some(find) = model.find.as_ref().filter(|find| !asked && find.is_in_vain()) {
        model.answer = Some(find.in_vain(model));
        model.dirty = true;
    }
}

/// Brings the match that one is at into sight again, if the cursor is still on its line:
/// lines are laid out otherwise now.
pub(super) fn keep_in_sight(model: &mut Model) {
    let Some(find) = model.find.as_ref().filter(|find| find.suits(&model.view)) else { return };
    let Some(place) = find.at.filter(|place| place.line == model.cursor_line()) else { return };
    let hit = find.hit(model, Want::First(place));
    if let Some(hit) = hit.filter(|hit| hit.place() == place) {
        reveal_columns(model, &hit, None);
    }
}

/// Brings a row of the cursor's line into sight. Where it was in sight before
/// the cursor came to the line, with `before` at the top, nothing moves.
fn reveal_row(model: &mut Model, row: u32, before: Option<Row>) {
    let height = u32::from(model.layout().log.height);
    let wanted = Row { item: model.scroll.cursor, row };
    let bottom = |top| forward(&model.rows(), top, height.saturating_sub(1));
    let shows = |top: Row| (top..=bottom(top)).contains(&wanted);
    model.scroll.top = match before {
        Some(before) if shows(before) => before,
        _ if shows(model.scroll.top) => model.scroll.top,
        _ => back(&model.rows(), wanted, height / 2),
    };
}

/// Scrolls until a match in the cursor's line is in sight, if it isn't: to its
/// row where lines take several, else sideways.
fn reveal_columns(model: &mut Model, hit: &Hit, before: Option<Row>) {
    let seen = model.log.store().sight(hit.line);
    let line = seen.text.as_str();
    let cut = if model.strips_prefix() { line.len() - payload(line).1.len() } else { 0 };
    let width = usize::from(model.text_width().max(1));
    // A folded step's row is one, whatever it shows.
    let open = matches!(model.item(model.scroll.cursor), Some(Item::Line(_)));
    let (wrap, pretty) = (model.wrap && open, model.pretty && open);
    // In JSON that is laid out, columns count from where the match's row begins.
    let shown = line.get(cut..).unwrap_or_default();
    let parts = if pretty { json::rows(shown) } else { None };
    let at = hit.range.start.saturating_sub(cut);
    let whole = || vec![json::JsonRow { range: 0..shown.len(), indent: 0 }];
    let laid = parts.is_some();
    let mut parts = parts.unwrap_or_else(whole);
    let found = parts.iter().rposition(|part| part.range.start <= at).unwrap_or(0);
    parts.truncate(found + 1);
    let Some(part) = parts.pop() else { return };
    let (base, room) = (cut + part.range.start, part.room(width));
    if wrap || laid {
        let place = |part: &json::JsonRow| cut + part.range.start..cut + part.range.end;
        let row = match wrap {
            true => {
                let above = parts.iter().map(|p| seen.rows(place(p), p.room(width), HANG));
                let within = at.saturating_sub(part.range.start);
                above.sum::<usize>() + seen.row_of(place(&part), within, room, HANG)
            }
            false => parts.len(),
        };
        reveal_row(model, u32::try_from(row).unwrap_or(u32::MAX), before);
    }
    if wrap {
        return;
    }
    let column = |byte: usize| text::width(line.get(base..byte.max(base)).unwrap_or(line));
    let (start, end) = (column(hit.range.start), column(hit.range.end));
    let left = model.scroll.left as usize;
    // Back where it fits there, and no further than needed: the line's start
    // tells what it is.
    if end <= room {
        model.scroll.left = 0;
    } else if start < left || end > left + room {
        let margin = (room / 8).min(room.saturating_sub(end - start));
        let left = (end + margin).saturating_sub(room).min(start);
        model.scroll.left = u32::try_from(left).unwrap_or(u32::MAX);
    }
}
