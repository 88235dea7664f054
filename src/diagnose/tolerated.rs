//! Which commands of a step failed without failing it.
//!
//! `a || true && b && c`: `a` may fail; and where `c` has something to say,
//! `b` went well whatever it printed. So an error is judged by who says it and
//! by where that command stands in the line; under `set -x` the trace tells.

use super::Rule;
use super::scene::Scene;
use crate::domain::LineNo;

/// What joins a command with the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    /// `&&`, or a new line or `;` under `set -e`.
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
    /// `;`
    Then,
}

/// One command of a shell line.
#[derive(Clone, Debug)]
struct Part<'a> {
    text: &'a str,
    join: Join,
}

/// How much an error line counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It may well be the cause.
    Full,
    /// A later command has run, so this one was survived.
    Survived,
    /// The command line says that it doesn't matter.
    Ignored,
}

/// The commands of a step, and who says what.
pub(super) struct Course {
    parts: Vec<(String, Join)>,
    /// The traced commands, by line: whether anything of weight begins there.
    trace: Vec<(LineNo, bool)>,
}

impl Course {
    /// Reads a scene's command line and trace.
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let shell = scene.shell().filter(|_| scene.step.is_some()).unwrap_or_default();
        let parts =
            split(&shell).into_iter().map(|part| (part.text.to_owned(), part.join)).collect();
        let mut trace: Vec<(LineNo, bool)> = scene
            .last(400)
            .into_iter()
            .filter_map(|(line, text)| {
                let command = text.strip_prefix("+ ")?;
                Some((line, !harmless(command)))
            })
            .collect();
        trace.reverse();
        if trace.len() < 2 {
            trace.clear();
        }
        Self { parts, trace }
    }

    /// The place of the command that says a line, if the line tells.
    pub(super) fn place(&self, rule: &Rule, text: &str) -> Option<usize> {
        if self.parts.len() < 2 {
            return None;
        }
        let names = speakers(rule, text)?;
        self.parts.iter().rposition(|(part, _)| {
            part.split_whitespace().any(|word| {
                let word = word.rsplit('/').next().unwrap_or(word);
                names.contains(&word)
            })
        })
    }

    /// Whether `later` ran only because `earlier` had gone well.
    fn follows(&self, earlier: usize, later: usize) -> bool {
        earlier < later
            && self.parts.get(earlier..later).is_some_and(|between| {
                between.iter().all(|(_, join)| matches!(join, Join::And | Join::Or))
            })
    }

    /// How much a line counts beside the others.
    pub(super) fn weigh(
        &self,
        line: LineNo,
        place: Option<usize>,
        others: &[(LineNo, Option<usize>)],
    ) -> Weight {
        if let Some(at) = place {
            let next = self.parts.get(at + 1).map(|(text, _)| text.as_str());
            if self.parts.get(at).is_some_and(|(_, join)| *join == Join::Or) {
                return match next {
                    Some(next) if harmless(next) => Weight::Ignored,
                    Some(next) if fails(next) => Weight::Full,
                    _ => Weight::Survived,
                };
            }
            let survived = others.iter().any(|(other, place)| {
                *other > line && place.is_some_and(|later| self.follows(at, later))
            });
            if survived {
                return Weight::Survived;
            }
        }
        let next = self.trace.partition_point(|(at, _)| *at < line);
        match self.trace.get(next) {
            None => Weight::Full,
            Some((_, false)) if self.trace.get(next + 1).is_some() => Weight::Ignored,
            Some(_)
                if others.iter().any(|(o, _)| self.trace.get(next).is_some_and(|t| *o > t.0)) =>
            {
                Weight::Survived
            }
            Some(_) => Weight::Full,
        }
    }
}

/// Who may say a line: the names its command goes by.
fn speakers<'a>(rule: &'a Rule, text: &'a str) -> Option<Vec<&'a str>> {
    let tool = match rule.tool.as_deref() {
        Some("docker" | "buildkit" | "codebuild" | "aws") => return None,
        Some(tool) => Some(tool),
        None if rule.file.starts_with("git") => Some("git"),
        None => None,
    };
    if let Some(tool) = tool {
        return Some(match tool {
            "apt" | "dpkg" => vec!["apt-get", "apt", "dpkg"],
            "pip" => vec!["pip", "pip3"],
            "npm" | "node-gyp" => vec!["npm", "npx"],
            "uv" => vec!["uv", "uvx"],
            "dnf" => vec!["dnf", "yum", "microdnf"],
            other => vec![other],
        });
    }
    // `cp: cannot stat …`, `curl: (22) …`; shells name themselves first.
    let (who, _) = text.split_once(": ")?;
    let who = who.rsplit('/').next().unwrap_or(who);
    let named = !who.is_empty()
        && who.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !matches!(who, "sh" | "bash" | "dash" | "ash" | "error" | "ERROR" | "Error" | "fatal");
    named.then(|| vec![who])
}

/// Commands that come after a failure that doesn't matter.
fn harmless(command: &str) -> bool {
    let command = command.trim_start_matches(['(', '{', ' ']);
    if fails(command) {
        return false;
    }
    matches!(command.split_whitespace().next(), Some("true" | ":" | "echo" | "printf"))
        || command.starts_with("exit 0")
}

/// Commands that pass a failure on.
fn fails(command: &str) -> bool {
    let mut words = command.split([' ', ';', '}', ')', '\n']).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        match word {
            "false" => return true,
            "exit" | "return" => return words.next() != Some("0"),
            _ => {}
        }
    }
    false
}

/// Splits a shell line at its joints, but not inside quotes and brackets.
fn split(shell: &str) -> Vec<Part<'_>> {
    let strict = shell.split(['&', ';', '\n']).any(|part| {
        let mut words = part.split_whitespace();
        words.next() == Some("set")
            && words.next().is_some_and(|f| {
                f.starts_with("-e")
                    || f.starts_with("-x") && f.contains('e')
                    || f.starts_with("-o") && part.contains("errexit")
            })
    });
    let bytes = shell.as_bytes();
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    let (mut quote, mut depth) = (None, 0u32);
    while let Some(byte) = bytes.get(at).copied() {
        let next = bytes.get(at + 1).copied();
        let mut joint = None;
        match (quote, byte) {
            (_, b'\\') => at += 1,
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'{') => depth += 1,
            (None, b')' | b'}') => depth = depth.saturating_sub(1),
            (None, b'&') if next == Some(b'&') && depth == 0 => joint = Some((Join::And, 2)),
            (None, b'|') if next == Some(b'|') && depth == 0 => joint = Some((Join::Or, 2)),
            (None, b'|') if depth == 0 => joint = Some((Join::Pipe, 1)),
            (None, b';' | b'\n') if depth == 0 => {
                joint = Some((if strict { Join::And } else { Join::Then }, 1));
            }
            _ => {}
        }
        match joint {
            Some((join, width)) => {
                let text = shell.get(start..at).unwrap_or("").trim();
                if !text.is_empty() {
                    parts.push(Part { text, join });
                }
                at += width;
                start = at;
            }
            None => at += 1,
        }
    }
    let text = shell.get(start..).unwrap_or("").trim();
    if !text.is_empty() {
        parts.push(Part { text, join: Join::Then });
    }
    parts
}

/// The command that a step is about: of a chain the last that isn't mere
/// tidying, else the whole.
pub(super) fn principal(shell: &str) -> &str {
    let parts = split(shell);
    let chain = parts.len() > 1
        && parts.iter().rev().skip(1).all(|part| part.join == Join::And)
        && !shell.contains('\n');
    if !chain {
        return shell;
    }
    const TIDY: [&str; 10] =
        ["rm", "echo", "true", "cd", "export", "set", "ls", "mkdir", "chmod", "printf"];
    parts
        .iter()
        .rev()
        .map(|part| part.text)
        .find(|text| !text.split(' ').next().is_some_and(|word| TIDY.contains(&word)))
        .unwrap_or(shell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(shell: &str) -> Vec<(&str, Join)> {
        split(shell).into_iter().map(|part| (part.text, part.join)).collect()
    }

    #[test]
    fn lines_are_cut_at_their_joints() {
        assert_eq!(
            texts("a 'x; y' || true; b && (c; d) | e"),
            [
                ("a 'x; y'", Join::Or),
                ("true", Join::Then),
                ("b", Join::And),
                ("(c; d)", Join::Pipe),
                ("e", Join::Then)
            ]
        );
        assert_eq!(texts("set -e; a; b")[1], ("a", Join::And));
        assert_eq!(texts(""), []);
    }

    #[test]
    fn what_passes_a_failure_on_isnt_harmless() {
        assert!(harmless("true") && harmless("echo skipped") && harmless(": "));
        assert!(!harmless("{ echo no; exit 1; }") && fails("{ echo no; exit 1; }"));
        assert!(!fails("exit 0") && fails("exit 3") && !harmless("make"));
    }

    #[test]
    fn the_principal_command_of_a_chain() {
        assert_eq!(principal("gcc a.c -o a && ./a"), "./a");
        assert_eq!(principal("pip install x && python warm.py && rm -rf /tmp/x"), "python warm.py");
        assert_eq!(principal("a; b"), "a; b");
        assert_eq!(principal("timeout 6 python x.py"), "timeout 6 python x.py");
    }
}
