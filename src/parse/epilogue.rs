//! What BuildKit prints after a failed build: blocks, excerpt, final error.

use super::StepId;
use super::step::fold_spaces;
use crate::domain::LineNo;

/// A failed-step block of the epilogue: the step's name between two rules,
/// and a repeat of its last ten lines of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The step, when its name is one of the build's.
    pub step: Option<StepId>,
    /// The line with the opening rule.
    pub first_line: LineNo,
    /// The line with the closing rule, or the last read so far.
    pub last_line: LineNo,
}

/// A line of a Dockerfile excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcerptLine {
    /// Its number in the Dockerfile.
    pub number: u32,
    /// Whether it belongs to the failing instruction (`>>>`).
    pub marked: bool,
    /// The Dockerfile's text.
    pub text: Box<str>,
    /// The log line that shows it.
    pub line: LineNo,
}

/// The excerpt of the Dockerfile around the failing instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The Dockerfile, as it was named on the command line.
    pub path: Box<str>,
    /// The line the failing instruction begins on.
    pub dockerfile_line: u32,
    /// The log line that heads the excerpt.
    pub line: LineNo,
    /// Its lines, in order.
    pub lines: Vec<ExcerptLine>,
}

impl Excerpt {
    /// The marked instruction as one line: continuation marks and comments
    /// inside it dropped, white space folded. `None` when nothing but a comment
    /// is marked (a parser directive, `# syntax=…`, counts as an instruction).
    pub fn instruction(&self) -> Option<String> {
        let mut marked = self.lines.iter().filter(|line| line.marked).map(|line| line.text.trim());
        let first = marked.next()?;
        if first.starts_with('#') {
            return is_directive(first).then(|| first.to_owned());
        }
        let mut whole = String::new();
        for text in std::iter::once(first).chain(marked.filter(|text| !text.starts_with('#'))) {
            let text = text.strip_suffix('\\').unwrap_or(text);
            if !whole.is_empty() {
                whole.push(' ');
            }
            whole.push_str(text);
        }
        let folded = fold_spaces(&whole).into_owned();
        (!folded.is_empty()).then_some(folded)
    }
}

fn is_directive(text: &str) -> bool {
    let rest = text.trim_start_matches('#').trim_start();
    ["syntax", "escape", "check"]
        .iter()
        .any(|key| rest.strip_prefix(key).is_some_and(|tail| tail.trim_start().starts_with('=')))
}

/// The error line a build ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalError {
    /// The line.
    pub line: LineNo,
    /// Its text.
    pub text: Box<str>,
}

/// The rule around a failed-step block.
pub(super) const BLOCK_RULE: &str = "------";
/// The rule around a Dockerfile excerpt.
pub(super) const EXCERPT_RULE: &str = "--------------------";

/// Reads the excerpt's heading: `docker/Dockerfile.prod:12`.
pub(super) fn heading(text: &str) -> Option<(&str, u32)> {
    let (path, number) = text.rsplit_once(':')?;
    if path.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((path, number.parse().ok()?))
}

/// Reads an excerpt line: `  10 | >>> RUN make` as number, mark and text.
pub(super) fn excerpt_line(text: &str) -> Option<(u32, bool, &str)> {
    let (number, rest) = text.split_once(" | ").or_else(|| Some((text.strip_suffix(" |")?, "")))?;
    let number = number.trim_start();
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (marked, rest) = match rest.strip_prefix(">>>") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix("   ").unwrap_or(rest)),
    };
    Some((number.parse().ok()?, marked, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// The name in a block's title: ` > [2/3] RUN make:`.
pub(super) fn title(text: &str) -> Option<&str> {
    text.strip_prefix(" > ")?.strip_suffix(':')
}

/// Whether a bare line can be the error a BuildKit build ends with.
///
/// `error: ` in front is buildctl's, none at all that of docker 20.10.
pub(super) fn is_final_error(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("ERROR: ").or_else(|| text.strip_prefix("error: ")) else {
        // Docker 20.10 puts nothing before what went wrong.
        return text.starts_with("failed to solve")
            || text.starts_with("failed to compute cache key: ")
            || text.starts_with("failed to load cache key: ")
            || text.starts_with("executor failed running [");
    };
    rest.starts_with("failed to solve")
        || rest.starts_with("failed to build")
        || rest.contains("failed to solve: ")
        || rest.contains("failed to build: ")
}

/// How many last lines of a step are remembered: ten are repeated, some more
/// because a line printed in two halves counts twice in the log.
const TAIL: usize = 32;

/// The last lines of output of a step, as hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    lines: [(u64, LineNo); TAIL],
    len: usize,
}

impl Tail {
    pub(super) fn push(&mut self, hash: u64, line: LineNo) {
        if let Some(slot) = self.lines.get_mut(self.len % TAIL) {
            *slot = (hash, line);
        }
        self.len += 1;
    }

    /// The last line, unless so many of the remembered ones use it up.
    pub(super) fn last(&self, used: usize) -> Option<LineNo> {
        self.lines().skip(used).last().map(|(_, line)| line)
    }

    /// The lines, oldest first.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, LineNo)> + '_ {
        (self.len.saturating_sub(TAIL)..self.len)
            .filter_map(|at| self.lines.get(at % TAIL).copied())
    }
}

/// A hash of a line as BuildKit repeats it: with its second, without `#N `.
///
/// Eight bytes at a time (the multiplier is that of FxHash): every line of
/// output passes here, and a general hasher would cost more than the rest.
pub(super) fn hash_line(text: &str) -> u64 {
    const K: u64 = 0x517c_c1b7_2722_0a95;
    let mut hash = text.len() as u64;
    let mut chunks = text.as_bytes().chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.iter().fold(0u64, |word, b| word << 8 | u64::from(*b));
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(K);
    }
    let word = chunks.remainder().iter().fold(0u64, |word, b| word << 8 | u64::from(*b));
    (hash.rotate_left(5) ^ word).wrapping_mul(K)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpt_lines() {
        assert_eq!(excerpt_line("   8 |     # deps"), Some((8, false, "# deps")));
        assert_eq!(excerpt_line("  10 | >>> RUN a | b"), Some((10, true, "RUN a | b")));
        assert_eq!(excerpt_line("   3 | >>>     && rm"), Some((3, true, "    && rm")));
        assert_eq!(excerpt_line("   3 |"), Some((3, false, "")));
        assert_eq!(excerpt_line(" x | y"), None);
    }

    #[test]
    fn the_marked_instruction_reads_as_one_line() {
        let line = |number, marked, text: &str| ExcerptLine {
            number,
            marked,
            text: text.into(),
            line: LineNo::FIRST,
        };
        let mut excerpt = Excerpt {
            path: "Dockerfile".into(),
            dockerfile_line: 2,
            line: LineNo::FIRST,
            lines: vec![
                line(1, false, "FROM x"),
                line(2, true, "RUN a \\"),
                line(3, true, "  # why"),
                line(4, true, "    && b"),
            ],
        };
        assert_eq!(excerpt.instruction().as_deref(), Some("RUN a && b"));
        excerpt.lines = vec![line(1, true, "# TODO")];
        assert_eq!(excerpt.instruction(), None);
        excerpt.lines = vec![line(1, true, "# syntax=docker/dockerfile:9")];
        assert_eq!(excerpt.instruction().as_deref(), Some("# syntax=docker/dockerfile:9"));
    }

    #[test]
    fn headings_and_titles() {
        assert_eq!(heading("docker/Dockerfile.prod:12"), Some(("docker/Dockerfile.prod", 12)));
        assert_eq!(heading("Dockerfile:"), None);
        assert_eq!(heading(":1"), None);
        assert_eq!(title(" > [2/3] RUN x: y:"), Some("[2/3] RUN x: y"));
    }

    #[test]
    fn final_errors_of_all_clients() {
        for text in [
            "ERROR: failed to build: failed to solve: x",
            "ERROR: failed to solve: x",
            "ERROR: target web: failed to solve: x",
            "error: failed to solve: x",
            "failed to solve with frontend dockerfile.v0: x",
            "executor failed running [/bin/sh -c x]: exit code: 1",
        ] {
            assert!(is_final_error(text), "{text}");
        }
        assert!(!is_final_error("ERROR: No matching distribution found for x"));
    }
}
