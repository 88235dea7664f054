//! What was found: causes first, each with its evidence and what to change;
//! and one finding in full.
//!
//! ```text
//!  ✗ The lock file is out of date
//!      58 │ The lockfile at `uv.lock` needs to be updated, but …
//!      in RUN uv sync --locked · Dockerfile:9
//!      ▸ 4 lines that only follow from it
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::findings::{FindingRow, Look};
use crate::app::{Model, Pane};
use crate::theme::Role;

use super::put;
use super::segments::cut;

pub(super) fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let list = model.panes.findings_list;
    let here = model.panes.focus == Pane::Findings;
    let rows = model.lists.findings();
    for (y, (at, row)) in (area.top()..area.bottom()).zip(rows.iter().enumerate().skip(list.top)) {
        let area = Rect { y, height: 1, ..area };
        draw_row(model, row, area, here && at == list.at, buf);
    }
}

pub(super) fn detail(model: &Model, area: Rect, buf: &mut Buffer) {
    let rows = model.lists.detail();
    let top = model.panes.detail_list.top;
    for (y, row) in (area.top()..area.bottom()).zip(rows.iter().skip(top)) {
        draw_row(model, row, Rect { y, height: 1, ..area }, false, buf);
    }
}

fn draw_row(model: &Model, row: &FindingRow, area: Rect, selected: bool, buf: &mut Buffer) {
    let style = |role| model.styles.get(role);
    if selected {
        buf.set_stringn(area.x, area.y, "›", 1, style(Role::Cursor));
    }
    let x = area.x + 1 + row.indent;
    let room = usize::from(area.right().saturating_sub(x));
    let mut look = style(role(row.look));
    if selected {
        look = look.patch(style(Role::Cursor));
    }
    put(buf, x, area.y, &cut(&row.text, room), room, look);
}

fn role(look: Look) -> Role {
    match look {
        Look::Cause | Look::Removed | Look::Marked => Role::Failure,
        Look::PassedBut => Role::Warning,
        Look::Evidence | Look::Text => Role::Text,
        Look::Heading => Role::Title,
        Look::Added => Role::Done,
        Look::Dim => Role::Dim,
    }
}
