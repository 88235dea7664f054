//! The place in a line that was clicked.

use crate::domain::LineNo;
use crate::parse::payload;
use crate::text;

use super::json;
use super::model::{HANG, Model};
use super::scroll::Place;
use super::view::Item;

/// A place in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The line.
    pub(super) line: LineNo,
    /// The byte of its text.
    pub(super) byte: usize,
}

impl Spot {
    /// What is shown in a row of the log, so many columns from where its text
    /// begins.
    pub(super) fn at(model: &Model, place: Place, column: usize) -> Option<Self> {
        let Some(Item::Line(line)) = model.item(place.item) else { return None };
        let seen = model.log.store().sight(line);
        let all = seen.text.as_str();
        let cut = if model.strips_prefix() { all.len() - payload(all).1.len() } else { 0 };
        let text = all.get(cut..)?;
        let width = usize::from(model.text_width());
        let whole = || vec![json::JsonRow { range: 0..text.len(), indent: 0 }];
        let parts = if model.pretty { json::rows(text).unwrap_or_else(whole) } else { whole() };
        let mut skip = usize::try_from(place.row).ok()?;
        for part in parts {
            let piece = text.get(part.range.clone())?;
            let (indent, width) = (part.indent(width), part.room(width));
            let place = cut + part.range.start..cut + part.range.end;
            let rows = if model.wrap { seen.rows(place.clone(), width, HANG) } else { 1 };
            if skip >= rows {
                skip -= rows;
                continue;
            }
            let row;
            let (hang, glyphs) = if model.wrap {
                let hang = if skip == 0 { 0 } else { HANG.min(width.saturating_sub(1)) };
                row = seen.wrap(place, width, HANG, skip, 1).into_iter().next()?;
                (hang, text::row_glyphs(piece, &row, width - hang))
            } else {
                (0, text::view(piece, model.scroll.left as usize, width).glyphs)
            };
            let column = column.checked_sub(indent + hang)?;
            let over = |glyph: &&text::Glyph<'_>| {
                (glyph.column..glyph.column + glyph.width).contains(&column)
            };
            let byte = cut + part.range.start + glyphs.iter().find(over)?.range.start;
            return Some(Self { line, byte });
        }
        None
    }
}
