//! The URL of an upstream: `http://`, a host, perhaps a port and a path that all of its paths start with.

use std::fmt;
use std::net::IpAddr;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper::http::uri::Scheme;

/// Where an upstream is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    host: String,
    port: Option<u16>,
    /// Without a slash at its end.
    prefix: String,
}

impl Origin {
    /// Reads `text`; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: Uri = text.parse().map_err(|_| "it is no URL")?;
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err("it must start with http://");
        }
        let authority = uri.authority().ok_or("it has no host")?;
        if authority.as_str().contains('@') {
            return Err("user names and passwords are not supported");
        }
        if uri.query().is_some() {
            return Err("it must end before the `?`");
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err("it has no host");
        }
        let port = port(&authority.as_str()[authority.host().len()..])?;
        Ok(Self { host: host.to_owned(), port, prefix: uri.path().trim_end_matches('/').to_owned() })
    }

    /// The host as a resolver wants it: a name, or an address without brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The port, 80 unless the URL says otherwise.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(80)
    }

    /// The value of a `Host` header. A host that no header can hold cannot be resolved either.
    pub(crate) fn host_header(&self) -> HeaderValue {
        HeaderValue::try_from(self.authority()).unwrap_or(HeaderValue::from_static(""))
    }

    /// The path of a request for `path`, which starts with a slash.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    fn authority(&self) -> String {
        let host = match self.host.parse() {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.host.clone(),
        };
        self.port.map_or(host.clone(), |port| format!("{host}:{port}"))
    }
}

/// Reads what follows the host, which `http` itself takes for no port when it is a wrong one.
fn port(rest: &str) -> Result<Option<u16>, &'static str> {
    match rest.strip_prefix(':') {
        None | Some("") => Ok(None),
        Some(digits) => {
            let port = digits.parse().ok().filter(|port| *port > 0);
            port.map(Some).ok_or("its port must lie between 1 and 65535")
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_ports_and_prefixes_are_told_apart() {
        for (text, host, port, path) in [
            ("http://rng", "rng", 80, "/32"),
            ("http://rng:8001/", "rng", 8001, "/32"),
            ("http://[::1]:8001", "::1", 8001, "/32"),
            ("http://lab/rng/", "lab", 80, "/rng/32"),
        ] {
            let origin = Origin::parse(text).unwrap();
            assert_eq!((origin.host(), origin.port(), &*origin.path("/32")), (host, port, path), "{text}");
            assert_eq!(origin.to_string(), text.trim_end_matches('/'));
        }
    }

    #[test]
    fn what_is_no_plain_http_url_is_refused() {
        let wrong = [
            "",
            "rng",
            "rng:80",
            "https://rng",
            "http://",
            "http://:80",
            "http://u@rng",
            "http://rng?a",
            "http://rng:0",
            "http://rng:99999",
        ];
        for text in wrong {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
