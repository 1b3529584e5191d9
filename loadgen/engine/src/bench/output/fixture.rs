//! A report for the tests, told by the real recorders from a run that was made up sample by sample.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use clap::Parser;
use http::StatusCode;

use crate::bench::args::BenchArgs;
use crate::bench::chunk::{Chunk, Grid};
use crate::bench::collect::Collected;
use crate::bench::plan::Plan;
use crate::bench::report::{Aborted, Expected, Knee, KneeEnd, KneeTrial, Report};
use crate::bench::run::Run;
use crate::bench::tally::{Tally, Traffic};
use crate::bench::usage::Usage;
use crate::outcome::{Censoring, Failure, Outcome};
use crate::sample::{Phases, Sample};
use crate::server_timing::ServerTiming;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: BenchArgs,
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The 21st of November 2026, 16:00 UTC.
pub(crate) fn started_at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_276_800)
}

/// What a run of that command line would have asked for.
pub(crate) fn plan(line: &str) -> Plan {
    let words = std::iter::once("bench").chain(line.split_whitespace());
    Plan::from_args(&Cli::try_parse_from(words).unwrap().args).unwrap()
}

/// A run of so many requests, 10 ms apart from `first` on; every fifth one is late, and the last ones have no answer.
pub(crate) struct Story {
    pub(crate) line: &'static str,
    pub(crate) first: u64,
    pub(crate) requests: u64,
    /// Which of them this run has sent.
    pub(crate) part: fn(u64) -> bool,
}

impl Story {
    /// Ten seconds of an open loop against two replicas, of which one gets two thirds.
    pub(crate) const OPEN: Self = Self {
        line: "http://127.0.0.1:8001/32 -q 100 -z 10s -c 20 --warmup 1s --threads 1",
        first: 0,
        requests: 1000,
        part: |_| true,
    };

    /// What it has shown.
    pub(crate) fn report(&self) -> Report {
        let plan = plan(self.line);
        Report::of(&plan, &self.run(&plan))
    }

    fn run(&self, plan: &Plan) -> Run {
        let grid = Grid(plan.warm_up.unwrap_or_default());
        let (mut collected, mut tally) = (Collected::new(grid.0), Tally::default());
        let mut samples: Vec<(u64, Sample)> =
            (0..self.requests).filter(|k| (self.part)(*k)).map(|k| (k, self.sample(k))).collect();
        samples.sort_by_key(|(_, sample)| sample.done_at);
        let took = samples.last().map(|(_, sample)| sample.done_at).unwrap_or_default();
        let mut chunk = Chunk::at(Duration::ZERO, grid);
        for (k, sample) in samples {
            if chunk.is_over(sample.done_at) {
                collected.add(&chunk);
                chunk.begin(sample.done_at, grid);
            }
            chunk.record(&sample, sample.lag());
            if k.is_multiple_of(250) {
                chunk.overflow();
            }
            count(&mut tally, k, &sample);
        }
        collected.add(&chunk);
        let usage = Usage { elapsed: ms(10_000), cpu: ms(420), run_queue: ms(12) };
        Run { started_at: started_at(), took, interrupted: false, collected, tally, usage: vec![usage] }
    }

    fn sample(&self, k: u64) -> Sample {
        let scheduled_at = ms(self.first + 10 * k);
        let sent_at = scheduled_at + if k.is_multiple_of(5) { ms(2) } else { Duration::ZERO };
        let end = ms(self.first + 10 * self.requests);
        let (outcome, took) = match (k, self.requests - k) {
            (_, ..=3) => (Outcome::Censored(Censoring::InFlight), end.saturating_sub(sent_at)),
            (400 | 500, _) => (Outcome::Censored(Censoring::TimedOut), ms(2000)),
            (300, _) => (Outcome::Failed(Failure::Refused), ms(1)),
            (50 | 600..=603, _) => (Outcome::Answered(StatusCode::SERVICE_UNAVAILABLE), ms(1)),
            _ => (Outcome::Answered(StatusCode::OK), took(k)),
        };
        let done_at = (sent_at + took).min(end);
        Sample { scheduled_at, sent_at, done_at, outcome, phases: Phases::default() }
    }
}

/// From 20 ms to 25 ms, and every hundredth one eight times that.
fn took(k: u64) -> Duration {
    let usual = Duration::from_micros(20_000 + k * 7919 % 5000);
    if k % 100 == 99 { usual * 8 } else { usual }
}

fn count(tally: &mut Tally, k: u64, sample: &Sample) {
    if let Outcome::Failed(failure) = sample.outcome {
        tally.reasons.insert(failure, "cannot connect to 127.0.0.1:8001: Connection refused".to_owned());
    }
    if let Outcome::Answered(_) = sample.outcome {
        let took = sample.uncorrected_time();
        tally.answered_by(Some(if k.is_multiple_of(3) { "rng-1" } else { "rng-2" }), sample);
        tally.steps.answer(took, Some(Duration::from_micros(30)));
        let timing = ServerTiming { queue: Some(took * 4 / 10), service: Some(took / 2) };
        tally.server.record(timing);
    }
    if k < 20 {
        tally.steps.connect.record(Duration::from_micros(200 + k));
        tally.steps.resolve.record(Duration::from_micros(40));
    }
    tally.traffic = Traffic {
        sent_bytes: tally.traffic.sent_bytes + 120,
        received_bytes: tally.traffic.received_bytes + 250,
        body_bytes: tally.traffic.body_bytes + 32,
        connections: tally.traffic.connections + u64::from(k < 20),
        resent: tally.traffic.resent + u64::from(k == 7),
    };
}

/// The whole of [`Story::OPEN`], told once.
pub(crate) fn whole() -> Report {
    static WHOLE: LazyLock<Report> = LazyLock::new(|| Story::OPEN.report());
    WHOLE.clone()
}

/// The same with expectations.
pub(crate) fn report() -> Report {
    let expected = |expectation: &str, measured: &str, held| Expected {
        expectation: expectation.to_owned(),
        measured: measured.to_owned(),
        held,
    };
    let expectations = vec![expected("p50<50ms", "22.6 ms", true), expected("errors<0.1%", "1.10 %", false)];
    Report { expectations, ..whole() }
}

/// A run that was given up.
pub(super) fn aborted() -> Aborted {
    Aborted {
        expectation: "p50<50ms".to_owned(),
        at: Duration::from_secs(3),
        why: "61.0 ms at least, whatever the rest brings".to_owned(),
    }
}

/// A search that found something.
pub(super) fn knee() -> Knee {
    let trial = |rate_per_s: f64, held| KneeTrial {
        rate_per_s,
        measured_s: 5.0,
        held,
        validation: false,
        throughput_per_s: rate_per_s,
        backlog_growth: 0,
        criteria: vec![Expected { expectation: "p99<50ms".to_owned(), held, measured: "41 ms".to_owned() }],
        load_generator_limit: None,
    };
    let trials = vec![trial(95.0, true), trial(99.0, false)];
    Knee { rate_per_s: Some(95.0), tolerance: 0.05, validated: true, ended: KneeEnd::Found, trials }
}
