//! What was typed about the requests: where to, and what is in them.

use std::path::PathBuf;

use clap::Args;
use http::Method;

use crate::header::header;

/// Flags that say what is sent.
#[derive(Clone, Debug, Args)]
pub struct RequestArgs {
    /// URL, HOST[:PORT][/PATH], or :PORT for this machine; several are requested in turn
    #[arg(value_name = "URL", required_unless_present = "urls_from")]
    pub urls: Vec<String>,

    /// File with more URLs, one a line, requested in turn
    #[arg(long, value_name = "FILE")]
    pub urls_from: Option<PathBuf>,

    /// Method
    #[arg(short, long, value_name = "METHOD", default_value = "GET", value_parser = method)]
    pub method: Method,

    /// Header, such as 'Accept: text/plain'; may be repeated
    #[arg(short = 'H', long = "header", value_name = "HEADER", value_parser = header)]
    pub headers: Vec<(String, String)>,

    /// Body
    #[arg(short = 'd', long, value_name = "TEXT")]
    pub body: Option<String>,

    /// File with the body
    #[arg(short = 'D', long, value_name = "FILE", conflicts_with = "body")]
    pub body_file: Option<PathBuf>,

    /// File with bodies, one a line, sent in turn
    #[arg(long, value_name = "FILE", conflicts_with_all = ["body", "body_file"])]
    pub bodies_from: Option<PathBuf>,

    /// Content type of the body
    #[arg(short = 'T', long, value_name = "TYPE")]
    pub content_type: Option<String>,

    /// Content type that is asked for [default: */*]
    #[arg(short = 'A', long, value_name = "TYPE")]
    pub accept: Option<String>,

    /// User and password for basic authentication
    #[arg(short = 'a', long, value_name = "USER:PASSWORD", value_parser = user_and_password)]
    pub basic_auth: Option<String>,

    /// Host header [default: that of the URL]
    #[arg(long, value_name = "HOST", value_parser = host)]
    pub host: Option<String>,

    /// Fill in placeholders of paths, headers and bodies, anew for each request: {{counter}}, {{counter 100}},
    /// {{random 1..100}}, {{hex 16}}, {{uuid}}, {{line FILE}}, {{pick a|b|c}}
    #[arg(long)]
    pub template: bool,

    /// Redirects that a request may follow; without any, a redirect is the answer
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub redirects: u32,
}

/// Those that everybody knows are in upper case, whatever was typed; others are as they were typed (RFC 9110, 9.1).
fn method(text: &str) -> Result<Method, String> {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::PATCH,
        Method::TRACE,
        Method::CONNECT,
    ];
    if text.chars().all(|letter| letter.is_ascii_digit()) {
        return Err(
            "a number is no method; requests in flight on an HTTP/2 connection are --streams".to_owned()
        );
    }
    let known = KNOWN.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(text));
    let method = known.map_or_else(|| text.parse(), Ok);
    method.map_err(|_| "expected a method, such as POST".to_owned())
}

fn user_and_password(text: &str) -> Result<String, String> {
    if text.contains(':') { Ok(text.to_owned()) } else { Err("expected USER:PASSWORD".to_owned()) }
}

fn host(text: &str) -> Result<String, String> {
    let is_host = !text.is_empty() && text.chars().all(|letter| letter.is_ascii_graphic());
    if is_host { Ok(text.to_owned()) } else { Err("expected a host, such as example.com:8080".to_owned()) }
}
