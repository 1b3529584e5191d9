//! The report as text for a terminal.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::experiment;
use crate::backend::{ProbeObservation, Service};
use crate::calibrate::Calibration;
use crate::confirm::Confirmation;
use crate::laws::dispatch::Dispatch;
use crate::laws::little::DARK_TIME_LIMIT;
use crate::laws::units::{Seconds, Throughput, Utilisation};
use crate::observation::ServiceObservation;
use crate::plan::LONGER_AT_RANDOM;
use crate::report::{Outcome, Report, StepReport};
use crate::scaling::Scaling;
use crate::step::Step;
use crate::verdict::sticky;

/// The whole report; ends with a line break.
pub fn text(report: &Report) -> String {
    let mut text = heading(report);
    if !report.steps.is_empty() {
        let _ = writeln!(text, "\n{}\n\n{}\n", achieved(report), spent(report));
        text.push_str(&notes(report));
    }
    if let Some(confirmation) = &report.confirmation {
        text.push_str(&proof(confirmation));
    }
    if let Some(experiment) = &report.experiment {
        text.push_str(&experiment::text(experiment, &report.events));
    }
    text.push_str(&conclusion(report));
    text
}

fn heading(report: &Report) -> String {
    let settings = &report.settings;
    let [think, rng, hasher] =
        [settings.think_time_seconds, settings.rng_time_seconds, settings.hasher_time_seconds].map(Seconds);
    format!(
        "DockerCoins ({}): think time {think}, rng {rng}, hasher {hasher}; windows of {:.1} on {} CPUs.\n",
        report.backend,
        Seconds(settings.window_seconds),
        report.cpus
    )
}

/// What each step achieved. Eighty columns hold it, as they do the next table.
fn achieved(report: &Report) -> String {
    let header = ["worker", "rng", "hashes/s", "95 %", "predicted", "off", "speed-up", "limited by"];
    table(header, report.steps.iter().map(achieved_row))
}

fn achieved_row(measured: &StepReport) -> [String; 8] {
    let seen = &measured.seen;
    let per_second = |value: f64| format!("{value:.2}");
    [
        measured.step.workers.to_string(),
        measured.step.rng.to_string(),
        per_second(seen.throughput_per_second),
        or_blank(seen.throughput_half_width_per_second, |half| format!("± {half:.2}")),
        or_blank(measured.predicted_throughput_per_second, per_second),
        or_blank(measured.deviation_from_prediction, percent),
        format!("{:.2} x", measured.speed_up),
        or_blank(measured.verdict.as_ref(), |verdict| verdict.limit.name().to_owned()),
    ]
}

/// Where the time of a cycle went, in milliseconds, and how busy rng was.
fn spent(report: &Report) -> String {
    let header = [
        "worker",
        "rng",
        "think",
        "+ rng",
        "+ hasher",
        "+ store",
        "= cycle ms",
        "rng busy",
        "a probe of rng waits",
    ];
    table(header, report.steps.iter().map(spent_row))
}

fn spent_row(measured: &StepReport) -> [String; 9] {
    let seen = &measured.seen;
    let stage = |stage| format!("{:.1}", seen.stage(stage).0 * 1e3);
    let cycle: f64 = seen.stages.iter().map(|stage| stage.seconds).sum();
    let busy = seen.service(Service::Rng).and_then(|rng| rng.utilisation);
    [
        measured.step.workers.to_string(),
        measured.step.rng.to_string(),
        stage("think"),
        stage("rng"),
        stage("hasher"),
        stage("store"),
        format!("{:.1}", cycle * 1e3),
        or_blank(busy, |busy| Utilisation(busy).to_string()),
        or_blank(seen.probe.as_ref(), wait),
    ]
}

pub(super) fn table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

pub(super) fn or_blank<T>(value: Option<T>, print: impl FnOnce(T) -> String) -> String {
    value.map(print).unwrap_or_default()
}

/// With its sign, except for what rounds to nothing.
fn percent(share: f64) -> String {
    let text = format!("{:+.1} %", share * 100.0);
    if text == "-0.0 %" { "+0.0 %".to_owned() } else { text }
}

fn wait(probe: &ProbeObservation) -> String {
    let least = if probe.unanswered > 0 { "> " } else { "" };
    let half = probe.half_width_seconds.map_or_else(String::new, |half| format!(" ± {:.0}", half * 1e3));
    format!("{least}{:.0}{half} ms", probe.mean_seconds * 1e3)
}

fn notes(report: &Report) -> String {
    let mut notes = String::new();
    for measured in report.steps.iter().filter(|measured| measured.step.rng > 1) {
        notes.extend(measured.seen.service(Service::Rng).map(|rng| shares(measured, rng)));
    }
    let dark = report.steps.iter().map(|measured| measured.seen.dark_time_share.abs()).fold(0.0, f64::max);
    let _ = if dark < DARK_TIME_LIMIT {
        writeln!(notes, "Little's law closes within {:.1} % at every step.", dark * 100.0)
    } else {
        writeln!(notes, "Little's law does not close at every step: up to {:.1} % is missing.", dark * 100.0)
    };
    if let Some(times) = &report.calibration {
        let _ = writeln!(
            notes,
            "Predicted from {}: without waiting a cycle takes {:.1}, of which {:.1} is neither thought nor service.",
            times.step, times.cycle_seconds, times.overhead_seconds
        );
    }
    notes.extend(report.scaling.as_ref().map(Scaling::to_string));
    notes.extend(report.calibration.as_ref().and_then(|times| at_random(times, &report.steps)));
    for measured in &report.steps {
        for caveat in &measured.caveats {
            let _ = writeln!(notes, "Note: at {} {caveat}.", measured.step);
        }
    }
    for event in &report.events {
        let _ = writeln!(notes, "Note: {}.", event.what);
    }
    notes.push('\n');
    notes
}

/// Which predictions are not min(N/(Z+S+ε), m/S).
fn at_random(times: &Calibration, steps: &[StepReport]) -> Option<String> {
    let several = |count: fn(&Step) -> usize| steps.iter().any(|measured| count(&measured.step) > 1);
    let services = [
        (Service::Rng, times.rng_dispatch, several(|step| step.rng)),
        (Service::Hasher, times.hasher_dispatch, several(|step| step.hasher)),
    ];
    let random = services.iter().filter(|(_, dispatch, choice)| *choice && *dispatch == Dispatch::Random);
    let random: Vec<&str> = random.map(|(service, ..)| service.name()).collect();
    (!random.is_empty()).then(|| {
        let each = random.join(" and ");
        format!(
            "Dispatch to {each} is random and predicted so; where there is a choice, windows are {LONGER_AT_RANDOM} times as long.\n"
        )
    })
}

fn shares(measured: &StepReport, rng: &ServiceObservation) -> String {
    let shares: Vec<String> =
        rng.replicas.iter().map(|it| format!("{} {}", it.replica, Utilisation(it.share))).collect();
    let even = match rng.evenness {
        Some(evenness) if evenness.is_even() => ": even",
        Some(_) => ": uneven",
        None => "",
    };
    let stuck = rng.stuck_to().map_or_else(String::new, |replicas| format!(", since {}", sticky(replicas)));
    format!("Shares at {}: {}{even}{stuck}.\n", measured.step, shares.join(", "))
}

fn proof(confirmation: &Confirmation) -> String {
    let less = Utilisation(1.0 - confirmation.factor);
    let mut text = format!(
        "Proof at {}, {} as it is: {less} less time at one station at a time gives\n",
        confirmation.step,
        Throughput(confirmation.baseline_per_second)
    );
    for perturbation in &confirmation.perturbations {
        let station = match perturbation.service {
            Service::Worker => "worker (think)",
            other => other.name(),
        };
        let _ = writeln!(
            text,
            "  {station:<15} {:>7.2}/s   predicted {:>7.2}/s   {}",
            perturbation.throughput_per_second,
            perturbation.predicted_per_second,
            percent(perturbation.deviation())
        );
    }
    text.push_str(if confirmation.confirmed { "Confirmed.\n\n" } else { "Not confirmed.\n\n" });
    text
}

fn conclusion(report: &Report) -> String {
    let conclusion = &report.conclusion;
    let mut text = String::new();
    let _ = writeln!(text, "{}", conclusion.sentence);
    for advice in &conclusion.advice {
        let _ = writeln!(text, "{advice}");
    }
    let label = match conclusion.outcome {
        Outcome::Done => "",
        Outcome::ExpectationFailed => "FAILED",
        Outcome::Inconclusive => "INCONCLUSIVE",
        Outcome::BackendFailed => "ERROR",
        Outcome::Interrupted => "INTERRUPTED",
    };
    for reason in &conclusion.reasons {
        let _ = writeln!(text, "{label}: {reason}");
    }
    text
}
