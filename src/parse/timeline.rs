//! The steps of a log as bars on one time axis, and what kept the build.
//!
//! BuildKit tells durations and seconds since a vertex began; the fold makes
//! beginnings of them ([`Tree::started`]). The classic builder and buildah tell
//! no times at all: for them the times at which lines arrived here stand in,
//! and say so ([`Source::Received`]). What nothing tells the time of has no bar.
//!
//! The critical path goes back from the step that ended last, each time to the
//! dependency that ended last. Dependencies are what the log shows of them:
//!
//! - the step before in the same stage (`[build 3/5]` needs `[build 2/5]`),
//! - the last step of a stage that is copied or mounted from (`--from=build`,
//!   `from=build`; also `--from=0`, where stages have no names),
//! - the build context for a `COPY` or `ADD` of its own files, the metadata of
//!   its image for a `FROM`, the Dockerfile for everything else that loads,
//! - the stage that a stage is made `FROM`, when an excerpt shows that line.
//!
//! A step for which the log shows none of these (a stage made from another,
//! the export) is taken to have waited for what ended last before it began.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;

use super::{Builder, ImageBuild, Step, StepId, StepState, Tree};
use crate::domain::LineNo;

/// Who tells when a step began and ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The builder.
    Builder,
    /// Nobody; the lines arrived here at those times.
    Received,
}

/// How well the end of a bar is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The step took as long as the bar says.
    Told,
    /// It took at least as long: a failed or cancelled step's duration is told
    /// by nobody, only the second of its last output.
    AtLeast,
    /// It goes on.
    Running,
}

/// One step on the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The step.
    pub step: StepId,
    /// Seconds on the axis at which it began.
    pub start: f64,
    /// Seconds on the axis at which it ended, or up to now.
    pub end: f64,
    /// How well that is known.
    pub known: End,
    /// How it stands.
    pub state: StepState,
    /// Who tells.
    pub source: Source,
    /// Steps that work at once are in different lanes, from 0.
    pub lane: u32,
    /// Whether it is on the critical path.
    pub critical: bool,
}

impl Bar {
    /// How long it is.
    pub fn seconds(&self) -> f64 {
        self.end - self.start
    }
}

/// Where the time of a CodeBuild run went around the image builds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Around {
    /// Seconds from the first stamp of the log to the first command that
    /// builds an image.
    pub before: f64,
    /// Seconds from there to the end of the last such command, once it ended.
    pub docker: Option<f64>,
    /// Seconds from there to the end of the last phase, once that is over.
    pub after: Option<f64>,
}

/// The bars of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The bars, in the order the steps began.
    pub bars: Vec<Bar>,
    /// Steps that nothing tells the time of, in the order of the log.
    pub untimed: Vec<StepId>,
    /// Seconds of the axis, from the first beginning to the last end.
    pub span: f64,
    /// The time of day at which the axis begins, where the log or the arrival
    /// of its lines tells it.
    pub origin: Option<Timestamp>,
    /// The steps of the critical path, in the order they began.
    pub critical: Vec<StepId>,
    /// The five longest steps, the longest first.
    pub longest: Vec<StepId>,
    /// Where the time went around the image builds, with CodeBuild's stamps.
    pub around: Option<Around>,
}

/// How many steps are named as the longest.
const LONGEST: usize = 5;

/// Two times that differ by less are taken for the same: durations are told in
/// tenths of a second.
const ALIKE: f64 = 0.06;

/// The timeline of a tree.
///
/// `ran` tells for how many seconds a step without an end has been at it, or was, where
/// that is known; `received` when a line arrived.
pub fn timeline(
    tree: &Tree,
    ran: &dyn Fn(StepId) -> Option<f64>,
    received: &dyn Fn(LineNo) -> Option<Timestamp>,
) -> Timeline {
    let mut bars = Vec::new();
    let mut untimed = Vec::new();
    let mut absolute = false;
    // Builds that no stamp dates follow the ones before them.
    let mut begins: Vec<Option<f64>> =
        tree.builds().iter().map(|b| Some(secs(b.started?))).collect();
    let mut behind = 0.0f64;
    for step in tree.steps() {
        let begin = begins.get_mut(step.build()).map_or(0.0, |begin| *begin.get_or_insert(behind));
        let ran = match step.state() {
            StepState::Running => ran(step.id()),
            _ => None,
        };
        let timed = of_builder(tree, step, begin, ran);
        match timed.or_else(|| of_arrival(step, ran, received)) {
            Some(bar) => {
                behind = behind.max(bar.end);
                absolute |= bar.start > 1e8;
                bars.push(bar);
            }
            None => untimed.push(step.id()),
        }
    }
    bars.sort_by(|a: &Bar, b| a.start.total_cmp(&b.start).then(a.step.cmp(&b.step)));
    let zero = bars.first().map_or(0.0, |bar| bar.start);
    for bar in &mut bars {
        (bar.start, bar.end) = (bar.start - zero, bar.end - zero);
    }
    lanes(&mut bars);
    let critical = critical_path(tree, &bars);
    for bar in &mut bars {
        bar.critical = critical.contains(&bar.step);
    }
    let origin = absolute.then(|| Timestamp::from_microsecond((zero * 1e6) as i64).ok()).flatten();
    Timeline {
        span: bars.iter().map(|bar| bar.end).fold(0.0, f64::max),
        longest: longest(&bars),
        around: around(tree),
        bars,
        untimed,
        origin,
        critical,
    }
}

fn secs(at: Timestamp) -> f64 {
    at.as_microsecond() as f64 / 1e6
}

/// A bar from the times that the builder prints.
fn of_builder(tree: &Tree, step: &Step, begin: f64, ran: Option<f64>) -> Option<Bar> {
    let build = tree.builds().get(step.build())?;
    if build.builder != Builder::BuildKit {
        return None;
    }
    let start = begin + step.start_offset()?;
    let last = start + step.last_second().unwrap_or(0.0);
    let (end, known) = match step.state() {
        StepState::Cached => (start, End::Told),
        StepState::Done => (start + step.seconds().unwrap_or(0.0), End::Told),
        StepState::Failed | StepState::Cancelled => (last, End::AtLeast),
        StepState::Running => (last.max(start + ran.unwrap_or(0.0)), End::Running),
    };
    let (state, source) = (step.state(), Source::Builder);
    Some(Bar { step: step.id(), start, end, known, state, source, lane: 0, critical: false })
}

/// A bar from the times at which a step's first and last line arrived.
fn of_arrival(
    step: &Step,
    ran: Option<f64>,
    received: &dyn Fn(LineNo) -> Option<Timestamp>,
) -> Option<Bar> {
    let start = secs(received(step.first_line())?);
    let last = received(step.last_line()).map_or(start, secs).max(start);
    let (end, known) = match step.state() {
        StepState::Cached => (start, End::Told),
        StepState::Running => (last.max(start + ran.unwrap_or(0.0)), End::Running),
        StepState::Done | StepState::Failed | StepState::Cancelled => (last, End::AtLeast),
    };
    let (state, source) = (step.state(), Source::Received);
    Some(Bar { step: step.id(), start, end, known, state, source, lane: 0, critical: false })
}

/// Gives every bar the first lane that is free when it begins.
fn lanes(bars: &mut [Bar]) {
    let mut ends: Vec<f64> = Vec::new();
    for bar in bars {
        let free = ends.iter().position(|end| *end <= bar.start + ALIKE);
        let lane = free.unwrap_or(ends.len());
        match ends.get_mut(lane) {
            Some(end) => *end = bar.end,
            None => ends.push(bar.end),
        }
        bar.lane = u32::try_from(lane).unwrap_or(u32::MAX);
    }
}

fn longest(bars: &[Bar]) -> Vec<StepId> {
    let mut order: Vec<&Bar> = bars.iter().filter(|bar| bar.seconds() >= ALIKE).collect();
    order.sort_by(|a, b| b.seconds().total_cmp(&a.seconds()).then(a.step.cmp(&b.step)));
    order.iter().take(LONGEST).map(|bar| bar.step).collect()
}

/// Back from the step that ended last, over what each step waited for.
fn critical_path(tree: &Tree, bars: &[Bar]) -> Vec<StepId> {
    let of: HashMap<StepId, &Bar> = bars.iter().map(|bar| (bar.step, bar)).collect();
    let graph = Graph::new(tree);
    let later = |a: &&Bar, b: &&Bar| a.end.total_cmp(&b.end).then(b.step.cmp(&a.step));
    let mut path = Vec::new();
    let mut at = bars.iter().filter(|bar| bar.state != StepState::Cancelled).max_by(later);
    while let Some(bar) = at {
        path.push(bar.step);
        let needs = tree.step(bar.step).map(|step| graph.needs(tree, step)).unwrap_or_default();
        let mut known: Vec<&Bar> = needs.iter().filter_map(|id| of.get(id).copied()).collect();
        if known.is_empty() {
            // Only backwards in time, and never to itself: the path ends.
            let before = |other: &&Bar| {
                other.end <= bar.start + ALIKE && (other.start, other.step) < (bar.start, bar.step)
            };
            known.extend(bars.iter().filter(before).max_by(later));
        }
        at = known.into_iter().filter(|need| !path.contains(&need.step)).max_by(later);
    }
    path.reverse();
    path
}

/// A build, a platform, a stage.
type Stage<'a> = (usize, Option<&'a str>, Option<&'a str>);

/// What steps there are, by what other steps need.
pub(super) struct Graph<'a> {
    /// Steps of each stage of each build, by their place in it.
    stages: HashMap<Stage<'a>, Vec<(u32, StepId)>>,
    /// The chores of each build, by what they do.
    chores: HashMap<usize, Vec<(&'a str, StepId)>>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        let mut graph = Self { stages: HashMap::new(), chores: HashMap::new() };
        for step in tree.steps() {
            match step.index() {
                Some(index) => {
                    let key = (step.build(), step.platform(), step.stage());
                    graph.stages.entry(key).or_default().push((index, step.id()));
                }
                None => {
                    graph.chores.entry(step.build()).or_default().push((step.text(), step.id()));
                }
            }
        }
        graph.stages.values_mut().for_each(|steps| steps.sort_unstable());
        graph
    }

    /// The steps that a step needs, as far as the log shows.
    pub(super) fn needs(&self, tree: &Tree, step: &Step) -> Vec<StepId> {
        let Some(index) = step.index() else { return self.chore_needs(step) };
        let mut needs = Vec::new();
        let text = step.text();
        let own = self.stages.get(&(step.build(), step.platform(), step.stage()));
        let before = own.and_then(|steps| steps.iter().rev().find(|(other, _)| *other < index));
        needs.extend(before.map(|(_, id)| *id));
        let word = text.split(' ').next().unwrap_or("");
        if before.is_none() && word.eq_ignore_ascii_case("FROM") {
            let image = text.split(' ').nth(1).unwrap_or("");
            let image = image.split('@').next().unwrap_or("");
            needs.extend(self.chore(step.build(), |chore| {
                chore.strip_prefix("load metadata for ").is_some_and(|name| name.starts_with(image))
            }));
            return needs;
        }
        let from = froms(text).collect::<Vec<_>>();
        let build = tree.builds().get(step.build());
        let base = build.filter(|_| before.is_none()).and_then(|build| base(build, step));
        for name in from.iter().copied().chain(base) {
            needs.extend(self.last_of_stage(step, name));
        }
        let takes_files = ["COPY", "ADD"].iter().any(|known| known.eq_ignore_ascii_case(word));
        if from.is_empty() && (takes_files || text.contains("type=bind")) {
            needs.extend(self.chore(step.build(), |chore| chore == "load build context"));
        }
        needs
    }

    fn chore_needs(&self, step: &Step) -> Vec<StepId> {
        let text = step.text();
        let loads = text.starts_with("load ") && !text.starts_with("load build definition");
        if !loads && !step.name().starts_with("[auth]") {
            return Vec::new();
        }
        self.chore(step.build(), |chore| chore.starts_with("load build definition"))
    }

    fn chore(&self, build: usize, is: impl Fn(&str) -> bool) -> Vec<StepId> {
        let chores = self.chores.get(&build).into_iter().flatten();
        chores.filter(|(text, _)| is(text)).map(|(_, id)| *id).collect()
    }

    /// The last step of a stage of the same build, for the same platform or for
    /// any other.
    fn last_of_stage(&self, step: &Step, name: &str) -> Option<StepId> {
        let name = &*stage_name(name);
        let last = |platform| {
            let steps = self.stages.get(&(step.build(), platform, Some(name)))?;
            steps.last().map(|(_, id)| *id)
        };
        last(step.platform()).or_else(|| last(None)).or_else(|| {
            let any = self.stages.iter().filter(|((build, _, stage), _)| {
                *build == step.build() && stage.is_some_and(|stage| stage == name)
            });
            any.filter_map(|(_, steps)| steps.last()).map(|(_, id)| *id).max()
        })
    }
}

/// What BuildKit calls a stage that is named by its number.
pub(super) fn stage_name(name: &str) -> Cow<'_, str> {
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
        return Cow::Owned(format!("stage-{name}"));
    }
    Cow::Borrowed(name)
}

/// The stages that an instruction's flags name.
pub(super) fn froms(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').take_while(|word| !word.starts_with("<<")).filter_map(|word| {
        if let Some(name) = word.strip_prefix("--from=") {
            return Some(name);
        }
        word.strip_prefix("--mount=")?.split(',').find_map(|part| part.strip_prefix("from="))
    })
}

/// The stage that a step's stage is made from, when an excerpt shows the line.
fn base<'a>(build: &'a ImageBuild, step: &Step) -> Option<&'a str> {
    let stage = step.stage()?;
    build.excerpts.iter().flat_map(|excerpt| &excerpt.lines).find_map(|line| {
        let mut words = line.text.split_whitespace().filter(|word| !word.starts_with("--"));
        let from = words.next()?;
        let image = words.next()?;
        let named = words.next()?.eq_ignore_ascii_case("AS") && words.next()? == stage;
        (from.eq_ignore_ascii_case("FROM") && named).then_some(image)
    })
}

/// Where the time went around the commands that build images.
fn around(tree: &Tree) -> Option<Around> {
    let commands = || tree.builds().iter().filter_map(|build| tree.commands().get(build.command?));
    let stamps = tree.phases().iter().filter_map(|phase| phase.started);
    let first = stamps.chain(tree.commands().iter().filter_map(|c| c.started)).min()?;
    let begun = commands().filter_map(|command| command.started).min()?;
    // While the last one goes on, what is behind it isn't known.
    let ended = commands().map(|command| command.ended).collect::<Option<Vec<_>>>();
    let ended = ended.and_then(|ends| ends.into_iter().max());
    let over = tree.phases().last().and_then(|phase| phase.ended);
    let between = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64().max(0.0);
    Some(Around {
        before: between(first, begun),
        docker: ended.map(|ended| between(begun, ended)),
        after: ended.zip(over).map(|(ended, over)| between(ended, over)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Parser;
    use super::*;

    fn parse(text: &str) -> Parser {
        let mut parser = Parser::new();
        for (at, line) in text.lines().enumerate() {
            parser.line(LineNo::new(at as u32), line);
        }
        parser.finish();
        parser
    }

    fn of(text: &str) -> (Parser, Timeline) {
        let parser = parse(text);
        let timeline = timeline(parser.tree(), &|_| None, &|_| None);
        (parser, timeline)
    }

    /// Number, beginning, end and lane of each bar, a star if critical.
    fn shape(timeline: &Timeline) -> Vec<String> {
        timeline
            .bars
            .iter()
            .map(|bar| {
                let star = if bar.critical { "*" } else { "" };
                let (start, end) = (bar.start, bar.end);
                format!("{}{star} {start:.1}-{end:.1} lane {}", bar.step.number(), bar.lane)
            })
            .collect()
    }

    const PARALLEL: &str = "\
[Container] 2026/11/23 20:00:00.000000 Entering phase PRE_BUILD
[Container] 2026/11/23 20:00:03.000000 Phase complete: PRE_BUILD State: SUCCEEDED
[Container] 2026/11/23 20:00:03.000000 Entering phase BUILD
[Container] 2026/11/23 20:00:04.000000 Running command docker build .
#1 [internal] load build definition from Dockerfile
#1 DONE 0.5s

#2 [internal] load metadata for docker.io/library/x:1
#2 DONE 1.0s

#3 [internal] load build context
#3 DONE 0.1s

#4 [a 1/2] FROM docker.io/library/x:1@sha256:aa
#4 CACHED

#5 [a 2/2] RUN slow
#5 1.000 x
#5 ...

#6 [b 1/2] FROM docker.io/library/x:1@sha256:aa
#6 CACHED

#7 [b 2/2] COPY . .
#7 DONE 2.0s

#5 [a 2/2] RUN slow
#5 9.000 y
#5 DONE 10.0s

#8 [stage-2 1/2] COPY --from=a /a /a
#8 DONE 0.5s

#9 exporting to image
#9 DONE 1.5s
[Container] 2026/11/23 20:00:20.000000 Phase complete: BUILD State: SUCCEEDED
[Container] 2026/11/23 20:00:20.500000 Entering phase POST_BUILD
[Container] 2026/11/23 20:00:22.000000 Phase complete: POST_BUILD State: SUCCEEDED";

    #[test]
    fn parallel_steps_overlap_and_the_slow_stage_is_critical() {
        let (parser, timeline) = of(PARALLEL);
        let critical: Vec<u32> = timeline.critical.iter().map(|id| id.number()).collect();
        assert_eq!(critical, [1, 2, 4, 5, 8, 9], "{:#?}", shape(&timeline));
        let bar = |n: u32| timeline.bars.iter().find(|bar| bar.step.number() == n).unwrap();
        assert!(bar(7).start < bar(5).end && bar(7).end > bar(5).start);
        assert_ne!(bar(7).lane, bar(5).lane);
        let longest: Vec<u32> = timeline.longest.iter().map(|id| id.number()).collect();
        assert_eq!(longest[..2], [5, 7]);
        assert_eq!(longest.len(), 5);
        assert_eq!(
            timeline.around,
            Some(Around { before: 4.0, docker: Some(16.0), after: Some(2.0) })
        );
        assert_eq!(timeline.origin.unwrap().to_string(), "2026-11-23T20:00:04Z");
        assert_eq!(parser.tree().steps().len(), timeline.bars.len());
        assert!(timeline.untimed.is_empty());
    }

    #[test]
    fn a_running_step_reaches_as_far_as_it_ran_and_a_failed_one_as_far_as_it_is_known() {
        let text = "[Container] 2026/11/23 20:00:00 Running command docker build .\n\
                    #1 [a 1/2] RUN one\n#1 2.000 x\n#1 ...\n\n#2 [b 1/1] RUN two\n#2 1.500 no\n\
                    #2 ERROR: no\n";
        let parser = parse(text);
        let at = |ran: Option<f64>| timeline(parser.tree(), &|_| ran, &|_| None);
        let live = at(Some(30.0));
        let bar = |timeline: &Timeline, n: usize| {
            timeline.bars.iter().find(|b| b.step.index() == n).copied().unwrap()
        };
        assert_eq!((bar(&live, 0).end, bar(&live, 0).known), (30.0, End::Running));
        assert_eq!(bar(&live, 1).known, End::AtLeast);
        assert_eq!(bar(&live, 1).seconds(), 1.5);
        // Of a saved log, as far as its output reaches.
        assert_eq!(bar(&at(None), 0).end, 2.0);
        assert_eq!(live.around.unwrap().docker, None);
    }

    #[test]
    fn receipt_times_stand_in_where_the_builder_tells_none() {
        let text = "Step 1/3 : FROM x\n ---> 54dc11f2e8d4\nStep 2/3 : RUN one\n ---> Running in aaaaaaaaaaaa\n\
                    out\n ---> 54dc11f2e8d5\nStep 3/3 : RUN two\n ---> Running in bbbbbbbbbbbb\n";
        let parser = parse(text);
        let none = timeline(parser.tree(), &|_| None, &|_| None);
        assert_eq!((none.bars.len(), none.untimed.len(), none.origin), (0, 3, None));
        let second =
            |line: LineNo| Timestamp::from_second(1_800_000_000 + i64::from(line.index())).ok();
        let got = timeline(parser.tree(), &|_| Some(54.0), &second);
        assert!(got.bars.iter().all(|bar| bar.source == Source::Received));
        assert_eq!(shape(&got), ["1* 0.0-1.0 lane 0", "2* 2.0-5.0 lane 0", "3* 6.0-60.0 lane 0"]);
        assert_eq!(got.bars[2].known, End::Running);
        assert!(got.origin.is_some());
    }

    #[test]
    fn builds_without_stamps_follow_one_another() {
        let build = "#1 [internal] load build definition from Dockerfile\n#1 DONE 1.0s\n\n\
                     #2 [1/1] RUN x\n#2 DONE 4.0s\n";
        let (_, timeline) = of(&format!("{build}{build}"));
        assert_eq!(timeline.origin, None);
        let starts: Vec<f64> = timeline.bars.iter().map(|bar| bar.start).collect();
        assert!(starts[2] >= timeline.bars[1].end, "{starts:?}");
    }

    #[test]
    fn stages_that_are_mounted_from_are_needed() {
        let names: Vec<&str> =
            froms("RUN --mount=type=bind,from=deps,source=/x cp --from=no").collect();
        assert_eq!(names, ["deps", "no"]);
        assert_eq!(froms("COPY --chown=1 --from=0 /a /b").collect::<Vec<_>>(), ["0"]);
    }

    #[test]
    fn an_empty_log_has_an_empty_timeline() {
        assert_eq!(of("").1, Timeline::default());
        assert_eq!(of("hello\nworld").1, Timeline::default());
    }
}
