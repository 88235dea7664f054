//! What the local project adds to a finding.
//!
//! ```text
//!   diagnosis + log's excerpt + record ──► Question
//!                                             │ task.rs: a thread of its own
//!                  context (files, rules) ──► answer()
//!                                             ▼
//!            Explained: the finding in better words, its diff, its Dockerfile lines
//! ```
//!
//! [`answer`] is one pass over the findings; it reads the project and changes
//! nothing in it. One file per kind of failure that the project can tell more
//! of; what a diff may hold has to be certain, so each is tried on a copy of
//! the project in memory before it is offered.

mod place;
pub mod task;
mod told;

use crate::context::project::Project;

pub use place::Dockerfile;
pub use told::{Explained, Question, Source, SourceLine};

/// The findings of a question, with what the project tells of them.
pub fn answer(project: &Project, question: &Question) -> Vec<Explained> {
    let file = Dockerfile::open(project, question);
    question
        .findings
        .iter()
        .map(|finding| {
            let mut told = Explained::plain(finding, question);
            if let Some(file) = &file {
                file.place(question, &mut told);
            }
            told
        })
        .collect()
}
