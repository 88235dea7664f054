//! Logs that were saved from elsewhere: what carried them stands before each line, and
//! changes nothing about what they say.

use std::sync::Arc;

use buildcat::diagnose::Rules;
use buildcat::domain::Patch;
use buildcat::log::Log;

/// Who carries a log, and what stands before its n-th line.
type Carrier = (&'static str, fn(usize) -> String);

/// The outcome, the causes and the steps of a log.
fn told(rules: &Arc<Rules>, text: &str) -> Vec<String> {
    let mut log = Log::new(Arc::clone(rules));
    log.apply(&Patch::text(text));
    log.end();
    log.derive_all();
    let diagnosis = log.diagnosis();
    let findings = diagnosis.findings.iter().map(|finding| {
        format!("{} {:?} {} {:?}", finding.rule, finding.line, finding.title, finding.evidence)
    });
    let steps = log
        .tree()
        .steps()
        .iter()
        .map(|step| format!("{} {:?} {:?}", step.label(), step.state(), step.first_line()));
    let outcome = diagnosis.outcome.as_str().to_owned();
    std::iter::once(outcome).chain(findings).chain(steps).collect()
}

#[test]
fn what_carried_a_log_changes_nothing() {
    let rules = Arc::new(Rules::builtin());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/");
    let carriers: [Carrier; 5] = [
        ("GitHub Actions", |n| format!("2026-11-23T21:{:02}:58.0671480Z ", n / 60 % 60)),
        ("gh run view --log", |n| {
            format!("build\tRun docker\t2026-11-23T21:53:{:02}.06Z ", n % 60)
        }),
        ("aws logs tail", |n| {
            let stream = "build/0a1b2c3d-3a52-4c8b-9a86-0d6c3b1e7a10";
            format!("2026-11-23T21:53:{:02}.067000+00:00 {stream} ", n % 60)
        }),
        ("Jenkins", |n| format!("[2026-11-23T21:53:{:02}.067Z] ", n % 60)),
        ("GitLab CI", |n| format!("2026-11-23T21:53:{:02}.067148Z 01O ", n % 60)),
    ];
    let mut logs = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        // What a terminal would overwrite stands before a carrier's words as well.
        if path.extension().is_none_or(|ending| ending != "log") || text.contains('\r') {
            continue;
        }
        let plain = told(&rules, &text);
        for (name, carrier) in carriers {
            let carried = text.lines().enumerate().map(|(n, line)| carrier(n) + line + "\n");
            let carried = told(&rules, &carried.collect::<String>());
            assert_eq!(carried, plain, "{} by {name}", path.display());
        }
        logs += 1;
    }
    assert!(logs > 60, "{logs}");
}
