//! The client: one origin, one credential, one attempt a call.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, DATE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::domain::BuildId;

use super::error::{ApiError, Asked, Context, Fault, Sent, Stage};
use super::excerpt::{is_html, title_of};
use super::{
    ApiFuture, BuildRecord, BuildsApi, BuildsPage, Credential, Identity, ListQuery, LogsPage,
    LogsQuery, MAX_LIST_LIMIT, MAX_LOGS_LIMIT, Origin, Secret, body, lossy, refusal, transport,
    wire,
};

/// What a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time to open a connection, name lookup and handshake included.
    pub connect: Duration,
    /// Time without a single byte, before the answer and within it.
    pub idle: Duration,
    /// Time for the whole request, whatever trickles in.
    pub total: Duration,
    /// Size of a body in bytes, decompressed.
    pub body: u64,
}

impl Default for Limits {
    /// A full log window is some 10,000 events; a page of the service's own
    /// store is at most 1 MB. 64 MiB and two minutes are generous for either.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(120),
            body: 64 << 20,
        }
    }
}

/// The longest token that is sent back, in bytes: each may take three in an
/// address, which may have 64 kB.
const LONGEST_TOKEN: usize = 16 << 10;

/// What a client is made from.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Where the API is. The key goes there and nowhere else.
    pub origin: Origin,
    /// What is sent.
    pub credential: Credential,
    /// What a request may take.
    pub limits: Limits,
}

impl ClientConfig {
    /// A client of this origin with this credential and the usual limits.
    pub fn new(origin: Origin, credential: Credential) -> Self {
        Self { origin, credential, limits: Limits::default() }
    }
}

/// The builds API over HTTP.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    secret: Secret,
    authorization: HeaderValue,
    paths: Paths,
    limits: Limits,
    context: Arc<Context>,
}

/// What the service answered.
#[derive(Debug)]
struct Answer {
    /// The JSON.
    body: Value,
    /// Its size in bytes, decompressed.
    bytes: u64,
    /// When it was served, by the service's clock.
    served: Option<Timestamp>,
}

/// Which of the two families of paths is used; the kind of credential decides.
#[derive(Debug)]
enum Paths {
    /// `/v1/builds…`
    Key,
    /// `/v1/organizations/{org}/builds…`. Without a configured organisation
    /// the first request asks for the token's own.
    Organization { org: OnceCell<String>, preferred: Option<String> },
}

impl Client {
    /// Makes a client; sends nothing yet.
    ///
    /// # Errors
    /// When the credential can't be sent, or there is no secure transport.
    pub fn new(config: ClientConfig) -> Result<Self, ApiError> {
        let ClientConfig { origin, credential, limits } = config;
        let label = credential.label();
        let (secret, sent, paths) = match credential.identity {
            Identity::Key(key) => (key, Sent::Key, Paths::Key),
            Identity::Token { token, org, preferred_org } => {
                let sent = match credential.source {
                    super::credentials::Source::CliFile(_) => Sent::CliToken,
                    _ => Sent::Token,
                };
                let org = OnceCell::new_with(org);
                (token, sent, Paths::Organization { org, preferred: preferred_org })
            }
        };
        tracing::debug!("asking {} with {label}", origin.authority());
        let context = Arc::new(Context { host: origin.authority(), credential: label, sent });
        let unusable = |detail: &str| ApiError {
            asked: Asked::Builds,
            fault: Fault::Unusable { detail: detail.to_owned() },
            context: Arc::clone(&context),
        };
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", secret.expose()))
            .map_err(|_| unusable("the credential holds characters that can't be sent"))?;
        authorization.set_sensitive(true);
        let base = Url::parse(&origin.to_string()).map_err(|_| unusable("the address is odd"))?;
        let http = http_client(&origin, limits)
            .map_err(|_| unusable("the system's certificates can't be loaded"))?;
        Ok(Self { http, base, secret, authorization, paths, limits, context })
    }

    fn error(&self, asked: Asked, fault: Fault) -> ApiError {
        ApiError { asked, fault, context: Arc::clone(&self.context) }
    }

    /// The address of a path; every segment is escaped.
    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url
    }

    /// The address of `builds…` under the paths of this credential.
    async fn builds_url(&self, rest: &[&str]) -> Result<Url, ApiError> {
        let mut segments = match &self.paths {
            Paths::Key => vec!["v1"],
            Paths::Organization { org, preferred } => {
                let found = org.get_or_try_init(|| self.organization(preferred.as_deref())).await?;
                vec!["v1", "organizations", found.as_str()]
            }
        };
        segments.push("builds");
        segments.extend(rest);
        Ok(self.url(&segments))
    }

    /// The organisation to ask for: the preferred one if the token belongs to
    /// it, else the first, as the official CLI does.
    async fn organization(&self, preferred: Option<&str>) -> Result<String, ApiError> {
        let answer = self.get(&Asked::Organizations, self.url(&["v1", "organizations"])).await?;
        let names = wire::organizations(&answer.body);
        let usable = |name: &&String| !matches!(name.as_str(), "." | "..");
        names
            .iter()
            .find(|name| Some(name.as_str()) == preferred)
            .or_else(|| names.iter().find(usable))
            .cloned()
            .ok_or_else(|| {
                let detail = "this token belongs to no organisation".to_owned();
                self.error(Asked::Organizations, Fault::Forbidden { detail: Some(detail) })
            })
    }

    /// One GET: what a success says.
    async fn get(&self, asked: &Asked, url: Url) -> Result<Answer, ApiError> {
        let query = url.query().unwrap_or_default();
        tracing::trace!("GET {}?{}", url.path(), self.secret.scrub(query));
        let started = tokio::time::Instant::now();
        let answer = self.fetch(asked, url).await;
        let took = started.elapsed().as_millis();
        match &answer {
            Ok(Answer { bytes, .. }) => tracing::debug!("{asked}: {bytes} bytes in {took} ms"),
            Err(error) => tracing::debug!("{asked}: {} after {took} ms", error.fault),
        }
        answer
    }

    async fn fetch(&self, asked: &Asked, url: Url) -> Result<Answer, ApiError> {
        let fail = |fault| self.error(asked.clone(), fault);
        // The one place where the key is attached. Paths are built from
        // segments, so the origin can't have changed; this holds it to that.
        if url.origin() != self.base.origin() {
            return Err(fail(Fault::Unusable { detail: "the address changed".to_owned() }));
        }
        // Addresses are written into logs all along the way.
        if self.is_key_in(url.as_str()) {
            let detail = "the key stands where a name should".to_owned();
            return Err(fail(Fault::Unusable { detail }));
        }
        let started = tokio::time::Instant::now();
        let request = self
            .http
            .request(Method::GET, url)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, self.authorization.clone());
        let mut response = request.send().await.map_err(|error| {
            let limit =
                if error.is_connect() { self.limits.connect } else { self.limit_struck(started) };
            fail(transport::fault(&error, Stage::Waiting, limit, 0))
        })?;
        let status = response.status().as_u16();
        if !response.status().is_success() {
            let body = body::beginning(&mut response).await;
            let (headers, now) = (response.headers(), SystemTime::now());
            return Err(fail(refusal::fault(status, headers, &body, Some(&self.secret), now)));
        }
        let served = date(response.headers());
        let body = body::whole(&mut response, self.limits.body)
            .await
            .map_err(|broken| fail(broken.fault(self.limit_struck(started))))?;
        if is_html(&body) {
            let title = title_of(&body, Some(&self.secret));
            return Err(fail(Fault::NotTheApi { title }));
        }
        let bytes = body.len() as u64;
        let body = lossy::parse(&body).map_err(|detail| fail(Fault::Unreadable { detail }))?;
        Ok(Answer { body, bytes, served })
    }

    /// The same with the key masked wherever it is repeated: what a record says
    /// is shown in titles, notifications and reports. A log keeps its bytes.
    async fn get_record(&self, asked: &Asked, url: Url) -> Result<Answer, ApiError> {
        let mut answer = self.get(asked, url).await?;
        self.mask(&mut answer.body);
        Ok(answer)
    }

    fn mask(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.is_key_in(text) => *text = self.secret.scrub(text),
            Value::Array(all) => all.iter_mut().for_each(|value| self.mask(value)),
            Value::Object(fields) => {
                fields.values_mut().for_each(|value| self.mask(value));
                let named: Vec<String> =
                    fields.keys().filter(|name| self.is_key_in(name)).cloned().collect();
                for name in named {
                    if let Some(value) = fields.remove(&name) {
                        fields.insert(self.secret.scrub(&name), value);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a text holds the key. One of a few letters may be a word.
    fn is_key_in(&self, text: &str) -> bool {
        let key = self.secret.expose();
        key.len() >= 8 && text.contains(key)
    }

    /// Which of the two time limits a timeout was: the one that has passed.
    fn limit_struck(&self, started: tokio::time::Instant) -> Duration {
        if started.elapsed() >= self.limits.total { self.limits.total } else { self.limits.idle }
    }

    /// What a decoder complains of, as an error; its words may be the service's.
    fn unreadable(&self, asked: Asked, detail: &str) -> ApiError {
        let detail = super::excerpt::excerpt(detail, Some(&self.secret))
            .unwrap_or_else(|| "it is empty".to_owned());
        self.error(asked, Fault::Unreadable { detail })
    }
}

impl BuildsApi for Client {
    fn build<'a>(&'a self, id: &'a BuildId) -> ApiFuture<'a, BuildRecord> {
        Box::pin(async move {
            let asked = Asked::Build(id.clone());
            let url = self.builds_url(&[id.as_str()]).await?;
            let Answer { body, served, .. } = self.get_record(&asked, url).await?;
            let record = wire::build(body).map_err(|detail| self.unreadable(asked, &detail))?;
            Ok(BuildRecord { served, ..record })
        })
    }

    fn builds<'a>(&'a self, query: &'a ListQuery) -> ApiFuture<'a, BuildsPage> {
        Box::pin(async move {
            let mut url = self.builds_url(&[]).await?;
            let limit = query.limit.map(|n| n.clamp(1, MAX_LIST_LIMIT).to_string());
            let offset = query.offset.map(|n| n.to_string());
            for (name, value) in [
                ("status", query.status.as_deref()),
                ("region", query.region.as_deref()),
                ("limit", limit.as_deref()),
                ("offset", offset.as_deref()),
            ] {
                if let Some(value) = value {
                    url.query_pairs_mut().append_pair(name, value);
                }
            }
            let answer = self.get_record(&Asked::Builds, url).await?;
            wire::builds(answer.body).map_err(|detail| self.unreadable(Asked::Builds, &detail))
        })
    }

    fn logs<'a>(&'a self, id: &'a BuildId, query: &'a LogsQuery) -> ApiFuture<'a, LogsPage> {
        Box::pin(async move {
            let asked = Asked::Logs(id.clone());
            let mut url = self.builds_url(&[id.as_str(), "logs"]).await?;
            let limit = query.limit.clamp(1, MAX_LOGS_LIMIT).to_string();
            url.query_pairs_mut().append_pair("limit", &limit);
            if let Some(token) = &query.next_token {
                url.query_pairs_mut().append_pair("nextToken", token);
            }
            let Answer { body, bytes, .. } = self.get(&asked, url).await?;
            let mut page =
                wire::logs(body, bytes).map_err(|detail| self.unreadable(asked, &detail))?;
            // One that can't be sent leads nowhere.
            page.next_token = page
                .next_token
                .filter(|token| token.len() <= LONGEST_TOKEN && !self.is_key_in(token));
            Ok(page)
        })
    }
}

/// When an answer was served, by the service's clock.
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(DATE)?.to_str().ok()?;
    httpdate::parse_http_date(date.trim()).ok()?.try_into().ok()
}

fn http_client(origin: &Origin, limits: Limits) -> Result<reqwest::Client, reqwest::Error> {
    // Fails when one is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("buildcat/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(limits.connect)
        .read_timeout(limits.idle)
        .timeout(limits.total)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    if origin.is_https() {
        builder.https_only(true).build()
    } else {
        // No proxy: it would be given the key in the clear. No roots: there is
        // nothing to verify, and loading the system's takes longer than the
        // demo's first screen may.
        //
        // `localhost` is this machine, and no resolver may say otherwise: the
        // name is why the key goes there without TLS.
        let here: [SocketAddr; 2] =
            [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        builder.no_proxy().tls_certs_only([]).resolve_to_addrs("localhost", &here).build()
    }
}
