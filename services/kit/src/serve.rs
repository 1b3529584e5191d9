//! Serving HTTP over a listener: limits and drain. What is answered is the handler's.

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::shutdown::Shutdown;

/// The body of every answer.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// The bytes that a request's header may have.
const HEADER_LIMIT: usize = 64 * 1024;

/// The bytes that are read of a header that is over the limit, so that its sender can be told.
const HEADER_BUFFER: usize = 2 * 1024 * 1024;

/// What open connections are given at the end for requests that are on their way: hyper drops a connection of which it
/// has read nothing, whatever the kernel holds of it. An answer in this time is the connection's last.
const LAST_CALL: Duration = Duration::from_millis(50);

/// Requests that one HTTP/2 connection may have in flight: hyper's own 200 would hold back a load of more.
const HTTP2_STREAMS: u32 = 10_000;

/// A connection that says nothing for so long is closed.
const HEADER_TIMEOUT: Duration = Duration::from_secs(60);

/// What a connection may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocols {
    /// HTTP/1.0 and HTTP/1.1.
    Http1,
    /// Those, and HTTP/2 with prior knowledge: the connection's first bytes tell.
    Http1And2,
}

/// An answer of one line of text.
pub fn text(status: StatusCode, line: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(line.into()).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// What of a request is repeated in such a line: nobody wants one of 64 KiB.
pub fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Serves HTTP/1.1 on `listener` until `shutdown` closes, then lets what is in flight finish.
pub async fn serve<H, F>(listener: TcpListener, shutdown: Shutdown, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    serve_each(listener, shutdown, Protocols::Http1, |_| handler.clone()).await;
}

/// The same with a handler for each connection, which `handler` makes, and with a choice of `protocols`.
pub async fn serve_each<H, F>(
    listener: TcpListener,
    shutdown: Shutdown,
    protocols: Protocols,
    handler: impl Fn(&TcpStream) -> H,
) where
    H: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let (last_call, _) = watch::channel(());
    let start = |stream| {
        let handler = handler(&stream);
        start(stream, protocols, last_call.subscribe(), &shutdown, handler);
    };
    tokio::select! {
        () = accept(&listener, start) => {}
        () = shutdown.closing() => {}
    }
    accept_rest(listener, start);
    if last_call.receiver_count() > 0 {
        tokio::time::sleep(LAST_CALL).await;
    }
    last_call.send_replace(());
    last_call.closed().await;
}

/// Starts whoever the kernel has let in already: they must not be thrown out by the listener's end. The kernel itself is
/// asked, since the runtime may not have heard of all of them yet.
pub fn accept_rest(listener: TcpListener, mut start: impl FnMut(TcpStream)) {
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, _)) = listener.accept() {
        let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
        stream.into_iter().for_each(&mut start);
    }
}

async fn accept(listener: &TcpListener, start: impl Fn(TcpStream)) {
    let mut failing = false;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                failing = false;
                start(stream);
            }
            Err(error) => {
                // Most likely there are no descriptors left; they come back as connections end.
                if !failing {
                    tracing::warn!("cannot accept connections, trying on: {error}");
                }
                failing = true;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn start<H, F>(
    stream: TcpStream,
    protocols: Protocols,
    last_call: watch::Receiver<()>,
    shutdown: &Shutdown,
    handler: H,
) where
    H: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    // Without it a small answer could wait 40 ms for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let shutdown = shutdown.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let version = request.version();
        let bodiless = version >= Version::HTTP_2 && request.method() == Method::HEAD;
        let answer = (header_bytes(&request) <= HEADER_LIMIT).then(|| handler(request));
        let shutdown = shutdown.clone();
        async move {
            let mut response = match answer {
                Some(answer) => answer.await,
                None => header_too_large(),
            };
            if shutdown.is_draining() && version < Version::HTTP_2 {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(if bodiless { without_body(response) } else { response })
        }
    });
    let stream = TokioIo::new(stream);
    match protocols {
        Protocols::Http1 => {
            let mut http1 = http1::Builder::new();
            http1.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(HEADER_BUFFER);
            tokio::spawn(live(http1.serve_connection(stream, service), last_call));
        }
        Protocols::Http1And2 => {
            let mut either = auto::Builder::new(TokioExecutor::new());
            either.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
            either.http1().max_buf_size(HEADER_BUFFER);
            either.http2().timer(TokioTimer::new()).max_concurrent_streams(HTTP2_STREAMS);
            tokio::spawn(live(either.serve_connection(stream, service).into_owned(), last_call));
        }
    }
}

/// Serves a connection to its end.
async fn live(connection: impl GracefulConnection, mut last_call: watch::Receiver<()>) {
    let mut connection = pin!(connection);
    // A client that breaks off is the client's business. The connection comes first: what has arrived by the last call is
    // read before it is told to end.
    tokio::select! {
        biased;
        _ = connection.as_mut() => return,
        _ = last_call.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// What HEAD is answered over HTTP/2, where hyper would send the body: of it, only the length is told.
fn without_body(response: Response<Body>) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        head.headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    Response::from_parts(head, Empty::new().boxed_unsync())
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

#[cfg(test)]
mod tests;
