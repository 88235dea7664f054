//! What the lines of the classic builder and of buildah do to the tree.

use super::super::step::{StepId, StepState};
use super::super::tree::Builder;
use super::super::{Owner, buildah, legacy};
use super::Parser;
use super::end::parse_error_line;
use crate::domain::LineNo;

impl Parser {
    /// A bare line: one of these builders' own, or not.
    pub(super) fn classic(&mut self, number: LineNo, clean: &str) -> Option<Owner> {
        if let Some(line) = legacy::line(clean) {
            return self.legacy(number, clean, line);
        }
        if let Some(line) = buildah::line(clean) {
            return self.buildah(number, clean, line);
        }
        let active = self.active.last()?;
        if active.builder != Builder::Legacy || active.closed {
            return None;
        }
        if let Some(line) = legacy::non_zero(clean) {
            return self.legacy(number, clean, line);
        }
        let id = active.step();
        let runs = id.filter(|_| active.container.is_none());
        if let Some(id) = runs
            && self.tree.step(id)?.state == StepState::Running
            && is_daemon_error(clean)
        {
            self.fail_step(id, number, clean, None);
            return Some(Owner::Step(id));
        }
        if id.is_none()
            && let Some(line) = parse_error_line(clean)
        {
            let id = self.invent_failed_step(number, "")?;
            self.tree.steps.get_mut(id.index())?.rare().dockerfile_line = Some(line);
            self.fail_step(id, number, clean, None);
            return Some(Owner::Step(id));
        }
        None
    }

    /// The step being spoken of in a build of this builder's.
    fn classic_step(&self, builder: Builder) -> Option<StepId> {
        let active = self.active.last()?;
        if active.closed || active.builder != builder { None } else { active.step() }
    }

    fn legacy(&mut self, number: LineNo, clean: &str, line: legacy::Line<'_>) -> Option<Owner> {
        use legacy::Line;
        match line {
            Line::Context => {
                // It's printed again as the transfer goes on.
                let again = self.active.last().is_some_and(|active| {
                    active.builder == Builder::Legacy && !active.closed && active.last.is_none()
                });
                if !again {
                    let nested = self.in_container();
                    self.open_build(Builder::Legacy, number, nested);
                }
                Some(self.parent())
            }
            Line::Step { index, total, instruction } => {
                self.choose_build(number, Builder::Legacy, None, index, total);
                self.next_step(number, instruction, index, total)
            }
            Line::RunningIn(id) => {
                let step = self.classic_step(Builder::Legacy)?;
                self.active.last_mut()?.container = Some(id.into());
                Some(Owner::Step(step))
            }
            Line::CacheHit => {
                let step = self.classic_step(Builder::Legacy)?;
                self.set_state(step, StepState::Cached);
                Some(Owner::Step(step))
            }
            Line::Removing(id) => {
                // An outer build's container: the nested build is over.
                if let Some(at) =
                    self.active.iter().rposition(|a| a.container.as_deref() == Some(id))
                {
                    self.active.truncate(at + 1);
                }
                self.classic_step(Builder::Legacy).map(Owner::Step)
            }
            Line::Layer(_) => {
                let step = self.classic_step(Builder::Legacy)?;
                self.active.last_mut()?.container = None;
                if self.tree.step(step)?.state == StepState::Running {
                    self.set_state(step, StepState::Done);
                }
                Some(Owner::Step(step))
            }
            Line::NonZero { code } => {
                let step = self.classic_step(Builder::Legacy)?;
                self.fail_step(step, number, clean, Some(code));
                Some(Owner::Step(step))
            }
            Line::Built | Line::Tagged => {
                self.classic_step(Builder::Legacy)?;
                self.succeed(Builder::Legacy);
                Some(self.parent())
            }
        }
    }

    fn buildah(&mut self, number: LineNo, clean: &str, line: buildah::Line<'_>) -> Option<Owner> {
        use buildah::Line;
        match line {
            Line::Step { stage, index, total, instruction } => {
                self.choose_build(number, Builder::Buildah, stage, index, total);
                self.next_step(number, instruction, index, total)
            }
            Line::CacheHit => {
                let step = self.classic_step(Builder::Buildah)?;
                self.set_state(step, StepState::Cached);
                Some(Owner::Step(step))
            }
            Line::Error(message) => {
                let step = self.classic_step(Builder::Buildah)?;
                let code = super::codebuild::exit_status(message);
                self.fail_step(step, number, clean, code);
                Some(Owner::Step(step))
            }
            Line::Commit => {
                self.classic_step(Builder::Buildah)?;
                self.succeed(Builder::Buildah);
                Some(self.parent())
            }
        }
    }

    /// Whether a container of the classic builder's runs: what is printed now
    /// comes out of it, even if it looks like a build.
    fn in_container(&self) -> bool {
        self.active.last().is_some_and(|active| !active.closed && active.container.is_some())
    }

    /// Makes the build spoken of that a step with this place continues: the
    /// current one, one it is nested in, or a new one.
    fn choose_build(
        &mut self,
        number: LineNo,
        builder: Builder,
        stage: Option<&str>,
        index: u32,
        total: u32,
    ) {
        let continues = |active: &super::Active| {
            let (old_stage, old_index, old_total) = &active.place;
            !active.closed
                && active.builder == builder
                && (active.last.is_none()
                    || (*old_total == total && index > *old_index && old_stage.as_deref() == stage)
                    || (old_stage.is_some() && stage.is_some() && old_stage.as_deref() != stage))
        };
        let here = self.active.last().is_some_and(continues);
        let outer = self.active.iter().rposition(|active| {
            let (_, old_index, old_total) = active.place;
            continues(active) && old_total == total && index == old_index.saturating_add(1)
        });
        match outer {
            Some(at) if !here => self.active.truncate(at + 1),
            _ if here => {}
            _ => {
                let nested = self.in_container();
                self.open_build(builder, number, nested);
            }
        }
        if let Some(active) = self.active.last_mut() {
            active.place = (stage.map(Into::into), index, total);
        }
    }

    fn next_step(
        &mut self,
        number: LineNo,
        instruction: &str,
        index: u32,
        total: u32,
    ) -> Option<Owner> {
        if let Some(before) = self.active.last()?.step()
            && self.tree.step(before)?.state == StepState::Running
        {
            self.set_state(before, StepState::Done);
        }
        let id = self.add_step(0, "", number)?;
        self.tree.steps.get_mut(id.index())?.set_instruction(instruction, Some((index, total)));
        self.active.last_mut()?.container = None;
        self.count_stage(id);
        Some(Owner::Step(id))
    }

    fn succeed(&mut self, builder: Builder) {
        if let Some(step) = self.classic_step(builder)
            && self.tree.step(step).is_some_and(|step| step.state == StepState::Running)
        {
            self.set_state(step, StepState::Done);
        }
        if let Some(build) = self.build() {
            build.succeeded = true;
        }
    }
}

/// Whether a bare line of a step that runs no container is the daemon's reason
/// for giving up.
fn is_daemon_error(text: &str) -> bool {
    const STARTS: [&str; 9] = [
        "COPY failed: ",
        "ADD failed: ",
        "Error response from daemon: ",
        "manifest for ",
        "pull access denied for ",
        "invalid reference format",
        "unauthorized: ",
        "toomanyrequests: ",
        "no matching manifest for ",
    ];
    STARTS.iter().any(|start| text.starts_with(start))
}
