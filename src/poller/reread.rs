//! Whether a page may be one that was read already, judged by its content.
//!
//! It is asked of a page that a doubtful token led to, so that it must answer
//! yes wherever that can't be excluded: a page that isn't taken is read later,
//! or announced as missing; one that is taken twice is a false log.

use std::collections::{HashMap, HashSet};

use super::border::Borders;
use super::held::is_subsequence;

/// Whether `page` may begin within what is `read`; where pages lead to older
/// lines, whether it may end there.
pub(super) fn may_be_read(read: &[Vec<u8>], page: &[Vec<u8>], older: bool) -> bool {
    let mut read: Vec<&[u8]> = read.iter().map(Vec::as_slice).collect();
    let mut page: Vec<&[u8]> = page.iter().map(Vec::as_slice).collect();
    if older {
        read.reverse();
        page.reverse();
    }
    overlaps(&read, &page) || resembles(&read, &page)
}

/// Whether a page is a part of what is read, or begins as that ends.
fn overlaps(read: &[&[u8]], page: &[&[u8]]) -> bool {
    let borders = Borders::of(page.to_vec());
    let mut known = 0;
    for line in read {
        known = borders.next(known, line);
        if known >= page.len() {
            return true;
        }
    }
    known > 0
}

/// Whether they share what stands once in each, and only late lines differ.
fn resembles(read: &[&[u8]], page: &[&[u8]]) -> bool {
    let (known, shown) = (once(read), once(page));
    let landmarks: Vec<(usize, usize)> = page
        .iter()
        .filter_map(|line| Some((shown.get(line).copied()??, known.get(line).copied()??)))
        .collect();
    let (Some(&(nth, at)), Some(&(last, end))) = (landmarks.first(), landmarks.last()) else {
        return false;
    };
    if end + 1 == read.len() {
        return true;
    }
    let (Some(new), Some(old)) = (page.get(nth..=last), read.get(at..=end)) else { return false };
    let all: HashSet<&[u8]> = old.iter().copied().collect();
    let common = new.iter().filter(|line| all.contains(*line)).count();
    landmarks.len() > 1
        && (common * 2 > new.len()
            || is_subsequence(new.iter().copied(), old.iter().copied())
            || is_subsequence(old.iter().copied(), new.iter().copied()))
}

/// Where each line stands; `None` if at several places.
fn once<'a>(lines: &[&'a [u8]]) -> HashMap<&'a [u8], Option<usize>> {
    let mut places = HashMap::with_capacity(lines.len());
    for (nth, line) in lines.iter().enumerate() {
        places.entry(*line).and_modify(|at| *at = None).or_insert(Some(nth));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Vec<u8>> {
        text.split_whitespace().map(|word| word.as_bytes().to_vec()).collect()
    }

    fn is_read(read: &str, page: &str) -> bool {
        may_be_read(&lines(read), &lines(page), false)
    }

    #[test]
    fn a_page_of_what_was_read_is_known_wherever_it_begins() {
        for page in ["a b c", "a b c d e f g", "c d", "e f g h", "f", "f g", "a"] {
            assert!(is_read("a b c d e f", page), "{page}");
        }
        for page in ["x x y", "x x x x x x", "x"] {
            assert!(is_read("x x x x", page), "{page}");
        }
        assert!(is_read("x y x y x", "y x y x y x z"), "a log that repeats itself");
    }

    #[test]
    fn late_lines_and_missing_ones_hide_nothing() {
        for page in ["c late d e f g", "late f g", "late c d", "c e f g", "b late c d"] {
            assert!(is_read("a b c d e f", page), "{page}");
        }
    }

    #[test]
    fn new_lines_are_new_though_some_are_common() {
        for page in ["g h i", "g done h done i", "g h b i j", "b g h i d j"] {
            assert!(!is_read("a done b c done d e", page), "{page}");
        }
    }

    #[test]
    fn older_pages_are_judged_by_their_end() {
        let older = |read: &str, page: &str| may_be_read(&lines(read), &lines(page), true);
        assert!(older("d e f", "b c d"));
        assert!(older("d e f", "d e"));
        assert!(!older("d e f", "a b c"));
    }
}
