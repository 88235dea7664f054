//! The tree that the fold grows.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::owners::Owners;
use super::{
    Block, Command, Excerpt, FinalError, Owner, Phase, PhaseId, PhaseState, Step, StepId, Warning,
};
use crate::domain::LineNo;

/// What builds the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builder {
    /// BuildKit, through docker, buildx, bake or buildctl.
    BuildKit,
    /// Docker's classic builder.
    Legacy,
    /// buildah or podman.
    Buildah,
    /// None of these speaks in the log.
    Other,
}

impl Builder {
    /// The word for reports: `buildkit`, `legacy` or `other`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BuildKit => "buildkit",
            Self::Legacy => "legacy",
            Self::Buildah | Self::Other => "other",
        }
    }
}

/// One image build; a log may hold several, one after another or nested.
#[derive(Clone, Debug)]
pub struct ImageBuild {
    /// Who builds.
    pub builder: Builder,
    /// The command it runs in: an index into [`Tree::commands`].
    pub command: Option<usize>,
    /// Its first line.
    pub first_line: LineNo,
    /// When it began, at the earliest: the stamp of its command.
    pub started: Option<Timestamp>,
    /// The failed-step blocks of the epilogue.
    pub blocks: Vec<Block>,
    /// The Dockerfile excerpts of the epilogue; hardly ever more than one.
    pub excerpts: Vec<Excerpt>,
    /// The error line it ends with.
    pub final_error: Option<FinalError>,
    /// Warnings that belong to no step, and the trailer's.
    pub warnings: Vec<Warning>,
    /// Whether the log shows that an image came out.
    pub succeeded: bool,
    /// Its failed steps, the first few.
    pub(super) failed: Vec<StepId>,
    /// The step the failure is blamed on.
    pub(super) culprit: Option<StepId>,
    /// Instructions done, and in all, as far as the stages seen tell.
    pub(super) done: u32,
    pub(super) total: u32,
}

impl ImageBuild {
    /// Whether the log shows that it failed.
    pub fn failed(&self) -> bool {
        self.final_error.is_some() || (self.culprit.is_some() && !self.succeeded)
    }
}

/// Phases, commands, builds and steps of a log, and who owns each line.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub(super) phases: Vec<Phase>,
    pub(super) commands: Vec<Command>,
    pub(super) builds: Vec<ImageBuild>,
    pub(super) steps: Vec<Step>,
    pub(super) owners: Owners,
    /// Lines of epilogues and the lines they repeat, ascending.
    pub(super) repeats: Vec<(LineNo, LineNo)>,
    /// Running steps, the one heard of last at the end.
    pub(super) open: Vec<StepId>,
}

impl Tree {
    /// What builds the image: the builder of the first build in the log.
    pub fn builder(&self) -> Builder {
        self.builds.first().map_or(Builder::Other, |build| build.builder)
    }

    /// CodeBuild's phases, in order.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// One phase.
    pub fn phase(&self, id: PhaseId) -> Option<&Phase> {
        self.phases.get(id.index())
    }

    /// The buildspec's commands, in order.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// The image builds, in order.
    pub fn builds(&self) -> &[ImageBuild] {
        &self.builds
    }

    /// All steps, in the order they first appear.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// One step.
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.get(id.index())
    }

    /// How many lines have been read.
    pub fn len(&self) -> u32 {
        self.owners.len()
    }

    /// Whether nothing has been read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a line belongs to.
    pub fn owner(&self, line: LineNo) -> Owner {
        self.owners.of(line)
    }

    /// The whole log as runs of lines with one owner each.
    pub fn runs(&self) -> impl Iterator<Item = (Range<LineNo>, Owner)> + '_ {
        self.owners.runs(0..self.len())
    }

    /// The runs that touch a range of lines, cut to it.
    pub fn runs_in(&self, lines: Range<u32>) -> impl Iterator<Item = (Range<LineNo>, Owner)> + '_ {
        let (first, end) = (LineNo::new(lines.start), LineNo::new(lines.end));
        self.owners
            .runs(lines)
            .map(move |(run, owner)| (run.start.max(first)..run.end.min(end), owner))
    }

    /// The lines of a step as ranges, ascending: headers, status lines and
    /// output, without what other steps print in between.
    pub fn lines_of_step(&self, id: StepId) -> impl Iterator<Item = Range<LineNo>> + '_ {
        let bounds = self
            .step(id)
            .map_or(0..0, |s| s.first_line.index()..s.last_line.index().saturating_add(1));
        self.owners
            .runs(bounds)
            .filter(move |(_, owner)| *owner == Owner::Step(id))
            .map(|(lines, _)| lines)
    }

    /// The line of which a line of an epilogue is a repeat.
    pub fn repeat_of(&self, line: LineNo) -> Option<LineNo> {
        let at = self.repeats.binary_search_by_key(&line, |(repeat, _)| *repeat).ok()?;
        self.repeats.get(at).map(|(_, first)| *first)
    }

    /// The step being worked on: of those that run, the one heard of last.
    pub fn current(&self) -> Option<StepId> {
        self.open.last().copied()
    }

    /// Steps done and steps in all of the latest build, as far as the places
    /// (`2/5`) of the stages seen so far tell.
    pub fn progress(&self) -> Option<(u32, u32)> {
        let build = self.builds.last()?;
        (build.total > 0).then(|| (build.done.min(build.total), build.total))
    }

    /// The step the failure is blamed on.
    ///
    /// Of the failed commands the first, of its builds the last (an earlier
    /// one was evidently tolerated), and of that build's errors the one the
    /// final error line repeats, else the earliest. Cancelled steps are never
    /// blamed. A failed build whose command went well all the same is blamed
    /// only when the log fails later and nothing else is to blame: a script
    /// that swallowed the failure leaves no image to push.
    pub fn failing_step(&self) -> Option<StepId> {
        self.failing_build().and_then(|build| build.culprit)
    }

    /// The build the failure is blamed on; see [`Tree::failing_step`].
    pub fn failing_build(&self) -> Option<&ImageBuild> {
        let mut chosen: Option<&ImageBuild> = None;
        let mut swallowed = None;
        for build in self.builds.iter().filter(|build| build.failed()) {
            if self.tolerated(build) {
                swallowed = Some(build);
                continue;
            }
            match chosen {
                Some(first) if first.command != build.command => break,
                _ => chosen = Some(build),
            }
        }
        let failed = || self.phases.iter().any(|phase| phase.state.is_failure());
        chosen.or_else(|| swallowed.filter(|_| failed()))
    }

    /// Whether the command of a failed build went well all the same.
    fn tolerated(&self, build: &ImageBuild) -> bool {
        let Some(at) = build.command else { return false };
        let Some(command) = self.commands.get(at) else { return false };
        if command.failed {
            return false;
        }
        match command.phase.and_then(|id| self.phase(id)) {
            Some(phase) if phase.state == PhaseState::Succeeded => true,
            // Another command of the phase failed it.
            Some(phase) if phase.state.is_failure() => {
                self.commands.iter().any(|other| other.failed && other.phase == command.phase)
            }
            // The agent has spoken since and didn't complain.
            _ => command.ended.is_some(),
        }
    }

    /// An estimate of when a step began.
    ///
    /// BuildKit tells durations and seconds since a vertex began, but no time
    /// of day. The fold keeps a clock of the least time that must have passed
    /// since the build began (a vertex that has printed its second 3 has run
    /// for 3 s), reads it when a vertex appears, and puts the vertex earlier
    /// when its first output shows that it had been running unseen. Added to
    /// the stamp of the command this is a lower bound, and right to within the
    /// time nothing was printed. `None` without a stamp, and for builders that
    /// print no times at all.
    pub fn started(&self, id: StepId) -> Option<Timestamp> {
        let step = self.step(id)?;
        let began = self.builds.get(step.build())?.started?;
        began.checked_add(SignedDuration::try_from_secs_f64(step.start_offset()?).ok()?).ok()
    }

    /// Bytes of memory held, for the bound that tests keep.
    pub fn memory(&self) -> usize {
        let steps: usize = self.steps.iter().map(Step::memory).sum();
        steps
            + self.steps.capacity() * size_of::<Step>()
            + self.owners.memory()
            + self.phases.capacity() * size_of::<Phase>()
            + self.commands.iter().map(|c| size_of::<Command>() + c.text.len()).sum::<usize>()
            + self.builds.capacity() * size_of::<ImageBuild>()
            + self.repeats.capacity() * size_of::<(LineNo, LineNo)>()
    }
}
