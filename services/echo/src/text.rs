//! What was received, as lines for people: who answered whom, and the request much as it was on the wire.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dockercoins_kit::serve::{Body, text};
use hyper::{Response, StatusCode};

use crate::received::Received;

/// Room for what curl sends.
const USUAL_LENGTH: usize = 512;

pub(crate) fn answer(received: &Received) -> Response<Body> {
    text(StatusCode::OK, written(received))
}

fn written(received: &Received) -> String {
    let mut text = String::with_capacity(USUAL_LENGTH + received.body.len());
    text.extend([received.hostname, " received from ", received.client, ":\n\n"]);
    text.extend([received.head.method.as_str(), " ", received.path(), " HTTP/", received.http(), "\n"]);
    if let Some(authority) = received.authority() {
        text.extend([":authority: ", authority, "\n"]);
    }
    for (name, value) in received.headers() {
        text.extend([name, ": ", &value, "\n"]);
    }
    if !received.body.is_empty() {
        body(&mut text, received);
    }
    text
}

fn body(text: &mut String, received: &Received) {
    let size = received.body.len().to_string();
    match received.text() {
        Some(body) => text.extend(["\nbody of ", &size, " bytes:\n", body]),
        None => text.extend(["\nbody of ", &size, " bytes, in base64:\n", &STANDARD.encode(received.body)]),
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::received::testing::{head, received};

    const HEAD: &str = "\
echo-1 received from 127.0.0.1:40000:

GET /hello?name=you HTTP/1.1
host: echo
x-twice: one
x-twice: two
accept: */*
";

    #[test]
    fn a_request_is_written_much_as_it_was_on_the_wire() {
        assert_eq!(written(&received(&head(), b"")), HEAD);
    }

    #[test]
    fn a_body_is_written_as_text_if_it_is_one_and_ends_its_line() {
        let text = |body| written(&received(&head(), body)).strip_prefix(HEAD).unwrap().to_owned();
        assert_eq!(text(b"hello".as_slice()), "\nbody of 5 bytes:\nhello\n");
        assert_eq!(text("grüße\n".as_bytes()), "\nbody of 8 bytes:\ngrüße\n");
        assert_eq!(text(b"\xff\x00\x01".as_slice()), "\nbody of 3 bytes, in base64:\n/wAB\n");
    }
}
