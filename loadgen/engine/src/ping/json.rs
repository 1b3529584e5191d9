//! What a program reads: one JSON document, written ping by ping and whole even after ^C. Owns its names, which carry their
//! units.

use std::io::{self, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::split::Split;
use crate::target::Target;

use super::lane::Pong;
use super::plan::Plan;
use super::ranking::{Place, rank};
use super::reporter::Reporter;
use super::tally::{Speed, Tally};
use super::words::millis;

/// Changes when a reader of the old document could not read the new one.
const SCHEMA: &str = "loadgen-ping/1";

#[derive(Serialize)]
struct Ping<'a> {
    url: String,
    seq: usize,
    /// When it was due.
    scheduled_at_unix_s: f64,
    outcome: String,
    success: bool,
    /// Not answered, so that the time is a lower bound.
    censored: bool,
    response_time_ms: f64,
    lag_ms: f64,
    status: Option<u16>,
    error: Option<String>,
    peer: Option<String>,
    served_by: Option<&'a str>,
    header_bytes: Option<u64>,
    body_bytes: Option<u64>,
    transfer_kib_per_s: Option<f64>,
    reconnected: bool,
    steps: Option<Steps>,
    server_timing: Option<ServerTimes>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "units stand in the names of keys")]
struct Steps {
    resolve_ms: Option<f64>,
    connect_ms: Option<f64>,
    tls_ms: Option<f64>,
    send_ms: Option<f64>,
    wait_ms: Option<f64>,
    receive_ms: Option<f64>,
    close_ms: Option<f64>,
}

#[derive(Serialize)]
struct ServerTimes {
    queue_ms: Option<f64>,
    service_ms: Option<f64>,
}

#[derive(Serialize)]
struct Statistics {
    url: String,
    sent: u64,
    successes: u64,
    failed: u64,
    timed_out: u64,
    in_flight_at_end: u64,
    min_ms: Option<f64>,
    mean_ms: Option<f64>,
    max_ms: Option<f64>,
    p50_ms: Option<f64>,
    p90_ms: Option<f64>,
    p99_ms: Option<f64>,
    /// The mean with what was not answered, if there is such.
    mean_at_least_ms: Option<f64>,
}

#[derive(Serialize)]
struct Ranked {
    url: String,
    mean_ms: Option<f64>,
    at_least: bool,
    less_than_slowest_ms: Option<f64>,
    half_width_ms: Option<f64>,
    confidence: f64,
}

#[derive(Serialize)]
struct Ending {
    took_s: f64,
    targets: Vec<Statistics>,
    slowest_first: Vec<Ranked>,
}

pub(super) struct Document<'a, W> {
    out: &'a mut W,
    targets: &'a [Target],
    started_at: SystemTime,
    has_pings: bool,
}

impl<'a, W: Write> Document<'a, W> {
    pub(super) fn new(out: &'a mut W, plan: &'a Plan) -> Self {
        Self { out, targets: &plan.targets, started_at: SystemTime::now(), has_pings: false }
    }

    fn ping<'p>(&self, pong: &'p Pong) -> Ping<'p> {
        let (observation, sample) = (&pong.observation, &pong.observation.sample);
        let answer = observation.answer.as_ref().ok();
        Ping {
            url: self.targets[pong.lane].url(),
            seq: pong.seq,
            scheduled_at_unix_s: unix_seconds(self.started_at + sample.scheduled_at),
            outcome: sample.outcome.to_string(),
            success: sample.outcome.is_success(),
            censored: sample.outcome.is_censored(),
            response_time_ms: millis(sample.response_time()),
            lag_ms: millis(sample.lag()),
            status: answer.map(|answer| answer.status.as_u16()),
            error: observation.answer.as_ref().err().map(ToString::to_string),
            peer: answer.map(|answer| answer.peer.to_string()),
            served_by: answer.and_then(|answer| answer.served_by.as_deref()),
            header_bytes: answer.map(|answer| answer.header_bytes),
            body_bytes: answer.map(|answer| answer.body_bytes),
            transfer_kib_per_s: Speed::of(observation).map(|Speed(speed)| speed),
            reconnected: observation.reconnected,
            steps: answer.map(|answer| Steps::new(&answer.split, observation.close)),
            server_timing: answer.map(|answer| ServerTimes {
                queue_ms: answer.server_timing.queue.map(millis),
                service_ms: answer.server_timing.service.map(millis),
            }),
        }
    }

    fn ranked(&self, place: &Place) -> Ranked {
        Ranked {
            url: self.targets[place.target].url(),
            mean_ms: place.mean_ms,
            at_least: place.at_least,
            less_than_slowest_ms: place.less.map(|less| less.mean_ms),
            half_width_ms: place.less.and_then(|less| less.half_width_ms),
            confidence: 0.95,
        }
    }
}

impl Steps {
    fn new(split: &Split, close: Option<Duration>) -> Self {
        Self {
            resolve_ms: split.resolve.map(millis),
            connect_ms: split.connect.map(millis),
            tls_ms: split.tls.map(millis),
            send_ms: split.send.map(millis),
            wait_ms: split.wait.map(millis),
            receive_ms: split.receive.map(millis),
            close_ms: close.map(millis),
        }
    }
}

impl Statistics {
    fn new(target: &Target, tally: &Tally) -> Self {
        let times = tally.round_trip().map(|times| times.map(millis));
        Self {
            url: target.url(),
            sent: tally.sent(),
            successes: tally.successes(),
            failed: tally.failed(),
            timed_out: tally.timed_out(),
            in_flight_at_end: tally.in_flight(),
            min_ms: times.map(|[min, _, _]| min),
            mean_ms: times.map(|[_, mean, _]| mean),
            max_ms: times.map(|[_, _, max]| max),
            p50_ms: tally.quantile(0.5).map(millis),
            p90_ms: tally.quantile(0.9).map(millis),
            p99_ms: tally.quantile(0.99).map(millis),
            mean_at_least_ms: tally.mean_at_least().map(millis),
        }
    }
}

impl<W: Write> Reporter for Document<'_, W> {
    fn opening(&mut self) -> io::Result<()> {
        let started_at = unix_seconds(self.started_at);
        write!(self.out, "{{\"schema\":\"{SCHEMA}\",\"started_at_unix_s\":{started_at:.6},\"pings\":[")?;
        self.out.flush()
    }

    fn pong(&mut self, pong: &Pong) -> io::Result<()> {
        let told = serde_json::to_string(&self.ping(pong))?;
        write!(self.out, "{}{told}", if self.has_pings { ",\n" } else { "\n" })?;
        self.has_pings = true;
        self.out.flush()
    }

    fn closing(&mut self, tallies: &[Tally], elapsed: Duration) -> io::Result<()> {
        let ending = Ending {
            took_s: elapsed.as_secs_f64(),
            targets: self
                .targets
                .iter()
                .zip(tallies)
                .map(|(target, sum)| Statistics::new(target, sum))
                .collect(),
            slowest_first: rank(tallies).iter().map(|place| self.ranked(place)).collect(),
        };
        let ending = serde_json::to_string(&ending)?;
        // The document goes on where the pings end.
        writeln!(self.out, "\n],{}", ending.trim_start_matches('{'))?;
        self.out.flush()
    }
}

fn unix_seconds(at: SystemTime) -> f64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
