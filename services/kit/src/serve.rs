//! Serving HTTP/1.1 over a listener: limits, drain, and the counters of each route. What is answered is the handler's.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
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
    let (last_call, _) = watch::channel(());
    let start = |stream| start(stream, last_call.subscribe(), &shutdown, handler.clone());
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

fn start<H, F>(stream: TcpStream, mut last_call: watch::Receiver<()>, shutdown: &Shutdown, handler: H)
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
    tokio::spawn(async move {
        let mut connection = pin!(connection);
        // A client that breaks off is the client's business. The connection comes first: what has arrived by the last call
        // is read before it is told to end.
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            _ = last_call.changed() => connection.as_mut().graceful_shutdown(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shutdown::shutdown;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    async fn ok(_: Request<Incoming>) -> Response<Body> {
        text(StatusCode::OK, "ok")
    }

    async fn answer(mut client: TcpStream) -> String {
        let mut answer = String::new();
        let read = tokio::time::timeout(Duration::from_secs(5), client.read_to_string(&mut answer));
        read.await.expect("the connection ends within 5 s").unwrap();
        answer
    }

    /// A hundred still fit into the kernel's backlog of 128.
    #[tokio::test]
    async fn whoever_has_connected_before_the_end_is_answered() {
        for clients in [1, 100] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut connected = Vec::new();
            for _ in 0..clients {
                let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
                client.write_all(REQUEST).await.unwrap();
                connected.push(client);
            }
            let (trigger, shutdown) = shutdown();
            trigger.close();
            // A machine so busy that the last call is over before anything of it is seen.
            tokio::spawn(async { std::thread::sleep(2 * LAST_CALL) });
            tokio::time::timeout(Duration::from_secs(5), serve(listener, shutdown, ok)).await.unwrap();
            for client in connected {
                assert!(answer(client).await.starts_with("HTTP/1.1 200"), "of {clients}");
            }
        }
    }

    #[tokio::test]
    async fn a_request_that_a_kept_connection_sends_at_the_end_is_answered_and_is_its_last() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (trigger, shutdown) = shutdown();
        let serving = tokio::spawn(serve(listener, shutdown, ok));
        client.write_all(REQUEST).await.unwrap();
        let mut first = [0; 512];
        assert!(client.read(&mut first).await.unwrap() > 0);
        trigger.close();
        client.write_all(REQUEST).await.unwrap();
        let last = answer(client).await;
        assert!(last.starts_with("HTTP/1.1 200") && last.contains("connection: close"), "{last}");
        serving.await.unwrap();
    }
}
