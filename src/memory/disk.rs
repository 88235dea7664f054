//! The file: read with patience, written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::document::Unusable;
use super::{Change, Memory};

/// Bytes beyond which a file can't be ours.
const LARGEST: u64 = 4 << 20;

/// A folder with the memory in it.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
}

impl Disk {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("memory.json")
    }

    /// Reads it; what can't be used is told to the log file and left out.
    pub(super) fn load(&self) -> Memory {
        self.read().unwrap_or_default()
    }

    /// `None` where the file is a later buildcat's.
    fn read(&self) -> Option<Memory> {
        let path = self.file();
        let text = match text(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Some(Memory::default());
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the memory can't be read");
                return Some(Memory::default());
            }
        };
        match Memory::parse(&text) {
            Ok((memory, problems)) => {
                for problem in problems {
                    tracing::warn!(path = %path.display(), problem, "the memory is damaged");
                }
                Some(memory)
            }
            Err(why) => {
                tracing::warn!(path = %path.display(), %why, "the memory is ignored");
                (!matches!(why, Unusable::Later(_))).then(Memory::default)
            }
        }
    }

    /// Applies changes to what is there now.
    pub(super) fn change(&self, changes: &[Change]) -> io::Result<()> {
        self.make_folder()?;
        // Until it is dropped: what another screen writes meanwhile isn't lost.
        let _lock = self.lock()?;
        let Some(mut memory) = self.read() else { return Ok(()) };
        let before = memory.clone();
        changes.iter().for_each(|change| memory.apply(change));
        if memory == before {
            return Ok(());
        }
        // Readable by its owner only, as `tempfile` makes it.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(memory.to_json().as_bytes())?;
        file.persist(self.file()).map_err(|error| error.error)?;
        Ok(())
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut folder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.recursive(true).create(&self.folder)
    }

    fn lock(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.folder.join("memory.lock"))?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
        Ok(file)
    }
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(io::Error::other("it is too large to be ours"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn disk() -> (tempfile::TempDir, Disk) {
        let home = tempfile::tempdir().unwrap();
        let disk = Disk::new(home.path().join("state/buildcat"));
        (home, disk)
    }

    fn searched(text: &str) -> Change {
        Change::Searched(text.into())
    }

    #[test]
    fn it_is_its_owners_alone() {
        let (_home, disk) = disk();
        assert_eq!(disk.load(), Memory::default());
        disk.change(&[searched("a")]).unwrap();
        assert_eq!(disk.load().searches, ["a"]);
        let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&disk.file()), 0o600);
        assert_eq!(mode(&disk.folder), 0o700);
    }

    #[test]
    fn two_screens_add_to_each_other() {
        let (_home, one) = disk();
        let two = Disk::new(one.folder.clone());
        one.change(&[searched("a")]).unwrap();
        two.change(&[searched("b")]).unwrap();
        one.change(&[searched("c")]).unwrap();
        assert_eq!(two.load().searches, ["a", "b", "c"]);
        // And leave nothing else behind.
        assert_eq!(std::fs::read_dir(&one.folder).unwrap().count(), 2);
    }

    #[test]
    fn a_broken_file_is_written_anew_and_a_later_ones_left_alone() {
        let (_home, disk) = disk();
        disk.make_folder().unwrap();
        let other: &[u8] = b"\xff\xfe";
        for broken in [other, b"nonsense", &vec![b' '; LARGEST as usize + 9]] {
            std::fs::write(disk.file(), broken).unwrap();
            assert_eq!(disk.load(), Memory::default());
            disk.change(&[searched("a")]).unwrap();
            assert_eq!(disk.load().searches, ["a"]);
        }
        let later = r#"{"version": 99, "searches": {}}"#;
        std::fs::write(disk.file(), later).unwrap();
        disk.change(&[searched("a")]).unwrap();
        assert_eq!(std::fs::read_to_string(disk.file()).unwrap(), later);
    }

    #[test]
    fn a_folder_that_cant_be_made_is_an_error_and_no_panic() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("file"), "").unwrap();
        let disk = Disk::new(home.path().join("file/buildcat"));
        assert_eq!(disk.load(), Memory::default());
        assert!(disk.change(&[searched("a")]).is_err());
    }
}
