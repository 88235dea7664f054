//! What part of a log one request is given: the behaviours that the public
//! documentation leaves open, as data.
//!
//! Pure, so that the tests of the stitching can use it without a server.

use std::ops::Range;

/// Which end of the log a request without a token gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The first `limit` events; a token leads to newer ones.
    Head,
    /// The newest `limit` events; a token leads to older ones.
    Tail,
}

/// What the token of the last page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// There is none.
    Absent,
    /// The same one again, for ever.
    Same,
    /// Another one each time, for ever; no token comes twice.
    Other,
}

/// What tokens do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// None is served, none is understood.
    None,
    /// A token leads to the next page.
    Honoured(AtEnd),
    /// Tokens are served, and ignored when sent.
    Ignored,
    /// The same, and no token comes twice.
    IgnoredOther,
    /// Tokens are served, and refused (400) when sent.
    Refused,
}

/// How much less than asked for a page may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShortPages {
    /// Pages are as full as they can be.
    Never,
    /// A page never holds more than this many events.
    AtMost(usize),
    /// A page holds some of what it could, sometimes nothing; a number to
    /// derive it from.
    Vary(u64),
}

/// How the logs endpoint cuts a log into windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Where a window without a token stands.
    pub anchor: Anchor,
    /// What tokens do.
    pub tokens: Tokens,
    /// Whether pages are short.
    pub short: ShortPages,
    /// The most events a window can have, whatever is asked for.
    pub most_events: usize,
    /// The most bytes of text a window can have; one event is always served.
    pub most_bytes: usize,
}

impl Default for Window {
    /// What was once observed of the real service: the first events, up to
    /// 10,000 of them or 1 MB, and no token.
    fn default() -> Self {
        Self {
            anchor: Anchor::Head,
            tokens: Tokens::None,
            short: ShortPages::Never,
            most_events: 10_000,
            most_bytes: 1 << 20,
        }
    }
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// These events, and a token.
    Page(Range<usize>, Option<String>),
    /// The token was refused.
    Refused,
}

impl Window {
    /// The window that the `nth` request gets.
    pub fn serve(&self, log: &[&[u8]], limit: usize, token: Option<&str>, nth: u64) -> Served {
        let token = match (self.tokens, token) {
            (_, None) | (Tokens::None | Tokens::Ignored | Tokens::IgnoredOther, _) => None,
            (Tokens::Refused, Some(_)) => return Served::Refused,
            (Tokens::Honoured(_), Some(token)) => match self.position(token) {
                Some(at) => Some(at.min(log.len())),
                None => return Served::Refused,
            },
        };
        let limit = limit.min(self.most_events);
        let (range, more) = match self.anchor {
            Anchor::Head => {
                let start = token.unwrap_or(0);
                let rest = log.get(start..).unwrap_or_default();
                let count = self.fit(rest.iter(), limit, nth);
                (start..start + count, start + count < log.len())
            }
            Anchor::Tail => {
                let end = token.unwrap_or(log.len());
                let rest = log.get(..end).unwrap_or_default();
                let count = self.fit(rest.iter().rev(), limit, nth);
                (end - count..end, end > count)
            }
        };
        let next = match self.anchor {
            Anchor::Head => format!("f/{:024}", range.end),
            Anchor::Tail => format!("b/{:024}", range.start),
        };
        let next = match self.tokens {
            Tokens::Honoured(AtEnd::Other) | Tokens::IgnoredOther => format!("{next}/{nth}"),
            _ => format!("{next}/s"),
        };
        let next = match self.tokens {
            Tokens::None => None,
            Tokens::Honoured(AtEnd::Absent) => more.then_some(next),
            Tokens::Honoured(AtEnd::Same | AtEnd::Other)
            | Tokens::Ignored
            | Tokens::IgnoredOther
            | Tokens::Refused => Some(next),
        };
        Served::Page(range, next)
    }

    /// How many of these events, taken in order, a page holds.
    fn fit<'a>(&self, events: impl Iterator<Item = &'a &'a [u8]>, limit: usize, nth: u64) -> usize {
        let mut bytes = 0usize;
        let count = events
            .take(limit)
            .take_while(|event| {
                let first = bytes == 0;
                bytes = bytes.saturating_add(event.len().max(1));
                first || bytes <= self.most_bytes
            })
            .count();
        match self.short {
            ShortPages::Never => count,
            ShortPages::AtMost(most) => count.min(most.max(1)),
            ShortPages::Vary(seed) => {
                let dice = scramble(seed ^ nth.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                match dice % 8 {
                    // Never two in a row: who asks again gets something.
                    0 if nth.is_multiple_of(2) => 0,
                    1..=4 => count - count * usize::try_from(dice >> 8 & 0xff).unwrap_or(0) / 512,
                    _ => count,
                }
            }
        }
    }

    fn position(&self, token: &str) -> Option<usize> {
        let kind = match self.anchor {
            Anchor::Head => "f/",
            Anchor::Tail => "b/",
        };
        token.strip_prefix(kind)?.split_once('/')?.0.parse().ok()
    }
}

/// Turns a number into one that looks like chance (the finaliser of MurmurHash3).
fn scramble(mut x: u64) -> u64 {
    x ^= x >> 33;
    x = x.wrapping_mul(0xff51_afd7_ed55_8ccd);
    x ^= x >> 33;
    x = x.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(window: &Window, log: &[&[u8]], limit: usize) -> Vec<Range<usize>> {
        let mut out = Vec::new();
        let mut token = None;
        for nth in 0..50 {
            let Served::Page(range, next) = window.serve(log, limit, token.as_deref(), nth) else {
                panic!("refused")
            };
            out.push(range);
            if next.is_none() || next == token {
                break;
            }
            token = next;
        }
        out
    }

    const LOG: &[&[u8]] = &[b"a", b"b", b"c", b"d", b"e"];

    #[test]
    fn head_pages_lead_to_newer_events() {
        let window = Window { tokens: Tokens::Honoured(AtEnd::Absent), ..Window::default() };
        assert_eq!(pages(&window, LOG, 2), [0..2, 2..4, 4..5]);
        let window = Window { tokens: Tokens::Honoured(AtEnd::Same), ..window };
        assert_eq!(pages(&window, LOG, 2), [0..2, 2..4, 4..5, 5..5]);
    }

    #[test]
    fn tail_pages_lead_to_older_events() {
        let window = Window {
            anchor: Anchor::Tail,
            tokens: Tokens::Honoured(AtEnd::Absent),
            ..Window::default()
        };
        assert_eq!(pages(&window, LOG, 2), [3..5, 1..3, 0..1]);
    }

    #[test]
    fn a_page_of_too_many_bytes_is_cut_where_it_may_be() {
        let window = Window { most_bytes: 3, ..Window::default() };
        assert_eq!(window.serve(LOG, 9, None, 0), Served::Page(0..3, None));
        let window = Window { anchor: Anchor::Tail, ..window };
        assert_eq!(window.serve(LOG, 9, None, 0), Served::Page(2..5, None));
    }

    #[test]
    fn short_pages_reach_the_end_with_tokens() {
        let window = Window {
            tokens: Tokens::Honoured(AtEnd::Absent),
            short: ShortPages::Vary(7),
            ..Window::default()
        };
        let mut seen = 0;
        for page in pages(&window, LOG, 3) {
            assert_eq!(page.start, seen);
            seen = page.end;
        }
        assert_eq!(seen, LOG.len());
    }
}
