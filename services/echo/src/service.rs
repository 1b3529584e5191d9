//! Which request is answered how. What was asked for takes service time, errors among them; a refusal takes none.

use std::sync::Arc;

use ::bytes::Bytes;
use dockercoins_kit::Replica;
use dockercoins_kit::front::Front;
use dockercoins_kit::serve::{Body, shortened, text};
use dockercoins_kit::station::{Station, Work};
use dockercoins_kit::upload::{self, Refused};
use hyper::body::{Body as _, Incoming};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use crate::filler::filler;
use crate::received::Received;
use crate::{Format, Settings, bytes, chunked, delay, json, status, text as lines};

#[derive(Clone, Debug)]
pub(crate) struct Echo {
    hostname: Arc<str>,
    front: Front,
    format: Format,
    body_size: Option<u64>,
    max_body: u64,
    max_bytes: u64,
}

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked<'a> {
    Echo,
    Bytes(&'a str),
    Chunked(&'a str),
    Status(&'a str),
    Delay(&'a str),
}

impl<'a> Asked<'a> {
    fn of(path: &'a str) -> Self {
        let parts = path.strip_prefix('/').and_then(|path| path.split_once('/'));
        match parts {
            Some(("bytes", length)) => Self::Bytes(length),
            Some(("chunked", length)) => Self::Chunked(length),
            Some(("status", code)) => Self::Status(code),
            Some(("delay", time)) => Self::Delay(time),
            _ => Self::Echo,
        }
    }

    /// The name under which such requests are counted.
    const fn route(self) -> &'static str {
        match self {
            Self::Echo => "/",
            Self::Bytes(_) => "/bytes/N",
            Self::Chunked(_) => "/chunked/N",
            Self::Status(_) => "/status/CODE",
            Self::Delay(_) => "/delay/TIME",
        }
    }
}

impl Echo {
    pub(crate) fn new(
        replica: &Replica,
        station: Station,
        settings: &Settings,
    ) -> Result<Self, prometheus::Error> {
        Ok(Self {
            hostname: replica.hostname.as_str().into(),
            front: Front::new(replica, station)?,
            format: settings.format,
            body_size: settings.body_size.map(|size| size.as_u64()),
            max_body: settings.max_body.as_u64(),
            max_bytes: settings.max_bytes.as_u64(),
        })
    }

    pub(crate) async fn answer(&self, client: &str, request: Request<Incoming>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let asked = Asked::of(head.uri.path());
        self.front.answer_after(asked.route(), self.prepare(asked, client, &head, body)).await
    }

    async fn prepare(
        &self,
        asked: Asked<'_>,
        client: &str,
        head: &Parts,
        body: Incoming,
    ) -> (Work, Response<Body>) {
        let body = match whole(body, self.max_body).await {
            Ok(body) => body,
            Err(refused) => return (Work::Free, refused.answer()),
        };
        let received = Received { hostname: &self.hostname, client, head, body: &body };
        self.respond(asked, &received)
            .unwrap_or_else(|line| (Work::Free, text(StatusCode::BAD_REQUEST, format!("{line}\n"))))
    }

    fn respond(&self, asked: Asked<'_>, received: &Received<'_>) -> Result<(Work, Response<Body>), String> {
        if received.head.method == Method::CONNECT {
            return Err("echo makes no tunnels: send it any other method than CONNECT".to_owned());
        }
        let response = match asked {
            Asked::Echo => self.echo(received),
            Asked::Bytes(length) => bytes::answer(&shortened(length), self.max_bytes)?,
            Asked::Chunked(length) => chunked::answer(&shortened(length), self.max_bytes)?,
            Asked::Status(code) => status::answer(&shortened(code))?,
            Asked::Delay(time) => {
                return Ok((Work::Longer(delay::time(&shortened(time))?), self.echo(received)));
            }
        };
        Ok((Work::Timed, response))
    }

    fn echo(&self, received: &Received<'_>) -> Response<Body> {
        if let Some(length) = self.body_size {
            return filler(length).answer();
        }
        let Parts { uri, headers, .. } = received.head;
        match Format::wanted(uri.query(), headers, self.format) {
            Format::Text => lines::answer(received),
            Format::Json => json::answer(received),
        }
    }
}

/// The whole body, unless it is longer than `limit` bytes.
async fn whole(body: Incoming, limit: u64) -> Result<Bytes, Refused> {
    let mut bytes = Vec::new();
    if !body.is_end_stream() {
        upload::each(body, limit, |data| bytes.extend_from_slice(data)).await?;
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_asks_for_an_echo_unless_it_names_something_else() {
        for (path, asked) in [
            ("/", Asked::Echo),
            ("*", Asked::Echo),
            ("/bytes", Asked::Echo),
            ("/a/bytes/1", Asked::Echo),
            ("/bytes/1", Asked::Bytes("1")),
            ("/bytes/", Asked::Bytes("")),
            ("/chunked/64KiB", Asked::Chunked("64KiB")),
            ("/status/503", Asked::Status("503")),
            ("/delay/100ms", Asked::Delay("100ms")),
        ] {
            assert_eq!(Asked::of(path), asked, "{path}");
        }
    }
}
