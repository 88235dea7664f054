//! The columns before the text: number, signs, time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::domain::LineNo;
use crate::theme::Role;
use crate::ui::put;

use super::kind::Kind;
use super::line::Shown;

impl Shown {
    pub(super) fn gutter(&self, model: &Model, area: Rect, first: bool, buf: &mut Buffer) {
        if !first {
            return;
        }
        let gutter = model.gutter();
        let at = (self.here(model), model.marks.has(self.no));
        let x = number(model, area, self.no, (self.kind, self.around), at, buf);
        if gutter.time > 0
            && self.kind != Kind::Gap
            && let Some(stamp) = model.stamp(model.time_column(), self.item, self.no)
        {
            let role = if stamp.silence { Role::Warning } else { Role::Number };
            let width = usize::from(gutter.time) - 1;
            let text = format!("{:>width$}", stamp.text);
            buf.set_stringn(x + 1, area.y, text, width, model.styles.get(role));
        }
    }
}

/// Draws the number of a line, and its signs: whether the cursor is there and
/// whether it is marked, what kind it is and whether it is only around others.
/// The column behind them.
pub(super) fn number(
    model: &Model,
    area: Rect,
    no: LineNo,
    (kind, around): (Kind, bool),
    (here, marked): (bool, bool),
    buf: &mut Buffer,
) -> u16 {
    let gutter = model.gutter();
    let style = |role| model.styles.get(role);
    let set = |x: u16, sign: &str, role: Role, buf: &mut Buffer| {
        buf.set_stringn(x, area.y, sign, 1, style(role));
    };
    // Where there is no room for numbers, the cursor follows the other sign.
    let (mut x, cursor) = (area.x, area.x + gutter.digits.max(1));
    if gutter.digits > 0 {
        let role = if here { Role::Cursor } else { Role::Number };
        let width = usize::from(gutter.digits);
        let number = match kind {
            Kind::Gap => " ".repeat(width),
            _ => format!("{:>width$}", model.log.store().number(no)),
        };
        put(buf, x, area.y, &number, width, style(role));
        x += gutter.digits + 1;
    }
    match (here, marked) {
        (true, true) => set(cursor, "◈", Role::Mark, buf),
        (true, false) => set(cursor, "›", Role::Cursor, buf),
        (false, true) => set(cursor, "◆", Role::Mark, buf),
        (false, false) => {}
    }
    let (sign, role) = match (kind.sign(), around) {
        (" ", true) => ("·", Role::Dim),
        (sign, _) => (sign, kind.role()),
    };
    put(buf, x, area.y, sign, 1, style(role))
}
