//! The log file of what buildcat itself does (`-v`), never on the screen.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::filter::LevelFilter;

use crate::redact;

/// A log file that can't be written.
#[derive(Debug, thiserror::Error)]
#[error(
    "The log file {path} can't be written ({source}). Leave -v away, or make its folder writable."
)]
pub struct CantLog {
    path: String,
    source: io::Error,
}

/// Begins to log into `dir`, once for the process; gives the file's path.
///
/// Only our own events are written, so that no library can put a header with
/// a key into the file; it is readable by its owner only. `verbose` 1 writes
/// what happens, 2 and more every request.
///
/// # Errors
/// When the file can't be created.
pub fn start(dir: &Path, verbose: u8) -> Result<PathBuf, CantLog> {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;

    let path = dir.join("buildcat.log");
    let file = create(dir, &path)
        .map_err(|source| CantLog { path: path.display().to_string(), source })?;
    let level = if verbose > 1 { LevelFilter::TRACE } else { LevelFilter::DEBUG };
    let ours = tracing_subscriber::filter::Targets::new().with_target("buildcat", level);
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(Scrubbed(file)));
    // A second call (in a test) keeps the first subscriber; nothing is lost by that.
    let _ = tracing_subscriber::registry().with(ours).with(lines).try_init();
    Ok(path)
}

fn create(dir: &Path, path: &Path) -> io::Result<File> {
    let mut folder = std::fs::DirBuilder::new();
    let mut file = OpenOptions::new();
    file.create(true).append(true);
    folder.mode(0o700);
    file.mode(0o600);
    folder.recursive(true).create(dir)?;
    let file = file.open(path)?;
    // One that was there before keeps its mode otherwise. Not every file system
    // has modes; that is no reason not to write.
    if file.metadata()?.is_file() {
        let _ = file.set_permissions(std::fs::Permissions::from_mode(0o600));
    }
    Ok(file)
}

/// Lines of the log without keys: what was typed is logged, and a key may have
/// been typed in another place.
struct Scrubbed(File);

impl Write for Scrubbed {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(redact::keys(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = start(&home.path().join("state/buildcat"), 1).unwrap();
        assert!(path.ends_with("state/buildcat/buildcat.log"));
        // Also where others could read it before.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        start(&home.path().join("state/buildcat"), 1).unwrap();
        let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }

    #[test]
    fn a_folder_that_cant_be_made_is_a_sentence() {
        let home = tempfile::tempdir().unwrap();
        let blocked = home.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        let error = start(&blocked, 1).unwrap_err().to_string();
        assert!(error.contains("can't be written") && error.contains("Leave -v away"), "{error}");
    }
}
