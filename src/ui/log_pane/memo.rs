//! What the rows are known to show, so that only those that differ are drawn.

use std::rc::Rc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::view::{Item, Scope};
use crate::app::{BarRow, Gutter, ItemNo, Model, Place, Rows, TimeColumn};
use crate::domain::LineNo;
use crate::parse::{self, line_role};
use crate::text::Seen;
use crate::ui::{Drawn, scrollbar};

use super::gutter::number;
use super::kind::Kind;
use super::{draw, draw_item, text_area};

/// What the rows of the log show, where that can be said in a few words.
#[derive(Debug, Default)]
pub(in crate::ui) struct Memo {
    look: Option<Look>,
    /// What the first row shows.
    top: ItemNo,
    rows: Vec<Option<Row>>,
    /// The rows of the scrollbar, those that are known.
    bar: Vec<Option<Option<BarRow>>>,
}

/// What all rows have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Look {
    /// The log's: the text of a line that others follow changes only with it.
    generation: u64,
    /// The view's: which lines are only around what filters pick.
    version: u64,
    scope: Scope,
    gutter: Gutter,
    width: u16,
    left: u32,
}

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    /// Nothing: the log has ended.
    Nothing,
    /// Lines that filters hide.
    Hidden { lines: u32, here: bool, all: bool },
    /// A line that others follow.
    Line { no: LineNo, kind: Kind, role: parse::Role, here: bool, marked: bool },
}

impl Look {
    /// `None` where a row shows more than can be said: parts of lines, times,
    /// what was searched for, what is selected.
    fn of(model: &Model, area: Rect) -> Option<Self> {
        let plain = model.rows().uniform()
            && model.view.len(&model.log) > 0
            && model.selection.is_none()
            && model.find.is_none()
            && !model.pins.iter().any(|pin| pin.on)
            && model.time_column() == TimeColumn::Off;
        plain.then(|| Self {
            generation: model.log.generation(),
            version: model.view.version(),
            scope: model.view.scope(),
            gutter: model.gutter(),
            width: area.width,
            left: model.scroll.left,
        })
    }
}

impl Row {
    /// What the row of an item is to show; `known` is what one of the same
    /// place showed before. `None` where that can't be said. `text` gets the
    /// line if it has to be read.
    fn of(
        model: &Model,
        at: ItemNo,
        known: Option<Self>,
        text: &mut Option<Rc<Seen>>,
    ) -> Option<Self> {
        let here = model.scroll.cursor == at && !model.scroll.is_following();
        match model.item(at) {
            None => Some(Self::Nothing),
            Some(Item::Hidden { lines, .. }) => {
                Some(Self::Hidden { lines, here, all: model.view.shows_none(&model.log) })
            }
            // How many lines it hides is told as well.
            Some(Item::Folded { .. }) => None,
            // The last line may go on.
            Some(Item::Line(no)) if no.next().index() >= model.log.store().len() => None,
            Some(Item::Line(no)) => {
                let role = match known {
                    Some(Self::Line { no: before, role, .. }) if before == no => role,
                    _ => line_role(&text.insert(model.log.store().sight(no)).text),
                };
                let kind = Kind::of(model, no, role);
                Some(Self::Line { no, kind, role, here, marked: model.marks.has(no) })
            }
        }
    }

    /// Whether it differs from another one in the gutter only.
    fn has_text_of(self, other: Self) -> bool {
        match (self, other) {
            (Self::Line { no, kind, .. }, Self::Line { no: other, kind: sort, .. }) => {
                (no, kind) == (other, sort)
            }
            _ => false,
        }
    }
}

/// Draws what isn't there yet, the scrollbar included.
pub(in crate::ui) fn redraw(model: &Model, area: Rect, buf: &mut Buffer, drawn: &mut Drawn) {
    let Some(look) = Look::of(model, area) else {
        drawn.log = Memo::default();
        drawn.straighten();
        return drawn.rows(area, buf, |buf| {
            draw(model, area, buf);
            let rows = model.scrollbar(area.height);
            for (y, row) in (area.top()..area.bottom()).zip(rows) {
                scrollbar::draw(model, Some(row), area.right().saturating_sub(1), y, buf);
            }
        });
    };
    let mut memo = std::mem::take(&mut drawn.log);
    let top = model.scroll.top.item;
    if memo.look != Some(look) {
        memo = Memo { look: Some(look), top, ..Memo::default() };
    }
    let height = usize::from(area.height);
    memo.rows.resize(height, None);
    memo.bar.resize(height, None);
    memo.follow(top, drawn);
    // Which lines are only around others is told in the gutter as well.
    let around = model.view.filters().context > 0 && model.view.filters().active();
    for (i, y) in (area.top()..area.bottom()).enumerate() {
        let at = ItemNo::new(top.index().saturating_add(i as u32));
        let (Some(known), Some(bar)) = (memo.rows.get_mut(i), memo.bar.get_mut(i)) else { break };
        let mut text = None;
        let row = Row::of(model, at, *known, &mut text);
        if row.is_some() && row == *known {
            continue;
        }
        let here = Rect { y: drawn.place(y), height: 1, ..text_area(model, area) };
        match (row, *known) {
            (Some(row @ Row::Line { no, kind, here: cursor, marked, .. }), Some(known))
                if row.has_text_of(known) && !around =>
            {
                drawn.empty(y, here.left()..here.left() + look.gutter.width, buf);
                number(model, here, no, (kind, false), (cursor, marked), buf);
            }
            _ => {
                drawn.empty(y, area.left()..area.right(), buf);
                draw_item(model, Place { item: at, row: 0 }, text, here, buf);
                *bar = None;
            }
        }
        *known = row;
    }
    if model.scrollbar_width() > 0 {
        let rows = model.scrollbar(area.height);
        for (i, (y, known)) in (area.top()..).zip(&mut memo.bar).enumerate() {
            let row = rows.get(i).copied();
            if *known != Some(row) {
                *known = Some(row);
                let x = area.right().saturating_sub(1);
                drawn.touch(y, x..area.right());
                scrollbar::draw(model, row, x, drawn.place(y), buf);
            }
        }
    }
    drawn.log = memo;
}

impl Memo {
    /// Moves what is known, and what was drawn, to where another first row puts
    /// it.
    fn follow(&mut self, top: ItemNo, drawn: &mut Drawn) {
        let (was, now) = (self.top.index(), top.index());
        self.top = top;
        let by = usize::try_from(was.abs_diff(now)).unwrap_or(usize::MAX);
        let height = self.rows.len();
        if by == 0 {
            return;
        }
        if by >= height {
            self.rows.fill(None);
            self.bar.fill(None);
            return;
        }
        let up = now > was;
        if up {
            self.rows.rotate_left(by);
            self.bar.rotate_left(by);
        } else {
            self.rows.rotate_right(by);
            self.bar.rotate_right(by);
        }
        let uncovered = if up { height - by..height } else { 0..by };
        self.rows.get_mut(uncovered.clone()).unwrap_or_default().fill(None);
        self.bar.get_mut(uncovered).unwrap_or_default().fill(None);
        drawn.turn(by as u16, up);
    }
}
