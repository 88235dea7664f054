//! The fold itself: one line in, the tree grown by it.
//!
//! Dispatch is on the first byte, since most lines of a big log are a step's
//! output and must cost next to nothing. What each builder's lines do to the
//! tree is in the files beside this one.

mod agent;
mod classic;
mod end;
mod vertices;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use self::end::Epilogue;
use super::codebuild;
use super::step::{Step, StepError, StepId, StepState, clip};
use super::tree::{Builder, ImageBuild, Tree};
use super::{Owner, PhaseId};
use crate::domain::LineNo;

/// Steps are bounded, so that no input makes the tree outgrow its log; lines
/// of steps past the bound belong to the phase.
const MAX_STEPS: usize = 100_000;

/// Phases, commands and builds are bounded for the same reason.
const MAX_PHASES: usize = 1_000;
const MAX_COMMANDS: usize = 10_000;
const MAX_BUILDS: usize = 5_000;

/// How deep builds nest before the innermost is forgotten.
const MAX_NESTING: usize = 8;

/// Failed steps that compete for the blame in one build.
const MAX_FAILED: usize = 64;

/// Transfers whose progress is kept track of in one build.
const MAX_TRANSFERS: usize = 4_096;

/// How many running steps are kept track of for [`Tree::current`].
const MAX_OPEN: usize = 256;

/// Error messages kept as text are bounded; the line itself stays in the log.
const MESSAGE_BYTES: usize = 4 * 1024;

/// A fold over the clean text of a log's lines.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    tree: Tree,
    phase: Option<PhaseId>,
    /// What the agent has yet to say of the phase.
    after: After,
    command: Option<usize>,
    /// The failed command whose exit status is on a later line.
    awaits_status: Option<usize>,
    /// The builds being spoken of, the innermost at the end.
    active: Vec<Active>,
    epilogue: Epilogue,
    /// What there is of a build whose beginning is cut off.
    remains: end::Remains,
    was_blank: bool,
    /// The text of the last line with text, inside a classic builder's step.
    last_text: String,
    last_text_line: Option<LineNo>,
}

/// Where the agent is between the phases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum After {
    /// Nowhere special.
    #[default]
    Nothing,
    /// POST_BUILD is complete: what the agent says next, its status line
    /// apart, is UPLOAD_ARTIFACTS, which it never announces.
    PostBuild,
}

/// What the fold remembers of a build that is being spoken of.
#[derive(Clone, Debug)]
struct Active {
    /// Its place in [`Tree::builds`].
    build: usize,
    builder: Builder,
    /// Whether its command is over; a step header starts another build then.
    closed: bool,
    /// Steps by BuildKit number.
    numbers: HashMap<u32, StepId>,
    /// The step of the latest line.
    last: Option<(u32, StepId)>,
    /// The least seconds that have passed since the build began.
    clock: f32,
    /// The stages seen, by hash of platform and name.
    stages: HashMap<u64, Stage>,
    /// When the chores before the first instruction ended.
    loaded: f32,
    /// The failed step whose error message may go on over bare lines.
    error_tail: Option<StepId>,
    /// What each step has transferred of each thing, by hash of its name:
    /// bytes, and bytes in all.
    transfers: HashMap<(StepId, u64), (u64, Option<u64>)>,
    /// The classic builder's place: stage, index and total.
    place: (Option<Box<str>>, u32, u32),
    /// The container the classic builder runs.
    container: Option<Box<str>>,
}

/// What the fold remembers of a stage.
#[derive(Clone, Copy, Debug, Default)]
struct Stage {
    /// When its latest step ended, on the build's clock.
    end: f32,
    /// How many steps it has.
    total: u32,
}

impl Active {
    fn step(&self) -> Option<StepId> {
        self.last.map(|(_, id)| id)
    }
}

impl Parser {
    /// A fold that has read nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the lines read so far make.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Reads the next line: its number and its clean text.
    ///
    /// Numbers ascend. A number that was passed over is taken for a line that
    /// belongs to what surrounds it.
    pub fn line(&mut self, number: LineNo, clean: &str) {
        let owner = match clean.as_bytes().first() {
            Some(b'#') => self.hash(number, clean),
            Some(b'[') => match codebuild::stamped(clean) {
                Some(agent) => self.agent(number, agent),
                None => self.plain(number, clean),
            },
            Some(_) => self.plain(number, clean),
            None => {
                self.after_error(false);
                self.enclosing_step().unwrap_or_else(|| self.parent())
            }
        };
        self.was_blank = clean.is_empty();
        self.own(number, owner);
    }

    /// Reads a position where lines are missing.
    ///
    /// Nothing that spans lines survives it: an epilogue block, an excerpt or
    /// an error message may have ended in what is missing.
    pub fn gap(&mut self, number: LineNo) {
        self.cut_epilogue();
        self.after_error(false);
        self.awaits_status = None;
        self.was_blank = true;
        let owner = self.enclosing_step().unwrap_or_else(|| self.parent());
        self.own(number, owner);
    }

    /// The log has ended. What still runs stays running: a log that just stops
    /// is how a time-out looks.
    pub fn finish(&mut self) {
        self.cut_epilogue();
    }

    fn own(&mut self, number: LineNo, owner: Owner) {
        self.tree.owners.push(number, owner);
        let phase = match owner {
            Owner::Step(id) => match self.tree.steps.get_mut(id.index()) {
                Some(step) => {
                    step.last_line = step.last_line.max(number);
                    step.phase
                }
                None => None,
            },
            Owner::Phase(id) => Some(id),
            Owner::Top => None,
        };
        if let Some(phase) = phase.and_then(|id| self.tree.phases.get_mut(id.index())) {
            phase.last_line = phase.last_line.max(number);
        }
        if let Some(command) = self.command.and_then(|at| self.tree.commands.get_mut(at)) {
            command.last_line = command.last_line.max(number);
        }
    }

    /// What a line belongs to that belongs to no step.
    fn parent(&self) -> Owner {
        self.phase.map_or(Owner::Top, Owner::Phase)
    }

    /// The step of a builder that prints output bare, while it runs.
    fn enclosing_step(&self) -> Option<Owner> {
        let active = self.active.last()?;
        if active.closed || active.builder == Builder::BuildKit {
            return None;
        }
        let id = active.step()?;
        let runs = self.tree.step(id)?.state == StepState::Running;
        runs.then_some(Owner::Step(id))
    }

    /// A line that begins with neither `#` nor the agent's mark.
    fn plain(&mut self, number: LineNo, clean: &str) -> Owner {
        if let Some(at) = self.awaits_status
            && let Some(code) = codebuild::exit_status(clean)
        {
            self.awaits_status = None;
            self.set_exit(at, code);
        }
        if let Some(owner) = self.classic(number, clean) {
            return owner;
        }
        if let Some(owner) = self.end(number, clean) {
            return owner;
        }
        if let Some(owner) = self.after_error(!clean.trim_start().is_empty()) {
            return owner;
        }
        let Some(owner) = self.enclosing_step() else { return self.parent() };
        if !clean.trim_start().is_empty() {
            let end = clean.floor_char_boundary(MESSAGE_BYTES.min(clean.len()));
            self.last_text.clear();
            self.last_text.push_str(clean.get(..end).unwrap_or(""));
            self.last_text_line = Some(number);
        }
        owner
    }

    /// Opens a build and makes it the one spoken of.
    fn open_build(&mut self, builder: Builder, line: LineNo, nested: bool) {
        if !nested {
            self.active.clear();
        } else if self.active.len() >= MAX_NESTING {
            self.active.pop();
        }
        if self.tree.builds.len() >= MAX_BUILDS {
            return;
        }
        let command = self
            .command
            .filter(|at| self.tree.commands.get(*at).is_some_and(|c| c.ended.is_none()));
        let started = command.and_then(|at| self.tree.commands.get(at)?.started);
        self.active.push(Active {
            build: self.tree.builds.len(),
            builder,
            closed: false,
            numbers: HashMap::new(),
            last: None,
            clock: 0.0,
            stages: HashMap::new(),
            loaded: 0.0,
            error_tail: None,
            transfers: HashMap::new(),
            place: (None, 0, 0),
            container: None,
        });
        self.tree.builds.push(ImageBuild {
            builder,
            command,
            first_line: line,
            started,
            blocks: Vec::new(),
            excerpts: Vec::new(),
            final_error: None,
            warnings: Vec::new(),
            succeeded: false,
            failed: Vec::new(),
            culprit: None,
            done: 0,
            total: 0,
        });
        self.epilogue = Epilogue::Nothing;
        self.remains = end::Remains::default();
    }

    /// The build being spoken of.
    fn build(&mut self) -> Option<&mut ImageBuild> {
        let at = self.active.last()?.build;
        self.tree.builds.get_mut(at)
    }

    /// Adds a step to the build being spoken of; `None` past the bound.
    fn add_step(&mut self, number: u32, name: &str, line: LineNo) -> Option<StepId> {
        if self.tree.steps.len() >= MAX_STEPS {
            return None;
        }
        let id = StepId(u32::try_from(self.tree.steps.len()).ok()?);
        let mut step = Step::new(id, number, name, line);
        step.phase = self.phase;
        let active = self.active.last_mut()?;
        step.build = u32::try_from(active.build).ok()?;
        active.last = Some((number, id));
        self.tree.steps.push(step);
        self.touch(id);
        Some(id)
    }

    /// Counts a step's stage into the total of its build, once its place is known.
    fn count_stage(&mut self, id: StepId) {
        let (Some(active), Some(step)) = (self.active.last_mut(), self.tree.step(id)) else {
            return;
        };
        let Some(total) = step.total() else { return };
        let key = match &active.place.0 {
            Some(stage) => stage_key(None, Some(stage)),
            None => stage_key(step.platform(), step.stage()),
        };
        let stage = active.stages.entry(key).or_default();
        let more = total.saturating_sub(stage.total);
        stage.total += more;
        if let Some(build) = self.tree.builds.get_mut(active.build) {
            build.total = build.total.saturating_add(more);
        }
    }

    /// Notes that a running step was heard of.
    fn touch(&mut self, id: StepId) {
        if self.tree.open.last() == Some(&id) {
            return;
        }
        // Output may come after the end, of what was clipped.
        if self.tree.step(id).is_none_or(|step| step.state != StepState::Running) {
            return;
        }
        let open = &mut self.tree.open;
        if let Some(at) = open.iter().rposition(|other| *other == id) {
            open.remove(at);
        } else if open.len() >= MAX_OPEN {
            open.remove(0);
        }
        open.push(id);
    }

    fn set_state(&mut self, id: StepId, state: StepState) {
        let Some(step) = self.tree.steps.get_mut(id.index()) else { return };
        let was = std::mem::replace(&mut step.state, state);
        if !matches!(state, StepState::Running | StepState::Failed) {
            step.tail = None;
        }
        let well = |state| matches!(state, StepState::Done | StepState::Cached);
        if step.place.is_some()
            && well(was) != well(state)
            && let Some(build) = self.tree.builds.get_mut(step.build())
        {
            build.done = if well(state) { build.done + 1 } else { build.done.saturating_sub(1) };
        }
        if state == StepState::Running {
            self.touch(id);
        } else if let Some(at) = self.tree.open.iter().rposition(|other| *other == id) {
            self.tree.open.remove(at);
        }
    }

    fn fail_step(&mut self, id: StepId, line: LineNo, message: &str, exit_code: Option<i32>) {
        self.set_state(id, StepState::Failed);
        let Some(step) = self.tree.steps.get_mut(id.index()) else { return };
        if let Some(build) = self.tree.builds.get_mut(step.build())
            && build.failed.len() < MAX_FAILED
            && !build.failed.contains(&id)
        {
            build.failed.push(id);
        }
        let end = message.floor_char_boundary(MESSAGE_BYTES.min(message.len()));
        let text = message.get(..end).unwrap_or("").into();
        step.rare().error = Some(StepError { line, text, exit_code });
        self.blame();
    }

    /// A step for a failure that no step of the builder's stands for: an
    /// instruction that didn't parse.
    fn invent_failed_step(&mut self, line: LineNo, instruction: &str) -> Option<StepId> {
        let last = self.active.last()?.last;
        let id = self.add_step(0, "", line)?;
        self.active.last_mut()?.last = last;
        let step = self.tree.steps.get_mut(id.index())?;
        step.set_instruction(clip(instruction), None);
        self.fail_step(id, line, "", None);
        Some(id)
    }
}

/// The key of a stage among those of its build.
fn stage_key(platform: Option<&str>, stage: Option<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (platform, stage).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
