//! The key, looked for in everything that the process says and writes.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use crate::support::{DEFAULT, Home, KEY, Service};

/// All that a run left: its output, and every file below the home directory,
/// the configuration aside.
#[track_caller]
fn no_key_in(home: &Home, args: &[&str]) {
    fn files(dir: &Path, all: &mut Vec<u8>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, all);
            } else if !path.ends_with("config.toml") {
                all.extend(std::fs::read(&path).unwrap());
            }
        }
    }
    let output = home.run(args);
    let mut all = output.stdout;
    all.extend(output.stderr.into_bytes());
    files(home.path(), &mut all);
    let all = String::from_utf8_lossy(&all);
    // The key, and most of it.
    for part in [KEY, &KEY[3..], &KEY[..KEY.len() - 2]] {
        assert!(!all.contains(part), "{args:?}: {all}");
    }
}

#[test]
fn no_command_shows_the_key() {
    let service = Service::start("default");
    let everything: &[&[&str]] = &[
        &["list", "-vv"],
        &["status", "latest", "-vv", "--format", "json"],
        &["logs", DEFAULT, "-vv", "-o", "build.log"],
        &["diagnose", DEFAULT, "-vv"],
        &["steps", DEFAULT, "-vv"],
        &["config", "show"],
        &["config", "check"],
        &["config", "path"],
        &["rules", "list"],
        &["--help"],
        &["logs", "--help"],
        &["watch"],
        &["logs", "not-an-id"],
        &["list", "--api-host", "https://sk_neverprinted@a.example"],
        &["list", "--api-host", "http://a.example"],
        // In the wrong place.
        &["logs", KEY, "-vv"],
        &["status", KEY],
        &["watch", KEY],
        &["list", "--api-host", KEY, "-vv"],
        &["list", "--api-host", "https://a.example/?key=sk_neverprinted"],
        &["config", "show", "--api-host", KEY],
        &["config", "check", "--poll-interval", KEY],
        &["rules", "show", KEY],
        &["diagnose", KEY],
        &[KEY],
        &["list", KEY],
    ];
    for args in everything {
        no_key_in(&service.home(), args);
        let home = Home::new().with("PIPECAT_API_HOST", service.url());
        home.file(".config/buildcat/config.toml", &format!("api_key = \"{KEY}\"\n"));
        no_key_in(&home, args);
    }
}

#[test]
fn a_key_in_the_wrong_place_of_the_configuration_is_not_shown() {
    for line in ["api_key_command", "api_host", "org", "theme", "poll_interval", "apikey"] {
        for args in [&["list", "-vv"][..], &["config", "show"], &["config", "check"]] {
            let (_closed, host) = crate::support::closed();
            let home = Home::new().with("PIPECAT_API_HOST", &host);
            home.file(".config/buildcat/config.toml", &format!("{line} = \"{KEY}\"\n"));
            no_key_in(&home, args);
        }
    }
}

/// A service, or what stands in its place, that repeats what it was sent.
#[test]
fn what_a_service_repeats_of_the_key_is_masked() {
    let answers: [fn(&str) -> String; 7] = [
        |key| answer("401 No", "", &format!(r#"{{"error":"bad key {key}","code":"{key}"}}"#)),
        |key| answer("503 No", "", &format!("<html><title>no {key}</title>{key}</html>")),
        |key| answer("200 OK", "", &format!("<html><title>{key}</title></html>")),
        |key| answer("302 No", &format!("location: https://{key}.a.example/?{key}\r\n"), ""),
        |key| answer("200 OK", "", &format!(r#"{{"error":"{key}"}}"#)),
        |key| answer("200 OK", "", &record(key)),
        |key| answer("200 OK", "", &format!(r#"{{"builds":[{}],"{key}":1}}"#, record(key))),
    ];
    for reply in answers {
        for args in [
            vec!["list", "-vv"],
            vec!["list", "--format", "json"],
            vec!["status", DEFAULT],
            vec!["status", DEFAULT, "--format", "json"],
            vec!["logs", DEFAULT, "-vv"],
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let serve = std::thread::spawn(move || {
                let Ok((mut stream, _)) = listener.accept() else { return };
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                let mut head = Vec::new();
                let mut piece = [0; 1024];
                while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                    match stream.read(&mut piece) {
                        Ok(n) if n > 0 => head.extend_from_slice(&piece[..n]),
                        _ => return,
                    }
                }
                let head = String::from_utf8(head).unwrap();
                let sent = head.lines().find_map(|line| line.split_once("Bearer "));
                let (_, key) = sent.expect("a key was sent");
                let _ = stream.write_all(reply(key).as_bytes());
            });
            let home = Home::new().with("PIPECAT_API_HOST", &url).with("PIPECAT_API_KEY", KEY);
            no_key_in(&home, &args);
            serve.join().unwrap();
        }
    }
}

/// One whose every text repeats the key.
fn record(key: &str) -> String {
    format!(
        r#"{{"id":"{DEFAULT}","status":"{key}","region":"{key}","errorMessage":"bad \u0022{key}\u0022",
        "dockerfilePath":"{key}/Dockerfile","ref":"{key}","more":[{{"{key}":"{key}"}}]}}"#
    )
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}
