//! A script of the project that can't be run: its mode, its line ends.

use super::case::{Case, Told};
use crate::context::path::RelPath;
use crate::context::tree::{Kind, Tree};

/// How much of a script is looked at: its first line.
const HEAD: usize = 4096;

pub(super) fn explain_script(case: &Case<'_>, told: &mut Told<'_>) -> bool {
    let denied = told.category() == "permission-denied";
    if told.lines.is_none()
        || !(denied || matches!(told.category(), "command-not-found" | "script-failed"))
    {
        return false;
    }
    let Some(path) = told.subject().and_then(|subject| script(case, subject)) else { return false };
    let head = case.tree.read(&path, HEAD).unwrap_or_default();
    let first = head.split(|b| *b == b'\n').next().unwrap_or_default();
    if !denied && first.starts_with(b"#!") && first.ends_with(b"\r") {
        let interpreter = String::from_utf8_lossy(first).trim_start_matches("#!").trim().to_owned();
        told.title(format!("`{path}` has Windows line ends (CRLF)"));
        told.cause(format!(
            "Its first line asks for an interpreter named `{interpreter}` and a carriage return, \
             which doesn't exist."
        ));
        told.fix(format!(
            "Save `{path}` with LF line ends, and keep them so with `*.sh text eol=lf` in \
             .gitattributes."
        ));
        return true;
    }
    if denied && is_plain_file(case, &path) {
        told.cause(format!(
            "`{path}` isn't executable here, and the upload keeps a file's mode that far."
        ));
        told.fix(format!(
            "Run `chmod +x {path}` (in a repository `git update-index --chmod=+x {path}` as well), \
             or add `RUN chmod +x` before this step."
        ));
        return true;
    }
    false
}

/// The script of the project that a log names: as it is, or below the
/// directory that the image has it in.
fn script(case: &Case<'_>, subject: &str) -> Option<RelPath> {
    let bare = subject.trim_start_matches("./");
    let below = bare.trim_start_matches('/').split_once('/').map(|(_, rest)| rest);
    let absolute = bare.starts_with('/');
    let names = [(!absolute).then_some(bare), below.filter(|_| absolute)];
    names
        .into_iter()
        .flatten()
        .map(RelPath::clamped)
        .find(|path| !path.is_root() && matches!(case.tree.kind(path), Some(Kind::File { .. })))
}

/// Whether nobody may execute it.
fn is_plain_file(case: &Case<'_>, path: &RelPath) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let meta = std::fs::metadata(case.project.tree().locate(path));
    meta.is_ok_and(|meta| meta.permissions().mode() & 0o111 == 0)
}
