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

mod apt;
mod base;
mod case;
mod covered;
mod diff;
mod ignore;
mod lock;
mod missing;
mod place;
mod script;
mod shell;
mod single;
pub mod task;
mod told;
mod uncopied;
mod words;

use case::{Case, Told};

use crate::context::project::Project;

pub use place::Dockerfile;
pub use told::{Explained, Question, Source, SourceLine, Trust};

/// Each looks at a finding and, when it is of its kind and the project can
/// tell more of it, puts it into better words and says so.
type Helper = fn(&Case<'_>, &mut Told<'_>) -> bool;

const HELPERS: [Helper; 7] = [
    missing::explain_missing,
    uncopied::explain_uncopied,
    lock::explain_lock,
    base::explain_base,
    script::explain_script,
    single::explain_word,
    apt::explain_packages,
];

/// The findings of a question, with what the project tells of them; without
/// those that it shows to be none.
pub fn answer(project: &Project, question: &Question, trust: Trust) -> Vec<Explained> {
    let case = Case::new(project, question, trust);
    question
        .findings
        .iter()
        .filter_map(|finding| {
            let mut told = Explained::plain(finding, question);
            let lines = case.file.as_ref().and_then(|file| file.place(question, &mut told));
            let mut case_told = Told { told: &mut told, lines };
            if covered::is_moot(&case, &mut case_told) {
                return None;
            }
            HELPERS.iter().any(|help| help(&case, &mut case_told));
            Some(told)
        })
        .collect()
}
