//! The labelled logs: root line, category and subject of every failure, and
//! no cause on a build that succeeded.

#[path = "support/diagnosed.rs"]
mod diagnosed;

use std::sync::Arc;

use buildcat::diagnose::{Diagnosis, Rules};
use buildcat::domain::LineNo;
use diagnosed::diagnosed;

fn diagnose(rules: &Arc<Rules>, bytes: &[u8]) -> Diagnosis {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    diagnosed(rules, body.split(|b| *b == b'\n')).0
}

fn normal(subject: &str) -> String {
    subject.trim_start_matches("./").trim_end_matches('/').to_lowercase()
}

#[test]
fn the_corpus_is_diagnosed() {
    let rules = Arc::new(Rules::builtin());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/");
    let labels = std::fs::read_to_string(format!("{root}labels.jsonl")).unwrap();
    let (mut failed, mut lines, mut categories) = (0, 0, 0);
    let (mut named, mut subjects) = (0, 0);
    let mut misses = Vec::new();
    for label in labels.lines() {
        let label: serde_json::Value = serde_json::from_str(label).unwrap();
        let name = label["log"].as_str().unwrap();
        let bytes = std::fs::read(format!("{root}{name}")).unwrap();
        let found = diagnose(&rules, &bytes);
        let outcome = label["outcome"].as_str().unwrap();
        if found.outcome.as_str() != outcome {
            misses.push(format!("{name}: outcome {} for {outcome}", found.outcome.as_str()));
        }
        if outcome == "success" {
            if let Some(cause) = found.cause() {
                panic!("{name}: a cause on a successful build: {cause:?}");
            }
            continue;
        }
        failed += 1;
        let Some(cause) = found.cause() else {
            misses.push(format!("{name}: no cause"));
            continue;
        };
        let line = cause.line.map(LineNo::number);
        let accepted: Vec<u64> = std::iter::once(&label["root_line"])
            .chain(label["acceptable_lines"].as_array().unwrap())
            .filter_map(|n| n.as_u64())
            .collect();
        if line.is_some_and(|line| accepted.contains(&line)) {
            lines += 1;
        } else {
            misses.push(format!("{name}: line {line:?} for {accepted:?} by {}", cause.rule));
        }
        let category = label["category"].as_str().unwrap();
        if cause.category == category {
            categories += 1;
        } else {
            misses.push(format!("{name}: {} for {category} by {}", cause.category, cause.rule));
        }
        if let Some(subject) = label["subject"].as_str() {
            named += 1;
            let mut names = vec![normal(subject)];
            names.extend(
                label["subject_alternatives"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|s| Some(normal(s.as_str()?))),
            );
            let own = cause.subject.as_deref().map(normal);
            if own.as_ref().is_some_and(|own| names.contains(own)) {
                subjects += 1;
            } else {
                misses.push(format!("{name}: subject {own:?} for {names:?} by {}", cause.rule));
            }
        }
    }
    let percent = |part: usize, all: usize| part as f64 * 100.0 / all as f64;
    println!(
        "root line {lines}/{failed}, category {categories}/{failed}, subject {subjects}/{named}"
    );
    for miss in &misses {
        println!("  {miss}");
    }
    assert!(
        percent(lines, failed) >= 97.0,
        "root lines: {lines} of {failed}\n{}",
        misses.join("\n")
    );
    assert!(percent(categories, failed) >= 97.0, "categories: {categories} of {failed}");
    assert!(percent(subjects, named) >= 95.0, "subjects: {subjects} of {named}");
}
