//! What the record alone proves: that nothing was uploaded.

use super::engine::Lines;
use super::{Confidence, Finding, Kind};
use crate::domain::{Build, LineNo};
use crate::parse::Tree;

/// The archive of an empty directory: the official CLI makes it reproducibly,
/// so its hash is a constant (first 16 hex digits of the MD5).
const EMPTY_HASH: &str = "4092673af6a6ac45";
/// An archive with any file in it is larger.
const EMPTY_BYTES: u64 = 150;

/// The finding for an empty upload.
pub(super) fn finding(record: Option<&Build>, tree: &Tree, lines: &dyn Lines) -> Option<Finding> {
    let build = record?;
    let hash = build.context_hash.as_deref() == Some(EMPTY_HASH);
    let small = build.context_size_bytes.is_some_and(|bytes| bytes < EMPTY_BYTES);
    if !(hash || small) {
        return None;
    }
    let read = (0..tree.len()).rev().take(200).map(LineNo::new).find(|line| {
        lines.text(*line).is_some_and(|text| text.contains("failed to read dockerfile"))
    });
    Some(Finding {
        rule: "upload-empty".to_owned(),
        category: "dockerfile-not-found".to_owned(),
        kind: Kind::Cause,
        confidence: if hash { Confidence::High } else { Confidence::Medium },
        title: "The uploaded build context is empty".to_owned(),
        cause: Some(
            "The record says that the upload held no files. The CLI's ignore matcher doesn't know \
             `!` patterns, so an allow-list `.dockerignore` (`*` and then `!Dockerfile` …), `**`, \
             or a wrong `context_dir` leaves nothing."
                .to_owned(),
        ),
        fix: Some(
            "List what to leave out in .dockerignore instead of `*` with exceptions, or delete \
             .dockerignore and use [build.exclude] in pcc-deploy.toml; then deploy again."
                .to_owned(),
        ),
        diff: None,
        line: read,
        evidence: read.into_iter().collect(),
        subject: Some(build.dockerfile_path.clone().unwrap_or_else(|| "Dockerfile".to_owned())),
        step: None,
        dockerfile: None,
        retryable: false,
        links: vec!["https://docs.pipecat.ai/pipecat-cloud/guides/cloud-builds".to_owned()],
        consequences: Vec::new(),
    })
}
