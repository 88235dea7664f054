//! What was typed, or why it can't be understood.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Write, stdin};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error, Parser};

use super::exit::{Exit, Failure, fit};
use crate::cli::{Cli, Command, Open, Watch};
use crate::text;

/// Reads the command line; ends the program where it is wrong, or asks for
/// help only.
pub fn parse() -> Cli {
    let typed: Vec<OsString> = std::env::args_os().collect();
    Cli::try_parse_from(&typed).unwrap_or_else(|error| {
        let is_file = |path: &Path| path.exists() && !path.is_dir();
        leave(&advised(error, &typed, is_file))
    })
}

/// What is meant where no command is named: what is piped in or stands behind `<`,
/// as a pager takes it, else the build that runs now.
pub(super) fn implied() -> Command {
    let given = stdin().as_fd().try_clone_to_owned().map(File::from);
    let kind = given.and_then(|input| input.metadata()).map(|input| input.file_type());
    match kind.is_ok_and(|kind| kind.is_fifo() || kind.is_file()) {
        true => Command::Open(Open { follow: false, file: "-".into(), project: None }),
        false => Command::Watch(Watch::default()),
    }
}

/// Says what is wrong, or the help that was asked for, and ends the program.
fn leave(error: &Error) -> ! {
    let said = error.to_string();
    let fit: Vec<String> = said.lines().map(fit).collect();
    // It repeats what was typed. Where that is harmless it may have colours.
    if error.use_stderr() && !fit.iter().map(String::as_str).eq(said.lines()) {
        let _ = writeln!(std::io::stderr(), "{}", fit.join("\n"));
        std::process::exit(error.exit_code())
    }
    if error.use_stderr() {
        error.exit()
    }
    // Who asked for help wants to read it.
    let said = error.print().and_then(|()| std::io::stdout().flush());
    let exit = said.map_or_else(|lost| Failure::from(lost).report(), |()| Exit::Success);
    std::process::exit(exit.code().into())
}

/// Adds what to type instead where a log is named without a command: other
/// viewers take one there.
fn advised(mut error: Error, typed: &[OsString], is_file: impl Fn(&Path) -> bool) -> Error {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    if error.kind() != ErrorKind::InvalidSubcommand || follows_command(typed, word) {
        return error;
    }
    let advice = match word.as_str() {
        "-" => "to read standard input, type `buildcat open -`".to_owned(),
        name if is_file(Path::new(name)) => {
            let name = text::plain(name);
            format!(
                "{name} is a file; to read it, type `buildcat open {}`",
                shell_words::quote(&name)
            )
        }
        // Meant as a file, which isn't there.
        name if name.contains(['.', '/']) && !Path::new(name).is_dir() => {
            let name = text::plain(name);
            format!("there is no file {name}; to read one, type `buildcat open FILE`")
        }
        _ => return error,
    };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(advice)]));
    error
}

/// Whether the word stands behind a command, as in `buildcat rules WORD`, and
/// so was meant as one of that command's own.
fn follows_command(typed: &[OsString], word: &str) -> bool {
    let cli = Cli::command();
    let before = typed.iter().skip(1).take_while(|arg| *arg != word);
    before.filter_map(|arg| arg.to_str()).any(|arg| cli.find_subcommand(arg).is_some())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod tests {
    use super::*;

    fn said(typed: &[&str]) -> String {
        let typed: Vec<OsString> =
            std::iter::once("buildcat").chain(typed.iter().copied()).map(Into::into).collect();
        let error = Cli::try_parse_from(&typed).unwrap_err();
        advised(error, &typed, |path| {
            !path.starts_with("nowhere.log") && !path.starts_with("nowhere")
        })
        .to_string()
    }

    #[test]
    fn a_file_without_a_command_is_told_how_to_read_it() {
        for (typed, tip) in [
            (&["build.log"][..], "build.log is a file; to read it, type `buildcat open build.log`"),
            (&["--org", "acme", "a.log"], "type `buildcat open a.log`"),
            (&["it's here.log"], r"type `buildcat open 'it'\''s here.log'`"),
            // A command that is nearly the same is named as well.
            (&["log"], "type `buildcat open log`"),
            (&["log"], "a similar subcommand exists: 'logs'"),
            (&["-"], "tip: to read standard input, type `buildcat open -`"),
        ] {
            assert!(said(typed).contains(tip), "{typed:?}: {}", said(typed));
        }
    }

    #[test]
    fn other_words_are_told_nothing_of_files() {
        for typed in [&["nowhere"][..], &["rules", "build.log"], &["list", "build.log"]] {
            assert!(!said(typed).contains("buildcat open"), "{typed:?}: {}", said(typed));
        }
        let said = said(&["nowhere.log"]);
        assert!(said.contains("there is no file nowhere.log; to read one, type"), "{said}");
    }
}
