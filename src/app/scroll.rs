//! Where one is in what is shown of a log: the top row, the cursor, following
//! or paused.
//!
//! Pure arithmetic over [`Rows`]; it knows neither texts nor the screen. Two
//! promises hold whatever arrives: while paused the top row stays on the same
//! line, and every line can be reached by the cursor.
//!
//! One step down scrolls the text by one row under a cursor that stays where
//! it is on the screen; only at the ends of the log does the cursor move by
//! itself. So a reader's eye stays in one place, and a step costs the
//! terminal one row.

/// The position of something shown in the log pane: a line, a folded step, a
/// run of hidden lines. 0-based and dense; as long as the whole log is shown,
/// it is the line's own position (see [`super::view::View`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemNo(u32);

impl ItemNo {
    /// The first of all.
    pub const FIRST: Self = Self(0);

    /// The item at a 0-based position.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The 0-based position.
    pub const fn index(self) -> u32 {
        self.0
    }

    /// The one after it (saturating at the end of the range).
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The one before it, if there is one.
    pub fn prev(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

/// The heights of what is shown of a log.
pub trait Rows {
    /// How many items there are.
    fn len(&self) -> u32;

    /// How many lines the log has, shown or not.
    fn lines(&self) -> u32;

    /// How many screen rows an item takes; at least 1.
    fn height(&self, item: ItemNo) -> u32;

    /// Whether every item takes one row, so that distances needn't be walked.
    fn uniform(&self) -> bool;

    /// Whether there is no item.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A row of what is shown: an item, and which of its screen rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The item.
    pub item: ItemNo,
    /// The row inside it, from 0.
    pub row: u32,
}

/// Whether the view moves with what arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// The newest line is kept in sight.
    Following,
    /// The view stays, and always has: a log read from its start.
    Still,
    /// The view stays, for now.
    Paused {
        /// How many lines the log had when it was paused.
        since: u32,
    },
}

/// The position in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    /// The first row in sight.
    pub top: Place,
    /// The line that jumps, searches and marks start from.
    pub cursor: ItemNo,
    /// Columns scrolled to the right.
    pub left: u32,
    /// Following or paused.
    pub follow: Follow,
}

impl Scroll {
    /// A view of a log from its first line, or following its last.
    pub fn new(following: bool) -> Self {
        Self {
            top: Place::default(),
            cursor: ItemNo::FIRST,
            left: 0,
            follow: if following { Follow::Following } else { Follow::Still },
        }
    }

    /// Whether the newest line is kept in sight.
    pub fn is_following(&self) -> bool {
        self.follow == Follow::Following
    }

    /// Makes the position fit what is there now: the end in sight while
    /// following, and never past the end. To be called after every change.
    pub fn settle(&mut self, rows: &impl Rows, height: u32) {
        let last = ItemNo::new(rows.len().saturating_sub(1));
        let limit = limit(rows, height);
        match self.follow {
            Follow::Following => {
                self.top = limit;
                self.cursor = last;
            }
            Follow::Still | Follow::Paused { .. } => {
                self.top = self.top.min(limit);
                if !rows.is_empty() {
                    self.top.row = self.top.row.min(rows.height(self.top.item).saturating_sub(1));
                }
                self.cursor = self.cursor.min(last);
                if let Follow::Paused { since } = &mut self.follow {
                    *since = (*since).min(rows.lines());
                }
            }
        }
        let bottom = forward(rows, self.top, height.saturating_sub(1)).item;
        if !(self.top.item..=bottom).contains(&self.cursor) {
            self.bring(rows, height);
        }
    }

    /// Stops following.
    pub fn pause(&mut self, rows: &impl Rows) {
        if self.is_following() {
            self.follow = Follow::Paused { since: rows.lines() };
        }
    }

    /// Follows, from the newest line on.
    pub fn resume(&mut self, rows: &impl Rows, height: u32) {
        self.follow = Follow::Following;
        self.settle(rows, height);
    }

    /// Down by rows. Going down at the very end resumes following: there is
    /// nothing else it could mean.
    pub fn down(&mut self, rows: &impl Rows, height: u32, by: u32) {
        if rows.is_empty() || self.is_following() {
            return;
        }
        let limit = limit(rows, height);
        let last = ItemNo::new(rows.len() - 1);
        if self.top >= limit {
            if self.cursor >= last {
                self.resume(rows, height);
            } else {
                self.cursor = last.min(ItemNo::new(self.cursor.index().saturating_add(by)));
            }
            return;
        }
        let at = self.cursor_row(rows, height);
        let target = forward(rows, self.top, by);
        self.top = target.min(limit);
        self.cursor = forward(rows, self.top, at).item;
        if target > limit {
            // A page down over the end reaches the end.
            self.cursor = if by > 1 { last } else { self.cursor };
        }
    }

    /// Up by rows; stops following.
    pub fn up(&mut self, rows: &impl Rows, height: u32, by: u32) {
        if rows.is_empty() {
            return;
        }
        self.pause(rows);
        if self.top == Place::default() {
            self.cursor = ItemNo::new(self.cursor.index().saturating_sub(by));
            return;
        }
        let at = self.cursor_row(rows, height);
        self.top = back(rows, self.top, by);
        self.cursor = forward(rows, self.top, at).item;
    }

    /// To the first line.
    pub fn to_top(&mut self, rows: &impl Rows) {
        self.pause(rows);
        self.top = Place::default();
        self.cursor = ItemNo::FIRST;
    }

    /// Puts the cursor on a line, scrolling only when it is out of sight, and
    /// then so that a third of the screen shows what led up to it.
    pub fn reveal(&mut self, rows: &impl Rows, height: u32, line: ItemNo) {
        if rows.is_empty() {
            return;
        }
        self.pause(rows);
        let line = line.min(ItemNo::new(rows.len() - 1));
        self.cursor = line;
        let start = Place { item: line, row: 0 };
        let bottom = forward(rows, self.top, height.saturating_sub(1));
        let last_row = Place { item: line, row: rows.height(line).min(height).saturating_sub(1) };
        if start < self.top || last_row > bottom {
            self.top = back(rows, start, height / 3).min(limit(rows, height));
        }
    }

    /// Puts the cursor on a line and brings it into sight.
    pub fn show(&mut self, rows: &impl Rows, height: u32, line: ItemNo) {
        if rows.is_empty() {
            return;
        }
        self.pause(rows);
        self.cursor = line.min(ItemNo::new(rows.len() - 1));
        self.bring(rows, height);
    }

    /// Brings the cursor's line into sight, scrolling no further than it must.
    fn bring(&mut self, rows: &impl Rows, height: u32) {
        let start = Place { item: self.cursor, row: 0 };
        let tall = rows.height(self.cursor).min(height).saturating_sub(1);
        let end = Place { item: self.cursor, row: tall };
        let lowest = back(rows, end, height.saturating_sub(1));
        self.top = self.top.max(lowest).min(start);
    }

    /// The screen row the cursor's line begins on (0 when it begins above).
    pub fn cursor_row(&self, rows: &impl Rows, height: u32) -> u32 {
        let mut at = 0;
        let mut place = self.top;
        while place.item < self.cursor && at < height {
            if rows.uniform() {
                return (self.cursor.index() - self.top.item.index()).min(height);
            }
            at += rows.height(place.item).saturating_sub(place.row).max(1);
            place = Place { item: place.item.next(), row: 0 };
        }
        at.min(height.saturating_sub(1))
    }
}

/// The lowest top row that leaves no empty rows below the end.
pub fn limit(rows: &impl Rows, height: u32) -> Place {
    let Some(last) = rows.len().checked_sub(1).map(ItemNo::new) else {
        return Place::default();
    };
    let end = Place { item: last, row: rows.height(last).saturating_sub(1) };
    back(rows, end, height.saturating_sub(1))
}

/// The place `by` rows further down, at most the last row.
pub fn forward(rows: &impl Rows, from: Place, by: u32) -> Place {
    let Some(last) = rows.len().checked_sub(1).map(ItemNo::new) else {
        return Place::default();
    };
    if rows.uniform() {
        let line = ItemNo::new(from.item.index().saturating_add(by)).min(last);
        return Place { item: line, row: 0 };
    }
    let mut place = from;
    let mut left = by;
    loop {
        let height = rows.height(place.item);
        let room = height.saturating_sub(place.row).saturating_sub(1);
        if left <= room {
            return Place { row: place.row + left, ..place };
        }
        if place.item >= last {
            return Place { item: last, row: height.saturating_sub(1) };
        }
        left -= room + 1;
        place = Place { item: place.item.next(), row: 0 };
    }
}

/// The place `by` rows further up, at least the first row.
pub fn back(rows: &impl Rows, from: Place, by: u32) -> Place {
    if rows.uniform() {
        return Place { item: ItemNo::new(from.item.index().saturating_sub(by)), row: 0 };
    }
    let mut place = from;
    let mut left = by;
    loop {
        if left <= place.row {
            return Place { row: place.row - left, ..place };
        }
        left -= place.row + 1;
        match place.item.prev() {
            Some(line) => {
                place = Place { item: line, row: rows.height(line).saturating_sub(1) };
            }
            None => return Place::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Heights(Vec<u32>);

    impl Rows for Heights {
        fn len(&self) -> u32 {
            self.0.len() as u32
        }
        fn lines(&self) -> u32 {
            self.len()
        }
        fn height(&self, line: ItemNo) -> u32 {
            self.0[line.index() as usize]
        }
        fn uniform(&self) -> bool {
            self.0.iter().all(|h| *h == 1)
        }
    }

    fn lines(n: usize) -> Heights {
        Heights(vec![1; n])
    }

    #[test]
    fn following_keeps_the_newest_line_in_sight() {
        let mut scroll = Scroll::new(true);
        scroll.settle(&lines(5), 10);
        assert_eq!((scroll.top.item.index(), scroll.cursor.index()), (0, 4));
        scroll.settle(&lines(100), 10);
        assert_eq!((scroll.top.item.index(), scroll.cursor.index()), (90, 99));
    }

    #[test]
    fn any_way_up_pauses_until_it_is_resumed() {
        let mut scroll = Scroll::new(true);
        scroll.settle(&lines(100), 10);
        scroll.up(&lines(100), 10, 1);
        assert_eq!(scroll.follow, Follow::Paused { since: 100 });
        assert_eq!((scroll.top.item.index(), scroll.cursor.index()), (89, 98));
        scroll.settle(&lines(130), 10);
        assert_eq!(scroll.top.item.index(), 89);
        assert_eq!(scroll.follow, Follow::Paused { since: 100 });
        scroll.resume(&lines(130), 10);
        assert_eq!((scroll.top.item.index(), scroll.follow), (120, Follow::Following));
    }

    #[test]
    fn going_down_at_the_very_end_follows_again() {
        let rows = lines(20);
        let mut scroll = Scroll::new(true);
        scroll.settle(&rows, 10);
        scroll.up(&rows, 10, 1);
        scroll.down(&rows, 10, 1);
        assert!(!scroll.is_following());
        scroll.down(&rows, 10, 1);
        assert!(scroll.is_following());
    }

    #[test]
    fn a_jump_shows_what_led_up_to_the_line() {
        let rows = lines(100);
        let mut scroll = Scroll::new(true);
        scroll.settle(&rows, 12);
        scroll.reveal(&rows, 12, ItemNo::new(50));
        assert_eq!((scroll.top.item.index(), scroll.cursor.index()), (46, 50));
        // In sight already: nothing scrolls.
        scroll.reveal(&rows, 12, ItemNo::new(55));
        assert_eq!((scroll.top.item.index(), scroll.cursor.index()), (46, 55));
    }

    #[test]
    fn a_wrapped_line_taller_than_the_screen_can_be_read_through() {
        let rows = Heights(vec![1, 50, 1]);
        let mut scroll = Scroll::new(false);
        scroll.settle(&rows, 10);
        for row in 0..42 {
            assert_eq!(
                scroll.top,
                if row == 0 {
                    Place::default()
                } else {
                    Place { item: ItemNo::new(1), row: row - 1 }
                }
            );
            scroll.down(&rows, 10, 1);
        }
        assert_eq!(scroll.top, limit(&rows, 10));
    }

    proptest! {
        #[test]
        fn up_undoes_down(
            heights in prop::collection::vec(1u32..6, 1..60),
            start in 0u32..100, by in 0u32..40,
        ) {
            let rows = Heights(heights);
            let from = forward(&rows, Place::default(), start);
            let down = forward(&rows, from, by);
            let end = limit(&rows, 1);
            if down < end {
                prop_assert_eq!(back(&rows, down, by), from);
            }
        }

        #[test]
        fn every_position_is_inside_the_log(
            heights in prop::collection::vec(1u32..6, 0..40),
            moves in prop::collection::vec((0u8..6, 0u32..30), 0..30),
            height in 0u32..12,
        ) {
            let rows = Heights(heights);
            let mut scroll = Scroll::new(true);
            for (kind, by) in moves {
                match kind {
                    0 => scroll.down(&rows, height, by),
                    1 => scroll.up(&rows, height, by),
                    2 => scroll.to_top(&rows),
                    5 => scroll.show(&rows, height, ItemNo::new(by)),
                    3 => scroll.resume(&rows, height),
                    _ => scroll.reveal(&rows, height, ItemNo::new(by)),
                }
                scroll.settle(&rows, height);
                prop_assert!(scroll.top <= limit(&rows, height));
                if !rows.is_empty() {
                    prop_assert!(scroll.cursor.index() < rows.len());
                    prop_assert!(scroll.top.row < rows.height(scroll.top.item));
                }
            }
        }

        #[test]
        fn one_step_at_a_time_the_cursor_reaches_every_line(n in 1usize..40, height in 1u32..12) {
            let rows = lines(n);
            let mut scroll = Scroll::new(false);
            scroll.settle(&rows, height);
            let mut seen = vec![scroll.cursor.index()];
            while !scroll.is_following() {
                scroll.down(&rows, height, 1);
                scroll.settle(&rows, height);
                seen.push(scroll.cursor.index());
            }
            seen.dedup();
            prop_assert_eq!(seen, (0..n as u32).collect::<Vec<_>>());
        }
    }
}
