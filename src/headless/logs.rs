//! A log on standard output, line by line: `logs`.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{BuildStatus, FeedEvent, Health, LineNo, Missing, Patch, Problem};
use crate::source::Feed;
use crate::store::Store;
use crate::{human, text};

/// How lines are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// A JSON object a line instead of the line itself.
    pub jsonl: bool,
    /// The served bytes instead of clean text.
    pub raw: bool,
    /// Only the last so many lines of what is there at first.
    pub last: Option<u32>,
}

/// How long the service may be out of reach before printing gives up: nobody
/// may be watching, and a CI job must come to an end.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// A trouble that lasts is said again after so many more failures.
const REMIND: u32 = 10;

/// How the printing of a log came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All there is was printed; the build's status where it is known.
    Complete(Option<BuildStatus>),
    /// The source stopped before that.
    Stopped(Problem),
}

/// Prints what a feed delivers until it ends; problems go to `err`.
///
/// # Errors
/// When `out` or `err` can't be written.
pub async fn print(
    mut feed: Feed,
    form: Form,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<End> {
    let mut printer = Printer { store: Store::new(), printed: 0, form, held: form.last.is_some() };
    let mut status = None;
    let mut stopped = None;
    let mut said = String::new();
    let mut down: Option<Instant> = None;
    while let Some(event) = feed.events.recv().await {
        match event {
            FeedEvent::Log(patch) => {
                printer.apply(&patch, out, err)?;
                out.flush()?;
            }
            FeedEvent::Build(build) => status = Some(build.status),
            FeedEvent::Health(health) => {
                let word = match health {
                    Health::Ok { .. } => {
                        down = None;
                        printer.release(out)?;
                        out.flush()?;
                        stopped = None;
                        String::new()
                    }
                    Health::Complete => {
                        stopped = None;
                        String::new()
                    }
                    Health::Retrying { why, failures, .. } => {
                        let since = *down.get_or_insert_with(Instant::now);
                        if since.elapsed() >= PATIENCE {
                            stopped = Some(why);
                            break;
                        }
                        if failures.is_multiple_of(REMIND) {
                            said.clear();
                        }
                        format!("{} Trying again.", why.sentence)
                    }
                    Health::Stopped { why } => {
                        stopped = Some(why);
                        // No one is here to ask for another try.
                        break;
                    }
                    Health::Connecting | Health::Paused => continue,
                };
                // The same fault at every poll is said once.
                if word != said && !word.is_empty() {
                    writeln!(err, "buildcat: {}", text::plain(&word))?;
                }
                said = word;
            }
            FeedEvent::Notice(notice) => writeln!(err, "buildcat: {}", text::plain(&notice))?,
            FeedEvent::Grew | FeedEvent::Reopened => {}
            FeedEvent::End => break,
        }
    }
    printer.store.finish();
    printer.release(out)?;
    printer.print_to_end(out)?;
    out.flush()?;
    Ok(stopped.map_or(End::Complete(status), End::Stopped))
}

struct Printer {
    store: Store,
    /// How many positions have been printed or passed over.
    printed: u32,
    form: Form,
    /// The first lines are held back until it is known which are the last.
    held: bool,
}

impl Printer {
    fn apply(&mut self, patch: &Patch, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
        match patch.keep.filter(|keep| *keep < self.printed) {
            None => self.store.apply(patch),
            Some(keep) => self.repair(keep, patch, out, err)?,
        }
        if self.held { Ok(()) } else { self.print_to_end(out) }
    }

    /// Lines came in late before lines that are printed already. What is
    /// printed stays; the late lines follow, and it is said where they belong.
    fn repair(
        &mut self,
        keep: u32,
        patch: &Patch,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> io::Result<()> {
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
                 Without --follow the log is printed in order.",
                human::plural(late.len() as u64, "line"),
                self.store.number(LineNo::new(first)),
            )?;
        }
        for no in late {
            self.print(no..no.next(), out)?;
        }
        Ok(())
    }

    /// Prints the last lines of what was held back.
    fn release(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if !std::mem::take(&mut self.held) {
            return Ok(());
        }
        if let Some(last) = self.form.last {
            self.printed = self.store.complete().saturating_sub(last);
        }
        self.print_to_end(out)
    }

    fn print_to_end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let end = self.store.complete().max(self.printed);
        let from = std::mem::replace(&mut self.printed, end);
        self.print(LineNo::new(from)..LineNo::new(end), out)
    }

    fn print(&self, range: std::ops::Range<LineNo>, out: &mut dyn Write) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Build, Piece};
    use std::time::Instant as Moment;

    fn run(events: Vec<FeedEvent>, form: Form) -> (String, String, End) {
        let (feed, port) = crate::source::channel();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let end = runtime.block_on(async {
            let send = async {
                for event in events {
                    if port.events.send(event).await.is_err() {
                        break;
                    }
                }
                drop(port);
            };
            let (end, ()) = tokio::join!(print(feed, form, &mut out, &mut err), send);
            end.unwrap()
        });
        (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap(), end)
    }

    fn log(text: &str) -> FeedEvent {
        FeedEvent::Log(Patch::text(text))
    }

    fn ok() -> FeedEvent {
        FeedEvent::Health(Health::Ok { at: Moment::now() })
    }

    #[test]
    fn lines_are_printed_once_clean_and_in_order() {
        let failed = FeedEvent::Build(Box::new(Build::with_status(BuildStatus::Failed)));
        let gap = FeedEvent::Log(Patch { keep: None, append: vec![Piece::Gap(Missing::Lines(3))] });
        let events = vec![
            log("one\ntw"),
            log("o \x1b[31mred\x1b[0m\n"),
            gap,
            log("\n"),
            failed,
            FeedEvent::End,
        ];
        let (out, err, end) = run(events, Form::default());
        assert_eq!(out, "one\ntwo red\n--- buildcat: 3 lines missing here ---\n\n");
        assert_eq!((err.as_str(), end), ("", End::Complete(Some(BuildStatus::Failed))));
    }

    #[test]
    fn json_lines_carry_numbers_and_gaps() {
        let gaps = vec![
            Piece::Gap(Missing::Lines(3)),
            Piece::Text(b"b\n".into()),
            Piece::Gap(Missing::Unknown),
        ];
        let events = vec![log("a\n"), FeedEvent::Log(Patch { keep: None, append: gaps })];
        let (out, _, _) = run(events, Form { jsonl: true, ..Form::default() });
        assert_eq!(
            out,
            "{\"line\":1,\"text\":\"a\"}\n{\"gap\":3}\n{\"line\":5,\"text\":\"b\"}\n{\"gap\":null}\n"
        );
    }

    #[test]
    fn raw_keeps_the_served_bytes() {
        let (out, _, _) = run(vec![log("a\x1b[31mb\r\n")], Form { raw: true, ..Form::default() });
        assert_eq!(out, "a\x1b[31mb\r\n");
    }

    #[test]
    fn a_limit_keeps_the_last_lines_of_the_first_answer_and_all_that_follows() {
        let events = vec![log("a\nb\nc\n"), ok(), log("d\ne\n"), ok(), FeedEvent::End];
        let (out, _, _) = run(events, Form { last: Some(2), ..Form::default() });
        assert_eq!(out, "b\nc\nd\ne\n");
    }

    #[test]
    fn late_lines_are_printed_once_and_said_to_be_late() {
        let repair = Patch { keep: Some(1), append: vec![Piece::Text(b"late\nb\nc\nd\n".into())] };
        let (out, err, _) = run(vec![log("a\nb\nc\n"), FeedEvent::Log(repair)], Form::default());
        assert_eq!(out, "a\nb\nc\nlate\nd\n");
        assert!(err.starts_with("buildcat: 1 line came late and belong from line 2 on"), "{err}");
    }

    #[test]
    fn a_service_that_stays_away_is_given_up_after_reminders() {
        let (feed, port) = crate::source::channel();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let why = Problem { brief: "503".into(), sentence: "It said 503.".into() };
        let end = runtime.block_on(async {
            let send = async {
                for failures in 1.. {
                    let at = Moment::now();
                    let health = Health::Retrying { at, failures, why: why.clone() };
                    if port.events.send(FeedEvent::Health(health)).await.is_err() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            };
            let (end, ()) = tokio::join!(print_owned(feed, &mut out, &mut err), send);
            end
        });
        assert_eq!(end, End::Stopped(why.clone()));
        assert_eq!(String::from_utf8(err).unwrap().lines().count(), 2);
    }

    async fn print_owned(feed: Feed, out: &mut Vec<u8>, err: &mut Vec<u8>) -> End {
        print(feed, Form::default(), out, err).await.unwrap()
    }

    #[test]
    fn a_stop_is_told_apart_from_the_end_and_a_fault_is_said_once() {
        let why = Problem { brief: "503".into(), sentence: "It said 503.".into() };
        let retry = || {
            FeedEvent::Health(Health::Retrying { at: Moment::now(), failures: 1, why: why.clone() })
        };
        let stop = FeedEvent::Health(Health::Stopped { why: why.clone() });
        let (out, err, end) = run(vec![log("a\n"), retry(), retry(), stop], Form::default());
        assert_eq!((out.as_str(), err.as_str()), ("a\n", "buildcat: It said 503. Trying again.\n"));
        assert_eq!(end, End::Stopped(why));
    }
}
