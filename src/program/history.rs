//! The folder in which earlier builds' durations are kept: read before the
//! screen opens, written when it closes on a successful build.
//!
//! One small file a Dockerfile, named by a hash of its steps; there are hashes
//! and seconds in it, no names. A file that can't be read or written costs the
//! estimate and nothing else.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::parse::Tree;
use crate::parse::history::{History, Run};

/// Dockerfiles that are remembered; the one longest unused goes first.
const FILES: usize = 64;

/// Bytes of a file; ours are far smaller.
const MOST: u64 = 1 << 20;

/// The folder, inside of the one for what is remembered between runs.
pub(super) fn folder(state: &Path) -> PathBuf {
    state.join("history")
}

/// All histories there are.
pub(super) fn load(folder: &Path) -> Vec<History> {
    files(folder).iter().take(FILES).filter_map(|(_, path)| read(path)).collect()
}

/// Remembers a build that succeeded.
///
/// # Errors
/// When the folder or the file can't be written.
pub(super) fn save(folder: &Path, tree: &Tree) -> io::Result<()> {
    let Some(run) = Run::of(tree) else { return Ok(()) };
    let path = folder.join(format!("{:016x}.json", run.identity()));
    let mut history = read(&path).unwrap_or_default();
    if !history.add(run) {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)?;
    // Its owner's alone (0600), and there in full or not at all.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(history.to_text().as_bytes())?;
    file.persist(&path).map_err(|error| error.error)?;
    for (_, old) in files(folder).iter().skip(FILES) {
        let _ = std::fs::remove_file(old);
    }
    Ok(())
}

fn read(path: &Path) -> Option<History> {
    let mut text = String::new();
    File::open(path).ok()?.take(MOST).read_to_string(&mut text).ok()?;
    History::parse(&text)
}

/// The files of the folder, the newest first.
fn files(folder: &Path) -> Vec<(SystemTime, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<(SystemTime, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let path = entry.path();
            let about = entry.metadata().ok()?;
            let ours = about.is_file() && path.extension().is_some_and(|end| end == "json");
            ours.then(|| (about.modified().unwrap_or(SystemTime::UNIX_EPOCH), path))
        })
        .collect();
    files.sort_by(|a, b| b.cmp(a));
    files
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::domain::LineNo;
    use crate::parse::Parser;

    fn tree(seconds: u32, command: &str) -> Parser {
        let mut parser = Parser::new();
        let text = format!(
            "#1 [1/2] FROM x\n#1 CACHED\n\n#2 [2/2] RUN {command}\n#2 DONE {seconds}.0s\n\n\
             #3 exporting to image\n#3 DONE 1.0s"
        );
        for (at, line) in text.lines().enumerate() {
            parser.line(LineNo::new(at as u32), line);
        }
        parser
    }

    #[test]
    fn builds_are_remembered_by_their_dockerfile() {
        let home = tempfile::tempdir().unwrap();
        let folder = folder(&home.path().join("state"));
        assert!(load(&folder).is_empty());
        save(&folder, tree(10, "make").tree()).unwrap();
        save(&folder, tree(12, "make").tree()).unwrap();
        save(&folder, tree(12, "make").tree()).unwrap();
        save(&folder, tree(3, "test").tree()).unwrap();
        save(&folder, Parser::new().tree()).unwrap();
        let mut runs: Vec<usize> = load(&folder).iter().map(|h| h.runs.len()).collect();
        runs.sort_unstable();
        assert_eq!(runs, [1, 2]);
        let all = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path());
        for path in all {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(!text.contains("make") && !text.contains("RUN"), "{text}");
            let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(&folder), 0o700);
        }
    }

    #[test]
    fn a_broken_file_is_no_history_and_is_written_anew() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("history");
        save(&folder, tree(10, "make").tree()).unwrap();
        let path = files(&folder).remove(0).1;
        std::fs::write(&path, "{\"schema\":1,\"runs\":").unwrap();
        assert!(load(&folder).is_empty());
        save(&folder, tree(11, "make").tree()).unwrap();
        assert_eq!(load(&folder).len(), 1);
    }

    #[test]
    fn the_oldest_dockerfile_is_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("history");
        for n in 0..FILES + 3 {
            save(&folder, tree(10, &format!("make {n}")).tree()).unwrap();
        }
        assert_eq!(files(&folder).len(), FILES);
    }

    #[test]
    fn a_folder_that_cant_be_made_is_said() {
        let home = tempfile::tempdir().unwrap();
        let blocked = home.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        assert!(save(&folder(&blocked), tree(1, "make").tree()).is_err());
    }
}
