//! The report of a plan in the forms that people and programs read, and what is said before there is one.

mod csv;
mod junit;
mod notes;
mod overview;
mod page;
mod pictures;
mod rows;
#[cfg(test)]
mod tests;
mod text;

use loadgen_engine::markdown::{escaped, table};

pub(super) use overview::{line, overview};

use super::report::{Report, StepReport};
use crate::render::benchmark::{Benchmark, list};
use crate::render::forms::Forms;
use crate::render::summary::Summary;
use crate::render::{self, markdown, picture};

impl Forms for Report {
    fn text(&self) -> String {
        text::text(self)
    }

    fn json(&self) -> String {
        render::json(self)
    }

    fn page(&self) -> String {
        page::page(self)
    }

    fn pictures(&self) -> Vec<(String, String)> {
        picture::files(pictures::pictures(self))
    }

    fn markdown(&self) -> String {
        let steps = table(rows::header(self), self.steps.iter().map(|step| rows::row(self, step)));
        let notes = notes::notes(self).into_iter().map(|note| ["- ", &escaped(&note), "\n"].concat());
        let notes: String = notes.collect();
        let between = if notes.is_empty() { "" } else { "\n" };
        let summary = summary(self);
        format!("{}\n{steps}{between}{notes}{}", markdown::opening(&summary), markdown::origin(&summary))
    }

    fn csv(&self) -> String {
        csv::csv(self)
    }

    fn junit(&self) -> String {
        junit::junit(self)
    }

    fn benchmark_throughput(&self) -> String {
        list(self.steps.iter().map(|step| {
            let figures = (step.seen.throughput_per_second, step.seen.throughput_half_width_per_second);
            Benchmark::throughput(&step.name, &self.unit, figures, extra(self))
        }))
    }

    fn benchmark_latency(&self) -> String {
        list(self.steps.iter().flat_map(|step| waits(self, step)))
    }

    fn has_steps(&self) -> bool {
        !self.steps.is_empty()
    }
}

fn waits<'a>(report: &'a Report, step: &'a StepReport) -> impl Iterator<Item = Benchmark> + 'a {
    rows::probed(report).into_iter().filter_map(move |(index, service)| {
        Some(Benchmark::wait(service, &step.name, step.probe(index)?, extra(report)))
    })
}

fn extra(report: &Report) -> String {
    summary(report).headline().to_owned()
}

/// What it has in common with other reports.
fn summary(report: &Report) -> Summary<'_> {
    let conclusion = &report.conclusion;
    let of_all = report.expectations.iter().map(|it| (it.expectation.clone(), it.held));
    let of_steps = report.steps.iter().flat_map(|step| {
        step.expectations.iter().map(|it| (format!("{} at {}", it.expectation, step.name), it.held))
    });
    Summary {
        outcome: conclusion.outcome,
        sentence: &conclusion.sentence,
        // The first stands in the sentence.
        points: conclusion.evidence.get(1..).unwrap_or_default(),
        reasons: &conclusion.reasons,
        expectations: of_all.chain(of_steps).collect(),
        program: &report.program,
        provenance: report.provenance.as_ref(),
        cpus: report.cpus,
        started_at_unix_seconds: report.started_at_unix_seconds,
        duration_seconds: report.duration_seconds,
    }
}
