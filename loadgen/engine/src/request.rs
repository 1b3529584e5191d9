//! What is asked. Owns the form of a request on the wire.

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONNECTION, HOST, HeaderName, HeaderValue, PRAGMA, USER_AGENT};
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
    no_cache: bool,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Request {
    /// Asks `host` (as the `Host` header has it) for `path`, and to close the connection afterwards.
    pub fn new(method: Method, host: HeaderValue, path: PathAndQuery) -> Self {
        Self { method, host, path, keep_alive: false, no_cache: false, headers: Vec::new() }
    }

    /// Asks to keep the connection open, for another request.
    #[must_use]
    pub fn keep_alive(self) -> Self {
        Self { keep_alive: true, ..self }
    }

    /// Asks proxies on the way for a fresh answer.
    #[must_use]
    pub fn no_cache(self) -> Self {
        Self { no_cache: true, ..self }
    }

    /// Says this as well; in place of what it would say otherwise, such as its `User-Agent`.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn to_http(&self) -> http::Request<Empty<Bytes>> {
        let mut request = http::Request::new(Empty::new());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = Uri::from(self.path.clone());
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("loadgen/", env!("CARGO_PKG_VERSION"))));
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        if self.no_cache {
            headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        if !self.keep_alive {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        for (name, _) in &self.headers {
            headers.remove(name);
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_answer_and_an_open_connection_are_asked_for_on_demand() {
        let plain =
            Request::new(Method::GET, HeaderValue::from_static("rng"), PathAndQuery::from_static("/"));
        let headers = |request: Request| request.to_http().headers().clone();
        assert_eq!(headers(plain.clone())[CONNECTION], "close");
        assert!(!headers(plain.clone()).contains_key(CACHE_CONTROL));
        let asked = headers(plain.keep_alive().no_cache());
        assert!(!asked.contains_key(CONNECTION));
        assert_eq!(
            (asked[CACHE_CONTROL].as_bytes(), asked[PRAGMA].as_bytes()),
            (&b"no-cache"[..], &b"no-cache"[..])
        );
    }

    #[test]
    fn a_header_that_is_given_takes_the_place_of_the_usual_one_and_several_of_a_name_stay() {
        let (me, you) = (HeaderValue::from_static("me"), HeaderValue::from_static("you"));
        let plain =
            Request::new(Method::GET, HeaderValue::from_static("rng"), PathAndQuery::from_static("/"));
        let asked = plain.with(HOST, me.clone()).with(PRAGMA, me.clone()).with(PRAGMA, you.clone());
        let headers = asked.to_http().headers().clone();
        assert_eq!(headers.get_all(HOST).iter().collect::<Vec<_>>(), [&me]);
        assert_eq!(headers.get_all(PRAGMA).iter().collect::<Vec<_>>(), [&me, &you]);
    }
}
