//! Which request is answered how. Everything passes through the station; only a success takes service time.

use std::future::ready;

use dockercoins_kit::Replica;
use dockercoins_kit::front::Front;
use dockercoins_kit::serve::{Body, shortened, text};
use dockercoins_kit::station::{Station, Work};
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, Response, StatusCode};

use crate::bytes::random;
use crate::{Settings, Source};

#[derive(Clone, Debug)]
pub(crate) struct Rng {
    greeting: String,
    front: Front,
    max_bytes: u64,
    source: Source,
}

impl Rng {
    pub(crate) fn new(
        replica: &Replica,
        station: Station,
        settings: &Settings,
    ) -> Result<Self, prometheus::Error> {
        Ok(Self {
            greeting: format!("RNG running on {}\n", replica.hostname),
            front: Front::new(replica, station)?,
            max_bytes: settings.max_bytes.as_u64(),
            source: settings.source,
        })
    }

    pub(crate) async fn answer(&self, method: &Method, path: &str) -> Response<Body> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return self.front.answer("other", Work::Free, ready(not_allowed())).await;
        }
        if path == "/" {
            let greeting = text(StatusCode::OK, self.greeting.clone());
            return self.front.answer("/", Work::Free, ready(greeting)).await;
        }
        let response = self.bytes(path.trim_start_matches('/'));
        self.front.answer("/N", Work::Timed, ready(response)).await
    }

    fn bytes(&self, number: &str) -> Response<Body> {
        if number.is_empty() || !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return text(StatusCode::NOT_FOUND, not_a_number(number));
        }
        match number.parse() {
            Ok(length) if length <= self.max_bytes => random(length, self.source).answer(),
            _ => text(StatusCode::BAD_REQUEST, self.too_many(number)),
        }
    }

    fn too_many(&self, number: &str) -> String {
        let number = shortened(number);
        let limit = self.max_bytes;
        format!(
            "{number} bytes are over the limit of {limit}: ask for less, or raise --max-bytes (MAX_BYTES)\n"
        )
    }
}

fn not_a_number(path: &str) -> String {
    format!("`{}` is no number of bytes: ask for one, such as /32\n", shortened(path))
}

fn not_allowed() -> Response<Body> {
    let mut response =
        text(StatusCode::METHOD_NOT_ALLOWED, "rng takes GET: / for its name, /32 for 32 bytes\n");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
