//! A whole run: a thread for each shard, and what they have counted, put together.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::watch;

use crate::timeline::Timeline;

use super::plan::Plan;
use super::shard::Shard;
use super::source::Quota;
use super::tally::Tally;

/// What a run leaves behind.
#[derive(Clone, Debug)]
pub struct Run {
    /// When it began.
    pub started_at: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// Everything counted.
    pub tally: Tally,
    /// CPU time of the sending threads.
    pub cpu_time: Duration,
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A thread could not be started.
    #[error("cannot start a thread: {0}; try fewer --threads")]
    Thread(#[source] std::io::Error),
}

/// Carries `plan` out; ends early when `stop` turns true.
pub fn run(plan: Plan, stop: &watch::Receiver<bool>) -> Result<Run, RunError> {
    let plan = Arc::new(plan);
    let quota = Quota::new(plan.request_limit);
    let (started_at, timeline) = (SystemTime::now(), Timeline::start());
    let mut threads = Vec::new();
    for index in 0..plan.threads {
        let (plan, quota, mut stop) = (plan.clone(), quota.clone(), stop.clone());
        let body = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let stopped = async move {
                if stop.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            let shard = Rc::new(Shard::new(plan, timeline, quota, index));
            let tally = runtime.block_on(shard.run(stopped));
            runtime.shutdown_background();
            Ok((tally, thread_cpu_time()))
        };
        let thread = std::thread::Builder::new().name(format!("load-{index}")).spawn(body);
        threads.push(thread.map_err(RunError::Thread)?);
    }
    let mut run = Run { started_at, took: Duration::ZERO, tally: Tally::default(), cpu_time: Duration::ZERO };
    for thread in threads {
        let counted = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (tally, cpu_time) = counted.map_err(RunError::Thread)?;
        run.tally.merge(&tally);
        run.cpu_time += cpu_time;
    }
    run.took = timeline.now();
    Ok(run)
}

fn thread_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}
