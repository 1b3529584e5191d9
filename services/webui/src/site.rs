//! Which path is answered how.

use dockercoins_kit::faults::{Faults, Verdict};
use dockercoins_kit::routes::Routes;
use dockercoins_kit::serve::{Body, text};
use dockercoins_kit::{Replica, Shutdown};
use http_body_util::BodyExt;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::{Method, Response, StatusCode};
use serde_json::json;

use crate::events::Events;
use crate::page::{INDEX, SCRIPT, STYLE};
use crate::scoreboard::Scoreboard;

const X_SERVED_BY: HeaderName = HeaderName::from_static("x-served-by");

#[derive(Clone, Debug)]
pub(crate) struct Site {
    served_by: HeaderValue,
    faults: Faults,
    routes: Routes,
    scoreboard: Scoreboard,
    shutdown: Shutdown,
}

impl Site {
    /// The site of `replica`; registers the counters of its routes.
    pub(crate) fn new(replica: &Replica, scoreboard: Scoreboard) -> Result<Self, prometheus::Error> {
        let served_by = HeaderValue::try_from(&replica.hostname);
        Ok(Self {
            served_by: served_by.unwrap_or(HeaderValue::from_static("unprintable")),
            faults: replica.faults.clone(),
            routes: Routes::new(&replica.registry)?,
            scoreboard,
            shutdown: replica.shutdown.clone(),
        })
    }

    pub(crate) async fn answer(&self, method: &Method, path: &str) -> Response<Body> {
        let request = self.routes.enter(route(path));
        let mut response = match self.faults.strike().await {
            Verdict::Refuse => text(StatusCode::SERVICE_UNAVAILABLE, "refused, as /faults asks for\n"),
            Verdict::Serve if matches!(*method, Method::GET | Method::HEAD) => self.get(path).await,
            Verdict::Serve => not_allowed(),
        };
        response.headers_mut().insert(X_SERVED_BY, self.served_by.clone());
        request.answer(response)
    }

    async fn get(&self, path: &str) -> Response<Body> {
        match path {
            "/" => to_index(),
            "/index.html" => INDEX.answer(),
            "/page.css" => STYLE.answer(),
            "/page.js" => SCRIPT.answer(),
            "/json" => self.score().await,
            "/events" => self.events(),
            _ => text(StatusCode::NOT_FOUND, "no such path; there are /index.html /json /events\n"),
        }
    }

    async fn score(&self) -> Response<Body> {
        let (status, json) = match self.scoreboard.read().await {
            Ok(score) => (StatusCode::OK, json!(score)),
            Err(error) => (StatusCode::SERVICE_UNAVAILABLE, json!({ "error": error.to_string() })),
        };
        fresh(text(status, json.to_string()), "application/json; charset=utf-8")
    }

    fn events(&self) -> Response<Body> {
        let events = Events::start(self.scoreboard.clone(), self.shutdown.clone());
        fresh(Response::new(events.boxed_unsync()), "text/event-stream")
    }
}

/// The label of a path in the counters: a label for whatever clients think of would grow without limit.
fn route(path: &str) -> &'static str {
    let known = ["/", "/index.html", "/page.css", "/page.js", "/json", "/events"];
    known.into_iter().find(|known| *known == path).unwrap_or("other")
}

fn fresh(mut response: Response<Body>, content_type: &'static str) -> Response<Body> {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn to_index() -> Response<Body> {
    let mut response = text(StatusCode::FOUND, "Found. Redirecting to /index.html\n");
    response.headers_mut().insert(LOCATION, HeaderValue::from_static("/index.html"));
    response
}

fn not_allowed() -> Response<Body> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "this path takes GET and HEAD\n");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
