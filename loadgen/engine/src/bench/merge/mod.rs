//! `loadgen merge`: the reports of several runs that were one load, as one report. Owns what becomes of each figure.
//!
//! Histograms are added bucket by bucket, so that quantiles are as exact as those of one run. Counts and throughputs are
//! summed; rates of runs that were not side by side are not, and the report says so. What cannot be told from reports, such as
//! the interval of a quantile, is left out.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::command::BenchStatus;
use super::goal::{Expectation, judge};
use super::output::{LiveArgs, OutputArgs, Outputs, WriteError};
use super::report::{Counts, Report, SCHEMA, ServerTiming, Steps, TimesReport, Traffic};

mod distinct;
mod parts;
mod plan;
mod read;
mod timeline;
mod together;

use distinct::distinct;
use together::Together;

/// Flags of `loadgen merge`.
#[derive(Clone, Debug, Args)]
pub struct MergeArgs {
    /// Reports that `loadgen bench --json FILE` has written, any number in a file; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// What must hold of them together, or the exit code is 1, such as 'p99<250ms', 'rate>=1000', 'errors<1%'; may be
    /// repeated
    #[arg(long = "expect", value_name = "EXPECTATION")]
    pub expectations: Vec<Expectation>,

    /// What is written where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Why reports could not be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A file cannot be read.
    #[error("cannot read {name}: {source}")]
    Read {
        /// Which.
        name: String,
        /// The cause.
        source: io::Error,
    },
    /// It ends in the middle, or is empty.
    #[error("{0} is cut short: was the run that wrote it still going on?")]
    CutShort(String),
    /// It is no report.
    #[error("{name} is no report of loadgen bench --json: {source}")]
    Json {
        /// Which.
        name: String,
        /// The cause.
        source: serde_json::Error,
    },
    /// It is a report of another form.
    #[error(
        "{name} is of the form {found:?}, and only {SCHEMA:?} is understood: use the loadgen that wrote it"
    )]
    Schema {
        /// Which.
        name: String,
        /// Its form.
        found: String,
    },
    /// It ended after the end of time.
    #[error("{name} is no report of loadgen bench --json: its took_s of {} is longer than any run", took.as_secs())]
    Endless {
        /// Which.
        name: String,
        /// How long it says that it took.
        took: Duration,
    },
    /// Its requests would be counted twice.
    #[error("{0} is given twice: each report counts once")]
    Twice(String),
    /// So would those of a shard.
    #[error("{first} and {second} are both shard {index}/{of} of one load: each shard counts once")]
    SameShard {
        /// A report.
        first: String,
        /// And another.
        second: String,
        /// The shard that is in both.
        index: usize,
        /// How many shards the load has.
        of: usize,
    },
    /// The same, by another name.
    #[error("{again} is {first} once more: each report counts once")]
    Again {
        /// Given before.
        first: String,
        /// Given after.
        again: String,
    },
    /// The report could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl MergeError {
    /// What the process should exit with.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Write(_) => 4,
            _ => 2,
        }
    }
}

/// Carries out what was typed.
pub fn merge(args: &MergeArgs, out: &mut dyn Write) -> Result<BenchStatus, MergeError> {
    let reports = distinct(&args.files)?;
    let outputs = Outputs::open(&args.output, &LiveArgs::default())?;
    let Some(mut report) = merged(&reports) else { return Ok(BenchStatus::Done) };
    judge(&mut report, &args.expectations, None);
    outputs.write(&report, out)?;
    let failed = report.expectations.iter().any(|it| !it.held);
    Ok(if failed { BenchStatus::ExpectationFailed } else { BenchStatus::Done })
}

/// The one report of all; `None` of none. What was expected of a part is not expected of the whole.
pub fn merged(reports: &[Report]) -> Option<Report> {
    let first = reports.first()?;
    let started_at = reports.iter().map(|it| it.started_at).min()?;
    let ended_at = reports.iter().map(|it| it.started_at + it.took).max()?;
    let together = Together::of(reports)?;
    let times = |of: fn(&Report) -> &TimesReport| TimesReport::merged(reports.iter().map(of));
    let requests = reports.iter().map(|it| it.requests).fold(Counts::default(), Counts::plus);
    Some(Report {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at,
        took: ended_at.duration_since(started_at).unwrap_or_default(),
        interrupted: reports.iter().any(|it| it.interrupted),
        warnings: together::warnings(reports, &together),
        plan: plan::united(&first.plan, reports, together.side_by_side),
        warm_up: reports.iter().map(|it| it.warm_up).max_by_key(|it| it.cut)?,
        measured: together.measured,
        throughput_per_s: parts::throughput(reports, &together),
        requests,
        error_share: requests.error_share(),
        outcomes: parts::summed(reports.iter().map(|it| &it.outcomes)),
        outcomes_all: parts::summed(reports.iter().map(|it| &it.outcomes_all)),
        reasons: reports.iter().rev().flat_map(|it| it.reasons.clone()).collect(),
        response_time: times(|it| &it.response_time),
        uncorrected_time: times(|it| &it.uncorrected_time),
        lag: times(|it| &it.lag),
        steps: Steps {
            resolve: times(|it| &it.steps.resolve),
            connect: times(|it| &it.steps.connect),
            tls: times(|it| &it.steps.tls),
            head: times(|it| &it.steps.head),
            body: times(|it| &it.steps.body),
        },
        server_timing: ServerTiming {
            queue: times(|it| &it.server_timing.queue),
            service: times(|it| &it.server_timing.service),
        },
        replicas: parts::replicas(reports),
        traffic: reports.iter().map(|it| it.traffic).fold(Traffic::default(), Traffic::plus),
        load_generator: parts::load_generator(reports),
        expectations: Vec::new(),
        aborted: None,
        knee: None,
        timeline: timeline::merged(reports, started_at),
    })
}

#[cfg(test)]
mod shard_tests;
#[cfg(test)]
mod tests;
