//! What the screen sends makes the picture: played to an emulator, the
//! differences of many frames give what one full drawing gives.

#![allow(clippy::unwrap_used, clippy::panic)]

use buildcat::runtime::screen::Screen;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

/// What happens to a picture between two frames.
#[derive(Clone, Debug)]
enum Edit {
    Write {
        x: u16,
        y: u16,
        text: String,
        style: Style,
    },
    Paint {
        y: u16,
        style: Style,
    },
    Empty {
        y: u16,
    },
    Scroll {
        from: u16,
        to: u16,
        by: usize,
        up: bool,
    },
    /// Rows scroll, but not what stands in their last columns.
    ScrollBeside {
        from: u16,
        to: u16,
        by: usize,
        up: bool,
        keep: usize,
    },
    Resize {
        width: u16,
        height: u16,
    },
    /// The terminal was somebody else's for a while.
    Lose,
}

fn color() -> impl Strategy<Value = Color> {
    prop_oneof![
        Just(Color::Reset),
        Just(Color::Red),
        Just(Color::DarkGray),
        (0u8..20).prop_map(Color::Indexed),
        Just(Color::Indexed(188)),
        (0u8..3).prop_map(|n| Color::Rgb(n, 200, 7)),
    ]
}

fn style() -> impl Strategy<Value = Style> {
    // What the emulator knows; to it, bold and dim are one or the other.
    const SOME: [Modifier; 4] =
        [Modifier::BOLD, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];
    (color(), color(), proptest::sample::subsequence(&SOME[..], 0..3)).prop_map(|(fg, bg, on)| {
        on.into_iter().fold(Style::new().fg(fg).bg(bg), Style::add_modifier)
    })
}

fn text() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "a",
        "bc",
        " ",
        "    ",
        "Get:42 ",
        "─",
        "▸",
        "漢字",
        "한",
        "e\u{301}",
        "ﾊﾟ",
        "✗ ",
        "word and word ",
    ]);
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        8 => (0u16..60, 0u16..20, text(), style())
            .prop_map(|(x, y, text, style)| Edit::Write { x, y, text, style }),
        2 => (0u16..20, style()).prop_map(|(y, style)| Edit::Paint { y, style }),
        2 => (0u16..20).prop_map(|y| Edit::Empty { y }),
        6 => (0u16..20, 1u16..20, 1usize..4, any::<bool>())
            .prop_map(|(from, rows, by, up)| Edit::Scroll { from, to: from + rows, by, up }),
        2 => (0u16..20, 1u16..20, 1usize..4, any::<bool>(), 1usize..20).prop_map(
            |(from, rows, by, up, keep)| Edit::ScrollBeside { from, to: from + rows, by, up, keep }
        ),
        1 => (2u16..64, 1u16..20).prop_map(|(width, height)| Edit::Resize { width, height }),
        1 => Just(Edit::Lose),
    ]
}

fn apply(edit: &Edit, picture: &mut Buffer, screen: &mut Screen, emulator: &mut vt100::Parser) {
    let area = picture.area;
    match edit {
        Edit::Write { x, y, text, style } => {
            if *x < area.width && *y < area.height {
                picture.set_string(*x, *y, text, *style);
            }
        }
        Edit::Paint { y, style } => {
            let row = Rect { y: *y, height: 1, ..area };
            picture.set_style(row.intersection(area), *style);
        }
        Edit::Empty { y } => {
            (0..area.width)
                .filter_map(|x| picture.cell_mut((x, *y)).map(|c| c.reset()))
                .for_each(drop);
        }
        Edit::Scroll { from, to, by, up } => scroll(picture, *from..*to, *by, *up, 0),
        Edit::ScrollBeside { from, to, by, up, keep } => {
            scroll(picture, *from..*to, *by, *up, *keep)
        }
        Edit::Resize { width, height } => {
            *picture = resized(picture, *width, *height);
            emulator.screen_mut().set_size(*height, *width);
        }
        Edit::Lose => {
            emulator.process(b"\x1b[2;3r\x1b[41m\x1b[H!\x1b[7m\x1b[4;1H?");
            screen.invalidate();
        }
    }
}

fn resized(picture: &Buffer, width: u16, height: u16) -> Buffer {
    let mut next = Buffer::empty(Rect::new(0, 0, width, height));
    for y in 0..height.min(picture.area.height) {
        for x in 0..width.min(picture.area.width) {
            next[(x, y)] = picture[(x, y)].clone();
        }
    }
    next
}

fn scroll(picture: &mut Buffer, rows: std::ops::Range<u16>, by: usize, up: bool, keep: usize) {
    let (end, width) = (rows.end.min(picture.area.height), picture.area.width);
    let columns = 0..width.saturating_sub(keep as u16);
    let old = picture.clone();
    for y in rows.start..end {
        let from = if up { y.checked_add(by as u16) } else { y.checked_sub(by as u16) };
        let from = from.filter(|from| (rows.start..end).contains(from));
        for x in columns.clone() {
            let cell = from.map(|from| old[(x, from)].clone()).unwrap_or_default();
            picture[(x, y)] = cell;
        }
    }
}

/// What can be seen in a cell of the emulator.
fn seen(screen: &vt100::Screen, y: u16, x: u16) -> String {
    let cell = screen.cell(y, x).unwrap();
    let blank = matches!(cell.contents(), "" | " ");
    let letters = (cell.fgcolor(), cell.bold(), cell.dim(), cell.italic());
    format!(
        "{}{} on {:?}, {:?} {}{}",
        if blank { " " } else { cell.contents() },
        if cell.is_wide_continuation() { "(tail)" } else { "" },
        cell.bgcolor(),
        if blank && !cell.inverse() && !cell.underline() { None } else { Some(letters.0) },
        cell.underline(),
        cell.inverse(),
    ) + &if blank { String::new() } else { format!("{letters:?}") }
}

fn same(shown: &vt100::Screen, wanted: &vt100::Screen) -> Result<(), TestCaseError> {
    let (height, width) = wanted.size();
    for y in 0..height {
        for x in 0..width {
            let (shown, wanted) = (seen(shown, y, x), seen(wanted, y, x));
            prop_assert_eq!(shown, wanted, "row {}, column {}", y, x);
        }
    }
    prop_assert_eq!(shown.hide_cursor(), wanted.hide_cursor());
    if !wanted.hide_cursor() {
        prop_assert_eq!(shown.cursor_position(), wanted.cursor_position());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn differences_give_the_picture_that_a_full_drawing_gives(
        edits in proptest::collection::vec((proptest::collection::vec(edit(), 1..4), prop::option::weighted(0.3, (0u16..60, 0u16..20))), 1..14),
        width in 2u16..64,
        height in 1u16..20,
    ) {
        let mut emulator = vt100::Parser::new(height, width, 0);
        let mut screen = Screen::new();
        let mut picture = Buffer::empty(Rect::new(0, 0, width, height));
        for (edits, cursor) in edits {
            for edit in &edits {
                apply(edit, &mut picture, &mut screen, &mut emulator);
            }
            let area = picture.area;
            let cursor = cursor.map(|(x, y)| Position::new(x.min(area.width - 1), y.min(area.height - 1)));
            emulator.process(screen.show(picture.clone(), cursor));
            prop_assert!(screen.show(picture.clone(), cursor).is_empty(), "nothing changed");

            let mut fresh = vt100::Parser::new(area.height, area.width, 0);
            fresh.process(Screen::new().show(picture.clone(), cursor));
            same(emulator.screen(), fresh.screen())?;
        }
    }
}

/// A full drawing is what was drawn: text for text, where it stands.
#[test]
fn a_full_drawing_is_what_was_drawn() {
    let lines = ["plain text", "  漢字 wide", "", "✗ sign", "e\u{301}clair and 👩‍💻 joined"];
    let picture = Buffer::with_lines(lines.iter().map(|line| format!("{line:<30}")));
    let mut emulator = vt100::Parser::new(5, picture.area.width, 0);
    emulator.process(Screen::new().show(picture, Some(Position::new(3, 1))));
    let rows: Vec<String> = emulator.screen().rows(0, 60).collect();
    assert_eq!(rows.get(..4).unwrap(), &lines[..4]);
    assert_eq!(emulator.screen().cursor_position(), (1, 3));
}

/// What the bytes are for: a line scrolled costs its own text and little more.
#[test]
fn a_scrolled_line_costs_little_more_than_its_text() {
    let line =
        |n: usize| format!("{n:>7}  #7 {n}.1 Unpacking libavcodec59:arm64 (7:5.1.{n}) over it ...");
    let picture = |top: usize| {
        let bar = format!("{:<200}", format!(" ✗ failed  line {top}"));
        let rows = (top..top + 48).map(|n| format!("{:<200}", line(n)));
        let mut buffer = Buffer::with_lines(std::iter::once(bar).chain(rows));
        buffer.set_style(Rect::new(0, 0, 200, 1), Style::new().bg(Color::Indexed(236)));
        buffer
    };
    let mut screen = Screen::new();
    screen.show(picture(100_000), None);
    for top in [100_001, 100_002, 100_001] {
        let bytes = screen.show(picture(top), None).len();
        assert!(bytes < line(top).len() + 60, "{bytes} bytes");
    }
}
