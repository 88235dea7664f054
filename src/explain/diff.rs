//! Changes to text files as unified diffs, for `git apply` and `patch -p1` in
//! the project's directory.

use std::fmt::Write as _;

/// Lines that stay the same around a change.
const AROUND: usize = 3;

/// One change: lines taken out, and lines put in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// The first line taken out, from 1; with none taken out, the line that
    /// what is put in comes before.
    pub(super) line: usize,
    /// How many lines are taken out.
    pub(super) remove: usize,
    /// The lines put in, without line ends.
    pub(super) insert: Vec<String>,
}

impl Edit {
    /// A line in place of another.
    pub(super) fn replace(line: usize, with: impl Into<String>) -> Self {
        Self { line, remove: 1, insert: vec![with.into()] }
    }

    /// A line less.
    pub(super) fn remove(line: usize) -> Self {
        Self { line, remove: 1, insert: Vec::new() }
    }

    /// A line more, before another.
    pub(super) fn insert(before: usize, with: impl Into<String>) -> Self {
        Self { line: before, remove: 0, insert: vec![with.into()] }
    }
}

/// A text's lines with their ends, as a diff counts them.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The line end of a text.
fn end(text: &str) -> &'static str {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    if first.ends_with("\r\n") { "\r\n" } else { "\n" }
}

/// The edits in order, with what each puts in as whole lines; none where they
/// overlap or reach beyond the text.
fn plan(old: &str, edits: &[Edit]) -> Option<Vec<(usize, usize, Vec<String>)>> {
    let count = lines(old).len();
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.line, edit.remove));
    let mut plan: Vec<(usize, usize, Vec<String>)> = Vec::new();
    let mut free = 0;
    for edit in edits {
        let start = edit.line.checked_sub(1)?;
        let stop = start.checked_add(edit.remove)?;
        if start < free || stop > count {
            return None;
        }
        free = stop;
        let insert = edit.insert.iter().map(|line| format!("{line}{}", end(old))).collect();
        plan.push((start, stop, insert));
    }
    Some(plan)
}

/// The text with the edits made. A last line without an end gets one when
/// something is put in behind it.
pub(super) fn apply(old: &str, edits: &[Edit]) -> Option<String> {
    let all = lines(old);
    let mut new = String::with_capacity(old.len() + 64);
    let mut at = 0;
    let push = |new: &mut String, line: &str| {
        if !new.is_empty() && !new.ends_with('\n') {
            new.push_str(end(old));
        }
        new.push_str(line);
    };
    for (start, stop, insert) in plan(old, edits)? {
        all.get(at..start)?.iter().for_each(|line| push(&mut new, line));
        insert.iter().for_each(|line| push(&mut new, line));
        at = stop;
    }
    all.get(at..)?.iter().for_each(|line| push(&mut new, line));
    Some(new)
}

/// Whether a path can stand in the head of a diff as it is.
fn is_plain(path: &str) -> bool {
    let outside = path.starts_with('/') || path.split('/').any(|part| part == ".." || part == ".");
    !path.is_empty()
        && !outside
        && !path
            .chars()
            .any(|c| c.is_control() || matches!(c, '"' | '\\' | char::REPLACEMENT_CHARACTER))
}

/// A path in the head of a diff; a tab ends one with blanks in it.
fn head(path: &str) -> String {
    if path.contains(' ') { format!("{path}\t") } else { path.to_owned() }
}

/// The edits of a file as a unified diff; none when it would change nothing, or
/// when the path can't be written in one.
pub(super) fn unified(path: &str, old: &str, edits: &[Edit]) -> Option<String> {
    if !is_plain(path) || apply(old, edits)? == old {
        return None;
    }
    let all = lines(old);
    let mut out = format!("--- a/{}\n+++ b/{}\n", head(path), head(path));
    let mut plan = plan(old, edits)?.into_iter().peekable();
    // How many lines longer the text is by what came before.
    let mut grown: isize = 0;
    while let Some(first) = plan.next() {
        let mut group = vec![first];
        // Changes whose surroundings touch share a hunk.
        while let Some(next) = plan.next_if(|(start, ..)| {
            group.last().is_some_and(|(_, stop, _)| *start <= stop + 2 * AROUND)
        }) {
            group.push(next);
        }
        let from = group.first()?.0.saturating_sub(AROUND);
        let to = (group.last()?.1 + AROUND).min(all.len());
        let mut body: Vec<(char, String)> = Vec::new();
        let mut at = from;
        let keep = |body: &mut Vec<(char, String)>, range: std::ops::Range<usize>| {
            for line in all.get(range).unwrap_or_default() {
                body.push((' ', (*line).to_owned()));
            }
        };
        for (start, stop, insert) in group {
            keep(&mut body, at..start);
            // Behind a last line without an end: that line is written anew.
            let open = start == all.len()
                && !insert.is_empty()
                && all.last().is_some_and(|last| !last.ends_with('\n'));
            match body.last_mut() {
                Some((sign, last)) if open && *sign == ' ' => {
                    *sign = '-';
                    let ended = format!("{last}{}", end(old));
                    body.push(('+', ended));
                }
                Some((sign, last)) if open && *sign == '+' && !last.ends_with('\n') => {
                    last.push_str(end(old));
                }
                _ => {}
            }
            for line in all.get(start..stop).unwrap_or_default() {
                body.push(('-', (*line).to_owned()));
            }
            let last = insert.len();
            for (n, line) in insert.into_iter().enumerate() {
                // What takes the place of a last line without an end has none either… unless
                // lines follow it.
                let bare = n + 1 == last
                    && stop == all.len()
                    && stop > start
                    && all.last().is_some_and(|l| !l.ends_with('\n'));
                let line = if bare { line.trim_end_matches(['\r', '\n']).to_owned() } else { line };
                body.push(('+', line));
            }
            at = stop;
        }
        keep(&mut body, at..to);
        let before = body.iter().filter(|(sign, _)| *sign != '+').count();
        let after = body.iter().filter(|(sign, _)| *sign != '-').count();
        let new_from = from.checked_add_signed(grown)?;
        // An empty side is counted from the line before it.
        let start = |from: usize, count: usize| if count == 0 { from } else { from + 1 };
        // Writing to a String can't fail.
        let _ = writeln!(
            out,
            "@@ -{},{before} +{},{after} @@",
            start(from, before),
            start(new_from, after)
        );
        for (sign, line) in body {
            out.push(sign);
            out.push_str(&line);
            if !line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
        grown += isize::try_from(after).ok()? - isize::try_from(before).ok()?;
    }
    Some(out)
}

/// A new file as a unified diff.
pub(super) fn created(path: &str, text: &str) -> Option<String> {
    if !is_plain(path) || text.is_empty() {
        return None;
    }
    let mut out =
        format!("--- /dev/null\n+++ b/{}\n@@ -0,0 +1,{} @@\n", head(path), lines(text).len());
    for line in lines(text) {
        out.push('+');
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Applies a diff with git and with patch, and gives what both make of it.
    fn applied(path: &str, old: Option<&str>, diff: &str) -> String {
        let mut made = Vec::new();
        for tool in ["git", "patch"] {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            if let Some(old) = old {
                std::fs::write(&file, old).unwrap();
            }
            let patch = dir.path().join("change.diff");
            std::fs::write(&patch, diff).unwrap();
            let mut command = Command::new(tool);
            match tool {
                "git" => command.args(["apply", "change.diff"]),
                _ => command.args([
                    "-p1",
                    "--binary",
                    "--no-backup-if-mismatch",
                    "-i",
                    "change.diff",
                ]),
            };
            let Ok(output) = command.current_dir(dir.path()).output() else {
                // Not on every machine.
                continue;
            };
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{tool}: {said}\n{diff}");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(!said.contains("fuzz") && !said.contains("offset"), "{tool}: {said}\n{diff}");
            made.push(std::fs::read_to_string(&file).unwrap());
        }
        assert!(!made.is_empty(), "neither git nor patch is here");
        assert!(made.windows(2).all(|two| two[0] == two[1]), "{made:?}");
        made.remove(0)
    }

    #[test]
    fn a_diff_looks_as_diffs_do() {
        let old = "a\nb\nc\nd\ne\nf\ng\n";
        let diff = unified("Dockerfile", old, &[Edit::replace(5, "E")]).unwrap();
        assert_eq!(
            diff,
            "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -2,6 +2,6 @@\n b\n c\n d\n-e\n+E\n f\n g\n"
        );
        assert_eq!(unified("Dockerfile", old, &[]), None);
        assert_eq!(unified("../Dockerfile", old, &[Edit::remove(1)]), None);
        assert_eq!(unified("Dockerfile", old, &[Edit::remove(8)]), None);
        assert_eq!(unified("Dockerfile", old, &[Edit::remove(2), Edit::remove(2)]), None);
    }

    #[test]
    fn whatever_is_changed_both_tools_apply_it() {
        let texts = [
            "",
            "one",
            "one\n",
            "a\nb\nc",
            "a\r\nb\r\nc\r\n",
            "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20",
        ];
        let mut tried = 0;
        for old in texts {
            let count = lines(old).len();
            let spots = [1, count / 2 + 1, count, count + 1];
            for a in spots {
                for b in spots {
                    for kind in 0..9 {
                        let edit = |line, kind| match kind {
                            0 => Edit::replace(line, "new line"),
                            1 => Edit::remove(line),
                            _ => Edit::insert(line, "more"),
                        };
                        let mut edits = vec![edit(a.max(1), kind % 3)];
                        if b != a {
                            edits.push(edit(b.max(1), kind / 3));
                        }
                        let Some(new) = apply(old, &edits) else { continue };
                        let Some(diff) = unified("a dir/Docker file", old, &edits) else {
                            continue;
                        };
                        // Which tools take away a file that is left empty differs.
                        if new.is_empty() || (old.is_empty() && kind % 3 != 2) || tried % 5 != 0 {
                            tried += 1;
                            continue;
                        }
                        tried += 1;
                        let made = applied("a dir/Docker file", Some(old), &diff);
                        assert_eq!(made.trim_end(), new.trim_end(), "{old:?} {edits:?}\n{diff}");
                    }
                }
            }
        }
        assert!(tried > 200, "{tried}");
    }

    #[test]
    fn a_new_file_is_made() {
        for text in ["*.log\ndist\n", "no end"] {
            let diff = created(".dockerignore", text).unwrap();
            assert_eq!(applied(".dockerignore", None, &diff), text);
        }
        assert_eq!(created("/etc/x", "y"), None);
    }
}
