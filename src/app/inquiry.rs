//! The findings on the screen, and what the project is asked about them.

use crate::domain::Build;
use crate::explain::Question;
use crate::explain::task::Answer;

use super::model::Model;
use super::state::Cause;

/// What was asked last, and whether it still has to be passed on.
#[derive(Debug, Default)]
pub struct Inquiry {
    /// How many questions there have been; the number of the last.
    number: u64,
    question: Question,
    waiting: bool,
}

/// Takes note of what the log says by now. What is new is told in the log's own
/// words until the project answers.
pub(super) fn refresh(model: &mut Model) {
    let diagnosis = model.log.diagnosis();
    let inquiry = &mut model.inquiry;
    let source = |build: Option<&Build>| {
        let build = build?;
        Some((
            build.repo_full_name.clone(),
            build.commit_sha.clone(),
            build.dockerfile_path.clone(),
        ))
    };
    if diagnosis.findings == inquiry.question.findings
        && (diagnosis.findings.is_empty()
            || source(model.build.as_ref()) == source(inquiry.question.build.as_ref()))
    {
        return;
    }
    inquiry.question = Question::of(diagnosis, model.log.tree(), model.build.as_ref());
    inquiry.number += 1;
    inquiry.waiting = true;
    model.findings = inquiry.question.plain();
    show(model);
}

/// Takes an answer, unless it is to an older question.
pub(super) fn answered(model: &mut Model, answer: Answer) {
    if answer.question == model.inquiry.number {
        model.findings = answer.findings;
        show(model);
    }
}

fn show(model: &mut Model) {
    model.dirty = true;
    model.changes += 1;
    model.cause = Cause::of(&model.findings, &model.log);
}

/// The question that is to be passed on to the project, with its number; each
/// one once.
pub fn inquire(model: &mut Model) -> Option<(u64, Question)> {
    let inquiry = &mut model.inquiry;
    std::mem::take(&mut inquiry.waiting).then(|| (inquiry.number, inquiry.question.clone()))
}
