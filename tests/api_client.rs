//! The client against a server on loopback that says exactly what a test
//! tells it to, byte for byte.
// The lints spare #[test] functions, not what they call.
#![allow(clippy::unwrap_used, clippy::panic)]

mod api_support;

use std::time::Duration;

use api_support::{Reply, Server, client, client_with, id, json, key, token};
use buildcat::api::{
    ApiError, BuildsApi as _, Client, ClientConfig, Fault, Limits, ListQuery, LogsQuery, Origin,
    Retry, Stage,
};
use buildcat::domain::BuildStatus;
use serde_json::json;

const KEY: &str = "sk_topsecret_0123456789";

#[tokio::test]
async fn a_request_is_what_the_documentation_says() {
    let server = Server::start(vec![json(json!({"logs": ["a", "b\n"], "nextToken": "f/1"}))]).await;
    let api = client(&server, key(KEY));
    let query = LogsQuery { limit: 5, next_token: Some("f/1 &x=ü".into()) };
    let page = api.logs(&id(), &query).await.unwrap();
    assert_eq!(page.events, [b"a".to_vec(), b"b\n".to_vec()]);
    assert_eq!(page.next_token.as_deref(), Some("f/1"));
    assert_eq!(
        page.bytes,
        json!({"logs": ["a", "b\n"], "nextToken": "f/1"}).to_string().len() as u64
    );
    let request = &server.requests()[0];
    let path =
        format!("GET /v1/builds/{}/logs?limit=5&nextToken=f%2F1+%26x%3D%C3%BC HTTP/1.1", id());
    assert_eq!(request.line(), path);
    assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
    let version = concat!("buildcat/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(version));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("accept-encoding"), Some("gzip"));
    assert_eq!(request.head.matches("topsecret").count(), 1, "the key is nowhere else");
}

#[tokio::test]
async fn a_token_that_cant_be_sent_back_is_none() {
    for token in ["x".repeat(70_000), format!("f/{KEY}")] {
        let page = json(json!({"logs": ["a"], "nextToken": token}));
        let server = Server::start(vec![page]).await;
        let query = LogsQuery { limit: 5, next_token: None };
        let page = client(&server, key(KEY)).logs(&id(), &query).await.unwrap();
        assert_eq!((page.events, page.next_token), (vec![b"a".to_vec()], None));
    }
}

#[tokio::test]
async fn the_key_is_in_no_address_even_where_it_was_given_for_a_name() {
    let server = Server::start(vec![json(json!({"builds": []}))]).await;
    let query = ListQuery { region: Some(KEY.into()), ..ListQuery::default() };
    let error = client(&server, key(KEY)).builds(&query).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Unusable { .. }), "{error:?}");
    assert!(server.requests().is_empty() && !error.sentence().contains(KEY));
}

#[tokio::test]
async fn lists_and_records_have_their_paths_and_bounds() {
    let empty = || json(json!({"builds": [], "logs": [], "status": "failed"}));
    let server = Server::start(vec![empty(), empty(), empty(), empty(), empty()]).await;
    let api = client(&server, key(KEY));
    api.builds(&ListQuery::default()).await.unwrap();
    let query = ListQuery {
        status: Some("in progress".into()),
        region: Some("us-west".into()),
        limit: Some(1000),
        offset: Some(7),
    };
    api.builds(&query).await.unwrap();
    assert_eq!(api.build(&id()).await.unwrap().build.status, BuildStatus::Failed);
    api.logs(&id(), &LogsQuery { limit: 0, next_token: None }).await.unwrap();
    api.logs(&id(), &LogsQuery { limit: u32::MAX, next_token: None }).await.unwrap();
    let lines: Vec<_> = server.requests().iter().map(|r| r.line().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "GET /v1/builds HTTP/1.1".to_owned(),
            "GET /v1/builds?status=in+progress&region=us-west&limit=100&offset=7 HTTP/1.1"
                .to_owned(),
            format!("GET /v1/builds/{} HTTP/1.1", id()),
            format!("GET /v1/builds/{}/logs?limit=1 HTTP/1.1", id()),
            format!("GET /v1/builds/{}/logs?limit=10000 HTTP/1.1", id()),
        ]
    );
}

#[tokio::test]
async fn a_token_asks_under_its_organisation() {
    let server = Server::start(vec![json(json!({"builds": []}))]).await;
    let api = client(&server, token(KEY, Some("my org/../x"), None));
    api.builds(&ListQuery::default()).await.unwrap();
    assert_eq!(
        server.requests()[0].line(),
        "GET /v1/organizations/my%20org%2F..%2Fx/builds HTTP/1.1"
    );
}

#[tokio::test]
async fn a_token_without_an_organisation_looks_its_own_up_once() {
    let orgs = json!({"organizations": [{"name": "first"}, {"name": "second"}]});
    for (preferred, taken) in [(None, "first"), (Some("second"), "second"), (Some("x"), "first")] {
        let list = || json(json!({"builds": []}));
        let server = Server::start(vec![json(orgs.clone()), list(), list()]).await;
        let api = client(&server, token(KEY, None, preferred));
        api.builds(&ListQuery::default()).await.unwrap();
        api.builds(&ListQuery::default()).await.unwrap();
        let lines: Vec<_> = server.requests().iter().map(|r| r.line().to_owned()).collect();
        let builds = format!("GET /v1/organizations/{taken}/builds HTTP/1.1");
        assert_eq!(lines, ["GET /v1/organizations HTTP/1.1", &builds, &builds]);
    }
}

#[tokio::test]
async fn a_token_of_no_organisation_says_so() {
    let server = Server::start(vec![json(json!({"organizations": []}))]).await;
    let api = client(&server, token(KEY, None, None));
    let error = api.builds(&ListQuery::default()).await.unwrap_err();
    assert!(error.sentence().contains("this token belongs to no organisation"), "{error}");
    assert_eq!(error.retry(), Retry::Never);
}

/// The error that one reply gives to a request for a log.
async fn fault_of(reply: Reply) -> ApiError {
    let server = Server::start(vec![reply]).await;
    let error = client(&server, key(KEY)).logs(&id(), &LogsQuery::default()).await.unwrap_err();
    let said = format!("{error} {error:?} {} {:?}", error.brief(), error.problem());
    assert!(!said.contains("topsecret"), "{said}");
    error
}

fn page(status: &str, title: &str) -> Reply {
    Reply::with(status, &[("content-type", "text/html")], format!("<html><title>{title}</title>"))
}

/// Host aside, the sentence.
fn sentence(error: &ApiError) -> String {
    error.sentence().replace(&error.context.host, "HOST")
}

#[tokio::test]
async fn every_refusal_is_a_sentence_with_the_next_step() {
    let body = |text: &str| json!({"error": text, "code": "PCC-1"}).to_string();
    let echo = body(&format!("bad key {KEY}"));
    for (reply, retry, brief, said) in [
        (
            Reply::with("401 Unauthorized", &[], echo),
            Retry::Never,
            "refused (401)",
            "HOST refused the key from PIPECAT_API_KEY (401: bad key •••••••• [PCC-1]). Create a \
             private key in the Pipecat Cloud dashboard under Settings › API Keys, and set \
             PIPECAT_API_KEY to it.",
        ),
        (
            Reply::with("403 Forbidden", &[], body("no")),
            Retry::Never,
            "not allowed (403)",
            "HOST doesn't let the key from PIPECAT_API_KEY see the log of build 7f3f8c1e (403: no \
             [PCC-1]). Use a private key of the organisation that the build belongs to.",
        ),
        (
            page("403 Forbidden", "Attention Required! | Cloudflare"),
            Retry::Never,
            "blocked (403)",
            "Asked HOST for the log of build 7f3f8c1e: a web page came back that blocks access \
             (403: Attention Required! | Cloudflare). A proxy or firewall stands between; try \
             another network, or ask whoever runs it.",
        ),
        (
            Reply::with("404 Not Found", &[], body("Build not found")),
            Retry::Never,
            "not found (404)",
            "Asked HOST for the log of build 7f3f8c1e: it isn't there (404: Build not found \
             [PCC-1]). The build may have been deleted, or belong to another organisation; \
             `buildcat list` shows what the key from PIPECAT_API_KEY can see.",
        ),
        (
            Reply::with("400 Bad Request", &[], body("bad token")),
            Retry::Never,
            "not accepted (400)",
            "Asked HOST for the log of build 7f3f8c1e: the request was not accepted (400: bad \
             token [PCC-1]). Check the values of the request; if they are right, this version of \
             buildcat and the service don't understand each other.",
        ),
        (
            Reply::with("429 Too Many Requests", &[("retry-after", "7")], String::new()),
            Retry::After(Duration::from_secs(7)),
            "too many requests (429)",
            "Asked HOST for the log of build 7f3f8c1e: too many requests (429). Wait a little; a \
             longer --poll-interval asks less often.",
        ),
        (
            page("503 Service Unavailable", "503 Service Temporarily Unavailable"),
            Retry::Backoff,
            "503",
            "Asked HOST for the log of build 7f3f8c1e: the service is in trouble (503: 503 Service \
             Temporarily Unavailable). This is not your build's fault; try again later.",
        ),
        (
            page("522 Origin Timed Out", "api | 522: Connection timed out"),
            Retry::Backoff,
            "522",
            "Asked HOST for the log of build 7f3f8c1e: the service is in trouble (522: Connection \
             timed out). This is not your build's fault; try again later.",
        ),
        (
            page("200 OK", "Hotel WiFi"),
            Retry::Backoff,
            "web page, not the API",
            "Asked HOST for the log of build 7f3f8c1e: a web page came back instead of an answer: \
             Hotel WiFi. A network login page or a proxy answers in the API's place; open a \
             browser to log in to the network, or check --api-host.",
        ),
        (
            Reply::with("200 OK", &[], "{\"logs\": [\"cut".to_owned()),
            Retry::Backoff,
            "unreadable answer",
            "Asked HOST for the log of build 7f3f8c1e: the answer can't be read: it ends in the \
             middle (line 1, column 14). Try again; if it stays so, check --api-host.",
        ),
        (
            Reply::with("200 OK", &[], "{\"error\": \"later\"}".to_owned()),
            Retry::Backoff,
            "unreadable answer",
            "Asked HOST for the log of build 7f3f8c1e: the answer can't be read: it says: later. \
             Try again; if it stays so, check --api-host.",
        ),
    ] {
        let error = fault_of(reply).await;
        assert_eq!(sentence(&error), said);
        assert_eq!((error.retry(), error.brief().as_str()), (retry, brief));
    }
}

#[tokio::test]
async fn a_wait_as_a_date_counts_from_the_services_own_clock() {
    let headers = [
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("retry-after", "Sun, 06 Nov 1994 08:49:49 GMT"),
    ];
    let error = fault_of(Reply::with("503 Busy", &headers, String::new())).await;
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(12)));
    for (asked, wait) in [("3600", 300), ("86400", 60)] {
        let slow = Reply::with("429 Slow", &[("retry-after", asked)], String::new());
        assert_eq!(fault_of(slow).await.retry(), Retry::After(Duration::from_secs(wait)));
    }
    let error = fault_of(Reply::with("429 Slow", &[("retry-after", "-3")], String::new())).await;
    assert_eq!(error.retry(), Retry::Backoff);
}

#[tokio::test]
async fn a_record_says_when_it_was_served_by_the_services_own_clock() {
    let date = |date| Reply::with("200 OK", &[("date", date)], r#"{"status":"failed"}"#.into());
    let server =
        Server::start(vec![date("Sun, 06 Nov 1994 08:49:37 GMT"), date("yesterday")]).await;
    let api = client(&server, key(KEY));
    let served = api.build(&id()).await.unwrap().served;
    assert_eq!(served, Some("1994-11-06T08:49:37Z".parse().unwrap()));
    assert_eq!(api.build(&id()).await.unwrap().served, None, "nonsense");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(vec![json(json!({"logs": []}))]).await;
    let to = format!("{}/v1/builds?echo={KEY}", elsewhere.url());
    let error = fault_of(Reply::with("302 Found", &[("location", &to)], String::new())).await;
    assert_eq!(error.fault, Fault::Redirect { status: 302, to: Some("127.0.0.1".into()) });
    assert!(error.sentence().contains("Redirects are not followed"), "{error}");
    assert_eq!(elsewhere.requests().len(), 0);
    // Nor within the origin: the service has no redirects, a proxy may.
    let error = fault_of(Reply::with("301 Moved", &[("location", "/v2/x")], String::new())).await;
    assert_eq!(error.fault, Fault::Redirect { status: 301, to: None });
}

#[tokio::test]
async fn connections_that_break_say_where() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"logs\": [\"a";
    let error = fault_of(Reply::raw(whole)).await;
    assert_eq!(error.fault, Fault::Broken { received: 12 });
    assert!(
        error.sentence().contains("the connection broke in mid-answer, after 12 bytes"),
        "{error}"
    );
    let error = fault_of(Reply::raw(whole).reset()).await;
    assert!(matches!(error.fault, Fault::Broken { .. }), "{error:?}");
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"log\r\n";
    assert_eq!(fault_of(Reply::raw(chunked)).await.fault, Fault::Broken { received: 5 });
    let error = fault_of(Reply::raw("")).await;
    assert_eq!(error.fault, Fault::Broken { received: 0 });
    assert!(error.sentence().contains("broke before an answer came"), "{error}");
    for nonsense in ["SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"] {
        let error = fault_of(Reply::raw(nonsense)).await;
        assert_eq!(error.retry(), Retry::Backoff, "{error:?}");
    }
}

#[tokio::test]
async fn nothing_listening_is_no_connection() {
    // Kept, so that nobody else listens there.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let api = client_with(&url, key(KEY), Limits::default());
    let error = api.builds(&ListQuery::default()).await.unwrap_err();
    assert!(error.sentence().contains("nothing listens there (connection refused)"), "{error}");
    assert_eq!((error.retry(), error.brief().as_str()), (Retry::Backoff, "no connection"));
}

fn short() -> Limits {
    Limits {
        connect: Duration::from_millis(150),
        idle: Duration::from_millis(150),
        total: Duration::from_millis(600),
        body: 1 << 20,
    }
}

#[tokio::test]
async fn hung_and_slow_answers_run_into_a_limit() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{";
    let slow = Reply::raw("HTTP/1.1 200 OK\r\n\r\n").endless(b" ", Duration::from_millis(20));
    for (reply, stage, limit) in [
        (Reply::raw("").hang(), Stage::Waiting, 150),
        (Reply::raw(head).hang(), Stage::Reading, 150),
        (slow, Stage::Reading, 600),
    ] {
        let server = Server::start(vec![reply]).await;
        let api = client_with(&server.url(), key(KEY), short());
        let error = api.logs(&id(), &LogsQuery::default()).await.unwrap_err();
        let limit = Duration::from_millis(limit);
        assert_eq!(error.fault, Fault::Timeout { stage, limit });
        assert_eq!((error.retry(), error.brief().as_str()), (Retry::Backoff, "no answer in time"));
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_is_a_connection_that_doesnt_come_about() {
    let server = Server::start(vec![Reply::raw("").hang()]).await;
    let limits = Limits { idle: Duration::from_secs(5), ..short() };
    let api = client_with(&server.url().replace("http:", "https:"), key(KEY), limits);
    let error = api.builds(&ListQuery::default()).await.unwrap_err();
    let limit = limits.connect;
    assert_eq!(error.fault, Fault::Timeout { stage: Stage::Connecting, limit });
    assert!(error.sentence().contains("no connection within 0.15 s"), "{error}");
}

#[tokio::test]
async fn what_doesnt_speak_tls_gets_no_key() {
    let server = Server::start(vec![Reply::raw("HTTP/1.1 400 Bad Request\r\n\r\n")]).await;
    let api = client_with(&server.url().replace("http:", "https:"), key(KEY), Limits::default());
    let error = api.builds(&ListQuery::default()).await.unwrap_err();
    assert!(error.sentence().contains("what answers there doesn't speak TLS"), "{error:?}");
    assert_eq!((error.retry(), error.brief().as_str()), (Retry::Backoff, "no secure connection"));
    assert!(server.requests().iter().all(|r| !r.head.contains("topsecret")));
}

#[tokio::test]
async fn a_name_that_cant_be_looked_up_is_said() {
    // A label of 64 letters is no name: nobody on the network is asked.
    let host = format!("{}.invalid", "a".repeat(64));
    for scheme in ["https", "http"] {
        let named = [host.clone()];
        let origin = Origin::parse(&format!("{scheme}://{host}"), &named).unwrap();
        let api = Client::new(ClientConfig::new(origin, key(KEY))).unwrap();
        let error = api.builds(&ListQuery::default()).await.unwrap_err();
        assert_eq!(error.fault, Fault::Dns, "{scheme}");
        let said = error.sentence();
        assert!(said.contains("its name can't be looked up. Check the network"), "{said}");
        assert_eq!(error.brief(), "no such host");
    }
}

#[tokio::test]
async fn compressed_answers_are_read() {
    let body = api_support::gzip(json!({"logs": ["packed"]}).to_string().as_bytes());
    let server = Server::start(vec![Reply::bytes(&[("content-encoding", "gzip")], &body)]).await;
    let page = client(&server, key(KEY)).logs(&id(), &LogsQuery::default()).await.unwrap();
    assert_eq!(page.events, [b"packed".to_vec()]);
    let error = fault_of(Reply::bytes(&[("content-encoding", "gzip")], b"not packed")).await;
    assert!(error.sentence().contains("its compression is broken"), "{error:?}");
    let cut = body.get(..body.len() / 2).unwrap();
    let error = fault_of(Reply::bytes(&[("content-encoding", "gzip")], cut)).await;
    assert_eq!(error.retry(), Retry::Backoff, "{error:?}");
}

#[tokio::test]
async fn bodies_without_end_are_refused() {
    let limits = Limits { body: 1 << 20, ..Limits::default() };
    // 100 MB of blanks in some 100 kB.
    let bomb = api_support::gzip(&vec![b' '; 100_000_000]);
    let blanks = vec![b' '; 64 * 1024];
    let endless = Reply::raw("HTTP/1.1 200 OK\r\n\r\n").endless(&blanks, Duration::ZERO);
    for reply in [Reply::bytes(&[("content-encoding", "gzip")], &bomb), endless] {
        let server = Server::start(vec![reply]).await;
        let api = client_with(&server.url(), key(KEY), limits);
        let error = api.logs(&id(), &LogsQuery::default()).await.unwrap_err();
        assert_eq!(error.fault, Fault::TooBig { limit: 1 << 20 });
        assert!(
            error.sentence().contains(
                "the answer is larger than 1 MiB; it was not read to its end. If --api-host is \
                 right, the log's lines are too long for buildcat: read it in the Pipecat Cloud \
                 dashboard."
            ),
            "{error}"
        );
        assert_eq!(error.retry(), Retry::Backoff);
    }
    // The same of a refusal: its status is what counts.
    let endless = Reply::raw("HTTP/1.1 500 Oops\r\n\r\n").endless(&blanks, Duration::ZERO);
    assert!(matches!(fault_of(endless).await.fault, Fault::Server { status: 500, .. }));
}

#[tokio::test]
async fn bad_bytes_lose_themselves_and_nothing_else() {
    let body =
        b"{\"logs\":[\"ok\",\"a\xff\xfeb\",\"c\\ud800d\",\"\\ud83d\\ude00\",\"\x1b[1mraw\"]}";
    let server = Server::start(vec![Reply::bytes(&[], body)]).await;
    let page = client(&server, key(KEY)).logs(&id(), &LogsQuery::default()).await.unwrap();
    let events: Vec<_> = page.events.iter().map(|e| String::from_utf8_lossy(e)).collect();
    assert_eq!(events, ["ok", "a\u{FFFD}\u{FFFD}b", "c\u{FFFD}d", "\u{1F600}", "\u{1b}[1mraw"]);
}

#[tokio::test]
async fn a_client_and_its_errors_never_show_the_key() {
    let server = Server::start(vec![json(json!({"message": KEY}))]).await;
    for credential in [key(KEY), token(KEY, Some("o"), None)] {
        let shown = format!("{credential:?} {}", credential.label());
        assert!(!shown.contains("topsecret"), "{shown}");
        let shown = format!("{:?}", client(&server, credential));
        assert!(!shown.contains("topsecret"), "{shown}");
    }
    let error = client(&server, key(KEY)).logs(&id(), &LogsQuery::default()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("topsecret"), "{error:?}");
}

#[tokio::test]
async fn a_request_that_is_dropped_is_over() {
    let server = Server::start(vec![Reply::raw("").hang(), json(json!({"logs": ["a"]}))]).await;
    let api = client(&server, key(KEY));
    let (id, query) = (id(), LogsQuery::default());
    let hung = tokio::time::timeout(Duration::from_millis(50), api.logs(&id, &query)).await;
    assert!(hung.is_err());
    assert_eq!(api.logs(&id, &query).await.unwrap().events.len(), 1);
}
