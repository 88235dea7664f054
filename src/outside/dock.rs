//! The thread that writes what leaves.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc as std_mpsc;

use tempfile::{NamedTempFile, TempDir};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TryRecvError;

use crate::app::{Destination, MOST_COPIED, Parcel, Report, markdown};
use crate::text;

use super::{Tools, clipboard, osc52};

/// Parcels that may wait for the thread.
const ROOM: usize = 3;

/// What the thread tells.
#[derive(Debug)]
pub enum Landed {
    /// A parcel was taken.
    Taken,
    /// What came of the shipment of that number.
    Report(u64, Report),
    /// A text for the clipboard: what the desktop did with it, and what the
    /// terminal is to be sent besides.
    Copy {
        /// The shipment.
        number: u64,
        /// Bytes of the text.
        bytes: u64,
        /// The desktop's program that took it.
        by: Option<&'static str>,
        /// The sequence for the terminal.
        sequence: Option<String>,
        /// What should be known besides.
        remark: Option<String>,
    },
    /// A file that is to be the standard input of a program.
    Pipe {
        /// The shipment.
        number: u64,
        /// The program, as typed.
        command: String,
        /// The text, from its start.
        input: File,
    },
    /// A file that is to be opened in the editor; gone when this is dropped.
    Edit {
        /// The shipment.
        number: u64,
        /// The folder that holds it.
        dir: TempDir,
        /// The file.
        path: PathBuf,
        /// The line to go to.
        line: u64,
    },
}

/// The near end of the thread. It is started by the first parcel.
#[derive(Debug)]
pub struct Dock {
    tools: Tools,
    thread: Option<Thread>,
    /// Parcels that wait.
    waiting: usize,
    /// The shipment that the latest parcel is of.
    number: u64,
    /// That the thread is gone, and the shipment with it: not told yet.
    lost: Option<Landed>,
}

#[derive(Debug)]
struct Thread {
    parcels: std_mpsc::Sender<Parcel>,
    landed: mpsc::UnboundedReceiver<Landed>,
}

impl Dock {
    /// A dock for a user's tools.
    pub fn new(tools: Tools) -> Self {
        Self { tools, thread: None, waiting: 0, number: 0, lost: None }
    }

    /// The user's tools.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Whether it takes another parcel now.
    pub fn has_room(&self) -> bool {
        self.waiting < ROOM && self.lost.is_none()
    }

    /// Takes a parcel. Where no thread is to be had for it, or the thread has
    /// died, its shipment is told as failed; the next one starts a thread anew.
    pub fn take(&mut self, parcel: Parcel) {
        if let Parcel::Open(number, _) = &parcel {
            self.number = *number;
        }
        let thread = match self.thread.take().map_or_else(|| start(self.tools.clone()), Ok) {
            Ok(thread) => self.thread.insert(thread),
            Err(error) => {
                self.lost = Some(self.lose(&format!("there is no thread for it ({error})")));
                return;
            }
        };
        // One that has died says so itself, after what it told before.
        if thread.parcels.send(parcel).is_ok() {
            self.waiting += 1;
        }
    }

    /// What the thread tells next; for ever silent while there is none.
    pub async fn landed(&mut self) -> Landed {
        if let Some(lost) = self.lost.take() {
            return lost;
        }
        let Some(thread) = &mut self.thread else { return std::future::pending().await };
        match thread.landed.recv().await {
            Some(landed) => {
                self.note(&landed);
                landed
            }
            None => self.lose("its thread has died"),
        }
    }

    /// What the thread has told already.
    pub fn ready(&mut self) -> Option<Landed> {
        if let Some(lost) = self.lost.take() {
            return Some(lost);
        }
        match self.thread.as_mut()?.landed.try_recv() {
            Ok(landed) => {
                self.note(&landed);
                Some(landed)
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(self.lose("its thread has died")),
        }
    }

    /// Gives up the thread and what it had.
    fn lose(&mut self, why: &str) -> Landed {
        (self.thread, self.waiting) = (None, 0);
        Landed::Report(self.number, Report::Failed(format!("That can't be done: {why}; try again")))
    }

    fn note(&mut self, landed: &Landed) {
        if let Landed::Taken = landed {
            self.waiting = self.waiting.saturating_sub(1);
        }
    }
}

fn start(tools: Tools) -> io::Result<Thread> {
    let (parcels, arriving) = std_mpsc::channel::<Parcel>();
    // Bounded by the parcels that may wait.
    let (tell, landed) = mpsc::unbounded_channel();
    std::thread::Builder::new().name("outside".to_owned()).spawn(move || {
        let mut worker = Worker { tools, shipment: None };
        while let Ok(parcel) = arriving.recv() {
            let told = worker.take(parcel);
            let told = told.into_iter().chain([Landed::Taken]);
            for landed in told {
                if tell.send(landed).is_err() {
                    return;
                }
            }
        }
    })?;
    Ok(Thread { parcels, landed })
}

struct Worker {
    tools: Tools,
    shipment: Option<Shipment>,
}

/// What is being written.
struct Shipment {
    number: u64,
    hold: Hold,
}

enum Hold {
    Clipboard { text: String, reference: Option<String> },
    File { temporary: NamedTempFile, path: PathBuf, replace: bool, bytes: u64 },
    Editor { dir: TempDir, path: PathBuf, file: File, line: u64 },
    Program { file: File, command: String },
}

impl Worker {
    fn take(&mut self, parcel: Parcel) -> Option<Landed> {
        match parcel {
            Parcel::Open(number, to) => match Hold::open(&self.tools, to) {
                Ok(hold) => {
                    self.shipment = Some(Shipment { number, hold });
                    None
                }
                Err(report) => {
                    self.shipment = None;
                    Some(Landed::Report(number, report))
                }
            },
            Parcel::Text(text) => {
                let shipment = self.shipment.as_mut()?;
                let why = shipment.hold.write(&text).err()?;
                let number = shipment.number;
                self.shipment = None;
                Some(Landed::Report(number, Report::Failed(why)))
            }
            Parcel::Close => {
                let Shipment { number, hold } = self.shipment.take()?;
                Some(
                    hold.close(&self.tools, number)
                        .unwrap_or_else(|why| Landed::Report(number, Report::Failed(why))),
                )
            }
            Parcel::Cancel => {
                self.shipment = None;
                None
            }
        }
    }
}

fn failed(path: &Path, doing: &str, error: &io::Error) -> String {
    let path = path.display().to_string();
    let path = text::plain(&path);
    match error.kind() {
        io::ErrorKind::NotFound => format!("{path} can't be {doing}: there is no such folder"),
        io::ErrorKind::PermissionDenied => {
            format!("{path} can't be {doing}: you may not write there")
        }
        io::ErrorKind::StorageFull => format!("{path} can't be {doing}: the disk is full"),
        io::ErrorKind::NotADirectory => {
            format!("{path} can't be {doing}: a part of its path is no folder")
        }
        _ => format!("{path} can't be {doing} ({error})"),
    }
}

fn no_room(error: &io::Error) -> String {
    format!("There is no room for a temporary file ({error})")
}

impl Hold {
    fn open(tools: &Tools, to: Destination) -> Result<Self, Report> {
        let fail = |why: String| Report::Failed(why);
        match to {
            Destination::Clipboard { reference } => {
                Ok(Self::Clipboard { text: String::new(), reference })
            }
            Destination::File { path, replace } => {
                let path = tools.expand(&path);
                // A link stays, and what it stands for is replaced.
                let path = match path.is_symlink() {
                    true => path.canonicalize().unwrap_or(path),
                    false => path,
                };
                let shown = path.display().to_string();
                match path.symlink_metadata() {
                    Ok(_) if path.is_dir() => {
                        let shown = text::plain(&shown);
                        return Err(fail(format!("{shown} is a folder; name a file in it")));
                    }
                    Ok(there) if !there.is_file() && !there.is_symlink() => {
                        let shown = text::plain(&shown);
                        return Err(fail(format!("{shown} is no file that can be replaced")));
                    }
                    Ok(_) if !replace => return Err(Report::Exists),
                    _ => {}
                }
                let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
                let dir = dir.unwrap_or(Path::new("."));
                // Beside its place, so that it gets there in one step. Only
                // the user may read it: logs hold secrets.
                let temporary = tempfile::Builder::new()
                    .prefix(".buildcat-")
                    .tempfile_in(dir)
                    .map_err(|error| fail(failed(&path, "saved", &error)))?;
                Ok(Self::File { temporary, path, replace, bytes: 0 })
            }
            Destination::Editor { name, line } => {
                let made = || {
                    let dir = tempfile::Builder::new().prefix("buildcat-").tempdir()?;
                    let path = dir.path().join(&name);
                    let file = private(&path)?;
                    Ok(Self::Editor { dir, path, file, line })
                };
                made().map_err(|error: io::Error| fail(no_room(&error)))
            }
            Destination::Program { command } => tempfile::tempfile()
                .map(|file| Self::Program { file, command })
                .map_err(|error| fail(no_room(&error))),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), String> {
        match self {
            Self::Clipboard { text: held, .. } => {
                if held.len() + text.len() > MOST_COPIED {
                    let most = crate::human::bytes(MOST_COPIED as u64);
                    return Err(format!(
                        "That is more than a clipboard should hold ({most}); save it instead"
                    ));
                }
                held.push_str(text);
                Ok(())
            }
            Self::File { temporary, path, bytes, .. } => {
                *bytes += text.len() as u64;
                let written = temporary.write_all(text.as_bytes());
                written.map_err(|error| failed(path, "saved", &error))
            }
            Self::Editor { file, .. } | Self::Program { file, .. } => {
                file.write_all(text.as_bytes()).map_err(|error| no_room(&error))
            }
        }
    }

    fn close(self, tools: &Tools, number: u64) -> Result<Landed, String> {
        match self {
            Self::Clipboard { text, reference } => Ok(copy(tools, number, text, reference)),
            Self::File { mut temporary, path, replace, bytes } => {
                temporary.flush().map_err(|error| failed(&path, "saved", &error))?;
                let kept = match replace {
                    true => temporary.persist(&path),
                    false => temporary.persist_noclobber(&path),
                };
                match kept {
                    Ok(_) => Ok(Landed::Report(number, Report::Saved { path, bytes })),
                    Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                        Ok(Landed::Report(number, Report::Exists))
                    }
                    Err(error) => Err(failed(&path, "saved", &error.error)),
                }
            }
            Self::Editor { dir, path, mut file, line } => {
                file.flush().map_err(|error| no_room(&error))?;
                Ok(Landed::Edit { number, dir, path, line })
            }
            Self::Program { mut file, command } => {
                file.rewind().map_err(|error| no_room(&error))?;
                Ok(Landed::Pipe { number, command, input: file })
            }
        }
    }
}

fn copy(tools: &Tools, number: u64, text: String, reference: Option<String>) -> Landed {
    let text = match reference {
        Some(reference) => markdown(&reference, &text),
        // A single line is pasted as a word, not as a command that runs.
        None if text.matches('\n').count() == 1 => text.trim_end_matches('\n').to_owned(),
        None => text,
    };
    let by = clipboard::copy(tools, &text);
    let fits = text.len() <= osc52::MOST;
    let sure = text.len() <= osc52::SURE;
    if by.is_none() && !fits {
        let why = format!(
            "{} is more than a terminal takes into its clipboard, and there is no other here; \
             save it instead",
            crate::human::bytes(text.len() as u64)
        );
        return Landed::Report(number, Report::Failed(why));
    }
    let remark =
        (by.is_none() && !sure).then(|| "Some terminals take no more than 100 kB".to_owned());
    let sequence = fits.then(|| osc52::sequence(&text, tools.wrap()));
    Landed::Copy { number, bytes: text.len() as u64, by, sequence, remark }
}

/// A new file that only the user may read.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    options.mode(0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use futures_util::FutureExt;

    use super::*;

    fn ship(tools: &Tools, to: Destination, text: &str) -> Landed {
        let mut worker = Worker { tools: tools.clone(), shipment: None };
        let parcels = [Parcel::Open(7, to), Parcel::Text(text.into()), Parcel::Close];
        let told: Vec<Landed> = parcels.into_iter().filter_map(|p| worker.take(p)).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        told.into_iter().next().unwrap()
    }

    fn save(path: &Path, replace: bool) -> Landed {
        let path = path.display().to_string();
        ship(&Tools::default(), Destination::File { path, replace }, "one\ntwo\n")
    }

    #[test]
    fn a_thread_that_died_fails_its_shipment_and_no_other() {
        let mut dock = Dock::new(Tools::default());
        let (parcels, _) = std_mpsc::channel();
        let (_, landed) = mpsc::unbounded_channel();
        dock.thread = Some(Thread { parcels, landed });
        dock.waiting = ROOM - 1;
        let to = || Destination::Clipboard { reference: None };
        dock.take(Parcel::Open(7, to()));
        let failed = dock.landed().now_or_never();
        assert!(matches!(failed, Some(Landed::Report(7, Report::Failed(_)))), "{failed:?}");
        assert!(dock.has_room() && dock.ready().is_none());
        dock.take(Parcel::Open(8, to()));
        let landed = dock.thread.as_mut().unwrap().landed.blocking_recv();
        assert!(matches!(landed, Some(Landed::Taken)), "{landed:?}");
    }

    #[test]
    fn a_file_is_saved_for_its_user_only_and_never_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a b.log");
        let saved = Report::Saved { path: path.clone(), bytes: 8 };
        assert!(matches!(save(&path, false), Landed::Report(7, report) if report == saved));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(save(&path, false), Landed::Report(7, Report::Exists)));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        assert!(matches!(save(&path, true), Landed::Report(7, Report::Saved { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        // Nothing of ours is left beside it.
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_and_what_it_stands_for_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        assert!(matches!(save(&link, false), Landed::Report(7, Report::Exists)));
        assert!(matches!(save(&link, true), Landed::Report(7, Report::Saved { .. })));
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "one\ntwo\n");
        // What a link leads to may be no file.
        let device = dir.path().join("device");
        std::os::unix::fs::symlink("/dev/null", &device).unwrap();
        assert!(matches!(save(&device, true), Landed::Report(7, Report::Failed(_))));
        assert!(device.is_symlink());
    }

    #[test]
    fn what_cant_be_saved_is_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "").unwrap();
        for (path, part) in [
            (dir.path().to_owned(), "is a folder; name a file in it"),
            (dir.path().join("no/such"), "there is no such folder"),
            (dir.path().join("file/x"), "no folder"),
            (PathBuf::from("/dev/null"), "is no file that can be replaced"),
        ] {
            let Landed::Report(7, Report::Failed(why)) = save(&path, true) else { panic!() };
            assert!(why.contains(part), "{why}");
        }
    }

    #[test]
    fn a_given_up_file_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x").display().to_string();
        let mut worker = Worker { tools: Tools::default(), shipment: None };
        worker.take(Parcel::Open(1, Destination::File { path, replace: false }));
        worker.take(Parcel::Text("text".into()));
        worker.take(Parcel::Cancel);
        assert!(worker.take(Parcel::Close).is_none());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn one_line_is_copied_without_its_end_and_too_much_is_refused() {
        let to = || Destination::Clipboard { reference: None };
        let copied = |text: &str| match ship(&Tools::default(), to(), text) {
            Landed::Copy { bytes, sequence, remark, .. } => (bytes, sequence.unwrap(), remark),
            other => panic!("{other:?}"),
        };
        assert_eq!(copied("foo\n"), (3, "\x1b]52;c;Zm9v\x07".into(), None));
        assert_eq!(copied("a\nb\n").0, 4);
        assert!(copied(&"x\n".repeat(100_000)).2.is_some());
        let huge = "x\n".repeat(osc52::MOST);
        let refused = ship(&Tools::default(), to(), &huge);
        assert!(
            matches!(refused, Landed::Report(7, Report::Failed(why)) if why.contains("save it"))
        );
    }

    #[test]
    fn a_streamed_log_is_edited_in_a_file_of_ours() {
        let to = Destination::Editor { name: "build.log".into(), line: 3 };
        let Landed::Edit { dir, path, line, .. } = ship(&Tools::default(), to, "text\n") else {
            panic!()
        };
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), line), ("text\n", 3));
        drop(dir);
        assert!(!path.exists());
    }
}
