//! What the help says, and how it is laid out in columns.

use crate::keymap::{Action, Context, Key};
use crate::text;

use super::model::{Help, Model, Subject};
use super::panes::Pane;

/// Columns that a key's description may take.
const DESCRIPTION: usize = 34;

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpEntry {
    /// The heading of a group.
    Title(&'static str),
    /// Keys, and what they do.
    Key(String, &'static str),
    /// A blank line.
    Space,
}

/// The help in as many columns as there is room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpPage {
    /// One or two columns of lines.
    pub columns: Vec<Vec<HelpEntry>>,
    /// Screen columns of the widest keys.
    pub key_width: usize,
}

impl HelpPage {
    /// The help that applies now, on a screen of that width: what is looked
    /// for in it, else all of it.
    pub fn of(model: &Model, width: u16) -> Self {
        let width = usize::from(width);
        let filter = model.help.as_ref().and_then(|help| help.filter.as_deref());
        let entries = entries(model, filter.unwrap_or_default());
        let keys = entries.iter().map(|entry| match entry {
            HelpEntry::Key(keys, _) => text::width(keys),
            HelpEntry::Title(_) | HelpEntry::Space => 0,
        });
        let key_width = keys.max().unwrap_or(0).min(width / 2);
        let two = width / (key_width + DESCRIPTION) >= 2 && filter.is_none();
        let columns = if two { halves(entries) } else { vec![entries] };
        Self { columns, key_width }
    }
}

/// How far the open help can be scrolled.
fn most(model: &Model) -> u16 {
    let page = HelpPage::of(model, model.width);
    let longest = page.columns.iter().map(Vec::len).max().unwrap_or(0);
    let over = longest.saturating_sub(usize::from(model.layout().middle().height));
    u16::try_from(over).unwrap_or(u16::MAX)
}

/// Scrolls the help by pages; a row of the one before stays in sight.
pub(super) fn page(model: &mut Model, by: i32) {
    let rows = i32::from(model.layout().middle().height);
    scroll(model, by * (rows - 1).max(1));
}

/// Scrolls the help.
pub(super) fn scroll(model: &mut Model, by: i32) {
    let most = i32::from(most(model));
    if let Some(help) = &mut model.help {
        let top = i32::from(help.top).saturating_add(by).clamp(0, most);
        help.top = u16::try_from(top).unwrap_or(0);
    }
}

/// Begins to look for something in the help.
pub(super) fn find(model: &mut Model) {
    if let Some(help) = &mut model.help {
        help.top = 0;
        help.filter.get_or_insert_default();
        help.typing = true;
    }
}

/// Whether one looks for something in it.
pub(super) fn is_searched(model: &Model) -> bool {
    model.help.as_ref().is_some_and(|help| help.filter.is_some())
}

/// Stops looking for something; else closes the help.
pub(super) fn close(model: &mut Model) {
    match &mut model.help {
        Some(help) if help.filter.is_some() => *help = Help::default(),
        _ => model.help = None,
    }
}

/// Takes a key as text to look for in the help, while one types that; Enter ends
/// it and keeps what was found.
pub(super) fn typed(model: &mut Model, key: Key) -> bool {
    let Some(help) = model.help.as_mut().filter(|help| help.typing) else { return false };
    match (key.typed(), &mut help.filter) {
        (Some(c), Some(filter)) if !text::is_unseen(c) => filter.push(c),
        (None, Some(filter)) if key == Key::BACKSPACE => {
            if filter.pop().is_none() {
                *help = Help::default();
            }
        }
        (None, Some(filter)) if key == Key::ENTER => {
            let kept = Some(std::mem::take(filter)).filter(|filter| !filter.is_empty());
            *help = Help { filter: kept, ..Help::default() };
        }
        _ => return false,
    }
    help.top = 0;
    model.dirty = true;
    true
}

/// Whether an action is worth knowing here and now.
fn applies(model: &Model, action: Action) -> bool {
    let panel = model.panes.focus != Pane::Log;
    let build = matches!(model.subject, Subject::Build(_));
    let steps = !model.steps.all().is_empty();
    let found = !model.findings.is_empty();
    match action {
        Action::Refresh | Action::PausePolling => build && !model.over,
        Action::Findings | Action::Detail | Action::Dockerfile => found,
        Action::Cause => model.cause.is_some(),
        Action::NextFailure | Action::PreviousFailure => {
            found || !model.log.failure_lines().is_empty()
        }
        // What the panel's own keys do is told there.
        Action::LineDown
        | Action::LineUp
        | Action::HalfPageDown
        | Action::HalfPageUp
        | Action::PageDown
        | Action::PageUp
        | Action::Top
        | Action::Bottom
        | Action::StepOnly
        | Action::Close => !panel,
        Action::Time => true,
        action => match (action.context(), action.group()) {
            (Context::Log, "Steps") => steps,
            (Context::List, _) => panel,
            _ => true,
        },
    }
}

/// All groups, in the order of the actions, one after another; those of the
/// place where the keys are first.
fn entries(model: &Model, filter: &str) -> Vec<HelpEntry> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let wanted = |action: Action, keys: &str| {
        let (group, what) = (action.group(), action.description());
        let all = format!("{group} {keys} {what} {}", action.name()).to_lowercase();
        let one = words.len() == 1 && keys.split(' ').any(|key| key == filter.trim());
        one || words.iter().all(|word| all.contains(word))
    };
    let table = model.keymap.table();
    let told = |action: Action, keys: &str| applies(model, action) && wanted(action, keys);
    let mut groups: Vec<&'static str> = Vec::new();
    let place = match model.beneath() {
        Context::Log => Context::List,
        place => place,
    };
    let here = Action::ALL.iter().filter(|a| a.context() == place);
    for action in here.chain(Action::ALL) {
        if !groups.contains(&action.group()) {
            groups.push(action.group());
        }
    }
    let mut entries = Vec::new();
    for group in groups {
        let mut keys =
            table.iter().filter(|(a, keys)| a.group() == group && told(*a, keys)).peekable();
        if keys.peek().is_none() {
            continue;
        }
        if !entries.is_empty() {
            entries.push(HelpEntry::Space);
        }
        entries.push(HelpEntry::Title(group));
        entries.extend(keys.map(|(a, keys)| HelpEntry::Key(keys.clone(), a.description())));
    }
    entries
}

/// Two columns of about the same length, broken between groups.
fn halves(mut entries: Vec<HelpEntry>) -> Vec<Vec<HelpEntry>> {
    let half = entries.len() / 2;
    let breaks = entries.iter().enumerate().filter(|(_, e)| **e == HelpEntry::Space);
    let at = breaks.map(|(i, _)| i).min_by_key(|i| i.abs_diff(half)).unwrap_or(half);
    let mut right = entries.split_off(at.min(entries.len()));
    if right.first() == Some(&HelpEntry::Space) {
        right.remove(0);
    }
    vec![entries, right]
}
