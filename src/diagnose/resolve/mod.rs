//! Resolvers: what only several lines together say.
//!
//! A resolver gets the scene and the draft of a rule that names it. It may
//! move the root line, find the subject, change the words, or say that the
//! rule doesn't fit after all (`false`); the next best rule is tried then.

mod base;
mod dockerfile;
mod download;
mod installers;
mod instruction;
mod linters;
mod loader;
mod lookup;
mod more;
mod names;
mod native;
mod nearby;
mod node;
mod paths;
mod pip;
mod programs;
mod pytest;
mod python;
mod pythons;
mod service;
mod shell;
mod system;
mod tests;
mod upload;
mod uv;
mod uv_sentence;

use super::draft::Draft;
use super::scene::Scene;

pub(super) use pip::build::quoted;
pub(super) use python::near::file_above as file_of_exception;
pub(super) use python::{chain, looks_like_exception as is_exception};

/// A resolver.
type Resolve = fn(&Scene<'_>, &mut Draft) -> bool;

const ALL: &[(&str, Resolve)] = &[
    ("add-host", instruction::add::host),
    ("add-url", instruction::add::url),
    ("copy-from", instruction::copy::from),
    ("crate", native::too_new),
    ("apt-package", instruction::run::apt_package),
    ("archive", instruction::run::archive),
    ("backend", pip::build::backend),
    ("base-image", instruction::from::base_image),
    ("base-python", base::python),
    ("base-removed", base::removed),
    ("build-block", pip::build::block),
    ("deprecated-api", pip::advice::deprecated),
    ("command-file", dockerfile::command_file),
    ("conda-package", pip::index::conda_package),
    ("conflict", pip::requirement::conflict),
    ("copy-source", instruction::copy::source),
    ("exec-format", instruction::cpu::exec_format),
    ("file", paths::file),
    ("git-source", pip::git::source),
    ("host-key", pip::git::host_key),
    ("pip-network", pip::index::network),
    ("pip-config", pip::poetry::config),
    ("uv-conflict", uv_sentence::conflict),
    ("disk", nearby::disk),
    ("conflict-marks", paths::conflict_marks),
    ("uv-lock", uv::lock_schema),
    ("uv-requirement", uv::requirement),
    ("uv-yanked", names::yanked),
    ("hf-file", nearby::hf_file),
    ("apt-other", more::apt_other),
    ("linter", linters::linter),
    ("numpy-abi", python::numpy_abi),
    ("hash-mismatch", pip::requirement::hash_mismatch),
    ("source-file", paths::source_file),
    ("inner-error", pip::build::inner_error),
    ("killed", instruction::killed::command),
    ("header", pip::header::missing),
    ("no-match", pip::index::no_match),
    ("node-engine", node::engine),
    ("node-exception", node::exception),
    ("node-peer", node::peer),
    ("next-page", node::next_page),
    ("bundle-import", node::bundled),
    ("node-scope", node::scope),
    ("not-found", instruction::not_found::command),
    ("nearby-file", nearby::file),
    ("nearby-host", nearby::host),
    ("python-range", more::python_range),
    ("python-exception", python::exception),
    ("registry", instruction::from::registry),
    ("requirement-line", pip::requirement::line),
    ("shell-command", instruction::run::shell_command),
    ("mocha", tests::mocha),
    ("test-name", tests::name),
    ("traceback", python::traceback),
    ("url-host", paths::url_host),
    ("cmake", more::cmake),
    ("cmake-directory", native::cmake_directory),
    ("cmake-package", native::cmake_package),
    ("compiler-flag", native::compiler_flag),
    ("link-library", native::link_library),
    ("rust-source", native::rust_source),
    ("pytest-import", tests::import),
    ("pytest-failed", pytest::failed),
    ("download-url", nearby::url),
    ("missing-path", paths::missing_path),
    ("npm-name", node::name),
    ("npm-path", node::path),
    ("pnpm-other", node::pnpm_other),
    ("npm-tarball", node::tarball),
    ("pipfile", pip::poetry::pipfile),
    ("last-exception", python::last),
    ("unresolved", python::unresolved),
    ("project-build", pip::build::project),
    ("variable", shell::variable),
    ("unset", shell::unset),
    ("crlf", shell::crlf),
    ("toml-file", pip::poetry::toml_file),
    ("workdir", paths::file),
    ("apt-fetch", more::apt_fetch),
    ("build-or-file", more::build_or_file),
    ("dockerfile", dockerfile::instruction),
    ("circular", dockerfile::circular),
    ("dockerfile-flag", dockerfile::flag),
    ("hatch-name", more::hatch_name),
    ("login-host", more::login_host),
    ("push-target", more::push_target),
    ("shell-script", more::shell_script),
    ("syntax", python::syntax),
    ("uv-not-found", names::requirement),
    ("apt-key", more::apt_key),
    ("apt-missing", more::apt_missing),
    ("clap-tip", uv::clap_tip),
    ("dpkg", more::dpkg),
    ("dpkg-archive", more::dpkg_archive),
    ("local-audio", pip::advice::local_audio),
    ("node-module", node::module),
    ("requirement-file", pip::requirement::file),
    ("user", shell::user),
    ("module", python::module),
    ("off-path", installers::off_path),
    ("path-source", uv::path_source),
    ("permission", shell::permission),
    ("pipecat-extra", python::pipecat_extra),
    ("venv-copied", uv::venv_copied),
    ("wheel-python", uv::wheel_python),
    ("wheel-tags", pip::wheel::tags),
    ("meant", dockerfile::meant),
    ("python-tag", pythons::tag),
    ("poetry-python", pythons::poetry),
    ("uv-network", uv::network),
    ("poetry-usage", pip::poetry::usage),
    ("shared-library", more::shared_library),
    ("loaded", loader::loaded),
    ("native-package", lookup::native_package),
    ("cmake-notfound", lookup::cmake_notfound),
    ("foreign-library", lookup::foreign_library),
    ("pdm-range", lookup::pdm_range),
    ("poetry-invalid", lookup::poetry_invalid),
    ("proxy", download::proxy),
    ("nltk", download::nltk),
    ("curl-write", download::curl_write),
    ("s3-address", download::s3_address),
    ("apt-needs", system::apt_needs),
    ("apt-refuses", system::apt_refuses),
    ("dpkg-script", system::dpkg_script),
    ("sphinx", system::sphinx),
    ("last-words", system::last_words),
];

/// The names that rules may use.
pub(super) const NAMES: &[&str] = &{
    let mut names = [""; ALL.len()];
    let mut at = 0;
    while at < ALL.len() {
        names[at] = ALL[at].0;
        at += 1;
    }
    names
};

pub(super) use base::on_pipecat_base;
pub(super) use installers::brings;
pub(super) use instruction::{calls, words};
pub(super) use nearby::url_in;
pub(super) use paths::host_of;
pub(super) use service::fault as service_fault;
pub(super) use shell::killed_by_timeout;

/// The image of a FROM, for what no rule knows.
pub(super) fn base_image(scene: &Scene<'_>, draft: &mut Draft) {
    let _ = instruction::from::base_image(scene, draft);
}

/// Runs a resolver; whether the rule fits.
pub(super) fn run(name: &str, scene: &Scene<'_>, draft: &mut Draft) -> bool {
    ALL.iter().find(|(known, _)| *known == name).is_none_or(|(_, resolve)| resolve(scene, draft))
}
