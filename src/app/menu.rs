//! A list over the log: of filters, of pinned words, of marks.

use ratatui::layout::{Position, Rect};

use crate::domain::LineNo;
use crate::human;
use crate::keymap::Action;
use crate::search::Options;
use crate::theme::Role;

use super::effect::Effect;
use super::layout::Layout;
use super::model::Model;
use super::moves::{reveal, to_log};
use super::panes::List;
use super::prompt::Purpose;
use super::view::{Sense, Test};
use super::{filters, jumps, marks, palette, pins};

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuKind {
    /// Filters, to be switched, edited and deleted.
    Filters,
    /// Pinned words, likewise.
    Pins,
    /// Marks, to go to.
    Marks,
}

/// The open list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Menu {
    /// What is listed.
    pub kind: MenuKind,
    /// The chosen row.
    pub list: List,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuRow {
    /// Whether it is in force, where it can be switched.
    pub sign: &'static str,
    /// What it is.
    pub name: String,
    /// How the name looks.
    pub role: Role,
    /// More about it.
    pub about: String,
}

impl MenuKind {
    /// What stands above the list, with the number of rows.
    pub fn title(self, model: &Model, rows: usize) -> String {
        match (self, model.view.filters().context) {
            (Self::Filters, 0) => format!("Filters {rows}"),
            (Self::Filters, context) => {
                let around = human::plural(u64::from(context), "line");
                format!("Filters {rows}, with {around} around")
            }
            (Self::Pins, _) => format!("Pinned words {rows}"),
            (Self::Marks, _) => format!("Marks {rows}"),
        }
    }

    fn len(self, model: &Model) -> usize {
        match self {
            Self::Filters => model.view.filters().list.len(),
            Self::Pins => model.pins.len(),
            Self::Marks => model.marks.len(),
        }
    }
}

/// Opens a list.
pub(super) fn open(model: &mut Model, kind: MenuKind) {
    to_log(model);
    model.menu = Some(Menu { kind, list: List::default() });
}

/// The rows of the open list.
pub fn rows(model: &Model) -> Vec<MenuRow> {
    match model.menu.map(|menu| menu.kind) {
        None => Vec::new(),
        Some(MenuKind::Filters) => {
            let list = model.view.filters().list.iter();
            list.map(|filter| MenuRow {
                sign: if filter.on { "●" } else { "○" },
                name: filter.name().to_owned(),
                role: Role::Text,
                about: about(
                    match filter.sense {
                        Sense::Show => "only",
                        Sense::Hide => "hide",
                    },
                    match &filter.test {
                        Test::Match(query) => Some(query.options()),
                        Test::Trouble | Test::Progress => None,
                    },
                    filter.on,
                ),
            })
            .collect()
        }
        Some(MenuKind::Pins) => (model.pins.iter())
            .map(|pin| MenuRow {
                sign: if pin.on { "●" } else { "○" },
                name: pin.query.expression().to_owned(),
                role: pin.role(),
                about: about("", Some(pin.query.options()), pin.on),
            })
            .collect(),
        Some(MenuKind::Marks) => model.marks.lines().map(|line| mark(model, line)).collect(),
    }
}

fn mark(model: &Model, line: LineNo) -> MenuRow {
    let store = model.log.store();
    MenuRow {
        sign: "◆",
        name: human::count(store.number(line)),
        role: Role::Number,
        about: store.text(line),
    }
}

/// A word, how an expression is read where that isn't as usual, and whether it
/// is off.
fn about(word: &str, options: Option<Options>, on: bool) -> String {
    let mut words = vec![word];
    if let Some(options) = options {
        words.extend(options.words());
    }
    if !on {
        words.push("off");
    }
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

/// Where a list of so many rows lies over a region: a title and its rows, at
/// the bottom.
pub fn area(above: Rect, rows: usize) -> Rect {
    if above.height < 2 {
        return Rect { height: 0, ..above };
    }
    let height = rows.min(palette::HEIGHT).min(usize::from(above.height) - 1) as u16 + 1;
    Rect { y: above.bottom() - height, height, ..above }
}

/// The mouse while a list is open, the palette's or another: the wheel and a
/// click choose a row, a click on the chosen one opens it, one beside the list
/// closes it. `None` while there is no list.
pub(super) fn mouse(
    model: &mut Model,
    shown: &Layout,
    wheel: Option<isize>,
    click: Option<Position>,
) -> Option<Vec<Effect>> {
    let palette = model.prompt.as_ref().filter(|prompt| prompt.purpose == Purpose::Command);
    let (mut list, len) = match (palette, model.menu) {
        (Some(prompt), _) => (prompt.list, palette::rows(model).len()),
        (None, Some(menu)) if model.prompt.is_none() => (menu.list, menu.kind.len(model)),
        _ => return None,
    };
    let is_palette = palette.is_some();
    let area = area(shown.main(), len);
    let height = usize::from(area.height.saturating_sub(1));
    list.fit(len, height);
    let chosen = list.at;
    match (wheel, click) {
        (Some(by), _) => list.step(by.signum(), len, height),
        (None, Some(at)) if !area.contains(at) => {
            if !is_palette {
                model.menu = None;
            }
            return Some(Vec::new());
        }
        (None, Some(at)) if at.y > area.y => {
            let row = list.top + usize::from(at.y - area.y - 1);
            list.step(row as isize - list.at as isize, len, height);
        }
        _ => return Some(Vec::new()),
    }
    let again = click.is_some() && list.at == chosen;
    if let Some(prompt) = &mut model.prompt {
        prompt.list = list;
        if again {
            return Some(super::prompt::accept(model));
        }
    } else if let Some(menu) = &mut model.menu {
        menu.list = list;
        if again {
            act(model, Action::MenuOpen);
        }
    }
    Some(Vec::new())
}

/// Does what a key does in the open list.
pub(super) fn act(model: &mut Model, action: Action) {
    let Some(menu) = model.menu else { return };
    let (kind, at) = (menu.kind, menu.list.at);
    match action {
        Action::MenuDown => step(model, 1),
        Action::MenuUp => step(model, -1),
        Action::MenuPageDown => step(model, palette::HEIGHT as isize),
        Action::MenuPageUp => step(model, -(palette::HEIGHT as isize)),
        Action::MenuClose => model.menu = None,
        Action::MenuBack if kind == MenuKind::Marks => {
            model.menu = None;
            jumps::swap(model);
        }
        Action::MenuOpen => match kind {
            MenuKind::Filters => filters::switch(model, at),
            MenuKind::Pins => {
                model.menu = None;
                pins::search(model, at);
            }
            MenuKind::Marks => {
                model.menu = None;
                go(model, at);
            }
        },
        Action::MenuToggle => match kind {
            MenuKind::Filters => filters::switch(model, at),
            MenuKind::Pins => pins::switch(model, at),
            MenuKind::Marks => go(model, at),
        },
        Action::MenuEdit => match kind {
            MenuKind::Filters => filters::edit(model, at),
            MenuKind::Pins => pins::edit(model, at),
            MenuKind::Marks => model.answer = Some("A mark has nothing to edit".into()),
        },
        Action::MenuDelete => {
            match kind {
                MenuKind::Filters => filters::delete(model, at),
                MenuKind::Pins => pins::delete(model, at),
                MenuKind::Marks => marks::delete(model, at),
            }
            step(model, 0);
        }
        _ => {}
    }
    if kind.len(model) == 0 {
        model.menu = None;
    }
}

fn go(model: &mut Model, at: usize) {
    let line = model.marks.lines().nth(at);
    if let Some(line) = line {
        model.scroll.left = 0;
        reveal(model, line);
    }
}

fn step(model: &mut Model, by: isize) {
    let Some(mut menu) = model.menu else { return };
    menu.list.step(by, menu.kind.len(model), palette::HEIGHT);
    model.menu = Some(menu);
}
