//! A COPY that may overwrite what the base image runs: the log shows it only
//! in the instruction itself.

use super::draft::Draft;
use super::resolve::on_pipecat_base;
use super::{Confidence, Kind};
use crate::parse::{Step, Tree};

/// The first COPY onto the base image's own files, as a draft, with its step.
pub(super) fn overwritten(tree: &Tree) -> Option<(&Step, Draft)> {
    let step = tree.steps().iter().find(|step| {
        step.instruction().is_some_and(|text| covers_app(&text))
            && on_pipecat_base(tree, step.build())
    })?;
    let mut draft = Draft::of_code(
        "passed-app-overwritten",
        "base-file-overwritten",
        step.first_line(),
        "The build passed, but `{instruction}` may overwrite files of the base image",
    );
    draft.kind = Kind::PassedBut;
    draft.cause = Some(
        "The base image keeps its own server in /app (app.py among it). A project file of the \
         same name takes its place, and the agent doesn't start."
            .to_owned(),
    );
    draft.fix = Some(
        "Copy the files that the bot needs by name (`COPY ./bot.py bot.py`), and name none of \
         them app.py."
            .to_owned(),
    );
    draft.links.push("https://docs.pipecat.ai/pipecat-cloud/fundamentals/agent-images".to_owned());
    draft.set_subject("/app/app.py");
    draft.most = Confidence::Low;
    Some((step, draft))
}

/// Whether a COPY puts a whole context into /app, or a file onto its app.py.
fn covers_app(instruction: &str) -> bool {
    let mut words = instruction.split_whitespace();
    if words.next() != Some("COPY") {
        return false;
    }
    let words: Vec<&str> = words.collect();
    if words.iter().any(|word| word.starts_with("--from=")) {
        return false;
    }
    let paths: Vec<&str> = words.into_iter().filter(|word| !word.starts_with("--")).collect();
    let Some((target, sources)) = paths.split_last() else { return false };
    let whole = sources.iter().any(|source| matches!(*source, "." | "./"));
    let named = sources.iter().any(|source| source.trim_start_matches("./") == "app.py");
    let into_app = matches!(*target, "." | "./" | "/app" | "/app/");
    let onto = matches!(target.trim_start_matches("./"), "app.py" | "/app/app.py");
    onto || (into_app && (whole || named))
}

#[cfg(test)]
mod tests {
    use super::covers_app;

    #[test]
    fn what_lands_on_the_servers_files() {
        for text in ["COPY . /app", "COPY . .", "COPY server.py /app/app.py", "COPY app.py ."] {
            assert!(covers_app(text), "{text}");
        }
        for text in
            ["COPY ./bot.py bot.py", "COPY . /srv", "COPY --from=build . /app", "COPY src ./src"]
        {
            assert!(!covers_app(text), "{text}");
        }
    }
}
