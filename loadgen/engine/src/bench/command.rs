//! `loadgen bench`, from flags to an exit code. Owns the order of things.

use std::fmt::Display;
use std::io::{self, Write};

use tokio::sync::watch;

use super::args::BenchArgs;
use super::goal::knee::{START, find_knee};
use super::goal::{Abort, judge};
use super::intent::PlanError;
use super::live::{Console, Live};
use super::metrics::{Metrics, MetricsError};
use super::observers::Observers;
use super::output::{HdrLog, Outputs, WriteError};
use super::plan::Plan;
use super::report::{KneeEnd, Report};
use super::run::{RunError, run};

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchStatus {
    /// As it should.
    Done,
    /// An expectation did not hold.
    ExpectationFailed,
    /// With `--strict`, the load generator itself was the limit.
    GeneratorLimit,
    /// No request got any answer.
    NothingAnswered,
    /// It was over before its warm-up.
    NothingMeasured,
    /// It was stopped from outside.
    Interrupted,
}

impl BenchStatus {
    /// What the process should exit with.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::ExpectationFailed => 1,
            Self::GeneratorLimit => 3,
            Self::NothingAnswered | Self::NothingMeasured => 4,
            Self::Interrupted => 130,
        }
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// What was typed makes no load.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The load could not be sent.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Metrics cannot be served.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The report will have nowhere to go.
    #[error(transparent)]
    Open(WriteError),
    /// The report could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl BenchError {
    /// What the process should exit with.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Plan(_) | Self::Open(_) => 2,
            Self::Run(_) | Self::Metrics(_) | Self::Write(_) => 4,
        }
    }
}

/// Carries out what was typed, which takes this thread for as long as it takes. Ends early when `stop` turns true, and reports
/// nevertheless. The report goes to `out`, and what happens meanwhile to standard error, which is a `console`.
pub fn bench(
    args: &BenchArgs,
    out: &mut dyn Write,
    console: Console,
    stop: &watch::Receiver<bool>,
) -> Result<BenchStatus, BenchError> {
    let plan = plan(args)?;
    let outputs = Outputs::open(&args.output, &args.live).map_err(BenchError::Open)?;
    let mut metrics = args.prometheus.as_ref().map(Metrics::serve).transpose()?;
    say(args, metrics.as_ref().map(|it| format!("metrics are on {}", it.url())).as_ref());
    let console = Console { no_color: console.no_color || args.live.no_color, ..console };
    let mut live = (!args.output.quiet).then(|| Live::on(console, !args.live.no_live));
    let mut watching = Observers::default().and(metrics.as_mut()).and(live.as_mut());
    let report = if args.goals.find_knee.is_empty() {
        once(&plan, args, stop, &mut watching)?
    } else {
        knee(&plan, args, stop, &mut watching)?
    };
    outputs.write(&report, out)?;
    Ok(status(&report, args.strict))
}

/// What is sent; for a search what it starts with.
fn plan(args: &BenchArgs) -> Result<Plan, PlanError> {
    let mut args = args.clone();
    if !args.goals.find_knee.is_empty() {
        args.load.rate.get_or_insert(START);
    }
    Plan::from_args(&args)
}

fn once(
    plan: &Plan,
    args: &BenchArgs,
    stop: &watch::Receiver<bool>,
    watching: &mut Observers<'_>,
) -> Result<Report, BenchError> {
    let mut hdr_log = args.live.hdr_log.as_deref().map(HdrLog::open).transpose().map_err(BenchError::Open)?;
    let mut abort = args.goals.abort_on_fail.then(|| Abort::on(&args.goals.expectations));
    let mut observers = Observers::default().and(Some(watching)).and(hdr_log.as_mut()).and(abort.as_mut());
    let run = run(plan.clone(), stop, &mut observers)?;
    hdr_log.map_or(Ok(()), |log| log.finish(&run))?;
    let mut report = Report::of(plan, &run);
    judge(&mut report, &args.goals.expectations, abort.and_then(Abort::found));
    say(args, report.aborted.as_ref());
    Ok(report)
}

fn knee(
    plan: &Plan,
    args: &BenchArgs,
    stop: &watch::Receiver<bool>,
    watching: &mut Observers<'_>,
) -> Result<Report, BenchError> {
    let report = find_knee(plan, &args.goals, stop, watching, &mut |trial| say(args, Some(trial)))?;
    say(args, report.knee.as_ref());
    Ok(report)
}

/// A line on standard error, for whoever is there to read it.
fn say(args: &BenchArgs, line: Option<&impl Display>) {
    if let Some(line) = line
        && !args.output.quiet
    {
        // The run does not depend on it.
        let _ = writeln!(io::stderr(), "{line}");
    }
}

fn status(report: &Report, strict: bool) -> BenchStatus {
    if report.interrupted {
        BenchStatus::Interrupted
    } else if !report.was_answered() {
        BenchStatus::NothingAnswered
    } else if report.is_all_warm_up() {
        BenchStatus::NothingMeasured
    } else if strict && generator_was_the_limit(report) {
        // Whether what was expected holds of the server, nobody knows then.
        BenchStatus::GeneratorLimit
    } else if failed(report) {
        BenchStatus::ExpectationFailed
    } else {
        BenchStatus::Done
    }
}

fn failed(report: &Report) -> bool {
    let no_knee = report.knee.as_ref().is_some_and(|knee| knee.rate_per_s.is_none());
    no_knee || report.expectations.iter().any(|it| !it.held)
}

fn generator_was_the_limit(report: &Report) -> bool {
    let search = report.knee.as_ref().is_some_and(|knee| knee.ended == KneeEnd::LoadGenerator);
    search || report.load_generator.was_the_limit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::goal::testing::empty_report;
    use crate::bench::report::Expected;

    /// Of a run in which something was answered.
    fn report(held: bool, was_the_limit: bool) -> Report {
        let mut report = empty_report();
        report.outcomes_all.insert("200".to_owned(), 1);
        let [expectation, measured] = ["p99<1ms", "2 ms"].map(str::to_owned);
        report.expectations = vec![Expected { expectation, held, measured }];
        report.load_generator.was_the_limit = was_the_limit;
        report
    }

    #[test]
    fn nothing_is_concluded_from_what_a_load_generator_at_its_limit_has_measured_if_it_is_to_be_strict() {
        use BenchStatus::{Done, ExpectationFailed, GeneratorLimit};
        for (held, limit, strict, ends) in [
            (true, false, true, Done),
            (false, false, true, ExpectationFailed),
            (true, true, true, GeneratorLimit),
            (false, true, true, GeneratorLimit),
            (true, true, false, Done),
            (false, true, false, ExpectationFailed),
        ] {
            assert_eq!(status(&report(held, limit), strict), ends, "{held} {limit} {strict}");
        }
    }
}
