//! One HTTP/1.1 connection to an upstream, driven by the task that uses it: a task of its own would cost two wake-ups per
//! request.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Connection, SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::failure::Failure;

/// A connection over which one request after the other can go.
#[derive(Debug)]
pub(crate) struct Wire {
    requests: SendRequest<Full<Bytes>>,
    transport: Transport,
    used: bool,
}

/// `None` once the connection has ended. It is dropped there and then: a request that it never took up would otherwise wait
/// for it for ever.
#[derive(Debug)]
struct Transport(Option<Connection<TokioIo<TcpStream>, Full<Bytes>>>);

impl Wire {
    /// Connects to `address`.
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        // Without it, a body sent after its header could wait 40 ms for the delayed acknowledgement.
        stream.set_nodelay(true)?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        Ok(Self { requests, transport: Transport(Some(connection)), used: false })
    }

    /// Sends `request` and waits for the head of its answer.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        if self.used {
            self.transport.carry(self.requests.ready()).await?;
        }
        self.used = true;
        self.transport.carry(self.requests.send_request(request)).await
    }

    /// Reads the body of an answer that [`send`](Self::send) gave, of at most `limit` bytes.
    pub(crate) async fn body(&mut self, body: Incoming, limit: usize) -> Result<Bytes, Failure> {
        let collected = self.transport.carry(Limited::new(body, limit).collect()).await;
        collected.map(http_body_util::Collected::to_bytes).map_err(Failure::Body)
    }

    /// Whether the other side may take another request. It may still turn out closed.
    pub(crate) fn is_open(&self) -> bool {
        self.transport.0.is_some()
    }
}

impl Transport {
    /// Moves bytes until `future`, which waits for some of them, is done.
    async fn carry<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            // The connection's own error reaches us through the future, which it ends.
            if self.0.as_mut().is_some_and(|connection| Pin::new(connection).poll(context).is_ready()) {
                self.0 = None;
            }
            future.as_mut().poll(context)
        })
        .await
    }
}
