//! The report as one page: it needs nothing from elsewhere, runs no script, and says so to the browser.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::picture::{self, Picture, Table, pictures};
use super::words::{date, headline, label};
use super::{notes, rows};
use crate::confirm::Confirmation;
use crate::laws::units::{Seconds, Throughput, Utilisation};
use crate::report::{Outcome, Report};
use crate::xml::clean;

const STYLE: &str = include_str!("page.css");

/// The page; ends with a line break.
pub fn page(report: &Report) -> String {
    let style = format!("{STYLE}{}", picture::STYLE);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(&style));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(report.program);
                title { (headline(report)) }
                style { (PreEscaped(&style)) }
            }
            body {
                header { (verdict(report)) }
                main {
                    @if !report.steps.is_empty() { (measured(report)) }
                    @if let Some(confirmation) = &report.confirmation { (proof(confirmation)) }
                    (circumstances(report))
                }
            }
        }
    };
    clean(&(page.into_string() + "\n"))
}

/// Nothing is loaded and nothing runs; the one style is known by its digest.
fn policy(style: &str) -> String {
    let digest = STANDARD.encode(Sha256::digest(style.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
}

fn verdict(report: &Report) -> Markup {
    let conclusion = &report.conclusion;
    let class = class(conclusion.outcome);
    html! {
        p class={ "outcome " (class) } { (ending(report)) }
        h1 { (headline(report)) }
        @if !conclusion.reasons.is_empty() {
            ul class={ "reasons " (class) } {
                @for reason in &conclusion.reasons { li { (label(conclusion.outcome)) ": " (reason) } }
            }
        }
        p { (conclusion.sentence) }
        @if !conclusion.advice.is_empty() {
            ul { @for advice in &conclusion.advice { li { (advice) } } }
        }
        @if !report.expectations.is_empty() { (expectations(report)) }
    }
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "good",
        Outcome::Inconclusive | Outcome::Interrupted => "unsure",
        Outcome::ExpectationFailed | Outcome::BackendFailed => "bad",
    }
}

/// How the sweep ended, in a few words.
fn ending(report: &Report) -> &'static str {
    match report.conclusion.outcome {
        Outcome::Done if report.confirmation.as_ref().is_some_and(|it| it.confirmed) => "measured and proved",
        Outcome::Done => "measured",
        Outcome::ExpectationFailed => "an expectation failed",
        Outcome::Inconclusive => "inconclusive",
        Outcome::BackendFailed => "the application could not be run",
        Outcome::Interrupted => "interrupted",
    }
}

fn expectations(report: &Report) -> Markup {
    html! {
        ul {
            @for it in &report.expectations {
                @let (class, how) = if it.held { ("good", "held") } else { ("bad", "failed") };
                li { "Expected " code { (it.expectation) } ": " strong class=(class) { (how) } }
            }
        }
    }
}

fn measured(report: &Report) -> Markup {
    html! {
        h2 { "The steps" }
        (table("The steps", &rows::ACHIEVED, report.steps.iter().map(rows::achieved)))
        h2 { "Pictures" }
        div class="pictures" { @for picture in &pictures(report) { (figure(picture)) } }
        h2 { "Notes" }
        ul { @for note in notes::notes(report) { li { (note) } } }
    }
}

fn figure(picture: &Picture) -> Markup {
    let Table { header, rows } = &picture.table;
    html! {
        figure {
            figcaption { (picture.title) }
            (picture.inline())
            details {
                summary { "The figures" }
                (table(&picture.title, header, rows))
            }
        }
    }
}

/// A table that scrolls by itself where it is too wide, also by keyboard.
fn table<Row: AsRef<[String]>>(label: &str, header: &[&str], rows: impl IntoIterator<Item = Row>) -> Markup {
    html! {
        div class="scroll" role="region" aria-label=(label) tabindex="0" {
            table {
                thead { tr { @for name in header { th scope="col" { (name) } } } }
                tbody {
                    @for row in rows { tr { @for cell in row.as_ref() { td { (cell) } } } }
                }
            }
        }
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
        (table("The proof", &rows::PROOF, confirmation.perturbations.iter().map(rows::proof)))
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
        dl { @for (name, value) in facts(report) { dt { (name) } dd { (value) } } }
        @if let Some(provenance) = &report.provenance {
            h3 { "To repeat it" }
            pre { code { (provenance.command_line) } }
        }
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
        ("Program", report.program.clone()),
        ("Begun", date(report.started_at_unix_seconds)),
        ("Took", format!("{:.0} s", report.duration_seconds)),
        ("CPUs", report.cpus.to_string()),
    ];
    if let Some(provenance) = &report.provenance {
        facts.extend(provenance.processor.clone().map(|model| ("Processor", model)));
        facts.push(("Memory", format!("{:.1} GiB", provenance.memory_bytes as f64 / f64::from(1 << 30))));
        facts.push(("Kernel", format!("{}, {}", provenance.kernel, provenance.architecture)));
    }
    facts
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
