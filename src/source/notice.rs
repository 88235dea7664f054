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
    use std::io::{ErrorKind, IoSlice};
    use std::mem::MaybeUninit;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::path::Path;
    use std::time::Duration;

    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    use rustix::net::{
        AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags,
        SocketType, sendmsg, socketpair,
    };
    use tokio::net::unix::pipe;
    use tokio::time::Instant;

    /// A watch on a file and on its name.
    #[derive(Debug)]
    pub(in super::super) struct Watch {
        /// Reads like a pipe, and is waited for like one.
        kernel: pipe::Receiver,
        /// What happens before then is gathered.
        until: Instant,
        _holder: Option<Holder>,
    }

    /// What holds the kernel's end of a watch as well as the watch does.
    ///
    /// Whoever closes it last waits until the kernel has forgotten what was
    /// watched, some ten milliseconds in which a program that ends isn't gone.
    /// So it is in a message, too, which waits in a socket that is in the same
    /// message: nobody can read it once the program has ended, and the kernel
    /// clears it away by itself. It looks for such messages when a socket is
    /// closed, so the sender has to be closed after the receiver: a program's
    /// end closes the lower number first.
    #[derive(Debug)]
    struct Holder {
        _receiver: OwnedFd,
        _sender: OwnedFd,
    }

    impl Holder {
        /// Holds a descriptor; `None` where the system can't.
        fn new(held: BorrowedFd<'_>) -> Option<Self> {
            let kind = (AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC);
            let (receiver, sender) = socketpair(kind.0, kind.1, kind.2, None).ok()?;
            let held = [held, receiver.as_fd()];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
            let mut rights = SendAncillaryBuffer::new(&mut space);
            rights.push(SendAncillaryMessage::ScmRights(&held)).then_some(())?;
            sendmsg(&sender, &[IoSlice::new(b".")], &mut rights, SendFlags::empty()).ok()?;
            Some(Self { _receiver: receiver, _sender: sender })
        }
    }

    const FILE: WatchFlags = WatchFlags::MODIFY.union(WatchFlags::ATTRIB);
    const NAMES: WatchFlags = WatchFlags::CREATE
        .union(WatchFlags::DELETE)
        .union(WatchFlags::MOVED_FROM)
        .union(WatchFlags::MOVED_TO);

    /// How long what happens is gathered before it is one more notice: about as
    /// long as the screen takes to its next frame, which is woken once for each.
    const GATHER: Duration = Duration::from_millis(4);

    impl Watch {
        /// A watch on the file at `path`; `None` when the system can't.
        pub(in super::super) fn new(path: &Path) -> Option<Self> {
            let kernel = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
            inotify::add_watch(&kernel, super::folder(path), NAMES).ok()?;
            let _holder = Holder::new(kernel.as_fd());
            let kernel = pipe::Receiver::from_owned_fd_unchecked(kernel).ok()?;
            let mut watch = Self { kernel, until: Instant::now(), _holder };
            watch.another(path);
            Some(watch)
        }

        /// Watches the file that has the name now, if there is one.
        pub(in super::super) fn another(&mut self, path: &Path) {
            // Without one the folder tells when there is.
            let _ = inotify::add_watch(self.kernel.as_fd(), path, FILE);
        }

        /// Waits until the file, or which file it is, may have changed.
        pub(in super::super) async fn changed(&mut self) {
            tokio::time::sleep_until(self.until).await;
            // What exactly happened is seen by looking at the file.
            let mut events = [0; 4096];
            let mut told = false;
            while !told {
                // A kernel that tells nothing any more is waited for in vain.
                if self.kernel.readable().await.is_err() {
                    return std::future::pending().await;
                }
                loop {
                    match self.kernel.try_read(&mut events) {
                        Ok(1..) => told = true,
                        Ok(0) => return std::future::pending().await,
                        Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(_) => return std::future::pending().await,
                    }
                }
            }
            self.until = Instant::now() + GATHER;
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
