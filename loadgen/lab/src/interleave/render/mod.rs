//! The report of an A/B in the forms that people and programs read. Its text, Markdown and `JUnit` XML are those of a comparison.

mod csv;
mod page;
mod pictures;
#[cfg(test)]
mod tests;

use super::Interleaved;
use crate::compare::{Change, Comparison, Metric, Ruling, render as compared};
use crate::render::benchmark::{Benchmark, list};
use crate::render::forms::Forms;
use crate::render::summary::Summary;
use crate::render::{self, markdown, picture};

impl Forms for Comparison {
    fn text(&self) -> String {
        compared::text(self)
    }

    fn json(&self) -> String {
        render::json(self)
    }

    fn page(&self) -> String {
        self.interleaved.as_ref().map(|turns| page::page(self, turns)).unwrap_or_default()
    }

    fn pictures(&self) -> Vec<(String, String)> {
        picture::files(pictures::pictures(self))
    }

    fn markdown(&self) -> String {
        let told = self.interleaved.as_ref().map(|turns| Told::of(self, turns));
        compared::markdown(self) + &told.map(|told| markdown::origin(&told.summary())).unwrap_or_default()
    }

    fn csv(&self) -> String {
        csv::csv(self)
    }

    fn junit(&self) -> String {
        compared::junit(self)
    }

    fn benchmark_throughput(&self) -> String {
        list(of(self, Metric::Throughput).map(|change| {
            Benchmark::throughput(&change.step.to_string(), "hashes", (change.new, None), extra(self, change))
        }))
    }

    /// Nothing is probed here: what a unit of work takes is the nearest to it.
    fn benchmark_latency(&self) -> String {
        list(of(self, Metric::ResponseTime).map(|change| {
            Benchmark::response_time(&change.step.to_string(), change.new, extra(self, change))
        }))
    }

    fn has_steps(&self) -> bool {
        !self.changes.is_empty()
    }
}

fn of(comparison: &Comparison, metric: Metric) -> impl Iterator<Item = &Change> {
    comparison.changes.iter().filter(move |change| change.metric == metric)
}

fn extra(comparison: &Comparison, change: &Change) -> String {
    format!("{}\n{}", compared::said(change, comparison), headline(comparison))
}

/// What it comes to, in a few words; what was cut short has told nothing yet.
fn headline(comparison: &Comparison) -> &'static str {
    match comparison.ruling {
        _ if is_cut_short(comparison) => "The A/B was cut short",
        Ruling::Pass => "The new build is not worse",
        Ruling::Inconclusive => "Whether the new build is worse cannot be told",
        Ruling::Regression => "The new build is worse",
    }
}

fn is_cut_short(comparison: &Comparison) -> bool {
    comparison.interleaved.as_ref().is_some_and(|turns| turns.cut_short.is_some())
}

/// What is said of an A/B in words.
struct Told<'a> {
    turns: &'a Interleaved,
    sentence: String,
    points: Vec<String>,
    reasons: Vec<String>,
}

impl<'a> Told<'a> {
    fn of(comparison: &Comparison, turns: &'a Interleaved) -> Self {
        let [base, new] =
            [&comparison.base, &comparison.new].map(|side| format!("{} ({})", side.file, side.program));
        let points = [
            Some(format!("the new build is {new}")),
            Some(format!("the base is {base}")),
            turns.blame.clone(),
        ];
        let until = if is_cut_short(comparison) { "until then, " } else { "" };
        Self {
            turns,
            sentence: format!("{}: {until}{}", headline(comparison), compared::worst(comparison)),
            points: points.into_iter().flatten().collect(),
            reasons: turns.cut_short.iter().map(|why| format!("cut short: {why}")).collect(),
        }
    }

    fn summary(&self) -> Summary<'_> {
        Summary {
            outcome: self.turns.outcome,
            sentence: &self.sentence,
            points: &self.points,
            reasons: &self.reasons,
            expectations: Vec::new(),
            program: &self.turns.program,
            provenance: Some(&self.turns.provenance),
            cpus: self.turns.cpus,
            started_at_unix_seconds: self.turns.started_at_unix_seconds,
            duration_seconds: self.turns.seconds,
        }
    }
}
