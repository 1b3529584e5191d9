//! What the plan's capacities predict, by the laws of the built-in lab. One time is measured, at the first step: what a cycle
//! takes outside the services whose capacity is given.

use super::elasticity::Point;
use super::plan::{Capacity, Clients, Plan, Step, Way};
use crate::laws::bounds::{Model, Station};
use crate::laws::demand::utilisation;
use crate::laws::dispatch::Dispatch;
use crate::laws::units::{Seconds, Throughput, Utilisation};

/// A closed loop whose services are known.
pub(super) struct Prediction<'a> {
    plan: &'a Plan,
    think_time: Seconds,
}

impl<'a> Prediction<'a> {
    /// `None` in an open loop, without capacities, or if a cycle of the first step is shorter than they allow.
    pub(super) fn new(plan: &'a Plan, first: &Point) -> Option<Self> {
        let closed = matches!(plan.clients, Clients::Service(_) | Clients::Connections);
        let cycle = first.cycle.filter(|_| closed)?;
        let demands: Vec<Seconds> = capacities(plan).map(|(_, it)| it.visits * it.service_time).collect();
        let think_time = Seconds(cycle) - demands.iter().copied().sum();
        let makes_sense = !demands.is_empty() && think_time.0 > -SLACK * cycle;
        makes_sense.then(|| Self { plan, think_time: Seconds(think_time.0.max(0.0)) })
    }

    /// X = min(N/(Z + ΣD), m/D) at `step`.
    pub(super) fn throughput(&self, step: &Step) -> Option<f64> {
        Some(self.model(step).bound(clients(self.plan, step)?).0)
    }

    /// The service that must limit `step`, by its place; `None` below the knee.
    pub(super) fn bottleneck(&self, step: &Step) -> Option<usize> {
        let model = self.model(step);
        let name = &model.bottleneck()?.name;
        let beyond = clients(self.plan, step)? as f64 > model.knee()?;
        self.plan.services.iter().position(|service| beyond && service.name == *name)
    }

    /// How busy a service is at `step`, whose throughput is so much; `None` if its capacity is not given.
    pub(super) fn busy(&self, what: usize, step: &Step, throughput: f64) -> Option<Utilisation> {
        let capacity = self.plan.services.get(what)?.capacity?;
        let demand = capacity.visits * capacity.service_time;
        Some(utilisation(Throughput(throughput), demand, servers(capacity, replicas(self.plan, step, what))))
    }

    fn model(&self, step: &Step) -> Model {
        let station = |(index, capacity): (usize, Capacity)| {
            let replicas = replicas(self.plan, step, index);
            Station {
                name: self.plan.services[index].name.clone(),
                service_time: capacity.service_time,
                servers: Some(servers(capacity, replicas)),
                replicas,
                dispatch: Dispatch::RoundRobin,
                visits: capacity.visits,
            }
        };
        Model { think_time: self.think_time, stations: capacities(self.plan).map(station).collect() }
    }
}

/// A first cycle that is shorter than its parts by less than this share is a rounding of what was given.
const SLACK: f64 = 0.05;

fn capacities(plan: &Plan) -> impl Iterator<Item = (usize, Capacity)> {
    plan.services.iter().enumerate().filter_map(|(index, service)| Some((index, service.capacity?)))
}

fn servers(capacity: Capacity, replicas: usize) -> usize {
    capacity.slots * replicas
}

/// What is not scaled is there once.
fn replicas(plan: &Plan, step: &Step, index: usize) -> usize {
    match plan.services[index].way {
        Way::None => 1,
        _ => step.replicas[index].unwrap_or(1),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of a closed loop are whole and at least 1"
)]
fn clients(plan: &Plan, step: &Step) -> Option<usize> {
    plan.load(step).map(|load| load as usize)
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
        let predicted: Vec<f64> =
            plan.steps.iter().filter_map(|step| prediction.throughput(step)).map(f64::round).collect();
        assert_eq!(predicted, [45.0, 50.0]);
        assert_eq!(prediction.bottleneck(&plan.steps[0]), None);
        assert_eq!(prediction.bottleneck(&plan.steps[1]), Some(0));
        assert_eq!(prediction.busy(0, &plan.steps[1], 25.0), Some(Utilisation(0.5)));
        assert_eq!(prediction.busy(1, &plan.steps[1], 25.0), None);
    }

    #[test]
    fn a_cycle_shorter_than_its_parts_predicts_nothing() {
        let plan = shop();
        assert!(Prediction::new(&plan, &first(0.0195)).is_some());
        assert!(Prediction::new(&plan, &first(0.01)).is_none());
    }
}
