//! The desktop's clipboard, by the program that reaches it.

use std::io::{self, Write};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::Tools;

/// How long a program may take to accept the text.
const PATIENCE: Duration = Duration::from_secs(2);

/// A program that copies its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) name: &'static str,
    arguments: &'static [&'static str],
}

/// The programs that may reach a clipboard from here, the likeliest first.
pub(super) fn programs(set: impl Fn(&str) -> bool) -> Vec<Program> {
    let of = |name, arguments| Program { name, arguments };
    let mut found = Vec::new();
    if cfg!(target_os = "macos") {
        found.push(of("pbcopy", &[]));
    }
    if set("WAYLAND_DISPLAY") {
        found.push(of("wl-copy", &[]));
    }
    if set("DISPLAY") {
        found.push(of("xclip", &["-selection", "clipboard", "-in"]));
        found.push(of("xsel", &["--clipboard", "--input"]));
    }
    if set("WSL_DISTRO_NAME") {
        found.push(of("clip.exe", &[]));
    }
    // tmux hands it on to the terminal it runs in.
    if set("TMUX") {
        found.push(of("tmux", &["load-buffer", "-w", "-"]));
    }
    found
}

/// Gives a text to the first program that takes it; its name.
pub(super) fn copy(tools: &Tools, text: &str) -> Option<&'static str> {
    let programs = tools.clipboards();
    programs.into_iter().find(|program| hand(tools, *program, text).is_ok()).map(|p| p.name)
}

fn hand(tools: &Tools, program: Program, text: &str) -> io::Result<()> {
    // What it says belongs on no screen. It may live on as the clipboard's
    // owner, so it must not hold our terminal either.
    let mut child = tools
        .command(program.name)
        .args(program.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut pipe = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let text = text.to_owned();
    // A program that doesn't read must not hold us.
    let writer = std::thread::Builder::new()
        .name("clipboard".to_owned())
        .spawn(move || pipe.write_all(text.as_bytes()))?;
    let ended = wait(&mut child, PATIENCE)?;
    if !ended {
        let _ = child.kill();
        let _ = child.wait();
        return Err(io::ErrorKind::TimedOut.into());
    }
    writer.join().map_err(|_| io::ErrorKind::BrokenPipe)??;
    match child.wait()?.success() {
        true => Ok(()),
        false => Err(io::Error::other("it failed")),
    }
}

/// Waits until it ends; whether it did in time.
fn wait(child: &mut Child, patience: Duration) -> io::Result<bool> {
    let deadline = Instant::now() + patience;
    let mut pause = Duration::from_millis(1);
    while child.try_wait()?.is_none() {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_which_desk_this_is() {
        let names = |set: &[&str]| {
            let found = programs(|name| set.contains(&name));
            found.iter().map(|p| p.name).filter(|name| *name != "pbcopy").collect::<Vec<_>>()
        };
        assert!(names(&[]).is_empty());
        assert_eq!(names(&["WAYLAND_DISPLAY", "DISPLAY"]), ["wl-copy", "xclip", "xsel"]);
        assert_eq!(names(&["DISPLAY"]), ["xclip", "xsel"]);
        assert_eq!(names(&["TMUX"]), ["tmux"]);
    }
}
