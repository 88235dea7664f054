//! What a diagnosis says: findings, and how the build came out.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::domain::LineNo;

/// How a build came out, as far as record and log tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It failed.
    Failed,
    /// It succeeded.
    Success,
    /// It was stopped for taking too long, or its log just stops.
    Timeout,
    /// Not known, or not yet.
    #[default]
    Unknown,
}

impl Outcome {
    /// The word for reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Success => "success",
            Self::Timeout => "timeout",
            Self::Unknown => "unknown",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Why a build failed.
    Cause,
    /// What is wrong with a build although it succeeded.
    PassedBut,
}

impl Kind {
    /// The word for reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cause => "cause",
            Self::PassedBut => "passed-but",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A guess: nothing that is known fits, or the build still runs.
    Low,
    /// The lines fit, but say it in general terms.
    Medium,
    /// A line states the cause and the step that it is in failed.
    High,
}

impl Confidence {
    /// The word for reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// The step that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRef {
    /// Its number among the steps of the log, from 1.
    pub id: u32,
    /// What a person calls it.
    pub label: String,
    /// Its Dockerfile instruction.
    pub instruction: Option<String>,
}

/// A place in a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerfileRef {
    /// The Dockerfile, as it was named on the command line.
    pub path: Option<String>,
    /// The line, from 1.
    pub line: u32,
}

impl DockerfileRef {
    /// The Dockerfile's name; the usual one where it was not named.
    pub fn name(&self) -> &str {
        self.path.as_deref().unwrap_or("Dockerfile")
    }
}

impl fmt::Display for DockerfileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name(), self.line)
    }
}

/// One cause, or one thing that is wrong with a build that succeeded.
///
/// All texts come from untrusted lines that were cleaned by `text::`.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The kind of failure, a word of the corpus's list.
    pub category: String,
    /// Cause, or passed all the same.
    pub kind: Kind,
    /// How sure it is.
    pub confidence: Confidence,
    /// The cause in one sentence.
    pub title: String,
    /// Why that happens.
    pub cause: Option<String>,
    /// What to change.
    pub fix: Option<String>,
    /// The change as a unified diff, where it is a text edit.
    pub diff: Option<String>,
    /// The line that states the cause; `None` when the record alone does.
    pub line: Option<LineNo>,
    /// The lines that prove it, ascending, the root line among them.
    pub evidence: Vec<LineNo>,
    /// The package, file, image, host, command or variable at fault.
    pub subject: Option<String>,
    /// The step it happened in.
    pub step: Option<StepRef>,
    /// The Dockerfile line it happened in.
    pub dockerfile: Option<DockerfileRef>,
    /// Whether trying again may help.
    pub retryable: bool,
    /// Pages that say more.
    pub links: Vec<String>,
    /// Lines that only follow from it, ascending.
    pub consequences: Vec<LineNo>,
}

impl Finding {
    /// Whether something that is known was found; otherwise it only says that
    /// there was a failure.
    pub fn is_recognised(&self) -> bool {
        self.rule != super::fallback::UNKNOWN
    }

    /// What goes on a sentence that says that the build passed, of a finding
    /// that says what is wrong all the same.
    pub fn reservation(&self) -> String {
        match self.title.strip_prefix("The build passed, but ") {
            Some(but) => format!(", but {but}"),
            None => format!(", but: {}", self.title),
        }
    }

    /// The finding as JSON; `number` gives the number a person is shown.
    pub fn to_json(&self, number: &dyn Fn(LineNo) -> u64) -> Value {
        let mut map = Map::new();
        let mut put = |key: &str, value: Value| {
            map.insert(key.to_owned(), value);
        };
        let numbers = |lines: &[LineNo]| Value::from_iter(lines.iter().map(|l| number(*l)));
        put("rule", json!(self.rule));
        put("category", json!(self.category));
        put("kind", json!(self.kind.as_str()));
        put("confidence", json!(self.confidence.as_str()));
        put("title", json!(self.title));
        for (key, text) in [("cause", &self.cause), ("fix", &self.fix), ("diff", &self.diff)] {
            if let Some(text) = text {
                put(key, json!(text));
            }
        }
        if let Some(line) = self.line {
            put("line", json!(number(line)));
        }
        put("evidence", numbers(&self.evidence));
        if let Some(subject) = &self.subject {
            put("subject", json!(subject));
        }
        if let Some(step) = &self.step {
            let mut inner = Map::new();
            inner.insert("id".to_owned(), json!(step.id));
            inner.insert("label".to_owned(), json!(step.label));
            if let Some(instruction) = &step.instruction {
                inner.insert("instruction".to_owned(), json!(instruction));
            }
            put("step", Value::Object(inner));
        }
        if let Some(place) = &self.dockerfile {
            let mut inner = Map::new();
            if let Some(path) = &place.path {
                inner.insert("path".to_owned(), json!(path));
            }
            inner.insert("line".to_owned(), json!(place.line));
            put("dockerfile", Value::Object(inner));
        }
        put("retryable", json!(self.retryable));
        put("links", json!(self.links));
        put("consequences", numbers(&self.consequences));
        Value::Object(map)
    }
}

/// How a build came out and why, the root cause first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnosis {
    /// How it came out.
    pub outcome: Outcome,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// The root cause.
    pub fn cause(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.kind == Kind::Cause)
    }

    /// The diagnosis as JSON; `number` gives the number a person is shown.
    pub fn to_json(&self, number: &dyn Fn(LineNo) -> u64) -> Value {
        json!({
            "schema": 1,
            "outcome": self.outcome.as_str(),
            "findings": self.findings.iter().map(|f| f.to_json(number)).collect::<Vec<_>>(),
        })
    }
}
