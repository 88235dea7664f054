//! Fitting the pieces of a bar into its width.
//!
//! Each piece has a priority and may have shorter forms. What doesn't fit
//! takes its shorter forms first, then goes, the least important first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::put;
use crate::text;

/// Which end of the bar a piece stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// From the left edge on.
    Left,
    /// Up to the right edge.
    Right,
}

/// A piece of a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// What it says, the longest form first; never empty.
    forms: Vec<String>,
    /// Its last form may be cut down to this many columns; 0 for not at all.
    cut_to: usize,
    /// How much it matters: 0 stays longest.
    priority: u8,
    side: Side,
    style: Style,
}

impl Segment {
    /// A piece at the left.
    pub fn left(priority: u8, style: Style, text: impl Into<String>) -> Self {
        Self { forms: vec![text.into()], cut_to: 0, priority, side: Side::Left, style }
    }

    /// A piece at the right.
    pub fn right(priority: u8, style: Style, text: impl Into<String>) -> Self {
        Self { side: Side::Right, ..Self::left(priority, style, text) }
    }

    /// The same with a shorter form to fall back on.
    pub fn or(mut self, shorter: impl Into<String>) -> Self {
        self.forms.push(shorter.into());
        self
    }

    /// The same, to be cut with an ellipsis where it doesn't fit.
    pub fn cut_to(mut self, columns: usize) -> Self {
        self.cut_to = columns;
        self
    }
}

/// A piece as it is to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// What it says now.
    pub text: String,
    /// Its columns.
    pub width: usize,
    /// Where it stands.
    pub side: Side,
    /// How it looks.
    pub style: Style,
}

/// Columns between two pieces.
const SPACE: usize = 2;

/// The pieces that fit into `width` columns, in their order.
pub fn fit(segments: &[Segment], width: usize) -> Vec<Fitted> {
    // What each piece is cut to at least; `None` for gone.
    let mut forms: Vec<Option<usize>> = segments.iter().map(|_| Some(0)).collect();
    let least = |segment: &Segment, form: usize| {
        let text = segment.forms.get(form).map_or("", String::as_str);
        let full = text::width(text);
        let last = form + 1 == segment.forms.len();
        if last && segment.cut_to > 0 { full.min(segment.cut_to) } else { full }
    };
    let total = |forms: &[Option<usize>]| {
        let widths = segments.iter().zip(forms).filter_map(|(s, f)| Some(least(s, (*f)?)));
        widths.map(|w| w + SPACE).sum::<usize>().saturating_sub(SPACE)
    };
    while total(&forms) > width {
        // The least important piece that can still be shortened, else the
        // least important one altogether.
        let shorter = segments
            .iter()
            .enumerate()
            .filter(|(i, s)| {
                forms.get(*i).copied().flatten().is_some_and(|f| f + 1 < s.forms.len())
            })
            .max_by_key(|(_, s)| s.priority)
            .map(|(i, _)| i);
        if let Some(form) = shorter.and_then(|i| forms.get_mut(i)) {
            *form = form.map(|f| f + 1);
            continue;
        }
        let kept = forms.iter().flatten().count();
        let least_important = segments
            .iter()
            .enumerate()
            .filter(|(i, _)| forms.get(*i).is_some_and(Option::is_some))
            .max_by_key(|(_, s)| s.priority)
            .map(|(i, _)| i);
        match least_important.and_then(|i| forms.get_mut(i)) {
            // The most important piece of all is cut rather than left out.
            Some(form) if kept > 1 => *form = None,
            _ => break,
        }
    }
    let mut spare = width.saturating_sub(total(&forms));
    let mut fitted: Vec<(u8, usize, Fitted)> = Vec::new();
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|&i| segments.get(i).map_or(0, |s| s.priority));
    for i in order {
        let (Some(segment), Some(Some(form))) = (segments.get(i), forms.get(i)) else { continue };
        let text = segment.forms.get(*form).map_or("", String::as_str);
        let least = least(segment, *form);
        let room = (least + spare).min(width);
        let text = cut(text, room);
        let columns = text::width(&text);
        spare = spare.saturating_sub(columns.saturating_sub(least));
        let (side, style) = (segment.side, segment.style);
        fitted.push((segment.priority, i, Fitted { text, width: columns, side, style }));
    }
    fitted.sort_by_key(|(_, i, _)| *i);
    fitted.into_iter().map(|(_, _, fitted)| fitted).collect()
}

/// A text cut to `width` columns, the cut marked by an ellipsis.
pub fn cut(text: &str, width: usize) -> String {
    // No further than it is shown: it may be a line of a megabyte.
    if !text::view(text, 0, width).right {
        return text.to_owned();
    }
    if width == 0 {
        return String::new();
    }
    let end = text::view(text, 0, width - 1)
        .glyphs
        .iter()
        // Not the half of a wide one.
        .rfind(|g| matches!(text.get(g.range.clone()), Some(all) if all == g.symbol || all == "\t"))
        .map_or(0, |g| g.range.end);
    format!("{}…", text.get(..end).unwrap_or("").trim_end())
}

/// Draws a bar: its ground, then the pieces that fit, a column from the edges.
pub fn draw(segments: &[Segment], ground: Style, area: Rect, buf: &mut Buffer) {
    buf.set_style(area, ground);
    if area.is_empty() {
        return;
    }
    let width = usize::from(area.width.saturating_sub(2));
    let fitted = fit(segments, width);
    let mut left = area.x + 1;
    let mut right = area.right().saturating_sub(1);
    for piece in fitted.iter().filter(|f| f.side == Side::Left) {
        put(buf, left, area.y, &piece.text, piece.width, piece.style);
        left = left.saturating_add((piece.width + SPACE) as u16);
    }
    for piece in fitted.iter().rev().filter(|f| f.side == Side::Right) {
        right = right.saturating_sub(piece.width as u16);
        put(buf, right, area.y, &piece.text, piece.width, piece.style);
        right = right.saturating_sub(SPACE as u16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(segments: &[Segment], width: usize) -> Vec<String> {
        fit(segments, width).into_iter().map(|f| f.text).collect()
    }

    fn plain(priority: u8, text: &str) -> Segment {
        Segment::left(priority, Style::new(), text)
    }

    #[test]
    fn what_matters_least_goes_first() {
        let bar = [plain(0, "failed"), plain(2, "7f3f8c1e"), plain(1, "1m 42s")];
        assert_eq!(said(&bar, 80), ["failed", "7f3f8c1e", "1m 42s"]);
        assert_eq!(said(&bar, 24), ["failed", "7f3f8c1e", "1m 42s"]);
        assert_eq!(said(&bar, 23), ["failed", "1m 42s"]);
        assert_eq!(said(&bar, 13), ["failed"]);
        assert_eq!(said(&bar, 4), ["fai…"]);
        assert_eq!(said(&bar, 0), [""]);
    }

    #[test]
    fn shorter_forms_come_before_gaps() {
        let bar = [plain(0, "failed"), plain(1, "12 failures").or("✗12"), plain(2, "lines")];
        assert_eq!(said(&bar, 26), ["failed", "12 failures", "lines"]);
        assert_eq!(said(&bar, 25), ["failed", "✗12", "lines"]);
        assert_eq!(said(&bar, 14), ["failed", "✗12"]);
    }

    #[test]
    fn what_can_be_cut_takes_the_room_there_is() {
        let bar = [plain(1, "RUN uv sync --locked").cut_to(8), plain(0, "following")];
        assert_eq!(said(&bar, 40), ["RUN uv sync --locked", "following"]);
        assert_eq!(said(&bar, 24), ["RUN uv sync…", "following"]);
        assert_eq!(said(&bar, 18), ["following"]);
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語x", 4), "日…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("abc", 1), "…");
    }

    proptest! {
        #[test]
        fn nothing_is_ever_wider_than_the_bar(
            texts in prop::collection::vec(("[a-z日 ]{1,30}", 0u8..5, 0usize..10), 0..8),
            width in 0usize..120,
        ) {
            let bar: Vec<Segment> = texts
                .iter()
                .map(|(text, priority, least)| plain(*priority, text).cut_to(*least))
                .collect();
            let fitted = fit(&bar, width);
            let total: usize = fitted.iter().map(|f| f.width + SPACE).sum();
            prop_assert!(total.saturating_sub(SPACE) <= width);
        }
    }
}
