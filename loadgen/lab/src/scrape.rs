//! Reading replicas' counters. Owns the HTTP client for admin ports (connections kept open, one per replica) and what
//! they have said.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::exposition::{self, Labels, Sample};

const TIMEOUT: Duration = Duration::from_secs(5);

/// Why an admin port could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ScrapeError {
    /// Nobody listens there, or the connection broke.
    #[error("cannot reach the admin port {address}: {source}")]
    Connect {
        /// The admin port.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The exchange failed half-way.
    #[error("the admin port {address} broke off the answer: {source}")]
    Exchange {
        /// The admin port.
        address: SocketAddr,
        /// The cause.
        source: hyper::Error,
    },
    /// The answer took longer than five seconds.
    #[error("the admin port {0} did not answer within 5 s")]
    Timeout(SocketAddr),
    /// The answer was no success.
    #[error("the admin port {address} answered {status}: {body}")]
    Status {
        /// The admin port.
        address: SocketAddr,
        /// The HTTP status.
        status: hyper::StatusCode,
        /// What it said.
        body: String,
    },
}

type Connection = SendRequest<Full<Bytes>>;

/// A client for admin ports; keeps one connection per address.
#[derive(Debug, Default)]
pub struct Scraper {
    idle: Mutex<HashMap<SocketAddr, Connection>>,
}

impl Scraper {
    /// A client without connections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads `GET /metrics` of the replica whose admin port is `address`.
    pub async fn fetch(&self, address: SocketAddr) -> Result<Metrics, ScrapeError> {
        Ok(Metrics::parse(&self.get(address, "/metrics").await?))
    }

    /// The body of `GET path`.
    pub async fn get(&self, address: SocketAddr, path: &str) -> Result<String, ScrapeError> {
        self.send(address, Method::GET, path, String::new()).await
    }

    /// The body of the answer to `PUT path`.
    pub async fn put(&self, address: SocketAddr, path: &str, body: String) -> Result<String, ScrapeError> {
        self.send(address, Method::PUT, path, body).await
    }

    async fn send(
        &self,
        address: SocketAddr,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<String, ScrapeError> {
        let body = Bytes::from(body);
        let exchange = async {
            let kept = self.idle.lock().await.remove(&address);
            if let Some(connection) = kept.filter(|connection| !connection.is_closed())
                && let Ok(answer) = self.exchange(address, connection, &method, path, body.clone()).await
            {
                return Ok(answer);
            }
            // The kept connection may belong to a replica that has been restarted meanwhile.
            let connection = connect(address).await?;
            self.exchange(address, connection, &method, path, body.clone()).await
        };
        let (status, body) =
            tokio::time::timeout(TIMEOUT, exchange).await.map_err(|_| ScrapeError::Timeout(address))??;
        if status.is_success() { Ok(body) } else { Err(ScrapeError::Status { address, status, body }) }
    }

    async fn exchange(
        &self,
        address: SocketAddr,
        mut connection: Connection,
        method: &Method,
        path: &str,
        body: Bytes,
    ) -> Result<(hyper::StatusCode, String), ScrapeError> {
        let broke = |source| ScrapeError::Exchange { address, source };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method.clone();
        *request.uri_mut() = path.parse().unwrap_or_default();
        let host = header::HeaderValue::from_str(&address.to_string());
        request.headers_mut().extend(host.ok().map(|host| (header::HOST, host)));
        connection.ready().await.map_err(broke)?;
        let answer = connection.send_request(request).await.map_err(broke)?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(broke)?.to_bytes();
        self.idle.lock().await.insert(address, connection);
        Ok((status, String::from_utf8_lossy(&body).trim_end().to_owned()))
    }
}

async fn connect(address: SocketAddr) -> Result<Connection, ScrapeError> {
    let refused = |source| ScrapeError::Connect { address, source };
    let stream = TcpStream::connect(address).await.map_err(refused)?;
    stream.set_nodelay(true).map_err(refused)?;
    let (sender, connection) =
        handshake(TokioIo::new(stream)).await.map_err(|source| ScrapeError::Exchange { address, source })?;
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(sender)
}

/// One reading of a replica's counters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Series by metric name: label pairs and value.
    series: HashMap<String, Vec<(Labels, f64)>>,
}

impl Metrics {
    /// Parses Prometheus' text format; lines that are no samples are passed over.
    pub fn parse(text: &str) -> Self {
        let mut series: HashMap<String, Vec<(Labels, f64)>> = HashMap::new();
        for Sample { metric, labels, value } in exposition::samples(text) {
            series.entry(metric.to_owned()).or_default().push((labels, value));
        }
        Self { series }
    }

    /// The sum over all series of `name`; 0 when there is none.
    pub fn sum(&self, name: &str) -> f64 {
        // Not `sum`, which makes -0.0 of nothing.
        self.series.get(name).into_iter().flatten().fold(0.0, |sum, (_, value)| sum + value)
    }

    /// The value of the first series of `name` that carries all of `labels`.
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let carries = |series: &Labels| {
            labels.iter().all(|(key, value)| series.iter().any(|(k, v)| k == key && v == value))
        };
        self.series.get(name)?.iter().find(|(series, _)| carries(series)).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP a counts\n# TYPE a counter\na{code=\"200\",route=\"/\"} 3\na{code=\"404\",route=\"/\"} 2\n\
                        slots +Inf\nplain 1.5e3\n\nbroken\n";

    #[test]
    fn series_are_summed_and_found_by_label() {
        let metrics = Metrics::parse(TEXT);
        assert!((metrics.sum("a") - 5.0).abs() < 1e-9);
        assert_eq!(metrics.get("a", &[("code", "404")]), Some(2.0));
        assert_eq!(metrics.get("a", &[("code", "500")]), None);
        assert_eq!(metrics.get("plain", &[]), Some(1500.0));
        assert_eq!(metrics.get("slots", &[]), Some(f64::INFINITY));
    }

    #[tokio::test]
    async fn an_unreachable_admin_port_is_named() {
        // Bound, so that nobody else can get it, and not listening.
        let nobody = tokio::net::TcpSocket::new_v4().unwrap();
        nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = nobody.local_addr().unwrap();
        let error = Scraper::new().fetch(address).await.unwrap_err();
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    }
}
