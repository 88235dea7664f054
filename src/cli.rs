//! The command line: what can be typed, and nothing else.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// See why a Pipecat Cloud build failed: live, in saved logs, and in CI.
#[derive(Debug, Parser)]
#[command(
    name = "buildcat",
    version,
    max_term_width = 100,
    after_help = "Without a command, buildcat opens what is piped in, or watches \
        the newest build. \
        `buildcat demo` needs no account.\n\n\
        Exit status:\n  \
        0    the build succeeded, or the command did its job\n  \
        1    the build failed, was cancelled or timed out, or ended in an unknown way\n  \
        2    usage or configuration, or what can't be read or written\n  \
        3    credentials, API or network\n  \
        130  interrupted (Ctrl-C); by another signal 128 and its number"
)]
pub struct Cli {
    /// What to do; when absent, `open -` for what is piped in, else `watch`.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// Address of the API [default: PIPECAT_API_HOST, else that of Pipecat Cloud]
    #[arg(long, global = true, value_name = "URL")]
    pub api_host: Option<String>,

    /// Organisation to ask for when a token (not an API key) is used
    #[arg(long, global = true, value_name = "NAME")]
    pub org: Option<String>,

    /// Configuration file [default: BUILDCAT_CONFIG, else what `buildcat config path` prints]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Time between two polls, 250ms to 5m [default: 3s]
    #[arg(long, global = true, value_name = "DURATION")]
    pub poll_interval: Option<String>,

    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too
    #[arg(long, global = true, value_name = "WHEN")]
    pub color: Option<ColorWhen>,

    /// Write a log file of what buildcat itself does (-vv for more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// When the output is a terminal that has them.
    Auto,
    /// Also into a pipe.
    Always,
    /// Never.
    Never,
}

impl ColorWhen {
    /// The word it has in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch one build on the screen: its log, its steps, and why it fails
    Watch(Watch),
    /// Read a saved log, or standard input while it still arrives
    Open(Open),
    /// Print a build's log on standard output
    Logs(Logs),
    /// Print a build's record
    Status(Status),
    /// List builds
    List(List),
    /// Print a log's phases and steps
    Steps(Steps),
    /// Say why a build failed, without a screen
    Diagnose(Diagnose),
    /// Say what a build of a project would meet, before it is started
    Preflight(Preflight),
    /// List, show and test failure rules
    Rules(Rules),
    /// Play a simulated build; needs no account
    Demo(Demo),
    /// Show where the configuration is and what it says
    Config(Config),
}

/// Arguments of `watch`.
#[derive(Args, Clone, Debug, Default)]
pub struct Watch {
    /// The build to watch [default: the newest that is pending or building, else the newest]
    #[arg(value_name = "BUILD_ID|latest")]
    pub build: Option<String>,

    /// The project the build is of [default: the one around the current directory]
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
}

/// Arguments of `open`.
#[derive(Args, Clone, Debug)]
pub struct Open {
    /// Start at the end and follow the file as it grows
    #[arg(short, long)]
    pub follow: bool,

    /// The log to read; `-` is standard input
    #[arg(value_name = "FILE|-", default_value = "-")]
    pub file: PathBuf,

    /// The project the log is of [default: the one around the current directory]
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
}

/// How log lines are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// The lines.
    #[default]
    Text,
    /// One JSON object a line: `line` and `text`, or `gap`.
    Jsonl,
}

/// How a record is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RecordFormat {
    /// For people.
    #[default]
    Text,
    /// For programs; a record in the API's own shape and field names.
    Json,
}

/// Arguments of `logs`.
#[derive(Args, Clone, Debug)]
pub struct Logs {
    /// The build
    #[arg(value_name = "BUILD_ID|latest")]
    pub build: String,

    /// Go on until the build is over and its late lines have arrived
    #[arg(short, long)]
    pub follow: bool,

    /// Print only the last N lines (and with --follow, what comes after)
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: Option<u32>,

    /// Form of the lines
    #[arg(long, value_enum, default_value_t)]
    pub format: LogFormat,

    /// Keep the served bytes, control characters and all; refused when they would reach a terminal
    #[arg(long)]
    pub raw: bool,

    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `status`.
#[derive(Args, Clone, Debug)]
pub struct Status {
    /// The build [default: the newest that is pending or building, else the newest]
    #[arg(value_name = "BUILD_ID|latest")]
    pub build: Option<String>,

    /// Form of the record
    #[arg(long, value_enum, default_value_t)]
    pub format: RecordFormat,
}

/// Arguments of `list`.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only builds of this status: pending, building, success, failed, timeout or cancelled
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,

    /// Only builds for this region
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// How many builds at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub limit: u32,

    /// How many builds to skip
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: u32,

    /// Form of the list
    #[arg(long, value_enum, default_value_t)]
    pub format: RecordFormat,
}

/// Arguments of `steps`.
#[derive(Args, Clone, Debug)]
pub struct Steps {
    /// A saved log, standard input, or a build
    #[arg(value_name = "FILE|-|BUILD_ID|latest", default_value = "-")]
    pub log: OsString,

    /// Form of the tree
    #[arg(long, value_enum, default_value_t)]
    pub format: RecordFormat,

    /// The Dockerfile that was built, for the lines that the log doesn't tell;
    /// NAME.Dockerfile beside NAME.log is found by itself
    #[arg(long, value_name = "FILE")]
    pub dockerfile: Option<PathBuf>,
}

/// How a diagnosis is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DiagnosisFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// An incident report to paste, without secrets.
    Markdown,
    /// Workflow commands that annotate the Dockerfile's line.
    Github,
}

/// Arguments of `diagnose`.
#[derive(Args, Clone, Debug)]
pub struct Diagnose {
    /// A saved log, standard input, or a build
    #[arg(value_name = "FILE|-|BUILD_ID|latest", default_value = "-")]
    pub log: OsString,

    /// The project the build is of [default: the one around the current directory]
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,

    /// Form of the findings
    #[arg(long, value_enum, default_value_t)]
    pub format: DiagnosisFormat,
}

/// Arguments of `preflight`.
#[derive(Args, Clone, Debug)]
pub struct Preflight {
    /// The project [default: the one around the current directory]
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,

    /// Form of the report
    #[arg(long, value_enum, default_value_t)]
    pub format: RecordFormat,
}

/// Arguments of `rules`.
#[derive(Args, Clone, Debug)]
pub struct Rules {
    /// What to do with the rules
    #[command(subcommand)]
    pub action: RulesAction,
}

/// What to do with the rules.
#[derive(Clone, Debug, Subcommand)]
pub enum RulesAction {
    /// List all rules, the configuration's own among them
    List,
    /// Show one rule as it is written
    Show {
        /// The rule's id
        id: String,
    },
    /// Check a file of rules: its form, its examples, and whether it takes other rules' lines
    Test {
        /// The TOML file
        file: PathBuf,
    },
}

/// Arguments of `demo`.
#[derive(Args, Clone, Debug, Default)]
pub struct Demo {
    /// The recorded build to play; --list names them
    pub scenario: Option<String>,

    /// List the recorded builds
    #[arg(long, conflicts_with_all = ["serve", "scenario"])]
    pub list: bool,

    /// How many times faster than recorded, 0.1 to 1000
    #[arg(long, value_name = "X", default_value = "1", value_parser = speed)]
    pub speed: Speed,

    /// Run only the simulated API and print its address
    #[arg(long)]
    pub serve: bool,
}

/// A factor between 0.1 and 1000.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(pub f64);

impl Default for Speed {
    fn default() -> Self {
        Self(1.0)
    }
}

fn speed(text: &str) -> Result<Speed, String> {
    match text.parse::<f64>() {
        Ok(x) if (0.1..=1000.0).contains(&x) => Ok(Speed(x)),
        _ => Err("a number from 0.1 to 1000 is needed, such as 4".to_owned()),
    }
}

/// Arguments of `config`.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// What to do; `show` when absent
    #[command(subcommand)]
    pub action: Option<ConfigAction>,
}

/// What to do with the configuration.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigAction {
    /// Print where the file is
    Path,
    /// Print every value and where it comes from (secrets masked)
    Show,
    /// Print all that is wrong with it
    Check,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_may_stand_before_and_after_the_command() {
        let cli = Cli::try_parse_from(["buildcat", "logs", "latest", "--org", "acme"]).unwrap();
        assert_eq!(cli.global.org.as_deref(), Some("acme"));
        let cli = Cli::try_parse_from(["buildcat", "--org", "acme", "list"]).unwrap();
        assert_eq!(cli.global.org.as_deref(), Some("acme"));
    }

    #[test]
    fn a_speed_has_bounds() {
        assert!(Cli::try_parse_from(["buildcat", "demo", "--speed", "20"]).is_ok());
        for bad in ["0", "-1", "NaN", "inf", "fast", "1e9"] {
            let all = ["buildcat", "demo", "--speed", bad];
            assert!(Cli::try_parse_from(all).is_err(), "{bad}");
        }
    }
}
