//! A request as it goes over the wire, made once and sent many times.

use bytes::Bytes;
use http::Method;

/// What goes into a request.
#[derive(Clone, Debug)]
pub(super) struct Form<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) host: &'a str,
    /// In the order in which they are sent; one of a name that goes without saying takes its place.
    pub(super) headers: &'a [(String, String)],
    pub(super) body: Option<&'a [u8]>,
    pub(super) keep_alive: bool,
}

impl Form<'_> {
    /// All of its bytes.
    pub(super) fn bytes(&self) -> Bytes {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        let mut add = |name: &str, value: &str| text.extend([name, ": ", value, "\r\n"]);
        let given = |name: &str| self.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        let mut default = |name: &str, value: &str| {
            if !given(name) {
                add(name, value);
            }
        };
        default("host", self.host);
        default("user-agent", concat!("loadgen/", env!("CARGO_PKG_VERSION")));
        default("accept", "*/*");
        if !self.keep_alive {
            default("connection", "close");
        }
        if let Some(body) = self.body {
            default("content-length", &body.len().to_string());
        }
        for (name, value) in self.headers {
            add(name, value);
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(self.body.unwrap_or_default());
        bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form<'a>(headers: &'a [(String, String)], body: Option<&'a [u8]>, keep_alive: bool) -> String {
        let form = Form { method: &Method::POST, path: "/x?y", host: "h:81", headers, body, keep_alive };
        String::from_utf8(form.bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_request_says_what_it_must() {
        let text = form(&[], Some(b"hello"), true);
        assert!(text.starts_with("POST /x?y HTTP/1.1\r\nhost: h:81\r\n"), "{text}");
        assert!(text.ends_with("content-length: 5\r\n\r\nhello"), "{text}");
        assert!(!text.contains("connection"), "{text}");
        assert!(form(&[], None, false).contains("connection: close\r\n"));
    }

    #[test]
    fn what_was_asked_for_takes_the_place_of_what_goes_without_saying() {
        let headers = [("Host".to_owned(), "other".to_owned()), ("X".to_owned(), "1".to_owned())];
        let text = form(&headers, None, true);
        assert!(
            text.contains("Host: other\r\n") && text.contains("X: 1\r\n") && !text.contains("h:81"),
            "{text}"
        );
    }
}
