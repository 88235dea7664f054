//! A simulated Pipecat Cloud API on loopback that plays recorded builds.
//!
//! ```text
//!  assets/scenarios/*.toml + *.log
//!        │ scenario        what a build prints, and when
//!        ▼
//!     timeline ──► record  the build's record at a moment
//!        │    └──► window  the part of the log one request is given
//!        ▼
//!     service              request → reply, pure but for its counters
//!        │ fault           what goes wrong with which request (tests only)
//!        ▼
//!     server ◄── body      hyper on 127.0.0.1:0; journal of what was asked
//! ```
//!
//! `buildcat demo` points the real client at it, over real HTTP; the tests do
//! the same with other windows and with faults. Nothing in the program but the
//! `demo` command depends on this module. `clock.rs` is the smallest file and
//! the template.

mod body;
mod catalogue;
mod clock;
mod fault;
mod journal;
mod record;
mod scenario;
mod server;
mod service;
mod timeline;
mod window;

pub use catalogue::{Summary, scenarios};
pub use clock::{Clock, ManualClock};
pub use fault::{Fault, FaultRule, Oddity, RetryAfter, Route, Schedule};
pub use journal::Entry;
pub use scenario::{Scenario, ScenarioError};
pub use server::{CantServe, Options, Server};
pub use service::{Reply, Request, Service};
pub use timeline::{Event, Shape, Timeline};
pub use window::{Anchor, AtEnd, Served, ShortPages, Tokens, Window};
