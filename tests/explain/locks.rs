//! Lock files that don't fit what they were made from.

use super::case::*;

const UV: &str = "FROM dailyco/pipecat-base:latest\nCOPY . .\nRUN uv sync --locked\n";
const STALE: &str = "#5 0.9 The lockfile at `uv.lock` needs to be updated, but `--locked` was provided. To update the lockfile, run `uv lock`.";

const LOCK: &str = "version = 1\nrequires-python = \">=3.11\"\n\n[[package]]\nname = \"bot\"\nversion = \"0.1.0\"\n\
    source = { virtual = \".\" }\n[package.metadata]\nrequires-dist = [\n\
    { name = \"pipecat-ai\", extras = [\"daily\"], specifier = \">=1.0\" },\n\
    { name = \"loguru\" },\n]\n\n[[package]]\nname = \"loguru\"\nversion = \"1\"\n";

fn pyproject(dependencies: &str) -> String {
    format!(
        "[project]\nname = \"bot\"\nversion = \"0.1.0\"\nrequires-python = \">=3.11\"\ndependencies = [{dependencies}]\n"
    )
}

#[test]
fn what_has_changed_since_uv_locked_is_named() {
    let log = failed(UV, 3, STALE, "exit code: 1");
    let text = pyproject("\"pipecat-ai[daily] >=1.4\", \"Open_AI\"");
    let project = Project::new(&[("Dockerfile", UV), ("uv.lock", LOCK), ("pyproject.toml", &text)]);
    let told = project.explained(&log);
    assert_eq!(
        told.finding.cause.as_deref(),
        Some(
            "pyproject.toml has changed since uv.lock was made: `open-ai` is new, `pipecat-ai` was \
             `>=1.0` and is `>=1.4`, `loguru` is gone."
        )
    );
    assert_eq!(
        told.finding.fix.as_deref(),
        Some("Run `uv lock`, commit uv.lock, and deploy again.")
    );
    // Nothing that is seen here: the log's own words stay.
    let text = pyproject("\"pipecat-ai[daily]>=1.0\", \"loguru\"");
    let project = Project::new(&[("Dockerfile", UV), ("uv.lock", LOCK), ("pyproject.toml", &text)]);
    let plain = question(&log, None).plain().remove(0);
    assert_eq!(project.explained(&log).finding.cause, plain.finding.cause);
}

#[test]
fn what_has_changed_since_npm_locked_is_named() {
    let text = "FROM node:20-slim\nCOPY . .\nRUN npm ci\n";
    let project = Project::new(&[
        ("Dockerfile", text),
        ("package.json", "{\"dependencies\": {\"left\": \"^1.0.0\", \"right\": \"2.x\"}}"),
        ("package-lock.json", "{\"packages\": {\"\": {\"dependencies\": {\"left\": \"^1.0.0\"}}}}"),
    ]);
    let output = "#5 0.9 npm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync.";
    let told = project.explained(&failed(text, 3, output, "exit code: 1"));
    assert_eq!(
        told.finding.cause.as_deref(),
        Some("package.json has changed since package-lock.json was made: `right` is new.")
    );
}
