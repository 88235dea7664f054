//! A saved log, followed while it grows.
//!
//! The store reads the file itself; this task only says when there is more,
//! and when the file is no longer the one that was opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Port;
use super::notice::Watch;
use crate::domain::{FeedCommand, FeedEvent};

/// Time between two looks at a file that can't be watched.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Length in bytes.
    pub len: u64,
    /// Which file it is, as far as the file system tells.
    pub identity: u64,
}

impl Stamp {
    /// The stamp of the file at `path`, or `None` when there is none.
    pub fn of(path: &Path) -> Option<Self> {
        let meta = std::fs::metadata(path).ok()?;
        let identity = std::os::unix::fs::MetadataExt::ino(&meta);
        Some(Self { len: meta.len(), identity })
    }
}

/// What became of a file between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    None,
    Grew,
    Truncated,
    Replaced,
    Gone,
    Back,
}

fn change(before: Option<Stamp>, now: Option<Stamp>) -> Change {
    match (before, now) {
        (None, None) => Change::None,
        (Some(_), None) => Change::Gone,
        (None, Some(_)) => Change::Back,
        (Some(a), Some(b)) if a.identity != b.identity => Change::Replaced,
        (Some(a), Some(b)) if b.len < a.len => Change::Truncated,
        (Some(a), Some(b)) if b.len > a.len => Change::Grew,
        _ => Change::None,
    }
}

/// Watches `path` from the state `opened` on, until the screen is gone.
pub async fn follow(path: PathBuf, opened: Option<Stamp>, mut port: Port) {
    let mut watch = Watch::new(&path);
    let mut last = opened;
    loop {
        let now = Stamp::of(&path);
        let change = change(last, now);
        for event in events(&path, change) {
            if port.events.send(event).await.is_err() {
                return;
            }
        }
        if let (Some(watch), Change::Replaced | Change::Back) = (&mut watch, change) {
            watch.another(&path);
        }
        last = now;
        let changed = async {
            match &mut watch {
                Some(watch) => watch.changed().await,
                None => tokio::time::sleep(LOOK_EVERY).await,
            }
        };
        tokio::select! {
            () = changed => {}
            command = port.commands.recv() => match command {
                None | Some(FeedCommand::Stop) => return,
                Some(_) => {}
            },
        }
    }
}

fn events(path: &Path, change: Change) -> Vec<FeedEvent> {
    let name = crate::text::plain(&path.display().to_string()).into_owned();
    let again = |what: &str| {
        vec![
            FeedEvent::Reopened,
            FeedEvent::Notice(format!("{name} was {what}; reading it again from its start")),
        ]
    };
    match change {
        Change::None => Vec::new(),
        Change::Grew => vec![FeedEvent::Grew],
        Change::Truncated => again("truncated"),
        Change::Replaced | Change::Back => again("replaced"),
        Change::Gone => {
            vec![FeedEvent::Notice(format!("{name} is gone; it is read again when it is back"))]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn stamp(len: u64, identity: u64) -> Option<Stamp> {
        Some(Stamp { len, identity })
    }

    #[test]
    fn a_file_grows_shrinks_and_is_replaced() {
        assert_eq!(change(stamp(5, 1), stamp(5, 1)), Change::None);
        assert_eq!(change(stamp(5, 1), stamp(9, 1)), Change::Grew);
        assert_eq!(change(stamp(5, 1), stamp(0, 1)), Change::Truncated);
        assert_eq!(change(stamp(5, 1), stamp(9, 2)), Change::Replaced);
        assert_eq!(change(stamp(5, 1), None), Change::Gone);
        assert_eq!(change(None, stamp(1, 2)), Change::Back);
    }

    #[tokio::test]
    async fn growth_replacement_and_loss_are_reported() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("build.log");
        std::fs::write(&path, "one\n").unwrap();
        let (mut feed, port) = super::super::channel();
        let task = tokio::spawn(follow(path.clone(), Stamp::of(&path), port));

        // What was written before the watch began is found by the first look.
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"two\n").unwrap();
        assert_eq!(feed.events.recv().await, Some(FeedEvent::Grew));

        let other = dir.path().join("other");
        std::fs::write(&other, "three\n").unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert_eq!(feed.events.recv().await, Some(FeedEvent::Reopened));
        let Some(FeedEvent::Notice(text)) = feed.events.recv().await else { panic!() };
        assert!(
            text.ends_with("build.log was replaced; reading it again from its start"),
            "{text}"
        );

        std::fs::remove_file(&path).unwrap();
        let Some(FeedEvent::Notice(text)) = feed.events.recv().await else { panic!() };
        assert!(text.contains("is gone"), "{text}");

        drop(feed);
        task.await.unwrap();
    }
}
