//! What is typed into the last row: a search, a filter, a word to pin, a
//! command.
//!
//! One prompt serves them all: the same keys edit it, walk its history and
//! change how an expression is read. What it is for is its [`Purpose`].

mod past;

use tui_input::{Input, InputRequest};

use crate::domain::LineNo;
use crate::keymap::Action;
use crate::memory::Change;
use crate::parse::StepId;
use crate::search::{Broken, Case, Mode, Options, Place, Query};

use super::direction::Direction;
use super::editing;
use super::effect::Effect;
use super::find::{self, Find, Want};
use super::model::{Back, Model, Stood};
use super::moves::to_log;
use super::palette;
use super::panes::{List, Pane};
use super::scroll::Scroll;
use super::steps::{self, StepRow};
use super::view::{Filters, Folds, Scope, Sense};
use super::{filters, jumps, pins};

pub use past::Recall;

use past::Past;

/// What is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An expression to look for, while it is typed.
    Search,
    /// An expression whose lines are shown alone, or hidden.
    Filter {
        /// Which of both.
        sense: Sense,
        /// The filter that is edited.
        edits: Option<usize>,
    },
    /// An expression that stays highlighted.
    Pin {
        /// The pin that is edited.
        edits: Option<usize>,
    },
    /// A command, a place to go to, the name of an action.
    Command,
}

/// The open prompt.
#[derive(Debug)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// What has been typed.
    pub input: Input,
    /// How an expression is read.
    pub options: Options,
    /// The step that alone is searched.
    pub only: Option<StepId>,
    /// Where one was when it was opened, to go back to.
    pub origin: Origin,
    /// What is wrong with what has been typed.
    pub broken: Option<Broken>,
    /// An answer to the last key.
    pub note: Option<String>,
    /// The search through the history, while it goes on.
    pub recall: Option<Recall>,
    /// The chosen row of what is offered.
    pub list: List,
    /// Whether how an expression is read was changed here.
    reread: bool,
    /// The search that was shown then.
    before: Option<Find>,
    past: Past,
}

/// Where one was.
#[derive(Debug)]
pub struct Origin {
    /// The position, in what was shown then.
    pub scroll: Scroll,
    /// The line under the cursor.
    pub line: LineNo,
    /// The line one was on when a fold or filters came over it.
    stood: Option<Stood>,
    /// The pane that had the keys.
    pane: Pane,
    /// What was shown, should it change meanwhile.
    version: u64,
    shown: (Scope, Folds, Filters),
    back: Back,
}

impl Origin {
    fn of(model: &Model) -> Self {
        let view = &model.view;
        Self {
            scroll: model.scroll,
            line: model.cursor_line(),
            stood: model.stood,
            pane: model.panes.focus,
            version: view.version(),
            shown: (view.scope(), view.folds().clone(), view.filters().clone()),
            back: Back::of(model),
        }
    }

    /// The line has another number now.
    pub(super) fn moved(&mut self, line: LineNo) {
        self.line = line;
        self.back = self.back.moved(line);
    }
}

impl Prompt {
    /// Whether it takes expressions.
    pub fn takes_expressions(&self) -> bool {
        self.purpose != Purpose::Command
    }
}

/// Opens the prompt.
pub(super) fn open(model: &mut Model, purpose: Purpose) {
    let origin = Origin::of(model);
    let before = match purpose {
        Purpose::Command => None,
        _ => model.find.take(),
    };
    model.prompt = Some(Prompt {
        purpose,
        input: Input::default(),
        options: model.search_options,
        only: None,
        origin,
        broken: None,
        note: None,
        recall: None,
        list: List::default(),
        reread: false,
        before,
        past: Past::default(),
    });
    if purpose != Purpose::Command {
        to_log(model);
    }
}

/// What is being typed.
fn input(model: &Model) -> Option<&Input> {
    let asked = model.ask.as_ref().map(|ask| ask.input());
    let typed = model.prompt.as_ref().filter(|prompt| prompt.recall.is_none());
    asked.unwrap_or_else(|| typed.map(|prompt| &prompt.input))
}

/// Whether one is to type something and hasn't.
pub(super) fn is_empty(model: &Model) -> bool {
    input(model).is_some_and(|input| input.value().is_empty())
}

/// Whether there is no room for another character.
pub(super) fn is_full(model: &Model) -> bool {
    input(model).is_some_and(|input| editing::room(input) == 0)
}

/// Changes what is typed, and looks for it from where the prompt was opened.
pub(super) fn edit(model: &mut Model, request: InputRequest) {
    let Some(prompt) = &mut model.prompt else { return };
    model.dirty = true;
    prompt.note = None;
    if prompt.recall.is_some() && past::edit_needle(model, request) {
        return;
    }
    let Some(prompt) = &mut model.prompt else { return };
    let changed = prompt.input.handle(request).is_some_and(|change| change.value);
    if changed {
        prompt.past = Past::default();
        look(model);
    }
}

/// Types text that was pasted: its first line.
pub(super) fn paste(model: &mut Model, pasted: &str) {
    let Some(prompt) = &mut model.prompt else { return };
    let all = editing::paste(&mut prompt.input, pasted);
    prompt.note = (!all).then(|| format!("cut after {} characters", editing::LONGEST));
    prompt.past = Past::default();
    prompt.recall = None;
    model.dirty = true;
    look(model);
}

/// Takes what is typed now into account.
fn look(model: &mut Model) {
    let Some(prompt) = &mut model.prompt else { return };
    prompt.broken = None;
    if !prompt.takes_expressions() {
        prompt.list = List::default();
        return;
    }
    let expression = prompt.input.value();
    if expression.is_empty() {
        model.find = None;
        to_origin(model);
        return;
    }
    let query = find::query(expression, prompt.options);
    prompt.broken = query.broken().cloned();
    if prompt.broken.is_some() {
        // What was found before it broke stays.
        return;
    }
    // Only a search goes anywhere; what else is typed shows what it is about.
    let want = Want::First(Place { line: start(prompt), byte: 0 });
    let want = Some(want).filter(|_| prompt.purpose == Purpose::Search);
    let only = prompt.only;
    model.find = Some(Find::new(query, only, want));
}

/// Where a search begins. While following, what is in sight is the end; the
/// whole log is meant.
fn start(prompt: &Prompt) -> LineNo {
    if prompt.origin.scroll.is_following() { LineNo::FIRST } else { prompt.origin.line }
}

/// Does what was typed for.
pub(super) fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(prompt) = &mut model.prompt else { return Vec::new() };
    prompt.recall = None;
    match prompt.purpose {
        Purpose::Search => keep_search(model),
        Purpose::Filter { sense, edits } => {
            match keep_query(model) {
                Some(query) => {
                    let doubt = query.broken().filter(|_| sense == Sense::Show);
                    let doubt = doubt.map(|broken| nowhere(query.expression(), broken));
                    filters::add(model, query, sense, edits, doubt);
                }
                None => filters::switch_all(model),
            };
        }
        Purpose::Pin { edits } => {
            match keep_query(model) {
                Some(query) => pins::add(model, query, edits),
                None => pins::add_search(model),
            };
        }
        Purpose::Command => return palette::run(model),
    }
    Vec::new()
}

/// Closes the prompt and gives what was typed, if anything was; the search from
/// before is shown again.
fn keep_query(model: &mut Model) -> Option<Query> {
    let prompt = model.prompt.take()?;
    model.find = prompt.before;
    let expression = prompt.input.value();
    if expression.is_empty() {
        return None;
    }
    model.remember(Change::Searched(expression.to_owned()));
    if let Some(broken) = &prompt.broken {
        model.answer = Some(format!("Taken as plain text: {}", broken.sentence));
    }
    Some(find::query(expression, prompt.options))
}

/// Keeps the search; an empty one means the one before, from where one is on.
fn keep_search(model: &mut Model) {
    let Some(prompt) = model.prompt.take() else { return };
    let expression = prompt.input.value();
    if expression.is_empty() {
        return repeat(model, prompt);
    }
    model.remember(Change::Searched(expression.to_owned()));
    if let Some(broken) = &prompt.broken {
        let want = Want::First(Place { line: start(&prompt), byte: 0 });
        let query = find::query(expression, prompt.options);
        // What was found before it broke is the last good result.
        let good = model.find.take().or(prompt.before);
        let find = Find::new(query, prompt.only, Some(want));
        model.find = Some(find.or(good, &nowhere(expression, broken)));
        model.answer = Some(format!("Searched as plain text: {}", broken.sentence));
        return;
    }
    if let Some(find) = model.find.as_ref().filter(|find| find.is_in_vain()) {
        model.answer = Some(find.in_vain(model));
        // What isn't there yet may still arrive.
        if model.so_far().is_empty() {
            back(model, &prompt.origin);
            model.find = prompt.before;
            return;
        }
    }
    // What has come since it was typed is found as well.
    let from = Want::First(Place { line: start(&prompt), byte: 0 });
    if let Some(find) = &mut model.find {
        find.begin(from);
    }
    jumps::left(model, prompt.origin.back);
}

/// Searches on for what was searched before, or else for what was typed last;
/// read as it was, unless the prompt has been told otherwise.
fn repeat(model: &mut Model, prompt: Prompt) {
    let start = Place { line: start(&prompt), byte: 0 };
    let Prompt { before, only, origin, reread, .. } = prompt;
    let before = before.or_else(|| find::taken_up(model));
    let known = before.as_ref().map(Find::query);
    let options = known.map(Query::options).filter(|_| !reread).unwrap_or(prompt.options);
    let same = known.is_some_and(|query| query.options() == options) && only.is_none();
    if same {
        model.find = before;
        return find::step(model, Direction::Forward, 1);
    }
    let typed = || model.memory.searches.last().map(String::as_str);
    let Some(expression) = known.map(Query::expression).or_else(typed) else {
        model.answer = Some("Nothing has been searched yet".into());
        return;
    };
    let here = before.as_ref().and_then(|find| find.current(origin.line));
    let want = here.map_or(Want::First(start), Want::Next);
    model.find = Some(Find::new(find::query(expression, options), only, Some(want)));
}

/// That a broken expression isn't to be found as it stands either.
fn nowhere(expression: &str, broken: &Broken) -> String {
    format!("{expression} is nowhere as plain text ({})", broken.sentence)
}

/// Gives up: back to where one was.
pub(super) fn cancel(model: &mut Model) {
    if past::give_up(model) {
        return;
    }
    let Some(prompt) = model.prompt.take() else { return };
    if prompt.takes_expressions() {
        back(model, &prompt.origin);
        model.find = prompt.before;
    }
    model.panes.focus = prompt.origin.pane;
}

/// Closes the prompt for something else.
pub(super) fn close(model: &mut Model) {
    if let Some(prompt) = model.prompt.take() {
        model.panes.focus = prompt.origin.pane;
    }
}

/// Back to where one was when the prompt was opened, if it is.
pub(super) fn to_origin(model: &mut Model) {
    let Some(prompt) = model.prompt.take() else { return };
    if prompt.takes_expressions() {
        back(model, &prompt.origin);
    }
    model.prompt = Some(prompt);
    model.dirty = true;
}

fn back(model: &mut Model, origin: &Origin) {
    if origin.version == model.view.version() {
        (model.scroll, model.stood) = (origin.scroll, origin.stood);
        return steps::come_along(model);
    }
    // A match inside of a fold opened it.
    let (scope, folds, filters) = origin.shown.clone();
    let focus = model.panes.focus;
    model.reshape(|view| view.change(|s, fo, fi| (*s, *fo, *fi) = (scope, folds, filters)));
    origin.back.restore(model);
    model.panes.focus = focus;
}

/// Changes how the expression is read.
pub(super) fn toggle(model: &mut Model, action: Action) {
    let here = step_here(model);
    let Some(prompt) = &mut model.prompt else { return read_otherwise(model, action) };
    if !prompt.takes_expressions() {
        prompt.note = Some("A command is no expression".into());
        return;
    }
    prompt.note = None;
    match action {
        Action::PromptCase | Action::PromptWord | Action::PromptRegex => {
            prompt.options = switched(prompt.options, action);
            prompt.reread = true;
        }
        Action::PromptStep if prompt.purpose != Purpose::Search => {
            prompt.note = Some("Only a search can be of one step".into());
        }
        Action::PromptStep => match (prompt.only, here) {
            (Some(_), _) => prompt.only = None,
            (None, Ok(id)) => prompt.only = Some(id),
            (None, Err(why)) => prompt.note = Some(why.to_owned()),
        },
        _ => return,
    }
    if prompt.purpose == Purpose::Search {
        model.search_options = prompt.options;
    }
    look(model);
}

/// How an expression is read after a key that changes it.
fn switched(mut options: Options, action: Action) -> Options {
    match action {
        Action::PromptCase => {
            options.case = match options.case {
                Case::Smart => Case::Sensitive,
                Case::Sensitive => Case::Insensitive,
                Case::Insensitive => Case::Smart,
            };
        }
        Action::PromptWord => options.word = !options.word,
        Action::PromptRegex => {
            options.mode = match options.mode {
                Mode::Regex => Mode::Literal,
                Mode::Literal => Mode::Regex,
            };
        }
        _ => {}
    }
    options
}

/// Changes how what is searched is read, or else what will be.
fn read_otherwise(model: &mut Model, action: Action) {
    let Some(known) = &model.find else {
        model.search_options = switched(model.search_options, action);
        let words = model.search_options.words().join(" ");
        model.answer = Some(match words.as_str() {
            "" => "The next search is read as usual".to_owned(),
            words => format!("The next search is read as: {words}"),
        });
        return;
    };
    let (query, only) = (known.query(), known.only());
    let options = switched(query.options(), action);
    let query = find::query(query.expression(), options);
    if let Some(broken) = query.broken() {
        model.answer = Some(format!("That is no expression: {}", broken.sentence));
        return;
    }
    model.search_options = options;
    let from = Want::First(Place { line: model.cursor_line(), byte: 0 });
    model.find = Some(Find::new(query, only, Some(from)));
}

/// The step one was in when the prompt was opened: the selected one, where the
/// steps had the keys.
fn step_here(model: &Model) -> Result<StepId, &'static str> {
    let origin = model.prompt.as_ref().map(|prompt| &prompt.origin);
    let panel = origin.is_some_and(|origin| origin.pane == Pane::Steps);
    let selected = model.steps.all().get(model.panes.steps_list.at).filter(|_| panel);
    let origin = origin.map(|origin| origin.line);
    match model.view.scope() {
        Scope::Step(_) => return Err("only this step is looked at anyway"),
        Scope::Log | Scope::Phase(_) => {}
    }
    if let Some(StepRow::Step(id)) = selected {
        return Ok(*id);
    }
    origin.and_then(|line| steps::of(model, line)).ok_or("the line is of no step")
}

/// To an older entry of the history or back, or the row above or below of
/// what is offered.
pub(super) fn walk(model: &mut Model, direction: Direction) {
    let Some(prompt) = &mut model.prompt else { return };
    prompt.note = None;
    let older = direction == Direction::Back;
    if prompt.purpose == Purpose::Command && (!older || prompt.list.at > 0 || prompt.list.held) {
        let rows = palette::rows(model).len();
        if let Some(prompt) = &mut model.prompt {
            prompt.list.step(if older { -1 } else { 1 }, rows, palette::HEIGHT);
        }
        return;
    }
    past::walk(model, direction);
}

/// To the rows below or above of what is offered, a page of them.
pub(super) fn page(model: &mut Model, direction: Direction) {
    let rows = palette::rows(model).len();
    let by = match direction {
        Direction::Forward => palette::HEIGHT as isize,
        Direction::Back => -(palette::HEIGHT as isize),
    };
    if let Some(prompt) = model.prompt.as_mut().filter(|p| p.purpose == Purpose::Command) {
        prompt.note = None;
        prompt.list.step(by, rows, palette::HEIGHT);
    }
}

/// To the next or the previous match, or row.
pub(super) fn step(model: &mut Model, direction: Direction) {
    if let Some(prompt) = &mut model.prompt {
        prompt.note = None;
    }
    match model.prompt.as_ref().map(|prompt| prompt.purpose) {
        Some(Purpose::Command) => walk(model, direction),
        Some(_) => find::step(model, direction, 1),
        None => {}
    }
}

/// Looks back through the history.
pub(super) fn recall(model: &mut Model) {
    past::recall(model);
}

/// Puts an expression into the prompt, to be read as it was.
pub(super) fn put_query(model: &mut Model, query: &Query) {
    if let Some(prompt) = &mut model.prompt {
        prompt.options = query.options();
    }
    put(model, query.expression());
}

/// Puts a text into the prompt.
pub(super) fn put(model: &mut Model, text: &str) {
    if let Some(prompt) = &mut model.prompt {
        prompt.input = Input::new(text.to_owned());
        look(model);
    }
}
