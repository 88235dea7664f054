//! The thread that reads and writes the memory, so that the screen never waits
//! for a disk.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tokio::sync::oneshot;

use super::disk::Disk;
use super::{Change, Memory};

/// How long the end of the program waits for what is still to be written.
const PATIENCE: Duration = Duration::from_millis(500);

/// The end that the screen holds.
#[derive(Debug)]
pub struct Keeper {
    changes: Sender<Change>,
    /// What was read; taken once.
    read: Option<oneshot::Receiver<Memory>>,
    /// Closes when the thread has ended.
    ended: Receiver<()>,
}

impl Keeper {
    /// Starts the thread for a folder.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn spawn(folder: PathBuf) -> io::Result<Self> {
        let (changes, waiting) = channel::<Change>();
        let (send, read) = oneshot::channel();
        let (alive, ended) = channel::<()>();
        std::thread::Builder::new().name("memory".to_owned()).spawn(move || {
            let _alive = alive;
            let disk = Disk::new(folder);
            // A screen that is gone already needs nothing.
            let _ = send.send(disk.load());
            while let Ok(first) = waiting.recv() {
                let mut changes = vec![first];
                changes.extend(waiting.try_iter());
                if let Err(error) = disk.change(&changes) {
                    tracing::warn!(%error, "the memory can't be written");
                }
            }
        })?;
        Ok(Self { changes, read: Some(read), ended })
    }

    /// What was remembered, once it has been read; `None` if that is known.
    pub async fn read(&mut self) -> Option<Memory> {
        let read = self.read.as_mut()?.await;
        self.read = None;
        read.ok()
    }

    /// Whether [`Keeper::read`] still has something to give.
    pub fn is_reading(&self) -> bool {
        self.read.is_some()
    }

    /// Remembers a change.
    pub fn keep(&self, change: Change) {
        // A thread that is gone keeps nothing; the screen goes on without.
        let _ = self.changes.send(change);
    }

    /// Waits until all is written, though not for ever.
    pub fn finish(self) {
        let Self { changes, ended, .. } = self;
        drop(changes);
        if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the disk is too slow: something may not be remembered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_kept_is_there_the_next_time() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("buildcat");
        let mut keeper = Keeper::spawn(folder.clone()).unwrap();
        assert_eq!(keeper.read().await, Some(Memory::default()));
        assert!(!keeper.is_reading());
        keeper.keep(Change::Searched("a".into()));
        keeper.keep(Change::Searched("b".into()));
        keeper.finish();
        let mut keeper = Keeper::spawn(folder).unwrap();
        assert_eq!(keeper.read().await.unwrap().searches, ["a", "b"]);
        keeper.finish();
    }
}
