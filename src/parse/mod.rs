//! Flat build output back into phases and steps.
//!
//! [`Parser`] folds over the clean text of one line at a time and grows a
//! [`Tree`]: the CodeBuild phases and their commands, the steps of every image
//! build (BuildKit vertices, the legacy builder's and buildah's steps), who
//! owns each line, and what the failure epilogue says. The fold never looks
//! ahead, so any batching of the same lines gives the same tree; text that
//! isn't recognised stays under its parent as plain output.
//!
//! The grammars are one file each and of one shape: pure functions from a line
//! to a small enum, no state, no allocation. [`buildah`] is the smallest; copy
//! it to add another. What the lines mean together is the fold's business.
//!
//! ```text
//!   line ──► codebuild │ buildkit │ legacy │ buildah      what the line is
//!                      ▼
//!                    fold (+ epilogue)                    what it means here
//!                      ▼
//!         Tree { phases, commands, builds, steps, owners, failures }
//!                      ▼
//!                report::json · report::text · joins
//! ```

pub mod buildah;
pub mod buildkit;
mod carrier;
pub mod codebuild;
pub mod dockerfile;
mod epilogue;
mod fold;
pub mod history;
pub mod joins;
pub mod legacy;
mod owners;
mod phase;
pub mod report;
mod role;
mod step;
pub mod timeline;
mod tree;
mod trouble;

pub use carrier::carried;
pub use epilogue::{Block, Excerpt, ExcerptLine, FinalError};
pub use fold::Parser;
pub use owners::Owner;
pub use phase::{Command, Phase, PhaseId, PhaseState};
pub use role::{Role, block_payload, line_role, payload};
pub use step::{Step, StepError, StepId, StepState, Transfer, Warning, brief};
pub use tree::{Builder, ImageBuild, Tree};
pub use trouble::says_trouble;
