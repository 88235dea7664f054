//! The user's own programs: editor, pager, the desktop's clipboard.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::domain::may_hold_key;
use crate::text;

use super::osc52::Wrap;
use super::{clipboard, editor};

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// What the environment says about the user's programs. Its variables are
/// handed to every program, without those that may hold a key.
#[derive(Clone, Default)]
pub struct Tools {
    vars: Vec<(OsString, OsString)>,
    home: Option<PathBuf>,
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be secrets of others.
        f.debug_struct("Tools").field("home", &self.home).finish_non_exhaustive()
    }
}

impl Tools {
    /// Those of an environment.
    pub fn new<'a>(
        vars: impl Iterator<Item = (&'a OsStr, &'a OsStr)>,
        home: Option<&Path>,
    ) -> Self {
        let vars = vars
            .filter(|(name, _)| !may_hold_key(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { vars, home: home.map(Path::to_owned) }
    }

    /// A variable, unless it is empty.
    pub(super) fn var(&self, name: &str) -> Option<&OsStr> {
        let found = self.vars.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_os_str()).filter(|value| !value.is_empty())
    }

    fn words(&self, name: &str) -> Option<Result<Vec<String>, String>> {
        let value = self.var(name)?.to_string_lossy().into_owned();
        Some(match shell_words::split(&value) {
            Ok(words) if words.is_empty() => return None,
            Ok(words) => Ok(words),
            Err(_) => {
                Err(format!("${name} has a quote that isn't closed: {}", text::plain(&value)))
            }
        })
    }

    /// A program with its arguments; its environment has no key of ours.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.expand(program));
        command.env_clear().envs(self.vars.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What lies between us and the terminal.
    pub fn wrap(&self) -> Wrap {
        let term = self.var("TERM").map(|term| term.to_string_lossy().into_owned());
        Wrap::of(|name| self.var(name).is_some(), term.as_deref().unwrap_or_default())
    }

    /// The programs that may reach a clipboard from here, the likeliest first.
    pub(super) fn clipboards(&self) -> Vec<clipboard::Program> {
        clipboard::programs(|name| self.var(name).is_some())
    }

    /// `path` with a leading `~/` replaced by the home directory.
    pub fn expand(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(path),
        }
    }

    /// The user's editor (`$VISUAL`, `$EDITOR`, else vi) on a file at a line.
    ///
    /// # Errors
    /// What is wrong with the variable, as a sentence.
    pub fn edit(&self, file: &Path, line: u64) -> Result<Command, String> {
        let named = self.words("VISUAL").or_else(|| self.words("EDITOR"));
        let words = named.unwrap_or_else(|| Ok(vec!["vi".to_owned()]))?;
        let (program, given) = words.split_first().ok_or("No editor is named")?;
        let mut command = self.command(program);
        // An editor takes `+!rm` for what it is to do, not for a file.
        let like_argument = file.as_os_str().as_encoded_bytes().first();
        let file = match like_argument {
            Some(b'-' | b'+') => &*Path::new(".").join(file),
            _ => file,
        };
        command.args(given).args(editor::arguments(program, given, file, line));
        Ok(command)
    }

    /// A program as typed, or the user's pager (`$PAGER`, else less), that
    /// reads a file as its standard input.
    ///
    /// # Errors
    /// What is wrong with what was typed, as a sentence.
    pub fn pipe(&self, typed: &str, input: File) -> Result<Command, String> {
        let words = if typed.trim().is_empty() {
            self.words("PAGER").unwrap_or_else(|| Ok(vec!["less".to_owned()]))?
        } else {
            shell_words::split(typed).map_err(|_| "A quote in the command isn't closed")?
        };
        let (program, arguments) = words.split_first().ok_or("Name a program to pipe to")?;
        let mut command = self.command(program);
        command.args(arguments).stdin(Stdio::from(input));
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SECRET_VARIABLES;

    fn tools(vars: &[(&'static str, &'static str)]) -> Tools {
        Tools::new(
            vars.iter().map(|(n, v)| (OsStr::new(*n), OsStr::new(*v))),
            Some(Path::new("/h")),
        )
    }

    #[test]
    fn no_program_gets_a_key() {
        let mut vars = vec![("pipecat_token", "t"), ("LANG", "C")];
        vars.extend(SECRET_VARIABLES.map(|name| (name, "sk_x")));
        let tools = tools(&vars);
        let command = tools.command("vi");
        let names: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, ["LANG"]);
        assert!(!format!("{tools:?}").contains("LANG"));
    }

    #[test]
    fn the_editor_is_the_users() {
        let program = |vars: &[(&'static str, &'static str)]| {
            let command = tools(vars).edit(Path::new("x"), 3);
            command.map(|command| command.get_program().to_string_lossy().into_owned())
        };
        assert_eq!(program(&[]).unwrap(), "vi");
        assert_eq!(program(&[("EDITOR", "nano")]).unwrap(), "nano");
        assert_eq!(program(&[("EDITOR", "nano"), ("VISUAL", "~/bin/hx -v")]).unwrap(), "/h/bin/hx");
        assert!(program(&[("EDITOR", "'x")]).unwrap_err().contains("$EDITOR has a quote"));
    }

    #[test]
    fn a_file_is_never_taken_for_an_argument() {
        for name in ["+!touch x", "-c!touch x"] {
            let command = tools(&[]).edit(Path::new(name), 3).unwrap();
            let arguments: Vec<_> = command.get_args().collect();
            assert_eq!(arguments, ["+3", &format!("./{name}")]);
        }
    }

    #[test]
    fn a_command_is_split_without_a_shell() {
        let empty = || tempfile::tempfile().unwrap();
        let tools = tools(&[("PAGER", "less -R")]);
        let command = tools.pipe("grep -c 'a b' $HOME", empty()).unwrap();
        let arguments: Vec<_> = command.get_args().collect();
        assert_eq!(arguments, ["-c", "a b", "$HOME"]);
        assert_eq!(tools.pipe(" ", empty()).unwrap().get_program(), "less");
        assert!(tools.pipe("'x", empty()).is_err());
    }
}
