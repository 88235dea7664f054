//! A picture of cells that are cheap to compare, copy and move.
//!
//! ratatui's cells own their text; of a frame of 10,000 cells nearly all are
//! compared several times (with what stands there, with what may have moved
//! there), so each is packed into three words first. Packing also drops what
//! can't be seen: a space has no colour of letters.

use std::collections::HashMap;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::text;

/// What is drawn in a cell, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Its text: up to eight bytes of UTF-8, or the place of a longer cluster
    /// in [`Clusters`] behind a byte that UTF-8 doesn't have.
    pub text: u64,
    /// How it looks.
    pub look: Look,
    /// The cells it fills; 0 for the later cells of a wide one.
    pub width: u8,
    /// Whether every terminal agrees about its width.
    pub sure: bool,
}

/// Colours and attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Colour of the letters, packed.
    pub fg: Paint,
    /// Colour behind them.
    pub bg: Paint,
    /// Bold and its like.
    pub modifiers: Modifier,
}

/// A colour as a terminal is told it: the terminal's own, one of the 256, or
/// red, green and blue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// The terminal's own.
    #[default]
    Own,
    /// An entry of the palette.
    Indexed(u8),
    /// 24 bits.
    Rgb(u8, u8, u8),
}

/// What can be seen of a space.
const ON_SPACE: Modifier =
    Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

/// The mark of a text that lies in [`Clusters`].
const LONG: u64 = 0xff << 56;

const SPACE: u64 = b' ' as u64;

impl Glyph {
    /// An empty cell.
    pub const BLANK: Self = Self { text: SPACE, look: Look::PLAIN, width: 1, sure: true };

    /// A later cell of a wide glyph.
    const TAIL: Self = Self { text: 0, look: Look::PLAIN, width: 0, sure: true };

    /// Whether only its background shows.
    pub fn is_space(&self) -> bool {
        self.text == SPACE
    }

    fn of(cell: &Cell, clusters: &mut Clusters) -> Self {
        let symbol = cell.symbol();
        let look = Look { fg: cell.fg.into(), bg: cell.bg.into(), modifiers: cell.modifier };
        match symbol.as_bytes() {
            [] | [b' '] => Self { text: SPACE, look: look.on_space(), width: 1, sure: true },
            [byte] => Self { text: u64::from(*byte), look, width: 1, sure: true },
            bytes => {
                let mut inline = [0; 8];
                let text = match inline.get_mut(..bytes.len()) {
                    Some(room) => {
                        room.copy_from_slice(bytes);
                        u64::from_le_bytes(inline)
                    }
                    None => clusters.place(symbol),
                };
                let width = text::glyph_width(symbol).clamp(1, 8) as u8;
                Self { text, look, width, sure: is_sure(symbol, width) }
            }
        }
    }

    /// Its text.
    pub fn write(&self, clusters: &Clusters, out: &mut Vec<u8>) {
        if self.text & LONG == LONG {
            let at = (self.text & !LONG) as usize;
            out.extend_from_slice(clusters.texts.get(at).map_or("?", |text| text).as_bytes());
            return;
        }
        let bytes = self.text.to_le_bytes();
        let length = 8 - self.text.leading_zeros() as usize / 8;
        out.extend_from_slice(bytes.get(..length).unwrap_or_default());
    }
}

impl Look {
    /// The terminal's own.
    pub const PLAIN: Self = Self { fg: Paint::Own, bg: Paint::Own, modifiers: Modifier::empty() };

    /// What can be seen of it where nothing is written.
    fn on_space(self) -> Self {
        let modifiers = self.modifiers & ON_SPACE;
        let fg = if modifiers.is_empty() { Paint::Own } else { self.fg };
        Self { fg, bg: self.bg, modifiers }
    }

    /// The look nearest to this one that a space of the look `space` can be
    /// drawn with.
    pub fn for_space(self, space: Self) -> Self {
        let fg = if space.modifiers.is_empty() { self.fg } else { space.fg };
        Self { fg, bg: space.bg, modifiers: (self.modifiers - ON_SPACE) | space.modifiers }
    }
}

impl From<Color> for Paint {
    fn from(color: Color) -> Self {
        match color {
            Color::Reset => Self::Own,
            Color::Black => Self::Indexed(0),
            Color::Red => Self::Indexed(1),
            Color::Green => Self::Indexed(2),
            Color::Yellow => Self::Indexed(3),
            Color::Blue => Self::Indexed(4),
            Color::Magenta => Self::Indexed(5),
            Color::Cyan => Self::Indexed(6),
            Color::Gray => Self::Indexed(7),
            Color::DarkGray => Self::Indexed(8),
            Color::LightRed => Self::Indexed(9),
            Color::LightGreen => Self::Indexed(10),
            Color::LightYellow => Self::Indexed(11),
            Color::LightBlue => Self::Indexed(12),
            Color::LightMagenta => Self::Indexed(13),
            Color::LightCyan => Self::Indexed(14),
            Color::White => Self::Indexed(15),
            Color::Rgb(r, g, b) => Self::Rgb(r, g, b),
            Color::Indexed(i) => Self::Indexed(i),
        }
    }
}

/// Whether the width of a glyph is beyond doubt: one character of one column,
/// or of an East Asian script. Of pictures and of clusters terminals think
/// differently; after them the cursor is placed anew.
fn is_sure(symbol: &str, width: u8) -> bool {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => {
            width == 1
                || matches!(c,
                    '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
                    | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF01}'..='\u{FF60}'
                    | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{3FFFD}')
        }
        _ => false,
    }
}

/// Clusters of more than eight bytes.
#[derive(Debug, Default)]
pub struct Clusters {
    texts: Vec<Box<str>>,
    places: HashMap<Box<str>, u64>,
}

impl Clusters {
    /// More than fit on any screen; then all are forgotten, and what is shown
    /// with them.
    const MOST: usize = 1 << 16;

    fn place(&mut self, text: &str) -> u64 {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = LONG | self.texts.len() as u64;
        self.texts.push(text.into());
        self.places.insert(text.into(), place);
        place
    }

    /// Whether it is time to begin anew.
    pub fn is_full(&self) -> bool {
        self.texts.len() > Self::MOST
    }
}

/// A screen full of glyphs.
#[derive(Debug, Default)]
pub struct Picture {
    width: u16,
    glyphs: Vec<Glyph>,
    /// Rows with a glyph that is wide, or whose width isn't sure.
    odd: Vec<bool>,
}

impl Picture {
    /// Its columns.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Its rows.
    pub fn height(&self) -> u16 {
        self.odd.len() as u16
    }

    /// A row of it.
    pub fn row(&self, y: u16) -> &[Glyph] {
        let width = usize::from(self.width);
        let start = usize::from(y) * width;
        self.glyphs.get(start..start + width).unwrap_or_default()
    }

    /// Whether a row has glyphs that are not one column each for certain.
    pub fn is_odd(&self, y: u16) -> bool {
        self.odd.get(usize::from(y)).copied().unwrap_or(false)
    }

    /// Makes it an empty screen.
    pub fn clear(&mut self, width: u16, height: u16) {
        self.width = width;
        self.glyphs.clear();
        self.glyphs.resize(usize::from(width) * usize::from(height), Glyph::BLANK);
        self.odd.clear();
        self.odd.resize(usize::from(height), false);
    }

    /// Makes it a copy of what was drawn.
    pub fn take(&mut self, buffer: &Buffer, clusters: &mut Clusters) {
        self.width = buffer.area.width;
        self.glyphs.clear();
        self.odd.clear();
        for row in buffer.content.chunks(usize::from(self.width).max(1)) {
            let mut odd = false;
            let mut cells = row.iter();
            while let Some(cell) = cells.next() {
                let mut glyph = Glyph::of(cell, clusters);
                let later = usize::from(glyph.width) - 1;
                if later > cells.len() {
                    // It would run over the edge.
                    glyph =
                        Glyph { text: SPACE, look: glyph.look.on_space(), width: 1, sure: true };
                }
                self.glyphs.push(glyph);
                odd |= !glyph.sure || glyph.width > 1;
                for _ in 1..glyph.width {
                    cells.next();
                    self.glyphs.push(Glyph::TAIL);
                }
            }
            self.odd.push(odd);
        }
    }

    /// Moves the rows of a range up (or down) by some, as a terminal does;
    /// what is uncovered is blank.
    pub fn shift(&mut self, rows: std::ops::Range<u16>, by: u16, up: bool) {
        fn turn<T: Copy>(all: &mut [T], by: usize, up: bool, blank: T) {
            if by > all.len() {
                return;
            }
            if up {
                all.rotate_left(by);
                let kept = all.len() - by;
                all.iter_mut().skip(kept).for_each(|one| *one = blank);
            } else {
                all.rotate_right(by);
                all.iter_mut().take(by).for_each(|one| *one = blank);
            }
        }
        let (start, end, by) = (usize::from(rows.start), usize::from(rows.end), usize::from(by));
        let width = usize::from(self.width);
        if let Some(glyphs) = self.glyphs.get_mut(start * width..end * width) {
            turn(glyphs, by * width, up, Glyph::BLANK);
        }
        if let Some(odd) = self.odd.get_mut(start..end) {
            turn(odd, by, up, false);
        }
    }
}
