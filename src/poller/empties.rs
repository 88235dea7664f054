//! Empty pages that come with another token: there may be more behind them, and there may
//! be another such page behind each, for ever.

/// So many of them in a row are the end, whatever tokens they come with.
pub(super) const EMPTY_PAGES: u32 = 6;
/// In so many turns they are followed to no end.
const IN_VAIN: u32 = 2;

/// Those that came while new lines were looked for.
#[derive(Debug, Default)]
pub(super) struct Empties {
    /// The token that led to the first of them.
    first: Option<String>,
    /// How many were followed in this turn,
    followed: u32,
    /// and in how many turns in a row that led to nothing.
    vain: u32,
}

impl Empties {
    /// A turn begins.
    pub(super) fn turn(&mut self) {
        self.vain += u32::from(self.followed > 0);
        self.followed = 0;
    }

    /// Whether what comes with an empty page is to be followed, which this token led to:
    /// not at once, for the page may have lost its lines on the way.
    pub(super) fn lead(&mut self, asked: Option<&String>) -> bool {
        let first = asked.is_some() && self.first.as_ref() == asked;
        if !first && self.followed == 0 {
            self.first = asked.cloned();
            return false;
        }
        self.followed += 1;
        self.vain < IN_VAIN && self.followed < EMPTY_PAGES
    }

    /// A page had lines. Whether empty ones led to it.
    pub(super) fn end(&mut self) -> bool {
        let led = std::mem::take(&mut self.followed) > 0;
        if led {
            *self = Self::default();
        }
        led
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_with_an_empty_page_is_followed_when_it_was_empty_twice() {
        let mut empties = Empties::default();
        let token = |n: u32| n.to_string();
        empties.turn();
        assert!(!empties.lead(Some(&token(1))));
        empties.turn();
        assert!(empties.lead(Some(&token(1))) && empties.lead(Some(&token(2))));
        assert!(empties.end(), "lines after two of them");
        assert!(!empties.lead(Some(&token(3))) && !empties.end());
        assert!(!empties.lead(None) && !empties.lead(None), "the first page is the first");
    }

    #[test]
    fn they_are_not_followed_for_ever() {
        let mut empties = Empties::default();
        let mut most = vec![];
        for _ in 0..5 {
            empties.turn();
            let mut followed = 0;
            while empties.lead(Some(&followed.to_string())) {
                followed += 1;
            }
            most.push(followed);
        }
        assert_eq!(most, [0, EMPTY_PAGES - 1, EMPTY_PAGES - 1, 0, 0]);
    }
}
