//! The head of a request, as a template of its bytes.

use http::Method;

use super::template::Template;

/// What goes into the head of a request.
#[derive(Clone, Debug)]
pub(super) struct Form<'a> {
    pub(super) method: &'a Method,
    pub(super) path: Template,
    pub(super) host: &'a str,
    /// In the order in which they are sent; one of a name that goes without saying takes its place.
    pub(super) headers: &'a [(String, Template)],
    pub(super) keep_alive: bool,
}

impl Form<'_> {
    /// Everything up to the length of the body, if there is one, and the empty line.
    pub(super) fn head(self) -> Template {
        let mut head = Template::literal(format!("{} ", self.method));
        head.append(self.path);
        head.push_literal(" HTTP/1.1\r\n");
        let mut default = |name: &str, value: &str| {
            if !has(self.headers, name) {
                head.push_literal(format!("{name}: {value}\r\n"));
            }
        };
        default("host", self.host);
        default("user-agent", concat!("loadgen/", env!("CARGO_PKG_VERSION")));
        default("accept", "*/*");
        if !self.keep_alive {
            default("connection", "close");
        }
        for (name, value) in self.headers {
            head.push_literal(format!("{name}: "));
            head.append(value.clone());
            head.push_literal("\r\n");
        }
        head
    }
}

/// Whether there is a header of this name.
pub(super) fn has(headers: &[(String, Template)], name: &str) -> bool {
    headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(headers: &[(&str, &str)], keep_alive: bool) -> String {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), Template::literal(*value))).collect();
        let path = Template::literal("/x?y");
        let form = Form { method: &Method::POST, path, host: "h:81", headers: &headers, keep_alive };
        String::from_utf8(form.head().as_literal().unwrap().to_vec()).unwrap()
    }

    #[test]
    fn a_request_says_what_it_must() {
        let text = head(&[], true);
        assert!(text.starts_with("POST /x?y HTTP/1.1\r\nhost: h:81\r\nuser-agent: loadgen/"), "{text}");
        assert!(text.ends_with("accept: */*\r\n") && !text.contains("connection"), "{text}");
        assert!(head(&[], false).contains("connection: close\r\n"));
    }

    #[test]
    fn what_was_asked_for_takes_the_place_of_what_goes_without_saying() {
        let text = head(&[("Host", "other"), ("X", "1")], true);
        assert!(
            text.contains("Host: other\r\n") && text.contains("X: 1\r\n") && !text.contains("h:81"),
            "{text}"
        );
    }
}
