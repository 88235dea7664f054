//! Failure rules, and the findings they give.
//!
//! ```text
//!   line ──► payload ──► matcher (one automaton over all rules' literals)
//!                            │ few lines
//!                            ▼
//!                     regexes ──► candidates (line, rule)            fold
//!  ─────────────────────────────────────────────────────────────────────
//!   tree + record ──► outcome ──► scene (the failing step's lines)
//!                            ▼
//!        highest rank in the scene ──► resolver ──► Finding   diagnosis()
//! ```
//!
//! What a tool says is data (`assets/rules/*.toml`, see [`Rule`]); what only
//! several lines together say is a resolver, one small file each under
//! `resolve/`. `resolve/base.rs` is the smallest; copy it to add one.

mod check;
mod diagnosis;
mod draft;
mod engine;
mod fallback;
mod finding;
mod guest;
mod hidden;
mod literal;
mod load;
mod matcher;
mod outcome;
mod passed;
mod record;
mod recovered;
mod resolve;
mod rule;
mod rules;
mod scene;
mod script;
mod sieve;
mod tolerated;
mod wrapped;

pub use check::{Complaint, check};
pub use engine::{Diagnoser, Lines};
pub use finding::{Confidence, Diagnosis, DockerfileRef, Finding, Kind, Outcome, StepRef};
pub use guest::LARGEST as LARGEST_GUEST;
pub use load::{RuleError, Source};
pub use rule::{Captures, Pick, Place, Rule};
pub use rules::Rules;
