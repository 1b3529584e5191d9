//! What is sent after a redirect. Owns the reading of `Location`, and what becomes of the method, the body and the headers.

use http::StatusCode;
use url::Url;

use crate::target::Target;

/// Header lines that a request may have to be followed.
const MOST_HEADERS: usize = 256;

/// The request that follows a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) target: Target,
    /// As HTTP/1.1 has them.
    pub(super) bytes: Vec<u8>,
}

/// Whether an answer of this status leads elsewhere (RFC 9110, 15.4); 300 and 304 don't.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// What follows the request `sent` to `origin`, which was answered with `status` and `location`; `None` if that leads
/// nowhere where requests can be sent.
pub(super) fn follow(sent: &[u8], origin: &Target, status: StatusCode, location: &[u8]) -> Option<Hop> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = request.parse(sent).ok()? else { return None };
    let target = resolve(origin, request.path?, std::str::from_utf8(location).ok()?)?;
    let step = Step {
        loses_body: loses_body(request.method?, status),
        leaves: !target.is_same_origin(origin),
        method: request.method?,
    };
    Some(Hop { bytes: step.bytes(&target, request.headers, &sent[length..]), target })
}

/// RFC 3986, 5.2: `location` as seen from `path` at `origin`.
fn resolve(origin: &Target, path: &str, location: &str) -> Option<Target> {
    let base = Url::parse(&origin.url()).ok()?.join(path).ok()?;
    let mut url = base.join(location).ok()?;
    url.set_fragment(None);
    url.as_str().parse().ok()
}

/// RFC 9110, 15.4.2 to 15.4.4: what browsers do. 307 and 308 change nothing.
fn loses_body(method: &str, status: StatusCode) -> bool {
    match status.as_u16() {
        301 | 302 => method == "POST",
        303 => !matches!(method, "GET" | "HEAD"),
        _ => false,
    }
}

/// From one request to the next.
struct Step<'a> {
    /// POST becomes GET.
    loses_body: bool,
    /// To another host, which must not learn what was meant for this one.
    leaves: bool,
    method: &'a str,
}

impl Step<'_> {
    fn bytes(&self, target: &Target, headers: &[httparse::Header<'_>], body: &[u8]) -> Vec<u8> {
        let method = if self.loses_body { "GET" } else { self.method };
        let mut bytes = format!("{method} {} HTTP/1.1\r\n", target.path()).into_bytes();
        for header in headers.iter().filter(|header| self.keeps(header.name)) {
            let replaced = self.leaves && header.name.eq_ignore_ascii_case("host");
            let value = if replaced { target.authority().as_bytes() } else { header.value };
            bytes.extend([header.name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(if self.loses_body { b"" } else { body });
        bytes
    }

    fn keeps(&self, name: &str) -> bool {
        let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        let of_body = ["content-length", "content-type", "content-encoding", "transfer-encoding"];
        !(self.loses_body && is(&of_body) || self.leaves && is(&["authorization", "cookie"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POST: &[u8] = b"POST /a/b?c HTTP/1.1\r\nhost: here:81\r\nauthorization: x\r\ncontent-type: t\r\n\
        content-length: 5\r\n\r\nhello";

    fn hop(sent: &[u8], status: u16, location: &str) -> Option<(String, String)> {
        let origin = "here:81".parse().unwrap();
        let hop = follow(sent, &origin, StatusCode::from_u16(status).unwrap(), location.as_bytes())?;
        Some((hop.target.url(), String::from_utf8(hop.bytes).unwrap()))
    }

    #[test]
    fn a_location_is_seen_from_where_the_request_went() {
        for (location, url) in [
            ("/x?y", "http://here:81/x?y"),
            ("x", "http://here:81/a/x"),
            ("../x", "http://here:81/x"),
            ("?y", "http://here:81/a/b?y"),
            ("", "http://here:81/a/b?c"),
            ("//there/x", "http://there/x"),
            ("http://there:82/x#part", "http://there:82/x"),
            ("HTTP://Here:81", "http://here:81/"),
            ("/two words", "http://here:81/two%20words"),
            ("http://[::1]:80/", "http://[::1]/"),
        ] {
            assert_eq!(hop(POST, 307, location).unwrap().0, url, "{location}");
        }
    }

    #[test]
    fn a_location_that_cannot_be_requested_leads_nowhere() {
        for location in
            ["ftp://there/", "mailto:me@there", "http://", "http://me:secret@there/", "http://a b/"]
        {
            assert_eq!(hop(POST, 302, location), None, "{location}");
        }
        assert_eq!(follow(POST, &"h".parse().unwrap(), StatusCode::FOUND, b"\xff"), None);
    }

    #[test]
    fn a_post_becomes_a_get_without_body_or_stays_as_it_is() {
        for status in [301, 302, 303] {
            let text = hop(POST, status, "/x").unwrap().1;
            assert_eq!(text, "GET /x HTTP/1.1\r\nhost: here:81\r\nauthorization: x\r\n\r\n");
        }
        for status in [307, 308] {
            let text = hop(POST, status, "/x").unwrap().1;
            assert!(
                text.starts_with("POST /x ") && text.ends_with("content-length: 5\r\n\r\nhello"),
                "{text}"
            );
        }
        for (method, status, after) in [("HEAD", 303, "HEAD"), ("PUT", 303, "GET"), ("PUT", 302, "PUT")] {
            let sent = format!("{method} / HTTP/1.1\r\nhost: here:81\r\n\r\n");
            assert!(
                hop(sent.as_bytes(), status, "/").unwrap().1.starts_with(&format!("{after} ")),
                "{method}"
            );
        }
    }

    #[test]
    fn another_host_is_named_and_learns_no_secret() {
        let text = hop(POST, 307, "http://there/x").unwrap().1;
        assert!(text.contains("\r\nhost: there\r\n") && !text.contains("authorization"), "{text}");
        let renamed = b"GET / HTTP/1.1\r\nHost: virtual\r\n\r\n";
        assert!(hop(renamed, 302, "/x").unwrap().1.contains("Host: virtual"));
    }

    proptest! {
        #[test]
        fn no_location_makes_it_panic_or_breaks_the_request_apart(location: Vec<u8>, status in 301u16..309) {
            let status = StatusCode::from_u16(status).unwrap();
            if let Some(hop) = follow(b"GET /a HTTP/1.1\r\nhost: h\r\n\r\n", &"h".parse().unwrap(), status, &location) {
                prop_assert_eq!(hop.bytes.windows(2).filter(|pair| *pair == b"\r\n").count(), 3);
            }
        }
    }
}
