//! How fast the steps model is made, and how much memory it takes.
//!
//! `cargo bench --bench parse [MEGABYTES]`. Each shape of log is made in
//! memory and read five times, in three ways; the best run of each counts:
//!
//! - scan: counting its lines with memchr, as `wc -l` does (the baseline);
//! - fold: cutting it into lines and folding them into the tree;
//! - all: everything the program does to a saved log, from the file's bytes to
//!   the finding: index, clean text, tree, diagnosis.
//!
//! Times are the thread's own on a core, where the system tells them: the
//! machine may have other work. The promises: a million lines a second, 100 MB
//! in a second with everything, the tree under 5 % of the log (with 10,000
//! steps: of a log of a million lines).

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use buildcat::diagnose::Rules;
use buildcat::domain::LineNo;
use buildcat::log::Log;
use buildcat::parse::Parser;

const RUNS: usize = 5;

fn main() {
    let megabytes = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(100);
    let bytes = megabytes * 1_000_000;
    println!(
        "{:<20} {:>9} {:>6} {:>9} {:>9} {:>9} {:>11} {:>11} {:>7}",
        "log", "lines", "MB", "scan s", "fold s", "all s", "fold l/s", "all l/s", "memory"
    );
    let rules = Arc::new(Rules::builtin());
    for (name, log) in [
        ("one big step", one_big_step(bytes)),
        ("10,000 steps", many_steps(bytes)),
        ("parallel, switching", parallel(bytes)),
        ("legacy builder", legacy(bytes)),
        ("plain commands", plain(bytes)),
    ] {
        measure(name, &log, &rules);
    }
}

fn measure(name: &str, log: &str, rules: &Arc<Rules>) {
    let mut lines = 0;
    // Ten times: it's shorter than what the system's clock can tell.
    let scan = best(|| {
        lines =
            (0..10).map(|_| memchr::memchr_iter(b'\n', log.as_bytes()).count()).sum::<usize>() / 10;
    }) / 10.0;
    let mut memory = 0;
    let fold = best(|| {
        let mut parser = Parser::new();
        for (number, line) in (0..).zip(log.lines()) {
            parser.line(LineNo::new(number), line);
        }
        parser.finish();
        memory = parser.tree().memory();
    });
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(log.as_bytes()).expect("room for it");
    let all = best(|| {
        let mut log = Log::open(file.path(), Arc::clone(rules)).expect("the file");
        log.derive_all();
        assert_eq!(log.derived() as usize, lines);
    });
    let rate = |seconds: f64| lines as f64 / seconds;
    println!(
        "{name:<20} {lines:>9} {:>6.1} {scan:>9.4} {fold:>9.4} {all:>9.4} {:>11.0} {:>11.0} {:>6.2}%",
        log.len() as f64 / 1e6,
        rate(fold),
        rate(all),
        memory as f64 * 100.0 / log.len() as f64,
    );
}

/// The shortest of some runs, in seconds.
fn best(mut run: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..RUNS {
        let (began, worked) = (Instant::now(), on_core());
        run();
        let wall = began.elapsed().as_secs_f64();
        let took = worked.zip(on_core()).map_or(wall, |(began, ended)| ended - began);
        best = best.min(took);
    }
    best
}

/// Seconds that this thread has been on a core, where Linux tells it.
fn on_core() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
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
