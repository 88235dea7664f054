//! How fast the log grows, and what it costs to follow it.
//!
//! Where windows are of the newest lines, each repeats lines that are held. So
//! new lines are read some at a time, and in between a *look* at the last lines
//! tells whether there are any: the time in which those stay the same brings none.

use std::time::Duration;

use super::pace::{PATIENT, PATIENT_IN_SHORT, SPARING, SPARING_MOST};

/// Over so long the usual rate is an average.
const USUAL: Duration = Duration::from_secs(30);
/// A step that prints so many times less than is usual is another one.
const SLOWER: f64 = 8.0;
/// What is left of a burst at the next reading.
const FORGET: f64 = 0.95;
/// A log that stands still rests for this part of the time it has.
const LULL: u32 = 4;
/// Turns that are so far from one another bring what is new.
const SELDOM: Duration = Duration::from_secs(45);
/// Two answers are never nearer to one another, as far as rates go.
const TICK: Duration = Duration::from_millis(100);
/// Bytes that may be spent on lines held already, whatever the log has,
const ALLOWANCE: u64 = 512;
/// and for so many tenths of the log.
const TENTHS: u64 = 3;
/// Part of the log that all of those may be: a log costs itself once, and once more
/// at its end.
const MOST: f64 = 0.95;
/// New lines wait where they are so few that this part would be spent by reading them:
/// the rest is for what the build ends with.
const KEPT: f64 = 0.7;
/// Lines that come in a longer time aren't a burst.
const BURST: Duration = Duration::from_secs(10);

/// The turn under way.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    /// Lines and bytes held before it.
    lines: usize,
    bytes: u64,
    /// Bytes it has received.
    received: u64,
    /// It doesn't tell how many lines are new.
    blind: bool,
}

/// How the log grows.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// When this turn began, by a clock of the caller's.
    now: Duration,
    /// For how long there was none before it.
    gap: Duration,
    /// When the answer before it came that told whether there is news.
    told: Option<Duration>,
    /// For how long the log grew up to then, since lines were read.
    active: Duration,
    /// When lines were read.
    read: Duration,
    /// The last lines, by the latest look.
    glimpse: Option<Vec<Vec<u8>>>,
    /// A look showed that there are new lines.
    pub(super) news: bool,
    /// New lines a second, by the latest two readings: bursts are read as bursts,
    /// and end.
    rate: f64,
    latest: Option<f64>,
    /// The same on average.
    usual: Option<f64>,
    /// The most new lines a second, in a second at least.
    peak: f64,
    /// The most new lines of a reading, forgotten with time.
    pub(super) burst: f64,
    /// Bytes received that were held already.
    spent: u64,
    turn: Turn,
}

impl Pulse {
    /// A turn begins, with so many lines and bytes held.
    pub(super) fn begin(&mut self, now: Duration, lines: usize, bytes: u64) {
        let Turn { lines: before, bytes: held, received, blind } = self.turn;
        if received > 0 {
            self.spent += received.saturating_sub(bytes.saturating_sub(held));
            if !blind {
                self.read(lines.saturating_sub(before));
            }
        }
        self.gap = now.saturating_sub(self.now);
        self.now = self.now.max(now);
        self.turn = Turn { lines, bytes, received: 0, blind: false };
    }

    /// So many lines were new when they were read.
    fn read(&mut self, lines: usize) {
        if self.told.is_some() {
            let rate = lines as f64 / self.growing().max(TICK).as_secs_f64();
            let most = rate * self.growing().min(BURST).max(TICK).as_secs_f64();
            self.burst = (self.burst * FORGET).max(most);
            self.peak = self.peak.max(lines as f64 / self.growing().as_secs_f64().max(1.0));
            self.rate = self.latest.map_or(rate, |before| (before * rate).sqrt());
            self.latest = Some(rate);
            let time = (self.now - self.read).max(TICK).as_secs_f64();
            let (rate, weight) = (lines as f64 / time, 1.0 - (-time / USUAL.as_secs_f64()).exp());
            self.usual = Some(self.usual.map_or(rate, |usual| usual + (rate - usual) * weight));
        }
        self.read = self.now;
        self.told = Some(self.now);
        self.active = Duration::ZERO;
        self.glimpse = None;
    }

    /// An answer came.
    pub(super) fn receive(&mut self, bytes: u64) {
        self.turn.received += bytes;
    }

    /// This turn doesn't tell how many lines are new.
    pub(super) fn blind(&mut self) {
        self.turn.blind = true;
    }

    /// These are the last lines, which are `known` to be the last held.
    pub(super) fn look(&mut self, lines: Vec<Vec<u8>>, known: bool) {
        self.blind();
        if lines.is_empty() {
            return;
        }
        let still = self.glimpse.as_ref().map_or(known, |before| *before == lines);
        if still {
            // The burst is over.
            self.rate = 0.0;
        } else {
            self.active = self.growing();
        }
        self.told = Some(self.now);
        self.glimpse = Some(lines);
        self.news |= !known;
    }

    /// For how long the log may have grown since lines were read.
    fn growing(&self) -> Duration {
        self.active + self.told.map_or(Duration::ZERO, |told| self.now.saturating_sub(told))
    }

    /// Whether turns are so few that each should bring what is new.
    pub(super) fn is_seldom(&self) -> bool {
        self.gap >= SELDOM
    }

    /// Whether nothing is likely to be new.
    pub(super) fn is_idle(&self) -> bool {
        !self.news && self.growth() < 0.5
    }

    /// How many new lines there are by now, as far as can be told: a step that is much slower
    /// than what was usual is as slow as it was.
    pub(super) fn coming(&self) -> f64 {
        let in_this_time = |rate: Option<f64>| rate.unwrap_or(0.0) * self.growing().as_secs_f64();
        let (usual, latest) = (in_this_time(self.usual), in_this_time(self.latest));
        match latest > 0.0 && latest * SLOWER < usual {
            true => latest,
            false if self.rate > 0.0 => (self.growth() + usual) / 2.0,
            false => usual,
        }
    }

    /// How many lines are usual for the time since some were read.
    pub(super) fn average(&self) -> f64 {
        self.usual.unwrap_or(0.0) * self.now.saturating_sub(self.read).as_secs_f64()
    }

    /// The same, at most after another while.
    pub(super) fn most(&self, more: Duration) -> f64 {
        let rate = self.rate.max(self.latest.unwrap_or(0.0));
        rate * (self.growing() + more).as_secs_f64()
    }

    /// The same, should it grow as fast as ever.
    pub(super) fn at_worst(&self, more: Duration) -> f64 {
        self.peak * (self.growing() + more).as_secs_f64()
    }

    /// How many new lines a turn brings that comes as soon as this one.
    pub(super) fn growth(&self) -> f64 {
        self.rate * self.growing().as_secs_f64()
    }

    /// How many lines follow so many new ones by the next turn.
    pub(super) fn meanwhile(&self, new: usize) -> f64 {
        let gap = self.gap.as_secs_f64();
        gap * self.rate.max(new as f64 / self.growing().max(TICK).as_secs_f64())
    }

    /// Whether nothing tells how fast the log grows.
    pub(super) fn is_unknown(&self) -> bool {
        self.usual.is_none()
    }

    /// Whether the log has cost so much, with so many bytes more, that it is to be
    /// asked for less often.
    pub(super) fn is_dear(&self, more: u64) -> bool {
        self.spent + more > self.turn.bytes / 10 * TENTHS + ALLOWANCE
    }

    /// How long a log that is dear rests, before a reading that repeats so many bytes:
    /// until it has likely grown by what those are too many.
    pub(super) fn rest(&self, more: u64) -> Duration {
        let spent = (self.spent + more) as f64;
        let rest = self.growing_by(spent / MOST - self.turn.bytes as f64);
        rest.unwrap_or(SPARING_MOST).clamp(SPARING, SPARING_MOST)
    }

    /// How long new lines wait for others, before a reading that repeats so many bytes;
    /// `None` for not at all, as where nothing tells how many there are.
    pub(super) fn patience(&self, more: u64) -> Option<Duration> {
        if self.is_unknown() {
            return None;
        }
        let (longer, short) = PATIENT_IN_SHORT;
        let most = if self.turn.bytes < short { longer } else { PATIENT };
        let left = most.saturating_sub(self.now.saturating_sub(self.read));
        let all = self.turn.bytes as f64 + self.coming() * self.a_line();
        let lack = (self.spent + more) as f64 / KEPT - all;
        let wait = self.growing_by(lack).unwrap_or(left).min(left);
        (lack > 0.0 && !wait.is_zero()).then_some(wait)
    }

    /// How many bytes so many lines have, as those that are held do.
    pub(super) fn bytes_of(&self, lines: usize) -> u64 {
        (lines as f64 * self.a_line()) as u64
    }

    /// Bytes of a line.
    fn a_line(&self) -> f64 {
        self.turn.bytes as f64 / self.turn.lines.max(1) as f64
    }

    /// In what time the log usually grows by so many bytes; `None` for never.
    fn growing_by(&self, bytes: f64) -> Option<Duration> {
        let a_second = self.usual.unwrap_or(0.0) * self.a_line();
        let seconds = if bytes > 0.0 { bytes / a_second } else { 0.0 };
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// How long a log that stands still rests until it is looked at again: the longer, the
    /// longer it has.
    pub(super) fn lull(&self) -> Duration {
        (self.now.saturating_sub(self.read) / LULL).clamp(SPARING, SPARING_MOST)
    }

    /// Whether this turn has brought as much as it repeated, with so many bytes held
    /// after it.
    pub(super) fn is_worth(&self, bytes: u64) -> bool {
        let new = bytes.saturating_sub(self.turn.bytes);
        new > 0 && self.turn.received <= new * 2
    }

    /// Whether following has cost more than three times the log.
    pub(super) fn is_overspent(&self) -> bool {
        self.spent > self.turn.bytes * 2
    }

    /// Whether following has cost half of the log.
    pub(super) fn is_half_spent(&self) -> bool {
        self.spent > self.turn.bytes / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    /// Reads at these seconds, each with so many lines of ten bytes held after it.
    fn pulse(reads: &[(u64, usize)]) -> Pulse {
        let mut pulse = Pulse::default();
        let mut held = 0;
        for &(at, lines) in reads {
            pulse.begin(S(at), held, held as u64 * 10);
            pulse.receive(1);
            held = lines;
        }
        let last = reads.last().map_or(0, |read| read.0);
        pulse.begin(S(last), held, held as u64 * 10);
        pulse
    }

    #[test]
    fn what_was_there_at_first_is_no_growth() {
        let pulse = pulse(&[(0, 900), (3, 906), (6, 912)]);
        assert_eq!((pulse.usual, pulse.rate), (Some(2.0), 2.0));
    }

    #[test]
    fn a_burst_ends_with_the_first_reading_that_brings_nothing() {
        let mut burst = pulse(&[(0, 0), (3, 300), (6, 600)]);
        burst.begin(S(9), 600, 6000);
        assert!(!burst.is_idle());
        let mut over = pulse(&[(0, 0), (3, 300), (6, 600), (9, 600)]);
        over.begin(S(12), 600, 6000);
        assert!(over.is_idle());
        assert!((200.0..300.0).contains(&over.coming()), "should it go on after all");
    }

    #[test]
    fn a_slow_step_after_a_fast_one_is_told_by_the_latest_reading() {
        let fast = [(0, 0), (3, 90), (6, 180)];
        let coming = |new: usize| {
            let mut pulse = pulse(&[fast[0], fast[1], fast[2], (9, 180 + new)]);
            pulse.begin(S(14), 180 + new, 1800);
            pulse.coming()
        };
        assert_eq!(coming(6), 10.0, "two a second");
        assert!((90.0..150.0).contains(&coming(60)), "a little slower is chance: {}", coming(60));
    }

    #[test]
    fn time_in_which_the_last_line_stays_brings_no_lines() {
        let mut pulse = pulse(&[(0, 0), (2, 20), (4, 40)]);
        let (old, new) = (b"old".to_vec(), b"new".to_vec());
        for (at, line) in [(6, &old), (8, &old), (10, &new), (12, &new), (14, &new)] {
            pulse.begin(S(at), 40, 400);
            pulse.receive(4);
            pulse.look(vec![line.clone()], line == &old);
            assert_eq!(pulse.news, line == &new);
        }
        pulse.begin(S(16), 40, 400);
        assert_eq!(pulse.growing(), S(4), "two seconds before the look at ten, and the last two");
    }

    #[test]
    fn what_is_received_again_is_spent() {
        let mut pulse = Pulse::default();
        for (at, bytes) in [(0, 4000), (1, 4000), (2, 4000), (3, 4000)] {
            pulse.begin(S(at), 0, if at == 0 { 0 } else { bytes });
            pulse.receive(1300);
        }
        pulse.begin(S(4), 0, 4000);
        assert_eq!((pulse.spent, pulse.is_dear(0)), (3900, true));
        pulse.receive(1300);
        assert!(pulse.is_worth(4650) && !pulse.is_worth(4649) && !pulse.is_worth(4000));
        pulse.begin(S(5), 0, 12_000);
        assert!(!pulse.is_dear(0));
    }

    #[test]
    fn what_comes_in_a_long_time_is_no_burst() {
        assert_eq!(pulse(&[(0, 0), (5, 100)]).burst, 100.0);
        assert_eq!(pulse(&[(0, 0), (40, 100)]).burst, 25.0);
    }

    #[test]
    fn what_is_new_tells_how_much_follows() {
        let mut pulse = pulse(&[(0, 0), (3, 30)]);
        pulse.begin(S(6), 30, 300);
        assert_eq!(pulse.meanwhile(90), 90.0, "thirty a second, where it was ten");
        assert_eq!(pulse.meanwhile(3), 30.0);
    }

    #[test]
    fn a_few_new_lines_wait_until_reading_them_is_worth_it() {
        // A line of ten bytes a second.
        let reads = [(0, 100), (10, 110), (20, 120)];
        // Of a longer log they are a small part.
        let mut longer = pulse(&reads);
        longer.begin(S(24), 2000, 20_000);
        assert_eq!(longer.patience(90_000), Some(PATIENT - S(4)));
        let mut pulse = pulse(&reads);
        pulse.begin(S(24), 120, 1200);
        assert_eq!(pulse.patience(800), None, "it cost less than it may");
        pulse.spent = 500;
        assert_eq!(pulse.patience(368), None, "four lines are new by now");
        assert_eq!(pulse.patience(368 + 70).map(|wait| wait.as_secs()), Some(10));
        let (longer, _) = PATIENT_IN_SHORT;
        assert_eq!(pulse.patience(9000), Some(longer - S(4)), "for others, but not for ever");
        pulse.begin(S(20) + longer, 120, 1200);
        assert_eq!(pulse.patience(9000), None);
    }

    #[test]
    fn what_stands_still_is_looked_at_less_often_the_longer_it_does() {
        let mut pulse = pulse(&[(0, 10), (3, 20)]);
        for (at, rest) in [(9, 10), (43, 10), (63, 15), (400, 20)] {
            pulse.begin(S(at), 20, 200);
            assert_eq!(pulse.lull(), S(rest), "at {at}");
        }
    }

    #[test]
    fn what_is_dear_rests_until_it_has_grown_by_what_it_cost_too_much() {
        // A line of ten bytes a second.
        let mut pulse = pulse(&[(0, 100), (10, 110), (20, 120)]);
        assert_eq!(pulse.rest(0), SPARING, "it cost less than itself");
        pulse.spent = 1000;
        assert_eq!(pulse.rest(140), SPARING);
        assert_eq!(pulse.rest(140 + 142).as_secs(), 14);
        assert_eq!(pulse.rest(1000), SPARING_MOST);
        assert_eq!(Pulse::default().rest(1), SPARING_MOST, "it may never grow");
    }
}
