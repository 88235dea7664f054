//! The logs that are measured with.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// On the screen first: a line in the middle of the first page.
pub const FIRST: &str = "package-0000030-";

/// In a line near the end only.
pub const NEEDLE: &str = "needle: killed";

/// What the last line ends with.
pub const LAST: &str = "COMMAND_EXECUTION_ERROR";

/// Lines of one step.
const STEP: usize = 100;

const WORDS: [&str; 5] = [
    "Downloading package-{}-cp312-manylinux_2_28_aarch64.whl (13.6 MB) from a mirror nearby",
    "Collecting package-{}- and its dependencies (from -r requirements.txt (line 1))",
    "Get:42 http://deb.debian.example/debian trixie/main arm64 package-{}- arm64 7:5.1.6 [5219 kB]",
    "Unpacking package-{}-:arm64 (7:5.1.6-0+deb13u1) over the one that was there before ...",
    "   ---------------------------------------- 13.6/13.6 MB package-{}- eta 0:00:00",
];

/// Writes a failed BuildKit build of some `lines`, a step per hundred.
pub fn build(path: &Path, lines: usize) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let steps = lines / STEP;
    writeln!(out, "[Container] 2026/11/23 21:54:02.100000 Entering phase BUILD")?;
    writeln!(out, "[Container] 2026/11/23 21:54:02.101000 Running command docker build .")?;
    let mut at = 2;
    let mut step = 0;
    while at + 12 < lines {
        let within = at % STEP;
        if within == 2 {
            step += 1;
            writeln!(out, "#{step} [{step}/{steps}] RUN pip install -r requirements-{step}.txt")?;
        } else if within == 1 {
            writeln!(out, "#{step} DONE {}.2s", at / 1000)?;
        } else if lines - at == 50 {
            writeln!(out, "#{step} {}.5 the {NEEDLE} with status 137", at / 1000)?;
        } else {
            let words = WORDS[at % WORDS.len()].replace("{}", &format!("{at:07}"));
            let (on, off) = if at % 1000 == 500 { ("\x1b[33m", "\x1b[0m") } else { ("", "") };
            writeln!(out, "#{step} {}.{:03} {on}{words}{off}", at / 1000, at % 1000)?;
        }
        at += 1;
    }
    let error = "process \"/bin/sh -c pip install -r requirements.txt\" did not complete \
                 successfully: exit code: 1";
    for line in [
        &format!("#{step} 99.1 ERROR: No matching distribution found for numpy==9"),
        &format!("#{step} ERROR: {error}"),
        "------",
        &format!(" > [{step}/{steps}] RUN pip install -r requirements-{step}.txt:"),
        "99.1 ERROR: No matching distribution found for numpy==9",
        "------",
        &format!("ERROR: failed to build: failed to solve: {error}"),
        "",
        "[Container] 2026/11/23 22:01:44.100000 Command did not exit successfully docker build . exit status 1",
        "[Container] 2026/11/23 22:01:44.200000 Phase complete: BUILD State: FAILED",
        &format!("[Container] 2026/11/23 22:01:44.300000 Phase context status code: {LAST}"),
    ] {
        writeln!(out, "{line}")?;
    }
    // What the kernel has still to write would slow down what is measured.
    out.into_inner()?.sync_all()
}

/// Writes a log whose every fourth line is of a megabyte.
pub fn long_lines(path: &Path) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for at in 0..400 {
        write!(out, "#1 {at}.1 package-{at:07}- ")?;
        if at % 4 == 3 {
            // Neither all ASCII nor all wide, so that no shortcut applies.
            for _ in 0..1 << 16 {
                out.write_all("漢 and texts ".as_bytes())?;
            }
        }
        writeln!(out)?;
    }
    out.flush()
}

/// A line that is written while it is followed, by its number.
pub fn live(number: u64) -> String {
    format!(
        "#9 {}.{:03} live {number:08} and what else a line says\n",
        number / 1000,
        number % 1000
    )
}

/// The number of the newest such line in a row of a screen.
pub fn live_number(row: &str) -> Option<u64> {
    row.split("live ").nth(1)?.get(..8)?.parse().ok()
}
