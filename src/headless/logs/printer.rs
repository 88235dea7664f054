//! What has been printed, what waits, and what is taken back.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{LineNo, Missing, Patch};
use crate::store::Store;
use crate::{human, text};

use super::{Form, Output, UNSEEN};

/// Prints a log as far as it has settled.
pub(super) struct Printer<'a> {
    store: Store,
    /// How many positions have been printed or passed over.
    printed: u32,
    form: Form,
    /// The first lines are held back until the first answer is whole: it isn't
    /// known before which are the last.
    held: bool,
    /// The build is over.
    over: bool,
    to: To<'a>,
}

enum To<'a> {
    Stream {
        out: &'a mut dyn Write,
        hold: Duration,
        /// There were late lines.
        late: bool,
        /// Up to which position lines have waited since when.
        waiting: VecDeque<(Instant, u32)>,
    },
    File {
        path: PathBuf,
        file: Option<File>,
        /// The first position in the file, and where each of them ends there.
        first: u32,
        ends: Vec<u64>,
    },
}

impl<'a> Printer<'a> {
    pub(super) fn new(form: Form, output: Output<'a>) -> Self {
        let (to, held) = match output {
            Output::Stream(out, hold) => {
                (To::Stream { out, hold, late: false, waiting: VecDeque::new() }, !hold.is_zero())
            }
            Output::File(path) => (To::File { path, file: None, first: 0, ends: vec![] }, false),
        };
        let held = held || form.last.is_some();
        Self { store: Store::new(), printed: 0, form, held, over: false, to }
    }

    /// Whether the build is over: then all of the log will be shown once more.
    pub(super) fn is_over(&mut self, over: bool) {
        self.over = over;
    }

    pub(super) fn apply(&mut self, patch: &Patch, err: &mut dyn Write) -> io::Result<()> {
        let keep = patch.keep.filter(|keep| *keep < self.store.len());
        if let (Some(_), To::Stream { hold, late, .. }) = (keep, &mut self.to)
            && !std::mem::replace(late, true)
        {
            *hold *= 2;
        }
        match keep.filter(|keep| *keep < self.printed) {
            None => self.store.apply(patch),
            Some(keep) if self.take_back(keep)? => self.store.apply(patch),
            Some(keep) => self.repair(keep, patch, err)?,
        }
        if self.held {
            return Ok(());
        }
        let end = self.store.complete();
        match &mut self.to {
            To::Stream { hold, waiting, .. } if !hold.is_zero() => {
                // What a repair has moved waits from now on.
                if let Some(keep) = keep {
                    waiting.iter_mut().for_each(|(_, until)| *until = (*until).min(keep));
                }
                waiting.push_back((Instant::now(), end));
                Ok(())
            }
            _ => self.print_to_end(),
        }
    }

    /// Prints what has waited for long enough, after an answer; `seen` is from
    /// which position on it has shown all there is.
    pub(super) fn print_settled(&mut self, seen: Option<u32>) -> io::Result<()> {
        if self.over {
            // All of it will be shown once more.
            return Ok(());
        }
        let mut end = self.printed;
        if let To::Stream { hold, waiting, .. } = &mut self.to {
            while let Some((since, until)) = waiting.front() {
                let shown = seen.is_some_and(|from| from <= end);
                let times = if shown { 1 } else { UNSEEN };
                if since.elapsed() < *hold * times {
                    break;
                }
                end = end.max(*until);
                waiting.pop_front();
            }
        }
        self.print_until(end)
    }

    /// Lines wait for answers: while there are none, for so long, they only wait.
    pub(super) fn pass_over(&mut self, outage: Duration) {
        if let To::Stream { waiting, .. } = &mut self.to {
            waiting.iter_mut().for_each(|(since, _)| *since += outage);
        }
    }

    /// Cuts a file of our own off at a position; `false` where nothing can be
    /// taken back.
    fn take_back(&mut self, keep: u32) -> io::Result<bool> {
        let To::File { file, first, ends, .. } = &mut self.to else { return Ok(false) };
        let kept = keep.saturating_sub(*first);
        ends.truncate(kept as usize);
        if let Some(file) = file {
            let end = ends.last().copied().unwrap_or(0);
            file.set_len(end)?;
            file.seek(SeekFrom::Start(end))?;
        }
        self.printed = keep.max(*first);
        Ok(true)
    }

    /// Lines came in late before lines that are printed already. What is
    /// printed stays; the late lines follow, and it is said where they belong.
    fn repair(&mut self, keep: u32, patch: &Patch, err: &mut dyn Write) -> io::Result<()> {
        let rows = |store: &Store, end: u32| -> Vec<(bool, String)> {
            (keep..end)
                .map(LineNo::new)
                .map(|no| (store.gap(no).is_some(), store.text(no)))
                .collect()
        };
        let old = rows(&self.store, self.printed);
        self.store.apply(patch);
        let new = rows(&self.store, self.store.len());
        let mut old = old.iter().filter(|(gap, _)| !gap).peekable();
        let (mut late, mut first) = (Vec::new(), None);
        let mut next = keep;
        for row in &new {
            if old.peek().is_none() {
                break;
            }
            if old.peek() == Some(&row) {
                old.next();
            } else if !row.0 {
                first.get_or_insert(next);
                late.push(LineNo::new(next));
            }
            next += 1;
        }
        self.printed = next;
        if let Some(first) = first {
            writeln!(
                err,
                "buildcat: {} came late and belong from line {} on; they are printed here. \
                 Without --follow, or with --output, the log is in order.",
                human::plural(late.len() as u64, "line"),
                self.store.number(LineNo::new(first)),
            )?;
        }
        for no in late {
            self.write(no..no.next())?;
        }
        Ok(())
    }

    /// Lets go of what the first answer held, or of the last lines of it.
    pub(super) fn release(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.held) {
            return Ok(());
        }
        if let Some(last) = self.form.last {
            self.printed = self.store.complete().saturating_sub(last);
            if let To::File { first, .. } = &mut self.to {
                *first = self.printed;
            }
        }
        match &mut self.to {
            To::Stream { hold, waiting, .. } if !hold.is_zero() => {
                waiting.push_back((Instant::now(), self.store.complete()));
                Ok(())
            }
            _ => self.print_to_end(),
        }
    }

    /// Prints what is left, a line without its end among it.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.store.finish();
        self.release()?;
        self.print_to_end()
    }

    fn print_to_end(&mut self) -> io::Result<()> {
        if let To::Stream { waiting, .. } = &mut self.to {
            waiting.clear();
        }
        self.print_until(self.store.complete())
    }

    fn print_until(&mut self, end: u32) -> io::Result<()> {
        let end = end.min(self.store.complete()).max(self.printed);
        let from = std::mem::replace(&mut self.printed, end);
        self.write(LineNo::new(from)..LineNo::new(end))
    }

    /// Makes the file, if it is one.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        if let To::File { path, file, .. } = &mut self.to
            && file.is_none()
        {
            *file = Some(create(path)?);
        }
        Ok(())
    }

    fn write(&mut self, range: std::ops::Range<LineNo>) -> io::Result<()> {
        if range.is_empty() {
            return Ok(());
        }
        self.begin()?;
        let mut bytes = Vec::new();
        let mut lengths = Vec::new();
        self.render(range, &mut bytes, &mut lengths)?;
        match &mut self.to {
            To::Stream { out, .. } => {
                out.write_all(&bytes)?;
                out.flush()
            }
            To::File { file, ends, .. } => {
                let start = ends.last().copied().unwrap_or(0);
                ends.extend(lengths.iter().map(|length| start + length));
                file.as_mut().map_or(Ok(()), |file| file.write_all(&bytes))
            }
        }
    }

    /// Writes lines into `out`, and for each how much there is after it.
    fn render(
        &self,
        range: std::ops::Range<LineNo>,
        out: &mut Vec<u8>,
        lengths: &mut Vec<u64>,
    ) -> io::Result<()> {
        let Self { store, form, .. } = self;
        let mut scratch = String::new();
        let each = |no: LineNo, raw: &[u8]| {
            let written = match (store.gap(no), form.jsonl, form.raw) {
                (Some(missing), true, _) => gap_json(missing, out),
                (None, true, false) => {
                    line_json(store.number(no), text::clean(raw, &mut scratch), out)
                }
                (None, true, true) => {
                    line_json(store.number(no), &String::from_utf8_lossy(raw), out)
                }
                (None, false, true) => store.write_raw(no, out),
                (Some(_), false, true) => out.write_all(raw).and_then(|()| out.write_all(b"\n")),
                (_, false, false) => writeln!(out, "{}", text::clean(raw, &mut scratch)),
            };
            lengths.push(out.len() as u64);
            match written {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        };
        match store.for_each(range, each) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(error) => Err(error),
        }
    }
}

/// Opens a file for writing that only its owner may read, also where it was
/// there before: logs hold secrets more often than anyone would like.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // Not every file system has modes, and whose file it isn't may not change
    // it; neither is a reason not to write.
    let _ = file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    Ok(file)
}

fn line_json(line: u64, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", serde_json::json!({ "line": line, "text": text }))
}

/// `gap` is how many lines are missing, or `null` when that can't be known.
fn gap_json(missing: Missing, out: &mut dyn Write) -> io::Result<()> {
    let gap = match missing {
        Missing::Lines(n) => Some(n),
        Missing::Unknown => None,
    };
    writeln!(out, "{}", serde_json::json!({ "gap": gap }))
}
