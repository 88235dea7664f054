//! What BuildKit's vertex lines do to the tree.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::Owner;
use super::super::buildkit::{self, Line, Vertex};
use super::super::role::looks_like_chore;
use super::super::step::{StepId, StepState, Warning, clip};
use super::super::tree::Builder;
use super::{Epilogue, Parser};
use crate::domain::LineNo;

/// How many last lines of a step are remembered: ten are repeated, some more
/// because a line printed in two halves counts twice in the log.
const TAIL: usize = 16;

/// The last lines of output of a step, as hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    lines: [(u64, LineNo); TAIL],
    len: usize,
}

impl Tail {
    fn push(&mut self, hash: u64, line: LineNo) {
        if let Some(slot) = self.lines.get_mut(self.len % TAIL) {
            *slot = (hash, line);
        }
        self.len += 1;
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

impl Parser {
    /// A line that begins with `#`.
    pub(super) fn hash(&mut self, number: LineNo, clean: &str) -> Owner {
        match buildkit::vertex(clean).and_then(|vertex| self.vertex(number, clean, vertex)) {
            Some(owner) => {
                self.epilogue = Epilogue::Nothing;
                owner
            }
            None => self.plain(number, clean),
        }
    }

    fn vertex(&mut self, number: LineNo, clean: &str, vertex: Vertex<'_>) -> Option<Owner> {
        let plausible = match vertex.line {
            Line::Words(words) => {
                words.starts_with('[') || looks_like_chore(words) || vertex.number == 0
            }
            _ => vertex.number > 0,
        };
        let inside = self
            .active
            .last()
            .is_some_and(|active| active.builder == Builder::BuildKit && !active.closed);
        if vertex.number == 0 {
            // The client's own line: which builder it talks to.
            let Line::Words(words) = vertex.line else { return None };
            if !words.starts_with("building with ") {
                return None;
            }
            let nested = self.enclosing_step().is_some();
            self.open_build(Builder::BuildKit, number, nested);
            return Some(self.parent());
        }
        if !inside {
            // "#12 Fix the build" is somebody's output. And a classic builder's
            // container may print anything; only a header opens a build there.
            let nested = self.enclosing_step().is_some();
            let header = matches!(vertex.line, Line::Words(words) if words.starts_with('['));
            if !plausible || (nested && !header) {
                return None;
            }
            self.open_build(Builder::BuildKit, number, nested);
        }
        self.after_error(false);
        let known = self.known(vertex.number);
        let id = match (vertex.line, known) {
            (Line::Words(words), Some(id)) => self.words(number, vertex.number, words, id)?,
            (Line::Words(words), None) if !buildkit::is_status(words) => {
                self.header(number, vertex.number, words)?
            }
            (_, Some(id)) => id,
            (_, None) => self.header(number, vertex.number, "")?,
        };
        if let Some(active) = self.active.last_mut() {
            active.last = Some((vertex.number, id));
        }
        self.say(number, clean, vertex.line, id);
        Some(Owner::Step(id))
    }

    fn known(&self, number: u32) -> Option<StepId> {
        let active = self.active.last()?;
        match active.last {
            Some((last, id)) if last == number => Some(id),
            _ => active.numbers.get(&number).copied(),
        }
    }

    /// Words behind the number of a known vertex: its name again, a status, or
    /// the name of another vertex because numbers have started again.
    fn words(&mut self, line: LineNo, number: u32, words: &str, id: StepId) -> Option<StepId> {
        let fresh = self.was_blank || line == LineNo::FIRST;
        let step = self.tree.steps.get_mut(id.index())?;
        let bracket = words.starts_with('[') && words.contains("] ");
        if step.name.is_empty() {
            if bracket || looks_like_chore(words) {
                step.set_name(words);
            }
            return Some(id);
        }
        let same = *step.name == *clip(words);
        // The first vertex of a build loads a file or two and never comes back.
        let again = same && number == 1 && step.state != StepState::Running && bracket;
        let other = !same && fresh && (bracket || (number == 1 && looks_like_chore(words)));
        if again || other {
            let nested = self.active.len() > 1;
            if nested {
                self.active.pop();
            }
            self.open_build(Builder::BuildKit, line, nested);
            return self.header(line, number, words);
        }
        if same && step.state != StepState::Running && step.state != StepState::Failed {
            // A layer pulled only when it is needed: the vertex works again.
            self.set_state(id, StepState::Running);
        }
        Some(id)
    }

    fn header(&mut self, line: LineNo, number: u32, name: &str) -> Option<StepId> {
        let id = self.add_step(number, name, line)?;
        let active = self.active.last_mut()?;
        active.numbers.insert(number, id);
        let step = self.tree.steps.get_mut(id.index())?;
        step.start = Some(active.clock);
        Some(id)
    }

    fn say(&mut self, number: LineNo, clean: &str, line: Line<'_>, id: StepId) {
        match line {
            Line::Output { seconds, text } => {
                self.timed(id, seconds as f32);
                if text.starts_with("[output clipped, log limit ") {
                    if let Some(step) = self.tree.steps.get_mut(id.index()) {
                        step.rare().clipped.get_or_insert(number);
                    }
                }
                let repeated = clean.split_once(' ').map_or("", |(_, rest)| rest);
                if self.tails.len() <= id.index() {
                    self.tails.resize_with(id.index() + 1, || None);
                }
                if let Some(tail) = self.tails.get_mut(id.index()) {
                    tail.get_or_insert_default().push(hash_line(repeated), number);
                }
                self.touch(id);
            }
            Line::Left | Line::Words(_) => {
                if self.tree.step(id).is_some_and(|step| step.state == StepState::Running) {
                    self.touch(id);
                }
            }
            Line::Done { seconds } => {
                if let Some(seconds) = seconds {
                    self.timed(id, seconds as f32);
                    if let Some(step) = self.tree.steps.get_mut(id.index()) {
                        step.seconds = Some(seconds as f32);
                    }
                }
                self.ended(id, StepState::Done);
                if self.tree.step(id).is_some_and(|step| step.name.starts_with("exporting to ")) {
                    if let Some(build) = self.build() {
                        build.succeeded = true;
                    }
                }
            }
            Line::Cached => self.ended(id, StepState::Cached),
            Line::Canceled => self.ended(id, StepState::Cancelled),
            Line::Error(message) => {
                self.ended(id, StepState::Failed);
                self.fail_step(id, number, message, buildkit::exit_code(message));
                if let Some(active) = self.active.last_mut() {
                    active.error_tail = Some(id);
                }
            }
            Line::Warn(text) => {
                let warning = warning(number, text);
                if let Some(step) = self.tree.steps.get_mut(id.index()) {
                    step.rare().warnings.push(warning);
                }
            }
        }
    }

    fn ended(&mut self, id: StepId, state: StepState) {
        self.set_state(id, state);
        if state != StepState::Failed
            && let Some(tail) = self.tails.get_mut(id.index())
        {
            *tail = None;
        }
        let (Some(active), Some(step)) = (self.active.last_mut(), self.tree.step(id)) else {
            return;
        };
        let Some(end) = step.start.map(|start| start + step.seconds.unwrap_or(0.0)) else {
            return;
        };
        if step.chore {
            if step.name.contains("load ") {
                active.loaded = active.loaded.max(end);
            }
        } else {
            active.stages.insert(stage_key(step.platform(), step.stage()), end);
        }
    }

    /// A step has run for so many seconds: moves the build's clock.
    ///
    /// See [`super::super::Tree::started`]. The first such line also dates the
    /// step itself: not before the step ahead of it in its stage ended, and
    /// else so many seconds before now.
    fn timed(&mut self, id: StepId, seconds: f32) {
        let (Some(active), Some(step)) =
            (self.active.last_mut(), self.tree.steps.get_mut(id.index()))
        else {
            return;
        };
        if step.last_second.is_none() {
            let key = stage_key(step.platform(), step.stage());
            let before = match active.stages.get(&key) {
                Some(end) if !step.chore => *end,
                _ if step.chore => 0.0,
                _ => active.loaded,
            };
            step.start = Some(before.max(active.clock - seconds));
        }
        step.last_second = Some(step.last_second.map_or(seconds, |last| last.max(seconds)));
        active.clock = active.clock.max(step.start.unwrap_or(0.0) + seconds);
    }

    /// A bare line, or what ends a run of them: whether it goes on with the
    /// error message of the step that failed just before.
    pub(super) fn after_error(&mut self, text: bool) -> Option<Owner> {
        let active = self.active.last_mut()?;
        if text {
            return active.error_tail.map(Owner::Step);
        }
        active.error_tail = None;
        None
    }

    /// The remembered last lines of a step.
    pub(super) fn tail(&self, id: StepId) -> Option<&Tail> {
        self.tails.get(id.index())?.as_deref()
    }
}

fn stage_key(platform: Option<&str>, stage: Option<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (platform, stage).hash(&mut hasher);
    hasher.finish()
}

pub(super) fn warning(line: LineNo, text: &str) -> Warning {
    Warning { line, text: clip(text).into(), dockerfile_line: buildkit::warning_line(text) }
}
