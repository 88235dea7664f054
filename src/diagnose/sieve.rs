//! A first look at a line: can it contain any of many texts at all?

use std::collections::HashMap;

/// Three letters of each text, in a table that fits the nearest cache.
///
/// A line is looked at three letters at a time, each look independent of the
/// others; an automaton has to wait for one state before it can look up the
/// next. Of an ordinary log some lines in ten pass.
#[derive(Debug)]
pub(super) struct Sieve {
    table: Box<[u64; WORDS]>,
    /// A text is too short for the table: everything passes.
    open: bool,
}

const BITS: u32 = 16;
const WORDS: usize = 1 << (BITS - 6);

/// Both cases of a letter, and some signs with them: a few more lines pass.
fn fold(byte: u8) -> u32 {
    u32::from(byte | 0x20)
}

fn triple(a: u8, b: u8, c: u8) -> u32 {
    fold(a) | fold(b) << 8 | fold(c) << 16
}

/// The word and the bit of three letters.
fn place(triple: u32) -> (usize, u64) {
    let hash = triple.wrapping_mul(0x9e37_79b1) >> (32 - BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

fn triples(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.as_bytes().windows(3).filter_map(|window| match window {
        [a, b, c] => Some(triple(*a, *b, *c)),
        _ => None,
    })
}

impl Sieve {
    /// A sieve for texts that count whatever the case of their ASCII letters.
    pub(super) fn new(texts: &[&str]) -> Self {
        // What many of the texts share, ordinary lines have too.
        let mut common: HashMap<u32, u32> = HashMap::new();
        for text in texts {
            triples(text).for_each(|triple| *common.entry(triple).or_default() += 1);
        }
        let mut table = Box::new([0; WORDS]);
        let mut open = false;
        for text in texts {
            let rarest = triples(text).min_by_key(|triple| {
                let times = common.get(triple).copied().unwrap_or(0);
                (times, plainness(*triple))
            });
            match rarest.map(place) {
                Some((word, bit)) => {
                    if let Some(word) = table.get_mut(word) {
                        *word |= bit;
                    }
                }
                None => open = true,
            }
        }
        Self { table, open }
    }

    /// Whether a line may contain one of the texts. Never wrong when it says no.
    pub(super) fn passes(&self, line: &[u8]) -> bool {
        self.open
            || line.windows(3).any(|window| {
                let [a, b, c] = window else { return false };
                let (word, bit) = place(triple(*a, *b, *c));
                self.table.get(word).is_some_and(|word| word & bit != 0)
            })
    }
}

/// How ordinary three letters are, by the most frequent ones of English and of
/// logs.
fn plainness(triple: u32) -> usize {
    const PLAIN: &[u8] = b" etaoinsrdlcupmhg.01/-2";
    let [a, b, c, _] = triple.to_le_bytes();
    [a, b, c]
        .iter()
        .map(|byte| PLAIN.iter().position(|p| p == byte).map_or(0, |at| PLAIN.len() - at))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn most_lines_do_not_pass() {
        let sieve = Sieve::new(&["no space left", "error:", "killed"]);
        assert!(sieve.passes(b"write: No Space Left on device"));
        assert!(sieve.passes(b"KILLED"));
        for line in ["", "ab", "#7 1.2 Unpacking libc6:arm64 (2.41-12) over (2.41-11) ..."] {
            assert!(!sieve.passes(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_text_too_short_for_it_lets_everything_pass() {
        assert!(Sieve::new(&["ok"]).passes(b"x"));
        assert!(!Sieve::new(&[]).passes(b"anything"));
    }

    proptest! {
        #[test]
        fn a_line_with_a_text_in_it_passes(
            texts in proptest::collection::vec("[ -~é]{3,12}", 1..20),
            which in any::<proptest::sample::Index>(),
            before in ".{0,20}",
            after in ".{0,20}",
            upper in any::<bool>(),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let text = which.get(&texts);
            let text = if upper { text.to_ascii_uppercase() } else { text.to_ascii_lowercase() };
            let sieve = Sieve::new(&texts);
            let line = format!("{before}{text}{after}");
            prop_assert!(sieve.passes(line.as_bytes()));
        }
    }
}
