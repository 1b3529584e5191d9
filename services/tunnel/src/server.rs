//! HTTP/2 without a preceding negotiation, over any reader and writer. Owns what each request gets: a connection, or why
//! there is none.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional_with_sizes, join};
use tokio::net::TcpStream;

use crate::dial::dial;

/// Connections at a time.
const STREAMS: u32 = 1024;
/// What one connection's client may send ahead of a slow target.
const STREAM_WINDOW: u32 = 256 * 1024;
/// All of them together: so much that a connection that nobody reads holds up no other.
const CONNECTION_WINDOW: u32 = STREAMS * STREAM_WINDOW;
/// The applications' messages fit in one buffer.
const BUFFER: usize = 8 * 1024;

/// The other side broke off, or does not speak HTTP/2.
#[derive(Debug, thiserror::Error)]
#[error("the other side broke off, or does not speak HTTP/2")]
pub struct TunnelError(#[from] hyper::Error);

/// Serves one HTTP/2 connection until `reader` ends. Each `CONNECT HOST:PORT` becomes a TCP connection, its stream that
/// connection's bytes; without one the answer's status and body say why.
pub async fn run<R, W>(reader: R, writer: W) -> Result<(), TunnelError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let connection = http2::Builder::new(TokioExecutor::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        // Limits against hostile clients; this one owns the process, and may break off as many connections as it likes.
        .max_pending_accept_reset_streams(usize::MAX)
        .max_local_error_reset_streams(None)
        .serve_connection(TokioIo::new(join(reader, writer)), service_fn(answer));
    Ok(connection.await?)
}

async fn answer(mut request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() != Method::CONNECT {
        let mut refusal = refusal(StatusCode::METHOD_NOT_ALLOWED, "a tunnel takes CONNECT");
        refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("CONNECT"));
        return Ok(refusal);
    }
    Ok(match dial(request.uri().authority()).await {
        Ok(target) => {
            tokio::spawn(relay(hyper::upgrade::on(&mut request), target));
            Response::default()
        }
        Err(error) => refusal(error.status(), &error.to_string()),
    })
}

fn refusal(status: StatusCode, reason: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(format!("{reason}\n")));
    *response.status_mut() = status;
    response
}

async fn relay(client: OnUpgrade, mut target: TcpStream) {
    // A client that is gone before its answer needs no connection.
    let Ok(client) = client.await else { return };
    let mut client = TokioIo::new(client);
    // Either side may break off at any time; the other then sees its connection close, which is all there is to tell.
    let _ = copy_bidirectional_with_sizes(&mut client, &mut target, BUFFER, BUFFER).await;
}

#[cfg(test)]
mod tests;
