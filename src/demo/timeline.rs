//! What a build prints, and when.

use std::time::Duration;

/// One element of the `logs` array, with the moment from which it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Scenario time from which the service holds it.
    pub at: Duration,
    /// The text of the element.
    pub text: Vec<u8>,
}

/// How lines are made into events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Lines in one event, at least 1.
    pub lines: usize,
    /// Whether an event's text ends with a line end.
    pub newline: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { lines: 1, newline: false }
    }
}

/// A log over time: events in their final order.
///
/// The order is the log's, not that of arrival: an event whose moment comes
/// after that of a later one is a line inserted late, and one whose moment
/// comes after the terminal status is a late line. Neither needs a switch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    events: Vec<Event>,
}

impl Timeline {
    /// A timeline of one event per line.
    pub fn new(lines: impl IntoIterator<Item = (Duration, Vec<u8>)>) -> Self {
        Self { events: lines.into_iter().map(|(at, text)| Event { at, text }).collect() }
    }

    /// The same lines in events of another shape. An event is served when its
    /// last line is there.
    pub fn shaped(&self, shape: Shape) -> Self {
        let events = self
            .events
            .chunks(shape.lines.max(1))
            .map(|lines| {
                let mut text = Vec::new();
                for (nth, line) in lines.iter().enumerate() {
                    if nth > 0 {
                        text.push(b'\n');
                    }
                    text.extend_from_slice(&line.text);
                }
                if shape.newline {
                    text.push(b'\n');
                }
                Event { at: lines.iter().map(|line| line.at).max().unwrap_or_default(), text }
            })
            .collect();
        Self { events }
    }

    /// The events that the service holds at a moment, in the log's order.
    pub fn visible(&self, now: Duration) -> Vec<&[u8]> {
        self.events.iter().filter(|e| e.at <= now).map(|e| e.text.as_slice()).collect()
    }

    /// All events.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// When the last event is there.
    pub fn end(&self) -> Duration {
        self.events.iter().map(|e| e.at).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn a_line_may_come_before_one_that_was_there_earlier() {
        let log = Timeline::new([
            (S(1), b"one".to_vec()),
            (S(9), b"late".to_vec()),
            (S(2), b"two".to_vec()),
        ]);
        assert_eq!(log.visible(S(0)), Vec::<&[u8]>::new());
        assert_eq!(log.visible(S(2)), [b"one".as_slice(), b"two"]);
        assert_eq!(log.visible(S(9)), [b"one".as_slice(), b"late", b"two"]);
    }

    #[test]
    fn lines_can_share_an_event() {
        let log = Timeline::new((1..=3).map(|n| (S(n), vec![b'0' + n as u8])));
        let log = log.shaped(Shape { lines: 2, newline: true });
        assert_eq!(log.visible(S(1)), Vec::<&[u8]>::new());
        assert_eq!(log.visible(S(3)), [b"1\n2\n".as_slice(), b"3\n"]);
    }
}
