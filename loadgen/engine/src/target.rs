//! What to aim at, as it is typed. Owns the reading of URLs and of their short forms.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use http::Method;
use http::header::HeaderValue;
use http::uri::PathAndQuery;

use crate::endpoint::Endpoint;
use crate::request::Request;

/// What stands before `://`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// HTTP over TCP.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// As in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A scheme, a host, a port and a path.
///
/// Read from `http://host[:port][/path][?query]`, the same with `https://`, and from what fingers type: `host`,
/// `host:port/path`, and `:port` for this machine. Shown as `host:port/path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    scheme: Scheme,
    endpoint: Endpoint,
    /// Host and port as in a URL: the port only if it does not go without saying.
    authority: HeaderValue,
    path: PathAndQuery,
}

/// What is wrong with a URL, and what would mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No host and no port.
    #[error("there is no host in it; write http://HOST[:PORT]/PATH, or :PORT for this machine")]
    NoHost,
    /// Another protocol.
    #[error("only http:// and https:// URLs can be requested, not {0}://")]
    Scheme(String),
    /// A user name or password.
    #[error(
        "user names are not supported in URLs; leave out what stands before the @ (bench takes it as --basic-auth)"
    )]
    User,
    /// Something that cannot be a host.
    #[error("\"{0}\" is no host name; an IPv6 address goes into brackets, as in [::1]:80")]
    Host(String),
    /// A number instead of a host.
    #[error("\"{0}\" is no host name; for that port on this machine write :{0}")]
    BarePort(String),
    /// Something that cannot be a port.
    #[error("\"{0}\" is no port; write a number from 1 to 65535")]
    Port(String),
    /// Something that cannot be a path.
    #[error("\"{0}\" is no path; write spaces and other special characters as %XX")]
    Path(String),
}

impl Target {
    /// How to speak to it.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Where to connect to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Path and query.
    pub fn path(&self) -> &str {
        self.path.as_str()
    }

    /// Host and port as the `Host` header has them.
    pub fn authority(&self) -> &str {
        self.authority.to_str().unwrap_or_default()
    }

    /// Whether a connection to the one serves the other, too.
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.endpoint == other.endpoint
    }

    /// The whole URL, without a port that goes without saying.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme.as_str(), self.authority(), self.path)
    }

    /// A request of this target.
    pub fn request(&self, method: Method) -> Request {
        Request::new(method, self.authority.clone(), self.path.clone())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path == "/" { "" } else { self.path.as_str() };
        write!(f, "{}{path}", self.endpoint)
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (scheme, rest) = split_scheme(text)?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = parse_authority(authority, scheme)?;
        let endpoint = Endpoint::Name { host, port };
        Ok(Self { authority: host_header(&endpoint, scheme)?, path: parse_path(path)?, scheme, endpoint })
    }
}

fn split_scheme(text: &str) -> Result<(Scheme, &str), TargetError> {
    let Some((typed, rest)) = text.split_once("://") else { return Ok((Scheme::Http, text)) };
    let is = |scheme: &Scheme| typed.eq_ignore_ascii_case(scheme.as_str());
    match [Scheme::Http, Scheme::Https].into_iter().find(is) {
        Some(scheme) => Ok((scheme, rest)),
        // Before a slash it is a scheme; behind one, a part of the path that needs no scheme.
        None if typed.contains('/') => Ok((Scheme::Http, text)),
        None => Err(TargetError::Scheme(typed.to_ascii_lowercase())),
    }
}

fn parse_authority(authority: &str, scheme: Scheme) -> Result<(String, u16), TargetError> {
    if authority.is_empty() {
        return Err(TargetError::NoHost);
    }
    if authority.contains('@') {
        return Err(TargetError::User);
    }
    if let Some((host, port)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        host.parse::<Ipv6Addr>().map_err(|_| TargetError::Host(host.to_owned()))?;
        return Ok((host.to_owned(), parse_port(port, scheme)?));
    }
    let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Err(TargetError::Host(authority.to_owned()));
    }
    let host = if host.is_empty() { "localhost" } else { host };
    Ok((check_host(host)?.to_owned(), parse_port(port, scheme)?))
}

fn check_host(host: &str) -> Result<&str, TargetError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if host.chars().all(|c| c.is_ascii_digit()) {
        return Err(TargetError::BarePort(host.to_owned()));
    }
    if host.chars().all(allowed) { Ok(host) } else { Err(TargetError::Host(host.to_owned())) }
}

/// `port` is what follows the host: nothing, or a colon and the number.
fn parse_port(port: &str, scheme: Scheme) -> Result<u16, TargetError> {
    if port.is_empty() {
        return Ok(scheme.default_port());
    }
    let Some(digits) = port.strip_prefix(':') else { return Err(TargetError::Port(port.to_owned())) };
    let number = digits.chars().all(|c| c.is_ascii_digit()).then(|| digits.parse::<u16>().ok()).flatten();
    number.filter(|port| *port > 0).ok_or_else(|| TargetError::Port(digits.to_owned()))
}

/// `path` begins with `/` or `?`, or is empty.
fn parse_path(path: &str) -> Result<PathAndQuery, TargetError> {
    let rooted = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    PathAndQuery::try_from(rooted).map_err(|_| TargetError::Path(path.to_owned()))
}

fn host_header(endpoint: &Endpoint, scheme: Scheme) -> Result<HeaderValue, TargetError> {
    let shown = endpoint.to_string();
    let authority = shown.strip_suffix(&format!(":{}", scheme.default_port())).unwrap_or(&shown);
    HeaderValue::from_str(authority).map_err(|_| TargetError::Host(shown.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_their_short_forms_are_understood() {
        let cases = [
            ("http://rng/", "rng:80", "http://rng/"),
            ("HTTP://rng", "rng:80", "http://rng/"),
            ("http://rng:8001/32?a=b#part", "rng:8001/32?a=b", "http://rng:8001/32?a=b"),
            ("rng", "rng:80", "http://rng/"),
            ("localhost:8001", "localhost:8001", "http://localhost:8001/"),
            ("localhost:8001/1", "localhost:8001/1", "http://localhost:8001/1"),
            (":8001", "localhost:8001", "http://localhost:8001/"),
            (":8001/1", "localhost:8001/1", "http://localhost:8001/1"),
            ("10.0.0.1:80", "10.0.0.1:80", "http://10.0.0.1/"),
            ("[::1]:8001", "[::1]:8001", "http://[::1]:8001/"),
            ("http://[::1]/1", "[::1]:80/1", "http://[::1]/1"),
            ("rng?x", "rng:80/?x", "http://rng/?x"),
            ("https://rng/1", "rng:443/1", "https://rng/1"),
            ("HTTPS://rng:80", "rng:80", "https://rng:80/"),
            ("https://[::1]:443", "[::1]:443", "https://[::1]/"),
            ("http://rng:443", "rng:443", "http://rng:443/"),
            ("rng/to?u=http://other", "rng:80/to?u=http://other", "http://rng/to?u=http://other"),
        ];
        for (typed, shown, url) in cases {
            let target: Target = typed.parse().unwrap();
            assert_eq!((target.to_string().as_str(), target.url().as_str()), (shown, url), "{typed}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("", "there is no host in it"),
            ("http:///1", "there is no host in it"),
            ("/1", "there is no host in it"),
            ("ftp://rng", "only http:// and https:// URLs can be requested, not ftp://"),
            ("http://me:secret@rng/", "before the @"),
            ("8001", "write :8001"),
            ("rng:0", "\"0\" is no port"),
            ("rng:65536", "\"65536\" is no port"),
            ("rng:+80", "\"+80\" is no port"),
            ("rng:", "\"\" is no port"),
            ("::1", "brackets"),
            ("[nonsense]:80", "\"nonsense\" is no host name"),
            ("[::1]80", "\"80\" is no port"),
            ("two words", "\"two words\" is no host name"),
            ("rng/two words", "is no path"),
        ];
        for (typed, part) in cases {
            let message = typed.parse::<Target>().unwrap_err().to_string();
            assert!(message.contains(part), "{typed}: {message}");
        }
    }
}
