//! How long the steps of earlier builds took, and how long this one may.
//!
//! A successful build leaves a [`Run`]: the duration of each step, what each
//! step waited for, and for names only hashes. Runs of the same list of steps
//! are of the same Dockerfile and make a [`History`]. While a build runs, the
//! history is looked for whose steps it repeats so far; exactly one must fit.
//!
//! The estimate is the longest chain of steps that wait for one another, each
//! counted with what the median of its durations leaves of it. Where a step is
//! to come whose duration is unknown (it came from the cache every time, and
//! won't now), there is no estimate: none is better than a made-up one.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::timeline::Graph;
use super::{Builder, ImageBuild, Step, StepId, StepState, Tree};

/// Runs that are kept of one Dockerfile.
pub const RUNS: usize = 5;

/// Steps of a build that is remembered; larger ones aren't.
const STEPS: usize = 2_000;

/// One step of an earlier build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastStep {
    /// A hash of its stage, place and instruction.
    pub key: u64,
    /// How long it took; absent when it came from the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f32>,
    /// Whether it only gets a base image.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base: bool,
    /// The steps of the run that it waited for, by position.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<u32>,
}

/// An earlier build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its steps, in the order they first appeared.
    pub steps: Vec<PastStep>,
}

/// The earlier builds of one Dockerfile, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The version of this shape: 1.
    pub schema: u32,
    /// The builds; never more than [`RUNS`].
    pub runs: Vec<Run>,
}

impl Run {
    /// What a log leaves to remember: its last build, if BuildKit brought it to
    /// a good end and the log tells all of it.
    pub fn of(tree: &Tree) -> Option<Self> {
        let (at, build) = tree.builds().iter().enumerate().next_back()?;
        if build.builder != Builder::BuildKit || build.failed() || !build.succeeded {
            return None;
        }
        let own: Vec<&Step> = counted(tree, at).take(STEPS + 1).collect();
        let places = own.iter().zip(0u32..).map(|(step, place)| (step.id(), place));
        let places: HashMap<StepId, u32> = places.collect();
        if own.len() > STEPS || !is_whole(&own) {
            return None;
        }
        let graph = Graph::new(tree);
        let mut steps = Vec::with_capacity(own.len());
        for (step, at) in own.iter().zip(0u32..) {
            let seconds = match step.state() {
                StepState::Done => Some(step.seconds().unwrap_or(0.0) as f32),
                StepState::Cached => None,
                _ => return None,
            };
            let needs = graph.needs(tree, step);
            let needs = needs.iter().filter_map(|id| places.get(id).copied());
            let needs = needs.filter(|need| *need < at).collect();
            let base = step.text().get(..5).is_some_and(|word| word.eq_ignore_ascii_case("FROM "));
            steps.push(PastStep { key: key(step), seconds, base, needs });
        }
        Some(Self { steps })
    }

    /// What all runs of a Dockerfile have in common: a hash of their steps,
    /// whatever their order.
    pub fn identity(&self) -> u64 {
        let mut keys: Vec<u64> = self.steps.iter().map(|step| step.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.iter().fold(OFFSET, |hash, key| fnv(hash, &key.to_le_bytes()))
    }
}

impl History {
    /// The same with one more run; the oldest goes when there are too many.
    /// Whether it is any different: a log that is read again is no new run.
    pub fn add(&mut self, run: Run) -> bool {
        self.schema = 1;
        if self.runs.contains(&run) {
            return false;
        }
        self.runs.push(run);
        let over = self.runs.len().saturating_sub(RUNS);
        self.runs.drain(..over);
        true
    }

    /// Reads a history as it was written; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let history: Self = serde_json::from_str(text).ok()?;
        let whole = |run: &Run| {
            run.steps.len() <= STEPS
                && run.steps.iter().zip(0u32..).all(|(step, at)| {
                    step.seconds.is_none_or(|s| s.is_finite() && s >= 0.0)
                        && step.needs.iter().all(|need| *need < at)
                })
        };
        let sound = history.schema == 1
            && (1..=RUNS).contains(&history.runs.len())
            && history.runs.iter().all(whole);
        sound.then_some(history)
    }

    /// The text that [`History::parse`] reads.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The median of a step's durations, of the runs in which it wasn't cached.
    fn median(&self, key: u64) -> Option<f64> {
        let steps = self.runs.iter().flat_map(|run| &run.steps).filter(|step| step.key == key);
        let mut seconds: Vec<f64> = steps.filter_map(|step| step.seconds.map(f64::from)).collect();
        seconds.sort_by(f64::total_cmp);
        let middle = seconds.len() / 2;
        let upper = seconds.get(middle).copied()?;
        if seconds.len() % 2 == 1 {
            return Some(upper);
        }
        Some((seconds.get(middle.checked_sub(1)?).copied()? + upper) / 2.0)
    }
}

/// Seconds that the running build may still take, by the history it repeats.
///
/// `running` tells for how long a running step has been at it.
pub fn estimate(
    tree: &Tree,
    histories: &[History],
    running: &dyn Fn(StepId) -> Option<f64>,
) -> Option<f64> {
    let (at, build) = tree.builds().iter().enumerate().next_back()?;
    if histories.is_empty() || build.builder != Builder::BuildKit || over(build) {
        return None;
    }
    let now: HashMap<u64, &Step> = counted(tree, at).map(|step| (key(step), step)).collect();
    // Nothing but the same base image says too little.
    let tells = |step: &&&Step| step.index().is_some_and(|index| index > 1);
    now.values().find(tells)?;
    let mut fitting = histories.iter().filter(|history| {
        let last = history.runs.last();
        let keys: Vec<u64> =
            last.into_iter().flat_map(|run| run.steps.iter().map(|step| step.key)).collect();
        now.keys().all(|key| keys.contains(key))
    });
    let history = fitting.next()?;
    if fitting.next().is_some() {
        return None;
    }
    left(history, &now, running)
}

/// The longest chain of what is left of the last run's steps.
fn left(
    history: &History,
    now: &HashMap<u64, &Step>,
    running: &dyn Fn(StepId) -> Option<f64>,
) -> Option<f64> {
    let last = history.runs.last()?;
    let mut finish: Vec<f64> = Vec::with_capacity(last.steps.len());
    let mut cached: Vec<bool> = Vec::with_capacity(last.steps.len());
    for past in &last.steps {
        let needs = || past.needs.iter().filter_map(|need| usize::try_from(*need).ok());
        let waits = needs().filter_map(|need| finish.get(need).copied()).fold(0.0, f64::max);
        let step = now.get(&past.key);
        let state = step.map(|step| step.state());
        let own = match state {
            Some(StepState::Done | StepState::Cached) => 0.0,
            Some(StepState::Failed | StepState::Cancelled) => return None,
            Some(StepState::Running) => {
                let been = step.and_then(|step| running(step.id()))?;
                (history.median(past.key)? - been).max(0.0)
            }
            None => match history.median(past.key) {
                // It comes from the cache again when all before it do.
                _ if past.seconds.is_none()
                    && (past.base
                        || needs().count() > 0
                            && needs().all(|need| cached.get(need) == Some(&true))) =>
                {
                    0.0
                }
                Some(median) => median,
                None => return None,
            },
        };
        let from_cache = state == Some(StepState::Cached)
            || step.is_some_and(|step| step.is_chore())
            || (state.is_none() && own == 0.0 && past.seconds.is_none());
        // What needs nothing that the log shows comes after all before it.
        let waits = if past.needs.is_empty() && !past.base {
            finish.iter().copied().fold(0.0, f64::max)
        } else {
            waits
        };
        finish.push(if own == 0.0 && state.is_some() { 0.0 } else { waits + own });
        cached.push(from_cache);
    }
    Some(finish.into_iter().fold(0.0, f64::max))
}

fn over(build: &ImageBuild) -> bool {
    build.succeeded || build.failed()
}

/// The steps of a build that are compared: all that each build of a Dockerfile
/// has. Whether credentials are asked for depends on what the daemon remembers.
fn counted(tree: &Tree, build: usize) -> impl Iterator<Item = &Step> {
    tree.steps().iter().filter(move |step| {
        step.build() == build && !step.name().is_empty() && !step.name().contains("[auth]")
    })
}

/// Whether each stage is there from its beginning to its end.
fn is_whole(steps: &[&Step]) -> bool {
    let mut stages: HashMap<_, (u32, u32)> = HashMap::new();
    for step in steps {
        if let Some((index, total)) = step.index().zip(step.total()) {
            let most = stages.entry((step.platform(), step.stage())).or_default();
            *most = (most.0.max(index), most.1.max(total));
        }
    }
    !stages.is_empty() && stages.values().all(|(index, total)| index == total)
}

/// A step's hash: the same in every build of its Dockerfile, on every machine.
fn key(step: &Step) -> u64 {
    let label = step.label();
    // The image behind a tag changes; the instruction doesn't.
    let text = match label.split_once("@sha256:") {
        Some((before, _)) if step.index() == Some(1) || step.is_chore() => before,
        _ => &label,
    };
    let place = step.index().zip(step.total()).unwrap_or_default();
    [step.platform().unwrap_or(""), step.stage().unwrap_or(""), text]
        .iter()
        .fold(fnv(OFFSET, format!("{place:?}").as_bytes()), |hash, part| {
            fnv(fnv(hash, part.as_bytes()), &[0])
        })
}

/// Where FNV-1a begins.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: what is written by one version is read by the next, so no hasher of
/// the standard library will do.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::super::Parser;
    use super::*;
    use crate::domain::LineNo;

    fn parse(text: &str) -> Parser {
        let mut parser = Parser::new();
        for (at, line) in text.lines().enumerate() {
            parser.line(LineNo::new(at as u32), line);
        }
        parser
    }

    /// A build of two stages; the RUNs take so many seconds.
    fn build(digest: &str, slow: &str, quick: &str) -> String {
        format!(
            "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.1s\n\n\
             #2 [a 1/2] FROM x@sha256:{digest}\n#2 CACHED\n\n\
             #3 [a 2/2] RUN slow\n{slow}\n\
             #4 [b 1/2] FROM x@sha256:{digest}\n#4 CACHED\n\n\
             #5 [b 2/2] RUN quick\n{quick}\n\
             #6 [c 1/1] COPY --from=a /a /a\n#6 DONE 1.0s\n\n\
             #7 exporting to image\n#7 DONE 3.0s\n"
        )
    }

    fn done(slow: f32, quick: f32) -> String {
        build("aa", &format!("#3 DONE {slow:.1}s\n"), &format!("#5 DONE {quick:.1}s\n"))
    }

    fn run(text: &str) -> Run {
        Run::of(parse(text).tree()).unwrap()
    }

    fn history(runs: &[Run]) -> History {
        let mut history = History::default();
        for run in runs {
            assert!(history.add(run.clone()));
        }
        history
    }

    const NOW: &str = "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.1s\n\n\
                       #2 [a 1/2] FROM x@sha256:bb\n#2 CACHED\n\n#3 [a 2/2] RUN slow\n#3 5.000 x\n";

    #[test]
    fn the_median_of_the_longest_chain_is_what_is_left() {
        let past = history(&[run(&done(30.0, 8.0)), run(&done(50.0, 8.0)), run(&done(32.0, 8.0))]);
        let left = |text: &str, been: f64| {
            estimate(parse(text).tree(), std::slice::from_ref(&past), &|_| Some(been))
        };
        // 32 - 5 of the slow stage, the copy, the export; the quick one is beside it.
        assert_eq!(left(NOW, 5.0), Some(27.0 + 1.0 + 3.0));
        // Longer than ever: only what comes after it is left.
        assert_eq!(left(NOW, 500.0), Some(8.0 + 3.0));
        let all = done(1.0, 1.0);
        assert_eq!(left(&all, 0.0), None, "it is over");
        // Another Dockerfile, or too little to tell.
        assert_eq!(left(&NOW.replace("RUN slow", "RUN other"), 5.0), None);
        assert_eq!(left("#1 [a 1/2] FROM x@sha256:bb\n#1 CACHED\n", 0.0), None);
        assert_eq!(estimate(parse(NOW).tree(), &[], &|_| Some(1.0)), None);
        assert_eq!(estimate(parse(NOW).tree(), std::slice::from_ref(&past), &|_| None), None);
    }

    #[test]
    fn two_dockerfiles_that_fit_give_no_estimate() {
        let one = history(&[run(&done(30.0, 8.0))]);
        let other = history(&[run(&done(30.0, 8.0).replace("RUN quick", "RUN else"))]);
        let both = [one, other];
        assert_eq!(estimate(parse(NOW).tree(), &both, &|_| Some(5.0)), None);
        let more = format!("{NOW}\n#5 [b 2/2] RUN quick\n#5 1.0 x\n");
        assert!(estimate(parse(&more).tree(), &both, &|_| Some(5.0)).is_some());
    }

    #[test]
    fn what_always_came_from_the_cache_is_unknown() {
        let cached = build("aa", "#3 CACHED\n", "#5 DONE 8.0s\n");
        let past = history(&[run(&cached)]);
        let of =
            |text: &str| estimate(parse(text).tree(), std::slice::from_ref(&past), &|_| Some(1.0));
        assert_eq!(of(NOW), None, "it runs now, nobody knows for how long");
        let again = NOW.replace("#3 5.000 x\n", "#3 CACHED\n");
        assert_eq!(of(&again), Some(8.0 + 3.0));
    }

    #[test]
    fn only_a_whole_success_is_remembered() {
        let whole = done(1.0, 1.0);
        assert!(Run::of(parse(&whole).tree()).is_some());
        let cut = whole.split("#6 ").next().unwrap();
        assert!(Run::of(parse(cut).tree()).is_none());
        let failed = whole.replace("#5 DONE 1.0s", "#5 ERROR: process \"quick\" failed badly");
        assert!(Run::of(parse(&failed).tree()).is_none());
        let classic = "Step 1/1 : FROM x\n ---> 54dc11f2e8d4\nSuccessfully built 54dc11f2e8d4\n";
        assert!(Run::of(parse(classic).tree()).is_none());
        let no_first = whole.replace("#5 [b 2/2] RUN quick\n#5 DONE 1.0s", "");
        assert!(Run::of(parse(&no_first).tree()).is_none());
    }

    #[test]
    fn the_same_dockerfile_has_one_identity_whatever_image_and_order() {
        let one = run(&done(1.0, 2.0));
        let other = run(&build("cc", "#3 DONE 9.0s\n", "#5 CACHED\n"));
        assert_eq!(one.identity(), other.identity());
        let changed = run(&done(1.0, 2.0).replace("RUN slow", "RUN slower"));
        assert_ne!(one.identity(), changed.identity());
        // Written by any version, for any machine.
        assert_eq!(fnv(OFFSET, b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn histories_are_bounded_and_read_back() {
        let mut history = History::default();
        for n in 0..2 * RUNS {
            assert!(history.add(run(&done(n as f32, 1.0))));
        }
        assert_eq!(history.runs.len(), RUNS);
        assert!(!history.add(history.runs[0].clone()), "the same log again");
        assert_eq!(History::parse(&history.to_text()), Some(history));
        for text in [
            "",
            "{}",
            "[]",
            r#"{"schema":2,"runs":[{"steps":[]}]}"#,
            r#"{"schema":1,"runs":[]}"#,
            r#"{"schema":1,"runs":[{"steps":[{"key":1,"seconds":-1}]}]}"#,
            r#"{"schema":1,"runs":[{"steps":[{"key":1,"needs":[0]}]}]}"#,
        ] {
            assert_eq!(History::parse(text), None, "{text}");
        }
    }
}
