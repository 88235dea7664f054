//! The program: from what was typed to the exit status.

mod builds;
mod connect;
mod exit;
mod history;
mod local;
mod project;
mod screen;
mod told;
mod typed;

use std::fs::Permissions;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::cli::{Cli, Command, ConfigAction, Global};
use crate::config::{Config, Env, Loaded, Overrides, Problem};
use crate::headless::paint::Paint;
use crate::headless::settings;
use crate::keymap::BadBinding;
use crate::logging;
use crate::poller::PollConfig;

pub use exit::{Exit, Failure};
use exit::{complain, first_of};
pub use typed::parse;

/// What every command needs to know.
#[derive(Debug)]
struct Program {
    env: Env,
    global: Global,
    loaded: Loaded,
    /// Whether standard output is a terminal.
    terminal: bool,
}

/// Does what was asked for and says how it came out; never exits by itself.
pub fn run(cli: Cli, env: Env) -> Exit {
    let terminal = io::stdout().is_terminal();
    let program = Program { loaded: load(&cli.global, &env), env, global: cli.global, terminal };
    let command = cli.command.unwrap_or_else(typed::implied);
    match program.dispatch(command) {
        Ok(exit) => exit,
        Err(failure) => failure.report(),
    }
}

fn load(global: &Global, env: &Env) -> Loaded {
    let flags = Overrides {
        api_host: global.api_host.clone(),
        org: global.org.clone(),
        poll_interval: global.poll_interval.clone(),
        color: global.color.map(|when| when.as_str().to_owned()),
    };
    Config::load(global.config.as_deref(), env, &flags)
}

impl Program {
    fn dispatch(&self, command: Command) -> Result<Exit, Failure> {
        if self.global.verbose > 0 {
            self.log_to_file()?;
            tracing::info!("buildcat {}: {command:?}", env!("CARGO_PKG_VERSION"));
        }
        if !matches!(command, Command::Config(_)) {
            self.report_configuration(&command)?;
        }
        match command {
            Command::Watch(args) => self.watch(&args),
            Command::Open(args) => self.open(&args),
            Command::Demo(args) => self.demo(&args),
            Command::Logs(args) => self.logs(&args),
            Command::Status(args) => self.status(&args),
            Command::List(args) => self.list(&args),
            Command::Steps(args) => self.steps(&args),
            Command::Diagnose(args) => self.diagnose(&args),
            Command::Preflight(args) => self.preflight(&args),
            Command::Rules(args) => self.rule_commands(&args.action),
            Command::Config(args) => self.config(args.action.unwrap_or(ConfigAction::Show)),
        }
    }

    /// How builds are polled.
    fn poll_config(&self) -> PollConfig {
        let Config { poll_interval, late_lines, .. } = self.loaded.config;
        PollConfig { interval: poll_interval, late: late_lines }
    }

    fn config(&self, action: ConfigAction) -> Result<Exit, Failure> {
        let out = &mut io::stdout().lock();
        match action {
            ConfigAction::Path => settings::path(out, &self.loaded)?,
            ConfigAction::Show => settings::show(out, &self.loaded, &self.keymap().0)?,
            ConfigAction::Check => {
                if settings::check(out, &self.loaded, &self.problems())? {
                    return Ok(Exit::Usage);
                }
            }
        }
        Ok(Exit::Success)
    }

    /// A bad flag or variable, and a file that can't be read or was named and
    /// isn't there, end the program: the user is here and can type it again.
    /// What is wrong in the file is said, and the defaults stand in; for the demo
    /// also where the usual file can't be read, as it sends nobody a key.
    fn report_configuration(&self, command: &Command) -> Result<(), Failure> {
        let named = self.global.config.is_some() || self.env.os("BUILDCAT_CONFIG").is_some();
        let harmless = matches!(command, Command::Demo(_)) && !named;
        let problems = self.loaded.problems.iter();
        let ends = |p: &&Problem| p.line.is_none() && !(harmless && p.file.is_some());
        let typed: Vec<String> = problems.filter(ends).map(ToString::to_string).collect();
        if !typed.is_empty() {
            return Err(Failure::usage(typed.join("\n")));
        }
        // The screen shows them itself, where they aren't painted over.
        if matches!(command, Command::Watch(_) | Command::Open(_) | Command::Demo(_)) {
            return Ok(());
        }
        let mut problems = self.problems();
        problems.extend(self.loaded.warnings.iter().cloned());
        if let Some(line) = first_of(&problems, "buildcat config check") {
            complain(&line);
        }
        Ok(())
    }

    /// All that is wrong with the configuration, as sentences.
    fn problems(&self) -> Vec<String> {
        self.problems_with(&self.keymap().1, self.theme().err())
    }

    /// The same, where the key bindings and the theme have been read.
    fn problems_with(&self, bindings: &[BadBinding], theme: Option<String>) -> Vec<String> {
        let place = |line: Option<u32>| match (&self.loaded.path, line) {
            (Some(path), Some(line)) => format!("{}:{line}: ", path.display()),
            (Some(path), None) => format!("{}: ", path.display()),
            (None, _) => String::new(),
        };
        let mut all: Vec<String> = self.loaded.problems.iter().map(ToString::to_string).collect();
        all.extend(bindings.iter().map(|bad| {
            let line = bad.line.and_then(|line| u32::try_from(line).ok());
            format!("{}{}", place(line), bad.message)
        }));
        all.extend(self.rule_problems());
        all.extend(theme);
        all
    }

    fn log_to_file(&self) -> Result<(), Failure> {
        let dir = self.env.state_dir().ok_or_else(|| {
            Failure::usage("This system names no directory for a log file; leave -v away.".into())
        })?;
        keep_private(dir);
        let path =
            logging::start(dir, self.global.verbose).map_err(|e| Failure::usage(e.to_string()))?;
        complain(&format!("logging to {}", path.display()));
        Ok(())
    }

    /// How to colour what goes to standard output.
    fn paint(&self) -> Paint {
        let set = |name: &str| self.env.text(name);
        let on = match self.loaded.config.color {
            crate::config::Color::Always => true,
            crate::config::Color::Never => false,
            crate::config::Color::Auto if set("NO_COLOR").is_some() => false,
            crate::config::Color::Auto if set("CLICOLOR_FORCE").is_some_and(|v| v != "0") => true,
            crate::config::Color::Auto => {
                self.terminal && set("TERM").is_none_or(|term| term != "dumb")
            }
        };
        Paint::new(on)
    }
}

/// Keeps others out of a folder of ours that was there before us; one that we
/// make is its owner's alone. Best effort: not every file system has modes.
fn keep_private(folder: &Path) {
    if let Ok(there) = folder.symlink_metadata()
        && there.is_dir()
        && there.permissions().mode() & 0o077 != 0
    {
        let _ = std::fs::set_permissions(folder, Permissions::from_mode(0o700));
    }
}

/// Writes to standard output in blocks, and at the end.
fn stdout() -> io::BufWriter<io::Stdout> {
    io::BufWriter::with_capacity(64 * 1024, io::stdout())
}

/// Flushes, so that a write error is an error and not lost in a drop.
fn flushed(mut out: impl Write, result: io::Result<()>) -> Result<(), Failure> {
    result?;
    Ok(out.flush()?)
}

/// What rooms that may not know each other say each for itself.
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod tests {
    use clap::CommandFactory;

    use crate::config::{Config, MAX_POLL_INTERVAL, MIN_POLL_INTERVAL, THEMES, format_duration};
    use crate::{cli, poller, theme};

    #[test]
    fn the_poller_takes_what_may_be_configured() {
        assert_eq!(poller::INTERVALS, MIN_POLL_INTERVAL..=MAX_POLL_INTERVAL);
        assert_eq!(poller::LATE, Config::default().late_lines);
    }

    #[test]
    fn every_shipped_theme_may_be_configured() {
        let shipped = theme::SHIPPED.iter().map(|(name, _)| *name);
        let known: Vec<&str> = std::iter::once("auto").chain(shipped).collect();
        assert_eq!(known, THEMES);
    }

    #[test]
    fn the_help_names_the_bounds_of_the_poll_interval() {
        let cli = cli::Cli::command();
        let flag = cli.get_arguments().find(|arg| arg.get_id() == "poll_interval").unwrap();
        let [min, max, usual] =
            [MIN_POLL_INTERVAL, MAX_POLL_INTERVAL, Config::default().poll_interval]
                .map(format_duration);
        let help = flag.get_help().unwrap().to_string();
        assert!(help.ends_with(&format!(", {min} to {max} [default: {usual}]")), "{help}");
    }
}
