//! Plans and reports for the tests of goals.

use std::time::{Duration, SystemTime};

use clap::Parser;

use crate::bench::collect::Collected;
use crate::bench::goal::GoalArgs;
use crate::bench::report::{Report, TimesReport};
use crate::bench::run::Run;
use crate::bench::{BenchArgs, Plan, Tally};
use crate::times::Times;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: BenchArgs,
}

fn args(line: &str) -> BenchArgs {
    Cli::try_parse_from(std::iter::once("bench").chain(line.split_whitespace())).unwrap().args
}

/// What these flags send.
pub(in crate::bench) fn plan(line: &str) -> Plan {
    Plan::from_args(&args(line)).unwrap()
}

/// What these flags are for.
pub(in crate::bench) fn goals(line: &str) -> GoalArgs {
    args(line).goals
}

/// Of a run in which nothing happened.
pub(in crate::bench) fn empty_report() -> Report {
    Report::of(&plan("h"), &empty_run(Duration::ZERO))
}

/// Of so long, in which nothing happened.
pub(in crate::bench) fn empty_run(took: Duration) -> Run {
    Run {
        started_at: SystemTime::UNIX_EPOCH,
        took,
        interrupted: false,
        collected: Collected::default(),
        tally: Tally::default(),
        usage: Vec::new(),
    }
}

/// Times in milliseconds: of requests that ended, and of those that were given up.
pub(in crate::bench) fn times(ended: &[u64], given_up: &[u64]) -> TimesReport {
    let mut times = Times::default();
    for millis in ended {
        times.record(Duration::from_millis(*millis));
    }
    for millis in given_up {
        times.record_censored(Duration::from_millis(*millis));
    }
    TimesReport { times, ..TimesReport::default() }
}
