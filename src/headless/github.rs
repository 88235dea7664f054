//! Why a build failed, as GitHub's workflow commands: `diagnose --format github`.
//!
//! Form: `::error file=Dockerfile,line=9,title=…::message`, one command a line.
//! In properties `%`, line ends, `:` and `,` are escaped, in the message `%`
//! and line ends (GitHub's own toolkit does the same).

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::diagnose::{Finding, Kind};
use crate::explain::Explained;
use crate::redact::Redactor;
use crate::text;

/// Prints a command for each finding.
///
/// `workspace` is the directory that GitHub says its paths are seen from.
///
/// # Errors
/// When `out` can't be written.
pub fn print(
    out: &mut dyn Write,
    findings: &[Explained],
    workspace: Option<&Path>,
    redact: bool,
) -> io::Result<()> {
    for told in findings {
        let finding = &told.finding;
        let command = match finding.kind {
            Kind::Cause => "error",
            Kind::PassedBut => "warning",
        };
        let mut properties = Vec::new();
        if let Some(at) = &finding.dockerfile {
            let path = seen_from(told, workspace).unwrap_or_else(|| at.name().to_owned());
            properties.push(format!("file={}", property(&text::plain(&path))));
            properties.push(format!("line={}", at.line));
            let last = told.source.as_ref().and_then(|source| {
                source.lines.iter().rfind(|line| line.marked).map(|line| line.number)
            });
            if let Some(last) = last.filter(|last| *last > at.line) {
                properties.push(format!("endLine={last}"));
            }
        }
        let mut redactor = Redactor::new(redact);
        let title = redactor.line(&text::plain(&finding.title)).into_owned();
        properties.push(format!("title={}", property(&title)));
        let message: Vec<String> = message(finding)
            .lines()
            .map(|line| redactor.line(&text::plain(line)).into_owned())
            .collect();
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&message.join("\n")))?;
    }
    Ok(())
}

/// The Dockerfile's path as GitHub knows it: from the workspace, else from the
/// top of the repository it is in.
fn seen_from(told: &Explained, workspace: Option<&Path>) -> Option<String> {
    let file: PathBuf = std::path::absolute(told.source.as_ref()?.file.as_ref()?).ok()?;
    let file = file.canonicalize().unwrap_or(file);
    let workspace = workspace.map(|dir| dir.canonicalize().unwrap_or_else(|_| dir.to_owned()));
    let top = || file.ancestors().find(|dir| dir.join(".git").exists()).map(Path::to_owned);
    let below = |dir: PathBuf| file.strip_prefix(dir).ok();
    let path = workspace.and_then(below).or_else(|| top().and_then(below))?;
    Some(path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

fn message(finding: &Finding) -> String {
    let mut parts: Vec<String> =
        [&finding.cause, &finding.fix].into_iter().flatten().map(|s| s.trim().to_owned()).collect();
    if parts.is_empty() {
        parts.push(finding.title.clone());
    }
    if let Some(diff) = &finding.diff {
        parts.push(String::new());
        parts.extend(diff.lines().map(str::to_owned));
    }
    parts.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_part_is_escaped() {
        assert_eq!(data("50%: a,b\r\nc::d"), "50%25: a,b%0D%0Ac::d");
        assert_eq!(property("50%: a,b\nc"), "50%25%3A a%2Cb%0Ac");
    }
}
