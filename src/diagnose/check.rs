//! Rules put to their own test.

use super::engine::clip;
use super::rules::Rules;
use crate::parse::payload;

/// Something wrong with a rule: one of its own examples says so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: rule {rule:?}: {message}")]
pub struct Complaint {
    /// The file of the rule.
    pub file: String,
    /// Its line there.
    pub line: usize,
    /// The rule.
    pub rule: String,
    /// What is wrong.
    pub message: String,
    /// The id of the rule that takes one of its lines, where that is what is
    /// wrong.
    pub thief: Option<String>,
}

/// Tries every rule's examples on all rules: what it must match, what it must
/// ignore, and that no other rule steals its lines by a higher rank.
pub fn check(rules: &Rules) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut found = Vec::new();
    for (at, rule) in rules.all().iter().enumerate() {
        let mut complain = |message: String, thief: Option<&str>| {
            complaints.push(Complaint {
                file: rule.file.clone(),
                line: rule.file_line,
                rule: rule.id.clone(),
                message,
                thief: thief.map(str::to_owned),
            });
        };
        if rule.matches.is_empty() {
            let message = "matches is empty; give at least one line that it must match";
            complain(message.to_owned(), None);
        }
        for pattern in &rule.patterns {
            if pattern.regex().is_none() {
                complain(format!("the pattern {:?} is too large", pattern.text), None);
            }
        }
        for example in &rule.matches {
            rules.matching(clip(payload(example).1), &mut found);
            if !found.iter().any(|index| usize::from(*index) == at) {
                complain(format!("must match {example:?} and doesn't"), None);
                continue;
            }
            let thief = found.iter().filter_map(|index| rules.at(*index)).find(|other| {
                other.id != rule.id
                    && other.kind == rule.kind
                    && other.rank >= rule.rank
                    && other.resolver.is_none()
            });
            if let Some(thief) = thief {
                let message = format!(
                    "{example:?} is taken by rule {:?} of rank {} (this one has {})",
                    thief.id, thief.rank, rule.rank
                );
                complain(message, Some(&thief.id));
            }
        }
        for example in &rule.ignores {
            rules.matching(clip(payload(example).1), &mut found);
            if found.iter().any(|index| usize::from(*index) == at) {
                complain(format!("must not match {example:?} and does"), None);
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rules_match_their_examples() {
        let all = check(&Rules::builtin());
        let wrong: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// No text that is shown has a hole left in it, whatever was found.
    #[test]
    fn no_text_of_a_rule_shows_a_placeholder() {
        use crate::diagnose::matcher;
        use crate::diagnose::rule::{Captures, fill};
        let shown = regex::Regex::new(r"\{\w+[|}]").unwrap();
        for rule in Rules::builtin().all() {
            let examples = rule
                .matches
                .iter()
                .map(|line| matcher::captures(rule, clip(payload(line).1)).unwrap_or_default());
            for captures in examples.chain([Captures::default()]) {
                let more = [&rule.subject, &rule.cause, &rule.fix];
                for text in more.into_iter().flatten().chain([&rule.title]) {
                    let text = fill(text, &captures);
                    assert!(!shown.is_match(&text), "{}: {text}", rule.id);
                }
            }
        }
    }

    #[test]
    fn the_built_in_rules_load() {
        let (_, problems) = Rules::load(&[]);
        assert!(
            problems.is_empty(),
            "{}",
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        );
    }

    /// uv's wrapped rendering, and a step that fails after a tolerated error.
    #[test]
    fn wrapped_sentences_are_joined() {
        let log = "#6 [2/3] RUN uv sync\n#6 0.1   × Failed to build `pyaudio==0.2.14`\n#6 0.1   ├─▶ The build backend returned an error\n#6 0.1   ╰─▶ Call to `setuptools.build_meta.build_wheel` failed (exit status: 1)\n#6 0.1 \n#6 0.1       [stderr]\n#6 0.1       src/pyaudio/device_api.c:9:10: fatal error: portaudio.h: No such file\n#6 0.1       or directory\n#6 ERROR: process \"/bin/sh -c uv sync\" did not complete successfully: exit code: 1\nERROR: failed to solve: process \"/bin/sh -c uv sync\" did not complete successfully: exit code: 1\n";
        let lines: Vec<String> = log.lines().map(str::to_owned).collect();
        let mut parser = crate::parse::Parser::new();
        let mut d = crate::diagnose::Diagnoser::new(std::sync::Arc::new(Rules::builtin()));
        for (at, line) in lines.iter().enumerate() {
            let number = crate::domain::LineNo::new(at as u32);
            parser.line(number, line);
            d.line(number, line, parser.tree());
        }
        parser.finish();
        d.finish();
        let found = d.diagnosis(parser.tree(), &lines);
        let cause = found.cause().unwrap();
        assert_eq!(cause.rule, "header-missing");
        assert_eq!(cause.subject.as_deref(), Some("portaudio.h"));
        assert_eq!(cause.category, "python-package-build");
        assert_eq!(cause.line.map(|l| l.number()), Some(7));
    }
}
