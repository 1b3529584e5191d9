//! Connections that workers keep, while rng is scaled: which replicas get requests, and what scaling buys; then the same with a
//! fresh connection for each request.

use serde::{Deserialize, Serialize};

use super::driver::Driver;
use super::finding::Finding;
use crate::backend::{Operations, Service};
use crate::calibrate::Calibration;
use crate::laws::units::Throughput;
use crate::measure::MeasureError;
use crate::observation::{Observation, ServiceObservation};
use crate::step::Step;

/// A replica with a smaller share of the requests is not used.
const LEAST_SHARE: f64 = 0.001;

/// Throughput that grows by less than this share has not grown.
const GROWTH: f64 = 0.1;

/// Workers that make fewer connections than this for each cycle keep them.
const FEW_CONNECTIONS: f64 = 0.1;

/// What kept connections do to scaling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sticky {
    /// In the order of measurement: first with kept connections, then without.
    pub rounds: Vec<Round>,
}

/// What was seen with one number of replicas.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Whether workers keep their connections.
    pub keep_alive: bool,
    /// Replicas of each service.
    pub step: Step,
    /// Hashes per second.
    pub throughput_per_second: f64,
    /// Half of its 95 % interval; `None` when there was too little to tell.
    pub throughput_half_width_per_second: Option<f64>,
    /// min(N/(Z+S+ε), m/S), which no dispatch can beat.
    pub bound_per_second: Option<f64>,
    /// Connections to rng that workers made for each cycle.
    pub connections_per_cycle: Option<f64>,
    /// What each replica of rng got of the requests.
    pub shares: Vec<ReplicaShare>,
}

/// A replica's share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicaShare {
    /// Its name.
    pub replica: String,
    /// Of the requests to its service, from 0 to 1.
    pub share: f64,
}

impl<B: Operations> Driver<'_, B> {
    /// Scales rng as `steps` say, with kept connections and without.
    pub(super) async fn sticky(&mut self, steps: &[Step]) -> Result<Sticky, MeasureError> {
        let mut found = Sticky { rounds: Vec::new() };
        for keep_alive in [true, false] {
            let mut calibration: Option<Calibration> = None;
            for &step in steps {
                let how = if keep_alive { "kept connections" } else { "fresh connections" };
                self.begins(found.rounds.len(), 2 * steps.len(), &format!("{step}, {how}"));
                self.scale(step).await?;
                if calibration.is_none() {
                    self.keep_alive(keep_alive).await?;
                }
                let seen = self.measure(step, 0.0).await?;
                if calibration.is_none() {
                    calibration = Calibration::new(step, &seen, &self.plan.setup);
                }
                found.rounds.push(Round::new(keep_alive, step, &seen, calibration.as_ref()));
                self.so_far = Some(Finding::Sticky(found.clone()));
            }
        }
        Ok(found)
    }

    async fn keep_alive(&mut self, on: bool) -> Result<(), MeasureError> {
        tokio::select! {
            set = self.backend.keep_alive(on) => set?,
            () = self.stop.wait() => return Err(MeasureError::Stopped),
        }
        self.take_events();
        Ok(())
    }
}

impl Round {
    fn new(keep_alive: bool, step: Step, seen: &Observation, calibration: Option<&Calibration>) -> Self {
        let rng = seen.service(Service::Rng);
        let replicas = rng.map_or(&[][..], |rng| rng.replicas.as_slice());
        let share = |it: &crate::observation::ReplicaObservation| ReplicaShare {
            replica: it.replica.clone(),
            share: it.share,
        };
        Self {
            keep_alive,
            step,
            throughput_per_second: seen.throughput_per_second,
            throughput_half_width_per_second: seen.throughput_half_width_per_second,
            bound_per_second: calibration.map(|times| times.model(step).bound(seen.clients).0),
            connections_per_cycle: rng.and_then(|rng: &ServiceObservation| rng.connections_per_cycle),
            shares: replicas.iter().map(share).collect(),
        }
    }

    /// The replicas that get requests.
    fn used(&self) -> Vec<&str> {
        let used = self.shares.iter().filter(|it| it.share >= LEAST_SHARE);
        used.map(|it| it.replica.as_str()).collect()
    }
}

/// The first and the last round of one kind.
struct Ends<'a> {
    first: &'a Round,
    last: &'a Round,
}

impl Ends<'_> {
    fn grew(&self) -> bool {
        self.last.throughput_per_second > (1.0 + GROWTH) * self.first.throughput_per_second
    }
}

impl Sticky {
    fn ends(&self, keep_alive: bool) -> Option<Ends<'_>> {
        let mut of_kind = self.rounds.iter().filter(|round| round.keep_alive == keep_alive);
        let first = of_kind.next()?;
        Some(Ends { first, last: of_kind.next_back().unwrap_or(first) })
    }

    /// What it comes to.
    pub(super) fn sentence(&self) -> String {
        let (Some(kept), Some(fresh)) = (self.ends(true), self.ends(false)) else {
            return "Nothing was measured.".to_owned();
        };
        let speed = |round: &Round| Throughput(round.throughput_per_second);
        let scaling = format!("rng={} → rng={}", kept.first.step.rng, kept.last.step.rng);
        let used = kept.last.used();
        let of = kept.last.shares.len();
        let reached = match used.as_slice() {
            [one] if of > 1 => format!("all requests go to {one}"),
            several => format!("{} of {of} replicas get requests", several.len()),
        };
        let change = if kept.grew() { "gives" } else { "changes nothing:" };
        let bound = fresh
            .last
            .bound_per_second
            .map_or_else(String::new, |most| format!(", of {} at most", Throughput(most)));
        format!(
            "With kept connections {scaling} {change} {} → {}, and {reached}; with a fresh connection for each request it gives {} → {}{bound}.",
            speed(kept.first),
            speed(kept.last),
            speed(fresh.first),
            speed(fresh.last),
        )
    }

    /// What to do about it.
    pub(super) fn advice(&self) -> Vec<String> {
        let stuck = self.ends(true).is_some_and(|kept| !kept.grew());
        let helps = self.ends(false).is_some_and(|fresh| fresh.grew());
        if !(stuck && helps) {
            return Vec::new();
        }
        vec![
            "After scaling, have clients open their connections anew: restart them, limit how long a connection lives, or balance requests instead of connections."
                .to_owned(),
        ]
    }

    /// Why it is no answer.
    pub(super) fn doubts(&self) -> Vec<String> {
        let made = |round: &&Round| round.connections_per_cycle.unwrap_or(0.0);
        let kept = self.rounds.iter().filter(|round| round.keep_alive);
        let not_kept = kept.map(|round| made(&round)).any(|made| made >= FEW_CONNECTIONS);
        not_kept.then(|| "the workers did not keep their connections".to_owned()).into_iter().collect()
    }
}
