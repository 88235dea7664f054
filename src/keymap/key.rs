//! One key press, and how it is written in a configuration file.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, normalised so that two presses a person would
/// call the same are equal: Shift is part of the letter (`G`, not `shift-g`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// The named keys, in the spelling of help and configuration; a second name
/// for the same key is understood but not written.
const NAMES: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pgup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("pgdn", KeyCode::PageDown),
    ("minus", KeyCode::Char('-')),
];

impl Key {
    /// The key that takes back the last character.
    pub const BACKSPACE: Self = Self { code: KeyCode::Backspace, modifiers: KeyModifiers::NONE };

    /// The key that ends what is typed.
    pub const ENTER: Self = Self { code: KeyCode::Enter, modifiers: KeyModifiers::NONE };

    /// The key a terminal event stands for.
    pub fn from_event(event: &KeyEvent) -> Self {
        Self::new(event.code, event.modifiers)
    }

    fn new(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let mut modifiers =
            modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match code {
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::Char(c.to_ascii_lowercase())
            }
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::SHIFT) => {
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::Char(if c.is_ascii() { c.to_ascii_uppercase() } else { c })
            }
            KeyCode::BackTab => {
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::BackTab
            }
            code => code,
        };
        Self { code, modifiers }
    }

    /// The character the key types, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }
}

/// A text that names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no key; write a character (`G`), a name (`pagedown`, `space`, `f1`), \
     or either with a modifier (`ctrl-d`, `alt-x`)"
)]
pub struct NotAKey(pub String);

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let bad = || NotAKey(text.to_owned());
        let mut modifiers = KeyModifiers::empty();
        let mut rest = text;
        // A lone "-" is the key; "ctrl--" is Ctrl with it.
        while let Some((head, tail)) =
            rest.split_once('-').filter(|(h, t)| !h.is_empty() && !t.is_empty())
        {
            modifiers |= match head.to_ascii_lowercase().as_str() {
                "ctrl" | "control" | "c" => KeyModifiers::CONTROL,
                "alt" | "meta" | "a" => KeyModifiers::ALT,
                "shift" | "s" => KeyModifiers::SHIFT,
                _ => return Err(bad()),
            };
            rest = tail;
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() => KeyCode::Char(c),
            (Some(_), Some(_)) => {
                let name = rest.to_ascii_lowercase();
                match NAMES.iter().find(|(n, _)| *n == name) {
                    Some((_, code)) => *code,
                    None => name
                        .strip_prefix('f')
                        .and_then(|n| n.parse::<u8>().ok())
                        .filter(|n| (1..=24).contains(n))
                        .map(KeyCode::F)
                        .ok_or_else(bad)?,
                }
            }
            _ => return Err(bad()),
        };
        Ok(Self::new(code, modifiers))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (flag, name) in [
            (KeyModifiers::CONTROL, "ctrl-"),
            (KeyModifiers::ALT, "alt-"),
            (KeyModifiers::SHIFT, "shift-"),
        ] {
            if self.modifiers.contains(flag) {
                f.write_str(name)?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            if *name == "minus" {
                return f.write_str("-");
            }
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "f{n}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Key {
    /// The key as help shows it: arrows as signs, the rest as written.
    pub fn sign(self) -> String {
        if self.modifiers.is_empty() {
            match self.code {
                KeyCode::Up => return "↑".into(),
                KeyCode::Down => return "↓".into(),
                KeyCode::Left => return "←".into(),
                KeyCode::Right => return "→".into(),
                KeyCode::PageUp => return "PgUp".into(),
                KeyCode::PageDown => return "PgDn".into(),
                KeyCode::Home => return "Home".into(),
                KeyCode::End => return "End".into(),
                KeyCode::Esc => return "Esc".into(),
                KeyCode::Enter => return "Enter".into(),
                KeyCode::Tab => return "Tab".into(),
                KeyCode::Char(' ') => return "Space".into(),
                KeyCode::F(n) => return format!("F{n}"),
                _ => {}
            }
        }
        if self.code == KeyCode::BackTab {
            return "Shift-Tab".into();
        }
        let mut sign = String::new();
        for (modifier, name) in [
            (KeyModifiers::CONTROL, "Ctrl-"),
            (KeyModifiers::ALT, "Alt-"),
            (KeyModifiers::SHIFT, "Shift-"),
        ] {
            if self.modifiers.contains(modifier) {
                sign.push_str(name);
            }
        }
        let bare = Self { modifiers: KeyModifiers::NONE, ..self };
        match (bare.code, self.modifiers) {
            (_, KeyModifiers::NONE) => bare.to_string(),
            // As it is written on a keyboard.
            (KeyCode::Char(c), KeyModifiers::CONTROL) if c != ' ' => {
                sign + &c.to_uppercase().to_string()
            }
            _ => sign + &bare.sign(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Key {
        Key::from_event(&KeyEvent::new(code, modifiers))
    }

    #[test]
    fn what_is_written_is_what_is_pressed() {
        assert_eq!(key("G"), pressed(KeyCode::Char('G'), KeyModifiers::SHIFT));
        assert_eq!(key("G"), pressed(KeyCode::Char('g'), KeyModifiers::SHIFT));
        assert_eq!(key("shift-g"), key("G"));
        assert_eq!(key("ctrl-d"), pressed(KeyCode::Char('d'), KeyModifiers::CONTROL));
        assert_eq!(key("Ctrl-D"), pressed(KeyCode::Char('D'), KeyModifiers::CONTROL));
        assert_eq!(key("pagedown"), pressed(KeyCode::PageDown, KeyModifiers::NONE));
        assert_eq!(key("space"), pressed(KeyCode::Char(' '), KeyModifiers::NONE));
        assert_eq!(key("-"), pressed(KeyCode::Char('-'), KeyModifiers::NONE));
        assert_eq!(key("ctrl--"), pressed(KeyCode::Char('-'), KeyModifiers::CONTROL));
        assert_eq!(key("?"), pressed(KeyCode::Char('?'), KeyModifiers::SHIFT));
        assert_eq!(key("f12"), pressed(KeyCode::F(12), KeyModifiers::NONE));
    }

    #[test]
    fn what_is_shown_can_be_written() {
        for text in ["G", "ctrl-d", "pagedown", "space", "alt-x", "-", "f1", "shift-up", "é"] {
            assert_eq!(key(&key(text).to_string()), key(text), "{text}");
            assert_eq!(key(text).to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_no_key() {
        for text in ["", "ctrl-", "hyper-x", "f0", "f25", "nope", "ctrl-nope", "\u{1b}"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }
}
