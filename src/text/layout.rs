//! Where clean text goes on a screen: clusters, columns, tabs, slices, rows.
//!
//! A *column* counts screen cells from the start of the line. A *glyph* is one
//! cluster of characters with the cells it fills. Widths are the ones ratatui
//! uses, so what is laid out here is what it draws.
//!
//! Costs: reaching a column or a row is a scan of the text before it (for text
//! of ASCII without tabs a scan for other bytes only, at memory speed); what
//! is handed out is never more than what is visible.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns between tab stops.
pub const TAB: usize = 8;

/// One cluster of characters and the cells it fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyph<'a> {
    /// What to draw; a single space stands for each cell of a tab, and of a
    /// wide cluster that an edge of the view cuts.
    pub symbol: &'a str,
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// The first cell it fills, counted from the left edge of the view.
    pub column: usize,
    /// How many cells it fills; with a `symbol` of one space, that many spaces.
    pub width: usize,
}

/// The part of a line between two columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View<'a> {
    /// What is to be drawn, from left to right.
    pub glyphs: Vec<Glyph<'a>>,
    /// Whether there is text to the left of it.
    pub left: bool,
    /// Whether there is text to the right of it.
    pub right: bool,
}

/// The part of a line between two columns, where each of its bytes fills one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainView<'a> {
    /// What is to be drawn.
    pub text: &'a str,
    /// Whether there is text to the left of it.
    pub left: bool,
    /// Whether there is text to the right of it.
    pub right: bool,
}

/// One screen row of a wrapped line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// The column of the unwrapped line at which it begins; tab stops count
    /// from there.
    pub column: usize,
}

/// The columns a cluster fills, as ratatui has it.
///
/// ratatui lets the half-width Katakana voicing marks take a cell of their
/// own, because terminals do.
pub fn glyph_width(cluster: &str) -> usize {
    if cluster.len() == 1 {
        return 1;
    }
    cluster.width() + cluster.chars().filter(|c| matches!(c, '\u{FF9E}' | '\u{FF9F}')).count()
}

/// The columns a text fills, tabs included.
pub fn width(text: &str) -> usize {
    let simple = one_column_each(text.as_bytes());
    clusters(text, simple, simple).last().map_or(simple, |c| c.column + c.width)
}

/// A cluster at its place in the unwrapped line.
struct Cluster<'a> {
    symbol: &'a str,
    at: usize,
    column: usize,
    width: usize,
}

impl Cluster<'_> {
    fn end(&self) -> usize {
        self.at + self.symbol.len()
    }
}

/// How many bytes at the start are sure to be a cluster of one column each:
/// ASCII without controls, less the last byte, which a mark may follow.
fn one_column_each(bytes: &[u8]) -> usize {
    let mut at = 0;
    for block in bytes.chunks(64) {
        if block.iter().fold(true, |ok, &b| ok & (0x20..0x7f).contains(&b)) {
            at += block.len();
        } else {
            at += block.iter().take_while(|b| matches!(b, 0x20..0x7f)).count();
            return at.saturating_sub(1);
        }
    }
    at
}

/// The columns of a character that joins no other of those that have a width
/// here: each is a cluster unless something else follows it. That spares the
/// letters, ideographs and lines that most text beyond ASCII consists of the
/// rules for all others.
fn width_alone(c: char) -> Option<usize> {
    match c {
        ' '..='~'
        | '\u{A1}'..='\u{AC}'
        | '\u{AE}'..='\u{2FF}'
        | '\u{370}'..='\u{377}'
        | '\u{391}'..='\u{3A1}'
        | '\u{3A3}'..='\u{482}'
        | '\u{48A}'..='\u{52F}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2500}'..='\u{259F}'
        | '\u{2800}'..='\u{28FF}' => Some(1),
        '\u{3001}'..='\u{3029}'
        | '\u{3041}'..='\u{3096}'
        | '\u{309B}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{FF01}'..='\u{FF60}' => Some(2),
        _ => None,
    }
}

/// The clusters of a text from a byte on that is known to begin one.
fn clusters(text: &str, at: usize, column: usize) -> impl Iterator<Item = Cluster<'_>> {
    let rest = text.get(at..).unwrap_or_default();
    let (mut at, mut column) = (at, column);
    let mut chars = rest.chars();
    std::iter::from_fn(move || {
        let rest = chars.as_str();
        let first = chars.next()?;
        let next = chars.clone().next();
        let (symbol, width) = match width_alone(first) {
            Some(width) if next.is_none_or(|next| width_alone(next).is_some()) => {
                (rest.get(..first.len_utf8())?, width)
            }
            _ => {
                let symbol = rest.graphemes(true).next()?;
                chars = rest.get(symbol.len()..)?.chars();
                let tab = TAB - column % TAB;
                (symbol, if first == '\t' { tab } else { glyph_width(symbol) })
            }
        };
        let cluster = Cluster { symbol, at, column, width };
        (at, column) = (cluster.end(), column + width);
        Some(cluster)
    })
}

/// The part of `text` in the columns from `from` on, `width` of them.
pub fn view(text: &str, from: usize, width: usize) -> View<'_> {
    let to = from.saturating_add(width);
    let bytes = text.as_bytes();
    // As much as can be in sight; what may join the last of it is beyond.
    let simple = one_column_each(bytes.get(..to.saturating_add(1)).unwrap_or(bytes));
    let simple = simple.min(to);
    let start = simple.min(from);
    let mut view = View { left: from > 0 && !text.is_empty(), ..View::default() };
    view.glyphs.reserve(width.min(text.len() - start));
    for at in start..simple {
        let Some(symbol) = text.get(at..at + 1) else { break };
        view.glyphs.push(Glyph { symbol, range: at..at + 1, column: at - start, width: 1 });
    }
    for cluster in clusters(text, simple, simple) {
        if cluster.column >= to {
            view.right = true;
            break;
        }
        let end = cluster.column + cluster.width;
        if end <= from {
            continue;
        }
        view.right = end > to;
        let (left, right) = (cluster.column.max(from), end.min(to));
        view.glyphs.push(glyph(&cluster, left, right, left - from));
    }
    view
}

/// The same where a column is a byte, as in nearly all lines; `None` where one
/// isn't.
pub fn plain_view(text: &str, from: usize, width: usize) -> Option<PlainView<'_>> {
    let to = from.saturating_add(width);
    let bytes = text.as_bytes();
    let seen = bytes.get(..to.saturating_add(1)).unwrap_or(bytes);
    if one_column_each(seen) < seen.len() {
        return None;
    }
    let text = text.get(from.min(seen.len())..to.min(seen.len()))?;
    Some(PlainView { text, left: from > 0 && !bytes.is_empty(), right: bytes.len() > to })
}

fn glyph<'a>(cluster: &Cluster<'a>, left: usize, right: usize, column: usize) -> Glyph<'a> {
    let whole = right - left == cluster.width && cluster.symbol != "\t";
    Glyph {
        symbol: if whole { cluster.symbol } else { " " },
        range: cluster.at..cluster.end(),
        column,
        width: right - left,
    }
}

/// How many screen rows a text takes that is wrapped at `width` columns, rows
/// after the first beginning `indent` columns in. At least 1.
pub fn rows(text: &str, width: usize, indent: usize) -> usize {
    let (first, later) = row_widths(width, indent);
    if one_column_each(text.as_bytes()) == text.len() {
        return 1 + text.len().saturating_sub(first).div_ceil(later);
    }
    each_row(text, 0, 0, first, later).count()
}

/// The screen rows `skip` to `skip + take` of a text wrapped as by [`rows`].
///
/// Rows break between clusters, not words: a log keeps its shape, and any row
/// can be found without laying out the words before it. A cluster wider than
/// a row has a row of its own.
pub fn wrap(text: &str, width: usize, indent: usize, skip: usize, take: usize) -> Vec<Row> {
    let (first, later) = row_widths(width, indent);
    if text.is_empty() || one_column_each(text.as_bytes()) < text.len() {
        return each_row(text, 0, 0, first, later).skip(skip).take(take).collect();
    }
    let start = |row: usize| match row.checked_sub(1) {
        None => 0,
        Some(before) => first.saturating_add(before.saturating_mul(later)).min(text.len()),
    };
    (skip..skip.saturating_add(take))
        .map(|row| Row { range: start(row)..start(row.saturating_add(1)), column: start(row) })
        .take_while(|row| !row.range.is_empty())
        .collect()
}

/// The screen row, counted from 0, that a byte of a text is on that is wrapped
/// as by [`rows`]; the last one for a byte past the end.
pub fn row_of(text: &str, byte: usize, width: usize, indent: usize) -> usize {
    let (first, later) = row_widths(width, indent);
    let byte = byte.min(text.len().saturating_sub(1));
    if one_column_each(text.as_bytes()) == text.len() {
        return byte.checked_sub(first).map_or(0, |past| 1 + past / later);
    }
    each_row(text, 0, 0, first, later).take_while(|row| row.range.end <= byte).count()
}

/// What is to be drawn in a row of a wrapped text, `width` cells wide.
pub fn row_glyphs<'a>(text: &'a str, row: &Row, width: usize) -> Vec<Glyph<'a>> {
    clusters(text, row.range.start, row.column)
        .take_while(|cluster| cluster.at < row.range.end)
        .map_while(|cluster| {
            let column = cluster.column - row.column;
            let right = (column + cluster.width).min(width);
            (column < right).then(|| glyph(&cluster, column, right, column))
        })
        .collect()
}

pub(super) fn row_widths(width: usize, indent: usize) -> (usize, usize) {
    let first = width.max(1);
    (first, first.saturating_sub(indent).max(1))
}

/// Row by row from a byte on that begins one, and is at this column: the
/// clusters that fit, one at least. Where a row and what follows it are plain,
/// as nearly all rows of a long line are, their bytes needn't be taken one by
/// one.
pub(super) fn each_row(
    text: &str,
    at: usize,
    column: usize,
    room: usize,
    later: usize,
) -> impl Iterator<Item = Row> {
    let bytes = text.as_bytes();
    let (mut at, mut column, mut room) = (at, column, room);
    let mut empty = text.is_empty();
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty());
        let Some(rest) = rest else {
            return std::mem::take(&mut empty).then_some(Row { range: 0..0, column: 0 });
        };
        let (start, begins) = (at, column);
        let room = std::mem::replace(&mut room, later);
        let seen = rest.get(..room.saturating_add(1)).unwrap_or(rest);
        if one_column_each(seen) == seen.len() {
            let plain = seen.len().min(room);
            (at, column) = (at + plain, column + plain);
        } else {
            for cluster in clusters(text, start, begins) {
                let end = cluster.column + cluster.width;
                if end > begins + room && cluster.at > start {
                    break;
                }
                (at, column) = (cluster.end(), end);
            }
        }
        Some(Row { range: start..at, column: begins })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::buffer::CellWidth;

    fn drawn(view: &View<'_>) -> String {
        view.glyphs
            .iter()
            .map(|g| if g.symbol == " " { " ".repeat(g.width) } else { g.symbol.to_owned() })
            .collect()
    }

    #[test]
    fn widths_are_those_of_the_screen() {
        for (text, columns) in [
            ("", 0),
            ("abc", 3),
            ("a\tb", 9),
            ("\t\t", 16),
            ("漢字", 4),
            ("e\u{301}x", 2),
            ("👩‍💻!", 3),
        ] {
            assert_eq!(width(text), columns, "{text:?}");
        }
        for cluster in ["ｶﾞ", "ﾊﾟ", "ﾞ", "あﾞ"] {
            assert_eq!(glyph_width(cluster), usize::from(cluster.cell_width()));
        }
    }

    #[test]
    fn characters_that_join_no_other_are_as_wide_as_they_are_said_to_be() {
        let alone = || ('\0'..=char::MAX).filter(|c| width_alone(*c).is_some());
        assert!(alone().count() > 40_000);
        for c in alone() {
            assert_eq!(width_alone(c), Some(glyph_width(&c.to_string())), "{c:?}");
            let text = format!("{c}{c}a{c}가{c}あ{c}");
            assert_eq!(text.graphemes(true).count(), 8, "{c:?}");
        }
    }

    #[test]
    fn a_view_says_where_text_goes_on() {
        let middle = view("0123456789", 2, 4);
        assert_eq!((drawn(&middle).as_str(), middle.left, middle.right), ("2345", true, true));
        let all = view("0123456789", 0, 10);
        assert_eq!((drawn(&all).as_str(), all.left, all.right), ("0123456789", false, false));
        let past = view("0123456789", 20, 5);
        assert_eq!((drawn(&past).as_str(), past.left, past.right), ("", true, false));
        assert_eq!(view("", 0, 5), View::default());
    }

    #[test]
    fn what_an_edge_cuts_becomes_spaces() {
        let cut = view("漢字漢", 1, 4);
        assert_eq!((drawn(&cut).as_str(), cut.left, cut.right), (" 字 ", true, true));
        let tab = view("ab\tc", 4, 6);
        assert_eq!(drawn(&tab), "    c");
        assert_eq!(tab.glyphs.first().map(|g| g.range.clone()), Some(2..3));
    }

    #[test]
    fn rows_hang() {
        let at = |text, width, indent| -> Vec<String> {
            let rows = wrap(text, width, indent, 0, 99);
            rows.iter().map(|row| text[row.range.clone()].to_owned()).collect()
        };
        assert_eq!(at("0123456789", 4, 1), ["0123", "456", "789"]);
        assert_eq!(at("漢字漢字", 5, 2), ["漢字", "漢", "字"]);
        assert_eq!(at("", 5, 2), [""]);
        assert_eq!(at("abc", 0, 9), ["a", "b", "c"]);
        assert_eq!(at("0123", 4, 0), ["0123"]);
    }

    #[test]
    fn a_long_line_is_laid_out_where_it_is_looked_at() {
        let text = "x".repeat(1 << 20);
        let far = view(&text, 1_000_000, 80);
        assert_eq!((far.glyphs.len(), far.left, far.right), (80, true, true));
        assert_eq!(rows(&text, 100, 20), 1 + ((1 << 20) - 100usize).div_ceil(80));
        assert_eq!(wrap(&text, 100, 20, 5000, 50).len(), 50);
    }

    fn texts() -> impl Strategy<Value = String> {
        let piece = proptest::sample::select(vec![
            "a",
            "bc ",
            "\t",
            "漢",
            "e\u{301}",
            "xy\u{301}",
            "👩‍💻",
            "❤️",
            "ｶﾞ",
            "हिन्दी",
            "한",
            "\u{1112}\u{1161}",
            "Ж",
            "━",
            "は\u{3099}",
            "漢\u{FE00}",
            "🇩🇪",
            "x".repeat(70).leak(),
        ]);
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn a_cluster_is_as_wide_as_ratatui_draws_it(text in "\\PC{0,12}") {
            for cluster in text.graphemes(true) {
                prop_assert_eq!(glyph_width(cluster), usize::from(cluster.cell_width()));
            }
        }

        #[test]
        fn a_plain_view_shows_what_a_view_does(
            text in "([ -~]{0,9}|\t|é|漢|e\u{301}){0,3}",
            from in 0usize..20,
            cols in 0usize..20,
        ) {
            let all = view(&text, from, cols);
            if let Some(plain) = plain_view(&text, from, cols) {
                prop_assert_eq!(plain.text, drawn(&all));
                prop_assert_eq!((plain.left, plain.right), (all.left, all.right));
                prop_assert!(all.glyphs.iter().all(|glyph| glyph.range == (from + glyph.column..from + glyph.column + 1)));
            } else {
                prop_assert!(!text.bytes().all(|byte| matches!(byte, 0x20..0x7f)));
            }
        }

        #[test]
        fn the_fast_way_and_the_slow_way_agree(text in texts(), from in 0usize..90, cols in 0usize..60) {
            let slow: Vec<_> = clusters(&text, 0, 0).collect();
            prop_assert_eq!(slow.iter().map(|c| c.symbol).collect::<String>(), text.as_str());
            let symbols: Vec<_> = text.graphemes(true).collect();
            prop_assert_eq!(slow.iter().map(|c| c.symbol).collect::<Vec<_>>(), symbols);
            let total = slow.last().map_or(0, |c| c.column + c.width);
            prop_assert_eq!(width(&text), total);

            let view = view(&text, from, cols);
            let mut column = 0;
            for glyph in &view.glyphs {
                prop_assert_eq!(glyph.column, column);
                column += glyph.width;
            }
            prop_assert_eq!(column, total.saturating_sub(from).min(cols));
            prop_assert_eq!(view.right, total > from + cols);
        }

        #[test]
        fn rows_hold_all_the_text_once(text in texts(), width in 0usize..40, indent in 0usize..12) {
            let all = wrap(&text, width, indent, 0, usize::MAX);
            prop_assert_eq!(all.len(), rows(&text, width, indent));
            let joined: String = all.iter().map(|row| &text[row.range.clone()]).collect();
            prop_assert_eq!(&joined, &text);
            for (i, row) in all.iter().enumerate() {
                for byte in row.range.clone() {
                    prop_assert_eq!(row_of(&text, byte, width, indent), i);
                }
            }
            let (first, later) = row_widths(width, indent);
            for (i, row) in all.iter().enumerate() {
                let room = if i == 0 { first } else { later };
                let fits = clusters(&text, row.range.start, row.column)
                    .take_while(|c| c.at == row.range.start || c.column + c.width <= row.column + room)
                    .last();
                prop_assert_eq!(fits.map_or(0, |c| c.end()), row.range.end);
            }
            for (i, row) in all.iter().enumerate() {
                let room = if i == 0 { first } else { later };
                let glyphs = row_glyphs(&text, row, room);
                let filled: usize = glyphs.iter().map(|g| g.width).sum();
                prop_assert!(filled <= room);
                prop_assert!(row.range.is_empty() || !glyphs.is_empty());
            }
            let (skip, take) = (all.len() / 3, 4);
            let some: Vec<_> = all.iter().skip(skip).take(take).cloned().collect();
            prop_assert_eq!(wrap(&text, width, indent, skip, take), some);
        }
    }
}
