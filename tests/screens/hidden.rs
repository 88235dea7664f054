//! Text that a log would hide in the colour of what is behind it.

use std::collections::HashSet;

use buildcat::domain::{FeedEvent, Patch};
use ratatui::style::Color;

use super::harness::*;

/// The styles that the letters of a word are drawn in.
fn drawn(line: &str, word: &str) -> Vec<(Color, Color)> {
    let text = format!("a\n{line}\nb\n");
    let (host, _) = run(model(), 80, 10, vec![FeedEvent::Log(Patch::text(text))], "");
    let buffer = host.buffer();
    let row = (0..buffer.area.height)
        .map(|y| (0..buffer.area.width).map(|x| &buffer[(x, y)]).collect::<Vec<_>>())
        .find(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().contains(word))
        .expect("the word is on the screen");
    let shown: String = row.iter().map(|cell| cell.symbol()).collect();
    let start = shown.find(word).map(|at| shown[..at].chars().count()).unwrap();
    let styles = row[start..start + word.len()].iter().map(|cell| (cell.fg, cell.bg));
    styles.collect::<HashSet<_>>().into_iter().collect()
}

#[test]
fn no_line_hides_in_the_terminals_colours_or_in_ours() {
    let plain = vec![(Color::Reset, Color::Reset)];
    for colours in ["30", "38;5;16", "38;2;30;30;30", "7;30", "107", "7;107", "48;2;255;255;255"] {
        assert_eq!(drawn(&format!("x \u{1b}[{colours}mhidden"), "hidden"), plain, "{colours}");
    }
    // What differs is hardly seen, the more so of dim letters.
    for colours in ["38;2;0;0;60", "38;5;17", "38;2;255;255;60;48;2;255;255;255"] {
        assert_eq!(drawn(&format!("x \u{1b}[{colours}mhidden"), "hidden"), plain, "{colours}");
    }
    assert_eq!(drawn("x \u{1b}[2;38;2;70;70;70mhidden", "hidden"), plain);
    // What fails has a colour of ours.
    let failure = drawn("ERROR: failed to solve: hidden", "hidden");
    let (Color::Rgb(r, g, b), Color::Reset) = failure[0] else { panic!("{failure:?}") };
    let line = format!("ERROR: failed to solve: \u{1b}[48;2;{r};{g};{b}mhidden");
    assert_eq!(drawn(&line, "hidden"), failure);
}

#[test]
fn what_can_be_read_keeps_its_colours() {
    let indexed = |fg, bg| vec![(fg, bg)];
    let line = |colours: &str| drawn(&format!("x \u{1b}[{colours}mshown"), "shown");
    assert_eq!(line("31"), indexed(Color::Indexed(1), Color::Reset));
    assert_eq!(line("90"), indexed(Color::Indexed(8), Color::Reset));
    assert_eq!(line("41"), indexed(Color::Reset, Color::Indexed(1)));
    assert_eq!(line("34"), indexed(Color::Indexed(4), Color::Reset));
    assert_eq!(line("2;36"), indexed(Color::Indexed(6), Color::Reset));
    assert_eq!(line("30;107"), indexed(Color::Indexed(0), Color::Indexed(15)));
}

/// A terminal that doesn't mark what is pasted sends it as keys.
#[test]
fn what_can_not_be_seen_shows_where_it_was_typed() {
    let typed = "a\u{202e}b\u{2028}c\u{9b}d\u{3164}";
    let last = |script: &str| {
        let feed = vec![FeedEvent::Log(Patch::text("x\n".to_owned()))];
        let (host, _) = run(model(), 100, 30, feed, script);
        let cells = &host.buffer().content;
        cells[cells.len() - 100..].iter().map(|cell| cell.symbol()).collect::<String>()
    };
    for keys in ["/", ":", "&", "S", "/x<ctrl-r>"] {
        let row = last(&format!("{keys}{typed}"));
        let shown = row.contains("a‹U+202E›b‹U+2028›c‹U+009B›d‹U+3164›");
        assert!(shown || keys.len() > 1, "{keys}: {row}");
        assert!(!row.contains(['\u{202e}', '\u{2028}', '\u{9b}', '\u{3164}']), "{row}");
    }
    let help = last(&format!("?/{typed}"));
    assert!(help.contains("keys with: abcd▏"), "{help}");
}
