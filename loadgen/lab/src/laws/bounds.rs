//! The model of the closed loop: what its throughput is bounded by, which station bounds it, and what it would take
//! to go faster.
//!
//! [`Model::bound`] is the asymptotic bound of Denning and Buzen, 1978, which no closed loop can beat. With constant
//! times, one visit to each station and a single queue or round-robin dispatch it is also reached: such a loop is a
//! timed event graph, whose throughput is set by its slowest circuit, and the circuits are the clients' cycle and the
//! stations' servers (Baccelli, Cohen, Olsder and Quadrat, "Synchronization and Linearity", 1992).

use serde::Serialize;

use super::demand::service_demand;
use super::dispatch::Dispatch;
use super::units::{Seconds, Throughput};

/// One service that a cycle passes through.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Station {
    /// What it is called, such as `rng`.
    pub name: String,
    /// The time that one visit is served for (S), waiting excluded.
    pub service_time: Seconds,
    /// How many visits it serves at once (m): its replicas, if each serves one. `None` is a delay station, where
    /// nobody ever waits.
    pub servers: Option<usize>,
    /// The replicas that those servers are divided among; each has a queue of its own.
    pub replicas: usize,
    /// How requests find one of them.
    pub dispatch: Dispatch,
    /// Visits per cycle (V), a mean.
    pub visits: f64,
}

/// A closed loop: clients think, then pass through the stations, and begin again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Model {
    /// The time of a cycle spent outside the stations (Z).
    pub think_time: Seconds,
    /// The stations of the cycle, in any order.
    pub stations: Vec<Station>,
}

/// The least that reaches a throughput.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sizing {
    /// Clients in the loop (N).
    pub clients: usize,
    /// Servers (m) of each station whose servers are limited, by name.
    pub servers: Vec<(String, usize)>,
}

impl Station {
    /// The service demand D = V·S of one cycle.
    pub fn demand(&self) -> Seconds {
        service_demand(self.visits, self.service_time)
    }

    /// D/m, the least time from one cycle to the next; `None` at a delay station.
    fn spacing(&self) -> Option<Seconds> {
        self.servers.map(|servers| self.demand() / servers as f64)
    }
}

impl Model {
    /// Z + ΣD: what a cycle takes when nobody waits.
    pub fn cycle_time(&self) -> Seconds {
        self.think_time + self.stations.iter().map(Station::demand).sum()
    }

    /// The station with the largest D/m, the first of equals; `None` when there are only delay stations and stations
    /// of which nothing is demanded.
    pub fn bottleneck(&self) -> Option<&Station> {
        let spaced = |station: &&Station| station.spacing().is_some_and(|spacing| spacing > Seconds(0.0));
        let slower =
            |slowest, next| if Station::spacing(next) > Station::spacing(slowest) { next } else { slowest };
        self.stations.iter().filter(spaced).reduce(slower)
    }

    /// D/m of the bottleneck, the least time from one cycle to the next; `None` without a bottleneck.
    fn spacing(&self) -> Option<Seconds> {
        self.bottleneck().and_then(Station::spacing)
    }

    /// The knee N* = (Z + ΣD)·m/D of the bottleneck: with more clients than this they queue. `None` without a
    /// bottleneck: throughput then grows with every client.
    pub fn knee(&self) -> Option<f64> {
        self.spacing().map(|spacing| self.cycle_time() / spacing)
    }

    /// X = min(N/(Z + ΣD), m/D) with m and D of the bottleneck: cycles per second of `clients` (N).
    pub fn bound(&self, clients: usize) -> Throughput {
        if clients == 0 {
            return Throughput(0.0);
        }
        let unqueued = clients as f64 / self.cycle_time();
        let saturated = self.spacing().map_or(f64::INFINITY, |spacing| (1.0 / spacing).0);
        Throughput(unqueued.0.min(saturated))
    }

    /// The time that a cycle of `clients` (N) spends at the bottleneck, waiting and service over all visits, when
    /// throughput is at the bound: R = N/X − (Z + ΣD − D), which is D up to the knee and N·D/m − (Z + ΣD − D) beyond
    /// it. `None` without a bottleneck.
    ///
    /// Source: the interactive response time law, Denning and Buzen, 1978. All the waiting is put at the bottleneck;
    /// when a second station is as slow, they share it.
    pub fn response_at(&self, clients: usize) -> Option<Seconds> {
        let station = self.bottleneck()?;
        let excess = clients as f64 * station.spacing()? - self.cycle_time();
        Some(station.demand() + Seconds(excess.0.max(0.0)))
    }

    /// The model with the service time of the station called `name` multiplied by `factor`; `None` when there is no
    /// such station. Only at the bottleneck does a shorter service time move [`Model::bound`] beyond the knee, which
    /// is what confirms a verdict.
    pub fn with_service_time(&self, name: &str, factor: f64) -> Option<Self> {
        let mut model = self.clone();
        let station = model.stations.iter_mut().find(|station| station.name == name)?;
        station.service_time = factor * station.service_time;
        Some(model)
    }

    /// The fewest servers m = ⌈X·D⌉ at each limited station and the fewest clients N = ⌈X·(Z + ΣD)⌉ whose bound is
    /// `target` (X), whatever the model has now.
    pub fn replicas_for(&self, target: Throughput) -> Sizing {
        let limited = self.stations.iter().filter(|station| station.servers.is_some());
        Sizing {
            clients: at_least(target * self.cycle_time()),
            servers: limited.map(|it| (it.name.clone(), at_least(target * it.demand()))).collect(),
        }
    }
}

/// The least whole number, from 1, that is not below `amount`. A billionth above a whole number is rounding: 0.1 +
/// 0.2 seconds at ten a second need three clients, not four.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole and at least 1; beyond usize the cast saturates"
)]
fn at_least(amount: f64) -> usize {
    (amount * (1.0 - 1e-9)).ceil().max(1.0) as usize
}

#[cfg(test)]
#[path = "bounds_tests.rs"]
mod tests;
