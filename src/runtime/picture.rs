//! A picture of cells that are cheap to compare, copy and move.
//!
//! ratatui's cells own their text; of a frame of 10,000 cells nearly all are
//! compared several times (with what stands there, with what may have moved
//! there), so each is packed into three words first. Packing also drops what
//! can't be seen: a space has no colour of letters.

use std::collections::HashMap;
use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::text;

/// What is drawn in a cell, and how.
#[derive(Clone, Copy, Debug)]
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

/// A colour as a terminal is told it, in one word: its kind in the first byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint(u32);

/// What a [`Paint`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The terminal's own colour.
    Own,
    /// An entry of the palette.
    Indexed(u8),
    /// 24 bits.
    Rgb(u8, u8, u8),
}

impl Paint {
    /// The terminal's own.
    pub const OWN: Self = Self(0);

    /// An entry of the palette.
    pub const fn indexed(index: u8) -> Self {
        Self(1 << 24 | index as u32)
    }

    const fn rgb(r: u8, g: u8, b: u8) -> Self {
        Self(2 << 24 | (r as u32) << 16 | (g as u32) << 8 | b as u32)
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        let [kind, r, g, b] = self.0.to_be_bytes();
        match kind {
            0 => Kind::Own,
            1 => Kind::Indexed(b),
            _ => Kind::Rgb(r, g, b),
        }
    }
}

/// Its width follows from its text, so there is no need to look at that.
impl PartialEq for Glyph {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.look == other.look
    }
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

    fn of(symbol: &str, look: Look, clusters: &mut Clusters) -> Self {
        match symbol.as_bytes() {
            [] | [b' '] => Self { look: look.on_space(), ..Self::BLANK },
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
        if self.text < 0x80 {
            out.push(self.text as u8);
            return;
        }
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
    pub const PLAIN: Self = Self { fg: Paint::OWN, bg: Paint::OWN, modifiers: Modifier::empty() };

    /// What can be seen of it where nothing is written.
    fn on_space(self) -> Self {
        let modifiers = self.modifiers & ON_SPACE;
        let fg = if modifiers.is_empty() { Paint::OWN } else { self.fg };
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
        Self::indexed(match color {
            Color::Reset => return Self::OWN,
            Color::Rgb(r, g, b) => return Self::rgb(r, g, b),
            Color::Indexed(i) => i,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 8,
            Color::LightRed => 9,
            Color::LightGreen => 10,
            Color::LightYellow => 11,
            Color::LightBlue => 12,
            Color::LightMagenta => 13,
            Color::LightCyan => 14,
            Color::White => 15,
        })
    }
}

/// The look of one cell after the other, which seldom changes.
#[derive(Debug)]
struct Looks {
    cell: (Color, Color, Modifier),
    look: Look,
    on_space: Look,
}

impl Looks {
    const PLAIN: Self = Self {
        cell: (Color::Reset, Color::Reset, Modifier::empty()),
        look: Look::PLAIN,
        on_space: Look::PLAIN,
    };

    fn next(&mut self, cell: &Cell) {
        let now = (cell.fg, cell.bg, cell.modifier);
        if now != self.cell {
            self.cell = now;
            self.look = Look { fg: cell.fg.into(), bg: cell.bg.into(), modifiers: cell.modifier };
            self.on_space = self.look.on_space();
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

fn hash(piece: &[Glyph]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |hash: u64, glyph: &Glyph| (hash.rotate_left(5) ^ glyph.text).wrapping_mul(FACTOR);
    match piece.iter().all(Glyph::is_space) {
        true => BARE,
        false => piece.iter().fold(0, step) | 1,
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
    rows: Vec<Row>,
}

/// A row of a picture.
#[derive(Debug, Default)]
struct Row {
    glyphs: Vec<Glyph>,
    /// Whether it has a glyph that is wide, or whose width isn't sure.
    odd: bool,
    /// A hash of the text of each of its pieces; [`BARE`] for one with nothing
    /// in it.
    hashes: Vec<u64>,
    /// How many of its glyphs are no blanks.
    ink: u16,
    /// Rows of one name are alike: it is given when a row has changed, and goes
    /// with it. 0 is the name of an empty one.
    name: u64,
    /// The name it had before, and the columns that have changed since.
    origin: u64,
    changed: Range<usize>,
}

impl Row {
    fn clear(&mut self, width: u16) {
        self.glyphs.clear();
        self.glyphs.resize(usize::from(width), Glyph::BLANK);
        self.odd = false;
        self.hashes.clear();
        self.hashes.resize(pieces(width), BARE);
        self.ink = 0;
        self.name = 0;
        self.origin = 0;
        self.changed = 0..0;
    }

    /// The columns in which it may differ from another row.
    fn differing(&self, other: &Self) -> Range<usize> {
        if self.name == other.name {
            0..0
        } else if self.origin == other.name {
            self.changed.clone()
        } else {
            0..self.glyphs.len()
        }
    }

    fn become_like(&mut self, other: &Self) {
        let columns = other.differing(self);
        match (self.glyphs.get_mut(columns.clone()), other.glyphs.get(columns)) {
            (Some(old), Some(new)) => old.copy_from_slice(new),
            _ => self.glyphs.clone_from(&other.glyphs),
        }
        self.odd = other.odd;
        self.hashes.clone_from(&other.hashes);
        self.ink = other.ink;
        self.name = other.name;
    }

    /// Makes it a copy of what was drawn, where that may have changed; the
    /// columns that have.
    fn take(
        &mut self,
        cells: &[Cell],
        columns: Range<usize>,
        clusters: &mut Clusters,
    ) -> Range<usize> {
        // A glyph that fills several cells may reach into these columns, or
        // out of them.
        let all = 0..self.glyphs.len();
        let changed = if self.odd { 0..0 } else { self.copy(cells, columns, clusters) };
        let changed = match self.odd {
            true => join(changed, self.copy(cells, all, clusters)),
            false => changed,
        };
        let pieces = changed.start / PIECE..changed.end.div_ceil(PIECE);
        let glyphs = self.glyphs.chunks(PIECE).zip(&mut self.hashes);
        for (piece, known) in glyphs.take(pieces.end).skip(pieces.start) {
            *known = hash(piece);
        }
        changed
    }

    /// Copies some columns.
    fn copy(
        &mut self,
        cells: &[Cell],
        columns: Range<usize>,
        clusters: &mut Clusters,
    ) -> Range<usize> {
        let mut looks = Looks::PLAIN;
        // Cells that the last glyph fills as well.
        let mut later = 0;
        let mut odd = false;
        let mut changed = 0..0;
        let first = columns.start;
        let known = self.glyphs.get_mut(columns.clone()).unwrap_or_default();
        let here = cells.get(columns).unwrap_or_default();
        for (x, (cell, known)) in (first..).zip(here.iter().zip(known)) {
            let glyph = if later > 0 {
                later -= 1;
                Glyph::TAIL
            } else {
                looks.next(cell);
                match cell.symbol().as_bytes() {
                    [b' '] => Glyph { look: looks.on_space, ..Glyph::BLANK },
                    [byte] => Glyph { text: u64::from(*byte), look: looks.look, ..Glyph::BLANK },
                    _ => {
                        let glyph = Glyph::of(cell.symbol(), looks.look, clusters);
                        later = usize::from(glyph.width) - 1;
                        odd |= !glyph.sure || later > 0;
                        if x + later < cells.len() {
                            glyph
                        } else {
                            // It would run over the edge.
                            later = 0;
                            Glyph { look: looks.on_space, ..Glyph::BLANK }
                        }
                    }
                }
            };
            if *known != glyph {
                self.ink += u16::from(!glyph.is_space());
                self.ink -= u16::from(!known.is_space());
                *known = glyph;
                let start = if changed.end == 0 { x } else { changed.start };
                changed = start..x + 1;
            }
        }
        self.odd = odd;
        changed
    }
}

/// The columns from the first of both to the last.
fn join(some: Range<usize>, others: Range<usize>) -> Range<usize> {
    match (some.is_empty(), others.is_empty()) {
        (true, _) => others,
        (_, true) => some,
        _ => some.start.min(others.start)..some.end.max(others.end),
    }
}

/// Columns of a piece: rows are compared piece by piece, so that what stands
/// still beside the text (a scrollbar, a panel) doesn't hide that it moved.
pub const PIECE: usize = 25;

/// The hash of a piece with nothing in it.
pub const BARE: u64 = 0;

/// How many pieces a row has.
fn pieces(width: u16) -> usize {
    usize::from(width).div_ceil(PIECE)
}

impl Picture {
    /// Its columns.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Its rows.
    pub fn height(&self) -> u16 {
        self.rows.len() as u16
    }

    /// A row of it.
    pub fn row(&self, y: u16) -> &[Glyph] {
        self.rows.get(usize::from(y)).map_or(&[], |row| &row.glyphs)
    }

    /// Whether a row has glyphs that are not one column each for certain.
    pub fn is_odd(&self, y: u16) -> bool {
        self.rows.get(usize::from(y)).is_some_and(|row| row.odd)
    }

    /// Whether a row is known to be like one of another picture, without a
    /// look at it.
    pub fn is_same(&self, y: u16, other: &Self, at: u16) -> bool {
        let name = |picture: &Self, y: u16| picture.rows.get(usize::from(y)).map(|row| row.name);
        name(self, y) == name(other, at)
    }

    /// The columns in which a row may differ from one of another picture.
    pub fn differing(&self, y: u16, other: &Self, at: u16) -> Range<usize> {
        match (self.rows.get(usize::from(y)), other.rows.get(usize::from(at))) {
            (Some(row), Some(other)) => row.differing(other),
            _ => 0..0,
        }
    }

    /// The hashes of the pieces of a row. Nothing is to be believed of equal
    /// ones before their cells were compared.
    pub fn hashes(&self, y: u16) -> &[u64] {
        self.rows.get(usize::from(y)).map_or(&[], |row| &row.hashes)
    }

    /// How many glyphs of a row are no blanks.
    pub fn ink(&self, y: u16) -> u16 {
        self.rows.get(usize::from(y)).map_or(0, |row| row.ink)
    }

    /// The pieces of a row with their hashes.
    pub fn pieces(&self, y: u16) -> impl Iterator<Item = (u64, &[Glyph])> {
        self.hashes(y).iter().copied().zip(self.row(y).chunks(PIECE))
    }

    /// Makes it an empty screen.
    pub fn clear(&mut self, width: u16, height: u16) {
        self.width = width;
        self.rows.resize_with(usize::from(height), Row::default);
        self.rows.iter_mut().for_each(|row| row.clear(width));
    }

    /// Makes it a copy of what was drawn on a screen of its size, where it
    /// isn't one already: `fresh` says in which columns of a row, and `place`
    /// where in the buffer that is. Rows that have changed get new names from
    /// `names` on.
    pub fn take(
        &mut self,
        buffer: &Buffer,
        fresh: impl Fn(u16) -> Range<u16>,
        place: impl Fn(u16) -> u16,
        names: &mut u64,
        clusters: &mut Clusters,
    ) {
        let width = usize::from(self.width);
        for (y, row) in (0..).zip(&mut self.rows) {
            let columns = fresh(y);
            if columns.is_empty() {
                continue;
            }
            let columns = usize::from(columns.start)..usize::from(columns.end).min(width);
            let start = usize::from(place(y)) * width;
            let cells = buffer.content.get(start..start + width).unwrap_or_default();
            let changed = row.take(cells, columns, clusters);
            if !changed.is_empty() {
                *names += 1;
                row.origin = std::mem::replace(&mut row.name, *names);
                row.changed = changed;
            }
        }
    }

    /// Makes it like another one.
    pub fn become_like(&mut self, other: &Self) {
        self.width = other.width;
        self.rows.resize_with(other.rows.len(), Row::default);
        for (row, other) in self.rows.iter_mut().zip(&other.rows) {
            if row.glyphs.len() != other.glyphs.len() {
                row.clear(other.glyphs.len() as u16);
            }
            if row.name != other.name {
                row.become_like(other);
            }
        }
    }

    /// Moves the rows of a range up (or down) by some, as a terminal does;
    /// what is uncovered is blank.
    pub fn shift(&mut self, rows: Range<u16>, by: u16, up: bool) {
        let (width, by) = (self.width, usize::from(by));
        let range = usize::from(rows.start)..usize::from(rows.end);
        let Some(rows) = self.rows.get_mut(range).filter(|rows| by <= rows.len()) else { return };
        let kept = rows.len() - by;
        if up {
            rows.rotate_left(by);
            rows.iter_mut().skip(kept).for_each(|row| row.clear(width));
        } else {
            rows.rotate_right(by);
            rows.iter_mut().take(by).for_each(|row| row.clear(width));
        }
    }
}
