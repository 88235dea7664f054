//! The simulated API: from a request to a reply, with no connection in sight.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::body::Delivery;
use super::catalogue::{Past, history};
use super::fault::{Fault, FaultRule, Oddity, RetryAfter, Route};
use super::record::{self, Calendar, ORGANISATION};
use super::scenario::{Scenario, ScenarioError};
use super::window::{Served, Window};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The value of the `Authorization` header.
    pub authorization: Option<String>,
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Bytes of log text in the body.
    pub log_bytes: usize,
    /// How the body gets to the client.
    pub(super) delivery: Delivery,
}

/// The builds, and how the log of the one being played is served.
#[derive(Debug)]
pub struct Service {
    played: Scenario,
    past: Vec<Past>,
    window: Window,
    faults: Vec<FaultRule>,
    calendar: Calendar,
    /// Requests so far for a build, the list, a log.
    counts: [AtomicU64; 3],
}

impl Service {
    /// A service that plays a scenario from a date on.
    ///
    /// # Errors
    /// When a build of the past that is listed beside it can't be read.
    pub fn new(
        played: Scenario,
        window: Window,
        faults: Vec<FaultRule>,
        epoch: Timestamp,
        speed: f64,
    ) -> Result<Self, ScenarioError> {
        let past = history(&played.id)?;
        let calendar = Calendar { epoch, speed };
        Ok(Self { played, past, window, faults, calendar, counts: Default::default() })
    }

    /// The scenario being played.
    pub fn scenario(&self) -> &Scenario {
        &self.played
    }

    /// The reply to a request at a moment of scenario time.
    pub fn answer(&self, request: &Request, now: Duration) -> Reply {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return refusal(405, "Method not allowed");
        }
        let Ok(url) = reqwest::Url::parse(&format!("http://localhost{}", request.target)) else {
            return refusal(400, "Bad request");
        };
        if let Some(refused) = unauthorised(request.authorization.as_deref()) {
            return refused;
        }
        let query = Query(url.query_pairs().into_owned().collect());
        let path: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
        match path.as_slice() {
            ["v1", "organizations"] => ok(&json!({ "organizations": [
                { "id": ORGANISATION, "name": ORGANISATION, "verboseName": "Demo" },
            ]})),
            ["v1", "builds", rest @ ..] => self.builds(rest, &query, now),
            ["v1", "organizations", org, "builds", rest @ ..] if *org == ORGANISATION => {
                self.builds(rest, &query, now)
            }
            ["v1", "organizations", ..] => refusal(404, "Organization not found"),
            _ => refusal(404, "Not found"),
        }
    }

    fn builds(&self, rest: &[&str], query: &Query, now: Duration) -> Reply {
        let route = match rest {
            [] => Route::Builds,
            [_] => Route::Build,
            [_, "logs"] => Route::Logs,
            _ => return refusal(404, "Not found"),
        };
        let counter = match route {
            Route::Build | Route::Any => 0,
            Route::Builds => 1,
            Route::Logs => 2,
        };
        let nth = self.counts.get(counter).map_or(0, |c| c.fetch_add(1, Ordering::SeqCst));
        let fault = self
            .faults
            .iter()
            .find(|rule| {
                (rule.route == route || rule.route == Route::Any) && rule.when.holds(nth, now)
            })
            .map(|rule| &rule.fault);
        let good = || match rest {
            [] => self.list(query, now),
            [id] => self.build(id, now, odd(fault)),
            [id, ..] => self.logs(id, query, now, nth, fault),
        };
        befall(fault, good, self.calendar.epoch)
    }

    fn list(&self, query: &Query, now: Duration) -> Reply {
        let Some(limit) = query.number("limit", 20).filter(|n| (1..=100).contains(n)) else {
            return refusal(400, "limit must be between 1 and 100");
        };
        let Some(offset) = query.number("offset", 0) else {
            return refusal(400, "offset must not be negative");
        };
        let all = std::iter::once(self.record(&self.played, now, 0)).chain(
            self.past.iter().map(|past| self.record(&past.scenario, Duration::MAX, past.age)),
        );
        let fits = |build: &Value| {
            ["status", "region", "contextHash", "dockerfilePath"].iter().all(|field| {
                query.get(field).is_none_or(|wanted| build.get(field) == Some(&json!(wanted)))
            })
        };
        let all: Vec<Value> = all.filter(fits).collect();
        let total = all.len();
        let builds: Vec<Value> = all.into_iter().skip(offset).take(limit).collect();
        ok(&json!({ "builds": builds, "total": total, "limit": limit, "offset": offset }))
    }

    fn record(&self, scenario: &Scenario, now: Duration, age: u32) -> Value {
        let back = SignedDuration::from_mins(i64::from(age));
        let calendar = match self.calendar.epoch.checked_sub(back) {
            // What is over isn't played: it took its own time.
            Ok(epoch) if age > 0 => Calendar { epoch, speed: 1.0 },
            _ => self.calendar,
        };
        Value::Object(record::record(scenario, now, calendar))
    }

    fn build(&self, id: &str, now: Duration, odd: Option<&Oddity>) -> Reply {
        let record = if id == self.played.id {
            self.record(&self.played, now, 0)
        } else if let Some(past) = self.past.iter().find(|past| past.scenario.id == id) {
            self.record(&past.scenario, Duration::MAX, past.age)
        } else {
            return refusal(404, "Build not found");
        };
        match record {
            Value::Object(record) => ok(&record::reply(record, odd)),
            other => ok(&other),
        }
    }

    fn logs(
        &self,
        id: &str,
        query: &Query,
        now: Duration,
        nth: u64,
        fault: Option<&Fault>,
    ) -> Reply {
        let lag = match fault {
            Some(Fault::Lag(lag)) => *lag,
            _ => Duration::ZERO,
        };
        let log = if id == self.played.id {
            self.played.timeline.visible(now.saturating_sub(lag))
        } else if let Some(past) = self.past.iter().find(|past| past.scenario.id == id) {
            past.scenario.timeline.visible(Duration::MAX)
        } else {
            return refusal(404, "Build not found");
        };
        let Some(limit) = query.number("limit", 500).filter(|n| (1..=10_000).contains(n)) else {
            return refusal(400, "limit must be between 1 and 10000");
        };
        match self.window.serve(&log, limit, query.get("nextToken"), nth) {
            Served::Refused => refusal(400, "Unknown parameter: nextToken"),
            Served::Page(range, token) => {
                let events = log.get(range).unwrap_or_default();
                let mut reply = ok(&Value::Null);
                reply.body = logs_body(events, token.as_deref(), odd(fault));
                reply.log_bytes = events.iter().map(|event| event.len() + 1).sum();
                reply
            }
        }
    }
}

fn odd(fault: Option<&Fault>) -> Option<&Oddity> {
    match fault {
        Some(Fault::Odd(oddity)) => Some(oddity),
        _ => None,
    }
}

/// The body of a page of log. Written by hand, because an event may hold bytes
/// that are no UTF-8, and they are served as they are.
fn logs_body(events: &[&[u8]], token: Option<&str>, odd: Option<&Oddity>) -> Vec<u8> {
    let mut body = b"{\"logs\":".to_vec();
    if odd == Some(&Oddity::LogsNull) {
        body.extend_from_slice(b"null");
    } else {
        body.push(b'[');
        for (nth, event) in events.iter().enumerate() {
            if nth > 0 {
                body.push(b',');
            }
            match odd {
                Some(Oddity::LogObjects) => {
                    body.extend_from_slice(b"{\"message\":");
                    json_string(event, &mut body);
                    body.extend_from_slice(b",\"timestamp\":1795555555000}");
                }
                _ => json_string(event, &mut body),
            }
        }
        body.push(b']');
    }
    if let Some(token) = token {
        body.extend_from_slice(b",\"nextToken\":");
        json_string(token.as_bytes(), &mut body);
    }
    body.push(b'}');
    body
}

fn json_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// The query's parameters, decoded.
struct Query(Vec<(String, String)>);

impl Query {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str, default: usize) -> Option<usize> {
        self.get(name).map_or(Some(default), |value| value.parse().ok())
    }
}

fn unauthorised(header: Option<&str>) -> Option<Reply> {
    match header.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim) {
        None | Some("") => Some(refusal(401, "Unauthorized")),
        Some(key) if key.starts_with("pk_") => {
            Some(refusal(401, "Public API keys can't be used here"))
        }
        Some(_) => None,
    }
}

fn ok(body: &Value) -> Reply {
    Reply {
        status: 200,
        headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
        body: body.to_string().into_bytes(),
        log_bytes: 0,
        delivery: Delivery::Whole,
    }
}

fn refusal(status: u16, error: &str) -> Reply {
    Reply { status, ..ok(&json!({ "error": error, "code": status.to_string() })) }
}

fn text(status: u16, kind: &str, body: &str) -> Reply {
    Reply {
        status,
        headers: vec![("content-type", kind.to_owned())],
        body: body.as_bytes().to_vec(),
        log_bytes: 0,
        delivery: Delivery::Whole,
    }
}

/// The reply, after what befalls it.
fn befall(fault: Option<&Fault>, good: impl Fn() -> Reply, epoch: Timestamp) -> Reply {
    let delivered = |delivery| Reply { delivery, ..good() };
    match fault {
        None | Some(Fault::Odd(_) | Fault::Lag(_)) => good(),
        Some(Fault::Status(status)) => refusal(*status, "Simulated fault"),
        Some(Fault::Html(status)) => text(
            *status,
            "text/html",
            "<!DOCTYPE html><html><head><title>Sign in</title></head><body>\
             <h1>Please try again later</h1></body></html>",
        ),
        Some(Fault::Cloudflare(status)) => {
            text(*status, "text/plain; charset=UTF-8", &format!("error code: {status}"))
        }
        Some(Fault::TooMany(after)) => too_many(*after, epoch),
        Some(Fault::Redirect(to)) => {
            let mut reply = text(302, "text/plain", "");
            reply.headers.push(("location", to.clone()));
            reply
        }
        Some(Fault::Reset(after)) => delivered(Delivery::Reset(*after)),
        Some(Fault::Truncated(after)) => delivered(Delivery::Truncated(*after)),
        Some(Fault::Hang) => delivered(Delivery::Hang),
        Some(Fault::Slow { bytes, every }) => {
            delivered(Delivery::Slow { bytes: *bytes, every: *every })
        }
        Some(Fault::Endless) => delivered(Delivery::Endless),
        Some(Fault::GzipBomb(bytes)) => {
            let mut reply = ok(&Value::Null);
            reply.headers.push(("content-encoding", "gzip".to_owned()));
            reply.body = super::body::gzip_bomb(*bytes);
            reply
        }
    }
}

fn too_many(after: RetryAfter, epoch: Timestamp) -> Reply {
    let mut reply = refusal(429, "Too many requests");
    let http_date = |offset: i64| {
        let at = epoch.checked_add(SignedDuration::from_secs(offset)).unwrap_or(epoch);
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    match after {
        RetryAfter::Absent => {}
        RetryAfter::Seconds(n) => reply.headers.push(("retry-after", n.to_string())),
        RetryAfter::Absurd(what) => reply.headers.push(("retry-after", what.to_owned())),
        RetryAfter::Date { after, skew } => {
            reply.headers.push(("date", http_date(skew)));
            reply.headers.push(("retry-after", http_date(skew.saturating_add(after))));
        }
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::fault::Schedule;

    fn service(faults: Vec<FaultRule>) -> Service {
        let played = Scenario::embedded("default").unwrap();
        let epoch = "2026-11-24T00:00:00Z".parse().unwrap();
        Service::new(played, Window::default(), faults, epoch, 1.0).unwrap()
    }

    fn get(service: &Service, target: &str, seconds: u64) -> (u16, Value) {
        let request = Request {
            method: "GET".into(),
            target: target.into(),
            authorization: Some("Bearer sk_test".into()),
        };
        let reply = service.answer(&request, Duration::from_secs(seconds));
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }

    #[test]
    fn the_list_is_filtered_and_cut() {
        let service = service(vec![]);
        let (status, page) = get(&service, "/v1/builds", 0);
        assert_eq!((status, page["total"].as_u64()), (200, Some(20)));
        assert_eq!(page["builds"][0]["status"], "pending");
        let (_, page) = get(&service, "/v1/organizations/demo/builds?status=timeout&limit=1", 0);
        assert_eq!((page["total"].as_u64(), page["limit"].as_u64()), (Some(2), Some(1)));
        assert_eq!(page["builds"].as_array().unwrap().len(), 1);
        let (_, page) = get(&service, "/v1/builds?offset=19", 0);
        assert_eq!(page["builds"].as_array().unwrap().len(), 1);
        assert_eq!(get(&service, "/v1/builds?limit=0", 0).0, 400);
        let created: Vec<String> = get(&service, "/v1/builds", 0).1["builds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|b| b["createdAt"].as_str().unwrap().to_owned())
            .collect();
        assert!(created.is_sorted_by(|a, b| a >= b), "newest first: {created:?}");
    }

    #[test]
    fn the_log_grows_and_is_served_as_recorded() {
        let service = service(vec![]);
        let id = service.scenario().id.clone();
        let logs = |seconds| {
            let (_, page) = get(&service, &format!("/v1/builds/{id}/logs?limit=10000"), seconds);
            page["logs"].as_array().unwrap().len()
        };
        assert_eq!(logs(0), 0);
        assert!(logs(10) > 5);
        assert!(logs(20) > logs(10));
        let recorded = include_str!("../../assets/scenarios/default.log").lines().count();
        assert_eq!(logs(60), recorded);
        for past in &service.past {
            let (status, _) = get(&service, &format!("/v1/builds/{}", past.scenario.id), 0);
            assert_eq!(status, 200);
        }
    }

    #[test]
    fn who_may_not_ask_is_refused() {
        let service = service(vec![]);
        for key in [None, Some("Bearer "), Some("Basic x"), Some("Bearer pk_1")] {
            let request = Request {
                method: "GET".into(),
                target: "/v1/builds".into(),
                authorization: key.map(str::to_owned),
            };
            assert_eq!(service.answer(&request, Duration::ZERO).status, 401, "{key:?}");
        }
        assert_eq!(get(&service, "/v1/organizations/other/builds", 0).0, 404);
        let (status, body) = get(&service, "/v1/builds/00000000-0000-4000-8000-000000000000", 0);
        assert_eq!((status, body["code"].as_str()), (404, Some("404")));
    }

    #[test]
    fn faults_befall_the_requests_they_are_meant_for() {
        let service = service(vec![FaultRule {
            route: Route::Builds,
            when: Schedule::Requests(1..2),
            fault: Fault::TooMany(RetryAfter::Date { after: 5, skew: 3600 }),
        }]);
        assert_eq!(get(&service, "/v1/builds", 0).0, 200);
        let request = Request {
            method: "GET".into(),
            target: "/v1/builds".into(),
            authorization: Some("Bearer sk_test".into()),
        };
        let reply = service.answer(&request, Duration::ZERO);
        assert_eq!(reply.status, 429);
        assert!(reply.headers.contains(&("date", "Tue, 24 Nov 2026 01:00:00 GMT".into())));
        assert!(reply.headers.contains(&("retry-after", "Tue, 24 Nov 2026 01:00:05 GMT".into())));
        assert_eq!(get(&service, "/v1/builds", 0).0, 200);
    }
}
