//! The arrows between the rooms of the house, and what may not be in them.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which rooms a room may import from. A room that isn't listed here fails
/// the test, so that a new one is given its place.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("human", &[]),
    ("text", &[]),
    ("theme", &[]),
    ("redact", &[]),
    ("memory", &[]),
    ("keymap", &[]),
    ("cli", &[]),
    ("logging", &["redact"]),
    ("store", &["domain", "text"]),
    ("search", &["domain", "store", "text"]),
    ("parse", &["domain", "human", "text"]),
    ("diagnose", &["domain", "human", "parse", "text"]),
    ("context", &["domain", "human", "text"]),
    ("explain", &["context", "diagnose", "domain", "human", "parse", "text"]),
    ("log", &["domain", "store", "parse", "diagnose", "text"]),
    ("config", &["domain", "human", "text"]),
    ("api", &["domain", "config", "text", "human"]),
    ("poller", &["domain", "api", "text", "human"]),
    ("demo", &["domain"]),
    ("source", &["domain", "api", "config", "poller", "text", "human"]),
    (
        "app",
        &[
            "domain", "diagnose", "explain", "human", "keymap", "log", "memory", "parse", "redact",
            "search", "store", "text", "theme",
        ],
    ),
    ("outside", &["app", "domain", "human", "text"]),
    (
        "ui",
        &[
            "app", "domain", "diagnose", "explain", "human", "keymap", "log", "parse", "redact",
            "search", "store", "text", "theme",
        ],
    ),
    (
        "runtime",
        &[
            "app", "domain", "explain", "human", "keymap", "log", "memory", "outside", "source",
            "text", "theme", "ui",
        ],
    ),
    (
        "headless",
        &[
            "api", "cli", "config", "context", "demo", "diagnose", "domain", "explain", "human",
            "keymap", "log", "parse", "poller", "redact", "source", "store", "text",
        ],
    ),
];

/// What joins the rooms, and so may import all of them.
const TOP: &[&str] = &["lib", "main", "program"];

/// What may not be named in rooms that decide and draw: they have no clock,
/// no files, no environment and no terminal.
const PURE: &[&str] =
    &["app", "ui", "domain", "text", "parse", "diagnose", "redact", "theme", "keymap", "search"];
const IMPURE: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "std::env::",
    "std::fs::",
    "std::process::",
    "println!",
    "eprintln!",
    "thread::spawn",
    "tokio::spawn",
];

/// The rooms' sources: room, path below `src`, text without its tests.
fn sources() -> Vec<(String, PathBuf, String)> {
    let mut all = every_source();
    all.retain(|(room, _, _)| !TOP.contains(&room.as_str()));
    all
}

fn every_source() -> Vec<(String, PathBuf, String)> {
    fn walk(dir: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                into.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let below = path.strip_prefix(&root).unwrap();
            let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
            let room = first.trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            // Tests may reach further than the room itself.
            (room, below.to_owned(), without_tests(&text))
        })
        .collect()
}

/// A source without its test modules, which end where their indentation does;
/// single items for tests stay, and so does what stands below.
fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim_start();
        let indent = &line[..line.len() - bare.len()];
        let module = |next: &&str| {
            let next = next.trim_start();
            next.starts_with("mod ") || next.starts_with("pub(crate) mod ")
        };
        if bare == "#[cfg(test)]" && lines.peek().is_some_and(module) {
            let head = lines.next().unwrap();
            if !head.ends_with(';') {
                let end = format!("{indent}}}");
                let _ = lines.by_ref().find(|line| *line == end);
            }
        } else {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The rooms that a source names after `crate::`, in `use` trees and paths,
/// comments aside.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(tree) = rest.strip_prefix('{') {
            let tree = &tree[..tree.find("};").unwrap_or(tree.len())];
            let mut depth = 0;
            let mut item = String::new();
            for c in tree.chars().chain(std::iter::once(',')) {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        rooms.insert(item.trim().split("::").next().unwrap().to_owned());
                        item.clear();
                    }
                    _ => item.push(c),
                }
            }
        } else {
            rooms.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    rooms.remove("");
    rooms
}

#[test]
fn arrows_point_one_way() {
    let mut wrong = Vec::new();
    for (room, path, text) in sources() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: the room {room} has no place in ARROWS", path.display()));
            continue;
        };
        for import in imports(&text) {
            let known = ARROWS.iter().any(|(name, _)| *name == import);
            if import != room && known && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{}: {room} may not import {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rooms_that_decide_do_nothing() {
    let mut wrong = Vec::new();
    for (room, path, text) in sources() {
        if !PURE.contains(&room.as_str()) {
            continue;
        }
        for (n, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap();
            for word in IMPURE {
                if code.contains(word) {
                    wrong.push(format!("{}:{}: {word} in {room}", path.display(), n + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A program that we start is started without the keys, and never by a shell.
#[test]
fn children_get_no_keys_and_no_shell() {
    let mut wrong = Vec::new();
    for (_, path, text) in every_source() {
        let code: String =
            text.lines().map(|line| line.split("//").next().unwrap().to_owned() + "\n").collect();
        let starts = code.contains("Command::new(");
        // In a cleared environment too: what it is given has been chosen.
        if starts && !code.contains("may_hold_key(") {
            wrong.push(format!("{}: starts a program with our keys", path.display()));
        }
        for shell in ["Command::new(\"sh\"", "Command::new(\"bash\"", "Command::new(\"cmd\""] {
            if code.contains(shell) {
                wrong.push(format!("{}: {shell}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_read_from_trees_and_paths() {
    let text = "use crate::{domain::{Build, LineNo}, human};\nlet x = crate::text::plain(y);\n// crate::ui\n";
    let found: Vec<_> = imports(text).into_iter().collect();
    assert_eq!(found, ["domain", "human", "text"]);
}

#[test]
fn only_test_modules_are_left_out() {
    let text = "use a;\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nfn one() {}\nmod b {\n    #[cfg(test)]\n    mod tests {\n        c();\n    }\n    d();\n}\n#[cfg(test)]\nmod tests {\n    e();\n}\nf();\n";
    assert_eq!(
        without_tests(text),
        "use a;\n#[cfg(test)]\nfn one() {}\nmod b {\n    d();\n}\nf();\n"
    );
}
