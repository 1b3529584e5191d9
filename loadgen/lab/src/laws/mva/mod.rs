//! The closed loop as a product-form network, whose service times have no memory: what exact mean value analysis gives, for
//! stations with one server, with several, with replicas chosen at random, and for those where nobody waits.
//!
//! - this file: parts of the loop taken together, client by client;
//! - [`machine_repair`]: one station with several servers and thinking clients;
//! - [`expansion`]: a crowd at replicas of several servers each, for which the sums would be too long.
//!
//! Mean value analysis goes from 1 client to N and, at several servers, subtracts probabilities from 1 on the way; once the
//! station is full, each such error grows by more than a fifth a client from three servers on, and some hundred clients later
//! nothing of the result is left. The sums here are those of the same network, arranged so that all terms are positive and
//! one client more takes one step more, however many servers there are.
//!
//! Sources: M. Reiser and S. S. Lavenberg, "Mean-Value Analysis of Closed Multichain Queuing Networks", 1980; K. M. Chandy,
//! U. Herzog and L. Woo, "Parametric Analysis of Queuing Networks", 1975.

use super::bounds::{Model, Station};
use super::dispatch::{Dispatch, Estimate, Method};
use super::units::{Seconds, Throughput};

mod expansion;
mod machine_repair;

/// Weights above this are scaled down before they overflow; what is then lost is less than rounding.
const LARGE: f64 = 1e200;

/// Parts of the loop without a closed form take as many steps as the square of the clients: more than these are left to the
/// expansion.
const MOST_CLIENTS: usize = 500;

/// A station where clients can wait.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Waiting {
    /// D, more than 0.
    demand: Seconds,
    /// Queues, of which each client joins any at random; at least 1.
    replicas: usize,
    /// Servers behind each queue, at least 1.
    servers: usize,
}

impl Model {
    /// Cycles per second (X) of `clients` (N) where service times are exponential and their means those of the model. Replicas
    /// that are visited in turn are taken as one queue for all their servers.
    ///
    /// Takes 2·N steps at most with up to two stations where clients can wait, each with one queue or with one server behind
    /// each of its queues. Otherwise it takes some N², or, for a crowd, is [`Method::Expanded`].
    pub fn product_form(&self, clients: usize) -> Estimate {
        let exactly = |completed| Estimate { throughput: Throughput(completed), method: Method::Exact };
        let is_used = |station: &&Station| station.demand() > Seconds(0.0);
        if clients == 0 || self.stations.iter().filter(is_used).any(|it| it.servers == Some(0)) {
            return exactly(0.0);
        }
        let waiting: Vec<Waiting> = self.stations.iter().filter_map(Waiting::at).collect();
        let elsewhere = self.stations.iter().filter(|station| Waiting::at(station).is_none());
        let away = self.think_time + elsewhere.map(Station::demand).sum();
        match waiting[..] {
            [] => exactly(clients as f64 / away.0),
            [only] if only.has_closed_form() => {
                exactly(both(clients, &|n| n as f64 / away.0, &|n| only.rate(n)))
            }
            [one, other] if one.has_closed_form() && other.has_closed_form() => {
                let rest = other.with_thinkers(away, clients);
                exactly(both(clients, &|n| rest[n], &|n| one.rate(n)))
            }
            _ if clients <= MOST_CLIENTS => exactly(one_by_one(clients, away, &waiting)),
            _ => Estimate {
                throughput: expansion::throughput(clients, away, &waiting),
                method: Method::Expanded,
            },
        }
    }
}

impl Waiting {
    /// `None` where nobody waits.
    fn at(station: &Station) -> Option<Self> {
        let servers = station.servers.filter(|servers| *servers > 0 && station.demand() > Seconds(0.0))?;
        let replicas = if station.dispatch == Dispatch::Random { station.replicas.max(1) } else { 1 };
        Some(Self { demand: station.demand(), replicas, servers: (servers / replicas).max(1) })
    }

    /// Whether [`Self::rate`] tells what passes.
    fn has_closed_form(&self) -> bool {
        self.replicas == 1 || self.servers == 1
    }

    /// Cycles per second that pass while `clients` are here; a mean over where they are. For one queue, or for one server behind
    /// each.
    ///
    /// At m replicas apart every way to spread n clients is equally probable, and one of them has somebody in n/(n+m−1) of
    /// all ways.
    fn rate(&self, clients: usize) -> f64 {
        let busy = if self.replicas == 1 {
            clients.min(self.servers) as f64
        } else {
            let replicas = self.replicas as f64;
            replicas * (clients as f64 / (clients as f64 + replicas - 1.0))
        };
        busy / self.demand.0
    }

    /// The same for 0 to `most` clients at any station.
    fn rates(&self, most: usize) -> Vec<f64> {
        if self.has_closed_form() {
            return (0..=most).map(|clients| self.rate(clients)).collect();
        }
        let busy = |clients: usize| (self.replicas * clients.min(self.servers)) as f64;
        let one: Vec<f64> = (0..=most).map(|clients| busy(clients) / self.demand.0).collect();
        let mut all = one.clone();
        // By the binary digits of the replicas, the first of which is the one that there is.
        for digit in (0..self.replicas.ilog2()).rev() {
            all = together(&all, &all);
            if (self.replicas >> digit) & 1 == 1 {
                all = together(&all, &one);
            }
        }
        all
    }

    /// Cycles per second of this station, which has a closed form, and of thinking for `away`, with 0 to `most` clients.
    fn with_thinkers(&self, away: Seconds, most: usize) -> Vec<f64> {
        if away <= Seconds(0.0) {
            self.rates(most)
        } else if self.replicas == 1 {
            machine_repair::throughputs(away, self.demand, self.servers, most)
        } else {
            self.apart_with_thinkers(away, most)
        }
    }

    /// Mean value analysis itself: who arrives finds what one client less would leave, spread evenly.
    fn apart_with_thinkers(&self, away: Seconds, most: usize) -> Vec<f64> {
        let mut here = 0.0;
        let mut throughputs = vec![0.0];
        for clients in 1..=most {
            let response = self.demand.0 * (1.0 + here / self.replicas as f64);
            let throughput = clients as f64 / (away.0 + response);
            here = throughput * response;
            throughputs.push(throughput);
        }
        throughputs
    }
}

/// Cycles per second of `clients` who think for `away` and go to the stations `waiting`, at least one of them.
fn one_by_one(clients: usize, away: Seconds, waiting: &[Waiting]) -> f64 {
    let thinking = || (0..=clients).map(|n| n as f64 / away.0).collect();
    let parts = (away > Seconds(0.0)).then(thinking).into_iter();
    let parts = parts.chain(waiting.iter().map(|station| station.rates(clients)));
    parts
        .reduce(|one, other| together(&one, &other))
        .and_then(|rates| rates.last().copied())
        .unwrap_or_default()
}

/// Cycles per second of two parts of a loop, with 0 and more clients in either of them.
fn together(one: &[f64], other: &[f64]) -> Vec<f64> {
    (0..one.len()).map(|clients| both(clients, &|n| one[n], &|n| other[n])).collect()
}

/// Cycles per second of `clients` that are in either of two parts of a loop, from what passes in each with so many there.
///
/// The number in the second part is a birth and death process, whose probabilities π are in proportion to products of
/// quotients: π(j)/π(j−1) = first(N−j+1)/second(j). They rise and then fall.
fn both(clients: usize, first: &dyn Fn(usize) -> f64, second: &dyn Fn(usize) -> f64) -> f64 {
    let (mut weight, mut total, mut passed) = (1.0, 1.0, 0.0);
    for there in 1..=clients {
        let (arrive, leave) = (first(clients - there + 1), second(there));
        if arrive.is_infinite() {
            // Nobody is ever anywhere else.
            return second(clients);
        }
        weight *= arrive / leave;
        total += weight;
        passed += weight * leave;
        if total > LARGE {
            (weight, total, passed) = (weight / LARGE, total / LARGE, passed / LARGE);
        }
    }
    passed / total
}

#[cfg(test)]
mod tests;
