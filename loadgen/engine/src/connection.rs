//! One HTTP/1.1 connection. Owns its opening, the exchange of a request for an answer, and its reuse; timeouts are the
//! caller's.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use crate::answer::{Answer, served_by, server_timing};
use crate::endpoint::connect;
use crate::error::ExchangeError;
use crate::meter::{Meter, Metered, Reading};
use crate::request::Request;
use crate::route::Route;
use crate::split::Split;

type Io = http1::Connection<TokioIo<Metered>, Empty<Bytes>>;

/// A connection; dropping it closes it and gives up what is in flight.
#[derive(Debug)]
pub struct Connection {
    sender: http1::SendRequest<Empty<Bytes>>,
    /// Moves the bytes, polled by whoever waits for an answer; `None` once the connection has ended.
    io: Option<Io>,
    meter: Meter,
    peer: SocketAddr,
    /// Resolving and connecting; told by the first answer only.
    opening: Split,
}

impl Connection {
    /// Resolves the name, connects to the first of its addresses that accepts, and shakes hands if TLS is to be spoken.
    pub async fn open(route: &Route) -> Result<Self, ExchangeError> {
        let started_at = Instant::now();
        let (addresses, looked_up) = route.addresses().await?;
        let resolved_at = Instant::now();
        let (stream, peer) = connect(&addresses).await?;
        let connected_at = Instant::now();
        let (stream, shook_hands) = route.secure(stream).await?;
        let opening = Split {
            resolve: looked_up.then(|| resolved_at - started_at),
            connect: Some(connected_at - resolved_at),
            tls: shook_hands.then(|| connected_at.elapsed()),
            ..Split::default()
        };
        let meter = Meter::default();
        let (sender, io) = http1::handshake(TokioIo::new(meter.attach(stream)))
            .await
            .map_err(|source| ExchangeError::Broken { peer, source })?;
        Ok(Self { sender, io: Some(io), meter, peer, opening })
    }

    /// Sends a request and receives its whole answer. The connection can take another one afterwards if both sides
    /// wanted to keep it alive.
    pub async fn send(&mut self, request: &Request) -> Result<Answer, ExchangeError> {
        self.meter.reset();
        let began_at = Instant::now();
        let peer = self.peer;
        let exchange = exchange(&mut self.sender, request);
        let (head, body_bytes) =
            drive(&mut self.io, exchange).await.map_err(|source| ExchangeError::Broken { peer, source })?;
        let reading = self.meter.read();
        Ok(Answer {
            status: head.status,
            header_bytes: reading.header_bytes,
            body_bytes,
            peer,
            served_by: served_by(&head.headers),
            server_timing: server_timing(&head.headers),
            split: timed(std::mem::take(&mut self.opening), began_at, &reading),
        })
    }
}

/// `opening` and the exchange that `began_at`, whose answer has just ended.
fn timed(opening: Split, began_at: Instant, reading: &Reading) -> Split {
    let ended_at = Instant::now();
    let first_byte_at = reading.first_byte_at.unwrap_or(ended_at);
    // A server may answer before it has heard all.
    let sent_at = reading.sent_at.unwrap_or(began_at).min(first_byte_at);
    Split {
        send: Some(sent_at - began_at),
        wait: Some(first_byte_at - sent_at),
        receive: Some(ended_at - first_byte_at),
        ..opening
    }
}

async fn exchange(
    sender: &mut http1::SendRequest<Empty<Bytes>>,
    request: &Request,
) -> hyper::Result<(http::response::Parts, u64)> {
    sender.ready().await?;
    let (head, body) = sender.send_request(request.to_http()).await?.into_parts();
    Ok((head, drain(body).await?))
}

async fn drain(mut body: Incoming) -> hyper::Result<u64> {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, |data| data.len() as u64);
    }
    Ok(bytes)
}

/// Runs the exchange while moving the connection's bytes, all in the caller's task.
async fn drive<T>(io: &mut Option<Io>, exchange: impl Future<Output = T>) -> T {
    let mut exchange = pin!(exchange);
    if let Some(moving) = io {
        tokio::select! {
            biased;
            done = &mut exchange => return done,
            // Whatever came before the end, or why it broke, is now waiting for the exchange.
            _ = moving => *io = None,
        }
    }
    exchange.await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Endpoint;
    use crate::outcome::{Failure, Outcome};
    use crate::server_timing::ServerTiming;
    use crate::testing::{Behaviour, OK, Refusing, request, serve};
    use http::Method;
    use std::time::Duration;

    async fn get(behaviour: Behaviour) -> Result<Answer, ExchangeError> {
        let server = serve(behaviour).await;
        let mut connection = Connection::open(&Endpoint::Address(server.address).into()).await?;
        connection.send(&request(Method::GET)).await
    }

    #[tokio::test]
    async fn an_answer_tells_status_sizes_replica_and_times() {
        let ms = |millis| Some(Duration::from_millis(millis));
        let answer = get(Behaviour::Answer(OK)).await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header_bytes, OK.len() as u64 - 6);
        assert_eq!(answer.body_bytes, 6);
        assert_eq!(answer.served_by.as_deref(), Some("rng-1"));
        assert_eq!(answer.server_timing, ServerTiming { queue: ms(650), service: ms(100) });
        let Split { resolve, connect, tls, send, wait, receive } = answer.split;
        assert!(resolve.is_none() && tls.is_none());
        assert!([connect, send, wait, receive].iter().all(Option::is_some), "{:?}", answer.split);
    }

    #[tokio::test]
    async fn an_answer_to_head_has_no_body() {
        let server = serve(Behaviour::Answer("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")).await;
        let mut connection = Connection::open(&Endpoint::Address(server.address).into()).await.unwrap();
        let answer = connection.send(&request(Method::HEAD)).await.unwrap();
        assert_eq!((answer.header_bytes, answer.body_bytes), (38, 0));
    }

    #[tokio::test]
    async fn a_body_that_ends_with_the_connection_is_counted() {
        let answer = get(Behaviour::AnswerAndClose("HTTP/1.1 200 OK\r\n\r\nhello")).await.unwrap();
        assert_eq!((answer.header_bytes, answer.body_bytes), (19, 5));
    }

    #[tokio::test]
    async fn a_chunked_body_is_counted_without_its_framing() {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(get(Behaviour::Answer(chunked)).await.unwrap().body_bytes, 5);
    }

    #[tokio::test]
    async fn a_connection_serves_again_when_kept_alive() {
        let server = serve(Behaviour::Answer(OK)).await;
        let mut connection = Connection::open(&Endpoint::Address(server.address).into()).await.unwrap();
        for first in [true, false] {
            let answer = connection.send(&request(Method::GET).keep_alive()).await.unwrap();
            assert_eq!((answer.status.as_u16(), answer.body_bytes), (200, 6));
            assert_eq!(answer.split.connect.is_some(), first);
            assert_eq!(answer.header_bytes, OK.len() as u64 - 6);
        }
        assert_eq!(server.connections(), 1);
    }

    #[tokio::test]
    async fn each_way_to_fail_has_its_kind() {
        let cases = [
            (Behaviour::Reset, Failure::Reset),
            (Behaviour::AnswerAndClose(""), Failure::Closed),
            (Behaviour::AnswerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), Failure::Closed),
            (Behaviour::Answer("SSH-2.0-OpenSSH\r\n\r\n"), Failure::Malformed),
        ];
        for (behaviour, failure) in cases {
            let error = get(behaviour).await.unwrap_err();
            assert_eq!(error.outcome(), Outcome::Failed(failure), "{error}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_no_reset_one() {
        let refusing = Refusing::new();
        let error = Connection::open(&Endpoint::Address(refusing.address()).into()).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Failed(Failure::Refused));
    }
}
