//! Wheels that pip refuses.

use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// A wheel that pip refuses: its name says what it was made for.
pub(in super::super) fn tags(_: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(name) = draft.subject().and_then(|name| name.strip_suffix(".whl")) else {
        return true;
    };
    let mut tags = name.rsplit('-');
    let (platform, _, python) = (tags.next(), tags.next(), tags.next());
    let (Some(platform), Some(python)) = (platform, python) else { return true };
    let minor = python.strip_prefix("cp3").and_then(|minor| minor.parse::<u32>().ok());
    let fits = platform.contains("aarch64") && platform.contains("linux") || platform == "any";
    if let Some(minor) = minor.filter(|_| fits) {
        draft.captures.set("minor", minor.to_string());
        draft.title =
            "{subject} is made for Python 3.{minor}, which the image doesn't have".to_owned();
        draft.cause =
            Some("The first tag of its name is the Python that it was built for.".to_owned());
        draft.fix = Some("Take the wheel for the image's Python, or the base image with that one (`dailyco/pipecat-base:latest-py3.{minor}`).".to_owned());
    } else if platform.contains("x86_64") || platform.contains("amd64") {
        draft.cause = Some("It was built for x86-64, and agents run on arm64.".to_owned());
        draft.fix = Some("Install by name and version, so that the right wheel is chosen, or fetch the one whose name ends in aarch64.".to_owned());
    }
    true
}
