//! Commands that are typed with an argument.
//!
//! To add one, give it a [`Command`] and a row in [`SPECS`]; what it does is in
//! `perform` in `mod.rs`. Actions without an argument are offered by their
//! names already.

use crate::keymap::Action;

use super::goto::{self, Target};

/// What the palette can be told to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Go to a place in the log.
    Go(Target),
    /// Do what a key does.
    Do(Action),
}

/// A command with an argument.
#[derive(Debug)]
pub struct Spec {
    /// Its name.
    pub name: &'static str,
    /// What its argument is called.
    pub argument: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// The command with that argument, which is trimmed and never empty; or
    /// what is wrong with it, and what would be right.
    pub make: fn(&str) -> Result<Command, String>,
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Every command with an argument.
pub const SPECS: &[Spec] = &[Spec {
    name: "goto",
    argument: "LINE, 50%, 10:04:30 or +90s",
    about: "to a line, a percentage, a time",
    make: |text| match goto::parse(text) {
        Some(target) => target.map(Command::Go),
        None => Err(format!("{text} is no line, percentage or time")),
    },
}];

impl Spec {
    /// The command of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SPECS.iter().find(|spec| spec.name == name)
    }
}

impl Command {
    /// What was typed, if it is a place, an action's full name, or a command
    /// with its argument; and what is wrong with it, if it was meant to be.
    pub fn parse(text: &str) -> Option<Result<Self, String>> {
        let text = text.trim();
        if let Some(target) = goto::parse(text) {
            return Some(target.map(Self::Go));
        }
        if let Some(action) = Action::from_name(text).filter(|action| super::offered(*action)) {
            return Some(Ok(Self::Do(action)));
        }
        let (name, argument) = text.split_once(char::is_whitespace)?;
        let spec = Spec::named(name)?;
        Some((spec.make)(argument.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_place_an_action_or_a_command() {
        let parsed = |text| Command::parse(text);
        assert_eq!(parsed("12"), Some(Ok(Command::Go(Target::Line(12)))));
        assert_eq!(parsed("goto 50%"), Some(Ok(Command::Go(Target::Percent(50.0)))));
        assert_eq!(parsed("fold-all"), Some(Ok(Command::Do(Action::FoldAll))));
        assert_eq!(
            parsed("goto home").unwrap().unwrap_err(),
            "home is no line, percentage or time"
        );
        // Keys of other places do nothing here.
        for text in ["", "fold al", "list-down", "goto", "nothing at all"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn no_command_has_an_actions_name() {
        for spec in SPECS {
            assert_eq!(Action::from_name(spec.name), None);
            assert!(!spec.argument.is_empty() && !spec.about.is_empty());
        }
    }
}
