//! A service whose certificate this machine has no reason to trust.
//!
//! The files in `tls/` are for these tests only: the certificate of a server at
//! 127.0.0.1 with its key, that of the authority which signed it, and that of
//! one which didn't. They end in a hundred years.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{DEFAULT, Home, KEY};

/// Where authorities are listed that the program trusts instead of the system's.
fn authority(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/tls").join(name)
}

/// An https server that takes one connection. Its end is what it read there
/// once it was safe, or how the handshake failed.
fn server() -> (String, JoinHandle<Result<String, String>>) {
    let certificate = CertificateDer::from(&include_bytes!("tls/server.crt")[..]);
    let key = PrivatePkcs8KeyDer::from(&include_bytes!("tls/server.key")[..]);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let serve = move || {
        let (tcp, _) = listener.accept().unwrap();
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), tcp);
        let mut request = Vec::new();
        let mut piece = [0; 1024];
        while !request.ends_with(b"\r\n\r\n") {
            match tls.read(&mut piece) {
                Ok(0) => return Err("it hung up".to_owned()),
                Ok(count) => request.extend_from_slice(&piece[..count]),
                Err(error) => return Err(error.to_string()),
            }
        }
        let body = format!(r#"{{"build":{{"id":"{DEFAULT}","status":"success"}}}}"#);
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n";
        write!(tls, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        tls.conn.send_close_notify();
        let _ = tls.flush();
        Ok(String::from_utf8(request).unwrap())
    };
    (url, std::thread::spawn(serve))
}

fn home(url: &str, authorities: &str) -> Home {
    Home::new()
        .with("PIPECAT_API_HOST", url)
        .with("PIPECAT_API_KEY", KEY)
        .with("SSL_CERT_FILE", authority(authorities).to_str().unwrap())
}

#[test]
fn a_certificate_of_an_unknown_issuer_gets_no_key() {
    let (url, server) = server();
    let said = home(&url, "other.pem").run(&["status", DEFAULT]);
    said.complains(
        3,
        &[
            "no secure connection: its certificate is from an issuer this computer doesn't know",
            "Nothing was sent; check this computer's clock, the network",
            "--api-host",
        ],
    );
    assert!(!said.stderr.contains(KEY), "{}", said.stderr);
    let seen = server.join().unwrap();
    assert!(seen.as_ref().is_err_and(|why| why.contains("UnknownCA")), "{seen:?}");
}

#[test]
fn a_certificate_of_a_known_issuer_gets_the_key() {
    let (url, server) = server();
    let said = home(&url, "trusted.pem").run(&["status", DEFAULT]);
    assert_eq!((said.code(), said.stderr.as_str()), (Some(0), ""));
    let request = server.join().unwrap().unwrap();
    assert!(request.starts_with(&format!("GET /v1/builds/{DEFAULT} HTTP/1.1\r\n")), "{request}");
    assert!(request.contains(&format!("Bearer {KEY}")), "{request}");
}
