//! What the CodeBuild agent's lines do to the tree.

use jiff::Timestamp;

use super::super::codebuild::{Line, Stamped, line};
use super::super::phase::{Command, Phase, PhaseId, PhaseState};
use super::super::step::StepState;
use super::super::tree::Builder;
use super::super::{Owner, step::clip};
use super::{After, Epilogue, MAX_COMMANDS, MAX_PHASES, Parser};
use crate::domain::LineNo;

/// How the builds of a command come to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// Their command is over, as far as is known well.
    Well,
    /// Their command failed.
    Failed,
    /// Their phase was ended with them still running.
    Stopped,
}

impl Parser {
    pub(super) fn agent(&mut self, number: LineNo, agent: Stamped<'_>) -> Owner {
        let at = agent.at();
        let said = line(agent.text);
        self.epilogue = Epilogue::Nothing;
        self.remains = super::end::Remains::default();
        self.awaits_status = None;
        self.after_error(false);
        if let Some(command) = self.command.and_then(|c| self.tree.commands.get_mut(c)) {
            command.ended = command.ended.or(at);
        }
        match said {
            Line::Entering(name) => {
                self.close_builds(Closing::Well);
                self.command = None;
                self.enter(number, name, at);
            }
            Line::Running(text) => {
                self.close_builds(Closing::Well);
                self.run(number, text, at);
            }
            Line::Failed { code } => self.command_failed(code),
            Line::Complete { phase, state } => {
                // A phase that ends otherwise than well ends what still ran in it.
                let stopped = PhaseState::from_word(state).is_failure();
                self.close_builds(if stopped { Closing::Stopped } else { Closing::Well });
                self.command = None;
                self.complete(number, phase, state, at);
                self.after = if phase == "POST_BUILD" { After::PostBuild } else { After::Nothing };
            }
            Line::Context { code, .. } => {
                if let Some(phase) = self.current_phase()
                    && !code.is_empty()
                {
                    phase.status_code = Some(clip(code).into());
                }
            }
            Line::Other => {
                if self.after == After::PostBuild {
                    self.enter(number, "UPLOAD_ARTIFACTS", at);
                }
            }
        }
        self.parent()
    }

    fn run(&mut self, number: LineNo, text: &str, at: Option<Timestamp>) {
        self.command = None;
        if self.tree.commands.len() >= MAX_COMMANDS {
            return;
        }
        self.command = Some(self.tree.commands.len());
        self.tree.commands.push(Command {
            phase: self.phase,
            text: clip(text).into(),
            line: number,
            last_line: number,
            started: at,
            ended: None,
            exit_code: None,
            failed: false,
        });
    }

    fn current_phase(&mut self) -> Option<&mut Phase> {
        self.phase.and_then(|id| self.tree.phases.get_mut(id.index()))
    }

    fn enter(&mut self, number: LineNo, name: &str, at: Option<Timestamp>) {
        self.after = After::Nothing;
        if self.tree.phases.len() >= MAX_PHASES {
            return;
        }
        let Ok(place) = u32::try_from(self.tree.phases.len()) else { return };
        let id = PhaseId(place);
        self.tree.phases.push(Phase {
            id,
            name: clip(name).into(),
            state: PhaseState::Running,
            started: at,
            ended: None,
            first_line: number,
            last_line: number,
            exit_code: None,
            complete_line: None,
            status_code: None,
        });
        self.phase = Some(id);
    }

    fn complete(&mut self, number: LineNo, name: &str, state: &str, at: Option<Timestamp>) {
        let known = self
            .current_phase()
            .is_some_and(|phase| &*phase.name == name && phase.state == PhaseState::Running);
        if !known {
            // Its beginning was not said, or is among lines that are missing.
            self.enter(number, name, None);
        }
        if let Some(phase) = self.current_phase() {
            phase.state = PhaseState::from_word(state);
            phase.ended = at;
            phase.complete_line = Some(number);
        }
    }

    fn command_failed(&mut self, code: Option<i32>) {
        if let Some(at) = self.command {
            if let Some(command) = self.tree.commands.get_mut(at) {
                command.failed = true;
            }
            match code {
                Some(code) => self.set_exit(at, code),
                None => self.awaits_status = Some(at),
            }
        }
        self.close_builds(Closing::Failed);
    }

    pub(super) fn set_exit(&mut self, command: usize, code: i32) {
        if let Some(command) = self.tree.commands.get_mut(command) {
            command.exit_code = Some(code);
        }
        if let Some(phase) = self.current_phase() {
            phase.exit_code = Some(code);
        }
    }

    /// The command of the builds being spoken of is over.
    ///
    /// A BuildKit vertex that has no end by then was stopped without a word.
    /// A classic builder stops at the step that failed, often without a line
    /// that says so; then its last line of output is the message.
    pub(super) fn close_builds(&mut self, how: Closing) {
        while let Some(active) = self.active.last_mut() {
            if active.closed {
                self.active.pop();
                continue;
            }
            active.closed = true;
            let (builder, step, build) = (active.builder, active.step(), active.build);
            if builder == Builder::BuildKit {
                self.end_open_vertices(build, how == Closing::Stopped);
            } else if let Some(id) = step
                && self.tree.step(id).is_some_and(|step| step.state == StepState::Running)
            {
                if how == Closing::Failed {
                    let line = self.last_text_line.take();
                    let text = std::mem::take(&mut self.last_text);
                    let first = self.tree.step(id).map_or(LineNo::FIRST, |step| step.first_line);
                    let line = line.filter(|line| *line >= first).unwrap_or(first);
                    self.fail_step(id, line, &text, None);
                } else if how == Closing::Stopped {
                    self.set_state(id, StepState::Cancelled);
                } else {
                    self.set_state(id, StepState::Done);
                }
            }
        }
    }

    /// Ends the vertices of a build that still run: its command is over.
    pub(super) fn end_open_vertices(&mut self, build: usize, stopped: bool) {
        let failed = stopped || self.tree.builds.get(build).is_some_and(|build| build.failed());
        let end = if failed { StepState::Cancelled } else { StepState::Done };
        let open: Vec<_> = self
            .tree
            .open
            .iter()
            .copied()
            .filter(|id| self.tree.step(*id).is_some_and(|step| step.build() == build))
            .collect();
        for id in open {
            self.set_state(id, end);
        }
    }
}
