//! How busy everything is: a row for each step, a column for the slots of each station and the CPU of each service. A full cell
//! has an edge, so that it is not its colour alone that tells.

use maud::{Markup, html};

use super::steps::{BAR, ROW, Rows};
use super::{Picture, Table, WIDTH, at};
use crate::backend::Service;
use crate::laws::units::Utilisation;
use crate::observation::Observation;
use crate::render::words::or_blank;
use crate::report::Report;

/// A share that says that there is nothing left to give.
const FULL: f64 = 0.95;

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

    fn name(self) -> &'static str {
        match (self.service, self.is_slots) {
            (Service::Rng, true) => "rng slots",
            (Service::Hasher, true) => "hasher slots",
            (Service::Rng, false) => "rng CPU",
            (Service::Hasher, false) => "hasher CPU",
            (Service::Worker, _) => "worker CPU",
            _ => "store CPU",
        }
    }
}

/// The map of all steps; nothing where nothing could be read.
pub(super) fn picture(report: &Report) -> Option<Picture> {
    let all = || report.steps.iter().map(|measured| &measured.seen);
    let resources: Vec<Resource> =
        ALL.into_iter().filter(|resource| all().any(|seen| resource.busy(seen).is_some())).collect();
    if resources.is_empty() {
        return None;
    }
    let rows = Rows::new(report, report.steps.iter().map(|measured| (measured.step, Vec::new())), &[]);
    let width = (WIDTH - rows.left - 14.0) / resources.len() as f64;
    let middle = |column: usize| rows.left + (column as f64 + 0.5) * width;
    let drawing = html! {
        @for (column, resource) in resources.iter().enumerate() {
            text class="middle" x=(at(middle(column))) y="22" { (resource.service) }
            text class="soft middle" x=(at(middle(column))) y="44" { (resource.kind()) }
            @for (row, seen) in all().enumerate() {
                @if let Some(busy) = resource.busy(seen) {
                    (cell(busy, (middle(column), rows.middle(row)), width, &report.steps[row].step.to_string()))
                }
            }
        }
    };
    let (drawing, height) = rows.framed(None, &drawing, &[]);
    Some(Picture {
        name: "utilisation",
        title: "How busy everything is".to_owned(),
        description: description(report, &resources),
        height,
        drawing,
        table: table(report, &resources),
    })
}

fn cell(busy: f64, (x, y): (f64, f64), width: f64, step: &str) -> Markup {
    let (width, height) = (width - 4.0, BAR.max(ROW - 4.0));
    let rect = |class: &str, opacity: Option<String>| {
        html! {
            rect class=(class) x=(at(x - width / 2.0)) y=(at(y - height / 2.0)) width=(at(width)) height=(at(height))
                fill-opacity=[opacity] { title { (step) ": " (Utilisation(busy)) } }
        }
    };
    html! {
        (rect("fill0", Some(format!("{:.2}", 0.05 + 0.5 * busy.clamp(0.0, 1.0)))))
        @if busy >= FULL { (rect("full", None)) }
        text class="middle small" x=(at(x)) y=(at(y + 5.0)) { (Utilisation(busy)) }
    }
}

fn description(report: &Report, resources: &[Resource]) -> String {
    let full = report.steps.iter().filter_map(|measured| {
        let full = |it: &&Resource| it.busy(&measured.seen).is_some_and(|busy| busy >= FULL);
        let names: Vec<&str> = resources.iter().filter(full).map(|it| it.name()).collect();
        (!names.is_empty()).then(|| format!("{} at {}", names.join(" and "), measured.step))
    });
    let full: Vec<String> = full.collect();
    let full = if full.is_empty() { "nothing".to_owned() } else { full.join("; ") };
    format!(
        "The part of the time in which slots were taken, and the part of a core that each replica used. Full, at 95 % and more: {full}."
    )
}

fn table(report: &Report, resources: &[Resource]) -> Table {
    let header = std::iter::once("step").chain(resources.iter().map(|it| it.name()));
    let rows = report.steps.iter().map(|measured| {
        let cells = resources
            .iter()
            .map(|it| or_blank(it.busy(&measured.seen), |busy| format!("{:.1} %", busy * 100.0)));
        std::iter::once(measured.step.to_string()).chain(cells).collect()
    });
    Table { header: header.collect(), rows: rows.collect() }
}
