//! What the plan's capacities predict, by the laws of the built-in lab. One time is measured, at the first step: what a cycle
//! takes outside the services whose capacity is given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::MOST;
use super::elasticity::Point;
use super::plan::Plan;
use crate::laws::bounds::{Model, Station};
use crate::laws::demand::utilisation;
use crate::laws::dispatch::Dispatch;
use crate::laws::units::{Seconds, Throughput, Utilisation};

/// A closed loop whose services are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Prediction {
    /// What a cycle takes outside them (Z).
    pub(super) think_time_seconds: f64,
    pub(super) capacities: Vec<Known>,
}

/// What one replica of a service can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// The service.
    pub(super) of: String,
    pub(super) service_time_seconds: f64,
    /// Visits that it serves at once.
    pub(super) slots: usize,
    /// Visits of a cycle.
    pub(super) visits: f64,
}

/// How much there is of everything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amounts<'a> {
    /// Of each service that is scaled; what is not is there once.
    pub(super) replicas: &'a BTreeMap<String, usize>,
    /// Clients of a closed loop.
    pub(super) load: Option<f64>,
}

impl Prediction {
    /// `None` in an open loop, without capacities, or if a cycle of the first step is shorter than they allow.
    pub(super) fn new(plan: &Plan, first: &Point) -> Option<Self> {
        let cycle = first.cycle.filter(|_| plan.clients.is_closed_loop())?;
        let capacities: Vec<Known> = capacities(plan).collect();
        let think_time = Seconds(cycle) - capacities.iter().map(Known::demand).sum();
        let makes_sense = !capacities.is_empty() && think_time.0 > -SLACK * cycle;
        makes_sense.then(|| Self { think_time_seconds: think_time.0.max(0.0), capacities })
    }

    /// Whether it can be that of a plan, as what stands in a file need not be.
    pub(super) fn is_possible(&self) -> bool {
        self.think_time_seconds >= 0.0 && self.capacities.iter().all(Known::is_possible)
    }

    /// X = min(N/(Z + ΣD), m/D).
    pub(super) fn throughput(&self, amounts: Amounts<'_>) -> Option<f64> {
        Some(self.model(amounts).bound(amounts.clients()?).0)
    }

    /// The clients from which on a service limits; `None` if none does, however many they are.
    pub(super) fn knee(&self, amounts: Amounts<'_>) -> Option<f64> {
        self.model(amounts).knee()
    }

    /// The service that must limit; `None` below the knee.
    pub(super) fn bottleneck(&self, amounts: Amounts<'_>) -> Option<String> {
        let model = self.model(amounts);
        let name = model.bottleneck()?.name.clone();
        (amounts.clients()? as f64 > model.knee()?).then_some(name)
    }

    /// How busy a service is at such a throughput; `None` if its capacity is not given.
    pub(super) fn busy(&self, of: &str, amounts: Amounts<'_>, throughput: f64) -> Option<Utilisation> {
        let known = self.capacities.iter().find(|known| known.of == of)?;
        Some(utilisation(Throughput(throughput), known.demand(), known.slots * amounts.replicas_of(of)))
    }

    fn model(&self, amounts: Amounts<'_>) -> Model {
        let station = |known: &Known| {
            let replicas = amounts.replicas_of(&known.of);
            Station {
                name: known.of.clone(),
                service_time: Seconds(known.service_time_seconds),
                servers: Some(known.slots * replicas),
                replicas,
                dispatch: Dispatch::RoundRobin,
                visits: known.visits,
            }
        };
        Model {
            think_time: Seconds(self.think_time_seconds),
            stations: self.capacities.iter().map(station).collect(),
        }
    }
}

impl Known {
    fn is_possible(&self) -> bool {
        self.service_time_seconds > 0.0 && self.visits > 0.0 && (1..=MOST).contains(&self.slots)
    }

    fn demand(&self) -> Seconds {
        self.visits * Seconds(self.service_time_seconds)
    }
}

impl Amounts<'_> {
    fn replicas_of(self, service: &str) -> usize {
        self.replicas.get(service).copied().unwrap_or(1)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of a closed loop are whole and at least 1"
    )]
    fn clients(self) -> Option<usize> {
        self.load.map(|load| load as usize)
    }
}

/// A first cycle that is shorter than its parts by less than this share is a rounding of what was given.
const SLACK: f64 = 0.05;

fn capacities(plan: &Plan) -> impl Iterator<Item = Known> {
    plan.services.iter().filter_map(|service| {
        let capacity = service.capacity?;
        Some(Known {
            of: service.name.clone(),
            service_time_seconds: capacity.service_time.0,
            slots: capacity.slots,
            visits: capacity.visits,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::blackbox::check::parse;
    use crate::blackbox::elasticity::Figure;
    use crate::blackbox::testing::SHOP;

    fn shop() -> Plan {
        let text = SHOP.replace("\n\n[services.database]", "\nclients = \"queue\"\n[services.database]");
        let text = text.replace("{ web = 2 }", "{ queue = 16 }");
        parse(Path::new("shop.toml"), &text).unwrap()
    }

    fn first(cycle: f64) -> Point {
        Point {
            amounts: Vec::new(),
            load: Some(1.0),
            cycle: Some(cycle),
            throughput: Figure { mean: 1.0 / cycle, half_width: None },
            waits: Vec::new(),
        }
    }

    #[test]
    fn a_given_capacity_bounds_throughput() {
        let plan = shop();
        let prediction = Prediction::new(&plan, &first(0.022)).unwrap();
        let counts: Vec<_> = plan.steps.iter().map(|step| (plan.replicas(step), plan.load(step))).collect();
        let [light, heavy] =
            [0, 1].map(|step: usize| Amounts { replicas: &counts[step].0, load: counts[step].1 });
        let predicted = [light, heavy].map(|amounts| prediction.throughput(amounts).map(f64::round));
        assert_eq!(predicted, [Some(45.0), Some(50.0)]);
        assert_eq!(prediction.bottleneck(light), None);
        assert_eq!(prediction.bottleneck(heavy).as_deref(), Some("database"));
        assert!((prediction.knee(heavy).unwrap() - 1.1).abs() < 1e-9);
        assert_eq!(prediction.busy("database", heavy, 25.0), Some(Utilisation(0.5)));
        assert_eq!(prediction.busy("web", heavy, 25.0), None);
    }

    #[test]
    fn a_cycle_shorter_than_its_parts_predicts_nothing() {
        let plan = shop();
        assert!(Prediction::new(&plan, &first(0.0195)).is_some());
        assert!(Prediction::new(&plan, &first(0.01)).is_none());
    }
}
