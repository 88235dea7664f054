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
    /// `&&`
    And,
    /// A new line or `;` under `set -e`.
    Step,
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
    /// In how many groups of commands what joins it with the next one stands.
    depth: u32,
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
    parts: Vec<(String, Join, u32)>,
    /// The traced commands, by line: whether anything of weight begins there.
    trace: Vec<(LineNo, bool)>,
}

impl Course {
    /// Reads a scene's command line and trace.
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let shell = scene.shell().filter(|_| scene.step.is_some()).unwrap_or_default();
        let parts = commands(&shell, 0)
            .into_iter()
            .map(|part| (part.text.to_owned(), part.join, part.depth))
            .collect();
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

    /// The place of the command that says a line, if the line tells. `nth` is
    /// how many lines of the same rule stand before it.
    pub(super) fn place(&self, rule: &Rule, text: &str, nth: usize) -> Option<usize> {
        if self.parts.len() < 2 {
            return None;
        }
        if rule.category == "command-not-found" {
            let missing = super::matcher::captures(rule, text)?;
            let missing = missing.get("subject")?;
            return self.parts.iter().position(|(part, ..)| head(part) == Some(missing));
        }
        if rule.is_of_python() && !text.starts_with(' ') {
            return self.parts.iter().rposition(|(part, ..)| runs_python(part));
        }
        let names = speakers(rule, text)?;
        let says = |(part, ..): &(String, Join, u32)| {
            part.split_whitespace().any(|word| {
                let word = word.rsplit('/').next().unwrap_or(word);
                names.contains(&word)
            })
        };
        // `curl A || curl B`: each says one line when it fails.
        let first = self.parts.iter().position(says)?;
        let again = self.parts.get(first + 1).is_some_and(says);
        if nth == 0 && again && text.starts_with("curl: ") && self.alternative(first).is_some() {
            return Some(first);
        }
        self.parts.iter().rposition(says)
    }

    /// Whether one of several commands is Python code.
    pub(super) fn runs_python(&self) -> bool {
        self.parts.len() > 1 && self.parts.iter().any(|(part, ..)| runs_python(part))
    }

    /// Whether `later` ran only because `earlier` had gone well.
    fn follows(&self, earlier: usize, later: usize) -> bool {
        earlier < later
            && self.parts.get(earlier..later).is_some_and(|between| {
                between.iter().all(|(_, join, _)| matches!(join, Join::And | Join::Step | Join::Or))
            })
    }

    /// The commands that run in place of one that failed: behind the next `||`
    /// that isn't inside a group which is skipped with it.
    fn alternative(&self, at: usize) -> Option<Vec<&str>> {
        let mut reach = u32::MAX;
        for (place, (_, join, depth)) in self.parts.iter().enumerate().skip(at) {
            if *depth > reach {
                continue;
            }
            reach = *depth;
            match join {
                Join::Or => {
                    let mut inside = true;
                    let instead =
                        self.parts.iter().skip(place + 1).take_while(|(.., depth)| {
                            std::mem::replace(&mut inside, *depth > reach)
                        });
                    return Some(instead.map(|(text, ..)| text.as_str()).collect());
                }
                // A pipeline ends as its last command does.
                Join::And | Join::Pipe => {}
                Join::Step | Join::Then => return None,
            }
        }
        None
    }

    /// Whether a failure there goes unnoticed because the output is piped on:
    /// what fails then only misses what should have come.
    pub(super) fn feeds(&self, place: Option<usize>) -> bool {
        let Some(at) = place else { return false };
        self.parts.get(at).is_some_and(|(_, join, _)| *join == Join::Pipe)
            && self.alternative(at).is_none()
    }

    /// How much a line counts beside the others.
    pub(super) fn weigh(
        &self,
        line: LineNo,
        place: Option<usize>,
        others: &[(LineNo, Option<usize>)],
    ) -> Weight {
        if let Some(at) = place {
            if let Some(instead) = self.alternative(at) {
                return if instead.iter().any(|command| fails(command)) {
                    Weight::Full
                } else if instead.first().is_some_and(|command| harmless(command)) {
                    Weight::Ignored
                } else {
                    Weight::Survived
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

/// The program that a command runs.
fn head(command: &str) -> Option<&str> {
    const BEFORE: [&str; 14] = [
        "sudo", "exec", "env", "time", "nice", "nohup", "command", "if", "then", "else", "while",
        "until", "do", "!",
    ];
    let word = command.split_whitespace().map(|word| word.trim_start_matches(['(', '{'])).find(
        |word| {
            let sets = word.split_once('=').is_some_and(|(name, _)| {
                name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            });
            !word.is_empty() && !sets && !BEFORE.contains(word)
        },
    )?;
    Some(word.trim_end_matches([';', ')']))
}

/// Whether a command is Python code of the project's own.
fn runs_python(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let python = words.any(|word| {
        let word = word.rsplit('/').next().unwrap_or(word);
        word.strip_prefix("python")
            .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
    });
    python && !command.contains("-m pip")
}

/// Who may say a line: the names its command goes by.
fn speakers<'a>(rule: &'a Rule, text: &'a str) -> Option<Vec<&'a str>> {
    let tool = match rule.tool.as_deref() {
        Some("docker" | "buildkit" | "codebuild" | "aws") => return None,
        // Python code speaks under its own names.
        Some(tool) if tool != "python" => Some(tool),
        // A compiler inside the build of a package speaks through the installer.
        _ if rule.category == "python-package-build" || text.starts_with("    ") => {
            return Some(vec!["pip", "pip3", "uv", "poetry", "pdm", "pipenv"]);
        }
        _ => None,
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

/// The commands of a shell line, those of groups among them.
fn commands(shell: &str, depth: u32) -> Vec<Part<'_>> {
    let mut all = Vec::new();
    for part in split(shell) {
        let group = [('(', ')'), ('{', '}')].into_iter().find_map(|(open, close)| {
            let inner = part.text.strip_prefix(open)?.strip_suffix(close)?;
            (depth < 8 && closes_last(inner, open, close)).then_some(inner)
        });
        let Some(inner) = group else {
            all.push(Part { depth, ..part });
            continue;
        };
        let mut parts = commands(inner, depth + 1);
        if let Some(last) = parts.last_mut() {
            (last.join, last.depth) = (part.join, depth);
        }
        all.extend(parts);
    }
    all
}

/// Whether no bracket that opened before a text closes in it.
fn closes_last(text: &str, open: char, close: char) -> bool {
    let mut depth = 0i32;
    text.chars().all(|c| {
        depth += i32::from(c == open) - i32::from(c == close);
        depth >= 0
    })
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
                joint = Some((if strict { Join::Step } else { Join::Then }, 1));
            }
            _ => {}
        }
        match joint {
            Some((join, width)) => {
                let text = shell.get(start..at).unwrap_or("").trim();
                if !text.is_empty() {
                    parts.push(Part { text, join, depth: 0 });
                }
                at += width;
                start = at;
            }
            None => at += 1,
        }
    }
    let text = shell.get(start..).unwrap_or("").trim();
    if !text.is_empty() {
        parts.push(Part { text, join: Join::Then, depth: 0 });
    }
    parts
}

/// The commands of a shell line, in order.
pub(super) fn parts(shell: &str) -> Vec<&str> {
    split(shell).into_iter().map(|part| part.text).collect()
}

/// The command that a step is about: of a chain the last that isn't mere
/// tidying, else the whole.
pub(super) fn principal(shell: &str) -> &str {
    let parts = split(shell);
    let chain = parts.len() > 1
        && parts.iter().rev().skip(1).all(|part| matches!(part.join, Join::And | Join::Step))
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
        assert_eq!(texts("set -e; a; b")[1], ("a", Join::Step));
        assert_eq!(texts(""), []);
    }

    #[test]
    fn what_runs_in_place_of_a_command_that_failed() {
        let course = |shell: &str| {
            let parts = commands(shell, 0);
            let parts = parts.into_iter().map(|p| (p.text.to_owned(), p.join, p.depth)).collect();
            Course { parts, trace: Vec::new() }
        };
        let of = |shell: &str, at| course(shell).alternative(at).map(|all| all.join(" then "));
        assert_eq!(of("(a || true) && b", 0).as_deref(), Some("true"));
        assert_eq!(of("(a || true) && b", 1), None);
        assert_eq!(of("(a && b) || c", 0).as_deref(), Some("c"));
        assert_eq!(of("a && b || c", 0).as_deref(), Some("c"));
        assert_eq!(of("a && (b || c)", 0), None);
        assert_eq!(of("a && { b || c; } && d", 1).as_deref(), Some("c"));
        assert_eq!(of("a || { b; c; } && d", 0).as_deref(), Some("b then c"));
        assert_eq!(of("set -e; a; b || c", 1), None);
        assert_eq!(of("a | b || c", 0).as_deref(), Some("c"));
        assert_eq!(of("a; b || c", 0), None);
        assert!(course("a | b && c").feeds(Some(0)) && !course("a | b || c").feeds(Some(0)));
        assert_eq!(head("A=1 sudo curl -f x"), Some("curl"));
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
