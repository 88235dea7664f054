//! How lines can be the end of one text and the start of another (Knuth, Morris
//! and Pratt): logs that repeat themselves cost no more than others.

/// A page, and for each start of it the longest other start that it ends with.
#[derive(Debug)]
pub(super) struct Borders<'a> {
    page: Vec<&'a [u8]>,
    lengths: Vec<usize>,
}

impl<'a> Borders<'a> {
    pub(super) fn of(page: Vec<&'a [u8]>) -> Self {
        let mut borders = Self { page, lengths: vec![] };
        for nth in 0..borders.page.len() {
            let last = borders.lengths.last().copied().unwrap_or(0);
            let line = borders.page.get(nth).copied().unwrap_or_default();
            let length = if nth == 0 { 0 } else { borders.next(last, line) };
            borders.lengths.push(length);
        }
        borders
    }

    /// How many lines of the page a text ends with that ended with so many
    /// before this line.
    pub(super) fn next(&self, mut known: usize, line: &[u8]) -> usize {
        while self.page.get(known).is_none_or(|own| *own != line) {
            match self.shorter(known) {
                Some(shorter) => known = shorter,
                None => return 0,
            }
        }
        known + 1
    }

    /// The most lines less than these that it ends with as well.
    fn shorter(&self, known: usize) -> Option<usize> {
        self.lengths.get(known.checked_sub(1)?).copied()
    }

    /// How often the page stands in a text, up to `most` times.
    pub(super) fn count<'t>(&self, text: impl Iterator<Item = &'t [u8]>, most: usize) -> usize {
        let mut known = 0;
        let ends = text.filter(|line| {
            known = self.next(known, line);
            known > 0 && known == self.page.len()
        });
        ends.take(most).count()
    }

    /// How many lines of the page a text can end with, the most first.
    pub(super) fn ends<'t>(&self, text: impl Iterator<Item = &'t [u8]>) -> Vec<usize> {
        let longest = text.fold(0, |known, line| self.next(known, line));
        let all = std::iter::successors(Some(longest), |&known| self.shorter(known));
        all.take_while(|&known| known > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ends_are_found() {
        fn words(text: &str) -> Vec<&[u8]> {
            text.split_whitespace().map(str::as_bytes).collect()
        }
        for (text, page, ends) in [
            ("x a b a b", "a b a b c", &[4, 2][..]),
            ("x y", "a b", &[]),
            ("a a a", "a a", &[2, 1]),
            ("a b", "", &[]),
        ] {
            let borders = Borders::of(words(page));
            assert_eq!(borders.ends(words(text).into_iter()), ends, "{text} | {page}");
        }
        let count =
            |text, page, most| Borders::of(words(page)).count(words(text).into_iter(), most);
        assert_eq!(count("a a a a b", "a a", 9), 3);
        assert_eq!(count("a a a a b", "a a", 2), 2);
        assert_eq!((count("a b", "b a", 9), count("a b", "", 9)), (0, 0));
    }
}
