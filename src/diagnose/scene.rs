//! Where a failure happened, and its lines.

use std::ops::Range;

use super::engine::Lines;
use crate::domain::LineNo;
use crate::parse::{
    Command, ImageBuild, Role, Step, StepId, Tree, block_payload, line_role, payload,
};

/// The failed step (or command, or phase) and what can be read there.
pub(super) struct Scene<'a> {
    pub(super) tree: &'a Tree,
    pub(super) lines: &'a dyn Lines,
    pub(super) step: Option<StepId>,
    pub(super) build: Option<&'a ImageBuild>,
    pub(super) command: Option<&'a Command>,
    ranges: Vec<Range<u32>>,
    /// The step's last lines as the builder says them again, where the log
    /// hasn't got them from the step itself.
    block: Range<u32>,
}

impl<'a> Scene<'a> {
    /// The scene of a step.
    pub(super) fn of_step(tree: &'a Tree, lines: &'a dyn Lines, id: StepId) -> Self {
        let mut ranges: Vec<Range<u32>> =
            tree.lines_of_step(id).map(|r| r.start.index()..r.end.index()).collect();
        let build = tree.step(id).and_then(|step| tree.builds().get(step.build()));
        let block = build.map_or(0..0, |build| said_only_again(tree, build, id));
        if !block.is_empty() {
            ranges.push(block.clone());
            ranges.sort_by_key(|range| range.start);
        }
        if let Some(last) = build.and_then(|b| b.final_error.as_ref()) {
            let at = last.line.index();
            if ranges.last().is_none_or(|r| r.end <= at) {
                ranges.push(at..at.saturating_add(1));
            }
        }
        let command = build.and_then(|b| tree.commands().get(b.command?));
        Self { tree, lines, step: Some(id), build, command, ranges, block }
    }

    /// The scene of what is no step: a command, a phase, a whole log.
    pub(super) fn of_lines(
        tree: &'a Tree,
        lines: &'a dyn Lines,
        range: Range<u32>,
        command: Option<&'a Command>,
        build: Option<&'a ImageBuild>,
    ) -> Self {
        Self { tree, lines, step: None, build, command, ranges: vec![range], block: 0..0 }
    }

    pub(super) fn contains(&self, line: LineNo) -> bool {
        let at = self.ranges.partition_point(|r| r.end <= line.index());
        self.ranges.get(at).is_some_and(|r| r.contains(&line.index()))
    }

    pub(super) fn the_step(&self) -> Option<&'a Step> {
        self.step.and_then(|id| self.tree.step(id))
    }

    /// The exit code of what failed.
    pub(super) fn exit_code(&self) -> Option<i32> {
        match self.the_step() {
            Some(step) => step.exit_code(),
            None => self.command.and_then(|c| c.exit_code),
        }
    }

    /// Whether it is a phase in which nothing of the project's ran.
    pub(super) fn is_service(&self) -> bool {
        let ran = self.step.is_some() || self.build.is_some() || self.command.is_some();
        !ran && !self.tree.phases().is_empty()
    }

    /// Whether nothing but the builder's summary shows what the step printed.
    pub(super) fn is_block(&self) -> bool {
        !self.block.is_empty()
    }

    /// Whether a line stands in that summary.
    pub(super) fn in_block(&self, line: LineNo) -> bool {
        self.block.contains(&line.index())
    }

    fn is_output(clean: &str) -> bool {
        // buildah's children say on every level that the one below failed.
        payload(clean).0.is_some()
            || (line_role(clean) == Role::Output && !clean.starts_with("subprocess exited with "))
    }

    /// Output lines after a line, at most `most`.
    pub(super) fn after(&self, line: LineNo, most: usize) -> Vec<(LineNo, String)> {
        self.walk(self.numbers(line.index().saturating_add(1)..u32::MAX), most)
    }

    /// Output lines before a line, nearest first, at most `most`.
    pub(super) fn before(&self, line: LineNo, most: usize) -> Vec<(LineNo, String)> {
        self.walk(self.numbers(0..line.index()).rev(), most)
    }

    /// The last output lines, latest first, at most `most`.
    pub(super) fn last(&self, most: usize) -> Vec<(LineNo, String)> {
        self.walk(self.numbers(0..u32::MAX).rev(), most)
    }

    fn numbers(&self, within: Range<u32>) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.ranges
            .iter()
            .flat_map(move |r| r.start.max(within.start)..r.end.min(within.end).max(within.start))
    }

    fn walk(&self, numbers: impl Iterator<Item = u32>, most: usize) -> Vec<(LineNo, String)> {
        let mut found = Vec::new();
        // Lines that are no output count against the bound as well, four to one.
        for number in numbers.take(most.saturating_mul(4)) {
            let line = LineNo::new(number);
            let Some(clean) = self.lines.text(line) else { continue };
            let block = self.in_block(line);
            if self.tree.repeat_of(line).is_some() || !block && !Self::is_output(&clean) {
                continue;
            }
            let text = if block { block_payload(&clean) } else { payload(&clean).1 };
            found.push((line, text.to_owned()));
            if found.len() == most {
                break;
            }
        }
        found
    }

    /// A line without its prefix.
    pub(super) fn text(&self, line: LineNo) -> Option<String> {
        let clean = self.lines.text(line)?;
        let text = if self.in_block(line) { block_payload(&clean) } else { payload(&clean).1 };
        Some(text.to_owned())
    }

    /// How far a line's text is indented.
    pub(super) fn indent(&self, line: LineNo) -> usize {
        self.text(line).map_or(0, |text| text.len() - text.trim_start().len())
    }

    /// The failing instruction, white space folded; for a failure outside a
    /// step the one the Dockerfile excerpt marks.
    pub(super) fn instruction(&self) -> Option<String> {
        if let Some(text) = self.the_step().and_then(|s| s.instruction()) {
            return Some(text.into_owned());
        }
        self.build.and_then(|b| b.excerpts.last()).and_then(|e| e.instruction())
    }

    /// The shell command of the failing RUN without its flags, or the
    /// pipeline's command.
    pub(super) fn shell(&self) -> Option<String> {
        if self.step.is_some() {
            let instruction = self.instruction()?;
            let mut rest =
                instruction.strip_prefix("RUN ").or(instruction.strip_prefix("run "))?.trim();
            while rest.starts_with("--") {
                rest = rest.split_once(' ').map_or("", |(_, tail)| tail).trim_start();
            }
            return Some(rest.to_owned());
        }
        self.command.map(|c| c.text.to_string())
    }

    /// The repository that is pushed to where a line stands, outside any step:
    /// the push names it when it begins.
    pub(super) fn pushed_to(&self, line: LineNo) -> Option<String> {
        if self.step.is_some() {
            return None;
        }
        self.before(line, 60).into_iter().find_map(|(_, text)| {
            let (_, tail) = text.split_once("The push refers to repository [")?;
            Some(tail.trim_end_matches(']').to_owned())
        })
    }

    /// The registry command of the pipeline that failed: `push`, `login`, …
    pub(super) fn registry_command(&self) -> Option<&'static str> {
        let command = self.command.filter(|_| self.step.is_none())?;
        let mut words = command.text.split_whitespace();
        while let Some(word) = words.next() {
            if !matches!(word, "docker" | "podman" | "buildah" | "image" | "|") {
                continue;
            }
            match words.clone().next() {
                Some("push") => return Some("push"),
                Some("login") => return Some("login"),
                Some("tag") => return Some("tag"),
                _ => {}
            }
        }
        None
    }

    /// The directory that the step works in, by the WORKDIRs before it.
    pub(super) fn workdir(&self) -> Option<String> {
        let step = self.the_step()?;
        self.tree
            .steps()
            .iter()
            .take(step.id().index())
            .rev()
            .filter(|s| s.build() == step.build() && s.stage() == step.stage())
            .find_map(|s| {
                let instruction = s.instruction()?;
                let dir = instruction.strip_prefix("WORKDIR ")?.trim().trim_end_matches('/');
                dir.starts_with('/').then(|| dir.to_owned())
            })
    }

    /// A path as the project names it: without the directory it is built in.
    pub(super) fn project_path(&self, path: &str) -> String {
        let path = in_source(path.trim_start_matches("file://"));
        let work = self.workdir();
        let roots = work.as_deref().into_iter().chain([
            "/app",
            "/usr/src/app",
            "/src",
            "/code",
            "/workspace",
            "/srv/app",
            "/opt/app",
            "/web",
            "/srv",
        ]);
        for root in roots {
            if let Some(rest) = path.strip_prefix(root).and_then(|r| r.strip_prefix('/')) {
                return rest.to_owned();
            }
        }
        path.strip_prefix("./").unwrap_or(path).to_owned()
    }
}

/// The lines between the rules under a failed build, when they repeat nothing
/// that the log has from the step: its middle is missing, or all of it.
fn said_only_again(tree: &Tree, build: &ImageBuild, id: StepId) -> Range<u32> {
    let Some(block) = build.blocks.iter().rev().find(|block| block.step == Some(id)) else {
        return 0..0;
    };
    let range = block.first_line.index().saturating_add(2)..block.last_line.index();
    let repeats = range.clone().any(|line| tree.repeat_of(LineNo::new(line)).is_some());
    if repeats { 0..0 } else { range }
}

/// A path below the directory that the build machine keeps the source in.
pub(super) fn in_source(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/codebuild/output/src") else { return path };
    rest.split_once("/src/").filter(|(_, tail)| !tail.is_empty()).map_or(path, |(_, tail)| tail)
}
