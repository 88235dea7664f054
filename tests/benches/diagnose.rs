//! How fast the diagnosis is.
//!
//! `cargo bench --bench diagnose`. Ordinary BuildKit lines through the
//! matching pass alone (the promise: two million lines a second), and a failed
//! build of 10,000 lines from the first line to the finding, parser included
//! (the promise: under 20 ms). The best of several runs counts.

use std::sync::Arc;
use std::time::Instant;

use buildcat::diagnose::{Diagnoser, Rules};
use buildcat::domain::LineNo;
use buildcat::parse::Parser;

const WORDS: [&str; 8] = [
    "Collecting pipecat-ai[daily,silero]==1.4.0 (from -r requirements.txt (line 1))",
    "  Downloading numpy-2.1.3-cp312-cp312-manylinux_2_17_aarch64.whl (13.6 MB)",
    "     ---------------------------------------- 13.6/13.6 MB 61.2 MB/s eta 0:00:00",
    "Get:42 http://deb.debian.example/debian bookworm/main arm64 libavcodec59 arm64 7:5.1.6 [5219 kB]",
    "Unpacking libavcodec59:arm64 (7:5.1.6-0+deb12u1) ...",
    "Setting up libopenblas0-pthread:arm64 (0.3.21+ds-4) ...",
    " + fastapi==0.115.0",
    "-- Looking for pthread_create in pthreads - not found yet, going on",
];

fn log(lines: usize) -> Vec<String> {
    let mut all = vec!["#1 [internal] load build definition from Dockerfile".to_owned()];
    all.push("#1 DONE 0.0s".to_owned());
    all.push("#7 [3/4] RUN pip install -r requirements.txt".to_owned());
    for at in 0..lines.saturating_sub(all.len() + 4) {
        let words = WORDS.get(at % WORDS.len()).copied().unwrap_or_default();
        all.push(format!("#7 {}.{:03} {words}", at / 50, at % 1000));
    }
    all.push("#7 99.1 ERROR: Could not find a version that satisfies the requirement numpy==9 (from versions: 1.0, 2.0)".to_owned());
    all.push("#7 99.1 ERROR: No matching distribution found for numpy==9".to_owned());
    let error = "process \"/bin/sh -c pip install -r requirements.txt\" did not complete successfully: exit code: 1";
    all.push(format!("#7 ERROR: {error}"));
    all.push(format!("ERROR: failed to build: failed to solve: {error}"));
    all
}

fn main() {
    let rules = Arc::new(Rules::builtin());
    for lines in [10_000, 1_000_000] {
        let log = log(lines);
        let (mut parse, mut both, mut matching) = (f64::MAX, f64::MAX, f64::MAX);
        for _ in 0..5 {
            let began = Instant::now();
            let mut parser = Parser::new();
            for (at, line) in log.iter().enumerate() {
                parser.line(LineNo::new(at as u32), line);
            }
            parser.finish();
            parse = parse.min(began.elapsed().as_secs_f64());

            let began = Instant::now();
            let mut diagnoser = Diagnoser::new(rules.clone());
            for (at, line) in log.iter().enumerate() {
                diagnoser.line(LineNo::new(at as u32), line, parser.tree());
            }
            matching = matching.min(began.elapsed().as_secs_f64());

            let began = Instant::now();
            let mut parser = Parser::new();
            let mut diagnoser = Diagnoser::new(rules.clone());
            for (at, line) in log.iter().enumerate() {
                let number = LineNo::new(at as u32);
                parser.line(number, line);
                diagnoser.line(number, line, parser.tree());
            }
            parser.finish();
            diagnoser.finish();
            let found = diagnoser.diagnosis(parser.tree(), &log);
            assert_eq!(found.cause().map(|c| c.rule.as_str()), Some("pip-no-match"));
            both = both.min(began.elapsed().as_secs_f64());
        }
        println!(
            "{lines:>9} lines: steps {:.1} ms, matching {:.1} ms ({:.2} million lines/s), whole diagnosis {:.1} ms",
            parse * 1e3,
            matching * 1e3,
            lines as f64 / matching / 1e6,
            both * 1e3,
        );
    }
}
