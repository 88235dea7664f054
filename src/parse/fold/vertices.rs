//! What BuildKit's vertex lines do to the tree.

use super::super::Owner;
use super::super::buildkit::{self, Line, Vertex};
use super::super::epilogue::hash_line;
use super::super::role::looks_like_chore;
use super::super::step::{Step, StepId, StepState, Transfer, Warning, clip};
use super::super::timeline::{froms, stage_name};
use super::super::tree::Builder;
use super::{Epilogue, MAX_TRANSFERS, Parser, stage_key};
use crate::domain::LineNo;

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
        let ended = self.build().is_some_and(|build| build.final_error.is_some());
        let fresh = self.was_blank || line == LineNo::FIRST;
        let step = self.tree.steps.get_mut(id.index())?;
        let bracket = words.starts_with('[') && words.contains("] ");
        if step.name.is_empty() {
            if bracket || looks_like_chore(words) {
                step.set_name(words);
                self.count_stage(id);
            }
            return Some(id);
        }
        let same = *step.name == *clip(words);
        // The first vertex of a build loads a file or two and never comes back.
        let over = step.state != StepState::Running;
        let again = same && number == 1 && bracket && (over || ended);
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
        self.count_stage(id);
        Some(id)
    }

    fn say(&mut self, number: LineNo, clean: &str, line: Line<'_>, id: StepId) {
        match line {
            Line::Output { seconds, text } => {
                self.timed(id, seconds as f32);
                if text.starts_with("[output clipped, log limit ")
                    && let Some(step) = self.tree.steps.get_mut(id.index())
                {
                    step.rare().clipped.get_or_insert(number);
                }
                let space = clean.bytes().position(|byte| byte == b' ');
                let repeated = space.and_then(|at| clean.get(at + 1..)).unwrap_or("");
                if let Some(step) = self.tree.steps.get_mut(id.index()) {
                    step.tail.get_or_insert_default().push(hash_line(repeated), number);
                }
                self.touch(id);
            }
            Line::Left | Line::Words(_) => {
                if let Line::Words(words) = line {
                    self.transferred(id, words);
                }
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
                let export = |step: &Step| step.chore && step.text().starts_with("exporting to ");
                if self.tree.step(id).is_some_and(export)
                    && let Some(build) = self.build()
                {
                    build.succeeded = true;
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
                if self.tree.step(id).is_some_and(Step::is_cache_import) {
                    // The build goes on without the cache: no more than a
                    // warning, unless the final error names it after all.
                    self.set_state(id, StepState::Done);
                    if let Some(step) = self.tree.steps.get_mut(id.index()) {
                        step.rare().warnings.push(warning(number, message));
                    }
                    self.blame();
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
        // A step that has failed comes to no better end: what says so is of
        // another build, whose beginning is missing here.
        if self.tree.step(id).is_none_or(|step| step.state != StepState::Failed) {
            self.set_state(id, state);
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
            let key = stage_key(step.platform(), step.stage());
            active.stages.entry(key).or_default().end = end;
        }
    }

    /// A status of a step's, or its name: counts what it says to have moved.
    fn transferred(&mut self, id: StepId, words: &str) {
        if self.tree.step(id).is_none_or(|step| *step.name == *clip(words)) {
            return;
        }
        let status = buildkit::status(words);
        let (Some(bytes), Some(active)) = (status.bytes, self.active.last_mut()) else { return };
        let key = (id, hash_line(status.what));
        if active.transfers.len() >= MAX_TRANSFERS && !active.transfers.contains_key(&key) {
            return;
        }
        let (was, was_total) =
            active.transfers.insert(key, (bytes, status.total)).unwrap_or((0, None));
        let Some(step) = self.tree.steps.get_mut(id.index()) else { return };
        let moved = &mut step.rare().transfer;
        let sum = moved.get_or_insert(Transfer { bytes: 0, total: None });
        sum.bytes = sum.bytes.saturating_sub(was).saturating_add(bytes);
        if was_total.is_some() || status.total.is_some() {
            let total = sum.total.unwrap_or(0).saturating_sub(was_total.unwrap_or(0));
            sum.total = Some(total.saturating_add(status.total.unwrap_or(0)));
        }
    }

    /// A step has run for so many seconds: moves the build's clock.
    ///
    /// See [`super::super::Tree::started`]. The first such line also dates the
    /// step itself: not before the step ahead of it in its stage or what it
    /// copies ended, and else so many seconds before now.
    fn timed(&mut self, id: StepId, seconds: f32) {
        let (Some(active), Some(step)) =
            (self.active.last_mut(), self.tree.steps.get_mut(id.index()))
        else {
            return;
        };
        if step.last_second.is_none() {
            let key = stage_key(step.platform(), step.stage());
            let before = match active.stages.get(&key) {
                Some(stage) if !step.chore && stage.end > 0.0 => stage.end,
                // What is exported is made first.
                _ if step.chore && step.text().starts_with("exporting to ") => {
                    active.stages.values().map(|stage| stage.end).fold(0.0, f32::max)
                }
                _ if step.chore => 0.0,
                _ => active.loaded,
            };
            // And so is what is copied.
            let copied = froms(step.text()).filter_map(|name| {
                let key = stage_key(step.platform(), Some(&stage_name(name)));
                active.stages.get(&key).map(|stage| stage.end)
            });
            let before = copied.fold(before, f32::max);
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
}

pub(super) fn warning(line: LineNo, text: &str) -> Warning {
    Warning { line, text: clip(text).into(), dockerfile_line: buildkit::warning_line(text) }
}
