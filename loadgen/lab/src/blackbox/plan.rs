//! What a plan file means: services, counter, steps, checked. Everything after this may rely on it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::template::Template;
use crate::laws::units::Seconds;

/// A whole plan.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) application: String,
    /// What is counted, in the plural.
    pub(super) unit: String,
    /// In the order of the file; steps and points name them by their place here.
    pub(super) services: Vec<Service>,
    pub(super) clients: Clients,
    pub(super) counter: Counter,
    /// Never empty.
    pub(super) steps: Vec<Step>,
    pub(super) warm_up: Duration,
    pub(super) window: Duration,
    /// Probes of each service a second; 0 for none.
    pub(super) probe_rate: f64,
    /// What must be the bottleneck; `None` for anything.
    pub(super) bottleneck: Option<String>,
    /// The file as it was written, but for passwords in URLs.
    pub(super) text: String,
}

/// Who sends requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clients {
    /// The replicas of this service, each a client in a closed loop.
    Service(usize),
    /// The load generator, in a closed loop.
    Connections,
    /// The load generator, in an open loop.
    Rate,
    /// Somebody else.
    Unknown,
}

impl Clients {
    /// Whether each of them waits for its answer before it asks again.
    pub(super) fn is_closed_loop(self) -> bool {
        matches!(self, Self::Service(_) | Self::Connections)
    }
}

/// One service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) way: Way,
    pub(super) probe: Option<Probe>,
    pub(super) capacity: Option<Capacity>,
}

/// How the number of replicas is set.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// It is not.
    None,
    /// A child for each.
    Run(Template),
    /// A command, and one that prints the number.
    Shell { scale: Template, count: Option<Template> },
    /// docker-compose.
    Compose { service: String, project: Option<String>, files: Vec<String> },
    /// kubectl.
    Kubernetes { object: String, namespace: Option<String>, context: Option<String> },
}

/// Where a service is probed.
#[derive(Clone, Debug)]
pub(super) enum Probe {
    /// URLs; of children one a replica, if they have a `{port}`.
    Urls(Vec<Template>),
    /// What this prints, a URL a line.
    Command(Template),
}

/// What one replica can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Capacity {
    pub(super) service_time: Seconds,
    pub(super) slots: usize,
    pub(super) visits: f64,
}

/// Where throughput is read.
#[derive(Clone, Debug)]
pub(super) enum Counter {
    Json { url: Template, pointer: String },
    Prometheus { url: Template, metric: String, labels: Vec<(String, String)> },
    Redis { url: Template, key: String },
    Load { url: Template, method: Option<String>, body: Option<String> },
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    /// Of each service; `None` where it is not scaled.
    pub(super) replicas: Vec<Option<usize>>,
    /// Connections, or requests a second, of the load generator.
    pub(super) load: Option<f64>,
    pub(super) expectations: Vec<Expectation>,
}

/// What must hold at a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expectation {
    /// So many a second at least.
    Throughput(f64),
    /// The 99th percentile of the answers to the load generator (`None`), or of probes of a service, below this.
    P99 { of: Option<usize>, below: Duration },
}

impl Plan {
    /// A step as a person would call it: counts that are not the same throughout, then load.
    pub(super) fn name(&self, step: &Step) -> String {
        let varies =
            |index: usize| self.steps.iter().any(|it| it.replicas[index] != self.steps[0].replicas[index]);
        let all = step.load.is_none() && !(0..self.services.len()).any(varies);
        let counts = self.services.iter().zip(&step.replicas).enumerate();
        let counts = counts.filter(|(index, _)| all || varies(*index)).map(|(_, pair)| pair);
        let counts = counts.filter_map(|(service, count)| Some(format!("{}={}", service.name, (*count)?)));
        let load = step.load.map(|load| format!("{}={load}", self.clients_name()));
        counts.chain(load).collect::<Vec<_>>().join(" ")
    }

    /// Whether probes are sent to a service, given by its place.
    pub(super) fn is_probed(&self, index: usize) -> bool {
        self.services[index].probe.is_some() && self.probe_rate > 0.0
    }

    /// What the load is called.
    pub(super) fn clients_name(&self) -> &str {
        match self.clients {
            Clients::Service(index) => &self.services[index].name,
            Clients::Connections => "connections",
            Clients::Rate => "rate",
            Clients::Unknown => "load",
        }
    }

    /// How many replicas there are at a step, of each service that is scaled.
    pub(super) fn replicas(&self, step: &Step) -> BTreeMap<String, usize> {
        let counts = self.services.iter().zip(&step.replicas);
        counts.filter_map(|(service, count)| Some((service.name.clone(), (*count)?))).collect()
    }

    /// An expectation of a step, as one writes it.
    pub(super) fn written(&self, expectation: &Expectation) -> String {
        match expectation {
            Expectation::Throughput(least) => format!("throughput>={least}"),
            Expectation::P99 { of, below } => {
                let of = of.map_or_else(String::new, |index| format!("{}.", self.services[index].name));
                format!("{of}p99<{}", humantime::format_duration(*below))
            }
        }
    }

    /// How much load there is at a step: clients, or requests a second.
    pub(super) fn load(&self, step: &Step) -> Option<f64> {
        match self.clients {
            Clients::Service(index) => step.replicas[index].map(|count| count as f64),
            Clients::Connections | Clients::Rate => step.load,
            Clients::Unknown => None,
        }
    }
}

/// How a service is scaled, for people.
pub(super) fn described(way: &Way) -> String {
    match way {
        Way::None => "not scaled".to_owned(),
        Way::Run(command) => format!("each replica runs: {command}"),
        Way::Shell { scale, .. } => format!("scaled by: {scale}"),
        Way::Compose { service, .. } => format!("scaled by docker-compose as {service}"),
        Way::Kubernetes { object, .. } => format!("scaled by kubectl as {object}"),
    }
}
