//! What the command of a RUN names.

use super::words;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;
use crate::diagnose::tolerated::principal;

/// The command of the step.
pub(in super::super) fn shell_command(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_none()
        && let Some(shell) = scene.shell()
    {
        draft.set_subject(principal(&shell));
    }
    true
}

/// Options of apt, apk and dnf whose value is the next word.
const VALUED: [&str; 14] = [
    "-t",
    "--target-release",
    "--default-release",
    "-o",
    "--option",
    "-c",
    "--config-file",
    "-a",
    "--host-architecture",
    "--virtual",
    "-X",
    "--repository",
    "--enablerepo",
    "--setopt",
];

/// The first package an install command names.
pub(in super::super) fn apt_package(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return true;
    }
    let Some(shell) = scene.shell() else { return true };
    let mut after = false;
    let mut all = words(&shell);
    while let Some(word) = all.next() {
        if VALUED.contains(&word) {
            all.next();
        } else if matches!(word, "&&" | ";" | "||" | "|") {
            after = false;
        } else if word == "install" || word == "add" {
            after = true;
        } else if after && !word.starts_with('-') && !word.starts_with('$') {
            draft.set_subject(word.trim_end_matches(';'));
            return true;
        }
    }
    true
}

/// The archive or file argument of a command such as tar or unzip.
pub(in super::super) fn archive(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if draft.subject().is_some() {
        return true;
    }
    const ENDS: [&str; 14] = [
        ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar", ".zip", ".gz", ".xz", ".bz2",
        ".zst", ".whl", ".deb", ".7z",
    ];
    let Some(shell) = scene.shell() else { return true };
    let packed = |w: &&str| ENDS.iter().any(|end| w.trim_end_matches(';').ends_with(end));
    const OPENERS: [&str; 8] =
        ["tar", "unzip", "gunzip", "gzip", "zcat", "xz", "bsdtar", "sha256sum"];
    let mut opened = words(&shell).skip_while(|w| !OPENERS.contains(w)).filter(packed);
    let found = opened
        .by_ref()
        .last()
        .filter(|w| !w.contains("://"))
        .or_else(|| words(&shell).filter(|w| !w.contains("://")).find(packed))
        .or_else(|| words(&shell).find(packed));
    if let Some(word) = found {
        draft.set_subject(word.trim_end_matches(';'));
    }
    true
}
