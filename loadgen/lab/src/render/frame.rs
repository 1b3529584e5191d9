//! What every report's page is made of: the document around it, the verdict that comes first, pictures and tables, where it comes
//! from. It needs nothing from elsewhere, runs no script, and says so to the browser.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::picture::{self, Picture, Table};
use super::summary::Summary;
use super::words::{date, label};
use crate::report::Outcome;
use crate::xml::clean;

const STYLE: &str = include_str!("page.css");

/// The page of a report with that `summary`, whose verdict comes to `ending` in a few words; ends with a line break.
pub(crate) fn document(summary: &Summary<'_>, ending: &str, main: &Markup) -> String {
    let style = format!("{STYLE}{}", picture::STYLE);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(&style));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(summary.program);
                title { (summary.headline()) }
                style { (PreEscaped(&style)) }
            }
            body {
                header { (verdict(summary, ending)) }
                main { (main) }
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

fn verdict(summary: &Summary<'_>, ending: &str) -> Markup {
    let class = class(summary.outcome);
    html! {
        p class={ "outcome " (class) } { (ending) }
        h1 { (summary.headline()) }
        @if !summary.reasons.is_empty() {
            ul class={ "reasons " (class) } {
                @for reason in summary.reasons { li { (label(summary.outcome)) ": " (reason) } }
            }
        }
        p { (summary.sentence) }
        @if !summary.points.is_empty() {
            ul { @for point in summary.points { li { (point) } } }
        }
        @if !summary.expectations.is_empty() { (expectations(summary)) }
    }
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "good",
        Outcome::Inconclusive | Outcome::Interrupted => "unsure",
        Outcome::ExpectationFailed | Outcome::BackendFailed => "bad",
    }
}

/// How a sweep ended, in a few words.
pub(crate) fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "measured",
        Outcome::ExpectationFailed => "an expectation failed",
        Outcome::Inconclusive => "inconclusive",
        Outcome::BackendFailed => "the application could not be run",
        Outcome::Interrupted => "interrupted",
    }
}

fn expectations(summary: &Summary<'_>) -> Markup {
    html! {
        ul {
            @for (expectation, held) in &summary.expectations {
                @let (class, how) = if *held { ("good", "held") } else { ("bad", "failed") };
                li { "Expected " code { (expectation) } ": " strong class=(class) { (how) } }
            }
        }
    }
}

/// All pictures, each with its figures.
pub(crate) fn pictures(pictures: &[Picture]) -> Markup {
    html! {
        h2 { "Pictures" }
        div class="pictures" { @for picture in pictures { (figure(picture)) } }
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
pub(crate) fn table<Name: AsRef<str>, Row: AsRef<[String]>>(
    label: &str,
    header: &[Name],
    rows: impl IntoIterator<Item = Row>,
) -> Markup {
    html! {
        div class="scroll" role="region" aria-label=(label) tabindex="0" {
            table {
                thead { tr { @for name in header { th scope="col" { (name.as_ref()) } } } }
                tbody {
                    @for row in rows { tr { @for cell in row.as_ref() { td { (cell) } } } }
                }
            }
        }
    }
}

/// What there is to say beside the figures, a sentence each.
pub(crate) fn notes(notes: &[String]) -> Markup {
    html! {
        h2 { "Notes" }
        ul { @for note in notes { li { (note) } } }
    }
}

/// Names, each with what there is under it.
pub(crate) fn facts(facts: &[(&str, String)]) -> Markup {
    html! { dl { @for (name, value) in facts { dt { (name) } dd { (value) } } } }
}

/// Which program measured when, and on which machine.
pub(crate) fn origin(summary: &Summary<'_>) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Program", summary.program.to_owned()),
        ("Begun", date(summary.started_at_unix_seconds)),
        ("Took", format!("{:.0} s", summary.duration_seconds)),
        ("CPUs", summary.cpus.to_string()),
    ];
    if let Some(provenance) = summary.provenance {
        facts.extend(provenance.processor.clone().map(|model| ("Processor", model)));
        facts.push(("Memory", format!("{:.1} GiB", provenance.memory_bytes as f64 / f64::from(1 << 30))));
        facts.push(("Kernel", format!("{}, {}", provenance.kernel, provenance.architecture)));
    }
    facts
}

/// What was typed.
pub(crate) fn repeat(summary: &Summary<'_>) -> Markup {
    html! {
        @if let Some(provenance) = summary.provenance {
            h3 { "To repeat it" }
            pre { code { (provenance.command_line) } }
        }
    }
}
