//! Reading what a URL answers: a document, or just whether it answers.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1::handshake;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use loadgen_engine::target::Target;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What an answer gets.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest document that is read.
const LARGEST: usize = 16 * 1024 * 1024;

/// The document at `target`, from the first of its addresses that gives one; or why there is none.
pub(super) async fn document(target: &Target) -> Result<String, String> {
    let addresses = target.endpoint().resolve().await.map_err(|error| error.to_string())?;
    let mut wrong = String::new();
    for address in addresses {
        match get(target, address).await {
            Ok((status, body)) if status.is_success() => return Ok(body),
            Ok((status, _)) => wrong = format!("{} answered {status}", target.url()),
            Err(why) => wrong = why,
        }
    }
    Err(wrong)
}

/// Those addresses of `target` that answer with a status below 500, with that status; or why none does.
pub(super) async fn answering(target: &Target) -> Result<Vec<(SocketAddr, StatusCode)>, String> {
    let addresses = target.endpoint().resolve().await.map_err(|error| error.to_string())?;
    let (mut found, mut wrong) = (Vec::new(), String::new());
    for address in addresses {
        match get(target, address).await {
            Ok((status, _)) if !status.is_server_error() => found.push((address, status)),
            Ok((status, _)) => wrong = format!("{} answered {status}", target.url()),
            Err(why) => wrong = why,
        }
    }
    if found.is_empty() { Err(wrong) } else { Ok(found) }
}

async fn get(target: &Target, address: SocketAddr) -> Result<(StatusCode, String), String> {
    let url = target.url();
    match timeout(PATIENCE, exchange(target, address)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(why)) => Err(format!("{url} cannot be read: {why}")),
        Err(_) => Err(format!("{url} did not answer within {} s", PATIENCE.as_secs())),
    }
}

fn broken_off(error: &(dyn Error + 'static)) -> String {
    if error.is::<LengthLimitError>() {
        format!("it is longer than {} MiB", LARGEST / 1024 / 1024)
    } else {
        error.to_string()
    }
}

async fn exchange(target: &Target, address: SocketAddr) -> Result<(StatusCode, String), String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (mut sender, connection) =
        handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let request = Request::get(target.path())
        .header(header::HOST, target.authority())
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let answered = async {
        let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST).collect().await;
        let body = body.map_err(|error| broken_off(error.as_ref()))?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    };
    tokio::pin!(answered);
    tokio::select! {
        answer = &mut answered => answer,
        // What the connection has brought before it ended is still there.
        _ = connection => answered.await,
    }
}
