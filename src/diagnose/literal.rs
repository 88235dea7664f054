//! The texts that a line must contain for a pattern to match it.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::sieve::ORDINARY;

/// Texts shorter than this occur in so many lines that they filter nothing.
const SHORTEST: usize = 3;
/// More alternatives than this are not worth a prefilter.
const MOST: usize = 64;

/// Literals (lower case, matched whatever the case) of which every match of
/// the pattern contains at least one; `None` when there are none of use.
pub(super) fn required(pattern: &Hir) -> Option<Vec<String>> {
    best(pattern).filter(|set| set.iter().map(String::len).min() >= Some(SHORTEST))
}

/// A set is worth its least member: a long text is in few lines, but one that
/// ordinary lines have is in many.
fn worth(set: &[String]) -> usize {
    let worth = |text: &String| match ORDINARY.contains(text.trim()) {
        true => text.len(),
        false => 3 * text.len(),
    };
    set.iter().map(worth).min().unwrap_or(0)
}

fn best(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => lower(&literal.0).map(|text| vec![text]),
        HirKind::Capture(capture) => best(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => best(&repetition.sub),
        HirKind::Class(_) => letter(hir).map(|c| vec![c.to_string()]),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(best(branch)?);
            }
            all.sort_unstable();
            all.dedup();
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Concat(parts) => {
            let mut chosen: Option<Vec<String>> = None;
            let mut offer = |set: Vec<String>| {
                if chosen.as_ref().is_none_or(|old| worth(old) < worth(&set)) {
                    chosen = Some(set);
                }
            };
            // Letters of either case are classes of two; they and the literals
            // beside them are one literal here.
            let mut run = String::new();
            for part in parts {
                let piece = match part.kind() {
                    HirKind::Literal(literal) => lower(&literal.0),
                    _ => letter(part).map(String::from),
                };
                match piece {
                    Some(piece) => run.push_str(&piece),
                    None => {
                        if !run.is_empty() {
                            offer(vec![std::mem::take(&mut run)]);
                        }
                        if let Some(set) = best(part) {
                            offer(set);
                        }
                    }
                }
            }
            if !run.is_empty() {
                offer(vec![run]);
            }
            chosen
        }
        _ => None,
    }
}

/// The letter that a class of its two cases (and their look-alikes) stands for.
fn letter(hir: &Hir) -> Option<char> {
    let HirKind::Class(Class::Unicode(class)) = hir.kind() else { return None };
    let mut chars = class.iter().flat_map(|range| range.start()..=range.end()).take(4);
    let first = chars.next()?.to_ascii_lowercase();
    let mut count = 1;
    for c in chars {
        count += 1;
        // k and s have one more case each, outside ASCII (K, ſ); a line with it
        // isn't worth a slower search.
        // A quotation mark and its typographic twin are two texts, not one.
        if c.to_ascii_lowercase() != first && !matches!(c, '\u{212a}' | '\u{17f}') {
            return None;
        }
    }
    (first.is_ascii() && count <= 3).then_some(first)
}

fn lower(bytes: &[u8]) -> Option<String> {
    Some(std::str::from_utf8(bytes).ok()?.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Option<Vec<String>> {
        required(&regex_syntax::parse(pattern).ok()?)
    }

    #[test]
    fn the_longest_part_that_must_be_there() {
        assert_eq!(of(r"fatal error: (\S+): No such file"), Some(vec![": no such file".into()]));
        assert_eq!(of(r"(?i)no space left"), Some(vec!["no space left".into()]));
        assert_eq!(of(r"^(?:abc|defg) \d+"), Some(vec!["abc".into(), "defg".into()]));
        assert_eq!(of(r"x(?:killed)+"), Some(vec!["killed".into()]));
        assert_eq!(of("of [‘']x[’'] is bad"), Some(vec![" is bad".into()]));
        // What every other line has is worth less.
        assert_eq!(of(r"Downloading (cpython-3\S+)"), Some(vec!["cpython-3".into()]));
    }

    #[test]
    fn patterns_without_one() {
        for pattern in [r"\d+", r"a|bcd", r"(abc)?", r"[a-z]{9}", "("] {
            assert_eq!(of(pattern), None, "{pattern}");
        }
    }
}
