//! The front of a service that has a station: faults, station, counters and the headers that tell who answered and how
//! much of the time was waiting. What the answer is, the service says.

use std::future::Future;

use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::faults::{Faults, Verdict};
use crate::replica::Replica;
use crate::routes::Routes;
use crate::serve::{Body, text};
use crate::station::{Station, Work};

const X_SERVED_BY: HeaderName = HeaderName::from_static("x-served-by");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What stands between the listener and the service's own work.
#[derive(Clone, Debug)]
pub struct Front {
    served_by: HeaderValue,
    station: Station,
    faults: Faults,
    routes: Routes,
}

impl Front {
    /// The front of `replica`; registers the counters of its routes.
    pub fn new(replica: &Replica, station: Station) -> Result<Self, prometheus::Error> {
        let served_by = HeaderValue::try_from(&replica.hostname);
        Ok(Self {
            served_by: served_by.unwrap_or(HeaderValue::from_static("unprintable")),
            station,
            faults: replica.faults.clone(),
            routes: Routes::new(&replica.registry)?,
        })
    }

    /// Answers a request for `route` with what `prepare` makes, after its turn and its `work` in the station. An error
    /// takes its turn too, as it would in a program with one thread, but no service time.
    pub async fn answer(
        &self,
        route: &'static str,
        work: Work,
        prepare: impl Future<Output = Response<Body>>,
    ) -> Response<Body> {
        let prepare = async {
            let response = prepare.await;
            let work = if response.status().is_success() { work } else { Work::Free };
            (work, response)
        };
        self.answer_after(route, prepare).await
    }

    /// The same where only the answer tells what work it is.
    pub async fn answer_after(
        &self,
        route: &'static str,
        prepare: impl Future<Output = (Work, Response<Body>)>,
    ) -> Response<Body> {
        let request = self.routes.enter(route);
        let mut response = match self.faults.strike().await {
            Verdict::Refuse => text(StatusCode::SERVICE_UNAVAILABLE, "refused, as /faults asks for\n"),
            Verdict::Serve => self.serve(prepare.await).await,
        };
        response.headers_mut().insert(X_SERVED_BY, self.served_by.clone());
        request.answer(response)
    }

    async fn serve(&self, (work, mut response): (Work, Response<Body>)) -> Response<Body> {
        let visit = self.station.visit(work).await;
        response.headers_mut().insert(SERVER_TIMING, visit.server_timing());
        response
    }
}
