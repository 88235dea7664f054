//! A pen on a terminal: it knows where it is and which colours it has, and
//! says as little as possible to get elsewhere.

use std::ops::Range;

use ratatui::style::Modifier;

use super::picture::{Clusters, Glyph, Kind, Look, Paint};

/// The pen, and what it has said.
#[derive(Debug, Default)]
pub struct Pen {
    /// The bytes for the terminal.
    pub out: Vec<u8>,
    width: u16,
    /// Where it is, unless that isn't certain: behind the last column, and
    /// behind what terminals disagree about.
    at: Option<(u16, u16)>,
    /// How it writes, unless that isn't known.
    look: Option<Look>,
    /// The scroll region, while it isn't the whole screen. It is left as it
    /// is from frame to frame: what scrolled scrolls again.
    region: Option<Range<u16>>,
    /// The way from one look to another; kept for its room.
    words: Vec<u8>,
}

impl Pen {
    /// Begins on a terminal of unknown state by clearing it.
    pub fn clear(&mut self, width: u16) {
        self.out.extend_from_slice(b"\x1b[r\x1b[m\x1b[2J");
        self.width = width;
        self.at = None;
        self.region = None;
        self.look = Some(Look::PLAIN);
    }

    /// Moves the text between two rows up (or down), the end excluded.
    pub fn scroll(&mut self, rows: Range<u16>, by: u16, up: bool, height: u16) {
        // Terminals that colour what they uncover take the pen's colour.
        self.take_bare();
        let (first, last) = (rows.start, rows.end.saturating_sub(1));
        let region = Some(rows).filter(|rows| *rows != (0..height));
        if region != self.region {
            match &region {
                Some(rows) => self.sequence(&[rows.start + 1, rows.end], b'r'),
                None => self.out.extend_from_slice(b"\x1b[r"),
            }
            self.region = region;
            self.at = None;
        }
        // Line feeds and reverse ones: the Linux console knows no other way.
        self.go(0, if up { last } else { first });
        for _ in 0..by {
            self.out.extend_from_slice(if up { b"\n" } else { b"\x1bM" });
        }
    }

    /// The row it is in, if that is certain.
    pub fn row(&self) -> Option<u16> {
        self.at.map(|(_, y)| y)
    }

    /// Goes to a cell.
    pub fn go(&mut self, x: u16, y: u16) {
        if self.at != Some((x, y)) {
            self.walk(x, y);
        }
    }

    fn walk(&mut self, x: u16, y: u16) {
        match self.at {
            Some((from, row)) if row == y && x > from => match x - from {
                1 => self.out.extend_from_slice(b"\x1b[C"),
                by => self.sequence(&[by], b'C'),
            },
            Some((_, row)) if row == y && x == 0 => self.out.push(b'\r'),
            Some((from, row)) if row == y && from - x < 4 => {
                self.out.extend((x..from).map(|_| 8));
            }
            Some((from, row)) if self.falls(row, y) && (x == 0 || x == from) => {
                if from > x {
                    self.out.push(b'\r');
                }
                self.out.extend((row..y).map(|_| b'\n'));
            }
            _ if x == 0 && y == 0 => self.out.extend_from_slice(b"\x1b[H"),
            _ if x == 0 => self.sequence(&[y + 1], b'H'),
            _ => self.sequence(&[y + 1, x + 1], b'H'),
        }
        self.at = Some((x, y));
    }

    /// Whether a few line feeds lead down from one row to another, and scroll
    /// nothing.
    fn falls(&self, from: u16, to: u16) -> bool {
        let few = from < to && to - from < 4;
        few && self.region.as_ref().is_none_or(|rows| to < rows.end || from >= rows.end)
    }

    /// Draws a glyph where the pen is.
    pub fn put(&mut self, glyph: &Glyph, clusters: &Clusters) {
        let look = match self.look {
            Some(now) if glyph.is_space() => now.for_space(glyph.look),
            _ => glyph.look,
        };
        self.take(look);
        if let (false, 2.., Some((x, y))) = (glyph.sure, glyph.width, self.at) {
            // Should the terminal think it narrower, nothing old may show.
            self.out.extend((0..glyph.width).map(|_| b' '));
            self.at = self.at.map(|(x, y)| (x + u16::from(glyph.width), y));
            self.at = self.at.filter(|(x, _)| *x < self.width);
            self.go(x, y);
        }
        glyph.write(clusters, &mut self.out);
        self.at = self
            .at
            .map(|(x, y)| (x + u16::from(glyph.width), y))
            .filter(|(x, _)| glyph.sure && *x < self.width);
    }

    /// Whether a glyph could be drawn without another word about its look.
    pub fn suits(&self, glyph: &Glyph) -> bool {
        match self.look {
            Some(now) if glyph.is_space() => now.for_space(glyph.look) == now,
            now => now == Some(glyph.look),
        }
    }

    /// Empties the rest of the row, from where the pen is on.
    pub fn erase(&mut self) {
        self.take_bare();
        self.out.extend_from_slice(b"\x1b[K");
    }

    /// Takes a look in which what is emptied is empty.
    fn take_bare(&mut self) {
        let bare = self.look.map_or(Look::PLAIN, |now| now.for_space(Look::PLAIN));
        self.take(bare);
    }

    /// Whether something could be emptied without another word about the look.
    pub fn is_bare(&self) -> bool {
        self.look.is_some_and(|now| now.for_space(Look::PLAIN) == now)
    }

    /// Takes a look.
    fn take(&mut self, look: Look) {
        if self.look != Some(look) {
            self.change(look);
        }
    }

    fn change(&mut self, look: Look) {
        let (out, change) = (&mut self.out, &mut self.words);
        out.extend_from_slice(b"\x1b[");
        let from = out.len();
        let mut anew = Parameters { out, from };
        if look != Look::PLAIN {
            anew.add(0);
        }
        anew.modifiers(look.modifiers);
        anew.paint(look.fg, 30);
        anew.paint(look.bg, 40);
        if let Some(now) = self.look {
            change.clear();
            Parameters { out: change, from: 0 }.change(now, look);
            if change.len() < out.len() - from {
                out.truncate(from);
                out.extend_from_slice(change);
            }
        }
        out.push(b'm');
        self.look = Some(look);
    }

    fn sequence(&mut self, parameters: &[u16], end: u8) {
        self.out.extend_from_slice(b"\x1b[");
        let mut words = Parameters { from: self.out.len(), out: &mut self.out };
        parameters.iter().for_each(|number| words.add(*number));
        self.out.push(end);
    }
}

/// The parameters of a sequence; formatting them in the usual way would take
/// longer than all the rest of a frame.
struct Parameters<'a> {
    out: &'a mut Vec<u8>,
    /// Where the first one begins.
    from: usize,
}

/// Attributes, and the codes that switch them on and off.
const CODES: [(Modifier, u16, u16); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Parameters<'_> {
    /// What leads from one look to another.
    fn change(&mut self, now: Look, next: Look) {
        let mut have = now.modifiers;
        let gone = have - next.modifiers;
        let mut said = 0;
        for (modifier, _, off) in CODES {
            if gone.contains(modifier) && off != said {
                self.add(off);
                said = off;
                // Some codes end two attributes.
                for (other, _, ends) in CODES {
                    if ends == off {
                        have.remove(other);
                    }
                }
            }
        }
        self.modifiers(next.modifiers - have);
        if now.fg != next.fg {
            self.paint_or_own(next.fg, 30);
        }
        if now.bg != next.bg {
            self.paint_or_own(next.bg, 40);
        }
    }

    fn add(&mut self, number: u16) {
        if self.out.len() > self.from {
            self.out.push(b';');
        }
        let mut unit = 1;
        while number / unit > 9 {
            unit *= 10;
        }
        while unit > 0 {
            self.out.push(b'0' + (number / unit % 10) as u8);
            unit /= 10;
        }
    }

    fn modifiers(&mut self, modifiers: Modifier) {
        for (modifier, on, _) in CODES {
            if modifiers.contains(modifier) {
                self.add(on);
            }
        }
    }

    fn paint_or_own(&mut self, paint: Paint, base: u16) {
        match paint {
            Paint::OWN => self.add(base + 9),
            paint => self.paint(paint, base),
        }
    }

    fn paint(&mut self, paint: Paint, base: u16) {
        let mut add = |numbers: &[u16]| numbers.iter().for_each(|number| self.add(*number));
        match paint.kind() {
            Kind::Own => {}
            Kind::Indexed(i @ 0..8) => add(&[base + u16::from(i)]),
            Kind::Indexed(i @ 8..16) => add(&[base + 52 + u16::from(i)]),
            Kind::Indexed(i) => add(&[base + 8, 5, i.into()]),
            Kind::Rgb(r, g, b) => add(&[base + 8, 2, r.into(), g.into(), b.into()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(fg: Paint, modifiers: Modifier) -> Look {
        Look { fg, bg: Paint::OWN, modifiers }
    }

    fn said(looks: &[Look]) -> String {
        let mut pen = Pen { look: Some(Look::PLAIN), ..Pen::default() };
        looks.iter().for_each(|look| pen.take(*look));
        String::from_utf8(pen.out).unwrap().replace('\x1b', "")
    }

    #[test]
    fn a_change_of_look_is_said_in_the_shorter_way() {
        let (red, far) = (Paint::indexed(1), Paint::indexed(188));
        let bold = Modifier::BOLD;
        assert_eq!(said(&[look(red, bold)]), "[1;31m");
        assert_eq!(said(&[look(red, bold), look(red, bold)]), "[1;31m");
        assert_eq!(said(&[look(red, bold), Look::PLAIN]), "[1;31m[m");
        assert_eq!(said(&[look(far, bold), look(far, Modifier::empty())]), "[1;38;5;188m[22m");
        let both = bold | Modifier::DIM;
        assert_eq!(said(&[look(far, both), look(far, Modifier::DIM)]), "[1;2;38;5;188m[22;2m");
        let all = Modifier::all();
        assert_eq!(said(&[look(far, all), look(red, bold)]).split('m').nth(1), Some("[0;1;31"));
        assert_eq!(said(&[look(Paint::indexed(9), bold)]), "[1;91m");
    }

    #[test]
    fn the_way_is_the_shortest_that_is_safe() {
        let mut pen = Pen { width: 80, ..Pen::default() };
        let mut way = |x, y| {
            pen.out.clear();
            pen.go(x, y);
            String::from_utf8(pen.out.clone()).unwrap().replace('\x1b', "")
        };
        assert_eq!(way(4, 9), "[10;5H");
        assert_eq!(way(4, 9), "");
        assert_eq!(way(5, 9), "[C");
        assert_eq!(way(30, 9), "[25C");
        assert_eq!(way(28, 9), "\u{8}\u{8}");
        assert_eq!(way(0, 9), "\r");
        assert_eq!(way(0, 11), "\n\n");
        assert_eq!((way(7, 11), way(7, 13)), ("[7C".into(), "\n\n".into()));
        assert_eq!(way(0, 30), "[31H");
        assert_eq!(way(0, 0), "[H");
        // A line feed at the end of a scroll region scrolls.
        pen.region = Some(2..21);
        let mut way = |x, y| {
            pen.out.clear();
            pen.go(x, y);
            String::from_utf8(pen.out.clone()).unwrap().replace('\x1b', "")
        };
        assert_eq!(way(0, 19), "[20H");
        assert_eq!(way(0, 20), "\n");
        assert_eq!(way(0, 21), "[22H");
        assert_eq!(way(0, 23), "\n\n");
    }
}
