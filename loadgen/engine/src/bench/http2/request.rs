//! From the bytes of an HTTP/1.1 request to a request of HTTP/2.

use bytes::Bytes;
use http::header::{CONNECTION, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, Method, Uri};
use http_body_util::Full;

use crate::target::Scheme;

/// Header lines that a request may have.
const MOST_HEADERS: usize = 256;

/// What belongs to a connection and not to a request (RFC 9113, 8.2.2).
const OF_CONNECTIONS: [HeaderName; 5] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The request in `bytes`, which hold all of it; `None` if HTTP/2 has no such request.
pub(super) fn translate(bytes: &[u8], scheme: Scheme) -> Option<http::Request<Full<Bytes>>> {
    let mut lines = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Request::new(&mut lines);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else { return None };
    let mut headers = HeaderMap::with_capacity(head.headers.len());
    for line in head.headers.iter() {
        let name = HeaderName::from_bytes(line.name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_bytes(line.value).ok()?);
    }
    // A host of its own has no place beside the one in the URI.
    let host = headers.remove(HOST)?;
    for name in OF_CONNECTIONS {
        headers.remove(name);
    }
    let uri = Uri::builder().scheme(scheme.as_str()).authority(host.as_bytes()).path_and_query(head.path?);
    let mut request = http::Request::new(Full::new(Bytes::copy_from_slice(&bytes[length..])));
    *request.method_mut() = Method::from_bytes(head.method?.as_bytes()).ok()?;
    *request.uri_mut() = uri.build().ok()?;
    *request.headers_mut() = headers;
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn a_request_keeps_its_meaning_and_loses_what_belongs_to_the_connection() {
        let text = b"POST /x?y HTTP/1.1\r\nhost: h:81\r\nConnection: close\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello";
        let request = translate(text, Scheme::Https).unwrap();
        assert_eq!(
            (request.method().as_str(), request.uri().to_string().as_str()),
            ("POST", "https://h:81/x?y")
        );
        let headers: Vec<_> = request.headers().iter().map(|(name, value)| (name.as_str(), value)).collect();
        assert_eq!(
            headers,
            [("x-a", &HeaderValue::from_static("1")), ("x-a", &HeaderValue::from_static("2"))]
        );
        assert_eq!(request.into_body().collect().await.unwrap().to_bytes(), "hello");
    }

    #[test]
    fn what_http2_cannot_say_is_no_request() {
        for text in
            ["GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nhost: a b\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\n"]
        {
            assert!(translate(text.as_bytes(), Scheme::Http).is_none(), "{text:?}");
        }
    }
}
