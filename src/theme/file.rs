//! The format of a theme file.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier};
use serde::Deserialize;

use super::color::{Depth, Rgb, indexed_rgb, parse_hex};
use super::{Background, Role, SHIPPED};

/// A theme that can't be used, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("theme {name}: {}", problems.join("; "))]
pub struct BadTheme {
    /// The theme's name.
    pub name: String,
    /// The 1-based line of its file that is no theme's, where there is one.
    pub line: Option<usize>,
    /// One sentence each.
    pub problems: Vec<String>,
}

/// One colour of a palette.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    rgb: Rgb,
    /// What stands for it among a terminal's own sixteen.
    ansi: Color,
}

impl Paint {
    /// The colour as a terminal of that depth shows it.
    pub fn at(self, depth: Depth) -> Option<Color> {
        let (r, g, b) = self.rgb;
        match depth {
            Depth::Ansi => Some(self.ansi),
            depth => depth.show(Color::Rgb(r, g, b)),
        }
    }

    /// Its red, green and blue at that depth (exact down to 256 colours).
    pub fn rgb_at(self, depth: Depth) -> Rgb {
        match self.at(depth) {
            Some(Color::Indexed(i)) => indexed_rgb(i),
            _ => self.rgb,
        }
    }
}

/// How a role looks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// The colour of the text; the terminal's own when absent.
    pub fg: Option<Paint>,
    /// The colour behind it; the terminal's own when absent.
    pub bg: Option<Paint>,
    /// Bold, underlined and the like.
    pub modifiers: Modifier,
}

/// A palette and the roles painted with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    name: String,
    background: Background,
    grounds: Vec<Rgb>,
    looks: Vec<Look>,
}

impl Default for Theme {
    fn default() -> Self {
        SHIPPED.first().and_then(|(name, text)| Self::whole(name, text).ok()).unwrap_or_else(|| {
            Self {
                name: "bare".into(),
                background: Background::Dark,
                grounds: Vec::new(),
                looks: vec![Look::default(); Role::ALL.len()],
            }
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    background: String,
    #[serde(default)]
    grounds: Vec<String>,
    #[serde(default)]
    palette: BTreeMap<String, (String, String)>,
    #[serde(default)]
    roles: BTreeMap<String, String>,
}

impl Document {
    fn read(name: &str, text: &str) -> Result<Self, BadTheme> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            BadTheme {
                name: name.to_owned(),
                line: before.map(|before| before.matches('\n').count() + 1),
                problems: vec![error.message().trim_end().to_owned()],
            }
        })
    }

    /// Adds the grounds, colours and roles of another that this one doesn't give.
    fn fill_from(&mut self, base: Self) {
        if self.grounds.is_empty() {
            self.grounds = base.grounds;
        }
        for (key, colour) in base.palette {
            self.palette.entry(key).or_insert(colour);
        }
        for (role, look) in base.roles {
            self.roles.entry(role).or_insert(look);
        }
    }
}

impl Theme {
    /// Reads a user's theme file. Colours and roles that it doesn't give are
    /// those of the shipped theme for its background, so that a theme can be
    /// one changed colour, and stays whole when roles are added.
    ///
    /// # Errors
    /// With all that is wrong with it at once.
    pub fn parse(name: &str, text: &str) -> Result<Self, BadTheme> {
        let mut document = Document::read(name, text)?;
        let base = if document.background == "light" { "light" } else { "dark" };
        if let Some((base, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == base) {
            document.fill_from(Document::read(base, text)?);
        }
        Self::build(name, &document)
    }

    /// Reads a theme file that gives every role itself, as the shipped ones
    /// do.
    ///
    /// # Errors
    /// With all that is wrong with it at once, a role that is missing too.
    pub fn whole(name: &str, text: &str) -> Result<Self, BadTheme> {
        Self::build(name, &Document::read(name, text)?)
    }

    fn build(name: &str, document: &Document) -> Result<Self, BadTheme> {
        let mut problems = Vec::new();
        let background = match document.background.as_str() {
            "dark" => Background::Dark,
            "light" => Background::Light,
            other => {
                problems.push(format!("background {other:?} is neither \"dark\" nor \"light\""));
                Background::Dark
            }
        };
        let mut grounds = Vec::new();
        for ground in &document.grounds {
            match parse_hex(ground) {
                Some(rgb) => grounds.push(rgb),
                None => problems.push(format!("ground {ground:?} is not #rrggbb")),
            }
        }
        let mut palette = BTreeMap::new();
        for (key, (hex, ansi)) in &document.palette {
            match (parse_hex(hex), ansi_name(ansi)) {
                (Some(rgb), Some(ansi)) => {
                    palette.insert(key.as_str(), Paint { rgb, ansi });
                }
                (None, _) => problems.push(format!("colour {key}: {hex:?} is not #rrggbb")),
                (_, None) => problems.push(format!(
                    "colour {key}: {ansi:?} is none of {} or a light- one of them",
                    ANSI_NAMES.map(|(n, _, _)| n).join(", ")
                )),
            }
        }
        let mut looks = vec![Look::default(); Role::ALL.len()];
        for (role, slot) in Role::ALL.iter().zip(&mut looks) {
            match document.roles.get(role.name()) {
                Some(words) => match look(words, &palette) {
                    Ok(look) => *slot = look,
                    Err(why) => problems.push(format!("role {}: {why}", role.name())),
                },
                None => problems.push(format!("role {} is missing", role.name())),
            }
        }
        for key in document.roles.keys() {
            if Role::ALL.iter().all(|role| role.name() != key) {
                problems.push(format!("there is no role {key:?}"));
            }
        }
        if problems.is_empty() {
            Ok(Self { name: name.to_owned(), background, grounds, looks })
        } else {
            Err(BadTheme { name: name.to_owned(), line: None, problems })
        }
    }

    /// The theme's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind of background it is made for.
    pub fn background(&self) -> Background {
        self.background
    }

    /// Backgrounds its text is legible on.
    pub fn grounds(&self) -> &[Rgb] {
        &self.grounds
    }

    /// How a role looks.
    pub fn look(&self, role: Role) -> Look {
        self.looks.get(role as usize).copied().unwrap_or_default()
    }
}

/// `red on grey bold`: a colour, a colour behind it, and attributes, each
/// optional; `default` is the terminal's own.
fn look(words: &str, palette: &BTreeMap<&str, Paint>) -> Result<Look, String> {
    let mut look = Look::default();
    let mut behind = false;
    for word in words.split_whitespace() {
        match word {
            "on" => behind = true,
            "default" => behind = false,
            "bold" => look.modifiers |= Modifier::BOLD,
            "italic" => look.modifiers |= Modifier::ITALIC,
            "underline" => look.modifiers |= Modifier::UNDERLINED,
            "reverse" => look.modifiers |= Modifier::REVERSED,
            "dim" => look.modifiers |= Modifier::DIM,
            name => match palette.get(name) {
                Some(paint) if behind => {
                    look.bg = Some(*paint);
                    behind = false;
                }
                Some(paint) => look.fg = Some(*paint),
                None => return Err(format!("{name:?} is neither in the palette nor an attribute")),
            },
        }
    }
    Ok(look)
}

const ANSI_NAMES: [(&str, Color, Color); 8] = [
    ("black", Color::Black, Color::DarkGray),
    ("red", Color::Red, Color::LightRed),
    ("green", Color::Green, Color::LightGreen),
    ("yellow", Color::Yellow, Color::LightYellow),
    ("blue", Color::Blue, Color::LightBlue),
    ("magenta", Color::Magenta, Color::LightMagenta),
    ("cyan", Color::Cyan, Color::LightCyan),
    ("white", Color::Gray, Color::White),
];

fn ansi_name(name: &str) -> Option<Color> {
    if name == "default" {
        return Some(Color::Reset);
    }
    let (plain, light) = match name.strip_prefix("light-") {
        Some(rest) => (rest, true),
        None => (name, false),
    };
    let (_, normal, bright) = ANSI_NAMES.iter().find(|(n, _, _)| *n == plain)?;
    Some(if light { *bright } else { *normal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_with_a_theme_is_said_at_once() {
        let bad = Theme::whole(
            "mine",
            "background = \"blue\"\ngrounds = [\"#12\"]\n[palette]\nred = [\"#ff\", \"red\"]\n\
             sky = [\"#0000ff\", \"azure\"]\n[roles]\ntext = \"pink\"\nmarquee = \"bold\"\n",
        )
        .unwrap_err();
        let said = bad.to_string();
        for part in [
            "\"blue\"",
            "\"#12\"",
            "red",
            "\"azure\"",
            "\"pink\"",
            "role dim is missing",
            "\"marquee\"",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    #[test]
    fn what_a_theme_leaves_out_is_that_of_the_shipped_one_for_its_background() {
        let mine = "background = \"light\"\n[palette]\nred = [\"#aa0000\", \"red\"]\n\
                    [roles]\ncursor = \"red underline\"\n";
        let mine = Theme::parse("mine", mine).unwrap();
        let light = super::super::shipped("light").unwrap();
        let red = Paint { rgb: (0xaa, 0, 0), ansi: Color::Red };
        assert_eq!(mine.look(Role::Failure).fg, Some(red), "its colour is used by other roles");
        assert_eq!(mine.look(Role::Cursor).modifiers, Modifier::UNDERLINED);
        assert_eq!(mine.look(Role::Mark), light.look(Role::Mark));
        assert_eq!(mine.background(), Background::Light);
        assert_eq!(mine.grounds(), light.grounds());

        let bad = Theme::parse("mine", "background = \"dark\"\n[roles]\ntext = \"pink\"\n");
        assert!(bad.unwrap_err().to_string().contains("role text: \"pink\" is neither"));
    }

    #[test]
    fn a_look_is_written_in_words() {
        let red = Paint { rgb: (255, 0, 0), ansi: Color::Red };
        let grey = Paint { rgb: (9, 9, 9), ansi: Color::Black };
        let palette = BTreeMap::from([("red", red), ("grey", grey)]);
        let both = look("red on grey bold", &palette).unwrap();
        assert_eq!(both, Look { fg: Some(red), bg: Some(grey), modifiers: Modifier::BOLD });
        assert_eq!(look("default underline", &palette).unwrap().fg, None);
        assert!(look("on mauve", &palette).is_err());
    }

    #[test]
    fn sixteen_colours_are_the_theme_writers_choice() {
        let paint = Paint { rgb: (255, 0, 0), ansi: Color::LightRed };
        assert_eq!(paint.at(Depth::Ansi), Some(Color::LightRed));
        assert_eq!(paint.at(Depth::True), Some(Color::Rgb(255, 0, 0)));
        assert_eq!(paint.at(Depth::None), None);
    }
}
