//! The HTTP/2 connection to the other end: each `CONNECT` stream is a TCP connection from over there.

use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::upgrade::Upgraded;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite, join};

/// What the other end may send ahead of a slow reader, on one connection.
const STREAM_WINDOW: u32 = 256 * 1024;
/// On all of them: so much that a connection that nobody reads holds up no other.
const CONNECTION_WINDOW: u32 = 1024 * STREAM_WINDOW;
/// What is read of a refusal's reason.
const REASON_LIMIT: usize = 4 * 1024;

/// Why the other end made no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("{reason} ({status})")]
    Refused { status: StatusCode, reason: String },
    #[error(transparent)]
    Broken(#[from] hyper::Error),
}

/// A handle to the connection; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Link(SendRequest<Empty<Bytes>>);

impl Link {
    /// The connection over `reader` and `writer`, and the future that drives it and ends with it.
    pub(super) async fn over<R, W>(
        reader: R,
        writer: W,
    ) -> hyper::Result<(Self, impl Future<Output = ()> + Send)>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (requests, connection) = Builder::new(TokioExecutor::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .handshake(TokioIo::new(join(reader, writer)))
            .await?;
        Ok((Self(requests), async move {
            // How it ended shows in every request; what matters here is that it did.
            let _ = connection.await;
        }))
    }

    /// Returns once the other end has answered anything: then it speaks HTTP/2.
    pub(super) async fn greet(&self) -> hyper::Result<()> {
        self.send(Method::OPTIONS, Uri::from_static("http://tunnel/")).await.map(drop)
    }

    /// A connection from the other end to `target`.
    pub(super) async fn connect(&self, target: SocketAddr) -> Result<Upgraded, ConnectError> {
        // An address makes an authority in every case.
        let target = target.to_string().parse().unwrap_or_default();
        let response = self.send(Method::CONNECT, target).await?;
        match response.status() {
            StatusCode::OK => Ok(hyper::upgrade::on(response).await?),
            status => Err(ConnectError::Refused { status, reason: reason(response).await }),
        }
    }

    async fn send(&self, method: Method, uri: Uri) -> hyper::Result<Response<Incoming>> {
        let mut request = Request::new(Empty::new());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        self.0.clone().send_request(request).await
    }
}

async fn reason(response: Response<Incoming>) -> String {
    let body = Limited::new(response.into_body(), REASON_LIMIT).collect().await;
    let body = body.map_or(Bytes::new(), http_body_util::Collected::to_bytes);
    String::from_utf8_lossy(&body).trim().to_owned()
}
