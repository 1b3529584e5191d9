//! Whole experiments with the simulated application: what is found must be what was built in.

use clap::Parser;
use serde_json::Value;

use super::run;
use crate::args::LabArgs;
use crate::backend::fake::{App, FakeBackend};
use crate::backend::{Backend, Event, Service};
use crate::plan::Plan;
use crate::render;
use crate::report::{Outcome, Report, StepReport};
use crate::setup::Setup;
use crate::stop;
use crate::sweep::Watcher;

mod autoscale;
mod documented;
mod kill;
mod probes;
mod rolling_update;
mod sticky;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: LabArgs,
}

/// Looks away.
struct Nobody;

impl Watcher for Nobody {
    fn begins(&mut self, index: usize, count: usize, _what: &str) {
        assert!(index < count, "part {index} of {count}");
    }

    fn speed(&mut self, throughput: f64) {
        assert!(throughput.is_finite() && throughput >= 0.0, "{throughput}");
    }

    fn measured(&mut self, _step: &StepReport) {}

    fn happened(&mut self, _event: &Event) {}
}

/// An experiment that is over.
struct Tried {
    report: Report,
    backend: FakeBackend,
}

/// Tries with `app` what `flags` ask for; `stop_at` seconds after its start, somebody presses ^C.
async fn tried_until(app: App, flags: &str, stop_at: Option<f64>) -> Tried {
    let args = Cli::parse_from(std::iter::once("lab").chain(flags.split_whitespace())).args;
    args.experiment.check(args.backend).unwrap();
    let mut plan = Plan::from_args(&args).unwrap();
    let mut backend = FakeBackend::new(app);
    let (sender, stop) = stop::stop();
    if let Some(seconds) = stop_at {
        backend.stop_at(std::time::Duration::from_secs_f64(seconds), sender);
    }
    backend.up().await.unwrap();
    plan.setup = Setup::read(&backend).await.unwrap();
    let report = run(&mut backend, &plan, plan.experiment.unwrap(), &stop, &mut Nobody).await;
    Tried { report, backend }
}

async fn tried(app: App, flags: &str) -> Tried {
    tried_until(app, flags, None).await
}

impl Tried {
    /// The `experiment` of the JSON report.
    fn found(&self) -> Value {
        let json = render::json(&self.report);
        serde_json::from_str::<Value>(&json).unwrap()["experiment"].clone()
    }

    /// In seconds.
    fn lasted(&self) -> f64 {
        self.report.duration_seconds
    }

    fn sentence(&self) -> &str {
        &self.report.conclusion.sentence
    }
}

#[track_caller]
fn assert_between(actual: &Value, from: f64, to: f64) {
    let actual = actual.as_f64().unwrap_or_else(|| panic!("{actual} is no number"));
    assert!((from..=to).contains(&actual), "{actual} is not between {from} and {to}");
}
