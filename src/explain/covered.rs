//! A COPY of the whole project that may overwrite the base image's server: the
//! project tells whether it has a file of that name.

use super::case::{Case, Told};
use super::told::Trust;
use crate::context::path::RelPath;
use crate::context::tree::Tree;
use crate::diagnose::Confidence;

/// The file of the base image that matters, in the directory that is copied to.
const SERVER: &str = "app.py";

/// Whether a finding warns of what the project can't do. One that does it is
/// told for certain.
pub(super) fn is_moot(case: &Case<'_>, told: &mut Told<'_>) -> bool {
    if told.told.finding.rule != "passed-app-overwritten" {
        return false;
    }
    let sure = case.trust == Trust::Named || told.lines.is_some();
    let whole = told.instruction().split_whitespace().any(|word| matches!(word, "." | "./"));
    let named = told.instruction().contains(SERVER);
    if !sure || !whole || named {
        return false;
    }
    if case.tree.kind(&RelPath::clamped(SERVER)).is_none() {
        return true;
    }
    let instruction = told.instruction().to_owned();
    told.title(format!(
        "The build passed, but `{instruction}` overwrites {SERVER} of the base image"
    ));
    told.fix(format!(
        "Rename {SERVER} of the project, or copy the files that the bot needs by name (`COPY \
         ./bot.py bot.py`)."
    ));
    told.told.finding.confidence = Confidence::Medium;
    false
}
