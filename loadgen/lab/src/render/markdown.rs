//! The report for the page of a job: the verdict, the steps, the proof, and how to repeat it.

use std::fmt::Write;

use loadgen_engine::markdown::{escaped, table};

use super::rows;
use super::summary::{self, Summary};
use super::words::label;
use crate::confirm::Confirmation;
use crate::laws::units::{Throughput, Utilisation};
use crate::report::Report;

/// A summary; a heading of the third level and what stands under it.
pub(super) fn markdown(report: &Report) -> String {
    let summary = summary::of_sweep(report);
    let mut text = opening(&summary);
    if !report.steps.is_empty() {
        for rows::Table { header, rows } in [rows::achieved(report), rows::spent(report)] {
            let _ = write!(text, "\n{}", table(header, rows));
        }
    }
    text.extend(report.confirmation.as_ref().map(proof));
    text.push_str(&origin(&summary));
    text
}

/// What is said before the figures of any report.
pub(crate) fn opening(summary: &Summary<'_>) -> String {
    let mut text = format!("### {}\n\n", escaped(summary.headline()));
    for reason in summary.reasons {
        let _ = writeln!(text, "**{}:** {}\n", label(summary.outcome), escaped(reason));
    }
    let _ = writeln!(text, "{}\n", escaped(summary.sentence));
    for point in summary.points {
        let _ = writeln!(text, "- {}", escaped(point));
    }
    if !summary.expectations.is_empty() {
        let _ = write!(text, "\n{}", expectations(summary));
    }
    text
}

fn expectations(summary: &Summary<'_>) -> String {
    let rows = summary.expectations.iter().map(|(expectation, held)| {
        let how = if *held { "held" } else { "**failed**" };
        [expectation.clone(), how.to_owned()]
    });
    table(["expected", ""], rows)
}

fn proof(confirmation: &Confirmation) -> String {
    format!(
        "\nProof at {}, {} as it is, with {} less time at one station at a time: **{}**\n\n{}",
        confirmation.step,
        Throughput(confirmation.baseline_per_second),
        Utilisation(1.0 - confirmation.factor),
        if confirmation.confirmed { "confirmed" } else { "not confirmed" },
        table(rows::PROOF, confirmation.perturbations.iter().map(rows::proof))
    )
}

/// And after them: how to repeat it.
pub(crate) fn origin(summary: &Summary<'_>) -> String {
    let program = escaped(summary.program);
    let Some(provenance) = summary.provenance else { return format!("\n{program}\n") };
    // A backtick would end the code.
    let typed = provenance.command_line.replace(['`', '\n'], " ");
    format!("\n`{typed}` with {program} on {} CPUs, {}\n", summary.cpus, escaped(&provenance.kernel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[tokio::test]
    async fn a_job_sees_the_verdict_first() {
        insta::assert_snapshot!(markdown(&fixture::swept().await), @r"
        ### The bottleneck is rng, in software

        The bottleneck is rng, in software: at worker=10 rng=1 its one slot is 100 % busy, its CPU is 1.0 % busy, each request waits 699 ms for it.

        - rng=2 gives 20.0/s, rng=3 gives 30.0/s, rng=4 gives 33.2/s; past rng=4 the 10 workers are the limit, at 33.2/s.
        - With rng=1, workers past worker=3 only wait longer.

        | expected |  |
        |:--|--:|
        | bottleneck=rng | held |
        | model=2% | held |

        | worker | rng | hashes/s | 95 % | predicted | off | speed-up | limited by |
        |:--|--:|--:|--:|--:|--:|--:|--:|
        | 1 | 1 | 3.32 | ± 0.00 | 3.32 | +0.0 % | 1.00 x | workers |
        | 2 | 1 | 6.64 | ± 0.00 | 6.65 | +0.0 % | 2.00 x | workers |
        | 4 | 1 | 10.00 | ± 0.00 | 10.00 | +0.0 % | 3.01 x | rng |
        | 10 | 1 | 10.00 | ± 0.00 | 10.00 | +0.0 % | 3.01 x | rng |
        | 10 | 2 | 19.97 | ± 0.00 | 20.00 | -0.2 % | 6.01 x | rng |
        | 10 | 3 | 29.93 | ± 0.00 | 30.00 | -0.2 % | 9.01 x | rng |

        | worker | rng | think | + rng | + hasher | + store | = cycle | predicted | rng busy | probe waits |
        |:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|
        | 1 | 1 | 100.0 | 100.5 | 100.5 | 0.0 | 301.0 | 301.0 | 34 % | 16 ± 5 ms |
        | 2 | 1 | 100.0 | 100.5 | 100.5 | 0.0 | 301.0 | 301.0 | 67 % | 32 ± 5 ms |
        | 4 | 1 | 100.0 | 199.5 | 100.5 | 0.0 | 400.0 | 400.0 | 100 % | 151 ± 3 ms |
        | 10 | 1 | 100.0 | 799.5 | 100.5 | 0.0 | 1000.0 | 1000.0 | 100 % | 750 ± 4 ms |
        | 10 | 2 | 100.0 | 300.0 | 100.5 | 0.0 | 500.5 | 500.0 | 100 % | 250 ± 19 ms |
        | 10 | 3 | 100.0 | 133.5 | 100.5 | 0.0 | 334.0 | 333.3 | 100 % | 82 ± 5 ms |

        Proof at worker=10 rng=1, 10.0/s as it is, with 10 % less time at one station at a time: **confirmed**

        | less time at | hashes/s | 95 % | predicted | off |
        |:--|--:|--:|--:|--:|
        | rng | 11.11 | ± 0.00 | 11.11 | +0.0 % |
        | hasher | 10.00 | ± 0.00 | 10.00 | +0.0 % |
        | worker (think) | 10.00 | ± 0.00 | 10.00 | +0.0 % |

        `loadgen lab --expect=bottleneck=rng --expect=model=2%` with loadgen 0.1.0 on 2 CPUs, Linux 6.1.0
        ");
    }
}
