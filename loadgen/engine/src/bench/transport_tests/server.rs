//! A server of HTTP/1.1 or HTTP/2 that counts, over whatever stream it is given.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What a server speaks, and how it ends connections.
#[derive(Clone, Default)]
pub(super) struct Manners {
    pub(super) http2: bool,
    pub(super) tls: Option<TlsAcceptor>,
    /// Ends an HTTP/2 connection in good order when it takes this request.
    pub(super) goodbye_at: Option<usize>,
    /// Answers only when there is a permit.
    pub(super) gate: Option<Arc<Semaphore>>,
}

/// A running server; ends when dropped.
pub(super) struct Server {
    pub(super) address: Option<SocketAddr>,
    pub(super) counts: Arc<Counts>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
pub(super) struct Counts {
    pub(super) connections: AtomicUsize,
    pub(super) requests: AtomicUsize,
    in_flight: AtomicUsize,
    /// Most requests at a time.
    pub(super) most: AtomicUsize,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Server {
    /// On a free port.
    pub(super) async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, counts) = (listener.local_addr().unwrap(), Arc::<Counts>::default());
        let counting = counts.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counting.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(secure(stream, manners.clone(), counting.clone()));
            }
        });
        Self { address: Some(address), counts, accepting }
    }

    /// On a Unix socket.
    pub(super) fn at(path: &Path, manners: Manners) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let counts = Arc::<Counts>::default();
        let counting = counts.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counting.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(secure(stream, manners.clone(), counting.clone()));
            }
        });
        Self { address: None, counts, accepting }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.unwrap().port()
    }

    pub(super) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    pub(super) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }

    pub(super) fn most_at_a_time(&self) -> usize {
        self.counts.most.load(Ordering::SeqCst)
    }
}

async fn secure<S>(stream: S, manners: Manners, counts: Arc<Counts>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match &manners.tls {
        None => serve(stream, &manners, counts).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, &manners, counts).await;
            }
        }
    }
}

async fn serve<S>(stream: S, manners: &Manners, counts: Arc<Counts>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let taken = Arc::new(AtomicUsize::new(0));
    let (seen, gate) = (taken.clone(), manners.gate.clone());
    let service = service_fn(move |request| {
        seen.fetch_add(1, Ordering::SeqCst);
        answer(request, counts.clone(), gate.clone())
    });
    let io = TokioIo::new(stream);
    if !manners.http2 {
        let _ = http1::Builder::new().serve_connection(io, service).await;
        return;
    }
    let mut connection =
        std::pin::pin!(http2::Builder::new(TokioExecutor::new()).serve_connection(io, service));
    let goodbye_at = manners.goodbye_at.unwrap_or(usize::MAX);
    let mut ending = false;
    let _ = std::future::poll_fn(|cx| {
        let polled = connection.as_mut().poll(cx);
        if !ending && taken.load(Ordering::SeqCst) >= goodbye_at {
            ending = true;
            connection.as_mut().graceful_shutdown();
            return connection.as_mut().poll(cx);
        }
        polled
    })
    .await;
}

/// Says what was asked for, in headers and body.
async fn answer(
    request: Request<Incoming>,
    counts: Arc<Counts>,
    gate: Option<Arc<Semaphore>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    counts.requests.fetch_add(1, Ordering::SeqCst);
    let now = counts.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
    counts.most.fetch_max(now, Ordering::SeqCst);
    match gate {
        Some(gate) => gate.acquire().await.unwrap().forget(),
        None => tokio::task::yield_now().await,
    }
    counts.in_flight.fetch_sub(1, Ordering::SeqCst);
    let mut response = Response::new(Full::new(Bytes::from(request.uri().path().to_owned())));
    if request.uri().path() == "/missing" {
        *response.status_mut() = http::StatusCode::NOT_FOUND;
    }
    response.headers_mut().insert("x-served-by", HeaderValue::from_static("one"));
    response.headers_mut().insert("server-timing", HeaderValue::from_static("queue;dur=7, service;dur=3"));
    Ok(response)
}
