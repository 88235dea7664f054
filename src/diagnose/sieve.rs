//! Many texts looked for in a line at once.
//!
//! Of each text those four letters are known that ordinary lines have least:
//! of those that stand an even number of letters from its start, and of those
//! that stand an odd number. One of both stands an even number of letters from
//! the start of a line that contains the text, so only every second place of a
//! line is looked at, three places at a time, in a small table that stays in
//! the nearest cache; where the letters are those of a text, it is compared. An
//! automaton over a thousand texts is too large for that cache, and has to wait
//! for one state before it can look up the next: it takes several times as
//! long, and a while to be made.

use std::collections::HashMap;

/// Texts to be looked for, whatever the case of their ASCII letters.
#[derive(Debug)]
pub(super) struct Sieve {
    /// A bit for the hash of every text's letters.
    table: Box<[u64; WORDS]>,
    /// The first entry of each two hashes.
    heads: Box<[u16]>,
    entries: Vec<Entry>,
    texts: Vec<Box<[u8]>>,
    /// Texts of less than three letters, which are looked for one by one.
    short: Vec<u16>,
}

/// Four letters of a text.
#[derive(Debug)]
struct Entry {
    letters: u32,
    text: u16,
    /// Where in the text they are; -1 for the letter before it.
    offset: isize,
    /// The next entry of the same hashes.
    next: u16,
}

const BITS: u32 = 17;
const WORDS: usize = 1 << (BITS - 6);

/// No entry, or none any more.
const NONE: u16 = u16::MAX;

/// Words of ordinary build logs, which every other line has some of.
pub(super) const ORDINARY: &str = "get: downloading downloaded collecting unpacking setting up \
    installing \
    installed requirement already satisfied using cached building built wheel package packages \
    copying running creating writing reading fetching fetched selecting previously unselected \
    preparing to unpack processing triggers for manylinux x86_64 aarch64 arm64 amd64 linux \
    python cp312 .whl .tar.gz .deb from requirements.txt https:// deb debian main version kb mb \
    kb/s mb/s eta 0:00:00 ---- ━━━━ done cached run step added removed changed audited in ms s \
    files module modules import export compile compiling checking resolved resolving lock sync \
    extracting sha256: layer layers image node_modules npm dist build src lib usr local bin \
    include share etc var tmp opt app site-packages this that with and the of is are not was \
    will have been into over you your warning info debug total size time seconds complete line \
    http://";

/// Makes both cases of a letter one, and some signs with them, which is no
/// harm.
const FOLD: u64 = 0x2020_2020_2020_2020;

/// Four letters as a number.
fn letters(window: [u8; 4]) -> u32 {
    u32::from_le_bytes(window) | FOLD as u32
}

/// All there are in a row.
fn windows(text: &[u8]) -> impl Iterator<Item = u32> + '_ {
    text.windows(4).filter_map(|window| window.first_chunk()).map(|window| letters(*window))
}

fn hash(letters: u32) -> usize {
    // In 64 bits: of three products in 32 the compiler makes a vector, for
    // which the oldest processors have no instruction.
    (u64::from(letters).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - BITS)) as usize
}

impl Sieve {
    pub(super) fn new(texts: &[&str]) -> Self {
        let mut sieve = Self {
            table: Box::new([0; WORDS]),
            heads: vec![NONE; 1 << (BITS - 1)].into(),
            entries: Vec::new(),
            texts: texts.iter().map(|text| text.as_bytes().into()).collect(),
            short: Vec::new(),
        };
        // How often letters occur: where ordinary lines have them that counts
        // for much; where other texts have them, for something.
        let mut common: HashMap<u32, u32> = HashMap::new();
        let weighed = texts.iter().map(|text| (*text, 1));
        for (text, weight) in weighed.chain([(ORDINARY, 1000)]) {
            for letters in windows(text.as_bytes()) {
                *common.entry(letters).or_default() += weight;
            }
        }
        for (at, text) in texts.iter().enumerate() {
            let Ok(at) = u16::try_from(at) else { break };
            sieve.enter_text(at, text.as_bytes(), &common);
        }
        sieve
    }

    fn enter_text(&mut self, at: u16, text: &[u8], common: &HashMap<u32, u32>) {
        let any = || (0..=u8::MAX).filter(|byte| byte & FOLD as u8 != 0);
        match *text {
            [] | [_] | [_, _] => self.short.push(at),
            [a, b, c] => {
                any().for_each(|d| self.enter(at, 0, letters([a, b, c, d])));
                any().for_each(|d| self.enter(at, -1, letters([d, a, b, c])));
            }
            [a, b, c, d] => {
                self.enter(at, 0, letters([a, b, c, d]));
                any().for_each(|d| self.enter(at, -1, letters([d, a, b, c])));
            }
            _ => {
                let often = |letters: &u32| common.get(letters).copied().unwrap_or(0);
                for odd in [0, 1] {
                    let rarest = windows(text)
                        .enumerate()
                        .filter(|(offset, _)| offset % 2 == odd)
                        .min_by_key(|(_, letters)| often(letters));
                    if let Some((offset, letters)) = rarest {
                        self.enter(at, offset as isize, letters);
                    }
                }
            }
        }
    }

    fn enter(&mut self, text: u16, offset: isize, letters: u32) {
        let hash = hash(letters);
        let entry = u16::try_from(self.entries.len()).ok().filter(|entry| *entry != NONE);
        let Some(entry) = entry else {
            // There are too many: that takes longer, but misses nothing.
            if self.short.last() != Some(&text) {
                self.short.push(text);
            }
            return;
        };
        if let (Some(word), Some(head)) =
            (self.table.get_mut(hash >> 6), self.heads.get_mut(hash >> 1))
        {
            *word |= 1 << (hash & 63);
            let next = std::mem::replace(head, entry);
            self.entries.push(Entry { letters, text, offset, next });
        }
    }

    fn holds(&self, letters: u32) -> bool {
        let hash = hash(letters);
        self.table.get(hash >> 6).is_some_and(|word| word >> (hash & 63) & 1 != 0)
    }

    /// Calls `found` with the place of each text that a line contains, once or
    /// more often.
    pub(super) fn each(&self, line: &[u8], mut found: impl FnMut(usize)) {
        let mut at = 0;
        while let Some(eight) = line.get(at..).and_then(|rest| rest.first_chunk()) {
            let word = u64::from_le_bytes(*eight) | FOLD;
            let three = [word as u32, (word >> 16) as u32, (word >> 32) as u32];
            // One branch, hardly ever taken, instead of three.
            if three.iter().fold(false, |any, letters| any | self.holds(*letters)) {
                for (nth, letters) in three.into_iter().enumerate() {
                    self.compare(line, at + 2 * nth, letters, &mut found);
                }
            }
            at += 6;
        }
        // What is left, as if something followed.
        let rest = line.get(at..).unwrap_or_default();
        let mut padded = [0; 12];
        for (to, from) in padded.iter_mut().zip(rest) {
            *to = *from;
        }
        for (nth, letters) in windows(&padded).enumerate().take(rest.len()).step_by(2) {
            self.compare(line, at + nth, letters, &mut found);
        }
        for text in &self.short {
            let text = usize::from(*text);
            let Some(letters) = self.texts.get(text).filter(|text| !text.is_empty()) else {
                continue;
            };
            if line.windows(letters.len()).any(|window| window.eq_ignore_ascii_case(letters)) {
                found(text);
            }
        }
    }

    /// Compares the texts that have these letters with the line around them.
    fn compare(&self, line: &[u8], at: usize, letters: u32, found: &mut impl FnMut(usize)) {
        if !self.holds(letters) {
            return;
        }
        let mut next = self.heads.get(hash(letters) >> 1).copied().unwrap_or(NONE);
        while let Some(entry) = self.entries.get(usize::from(next)) {
            next = entry.next;
            if entry.letters != letters {
                continue;
            }
            let text = usize::from(entry.text);
            let here = self.texts.get(text).and_then(|letters| {
                let start = at.checked_add_signed(-entry.offset)?;
                let part = line.get(start..start.checked_add(letters.len())?)?;
                Some(part.eq_ignore_ascii_case(letters))
            });
            if here == Some(true) {
                found(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(texts: &[&str], line: &str) -> Vec<usize> {
        let mut all = Vec::new();
        Sieve::new(texts).each(line.as_bytes(), |text| all.push(text));
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn texts_are_found_whatever_their_case_and_place() {
        let texts = ["no space left", "error:", "killed", "left on", "ok", ""];
        assert_eq!(found(&texts, "write: No Space Left on device"), [0, 3]);
        assert_eq!(found(&texts, "KILLED"), [2]);
        assert_eq!(found(&texts, "erro"), [0; 0]);
        assert_eq!(found(&texts, "is OK, Error: killed"), [1, 2, 4]);
        assert_eq!(found(&texts, ""), [0; 0]);
        assert_eq!(found(&[], "anything"), [0; 0]);
    }

    #[test]
    fn short_texts_are_found_at_every_place() {
        let texts = [".py", "http", "e: ", "x", "warns"];
        for before in 0..20 {
            for after in 0..10 {
                for (at, text) in texts.iter().enumerate() {
                    let line = format!("{}{text}{}", "_".repeat(before), "_".repeat(after));
                    assert_eq!(found(&texts, &line), [at], "{line}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn it_finds_what_looking_for_one_after_the_other_finds(
            texts in proptest::collection::vec("[abAB :é]{1,6}|[ -~é]{2,9}", 0..20),
            which in proptest::collection::vec((any::<proptest::sample::Index>(), any::<bool>(), "[ab é]{0,3}"), 0..4),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut line = String::new();
            for (text, upper, noise) in which {
                if !texts.is_empty() {
                    let text = text.get(&texts);
                    line.push_str(&if upper { text.to_ascii_uppercase() } else { text.to_string() });
                }
                line.push_str(&noise);
            }
            let small = line.to_ascii_lowercase();
            let one_by_one: Vec<usize> = (0..texts.len())
                .filter(|at| small.contains(&texts[*at].to_ascii_lowercase()))
                .collect();
            prop_assert_eq!(found(&texts, &line), one_by_one);
        }
    }
}
