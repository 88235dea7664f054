//! `api_key_command`: a program that prints the key.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use super::Env;
use crate::domain::may_hold_key;

/// The most that is read of what the program prints, in bytes.
const MAX_OUTPUT: u64 = 64 * 1024;

/// The program's name for a message: its arguments may hold a password.
pub(super) fn name(argv: &[String]) -> String {
    let program = argv.first().map(String::as_str).unwrap_or_default();
    let short: String = program.chars().take(80).collect();
    crate::text::plain(&short).into_owned()
}

/// Runs the program, without a shell, and gives the first line it prints.
///
/// What it says on stderr goes nowhere: it may show the key, and the screen is
/// ours. An error is what is to be said after the program's name.
pub(super) async fn first_line(
    argv: &[String],
    env: &Env,
    time: Duration,
) -> Result<String, String> {
    let (program, arguments) = argv.split_first().ok_or("names no program")?;
    let variables = env.vars().filter(|(name, _)| !may_hold_key(name));
    let mut child = Command::new(env.expand(program))
        .args(arguments)
        .env_clear()
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "was not found".to_owned(),
            std::io::ErrorKind::PermissionDenied => "is not executable".to_owned(),
            _ => "could not be started".to_owned(),
        })?;
    let run = async {
        let mut output = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout
                .take(MAX_OUTPUT)
                .read_to_end(&mut output)
                .await
                .map_err(|_| "broke off".to_owned())?;
        }
        let status = child.wait().await.map_err(|_| "broke off".to_owned())?;
        match status.code() {
            Some(0) => Ok(output),
            Some(code) => Err(format!("failed with exit status {code}")),
            None => Err("was killed".to_owned()),
        }
    };
    let output = tokio::time::timeout(time, run)
        .await
        .map_err(|_| format!("took longer than {} s", time.as_secs_f64()))??;
    let text = String::from_utf8_lossy(&output);
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err("printed nothing on its first line".to_owned()),
    }
}
