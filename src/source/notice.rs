//! What tells that a file may have changed.
//!
//! On Linux the kernel is asked itself, for as little as is needed: the file
//! when it is written to, its folder when names in it change (a replaced file
//! is another file). A file that grows by every line is no notice for each of
//! them: they are gathered for some milliseconds.

use std::path::{Path, PathBuf};

/// The folder a file is in.
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(target_os = "linux")]
pub(super) use linux::Watch;
#[cfg(not(target_os = "linux"))]
pub(super) use other::Watch;

#[cfg(target_os = "linux")]
mod linux {
    use std::os::fd::OwnedFd;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    use rustix::io::Errno;
    use tokio::sync::mpsc;

    /// A watch on a file and on its name.
    #[derive(Debug)]
    pub(in super::super) struct Watch {
        kernel: Arc<OwnedFd>,
        ticks: mpsc::Receiver<()>,
    }

    const FILE: WatchFlags = WatchFlags::MODIFY.union(WatchFlags::ATTRIB);
    const NAMES: WatchFlags = WatchFlags::CREATE
        .union(WatchFlags::DELETE)
        .union(WatchFlags::MOVED_FROM)
        .union(WatchFlags::MOVED_TO);

    /// How long what happens is gathered before it is one more notice.
    const GATHER: Duration = Duration::from_millis(3);

    impl Watch {
        /// A watch on the file at `path`; `None` when the system can't.
        pub(in super::super) fn new(path: &Path) -> Option<Self> {
            let kernel = Arc::new(inotify::init(CreateFlags::CLOEXEC).ok()?);
            inotify::add_watch(&*kernel, super::folder(path), NAMES).ok()?;
            let (sender, ticks) = mpsc::channel(1);
            let listening = Arc::clone(&kernel);
            // Ends with the program, or with the first notice nobody wants.
            std::thread::Builder::new()
                .name("watch".to_owned())
                .spawn(move || listen(&listening, &sender))
                .ok()?;
            let mut watch = Self { kernel, ticks };
            watch.another(path);
            Some(watch)
        }

        /// Watches the file that has the name now, if there is one.
        pub(in super::super) fn another(&mut self, path: &Path) {
            // Without one the folder tells when there is.
            let _ = inotify::add_watch(&*self.kernel, path, FILE);
        }

        /// Waits until the file, or which file it is, may have changed.
        pub(in super::super) async fn changed(&mut self) {
            if self.ticks.recv().await.is_none() {
                std::future::pending().await
            }
        }
    }

    fn listen(kernel: &OwnedFd, ticks: &mpsc::Sender<()>) {
        // What exactly happened is seen by looking at the file.
        let mut events = [0; 4096];
        loop {
            match rustix::io::read(kernel, &mut events) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(_) => return,
            }
            if ticks.blocking_send(()).is_err() {
                return;
            }
            std::thread::sleep(GATHER);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::ffi::OsString;
    use std::path::Path;

    use notify::{RecursiveMode, Watcher};
    use tokio::sync::mpsc;

    /// A watch on a file and on its name.
    #[derive(Debug)]
    pub(in super::super) struct Watch {
        ticks: mpsc::Receiver<()>,
        _watcher: notify::RecommendedWatcher,
    }

    impl Watch {
        /// A watch on the file at `path`; `None` when the system can't.
        pub(in super::super) fn new(path: &Path) -> Option<Self> {
            let file: OsString = path.file_name()?.to_owned();
            let (sender, ticks) = mpsc::channel(1);
            let mut watcher =
                notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                    let ours = match &event {
                        Ok(event) => {
                            !matches!(event.kind, notify::EventKind::Access(_))
                                && (event.paths.is_empty()
                                    || event.paths.iter().any(|p| p.file_name() == Some(&file)))
                        }
                        // Events may have been lost: look.
                        Err(_) => true,
                    };
                    if ours {
                        // A full channel already holds the tick that makes us look.
                        let _ = sender.try_send(());
                    }
                })
                .ok()?;
            watcher.watch(&super::folder(path), RecursiveMode::NonRecursive).ok()?;
            Some(Self { ticks, _watcher: watcher })
        }

        /// The folder is watched: another file needs nothing more.
        pub(in super::super) fn another(&mut self, _path: &Path) {}

        /// Waits until the file, or which file it is, may have changed.
        pub(in super::super) async fn changed(&mut self) {
            if self.ticks.recv().await.is_none() {
                std::future::pending().await
            }
        }
    }
}
