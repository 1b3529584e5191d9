//! What is asked. Owns the form of a request on the wire.

use bytes::Bytes;
use http::header::{ACCEPT, CONNECTION, HOST, HeaderValue, USER_AGENT};
use http::uri::PathAndQuery;
use http::{Method, Uri};
use http_body_util::Empty;

/// A request without a body.
#[derive(Clone, Debug)]
pub struct Request {
    method: Method,
    host: HeaderValue,
    path: PathAndQuery,
    keep_alive: bool,
}

impl Request {
    /// Asks `host` (as the `Host` header has it) for `path`, and to close the connection afterwards.
    pub fn new(method: Method, host: HeaderValue, path: PathAndQuery) -> Self {
        Self { method, host, path, keep_alive: false }
    }

    /// Asks to keep the connection open, for another request.
    #[must_use]
    pub fn keep_alive(self) -> Self {
        Self { keep_alive: true, ..self }
    }

    pub(crate) fn to_http(&self) -> http::Request<Empty<Bytes>> {
        let mut request = http::Request::new(Empty::new());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = Uri::from(self.path.clone());
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("loadgen/", env!("CARGO_PKG_VERSION"))));
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        if !self.keep_alive {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        request
    }
}
