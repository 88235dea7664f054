//! How fast the steps model is made, and how much memory it takes.
//!
//! `cargo bench --bench parse [MEGABYTES]`. Each shape of log is made in
//! memory, cut into lines once, and folded three times; the best run counts.
//! The promise: a million lines a second on one core, the tree under 5 % of
//! the log.

use std::fmt::Write as _;
use std::time::Instant;

use buildcat::domain::LineNo;
use buildcat::parse::Parser;

fn main() {
    let megabytes = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(100);
    let bytes = megabytes * 1_000_000;
    println!(
        "{:<22} {:>9} {:>7} {:>12} {:>7} {:>8}",
        "log", "lines", "MB", "lines/s", "MB/s", "memory"
    );
    for (name, log) in [
        ("one big step", one_big_step(bytes)),
        ("10,000 steps", many_steps(bytes)),
        ("parallel, switching", parallel(bytes)),
        ("legacy builder", legacy(bytes)),
        ("plain commands", plain(bytes)),
    ] {
        measure(name, &log);
    }
}

fn measure(name: &str, log: &str) {
    let mut best = f64::MAX;
    let mut lines = 0;
    let mut memory = 0;
    for _ in 0..3 {
        let began = Instant::now();
        let mut parser = Parser::new();
        let mut number = 0;
        for line in log.lines() {
            parser.line(LineNo::new(number), line);
            number += 1;
        }
        parser.finish();
        best = best.min(began.elapsed().as_secs_f64());
        lines = number;
        memory = parser.tree().memory();
    }
    println!(
        "{name:<22} {lines:>9} {:>7.1} {:>12.0} {:>7.0} {:>7.2}%",
        log.len() as f64 / 1e6,
        f64::from(lines) / best,
        log.len() as f64 / 1e6 / best,
        memory as f64 * 100.0 / log.len() as f64,
    );
}

const WORDS: [&str; 6] = [
    "Collecting pipecat-ai[daily,silero]==1.4.0 (from -r requirements.txt (line 1))",
    "  Downloading numpy-2.1.3-cp312-cp312-manylinux_2_17_aarch64.whl (13.6 MB)",
    "Requirement already satisfied: idna>=2.8 in /usr/local/lib/python3.12/site-packages",
    "+ touch /var/lib/agent/stt.ok",
    "Selecting previously unselected package libasound2t64:arm64.",
    "warning: unused variable: `x`",
];

fn opening(log: &mut String) {
    log.push_str(
        "[Container] 2026/11/23 21:54:02.100000 Entering phase BUILD\n\
         [Container] 2026/11/23 21:54:02.101000 Running command docker build -t $IMAGE_URI .\n",
    );
}

fn header(log: &mut String, n: usize, total: usize) {
    let _ = writeln!(
        log,
        "\n#{n} [builder {n:>5}/{total}] RUN pip install --no-cache-dir -r requirements-{n}.txt"
    );
}

fn one_big_step(bytes: usize) -> String {
    let mut log = String::with_capacity(bytes + 200);
    opening(&mut log);
    header(&mut log, 4, 9);
    let mut at = 0usize;
    while log.len() < bytes {
        let _ = writeln!(log, "#4 {:.1} {}", at as f64 / 1000.0 + 100.0, WORDS[at % WORDS.len()]);
        at += 1;
    }
    log
}

fn many_steps(bytes: usize) -> String {
    let mut log = String::with_capacity(bytes + 200);
    opening(&mut log);
    let each = bytes / 10_000;
    for n in 1..=10_000 {
        header(&mut log, n, 10_000);
        let end = log.len() + each.saturating_sub(100);
        let mut at = 0usize;
        while log.len() < end {
            let _ = writeln!(log, "#{n} {:.3} {}", at as f64 / 100.0, WORDS[at % WORDS.len()]);
            at += 1;
        }
        let _ = writeln!(log, "#{n} DONE {:.1}s", at as f64 / 100.0);
    }
    log
}

fn parallel(bytes: usize) -> String {
    let mut log = String::with_capacity(bytes + 400);
    opening(&mut log);
    let mut at = 0usize;
    while log.len() < bytes {
        let n = at / 4 % 6 + 1;
        if at.is_multiple_of(4) {
            header(&mut log, n, 6);
        }
        let _ = writeln!(log, "#{n} {:.1} {}", at as f64 / 1000.0 + 100.0, WORDS[at % WORDS.len()]);
        at += 1;
        if at.is_multiple_of(4) {
            let _ = writeln!(log, "#{n} ...");
        }
    }
    log
}

fn legacy(bytes: usize) -> String {
    let mut log = String::with_capacity(bytes + 400);
    opening(&mut log);
    let mut at = 0usize;
    while log.len() < bytes {
        if at.is_multiple_of(100) {
            let n = at / 100 + 1;
            let _ = writeln!(
                log,
                " ---> 5a7ebcfa40ab\nStep {n}/99999 : RUN make {n}\n ---> Running in 4b434183b8d2"
            );
        }
        log.push_str(WORDS[at % WORDS.len()]);
        log.push('\n');
        at += 1;
    }
    log
}

fn plain(bytes: usize) -> String {
    let mut log = String::with_capacity(bytes + 400);
    opening(&mut log);
    let mut at = 0usize;
    while log.len() < bytes {
        log.push_str(WORDS[at % WORDS.len()]);
        log.push('\n');
        at += 1;
    }
    log
}
