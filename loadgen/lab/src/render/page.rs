//! The page of a sweep: its steps, pictures and proof, and how they were measured.

use maud::{Markup, html};

use super::picture::pictures;
use super::{frame, notes, rows, summary};
use crate::confirm::Confirmation;
use crate::laws::units::{Seconds, Throughput, Utilisation};
use crate::report::{Outcome, Report};

/// The page; ends with a line break.
pub(super) fn page(report: &Report) -> String {
    let main = html! {
        @if !report.steps.is_empty() { (measured(report)) }
        @if let Some(confirmation) = &report.confirmation { (proof(confirmation)) }
        (circumstances(report))
    };
    frame::document(&summary::of_sweep(report), ending(report), &main)
}

/// How the sweep ended, in a few words.
fn ending(report: &Report) -> &'static str {
    match report.conclusion.outcome {
        Outcome::Done if report.confirmation.as_ref().is_some_and(|it| it.confirmed) => "measured and proved",
        outcome => frame::ending(outcome),
    }
}

fn measured(report: &Report) -> Markup {
    let (achieved, spent) = (rows::achieved(report), rows::spent(report));
    html! {
        h2 { "The steps" }
        (frame::table("The steps", &achieved.header, achieved.rows))
        p { "Where the time of a cycle went, in milliseconds, waiting included:" }
        (frame::table("The time of a cycle", &spent.header, spent.rows))
        (frame::pictures(&pictures(report)))
        (frame::notes(&notes::notes(report)))
    }
}

fn proof(confirmation: &Confirmation) -> Markup {
    html! {
        h2 { "The proof" }
        p {
            "At " (confirmation.step) ", " (Throughput(confirmation.baseline_per_second)) " as it is, "
            (Utilisation(1.0 - confirmation.factor)) " less time at one station at a time. Only at the bottleneck may throughput "
            "move, and there by as much as predicted: "
            strong { (if confirmation.confirmed { "confirmed" } else { "not confirmed" }) } "."
        }
        (frame::table("The proof", &rows::PROOF, confirmation.perturbations.iter().map(rows::proof)))
    }
}

/// How it was measured, and how to repeat that.
fn circumstances(report: &Report) -> Markup {
    html! {
        h2 { "How this was measured" }
        p {
            "The application was scaled step by step. At each step the counters of every replica were read throughout a window "
            "of " (format!("{:.1}", Seconds(report.settings.window_seconds))) " or more, after at least "
            (format!("{:.1}", Seconds(report.settings.warm_up_seconds))) " of warm-up, of which more was cut off where the data "
            "asked for it (MSER-5). Throughput is events over the time between events, with a 95 % interval by batch means; probes "
            "of rng were sent at random instants. Every step but the first was predicted from the first."
        }
        (frame::facts(&facts(report)))
        (frame::repeat(&summary::of_sweep(report)))
    }
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let settings = &report.settings;
    let [think, rng, hasher] =
        [settings.think_time_seconds, settings.rng_time_seconds, settings.hasher_time_seconds].map(Seconds);
    let mut facts = vec![
        (
            "Application",
            format!("DockerCoins ({}): think time {think}, rng {rng}, hasher {hasher}", report.backend),
        ),
        ("Loops a worker", settings.concurrency.to_string()),
        ("Probes of rng", format!("{}/s", settings.probe_rate_per_second)),
    ];
    facts.extend(frame::origin(&summary::of_sweep(report)));
    facts
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
