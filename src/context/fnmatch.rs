//! Python's `fnmatch`, the matcher of the official CLI.
//!
//! `*` and `?` cross `/`, there is no escape, and a character class has rules of
//! its own: `]` right after `[` or `[!` is a member, a class that never closes is
//! a plain `[`, and a range that runs backwards vanishes together with its ends.
//! The behaviour is that of CPython 3.11–3.13.

/// A pattern ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fnmatch {
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// Any number of characters.
    Star,
    /// Exactly one character.
    One(Set),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Set {
    Any,
    Never,
    Char(u32),
    Ranges { negated: bool, ranges: Vec<(u32, u32)> },
}

impl Set {
    fn has(&self, c: u32) -> bool {
        match self {
            Self::Any => true,
            Self::Never => false,
            Self::Char(own) => *own == c,
            Self::Ranges { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

impl Fnmatch {
    /// Reads a pattern; there is no wrong one.
    pub fn new(pattern: &str) -> Self {
        let text: Vec<u32> = pattern.chars().map(u32::from).collect();
        let mut tokens = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        while let Some((&c, after)) = rest.split_first() {
            rest = after;
            match char::from_u32(c) {
                Some('*') => {
                    if tokens.last() != Some(&Token::Star) {
                        tokens.push(Token::Star);
                    }
                }
                Some('?') => tokens.push(Token::One(Set::Any)),
                Some('[') => match class_end(rest) {
                    Some(end) => {
                        let (inside, after) = rest.split_at(end);
                        tokens.push(Token::One(class(inside)));
                        rest = after.get(1..).unwrap_or_default();
                    }
                    None => tokens.push(Token::One(Set::Char(c))),
                },
                _ => tokens.push(Token::One(Set::Char(c))),
            }
        }
        Self { tokens }
    }

    /// Whether the whole of `name`, as code points, matches.
    pub fn matches(&self, name: &[u32]) -> bool {
        // Every token but a star takes exactly one character, so going back to the
        // latest star is enough and the time is at most pattern times name.
        let (mut t, mut n) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        loop {
            match (self.tokens.get(t), name.get(n)) {
                (None, None) => return true,
                (Some(Token::Star), _) => {
                    star = Some((t, n));
                    t += 1;
                    continue;
                }
                (Some(Token::One(set)), Some(c)) if set.has(*c) => {
                    t += 1;
                    n += 1;
                    continue;
                }
                _ => {}
            }
            match star {
                Some((at, from)) if from < name.len() => {
                    star = Some((at, from + 1));
                    t = at + 1;
                    n = from + 1;
                }
                _ => return false,
            }
        }
    }
}

const DASH: u32 = '-' as u32;
const BANG: u32 = '!' as u32;
const CLOSE: u32 = ']' as u32;

/// Where the class that starts at `rest` (behind the `[`) closes.
fn class_end(rest: &[u32]) -> Option<usize> {
    let mut from = usize::from(rest.first() == Some(&BANG));
    from += usize::from(rest.get(from) == Some(&CLOSE));
    rest.iter().skip(from).position(|c| *c == CLOSE).map(|at| from + at)
}

/// A class from what stands between the brackets.
fn class(inside: &[u32]) -> Set {
    let mut chunks = chunks(inside);
    // A backward range is taken out with both its ends; what is left on either side grows together.
    for k in (1..chunks.len()).rev() {
        let (Some(left), Some(right)) = (chunks.get(k - 1), chunks.get(k)) else { continue };
        if let (Some(high), Some((low, others))) = (left.last(), right.split_first())
            && high > low
        {
            let mut joined = left.clone();
            joined.pop();
            joined.extend_from_slice(others);
            chunks.remove(k);
            if let Some(left) = chunks.get_mut(k - 1) {
                *left = joined;
            }
        }
    }
    // Only now is the first character asked for negation: taking a range out may have put a `!` there.
    let mut negated = false;
    if let Some(first) = chunks.first_mut()
        && first.first() == Some(&BANG)
    {
        negated = true;
        first.remove(0);
    }
    let mut ranges = Vec::new();
    let mut low = None;
    for (i, chunk) in chunks.iter().enumerate() {
        let last_chunk = i + 1 == chunks.len();
        for (j, c) in chunk.iter().enumerate() {
            let opens = !last_chunk && j + 1 == chunk.len();
            match low.take() {
                Some(low) => ranges.push((low, *c)),
                None if opens => low = Some(*c),
                None => ranges.push((*c, *c)),
            }
        }
    }
    match (ranges.is_empty(), negated) {
        (true, true) => Set::Any,
        (true, false) => Set::Never,
        (false, _) => Set::Ranges { negated, ranges },
    }
}

/// Cuts a class at the hyphens that make ranges: never the first character, and
/// not one of the two characters after such a hyphen.
fn chunks(inside: &[u32]) -> Vec<Vec<u32>> {
    let mut out: Vec<Vec<u32>> = Vec::new();
    let mut start = 0;
    let mut from = if inside.first() == Some(&BANG) { 2 } else { 1 };
    while let Some(at) = inside.iter().skip(from).position(|c| *c == DASH).map(|at| from + at) {
        out.push(inside.get(start..at).unwrap_or_default().to_vec());
        start = at + 1;
        from = at + 3;
    }
    let rest = inside.get(start..).unwrap_or_default();
    match out.last_mut() {
        // A hyphen at the end is a hyphen.
        Some(last) if rest.is_empty() => last.push(DASH),
        _ => out.push(rest.to_vec()),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::path::code_points;
    use super::*;
    use proptest::prelude::*;

    fn is_match(pattern: &str, name: &str) -> bool {
        Fnmatch::new(pattern).matches(&code_points(name.as_bytes()))
    }

    #[test]
    fn classes_follow_python() {
        // Expected values are CPython 3.11's.
        let cases = [
            ("[abc]", "b", true),
            ("[!abc]", "b", false),
            ("[^a]", "^", true),
            ("[^a]", "b", false),
            ("[]]", "]", true),
            ("[!]]", "]", false),
            ("[!]]", "x", true),
            ("[", "[", true),
            ("[abc", "[abc", true),
            ("[!]", "[!]", true),
            ("[]", "[]", true),
            ("[a-]", "-", true),
            ("[-a]", "-", true),
            ("[!-a]", "-", false),
            ("[--0]", ".", true),
            ("[a-c-e]", "d", false),
            ("[a-c-e]", "-", true),
            ("[b-a]", "a", false),
            ("[b-a]", "b", false),
            ("[!b-a]", "x", true),
            ("[b-a!x]", "x", false),
            ("[b-a!x]", "y", true),
            ("[z-ad-f]", "e", true),
            ("[z-ad-f]", "a", false),
            ("[\\]", "\\", true),
            ("[[]", "[", true),
            ("[a&&b]", "&", true),
            ("\\*", "\\x", true),
            ("?", "/", true),
            ("?", "", false),
            ("a**b", "a/x/b", true),
            ("*.wav", "a/b.wav", true),
            ("x*", "\n", false),
            ("*", "", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(is_match(pattern, name), expected, "{pattern:?} {name:?}");
        }
    }

    proptest! {
        #[test]
        fn a_name_without_specials_matches_only_itself(name in "[a-z./ -]{0,8}", other in "[a-z./ -]{0,8}") {
            prop_assert!(is_match(&name, &name));
            prop_assert_eq!(is_match(&name, &other), name == other);
        }

        // In a class, a star is one of its characters.
        #[test]
        fn stars_repeat_without_effect(pattern in "[ab*?!-]{0,10}", name in "[ab/!-]{0,8}") {
            prop_assert_eq!(is_match(&pattern, &name), is_match(&pattern.replace('*', "***"), &name));
        }

        #[test]
        fn a_star_around_a_pattern_matches_wherever_it_matches(pattern in "[ab?*]{0,6}", name in "[ab]{0,6}", before in "[ab/]{0,4}", after in "[ab/]{0,4}") {
            if is_match(&pattern, &name) {
                let longer = format!("{before}{name}{after}");
                let wider = format!("*{pattern}*");
                prop_assert!(is_match(&wider, &longer));
            }
        }

        #[test]
        fn a_class_and_its_negation_split_the_alphabet(inside in "[a-e-]{1,6}", c in "[a-g-]") {
            let plain = format!("[{inside}]");
            let negated = format!("[!{inside}]");
            prop_assert_ne!(is_match(&plain, &c), is_match(&negated, &c));
        }

        #[test]
        fn nothing_panics(pattern in "\\PC{0,20}", name in "\\PC{0,20}") {
            is_match(&pattern, &name);
        }
    }
}
