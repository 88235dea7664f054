//! From raw bytes to clean text.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use super::class::{
    JOINER, is_hidden, is_picture, is_simple, is_variation_selector, takes_variation,
};
use super::pieces::pieces;
use super::sgr::{self, SgrStyle};
use super::{Line, Run};

/// More characters than this don't pile up in one cluster (a letter and its
/// marks, joined pictures): a cell then stays small. What comes after shows as
/// escapes.
const LARGEST_CLUSTER: usize = 24;

/// The clean text of a raw line, with the colours it asks for.
///
/// `raw` is one line without its `\n`, of any bytes at all.
///
/// - Trailing `\r` are dropped; of text that overwrites itself with `\r` only
///   the last state is kept, behind the prefix that BuildKit put before all of it
///   (`#7 0.340 `).
/// - SGR sequences (`ESC [ … m`, also with U+009B) become [`Run`]s. Concealing
///   and colours that equal their background are ignored.
/// - Every other control character, what reorders text, and what has no width
///   is shown as an escape: `␛[2J`, `‹U+202E›`. The tab stays a tab.
/// - Each invalid sequence of bytes becomes one U+FFFD.
///
/// Nothing else is lost.
pub fn sanitise(raw: &[u8]) -> Line {
    let (prefix, raw) = match borrowed(raw) {
        Ok(text) => return Line::unstyled(text),
        Err(parts) => parts,
    };
    let mut line = Line::default();
    line.text.push_str(prefix);
    Walk::new(&mut line.text, Some(&mut line.runs)).bytes(raw);
    line
}

/// The clean text of a raw line, as [`sanitise`] gives it, without colours.
///
/// Borrows from `raw` when that is clean already; else writes to `scratch`.
pub fn clean<'a>(raw: &'a [u8], scratch: &'a mut String) -> &'a str {
    let (prefix, raw) = match borrowed(raw) {
        Ok(text) => return text,
        Err(parts) => parts,
    };
    scratch.clear();
    scratch.push_str(prefix);
    Walk::new(scratch, None).bytes(raw);
    scratch
}

/// An untrusted text made fit to stand within a line: as [`sanitise`] does,
/// but line ends show as escapes and a tab as a space.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('\t') && is_all_simple(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    Walk::new(&mut out, None).text(text);
    Cow::Owned(out.replace('\t', " "))
}

/// What a terminal would show last of text that returns the carriage, and the
/// builder's prefix before it.
fn last_state(mut raw: &[u8]) -> (&str, &[u8]) {
    while let Some(rest) = raw.strip_suffix(b"\r") {
        raw = rest;
    }
    match memchr::memrchr(b'\r', raw) {
        Some(at) => (prefix(raw), raw.get(at + 1..).unwrap_or_default()),
        None => ("", raw),
    }
}

/// The number of a step and the second at which it printed what follows:
/// `#7 0.340 `.
fn prefix(raw: &[u8]) -> &str {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = raw.strip_prefix(b"#").unwrap_or_default();
    for end in [b' ', b'.', b' '] {
        let count = digits(rest);
        match rest.get(count..).and_then(|rest| rest.strip_prefix(&[end])) {
            Some(after) if count > 0 => rest = after,
            _ => return "",
        }
    }
    let prefix = raw.get(..raw.len() - rest.len()).unwrap_or_default();
    std::str::from_utf8(prefix).unwrap_or_default()
}

/// The last state of a line as text, if that is clean as it stands; else its
/// prefix and its bytes.
fn borrowed(raw: &[u8]) -> Result<&str, (&str, &[u8])> {
    if is_plain_ascii(raw) {
        return std::str::from_utf8(raw).map_err(|_| ("", raw));
    }
    let (prefix, raw) = last_state(raw);
    // Nearly all other lines have an escape; looking for it is quick.
    if !prefix.is_empty() || memchr::memchr(0x1b, raw).is_some() {
        return Err((prefix, raw));
    }
    match std::str::from_utf8(raw) {
        Ok(text) if is_all_simple(text) => Ok(text),
        _ => Err(("", raw)),
    }
}

/// Whether a text is of [`is_simple`] characters only. A line may be a
/// megabyte, so what is ASCII is passed eight bytes at a time.
fn is_all_simple(text: &str) -> bool {
    let mut rest = text;
    loop {
        let mut chars = rest.get(printable(rest.as_bytes())..).unwrap_or_default().chars();
        loop {
            match chars.next() {
                None => return true,
                Some(c) if !is_simple(c) => return false,
                Some(_) => {}
            }
            // Where one such character stands the next is likely another.
            if chars.as_str().as_bytes().first().is_none_or(u8::is_ascii) {
                break;
            }
        }
        rest = chars.as_str();
    }
}

/// How many bytes at the start are printable ASCII.
fn printable(bytes: &[u8]) -> usize {
    /// A byte in each place of a word.
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The top bit of each place is set by a byte of 0x80 and above, by
        // 0x7f plus one, and by what is less than a space. A borrow comes
        // from a byte that is told already, so the first one told is right.
        let told = (word | word.wrapping_add(each(1)) | word.wrapping_sub(each(b' '))) & each(0x80);
        if told != 0 {
            return 8 * at + told.trailing_zeros() as usize / 8;
        }
    }
    bytes.len() - rest.iter().skip_while(|b| matches!(b, b' '..=b'~')).count()
}

/// Whether bytes hold nothing but printable ASCII and tabs.
fn is_plain_ascii(raw: &[u8]) -> bool {
    // Without an early exit inside a block the compiler makes it SIMD.
    let plain = |block: &[u8]| {
        block.iter().fold(true, |ok, &b| ok & ((0x20..0x7f).contains(&b) | (b == b'\t')))
    };
    let (blocks, rest) = raw.as_chunks::<32>();
    // What is left over is looked at with some bytes before it, as a whole block.
    blocks.iter().all(|block| plain(block))
        && match raw.last_chunk::<32>() {
            Some(last) => rest.is_empty() || plain(last),
            None => plain(rest),
        }
}

/// The first byte that is not printable ASCII, a tab or a line end: text before
/// it is clean as it stands, however many lines it is.
pub fn first_special(bytes: &[u8]) -> Option<usize> {
    let special = |b: u8| (b < 0x20 && b != b'\t' && b != b'\n') || b >= 0x7f;
    // Without an early exit inside a block the compiler makes it SIMD.
    let block = |block: &[u8]| {
        block
            .iter()
            .fold(false, |any, &b| any | ((b < 0x20) & (b != b'\t') & (b != b'\n')) | (b >= 0x7f))
    };
    let mut at = 0;
    for chunk in bytes.chunks(64) {
        if block(chunk) {
            return chunk.iter().position(|&b| special(b)).map(|found| at + found);
        }
        at += chunk.len();
    }
    None
}

/// Where the sanitiser is.
struct Walk<'a> {
    out: &'a mut String,
    runs: Option<&'a mut Vec<Run>>,
    /// The style asked for, and where it began.
    style: SgrStyle,
    since: usize,
    /// Where the cluster at the end of `out` begins, and its characters.
    cluster: usize,
    characters: usize,
}

impl<'a> Walk<'a> {
    fn new(out: &'a mut String, runs: Option<&'a mut Vec<Run>>) -> Self {
        Self { out, runs, style: SgrStyle::default(), since: 0, cluster: 0, characters: 0 }
    }

    fn bytes(mut self, raw: &[u8]) {
        for piece in pieces(raw) {
            match piece {
                Some(text) => self.valid(text),
                None => self.push('\u{FFFD}'),
            }
        }
        self.end_run();
    }

    fn text(mut self, text: &str) {
        self.valid(text);
        self.end_run();
    }

    fn valid(&mut self, mut rest: &str) {
        loop {
            let ascii = rest.bytes().position(|b| !matches!(b, b' '..=b'~' | b'\t'));
            let (head, tail) = rest.split_at(ascii.unwrap_or(rest.len()));
            if !head.is_empty() {
                self.out.push_str(head);
                self.cluster = self.out.len() - 1;
                self.characters = 1;
            }
            let mut chars = tail.chars();
            let Some(c) = chars.next() else { return };
            let after = chars.as_str();
            let skipped = match c {
                '\u{1B}' => after
                    .strip_prefix('[')
                    .and_then(|parameters| self.colour(parameters))
                    .map(|length| length + 1),
                '\u{9B}' => self.colour(after),
                _ => None,
            };
            rest = match skipped {
                Some(length) => after.get(length..).unwrap_or_default(),
                None => {
                    self.character(c, after);
                    after
                }
            };
        }
    }

    /// Obeys an SGR sequence; its length.
    fn colour(&mut self, after_introducer: &str) -> Option<usize> {
        let length = sgr::length(after_introducer)?;
        if self.runs.is_some() {
            self.end_run();
            self.style = self.style.after(after_introducer.get(..length - 1)?);
        }
        Some(length)
    }

    fn end_run(&mut self) {
        let (start, end) = (self.since, self.out.len());
        self.since = end;
        let style = self.style.visible();
        let Some(runs) = &mut self.runs else { return };
        if start == end || style == SgrStyle::default() {
            return;
        }
        match runs.last_mut() {
            Some(last) if last.range.end == start && last.style == style => last.range.end = end,
            _ => runs.push(Run { range: start..end, style }),
        }
    }

    fn character(&mut self, c: char, after: &str) {
        let last = self.out.get(self.cluster..).and_then(|cluster| cluster.chars().next_back());
        let room = self.characters < LARGEST_CLUSTER;
        let keep = if is_hidden(c) {
            false
        } else if c == JOINER {
            room && self.joins_pictures(last, after)
        } else if is_variation_selector(c) {
            room && last.is_some_and(|l| takes_variation(l) && l.width() > Some(0))
        } else {
            true
        };
        if !keep {
            return self.escape(c);
        }
        if is_simple(c) && last != Some(JOINER) {
            return self.push(c);
        }
        // Does it join what stands before it? Only segmentation knows.
        let start = self.out.len();
        self.out.push(c);
        let cluster = self.out.get(self.cluster..).unwrap_or_default();
        let joins = self.characters > 0 && cluster.graphemes(true).nth(1).is_none();
        if joins && room {
            self.characters += 1;
        } else if joins || c.width().unwrap_or(0) == 0 {
            self.out.truncate(start);
            self.escape(c);
        } else {
            self.cluster = start;
            self.characters = 1;
        }
    }

    /// Whether a joiner that comes now makes one picture of the one at the end
    /// and the one that follows.
    fn joins_pictures(&self, last: Option<char>, after: &str) -> bool {
        let next = after.chars().next().filter(|&c| is_picture(c));
        let picture = last.is_some_and(|l| is_picture(l) || l == '\u{FE0F}');
        let cluster = self.out.get(self.cluster..).unwrap_or_default();
        let Some(next) = next.filter(|_| picture) else { return false };
        format!("{cluster}{JOINER}{next}").graphemes(true).nth(1).is_none()
    }

    fn push(&mut self, c: char) {
        self.cluster = self.out.len();
        self.characters = 1;
        self.out.push(c);
    }

    fn escape(&mut self, c: char) {
        match c {
            // Unicode has pictures of the C0 controls and of DEL.
            '\0'..='\u{1F}' => self.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}')),
            '\u{7F}' => self.push('␡'),
            _ => {
                // Writing to a String can't fail.
                let _ = write!(self.out, "‹U+{:04X}", c as u32);
                self.push('›');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Color;
    use super::*;
    use proptest::prelude::*;

    fn text(raw: impl AsRef<[u8]>) -> String {
        sanitise(raw.as_ref()).text
    }

    #[test]
    fn plain_lines_stay_as_they_are_and_cost_no_copy() {
        let mut scratch = String::new();
        for line in ["", "#7 0.340 Using CPython\t3.12", "  ╰─▶ naïve café 漢字 ━━━ ✓"]
        {
            assert_eq!(text(line), line);
            let cleaned = clean(line.as_bytes(), &mut scratch);
            assert_eq!(cleaned.as_ptr(), line.as_ptr());
        }
        assert_eq!(scratch.capacity(), 0);
    }

    #[test]
    fn the_last_state_of_a_progress_line_is_kept() {
        assert_eq!(text("10%\r50%\r100%"), "100%");
        assert_eq!(text("10%\r50%\r100%\r"), "100%");
        assert_eq!(text("dos\r\r"), "dos");
        assert_eq!(text("\r"), "");
    }

    #[test]
    fn the_builders_prefix_stays_before_the_last_state() {
        assert_eq!(text("#7 0.340 10%\r50%\r100%\r"), "#7 0.340 100%");
        assert_eq!(
            text("#9 0.002 run.sh: line 2: set: -\r: invalid option"),
            "#9 0.002 : invalid option"
        );
        assert_eq!(text("#7 0.340 a\r\x1b[31mred"), "#7 0.340 red");
        for (line, last) in
            [("#7 10%\r20%", "20%"), ("7 0.3 a\rb", "b"), ("# 0.3 a\rb", "b"), ("#7 0.3\rb", "b")]
        {
            assert_eq!(text(line), last);
        }
        assert_eq!(text("#7 0.340 whole\r"), "#7 0.340 whole");
    }

    #[test]
    fn colours_become_runs_and_end_with_the_line() {
        let line = sanitise(b"a\x1b[31mred\x1b[1m bold\x1b[0m z\x1b[32m");
        assert_eq!(line.text, "ared bold z");
        let red = SgrStyle { fg: Some(Color::Indexed(1)), ..SgrStyle::default() };
        assert_eq!(
            line.runs,
            [
                Run { range: 1..4, style: red },
                Run { range: 4..9, style: SgrStyle { bold: true, ..red } },
            ]
        );
        assert_eq!(line.style_at(0), SgrStyle::default());
        assert_eq!(line.style_at(3), red);
        assert!(line.style_at(4).bold);
        assert_eq!(line.style_at(9), SgrStyle::default());
        assert_eq!(sanitise("\u{9b}1mx".as_bytes()).runs.len(), 1);
    }

    #[test]
    fn the_same_style_twice_is_one_run() {
        assert_eq!(sanitise(b"\x1b[31ma\x1b[31mb\x1b[m\x1b[31mc").runs.len(), 1);
    }

    #[test]
    fn what_is_passed_at_once_is_what_is_simple() {
        // Every neighbour of a bound, at each place of a word and after one.
        let bounds = "\0\t\n\x1f ~\x7f\u{80}\u{9f}\u{a0}\u{ad}\u{ff}\u{300}漢\u{200d}😀\u{10ffff}";
        for c in bounds.chars() {
            for (before, after) in (0..18).flat_map(|n| (0..10).map(move |m| (n, m))) {
                for fill in ["a", " ", "~", "é", "漢"] {
                    let text = format!("{}{c}{}", fill.repeat(before), fill.repeat(after));
                    assert_eq!(is_all_simple(&text), is_simple(c), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn text_can_not_hide() {
        let line = sanitise(b"\x1b[8msecret\x1b[0m\x1b[30;40mblack");
        assert_eq!(line.text, "secretblack");
        assert_eq!(line.runs, []);
    }

    #[test]
    fn other_controls_show_as_escapes() {
        for (raw, shown) in [
            ("\x1b[2Jgone", "␛[2Jgone"),
            ("\x1b[?25l", "␛[?25l"),
            ("\x1b[1;31", "␛[1;31"),
            ("\x1b]0;title\x07", "␛]0;title␇"),
            ("\x1b]52;c;aGk=\x1b\\", "␛]52;c;aGk=␛\\"),
            ("\x1bP1$q\x1b\\", "␛P1$q␛\\"),
            ("nul\0 bs\x08 del\x7f nl\n", "nul␀ bs␈ del␡ nl␊"),
            ("\u{9b}2J \u{85} \u{9d}0;x", "‹U+009B›2J ‹U+0085› ‹U+009D›0;x"),
            ("a\u{202e}b\u{2066}c\u{200f}", "a‹U+202E›b‹U+2066›c‹U+200F›"),
            ("a\u{200b}b\u{feff}c\u{ad}d\u{2028}e", "a‹U+200B›b‹U+FEFF›c‹U+00AD›d‹U+2028›e"),
            ("\u{e0041}\u{e0100}", "‹U+E0041›‹U+E0100›"),
        ] {
            assert_eq!(text(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn letters_with_marks_and_joined_pictures_stay() {
        for whole in
            ["e\u{301}", "👩‍💻", "👨‍👩‍👧‍👦", "👍🏽", "👩🏽‍🚀", "❤️‍🔥", "🏳️‍🌈", "1️⃣", "☎️", "ภาษาไทย", "हिन्दी", "한"]
        {
            assert_eq!(text(whole), whole);
        }
    }

    #[test]
    fn marks_and_joiners_without_a_base_show() {
        for (raw, shown) in [
            ("\u{301}x", "‹U+0301›x"),
            ("\t\u{301}", "\t‹U+0301›"),
            ("a\u{200d}b", "a‹U+200D›b"),
            ("👩\u{200d}b", "👩‹U+200D›b"),
            ("👩\u{200d}", "👩‹U+200D›"),
            ("★\u{200d}★", "★‹U+200D›★"),
            ("1\u{fe0f}\u{200d}👩", "1\u{fe0f}‹U+200D›👩"),
            ("a\u{fe0f}", "a‹U+FE0F›"),
            ("☎\u{fe0f}\u{fe0f}", "☎\u{fe0f}‹U+FE0F›"),
            ("a\u{1161}", "a‹U+1161›"),
        ] {
            assert_eq!(text(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn a_cluster_does_not_grow_without_bound() {
        for pile in ["\u{301}", "\u{93e}", "\u{200d}👩", "\u{94d}क", "\u{1100}"] {
            let out = text(format!("👩{}", pile.repeat(500)));
            let longest = out.graphemes(true).map(str::len).max().unwrap();
            assert!(longest <= 4 * LARGEST_CLUSTER, "{pile:?}: {longest}");
        }
    }

    #[test]
    fn each_invalid_sequence_is_one_replacement() {
        assert_eq!(text(b"a\xffb\xfe\xfec"), "a\u{fffd}b\u{fffd}\u{fffd}c");
        assert_eq!(text(b"\xe2\x82x"), "\u{fffd}x");
        assert_eq!(text(b"\xf0\x9f\x98"), "\u{fffd}");
        assert_eq!(text(b"\x9b31m"), "\u{fffd}31m");
        // Half a surrogate pair, then both halves.
        assert_eq!(text(b"\xed\xa0\x80x"), "\u{fffd}x");
        assert_eq!(text(b"\xed\xa0\xbd\xed\xb8\x80"), "\u{fffd}\u{fffd}");
        assert_eq!(text(b"\xed\xa0"), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_text_within_a_line_has_no_line_ends() {
        assert_eq!(plain("repo@main"), "repo@main");
        assert_eq!(plain("a\nb\r\tc\x1b[31m\x1b[H"), "a␊b␍ c␛[H");
    }

    fn hostile() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..8),
            any::<char>().prop_map(|c| c.to_string().into_bytes()),
            proptest::sample::select(vec![
                "\x1b[",
                "\x1b[31m",
                "\x1b[38;2;1;2;3m",
                "\x1b[2J",
                "\x1b]0;",
                "\u{9b}",
                "m",
                ";",
                "\r",
                "\t",
                "plain text",
                "e\u{301}",
                "\u{301}",
                "\u{200d}",
                "👩",
                "❤",
                "\u{fe0f}",
                "🏽",
                "\u{202e}",
                "漢",
                "\u{94d}",
                "क",
                "\u{1100}",
                "\u{1161}",
                "\u{11a8}",
                "ｶ",
                "\u{ff9e}",
                "\u{600}",
                "🇩",
                "\u{e0067}",
            ])
            .prop_map(|s| s.as_bytes().to_vec()),
        ];
        proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_bytes_become_one_clean_text(raw in hostile()) {
            let line = sanitise(&raw);
            let mut scratch = "left over".to_owned();
            prop_assert_eq!(clean(&raw, &mut scratch), &line.text);
            for c in line.text.chars() {
                prop_assert!(c == '\t' || !is_hidden(c), "{c:?}");
            }
            for cluster in line.text.graphemes(true).filter(|&g| g != "\t") {
                prop_assert!(crate::text::glyph_width(cluster) > 0, "{cluster:?} has no width");
            }
            let mut end = 0;
            for run in &line.runs {
                prop_assert!(end <= run.range.start && run.range.start < run.range.end);
                prop_assert!(line.text.get(run.range.clone()).is_some());
                prop_assert_ne!(run.style, SgrStyle::default());
                end = run.range.end;
            }
            // What is clean stays as it is.
            prop_assert_eq!(text(&line.text), line.text);
        }

        #[test]
        fn what_needs_no_cleaning_is_what_std_makes_of_it(
            raw in proptest::collection::vec(prop_oneof![0x20u8..0x7f, 0xc3u8..0xc9, 0xa0u8..0xc0, 0xf8u8..], 0..40)
        ) {
            let std = String::from_utf8_lossy(&raw);
            prop_assume!(std.chars().all(is_simple));
            prop_assert_eq!(text(&raw), std);
        }
    }
}
