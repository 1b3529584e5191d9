//! The report as `JUnit` XML: a suite for each step with a case for its throughput, its latency and its verdict, and one for the
//! sweep. A case fails where an expectation does, and is skipped where what was measured cannot tell.

use super::summary::{self, Summary};
use super::words::{date, label, millis, or_blank, per_second, percent, plus_minus, wait};
use crate::expect::Expectation;
use crate::junit::{Case, Ended, Suite, document};
use crate::report::{Outcome, Report, StepReport};

/// The cases of a sweep.
pub(super) fn junit(report: &Report) -> String {
    let mut suites: Vec<Suite> = report.steps.iter().map(|measured| of_step(report, measured)).collect();
    suites.push(of_sweep(report));
    document("lab", &date(report.started_at_unix_seconds), &suites)
}

fn of_step(report: &Report, measured: &StepReport) -> Suite {
    let cases = vec![throughput(report, measured), latency(measured), verdict(report, measured)];
    Suite { name: measured.step.to_string(), seconds: measured.seen.window.seconds(), cases }
}

fn throughput(report: &Report, measured: &StepReport) -> Case {
    let broken = report.expectations.iter().filter(|it| !it.held);
    let mut broken = broken.filter_map(|it| it.expectation.parse::<Expectation>().ok());
    let why = broken.find_map(|it| it.broken_by_throughput(measured));
    let achieved = Achieved {
        unit: "hashes",
        throughput: measured.seen.throughput_per_second,
        half_width: measured.seen.throughput_half_width_per_second,
        predicted: measured.predicted_throughput_per_second,
        deviation: measured.deviation_from_prediction,
    };
    achieved.case(why)
}

/// What a step achieved, per second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Achieved<'a> {
    /// What is counted.
    pub(crate) unit: &'a str,
    pub(crate) throughput: f64,
    pub(crate) half_width: Option<f64>,
    pub(crate) predicted: Option<f64>,
    /// (measured − predicted) / predicted.
    pub(crate) deviation: Option<f64>,
}

impl Achieved<'_> {
    /// The case of it, and `why` it breaks what was expected, if it does.
    pub(crate) fn case(self, why: Option<String>) -> Case {
        let half = or_blank(self.half_width, |half| format!(" {}", plus_minus(half)));
        let predicted = or_blank(self.predicted, |it| format!(", predicted {it:.2}"));
        let off = or_blank(self.deviation, |it| format!(" ({})", percent(it)));
        let said = format!("{}{half} {}/s{predicted}{off}", per_second(self.throughput), self.unit);
        let ended = match (why, self.half_width) {
            (Some(why), _) => Ended::Failed(why),
            (None, None) => Ended::Skipped("there are too few cycles for an interval".to_owned()),
            (None, Some(_)) => Ended::Passed,
        };
        Case { name: "throughput".into(), ended, said }
    }
}

fn latency(measured: &StepReport) -> Case {
    let Some(probe) = measured.seen.probe else {
        let ended = Ended::Skipped("rng was not probed".to_owned());
        return Case { name: "latency".into(), ended, said: String::new() };
    };
    let predicted =
        or_blank(measured.predicted_probe_wait_seconds, |it| format!(", predicted {} ms", millis(it)));
    let said = format!("a probe of rng waits {}{predicted}", wait(&probe));
    Case { name: "latency".into(), ended: Ended::Passed, said }
}

/// Only the step that the conclusion is about can break what is expected of the bottleneck.
fn verdict(report: &Report, measured: &StepReport) -> Case {
    let name = "verdict".into();
    let Some(verdict) = &measured.verdict else {
        return Case {
            name,
            ended: Ended::Skipped("there is no verdict".to_owned()),
            said: measured.caveats.join("\n"),
        };
    };
    let is_decisive = report.conclusion.step == Some(measured.step);
    let broken = report.expectations.iter().filter(|_| is_decisive);
    let is_bottleneck = |text: &str| matches!(text.parse(), Ok(Expectation::Bottleneck(_)));
    let why = broken.filter(|it| is_bottleneck(&it.expectation)).find_map(|it| it.why.clone());
    let said = format!("limited by {}: {}", verdict.limit.name(), verdict.evidence.join(", "));
    Case { name, ended: why.map_or(Ended::Passed, Ended::Failed), said }
}

/// How the sweep ended as a whole, and whether its proof held.
fn of_sweep(report: &Report) -> Suite {
    let summary = summary::of_sweep(report);
    let mut cases = vec![outcome(&summary)];
    cases.extend(report.confirmation.as_ref().map(|confirmation| Case {
        name: "proof".into(),
        ended: if confirmation.confirmed {
            Ended::Passed
        } else {
            Ended::Skipped("not every station did what the model says".to_owned())
        },
        said: String::new(),
    }));
    of_whole(&summary, report.steps.iter().map(|measured| measured.seen.window.seconds()).sum(), cases)
}

/// The suite of what is about no single step; `measured` seconds of the sweep belong to those of steps.
pub(crate) fn of_whole(summary: &Summary<'_>, measured: f64, cases: Vec<Case>) -> Suite {
    Suite { name: "sweep".to_owned(), seconds: (summary.duration_seconds - measured).max(0.0), cases }
}

/// How it ended as a whole.
pub(crate) fn outcome(summary: &Summary<'_>) -> Case {
    let why = || summary.reasons.join("; ");
    let ended = match summary.outcome {
        Outcome::Done => Ended::Passed,
        Outcome::ExpectationFailed => Ended::Failed(why()),
        Outcome::Inconclusive => Ended::Skipped(why()),
        Outcome::BackendFailed | Outcome::Interrupted => {
            Ended::Error(format!("{}: {}", label(summary.outcome), why()))
        }
    };
    let said = std::iter::once(summary.sentence).chain(summary.points.iter().map(String::as_str));
    Case { name: "outcome".into(), ended, said: said.collect::<Vec<_>>().join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[tokio::test]
    async fn each_step_has_a_case_for_throughput_latency_and_verdict() {
        let report = fixture::with_flags(&["--workers=1,10", "--rng=1", "--expect=bottleneck=hasher"]).await;
        insta::assert_snapshot!(junit(&report), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="loadgen lab" tests="8" failures="2" errors="0" skipped="0" time="35.419">
        <testsuite name="worker=1 rng=1" tests="3" failures="0" errors="0" skipped="0" time="5.871" timestamp="2027-01-15T08:00:00">
          <testcase classname="lab.worker=1 rng=1" name="throughput" time="5.871"><system-out>3.32 ± 0.00 hashes/s, predicted 3.32 (+0.0 %)</system-out></testcase>
          <testcase classname="lab.worker=1 rng=1" name="latency" time="5.871"><system-out>a probe of rng waits 16 ± 5 ms, predicted 16.6 ms</system-out></testcase>
          <testcase classname="lab.worker=1 rng=1" name="verdict" time="5.871"><system-out>limited by workers: rng is the busiest service at 34 %, a cycle takes 301 ms, and would take 301 ms without waiting, 1 of the 3.0 workers that would fill it is there</system-out></testcase></testsuite>
        <testsuite name="worker=10 rng=1" tests="3" failures="1" errors="0" skipped="0" time="5.100" timestamp="2027-01-15T08:00:00">
          <testcase classname="lab.worker=10 rng=1" name="throughput" time="5.100"><system-out>10.00 ± 0.00 hashes/s, predicted 10.00 (+0.0 %)</system-out></testcase>
          <testcase classname="lab.worker=10 rng=1" name="latency" time="5.100"><system-out>a probe of rng waits 749 ± 3 ms, predicted 749.0 ms</system-out></testcase>
          <testcase classname="lab.worker=10 rng=1" name="verdict" time="5.100"><failure message="expected the bottleneck hasher, found rng"></failure><system-out>limited by rng: its one slot is 100 % busy, its CPU is 1.0 % busy, each request waits 699 ms for it</system-out></testcase></testsuite>
        <testsuite name="sweep" tests="2" failures="1" errors="0" skipped="0" time="24.448" timestamp="2027-01-15T08:00:00">
          <testcase classname="lab.sweep" name="outcome" time="24.448"><failure message="expected the bottleneck hasher, found rng"></failure><system-out>The bottleneck is rng, in software: at worker=10 rng=1 its one slot is 100 % busy, its CPU is 1.0 % busy, each request waits 699 ms for it.
        rng=2 gives 20.0/s, rng=3 gives 30.0/s, rng=4 gives 33.2/s; past rng=4 the 10 workers are the limit, at 33.2/s.
        With rng=1, workers past worker=3 only wait longer.</system-out></testcase>
          <testcase classname="lab.sweep" name="proof" time="24.448"><system-out></system-out></testcase></testsuite></testsuites>
        "#);
    }

    #[tokio::test]
    async fn a_step_off_its_prediction_fails_by_itself() {
        let mut report = fixture::with_flags(&["--workers=1,10", "--rng=1", "--expect=model=2%"]).await;
        assert!(!junit(&report).contains("<failure"));
        report.steps[1].deviation_from_prediction = Some(-0.031);
        report.expectations[0].held = false;
        let text = junit(&report);
        let (before, after) = text.split_once("<failure").unwrap();
        assert_eq!(before.matches("name=\"throughput\"").count(), 2, "{text}");
        assert!(after.contains("worker=10 rng=1 is -3.1 % off") && !after.contains("<failure"), "{text}");
    }

    #[tokio::test]
    async fn what_cannot_be_told_is_skipped_and_what_broke_off_is_an_error() {
        let mut report = fixture::with_flags(&["--workers=10", "--rng=1"]).await;
        report.steps[0].seen.throughput_half_width_per_second = None;
        report.steps[0].seen.probe = None;
        report.steps[0].verdict = None;
        report.conclusion.outcome = Outcome::Interrupted;
        report.conclusion.reasons = vec!["stopped after one step".to_owned()];
        let text = junit(&report);
        assert!(text.contains("failures=\"0\" errors=\"1\" skipped=\"3\""), "{text}");
        assert!(text.contains("<error message=\"INTERRUPTED: stopped after one step\">"), "{text}");
    }
}
