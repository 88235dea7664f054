//! Colours as numbers: parsing, contrast, and the nearest colour a terminal has.

use ratatui::style::Color;

/// How many colours the terminal is trusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: bold, underline and reverse carry the picture.
    None,
    /// The terminal's own sixteen.
    Ansi,
    /// The fixed 256.
    Indexed,
    /// 24 bits.
    True,
}

/// The user's wish about colour (`--color`, the `color` key).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// As the environment says.
    #[default]
    Auto,
    /// Colour whatever the environment says.
    Always,
    /// No colour.
    Never,
}

impl Depth {
    /// The depth by a wish and the environment: the wish first, then
    /// `NO_COLOR` (<https://no-color.org>: any non-empty value), then
    /// `CLICOLOR_FORCE`, then what `COLORTERM` and `TERM` promise.
    pub fn detect(choice: ColorChoice, env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let promised = match set("COLORTERM").as_deref() {
            Some("truecolor" | "24bit") => Self::True,
            _ if term.ends_with("-direct") || is_true(&term) => Self::True,
            _ if term.contains("256color") => Self::Indexed,
            _ if term.is_empty() || term == "dumb" || term.ends_with("-mono") => Self::None,
            // The terminals of DEC up to the vt420 had none.
            _ if matches!(term.get(..3), Some("vt1" | "vt2" | "vt3" | "vt4")) => Self::None,
            _ => Self::Ansi,
        };
        let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        match choice {
            ColorChoice::Never => Self::None,
            ColorChoice::Always => promised.max(Self::Ansi),
            ColorChoice::Auto if set("NO_COLOR").is_some() => Self::None,
            ColorChoice::Auto if forced => promised.max(Self::Ansi),
            ColorChoice::Auto => promised,
        }
    }

    /// The colour as this depth can show it; `None` where it can't.
    pub fn show(self, color: Color) -> Option<Color> {
        match (self, color) {
            (_, Color::Reset) => Some(Color::Reset),
            (Self::None, _) => None,
            (Self::True, color) => Some(color),
            (Self::Indexed, Color::Rgb(r, g, b)) => Some(Color::Indexed(nearest_256((r, g, b)))),
            (Self::Ansi, Color::Rgb(r, g, b)) => Some(ansi(nearest(ANSI, (r, g, b)))),
            (Self::Ansi, Color::Indexed(i)) if i >= 16 => Some(ansi(nearest(ANSI, indexed_rgb(i)))),
            (_, color) => Some(color),
        }
    }
}

/// Whether a terminal is one that has all colours, by its name: `COLORTERM` stays
/// behind where one logs in from it elsewhere.
fn is_true(term: &str) -> bool {
    let known = ["alacritty", "foot", "wezterm", "xterm-ghostty", "xterm-kitty"];
    known.contains(&term)
}

/// A colour's red, green and blue.
pub type Rgb = (u8, u8, u8);

/// `#rrggbb`.
pub fn parse_hex(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
    let part = |range| u8::from_str_radix(digits.get(range)?, 16).ok();
    Some((part(0..2)?, part(2..4)?, part(4..6)?))
}

/// The WCAG 2 contrast ratio of two colours, from 1 to 21.
pub fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance((r, g, b): Rgb) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// The sixteen as xterm has them; only the distance between them matters.
const ANSI: &[Rgb] = &[
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// The red, green and blue of one of the 256.
pub fn indexed_rgb(index: u8) -> Rgb {
    match index {
        0..=15 => ANSI.get(usize::from(index)).copied().unwrap_or_default(),
        16..=231 => {
            let i = index - 16;
            (level(i / 36), level(i / 6 % 6), level(i % 6))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

/// What a terminal shows a colour as, by xterm's palette; `None` for its own.
pub(super) fn shown_rgb(color: Color) -> Option<Rgb> {
    let index = match color {
        Color::Rgb(r, g, b) => return Some((r, g, b)),
        Color::Indexed(index) => index,
        Color::Reset => return None,
        named => (0..16).find(|index| ansi(*index) == named)?,
    };
    Some(indexed_rgb(index))
}

/// Whether letters of one colour can't be read on the other: all channels
/// differ by little, or what differs is hardly seen (a dark blue on black).
pub(super) fn look_alike(a: Rgb, b: Rgb) -> bool {
    const TOO_CLOSE: u8 = 24;
    const TOO_FAINT: f64 = 1.3;
    [(a.0, b.0), (a.1, b.1), (a.2, b.2)].iter().all(|(a, b)| a.abs_diff(*b) < TOO_CLOSE)
        || contrast(a, b) < TOO_FAINT
}

/// What terminals show dim letters on a ground as: two thirds of them.
pub(super) fn dimmed(letters: Rgb, ground: Rgb) -> Rgb {
    let part = |a: u8, b: u8| ((2 * u16::from(a) + u16::from(b)) / 3) as u8;
    (part(letters.0, ground.0), part(letters.1, ground.1), part(letters.2, ground.2))
}

fn far(a: Rgb, b: Rgb) -> u32 {
    let d = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    2 * d(a.0, b.0) + 4 * d(a.1, b.1) + 3 * d(a.2, b.2)
}

fn nearest(among: &[Rgb], color: Rgb) -> u8 {
    let best = among.iter().enumerate().min_by_key(|(_, c)| far(**c, color));
    best.and_then(|(i, _)| u8::try_from(i).ok()).unwrap_or(7)
}

/// The nearest of the 240 whose colours no terminal changes: that of the cube,
/// found level by level, or a grey. To try them all for every role of a theme
/// takes longer than the first picture.
fn nearest_256(color: Rgb) -> u8 {
    let level = |c: u8| (0..6u8).min_by_key(|&n| level(n).abs_diff(c)).unwrap_or(0);
    let cube = 16 + 36 * level(color.0) + 6 * level(color.1) + level(color.2);
    let rest = std::iter::once(cube).chain(232..=255);
    rest.min_by_key(|&i| far(indexed_rgb(i), color)).unwrap_or(cube)
}

/// The value of a level of the colour cube.
fn level(n: u8) -> u8 {
    if n == 0 { 0 } else { 55 + 40 * n }
}

fn ansi(index: u8) -> Color {
    match index {
        0 => Color::Black,
        1 => Color::Red,
        2 => Color::Green,
        3 => Color::Yellow,
        4 => Color::Blue,
        5 => Color::Magenta,
        6 => Color::Cyan,
        7 => Color::Gray,
        8 => Color::DarkGray,
        9 => Color::LightRed,
        10 => Color::LightGreen,
        11 => Color::LightYellow,
        12 => Color::LightBlue,
        13 => Color::LightMagenta,
        14 => Color::LightCyan,
        _ => Color::White,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(choice: ColorChoice, env: &[(&str, &str)]) -> Depth {
        Depth::detect(choice, |name| {
            env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn the_environment_decides_how_many_colours() {
        use ColorChoice::*;
        assert_eq!(depth(Auto, &[("TERM", "xterm-256color")]), Depth::Indexed);
        assert_eq!(depth(Auto, &[("TERM", "xterm"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth(Auto, &[("TERM", "linux")]), Depth::Ansi);
        assert_eq!(depth(Auto, &[("TERM", "xterm-kitty")]), Depth::True);
        assert_eq!(depth(Auto, &[("TERM", "xterm-kitty"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(depth(Auto, &[("TERM", "dumb")]), Depth::None);
        assert_eq!(depth(Auto, &[("TERM", "vt100")]), Depth::None);
        assert_eq!(depth(Auto, &[("TERM", "vt220"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth(Auto, &[]), Depth::None);
        let no_color = [("TERM", "xterm-256color"), ("NO_COLOR", "1")];
        assert_eq!(depth(Auto, &no_color), Depth::None);
        assert_eq!(depth(Always, &no_color), Depth::Indexed);
        assert_eq!(depth(Auto, &[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Indexed);
        assert_eq!(depth(Auto, &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")]), Depth::Ansi);
        assert_eq!(depth(Auto, &[("TERM", "dumb"), ("CLICOLOR_FORCE", "0")]), Depth::None);
        assert_eq!(depth(Never, &[("COLORTERM", "truecolor")]), Depth::None);
    }

    #[test]
    fn colours_fall_to_the_nearest_there_is() {
        let red = Color::Rgb(250, 10, 10);
        assert_eq!(Depth::True.show(red), Some(red));
        assert_eq!(Depth::Indexed.show(red), Some(Color::Indexed(196)));
        assert_eq!(Depth::Ansi.show(red), Some(Color::LightRed));
        assert_eq!(Depth::None.show(red), None);
        assert_eq!(Depth::Ansi.show(Color::Indexed(46)), Some(Color::LightGreen));
        assert_eq!(Depth::None.show(Color::Reset), Some(Color::Reset));
    }

    #[test]
    fn no_other_colour_is_nearer() {
        let some = || (0..=255).step_by(15);
        for (r, g, b) in
            some().flat_map(|r| some().flat_map(move |g| some().map(move |b| (r, g, b))))
        {
            let nearest = (16..=255).min_by_key(|&i| far(indexed_rgb(i), (r, g, b)));
            assert_eq!(Some(nearest_256((r, g, b))), nearest, "{r} {g} {b}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast((0, 0, 0), (255, 255, 255)) - 21.0).abs() < 1e-9);
        assert!((contrast((119, 119, 119), (255, 255, 255)) - 4.48).abs() < 0.01);
        assert_eq!(parse_hex("#0a0B0c"), Some((10, 11, 12)));
        for bad in ["0a0b0c", "#0a0b0", "#gggggg", "#ééé"] {
            assert_eq!(parse_hex(bad), None, "{bad}");
        }
    }
}
