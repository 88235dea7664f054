//! What a project on disk adds to a finding: better words, and diffs that
//! apply and then do what they say.

#![allow(clippy::unwrap_used, clippy::panic)]

mod case;
mod files;
mod instructions;
mod locks;
mod random;
mod screen;

use case::*;

#[test]
fn the_local_dockerfile_is_shown_and_compared() {
    let text = "FROM python:3.12-slim\nWORKDIR /app\nCOPY bot.py ./\nRUN python bot.py\n";
    let log = failed(text, 4, "#5 0.1 ModuleNotFoundError: No module named 'x'", "exit code: 1");
    let same = Project::new(&[("Dockerfile", text)]).explained(&log);
    let source = same.source.unwrap();
    assert_eq!((source.path.as_str(), source.line, source.differs), ("Dockerfile", 4, None));
    assert!(source.file.unwrap().ends_with("Dockerfile"));
    let lines: Vec<_> =
        source.lines.iter().map(|l| (l.number, l.marked, l.text.as_str())).collect();
    assert_eq!(
        lines,
        [(2, false, "WORKDIR /app"), (3, false, "COPY bot.py ./"), (4, true, "RUN python bot.py")]
    );

    let moved = format!("# a comment more\n{text}");
    let told = Project::new(&[("Dockerfile", &moved)]).explained(&log);
    let source = told.source.unwrap();
    assert_eq!(source.line, 5);
    assert_eq!(
        source.differs.as_deref(),
        Some("The instruction is on line 5 here; the build had it on 4")
    );
    assert_eq!(told.finding.dockerfile.unwrap().line, 5);

    let other = text.replace("python bot.py", "python3 bot.py");
    let source = Project::new(&[("Dockerfile", &other)]).explained(&log).source.unwrap();
    assert_eq!(
        source.differs.as_deref(),
        Some(
            "The Dockerfile here is not the one that was built: line 4 was `RUN python bot.py` \
             there and is `RUN python3 bot.py` here"
        )
    );

    // Without a project, what the log itself shows.
    let plain = question(&log, None).plain().remove(0);
    let source = plain.source.unwrap();
    assert_eq!((source.line, source.file), (4, None));
}

/// A log shows an empty line behind the end of the file that was built.
#[test]
fn the_very_dockerfile_that_was_built_is_never_another_one() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut compared = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let built = path.with_extension("Dockerfile");
        if path.extension().is_none_or(|kind| kind != "log") || !built.exists() {
            continue;
        }
        let (log, built) = (std::fs::read(&path).unwrap(), std::fs::read_to_string(built).unwrap());
        let project = Project::new(&[("Dockerfile", &built)]);
        let Some(question) = asked(&String::from_utf8_lossy(&log), None) else { continue };
        let differs = project.answered(&question).source.and_then(|source| source.differs);
        assert_eq!(differs, None, "{}", path.display());
        compared += 1;
    }
    assert!(compared > 60, "{compared}");
}

#[test]
fn the_dockerfile_of_the_log_is_looked_at_not_the_configured_one() {
    let text = "FROM python:3.12-slim\nRUN false\n";
    let log = failed(text, 2, "#5 0.1 no", "exit code: 1")
        .replace("\nDockerfile:", "\ndocker/Dockerfile.dev:");
    let project = Project::new(&[("Dockerfile", "FROM x\n"), ("docker/Dockerfile.dev", text)]);
    let told = project.explained(&log);
    assert_eq!(told.source.unwrap().path, "docker/Dockerfile.dev");
    assert_eq!(told.finding.dockerfile.unwrap().path.as_deref(), Some("docker/Dockerfile.dev"));
}
