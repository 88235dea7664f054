//! Which lines a reader wants to see.

use crate::domain::LineNo;
use crate::log::Log;
use crate::parse::{Role, line_role, says_trouble};
use crate::search::Query;

/// What a filter looks at.
#[derive(Clone, Debug)]
pub enum Test {
    /// Lines that a query matches.
    Match(Query),
    /// Lines that state a failure or warn: to the rules, to the builder, or in
    /// their own words.
    Trouble,
    /// Transfers, layers and other progress.
    Progress,
}

/// What a filter does with the lines it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Only these are shown (or those of another filter of this sense).
    Show,
    /// These are not shown.
    Hide,
}

/// One filter; any number apply at once.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What it looks at.
    pub test: Test,
    /// What it does with it.
    pub sense: Sense,
    /// Whether it applies now.
    pub on: bool,
    /// Whether it was switched off together with others, or by a jump to a line
    /// it hides, and comes back on with them.
    pub sleeps: bool,
}

impl Filter {
    /// A filter that applies.
    pub fn new(test: Test, sense: Sense) -> Self {
        Self { test, sense, on: true, sleeps: false }
    }

    /// What it is called in lists: the expression, or the preset's name.
    pub fn name(&self) -> &str {
        match &self.test {
            Test::Match(query) => query.expression(),
            Test::Trouble => "failures and warnings",
            Test::Progress => "progress",
        }
    }

    /// Whether a line is one of those it is about.
    fn is_about(&self, log: &Log, line: LineNo, clean: &str) -> bool {
        match &self.test {
            Test::Match(query) => query.matches(clean),
            Test::Trouble => {
                log.failure_lines().binary_search(&line).is_ok()
                    || log.warning_lines().binary_search(&line).is_ok()
                    || matches!(
                        line_role(clean),
                        Role::PhaseFailed
                            | Role::CommandFailed
                            | Role::Error
                            | Role::Warning
                            | Role::FinalError
                    )
                    // What is said again at the end has been said.
                    || says_trouble(clean) && log.tree().repeat_of(line).is_none()
            }
            Test::Progress => line_role(clean) == Role::Status,
        }
    }
}

/// What filters say of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is shown.
    Shown,
    /// It isn't one of those that are picked out, but may be shown around one.
    Around,
    /// It is hidden, whatever it is beside.
    Hidden,
}

/// The filters of a view, in the order they were made.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// All of them, those that are off too.
    pub list: Vec<Filter>,
    /// How many lines around those that are picked out are shown as well.
    pub context: u32,
}

impl Filters {
    /// Whether any of them applies.
    pub fn active(&self) -> bool {
        self.list.iter().any(|filter| filter.on)
    }

    /// Whether any picks lines out, and doesn't only hide some.
    pub fn pick(&self) -> bool {
        self.list.iter().any(|filter| filter.on && filter.sense == Sense::Show)
    }

    /// Whether any was switched off to come back on with the others.
    pub fn any_sleeps(&self) -> bool {
        self.list.iter().any(|filter| filter.sleeps)
    }

    /// Switches all off, to come back on together.
    pub fn sleep(&mut self) {
        for filter in &mut self.list {
            (filter.sleeps, filter.on) = (filter.on, false);
        }
    }

    /// Switches those on again that were put off together; all, if none was.
    pub fn wake(&mut self) {
        let all = !self.any_sleeps();
        for filter in &mut self.list {
            filter.on |= std::mem::take(&mut filter.sleeps) || all;
        }
    }

    /// Puts those off that keep a line from being shown.
    pub fn give_way(&mut self, log: &Log, line: LineNo, clean: &str) {
        let about: Vec<bool> = self.list.iter().map(|f| f.is_about(log, line, clean)).collect();
        for (filter, about) in self.list.iter_mut().zip(about) {
            let hides = match filter.sense {
                Sense::Hide => about,
                Sense::Show => !about,
            };
            if filter.on && hides {
                (filter.sleeps, filter.on) = (true, false);
            }
        }
    }

    /// Whether a line passes all that apply.
    pub fn pass(&self, log: &Log, line: LineNo, clean: &str) -> bool {
        self.verdict(log, line, clean) == Verdict::Shown
    }

    /// What those that apply say of a line.
    pub fn verdict(&self, log: &Log, line: LineNo, clean: &str) -> Verdict {
        let mut wanted = None;
        for filter in self.list.iter().filter(|filter| filter.on) {
            match filter.sense {
                Sense::Hide if filter.is_about(log, line, clean) => return Verdict::Hidden,
                Sense::Hide => {}
                Sense::Show if wanted == Some(true) => {}
                Sense::Show => wanted = Some(filter.is_about(log, line, clean)),
            }
        }
        if wanted.unwrap_or(true) { Verdict::Shown } else { Verdict::Around }
    }
}
