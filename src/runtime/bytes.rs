//! The bytes of the terminal, to keys, mouse and pastes.
//!
//! ```text
//!   bytes ──► held ──┬─► a key, the mouse        at once when it is whole
//!                    ├─► a paste                 at its end mark
//!                    └─► nothing comes any more  given up, with the next key in mind
//! ```
//!
//! The library that knows the names of the keys has a parser too, but one that
//! can't be talked to: it waits for the end of what was begun for ever, inside of
//! a read, and a paste that loses its end mark (a line that broke, a program that
//! had the terminal for a moment) takes every key after it, Ctrl-C too. Here what
//! is begun has a time and a size.

use std::time::{Duration, Instant};

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// How long the rest of a sequence may take, and how long a paste may pause.
const SEQUENCE: Duration = Duration::from_millis(500);
const PASTE: Duration = Duration::from_secs(2);

/// The longest sequence, in bytes; none that means anything is as long.
const LONGEST: usize = 64;

/// What is kept of a paste, in bytes: more than any prompt takes.
const MOST: usize = 1 << 20;

/// What a keyboard sends at a time, in bytes; more is the rest of a paste.
const TYPED: usize = 8;

const BEGIN: &[u8] = b"\x1b[200~";
const END: &[u8] = b"\x1b[201~";

/// What turns bytes into events.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    held: Vec<u8>,
    paste: Paste,
    /// How much of what is held was searched for the end of a paste.
    searched: usize,
    /// When bytes came last.
    since: Option<Instant>,
}

/// Where one is with a paste.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Paste {
    #[default]
    None,
    /// In it.
    Open,
    /// It was given up; its rest may still come.
    Given,
}

/// What the beginning of some bytes is.
#[derive(Debug, PartialEq)]
enum Read {
    /// The beginning of something.
    Part,
    /// So many bytes of something, which may be nothing that is known.
    Whole(usize, Option<Event>),
    /// The mark of a paste.
    Paste,
}

impl Bytes {
    /// Takes in bytes; `more` when there are more to be read at once.
    pub(super) fn take(&mut self, bytes: &[u8], more: bool, now: Instant, out: &mut Vec<Event>) {
        self.since = Some(now);
        if self.paste == Paste::Given {
            let anew = bytes.starts_with(BEGIN);
            let ends = !anew && bytes.windows(END.len()).any(|part| part == END);
            let key = bytes.len() <= TYPED || bytes.first() == Some(&0x1b);
            self.paste = if ends || !key { Paste::Open } else { Paste::None };
            self.searched = 0;
        }
        self.held.extend_from_slice(bytes);
        loop {
            if self.paste == Paste::Open {
                if !self.close(out) {
                    return;
                }
                continue;
            }
            match read(&self.held, more) {
                Read::Part => return,
                Read::Whole(used, event) => {
                    self.held.drain(..used.min(self.held.len()));
                    out.extend(event);
                }
                Read::Paste => {
                    self.held.drain(..BEGIN.len());
                    self.paste = Paste::Open;
                    self.searched = 0;
                }
            }
        }
    }

    /// How long to wait for more before [`Bytes::expire`]; `None` for as long as
    /// it takes.
    pub(super) fn patience(&self, now: Instant) -> Option<Duration> {
        let limit = match self.paste {
            Paste::Open => PASTE,
            _ if self.held.is_empty() => return None,
            _ => SEQUENCE,
        };
        Some(limit.saturating_sub(self.since.map_or(limit, |at| now.saturating_duration_since(at))))
    }

    /// Nothing came in time: what was begun is over.
    pub(super) fn expire(&mut self, out: &mut Vec<Event>) {
        if self.paste == Paste::Open {
            self.paste = Paste::Given;
            self.give(self.held.len(), out);
        }
        self.held.clear();
    }

    /// Ends the paste if its end is there.
    fn close(&mut self, out: &mut Vec<Event>) -> bool {
        // A mark may lie across what was searched before.
        let from = self.searched.saturating_sub(END.len());
        let rest = self.held.get(from..).unwrap_or_default();
        match rest.windows(END.len()).position(|part| part == END) {
            Some(at) => {
                let end = from + at;
                self.give(end, out);
                self.held.drain(..end + END.len());
                self.paste = Paste::None;
                true
            }
            None => {
                if self.held.len() > 2 * MOST {
                    // Nobody reads on; the end of it may be that of a mark.
                    let from = self.held.len() - END.len();
                    self.held.drain(MOST..from);
                }
                self.searched = self.held.len();
                false
            }
        }
    }

    fn give(&self, end: usize, out: &mut Vec<Event>) {
        let text = self.held.get(..end.min(MOST)).unwrap_or_default();
        out.push(Event::Paste(String::from_utf8_lossy(text).into_owned()));
    }
}

/// Reads what bytes begin with; `more` when others follow at once.
fn read(bytes: &[u8], more: bool) -> Read {
    let Some(first) = bytes.first() else { return Read::Part };
    let key = |code, modifiers| Read::Whole(1, Some(Event::Key(KeyEvent::new(code, modifiers))));
    let control = |c: u8| key(KeyCode::Char(char::from(c)), KeyModifiers::CONTROL);
    match *first {
        0x1b => escape(bytes, more),
        b'\r' => key(KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => key(KeyCode::Tab, KeyModifiers::NONE),
        0x7f => key(KeyCode::Backspace, KeyModifiers::NONE),
        0 => control(b' '),
        c @ 0x01..=0x1a => control(c - 1 + b'a'),
        c @ 0x1c..=0x1f => control(c - 0x1c + b'4'),
        _ => character(bytes),
    }
}

/// A letter, in as many bytes as it takes.
fn character(bytes: &[u8]) -> Read {
    let length = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => 1,
    };
    let (head, whole) = match bytes.get(..length) {
        Some(head) => (head, true),
        None => (bytes, false),
    };
    let c = match std::str::from_utf8(head) {
        Ok(text) => text.chars().next(),
        Err(error) if error.error_len().is_none() && !whole => return Read::Part,
        Err(_) => None,
    };
    // What is no letter is left out byte by byte: a key may come next.
    let Some(c) = c else { return Read::Whole(1, None) };
    let modifiers = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    Read::Whole(length, Some(Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers))))
}

/// What an ESC begins: a key of its own, Alt with the next one, or a sequence.
fn escape(bytes: &[u8], more: bool) -> Read {
    let esc = || Read::Whole(1, Some(Event::Key(KeyCode::Esc.into())));
    match bytes.get(1) {
        None if more => Read::Part,
        None | Some(0x1b) => esc(),
        Some(b'[') => sequence(bytes),
        Some(b'O') => {
            let Some(last) = bytes.get(2) else { return Read::Part };
            let event = letter(*last).map(|code| Event::Key(code.into()));
            // A control character is a key after one that was cut off.
            let used = if event.is_none() && *last < 0x20 { 2 } else { 3 };
            Read::Whole(used, event)
        }
        Some(_) => match read(bytes.get(1..).unwrap_or_default(), more) {
            Read::Whole(used, Some(Event::Key(key))) => {
                let key = KeyEvent { modifiers: key.modifiers | KeyModifiers::ALT, ..key };
                Read::Whole(used + 1, Some(Event::Key(key)))
            }
            Read::Whole(used, other) => Read::Whole(used + 1, other),
            part => part,
        },
    }
}

/// The keys that a letter stands for at the end of a sequence.
fn letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

/// ESC [ …
fn sequence(bytes: &[u8]) -> Read {
    let rest = bytes.get(2..).unwrap_or_default();
    match rest {
        // The console of Linux.
        [b'[', c @ b'A'..=b'E', ..] => {
            return Read::Whole(4, Some(Event::Key(KeyCode::F(c - b'A' + 1).into())));
        }
        [b'['] => return Read::Part,
        // A mouse where the terminal knows the old way only.
        [b'M', cb, x, y, ..] => {
            return Read::Whole(6, pointer(cb.wrapping_sub(32), place(*x), place(*y), false));
        }
        [b'M', ..] => return Read::Part,
        _ => {}
    }
    let Some(at) = rest.iter().position(|byte| !matches!(byte, 0x20..=0x3f)) else {
        return if rest.len() < LONGEST { Read::Part } else { Read::Whole(bytes.len(), None) };
    };
    let last = rest.get(at).copied().unwrap_or_default();
    if !matches!(last, 0x40..=0x7e) {
        // Cut off; what comes next is something else.
        return Read::Whole(2 + at, None);
    }
    let used = 3 + at;
    let text = std::str::from_utf8(rest.get(..at).unwrap_or_default()).unwrap_or_default();
    if bytes.get(..used) == Some(BEGIN) {
        return Read::Paste;
    }
    Read::Whole(used, meaning(text, last))
}

/// What a whole sequence means.
fn meaning(text: &str, last: u8) -> Option<Event> {
    if let Some(mouse) = text.strip_prefix('<') {
        let mut numbers = mouse.split(';').map(str::parse::<u16>);
        let mut next = || numbers.next()?.ok();
        let (cb, x, y) = (next()?, next()?, next()?);
        let up = match last {
            b'M' => false,
            b'm' => true,
            _ => return None,
        };
        return pointer(u8::try_from(cb).ok()?, x.saturating_sub(1), y.saturating_sub(1), up);
    }
    let mut parts = text.split(';');
    let number = |part: Option<&str>| part?.split(':').next()?.parse::<u32>().ok();
    let first = number(parts.next());
    let mut held = parts.next().unwrap_or_default().split(':');
    let mask = held.next().and_then(|mask| mask.parse::<u8>().ok()).unwrap_or(1).saturating_sub(1);
    let kind = match held.next() {
        Some("2") => KeyEventKind::Repeat,
        Some("3") => KeyEventKind::Release,
        _ => KeyEventKind::Press,
    };
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (16, KeyModifiers::HYPER),
        (32, KeyModifiers::META),
    ] {
        modifiers.set(modifier, mask & bit != 0);
    }
    let code = match last {
        b'Z' => {
            modifiers |= KeyModifiers::SHIFT;
            KeyCode::BackTab
        }
        b'~' => numbered(first?)?,
        b'u' => match char::from_u32(first?)? {
            '\x1b' => KeyCode::Esc,
            '\r' => KeyCode::Enter,
            '\t' if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            '\t' => KeyCode::Tab,
            '\x7f' => KeyCode::Backspace,
            c => KeyCode::Char(c),
        },
        last => letter(last)?,
    };
    Some(Event::Key(KeyEvent::new_with_kind(code, modifiers, kind)))
}

/// The key of ESC [ number ~.
fn numbered(number: u32) -> Option<KeyCode> {
    let f = |less: u32| u8::try_from(number - less).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => f(10),
        17..=21 => f(11),
        23..=26 => f(12),
        28..=29 => f(13),
        31..=34 => f(14),
        _ => None,
    }
}

/// A column or row of the old way, from 0.
fn place(byte: u8) -> u16 {
    u16::from(byte.saturating_sub(33))
}

fn pointer(cb: u8, column: u16, row: u16, up: bool) -> Option<Event> {
    let button = |number| match number {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let number = (cb & 0b11) | ((cb & 0b1100_0000) >> 4);
    let kind = match (number, cb & 0b10_0000 != 0) {
        (0..=2, false) if up => MouseEventKind::Up(button(number)?),
        (0..=2, false) => MouseEventKind::Down(button(number)?),
        (0..=2, true) => MouseEventKind::Drag(button(number)?),
        (3, false) => MouseEventKind::Up(MouseButton::Left),
        (3..=5, true) => MouseEventKind::Moved,
        (4, false) => MouseEventKind::ScrollUp,
        (5, false) => MouseEventKind::ScrollDown,
        (6, false) => MouseEventKind::ScrollLeft,
        (7, false) => MouseEventKind::ScrollRight,
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in
        [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)]
    {
        modifiers.set(modifier, cb & bit != 0);
    }
    Some(Event::Mouse(MouseEvent { kind, column, row, modifiers }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    fn events(bytes: &mut Bytes, pieces: &[&[u8]]) -> Vec<Event> {
        let mut out = Vec::new();
        pieces.iter().for_each(|piece| bytes.take(piece, false, Instant::now(), &mut out));
        out
    }

    fn all(piece: &[u8]) -> Vec<Event> {
        events(&mut Bytes::default(), &[piece])
    }

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
    const ALT: KeyModifiers = KeyModifiers::ALT;
    const CONTROL: KeyModifiers = KeyModifiers::CONTROL;

    #[test]
    fn keys_are_read_as_terminals_send_them() {
        for (sent, code, modifiers) in [
            (&b"q"[..], KeyCode::Char('q'), NONE),
            (b"G", KeyCode::Char('G'), SHIFT),
            ("é".as_bytes(), KeyCode::Char('é'), NONE),
            ("🎉".as_bytes(), KeyCode::Char('🎉'), NONE),
            (b"\x03", KeyCode::Char('c'), CONTROL),
            (b"\x0a", KeyCode::Char('j'), CONTROL),
            (b"\x1c", KeyCode::Char('4'), CONTROL),
            (b"\0", KeyCode::Char(' '), CONTROL),
            (b"\r", KeyCode::Enter, NONE),
            (b"\t", KeyCode::Tab, NONE),
            (b"\x7f", KeyCode::Backspace, NONE),
            (b"\x1b", KeyCode::Esc, NONE),
            (b"\x1bj", KeyCode::Char('j'), ALT),
            (b"\x1bJ", KeyCode::Char('J'), ALT | SHIFT),
            (b"\x1b]", KeyCode::Char(']'), ALT),
            (b"\x1b\\", KeyCode::Char('\\'), ALT),
            (b"\x1b\r", KeyCode::Enter, ALT),
            ("\x1bé".as_bytes(), KeyCode::Char('é'), ALT),
            (b"\x1b[A", KeyCode::Up, NONE),
            (b"\x1bOB", KeyCode::Down, NONE),
            (b"\x1bOP", KeyCode::F(1), NONE),
            (b"\x1b[[C", KeyCode::F(3), NONE),
            (b"\x1b[Z", KeyCode::BackTab, SHIFT),
            (b"\x1b[1;5C", KeyCode::Right, CONTROL),
            (b"\x1b[1;2R", KeyCode::F(3), SHIFT),
            (b"\x1b[1;3H", KeyCode::Home, ALT),
            (b"\x1b[3~", KeyCode::Delete, NONE),
            (b"\x1b[5;5~", KeyCode::PageUp, CONTROL),
            (b"\x1b[15~", KeyCode::F(5), NONE),
            (b"\x1b[17~", KeyCode::F(6), NONE),
            (b"\x1b[24~", KeyCode::F(12), NONE),
            (b"\x1b[34~", KeyCode::F(20), NONE),
            (b"\x1b[27u", KeyCode::Esc, NONE),
            (b"\x1b[99;5u", KeyCode::Char('c'), CONTROL),
        ] {
            assert_eq!(all(sent), [key(code, modifiers)], "{sent:?}");
            // In pieces, but for an ESC alone, which is a key.
            for cut in 1..sent.len() {
                if &sent[..cut] != b"\x1b" {
                    let read = events(&mut Bytes::default(), &[&sent[..cut], &sent[cut..]]);
                    assert_eq!(read, [key(code, modifiers)], "{sent:?} at {cut}");
                }
            }
        }
        let esc = key(KeyCode::Esc, NONE);
        assert_eq!(all(b"\x1b\x1b"), [esc.clone(), esc.clone()]);
        assert_eq!(all(b"\x1b\x1b[A"), [esc, key(KeyCode::Up, NONE)]);
        // A buffer that is full tells nothing of an ESC at its end.
        let (mut bytes, mut out) = (Bytes::default(), Vec::new());
        bytes.take(b"\x1b", true, Instant::now(), &mut out);
        bytes.take(b"[A", false, Instant::now(), &mut out);
        assert_eq!(out, [key(KeyCode::Up, NONE)]);
    }

    #[test]
    fn the_mouse_is_read() {
        let mouse = |kind, column, row, modifiers| {
            [Event::Mouse(MouseEvent { kind, column, row, modifiers })]
        };
        let left = MouseButton::Left;
        for (sent, kind, modifiers) in [
            (&b"\x1b[<0;20;10M"[..], MouseEventKind::Down(left), NONE),
            (b"\x1b[<0;20;10m", MouseEventKind::Up(left), NONE),
            (b"\x1b[<32;20;10M", MouseEventKind::Drag(left), NONE),
            (b"\x1b[<2;20;10M", MouseEventKind::Down(MouseButton::Right), NONE),
            (b"\x1b[<64;20;10M", MouseEventKind::ScrollUp, NONE),
            (b"\x1b[<81;20;10M", MouseEventKind::ScrollDown, CONTROL),
            (b"\x1b[<35;20;10M", MouseEventKind::Moved, NONE),
            (b"\x1b[M \x34\x2a", MouseEventKind::Down(left), NONE),
            (b"\x1b[M#\x34\x2a", MouseEventKind::Up(left), NONE),
        ] {
            assert_eq!(all(sent), mouse(kind, 19, 9, modifiers), "{sent:?}");
        }
    }

    #[test]
    fn what_is_cut_off_takes_no_key_with_it() {
        let quit = [key(KeyCode::Char('c'), CONTROL)];
        for begun in ["\x1b[", "\x1b[1;5", "\x1b[<0;1", "\x1bO", "\x1b[?1", "\u{e9}"] {
            let begun = &begun.as_bytes()[..begun.len() - usize::from(begun == "\u{e9}")];
            assert_eq!(events(&mut Bytes::default(), &[begun, b"\x03"]), quit, "{begun:?}");
            // And nothing else, after a while.
            let mut bytes = Bytes::default();
            assert_eq!(events(&mut bytes, &[begun]), []);
            assert!(bytes.patience(Instant::now()).is_some_and(|time| time <= SEQUENCE));
            bytes.expire(&mut Vec::new());
            assert_eq!(bytes.patience(Instant::now()), None);
            assert_eq!(events(&mut bytes, &[b"q"]), [key(KeyCode::Char('q'), NONE)]);
        }
        assert_eq!(all(b"\xff\xfeq"), [key(KeyCode::Char('q'), NONE)]);
        assert_eq!(all(b"\x1b[201~q"), [key(KeyCode::Char('q'), NONE)]);
    }

    fn paste(text: &str) -> Event {
        Event::Paste(text.to_owned())
    }

    #[test]
    fn a_paste_is_one_text_wherever_it_is_parted() {
        let sent = b"\x1b[200~a\x1b[31m\x03\r\xc3\xa9\x1b[201~q";
        let read = [paste("a\x1b[31m\x03\ré"), key(KeyCode::Char('q'), NONE)];
        for first in 2..=sent.len() {
            for second in first..=sent.len() {
                let pieces = [&sent[..first], &sent[first..second], &sent[second..]];
                assert_eq!(events(&mut Bytes::default(), &pieces), read, "{pieces:?}");
            }
        }
    }

    #[test]
    fn a_paste_without_an_end_is_over_after_a_while() {
        let mut bytes = Bytes::default();
        assert_eq!(events(&mut bytes, &[b"\x1b[200~some", b"\x03"]), []);
        assert!(bytes.patience(Instant::now()).is_some_and(|time| time <= PASTE));
        let mut out = Vec::new();
        bytes.expire(&mut out);
        assert_eq!(out, [paste("some\x03")]);
        assert_eq!(bytes.patience(Instant::now()), None);
        // What a keyboard sends is keys again.
        assert_eq!(events(&mut bytes, &[b"\x03"]), [key(KeyCode::Char('c'), CONTROL)]);
        assert_eq!(events(&mut bytes, &[b"a longer run"]).len(), 12);
        // What it can't have sent is the rest, which came late.
        for rest in [
            &[&b"the rest of it"[..], b"x\x1b[201~"][..],
            &[b"qq\x1b[201~"],
            &[b"\x1b[200~another\x1b[201~"],
        ] {
            let mut bytes = Bytes::default();
            events(&mut bytes, &[b"\x1b[200~some"]);
            bytes.expire(&mut Vec::new());
            let read = events(&mut bytes, rest);
            assert!(matches!(read.as_slice(), [Event::Paste(_)]), "{read:?}");
            assert_eq!(events(&mut bytes, &[b"q"]), [key(KeyCode::Char('q'), NONE)]);
        }
    }

    #[test]
    fn a_paste_of_any_size_is_bounded() {
        let mut bytes = Bytes::default();
        assert_eq!(events(&mut bytes, &[BEGIN]), []);
        let piece = vec![b'x'; 1 << 16];
        for _ in 0..100 {
            assert_eq!(events(&mut bytes, &[&piece]), []);
            assert!(bytes.held.len() <= 2 * MOST + piece.len());
        }
        let read = events(&mut bytes, &[b"\x1b[2", b"01~q"]);
        let [Event::Paste(text), end] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!((text.len(), end), (MOST, &key(KeyCode::Char('q'), NONE)));
    }

    proptest! {
        #[test]
        fn any_bytes_leave_the_keyboard_alive(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..20)
        ) {
            let (mut bytes, mut out) = (Bytes::default(), Vec::new());
            for piece in &pieces {
                bytes.take(piece, false, Instant::now(), &mut out);
            }
            bytes.expire(&mut out);
            out.clear();
            bytes.take(b"\x03", false, Instant::now(), &mut out);
            prop_assert_eq!(out, [key(KeyCode::Char('c'), CONTROL)]);
        }
    }
}
