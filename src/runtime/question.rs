//! Asking the terminal for its background, and taking the answer out of what
//! is typed.
//!
//! The answer comes on the way that the keys come, and looks like keys to who
//! reads them: Alt-] 1 1 ; r g b : … and Ctrl-G, or Alt-\ at its end. Until it
//! has come, a [`Sieve`] holds back keys that begin like one. What turns out
//! to be none is given back in its order; nobody waits for an answer, and one
//! that comes late, in pieces or never does no harm. An end mark isn't asked
//! for besides (DA1): it would only be more to mistake for keys.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::theme::{Background, Rgb};

/// OSC 11 with a question mark; ended by BEL, so that the answer is, too, and
/// has one ESC less that a slow line could part from what follows it.
pub(super) const QUERY: &[u8] = b"\x1b]11;?\x07";

/// How long the terminal isn't left to anybody else after it was asked: the
/// answer would be taken for theirs.
const GRACE: Duration = Duration::from_millis(100);

/// How long after the question an Esc may be the first byte of its answer, and
/// how long it is held for the second.
const FRESH: Duration = Duration::from_secs(5);
const SPLIT: Duration = Duration::from_millis(50);

/// How long an Alt-] is held for what would make it an answer.
const BEGUN: Duration = Duration::from_millis(500);

/// Something heard from the terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A key, the mouse, a new size.
    Event(Event),
    /// What its background is.
    Background(Background),
}

impl From<Event> for Heard {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}

/// The question, known to who asks and to who reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Question(Arc<(Mutex<State>, Condvar)>);

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Unasked,
    Asked(Instant),
    Answered,
}

impl Question {
    /// To be called before the question is sent.
    pub(super) fn ask(&self) {
        self.set(State::Asked(Instant::now()));
    }

    /// Waits for an answer that may be on its way, for a moment.
    pub(super) fn settle(&self) {
        let (state, changed) = &*self.0;
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let State::Asked(at) = *state else { return };
        let left = GRACE.saturating_sub(at.elapsed());
        let open = |state: &mut State| matches!(state, State::Asked(_));
        drop(changed.wait_timeout_while(state, left, open).unwrap_or_else(PoisonError::into_inner));
    }

    /// How long an answer has been waited for; `None` when none is.
    fn waiting(&self) -> Option<Duration> {
        match *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Asked(at) => Some(at.elapsed()),
            State::Unasked | State::Answered => None,
        }
    }

    fn set(&self, state: State) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.0.1.notify_all();
    }
}

/// What takes the answer out of the events.
#[derive(Debug)]
pub(super) struct Sieve {
    question: Question,
    held: Held,
    out: VecDeque<Heard>,
}

/// What is held back.
#[derive(Debug)]
enum Held {
    Nothing,
    /// An Esc, which may begin an answer.
    Esc(Event),
    /// Nothing; but an Esc was let go, then, whose rest may still come.
    Parted(Instant),
    /// What began like an answer, and its text so far.
    Begun(Vec<Event>, String),
    /// An answer was read to the first byte of ESC \, or to an ESC alone.
    Ending,
}

/// How far a text is an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reading {
    None,
    Part,
    Whole(Rgb),
}

impl Sieve {
    pub(super) fn new(question: Question) -> Self {
        Self { question, held: Held::Nothing, out: VecDeque::new() }
    }

    /// How long to wait for the next event before [`Sieve::expire`]; `None`
    /// for as long as it takes.
    pub(super) fn patience(&self) -> Option<Duration> {
        match &self.held {
            Held::Esc(_) | Held::Ending => Some(SPLIT),
            Held::Begun(_, text) if text.is_empty() => Some(BEGUN),
            _ => None,
        }
    }

    /// Nothing came in time: what is held was no answer.
    pub(super) fn expire(&mut self) {
        match std::mem::replace(&mut self.held, Held::Nothing) {
            Held::Esc(esc) => {
                self.held = Held::Parted(Instant::now());
                self.give([esc]);
            }
            Held::Begun(events, _) => self.give(events),
            Held::Nothing | Held::Parted(_) | Held::Ending => {}
        }
    }

    /// Takes in an event.
    pub(super) fn take(&mut self, event: Event) {
        if let Event::Resize(..) = event {
            // Comes between whatever else comes.
            return self.give([event]);
        }
        match std::mem::replace(&mut self.held, Held::Nothing) {
            Held::Nothing => self.begin(event, false),
            Held::Parted(at) => self.begin(event, at.elapsed() < BEGUN),
            Held::Esc(esc) if is(&event, ']', KeyModifiers::NONE) => {
                self.held = Held::Begun(vec![esc, event], String::new());
            }
            Held::Esc(esc) => {
                self.give([esc]);
                self.begin(event, false);
            }
            Held::Begun(events, text) => self.go_on(events, text, event),
            Held::Ending if is(&event, '\\', KeyModifiers::NONE) => {}
            Held::Ending => self.begin(event, false),
        }
    }

    /// What there is to be heard.
    pub(super) fn next(&mut self) -> Option<Heard> {
        self.out.pop_front()
    }

    /// Takes an event that nothing was held before; `parted` after an Esc that
    /// was let go a moment ago.
    fn begin(&mut self, event: Event, parted: bool) {
        let Some(since) = self.question.waiting() else { return self.give([event]) };
        let introduces =
            is(&event, ']', KeyModifiers::ALT) || parted && is(&event, ']', KeyModifiers::NONE);
        if introduces {
            self.held = Held::Begun(vec![event], String::new());
        } else if is_esc(&event) && since < FRESH {
            self.held = Held::Esc(event);
        } else {
            self.give([event]);
        }
    }

    fn go_on(&mut self, mut events: Vec<Event>, mut text: String, event: Event) {
        let before = read(&text);
        if let Reading::Whole(rgb) = before {
            let bel = is(&event, 'g', KeyModifiers::CONTROL);
            if bel || is(&event, '\\', KeyModifiers::ALT) {
                return self.answered(rgb);
            }
            if is_esc(&event) {
                self.held = Held::Ending;
                return self.answered(rgb);
            }
        }
        if let Some(c) = plain(&event) {
            text.push(c);
            if read(&text) != Reading::None {
                events.push(event);
                self.held = Held::Begun(events, text);
                return;
            }
        }
        // Nobody types as much of an answer as that.
        if !text.starts_with("11;rgb") {
            self.give(events);
        }
        self.begin(event, false);
    }

    fn answered(&mut self, rgb: Rgb) {
        self.question.set(State::Answered);
        self.out.push_back(Heard::Background(Background::of(rgb)));
    }

    fn give(&mut self, events: impl IntoIterator<Item = Event>) {
        self.out.extend(events.into_iter().map(Heard::Event));
    }
}

/// Reads `11;rgb:RRRR/GGGG/BBBB`, with one to four digits for each part, as
/// much of it as there is; some add a fourth part for what shines through.
fn read(text: &str) -> Reading {
    let mut reading = Reading::None;
    for (lead, wanted) in [("11;rgb:", 3), ("11;rgba:", 4)] {
        if lead.starts_with(text) {
            return Reading::Part;
        }
        let Some(rest) = text.strip_prefix(lead) else { continue };
        let parts: Vec<&str> = rest.split('/').collect();
        let digits = |part: &&str| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_hexdigit());
        let (last, others) = parts.split_last().unwrap_or((&"", &[]));
        let fits = parts.len() <= wanted && parts.iter().all(digits);
        if !fits || others.iter().any(|part| part.is_empty()) {
            continue;
        }
        let values: Vec<u8> = parts.iter().filter_map(|part| byte(part)).collect();
        reading = match values.as_slice() {
            [r, g, b, ..] if parts.len() == wanted && !last.is_empty() => {
                Reading::Whole((*r, *g, *b))
            }
            _ => Reading::Part,
        };
    }
    reading
}

/// A part of a colour, of however many digits, as a byte.
fn byte(digits: &str) -> Option<u8> {
    let value = u32::from_str_radix(digits, 16).ok()?;
    let most = (1 << (4 * digits.len())) - 1;
    u8::try_from(value * 255 / most).ok()
}

fn pressed(event: &Event) -> Option<&KeyEvent> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(key),
        _ => None,
    }
}

fn is(event: &Event, c: char, modifiers: KeyModifiers) -> bool {
    pressed(event).is_some_and(|key| key.code == KeyCode::Char(c) && key.modifiers == modifiers)
}

fn is_esc(event: &Event) -> bool {
    pressed(event).is_some_and(|key| key.code == KeyCode::Esc && key.modifiers.is_empty())
}

/// The character of a key that stands for itself.
fn plain(event: &Event) -> Option<char> {
    let key = pressed(event).filter(|key| (key.modifiers - KeyModifiers::SHIFT).is_empty())?;
    key.code.as_char()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The events of bytes that are read in pieces: an ESC at a piece's end is
    /// a key of its own, one before another byte is Alt.
    fn events(pieces: &[&str]) -> Vec<Event> {
        let mut all = Vec::new();
        for piece in pieces {
            let mut chars = piece.chars();
            while let Some(c) = chars.next() {
                let (c, alt) = match c {
                    '\x1b' => match chars.next() {
                        Some(c) => (c, KeyModifiers::ALT),
                        None => {
                            all.push(Event::Key(KeyCode::Esc.into()));
                            continue;
                        }
                    },
                    c => (c, KeyModifiers::NONE),
                };
                let (c, modifiers) = match c {
                    '\x01'..='\x1a' => ((c as u8 - 1 + b'a') as char, KeyModifiers::CONTROL),
                    c if c.is_uppercase() => (c, KeyModifiers::SHIFT),
                    c => (c, KeyModifiers::NONE),
                };
                all.push(Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers | alt)));
            }
        }
        all
    }

    fn asked() -> Sieve {
        let question = Question::default();
        question.ask();
        Sieve::new(question)
    }

    fn all(sieve: &mut Sieve) -> Vec<Heard> {
        std::iter::from_fn(|| sieve.next()).collect()
    }

    /// What is heard of pieces that come one right after the other.
    fn heard(sieve: &mut Sieve, pieces: &[&str]) -> Vec<Heard> {
        events(pieces).into_iter().for_each(|event| sieve.take(event));
        all(sieve)
    }

    fn keys(pieces: &[&str]) -> Vec<Heard> {
        events(pieces).into_iter().map(Heard::Event).collect()
    }

    const LIGHT: Heard = Heard::Background(Background::Light);
    const DARK: Heard = Heard::Background(Background::Dark);

    const ANSWERS: [(&str, Heard); 6] = [
        ("\x1b]11;rgb:ffff/ffff/ffff\x07", LIGHT),
        ("\x1b]11;rgb:FDFD/F6F6/E3E3\x1b\\", LIGHT),
        ("\x1b]11;rgb:00/00/00\x07", DARK),
        ("\x1b]11;rgb:0/2/3\x1b\\", DARK),
        ("\x1b]11;rgba:ffff/ffff/ffff/8000\x07", LIGHT),
        ("\x1b]11;rgb:2828/2c2c/3434\x07", DARK),
    ];

    #[test]
    fn an_answer_is_no_key_wherever_it_is_parted() {
        for (answer, background) in ANSWERS {
            for first in 0..=answer.len() {
                for second in first..=answer.len() {
                    let pieces = [&answer[..first], &answer[first..second], &answer[second..]];
                    let mut sieve = asked();
                    let said = heard(&mut sieve, &pieces);
                    assert_eq!(said, std::slice::from_ref(&background), "{pieces:?}");
                    assert_eq!(heard(&mut sieve, &["q"]), keys(&["q"]), "{pieces:?}");
                }
            }
        }
    }

    #[test]
    fn a_pause_after_the_first_byte_lets_that_go_and_no_more() {
        let mut sieve = asked();
        assert_eq!(heard(&mut sieve, &["\x1b"]), []);
        sieve.expire();
        assert_eq!(all(&mut sieve), keys(&["\x1b"]));
        assert_eq!(
            heard(&mut sieve, &["]11;rgb:f/f/f\x07", "]"]),
            [&[LIGHT][..], &keys(&["]"])].concat()
        );
        // One that ends with an ESC alone, and then a key.
        let mut sieve = asked();
        assert_eq!(heard(&mut sieve, &["\x1b]11;rgb:f/f/f", "\x1b"]), [LIGHT]);
        sieve.expire();
        assert_eq!(heard(&mut sieve, &["\\"]), keys(&["\\"]));
        // In the middle there is all the time in the world.
        let mut sieve = asked();
        assert_eq!(heard(&mut sieve, &["\x1b]1"]), []);
        assert_eq!(sieve.patience(), None);
        assert_eq!(heard(&mut sieve, &["1;rgb:f/f/f\x07"]), [LIGHT]);
    }

    #[test]
    fn what_is_no_answer_is_given_back() {
        for typed in
            ["\x1b]x", "\x1b]11;x", "\x1b]10;rgb:", "\x1b\x1b]1j", "\x1b]\x1b]\x1b]q", "\x1bjk"]
        {
            assert_eq!(heard(&mut asked(), &[typed]), keys(&[typed]), "{typed:?}");
        }
        // An Alt-] by itself, and an Esc, which others don't wait for.
        for typed in ["\x1b]", "\x1b"] {
            let mut sieve = asked();
            assert_eq!(heard(&mut sieve, &[typed]), []);
            assert!(sieve.patience().is_some_and(|time| time <= BEGUN));
            sieve.expire();
            assert_eq!(all(&mut sieve), keys(&[typed]));
            assert_eq!(sieve.patience(), None);
        }
        // Broken off for good: not for the keyboard's.
        let mut sieve = asked();
        assert_eq!(heard(&mut sieve, &["\x1b]11;rgb:ff", "q"]), keys(&["q"]));
        assert_eq!(heard(&mut sieve, &["\x1b]11;rgb:f/f/f\x07"]), [LIGHT]);
    }

    #[test]
    fn unasked_and_answered_nothing_is_held() {
        let mut sieve = Sieve::new(Question::default());
        assert_eq!(heard(&mut sieve, &["\x1b]", "\x1b"]), keys(&["\x1b]", "\x1b"]));
        let mut sieve = asked();
        let answer = "\x1b]11;rgb:f/f/f\x07";
        assert_eq!(heard(&mut sieve, &[answer]), [LIGHT]);
        assert_eq!(heard(&mut sieve, &["\x1b", "]j\x1b]"]), keys(&["\x1b", "]j\x1b]"]));
    }

    #[test]
    fn a_new_size_goes_by() {
        let mut sieve = asked();
        events(&["\x1b]11;rg"]).into_iter().for_each(|event| sieve.take(event));
        sieve.take(Event::Resize(9, 9));
        assert_eq!(all(&mut sieve), [Heard::Event(Event::Resize(9, 9))]);
        assert_eq!(heard(&mut sieve, &["b:f/f/f\x07"]), [LIGHT]);
    }

    #[test]
    fn an_answer_on_its_way_is_waited_for_and_none_else() {
        Question::default().settle();
        let question = Question::default();
        question.set(State::Asked(Instant::now() - GRACE));
        question.settle();
        question.ask();
        let reader = question.clone();
        let thread =
            std::thread::spawn(move || heard(&mut Sieve::new(reader), &["\x1b]11;rgb:f/f/f\x07"]));
        question.settle();
        thread.join().unwrap();
        assert_eq!(question.waiting(), None);
    }

    proptest! {
        #[test]
        fn nothing_typed_is_lost_around_an_answer(
            before in "[a-z\\]1;:\\\\/ ]{0,9}",
            after in "[a-z\\]1;:/ ]{0,9}",
            at in 0..ANSWERS.len(),
        ) {
            let (answer, background) = ANSWERS[at].clone();
            let mut sieve = asked();
            let said = heard(&mut sieve, &[&before, answer, &after]);
            let wanted = [keys(&[&before]), vec![background], keys(&[&after])].concat();
            prop_assert_eq!(said, wanted);
        }

        #[test]
        fn without_an_answer_all_comes_through(typed in "[\\x1b\\]1;rgb:q]{0,12}") {
            let mut sieve = asked();
            let mut said = Vec::new();
            for event in events(&[&typed]) {
                sieve.take(event);
                said.append(&mut all(&mut sieve));
            }
            sieve.expire();
            said.append(&mut all(&mut sieve));
            // Held without end is only what nobody types.
            if let Held::Begun(events, _) = &sieve.held {
                said.extend(events.iter().cloned().map(Heard::Event));
            }
            if !typed.contains("]11;rgb") {
                prop_assert_eq!(said, keys(&[&typed]));
            }
        }
    }
}
