//! A list over the lower rows of the log: what the palette offers, filters,
//! pinned words, marks.
//!
//! ```text
//!  ── Commands 3 ──────────────────────────────────────────────
//!  › fold                fold this step, or unfold it         z
//!    fold-all            fold all steps, or unfold them       Z
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{List, Model, menu, palette};
use crate::text;
use crate::theme::Role;

use super::segments::cut;

/// A row: a sign, a name, what it is about, and something at the right.
struct Row {
    sign: &'static str,
    name: String,
    role: Role,
    about: String,
    right: String,
}

/// Draws what the palette offers.
pub(super) fn palette(model: &Model, list: List, above: Rect, buf: &mut Buffer) {
    let rows: Vec<Row> = palette::rows(model)
        .into_iter()
        .map(|row| Row {
            sign: "",
            name: row.name,
            role: Role::Text,
            about: row.about,
            right: row.keys,
        })
        .collect();
    let title = match rows.len() {
        0 => "No such command".to_owned(),
        count => format!("Commands {count}"),
    };
    draw(model, &title, &rows, list, above, buf);
}

/// Draws the open list.
pub(super) fn list(model: &Model, above: Rect, buf: &mut Buffer) {
    let Some(open) = model.menu else { return };
    let rows: Vec<Row> = menu::rows(model)
        .into_iter()
        .map(|row| Row {
            sign: row.sign,
            name: row.name,
            role: row.role,
            about: row.about,
            right: String::new(),
        })
        .collect();
    draw(model, &open.kind.title(model, rows.len()), &rows, open.list, above, buf);
}

fn draw(model: &Model, title: &str, rows: &[Row], list: List, above: Rect, buf: &mut Buffer) {
    let area = menu::area(above, rows.len());
    if area.is_empty() {
        return;
    }
    let height = usize::from(area.height - 1);
    let style = |role| model.styles.get(role);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
                cell.set_style(style(Role::Text));
            }
        }
    }
    for x in area.left()..area.right() {
        buf.set_stringn(x, area.y, "─", 1, style(Role::Frame));
    }
    let room = usize::from(area.width.saturating_sub(4));
    let title = format!(" {} ", cut(title, room));
    buf.set_stringn(area.x + 1, area.y, title, room + 2, style(Role::Title));
    // The selection stays in sight however few rows there are.
    let mut list = list;
    list.fit(rows.len(), height);
    let below = rows.len().saturating_sub(list.top + height);
    if below > 0 {
        let more = format!(" {below} more ↓ ");
        let width = text::width(&more);
        let x = area.right().saturating_sub(width as u16 + 1);
        buf.set_stringn(x, area.y, more, width, style(Role::Hint));
    }
    let names = rows.iter().map(|row| text::width(&row.name)).max().unwrap_or(0);
    let names = names.min(usize::from(area.width) / 2);
    for (i, row) in rows.iter().enumerate().skip(list.top).take(height) {
        let y = area.y + 1 + (i - list.top) as u16;
        let here = i == list.at;
        let mut x = area.x + 1;
        let end = area.right().saturating_sub(1);
        if here {
            buf.set_stringn(x, y, "›", 1, style(Role::Cursor));
        }
        x += 2;
        if !row.sign.is_empty() {
            buf.set_stringn(x, y, row.sign, 1, style(Role::Text));
            x += 2;
        }
        let right = text::width(&row.right) as u16;
        let plain = matches!(row.role, Role::Text | Role::Number);
        let name = style(if here && plain { Role::Cursor } else { row.role });
        let room = usize::from(end.saturating_sub(x));
        buf.set_stringn(x, y, cut(&row.name, room.min(names)), room, name);
        let x = x + names as u16 + 2;
        let stop = end.saturating_sub(if right > 0 { right + 2 } else { 0 });
        let room = usize::from(stop.saturating_sub(x));
        buf.set_stringn(x, y, cut(&row.about, room), room, style(Role::Hint));
        if right > 0 && x + right < end {
            buf.set_string(end - right, y, &row.right, style(Role::Key));
        }
    }
}
