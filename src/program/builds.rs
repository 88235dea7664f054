//! The commands that ask the service and print: `logs`, `status`, `list`.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::connect::which;
use super::exit::cant_start;
use super::told::{Told, told, unless_told};
use super::{Exit, Failure, Program, complain, flushed, stdout};
use crate::api::ListQuery;
use crate::cli::{List, LogFormat, Logs, RecordFormat, Status};
use crate::domain::{Build, BuildStatus};
use crate::headless::{json, logs, record};
use crate::source::watch::{self, Access};
use crate::{human, source, text};

impl Program {
    pub(super) fn status(&self, args: &Status) -> Result<Exit, Failure> {
        let which = which(args.build.as_deref())?;
        self.ask(async {
            let api = self.connect().await?;
            let id = self.build_id(&*api, &which).await?;
            let found = api.build(&id).await?;
            let mut out = stdout();
            let result = match args.format {
                RecordFormat::Json => json::print(&mut out, &found.to_json()),
                RecordFormat::Text => {
                    record::status(&mut out, &found.build, self.paint(), Timestamp::now())
                }
            };
            flushed(out, result)?;
            Ok(Exit::of(Some(&found.build)))
        })
    }

    pub(super) fn list(&self, args: &List) -> Result<Exit, Failure> {
        let query = ListQuery {
            status: args.status.clone(),
            region: args.region.clone(),
            limit: Some(args.limit),
            offset: (args.offset > 0).then_some(args.offset.into()),
        };
        // The service may know words that this version doesn't: it is asked all
        // the same, and what comes of a slip of the pen isn't taken for an answer.
        let unknown = args
            .status
            .as_deref()
            .filter(|word| matches!(BuildStatus::from_api(word), BuildStatus::Other(_)));
        let narrowed = args.status.is_some() || args.region.is_some() || args.offset > 0;
        self.ask(async {
            let page = self.connect().await?.builds(&query).await?;
            if let Some(word) = unknown {
                complain(&format!(
                    "{} is no status that this version knows; it knows {}.",
                    human::quoted(word),
                    BuildStatus::WORDS.join(", ")
                ));
            }
            let mut out = stdout();
            let result = match args.format {
                RecordFormat::Json => json::print(&mut out, &page.to_json()),
                RecordFormat::Text => {
                    let builds: Vec<&Build> = page.builds.iter().map(|b| &b.build).collect();
                    let (paint, now) = (self.paint(), Timestamp::now());
                    match builds.is_empty() && !narrowed {
                        true => record::none(&mut out),
                        false => {
                            let offset = args.offset.into();
                            record::list(&mut out, &builds, page.total, offset, paint, now)
                        }
                    }
                }
            };
            flushed(out, result)?;
            let in_vain = unknown.is_some() && page.builds.is_empty();
            Ok(if in_vain { Exit::Usage } else { Exit::Success })
        })
    }

    pub(super) fn logs(&self, args: &Logs) -> Result<Exit, Failure> {
        let which = which(Some(&args.build))?;
        // A device or a pipe is written into; a file would take its place.
        let mut special = match &args.output {
            Some(path) => special(path)?,
            None => None,
        };
        let to_terminal = match (&special, &args.output) {
            (Some(special), _) => special.is_terminal(),
            (None, Some(_)) => false,
            (None, None) => self.terminal,
        };
        if args.raw && to_terminal {
            return Err(Failure::usage(
                "--raw would let the log write to this terminal. Send it to a file \
                 (--output FILE) or a program, or leave --raw away."
                    .to_owned(),
            ));
        }
        let form =
            logs::Form { jsonl: args.format == LogFormat::Jsonl, raw: args.raw, last: args.limit };
        self.ask_until(|told| async {
            let api = self.connect().await?;
            let (feed, port) = source::channel();
            if args.follow {
                let access = Access::Given(api);
                tokio::spawn(watch::follow(access, which, self.poll_config(), port));
            } else {
                let id = self.build_id(&*api, &which).await?;
                tokio::spawn(source::once::read(api, id, port));
            }
            // What can't be taken back is held until it is settled.
            let hold = match args.follow && !to_terminal {
                true => self.poll_config().late,
                false => Duration::ZERO,
            };
            if !hold.is_zero() && io::stderr().is_terminal() {
                tokio::spawn(wait_is_told(hold));
            }
            let end = match &args.output {
                Some(path) if let Some(special) = &mut special => {
                    let output = logs::Output::Stream(special, hold);
                    logs::print(feed, form, output, &mut io::stderr(), told)
                        .await
                        .map_err(|error| unread(path, error))?
                }
                // Who follows wants to see it grow.
                Some(path) if args.follow => {
                    check(path)?;
                    let output = logs::Output::File(path.clone());
                    logs::print(feed, form, output, &mut io::stderr(), told)
                        .await
                        .map_err(|error| cant_write(path, &error))?
                }
                Some(path) => save(path, feed, form).await?,
                None => {
                    let mut out = stdout();
                    let output = logs::Output::Stream(&mut out, hold);
                    logs::print(feed, form, output, &mut io::stderr(), told).await?
                }
            };
            match end {
                logs::End::Complete(build) => Ok(Exit::of(build.as_deref())),
                logs::End::Stopped(problem) => Err(problem.into()),
                logs::End::Told(signal) => Ok(Exit::of_signal(signal)),
            }
        })
    }

    /// Runs what asks the service, until it is done or interrupted.
    pub(super) fn ask(
        &self,
        work: impl Future<Output = Result<Exit, Failure>>,
    ) -> Result<Exit, Failure> {
        self.ask_until(|_| work)
    }

    /// The same of what has something to finish when it is interrupted.
    fn ask_until<W>(&self, work: impl FnOnce(Told) -> W) -> Result<Exit, Failure>
    where
        W: Future<Output = Result<Exit, Failure>>,
    {
        let runtime = runtime()?;
        let ended = runtime.block_on(async {
            // Heard from here on: what is begun is undone then, such as a file
            // that isn't whole.
            let told = told();
            let done = unless_told(work(told.clone()), told).await;
            done.unwrap_or_else(|signal| Ok(Exit::of_signal(signal)))
        });
        // What is still being worked out is wanted by nobody any more.
        runtime.shutdown_background();
        ended
    }
}

/// The runtime of every command: the commands themselves on this thread, what
/// they wait for on others. They are two, so that signals are heard while one
/// of them has much to work out.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().map_err(cant_start)
}

fn cant_write(path: &Path, error: &io::Error) -> Failure {
    let no_folder = error.kind() == io::ErrorKind::NotFound;
    let path = path.display().to_string();
    let path = text::plain(&path);
    Failure::usage(match no_folder {
        true => format!("{path} can't be written: there is no such folder."),
        false => format!("{path} can't be written ({}).", bare(error)),
    })
}

/// An error in the system's own words: another name than the one that was given
/// would only puzzle.
fn bare(error: &io::Error) -> io::Error {
    let system = error.get_ref().and_then(|inner| inner.source());
    let system = system.and_then(|inner| inner.downcast_ref::<io::Error>()).unwrap_or(error);
    match system.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(system.kind(), system.to_string()),
    }
}

/// The same, unless nobody reads what is written.
fn unread(path: &Path, error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::StorageFull => error.into(),
        _ => cant_write(path, &error),
    }
}

/// What stands there already and is no file, such as `/dev/null` or a named
/// pipe, opened for writing.
fn special(path: &Path) -> Result<Option<File>, Failure> {
    match path.metadata() {
        Ok(there) if !there.is_file() && !there.is_dir() => {
            let opened = OpenOptions::new().write(true).open(path);
            opened.map(Some).map_err(|error| cant_write(path, &error))
        }
        _ => Ok(None),
    }
}

/// Whether a file can be written, without changing it.
fn check(path: &Path) -> Result<(), Failure> {
    match OpenOptions::new().append(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                Some(folder) if !folder.is_dir() => Err(cant_write(path, &error)),
                _ => Ok(()),
            }
        }
        Err(error) => Err(cant_write(path, &error)),
    }
}

/// Prints into a file that appears under its name when it is whole.
async fn save(path: &Path, feed: source::Feed, form: logs::Form) -> Result<logs::End, Failure> {
    // A link stays, and what it stands for is replaced.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = tempfile::NamedTempFile::new_in(folder).map_err(|e| cant_write(path, &e))?;
    let mut out = io::BufWriter::new(file);
    let output = logs::Output::Stream(&mut out, Duration::ZERO);
    let end = logs::print(feed, form, output, &mut io::stderr(), std::future::pending()).await?;
    let file = out.into_inner().map_err(|e| cant_write(path, e.error()))?;
    // What is there from before is better than part of a log.
    if matches!(end, logs::End::Complete(_)) {
        file.persist(path).map_err(|e| cant_write(path, &e.error))?;
    }
    Ok(end)
}

/// Says why nothing is to be seen yet, once whoever watches may wonder: not of a log that
/// is over sooner.
async fn wait_is_told(hold: Duration) {
    tokio::time::sleep(hold / 3).await;
    let hold = human::duration(hold.as_secs_f64());
    complain(&format!(
        "what goes into a pipe waits {hold} for lines that come late and belong before it. \
         With --output FILE, lines are there at once."
    ));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod tests {
    use std::sync::mpsc;

    use tokio::io::AsyncReadExt as _;
    use tokio::net::UnixStream;

    use super::*;

    #[test]
    fn what_arrives_is_heard_while_a_task_is_busy() {
        let (heard, hears) = mpsc::channel();
        let (done, busy) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = runtime().unwrap();
            runtime.spawn(async move { busy.recv() });
            runtime.block_on(async {
                let (mut here, there) = UnixStream::pair().unwrap();
                tokio::spawn(async move { there.try_write(b"x") });
                heard.send(here.read_u8().await.unwrap()).unwrap();
            });
            runtime.shutdown_background();
        });
        let byte = hears.recv_timeout(Duration::from_secs(20));
        drop(done);
        assert_eq!(byte, Ok(b'x'));
        thread.join().unwrap();
    }
}
