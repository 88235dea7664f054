//! The clock a scenario is played by.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// What tells how far into the scenario we are.
#[derive(Clone, Debug)]
pub enum Clock {
    /// Time passes by itself, this many times as fast as outside. It is
    /// tokio's time, so a paused runtime clock works.
    Running(f64),
    /// Time stands still until a test moves it.
    Manual(ManualClock),
}

impl Clock {
    /// Scenario time, given when the server started.
    pub(super) fn now(&self, started: Instant) -> Duration {
        match self {
            Self::Running(speed) => {
                let seconds = started.elapsed().as_secs_f64() * self.clamped(*speed);
                Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
            }
            Self::Manual(clock) => clock.now(),
        }
    }

    /// How many scenario seconds a second outside is; 1 when moved by hand.
    pub(super) fn speed(&self) -> f64 {
        match self {
            Self::Running(speed) => self.clamped(*speed),
            Self::Manual(_) => 1.0,
        }
    }

    fn clamped(&self, speed: f64) -> f64 {
        if speed.is_finite() && speed > 0.0 { speed.clamp(1e-3, 1e9) } else { 1.0 }
    }
}

/// A clock that moves when told to. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that shows zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// The scenario time it shows.
    pub fn now(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::SeqCst))
    }

    /// Moves it to a time.
    pub fn set(&self, to: Duration) {
        self.0.store(u64::try_from(to.as_micros()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().saturating_add(by));
    }
}
