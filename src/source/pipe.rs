//! A log that arrives on standard input or through a named pipe.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use tokio::sync::mpsc;

use crate::domain::{FeedEvent, Health, Patch, Problem};

/// Bytes read at once: what a Linux pipe holds.
const CHUNK: usize = 64 * 1024;

/// What is read through a path. Opening a named pipe waits for somebody who writes,
/// so that is left to the first read, which may wait.
#[derive(Debug)]
pub enum Input {
    /// What has been opened.
    Open(File),
    /// What will be.
    Named(PathBuf),
}

impl Read for Input {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Self::Named(path) = self {
            *self = Self::Open(File::open(path)?);
        }
        match self {
            Self::Open(file) => file.read(buf),
            Self::Named(_) => Ok(0),
        }
    }
}

/// Reads `input` to its end, sending what arrives as it arrives.
///
/// Runs on a thread of its own, because reading a pipe can block for ever; the
/// thread ends with its input, or with the first chunk nobody wants any more.
/// `name` stands in the sentence about a read that failed.
///
/// # Errors
/// When the operating system refuses another thread.
pub fn spawn(
    input: impl Read + Send + 'static,
    name: String,
    events: mpsc::Sender<FeedEvent>,
) -> io::Result<()> {
    std::thread::Builder::new()
        .name("pipe".to_owned())
        .spawn(move || pump(input, &name, &events))
        .map(|_| ())
}

fn pump(mut input: impl Read, name: &str, events: &mpsc::Sender<FeedEvent>) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let event = match input.read(&mut chunk) {
            Ok(0) => {
                let _ = events.blocking_send(FeedEvent::Health(Health::Complete));
                let _ = events.blocking_send(FeedEvent::End);
                return;
            }
            Ok(n) => FeedEvent::Log(Patch::text(chunk.get(..n).unwrap_or_default())),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let why = Problem {
                    brief: "read failed".to_owned(),
                    sentence: format!("Reading {name} failed ({error}). What was read stays."),
                };
                let _ = events.blocking_send(FeedEvent::Health(Health::Stopped { why }));
                let _ = events.blocking_send(FeedEvent::End);
                return;
            }
        };
        if events.blocking_send(event).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its chunks one by one, then fails or ends.
    struct Script(Vec<io::Result<&'static [u8]>>);

    impl Read for Script {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let chunk = self.0.remove(0)?;
            buf[..chunk.len()].copy_from_slice(chunk);
            Ok(chunk.len())
        }
    }

    fn events_of(script: Vec<io::Result<&'static [u8]>>) -> Vec<FeedEvent> {
        let (tx, mut rx) = mpsc::channel(64);
        spawn(Script(script), "the pipe".to_owned(), tx).unwrap();
        std::iter::from_fn(|| rx.blocking_recv()).collect()
    }

    #[test]
    fn what_arrives_is_sent_as_it_arrives() {
        let interrupted = io::Error::from(io::ErrorKind::Interrupted);
        assert_eq!(
            events_of(vec![Ok(b"one\ntw"), Err(interrupted), Ok(b"o\n")]),
            [
                FeedEvent::Log(Patch::text("one\ntw")),
                FeedEvent::Log(Patch::text("o\n")),
                FeedEvent::Health(Health::Complete),
                FeedEvent::End,
            ]
        );
    }

    #[test]
    fn a_failed_read_is_said_and_keeps_what_was_read() {
        let events = events_of(vec![Ok(b"one\n"), Err(io::Error::other("gone"))]);
        assert_eq!(events.first(), Some(&FeedEvent::Log(Patch::text("one\n"))));
        let Some(FeedEvent::Health(Health::Stopped { why })) = events.get(1) else {
            panic!("{events:?}");
        };
        assert_eq!(why.sentence, "Reading the pipe failed (gone). What was read stays.");
        assert_eq!(events.last(), Some(&FeedEvent::End));
    }
}
