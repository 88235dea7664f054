//! Why a build failed, as an incident report to paste: `diagnose --format markdown`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::findings::unfinished;
use crate::diagnose::{Kind, Outcome};
use crate::domain::{Build, LineNo};
use crate::explain::Explained;
use crate::log::Log;
use crate::redact::Redactor;
use crate::{human, text};

/// Lines around each line of evidence.
const AROUND: u32 = 2;

/// Lines of evidence at most, those around included.
const LINES: usize = 40;

/// Prints a report on a log: build, step, cause, evidence, fix.
///
/// # Errors
/// When `out` can't be written.
pub fn print(
    out: &mut dyn Write,
    log: &Log,
    name: &str,
    findings: &[Explained],
    redact: bool,
) -> io::Result<()> {
    // A project's own rules and names are anybody's, and stand in all of it.
    let scrub = |text: &str| Redactor::new(redact).line(&text::plain(text)).into_owned();
    let diagnosis = log.diagnosis();
    let word = match diagnosis.outcome {
        Outcome::Failed => "Build failed",
        Outcome::Timeout => "Build timed out",
        Outcome::Success => "Build succeeded",
        Outcome::Unknown => "Build",
    };
    let Some(first) = findings.first() else {
        match unfinished(log) {
            Some(status) => writeln!(out, "# Build still {status}: nothing found so far\n")?,
            None => writeln!(out, "# {word}: nothing found\n")?,
        }
        return about(out, log.build(), name, &scrub);
    };
    writeln!(out, "# {word}: {}\n", prose(&scrub(&first.finding.title)))?;
    about(out, log.build(), name, &scrub)?;
    for (n, told) in findings.iter().enumerate() {
        let finding = &told.finding;
        if n > 0 {
            writeln!(out, "\n## {}\n", prose(&scrub(&finding.title)))?;
        }
        if let Some(step) = &finding.step {
            writeln!(out, "- Step: {}", code(&scrub(&step.label)))?;
        }
        if let Some(at) = &finding.dockerfile {
            writeln!(out, "- Instruction: {}", code(&scrub(&at.to_string())))?;
        }
        writeln!(
            out,
            "- Confidence: {} ({}, rule {})",
            finding.confidence.as_str(),
            finding.category,
            finding.rule
        )?;
        let kind = if finding.kind == Kind::Cause { "Cause" } else { "What is wrong" };
        for (name, said) in [(kind, &finding.cause), ("Fix", &finding.fix)] {
            if name == "Fix" {
                evidence(out, log, told, redact)?;
            }
            if let Some(said) = said {
                writeln!(out, "\n**{name}:** {}", prose(&scrub(said)))?;
            }
        }
        if let Some(diff) = &finding.diff {
            let mut redactor = Redactor::new(redact);
            let lines: Vec<String> =
                diff.lines().map(|line| redactor.line(&text::plain(line)).into_owned()).collect();
            writeln!(out)?;
            fenced(out, "diff", &lines)?;
        }
        if finding.retryable {
            writeln!(out, "\nTrying again may help.")?;
        }
        if !finding.links.is_empty() {
            writeln!(out)?;
        }
        for link in &finding.links {
            writeln!(out, "- <{}>", scrub(link))?;
        }
    }
    Ok(())
}

/// What is known of the build.
fn about(
    out: &mut dyn Write,
    build: Option<&Build>,
    name: &str,
    scrub: &dyn Fn(&str) -> String,
) -> io::Result<()> {
    let Some(build) = build else {
        return writeln!(out, "- Log: {}", code(&scrub(name)));
    };
    let time = build.created_at.map(|t| format!("{} UTC", t.strftime("%Y-%m-%d %H:%M:%S")));
    let rows = [
        ("Build", build.id.clone()),
        ("Status", Some(build.status.to_string())),
        ("Region", build.region.clone()),
        ("Source", build.source()),
        ("Created", time),
        ("Took", build.duration_seconds().map(human::duration)),
        ("The service says", build.error_message.clone()),
    ];
    for (row, value) in rows {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            writeln!(out, "- {row}: {}", code(&scrub(&value)))?;
        }
    }
    Ok(())
}

/// The lines that prove it, those that do marked.
fn evidence(out: &mut dyn Write, log: &Log, told: &Explained, redact: bool) -> io::Result<()> {
    let store = log.store();
    let marked: BTreeSet<u32> = told.finding.evidence.iter().map(|line| line.index()).collect();
    let mut shown: BTreeSet<u32> = BTreeSet::new();
    for at in &marked {
        let end = at.saturating_add(AROUND).min(store.len().saturating_sub(1));
        shown.extend((at.saturating_sub(AROUND)..=end).take(LINES));
    }
    let shown: Vec<u32> = shown.into_iter().filter(|at| *at < store.len()).take(LINES).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let mut redactor = Redactor::new(redact);
    let mut lines = Vec::with_capacity(shown.len());
    let mut last: Option<u32> = None;
    for at in shown {
        if last.is_some_and(|last| last + 1 != at) {
            lines.push("        ⋮".to_owned());
        }
        last = Some(at);
        let line = LineNo::new(at);
        let sign = if marked.contains(&at) { '>' } else { ' ' };
        let raw = text::plain(&store.text(line)).into_owned();
        let said = redactor.line(&raw);
        lines.push(format!("{sign} {:>5} │ {}", store.number(line), cut(&said)));
    }
    writeln!(out, "\n**Evidence:**\n")?;
    fenced(out, "text", &lines)
}

/// A line as a report bears it.
fn cut(line: &str) -> String {
    const MOST: usize = 400;
    if line.chars().count() <= MOST {
        return line.to_owned();
    }
    line.chars().take(MOST).chain(['…']).collect()
}

/// Lines between fences that nothing in them can close.
fn fenced(out: &mut dyn Write, language: &str, lines: &[String]) -> io::Result<()> {
    let most = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(most.max(2) + 1);
    writeln!(out, "{fence}{language}")?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{fence}")
}

/// How many backticks stand in a row at most.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Text as code within a line.
fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A sentence: what stands between backticks stays code, and nothing else in
/// it means anything to Markdown.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // With an odd backtick there is no telling what was meant as code.
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let mut out = String::new();
    for (n, part) in parts.iter().enumerate() {
        if n % 2 == 0 {
            out.push_str(&escaped(part));
        } else if !part.is_empty() {
            out.push_str(&code(part));
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '`' | '&' => {
                out.push('\\');
                out.push(c);
            }
            // Who has that name shall not be called.
            '@' if !before.is_alphanumeric() => out.push_str("`@`"),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_log_gets_out_of_its_fence() {
        let mut out = Vec::new();
        let lines = ["a ```` b".to_owned(), "```".to_owned()];
        fenced(&mut out, "text", &lines).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "`````text\na ```` b\n```\n`````\n");
    }

    #[test]
    fn prose_keeps_its_code_and_nothing_else() {
        assert_eq!(prose("`a_b` is <b>bold</b> *x*"), "`a_b` is \\<b\\>bold\\</b\\> \\*x\\*");
        assert_eq!(prose("a ` b"), "a \\` b");
        assert_eq!(prose("ask @acme about a@b"), "ask `@`acme about a@b");
        assert_eq!(code("a `b` c"), "``a `b` c``");
        assert_eq!(code("`b"), "`` `b ``");
    }
}
