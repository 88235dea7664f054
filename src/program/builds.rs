//! The commands that ask the service and print: `logs`, `status`, `list`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::connect::which;
use super::{Exit, Failure, Program, flushed, stdout};
use crate::api::ListQuery;
use crate::cli::{List, LogFormat, Logs, RecordFormat, Status};
use crate::domain::Build;
use crate::headless::{logs, record};
use crate::poller::PollConfig;
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
                let config = PollConfig::new(self.loaded.config.poll_interval);
                poller::spawn(api, id, config, port.events, port.commands);
            } else {
                tokio::spawn(source::once::read(api, id, port));
            }
            let end = match &args.output {
                Some(path) if args.follow => {
                    // Who follows wants to see it grow.
                    let mut file = create(path)?;
                    logs::print(feed, form, &mut file, &mut io::stderr()).await?
                }
                Some(path) => save(path, feed, form).await?,
                None => logs::print(feed, form, &mut stdout(), &mut io::stderr()).await?,
            };
            match end {
                logs::End::Complete(status) => Ok(Exit::of(status.as_ref())),
                logs::End::Stopped(problem) => Err(problem.into()),
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

/// Opens a file for writing that only its owner may read: logs hold secrets
/// more often than anyone would like.
fn create(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| cant_write(path, &error))
}

/// Prints into a file that appears under its name when it is whole.
async fn save(path: &Path, feed: source::Feed, form: logs::Form) -> Result<logs::End, Failure> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = tempfile::NamedTempFile::new_in(folder).map_err(|e| cant_write(path, &e))?;
    let mut out = io::BufWriter::new(file);
    let end = logs::print(feed, form, &mut out, &mut io::stderr()).await?;
    let file = out.into_inner().map_err(|e| cant_write(path, e.error()))?;
    // What is there from before is better than part of a log.
    if matches!(end, logs::End::Complete(_)) {
        file.persist(path).map_err(|e| cant_write(path, &e.error))?;
    }
    Ok(end)
}
