//! Reading and writing the memory off the screen's thread, so that the screen
//! never waits for a disk.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::disk::Disk;
use super::{Change, Memory};

/// How long the end of the program waits for what is still to be written.
const PATIENCE: Duration = Duration::from_millis(500);

/// What keeps changes; clones keep them in the same place.
///
/// Changes are rare, so the thread that writes them lives only while there is
/// something to write: the end of the program has nobody to wait for else.
#[derive(Clone, Debug)]
pub struct Keeper(Arc<Desk>);

#[derive(Debug)]
struct Desk {
    disk: Disk,
    work: Mutex<Work>,
    done: Condvar,
}

#[derive(Debug, Default)]
struct Work {
    changes: VecDeque<Change>,
    /// Whether a thread is at it.
    writing: bool,
}

impl Keeper {
    /// Keeps things in a folder.
    pub fn new(folder: PathBuf) -> Self {
        let (work, done) = (Mutex::default(), Condvar::new());
        Self(Arc::new(Desk { disk: Disk::new(folder), work, done }))
    }

    /// What was remembered; reads the disk.
    pub fn load(&self) -> Memory {
        self.0.disk.load()
    }

    /// Remembers a change.
    pub fn keep(&self, change: Change) {
        let mut work = self.0.work();
        work.changes.push_back(change);
        if work.writing {
            return;
        }
        let desk = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("memory".to_owned());
        match thread.spawn(move || desk.write()) {
            Ok(_) => work.writing = true,
            // The next change tries again.
            Err(error) => tracing::warn!(%error, "nothing can be remembered now"),
        }
    }

    /// Waits until all is written, though not for ever.
    pub fn finish(&self) {
        let work = self.0.work();
        let waited = self.0.done.wait_timeout_while(work, PATIENCE, |work| work.writing);
        if waited.unwrap_or_else(PoisonError::into_inner).1.timed_out() {
            tracing::warn!("the disk is too slow: something may not be remembered");
        }
    }
}

impl Desk {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes until there is nothing left to write.
    fn write(&self) {
        loop {
            let mut work = self.work();
            let changes: Vec<Change> = work.changes.drain(..).collect();
            if changes.is_empty() {
                work.writing = false;
                self.done.notify_all();
                return;
            }
            drop(work);
            if let Err(error) = self.disk.change(&changes) {
                tracing::warn!(%error, "the memory can't be written");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_there_the_next_time() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("buildcat");
        let keeper = Keeper::new(folder.clone());
        assert_eq!(keeper.load(), Memory::default());
        keeper.keep(Change::Searched("a".into()));
        keeper.keep(Change::Searched("b".into()));
        keeper.finish();
        assert_eq!(Keeper::new(folder.clone()).load().searches, ["a", "b"]);
        // Again, once there was nothing left to write.
        keeper.keep(Change::Searched("c".into()));
        keeper.clone().finish();
        assert_eq!(Keeper::new(folder).load().searches, ["a", "b", "c"]);
    }

    #[test]
    fn with_nothing_to_write_the_end_waits_for_nobody() {
        let home = tempfile::tempdir().unwrap();
        let keeper = Keeper::new(home.path().to_owned());
        keeper.finish();
        assert!(std::fs::read_dir(home.path()).unwrap().next().is_none());
    }
}
