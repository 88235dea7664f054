//! The server: connections on loopback, and the journal of what was asked.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use super::body::{Delivery, Sending};
use super::clock::Clock;
use super::fault::FaultRule;
use super::journal::Entry;
use super::scenario::{Scenario, ScenarioError};
use super::service::{Request, Service};
use super::window::Window;
use crate::domain::BuildId;

/// The journal keeps this many of the latest requests, so that a server which
/// runs for days stays small.
const JOURNAL: usize = 100_000;

/// What is served, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The build that is played.
    pub scenario: Scenario,
    /// What tells the time.
    pub clock: Clock,
    /// How the log is cut into windows.
    pub window: Window,
    /// What goes wrong.
    pub faults: Vec<FaultRule>,
    /// The date of scenario time zero.
    pub epoch: Timestamp,
}

impl Options {
    /// A scenario at its own pace, from now on, with nothing going wrong.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            scenario,
            clock: Clock::Running(1.0),
            window: Window::default(),
            faults: Vec::new(),
            epoch: Timestamp::now(),
        }
    }
}

/// Why the simulation can't be started.
#[derive(Debug, thiserror::Error)]
pub enum CantServe {
    /// A recorded build can't be read.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// No port is to be had.
    #[error("no port of this machine can be listened on: {0}")]
    Listen(#[from] io::Error),
}

/// A running simulation. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    service: Service,
    clock: Clock,
    started: Instant,
    journal: Mutex<Vec<Entry>>,
}

impl Server {
    /// Starts to serve on a free port of 127.0.0.1. Scenario time begins now.
    ///
    /// # Errors
    /// When the recorded builds can't be read, or no port is to be had.
    pub async fn start(options: Options) -> Result<Self, CantServe> {
        let Options { scenario, clock, window, faults, epoch } = options;
        let service = Service::new(scenario, window, faults, epoch, clock.speed())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            service,
            clock,
            started: Instant::now(),
            journal: Mutex::new(Vec::new()),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens, as `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The id of the build that is played.
    pub fn build_id(&self) -> Option<BuildId> {
        self.shared.service.scenario().id.parse().ok()
    }

    /// The scenario that is played.
    pub fn scenario(&self) -> &Scenario {
        self.shared.service.scenario()
    }

    /// How far into the scenario we are.
    pub fn now(&self) -> Duration {
        self.shared.now()
    }

    /// What was asked so far, oldest first.
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.journal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn now(&self) -> Duration {
        self.clock.now(self.started)
    }

    fn log(&self, entry: Entry) {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        if journal.len() >= JOURNAL {
            journal.drain(..JOURNAL / 2);
        }
        journal.push(entry);
    }
}

/// Takes connections until it is aborted, which ends them too.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            taken = listener.accept() => match taken {
                Ok((stream, _)) => drop(connections.spawn(serve(stream, Arc::clone(&shared)))),
                // Out of file handles, or the client is gone already.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let reset = Arc::new(AtomicBool::new(false));
    let wire = Wire { stream, reset: Arc::clone(&reset) };
    let answer = service_fn(move |request| {
        let (shared, reset) = (Arc::clone(&shared), Arc::clone(&reset));
        async move { Ok::<_, Infallible>(answer(request, &shared, reset).await) }
    });
    // A client that goes away in mid-answer is no news.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(wire), answer)
        .await;
}

async fn answer(
    request: hyper::Request<Incoming>,
    shared: &Shared,
    reset: Arc<AtomicBool>,
) -> hyper::Response<Sending> {
    let at = shared.now();
    let authorization = request.headers().get(hyper::header::AUTHORIZATION);
    let request = Request {
        method: request.method().as_str().to_owned(),
        target: request.uri().path_and_query().map_or("/", |t| t.as_str()).to_owned(),
        authorization: authorization.and_then(|v| v.to_str().ok()).map(str::to_owned),
    };
    let reply = shared.service.answer(&request, at);
    shared.log(Entry {
        at,
        method: request.method,
        target: request.target,
        status: reply.status,
        bytes: reply.body.len(),
        log_bytes: reply.log_bytes,
    });
    if reply.delivery == Delivery::Hang {
        std::future::pending::<()>().await;
    }
    let mut response = hyper::Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let body = Sending::new(reply.body, reply.delivery, reset);
    response.body(body).unwrap_or_else(|_| {
        hyper::Response::new(Sending::new(Vec::new(), Delivery::Whole, Arc::default()))
    })
}

/// A connection that can end with a reset (RST) instead of a close (FIN).
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::SeqCst) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
