//! The keys, as they are bound now.
//!
//! ```text
//!   Move
//!     j ↓            one line down
//!     k ↑            one line up
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::keymap::{Action, Keymap};
use crate::text;
use crate::theme::Role;

/// Columns of a column of the help, at least.
const LEAST: usize = 38;

/// A line of the help.
enum Entry {
    Title(&'static str),
    Key(String, &'static str),
    Space,
}

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let entries = entries(&model.keymap);
    let keys = entries.iter().map(|entry| match entry {
        Entry::Key(keys, _) => text::width(keys),
        _ => 0,
    });
    let width = usize::from(area.width);
    let key_width = keys.max().unwrap_or(0).min(width / 2);
    let columns = (width / LEAST.max(key_width + 34)).clamp(1, 2);
    let rows = split(&entries, columns);
    let height = usize::from(area.height);
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let most = longest.saturating_sub(height);
    let top = model.help.map_or(0, |help| usize::from(help.top)).min(most);
    let style = |role| model.styles.get(role);
    for (column, list) in rows.iter().enumerate() {
        let x = area.x + 2 + (column * width / columns) as u16;
        let end = area.x + ((column + 1) * width / columns) as u16;
        for (y, entry) in (area.y..area.bottom()).zip(list.iter().skip(top)) {
            match entry {
                Entry::Space => {}
                Entry::Title(title) => {
                    buf.set_stringn(x, y, title, room(x, end), style(Role::Title));
                }
                Entry::Key(keys, what) => {
                    buf.set_stringn(x, y, keys, key_width.min(room(x, end)), style(Role::Key));
                    let x = x + key_width as u16 + 2;
                    buf.set_stringn(x, y, what, room(x, end), style(Role::Text));
                }
            }
        }
    }
    if top < most {
        let more = format!("{} more ↓", longest - top - height);
        let x = area.right().saturating_sub(text::width(&more) as u16 + 1);
        let y = area.bottom().saturating_sub(1);
        buf.set_stringn(x, y, &more, room(x, area.right()), style(Role::Hint));
    }
}

fn room(x: u16, end: u16) -> usize {
    usize::from(end.saturating_sub(x))
}

/// All groups, in the order of the actions, one after another.
fn entries(keymap: &Keymap) -> Vec<Entry> {
    let table = keymap.table();
    let mut groups: Vec<&'static str> = Vec::new();
    for action in Action::ALL {
        if !groups.contains(&action.group()) {
            groups.push(action.group());
        }
    }
    let mut entries = Vec::new();
    for group in groups {
        let of_group: Vec<_> = table.iter().filter(|(a, _)| a.group() == group).collect();
        if of_group.is_empty() {
            continue;
        }
        if !entries.is_empty() {
            entries.push(Entry::Space);
        }
        entries.push(Entry::Title(group));
        for (action, keys) in of_group {
            entries.push(Entry::Key(keys.clone(), action.description()));
        }
    }
    entries
}

/// The entries in columns of about the same length, broken between groups.
fn split(entries: &[Entry], columns: usize) -> Vec<Vec<&Entry>> {
    if columns < 2 {
        return vec![entries.iter().collect()];
    }
    let half = entries.len() / 2;
    let breaks = entries.iter().enumerate().filter(|(_, e)| matches!(e, Entry::Space));
    let at = breaks.map(|(i, _)| i).min_by_key(|i| i.abs_diff(half)).unwrap_or(half);
    let (left, right) = entries.split_at(at);
    vec![left.iter().collect(), right.iter().skip(1).collect()]
}
