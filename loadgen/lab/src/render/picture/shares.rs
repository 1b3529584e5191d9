//! What part of the requests each replica got, where there were several to choose from.

use maud::{Markup, html};

use super::legend::Entry;
use super::steps::{BAR, Rows};
use super::{Picture, Table, at};
use crate::backend::Service;
use crate::laws::units::Utilisation;
use crate::observation::{ReplicaObservation, ServiceObservation};
use crate::report::Report;
use crate::step::Step;

/// The services that requests are shared out to.
const SHARED: [Service; 2] = [Service::Rng, Service::Hasher];

/// Letters of a replica's name that have room; its end is what tells it from the others.
const LETTERS: usize = 13;

/// More rows than this make no picture; the table has them all.
const MOST_ROWS: usize = 60;

/// A replica at a step, and how many there were of it.
struct Part<'a> {
    step: Step,
    service: Service,
    replica: &'a ReplicaObservation,
    replicas: usize,
}

/// The shares at all steps with several replicas of rng or hasher; nothing if there are none.
pub(super) fn picture(report: &Report) -> Option<Picture> {
    let parts = parts(report);
    if parts.is_empty() {
        return None;
    }
    let (shown, more) = parts.split_at(parts.len().min(MOST_ROWS));
    let labelled = shown.iter().map(|part| (part.step, vec![short(&part.replica.replica)]));
    let rows = Rows::of_sweep(report, labelled, &[("replica", 120.0)]);
    let most = shown.iter().map(|part| part.replica.share).fold(0.0, f64::max);
    let scale = rows.scale(most * 100.0);
    let drawing = html! {
        @for (index, part) in shown.iter().enumerate() {
            @let (y, even) = (rows.middle(index), scale.at(100.0 / part.replicas as f64));
            rect class={ "part fill" (usize::from(part.service == Service::Hasher) * 2) } x=(at(scale.at(0.0)))
                y=(at(y - BAR / 2.0)) width=(at(scale.at(part.replica.share * 100.0) - scale.at(0.0))) height=(at(BAR)) {
                title { (part.replica.replica) ": " (Utilisation(part.replica.share)) }
            }
            path class="full" d={ "M" (at(even)) " " (at(y - BAR / 2.0 - 4.0)) "v" (at(BAR + 8.0)) } {}
        }
    };
    let mut entries = vec![Entry::new(even_share, "an even share")];
    if !more.is_empty() {
        entries.push(Entry::new(|_| html! {}, format!("{} more are in the table", more.len())));
    }
    let (drawing, height) = rows.framed(Some((scale, "% of the requests")), &drawing, &entries);
    Some(Picture {
        name: "shares".to_owned(),
        title: "What part of the requests each replica gets".to_owned(),
        description: description(shown),
        height,
        drawing,
        table: table(&parts),
    })
}

/// The sample of the line at which all replicas would get as much.
fn even_share((x, y): (f64, f64)) -> Markup {
    html! { path class="full" d={ "M" (at(x)) " " (at(y - 10.0)) "v20" } {} }
}

fn parts(report: &Report) -> Vec<Part<'_>> {
    let several = report.steps.iter().flat_map(|measured| {
        let services = SHARED.iter().filter_map(|service| measured.seen.service(*service));
        services.filter(|seen| seen.replicas.len() > 1).map(|seen| (measured.step, seen))
    });
    several.flat_map(|(step, seen)| of_service(step, seen)).collect()
}

fn of_service(step: Step, seen: &ServiceObservation) -> impl Iterator<Item = Part<'_>> {
    let replicas = seen.replicas.len();
    seen.replicas.iter().map(move |replica| Part { step, service: seen.service, replica, replicas })
}

fn short(name: &str) -> String {
    let letters = name.chars().count();
    if letters <= LETTERS {
        return name.to_owned();
    }
    std::iter::once('…').chain(name.chars().skip(letters + 1 - LETTERS)).collect()
}

fn description(parts: &[Part<'_>]) -> String {
    let told = parts
        .iter()
        .map(|it| format!("{} at {}: {}", it.replica.replica, it.step, Utilisation(it.replica.share)));
    format!(
        "The part of a service's requests that each replica got. {}.",
        told.collect::<Vec<_>>().join("; ")
    )
}

fn table(parts: &[Part<'_>]) -> Table {
    let row = |part: &Part<'_>| {
        vec![
            part.step.to_string(),
            part.replica.replica.clone(),
            format!("{:.0}", part.replica.visits),
            format!("{:.1} %", part.replica.share * 100.0),
            format!("{:.1} %", 100.0 / part.replicas as f64),
            format!("{:.1} %", part.replica.cpu.cpu_cores * 100.0),
        ]
    };
    Table::new(["step", "replica", "requests", "share", "even share", "CPU"], parts.iter().map(row))
}
