//! Where the time of a unit of work goes: a bar for each step, a piece for each stage, with what was waiting beside what was
//! service.

use maud::{Markup, html};

use super::legend::{Entry, piece};
use super::scale::Scale;
use super::steps::{BAR, Rows};
use super::{Picture, Table, at};
use crate::backend::Service;
use crate::observation::Observation;
use crate::render::words::millis;
use crate::report::Report;

/// What the hatching is called inside the picture.
const HATCH: &str = "stages-hatch";

/// A piece of each bar.
#[derive(Clone, Copy)]
struct Part {
    text: &'static str,
    class: &'static str,
    is_hatched: bool,
    /// Seconds of a cycle.
    of: fn(&Observation) -> f64,
}

/// In the order of a cycle; what no stage accounts for comes last.
const PARTS: [Part; 7] = [
    Part { text: "think", class: "idle", is_hatched: false, of: |seen| seen.stage("think").0 },
    Part { text: "wait for rng", class: "fill1", is_hatched: true, of: |seen| waiting(seen, Service::Rng) },
    Part { text: "rng", class: "fill1", is_hatched: false, of: |seen| served(seen, Service::Rng) },
    Part {
        text: "wait for hasher",
        class: "fill0",
        is_hatched: true,
        of: |seen| waiting(seen, Service::Hasher),
    },
    Part { text: "hasher", class: "fill0", is_hatched: false, of: |seen| served(seen, Service::Hasher) },
    Part { text: "store", class: "fill2", is_hatched: false, of: |seen| seen.stage("store").0 },
    Part { text: "unaccounted for", class: "fill4", is_hatched: true, of: dark },
];

/// What is shorter than this share of the longest bar is not seen.
const SEEN: f64 = 1e-3;

/// Part of the stage of a service that its requests waited, for as long as the stage lasted at most.
fn waiting(seen: &Observation, service: Service) -> f64 {
    let queueing = seen.service(service).and_then(|it| it.queueing_time_seconds).unwrap_or_default();
    queueing.clamp(0.0, seen.stage(service.name()).0.max(0.0))
}

/// The rest of it: service, and the way there and back.
fn served(seen: &Observation, service: Service) -> f64 {
    seen.stage(service.name()).0 - waiting(seen, service)
}

/// N/X less all stages.
fn dark(seen: &Observation) -> f64 {
    if seen.throughput_per_second <= 0.0 {
        return 0.0;
    }
    (seen.clients as f64 / seen.throughput_per_second - seen.cycle().0).max(0.0)
}

/// The bars of all steps.
pub(super) fn picture(report: &Report) -> Option<Picture> {
    let all = || report.steps.iter().map(|measured| &measured.seen);
    let whole = |seen: &Observation| PARTS.iter().map(|part| (part.of)(seen)).sum::<f64>();
    let longest = all().map(whole).fold(0.0, f64::max);
    if report.steps.is_empty() || longest <= 0.0 {
        return None;
    }
    let parts: Vec<Part> =
        PARTS.into_iter().filter(|part| all().any(|seen| (part.of)(seen) > SEEN * longest)).collect();
    let rows = Rows::of_steps(report);
    let scale = rows.scale(longest * 1e3);
    let drawing = html! {
        defs {
            pattern id=(HATCH) width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                path class="hatch" d="M0 0V8" {}
            }
        }
        @for (index, seen) in all().enumerate() { (bar(&parts, seen, scale, rows.middle(index))) }
    };
    let (drawing, height) = rows.framed(Some((scale, "ms for a unit of work")), &drawing, &entries(&parts));
    Some(Picture {
        name: "stages".to_owned(),
        title: "Where the time goes".to_owned(),
        description: description(report),
        height,
        drawing,
        table: table(report, &parts),
    })
}

fn bar(parts: &[Part], seen: &Observation, scale: Scale, middle: f64) -> Markup {
    let mut end = 0.0;
    let pieces = parts.iter().map(|part| {
        let from = end;
        end += (part.of)(seen).max(0.0) * 1e3;
        (part, scale.at(from), scale.at(end), end - from)
    });
    let pieces: Vec<_> = pieces.collect();
    html! {
        @for (part, from, to, millis) in pieces {
            @if to - from > 0.05 {
                (drawn(*part, (from, middle - BAR / 2.0, to - from, BAR), &format!("{}: {millis:.1} ms", part.text)))
            }
        }
    }
}

fn drawn(part: Part, (x, y, width, height): (f64, f64, f64, f64), hint: &str) -> Markup {
    let rect = |class: Option<&str>, fill: Option<&str>| {
        html! {
            rect class=[class] x=(at(x)) y=(at(y)) width=(at(width)) height=(at(height)) fill=[fill] {
                @if !hint.is_empty() { title { (hint) } }
            }
        }
    };
    html! {
        (rect(Some(&format!("part {}", part.class)), None))
        @if part.is_hatched { (rect(None, Some(&format!("url(#{HATCH})")))) }
    }
}

fn entries(parts: &[Part]) -> Vec<Entry> {
    let entry = |part: &Part| {
        let part = *part;
        Entry::new(piece(move |place| drawn(part, place, "")), part.text)
    };
    parts.iter().map(entry).collect()
}

fn description(report: &Report) -> String {
    let told = report.steps.iter().map(|measured| {
        let seen = &measured.seen;
        let waits = waiting(seen, Service::Rng) + waiting(seen, Service::Hasher);
        format!("{}: {} ms, of which {} ms waiting", measured.step, millis(seen.cycle().0), millis(waits))
    });
    format!("The mean time of a unit of work, by stage. {}.", told.collect::<Vec<_>>().join("; "))
}

fn table(report: &Report, parts: &[Part]) -> Table {
    let header = ["step"].into_iter().chain(parts.iter().map(|part| part.text)).chain(["cycle ms"]);
    let rows = report.steps.iter().map(|measured| {
        let pieces = parts.iter().map(|part| millis((part.of)(&measured.seen)));
        let cycle = millis(measured.seen.cycle().0);
        [measured.step.to_string()].into_iter().chain(pieces).chain([cycle]).collect()
    });
    Table::new(header, rows)
}
