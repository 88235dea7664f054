//! Lines that belong together although a log prints them apart.
//!
//! A view over line numbers: the raw lines stay as they are. Feed a [`Joiner`]
//! the lines of one owner (a step's, de-interleaved, without their `#N 1.234`)
//! and it hands out a [`Join`] for every construct of several lines it saw.

use crate::domain::LineNo;

/// What kind of construct a join is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// A sentence that was wrapped at 80 columns because there is no terminal
    /// (uv's error tree, miette's in general).
    Wrapped,
    /// An error and its causes: uv's tree with `×` and `╰─▶`, or the later
    /// `error:` with `cause:` and `hint:` lines.
    ErrorTree,
    /// A Python traceback, with those it chains to.
    Traceback,
    /// pip's `error: subprocess-exited-with-error` with the output it quotes.
    PipSubprocess,
    /// A message of the CodeBuild agent's about a command of several lines.
    AgentMessage,
}

/// A construct of several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// What it is.
    pub kind: JoinKind,
    /// Its lines, ascending.
    pub lines: Vec<LineNo>,
    /// What it says in one line: the unwrapped sentence, the headline of an
    /// error tree, the exception a traceback ends in, the agent's whole message.
    pub text: String,
}

/// Lines of one join; a log of nothing but indented lines must not be held.
const MAX_LINES: usize = 5_000;

/// Bytes of a join's text.
const MAX_TEXT: usize = 16 * 1024;

/// Where renderers wrap when there is no terminal.
const WRAP: usize = 80;

/// All joins among the lines of one owner.
pub fn joins<'a>(lines: impl IntoIterator<Item = (LineNo, &'a str)>) -> Vec<Join> {
    let mut joiner = Joiner::new();
    for (number, text) in lines {
        joiner.line(number, text);
    }
    joiner.finish()
}

/// A fold over the lines of one owner.
#[derive(Clone, Debug, Default)]
pub struct Joiner {
    done: Vec<Join>,
    wrapped: Option<Wrap>,
    in_tree: bool,
    tree: Option<Open>,
    traceback: Option<(Open, Trace)>,
    pip: Option<Open>,
    agent: Option<Join>,
}

/// A construct that takes blank lines in case more of it follows.
#[derive(Clone, Debug)]
struct Open {
    join: Join,
    /// How many blank lines it ends with now.
    blanks: usize,
}

impl Open {
    fn new(kind: JoinKind, line: LineNo, text: &str) -> Self {
        Self { join: Join { kind, lines: vec![line], text: clip(text).to_owned() }, blanks: 0 }
    }

    fn push(&mut self, line: LineNo, text: &str) {
        self.join.lines.push(line);
        self.blanks = if text.trim().is_empty() { self.blanks + 1 } else { 0 };
    }

    fn is_full(&self) -> bool {
        self.join.lines.len() >= MAX_LINES
    }

    fn close(mut self) -> Join {
        let keep = self.join.lines.len().saturating_sub(self.blanks);
        self.join.lines.truncate(keep);
        self.join
    }
}

#[derive(Clone, Debug)]
struct Wrap {
    join: Join,
    /// Columns of the last raw line, and where its text began.
    columns: usize,
    indent: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trace {
    /// Among the frames, indented deeper than this.
    Frames(usize),
    /// Behind the exception: a chained traceback may follow.
    Over(usize),
    /// Behind the sentence that announces one.
    Chained(usize),
}

impl Joiner {
    /// A fold that has read nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next line of the owner, without its prefix.
    pub fn line(&mut self, number: LineNo, text: &str) {
        self.wrapped_line(number, text);
        self.tree_line(number, text);
        self.traceback_line(number, text);
        self.pip_line(number, text);
        self.agent_line(number, text);
    }

    /// Takes the joins that are complete.
    pub fn take(&mut self) -> Vec<Join> {
        std::mem::take(&mut self.done)
    }

    /// The lines are over: completes what is open and hands out what is left.
    pub fn finish(mut self) -> Vec<Join> {
        self.end_wrap();
        let traceback = self.traceback.take().map(|(open, _)| open);
        for open in [self.tree.take(), self.pip.take(), traceback].into_iter().flatten() {
            self.emit(open.close());
        }
        if let Some(join) = self.agent.take() {
            self.emit(join);
        }
        self.done.sort_by_key(|join| join.lines.first().copied());
        self.done
    }

    fn emit(&mut self, join: Join) {
        if join.lines.len() > 1 {
            self.done.push(join);
        }
    }

    fn end_wrap(&mut self) {
        if let Some(wrap) = self.wrapped.take() {
            self.emit(wrap.join);
        }
    }

    /// uv wraps its tree, and whatever its last branch quotes, at 80 columns.
    /// A line goes on with the one before if its first word would not have
    /// fitted there. It may have fitted too: the renderer evens lines out; then
    /// the sentence must visibly go on.
    fn wrapped_line(&mut self, number: LineNo, text: &str) {
        let (gutter, rest) = gutter(text);
        if is_branch(text) {
            self.end_wrap();
            self.in_tree = true;
        } else if !self.in_tree {
            return;
        } else if gutter == 0 && !text.trim().is_empty() {
            // Text at the left edge: the tree is over.
            self.end_wrap();
            self.in_tree = false;
            return;
        }
        let columns = text.chars().count();
        let word = rest.split(' ').next().map_or(0, |word| word.chars().count());
        if let Some(wrap) = &mut self.wrapped {
            let goes_on = !is_branch(text)
                && word > 0
                && gutter <= wrap.indent
                && (wrap.columns <= WRAP && wrap.columns + 1 + word > WRAP
                    || (WRAP - 20..=WRAP).contains(&wrap.columns)
                        && (rest.starts_with(char::is_lowercase) || reasons(&wrap.join.text))
                        && !wrap.join.text.ends_with(['.', ':', ';', '!', '?']))
                && wrap.join.lines.len() < MAX_LINES;
            if goes_on {
                wrap.join.lines.push(number);
                add_text(&mut wrap.join.text, rest);
                wrap.columns = columns;
                return;
            }
        }
        self.end_wrap();
        if word > 0 {
            // What goes on behind `help: ` is indented by its width as well.
            let words = ["help: ", "hint: "].iter().find(|words| rest.starts_with(**words));
            let indent = gutter + words.filter(|_| is_branch(text)).map_or(0, |words| words.len());
            let text = clip(rest).to_owned();
            let join = Join { kind: JoinKind::Wrapped, lines: vec![number], text };
            self.wrapped = Some(Wrap { join, columns, indent });
        }
    }

    fn tree_line(&mut self, number: LineNo, text: &str) {
        let bare = text.trim_start();
        let head = bare.starts_with("× ") || text.starts_with("error: ");
        if head {
            if let Some(open) = self.tree.take() {
                self.emit(open.close());
            }
            let headline = bare.trim_start_matches("× ");
            self.tree = Some(Open::new(JoinKind::ErrorTree, number, headline));
            return;
        }
        let Some(open) = &mut self.tree else { return };
        let belongs = bare.is_empty()
            || text.starts_with("  ")
            || text.starts_with("hint: ")
            || text.starts_with("help: ")
            || starts_with_glyph(bare);
        if belongs && !open.is_full() {
            open.push(number, text);
        } else if let Some(open) = self.tree.take() {
            self.emit(open.close());
        }
    }

    fn traceback_line(&mut self, number: LineNo, text: &str) {
        let (indent, bare) = gutter(text);
        let starts = bare == "Traceback (most recent call last):";
        let Some((open, state)) = &mut self.traceback else {
            if starts {
                let open = Open::new(JoinKind::Traceback, number, "");
                self.traceback = Some((open, Trace::Frames(indent)));
            }
            return;
        };
        let next = match *state {
            Trace::Frames(edge) if bare.is_empty() || indent > edge => Some(Trace::Frames(edge)),
            Trace::Frames(edge) if indent == edge => {
                open.join.text = clip(bare).to_owned();
                Some(Trace::Over(edge))
            }
            Trace::Frames(_) => None,
            Trace::Over(edge) if bare.is_empty() => Some(Trace::Over(edge)),
            Trace::Over(edge) if bare.starts_with("During handling of the above exception") => {
                Some(Trace::Chained(edge))
            }
            Trace::Over(edge) if bare.starts_with("The above exception was the direct cause") => {
                Some(Trace::Chained(edge))
            }
            Trace::Over(_) => None,
            Trace::Chained(edge) if bare.is_empty() => Some(Trace::Chained(edge)),
            Trace::Chained(edge) => (starts && indent == edge).then_some(Trace::Frames(edge)),
        };
        match next {
            Some(next) if !open.is_full() => {
                *state = next;
                open.push(number, text);
            }
            _ => {
                if let Some((open, _)) = self.traceback.take() {
                    self.emit(open.close());
                }
                if starts {
                    self.traceback_line(number, text);
                }
            }
        }
    }

    fn pip_line(&mut self, number: LineNo, text: &str) {
        let bare = text.trim_start();
        if bare == "error: subprocess-exited-with-error" {
            if let Some(open) = self.pip.take() {
                self.emit(open.close());
            }
            self.pip = Some(Open::new(JoinKind::PipSubprocess, number, bare));
            return;
        }
        let Some(open) = &mut self.pip else { return };
        let belongs = bare.is_empty()
            || text.starts_with("  ")
            || starts_with_glyph(bare)
            || bare.starts_with("note: ");
        if belongs && !open.is_full() {
            open.push(number, text);
            if let Some(headline) = bare.strip_prefix("× ") {
                open.join.text = clip(headline).to_owned();
            }
            if !bare.starts_with("note: This error originates from a subprocess") {
                return;
            }
        }
        if let Some(open) = self.pip.take() {
            self.emit(open.close());
        }
    }

    /// `Command did not exit successfully` and `Phase context status code`
    /// quote the command; its further lines are bare, and the sentence ends in
    /// `exit status N`.
    fn agent_line(&mut self, number: LineNo, text: &str) {
        let said = super::codebuild::stamped(text).map(|agent| agent.text);
        if said.is_some()
            && let Some(join) = self.agent.take()
        {
            self.emit(join);
        }
        if let Some(said) = said {
            let quotes = said.starts_with("Command did not exit successfully ")
                || said.contains("Error while executing command: ");
            if quotes && super::codebuild::exit_status(said).is_none() {
                let text = clip(said).to_owned();
                self.agent = Some(Join { kind: JoinKind::AgentMessage, lines: vec![number], text });
            }
            return;
        }
        let Some(join) = &mut self.agent else { return };
        join.lines.push(number);
        add_text(&mut join.text, text.trim());
        let over = super::codebuild::exit_status(text).is_some() || join.lines.len() >= MAX_LINES;
        if over && let Some(join) = self.agent.take() {
            self.emit(join);
        }
    }
}

/// Columns of indentation, counting the tree's vertical bars, and the text.
pub fn gutter(text: &str) -> (usize, &str) {
    let rest = text.trim_start_matches([' ', '│', '\t']);
    let columns = text.chars().count() - rest.chars().count();
    let bare = starts_with_glyph(rest).then(|| {
        let tail = rest.trim_start_matches(['×', '├', '╰', '─', '▶', '>', ' ']);
        (columns + rest.chars().count() - tail.chars().count(), tail)
    });
    bare.unwrap_or((columns, rest))
}

fn starts_with_glyph(text: &str) -> bool {
    ["×", "├─", "╰─", "│"].iter().any(|glyph| text.starts_with(glyph))
}

/// Whether a sentence is one of the resolver's, which end in a full stop.
fn reasons(text: &str) -> bool {
    text.starts_with("Because ") || text.starts_with("And because ")
}

/// Whether a line begins a sentence of an error tree.
pub fn is_branch(text: &str) -> bool {
    let bare = text.trim_start();
    bare.starts_with("× ")
        || bare.starts_with("├─▶ ")
        || bare.starts_with("╰─▶ ")
        || text.starts_with("  help: ")
        || text.starts_with("  hint: ")
}

fn clip(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_TEXT.min(text.len()))).unwrap_or("")
}

fn add_text(whole: &mut String, text: &str) {
    if whole.len() + text.len() < MAX_TEXT {
        whole.push(' ');
        whole.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(JoinKind, u64, u64, String)> {
        let lines: Vec<&str> = text.lines().collect();
        joins(lines.iter().enumerate().map(|(at, line)| (LineNo::new(at as u32), *line)))
            .into_iter()
            .map(|join| {
                let first = join.lines[0].number();
                (join.kind, first, join.lines[join.lines.len() - 1].number(), join.text)
            })
            .collect()
    }

    #[test]
    fn uvs_tree_is_unwrapped() {
        let joined = of("\
  × No solution found when resolving dependencies:
  ╰─▶ Because fastapi==0.110.0 depends on starlette>=0.36.3,<0.37.0 and your
      project depends on fastapi==0.110.0, we can conclude that your project
      depends on starlette>=0.36.3,<0.37.0.
      And because your project depends on starlette>=0.40, we can conclude
      that your project's requirements are unsatisfiable.
done");
        let wrapped: Vec<_> = joined.iter().filter(|j| j.0 == JoinKind::Wrapped).collect();
        assert_eq!(wrapped.len(), 2, "{joined:#?}");
        assert_eq!(
            wrapped[0].3,
            "Because fastapi==0.110.0 depends on starlette>=0.36.3,<0.37.0 and your project \
             depends on fastapi==0.110.0, we can conclude that your project depends on \
             starlette>=0.36.3,<0.37.0."
        );
        assert_eq!((wrapped[1].1, wrapped[1].2), (5, 6));
        assert_eq!(
            joined.iter().find(|j| j.0 == JoinKind::ErrorTree).map(|j| (j.1, j.2)),
            Some((1, 6))
        );
    }

    /// The renderer evens lines out, and package names are of either case.
    #[test]
    fn a_resolvers_sentence_goes_on_until_its_full_stop() {
        let joined = of("\
  × No solution found when resolving dependencies:
  ╰─▶ Because the current Python version (3.12.1) does not satisfy
      Python>=3.15 and voicebot==0.1.0 depends on Python>=3.15, we can
      conclude that voicebot==0.1.0 cannot be used.
      And because only voicebot==0.1.0 is available and you require voicebot,
      we can conclude that your requirements are unsatisfiable.");
        let spans: Vec<_> =
            joined.iter().filter(|j| j.0 == JoinKind::Wrapped).map(|j| (j.1, j.2)).collect();
        assert_eq!(spans, [(2, 4), (5, 6)], "{joined:#?}");
    }

    #[test]
    fn a_compilers_message_in_the_tree_is_unwrapped() {
        let joined = of("  × Failed to build `pyaudio==0.2.14`
  ├─▶ The build backend returned an error
  ╰─▶ Call to `setuptools.build_meta:__legacy__.build_wheel` failed (exit
      status: 1)

      [stderr]
      src/pyaudio/device_api.c:9:10: fatal error: portaudio.h: No such file or
      directory
          9 | #include \"portaudio.h\"
      compilation terminated.");
        let texts: Vec<_> =
            joined.iter().filter(|j| j.0 == JoinKind::Wrapped).map(|j| j.3.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Call to `setuptools.build_meta:__legacy__.build_wheel` failed (exit status: 1)",
                "src/pyaudio/device_api.c:9:10: fatal error: portaudio.h: No such file or directory",
            ]
        );
    }

    #[test]
    fn unwrapped_renderings_stay_as_they_are() {
        let joined = of("\
error: Failed to build `app @ file:///app`
  cause: The build backend returned an error
  cause: Call to `hatchling.build.build_editable` failed (exit status: 1)

hint: Build failures usually indicate a problem with the package or the build environment
next");
        assert_eq!(
            joined,
            [(JoinKind::ErrorTree, 1, 5, "error: Failed to build `app @ file:///app`".to_owned())]
        );
    }

    #[test]
    fn every_generation_of_uvs_errors_is_one_tree() {
        for (text, last) in [
            // 0.5
            (
                "error: Failed to prepare distributions\n  Caused by: Failed to build `x==1`\n  \
                 Caused by: Build backend failed (exit status: 1)\n\n--- stdout:\nrunning build",
                3,
            ),
            // 0.6 to 0.11
            (
                "  × Failed to build `x==1`\n  ├─▶ The build backend returned an error\n  \
                 ╰─▶ Call to `b.build_wheel` failed (exit status: 1)\n\n      [stderr]\n      no\n\n\
                 \u{20}     hint: This usually indicates a problem\nnext",
                8,
            ),
            // 0.12 and later
            (
                "error: Failed to build `x==1`\n  cause: The build backend returned an error\n\n\
                 hint: `x` was included because `app` depends on `x`\nnext",
                4,
            ),
        ] {
            let joined = of(text);
            let tree = joined.iter().find(|j| j.0 == JoinKind::ErrorTree).unwrap();
            assert_eq!((tree.1, tree.2), (1, last), "{text}");
        }
    }

    #[test]
    fn a_branch_and_its_help_are_unwrapped_beside_the_bar() {
        let joined = of("\
  × Failed to download and build `voice @ git+https://github.example/acme/voice`
  ├─▶ Git operation failed: the repository could not be cloned because the
  │   credentials were refused
  ╰─▶ failed to clone into: /root/.cache/uv/git-v0/db/3b2ab1c2d3e4f5a6 since the
      remote ended the session
  help: `voice` (v0.1.0) was included because `agent-runtime` (v0.1.0) depends
        on `voice`
done");
        let texts: Vec<_> =
            joined.iter().filter(|j| j.0 == JoinKind::Wrapped).map(|j| j.3.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Git operation failed: the repository could not be cloned because the credentials were refused",
                "failed to clone into: /root/.cache/uv/git-v0/db/3b2ab1c2d3e4f5a6 since the remote ended the session",
                "help: `voice` (v0.1.0) was included because `agent-runtime` (v0.1.0) depends on `voice`",
            ]
        );
    }

    #[test]
    fn tracebacks_chain() {
        let joined = of("\
start
Traceback (most recent call last):
  File \"a.py\", line 1, in <module>
    boom()
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"a.py\", line 3, in <module>
    raise B
b.B: no
after");
        assert_eq!(joined, [(JoinKind::Traceback, 2, 12, "b.B: no".to_owned())]);
    }

    #[test]
    fn pips_block_and_the_traceback_it_quotes() {
        let joined = of("\
  error: subprocess-exited-with-error

  × Getting requirements to build wheel did not run successfully.
  │ exit code: 1
  ╰─> [4 lines of output]
      Traceback (most recent call last):
        File \"setup.py\", line 1, in <module>
      ModuleNotFoundError: No module named 'numpy'
      [end of output]

  note: This error originates from a subprocess, and is likely not a problem with pip.
other");
        let pip = joined.iter().find(|j| j.0 == JoinKind::PipSubprocess).unwrap();
        assert_eq!((pip.1, pip.2), (1, 11));
        assert_eq!(pip.3, "Getting requirements to build wheel did not run successfully.");
        let trace = joined.iter().find(|j| j.0 == JoinKind::Traceback).unwrap();
        assert_eq!((trace.1, trace.2), (6, 8));
        assert_eq!(trace.3, "ModuleNotFoundError: No module named 'numpy'");
    }

    #[test]
    fn the_agent_quotes_commands_of_several_lines() {
        let joined = of("\
[Container] 2026/11/23 20:00:00 Command did not exit successfully set -e
docker build .
exit status 2
[Container] 2026/11/23 20:00:00 Phase complete: BUILD State: FAILED");
        assert_eq!(
            joined,
            [(
                JoinKind::AgentMessage,
                1,
                3,
                "Command did not exit successfully set -e docker build . exit status 2".to_owned()
            )]
        );
    }
}
