//! One step of an image build.

use std::borrow::Cow;

use super::epilogue::Tail;
use super::{PhaseId, buildkit};
use crate::domain::LineNo;

/// A step's place in [`super::Tree::steps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub(super) u32);

impl StepId {
    /// The place as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The place as a person counts it, from 1. In a log with one BuildKit
    /// build it is the vertex's number, since BuildKit numbers by appearance.
    pub const fn number(self) -> u32 {
        self.0 + 1
    }
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepState {
    /// Begun; no end in the log.
    Running,
    /// Over, and well.
    Done,
    /// Its result was at hand.
    Cached,
    /// Over, with an error.
    Failed,
    /// Stopped because another step failed; never a cause.
    Cancelled,
}

impl StepState {
    /// The word for reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cached => "cached",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The error that ended a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// The line that states it.
    pub line: LineNo,
    /// The builder's message; its first line where it has several.
    pub text: Box<str>,
    /// The exit code, when the message has one.
    pub exit_code: Option<i32>,
}

/// A warning of the builder's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line that states it.
    pub line: LineNo,
    /// What it says, rule name included.
    pub text: Box<str>,
    /// The Dockerfile line it names.
    pub dockerfile_line: Option<u32>,
}

/// One step: a BuildKit vertex, or a step of the legacy builder or buildah.
///
/// There may be ten thousand of them, so the rare facts live behind one box
/// and the parts of the name are places in it rather than texts of their own.
#[derive(Clone, Debug)]
pub struct Step {
    pub(super) id: StepId,
    pub(super) number: u32,
    pub(super) build: u32,
    pub(super) phase: Option<PhaseId>,
    pub(super) state: StepState,
    pub(super) chore: bool,
    pub(super) name: Box<str>,
    /// Where the text behind the bracket begins.
    pub(super) text_at: u16,
    pub(super) platform: (u16, u16),
    pub(super) stage: (u16, u16),
    pub(super) place: Option<(u32, u32)>,
    pub(super) first_line: LineNo,
    pub(super) last_line: LineNo,
    pub(super) seconds: Option<f32>,
    pub(super) last_second: Option<f32>,
    pub(super) start: Option<f32>,
    pub(super) rare: Option<Box<Rare>>,
    /// The last lines of output, while the step runs and after it failed.
    pub(super) tail: Option<Box<Tail>>,
}

/// What few steps have.
#[derive(Clone, Debug, Default)]
pub(super) struct Rare {
    pub(super) error: Option<StepError>,
    pub(super) warnings: Vec<Warning>,
    pub(super) dockerfile_line: Option<u32>,
    /// The instruction as the Dockerfile excerpt shows it, for a chore that
    /// failed on behalf of one (`load metadata` for a `FROM`).
    pub(super) instruction: Option<Box<str>>,
    pub(super) clipped: Option<LineNo>,
    pub(super) transfer: Option<Transfer>,
}

/// Bytes that a step has moved: layers pulled or pushed, the context sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes so far.
    pub bytes: u64,
    /// Bytes in all, of what has begun; `None` where the builder doesn't say.
    pub total: Option<u64>,
}

impl Step {
    pub(super) fn new(id: StepId, number: u32, name: &str, line: LineNo) -> Self {
        let mut step = Self {
            id,
            number,
            build: 0,
            phase: None,
            state: StepState::Running,
            chore: true,
            name: "".into(),
            text_at: 0,
            platform: (0, 0),
            stage: (0, 0),
            place: None,
            first_line: line,
            last_line: line,
            seconds: None,
            last_second: None,
            start: None,
            rare: None,
            tail: None,
        };
        step.set_name(name);
        step
    }

    /// Names a vertex, bracket and all.
    pub(super) fn set_name(&mut self, name: &str) {
        let name = clip(name);
        let parts = buildkit::name(name);
        let place_of = |part: Option<&str>| {
            part.map_or((0, 0), |p| {
                let at = p.as_ptr() as usize - name.as_ptr() as usize;
                (at as u16, (at + p.len()) as u16)
            })
        };
        self.platform = place_of(parts.platform);
        self.stage = place_of(parts.stage);
        self.place = parts.place;
        self.chore = parts.chore;
        self.text_at = parts.text_at as u16;
        self.name = name.into();
    }

    /// Names a step of a builder that prints instruction and place apart.
    pub(super) fn set_instruction(&mut self, instruction: &str, place: Option<(u32, u32)>) {
        self.name = clip(instruction).into();
        self.place = place;
        self.chore = false;
        self.text_at = 0;
        self.platform = (0, 0);
        self.stage = (0, 0);
    }

    pub(super) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The name without its bracket: what the step does.
    pub(super) fn text(&self) -> &str {
        self.name.get(self.text_at as usize..).unwrap_or("")
    }

    /// Whether it fetches a cache of earlier builds; the build goes on without.
    pub(super) fn is_cache_import(&self) -> bool {
        self.chore && self.text().starts_with("importing cache manifest")
    }

    /// The image that it only looks up, where the log doesn't show for which
    /// instruction.
    pub(super) fn metadata_of(&self) -> Option<&str> {
        if !self.chore || self.dockerfile_line().is_some() {
            return None;
        }
        self.text().strip_prefix("load metadata for ")
    }

    fn part(&self, place: (u16, u16)) -> Option<&str> {
        if place.0 == place.1 {
            None
        } else {
            self.name.get(usize::from(place.0)..usize::from(place.1))
        }
    }

    /// Its place among the steps of the log.
    pub const fn id(&self) -> StepId {
        self.id
    }

    /// The number BuildKit gives it. Numbers start again with each build of a
    /// log, so this is no identifier.
    pub fn number(&self) -> Option<u32> {
        (self.number > 0).then_some(self.number)
    }

    /// The image build it belongs to: an index into [`super::Tree::builds`].
    pub const fn build(&self) -> usize {
        self.build as usize
    }

    /// The phase it ran in.
    pub const fn phase(&self) -> Option<PhaseId> {
        self.phase
    }

    /// The name as the builder prints it: `[builder 2/5] RUN  make`. Empty for
    /// a step whose header was lost with lines cut off.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a person calls the step: its instruction, or the name of a chore;
    /// runs of white space folded. Where the log tells neither, what it does
    /// tell: the Dockerfile line of an instruction that didn't parse, or the
    /// number of a vertex whose header was lost.
    pub fn label(&self) -> Cow<'_, str> {
        if let Some(instruction) = self.instruction() {
            return instruction;
        }
        match (self.dockerfile_line(), self.number) {
            _ if !self.name.is_empty() => fold_spaces(&self.name),
            (Some(line), _) => Cow::Owned(format!("Dockerfile line {line}")),
            (None, 0) => Cow::Borrowed("Dockerfile"),
            (None, number) => Cow::Owned(format!("#{number}")),
        }
    }

    /// The Dockerfile instruction, runs of white space folded: `RUN pip install
    /// -r requirements.txt`. `None` for the builder's own chores, unless one
    /// failed and the log shows for which instruction. Of a failed step whose
    /// header was lost the command is told by its error.
    pub fn instruction(&self) -> Option<Cow<'_, str>> {
        if let Some(text) = self.rare.as_ref().and_then(|rare| rare.instruction.as_deref()) {
            return Some(Cow::Borrowed(text));
        }
        if self.name.is_empty() {
            let command = buildkit::command(&self.error()?.text)?;
            return Some(Cow::Owned(format!("RUN {}", fold_spaces(&command))));
        }
        if self.chore {
            return None;
        }
        self.name.get(self.text_at as usize..).filter(|text| !text.is_empty()).map(fold_spaces)
    }

    /// Whether it is a chore of the builder's (`[internal] …`, exports, cache
    /// imports) rather than an instruction.
    pub const fn is_chore(&self) -> bool {
        self.chore
    }

    /// The stage's name, where the build has several.
    pub fn stage(&self) -> Option<&str> {
        self.part(self.stage)
    }

    /// The platform, in a build for several.
    pub fn platform(&self) -> Option<&str> {
        self.part(self.platform)
    }

    /// Its place in the stage, from 1.
    pub fn index(&self) -> Option<u32> {
        self.place.map(|(index, _)| index)
    }

    /// How many steps the stage has.
    pub fn total(&self) -> Option<u32> {
        self.place.map(|(_, total)| total)
    }

    /// How it stands.
    pub const fn state(&self) -> StepState {
        self.state
    }

    /// How long it took, where the builder says so.
    pub fn seconds(&self) -> Option<f64> {
        self.seconds.map(tidy)
    }

    /// The latest second at which it printed something: the least it took.
    pub fn last_second(&self) -> Option<f64> {
        self.last_second.map(tidy)
    }

    /// An estimate of when it began, in seconds since its build began; see
    /// [`super::Tree::started`].
    pub fn start_offset(&self) -> Option<f64> {
        self.start.map(tidy)
    }

    /// Its first line.
    pub const fn first_line(&self) -> LineNo {
        self.first_line
    }

    /// Its last line, of those read so far.
    pub const fn last_line(&self) -> LineNo {
        self.last_line
    }

    /// The error that ended it.
    pub fn error(&self) -> Option<&StepError> {
        self.rare.as_ref()?.error.as_ref()
    }

    /// The exit code of its command, when it failed with one.
    pub fn exit_code(&self) -> Option<i32> {
        self.error()?.exit_code
    }

    /// The Dockerfile line its instruction begins on, when the log says so.
    pub fn dockerfile_line(&self) -> Option<u32> {
        self.rare.as_ref()?.dockerfile_line
    }

    /// The builder's warnings about it.
    pub fn warnings(&self) -> &[Warning] {
        self.rare.as_ref().map_or(&[], |rare| &rare.warnings)
    }

    /// What it has transferred so far.
    pub fn transfer(&self) -> Option<Transfer> {
        self.rare.as_ref()?.transfer
    }

    /// Bytes of memory it holds besides itself.
    pub(super) fn memory(&self) -> usize {
        let rare = self.rare.as_ref().map_or(0, |rare| {
            let warnings = rare.warnings.iter().map(|w| size_of::<Warning>() + w.text.len());
            let error = rare.error.as_ref().map_or(0, |error| error.text.len());
            let instruction = rare.instruction.as_ref().map_or(0, |text| text.len());
            size_of::<Rare>() + warnings.sum::<usize>() + error + instruction
        });
        self.name.len() + rare + self.tail.as_ref().map_or(0, |_| size_of::<Tail>())
    }

    /// The line where the builder says that it left output out.
    pub fn clipped(&self) -> Option<LineNo> {
        self.rare.as_ref()?.clipped
    }
}

/// An instruction without its flags (`--mount=…`), which would take the room
/// of what it does.
pub fn brief(instruction: &str) -> String {
    let mut words = instruction.split_whitespace();
    let keyword = words.next().unwrap_or_default();
    let rest = words.skip_while(|word| word.starts_with("--"));
    std::iter::once(keyword).chain(rest).collect::<Vec<_>>().join(" ")
}

/// The shortest decimal that reads back as the same `f32`: `0.1`, not
/// `0.10000000149`.
fn tidy(seconds: f32) -> f64 {
    (f64::from(seconds) * 1000.0).round() / 1000.0
}

/// Names are bounded: a header line can be as long as the log, and places in
/// a name are two bytes.
const NAME_BYTES: usize = 16 * 1024;

pub(super) fn clip(name: &str) -> &str {
    if name.len() <= NAME_BYTES {
        return name;
    }
    name.get(..name.floor_char_boundary(NAME_BYTES)).unwrap_or("")
}

/// The text with every run of white space as one space, none at the ends.
pub(super) fn fold_spaces(text: &str) -> Cow<'_, str> {
    let plain = !text.starts_with(' ')
        && !text.ends_with(char::is_whitespace)
        && !text.contains("  ")
        && !text.contains(|c: char| c != ' ' && c.is_whitespace());
    if plain {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    Cow::Owned(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_says_what_it_does_first() {
        let run = "RUN --mount=type=cache,target=/root/.cache/uv  --network=none uv sync --locked";
        assert_eq!(brief(run), "RUN uv sync --locked");
        assert_eq!(brief("COPY --from=builder /app /app"), "COPY /app /app");
        assert_eq!(brief("[internal] load build context"), "[internal] load build context");
        assert_eq!(brief(""), "");
    }
}
