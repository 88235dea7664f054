//! A finding in the making: what a rule found, before it is put into words.

use super::engine::Diagnoser;
use super::rule::{Captures, Rule, fill};
use super::scene::Scene;
use super::{Confidence, DockerfileRef, Finding, Kind, StepRef};
use crate::domain::LineNo;

/// What a rule found; resolvers change it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) rule: String,
    pub(super) category: String,
    pub(super) kind: Kind,
    pub(super) line: LineNo,
    /// The text that matched, unwrapped.
    pub(super) text: String,
    pub(super) captures: Captures,
    pub(super) title: String,
    pub(super) cause: Option<String>,
    pub(super) fix: Option<String>,
    subject: Option<String>,
    pub(super) links: Vec<String>,
    pub(super) retryable: bool,
    /// Further lines that prove it.
    pub(super) evidence: Vec<LineNo>,
    /// At most this sure.
    pub(super) most: Confidence,
}

impl Draft {
    pub(super) fn of_rule(rule: &Rule, line: LineNo, text: String, captures: Captures) -> Self {
        Self {
            rule: rule.id.clone(),
            category: rule.category.clone(),
            kind: rule.kind,
            line,
            text,
            captures,
            title: rule.title.clone(),
            cause: rule.cause.clone(),
            fix: rule.fix.clone(),
            subject: rule.subject.clone(),
            links: rule.links.clone(),
            retryable: rule.retryable,
            evidence: Vec::new(),
            most: if rule.rank >= 50 { Confidence::High } else { Confidence::Medium },
        }
    }

    /// A draft of no rule in the files.
    pub(super) fn of_code(rule: &str, category: &str, line: LineNo, title: &str) -> Self {
        Self {
            rule: rule.to_owned(),
            category: category.to_owned(),
            kind: Kind::Cause,
            line,
            text: String::new(),
            captures: Captures::default(),
            title: title.to_owned(),
            cause: None,
            fix: None,
            subject: None,
            links: Vec::new(),
            retryable: false,
            evidence: Vec::new(),
            most: Confidence::Medium,
        }
    }

    pub(super) fn subject(&self) -> Option<&str> {
        self.captures.get("subject")
    }

    /// Whether neither a line nor the rule names what is at fault.
    pub(super) fn is_nameless(&self) -> bool {
        self.subject.is_none() && self.subject().is_none()
    }

    /// Names the subject that the rule's own template may still dress up.
    pub(super) fn set_found(&mut self, text: &str) {
        self.captures.set("subject", text);
    }

    pub(super) fn set_subject(&mut self, text: impl Into<String>) {
        self.captures.set("subject", text);
        self.subject = None;
    }

    /// Puts it into words.
    pub(super) fn finding(mut self, d: &Diagnoser, scene: &Scene<'_>, sure: Confidence) -> Finding {
        if let Some(template) = &self.subject {
            let text = fill(template, &self.captures);
            self.captures.set("subject", text);
        }
        let step = scene.the_step();
        let instruction = scene.instruction();
        if let Some(text) = &instruction {
            self.captures.set("instruction", shorten(text));
        }
        if let Some(text) = scene.shell() {
            self.captures.set("command", shorten(&text));
        }
        if let Some(code) = scene.exit_code() {
            self.captures.set("code", code.to_string());
        }
        let words = |template: &str| fill(template, &self.captures);
        let excerpt = scene.build.and_then(|b| b.excerpts.last());
        let dockerfile_line = step
            .and_then(|s| s.dockerfile_line())
            .or_else(|| if step.is_none() { excerpt.map(|e| e.dockerfile_line) } else { None })
            .or_else(|| self.captures.get("dockerfile_line").and_then(|n| n.parse().ok()))
            // Of an empty one BuildKit says line 0.
            .filter(|line| *line > 0);
        let mut evidence = self.evidence.clone();
        evidence.push(self.line);
        evidence.sort_unstable();
        evidence.dedup();
        let consequences = match self.kind {
            Kind::PassedBut => Vec::new(),
            Kind::Cause => d
                .stated
                .iter()
                .filter(|line| **line > self.line && !evidence.contains(line))
                .take(32)
                .copied()
                .collect(),
        };
        Finding {
            title: words(&self.title),
            cause: self.cause.as_deref().map(words),
            fix: self.fix.as_deref().map(words),
            diff: None,
            line: Some(self.line),
            evidence,
            subject: self.captures.get("subject").map(str::to_owned),
            step: step.map(|s| StepRef {
                id: s.id().number(),
                label: s.label().into_owned(),
                instruction: instruction.clone(),
            }),
            dockerfile: dockerfile_line
                .map(|line| DockerfileRef { path: excerpt.map(|e| e.path.to_string()), line }),
            rule: self.rule,
            category: self.category,
            kind: self.kind,
            confidence: sure.min(self.most),
            retryable: self.retryable,
            links: self.links,
            consequences,
        }
    }
}

/// Commands go into sentences, so they are cut to what a sentence bears.
pub(super) fn shorten(text: &str) -> String {
    const MOST: usize = 120;
    if text.len() <= MOST {
        return text.to_owned();
    }
    let cut = text.get(..text.floor_char_boundary(MOST)).unwrap_or(text);
    format!("{}…", cut.trim_end())
}
