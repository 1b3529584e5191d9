//! What was received, as one JSON object.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dockercoins_kit::serve::{Body, text};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::received::Received;

#[derive(Serialize)]
struct Object<'a> {
    hostname: &'a str,
    client: &'a str,
    method: &'a str,
    path: &'a str,
    http: &'static str,
    authority: Option<&'a str>,
    headers: Vec<Header<'a>>,
    body: Content<'a>,
}

#[derive(Serialize)]
struct Header<'a> {
    name: &'a str,
    value: Cow<'a, str>,
}

/// Either a text or, if it is none, base64.
#[derive(Serialize)]
struct Content<'a> {
    bytes: usize,
    text: Option<&'a str>,
    base64: Option<String>,
}

pub(crate) fn answer(received: &Received) -> Response<Body> {
    let mut response = text(StatusCode::OK, Bytes::from(written(received)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn written(received: &Received) -> Vec<u8> {
    let object = Object {
        hostname: received.hostname,
        client: received.client,
        method: received.head.method.as_str(),
        path: received.path(),
        http: received.http(),
        authority: received.authority(),
        headers: received.headers().map(|(name, value)| Header { name, value }).collect(),
        body: content(received),
    };
    // Texts and numbers always serialise; an empty body would show up as a client's parse error.
    let mut json = serde_json::to_vec(&object).unwrap_or_default();
    json.push(b'\n');
    json
}

fn content<'a>(received: &Received<'a>) -> Content<'a> {
    let text = received.text();
    let base64 = text.is_none().then(|| STANDARD.encode(received.body));
    Content { bytes: received.body.len(), text, base64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::received::testing::{head, received};
    use serde_json::{Value, json};

    fn read(body: &[u8]) -> Value {
        serde_json::from_slice(&written(&received(&head(), body))).unwrap()
    }

    #[test]
    fn every_part_of_a_request_has_its_key_and_headers_keep_their_order() {
        let header = |name: &str, value: &str| json!({ "name": name, "value": value });
        let headers = [
            header("host", "echo"),
            header("x-twice", "one"),
            header("x-twice", "two"),
            header("accept", "*/*"),
        ];
        let expected = json!({
            "hostname": "echo-1", "client": "127.0.0.1:40000", "method": "GET", "path": "/hello?name=you",
            "http": "1.1", "authority": null, "headers": headers,
            "body": { "bytes": 5, "text": "hello", "base64": null },
        });
        assert_eq!(read(b"hello"), expected);
    }

    #[test]
    fn a_body_that_is_no_text_is_in_base64() {
        assert_eq!(read(b"\xff\x00\x01")["body"], json!({ "bytes": 3, "text": null, "base64": "/wAB" }));
        assert_eq!(read(b"")["body"], json!({ "bytes": 0, "text": "", "base64": null }));
    }
}
