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

/// The package's name as indexes compare it, without version and extras.
fn plain_name(requirement: &str) -> String {
    package_name(requirement).to_ascii_lowercase().replace('_', "-")
}
