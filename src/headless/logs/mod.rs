//! A log on standard output or in a file, line by line: `logs`.
//!
//! The service inserts lines late: before others that were there already. What
//! went into a pipe can't be taken back, so there lines wait for as long as late
//! ones come, and then for an answer that shows them once more with all
//! that belongs between; once the build is over, for the end of the log. Where
//! no answer does, they are printed in the end ([`UNSEEN`]). On a terminal lines
//! are wanted at once, and a file of our own is repaired in place.

mod printer;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Build, FeedEvent, Health, Problem};
use crate::source::Feed;
use crate::text;
use printer::Printer;

/// How many times as long they wait at most.
pub const UNSEEN: u32 = 4;

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

/// A wait from which on it is told how long it is.
const LONG: Duration = Duration::from_secs(10);

/// A trouble that lasts is said again after so many more failures.
const REMIND: u32 = 10;

/// How the printing of a log came to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// All there is was printed; the build's record where it is known.
    Complete(Option<Box<Build>>),
    /// The source stopped before that.
    Stopped(Problem),
    /// It was told to end, by a signal of this number.
    Told(i32),
}

/// Where lines are printed.
pub enum Output<'a> {
    /// Where nothing can be taken back; lines go there after so long, or twice as long
    /// once there were late ones.
    Stream(&'a mut dyn Write, Duration),
    /// A file of our own. It is made when there is something to write: what is
    /// there from before is better than nothing.
    File(PathBuf),
}

/// Prints what a feed delivers until it ends, or `told` gives the number of a
/// signal; problems go to `err`.
///
/// # Errors
/// When the output or `err` can't be written.
pub async fn print(
    mut feed: Feed,
    form: Form,
    output: Output<'_>,
    err: &mut dyn Write,
    told: impl Future<Output = i32>,
) -> io::Result<End> {
    let mut printer = Printer::new(form, output);
    let mut record = None;
    let mut end = None;
    let mut said = String::new();
    let mut down: Option<Instant> = None;
    tokio::pin!(told);
    loop {
        let event = tokio::select! {
            biased;
            signal = &mut told => {
                end = Some(End::Told(signal));
                break;
            }
            event = feed.events.recv() => event,
        };
        let Some(event) = event else { break };
        if let FeedEvent::Log(_) | FeedEvent::Seen(_) | FeedEvent::Health(Health::Ok { .. }) = event
            && let Some(since) = down.take()
        {
            printer.pass_over(since.elapsed());
        }
        match event {
            FeedEvent::Log(patch) => printer.apply(&patch, err)?,
            FeedEvent::Build(build) => {
                printer.is_over(build.is_over());
                record = Some(build);
            }
            FeedEvent::Seen(from) => printer.print_settled(Some(from))?,
            FeedEvent::Health(health) => {
                let mut wait = Duration::ZERO;
                let word = match health {
                    Health::Ok { .. } => {
                        printer.release()?;
                        printer.print_settled(None)?;
                        String::new()
                    }
                    Health::Complete => String::new(),
                    Health::Retrying { why, failures, at } => {
                        let since = *down.get_or_insert_with(Instant::now);
                        if since.elapsed() >= PATIENCE {
                            end = Some(End::Stopped(why));
                            break;
                        }
                        if failures.is_multiple_of(REMIND) {
                            said.clear();
                        }
                        wait = at.saturating_duration_since(Instant::now().into_std());
                        why.sentence
                    }
                    Health::Stopped { why } => {
                        end = Some(End::Stopped(why));
                        // No one is here to ask for another try.
                        break;
                    }
                    Health::Connecting | Health::Paused => continue,
                };
                // The same fault at every poll is said once.
                if word != said && !word.is_empty() {
                    let again = match wait {
                        _ if wait < LONG => "Trying again.".into(),
                        _ => format!("Trying again in {} s.", wait.as_secs()),
                    };
                    writeln!(err, "buildcat: {} {again}", text::plain(&word))?;
                }
                said = word;
            }
            FeedEvent::Notice(notice) => writeln!(err, "buildcat: {}", text::plain(&notice))?,
            FeedEvent::Grew | FeedEvent::Reopened => {}
            FeedEvent::End => break,
        }
    }
    let end = end.unwrap_or(End::Complete(record));
    if matches!(end, End::Complete(_)) {
        // An empty log is a log.
        printer.begin()?;
    }
    printer.finish()?;
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BuildStatus, Missing, Patch, Piece};
    use std::time::Instant as Moment;

    const SETTLING: Duration = Duration::from_secs(30);

    fn paused() -> tokio::runtime::Runtime {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    }

    /// Prints events that come a second apart; told to end after the last, if
    /// `told`.
    fn run_into(
        output: Output<'_>,
        events: Vec<FeedEvent>,
        form: Form,
        told: bool,
    ) -> (String, End) {
        let (feed, port) = crate::source::channel();
        let mut err = Vec::new();
        let end = paused().block_on(async {
            let (tell, hear) = tokio::sync::oneshot::channel::<()>();
            let send = async {
                for event in events {
                    if port.events.send(event).await.is_err() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                if told {
                    tell.send(()).unwrap();
                    tokio::time::sleep(Duration::from_secs(1)).await;
                } else {
                    drop(port);
                    std::mem::forget(tell);
                }
            };
            let told = async {
                hear.await.unwrap();
                15
            };
            let (end, ()) = tokio::join!(print(feed, form, output, &mut err, told), send);
            end.unwrap()
        });
        (String::from_utf8(err).unwrap(), end)
    }

    fn run(events: Vec<FeedEvent>, form: Form) -> (String, String, End) {
        let mut out = Vec::new();
        let (err, end) = run_into(Output::Stream(&mut out, Duration::ZERO), events, form, false);
        (String::from_utf8(out).unwrap(), err, end)
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
        let failed = Build::with_status(BuildStatus::Failed);
        assert_eq!((err.as_str(), end), ("", End::Complete(Some(Box::new(failed)))));
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

    fn repair(keep: u32, text: &str) -> FeedEvent {
        FeedEvent::Log(Patch { keep: Some(keep), append: vec![Piece::Text(text.into())] })
    }

    #[test]
    fn a_pipe_gets_late_lines_in_their_place() {
        let mut out = Vec::new();
        let events = vec![
            log("a\n"),
            ok(),
            log("b\nc\n"),
            repair(2, "late\nc\nd\n"),
            repair(5, "e\n"),
            FeedEvent::End,
        ];
        let (err, _) = run_into(Output::Stream(&mut out, SETTLING), events, Form::default(), false);
        assert_eq!(
            (String::from_utf8(out).unwrap().as_str(), err.as_str()),
            ("a\nb\nlate\nc\nd\ne\n", "")
        );
    }

    /// What is printed when (in whole seconds), of events that come so many
    /// seconds apart.
    fn printed_at(every: u64, events: Vec<FeedEvent>) -> Vec<(u64, String)> {
        struct Clocked(Vec<(u64, String)>, tokio::time::Instant);
        impl Write for Clocked {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                let text = String::from_utf8_lossy(bytes).into_owned();
                self.0.push((self.1.elapsed().as_secs(), text));
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (feed, port) = crate::source::channel();
        paused().block_on(async {
            let mut out = Clocked(vec![], tokio::time::Instant::now());
            let send = async {
                for event in events {
                    port.events.send(event).await.unwrap();
                    tokio::time::sleep(Duration::from_secs(every)).await;
                }
                drop(port);
            };
            let mut err = Vec::new();
            let told = std::future::pending();
            let output = Output::Stream(&mut out, SETTLING);
            let (end, ()) =
                tokio::join!(print(feed, Form::default(), output, &mut err, told), send);
            end.unwrap();
            assert_eq!(String::from_utf8(err).unwrap(), "");
            out.0
        })
    }

    fn told(printed: &[(u64, &str)]) -> Vec<(u64, String)> {
        printed.iter().map(|(at, text)| (*at, (*text).to_owned())).collect()
    }

    #[test]
    fn a_pipe_gets_lines_once_an_answer_has_shown_them_again() {
        // Only the last line is looked at, until at 44 s all is.
        let seen = FeedEvent::Seen;
        let mut events = vec![log("a\n"), seen(0), ok(), log("b\n"), ok(), seen(1), ok()];
        events.extend(std::iter::repeat_n(ok(), 4));
        events.extend([seen(0), log("c\n"), FeedEvent::End]);
        assert_eq!(printed_at(4, events), told(&[(44, "a\nb\n"), (52, "c\n")]));
    }

    #[test]
    fn what_no_answer_shows_again_is_printed_in_the_end() {
        let mut events = vec![log("a\n"), ok(), log("b\n")];
        events.extend(std::iter::repeat_with(ok).take(12));
        events.push(FeedEvent::End);
        assert_eq!(printed_at(10, events), told(&[(130, "a\n"), (140, "b\n")]));
    }

    #[test]
    fn once_the_build_is_over_a_pipe_waits_for_the_end_of_its_log() {
        let failed = FeedEvent::Build(Box::new(Build::with_status(BuildStatus::Failed)));
        let mut events = vec![log("a\n"), ok(), log("b\n"), failed];
        events.extend(std::iter::repeat_n(FeedEvent::Seen(0), 6));
        events.extend([repair(1, "late\nb\n"), FeedEvent::End]);
        assert_eq!(printed_at(5, events), told(&[(55, "a\nlate\nb\n")]));
    }

    #[test]
    fn what_waits_is_printed_at_an_end_that_is_told() {
        let mut out = Vec::new();
        let events = vec![log("a\n"), ok(), log("b\n")];
        let (err, end) =
            run_into(Output::Stream(&mut out, SETTLING), events, Form::default(), true);
        assert_eq!((String::from_utf8(out).unwrap().as_str(), err.as_str()), ("a\nb\n", ""));
        assert_eq!(end, End::Told(15));
    }

    #[test]
    fn an_outage_is_no_time_in_which_late_lines_could_have_come() {
        let mut out = Vec::new();
        let why = Problem { brief: "503".into(), sentence: "It said 503.".into() };
        let retry = || {
            FeedEvent::Health(Health::Retrying { at: Moment::now(), failures: 1, why: why.clone() })
        };
        let mut events = vec![log("a\n"), ok(), log("b\nc\n"), ok()];
        events.extend(std::iter::repeat_with(retry).take(180));
        events.extend([
            FeedEvent::Seen(3),
            ok(),
            ok(),
            repair(1, "late\nb\nc\n"),
            ok(),
            FeedEvent::End,
        ]);
        let (err, _) = run_into(Output::Stream(&mut out, SETTLING), events, Form::default(), false);
        assert_eq!(String::from_utf8(out).unwrap(), "a\nlate\nb\nc\n");
        assert!(!err.contains("came late"), "{err}");
    }

    #[test]
    fn a_file_is_repaired_in_place_and_not_touched_before_there_is_something() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("build.log");
        let read = || std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, "from before\n").unwrap();
        let why = Problem { brief: "401".into(), sentence: "It said 401.".into() };
        let stop = FeedEvent::Health(Health::Stopped { why });
        run_into(Output::File(path.clone()), vec![stop], Form::default(), false);
        assert_eq!(read(), "from before\n");
        let events =
            vec![log("a\nb\nc\n"), ok(), repair(1, "late\nb\nc\n"), log("d\n"), FeedEvent::End];
        let file = || Output::File(path.clone());
        let (err, _) = run_into(file(), events.clone(), Form::default(), false);
        assert_eq!((read().as_str(), err.as_str()), ("a\nlate\nb\nc\nd\n", ""));
        run_into(file(), events, Form { last: Some(2), ..Form::default() }, false);
        assert_eq!(read(), "late\nb\nc\nd\n");
        run_into(file(), vec![FeedEvent::End], Form::default(), false);
        assert_eq!(read(), "", "an empty log is a log");
    }

    #[test]
    fn a_service_that_stays_away_is_given_up_after_reminders() {
        let why = Problem { brief: "503".into(), sentence: "It said 503.".into() };
        let retry = |failures| {
            let at = Moment::now();
            FeedEvent::Health(Health::Retrying { at, failures, why: why.clone() })
        };
        let (_, err, end) = run((1..2000).map(retry).collect(), Form::default());
        assert_eq!(end, End::Stopped(why.clone()));
        assert_eq!(err.lines().count(), 900 / REMIND as usize + 1);
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
        assert_eq!(end, End::Stopped(why.clone()));

        let at = Moment::now() + Duration::from_secs(300);
        let late = FeedEvent::Health(Health::Retrying { at, failures: 1, why });
        let (_, err, _) = run(vec![late], Form::default());
        assert!(err.starts_with("buildcat: It said 503. Trying again in 29"), "{err}");
    }
}
