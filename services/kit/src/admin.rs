//! The admin port: health, readiness, version, metrics, station and faults. A port of its own, so that probes and scrapes
//! never queue in the station.

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;

use crate::metrics;
use crate::replica::Replica;
use crate::serve::{Body, serve, text};
use crate::shutdown::Shutdown;
use crate::station::{Station, StationChange};

/// What `PUT` may send.
const BODY_LIMIT: usize = 64 * 1024;

/// What the admin port shows of a replica.
#[derive(Clone, Debug)]
pub struct Admin {
    replica: Replica,
    station: Option<Station>,
}

impl Admin {
    /// The admin port of `replica`, whose station is `station` if it has one.
    pub fn new(replica: Replica, station: Option<Station>) -> Self {
        Self { replica, station }
    }

    /// Serves `listener` until `shutdown` closes, which should be later than the replica's own end.
    pub async fn run(self, listener: TcpListener, shutdown: Shutdown) {
        serve(listener, shutdown, move |request| {
            let admin = self.clone();
            async move { admin.answer(request).await }
        })
        .await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (head, body) = request.into_parts();
        match (head.uri.path(), &head.method) {
            ("/healthz", &Method::GET) => self.liveness(),
            ("/readyz", &Method::GET) => self.readiness(),
            ("/version", &Method::GET) => self.version(),
            ("/metrics", &Method::GET) => self.metrics(),
            ("/station", method) => self.station(method, body).await,
            ("/faults", method) => self.faults(method, body).await,
            ("/healthz" | "/readyz" | "/version" | "/metrics", _) => not_allowed("GET"),
            _ => text(
                StatusCode::NOT_FOUND,
                "no such path; there are /healthz /readyz /version /metrics /station /faults\n",
            ),
        }
    }

    fn liveness(&self) -> Response<Body> {
        if self.replica.faults.settings().fail_liveness {
            text(StatusCode::SERVICE_UNAVAILABLE, "failing, as /faults asks for\n")
        } else {
            text(StatusCode::OK, "alive\n")
        }
    }

    fn readiness(&self) -> Response<Body> {
        if self.replica.is_ready() {
            text(StatusCode::OK, "ready\n")
        } else {
            text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }

    fn version(&self) -> Response<Body> {
        let Replica { service, hostname, .. } = &self.replica;
        json(&json!({ "service": service, "version": env!("CARGO_PKG_VERSION"), "hostname": hostname }))
    }

    fn metrics(&self) -> Response<Body> {
        let mut response = text(StatusCode::OK, metrics::scrape(&self.replica.registry));
        let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, format);
        response
    }

    async fn station(&self, method: &Method, body: Incoming) -> Response<Body> {
        let Some(station) = &self.station else {
            return text(StatusCode::NOT_FOUND, "this service has no station\n");
        };
        match *method {
            Method::GET => json(&station.settings()),
            Method::PUT => put(body, |body| station.change(StationChange::from_json(body)?)).await,
            _ => not_allowed("GET, PUT"),
        }
    }

    async fn faults(&self, method: &Method, body: Incoming) -> Response<Body> {
        match *method {
            Method::GET => json(&self.replica.faults.settings()),
            Method::PUT => put(body, |body| self.replica.faults.replace(body)).await,
            _ => not_allowed("GET, PUT"),
        }
    }
}

async fn put<T: Serialize>(body: Incoming, apply: impl FnOnce(&[u8]) -> Result<T, String>) -> Response<Body> {
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return text(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 64 KiB, or broke off\n");
    };
    match apply(&body.to_bytes()) {
        Ok(settings) => json(&settings),
        Err(line) => text(StatusCode::BAD_REQUEST, format!("{line}\n")),
    }
}

fn json(value: &impl Serialize) -> Response<Body> {
    // Our own settings always serialise; an empty body would show up as a client's parse error.
    let mut body = serde_json::to_vec(value).unwrap_or_default();
    body.push(b'\n');
    let mut response = text(StatusCode::OK, Bytes::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn not_allowed(methods: &'static str) -> Response<Body> {
    let line = format!("this path takes {methods}\n");
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, line);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}
