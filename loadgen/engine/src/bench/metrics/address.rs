//! Where metrics are served. Owns how that is typed.

use std::io;
use std::net::TcpListener;
use std::str::FromStr;

/// `HOST:PORT`, or `:PORT` for every address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsAddress {
    host: String,
    port: u16,
}

impl FromStr for MetricsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let whole = |host: &str| !host.contains(':') || (host.starts_with('[') && host.ends_with(']'));
        match parsed {
            Some((host, port)) if whole(host) => Ok(Self { host: host.to_owned(), port }),
            _ => Err("expected HOST:PORT or :PORT, such as localhost:9464, or port 0 for any".to_owned()),
        }
    }
}

impl std::fmt::Display for MetricsAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl MetricsAddress {
    /// Listens there.
    pub(super) fn listen(&self) -> io::Result<TcpListener> {
        let listener = if self.host.is_empty() {
            // Both families, or the only one that there is.
            TcpListener::bind(("::", self.port)).or_else(|_| TcpListener::bind(("0.0.0.0", self.port)))
        } else {
            TcpListener::bind(self.to_string())
        };
        listener.and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_left_out_or_given_and_a_port_is_needed() {
        for text in ["localhost:9464", ":9464", "127.0.0.1:0", "[::1]:80"] {
            assert_eq!(text.parse::<MetricsAddress>().unwrap().to_string(), text);
        }
        for text in ["", "localhost", "9464", "localhost:", "localhost:99999", "::1", "host:http"] {
            let complaint = text.parse::<MetricsAddress>().unwrap_err();
            assert!(complaint.contains("localhost:9464"), "{text}: {complaint}");
        }
    }

    #[test]
    fn every_address_of_the_machine_can_be_listened_at() {
        let listener = ":0".parse::<MetricsAddress>().unwrap().listen().unwrap();
        assert!(listener.local_addr().unwrap().ip().is_unspecified());
    }
}
