//! What a Dockerfile asks of the build context, and of which platform it is.

use std::collections::BTreeSet;

use parse_dockerfile::{
    AddInstruction, ArgInstruction, Command, CopyInstruction, EnvInstruction, Flag,
    FromInstruction, Instruction, RunInstruction, Source as Operand, UnescapedString,
};

use super::expand::{Value, Variables, words};
use super::nearest::distance;

/// A Dockerfile, read as far as it can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// What its instructions take from the build context, in order.
    pub sources: Vec<Source>,
    /// What it copies from stages and images, in order.
    pub copies: Vec<Copied>,
    /// Its RUN instructions, in order.
    pub runs: Vec<Run>,
    /// Where reading it stopped, and why.
    pub error: Option<SyntaxError>,
}

/// Where a Dockerfile can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// Whether BuildKit is sure to refuse it too: no known instruction, or too few arguments.
    pub certain: bool,
}

/// A build stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The line of its FROM, from 1.
    pub line: usize,
    /// The name behind AS.
    pub name: Option<String>,
    /// The image or stage it starts from, variables replaced; none where they aren't known.
    pub base: Option<String>,
    /// The value of `--platform`, variables replaced.
    pub platform: Option<String>,
    /// Whether the last stage needs it. BuildKit builds no others.
    pub needed: bool,
    /// Whether something runs in it.
    pub runs: bool,
    /// The stages it needs itself.
    needs: BTreeSet<usize>,
}

/// Which instruction takes something from the context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// COPY.
    Copy,
    /// ADD.
    Add,
    /// `RUN --mount=type=bind`.
    Mount,
}

impl Taker {
    /// As it is written in a Dockerfile.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Copy => "COPY",
            Self::Add => "ADD",
            Self::Mount => "RUN --mount",
        }
    }
}

/// Something an instruction takes from the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The instruction.
    pub taker: Taker,
    /// The line the instruction starts on, from 1.
    pub line: usize,
    /// The source as it is written.
    pub written: String,
    /// The source with its variables replaced; none where a value can't be known.
    pub path: Option<String>,
    /// The stage it is in, counted from 0.
    pub stage: usize,
}

impl Source {
    /// Whether it has wildcards, so that matching nothing is no error. Mounts have none.
    pub fn is_wild(&self) -> bool {
        self.taker != Taker::Mount
            && self.path.as_deref().is_some_and(|path| path.contains(['*', '?', '[']))
    }
}

/// An instruction with `--from`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The line it starts on, from 1.
    pub line: usize,
    /// The stage or image that it copies from, variables replaced; none where they aren't
    /// known.
    pub from: Option<String>,
    /// The stage it is in, counted from 0.
    pub stage: usize,
}

/// A RUN instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The line it starts on, from 1.
    pub line: usize,
    /// Its command, here-documents included.
    pub command: String,
    /// The stage it is in, counted from 0.
    pub stage: usize,
}

impl Dockerfile {
    /// Reads a Dockerfile; `arch` is the processor builds are for, such as `arm64`.
    pub fn parse(text: &str, arch: &str) -> Self {
        // A mark at the start is nothing to BuildKit, and to the parser an unknown word.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader::new(text, arch);
        match parse_dockerfile::parse_iter(text) {
            Ok(instructions) => {
                for instruction in instructions {
                    match instruction {
                        Ok(instruction) => reader.instruction(&instruction),
                        Err(error) => {
                            reader.error(&error);
                            break;
                        }
                    }
                }
            }
            Err(error) => reader.error(&error),
        }
        reader.out.mark_needed();
        reader.out
    }

    /// What the stages that are built take from the context.
    pub fn needed(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| self.is_needed(source.stage))
    }

    /// What the stages that are built copy from others, and from images.
    pub fn needed_copies(&self) -> impl Iterator<Item = &Copied> {
        self.copies.iter().filter(|copied| self.is_needed(copied.stage))
    }

    /// The commands of the stages that are built.
    pub fn needed_runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| self.is_needed(run.stage))
    }

    fn is_needed(&self, stage: usize) -> bool {
        self.stages.get(stage).is_none_or(|stage| stage.needed)
    }

    fn mark_needed(&mut self) {
        let mut open: Vec<usize> = self.stages.len().checked_sub(1).into_iter().collect();
        while let Some(i) = open.pop() {
            if let Some(stage) = self.stages.get_mut(i)
                && !stage.needed
            {
                stage.needed = true;
                open.extend(&stage.needs);
            }
        }
    }

    fn find_stage(&self, name: &str) -> Option<usize> {
        let named = self
            .stages
            .iter()
            .rposition(|s| s.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name)));
        named.or_else(|| name.parse().ok().filter(|i| *i < self.stages.len()))
    }
}

struct Reader<'a> {
    text: &'a str,
    escape: char,
    globals: Variables,
    vars: Variables,
    /// The variables at the end of each stage: a stage built on it starts with them.
    ends: Vec<Variables>,
    out: Dockerfile,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, arch: &str) -> Self {
        let mut globals = Variables::default();
        for side in ["TARGET", "BUILD"] {
            for (name, value) in [
                ("PLATFORM", format!("linux/{arch}")),
                ("OS", "linux".into()),
                ("ARCH", arch.into()),
            ] {
                globals.arg(&format!("{side}{name}"), Value::Known(value));
            }
        }
        let escape = if has_backtick_escape(text) { '`' } else { '\\' };
        let vars = Variables::default();
        Self { text, escape, globals, vars, ends: Vec::new(), out: Dockerfile::default() }
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|b| *b == b'\n').count()
    }

    fn stage(&self) -> usize {
        self.out.stages.len().saturating_sub(1)
    }

    fn expand(&self, word: &str) -> Option<String> {
        self.vars.expand(word, self.escape)
    }

    fn error(&mut self, error: &parse_dockerfile::Error) {
        let first = self.text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
        let word = first.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let mut message = error.to_string();
        let near =
            KNOWN.iter().filter(|_| !word.is_empty()).find(|known| distance(known, &word) == 1);
        if let Some(near) = near.filter(|_| !KNOWN.contains(&word.as_str())) {
            message.push_str(&format!("; is it meant to be {near}?"));
        }
        self.out.error = Some(SyntaxError {
            line: error.line(),
            certain: !KNOWN.contains(&word.as_str()) || message.contains("argument"),
            message,
        });
    }

    fn instruction(&mut self, instruction: &Instruction<'_>) {
        match instruction {
            Instruction::From(from) => self.from(from),
            Instruction::Arg(arg) => self.arg(arg),
            Instruction::Env(env) => self.env(env),
            Instruction::Copy(CopyInstruction { copy, options, src, .. }) => {
                self.copy(Taker::Copy, copy.span.start, options, src);
            }
            Instruction::Add(AddInstruction { add, options, src, .. }) => {
                self.copy(Taker::Add, add.span.start, options, src);
            }
            Instruction::Run(run) => self.run(run),
            _ => {}
        }
    }

    fn from(&mut self, from: &FromInstruction<'_>) {
        if !self.out.stages.is_empty() {
            self.ends.push(std::mem::take(&mut self.vars));
        }
        let base = self.globals.expand(&from.image.value, self.escape);
        let platform = flag(&from.options, "platform")
            .and_then(|value| self.globals.expand(&value.value, self.escape));
        let parent = base.as_deref().and_then(|base| self.out.find_stage(base));
        // A number is no stage here: only names count in FROM.
        let parent =
            parent.filter(|_| base.as_deref().is_some_and(|b| b.parse::<usize>().is_err()));
        self.vars = parent.and_then(|i| self.ends.get(i)).cloned().unwrap_or_default();
        self.out.stages.push(Stage {
            line: self.line(from.from.span.start),
            name: from.as_.as_ref().map(|(_, name)| name.value.to_string()),
            base,
            platform,
            needed: false,
            runs: false,
            needs: parent.into_iter().collect(),
        });
    }

    fn arg(&mut self, arg: &ArgInstruction<'_>) {
        let global = self.out.stages.is_empty();
        for word in words(&arg.arguments.value, self.escape) {
            let vars = if global { &self.globals } else { &self.vars };
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, vars.expand(value, self.escape).into()),
                // In a stage, a bare name takes the value it has before the first FROM.
                None if global => (word.as_str(), Value::Unset),
                None => match self.globals.get(&word) {
                    Value::Unknown => (word.as_str(), Value::Unset),
                    value => (word.as_str(), value.clone()),
                },
            };
            let vars = if global { &mut self.globals } else { &mut self.vars };
            vars.arg(name, value);
        }
    }

    fn env(&mut self, env: &EnvInstruction<'_>) {
        let text = env.arguments.value.trim();
        let parts = words(text, self.escape);
        if parts.first().is_some_and(|first| first.contains('=')) {
            // All of one instruction see the values from before it.
            let before = self.vars.clone();
            for word in parts {
                if let Some((name, value)) = word.split_once('=') {
                    self.vars.env(name, before.expand(value, self.escape).into());
                }
            }
        } else if let Some((name, value)) = text.split_once(char::is_whitespace) {
            let value = self.expand(value.trim());
            self.vars.env(name, value.into());
        }
    }

    fn copy(&mut self, taker: Taker, offset: usize, options: &[Flag<'_>], src: &[Operand<'_>]) {
        let line = self.line(offset);
        if let Some(from) = flag(options, "from") {
            let (from, stage) = (&from.value, self.stage());
            self.out.copies.push(Copied { line, from: self.expand(from), stage });
            self.need(from);
            return;
        }
        for operand in src {
            // A here-document is written in the Dockerfile itself.
            let Operand::Path(word) = operand else { continue };
            let path = self.expand(&word.value);
            let remote = |path: &str| taker == Taker::Add && is_remote(path);
            if remote(&word.value) || path.as_deref().is_some_and(remote) {
                continue;
            }
            let stage = self.stage();
            self.out.sources.push(Source {
                taker,
                line,
                written: word.value.to_string(),
                path,
                stage,
            });
        }
    }

    fn run(&mut self, run: &RunInstruction<'_>) {
        let line = self.line(run.run.span.start);
        let stage = self.stage();
        if let Some(stage) = self.out.stages.last_mut() {
            stage.runs = true;
        }
        for option in run.options.iter().filter(|flag| flag.name.value == "mount") {
            if let Some(value) = &option.value {
                self.mount(&value.value, line);
            }
        }
        let mut command = match &run.arguments {
            Command::Shell(text) => text.value.to_owned(),
            Command::Exec(words) => {
                words.value.iter().map(|w| w.value.as_ref()).collect::<Vec<_>>().join(" ")
            }
            _ => String::new(),
        };
        for document in &run.here_docs {
            command.push('\n');
            command.push_str(&document.value);
        }
        self.out.runs.push(Run { line, command, stage });
    }

    fn mount(&mut self, value: &str, line: usize) {
        let mut kind = "bind".to_owned();
        let mut source = None;
        for field in value.split(',') {
            let field = field.trim().trim_matches('"');
            let (key, value) = field.split_once('=').unwrap_or((field, ""));
            match key.to_ascii_lowercase().as_str() {
                "type" => kind = value.to_ascii_lowercase(),
                "source" | "src" => source = Some(value.to_owned()),
                "from" => {
                    self.need(value);
                    return;
                }
                _ => {}
            }
        }
        if kind == "bind" {
            let written = source.unwrap_or_else(|| "/".to_owned());
            let path = self.expand(&written);
            let stage = self.stage();
            self.out.sources.push(Source { taker: Taker::Mount, line, written, path, stage });
        }
    }

    /// Notes that the current stage needs another one.
    fn need(&mut self, name: &str) {
        let found = self.expand(name).and_then(|name| self.out.find_stage(&name));
        let here = self.stage();
        if let (Some(found), Some(stage)) = (found, self.out.stages.last_mut())
            && found != here
        {
            stage.needs.insert(found);
        }
    }
}

/// Every instruction there is.
pub const KNOWN: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

fn flag<'a, 'b>(options: &'b [Flag<'a>], name: &str) -> Option<&'b UnescapedString<'a>> {
    options.iter().find(|flag| flag.name.value == name).and_then(|flag| flag.value.as_ref())
}

/// Whether ADD fetches this instead of taking it from the context.
fn is_remote(path: &str) -> bool {
    ["http://", "https://", "ftp://", "git://", "ssh://", "git@", "github.com/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}

/// Whether the directives at the top make the backtick the escape character.
fn has_backtick_escape(text: &str) -> bool {
    text.lines()
        .map_while(|line| line.trim().strip_prefix('#')?.split_once('='))
        .any(|(key, value)| key.trim().eq_ignore_ascii_case("escape") && value.trim() == "`")
}

#[cfg(test)]
#[path = "dockerfile_tests.rs"]
mod tests;
