//! The load generator as the counter: one run of it for each step, on a thread of its own.

use std::time::{Duration, UNIX_EPOCH};

use clap::Parser;
use loadgen_engine::bench::{self, BenchArgs, Report};
use tokio::sync::{oneshot, watch};

use super::error::DriveError;

/// What a load is made of.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) url: String,
    pub(super) method: Option<String>,
    pub(super) body: Option<String>,
    /// Connections of a closed loop, or requests a second.
    pub(super) amount: Amount,
    /// What is left out of the figures.
    pub(super) warm_up: Duration,
    /// All of it.
    pub(super) lasts: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Amount {
    Connections(f64),
    Rate(f64),
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    /// What was measured: seconds since the Unix epoch.
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) report: Report,
}

/// The flags of `loadgen bench`, as if they had been typed.
#[derive(Parser)]
struct Words {
    #[command(flatten)]
    bench: BenchArgs,
}

impl Load {
    /// Sends it. It ends early if this is dropped.
    pub(super) async fn send(&self) -> Result<Loaded, DriveError> {
        let failed = |why: String| DriveError::Counter(format!("the load on {}: {why}", self.url));
        let words = Words::try_parse_from(self.words()).map_err(|error| failed(error.to_string()))?;
        let plan = bench::Plan::from_args(&words.bench).map_err(|error| failed(error.to_string()))?;
        let (stopping, stop) = watch::channel(false);
        let _stop_when_dropped = StopWhenDropped(stopping);
        let (done, ended) = oneshot::channel();
        let body = move || {
            let ran = bench::run(plan.clone(), &stop, &mut ());
            // Nobody listens any more if the step was given up.
            let _ = done.send(ran.map(|run| Report::of(&plan, &run)));
        };
        let thread = std::thread::Builder::new().name("load".to_owned()).spawn(body);
        thread.map_err(|source| DriveError::system("start a thread", source))?;
        let ran = ended.await.map_err(|_| failed("it broke off".to_owned()))?;
        let report = ran.map_err(|error| failed(error.to_string()))?;
        if !report.was_answered() {
            let reason = report.reasons.iter().next().map(|(kind, said)| format!("{kind}: {said}"));
            return Err(failed(reason.unwrap_or_else(|| "nothing was answered".to_owned())));
        }
        let started_at = report.started_at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let from = (started_at + report.warm_up.cut).as_secs_f64();
        Ok(Loaded { from, to: from + report.measured.as_secs_f64(), report })
    }

    fn words(&self) -> Vec<String> {
        let mut words = vec!["bench".to_owned(), format!("--duration={}", typed(self.lasts))];
        words.push(format!("--warmup={}", typed(self.warm_up)));
        words.push(match self.amount {
            Amount::Connections(connections) => format!("--connections={connections}"),
            Amount::Rate(rate) => format!("--rate={rate}"),
        });
        words.extend(self.method.iter().map(|method| format!("--method={method}")));
        words.extend(self.body.iter().map(|body| format!("--body={body}")));
        words.push("--".to_owned());
        words.push(self.url.clone());
        words
    }
}

/// As one word.
fn typed(time: Duration) -> String {
    humantime::format_duration(time).to_string().replace(' ', "")
}

/// The run looks at it; a watch whose sender is gone would say nothing.
struct StopWhenDropped(watch::Sender<bool>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        let _ = self.0.send(true);
    }
}
