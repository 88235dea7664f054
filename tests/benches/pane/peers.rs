//! The programs that are measured, and how each is driven.

use std::path::{Path, PathBuf};

/// A program that shows logs.
#[derive(Debug)]
pub struct Peer {
    /// What it is called.
    pub name: &'static str,
    /// Arguments before the file: to read it from its start.
    pub open: &'static [&'static str],
    /// To show its end, and read all of it.
    pub end: &'static [&'static str],
    /// Keys to be typed for that; empty where the arguments do it.
    pub end_keys: &'static str,
    /// To follow it; `None` where it can't.
    pub follow: Option<&'static [&'static str]>,
    /// One line down.
    pub down: &'static str,
    /// One page down.
    pub page: &'static str,
    /// Begins a search.
    pub search: &'static str,
    /// What it says when something was found that it goes to with `n` only.
    pub told: Option<&'static str>,
    /// Ends it.
    pub quit: &'static str,
    /// Where it is installed; `None` where it isn't.
    pub program: Option<PathBuf>,
}

const USUAL: Peer = Peer {
    name: "",
    open: &[],
    end: &[],
    end_keys: "G",
    follow: None,
    down: "j",
    page: " ",
    search: "/",
    told: None,
    quit: "q",
    program: None,
};

/// All that this knows how to drive, ours first.
pub fn all() -> Vec<Peer> {
    let ours = Peer {
        name: "buildcat",
        open: &["open"],
        end: &["open", "--follow"],
        end_keys: "",
        follow: Some(&["open", "--follow"]),
        program: Some(PathBuf::from(env!("CARGO_BIN_EXE_buildcat"))),
        ..USUAL
    };
    let peers = [
        // With line numbers, or it doesn't read what lies before the end.
        Peer { name: "less", end: &["-N", "+G"], end_keys: "", follow: Some(&["+F"]), ..USUAL },
        // It opens a text at its end.
        Peer {
            name: "lnav",
            open: &["-c", ":goto 0"],
            end: &["-c", ":goto 0"],
            follow: Some(&[]),
            told: Some("1 hits for"),
            ..USUAL
        },
        Peer { name: "hl", ..USUAL },
        Peer { name: "moor", follow: Some(&["--follow"]), ..USUAL },
        Peer { name: "ov", follow: Some(&["--follow-mode"]), ..USUAL },
        Peer {
            name: "vim",
            open: &["-u", "NONE", "-N", "-n", "-R"],
            end: &["-u", "NONE", "-N", "-n", "-R", "+$"],
            end_keys: "",
            // Without a file of settings it doesn't scroll before the cursor
            // is at the edge.
            down: "\x05",
            page: "\x06",
            quit: ":q!\r",
            ..USUAL
        },
    ];
    let found = peers.into_iter().map(|peer| Peer { program: find(peer.name), ..peer });
    std::iter::once(ours).chain(found).collect()
}

/// Where a program is installed.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// The arguments for a file.
pub fn with<'a>(args: &[&'a str], file: &'a Path) -> Vec<&'a std::ffi::OsStr> {
    args.iter().copied().map(std::ffi::OsStr::new).chain([file.as_os_str()]).collect()
}
