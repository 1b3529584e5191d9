//! What an experiment has found, as text for a terminal.

use std::fmt::Write;

use super::text::table;
use super::words::or_blank;
use crate::backend::Event;
use crate::experiment::Finding;
use crate::experiment::autoscale::Autoscale;
use crate::experiment::kill::Kill;
use crate::experiment::probes::Probes;
use crate::experiment::rolling_update::RollingUpdate;
use crate::experiment::sticky::{Round, Sticky};
use crate::laws::units::{Seconds, Utilisation};

/// The figures, and what happened to replicas; begins and ends with an empty line.
pub(super) fn text(finding: &Finding, events: &[Event]) -> String {
    let figures = match finding {
        Finding::Kill(found) => kill(found),
        Finding::RollingUpdate(found) => rolling_update(found),
        Finding::Sticky(found) => sticky(found),
        Finding::Probes(found) => probes(found),
        Finding::Autoscale(found) => autoscale(found),
    };
    let mut text = format!("\n{}\n", figures.trim_end());
    for event in events {
        let _ = writeln!(text, "Note: {}.", event.what);
    }
    text.push('\n');
    text
}

/// Lines of a name and a figure.
fn figures<const N: usize>(heading: &str, lines: [(&str, String); N]) -> String {
    let mut text = format!("{heading}\n");
    for (what, figure) in lines {
        let _ = writeln!(text, "  {what:<32} {figure}");
    }
    text
}

fn per_second(value: f64) -> String {
    format!("{value:.2}")
}

fn half_width(half: Option<f64>) -> String {
    half.map_or_else(String::new, |half| format!("± {half:.2}"))
}

fn kill(found: &Kill) -> String {
    let recovery = &found.recovery;
    let half = half_width(found.throughput_before_half_width_per_second);
    let after = match recovery.recovered_after_seconds {
        Some(after) if recovery.was_felt() => Seconds(after).to_string(),
        Some(_) => "never left".to_owned(),
        None => "never".to_owned(),
    };
    figures(
        &format!("{} killed at {}:", found.replica, found.step),
        [
            ("hashes/s before", format!("{} {half}", per_second(found.throughput_before_per_second))),
            ("lowest over any second before", per_second(recovery.lowest_before_per_second)),
            ("lowest over any second after", per_second(recovery.lowest_per_second)),
            ("throughput back after", after),
            ("hashes not mined meanwhile", format!("{:.0}", recovery.hashes_not_mined)),
            ("requests that failed", format!("{:.0}", found.worker_errors)),
        ],
    )
}

fn rolling_update(found: &RollingUpdate) -> String {
    let header = ["", "took", "workers' errors", "probes failed", "lowest hashes/s", "hashes not mined"];
    let rows = found.phases.iter().map(|phase| {
        [
            phase.kind.name().to_owned(),
            Seconds(phase.duration_seconds).to_string(),
            format!("{:.0}", phase.worker_errors),
            or_blank(phase.probes, |it| format!("{} of {}", it.unanswered, it.answered + it.unanswered)),
            per_second(phase.recovery.lowest_per_second),
            format!("{:.0}", phase.recovery.hashes_not_mined),
        ]
    });
    let before = per_second(found.throughput_before_per_second);
    format!("{} at {}, {before} hashes/s before:\n{}", found.service, found.step, table(header, rows))
}

fn sticky(found: &Sticky) -> String {
    let header = ["connections", "worker", "rng", "hashes/s", "95 %", "at most", "shares of rng's requests"];
    table(header, found.rounds.iter().map(sticky_row))
}

fn sticky_row(round: &Round) -> [String; 7] {
    let shares: Vec<String> = round.shares.iter().map(|it| Utilisation(it.share).to_string()).collect();
    [
        if round.keep_alive { "kept" } else { "fresh" }.to_owned(),
        round.step.workers.to_string(),
        round.step.rng.to_string(),
        per_second(round.throughput_per_second),
        half_width(round.throughput_half_width_per_second),
        or_blank(round.bound_per_second, per_second),
        shares.join(", "),
    ]
}

fn probes(found: &Probes) -> String {
    let header = ["worker", "rng", "a probe waits", "predicted", "over 1 s", "restart after"];
    let rows = found.levels.iter().map(|level| {
        [
            level.step.workers.to_string(),
            level.step.rng.to_string(),
            or_blank(level.probe, |probe| format!("{:.0} ms", probe.mean_seconds * 1e3)),
            or_blank(level.predicted_wait_seconds, |wait| format!("{:.0} ms", wait * 1e3)),
            format!("{:.0}", Utilisation(level.failing_share)),
            level
                .restart_after_seconds
                .map_or_else(|| "never".to_owned(), |after| format!("about {after:.0} s")),
        ]
    });
    let it = found.liveness;
    let heading = format!(
        "`/` of rng asked for every {:.0} s, {:.0} s for an answer, restarted after {} failures in a row:",
        it.period_seconds, it.timeout_seconds, it.failure_threshold
    );
    format!("{heading}\n{}", table(header, rows))
}

fn autoscale(found: &Autoscale) -> String {
    let header = ["after", found.service.name(), "worker", "hashes/s"];
    let level = |after: String, level: crate::experiment::autoscale::Level| {
        let [replicas, workers] = [level.replicas, level.workers].map(|count| count.to_string());
        [after, replicas, workers, per_second(level.throughput_per_second)]
    };
    let changes = found.changes.iter().map(|change| {
        let workers = found.workers.to_string();
        [format!("{:.0} s", change.after_seconds), change.replicas.to_string(), workers, String::new()]
    });
    let last = format!("{:.0} s", found.watched_seconds);
    let rows = std::iter::once(level("before".to_owned(), found.before))
        .chain(changes)
        .chain(found.after.map(|after| level(last, after)));
    table(header, rows)
}
