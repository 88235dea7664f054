//! The log pane against its peers: how soon, how smooth, how many bytes.
//!
//! ```text
//! cargo bench --bench pane                     1,000,000 lines, all peers
//! cargo bench --bench pane -- 10000000         ten million
//! cargo bench --bench pane -- --only buildcat,less --runs 11
//! ```
//!
//! Every program is driven in a pseudo-terminal of 200x50 with an emulator
//! behind it, in the same run and on the same log: a BuildKit build of one
//! step per hundred lines, made up in a temporary directory. A time ends with
//! the chunk of output that made the screen as wanted; a burst of output is
//! over when nothing came for [`QUIET`]. CPU and memory are what the kernel
//! says of the process, so this needs Linux. What a peer doesn't do
//! in time is a dash; those that are not installed are named below the table.

#[cfg(target_os = "linux")]
mod drive;
#[cfg(target_os = "linux")]
mod logs;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod pty;
#[cfg(target_os = "linux")]
mod table;

use std::time::Duration;

/// No output for so long ends a burst of it.
pub const QUIET: Duration = Duration::from_millis(12);

/// Columns and rows of the terminal.
pub const SIZE: (u16, u16) = (200, 50);

/// What was asked for on the command line.
#[derive(Debug)]
pub struct Asked {
    /// Lines of the log.
    pub lines: usize,
    /// Times that a program is started for a median.
    pub runs: usize,
    /// Programs to measure; all where there are none.
    pub only: Vec<String>,
}

impl Asked {
    /// How long a program may take for any one thing: long for a log of that
    /// size on a slow machine, and not so long that one that never gets there
    /// holds up the others.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(15 + self.lines as u64 / 100_000)
    }
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked { lines: 1_000_000, runs: 5, only: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            // What `cargo bench` adds by itself.
            "--bench" => {}
            "--runs" => {
                let runs = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
                asked.runs = runs.ok_or("--runs takes how many times, from 1")?;
            }
            "--only" => {
                let names = words.next().ok_or("--only takes names: buildcat,less")?;
                asked.only = names.split(',').map(str::to_owned).collect();
            }
            number => {
                let lines = number.replace('_', "").parse().ok().filter(|n| *n >= 10_000);
                asked.lines =
                    lines.ok_or_else(|| format!("{number}: not a number of lines from 10,000"))?;
            }
        }
    }
    Ok(asked)
}

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    match asked() {
        Ok(asked) => drive::run(&asked),
        Err(sentence) => {
            eprintln!("pane: {sentence}");
            std::process::exit(2);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("pane: CPU and memory of a process are read from Linux's /proc; nothing is measured");
    let _ = asked();
}
