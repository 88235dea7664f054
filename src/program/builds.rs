//! The commands that ask the service and print: `logs`, `status`, `list`.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::connect::which;
use super::{Exit, Failure, Program, flushed, stdout};
use crate::api::ListQuery;
use crate::cli::{List, LogFormat, Logs, RecordFormat, Status};
use crate::domain::Build;
use crate::headless::{logs, record};
use crate::{poller, source, text};

impl Program {
    pub(super) fn status(&self, args: &Status) -> Result<Exit, Failure> {
        let which = which(args.build.as_deref())?;
        self.ask(async {
            let api = self.connect().await?;
            let id = self.build_id(&*api, &which).await?;
            let found = api.build(&id).await?;
            let mut out = stdout();
            let result = match args.format {
                RecordFormat::Json => json(&mut out, &found.to_json()),
                RecordFormat::Text => {
                    record::status(&mut out, &found.build, self.paint(), Timestamp::now())
                }
            };
            flushed(out, result)?;
            Ok(Exit::of(Some(&found.build.status)))
        })
    }

    pub(super) fn list(&self, args: &List) -> Result<Exit, Failure> {
        let query = ListQuery {
            status: args.status.clone(),
            region: args.region.clone(),
            limit: Some(args.limit),
            offset: (args.offset > 0).then_some(args.offset.into()),
        };
        self.ask(async {
            let page = self.connect().await?.builds(&query).await?;
            let mut out = stdout();
            let result = match args.format {
                RecordFormat::Json => json(&mut out, &page.to_json()),
                RecordFormat::Text => {
                    let builds: Vec<&Build> = page.builds.iter().map(|b| &b.build).collect();
                    let (paint, now) = (self.paint(), Timestamp::now());
                    record::list(&mut out, &builds, page.total, args.offset.into(), paint, now)
                }
            };
            flushed(out, result)?;
            Ok(Exit::Success)
        })
    }

    pub(super) fn logs(&self, args: &Logs) -> Result<Exit, Failure> {
        let which = which(Some(&args.build))?;
        if args.raw && args.output.is_none() && self.terminal {
            return Err(Failure::usage(
                "--raw would let the log write to this terminal. Send it to a file \
                 (--output FILE) or a program, or leave --raw away."
                    .to_owned(),
            ));
        }
        let form =
            logs::Form { jsonl: args.format == LogFormat::Jsonl, raw: args.raw, last: args.limit };
        self.ask(async {
            let api = self.connect().await?;
            let id = self.build_id(&*api, &which).await?;
            let (feed, port) = source::channel();
            if args.follow {
                poller::spawn(api, id, self.poll_config(), port.events, port.commands);
            } else {
                tokio::spawn(source::once::read(api, id, port));
            }
            let end = match &args.output {
                // Who follows wants to see it grow.
                Some(path) if args.follow => {
                    check(path)?;
                    let output = logs::Output::File(path.clone());
                    logs::print(feed, form, output, &mut io::stderr(), stopped())
                        .await
                        .map_err(|error| cant_write(path, &error))?
                }
                Some(path) => save(path, feed, form).await?,
                None => {
                    let hold = match args.follow && !self.terminal {
                        true => logs::SETTLING,
                        false => Duration::ZERO,
                    };
                    let mut out = stdout();
                    let output = logs::Output::Stream(&mut out, hold);
                    logs::print(feed, form, output, &mut io::stderr(), stopped()).await?
                }
            };
            match end {
                logs::End::Complete(status) => Ok(Exit::of(status.as_ref())),
                logs::End::Stopped(problem) => Err(problem.into()),
                logs::End::Told => Ok(Exit::Interrupted),
            }
        })
    }

    /// Runs what asks the service, until it is done or interrupted.
    pub(super) fn ask(
        &self,
        work: impl Future<Output = Result<Exit, Failure>>,
    ) -> Result<Exit, Failure> {
        let runtime = runtime()?;
        runtime.block_on(async {
            tokio::select! {
                biased;
                // It may have something to finish when it is interrupted.
                result = work => result,
                interrupted = tokio::signal::ctrl_c() => match interrupted {
                    Ok(()) => Ok(Exit::Interrupted),
                    Err(error) => Err(error.into()),
                },
            }
        })
    }
}

/// The runtime of every command: the commands themselves on this thread, what
/// they wait for on another.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}

fn json(out: &mut dyn Write, value: &serde_json::Value) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

fn cant_write(path: &Path, error: &io::Error) -> Failure {
    let path = path.display().to_string();
    Failure::usage(format!("{} can't be written ({error}).", text::plain(&path)))
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

/// Ready when the user, or whoever runs us, wants an end.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

/// Prints into a file that appears under its name when it is whole.
async fn save(path: &Path, feed: source::Feed, form: logs::Form) -> Result<logs::End, Failure> {
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
