//! The stitcher against a model of each behaviour that the logs endpoint may
//! have: whatever the log, the windows and the schedule, the result is the true
//! log once and in order, or the same with announced gaps.

#[path = "support/text.rs"]
mod text;

use std::collections::HashMap;
use std::time::Duration;

use buildcat::demo::{Anchor, AtEnd, Served, Shape, ShortPages, Timeline, Tokens, Window};
use buildcat::domain::{Patch, Piece};
use buildcat::poller::{Anchor as Side, Ask, LARGEST, Outcome, Stitcher, Window as Received};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};
use text::text;

const S: fn(u64) -> Duration = Duration::from_secs;

/// The log as a screen would hold it: lines, and `None` for a gap.
#[derive(Default)]
struct Screen(Vec<Option<Vec<u8>>>);

impl Screen {
    fn apply(&mut self, patch: &Patch) {
        if let Some(keep) = patch.keep {
            self.0.truncate(keep as usize);
        }
        for piece in &patch.append {
            match piece {
                Piece::Gap(_) => self.0.push(None),
                Piece::Text(text) => {
                    let text = text.strip_suffix(b"\n").expect("whole lines");
                    self.0.extend(text.split(|b| *b == b'\n').map(|l| Some(l.to_vec())));
                }
            }
        }
    }

    fn gaps(&self) -> usize {
        self.0.iter().filter(|l| l.is_none()).count()
    }

    /// Whether it is `truth` with some lines left out at the gaps; `open` means
    /// that the end may be missing too.
    fn fits(&self, truth: &[Vec<u8>], open: bool) -> bool {
        self.fits_but(truth, open, &[])
    }

    /// The same; the lines at `unseen` may be left out without a gap.
    fn fits_but(&self, truth: &[Vec<u8>], open: bool, unseen: &[usize]) -> bool {
        let skip = |reach: &mut Vec<bool>| {
            for at in 0..truth.len() {
                reach[at + 1] |= reach[at] && unseen.contains(&at);
            }
        };
        // Which positions of the truth can be reached after each entry.
        let mut reach = vec![false; truth.len() + 1];
        reach[0] = true;
        skip(&mut reach);
        for entry in &self.0 {
            let mut next = vec![false; truth.len() + 1];
            match entry {
                None => {
                    let first = reach.iter().position(|r| *r);
                    next.iter_mut().skip(first.unwrap_or(usize::MAX)).for_each(|n| *n = true);
                }
                Some(line) => {
                    for at in 0..truth.len() {
                        next[at + 1] = reach[at] && truth[at] == *line;
                    }
                }
            }
            reach = next;
            skip(&mut reach);
        }
        if open { reach.contains(&true) } else { reach[truth.len()] }
    }
}

#[derive(Clone)]
struct Case {
    log: Timeline,
    window: Window,
    /// Moments of the polls.
    polls: Vec<Duration>,
    /// How old the replica is that answers each request.
    lags: Vec<Duration>,
}

#[derive(Debug, Default)]
struct Cost {
    requests: usize,
    most_pages: usize,
    bytes: usize,
}

fn lines(events: &[&[u8]]) -> Vec<Vec<u8>> {
    let split = |event: &&[u8]| {
        let event = event.strip_suffix(b"\n").unwrap_or(event);
        event.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    events.iter().flat_map(split).collect()
}

/// Hands the stitcher what was served of the events that are visible.
fn answer(stitcher: &mut Stitcher, ask: &Ask, visible: &[&[u8]], served: Served) -> Outcome {
    let outcome = match served {
        Served::Refused => stitcher.refused(ask),
        Served::Page(range, token) => {
            let events = &visible[range];
            let received = Received { lines: lines(events), events: events.len(), token };
            stitcher.receive(ask, received)
        }
    };
    let paging = outcome.page.as_ref().is_none_or(|page| page.token.is_some());
    assert!(paging || outcome.later, "two windows in one turn: {ask:?}, {:?}", outcome.page);
    outcome
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:?}", self.window)?;
        writeln!(f, "polls at {:?}, lags {:?}", self.polls, self.lags)?;
        for event in self.log.events() {
            writeln!(
                f,
                "{:>9.3} {:?}",
                event.at.as_secs_f64(),
                String::from_utf8_lossy(&event.text)
            )?;
        }
        Ok(())
    }
}

impl Case {
    fn run(&self) -> Result<(Screen, Cost), TestCaseError> {
        self.run_with(Stitcher::with_largest(self.window.most_events as u32), true)
    }

    /// The same where the service doesn't tell how large windows can be.
    fn run_untold(&self) -> Result<Screen, TestCaseError> {
        self.run_with(Stitcher::new(), false).map(|(screen, _)| screen)
    }

    fn run_with(
        &self,
        mut stitcher: Stitcher,
        told: bool,
    ) -> Result<(Screen, Cost), TestCaseError> {
        let mut screen = Screen::default();
        let mut cost = Cost::default();
        let late = self.log.events().windows(2).any(|e| e[0].at > e[1].at);
        let mut nth = 0u64;
        // A page from a replica that lags begins further back than its token
        // says, and what is left out shows with the next sweep only.
        let skips = self.window.anchor == Anchor::Tail
            && matches!(self.window.tokens, Tokens::Honoured(_))
            && self.lags.iter().any(|lag| !lag.is_zero());
        let end = self.log.end();
        let mut turns: Vec<(Duration, bool)> = self.polls.iter().map(|at| (*at, false)).collect();
        turns.extend((0..40).map(|n| (end + S(3 * n + 1), true)));
        let mut again = None;
        let mut hurried = false;
        let mut due = Duration::ZERO;
        for (now, over) in turns {
            if now >= end && !std::mem::replace(&mut hurried, true) {
                stitcher.hurry();
                due = now;
            }
            if now < due && !over {
                continue;
            }
            let mut ask = again.take().unwrap_or_else(|| stitcher.ask(over, now));
            let mut pages = 0;
            let mut asked = HashMap::new();
            loop {
                nth += 1;
                cost.requests += 1;
                let times = asked.entry(ask.token.clone()).or_insert(0);
                *times += 1;
                prop_assert!(*times <= 3, "again and again in one turn: {ask:?}");
                let lag = self.lags[nth as usize % self.lags.len()];
                let lag = if over { Duration::ZERO } else { lag };
                let visible = self.log.visible(now.saturating_sub(lag));
                let outcome = self.answer(&mut stitcher, &ask, &visible, nth, &mut cost);
                outcome.patches.iter().for_each(|patch| screen.apply(patch));
                pages += 1;
                prop_assert!(pages < 3000, "paging without end");
                match outcome.page {
                    Some(page) if outcome.later => {
                        again = Some(page);
                        break;
                    }
                    Some(page) => ask = page,
                    None => break,
                }
            }
            cost.most_pages = cost.most_pages.max(pages);
            due = now + stitcher.sparing().unwrap_or_default();
            // Comparing takes the square of its length.
            let short = self.log.events().len() <= 500;
            if told && !late && !skips && self.window.short == ShortPages::Never && short {
                let truth = lines(&self.log.visible(now));
                prop_assert!(screen.fits(&truth, true), "wrong in between, at {now:?}: {ask:?}");
            }
            if over && stitcher.settled() {
                screen.apply(&stitcher.seal());
                prop_assert_eq!(screen.0.len(), stitcher.len());
                prop_assert_eq!(screen.0.len() - screen.gaps(), stitcher.lines());
                return Ok((screen, cost));
            }
        }
        prop_assert!(false, "never settled: {stitcher:?}");
        unreachable!()
    }

    fn answer(
        &self,
        stitcher: &mut Stitcher,
        ask: &Ask,
        visible: &[&[u8]],
        nth: u64,
        cost: &mut Cost,
    ) -> Outcome {
        let served = self.window.serve(visible, ask.limit as usize, ask.token.as_deref(), nth);
        if let Served::Page(range, _) = &served {
            cost.bytes += visible[range.clone()].iter().map(|e| e.len() + 1).sum::<usize>();
        }
        answer(stitcher, ask, visible, served)
    }

    /// Whether no client can tell that the log is whole: of three lines, the
    /// first and the last of them equal, every page fits both readings of a
    /// token that is another one each time.
    fn is_undecidable(&self) -> bool {
        self.window.tokens == Tokens::IgnoredOther && self.log.events().len() <= 3
    }

    /// Whether what tokens do can be left open: a log that repeats itself, lines
    /// that come late, and replicas that lag look the same as tokens that are
    /// ignored. Then lines may be announced as missing, but never twice.
    fn is_doubtful(&self) -> bool {
        let truth = self.truth();
        let different: std::collections::HashSet<&Vec<u8>> = truth.iter().collect();
        different.len() * 2 < truth.len() && self.lags.iter().any(|lag| !lag.is_zero())
    }

    fn truth(&self) -> Vec<Vec<u8>> {
        lines(&self.log.visible(Duration::MAX))
    }
}

prop_compose! {
    fn logs()(
        kind in 0u8..6,
        count in 0usize..400,
        seed in any::<u64>(),
        burst in 1u64..60,
    ) -> Timeline {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut at = 0;
        Timeline::new((0..count as u64).map(|n| {
            if dice.u64(0..burst) == 0 {
                at += dice.u64(0..20_000);
            }
            (Duration::from_millis(at), text(kind, n, dice.u64(..)).into_bytes())
        }).collect::<Vec<_>>())
    }
}

fn tokens() -> impl Strategy<Value = Tokens> {
    prop_oneof![
        Just(Tokens::None),
        Just(Tokens::Honoured(AtEnd::Absent)),
        Just(Tokens::Honoured(AtEnd::Same)),
        Just(Tokens::Honoured(AtEnd::Other)),
        Just(Tokens::Ignored),
        Just(Tokens::IgnoredOther),
        Just(Tokens::Refused),
    ]
}

prop_compose! {
    fn cases()(
        log in logs(),
        head in any::<bool>(),
        tokens in tokens(),
        gaps in prop::collection::vec(1u64..12, 1..60),
        first in 0u64..60,
        lags in prop_oneof![
            Just(vec![Duration::ZERO]),
            prop::collection::vec((0u64..10).prop_map(S), 1..5),
        ],
    ) -> Case {
        let mut at = S(first);
        let polls = gaps.iter().map(|gap| { at += S(*gap); at }).collect();
        let anchor = if head { Anchor::Head } else { Anchor::Tail };
        Case { log, window: Window { anchor, tokens, ..Window::default() }, polls, lags }
    }
}

/// Which lines come how many seconds late.
fn insertions() -> impl Strategy<Value = Vec<(prop::sample::Index, u64)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 1u64..30), 1..6)
}

fn delayed(log: &Timeline, late: &[(prop::sample::Index, u64)]) -> Timeline {
    let mut events: Vec<(Duration, Vec<u8>)> =
        log.events().iter().map(|e| (e.at, e.text.clone())).collect();
    for (which, by) in late.iter().filter(|_| !log.events().is_empty()) {
        let nth = which.index(events.len());
        events[nth].0 += S(*by);
    }
    Timeline::new(events)
}

/// With windows of at most so many events. Where lines get lost, replicas don't
/// lag: nothing tells an older window from one after a gap.
fn beyond(case: Case, most: usize) -> Case {
    let window = Window { most_events: most, ..case.window };
    let paged = matches!(window.tokens, Tokens::Honoured(_));
    let lags = if paged { case.lags } else { vec![Duration::ZERO] };
    Case { window, lags, ..case }
}

fn at_end() -> impl Strategy<Value = AtEnd> {
    prop_oneof![Just(AtEnd::Absent), Just(AtEnd::Same), Just(AtEnd::Other)]
}

fn short_pages() -> impl Strategy<Value = ShortPages> {
    prop_oneof![(5usize..80).prop_map(ShortPages::AtMost), any::<u64>().prop_map(ShortPages::Vary)]
}

/// So many cases, the same each time: among many thousands there are some that
/// nobody can decide (a log that repeats itself, read from replicas that lag).
/// `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for others.
fn cases_of(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let rng_seed = match default.rng_seed {
        RngSeed::Random if !asked => RngSeed::Fixed(20_261_123),
        seed => seed,
    };
    let cases = if asked { default.cases } else { cases };
    let failure_persistence = Some(Box::new(FileFailurePersistence::Off) as Box<_>);
    ProptestConfig { cases, rng_seed, failure_persistence, ..default }
}

proptest! {
    #![proptest_config(cases_of(60))]

    /// As long as a window can hold the log, the result is exact.
    #[test]
    fn a_log_that_fits_a_window_is_exact(case in cases()) {
        let (screen, _) = case.run()?;
        let truth = case.truth();
        prop_assert!(screen.fits(&truth, false), "{} of {}", screen.0.len(), truth.len());
        prop_assert!(screen.gaps() == 0 || case.is_undecidable());
    }

    /// Lines that turn up late, before others that were there, end up in place.
    #[test]
    fn late_insertions_are_repaired(case in cases(), late in insertions()) {
        let case = Case { log: delayed(&case.log, &late), ..case };
        let (screen, _) = case.run()?;
        let truth = case.truth();
        prop_assert!(screen.fits(&truth, false), "{} of {}", screen.0.len(), truth.len());
        prop_assert!(screen.gaps() == 0 || case.is_undecidable());
    }

    /// A log beyond the largest window is exact when tokens lead on, and else
    /// the true log with gaps that are announced.
    #[test]
    fn a_log_beyond_the_largest_window_has_announced_gaps(case in cases(), most in 8usize..150) {
        let case = beyond(case, most);
        let (screen, _) = case.run()?;
        let truth = case.truth();
        prop_assert!(screen.fits(&truth, false), "{} of {}", screen.0.len(), truth.len());
        if truth.len() < most || matches!(case.window.tokens, Tokens::Honoured(_)) {
            prop_assert!(screen.gaps() == 0 || case.is_undecidable());
        }
    }

    /// Where nobody tells how large windows are, a start or an end that none of them
    /// reached can't be known of; but nothing is moved or doubled, and what is lost in
    /// between is announced.
    #[test]
    fn windows_of_an_untold_size_move_nothing(case in cases(), most in 20usize..150) {
        let case = beyond(case, most);
        let screen = case.run_untold()?;
        let truth = case.truth();
        let fits = (0..=truth.len()).any(|start| screen.fits(&truth[start..], true));
        prop_assert!(fits, "{} of {}", screen.0.len(), truth.len());
    }

    /// The same when lines turn up late. Those that turn up where no window
    /// reaches can't be known of; nothing else may be lost.
    #[test]
    fn late_insertions_beyond_the_largest_window(
        case in cases(),
        late in insertions(),
        most in 8usize..150,
    ) {
        let case = beyond(Case { log: delayed(&case.log, &late), ..case }, most);
        let (screen, _) = case.run()?;
        let truth = case.truth();
        let paged = matches!(case.window.tokens, Tokens::Honoured(_));
        let unseen: Vec<usize> = match paged || case.window.anchor == Anchor::Head {
            true => vec![],
            false => late.iter().filter(|_| !truth.is_empty()).map(|l| l.0.index(truth.len())).collect(),
        };
        let fits = screen.fits_but(&truth, false, &unseen);
        prop_assert!(fits, "{} of {}", screen.0.len(), truth.len());
        if truth.len() < most || paged {
            prop_assert!(screen.gaps() == 0 || case.is_undecidable() || case.is_doubtful());
        }
    }

    /// Short and empty pages: exact where a token leads on.
    #[test]
    fn pages_can_be_short_or_empty(case in cases(), short in short_pages(), at_end in at_end()) {
        let window = Window { short, tokens: Tokens::Honoured(at_end), ..case.window };
        let case = Case { window, ..case };
        let (screen, _) = case.run()?;
        let truth = case.truth();
        prop_assert!(screen.fits(&truth, false), "{} of {}", screen.0.len(), truth.len());
        prop_assert_eq!(screen.gaps(), 0);
    }

    /// Events of several lines make no difference.
    #[test]
    fn events_can_hold_several_lines(case in cases(), per in 1usize..5, newline in any::<bool>()) {
        let case = Case { log: case.log.shaped(Shape { lines: per, newline }), ..case };
        let (screen, _) = case.run()?;
        prop_assert!(screen.fits(&case.truth(), false));
    }
}

proptest! {
    #![proptest_config(cases_of(12))]

    /// A page is cut at 1 MB.
    #[test]
    fn pages_can_be_cut_by_bytes(case in cases(), wide in 3000usize..9000) {
        let lines = case.log.events().iter().map(|event| {
            let mut text = event.text.clone();
            text.resize(text.len() + wide, b'.');
            (event.at, text)
        });
        let most = case.window.most_events;
        let case = beyond(Case { log: Timeline::new(lines.collect::<Vec<_>>()), ..case }, most);
        let (screen, _) = case.run()?;
        let truth = case.truth();
        prop_assert!(screen.fits(&truth, false), "{} of {}", screen.0.len(), truth.len());
        if matches!(case.window.tokens, Tokens::Honoured(_)) {
            prop_assert_eq!(screen.gaps(), 0);
        }
    }
}

/// A burst of three times what was there before it is read back to its start, once.
#[test]
fn a_burst_is_read_once_where_tokens_lead_to_older_lines() {
    let at = |n: u64| if n < 40 { Duration::ZERO } else { S(60) };
    let line = |n| (at(n), format!("#7 {n}.123 Collecting package-{n}").into_bytes());
    let log = Timeline::new((0..160).map(line).collect::<Vec<_>>());
    let tokens = Tokens::Honoured(AtEnd::Same);
    let window = Window { anchor: Anchor::Tail, tokens, ..Window::default() };
    let polls = (0..30).map(|n| S(n * 3)).collect();
    let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
    let (screen, cost) = case.run().unwrap();
    assert!(screen.fits(&case.truth(), false) && screen.gaps() == 0);
    let size: usize = case.log.events().iter().map(|event| event.text.len() + 1).sum();
    let times = cost.bytes as f64 / size as f64;
    assert!(times < 2.6, "{times:.2} times the log, in {} requests", cost.requests);
}

/// A step that prints a line now and then: where tokens lead on, hardly anything is read
/// again while it does.
#[test]
fn a_few_lines_at_a_time_cost_little_where_tokens_lead_on() {
    let line = |n: u64| (S(n * 2), format!("#7 {n}.123 Collecting package-{n}").into_bytes());
    let log = Timeline::new((0..90).map(line).collect::<Vec<_>>());
    let size: usize = log.events().iter().map(|event| event.text.len() + 1).sum();
    for (anchor, at_end, most) in [
        (Anchor::Head, AtEnd::Absent, 2.5),
        (Anchor::Head, AtEnd::Same, 2.5),
        (Anchor::Tail, AtEnd::Same, 2.9),
    ] {
        let tokens = Tokens::Honoured(at_end);
        let window = Window { anchor, tokens, ..Window::default() };
        let polls = (0..60).map(|n| S(n * 3)).collect();
        let case = Case { log: log.clone(), window, polls, lags: vec![Duration::ZERO] };
        let (screen, cost) = case.run().unwrap();
        assert!(screen.fits(&case.truth(), false) && screen.gaps() == 0);
        let times = cost.bytes as f64 / size as f64;
        println!("{anchor:?}, {at_end:?}: {times:.2}, {} requests", cost.requests);
        assert!(times <= most, "{anchor:?}, {at_end:?}: {times:.2} times the log");
    }
}

/// Builds print a few lines, then many at once, and then little for a while. Where
/// tokens lead on from the first lines, what was read isn't read again for that.
#[test]
fn a_log_that_comes_at_once_is_followed_from_its_end() {
    for at_end in [AtEnd::Absent, AtEnd::Same] {
        for (first, second, third) in [(3, 60, 40), (4, 100, 0), (8, 120, 3), (5, 40, 200)] {
            let at = |n| match n {
                _ if n < first => S(1),
                _ if n < first + second => S(8),
                _ => S(40),
            };
            let line = |n| (at(n), text(6, n, n * 7919).into_bytes());
            let log: Vec<_> = (0..first + second + third).map(line).collect();
            let log = Timeline::new(log);
            let size: usize = log.events().iter().map(|event| event.text.len() + 1).sum();
            let polls = (0..25).map(|n| S(n * 3)).collect();
            let window = Window { tokens: Tokens::Honoured(at_end), ..Window::default() };
            let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
            let (screen, cost) = case.run().unwrap();
            assert!(screen.fits(&case.truth(), false) && screen.gaps() == 0);
            let times = cost.bytes as f64 / size as f64;
            println!("{first}, {second} and {third} lines, {at_end:?}: {times:.2}");
            assert!(times < 2.7, "{first}, {second} and {third} lines, {at_end:?}: {times:.2}");
        }
    }
}

/// While a build has printed a few lines and prints no more, looking for more of them
/// costs little, whatever windows are.
#[test]
fn a_log_of_a_few_lines_costs_little_while_it_stays_so() {
    for tokens in [Tokens::None, Tokens::Honoured(AtEnd::Same), Tokens::Ignored] {
        for (anchor, most) in [(Anchor::Tail, 6.0), (Anchor::Head, 12.0)] {
            for count in [1, 3, 5, 8] {
                let line = |n| (Duration::ZERO, text(1, n, n * 7919 + 5).into_bytes());
                let last = (S(60), b"the last".to_vec());
                let log: Vec<_> = (0..count).map(line).chain([last]).collect();
                let polls = (0..120).map(|n| Duration::from_millis(n * 500)).collect();
                let window = Window { anchor, tokens, ..Window::default() };
                let log = Timeline::new(log);
                let size: usize = log.events().iter().map(|event| event.text.len() + 1).sum();
                let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
                let (screen, cost) = case.run().unwrap();
                assert!(screen.fits(&case.truth(), false) && screen.gaps() == 0);
                // What the first half a kilobyte buys is bought in any case.
                let times = cost.bytes.saturating_sub(1024) as f64 / size as f64;
                assert!(times < most, "{count} lines, {anchor:?} {tokens:?}: {times:.1}");
            }
        }
    }
}

/// An answer that lost its lines on the way doesn't let the log rest.
#[test]
fn an_answer_without_lines_is_asked_for_again_at_the_next_turn() {
    let log: Vec<Vec<u8>> = (0..400).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    let window = Window { anchor: Anchor::Tail, tokens: Tokens::None, ..Window::default() };
    let mut stitcher = Stitcher::new();
    let mut rests = 0;
    for turn in 0..60 {
        let count = (turn as usize * 3 + 20).min(log.len());
        let visible: Vec<&[u8]> = log[..count].iter().map(Vec::as_slice).collect();
        let ask = stitcher.ask(false, S(turn * 3));
        let served = window.serve(&visible, ask.limit as usize, None, turn);
        answer(&mut stitcher, &ask, &visible, served);
        if stitcher.sparing().is_some() {
            rests += 1;
            let ask = stitcher.ask(false, S(turn * 3 + 1));
            stitcher.receive(&ask, Received::default());
            assert_eq!(stitcher.sparing(), None, "after {ask:?}");
        }
    }
    assert!(rests > 5, "{rests}");
}

/// Where windows are recognised by many lines, or by all there are, a log that has
/// cost enough rests as well.
#[test]
fn a_log_that_repeats_itself_costs_no_more_than_it_must() {
    let line = |n: u64| match n {
        0..45 => text(1, n, n * 7919 + 5),
        45..400 => format!("round, step {}", n % 9),
        _ => text(0, n, n * 7919),
    };
    let log = (0..440).map(|n| (Duration::from_millis(n * 120), line(n).into_bytes()));
    let log = Timeline::new(log.collect::<Vec<_>>());
    let size: usize = log.events().iter().map(|event| event.text.len() + 1).sum();
    let polls = (0..80).map(|n| Duration::from_millis(n * 700)).collect();
    let window = Window { anchor: Anchor::Tail, tokens: Tokens::None, ..Window::default() };
    let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
    let (screen, cost) = case.run().unwrap();
    assert!(screen.fits(&case.truth(), false) && screen.gaps() == 0);
    let times = cost.bytes as f64 / size as f64;
    assert!(times < 5.0, "{times:.2}");
}

/// What a build ended with isn't looked at, but read.
#[test]
fn in_a_hurry_no_turn_is_spent_on_a_look() {
    let log: Vec<Vec<u8>> = (0..400).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    let window = Window { anchor: Anchor::Tail, tokens: Tokens::None, ..Window::default() };
    for hurried in [false, true] {
        let mut stitcher = Stitcher::new();
        for turn in 0..30 {
            let last = turn == 29;
            let count = (turn as usize * 10 + 20).min(220) + if last { 5 } else { 0 };
            let visible: Vec<&[u8]> = log[..count].iter().map(Vec::as_slice).collect();
            if last && hurried {
                stitcher.hurry();
            }
            let ask = stitcher.ask(false, S(turn * 3));
            let served = window.serve(&visible, ask.limit as usize, None, turn);
            let outcome = answer(&mut stitcher, &ask, &visible, served);
            assert!(!last || outcome.patches.is_empty() != hurried, "{ask:?}");
        }
        assert_eq!(stitcher.len(), if hurried { 225 } else { 220 });
    }

    // Where windows are of the first lines there are no looks, and a log rests as before.
    let window = Window { tokens: Tokens::Honoured(AtEnd::Same), ..Window::default() };
    let visible: Vec<&[u8]> = log[..60].iter().map(Vec::as_slice).collect();
    let mut stitcher = Stitcher::new();
    for turn in 0..60 {
        if turn == 50 {
            stitcher.hurry();
        }
        let mut ask = Some(stitcher.ask(false, S(turn * 3)));
        while let Some(asked) = ask {
            let served = window.serve(&visible, asked.limit as usize, asked.token.as_deref(), turn);
            ask = answer(&mut stitcher, &asked, &visible, served).page;
        }
    }
    assert!(stitcher.sparing().is_some());
}

/// A few new lines of a log that has cost enough wait for others, unless somebody asks.
#[test]
fn a_few_new_lines_wait_for_others_but_not_when_asked_for() {
    let log: Vec<Vec<u8>> = (0..80).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    let window = Window { anchor: Anchor::Tail, tokens: Tokens::None, ..Window::default() };
    for urged in [false, true] {
        let mut stitcher = Stitcher::new();
        // Three lines every nine seconds, in every turn of which it is read.
        for turn in 0..20 {
            let count = 20 + turn as usize / 3 * 3;
            let visible: Vec<&[u8]> = log[..count].iter().map(Vec::as_slice).collect();
            stitcher.urge();
            let ask = stitcher.ask(false, S(turn * 3));
            let served = window.serve(&visible, ask.limit as usize, None, turn);
            answer(&mut stitcher, &ask, &visible, served);
        }
        assert_eq!((stitcher.anchor(), stitcher.len()), (Some(Side::Tail), 38));
        let visible: Vec<&[u8]> = log[..41].iter().map(Vec::as_slice).collect();
        let look = stitcher.ask(false, S(60));
        let served = window.serve(&visible, look.limit as usize, None, 60);
        answer(&mut stitcher, &look, &visible, served);
        assert_eq!(stitcher.len(), 38, "{look:?}");
        let wait = stitcher.sparing().unwrap_or_default();
        assert!(wait > S(15) && wait <= S(45), "{wait:?}");
        let at = if urged { S(63) } else { S(60) + wait };
        if urged {
            stitcher.urge();
        }
        let ask = stitcher.ask(false, at);
        let served = window.serve(&visible, ask.limit as usize, None, 61);
        answer(&mut stitcher, &ask, &visible, served);
        assert_eq!(stitcher.len(), 41, "{ask:?}");
    }
}

/// Where parts of the first lines came without a token, there is none to wait for: two
/// parts tell what windows are, and no other is asked for.
#[test]
fn a_service_that_never_offers_more_is_asked_for_all_of_it() {
    let log: Vec<Vec<u8>> = (0..300).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    let mut stitcher = Stitcher::new();
    let mut parts = 0;
    for turn in 0..20 {
        let visible: Vec<&[u8]> = log[..60 + turn * 10].iter().map(Vec::as_slice).collect();
        let ask = stitcher.ask(false, S(turn as u64 * 3));
        parts += u32::from(ask.limit < LARGEST);
        let served = Window::default().serve(&visible, ask.limit as usize, None, turn as u64);
        answer(&mut stitcher, &ask, &visible, served);
    }
    assert_eq!((stitcher.anchor(), parts), (Some(Side::Head), 2));
    assert_eq!(stitcher.len(), 250);
}

/// Of a log that was read at the end of its build, what comes late is read with all of
/// it, unless little has to be read again for that.
#[test]
fn once_a_build_is_over_a_dear_reading_waits_for_the_last() {
    // A log that repeats itself is recognised by all of it.
    for (kind, dear) in [(4, true), (0, false)] {
        let log: Vec<Vec<u8>> = (0..120).map(|n| text(kind, n, n * 7919).into_bytes()).collect();
        let window = Window { anchor: Anchor::Tail, ..Window::default() };
        let mut stitcher = Stitcher::new();
        for turn in 0..13 {
            if turn == 12 {
                stitcher.hurry();
                assert_eq!(stitcher.sparing(), None, "what it ended with is wanted");
            }
            let visible: Vec<&[u8]> = log.iter().map(Vec::as_slice).collect();
            let mut ask = Some(stitcher.ask(false, S(turn * 3)));
            while let Some(asked) = ask {
                let (limit, token) = (asked.limit as usize, asked.token.as_deref());
                let served = window.serve(&visible, limit, token, turn);
                ask = answer(&mut stitcher, &asked, &visible, served).page;
            }
        }
        assert_eq!(stitcher.sparing() == Some(S(30)), dear, "{:?}", stitcher.sparing());
        stitcher.go_on();
        assert_ne!(stitcher.sparing(), Some(S(30)), "it goes on");
    }
}

/// Where a token leads to itself, that is the end.
#[test]
fn the_end_of_a_log_is_asked_for_a_few_times() {
    for (tokens, most) in [(AtEnd::Same, 2), (AtEnd::Absent, 0)] {
        let log: Vec<Vec<u8>> = (0..200).map(|n| text(0, n, n * 7919).into_bytes()).collect();
        let visible: Vec<&[u8]> = log.iter().map(Vec::as_slice).collect();
        let tokens = Tokens::Honoured(tokens);
        let window = Window { anchor: Anchor::Head, tokens, ..Window::default() };
        let mut stitcher = Stitcher::new();
        for turn in 0..20 {
            let last = turn == 19;
            let mut ask = Some(stitcher.ask(last, S(turn * 3)));
            let mut empty = 0;
            while let Some(asked) = ask {
                let served =
                    window.serve(&visible, asked.limit as usize, asked.token.as_deref(), turn);
                empty += u32::from(matches!(&served, Served::Page(range, _) if range.is_empty()));
                ask = answer(&mut stitcher, &asked, &visible, served).page;
            }
            assert!(!last || empty <= most, "{tokens:?}: {empty}");
        }
        assert!(stitcher.settled());
    }
}

/// The first turns, each request of which is answered by a replica that holds so
/// many lines; then those of a service that has caught up, up to the end.
fn by_replicas(log: &[Vec<u8>], window: Window, replicas: &[&[usize]]) -> Screen {
    let mut stitcher = Stitcher::with_largest(window.most_events as u32);
    let mut screen = Screen::default();
    let mut nth = 0;
    let caught_up: &[usize] = &[];
    for turn in 0..replicas.len() + 40 {
        let mut holds = replicas.get(turn).copied().unwrap_or(caught_up).iter();
        let mut ask = Some(stitcher.ask(turn >= replicas.len() + 3, S(turn as u64 * 3)));
        while let Some(asked) = ask {
            nth += 1;
            assert!(nth < 3000, "paging without end");
            let count = holds.next().copied().unwrap_or(log.len()).min(log.len());
            let visible: Vec<&[u8]> = log[..count].iter().map(Vec::as_slice).collect();
            let served = window.serve(&visible, asked.limit as usize, asked.token.as_deref(), nth);
            let outcome = answer(&mut stitcher, &asked, &visible, served);
            outcome.patches.iter().for_each(|patch| screen.apply(patch));
            assert!(screen.fits(log, true), "wrong in between, in turn {turn}: {asked:?}");
            assert_eq!(stitcher.cut_off(), None, "cut in turn {turn}: {asked:?}");
            ask = outcome.page;
        }
        if stitcher.settled() {
            screen.apply(&stitcher.seal());
            return screen;
        }
    }
    panic!("never settled: {stitcher:?}");
}

/// Where tokens are positions, a replica that lags has nothing at one beyond its
/// end, and leads back to there: to lines that were read.
#[test]
fn an_empty_page_that_leads_back_doubles_nothing() {
    for kind in 0..6 {
        let log: Vec<Vec<u8>> = (0..150).map(|n| text(kind, n, n * 7919).into_bytes()).collect();
        for most in [40, 1000] {
            let tokens = Tokens::Honoured(AtEnd::Same);
            let window = Window { tokens, most_events: most, ..Window::default() };
            // What the probes of the first turn see, and how far behind the
            // replica is that answers the pages after them.
            for (before, behind) in (1..6).flat_map(|n| [0, 17, 40, 99].map(|b| (n, b))) {
                let mut first = vec![100; before];
                first.extend([behind, behind, 150]);
                let mut later = first.clone();
                later.extend([behind, behind, 120]);
                for turns in [&[&first[..]][..], &[&first, &later], &[&[100; 9], &later]] {
                    let screen = by_replicas(&log, window, turns);
                    let name = format!("kind {kind}, most {most}, {before} before {behind}");
                    assert!(screen.fits(&log, false) && screen.gaps() == 0, "{name}");
                }
            }
        }
    }
}

/// A token that is ignored leads a replica that lags to lines that look like the
/// page before, if it is behind by just as many as the page has.
#[test]
fn a_replica_that_is_behind_by_a_page_does_not_lead_to_older_lines() {
    for kind in 0..6 {
        let log: Vec<Vec<u8>> = (0..150).map(|n| text(kind, n, n * 7919).into_bytes()).collect();
        let window =
            Window { anchor: Anchor::Tail, tokens: Tokens::IgnoredOther, ..Window::default() };
        for behind in 1..16 {
            let lags = [100, 100, 100 - behind];
            for turns in [&[&lags[..]][..], &[&[100; 9], &[100; 9], &lags], &[&lags, &lags]] {
                let screen = by_replicas(&log, window, turns);
                let name = format!("kind {kind}, behind by {behind}: {} lines", screen.0.len());
                assert!(screen.fits(&log, false) && screen.gaps() == 0, "{name}");
            }
        }
    }
}

/// A replica that lags has as many lines as the log had a while ago: a window of
/// so many isn't the first lines for that.
#[test]
fn a_replica_that_has_no_more_than_a_probe_is_not_the_head_of_the_log() {
    for kind in 0..6 {
        let log: Vec<Vec<u8>> = (0..91).map(|n| text(kind, n, n * 7919).into_bytes()).collect();
        for tokens in [Tokens::Honoured(AtEnd::Absent), Tokens::None] {
            for (young, most) in (1..13).flat_map(|n| [(n, 14), (n, 1000)]) {
                let old = [13, young, 13, young];
                let turns: [&[usize]; 8] = [
                    &[young],
                    &[young],
                    &old,
                    &[young],
                    &[young; 2],
                    &old,
                    &[young; 3],
                    &[young; 4],
                ];
                let anchor = Anchor::Tail;
                let window = Window { anchor, tokens, most_events: most, ..Window::default() };
                let screen = by_replicas(&log, window, &turns);
                let name = format!("kind {kind}, {young} lines, {tokens:?}, most {most}");
                assert!(screen.fits(&log, false), "{name}: {} lines", screen.0.len());
                let whole = most > 91 || tokens != Tokens::None;
                assert!(!whole || screen.gaps() == 0, "{name}: {} gaps", screen.gaps());
            }
        }
    }
}

/// Where tokens are positions, late lines move what stands after them: a page then
/// begins with lines that are held, whether others came late among those or not.
#[test]
fn a_page_that_late_lines_moved_doubles_nothing() {
    for (late, also) in [(1, false), (2, false), (2, true), (3, true)] {
        let line = |n: usize| format!("#7 {n} Collecting package-{n}").into_bytes();
        let whole: Vec<Vec<u8>> = (0..90).map(line).collect();
        // Some lines far before the page, and one among its first, come late.
        let is_late = |n: usize| (20..20 + late).contains(&n) || also && n == 49;
        let early: Vec<Vec<u8>> = (0..60).filter(|n| !is_late(*n)).map(line).collect();
        let unseen: Vec<usize> = (0..90).filter(|n| is_late(*n)).collect();
        let tokens = Tokens::Honoured(AtEnd::Same);
        let window = Window { tokens, ..Window::default() };
        let mut stitcher = Stitcher::new();
        let mut screen = Screen::default();
        let mut nth = 0;
        for turn in 0..60 {
            let log = if turn < 12 { &early } else { &whole };
            let visible: Vec<&[u8]> = log.iter().map(Vec::as_slice).collect();
            let mut ask = Some(stitcher.ask(turn > 16, S(turn as u64 * 3)));
            while let Some(now) = ask {
                nth += 1;
                let page = window.serve(&visible, now.limit as usize, now.token.as_deref(), nth);
                let outcome = answer(&mut stitcher, &now, &visible, page);
                outcome.patches.iter().for_each(|patch| screen.apply(patch));
                let name = format!("{late} late, {also}, in turn {turn}: {now:?}");
                assert!(screen.fits_but(&whole, true, &unseen), "{name}");
                ask = outcome.page;
            }
            if stitcher.settled() {
                break;
            }
        }
        assert!(stitcher.settled());
        screen.apply(&stitcher.seal());
        assert!(screen.fits(&whole, false) && screen.gaps() == 0, "{late} late, {also}");
    }
}

/// A line that is held twice is one that was misplaced: the service is right when
/// it says so again and again at the end. A line that is nowhere else stays.
#[test]
fn what_is_held_twice_is_repaired_at_the_end_and_what_is_held_once_stays() {
    for (extra, stays) in [(b"#7 11 DONE".as_slice(), false), (b"#7 lost line", true)] {
        let log: Vec<Vec<u8>> = (0..30).map(|n| format!("#7 {n} DONE").into_bytes()).collect();
        let mut first = log.clone();
        first.insert(20, extra.to_vec());
        let tokens = Tokens::Honoured(AtEnd::Absent);
        let window = Window { tokens, ..Window::default() };
        let mut stitcher = Stitcher::new();
        let mut screen = Screen::default();
        for turn in 0..60 {
            let served = if turn < 4 { &first } else { &log };
            let visible: Vec<&[u8]> = served.iter().map(Vec::as_slice).collect();
            let mut ask = Some(stitcher.ask(turn > 8, S(turn * 3)));
            while let Some(now) = ask {
                let page = window.serve(&visible, now.limit as usize, now.token.as_deref(), turn);
                let outcome = answer(&mut stitcher, &now, &visible, page);
                outcome.patches.iter().for_each(|patch| screen.apply(patch));
                ask = outcome.page;
            }
            if stitcher.settled() {
                break;
            }
        }
        assert!(stitcher.settled());
        let expected = if stays { &first } else { &log };
        let shown: Vec<Vec<u8>> = screen.0.into_iter().flatten().collect();
        assert_eq!(&shown, expected, "{}", String::from_utf8_lossy(extra));
    }
}

/// Late lines take the place of the last ones that a window of the first lines
/// has: those that were shown stay, and what can't be known is announced.
#[test]
fn lines_that_late_ones_push_out_of_the_window_stay() {
    for late in 1..4 {
        let at = |n: u64| {
            S(if n < 40 { 0 } else { 60 } + if (5..5 + late).contains(&n) { 30 } else { 0 })
        };
        let log = (0..80).map(|n| (at(n), text(0, n, n * 7919).into_bytes()));
        let log = Timeline::new(log.collect::<Vec<_>>());
        let window = Window { most_events: 30, ..Window::default() };
        let polls = (0..25).map(|n| S(n * 3)).collect();
        let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
        let (screen, _) = case.run().unwrap();
        assert!(screen.fits(&case.truth(), false), "{late} late");
        assert_eq!((screen.0.len(), screen.gaps()), (30 + late as usize + 1, 1), "{late} late");
        // Of an end that is cut off nobody tells.
        let screen = case.run_untold().unwrap();
        assert!(screen.fits(&case.truth(), true), "{late} late");
        assert_eq!((screen.0.len(), screen.gaps()), (30 + late as usize, 0), "{late} late");
    }
}

/// The same where windows are cut off by their size: of long lines that come late, they have
/// fewer than there were.
#[test]
fn long_lines_that_come_late_push_more_out() {
    let late = |n: u64| (5..7).contains(&n);
    let at = |n: u64| S(if n < 40 { 0 } else { 60 } + if late(n) { 30 } else { 0 });
    let line = |n: u64| text(0, n, n * 7919) + &"x".repeat(if late(n) { 100 } else { 0 });
    let log = Timeline::new((0..80).map(|n| (at(n), line(n).into_bytes())).collect::<Vec<_>>());
    let window = Window { most_bytes: 1000, ..Window::default() };
    let polls = (0..25).map(|n| S(n * 3)).collect();
    let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
    let screen = case.run_untold().unwrap();
    assert!(screen.fits(&case.truth(), true));
    assert!(screen.0.len() > 28 && screen.gaps() == 0, "{} lines", screen.0.len());
}

/// Of late lines only some fit in a window of the first ones: those after them are missing.
#[test]
fn late_lines_that_a_window_has_no_room_for_are_missing() {
    let at = |n: u64| S(if (20..30).contains(&n) { 30 } else { 0 } + if n < 36 { 0 } else { 60 });
    let log = (0..80).map(|n| (at(n), text(0, n, n * 7919).into_bytes()));
    let log = Timeline::new(log.collect::<Vec<_>>());
    let window = Window { most_events: 26, ..Window::default() };
    let polls = (0..25).map(|n| S(n * 3)).collect();
    let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
    let screen = case.run_untold().unwrap();
    assert!(screen.fits(&case.truth(), true));
    assert_eq!((screen.0.len(), screen.gaps()), (26 + 6 + 1, 1), "26..30 of 0..36");
}

/// Other services have empty pages on the way, each with a token of its own
/// that leads on: those are read to the end.
#[test]
fn empty_pages_that_lead_on_are_followed() {
    for (kind, empties) in [(0, 2), (1, 2), (5, 2), (0, 5)] {
        let log: Vec<Vec<u8>> = (0..150).map(|n| text(kind, n, n * 7919).into_bytes()).collect();
        let mut stitcher = Stitcher::with_largest(30);
        let mut screen = Screen::default();
        for turn in 0..40 {
            let mut ask = Some(stitcher.ask(turn > 2, S(turn as u64 * 3)));
            while let Some(asked) = ask {
                // "60/1" is the second token at line 60: only a later one has lines.
                let first = format!("0/{empties}");
                let token = asked.token.as_deref().unwrap_or(&first);
                let (at, nth) = token.split_once('/').unwrap();
                let (at, nth): (usize, usize) = (at.parse().unwrap(), nth.parse().unwrap());
                let count = if nth < empties { 0 } else { 30.min(asked.limit as usize) };
                let end = log.len().min(at + count);
                let next = if count == 0 { nth + 1 } else { 0 };
                let token = (end < log.len()).then(|| format!("{end}/{next}"));
                let lines = log[at..end].to_vec();
                let outcome =
                    stitcher.receive(&asked, Received { events: lines.len(), lines, token });
                outcome.patches.iter().for_each(|patch| screen.apply(patch));
                assert!(screen.fits(&log, true), "wrong in between, in turn {turn}: {asked:?}");
                ask = outcome.page;
            }
            if stitcher.settled() {
                break;
            }
        }
        assert!(stitcher.settled());
        screen.apply(&stitcher.seal());
        println!("kind {kind}: {} lines and gaps, {} gaps", screen.0.len(), screen.gaps());
        assert!(screen.fits(&log, false), "kind {kind}");
        // A page that begins with the line before it may have been read already.
        assert!(kind != 0 || screen.gaps() == 0);
    }
}

/// The same while a log grows, of which the first lines or the newest are known: what is behind
/// them doesn't wait for the end.
#[test]
fn empty_pages_that_lead_on_are_followed_while_a_log_grows() {
    const HOLE: usize = 100;
    let log: Vec<Vec<u8>> = (0..240).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    for anchor in [Side::Head, Side::Tail] {
        let mut stitcher = Stitcher::new();
        let mut screen = Screen::default();
        for turn in 0..80 {
            // A burst on both sides of the hole.
            let visible = if turn < 20 { 40 + turn } else { 200.min(40 + turn * 4) };
            let mut ask = Some(stitcher.ask(false, S(turn as u64 * 3)));
            while let Some(asked) = ask {
                let first = format!("{}/0", if anchor == Side::Head { 0 } else { visible });
                let (at, nth) = asked.token.as_deref().unwrap_or(&first).split_once('/').unwrap();
                let (at, nth): (usize, usize) = (at.parse().unwrap(), nth.parse().unwrap());
                let limit = asked.limit as usize;
                let (lines, next) = match anchor {
                    _ if at == HOLE && nth < 4 => (0..0, format!("{at}/{}", nth + 1)),
                    Side::Head => {
                        let end = if at < HOLE { HOLE.min(visible) } else { visible };
                        let end = end.min(at + limit);
                        (at..end, format!("{end}/0"))
                    }
                    Side::Tail => {
                        let start = if at > HOLE { HOLE } else { 0 };
                        let start = start.max(at.saturating_sub(limit));
                        (start..at, format!("{start}/0"))
                    }
                };
                let token = Some(next).filter(|next| !lines.is_empty() || !next.ends_with("/0"));
                let token = token.or(asked.token.clone());
                let lines = log[lines].to_vec();
                let outcome =
                    stitcher.receive(&asked, Received { events: lines.len(), lines, token });
                outcome.patches.iter().for_each(|patch| screen.apply(patch));
                assert!(screen.fits(&log, true), "wrong in between, in turn {turn}: {asked:?}");
                ask = outcome.page;
            }
        }
        assert_eq!((stitcher.anchor(), screen.0.len(), screen.gaps()), (Some(anchor), 200, 0));
    }
}

/// Follows a log to its end while it stands still, asking the window as it is.
fn follow(
    log: &[Vec<u8>],
    window: Window,
    served: usize,
) -> (Screen, usize, Option<(usize, Side)>) {
    follow_from(log, window, served, 13)
}

/// The same of a build that is over from this turn on.
fn follow_from(
    log: &[Vec<u8>],
    window: Window,
    served: usize,
    over: u32,
) -> (Screen, usize, Option<(usize, Side)>) {
    let mut stitcher = Stitcher::with_largest(served as u32);
    let mut screen = Screen::default();
    let mut asked = 0;
    let visible: Vec<&[u8]> = log.iter().map(Vec::as_slice).collect();
    for turn in 0..60 {
        let mut ask = Some(stitcher.ask(turn >= over, S(u64::from(turn) * 3)));
        while let Some(now) = ask {
            asked += 1;
            let page = window.serve(&visible, now.limit as usize, now.token.as_deref(), asked);
            let outcome = answer(&mut stitcher, &now, &visible, page);
            outcome.patches.iter().for_each(|patch| screen.apply(patch));
            ask = outcome.page;
        }
        if stitcher.settled() {
            screen.apply(&stitcher.seal());
            return (screen, asked as usize, stitcher.suspect(false));
        }
    }
    panic!("never settled: {stitcher:?}");
}

/// Tokens that are ignored, each of them another one, lead to the same page
/// again: no line of it is taken twice, and it isn't asked for without end.
#[test]
fn other_tokens_that_are_ignored_double_nothing() {
    for kind in 0..6 {
        for count in [1, 2, 9, 18, 60, 150] {
            for anchor in [Anchor::Head, Anchor::Tail] {
                let log: Vec<Vec<u8>> =
                    (0..count).map(|n| text(kind, n, n * 7919).into_bytes()).collect();
                let window = Window { anchor, tokens: Tokens::IgnoredOther, ..Window::default() };
                let (screen, asked, _) = follow(&log, window, 10_000);
                let name = format!("kind {kind}, {count} lines, {anchor:?}");
                assert!(screen.fits(&log, false), "{name}: {} lines", screen.0.len());
                // Of equal lines nothing tells that they are the same again.
                assert!(asked < if kind == 3 { 150 } else { 90 }, "{name}: {asked} requests");
                assert_eq!(screen.gaps(), 0, "{name}");
            }
        }
    }
}

/// A service that hands out its first so many events and no word about the rest
/// can't be told from a log of so many lines, but for the number.
#[test]
fn a_limit_that_nobody_tells_is_suspected() {
    let log: Vec<Vec<u8>> = (0..917).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    for (most, round) in [(300, true), (500, true), (285, false), (10_000, false)] {
        let window = Window { most_events: most, ..Window::default() };
        let (screen, _, suspected) = follow(&log, window, 10_000);
        let suspect = round.then_some((most, Side::Head));
        assert!(screen.fits(&log[..most.min(log.len())], false), "at most {most}");
        assert_eq!((screen.gaps(), suspected), (0, suspect), "at most {most}");
        let window = Window { anchor: Anchor::Tail, ..window };
        let (screen, _, suspected) = follow(&log, window, 10_000);
        let suspect = round.then_some((most, Side::Tail));
        assert!(screen.fits(&log[log.len().saturating_sub(most)..], false), "at most {most}");
        assert_eq!((screen.gaps(), suspected), (0, suspect), "at most {most}");
    }
}

/// What a log comes to that grew by twenty lines a turn, of a build that is over from a turn on.
fn grown(log: &[Vec<u8>], window: Window, over: usize) -> Stitcher {
    let mut stitcher = Stitcher::new();
    for turn in 0..60 {
        let visible: Vec<&[u8]> = log.iter().take(turn * 20).map(Vec::as_slice).collect();
        let ask = stitcher.ask(turn >= over, S(turn as u64 * 3));
        let served = window.serve(&visible, ask.limit as usize, None, turn as u64);
        answer(&mut stitcher, &ask, &visible, served);
        if stitcher.settled() {
            break;
        }
    }
    stitcher
}

/// The agent speaks at both ends of a log: where it doesn't at the end of one whose first lines
/// are all there is to be had, it may have been cut off after any number, though it grew until
/// the build was stopped.
#[test]
fn a_log_without_an_end_is_suspected_where_nothing_can_show_it() {
    let agent = |what: &str| format!("[Container] 2026/11/26 10:00:00.1 {what}").into_bytes();
    for (first, still, suspected) in
        [("[Container]", 9, true), ("[Container]", 0, true), ("#1", 9, false)]
    {
        let mut log = vec![if first == "#1" { b"#1 0.1 x".to_vec() } else { agent("Waiting") }];
        log.extend((0..193).map(|n| text(0, n, n * 7919).into_bytes()));
        let stitcher = grown(&log, Window::default(), 11 + still);
        let suspect = suspected.then_some((log.len(), Side::Head));
        assert_eq!(stitcher.suspect(false), suspect, "{first}, {still}");
        // The agent closes what it has ended.
        assert_eq!(stitcher.suspect(true).is_some(), first != "#1", "{first}, {still}");
    }
}

/// Where windows don't reach back to the start any more, nothing shows what came late there.
#[test]
fn how_far_the_last_window_reaches_back_is_known() {
    let log: Vec<Vec<u8>> = (0..200).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    for (most, reached) in [(80, Some(80)), (1000, None)] {
        let window = Window { anchor: Anchor::Tail, most_events: most, ..Window::default() };
        let stitcher = grown(&log, window, 21);
        assert_eq!((stitcher.lines(), stitcher.reached()), (200, reached), "at most {most}");
        assert!(stitcher.is_confirmed());
    }
}

/// The agent speaks at both ends of a log: where one is missing after a round
/// number of events, that is a limit.
#[test]
fn a_limit_that_the_agent_gives_away_is_announced() {
    let agent = |what: &str| format!("[Container] 2026/11/26 10:00:00.1 {what}").into_bytes();
    let mut log = vec![agent("Waiting for agent ping")];
    log.extend((0..917).map(|n| text(0, n, n * 7919).into_bytes()));
    log.push(agent("Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED"));
    log.push(agent("Phase context status code:  Message: "));
    for (most, gaps) in [(300, 1), (285, 0), (10_000, 0)] {
        for anchor in [Anchor::Head, Anchor::Tail] {
            let window = Window { anchor, most_events: most, ..Window::default() };
            let (screen, _, suspected) = follow(&log, window, 10_000);
            let fits = screen.fits(&log, false);
            assert_eq!((screen.gaps(), fits), (gaps, most != 285), "{anchor:?}, at most {most}");
            // It stood still at that number while the build went on, or didn't begin with
            // the agent's first words.
            let side = if anchor == Anchor::Head { Side::Head } else { Side::Tail };
            let suspect = (most == 285).then_some((285, side));
            assert_eq!(suspected, suspect, "{anchor:?}, at most {most}");
        }
    }
}

/// An agent that tells fractions of a second opens each log with the same words: others it said
/// later. What an older one said first is less sure.
#[test]
fn a_log_that_opens_with_later_words_of_the_agent_is_suspected() {
    for (fraction, suspected) in [(".1234", true), ("", false)] {
        let agent = |n: usize| {
            let what = if n == 0 { "Running on CodeBuild On-demand" } else { "Entering" };
            format!("[Container] 2026/11/26 10:00:00{fraction} {what} {n}").into_bytes()
        };
        let mut log: Vec<Vec<u8>> = (0..30).map(agent).collect();
        log.extend((0..60).map(|n| text(0, n, n * 7919).into_bytes()));
        for most in [71, 10_000] {
            let window = Window { anchor: Anchor::Tail, most_events: most, ..Window::default() };
            let (screen, _, suspect) = follow(&log, window, 10_000);
            assert_eq!((screen.gaps(), screen.0.len()), (0, most.min(log.len())));
            let suspected = (suspected && most == 71).then_some((71, Side::Tail));
            assert_eq!(suspect, suspected, "{fraction}, at most {most}");
        }
    }
}

/// Lines that come late before the first ones move a small window, one after the other,
/// but not as newer ones do.
#[test]
fn first_lines_that_come_late_are_no_newest_ones() {
    let at = |n: u64| S([10, 6].get(n as usize).copied().unwrap_or(0));
    let log: Vec<_> = (0..54).map(|n| (at(n), text(0, n, n * 7919).into_bytes())).collect();
    for tokens in [Tokens::None, Tokens::Refused] {
        let window = Window { tokens, most_events: 9, ..Window::default() };
        let polls = [5, 6, 9].map(S).to_vec();
        let log = Timeline::new(log.clone());
        let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
        let (screen, _) = case.run().unwrap();
        assert!(screen.fits(&case.truth(), false), "{tokens:?}: {:?}", screen.0);
    }
}

/// Of a log of few different lines, a small window that a late line has moved holds nothing
/// that says so: it isn't taken for newer lines.
#[test]
fn common_lines_do_not_tell_what_a_window_is() {
    let mut dice = fastrand::Rng::with_seed(3);
    for nth in 0..300 {
        let count = dice.u64(60..120);
        let at = |n| S(if n == 0 { 16 } else { n / 30 * 12 });
        let line = |n| (at(n), text(2, n, dice.u64(..)).into_bytes());
        let log = Timeline::new((0..count).map(line).collect::<Vec<_>>());
        let window = Window { most_events: dice.usize(20..52), ..Window::default() };
        let polls = [13, 15, 19, 23, 25].map(S).to_vec();
        let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
        let (screen, _) = case.run().unwrap();
        assert!(screen.fits(&case.truth(), false), "{nth}: {:?}", screen.0);
    }
}

/// A service that offers more and refuses to hand it out is told of, where the agent's
/// words that open or close the log are missing.
#[test]
fn more_that_is_offered_and_refused_is_suspected() {
    let agent = |what: &str| format!("[Container] 2026/11/26 10:00:00.1 {what}").into_bytes();
    let mut log = vec![agent("Waiting for agent ping")];
    log.extend((0..497).map(|n| text(0, n, n * 7919).into_bytes()));
    log.push(agent("Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED"));
    log.push(agent("Phase context status code:  Message: "));
    for (anchor, most, gaps, suspected) in [
        (Anchor::Head, 188, 0, Some((188, Side::Head))),
        // Without the first words something is missing for sure.
        (Anchor::Tail, 188, 1, None),
        (Anchor::Head, 10_000, 0, None),
        (Anchor::Tail, 10_000, 0, None),
    ] {
        let tokens = Tokens::Refused;
        let window = Window { anchor, tokens, most_events: most, ..Window::default() };
        // It was over before it was looked at.
        let (screen, _, suspect) = follow_from(&log, window, 10_000, 1);
        assert_eq!((screen.gaps(), suspect), (gaps, suspected), "{anchor:?}, at most {most}");
    }
}

/// A log that fills the largest window to the last event isn't cut off if it
/// ends with the agent's last words.
#[test]
fn a_log_as_long_as_a_window_is_whole_by_the_words_that_close_it() {
    let agent = |what: &str| format!("[Container] 2026/11/26 10:00:00.1 {what}").into_bytes();
    let mut log = vec![agent("Waiting for agent ping")];
    log.extend((0..297).map(|n| text(0, n, n * 7919).into_bytes()));
    log.push(agent("Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED"));
    log.push(agent("Phase context status code:  Message: "));
    for tokens in [Tokens::None, Tokens::Ignored, Tokens::IgnoredOther, Tokens::Refused] {
        let window = Window { tokens, most_events: log.len(), ..Window::default() };
        let (screen, _, suspected) = follow(&log, window, log.len());
        assert!(screen.fits(&log, false), "{tokens:?}");
        assert_eq!((screen.gaps(), suspected), (0, None), "{tokens:?}");
        // The same window of a longer log.
        let longer = [&log[..299], &log[..1], &log[298..]].concat();
        let (screen, _, _) = follow(&longer, window, log.len());
        assert!(screen.fits(&longer, false), "{tokens:?}");
        assert_eq!(screen.gaps(), 1, "{tokens:?}");
    }
}

/// The same where windows end at a megabyte, of which the service counts more
/// than the text; a log of a megabyte that is all there isn't cut off.
#[test]
fn a_limit_of_bytes_that_the_agent_gives_away_is_announced() {
    let agent = |what: &str| format!("[Container] 2026/11/26 10:00:00.1 {what}").into_bytes();
    for (lines, most, gaps) in [(9900, 800_000, 1), (8400, 950_000, 0)] {
        let mut log = vec![agent("Waiting for agent ping")];
        log.extend((0..lines).map(|n| format!("#7 {n:>6} {}", ".".repeat(95)).into_bytes()));
        log.push(agent("Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED"));
        log.push(agent("Phase context status code:  Message: "));
        for anchor in [Anchor::Head, Anchor::Tail] {
            let window = Window { anchor, most_bytes: most, ..Window::default() };
            let (screen, _, _) = follow(&log, window, 10_000);
            assert!(screen.fits(&log, false), "{anchor:?}, {lines} lines");
            assert_eq!(screen.gaps(), gaps, "{anchor:?}, {lines} lines");
        }
    }
}

/// Windows of the newest lines that are as long as the one before, but begin
/// otherwise, have lost what they began with.
#[test]
fn a_limit_that_nobody_tells_shows_when_windows_move_on() {
    for (most, step, burst) in [(285, 20, 0), (1000, 130, 0), (285, 20, 700), (300, 10, 900)] {
        let log: Vec<Vec<u8>> = (0..3000).map(|n| text(0, n, n * 7919).into_bytes()).collect();
        let window = Window { anchor: Anchor::Tail, most_events: most, ..Window::default() };
        let mut stitcher = Stitcher::new();
        let mut screen = Screen::default();
        let mut nth = 0;
        for turn in 0..80 {
            let count = 1500 + turn * step + if turn > 12 { burst } else { 0 };
            let count = log.len().min(count);
            let visible: Vec<&[u8]> = log[..count].iter().map(Vec::as_slice).collect();
            let mut ask = Some(stitcher.ask(count == log.len(), S(turn as u64 * 3)));
            while let Some(now) = ask {
                nth += 1;
                let served = window.serve(&visible, now.limit as usize, None, nth);
                let outcome = answer(&mut stitcher, &now, &visible, served);
                outcome.patches.iter().for_each(|patch| screen.apply(patch));
                ask = outcome.page;
            }
            if stitcher.settled() {
                break;
            }
        }
        assert!(stitcher.settled(), "{most}");
        screen.apply(&stitcher.seal());
        assert!(screen.fits(&log, false), "{most}: {} lines", screen.0.len());
        assert_eq!(screen.0.first(), Some(&None), "{most}: what came before is missing");
        assert_eq!(screen.gaps(), if burst > 0 { 2 } else { 1 }, "{most}");
    }
}

/// A window that lost its first lines to new ones isn't the start of the log, though it begins
/// as the one before did: whoever comes after the end has two of them.
#[test]
fn a_window_that_moved_on_by_a_round_is_no_start() {
    for tokens in [Tokens::None, Tokens::Ignored, Tokens::IgnoredOther, Tokens::Refused] {
        for more in [1, 3, 30] {
            let line = |n| if n < 1000 { format!("step {}", n % 3) } else { text(0, n, n * 7919) };
            let log: Vec<Vec<u8>> = (0..1100).map(|n| line(n).into_bytes()).collect();
            let window =
                Window { anchor: Anchor::Tail, tokens, most_events: 285, ..Window::default() };
            let mut stitcher = Stitcher::new();
            let mut screen = Screen::default();
            stitcher.hurry();
            for turn in 0..12 {
                let count = if turn < 4 { log.len() - more } else { log.len() };
                let visible: Vec<&[u8]> = log[..count].iter().map(Vec::as_slice).collect();
                let mut ask = Some(stitcher.ask(turn > 2, S(turn as u64 * 3)));
                while let Some(now) = ask {
                    let (limit, token) = (now.limit as usize, now.token.as_deref());
                    let served = window.serve(&visible, limit, token, turn as u64);
                    let outcome = answer(&mut stitcher, &now, &visible, served);
                    outcome.patches.iter().for_each(|patch| screen.apply(patch));
                    ask = outcome.page;
                }
                if turn > 4 && stitcher.settled() {
                    break;
                }
            }
            screen.apply(&stitcher.seal());
            assert_eq!(screen.0.first(), Some(&None), "{tokens:?}, {more} more");
            assert!(screen.fits(&log, false), "{tokens:?}, {more} more");
        }
    }
}

/// After a gap a window is shown from its first line on, though one of them, that
/// happens to stand once elsewhere in the log, isn't where it would have to be.
#[test]
fn one_line_in_common_hides_none_of_a_window() {
    for again in [3, 70, 118, 119] {
        let mut log: Vec<Vec<u8>> = (0..900).map(|n| text(0, n, n * 7919).into_bytes()).collect();
        for at in [330, 430, 530, 630, 730, 880] {
            log[at] = log[again].clone();
        }
        let window = Window { anchor: Anchor::Tail, most_events: 50, ..Window::default() };
        let mut stitcher = Stitcher::new();
        let mut screen = Screen::default();
        for turn in 0..40 {
            let count = log.len().min(turn * 100 + 120);
            let visible: Vec<&[u8]> = log[..count].iter().map(Vec::as_slice).collect();
            let ask = stitcher.ask(turn > 10, S(turn as u64 * 3));
            let served = window.serve(&visible, ask.limit as usize, None, turn as u64);
            let outcome = answer(&mut stitcher, &ask, &visible, served);
            outcome.patches.iter().for_each(|patch| screen.apply(patch));
        }
        screen.apply(&stitcher.seal());
        assert!(screen.fits(&log, false), "{again}");
        let last = screen.0.iter().rev().take_while(|line| line.is_some()).count();
        assert!(last >= 50, "{again}: {last} of the last 50 lines are shown");
    }
}

/// A service whose windows of the newest lines are of any length: one after the
/// other, the last of them again and again.
fn by_windows(log: &[Vec<u8>], windows: &[std::ops::Range<usize>]) -> Screen {
    let mut stitcher = Stitcher::new();
    let mut screen = Screen::default();
    for turn in 0..60 {
        let window = windows.get(turn).or(windows.last()).expect("a window").clone();
        let mut ask = Some(stitcher.ask(turn > windows.len(), S(turn as u64 * 3)));
        while let Some(asked) = ask {
            let start = window.start.max(window.end.saturating_sub(asked.limit as usize));
            let lines = log[start..window.end].to_vec();
            let received = Received { events: lines.len(), lines, token: None };
            let outcome = stitcher.receive(&asked, received);
            outcome.patches.iter().for_each(|patch| screen.apply(patch));
            // What comes before the first line of them can't be known of.
            let mut shown = windows[..windows.len().min(turn + 1)].iter();
            let fits = shown.any(|window| screen.fits(&log[window.start..], true));
            assert!(fits, "wrong in between, in turn {turn}: {asked:?}");
            ask = outcome.page;
        }
        if stitcher.settled() {
            screen.apply(&stitcher.seal());
            return screen;
        }
    }
    panic!("never settled: {stitcher:?}");
}

/// Where a first window was short, and later ones don't reach back to it, the agent's words
/// tell that the log began before.
#[test]
fn a_start_that_a_short_window_left_out_is_announced() {
    let agent = |what: &str| format!("[Container] 2026/11/26 10:00:00.1 {what}").into_bytes();
    let mut log = vec![agent("Running on CodeBuild On-demand"), agent("Waiting for agent ping")];
    log.extend((0..8).map(|n| agent(&format!("Registering with agent {n}"))));
    log.extend((0..900).map(|n| text(0, n, n * 7919).into_bytes()));
    for (start, gaps) in [(0, 1), (1, 2), (2, 2)] {
        let windows = [start..10, 100..380, 350..630, 600..880, 630..910];
        let screen = by_windows(&log, &windows);
        assert_eq!(screen.gaps(), gaps, "{start}");
        assert!(screen.fits(&log, false), "{start}: {:?}", screen.0.first());
    }
    // Before the agent told fractions of a second, it began with other words.
    log[1] = b"[Container] 2026/11/26 10:00:00 Waiting for agent ping".to_vec();
    let screen = by_windows(&log[1..], &[0..9, 99..379, 349..629, 599..879, 629..909]);
    assert!(screen.gaps() == 1 && screen.fits(&log[1..], false));
}

/// Short windows of a log that doesn't grow any more can only be of the newest lines where one
/// begins far after another did.
#[test]
fn a_start_that_no_short_window_reached_is_announced() {
    let agent = |n: u32| format!("[Container] 2026/11/26 10:00:00.{n:06} Entering {n}");
    let mut log: Vec<Vec<u8>> = (0..20).map(|n| agent(n).into_bytes()).collect();
    log.extend((0..75).map(|n| text(0, n, n * 7919).into_bytes()));
    for windows in [&[10..73, 35..95, 35..95, 33..95, 4..95][..], &[18..95, 8..95]] {
        let mut stitcher = Stitcher::new();
        let mut screen = Screen::default();
        for (turn, window) in windows.iter().cloned().enumerate() {
            let ask = stitcher.ask(turn > 1 || turn + 1 == windows.len(), S(turn as u64 * 3));
            assert_eq!((ask.limit, &ask.token), (10_000, &None), "nothing is learnt any more");
            let (events, lines) = (window.len(), log[window].to_vec());
            let outcome = stitcher.receive(&ask, Received { events, lines, token: None });
            outcome.patches.iter().for_each(|patch| screen.apply(patch));
            stitcher.hurry();
        }
        screen.apply(&stitcher.seal());
        assert!(screen.gaps() == 1 && screen.fits(&log, false), "{:?}", screen.0.first());
    }
}

/// A page that was short once says nothing of a start that windows of any length begin with.
#[test]
fn nothing_is_missing_before_a_start_that_windows_reach_back_to() {
    let mut log = vec![b"[Container] 2026/11/23 21:52:19 Entering phase: BUILD".to_vec()];
    log.extend((0..458).map(|n| text(0, n, n * 7919).into_bytes()));
    log.push(b"[Container] 2026/11/23 21:53:19 Phase complete: BUILD".to_vec());
    let short = [0..36, 0..82, 0..134, 127..174, 127..217, 212..274];
    let windows = [&short[..], &[0..331, 0..331, 0..400, 0..460]].concat();
    let screen = by_windows(&log, &windows);
    assert_eq!((screen.gaps(), screen.0.len()), (0, log.len()));
    // Nor where short ones came between.
    let windows = [0..200, 455..460, 455..460, 420..460, 420..460, 0..460];
    let screen = by_windows(&log, &windows);
    assert_eq!((screen.gaps(), screen.0.len()), (0, log.len()));
}

/// Windows that have no place, but overlap, are shown together after a gap.
#[test]
fn no_window_that_was_served_is_dropped_for_the_next() {
    let log: Vec<Vec<u8>> = (0..1200).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    let mut windows = vec![0..100, 90..140, 130..200];
    windows.extend([600..690, 656..840, 700..985, 900..1185, 915..1200]);
    let screen = by_windows(&log, &windows);
    assert!(screen.fits(&log, false));
    let shown = screen.0.iter().flatten().count();
    assert_eq!((screen.gaps(), shown), (3, 637), "0..100, 195..200, 605..840 and 903..1200");
}

/// Of windows that have no place all are kept, for one that comes later may join them.
#[test]
fn windows_that_have_no_place_wait_for_one_that_joins_them() {
    let log: Vec<Vec<u8>> = (0..740).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    let windows = [0..100, 300..420, 600..700, 390..740];
    let windows: Vec<_> = windows.into_iter().flat_map(|w| vec![w; 3]).collect();
    let screen = by_windows(&log, &windows);
    assert!(screen.fits(&log, false));
    let shown = screen.0.iter().flatten().count();
    assert_eq!(screen.0.first(), Some(&None), "windows that don't reach back");
    assert_eq!((screen.gaps(), shown), (2, 100 + 405), "335..740 after a gap");
}

/// Windows that meet no other are shown in the order that their lines give away, each after
/// a gap: a replica that lags serves older ones, which are none of what is missing after.
#[test]
fn windows_that_nothing_joins_are_shown_by_their_times() {
    let log: Vec<Vec<u8>> = (0..450).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    for (first, second, both) in [(150..190, 240..280, true), (240..280, 150..190, false)] {
        for turns in [2, 4, 9] {
            let windows = [0..60, first.clone(), second.clone(), 350..450];
            let windows: Vec<_> = windows.into_iter().flat_map(|w| vec![w; turns]).collect();
            let screen = by_windows(&log, &windows);
            assert!(screen.fits(&log, false), "{first:?}, {second:?}, {turns} turns");
            let shown = |part: &std::ops::Range<usize>| {
                screen.0.iter().flatten().filter(|line| log[part.clone()].contains(line)).count()
            };
            let all = shown(&first) == first.len() && (!both || shown(&second) == second.len());
            assert!(turns < 4 || all, "{first:?}, {second:?}, {turns} turns");
        }
    }
}

/// A build that runs a command twice prints its first lines twice: what a window shows
/// before the second time isn't what was read before the first.
#[test]
fn a_command_that_is_run_again_hides_nothing_of_a_window() {
    let mut log: Vec<Vec<u8>> = (0..189).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    let again = log[183..].to_vec();
    for n in 0..286 {
        // Most lines are such as the first run has, too, in another order.
        let line = if n % 3 > 0 { log[n * 31 % 183].clone() } else { format!("{n}").into_bytes() };
        log.push(line);
    }
    log.extend(again);
    log.extend((481..539).map(|n| text(0, n, n * 7919).into_bytes()));
    let windows = [0..189, 329..449, 193..456, 207..491, 249..533, 254..539];
    let windows: Vec<_> = windows.into_iter().flat_map(|w| vec![w; 3]).collect();
    let screen = by_windows(&log, &windows);
    assert!(screen.fits(&log, false));
    let shown = screen.0.iter().flatten().count();
    assert_eq!((screen.gaps(), shown), (1, 189 + 539 - 207), "207..539 after a gap");
}

/// Where windows have lost lines, no later one can repair a mistake: what a step that is tried
/// again prints once more, without a time, is no place.
#[test]
fn what_is_tried_again_is_no_place_where_lines_are_lost() {
    let step = |n: usize| format!("step, part {n}").into_bytes();
    let line = |n: usize| format!("line {n} of it").into_bytes();
    let mut log: Vec<Vec<u8>> = (0..200).map(line).collect();
    for attempt in 0..3 {
        log.push(format!("attempt {attempt}").into_bytes());
        log.extend((0..39).map(step));
    }
    log.extend((320..600).map(line));
    for held in [210, 219, 225, 230] {
        for end in 290..350 {
            // Each for some turns, so that they are asked for as a whole.
            let windows = [0..60, 120..held, end - 50..end, 350..450, 430..530, 500..600];
            let windows: Vec<_> = windows.into_iter().flat_map(|w| vec![w; 4]).collect();
            let screen = by_windows(&log, &windows);
            assert!(screen.fits(&log, false), "{held}, {end}");
        }
    }
}

/// Of a log of a few lines nothing tells how many more there are, once there are any: they
/// wait for no others.
#[test]
fn the_first_news_of_a_log_does_not_wait() {
    let log: Vec<Vec<u8>> = (0..90).map(|n| text(0, n, n * 7919).into_bytes()).collect();
    let window = Window { anchor: Anchor::Tail, ..Window::default() };
    let mut stitcher = Stitcher::new();
    for (turn, count) in [6, 30, 60, 90].into_iter().enumerate() {
        assert_eq!(stitcher.sparing(), None, "turn {turn}");
        let visible: Vec<&[u8]> = log[..count].iter().map(Vec::as_slice).collect();
        let ask = stitcher.ask(false, S(turn as u64 * 3));
        let served = window.serve(&visible, ask.limit as usize, None, 0);
        answer(&mut stitcher, &ask, &visible, served);
    }
    assert_eq!(stitcher.len(), log.len());
}

/// A window that is older than what is held, or that reaches over gaps, is put
/// where it belongs: nothing of it stands twice, and what it fills is filled.
#[test]
fn windows_of_any_length_are_put_where_they_belong() {
    for kind in [0, 1] {
        let log: Vec<Vec<u8>> = (0..3016).map(|n| text(kind, n, n * 7919).into_bytes()).collect();
        for (windows, end, gaps) in [
            (&[0..98, 213..221, 180..258, 0..195, 0..263, 0..448][..], 448, 0),
            (&[0..98, 213..221, 180..258, 0..195, 100..448], 448, 2),
            (&[43..1082, 1707..2726, 1962..2981, 121..1160, 2000..3016], 3016, 2),
            (&[43..1082, 1707..2726, 1000..1800, 1962..2981, 2000..3016], 3016, 2),
            // Of the same length by chance, which is no limit.
            (&[0..12, 30..42, 60..72, 5..90, 0..300], 300, 0),
        ] {
            let screen = by_windows(&log, windows);
            let name = format!("kind {kind}, {windows:?}: {} lines", screen.0.len());
            assert!(screen.fits(&log[windows[0].start..end], false), "{name}");
            assert!(screen.gaps() <= gaps, "{name}, {} gaps", screen.gaps());
        }
    }
}

/// What a token does is learnt by a small page after a probe. While that page
/// is lost on the way, nothing is known: a log that repeats itself isn't taken
/// to be as short as its first page.
#[test]
fn a_page_that_is_lost_on_the_way_proves_nothing() {
    for kind in [1, 4, 5] {
        let log: Vec<Vec<u8>> = (0..250).map(|n| text(kind, n, n * 7919).into_bytes()).collect();
        let tokens = Tokens::Honoured(AtEnd::Same);
        let window = Window { anchor: Anchor::Tail, tokens, most_events: 50, ..Window::default() };
        // In how many turns such pages are lost.
        for lost in [0, 4, 12, 22] {
            let mut stitcher = Stitcher::new();
            let mut screen = Screen::default();
            let mut nth = 0;
            for turn in 0..60 {
                let count = log.len().min(60 + turn * 10);
                let visible: Vec<&[u8]> = log[..count].iter().map(Vec::as_slice).collect();
                let mut ask = Some(stitcher.ask(turn > 22, S(turn as u64 * 3)));
                while let Some(now) = ask {
                    nth += 1;
                    if turn < lost && now.token.is_some() && now.limit < 50 {
                        break;
                    }
                    let page =
                        window.serve(&visible, now.limit as usize, now.token.as_deref(), nth);
                    let outcome = answer(&mut stitcher, &now, &visible, page);
                    outcome.patches.iter().for_each(|patch| screen.apply(patch));
                    ask = outcome.page;
                }
                if stitcher.settled() {
                    break;
                }
            }
            assert!(stitcher.settled(), "kind {kind}, lost in {lost} turns");
            screen.apply(&stitcher.seal());
            let name = format!("kind {kind}, lost in {lost} turns: {} lines", screen.0.len());
            assert!(screen.fits(&log, false), "{name}");
            assert_eq!(screen.gaps(), 0, "{name}");
        }
    }
}

/// A replica that lags hands out lines that got lost before others: their steps tell, by when
/// they were printed or by their numbers.
#[test]
fn what_a_lagging_replica_shows_is_not_put_after_newer_lines() {
    let line = |n: usize| format!("#{} {}.{:02} part {n}", 4 + n / 200, n % 200, n * 7 % 100);
    let log: Vec<Vec<u8>> = (0..1500).map(|n| line(n).into_bytes()).collect();
    for newest in [783..883, 883..983] {
        let older = [0..53, 314..414, 57..157, newest, 677..777, 620..720];
        let windows = [&older[..], &[1141..1241, 1297..1397, 1142..1242, 1400..1500]].concat();
        let windows: Vec<_> = windows.into_iter().flat_map(|w| vec![w; 2]).collect();
        let screen = by_windows(&log, &windows);
        assert!(screen.fits(&log, false));
    }
}

/// Pages grow by events, and not by the lines that those have.
#[test]
fn many_events_of_several_lines_take_few_pages() {
    let anchors = [Anchor::Head, Anchor::Tail];
    for (anchor, lines) in anchors.into_iter().flat_map(|anchor| [1, 2, 5, 30].map(|n| (anchor, n)))
    {
        let event = |n: u64| {
            let text: Vec<String> =
                (0..lines).map(|line| format!("event {n}, line {line}")).collect();
            (if n < 20 { S(0) } else { S(30) }, text.join("\n").into_bytes())
        };
        let tokens = Tokens::Honoured(AtEnd::Absent);
        let window = Window { anchor, tokens, ..Window::default() };
        let log = Timeline::new((0..600).map(event).collect::<Vec<_>>());
        let polls = (0..20).map(|n| S(3 * n)).collect();
        let case = Case { log, window, polls, lags: vec![Duration::ZERO] };
        let (screen, cost) = case.run().unwrap();
        assert!(screen.fits(&case.truth(), false) && screen.gaps() == 0, "{lines}");
        assert!(cost.most_pages <= 40, "{} pages, {anchor:?}, {lines} lines", cost.most_pages);
    }
}
