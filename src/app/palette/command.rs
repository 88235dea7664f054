//! Commands that are typed with an argument.
//!
//! To add one, give it a [`Command`] and a row in [`SPECS`]; what it does is in
//! `perform` in `mod.rs`. Actions without an argument are offered by their
//! names already.

use crate::keymap::Action;

use super::super::ask::{self, Asked};
use super::super::moments::TimeColumn;
use super::super::view::Sense;
use super::goto::{self, Target};

/// What the palette can be told to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Go to a place in the log.
    Go(Target),
    /// Do what a key does.
    Do(Action),
    /// Search an expression.
    Search(String),
    /// Show only lines that match an expression, or hide them.
    Filter(Sense, String),
    /// Pin an expression.
    Pin(String),
    /// Show times in a column.
    Time(TimeColumn),
    /// Save to a file of that path, as typed.
    Save(Asked, String),
    /// Pipe to a program.
    Pipe(String),
}

/// A command with an argument.
#[derive(Debug)]
pub struct Spec {
    /// Its name. An action of that name is the command without its argument:
    /// it asks for it.
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
pub const SPECS: &[Spec] = &[
    Spec {
        name: "goto",
        argument: "LINE, $, 50%, 10:04:30 or +90s",
        about: "to a line, a percentage, a time",
        make: |text| match goto::parse(text) {
            Some(target) => target.map(Command::Go),
            None => Err(format!("{text} is no line, percentage or time")),
        },
    },
    Spec {
        name: "search",
        argument: "EXPRESSION",
        about: "search it",
        make: |text| Ok(Command::Search(text.to_owned())),
    },
    Spec {
        name: "show-only",
        argument: "EXPRESSION",
        about: "only lines that match",
        make: |text| Ok(Command::Filter(Sense::Show, text.to_owned())),
    },
    Spec {
        name: "hide",
        argument: "EXPRESSION",
        about: "hide lines that match",
        make: |text| Ok(Command::Filter(Sense::Hide, text.to_owned())),
    },
    Spec {
        name: "pin",
        argument: "EXPRESSION",
        about: "pin it in a colour of its own",
        make: |text| Ok(Command::Pin(text.to_owned())),
    },
    Spec {
        name: "save",
        argument: "[--all|--shown|--step|--selection|--diff] FILE",
        about: "save to a file",
        make: |text| ask::parse(text).map(|(what, path)| Command::Save(what, path.to_owned())),
    },
    Spec {
        name: "time",
        argument: "[utc|local|build|step|gap|off]",
        about: "the time column",
        make: |text| {
            let column = TimeColumn::named(text).map(Command::Time);
            column.ok_or_else(|| format!("no {text}; utc, local, build, step, gap or off"))
        },
    },
    Spec {
        name: "pipe",
        argument: "COMMAND",
        about: "pipe to a program",
        make: |text| Ok(Command::Pipe(text.to_owned())),
    },
];

/// What vim is left with, of which there is nothing to lose here.
const LEAVES: &[&str] = &["q", "q!", "qa", "qa!", "wq"];

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
        if LEAVES.contains(&text) {
            return Some(Ok(Self::Do(Action::Quit)));
        }
        if let Some(action) = Action::from_name(text).filter(|action| super::offered(*action)) {
            return Some(Ok(Self::Do(action)));
        }
        let (name, argument) = text.split_once(char::is_whitespace)?;
        let spec = Spec::named(if name == "w" { "save" } else { name })?;
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
    fn a_command_with_its_argument_is_told_from_the_action_that_asks() {
        assert_eq!(Command::parse("save"), Some(Ok(Command::Do(Action::Save))));
        let (what, _) = ask::parse("--all x").unwrap();
        let save = Command::Save(what, "x y.log".into());
        assert_eq!(Command::parse("save --all x y.log "), Some(Ok(save.clone())));
        assert_eq!(Command::parse("w --all x y.log"), Some(Ok(save)));
        let time = |text| Command::parse(text).unwrap();
        assert_eq!(time("time"), Ok(Command::Do(Action::Time)));
        assert_eq!(time("time utc"), Ok(Command::Time(TimeColumn::Utc)));
        assert!(time("time zulu").unwrap_err().starts_with("no zulu; utc, local"));
        assert!(time("save --bogus").unwrap_err().starts_with("there is no --bogus; --all"));
        assert_eq!(Command::parse("q!"), Some(Ok(Command::Do(Action::Quit))));
        let hide = Command::Filter(Sense::Hide, "a  b".into());
        assert_eq!(Command::parse("hide  a  b"), Some(Ok(hide)));
        for (i, spec) in SPECS.iter().enumerate() {
            assert!(SPECS.iter().skip(i + 1).all(|other| other != spec));
            assert!(!spec.argument.is_empty() && !spec.about.is_empty());
        }
    }
}
