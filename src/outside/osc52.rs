//! OSC 52: the sequence by which a terminal takes text into its clipboard, the
//! one on the user's desk, however many hosts lie between.

/// What stands between us and the terminal, and has to be told to let it
/// through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrap {
    /// Nothing.
    #[default]
    Plain,
    /// tmux: takes the sequence itself (`set-clipboard on`), or passes on what
    /// is wrapped for it (`allow-passthrough on`).
    Tmux,
    /// GNU screen: passes on device control strings, short ones only.
    Screen,
}

impl Wrap {
    /// What the environment tells.
    pub fn of(env: impl Fn(&str) -> bool, term: &str) -> Self {
        if env("TMUX") || term.starts_with("tmux") {
            Self::Tmux
        } else if env("STY") || term.starts_with("screen") {
            Self::Screen
        } else {
            Self::Plain
        }
    }
}

/// The most text that every terminal takes: their common limit is 100,000
/// bytes of base64.
pub const SURE: usize = 74_994;

/// The most text that is sent at all, in bytes.
pub const MOST: usize = 1 << 20;

/// Bytes of base64 in one of screen's strings.
const PIECE: usize = 76;

/// The sequence for a text.
///
/// What is wrapped comes after the plain one: whoever knows only one of them
/// ignores the other.
pub fn sequence(text: &str, wrap: Wrap) -> String {
    let data = base64(text.as_bytes());
    let plain = format!("\x1b]52;c;{data}\x07");
    match wrap {
        Wrap::Plain => plain,
        Wrap::Tmux => {
            let inner = plain.replace('\x1b', "\x1b\x1b");
            format!("{plain}\x1bPtmux;{inner}\x1b\\")
        }
        Wrap::Screen => {
            let mut out = String::from("\x1bP\x1b]52;c;");
            let mut rest = data.as_str();
            while let Some((piece, more)) = rest.split_at_checked(PIECE.min(rest.len())) {
                out.push_str(piece);
                rest = more;
                if rest.is_empty() {
                    break;
                }
                out.push_str("\x1b\\\x1bP");
            }
            out.push_str("\x07\x1b\\");
            out
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let digit = (bits >> (18 - 6 * i)) & 63;
            let digit = DIGITS.get(digit as usize).copied().unwrap_or(b'A');
            out.push(if i > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, code) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("ä?~", "w6Q/fg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), code, "{text}");
        }
    }

    #[test]
    fn what_stands_between_is_told_to_let_it_through() {
        assert_eq!(sequence("foo", Wrap::Plain), "\x1b]52;c;Zm9v\x07");
        assert_eq!(
            sequence("foo", Wrap::Tmux),
            "\x1b]52;c;Zm9v\x07\x1bPtmux;\x1b\x1b]52;c;Zm9v\x07\x1b\\"
        );
        assert_eq!(sequence("foo", Wrap::Screen), "\x1bP\x1b]52;c;Zm9v\x07\x1b\\");
        let long = sequence(&"x".repeat(100), Wrap::Screen);
        assert!(long.split("\x1bP").all(|part| part.len() <= PIECE + 12), "{long:?}");
        let joined = long.replace("\x1b\\\x1bP", "");
        assert_eq!(joined, format!("\x1bP{}\x1b\\", sequence(&"x".repeat(100), Wrap::Plain)));
    }

    #[test]
    fn the_environment_tells_what_stands_between() {
        let of = |set: &'static str, term: &str| Wrap::of(|name| name == set, term);
        assert_eq!(of("TMUX", "screen-256color"), Wrap::Tmux);
        assert_eq!(of("", "tmux-256color"), Wrap::Tmux);
        assert_eq!(of("STY", "screen"), Wrap::Screen);
        assert_eq!(of("", "xterm-256color"), Wrap::Plain);
    }
}
