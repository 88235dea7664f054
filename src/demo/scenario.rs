//! Scenario files: a log as it was recorded, and how it is played.
//!
//! `NAME.log` is the log, one line per event. `NAME.toml` beside it holds the
//! record's fields (`[record]`, and `[end]` from the terminal status on) and
//! the times (`[time]`, in seconds):
//!
//! | key | meaning |
//! | --- | --- |
//! | `pending` | from the request to the first line; the status is `pending` |
//! | `total` | from the first line to the last |
//! | `pauses` | `{ before, seconds }`: silence before the first line that holds the text; the rest of `total` is shared out evenly |
//! | `late` | how long before the last line the status turns terminal |
//! | `stall` | how long after the last line the status turns terminal |

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::timeline::Timeline;

/// A build that can be played.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name it is asked for by.
    pub name: String,
    /// What it shows, as half a sentence.
    pub title: String,
    /// The id of its build, a UUID; the same in every run.
    pub id: String,
    /// Fields of the record, under the API's names, that never change.
    pub record: Map<String, Value>,
    /// Fields that are set when the build is over; `status` among them.
    pub end: Map<String, Value>,
    /// When the status turns `building`.
    pub starts: Duration,
    /// When the status turns terminal.
    pub ends: Duration,
    /// The log.
    pub timeline: Timeline,
}

/// A scenario file that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// There is no scenario of that name.
    #[error(
        "there is no demo scenario {name:?}; there are: {known}. `buildcat demo --list` describes them"
    )]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names there are, separated by commas.
        known: String,
    },
    /// The description isn't valid.
    #[error("the demo scenario {name:?} can't be read: {source}")]
    Syntax {
        /// Which scenario.
        name: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A pause stands before a line that isn't there.
    #[error("the demo scenario {name:?} pauses before {before:?}, but no line holds that text")]
    Pause {
        /// Which scenario.
        name: String,
        /// The text that was looked for.
        before: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    id: String,
    #[serde(default)]
    record: Map<String, Value>,
    end: Map<String, Value>,
    time: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    pending: f64,
    total: f64,
    #[serde(default)]
    late: f64,
    #[serde(default)]
    stall: f64,
    #[serde(default)]
    pauses: Vec<Pause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pause {
    before: String,
    seconds: f64,
}

impl Scenario {
    /// Reads a scenario from its description and its log.
    ///
    /// # Errors
    /// When the description is no TOML of that form, or doesn't fit the log.
    pub fn parse(name: &str, description: &str, log: &str) -> Result<Self, ScenarioError> {
        let file: File = toml::from_str(description).map_err(|source| ScenarioError::Syntax {
            name: name.to_owned(),
            source: Box::new(source),
        })?;
        let lines: Vec<&str> = log.strip_suffix('\n').unwrap_or(log).split('\n').collect();
        let silence = silences(name, &lines, &file.time.pauses)?;
        let spoken = (file.time.total - silence.iter().sum::<f64>()).max(0.0);
        let step = spoken / (lines.len().max(2) - 1) as f64;
        let mut at = file.time.pending;
        let mut timed = Vec::with_capacity(lines.len());
        for (nth, (line, silence)) in lines.iter().zip(&silence).enumerate() {
            at += silence + if nth == 0 { 0.0 } else { step };
            timed.push((seconds(at), line.as_bytes().to_vec()));
        }
        Ok(Self {
            name: name.to_owned(),
            title: file.title,
            id: file.id,
            record: file.record,
            end: file.end,
            // The container runs a little before it says so.
            starts: seconds(file.time.pending * 0.8),
            ends: seconds(at - file.time.late + file.time.stall),
            timeline: Timeline::new(timed),
        })
    }

    /// When everything has happened: the status is terminal and the last line
    /// is there.
    pub fn over(&self) -> Duration {
        self.ends.max(self.timeline.end())
    }
}

/// The silence before each line.
fn silences(name: &str, lines: &[&str], pauses: &[Pause]) -> Result<Vec<f64>, ScenarioError> {
    let mut silence = vec![0.0; lines.len()];
    for pause in pauses {
        let found = lines.iter().zip(&mut silence).find(|(line, _)| line.contains(&pause.before));
        let Some((_, slot)) = found else {
            return Err(ScenarioError::Pause {
                name: name.to_owned(),
                before: pause.before.clone(),
            });
        };
        *slot += pause.seconds;
    }
    Ok(silence)
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIPTION: &str = r#"
        title = "a test"
        id = "00000000-0000-4000-8000-000000000000"
        [end]
        status = "failed"
        [time]
        pending = 1
        total = 10
        late = 2
        pauses = [{ before = "two", seconds = 8 }]
    "#;

    #[test]
    fn pauses_are_kept_and_the_rest_is_shared_out() {
        let scenario = Scenario::parse("test", DESCRIPTION, "one\ntwo\nthree\n").unwrap();
        let at: Vec<f64> = scenario.timeline.events().iter().map(|e| e.at.as_secs_f64()).collect();
        assert_eq!(at, [1.0, 10.0, 11.0]);
        assert_eq!(scenario.ends.as_secs_f64(), 9.0);
        assert_eq!(scenario.over().as_secs_f64(), 11.0);
    }

    #[test]
    fn a_pause_before_no_line_is_refused() {
        let error = Scenario::parse("test", DESCRIPTION, "one\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the demo scenario \"test\" pauses before \"two\", but no line holds that text"
        );
    }
}
