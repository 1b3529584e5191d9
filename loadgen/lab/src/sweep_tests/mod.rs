//! Whole sweeps of the simulated application: what the lab says must be what was built in.

use std::time::Duration;

use clap::Parser;

use crate::args::LabArgs;
use crate::backend::fake::{App, FakeBackend};
use crate::backend::{Backend, Event, Service};
use crate::observation::Observation;
use crate::plan::Plan;
use crate::report::{Report, StepReport};
use crate::stop::{self, Stop};
use crate::sweep::{Watcher, sweep};

mod dispatch;
mod endings;
mod faults;
mod ideal;
mod limits;
mod matrix;
mod scaling;
mod written;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: LabArgs,
}

/// Remembers what it was told.
#[derive(Debug, Default)]
struct Notes {
    begun: Vec<String>,
    parts: Vec<(usize, usize)>,
    happened: Vec<String>,
}

impl Watcher for Notes {
    fn begins(&mut self, index: usize, count: usize, what: &str) {
        self.begun.push(what.to_owned());
        self.parts.push((index, count));
    }

    fn speed(&mut self, throughput: f64) {
        assert!(throughput.is_finite() && throughput >= 0.0, "{throughput}");
    }

    fn measured(&mut self, _step: &StepReport) {}

    fn happened(&mut self, event: &Event) {
        self.happened.push(event.what.clone());
    }
}

/// A sweep that is over.
struct Swept {
    report: Report,
    backend: FakeBackend,
    notes: Notes,
}

/// Sweeps `app` as `flags` ask for; `stop_at` seconds after its start, somebody presses ^C.
async fn swept_until(app: App, flags: &[&str], stop_at: Option<f64>) -> Swept {
    let args = Cli::parse_from([&["lab"], flags].concat()).args;
    let mut plan = Plan::from_args(&args).unwrap();
    // What was typed sets the application up, as it does with a real one.
    let app = App {
        concurrency: plan.setup.concurrency,
        think_time: plan.setup.think_time,
        rng_time: plan.setup.rng_time,
        hasher_time: plan.setup.hasher_time,
        ..app
    };
    let mut backend = FakeBackend::new(app);
    let (sender, stop): (_, Stop) = stop::stop();
    if let Some(seconds) = stop_at {
        backend.stop_at(Duration::from_secs_f64(seconds), sender);
    }
    backend.up().await.unwrap();
    plan.setup.rng_dispatch = backend.dispatch(Service::Rng);
    plan.setup.hasher_dispatch = backend.dispatch(Service::Hasher);
    let mut notes = Notes::default();
    let report = sweep(&mut backend, &plan, &stop, &mut notes).await;
    Swept { report, backend, notes }
}

async fn swept(app: App, flags: &[&str]) -> Swept {
    swept_until(app, flags, None).await
}

/// The report of a sweep of the application as it is by default.
pub(crate) async fn report(flags: &[&str]) -> Report {
    swept(App::default(), flags).await.report
}

impl Swept {
    fn exit_code(&self) -> u8 {
        self.report.conclusion.outcome.exit_code()
    }

    /// What limits each step.
    fn limits(&self) -> Vec<&'static str> {
        let limit =
            |step: &StepReport| step.verdict.as_ref().map_or("nothing", |verdict| verdict.limit.name());
        self.report.steps.iter().map(limit).collect()
    }

    fn throughputs(&self) -> Vec<f64> {
        self.report.steps.iter().map(|step| step.seen.throughput_per_second).collect()
    }

    fn sentence(&self) -> &str {
        &self.report.conclusion.sentence
    }

    fn advice(&self) -> String {
        self.report.conclusion.advice.join(" ")
    }

    fn reasons(&self) -> String {
        self.report.conclusion.reasons.join("; ")
    }
}

/// The visits that each replica of rng got, as shares.
fn shares(seen: &Observation) -> Vec<f64> {
    let rng = seen.service(Service::Rng).unwrap();
    rng.replicas.iter().map(|replica| replica.share).collect()
}

#[track_caller]
fn assert_near(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual / expected - 1.0).abs() <= tolerance, "{actual} is not within {tolerance} of {expected}");
}
