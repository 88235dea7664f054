//! A line in sight: what of it looks in which way, and how it is laid out in
//! rows.

use std::ops::Range;
use std::rc::Rc;

use crate::app::view::Item;
use crate::app::{HANG, ItemNo, Model, json};
use crate::domain::LineNo;
use crate::parse::{StepId, StepState, line_role, payload};
use crate::text::{self, Glyph, PlainView, Seen, View};
use crate::theme::Role;

use super::kind::Kind;

/// A line in sight.
pub(super) struct Shown {
    pub(super) item: ItemNo,
    pub(super) no: LineNo,
    pub(super) line: Rc<Seen>,
    pub(super) kind: Kind,
    /// Bytes of the builder's prefix (`#9 0.431 `), which is shown quietly.
    pub(super) prefix: usize,
    /// Whether it may take several rows: a fold's row is one.
    pub(super) foldable: bool,
    /// Whether it is only there for being around lines that filters pick.
    pub(super) around: bool,
    /// Bytes at the start that are not shown: the prefix, in a step's own view.
    pub(super) cut: usize,
    pub(super) matches: Vec<Range<usize>>,
    /// Where pinned words are, the later pins over the earlier ones.
    pub(super) pins: Vec<(Range<usize>, Role)>,
    /// Where the match one is at begins.
    pub(super) current: Option<usize>,
}

/// A screen row of a line.
pub(super) struct Cells<'a> {
    /// What is drawn: a text of which each byte fills a column, then these.
    pub(super) plain: &'a str,
    pub(super) glyphs: Vec<Glyph<'a>>,
    /// The byte of the line that the glyphs count from.
    pub(super) base: usize,
    /// Columns it is indented by.
    pub(super) indent: u16,
    /// Whether there is more to the left, to the right.
    pub(super) left: bool,
    pub(super) right: bool,
}

fn failed(model: &Model, step: StepId) -> bool {
    model.log.tree().step(step).is_some_and(|step| step.state() == StepState::Failed)
}

impl Shown {
    pub(super) fn of(model: &Model, item: ItemNo, shown: Item, line: Rc<Seen>) -> Self {
        let no = shown.line();
        let kind = match shown {
            Item::Folded { step, .. } if failed(model, step) => Kind::Failure,
            _ => Kind::of(model, no, line_role(&line.text)),
        };
        let prefix = match kind {
            Kind::Plain | Kind::Failure | Kind::Warning | Kind::Cause | Kind::Proof => {
                line.text.len() - payload(&line.text).1.len()
            }
            _ => 0,
        };
        let find = model.find.as_ref();
        let matches = find.map_or_else(Vec::new, |f| f.query().find_in(&line.text).collect());
        let current = find
            .and_then(|f| f.current(model.cursor_line()))
            .filter(|place| place.line == no)
            .map(|place| place.byte);
        let cut =
            if model.strips_prefix() { line.text.len() - payload(&line.text).1.len() } else { 0 };
        let pins = model.pins.iter().filter(|pin| pin.on);
        let pins = pins
            .flat_map(|pin| pin.query.find_in(&line.text).map(|range| (range, pin.role())))
            .collect();
        let foldable = matches!(shown, Item::Line(_));
        let filters = model.view.filters();
        let around = filters.context > 0
            && foldable
            && filters.active()
            && !filters.pass(&model.log, no, &line.text);
        Self { item, no, line, kind, prefix, foldable, around, cut, matches, pins, current }
    }

    /// Whether nothing but its prefix looks in any other way than the rest.
    pub(super) fn is_bare(&self) -> bool {
        self.line.runs.is_empty() && self.matches.is_empty() && self.pins.is_empty()
    }

    /// Whether the cursor is on it.
    pub(super) fn here(&self, model: &Model) -> bool {
        model.scroll.cursor == self.item && !model.scroll.is_following()
    }

    /// Its rows from `skip` on, at most `room`.
    pub(super) fn rows(&self, model: &Model, skip: usize, room: usize) -> Vec<Cells<'_>> {
        let width = usize::from(model.text_width());
        let text = self.line.text.get(self.cut..).unwrap_or_default();
        let whole = || vec![json::JsonRow { range: 0..text.len(), indent: 0 }];
        let parts = match self.foldable && model.pretty {
            true => json::rows(text).unwrap_or_else(whole),
            false => whole(),
        };
        let mut rows: Vec<Cells<'_>> = Vec::new();
        let mut skip = skip;
        for part in parts {
            let left = room.saturating_sub(rows.len());
            if left == 0 {
                break;
            }
            let Some(piece) = text.get(part.range.clone()) else { continue };
            let (indent, width) = (part.indent(width), part.room(width));
            let base = self.cut + part.range.start;
            if !self.foldable || !model.wrap {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let (from, indent) = (model.scroll.left as usize, indent as u16);
                rows.push(match text::plain_view(piece, from, width) {
                    Some(PlainView { text: plain, left, right }) => {
                        let (base, glyphs) = (base + from, Vec::new());
                        Cells { plain, glyphs, base, indent, left, right }
                    }
                    None => {
                        let View { glyphs, left, right } = text::view(piece, from, width);
                        Cells { plain: "", glyphs, base, indent, left, right }
                    }
                });
                continue;
            }
            let place = base..self.cut + part.range.end;
            let wrapped = self.line.wrap(place.clone(), width, HANG, skip, left);
            if wrapped.is_empty() {
                skip = skip.saturating_sub(self.line.rows(place, width, HANG));
            }
            for (i, row) in wrapped.iter().enumerate() {
                let hang = if skip + i == 0 { 0 } else { HANG.min(width.saturating_sub(1)) };
                let glyphs = text::row_glyphs(piece, row, width - hang);
                let indent = (indent + hang) as u16;
                rows.push(Cells { plain: "", glyphs, base, indent, left: false, right: false });
            }
            if !wrapped.is_empty() {
                skip = 0;
            }
        }
        if rows.is_empty() {
            let (glyphs, base) = (Vec::new(), self.cut);
            rows.push(Cells { plain: "", glyphs, base, indent: 0, left: false, right: false });
        }
        rows
    }
}
