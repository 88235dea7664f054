//! The stages that COPY copies from, where the Dockerfile itself tells that one is wrong.

use super::{Problem, Severity, Subject};
use crate::context::dockerfile::{Copied, Dockerfile, Stage};
use crate::context::nearest::distance;

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(file) = &subject.dockerfile else { return };
    for copied in file.needed_copies() {
        let found = from(file, copied);
        problems.extend(found.map(|problem| problem.at(subject.dockerfile_path(), copied.line)));
    }
}

/// `--from` with a number that no stage has, with nearly the name of a stage, or with that of
/// the stage it is in.
fn from(file: &Dockerfile, copied: &Copied) -> Option<Problem> {
    let from = copied.from.as_deref()?;
    let error = |message| Some(Problem::new("unknown-stage", Severity::Error, message));
    let is =
        |stage: &Stage| stage.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(from));
    let number = from.parse::<usize>().ok();
    let named = file.stages.iter().position(is);
    if named.or(number) == Some(copied.stage) {
        return error(format!(
            "--from={from} names the stage that it is in, which can't need itself"
        ));
    }
    if let Some(number) = number {
        let last = file.stages.len().saturating_sub(1);
        return match number > last {
            true => error(format!(
                "--from={from} names a stage by its number, and they go from 0 to {last}"
            )),
            false => None,
        };
    }
    // The name of an image is right as well.
    if named.is_some() || from.contains(['/', ':', '.', '@']) {
        return None;
    }
    let allowed = (from.chars().count() / 3).clamp(1, 2);
    let lower = from.to_lowercase();
    let mut names = file.stages.iter().filter_map(|stage| stage.name.as_deref());
    let near = names.find(|name| distance(&name.to_lowercase(), &lower) <= allowed)?;
    let message = format!(
        "--from={from} names no stage, and so an image of that name; the stage {near} is near"
    );
    Some(Problem::new("unknown-stage", Severity::Warning, message))
}
