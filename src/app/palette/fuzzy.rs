//! How like a name what was typed is.

/// A number that is higher the more like a name (or, less so, its description)
/// the typed words are; `None` where one of them is in neither. Every
/// character has to be there, in order.
pub(super) fn score(typed: &str, name: &str, about: &str) -> Option<i32> {
    typed.split_whitespace().try_fold(0, |sum, word| {
        let in_name = subsequence(word, name).map(|score| score + 50);
        let in_about = contained(word, about);
        Some(sum + in_name.max(in_about)?)
    })
}

/// Whether what was typed means this name, and is not only like it: it is how the name
/// begins, or each word begins there where one of the name's does, or is described.
pub(super) fn names(typed: &str, name: &str, about: &str) -> bool {
    let bare = |text: &str| text.replace(['-', ' '], "").to_lowercase();
    let mut words = typed.split_whitespace().map(str::to_lowercase);
    let begins = |word: &str| format!("-{name}").contains(&format!("-{word}"));
    bare(name).starts_with(&bare(typed))
        || words.all(|word| begins(&word) || contained(&word, about).is_some())
}

/// Best way to find the characters of a word in a text, in order: together,
/// and at the beginnings of words, counts more.
fn subsequence(word: &str, text: &str) -> Option<i32> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let first = word.first()?;
    let starts = text.iter().enumerate().filter(|(_, c)| *c == first).map(|(at, _)| at);
    starts.filter_map(|start| greedy(&word, &text, start)).max()
}

fn greedy(word: &[char], text: &[char], start: usize) -> Option<i32> {
    let mut score = 0;
    let mut last = None;
    let mut at = start;
    for c in word {
        let found = at + text.get(at..)?.iter().position(|t| t == c)?;
        let begins = found == 0 || text.get(found - 1).is_some_and(|t| !t.is_alphanumeric());
        let follows = last.is_some_and(|last: usize| last + 1 == found);
        score += match (begins, follows) {
            (true, _) => 8,
            (false, true) => 6,
            (false, false) => 1,
        };
        last = Some(found);
        at = found + 1;
    }
    // Of equals, the shorter name: more of it was typed.
    let whole = if word.len() == text.len() { 100 } else { 0 };
    Some(score * 4 + whole - start.min(9) as i32 - text.len().min(40) as i32 / 4)
}

/// A description holds the word as it is, or doesn't.
fn contained(word: &str, about: &str) -> Option<i32> {
    let about = about.to_lowercase();
    let at = about.find(&word.to_lowercase())?;
    let begins = about.get(..at)?.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    Some(if begins { 20 } else { 5 } + word.len().min(20) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(typed: &str, names: &[&'a str]) -> Option<&'a str> {
        let scored = names.iter().filter_map(|name| Some((score(typed, name, "")?, *name)));
        scored.max_by_key(|(score, _)| *score).map(|(_, name)| name)
    }

    #[test]
    fn the_name_most_like_it_is_the_best() {
        let names = ["next-match", "next-failure", "next-failed-step", "fold", "fold-all", "wrap"];
        assert_eq!(best("fold", &names), Some("fold"));
        assert_eq!(best("fa", &names), Some("fold-all"));
        assert_eq!(best("nfs", &names), Some("next-failed-step"));
        assert_eq!(best("nm", &names), Some("next-match"));
        assert_eq!(best("failure", &names), Some("next-failure"));
        assert_eq!(best("step failed", &names), Some("next-failed-step"));
        assert_eq!(best("wrp", &names), Some("wrap"));
        assert_eq!(best("xyz", &names), None);
    }

    #[test]
    fn a_name_is_meant_by_its_beginning_and_by_words_of_it() {
        let meant = |typed| names(typed, "next-failed-step", "next failed step of the build");
        for typed in ["next-f", "nextfailed", "Next Fail", "step failed", "failed-step", "build"] {
            assert!(meant(typed), "{typed}");
        }
        for typed in ["nfs", "nxt", "failed build zz", "ext-failed"] {
            assert!(!meant(typed), "{typed}");
        }
    }

    #[test]
    fn descriptions_count_less_than_names() {
        assert!(score("quit", "quit", "") > score("quit", "leave", "to quit"));
        assert!(score("lines", "wrap", "wrap long lines").is_some());
        assert_eq!(score("lnes", "wrap", "wrap long lines"), None);
        assert_eq!(score("", "wrap", ""), Some(0));
    }
}
