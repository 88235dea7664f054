//! Single words that are wrong in an instruction: a misspelt instruction, a
//! `uv sync` that takes away what the base image needs.

use super::apt::above;
use super::case::{Case, Told};
use super::diff::Edit;
use super::shell::{commands, tokens};
use super::words;
use crate::context::dockerfile::KNOWN;
use crate::context::nearest::distance;

pub(super) fn explain_word(case: &Case<'_>, told: &mut Told<'_>) -> bool {
    let (Some(file), Some(lines)) = (&case.file, told.lines.clone()) else { return false };
    match told.told.finding.rule.as_str() {
        "dockerfile-instruction" => {
            let Some(subject) = told.subject() else { return false };
            let all = words::words(file, &lines);
            let Some(word) = all.first().filter(|word| word.text.eq_ignore_ascii_case(subject))
            else {
                return false;
            };
            let upper = word.text.to_ascii_uppercase();
            let mut near = KNOWN.iter().filter(|known| distance(known, &upper) <= 2);
            let (Some(known), None) = (near.next(), near.next()) else { return false };
            let edit = words::replace(file, word, known);
            let Some(diff) = edit.and_then(|edit| case.dockerfile_diff(&[edit])) else {
                return false;
            };
            let (line, text) = (word.line, word.text.clone());
            told.fix(format!("Write `{known}` for `{text}` in {}:{line}.", file.path));
            told.diff(Some(diff));
            true
        }
        "uv-bytecode" => {
            const LIMIT: &str = "UV_COMPILE_BYTECODE_TIMEOUT";
            if file.text.contains(LIMIT) {
                return false;
            }
            let Ok(line) = usize::try_from(above(file, *lines.start())) else { return false };
            let env = format!("ENV {LIMIT}=300");
            told.fix(format!("Give it more time: add `{env}` before this step."));
            told.diff(case.dockerfile_diff(&[Edit::insert(line, env)]));
            true
        }
        "passed-base-removed" => {
            let tokens = tokens(file, &lines);
            let syncs = commands(&tokens, &["uv"], "sync");
            let [sync] = syncs.as_slice() else { return false };
            if sync.iter().any(|word| word.text == "--inexact") {
                return false;
            }
            let Some(word) = sync.iter().find(|word| word.text == "sync") else { return false };
            let edit = words::replace(file, word, "sync --inexact");
            told.diff(edit.and_then(|edit| case.dockerfile_diff(&[edit])));
            told.told.finding.diff.is_some()
        }
        _ => false,
    }
}
