//! Which panes there are to see, which has the keys, and how big they are.

/// A part of the screen that can have the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pane {
    /// The log.
    #[default]
    Log,
    /// Phases and steps.
    Steps,
    /// What was found.
    Findings,
    /// One finding in full.
    Detail,
    /// The steps on a time axis; takes the log's place.
    Timeline,
}

impl Pane {
    /// The panes that the keys go round, in order. The timeline isn't among
    /// them: it comes and goes by its own key.
    pub const ALL: [Self; 4] = [Self::Log, Self::Steps, Self::Findings, Self::Detail];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Log => "Log",
            Self::Steps => "Steps",
            Self::Findings => "Findings",
            Self::Detail => "Detail",
            Self::Timeline => "Timeline",
        }
    }
}

/// Whether a pane is to be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// When there is something in it and room for it.
    #[default]
    Auto,
    /// Yes.
    Shown,
    /// No.
    Hidden,
}

/// A list's selection and scroll position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The selected row.
    pub at: usize,
    /// The first row in sight.
    pub top: usize,
    /// Whether the user has chosen a row; until then it goes by itself to what
    /// matters.
    pub held: bool,
}

impl List {
    /// Moves the selection by rows, and keeps it in sight.
    pub fn step(&mut self, by: isize, len: usize, height: usize) {
        self.held = true;
        self.at = self.at.saturating_add_signed(by);
        self.fit(len, height);
    }

    /// Scrolls by rows; the selection moves only as far as it must to stay in
    /// sight.
    pub fn roll(&mut self, by: isize, len: usize, height: usize) {
        self.held = true;
        let most = len.saturating_sub(height);
        self.top = self.top.saturating_add_signed(by).min(most);
        self.at = self.at.clamp(self.top, self.top + height.saturating_sub(1));
        self.fit(len, height);
    }

    /// Makes the position fit a list of that length in a pane of that height.
    pub fn fit(&mut self, len: usize, height: usize) {
        self.at = self.at.min(len.saturating_sub(1));
        let height = height.max(1);
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(height));
        self.top = self.top.min(len.saturating_sub(height));
    }
}

/// The panes of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panes {
    /// Where keys go.
    pub focus: Pane,
    /// Whether the pane with the keys fills the screen.
    pub full: bool,
    /// The steps panel.
    pub steps: Wish,
    /// The findings panel.
    pub findings: Wish,
    /// The detail of a finding.
    pub detail: Wish,
    /// Rows of the panels below the log, where the user set them.
    pub dock: Option<u16>,
    /// Percent of the width that the first panel has, where the user set it.
    pub split: Option<u16>,
    /// The place in the steps panel.
    pub steps_list: List,
    /// The place in the findings panel.
    pub findings_list: List,
    /// The place in the timeline.
    pub timeline_list: List,
    /// The place in the detail.
    pub detail_list: List,
    /// Whether the findings have opened by themselves once.
    pub announced: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_stays_in_its_list_and_in_sight() {
        let mut list = List::default();
        list.step(7, 10, 4);
        assert_eq!((list.at, list.top), (7, 4));
        list.step(90, 10, 4);
        assert_eq!((list.at, list.top), (9, 6));
        list.step(-8, 10, 4);
        assert_eq!((list.at, list.top), (1, 1));
        list.fit(1, 4);
        assert_eq!((list.at, list.top), (0, 0));
        list.fit(0, 0);
        assert_eq!((list.at, list.top), (0, 0));
    }
}
