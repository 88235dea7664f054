//! What the service serves, to what the program knows. Tolerant per field:
//! one odd field is one missing field, never a lost answer.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::domain::{Build, BuildStatus};

use super::{BuildRecord, BuildsPage, LogsPage};

type Object = Map<String, Value>;

/// A record, wrapped (`{"build":{…}}`) or bare.
pub(super) fn build(body: Value) -> Result<BuildRecord, String> {
    let Value::Object(mut outer) = body else {
        return Err(format!("a build record should be an object, not {}", kind(&body)));
    };
    for wrapper in ["build", "data", "result"] {
        if let Some(Value::Object(inner)) = outer.get_mut(wrapper) {
            return Ok(record(std::mem::take(inner)));
        }
    }
    // An error in the clothes of a success.
    if field(&outer, &["id", "status", "state"]).is_none()
        && let Some(text) = text(&outer, &["error", "message"])
    {
        return Err(format!("it says: {text}"));
    }
    Ok(record(outer))
}

/// A page of the list, wrapped (`{"builds":[…]}`) or bare.
pub(super) fn builds(body: Value) -> Result<BuildsPage, String> {
    let (list, outer) = match body {
        Value::Array(list) => (list, Object::new()),
        Value::Object(mut outer) => {
            let list = ["builds", "data", "items", "results"].iter().find_map(|name| {
                match outer.get_mut(*name) {
                    Some(Value::Array(list)) => Some(std::mem::take(list)),
                    _ => None,
                }
            });
            match list {
                Some(list) => (list, outer),
                None => match text(&outer, &["error", "message"]) {
                    Some(text) => return Err(format!("it says: {text}")),
                    None => (Vec::new(), outer),
                },
            }
        }
        other => return Err(format!("a list of builds should be an object, not {}", kind(&other))),
    };
    let builds = list
        .into_iter()
        .filter_map(|item| match item {
            Value::Object(mut object) => Some(match object.get_mut("build") {
                Some(Value::Object(inner)) => record(std::mem::take(inner)),
                _ => record(object),
            }),
            _ => None,
        })
        .collect();
    Ok(BuildsPage {
        builds,
        total: integer(&outer, &["total", "totalCount", "total_count", "count"]),
        limit: integer(&outer, &["limit"]),
        offset: integer(&outer, &["offset"]),
    })
}

/// A window of a log: an array of strings or objects, wrapped or bare.
pub(super) fn logs(body: Value, bytes: u64) -> Result<LogsPage, String> {
    let (list, next_token) = match body {
        Value::Array(list) => (Value::Array(list), None),
        Value::Object(mut outer) => {
            let names = ["logs", "events", "lines", "data"];
            let list = names.iter().find_map(|name| outer.get_mut(*name).map(Value::take));
            if list.is_none()
                && let Some(text) = text(&outer, &["error", "message"])
            {
                return Err(format!("it says: {text}"));
            }
            let token = text(&outer, &["nextToken", "next_token", "nextForwardToken"]);
            (list.unwrap_or_default(), token)
        }
        other => return Err(format!("a log should be an object, not {}", kind(&other))),
    };
    let events = match list {
        Value::Array(list) => list.into_iter().map(event).collect(),
        // Not there yet.
        Value::Null => Vec::new(),
        // Another answer than the service gives, for a moment: no line of the log.
        other => return Err(format!("its `logs` should be an array, not {}", kind(&other))),
    };
    Ok(LogsPage { events, next_token, bytes })
}

/// The names of the organisations, in the service's order.
pub(super) fn organizations(body: &Value) -> Vec<String> {
    let list = match body {
        Value::Array(list) => Some(list),
        Value::Object(outer) => {
            ["organizations", "orgs", "data"].iter().find_map(|name| outer.get(*name)?.as_array())
        }
        _ => None,
    };
    list.into_iter()
        .flatten()
        .filter_map(|item| match item {
            Value::String(name) => Some(name.clone()),
            Value::Object(org) => text(org, &["name", "slug", "id"]),
            _ => None,
        })
        .filter(|name| !name.trim().is_empty())
        .collect()
}

/// The text of one log event. What holds no text is kept as JSON: a line that
/// is odd is still a line.
fn event(value: Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.into_bytes(),
        Value::Null => Vec::new(),
        Value::Object(mut object) => {
            for name in ["message", "log", "text"] {
                match object.get_mut(name) {
                    Some(Value::String(text)) => return std::mem::take(text).into_bytes(),
                    Some(Value::Null) | None => {}
                    Some(other) => return other.to_string().into_bytes(),
                }
            }
            // `{message: null}` is a blank line, `{level: …}` something new.
            let known = ["message", "log", "text", "timestamp", "ingestionTime"];
            if object.keys().all(|key| known.contains(&key.as_str())) {
                Vec::new()
            } else {
                Value::Object(object).to_string().into_bytes()
            }
        }
        other => other.to_string().into_bytes(),
    }
}

/// A record from its object; the object is kept.
fn record(object: Object) -> BuildRecord {
    let o = &object;
    let status = text(o, &["status", "state"]).map_or_else(
        || BuildStatus::Other("unknown".to_owned()),
        |word| BuildStatus::from_api(word.trim()),
    );
    let build = Build {
        id: text(o, &["id", "buildId", "build_id"]),
        organization_id: text(o, &["organizationId", "organization_id"]),
        status,
        region: text(o, &["region"]),
        context_hash: text(o, &["contextHash", "context_hash"]),
        dockerfile_path: text(o, &["dockerfilePath", "dockerfile_path"]),
        image_uri: text(o, &["imageUri", "image_uri"]),
        logs_url: text(o, &["logsUrl", "logs_url"]),
        error_message: text(o, &["errorMessage", "error_message"]),
        context_size_bytes: integer(o, &["contextSizeBytes", "context_size_bytes"]),
        image_size_bytes: integer(o, &["imageSizeBytes", "image_size_bytes"]),
        build_duration_seconds: number(o, &["buildDurationSeconds", "build_duration_seconds"]),
        started_at: time(o, &["startedAt", "started_at"]),
        completed_at: time(o, &["completedAt", "completed_at"]),
        created_at: time(o, &["createdAt", "created_at"]),
        updated_at: time(o, &["updatedAt", "updated_at"]),
        repo_full_name: text(o, &["repoFullName", "repo_full_name"]),
        git_ref: text(o, &["ref", "gitRef", "git_ref"]),
        commit_sha: text(o, &["commitSha", "commit_sha"]),
    };
    BuildRecord::new(build, Value::Object(object))
}

/// The first of these fields that is there and not null.
fn field<'a>(object: &'a Object, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| object.get(*name).filter(|value| !value.is_null()))
}

fn text(object: &Object, names: &[&str]) -> Option<String> {
    match field(object, names)? {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
        _ => None,
    }
}

/// A number of at least 0.
fn number(object: &Object, names: &[&str]) -> Option<f64> {
    let number = match field(object, names)? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (number.is_finite() && number >= 0.0).then_some(number)
}

/// A whole number of at least 0; a fraction is cut off.
fn integer(object: &Object, names: &[&str]) -> Option<u64> {
    // The long way through f64 would change what is above 2^53.
    let exact = match field(object, names)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    exact.or_else(|| number(object, names).map(|n| n as u64))
}

fn time(object: &Object, names: &[&str]) -> Option<Timestamp> {
    match field(object, names)? {
        Value::Number(number) => epoch(number.as_f64()?),
        Value::String(text) => {
            let text = text.trim();
            let utc = |t: DateTime| TimeZone::UTC.to_timestamp(t).ok();
            text.parse::<Timestamp>()
                .ok()
                // Without an offset it is UTC: all the service's times are.
                .or_else(|| text.parse::<DateTime>().ok().and_then(utc))
                .or_else(|| epoch(text.parse().ok()?))
        }
        _ => None,
    }
}

/// Seconds since 1970, or milliseconds where seconds would be past the year
/// 5000. 0 is what some services write for "not yet".
fn epoch(number: f64) -> Option<Timestamp> {
    if !number.is_finite() || number <= 0.0 {
        return None;
    }
    let ms = if number >= 1e11 { number } else { number * 1000.0 };
    if ms > 1e15 { None } else { Timestamp::from_millisecond(ms as i64).ok() }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
