//! What came: who sent it, the head of the request, and its body.

use std::borrow::Cow;
use std::sync::Arc;

use hyper::Version;
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use tokio::net::TcpStream;

/// A request, as it is written down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received<'a> {
    pub(crate) hostname: &'a str,
    pub(crate) client: &'a str,
    pub(crate) head: &'a Parts,
    pub(crate) body: &'a [u8],
}

/// The address at the other end; one of IPv4 is written as such, whatever the listener is.
pub(crate) fn client(stream: &TcpStream) -> Arc<str> {
    match stream.peer_addr() {
        Ok(mut peer) => {
            peer.set_ip(peer.ip().to_canonical());
            peer.to_string().into()
        }
        // Gone already.
        Err(_) => "unknown".into(),
    }
}

impl<'a> Received<'a> {
    /// Path and query as they were sent.
    pub(crate) fn path(&self) -> &'a str {
        self.head.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    /// The host that the request line names, as HTTP/2 and proxies have it, in place of a `host` header.
    pub(crate) fn authority(&self) -> Option<&'a str> {
        self.head.uri.authority().map(Authority::as_str)
    }

    /// The version of HTTP.
    pub(crate) fn http(&self) -> &'static str {
        match self.head.version {
            Version::HTTP_10 => "1.0",
            Version::HTTP_2 => "2",
            _ => "1.1",
        }
    }

    /// In the order in which their names came first, repeated ones one after another. What is not UTF-8 is replaced.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let headers = self.head.headers.iter();
        headers.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
    }

    /// The body, if it is text.
    pub(crate) fn text(&self) -> Option<&'a str> {
        std::str::from_utf8(self.body).ok()
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use hyper::Request;

    /// The head of `GET /hello?name=you` with a repeated header.
    pub(crate) fn head() -> Parts {
        let request = Request::get("/hello?name=you").header("host", "echo").header("x-twice", "one");
        request.header("accept", "*/*").header("x-twice", "two").body(()).unwrap().into_parts().0
    }

    /// That head with this `body`.
    pub(crate) fn received<'a>(head: &'a Parts, body: &'a [u8]) -> Received<'a> {
        Received { hostname: "echo-1", client: "127.0.0.1:40000", head, body }
    }
}
