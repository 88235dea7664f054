//! A fault of the build service: a phase failed in which nothing of the user's
//! runs.

use crate::diagnose::Confidence;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;
use crate::domain::LineNo;
use crate::parse::{Phase, PhaseState};

/// The draft for a phase that failed by itself; `stated` is the line that says
/// so in general terms.
pub(in crate::diagnose) fn fault(scene: &Scene<'_>, stated: LineNo) -> Option<Draft> {
    let tree = scene.tree;
    if scene.step.is_some() || scene.build.is_some() || tree.commands().iter().any(|c| c.failed) {
        return None;
    }
    let phase = tree.phases().iter().find(|phase| phase.state.is_failure())?;
    // A command that ran in it may have failed it, whatever is missing here.
    if tree.commands().iter().any(|command| command.phase == Some(phase.id)) {
        return None;
    }
    let reason = reason(scene, phase);
    let line = reason.as_ref().map_or(phase.complete_line.unwrap_or(stated), |(line, _)| *line);
    let said = reason.map(|(_, words)| format!(": {words}")).unwrap_or_default();
    let how = match &phase.state {
        PhaseState::Other(word) => format!("ended with {word}"),
        _ => "failed".to_owned(),
    };
    let mut draft = Draft::of_code(
        "service-fault",
        "build-command",
        line,
        "The build service {how} in {phase}, where nothing of the project runs{said}",
    );
    draft.captures.set("how", how);
    draft.captures.set("phase", phase.name.to_string());
    draft.captures.set("said", said);
    draft.cause = Some(
        "The phase failed by itself: no command of the build is to blame, nor is the Dockerfile."
            .to_owned(),
    );
    draft.fix = Some(format!(
        "Try again once. If it stays, tell support the build id, the region, the time, and that \
         {} failed with the line above.",
        phase.name
    ));
    draft.evidence = phase.complete_line.into_iter().collect();
    draft.retryable = true;
    draft.most = Confidence::Medium;
    draft.set_subject(phase.name.to_string());
    Some(draft)
}

/// What the agent says of the reason: the line behind the phase's end.
fn reason(scene: &Scene<'_>, phase: &Phase) -> Option<(LineNo, String)> {
    let line = phase.complete_line?.next();
    let text = scene.lines.text(line)?;
    let (_, words) = text.split_once("Phase context status code: ")?;
    let (code, message) = words.split_once(" Message: ").unwrap_or((words, ""));
    let words = [code.trim(), message.trim()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| (line, words.join(": ")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::diagnose::Rules;
    use crate::domain::Patch;
    use crate::log::Log;

    fn diagnosed(text: &str) -> Log {
        let mut log = Log::new(Arc::new(Rules::builtin()));
        log.apply(&Patch::text(text));
        log.end();
        log.derive_all();
        log
    }

    #[test]
    fn a_phase_that_fails_by_itself_is_the_services_fault() {
        let log = diagnosed(
            "[Container] 2026/11/23 20:10:03 Phase is DOWNLOAD_SOURCE\n\
             [Container] 2026/11/23 20:10:04 Phase complete: DOWNLOAD_SOURCE State: FAILED\n\
             [Container] 2026/11/23 20:10:04 Phase context status code: CLIENT_ERROR Message: NoSuchKey: gone\n",
        );
        let cause = log.diagnosis().cause().unwrap();
        assert_eq!(cause.rule, "service-fault");
        assert_eq!(
            cause.title,
            "The build service failed in DOWNLOAD_SOURCE, where nothing of the project runs: \
             CLIENT_ERROR: NoSuchKey: gone"
        );
        assert_eq!(cause.line.map(|line| line.number()), Some(3));
        assert!(cause.retryable && cause.fix.as_ref().unwrap().contains("DOWNLOAD_SOURCE failed"));
    }

    /// Its message goes on, in words that a package index uses as well.
    #[test]
    fn a_source_that_was_refused_is_no_package_index() {
        let log = diagnosed(
            "[Container] 2026/11/23 20:10:03 Phase is DOWNLOAD_SOURCE\n\
             [Container] 2026/11/23 20:10:04 Phase complete: DOWNLOAD_SOURCE State: FAILED\n\
             [Container] 2026/11/23 20:10:04 Phase context status code: CLIENT_ERROR Message: error while downloading key a.tar.gz, error: AccessDenied: Access Denied\n\
             \tstatus code: 403, request id: 4GT, host id: x for primary source\n",
        );
        let cause = log.diagnosis().cause().unwrap();
        assert_eq!(cause.rule, "service-fault");
        assert!(cause.title.contains("AccessDenied"), "{}", cause.title);
    }

    #[test]
    fn a_command_that_failed_is_not() {
        let log = diagnosed(
            "[Container] 2026/11/23 20:10:03 Entering phase PRE_BUILD\n\
             [Container] 2026/11/23 20:10:03 Running command ./login.sh\n\
             [Container] 2026/11/23 20:10:04 Command did not exit successfully ./login.sh exit status 3\n\
             [Container] 2026/11/23 20:10:04 Phase complete: PRE_BUILD State: FAILED\n\
             [Container] 2026/11/23 20:10:04 Phase context status code: COMMAND_EXECUTION_ERROR Message: x\n",
        );
        assert_ne!(log.diagnosis().cause().unwrap().rule, "service-fault");
    }
}
