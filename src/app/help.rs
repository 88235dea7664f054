//! What the help says, and how it is laid out in columns.

use crate::keymap::{Action, Keymap};
use crate::text;

use super::model::Model;

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
    /// The help of a keymap on a screen of that width.
    pub fn of(keymap: &Keymap, width: u16) -> Self {
        let width = usize::from(width);
        let entries = entries(keymap);
        let keys = entries.iter().map(|entry| match entry {
            HelpEntry::Key(keys, _) => text::width(keys),
            HelpEntry::Title(_) | HelpEntry::Space => 0,
        });
        let key_width = keys.max().unwrap_or(0).min(width / 2);
        let two = width / (key_width + DESCRIPTION) >= 2;
        let columns = if two { halves(entries) } else { vec![entries] };
        Self { columns, key_width }
    }
}

/// How far the open help can be scrolled.
pub(super) fn most(model: &Model) -> u16 {
    let page = HelpPage::of(&model.keymap, model.width);
    let longest = page.columns.iter().map(Vec::len).max().unwrap_or(0);
    let over = longest.saturating_sub(usize::from(model.layout().main().height));
    u16::try_from(over).unwrap_or(u16::MAX)
}

/// All groups, in the order of the actions, one after another.
fn entries(keymap: &Keymap) -> Vec<HelpEntry> {
    let table = keymap.table();
    let mut groups: Vec<&'static str> = Vec::new();
    for action in Action::ALL {
        if !groups.contains(&action.group()) {
            groups.push(action.group());
        }
    }
    let mut entries = Vec::new();
    for group in groups {
        let mut keys = table.iter().filter(|(a, _)| a.group() == group).peekable();
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
