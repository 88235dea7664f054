//! Which characters a clean text may hold.

/// Whether a character stands for itself, one or two columns wide, whatever
/// stands beside it: the characters nearly all logs are made of. Saying no is
/// always safe; the slow way then looks closer.
pub(super) fn is_simple(c: char) -> bool {
    matches!(c,
        '\t' | ' '..='~'
        | '\u{A0}'..='\u{AC}' | '\u{AE}'..='\u{2FF}'
        | '\u{391}'..='\u{3FF}' | '\u{400}'..='\u{482}' | '\u{48A}'..='\u{52F}'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}'
        | '\u{20A0}'..='\u{20C0}' | '\u{2100}'..='\u{2BFF}'
        | '\u{2E80}'..='\u{3029}' | '\u{3030}'..='\u{3098}' | '\u{309B}'..='\u{312F}'
        | '\u{3190}'..='\u{A48C}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{FF01}'..='\u{FF9D}' | '\u{FFFD}'
        | '\u{1F000}'..='\u{1F1E5}' | '\u{1F200}'..='\u{1F3FA}' | '\u{1F400}'..='\u{1FAFF}')
}

/// Whether a character is shown as an escape wherever it stands: controls,
/// what reorders text, what has no shape.
///
/// The base is Unicode's `Default_Ignorable_Code_Point`; the variation
/// selectors and the joiner among them have rules of their own. Separators of
/// lines and paragraphs and the interlinear marks are added, because some
/// terminals obey them.
pub(super) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{A}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}'
        | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a character alone may do something to a terminal or can't be seen
/// there: what `is_hidden` tells, and the joiner.
pub fn is_unseen(c: char) -> bool {
    c == JOINER || is_hidden(c)
}

/// Zero width joiner: kept only where it makes one picture of two.
pub(super) const JOINER: char = '\u{200D}';

/// Whether a character chooses a form of the one before it.
pub(super) fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}')
}

/// Whether a variation selector may follow: a character beyond ASCII, or one
/// that has a key cap.
pub(super) fn takes_variation(base: char) -> bool {
    matches!(base, '0'..='9' | '#' | '*') || (!base.is_ascii() && base != '\u{FFFD}')
}

/// Whether a character may be a picture that a joiner can join: the blocks that
/// hold Unicode's `Extended_Pictographic`. Whether it does join, segmentation
/// tells.
pub(super) fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}'..='\u{2BFF}'
        | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_segmentation::UnicodeSegmentation;
    use unicode_width::UnicodeWidthChar;

    #[test]
    fn a_simple_character_is_visible_and_stands_alone() {
        for c in (' '..=char::MAX).filter(|&c| is_simple(c)) {
            assert!(!is_hidden(c), "{c:?}");
            assert!(c.width().is_some_and(|width| width > 0), "{c:?} has no width");
            for pair in [format!("a{c}"), format!("{c}a"), format!("{c}{c}")] {
                assert_eq!(pair.graphemes(true).count(), 2, "{pair:?} joins");
            }
        }
    }

    #[test]
    fn controls_are_hidden_but_for_the_tab() {
        for c in ('\0'..=char::MAX).filter(|c| c.is_control()) {
            assert_eq!(is_hidden(c), c != '\t', "{c:?}");
        }
    }
}
