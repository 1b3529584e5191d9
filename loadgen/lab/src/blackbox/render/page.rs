//! The page of a plan: its steps and pictures, what the verdict rests on, how it was measured, and the plan itself.

use maud::{Markup, html};

use super::{notes, pictures, rows, summary};
use crate::blackbox::elasticity::Elasticity;
use crate::blackbox::growth::Growth;
use crate::blackbox::report::{Report, StepReport};
use crate::laws::units::Seconds;
use crate::render::frame;
use crate::render::words::{millis, or_blank, plus_minus};

/// The page; ends with a line break.
pub(super) fn page(report: &Report) -> String {
    let main = html! {
        @if !report.steps.is_empty() { (measured(report)) }
        (circumstances(report))
    };
    frame::document(&summary(report), frame::ending(report.conclusion.outcome), &main)
}

fn measured(report: &Report) -> Markup {
    let notes = notes::notes(report);
    html! {
        h2 { "The steps" }
        (frame::table("The steps", &rows::header(report), report.steps.iter().map(|step| rows::row(report, step))))
        (frame::pictures(&pictures::pictures(report)))
        (evidence(report))
        @if !notes.is_empty() { (frame::notes(&notes)) }
    }
}

/// The two kinds of evidence that a verdict needs, as figures.
fn evidence(report: &Report) -> Markup {
    let grown = ["service", "from", "to", "ms before", "ms after", "longer by", "95 %", "of the cycle"];
    let bought = ["more of", "from", "to", "times the throughput", "95 %", "elasticity", "95 %"];
    html! {
        @if !report.wait_growths.is_empty() {
            h2 { "What the load makes one wait" }
            (frame::table("What the load makes one wait", &grown, report.wait_growths.iter().map(|it| growth(report, it))))
        }
        @if !report.elasticities.is_empty() {
            h2 { "What more of it buys" }
            (frame::table("What more of it buys", &bought, report.elasticities.iter().map(elasticity)))
        }
    }
}

fn growth(report: &Report, it: &Growth) -> [String; 8] {
    let [from, to] = it.between_steps.map(|step| report.steps.get(step));
    let name = |step: Option<&StepReport>| or_blank(step, |step| step.name.clone());
    let [before, after] = it.wait_seconds.map(millis);
    [
        it.of.clone(),
        name(from),
        name(to),
        before,
        after,
        millis(it.seconds),
        or_blank(it.half_width_seconds, |half| format!("± {}", millis(half))),
        or_blank(it.share_of_cycle, |share| format!("{:.0} %", share * 100.0)),
    ]
}

fn elasticity(it: &Elasticity) -> [String; 7] {
    let [from, to] = it.amounts;
    [
        it.of.clone(),
        from.to_string(),
        to.to_string(),
        format!("{:.2}", it.throughput_ratio),
        or_blank(it.throughput_ratio_half_width, plus_minus),
        format!("{:.2}", it.value),
        or_blank(it.half_width, plus_minus),
    ]
}

/// How it was measured, and how to repeat that.
fn circumstances(report: &Report) -> Markup {
    let settings = &report.settings;
    html! {
        h2 { "How this was measured" }
        p {
            "The application was seen from outside only. It was scaled step by step as the plan says; at each step what is counted "
            "was read throughout a window of " (format!("{:.1}", Seconds(settings.window_seconds))) " or more, after at least "
            (format!("{:.1}", Seconds(settings.warm_up_seconds))) " of warm-up, of which more was cut off where the data asked for it "
            "(MSER-5). Throughput has a 95 % interval by batch means; probes were sent to every service that has one, at random "
            "instants. The bottleneck is told by where waits grow with the load, and by what more of each thing buys: elasticity is "
            "ln(X₂/X₁) / ln(k₂/k₁), 1 where throughput follows and 0 where it does not care."
        }
        @if let Some(prediction) = &report.prediction {
            p {
                "Predictions are min(N/(Z + ΣD), m/D) with the capacities that the plan gives, and with Z = "
                (format!("{:.1}", Seconds(prediction.think_time_seconds))) " from the first step."
            }
        }
        (frame::facts(&facts(report)))
        (frame::repeat(&summary(report)))
        h3 { "The plan" }
        pre tabindex="0" { code { (report.plan) } }
    }
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let load = report.clients.clone().unwrap_or_else(|| "somebody else's".to_owned());
    let mut facts = vec![
        ("Application", format!("{}: {}", report.application, report.services.join(", "))),
        ("Counted", report.unit.clone()),
        ("The load", load),
        ("Probes", format!("{}/s of each service that has one", report.settings.probe_rate_per_second)),
        ("Steps", format!("{} of {}", report.steps.len(), report.steps_planned)),
    ];
    facts.extend(frame::origin(&summary(report)));
    facts
}
