//! `health`: one request, and whether its answer is a good one. Made for a container's health check, so it has no admin port
//! and starts nothing.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use dockercoins_kit::host::ADMIN_PORT;
use dockercoins_kit::settings::{address, duration};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST};
use hyper::http::uri::Scheme;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What is read of an answer's body, for its first line.
const REASON_LIMIT: usize = 4 * 1024;

/// Whom to ask.
#[derive(Debug, Args)]
pub struct Settings {
    /// What to ask [default: /readyz on the admin port of this machine]
    #[arg(long, value_name = "URL", value_parser = url)]
    url: Option<Uri>,

    /// Where the admin port listens, unless --url says what to ask [default: port 9090]
    #[arg(long, env = "ADMIN_LISTEN", value_name = "ADDRESS:PORT", value_parser = address)]
    admin_listen: Option<SocketAddr>,

    /// Time for the whole answer
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = duration)]
    timeout: Duration,
}

/// Why it is not healthy; each message is one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unhealthy {
    #[error("not healthy: cannot connect to {url}")]
    Unreachable { url: Uri, source: io::Error },
    #[error("not healthy: {url} broke off")]
    Broken { url: Uri, source: hyper::Error },
    #[error("not healthy: {url} answered {}{}", status.as_u16(), quote(reason))]
    Refused { url: Uri, status: StatusCode, reason: String },
    #[error("not healthy: {url} did not answer within {}", humantime::format_duration(*within))]
    Silent { url: Uri, within: Duration },
}

/// Fails unless the answer comes in time and its status is 2xx.
pub(crate) async fn check(settings: Settings) -> Result<(), Unhealthy> {
    let within = settings.timeout;
    let url = settings.url.unwrap_or_else(|| readiness(settings.admin_listen));
    let answer = tokio::time::timeout(within, get(&url)).await;
    answer.unwrap_or_else(|_| Err(Unhealthy::Silent { url, within }))
}

/// `/readyz` of an admin port that listens at `admin`.
fn readiness(admin: Option<SocketAddr>) -> Uri {
    let mut admin = admin.unwrap_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, ADMIN_PORT)));
    if admin.ip().is_unspecified() {
        admin.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    // An address makes a URL in every case.
    format!("http://{admin}/readyz").parse().unwrap_or_default()
}

async fn get(url: &Uri) -> Result<(), Unhealthy> {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, url.port_u16().unwrap_or(80))).await;
    let stream = stream.map_err(|source| Unhealthy::Unreachable { url: url.clone(), source })?;
    let response = exchange(stream, url).await;
    let response = response.map_err(|source| Unhealthy::Broken { url: url.clone(), source })?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    Err(Unhealthy::Refused { url: url.clone(), status, reason: first_line(response).await })
}

async fn exchange(stream: TcpStream, url: &Uri) -> hyper::Result<Response<Incoming>> {
    let (mut requests, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut request = Request::new(Empty::<Bytes>::new());
    let parts = [(HOST, url.authority().map_or("", |authority| authority.as_str())), (CONNECTION, "close")];
    for (name, value) in parts {
        request.headers_mut().extend(value.parse().ok().map(|value| (name, value)));
    }
    *request.uri_mut() = url.path_and_query().map_or_else(Uri::default, |path| path.clone().into());
    requests.send_request(request).await
}

/// The reason that the answer gives, if it gives one.
async fn first_line(response: Response<Incoming>) -> String {
    let body = Limited::new(response.into_body(), REASON_LIMIT).collect().await;
    let body = body.map_or(Bytes::new(), http_body_util::Collected::to_bytes);
    String::from_utf8_lossy(&body).lines().next().unwrap_or_default().trim().to_owned()
}

fn quote(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}

/// Parses a URL that can be asked.
fn url(text: &str) -> Result<Uri, String> {
    let wrong = || format!("`{text}` is no URL to ask; write it such as http://127.0.0.1:9090/readyz");
    let url: Uri = text.parse().map_err(|_| wrong())?;
    let authority = url.authority().filter(|_| url.scheme() == Some(&Scheme::HTTP)).ok_or_else(wrong)?;
    let port = authority.as_str().strip_prefix(authority.host()).ok_or_else(wrong)?;
    // `http` itself takes a wrong port for none.
    let port_is_right = port.is_empty() || port[1..].parse::<u16>().is_ok_and(|port| port > 0);
    if authority.host().is_empty() || !port_is_right { Err(wrong()) } else { Ok(url) }
}

#[cfg(test)]
mod tests;
