//! The `buildcat` program.

use std::process::ExitCode;

use buildcat::cli::Cli;
use buildcat::config::Env;
use clap::Parser;

fn main() -> ExitCode {
    buildcat::program::run(Cli::parse(), Env::from_process()).into()
}
