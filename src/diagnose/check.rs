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
}

/// Tries every rule's examples on all rules: what it must match, what it must
/// ignore, and that no other rule steals its lines by a higher rank.
pub fn check(rules: &Rules) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut found = Vec::new();
    for (at, rule) in rules.all().iter().enumerate() {
        let mut complain = |message: String| {
            complaints.push(Complaint {
                file: rule.file.clone(),
                line: rule.file_line,
                rule: rule.id.clone(),
                message,
            });
        };
        if rule.matches.is_empty() {
            complain("matches is empty; give at least one line that it must match".to_owned());
        }
        for pattern in &rule.patterns {
            if pattern.regex().is_none() {
                complain(format!("the pattern {:?} is too large", pattern.text));
            }
        }
        for example in &rule.matches {
            rules.matching(clip(payload(example).1), &mut found);
            if !found.iter().any(|index| usize::from(*index) == at) {
                complain(format!("must match {example:?} and doesn't"));
                continue;
            }
            let thief = found.iter().filter_map(|index| rules.at(*index)).find(|other| {
                other.id != rule.id
                    && other.kind == rule.kind
                    && other.rank >= rule.rank
                    && other.resolver.is_none()
            });
            if let Some(thief) = thief {
                complain(format!(
                    "{example:?} is taken by rule {:?} of rank {} (this one has {})",
                    thief.id, thief.rank, rule.rank
                ));
            }
        }
        for example in &rule.ignores {
            rules.matching(clip(payload(example).1), &mut found);
            if found.iter().any(|index| usize::from(*index) == at) {
                complain(format!("must not match {example:?} and does"));
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

    #[test]
    fn the_built_in_rules_load() {
        let (_, problems) = Rules::load(&[]);
        assert!(
            problems.is_empty(),
            "{}",
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        );
    }
}
