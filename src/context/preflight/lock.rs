//! The lock file of uv: whether it is there when the Dockerfile needs it, and current.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Problem, Severity, Subject};
use crate::context::dockerfile::Dockerfile;
use crate::context::explain::explain;
use crate::context::path::RelPath;
use crate::context::tree::Tree;
use crate::domain::may_hold_key;

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(file) = &subject.dockerfile else { return };
    let lock = RelPath::from("uv.lock");
    let asks = |options: &[&str]| {
        file.needed_runs().find(|run| {
            run.command.contains("uv ") && options.iter().any(|o| run.command.contains(o))
        })
    };
    let named = takes_lock(file);
    let run = asks(&["--locked", "--frozen"]);
    if !named && run.is_none() {
        return;
    }
    // A lock file made inside the image is the image's business.
    if file.needed_runs().any(|run| run.command.contains("uv lock")) {
        return;
    }
    if !subject.simulation.passed.holds(&lock) {
        // An instruction that names the file says so itself.
        if let (false, Some(run)) = (named, run) {
            let why = explain(&subject.tree, &subject.simulation, "uv.lock");
            let message = format!(
                "the Dockerfile wants uv to use uv.lock, but {}; run uv lock",
                why.sentence("uv.lock")
            );
            let problem = Problem::new("lock-missing", Severity::Error, message).about(&lock);
            problems.push(problem.at(subject.dockerfile_path(), run.line));
        }
        return;
    }
    let Some(uv) = &subject.options.uv else { return };
    if subject.tree.kind(&"pyproject.toml".into()).is_none() {
        return;
    }
    if is_stale(uv, &subject.project.context, subject.options.uv_timeout) == Some(true) {
        let severity =
            if asks(&["--locked"]).is_some() { Severity::Error } else { Severity::Warning };
        let message = "uv.lock does not fit pyproject.toml any more; run uv lock";
        problems
            .push(Problem::new("lock-stale", severity, message).about(&lock).at("uv.lock", None));
    }
}

fn takes_lock(file: &Dockerfile) -> bool {
    file.needed().any(|source| {
        source.path.as_deref().is_some_and(|path| RelPath::clamped(path).name() == b"uv.lock")
    })
}

/// Asks uv, without a shell; none when it can't tell, for instance without a network.
fn is_stale(uv: &Path, dir: &Path, limit: Duration) -> Option<bool> {
    let mut command = Command::new(uv);
    // The project's own build code may run in there.
    for (name, _) in std::env::vars_os().filter(|(name, _)| may_hold_key(name)) {
        command.env_remove(name);
    }
    let mut child = command
        .args(["lock", "--check"])
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let pipe = child.stderr.take()?;
    let (send, said) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let read = pipe.take(1 << 20).read_to_end(&mut text);
        // Nobody listens any more once the time is up.
        let _ = send.send(read.map(|_| text));
    });
    let deadline = Instant::now() + limit;
    let said = said.recv_timeout(limit);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if said.is_ok() && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            _ => break None,
        }
    };
    let Some(status) = status else {
        // Too slow, or broken: it is ended and waited for, so that nothing is left behind.
        let _ = child.kill();
        let _ = child.wait();
        return None;
    };
    if status.success() {
        return Some(false);
    }
    let said = said.ok()?.ok()?;
    String::from_utf8_lossy(&said).contains("needs to be updated").then_some(true)
}
