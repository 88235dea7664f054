//! A build's record at a moment, in the API's own words.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::fault::Oddity;
use super::scenario::Scenario;

/// The organisation everything belongs to.
pub(super) const ORGANISATION: &str = "demo";

/// The fields in the order the API serves them.
const FIELDS: &[&str] = &[
    "id",
    "organizationId",
    "status",
    "region",
    "contextHash",
    "dockerfilePath",
    "imageUri",
    "logsUrl",
    "errorMessage",
    "contextSizeBytes",
    "imageSizeBytes",
    "buildDurationSeconds",
    "startedAt",
    "completedAt",
    "createdAt",
    "updatedAt",
    "repoFullName",
    "ref",
    "commitSha",
];

/// How scenario time becomes a date.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    /// The date of scenario time zero.
    pub(super) epoch: Timestamp,
    /// Scenario seconds in a second of the calendar.
    pub(super) speed: f64,
}

impl Calendar {
    fn date(&self, at: Duration) -> Timestamp {
        let passed = SignedDuration::try_from_secs_f64(self.seconds(at)).unwrap_or_default();
        self.epoch.checked_add(passed).unwrap_or(self.epoch)
    }

    fn seconds(&self, span: Duration) -> f64 {
        span.as_secs_f64() / self.speed
    }
}

/// The status at a moment.
pub(super) fn status(scenario: &Scenario, now: Duration) -> Value {
    if now < scenario.starts {
        json!("pending")
    } else if now < scenario.ends {
        json!("building")
    } else {
        scenario.end.get("status").cloned().unwrap_or_else(|| json!("failed"))
    }
}

/// The record at a moment.
pub(super) fn record(scenario: &Scenario, now: Duration, calendar: Calendar) -> Map<String, Value> {
    let mut known = scenario.record.clone();
    known.insert("id".into(), json!(scenario.id));
    known.insert("organizationId".into(), json!(ORGANISATION));
    known.insert("status".into(), status(scenario, now));
    known.entry("dockerfilePath").or_insert_with(|| json!("Dockerfile"));
    known.insert("createdAt".into(), date(calendar.date(Duration::ZERO)));
    let mut updated = Duration::ZERO;
    if now >= scenario.starts {
        updated = scenario.starts;
        known.insert("startedAt".into(), date(calendar.date(scenario.starts)));
        let region = scenario.record.get("region").and_then(Value::as_str).unwrap_or("us-west");
        let id = &scenario.id;
        known.insert(
            "logsUrl".into(),
            json!(format!(
                "https://console.aws.amazon.com/cloudwatch/home?region={region}#logsV2:build/{id}"
            )),
        );
    }
    if now >= scenario.ends {
        updated = scenario.ends;
        known.insert("completedAt".into(), date(calendar.date(scenario.ends)));
        let took = calendar.seconds(scenario.ends.saturating_sub(scenario.starts));
        known.insert("buildDurationSeconds".into(), json!(took.round() as u64));
        known.extend(scenario.end.clone());
    }
    known.insert("updatedAt".into(), date(calendar.date(updated)));
    FIELDS
        .iter()
        .map(|field| ((*field).to_owned(), known.remove(*field).unwrap_or(Value::Null)))
        .collect()
}

/// The reply to a request for a record, with something odd about it if asked for.
pub(super) fn reply(mut record: Map<String, Value>, odd: Option<&Oddity>) -> Value {
    let others = record.iter_mut().filter(|(field, _)| *field != "status");
    match odd {
        Some(Oddity::Bare) => return Value::Object(record),
        Some(Oddity::OnlyStatus) => record.retain(|field, _| field == "status"),
        Some(Oddity::Null) => others.for_each(|(_, value)| *value = Value::Null),
        Some(Oddity::OtherTypes) => others.for_each(|(_, value)| {
            *value = match value.take() {
                Value::Number(number) => Value::String(number.to_string()),
                Value::String(text) => json!({ "text": text }),
                Value::Null => json!([]),
                other => json!([other]),
            }
        }),
        Some(Oddity::Status(word)) => {
            record.insert("status".into(), json!(word));
        }
        Some(Oddity::LogObjects | Oddity::LogsNull) | None => {}
    }
    json!({ "build": record })
}

/// The date as the API writes it: UTC, three digits of a second.
fn date(at: Timestamp) -> Value {
    json!(format!("{at:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_fills_up_as_the_build_goes_on() {
        let scenario = Scenario::embedded("success-warnings").unwrap();
        let calendar = Calendar { epoch: Timestamp::UNIX_EPOCH, speed: 1.0 };
        let at = |seconds| record(&scenario, Duration::from_secs(seconds), calendar);
        assert_eq!(at(0)["status"], "pending");
        assert_eq!(at(0)["startedAt"], Value::Null);
        assert_eq!(at(0)["createdAt"], "1970-01-01T00:00:00.000Z");
        assert_eq!(at(5)["status"], "building");
        assert_eq!(at(5)["imageUri"], Value::Null);
        assert_eq!(at(60)["status"], "success");
        assert_eq!(at(60)["imageSizeBytes"], "386547056");
        assert_eq!(at(60)["buildDurationSeconds"], 24);
        let fields: Vec<String> = at(60).keys().cloned().collect();
        assert_eq!(fields, FIELDS);
    }
}
