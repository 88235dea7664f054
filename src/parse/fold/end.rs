//! What the lines of BuildKit's epilogue do to the tree.
//!
//! Of a log whose beginning is cut off the epilogue may be all there is; then
//! it's put together on the side ([`Remains`]), and becomes a build once the
//! final error line shows that it was one.

use super::super::epilogue::{
    BLOCK_RULE, Block, EXCERPT_RULE, Excerpt, ExcerptLine, FinalError, excerpt_line, hash_line,
    heading, is_final_error, title,
};
use super::super::step::{Step, StepId, StepState, clip};
use super::super::tree::Builder;
use super::super::{Owner, buildkit};
use super::Parser;
use super::vertices::warning;
use crate::domain::LineNo;

/// Dockerfile lines kept of an excerpt; a heredoc can have any number.
const MAX_EXCERPT: usize = 200;

/// Where the fold is in an epilogue.
#[derive(Clone, Debug, Default)]
pub(super) enum Epilogue {
    /// Not in one, or between its parts.
    #[default]
    Nothing,
    /// After the rule that opens a block; its title comes next.
    Rule(LineNo),
    /// In a block of the build's: where the next repeated line is looked for.
    Block {
        /// How many of the step's remembered lines are used up.
        used: usize,
        /// The line just before, when it was found nowhere.
        lost: Option<LineNo>,
    },
    /// After what may be an excerpt's heading.
    Heading(Box<(String, u32, LineNo)>),
    /// In an excerpt.
    Excerpt,
    /// In the list of warnings that follows the run.
    Warnings,
}

/// The remains of a build that isn't in the log.
#[derive(Clone, Debug, Default)]
pub(super) struct Remains {
    /// The line before was a block's rule.
    rule: bool,
    /// The name in the first block's title.
    title: Option<Box<str>>,
    /// That block's rules, the closing one as far as it was read.
    block: Option<(LineNo, LineNo)>,
    /// Whether the block still goes on.
    printing: bool,
    heading: Option<(Box<str>, u32, LineNo)>,
    excerpt: Option<Excerpt>,
    /// Whether the excerpt still goes on.
    open: bool,
}

impl Remains {
    fn line(&mut self, number: LineNo, clean: &str) {
        let rule = std::mem::replace(&mut self.rule, clean == BLOCK_RULE);
        if let Some(name) = title(clean).filter(|_| rule) {
            if self.title.is_none() {
                self.title = Some(clip(name).into());
                let first = LineNo::new(number.index().saturating_sub(1));
                self.block = Some((first, number));
                self.printing = true;
            }
            return;
        }
        if let Some((_, last)) = self.block.as_mut().filter(|_| self.printing) {
            *last = number;
            self.printing = clean != BLOCK_RULE;
        }
        if let Some(excerpt) = self.excerpt.as_mut().filter(|_| self.open) {
            match excerpt_line(clean) {
                Some((no, marked, text)) if excerpt.lines.len() < MAX_EXCERPT => {
                    let text = clip(text).into();
                    excerpt.lines.push(ExcerptLine { number: no, marked, text, line: number });
                }
                Some(_) => {}
                None => self.open = false,
            }
            return;
        }
        match self.heading.take() {
            Some((path, dockerfile_line, line)) if clean == EXCERPT_RULE => {
                self.excerpt = Some(Excerpt { path, dockerfile_line, line, lines: Vec::new() });
                self.open = true;
            }
            _ => {
                self.heading = heading(clean).map(|(path, line)| (clip(path).into(), line, number));
            }
        }
    }
}

impl Parser {
    /// A bare line while nothing builds: what may be the end of a build whose
    /// beginning is cut off.
    fn remains(&mut self, number: LineNo, clean: &str) -> Option<Owner> {
        if self.active.last().is_some_and(|active| !active.closed) {
            return None;
        }
        if !is_final_error(clean) {
            self.remains.line(number, clean);
            return None;
        }
        let Remains { title, excerpt, block, .. } = std::mem::take(&mut self.remains);
        if title.is_none() && excerpt.is_none() && buildkit::command(clean).is_none() {
            return None;
        }
        self.open_build(Builder::BuildKit, number, false);
        let id = self.invent_failed_step(number, "")?;
        let step = self.tree.steps.get_mut(id.index())?;
        if let Some(name) = title {
            step.set_name(&name);
        } else if let Some(text) = excerpt.as_ref().and_then(Excerpt::instruction) {
            step.set_instruction(&text, None);
        }
        self.count_stage(id);
        let build = self.build()?;
        build.excerpts.extend(excerpt);
        let block =
            block.map(|(first_line, last_line)| Block { step: Some(id), first_line, last_line });
        build.blocks.extend(block);
        Some(self.final_error(number, clean, Owner::Step(id)))
    }

    /// A bare line while BuildKit builds: part of the epilogue, or not.
    pub(super) fn end(&mut self, number: LineNo, clean: &str) -> Option<Owner> {
        let builds = |active: &super::Active| active.builder == Builder::BuildKit && !active.closed;
        if !self.active.last().is_some_and(builds) {
            return self.remains(number, clean);
        }
        let parent = self.parent();
        match std::mem::take(&mut self.epilogue) {
            Epilogue::Rule(rule) if let Some(name) = title(clean) => {
                let known = self.failed_by_name(name).or_else(|| self.fail_by_name(number, name));
                let invented =
                    if known.is_none() { self.invent_by_name(number, name) } else { None };
                let step = known.or(invented);
                self.build()?.blocks.push(Block { step, first_line: rule, last_line: number });
                self.epilogue = Epilogue::Block { used: 0, lost: None };
                return Some(invented.map_or(parent, Owner::Step));
            }
            Epilogue::Block { used, lost } => {
                let block = self.build()?.blocks.last_mut()?;
                block.last_line = number;
                if clean == BLOCK_RULE {
                    let last =
                        block.step.and_then(|id| self.tree.step(id)?.tail.as_deref()?.last(used));
                    if let (Some(lost), Some(last)) = (lost, last) {
                        self.tree.repeats.push((lost, last));
                    }
                    return Some(parent);
                }
                let step = block.step;
                self.epilogue = self.repeat(number, clean, step, used, lost);
                return Some(parent);
            }
            Epilogue::Heading(head) if clean == EXCERPT_RULE => {
                let (path, dockerfile_line, line) = *head;
                let path = path.into();
                let excerpt = Excerpt { path, dockerfile_line, line, lines: Vec::new() };
                self.build()?.excerpts.push(excerpt);
                self.epilogue = Epilogue::Excerpt;
                return Some(parent);
            }
            Epilogue::Excerpt => {
                if clean == EXCERPT_RULE {
                    return Some(self.excerpt_over(parent));
                }
                if let Some(owner) = self.excerpt_line(number, clean, parent) {
                    self.epilogue = Epilogue::Excerpt;
                    return Some(owner);
                }
            }
            Epilogue::Warnings => {
                if let Some(text) = clean.strip_prefix(" - ") {
                    let warning = warning(number, text);
                    self.build()?.warnings.push(warning);
                    self.epilogue = Epilogue::Warnings;
                    return Some(parent);
                }
            }
            _ => {}
        }
        if clean == BLOCK_RULE {
            self.after_error(false);
            self.epilogue = Epilogue::Rule(number);
            return Some(parent);
        }
        if let Some((path, line)) = heading(clean) {
            self.epilogue = Epilogue::Heading(Box::new((clip(path).to_owned(), line, number)));
            return None;
        }
        if clean.contains(" found (use ")
            && clean.trim_start().starts_with(|c: char| c.is_ascii_digit())
        {
            self.epilogue = Epilogue::Warnings;
            return Some(parent);
        }
        if is_final_error(clean) || self.repeats_an_error(clean) {
            return Some(self.final_error(number, clean, parent));
        }
        None
    }

    /// The failed step of the current build that has a name.
    fn failed_by_name(&self, name: &str) -> Option<StepId> {
        let build = self.tree.builds.get(self.active.last()?.build)?;
        let named =
            |id: &&StepId| self.tree.step(**id).is_some_and(|step| *step.name == *clip(name));
        build.failed.iter().find(named).copied()
    }

    /// The step that a block's title tells to have failed although the log
    /// doesn't show it: one that still runs, or one whose header was lost.
    fn fail_by_name(&mut self, number: LineNo, name: &str) -> Option<StepId> {
        let at = self.active.last()?.build;
        let name = clip(name);
        let open = self.tree.open.iter().rev().copied().find(|id| {
            self.tree.step(*id).is_some_and(|step| step.build() == at && *step.name == *name)
        });
        if let Some(id) = open {
            self.fail_step(id, number, "", None);
            return Some(id);
        }
        let failed = &self.tree.builds.get(at)?.failed;
        let mut nameless = failed.iter().copied().filter(|id| {
            self.tree.step(*id).is_some_and(|step| step.name.is_empty() && step.number > 0)
        });
        let id = nameless.next()?;
        if nameless.next().is_some() {
            return None;
        }
        self.tree.steps.get_mut(id.index())?.set_name(name);
        self.count_stage(id);
        Some(id)
    }

    /// A step that only the epilogue tells of: all its lines are missing.
    fn invent_by_name(&mut self, number: LineNo, name: &str) -> Option<StepId> {
        let id = self.invent_failed_step(number, "")?;
        self.tree.steps.get_mut(id.index())?.set_name(name);
        self.count_stage(id);
        Some(id)
    }

    /// Maps a line of a block to the line of the step that it repeats.
    ///
    /// A line that came in two halves is repeated as its second half, without
    /// a second; it is told by its place before a line that is found.
    fn repeat(
        &mut self,
        number: LineNo,
        clean: &str,
        step: Option<StepId>,
        used: usize,
        lost: Option<LineNo>,
    ) -> Epilogue {
        let hash = hash_line(clean);
        let tail = step.and_then(|id| self.tree.step(id)?.tail.as_deref());
        let found = tail.and_then(|tail| {
            let (at, (_, first)) =
                tail.lines().enumerate().skip(used).find(|(_, (other, _))| *other == hash)?;
            let before = at.checked_sub(1).filter(|at| *at >= used);
            let before = before.and_then(|at| tail.lines().nth(at));
            Some((at, first, before))
        });
        match found {
            Some((at, first, before)) => {
                if let (Some(lost), Some((_, before))) = (lost, before) {
                    self.tree.repeats.push((lost, before));
                }
                self.tree.repeats.push((number, first));
                Epilogue::Block { used: at + 1, lost: None }
            }
            None => {
                let half = buildkit::output(clean).is_none();
                Epilogue::Block { used, lost: half.then_some(number) }
            }
        }
    }

    fn excerpt_line(&mut self, number: LineNo, clean: &str, parent: Owner) -> Option<Owner> {
        let (no, marked, text) = excerpt_line(clean)?;
        let build = self.active.last()?.build;
        let excerpt = self.tree.builds.get_mut(build)?.excerpts.last_mut()?;
        if excerpt.lines.len() < MAX_EXCERPT {
            let text = clip(text).into();
            excerpt.lines.push(ExcerptLine { number: no, marked, text, line: number });
        }
        let nothing_failed = self.tree.builds.get(build)?.culprit.is_none();
        if marked && nothing_failed && !text.trim_start().starts_with('#') {
            self.invent_failed_step(number, text);
        }
        Some(self.invented().unwrap_or(parent))
    }

    /// The lines stop, or some are missing: takes what an open excerpt tells so far.
    pub(super) fn cut_epilogue(&mut self) {
        self.remains = Remains::default();
        if matches!(std::mem::take(&mut self.epilogue), Epilogue::Excerpt) {
            self.excerpt_over(Owner::Top);
        }
    }

    /// The step made for an instruction that failed before it became one.
    fn invented(&self) -> Option<Owner> {
        let id = self.tree.builds.get(self.active.last()?.build)?.culprit?;
        let step = self.tree.step(id)?;
        (step.number == 0 && !step.chore).then_some(Owner::Step(id))
    }

    fn excerpt_over(&mut self, parent: Owner) -> Owner {
        let Some(build) = self.active.last().map(|active| active.build) else { return parent };
        let invented = self.invented();
        if let Some(Owner::Step(id)) = invented
            && let Some(text) = self
                .tree
                .builds
                .get(build)
                .and_then(|build| build.excerpts.last())
                .and_then(Excerpt::instruction)
            && let Some(step) = self.tree.steps.get_mut(id.index())
            && step.place.is_none()
        {
            step.set_instruction(&text, None);
        }
        self.blame();
        invented.unwrap_or(parent)
    }

    /// Whether a bare line ends with the message of a step that failed: docker
    /// 20.10 prints the final error without any mark.
    fn repeats_an_error(&self, clean: &str) -> bool {
        let Some(build) = self.active.last().map(|active| active.build) else { return false };
        self.tree
            .builds
            .get(build)
            .and_then(|build| self.tree.step(build.culprit?)?.error())
            .is_some_and(|error| error.text.len() > 8 && clean.ends_with(&*error.text))
    }

    fn final_error(&mut self, number: LineNo, clean: &str, parent: Owner) -> Owner {
        let text = clip(clean).into();
        let Some(build) = self.build() else { return parent };
        if build.final_error.is_some() {
            return parent;
        }
        build.final_error = Some(FinalError { line: number, text });
        if build.culprit.is_none()
            && build.excerpts.is_empty()
            && let Some(blamed) = Blamed::by(clean)
            && let Some(id) = self.invent_failed_step(number, "")
            && let Some(step) = self.tree.steps.get_mut(id.index())
        {
            match blamed {
                Blamed::Line(line) => step.rare().dockerfile_line = Some(line),
                Blamed::Image(image) => step.set_instruction(&format!("FROM {image}"), None),
                Blamed::Word => {}
            }
        }
        self.blame();
        let invented = self.invented();
        let culprit = self.build().and_then(|build| build.culprit);
        if let Some(id) = culprit
            && let Some(error) = self.tree.step(id).and_then(Step::error)
        {
            let first = error.line;
            if error.text.is_empty() {
                // Nothing but the epilogue told of it so far.
                self.fail_step(id, number, clean, buildkit::exit_code(clean));
            } else if clean.ends_with(&*error.text) {
                self.tree.repeats.push((number, first));
            }
        }
        if let Some(build) = self.active.last().map(|active| active.build) {
            self.end_open_vertices(build, false);
        }
        invented.unwrap_or(parent)
    }

    /// Chooses the step that the current build's failure is blamed on, and
    /// gives it what the excerpt tells.
    ///
    /// Errors that aren't cancelled compete: the one the final error line
    /// repeats wins, then the one whose instruction the excerpt marks, then the
    /// earliest. A cache that couldn't be imported is no failure by itself.
    pub(super) fn blame(&mut self) {
        let Some(at) = self.active.last().map(|active| active.build) else { return };
        let Some(build) = self.tree.builds.get(at) else { return };
        let excerpt = build.excerpts.first();
        let marked = excerpt.and_then(Excerpt::instruction);
        let last = build.final_error.as_ref().map(|error| &*error.text);
        let mut best: Option<(u32, StepId)> = None;
        for step in build.failed.iter().filter_map(|id| self.tree.step(*id)) {
            let error = step.error().map(|error| &*error.text).filter(|text| !text.is_empty());
            let named = matches!((last, error), (Some(last), Some(error)) if last.contains(error));
            let fits = match (&marked, step.instruction()) {
                (Some(marked), Some(own)) if **marked == *own => 2,
                (Some(marked), Some(own)) => {
                    u32::from(marked.split(' ').next() == own.split(' ').next())
                }
                _ => 0,
            };
            if step.is_cache_import() && !named {
                continue;
            }
            let score = u32::from(named) * 4 + fits;
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, step.id));
            }
        }
        let culprit = best.map(|(_, id)| id);
        let line = excerpt.filter(|_| marked.is_some()).map(|excerpt| excerpt.dockerfile_line);
        let ended = last.is_some();
        let before = build.culprit;
        if before != culprit
            && let Some(rare) = before
                .and_then(|id| self.tree.steps.get_mut(id.index()))
                .and_then(|step| step.rare.as_deref_mut())
        {
            rare.dockerfile_line = None;
            rare.instruction = None;
        }
        if let Some(build) = self.tree.builds.get_mut(at) {
            build.culprit = culprit;
        }
        let Some(step) = culprit.and_then(|id| self.tree.steps.get_mut(id.index())) else {
            return;
        };
        // Without an excerpt (docker 20.10), the image whose metadata couldn't
        // be had is that of a FROM.
        let image = ended.then(|| step.text().strip_prefix("load metadata for ")).flatten();
        let from = image.map(|image| format!("FROM {}", familiar(image)));
        if step.chore {
            step.rare().instruction = marked.or(from).map(String::into_boxed_str);
        }
        if step.state != StepState::Failed {
            // A cache that couldn't be imported, and failed the build after all.
            let id = step.id;
            self.set_state(id, StepState::Failed);
        }
        let Some(step) = culprit.and_then(|id| self.tree.steps.get_mut(id.index())) else {
            return;
        };
        if line.is_some() {
            step.rare().dockerfile_line = line;
        }
    }
}

/// What a final error blames, when no step failed and no excerpt is shown:
/// docker 20.10 on a Dockerfile that it can't make steps of.
enum Blamed<'a> {
    /// `dockerfile parse error line 3: …`.
    Line(u32),
    /// `failed to parse stage name "python:3:slim": invalid reference format`.
    Image(&'a str),
    /// `failed to process "\"voice agent": unexpected end of statement …`: a
    /// word that only the Dockerfile tells the place of.
    Word,
}

impl<'a> Blamed<'a> {
    fn by(error: &'a str) -> Option<Self> {
        if let Some(line) = parse_error_line(error) {
            return Some(Self::Line(line));
        }
        if let Some((_, rest)) = error.split_once("failed to parse stage name \"") {
            return rest.split_once("\":").map(|(image, _)| Self::Image(image));
        }
        error.contains("failed to process \"").then_some(Self::Word)
    }
}

/// An image's name as people write it: without Docker Hub's host and library.
fn familiar(image: &str) -> &str {
    let name = image.strip_prefix("docker.io/").unwrap_or(image);
    name.strip_prefix("library/").unwrap_or(name)
}

/// The line a Dockerfile parse error names.
pub(super) fn parse_error_line(text: &str) -> Option<u32> {
    let (_, rest) = text
        .split_once("dockerfile parse error on line ")
        .or_else(|| text.split_once("dockerfile parse error line "))
        .or_else(|| text.split_once("Dockerfile parse error on line "))
        .or_else(|| text.split_once("Dockerfile parse error line "))?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest.get(..digits)?.parse().ok()
}
