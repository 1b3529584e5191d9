//! Serving HTTP/1.1 over a listener: limits, drain, and the counters of each route. What is answered is the handler's.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};

use crate::shutdown::Shutdown;

/// The body of every answer.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// The bytes that a request's header may have.
const HEADER_LIMIT: usize = 64 * 1024;

/// The bytes that are read of a header that is over the limit, so that its sender can be told.
const HEADER_BUFFER: usize = 2 * 1024 * 1024;

/// A connection that says nothing for so long is closed.
const HEADER_TIMEOUT: Duration = Duration::from_secs(60);

/// An answer of one line of text.
pub fn text(status: StatusCode, line: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(line.into()).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Serves `listener` until `shutdown` closes, then lets what is in flight finish.
pub async fn serve<H, F>(listener: TcpListener, shutdown: Shutdown, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let connections = GracefulShutdown::new();
    let start = |stream| start(stream, &connections, &shutdown, handler.clone());
    tokio::select! {
        () = accept(&listener, start) => {}
        () = shutdown.closing() => {}
    }
    // Whoever the kernel has let in already must not be thrown out by the listener's end.
    while let Some(Ok((stream, _))) = now_or_never(listener.accept()).await {
        start(stream);
    }
    drop(listener);
    connections.shutdown().await;
}

async fn now_or_never<F: Future>(future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

async fn accept(listener: &TcpListener, start: impl Fn(TcpStream)) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => start(stream),
            Err(error) => {
                // Most likely there are no descriptors left; they come back as connections end.
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn start<H, F>(stream: TcpStream, connections: &GracefulShutdown, shutdown: &Shutdown, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    // Without it a small answer could wait 40 ms for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let shutdown = shutdown.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = (header_bytes(&request) <= HEADER_LIMIT).then(|| handler(request));
        let shutdown = shutdown.clone();
        async move {
            let mut response = match answer {
                Some(answer) => answer.await,
                None => header_too_large(),
            };
            if shutdown.is_draining() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // A client that breaks off is the client's business.
        let _ = connection.await;
    });
}

fn header_bytes(request: &Request<Incoming>) -> usize {
    let path = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    let headers = request.headers().iter();
    path + headers.map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>()
}

fn header_too_large() -> Response<Body> {
    let line = format!("the request's header is over {} KiB: send less of it\n", HEADER_LIMIT / 1024);
    let mut response = text(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, line);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
