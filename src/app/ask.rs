//! Questions in the last row: where to save, what to pipe to, whether to
//! replace a file.

use tui_input::{Input, InputRequest};

use crate::text;

use super::editing;
use super::effect::Effect;
use super::model::Model;
use super::outgoing::{self, Destination, What};

/// A question that waits for its answer.
#[derive(Debug)]
pub enum Ask {
    /// Where to save to.
    Save(Input),
    /// What to pipe to.
    Pipe(Input),
    /// Whether to replace the file that is there.
    Replace {
        /// The file's path, as typed.
        path: String,
        /// What is to be saved.
        what: Asked,
    },
}

/// What is to be saved, kept for the answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked(What);

impl Ask {
    /// Whether to replace a file.
    pub(super) fn replace(path: String, what: What) -> Self {
        Self::Replace { path, what: Asked(what) }
    }

    /// What is typed, for questions that are answered by typing.
    pub fn input(&self) -> Option<&Input> {
        match self {
            Self::Save(input) | Self::Pipe(input) => Some(input),
            Self::Replace { .. } => None,
        }
    }

    fn input_mut(&mut self) -> Option<&mut Input> {
        match self {
            Self::Save(input) | Self::Pipe(input) => Some(input),
            Self::Replace { .. } => None,
        }
    }

    /// The question.
    pub fn words(&self) -> String {
        match self {
            Self::Save(_) => "save to ".to_owned(),
            Self::Pipe(_) => "pipe to ".to_owned(),
            Self::Replace { path, .. } => {
                format!("{} is there already. Replace it? (y/n)", text::plain(path))
            }
        }
    }

    /// What would happen, or what can be typed.
    pub fn aside(&self, model: &Model) -> String {
        match self {
            Self::Save(input) => {
                let (what, path) = match parse(input.value()) {
                    Ok(parsed) => parsed,
                    Err(why) => return why,
                };
                let words = outgoing::describe(model, what.0).unwrap_or_else(|why| why);
                match path {
                    "" => format!("{words}; or --all --shown --step --selection --diff FILE"),
                    _ => words,
                }
            }
            Self::Pipe(input) => {
                let words = outgoing::describe(model, What::Usual).unwrap_or_else(|why| why);
                match input.value().trim() {
                    "" => format!("{words}; nothing typed: your pager"),
                    _ => words,
                }
            }
            Self::Replace { .. } => String::new(),
        }
    }
}

/// What is to be saved, and where to; or what is wrong with it.
pub(super) fn parse(typed: &str) -> Result<(Asked, &str), String> {
    let typed = typed.trim();
    let (word, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
    let what = match word {
        "--all" => What::All,
        "--shown" => What::Shown,
        "--step" => What::Step,
        "--selection" => What::Selection,
        "--diff" => What::Diff,
        // A name that begins like an option is written `./--name`.
        _ if word.starts_with("--") => {
            let word = text::plain(word);
            let known = "--all, --shown, --step, --selection, --diff";
            return Err(format!("there is no {word}; {known}"));
        }
        _ => return Ok((Asked(What::Usual), typed)),
    };
    Ok((Asked(what), rest.trim()))
}

/// Asks where to save.
pub(super) fn save(model: &mut Model) {
    open(model, Ask::Save(Input::default()));
}

/// Asks what to pipe to.
pub(super) fn pipe(model: &mut Model) {
    open(model, Ask::Pipe(Input::default()));
}

fn open(model: &mut Model, ask: Ask) {
    match outgoing::describe(model, What::Usual) {
        Ok(_) => model.ask = Some(ask),
        Err(why) => model.answer = Some(why),
    }
}

/// Saves to a path, as both were typed behind `save`.
pub(super) fn save_as(model: &mut Model, what: Asked, path: &str) -> Vec<Effect> {
    match path {
        "" => {
            model.answer = Some("Say where to: a file's name".into());
            Vec::new()
        }
        path => {
            let to = Destination::File { path: path.to_owned(), replace: false };
            outgoing::send(model, what.0, to)
        }
    }
}

/// Pipes what is selected or shown to a program, as typed.
pub(super) fn pipe_to(model: &mut Model, typed: &str) -> Vec<Effect> {
    let to = Destination::Program { command: typed.trim().to_owned() };
    outgoing::send(model, What::Usual, to)
}

/// Takes the answer as it is typed.
pub(super) fn accept(model: &mut Model) -> Vec<Effect> {
    match model.ask.take() {
        Some(Ask::Save(input)) => match parse(input.value()) {
            // Nothing yet to accept.
            Ok((_, "")) | Err(_) => {
                model.ask = Some(Ask::Save(input));
                Vec::new()
            }
            Ok((what, path)) => save_as(model, what, path),
        },
        Some(Ask::Pipe(input)) => pipe_to(model, input.value()),
        // Only a yes replaces.
        ask => {
            model.ask = ask;
            Vec::new()
        }
    }
}

/// Forgets the question.
pub(super) fn cancel(model: &mut Model) {
    if let Some(Ask::Replace { path, .. }) = model.ask.take() {
        model.answer = Some(format!("Not saved: {} stays as it was", text::plain(&path)));
    }
}

/// A key that is no command of the prompt.
pub(super) fn key(
    model: &mut Model,
    typed: Option<char>,
    request: Option<InputRequest>,
) -> Vec<Effect> {
    model.dirty = true;
    if let Some(Ask::Replace { path, what }) = &model.ask {
        return match typed {
            Some('y' | 'Y') => {
                let to = Destination::File { path: path.clone(), replace: true };
                let what = what.0;
                model.ask = None;
                outgoing::send(model, what, to)
            }
            Some('n' | 'N') => {
                cancel(model);
                Vec::new()
            }
            _ => Vec::new(),
        };
    }
    if let (Some(input), Some(request)) = (model.ask.as_mut().and_then(Ask::input_mut), request) {
        input.handle(request);
    }
    Vec::new()
}

/// Types text that was pasted: its first line.
pub(super) fn paste(model: &mut Model, pasted: &str) {
    let Some(input) = model.ask.as_mut().and_then(Ask::input_mut) else { return };
    model.dirty = true;
    editing::paste(input, pasted);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_say_what_and_the_rest_is_the_path() {
        assert_eq!(parse("a file.log "), Ok((Asked(What::Usual), "a file.log")));
        assert_eq!(parse("--all  a b"), Ok((Asked(What::All), "a b")));
        assert_eq!(parse("--step x"), Ok((Asked(What::Step), "x")));
        assert_eq!(parse("--shown"), Ok((Asked(What::Shown), "")));
        assert_eq!(parse("--selection ~/x"), Ok((Asked(What::Selection), "~/x")));
        assert_eq!(parse("./--else x"), Ok((Asked(What::Usual), "./--else x")));
        assert_eq!(parse(""), Ok((Asked(What::Usual), "")));
        // No file is called so by mistake.
        assert!(parse("--else x").unwrap_err().starts_with("there is no --else; --all, "));
    }
}
