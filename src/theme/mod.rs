//! Colours by meaning.
//!
//! A theme is a TOML file with a palette (a few named colours) and roles (what
//! is shown, in palette names and attributes). The shipped ones are in
//! `assets/themes`; `dark.toml` is the template and documents the format. The
//! rest of the program asks for a [`Role`] and never names a colour.

mod color;
mod file;

use ratatui::style::{Modifier, Style};

pub use color::{ColorChoice, Depth, Rgb, contrast, indexed_rgb, parse_hex};
pub use file::{BadTheme, Theme};

macro_rules! roles {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal;)+) => {
        /// What a piece of the screen means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Role {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in a theme file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

roles! {
    /// Plain log text.
    Text "text";
    /// What matters less: transfer progress, blank-ish lines, units.
    Dim "dim";
    /// Line numbers.
    Number "number";
    /// The line number of the cursor's line.
    Cursor "cursor";
    /// A line that opens a step.
    Step "step";
    /// A line that opens or closes a phase.
    Phase "phase";
    /// A command that was run.
    Command "command";
    /// A step that is done or cached.
    Done "done";
    /// A line that states a failure.
    Failure "failure";
    /// A line that warns.
    Warning "warning";
    /// A place where lines are missing.
    Gap "gap";
    /// Lines that are selected.
    Selection "selection";
    /// A search match.
    Match "match";
    /// The match the cursor is on.
    MatchCurrent "match-current";
    /// The first pinned word.
    Pin1 "pin-1";
    /// The second one.
    Pin2 "pin-2";
    /// The third one.
    Pin3 "pin-3";
    /// The fourth one.
    Pin4 "pin-4";
    /// The fifth one.
    Pin5 "pin-5";
    /// The sixth one; then they begin again.
    Pin6 "pin-6";
    /// The sign of a marked line.
    Mark "mark";
    /// Text of the bars.
    Bar "bar";
    /// Lesser text of the bars.
    BarDim "bar-dim";
    /// A status in the bars: waiting.
    BarWaiting "bar-waiting";
    /// A status in the bars: running.
    BarRunning "bar-running";
    /// A status in the bars: success.
    BarSuccess "bar-success";
    /// A status in the bars: failure.
    BarFailure "bar-failure";
    /// A trouble in the bars: retrying, stopped.
    BarTrouble "bar-trouble";
    /// The line that names the cause or the result of a failed build.
    Cause "cause";
    /// The result of a successful build.
    Result "result";
    /// Text typed into a prompt.
    Prompt "prompt";
    /// What is wrong with it.
    PromptError "prompt-error";
    /// A key in hints and help.
    Key "key";
    /// What the key does.
    Hint "hint";
    /// Headings of help and of empty screens.
    Title "title";
    /// Frames.
    Frame "frame";
}

/// Which kind of terminal background a theme is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground.
    Light,
}

impl Background {
    /// The background as `COLORFGBG` tells it (`15;0`: the last number is the
    /// background, of the sixteen; 7 and 9 to 15 are light). `None` when it
    /// doesn't tell.
    pub fn from_colorfgbg(value: &str) -> Option<Self> {
        match value.rsplit(';').next()?.trim().parse::<u8>().ok()? {
            7 | 9..=15 => Some(Self::Light),
            0..=6 | 8 => Some(Self::Dark),
            _ => None,
        }
    }

    /// What a background of that colour is: light where black stands out from
    /// it more than white does.
    pub fn of(color: Rgb) -> Self {
        let (black, white) = (contrast(color, (0, 0, 0)), contrast(color, (255, 255, 255)));
        if black > white { Self::Light } else { Self::Dark }
    }

    /// The shipped theme that is made for it.
    pub fn theme(self) -> Theme {
        let name = match self {
            Self::Light => "light",
            Self::Dark => "dark",
        };
        shipped(name).unwrap_or_default()
    }
}

/// The names of the shipped themes, the default first.
pub const SHIPPED: &[(&str, &str)] = &[
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("plain", include_str!("../../assets/themes/plain.toml")),
];

/// The shipped theme of that name.
pub fn shipped(name: &str) -> Option<Theme> {
    let (name, text) = SHIPPED.iter().find(|(n, _)| *n == name)?;
    Theme::whole(name, text).ok()
}

/// The theme for a terminal about which only the environment is known: the
/// one made for its background, dark when nothing tells.
pub fn automatic(env: impl Fn(&str) -> Option<String>) -> Theme {
    let background = env("COLORFGBG").and_then(|v| Background::from_colorfgbg(&v));
    background.unwrap_or(Background::Dark).theme()
}

/// Whether a terminal of that name can be asked for its background (OSC 11):
/// one that doesn't know the question would print it, or takes it for another.
pub fn is_askable(env: impl Fn(&str) -> Option<String>) -> bool {
    let term = env("TERM").unwrap_or_default();
    // tmux answers for the terminal it is in, also under the name of screen.
    let screen = term.starts_with("screen") && env("TMUX").is_none();
    let plain = ["linux", "dumb", "vt", "ansi", "cons", "eterm", "emacs", "sun", "wyse"];
    !term.is_empty() && !screen && !plain.iter().any(|name| term.starts_with(name))
}

/// A theme's styles at one colour depth, ready for drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Styles {
    depth: Depth,
    roles: Vec<Style>,
    /// What may be behind letters that ask for nothing, and what colour they
    /// may have themselves.
    grounds: Vec<Rgb>,
    letters: Vec<Rgb>,
}

impl Styles {
    /// The styles of a theme as a terminal of that depth can show them.
    ///
    /// Without colours a role that has a background of its own is reversed,
    /// so that bars and matches still stand out.
    pub fn new(theme: &Theme, depth: Depth) -> Self {
        let roles = Role::ALL
            .iter()
            .map(|&role| {
                let look = theme.look(role);
                let mut style = Style::new().add_modifier(look.modifiers);
                if let Some(paint) = look.fg {
                    style.fg = paint.at(depth);
                }
                if let Some(paint) = look.bg {
                    style.bg = paint.at(depth);
                    if depth == Depth::None {
                        style = style.add_modifier(Modifier::REVERSED);
                    }
                }
                style
            })
            .collect();
        let grounds = theme.grounds().to_vec();
        // A theme may be made for both kinds.
        let kinds: Vec<_> = grounds.iter().map(|ground| Background::of(*ground)).collect();
        let mut letters = Vec::new();
        if kinds.contains(&Background::Dark) {
            letters.extend([(255, 255, 255), (215, 215, 215)]);
        }
        if kinds.contains(&Background::Light) {
            letters.push((0, 0, 0));
        }
        Self { depth, roles, grounds, letters }
    }

    /// Whether letters of that style may not stand out from what is behind
    /// them, by the colours that are known and those a terminal is likely to
    /// have.
    pub fn hides(&self, style: Style) -> bool {
        let dim = style.add_modifier.contains(Modifier::DIM);
        let sinks = |letters: Rgb, ground: Rgb| {
            let letters = if dim { color::dimmed(letters, ground) } else { letters };
            color::look_alike(letters, ground)
        };
        match (style.fg.and_then(color::shown_rgb), style.bg.and_then(color::shown_rgb)) {
            (Some(fg), Some(bg)) => sinks(fg, bg),
            (Some(fg), None) => self.grounds.iter().any(|ground| sinks(fg, *ground)),
            (None, Some(bg)) => self.letters.iter().any(|letters| sinks(*letters, bg)),
            (None, None) => false,
        }
    }

    /// The style of a role.
    pub fn get(&self, role: Role) -> Style {
        self.roles.get(role as usize).copied().unwrap_or_default()
    }

    /// The depth the styles are made for.
    pub fn depth(&self) -> Depth {
        self.depth
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    #[test]
    fn the_background_is_read_from_colorfgbg() {
        assert_eq!(Background::from_colorfgbg("15;0"), Some(Background::Dark));
        assert_eq!(Background::from_colorfgbg("0;default;15"), Some(Background::Light));
        assert_eq!(Background::from_colorfgbg("0;7"), Some(Background::Light));
        assert_eq!(Background::from_colorfgbg("0;8"), Some(Background::Dark));
        assert_eq!(Background::from_colorfgbg("0;default"), None);
        assert_eq!(Background::from_colorfgbg(""), None);
        assert_eq!(automatic(|_| Some("0;15".into())).name(), "light");
        assert_eq!(automatic(|_| None).name(), "dark");
        assert_eq!(Background::of((0xfd, 0xf6, 0xe3)), Background::Light);
        assert_eq!(Background::of((0x28, 0x2c, 0x34)), Background::Dark);
    }

    #[test]
    fn only_terminals_that_may_know_are_asked() {
        let asks = |term: &str, tmux: bool| {
            is_askable(|name| match name {
                "TERM" => Some(term.to_owned()),
                "TMUX" if tmux => Some("/tmp/tmux,1,0".to_owned()),
                _ => None,
            })
        };
        for term in ["xterm-256color", "tmux-256color", "xterm-kitty", "alacritty", "foot"] {
            assert!(asks(term, false), "{term}");
        }
        for term in ["", "dumb", "linux", "screen", "screen-256color", "vt100", "eterm-color"] {
            assert!(!asks(term, false), "{term}");
        }
        assert!(asks("screen-256color", true));
    }

    #[test]
    fn shipped_themes_are_whole_and_legible() {
        for (name, text) in SHIPPED {
            let theme = Theme::whole(name, text).unwrap();
            for depth in [Depth::Indexed, Depth::True] {
                for &role in Role::ALL {
                    let look = theme.look(role);
                    let Some(fg) = look.fg.map(|p| p.rgb_at(depth)) else { continue };
                    let grounds = match look.bg {
                        Some(bg) => vec![bg.rgb_at(depth)],
                        None => theme.grounds().to_vec(),
                    };
                    for ground in grounds {
                        let ratio = contrast(fg, ground);
                        assert!(
                            role == Role::Frame || ratio >= 4.5,
                            "{name}: {} has {ratio:.2} on {ground:?} at {depth:?}",
                            role.name()
                        );
                    }
                }
            }
        }
    }

    /// As xterm has them; what the sixteen are is up to the terminal.
    #[test]
    fn sixteen_colours_can_be_read_too() {
        for (name, text) in SHIPPED {
            let theme = Theme::whole(name, text).unwrap();
            let shown = |paint: Option<file::Paint>| color::shown_rgb(paint?.at(Depth::Ansi)?);
            for &role in Role::ALL {
                let look = theme.look(role);
                let Some(fg) = shown(look.fg) else { continue };
                let ground = match (shown(look.bg), theme.background()) {
                    (Some(bg), _) => bg,
                    (None, Background::Dark) => (0, 0, 0),
                    (None, Background::Light) => (255, 255, 255),
                };
                let ratio = contrast(fg, ground);
                assert!(ratio >= 4.0, "{name}: {} has {ratio:.2} on {ground:?}", role.name());
            }
        }
    }

    /// Of a terminal's own sixteen colours, only those on a ground of ours are
    /// known to differ from it.
    #[test]
    fn nothing_on_a_ground_of_ours_is_in_the_terminals_own_colour() {
        for (name, text) in SHIPPED {
            let theme = Theme::whole(name, text).unwrap();
            for &role in Role::ALL {
                let look = theme.look(role);
                let [fg, bg] =
                    [look.fg, look.bg].map(|paint| paint.and_then(|p| p.at(Depth::Ansi)));
                let told_apart = fg.is_some_and(|fg| fg != Color::Reset && Some(fg) != bg);
                assert!(bg.is_none() || told_apart, "{name}: {}: {fg:?} on {bg:?}", role.name());
            }
        }
    }

    /// A theme that says nothing about grounds is used on some.
    #[test]
    fn no_theme_lets_text_hide() {
        let mine = Theme::parse("mine", "background = \"light\"\n").unwrap();
        for (theme, hidden) in [
            (shipped("plain").unwrap(), &[(Some(0), None), (Some(15), None), (None, Some(15))][..]),
            (shipped("plain").unwrap(), &[(None, Some(0)), (Some(7), Some(15))]),
            (mine, &[(Some(15), None), (None, Some(0))]),
        ] {
            let styles = Styles::new(&theme, Depth::True);
            for (fg, bg) in hidden {
                let color = |index: &Option<u8>| index.map(Color::Indexed);
                let style = Style { fg: color(fg), bg: color(bg), ..Style::new() };
                assert!(styles.hides(style), "{}: {style:?}", theme.name());
            }
            let red = Style::new().fg(Color::Indexed(1));
            assert!(!styles.hides(red), "{}", theme.name());
        }
    }

    #[test]
    fn plain_has_no_colour_and_neither_has_a_terminal_without() {
        let plain = shipped("plain").unwrap();
        for styles in
            [Styles::new(&plain, Depth::True), Styles::new(&Theme::default(), Depth::None)]
        {
            for &role in Role::ALL {
                let style = styles.get(role);
                assert_eq!((style.fg, style.bg), (None, None), "{}", role.name());
            }
            for role in [Role::Bar, Role::Match] {
                assert!(styles.get(role).add_modifier.contains(Modifier::REVERSED));
            }
            assert_ne!(styles.get(Role::Match), styles.get(Role::MatchCurrent));
        }
    }
}
