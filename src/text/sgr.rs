//! Select Graphic Rendition: the only escape sequences that log text keeps.
//!
//! Codes are those of ECMA-48 and xterm's ctlseqs, in both spellings of the
//! long colours (`38;2;r;g;b` and `38:2::r:g:b`).

/// A colour that a log line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Color {
    /// An entry of the terminal's palette; 0 to 15 are the classic colours
    /// (8 to 15 the bright ones).
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// How a stretch of text wants to look. The default is the terminal's own.
///
/// Blinking is not kept, and neither is concealing: text must not hide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SgrStyle {
    /// Colour of the letters.
    pub fg: Option<Color>,
    /// Colour behind them.
    pub bg: Option<Color>,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined in any way.
    pub underline: bool,
    /// Struck through.
    pub strike: bool,
    /// Letters and background swapped.
    pub reverse: bool,
}

/// Sequences longer than this are shown instead of obeyed, so that they can't
/// serve to hide text. A terminal takes 16 to 32 parameters.
const LONGEST: usize = 160;

/// Colours whose channels all differ by less than this look the same.
const TOO_CLOSE: u8 = 24;

/// The length of the parameters and the final `m` of a Select Graphic
/// Rendition sequence, given what follows its introducer (`ESC [` or U+009B).
pub(super) fn length(after: &str) -> Option<usize> {
    let head = after.as_bytes();
    let head = head.get(..LONGEST).unwrap_or(head);
    let end = head.iter().position(|b| !matches!(b, b'0'..=b'9' | b';' | b':'))?;
    (head.get(end) == Some(&b'm')).then_some(end + 1)
}

impl SgrStyle {
    /// The style after a sequence with these parameters (no introducer, no `m`).
    pub(super) fn after(mut self, parameters: &str) -> Self {
        let mut fields = parameters.split(';');
        while let Some(field) = fields.next() {
            let mut subs = field.split(':');
            let code = number(subs.next());
            let sub = subs.next();
            match code {
                Some(0) => self = Self::default(),
                Some(1) => self.bold = true,
                Some(2) => self.dim = true,
                Some(3) => self.italic = true,
                Some(4) => self.underline = sub != Some("0"),
                Some(7) => self.reverse = true,
                Some(9) => self.strike = true,
                Some(21) => self.underline = true,
                Some(22) => (self.bold, self.dim) = (false, false),
                Some(23) => self.italic = false,
                Some(24) => self.underline = false,
                Some(27) => self.reverse = false,
                Some(29) => self.strike = false,
                Some(n @ 30..=37) => self.fg = Some(Color::Indexed(n as u8 - 30)),
                Some(39) => self.fg = None,
                Some(n @ 40..=47) => self.bg = Some(Color::Indexed(n as u8 - 40)),
                Some(49) => self.bg = None,
                Some(n @ 90..=97) => self.fg = Some(Color::Indexed(n as u8 - 82)),
                Some(n @ 100..=107) => self.bg = Some(Color::Indexed(n as u8 - 92)),
                // 58 is the colour of the underline: read over, not used.
                Some(n @ (38 | 48 | 58)) => {
                    let color = match sub {
                        Some(_) => colon_color(field),
                        None => semicolon_color(&mut fields),
                    };
                    match (n, color) {
                        (38, Some(_)) => self.fg = color,
                        (48, Some(_)) => self.bg = color,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        self
    }

    /// The style without colours that would hide the text.
    pub(super) fn visible(mut self) -> Self {
        if let (Some(fg), Some(bg)) = (self.fg, self.bg)
            && fg.looks_like(bg)
        {
            (self.fg, self.bg) = (None, None);
        }
        self
    }
}

impl Color {
    fn looks_like(self, other: Self) -> bool {
        let (a, b) = (self.rgb(), other.rgb());
        self == other || (0..3).all(|i| a[i].abs_diff(b[i]) < TOO_CLOSE)
    }

    /// Red, green and blue as xterm shows it; a palette may differ.
    pub fn rgb(self) -> [u8; 3] {
        const CLASSIC: [[u8; 3]; 16] = [
            [0, 0, 0],
            [205, 0, 0],
            [0, 205, 0],
            [205, 205, 0],
            [0, 0, 238],
            [205, 0, 205],
            [0, 205, 205],
            [229, 229, 229],
            [127, 127, 127],
            [255, 0, 0],
            [0, 255, 0],
            [255, 255, 0],
            [92, 92, 255],
            [255, 0, 255],
            [0, 255, 255],
            [255, 255, 255],
        ];
        let step = |n: u8| if n == 0 { 0 } else { 55 + n * 40 };
        match self {
            Self::Rgb(r, g, b) => [r, g, b],
            Self::Indexed(n) => match n {
                0..=15 => CLASSIC[n as usize],
                16..=231 => [step((n - 16) / 36), step((n - 16) / 6 % 6), step((n - 16) % 6)],
                232..=255 => [8 + (n - 232) * 10; 3],
            },
        }
    }
}

/// An absent number counts as 0, as terminals have it.
fn number(field: Option<&str>) -> Option<u16> {
    match field {
        Some("") => Some(0),
        Some(digits) => digits.parse().ok(),
        None => None,
    }
}

fn channel(field: Option<&str>) -> Option<u8> {
    number(field).and_then(|n| u8::try_from(n).ok())
}

fn semicolon_color<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Option<Color> {
    match number(fields.next())? {
        5 => channel(fields.next()).map(Color::Indexed),
        2 => {
            let (r, g, b) = (fields.next(), fields.next(), fields.next());
            Some(Color::Rgb(channel(r)?, channel(g)?, channel(b)?))
        }
        _ => None,
    }
}

/// `38:5:n`, `38:2:r:g:b`, or `38:2:<colour space>:r:g:b`.
fn colon_color(field: &str) -> Option<Color> {
    let mut subs = [None; 6];
    for (slot, sub) in subs.iter_mut().zip(field.split(':')) {
        *slot = Some(sub);
    }
    match (number(subs[1])?, subs[5]) {
        (5, _) => channel(subs[2]).map(Color::Indexed),
        (2, None) => Some(Color::Rgb(channel(subs[2])?, channel(subs[3])?, channel(subs[4])?)),
        (2, b) => Some(Color::Rgb(channel(subs[3])?, channel(subs[4])?, channel(b)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(parameters: &str) -> SgrStyle {
        SgrStyle::default().after(parameters)
    }

    #[test]
    fn both_spellings_of_long_colours_are_read() {
        let orange = Some(Color::Rgb(255, 128, 0));
        assert_eq!(style("38;2;255;128;0").fg, orange);
        assert_eq!(style("38:2:255:128:0").fg, orange);
        assert_eq!(style("38:2::255:128:0").fg, orange);
        assert_eq!(style("48;5;208").bg, Some(Color::Indexed(208)));
        assert_eq!(style("48:5:208").bg, Some(Color::Indexed(208)));
        let both = style("38;5;1;48;2;1;2;3;4");
        assert_eq!(both.fg, Some(Color::Indexed(1)));
        assert_eq!(both.bg, Some(Color::Rgb(1, 2, 3)));
        assert!(both.underline);
        assert_eq!(style("58;5;9;1"), SgrStyle { bold: true, ..SgrStyle::default() });
    }

    #[test]
    fn attributes_are_switched_on_and_off() {
        let on = style("1;2;3;4;7;9;95;103");
        assert!(on.bold && on.dim && on.italic && on.underline && on.reverse && on.strike);
        assert_eq!((on.fg, on.bg), (Some(Color::Indexed(13)), Some(Color::Indexed(11))));
        assert_eq!(on.after("22;23;24;27;29;39;49"), SgrStyle::default());
        assert_eq!(on.after(""), SgrStyle::default());
        assert!(!style("4:3").after("4:0").underline);
    }

    #[test]
    fn malformed_parameters_change_nothing() {
        for parameters in ["38", "38;5", "38;2;1;2", "38;5;256", "38:5", "99999999", "38;9;1"] {
            assert_eq!(style(parameters).fg, None, "{parameters}");
        }
    }

    #[test]
    fn colours_too_close_to_be_told_apart_are_dropped() {
        for parameters in ["31;41", "38;5;16;40", "38;2;1;1;1;48;2;0;0;0", "97;48;2;255;255;250"] {
            assert_eq!(style(parameters).visible(), SgrStyle::default(), "{parameters}");
        }
        assert_eq!(style("31;40").visible(), style("31;40"));
        assert_eq!(style("8"), SgrStyle::default());
    }

    #[test]
    fn only_whole_short_sequences_count() {
        assert_eq!(length("1;31mtext"), Some(5));
        assert_eq!(length("m"), Some(1));
        assert_eq!(length("1;31"), None);
        assert_eq!(length("?25h"), None);
        assert_eq!(length("2J"), None);
        assert_eq!(length(&format!("{}m", "1;".repeat(200))), None);
    }
}
