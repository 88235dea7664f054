//! The `buildcat` program.

use std::process::ExitCode;

use buildcat::config::Env;
use buildcat::program;

fn main() -> ExitCode {
    program::run(program::parse(), Env::from_process()).into()
}
