//! What is counted of each route: requests by code, and how long they took.

use std::time::Instant;

use hyper::{Response, StatusCode};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry};

use crate::serve::Body;

/// From half a millisecond to ten seconds; a queue of a hundred at 100 ms still falls inside.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The counters of a service's routes.
#[derive(Clone, Debug)]
pub struct Routes {
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
}

/// A request between its arrival and its answer; dropping it unanswered counts it as code 499, "client closed request".
#[derive(Debug)]
pub struct InFlight {
    routes: Routes,
    route: &'static str,
    since: Instant,
    answered: Option<StatusCode>,
}

impl Routes {
    /// Registers the counters.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let requests = Opts::new("dockercoins_requests_total", "Requests answered.");
        let durations = HistogramOpts::new("dockercoins_request_duration_seconds", "From request to answer.");
        let routes = Self {
            requests: IntCounterVec::new(requests, &["route", "code"])?,
            durations: HistogramVec::new(durations.buckets(BUCKETS.to_vec()), &["route"])?,
            in_flight: IntGauge::new("dockercoins_in_flight_requests", "Requests not yet answered.")?,
        };
        registry.register(Box::new(routes.requests.clone()))?;
        registry.register(Box::new(routes.durations.clone()))?;
        registry.register(Box::new(routes.in_flight.clone()))?;
        Ok(routes)
    }

    /// A request for `route` has come.
    pub fn enter(&self, route: &'static str) -> InFlight {
        self.in_flight.inc();
        InFlight { routes: self.clone(), route, since: Instant::now(), answered: None }
    }
}

impl InFlight {
    /// The request is answered.
    pub fn answer(mut self, response: Response<Body>) -> Response<Body> {
        self.answered = Some(response.status());
        response
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let code = self.answered.map_or(499, |status| status.as_u16());
        self.routes.in_flight.dec();
        self.routes.requests.with_label_values(&[self.route, &code.to_string()]).inc();
        self.routes.durations.with_label_values(&[self.route]).observe(self.since.elapsed().as_secs_f64());
    }
}
