//! How editors are told which line to open a file at.

use std::ffi::OsString;
use std::path::Path;

/// The arguments that follow an editor's own: the line, and the file.
///
/// An editor that isn't known gets the file only: it would take a strange
/// argument for another file.
pub(super) fn arguments(program: &str, given: &[String], file: &Path, line: u64) -> Vec<OsString> {
    let name = Path::new(program).file_name().map(|name| name.to_string_lossy().to_lowercase());
    let name = name.unwrap_or_default();
    let name = name.trim_end_matches(".exe").trim_end_matches(".cmd");
    let path = || file.as_os_str().to_owned();
    let with_line = || {
        let mut place = path();
        place.push(format!(":{line}"));
        place
    };
    // An editor with a window of its own returns at once unless told to wait;
    // a file of ours would then be gone before it is read.
    let wait = |flag: &str| {
        let told = given.iter().any(|argument| argument == flag || argument == "-w");
        (!told).then(|| OsString::from(flag))
    };
    match name {
        "vi" | "vim" | "nvim" | "view" | "vimdiff" | "nano" | "pico" | "emacs" | "emacsclient"
        | "micro" | "kak" | "joe" | "jmacs" | "jed" | "ne" | "mg" | "mcedit" | "zile" | "vis"
        | "nvi" | "elvis" | "ee" | "less" | "most" => vec![format!("+{line}").into(), path()],
        "gvim" | "mvim" => {
            let front = (!given.iter().any(|a| a == "-f")).then(|| OsString::from("-f"));
            front.into_iter().chain([format!("+{line}").into(), path()]).collect()
        }
        "hx" | "helix" => vec![with_line()],
        "code" | "code-insiders" | "codium" | "vscodium" | "cursor" | "windsurf" => {
            wait("--wait").into_iter().chain(["--goto".into(), with_line()]).collect()
        }
        "subl" | "sublime_text" | "zed" | "zeditor" => {
            wait("--wait").into_iter().chain([with_line()]).collect()
        }
        "mate" => {
            let at = ["--line".into(), line.to_string().into(), path()];
            wait("--wait").into_iter().chain(at).collect()
        }
        "kate" => {
            let at = ["--line".into(), line.to_string().into(), path()];
            wait("--block").into_iter().chain(at).collect()
        }
        "gedit" => wait("--wait").into_iter().chain([format!("+{line}").into(), path()]).collect(),
        _ => vec![path()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(editor: &str) -> String {
        let words = shell_words::split(editor).unwrap();
        let (program, given) = words.split_first().unwrap();
        let arguments = arguments(program, given, Path::new("/tmp/a b.log"), 58);
        let all = given.iter().cloned().chain(arguments.iter().map(|a| a.to_string_lossy().into()));
        all.collect::<Vec<String>>().join(" | ")
    }

    #[test]
    fn each_editor_is_told_in_its_own_words() {
        for (editor, told) in [
            ("vi", "+58 | /tmp/a b.log"),
            ("/usr/local/bin/nvim -R", "-R | +58 | /tmp/a b.log"),
            ("nano", "+58 | /tmp/a b.log"),
            ("emacs -nw", "-nw | +58 | /tmp/a b.log"),
            ("kak", "+58 | /tmp/a b.log"),
            ("micro", "+58 | /tmp/a b.log"),
            ("hx", "/tmp/a b.log:58"),
            ("code", "--wait | --goto | /tmp/a b.log:58"),
            ("code -w", "-w | --goto | /tmp/a b.log:58"),
            ("code --wait", "--wait | --goto | /tmp/a b.log:58"),
            ("zed", "--wait | /tmp/a b.log:58"),
            ("ed", "/tmp/a b.log"),
        ] {
            assert_eq!(line(editor), told, "{editor}");
        }
    }
}
