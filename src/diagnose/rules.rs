//! The rules that are in force.

use super::guest;
use super::load::{self, RuleError, Source};
use super::matcher::Matcher;
use super::rule::Rule;

/// The built-in rules, one file per tool.
const BUILTIN: &[Source<'static>] = &[
    Source { name: "docker.toml", text: include_str!("../../assets/rules/docker.toml") },
    Source { name: "push.toml", text: include_str!("../../assets/rules/push.toml") },
    Source { name: "pip.toml", text: include_str!("../../assets/rules/pip.toml") },
    Source { name: "uv.toml", text: include_str!("../../assets/rules/uv.toml") },
    Source { name: "poetry.toml", text: include_str!("../../assets/rules/poetry.toml") },
    Source { name: "apt.toml", text: include_str!("../../assets/rules/apt.toml") },
    Source { name: "node.toml", text: include_str!("../../assets/rules/node.toml") },
    Source { name: "git.toml", text: include_str!("../../assets/rules/git.toml") },
    Source { name: "network.toml", text: include_str!("../../assets/rules/network.toml") },
    Source { name: "shell.toml", text: include_str!("../../assets/rules/shell.toml") },
    Source { name: "python.toml", text: include_str!("../../assets/rules/python.toml") },
    Source { name: "tests.toml", text: include_str!("../../assets/rules/tests.toml") },
    Source { name: "lint.toml", text: include_str!("../../assets/rules/lint.toml") },
    Source { name: "compile.toml", text: include_str!("../../assets/rules/compile.toml") },
    Source { name: "system.toml", text: include_str!("../../assets/rules/system.toml") },
    Source { name: "loader.toml", text: include_str!("../../assets/rules/loader.toml") },
    Source { name: "conda.toml", text: include_str!("../../assets/rules/conda.toml") },
    Source { name: "native.toml", text: include_str!("../../assets/rules/native.toml") },
    Source { name: "packages.toml", text: include_str!("../../assets/rules/packages.toml") },
    Source { name: "web.toml", text: include_str!("../../assets/rules/web.toml") },
    Source { name: "download.toml", text: include_str!("../../assets/rules/download.toml") },
    Source { name: "commands.toml", text: include_str!("../../assets/rules/commands.toml") },
    Source { name: "passed.toml", text: include_str!("../../assets/rules/passed.toml") },
];

/// All rules, and the automaton that finds the ones worth trying.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    matcher: Matcher,
}

impl Rules {
    /// The built-in rules.
    pub fn builtin() -> Self {
        // The built-in files are checked by a test; there is nobody to tell here.
        Self::load(&[]).0
    }

    /// The built-in rules and those of other files. A rule with the id of an
    /// earlier one takes its place. Bad rules are left out and reported.
    pub fn load(more: &[Source<'_>]) -> (Self, Vec<RuleError>) {
        let (rules, problems, _) = Self::load_with(more, None);
        (rules, problems)
    }

    /// The same, and those of a project (`.buildcat.toml`), which may add rules
    /// but take no other's place; its problems come apart.
    pub fn load_with(
        more: &[Source<'_>],
        project: Option<Source<'_>>,
    ) -> (Self, Vec<RuleError>, Vec<RuleError>) {
        let mut problems = Vec::new();
        let mut all: Vec<load::Loaded> = Vec::new();
        for source in BUILTIN.iter().chain(more) {
            for loaded in load::read(*source, &mut problems) {
                let room = all.len() < usize::from(u16::MAX);
                match all.iter_mut().find(|(rule, _)| rule.id == loaded.0.id) {
                    Some(place) if place.0.file == loaded.0.file => problems.push(RuleError {
                        file: loaded.0.file.clone(),
                        line: loaded.0.file_line,
                        rule: Some(loaded.0.id.clone()),
                        message: format!(
                            "the id is taken by the rule on line {}",
                            place.0.file_line
                        ),
                    }),
                    Some(place) => *place = loaded,
                    None if room => all.push(loaded),
                    None => {}
                }
            }
        }
        let mut complaints = Vec::new();
        if let Some(source) = project {
            guest::other_keys(source, &mut complaints);
            let mut count = 0;
            for loaded in load::read(source, &mut complaints) {
                let known: Vec<&Rule> = all.iter().map(|(rule, _)| rule).collect();
                match guest::refusal(&loaded.0, &known, count) {
                    Some(message) => complaints.push(RuleError {
                        file: loaded.0.file.clone(),
                        line: loaded.0.file_line,
                        rule: Some(loaded.0.id.clone()),
                        message,
                    }),
                    None => {
                        all.push(loaded);
                        count += 1;
                    }
                }
            }
            complaints.sort_by_key(|complaint| complaint.line);
        }
        let matcher = Matcher::new(all.iter().enumerate().flat_map(|(at, (_, sets))| {
            sets.iter()
                .enumerate()
                .map(move |(pattern, set)| (at as u16, pattern as u16, set.as_slice()))
        }));
        let rules = all.into_iter().map(|(rule, _)| rule).collect();
        (Self { rules, matcher }, problems, complaints)
    }

    /// All rules, in the order they were read.
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule with an id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Indices of the rules that match a text without its prefix.
    pub(super) fn matching(&self, text: &str, found: &mut Vec<u16>) {
        self.matcher.rules(&self.rules, text, found);
    }

    pub(super) fn at(&self, index: u16) -> Option<&Rule> {
        self.rules.get(usize::from(index))
    }
}
