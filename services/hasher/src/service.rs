//! Which request is answered how. Everything passes through the station; only a success takes service time.

use std::future::ready;

use dockercoins_kit::Replica;
use dockercoins_kit::front::Front;
use dockercoins_kit::serve::{Body, text};
use dockercoins_kit::station::{Station, Work};
use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use crate::Settings;
use crate::digest::digest;

#[derive(Clone, Debug)]
pub(crate) struct Hasher {
    greeting: String,
    front: Front,
    max_body: u64,
}

impl Hasher {
    pub(crate) fn new(
        replica: &Replica,
        station: Station,
        settings: &Settings,
    ) -> Result<Self, prometheus::Error> {
        Ok(Self {
            greeting: format!("HASHER running on {}\n", replica.hostname),
            front: Front::new(replica, station)?,
            max_body: settings.max_body.as_u64(),
        })
    }

    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (head, body) = request.into_parts();
        match (head.uri.path(), head.method) {
            ("/", Method::POST) => self.front.answer("POST /", Work::Timed, self.digest(body)).await,
            ("/", Method::GET | Method::HEAD) => {
                let greeting = text(StatusCode::OK, self.greeting.clone());
                self.front.answer("/", Work::Free, ready(greeting)).await
            }
            ("/", _) => self.front.answer("other", Work::Free, ready(not_allowed())).await,
            _ => self.front.answer("other", Work::Free, ready(not_found())).await,
        }
    }

    async fn digest(&self, body: Incoming) -> Response<Body> {
        match digest(body, self.max_body).await {
            Ok(digest) => text(StatusCode::OK, digest),
            Err(refused) => refused.answer(),
        }
    }
}

fn not_found() -> Response<Body> {
    text(StatusCode::NOT_FOUND, "no such path: POST / for a digest, GET / for the name\n")
}

fn not_allowed() -> Response<Body> {
    let mut response =
        text(StatusCode::METHOD_NOT_ALLOWED, "hasher takes POST / for a digest, GET / for its name\n");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}
