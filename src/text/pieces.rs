//! Bytes as text, with one place for each thing that is none.

/// The texts in `raw`, and `None` between them for what is no text: an invalid
/// sequence of bytes, or half a surrogate pair, as JSON can hold it, which
/// comes as three bytes that std counts one by one.
pub fn pieces(raw: &[u8]) -> impl Iterator<Item = Option<&str>> {
    let (mut at, mut skip) = (0, 0);
    raw.utf8_chunks().flat_map(move |chunk| {
        let valid = chunk.valid();
        at += valid.len();
        let invalid = !chunk.invalid().is_empty();
        let counted = skip > 0 && valid.is_empty();
        if counted {
            skip -= 1;
        } else if invalid {
            let half = matches!(raw.get(at..at + 3), Some([0xED, 0xA0..=0xBF, 0x80..=0xBF]));
            skip = if half { 2 } else { 0 };
        }
        at += chunk.invalid().len();
        let valid = (!valid.is_empty()).then_some(Some(valid));
        [valid, (invalid && !counted).then_some(None)].into_iter().flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_counts_once() {
        for (raw, all) in [
            (&b""[..], &[][..]),
            (b"ab", &[Some("ab")]),
            (b"a\xFFb", &[Some("a"), None, Some("b")]),
            (b"\xF0\x9F\x98", &[None]),
            (b"a\xED\xA0\x80b", &[Some("a"), None, Some("b")]),
            (b"\xED\xA0\x80\xED\xB0\x80", &[None, None]),
            (b"\xED\xA0a\xFF", &[None, None, Some("a"), None]),
        ] {
            assert_eq!(pieces(raw).collect::<Vec<_>>(), all, "{raw:?}");
        }
    }
}
