//! Whatever the project, a diff that is offered applies, lets the missing source
//! in, takes nothing away, and lets nothing else in that was meant to stay out.

use std::collections::BTreeSet;

use buildcat::context::moby::{Matcher, Verdict};
use buildcat::context::preflight;

use super::case::*;

const NAMES: [&str; 12] = [
    "bot.py",
    "README.md",
    "data",
    "src",
    "docs",
    "env",
    "dist",
    "a.txt",
    "notes.md",
    "models",
    "x.wav",
    "lib",
];
const PATTERNS: [&str; 18] = [
    "*.md",
    "data",
    "src/data",
    "*",
    "!bot.py",
    "!src",
    "docs/",
    "/data",
    "**/*.md",
    "*.txt",
    "d*",
    "src",
    "lib",
    "models/*",
    "*/*.wav",
    "!README.md",
    "# note",
    "**/env",
];

struct Dice(fastrand::Rng);

impl Dice {
    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.0.usize(..all.len())]
    }
}

#[test]
fn diffs_of_ignore_rules_do_what_they_say() {
    let mut dice = Dice(fastrand::Rng::with_seed(20_261_126));
    let (mut asked, mut offered) = (0, 0);
    for _ in 0..90 {
        let mut files: BTreeSet<String> = BTreeSet::new();
        for _ in 0..dice.0.usize(3..14) {
            let mut path = dice.of(&NAMES).to_owned();
            while !path.contains('.') || dice.0.bool() {
                if path.contains('.') || path.split('/').count() > 2 {
                    break;
                }
                path = format!("{path}/{}", dice.of(&NAMES));
            }
            files.insert(path);
        }
        // No file where a directory is.
        let files: Vec<String> = files
            .iter()
            .filter(|path| !files.iter().any(|other| other.starts_with(&format!("{path}/"))))
            .cloned()
            .collect();
        let source = files[dice.0.usize(..files.len())].clone();
        let dockerfile = format!("FROM python:3.12-slim\nCOPY {source} /x/\n");
        let ignore: Option<String> = dice.0.bool().then(|| {
            (0..dice.0.usize(1..5)).map(|_| format!("{}\n", dice.of(&PATTERNS))).collect()
        });
        let mut all = vec![("Dockerfile", dockerfile.as_str())];
        all.extend(files.iter().map(|path| (path.as_str(), "x")));
        if let Some(ignore) = &ignore {
            all.push((".dockerignore", ignore));
        }
        let project = Project::new(&all);
        let run = || preflight::run(project.path(), &preflight::Options::default());
        let before = run();
        if !before.problems.iter().any(|p| p.rule == "missing-source") {
            continue;
        }
        asked += 1;
        let told = project.explained(&not_found(&dockerfile, 2, &source));
        if told.finding.diff.is_none() {
            continue;
        }
        offered += 1;
        project.apply(&told);
        let after = run();
        let context = format!("{ignore:?} {files:?} {source}\n{}", told.finding.diff.unwrap());
        assert!(!after.problems.iter().any(|p| p.rule == "missing-source"), "{context}");
        let docker = Matcher::new(ignore.clone().unwrap_or_default().as_bytes()).unwrap();
        for file in &before.context.files {
            assert!(after.context.files.contains(file), "{file} is lost: {context}");
        }
        for file in &after.upload.files {
            let meant = ignore.is_some()
                && matches!(docker.verdict(&file.as_str().into()), Ok(Verdict::Kept(_)));
            let known = before.upload.files.contains(file) || file == ".dockerignore";
            assert!(known || *file == source || meant, "{file} comes in: {context}");
        }
    }
    assert!(asked > 25 && offered * 10 > asked * 7, "{offered} of {asked}");
}
