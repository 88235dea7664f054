//! The command palette: what was typed becomes a place to go to, a command, or
//! the action whose name is most like it.

mod command;
mod fuzzy;
mod goto;

use crate::domain::LineNo;
use crate::keymap::{Action, Context};
use crate::memory::Change;
use crate::search::{Place, Query};

use super::effect::Effect;
use super::find::{Find, Want};
use super::model::Model;
use super::moments::show_times;
use super::{act, ask, filters, pins, prompt};

pub use command::{Command, SPECS, Spec};
pub use goto::Target;

pub(super) use goto::{NO_TIMES, go};

/// Rows that the palette shows at most.
pub const HEIGHT: usize = 10;

/// Something that the palette offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name, with its argument where it takes one.
    pub name: String,
    /// What it does.
    pub about: String,
    /// The keys that do the same.
    pub keys: String,
    /// What choosing it does.
    pub choice: Choice,
}

impl Row {
    /// The words it is found by besides its name.
    fn words(&self) -> String {
        format!("{} {}", self.about, also(self.choice))
    }
}

/// What choosing a row does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice {
    /// Goes there.
    Go(Target),
    /// Does this.
    Do(Action),
    /// Wants the command's argument typed.
    Complete(&'static Spec),
}

impl Choice {
    /// The name it is found by.
    fn name(self) -> &'static str {
        match self {
            Self::Go(_) => "",
            Self::Do(action) => action.name(),
            Self::Complete(spec) => spec.name,
        }
    }
}

/// What is offered for what has been typed, the best first.
pub fn rows(model: &Model) -> Vec<Row> {
    let typed = model.prompt.as_ref().map_or("", |prompt| prompt.input.value()).trim();
    let mut rows = Vec::new();
    if let Some(Ok(target)) = goto::parse(typed) {
        let (name, keys) = (typed.to_owned(), String::new());
        rows.push(Row { name, about: target.about(), keys, choice: Choice::Go(target) });
        return rows;
    }
    let word = match typed.split_whitespace().next().unwrap_or("") {
        "w" => "save",
        word => word,
    };
    if let Some(spec) = Spec::named(word).filter(|_| typed.contains(char::is_whitespace)) {
        rows.push(row(spec));
        return rows;
    }
    let actions = Action::ALL.iter().filter(|action| offered(**action)).map(|&action| Row {
        name: match Spec::named(action.name()) {
            Some(spec) => format!("{} {}", spec.name, spec.argument),
            None => action.name().to_owned(),
        },
        about: action.description().to_owned(),
        // Keys of the prompt do nothing where no prompt is open.
        keys: match action.context() {
            Context::Prompt => String::new(),
            _ => model.keymap.keys(action).join(" "),
        },
        choice: Choice::Do(action),
    });
    // A command without its argument is the action that asks for it, if any.
    let specs = SPECS.iter().filter(|spec| Action::from_name(spec.name).is_none());
    let all = specs.map(row).chain(actions);
    // What it would do without a choice is the choice.
    let meant = match Command::parse(typed) {
        Some(Ok(Command::Do(action))) => Some(Choice::Do(action)),
        _ => None,
    };
    let score = |row: &Row| {
        let score = fuzzy::score(typed, row.choice.name(), &row.words());
        if Some(row.choice) == meant { Some(i32::MAX) } else { score }
    };
    let mut scored: Vec<(i32, Row)> = all.filter_map(|row| Some((score(&row)?, row))).collect();
    // Equals keep their order.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    rows.extend(scored.into_iter().map(|(_, row)| row));
    rows
}

fn row(spec: &'static Spec) -> Row {
    Row {
        name: format!("{} {}", spec.name, spec.argument),
        about: spec.about.to_owned(),
        keys: String::new(),
        choice: Choice::Complete(spec),
    }
}

/// Other words for what a choice does, as other programs call it.
fn also(choice: Choice) -> &'static str {
    match choice {
        Choice::Do(Action::Search) => "find grep",
        Choice::Do(Action::ShowOnly) => "filter in grep keep",
        Choice::Do(Action::Hide) => "filter out exclude ignore",
        Choice::Do(Action::FilterList) => "enable disable",
        Choice::Do(Action::Pin | Action::PinList) => "highlight color",
        Choice::Do(Action::Mark | Action::MarkList) => "bookmark",
        Choice::Do(Action::Top) => "start beginning",
        Choice::Do(Action::Bottom) => "end tail",
        Choice::Do(Action::Back) => "jump undo",
        Choice::Do(Action::Copy) => "yank clipboard",
        Choice::Do(Action::Quit) => "exit close",
        Choice::Do(Action::Close) => "nohlsearch",
        Choice::Do(Action::Save) => "write",
        Choice::Do(Action::PromptCase | Action::PromptWord | Action::PromptRegex) => {
            "search option literal sensitive"
        }
        Choice::Complete(_) => "jump line",
        Choice::Do(_) | Choice::Go(_) => "",
    }
}

/// Whether an action makes sense from here: the keys of other places do not,
/// but those that say how an expression is read.
fn offered(action: Action) -> bool {
    match action {
        Action::Command => false,
        Action::PromptCase | Action::PromptWord | Action::PromptRegex => true,
        action => matches!(action.context(), Context::Log | Context::Anywhere),
    }
}

/// Does what has been typed or chosen.
pub(super) fn run(model: &mut Model) -> Vec<Effect> {
    let Some(prompt) = &model.prompt else { return Vec::new() };
    let typed = prompt.input.value().trim().to_owned();
    let (at, held) = (prompt.list.at, prompt.list.held);
    if typed.is_empty() && !held {
        prompt::cancel(model);
        return Vec::new();
    }
    let row = rows(model).into_iter().nth(at);
    let chosen = row.as_ref().map(|row| row.choice);
    // Words that an action is found by may be several; behind its whole name
    // they would be ignored.
    let behind = typed.split_once(char::is_whitespace).filter(|(name, _)| {
        matches!(chosen, None | Some(Choice::Do(_)))
            && chosen.is_none_or(|chosen| chosen.name() == *name)
            && Action::from_name(name).is_some_and(offered)
    });
    let parsed = Command::parse(&typed);
    if let (Some((name, _)), None, false) = (behind, &parsed, held) {
        return refuse(model, format!("{name} takes nothing behind it"));
    }
    if let (None, Some(row), false) = (&parsed, &row, held)
        && !fuzzy::names(&typed, row.choice.name(), &row.words())
    {
        if let Some(prompt) = &mut model.prompt {
            prompt.list.held = true;
        }
        let name = row.choice.name();
        return refuse(model, format!("nothing is called {typed}; Enter again: {name}"));
    }
    let command = match (parsed, chosen) {
        // A row that was chosen says more than what was typed to find it.
        (_, Some(Choice::Do(action))) if held => Command::Do(action),
        (Some(Ok(command)), _) => command,
        (Some(Err(why)), _) => return refuse(model, why),
        (None, Some(Choice::Do(action))) => Command::Do(action),
        (None, Some(Choice::Go(target))) => Command::Go(target),
        (None, Some(Choice::Complete(spec))) => {
            prompt::put(model, &format!("{} ", spec.name));
            return Vec::new();
        }
        (None, None) => return refuse(model, format!("nothing is called {typed}")),
    };
    let said = match &command {
        Command::Do(action) => action.name().to_owned(),
        _ => typed,
    };
    prompt::close(model);
    model.remember(Change::Commanded(said));
    perform(model, command)
}

/// Does a command.
fn perform(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Go(target) => go(model, target),
        Command::Do(action) => return act::act(model, action),
        Command::Time(column) => show_times(model, column),
        Command::Save(what, path) => return ask::save_as(model, what, &path),
        Command::Pipe(typed) => return ask::pipe_to(model, &typed),
        Command::Search(expression) => {
            let query = query(model, &expression);
            let line = model.cursor_line();
            let from = if model.scroll.is_following() { LineNo::FIRST } else { line };
            let want = Want::First(Place { line: from, byte: 0 });
            model.find = Some(Find::new(query, None, Some(want)));
        }
        Command::Filter(sense, expression) => {
            let query = query(model, &expression);
            filters::add(model, query, sense, None, None);
        }
        Command::Pin(expression) => {
            let query = query(model, &expression);
            pins::add(model, query, None);
        }
    }
    Vec::new()
}

/// A query for an expression, which is remembered as one that was typed.
fn query(model: &mut Model, expression: &str) -> Query {
    model.remember(Change::Searched(expression.to_owned()));
    let query = Query::compile(expression, model.search_options);
    if let Some(broken) = query.broken() {
        model.answer = Some(format!("Taken as plain text: {}", broken.sentence));
    }
    query
}

fn refuse(model: &mut Model, why: String) -> Vec<Effect> {
    if let Some(prompt) = &mut model.prompt {
        prompt.note = Some(why);
    }
    Vec::new()
}
