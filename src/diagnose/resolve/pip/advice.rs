//! Packages that an agent doesn't need, or needn't compile.

use super::package::package_name;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// What an agent does best about packages that it needn't compile.
pub(super) fn advise(draft: &mut Draft) {
    let Some(name) = draft.captures.get("package").or(draft.subject()).map(plain_name) else {
        return;
    };
    match name.as_str() {
        "pyaudio" => {
            draft.cause = Some("pyaudio is sound on the machine itself, mostly from `pipecat-ai[local]`; it has no wheel for Linux and is compiled. An agent in the cloud has no sound device and doesn't need it.".to_owned());
            draft.fix = Some("Take `local` out of pipecat-ai's extras (and pyaudio out of the requirements), and lock again. Where it is needed all the same: `apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev portaudio19-dev` before this step.".to_owned());
        }
        "psycopg2" => {
            draft.fix = Some("Require `psycopg2-binary`, which has wheels, in its place; else install what it is compiled with: `apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev libpq-dev`.".to_owned());
        }
        "numba" | "llvmlite" if draft.rule == "setup-python-version" => {
            draft.fix = Some("Require a current numba, so that the resolver doesn't go back to an old one (`numba>=0.61`; pipecat-ai 1 and later does), and lock again.".to_owned());
        }
        _ => {}
    }
}

/// For a package that may not be compiled: whether an agent needs it at all.
pub(in super::super) fn local_audio(_: &Scene<'_>, draft: &mut Draft) -> bool {
    advise(draft);
    true
}

/// A build that uses what is gone: what it was, and the version that doesn't.
pub(in super::super) fn deprecated(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let fits = super::build::block(scene, draft);
    let text = draft.text.clone();
    let package = draft.captures.get("package").or(draft.subject()).map(plain_name);
    if text.contains("cython_sources") {
        draft.title =
            "{package|A package} is too old: its source can't be built with Cython 3".to_owned();
        draft.cause = Some("There is no wheel of this version for the image's Python, so it is built from source, and its build takes the newest Cython.".to_owned());
        draft.fix = Some(if package.as_deref() == Some("pyyaml") {
            "Require `pyyaml>=6.0.1` (5.4 and 6.0 have the fault), and let nothing else hold it back."
        } else {
            "Require a newer version of {package|it}, which has a wheel or goes with Cython 3."
        }.to_owned());
    } else if text.contains("ImpImporter") {
        draft.title = "{package|A package} is too old for this Python: its build needs what Python 3.12 dropped".to_owned();
        draft.cause = Some("There is no wheel of this version for the image's Python, so it is built from source, and the setuptools that it asks for uses `pkgutil.ImpImporter`.".to_owned());
        draft.fix = Some("Require a newer version of {package|it}, or use a base image with an older Python (`dailyco/pipecat-base:latest-py3.11`).".to_owned());
    } else if text.contains("use_2to3") {
        draft.title = "{package|A package} is too old: its source is for Python 2".to_owned();
        draft.cause = Some("Its build asks setuptools to translate it (`use_2to3`), which setuptools doesn't do since version 58.".to_owned());
        draft.fix = Some(
            "Require a newer version of {package|it}, or another package in its place.".to_owned(),
        );
    } else if text.contains("'sklearn'") {
        draft.title = "The package is called scikit-learn, not sklearn".to_owned();
        draft.cause = Some("`sklearn` is the name of the module; the package of that name only refuses to be installed.".to_owned());
        draft.fix =
            Some("Write `scikit-learn` in place of `sklearn` in the requirements.".to_owned());
    }
    fits
}

/// The package's name as indexes compare it, without version and extras.
fn plain_name(requirement: &str) -> String {
    package_name(requirement).to_ascii_lowercase().replace('_', "-")
}
