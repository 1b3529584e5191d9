//! The page: three files that need nothing from elsewhere.

use dockercoins_kit::serve::{Body, text};
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

/// One file of the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    pub(crate) content_type: &'static str,
    pub(crate) text: &'static str,
}

/// What `/index.html` answers.
pub(crate) const INDEX: File =
    File { content_type: "text/html; charset=utf-8", text: include_str!("../static/index.html") };

/// What `/page.css` answers.
pub(crate) const STYLE: File =
    File { content_type: "text/css; charset=utf-8", text: include_str!("../static/page.css") };

/// What `/page.js` answers.
pub(crate) const SCRIPT: File =
    File { content_type: "text/javascript; charset=utf-8", text: include_str!("../static/page.js") };

/// Nothing but our own files, and the icon, which stands in the page itself.
const POLICY: &str = "default-src 'self'; img-src data:";

impl File {
    /// The file as an answer.
    pub(crate) fn answer(self) -> Response<Body> {
        let mut response = text(StatusCode::OK, self.text);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        response
    }
}
