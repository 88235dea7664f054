//! Rules of a project: a guest's, who may add to the house and change nothing
//! in it.
//!
//! A project's file comes with the project, from whoever wrote it. So it can
//! say nothing but rules (no hosts, no commands), not more of them than a
//! person reads, and none in place of another.

use regex::RegexBuilder;
use toml::de::DeTable;

use super::load::{RuleError, Source};
use super::rule::Rule;

/// Bytes of the file at most.
pub const LARGEST: u64 = 256 * 1024;

/// Rules in it at most.
const RULES: usize = 200;

/// Bytes of a pattern at most, and of what it compiles to.
const PATTERN: usize = 2000;
const COMPILED: usize = 1 << 20;

/// What else the file says, which is left alone.
pub(super) fn other_keys(source: Source<'_>, problems: &mut Vec<RuleError>) {
    // What is no TOML at all is reported by whoever reads the rules.
    let Ok(table) = DeTable::parse(source.text) else { return };
    for key in table.get_ref().keys().filter(|key| key.get_ref() != "rules") {
        let before = source.text.get(..key.span().start).unwrap_or_default();
        problems.push(RuleError {
            file: source.name.to_owned(),
            line: before.matches('\n').count() + 1,
            rule: None,
            message: format!(
                "a project's file holds [[rules]] and nothing else; `{}` is left alone",
                crate::text::plain(key.get_ref())
            ),
        });
    }
}

/// Why a rule is not let in.
pub(super) fn refusal(rule: &Rule, known: &[&Rule], count: usize) -> Option<String> {
    if let Some(other) = known.iter().find(|other| other.id == rule.id) {
        return Some(format!(
            "the id is taken by a rule of {}; a project's rule can't take another's place",
            other.file
        ));
    }
    if count >= RULES {
        return Some(format!("a project's file may have {RULES} rules"));
    }
    rule.patterns().find_map(|pattern| {
        if pattern.len() > PATTERN {
            return Some(format!("a pattern may have {PATTERN} bytes; one has {}", pattern.len()));
        }
        let compiled = RegexBuilder::new(pattern).size_limit(COMPILED).build();
        compiled.err().map(|_| format!("the pattern {pattern:?} is too large"))
    })
}
