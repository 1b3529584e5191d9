//! How requests find one of several replicas, and what it costs where each goes to a replica at random, whoever waits there.
//!
//! - [`chain`]: exact, for the few clients and replicas of a lab;
//! - [`crowd`]: for many clients, in as many steps for a million as for a thousand;
//! - [`simulation`]: for what lies between.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::bounds::{Model, Station};
use super::units::{Seconds, Throughput};

mod chain;
mod crowd;
#[cfg(test)]
pub(crate) mod design;
mod simulation;

/// How requests find a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dispatch {
    /// In turn.
    RoundRobin,
    /// Each by itself, at random.
    Random,
}

/// A closed loop of clients who think, then go to a replica at random and wait there until they have been served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomDispatch {
    /// How many go round (N).
    pub clients: usize,
    /// The time of a cycle that is not spent at the replicas (Z), constant.
    pub think_time: Seconds,
    /// The time that a replica takes for each (S), constant, more than 0.
    pub service_time: Seconds,
    /// How many there are (m).
    pub replicas: NonZeroUsize,
    /// How many a replica serves at once, in order of arrival.
    pub slots: NonZeroUsize,
}

/// What is more than this, clients or replicas, is approximated where it cannot be had exactly. From there on that is as good as
/// a simulation, and a thousand times faster.
const MOST_SIMULATED: usize = 400;

/// Between k and k + 1 times S the line between the chains is off by less than this times p(1 − p)/(k + 1), where p is the part of
/// the way. Simulations of two to four replicas
/// and up to 14 clients have shown 2.4 % of the 2.5 % that this is half-way for k = 0, and 1.0 % of the 1.3 % for k = 1.
const CURVATURE: f64 = 0.1;

/// The largest error of what is not exact, as a share of the throughput, that comparisons with long simulations have shown.
const ERROR: f64 = 0.003;

/// The same of [`Method::Expanded`], in comparisons with the sum.
const EXPANSION_ERROR: f64 = 0.001;

/// A throughput, and how it was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Cycles per second (X).
    pub throughput: Throughput,
    /// How good that is.
    pub method: Method,
}

/// How the throughput of a closed loop was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// There is no choice, or Z is k times S, k whole: all that happens, happens at multiples of S, and what is in which queue or
    /// will be back when is a Markov chain of finitely many states.
    Exact,
    /// Z is nearly k times S: between the chains for the k below and above, linearly in N/X, the time of a cycle.
    Interpolated,
    /// Z is not, or the chain has too many states: the loop client by client, with the same choices each time.
    Simulated,
    /// There are too many clients or replicas for that: one replica, with arrivals that hardly depend on each other.
    Approximated,
    /// Times are exponential, and there are too many clients for a sum over all that can be: what is most probable, and the first
    /// term of what is around it.
    Expanded,
}

impl Method {
    /// How far off a throughput may be, as a share of it.
    pub fn error(self) -> f64 {
        match self {
            Self::Exact => 0.0,
            Self::Interpolated | Self::Simulated | Self::Approximated => ERROR,
            Self::Expanded => EXPANSION_ERROR,
        }
    }
}

/// A throughput, and where those wait who wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Cycles per second, and how they were found.
    pub estimate: Estimate,
    /// How many clients wait at each of the model's stations, in their order, on average. Where dispatch is in turn and a second
    /// station lets requests through in bursts, the bottleneck has all of them.
    pub waiting: Vec<f64>,
}

/// Waiting below this share of a cycle is rounding.
const ROUNDING: f64 = 1e-11;

impl Model {
    /// What `clients` (N) of the loop achieve: [`Model::bound`], which is reached where replicas are visited in turn, and
    /// [`RandomDispatch::throughput`] where the bottleneck's are chosen at random, if it is the only station where clients can
    /// wait. If there are others, it is that of a simulation.
    pub fn throughput(&self, clients: usize) -> Throughput {
        self.estimate(clients).throughput
    }

    /// The same, and how it was found.
    pub fn estimate(&self, clients: usize) -> Estimate {
        self.passing(clients).estimate
    }

    /// The same, and where clients wait: as many in all as Little's law has them, N − X·(Z + ΣD).
    pub fn flow(&self, clients: usize) -> Flow {
        let Passing { estimate, waiting } = self.passing(clients);
        let all = clients as f64 - estimate.throughput * self.cycle_time();
        let all = if all > ROUNDING * clients as f64 { all } else { 0.0 };
        let bottleneck = self.bottleneck().map(|station| &station.name);
        let part = |index: usize| match &waiting {
            Some(waiting) => waiting[index] / waiting.iter().sum::<f64>().max(f64::MIN_POSITIVE),
            None => f64::from(bottleneck == Some(&self.stations[index].name)),
        };
        Flow { estimate, waiting: (0..self.stations.len()).map(|index| all * part(index)).collect() }
    }

    fn passing(&self, clients: usize) -> Passing {
        let bound = self.bound(clients);
        let found: Vec<Option<Place>> = self.stations.iter().map(Place::of).collect();
        let places: Vec<Place> = found.iter().copied().flatten().collect();
        if clients == 0 || !places.iter().any(Place::is_left_to_chance) {
            return Passing::exact(bound);
        }
        let mut passing = match (places.len(), self.random(clients)) {
            (1, Some((random, visits))) => {
                let Estimate { throughput, method } = random.estimate();
                let throughput = Throughput(throughput.0 / visits);
                Passing { estimate: Estimate { throughput, method }, waiting: None }
            }
            _ => several(clients, self.away(), &places),
        };
        passing.estimate.throughput = Throughput(bound.0.min(passing.estimate.throughput.0));
        passing.waiting = passing.waiting.map(|waiting| {
            let mut waiting = waiting.into_iter();
            found.iter().map(|place| place.and_then(|_| waiting.next()).unwrap_or_default()).collect()
        });
        passing
    }

    /// What `clients` achieve, nearly: too little by 3 % at most where there are few of them, at once however many there are.
    pub fn rough_throughput(&self, clients: usize) -> Throughput {
        let places: Vec<Place> = self.stations.iter().filter_map(Place::of).collect();
        if clients == 0 || places.is_empty() {
            return self.bound(clients);
        }
        crowd::throughput(clients, self.away(), &places)
    }

    /// The time of a cycle in which nobody can wait.
    fn away(&self) -> Seconds {
        let elsewhere = self.stations.iter().filter(|station| Place::of(station).is_none());
        self.think_time + elsewhere.map(Station::demand).sum()
    }

    /// The bottleneck, if its replicas are chosen at random, and its visits in a cycle.
    fn random(&self, clients: usize) -> Option<(RandomDispatch, f64)> {
        let station = self.bottleneck().filter(|station| station.dispatch == Dispatch::Random)?;
        let replicas = NonZeroUsize::new(station.replicas)?;
        let slots = NonZeroUsize::new(station.servers? / replicas)?;
        let think_time = (self.cycle_time() - station.demand()) / station.visits;
        let service_time = station.service_time;
        Some((RandomDispatch { clients, think_time, service_time, replicas, slots }, station.visits))
    }
}

/// What passes in a second, and how many wait meanwhile at each place; `None` if all of them wait at the bottleneck.
struct Passing {
    estimate: Estimate,
    waiting: Option<Vec<f64>>,
}

impl Passing {
    fn exact(throughput: Throughput) -> Self {
        Self { estimate: Estimate { throughput, method: Method::Exact }, waiting: None }
    }
}

/// A station of the loop where clients can wait.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Constant, more than 0.
    service_time: Seconds,
    replicas: usize,
    /// At each replica, at least 1.
    slots: usize,
    dispatch: Dispatch,
}

impl Place {
    /// `None` where nobody can wait. Several visits are taken as one that is as long as all of them.
    fn of(station: &Station) -> Option<Self> {
        let (service_time, replicas, dispatch) = (station.demand(), station.replicas, station.dispatch);
        let slots = station.servers?.checked_div(replicas)?;
        (slots > 0 && service_time > Seconds(0.0)).then_some(Self { service_time, replicas, slots, dispatch })
    }

    fn is_left_to_chance(&self) -> bool {
        self.dispatch == Dispatch::Random && self.replicas > 1
    }
}

/// What `clients` achieve who are `away` for a part of the cycle and can wait at each of `places` in the other.
fn several(clients: usize, away: Seconds, places: &[Place]) -> Passing {
    let most = places.iter().map(|place| place.replicas).fold(clients, usize::max);
    if most <= MOST_SIMULATED {
        let (throughput, waiting) = simulation::run(clients, away, places);
        return Passing {
            estimate: Estimate { throughput, method: Method::Simulated },
            waiting: Some(waiting),
        };
    }
    let throughput = crowd::throughput(clients, away, places);
    let waiting = places.iter().map(|place| crowd::waiting(place, clients, throughput)).collect();
    Passing { estimate: Estimate { throughput, method: Method::Approximated }, waiting: Some(waiting) }
}

impl RandomDispatch {
    /// Cycles per second (X), the best that is to be had; see [`Method`] for how good that is.
    pub fn throughput(&self) -> Throughput {
        self.estimate().throughput
    }

    /// X and how it was found.
    pub fn estimate(&self) -> Estimate {
        let place = Place {
            service_time: self.service_time,
            replicas: self.replicas.get(),
            slots: self.slots.get(),
            dispatch: Dispatch::Random,
        };
        if self.clients <= 1 || !place.is_left_to_chance() {
            let throughput = crowd::throughput(self.clients, self.think_time, &[place]);
            return Estimate { throughput, method: Method::Exact };
        }
        match self.by_chain() {
            Some((throughput, method)) => Estimate { throughput, method },
            None => several(self.clients, self.think_time, &[place]).estimate,
        }
    }

    /// `None` where there would be too many states, or Z/S is too far from a whole number.
    fn by_chain(&self) -> Option<(Throughput, Method)> {
        // Nearly all of these have too many states, which takes longer to find out than anything else here.
        if self.clients.max(self.replicas.get()) > MOST_SIMULATED {
            return None;
        }
        let ratio = (self.think_time.0 / self.service_time.0).max(0.0);
        let cycle = |slots: f64| Some(self.clients as f64 / chain::throughput(self, slots)?);
        // Rounding makes 2.000000000001 of 0.2 / 0.1, which is not worth a second chain.
        let (slots, method) = if (ratio - ratio.round()).abs() < 1e-9 {
            (cycle(ratio.round())?, Method::Exact)
        } else if ratio.fract() * (1.0 - ratio.fract()) * CURVATURE / (ratio.floor() + 1.0) < ERROR {
            let [below, above] = [cycle(ratio.floor())?, cycle(ratio.floor() + 1.0)?];
            (below + ratio.fract() * (above - below), Method::Interpolated)
        } else {
            return None;
        };
        Some((Throughput(self.clients as f64 / (slots * self.service_time.0)), method))
    }
}

#[cfg(test)]
mod tests;
