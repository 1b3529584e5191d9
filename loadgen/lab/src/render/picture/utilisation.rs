//! How busy a sweep's services are: the slots of each station, and the CPU of each service.

use super::Picture;
use super::busy::{Busy, Column};
use super::steps::Rows;
use crate::backend::Service;
use crate::observation::Observation;
use crate::report::Report;

/// One column.
#[derive(Clone, Copy)]
struct Resource {
    service: Service,
    is_slots: bool,
}

const ALL: [Resource; 6] = [
    Resource { service: Service::Rng, is_slots: true },
    Resource { service: Service::Hasher, is_slots: true },
    Resource { service: Service::Rng, is_slots: false },
    Resource { service: Service::Hasher, is_slots: false },
    Resource { service: Service::Worker, is_slots: false },
    Resource { service: Service::Store, is_slots: false },
];

impl Resource {
    /// The part of it that was busy; `None` if it has no limit, or was not read.
    fn busy(self, seen: &Observation) -> Option<f64> {
        let service = seen.service(self.service)?;
        if self.is_slots {
            return service.utilisation;
        }
        // In cores: that of a replica, since each of them is a program of one thread.
        (!service.replicas.is_empty()).then(|| service.cpu_cores / service.replicas.len() as f64)
    }

    fn kind(self) -> &'static str {
        if self.is_slots { "slots" } else { "CPU" }
    }
}

/// The map of all steps; nothing where nothing could be read.
pub(super) fn picture(report: &Report) -> Option<Picture> {
    let column = |resource: Resource| Column {
        service: resource.service.name().to_owned(),
        kind: resource.kind(),
        shares: report.steps.iter().map(|measured| resource.busy(&measured.seen)).collect(),
    };
    let columns = ALL.into_iter().map(column).filter(|it| it.shares.iter().any(Option::is_some));
    let busy = Busy {
        rows: Rows::of_steps(report),
        steps: report.steps.iter().map(|measured| measured.step.to_string()).collect(),
        columns: columns.collect(),
        description: "The part of the time in which slots were taken, and the part of a core that each replica used.",
    };
    busy.picture()
}
