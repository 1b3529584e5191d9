//! The closed loop as a product-form network, whose service times have no memory: what exact mean value analysis gives, for
//! stations with one server, with several, with replicas chosen at random, and for those where nobody waits.
//!
//! - this file: two parts of the loop taken together, client by client;
//! - [`machine_repair`]: one station with several servers and thinking clients.
//!
//! Mean value analysis goes from 1 client to N and, at several servers, subtracts probabilities from 1 on the way; once the
//! station is full, each such error grows by more than a fifth a client from three servers on, and some hundred clients later
//! nothing of the result is left. The sums here are those of the same network, arranged so that all terms are positive and
//! one client more takes one step more, however many servers there are.
//!
//! Sources: M. Reiser and S. S. Lavenberg, "Mean-Value Analysis of Closed Multichain Queuing Networks", 1980; K. M. Chandy,
//! U. Herzog and L. Woo, "Parametric Analysis of Queuing Networks", 1975.

use super::bounds::{Model, Station};
use super::dispatch::Dispatch;
use super::units::{Seconds, Throughput};

mod machine_repair;

/// Weights above this are scaled down before they overflow; what is then lost is less than rounding.
const LARGE: f64 = 1e200;

/// A station where clients can wait.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Waiting {
    /// D, more than 0.
    demand: Seconds,
    queues: Queues,
}

/// Where they wait.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Queues {
    /// In one queue for so many servers.
    Shared(usize),
    /// Each at one of so many replicas with a server each, chosen at random.
    Apart(usize),
}

impl Model {
    /// Cycles per second (X) of `clients` (N) where service times are exponential and their means those of the model. Replicas
    /// that are visited in turn are taken as one queue for all their servers.
    ///
    /// `None` where that has no such form: several servers at each of several replicas that are chosen at random, or more
    /// than two stations where clients can wait. Takes 2·N steps at most.
    pub fn product_form(&self, clients: usize) -> Option<Throughput> {
        let mut waiting = Vec::new();
        let mut away = self.think_time;
        for station in &self.stations {
            match Waiting::at(station)? {
                Some(found) => waiting.push(found),
                None => away = away + station.demand(),
            }
        }
        let completed = match waiting[..] {
            [] => clients as f64 / away.0,
            [only] => both(clients, &|n| n as f64 / away.0, &|n| only.rate(n)),
            [one, other] => {
                let rest = other.with_thinkers(away, clients);
                both(clients, &|n| rest[n], &|n| one.rate(n))
            }
            _ => return None,
        };
        Some(Throughput(if clients == 0 { 0.0 } else { completed }))
    }
}

impl Waiting {
    /// `Some(None)` where nobody waits; `None` where there is no product form.
    #[expect(clippy::option_option, reason = "two questions: is there an answer, and what is it")]
    fn at(station: &Station) -> Option<Option<Self>> {
        let Some(servers) = station.servers.filter(|_| station.demand() > Seconds(0.0)) else {
            return Some(None);
        };
        let queues = match station.dispatch {
            Dispatch::Random if station.replicas > 1 => {
                (servers == station.replicas).then_some(Queues::Apart(servers))?
            }
            _ => Queues::Shared(servers),
        };
        (servers > 0).then_some(Some(Self { demand: station.demand(), queues }))
    }

    /// Cycles per second that pass while `clients` are here, at least 1; a mean over where they are.
    ///
    /// At m replicas apart every way to spread n clients is equally probable, and one of them has somebody in n/(n+m−1) of
    /// all ways.
    fn rate(&self, clients: usize) -> f64 {
        let busy = match self.queues {
            Queues::Shared(servers) => clients.min(servers) as f64,
            Queues::Apart(replicas) => {
                replicas as f64 * (clients as f64 / (clients as f64 + replicas as f64 - 1.0))
            }
        };
        busy / self.demand.0
    }

    /// Cycles per second of this station and of thinking for `away`, with 0 to `most` clients.
    fn with_thinkers(&self, away: Seconds, most: usize) -> Vec<f64> {
        if away <= Seconds(0.0) {
            return (0..=most).map(|clients| if clients == 0 { 0.0 } else { self.rate(clients) }).collect();
        }
        match self.queues {
            Queues::Shared(servers) => machine_repair::throughputs(away, self.demand, servers, most),
            Queues::Apart(replicas) => self.apart_with_thinkers(away, replicas, most),
        }
    }

    /// Mean value analysis itself: who arrives finds what one client less would leave, spread evenly.
    fn apart_with_thinkers(&self, away: Seconds, replicas: usize, most: usize) -> Vec<f64> {
        let mut here = 0.0;
        let mut throughputs = vec![0.0];
        for clients in 1..=most {
            let response = self.demand.0 * (1.0 + here / replicas as f64);
            let throughput = clients as f64 / (away.0 + response);
            here = throughput * response;
            throughputs.push(throughput);
        }
        throughputs
    }
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
