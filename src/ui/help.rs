//! The keys, as they are bound now.
//!
//! ```text
//!   Move
//!     j ↓            one line down
//!     k ↑            one line up
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{HelpEntry, HelpPage, Model};
use crate::text;
use crate::theme::Role;

use super::segments::cut;

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let HelpPage { columns: rows, key_width } = HelpPage::of(model, area.width);
    let (width, columns) = (usize::from(area.width), rows.len());
    let height = usize::from(area.height);
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let most = longest.saturating_sub(height);
    let top = model.help.as_ref().map_or(0, |help| usize::from(help.top)).min(most);
    let style = |role| model.styles.get(role);
    // In the last row, beside what is listed there.
    let more = (top < most).then(|| format!(" {} more ↓ ", longest - top - height));
    let beside = more.as_ref().map_or(0, |more| text::width(more) as u16);
    let last = area.bottom().saturating_sub(1);
    for (column, list) in rows.iter().enumerate() {
        let x = area.x + 2 + (column * width / columns) as u16;
        let end = area.x + ((column + 1) * width / columns) as u16;
        for (y, entry) in (area.y..area.bottom()).zip(list.iter().skip(top)) {
            let end = if y == last { end.min(area.right().saturating_sub(beside)) } else { end };
            match entry {
                HelpEntry::Space => {}
                HelpEntry::Title(title) => {
                    buf.set_stringn(x, y, title, room(x, end), style(Role::Title));
                }
                HelpEntry::Key(keys, what) => {
                    let keys = cut(keys, key_width.min(room(x, end)));
                    buf.set_stringn(x, y, keys, key_width, style(Role::Key));
                    let x = x + key_width as u16 + 2;
                    let room = room(x, end.saturating_sub(1));
                    buf.set_stringn(x, y, cut(what, room), room, style(Role::Text));
                }
            }
        }
    }
    if longest == 0 {
        let words = "No key does that here";
        buf.set_stringn(
            area.x + 2,
            area.y,
            words,
            room(area.x + 2, area.right()),
            style(Role::Dim),
        );
    }
    if let Some(more) = more {
        let x = area.right().saturating_sub(beside);
        buf.set_stringn(x, last, &more, room(x, area.right()), style(Role::Hint));
    }
}

fn room(x: u16, end: u16) -> usize {
    usize::from(end.saturating_sub(x))
}
