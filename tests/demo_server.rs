//! The simulated API over real connections, read by hand: what a client gets
//! to see on the wire.

use std::time::Duration;

use buildcat::demo::{
    Clock, Fault, FaultRule, ManualClock, Options, Route, Scenario, Schedule, Server, scenarios,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn raw(server: &Server, target: &str) -> (Vec<u8>, std::io::Result<usize>) {
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: demo\r\nAuthorization: Bearer sk_test\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    let read = stream.read_to_end(&mut reply).await;
    (reply, read)
}

async fn json(server: &Server, target: &str) -> serde_json::Value {
    let (reply, read) = raw(server, target).await;
    read.unwrap();
    let reply = String::from_utf8(reply).unwrap();
    let (_, body) = reply.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

async fn server(clock: &ManualClock, faults: Vec<FaultRule>) -> Server {
    let scenario = Scenario::embedded("default").unwrap();
    let options = Options { clock: Clock::Manual(clock.clone()), faults, ..Options::new(scenario) };
    Server::start(options).await.unwrap()
}

#[tokio::test]
async fn a_build_is_played_from_pending_to_its_late_lines() {
    let clock = ManualClock::new();
    let server = server(&clock, vec![]).await;
    let id = server.build_id().unwrap();
    let record = format!("/v1/builds/{id}");
    let logs = format!("/v1/builds/{id}/logs?limit=10000");
    assert_eq!(json(&server, &record).await["build"]["status"], "pending");
    assert_eq!(json(&server, &logs).await["logs"].as_array().unwrap().len(), 0);

    clock.set(server.scenario().starts);
    assert_eq!(json(&server, &record).await["build"]["status"], "building");

    clock.set(server.scenario().ends);
    let over = json(&server, &record).await;
    assert_eq!(over["build"]["status"], "failed");
    assert_eq!(over["build"]["contextSizeBytes"], "18734");
    let at_end = json(&server, &logs).await["logs"].as_array().unwrap().len();

    clock.set(server.scenario().over());
    let all = json(&server, &logs).await["logs"].as_array().unwrap().clone();
    assert!(all.len() > at_end, "some lines come after the terminal status");
    let recorded: Vec<&str> = include_str!("../assets/scenarios/default.log").lines().collect();
    assert_eq!(all.iter().map(|l| l.as_str().unwrap()).collect::<Vec<_>>(), recorded);

    let journal = server.journal();
    assert_eq!(journal.len(), 6);
    assert_eq!(journal.iter().filter(|entry| entry.is_logs()).count(), 3);
    assert!(journal.iter().all(|entry| entry.status == 200));
}

#[tokio::test]
async fn a_body_can_break_off_in_two_ways() {
    let rule = |nth, fault| FaultRule {
        route: Route::Builds,
        when: Schedule::Requests(nth..nth + 1),
        fault,
    };
    let faults = vec![rule(0, Fault::Truncated(100)), rule(1, Fault::Reset(100))];
    let server = server(&ManualClock::new(), faults).await;
    let (reply, read) = raw(&server, "/v1/builds").await;
    read.unwrap();
    assert!(reply.starts_with(b"HTTP/1.1 200 OK"));
    assert!(!reply.ends_with(b"0\r\n\r\n"), "the end of the chunks is missing");
    let (_, read) = raw(&server, "/v1/builds").await;
    assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(json(&server, "/v1/builds").await["total"], 20);
}

#[tokio::test]
async fn dropping_the_server_ends_its_connections() {
    let fault = FaultRule { route: Route::Any, when: Schedule::Always, fault: Fault::Hang };
    let server = server(&ManualClock::new(), vec![fault]).await;
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream
        .write_all(b"GET /v1/builds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk_x\r\n\r\n")
        .await
        .unwrap();
    while server.journal().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(server);
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
    assert!(TcpStream::connect(&address).await.is_err());
}

#[tokio::test]
async fn the_clock_can_run_faster() {
    let scenario = Scenario::embedded("parallel").unwrap();
    let over = scenario.over();
    let options = Options { clock: Clock::Running(1e9), ..Options::new(scenario) };
    let server = Server::start(options).await.unwrap();
    while server.now() < over {
        tokio::task::yield_now().await;
    }
    let id = server.build_id().unwrap();
    assert_eq!(json(&server, &format!("/v1/builds/{id}")).await["build"]["status"], "failed");
}

#[test]
fn the_scenarios_can_be_listed() {
    let all = scenarios().unwrap();
    for name in [
        "default",
        "copy-missing",
        "pip-conflict",
        "native-build",
        "success-warnings",
        "timeout",
        "parallel",
    ] {
        assert!(all.iter().any(|s| s.name == name), "{name}");
    }
    assert!(all.iter().all(|s| s.seconds < Duration::from_secs(90).as_secs_f64()));
}
