//! Where in a Dockerfile a step stands, when the Dockerfile is at hand.
//!
//! The classic builder, buildah, docker 20.10 and any build that just stops
//! print no excerpt: the log alone doesn't tell the line. With the Dockerfile
//! it can be told, by the text of the instruction and its place.

use std::ops::Range;

use super::step::fold_spaces;
use super::{Builder, Step, StepId, Tree};

/// One instruction of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The line it begins on, from 1.
    pub line: u32,
    /// Its text as one line: continuation marks and comments dropped, white
    /// space folded; of a heredoc the first line only.
    pub text: String,
    /// The stage it belongs to, counted from 0; an `ARG` before the first
    /// `FROM` counts to the first.
    pub stage: u32,
}

/// A Dockerfile's instructions, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The instructions.
    pub instructions: Vec<Instruction>,
}

/// Where a failure stands in a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The step.
    pub step: StepId,
    /// The line the instruction begins on, from 1.
    pub line: u32,
    /// The instruction, white space folded.
    pub instruction: String,
}

impl Instruction {
    /// Whether it takes an image of this name: as its base, or to copy from.
    fn takes(&self, image: &str) -> bool {
        let mut words = self.text.split(' ');
        let own = match words.next() {
            Some(word) if word.eq_ignore_ascii_case("FROM") => {
                words.find(|word| !word.starts_with("--"))
            }
            _ => words.find_map(|word| word.strip_prefix("--from=")),
        };
        own.is_some_and(|own| same_image(own, image))
    }

    /// Whether BuildKit makes a vertex of it; the others only change the
    /// image's settings.
    fn makes_a_step(&self) -> bool {
        let word = self.text.split(' ').next().unwrap_or("");
        ["FROM", "RUN", "COPY", "ADD", "WORKDIR"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word))
    }
}

impl Dockerfile {
    /// Splits a Dockerfile into instructions. Never fails: what isn't an
    /// instruction for Docker is one here, since it's looked for by its text.
    pub fn parse(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines: Vec<&str> = text.lines().collect();
        let escape = if escapes_with_backtick(&lines) { '`' } else { '\\' };
        let mut instructions = Vec::new();
        let mut stage = None;
        let mut at = 0;
        while let Some(first) = lines.get(at) {
            let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
            at += 1;
            let first = first.trim();
            if first.is_empty() || first.starts_with('#') {
                continue;
            }
            let mut whole = String::new();
            let mut part = first;
            loop {
                let more = part.strip_suffix(escape);
                whole.push_str(more.unwrap_or(part));
                whole.push(' ');
                if more.is_none() {
                    break;
                }
                // Comments and blank lines inside a continued instruction don't end it.
                while lines
                    .get(at)
                    .is_some_and(|l| l.trim().is_empty() || l.trim().starts_with('#'))
                {
                    at += 1;
                }
                let Some(next) = lines.get(at) else { break };
                part = next.trim();
                at += 1;
            }
            for word in heredocs(&whole) {
                while let Some(body) = lines.get(at) {
                    at += 1;
                    if body.trim() == word {
                        break;
                    }
                }
            }
            if whole.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("FROM ")) {
                stage = Some(stage.map_or(0, |stage: u32| stage + 1));
            }
            let text = fold_spaces(&whole).into_owned();
            instructions.push(Instruction { line, text, stage: stage.unwrap_or(0) });
        }
        Self { instructions }
    }

    /// The instruction that holds a line.
    pub fn at_line(&self, line: u32) -> Option<&Instruction> {
        self.instructions.iter().rev().find(|instruction| instruction.line <= line)
    }

    /// The instruction that a builder shows as this text, when exactly one can
    /// be it.
    pub fn find(&self, shown: &str) -> Option<&Instruction> {
        let mut fitting: Vec<&Instruction> =
            self.instructions.iter().filter(|known| alike(&known.text, shown)).collect();
        if fitting.iter().any(|known| known.text == shown) {
            fitting.retain(|known| known.text == shown);
        }
        match fitting.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The instruction of a step, when exactly one can be it.
    pub fn instruction_of(&self, tree: &Tree, step: &Step) -> Option<&Instruction> {
        if let Some(line) = step.dockerfile_line() {
            return self.at_line(line);
        }
        let builder = tree.builds().get(step.build())?.builder;
        if let Some(image) = step.metadata_of() {
            return self.only(|known| known.takes(image));
        }
        let Some(text) = step.instruction() else {
            return self.of_word_error(&step.error()?.text);
        };
        let index = step.index().and_then(|index| usize::try_from(index).ok());
        // The classic builder counts every instruction, as this list does.
        if builder == Builder::Legacy
            && let Some(same) = self.instructions.get(index?.checked_sub(1)?)
            && alike(&same.text, &text)
        {
            return Some(same);
        }
        let mut fitting: Vec<&Instruction> =
            self.instructions.iter().filter(|known| alike(&known.text, &text)).collect();
        if fitting.iter().any(|known| known.text == *text) {
            fitting.retain(|known| known.text == *text);
        }
        if fitting.len() > 1
            && let Some(range) = self.stage_named(step.stage())
        {
            fitting.retain(|known| range.contains(&known.line));
        }
        if fitting.len() > 1 {
            fitting.retain(|known| self.at_place(step, known));
        }
        match fitting.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether an instruction stands at a step's place in its stage.
    ///
    /// BuildKit counts only instructions that change files; the place tells
    /// nothing when the stage has another number of them, as with `ONBUILD`.
    fn at_place(&self, step: &Step, known: &Instruction) -> bool {
        let of_stage: Vec<u32> = self
            .instructions
            .iter()
            .filter(|other| other.stage == known.stage && other.makes_a_step())
            .map(|other| other.line)
            .collect();
        let place = |(index, total): (u32, u32)| {
            of_stage.len() == total as usize
                && (index as usize).checked_sub(1).and_then(|at| of_stage.get(at)).copied()
                    == Some(known.line)
        };
        step.index().zip(step.total()).is_some_and(place)
    }

    /// The lines of the stage a builder names: `builder`, or `stage-1`.
    fn stage_named(&self, name: Option<&str>) -> Option<Range<u32>> {
        let name = name?.rsplit(' ').next()?;
        let stage = match name.strip_prefix("stage-").and_then(|number| number.parse().ok()) {
            Some(number) => number,
            None => {
                self.instructions
                    .iter()
                    .find(|known| {
                        let mut words = known.text.split(' ').rev();
                        words.next().is_some_and(|last| last.eq_ignore_ascii_case(name))
                            && words.next().is_some_and(|before| before.eq_ignore_ascii_case("AS"))
                    })?
                    .stage
            }
        };
        let mut of_stage = self.instructions.iter().filter(|known| known.stage == stage);
        let first = of_stage.next()?.line;
        Some(first..of_stage.next_back().map_or(first, |last| last.line).saturating_add(1))
    }

    /// Where the failure stands; of a log that just stops, where it stopped.
    pub fn place(&self, tree: &Tree) -> Option<Place> {
        let step = tree.failing_step().or_else(|| {
            let over = tree.phases().last().is_some_and(|phase| phase.state.is_failure());
            if over { None } else { tree.current() }
        });
        let step = tree.step(step?)?;
        let found = self.instruction_of(tree, step)?;
        // What the builder shows has its variables expanded; keep that.
        let shown = step.instruction().filter(|_| step.metadata_of().is_none());
        let instruction = shown.map_or_else(|| found.text.clone(), Into::into);
        Some(Place { step: step.id(), line: found.line, instruction })
    }

    /// The instruction whose quoting or variables can't be read:
    /// `failed to process "\"voice agent": unexpected end of statement …`.
    pub fn of_word_error(&self, message: &str) -> Option<&Instruction> {
        let (_, rest) = message.split_once("failed to process \"")?;
        let (quoted, _) = rest.split_once("\": ")?;
        let word = quoted.replace("\\\"", "\"").replace("\\\\", "\\");
        self.only(|known| known.text.contains(&word))
    }

    /// The only instruction of which something is true.
    fn only(&self, is: impl Fn(&Instruction) -> bool) -> Option<&Instruction> {
        let mut all = self.instructions.iter().filter(|known| is(known));
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }
}

/// Whether a builder's instruction can be one of the Dockerfile's: the same
/// words, but for what stands where the Dockerfile has a variable, and for the
/// digest and host that BuildKit adds to an image.
fn alike(source: &str, shown: &str) -> bool {
    if source == shown {
        return true;
    }
    let (Some((source_word, source_rest)), Some((shown_word, shown_rest))) =
        (source.split_once(' '), shown.split_once(' '))
    else {
        return false;
    };
    if !source_word.eq_ignore_ascii_case(shown_word) {
        return false;
    }
    if source_word.eq_ignore_ascii_case("FROM") {
        let mut words = source_rest.split(' ').filter(|word| !word.starts_with("--"));
        let image = shown_rest.split(' ').next().unwrap_or("");
        return words.next().is_some_and(|own| same_image(own, image));
    }
    fits(source_rest, shown_rest)
}

/// Whether an image of a Dockerfile can be the one a builder names in full.
fn same_image(own: &str, shown: &str) -> bool {
    let plain = |image: &str| {
        let image = image.strip_prefix("docker.io/").unwrap_or(image);
        image.strip_prefix("library/").unwrap_or(image).to_owned()
    };
    let (own, shown) = (plain(own), plain(shown));
    let tagged = shown.split('@').next().unwrap_or("");
    fits(&own, &shown) || fits(&own, tagged) || format!("{own}:latest") == tagged
}

/// Whether a text fits a source in which `$NAME` and `${…}` stand for anything.
fn fits(source: &str, shown: &str) -> bool {
    let mut rest = shown;
    let mut source = source;
    let mut first = true;
    while let Some(dollar) = source.find('$') {
        let literal = source.get(..dollar).unwrap_or("");
        let found = if first { rest.starts_with(literal).then_some(0) } else { rest.find(literal) };
        let Some(at) = found else { return false };
        rest = rest.get(at + literal.len()..).unwrap_or("");
        first = false;
        source = after_variable(source.get(dollar + 1..).unwrap_or(""));
    }
    if first { source == shown } else { rest.ends_with(source) }
}

/// What follows a variable whose `$` has been read.
fn after_variable(text: &str) -> &str {
    if let Some(braced) = text.strip_prefix('{') {
        return braced.find('}').and_then(|end| braced.get(end + 1..)).unwrap_or("");
    }
    text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

fn escapes_with_backtick(lines: &[&str]) -> bool {
    lines.iter().take_while(|line| line.trim_start().starts_with('#')).any(|line| {
        let text = line.trim_start().trim_start_matches('#').trim_start();
        text.strip_prefix("escape")
            .is_some_and(|rest| rest.trim_start().trim_start_matches('=').trim() == "`")
    })
}

/// The end marks of an instruction's heredocs: `EOF` of `RUN <<EOF`.
fn heredocs(text: &str) -> Vec<String> {
    let takes = ["RUN ", "COPY ", "ADD "]
        .iter()
        .any(|word| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word)));
    if !takes {
        return Vec::new();
    }
    text.match_indices("<<")
        .filter_map(|(at, _)| {
            let rest = text.get(at + 2..)?;
            let rest = rest.strip_prefix('-').unwrap_or(rest);
            let rest = rest.trim_start_matches(['"', '\'']);
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
            let word = rest.get(..end)?;
            word.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| word.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_and_their_lines() {
        let file = Dockerfile::parse(
            "# syntax=x\nARG V=1\nFROM python:$V AS a\n\nRUN one && \\\n  # why\n\n    two\n\
             RUN <<EOF\nmake\nEOF\nCOPY a b\n",
        );
        let got: Vec<_> = file.instructions.iter().map(|i| (i.line, i.text.as_str())).collect();
        assert_eq!(
            got,
            [
                (2, "ARG V=1"),
                (3, "FROM python:$V AS a"),
                (5, "RUN one && two"),
                (9, "RUN <<EOF"),
                (12, "COPY a b"),
            ]
        );
        assert_eq!(file.at_line(8).map(|i| i.line), Some(5));
    }

    #[test]
    fn variables_stand_for_anything() {
        assert!(fits("pip -i \"$URL\" x", "pip -i \"https://a\" x"));
        assert!(fits("a ${V:-1} b $W", "a 2 b 3"));
        assert!(!fits("a $V c", "b 2 c"));
        assert!(alike("FROM python:3.12", "FROM docker.io/library/python:3.12@sha256:ab"));
        assert!(alike("FROM --platform=x python AS b", "FROM docker.io/library/python:latest"));
        assert!(!alike("RUN make", "COPY make"));
    }
}
