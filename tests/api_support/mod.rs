//! A server that replies with the bytes it is told to, and writes down what it
//! was asked.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use buildcat::api::credentials::Source;
use buildcat::api::{Client, ClientConfig, Credential, Identity, Limits, Origin, Secret};
use buildcat::domain::BuildId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What is done once a reply's bytes are out.
#[derive(Clone)]
enum Then {
    Close,
    Reset,
    Hang,
    Endless(Vec<u8>, Duration),
}

/// One reply, and what becomes of the connection.
#[derive(Clone)]
pub struct Reply {
    bytes: Vec<u8>,
    then: Then,
}

impl Reply {
    /// These bytes, then the connection is closed.
    pub fn raw(bytes: &str) -> Self {
        Self { bytes: bytes.as_bytes().to_vec(), then: Then::Close }
    }

    /// A whole answer.
    pub fn with(status: &str, headers: &[(&str, &str)], body: String) -> Self {
        let mut reply = Self::raw(&head(status, headers, body.len()));
        reply.bytes.extend_from_slice(body.as_bytes());
        reply
    }

    /// A whole success of any bytes.
    pub fn bytes(headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut reply = Self::raw(&head("200 OK", headers, body.len()));
        reply.bytes.extend_from_slice(body);
        reply
    }

    /// The connection is reset instead of closed.
    pub fn reset(self) -> Self {
        Self { then: Then::Reset, ..self }
    }

    /// Nothing more comes, and the connection stays.
    pub fn hang(self) -> Self {
        Self { then: Then::Hang, ..self }
    }

    /// This comes again and again.
    pub fn endless(self, piece: &[u8], pause: Duration) -> Self {
        Self { then: Then::Endless(piece.to_vec(), pause), ..self }
    }
}

fn head(status: &str, headers: &[(&str, &str)], length: usize) -> String {
    let mut head =
        format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}

/// A success with a JSON body.
pub fn json(body: serde_json::Value) -> Reply {
    Reply::with("200 OK", &[("content-type", "application/json")], body.to_string())
}

/// Packed bytes.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What was asked: the head of a request (or whatever came first).
#[derive(Clone)]
pub struct Asked {
    pub head: String,
}

impl Asked {
    /// The first line.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (n, value) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// The server. Connections get the replies in turn; the last one's is kept.
pub struct Server {
    address: std::net::SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let journal = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            let mut replies = replies.into_iter();
            while let Ok((stream, _)) = listener.accept().await {
                let Some(reply) = replies.next() else { continue };
                connections.spawn(serve(stream, reply, Arc::clone(&journal)));
            }
        });
        Self { address, asked, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn requests(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, journal: Arc<Mutex<Vec<Asked>>>) {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => head.extend_from_slice(&piece[..n]),
            _ => break,
        }
        // A TLS handshake has no blank line to wait for.
        if head.first() == Some(&0x16) {
            break;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    journal.lock().unwrap().push(Asked { head });
    let _ = stream.write_all(&reply.bytes).await;
    match reply.then {
        Then::Close => {
            let _ = stream.shutdown().await;
        }
        // Closing with unread input pending resets; linger 0 does it for sure.
        Then::Reset => {
            let _ = stream.set_zero_linger();
        }
        Then::Hang => std::future::pending().await,
        Then::Endless(piece, pause) => loop {
            if stream.write_all(&piece).await.is_err() {
                break;
            }
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        },
    }
}

/// A build id.
pub fn id() -> BuildId {
    "7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e44".parse().unwrap()
}

pub fn key(text: &str) -> Credential {
    let identity = Identity::Key(Secret::new(text));
    Credential { identity, source: Source::KeyVariable, warnings: vec![] }
}

pub fn token(text: &str, org: Option<&str>, preferred: Option<&str>) -> Credential {
    let identity = Identity::Token {
        token: Secret::new(text),
        org: org.map(str::to_owned),
        preferred_org: preferred.map(str::to_owned),
    };
    Credential { identity, source: Source::TokenVariable, warnings: vec![] }
}

pub fn client(server: &Server, credential: Credential) -> Client {
    client_with(&server.url(), credential, Limits::default())
}

pub fn client_with(url: &str, credential: Credential, limits: Limits) -> Client {
    let origin = Origin::parse(url, &[]).unwrap();
    Client::new(ClientConfig { origin, credential, limits }).unwrap()
}
