//! Why a build failed, as text: `diagnose`, and the rules behind it: `rules`.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::paint::Paint;
use crate::diagnose::{Kind, Rule, Rules};
use crate::explain::{Explained, Source};
use crate::log::Log;
use crate::text;

/// Lines of evidence that are printed with a finding.
const EVIDENCE: usize = 6;

/// Columns of each that are printed: what an error ends with is often what it is about.
const COLUMNS: usize = 1000;

/// Prints the findings of a log, the root cause first.
///
/// # Errors
/// When `out` can't be written.
pub fn print(
    out: &mut dyn Write,
    log: &Log,
    findings: &[Explained],
    paint: Paint,
) -> io::Result<()> {
    if findings.is_empty() {
        return match unfinished(log) {
            Some(status) => writeln!(out, "The build is still {status}: nothing found so far"),
            None => writeln!(out, "{}: nothing found", log.diagnosis().outcome.as_str()),
        };
    }
    for (n, told) in findings.iter().enumerate() {
        if n > 0 {
            writeln!(out)?;
        }
        one(out, log, told, paint)?;
    }
    Ok(())
}

/// What a build that isn't over is doing, by its record.
pub(super) fn unfinished(log: &Log) -> Option<Cow<'_, str>> {
    let status = &log.build()?.status;
    (!status.is_terminal()).then(|| text::plain(status.as_str()))
}

/// The findings as JSON, lines by the numbers a person is shown.
pub fn json(log: &Log, findings: &[Explained]) -> Value {
    let number = |line| log.store().number(line);
    let findings: Vec<Value> = findings.iter().map(|told| told.finding.to_json(&number)).collect();
    json!({ "schema": 1, "outcome": log.diagnosis().outcome.as_str(), "findings": findings })
}

fn one(out: &mut dyn Write, log: &Log, told: &Explained, paint: Paint) -> io::Result<()> {
    let finding = &told.finding;
    let sign = match finding.kind {
        Kind::Cause => "✗",
        Kind::PassedBut => "!",
    };
    // A project's own rules and names are anybody's, and stand in all of it.
    writeln!(out, "{}", paint.bad(&format!("{sign} {}", text::plain(&finding.title))))?;
    let number = |line| log.store().number(line);
    for line in finding.evidence.iter().take(EVIDENCE) {
        let text = log.store().text(*line);
        let shown = text::view(&text, 0, COLUMNS);
        let more = if shown.right { "…" } else { "" };
        let shown: String = shown.glyphs.iter().map(|glyph| glyph.symbol).collect();
        writeln!(out, "  {} {shown}{more}", paint.dim(&format!("{:>6} │", number(*line))))?;
    }
    row(out, paint, "cause", finding.cause.as_deref())?;
    row(out, paint, "fix", finding.fix.as_deref())?;
    row(out, paint, "step", finding.step.as_ref().map(|step| step.label.as_str()))?;
    let place = finding.dockerfile.as_ref().map(ToString::to_string);
    row(out, paint, "at", place.as_deref())?;
    if let Some(source) = &told.source {
        instruction(out, source, paint)?;
    }
    row(out, paint, "note", told.source.as_ref().and_then(|source| source.differs.as_deref()))?;
    let sure =
        format!("{} ({}, rule {})", finding.confidence.as_str(), finding.category, finding.rule);
    row(out, paint, "sure", Some(&sure))?;
    if finding.retryable {
        row(out, paint, "retry", Some("trying again may help"))?;
    }
    for link in &finding.links {
        row(out, paint, "see", Some(link))?;
    }
    if let Some(diff) = &finding.diff {
        row(out, paint, "diff", Some("for `git apply` or `patch -p1` in the project's directory"))?;
        for line in diff.lines() {
            writeln!(out, "    {}", text::plain(line))?;
        }
    }
    Ok(())
}

/// A name and its value, if there is one.
fn row(out: &mut dyn Write, paint: Paint, name: &str, value: Option<&str>) -> io::Result<()> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(()) };
    writeln!(out, "  {} {}", paint.dim(&format!("{name:<9}")), text::plain(value))
}

/// The Dockerfile's lines around the instruction.
fn instruction(out: &mut dyn Write, source: &Source, paint: Paint) -> io::Result<()> {
    for line in &source.lines {
        let sign = if line.marked { ">" } else { " " };
        let number = paint.dim(&format!("{:>6} │", line.number));
        writeln!(out, "  {number} {sign} {}", text::plain(&line.text))?;
    }
    Ok(())
}

/// Prints every rule, one a line.
///
/// # Errors
/// When `out` can't be written.
pub fn list(out: &mut dyn Write, rules: &Rules, paint: Paint) -> io::Result<()> {
    let width = rules.all().iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules.all() {
        let id = format!("{:<width$}", rule.id);
        writeln!(
            out,
            "{}  {:>3}  {:<28}  {}",
            paint.bold(&id),
            rule.rank,
            rule.category,
            text::plain(&rule.title)
        )?;
    }
    Ok(())
}

/// Prints one rule as it is written.
///
/// # Errors
/// When `out` can't be written.
pub fn show(out: &mut dyn Write, rule: &Rule, paint: Paint) -> io::Result<()> {
    let file = text::plain(&rule.file);
    writeln!(out, "{}  {file}:{}", paint.bold(&rule.id), rule.file_line)?;
    row(out, paint, "category", Some(&rule.category))?;
    row(out, paint, "rank", Some(&rule.rank.to_string()))?;
    row(out, paint, "tool", rule.tool.as_deref())?;
    for pattern in rule.patterns() {
        row(out, paint, "pattern", Some(pattern))?;
    }
    row(out, paint, "title", Some(&rule.title))?;
    row(out, paint, "cause", rule.cause.as_deref())?;
    row(out, paint, "fix", rule.fix.as_deref())?;
    for (name, lines) in
        [("matches", &rule.matches), ("ignores", &rule.ignores), ("see", &rule.links)]
    {
        for line in lines {
            row(out, paint, name, Some(line))?;
        }
    }
    Ok(())
}
