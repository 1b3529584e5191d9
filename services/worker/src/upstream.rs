//! rng and hasher, as a loop sees them: one kind of request each, over fresh or kept connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use tokio::time::timeout;

use crate::addresses::Addresses;
use crate::failure::Failure;
use crate::origin::Origin;
use crate::settings::Settings;
use crate::tally::{Stage, Tally};
use crate::wire::Wire;

/// Long enough for a lost SYN to be sent twice more, since a full backlog loses some.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// A hash has 64 digits; the rest is room for white space.
const HASH_LIMIT: usize = 256;

/// What all loops know of one upstream.
#[derive(Debug)]
pub(crate) struct Upstream {
    stage: Stage,
    addresses: Addresses,
    form: Form,
    answer_limit: usize,
    keep_alive: bool,
    timeout: Duration,
    tally: Arc<Tally>,
}

/// The request, but for its body.
#[derive(Debug)]
struct Form {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Form {
    fn new(method: Method, origin: &Origin, path: &str, keep_alive: bool) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, origin.host_header());
        if method == Method::POST {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        }
        if !keep_alive {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // The prefix comes out of a URL and what follows are digits, so this always is a path.
        let uri = origin.path(path).parse().unwrap_or_default();
        Self { method, uri, headers }
    }

    fn with(&self, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}

impl Upstream {
    /// rng, asked for the bytes of one unit of work.
    pub(crate) fn rng(settings: &Settings, tally: &Arc<Tally>) -> Self {
        let path = format!("/{}", settings.bytes);
        let form = Form::new(Method::GET, &settings.rng_url, &path, settings.keep_alive);
        let addresses = Addresses::of(&settings.rng_url, settings.address_choice);
        Self::new(Stage::Rng, addresses, form, settings.bytes as usize, settings, tally)
    }

    /// hasher, sent the bytes to hash.
    pub(crate) fn hasher(settings: &Settings, tally: &Arc<Tally>) -> Self {
        let form = Form::new(Method::POST, &settings.hasher_url, "/", settings.keep_alive);
        let addresses = Addresses::of(&settings.hasher_url, settings.address_choice);
        Self::new(Stage::Hasher, addresses, form, HASH_LIMIT, settings, tally)
    }

    fn new(
        stage: Stage,
        addresses: Addresses,
        form: Form,
        answer_limit: usize,
        settings: &Settings,
        tally: &Arc<Tally>,
    ) -> Self {
        let Settings { keep_alive, request_timeout: timeout, .. } = *settings;
        Self { stage, addresses, form, answer_limit, keep_alive, timeout, tally: tally.clone() }
    }

    async fn connect(&self) -> Result<Wire, Failure> {
        let mut refusal = None;
        for address in self.addresses.next().await? {
            match connect_to(address).await {
                Ok(wire) => {
                    self.tally.connection(self.stage);
                    return Ok(wire);
                }
                Err(failure) => refusal = Some(failure),
            }
        }
        Err(refusal.unwrap_or_else(|| self.addresses.none()))
    }
}

async fn connect_to(address: SocketAddr) -> Result<Wire, Failure> {
    let connected = timeout(CONNECT_TIMEOUT, Wire::connect(address)).await;
    let connected = connected.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    connected.map_err(|source| Failure::Connect { address, source })
}

/// One loop's way to an upstream.
#[derive(Debug)]
pub(crate) struct Caller {
    upstream: Arc<Upstream>,
    kept: Option<Wire>,
}

impl Caller {
    /// A caller with no connection yet.
    pub(crate) fn new(upstream: Arc<Upstream>) -> Self {
        Self { upstream, kept: None }
    }

    /// Sends the upstream's request with this `body`; returns the body of the answer, which was a 200.
    pub(crate) async fn call(&mut self, body: Bytes) -> Result<Bytes, Failure> {
        let limit = self.upstream.timeout;
        timeout(limit, self.exchange(body)).await.unwrap_or(Err(Failure::Timeout(limit)))
    }

    async fn exchange(&mut self, body: Bytes) -> Result<Bytes, Failure> {
        let upstream = self.upstream.clone();
        if let Some(mut wire) = self.kept.take() {
            match wire.send(upstream.form.with(body.clone())).await {
                Ok(response) => return self.finish(wire, response).await,
                Err(error) if error.is_parse() => return Err(error.into()),
                // Closed while it lay idle; to ask twice does no harm, since both upstreams only compute.
                Err(_) => {}
            }
        }
        let mut wire = upstream.connect().await?;
        let response = wire.send(upstream.form.with(body)).await?;
        self.finish(wire, response).await
    }

    async fn finish(&mut self, mut wire: Wire, response: Response<Incoming>) -> Result<Bytes, Failure> {
        if response.status() != StatusCode::OK {
            return Err(Failure::Status(response.status()));
        }
        let body = wire.body(response.into_body(), self.upstream.answer_limit).await?;
        if self.upstream.keep_alive && wire.is_open() {
            self.kept = Some(wire);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests;
